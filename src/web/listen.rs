//! Sockets: where callers come in, and how long a slow one may hold a place.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Layer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tracing::{debug, warn};

use super::Peer;
use crate::config;

/// Somewhere callers should come in cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The socket.
    #[error(
        "the control socket {socket} cannot be made: {source}; set paths.control to a place this user may write to"
    )]
    Socket {
        /// Its place.
        socket: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An address.
    #[error(
        "the address {address} of [web] cannot be listened on: {source}; choose another, or end what holds it (ss -ltnp)"
    )]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The certificate or its key.
    #[error("{file} of [web] cannot be used: {problem}; it must be PEM, and readable for the user of the daemon")]
    Certificate {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// How long a caller may take over the head of a request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long a caller may be silent in the middle of what it brings.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// How long a caller may take to agree on a cipher.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may go on after the stop.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// Connections at one time, on the socket and over TCP each.
const CALLERS_MAX: usize = 128;
/// The longest head of a request, in octets.
const HEAD_MAX: usize = 32 * 1024;

/// Where callers come in.
pub struct Listeners {
    socket: PathBuf,
    local: UnixListener,
    remote: Vec<TcpListener>,
    tls: Option<TlsAcceptor>,
}

impl Listeners {
    /// Opens the socket, which everybody on this machine may write to: the kernel says who it is, and groups decide. Opens the addresses.
    ///
    /// The caller holds the lock of the database, so a socket that is there is a leftover.
    pub async fn open(socket: &Path, web: &config::Web) -> Result<Self, DoorError> {
        let failed = |source| DoorError::Socket { socket: socket.to_owned(), source };
        if std::fs::symlink_metadata(socket).is_ok_and(|found| found.file_type().is_socket()) {
            std::fs::remove_file(socket).map_err(failed)?;
        }
        let tls = web.tls.as_ref().map(acceptor).transpose()?;
        let mut remote = Vec::new();
        for address in &web.listen {
            let listener = TcpListener::bind(address).await;
            remote.push(listener.map_err(|source| DoorError::Address { address: *address, source })?);
        }
        let local = UnixListener::bind(socket).map_err(failed)?;
        std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o666)).map_err(failed)?;
        Ok(Self { socket: socket.to_owned(), local, remote, tls })
    }

    /// The addresses that are listened on.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.remote.iter().filter_map(|listener| listener.local_addr().ok()).collect()
    }

    /// Whether they are reached over TLS.
    pub fn secure(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves callers until `stop`; then ends what is open, and removes the socket.
    pub async fn run(self, router: Router, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        for listener in self.remote {
            tasks.spawn(serve_remote(listener, self.tls.clone(), router.clone(), tasks.clone(), stop.clone()));
        }
        serve_local(self.local, router, &tasks, &stop).await;
        tasks.close();
        tasks.wait().await;
        let _ = std::fs::remove_file(&self.socket);
    }
}

fn acceptor(tls: &config::Tls) -> Result<TlsAcceptor, DoorError> {
    let failed = |file: &Path, problem: String| DoorError::Certificate { file: file.to_owned(), problem };
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| failed(&tls.certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(failed(&tls.certificate, "there is no certificate in it".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| failed(&tls.key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| failed(&tls.certificate, error.to_string()))?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}

async fn serve_local(listener: UnixListener, router: Router, tasks: &TaskTracker, stop: &CancellationToken) {
    let places = Arc::new(Semaphore::new(CALLERS_MAX));
    loop {
        let Some((stream, place)) = next(|| listener.accept(), &places, stop).await else { return };
        match local_peer(&stream) {
            Ok(peer) => drop(tasks.spawn(serve(stream, peer, router.clone(), place, stop.clone()))),
            Err(error) => warn!(%error, "nobody knows who called on the socket; they are turned away"),
        }
    }
}

fn local_peer(stream: &UnixStream) -> io::Result<Peer> {
    stream.peer_cred().map(|user| Peer::Local { uid: user.uid(), gid: user.gid() })
}

async fn serve_remote(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CALLERS_MAX));
    loop {
        let Some((stream, place)) = next(|| listener.accept(), &places, &stop).await else { return };
        let Ok(address) = stream.peer_addr() else { continue };
        let (peer, router, stop) = (Peer::Remote(address), router.clone(), stop.clone());
        match tls.clone() {
            None => drop(tasks.spawn(serve(stream, peer, router, place, stop))),
            Some(tls) => drop(tasks.spawn(async move {
                if let Some(stream) = shake_hands(tls, stream).await {
                    serve(stream, peer, router, place, stop).await;
                }
            })),
        }
    }
}

async fn shake_hands(tls: TlsAcceptor, stream: TcpStream) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    match tokio::time::timeout(HANDSHAKE_PATIENCE, tls.accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            debug!(%error, "no cipher was agreed on");
            None
        }
        Err(_) => None,
    }
}

/// The next caller, with a place; one that finds none is turned away. `None` at the stop.
async fn next<S, A, F: Future<Output = io::Result<(S, A)>>>(
    accept: impl Fn() -> F,
    places: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(S, OwnedSemaphorePermit)> {
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            accepted = accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => match places.clone().try_acquire_owned() {
                Ok(place) => return Some((stream, place)),
                Err(_) => warn!(callers = CALLERS_MAX, "too many callers at one time; one is turned away"),
            },
            Err(error) => {
                warn!(%error, "nobody can be let in; tried again in a second");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// One connection, to its end.
async fn serve(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: Peer,
    router: Router,
    place: OwnedSemaphorePermit,
    stop: CancellationToken,
) {
    let router = RequestBodyTimeoutLayer::new(SILENCE_MAX).layer(router.layer(Extension(peer)));
    let service = TowerToHyperService::new(router);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(HEAD_MAX);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        biased;
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(LAST_WORDS, connection).await.unwrap_or(Ok(()))
        }
        ended = connection.as_mut() => ended,
    };
    if let Err(error) = ended {
        debug!(%error, "a connection broke off");
    }
    drop(place);
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// What the other end reads until it is hung up on, and how long that took. It sends this and no more.
    async fn told(sent: &[u8]) -> (String, Duration) {
        let router = Router::new()
            .route("/", get(async || "ya"))
            .route("/body", post(async |body: axum::body::Bytes| format!("{} octets", body.len())));
        let (mut here, there) = tokio::io::duplex(256 * 1024);
        let place = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let peer = Peer::Local { uid: 0, gid: 0 };
        tokio::spawn(serve(there, peer, router, place, CancellationToken::new()));
        let began = tokio::time::Instant::now();
        here.write_all(sent).await.unwrap();
        let mut answer = Vec::new();
        here.read_to_end(&mut answer).await.unwrap();
        (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_slow_with_the_head_of_a_request_is_hung_up_on_and_one_that_is_too_long_is_not_read() {
        let (answer, after) = told(b"GET / HTTP/1.1\r\nhost: a\r\nx-slow: ").await;
        assert!(!answer.contains("200 OK") && after <= HEAD_PATIENCE + Duration::from_secs(1), "{after:?} {answer}");
        let (answer, after) = told(b"").await;
        assert!(answer.is_empty() && after <= HEAD_PATIENCE + Duration::from_secs(1), "{after:?} {answer}");
        let long = format!("GET / HTTP/1.1\r\nhost: a\r\nx-long: {}\r\n\r\n", "x".repeat(2 * HEAD_MAX));
        let (answer, _) = told(long.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
        let (answer, after) = told(b"POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf").await;
        assert!(!answer.contains("200 OK") && after <= SILENCE_MAX + Duration::from_secs(1), "{after:?} {answer}");
        let (answer, _) = told(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("ya"), "{answer}");
    }

    #[tokio::test]
    async fn the_stop_ends_the_listening_and_takes_the_socket_away() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("k.sock");
        let web = crate::config::Config::read(Path::new("k.toml"), "").unwrap().web;
        drop(Listeners::open(&socket, &web).await.unwrap());
        assert!(socket.exists(), "a crash leaves it behind");
        let listeners = Listeners::open(&socket, &web).await.unwrap();
        let stop = CancellationToken::new();
        let running = tokio::spawn(listeners.run(Router::new().route("/", get(async || "ya")), stop.clone()));
        let mut idle = UnixStream::connect(&socket).await.unwrap();
        let mut asking = UnixStream::connect(&socket).await.unwrap();
        asking.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let mut begin = [0; 12];
        asking.read_exact(&mut begin).await.unwrap();
        assert_eq!(&begin, b"HTTP/1.1 200");
        stop.cancel();
        running.await.unwrap();
        assert!(!socket.exists());
        assert_eq!(idle.read(&mut begin).await.unwrap(), 0);
    }
}
