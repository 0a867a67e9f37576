//! What is kept of modems and SIMs in trouble.

use rusqlite::params;

use super::{Store, StoreError, at, ms};
use crate::model::{ModemName, Timestamp};

impl Store {
    /// How often a modem was reset since then.
    pub fn resets(&self, modem: &ModemName, since: Timestamp) -> Result<u32, StoreError> {
        let counted = self.one(
            "SELECT count(*)
             FROM events
             WHERE kind = 'modem_reset' AND at_ms > ?1 AND substr(detail, 1, length(?2)) = ?2",
            params![ms(since), format!("{modem}: ")],
            |row| row.get(0),
        )?;
        Ok(counted.unwrap_or(0))
    }

    /// What is on record of a PIN on a card, by the digest over both: its outcome, `None` where nobody knows, and when.
    pub fn pin_try(&self, digest: &[u8; 32]) -> Result<Option<(Option<bool>, Timestamp)>, StoreError> {
        self.one("SELECT outcome = 'accepted', at_ms FROM pin_tries WHERE digest = ?1", [digest], |row| {
            Ok((row.get(0)?, at(row.get(1)?)))
        })
    }

    /// Notes that a PIN is about to be entered. One that the card has taken before stays so.
    pub fn note_pin_try(&self, digest: &[u8; 32], modem: &ModemName, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO pin_tries (digest, modem, at_ms)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (digest) DO UPDATE SET modem = excluded.modem, at_ms = excluded.at_ms",
            params![digest, modem.as_str(), ms(now)],
        )
        .map(drop)
    }

    /// Notes what the card said.
    pub fn close_pin_try(&self, digest: &[u8; 32], accepted: bool) -> Result<(), StoreError> {
        let outcome = if accepted { "accepted" } else { "refused" };
        self.run("UPDATE pin_tries SET outcome = ?2 WHERE digest = ?1", params![digest, outcome]).map(drop)
    }

    /// Notes the state of a modem of which nothing but its name need be known yet: `unready`.
    pub fn show_modem(&self, name: &ModemName, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO modems (name, manufacturer, model, revision, port, state, reason, changed_at_ms)
             VALUES (?1, '', '', '', '', 'unready', ?2, ?3)
             ON CONFLICT (name) DO UPDATE
             SET state = 'unready', reason = excluded.reason, changed_at_ms = excluded.changed_at_ms",
            params![name.as_str(), reason, ms(now)],
        )
        .map(drop)
    }
}
