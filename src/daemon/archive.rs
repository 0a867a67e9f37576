//! Work at archives, beside the engine: one that was asked for is made, and those that are there forget what the ledger has forgotten.
//!
//! The ledger says what is wanted, so that a restart goes on where it was; what comes of it is told to the engine. An archive that cannot
//! be reached, since its disk is not there, is tried again every hour.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::clock::Clock;
use crate::engine::event::{ArchiveEvent, Event};
use crate::engine::tend_archive;
use crate::model::{SignedDuration, Timestamp, earlier};
use crate::policy::Retention;
use crate::store::archive::{ArchiveView, make};
use crate::store::{Interrupter, Reader, StoreError};

/// How long after a change of the ledger it is looked at, so that many changes are one look.
const POLL: Duration = Duration::from_secs(2);
/// How often it is looked at without a change.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// How often archives are looked through for what has been kept long enough.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// When what was done is looked at again: the engine has noted it by then.
const NOTED: Duration = Duration::from_secs(30);
/// How long after one that was not reached it is tried again.
const RETRY: Duration = Duration::from_secs(3600);

/// One thing to do.
enum Work {
    Make(ArchiveView),
    Tend(ArchiveView),
}

/// Works until `stop`, or until the engine is gone.
pub(super) async fn run(
    database: PathBuf,
    retention: Retention,
    clock: Clock,
    events: mpsc::Sender<Event>,
    mut changed: watch::Receiver<u64>,
    stop: CancellationToken,
) {
    let (mut not_before, mut reader) = (BTreeMap::new(), None);
    loop {
        let (now, moment) = (clock.now(), Instant::now());
        let looked = tokio::task::spawn_blocking({
            let (database, not_before, reader) = (database.clone(), not_before.clone(), reader.take());
            move || {
                let reader = reader.map_or_else(|| Reader::open(&database), Ok)?;
                let work = look(&reader, retention, &not_before, now, moment)?;
                Ok::<_, StoreError>((reader, work))
            }
        });
        let looked = looked.await.map(|looked| {
            looked.map(|(opened, work)| {
                reader = Some(opened);
                work
            })
        });
        match looked {
            Ok(Ok(Some(work))) => {
                let id = match &work {
                    Work::Make(archive) | Work::Tend(archive) => archive.id,
                };
                let work = {
                    let (database, stop) = (database.clone(), stop.clone());
                    move |interrupters: &_| carry_out(work, &database, retention, now, &stop, interrupters)
                };
                let Some(event) = done(work, &stop).await else { return };
                let failed = matches!(event, ArchiveEvent::Tended { tended: Err(_), .. });
                not_before.insert(id, Instant::now() + if failed { RETRY } else { NOTED });
                if events.send(Event::Archive(event)).await.is_err() || stop.is_cancelled() {
                    return;
                }
                continue;
            }
            Ok(Ok(None)) => {}
            Ok(Err(error)) => warn!(%error, "what is to be done about archives could not be read"),
            Err(error) => warn!(%error, "looking for archives ended in a panic"),
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            moved = changed.changed() => {
                if moved.is_err() {
                    return;
                }
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(POLL) => {}
                }
            }
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// The next thing to do. After a start every archive is looked at once: an older program may have left it. Blocks.
fn look(
    reader: &Reader,
    retention: Retention,
    not_before: &BTreeMap<i64, Instant>,
    now: Timestamp,
    moment: Instant,
) -> Result<Option<Work>, StoreError> {
    for archive in reader.archives()? {
        if not_before.get(&archive.id).is_some_and(|time| *time > moment) {
            continue;
        }
        if archive.state == "asked" {
            return Ok(Some(Work::Make(archive)));
        }
        let tended = archive.tended_at.unwrap_or(archive.asked_at);
        // Also where the clock was set back since.
        let aged = retention.is_on() && !(earlier(now, DAY)..=now).contains(&tended);
        let due = !not_before.contains_key(&archive.id) || aged || archive.trouble.is_some();
        if archive.is_whole() && (due || !reader.erased_since(archive.tended_seq)?.digests.is_empty()) {
            return Ok(Some(Work::Tend(archive)));
        }
    }
    Ok(None)
}

/// What came of work that blocks; `None`: the daemon stops, and it is given up and taken up after the next start. What is whole by then is
/// told all the same: an archive that is on no record would be reached by no erasure.
async fn done(
    work: impl FnOnce(&mpsc::Sender<Interrupter>) -> ArchiveEvent + Send + 'static,
    stop: &CancellationToken,
) -> Option<ArchiveEvent> {
    let (interrupters, mut interrupter) = mpsc::channel::<Interrupter>(8);
    let mut doing = tokio::task::spawn_blocking(move || work(&interrupters));
    let event = tokio::select! {
        biased;
        event = &mut doing => event,
        () = stop.cancelled() => {
            // The questions it asks may be long ones, and a later one is announced before the one before it has ended.
            while let Some(interrupter) = interrupter.recv().await {
                interrupter.interrupt();
            }
            doing.await
        }
    };
    let event = event
        .inspect_err(|error| error!(%error, "work at an archive ended in a panic; it is taken up after the next start"))
        .ok()?;
    let whole = matches!(event, ArchiveEvent::Made { made: Ok(_), .. } | ArchiveEvent::Tended { tended: Ok(_), .. });
    (whole || !stop.is_cancelled()).then_some(event)
}

fn carry_out(
    work: Work,
    database: &Path,
    retention: Retention,
    now: Timestamp,
    stop: &CancellationToken,
    interrupters: &mpsc::Sender<Interrupter>,
) -> ArchiveEvent {
    let goes_on = || !stop.is_cancelled();
    let event = match work {
        Work::Make(archive) => {
            let opened = |reader: &Reader| drop(interrupters.blocking_send(reader.interrupter()));
            let made = make(database, &archive, now, goes_on, opened).map_err(|error| error.to_string());
            ArchiveEvent::Made { archive: archive.id, made }
        }
        Work::Tend(archive) => {
            let tended =
                Reader::open(database).and_then(|reader| reader.erased_since(archive.tended_seq)).and_then(|erased| {
                    tend_archive(Path::new(&archive.file), database, &erased, retention, now, goes_on)
                });
            ArchiveEvent::Tended { archive: archive.id, tended: tended.map_err(|error| error.to_string()) }
        }
    };
    match &event {
        ArchiveEvent::Made { made: Err(_), .. } | ArchiveEvent::Tended { tended: Err(_), .. } if !goes_on() => {
            info!("work at an archive is given up, since the daemon stops");
        }
        ArchiveEvent::Made { made: Ok(made), .. } => info!(jobs = made.jobs.len(), bytes = made.bytes, "archive made"),
        ArchiveEvent::Made { made: Err(error), .. } => warn!(error, "no archive was made"),
        ArchiveEvent::Tended { tended: Ok(tended), .. } => info!(erased = tended.erased, "archive looked through"),
        ArchiveEvent::Tended { tended: Err(error), .. } => warn!(error, "an archive was not reached; tried again"),
    }
    event
}
