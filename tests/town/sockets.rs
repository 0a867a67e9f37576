//! Where modems are plugged in: sockets with names, each with a modem in it or none.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kentongan::modem::ResetError;
use kentongan::modem::port::PortError;
use kentongan::modem::socket::Socket;
use kentongan::simulator::Fleet;
use tokio::io::DuplexStream;

/// The sockets of a machine. Modem 0 begins in socket 0, and so on.
pub struct Sockets {
    fleet: Arc<Fleet>,
    modems: Mutex<Vec<Option<usize>>>,
    /// Modems that are USB devices themselves, and no bridges.
    usb: Vec<bool>,
}

impl Sockets {
    pub fn new(fleet: Arc<Fleet>, spare: usize, usb: Vec<bool>) -> Arc<Self> {
        let modems = (0..fleet.modems()).map(Some).chain(std::iter::repeat_n(None, spare)).collect();
        Arc::new(Self { fleet, modems: Mutex::new(modems), usb })
    }

    pub fn count(&self) -> usize {
        self.modems.lock().unwrap().len()
    }

    pub fn name(&self, socket: usize) -> String {
        format!("modem-{}", socket + 1)
    }

    /// Puts a modem, which must be unplugged, into a free socket. Where none is free it stays where it was.
    pub fn move_modem(&self, modem: usize, socket: usize) {
        let mut modems = self.modems.lock().unwrap();
        if modems[socket].is_none() {
            modems.iter_mut().filter(|there| **there == Some(modem)).for_each(|there| *there = None);
            modems[socket] = Some(modem);
        }
    }

    fn modem(&self, socket: usize) -> Option<usize> {
        self.modems.lock().unwrap()[socket]
    }
}

/// One of them, as a session's keeper sees it.
pub struct Slot {
    pub sockets: Arc<Sockets>,
    pub socket: usize,
}

impl Slot {
    fn absent(&self) -> PortError {
        PortError::Absent(self.sockets.name(self.socket))
    }
}

impl Socket for Slot {
    type Stream = DuplexStream;

    fn port(&self) -> String {
        self.sockets.name(self.socket)
    }

    fn is_there(&self) -> bool {
        self.sockets.modem(self.socket).is_some_and(|modem| *self.sockets.fleet.plugged(modem).borrow())
    }

    async fn open(&self) -> Result<DuplexStream, PortError> {
        let modem = self.sockets.modem(self.socket).ok_or_else(|| self.absent())?;
        self.sockets.fleet.open(modem).await.map_err(|_| self.absent())
    }

    async fn close(&self, stream: DuplexStream) {
        drop(stream);
    }

    async fn rebind(&self) -> Result<(), ResetError> {
        match self.sockets.modem(self.socket) {
            Some(modem) if self.sockets.usb[modem] => {
                let gone = |_| ResetError::NoDevice("it is gone".to_owned());
                self.sockets.fleet.unplug(modem).await.map_err(gone)?;
                tokio::time::sleep(Duration::from_secs(2)).await;
                self.sockets.fleet.replug(modem).await.map_err(gone)
            }
            _ => Err(ResetError::NoDevice("it is behind a bridge".to_owned())),
        }
    }
}
