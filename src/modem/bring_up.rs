//! From an open port to a modem that takes segments: the start sequence, in an order that is safe on every family.
//!
//! A SIM that asks for its PIN gets it from [`super::unlock`], or is reported, and asked again from time to time.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::dialect::{Dialect, GENERIC_CARD};
use super::link::Reply;
use super::session::{Break, Session};
use super::storage::Storage;
use crate::at::{
    CnmiOffer, CnmiSetting, Command, CpmsOffer, CpmsUse, ErrorFamily, Final, Memory, PinState, functionality, iccid,
    iccid_from_crsm, imei, imsi, last_used_tp_mr, message_format, message_service, operator, own_number,
    registration_stat, service_centre, text,
};
use crate::engine::event::ModemEvent;
use crate::model::{ModemIdentity, Registration, SimIdentity};

/// How long a SIM or its SMS part may take to get ready before somebody is told.
const SIM_PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait for SMS to get ready at most; AT+CPMS? answering is what counts.
const SMS_PATIENCE: Duration = Duration::from_secs(40);
/// Between looks at a SIM that only a person can mend.
const SIM_CHECK: Duration = Duration::from_secs(30);
/// When to look whether a modem that waited for AT+CNMA still announces messages: those of the standard wait up to 15 s.
const UPKEEP_SOON: Duration = Duration::from_secs(20);
/// Between looks into the storage of a modem that says nothing of what comes in: a STOP must not wait for minutes.
const SWEEP_OFTEN: Duration = Duration::from_secs(60);
/// What a person reads where no SIM is found.
const NO_SIM: &str = "no SIM is found; insert one or clean its contacts";
/// How often a restart during set-up starts it over.
const RESTARTS_MAX: u32 = 3;
/// How often a setting is tried that a busy SIM refuses.
const TRIES: u32 = 5;

/// What was negotiated.
#[derive(Debug, Default)]
pub(super) struct SetUp {
    /// How messages are announced; `None` where the modem takes no AT+CNMI.
    pub indication: Option<CnmiSetting>,
    /// Whether the modem waits for AT+CNMA after a message handed on directly.
    pub acknowledges: bool,
    /// Whether it waited for AT+CNMA when it was asked first. What was not acknowledged in time makes it stop announcing anything,
    /// also some time after it was told how to (27.005 §3.4.4).
    waited: bool,
    /// Whether AT+CMMS=1 is worth sending.
    pub more_messages: bool,
    /// Which of the registration commands to ask first.
    registration: usize,
}

impl SetUp {
    /// Whether status reports arrive here.
    pub fn reports(&self) -> bool {
        self.indication.is_some_and(|setting| setting.reports() != 0)
    }
}

/// How a setting is offered to a modem whose SIM may not be there yet.
#[derive(Clone, Copy)]
enum Asking {
    /// A refusal is an answer.
    Once,
    /// One that is busy is asked again.
    Patiently,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<'_, S> {
    /// Sets the modem up, reports who it is, and drains its storage. `patience`: how often AT is tried at first.
    pub(super) async fn bring_up(&mut self, patience: u32) -> Result<(), Break> {
        self.starting = true;
        self.mid_message = false;
        self.sms_ready = false;
        self.echoed = false;
        self.final_owed_until = None;
        let mut patience = patience;
        for _ in 0..RESTARTS_MAX {
            self.storage = Storage::default();
            self.set_up = SetUp::default();
            self.line_up(patience).await?;
            self.restarted = false;
            self.set_everything().await?;
            if !self.restarted {
                break;
            }
            info!(modem = %self.settings.name, "the modem restarted during its set-up");
            self.fresh = true;
            patience = 20;
        }
        self.sweep().await?;
        self.starting = false;
        Ok(())
    }

    /// Gets the line into a known state: an answer to AT, no echo, errors as numbers.
    async fn line_up(&mut self, patience: u32) -> Result<(), Break> {
        self.probe(patience).await?;
        let echo = std::mem::take(&mut self.echo);
        self.echoed |= self.run(&Command::echo_off()).await?.echoed;
        self.echo = echo.told(self.echoed);
        self.run(&Command::ignore_dtr()).await?;
        self.run(&Command::numeric_errors()).await?;
        Ok(())
    }

    async fn set_everything(&mut self) -> Result<(), Break> {
        let modem = self.identify().await?;
        self.dialect = Dialect::of(&modem.manufacturer, &modem.model);
        self.found = true;
        self.link.gap = self.dialect.gap;
        self.set_up.more_messages = self.dialect.more_messages;
        for text in self.dialect.silence.iter().chain(&["AT+CREG=0", "AT+CGREG=0", "AT+CEREG=0"]) {
            self.run(&Command::vendor(text)).await?;
        }
        // What the network kept for a modem that was away comes as soon as it is registered: by then it must know where to, and we
        // whether it is to be acknowledged.
        self.negotiate_service().await?;
        self.indicate(Asking::Once).await?;
        self.await_sim(&modem).await?;
        self.radio_on().await?;
        self.await_messages().await?;
        // Some take it only once the SIM is there.
        self.run(&Command::numeric_errors()).await?;
        let sim = self.card().await?;
        self.pdu_mode().await?;
        self.negotiate_service().await?;
        self.negotiate_storage().await?;
        self.negotiate_indication().await?;
        let port = self.settings.port.clone();
        self.desk.emit(ModemEvent::Found { modem, sim, port }).await?;
        let restarted = std::mem::take(&mut self.fresh);
        self.desk.emit(ModemEvent::LinedUp { echoed: self.echoed, restarted }).await?;
        self.sim_known = true;
        self.hand_on_early().await?;
        self.read_last_used().await?;
        if let Some(number) = own_number(&self.run(&Command::own_number()).await?.lines) {
            self.desk.emit(ModemEvent::OwnNumber { number }).await?;
        }
        self.check_service_centre().await?;
        self.acknowledge_ordered().await
    }

    /// Reads EF_SMSS, where that may be done; a modem that refuses is not asked again.
    pub(super) async fn read_last_used(&mut self) -> Result<(), Break> {
        if !(self.card_files && self.dialect.card_files) {
            return Ok(());
        }
        let reply = self.insist(&Command::last_used()).await?;
        let tp_mr = last_used_tp_mr(&reply.lines);
        self.card_files = tp_mr.is_some();
        Ok(self.desk.emit(ModemEvent::LastUsed { tp_mr }).await?)
    }

    async fn identify(&mut self) -> Result<ModemIdentity, Break> {
        Ok(ModemIdentity {
            manufacturer: text(&self.run(&Command::manufacturer()).await?.lines, "+CGMI"),
            model: text(&self.run(&Command::model()).await?.lines, "+CGMM"),
            revision: text(&self.run(&Command::revision()).await?.lines, "+CGMR"),
            imei: imei(&self.run(&Command::serial_number()).await?.lines),
        })
    }

    /// Until the SIM wants nothing from anybody.
    async fn await_sim(&mut self, modem: &ModemIdentity) -> Result<(), Break> {
        let patient_until = Instant::now() + SIM_PATIENCE;
        let mut told = None;
        let mut locked: Option<String> = None;
        let mut refused = 0_u32;
        loop {
            let reply = self.run(&Command::pin_state()).await?;
            if locked.is_none() && reply.find(PinState::parse) == Some(PinState::Pin) {
                match self.unlock(modem).await? {
                    Some(reason) => locked = Some(reason),
                    // The card is at work; from here on it must not ask again.
                    None => {
                        locked = Some("the SIM took its PIN and asks for it again; see AT+CPIN?".to_owned());
                        self.pause(Duration::from_secs(1)).await?;
                        continue;
                    }
                }
            }
            if reply.find(PinState::parse).is_none() && reply.result.as_ref().is_some_and(is_unknown) {
                refused += 1;
                if refused.is_multiple_of(TRIES) && self.card_serves().await? {
                    return Ok(());
                }
            }
            let (reason, pause) = match (reply.find(PinState::parse), &reply.result) {
                (Some(PinState::Ready), _) => return Ok(()),
                (Some(PinState::Pin), _) => (locked.as_deref().unwrap_or_default(), SIM_CHECK),
                (Some(PinState::Puk), _) => {
                    ("the SIM is blocked and asks for its PUK; unblock it in a phone", SIM_CHECK)
                }
                (Some(PinState::Other(_)), _) => ("the modem or SIM is locked; see AT+CPIN?", SIM_CHECK),
                (Some(PinState::Missing), _) => (NO_SIM, SIM_CHECK),
                // It has nothing to say about a PIN.
                (None, Some(Final::Ok | Final::NotSupported)) => return Ok(()),
                (None, Some(result)) if is_missing(result) => (NO_SIM, SIM_CHECK),
                (None | Some(PinState::Busy), _) if Instant::now() < patient_until => ("", Duration::from_secs(1)),
                (None | Some(PinState::Busy), _) => ("the SIM does not get ready", SIM_CHECK),
            };
            if !reason.is_empty() && told.as_deref() != Some(reason) {
                told = Some(reason.to_owned());
                self.unready(reason).await?;
            }
            self.pause(pause).await?;
        }
    }

    /// Whether the card of a modem that does not know AT+CPIN? is unlocked: a locked one tells no IMSI, and no network takes it.
    async fn card_serves(&mut self) -> Result<bool, Break> {
        Ok(imsi(&self.run(&Command::subscriber()).await?.lines).is_some()
            || self.registration().await?.is_some_and(Registration::serves))
    }

    /// Turns the radio on if the modem says that it is off.
    async fn radio_on(&mut self) -> Result<(), Break> {
        let reply = self.run(&Command::functionality()).await?;
        // ZTE K3565-Z answers with the text of the test command: no number, nothing to do.
        if matches!(reply.find(functionality), Some(0 | 4)) {
            self.run(&Command::vendor("AT+CFUN=1")).await?;
        }
        Ok(())
    }

    /// SMS is not ready when the PIN is: asks until the storage answers, or the modem says so itself.
    async fn await_messages(&mut self) -> Result<(), Break> {
        let patient_until = Instant::now() + SMS_PATIENCE;
        let mut refused = 0;
        loop {
            let reply = self.run(&Command::storage_use()).await?;
            match &reply.result {
                Some(Final::Ok | Final::NotSupported) => return Ok(()),
                Some(result) if !is_busy(result) => refused += 1,
                _ => {}
            }
            // It may never answer this: its answer is no condition, only the best sign.
            if refused >= TRIES || Instant::now() >= patient_until {
                return Ok(());
            }
            self.pause(Duration::from_secs(1)).await?;
        }
    }

    async fn card(&mut self) -> Result<SimIdentity, Break> {
        let mut found = None;
        for text in self.dialect.card.iter().chain(GENERIC_CARD) {
            let lines = self.insist(&Command::card(text)).await?.lines;
            found = if text.starts_with("AT+CRSM") { iccid_from_crsm(&lines) } else { iccid(&lines) };
            if found.is_some() {
                break;
            }
        }
        let subscriber = imsi(&self.insist(&Command::subscriber()).await?.lines);
        Ok(SimIdentity { iccid: found, imsi: subscriber })
    }

    /// AT+CMGF=0, until it holds: to a modem in text mode the length in AT+CMGS is a number to be written to, and the PDU its text.
    async fn pdu_mode(&mut self) -> Result<(), Break> {
        let mut refused = 0;
        while !self.takes_pdus().await? {
            refused += 1;
            if refused == TRIES {
                let reason = "the modem does not take PDU mode (AT+CMGF=0), and messages cannot be sent without it";
                self.unready(reason).await?;
            }
            self.pause(if refused < TRIES { Duration::from_secs(1) } else { SIM_CHECK }).await?;
        }
        Ok(())
    }

    /// Whether it is in PDU mode now. One that refuses to be told may be in it all the same.
    async fn takes_pdus(&mut self) -> Result<bool, Break> {
        Ok(self.insist(&Command::pdu_mode()).await?.is_ok()
            || self.run(&Command::message_format()).await?.find(message_format) == Some(0))
    }

    /// AT+CSMS=0: with 1, every message handed on must be acknowledged, or the modem stops handing on in silence.
    async fn negotiate_service(&mut self) -> Result<(), Break> {
        let mut service = self.run(&Command::message_service()).await?.find(message_service);
        if service.is_some_and(|service| service != 0) {
            self.set_up.waited = true;
            self.run(&Command::plain_message_service()).await?;
            service = self.run(&Command::message_service()).await?.find(message_service);
        }
        if let Some(service) = service {
            self.set_up.acknowledges = service != 0;
        }
        Ok(())
    }

    async fn negotiate_storage(&mut self) -> Result<(), Break> {
        let offer = self.run(&Command::storage_offer()).await?.find(CpmsOffer::parse).unwrap_or_default();
        let mut choices = offer.choices();
        if choices.is_empty() {
            choices = vec![vec![Memory::SM; 3], vec![Memory::SM; 2]];
        }
        for memories in choices {
            if self.insist(&Command::storage(&memories)).await?.is_ok() {
                self.storage.home = memories.last().copied();
                self.storage.current = memories.first().copied();
                break;
            }
        }
        if self.storage.home.is_none() {
            let usage = self.run(&Command::storage_use()).await?.find(CpmsUse::parse);
            self.storage.current = usage.and_then(|usage| usage.memory);
            self.storage.home = usage.and_then(|usage| usage.receiving);
        }
        self.storage.readable = offer.readable();
        if self.storage.readable.is_empty() {
            self.storage.readable.extend(self.storage.current);
        }
        debug!(modem = %self.settings.name, home = ?self.storage.home, readable = ?self.storage.readable, "storage");
        Ok(())
    }

    /// The SIM is there and it is known who acknowledges messages: what the modem took early must still hold and still be right.
    async fn negotiate_indication(&mut self) -> Result<(), Break> {
        if let Some(early) = self.set_up.indication.take()
            && self.report_routes().contains(&early.reports())
            && self.run(&Command::indication()).await?.find(CnmiSetting::parse).is_some_and(|now| early.holds_in(&now))
        {
            self.set_up.indication = Some(early);
        } else {
            self.indicate(Asking::Patiently).await?;
        }
        match self.set_up.indication {
            Some(setting) => debug!(modem = %self.settings.name, %setting, "announcements"),
            None => warn!(modem = %self.settings.name, "the modem takes no AT+CNMI; its storage is swept instead"),
        }
        Ok(())
    }

    /// Where reports may go, best first. Where each one handed on must be acknowledged, storing them is safer.
    fn report_routes(&self) -> &'static [u8] {
        if self.set_up.acknowledges { &[2, 1] } else { self.dialect.report_routes }
    }

    /// AT+CNMI by what is offered. What the modem took is read back: some say OK and do otherwise.
    async fn indicate(&mut self, asking: Asking) -> Result<(), Break> {
        let routes = self.report_routes();
        let offer = self.run(&Command::indication_offer()).await?.find(CnmiOffer::parse);
        let choices = match (offer, asking) {
            (Some(offer), _) => offer.choices(routes),
            (None, Asking::Patiently) => CnmiSetting::blind(routes),
            (None, Asking::Once) => return Ok(()),
        };
        for setting in choices {
            let command = Command::indicate(&setting);
            let reply = match asking {
                Asking::Once => self.run(&command).await?,
                Asking::Patiently => self.insist(&command).await?,
            };
            if !reply.is_ok() {
                continue;
            }
            let actual = self.run(&Command::indication()).await?.find(CnmiSetting::parse);
            if actual.is_none_or(|actual| setting.holds_in(&actual)) {
                self.set_up.indication = Some(setting);
                return Ok(());
            }
        }
        Ok(())
    }

    async fn check_service_centre(&mut self) -> Result<(), Break> {
        let reply = self.run(&Command::service_centre()).await?;
        if reply.is_ok() && service_centre(&reply.lines).is_none() {
            let text = "the SIM names no service centre, so nothing can be sent; set it in a phone (AT+CSCA)";
            self.desk.emit(ModemEvent::Noted { text: text.to_owned() }).await?;
        }
        Ok(())
    }

    /// What the daemon looks after every few minutes: a reset or a reload of the SIM brings defaults back, and announcements get lost.
    pub(super) async fn upkeep(&mut self) -> Result<(), Break> {
        // In text mode a PDU is a text, and the length before it a number. A modem whose profile keeps the rest is in it after a restart
        // that nothing else has shown.
        if self.run(&Command::message_format()).await?.find(message_format) == Some(1) {
            return Err(Break::Restart("it is in text mode, as after a restart".to_owned()));
        }
        if let Some(setting) = self.set_up.indication {
            let actual = self.run(&Command::indication()).await?.find(CnmiSetting::parse);
            if actual.is_some_and(|actual| !setting.holds_in(&actual)) {
                self.forgot("how messages are announced").await?;
                if !self.takes_pdus().await? {
                    return Err(Break::Restart("it no longer takes PDU mode".to_owned()));
                }
                self.run(&Command::indicate(&setting)).await?;
            }
        }
        let service = self.run(&Command::message_service()).await?.find(message_service);
        if !self.set_up.acknowledges && service.is_some_and(|service| service != 0) {
            self.forgot("that it acknowledges messages by itself").await?;
            self.run(&Command::plain_message_service()).await?;
        }
        self.sweep().await
    }

    /// Until the first look after the settings.
    pub(super) fn first_upkeep(&self) -> Duration {
        if self.set_up.waited { UPKEEP_SOON.min(self.upkeep_every()) } else { self.upkeep_every() }
    }

    /// Between two looks.
    pub(super) fn upkeep_every(&self) -> Duration {
        let announced = self.set_up.indication.is_some_and(|setting| setting.announces());
        if announced { self.settings.upkeep_every } else { SWEEP_OFTEN.min(self.settings.upkeep_every) }
    }

    async fn forgot(&mut self, what: &str) -> Result<(), Break> {
        let text = format!("the modem had forgotten {what}; it was told again");
        Ok(self.desk.emit(ModemEvent::Noted { text }).await?)
    }

    /// The best of what the modem says about circuits, packets and LTE: 4G modems report `+CREG: 0,0` where `+CEREG: 0,1` holds.
    /// `None` where it refuses to say anything of any of them.
    pub(super) async fn registration(&mut self) -> Result<Option<Registration>, Break> {
        let mut best = None;
        for turn in 0..Command::REGISTRATIONS.len() {
            let which = (self.set_up.registration + turn) % Command::REGISTRATIONS.len();
            let name = Command::REGISTRATIONS[which];
            let reply = self.run(&Command::registration(name)).await?;
            let found = match reply.find(|line| registration_stat(line, name)).map(registered) {
                Some(found) => found,
                None if reply.result.as_ref().is_some_and(says_nothing) => continue,
                None => Registration::None,
            };
            if found.serves() {
                self.set_up.registration = which;
                return Ok(Some(found));
            }
            if matches!(best, None | Some(Registration::None)) || found == Registration::Searching {
                best = Some(found);
            }
        }
        Ok(best)
    }

    pub(super) async fn operator(&mut self) -> Result<Option<String>, Break> {
        self.run(&Command::operator_format()).await?;
        Ok(self.run(&Command::operator()).await?.find(operator))
    }

    /// Runs a command again while the SIM is busy.
    async fn insist(&mut self, command: &Command) -> Result<Reply, Break> {
        for _ in 1..TRIES {
            let reply = self.run(command).await?;
            if !reply.result.as_ref().is_some_and(is_busy) {
                return Ok(reply);
            }
            self.pause(Duration::from_secs(2)).await?;
        }
        self.run(command).await
    }
}

pub(super) fn registered(stat: u8) -> Registration {
    match stat {
        // 6 and 7: SMS only. 9 and 10: calls would better not fall back to 2G or 3G (27.007 §7.2).
        1 | 6 | 9 => Registration::Home,
        5 | 7 | 10 => Registration::Roaming,
        2 => Registration::Searching,
        3 => Registration::Denied,
        _ => Registration::None,
    }
}

/// Refused for good, as far as one can see: the command is not known here. Neither busy nor a SIM that is missing or locked.
fn is_unknown(result: &Final) -> bool {
    matches!(result, Final::Error | Final::NotSupported)
        || matches!(result.number(), Some((ErrorFamily::Cme, 3 | 4 | 100)))
}

/// Whether the end of an answer without a line means that there will never be one.
fn says_nothing(result: &Final) -> bool {
    result.is_ok() || is_unknown(result)
}

/// SIM busy, or still starting: +CMS 314, 515 and their +CME kin.
fn is_busy(result: &Final) -> bool {
    matches!(result.number(), Some((_, 14 | 256 | 258 | 314 | 515)))
}

/// No SIM, or a broken one.
pub(super) fn is_missing(result: &Final) -> bool {
    matches!(result.number(), Some((_, 10 | 13 | 15 | 310 | 313 | 315)))
}
