//! Compares a ledger, segment by segment, with what really went on the air.

use std::collections::{BTreeMap, BTreeSet};

use kentongan::model::State;
use kentongan::simulator::{Fact, Record};
use rusqlite::Connection;

/// The tag of the sample that a segment's text belongs to; none for the daemon's own answers.
pub fn tag(text: &str) -> Option<&str> {
    text.match_indices('J').map(|(at, _)| &text[at..]).find_map(|rest| {
        let tag = rest.get(..5)?;
        tag[1..].bytes().all(|byte| byte.is_ascii_digit()).then_some(tag)
    })
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
pub fn ledger_agrees_with_the_air(ledger: &Connection, truth: &[Record]) {
    let mut on_air: BTreeMap<(String, String, u8, u8), u64> = BTreeMap::new();
    for Record { fact, .. } in truth {
        if let Fact::Submitted { to, text, total, seq, .. } = fact
            && let Some(tag) = tag(text)
        {
            *on_air.entry((to.clone(), tag.to_owned(), *total, *seq)).or_default() += 1;
        }
    }
    let (segments, attempts) = (segments(ledger), attempts(ledger));
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

fn segments(ledger: &Connection) -> Vec<Segment> {
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

fn attempts(ledger: &Connection) -> BTreeMap<(i64, u8), Vec<Attempt>> {
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
