//! Where a modem is plugged in, as far as keeping it alive needs it: a serial port of this machine, or a simulated one.

use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite};

use super::place::Place;
use super::port::{Port, PortError, SerialSettings};
use super::reset::{self, ResetError};

/// A place where a modem may be, now or later.
pub trait Socket: Send + Sync {
    /// The open port.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send;

    /// The port as people call it.
    fn port(&self) -> String;

    /// Whether something is plugged in now that can be opened or asked.
    fn is_there(&self) -> bool;

    /// Opens the port. Errors: there is none, or it cannot be had.
    fn open(&self) -> impl Future<Output = Result<Self::Stream, PortError>> + Send;

    /// Lets an open port go.
    fn close(&self, stream: Self::Stream) -> impl Future<Output = ()> + Send;

    /// Takes the device off and puts it back, which restarts it. Errors: that is not possible here.
    fn rebind(&self) -> impl Future<Output = Result<(), ResetError>> + Send;

    /// Whether only asking tells which of a device's ports it is.
    fn must_ask(&self) -> bool {
        false
    }

    /// The other ports of the same device, which may be asked.
    fn others(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// One of the others turned out to be it.
    fn use_port(&mut self, _port: PathBuf) {}
}

/// A serial port of this machine, or a device of which one port is to be found.
#[derive(Debug)]
pub struct Tty {
    place: Place,
    serial: SerialSettings,
}

impl Tty {
    /// The port at this path; a link is opened as it is, so that it may point elsewhere after a replug.
    pub fn new(path: PathBuf, serial: SerialSettings) -> Self {
        Self { place: Place::new(path), serial }
    }
}

impl Socket for Tty {
    type Stream = Port;

    fn port(&self) -> String {
        self.place.port().display().to_string()
    }

    fn is_there(&self) -> bool {
        self.place.is_there()
    }

    async fn open(&self) -> Result<Port, PortError> {
        Port::open(self.place.port(), self.serial).await
    }

    async fn close(&self, port: Port) {
        port.close().await;
    }

    async fn rebind(&self) -> Result<(), ResetError> {
        reset::rebind(self.place.port()).await
    }

    fn must_ask(&self) -> bool {
        self.place.must_ask()
    }

    fn others(&self) -> Vec<PathBuf> {
        self.place.others()
    }

    fn use_port(&mut self, port: PathBuf) {
        self.place.use_port(port);
    }
}
