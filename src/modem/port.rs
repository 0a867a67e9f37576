//! Serial ports: opening and letting go. The only user of tokio-serial and serialport.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustix::fs::Access;
use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::{ClearBuffer, FlowControl, SerialPort, SerialPortBuilderExt, SerialStream};
use tracing::debug;

use super::holder::{LOCK_FOLDER, LockFile, holder};

/// How the line is set. Modems on USB ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SerialSettings {
    /// Bits a second.
    pub baud: u32,
    /// RTS/CTS. Without the wires it blocks every write, so it is off unless somebody knows better.
    pub hardware_flow_control: bool,
}

impl Default for SerialSettings {
    fn default() -> Self {
        Self { baud: 115_200, hardware_flow_control: false }
    }
}

/// Why a port could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// There is no such device now.
    #[error("there is no port {0}; is the modem plugged in?")]
    Absent(String),
    /// Somebody else has it.
    #[error("{port} is in use by {holder}")]
    Busy {
        /// The port.
        port: String,
        /// Who, with what to do; where the system does not tell, how to find out.
        holder: String,
    },
    /// This user may not.
    #[error(
        "{0} may not be opened by this user; add it to the group dialout: sudo usermod -a -G dialout USER, then log in anew"
    )]
    Forbidden(String),
    /// Anything else.
    #[error("{port} cannot be opened: {detail}; is it a serial port, and does the modem get enough power?")]
    Refused {
        /// The port.
        port: String,
        /// What the system said.
        detail: String,
    },
}

/// An open serial port: 8N1, raw, exclusive.
#[derive(Debug)]
pub struct Port {
    stream: SerialStream,
    /// For programs that do not know the kernel's locks.
    _lock: Option<LockFile>,
}

impl Port {
    /// Opens a port and throws away what it had received before. Runs on a thread of its own, since USB drivers may take their time.
    /// A port that another process holds is not touched.
    pub async fn open(path: &Path, settings: SerialSettings) -> Result<Self, PortError> {
        Self::open_beside(Path::new(LOCK_FOLDER), path, settings).await
    }

    /// Like [`Self::open`], with the lock files in `locks`.
    async fn open_beside(locks: &Path, path: &Path, settings: SerialSettings) -> Result<Self, PortError> {
        let (path, locks) = (path.to_owned(), locks.to_owned());
        let name = path.display().to_string();
        let opened = tokio::task::spawn_blocking(move || open_now(&path, settings, &locks)).await;
        opened.unwrap_or_else(|panic| Err(PortError::Refused { port: name, detail: panic.to_string() }))
    }

    /// Lets the port go. What is still unsent is thrown away first, since closing would wait for it up to 30 s.
    pub async fn close(self) {
        let closing = tokio::task::spawn_blocking(move || {
            if let Err(error) = self.stream.clear(ClearBuffer::All) {
                debug!(%error, "clearing a port that is being closed");
            }
            drop(self);
        });
        if let Err(error) = closing.await {
            debug!(%error, "closing a port");
        }
    }
}

fn open_now(path: &Path, settings: SerialSettings, locks: &Path) -> Result<Port, PortError> {
    let name = path.display().to_string();
    if !path.exists() {
        return Err(PortError::Absent(name));
    }
    let busy = |holder: String| PortError::Busy { port: name.clone(), holder };
    // Opening moves the lines DTR and RTS, which whoever works on the port would feel; and root gets past TIOCEXCL.
    if let Some(holder) = holder(path, locks) {
        return Err(busy(holder.to_string()));
    }
    let flow = if settings.hardware_flow_control { FlowControl::Hardware } else { FlowControl::None };
    let builder = tokio_serial::new(&name, settings.baud).flow_control(flow);
    let mut stream = builder.open_native_async().map_err(|error| {
        let detail = error.to_string();
        let taken = detail.to_lowercase();
        // "Busy" and "absent" have the same kind and differ in their words only.
        if taken.contains("busy") || taken.contains("exclusive") {
            busy(format!("another program; `sudo fuser -v {name}` names it"))
        } else if !path.exists() {
            PortError::Absent(name.clone())
        } else if rustix::fs::access(path, Access::READ_OK | Access::WRITE_OK) == Err(Errno::ACCESS) {
            PortError::Forbidden(name.clone())
        } else {
            PortError::Refused { port: name.clone(), detail }
        }
    })?;
    let lock = LockFile::write(path, locks).map_err(|holder| busy(holder.to_string()))?;
    // Pseudo-terminals have no such lines.
    for result in [stream.write_data_terminal_ready(true), stream.write_request_to_send(true)] {
        if let Err(error) = result {
            debug!(port = name, %error, "raising DTR and RTS");
        }
    }
    if let Err(error) = stream.clear(ClearBuffer::Input) {
        debug!(port = name, %error, "clearing what a port had received");
    }
    Ok(Port { stream, _lock: lock })
}

impl AsyncRead for Port {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

/// Flushing and shutting down do nothing: both would be `tcdrain`, which blocks the runtime's thread without end on a deaf modem.
impl AsyncWrite for Port {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::os::fd::OwnedFd;
    use std::path::PathBuf;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// The modem's end of a pseudo-terminal, and the path of ours.
    fn pty() -> (OwnedFd, PathBuf) {
        let modem = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pty");
        grantpt(&modem).expect("granted");
        unlockpt(&modem).expect("unlocked");
        let path = ptsname(&modem, Vec::new()).expect("a name").into_string().expect("ASCII");
        (modem, PathBuf::from(path))
    }

    #[tokio::test]
    async fn octets_pass_unchanged_and_unplugging_is_the_end_of_file() {
        let (modem, path) = pty();
        let mut port = Port::open(&path, SerialSettings::default()).await.expect("open");
        port.write_all(b"AT\r\x1A\x1B").await.expect("written");
        let mut got = [0; 16];
        let count = rustix::io::read(&modem, &mut got[..]).expect("read");
        assert_eq!(&got[..count], b"AT\r\x1A\x1B");
        rustix::io::write(&modem, b"\r\nOK\r\n\x04\xFF").expect("written");
        let mut heard = [0; 8];
        port.read_exact(&mut heard).await.expect("heard");
        assert_eq!(&heard, b"\r\nOK\r\n\x04\xFF");
        drop(modem);
        assert!(matches!(port.read(&mut heard).await, Ok(0) | Err(_)));
        port.close().await;
    }

    #[tokio::test]
    async fn a_port_in_use_and_one_that_is_absent_are_told_apart() {
        let (_modem, path) = pty();
        let port = Port::open(&path, SerialSettings::default()).await.expect("open");
        let again = Port::open(&path, SerialSettings::default()).await;
        assert!(matches!(again, Err(PortError::Busy { .. })), "{again:?}");
        port.close().await;
        let port = Port::open(&path, SerialSettings::default()).await.expect("open again");
        port.close().await;
        let absent = Port::open(Path::new("/dev/gsm/none"), SerialSettings::default()).await;
        assert!(matches!(absent, Err(PortError::Absent(_))), "{absent:?}");
        let file = tempfile::NamedTempFile::new().expect("a file");
        let refused = Port::open(file.path(), SerialSettings::default()).await;
        assert!(matches!(refused, Err(PortError::Refused { .. })), "{refused:?}");
    }

    #[tokio::test]
    async fn the_lock_file_is_there_while_the_port_is_open_and_anothers_is_honoured() {
        let (_modem, path) = pty();
        let locks = tempfile::tempdir().expect("a folder");
        let lock =
            locks.path().join(format!("LCK..{}", path.strip_prefix("/dev").unwrap().display()).replace('/', "_"));
        let open = || Port::open_beside(locks.path(), &path, SerialSettings::default());

        let port = open().await.expect("open");
        assert_eq!(std::fs::read_to_string(&lock).expect("a lock file"), format!("{:>10}\n", std::process::id()));
        port.close().await;
        assert_eq!(std::fs::read_dir(locks.path()).expect("read").count(), 0, "nothing is left");

        // Process 1 lives and is not ours to signal.
        std::fs::write(&lock, "         1\n").expect("written");
        let Err(PortError::Busy { holder, .. }) = open().await else { panic!("opened") };
        assert!(holder.starts_with("process 1"), "{holder}");
        assert!(lock.exists(), "another's lock is left alone");

        let mut dead = std::process::Command::new("true").spawn().expect("a process");
        dead.wait().expect("its end");
        std::fs::write(&lock, format!("{:>10}\n", dead.id())).expect("written");
        open().await.expect("the lock of a dead process is stale").close().await;
        assert!(!lock.exists());
    }

    #[tokio::test]
    async fn without_a_folder_for_locks_a_port_opens_all_the_same() {
        let (_modem, path) = pty();
        let port = Port::open_beside(Path::new("/nowhere"), &path, SerialSettings::default()).await;
        port.expect("open").close().await;
    }

    #[tokio::test]
    async fn a_process_that_has_the_port_open_is_named() {
        let (_modem, path) = pty();
        let tty = std::fs::OpenOptions::new().read(true).write(true).open(&path).expect("open");
        let mut other = std::process::Command::new("sleep").arg("60").stdin(tty).spawn().expect("a process");
        let again = Port::open(&path, SerialSettings::default()).await;
        other.kill().expect("killed");
        other.wait().expect("its end");
        let Err(PortError::Busy { holder, .. }) = again else { panic!("{again:?}") };
        assert!(holder.contains(&other.id().to_string()) && holder.contains("sleep"), "{holder}");
    }

    #[tokio::test]
    async fn the_kernels_lock_of_another_is_honoured_and_ours_is_there_for_others() {
        let (_modem, path) = pty();
        let tty = std::fs::OpenOptions::new().read(true).write(true).open(&path).expect("open");
        let lock = || rustix::fs::flock(&tty, rustix::fs::FlockOperation::NonBlockingLockExclusive);
        lock().expect("locked");
        let again = Port::open(&path, SerialSettings::default()).await;
        assert!(matches!(again, Err(PortError::Busy { .. })), "{again:?}");
        rustix::fs::flock(&tty, rustix::fs::FlockOperation::Unlock).expect("unlocked");
        let port = Port::open(&path, SerialSettings::default()).await.expect("open");
        assert_eq!(lock(), Err(Errno::WOULDBLOCK));
        port.close().await;
        lock().expect("free again");
    }

    #[tokio::test]
    async fn a_modem_on_a_pseudo_terminal_may_keep_both_ends_open() {
        let (modem, path) = pty();
        let tty = std::fs::OpenOptions::new().read(true).write(true).open(&path).expect("open");
        let mut both =
            std::process::Command::new("sleep").arg("60").stdin(tty).stdout(modem).spawn().expect("a process");
        let port = Port::open(&path, SerialSettings::default()).await;
        both.kill().expect("killed");
        both.wait().expect("its end");
        port.expect("open").close().await;
    }

    #[test]
    fn refusals_say_what_to_do() {
        let said = PortError::Forbidden("/dev/ttyUSB2".to_owned()).to_string();
        assert!(said.contains("group dialout") && said.contains("usermod"), "{said}");
    }

    #[tokio::test]
    async fn closing_a_port_with_unsent_octets_does_not_wait_for_them() {
        let (_modem, path) = pty();
        let mut port = Port::open(&path, SerialSettings::default()).await.expect("open");
        let octets = [b'x'; 65_536];
        let taken = tokio::time::timeout(std::time::Duration::from_millis(50), port.write_all(&octets)).await;
        assert!(taken.is_err(), "a deaf modem takes only so much");
        let began = tokio::time::Instant::now();
        port.close().await;
        assert!(began.elapsed() < std::time::Duration::from_secs(5));
    }
}
