//! Compares the ledger with what really went on the air, at the end of a story.

use std::collections::BTreeMap;

use kentongan::model::State;
use kentongan::pdu;
use kentongan::simulator::{Fact, Record};
use rusqlite::Connection;

use super::Town;

/// A number, a segment's text and its place.
type Key = (String, String, u8, u8);

/// What the ledger says of the segments that look alike on the air; mostly one.
#[derive(Debug, Default)]
struct Segments {
    count: u64,
    /// Those that are shown as taken by the service centre, by evidence.
    gone: u64,
    /// Hand-overs that were not certainly none, and those with a reason why they were made again.
    attempts: u64,
    repeats: u64,
}

/// Every segment on the air is in the ledger, none more often than the ledger's attempts say (those that never left, by their
/// outcome or by the numbers after them, not counted), no second time without a recorded reason, and none is shown as sent that
/// was not, or as never sent that was.
pub fn audit(town: &Town) {
    let mut on_air: BTreeMap<Key, u64> = BTreeMap::new();
    for Record { fact, .. } in town.fleet.truth().records() {
        if let Fact::Submitted { to, text, total, seq, .. } = fact {
            *on_air.entry((to, text, total, seq)).or_default() += 1;
        }
    }
    let ledger = segments(town);
    for (key, times) in &on_air {
        // The daemon's own answers are no part of any file.
        let Some(Segments { count, attempts, repeats, .. }) = ledger.get(key) else {
            assert!(!key.1.starts_with('J') && !key.1.contains("Kabar"), "on the air and not in the ledger: {key:?}");
            continue;
        };
        assert!(times <= attempts, "sent {times} times in {attempts} attempts: {key:?}");
        assert!(*times <= count + repeats, "sent {times} times, {repeats} with a reason: {key:?}");
    }
    for (key, Segments { gone, .. }) in &ledger {
        let times = on_air.get(key).copied().unwrap_or(0);
        assert!(times >= *gone, "{gone} are shown as sent, and {times} were on the air: {key:?}");
    }
}

fn segments(town: &Town) -> BTreeMap<Key, Segments> {
    let ledger = Connection::open(town.folder.path().join("k.db")).unwrap();
    let mut statement = ledger
        .prepare(
            "SELECT messages.number, coalesce(messages.text, jobs.text), messages.segments, segments.number, segments.state,
                    (SELECT count(*) FROM attempts WHERE message_id = messages.id AND segment = segments.number
                     AND outcome IS NOT 'not_sent' AND settled IS NOT 'never_left'),
                    (SELECT count(*) FROM attempts WHERE message_id = messages.id AND segment = segments.number
                     AND reason <> 'first'),
                    EXISTS (SELECT 1 FROM attempts WHERE message_id = messages.id AND segment = segments.number
                     AND settled = 'operator')
             FROM messages JOIN segments ON segments.message_id = messages.id
                  JOIN jobs ON jobs.id = messages.job_id
             WHERE jobs.kind = 'file'",
        )
        .unwrap();
    let mut found: BTreeMap<Key, Segments> = BTreeMap::new();
    let mut last: (String, Vec<String>) = Default::default();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let text: String = row.get(1).unwrap();
        if last.0 != text {
            last = (text.clone(), parts(&text));
        }
        let (total, place): (u8, u8) = (row.get(2).unwrap(), row.get(3).unwrap());
        let number = format!("+{}", row.get::<_, i64>(0).unwrap());
        let same = found.entry((number, last.1[usize::from(place) - 1].clone(), total, place)).or_default();
        let state: State = row.get::<_, String>(4).unwrap().parse().unwrap();
        let by_hand: bool = row.get(7).unwrap();
        same.count += 1;
        same.gone += u64::from(matches!(state, State::Submitted | State::Delivered | State::Unreported) && !by_hand);
        same.attempts += row.get::<_, u64>(5).unwrap();
        same.repeats += row.get::<_, u64>(6).unwrap();
    }
    found
}

/// The texts of a text's segments, as a phone reads them.
fn parts(text: &str) -> Vec<String> {
    let plan = pdu::Text::plan(text).unwrap();
    let part = |place| plan.user_data(place, 0).text(plan.dcs(None)).unwrap();
    (1..=plan.segments() as u8).map(part).collect()
}
