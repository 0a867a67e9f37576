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
const NOTED: Duration = Duration::from_secs(5);
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
            () = tokio::time::sleep_until(looked_again(&not_before)) => {}
        }
    }
}

/// When archives are looked at again without a change: what was asked while one was left alone is not known by then.
fn looked_again(not_before: &BTreeMap<i64, Instant>) -> Instant {
    let now = Instant::now();
    let soonest = not_before.values().filter(|time| **time > now).min();
    soonest.map_or(now + EVERY, |time| (*time).min(now + EVERY))
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
            let tended = Reader::open(database)
                .and_then(|reader| reader.erased_since(archive.tended_seq))
                .and_then(|erased| tend_archive(&archive, database, &erased, retention, now, goes_on));
            ArchiveEvent::Tended { archive: archive.id, tended: tended.map_err(|error| error.to_string()) }
        }
    };
    match &event {
        ArchiveEvent::Made { made: Err(_), .. } | ArchiveEvent::Tended { tended: Err(_), .. } if !goes_on() => {
            info!("work at an archive is given up, since the daemon stops");
        }
        ArchiveEvent::Made { made: Ok(made), .. } => info!(jobs = made.jobs.len(), bytes = made.bytes, "archive made"),
        ArchiveEvent::Made { made: Err(error), .. } => warn!(error, "no archive was made"),
        ArchiveEvent::Tended { tended: Ok(tended), .. } => {
            info!(erased = tended.taken_out.numbers, "archive looked through");
        }
        ArchiveEvent::Tended { tended: Err(error), .. } => warn!(error, "an archive was not reached; tried again"),
    }
    event
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinHandle;

    use super::super::engine_task::{self, Inboxes, Reply, Shells};
    use super::*;
    use crate::engine::event::*;
    use crate::engine::{Engine, Rules};
    use crate::model::{Class, HandEntry, JobHeader, JobId, Msisdn, RecipientRow};
    use crate::store::Store;
    use crate::store::archive::ArchiveMade;

    fn now() -> Timestamp {
        "2026-11-26T02:00:00Z".parse().unwrap()
    }

    fn number(n: u64) -> Msisdn {
        Msisdn::from_u64(6_281_200_000_000 + n)
    }

    fn act(action: Action) -> Event {
        Event::Act(Act { reply_to: Some(1), actor: "siti".to_owned(), reason: "uji".to_owned(), action })
    }

    /// A ledger with a job that ended two months ago, and a newer one.
    fn ledger() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = folder.path().join("k.db");
        let then = earlier(now(), DAY * 60);
        let mut engine = Engine::open(Store::open(&path).unwrap(), Rules::default(), then, 1).unwrap();
        for (intake, numbers) in [(1, 1..4), (2, 4..5)] {
            let header = JobHeader {
                digest: intake.to_string(),
                owner: "siti".to_owned(),
                text: Some("Rapat".to_owned()),
                ..JobHeader::of("diskominfo", "undangan.csv", Class::Routine)
            };
            let rows = numbers.zip(1..).map(|(n, row)| RecipientRow::to(row, number(n))).collect();
            let events = [IntakeEvent::Begin(Box::new(header)), IntakeEvent::Rows(rows), IntakeEvent::Complete];
            let events = events.into_iter().map(|event| Event::Intake(IntakeId(intake), event));
            let _ = engine.handle(then, events).unwrap();
        }
        let _ = engine.handle(then, [act(Action::Cancel(JobId(1)))]).unwrap();
        let _ = engine.handle(then, [Event::Tick]).unwrap();
        (folder, path)
    }

    fn wanted(database: &Path) -> Event {
        let file = database.with_file_name("arsip.db").display().to_string();
        act(Action::Archive(NewArchive { file, before: earlier(now(), DAY * 31) }))
    }

    /// The engine, and beside it the work at archives.
    struct Office {
        database: PathBuf,
        events: mpsc::Sender<Event>,
        replies: mpsc::Receiver<Reply>,
        stop: CancellationToken,
        archives: JoinHandle<()>,
        engine: JoinHandle<Result<(), StoreError>>,
        _folder: tempfile::TempDir,
    }

    impl Office {
        fn start((folder, database): (tempfile::TempDir, PathBuf)) -> Self {
            let clock = Clock::starting_at(now());
            let engine = Engine::open(Store::open(&database).unwrap(), Rules::default(), clock.now(), 1).unwrap();
            let (events, inbox) = mpsc::channel(8);
            let (replies_to, replies) = mpsc::channel(8);
            let (changes, changed) = watch::channel(0);
            let shells = Shells { modems: mpsc::channel(1).1, spool: mpsc::channel(1).0, replies: replies_to, changes };
            let inboxes = Inboxes { events: inbox, intake: mpsc::channel(1).1 };
            let stop = CancellationToken::new();
            let rules = Retention::default();
            let archives = run(database.clone(), rules, clock, events.clone(), changed, stop.clone());
            Self {
                archives: tokio::spawn(archives),
                engine: tokio::spawn(engine_task::run(engine, clock, inboxes, shells)),
                database,
                events,
                replies,
                stop,
                _folder: folder,
            }
        }

        async fn ask(&mut self, event: Event) -> String {
            self.events.send(event).await.unwrap();
            self.replies.recv().await.unwrap().1.unwrap()
        }

        fn archive(&self) -> ArchiveView {
            Reader::open(&self.database).unwrap().archives().unwrap().pop().unwrap()
        }

        /// How long it took until the archive was so.
        async fn until(&self, is_so: impl Fn(&ArchiveView) -> bool) -> Duration {
            let began = Instant::now();
            while !is_so(&self.archive()) {
                assert!(began.elapsed() < Duration::from_secs(24 * 3600), "{:?}", self.archive());
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            began.elapsed()
        }

        /// Whether the archive still names somebody.
        fn names(&self, n: u64) -> bool {
            !Reader::open(&self.database).unwrap().person(number(n)).unwrap().archives[0].messages.is_empty()
        }

        async fn close(self) {
            self.stop.cancel();
            self.archives.await.unwrap();
            drop(self.events);
            self.engine.await.unwrap().unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_archive_is_made_forgets_who_is_erased_and_is_tried_again_where_it_is_not_there() {
        let mut office = Office::start(ledger());
        let told = office.ask(wanted(&office.database)).await;
        assert!(told.contains("is whole and has the details of 1 jobs"), "{told}");
        office.until(|archive| archive.state == "done").await;
        office.ask(act(Action::Erase(HandEntry::of(number(1))))).await;
        let waited = office.until(|archive| archive.tended_seq == 1).await;
        assert!(waited <= NOTED + POLL, "who is erased right after a look is not left in it: {waited:?}");
        assert!(!office.names(1) && office.names(2));
        let file = PathBuf::from(office.archive().file);
        let away = file.with_extension("away");
        std::fs::rename(&file, &away).unwrap();
        office.ask(act(Action::Erase(HandEntry::of(number(2))))).await;
        office.until(|archive| archive.trouble.is_some()).await;
        std::fs::rename(&away, &file).unwrap();
        let waited = office.until(|archive| archive.trouble.is_none()).await;
        assert!(waited > RETRY - Duration::from_secs(1) && waited <= RETRY + NOTED, "{waited:?}");
        assert!(!office.names(2) && office.names(3));
        office.close().await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_archive_that_was_made_before_a_kill_goes_on_record_after_the_start_and_details_leave() {
        let (folder, database) = ledger();
        let mut engine = Engine::open(Store::open(&database).unwrap(), Rules::default(), now(), 1).unwrap();
        let _ = engine.handle(now(), [wanted(&database)]).unwrap();
        drop(engine);
        let asked = Reader::open(&database).unwrap().archives().unwrap().remove(0);
        make(&database, &asked, now(), || true, |_| ()).unwrap();
        let office = Office::start((folder, database));
        office.until(|archive| archive.state == "done").await;
        assert!(office.names(1));
        office.close().await;
    }

    /// What is told of work during which the daemon stops.
    async fn told_after_a_stop(made: Result<ArchiveMade, String>) -> Option<ArchiveEvent> {
        let (_folder, database) = ledger();
        let stop = CancellationToken::new();
        let work = {
            let stop = stop.clone();
            move |interrupters: &mpsc::Sender<Interrupter>| {
                stop.cancel();
                let reader = Reader::open(&database).unwrap();
                // One more than has room: somebody has seen the stop by then.
                for _ in 0..9 {
                    interrupters.blocking_send(reader.interrupter()).unwrap();
                }
                ArchiveEvent::Made { archive: 1, made }
            }
        };
        done(work, &stop).await
    }

    #[tokio::test]
    async fn what_is_whole_when_the_daemon_stops_is_told_and_what_was_given_up_is_not() {
        let whole = ArchiveMade { jobs: vec![JobId(1)], newest_report: 0, bytes: 1, digest: String::new() };
        let told = ArchiveEvent::Made { archive: 1, made: Ok(whole.clone()) };
        assert_eq!(told_after_a_stop(Ok(whole)).await, Some(told));
        assert_eq!(told_after_a_stop(Err("the daemon stops".to_owned())).await, None);
    }
}
