//! Backups that the daemon makes by itself: at a time of day, checked before they count, the old ones given up after that.
//!
//! A backup is read on a connection of its own, and written beside its name until it is whole: nothing that is sent waits for it. One
//! that was missed because the daemon was stopped is made after the start. What comes of it is told to the engine, for the record, for
//! `kentongan status` and for an alarm.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::clock::Clock;
use crate::config::Backup;
use crate::engine::event::{BackupMade, Event};
use crate::model::Timestamp;
use crate::store::{Interrupter, Reader, restore};

/// How the names of backups begin and end; the time they were made stands between, in UTC.
const NAME: (&str, &str) = ("kentongan-", ".db");
/// The time in a name.
const TIME: &str = "%Y%m%dT%H%M%SZ";
/// One that is not whole yet.
const UNFINISHED: &str = ".kentongan-unfinished.db";
/// How long after one that failed the next is tried.
const RETRY: Duration = Duration::from_secs(30 * 60);
/// The longest sleep: the wall clock may be set meanwhile.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Makes backups until `stop`, or until the engine is gone.
pub(super) async fn run(
    backup: Backup,
    database: PathBuf,
    clock: Clock,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
) {
    while wait(&backup, clock, &stop).await {
        let (interrupters, interrupter) = mpsc::channel(2);
        let (now, done) = (clock.now(), oneshot::channel());
        let making = tokio::task::spawn_blocking({
            let (backup, database) = (backup.clone(), database.clone());
            move || {
                // Nobody listens only when the daemon is being torn down.
                let _ = done.0.send(make(&backup, &database, now, &interrupters));
            }
        });
        let Some(made) = ended(done.1, interrupter, &stop).await else { return };
        let _ = making.await;
        let failed = made.is_err();
        match &made {
            Ok(BackupMade { file, bytes, .. }) => info!(file, bytes, "backup made"),
            Err(error) => warn!(error, "no backup was made; tried again"),
        }
        if events.send(Event::Backup(made)).await.is_err() {
            return;
        }
        if failed {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(RETRY) => {}
            }
        }
    }
}

/// Comes back when a backup is due. `false`: the daemon stops.
async fn wait(backup: &Backup, clock: Clock, stop: &CancellationToken) -> bool {
    loop {
        let folder = backup.folder.clone();
        let last = tokio::task::spawn_blocking(move || made_in(&folder).into_iter().map(|(at, _)| at).max()).await;
        // A time that is ahead of the clock says that the clock was wrong then.
        let last = last.ok().flatten().map(|last| last.min(clock.now()));
        let Some(due) = backup.plan.due(last).filter(|due| *due > clock.now()) else { return !stop.is_cancelled() };
        let left = Duration::try_from(due.duration_since(clock.now())).unwrap_or_default();
        tokio::select! {
            biased;
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(left.min(SLEEP_MAX)) => {}
        }
    }
}

/// What came of a backup; `None`: the daemon stops, and it is given up.
async fn ended(
    mut done: oneshot::Receiver<Result<BackupMade, String>>,
    mut interrupters: mpsc::Receiver<Interrupter>,
    stop: &CancellationToken,
) -> Option<Result<BackupMade, String>> {
    tokio::select! {
        biased;
        made = &mut done => return Some(made.unwrap_or_else(|_| Err("making it ended in a panic".to_owned()))),
        () = stop.cancelled() => {}
    }
    // The questions it asks may be long ones, and a later one is announced before the one before it has ended.
    while let Some(interrupter) = interrupters.recv().await {
        interrupter.interrupt();
    }
    None
}

/// Makes one, checks it, gives up old ones. Blocks.
fn make(
    backup: &Backup,
    database: &Path,
    now: Timestamp,
    interrupters: &mpsc::Sender<Interrupter>,
) -> Result<BackupMade, String> {
    let folder = &backup.folder;
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    fs::DirBuilder::new().recursive(true).mode(0o750).create(folder).map_err(failed)?;
    let unfinished = folder.join(UNFINISHED);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let made = copy(database, &unfinished, interrupters).and_then(|()| {
        let bytes = File::open(&unfinished).and_then(|file| file.sync_all().and_then(|()| file.metadata()));
        let bytes = bytes.map_err(failed)?.len();
        let file = folder.join(format!("{}{}{}", NAME.0, now.strftime(TIME), NAME.1));
        fs::rename(&unfinished, &file).and_then(|()| File::open(folder)?.sync_all()).map_err(failed)?;
        Ok(BackupMade { file: file.display().to_string(), bytes, given_up: 0 })
    });
    let Ok(made) = made else {
        let _ = fs::remove_file(&unfinished);
        return made;
    };
    let there = made_in(folder);
    let times: Vec<Timestamp> = there.iter().map(|(at, _)| *at).collect();
    let gone = backup.plan.expendable(&times);
    let mut given_up = 0;
    for (_, path) in there.iter().filter(|(at, _)| gone.contains(at)) {
        fs::remove_file(path).map_err(|error| format!("{} cannot be given up: {error}", path.display()))?;
        given_up += 1;
    }
    Ok(BackupMade { given_up, ..made })
}

/// Copies the ledger and looks at the copy: it is whole, and its record goes on from where the ledger's was.
fn copy(database: &Path, to: &Path, interrupters: &mpsc::Sender<Interrupter>) -> Result<(), String> {
    let told = |reader: &Reader| drop(interrupters.blocking_send(reader.interrupter()));
    let reader = Reader::open(database).map_err(|error| error.to_string())?;
    told(&reader);
    let head = reader.chain_head().map_err(|error| error.to_string())?;
    reader.back_up(to).map_err(|error| error.to_string())?;
    restore::check(to, head, told).map_err(|error| error.to_string())
}

/// The backups in a folder, by the times in their names.
fn made_in(folder: &Path) -> Vec<(Timestamp, PathBuf)> {
    let made = |name: &str| {
        let time = name.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?;
        let civil = jiff::civil::DateTime::strptime(TIME, time).ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((made(entry.file_name().to_str()?)?, entry.path()))).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use jiff::civil::Time;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::engine::{Engine, Rules};
    use crate::policy::BackupPlan;
    use crate::store::Store;

    fn office() -> (tempfile::TempDir, Backup, Clock) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::starting_at("2026-11-26T00:00:00Z".parse().unwrap());
        let store = Store::open(&folder.path().join("k.db")).unwrap();
        drop(Engine::open(store, Rules::default(), clock.now(), 1).unwrap());
        let plan = BackupPlan { at: Time::constant(2, 30, 0, 0), zone: TimeZone::UTC, keep_daily: 2, keep_weekly: 1 };
        let backup = Backup { folder: folder.path().join("backups"), plan };
        (folder, backup, clock)
    }

    #[tokio::test(start_paused = true)]
    async fn one_is_made_at_once_and_then_every_night_and_old_ones_are_given_up() {
        let (folder, backup, clock) = office();
        let (events, mut told) = mpsc::channel(4);
        let stop = CancellationToken::new();
        let database = folder.path().join("k.db");
        let running = tokio::spawn(run(backup.clone(), database, clock, events, stop.clone()));
        let mut names = Vec::new();
        for _ in 0..4 {
            let Some(Event::Backup(Ok(made))) = told.recv().await else { panic!("no backup") };
            names.push(made.file.rsplit('/').next().unwrap().to_owned());
        }
        assert_eq!(names[0], "kentongan-20261126T000000Z.db");
        assert!(
            names[1].starts_with("kentongan-20261126T0230") && names[3].starts_with("kentongan-20261128T0230"),
            "{names:?}"
        );
        let left = made_in(&backup.folder);
        assert_eq!(left.len(), 2, "{left:?}");
        for (_, path) in &left {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
            restore::check(path, None, |_| ()).unwrap();
        }
        stop.cancel();
        running.await.unwrap();
    }

    #[test]
    fn a_backup_that_cannot_be_made_says_why_and_leaves_the_old_ones() {
        let (folder, backup, clock) = office();
        let database = folder.path().join("k.db");
        let (interrupters, _kept) = mpsc::channel(8);
        make(&backup, &database, clock.now(), &interrupters).unwrap();
        let error = make(&backup, &folder.path().join("none.db"), clock.now(), &interrupters).unwrap_err();
        assert!(error.contains("none.db"), "{error}");
        let in_a_file = Backup { folder: database.join("backups"), ..backup.clone() };
        assert!(make(&in_a_file, &database, clock.now(), &interrupters).is_err());
        assert_eq!(made_in(&backup.folder).len(), 1);
        assert!(!backup.folder.join(UNFINISHED).exists());
    }
}
