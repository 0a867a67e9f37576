//! Whether the ledger's file is whole, looked through page by page and row by row.
//!
//! What SQLite reads it trusts but for gross faults; only such a look finds a page that a disk has lost or that somebody wrote over. It reads
//! everything, so it takes the longer the older a ledger is. A start gives it a bounded time; the daemon ends what is left beside its
//! work, and does so again every day ([`Reader::look_through`]), because a disk loses pages at any time and not only before a start.
//!
//! A ledger in which that found damage remembers it by the alarm that then stands: its next start takes the whole look, however long.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::{Reader, Store, StoreError};
use crate::model::AlarmKind;

/// Pages or steps between two questions whether to go on. A page is read in about 10 µs where the system has it in memory, and in 10 ms
/// where an old disk has to look for it: well under a second in both cases.
const STRIDE: i32 = 64;
/// What decides about who must not be written to and what must not be sent: small, and whole before anything is sent.
const DECISIVE: [&str; 7] = ["opt_outs", "kept_opt_outs", "key_check", "pauses", "moratoria", "approvals", "held_jobs"];

/// How far a look came that found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Looked {
    /// Through everything: the ledger is whole.
    Through,
    /// Not to the end: its time was over.
    InPart,
}

/// Looks through all of it. Errors: [`StoreError::Damaged`]; [`StoreError::Sqlite`], also where it was ended from outside.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    ask(connection, path, "PRAGMA quick_check(1)")
}

/// Looks through it while `go_on` says so; then at least through what is small and decides. A ledger that is suspected of damage is looked
/// through to the end.
pub(super) fn check_while(
    connection: &mut Connection,
    path: &Path,
    go_on: impl FnMut() -> bool + Send + 'static,
) -> Result<Looked, StoreError> {
    if is_suspected(connection) {
        check(connection, path)?;
        return Ok(Looked::Through);
    }
    let looked = look_while(connection, path, go_on)?;
    if looked == Looked::InPart {
        for table in DECISIVE {
            let known = connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
                [table],
                |row| row.get(0),
            );
            // One that an older ledger does not have is made empty.
            if known.map_err(|source| StoreError::Sqlite { path: path.to_owned(), source })? {
                ask(connection, path, &format!("PRAGMA quick_check({table})"))?;
            }
        }
    }
    Ok(looked)
}

/// Looks through it while `go_on` says so.
fn look_while(
    connection: &mut Connection,
    path: &Path,
    mut go_on: impl FnMut() -> bool + Send + 'static,
) -> Result<Looked, StoreError> {
    let sqlite = |source| StoreError::Sqlite { path: path.to_owned(), source };
    connection.progress_handler(STRIDE, Some(move || !go_on())).map_err(sqlite)?;
    let looked = check(connection, path);
    connection.progress_handler(0, None::<fn() -> bool>).map_err(sqlite)?;
    match looked {
        Ok(()) => Ok(Looked::Through),
        Err(StoreError::Sqlite { source, .. })
            if source.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) =>
        {
            Ok(Looked::InPart)
        }
        Err(error) => Err(error),
    }
}

fn ask(connection: &Connection, path: &Path, look: &str) -> Result<(), StoreError> {
    let found: Result<String, _> = connection.query_row(look, [], |row| row.get(0));
    match found {
        Ok(word) if word == "ok" => Ok(()),
        Ok(found) => Err(StoreError::Damaged { path: path.to_owned(), found }),
        Err(error)
            if matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)) =>
        {
            Err(StoreError::Damaged { path: path.to_owned(), found: error.to_string() })
        }
        Err(source) => Err(StoreError::Sqlite { path: path.to_owned(), source }),
    }
}

/// Whether damage was found in it before, or it cannot even be asked: a new file, one of an old program, one that is no ledger.
fn is_suspected(connection: &Connection) -> bool {
    let stands = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM alarms WHERE kind = ?1 AND cleared_at_ms IS NULL)",
        [AlarmKind::DatabaseDamaged.name()],
        |row| row.get(0),
    );
    stands.unwrap_or(true)
}

impl Store {
    /// How far it was looked through when it was opened. What is left is for [`Reader::look_through`].
    pub fn looked(&self) -> Looked {
        self.looked
    }
}

impl Reader {
    /// Looks through all of the ledger while `go_on` says so; it is asked every few thousandths of a second, and may take its time. The
    /// write-ahead log cannot begin anew meanwhile.
    ///
    /// Errors: [`StoreError::Damaged`], also where the disk does not give a page back; [`StoreError::Sqlite`].
    pub fn look_through(&mut self, go_on: impl FnMut() -> bool + Send + 'static) -> Result<Looked, StoreError> {
        let (connection, path) = self.parts();
        look_while(connection, path, go_on).map_err(|error| match error {
            StoreError::Sqlite { path, source } if source.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) => {
                StoreError::Damaged { path, found: source.to_string() }
            }
            other => other,
        })
    }
}

/// Looks through all of a file, its indexes and what refers to what as well.
#[cfg(test)]
pub(crate) fn assert_whole(path: &Path) {
    let file = Connection::open(path).unwrap();
    let sound: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    let astray: i64 = file.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!((sound.as_str(), astray), ("ok", 0), "{}", path.display());
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::model::Timestamp;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
    }

    /// A ledger with a long past.
    fn grown(path: &Path) {
        drop(Store::open(path).unwrap());
        let ledger = Connection::open(path).unwrap();
        ledger
            .execute_batch(
                "BEGIN;
                 INSERT INTO jobs (id, uid, kind, unit, source, digest, owner, class, in_doubt, state, not_before_ms, expires_at_ms,
                                   created_at_ms)
                 VALUES (1, 'u', 'file', 'u', 's', 'd', 'o', 'routine', 'hold', 'active', 0, 0, 0);
                 WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 40000)
                 INSERT INTO recipients (job_id, row, name) SELECT 1, n, 'Warga ' || n FROM n;
                 INSERT INTO opt_outs (number, since_ms, source, actor, reason) VALUES (6281234567890, 1, 'sms', 'a', 'STOP');
                 COMMIT;
                 PRAGMA wal_checkpoint(TRUNCATE);",
            )
            .unwrap();
    }

    /// Writes over the first page of a table or index, or over one in its midst.
    fn damage(path: &Path, name: &str, in_its_midst: bool) {
        let ledger = Connection::open(path).unwrap();
        let root: u64 =
            ledger.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0)).unwrap();
        let size: u64 = ledger.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
        drop(ledger);
        let file = std::fs::File::options().read(true).write(true).open(path).unwrap();
        let place = match in_its_midst {
            true => {
                // The first child of its root: the look begins at the last one.
                let (mut cell, mut child) = ([0; 2], [0; 4]);
                file.read_exact_at(&mut cell, (root - 1) * size + 12).unwrap();
                file.read_exact_at(&mut child, (root - 1) * size + u64::from(u16::from_be_bytes(cell))).unwrap();
                u64::from(u32::from_be_bytes(child))
            }
            false => root,
        };
        file.write_all_at(&vec![0x5a; 512], (place - 1) * size).unwrap();
    }

    /// Says yes so often; and how often it was asked.
    fn patience(times: u32) -> (Arc<AtomicU32>, impl FnMut() -> bool + Send + 'static) {
        let asked = Arc::new(AtomicU32::new(0));
        let counted = asked.clone();
        (asked, move || counted.fetch_add(1, Ordering::Relaxed) < times)
    }

    #[test]
    fn a_start_asks_no_more_of_a_large_ledger_than_it_is_given_time_for_and_of_a_small_one_everything() {
        let folder = folder();
        let path = folder.path().join("k.db");
        let (asked, go_on) = patience(u32::MAX);
        assert_eq!(Store::open_while(&path, go_on).unwrap().looked(), Looked::Through, "a new one");
        let new = asked.load(Ordering::Relaxed);
        grown(&path);
        let (asked, go_on) = patience(5);
        assert_eq!(Store::open_while(&path, go_on).unwrap().looked(), Looked::InPart);
        assert_eq!(asked.load(Ordering::Relaxed), 6, "asked no more once it has said no");
        let (asked, go_on) = patience(u32::MAX);
        assert_eq!(Store::open_while(&path, go_on).unwrap().looked(), Looked::Through);
        assert!(asked.load(Ordering::Relaxed) > new + 100, "there is much to look at");
    }

    #[test]
    fn what_a_start_had_no_time_for_is_found_afterwards() {
        let folder = folder();
        let path = folder.path().join("k.db");
        grown(&path);
        let mut reader = Reader::open(&path).unwrap();
        assert_eq!(reader.look_through(|| true).unwrap(), Looked::Through);
        assert_eq!(reader.look_through(|| false).unwrap(), Looked::InPart);
        drop(reader);
        damage(&path, "recipients", true);
        assert_eq!(Store::open_while(&path, || false).unwrap().looked(), Looked::InPart);
        let mut reader = Reader::open(&path).unwrap();
        assert!(matches!(reader.look_through(|| true), Err(StoreError::Damaged { .. })));
        let error = Store::open(&path).err().unwrap();
        assert!(error.to_string().contains("is damaged ("), "{error}");
    }

    #[test]
    fn damage_among_the_opt_outs_is_found_by_every_start() {
        let folder = folder();
        let path = folder.path().join("k.db");
        grown(&path);
        damage(&path, "opt_outs", false);
        assert!(matches!(Store::open_while(&path, || false), Err(StoreError::Damaged { .. })));
    }

    #[test]
    fn a_ledger_in_which_damage_was_found_is_looked_through_to_the_end_by_its_next_start() {
        let folder = folder();
        let path = folder.path().join("k.db");
        grown(&path);
        let store = Store::open_while(&path, || false).unwrap();
        store.begin().unwrap();
        store.raise_alarm(AlarmKind::DatabaseDamaged, "database", "a page", Timestamp::UNIX_EPOCH).unwrap();
        store.commit().unwrap();
        drop(store);
        assert_eq!(Store::open_while(&path, || false).unwrap().looked(), Looked::Through, "it was a false alarm");
        damage(&path, "recipients", true);
        assert!(matches!(Store::open_while(&path, || false), Err(StoreError::Damaged { .. })));
    }
}
