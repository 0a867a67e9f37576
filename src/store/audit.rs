//! Questions of an auditor: the record of a period, and what may be published of it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::chain::Link;
use super::{Reader, StoreError, at, ms, shown};
use crate::model::{State, Timestamp};

/// One event of the record, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RecordView {
    /// Its place in the record.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who: `engine`, or a person.
    pub actor: String,
    /// What kind of change.
    pub kind: String,
    /// The job concerned.
    pub job: Option<i64>,
    /// The message concerned.
    pub message: Option<i64>,
    /// The SIM concerned, by its key.
    pub sim: Option<String>,
    /// The number concerned, `+62…`.
    pub number: Option<String>,
    /// The reason, and what else is to be known.
    pub detail: String,
    /// Its link in the chain, hexadecimal; `None` for events from before the chain.
    pub link: Option<String>,
}

/// What one unit sent in one class: no numbers, no texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SummaryView {
    /// The unit.
    pub unit: String,
    /// The class.
    pub class: String,
    /// Jobs accepted in the period.
    pub jobs: u64,
    /// Recipients they name.
    pub recipients: u64,
    /// Of these, how many get nothing.
    pub excluded: u64,
    /// Messages by state now; with `excluded` they add up to `recipients`.
    pub messages: BTreeMap<String, u64>,
}

/// Who left and who came back in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConsentCounts {
    /// Opt-outs entered, by SMS or by hand.
    pub opted_out: u64,
    /// Opt-outs taken back.
    pub opted_in: u64,
}

/// Events read at a time.
const PAGE: usize = 1000;

const RECORD: &str =
    "SELECT events.id, at_ms, actor, events.kind, job_id, message_id, sims.key, event_numbers.number, detail, link
     FROM events LEFT JOIN sims ON sims.id = events.sim_id
          LEFT JOIN event_numbers ON event_numbers.event_id = events.id";

fn record_view(row: &Row<'_>) -> rusqlite::Result<RecordView> {
    let link: Option<[u8; 32]> = row.get(9)?;
    Ok(RecordView {
        id: row.get(0)?,
        at: at(row.get(1)?),
        actor: row.get(2)?,
        kind: row.get(3)?,
        job: row.get(4)?,
        message: row.get(5)?,
        sim: row.get(6)?,
        number: row.get::<_, Option<i64>>(7)?.map(shown),
        detail: row.get(8)?,
        link: link.map(|octets| Link(octets).to_string()),
    })
}

impl Reader {
    /// Hands on the events of `from..until` in their order, until `each` breaks. Read in pages, so that no question stays open while
    /// somebody works on the answers; what is noted meanwhile may be among them.
    pub fn record(
        &self,
        from: Timestamp,
        until: Timestamp,
        mut each: impl FnMut(RecordView) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut after = 0;
        loop {
            let page = self.all(
                &format!(
                    "{RECORD} WHERE events.id > ?3 AND at_ms >= ?1 AND at_ms < ?2 ORDER BY events.id LIMIT {PAGE}"
                ),
                params![ms(from), ms(until), after],
                record_view,
            )?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for event in page {
                if each(event).is_break() {
                    return Ok(());
                }
            }
        }
    }

    /// When backups were put in the place of this ledger, and what the record says of each, oldest first.
    pub fn put_backs(&self) -> Result<Vec<(Timestamp, String)>, StoreError> {
        self.all("SELECT at_ms, detail FROM events WHERE kind = 'ledger_restored' ORDER BY id", [], |row| {
            Ok((at(row.get(0)?), row.get(1)?))
        })
    }

    /// One event.
    pub(super) fn recorded(&self, event: i64) -> Result<Option<RecordView>, StoreError> {
        let found = self.all(&format!("{RECORD} WHERE events.id = ?1"), [event], record_view)?;
        Ok(found.into_iter().next())
    }

    /// What each unit sent in each class by jobs accepted in `from..until`, by unit and class. Answers to replies are not jobs of a
    /// unit and are left out.
    pub fn summary(&self, from: Timestamp, until: Timestamp) -> Result<Vec<SummaryView>, StoreError> {
        let mut lines = self.all(
            "SELECT unit, class, count(*), sum(recipients), sum(excluded)
             FROM jobs
             WHERE kind = 'file' AND state <> 'receiving' AND created_at_ms >= ?1 AND created_at_ms < ?2
             GROUP BY unit, class
             ORDER BY unit, class",
            params![ms(from), ms(until)],
            |row| {
                Ok(SummaryView {
                    unit: row.get(0)?,
                    class: row.get(1)?,
                    jobs: row.get(2)?,
                    recipients: row.get(3)?,
                    excluded: row.get(4)?,
                    messages: State::ALL.into_iter().map(|state| (state.name().to_owned(), 0)).collect(),
                })
            },
        )?;
        let counts = self.all(
            "SELECT unit, class, tallies.state, sum(messages)
             FROM jobs JOIN tallies ON tallies.job_id = jobs.id
             WHERE kind = 'file' AND jobs.state <> 'receiving' AND created_at_ms >= ?1 AND created_at_ms < ?2
             GROUP BY unit, class, tallies.state",
            params![ms(from), ms(until)],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(3)?)),
        )?;
        for (unit, class, state, count) in counts {
            if let Some(line) = lines.iter_mut().find(|line| line.unit == unit && line.class == class) {
                line.messages.insert(state, count);
            }
        }
        Ok(lines)
    }

    /// How many left and came back in `from..until`.
    pub fn consent_counts(&self, from: Timestamp, until: Timestamp) -> Result<ConsentCounts, StoreError> {
        let counts = self.all(
            "SELECT kind, count(*)
             FROM events
             WHERE kind IN ('opted_out', 'opted_in') AND at_ms >= ?1 AND at_ms < ?2
             GROUP BY kind",
            params![ms(from), ms(until)],
            |row| Ok((row.get::<_, String>(0)?, row.get(1)?)),
        )?;
        let of = |kind: &str| counts.iter().find(|(found, _)| found == kind).map_or(0, |(_, count)| *count);
        Ok(ConsentCounts { opted_out: of("opted_out"), opted_in: of("opted_in") })
    }
}
