//! Alarms: what stands, and what stood.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, at, ms};
use crate::model::{AlarmKind, Timestamp};

/// An alarm as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AlarmView {
    /// Its row.
    pub id: i64,
    /// What kind; see [`AlarmKind::name`].
    pub kind: String,
    /// What it is about, as people call it.
    pub subject: String,
    /// `warning` or `critical`.
    pub level: String,
    /// What is the matter, one line, English.
    pub detail: String,
    /// Since when.
    pub raised_at: Timestamp,
    /// When it passed; `None`: it stands.
    pub cleared_at: Option<Timestamp>,
}

impl Store {
    /// Raises an alarm, or brings the detail of one that stands up to date. `true` if it did not stand before.
    pub fn raise_alarm(
        &self,
        kind: AlarmKind,
        subject: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let standing = self.run(
            "UPDATE alarms SET detail = ?3 WHERE kind = ?1 AND subject = ?2 AND cleared_at_ms IS NULL",
            params![kind.name(), subject, detail],
        )?;
        if standing > 0 {
            return Ok(false);
        }
        self.run(
            "INSERT INTO alarms (kind, subject, level, detail, raised_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![kind.name(), subject, kind.level().name(), detail, ms(now)],
        )?;
        Ok(true)
    }

    /// What the alarms of a kind that stand are about.
    pub fn standing(&self, kind: AlarmKind) -> Result<Vec<String>, StoreError> {
        self.all(
            "SELECT subject FROM alarms WHERE kind = ?1 AND cleared_at_ms IS NULL ORDER BY id",
            [kind.name()],
            |row| row.get(0),
        )
    }

    /// Clears an alarm; `false` if it did not stand. `anew`: a start looks anew, and nobody knows whether it has passed.
    pub fn clear_alarm(&self, kind: AlarmKind, subject: &str, anew: bool, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "UPDATE alarms
             SET cleared_at_ms = ?3, anew = ?4
             WHERE kind = ?1 AND subject = ?2 AND cleared_at_ms IS NULL",
            params![kind.name(), subject, ms(now), anew],
        )
        .map(|cleared| cleared > 0)
    }

    /// The row of an alarm that stands, or of the one that passed last.
    pub fn alarm(&self, kind: AlarmKind, subject: &str) -> Result<Option<i64>, StoreError> {
        self.one(
            "SELECT id FROM alarms WHERE kind = ?1 AND subject = ?2 ORDER BY id DESC LIMIT 1",
            [kind.name(), subject],
            |row| row.get(0),
        )
    }
}

impl Reader {
    /// Alarms that stand, the newest first; with `past`, those that have passed too. At most `limit`.
    pub fn alarms(&self, past: bool, limit: usize) -> Result<Vec<AlarmView>, StoreError> {
        self.alarms_before(past, None, limit)
    }

    /// The same, only those with a smaller row than `before`.
    pub fn alarms_before(&self, past: bool, before: Option<i64>, limit: usize) -> Result<Vec<AlarmView>, StoreError> {
        self.all(
            "SELECT id, kind, subject, level, detail, raised_at_ms, cleared_at_ms
             FROM alarms
             WHERE (cleared_at_ms IS NULL OR ?1) AND id < ?3
             ORDER BY id DESC
             LIMIT ?2",
            params![past, limit, before.unwrap_or(i64::MAX)],
            |row| {
                Ok(AlarmView {
                    id: row.get(0)?,
                    kind: row.get(1)?,
                    subject: row.get(2)?,
                    level: row.get(3)?,
                    detail: row.get(4)?,
                    raised_at: at(row.get(5)?),
                    cleared_at: row.get::<_, Option<i64>>(6)?.map(at),
                })
            },
        )
    }
}
