//! The recipients of a job as they come in, and the messages for them.

use rusqlite::{CachedStatement, params};

use super::{Store, StoreError};
use crate::model::{Excluded, JobId, MessageId, Msisdn, NetworkId, RecipientRow, State};

/// What a new message's row needs.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// To whom.
    pub number: Msisdn,
    /// Its own text; `None`: the job's.
    pub text: Option<&'a str>,
    /// How many segments.
    pub segments: u8,
    /// To which network.
    pub network: NetworkId,
}

/// Enters one recipient after another. A list may have a million of them: looking each statement up by its text would take a tenth of
/// the time.
pub struct NewList<'a> {
    store: &'a Store,
    job: JobId,
    recipient: CachedStatement<'a>,
    message: CachedStatement<'a>,
    segment: CachedStatement<'a>,
}

impl Store {
    /// Begins to enter recipients of a job.
    pub fn new_list(&self, job: JobId) -> Result<NewList<'_>, StoreError> {
        let recipient =
            "INSERT INTO recipients (job_id, row, raw, number, name, entry_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let message = "INSERT INTO messages (id, job_id, number, text, segments, state, wake_at_ms, network_id)
                       VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 0, ?6)";
        let segment = "INSERT INTO segments (message_id, number, state) VALUES (?1, ?2, 'queued')";
        Ok(NewList {
            store: self,
            job,
            recipient: self.writing(recipient)?,
            message: self.writing(message)?,
            segment: self.writing(segment)?,
        })
    }

    /// Enters messages under their numbers, so that they are found by them; best in the order of the numbers.
    pub fn index_numbers(&self, messages: &[(Msisdn, MessageId)]) -> Result<(), StoreError> {
        let mut statement = self.writing("INSERT INTO numbers (number, message_id) VALUES (?1, ?2)")?;
        for (number, message) in messages.iter().filter(|(number, _)| *number != Msisdn::ERASED) {
            self.done(statement.execute(params![number.as_u64(), message.0]))?;
        }
        Ok(())
    }

    /// A statement that will be run several times.
    fn writing(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        debug_assert!(!self.connection.is_autocommit(), "writes happen inside a transaction");
        self.done(self.connection.prepare_cached(sql))
    }

    fn done<T>(&self, done: rusqlite::Result<T>) -> Result<T, StoreError> {
        done.map_err(|source| self.error(source))
    }
}

impl NewList<'_> {
    /// Enters a recipient and the message for them, queued.
    pub fn message(&mut self, row: &RecipientRow, message: NewMessage<'_>) -> Result<MessageId, StoreError> {
        let (job, number) = (self.job.0, message.number.as_u64());
        let raw = (row.raw != message.number.digits()).then_some(row.raw.as_str());
        let entry = row.origin.entry.map(|id| id.0);
        self.store.done(self.recipient.execute(params![job, row.row, raw, number, row.name, entry]))?;
        let id = self.store.connection.last_insert_rowid();
        let rest = params![id, job, number, message.text, message.segments, message.network.0];
        self.store.done(self.message.execute(rest))?;
        for segment in 1..=message.segments {
            self.store.done(self.segment.execute(params![id, segment]))?;
        }
        *self.store.tally.borrow_mut().entry((self.job, State::Queued)).or_default() += 1;
        Ok(MessageId(id))
    }

    /// Enters a recipient who gets nothing; `number` is whose place it is, as far as that is known.
    pub fn excluded(&self, row: &RecipientRow, number: Option<Msisdn>, why: &Excluded) -> Result<(), StoreError> {
        let number = number.map(|number| number.as_u64());
        self.store
            .run(
                "INSERT INTO recipients (job_id, row, raw, number, name, excluded, detail, entry_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    self.job.0,
                    row.row,
                    row.raw,
                    number,
                    row.name,
                    why.name(),
                    why.detail(),
                    row.origin.entry.map(|id| id.0)
                ],
            )
            .map(drop)
    }
}
