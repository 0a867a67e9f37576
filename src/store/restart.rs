//! When the daemon was last at work, and which jobs a long stop has left for a person.

use rusqlite::params;

use super::intake::parsed;
use super::{Store, StoreError, at, ms};
use crate::model::{Class, JobId, Timestamp};

/// A job with something left to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// The job.
    pub job: JobId,
    /// Whose.
    pub unit: String,
    /// Its class.
    pub class: Class,
    /// From when it could have gone out, but for quiet hours and the like: its acceptance, its approval, or the time it names.
    pub since: Timestamp,
}

impl Store {
    /// When the daemon was last at work, and when it started after its last long stop. `None`: it never was.
    pub fn heartbeat(&self) -> Result<Option<(Timestamp, Option<Timestamp>)>, StoreError> {
        self.one("SELECT alive_at_ms, resumed_at_ms FROM heartbeat WHERE id = 1", [], |row| {
            Ok((at(row.get(0)?), row.get::<_, Option<i64>>(1)?.map(at)))
        })
    }

    /// Notes that the daemon is at work.
    pub fn beat(&self, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO heartbeat (id, alive_at_ms)
             VALUES (1, ?1)
             ON CONFLICT (id) DO UPDATE SET alive_at_ms = excluded.alive_at_ms",
            [ms(now)],
        )
        .map(drop)
    }

    /// Notes that the daemon is at work again after a long stop.
    pub fn beat_again(&self, now: Timestamp) -> Result<(), StoreError> {
        self.run("UPDATE heartbeat SET alive_at_ms = ?1, resumed_at_ms = ?1 WHERE id = 1", [ms(now)]).map(drop)
    }

    /// The jobs of people that would go on by themselves and have something left, as of the last commit.
    pub fn backlog(&self) -> Result<Vec<Backlog>, StoreError> {
        self.all(
            "SELECT jobs.id, class, max(created_at_ms, not_before_ms, coalesce(decided_at_ms, 0)), unit
             FROM jobs LEFT JOIN approvals ON approvals.job_id = jobs.id
             WHERE jobs.state = 'active' AND kind = 'file' AND approvals.state IS NOT 'waiting'
               AND EXISTS (SELECT 1
                           FROM tallies
                           WHERE job_id = jobs.id AND tallies.state IN ('queued', 'sending', 'in_doubt') AND messages > 0)
             ORDER BY jobs.id",
            [],
            |row| {
                Ok(Backlog { job: JobId(row.get(0)?), class: parsed(row, 1)?, since: at(row.get(2)?), unit: row.get(3)? })
            },
        )
    }

    /// Notes that a job waits for a person, and why.
    pub fn hold_job(&self, job: JobId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO held_jobs (job_id, since_ms, reason)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (job_id) DO UPDATE SET since_ms = excluded.since_ms, reason = excluded.reason",
            params![job.0, ms(now), reason],
        )
        .map(drop)
    }

    /// Notes that a job waits for a person because a backup was put back.
    pub fn hold_restored(&self, job: JobId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        self.hold_job(job, reason, now)?;
        self.run("UPDATE held_jobs SET restored = 1 WHERE job_id = ?1", [job.0]).map(drop)
    }

    /// The jobs that wait for a person because a backup was put back.
    pub fn restored_jobs(&self) -> Result<Vec<JobId>, StoreError> {
        self.all("SELECT job_id FROM held_jobs WHERE restored = 1 ORDER BY job_id", [], |row| Ok(JobId(row.get(0)?)))
    }

    /// Notes a backup that the daemon made by itself.
    pub fn note_backup(&self, file: &str, bytes: u64, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT OR REPLACE INTO last_backup (id, at_ms, file, bytes) VALUES (1, ?1, ?2, ?3)",
            params![ms(now), file, bytes],
        )
        .map(drop)
    }

    /// How many messages of a job wait, are on the air or in doubt, as of the last commit.
    pub fn unsent(&self, job: JobId) -> Result<u64, StoreError> {
        let unsent = self.one(
            "SELECT coalesce(sum(messages), 0)
             FROM tallies
             WHERE job_id = ?1 AND state IN ('queued', 'sending', 'in_doubt')",
            [job.0],
            |row| row.get(0),
        )?;
        Ok(unsent.unwrap_or(0))
    }

    /// Notes that it waits no more.
    pub fn unhold_job(&self, job: JobId) -> Result<(), StoreError> {
        self.run("DELETE FROM held_jobs WHERE job_id = ?1", [job.0]).map(drop)
    }

    /// The jobs that wait for a person.
    pub fn held_jobs(&self) -> Result<Vec<JobId>, StoreError> {
        self.all("SELECT job_id FROM held_jobs ORDER BY job_id", [], |row| Ok(JobId(row.get(0)?)))
    }
}
