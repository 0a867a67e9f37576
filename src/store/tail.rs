//! What has come in since one looked last: hand-overs, reports and inbound texts by their rows, so that whoever counts them need not
//! read the history again.

use rusqlite::{OptionalExtension, Row, params};

use super::{Reader, StoreError, at, ms};
use crate::model::{AttemptId, JobId, SimId, Timestamp};

/// A hand-over as those who count see it: nobody's number, nobody's text.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// Its row.
    pub id: AttemptId,
    /// Of which job.
    pub job: JobId,
    /// Whether it was the last segment of its message.
    pub last: bool,
    /// Through which card.
    pub sim: SimId,
    /// In which modem.
    pub modem: String,
    /// When it was about to begin.
    pub opened_at: Timestamp,
    /// When it ended; `None`: it is on the air.
    pub closed_at: Option<Timestamp>,
    /// `submitted`, `refused`, `not_sent` or `uncertain`; `None`: it is on the air.
    pub outcome: Option<String>,
    /// The error as the modem gave it.
    pub code: Option<String>,
}

/// How many rows of a kind came in, and the newest of them.
#[derive(Clone, Debug, Default)]
pub struct Arrivals<K> {
    /// The newest row; the next question begins behind it.
    pub newest: i64,
    /// How many of which kind.
    pub counts: Vec<(K, u64)>,
}

pub(super) const HAND_OVERS: &str =
    "SELECT attempts.id, messages.job_id, attempts.segment = messages.segments, attempts.sim_id, modem,
            opened_at_ms, closed_at_ms, outcome, code
     FROM attempts JOIN messages ON messages.id = attempts.message_id";

// These by their rows, and not through an index that has kinds or SIMs in their order: it would be read from its beginning.
pub(super) const INBOUND: &str = "SELECT kind, count(*), max(id) FROM inbox NOT INDEXED WHERE id > ?1 GROUP BY kind";

// TP-ST: 3GPP TS 23.040 §9.2.3.15.
pub(super) const REPORTS: &str =
    "SELECT sim_id, CASE WHEN status < 32 THEN 'delivered' WHEN status < 64 THEN 'trying' ELSE 'failed' END,
            sum(verdict <> 'repeated'), max(id)
     FROM reports NOT INDEXED
     WHERE id > ?1
     GROUP BY 1, 2";

fn hand_over(row: &Row<'_>) -> rusqlite::Result<HandOver> {
    Ok(HandOver {
        id: AttemptId(row.get(0)?),
        job: JobId(row.get(1)?),
        last: row.get(2)?,
        sim: SimId(row.get(3)?),
        modem: row.get(4)?,
        opened_at: at(row.get(5)?),
        closed_at: row.get::<_, Option<i64>>(6)?.map(at),
        outcome: row.get(7)?,
        code: row.get(8)?,
    })
}

impl Reader {
    /// The newest hand-over, 0 where there is none, and those that are on the air.
    pub fn hand_overs_now(&self) -> Result<(AttemptId, Vec<AttemptId>), StoreError> {
        let newest = self.all("SELECT coalesce(max(id), 0) FROM attempts", [], |row| Ok(AttemptId(row.get(0)?)))?;
        let open = self.all("SELECT id FROM attempts WHERE outcome IS NULL", [], |row| Ok(AttemptId(row.get(0)?)))?;
        Ok((newest.first().copied().unwrap_or(AttemptId(0)), open))
    }

    /// Hands on at most `limit` hand-overs behind this one, oldest first.
    pub fn hand_overs_after(
        &self,
        after: AttemptId,
        limit: usize,
        mut each: impl FnMut(HandOver),
    ) -> Result<(), StoreError> {
        self.each(
            &format!("{HAND_OVERS} WHERE attempts.id > ?1 ORDER BY attempts.id LIMIT ?2"),
            params![after.0, limit],
            |row| {
                each(hand_over(row)?);
                Ok(())
            },
        )
    }

    /// One hand-over.
    pub fn hand_over(&self, id: AttemptId) -> Result<Option<HandOver>, StoreError> {
        let sql = format!("{HAND_OVERS} WHERE attempts.id = ?1");
        self.one(&sql, |statement| statement.query_row([id.0], hand_over).optional())
    }

    /// How many segments a SIM was handed in each minute (Unix time ÷ 60 s) after this time; what certainly never left is not counted.
    pub fn sent_by_minute(&self, sim: SimId, after: Timestamp) -> Result<Vec<(i64, u32)>, StoreError> {
        self.all(
            "SELECT opened_at_ms / 60000, count(*)
             FROM attempts
             WHERE sim_id = ?1 AND opened_at_ms > ?2 AND outcome IS NOT 'not_sent'
             GROUP BY 1",
            params![sim.0, ms(after)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// How many messages of each job went out whole through a SIM in each minute after this time.
    pub fn finished_by_minute(&self, sim: SimId, after: Timestamp) -> Result<Vec<(JobId, i64, u32)>, StoreError> {
        self.all(
            "SELECT messages.job_id, opened_at_ms / 60000, count(*)
             FROM attempts JOIN messages ON messages.id = attempts.message_id
             WHERE attempts.sim_id = ?1 AND opened_at_ms > ?2 AND outcome = 'submitted'
               AND attempts.segment = messages.segments
             GROUP BY 1, 2",
            params![sim.0, ms(after)],
            |row| Ok((JobId(row.get(0)?), row.get(1)?, row.get(2)?)),
        )
    }

    /// Every SIM ever seen, with what the network that served it last calls itself.
    pub fn operators(&self) -> Result<Vec<(SimId, Option<String>)>, StoreError> {
        self.all("SELECT id, operator FROM sims ORDER BY id", [], |row| Ok((SimId(row.get(0)?), row.get(1)?)))
    }

    /// Inbound texts by kind behind this row of theirs.
    pub fn inbound_after(&self, after: i64) -> Result<Arrivals<String>, StoreError> {
        let mut arrivals = Arrivals { newest: after, counts: Vec::new() };
        self.each(INBOUND, [after], |row| {
            arrivals.counts.push((row.get(0)?, row.get(1)?));
            arrivals.newest = arrivals.newest.max(row.get(2)?);
            Ok(())
        })?;
        Ok(arrivals)
    }

    /// Reports behind this row of theirs, by SIM and by what they say: `delivered`, `trying` or `failed`. Repeated ones are left
    /// out; those that fit nothing count, since what they belong to may show later.
    pub fn reports_after(&self, after: i64) -> Result<Arrivals<(SimId, String)>, StoreError> {
        let mut arrivals = Arrivals { newest: after, counts: Vec::new() };
        self.each(REPORTS, [after], |row| {
            arrivals.counts.push(((SimId(row.get(0)?), row.get(1)?), row.get(2)?));
            arrivals.newest = arrivals.newest.max(row.get(3)?);
            Ok(())
        })?;
        Ok(arrivals)
    }

    /// The newest inbound text and the newest report, by row; 0 where there is none.
    pub fn newest_arrivals(&self) -> Result<(i64, i64), StoreError> {
        let sql = "SELECT (SELECT coalesce(max(id), 0) FROM inbox), (SELECT coalesce(max(id), 0) FROM reports)";
        self.one(sql, |statement| statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))))
    }
}
