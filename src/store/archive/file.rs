//! The file of an archive: how it is told from a ledger, and opened.

use std::cell::{Cell, RefCell};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::store::integrity::Looked;
use crate::store::key::Key;
use crate::store::open::{SCHEMA_NEWEST, bring_up, for_writing, open_read_only};
use crate::store::{Store, StoreError, Upgrade};

/// Whether the file is an archive. One of an older schema than archives have is none.
fn is_archive(connection: &Connection) -> rusqlite::Result<bool> {
    match connection.table_exists(None, "this_archive")? {
        true => connection.query_row("SELECT EXISTS (SELECT 1 FROM this_archive)", [], |row| row.get(0)),
        false => Ok(false),
    }
}

/// Errors: [`StoreError::IsArchive`]; no daemon works on one.
pub(in crate::store) fn refuse(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    match is_archive(connection).map_err(|source| StoreError::Sqlite { path: path.to_owned(), source })? {
        true => Err(StoreError::IsArchive { path: path.to_owned() }),
        false => Ok(()),
    }
}

impl Store {
    /// Opens a file that an archive is made of, or an archive, with the key of the ledger at `database`. Whatever is changed is durable
    /// with its commit; the integrity of the whole is not looked at.
    ///
    /// Errors: [`StoreError::Sqlite`], [`StoreError::Key`], [`StoreError::KeyMissing`], [`StoreError::TooNew`].
    pub(super) fn open_archive(path: &Path, database: &Path) -> Result<Self, StoreError> {
        let sqlite = |source| StoreError::Sqlite { path: path.to_owned(), source };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
        for_writing(&connection).map_err(sqlite)?;
        let found: usize = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite)?;
        bring_up(&connection, path)?;
        let upgrade =
            (found < SCHEMA_NEWEST).then(|| Upgrade { from: found, to: SCHEMA_NEWEST, copy: path.to_owned() });
        // The ledger's key of today, also where the archive was made under one that was lost: it is the ledger's digests that are sought.
        let file = Key::path(database);
        let key = Key::read(&file).map_err(|source| StoreError::Key { path: file.clone(), source })?;
        let key = key.ok_or(StoreError::KeyMissing { path: file, kept: 0 })?;
        Ok(Self {
            keeps: Cell::new(false),
            connection,
            path: path.to_owned(),
            upgrade,
            looked: Looked::InPart,
            key,
            erased: Cell::new(false),
            tally: RefCell::default(),
        })
    }

    /// Opens an archive, which is not the daemon's ledger, with the key of the ledger at `database`.
    ///
    /// Errors: [`StoreError::NoArchive`], also where something else lies there; [`StoreError::Key`], [`StoreError::KeyMissing`],
    /// [`StoreError::TooNew`], [`StoreError::Sqlite`].
    pub fn open_as_archive(path: &Path, database: &Path) -> Result<Self, StoreError> {
        let unfit = |found: String| StoreError::NoArchive { path: path.to_owned(), found };
        // Looked at before anything may be written: whatever lies there now, nothing else is touched. The advice of other errors is for
        // the ledger.
        let looked = open_read_only(path).map_err(|error| match error {
            StoreError::Sqlite { source, .. } => unfit(source.to_string()),
            other => other,
        })?;
        match is_archive(&looked).map_err(|source| unfit(source.to_string()))? {
            true => Self::open_archive(path, database),
            false => Err(unfit("it is none".to_owned())),
        }
    }

    /// Whether anything was written when it was opened, or since.
    pub fn is_changed(&self) -> bool {
        self.connection.total_changes() > 0 || self.upgrade.is_some()
    }
}
