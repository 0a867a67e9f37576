//! Attempts: the evidence of every hand-over.

use rusqlite::{Row, params};

use super::{Store, StoreError, at, ms};
use crate::model::{AttemptId, MessageId, ModemName, Msisdn, RunId, SegmentId, SimId, Timestamp};

/// What is durable before a PDU is handed over.
#[derive(Clone, Debug)]
pub struct OpenAttempt<'a> {
    /// What.
    pub segment: SegmentId,
    /// Through which card.
    pub sim: SimId,
    /// In which modem.
    pub modem: &'a ModemName,
    /// In which of its runs.
    pub run: RunId,
    /// To whom.
    pub number: Msisdn,
    /// `first`, or why it is handed over again.
    pub reason: &'a str,
}

/// How an attempt ended.
#[derive(Clone, Debug, Default)]
pub struct Closing<'a> {
    /// `submitted`, `refused`, `not_sent` or `uncertain`.
    pub outcome: &'static str,
    /// Cause, doubt or circumstance.
    pub detail: &'a str,
    /// The error as the modem gave it.
    pub code: Option<&'a str>,
    /// TP-MR.
    pub tp_mr: Option<u8>,
    /// When the waiting for a report or for evidence ends.
    pub due_at: Option<Timestamp>,
}

/// An attempt as stored.
#[derive(Clone, Debug)]
pub struct AttemptRow {
    /// Its row.
    pub id: AttemptId,
    /// What was handed over.
    pub segment: SegmentId,
    /// Through which card.
    pub sim: SimId,
    /// To whom.
    pub number: Msisdn,
    /// When.
    pub opened_at: Timestamp,
    /// `None` while it is on the air.
    pub outcome: Option<String>,
    /// Cause, doubt or circumstance of the outcome.
    pub detail: Option<String>,
    /// The error as the modem gave it.
    pub code: Option<String>,
    /// How a doubt was settled.
    pub settled: Option<String>,
    /// TP-MR.
    pub tp_mr: Option<u8>,
    /// Why it was made.
    pub reason: String,
    /// The run of the modem in which it was made; `None`: nobody knows.
    pub run: Option<RunId>,
}

/// An attempt whose waiting time is over.
#[derive(Clone, Debug)]
pub struct DueAttempt {
    /// The attempt.
    pub attempt: AttemptRow,
    /// When it was due.
    pub due_at: Timestamp,
}

pub(super) const COLUMNS: &str =
    "id, message_id, segment, sim_id, number, opened_at_ms, outcome, tp_mr, reason, detail, code, settled, run_id";

pub(super) fn attempt_row(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    Ok(AttemptRow {
        id: AttemptId(row.get(0)?),
        segment: SegmentId { message: MessageId(row.get(1)?), number: row.get(2)? },
        sim: SimId(row.get(3)?),
        number: Msisdn::from_u64(row.get(4)?),
        opened_at: at(row.get(5)?),
        outcome: row.get(6)?,
        tp_mr: row.get(7)?,
        reason: row.get(8)?,
        detail: row.get(9)?,
        code: row.get(10)?,
        settled: row.get(11)?,
        run: row.get::<_, Option<i64>>(12)?.map(RunId),
    })
}

/// That a SIM once refused a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedAttempt {
    /// Which.
    pub sim: SimId,
    /// When.
    pub at: Timestamp,
    /// The error as the modem gave it, as [`crate::model::ErrorCode`] writes it.
    pub code: String,
}

impl Store {
    /// Opens an attempt; it is durable with the commit.
    pub fn open_attempt(&self, attempt: &OpenAttempt<'_>, now: Timestamp) -> Result<AttemptId, StoreError> {
        self.run(
            "INSERT INTO attempts (message_id, segment, sim_id, modem, number, reason, opened_at_ms, run_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                attempt.segment.message.0,
                attempt.segment.number,
                attempt.sim.0,
                attempt.modem.as_str(),
                attempt.number.as_u64(),
                attempt.reason,
                ms(now),
                attempt.run.0
            ],
        )?;
        Ok(AttemptId(self.connection.last_insert_rowid()))
    }

    /// Enters how an attempt ended; `false` if that was entered before.
    pub fn close_attempt(&self, attempt: AttemptId, closing: &Closing<'_>, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "UPDATE attempts
             SET outcome = ?2, detail = ?3, code = ?4, tp_mr = ?5, due_at_ms = ?6, closed_at_ms = ?7
             WHERE id = ?1 AND outcome IS NULL",
            params![
                attempt.0,
                closing.outcome,
                closing.detail,
                closing.code,
                closing.tp_mr,
                closing.due_at.map(ms),
                ms(now)
            ],
        )
        .map(|changed| changed == 1)
    }

    /// Settles an attempt in doubt; `tp_mr` where the evidence names it. `false` if it was not in doubt any more.
    pub fn settle_attempt(
        &self,
        attempt: AttemptId,
        settled: &str,
        tp_mr: Option<u8>,
        due_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        self.run(
            "UPDATE attempts
             SET settled = ?2, tp_mr = coalesce(?3, tp_mr), due_at_ms = ?4
             WHERE id = ?1 AND outcome = 'uncertain' AND settled IS NULL",
            params![attempt.0, settled, tp_mr, due_at.map(ms)],
        )
        .map(|changed| changed == 1)
    }

    /// The modem answered for an attempt that policy, a person or the numbers had settled as not sent. `false` if it was not.
    pub fn recall_resend(&self, attempt: AttemptId, tp_mr: u8, due_at: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "UPDATE attempts
             SET settled = 'late_answer', tp_mr = ?2, due_at_ms = ?3
             WHERE id = ?1 AND outcome = 'uncertain' AND settled IN ('policy', 'operator', 'never_left')",
            params![attempt.0, tp_mr, ms(due_at)],
        )
        .map(|changed| changed == 1)
    }

    /// No report or evidence is awaited for this attempt any more.
    pub fn stop_waiting(&self, attempt: AttemptId) -> Result<(), StoreError> {
        self.run("UPDATE attempts SET due_at_ms = NULL WHERE id = ?1", [attempt.0]).map(drop)
    }

    /// One attempt.
    pub fn attempt(&self, attempt: AttemptId) -> Result<Option<AttemptRow>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM attempts WHERE id = ?1"), [attempt.0], attempt_row)
    }

    /// Attempts that were on the air when the daemon ended.
    pub fn open_attempts(&self) -> Result<Vec<AttemptRow>, StoreError> {
        self.all(&format!("SELECT {COLUMNS} FROM attempts WHERE outcome IS NULL ORDER BY id"), [], attempt_row)
    }

    /// The newest attempt of a segment, if it was ever handed over.
    pub fn last_attempt(&self, segment: SegmentId) -> Result<Option<AttemptRow>, StoreError> {
        self.one(
            &format!("SELECT {COLUMNS} FROM attempts WHERE message_id = ?1 AND segment = ?2 ORDER BY id DESC LIMIT 1"),
            params![segment.message.0, segment.number],
            attempt_row,
        )
    }

    /// How a segment was refused for this cause before an attempt, oldest first.
    pub fn refusals(
        &self,
        segment: SegmentId,
        cause: &str,
        before: AttemptId,
    ) -> Result<Vec<RefusedAttempt>, StoreError> {
        self.all(
            "SELECT sim_id, closed_at_ms, coalesce(code, '')
             FROM attempts
             WHERE message_id = ?1 AND segment = ?2 AND id < ?3 AND outcome = 'refused' AND detail = ?4
             ORDER BY id",
            params![segment.message.0, segment.number, before.0, cause],
            |row| Ok(RefusedAttempt { sim: SimId(row.get(0)?), at: at(row.get(1)?), code: row.get(2)? }),
        )
    }

    /// Attempts through a SIM to a number, newest first, the last `limit`. None whose details lie in an archive: what becomes of such a
    /// one here is lost when it leaves.
    pub fn attempts_to(&self, sim: SimId, number: Msisdn, limit: usize) -> Result<Vec<AttemptRow>, StoreError> {
        self.all(
            &format!(
                "SELECT {COLUMNS}
                 FROM attempts
                 WHERE sim_id = ?1 AND number = ?2
                   AND (SELECT archive_id FROM jobs
                        WHERE id = (SELECT job_id FROM messages WHERE id = attempts.message_id)) IS NULL
                 ORDER BY id DESC
                 LIMIT ?3"
            ),
            params![sim.0, number.as_u64(), limit],
            attempt_row,
        )
    }

    /// When segments were handed over through a SIM, the last `limit`, oldest first; those that never left not counted.
    pub fn recent_sends(&self, sim: SimId, limit: usize) -> Result<Vec<Timestamp>, StoreError> {
        let mut sends = self.all(
            "SELECT opened_at_ms
             FROM attempts
             WHERE sim_id = ?1 AND outcome IS NOT 'not_sent'
             ORDER BY opened_at_ms DESC
             LIMIT ?2",
            params![sim.0, limit],
            |row| row.get(0).map(at),
        )?;
        sends.reverse();
        Ok(sends)
    }

    /// The last attempt through a SIM that ended, and when.
    pub fn last_end(&self, sim: SimId) -> Result<Option<(Timestamp, AttemptId)>, StoreError> {
        self.one(
            "SELECT closed_at_ms, id
             FROM attempts
             WHERE sim_id = ?1 AND closed_at_ms IS NOT NULL
             ORDER BY opened_at_ms DESC
             LIMIT 1",
            [sim.0],
            |row| Ok((at(row.get(0)?), AttemptId(row.get(1)?))),
        )
    }

    /// Up to `limit` attempts whose waiting time is over.
    pub fn due_attempts(&self, now: Timestamp, limit: usize) -> Result<Vec<DueAttempt>, StoreError> {
        self.all(
            &format!("SELECT {COLUMNS}, due_at_ms FROM attempts WHERE due_at_ms <= ?1 ORDER BY due_at_ms LIMIT ?2"),
            params![ms(now), limit],
            |row| Ok(DueAttempt { attempt: attempt_row(row)?, due_at: at(row.get(13)?) }),
        )
    }

    /// When the next waiting time ends.
    pub fn next_due_attempt(&self) -> Result<Option<Timestamp>, StoreError> {
        self.one("SELECT due_at_ms FROM attempts WHERE due_at_ms IS NOT NULL ORDER BY due_at_ms LIMIT 1", [], |row| {
            row.get(0).map(at)
        })
    }

    /// How an attempt ended, in one line: the error, the cause or the doubt, and how that was settled.
    pub fn ending(&self, attempt: AttemptId) -> Result<String, StoreError> {
        let text = self.one(
            "SELECT outcome, coalesce(code, detail), settled FROM attempts WHERE id = ?1",
            [attempt.0],
            |row| {
                let outcome: Option<String> = row.get(0)?;
                let detail: Option<String> = row.get(1)?;
                let settled: Option<String> = row.get(2)?;
                let parts = [outcome, detail, settled.map(|by| format!("settled by {by}"))];
                Ok(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
            },
        )?;
        Ok(text.filter(|text| !text.is_empty()).unwrap_or_else(|| "no outcome".to_owned()))
    }
}
