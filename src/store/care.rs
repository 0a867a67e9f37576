//! What is kept of modems and SIMs in trouble.

use rusqlite::params;

use super::{Store, StoreError, ms};
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
}
