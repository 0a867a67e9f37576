//! Where a modem is plugged in, as far as keeping it alive needs it: a serial port of this machine, or a simulated one.

use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};

use super::port::{Port, PortError, SerialSettings};
use super::reset::{self, ResetError};

/// A place where a modem may be, now or later.
pub trait Socket: Send + Sync {
    /// The open port.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send;

    /// Whether there is a port now.
    fn is_there(&self) -> bool;

    /// Opens the port. Errors: there is none, or it cannot be had.
    fn open(&self) -> impl Future<Output = Result<Self::Stream, PortError>> + Send;

    /// Lets an open port go.
    fn close(&self, stream: Self::Stream) -> impl Future<Output = ()> + Send;

    /// Takes the device off and puts it back, which restarts it. Errors: that is not possible here.
    fn rebind(&self) -> impl Future<Output = Result<(), ResetError>> + Send;
}

/// A serial port of this machine.
#[derive(Clone, Debug)]
pub struct Tty {
    /// The path to open; a link is opened as it is, so that it may point elsewhere after a replug.
    pub path: PathBuf,
    /// How the line is set.
    pub serial: SerialSettings,
}

impl Socket for Tty {
    type Stream = Port;

    fn is_there(&self) -> bool {
        self.path.exists()
    }

    async fn open(&self) -> Result<Port, PortError> {
        Port::open(&self.path, self.serial).await
    }

    async fn close(&self, port: Port) {
        port.close().await;
    }

    async fn rebind(&self) -> Result<(), ResetError> {
        reset::rebind(&self.path).await
    }
}
