//! The running daemon: starts the engine and the shells around it, supervises them, and stops them in order.
//!
//! [`run`] is the whole life: take the lock, open the ledger, start the engine on its own thread, then the door for
//! callers, the queue directory and the modems; say that it is ready; wait. It stops the other way round, each part at
//! a point where nothing is half done. A modem's trouble is its own; the engine's end is the daemon's end, because a
//! restart is cheap and safe.
//!
//! Left out on purpose: reloading the configuration, and becoming a background process (systemd does that).

mod allowances;
mod archive;
mod backup;
pub mod clock;
mod disk;
pub mod engine_task;
mod integrity;
mod lock;
pub mod log;
mod modems;
mod notify_settings;
mod people;
mod rules;
mod signals;
mod spool_settings;
#[cfg(test)]
mod telling_tests;
mod web_settings;

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

pub use self::clock::Clock;
pub use allowances::allowances;
pub use integrity::brief_look;
pub use lock::{Lock, LockError};
pub use people::user_name;
pub use rules::rules;
pub use signals::stop_on_signals;

use crate::config::Config;
use crate::engine::Engine;
use crate::engine::event::Event;
use crate::store::{Looked, Reader, Store, StoreError};
use crate::web::{self, DoorError, Listeners, act_desk};
use crate::{notify, spool};
use engine_task::{Inboxes, Shells};
use modems::Modems;

/// Why the daemon does not run, or ran no longer.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// No unit may send.
    #[error(
        "{file} names no unit, so nobody could send; add for example\n\n[[unit]]\nname = \"diskominfo\"\n\
         classes = [\"important\", \"routine\"]\n"
    )]
    NoUnits {
        /// The configuration.
        file: PathBuf,
    },
    /// A folder that is needed cannot be made.
    #[error("the folder {folder} cannot be made: {source}; make it, and give it to the user of the daemon")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another program works on the ledger.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The ledger cannot be opened or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody can be let in.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// A thread or signal handler could not be had.
    #[error("the system refuses what the daemon needs to start: {0}")]
    System(#[from] std::io::Error),
    /// A part that must not end did.
    #[error("{0} ended by a fault of its own (the log says more); start the daemon again: nothing is lost")]
    Ended(&'static str),
}

/// Events that may wait for the engine. A full channel slows down whoever fills it.
const EVENTS_MAX: usize = 1024;
/// Pieces of job files that may wait for the engine.
const INTAKE_MAX: usize = 16;
/// Orders that may wait for the queue directory.
const SPOOL_MAX: usize = 256;
/// How long being ready waits for the first look at the queue directory.
const FIRST_LOOK_PATIENCE: Duration = Duration::from_secs(10);
/// How long the queue directory may take to come to a safe point.
const SPOOL_PATIENCE: Duration = Duration::from_secs(30);
/// How long a call that is on its way to a webhook may take.
const TELLING_PATIENCE: Duration = Duration::from_secs(20);
/// How long the engine may take for the events that are left.
const ENGINE_PATIENCE: Duration = Duration::from_secs(60);

/// Runs the daemon until `stop`, then ends it at a safe point: sends in hand are finished, then the queue directory,
/// then the engine. `ready` is called once, when modems are being served and the queue directory is watched.
///
/// Errors: what kept it from starting, or what ended it; the ledger is sound in every case.
pub async fn run(
    config: &Config,
    clock: Clock,
    stop: CancellationToken,
    ready: impl FnOnce(),
) -> Result<(), DaemonError> {
    if config.units.is_empty() {
        return Err(DaemonError::NoUnits { file: config.file.clone() });
    }
    for remark in &config.remarks {
        warn!(file = %config.file.display(), "{remark}");
    }
    let folders = [config.paths.database.parent(), Some(config.paths.queue.as_path())];
    for folder in folders.into_iter().flatten() {
        std::fs::create_dir_all(folder).map_err(|source| DaemonError::Folder { folder: folder.to_owned(), source })?;
    }
    let lock = Lock::take(&config.paths.database)?;
    let serving = Lock::take_queue(&config.paths.queue)?;
    if serving.is_none() {
        warn!(queue = %config.paths.queue.display(), "the queue directory knows no locks: see that no other daemon serves it");
    }
    let (engine, looked) = open_engine(config, clock).await?;
    note_chain(config).await;
    let door = Listeners::open(&config.paths.control, &config.web).await?;

    let (events, inbox) = mpsc::channel::<Event>(EVENTS_MAX);
    let (intake, intake_inbox) = mpsc::channel::<Event>(INTAKE_MAX);
    let (routes, modems_known) = mpsc::channel(EVENTS_MAX);
    let (spool_orders, spool_inbox) = mpsc::channel(SPOOL_MAX);
    let (replies, reply_inbox) = mpsc::channel(64);
    let (changes, changed) = watch::channel(0);
    let shells = Shells { modems: modems_known, spool: spool_orders, replies, changes };
    let inboxes = Inboxes { events: inbox, intake: intake_inbox };
    let mut engine_end = engine_task::spawn(engine, clock, inboxes, shells)?;

    let (stop_modems, stop_rest) = (CancellationToken::new(), CancellationToken::new());
    let (acts, desk) = act_desk();
    let desk = tokio::spawn(desk.run(events.clone(), reply_inbox, stop_rest.clone()));
    for address in door.addresses() {
        info!(%address, tls = door.secure(), "the page and the API are served");
    }
    let web = web_settings::web(config, clock, acts, changed.clone(), door.secure(), stop_rest.clone());
    let door = tokio::spawn(door.run(web::router(web), stop_rest.clone()));
    let (watching, watched) = oneshot::channel();
    let queue = spool_settings::spool_settings(config, clock);
    let mut spool = tokio::spawn(spool::run(queue, intake, spool_inbox, watching, stop_rest.clone()));
    let telling = notify_settings::notify_settings(config, clock);
    let archives = archive::run(
        config.paths.database.clone(),
        rules(config).retention,
        clock,
        events.clone(),
        changed.clone(),
        stop_rest.clone(),
    );
    let archives = tokio::spawn(archives);
    let telling = tokio::spawn(notify::run(telling, events.clone(), changed, stop_rest.clone()));
    let ledger = config.paths.database.parent().map(PathBuf::from).unwrap_or_default();
    let disks = disk::watch(ledger, config.paths.queue.clone(), events.clone(), stop_rest.clone());
    let disks = tokio::spawn(disks);
    let looking = integrity::run(config.paths.database.clone(), looked, events.clone(), stop_rest.clone());
    let looking = tokio::spawn(looking);
    let mut modems = Modems::new(config, events.clone(), routes, stop_modems.clone());
    let modems_patience = modems.patience();
    modems.look().await;
    let mut modems = tokio::spawn(modems.run());
    let backups = config.backup.clone().map(|backup| {
        let database = config.paths.database.clone();
        tokio::spawn(backup::run(backup, database, clock, events.clone(), stop_rest.clone()))
    });

    // A slow network share must not keep a daemon that can send from being ready, so only so long.
    let _ = tokio::time::timeout(FIRST_LOOK_PATIENCE, watched).await;
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    info!(
        database = %config.paths.database.display(),
        queue = %config.paths.queue.display(),
        units = config.units.len(),
        "kentongan is ready"
    );
    ready();

    let fault = tokio::select! {
        biased;
        end = &mut engine_end => Some(engine_fault(end)),
        _ = &mut spool => Some(DaemonError::Ended("the watch over the queue directory")),
        _ = &mut modems => Some(DaemonError::Ended("the watch over the modems")),
        () = stop.cancelled() => None,
    };
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    match &fault {
        Some(fault) => error!(%fault, "stopping after a fault"),
        None => info!("stopping: sends in hand are finished first"),
    }
    stop_modems.cancel();
    if !modems.is_finished() && tokio::time::timeout(modems_patience, &mut modems).await.is_err() {
        warn!("a modem's session did not stop in time; its message will be in doubt");
        modems.abort();
    }
    stop_rest.cancel();
    if !spool.is_finished() && tokio::time::timeout(SPOOL_PATIENCE, &mut spool).await.is_err() {
        warn!("the queue directory did not stop in time; files half read are read again after the next start");
        spool.abort();
    }
    let _ = door.await;
    let _ = desk.await;
    // What was told is on record, where that is known in time; else it is told again after the next start.
    let _ = tokio::time::timeout(TELLING_PATIENCE, telling).await;
    disks.abort();
    let _ = looking.await;
    if let Some(backups) = backups {
        let _ = backups.await;
    }
    let _ = archives.await;
    drop(events);
    let end = match fault {
        Some(fault) => Err(fault),
        None => match tokio::time::timeout(ENGINE_PATIENCE, engine_end).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(end) => Err(engine_fault(end)),
            Err(_) => Err(DaemonError::Ended("the engine, which did not stop in time,")),
        },
    };
    note_chain(config).await;
    // Held until here: the next daemon must find the ledger at rest.
    drop((lock, serving));
    if end.is_ok() {
        info!("stopped");
    }
    end
}

async fn open_engine(config: &Config, clock: Clock) -> Result<(Engine, Looked), DaemonError> {
    let (database, rules) = (config.paths.database.clone(), rules(config));
    let opening = tokio::task::spawn_blocking(move || {
        let store = Store::open_while(&database, brief_look())?;
        let (seed, looked) = (fastrand::u64(..), store.looked());
        Ok((Engine::open(store, rules, clock.now(), seed)?, looked))
    });
    opening.await.map_err(|_| DaemonError::Ended("opening the database"))?.map_err(DaemonError::Store)
}

/// Writes the newest link of the record to the log, which is kept elsewhere: `kentongan audit verify --noted` compares with it.
async fn note_chain(config: &Config) {
    let database = config.paths.database.clone();
    let head = tokio::task::spawn_blocking(move || Reader::open(&database)?.chain_head()).await;
    match head {
        Ok(Ok(Some(newest))) => info!(%newest, "the record of events, for `kentongan audit verify --noted`"),
        Ok(Ok(None)) => {}
        Ok(Err(error)) => warn!(%error, "the newest link of the record could not be read"),
        Err(error) => error!(%error, "reading the newest link of the record ended in a panic"),
    }
}

fn engine_fault(end: Result<Result<(), StoreError>, oneshot::error::RecvError>) -> DaemonError {
    match end {
        Ok(Err(error)) => DaemonError::Store(error),
        Ok(Ok(())) | Err(_) => DaemonError::Ended("the engine"),
    }
}
