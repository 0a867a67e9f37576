//! Archives: the details of jobs that ended long ago, in a file of their own, and what the ledger still knows of them.
//!
//! An archive is a ledger in which only these details are left, with the jobs and the record of events; every question to a ledger can be
//! asked of it. In the ledger that it came from stay the jobs, their sums and digests, the record, opt-outs and whatever is no job of a
//! file; of the details (recipients, messages, segments, hand-overs, reports, doubts) it knows where they lie. Left out on purpose:
//! when details leave (`engine/archive.rs`), and bringing them back.

mod copy;
mod file;

pub use copy::{ArchiveMade, digest_of, make};
pub(super) use file::refuse;

use std::collections::BTreeSet;

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::{EventRow, PERSON_ERASED, Reader, Store, StoreError, WhyDue, at, ms};
use crate::model::{JobId, Msisdn, Timestamp};

/// What can leave: jobs of files that ended before `?1`, with nothing open. The newest rows of each kind stay, so that no number of a row
/// is ever given twice.
const MAY_LEAVE: &str = "jobs.kind = 'file' AND jobs.finished_at_ms < ?1 AND jobs.finished_at_ms IS NOT NULL AND jobs.archive_id IS NULL
     AND NOT EXISTS (SELECT 1 FROM tallies
                     WHERE job_id = jobs.id AND messages > 0 AND state IN ('queued', 'sending', 'submitted', 'in_doubt'))
     AND jobs.id NOT IN (SELECT messages.job_id FROM consents JOIN messages ON messages.id = consents.message_id)
     AND jobs.id IS NOT (SELECT job_id FROM recipients ORDER BY id DESC LIMIT 1)
     AND jobs.id IS NOT (SELECT job_id FROM messages
                         WHERE id = (SELECT message_id FROM attempts ORDER BY id DESC LIMIT 1))
     AND jobs.id IS NOT (SELECT job_id FROM messages
                         WHERE id = (SELECT message_id FROM attempts
                                     WHERE id = (SELECT attempt_id FROM reports ORDER BY id DESC LIMIT 1)))";

/// How many erased numbers are known by the ledger's key alone: whose opt-outs are kept, and who are still to be taken out of an archive.
pub(super) const RESTING_ON_KEY: &str = "SELECT count(*)
     FROM (SELECT digest FROM kept_opt_outs
           UNION
           SELECT digest FROM erased_numbers
           WHERE seq > (SELECT min(tended_seq) FROM archives WHERE id > 0 AND state <> 'failed'))";

/// Forgets what rests on a key that is lost. Of an archive that somebody was still to be taken out of it is kept since when.
pub(super) const FORGET_KEY: &str = "BEGIN IMMEDIATE;
     UPDATE archives
     SET lost_since_ms = coalesce(lost_since_ms, (SELECT min(at_ms) FROM erased_numbers WHERE seq > tended_seq))
     WHERE id > 0 AND state <> 'failed';
     UPDATE archives SET tended_seq = 0;
     DELETE FROM erased_numbers;
     DELETE FROM kept_opt_outs;
     DELETE FROM key_check;
     COMMIT";

/// A file that took over the details of old jobs, or is to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ArchiveView {
    /// Its number.
    pub id: i64,
    /// The file.
    pub file: String,
    /// It has jobs that ended before.
    pub before: Timestamp,
    /// `asked`: it is being made; `leaving`: it is whole, and the details are being taken out of the database; `done`; `failed`.
    pub state: String,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// By whom.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Since when it is whole.
    pub made_at: Option<Timestamp>,
    /// Jobs whose details it has.
    pub jobs: u64,
    /// Its size in octets.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub digest: Option<String>,
    /// When it was last looked through for what has been erased, and for what has been kept long enough.
    pub tended_at: Option<Timestamp>,
    /// The last erasure that has reached it, in the order in which they are counted.
    #[serde(skip)]
    pub tended_seq: i64,
    /// Its own event up to which it is on record here who was taken out of it; see [`TakenOut::marked`].
    #[serde(skip)]
    pub marked: i64,
    /// Why it was not made, or why it was not reached last.
    pub trouble: Option<String>,
    /// It may still name people who were erased since then: the key of their digests was lost before they were taken out of it, and
    /// only they themselves can say who they are.
    pub lost_since: Option<Timestamp>,
}

impl ArchiveView {
    /// Whether it is there: whole, durable, and the place of details.
    pub fn is_whole(&self) -> bool {
        matches!(self.state.as_str(), "leaving" | "done")
    }
}

const ARCHIVES: &str =
    "SELECT id, file, before_ms, state, asked_at_ms, actor, reason, made_at_ms, jobs, bytes, digest, tended_at_ms,
                               tended_seq, trouble, lost_since_ms, marked
                        FROM archives";

fn archive_view(row: &Row<'_>) -> rusqlite::Result<ArchiveView> {
    Ok(ArchiveView {
        id: row.get(0)?,
        file: row.get(1)?,
        before: at(row.get(2)?),
        state: row.get(3)?,
        asked_at: at(row.get(4)?),
        actor: row.get(5)?,
        reason: row.get(6)?,
        made_at: row.get::<_, Option<i64>>(7)?.map(at),
        jobs: row.get(8)?,
        bytes: row.get(9)?,
        digest: row.get(10)?,
        tended_at: row.get::<_, Option<i64>>(11)?.map(at),
        tended_seq: row.get(12)?,
        trouble: row.get(13)?,
        lost_since: row.get::<_, Option<i64>>(14)?.map(at),
        marked: row.get(15)?,
    })
}

/// An archive that still names people who were erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreachedArchive {
    /// The file.
    pub file: String,
    /// When the first of them was erased.
    pub since: Timestamp,
    /// Why it was not reached last.
    pub trouble: Option<String>,
}

/// Numbers that were erased, to be taken out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasures {
    /// Their keyed digests.
    pub digests: BTreeSet<[u8; 32]>,
    /// The last of these erasures. They are counted in the order of their commits: what is committed later has a higher number, whatever
    /// the clock says.
    pub seq: i64,
}

/// What was done in an archive so that it forgets what the ledger has forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveTended {
    /// When.
    pub at: Timestamp,
    /// The last erasure that has reached it; see [`Reader::erased_since`].
    pub seq: i64,
    /// Who was taken out, also before a kill that came before that was on record.
    pub taken_out: TakenOut,
    /// The file's size and SHA-256 where anything was changed.
    pub changed: Option<(u64, String)>,
}

/// Who was taken out of an archive, as it says itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOut {
    /// How many numbers.
    pub numbers: usize,
    /// The jobs whose accounts named them, in order.
    pub jobs: Vec<JobId>,
    /// The archive's own event that says so of the last of them.
    pub marked: i64,
}

impl Store {
    /// Whether details lie in any archive.
    pub fn has_archives(&self) -> Result<bool, StoreError> {
        let found = self.one("SELECT 1 FROM archives WHERE state IN ('leaving', 'done')", [], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Every archive, oldest first.
    pub fn archives(&self) -> Result<Vec<ArchiveView>, StoreError> {
        self.all(&format!("{ARCHIVES} WHERE id > 0 ORDER BY id"), [], archive_view)
    }

    /// Keeps that an archive is wanted; gives its number.
    pub fn insert_archive(
        &self,
        file: &str,
        before: Timestamp,
        actor: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        // It is copied after this, without those who are erased by now.
        self.run(
            "INSERT INTO archives (file, before_ms, asked_at_ms, actor, reason, state, tended_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, 'asked', (SELECT coalesce(max(seq), 0) FROM erased_numbers))",
            params![file, ms(before), ms(now), actor, reason],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// It was not made.
    pub fn fail_archive(&self, archive: i64, why: &str) -> Result<(), StoreError> {
        self.run(
            "UPDATE archives SET state = 'failed', trouble = ?2 WHERE id = ?1 AND state = 'asked'",
            params![archive, why],
        )
        .map(drop)
    }

    /// It is whole: from now on the details of its jobs lie there. Gives how many jobs these are; one that has something open again
    /// stays, and so does one of which a report has come since: the archive does not have it.
    pub fn hand_to_archive(&self, archive: i64, made: &ArchiveMade, now: Timestamp) -> Result<usize, StoreError> {
        let ids: Vec<i64> = made.jobs.iter().map(|job| job.0).collect();
        let jobs = self.run(
            &format!(
                "UPDATE jobs SET archive_id = ?2
                 WHERE id IN (SELECT value FROM json_each(?3)) AND {MAY_LEAVE}
                   AND finished_at_ms < (SELECT before_ms FROM archives WHERE id = ?2)
                   AND id NOT IN (SELECT messages.job_id
                                  FROM reports JOIN attempts ON attempts.id = reports.attempt_id
                                       JOIN messages ON messages.id = attempts.message_id
                                  WHERE reports.id > ?4)"
            ),
            params![ms(now), archive, serde_json::json!(ids).to_string(), made.newest_report],
        )?;
        self.run(
            "UPDATE archives
             SET state = 'leaving', made_at_ms = ?2, tended_at_ms = asked_at_ms, jobs = ?3, bytes = ?4, digest = ?5
             WHERE id = ?1 AND state = 'asked'",
            params![archive, ms(now), jobs, made.bytes, made.digest],
        )?;
        Ok(jobs)
    }

    /// The archive whose details are being taken out.
    pub fn leaving_archive(&self) -> Result<Option<ArchiveView>, StoreError> {
        self.one(&format!("{ARCHIVES} WHERE state = 'leaving' ORDER BY id LIMIT 1"), [], archive_view)
    }

    /// The next job of an archive, in their order, of which some details are still here.
    pub fn job_to_leave(&self, archive: i64, from: JobId) -> Result<Option<JobId>, StoreError> {
        self.one(
            "SELECT id
             FROM jobs
             WHERE archive_id = ?1 AND archive_id IS NOT NULL AND id >= ?2
               AND EXISTS (SELECT 1 FROM recipients WHERE job_id = jobs.id)
             ORDER BY id
             LIMIT 1",
            params![archive, from.0],
            |row| row.get(0).map(JobId),
        )
    }

    /// Takes out up to `limit` recipients of a job with all that hangs on them; gives how many there were. Its sums stay.
    pub fn forget_details(&self, job: JobId, limit: usize) -> Result<usize, StoreError> {
        let rows = self.all(
            "SELECT id FROM recipients WHERE job_id = ?1 ORDER BY id LIMIT ?2",
            params![job.0, limit],
            |row| row.get::<_, i64>(0),
        )?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(0) };
        for sql in [
            "DELETE FROM reports
             WHERE attempt_id IN (SELECT attempts.id
                                  FROM messages JOIN attempts ON attempts.message_id = messages.id
                                  WHERE messages.id BETWEEN ?1 AND ?2 AND messages.job_id = ?3)",
            "DELETE FROM doubts
             WHERE attempt_id IN (SELECT attempts.id
                                  FROM messages JOIN attempts ON attempts.message_id = messages.id
                                  WHERE messages.id BETWEEN ?1 AND ?2 AND messages.job_id = ?3)",
            "DELETE FROM attempts
             WHERE message_id IN (SELECT id FROM messages WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3)",
            "DELETE FROM segments
             WHERE message_id IN (SELECT id FROM messages WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3)",
            "DELETE FROM numbers
             WHERE (number, message_id) IN (SELECT number, id FROM messages WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3)",
            "DELETE FROM messages WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3",
            "DELETE FROM recipients WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3",
        ] {
            self.run(sql, params![first, last, job.0])?;
        }
        Ok(rows.len())
    }

    /// All its details have been taken out.
    pub fn end_archive(&self, archive: i64) -> Result<(), StoreError> {
        self.run("UPDATE archives SET state = 'done' WHERE id = ?1 AND state = 'leaving'", [archive]).map(drop)
    }

    /// An archive has forgotten what it had to.
    pub fn note_tended(&self, archive: i64, tended: &ArchiveTended) -> Result<(), StoreError> {
        let (bytes, digest) = tended.changed.as_ref().map(|(bytes, digest)| (*bytes, digest.as_str())).unzip();
        self.run(
            "UPDATE archives
             SET tended_at_ms = ?2, tended_seq = ?3, bytes = coalesce(?4, bytes), digest = coalesce(?5, digest),
                 marked = ?6, trouble = NULL
             WHERE id = ?1",
            params![archive, ms(tended.at), tended.seq, bytes, digest, tended.taken_out.marked],
        )
        .map(drop)
    }

    /// An archive was not reached; `false`: for the same reason as the last time.
    pub fn note_archive_trouble(&self, archive: i64, trouble: &str) -> Result<bool, StoreError> {
        self.run("UPDATE archives SET trouble = ?2 WHERE id = ?1 AND trouble IS NOT ?2", params![archive, trouble])
            .map(|changed| changed == 1)
    }

    /// The archives that an erasure has not reached yet.
    pub fn unreached_archives(&self) -> Result<Vec<UnreachedArchive>, StoreError> {
        self.all(
            "SELECT file, min(at_ms), trouble
             FROM archives JOIN erased_numbers ON erased_numbers.seq > archives.tended_seq
             WHERE archives.id > 0 AND state IN ('leaving', 'done')
             GROUP BY archives.id
             ORDER BY archives.id",
            [],
            |row| Ok(UnreachedArchive { file: row.get(0)?, since: at(row.get(1)?), trouble: row.get(2)? }),
        )
    }

    /// Hand-overs before this may be missing: what of them is here is no whole trail. The beginning of time where nothing was archived.
    pub(super) fn archived_until(&self) -> Result<i64, StoreError> {
        let until = self.one("SELECT max(before_ms) FROM archives WHERE state IN ('leaving', 'done')", [], |row| {
            row.get::<_, Option<i64>>(0)
        })?;
        Ok(until.flatten().unwrap_or(i64::MIN))
    }

    /// Takes away up to `limit` failures from before `before` that count against numbers, where the message that failed lies in an archive;
    /// gives how many there were.
    pub fn forget_archived_failures(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.run(
            "DELETE FROM number_failures
             WHERE message_id IN (SELECT message_id
                                  FROM number_failures
                                  WHERE at_ms < ?1 AND NOT EXISTS (SELECT 1 FROM messages WHERE id = message_id)
                                  LIMIT ?2)",
            params![ms(before), limit],
        )
    }

    /// Takes those numbers out of an archive whose digests are named, each in a transaction of its own, which marks the jobs whose accounts
    /// named it. Errors: also where `goes_on` says no while they are sought; nothing is changed then.
    pub fn erase_digests(
        &self,
        digests: &BTreeSet<[u8; 32]>,
        now: Timestamp,
        goes_on: impl Fn() -> bool,
    ) -> Result<(), StoreError> {
        if digests.is_empty() {
            return Ok(());
        }
        for number in self.named(digests, goes_on)? {
            self.begin()?;
            let erased = self.erase_number(number)?;
            let detail = erased.detail("erased in the database that this archive belongs to: ");
            let event = EventRow { actor: "engine", kind: PERSON_ERASED, detail: &detail, ..EventRow::default() };
            let mark = self.record(&event, now)?;
            for job in &erased.jobs {
                self.report_file_is_due(*job, WhyDue::Erased, mark)?;
            }
            self.commit()?;
        }
        Ok(())
    }

    /// Who was taken out of an archive after its own event `marked`, which need not be one of its own.
    pub fn taken_out_since(&self, marked: i64) -> Result<TakenOut, StoreError> {
        let own = self.one("SELECT marked FROM archives WHERE id = 0", [], |row| row.get(0))?.unwrap_or(0);
        let since = marked.max(own);
        let (numbers, marked) = self
            .one(
                "SELECT count(*), coalesce(max(id), ?1) FROM events WHERE id > ?1 AND kind = ?2",
                params![since, PERSON_ERASED],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .unwrap_or((0, since));
        Ok(TakenOut { numbers, jobs: self.marked_since(since)?, marked })
    }

    /// The numbers in an archive whose digests are named. There are millions in one, and no more than these are held.
    fn named(&self, digests: &BTreeSet<[u8; 32]>, goes_on: impl Fn() -> bool) -> Result<BTreeSet<Msisdn>, StoreError> {
        let mut named = BTreeSet::new();
        for sql in [
            "SELECT DISTINCT number FROM numbers",
            "SELECT number FROM recipients WHERE excluded IS NOT NULL AND number IS NOT NULL",
            "SELECT number FROM consents WHERE number IS NOT NULL",
            "SELECT number FROM event_numbers",
        ] {
            let mut statement = self.connection.prepare(sql).map_err(|source| self.error(source))?;
            let mut rows = statement.query([]).map_err(|source| self.error(source))?;
            while let Some(row) = rows.next().map_err(|source| self.error(source))? {
                if !goes_on() {
                    return Err(StoreError::NoArchive { path: self.path().to_owned(), found: copy::STOPS.to_owned() });
                }
                let number = Msisdn::from_u64(row.get(0).map_err(|source| self.error(source))?);
                if digests.contains(&self.key.number(number)) {
                    named.insert(number);
                }
            }
        }
        Ok(named)
    }
}

impl Reader {
    /// Every archive, oldest first.
    pub fn archives(&self) -> Result<Vec<ArchiveView>, StoreError> {
        self.all(&format!("{ARCHIVES} WHERE id > 0 ORDER BY id"), [], archive_view)
    }

    /// Numbers that were erased after the erasure `seq`.
    pub fn erased_since(&self, seq: i64) -> Result<Erasures, StoreError> {
        let mut erasures = Erasures { digests: BTreeSet::new(), seq };
        // One statement, so that those who are found and the last of them are of one state of the ledger.
        self.each("SELECT digest, seq FROM erased_numbers WHERE seq > ?1", [seq], |row| {
            erasures.digests.insert(row.get(0)?);
            erasures.seq = erasures.seq.max(row.get(1)?);
            Ok(())
        })?;
        Ok(erasures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::key::Key;
    use crate::store::ledger_of_schema;

    #[test]
    fn an_archive_from_before_erasures_were_counted_is_looked_through_for_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        let old = ledger_of_schema(&path, 20);
        old.execute_batch(
            "INSERT INTO archives (file, before_ms, asked_at_ms, actor, reason, state, tended_at_ms)
             VALUES ('/arsip.db', 1, 1, 'a', 'r', 'done', 100);
             INSERT INTO erased_numbers (digest, at_ms)
             VALUES (zeroblob(32), 50), (randomblob(32), 20), (randomblob(32), 20), (randomblob(32), 200)",
        )
        .unwrap();
        drop(old);
        Key::make(&Key::path(&path)).map(drop).unwrap();
        drop(Store::open(&path).unwrap());
        let reader = Reader::open(&path).unwrap();
        let archive = reader.archives().unwrap().remove(0);
        let erasures = reader.erased_since(archive.tended_seq).unwrap();
        assert_eq!((erasures.digests.len(), erasures.seq), (4, 4));
        assert!(reader.erased_since(2).unwrap().digests.contains(&[0; 32]), "in the order of their times");
        assert_eq!(reader.erased_since(4).unwrap(), Erasures { digests: BTreeSet::new(), seq: 4 });
    }
}
