//! One modem from bring-up to its end: the task that owns the line.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::boot::Boot;
use super::bring_up::SetUp;
use super::desk::{Desk, EngineGone};
use super::dialect::{Dialect, GENERIC};
use super::echo::Echo;
use super::link::{Link, LinkError, Reply};
use super::storage::Storage;
use crate::at::{Command, Heard, Urc};
use crate::engine::event::{Event, ModemEvent, ModemOrder};
use crate::model::{AttemptId, ModemName, Pin, RecoveryStep, Registration};

/// How a session treats its modem.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// The modem's name, on every event.
    pub name: ModemName,
    /// The port, for people.
    pub port: String,
    /// From the PDU's hand-over to its answer; 2G needs up to 90 s, LTE 180 s.
    pub send_timeout: Duration,
    /// From AT+CMGS to the prompt.
    pub prompt_timeout: Duration,
    /// From AT+CMGS to the engine's `Go`, the prompt being there; then the prompt is left.
    pub go_timeout: Duration,
    /// The SIM's PIN, where one is configured.
    pub pin: Option<Pin>,
    /// For one write to be taken.
    pub write_timeout: Duration,
    /// How long to listen for a late answer, writing nothing, after a send fell silent.
    pub barrier: Duration,
    /// From a USSD code to the network's answer.
    pub ussd_timeout: Duration,
    /// Between looks at signal and registration while idle.
    pub health_every: Duration,
    /// Between looks into the storage and at the settings the modem may have forgotten.
    pub upkeep_every: Duration,
}

impl SessionSettings {
    /// The usual values.
    pub fn new(name: ModemName, port: &str) -> Self {
        Self {
            name,
            port: port.to_owned(),
            send_timeout: Duration::from_secs(180),
            prompt_timeout: Duration::from_secs(10),
            go_timeout: Duration::from_secs(30),
            pin: None,
            write_timeout: Duration::from_secs(10),
            barrier: Duration::from_secs(10),
            ussd_timeout: Duration::from_secs(60),
            health_every: Duration::from_secs(60),
            upkeep_every: Duration::from_secs(300),
        }
    }
}

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// As asked.
    Stopped,
    /// Unplugged, or the port failed.
    PortGone(String),
    /// The modem does not answer.
    Silent(String),
    /// The engine takes no events.
    EngineGone,
    /// The engine wants the modem reset.
    Reset(RecoveryStep),
}

/// What breaks off whatever runs.
#[derive(Debug)]
pub(super) enum Break {
    /// The session ends.
    End(SessionEnd),
    /// The modem is to be set up from the beginning; the line is there.
    Restart(String),
}

impl From<LinkError> for Break {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Gone(_) => Break::End(SessionEnd::PortGone(error.to_string())),
            LinkError::Deaf { .. } => Break::End(SessionEnd::Silent(error.to_string())),
        }
    }
}

impl From<EngineGone> for Break {
    fn from(_: EngineGone) -> Self {
        Break::End(SessionEnd::EngineGone)
    }
}

/// What woke a waiting session.
pub(super) enum Woken {
    Heard(Heard),
    Order,
    Timer,
    Stop,
}

/// How often AT is tried when a port was just opened, and when the modem is known to be starting (60 s).
const PATIENCE: u32 = 3;
const PATIENCE_RESTART: u32 = 20;

pub(super) struct Session<'a, S> {
    pub link: Link<S>,
    pub desk: Desk<'a>,
    pub settings: &'a SessionSettings,
    pub stop: &'a CancellationToken,
    pub dialect: &'static Dialect,
    pub set_up: SetUp,
    pub storage: Storage,
    /// The attempt whose answer may still come.
    pub in_doubt: Option<AttemptId>,
    /// The engine knows which SIM is there.
    pub sim_known: bool,
    /// What was handed on directly before that, oldest first.
    pub early: VecDeque<Urc>,
    /// Until when an OK may come that belongs to a send which ended without it.
    pub final_owed_until: Option<Instant>,
    /// A message of several segments is half-way.
    pub mid_message: bool,
    /// While setting up, signs of a restart are counted and do not break off.
    pub starting: bool,
    pub restarted: bool,
    /// The start that is known of.
    pub boot: Boot,
    /// A modem answered here and said who it is.
    pub found: bool,
    /// It is known to have been started anew since it was last set up, and has not been told to the engine.
    pub fresh: bool,
    /// It has echoed a command in the present set-up.
    pub echoed: bool,
    /// Whether an echo is a sign of a restart.
    pub echo: Echo,
    /// Files of the card may be read.
    pub card_files: bool,
    /// A sign that SMS work was seen.
    pub sms_ready: bool,
    /// Somebody calls.
    pub ringing: bool,
    /// What was last reported of signal and registration.
    pub told: Option<(Registration, Option<u8>)>,
    /// Looks in a row that found no network.
    pub unready_checks: u32,
    pub next_health: Instant,
    pub next_upkeep: Instant,
}

/// Runs a modem on an open stream until it goes away, falls silent, or is stopped.
///
/// Every event carries the name in `settings`. A send in hand is finished before the session obeys `stop`. `Lost` is the last
/// event, and every attempt has been answered before it. Orders left over in the channel from an earlier session are answered or dropped.
pub async fn run<S: AsyncRead + AsyncWrite + Unpin + Send>(
    stream: S,
    settings: &SessionSettings,
    events: &mpsc::Sender<Event>,
    orders: &mut mpsc::Receiver<ModemOrder>,
    stop: &CancellationToken,
) -> SessionEnd {
    run_known(stream, settings, events, orders, stop, &mut Known::default()).await
}

/// What one session leaves to the next, and to what is done between them.
#[derive(Debug)]
pub(super) struct Known {
    /// The family of the modem that was last there.
    pub dialect: &'static Dialect,
    /// It has just been restarted, and may take a minute to answer.
    pub starting: bool,
    /// A modem was found at this port since it was plugged in: the port is the right one.
    pub found: bool,
}

impl Default for Known {
    fn default() -> Self {
        Self { dialect: &GENERIC, starting: false, found: false }
    }
}

/// Like [`run`], knowing what the session before has left.
pub(super) async fn run_known<S: AsyncRead + AsyncWrite + Unpin + Send>(
    stream: S,
    settings: &SessionSettings,
    events: &mpsc::Sender<Event>,
    orders: &mut mpsc::Receiver<ModemOrder>,
    stop: &CancellationToken,
    known: &mut Known,
) -> SessionEnd {
    let fresh = std::mem::take(&mut known.starting);
    let patience = if fresh { PATIENCE_RESTART } else { PATIENCE };
    let mut session = Session {
        link: Link::new(stream, settings.write_timeout),
        desk: Desk::new(settings.name.clone(), events, orders),
        settings,
        stop,
        dialect: known.dialect,
        set_up: SetUp::default(),
        storage: Storage::default(),
        in_doubt: None,
        final_owed_until: None,
        sim_known: false,
        early: VecDeque::new(),
        mid_message: false,
        starting: true,
        restarted: false,
        boot: Boot::new(fresh),
        found: false,
        fresh,
        echoed: false,
        echo: Echo::default(),
        card_files: true,
        sms_ready: false,
        ringing: false,
        told: None,
        unready_checks: 0,
        next_health: Instant::now(),
        next_upkeep: Instant::now(),
    };
    session.desk.absorb();
    session.desk.forget();
    // Meant for the session before.
    session.desk.reset = None;
    let end = session.live(patience).await;
    known.dialect = session.dialect;
    known.found |= session.found;
    let reason = match &end {
        SessionEnd::Stopped => "the daemon is stopping".to_owned(),
        SessionEnd::PortGone(reason) | SessionEnd::Silent(reason) => reason.clone(),
        SessionEnd::Reset(_) => "the modem is being reset".to_owned(),
        SessionEnd::EngineGone => return end,
    };
    match &end {
        SessionEnd::PortGone(_) | SessionEnd::Silent(_) => {
            warn!(modem = %settings.name, port = settings.port, reason, "session ended");
        }
        _ => info!(modem = %settings.name, port = settings.port, reason, "session ended"),
    }
    if session.hand_on_rest().await.is_err() {
        return SessionEnd::EngineGone;
    }
    match session.lost(&reason).await {
        Ok(()) => end,
        Err(EngineGone) => SessionEnd::EngineGone,
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<'_, S> {
    async fn live(&mut self, patience: u32) -> SessionEnd {
        let mut patience = patience;
        // A daemon that was killed may have left the modem in its prompt, where AT would become part of a text and
        // seconds would pass until that shows. A modem that waits for a command ignores ESC.
        if let Err(Break::End(end)) = self.leave_old_prompt().await {
            return end;
        }
        loop {
            let broken = match self.bring_up(patience).await {
                Ok(()) => self.serve().await,
                Err(broken) => broken,
            };
            match broken {
                Break::End(end) => return end,
                Break::Restart(reason) => {
                    warn!(modem = %self.settings.name, reason, "setting the modem up again");
                    if self.lost(&reason).await.is_err() {
                        return SessionEnd::EngineGone;
                    }
                    if let Some(step) = self.desk.reset.take() {
                        return SessionEnd::Reset(step);
                    }
                    patience = PATIENCE_RESTART;
                }
            }
        }
    }

    async fn leave_old_prompt(&mut self) -> Result<(), Break> {
        self.link.escape().await?;
        self.link.settle(Duration::from_millis(100), Duration::from_secs(1)).await?;
        self.link.stray_prompt = false;
        Ok(())
    }

    /// Tells the engine that reservations are void, once.
    pub async fn lost(&mut self, reason: &str) -> Result<(), EngineGone> {
        self.desk.absorb();
        self.desk.forget();
        self.desk.send_out().await?;
        self.sim_known = false;
        if self.desk.lost_last {
            return Ok(());
        }
        self.desk.emit(ModemEvent::Lost { reason: reason.to_owned() }).await
    }

    /// The work of a modem that is set up: send, read, look after itself; in between, wait.
    async fn serve(&mut self) -> Break {
        match self.serving().await {
            Ok(()) => Break::End(SessionEnd::Stopped),
            Err(broken) => broken,
        }
    }

    async fn serving(&mut self) -> Result<(), Break> {
        self.unready_checks = 0;
        self.told = None;
        self.next_upkeep = Instant::now() + self.first_upkeep();
        self.health().await?;
        loop {
            self.desk.absorb();
            if self.stop.is_cancelled() {
                return Ok(());
            }
            if self.desk.closed {
                return Err(Break::End(SessionEnd::EngineGone));
            }
            if let Some(step) = self.desk.reset.take() {
                return Err(Break::End(SessionEnd::Reset(step)));
            }
            if self.desk.bring_up {
                return Err(Break::Restart("the engine asks for a new bring-up".to_owned()));
            }
            if !(self.mid_message && self.desk.reserved.is_some()) {
                self.between().await?;
            }
            self.desk.send_out().await?;
            if let Some(reservation) = self.desk.reserved.take() {
                self.send_from(reservation).await?;
                continue;
            }
            self.mid_message = false;
            if self.has_errands() {
                continue;
            }
            let until = self.next_health.min(self.next_upkeep);
            if let Woken::Heard(heard) = self.wait(until, true).await? {
                self.hear(heard).await?;
            }
        }
    }

    /// Whether something short is to be done before the next send.
    pub fn has_errands(&self) -> bool {
        self.ringing
            || !self.storage.announced.is_empty()
            || !self.desk.deletes.is_empty()
            || self.desk.acknowledgements > 0
            || self.desk.ussd.is_some()
            || Instant::now() >= self.next_upkeep
    }

    /// What is done between two messages: no more than what came up, and long intervals.
    async fn between(&mut self) -> Result<(), Break> {
        while let Some(urc) = self.link.kept.pop_front() {
            self.notice(urc).await?;
        }
        if std::mem::take(&mut self.ringing) && !self.run(&Command::hang_up()).await?.is_ok() {
            self.run(&Command::hook()).await?;
        }
        self.acknowledge_ordered().await?;
        self.read_announced().await?;
        self.delete_ordered().await?;
        self.dial_ordered().await?;
        if Instant::now() >= self.next_upkeep {
            self.next_upkeep = Instant::now() + self.upkeep_every();
            self.upkeep().await?;
            self.health().await?;
        }
        if Instant::now() >= self.next_health && self.desk.reserved.is_none() {
            self.health().await?;
        }
        if self.desk.reserved.is_none() && std::mem::take(&mut self.desk.read_last_used) {
            self.read_last_used().await?;
        }
        Ok(())
    }

    /// Waits for the modem, an order, the time or, if heeded, the end. Mail that orders caused goes out first.
    pub async fn wait(&mut self, until: Instant, heed_stop: bool) -> Result<Woken, Break> {
        if self.desk.has_mail() {
            self.desk.send_out().await?;
        }
        // Under a flood of lines the timer alone would never get its turn.
        if Instant::now() >= until {
            return Ok(Woken::Timer);
        }
        tokio::select! {
            biased;
            () = self.stop.cancelled(), if heed_stop => Ok(Woken::Stop),
            order = self.desk.orders.recv(), if !self.desk.closed => {
                self.desk.take(order);
                Ok(Woken::Order)
            }
            heard = self.link.next() => Ok(Woken::Heard(heard?)),
            () = sleep_until(until) => Ok(Woken::Timer),
        }
    }

    /// Waits without purpose, hearing what is said; ends early when the modem says that SMS work, or with the session.
    pub async fn pause(&mut self, time: Duration) -> Result<(), Break> {
        let until = Instant::now() + time;
        let was_ready = self.sms_ready;
        loop {
            match self.wait(until, true).await? {
                Woken::Timer => return Ok(()),
                Woken::Stop => return Err(Break::End(SessionEnd::Stopped)),
                Woken::Order if self.desk.closed => return Err(Break::End(SessionEnd::EngineGone)),
                Woken::Order => {}
                Woken::Heard(heard) => self.hear(heard).await?,
            }
            if self.sms_ready && !was_ready {
                return Ok(());
            }
        }
    }

    /// Runs a command that is no send, taking orders meanwhile. A reply without a result comes from a modem that still answers AT.
    pub async fn run(&mut self, command: &Command) -> Result<Reply, Break> {
        let reply = {
            let running = self.link.run(command);
            tokio::pin!(running);
            loop {
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return Err(Break::End(SessionEnd::Stopped)),
                    reply = &mut running => break reply?,
                    order = self.desk.orders.recv(), if !self.desk.closed => self.desk.take(order),
                }
            }
        };
        debug!(modem = %self.settings.name, command = command.shown(), result = ?reply.result, "command");
        if reply.result.is_none() {
            self.probe(PATIENCE).await?;
        }
        while let Some(urc) = self.link.kept.pop_front() {
            self.notice(urc).await?;
        }
        if reply.result.is_some() && self.echo.hear(reply.echoed) {
            // Where it said so itself, that is no guess.
            self.fresh |= self.restarted;
            return Err(Echo::restarted());
        }
        Ok(reply)
    }

    /// Whether the modem answers AT at all; leaves a prompt it may sit in. Nothing may be under way.
    pub async fn probe(&mut self, patience: u32) -> Result<(), Break> {
        for tried in 0..patience {
            // One that gives no results, or digits, answers AT as if it were not there. Every other time: it may just be starting.
            let command = if self.starting && tried % 2 == 1 { Command::plain_results() } else { Command::attention() };
            let reply = self.link.run(&command).await?;
            self.echoed |= reply.echoed;
            if reply.is_ok() {
                if tried > 0 {
                    // Answers to the earlier ones may come yet, and would be taken for those to the next command.
                    self.link.settle(Duration::from_millis(300), Duration::from_secs(3)).await?;
                }
                return Ok(());
            }
            if self.stop.is_cancelled() {
                return Err(Break::End(SessionEnd::Stopped));
            }
            if reply.result.is_none() || std::mem::take(&mut self.link.stray_prompt) {
                self.link.escape().await?;
            }
        }
        Err(Break::End(SessionEnd::Silent("the modem does not answer AT".to_owned())))
    }
}
