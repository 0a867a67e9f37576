//! A GSM modem as a pure state machine: bytes and the time in, bytes and facts out.
//!
//! It follows 27.005, 27.007 and V.250 as makers do, strict where they are strict: any byte while `+CMGS` runs aborts
//! it, a length that does not match the PDU is refused, an unacknowledged direct delivery ends direct delivery. The
//! driver reads no meaning into the bytes; it asks [`Modem::next_wake`] when to call [`Modem::advance`].
//!
//! Left out on purpose: text mode beyond `+CMGF` itself, phone books, data and voice calls other than `RING`.

mod answer;
mod answering;
mod counting;
mod general;
mod line;
mod memory;
mod messages;
mod power;
mod receiving;
mod sending;
#[cfg(test)]
mod tests;
mod trouble;
mod ussd;

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use self::memory::{Memory, Settings};
use self::receiving::Indication;
use self::sending::Sending;
pub use self::trouble::Card;
use super::air::InboundError;
use super::faults::{Dice, Faults};
use super::network::{Cell, InboundForm, Incoming, NetworkSettings, Phone, UssdMenu};
use super::profile::{BootStep, Numbers, Profile};
use super::timers::Timers;
use super::truth::Fact;
use super::wire::Wire;

/// A command line longer than this is refused; a PDU line is shorter.
const LINE_MAX: usize = 560;

/// The card: identity, the memory on it, and the counter of TP-MR (EF_SMSS).
#[derive(Debug)]
pub struct SimCard {
    /// 19 or 20 digits.
    pub iccid: String,
    /// 15 digits.
    pub imsi: String,
    /// Asked for after each start; `None`: no PIN.
    pub pin: Option<String>,
    /// EF_SMSS: the TP-MR last used, as far as a modem has written it there.
    pub last_tp_mr: u8,
    /// Its own number with plus, which the network knows and `AT+CNUM` tells; `None`: neither does.
    pub number: Option<String>,
}

impl SimCard {
    /// The card of modem number `index` of a fleet, in the operator's number space.
    pub fn numbered(index: usize) -> Self {
        Self {
            iccid: format!("8962100000{index:09}"),
            imsi: format!("51010{index:010}"),
            pin: None,
            last_tp_mr: 255,
            number: Some(format!("+62811{index:07}")),
        }
    }
}

/// What the driver has to do to the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortWish {
    /// The modem is pulled and comes back after this; `None`: when somebody plugs it in again.
    Unplug(Option<Duration>),
}

/// A modem with its SIM and the network behind it.
#[derive(Debug)]
pub struct Modem {
    profile: &'static Profile,
    imei: String,
    sim: SimCard,
    card_in: bool,
    /// Until then the SIM says that it is busy.
    sim_busy_until: Duration,
    pin_tries: u8,
    numbers: Numbers,
    /// The TP-MR last used, as the modem itself counts; lost with the power.
    last_number: u8,
    faults: Faults,
    dice: Dice,
    cell: Cell,

    now: Duration,
    wire: Wire,
    phase: Phase,
    /// The command line, or the PDU behind a prompt, as far as it is typed.
    typed: Vec<u8>,
    answer: Vec<u8>,
    /// Typed while a command ran, by modems that keep it.
    typed_ahead: Vec<u8>,
    settings: Settings,
    radio: Radio,
    on_sim: Memory,
    in_modem: Memory,
    in_reports: Memory,
    service_centre: String,
    timers: Timers<Timer>,
    /// What the network holds because it cannot be delivered now.
    waiting: VecDeque<Incoming>,
    /// Handed on directly, AT+CNMA awaited.
    unacknowledged: Option<Incoming>,
    /// What `+CNMI` mode 0 keeps back.
    kept_back: Vec<Indication>,
    caller: Option<String>,
    /// The USSD menu that waits for a key.
    ussd_menu: Option<UssdMenu>,

    facts: Vec<(Duration, Fact)>,
    wish: Option<PortWish>,
}

/// What the modem does with the next byte.
#[derive(Debug)]
enum Phase {
    /// Without power, or starting and deaf.
    Off,
    /// Collects a command line.
    Command,
    /// A command's answer is being prepared.
    Busy,
    /// The prompt is out: collects a PDU for a TPDU of this many octets.
    Entering { length: usize },
    /// `+CMGS` runs.
    Sending(Box<Sending>),
    /// The answer is late; nothing is heard.
    Late { tp_mr: u8 },
    /// Neither hears nor says anything.
    Hung,
}

#[derive(Clone, Copy, Debug)]
struct Radio {
    sim_ready: bool,
    registered: bool,
    sms_ready: bool,
    /// `+CFUN`: 1, or 4 for flight mode, 0 for minimum.
    functionality: u8,
}

/// What the modem does later by itself. Lost with the power.
#[derive(Debug)]
enum Timer {
    Reply(Vec<u8>),
    Prompt { length: usize, withheld: bool },
    Accept,
    Finish,
    LateAnswer,
    Recover,
    Registration,
    Boot(BootStep),
    Unacknowledged(u32),
    Chatter(usize),
    Ring(u8),
    Ussd(String),
    MoreMessagesOver,
    SelfTest,
}

impl Modem {
    /// A modem that has been on for a while: registered, ready, settings as after a start.
    pub fn new(profile: &'static Profile, index: usize, sim: SimCard, network: NetworkSettings, seed: u64) -> Self {
        let slots = profile.slots;
        let service_centre = network.service_centre.clone();
        let locked = sim.pin.is_some();
        let cell = Cell::new(network, sim.number.clone(), seed);
        let mut modem = Self {
            profile,
            imei: profile.imei(index),
            sim,
            card_in: true,
            sim_busy_until: Duration::ZERO,
            pin_tries: 3,
            numbers: profile.numbers,
            last_number: 0,
            faults: Faults::default(),
            dice: Dice::new(seed, index as u64),
            cell,
            now: Duration::ZERO,
            wire: Wire::default(),
            phase: Phase::Command,
            typed: Vec::with_capacity(LINE_MAX),
            answer: Vec::with_capacity(512),
            typed_ahead: Vec::new(),
            settings: Settings::at_start(profile),
            radio: Radio { sim_ready: !locked, registered: !locked, sms_ready: !locked, functionality: 1 },
            on_sim: Memory::new(slots.sim),
            in_modem: Memory::new(slots.modem),
            in_reports: Memory::new(slots.reports),
            service_centre,
            timers: Timers::default(),
            waiting: VecDeque::new(),
            unacknowledged: None,
            kept_back: Vec::new(),
            caller: None,
            ussd_menu: None,
            facts: Vec::new(),
            wish: None,
        };
        modem.begin_counting();
        modem.start_chatter();
        modem
    }

    /// Gives the SIM and the modem this many slots for messages instead of the profile's. Empties them.
    pub fn limit_storage(&mut self, slots: u16) {
        self.on_sim = Memory::new(slots);
        self.in_modem = Memory::new(slots);
    }

    /// From now on these faults.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// From now on the phone of this number (with plus) behaves so.
    pub fn set_phone(&mut self, number: &str, phone: Phone) {
        self.cell.settings.phones.insert(number.to_owned(), phone);
    }

    /// The card in it.
    pub fn sim(&self) -> &SimCard {
        &self.sim
    }

    /// A phone sends a text to this SIM; to nobody, where no card is in. Errors: [`InboundError`]; nothing is sent then.
    pub fn inbound(
        &mut self,
        now: Duration,
        from: &str,
        text: &str,
        form: InboundForm,
    ) -> Result<Vec<u32>, InboundError> {
        self.advance(now);
        if !self.card_in {
            return Ok(Vec::new());
        }
        let ids = self.cell.inbound(now, from, text, form, &mut self.dice.air)?;
        self.advance(now);
        Ok(ids)
    }

    /// A call comes in and rings until it is hung up, six times at most.
    pub fn ring(&mut self, now: Duration, from: &str) {
        self.advance(now);
        if self.radio.registered && self.hears() {
            self.caller = Some(from.to_owned());
            self.timers.at(now, Timer::Ring(6));
            self.advance(now);
        }
    }

    /// Bytes from the client. What becomes ready of it is in [`Self::output`].
    pub fn input(&mut self, now: Duration, bytes: &[u8]) {
        self.advance(now);
        self.hear(bytes);
        self.advance(now);
    }

    /// Lets the time come; everything due by `now` happens in its order.
    pub fn advance(&mut self, now: Duration) {
        loop {
            let (from_air, own) = (self.cell.next(), self.timers.next());
            let Some(next) = from_air.into_iter().chain(own).min().filter(|next| *next <= now) else { break };
            self.now = self.now.max(next);
            self.wire.advance(self.now);
            if from_air == Some(next) {
                if let Some(incoming) = self.cell.pop_due(next, &mut self.dice.air) {
                    self.arrive(incoming);
                }
            } else if let Some((_, timer)) = self.timers.pop_due(next) {
                self.fire(timer);
            }
        }
        self.now = self.now.max(now);
        self.wire.advance(self.now);
    }

    /// When [`Self::advance`] is wanted next.
    pub fn next_wake(&self) -> Option<Duration> {
        [self.cell.next(), self.timers.next(), self.wire.next_due()].into_iter().flatten().min()
    }

    /// Bytes for the client, ready now. Take them and clear.
    pub fn output(&mut self) -> &mut Vec<u8> {
        self.wire.ready()
    }

    /// What has happened since the last call, each with its time.
    pub fn facts(&mut self) -> &mut Vec<(Duration, Fact)> {
        &mut self.facts
    }

    /// What the driver has to do to the port, once.
    pub fn take_wish(&mut self) -> Option<PortWish> {
        self.wish.take()
    }

    /// The wall clock of the simulation, Unix milliseconds.
    pub fn unix_ms(&self, at: Duration) -> i64 {
        self.cell.time(at).as_millisecond()
    }

    fn hears(&self) -> bool {
        !matches!(self.phase, Phase::Off | Phase::Hung | Phase::Late { .. })
    }

    fn speaks(&self) -> bool {
        !matches!(self.phase, Phase::Off | Phase::Hung)
    }

    fn fact(&mut self, fact: Fact) {
        self.facts.push((self.now, fact));
    }

    fn hear(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match self.phase {
                Phase::Off | Phase::Hung | Phase::Late { .. } => {}
                Phase::Command => self.hear_command(byte),
                Phase::Busy if self.profile.queues_while_busy && self.typed_ahead.len() < LINE_MAX => {
                    self.typed_ahead.push(byte);
                }
                Phase::Busy => {}
                Phase::Entering { length } => self.hear_pdu(byte, length),
                Phase::Sending(_) => self.abort_send(),
            }
        }
    }

    fn hear_command(&mut self, byte: u8) {
        if self.settings.echo {
            self.wire.write(&[byte]);
        }
        match byte {
            byte if byte == self.settings.end_of_line => {
                let line = mem::take(&mut self.typed);
                self.run(&String::from_utf8_lossy(&line));
                self.typed = line;
                self.typed.clear();
            }
            // Backspace, V.250 §5.2.1.
            0x08 => drop(self.typed.pop()),
            b'\n' | 0x1B => {}
            byte if self.typed.len() <= LINE_MAX => self.typed.push(byte),
            _ => {}
        }
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Reply(bytes) => {
                self.phase = Phase::Command;
                self.say(&bytes);
                let ahead = mem::take(&mut self.typed_ahead);
                self.hear(&ahead);
            }
            Timer::Prompt { length, withheld } => self.prompt(length, withheld),
            Timer::Accept => self.accept(),
            Timer::Finish => self.finish_send(),
            Timer::LateAnswer => self.answer_late(),
            Timer::Recover => {
                self.fact(Fact::Recovered);
                self.phase = Phase::Command;
                self.pump();
            }
            Timer::Registration => {
                if self.radio.functionality == 1 && self.card_in {
                    self.registration_changes(true);
                }
            }
            Timer::SelfTest => self.phase = Phase::Command,
            Timer::Boot(step) => self.boot(step),
            Timer::Unacknowledged(id) => self.give_up_acknowledgement(id),
            Timer::Chatter(at) if self.settings.chatters => {
                let lines = self.profile.chatter;
                self.urc(lines[at % lines.len()]);
                self.timers.at(self.now + self.profile.chatter_every, Timer::Chatter(at + 1));
            }
            Timer::Chatter(_) => {}
            Timer::Ring(left) => self.ring_once(left),
            Timer::Ussd(line) => self.ussd_answer(&line),
            Timer::MoreMessagesOver => {
                if self.settings.cmms == 1 {
                    self.settings.cmms = 0;
                }
            }
        }
    }

    fn ring_once(&mut self, left: u8) {
        let Some(caller) = self.caller.clone() else { return };
        if left == 0 {
            self.caller = None;
            return self.urc("NO CARRIER");
        }
        self.urc("RING");
        if self.settings.clip {
            self.urc(&format!("+CLIP: \"{caller}\",145,\"\",0,\"\",0"));
        }
        self.timers.at(self.now + Duration::from_secs(5), Timer::Ring(left - 1));
    }
}
