//! What was taken over from other daemons, so that it is taken once.

use rusqlite::params;

use super::{Reader, Store, StoreError, at, ms};
use crate::model::Timestamp;

impl Store {
    /// Notes that a row of another daemon's was taken over; `false` if it was before.
    pub fn note_moved_in(&self, digest: &[u8; 32], source: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "INSERT OR IGNORE INTO moved_in (digest, at_ms, source) VALUES (?1, ?2, ?3)",
            params![digest, ms(now), source],
        )
        .map(|added| added == 1)
    }
}

impl Reader {
    /// When a row of another daemon's was taken over; `None`: it was not.
    pub fn moved_in(&self, digest: &[u8; 32]) -> Result<Option<Timestamp>, StoreError> {
        let found = self.all("SELECT at_ms FROM moved_in WHERE digest = ?1", [digest], |row| row.get(0))?;
        Ok(found.into_iter().next().map(at))
    }
}
