//! Jobs of which a few messages go ahead of the rest.

use rusqlite::params;

use super::intake::parsed;
use super::{Store, StoreError, at, ms};
use crate::model::{JobId, MessageId, State, Timestamp};

/// How far a job is that sends a few messages ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanaryState {
    /// They are out or on their way, and the rest waits.
    Out,
    /// The rest follows.
    Passed,
    /// The rest waits for a person.
    Failed,
    /// A person let the rest follow.
    Overruled,
}

impl CanaryState {
    fn name(self) -> &'static str {
        match self {
            CanaryState::Out => "out",
            CanaryState::Passed => "passed",
            CanaryState::Failed => "failed",
            CanaryState::Overruled => "overruled",
        }
    }
}

/// One of the messages that go ahead.
#[derive(Clone, Copy, Debug)]
pub struct AheadRow {
    /// Its folded state.
    pub state: State,
    /// When its first hand-over that was accepted, or is in doubt, ended; else its last one.
    pub closed_at: Option<Timestamp>,
    /// Whether a report on any hand-over of it was to be expected.
    pub awaits_report: bool,
}

impl Store {
    /// Of this job the messages with these ids go ahead.
    pub fn insert_canary(&self, job: JobId, first: MessageId, last: MessageId) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO canaries (job_id, first_message_id, last_message_id, state) VALUES (?1, ?2, ?3, ?4)",
            params![job.0, first.0, last.0, CanaryState::Out.name()],
        )
        .map(drop)
    }

    /// Jobs of which it is not decided whether the rest follows.
    pub fn canaries_out(&self) -> Result<Vec<JobId>, StoreError> {
        self.all(
            "SELECT job_id
             FROM canaries JOIN jobs ON jobs.id = canaries.job_id
             WHERE canaries.state = 'out' AND jobs.state IN ('active', 'paused')",
            [],
            |row| row.get(0).map(JobId),
        )
    }

    /// What became of the messages of a job that went ahead.
    pub fn ahead(&self, job: JobId) -> Result<Vec<AheadRow>, StoreError> {
        self.all(
            "SELECT messages.state,
                    coalesce((SELECT min(closed_at_ms) FROM attempts
                              WHERE message_id = messages.id AND outcome IN ('submitted', 'uncertain')),
                             (SELECT max(closed_at_ms) FROM attempts WHERE message_id = messages.id)),
                    EXISTS (SELECT 1 FROM attempts
                            WHERE message_id = messages.id AND awaits_report = 1 AND outcome IN ('submitted', 'uncertain'))
             FROM canaries JOIN messages
                  ON messages.id BETWEEN first_message_id AND last_message_id AND messages.job_id = canaries.job_id
             WHERE canaries.job_id = ?1",
            [job.0],
            |row| {
                Ok(AheadRow {
                    state: parsed(row, 0)?,
                    closed_at: row.get::<_, Option<i64>>(1)?.map(at),
                    awaits_report: row.get(2)?,
                })
            },
        )
    }

    /// Enters what was decided of a job that is out.
    pub fn decide_canary(&self, job: JobId, state: CanaryState, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "UPDATE canaries SET state = ?2, decided_at_ms = ?3 WHERE job_id = ?1 AND state = 'out'",
            params![job.0, state.name(), ms(now)],
        )
        .map(drop)
    }

    /// A person let the rest of a job follow; `false` if it did not wait for one.
    pub fn overrule_canary(&self, job: JobId, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "UPDATE canaries SET state = 'overruled', decided_at_ms = ?2 WHERE job_id = ?1 AND state = 'failed'",
            params![job.0, ms(now)],
        )
        .map(|changed| changed == 1)
    }
}
