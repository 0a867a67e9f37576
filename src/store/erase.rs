//! Taking a number out of the ledger: what it was sent, what it wrote, and itself. Counts, states, times and the record of events stay.

use rusqlite::params;

#[cfg(doc)]
use super::Reader;
use super::seal::listed;
use super::{Store, StoreError, ms};
use crate::model::{JobId, MessageId, Msisdn, OptOutScope, SimId, Timestamp};

/// What an erasure emptied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Messages, also those that were never sent.
    pub messages: usize,
    /// Places in lists where it got nothing.
    pub excluded: usize,
    /// Inbound texts.
    pub inbound: usize,
    /// Offices in the roster, also those that had ended.
    pub offices: usize,
    /// Events of the record.
    pub events: Vec<i64>,
    /// Jobs whose accounts named it, in order.
    pub jobs: Vec<JobId>,
    /// Units that had texts of it to read and answer, in order.
    pub units: Vec<String>,
}

impl Erased {
    /// The detail of the event that records it: why, the counts, and the events it emptied, as [`Reader::verify_chain`] reads them.
    pub fn detail(&self, why: &str) -> String {
        let Self { messages, excluded, inbound, offices, events, .. } = self;
        let counts = format!(
            "{messages} messages, {excluded} places in lists, {inbound} inbound texts, {offices} offices in the roster"
        );
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
        // Archives are erased when they can be reached, also where the opt-out is taken back before.
        self.run(
            "INSERT OR REPLACE INTO erased_numbers (digest, at_ms, seq)
             VALUES (?1, ?2, (SELECT coalesce(max(seq), 0) + 1 FROM erased_numbers))",
            params![self.key.number(number), ms(now)],
        )?;
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
                      OR EXISTS (SELECT 1 FROM roster WHERE number = ?1)
                      OR EXISTS (SELECT 1 FROM suspended WHERE number = ?1)
                      OR EXISTS (SELECT 1 FROM number_failures WHERE number = ?1)
                      OR EXISTS (SELECT 1 FROM self_tests WHERE number = ?1)
                      OR EXISTS (SELECT 1 FROM sims WHERE own_number = ?1)
                      OR EXISTS (SELECT 1 FROM told_targets WHERE target = CAST(?1 AS TEXT))
                      OR EXISTS (SELECT 1 FROM notices WHERE target = CAST(?1 AS TEXT))
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
            "UPDATE recipients
             SET number = NULL, raw = NULL, name = NULL, entry_id = NULL
             WHERE number = ?1 AND excluded IS NOT NULL",
            [digits],
        )?;
        for message in &messages {
            erased.jobs.extend(self.message(*message)?.map(|row| row.job));
        }
        erased.jobs.sort_unstable();
        erased.jobs.dedup();
        self.blank_orphans(number)?;
        erased.units = self.all(
            "SELECT DISTINCT unit FROM inbox WHERE number = ?1 AND unit IS NOT NULL ORDER BY unit",
            [digits],
            |row| row.get(0),
        )?;
        let inbound = self.all("SELECT id FROM inbox WHERE number = ?1", [digits], |row| row.get::<_, i64>(0))?;
        for inbox in &inbound {
            self.blank_inbound(*inbox)?;
        }
        erased.inbound = inbound.len();
        erased.offices = self.vacate(number)?;
        self.forget_target(&number.digits())?;
        self.forget_trials(number)?;
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
            "UPDATE recipients SET number = NULL, raw = NULL, name = NULL, entry_id = NULL WHERE id = ?1",
            "UPDATE messages SET number = 0, text = iif(text IS NULL, NULL, '') WHERE id = ?1",
            "UPDATE attempts SET number = 0 WHERE message_id = ?1",
            "UPDATE doubts SET said = NULL WHERE attempt_id IN (SELECT id FROM attempts WHERE message_id = ?1)",
            "UPDATE self_test_texts SET text = '' WHERE job_id = (SELECT job_id FROM messages WHERE id = ?1)",
            "UPDATE jobs SET text = ''
             WHERE id = (SELECT job_id FROM messages WHERE id = ?1) AND recipients = 1 AND text IS NOT NULL",
        ] {
            self.run(sql, [message.0])?;
        }
        Ok(())
    }

    /// The offices of a number fall vacant with the roster as it is, and neither it nor the names beside it stay in its history. Gives how
    /// many there were.
    fn vacate(&self, number: Msisdn) -> Result<usize, StoreError> {
        self.run(
            "INSERT OR IGNORE INTO roster_ends (entry_id, import_id, why)
             SELECT roster.id, (SELECT max(id) FROM roster_imports WHERE state = 'applied'), 'gone'
             FROM roster JOIN roster_imports ON roster_imports.id = roster.import_id
             WHERE roster.number = ?1 AND roster_imports.state = 'applied'",
            [number.as_u64()],
        )?;
        let entries = self.all("SELECT id FROM roster WHERE number = ?1", [number.as_u64()], |row| row.get(0))?;
        entries.iter().try_for_each(|entry| self.blank_entry(*entry))?;
        Ok(entries.len())
    }

    /// What names an office stays. A citizen holds none, and officials without a post are told apart by their names: these are
    /// in the key by which their entries are compared.
    pub(super) fn blank_entry(&self, entry: i64) -> Result<(), StoreError> {
        self.run(
            "UPDATE roster
             SET number = 0, name = '', person = NULL,
                 seat = iif(role = 'subscriber' OR (role = 'official' AND title IS NULL), role || '|' || id, seat)
             WHERE id = ?1",
            [entry],
        )
        .map(drop)
    }

    /// What failed, and what a self-test wrote to it: a number may be given to one that is not its SIM's.
    fn forget_trials(&self, number: Msisdn) -> Result<(), StoreError> {
        self.unsuspend(number)?;
        self.forget_number_failures(number)?;
        let tests = self.all("SELECT id FROM self_tests WHERE number = ?1", [number.as_u64()], |row| row.get(0))?;
        tests.iter().try_for_each(|test| self.blank_test(*test))?;
        self.run(
            "UPDATE self_test_steps SET detail = replace(detail, ?1, '') WHERE instr(detail, ?1) > 0",
            [number.to_string()],
        )?;
        self.run("UPDATE sims SET own_number = NULL WHERE own_number = ?1", [number.as_u64()])?;
        Ok(())
    }

    /// What a test says beside its steps' states may name its number.
    pub(super) fn blank_test(&self, test: i64) -> Result<(), StoreError> {
        self.run("UPDATE self_test_steps SET detail = '' WHERE test_id = ?1", [test])?;
        self.run("UPDATE self_tests SET number = 0 WHERE id = ?1", [test]).map(drop)
    }

    /// Whether an import that is being received names a number.
    pub fn import_names(&self, number: Msisdn) -> Result<bool, StoreError> {
        self.one(
            "SELECT 1
             FROM roster JOIN roster_imports ON roster_imports.id = roster.import_id
             WHERE roster.number = ?1 AND roster_imports.state = 'receiving'",
            [number.as_u64()],
            |_| Ok(()),
        )
        .map(|found| found.is_some())
    }

    /// Inbound texts that are no texts but octets, and hold these in hexadecimal.
    pub fn blank_garbled(&self, hex: &str) -> Result<(), StoreError> {
        let found =
            self.all("SELECT id FROM inbox WHERE kind = 'garbled' AND instr(upper(text), ?1) > 0", [hex], |row| {
                row.get(0)
            })?;
        found.iter().try_for_each(|inbox| self.blank_inbound(*inbox))
    }

    /// Parts that no text shows yet, each with its sender.
    pub fn loose_senders(&self) -> Result<Vec<(i64, SimId, String)>, StoreError> {
        self.all("SELECT id, sim_id, sender FROM parts WHERE inbox_id IS NULL AND sender <> ''", [], |row| {
            Ok((row.get(0)?, SimId(row.get(1)?), row.get(2)?))
        })
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
        parts.iter().try_for_each(|(part, digest)| self.empty_part(*part, digest))
    }

    /// Puts nothing in the places of a part's sender and text; it is still known when it is read again.
    pub fn blank_part(&self, part: i64) -> Result<(), StoreError> {
        let digest = self.one("SELECT digest FROM parts WHERE id = ?1", [part], |row| row.get::<_, Vec<u8>>(0))?;
        digest.map_or(Ok(()), |digest| self.empty_part(part, &digest))
    }

    fn empty_part(&self, part: i64, digest: &[u8]) -> Result<(), StoreError> {
        self.run(
            "UPDATE parts SET sender = '', text = '', pdu = x'', digest = ?2 WHERE id = ?1",
            params![part, self.keyed(digest)],
        )
        .map(drop)
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
