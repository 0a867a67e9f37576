//! Moratoria, approval and units from outside: words, exit codes, folders.

use crate::outside::Office;
use kentongan::daemon::Clock;
use kentongan::model::SignedDuration;
use serde_json::{Value, json};

impl Office {
    /// The office of the fire service.
    fn of_damkar(more: &str) -> Self {
        Self::with(&format!("[[unit]]\nname = \"damkar\"\n{more}"))
    }

    /// The exit code, and everything it said.
    fn says(&self, words: &[&str]) -> (i32, String) {
        let said = self.run(words);
        (said.code, said.out + &said.err)
    }

    /// Asks until the answer is what is wanted.
    fn until(&self, words: &[&str], wanted: impl Fn(&Value) -> bool) -> Value {
        let mut answer = self.json(words);
        until(&format!("{words:?}"), || {
            answer = self.json(words);
            wanted(&answer)
        });
        answer
    }
}

/// Waits for what another process does.
fn until(what: &str, mut there: impl FnMut() -> bool) {
    let deadline = Clock::System.now() + SignedDuration::from_secs(60);
    while !there() {
        assert!(Clock::System.now() < deadline, "{what} did not come about");
        std::thread::yield_now();
    }
}

#[test]
fn a_moratorium_is_entered_told_wherever_it_holds_something_and_ended_with_and_without_a_daemon() {
    let office =
        Office::of_damkar("[[moratorium]]\nfrom = \"2400-01-01\"\nuntil = \"2400-01-01\"\nreason = \"libur\"\n");
    assert_eq!(office.json(&["moratorium", "list", "--json"])[0]["actor"], "settings");
    let add = [
        "moratorium",
        "add",
        "--from",
        "2020-01-01",
        "--until",
        "2399-12-31",
        "--class",
        "umum",
        "--reason",
        "masa tenang",
    ];
    assert_eq!(office.says(&add[..6]).0, 2, "without a reason it is wrong usage");
    assert_eq!(office.says(&add).0, 1, "there is no database yet");
    let daemon = office.daemon();
    assert_eq!(office.says(&add), (0, "moratorium 1 is entered\n".to_owned()));
    let unknown = [&add[..], &["--unit", "kecamatan"]].concat();
    assert_eq!(office.says(&unknown).0, 1, "there is no such unit");
    std::fs::write(office.path("job.csv"), "nomor,pesan\n081234567890,Halo\n").unwrap();
    let (code, said) = office.says(&["check", "job.csv", "--lang", "id"]);
    assert!(code == 1 && said.contains("sedang ada moratorium (masa tenang)"), "{said}");
    std::fs::copy(office.path("job.csv"), office.path("queue/damkar/job.csv")).unwrap();
    let reason = office.path("queue/damkar/rejected/job.reason.txt");
    until("the reason beside the rejected file", || reason.exists());
    assert!(std::fs::read_to_string(&reason).unwrap().contains("moratorium (masa tenang)"));
    let important = "Kepada: 081234567890\nKelas: penting\n\nRapat\n";
    std::fs::write(office.path("job.txt"), important).unwrap();
    assert_eq!(office.says(&["check", "job.txt"]).0, 0, "another class may");
    drop(daemon);
    let listed = office.json(&["moratorium", "list", "--json"]);
    let shown: Vec<_> =
        listed.as_array().unwrap().iter().map(|row| (row["id"].clone(), row["reason"].clone())).collect();
    assert_eq!(shown, [(json!(1), json!("masa tenang")), (Value::Null, json!("libur"))]);
    assert_eq!(listed[0]["classes"], "routine");
    assert!(office.says(&["moratorium", "list", "--lang", "id"]).1.contains("sekarang"));
    assert_eq!(
        office.says(&["moratorium", "end", "1", "--reason", "selesai", "--lang", "id"]),
        (0, "moratorium 1 diakhiri\n".to_owned())
    );
    assert_eq!(office.says(&["moratorium", "end", "1", "--reason", "selesai"]).0, 1);
    assert_eq!(office.json(&["moratorium", "list", "--all", "--json"]).as_array().unwrap().len(), 2);
    assert_eq!(office.says(&["check", "job.csv"]).0, 0);
}

#[test]
fn a_job_that_needs_a_second_person_says_so_beforehand_and_is_not_approved_by_the_owner_of_its_file() {
    let office = Office::of_damkar(
        "approval = \"always\"\nsignature = \"Damkar\"\nsegments_per_day = 8\ngroup = \"no-such-group\"\n",
    );
    let daemon = office.daemon();
    let alarms = office.until(&["alarms", "--json"], |alarms| alarms.as_array().is_some_and(|all| !all.is_empty()));
    assert_eq!((&alarms[0]["kind"], &alarms[0]["subject"]), (&json!("folder_wrong"), &json!("damkar")));
    assert!(office.says(&["alarms", "--lang", "id"]).1.contains("tidak ada grup no-such-group"));
    std::fs::write(office.path("job.csv"), format!("nomor,pesan\n081234567890,{}\n", "x".repeat(158))).unwrap();
    let verdict = office.json(&["check", "job.csv", "--json"]);
    assert_eq!(
        (&verdict["needs_approval"], &verdict["quota_left"], &verdict["segments"]),
        (&json!(true), &json!(8), &json!(2))
    );
    assert!(office.says(&["check", "job.csv"]).1.contains("kentongan job approve N"));
    assert_eq!(office.says(&["submit", "job.csv"]).0, 0);
    let jobs =
        office.until(&["jobs", "--json"], |jobs| jobs[0]["waits_for"] == "approval" && jobs[0]["filed_as"].is_string());
    let myself = kentongan::daemon::user_name(rustix::process::getuid().as_raw());
    assert_eq!(jobs[0]["owner"], json!(myself));
    assert!(office.says(&["jobs"]).1.contains("waiting for approval"));
    let shown = office.says(&["job", "1", "--lang", "id"]).1;
    assert!(shown.contains("menunggu persetujuan: setiap pekerjaan unit damkar"), "{shown}");
    assert!(office.says(&["status"]).1.contains("Waiting for approval"));
    let (code, said) = office.says(&["job", "approve", "1", "--reason", "sudah benar"]);
    assert!(code == 1 && said.contains("somebody else must approve it"), "{said}");
    assert_eq!(office.says(&["job", "approve", "1"]).0, 2, "without a reason it is wrong usage");
    let filed = jobs[0]["filed_as"].as_str().and_then(|name| name.strip_suffix(".csv")).unwrap().to_owned();
    let report = office.path(&format!("queue/damkar/accepted/{filed}.report.csv"));
    let told = "queued,approval: every job of unit damkar";
    until("the reason in the report", || std::fs::read_to_string(&report).is_ok_and(|table| table.contains(told)));
    let refused = office.says(&["job", "refuse", "1", "--reason", "salah daftar", "--lang", "id"]);
    assert_eq!(refused, (0, "pekerjaan 1 ditolak; tidak ada yang dikirim\n".to_owned()));
    assert_eq!(office.json(&["jobs", "--json"])[0]["state"], "cancelled");
    drop(daemon);
}
