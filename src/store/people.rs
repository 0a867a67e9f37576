//! What people decide: pauses, and the record of events.

use rusqlite::params;

use super::intake::parsed;
use super::seal::Number;
use super::{Store, StoreError, chain, ms};
use crate::model::{JobId, MessageId, Msisdn, Scope, SimId, Timestamp};

/// A line of the record.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventRow<'a> {
    /// Who: `engine`, or a person.
    pub actor: &'a str,
    /// What kind of change, one or two words with an underscore.
    pub kind: &'a str,
    /// The job concerned.
    pub job: Option<JobId>,
    /// The message concerned.
    pub message: Option<MessageId>,
    /// The SIM concerned.
    pub sim: Option<SimId>,
    /// The number concerned.
    pub number: Option<Msisdn>,
    /// The reason, and what else is to be known.
    pub detail: &'a str,
}

impl Store {
    /// The scopes that people hold.
    pub fn pauses(&self) -> Result<Vec<Scope>, StoreError> {
        self.all("SELECT scope FROM pauses", [], |row| parsed(row, 0))
    }

    /// Holds a scope; `false` if it is held already.
    pub fn insert_pause(&self, scope: &str, actor: &str, reason: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "INSERT OR IGNORE INTO pauses (scope, since_ms, actor, reason) VALUES (?1, ?2, ?3, ?4)",
            params![scope, ms(now), actor, reason],
        )
        .map(|added| added == 1)
    }

    /// Lets a scope go; `false` if it was not held.
    pub fn remove_pause(&self, scope: &str) -> Result<bool, StoreError> {
        self.run("DELETE FROM pauses WHERE scope = ?1", [scope]).map(|removed| removed == 1)
    }

    /// Adds a line to the record, linked to the one before it. Gives its row.
    pub fn record(&self, event: &EventRow<'_>, now: Timestamp) -> Result<i64, StoreError> {
        let before = self.chain_head()?;
        let id = before.event + 1;
        let number = event.number.map(|number| self.seal(number, id, &before.link));
        let chained = chain::Event {
            id,
            at_ms: ms(now),
            actor: event.actor,
            kind: event.kind,
            job: event.job.map(|job| job.0),
            message: event.message.map(|message| message.0),
            sim: event.sim.map(|sim| sim.0),
            number: None,
            detail: event.detail,
            sealed: number.as_ref().and_then(Number::sealed),
        };
        let link = before.link.then(&chained);
        if let Some(number) = &number {
            self.keep_event_number(id, number)?;
        }
        self.run(
            "INSERT INTO events (id, at_ms, actor, kind, job_id, message_id, sim_id, sealed, detail, link)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                chained.id,
                chained.at_ms,
                chained.actor,
                chained.kind,
                chained.job,
                chained.message,
                chained.sim,
                chained.sealed,
                chained.detail,
                link.0
            ],
        )?;
        Ok(id)
    }

    /// How many answers of the machine's own went to a number since `since`.
    pub fn answers_since(&self, number: Msisdn, since: Timestamp) -> Result<u32, StoreError> {
        self.one(
            "SELECT count(*)
             FROM numbers JOIN messages ON messages.id = numbers.message_id JOIN jobs ON jobs.id = messages.job_id
             WHERE numbers.number = ?1 AND jobs.kind = 'reply' AND jobs.answers IS NULL AND jobs.created_at_ms >= ?2",
            params![number.as_u64(), ms(since)],
            |row| row.get(0),
        )
        .map(|count| count.unwrap_or(0))
    }
}
