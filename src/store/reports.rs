//! Status reports as received.

use rusqlite::params;

use super::{Store, StoreError, at, ms};
use crate::model::{AttemptId, Msisdn, SimId, Timestamp};

/// A status report to be kept.
#[derive(Clone, Debug)]
pub struct ReportRow<'a> {
    /// The SIM that received it.
    pub sim: SimId,
    /// The attempt it belongs to; `None`: none known.
    pub attempt: Option<AttemptId>,
    /// TP-MR.
    pub tp_mr: u8,
    /// TP-RA as given.
    pub recipient: &'a str,
    /// TP-RA as a number.
    pub number: Option<Msisdn>,
    /// TP-ST.
    pub status: u8,
    /// TP-SCTS.
    pub submitted_at: Option<Timestamp>,
    /// TP-DT.
    pub discharged_at: Option<Timestamp>,
    /// `matched`, `repeated` or `orphan`.
    pub verdict: &'static str,
    /// The octets.
    pub pdu: &'a [u8],
}

impl Store {
    /// Keeps a report; `false` if this very one is kept already.
    pub fn insert_report(&self, report: &ReportRow<'_>, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "INSERT OR IGNORE INTO reports (sim_id, attempt_id, tp_mr, recipient, number, status, submitted_at_ms,
                                            discharged_at_ms, received_at_ms, verdict, pdu)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                report.sim.0,
                report.attempt.map(|attempt| attempt.0),
                report.tp_mr,
                report.recipient,
                report.number.map(Msisdn::as_u64),
                report.status,
                report.submitted_at.map(ms),
                report.discharged_at.map(ms),
                ms(now),
                report.verdict,
                report.pdu
            ],
        )
        .map(|added| added == 1)
    }

    /// Whether this very report is kept already, or was until its recipient was erased.
    pub fn knows_report(&self, sim: SimId, pdu: &[u8]) -> Result<bool, StoreError> {
        let keyed = self.keyed(pdu);
        self.one("SELECT 1 FROM reports WHERE sim_id = ?1 AND pdu IN (?2, ?3)", params![sim.0, pdu, keyed], |_| Ok(()))
            .map(|found| found.is_some())
    }

    /// Reports for a number that fitted no attempt, since `since`: row, TP-MR and TP-ST, in order of arrival.
    pub fn orphans(&self, sim: SimId, number: Msisdn, since: Timestamp) -> Result<Vec<(i64, u8, u8)>, StoreError> {
        self.all(
            "SELECT id, tp_mr, status
             FROM reports
             WHERE sim_id = ?1 AND number = ?2 AND verdict = 'orphan' AND received_at_ms >= ?3
             ORDER BY id",
            params![sim.0, number.as_u64(), ms(since)],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    /// When the service centre took what this attempt handed over, by the first report on it.
    pub fn taken_at(&self, attempt: AttemptId) -> Result<Option<Timestamp>, StoreError> {
        self.one(
            "SELECT submitted_at_ms
             FROM reports
             WHERE attempt_id = ?1 AND submitted_at_ms IS NOT NULL
             ORDER BY id
             LIMIT 1",
            [attempt.0],
            |row| row.get(0).map(at),
        )
    }

    /// TP-MR and time (TP-SCTS) of the first report on an attempt.
    pub fn first_report(&self, attempt: AttemptId) -> Result<Option<(u8, Option<Timestamp>)>, StoreError> {
        self.one(
            "SELECT tp_mr, submitted_at_ms
             FROM reports
             WHERE attempt_id = ?1
             ORDER BY id
             LIMIT 1",
            [attempt.0],
            |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(at))),
        )
    }

    /// An orphan has found its attempt.
    pub fn adopt(&self, report: i64, attempt: AttemptId) -> Result<(), StoreError> {
        self.run(
            "UPDATE reports SET attempt_id = ?2, verdict = 'matched' WHERE id = ?1 AND verdict = 'orphan'",
            params![report, attempt.0],
        )
        .map(drop)
    }
}
