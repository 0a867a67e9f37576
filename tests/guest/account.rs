//! The ledger that was taken out of the guest, against what really went on the air.

use std::collections::BTreeMap;

use kentongan::simulator::{Fact, Record};
use rusqlite::Connection;

use super::air;
use super::bus::Away;
use super::office::Letter;

/// What a minute is here. The guest's clock is read before a segment is handed over, the simulator's after it has passed through two
/// machines and the air: two sends may look closer on the air than they were begun.
const MINUTE_ON_AIR_MS: i64 = 57_000;
const MINUTE_MS: i64 = 60_000;

/// The sums.
pub struct Account {
    pub messages: BTreeMap<String, i64>,
    /// Segments that the service centre took.
    pub on_air: usize,
    /// Segments that it took a second time, by the recorded policy.
    pub repeated: usize,
    /// Segments whose report came while their modem was away.
    pub unreported: usize,
    /// How each doubt was settled, `open` for those that are not.
    pub doubts: BTreeMap<String, i64>,
    /// The most segments one SIM handed over in a minute.
    pub busiest_minute: usize,
}

/// Holds the ledger against the air and against what was dropped; panics where they differ.
pub fn settle(
    ledger: &Connection,
    truth: &[Record],
    away: &[Away],
    dropped: &[(&str, &[Letter])],
    per_minute: usize,
) -> Account {
    let sound: String = ledger.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a database");
    assert_eq!(sound, "ok");
    air::ledger_agrees_with_the_air(ledger, truth);
    for (tag, letters) in dropped {
        for letter in *letters {
            let question = "SELECT count(*) FROM messages JOIN jobs ON jobs.id = messages.job_id
                            WHERE messages.number = ? AND instr(jobs.source, ?)";
            let times: i64 = ledger.query_row(question, (letter.number, tag), |row| row.get(0)).expect("an answer");
            assert_eq!(times, 1, "{tag} names +{} once", letter.number);
        }
    }
    let torn = "SELECT count(*) FROM jobs WHERE recipients <>
                (SELECT count(*) FROM recipients WHERE job_id = jobs.id) OR recipients <> excluded +
                (SELECT count(*) FROM messages WHERE job_id = jobs.id) OR recipients <> excluded +
                (SELECT sum(messages) FROM tallies WHERE job_id = jobs.id)";
    let torn: i64 = ledger.query_row(torn, [], |row| row.get(0)).expect("an answer");
    assert_eq!(torn, 0, "the account of a job does not add up");

    let unreported = unreported(ledger, truth, away);
    let mut on_air: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut times: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for record in truth {
        if let Fact::Submitted { to, text, .. } = &record.fact {
            on_air.entry(&record.iccid).or_default().push(record.at_ms);
            *times.entry((to, text)).or_default() += 1;
        }
    }
    let handed = handed(ledger);
    let busiest = |sends: &BTreeMap<_, Vec<i64>>, span| sends.values().map(|sends| most_within(sends, span)).max();
    let busiest_minute = busiest(&handed, MINUTE_MS).unwrap_or(0);
    assert!(busiest_minute <= per_minute, "{busiest_minute} segments in a minute by the ledger: {handed:?}");
    let on_air_minute = busiest(&by_name(&on_air), MINUTE_ON_AIR_MS).unwrap_or(0);
    assert!(on_air_minute <= per_minute, "{on_air_minute} segments of one SIM on the air in a minute");
    Account {
        messages: counted(ledger, "SELECT state, count(*) FROM messages GROUP BY state"),
        on_air: on_air.values().map(Vec::len).sum(),
        unreported,
        repeated: times.values().map(|times| times - 1).sum(),
        doubts: counted(
            ledger,
            "SELECT coalesce(settled, 'open'), count(*) FROM attempts WHERE outcome = 'uncertain' GROUP BY 1",
        ),
        busiest_minute,
    }
}

/// How many segments wait for a report in vain. Panics where a report came that its modem could hand on.
fn unreported(ledger: &Connection, truth: &[Record], away: &[Away]) -> usize {
    let question = "SELECT messages.number, jobs.source, segments.number FROM segments
                    JOIN messages ON messages.id = segments.message_id JOIN jobs ON jobs.id = messages.job_id
                    WHERE segments.state = 'submitted'";
    let mut statement = ledger.prepare(question).expect("a question");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("rows");
    let was_away = |record: &Record| {
        // What was handed on in the last moment may have gone no further than the bridge.
        let inside = |away: &&Away| {
            away.from_ms - 1_000 <= record.at_ms && away.until_ms.is_none_or(|until_ms| record.at_ms <= until_ms)
        };
        away.iter().filter(|away| away.modem == record.modem).any(|away| inside(&away))
    };
    let mut count = 0;
    for row in rows {
        let (number, source, place): (i64, String, u8) = row.expect("a row");
        let (number, tag) = (format!("+{number}"), air::tag(&source).expect("a tag"));
        let heard = truth.iter().enumerate().filter(|(_, record)| match &record.fact {
            Fact::Submitted { to, text, seq, .. } => *to == number && *seq == place && air::tag(text) == Some(tag),
            _ => false,
        });
        for (at, sent) in heard {
            let Fact::Submitted { tp_mr: reference, .. } = sent.fact else { continue };
            let report = truth[at..].iter().find(|record| {
                record.modem == sent.modem
                    && matches!(&record.fact, Fact::Reported { tp_mr, to, .. } if *tp_mr == reference && *to == number)
            });
            let lost = report.is_none_or(was_away);
            assert!(lost, "{number} ({tag}, segment {place}): {report:?} came to a modem that was there, and was lost");
        }
        count += 1;
    }
    count
}

/// When segments were handed over, by card. What never left is not counted.
fn handed(ledger: &Connection) -> BTreeMap<String, Vec<i64>> {
    let question = "SELECT sims.iccid, opened_at_ms FROM attempts JOIN sims ON sims.id = attempts.sim_id
                    WHERE outcome <> 'not_sent' ORDER BY opened_at_ms";
    let mut statement = ledger.prepare(question).expect("a question");
    let mut sends: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows") {
        let (card, at): (String, i64) = row.expect("a row");
        sends.entry(card).or_default().push(at);
    }
    sends
}

fn by_name(sends: &BTreeMap<&str, Vec<i64>>) -> BTreeMap<String, Vec<i64>> {
    sends.iter().map(|(name, sends)| ((*name).to_owned(), sends.clone())).collect()
}

/// How many of these times, oldest first, lie within one span at most.
fn most_within(times: &[i64], span_ms: i64) -> usize {
    let until = |start: &i64| times.partition_point(|time| *time < start + span_ms);
    times.iter().enumerate().map(|(place, start)| until(start) - place).max().unwrap_or(0)
}

fn counted(ledger: &Connection, question: &str) -> BTreeMap<String, i64> {
    let mut statement = ledger.prepare(question).expect("a question");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |counts: &BTreeMap<String, i64>| {
            counts.iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
        };
        write!(
            f,
            "messages: {}; {} segments on the air, {} of them again by the recorded policy; {} reports came while nobody \
             listened; doubts: {}; {} segments in the busiest minute of a SIM",
            list(&self.messages),
            self.on_air,
            self.repeated,
            self.unreported,
            list(&self.doubts),
            self.busiest_minute
        )
    }
}
