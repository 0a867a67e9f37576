//! What alarms are judged by.

use rusqlite::params;

use super::{Store, StoreError, at, ms};
use crate::model::{JobId, Timestamp};

impl Store {
    /// Since when a job that waits for nothing could send, where something held it before.
    pub fn set_opened(&self, job: JobId, when: Timestamp) -> Result<(), StoreError> {
        self.run("UPDATE jobs SET free_since_ms = ?2 WHERE id = ?1", params![job.0, ms(when)]).map(drop)
    }

    /// The same, as it was set last.
    pub fn opened(&self, job: JobId) -> Result<Option<Timestamp>, StoreError> {
        self.one("SELECT free_since_ms FROM jobs WHERE id = ?1", [job.0], |row| row.get::<_, Option<i64>>(0))
            .map(|found| found.flatten().map(at))
    }

    /// How many messages of a job were to be handed over by then, and were not: never tried, or their waiting time was over.
    pub fn overdue(&self, job: JobId, by: Timestamp) -> Result<u64, StoreError> {
        self.one(
            "SELECT count(*) FROM messages WHERE job_id = ?1 AND wake_at_ms IS NOT NULL AND wake_at_ms <= ?2",
            params![job.0, ms(by)],
            |row| row.get(0),
        )
        .map(|count| count.unwrap_or(0))
    }

    /// When people asked to be left alone by SMS since then, oldest first.
    pub fn opt_outs_since(&self, since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        self.all(
            "SELECT at_ms
             FROM consents
             WHERE kind = 'opted_out' AND channel = 'sms' AND changed = 1 AND at_ms >= ?1
             ORDER BY id",
            [ms(since)],
            |row| row.get(0).map(at),
        )
    }

    /// Segments handed over since then, through whichever SIM.
    pub fn handed_over_since(&self, since: Timestamp) -> Result<u64, StoreError> {
        // SIM by SIM, which CROSS JOIN holds SQLite to: the other way round it would read every attempt there ever was.
        self.one(
            "SELECT count(*)
             FROM sims CROSS JOIN attempts ON attempts.sim_id = sims.id AND attempts.opened_at_ms >= ?1
             WHERE attempts.outcome = 'submitted'",
            [ms(since)],
            |row| row.get(0),
        )
        .map(|count| count.unwrap_or(0))
    }
}
