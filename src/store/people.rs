//! What people decide: opt-outs, pauses, and the record of events.

use rusqlite::params;

use super::{Store, StoreError, chain, ms};
use crate::model::{JobId, MessageId, Msisdn, SimId, Timestamp};

/// An opt-out to be entered.
#[derive(Clone, Debug)]
pub struct OptOutRow<'a> {
    /// Who left.
    pub number: Msisdn,
    /// `sms` or `operator`.
    pub source: &'static str,
    /// The text that asked for it.
    pub inbox: Option<i64>,
    /// The rule that recognised it.
    pub rule: Option<&'static str>,
    /// Who entered it.
    pub actor: &'a str,
    /// Why.
    pub reason: &'a str,
}

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
    /// Whether a number is not to be written to.
    pub fn opted_out(&self, number: Msisdn) -> Result<bool, StoreError> {
        self.one("SELECT 1 FROM opt_outs WHERE number = ?1", [number.as_u64()], |_| Ok(())).map(|found| found.is_some())
    }

    /// Enters an opt-out; `false` if the number had left before.
    pub fn insert_opt_out(&self, row: &OptOutRow<'_>, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "INSERT OR IGNORE INTO opt_outs (number, since_ms, source, inbox_id, rule, actor, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![row.number.as_u64(), ms(now), row.source, row.inbox, row.rule, row.actor, row.reason],
        )
        .map(|added| added == 1)
    }

    /// Removes an opt-out; `false` if there was none.
    pub fn remove_opt_out(&self, number: Msisdn) -> Result<bool, StoreError> {
        self.run("DELETE FROM opt_outs WHERE number = ?1", [number.as_u64()]).map(|removed| removed == 1)
    }

    /// The scopes that people hold.
    pub fn pauses(&self) -> Result<Vec<String>, StoreError> {
        self.all("SELECT scope FROM pauses", [], |row| row.get(0))
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

    /// Adds a line to the record, linked to the one before it.
    pub fn record(&self, event: &EventRow<'_>, now: Timestamp) -> Result<(), StoreError> {
        let before = self.chain_head()?;
        let chained = chain::Event {
            id: before.event + 1,
            at_ms: ms(now),
            actor: event.actor,
            kind: event.kind,
            job: event.job.map(|job| job.0),
            message: event.message.map(|message| message.0),
            sim: event.sim.map(|sim| sim.0),
            number: event.number.map(|number| number.as_u64().cast_signed()),
            detail: event.detail,
        };
        let link = before.link.then(&chained);
        self.run(
            "INSERT INTO events (id, at_ms, actor, kind, job_id, message_id, sim_id, number, detail, link)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                chained.id,
                chained.at_ms,
                chained.actor,
                chained.kind,
                chained.job,
                chained.message,
                chained.sim,
                chained.number,
                chained.detail,
                link.0
            ],
        )
        .map(drop)
    }

    /// How many answers of our own went to a number since `since`.
    pub fn answers_since(&self, number: Msisdn, since: Timestamp) -> Result<u32, StoreError> {
        self.one(
            "SELECT count(*)
             FROM numbers JOIN messages ON messages.id = numbers.message_id JOIN jobs ON jobs.id = messages.job_id
             WHERE numbers.number = ?1 AND jobs.kind = 'reply' AND jobs.created_at_ms >= ?2",
            params![number.as_u64(), ms(since)],
            |row| row.get(0),
        )
        .map(|count| count.unwrap_or(0))
    }
}
