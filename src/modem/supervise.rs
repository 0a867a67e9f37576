//! Keeps one modem alive: opens its port, runs its session, and does so again when it ends.
//!
//! What is done for a modem that fell is the engine's to decide; here it is carried out, between two sessions. Only the
//! pace at which a port that does not open is tried again is kept here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

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
/// Between looks for a port that is not there.
const LOOK: Duration = Duration::from_millis(500);

/// Runs sessions in a socket until `stop`, or until the engine takes no more events. A port that is absent is waited for and opened as
/// soon as it is there; one that cannot be opened is tried again after 2 to 30 s; after a session the engine says what is done first. A
/// panic of a session ends that session only.
pub async fn keep(
    socket: impl Socket,
    settings: SessionSettings,
    events: mpsc::Sender<Event>,
    orders: mpsc::Receiver<ModemOrder>,
    stop: CancellationToken,
) {
    let mut kept = Keeper { socket, settings, events, orders, known: Known::default() };
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
            Err(PortError::Absent(_)) => {
                if told != Some(PortError::Absent(String::new())) {
                    told = Some(PortError::Absent(String::new()));
                    info!(modem = %kept.settings.name, port = kept.settings.port, "waiting for the port");
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
}

impl<S: Socket> Keeper<S> {
    /// Does what is to be done after a session; gives the pause before the next, `None`: there is none.
    async fn after(&mut self, end: Option<SessionEnd>, stop: &CancellationToken) -> Option<Pause> {
        let (fall, reason) = match end {
            Some(SessionEnd::Stopped | SessionEnd::EngineGone) => return None,
            Some(SessionEnd::Reset(step)) => return self.carry_out(step, Fall::Silent).await,
            Some(SessionEnd::PortGone(reason)) => (Fall::PortGone, reason),
            Some(SessionEnd::Silent(reason)) => (Fall::Silent, reason),
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

    /// What the engine says; other orders are answered as if the port were gone, which it is.
    async fn told_step(&mut self, fall: Fall) -> Option<RecoveryStep> {
        let patience = if fall == Fall::Silent { ANSWER } else { ANSWER_GONE };
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
                return Some(if fall == Fall::Silent { Pause::UntilBack(span) } else { Pause::Whole(span) });
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
                self.known.starting = true;
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
        let socket = Tty { path: path.clone(), serial: SerialSettings::default() };
        let began = Instant::now();
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
