//! The queue directory with the real engine and ledger, without modems: reports, and what a crash leaves.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use kentongan::engine::event::{Act, Action, Event, IntakeEvent, Order};
use kentongan::engine::{Engine, Rules};
use kentongan::model::{JobId, Timestamp};
use kentongan::spool::{self, SpoolOrder, SpoolSettings, Unit};
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
        let database = folder.join("k.db");
        let store = Store::open(&database).unwrap();
        let mut engine = Engine::open(store, Rules::default(), now(), 1).unwrap();
        let (events, mut inbox) = mpsc::channel::<Event>(64);
        let (to_spool, orders) = mpsc::channel(64);
        let engine = std::thread::spawn(move || {
            let mut batch = Vec::new();
            while inbox.blocking_recv_many(&mut batch, 64) > 0 {
                let step = engine.handle(now(), batch.drain(..).filter(|event| !lose(event))).unwrap();
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
    let action = Action::Cancel(JobId(1));
    let act = Act { reply_to: None, actor: "andi".to_owned(), reason: String::new(), action };
    daemon.events.send(Event::Act(act)).await.unwrap();
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
