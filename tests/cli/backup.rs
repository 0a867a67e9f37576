//! Backups, putting one back, and moving in from other daemons, from outside.

use std::os::unix::fs::PermissionsExt;

use kentongan::daemon::Clock;
use kentongan::model::SignedDuration;
use serde_json::Value;

use super::{Office, until};

#[test]
fn a_backup_is_a_database_of_its_own_and_overwrites_nothing() {
    let office = Office::new();
    let daemon = office.daemon();
    assert_eq!(office.run(&["backup", "copy.db"]).code, 0);
    let mode = std::fs::metadata(office.path("copy.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds people's numbers");
    assert_eq!(office.run(&["backup", "copy.db"]).code, 1);
    let said = office.run(&["restore", "copy.db", "--yes"]);
    assert!(said.code == 1 && said.err.contains("another kentongan works on"), "{said:?}");
    assert_eq!(daemon.stop(), 0);
    let reader = kentongan::store::Reader::open(&office.path("copy.db")).unwrap();
    assert_eq!(reader.status().unwrap().recipients, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_looked_at_first_and_put_back_with_what_happened_since_or_a_warning() {
    let office = Office::with("[[unit]]\nname = \"diskominfo\"\n[backup]\nfolder = \"cadangan\"\n");
    let daemon = office.daemon();
    let send = |to: &str, text: &str| assert_eq!(office.run(&["send", "--to", to, "--text", text]).code, 0);
    let jobs = || office.json(&["jobs", "--json"]).as_array().unwrap().len();
    send("081234567890", "Rapat");
    until("it is a job", || jobs() == 1).await;
    until("a backup is made by itself", || office.json(&["status", "--json"])["last_backup_at"].is_string()).await;
    assert!(office.run(&["status"]).out.contains("Last backup"));
    assert_eq!(office.run(&["backup", "copy.db"]).code, 0);
    send("081234567891", "Pajak");
    until("it is another", || jobs() == 2).await;
    // A job with its list, which comes along.
    for name in ["warga.csv", "undangan.txt"] {
        let content = if name == "warga.csv" { "nomor\n081234567893\n" } else { "Kepada: warga.csv\n\nRapat RW\n" };
        std::fs::write(office.path(&format!("queue/diskominfo/{name}")), content).unwrap();
    }
    until("it is a third", || jobs() == 3).await;
    until("its list lies beside it", || office.path("queue/diskominfo/accepted/warga.csv").exists()).await;
    assert_eq!(office.run(&["optout", "add", "081234567892", "--reason", "di loket"]).code, 0);
    assert_eq!(daemon.stop(), 0);
    let noted = office.json(&["audit", "verify", "--json"])["newest"].as_str().unwrap().to_owned();

    std::fs::write(office.path("text.db"), "no database").unwrap();
    assert_eq!(office.run(&["restore", "text.db", "--yes"]).code, 1);
    let said = office.run(&["restore", "copy.db"]);
    assert!(said.code == 1 && said.out.contains("can be read, and goes on from this backup"), "{said:?}");
    assert!(said.err.contains("nothing was changed") && jobs() == 3, "{said:?}");
    let restored = office.json(&["restore", "copy.db", "--yes", "--reason", "uji", "--json"]);
    assert_eq!((&restored["restored"], &restored["carried_over"]), (&true.into(), &true.into()), "{restored}");
    assert_eq!((&restored["held_jobs"], jobs()), (&3.into(), 3));
    assert_eq!(restored["files_unknown"], serde_json::json!([]), "a list is known by the job that names it");
    let aside = std::path::Path::new(restored["replaced"].as_str().unwrap()).to_owned();
    assert!(aside.exists());
    assert_eq!(office.json(&["optouts", "--json"])[0]["number"], "+6281234567892");
    assert_eq!(office.json(&["audit", "verify", "--json"])["whole"], true);
    // A link noted meanwhile is in the database that was replaced, and nobody is accused of anything.
    let verdict = office.json(&["audit", "verify", "--noted", &noted, "--json"]);
    assert_eq!((&verdict["whole"], &verdict["noted_in"]), (&true.into(), &aside.to_str().unwrap().into()), "{verdict}");
    let said = office.run(&["audit", "verify", "--noted", &noted, "--lang", "id"]);
    assert!(said.code == 0 && said.out.contains("sebuah cadangan dipasang kembali"), "{said:?}");
    let away = aside.with_extension("away");
    std::fs::rename(&aside, &away).unwrap();
    let said = office.run(&["audit", "verify", "--noted", &noted]);
    assert!(said.code == 1 && said.err.contains("a backup was put back; the link of event"), "{said:?}");
    assert!(said.err.contains(aside.to_str().unwrap()) && !said.err.contains("tell the auditor"), "{said:?}");
    let never = format!("9999:{}", noted.split_once(':').unwrap().1);
    assert!(office.run(&["audit", "verify", "--noted", &never]).err.contains("tell the auditor"));
    std::fs::rename(&away, &aside).unwrap();
    let said = office.run(&["resume", "--held", "--lang", "id"]);
    assert!(said.code == 1 && said.err.contains("karena cadangan dipasang kembali"), "{said:?}");
    assert!(office.run(&["job", "1", "--lang", "id"]).out.contains("menurut basis data sebelumnya 1 pesan"));

    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(office.path(&format!("k.db{end}")));
    }
    let said = office.run(&["restore", "copy.db", "--yes"]);
    assert!(said.code == 0 && said.out.contains("OPT-OUTS (STOP) and erasures of that time ARE LOST"), "{said:?}");
    assert!(said.out.contains("unknown 1") && said.out.contains("diskominfo/accepted/pesan-"), "{said:?}");
    assert_eq!(jobs(), 1);
    assert_eq!(office.daemon().stop(), 0);
}

/// A database as gammu-smsd makes it, with what matters here.
fn outbox(office: &Office) -> rusqlite::Connection {
    let hand = rusqlite::Connection::open(office.path("smsd.db")).unwrap();
    hand.execute_batch(
        "CREATE TABLE outbox (ID INTEGER PRIMARY KEY, InsertIntoDB TEXT DEFAULT '2026-11-20 08:00:00', DestinationNumber TEXT,
                              TextDecoded TEXT, Class INTEGER DEFAULT -1, Coding TEXT DEFAULT 'Default_No_Compression', UDH TEXT,
                              MultiPart TEXT DEFAULT 'false', RelativeValidity INTEGER DEFAULT -1);
         CREATE TABLE sentitems (ID INTEGER, SequencePosition INTEGER);
         CREATE TABLE pbk (ID INTEGER PRIMARY KEY, GroupID INTEGER, Name TEXT, Number TEXT);
         INSERT INTO outbox (ID, DestinationNumber, TextDecoded, Class) VALUES
             (1, '081234567890', 'Rapat {besok}; pukul 9, \"harap\" hadir', -1), (2, '+6281234567891', 'Pajak', -1),
             (3, '081234567890', 'Satu lagi', -1), (4, '081234567892', 'Kilat', 0), (5, '081234567893', 'Sudah', -1);
         INSERT INTO sentitems VALUES (5, 1);
         INSERT INTO pbk (Name, Number) VALUES ('=Asep', '+6281234567890');",
    )
    .unwrap();
    hand
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outbox_of_gammu_becomes_jobs_once_each_row_accounted_for() {
    let office = Office::new();
    let hand = outbox(&office);
    let daemon = office.daemon();
    let import = |more: &[&str]| {
        let words = [&["import", "gammu-smsd", "smsd.db", "--unit", "diskominfo"], more].concat();
        office.json(&[&words[..], &["--json"]].concat())
    };
    let taken = |rows: &Value| rows.as_array().unwrap().iter().filter(|row| row["taken"] == true).count();
    let dry = import(&["--dry-run"]);
    assert_eq!((dry.as_array().unwrap().len(), taken(&dry)), (5, 3));
    assert_eq!((&dry[3]["reason"], &dry[4]["reason"]), (&"flash".into(), &"sent".into()), "{dry}");
    assert!(office.names("queue/diskominfo").iter().all(|name| !name.starts_with("gammu")));
    assert_eq!(taken(&import(&["--phonebook", "buku.csv"])), 3);
    let book = std::fs::read_to_string(office.path("buku.csv")).unwrap();
    assert_eq!(book, "nomor,nama,grup\n6281234567890,'=Asep,\n");
    let jobs = || office.json(&["jobs", "--json"]).as_array().unwrap().len();
    until("both are jobs", || jobs() == 2).await;
    let again = import(&[]);
    assert_eq!((taken(&again), &again[0]["reason"]), (0, &"taken_before".into()));
    hand.execute_batch("INSERT INTO outbox (ID, DestinationNumber, TextDecoded) VALUES (6, '081234567899', 'Baru')")
        .unwrap();
    assert_eq!(taken(&import(&[])), 1, "only what is new");
    until("it is a job of its own", || jobs() == 3).await;
    let said = office.run(&["import", "gammu-smsd", "smsd.db", "--unit", "diskominfo", "--lang", "id"]);
    assert!(
        said.out.contains("6 baris: 0 diambil, 6 ditinggalkan") && said.out.contains("buku telepon dengan 1 nomor"),
        "{said:?}"
    );
    assert_eq!(daemon.stop(), 0);
    let reader = rusqlite::Connection::open(office.path("k.db")).unwrap();
    let text: String =
        reader.query_row("SELECT text FROM messages WHERE text LIKE 'Rapat%'", [], |row| row.get(0)).unwrap();
    assert_eq!(text, "Rapat {besok}; pukul 9, \"harap\" hadir", "as it stood there, brackets and all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_smstools_is_taken_as_it_is_and_what_is_not_followed_is_said() {
    let office = Office::new();
    let daemon = office.daemon();
    let file = "From: nagios\nTo: 6281234567890\nFlash: yes\nPriority: HIGH\nAlphabet: UTF-8\n\nServer mati – {disk}\n";
    std::fs::write(office.path("alarm"), file).unwrap();
    let verdict = office.json(&["check", "alarm", "--unit", "diskominfo", "--json"]);
    assert_eq!((&verdict["accepted"], &verdict["class"]), (&true.into(), &"important".into()), "{verdict}");
    assert_eq!(verdict["remarks"].as_array().unwrap().len(), 1);
    assert!(
        office
            .run(&["check", "alarm", "--unit", "diskominfo", "--lang", "id"])
            .out
            .contains("dikirim sebagai SMS biasa")
    );
    std::fs::rename(office.path("alarm"), office.path("queue/diskominfo/send_Ab12Cd")).unwrap();
    until("it is a job", || office.path("queue/diskominfo/accepted/send_Ab12Cd").exists()).await;
    let said = office.run(&["job", "1"]).out;
    assert!(said.contains("Not done as the file says:\n  `Flash: yes`: it is sent as an ordinary message"), "{said}");
    std::fs::write(office.path("queue/diskominfo/send_X"), "To: 6281234567890\nAlphabet: binary\n\n\x01\x02").unwrap();
    let reason = office.path("queue/diskominfo/rejected/send_X.reason.txt");
    until("it is rejected", || reason.exists()).await;
    assert!(std::fs::read_to_string(reason).unwrap().contains("pesan biner tidak dikirim di sini"));
    assert_eq!(daemon.stop(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn details_of_old_jobs_go_to_an_archive_and_are_read_there() {
    let office = Office::new();
    let daemon = office.daemon();
    let jobs = || office.json(&["jobs", "--json"]).as_array().unwrap().len();
    for (place, to) in ["081234567890", "081234567891", "081234567892"].into_iter().enumerate() {
        assert_eq!(office.run(&["send", "--to", to, "--text", "Rapat", "--unit", "diskominfo"]).code, 0);
        until("it is a job", || jobs() == place + 1).await;
    }
    assert_eq!(office.run(&["job", "cancel", "1", "--reason", "uji"]).code, 0);
    assert_eq!(office.run(&["job", "cancel", "2", "--reason", "uji"]).code, 0);
    until("both have ended", || office.json(&["job", "2", "--json"])["cancelled"] == 1).await;
    assert_eq!(daemon.stop(), 0);
    let ended = |job: u8, days: u8| {
        let hand = rusqlite::Connection::open(office.path("k.db")).unwrap();
        let sql = format!("UPDATE jobs SET finished_at_ms = finished_at_ms - {days} * 86400000 WHERE id = {job}");
        assert_eq!(hand.execute(&sql, []).unwrap(), 1);
    };
    ended(1, 60);

    let before = office.run(&["job", "1", "--csv"]).out;
    let day = "2026-01-01";
    let said = office.run(&["archive", "arsip.db", "--before", day, "--reason", "uji"]);
    assert!(said.code == 1 && said.err.contains("nothing to archive") && !office.path("arsip.db").exists(), "{said:?}");
    let month = SignedDuration::from_hours(32 * 24);
    let day = Clock::System.now().saturating_sub(month).unwrap().strftime("%Y-%m-%d").to_string();
    let daemon = office.daemon();
    let archive = |file: &str| office.run(&["archive", file, "--before", &day, "--reason", "basis data besar"]);
    let said = archive("arsip.db");
    assert!(said.code == 0 && said.out.contains("has the details of 1 jobs"), "{said:?}");
    until("they have left", || office.json(&["archives", "--json"])[1]["state"] == "done").await;
    let said = archive("arsip.db");
    assert!(said.code == 1 && said.err.contains("there is a file of this name"), "{said:?}");
    let said = office.run(&["job", "1"]);
    assert!(
        said.out.contains("Its details lie in the archive")
            && said.out.contains("1 recipients = 0 excluded + 1 messages"),
        "{said:?}"
    );
    let said = office.run(&["job", "1", "--csv"]);
    assert!(said.code == 1 && said.err.contains("kentongan --archive"), "{said:?}");
    assert_eq!(office.run(&["--archive", "arsip.db", "job", "1", "--csv"]).out, before);
    assert!(office.run(&["person", "show", "081234567890"]).out.contains("arsip.db"));
    for words in [&["audit", "verify"][..], &["--archive", "arsip.db", "audit", "verify"]] {
        assert_eq!(office.run(words).code, 0, "{words:?}");
    }
    assert_eq!(office.run(&["--archive", "arsip.db", "pause"]).code, 1);
    // Who is erased is taken out of the archive, and of the report that lies beside the file of the job.
    let reports = || {
        let names = office.names("queue/diskominfo/accepted").into_iter().filter(|name| name.ends_with(".report.csv"));
        names.filter(|name| {
            let report = std::fs::read_to_string(office.path(&format!("queue/diskominfo/accepted/{name}")));
            report.unwrap().contains("81234567890")
        })
    };
    assert_eq!(reports().count(), 1);
    assert_eq!(office.run(&["person", "erase", "081234567890", "--yes"]).code, 0);
    until("the report names them no more", || reports().count() == 0).await;
    assert!(!office.run(&["--archive", "arsip.db", "job", "1", "--csv"]).out.contains("81234567890"));
    assert_eq!(daemon.stop(), 0);

    // Without a daemon it is made by the command itself; the details leave when the daemon runs.
    ended(2, 60);
    assert_eq!(archive("kedua.db").code, 0);
    let daemon = office.daemon();
    until("they have left", || office.run(&["job", "2", "--lang", "id"]).out.contains("ada di arsip")).await;
    assert_eq!(office.run(&["restore", "kedua.db", "--yes"]).code, 1);
    assert_eq!(daemon.stop(), 0);
}
