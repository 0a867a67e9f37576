//! What became of accepted messages, by the reports on them.

use rusqlite::{Row, params};

use super::{Reader, Store, StoreError, at, ms};
use crate::model::{AttemptId, JobId, Msisdn, SimId, Timestamp};

/// An accepted segment that a report was to be expected on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FateRow {
    /// To whom.
    pub number: Msisdn,
    /// TP-ST of its final report, the best of several; `None`: there is none yet.
    pub status: Option<u8>,
}

/// A SIM in a modem, for `kentongan routes`.
#[derive(Clone, Debug)]
pub struct RouteRow {
    /// The modem.
    pub modem: String,
    /// Its state as in [`crate::store::ModemView`].
    pub state: String,
    /// The SIM.
    pub sim: SimId,
    /// Its ICCID.
    pub iccid: Option<String>,
    /// Its IMSI.
    pub imsi: Option<String>,
    /// What the network that served it last calls itself.
    pub served_by: Option<String>,
    /// Segments handed over in the last 24 hours.
    pub sent_day: u64,
}

// TP-ST 0x20 to 0x3F say that the service centre still tries (3GPP TS 23.040 §9.2.3.15); delivered is below, failed above.
const FATES: &str = "SELECT number,
            (SELECT min(status) FROM reports WHERE attempt_id = attempts.id AND (status < 32 OR status > 63))
     FROM attempts
     WHERE sim_id = ?1
       AND opened_at_ms > max(?2, (SELECT judged_from_ms FROM sims WHERE id = ?1))
       AND opened_at_ms <= ?3
       AND awaits_report = 1
       AND (outcome = 'submitted' OR settled IN ('late_answer', 'report'))
     ORDER BY opened_at_ms DESC
     LIMIT ?4";

fn fate(row: &Row<'_>) -> rusqlite::Result<FateRow> {
    Ok(FateRow { number: Msisdn::from_u64(row.get(0)?), status: row.get(1)? })
}

impl Store {
    /// The newest `limit` segments that were handed over through a SIM in this time and accepted, and on which a report was to be
    /// expected.
    pub fn fates(
        &self,
        sim: SimId,
        after: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<FateRow>, StoreError> {
        self.all(FATES, params![sim.0, ms(after), ms(until), limit], fate)
    }

    /// The jobs of what a SIM sent in this time, with to whom, the newest `limit`.
    pub fn jobs_sent(
        &self,
        sim: SimId,
        after: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(JobId, Msisdn)>, StoreError> {
        self.all(
            "SELECT messages.job_id, attempts.number
             FROM attempts JOIN messages ON messages.id = attempts.message_id
             WHERE attempts.sim_id = ?1 AND opened_at_ms > ?2 AND opened_at_ms <= ?3
             ORDER BY opened_at_ms DESC
             LIMIT ?4",
            params![sim.0, ms(after), ms(until), limit],
            |row| Ok((JobId(row.get(0)?), Msisdn::from_u64(row.get(1)?))),
        )
    }

    /// No report is to be expected on this attempt: its modem hands none on.
    pub fn expect_no_report(&self, attempt: AttemptId) -> Result<(), StoreError> {
        self.run("UPDATE attempts SET awaits_report = 0 WHERE id = ?1", [attempt.0]).map(drop)
    }

    /// SIMs through which something was handed over after this time, and when that was last.
    pub fn sims_used(&self, after: Timestamp) -> Result<Vec<(SimId, Timestamp)>, StoreError> {
        self.all(
            "SELECT id, last_ms
             FROM (SELECT id, (SELECT max(opened_at_ms) FROM attempts WHERE attempts.sim_id = sims.id) AS last_ms FROM sims)
             WHERE last_ms > ?1",
            [ms(after)],
            |row| Ok((SimId(row.get(0)?), at(row.get(1)?))),
        )
    }

    /// What a SIM did before now is not held against it any more.
    pub fn judge_from(&self, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        self.run("UPDATE sims SET judged_from_ms = ?2 WHERE id = ?1", params![sim.0, ms(now)]).map(drop)
    }
}

impl Reader {
    /// Like [`Store::fates`].
    pub fn fates(
        &self,
        sim: SimId,
        after: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<FateRow>, StoreError> {
        self.all(FATES, params![sim.0, ms(after), ms(until), limit], fate)
    }

    /// Every modem with a SIM, by name.
    pub fn routes(&self, day_ago: Timestamp) -> Result<Vec<RouteRow>, StoreError> {
        self.all(
            "SELECT modems.name,
                    CASE WHEN blocked_sims.sim_id IS NOT NULL AND state <> 'lost' THEN 'blocked' ELSE state END,
                    sims.id, iccid, imsi, operator,
                    (SELECT count(*) FROM attempts WHERE attempts.sim_id = sims.id AND opened_at_ms > ?1
                     AND outcome IS NOT 'not_sent')
             FROM modems JOIN sims ON sims.id = modems.sim_id
                  LEFT JOIN blocked_sims ON blocked_sims.sim_id = modems.sim_id
             ORDER BY modems.name",
            [ms(day_ago)],
            |row| {
                Ok(RouteRow {
                    modem: row.get(0)?,
                    state: row.get(1)?,
                    sim: SimId(row.get(2)?),
                    iccid: row.get(3)?,
                    imsi: row.get(4)?,
                    served_by: row.get(5)?,
                    sent_day: row.get(6)?,
                })
            },
        )
    }
}
