//! Taking a number out of the ledger: what it was sent, what it wrote, and itself. Counts, states, times and the record of events stay.

use rusqlite::params;

#[cfg(doc)]
use super::Reader;
use super::seal::listed;
use super::{Store, StoreError, ms};
use crate::model::{JobId, MessageId, Msisdn, OptOutScope, Timestamp};

/// What an erasure emptied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Messages, also those that were never sent.
    pub messages: usize,
    /// Places in lists where it got nothing.
    pub excluded: usize,
    /// Inbound texts.
    pub inbound: usize,
    /// Events of the record.
    pub events: Vec<i64>,
    /// Jobs whose accounts named it, in order.
    pub jobs: Vec<JobId>,
}

impl Erased {
    /// The detail of the event that records it: why, the counts, and the events it emptied, as [`Reader::verify_chain`] reads them.
    pub fn detail(&self, why: &str) -> String {
        let Self { messages, excluded, inbound, events, .. } = self;
        let counts = format!("{messages} messages, {excluded} places in lists, {inbound} inbound texts");
        format!("{why}{counts}, events {}", listed(events))
    }
}

impl Store {
    /// Whether a number was erased, and its opt-out is kept under a digest.
    pub fn is_kept(&self, number: Msisdn) -> Result<bool, StoreError> {
        Ok(self.kept_opt_out(number)?.is_some())
    }

    pub(super) fn kept_opt_out(&self, number: Msisdn) -> Result<Option<OptOutScope>, StoreError> {
        if !self.keeps.get() {
            return Ok(None);
        }
        let digest = self.key.number(number);
        self.one("SELECT scope FROM kept_opt_outs WHERE digest = ?1", [digest], |row| super::intake::parsed(row, 0))
    }

    /// Keeps an opt-out from everything under a digest of the number, in place of one under the number itself.
    pub fn keep_opt_out(&self, number: Msisdn, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO kept_opt_outs (digest, scope, since_ms, kept_ms)
             SELECT ?1, 'everything', coalesce((SELECT since_ms FROM opt_outs WHERE number = ?2), ?3), ?3
             ON CONFLICT (digest) DO UPDATE SET scope = 'everything'",
            params![self.key.number(number), number.as_u64(), ms(now)],
        )?;
        self.run("DELETE FROM opt_outs WHERE number = ?1", [number.as_u64()])?;
        self.keeps.set(true);
        Ok(())
    }

    /// Whether anything is held under a number.
    pub fn holds(&self, number: Msisdn) -> Result<bool, StoreError> {
        self.one(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM numbers WHERE number = ?1)
                      OR EXISTS (SELECT 1 FROM recipients WHERE number = ?1 AND excluded IS NOT NULL)
                      OR EXISTS (SELECT 1 FROM inbox WHERE number = ?1)
                      OR EXISTS (SELECT 1 FROM opt_outs WHERE number = ?1)
                      OR EXISTS (SELECT 1 FROM consents WHERE number = ?1)
                      OR EXISTS (SELECT 1 FROM event_numbers WHERE number = ?1)",
            [number.as_u64()],
            |_| Ok(()),
        )
        .map(|found| found.is_some())
    }

    /// Puts nothing in the places of a number, of its texts and of its events' numbers. What a list still brings in while this is
    /// done is not found.
    pub fn erase_number(&self, number: Msisdn) -> Result<Erased, StoreError> {
        self.erased.set(true);
        let mut erased = Erased::default();
        let digits = number.as_u64();
        let messages =
            self.all("SELECT message_id FROM numbers WHERE number = ?1", [digits], |row| row.get(0).map(MessageId))?;
        for message in &messages {
            self.blank_message(*message)?;
            self.blank_reports_of(*message)?;
        }
        self.run("DELETE FROM numbers WHERE number = ?1", [digits])?;
        erased.messages = messages.len();
        let jobs =
            self.all("SELECT job_id FROM recipients WHERE number = ?1 AND excluded IS NOT NULL", [digits], |row| {
                row.get(0).map(JobId)
            })?;
        erased.excluded = jobs.len();
        erased.jobs = jobs;
        self.run(
            "UPDATE recipients SET number = NULL, raw = NULL, name = NULL WHERE number = ?1 AND excluded IS NOT NULL",
            [digits],
        )?;
        for message in &messages {
            erased.jobs.extend(self.message(*message)?.map(|row| row.job));
        }
        erased.jobs.sort_unstable();
        erased.jobs.dedup();
        self.blank_orphans(number)?;
        let inbound = self.all("SELECT id FROM inbox WHERE number = ?1", [digits], |row| row.get::<_, i64>(0))?;
        for inbox in &inbound {
            self.blank_inbound(*inbox)?;
        }
        erased.inbound = inbound.len();
        self.run(
            "UPDATE consents SET number = NULL, digest = ?2 WHERE number = ?1",
            params![digits, self.key.number(number)],
        )?;
        erased.events =
            self.all("SELECT event_id FROM event_numbers WHERE number = ?1 ORDER BY event_id", [digits], |row| {
                row.get(0)
            })?;
        self.run("DELETE FROM event_numbers WHERE number = ?1", [digits])?;
        Ok(erased)
    }

    /// Puts nothing in the places of a message's number and text, and of its recipient. A text that the job has in common is
    /// emptied where the message is all there is of the job.
    pub fn blank_message(&self, message: MessageId) -> Result<(), StoreError> {
        for sql in [
            "UPDATE recipients SET number = NULL, raw = NULL, name = NULL WHERE id = ?1",
            "UPDATE messages SET number = 0, text = iif(text IS NULL, NULL, '') WHERE id = ?1",
            "UPDATE attempts SET number = 0 WHERE message_id = ?1",
            "UPDATE jobs SET text = ''
             WHERE id = (SELECT job_id FROM messages WHERE id = ?1) AND recipients = 1 AND text IS NOT NULL",
        ] {
            self.run(sql, [message.0])?;
        }
        Ok(())
    }

    fn blank_reports_of(&self, message: MessageId) -> Result<(), StoreError> {
        let reports = self.all(
            "SELECT reports.id, pdu
             FROM attempts JOIN reports ON reports.attempt_id = attempts.id
             WHERE attempts.message_id = ?1 AND recipient <> ''",
            [message.0],
            |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)),
        )?;
        reports.iter().try_for_each(|(report, pdu)| self.blank_report(*report, pdu))
    }

    /// Reports for a number that fitted no attempt.
    fn blank_orphans(&self, number: Msisdn) -> Result<(), StoreError> {
        let reports = self.all(
            "SELECT id, pdu
             FROM reports
             WHERE sim_id IN (SELECT id FROM sims) AND number = ?1 AND verdict = 'orphan'",
            [number.as_u64()],
            |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)),
        )?;
        reports.iter().try_for_each(|(report, pdu)| self.blank_report(*report, pdu))
    }

    /// The octets name the number too; a digest in their place lets one that is read again be known.
    pub(super) fn blank_report(&self, report: i64, pdu: &[u8]) -> Result<(), StoreError> {
        self.run(
            "UPDATE reports SET recipient = '', number = NULL, pdu = ?2 WHERE id = ?1",
            params![report, self.keyed(pdu)],
        )
        .map(drop)
    }

    pub(super) fn blank_inbound(&self, inbox: i64) -> Result<(), StoreError> {
        self.run(
            "UPDATE inbox
             SET sender = '', number = NULL, text = '', state = iif(state = 'new', 'read', state)
             WHERE id = ?1",
            [inbox],
        )?;
        let parts = self.all(
            "SELECT id, digest FROM parts WHERE inbox_id = ?1 AND length(text) + length(pdu) > 0",
            [inbox],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)),
        )?;
        for (part, digest) in parts {
            self.run(
                "UPDATE parts SET sender = '', text = '', pdu = x'', digest = ?2 WHERE id = ?1",
                params![part, self.keyed(&digest)],
            )?;
        }
        Ok(())
    }

    /// What stands in place of octets that were erased, so that the same ones are known when they are read again.
    pub fn keyed(&self, octets: &[u8]) -> [u8; 32] {
        self.key.digest("octets", octets)
    }

    /// The files in `accepted/` that jobs came from: unit and name.
    pub fn files_of(&self, jobs: &[JobId]) -> Result<Vec<(String, String)>, StoreError> {
        let mut files = Vec::new();
        for job in jobs {
            files.extend(self.one(
                "SELECT unit, filed_as FROM jobs WHERE id = ?1 AND filed_as IS NOT NULL",
                [job.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?);
        }
        Ok(files)
    }
}
