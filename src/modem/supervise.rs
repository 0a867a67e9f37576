//! Keeps one modem alive: opens its port, runs its session, and does so again when it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::finder::NamedPort;
use super::port::{Port, PortError, SerialSettings};
use super::session::{SessionEnd, SessionSettings, run};
use crate::engine::event::{Event, ModemEvent, ModemOrder};

/// The first pause after a session or an attempt to open; it doubles while opening fails.
const PAUSE: Duration = Duration::from_secs(2);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Between looks for a port that is not there.
const LOOK: Duration = Duration::from_millis(500);

/// Runs sessions on a port until `stop`, or until the engine takes no more events. A port that is absent is waited for and opened as soon
/// as it is there; one that cannot be opened is tried again after 2 to 30 s. A panic of a session ends that session only.
pub async fn keep(
    port: NamedPort,
    serial: SerialSettings,
    settings: SessionSettings,
    events: mpsc::Sender<Event>,
    mut orders: mpsc::Receiver<ModemOrder>,
    stop: CancellationToken,
) {
    let mut pause = PAUSE;
    let mut told = None;
    while !stop.is_cancelled() {
        match Port::open(&port.path, serial).await {
            Ok(mut open) => {
                told = None;
                let began = Instant::now();
                let end = guarded(run(&mut open, &settings, &events, &mut orders, &stop)).await;
                // Even an unplugged port must be closed, or its number stays taken.
                open.close().await;
                match end {
                    Some(SessionEnd::Stopped | SessionEnd::EngineGone) => return,
                    Some(SessionEnd::PortGone(_) | SessionEnd::Silent(_)) => {}
                    None => {
                        let reason = "the session stopped on a fault of its own".to_owned();
                        let event = Event::Modem(settings.name.clone(), ModemEvent::Lost { reason });
                        if events.send(event).await.is_err() {
                            return;
                        }
                    }
                }
                pause = if began.elapsed() > PAUSE_MAX { PAUSE } else { pause };
            }
            Err(PortError::Absent(_)) => {
                if told != Some(PortError::Absent(String::new())) {
                    told = Some(PortError::Absent(String::new()));
                    info!(modem = %settings.name, port = %port.path.display(), "waiting for the port");
                }
            }
            Err(refusal) => {
                if told.as_ref() != Some(&refusal) {
                    warn!(modem = %settings.name, %refusal, "cannot open the port");
                    told = Some(refusal);
                }
            }
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            back = pause_or_return(&port.path, pause) => pause = if back { PAUSE } else { (pause * 2).min(PAUSE_MAX) },
        }
    }
}

/// Waits for the pause to pass; where the port is absent, for it to be there, however long. Whether it came back.
async fn pause_or_return(path: &Path, pause: Duration) -> bool {
    let until = Instant::now() + pause;
    let mut was_absent = false;
    loop {
        match (path.exists(), was_absent) {
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
        let waiting = pause_or_return(&path, PAUSE_MAX);
        tokio::pin!(waiting);
        tokio::select! {
            _ = &mut waiting => unreachable!("the port is absent"),
            () = sleep(Duration::from_secs(60)) => {}
        }
        std::fs::write(&path, "")?;
        assert!(waiting.await);
        assert!(began.elapsed() <= Duration::from_secs(61));
        assert!(!pause_or_return(&path, PAUSE).await);
        Ok(())
    }
}
