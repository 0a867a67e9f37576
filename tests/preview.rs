//! `kentongan check` from outside, on a ledger that knows SIMs, their day and a queue.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    /// Two modems: `a` for emergencies only, `b` for all; each SIM may send 10 an hour, 2 of them kept for emergencies.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = "[paths]\ndatabase = \"k.db\"\nqueue = \"queue\"\nports = \"modems\"\n\
                    [limits]\nper_minute = 0\nper_hour = 10\nper_day = 100\nreserve_emergency = 0.2\n\
                    [[modem]]\nname = \"a\"\nport = \"/dev/gsm/a\"\nclasses = [\"darurat\"]\n\
                    [[modem]]\nname = \"b\"\nport = \"/dev/gsm/b\"\n\
                    [[unit]]\nname = \"damkar\"\nclasses = [\"darurat\", \"penting\", \"umum\"]\n";
        std::fs::write(folder.path().join("k.toml"), text).unwrap();
        let office = Self { folder };
        drop(kentongan::store::Store::open(&office.path("k.db")).unwrap());
        office.sql(
            "INSERT INTO sims (id, key, iccid, imsi, operator, first_seen_ms, last_seen_ms)
             VALUES (1, 'iccid:1', '1', '510101234567890', NULL, 0, 0), (2, 'iccid:2', '2', '510111234567890', NULL, 0, 0);
             INSERT INTO modems (name, manufacturer, model, revision, port, sim_id, state, changed_at_ms)
             VALUES ('a', '', '', '', '/dev/gsm/a', 1, 'ready', 0), ('b', '', '', '', '/dev/gsm/b', 2, 'ready', 0);",
        );
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What an engine of a day past would have left.
    fn sql(&self, text: &str) {
        let ledger = rusqlite::Connection::open(self.path("k.db")).unwrap();
        ledger.execute_batch(&format!("PRAGMA foreign_keys = OFF; {text}")).unwrap();
    }

    /// So many segments went through a SIM so many minutes ago, one after another.
    fn sent(&self, sim: u32, count: u32, minutes_ago: u32) {
        self.sql(&format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
             INSERT INTO attempts (message_id, segment, sim_id, modem, number, reason, opened_at_ms, closed_at_ms, outcome)
             SELECT 1, 1, {sim}, 'b', 6281, 'first', t, t + 4000, 'submitted'
             FROM (SELECT (unixepoch() - {minutes_ago} * 60) * 1000 + i AS t FROM n);"
        ));
    }

    fn job(&self, name: &str, class: &str, people: u32, text: &str) {
        let numbers: Vec<_> = (0..people).map(|place| format!("0812100{place:05}")).collect();
        let file = format!("Kepada: {}\nKelas: {class}\n\n{text}\n", numbers.join(", "));
        std::fs::write(self.path(name), file).unwrap();
    }

    fn check(&self, words: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kentongan"));
        command.arg("check").args(words).current_dir(self.folder.path()).env("KENTONGAN_CONFIG", self.path("k.toml"));
        let output = command.stdin(Stdio::null()).output().unwrap();
        (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).unwrap())
    }

    fn json(&self, file: &str) -> Value {
        let (code, out) = self.check(&[file, "--json"]);
        assert_eq!(code, 0, "warnings change no exit code: {out}");
        serde_json::from_str(&out).unwrap()
    }
}

/// Keys of a row, as an array.
fn pick(row: &Value, keys: &[&str]) -> Value {
    keys.iter().map(|key| row[*key].clone()).collect()
}

#[test]
fn only_sims_that_are_for_the_class_count_towards_the_time_and_emergencies_have_the_reserve() {
    let office = Office::new();
    office.job("j.txt", "penting", 9, "halo");
    let told = office.json("j.txt");
    assert_eq!(told["eta_s"], 3606, "one SIM takes 8 in the first hour; the other is for emergencies only");
    let rows: Vec<_> =
        told["sims"].as_array().unwrap().iter().map(|sim| pick(sim, &["modem", "carries", "counted"])).collect();
    assert_eq!(rows, [json!(["a", false, false]), json!(["b", true, true])]);
    office.job("d.txt", "darurat", 20, "halo");
    assert_eq!(office.json("d.txt")["eta_s"], 60, "two SIMs, ten each");
}

#[test]
fn what_a_sim_sent_today_and_how_fast_comes_from_the_ledger() {
    let office = Office::new();
    office.sent(2, 6, 30);
    office.sent(2, 20, 300);
    office.job("j.txt", "umum", 2, "halo");
    let told = office.json("j.txt");
    let keys = ["operator", "sent_hour", "sent_day", "left_hour", "left_day", "left_day_emergency"];
    assert_eq!(pick(&told["sims"][1], &keys), json!(["XL", 6, 26, 2, 54, 74]));
    assert_eq!(told["eta_s"], 8, "4 s each, as the last ones took");
    office.job("j.txt", "umum", 3, "halo");
    let eta = office.json("j.txt")["eta_s"].as_i64().unwrap();
    assert!((1790..=1810).contains(&eta), "the third waits until the hour has slid on: {eta}");
}

#[test]
fn what_is_ahead_in_the_queue_and_what_holds_it_is_said() {
    let office = Office::new();
    office.sql(
        "INSERT INTO jobs (id, uid, kind, unit, source, digest, owner, class, in_doubt, state, not_before_ms, expires_at_ms, created_at_ms)
         VALUES (1, 'x', 'file', 'damkar', 'f', 'd', 'o', 'important', 'hold', 'active', 0, (unixepoch() + 86400) * 1000, 0),
                (2, 'y', 'file', 'damkar', 'f', 'e', 'o', 'routine', 'hold', 'active', 0, (unixepoch() + 86400) * 1000, 0);
         INSERT INTO tallies (job_id, state, messages) VALUES (1, 'queued', 3), (2, 'queued', 50), (1, 'submitted', 9);",
    );
    office.job("j.txt", "penting", 1, "halo");
    let told = office.json("j.txt");
    assert_eq!((&told["ahead_messages"], &told["eta_s"]), (&3.into(), &24.into()), "routine messages do not go first");
    office.sql("INSERT INTO pauses (scope, since_ms, actor, reason) VALUES ('class:important', 0, 'uji', 'uji')");
    let told = office.json("j.txt");
    assert_eq!(pick(&told, &["ahead_messages", "paused"]), json!([0, "class:important"]));
    let (code, out) = office.check(&["j.txt", "--lang", "id"]);
    assert!(code == 0 && out.contains("ditahan: kelas penting; keluar setelah `kentongan resume`"), "{out}");
}

#[test]
fn who_comes_too_late_is_counted_and_all_sums_hold() {
    let office = Office::new();
    office.job("j.txt", "penting\nKedaluwarsa: 2 jam", 30, &"x".repeat(161));
    let told = office.json("j.txt");
    assert_eq!(
        pick(&told, &["messages", "segments", "late_messages"]),
        json!([30, 60, 22]),
        "four in each of the two hours"
    );
    let sum = |rows: &str, key: &str| {
        told[rows].as_array().unwrap().iter().map(|row| row[key].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((sum("operator_rows", "recipients"), sum("operator_rows", "segments")), (30, 60));
    assert_eq!((sum("segment_rows", "messages"), told["segment_rows"][0]["segments"].as_u64()), (30, Some(2)));
    let (code, out) = office.check(&["j.txt", "--lang", "en"]);
    assert!(code == 0 && out.contains("ATTENTION:") && out.contains("22 messages will not have left by "), "{out}");
}

#[test]
fn characters_that_force_ucs_2_and_what_may_be_filtered_are_told_with_their_places() {
    let office = Office::new();
    let text = format!("“Selamat” {} 😀 Rp 50.000 di s.id/rw", "x".repeat(60));
    office.job("j.txt", "umum", 3, &text);
    let told = office.json("j.txt");
    let keys = ["code_point", "times", "texts", "first_row", "first_at", "replacement"];
    let characters: Vec<_> = told["characters"].as_array().unwrap().iter().map(|row| pick(row, &keys)).collect();
    assert_eq!(
        characters,
        [
            json!(["U+201C", 3, 3, 1, 1, "\""]),
            json!(["U+201D", 3, 3, 1, 9, "\""]),
            json!(["U+1F600", 3, 3, 1, 72, null]),
        ]
    );
    assert_eq!(pick(&told, &["saved_segments", "saved_segments_without_rest"]), json!([0, 3]));
    let keys = ["kind", "found", "operators", "texts", "at_risk"];
    let filtered: Vec<_> = told["filtered"].as_array().unwrap().iter().map(|row| pick(row, &keys)).collect();
    assert_eq!(
        filtered,
        [
            json!(["word", "selamat", "Telkomsel,Indosat,Tri", 3, 3]),
            json!(["shortener", "s.id", "Telkomsel,Indosat,Tri", 3, 3]),
            json!(["amount", "Rp 50.000", "Telkomsel,Tri", 3, 3]),
        ]
    );
    for lang in ["id", "en"] {
        let (code, out) = office.check(&["j.txt", "--lang", lang]);
        assert!(code == 0 && out.contains("transliterate = true") && out.contains("U+1F600"), "{out}");
        let long: Vec<_> = out.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "wider than a terminal: {long:?}");
    }
}
