use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Answer, LINE_MAX, Request};

/// Why the daemon did not answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens there: the daemon does not run.
    #[error("no daemon listens on {socket}")]
    NotRunning {
        /// The socket.
        socket: PathBuf,
    },
    /// This user may not.
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
        source: std::io::Error,
    },
}

/// For the daemon to take the request.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks the running daemon, and waits for its answer.
pub fn ask(socket: &Path, request: &Request) -> Result<Answer, AskError> {
    let broken = |source| AskError::Broken { socket: socket.to_owned(), source };
    let mut stream = UnixStream::connect(socket).map_err(|source| match source.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => AskError::NotRunning { socket: socket.to_owned() },
        ErrorKind::PermissionDenied => AskError::Forbidden { socket: socket.to_owned() },
        _ => broken(source),
    })?;
    stream.set_read_timeout(Some(request.patience())).map_err(broken)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(broken)?;
    let mut line = serde_json::to_string(request).map_err(|error| broken(error.into()))?;
    line.push('\n');
    stream.write_all(line.as_bytes()).map_err(broken)?;
    let mut answer = String::new();
    BufReader::new(stream.take(LINE_MAX)).read_line(&mut answer).map_err(broken)?;
    serde_json::from_str(&answer).map_err(|error| broken(error.into()))
}
