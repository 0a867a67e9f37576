//! What is known of a backup, and of the ledger whose place it is to take. Only reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::key::Key;
use super::super::open::SCHEMA_NEWEST;
use super::super::{Head, Reader, StoreError, archive, at};
use crate::model::Timestamp;

/// What is known of a backup before it is put back.
#[derive(Debug, Serialize)]
pub struct Survey {
    /// The backup.
    pub file: PathBuf,
    /// The last sign of life in it: it was made then, or a little later.
    pub made_at: Timestamp,
    /// Its schema.
    pub schema: usize,
    /// Events in its record.
    pub events: u64,
    /// The newest of them, as `kentongan audit verify` prints it.
    pub newest: Option<String>,
    /// Opt-outs of erased numbers in it.
    pub kept_opt_outs: u64,
    /// What stands where it is to be put.
    #[serde(flatten)]
    pub present: PresentView,
    /// Jobs that have something left to send, as the backup knows them, oldest first.
    pub jobs: Vec<OpenJobView>,
}

/// The ledger that a backup replaces.
#[derive(Debug, Serialize)]
pub struct PresentView {
    /// `none`, `unreadable`, `other` (readable, but not the backup's continuation) or `continues`.
    pub present: &'static str,
    /// The last sign of life in it.
    pub present_until: Option<Timestamp>,
    /// Its newest event, as `kentongan audit verify` prints it.
    pub present_newest: Option<String>,
    /// Why it is not the backup's continuation.
    pub present_reason: Option<String>,
}

impl PresentView {
    /// Whether all that happened since the backup can be read in it.
    pub fn continues(&self) -> bool {
        self.present == "continues"
    }
}

/// A job that has something left to send in the backup.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct OpenJobView {
    /// Its number.
    pub id: i64,
    /// Where it came from; see [`JobKind::name`](crate::model::JobKind::name).
    pub kind: String,
    /// Whose.
    pub unit: String,
    /// Its file.
    pub source: String,
    /// Its class.
    pub class: String,
    /// Messages that wait, are on the air or in doubt in the backup.
    pub open: u64,
    /// How these stand in the ledger that it replaces; `archived` where their details left it, since nothing of them was open; `unknown`
    /// where it does not say.
    pub since: BTreeMap<String, u64>,
}

/// Examines a backup that is to be put at `database`, in the place of `present`.
///
/// Errors: it cannot be read, is damaged, is no ledger, has a newer schema; its record does not hold; the key at `database` is missing or
/// another one's.
pub fn survey(backup: &Path, database: &Path, present: Option<&Path>) -> Result<Survey, StoreError> {
    let reader = sound(backup).map_err(|error| unfit(backup, error))?;
    let schema = version(&reader)?;
    let chain = if schema >= 2 { Some(reader.verify_chain(None)?) } else { None };
    if let Some(broken) = chain.as_ref().and_then(|chain| chain.broken) {
        return Err(StoreError::RecordBroken { path: backup.to_owned(), found: format!("{broken:?}") });
    }
    let kept_opt_outs = check_key(&reader, database)?;
    let head = chain.as_ref().and_then(|chain| chain.head);
    let present = look_at(present, head);
    let view = present.view;
    let jobs = open_jobs(&reader, present.continuation)?;
    Ok(Survey {
        file: backup.to_owned(),
        made_at: last_sign(&reader)?,
        schema,
        events: chain.as_ref().map_or(0, |chain| chain.events),
        newest: head.map(|head| head.to_string()),
        kept_opt_outs,
        present: view,
        jobs,
    })
}

/// Looks at a backup that was just made: it is whole, and its record goes on from `head`. `opened` gets the connection before it is asked.
/// Errors: it is not.
pub fn check(path: &Path, head: Option<Head>, opened: impl FnOnce(&Reader)) -> Result<(), StoreError> {
    let reader = Reader::open(path)?;
    opened(&reader);
    let found: Vec<String> = reader.all("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if let Some(found) = found.into_iter().find(|found| found != "ok") {
        return Err(StoreError::Damaged { path: path.to_owned(), found });
    }
    match reader.verify_chain(head)?.broken {
        Some(broken) => Err(StoreError::RecordBroken { path: path.to_owned(), found: format!("{broken:?}") }),
        None => Ok(()),
    }
}

/// Opens a file that should be a ledger, whole and not newer than this program.
fn sound(path: &Path) -> Result<Reader, StoreError> {
    let mut reader = Reader::open(path)?;
    let found: Vec<String> = reader.all("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if let Some(found) = found.into_iter().find(|found| found != "ok") {
        return Err(StoreError::Damaged { path: path.to_owned(), found });
    }
    let version = version(&reader)?;
    if version > SCHEMA_NEWEST {
        return Err(StoreError::TooNew { path: path.to_owned(), found: version, known: SCHEMA_NEWEST });
    }
    archive::refuse(reader.parts().0, path)?;
    match version > 0 && has_table(&reader, "events")? {
        true => Ok(reader),
        false => Err(StoreError::NoLedger { path: path.to_owned() }),
    }
}

/// Why a file is no backup. The advice of other errors is for the ledger itself.
fn unfit(path: &Path, error: StoreError) -> StoreError {
    use rusqlite::ErrorCode;
    let found = match &error {
        _ if matches!(path.try_exists(), Ok(false)) => "there is no such file".to_owned(),
        StoreError::Damaged { found, .. } => format!("it is damaged ({found})"),
        StoreError::Sqlite { source, .. } => match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => "it is no database".to_owned(),
            Some(ErrorCode::DatabaseCorrupt) => format!("it is damaged ({source})"),
            _ => return error,
        },
        _ => return error,
    };
    StoreError::NoBackup { path: path.to_owned(), found }
}

fn version(reader: &Reader) -> Result<usize, StoreError> {
    Ok(reader.all("PRAGMA user_version", [], |row| row.get(0))?.into_iter().next().unwrap_or(0))
}

fn has_table(reader: &Reader, name: &str) -> Result<bool, StoreError> {
    let found = reader.all("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", [name], |_| Ok(()))?;
    Ok(!found.is_empty())
}

/// Whether a table of the ledger (`main`) or of one attached beside it has this column.
fn has_column(reader: &Reader, schema: &str, table: &str, name: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM pragma_table_info(?1, ?2) WHERE name = ?3";
    Ok(!reader.all(sql, [table, schema, name], |_| Ok(()))?.is_empty())
}

/// Whether the key that lies at `database` is the backup's; gives how many erased numbers rest on it.
fn check_key(reader: &Reader, database: &Path) -> Result<u64, StoreError> {
    if !has_table(reader, "key_check")? {
        return Ok(0);
    }
    let known: Option<[u8; 32]> = reader.all("SELECT digest FROM key_check", [], |row| row.get(0))?.into_iter().next();
    let count = match has_column(reader, "main", "erased_numbers", "seq")? {
        true => archive::RESTING_ON_KEY,
        false => "SELECT count(*) FROM kept_opt_outs",
    };
    let kept: u64 = reader.all(count, [], |row| row.get(0))?.into_iter().next().unwrap_or(0);
    let file = Key::path(database);
    let read = Key::read(&file).map_err(|source| StoreError::Key { path: file.clone(), source })?;
    match (read, known) {
        (Some(key), Some(known)) if key.check() != known => {
            Err(StoreError::WrongKey { path: file, database: reader.path().to_owned() })
        }
        (None, _) if kept > 0 => Err(StoreError::KeyMissing { path: file, kept }),
        _ => Ok(kept),
    }
}

/// The last moment of which a ledger knows anything.
fn last_sign(reader: &Reader) -> Result<Timestamp, StoreError> {
    let mut last = 0;
    for (table, sql) in [
        ("events", "SELECT coalesce(max(at_ms), 0) FROM events"),
        ("heartbeat", "SELECT coalesce(max(alive_at_ms), 0) FROM heartbeat"),
        ("attempts", "SELECT coalesce(max(max(opened_at_ms, coalesce(closed_at_ms, 0))), 0) FROM attempts"),
    ] {
        if has_table(reader, table)? {
            last = reader.all(sql, [], |row| row.get::<_, i64>(0))?.into_iter().fold(last, i64::max);
        }
    }
    Ok(at(last))
}

/// What stands in the way of the backup.
struct Present<'a> {
    view: PresentView,
    /// Where it goes on from the backup.
    continuation: Option<&'a Path>,
}

fn look_at(present: Option<&Path>, head: Option<Head>) -> Present<'_> {
    let view = |present, reason: Option<String>| PresentView {
        present,
        present_until: None,
        present_newest: None,
        present_reason: reason,
    };
    let Some(path) = present else { return Present { view: view("none", None), continuation: None } };
    let looked = sound(path).and_then(|reader| {
        let chain = reader.verify_chain(head)?;
        Ok((last_sign(&reader)?, chain))
    });
    match looked {
        Err(error) => Present { view: view("unreadable", Some(error.to_string())), continuation: None },
        Ok((until, chain)) => {
            let continues = head.is_some() && chain.broken.is_none();
            let reason = (!continues).then(|| match chain.broken {
                Some(broken) => format!("its record does not go on from the backup's: {broken:?}"),
                None => "the backup has no record to compare it with".to_owned(),
            });
            let view = PresentView {
                present_until: Some(until),
                present_newest: chain.head.map(|head| head.to_string()),
                ..view(if continues { "continues" } else { "other" }, reason)
            };
            Present { view, continuation: continues.then_some(path) }
        }
    }
}

/// Jobs with something left to send, and how that stands in the ledger that goes on from it.
fn open_jobs(reader: &Reader, continuation: Option<&Path>) -> Result<Vec<OpenJobView>, StoreError> {
    let (join, state) = match continuation {
        Some(path) => {
            reader.all("ATTACH DATABASE ?1 AS newer", [path.to_string_lossy()], |_| Ok(()))?;
            // Details that lie in an archive are those of jobs with nothing open.
            let state = match has_column(reader, "newer", "jobs", "archive_id")? {
                false => "coalesce(known.state, 'unknown')",
                true => {
                    "coalesce(known.state, (SELECT 'archived' FROM newer.jobs AS ended
                                            WHERE ended.id = messages.job_id AND ended.archive_id IS NOT NULL), 'unknown')"
                }
            };
            ("LEFT JOIN newer.messages AS known ON known.id = messages.id", state)
        }
        None => ("", "'unknown'"),
    };
    let rows = reader.all(
        &format!(
            "SELECT jobs.id, kind, unit, source, class, {state}, count(*)
             FROM messages JOIN jobs ON jobs.id = messages.job_id {join}
             WHERE messages.state IN ('queued', 'sending', 'in_doubt') AND jobs.state IN ('active', 'paused')
             GROUP BY jobs.id, 6
             ORDER BY jobs.id, 6"
        ),
        [],
        |row| {
            let view = OpenJobView {
                id: row.get(0)?,
                kind: row.get(1)?,
                unit: row.get(2)?,
                source: row.get(3)?,
                class: row.get(4)?,
                open: 0,
                since: BTreeMap::new(),
            };
            Ok((view, row.get::<_, String>(5)?, row.get::<_, u64>(6)?))
        },
    )?;
    let mut jobs: Vec<OpenJobView> = Vec::new();
    for (view, state, count) in rows {
        if jobs.last().is_none_or(|last| last.id != view.id) {
            jobs.push(view);
        }
        let job = jobs.last_mut().expect("one was just put there");
        job.open += count;
        job.since.insert(state, count);
    }
    Ok(jobs)
}
