//! Report files that do not say yet what the ledger says: marked by the commit that makes them so, until one was written that says it.

use rusqlite::params;

use super::intake::parsed;
use super::{Reader, Store, StoreError};
use crate::model::JobId;

/// Why a job's report file is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyDue {
    /// Its account has changed. A file that is not there is made.
    Changed,
    /// It may name somebody who was erased. One that is not there names nobody.
    Erased,
}

impl WhyDue {
    /// The word stored.
    pub fn name(self) -> &'static str {
        match self {
            WhyDue::Changed => "changed",
            WhyDue::Erased => "erased",
        }
    }
}

impl std::str::FromStr for WhyDue {
    type Err = String;

    /// Reads a stored word. Errors: the word, where it is none of them.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [WhyDue::Changed, WhyDue::Erased].into_iter().find(|why| why.name() == word).ok_or_else(|| word.to_owned())
    }
}

/// A mark at a job's report file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportFileDue {
    /// Which change it was.
    pub mark: i64,
    /// Why.
    pub why: WhyDue,
}

impl Store {
    /// Marks a job's report file. One that was to be made because its account has changed still is. Answers, tests and notices have none.
    pub fn report_file_is_due(&self, job: JobId, why: WhyDue, mark: i64) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO report_files_due (job_id, mark, why)
             SELECT id, ?2, ?3 FROM jobs WHERE id = ?1 AND kind = 'file'
             ON CONFLICT (job_id) DO UPDATE
             SET mark = excluded.mark, why = iif(why = 'changed', why, excluded.why)",
            params![job.0, mark, why.name()],
        )
        .map(drop)
    }

    /// Takes a mark away. One that was made since stays.
    pub fn report_file_written(&self, job: JobId, mark: i64) -> Result<(), StoreError> {
        self.run("DELETE FROM report_files_due WHERE job_id = ?1 AND mark = ?2", params![job.0, mark]).map(drop)
    }

    /// The highest mark, 0 if there is none.
    pub fn newest_mark(&self) -> Result<i64, StoreError> {
        let newest = self.one("SELECT coalesce(max(mark), 0) FROM report_files_due", [], |row| row.get(0))?;
        Ok(newest.unwrap_or(0))
    }

    /// The jobs with a higher mark than this, in order.
    pub fn marked_since(&self, mark: i64) -> Result<Vec<JobId>, StoreError> {
        self.all("SELECT job_id FROM report_files_due WHERE mark > ?1 ORDER BY job_id", [mark], |row| {
            row.get(0).map(JobId)
        })
    }
}

impl Reader {
    /// The mark at a job's report file, if there is one.
    pub fn report_file_due(&self, job: JobId) -> Result<Option<ReportFileDue>, StoreError> {
        let found = self.all("SELECT mark, why FROM report_files_due WHERE job_id = ?1", [job.0], |row| {
            Ok(ReportFileDue { mark: row.get(0)?, why: parsed(row, 1)? })
        })?;
        Ok(found.into_iter().next())
    }

    /// The jobs whose report files are marked and have a place to lie, in order; and whether each job has ended.
    pub fn report_files_due(&self) -> Result<Vec<(JobId, bool)>, StoreError> {
        self.all(
            "SELECT job_id, finished_at_ms IS NOT NULL
             FROM report_files_due JOIN jobs ON jobs.id = job_id
             WHERE filed_as IS NOT NULL
             ORDER BY job_id",
            [],
            |row| Ok((JobId(row.get(0)?), row.get(1)?)),
        )
    }
}

/// A ledger with one job, the file of this unit that lies under this name, whose report is due.
#[cfg(test)]
pub(crate) fn ledger_with_report_due(path: &std::path::Path, unit: &str, name: &str, mark: i64) -> JobId {
    use crate::model::{Basis, Class, JobHeader, JobKind, JobState, Timestamp};
    let store = Store::open(path).unwrap();
    store.begin().unwrap();
    let job = super::NewJob {
        uid: "a",
        kind: JobKind::File,
        header: &JobHeader::of(unit, name, Class::Emergency),
        state: JobState::Receiving,
        not_before: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::MAX,
        pinned_sim: None,
        basis: Basis::PublicTask,
        answers: None,
    };
    let job = store.insert_job(&job, Timestamp::UNIX_EPOCH).unwrap();
    store.mark_filed(job, name).unwrap();
    store.report_file_is_due(job, WhyDue::Changed, mark).unwrap();
    store.commit().unwrap();
    job
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ledger_of_schema;
    use crate::store::open::bring_up;

    #[test]
    fn of_a_ledger_from_before_the_reports_of_the_last_jobs_are_due_once_more_and_of_an_archive_none() {
        let folder = tempfile::tempdir().unwrap();
        let ended = |ledger: &rusqlite::Connection| {
            for (uid, kind, finished) in [("a", "file", "5"), ("b", "file", "NULL"), ("c", "reply", "6")] {
                ledger
                    .execute_batch(&format!(
                        "INSERT INTO jobs (uid, kind, unit, source, digest, owner, class, in_doubt, state, not_before_ms,
                                           expires_at_ms, created_at_ms, finished_at_ms)
                         VALUES ('{uid}', '{kind}', 'u', 's', 'd', 'o', 'routine', 'hold', 'done', 0, 0, 0, {finished});
                         INSERT INTO events (at_ms, actor, kind, detail) VALUES (1, 'engine', 'person_erased', '')"
                    ))
                    .unwrap();
            }
        };
        let path = folder.path().join("k.db");
        let old = ledger_of_schema(&path, 22);
        ended(&old);
        drop(old);
        let store = Store::open(&path).unwrap();
        assert_eq!(store.marked_since(0).unwrap(), [JobId(1)]);
        store.begin().unwrap();
        store.report_file_is_due(JobId(1), WhyDue::Erased, 2).unwrap();
        store.report_file_is_due(JobId(3), WhyDue::Changed, 3).unwrap();
        store.commit().unwrap();
        let due = Reader::open(&path).unwrap().report_file_due(JobId(1)).unwrap();
        assert_eq!(due, Some(ReportFileDue { mark: 2, why: WhyDue::Changed }), "it was to be made before");
        assert_eq!(store.newest_mark().unwrap(), 2, "an answer has no report");

        let path = folder.path().join("arsip.db");
        let archive = ledger_of_schema(&path, 22);
        ended(&archive);
        archive
            .execute_batch(
                "INSERT INTO this_archive (id) VALUES (1);
                 INSERT INTO archives (id, file, before_ms, asked_at_ms, actor, reason, state)
                 VALUES (0, '/k.db', 1, 1, 'a', 'r', 'ledger')",
            )
            .unwrap();
        bring_up(&archive, &path).unwrap();
        let found = |sql: &str| archive.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(found("SELECT count(*) FROM report_files_due"), 0);
        assert_eq!(found("SELECT marked FROM archives"), 3, "who was erased before it was made is not told of it");
    }
}
