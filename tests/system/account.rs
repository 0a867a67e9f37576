//! Compares what the office's files, ledger and commands say with what really went on the air.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use kentongan::model::State;
use kentongan::simulator::{Fact, Record};

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

/// The tag of the sample that a segment's text belongs to; none for the daemon's own answers.
pub fn tag(text: &str) -> Option<&str> {
    text.match_indices('J').map(|(at, _)| &text[at..]).find_map(|rest| {
        let tag = rest.get(..5)?;
        tag[1..].bytes().all(|byte| byte.is_ascii_digit()).then_some(tag)
    })
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
        let left: Vec<_> = office.names(&format!("queue/{unit}"));
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

/// What the ledger says of one segment.
struct Segment {
    number: String,
    tag: String,
    place: (u8, u8),
    state: State,
    hold: bool,
    message: i64,
    /// The message waits for evidence or a person, and what follows waits with it.
    held: bool,
}

/// One hand-over, oldest first.
struct Attempt {
    reason: String,
    outcome: Option<String>,
    settled: Option<String>,
}

/// Every segment on the air is in the ledger; none is in a better state than the air allows; none went out a second
/// time without a recorded reason that holds.
pub fn ledger_agrees_with_the_air(office: &Office, truth: &[Record]) {
    let mut on_air: BTreeMap<(String, String, u8, u8), u64> = BTreeMap::new();
    for Record { fact, .. } in truth {
        if let Fact::Submitted { to, text, total, seq, .. } = fact
            && let Some(tag) = tag(text)
        {
            *on_air.entry((to.clone(), tag.to_owned(), *total, *seq)).or_default() += 1;
        }
    }
    let (segments, attempts) = (segments(office), attempts(office));
    let none = Vec::new();
    let mut known = BTreeSet::new();
    for Segment { number, tag, place, state, hold, message, held } in &segments {
        let key = (number.clone(), tag.clone(), place.0, place.1);
        let times = on_air.get(&key).copied().unwrap_or(0);
        let attempts = attempts.get(&(*message, place.1)).unwrap_or(&none);
        let told: Vec<_> = attempts
            .iter()
            .map(|attempt| format!("{}: {:?} {:?}", attempt.reason, attempt.outcome, attempt.settled))
            .collect();
        let who = format!(
            "message {message} segment {}/{} ({tag}, {state}), {times} times on the air: {told:?}",
            place.1, place.0
        );
        assert!(known.insert(key), "{who}: the same text to the same number twice");
        match state {
            State::Submitted | State::Delivered | State::Unreported => assert!(times >= 1, "never on the air: {who}"),
            State::Queued if *held => assert_eq!(times, 0, "shown as waiting: {who}"),
            State::Queued | State::Sending => panic!("not finished: {who}"),
            State::Suppressed | State::Expired | State::Cancelled => assert_eq!(times, 0, "shown as not sent: {who}"),
            State::InDoubt | State::Failed => assert!(!attempts.is_empty(), "never tried: {who}"),
        }
        let handed = attempts.iter().filter(|attempt| attempt.outcome.as_deref() != Some("not_sent")).count() as u64;
        assert!(times <= handed, "more often than the ledger knows: {who}");
        for (at, attempt) in attempts.iter().enumerate() {
            assert_eq!(attempt.reason == "first", at == 0, "{who}");
            let Some(before) = at.checked_sub(1).map(|before| &attempts[before]) else { continue };
            let allowed = match before.outcome.as_deref() {
                Some("refused" | "not_sent") => true,
                Some("uncertain") => matches!(before.settled.as_deref(), Some("never_left" | "policy" | "operator")),
                _ => false,
            };
            assert!(allowed, "handed over again without cause: {who}");
        }
        // Nobody settles doubts by hand here: what is held in doubt may not go out twice, whatever the evidence.
        let by_policy = attempts.iter().any(|attempt| attempt.settled.as_deref() == Some("policy"));
        assert!(times <= 1 || (!hold && by_policy), "doubled: {who}");
    }
    for key in on_air.keys() {
        assert!(known.contains(key), "on the air and not in the ledger: {key:?}");
    }
}

fn segments(office: &Office) -> Vec<Segment> {
    let ledger = office.ledger();
    let mut statement = ledger
        .prepare(
            "SELECT messages.number, messages.segments, segments.number, segments.state, jobs.source, jobs.in_doubt,
                    messages.id, messages.state
             FROM messages JOIN segments ON segments.message_id = messages.id JOIN jobs ON jobs.id = messages.job_id
             WHERE jobs.kind = 'file'",
        )
        .unwrap();
    let rows = statement.query_map([], |row| {
        let (state, source): (String, String) = (row.get(3)?, row.get(4)?);
        Ok(Segment {
            number: format!("+{}", row.get::<_, i64>(0)?),
            tag: tag(&source).unwrap().to_owned(),
            place: (row.get(1)?, row.get(2)?),
            state: state.parse().unwrap(),
            hold: row.get::<_, String>(5)? == "hold",
            message: row.get(6)?,
            held: row.get::<_, String>(7)? == "in_doubt",
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn attempts(office: &Office) -> BTreeMap<(i64, u8), Vec<Attempt>> {
    let ledger = office.ledger();
    let mut statement =
        ledger.prepare("SELECT message_id, segment, reason, outcome, settled FROM attempts ORDER BY id").unwrap();
    let rows = statement.query_map([], |row| {
        let attempt = Attempt { reason: row.get(2)?, outcome: row.get(3)?, settled: row.get(4)? };
        Ok(((row.get(0)?, row.get(1)?), attempt))
    });
    let mut attempts: BTreeMap<_, Vec<Attempt>> = BTreeMap::new();
    for row in rows.unwrap() {
        let (segment, attempt) = row.unwrap();
        attempts.entry(segment).or_default().push(attempt);
    }
    attempts
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
