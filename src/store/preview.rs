//! What `kentongan check` asks of the ledger: how the SIMs stand, and what is ahead in the queue.

use rusqlite::params;

use super::views::JobView;
use super::{Reader, StoreError, at, ms};
use crate::model::{Class, Timestamp};

/// Hand-overs by which a SIM's pace is told.
const PACE_OF: u32 = 100;

/// A SIM, what it sent within the day, and how fast.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimLoad {
    /// The modem it is in.
    pub modem: String,
    /// The modem's state; `blocked` where the SIM is taken out.
    pub state: String,
    /// The SIM's IMSI.
    pub imsi: Option<String>,
    /// What the network that serves it calls itself.
    pub served_by: Option<String>,
    /// When segments were handed over since the time asked for, oldest first; those that never left not counted.
    pub sends: Vec<Timestamp>,
    /// How long the last accepted hand-overs of that time took on average, in ms.
    pub each_ms: Option<u64>,
}

/// Messages that wait to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AheadInQueue {
    /// Whose.
    pub unit: String,
    /// Their class.
    pub class: Class,
    /// How many.
    pub messages: u64,
    /// The last time at which any of them may go out.
    pub ends: Timestamp,
}

// The names of the classes sort as the classes go. Read are the open jobs, none of their messages.
pub(super) const GOES_FIRST: &str = "SELECT coalesce(sum(tallies.messages), 0)
     FROM jobs CROSS JOIN tallies ON tallies.job_id = jobs.id AND tallies.state = 'queued' AND tallies.messages > 0
     WHERE jobs.state IN ('receiving', 'active', 'paused') AND jobs.state = 'active' AND jobs.kind = 'file'
       AND (jobs.class < ?1 OR (jobs.class = ?1 AND jobs.id < ?2))
       AND NOT EXISTS (SELECT 1 FROM job_waits WHERE job_waits.job_id = jobs.id)
       AND NOT EXISTS (SELECT 1 FROM pauses WHERE scope IN ('all', 'class:' || jobs.class, 'unit:' || jobs.unit))";

impl Reader {
    /// Every modem with a SIM, by name, with what the SIM sent after `since`.
    pub fn sim_loads(&self, since: Timestamp) -> Result<Vec<SimLoad>, StoreError> {
        let mut loads = Vec::new();
        for row in self.routes(since)? {
            let sends = self.all(
                "SELECT opened_at_ms
                 FROM attempts
                 WHERE sim_id = ?1 AND opened_at_ms > ?2 AND outcome IS NOT 'not_sent'
                 ORDER BY opened_at_ms",
                params![row.sim.0, ms(since)],
                |row| row.get(0).map(at),
            )?;
            let each = self.all(
                "SELECT avg(closed_at_ms - opened_at_ms)
                 FROM (SELECT opened_at_ms, closed_at_ms
                       FROM attempts
                       WHERE sim_id = ?1 AND opened_at_ms > ?2 AND outcome = 'submitted'
                       ORDER BY opened_at_ms DESC
                       LIMIT ?3)",
                params![row.sim.0, ms(since), PACE_OF],
                |row| row.get::<_, Option<f64>>(0),
            )?;
            loads.push(SimLoad {
                modem: row.modem,
                state: row.state,
                imsi: row.imsi,
                served_by: row.served_by,
                sends,
                each_ms: each.into_iter().flatten().next().map(|ms| ms.max(0.0) as u64),
            });
        }
        Ok(loads)
    }

    /// How many messages of other jobs go out before those of a job that nothing holds: all of more urgent classes, and in its own class
    /// those of the jobs accepted before it, whichever unit's. What something holds is not counted.
    pub(super) fn goes_first(&self, job: &JobView) -> Result<Option<u64>, StoreError> {
        let left = job.messages.get("queued").is_some_and(|queued| *queued > 0);
        if job.kind != "file" || job.state != "active" || job.waits_for.is_some() || !left {
            return Ok(None);
        }
        self.one(GOES_FIRST, |statement| statement.query_row(params![job.class, job.id], |row| row.get(0))).map(Some)
    }

    /// What waits in jobs that may send at `when`, by class and unit; what is paused by itself or waits for a person not counted.
    pub fn ahead_in_queue(&self, when: Timestamp) -> Result<Vec<AheadInQueue>, StoreError> {
        let rows = self.all(
            "SELECT jobs.unit, jobs.class, sum(tallies.messages), max(jobs.expires_at_ms)
             FROM jobs JOIN tallies ON tallies.job_id = jobs.id
             WHERE jobs.state = 'active' AND jobs.kind = 'file' AND tallies.state = 'queued' AND tallies.messages > 0
               AND jobs.not_before_ms <= ?1 AND jobs.expires_at_ms > ?1
               AND jobs.id NOT IN (SELECT job_id FROM held_jobs)
             GROUP BY jobs.class, jobs.unit
             ORDER BY jobs.class, jobs.unit",
            [ms(when)],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, at(row.get(3)?))),
        )?;
        let class = |(unit, class, messages, ends): (String, String, u64, Timestamp)| {
            Some(AheadInQueue { unit, class: class.parse().ok()?, messages, ends })
        };
        Ok(rows.into_iter().filter_map(class).collect())
    }
}
