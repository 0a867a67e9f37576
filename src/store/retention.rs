//! Blanking what was kept long enough, a bounded bit at a time.

use rusqlite::params;

use super::seal::EVENT_NUMBERS_BLANKED;
use super::{EventRow, Store, StoreError, at, ms};
use crate::model::{JobId, MessageId, Timestamp};

/// What of a job is blanked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// Its texts.
    Texts,
    /// Its numbers, and the names beside them.
    Numbers,
}

impl Store {
    /// The finished job that ended longest ago, before `before`, and still has what is to be blanked.
    pub fn job_to_blank(&self, what: Kept, before: Timestamp) -> Result<Option<JobId>, StoreError> {
        // One statement for each: an index over a part of the jobs serves only where its condition stands word for word.
        let sql = match what {
            Kept::Texts => {
                "SELECT id
                 FROM jobs
                 WHERE finished_at_ms < ?1 AND finished_at_ms IS NOT NULL AND texts_blanked_ms IS NULL
                   AND NOT EXISTS (SELECT 1 FROM tallies
                                   WHERE job_id = jobs.id AND messages > 0
                                     AND state IN ('queued', 'sending', 'submitted', 'in_doubt'))
                 ORDER BY finished_at_ms
                 LIMIT 1"
            }
            Kept::Numbers => {
                "SELECT id
                 FROM jobs
                 WHERE finished_at_ms < ?1 AND finished_at_ms IS NOT NULL AND numbers_blanked_ms IS NULL
                   AND NOT EXISTS (SELECT 1 FROM tallies
                                   WHERE job_id = jobs.id AND messages > 0
                                     AND state IN ('queued', 'sending', 'submitted', 'in_doubt'))
                 ORDER BY finished_at_ms
                 LIMIT 1"
            }
        };
        self.one(sql, [ms(before)], |row| row.get(0).map(JobId))
    }

    /// Blanks up to `limit` recipients of a job after `after`, in their order; gives the last one and how many there were.
    pub fn blank_bit(
        &self,
        what: Kept,
        job: JobId,
        after: MessageId,
        limit: usize,
    ) -> Result<(MessageId, usize), StoreError> {
        let rows = self.all(
            "SELECT id FROM recipients WHERE job_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            params![job.0, after.0, limit],
            |row| row.get::<_, i64>(0),
        )?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok((after, 0)) };
        match what {
            Kept::Texts => self.run(
                "UPDATE messages SET text = ''
                 WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3 AND text IS NOT NULL",
                params![first, last, job.0],
            )?,
            Kept::Numbers => self.blank_numbers(job, *first, *last)?,
        };
        Ok((MessageId(*last), rows.len()))
    }

    fn blank_numbers(&self, job: JobId, first: i64, last: i64) -> Result<usize, StoreError> {
        let reports = self.all(
            "SELECT reports.id, pdu
             FROM messages JOIN attempts ON attempts.message_id = messages.id
                  JOIN reports ON reports.attempt_id = attempts.id
             WHERE messages.id BETWEEN ?1 AND ?2 AND messages.job_id = ?3 AND recipient <> ''",
            params![first, last, job.0],
            |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)),
        )?;
        for (report, pdu) in &reports {
            self.blank_report(*report, pdu)?;
        }
        let mut changed = 0;
        for sql in [
            "DELETE FROM numbers
             WHERE (number, message_id) IN (SELECT number, id FROM messages
                                            WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3)",
            "UPDATE doubts SET said = NULL
             WHERE attempt_id IN (SELECT attempts.id
                                  FROM messages JOIN attempts ON attempts.message_id = messages.id
                                  WHERE messages.id BETWEEN ?1 AND ?2 AND messages.job_id = ?3)",
            "DELETE FROM number_failures
             WHERE message_id IN (SELECT id FROM messages WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3)",
            "UPDATE attempts SET number = 0
             WHERE message_id IN (SELECT id FROM messages WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3)",
            "UPDATE messages SET number = 0 WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3",
            "UPDATE recipients
             SET number = NULL, raw = NULL, name = NULL, entry_id = NULL
             WHERE id BETWEEN ?1 AND ?2 AND job_id = ?3",
        ] {
            changed += self.run(sql, params![first, last, job.0])?;
        }
        Ok(changed)
    }

    /// All of a job is blanked.
    pub fn mark_blanked(&self, what: Kept, job: JobId, now: Timestamp) -> Result<(), StoreError> {
        if what == Kept::Texts {
            self.run("UPDATE self_test_texts SET text = '' WHERE job_id = ?1", [job.0])?;
        }
        let sql = match what {
            Kept::Texts => "UPDATE jobs SET text = iif(text IS NULL, NULL, ''), texts_blanked_ms = ?2 WHERE id = ?1",
            Kept::Numbers => "UPDATE jobs SET numbers_blanked_ms = ?2 WHERE id = ?1",
        };
        self.run(sql, params![job.0, ms(now)]).map(drop)
    }

    /// Blanks up to `limit` inbound texts that came before `before`, with their senders; gives how many there were.
    pub fn blank_old_inbound(&self, before: Timestamp, limit: usize, now: Timestamp) -> Result<usize, StoreError> {
        let entries = self.all(
            "SELECT id
             FROM inbox
             WHERE received_at_ms < ?1 AND blanked_ms IS NULL
             ORDER BY received_at_ms
             LIMIT ?2",
            params![ms(before), limit],
            |row| row.get::<_, i64>(0),
        )?;
        for entry in &entries {
            self.blank_inbound(*entry)?;
            self.run("UPDATE inbox SET blanked_ms = ?2 WHERE id = ?1", params![entry, ms(now)])?;
        }
        Ok(entries.len())
    }

    /// Blanks up to `limit` reports that came before `before` and fitted no attempt; gives how many there were.
    pub fn blank_old_orphans(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let reports = self.all(
            "SELECT id, pdu FROM reports WHERE verdict = 'orphan' AND recipient <> '' AND received_at_ms < ?1 LIMIT ?2",
            params![ms(before), limit],
            |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)),
        )?;
        for (report, pdu) in &reports {
            self.blank_report(*report, pdu)?;
        }
        Ok(reports.len())
    }

    /// Blanks up to `limit` entries of the roster that ended with an import before `before`; gives how many there were. Whoever holds an
    /// office now stays.
    pub fn blank_former_holders(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let entries = self.all(
            "SELECT roster.id
             FROM roster_imports JOIN roster_ends ON roster_ends.import_id = roster_imports.id
                  JOIN roster ON roster.id = roster_ends.entry_id
             WHERE roster_imports.at_ms < ?1 AND roster_imports.state = 'applied' AND roster.number <> 0
             LIMIT ?2",
            params![ms(before), limit],
            |row| row.get(0),
        )?;
        entries.iter().try_for_each(|entry| self.blank_entry(*entry))?;
        Ok(entries.len())
    }

    /// Blanks the numbers of up to `limit` self-tests that ended before `before`; gives how many there were.
    pub fn blank_old_tests(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let tests = self.all(
            "SELECT id FROM self_tests WHERE ended_at_ms < ?1 AND number <> 0 LIMIT ?2",
            params![ms(before), limit],
            |row| row.get(0),
        )?;
        tests.iter().try_for_each(|test| self.blank_test(*test))?;
        Ok(tests.len())
    }

    /// Takes the numbers out of up to `limit` events from before `before`, the oldest first, and records that; gives how many there
    /// were.
    pub fn blank_old_event_numbers(
        &self,
        before: Timestamp,
        limit: usize,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let oldest = self.all(
            "SELECT event_id, at_ms
             FROM event_numbers JOIN events ON events.id = event_id
             ORDER BY event_id
             LIMIT ?1",
            [limit],
            |row| Ok((row.get::<_, i64>(0)?, at(row.get(1)?))),
        )?;
        let old: Vec<i64> = oldest.into_iter().take_while(|(_, at)| *at < before).map(|(event, _)| event).collect();
        let Some(last) = old.last() else { return Ok(0) };
        self.run("DELETE FROM event_numbers WHERE event_id <= ?1", [last])?;
        let detail = format!("{} events, the last of them [{last}]", old.len());
        let event = EventRow { actor: "engine", kind: EVENT_NUMBERS_BLANKED, detail: &detail, ..EventRow::default() };
        self.record(&event, now)?;
        Ok(old.len())
    }
}
