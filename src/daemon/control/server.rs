use std::collections::BTreeMap;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Answer, LINE_MAX, Request};
use crate::daemon::people::user_name;
use crate::engine::event::{Act, Event};

/// Answers of the engine on their way to whoever asked: the number in `reply_to`, and the result.
type Replies = mpsc::Receiver<(u64, Result<String, String>)>;

/// The control socket cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the control socket {socket} cannot be made: {source}; set paths.control to a place this user may write to")]
pub struct ControlError {
    socket: PathBuf,
    source: std::io::Error,
}

/// How long a caller may take over its line, and over reading the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many may be asking at one time.
const CALLERS_MAX: usize = 32;

/// The listening socket.
pub(in crate::daemon) struct Control {
    listener: UnixListener,
    socket: PathBuf,
}

impl Control {
    /// Opens the socket, mode 0660. The caller holds the lock of the database, so a socket that is there is a leftover.
    pub(in crate::daemon) fn open(socket: &Path) -> Result<Self, ControlError> {
        let failed = |source| ControlError { socket: socket.to_owned(), source };
        if std::fs::symlink_metadata(socket).is_ok_and(|found| found.file_type().is_socket()) {
            std::fs::remove_file(socket).map_err(failed)?;
        }
        let listener = UnixListener::bind(socket).map_err(failed)?;
        std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o660)).map_err(failed)?;
        Ok(Self { listener, socket: socket.to_owned() })
    }

    /// Serves callers until `stop`; then removes the socket.
    pub(in crate::daemon) async fn run(
        self,
        events: mpsc::Sender<Event>,
        mut replies: Replies,
        stop: CancellationToken,
    ) {
        let callers = Arc::new(Semaphore::new(CALLERS_MAX));
        let (acts, mut asked) = mpsc::channel::<(Act, oneshot::Sender<Answer>)>(CALLERS_MAX);
        let mut waiting: BTreeMap<u64, oneshot::Sender<Answer>> = BTreeMap::new();
        let mut last = 0;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some((to, result)) = replies.recv() => {
                    // The caller may have left; what it asked for is done all the same.
                    if let Some(caller) = waiting.remove(&to) {
                        let _ = caller.send(result.into());
                    }
                }
                Some((mut act, caller)) = asked.recv() => {
                    last += 1;
                    act.reply_to = Some(last);
                    info!(actor = act.actor, action = ?act.action, "asked by a person");
                    waiting.retain(|_, caller| !caller.is_closed());
                    waiting.insert(last, caller);
                    if events.send(Event::Act(act)).await.is_err() {
                        break;
                    }
                }
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let Ok(place) = callers.clone().try_acquire_owned() else {
                            warn!(callers = CALLERS_MAX, "too many callers on the control socket; one is turned away");
                            continue;
                        };
                        let acts = acts.clone();
                        tokio::spawn(async move {
                            if let Err(error) = serve(stream, acts).await {
                                warn!(%error, "a caller on the control socket was not served");
                            }
                            drop(place);
                        });
                    }
                    Err(error) => {
                        warn!(%error, "the control socket accepts nobody");
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                },
            }
        }
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// One caller: a line in, an answer out.
async fn serve(mut stream: UnixStream, acts: mpsc::Sender<(Act, oneshot::Sender<Answer>)>) -> std::io::Result<()> {
    let uid = stream.peer_cred()?.uid();
    let (reading, mut writing) = stream.split();
    let mut line = Vec::new();
    let mut reading = BufReader::new(reading.take(LINE_MAX));
    tokio::time::timeout(PATIENCE, reading.read_until(b'\n', &mut line)).await??;
    let answer = match serde_json::from_slice::<Request>(&line) {
        Err(error) => Answer::Refused(format!("this is no request: {error}")),
        Ok(request) => {
            let (caller, answer) = oneshot::channel();
            let actor = tokio::task::spawn_blocking(move || user_name(uid)).await?;
            let act = Act { reply_to: None, actor, reason: request.reason, action: request.action };
            match acts.send((act, caller)).await {
                Ok(()) => answer.await.unwrap_or_else(|_| stopping()),
                Err(_) => stopping(),
            }
        }
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    tokio::time::timeout(PATIENCE, writing.write_all(&line)).await??;
    Ok(())
}

fn stopping() -> Answer {
    Answer::Refused("the daemon is stopping; ask again when it has stopped or runs again".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{AskError, ask};
    use super::*;
    use crate::engine::event::{Action, Scope};
    use crate::model::Class;

    struct Daemon {
        socket: PathBuf,
        _folder: tempfile::TempDir,
        stop: CancellationToken,
        events: mpsc::Receiver<Event>,
        replies: mpsc::Sender<(u64, Result<String, String>)>,
        running: tokio::task::JoinHandle<()>,
    }

    fn daemon() -> Daemon {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("k.sock");
        let control = Control::open(&socket).unwrap();
        let (events_in, events) = mpsc::channel(8);
        let (replies, replies_out) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let running = tokio::spawn(control.run(events_in, replies_out, stop.clone()));
        Daemon { socket, _folder: folder, stop, events, replies, running }
    }

    #[tokio::test]
    async fn a_request_reaches_the_engine_with_its_actor_and_the_answer_comes_back() {
        let mut daemon = daemon();
        let mode = std::fs::metadata(&daemon.socket).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o660);
        let request = Request { action: Action::Pause(Scope::Class(Class::Routine)), reason: "masa tenang".to_owned() };
        let socket = daemon.socket.clone();
        let asking = tokio::task::spawn_blocking(move || ask(&socket, &request));
        let Some(Event::Act(act)) = daemon.events.recv().await else { panic!("no act") };
        assert_eq!(act.action, Action::Pause(Scope::Class(Class::Routine)));
        assert_eq!(act.reason, "masa tenang");
        assert_eq!(act.actor, user_name(rustix::process::getuid().as_raw()));
        daemon.replies.send((act.reply_to.unwrap(), Ok("class:routine is paused".to_owned()))).await.unwrap();
        assert_eq!(asking.await.unwrap().unwrap(), Answer::Done("class:routine is paused".to_owned()));
        daemon.stop.cancel();
        daemon.running.await.unwrap();
        let request = Request { action: Action::Pause(Scope::All), reason: String::new() };
        assert!(matches!(ask(&daemon.socket, &request), Err(AskError::NotRunning { .. })));
    }

    #[tokio::test]
    async fn a_line_that_is_no_request_is_refused_and_a_leftover_socket_is_replaced() {
        let daemon = daemon();
        let mut stream = UnixStream::connect(&daemon.socket).await.unwrap();
        stream.write_all(b"{\"action\":{\"explode\":1}}\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("{\"refused\":\"this is no request"), "{answer}");
        let second = Control::open(&daemon.socket);
        assert!(second.is_ok());
    }

    #[tokio::test]
    async fn who_still_waits_when_the_daemon_stops_is_told() {
        let mut daemon = daemon();
        let request = Request { action: Action::Pause(Scope::All), reason: String::new() };
        let socket = daemon.socket.clone();
        let asking = tokio::task::spawn_blocking(move || ask(&socket, &request));
        assert!(daemon.events.recv().await.is_some());
        daemon.stop.cancel();
        assert_eq!(asking.await.unwrap().unwrap(), stopping());
    }
}
