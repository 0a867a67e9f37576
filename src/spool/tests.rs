//! The queue directory with an engine that follows a script.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use tokio::task::JoinHandle;

use super::shelf::reason_name;
use super::*;
use crate::engine::event::{IntakeEvent, Refusal};

/// What the scripted engine saw, in the order of the events.
#[derive(Clone, Debug, PartialEq)]
enum Fact {
    Begun(String),
    Accepted { source: String, rows: Vec<String> },
    Abandoned(String),
    Filed { job: i64, name: String },
    Remarked(Vec<String>),
    Rejected { source: String, reason: String },
}

/// What the scripted engine does beside answering as the real one.
#[derive(Default)]
struct Script {
    /// Run once, when a file's header comes.
    on_begin: Option<Box<dyn FnOnce() + Send>>,
    /// Run once, when all of a file has come.
    on_complete: Option<Box<dyn FnOnce() + Send>>,
    /// How long a closed file rests, if not as briefly as the other tests want it.
    reopen: Option<Duration>,
    /// Sources that are answered only after this other one is filed.
    hold: Option<(String, String)>,
    /// A job accepted before a crash, not filed: its digest is that of the file of this name.
    unfiled: Option<String>,
    /// Every job is refused as one that nobody is left of.
    nobody: bool,
}

struct Office {
    dir: tempfile::TempDir,
    facts: mpsc::Receiver<Fact>,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

#[derive(Default)]
struct ScriptedEngine {
    open: BTreeMap<IntakeId, (String, String, Vec<String>)>,
    known: BTreeMap<String, (i64, bool)>,
    held: Vec<(String, IntakeId, i64, u64)>,
}

impl ScriptedEngine {
    async fn run(
        mut self,
        mut script: Script,
        mut events: mpsc::Receiver<Event>,
        orders: mpsc::Sender<SpoolOrder>,
        facts: mpsc::Sender<Fact>,
    ) {
        let answer = async |id, order| orders.send(SpoolOrder::Intake(id, order)).await.unwrap();
        while let Some(event) = events.recv().await {
            let (id, event) = match event {
                Event::Intake(id, event) => (id, event),
                Event::Folder { fault: None, .. } => continue,
                event => panic!("{event:?}"),
            };
            match event {
                IntakeEvent::Begin(header) => {
                    facts.send(Fact::Begun(header.source.clone())).await.unwrap();
                    if let Some(act) = script.on_begin.take() {
                        act();
                    }
                    if script.unfiled.take().is_some_and(|source| source == header.source) {
                        self.known.insert(header.digest.clone(), (77, false));
                    }
                    match self.known.get(&header.digest) {
                        Some((job, false)) => answer(id, IntakeOrder::Known { job: JobId(*job) }).await,
                        Some((job, true)) => {
                            let refusal = Refusal::SentBefore { job: JobId(*job), at: Timestamp::UNIX_EPOCH };
                            answer(id, IntakeOrder::Refused(refusal)).await;
                        }
                        None => drop(self.open.insert(id, (header.source, header.digest, Vec::new()))),
                    }
                }
                IntakeEvent::Waited(_) | IntakeEvent::Remarks(_) => {}
                IntakeEvent::Rows(rows) => {
                    if let Some((_, _, known)) = self.open.get_mut(&id) {
                        known.extend(rows.iter().map(|row| row.raw.clone()));
                    }
                }
                IntakeEvent::Complete => {
                    if let Some(act) = script.on_complete.take() {
                        act();
                    }
                    let Some((source, digest, rows)) = self.open.remove(&id) else { continue };
                    let (job, recipients) = (self.known.len() as i64 + 1, rows.len() as u64);
                    if script.nobody {
                        let excluded = [("duplicate", 1), ("invalid", 1), ("too_long", 2)].into();
                        let refusal = Refusal::Nobody { recipients, excluded, longest: Some((15, 8)) };
                        answer(id, IntakeOrder::Refused(refusal)).await;
                        continue;
                    }
                    self.known.insert(digest, (job, false));
                    facts.send(Fact::Accepted { source: source.clone(), rows }).await.unwrap();
                    match &script.hold {
                        Some((held, _)) if source.starts_with(held) => self.held.push((source, id, job, recipients)),
                        _ => answer(id, IntakeOrder::Accepted { job: JobId(job), recipients, excluded: 0 }).await,
                    }
                }
                IntakeEvent::Abandon => {
                    let source = self.open.remove(&id).map_or(String::new(), |(source, ..)| source);
                    facts.send(Fact::Abandoned(source)).await.unwrap();
                }
                IntakeEvent::Filed { job, name, remarks } => {
                    if !remarks.is_empty() {
                        facts.send(Fact::Remarked(remarks)).await.unwrap();
                    }
                    self.known.values_mut().filter(|known| known.0 == job.0).for_each(|known| known.1 = true);
                    if script.hold.take_if(|(_, until)| *until == name).is_some() {
                        for (_, id, job, recipients) in self.held.drain(..) {
                            answer(id, IntakeOrder::Accepted { job: JobId(job), recipients, excluded: 0 }).await;
                        }
                    }
                    facts.send(Fact::Filed { job: job.0, name }).await.unwrap();
                }
                IntakeEvent::Rejected { source, reason, .. } => {
                    facts.send(Fact::Rejected { source, reason }).await.unwrap();
                }
            }
        }
    }
}

impl Office {
    fn prepared() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for unit in ["damkar", "diskominfo"] {
            folder::prepare(&dir.path().join(unit)).unwrap();
        }
        dir
    }

    fn open(dir: tempfile::TempDir, script: Script) -> Self {
        let mut settings = SpoolSettings::new(
            dir.path(),
            &dir.path().join("none.db"),
            Arc::new(|| "2026-11-24T05:00:00Z".parse().unwrap()),
        );
        settings.units = ["damkar", "diskominfo"].map(Unit::named).to_vec();
        settings.scan_every = Duration::from_millis(300);
        settings.settle = Duration::from_millis(200);
        settings.reopen = script.reopen.unwrap_or(Duration::from_millis(100));
        settings.companion_wait = Duration::from_millis(600);
        let (events, inbox) = mpsc::channel(4);
        let (orders, orders_inbox) = mpsc::channel(16);
        let (facts_to, facts) = mpsc::channel(1024);
        let stop = CancellationToken::new();
        tokio::spawn(ScriptedEngine::default().run(script, inbox, orders, facts_to));
        let running =
            tokio::spawn(run(settings, events, orders_inbox, tokio::sync::oneshot::channel().0, stop.clone()));
        Self { dir, facts, stop, running }
    }

    fn start(script: Script) -> Self {
        Self::open(Self::prepared(), script)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn drop_file(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    async fn next(&mut self) -> Fact {
        tokio::time::timeout(Duration::from_secs(20), self.facts.recv()).await.expect("nothing happened").unwrap()
    }

    /// The next fact that ends the way of a file.
    async fn end(&mut self) -> Fact {
        loop {
            let fact = self.next().await;
            if matches!(fact, Fact::Filed { .. } | Fact::Rejected { .. }) {
                return fact;
            }
        }
    }

    async fn close(self) -> tempfile::TempDir {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(20), self.running).await.expect("it did not stop").unwrap();
        self.dir
    }
}

fn filed(job: i64, name: &str) -> Fact {
    Fact::Filed { job, name: name.to_owned() }
}

const LIST: &str = "nomor;pesan\n081234567890;Siaga\n081234567891;Siaga\n";

fn long_list(rows: u32, text: &str) -> String {
    let rows = (0..rows).map(|row| format!("0812{:08};{text}\n", 10_000_000 + row));
    "nomor;pesan\n".to_owned() + &rows.collect::<String>()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_list_becomes_a_job_and_moves_to_accepted() {
    let mut office = Office::start(Script::default());
    office.drop_file("damkar/siaga.csv", LIST);
    assert_eq!(office.next().await, Fact::Begun("siaga.csv".to_owned()));
    let rows = vec!["081234567890".to_owned(), "081234567891".to_owned()];
    assert_eq!(office.next().await, Fact::Accepted { source: "siaga.csv".to_owned(), rows });
    assert_eq!(office.next().await, filed(1, "siaga.csv"));
    assert_eq!(fs::read_to_string(office.path("damkar/accepted/siaga.csv")).unwrap(), LIST);
    assert!(!office.path("damkar/siaga.csv").exists());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_content_twice_is_one_job_even_at_the_same_moment() {
    let mut office = Office::start(Script::default());
    office.drop_file("damkar/a.csv", LIST);
    office.drop_file("diskominfo/b.csv", LIST);
    let ends = [office.end().await, office.end().await];
    assert_eq!(ends.iter().filter(|end| matches!(end, Fact::Filed { .. })).count(), 1, "{ends:?}");
    assert!(ends.iter().any(|end| matches!(end, Fact::Rejected { reason, .. } if reason.contains("as job 1"))));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_job_is_rejected_beside_its_reason() {
    let mut office = Office::start(Script::default());
    for (name, content, expected) in [
        ("leer.csv", "", "Berkas kosong"),
        ("gambar.csv", "\u{7f}ELF\0\0\0", "bukan teks"),
        ("surat.pdf", "%PDF", "tidak dikenal"),
        ("siaga.report.csv", "row,number\n2,6281234567890\n", "nama laporan"),
        ("tabel.csv", "nama;alamat\nBudi;Dago\n", "baris 1: tidak ada kolom nomor"),
        ("pesan.txt", "Kepada: 081234567890\nKelas: kilat\n\nx", "baris 2: `kilat` bukan kelas"),
    ] {
        office.drop_file(&format!("damkar/{name}"), content);
        assert!(matches!(office.end().await, Fact::Rejected { source, .. } if source == name));
        assert!(office.path(&format!("damkar/rejected/{name}")).exists());
        let reason = fs::read_to_string(office.path(&format!("damkar/rejected/{}", reason_name(name)))).unwrap();
        assert!(reason.to_lowercase().contains(&expected.to_lowercase()), "{reason}");
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_which_nobody_is_left_says_for_which_reasons() {
    let mut office = Office::start(Script { nobody: true, ..Script::default() });
    office.drop_file("damkar/a.csv", "nomor;pesan\n081234567890;a\n081234567890;a\nx;a\n081234567891;a\n");
    let Fact::Rejected { reason, .. } = office.end().await else { panic!() };
    assert!(
        reason.starts_with(
            "none of the 4 recipients is left: 1 named twice; 1 with a number that cannot be used; \
             2 with a text of up to 15 segments, at most 8 are allowed;"
        ),
        "{reason}"
    );
    let notice = fs::read_to_string(office.path("damkar/rejected/a.reason.txt")).unwrap();
    assert!(
        notice.contains(
            "1 disebut dua kali; 1 dengan nomor yang tidak dapat dipakai; 2 dengan isi sampai 15 bagian, paling banyak 8."
        ),
        "{notice}"
    );
    office.close().await;
}

#[test]
fn a_text_that_is_too_long_for_everybody_is_said_with_the_limit_and_nothing_is_guessed() {
    let refusal = Refusal::Nobody { recipients: 1, excluded: [("too_long", 1)].into(), longest: Some((15, 8)) };
    let notice = Rejection::refused(refusal, &jiff::tz::TimeZone::UTC).notice("a.txt");
    assert!(notice.contains("Alasan: isi memerlukan 15 bagian, paling banyak 8.\n"), "{notice}");
    assert!(notice.contains("Reason: the text needs 15 segments, at most 8 are allowed.\n"), "{notice}");
}

#[test]
fn times_in_reasons_are_the_offices() {
    let zone = jiff::tz::TimeZone::get("Asia/Jakarta").unwrap();
    let at = "2026-11-24T03:52:07.123Z".parse().unwrap();
    for refusal in [Refusal::SentBefore { job: JobId(7), at }, Refusal::TooLate { expires_at: at }] {
        let notice = Rejection::refused(refusal, &zone).notice("a.txt");
        assert_eq!(notice.matches("24-11-2026 10:52 WIB").count(), 2, "{notice}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_being_written_is_left_until_it_is_closed() {
    let mut office = Office::start(Script::default());
    // A file that goes all the way shows that the folder is being watched.
    office.drop_file("damkar/b.csv", "nomor;pesan\n081234567891;b\n");
    assert_eq!(office.end().await, filed(1, "b.csv"));
    let mut file = fs::File::create(office.path("damkar/a.csv")).unwrap();
    file.write_all(b"nomor;pesan\n081234567890;a\n").unwrap();
    // Another one, and the wait for a companion that never comes: the writer rests longer than a file must.
    office.drop_file("damkar/c.txt", "Kepada: tidak-ada.csv\n\nx");
    assert!(matches!(office.end().await, Fact::Rejected { source, .. } if source == "c.txt"));
    file.write_all(b"081234567892;c\n").unwrap();
    drop(file);
    assert_eq!(office.next().await, Fact::Begun("a.csv".to_owned()));
    assert!(matches!(office.next().await, Fact::Accepted { rows, .. } if rows.len() == 2));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_grows_while_it_is_read_is_read_again() {
    let dir = Office::prepared();
    let path = dir.path().join("damkar/a.csv");
    let grow = {
        let path = path.clone();
        move || {
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            file.write_all(b"081234567890;akhir\n").unwrap();
        }
    };
    let mut office = Office::open(dir, Script { on_begin: Some(Box::new(grow)), ..Script::default() });
    fs::write(path, long_list(10_000, "x")).unwrap();
    assert_eq!(office.next().await, Fact::Begun("a.csv".to_owned()));
    assert_eq!(office.next().await, Fact::Abandoned("a.csv".to_owned()));
    assert_eq!(office.next().await, Fact::Begun("a.csv".to_owned()));
    assert!(matches!(office.next().await, Fact::Accepted { rows, .. } if rows.len() == 10_001));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_to_a_file_after_it_was_read_is_said_to_be_left_out() {
    let dir = Office::prepared();
    let path = dir.path().join("damkar/a.csv");
    let add = move || {
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"081234567892;Siaga\n").unwrap();
    };
    let mut office = Office::open(dir, Script { on_complete: Some(Box::new(add)), ..Script::default() });
    office.drop_file("damkar/a.csv", LIST);
    assert_eq!(office.next().await, Fact::Begun("a.csv".to_owned()));
    assert!(matches!(office.next().await, Fact::Accepted { rows, .. } if rows.len() == 2));
    let Fact::Remarked(remarks) = office.next().await else { panic!("nothing was said") };
    assert!(remarks.len() == 1 && remarks[0].starts_with("`a.csv` was written to after it was read"), "{remarks:?}");
    assert_eq!(office.next().await, filed(1, "a.csv"));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_taken_when_it_is_closed_and_what_is_moved_in_at_once() {
    let mut office = Office::start(Script { reopen: Some(Duration::from_secs(3600)), ..Script::default() });
    office.drop_file("damkar/.list", LIST);
    fs::rename(office.path("damkar/.list"), office.path("damkar/list.csv")).unwrap();
    assert!(matches!(office.end().await, Fact::Filed { name, .. } if name == "list.csv"));
    // The folder is watched by now.
    office.drop_file("damkar/rapat.txt", "Kepada: 081234567890\n\nRapat\n");
    office.drop_file("damkar/awas.txt", "Kepada: 081234567890\nKelas: darurat\n\nAwas\n");
    assert_eq!(office.next().await, Fact::Begun("awas.txt".to_owned()));
    assert!(matches!(office.end().await, Fact::Filed { name, .. } if name == "awas.txt"));
    assert!(office.path("damkar/rapat.txt").exists(), "it rests");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_vanishes_while_it_is_read_is_no_job() {
    let dir = Office::prepared();
    let path = dir.path().join("damkar/a.csv");
    let vanish = {
        let path = path.clone();
        move || fs::remove_file(path).unwrap()
    };
    let mut office = Office::open(dir, Script { on_begin: Some(Box::new(vanish)), ..Script::default() });
    fs::write(path, long_list(10_000, "x")).unwrap();
    assert_eq!(office.next().await, Fact::Begun("a.csv".to_owned()));
    assert_eq!(office.next().await, Fact::Abandoned("a.csv".to_owned()));
    office.drop_file("damkar/b.csv", LIST);
    assert_eq!(office.end().await, filed(1, "b.csv"));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_and_the_text_that_names_it_are_one_job_and_move_together() {
    let mut office = Office::start(Script::default());
    office.drop_file("damkar/rt.csv", "hp;nama\n081234567890;Réni\n");
    office.drop_file("damkar/siaga.txt", "Kepada: rt.csv\n\nYth. {nama}, siaga.");
    assert_eq!(office.end().await, filed(1, "siaga.txt"));
    assert!(office.path("damkar/accepted/rt.csv").exists() && office.path("damkar/accepted/siaga.txt").exists());
    // The text comes first, so that its list, which has texts of its own, is known to belong to it.
    office.drop_file("damkar/salah.txt", "Kepada: rw.csv\n\nYth. {nma}, siaga.");
    office.drop_file("damkar/rw.csv", "hp;pesan\n081234567890;jangan dikirim sendiri\n");
    assert!(matches!(office.end().await, Fact::Rejected { source, .. } if source == "salah.txt"));
    assert!(office.path("damkar/rejected/rw.csv").exists() && !office.path("damkar/rw.csv").exists());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_texts_that_share_a_list_are_two_jobs_and_a_later_one_is_told_where_the_list_went() {
    let dir = Office::prepared();
    let second = dir.path().join("damkar/rapat.txt");
    fs::write(dir.path().join("damkar/rt.csv"), "hp;nama\n081234567890;Réni\n").unwrap();
    // It comes when the first has been read, and before that is moved away.
    let drop_second = move || fs::write(second, "Kepada: rt.csv\n\nYth. {nama}, rapat.").unwrap();
    let mut office = Office::open(dir, Script { on_complete: Some(Box::new(drop_second)), ..Script::default() });
    office.drop_file("damkar/siaga.txt", "Kepada: rt.csv\n\nYth. {nama}, siaga.");
    assert_eq!(office.end().await, filed(1, "siaga.txt"));
    assert_eq!(office.end().await, filed(2, "rapat.txt"));
    assert!(office.path("damkar/accepted/rt.csv").exists() && !office.path("damkar/rt.csv").exists());
    office.drop_file("damkar/lagi.txt", "Kepada: rt.csv\n\nYth. {nama}, lagi.");
    let Fact::Rejected { source, reason } = office.end().await else { panic!() };
    assert!(
        source == "lagi.txt" && reason.contains("one of this name went to accepted/ with another text"),
        "{reason}"
    );
    let notice = fs::read_to_string(office.path("damkar/rejected/lagi.reason.txt")).unwrap();
    assert!(notice.contains("salin kembali ke folder ini"), "{notice}");
    // Brought back it is a list like any other, and not taken along without a word.
    fs::rename(office.path("damkar/accepted/rt.csv"), office.path("damkar/rt.csv")).unwrap();
    assert!(matches!(office.end().await, Fact::Rejected { source, .. } if source == "rt.csv"));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_stays_for_a_text_which_is_taken_away_follows_the_job_that_had_it_and_is_none_of_its_own() {
    let dir = Office::prepared();
    let second = dir.path().join("damkar/rapat.txt");
    fs::write(dir.path().join("damkar/rt.csv"), "hp;pesan\n081234567890;jangan dikirim sendiri\n").unwrap();
    let drop_second = {
        let second = second.clone();
        move || fs::write(second, "Kepada: rt.csv\n\nRapat.").unwrap()
    };
    let script = Script {
        on_complete: Some(Box::new(drop_second)),
        hold: Some(("rapat".to_owned(), "99.csv".to_owned())),
        ..Script::default()
    };
    let mut office = Office::open(dir, script);
    office.drop_file("damkar/siaga.txt", "Kepada: rt.csv\n\nSiaga.");
    assert_eq!(office.end().await, filed(1, "siaga.txt"));
    while !matches!(office.next().await, Fact::Accepted { source, .. } if source == "rapat.txt") {}
    assert!(office.path("damkar/rt.csv").exists(), "it is named still");
    fs::remove_file(second).unwrap();
    // While it is looked at again others come and go.
    for place in 0..99 {
        office.drop_file(&format!("diskominfo/{place}.csv"), &long_list(1, &place.to_string()));
        loop {
            match office.next().await {
                Fact::Begun(source) => assert_ne!(source, "rt.csv"),
                Fact::Filed { .. } => break,
                _ => {}
            }
        }
        if !office.path("damkar/rt.csv").exists() {
            break;
        }
    }
    assert!(office.path("damkar/accepted/rt.csv").exists() && !office.path("damkar/rt.csv").exists());
    office.drop_file("diskominfo/99.csv", &long_list(1, "99"));
    office.end().await;
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_follow_at_once_follows_later_and_is_no_job_of_its_own() {
    let dir = Office::prepared();
    // A name as long as names can be, which lies in accepted/ already: there is none with a number behind it.
    let list = format!("{}.csv", "w".repeat(251));
    let (dropped, there) = (dir.path().join("damkar").join(&list), dir.path().join("damkar/accepted").join(&list));
    fs::write(&there, "of last month").unwrap();
    fs::write(&dropped, LIST).unwrap();
    let mut office = Office::open(dir, Script::default());
    office.drop_file("damkar/siaga.txt", &format!("Kepada: {list}\n\nSiaga."));
    assert_eq!(office.end().await, filed(1, "siaga.txt"), "what could be moved is on record");
    assert!(dropped.exists() && fs::read_to_string(&there).unwrap() == "of last month");
    fs::remove_file(&there).unwrap();
    // While it is tried again others come and go.
    for place in 0..100 {
        office.drop_file(&format!("diskominfo/{place}.csv"), &long_list(1, &place.to_string()));
        loop {
            match office.next().await {
                Fact::Begun(source) => assert_ne!(source, list),
                Fact::Filed { .. } => break,
                _ => {}
            }
        }
        if !dropped.exists() {
            break;
        }
    }
    assert!(!dropped.exists() && fs::read_to_string(&there).unwrap() == LIST);
    // Another file of that name is a job like any other.
    fs::remove_file(&there).unwrap();
    fs::write(&dropped, long_list(2, "Rapat")).unwrap();
    assert!(matches!(office.end().await, Fact::Filed { name, .. } if name.starts_with("www")));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_a_text_is_rejected_when_none_comes() {
    let mut office = Office::start(Script::default());
    office.drop_file("damkar/rt.csv", "hp;nama\n081234567890;Réni\n");
    let Fact::Rejected { source, reason } = office.end().await else { panic!() };
    assert_eq!(source, "rt.csv");
    assert!(reason.contains("drop `rt.txt` beside it with the line `Kepada: rt.csv`"), "{reason}");
    office.drop_file("damkar/siaga.txt", "Kepada: rt.csv\n\nSiaga.");
    assert!(
        matches!(office.end().await, Fact::Rejected { reason, .. } if reason.contains("`rt.csv` is not in this folder"))
    );
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_pipes_and_second_names_are_refused_and_never_followed() {
    let mut office = Office::start(Script::default());
    let secret = office.path("rahasia");
    fs::write(&secret, LIST).unwrap();
    std::os::unix::fs::symlink(&secret, office.path("damkar/tautan.csv")).unwrap();
    assert!(matches!(office.end().await, Fact::Rejected { reason, .. } if reason.contains("this is a link")));
    let pipe = office.path("damkar/pipa.csv");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    assert!(matches!(office.end().await, Fact::Rejected { source, .. } if source == "pipa.csv"));
    fs::hard_link(&secret, office.path("damkar/nama-kedua.csv")).unwrap();
    assert!(matches!(office.end().await, Fact::Rejected { reason, .. } if reason.contains("hard link")));
    fs::create_dir(office.path("damkar/folder.csv")).unwrap();
    office.drop_file("damkar/a.csv", LIST);
    assert_eq!(office.end().await, filed(1, "a.csv"));
    assert!(office.path("damkar/folder.csv").is_dir());
    assert_eq!(fs::read_to_string(secret).unwrap(), LIST);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_no_unit_stays_and_gets_a_reason_once() {
    let dir = Office::prepared();
    fs::create_dir(dir.path().join("pajak")).unwrap();
    fs::write(dir.path().join("pajak/a.csv"), LIST).unwrap();
    let mut office = Office::open(dir, Script::default());
    assert!(matches!(office.end().await, Fact::Rejected { source, .. } if source == "a.csv"));
    let reason = fs::read_to_string(office.path("pajak/a.reason.txt")).unwrap();
    assert!(reason.contains("`damkar`, `diskominfo`"), "{reason}");
    office.drop_file("damkar/b.csv", LIST);
    assert_eq!(office.end().await, filed(1, "b.csv"));
    assert!(office.path("pajak/a.csv").exists());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_accepted_before_a_crash_only_has_its_file_moved() {
    let dir = Office::prepared();
    fs::write(dir.path().join("damkar/a.csv"), LIST).unwrap();
    fs::write(dir.path().join("damkar/accepted/a.csv"), "an older one").unwrap();
    let mut office = Office::open(dir, Script { unfiled: Some("a.csv".to_owned()), ..Script::default() });
    assert_eq!(office.end().await, filed(77, "a-2.csv"));
    assert!(office.path("damkar/accepted/a-2.csv").exists() && !office.path("damkar/a.csv").exists());
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_do_not_stand_in_the_way_of_a_warning() {
    let hold = Some(("besar".to_owned(), "siaga.txt".to_owned()));
    let mut office = Office::start(Script { hold, ..Script::default() });
    for number in 0..4 {
        office.drop_file(&format!("diskominfo/besar{number}.csv"), &long_list(20_000, &format!("{:060}", number)));
    }
    let mut accepted = 0;
    while accepted < 2 {
        accepted += u32::from(matches!(office.next().await, Fact::Accepted { .. }));
    }
    // Two long lists are in hand and get no answer; nothing else of their size may start.
    office.drop_file("damkar/siaga.txt", "Kepada: 081234567890\nKelas: darurat\n\nAir naik.");
    assert_eq!(office.end().await, filed(3, "siaga.txt"));
    for _ in 0..4 {
        assert!(matches!(office.end().await, Fact::Filed { .. }));
    }
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_files_that_are_half_read_in_the_queue() {
    let dir = Office::prepared();
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    let path = dir.path().join("damkar/a.csv");
    fs::write(&path, long_list(50_000, "x")).unwrap();
    let mut office =
        Office::open(dir, Script { on_begin: Some(Box::new(move || stopping.cancel())), ..Script::default() });
    assert_eq!(office.next().await, Fact::Begun("a.csv".to_owned()));
    stop.cancelled().await;
    office.stop.cancel();
    assert_eq!(office.next().await, Fact::Abandoned("a.csv".to_owned()));
    office.close().await;
}
