//! Compares what the office's files, ledger and commands say with what really went on the air.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use kentongan::model::State;
use kentongan::simulator::{Fact, Record};

use super::air::tag;
use super::files::{Sample, number};
use super::office::Office;

/// A text that a citizen sent while the test ran.
#[derive(Clone)]
pub struct Reply {
    pub from: u64,
    pub text: String,
    /// The modem it went to, and the numbers that its segments have there.
    pub modem: String,
    pub ids: Vec<u32>,
    /// Whether it asks for no more messages.
    pub stop: bool,
}

/// Every content that was dropped lies in `accepted/` or `rejected/`, as often as it was dropped, and a good one once
/// in `accepted/`.
pub fn files_are_kept(office: &Office, dropped: &[Sample]) {
    for unit in ["diskominfo", "damkar"] {
        let mut wanted: BTreeMap<&[u8], (u64, bool)> = BTreeMap::new();
        for sample in dropped.iter().filter(|sample| sample.unit == unit) {
            wanted.entry(&sample.content).or_insert((0, sample.rows > 0)).0 += 1;
        }
        let read = |folder: &str| -> Vec<(String, Vec<u8>)> {
            let folder = format!("queue/{unit}/{folder}");
            let names = office.names(&folder).into_iter();
            let files = names.filter(|name| !name.ends_with(".report.csv") && !name.ends_with(".reason.txt"));
            files.map(|name| (name.clone(), fs::read(office.path(&folder).join(name)).unwrap())).collect()
        };
        let (accepted, rejected) = (read("accepted"), read("rejected"));
        let times = |files: &[(String, Vec<u8>)], content: &[u8]| files.iter().filter(|file| file.1 == content).count();
        for (content, (count, good)) in &wanted {
            let (yes, no) = (times(&accepted, content) as u64, times(&rejected, content) as u64);
            let what = String::from_utf8_lossy(&content[..content.len().min(60)]);
            assert_eq!(yes, u64::from(*good), "{what:?} is {yes} times in accepted/, {no} times in rejected/");
            assert_eq!(yes + no, *count, "{what:?} was dropped {count} times");
        }
        for (name, content) in accepted.iter().chain(&rejected) {
            assert!(wanted.contains_key(content.as_slice()), "{unit}: nobody dropped {name} as it is there now");
        }
        for (name, _) in &rejected {
            let stem = name.rsplit_once('.').unwrap().0;
            assert!(!office.read(&format!("queue/{unit}/rejected/{stem}.reason.txt")).is_empty(), "{name}");
        }
        let mut left = office.names(&format!("queue/{unit}"));
        // Where somebody replied.
        left.retain(|name| name != "inbox.report.csv");
        assert_eq!(left, ["accepted", "rejected"], "{unit}");
    }
}

/// Every good file is one whole job whose account adds up, the same in the ledger, in `jobs --json`, in `job --csv`
/// and in the report beside the file.
pub fn jobs_add_up(office: &Office, dropped: &[Sample]) {
    let jobs = office.json(&["jobs", "--json"]);
    let jobs = jobs.as_array().unwrap();
    let samples: BTreeMap<&str, &Sample> =
        dropped.iter().filter(|sample| sample.rows > 0).map(|sample| (sample.tag.as_str(), sample)).collect();
    assert_eq!(jobs.len(), samples.len(), "one job a file");
    let ledger = office.ledger();
    let ask = |question: &str, job: i64| -> u64 {
        ledger.query_row(question, [job], |row| row.get(0)).unwrap_or_else(|error| panic!("{question}: {error}"))
    };
    for job in jobs {
        let (id, source) = (job["id"].as_i64().unwrap(), job["source"].as_str().unwrap());
        let sample = samples[tag(source).unwrap()];
        let field = |key: &str| job[key].as_u64().unwrap_or(0);
        assert_eq!(field("recipients"), sample.rows, "{source} was read in part: {job}");
        let messages: u64 = State::ALL.iter().map(|state| field(state.name())).sum();
        assert_eq!(field("recipients"), field("excluded") + messages, "{job}");
        for (question, told) in [
            ("SELECT count(*) FROM recipients WHERE job_id = ?", field("recipients")),
            ("SELECT count(*) FROM recipients WHERE job_id = ? AND excluded IS NOT NULL", field("excluded")),
            ("SELECT count(*) FROM messages WHERE job_id = ?", messages),
            ("SELECT sum(messages) FROM tallies WHERE job_id = ?", messages),
            ("SELECT count(*) FROM messages WHERE job_id = ? AND state = 'delivered'", field("delivered")),
            ("SELECT count(*) FROM messages WHERE job_id = ? AND state = 'in_doubt'", field("in_doubt")),
            ("SELECT count(*) FROM recipients WHERE job_id = ? AND excluded = 'invalid'", sample.invalid),
            (
                "SELECT count(*) FROM recipients WHERE job_id = ? AND excluded IS NULL
                 AND id NOT IN (SELECT id FROM messages)",
                0,
            ),
        ] {
            assert_eq!(ask(question, id), told, "{question}: {job}");
        }
        let opted_out = ask("SELECT count(*) FROM recipients WHERE job_id = ? AND excluded = 'opted_out'", id);
        let excluded = sample.invalid + sample.duplicate;
        assert!((excluded..=excluded + opted_out).contains(&field("excluded")), "{job}: {excluded} + {opted_out}");
        assert!(messages >= sample.people.len() as u64 - opted_out, "somebody was forgotten: {job}");

        let csv = office.run(&["job", &id.to_string(), "--csv"]).out;
        let last = csv.lines().last().unwrap();
        let sum = format!("{} named = {} excluded + {messages} messages", sample.rows, field("excluded"));
        assert!(last.starts_with("sum,") && last.contains(&sum), "{last}: {sum}");
        assert_eq!(csv.lines().count() as u64, sample.rows + 2, "{source}");
        let filed = job["filed_as"].as_str().unwrap_or_else(|| panic!("not filed: {job}"));
        let accepted = office.path("queue").join(sample.unit).join("accepted");
        assert_eq!(fs::read(accepted.join(filed)).unwrap(), sample.content, "{filed} is another file");
        let report = filed.rsplit_once('.').unwrap().0.to_owned() + ".report.csv";
        let report = fs::read_to_string(accepted.join(&report)).unwrap_or_else(|error| panic!("{report}: {error}"));
        assert_eq!(report, csv, "the report beside {filed} is old");
    }
}

/// How many segments of these replies still lie in a modem, or on their way to one.
pub fn waiting(truth: &[Record], replies: &[Reply]) -> usize {
    let gone: BTreeSet<(&str, u32)> = truth
        .iter()
        .filter_map(|record| match record.fact {
            Fact::Deleted { id } | Fact::Acknowledged { id } | Fact::Dropped { id } => {
                Some((record.modem.as_str(), id))
            }
            _ => None,
        })
        .collect();
    let ids = replies.iter().flat_map(|reply| reply.ids.iter().map(|id| (reply.modem.as_str(), *id)));
    ids.filter(|place| !gone.contains(place)).count()
}

/// Every reply is in the inbox once, as it was written, and whoever asked for it is written to no more once that was read:
/// `air` is how long a segment that was handed over before may still take.
pub fn replies_are_heeded(office: &Office, truth: &[Record], replies: &[Reply], air: Duration) {
    let inbox = office.json(&["inbox", "--json"]);
    let inbox = inbox.as_array().unwrap();
    let since: BTreeMap<u64, i64> = {
        let ledger = office.ledger();
        let mut statement = ledger.prepare("SELECT number, since_ms FROM opt_outs").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    };
    let mut deleted: BTreeMap<(&str, u32), i64> = BTreeMap::new();
    let mut dropped = BTreeSet::new();
    for record in truth {
        match record.fact {
            Fact::Deleted { id } | Fact::Acknowledged { id } => {
                deleted.entry((&record.modem, id)).or_insert(record.at_ms);
            }
            Fact::Dropped { id } => drop(dropped.insert((record.modem.as_str(), id))),
            _ => {}
        }
    }
    let leavers: BTreeSet<u64> = replies.iter().filter(|reply| reply.stop).map(|reply| reply.from).collect();
    for Reply { from, text, modem, ids, stop } in replies {
        let from_plus = format!("+{from}");
        // The modem's own loss, by its settings after a restart or by its firmware, is nobody's fault.
        if ids.iter().any(|id| dropped.contains(&(modem.as_str(), *id))) {
            continue;
        }
        let times = inbox.iter().filter(|row| row["from"] == *from_plus && row["text"] == **text).count();
        let sent = replies.iter().filter(|other| other.from == *from && other.text == *text).count();
        assert_eq!(times, sent, "{text:?} is {times} times in the inbox and was sent {sent} times");
        if !stop {
            assert!(leavers.contains(from) || !since.contains_key(from), "{text:?} is no wish to leave");
            continue;
        }
        let since = *since.get(from).unwrap_or_else(|| panic!("{text:?} was not heeded"));
        // Durable before deleted: by then at the latest it had been read.
        let read = ids.iter().map(|id| deleted[&(modem.as_str(), *id)]).max().unwrap();
        assert!(since <= read + 5, "deleted at {read}, and opted out only at {since}");
        let late = office.count(&format!(
            "SELECT count(*) FROM attempts JOIN messages ON messages.id = attempts.message_id
             JOIN jobs ON jobs.id = messages.job_id
             WHERE jobs.kind = 'file' AND attempts.number = {from} AND attempts.opened_at_ms > {since}"
        ));
        assert_eq!(late, 0, "handed over after a STOP that was read at {since}");
        for record in truth {
            if let Fact::Submitted { to, text, .. } = &record.fact {
                let after = record.at_ms - since.min(read);
                let own = tag(text).is_none();
                assert!(
                    own || *to != from_plus || after <= air.as_millis() as i64,
                    "on the air {after} ms after STOP: {text:?}"
                );
            }
        }
    }
}

/// Everybody whom nothing excludes is in the ledger, as far as files were taken.
pub fn nobody_is_forgotten(office: &Office, dropped: &[Sample]) {
    let ledger = office.ledger();
    let mut statement = ledger
        .prepare(
            "SELECT count(*) FROM recipients JOIN jobs ON jobs.id = recipients.job_id
             WHERE recipients.number = ? AND instr(jobs.source, ?) AND ifnull(recipients.excluded, '') <> 'duplicate'",
        )
        .unwrap();
    for sample in dropped {
        for person in &sample.people {
            let times: i64 = statement.query_row((number(*person), &sample.tag), |row| row.get(0)).unwrap();
            assert_eq!(times, 1, "{} names +{} once", sample.tag, number(*person));
        }
    }
}
