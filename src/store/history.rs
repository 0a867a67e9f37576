//! How modems and SIMs stood, and what operators said of their credit, over time.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, at, ms};
use crate::model::{ModemName, Standing, Timestamp};

/// How a modem stood from then on until the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SampleView {
    /// From then on.
    pub at: Timestamp,
    /// The SIM's ICCID, or the key it is known by.
    pub sim: Option<String>,
    /// Registration, as [`Registration::name`](crate::model::Registration::name); `None`: it had no session.
    pub registration: Option<String>,
    /// `+CSQ` 0 to 31.
    pub signal: Option<u8>,
    /// The operator that served it.
    pub operator: Option<String>,
}

/// What was said of the credit of a SIM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreditView {
    /// When.
    pub at: Timestamp,
    /// The SIM's ICCID, or the key it is known by.
    pub sim: String,
    /// `ussd`, `sms`, or `notice` where the operator wrote by itself.
    pub way: String,
    /// The credit in whole rupiah; `None`: the words do not say.
    pub amount: Option<u64>,
    /// The last day of the active period, `2026-12-24`, where the words say it.
    pub active_until: Option<String>,
    /// The operator's words, or why there are none.
    pub words: String,
}

impl Store {
    /// Keeps how a modem stands.
    pub fn insert_sample(&self, modem: &ModemName, standing: &Standing, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO samples (modem, at_ms, sim_id, registration, signal, operator)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                modem.as_str(),
                ms(now),
                standing.sim.map(|sim| sim.0),
                standing.registration.map(|registration| registration.name()),
                standing.signal,
                standing.operator
            ],
        )
        .map(drop)
    }

    /// Every modem that stood in some way does so no more.
    pub fn end_samples(&self, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO samples (modem, at_ms)
             SELECT modem, max(at_ms, ?1)
             FROM samples
             WHERE id IN (SELECT max(id) FROM samples GROUP BY modem) AND registration IS NOT NULL",
            [ms(now)],
        )
        .map(drop)
    }

    /// Removes at most `limit` samples from before then. Gives how many.
    pub fn cut_samples(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.run(
            "DELETE FROM samples WHERE id IN (SELECT id FROM samples WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
            params![ms(before), limit],
        )
    }

    /// Removes at most `limit` readings of credit from before then, each SIM's last known credit excepted. Gives how many.
    pub fn cut_credits(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.run(
            "DELETE FROM credits
             WHERE id IN (SELECT id
                          FROM credits AS old
                          WHERE at_ms < ?1
                            AND EXISTS (SELECT 1
                                        FROM credits
                                        WHERE sim_id = old.sim_id AND id > old.id AND amount IS NOT NULL)
                          ORDER BY at_ms
                          LIMIT ?2)",
            params![ms(before), limit],
        )
    }
}

impl Reader {
    /// Whether a modem of this name was ever seen.
    pub fn knows_modem(&self, name: &str) -> Result<bool, StoreError> {
        Ok(!self.all("SELECT 1 FROM modems WHERE name = ?1", [name], |_| Ok(()))?.is_empty())
    }

    /// How a modem stood since then, oldest first; the first row may be from before, and held then.
    pub fn samples(&self, modem: &str, since: Timestamp) -> Result<Vec<SampleView>, StoreError> {
        self.all(
            "SELECT at_ms, coalesce(iccid, key), registration, signal, samples.operator
             FROM samples LEFT JOIN sims ON sims.id = samples.sim_id
             WHERE modem = ?1
               AND at_ms >= coalesce((SELECT max(at_ms) FROM samples WHERE modem = ?1 AND at_ms <= ?2), ?2)
             ORDER BY samples.id",
            params![modem, ms(since)],
            |row| {
                Ok(SampleView {
                    at: at(row.get(0)?),
                    sim: row.get(1)?,
                    registration: row.get(2)?,
                    signal: row.get(3)?,
                    operator: row.get(4)?,
                })
            },
        )
    }

    /// What was said of the credit of the SIMs in a modem since then, oldest first.
    pub fn credits(&self, modem: &str, since: Timestamp) -> Result<Vec<CreditView>, StoreError> {
        self.all(
            "SELECT at_ms, coalesce(iccid, key), way, amount, active_until, words
             FROM credits JOIN sims ON sims.id = credits.sim_id
             WHERE modem = ?1 AND at_ms >= ?2
             ORDER BY credits.id",
            params![modem, ms(since)],
            |row| {
                Ok(CreditView {
                    at: at(row.get(0)?),
                    sim: row.get(1)?,
                    way: row.get(2)?,
                    amount: row.get(3)?,
                    active_until: row.get(4)?,
                    words: row.get(5)?,
                })
            },
        )
    }
}
