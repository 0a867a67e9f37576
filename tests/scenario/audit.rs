//! Compares the ledger with what really went on the air.

use std::collections::BTreeMap;

use kentongan::model::State;
use kentongan::simulator::{Fact, Record};
use rusqlite::Connection;

use super::town::Town;

/// What the ledger says of one segment.
struct Segment {
    number: String,
    /// Of the whole message.
    text: String,
    text_place: (u8, u8),
    state: State,
    attempts: u64,
    repeats: u64,
}

/// Every segment on the air is in the ledger, none more often than the ledger's attempts say (those that never left, by their
/// outcome or by the numbers after them, not counted), no second time without a recorded reason, and none in a better or worse
/// state than the truth.
pub fn audit(town: &Town) {
    let truth = town.fleet.truth().records();
    let mut on_air: BTreeMap<(String, String, u8, u8), u64> = BTreeMap::new();
    for Record { fact, .. } in &truth {
        if let Fact::Submitted { to, text, total, seq, .. } = fact {
            *on_air.entry((to.clone(), text.clone(), *total, *seq)).or_default() += 1;
        }
    }
    let times = |segment: &Segment| -> u64 {
        let (total, seq) = segment.text_place;
        on_air
            .iter()
            .filter(|((to, text, of, place), _)| {
                *to == segment.number && (*of, *place) == (total, seq) && segment.text.contains(text.as_str())
            })
            .map(|(_, times)| times)
            .sum()
    };
    for segment in segments(town) {
        let times = times(&segment);
        let Segment { number, state, attempts, repeats, .. } = &segment;
        assert!(times <= *attempts, "{number} was sent {times} times in {attempts} attempts");
        assert!(times <= 1 + repeats, "{number} was sent {times} times, {repeats} with a reason");
        match state {
            State::Submitted | State::Delivered | State::Unreported => {
                assert!(times >= 1, "{number} is {state} and was never on the air");
            }
            State::Queued | State::Suppressed | State::Expired | State::Cancelled => {
                let settled = *attempts > 0;
                assert!(times == 0 || settled, "{number} is {state}, was on the air, and nobody handed it over");
            }
            State::Sending | State::InDoubt | State::Failed => {}
        }
    }
}

/// No text holds another, and no number is named twice with one text: what is asked of the stories that are audited.
fn segments(town: &Town) -> Vec<Segment> {
    let ledger = Connection::open(town.folder.path().join("k.db")).unwrap();
    let mut statement = ledger
        .prepare(
            "SELECT messages.number, coalesce(messages.text, jobs.text), messages.segments, segments.number, segments.state,
                    (SELECT count(*) FROM attempts WHERE message_id = messages.id AND segment = segments.number
                     AND outcome IS NOT 'not_sent' AND settled IS NOT 'never_left'),
                    (SELECT count(*) FROM attempts WHERE message_id = messages.id AND segment = segments.number
                     AND reason <> 'first')
             FROM messages JOIN segments ON segments.message_id = messages.id
                  JOIN jobs ON jobs.id = messages.job_id
             WHERE jobs.kind = 'file'",
        )
        .unwrap();
    let rows = statement
        .query_map([], |row| {
            let state: String = row.get(4)?;
            Ok(Segment {
                number: format!("+{}", row.get::<_, i64>(0)?),
                text: row.get(1)?,
                text_place: (row.get(2)?, row.get(3)?),
                state: state.parse().unwrap(),
                attempts: row.get(5)?,
                repeats: row.get(6)?,
            })
        })
        .unwrap();
    rows.map(Result::unwrap).collect()
}
