//! Simulated modems as a whole: started together, handled by number, each in a task of its own.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::air::InboundError;
use super::driver::{Control, Driver, Gap, Socket};
use super::faults::Faults;
use super::modem::{Card, Modem, SimCard};
use super::network::{InboundForm, NetworkSettings, Phone};
use super::profile::{Numbers, Profile, QUECTEL};
use super::truth::{Counts, Keep, Truth};

/// What an in-memory port holds before the other side must read, as a tty's buffer does.
const STREAM_BUFFER: usize = 16 * 1024;

/// Numbers that each card has for its inbound messages and reports: a card may move, and its numbers stay its own.
const INBOUND_NUMBERS: u32 = 1 << 22;

/// How a fleet is made. The default: four 4G modems in memory, 3 s air time, no faults.
#[derive(Clone, Debug)]
pub struct FleetSettings {
    /// How many modems.
    pub modems: usize,
    /// Their makes, given out in turn.
    pub profiles: Vec<&'static Profile>,
    /// Air time, reports, phones and replies.
    pub network: NetworkSettings,
    /// What goes wrong.
    pub faults: Faults,
    /// The same seed gives the same faults, phones and times of arrival.
    pub seed: u64,
    /// Where the ports are.
    pub ports: Ports,
    /// How the modems count their TP-MR, instead of the profile's way.
    pub numbers: Option<Numbers>,
    /// Slots of the SIM and of the modem, instead of the profile's.
    pub storage: Option<u16>,
    /// Where the ground truth is written, one JSON object a line.
    pub truth_file: Option<PathBuf>,
    /// Whether it is kept in memory as well; a long run need not.
    pub keep_truth: Keep,
}

impl Default for FleetSettings {
    fn default() -> Self {
        Self {
            modems: 4,
            profiles: vec![&QUECTEL],
            network: NetworkSettings::default(),
            faults: Faults::default(),
            seed: 1,
            ports: Ports::Memory,
            numbers: None,
            storage: None,
            truth_file: None,
            keep_truth: Keep::InMemory,
        }
    }
}

/// Where the modems' ports are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Opened by [`Fleet::open`]; works on tokio's paused clock.
    Memory,
    /// Pseudo-terminals, with links `modem-1`, `modem-2`, … in this folder, which is made if it is not there.
    Folder(PathBuf),
}

/// Running modems. They live until [`Fleet::stop`] or until this is dropped.
#[derive(Debug)]
pub struct Fleet {
    settings: FleetSettings,
    modems: Vec<Handle>,
    truth: Truth,
    tasks: TaskTracker,
    stop: CancellationToken,
    started: Instant,
}

#[derive(Debug)]
struct Handle {
    name: String,
    path: Option<PathBuf>,
    iccid: String,
    number: Option<String>,
    controls: mpsc::Sender<Control>,
    plugged: watch::Receiver<bool>,
}

impl Fleet {
    /// Starts the modems; their ports are there when this returns. Must be called inside a tokio runtime.
    ///
    /// Errors: the folder, a pseudo-terminal or the truth file cannot be made.
    pub fn spawn(settings: FleetSettings) -> io::Result<Self> {
        if let Ports::Folder(folder) = &settings.ports {
            std::fs::create_dir_all(folder)?;
        }
        let truth = Truth::open(settings.truth_file.as_deref(), settings.keep_truth)?;
        let modems = Vec::with_capacity(settings.modems);
        let (tasks, stop, started) = (TaskTracker::new(), CancellationToken::new(), Instant::now());
        let count = settings.modems;
        let mut fleet = Self { settings, modems, truth, tasks, stop, started };
        for _ in 0..count {
            fleet.add_modem()?;
        }
        Ok(fleet)
    }

    /// One modem more, with the next number. Gives its index. Errors: its port cannot be made.
    pub fn add_modem(&mut self) -> io::Result<usize> {
        let index = self.modems.len();
        let profile = match self.settings.profiles.len() {
            0 => &QUECTEL,
            count => self.settings.profiles[index % count],
        };
        let name = format!("modem-{}", index + 1);
        let sim = SimCard::numbered(index + 1);
        let (iccid, number) = (sim.iccid.clone(), sim.number.clone());
        let mut modem = Modem::new(profile, index + 1, sim, self.settings.network.clone(), self.settings.seed);
        modem.advance(self.started.elapsed());
        modem.set_faults(self.settings.faults.clone());
        if let Some(numbers) = self.settings.numbers {
            modem.set_numbers(numbers);
        }
        modem.number_inbound_from(INBOUND_NUMBERS * index as u32);
        if let Some(slots) = self.settings.storage {
            modem.limit_storage(slots);
        }
        let path = match &self.settings.ports {
            Ports::Memory => None,
            Ports::Folder(folder) => Some(folder.join(&name)),
        };
        let socket = path.clone().map_or(Socket::Memory, Socket::Link);
        let port = socket.plug()?;
        let (controls, orders) = mpsc::channel(64);
        let (plugged, is_plugged) = watch::channel(true);
        let driver = Driver {
            name: name.clone(),
            modem,
            socket,
            port,
            controls: orders,
            truth: self.truth.clone(),
            plugged,
            started: self.started,
            gap: Gap::default(),
        };
        self.tasks.spawn(driver.run(self.stop.clone()));
        self.modems.push(Handle { name, path, iccid, number, controls, plugged: is_plugged });
        Ok(index)
    }

    /// How many modems there are; they are numbered from 0.
    pub fn modems(&self) -> usize {
        self.modems.len()
    }

    /// `modem-1` for modem 0, and so on. Like all that take a modem's index: panics where there is no such modem.
    pub fn name(&self, modem: usize) -> &str {
        &self.modems[modem].name
    }

    /// The link to its pseudo-terminal; `None` in memory.
    pub fn path(&self, modem: usize) -> Option<&Path> {
        self.modems[modem].path.as_deref()
    }

    /// The ICCID of the card it came with.
    pub fn iccid(&self, modem: usize) -> &str {
        &self.modems[modem].iccid
    }

    /// The number of its card, with plus; a message to it comes back in.
    pub fn number(&self, modem: usize) -> Option<&str> {
        self.modems[modem].number.as_deref()
    }

    /// What really happened.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Opens an in-memory port. Whoever had it open before sees its end.
    ///
    /// Errors: `NotFound` while it is unplugged, or where the ports are pseudo-terminals.
    pub async fn open(&self, modem: usize) -> io::Result<DuplexStream> {
        let (ours, theirs) = tokio::io::duplex(STREAM_BUFFER);
        let there = self.ask(modem, |done| Control::Attach(theirs, done)).await?;
        if there { Ok(ours) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    /// Pulls the modem out: its port is gone when this returns. It stays so until [`Self::replug`].
    pub async fn unplug(&self, modem: usize) -> io::Result<()> {
        self.ask(modem, Control::Unplug).await
    }

    /// Plugs it in again, under the same name. Errors: a pseudo-terminal cannot be made.
    pub async fn replug(&self, modem: usize) -> io::Result<()> {
        self.ask(modem, Control::Replug).await?
    }

    /// Whether the modem is plugged in, and a way to wait for it.
    pub fn plugged(&self, modem: usize) -> watch::Receiver<bool> {
        self.modems[modem].plugged.clone()
    }

    /// A phone sends a text to this modem's SIM: the numbers that its segments have in the truth.
    ///
    /// Errors: `InvalidInput` with an [`InboundError`] where phones cannot send this.
    pub async fn inbound(&self, modem: usize, from: &str, text: &str, form: InboundForm) -> io::Result<Vec<u32>> {
        let (from, text) = (from.to_owned(), text.to_owned());
        let sent = self.ask(modem, |done| Control::Inbound { from, text, form, done }).await?;
        sent.map_err(|error: InboundError| io::Error::new(io::ErrorKind::InvalidInput, error))
    }

    /// Somebody calls this modem's SIM.
    pub async fn ring(&self, modem: usize, from: &str) -> io::Result<()> {
        self.tell(modem, Control::Ring(from.to_owned())).await
    }

    /// From now on these faults, in all modems.
    pub async fn set_faults(&self, faults: &Faults) -> io::Result<()> {
        for modem in 0..self.modems.len() {
            self.set_modem_faults(modem, faults).await?;
        }
        Ok(())
    }

    /// From now on these faults, in one modem.
    pub async fn set_modem_faults(&self, modem: usize, faults: &Faults) -> io::Result<()> {
        self.tell(modem, Control::Faults(Box::new(faults.clone()))).await
    }

    /// From now on the phone of this number (`+62…`) behaves so, whichever SIM writes to it.
    pub async fn set_phone(&self, number: &str, phone: &Phone) -> io::Result<()> {
        for modem in 0..self.modems.len() {
            self.tell(modem, Control::Phone(number.to_owned(), phone.clone())).await?;
        }
        Ok(())
    }

    /// The modem hangs, for this long; `None`: until it is pulled.
    pub async fn hang(&self, modem: usize, span: Option<Duration>) -> io::Result<()> {
        self.tell(modem, Control::Hang(span)).await
    }

    /// The voltage at the modem sinks for a moment: it restarts.
    pub async fn brown_out(&self, modem: usize) -> io::Result<()> {
        self.tell(modem, Control::BrownOut).await
    }

    /// The modem's SIM says for this long that it is busy.
    pub async fn busy_sim(&self, modem: usize, span: Duration) -> io::Result<()> {
        self.tell(modem, Control::BusySim(span)).await
    }

    /// The network is away from this modem for this long.
    pub async fn lose_network(&self, modem: usize, span: Duration) -> io::Result<()> {
        self.tell(modem, Control::LoseNetwork(span)).await
    }

    /// From now on the modem numbers its segments like this.
    pub async fn set_numbers(&self, modem: usize, numbers: Numbers) -> io::Result<()> {
        self.tell(modem, Control::Numbers(numbers)).await
    }

    /// Pulls the card out of a modem. `None`: there is none, or the modem is just sending.
    pub async fn take_card(&self, modem: usize) -> io::Result<Option<Box<Card>>> {
        self.ask(modem, Control::TakeCard).await
    }

    /// Puts a card into a modem, which sees it at its next start. Gives it back where one is in.
    pub async fn put_card(&self, modem: usize, card: Box<Card>) -> io::Result<Option<Box<Card>>> {
        self.ask(modem, |done| Control::PutCard(card, done)).await
    }

    /// Waits until so much has happened, and says how much.
    pub async fn until(&self, enough: impl FnMut(&Counts) -> bool) -> Counts {
        match self.truth.counts().wait_for(enough).await {
            Ok(counts) => *counts,
            Err(_) => unreachable!("the fleet holds the sending side"),
        }
    }

    /// Switches all modems off and waits until their ports and links are gone.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn tell(&self, modem: usize, control: Control) -> io::Result<()> {
        self.modems[modem].controls.send(control).await.map_err(|_| stopped())
    }

    async fn ask<T>(&self, modem: usize, control: impl FnOnce(oneshot::Sender<T>) -> Control) -> io::Result<T> {
        let (done, answer) = oneshot::channel();
        self.tell(modem, control(done)).await?;
        answer.await.map_err(|_| stopped())
    }
}

fn stopped() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the simulated modem has stopped")
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
