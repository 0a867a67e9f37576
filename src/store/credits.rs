//! What operators said of the credit of SIMs.

use jiff::civil::Date;
use rusqlite::params;

use super::{Store, StoreError, at, ms};
use crate::model::{ModemName, SimId, Timestamp};

/// A reading to be kept.
#[derive(Clone, Debug)]
pub struct CreditRow<'a> {
    /// The card.
    pub sim: SimId,
    /// The modem it is in.
    pub modem: &'a ModemName,
    /// `ussd`, `sms`, or `notice` where the operator wrote by itself.
    pub way: &'static str,
    /// The credit; `None`: unknown.
    pub amount: Option<u64>,
    /// The last day of the active period, `2026-12-24`.
    pub active_until: Option<&'a str>,
    /// What the operator said, or why there is no answer.
    pub words: &'a str,
}

/// How a SIM's credit stood when it was last looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastCredit {
    /// When it was last asked, answered or not; `None`: never.
    pub asked_at: Option<Timestamp>,
    /// Answers in a row that did not say the credit, counted up to a limit.
    pub unknown: u32,
    /// The credit that was last known.
    pub amount: Option<u64>,
    /// The last day of the active period that was last known.
    pub active_until: Option<Date>,
}

impl Store {
    /// Keeps a reading.
    pub fn insert_credit(&self, row: &CreditRow<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO credits (sim_id, modem, at_ms, way, amount, active_until, words)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![row.sim.0, row.modem.as_str(), ms(now), row.way, row.amount, row.active_until, row.words],
        )
        .map(drop)
    }

    /// How a SIM's credit stands, unknown answers counted up to `limit`.
    pub fn past_credit(&self, sim: SimId, limit: u32) -> Result<PastCredit, StoreError> {
        let last = self.all(
            "SELECT at_ms, amount IS NULL FROM credits WHERE sim_id = ?1 AND way <> 'notice' ORDER BY id DESC LIMIT ?2",
            params![sim.0, limit],
            |row| Ok((at(row.get(0)?), row.get::<_, bool>(1)?)),
        )?;
        let amount = self.one(
            "SELECT amount FROM credits WHERE sim_id = ?1 AND amount IS NOT NULL ORDER BY id DESC LIMIT 1",
            [sim.0],
            |row| row.get(0),
        )?;
        let until: Option<String> = self.one(
            "SELECT active_until FROM credits WHERE sim_id = ?1 AND active_until IS NOT NULL ORDER BY id DESC LIMIT 1",
            [sim.0],
            |row| row.get(0),
        )?;
        let unknown = last.iter().take_while(|(_, unknown)| *unknown).count();
        Ok(PastCredit {
            asked_at: last.first().map(|(at, _)| *at),
            unknown: u32::try_from(unknown).unwrap_or(limit),
            amount,
            active_until: until.and_then(|date| date.parse().ok()),
        })
    }

    /// When the operator was last asked by a text through this SIM.
    pub fn last_question(&self, sim: SimId) -> Result<Option<Timestamp>, StoreError> {
        self.one(
            "SELECT created_at_ms FROM jobs WHERE kind = 'query' AND pinned_sim_id = ?1 ORDER BY id DESC LIMIT 1",
            [sim.0],
            |row| row.get(0).map(at),
        )
    }

    /// Takes a SIM out until its credit is enough. `false`: it is out already, for whatever reason.
    pub fn block_for_credit(&self, sim: SimId, reason: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "INSERT INTO blocked_sims (sim_id, since_ms, reason, for_credit)
             VALUES (?1, ?2, ?3, 1)
             ON CONFLICT DO NOTHING",
            params![sim.0, ms(now), reason],
        )
        .map(|inserted| inserted > 0)
    }

    /// Whether a SIM is out until its credit is enough.
    pub fn out_for_credit(&self, sim: SimId) -> Result<bool, StoreError> {
        let found = self.one("SELECT 1 FROM blocked_sims WHERE sim_id = ?1 AND for_credit = 1", [sim.0], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Its credit is enough. `false`: it was not out for that.
    pub fn unblock_for_credit(&self, sim: SimId) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM blocked_sims WHERE sim_id = ?1 AND for_credit = 1", [sim.0])? > 0)
    }
}
