//! Asks the running daemon over its socket: the same API that programs use.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::UnixStream;

use crate::engine::event::Action;
use crate::web::{Done, Wish};

/// Why the daemon did not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// Nobody listens there: the daemon does not run.
    #[error("no daemon listens on {socket}")]
    NotRunning {
        /// The socket.
        socket: PathBuf,
    },
    /// This user cannot get at it.
    #[error("you may not use {socket}; become a member of the daemon's group (kentongan), or use sudo")]
    Forbidden {
        /// The socket.
        socket: PathBuf,
    },
    /// It listens and does not answer as it should.
    #[error("the daemon on {socket} does not answer: {source}; look at its log (journalctl -u kentongan)")]
    Broken {
        /// The socket.
        socket: PathBuf,
        /// What happened.
        source: io::Error,
    },
}

/// What the daemon answered: done, or refused with the reason. Both English.
pub(super) type Answer = Result<String, String>;

/// The most that is read of an answer, in octets.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// How long the answer may take. The engine answers after one commit, and a slow disk takes part of a second; USSD waits for the modem
/// to be free, and then for the network.
fn patience(action: &Action) -> Duration {
    match action {
        Action::Ussd { codes, .. } => Duration::from_secs(330) + Duration::from_secs(75) * codes.len() as u32,
        // A copy of the whole ledger, looked through twice.
        Action::Archive(_) => Duration::from_secs(12 * 60 * 60),
        _ => Duration::from_secs(30),
    }
}

/// Asks the daemon for something, and waits until it is durable.
pub(super) fn ask(socket: &Path, action: &Action, reason: &str) -> Result<Answer, AskError> {
    let broken = |source: io::Error| AskError::Broken { socket: socket.to_owned(), source };
    let wish = Wish { action: action.clone(), reason: reason.to_owned() };
    let body = serde_json::to_vec(&wish).map_err(|error| broken(error.into()))?;
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/acts")
        .header("host", "kentongan")
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| broken(io::Error::other(error)))?;
    let (status, body) = call(socket, request, patience(action))?;
    match status {
        StatusCode::OK => {
            serde_json::from_slice::<Done>(&body).map(|done| Ok(done.done)).map_err(|error| broken(error.into()))
        }
        _ => refusal(&body).map(Err).map_err(broken),
    }
}

/// Why it was refused, as the daemon says it.
fn refusal(body: &[u8]) -> io::Result<String> {
    #[derive(Deserialize)]
    struct Told {
        detail: String,
    }
    serde_json::from_slice::<Told>(body).map(|told| told.detail).map_err(io::Error::from)
}

/// One request and its answer, read to the end.
fn call(socket: &Path, request: Request<Full<Bytes>>, patience: Duration) -> Result<(StatusCode, Bytes), AskError> {
    let broken = |source: io::Error| AskError::Broken { socket: socket.to_owned(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(broken)?;
    runtime.block_on(async {
        let stream = UnixStream::connect(socket).await.map_err(|source| match source.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => AskError::NotRunning { socket: socket.to_owned() },
            ErrorKind::PermissionDenied => AskError::Forbidden { socket: socket.to_owned() },
            _ => broken(source),
        })?;
        let answered = tokio::time::timeout(patience, async {
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
            tokio::spawn(connection);
            let answer = sender.send_request(request).await.map_err(io::Error::other)?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), ANSWER_MAX).collect().await.map_err(io::Error::other)?;
            Ok((status, body.to_bytes()))
        });
        answered.await.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into())).map_err(broken)
    })
}
