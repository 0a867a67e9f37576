//! The task around one modem: waits for its port, its time and its controls, and carries bytes between them.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::air::InboundError;
use super::faults::Faults;
use super::modem::{Card, Modem, PortWish};
use super::network::{InboundForm, Phone};
use super::port::{Port, PortEvent};
use super::profile::Numbers;
use super::pty::Pty;
use super::truth::{Fact, Record, Truth};

/// What the fleet's owner does to a modem.
#[derive(Debug)]
pub(super) enum Control {
    Attach(DuplexStream, oneshot::Sender<bool>),
    Unplug(oneshot::Sender<()>),
    Replug(oneshot::Sender<io::Result<()>>),
    Inbound { from: String, text: String, form: InboundForm, done: oneshot::Sender<Result<Vec<u32>, InboundError>> },
    Ring(String),
    Faults(Box<Faults>),
    Phone(String, Phone),
    Hang(Option<Duration>),
    BrownOut,
    BusySim(Duration),
    LoseNetwork(Duration),
    Numbers(Numbers),
    TakeCard(oneshot::Sender<Option<Box<Card>>>),
    PutCard(Box<Card>, oneshot::Sender<Option<Box<Card>>>),
}

/// Where a modem's ports come from.
#[derive(Debug)]
pub(super) enum Socket {
    Memory,
    /// The link of its pseudo-terminal.
    Link(PathBuf),
}

impl Socket {
    pub(super) fn plug(&self) -> io::Result<Port> {
        match self {
            Socket::Memory => Ok(Port::Stream(None)),
            Socket::Link(link) => Pty::create(link).map(Port::Pty),
        }
    }
}

/// One modem with its port.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) name: String,
    pub(super) modem: Modem,
    pub(super) socket: Socket,
    pub(super) port: Port,
    pub(super) controls: mpsc::Receiver<Control>,
    pub(super) truth: Truth,
    pub(super) plugged: watch::Sender<bool>,
    /// The simulation's zero.
    pub(super) started: Instant,
    pub(super) gap: Gap,
}

/// How long the line stands idle between the answer to one hand-over and the AT+CMGS of the next.
#[derive(Debug, Default)]
pub(super) struct Gap {
    /// An answer is in the output and has not gone out whole.
    leaving: bool,
    /// Since when an answer is on the line.
    answered: Option<Instant>,
    /// How many octets of [`HAND_OVER`] have come; a command may arrive in pieces.
    matched: usize,
}

/// How a hand-over begins, in capitals.
const HAND_OVER: &[u8] = b"AT+CMGS=";

impl Gap {
    /// Output is about to be written.
    fn leaves(&mut self, output: &[u8]) {
        self.leaving |= output.windows(7).any(|octets| octets == b"+CMGS: ");
    }

    /// Output was written; `left` octets are still to go.
    fn wrote(&mut self, left: usize) {
        if left == 0 && std::mem::take(&mut self.leaving) {
            self.answered = Some(Instant::now());
        }
    }

    /// Octets came. The fact, if a hand-over begins with them.
    fn heard(&mut self, octets: &[u8]) -> Option<Fact> {
        let begins = octets.iter().any(|octet| {
            // Its first octet comes nowhere else in it, so a mismatch can only be a beginning anew.
            let octet = octet.to_ascii_uppercase();
            let fits = |matched: usize| HAND_OVER[matched] == octet;
            self.matched = if fits(self.matched) { self.matched + 1 } else { usize::from(fits(0)) };
            let whole = self.matched == HAND_OVER.len();
            self.matched %= HAND_OVER.len();
            whole
        });
        let micros = |since: Instant| u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        begins.then(|| Fact::Begun { idle_us: self.answered.take().map(micros) })
    }
}

impl Driver {
    /// Runs until stopped, or until the fleet is gone.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut input = [0; 4096];
        let mut replug: Option<Duration> = None;
        let alarm = tokio::time::sleep(Duration::ZERO);
        tokio::pin!(alarm);
        loop {
            self.settle(&mut replug);
            let wake = self.modem.next_wake().into_iter().chain(replug).min();
            if let Some(wake) = wake {
                let deadline = self.started + wake;
                if alarm.deadline() != deadline {
                    alarm.as_mut().reset(deadline);
                }
            }
            self.gap.leaves(self.modem.output());
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                control = self.controls.recv() => match control {
                    Some(control) => self.obey(control, &mut replug),
                    None => return,
                },
                event = self.port.next(&mut input, self.modem.output()) => match event {
                    Ok(PortEvent::Read(read)) => {
                        let now = self.started.elapsed();
                        let begun = self.gap.heard(&input[..read]).map(|begun| (now, begun));
                        self.modem.facts().extend(begun);
                        self.modem.input(now, &input[..read]);
                    }
                    Ok(PortEvent::Wrote) => self.gap.wrote(self.modem.output().len()),
                    Ok(PortEvent::Client) => {}
                    Err(error) => {
                        tracing::error!(modem = self.name, %error, "The simulated port has failed; the modem is pulled.");
                        self.unplug();
                    }
                },
                () = &mut alarm, if wake.is_some() => {
                    let now = self.started.elapsed();
                    if replug.is_some_and(|time| time <= now) {
                        replug = None;
                        self.try_plug();
                    }
                    self.modem.advance(now);
                }
            }
        }
    }

    /// Writes down what has happened and does to the port what the modem wishes.
    fn settle(&mut self, replug: &mut Option<Duration>) {
        if let Some(PortWish::Unplug(back_after)) = self.modem.take_wish() {
            self.unplug();
            *replug = back_after.map(|span| self.started.elapsed() + span);
        }
        for (at, fact) in std::mem::take(self.modem.facts()) {
            let record = Record {
                at_ms: self.modem.unix_ms(at),
                modem: self.name.clone(),
                iccid: self.modem.sim().iccid.clone(),
                fact,
            };
            if let Err(error) = self.truth.record(record) {
                tracing::error!(modem = self.name, %error, "The simulator's truth file cannot be written.");
            }
        }
    }

    fn obey(&mut self, control: Control, replug: &mut Option<Duration>) {
        let now = self.started.elapsed();
        // Whoever asked may have gone; then nobody wants the answer.
        match control {
            Control::Attach(stream, done) => {
                let there = matches!(self.port, Port::Stream(_));
                if there {
                    self.port = Port::Stream(Some(stream));
                }
                let _ = done.send(there);
            }
            Control::Unplug(done) => {
                *replug = None;
                self.unplug();
                let _ = done.send(());
            }
            Control::Replug(done) => {
                *replug = None;
                let _ = done.send(self.plug());
            }
            Control::Inbound { from, text, form, done } => {
                let _ = done.send(self.modem.inbound(now, &from, &text, form));
            }
            Control::Ring(from) => self.modem.ring(now, &from),
            Control::Faults(faults) => self.modem.set_faults(*faults),
            Control::Phone(number, phone) => self.modem.set_phone(&number, phone),
            Control::Hang(span) => self.modem.hang(now, span),
            Control::BrownOut => self.modem.brown_out(now),
            Control::BusySim(span) => self.modem.busy_sim(now, span),
            Control::LoseNetwork(span) => self.modem.lose_network(now, span),
            Control::Numbers(numbers) => self.modem.set_numbers(numbers),
            Control::TakeCard(done) => {
                let _ = done.send(self.modem.take_card(now).map(Box::new));
            }
            Control::PutCard(card, done) => {
                let _ = done.send(self.modem.put_card(now, *card).map(Box::new));
            }
        }
    }

    fn unplug(&mut self) {
        if !matches!(self.port, Port::Unplugged) {
            self.modem.power_off(self.started.elapsed());
            self.port = Port::Unplugged;
            self.plugged.send_replace(false);
        }
    }

    fn plug(&mut self) -> io::Result<()> {
        if matches!(self.port, Port::Unplugged) {
            self.port = self.socket.plug()?;
            self.modem.power_on(self.started.elapsed());
            self.plugged.send_replace(true);
        }
        Ok(())
    }

    fn try_plug(&mut self) {
        if let Err(error) = self.plug() {
            tracing::error!(modem = self.name, %error, "The simulated modem cannot be plugged in again.");
        }
    }
}
