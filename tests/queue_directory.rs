//! The queue directory with the real engine and ledger, without modems: reports, and what a crash leaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kentongan::engine::event::{Act, Action, ArchiveEvent, Event, IntakeEvent, NewArchive, Order};
use kentongan::engine::{Engine, Rules, tend_archive};
use kentongan::model::{HandEntry, JobId, Msisdn, SignedDuration, Timestamp};
use kentongan::policy::Retention;
use kentongan::spool::{self, SpoolOrder, SpoolSettings, Unit};
use kentongan::store::archive::{ArchiveView, make};
use kentongan::store::{JobRef, Reader, Store};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn now() -> Timestamp {
    "2026-11-24T05:00:00Z".parse().unwrap()
}

struct Daemon {
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    spool: tokio::task::JoinHandle<()>,
    engine: std::thread::JoinHandle<()>,
}

impl Daemon {
    /// Starts engine and spool. Events for which `lose` is true never reach the engine, as if the machine had died first.
    fn start(folder: &Path, lose: fn(&Event) -> bool) -> Self {
        Self::start_at(now(), folder, lose)
    }

    /// The same, and it is this time.
    fn start_at(time: Timestamp, folder: &Path, lose: fn(&Event) -> bool) -> Self {
        let database = folder.join("k.db");
        let store = Store::open(&database).unwrap();
        let mut engine = Engine::open(store, Rules::default(), time, 1).unwrap();
        let (events, mut inbox) = mpsc::channel::<Event>(64);
        let (to_spool, orders) = mpsc::channel(64);
        let engine = std::thread::spawn(move || {
            let mut batch = Vec::new();
            while inbox.blocking_recv_many(&mut batch, 64) > 0 {
                let step = engine.handle(time, batch.drain(..).filter(|event| !lose(event))).unwrap();
                for order in step.orders {
                    let order = match order {
                        Order::Intake(id, order) => SpoolOrder::Intake(id, order),
                        Order::JobChanged { job, finished } => SpoolOrder::JobChanged { job, finished },
                        _ => continue,
                    };
                    let _ = to_spool.blocking_send(order);
                }
            }
        });
        let mut settings = SpoolSettings::new(&folder.join("queue"), &database, Arc::new(now));
        settings.units = vec![Unit::named("damkar")];
        settings.scan_every = Duration::from_millis(200);
        settings.settle = Duration::from_millis(100);
        let stop = CancellationToken::new();
        let spool =
            tokio::spawn(spool::run(settings, events.clone(), orders, tokio::sync::oneshot::channel().0, stop.clone()));
        Self { events, stop, spool, engine }
    }

    async fn close(self) {
        self.stop.cancel();
        self.spool.await.unwrap();
        drop(self.events);
        tokio::task::spawn_blocking(move || self.engine.join().unwrap()).await.unwrap();
    }
}

/// Reads the file again and again until it says what is awaited.
async fn read_until(path: &Path, awaited: &str) -> String {
    let mut text = String::new();
    for _ in 0..400 {
        text = fs::read_to_string(path).unwrap_or_default();
        if text.contains(awaited) {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} never says {awaited:?}:\n{text}", path.display());
}

fn act(action: Action) -> Event {
    Event::Act(Act { reply_to: None, actor: "andi".to_owned(), reason: "uji".to_owned(), action })
}

/// What the engine alone commits of these, before a kill: nobody hears its orders.
fn committed(folder: &Path, events: impl IntoIterator<Item = Event>) {
    let store = Store::open(&folder.join("k.db")).unwrap();
    let mut engine = Engine::open(store, Rules::default(), now(), 1).unwrap();
    for event in events {
        let _ = engine.handle(now(), [event]).unwrap();
    }
}

/// The jobs whose reports do not say yet what they should.
fn due(folder: &Path) -> Vec<i64> {
    let due = Reader::open(&folder.join("k.db")).unwrap().report_files_due().unwrap();
    due.into_iter().map(|(job, _)| job.0).collect()
}

fn office() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("queue/damkar");
    fs::create_dir_all(&unit).unwrap();
    (folder, unit)
}

const LIST: &str = "nomor;nama;pesan\n\
                    081234567890;=cmd|' /C calc'!A0;Siaga\n\
                    0812-3456-7890;Ibu Réni;Siaga\n\
                    O81234567891;Pak Asep;Siaga\n\
                    081234567892;;Siaga\n\
                    081234567893;Ujang;\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_job_has_a_report_from_its_beginning_to_its_end() {
    let (folder, unit) = office();
    let daemon = Daemon::start(folder.path(), |_| false);
    fs::write(unit.join("siaga.csv"), LIST).unwrap();
    let report = unit.join("accepted/siaga.report.csv");
    let text = read_until(&report, "sum,").await;
    assert_eq!(
        text,
        "row,number,name,state,reason,segments,attempts,sent_at,delivered_at,modem\n\
         2,6281234567890,'=cmd|' /C calc'!A0,queued,,1,0,,,\n\
         3,0812-3456-7890,Ibu Réni,excluded,duplicate: the same number as in row 2,0,0,,,\n\
         4,O81234567891,Pak Asep,excluded,\"invalid: there is a letter in the number; write digits only (0, not O)\",0,0,,,\n\
         5,6281234567892,,queued,,1,0,,,\n\
         6,6281234567893,Ujang,excluded,no_text: neither the row nor the job has a text,0,0,,,\n\
         sum,,,5 named = 3 excluded + 2 messages,queued 2,2,0,,,\n"
    );
    daemon.events.send(act(Action::Cancel(JobId(1)))).await.unwrap();
    read_until(&report, "sum,,,5 named = 3 excluded + 2 messages,cancelled 2,2,0").await;
    daemon.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_moved_just_before_a_crash_is_found_again() {
    let (folder, unit) = office();
    let lost = |event: &Event| matches!(event, Event::Intake(_, IntakeEvent::Filed { .. }));
    let daemon = Daemon::start(folder.path(), lost);
    fs::write(unit.join("siaga.csv"), LIST).unwrap();
    let moved = unit.join("accepted/siaga.csv");
    read_until(&moved, "nomor").await;
    daemon.close().await;
    assert!(!unit.join("accepted/siaga.report.csv").exists());
    let daemon = Daemon::start(folder.path(), |_| false);
    read_until(&unit.join("accepted/siaga.report.csv"), "sum,").await;
    daemon.close().await;
    let job = Reader::open(&folder.path().join("k.db")).unwrap().job(&JobRef::Id(JobId(1))).unwrap().unwrap();
    assert_eq!(job.filed_as.as_deref(), Some("siaga.csv"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_lost_is_written_again_after_a_start() {
    let (folder, unit) = office();
    let report = unit.join("accepted/siaga.report.csv");
    let daemon = Daemon::start(folder.path(), |_| false);
    fs::write(unit.join("siaga.csv"), LIST).unwrap();
    read_until(&report, "sum,").await;
    daemon.close().await;
    fs::remove_file(&report).unwrap();
    let daemon = Daemon::start(folder.path(), |_| false);
    read_until(&report, "sum,").await;
    // The same content again is refused, by whatever name.
    fs::write(unit.join("lagi.csv"), LIST).unwrap();
    read_until(&unit.join("rejected/lagi.reason.txt"), "sudah diterima, sebagai pekerjaan 1").await;
    daemon.close().await;
}

/// Two jobs that name the same person, over by now, and a third.
async fn three_jobs(time: Timestamp, folder: &Path, unit: &Path) -> [PathBuf; 2] {
    let daemon = Daemon::start_at(time, folder, |_| false);
    let lists = [("siaga.csv", LIST.to_owned()), ("rapat.csv", LIST.replace("Siaga", "Rapat"))];
    for ((name, list), job) in lists.iter().zip(1..) {
        fs::write(unit.join(name), list).unwrap();
        let report = unit.join("accepted").join(name.replace(".csv", ".report.csv"));
        read_until(&report, "queued 2").await;
        daemon.events.send(act(Action::Cancel(JobId(job)))).await.unwrap();
        read_until(&report, "cancelled 2").await;
    }
    fs::write(unit.join("lain.csv"), "nomor;pesan\n081299999999;Lain\n").unwrap();
    read_until(&unit.join("accepted/lain.report.csv"), "sum,").await;
    daemon.close().await;
    let reports = lists.map(|(name, _)| unit.join("accepted").join(name.replace(".csv", ".report.csv")));
    assert!(reports.iter().all(|report| fs::read_to_string(report).unwrap().contains("6281234567890")));
    assert_eq!(due(folder), [0; 0]);
    reports
}

fn erased() -> Event {
    act(Action::Erase(HandEntry::of(Msisdn::from_u64(6_281_234_567_890))))
}

/// How a report begins in which the person of row 2 is named no more.
const NAMELESS: &str = "\n2,,,cancelled,,1,0,,,\n3,,,excluded,";

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_just_before_a_kill_leaves_the_reports_after_the_start_and_what_is_right_is_left_alone() {
    let (folder, unit) = office();
    let [report, taken_away] = three_jobs(now(), folder.path(), &unit).await;
    fs::remove_file(&taken_away).unwrap();
    committed(folder.path(), [erased()]);
    assert!(fs::read_to_string(&report).unwrap().contains("6281234567890") && due(folder.path()) == [1, 2]);
    let daemon = Daemon::start(folder.path(), |_| false);
    let text = read_until(&report, NAMELESS).await;
    assert!(text.contains("6281234567892") && !text.contains("7890"), "{text}");
    daemon.close().await;
    assert!(!taken_away.exists(), "one that was taken away stays away");
    assert_eq!(due(folder.path()), [0; 0]);
    let written = fs::metadata(&report).unwrap().modified().unwrap();
    Daemon::start(folder.path(), |_| false).close().await;
    assert_eq!(fs::metadata(&report).unwrap().modified().unwrap(), written);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_from_an_archive_leaves_the_reports_over_every_kill_and_one_that_was_taken_away_stays_away() {
    let (folder, unit) = office();
    let days = |days: i64| now().checked_sub(SignedDuration::from_hours(24 * days)).unwrap();
    let [report, taken_away] = three_jobs(days(60), folder.path(), &unit).await;
    let database = folder.path().join("k.db");
    let archive = || Reader::open(&database).unwrap().archives().unwrap().remove(0);
    let file = folder.path().join("arsip.db").display().to_string();
    committed(folder.path(), [act(Action::Archive(NewArchive { file, before: days(31) }))]);
    let made = Ok(make(&database, &archive(), now(), || true, |_| ()).unwrap());
    committed(folder.path(), [Event::Archive(ArchiveEvent::Made { archive: 1, made })]);
    let tended = |archive: &ArchiveView| {
        let erasures = Reader::open(&database).unwrap().erased_since(archive.tended_seq).unwrap();
        tend_archive(archive, &database, &erasures, Retention::default(), now(), || true).unwrap()
    };
    let first = Event::Archive(ArchiveEvent::Tended { archive: 1, tended: Ok(tended(&archive())) });
    committed(folder.path(), [first, erased()]);
    assert_eq!((archive().state.as_str(), due(folder.path())), ("done", vec![3]), "its time has passed meanwhile");
    // Taken out of the file, and nobody has heard of it; then heard of, and no report is written.
    assert_eq!(tended(&archive()).taken_out.jobs, [JobId(1), JobId(2)]);
    let again = Event::Archive(ArchiveEvent::Tended { archive: 1, tended: Ok(tended(&archive())) });
    committed(folder.path(), [again]);
    assert_eq!((tended(&archive()).taken_out.numbers, due(folder.path())), (0, vec![1, 2, 3]));
    fs::remove_file(&taken_away).unwrap();
    let daemon = Daemon::start(folder.path(), |_| false);
    let text = read_until(&report, NAMELESS).await;
    assert!(text.contains("6281234567892") && !text.contains("7890"), "{text}");
    daemon.close().await;
    assert!(!taken_away.exists());
    assert_eq!(due(folder.path()), [0; 0]);
}
