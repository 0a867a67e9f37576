//! Jobs on their way in, and jobs as a whole.

use rusqlite::{Row, params};

use super::{Store, StoreError, at, ms};
use crate::model::{Basis, Class, InDoubt, JobHeader, JobId, JobKind, JobState, MessageId, SimId, Timestamp};

/// What a new job's row needs beside its header.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// UUIDv7 in text form.
    pub uid: &'a str,
    /// Where it came from.
    pub kind: JobKind,
    /// What its file says.
    pub header: &'a JobHeader,
    /// Its first state: `Receiving` for files.
    pub state: JobState,
    /// Nothing goes out before.
    pub not_before: Timestamp,
    /// Nothing goes out after.
    pub expires_at: Timestamp,
    /// Answers only: the SIM to go through.
    pub pinned_sim: Option<SimId>,
    /// On what the processing of its numbers rests.
    pub basis: Basis,
    /// The inbound text that a person answers with it.
    pub answers: Option<i64>,
}

/// A job as the engine keeps it in mind while it has work.
#[derive(Clone, Debug)]
pub struct JobRow {
    /// Its row.
    pub id: JobId,
    /// Where it came from.
    pub kind: JobKind,
    /// Whose.
    pub unit: String,
    /// Order.
    pub class: Class,
    /// The common text.
    pub text: Option<String>,
    /// What to do in doubt.
    pub in_doubt: InDoubt,
    /// The SIM it is bound to, for answers.
    pub pinned_sim: Option<SimId>,
    /// The inbound text that a person answers with it.
    pub answers: Option<i64>,
    /// State.
    pub state: JobState,
    /// Nothing goes out before.
    pub not_before: Timestamp,
    /// Nothing goes out after.
    pub expires_at: Timestamp,
    /// The last of the messages that go ahead of the rest; `None`: all may follow.
    pub ahead: Option<MessageId>,
    /// Why a second person must approve it first; `None`: nobody must, or somebody has.
    pub approval: Option<String>,
}

/// An accepted job, found by the content of its file.
#[derive(Clone, Debug)]
pub struct SameContent {
    /// The job.
    pub job: JobId,
    /// Its file's name.
    pub source: String,
    /// Whose.
    pub unit: String,
    /// Whether its file lies in `accepted/` already.
    pub filed: bool,
    /// When.
    pub accepted_at: Timestamp,
}

fn job_row(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    Ok(JobRow {
        id: JobId(row.get(0)?),
        kind: parsed::<JobKind>(row, 1)?,
        unit: row.get(2)?,
        class: parsed(row, 3)?,
        text: row.get(4)?,
        in_doubt: parsed(row, 5)?,
        pinned_sim: row.get::<_, Option<i64>>(6)?.map(SimId),
        state: parsed(row, 7)?,
        not_before: at(row.get(8)?),
        expires_at: at(row.get(9)?),
        answers: row.get(10)?,
        ahead: row.get::<_, Option<i64>>(11)?.map(MessageId),
        approval: row.get(12)?,
    })
}

/// Reads a word that a CHECK keeps to the ones we know.
pub(super) fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let word = row.get_ref(column)?.as_str()?;
    word.parse().map_err(|_| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            format!("`{word}` is no word known here").into(),
        )
    })
}

impl Store {
    /// Enters a job.
    pub fn insert_job(&self, job: &NewJob<'_>, now: Timestamp) -> Result<JobId, StoreError> {
        let header = job.header;
        self.run(
            "INSERT INTO jobs (uid, kind, unit, source, digest, owner, class, text, in_doubt, pinned_sim_id, state,
                               not_before_ms, expires_at_ms, created_at_ms, basis, answers)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            params![
                job.uid,
                job.kind.name(),
                header.unit,
                header.source,
                header.digest,
                header.owner,
                header.class.name(),
                header.text,
                header.in_doubt.name(),
                job.pinned_sim.map(|sim| sim.0),
                job.state.name(),
                ms(job.not_before),
                ms(job.expires_at),
                ms(now),
                job.basis.name(),
                job.answers
            ],
        )?;
        Ok(JobId(self.connection.last_insert_rowid()))
    }

    /// Turns a received job into one whose messages may go out.
    pub fn accept_job(&self, job: JobId, recipients: u64, excluded: u64, state: JobState) -> Result<(), StoreError> {
        self.run(
            "UPDATE jobs SET state = ?2, recipients = ?3, excluded = ?4 WHERE id = ?1 AND state = 'receiving'",
            params![job.0, state.name(), recipients, excluded],
        )
        .map(|changed| assert_eq!(changed, 1, "only a job being received is accepted"))
    }

    /// Removes up to `limit` recipients of a job that was never accepted; `true` when nothing of it is left.
    pub fn forget_received(&self, job: JobId, limit: usize) -> Result<bool, StoreError> {
        for sql in [
            "DELETE FROM numbers
             WHERE (number, message_id) IN
                   (SELECT messages.number, messages.id FROM messages
                    WHERE id IN (SELECT id FROM recipients WHERE job_id = ?1 ORDER BY id LIMIT ?2))",
            "DELETE FROM segments WHERE message_id IN (SELECT id FROM recipients WHERE job_id = ?1 ORDER BY id LIMIT ?2)",
            "DELETE FROM messages WHERE id IN (SELECT id FROM recipients WHERE job_id = ?1 ORDER BY id LIMIT ?2)",
        ] {
            self.run(sql, params![job.0, limit])?;
        }
        let gone = self.run(
            "DELETE FROM recipients WHERE id IN (SELECT id FROM recipients WHERE job_id = ?1 ORDER BY id LIMIT ?2)",
            params![job.0, limit],
        )?;
        if gone == limit {
            return Ok(false);
        }
        self.tally.borrow_mut().retain(|(tallied, _), _| *tallied != job);
        self.run("DELETE FROM tallies WHERE job_id = ?1", [job.0])?;
        self.run("DELETE FROM job_audiences WHERE job_id = ?1", [job.0])?;
        self.run("DELETE FROM jobs WHERE id = ?1 AND state = 'receiving'", [job.0])?;
        Ok(true)
    }

    /// Jobs whose rows were still coming in when the daemon ended.
    pub fn received_jobs(&self) -> Result<Vec<JobId>, StoreError> {
        self.all("SELECT id FROM jobs WHERE state = 'receiving'", [], |row| row.get(0).map(JobId))
    }

    /// The newest accepted job with this content.
    pub fn job_by_digest(&self, digest: &str) -> Result<Option<SameContent>, StoreError> {
        self.one(
            "SELECT id, source, unit, filed_as IS NOT NULL, created_at_ms
             FROM jobs
             WHERE digest = ?1 AND state <> 'receiving' AND kind = 'file'
             ORDER BY id DESC
             LIMIT 1",
            [digest],
            |row| {
                Ok(SameContent {
                    job: JobId(row.get(0)?),
                    source: row.get(1)?,
                    unit: row.get(2)?,
                    filed: row.get(3)?,
                    accepted_at: at(row.get(4)?),
                })
            },
        )
    }

    /// The file now lies in `accepted/` under this name.
    pub fn mark_filed(&self, job: JobId, name: &str) -> Result<(), StoreError> {
        self.run("UPDATE jobs SET filed_as = ?2 WHERE id = ?1 AND filed_as IS NULL", params![job.0, name]).map(drop)
    }

    /// Moves a job from one state to another; `false` if it was not in `from`.
    pub fn move_job(&self, job: JobId, from: JobState, to: JobState, now: Timestamp) -> Result<bool, StoreError> {
        let finished = matches!(to, JobState::Done | JobState::Cancelled).then(|| ms(now));
        self.run(
            "UPDATE jobs SET state = ?3, finished_at_ms = ?4 WHERE id = ?1 AND state = ?2",
            params![job.0, from.name(), to.name(), finished],
        )
        .map(|changed| changed == 1)
    }

    /// One job.
    pub fn job(&self, job: JobId) -> Result<Option<JobRow>, StoreError> {
        self.one(
            "SELECT id, kind, unit, class, text, in_doubt, pinned_sim_id, jobs.state, not_before_ms, expires_at_ms, answers,
                    (SELECT last_message_id FROM canaries WHERE job_id = jobs.id AND state IN ('out', 'failed')),
                    (SELECT why FROM approvals WHERE job_id = jobs.id AND state = 'waiting')
             FROM jobs
             WHERE id = ?1",
            [job.0],
            job_row,
        )
    }

    /// Every job that may still have work.
    pub fn open_jobs(&self) -> Result<Vec<JobRow>, StoreError> {
        self.all(
            "SELECT id, kind, unit, class, text, in_doubt, pinned_sim_id, jobs.state, not_before_ms, expires_at_ms, answers,
                    (SELECT last_message_id FROM canaries WHERE job_id = jobs.id AND state IN ('out', 'failed')),
                    (SELECT why FROM approvals WHERE job_id = jobs.id AND state = 'waiting')
             FROM jobs
             WHERE state IN ('active', 'paused')
             ORDER BY id",
            [],
            job_row,
        )
    }

    /// How many messages of a job stand in a state that is not final, the transaction in hand included.
    pub fn unfinished(&self, job: JobId) -> Result<i64, StoreError> {
        let stored: i64 = self
            .one(
                "SELECT coalesce(sum(messages), 0)
                 FROM tallies
                 WHERE job_id = ?1 AND state IN ('queued', 'sending', 'submitted', 'in_doubt')",
                [job.0],
                |row| row.get(0),
            )?
            .unwrap_or(0);
        let pending: i64 = self
            .tally
            .borrow()
            .iter()
            .filter(|((tallied, state), _)| *tallied == job && !state.is_final())
            .map(|(_, change)| change)
            .sum();
        Ok(stored + pending)
    }

    /// Cancelled jobs of which something may still stand in the queue; half-sent messages wait there as `sending`.
    pub fn cancelled_with_queue(&self) -> Result<Vec<JobId>, StoreError> {
        self.all(
            "SELECT DISTINCT jobs.id
             FROM jobs JOIN tallies ON tallies.job_id = jobs.id
             WHERE jobs.state = 'cancelled' AND tallies.state IN ('queued', 'sending') AND tallies.messages > 0",
            [],
            |row| row.get(0).map(JobId),
        )
    }
}
