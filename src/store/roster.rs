//! The roster of office-holders: imports on their way in, entries that begin and end, saved expressions.
//!
//! No entry is changed but to be emptied: its holder was erased, or it was kept long enough after its end (store/erase.rs).

use rusqlite::params;

use super::{Store, StoreError, ms};
use crate::model::{Ending, Entry, EntryId, ImportId, JobId, Timestamp};

/// What is known of an import before its steps.
#[derive(Clone, Copy, Debug)]
pub struct NewImport<'a> {
    /// Who imports.
    pub actor: &'a str,
    /// The list's name.
    pub file: &'a str,
    /// Where the list comes from; may be empty.
    pub source: &'a str,
    /// The legal basis; may be empty.
    pub basis: &'a str,
}

/// Whom a job was for.
#[derive(Clone, Copy, Debug)]
pub struct JobAudience<'a> {
    /// As its file says.
    pub expression: &'a str,
    /// What that meant when the job came in.
    pub meaning: &'a str,
    /// As of which import.
    pub import: ImportId,
}

impl Store {
    /// The newest applied import: the roster as it is. `None` before the first.
    pub fn roster_version(&self) -> Result<Option<ImportId>, StoreError> {
        self.one("SELECT max(id) FROM roster_imports WHERE state = 'applied'", [], |row| row.get(0))
            .map(|found| found.flatten().map(ImportId))
    }

    /// Begins an import. Nothing of it is in the roster until it is applied.
    pub fn insert_import(&self, import: &NewImport<'_>, now: Timestamp) -> Result<ImportId, StoreError> {
        self.run(
            "INSERT INTO roster_imports (at_ms, actor, file, source, basis, state) VALUES (?1, ?2, ?3, ?4, ?5, 'receiving')",
            params![ms(now), import.actor, import.file, import.source, import.basis],
        )?;
        Ok(ImportId(self.connection.last_insert_rowid()))
    }

    /// Enters an office-holder; `false`, and nothing is entered, where the office has an entry that has not ended.
    pub fn insert_entry(&self, import: ImportId, entry: &Entry) -> Result<bool, StoreError> {
        let key = entry.key();
        let held = self.one(
            "SELECT 1
             FROM roster
             WHERE seat = ?1 AND NOT EXISTS (SELECT 1 FROM roster_ends WHERE entry_id = roster.id)",
            [&key],
            |_| Ok(()),
        )?;
        if held.is_some() {
            return Ok(false);
        }
        let seat = &entry.seat;
        self.run(
            "INSERT INTO roster (import_id, seat, role, kecamatan, kelurahan, rw, rt, agency, title, name, person, number)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                import.0,
                key,
                seat.role.name(),
                seat.kecamatan,
                seat.kelurahan,
                seat.rw,
                seat.rt,
                seat.agency,
                seat.title,
                entry.name,
                entry.person,
                entry.number.as_u64()
            ],
        )?;
        Ok(true)
    }

    /// Ends an entry; `false`, and nothing is entered, where there is no such entry or it has ended.
    pub fn end_entry(&self, import: ImportId, entry: EntryId, why: Ending) -> Result<bool, StoreError> {
        self.run(
            "INSERT OR IGNORE INTO roster_ends (entry_id, import_id, why)
             SELECT id, ?2, ?3 FROM roster WHERE id = ?1",
            params![entry.0, import.0, why.name()],
        )
        .map(|ended| ended == 1)
    }

    /// Makes an import the roster as it is.
    pub fn apply_import(&self, import: ImportId, steps: u64, digest: &str) -> Result<(), StoreError> {
        self.run(
            "UPDATE roster_imports SET state = 'applied', steps = ?2, digest = ?3 WHERE id = ?1 AND state = 'receiving'",
            params![import.0, steps, digest],
        )
        .map(|changed| assert_eq!(changed, 1, "only an import being received is applied"))
    }

    /// Removes up to `limit` entries and ends of imports that were never applied; `true` when nothing of them is left.
    pub fn forget_imports(&self, limit: usize) -> Result<bool, StoreError> {
        const UNFINISHED: &str = "SELECT id FROM roster_imports WHERE state = 'receiving'";
        for (table, key) in [("roster_ends", "entry_id"), ("roster", "id")] {
            let gone = self.run(
                &format!(
                    "DELETE FROM {table}
                     WHERE {key} IN (SELECT {key} FROM {table} WHERE import_id IN ({UNFINISHED}) LIMIT ?1)"
                ),
                [limit],
            )?;
            if gone == limit {
                return Ok(false);
            }
        }
        self.run("DELETE FROM roster_imports WHERE state = 'receiving'", [])?;
        Ok(true)
    }

    /// Saves an expression under a name, in the place of one that was there.
    pub fn save_audience(&self, name: &str, expression: &str, actor: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO audiences (name, expression, since_ms, actor) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET expression = ?2, since_ms = ?3, actor = ?4",
            params![name, expression, ms(now), actor],
        )
        .map(drop)
    }

    /// Forgets a saved expression; `false` if there is none of this name.
    pub fn remove_audience(&self, name: &str) -> Result<bool, StoreError> {
        self.run("DELETE FROM audiences WHERE name = ?1", [name]).map(|removed| removed == 1)
    }

    /// Notes whom a job is for.
    pub fn insert_job_audience(&self, job: JobId, audience: &JobAudience<'_>) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO job_audiences (job_id, expression, meaning, import_id) VALUES (?1, ?2, ?3, ?4)",
            params![job.0, audience.expression, audience.meaning, audience.import.0],
        )
        .map(drop)
    }
}
