//! The program from outside: words, exit codes, files and sockets.

#[path = "cli/backup.rs"]
mod backup;
#[path = "cli/credit.rs"]
mod credit;
#[path = "cli/webhooks.rs"]
mod webhooks;

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use serde_json::Value;

const KENTONGAN: &str = env!("CARGO_BIN_EXE_kentongan");

/// A configuration of its own in a temporary folder.
struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        Self::with(
            "[[unit]]\nname = \"diskominfo\"\n[[unit]]\nname = \"damkar\"\nclasses = [\"darurat\", \"penting\"]\n",
        )
    }

    fn with(units: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[paths]\ndatabase = \"k.db\"\nqueue = \"queue\"\nports = \"modems\"\n[limits]\nper_minute = 0\n{units}"
        );
        std::fs::write(folder.path().join("k.toml"), text).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(KENTONGAN);
        command.args(words).current_dir(self.folder.path()).env("LANG", "en_US.UTF-8").env_remove("LC_ALL");
        command.env("KENTONGAN_CONFIG", self.path("k.toml")).env_remove("JOURNAL_STREAM");
        command
    }

    fn run(&self, words: &[&str]) -> Said {
        Said::from(self.command(words).stdin(Stdio::null()).output().unwrap())
    }

    fn json(&self, words: &[&str]) -> Value {
        let said = self.run(words);
        assert_eq!(said.code, 0, "{said:?}");
        serde_json::from_str(&said.out).unwrap()
    }

    /// The daemon, ready.
    fn daemon(&self) -> Daemon {
        Daemon::started(self.command(&["run"])).unwrap_or_else(|said| panic!("{said:?}"))
    }

    /// The names of what lies in a folder.
    fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.path(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

struct Daemon {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Daemon {
    /// Starts it and reads its log until it is ready; what it said where it ends before.
    fn started(mut command: Command) -> Result<Self, Said> {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut err = String::new();
        while log.read_line(&mut err).unwrap() > 0 {
            if err.contains("kentongan is ready") {
                return Ok(Self { child, log });
            }
        }
        let code = child.wait().unwrap().code().unwrap_or(-1);
        Err(Said { code, out: String::new(), err })
    }

    /// SIGTERM, and the exit code.
    fn stop(mut self) -> i32 {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut rest = String::new();
        while self.log.read_line(&mut rest).unwrap() > 0 {}
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn exit_codes_tell_done_from_refused_from_wrong_usage() {
    let office = Office::new();
    for (words, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["job", "--help"], 0),
        (&["check-config"], 0),
        (&["status"], 1),
        (&["check-config", "missing.toml"], 1),
        (&["check", "missing.csv", "--unit", "damkar"], 1),
        (&["submit", "missing.csv", "--unit", "damkar"], 1),
        (&["backup", "copy.db"], 1),
        (&[], 2),
        (&["explode"], 2),
        (&["job"], 2),
        (&["submit"], 2),
        (&["--lang", "jv", "status"], 2),
        (&["--log", "loud=very", "status"], 2),
        (&["doubt", "settle", "3"], 2),
        (&["simulate", "--dir", "x", "--faults", "gremlins"], 2),
    ] {
        let said = office.run(words);
        assert_eq!(said.code, code, "{words:?}: {said:?}");
        assert_eq!(said.code == 0, said.err.is_empty(), "{words:?}: {said:?}");
    }
}

#[test]
fn refusals_are_told_in_the_readers_language() {
    let office = Office::new();
    let english = office.run(&["status"]);
    let indonesian = office.run(&["status", "--lang", "id"]);
    assert!(english.err.contains("there is no database"), "{english:?}");
    assert!(indonesian.err.contains("belum ada basis data"), "{indonesian:?}");
}

#[test]
fn check_config_shows_what_is_in_force_or_every_mistake() {
    let office = Office::new();
    let settings = office.json(&["check-config", "--json"]);
    let shown = |key: &str| settings.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap().clone();
    assert_eq!(shown("limits.per_minute")["value"], "0");
    assert!(shown("limits.per_hour")["line"].is_null());
    std::fs::write(office.path("bad.toml"), "[limits]\nper_minute = -1\n[office]\ntime_zone = \"WIB\"\n").unwrap();
    let said = office.run(&["check-config", "bad.toml"]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("line 2: limits.per_minute") && said.err.contains("line 4: office.time_zone"),
        "{said:?}"
    );
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/config/kentongan.toml");
    assert_eq!(office.run(&["check-config", sample]).code, 0);
}

#[test]
fn check_says_who_gets_it_and_why_others_do_not_and_changes_nothing() {
    let office = Office::new();
    let csv = "nomor;nama;pesan\n0812 3456 7890;Asep;Halo {nama}\n+6281234567890;Asep;lagi\n6.28E+11;x;y\n";
    std::fs::write(office.path("job.csv"), csv).unwrap();
    let verdict = office.json(&["check", "job.csv", "--unit", "diskominfo", "--json"]);
    assert_eq!((&verdict["recipients"], &verdict["messages"]), (&3.into(), &1.into()));
    let reasons: Vec<_> =
        verdict["excluded_rows"].as_array().unwrap().iter().map(|row| row["reason"].clone()).collect();
    assert_eq!(reasons, ["duplicate", "invalid"]);
    assert_eq!(verdict["operators"], serde_json::json!({ "Telkomsel": 1 }));
    std::fs::write(office.path("job.txt"), "Kepada: 081234567890\nKelas: darurat\n\nBanjir!\n").unwrap();
    let said = office.run(&["check", "job.txt", "--unit", "diskominfo"]);
    assert_eq!(said.code, 1, "diskominfo may not send emergencies: {said:?}");
    assert!(said.out.starts_with("This file would be rejected: "), "{said:?}");
    let said = office.run(&["check", "job.txt", "--unit", "damkar"]);
    assert!(said.code == 0 && said.out.starts_with("This file would be accepted\n"), "{said:?}");
    assert!(said.out.contains("kentongan submit job.txt --unit damkar"), "{said:?}");
    assert_eq!(office.names("."), ["job.csv", "job.txt", "k.toml"]);
}

#[test]
fn submitted_files_appear_whole_in_the_units_folder() {
    let office = Office::new();
    std::fs::write(office.path("undangan.csv"), "nomor;pesan\n081234567890;halo\n").unwrap();
    for _ in 0..2 {
        let said = office.run(&["submit", "undangan.csv", "--unit", "diskominfo"]);
        assert_eq!(said.code, 0, "{said:?}");
    }
    assert_eq!(office.names("queue/diskominfo"), ["undangan-2.csv", "undangan.csv"]);
    for (words, reason) in [
        (&["submit", "undangan.csv"][..], "name one with --unit: diskominfo, damkar"),
        (&["submit", "undangan.csv", "--unit", "../damkar"], "there is no unit ../damkar"),
        (&["submit", "queue", "--unit", "damkar"], "is no file"),
        (&["send", "--to", "0812-34", "--text", "x", "--unit", "damkar"], "short code"),
        (&["send", "--to", "081234567890\r\nAT+CMGD=1,4", "--text", "x", "--unit", "damkar"], "\\r\\nAT"),
        (&["send", "--to", "081234567890", "--text", "x", "--class", "darurat", "--unit", "diskominfo"], "may send"),
        (&["send", "--to", "081234567890", "--text", " ", "--unit", "damkar"], "empty"),
    ] {
        let said = office.run(words);
        assert!(said.code == 1 && said.err.contains(reason), "{words:?}: {said:?}");
    }
    let words = ["send", "--to", "0812 3456 7890", "--text", "Siaga\n\nTo: 1", "--unit", "damkar"];
    assert_eq!(office.run(&words).code, 0);
    let names = office.names("queue/damkar");
    let text = std::fs::read_to_string(office.path("queue/damkar").join(&names[0])).unwrap();
    assert_eq!((names.len(), text.as_str()), (1, "To: +6281234567890\nClass: important\n\nSiaga\n\nTo: 1\n"));
}

#[test]
fn a_daemon_without_units_says_what_to_add() {
    let office = Office::with("");
    let said = office.run(&["run"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("[[unit]]"), "{said:?}");
}

#[test]
fn a_second_daemon_on_the_same_database_is_refused_and_the_first_stops_when_asked() {
    let office = Office::new();
    let first = office.daemon();
    let second = office.run(&["run"]);
    assert_eq!(second.code, 1);
    let pid = first.child.id().to_string();
    assert!(second.err.contains(&pid) && second.err.contains("k.db.lock"), "{second:?}");
    assert_eq!(first.stop(), 0);
    assert_eq!(office.daemon().stop(), 0, "the lock goes with the process");
}

#[test]
fn people_act_the_same_way_with_and_without_a_daemon() {
    let office = Office::new();
    assert_eq!(office.run(&["pause"]).code, 1, "there is no database yet");
    let daemon = office.daemon();
    let paused = |office: &Office| office.json(&["status", "--json"])["paused"].clone();
    assert_eq!(office.run(&["pause", "--class", "umum", "--reason", "masa tenang"]).code, 0);
    assert_eq!(paused(&office), serde_json::json!(["class:routine"]));
    assert_eq!(office.run(&["pause", "--class", "umum"]).code, 1, "twice is refused");
    assert_eq!(office.run(&["optout", "add", "0812 3456 7890", "--reason", "lewat telepon"]).code, 0);
    assert_eq!(office.json(&["status", "--json"])["daemon_running"], true);
    assert!(office.run(&["status"]).out.contains("see `kentongan doctor`"), "no modem is there");
    drop(daemon);
    assert_eq!(office.json(&["status", "--json"])["daemon_running"], false, "also after a kill");
    assert!(office.run(&["modems"]).out.contains("The daemon is not running"));
    let said = office.run(&["send", "--to", "081234567891", "--text", "Halo", "--unit", "damkar"]);
    assert!(said.code == 0 && said.err.contains("it will be sent when it starts"), "{said:?}");
    assert_eq!(office.run(&["pause", "--unit", "damkar"]).code, 0);
    assert_eq!(office.run(&["pause", "--unit", "kecamatan"]).code, 1, "there is no such unit");
    assert_eq!(office.run(&["resume", "--class", "umum"]).code, 0);
    assert_eq!(paused(&office), serde_json::json!(["unit:damkar"]));
    let opt_outs = office.json(&["optouts", "--json"]);
    assert_eq!(opt_outs[0]["number"], "+6281234567890");
    assert_eq!(opt_outs[0]["reason"], "lewat telepon");
    let actor = opt_outs[0]["actor"].as_str().unwrap();
    assert_eq!(actor, kentongan::daemon::user_name(rustix::process::getuid().as_raw()));
    assert_eq!(office.run(&["optout", "remove", "081234567890"]).code, 0);
    assert_eq!(office.json(&["optouts", "--json"]), serde_json::json!([]));
    let said = office.run(&["job", "cancel", "99", "--lang", "id"]);
    assert!(said.code == 1 && said.err.contains("pekerjaan 99 tidak ada"), "{said:?}");
    let said = office.run(&["pause", "--class", "umum", "--lang", "id"]);
    assert!(said.code == 0 && said.out.contains("kelas umum ditahan"), "{said:?}");
    assert_eq!(office.run(&["doubt", "settle", "99", "--sent"]).code, 1);
}

/// A job that was accepted ten hours ago, and a daemon that was stopped right after.
fn backlog(office: &Office) {
    use kentongan::engine::event::{Event, IntakeEvent, IntakeId};
    use kentongan::engine::{Engine, Rules};
    use kentongan::model::{Class, JobHeader, Msisdn, RecipientRow, SignedDuration};
    let then = kentongan::daemon::Clock::System.now() - SignedDuration::from_hours(10);
    let store = kentongan::store::Store::open(&office.path("k.db")).unwrap();
    let mut engine = Engine::open(store, Rules::default(), then, 1).unwrap();
    let header = JobHeader {
        digest: "1".to_owned(),
        owner: "andi".to_owned(),
        text: Some("Rapat".to_owned()),
        ..JobHeader::of("diskominfo", "undangan.csv", Class::Routine)
    };
    let row = RecipientRow::to(1, Msisdn::from_u64(6_281_234_567_890));
    let parts = [IntakeEvent::Begin(Box::new(header)), IntakeEvent::Rows(vec![row]), IntakeEvent::Complete];
    let _ = engine.handle(then, parts.into_iter().map(|part| Event::Intake(IntakeId(1), part))).unwrap();
}

#[test]
fn what_waits_after_a_long_stop_is_shown_and_let_go_by_a_person() {
    let office = Office::new();
    backlog(&office);
    assert_eq!(office.json(&["jobs", "--json"])[0]["waits_for"], Value::Null, "nobody has started since");
    let daemon = office.daemon();
    let job = &office.json(&["jobs", "--json"])[0];
    assert_eq!((job["state"].as_str(), job["waits_for"].as_str()), (Some("paused"), Some("held")));
    assert_eq!(office.json(&["status", "--json"])["held_jobs"], 1);
    assert_eq!(office.json(&["alarms", "--json"])[0]["kind"], "backlog_waits");
    let shown = |words: &[&str]| office.run(words).out;
    assert!(shown(&["jobs"]).contains("waiting for a person"));
    assert!(shown(&["job", "1", "--lang", "id"]).contains("10 jam yang lalu"));
    assert!(shown(&["alarms", "--lang", "id"]).contains("kentongan resume --held"));
    let resumed = office.run(&["resume", "--held", "--reason", "masih perlu"]);
    assert_eq!((resumed.code, resumed.out.trim()), (0, "1 job(s) go on that waited after a long stop"));
    assert_eq!(office.json(&["jobs", "--json"])[0]["waits_for"], Value::Null);
    assert_eq!(office.run(&["resume", "--held"]).code, 1);
    drop(daemon);
}

#[test]
fn a_daemon_that_finds_no_modem_says_so_once_with_what_to_try() {
    let mut daemon = Office::new().daemon();
    let mut line = String::new();
    while daemon.log.read_line(&mut line).unwrap() > 0 && !line.contains("no modem is found") {
        line.clear();
    }
    assert!(line.contains("WARN") && line.contains("kentongan doctor"), "{line}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_record_that_somebody_changed_or_cut_off_does_not_pass_the_audit() {
    let office = Office::new();
    assert_eq!(office.daemon().stop(), 0);
    for number in ["081234567890", "081234567891", "081234567892"] {
        assert_eq!(office.run(&["optout", "add", number, "--reason", "=surat di loket"]).code, 0);
    }
    let verdict = office.json(&["audit", "verify", "--json"]);
    assert_eq!((&verdict["whole"], &verdict["broken_at"]), (&Value::Bool(true), &Value::Null), "{verdict}");
    let noted = verdict["newest"].as_str().unwrap().to_owned();
    assert!(office.run(&["audit", "verify"]).out.contains(&noted));
    assert_eq!(office.run(&["audit", "verify", "--noted", &noted]).code, 0);
    assert_eq!(office.run(&["audit", "verify", "--noted", "3:abc"]).code, 2);

    let record = office.run(&["audit", "export"]).out;
    let rows: Vec<_> = csv::Reader::from_reader(record.as_bytes()).into_records().map(Result::unwrap).collect();
    let opted_out: Vec<_> = rows.iter().filter(|row| &row[3] == "opted_out").collect();
    assert_eq!(opted_out.len(), 3, "{record}");
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '@'])), "{record}");
    assert_eq!(office.run(&["audit", "export", "--json", "--until", "2020-01-01"]).out, "");
    let month = opted_out[0][1].get(..7).unwrap();
    assert_eq!(office.json(&["audit", "summary", month, "--json"])["opted_out"], 3);
    assert!(!office.run(&["audit", "summary", month]).out.contains("8123456789"));

    let hand = rusqlite::Connection::open(office.path("k.db")).unwrap();
    hand.execute_batch("DROP TRIGGER events_are_never_deleted; DROP TRIGGER events_are_never_changed;").unwrap();
    hand.execute_batch("DELETE FROM events WHERE id = (SELECT max(id) FROM events)").unwrap();
    assert_eq!(office.run(&["audit", "verify"]).code, 0, "a shorter record is sound in itself");
    let said = office.run(&["audit", "verify", "--noted", &noted]);
    assert!(said.code == 1 && said.err.contains("cut off at its end"), "{said:?}");
    hand.execute_batch("UPDATE events SET actor = 'lain' WHERE id = 2").unwrap();
    let said = office.run(&["audit", "verify", "--lang", "id"]);
    assert!(said.code == 1 && said.err.contains("rantai putus pada peristiwa 2"), "{said:?}");
}

#[test]
fn a_damaged_or_unreachable_database_is_named_with_what_to_do() {
    let office = Office::new();
    std::fs::write(
        office.path("k.db"),
        "this is no database, and it is longer than a header of one hundred octets. ".repeat(9),
    )
    .unwrap();
    let said = office.run(&["run"]);
    assert!(said.code == 1 && said.err.contains("k.db: file is not a database; restore a backup"), "{said:?}");
    std::fs::remove_file(office.path("k.db")).unwrap();
    // Nobody, not even root, can make files there.
    let text = std::fs::read_to_string(office.path("k.toml")).unwrap().replace("\"k.db\"", "\"/proc/k.db\"");
    std::fs::write(office.path("k.toml"), text).unwrap();
    let said = office.run(&["run"]);
    assert!(said.code == 1 && said.err.contains("/proc/k.db.lock"), "{said:?}");
}

/// Runs a script in a name space of its own, where anyone may mount. `None` where the system forbids that, as some
/// containers do.
fn with_mounts(office: &Office, script: &str) -> Option<Said> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-e", "-c", script]);
        command.current_dir(office.folder.path()).stdin(Stdio::null());
        command.env("K", KENTONGAN).env("KENTONGAN_CONFIG", office.path("k.toml")).env("LANG", "en_US.UTF-8");
        command.output()
    };
    let allowed = unshare("mkdir -p probe; mount -t tmpfs none probe").is_ok_and(|output| output.status.success());
    allowed.then(|| Said::from(unshare(script).unwrap()))
}

fn on_disk(office: &Office) {
    let text = std::fs::read_to_string(office.path("k.toml")).unwrap().replace("\"k.db\"", "\"disk/k.db\"");
    std::fs::write(office.path("k.toml"), text).unwrap();
}

#[test]
fn a_full_disk_ends_the_daemon_with_a_clear_message() {
    let office = Office::new();
    on_disk(&office);
    let script = "mkdir disk; mount -t tmpfs -o size=64k none disk; exec \"$K\" run";
    let (said, remedy) = match with_mounts(&office, script) {
        Some(said) => (said, "free space"),
        // Where nothing can be mounted, a limit on the size of files comes closest.
        None => {
            let mut command = Command::new("sh");
            command.args(["-c", "mkdir -p disk; trap '' XFSZ; ulimit -f 16; exec \"$K\" run"]);
            command
                .current_dir(office.folder.path())
                .env("K", KENTONGAN)
                .env("KENTONGAN_CONFIG", office.path("k.toml"));
            (Said::from(command.stdin(Stdio::null()).output().unwrap()), "k.db")
        }
    };
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("k.db") && said.err.contains(remedy), "{said:?}");
}

#[test]
fn a_read_only_database_is_named_with_what_to_do() {
    let office = Office::new();
    on_disk(&office);
    std::fs::create_dir(office.path("disk")).unwrap();
    std::fs::write(office.path("disk/k.db"), "").unwrap();
    let script = "mount --bind disk disk; mount -o remount,bind,ro disk; exec \"$K\" run";
    let said = with_mounts(&office, script).unwrap_or_else(|| {
        // Where nothing can be mounted, take away the right to write; root has it all the same, but not in /proc.
        std::fs::set_permissions(office.path("disk"), std::fs::Permissions::from_mode(0o555)).unwrap();
        if rustix::process::getuid().is_root() {
            let text = std::fs::read_to_string(office.path("k.toml")).unwrap().replace("disk/k.db", "/proc/k.db");
            std::fs::write(office.path("k.toml"), text).unwrap();
        }
        office.run(&["run"])
    });
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("k.db.lock") && said.err.contains("must be able to write"), "{said:?}");
}

#[test]
fn the_socket_lets_the_kernel_say_who_calls_and_a_leftover_is_replaced() {
    let office = Office::new();
    let daemon = office.daemon();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&office.path("k.sock")), 0o666, "who may do what is said by groups, not by the socket");
    assert_eq!(mode(&office.path("k.db")) & 0o007, 0);
    drop(daemon);
    assert!(office.path("k.sock").exists(), "a kill leaves it behind");
    assert_eq!(office.daemon().stop(), 0);
    assert!(!office.path("k.sock").exists());
}

#[test]
fn the_demonstration_sends_everything_and_its_sums_hold() {
    let office = Office::new();
    for (lang, sum) in
        [("en", "26 recipients = 2 excluded + 24 messages"), ("id", "26 penerima = 2 dikecualikan + 24 pesan")]
    {
        let words = ["demo", "--modems", "3", "--recipients", "24", "--send-ms", "20", "--lang", lang];
        let said = office.run(&words);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.out.contains(sum), "{said:?}");
        // Whoever answers first is asked next, so on a busy machine not each has the very same.
        let counts = ["modem-1: ", "modem-2: ", "modem-3: "].map(|modem| {
            let count =
                said.out.split_once(modem).and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
            count.and_then(|count| count.parse::<u32>().ok()).unwrap_or_else(|| panic!("{modem}: {said:?}"))
        });
        assert!(counts.iter().sum::<u32>() == 24 && counts.iter().all(|count| *count > 0), "{said:?}");
    }
    assert_eq!(office.names("."), ["k.toml"], "nothing outside its temporary folder");
}

/// Asks again and again, up to 30 s, until the answer is the wanted one.
async fn until(what: &str, mut there: impl FnMut() -> bool) {
    for _ in 0..600 {
        if there() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{what} did not happen within 30 s");
}

// The modems need threads of their own: the commands here block theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_job_goes_out_and_what_comes_back_is_shown() {
    use kentongan::simulator::{Fleet, FleetSettings, InboundForm, NetworkSettings, Ports};
    let office = Office::new();
    let quick = std::time::Duration::from_millis(20);
    let network = NetworkSettings { air_time: quick, report_after: quick, ..NetworkSettings::default() };
    let ports = Ports::Folder(office.path("modems"));
    let fleet = Fleet::spawn(FleetSettings { modems: 2, network, ports, ..FleetSettings::default() }).unwrap();
    let daemon = office.daemon();
    let words = ["send", "--to", "081234567890", "--to", "085712345678", "--text", "Halo", "--unit", "diskominfo"];
    assert_eq!(office.run(&words).code, 0);
    until("delivery", || office.json(&["status", "--json"])["messages"]["delivered"] == 2).await;

    let jobs = office.json(&["jobs", "--json"]);
    assert_eq!((&jobs[0]["unit"], &jobs[0]["recipients"]), (&"diskominfo".into(), &2.into()));
    let csv = office.run(&["job", "1", "--csv"]).out;
    assert!(csv.contains("6285712345678") && csv.contains("2 named = 0 excluded + 2 messages"), "{csv}");
    until("the report", || {
        let names = office.names("queue/diskominfo/accepted");
        let report = names.iter().find(|name| name.ends_with(".report.csv"));
        report.is_some_and(|name| {
            std::fs::read(office.path("queue/diskominfo/accepted").join(name)).unwrap() == csv.as_bytes()
        })
    })
    .await;

    for (from, text) in [("+6281234567890", "banjir belum berhenti"), ("+6285712345678", "Stop.")] {
        fleet.inbound(0, from, text, InboundForm::default()).await.unwrap();
    }
    until("the replies", || office.json(&["inbox", "--json"]).as_array().unwrap().len() == 2).await;
    let inbox = office.json(&["inbox", "--json"]);
    let row = |from: &str| inbox.as_array().unwrap().iter().find(|row| row["from"] == from).unwrap().clone();
    assert_eq!(row("+6281234567890")["text"], "banjir belum berhenti");
    assert_eq!(row("+6281234567890")["kind"], "review");
    assert_eq!(row("+6285712345678")["kind"], "stop");
    assert!(row("+6285712345678")["received_at"].as_str().unwrap().ends_with('Z'));
    let id = row("+6281234567890")["id"].to_string();
    assert_eq!(
        (&row("+6281234567890")["unit"], &row("+6281234567890")["state"]),
        (&"diskominfo".into(), &"new".into())
    );
    assert!(row("+6285712345678")["state"].is_null(), "the machine saw to that");
    assert_eq!(office.run(&["inbox", "read", &id]).code, 0);
    let said = office.run(&["inbox", "reply", &id, "--text", "=Petugas menuju lokasi", "--lang", "id"]);
    assert!(said.code == 0 && said.out.contains("sedang dikirim"), "{said:?}");
    assert!(office.run(&["inbox", "reply", &id, "--text", "lagi"]).err.contains("answered already"));
    until("the answer", || {
        let answered = office.json(&["inbox", "--state", "dijawab", "--unit", "diskominfo", "--json"]);
        answered[0]["answer_state"] == "delivered"
    })
    .await;
    let csv = office.run(&["inbox", "--csv", "--unit", "diskominfo", "--state", "answered"]).out;
    assert!(csv.contains(",'+6281234567890,review,banjir belum berhenti,'=Petugas menuju lokasi,delivered,"), "{csv}");
    until("the unit's own report", || {
        let path = office.path("queue/diskominfo/inbox.report.csv");
        std::fs::read_to_string(path).is_ok_and(|report| report == csv)
    })
    .await;
    assert_eq!(office.json(&["inbox", "--operator", "--json"]), serde_json::json!([]));
    let numbers: Vec<_> =
        office.json(&["optouts", "--json"]).as_array().unwrap().iter().map(|row| row["number"].clone()).collect();
    assert_eq!(numbers, ["+6285712345678"]);
    let modems = office.json(&["modems", "--json"]);
    assert_eq!(modems.as_array().unwrap().iter().filter(|modem| modem["state"] == "ready").count(), 2);
    assert!(modems[0]["delivery_rate"].is_null(), "their reports have not had their time yet");
    let routes = office.json(&["routes", "--json"]);
    let route = &routes[0];
    assert_eq!((&route["modem"], &route["group"]), (&"modem-1".into(), &"Telkomsel".into()));
    assert_eq!(route["classes"], "emergency,important,routine");
    assert!(route["left_day"].as_u64().unwrap() > route["left_day_common"].as_u64().unwrap(), "{routes}");
    let shown = |word: &str, what: &str| office.run(&[word]).out.contains(what);
    assert!(shown("routes", "Telkomsel") && shown("top", "banjir belum berhenti") && shown("top", "daemon running"));
    assert_eq!(daemon.stop(), 0);
    fleet.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn modems_dial_ussd_codes_and_test_themselves_through_the_running_daemon() {
    use kentongan::simulator::{Fleet, FleetSettings, HUAWEI, NetworkSettings, Ports, QUECTEL, UssdMenu};
    let office = Office::new();
    let said = office.run(&["ussd", "modem-1", "*888#"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("not running") && said.err.contains("systemctl start"), "{said:?}");
    assert_eq!(office.run(&["ussd", "modem-1", "saldo"]).code, 2);

    let menu = UssdMenu::text("1. Pulsa\n2. Kuota").with("1", UssdMenu::text("Pulsa Rp 5.000\x1b[2J"));
    let quick = std::time::Duration::from_millis(20);
    let network = NetworkSettings {
        ussd: [("*123#".to_owned(), menu)].into(),
        ussd_after: quick,
        air_time: quick,
        report_after: quick,
        ..NetworkSettings::default()
    };
    let (profiles, ports) = (vec![&QUECTEL, &HUAWEI], Ports::Folder(office.path("modems")));
    let settings = FleetSettings { modems: 2, profiles, network, ports, ..FleetSettings::default() };
    let fleet = Fleet::spawn(settings).unwrap();
    let daemon = office.daemon();
    until("readiness", || office.json(&["status", "--json"])["modems"]["ready"] == 2).await;
    for modem in ["modem-1", "modem-2"] {
        let said = office.run(&["ussd", modem, "*123#"]);
        assert_eq!((said.code, said.out.starts_with("1. Pulsa\n2. Kuota\n\n(The menu waits")), (0, true), "{said:?}");
    }
    let told = office.json(&["ussd", "modem-2", "*123#", "--then", "1", "--json"]);
    assert!(told["answers"][1].as_str().unwrap().starts_with("Pulsa Rp 5.000"), "{told}");
    assert_eq!((&told["open"], &told["trouble"]), (&false.into(), &Value::Null));
    assert!(
        !office.run(&["ussd", "modem-1", "*123#", "--then", "1"]).out.contains('\x1b'),
        "it cannot steer a terminal"
    );
    let said = office.run(&["ussd", "modem-1", "*123#", "--then", "9"]);
    assert_eq!((said.code, said.out.as_str()), (1, "1. Pulsa\n2. Kuota\n"), "what came before is shown");
    assert!(said.err.contains("does not know this code"), "{said:?}");
    let said = office.run(&["ussd", "modem-9", "*123#"]);
    assert!(said.code == 1 && said.err.contains("no modem modem-9"), "{said:?}");
    office.run(&["ussd", "modem-1", "*133*1234567890123456#"]);
    let said = office.run(&["modems", "test", "modem-1"]);
    assert!(said.code == 0 && said.out.matches("  ok ").count() == 6 && said.out.ends_with("Passed.\n"), "{said:?}");
    let steps = office.json(&["modems", "test", "modem-2", "--json"]);
    assert_eq!(steps.as_array().unwrap().iter().map(|step| step["state"].clone()).collect::<Vec<_>>(), ["ok"; 6]);
    let said = office.run(&["modems", "test", "modem-1", "--number", "0812"]);
    assert!(said.code == 1 && said.err.contains("0812: this is a short code"), "{said:?}");
    assert_eq!(office.json(&["modems", "--json"])[1]["self_test_passed"], true);
    assert_eq!(office.json(&["inbox", "--json"]).as_array().unwrap().len(), 0);

    let record = office.run(&["audit", "export"]).out;
    assert!(record.contains("*133*xxxxxxxxxxxxxxxx#") && !record.contains("1234567890123456"), "{record}");
    assert_eq!(daemon.stop(), 0);
    fleet.stop().await;
}

#[test]
fn a_disk_that_fills_up_while_a_list_comes_in_loses_nothing() {
    let office = Office::new();
    on_disk(&office);
    std::fs::create_dir_all(office.path("queue/diskominfo")).unwrap();
    let rows: String = (0..20_000).map(|row| format!("0812{};Halo warga\n", 10_000_000 + row)).collect();
    std::fs::write(office.path("queue/diskominfo/warga.csv"), format!("nomor;pesan\n{rows}")).unwrap();
    let script = "mkdir disk; mount -t tmpfs -o size=1m none disk
        if timeout 60 \"$K\" run; then exit 9; fi
        mount -o remount,size=64m disk
        \"$K\" run & daemon=$!
        for try in $(seq 600); do
            if \"$K\" jobs --json | grep '\"queued\": 20000'; then break; fi
            sleep 0.1
        done
        kill $daemon
        wait $daemon";
    // Where nothing can be mounted, the test before this one is what can be shown.
    if let Some(said) = with_mounts(&office, script) {
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.err.contains("free space") && said.out.contains("20000"), "{said:?}");
        assert_eq!(office.names("queue/diskominfo"), ["accepted", "rejected"]);
    }
}

#[test]
fn the_doctor_asks_a_port_and_leaves_one_that_is_held_alone() {
    let office = Office::with("");
    let mut simulator = office
        .command(&["simulate", "--modems", "1", "--dir", "modems"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(simulator.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let found = office.json(&["doctor", "--json", "--port", "modems/modem-1"]);
    let everywhere = office.run(&["doctor"]);
    let port = office.path("modems/modem-1");
    let held = {
        let tty = std::fs::OpenOptions::new().read(true).write(true).open(&port).unwrap();
        let said = office.run(&["doctor", "--port", "modems/modem-1"]);
        drop(tty);
        said
    };
    simulator.kill().unwrap();
    simulator.wait().unwrap();

    let device = &found[0];
    assert_eq!((device["modem"]["sim"].as_str(), device["ports"][0]["answer"].as_str()), (Some("ready"), Some("at")));
    assert!(device["modem"]["imei"].as_str().is_some_and(|imei| imei.len() == 15), "{found}");
    assert!(everywhere.out.contains("[[modem]]") && everywhere.out.contains("modems/modem-1"), "{everywhere:?}");
    assert_eq!(held.code, 1);
    assert!(held.out.contains(&format!("in use by process {}", std::process::id())), "{held:?}");
}
