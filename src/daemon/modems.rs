use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::engine_task::Route;
use crate::config::{Config, Modem};
use crate::engine::event::Event;
use crate::model::ModemName;
use crate::modem::finder::{NamedPort, Where, find};
use crate::modem::port::SerialSettings;
use crate::modem::socket::Tty;
use crate::modem::{SessionSettings, keep};

/// Between two looks into the folder of links.
const SCAN: Duration = Duration::from_secs(2);
/// How long after the start nobody is told that there is no modem yet.
const FIRST_MODEM_PATIENCE: Duration = Duration::from_secs(10);
/// Orders a session may have waiting. Emptying a full SIM gives hundreds of deletions at once; the room costs nothing
/// until it is used.
const ORDERS_MAX: usize = 2048;

/// The modems: one task each, for as long as the daemon runs.
pub(super) struct Modems {
    named: Vec<Modem>,
    folder: PathBuf,
    events: mpsc::Sender<Event>,
    routes: mpsc::Sender<Route>,
    running: BTreeSet<ModemName>,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// What the last look failed with, so that it is said once.
    failing: Option<io::ErrorKind>,
}

impl Modems {
    pub(super) fn new(
        config: &Config,
        events: mpsc::Sender<Event>,
        routes: mpsc::Sender<Route>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            named: config.modems.clone(),
            folder: config.paths.ports.clone(),
            events,
            routes,
            running: BTreeSet::new(),
            tasks: TaskTracker::new(),
            stop,
            failing: None,
        }
    }

    /// Starts a task for every modem that has none yet.
    pub(super) async fn look(&mut self) {
        let named: Vec<_> = self
            .named
            .iter()
            .filter_map(|modem| Some(NamedPort { name: modem.name.clone(), path: modem.port.clone()? }))
            .collect();
        let found = match find(&named, &self.folder, self.place()) {
            Ok(found) => found,
            Err(error) => {
                if self.failing.replace(error.kind()) != Some(error.kind()) {
                    warn!(folder = %self.folder.display(), %error, "the folder of modem links cannot be read");
                }
                return;
            }
        };
        self.failing = None;
        for port in found {
            if !self.running.insert(port.name.clone()) {
                continue;
            }
            info!(modem = %port.name, port = %port.path.display(), "modem found");
            let (orders, received) = mpsc::channel(ORDERS_MAX);
            if self.routes.send((port.name.clone(), orders)).await.is_err() {
                return;
            }
            let (serial, settings) = self.settings(&port);
            let socket = Tty::new(port.path, serial);
            self.tasks.spawn(keep(socket, settings, self.events.clone(), received, self.stop.clone()));
        }
    }

    /// A modem that is listed without a port may be behind any link.
    fn place(&self) -> Where {
        let anywhere = self.named.is_empty() || self.named.iter().any(|modem| modem.port.is_none());
        if anywhere { Where::Folder } else { Where::Named }
    }

    fn settings(&self, port: &NamedPort) -> (SerialSettings, SessionSettings) {
        let mut serial = SerialSettings::default();
        let mut session = SessionSettings::new(port.name.clone(), &port.path.to_string_lossy());
        if let Some(modem) = self.named.iter().find(|modem| modem.port.as_ref() == Some(&port.path)) {
            serial = SerialSettings { baud: modem.baud, hardware_flow_control: modem.hardware_flow };
            session.send_timeout = modem.send_timeout;
            session.prompt_timeout = modem.prompt_timeout;
            session.pin = modem.pin.clone();
        }
        (serial, session)
    }

    /// Looks for new modems until `stop`, then waits for every session to finish the send it has in hand.
    pub(super) async fn run(mut self) {
        let mut warn_at = Some(Instant::now() + FIRST_MODEM_PATIENCE);
        while !self.stop.is_cancelled() {
            if self.running.is_empty() && warn_at.take_if(|at| Instant::now() >= *at).is_some() {
                let folder = self.folder.display();
                warn!(%folder, "no modem is found, so nothing is sent; plug one in, and see `kentongan doctor`");
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(SCAN), if self.place() == Where::Folder => self.look().await,
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The longest a session may need to stop: an answer that is just being awaited, and some room.
    pub(super) fn patience(&self) -> Duration {
        let longest = self.named.iter().map(|modem| modem.send_timeout).max().unwrap_or(Modem::SEND_TIMEOUT);
        longest + Duration::from_secs(30)
    }
}
