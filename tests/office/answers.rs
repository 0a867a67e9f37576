//! The command line as a caller of the daemon: it says the same whether one runs or not, needs nothing but the socket, and brings
//! nothing twice.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::outside::{Office, Said};
use serde_json::json;

const UNITS: &str = "[office]\nname = \"Diskominfo\"\n[limits]\nper_minute = 0\n[approval]\nabove_recipients = 2\n\
                     [[unit]]\nname = \"diskominfo\"\n[[unit]]\nname = \"damkar\"\nclasses = [\"darurat\", \"penting\"]\n";

/// What a user says who can read neither settings nor ledger.
fn by_socket(office: &Office, socket: &str, words: &[&str]) -> Said {
    let socket = office.path(socket);
    let before = ["--config", "/nowhere/kentongan.toml", "--socket", socket.to_str().unwrap()];
    office.run(&[&before[..], words].concat())
}

fn done(said: &Said) {
    assert_eq!(said.code, 0, "{said:?}");
}

/// What is said to each of these questions.
fn asked(office: &Office, questions: &[&[&str]]) -> Vec<(i32, String, String)> {
    let each = questions.iter().map(|words| office.run(words));
    each.map(|said| (said.code, said.out, said.err)).collect()
}

#[test]
fn a_question_has_the_same_answer_whether_a_daemon_runs_or_not() {
    let office = Office::with(UNITS);
    let daemon = office.daemon();
    let csv = "nomor;nama;pesan\n0812 3456 7890;Asep;Halo {nama}\n+6281234567890;Asep;lagi\n0857 1234 5678;Budi;Halo\n12;x;y\n";
    office.write("undangan.csv", csv);
    done(&office.run(&["submit", "undangan.csv", "--unit", "diskominfo"]));
    office.write("siaga.txt", "Kepada: 081234567891, 081234567892, 081234567893\n\nSiaga.\n");
    done(&office.run(&["submit", "siaga.txt", "--unit", "damkar"]));
    office.write("SMS-00A1", "To: 6281234567894\nFlash: yes\n\nSiaga.\n");
    done(&office.run(&["submit", "SMS-00A1", "--unit", "damkar"]));
    for number in ["081200000001", "081200000002", "081200000003"] {
        done(&office.run(&["optout", "add", number, "--reason", "lewat telepon"]));
    }
    done(&office.run(&[
        "person",
        "erase",
        "081200000002",
        "--yes",
        "--reason",
        "surat",
        "--by",
        "letter",
        "--letter",
        "1",
    ]));
    office.write("warga.csv", "nomor,nama\n081234567890,Ani\n081200000001,Budi\n");
    office.write("rapat.txt", "Kepada: warga.csv\nKirim: 2099-01-01 08:00\n\nRapat, {nama} 😀.\n");
    done(&office.run(&["pause", "--unit", "damkar"]));
    let moratorium = ["moratorium", "add", "--from", "2099-01-01", "--until", "2099-01-02", "--reason", "masa tenang"];
    done(&office.run(&moratorium));
    done(&office.run(&["token", "add", "layar", "--right", "view"]));
    let uid = office.json(&["jobs", "--json"])[0]["uid"].as_str().unwrap().to_owned();
    let questions: [&[&str]; 34] = [
        &["jobs"],
        &["jobs", "--json"],
        &["jobs", "--limit", "1"],
        &["jobs", "--limit", "1", "--json"],
        &["job", "1"],
        &["job", "1", "--json"],
        &["job", "1", "--csv"],
        &["job", "2", "--lang", "id"],
        &["job", &uid[..13], "--json"],
        &["job", "3"],
        &["job", "99"],
        &["job", "ffffffff"],
        &["inbox", "--json"],
        &["inbox", "--operator", "--json"],
        &["optouts"],
        &["optouts", "--json"],
        &["optouts", "--limit", "1", "--json"],
        &["doubts"],
        &["doubts", "--json"],
        &["alarms"],
        &["alarms", "--all", "--json"],
        &["modems", "--json"],
        &["modems", "history", "modem-1"],
        &["routes", "--json"],
        &["webhooks", "--json"],
        &["account", "list"],
        &["token", "list", "--json"],
        &["moratorium", "list", "--json"],
        &["check", "undangan.csv", "--unit", "diskominfo", "--json"],
        &["check", "undangan.csv", "--unit", "damkar", "--lang", "id"],
        &["check", "rapat.txt", "--unit", "diskominfo"],
        &["person", "show", "081234567890", "--json"],
        &["audience", "list", "--json"],
        &["roster", "imports", "--json"],
    ];
    let ask = || asked(&office, &questions);
    let mut status = office.json(&["status", "--json"]);
    assert_eq!(status["daemon_running"], true);
    let running = ask();
    drop(daemon);
    for ((words, running), stopped) in questions.iter().zip(&running).zip(&ask()) {
        assert_eq!(running, stopped, "{words:?}");
    }
    status["daemon_running"] = json!(false);
    assert_eq!(office.json(&["status", "--json"]), status);
    let shown = &running[4].1;
    assert!(shown.contains("duplicate") && shown.contains("6281234567890"), "{shown}");
    assert!(running[7].1.contains("Menunggu:       ditahan"), "{:?}", running[7]);
    assert!(running[8].1.contains(&uid) && running[10].0 == 1 && running[11].0 == 1);
    assert!(running[9].1.contains("Not done as the file says"), "{:?}", running[9]);
    assert!(running[14].1.contains("1 more"), "one was erased: {:?}", running[14]);
}

#[test]
fn the_record_the_roster_and_what_a_list_changes_are_told_the_same_whether_a_daemon_runs_or_not() {
    let office = Office::with_ledger(UNITS);
    let hand = rusqlite::Connection::open(office.path("k.db")).unwrap();
    hand.execute_batch("INSERT INTO suspended VALUES (6281200000003, 1, 3, 0), (6281200000009, 1, 4, 0)").unwrap();
    drop(hand);
    let daemon = office.daemon();
    let none = [&["roster", "list"][..], &["roster", "export", "--lang", "id"], &["audience", "count", "peran=RW"]];
    let without_a_roster = asked(&office, &none);
    let head = "peran;kecamatan;kelurahan;rw;nama;nomor";
    let first = format!(
        "{head}\nRW;Coblong;Dago;1;Dewi;081200000001\nRW;Coblong;Dago;2;=Eti;081200000002\nRW;Sukajadi;Pasteur;3;Ima;081200000003\n"
    );
    office.write("rw.csv", &first);
    done(&office.run(&["roster", "import", "rw.csv", "--apply", "--source", "SK 1/2026", "--basis", "tugas publik"]));
    office.write("rw-2.csv", &first.replace("081200000001", "081200000011"));
    done(&office.run(&["roster", "import", "rw-2.csv", "--apply"]));
    done(&office.run(&["audience", "save", "rw-coblong", "peran=RW dan kecamatan=Coblong", "--reason", "siaga"]));
    done(&office.run(&["optout", "add", "081200000002"]));
    // Somebody new has what was Dewi's number, two offices share one, a line cannot be read, and somebody is gone.
    office.write(
        "rw-3.csv",
        &format!(
            "{head}\nRW;Coblong;Dago;1;Ujang;081200000012\nRW;Coblong;Dago;4;Siti;081200000001\nRW;Coblong;Dago;5;A;0812\n\
             RW;Sukajadi;Pasteur;3;Ima;081200000014\nRW;Sukajadi;Pasteur;6;Ria;081200000014\n"
        ),
    );
    office.write("rusak.csv", &format!("{head}\nRW;Coblong;Dgo;1;A;0\nRW;Coblong;Dago;x;B;0812\n"));
    office.write("kosong.csv", head);
    done(&office.run(&["send", "--to", "081234567890", "--text", "Apel pagi", "--unit", "damkar"]));
    let month = office.json(&["jobs", "--json"])[0]["created_at"].as_str().unwrap()[..7].to_owned();
    let questions: [&[&str]; 31] = [
        &["audit", "export"],
        &["audit", "export", "--json"],
        &["audit", "export", "--until", "2020-01-01"],
        &["audit", "summary", &month],
        &["audit", "summary", &month, "--json"],
        &["audit", "summary", "2020-01", "--lang", "id"],
        &["audit", "verify"],
        &["audience", "count", "@rw-coblong"],
        &["audience", "count", "peran=RW atau peran=RT", "--json"],
        &["audience", "count", "peran=RW dan kecamatan=Coblongg", "--lang", "id"],
        &["audience", "save", "x", "peran=RX"],
        &["roster", "list"],
        &["roster", "list", "--json"],
        &["roster", "list", "--limit", "2"],
        &["roster", "list", "--limit", "2", "--json"],
        &["roster", "list", "--audience", "@rw-coblong", "--json"],
        &["roster", "list", "--audience", "@tidak-ada"],
        &["roster", "show", "0812-0000-0001"],
        &["roster", "show", "1", "--json"],
        &["roster", "show", "99", "--lang", "id"],
        &["roster", "export"],
        &["roster", "export", "--audience", "kecamatan=Sukajadi"],
        &["roster", "corrections"],
        &["roster", "corrections", "--kelurahan", "kel. pasteur", "--csv"],
        &["roster", "imports"],
        &["roster", "import", "rw-3.csv"],
        &["roster", "import", "rw-3.csv", "--json", "--add-only", "--lang", "id"],
        &["roster", "import", "rw-3.csv", "--complete", "--apply=00000000", "--lang", "id"],
        &["roster", "import", "rusak.csv", "--apply", "--lang", "id"],
        &["roster", "import", "kosong.csv"],
        &["roster", "import", "tidak-ada.csv"],
    ];
    let running = asked(&office, &questions);
    let glance = office.run(&["top", "--once"]);
    drop(daemon);
    for ((words, running), stopped) in questions.iter().zip(&running).zip(&asked(&office, &questions)) {
        assert_eq!(running, stopped, "{words:?}");
    }
    // When it was looked at, for how long something waits and whether the daemon runs stand in the first lines.
    let lists =
        |said: &Said| said.out.lines().skip_while(|line| !line.starts_with("JOB")).collect::<Vec<_>>().join("\n");
    let stopped = office.run(&["top", "--once"]);
    assert!(
        glance.out.contains("daemon running") && stopped.out.contains("DAEMON NOT RUNNING"),
        "{glance:?} {stopped:?}"
    );
    assert!(lists(&glance).contains("damkar"), "{glance:?}");
    assert_eq!(lists(&glance), lists(&stopped));

    let said = |words: &[&str]| {
        let place = questions.iter().position(|known| *known == words).unwrap();
        (running[place].0, format!("{}{}", running[place].1, running[place].2))
    };
    let (code, export) = said(&["audit", "export"]);
    assert!(code == 0 && export.contains("SK 1/2026") && export.contains("audience_saved"), "{export}");
    let (code, shown) = said(&["roster", "import", "rw-3.csv"]);
    assert!(code == 0 && shown.contains("was the number of Dewi (RW 01, Dago, Coblong) until"), "{shown}");
    assert!(shown.contains("several persons") && shown.contains("this is a short code"), "{shown}");
    let (code, refused) = said(&["roster", "import", "rw-3.csv", "--complete", "--apply=00000000", "--lang", "id"]);
    assert!(code == 1 && refused.contains("bukan lagi yang disetujui"), "{refused}");
    let (code, refused) = said(&["roster", "import", "rusak.csv", "--apply", "--lang", "id"]);
    assert!(code == 1 && refused.contains("2 dari 2 baris tidak dapat dipakai"), "{refused}");
    let (code, export) = said(&["roster", "export"]);
    assert!(code == 0 && export.contains("0812-0000-0011") && export.contains("'=Eti"), "{export}");
    assert_eq!(said(&["roster", "show", "99", "--lang", "id"]).0, 1);

    let fresh = Office::with_ledger(UNITS);
    assert_eq!(asked(&fresh, &none), without_a_roster);
    assert!(without_a_roster[1].2.contains("belum ada daftar pejabat"), "{without_a_roster:?}");
}

#[test]
fn whoever_can_read_neither_settings_nor_ledger_goes_by_the_socket_alone() {
    let office = Office::with(UNITS);
    let daemon = office.daemon();
    let says = |words: &[&str]| by_socket(&office, "k.sock", words);
    let sent = says(&["send", "--to", "0812 3456 7890", "--text", "Apel pagi", "--unit", "damkar"]);
    assert!(sent.code == 0 && sent.out.starts_with("Job 1: 1 messages, 0 recipients excluded."), "{sent:?}");
    assert_eq!(office.json(&["job", "1", "--json"])["class"], "important", "the least urgent that the unit may use");
    let which = says(&["send", "--to", "081234567890", "--text", "x"]);
    assert!(which.code == 1 && which.err.contains("diskominfo, damkar"), "{which:?}");
    let wrong = says(&["pause", "--unit", "dinkes"]);
    assert!(wrong.code == 1 && wrong.err.contains("k.sock"), "{wrong:?}");
    done(&says(&["optout", "add", "081234567890", "--reason", "lewat telepon"]));
    for words in [&["status"][..], &["jobs"], &["job", "1"], &["modems"], &["inbox"], &["doubts"], &["alarms"]] {
        assert_eq!(says(words).out, office.run(words).out, "{words:?}");
    }
    office.write("rw.csv", "peran;kecamatan;kelurahan;rw;nama;nomor\nRW;Coblong;Dago;1;Dewi;081200000001\n");
    done(&says(&["roster", "import", "rw.csv", "--apply"]));
    done(&says(&["audience", "save", "rw", "peran=RW"]));
    for words in [&["roster", "list"][..], &["roster", "export"], &["audience", "count", "@rw"], &["audit", "export"]] {
        assert_eq!(says(words).out, office.run(words).out, "{words:?}");
    }
    done(&says(&["person", "show", "081234567890"]));
    let glance = says(&["top", "--once"]);
    assert!(glance.code == 0 && glance.out.contains("Diskominfo") && glance.out.contains("damkar"), "{glance:?}");
    let shown = says(&["optouts"]);
    assert!(shown.out.contains("+6281234567890"), "{shown:?}");
    let shown = says(&["person", "show", "081234567890"]);
    assert!(shown.code == 0 && shown.out.contains("Apel pagi"), "{shown:?}");
    let archive = says(&["--archive", "k.db", "jobs"]);
    assert!(archive.code == 1 && archive.err.contains("leave --socket"), "{archive:?}");
    let ledger = says(&["backup", "copy.db"]);
    assert!(ledger.code == 1 && ledger.err.contains("sudo -u kentongan"), "{ledger:?}");
    let verdict = says(&["audit", "verify"]);
    assert!(verdict.code == 1 && verdict.err.contains("sudo -u kentongan"), "not for its writer to say: {verdict:?}");
    drop(daemon);
    let stopped = says(&["status"]);
    assert!(stopped.code == 1 && stopped.err.contains("systemctl start kentongan"), "{stopped:?}");
    let stopped = says(&["send", "--to", "081234567890", "--text", "x", "--unit", "damkar"]);
    assert!(stopped.code == 1 && stopped.err.contains("systemctl start kentongan"), "nothing is dropped: {stopped:?}");
}

#[test]
fn a_text_brings_its_lists_along_and_what_is_rejected_is_told_in_the_readers_language() {
    let office = Office::with(UNITS);
    let _daemon = office.daemon();
    office.write("utara.csv", "nomor,nama\n081234567890,Ani\n");
    office.write("RW 1.csv", "nomor,nama\n085712345678,Budi\n");
    office.write("apel.txt", "Kepada: utara.csv, RW 1.csv\n\nApel pagi, {nama}.\n");
    let words = ["submit", "apel.txt", "utara.csv", "RW 1.csv", "--unit", "diskominfo"];
    let said = office.run(&words);
    assert!(said.code == 0 && said.out.contains("Job 1: 2 messages"), "{said:?}");
    let again = office.run(&[&words[..], &["--lang", "id"]].concat());
    assert!(again.code == 1 && again.err.contains("pekerjaan 1"), "{again:?}");
    office.write("buruk.csv", "nama;pesan\nAni;Halo\n");
    let said = office.run(&["submit", "buruk.csv", "--unit", "diskominfo", "--lang", "id"]);
    assert!(said.code == 1 && said.err.contains("buruk.csv: ") && said.err.contains("kolom"), "{said:?}");
    // A list of somebody else's, which waits there for its text.
    office.write("queue/diskominfo/selatan.csv", "nomor\n081234567899\n");
    office.write("selatan.csv", "nomor\n081234567898\n");
    office.write("rapat.txt", "Kepada: selatan.csv\n\nRapat.\n");
    let said = office.run(&["submit", "rapat.txt", "selatan.csv", "--unit", "diskominfo"]);
    assert!(said.code == 1 && said.err.contains("name this list otherwise"), "{said:?}");
    assert_eq!(office.json(&["jobs", "--json"]).as_array().unwrap().len(), 1);
}

/// Between the command line and the daemon: tells this in the place of the answer to the first thing that is brought, nothing at all
/// where it is empty, and hands on all others. Says whether it has lost one.
fn lossy(socket: PathBuf, daemon: PathBuf, instead: String) -> Arc<AtomicBool> {
    let listener = UnixListener::bind(socket).unwrap();
    let lost = Arc::new(AtomicBool::new(false));
    let has_lost = lost.clone();
    std::thread::spawn(move || {
        for caller in listener.incoming() {
            let (mut caller, mut there) = (caller.unwrap(), UnixStream::connect(&daemon).unwrap());
            let mut piece = vec![0; 64 * 1024];
            let read = caller.read(&mut piece).unwrap();
            let loses = !lost.load(Ordering::SeqCst) && piece.starts_with(b"POST");
            there.write_all(&piece[..read]).unwrap();
            let (mut asked, mut to) = (caller.try_clone().unwrap(), there.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut asked, &mut to));
            let read = there.read(&mut piece).unwrap();
            if loses {
                lost.store(true, Ordering::SeqCst);
                let _ = caller.write_all(instead.as_bytes());
                let _ = caller.shutdown(Shutdown::Both);
            } else if caller.write_all(&piece[..read]).is_ok() {
                std::thread::spawn(move || std::io::copy(&mut there, &mut caller));
            }
        }
    });
    has_lost
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again_and_nothing_is_sent_twice() {
    let office = Office::with(UNITS);
    let _daemon = office.daemon();
    office.write("apel.txt", "Kepada: 081234567890\nUlang: ya\n\nApel pagi.\n");
    let send = ["send", "--to", "081234567891", "--text", "Halo", "--again", "--unit", "damkar"];
    let submit = ["submit", "apel.txt", "--unit", "damkar"];
    // A stop may come between the files and the answer: it says that it cannot say.
    let stopping = problem(503, "the daemon cannot answer now; its log says why");
    let more = ["send", "--to", "081234567892", "--text", "Halo", "--again", "--unit", "damkar"];
    let cases = [(&send[..], String::new()), (&submit, String::new()), (&more, stopping)];
    for (place, (words, instead)) in cases.into_iter().enumerate() {
        let socket = format!("lossy-{place}.sock");
        let lost = lossy(office.path(&socket), office.path("k.sock"), instead);
        let said = by_socket(&office, &socket, words);
        assert!(lost.load(Ordering::SeqCst), "{words:?}");
        assert!(said.code == 0 && said.out.contains(&format!("Job {}: 1 messages", place + 1)), "{said:?}");
        assert_eq!(office.json(&["jobs", "--json"]).as_array().unwrap().len(), place + 1);
    }
}

/// An answer that refuses.
fn problem(status: u16, detail: &str) -> String {
    let body = json!({"status": status, "title": "", "detail": detail}).to_string();
    let kind = "content-type: application/problem+json";
    format!("HTTP/1.1 {status} No\r\n{kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Answers every caller with this.
fn always(socket: PathBuf, answer: String) {
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        for caller in listener.incoming() {
            let mut caller = caller.unwrap();
            let _ = caller.read(&mut [0; 4096]);
            let _ = caller.write_all(answer.as_bytes());
        }
    });
}

/// Hands on what so many callers ask, one after another, and is gone before the last of them has its answer.
fn stopping_after(callers: usize, socket: PathBuf, daemon: PathBuf) {
    let listener = UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        for place in 1..=callers {
            let (mut caller, _) = listener.accept().unwrap();
            if place == callers {
                std::fs::remove_file(&socket).unwrap();
            }
            let mut there = UnixStream::connect(&daemon).unwrap();
            let (mut asked, mut to) = (caller.try_clone().unwrap(), there.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut asked, &mut to));
            std::thread::spawn(move || std::io::copy(&mut there, &mut caller));
        }
    });
}

#[test]
fn what_a_daemon_that_stops_has_not_taken_waits_in_the_folder_and_what_is_refused_holds_no_other_back_unsaid() {
    let office = Office::with(UNITS);
    let _daemon = office.daemon();
    for (name, number) in [("a", "081234567890"), ("b", "081234567891"), ("c", "081234567892")] {
        office.write(&format!("{name}.csv"), &format!("nomor;pesan\n{number};Apel pagi.\n"));
    }
    // The same office, reached at another socket: one job is brought and asked about, and then nobody listens.
    office.write(
        "later.toml",
        &std::fs::read_to_string(office.path("k.toml")).unwrap().replacen(
            "[paths]\n",
            "[paths]\ncontrol = \"stopping.sock\"\n",
            1,
        ),
    );
    stopping_after(2, office.path("stopping.sock"), office.path("k.sock"));
    let said = office.run(&["--config", "later.toml", "submit", "a.csv", "b.csv", "c.csv", "--unit", "damkar"]);
    assert!(said.code == 0 && said.out.contains("Job 1: 1 messages"), "{said:?}");
    for name in ["damkar/b.csv", "damkar/c.csv"] {
        assert!(said.out.contains("In the queue: ") && said.out.contains(name), "{name}: {said:?}");
    }
    assert!(!said.out.contains("a.csv"), "{said:?}");
    office.write("buruk.csv", "nama;pesan\nAni;Halo\n");
    let said = office.run(&["submit", "buruk.csv", "a.csv", "b.csv", "--unit", "diskominfo"]);
    assert!(said.code == 1 && said.err.contains("not brought: a.csv, b.csv"), "{said:?}");
}

#[test]
fn a_job_that_is_made_is_named_also_where_the_daemon_stops_before_it_says_more() {
    let office = Office::with(UNITS);
    let _daemon = office.daemon();
    // The office, and what is brought.
    stopping_after(2, office.path("stopping.sock"), office.path("k.sock"));
    let words = ["send", "--to", "081234567890", "--text", "Apel pagi", "--unit", "damkar"];
    let said = by_socket(&office, "stopping.sock", &words);
    assert!(said.code == 0 && said.out.starts_with("Job 1 is accepted."), "{said:?}");
}

#[test]
fn what_a_daemon_cannot_say_again_and_again_is_not_told_as_refused() {
    let office = Office::with(UNITS);
    office.write("apel.txt", "Kepada: 081234567890\n\nApel pagi.\n");
    let stopping = problem(503, "the daemon cannot answer now; its log says why");
    office.write(
        "k.toml",
        &std::fs::read_to_string(office.path("k.toml")).unwrap().replacen(
            "[paths]\n",
            "[paths]\ncontrol = \"busy.sock\"\n",
            1,
        ),
    );
    always(office.path("busy.sock"), stopping);
    let said = office.run(&["submit", "apel.txt", "--unit", "damkar", "--lang", "id"]);
    assert!(said.code == 1 && said.err.contains("belum pasti apakah pekerjaan ini diterima"), "{said:?}");
}

#[test]
fn a_caller_who_has_no_right_is_refused_in_words() {
    let office = Office::with(UNITS);
    always(office.path("no.sock"), problem(403, "andi may not do this; it needs the right `people`"));
    for words in [
        &["inbox"][..],
        &["optouts", "--json"],
        &["job", "1", "--csv"],
        &["status"],
        &["pause"],
        &["top", "--once"],
        &["audit", "export"],
        &["roster", "list", "--json"],
        &["roster", "export"],
        &["roster", "import", "k.toml", "--apply"],
        &["audience", "count", "peran=RW"],
    ] {
        let said = by_socket(&office, "no.sock", &[words, &["--lang", "id"]].concat());
        assert!(said.code == 1 && said.out.is_empty(), "{words:?}: {said:?}");
        assert!(said.err.contains("andi tidak berhak melakukan ini; perlu hak `people`"), "{words:?}: {said:?}");
    }
}
