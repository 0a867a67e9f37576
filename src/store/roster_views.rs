//! Questions about the roster: who is in it as of an import, who was, and which imports there were.

use std::ops::ControlFlow;

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::intake::parsed;
use super::{Reader, StoreError, at, shown};
use crate::model::{Entry, EntryId, ImportId, Msisdn, Seat, Timestamp};

/// Entries read at a time, so that no question stays open while somebody works on the answers.
const PAGE: usize = 500;

/// An entry of the roster, with when it began and how it ended, as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryView {
    /// Its row.
    pub id: i64,
    /// `rt`, `rw`, `lurah`, `camat`, `official` or `subscriber`.
    pub role: String,
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
    pub name: String,
    /// The number, `+62…`.
    pub number: String,
    /// Whether the number asked not to be written to.
    pub opted_out: bool,
    /// Whether nothing is sent to the number because messages to it failed again and again.
    pub suspended: bool,
    /// The import it began with.
    pub import: i64,
    /// When that was.
    pub since: Timestamp,
    /// When it ended; `None`: it stands.
    pub until: Option<Timestamp>,
    /// Why it ended: `number`, `holder`, `details` or `gone`.
    pub ended: Option<String>,
}

/// An import of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportView {
    /// Its number: the roster's version.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The list's name.
    pub file: String,
    /// Where the list comes from.
    pub source: String,
    /// The legal basis.
    pub basis: String,
    /// Entries that began and ended with it.
    pub steps: u64,
    /// SHA-256 over the steps.
    pub digest: String,
}

/// Somebody who had a number before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerHolder {
    /// The entry that ended.
    pub entry: Entry,
    /// When it ended.
    pub until: Timestamp,
}

/// A saved expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AudienceView {
    /// Its name.
    pub name: String,
    /// What was saved.
    pub expression: String,
    /// When.
    pub since: Timestamp,
    /// By whom.
    pub actor: String,
}

const COLUMNS: &str =
    "roster.id, roster.role, roster.kecamatan, roster.kelurahan, roster.rw, roster.rt, roster.agency, roster.title,
                       roster.name, roster.person, roster.number";

/// What was in the roster as of the import `?1`.
const AS_OF: &str = "roster.import_id <= ?1
                     AND NOT EXISTS (SELECT 1 FROM roster_ends WHERE entry_id = roster.id AND roster_ends.import_id <= ?1)";

fn entry(row: &Row<'_>) -> rusqlite::Result<(EntryId, Entry)> {
    let seat = Seat {
        role: parsed(row, 1)?,
        kecamatan: row.get(2)?,
        kelurahan: row.get(3)?,
        rw: row.get(4)?,
        rt: row.get(5)?,
        agency: row.get(6)?,
        title: row.get(7)?,
    };
    let entry = Entry { seat, name: row.get(8)?, person: row.get(9)?, number: Msisdn::from_u64(row.get(10)?) };
    Ok((EntryId(row.get(0)?), entry))
}

impl Reader {
    /// The newest applied import: the roster as it is. `None` before the first.
    pub fn roster_version(&self) -> Result<Option<ImportId>, StoreError> {
        let newest = self.all("SELECT max(id) FROM roster_imports WHERE state = 'applied'", [], |row| {
            row.get::<_, Option<i64>>(0)
        })?;
        Ok(newest.into_iter().next().flatten().map(ImportId))
    }

    /// Everyone in the roster as of an import, in the order in which they were entered. Read in pages that all show the same
    /// roster, whatever is imported meanwhile. Stops when `each` breaks.
    pub fn roster(
        &self,
        version: ImportId,
        each: impl FnMut(EntryId, Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.roster_after(version, EntryId(0), each)
    }

    /// The same without those up to this entry.
    pub fn roster_after(
        &self,
        version: ImportId,
        after: EntryId,
        mut each: impl FnMut(EntryId, Entry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut after = after.0;
        loop {
            let page = self.all(
                &format!("SELECT {COLUMNS} FROM roster WHERE id > ?2 AND {AS_OF} ORDER BY id LIMIT ?3"),
                params![version.0, after, PAGE],
                entry,
            )?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = last.0;
            for (id, entry) in page {
                if each(id, entry).is_break() {
                    return Ok(());
                }
            }
        }
    }

    /// The kecamatan and kelurahan in which somebody holds an office as of an import.
    pub fn roster_areas(&self, version: ImportId) -> Result<Vec<(String, Option<String>)>, StoreError> {
        self.all(
            &format!("SELECT DISTINCT kecamatan, kelurahan FROM roster WHERE kecamatan IS NOT NULL AND {AS_OF}"),
            [version.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The OPD to which somebody in the roster belongs as of an import.
    pub fn roster_agencies(&self, version: ImportId) -> Result<Vec<String>, StoreError> {
        self.all(
            &format!("SELECT DISTINCT agency FROM roster WHERE agency IS NOT NULL AND {AS_OF}"),
            [version.0],
            |row| row.get(0),
        )
    }

    /// Who had a number before and has it no more, the newest first.
    pub fn former_holders(&self, number: Msisdn) -> Result<Vec<FormerHolder>, StoreError> {
        self.all(
            &format!(
                "SELECT {COLUMNS}, ending.at_ms
                 FROM roster
                      JOIN roster_ends ON roster_ends.entry_id = roster.id
                      JOIN roster_imports ending ON ending.id = roster_ends.import_id AND ending.state = 'applied'
                 WHERE roster.number = ?1
                 ORDER BY ending.id DESC, roster.id DESC"
            ),
            [number.as_u64()],
            |row| Ok(FormerHolder { entry: entry(row)?.1, until: at(row.get(11)?) }),
        )
    }

    /// All that the roster ever said of a number, or of the office of an entry; the oldest first.
    pub fn roster_history(&self, number: Option<Msisdn>, of: Option<EntryId>) -> Result<Vec<EntryView>, StoreError> {
        self.all(
            &format!(
                "{VIEW} AND (roster.number = ?1 OR roster.seat = (SELECT seat FROM roster WHERE id = ?2)) ORDER BY roster.id"
            ),
            params![number.map(Msisdn::as_u64), of.map(|of| of.0)],
            entry_view,
        )
        .and_then(|entries| self.recognised(entries))
    }

    /// Opt-outs of numbers that were erased and came again with a list stand under digests.
    fn recognised(&self, mut entries: Vec<EntryView>) -> Result<Vec<EntryView>, StoreError> {
        if let (1.., true) = self.kept_opt_outs()? {
            for entry in entries.iter_mut().filter(|entry| !entry.opted_out) {
                if let Ok(number) = Msisdn::try_from(entry.number.clone()) {
                    entry.opted_out = self.opt_out(number)?.is_some();
                }
            }
        }
        Ok(entries)
    }

    /// These entries of the roster as people read them, in the order in which they were entered.
    pub fn roster_entries(&self, ids: &[EntryId]) -> Result<Vec<EntryView>, StoreError> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let found = self.all(
            &format!("{VIEW} AND roster.id IN (SELECT value FROM json_each(?1)) ORDER BY roster.id"),
            [serde_json::json!(ids).to_string()],
            entry_view,
        )?;
        self.recognised(found)
    }

    /// The newest `limit` imports, newest first.
    pub fn roster_imports(&self, limit: usize) -> Result<Vec<ImportView>, StoreError> {
        self.all(
            "SELECT id, at_ms, actor, file, source, basis, steps, digest
             FROM roster_imports
             WHERE state = 'applied'
             ORDER BY id DESC
             LIMIT ?1",
            [limit],
            |row| {
                Ok(ImportView {
                    id: row.get(0)?,
                    at: at(row.get(1)?),
                    actor: row.get(2)?,
                    file: row.get(3)?,
                    source: row.get(4)?,
                    basis: row.get(5)?,
                    steps: row.get(6)?,
                    digest: row.get(7)?,
                })
            },
        )
    }

    /// The saved expressions, by their names.
    pub fn audiences(&self) -> Result<Vec<AudienceView>, StoreError> {
        self.all("SELECT name, expression, since_ms, actor FROM audiences ORDER BY name", [], |row| {
            Ok(AudienceView { name: row.get(0)?, expression: row.get(1)?, since: at(row.get(2)?), actor: row.get(3)? })
        })
    }
}

const VIEW: &str = "SELECT roster.id, roster.role, roster.kecamatan, roster.kelurahan, roster.rw, roster.rt, roster.agency, roster.title,
                           roster.name, roster.number,
                           EXISTS (SELECT 1 FROM opt_outs WHERE opt_outs.number = roster.number),
                           EXISTS (SELECT 1 FROM suspended WHERE suspended.number = roster.number),
                           roster.import_id, beginning.at_ms, ending.at_ms, why
                    FROM roster
                         JOIN roster_imports beginning ON beginning.id = roster.import_id
                         LEFT JOIN roster_ends ON roster_ends.entry_id = roster.id
                                   AND roster_ends.import_id IN (SELECT id FROM roster_imports WHERE state = 'applied')
                         LEFT JOIN roster_imports ending ON ending.id = roster_ends.import_id
                    WHERE beginning.state = 'applied'";

fn entry_view(row: &Row<'_>) -> rusqlite::Result<EntryView> {
    Ok(EntryView {
        id: row.get(0)?,
        role: row.get(1)?,
        kecamatan: row.get(2)?,
        kelurahan: row.get(3)?,
        rw: row.get(4)?,
        rt: row.get(5)?,
        agency: row.get(6)?,
        title: row.get(7)?,
        name: row.get(8)?,
        number: shown(row.get(9)?),
        opted_out: row.get(10)?,
        suspended: row.get(11)?,
        import: row.get(12)?,
        since: at(row.get(13)?),
        until: row.get::<_, Option<i64>>(14)?.map(at),
        ended: row.get(15)?,
    })
}
