//! Numbers that fail, and those that are suspended for it.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, at, ms, shown};
use crate::model::{ImportId, MessageId, Msisdn, Timestamp};

/// A suspended number with the office it stands for, for whoever is to find the right one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CorrectionView {
    /// The number, `+62…`.
    pub number: String,
    /// Since when nothing is sent to it.
    pub since: Timestamp,
    /// How many messages had failed by then.
    pub failures: u64,
    /// When the first of them did.
    pub first_at: Timestamp,
    /// The entry of the roster; `None`: it stands in no roster now.
    pub entry: Option<i64>,
    /// In what capacity.
    pub role: Option<String>,
    /// Kecamatan.
    pub kecamatan: Option<String>,
    /// Kelurahan.
    pub kelurahan: Option<String>,
    /// RW.
    pub rw: Option<u16>,
    /// RT.
    pub rt: Option<u16>,
    /// OPD.
    pub agency: Option<String>,
    /// Post.
    pub title: Option<String>,
    /// Holder.
    pub name: Option<String>,
}

impl Store {
    /// Notes that a message failed for good because of its number. Once a message.
    pub fn insert_number_failure(&self, number: Msisdn, message: MessageId, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT OR IGNORE INTO number_failures (message_id, number, at_ms) VALUES (?1, ?2, ?3)",
            params![message.0, number.as_u64(), ms(now)],
        )
        .map(drop)
    }

    /// How many messages to a number failed since its last sign of life, and when the first did.
    pub fn number_failures(&self, number: Msisdn) -> Result<Option<(u32, Timestamp)>, StoreError> {
        self.one(
            "SELECT count(*), min(at_ms) FROM number_failures WHERE number = ?1 HAVING count(*) > 0",
            [number.as_u64()],
            |row| Ok((row.get(0)?, at(row.get(1)?))),
        )
    }

    /// A sign of life: what failed before counts no more.
    pub fn forget_number_failures(&self, number: Msisdn) -> Result<(), StoreError> {
        self.run("DELETE FROM number_failures WHERE number = ?1", [number.as_u64()]).map(drop)
    }

    /// Suspends a number.
    pub fn suspend(&self, number: Msisdn, failures: u32, first: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT OR IGNORE INTO suspended (number, since_ms, failures, first_ms) VALUES (?1, ?2, ?3, ?4)",
            params![number.as_u64(), ms(now), failures, ms(first)],
        )
        .map(drop)
    }

    /// Takes a suspension back.
    pub fn unsuspend(&self, number: Msisdn) -> Result<(), StoreError> {
        self.run("DELETE FROM suspended WHERE number = ?1", [number.as_u64()]).map(drop)
    }

    /// Every suspended number.
    pub fn suspended(&self) -> Result<Vec<Msisdn>, StoreError> {
        self.all("SELECT number FROM suspended", [], |row| row.get(0).map(Msisdn::from_u64))
    }
}

/// What counts against a number since its last sign of life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FailuresView {
    /// Messages that failed for good.
    pub failures: u64,
    /// When the first of them did.
    pub first_at: Timestamp,
    /// Since when nothing is sent to it for that.
    pub suspended_since: Option<Timestamp>,
}

impl Reader {
    /// What counts against a number; `None`: nothing.
    pub(super) fn failures_of(&self, number: Msisdn) -> Result<Option<FailuresView>, StoreError> {
        let found = self.all(
            "SELECT failures, first_ms, since_ms FROM suspended WHERE number = ?1
             UNION ALL
             SELECT count(*), min(at_ms), NULL FROM number_failures WHERE number = ?1 HAVING count(*) > 0",
            [number.as_u64()],
            |row| {
                let suspended_since = row.get::<_, Option<i64>>(2)?.map(at);
                Ok(FailuresView { failures: row.get(0)?, first_at: at(row.get(1)?), suspended_since })
            },
        )?;
        Ok(found.into_iter().next())
    }

    /// Whether nothing is sent to a number because messages to it failed again and again.
    pub fn is_suspended(&self, number: Msisdn) -> Result<bool, StoreError> {
        self.all("SELECT 1 FROM suspended WHERE number = ?1", [number.as_u64()], |_| Ok(()))
            .map(|found| !found.is_empty())
    }

    /// Suspended numbers with the offices they stand for in the roster as of an import, by area; at the end those that stand in none.
    pub fn corrections(&self, version: Option<ImportId>) -> Result<Vec<CorrectionView>, StoreError> {
        self.all(
            "SELECT suspended.number, since_ms, failures, first_ms, roster.id, role, kecamatan, kelurahan, rw, rt, agency, title, name
             FROM suspended
                  LEFT JOIN roster ON roster.number = suspended.number AND roster.import_id <= ?1
                       AND NOT EXISTS (SELECT 1 FROM roster_ends WHERE entry_id = roster.id AND roster_ends.import_id <= ?1)
             ORDER BY roster.id IS NULL, kecamatan, kelurahan, rw, rt, roster.id, suspended.number",
            [version.map_or(0, |version| version.0)],
            |row| {
                Ok(CorrectionView {
                    number: shown(row.get(0)?),
                    since: at(row.get(1)?),
                    failures: row.get(2)?,
                    first_at: at(row.get(3)?),
                    entry: row.get(4)?,
                    role: row.get(5)?,
                    kecamatan: row.get(6)?,
                    kelurahan: row.get(7)?,
                    rw: row.get(8)?,
                    rt: row.get(9)?,
                    agency: row.get(10)?,
                    title: row.get(11)?,
                    name: row.get(12)?,
                })
            },
        )
    }
}
