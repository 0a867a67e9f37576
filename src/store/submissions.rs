//! Jobs that came in by a request: who brought them, and what became of them.

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, at, ms};
use crate::model::{JobId, Timestamp};

/// A job as somebody brings it.
#[derive(Clone, Copy, Debug)]
pub struct NewSubmission<'a> {
    /// Who.
    pub caller: &'a str,
    /// Their own name for the request.
    pub key: &'a str,
    /// For which unit.
    pub unit: &'a str,
    /// The name of the file that is made of it.
    pub source: &'a str,
    /// SHA-256 of its content, lower-case hexadecimal.
    pub digest: &'a str,
    /// SHA-256 over the names and contents of its lists, lower-case hexadecimal.
    pub lists_digest: &'a str,
}

/// A request for a job, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SubmissionView {
    /// Its number.
    pub id: i64,
    /// For which unit.
    pub unit: String,
    /// The name of the file that was made of it.
    pub source: String,
    /// SHA-256 of its content, lower-case hexadecimal.
    #[serde(skip)]
    pub digest: String,
    /// SHA-256 over the names and contents of its lists, lower-case hexadecimal; `None`: it was not noted then.
    #[serde(skip)]
    pub lists_digest: Option<String>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The job it became.
    pub job: Option<i64>,
    /// Why it became none, one line, English.
    pub refusal: Option<String>,
    /// The same in Indonesian.
    pub refusal_indonesian: Option<String>,
}

const COLUMNS: &str = "SELECT id, unit, source, digest, asked_at_ms, job_id, refusal, lists_digest FROM submissions";

fn view(row: &Row<'_>) -> rusqlite::Result<SubmissionView> {
    let refusal: Option<String> = row.get(6)?;
    let mut lines = refusal.iter().flat_map(|text| text.lines()).map(str::to_owned);
    Ok(SubmissionView {
        id: row.get(0)?,
        unit: row.get(1)?,
        source: row.get(2)?,
        digest: row.get(3)?,
        asked_at: at(row.get(4)?),
        job: row.get(5)?,
        refusal: lines.next(),
        refusal_indonesian: lines.next(),
        lists_digest: row.get(7)?,
    })
}

impl Store {
    /// Enters a request; gives its number.
    pub fn insert_submission(&self, new: &NewSubmission<'_>, now: Timestamp) -> Result<i64, StoreError> {
        self.run(
            "INSERT INTO submissions (caller, key, unit, source, digest, lists_digest, asked_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![new.caller, new.key, new.unit, new.source, new.digest, new.lists_digest, ms(now)],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The request that this caller made under this key.
    pub fn submission(&self, caller: &str, key: &str) -> Result<Option<SubmissionView>, StoreError> {
        self.one(&format!("{COLUMNS} WHERE caller = ?1 AND key = ?2"), [caller, key], view)
    }

    /// Who brought the file of this name and content, where a request did and nothing has come of it yet.
    pub fn submitter(&self, unit: &str, source: &str, digest: &str) -> Result<Option<String>, StoreError> {
        self.one(
            "SELECT caller FROM submissions
             WHERE unit = ?1 AND source = ?2 AND digest = ?3 AND job_id IS NULL AND refusal IS NULL",
            [unit, source, digest],
            |row| row.get(0),
        )
    }

    /// The job that the file of this name and content became, where a request brought it.
    pub fn brought(&self, unit: &str, source: &str, digest: &str) -> Result<Option<JobId>, StoreError> {
        let found = self.one(
            "SELECT job_id FROM submissions WHERE unit = ?1 AND source = ?2 AND digest = ?3",
            [unit, source, digest],
            |row| Ok(row.get::<_, Option<i64>>(0)?.map(JobId)),
        )?;
        Ok(found.flatten())
    }

    /// The file of a request has become a job.
    pub fn submission_accepted(&self, unit: &str, source: &str, job: JobId) -> Result<(), StoreError> {
        self.run(
            "UPDATE submissions SET job_id = ?3 WHERE unit = ?1 AND source = ?2 AND job_id IS NULL AND refusal IS NULL",
            params![unit, source, job.0],
        )
        .map(drop)
    }

    /// The file of a request has become none, for this reason: a line in English, and the same in Indonesian below it.
    pub fn submission_refused(&self, unit: &str, source: &str, refusal: [&str; 2]) -> Result<(), StoreError> {
        // Lines are told apart by where they end.
        let refusal = refusal.map(|line| line.replace(['\r', '\n'], " ")).join("\n");
        self.run(
            "UPDATE submissions SET refusal = ?3 WHERE unit = ?1 AND source = ?2 AND job_id IS NULL AND refusal IS NULL",
            [unit, source, &refusal],
        )
        .map(drop)
    }
}

impl Reader {
    /// One request.
    pub fn submission(&self, id: i64) -> Result<Option<SubmissionView>, StoreError> {
        self.all(&format!("{COLUMNS} WHERE id = ?1"), [id], view).map(|mut rows| rows.pop())
    }
}
