//! Keeps one modem alive: opens its port, runs its session, and does so again when it ends.
//!
//! What is done for a modem that fell is the engine's to decide; here it is carried out, between two sessions. Only the
//! pace at which a port that does not open is tried again is kept here, and which of a device's ports it is ([`super::ask`]).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::ask::{Outcome, ask};
use super::port::PortError;
use super::reset;
use super::session::{Known, SessionEnd, SessionSettings, run_known};
use super::socket::Socket;
use crate::engine::event::{Event, ModemEvent, ModemOrder};
use crate::model::{Fall, NotSent, RecoveryStep, SignedDuration};

/// The first pause after a session or an attempt to open; it doubles while opening fails.
const PAUSE: Duration = Duration::from_secs(2);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long the engine may take to say what to do for a modem that fell silent; then the port is just opened again.
const ANSWER: Duration = Duration::from_secs(10);
/// The same for a port that went away: nothing but a pause can be the answer.
const ANSWER_GONE: Duration = Duration::from_secs(1);
/// How long a device that was just plugged in may take to show all its ports and links.
const SETTLE: Duration = Duration::from_secs(2);
/// Between looks for a port that is not there: the sooner a modem that comes back knows where reports go, the fewer are lost.
const LOOK: Duration = Duration::from_millis(100);

/// Runs sessions in a socket until `stop`, or until the engine takes no more events. A port that is absent is waited for and opened as soon
/// as it is there; one that cannot be opened is tried again after 2 to 30 s; after a session the engine says what is done first. A panic
/// of a session ends that session only. Where a link leads to a port that never answered, or no port of a device has a link, the device's
/// ports are asked, once each time it is plugged in.
pub async fn keep(
    socket: impl Socket,
    settings: SessionSettings,
    events: mpsc::Sender<Event>,
    orders: mpsc::Receiver<ModemOrder>,
    stop: CancellationToken,
) {
    let mut kept = Keeper { socket, settings, events, orders, known: Known::default(), asked: false };
    let mut refusing = PAUSE;
    let mut told = None;
    while !stop.is_cancelled() {
        let next = match kept.socket.open().await {
            Ok(mut open) => {
                (told, refusing) = (None, PAUSE);
                let running =
                    run_known(&mut open, &kept.settings, &kept.events, &mut kept.orders, &stop, &mut kept.known);
                let end = guarded(running).await;
                // Even an unplugged port must be closed, or its number stays taken.
                kept.socket.close(open).await;
                kept.after(end, &stop).await
            }
            Err(PortError::Absent(_)) if kept.socket.must_ask() => kept.find_port(&stop).await,
            Err(PortError::Absent(_)) => {
                kept.asked = false;
                if told != Some(PortError::Absent(String::new())) {
                    told = Some(PortError::Absent(String::new()));
                    info!(modem = %kept.settings.name, port = kept.socket.port(), "waiting for the port");
                }
                Some(Pause::UntilBack(PAUSE))
            }
            Err(refusal) => {
                let pause = Pause::UntilBack(refusing);
                refusing = (refusing * 2).min(PAUSE_MAX);
                if told.as_ref() == Some(&refusal) {
                    Some(pause)
                } else {
                    warn!(modem = %kept.settings.name, %refusal, "cannot open the port");
                    let fell = ModemEvent::Fell { fall: Fall::OpenRefused, reason: refusal.to_string() };
                    told = Some(refusal);
                    kept.tell(fell).await.then_some(pause)
                }
            }
        };
        let Some(pause) = next else { return };
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            back = pause.pass(&kept.socket) => if back { refusing = PAUSE },
        }
    }
}

/// One socket and the modem in it, between its sessions.
struct Keeper<S> {
    socket: S,
    settings: SessionSettings,
    events: mpsc::Sender<Event>,
    orders: mpsc::Receiver<ModemOrder>,
    known: Known,
    /// The other ports were asked since the modem was plugged in.
    asked: bool,
}

impl<S: Socket> Keeper<S> {
    /// Does what is to be done after a session; gives the pause before the next, `None`: there is none.
    async fn after(&mut self, end: Option<SessionEnd>, stop: &CancellationToken) -> Option<Pause> {
        let (fall, reason) = match end {
            Some(SessionEnd::Stopped | SessionEnd::EngineGone) => return None,
            Some(SessionEnd::Reset(step)) => return self.carry_out(step, Fall::Silent).await,
            Some(SessionEnd::PortGone(reason)) => {
                (self.known.found, self.asked) = (false, false);
                (Fall::PortGone, reason)
            }
            Some(SessionEnd::Silent(reason)) if self.known.found || self.asked => (Fall::Silent, reason),
            Some(SessionEnd::Silent(reason)) => match self.try_others(&reason, stop).await? {
                Ok(pause) => return Some(pause),
                Err(reason) => (Fall::Silent, reason),
            },
            None => {
                let reason = "the session stopped on a fault of its own".to_owned();
                if !self.tell(ModemEvent::Lost { reason: reason.clone() }).await {
                    return None;
                }
                (Fall::PortGone, reason)
            }
        };
        if !self.tell(ModemEvent::Fell { fall, reason }).await {
            return None;
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            step = self.told_step(fall) => self.carry_out(step?, fall).await,
        }
    }

    /// The port that was opened has never answered: perhaps another of its device's does. Errors: why not, for people.
    async fn try_others(&mut self, reason: &str, stop: &CancellationToken) -> Option<Result<Pause, String>> {
        let others = self.socket.others();
        self.asked = true;
        if others.is_empty() {
            return Some(Err(reason.to_owned()));
        }
        let wrong = self.socket.port();
        match ask(&others, stop).await {
            Outcome::Stopped => None,
            Outcome::Found(port, rule) => {
                let text = format!(
                    "{wrong} keeps silent and {} of the same device answers: used{}",
                    port.display(),
                    write(rule)
                );
                self.use_port(port, text).await.map(Ok)
            }
            Outcome::None(said) => {
                Some(Err(format!("{reason}, and no other port of its device does ({said}); see kentongan doctor")))
            }
        }
    }

    /// Finds the AT port of a device of which the rules cannot say it; gives the pause before it is opened or asked again.
    async fn find_port(&mut self, stop: &CancellationToken) -> Option<Pause> {
        tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            () = sleep(SETTLE) => if !self.socket.must_ask() { return Some(Pause::UntilBack(Duration::ZERO)) },
        }
        let said = match ask(&self.socket.others(), stop).await {
            Outcome::Stopped => return None,
            Outcome::Found(port, rule) => {
                let text = format!("{} was found by asking{}", port.display(), write(rule));
                return self.use_port(port, text).await;
            }
            Outcome::None(said) => said,
        };
        let modem = &self.settings.name;
        let reason = format!("no port of this device takes AT commands ({said}); see kentongan doctor");
        warn!(%modem, reason, "a device that should be a modem is of no use");
        let fall = Fall::NoPort;
        if !self.tell(ModemEvent::Fell { fall, reason }).await {
            return None;
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => None,
            step = self.told_step(fall) => self.carry_out(step?, fall).await,
        }
    }

    async fn use_port(&mut self, port: PathBuf, text: String) -> Option<Pause> {
        info!(modem = %self.settings.name, port = %port.display(), "the port that takes commands was found by asking");
        self.settings.port = port.display().to_string();
        self.socket.use_port(port);
        self.tell(ModemEvent::Noted { text }).await.then_some(Pause::UntilBack(Duration::ZERO))
    }

    /// What the engine says; other orders are answered as if the port were gone, which it is.
    async fn told_step(&mut self, fall: Fall) -> Option<RecoveryStep> {
        let patience = if fall == Fall::PortGone { ANSWER_GONE } else { ANSWER };
        let until = Instant::now() + patience;
        loop {
            match timeout_at(until, self.orders.recv()).await {
                Ok(Some(ModemOrder::Recover(step))) => return Some(step),
                Ok(Some(ModemOrder::Go { attempt, .. })) => {
                    let outcome = NotSent::PortGone.into();
                    if !self.tell(ModemEvent::Answered { attempt, outcome, next: None }).await {
                        return None;
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(_) => return Some(RecoveryStep::Reopen(SignedDuration::from_secs(2))),
            }
        }
    }

    async fn carry_out(&mut self, step: RecoveryStep, fall: Fall) -> Option<Pause> {
        let modem = self.settings.name.clone();
        let done = match step {
            RecoveryStep::Reopen(pause) => return Some(Pause::UntilBack(pause.unsigned_abs())),
            RecoveryStep::Rest(span) => {
                warn!(%modem, minutes = span.as_mins(), "the modem does not come back to work; it is left alone for a while");
                // A person who pulls a silent modem out and puts it back has looked after it.
                let span = span.unsigned_abs();
                return Some(if fall == Fall::PortGone { Pause::Whole(span) } else { Pause::UntilBack(span) });
            }
            RecoveryStep::SoftReset => {
                warn!(%modem, command = self.known.dialect.soft_reset, "restarting the modem");
                reset::soft(&self.socket, self.known.dialect).await
            }
            RecoveryStep::Rebind => {
                warn!(%modem, "taking the modem's USB device off and putting it back");
                self.socket.rebind().await
            }
        };
        match done {
            Ok(()) => {
                // It may come back in another composition.
                (self.known.starting, self.asked) = (true, false);
                Some(Pause::Restart)
            }
            Err(error) => {
                warn!(%modem, %error, "a step to get the modem back was not possible");
                let noted = ModemEvent::Noted { text: error.to_string() };
                self.tell(noted).await.then_some(Pause::UntilBack(PAUSE))
            }
        }
    }

    /// Whether anybody still listens.
    async fn tell(&self, event: ModemEvent) -> bool {
        self.events.send(Event::Modem(self.settings.name.clone(), event)).await.is_ok()
    }
}

/// Time before a port is opened again.
enum Pause {
    /// At most this long; less where the port was away and is back.
    UntilBack(Duration),
    /// All of it.
    Whole(Duration),
    /// Until a modem that restarts is back.
    Restart,
}

impl Pause {
    /// Whether the port was away and came back meanwhile.
    async fn pass(self, socket: &impl Socket) -> bool {
        match self {
            Pause::UntilBack(span) => return pause_or_return(socket, span).await,
            Pause::Whole(span) => sleep(span).await,
            Pause::Restart => reset::wait_for_return(socket).await,
        }
        pause_or_return(socket, Duration::ZERO).await
    }
}

/// What a person can do so that nothing has to be asked the next time.
fn write(rule: Option<String>) -> String {
    rule.map_or_else(String::new, |rule| format!("; so that the rules know it (kentongan doctor): {rule}"))
}

/// Waits for the pause to pass; where the port is absent, for it to be there, however long. Whether it came back.
async fn pause_or_return(socket: &impl Socket, pause: Duration) -> bool {
    let until = Instant::now() + pause;
    let mut was_absent = false;
    loop {
        match (socket.is_there(), was_absent) {
            (true, true) => return true,
            (true, false) if Instant::now() >= until => return false,
            (true, false) => sleep(LOOK.min(until - Instant::now())).await,
            (false, _) => {
                was_absent = true;
                sleep(LOOK).await;
            }
        }
    }
}

/// The session's end; `None` if it panicked.
async fn guarded(session: impl Future<Output = SessionEnd>) -> Option<SessionEnd> {
    let mut session = pin!(session);
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| session.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Some),
        Err(_) => {
            error!("a modem's session panicked");
            Poll::Ready(None)
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modem::port::SerialSettings;
    use crate::modem::socket::Tty;

    async fn broken() -> SessionEnd {
        panic!("made to panic")
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_session_only() {
        assert_eq!(guarded(async { SessionEnd::Stopped }).await, Some(SessionEnd::Stopped));
        assert_eq!(guarded(broken()).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_port_that_comes_back_is_opened_at_once() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("tty");
        let began = Instant::now();
        let socket = Tty::new(path.clone(), SerialSettings::default());
        let waiting = pause_or_return(&socket, PAUSE_MAX);
        tokio::pin!(waiting);
        tokio::select! {
            _ = &mut waiting => unreachable!("the port is absent"),
            () = sleep(Duration::from_secs(60)) => {}
        }
        std::fs::write(&path, "")?;
        assert!(waiting.await);
        assert!(began.elapsed() <= Duration::from_secs(61));
        assert!(!pause_or_return(&socket, PAUSE).await);
        Ok(())
    }
}
