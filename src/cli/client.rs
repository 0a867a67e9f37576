//! Asks the running daemon over its socket: the same API that programs use.

mod request;

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

use crate::engine::event::Action;
use crate::web::{Done, Wish};
use request::Body;
pub(super) use request::{Content, Piece, path, with_query};

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
    /// It answers what cannot be read.
    #[error(
        "the daemon on {socket} answers what this program cannot read: {source}; is it of another version? Restart it: systemctl restart kentongan"
    )]
    Foreign {
        /// The socket.
        socket: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// What the daemon answered: done, or refused with the reason. Both English.
pub(super) type Answer = Result<String, String>;

/// The daemon's no.
#[derive(Debug, Deserialize)]
pub(super) struct No {
    /// The HTTP status.
    pub status: u16,
    /// Why, English.
    pub detail: String,
}

impl No {
    /// Whether the daemon could not say: what was asked of it may be done all the same.
    pub(super) fn is_unsettled(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE.as_u16()
    }

    /// Whether what was asked for is not there, as far as this caller may know.
    pub(super) fn is_absent(&self) -> bool {
        self.status == StatusCode::NOT_FOUND.as_u16()
    }
}

/// The most that is read of an answer, in octets: 10,000 rows of the largest kind, and some more.
const ANSWER_MAX: usize = 64 * 1024 * 1024;

/// How long a question may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long content may be on its way for each megabyte of it.
pub(super) const PATIENCE_EACH_MB: Duration = Duration::from_secs(2);

/// How long the answer may take. The engine answers after one commit, and a slow disk takes part of a second; USSD waits for the modem
/// to be free, and then for the network.
fn patience(action: &Action) -> Duration {
    match action {
        Action::Ussd { codes, .. } => Duration::from_secs(330) + Duration::from_secs(75) * codes.len() as u32,
        // A copy of the whole ledger, looked through twice.
        Action::Archive(_) => Duration::from_secs(12 * 60 * 60),
        _ => PATIENCE,
    }
}

/// One way to the daemon.
pub(super) struct Client {
    socket: PathBuf,
    runtime: Runtime,
}

impl Client {
    /// Through this socket; nobody needs to listen there yet.
    pub(super) fn new(socket: &Path) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { socket: socket.to_owned(), runtime })
    }

    /// Asks for something, and waits until it is durable.
    pub(super) fn ask(&self, action: &Action, reason: &str) -> Result<Answer, AskError> {
        let wish = Wish { action: action.clone(), reason: reason.to_owned() };
        let body = serde_json::to_vec(&wish).map_err(|error| self.broken(error.into()))?;
        let content = Content::json(body);
        let (status, _, body) = self.post("/api/v1/acts", None, content, patience(action), ANSWER_MAX)?;
        match status {
            StatusCode::OK => self.read::<Done>(&body).map(|done| Ok(done.done)),
            _ => self.read::<No>(&body).map(|no| Err(no.detail)),
        }
    }

    /// Puts a question. `path`: what stands behind `/api/v1`.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Result<T, No>, AskError> {
        let ask = || self.whole(self.request("GET", path, request::empty())?, PATIENCE, ANSWER_MAX);
        let asked = match ask() {
            // It stopped in the middle of its answer, perhaps. A question changes nothing and may be put again.
            Err(AskError::Broken { source, .. }) if source.kind() != ErrorKind::TimedOut => ask(),
            asked => asked,
        };
        let (status, _, body) = asked?;
        match status {
            StatusCode::OK => self.read(&body).map(Ok),
            _ => self.read(&body).map(Err),
        }
    }

    /// Brings something; `key` names the request, so that it can be made again. Gives what the daemon says of it: also of what it
    /// rejects.
    pub(super) fn bring<T: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&str>,
        content: Content,
    ) -> Result<Result<T, No>, AskError> {
        self.brought(path, key, content, PATIENCE_EACH_MB, ANSWER_MAX)
    }

    /// Asks about something that takes so long for each megabyte; the answer may tell of each of its rows, and of others, and is as long
    /// as that makes it.
    pub(super) fn ask_of<T: DeserializeOwned>(
        &self,
        path: &str,
        content: Content,
        each_mb: Duration,
    ) -> Result<Result<T, No>, AskError> {
        self.brought(path, None, content, each_mb, usize::MAX)
    }

    fn brought<T: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&str>,
        content: Content,
        each_mb: Duration,
        most: usize,
    ) -> Result<Result<T, No>, AskError> {
        let megabytes = u32::try_from(content.size / 1_000_000).unwrap_or(u32::MAX);
        let patience = PATIENCE.saturating_add(each_mb.saturating_mul(megabytes));
        let (_, is_problem, body) = self.post(&format!("/api/v1{path}"), key, content, patience, most)?;
        match is_problem {
            true => self.read(&body).map(Err),
            false => self.read(&body).map(Ok),
        }
    }

    /// Writes an answer to `out` as it comes. Gives what came of the writing; what breaks off is an error, and no end.
    pub(super) fn copy(&self, path: &str, out: &mut impl Write) -> Result<Result<io::Result<()>, No>, AskError> {
        let request = self.request("GET", path, request::empty())?;
        self.runtime.block_on(async {
            let mut answer = self.answer(request, PATIENCE).await?;
            if answer.status() != StatusCode::OK {
                let (_, _, body) = self.collected(answer, PATIENCE, ANSWER_MAX).await?;
                return self.read(&body).map(Err);
            }
            loop {
                let frame = tokio::time::timeout(PATIENCE, answer.body_mut().frame()).await;
                let frame = frame.map_err(|_| self.broken(ErrorKind::TimedOut.into()))?;
                let Some(frame) = frame.transpose().map_err(|error| self.broken(io::Error::other(error)))? else {
                    return Ok(Ok(Ok(())));
                };
                if let Ok(piece) = frame.into_data()
                    && let Err(error) = out.write_all(&piece)
                {
                    return Ok(Ok(Err(error)));
                }
            }
        })
    }

    fn post(
        &self,
        path: &str,
        key: Option<&str>,
        content: Content,
        patience: Duration,
        most: usize,
    ) -> Result<(StatusCode, bool, Bytes), AskError> {
        let mut request = Request::post(path).header("host", "kentongan").header("content-type", content.kind);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(content.body).map_err(|error| self.broken(io::Error::other(error)))?;
        self.whole(request, patience, most)
    }

    fn request(&self, method: &str, path: &str, body: Body) -> Result<Request<Body>, AskError> {
        let request =
            Request::builder().method(method).uri(format!("/api/v1{path}")).header("host", "kentongan").body(body);
        request.map_err(|error| self.broken(io::Error::other(error)))
    }

    /// One request and its answer, read to the end: its status, whether it is a problem, and what it says.
    fn whole(
        &self,
        request: Request<Body>,
        patience: Duration,
        most: usize,
    ) -> Result<(StatusCode, bool, Bytes), AskError> {
        self.runtime.block_on(async {
            let answer = self.answer(request, patience).await?;
            self.collected(answer, patience, most).await
        })
    }

    async fn answer(&self, request: Request<Body>, patience: Duration) -> Result<Response<Incoming>, AskError> {
        let socket = || self.socket.clone();
        let stream = UnixStream::connect(&self.socket).await.map_err(|source| match source.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => AskError::NotRunning { socket: socket() },
            ErrorKind::PermissionDenied => AskError::Forbidden { socket: socket() },
            _ => self.broken(source),
        })?;
        let answered = tokio::time::timeout(patience, async {
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            sender.send_request(request).await
        });
        let answered = answered.await.map_err(|_| self.broken(ErrorKind::TimedOut.into()))?;
        answered.map_err(|error| self.broken(io::Error::other(error)))
    }

    async fn collected(
        &self,
        answer: Response<Incoming>,
        patience: Duration,
        most: usize,
    ) -> Result<(StatusCode, bool, Bytes), AskError> {
        let status = answer.status();
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_problem = kind == Some("application/problem+json");
        let body = tokio::time::timeout(patience, Limited::new(answer.into_body(), most).collect()).await;
        let body = body.map_err(|_| self.broken(ErrorKind::TimedOut.into()))?;
        Ok((status, is_problem, body.map_err(|error| self.broken(io::Error::other(error)))?.to_bytes()))
    }

    fn read<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, AskError> {
        serde_json::from_slice(body).map_err(|source| AskError::Foreign { socket: self.socket.clone(), source })
    }

    fn broken(&self, source: io::Error) -> AskError {
        AskError::Broken { socket: self.socket.clone(), source }
    }
}
