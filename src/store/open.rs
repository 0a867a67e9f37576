use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::integrity::{self, Looked};
use super::key::Key;
use super::upgrade::{self, Upgrade};
use super::{EventRow, StoreError, archive};
use crate::model::{JobId, State, Timestamp, minute};

/// Schema files in order; a file's place plus one is the schema it leads to.
pub(super) const SCHEMA: [&str; 23] = [
    include_str!("schema/0001_first.sql"),
    include_str!("schema/0002_chain.sql"),
    include_str!("schema/0003_care.sql"),
    include_str!("schema/0004_alarms.sql"),
    include_str!("schema/0005_evidence.sql"),
    include_str!("schema/0006_upkeep.sql"),
    include_str!("schema/0007_routing.sql"),
    include_str!("schema/0008_restart.sql"),
    include_str!("schema/0009_roster.sql"),
    include_str!("schema/0010_consent.sql"),
    include_str!("schema/0011_credit.sql"),
    include_str!("schema/0012_hours.sql"),
    include_str!("schema/0013_numbers.sql"),
    include_str!("schema/0014_access.sql"),
    include_str!("schema/0015_notices.sql"),
    include_str!("schema/0016_restore.sql"),
    include_str!("schema/0017_watching.sql"),
    include_str!("schema/0018_archive.sql"),
    include_str!("schema/0019_speed.sql"),
    include_str!("schema/0020_own_time.sql"),
    include_str!("schema/0021_archive_count.sql"),
    include_str!("schema/0022_lists.sql"),
    include_str!("schema/0023_report_files.sql"),
];

/// The schema that this program makes.
pub(super) const SCHEMA_NEWEST: usize = SCHEMA.len();

/// The one writing connection.
pub struct Store {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) upgrade: Option<Upgrade>,
    pub(super) looked: Looked,
    pub(super) key: Key,
    /// Numbers were erased in the transaction in hand.
    pub(super) erased: Cell<bool>,
    /// Whether opt-outs of erased numbers may be kept.
    pub(super) keeps: Cell<bool>,
    /// Changes of tallies since the transaction began, written in one go before it commits.
    pub(super) tally: RefCell<BTreeMap<(JobId, State), i64>>,
}

impl Store {
    /// Opens the ledger, creating or migrating it as needed, and looks through all of it. Before it is migrated it is copied.
    ///
    /// The caller must be the only one who writes; the daemon holds a lock file for that.
    /// Errors: [`StoreError::Sqlite`], [`StoreError::Damaged`], [`StoreError::TooNew`], [`StoreError::UpgradeCopy`],
    /// [`StoreError::HalfRestored`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_while(path, || true)
    }

    /// The same, but it is looked through only while `look_on` says so: an old ledger is a long read. See [`Self::looked`].
    ///
    /// Errors: as [`Self::open`].
    pub fn open_while(path: &Path, look_on: impl FnMut() -> bool + Send + 'static) -> Result<Self, StoreError> {
        let marker = super::restore::marker(path);
        if marker.exists() {
            return Err(StoreError::HalfRestored { marker });
        }
        Self::open_at(path, look_on)
    }

    /// The same for a ledger that was just put back from a backup and does not know yet what to hold.
    ///
    /// Errors: as [`Self::open`].
    pub fn open_restored(path: &Path) -> Result<Self, StoreError> {
        Self::open_at(path, || true)
    }

    fn open_at(path: &Path, look_on: impl FnMut() -> bool + Send + 'static) -> Result<Self, StoreError> {
        let sqlite = |source| StoreError::Sqlite { path: path.to_owned(), source };
        let mut connection = Connection::open(path).map_err(sqlite)?;
        let log = "PRAGMA journal_mode = WAL; PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 4000;";
        for_writing(&connection).map_err(sqlite)?;
        // Before anything is written: an archive's digest is on record.
        archive::refuse(&connection, path)?;
        connection.execute_batch(log).map_err(sqlite)?;
        let looked = integrity::check_while(&mut connection, path, look_on)?;
        let upgrade = migrate(&connection, path)?;
        let key = take_key(&connection, path)?;
        let keeps = connection.query_row("SELECT EXISTS (SELECT 1 FROM kept_opt_outs)", [], |row| row.get(0));
        Ok(Self {
            keeps: Cell::new(keeps.map_err(sqlite)?),
            connection,
            path: path.to_owned(),
            upgrade,
            looked,
            key,
            erased: Cell::new(false),
            tally: RefCell::default(),
        })
    }

    /// What was changed for this program when the ledger was opened; `None`: nothing.
    pub fn upgrade(&self) -> Option<&Upgrade> {
        self.upgrade.as_ref()
    }

    /// Makes a new key for a ledger whose own is lost; gives how many opt-outs of erased numbers are lost with it. They are taken
    /// out, and that goes on record, with the archives that may still name somebody who was erased.
    ///
    /// Errors: [`StoreError::KeyFits`] where the key is there after all; as [`Self::open`], also where another ledger's key lies there:
    /// it must not be lost too.
    pub fn renew_key(path: &Path, actor: &str, reason: &str, now: Timestamp) -> Result<u64, StoreError> {
        let file = Key::path(path);
        match Self::open(path) {
            Ok(_) => return Err(StoreError::KeyFits { path: file }),
            Err(StoreError::KeyMissing { .. }) => {}
            Err(error) => return Err(error),
        }
        Key::make(&file).map_err(|source| StoreError::Key { path: file, source })?;
        let connection =
            Connection::open(path).map_err(|source| StoreError::Sqlite { path: path.to_owned(), source })?;
        let lost = for_writing(&connection)
            .and_then(|()| connection.query_row("SELECT count(*) FROM kept_opt_outs", [], |row| row.get(0)))
            .and_then(|lost: u64| connection.execute_batch(archive::FORGET_KEY).map(|()| lost))
            .map_err(|source| StoreError::Sqlite { path: path.to_owned(), source })?;
        drop(connection);
        let store = Self::open(path)?;
        store.begin()?;
        let mut detail = format!("{reason}: {lost} opt-outs of erased numbers are lost with the key before");
        for archive in store.archives()? {
            if let Some(since) = archive.lost_since {
                let file = &archive.file;
                detail.push_str(&format!("; erasures since {} cannot be found in {file} any more", minute(since)));
            }
        }
        store.record(&EventRow { actor, kind: "key_renewed", detail: &detail, ..EventRow::default() }, now)?;
        store.commit()?;
        Ok(lost)
    }

    /// Begins the transaction in which everything until [`Self::commit`] happens.
    pub fn begin(&self) -> Result<(), StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|source| self.error(source))
    }

    /// Makes everything since [`Self::begin`] durable.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.write_tallies()?;
        self.connection.execute_batch("COMMIT").map_err(|source| self.error(source))?;
        if self.erased.take() {
            self.empty_log();
        }
        Ok(())
    }

    /// What was erased stands in the write-ahead log until that is begun anew. Where a reader is at work now, the log is begun anew by
    /// one of the next checkpoints.
    fn empty_log(&self) {
        let patience = |ms| self.connection.busy_timeout(Duration::from_millis(ms));
        let emptied = patience(0).and_then(|()| self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
        if let Err(error) = emptied.and(patience(5_000)) {
            tracing::debug!(%error, "the write-ahead log was not emptied after an erasure");
        }
    }

    /// Forgets everything since [`Self::begin`]. Errors are ignored: it is called when something failed already.
    pub fn roll_back(&self) {
        self.tally.borrow_mut().clear();
        self.erased.set(false);
        // Without a transaction there is nothing to forget, and SQLite says so.
        let _ = self.connection.execute_batch("ROLLBACK");
    }

    fn write_tallies(&self) -> Result<(), StoreError> {
        for ((job, state), change) in std::mem::take(&mut *self.tally.borrow_mut()) {
            if change == 0 {
                continue;
            }
            self.run(
                "INSERT INTO tallies (job_id, state, messages)
                 VALUES (?1, ?2, max(?3, 0))
                 ON CONFLICT (job_id, state) DO UPDATE SET messages = messages + ?3",
                params![job.0, state.name(), change],
            )?;
        }
        Ok(())
    }

    /// Copies the ledger as it is now into a new file, while it is in use.
    ///
    /// Errors: [`StoreError::BackupFile`] when the file exists already, [`StoreError::Backup`] when it cannot be filled.
    pub fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        back_up(&self.connection, to)
    }

    /// Where the ledger lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn error(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Sqlite { path: self.path.clone(), source }
    }

    /// Runs a statement that returns no rows; gives the number of rows it changed.
    pub(super) fn run(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, StoreError> {
        debug_assert!(!self.connection.is_autocommit(), "writes happen inside a transaction");
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(params))
            .map_err(|source| self.error(source))
    }

    /// Runs a query that gives one row or none.
    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        use rusqlite::OptionalExtension;
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(params, read).optional())
            .map_err(|source| self.error(source))
    }

    /// Runs a query that gives rows.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(params, read)?.collect())
            .map_err(|source| self.error(source))
    }
}

fn migrate(connection: &Connection, path: &Path) -> Result<Option<Upgrade>, StoreError> {
    let found = schema_of(connection, path)?;
    // A file without a schema is a new ledger.
    let copy = match found {
        1.. if found < SCHEMA.len() => Some(upgrade::copy(connection, path, found)?),
        _ => None,
    };
    bring_up(connection, path)?;
    let Some(copy) = copy else { return Ok(None) };
    tracing::info!(
        from = found,
        to = SCHEMA.len(),
        copy = %copy.display(),
        "the database was changed for this newer program; as it was before it lies in the copy"
    );
    upgrade::forget_older(path, &copy);
    Ok(Some(Upgrade { from: found, to: SCHEMA.len(), copy }))
}

/// The schema of a ledger. Errors: also where it is newer than this program's.
fn schema_of(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let sqlite = |source| StoreError::Sqlite { path: path.to_owned(), source };
    let found: usize = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite)?;
    match found > SCHEMA.len() {
        true => Err(StoreError::TooNew { path: path.to_owned(), found, known: SCHEMA.len() }),
        false => Ok(found),
    }
}

/// Brings a ledger up to this program's schema. Keeps no copy of what it was.
pub(super) fn bring_up(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let found = schema_of(connection, path)?;
    for (place, sql) in SCHEMA.iter().enumerate().skip(found) {
        let script = format!("BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {};\nCOMMIT;", place + 1);
        if let Err(source) = connection.execute_batch(&script) {
            // Without a transaction there is nothing to forget, and SQLite says so.
            let _ = connection.execute_batch("ROLLBACK");
            return Err(StoreError::Sqlite { path: path.to_owned(), source });
        }
    }
    Ok(())
}

/// The key beside the ledger: the one it knows, or a new one where nothing rests on it yet.
fn take_key(connection: &Connection, path: &Path) -> Result<Key, StoreError> {
    let sqlite = |source| StoreError::Sqlite { path: path.to_owned(), source };
    let file = Key::path(path);
    let failed = |source| StoreError::Key { path: file.clone(), source };
    let known: Option<[u8; 32]> =
        connection.query_row("SELECT digest FROM key_check", [], |row| row.get(0)).optional().map_err(sqlite)?;
    match (Key::read(&file).map_err(failed)?, known) {
        (Some(key), Some(known)) if key.check() == known => Ok(key),
        (Some(_), Some(_)) => Err(StoreError::WrongKey { path: file, database: path.to_owned() }),
        (Some(key), None) => note_key(connection, key).map_err(sqlite),
        (None, _) => {
            let kept = connection.query_row(archive::RESTING_ON_KEY, [], |row| row.get(0)).map_err(sqlite)?;
            if kept > 0 {
                return Err(StoreError::KeyMissing { path: file, kept });
            }
            note_key(connection, Key::make(&file).map_err(failed)?).map_err(sqlite)
        }
    }
}

fn note_key(connection: &Connection, key: Key) -> rusqlite::Result<Key> {
    connection.execute("INSERT OR REPLACE INTO key_check (id, digest) VALUES (1, ?1)", [key.check()])?;
    Ok(key)
}

pub(super) fn back_up(connection: &Connection, to: &Path) -> Result<(), StoreError> {
    let target = to.to_string_lossy();
    let failed = |source| StoreError::BackupFile { path: to.to_owned(), source };
    // It holds people's numbers and texts: for this user only, before the first octet is written. SQLite takes an
    // empty file as a new one.
    drop(std::fs::File::options().write(true).create_new(true).mode(0o600).open(to).map_err(failed)?);
    connection.execute("VACUUM INTO ?1", [target.as_ref()]).map(drop).map_err(|source| {
        // What is left of it is no backup.
        let _ = std::fs::remove_file(to);
        StoreError::Backup { path: to.to_owned(), source }
    })
}

/// How every connection is set that writes: a commit is durable when it returns, and what is deleted is gone from the file.
pub(super) fn for_writing(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -32768;
         PRAGMA secure_delete = ON;",
    )?;
    connection.set_prepared_statement_cache_capacity(128);
    plan_once(connection)
}

/// Holds SQLite to planning a statement when it is prepared and not anew whenever a value is bound to its LIMIT: it did so for every hand-over.
/// No question here hopes for another plan by other values.
pub(super) fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// A connection that can only read. Errors: [`StoreError::Sqlite`].
pub(super) fn open_read_only(path: &Path) -> Result<Connection, StoreError> {
    let sqlite = |source| StoreError::Sqlite { path: path.to_owned(), source };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(sqlite)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;").map_err(sqlite)?;
    // Whoever watches asks the same thirty questions every few seconds.
    connection.set_prepared_statement_cache_capacity(64);
    plan_once(&connection).map_err(sqlite)?;
    Ok(connection)
}

/// A ledger as an older program left it.
#[cfg(test)]
pub(crate) fn ledger_of_schema(path: &Path, schema: usize) -> Connection {
    let ledger = Connection::open(path).unwrap();
    for sql in &SCHEMA[..schema] {
        ledger.execute_batch(sql).unwrap();
    }
    ledger.pragma_update(None, "user_version", schema).unwrap();
    ledger
}

/// The schema of this program.
#[cfg(test)]
pub(crate) fn newest_schema() -> usize {
    SCHEMA.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_ledger_is_made_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        drop(Store::open(&path).unwrap());
        let store = Store::open(&path).unwrap();
        let version: usize = store.connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, SCHEMA.len());
        let sync: i64 = store.connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
        assert_eq!(sync, 2, "FULL");
    }

    #[test]
    fn a_ledger_from_before_the_roster_keeps_its_rows_and_takes_the_new_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        let old = Connection::open(&path).unwrap();
        let place = SCHEMA.iter().position(|sql| sql.contains("CREATE TABLE roster ")).unwrap();
        for sql in &SCHEMA[..place] {
            old.execute_batch(sql).unwrap();
        }
        let job = "INSERT INTO jobs (uid, kind, unit, source, digest, owner, class, in_doubt, state, not_before_ms, expires_at_ms,
                                     created_at_ms)
                   VALUES ('u', 'file', 'u', 's', 'd', 'o', 'routine', 'hold', 'active', 0, 0, 0)";
        old.execute_batch(job).unwrap();
        old.execute_batch("INSERT INTO recipients (job_id, row, raw, excluded) VALUES (1, 1, 'x', 'invalid')").unwrap();
        old.pragma_update(None, "user_version", place).unwrap();
        drop(old);
        let store = Store::open(&path).unwrap();
        let new = "INSERT INTO recipients (job_id, row, excluded) VALUES (1, 2, 'suspended')";
        store.connection.execute_batch(new).unwrap();
        let other = "INSERT INTO recipients (job_id, row, excluded) VALUES (1, 3, 'just so')";
        assert!(store.connection.execute_batch(other).is_err(), "other words are refused as before");
        drop(store);
        let again = Store::open(&path).unwrap();
        let rows: i64 = again.connection.query_row("SELECT count(*) FROM recipients", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 2);
        let sound: String = again.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
    }

    #[test]
    fn a_ledger_from_before_the_credit_keeps_its_rows_and_takes_questions_to_operators() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        let old = Connection::open(&path).unwrap();
        let place = SCHEMA.iter().position(|sql| sql.contains("CREATE TABLE credits ")).unwrap();
        for sql in &SCHEMA[..place] {
            old.execute_batch(sql).unwrap();
        }
        let job = |uid: &str, kind: &str| {
            format!(
                "INSERT INTO jobs (uid, kind, unit, source, digest, owner, class, in_doubt, state, not_before_ms,
                                   expires_at_ms, created_at_ms)
                 VALUES ('{uid}', '{kind}', 'u', 's', 'd', 'o', 'routine', 'hold', 'active', 0, 0, 0)"
            )
        };
        for (uid, kind) in [("a", "file"), ("b", "reply"), ("c", "test")] {
            old.execute_batch(&job(uid, kind)).unwrap();
        }
        old.execute_batch(
            "INSERT INTO sims (id, key, first_seen_ms, last_seen_ms) VALUES (1, 'x', 0, 0);
             INSERT INTO blocked_sims (sim_id, since_ms, reason) VALUES (1, 0, 'it looks blocked')",
        )
        .unwrap();
        old.pragma_update(None, "user_version", place).unwrap();
        drop(old);
        let store = Store::open(&path).unwrap();
        store.connection.execute_batch(&job("d", "query")).unwrap();
        assert!(store.connection.execute_batch(&job("e", "whatever")).is_err(), "other words are refused as before");
        let sim = crate::model::SimId(1);
        assert!(store.blocked(sim).unwrap() && !store.out_for_credit(sim).unwrap(), "a person decides about it still");
        drop(store);
        let again = Store::open(&path).unwrap();
        let rows: i64 = again.connection.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 4);
        let sound: String = again.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
    }

    #[test]
    fn removing_a_message_looks_through_no_table_also_in_a_ledger_from_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        let old = Connection::open(&path).unwrap();
        let place = SCHEMA.iter().position(|sql| sql.contains("name = 'numbers'")).unwrap();
        for sql in &SCHEMA[..place] {
            old.execute_batch(sql).unwrap();
        }
        old.execute_batch(
            "INSERT INTO jobs (uid, kind, unit, source, digest, owner, class, in_doubt, state, not_before_ms, expires_at_ms,
                               created_at_ms)
             VALUES ('u', 'file', 'u', 's', 'd', 'o', 'routine', 'hold', 'active', 0, 0, 0);
             INSERT INTO recipients (id, job_id, row) VALUES (1, 1, 1);
             INSERT INTO messages (id, job_id, number, segments, state) VALUES (1, 1, 6281234567890, 1, 'queued');
             INSERT INTO numbers (number, message_id) VALUES (6281234567890, 1)",
        )
        .unwrap();
        old.pragma_update(None, "user_version", place).unwrap();
        drop(old);
        let store = Store::open(&path).unwrap();
        let found: i64 = store.connection.query_row("SELECT message_id FROM numbers", [], |row| row.get(0)).unwrap();
        assert_eq!(found, 1);
        let mut plan = store.connection.prepare("EXPLAIN QUERY PLAN DELETE FROM messages WHERE id = 1").unwrap();
        let steps: Vec<String> = plan.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert!(steps.iter().all(|step| step.starts_with("SEARCH ")), "{steps:#?}");
        let sound: String = store.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
    }

    #[test]
    fn a_file_that_is_no_database_is_named_as_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        std::fs::write(&path, vec![b'x'; 5000]).unwrap();
        let error = Store::open(&path).err().unwrap();
        assert!(error.to_string().contains("k.db"), "{error}");
    }

    #[test]
    fn a_statement_is_not_planned_anew_for_other_values() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        let store = Store::open(&path).unwrap();
        for connection in [&store.connection, &open_read_only(&path).unwrap()] {
            let mut limited = connection.prepare("SELECT id FROM jobs WHERE state = ?1 ORDER BY id LIMIT ?2").unwrap();
            for limit in 1..5 {
                assert!(!limited.exists(params!["active", limit]).unwrap());
            }
            assert_eq!(limited.get_status(rusqlite::StatementStatus::RePrepare), 0);
        }
    }

    #[test]
    fn a_newer_schema_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        Store::open(&path).unwrap().connection.execute_batch("PRAGMA user_version = 99").unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::TooNew { found: 99, .. })));
    }

    #[test]
    fn an_event_is_never_changed_nor_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("k.db")).unwrap();
        store
            .connection
            .execute_batch("INSERT INTO events (at_ms, actor, kind, detail) VALUES (1, 'test', 'x', '')")
            .unwrap();
        assert!(store.connection.execute("UPDATE events SET kind = 'y'", []).is_err());
        assert!(store.connection.execute("DELETE FROM events", []).is_err());
    }
}
