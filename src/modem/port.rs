//! Serial ports: opening and letting go. The only user of tokio-serial and serialport.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::{ClearBuffer, FlowControl, SerialPort, SerialPortBuilderExt, SerialStream};
use tracing::debug;

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
    #[error("{0} is in use by another program (ModemManager, gammu or another kentongan?)")]
    Busy(String),
    /// Anything else.
    #[error("{port} cannot be opened: {detail}; is the user of the daemon in the group dialout?")]
    Refused {
        /// The port.
        port: String,
        /// What the system said.
        detail: String,
    },
}

/// An open serial port: 8N1, raw, exclusive.
#[derive(Debug)]
pub struct Port(SerialStream);

impl Port {
    /// Opens a port and throws away what it had received before. Runs on a thread of its own, since USB drivers may take their time.
    pub async fn open(path: &Path, settings: SerialSettings) -> Result<Self, PortError> {
        let path = path.to_owned();
        let name = path.display().to_string();
        let opened = tokio::task::spawn_blocking(move || open_now(&path, settings)).await;
        opened.unwrap_or_else(|panic| Err(PortError::Refused { port: name, detail: panic.to_string() }))
    }

    /// Lets the port go. What is still unsent is thrown away first, since closing would wait for it up to 30 s.
    pub async fn close(self) {
        let closing = tokio::task::spawn_blocking(move || {
            if let Err(error) = self.0.clear(ClearBuffer::All) {
                debug!(%error, "clearing a port that is being closed");
            }
            drop(self);
        });
        if let Err(error) = closing.await {
            debug!(%error, "closing a port");
        }
    }
}

fn open_now(path: &Path, settings: SerialSettings) -> Result<Port, PortError> {
    let name = path.display().to_string();
    if !path.exists() {
        return Err(PortError::Absent(name));
    }
    let flow = if settings.hardware_flow_control { FlowControl::Hardware } else { FlowControl::None };
    let builder = tokio_serial::new(&name, settings.baud).flow_control(flow);
    let mut stream = builder.open_native_async().map_err(|error| {
        let detail = error.to_string();
        let taken = detail.to_lowercase();
        // "Busy" and "absent" have the same kind and differ in their words only.
        if taken.contains("busy") || taken.contains("exclusive") {
            PortError::Busy(name.clone())
        } else if !path.exists() {
            PortError::Absent(name.clone())
        } else {
            PortError::Refused { port: name.clone(), detail }
        }
    })?;
    // Pseudo-terminals have no such lines.
    for result in [stream.write_data_terminal_ready(true), stream.write_request_to_send(true)] {
        if let Err(error) = result {
            debug!(port = name, %error, "raising DTR and RTS");
        }
    }
    if let Err(error) = stream.clear(ClearBuffer::Input) {
        debug!(port = name, %error, "clearing what a port had received");
    }
    Ok(Port(stream))
}

impl AsyncRead for Port {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

/// Flushing and shutting down do nothing: both would be `tcdrain`, which blocks the runtime's thread without end on a deaf modem.
impl AsyncWrite for Port {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
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
        let modem = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
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
        assert!(matches!(again, Err(PortError::Busy(_))), "{again:?}");
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
