//! The look through the whole ledger, beside the daemon's work: soon after a start that had no time for all of it, and then every day.
//!
//! It has a connection of its own and rests as long as it works, so that whoever sends finds a processor free. While it reads, the write-ahead
//! log cannot begin anew; where so much is written that the log grows long, it stands aside and tries again later. What it finds is the
//! engine's to decide on (`engine/damage.rs`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc as from_here;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::engine::event::Event;
use crate::store::{Looked, Reader, StoreError};

/// How long a start looks at its ledger: some hundred megabytes on a machine of an office, a minute or two of a large one.
const AT_START: Duration = Duration::from_secs(2);
/// When a start that had no time for everything is followed by the whole look: modems come first.
const AFTER_START: Duration = Duration::from_secs(60);
/// Between two whole looks.
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// How long after one that stood aside or could not be made the next is tried.
const AGAIN: Duration = Duration::from_secs(3600);
/// How long it works, and then rests.
const SPELL: Duration = Duration::from_millis(10);
/// How long the write-ahead log may become for its sake, in octets.
const LOG_MAX: u64 = 256 << 20;

/// What looks at a ledger for a bounded time, for [`crate::store::Store::open_while`]. Whoever sets the wall clock meanwhile makes it neither
/// longer nor shorter.
pub fn brief_look() -> impl FnMut() -> bool + Send + 'static {
    let until = Instant::now() + AT_START;
    move || Instant::now() < until
}

/// Looks through the ledger until `stop`, or until it finds damage. `first`: how far the start came.
pub(super) async fn run(database: PathBuf, first: Looked, events: mpsc::Sender<Event>, stop: CancellationToken) {
    let mut wait = match first {
        Looked::Through => EVERY,
        Looked::InPart => AFTER_START,
    };
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let (halt, halted) = from_here::channel();
        let (done, ended) = oneshot::channel();
        let looking = std::thread::Builder::new().name("look-through".to_owned()).spawn({
            let database = database.clone();
            // Nobody listens only when the daemon is being torn down.
            move || drop(done.send(look(&database, halted)))
        });
        if let Err(error) = looking {
            warn!(%error, "the database is not looked through, for want of a thread; tried again");
            wait = AGAIN;
            continue;
        }
        let looked = tokio::select! {
            biased;
            () = stop.cancelled() => return drop(halt),
            looked = ended => looked,
        };
        wait = match looked {
            Ok(Ok(Looked::Through)) => {
                info!("the database was looked through and is whole");
                EVERY
            }
            Ok(Ok(Looked::InPart)) => {
                info!("much is being written; the look through the database stands aside and is made later");
                AGAIN
            }
            Ok(Err(StoreError::Damaged { found, .. })) => {
                let _ = events.send(Event::Damaged(found)).await;
                return;
            }
            Ok(Err(error)) => {
                warn!(%error, "the database could not be looked through; tried again");
                AGAIN
            }
            Err(_) => {
                warn!("the look through the database ended in a panic; tried again");
                AGAIN
            }
        };
    }
}

/// Looks through it once. Blocks; ends early when the other end of `halted` is dropped or the log has become long.
fn look(database: &Path, halted: from_here::Receiver<()>) -> Result<Looked, StoreError> {
    let mut pace = Pace::new(database, halted, Instant::now());
    Reader::open(database)?.look_through(move || pace.go_on(Instant::now))
}

/// Works and rests in turn, for as long as it disturbs nobody.
struct Pace {
    log: PathBuf,
    /// As long as the log may become: what it takes anyway is no reason to stand aside.
    log_max: u64,
    /// When it began to work.
    since: Instant,
    halted: from_here::Receiver<()>,
}

impl Pace {
    fn new(database: &Path, halted: from_here::Receiver<()>, now: Instant) -> Self {
        let log = log_of(database);
        Self { log_max: LOG_MAX.max(length(&log)), log, since: now, halted }
    }

    fn go_on(&mut self, now: impl Fn() -> Instant) -> bool {
        if now() < self.since + SPELL {
            return true;
        }
        let rest = self.halted.recv_timeout(SPELL);
        self.since = now();
        rest == Err(from_here::RecvTimeoutError::Timeout) && length(&self.log) <= self.log_max
    }
}

fn log_of(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-wal");
    PathBuf::from(name)
}

/// In octets; 0 where there is none.
fn length(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |about| about.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Rules};
    use crate::model::Timestamp;
    use crate::store::Store;

    fn office() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        drop(Engine::open(Store::open(&path).unwrap(), Rules::default(), Timestamp::UNIX_EPOCH, 1).unwrap());
        (folder, path)
    }

    /// Writes over the first page after that of the schema: the root of a table.
    fn damage(path: &Path) {
        use std::os::unix::fs::FileExt;
        let ledger = std::fs::File::options().write(true).open(path).unwrap();
        ledger.write_all_at(&[0x5a; 512], 4096).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn damage_is_told_to_the_engine_a_minute_after_a_start_that_did_not_see_everything() {
        let (_folder, path) = office();
        damage(&path);
        let (events, mut told) = mpsc::channel(1);
        let began = Instant::now();
        let running = tokio::spawn(run(path, Looked::InPart, events, CancellationToken::new()));
        let Some(Event::Damaged(_)) = told.recv().await else { panic!("nothing was found") };
        assert_eq!(began.elapsed(), Duration::from_secs(60));
        running.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_looked_through_every_day_and_ends_with_the_daemon() {
        let (_folder, path) = office();
        let (events, mut told) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let running = tokio::spawn(run(path.clone(), Looked::Through, events, stop.clone()));
        tokio::time::sleep(Duration::from_secs(23 * 3600)).await;
        assert!(told.try_recv().is_err());
        damage(&path);
        let Some(Event::Damaged(_)) = told.recv().await else { panic!("nothing was found") };
        running.await.unwrap();
        let again = tokio::spawn(run(path, Looked::Through, mpsc::channel(1).0, stop.clone()));
        stop.cancel();
        again.await.unwrap();
    }

    #[test]
    fn it_stands_aside_when_the_log_grows_long_and_ends_when_the_daemon_stops() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        let log = std::fs::File::create(log_of(&path)).unwrap();
        let begun = Instant::now();
        let worked = begun + SPELL;
        let (halt, halted) = from_here::channel();
        let mut pace = Pace::new(&path, halted, begun);
        log.set_len(LOG_MAX).unwrap();
        assert!(pace.go_on(|| worked), "after a rest");
        log.set_len(LOG_MAX + 1).unwrap();
        assert!(pace.go_on(|| worked), "it has just rested");
        assert!(!pace.go_on(|| worked + SPELL));
        log.set_len(0).unwrap();
        drop(halt);
        assert!(!pace.go_on(|| worked + SPELL * 2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_start_looks_for_two_seconds() {
        let mut look_on = brief_look();
        tokio::time::advance(Duration::from_millis(1_900)).await;
        assert!(look_on());
        tokio::time::advance(Duration::from_millis(200)).await;
        assert!(!look_on());
    }
}
