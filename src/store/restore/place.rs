//! The files: the ledger that is there goes aside under a name of its own, the backup takes its place.
//!
//! Between the two there is a moment without a ledger, and after it one in which the backup's ledger does not know yet what to hold. A
//! mark beside the ledger stands from before the first to after the second; while it does, no daemon starts, and the same command
//! takes up where it was cut off.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::super::files::{beside, sync_folder_of};
use super::super::open::bring_up;
use super::super::{Reader, StoreError};
use crate::model::Timestamp;

/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// A restore that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// Where the ledger that was there lies, or was about to be put; `None`: there was none.
    pub aside: Option<PathBuf>,
}

/// The mark of a restore that was begun.
pub(in crate::store) fn marker(database: &Path) -> PathBuf {
    beside(database, ".restoring")
}

fn failed(path: &Path) -> impl Fn(io::Error) -> StoreError + '_ {
    |source| StoreError::Moving { path: path.to_owned(), source }
}

impl Unfinished {
    /// The restore that was begun at this ledger and not ended. Errors: [`StoreError::Moving`].
    pub fn at(database: &Path) -> Result<Option<Self>, StoreError> {
        let marker = marker(database);
        match fs::read(&marker) {
            Ok(octets) => serde_json::from_slice(&octets).map(Some).map_err(io::Error::from).map_err(failed(&marker)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&marker)(error)),
        }
    }
}

/// Puts the ledger that is there aside, with what belongs to it, and leaves the mark; takes up one that was begun. Nothing is
/// deleted. Gives where it lies. Errors: [`StoreError::Moving`].
pub fn begin(database: &Path, now: Timestamp) -> Result<Unfinished, StoreError> {
    let begun = Unfinished::at(database)?;
    let unfinished = match begun {
        Some(unfinished) => unfinished,
        None => {
            let name = format!(".replaced-{}", now.strftime("%Y%m%dT%H%M%SZ"));
            let aside = database.exists().then(|| beside(database, &name));
            let unfinished = Unfinished { aside };
            let marker = marker(database);
            write_whole(&marker, &serde_json::to_vec(&unfinished).unwrap_or_default()).map_err(failed(&marker))?;
            unfinished
        }
    };
    if let Some(aside) = &unfinished.aside
        && !aside.exists()
    {
        // The ledger itself last: while it is there, this is not done.
        for end in COMPANIONS.into_iter().chain([""]) {
            let (from, to) = (beside(database, end), beside(aside, end));
            match fs::rename(&from, &to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => other.map_err(failed(&from))?,
            }
        }
        sync_folder_of(database).map_err(failed(database))?;
    }
    Ok(unfinished)
}

/// Copies the backup to where the ledger belongs, whole or not at all. Errors: [`StoreError::Moving`].
pub fn put_in_place(backup: &Path, database: &Path) -> Result<(), StoreError> {
    let unfinished = beside(database, ".new");
    let copy = || -> io::Result<()> {
        let mut from = File::open(backup)?;
        let mut to = File::options().write(true).create(true).truncate(true).mode(0o640).open(&unfinished)?;
        io::copy(&mut from, &mut to)?;
        to.set_permissions(fs::Permissions::from_mode(0o640))?;
        to.sync_all()?;
        // Of a try before this one; the ledger that was there has its own aside.
        for end in COMPANIONS {
            match fs::remove_file(beside(database, end)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&unfinished, database)?;
        sync_folder_of(database)
    };
    copy().map_err(failed(database))
}

/// Takes the mark away: the ledger knows what to hold. Errors: [`StoreError::Moving`].
pub fn finish(database: &Path) -> Result<(), StoreError> {
    let marker = marker(database);
    fs::remove_file(&marker).and_then(|()| sync_folder_of(database)).map_err(failed(&marker))
}

/// A copy of the ledger that was put aside, brought up to this program's schema, to be carried over from; the ledger itself stays as it
/// is. The copy goes away with the value. Errors: it cannot be read or copied.
pub fn newer_copy(aside: &Path, database: &Path) -> Result<tempfile::TempPath, StoreError> {
    let path = beside(database, ".newer");
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&path)(error)),
        _ => {}
    }
    Reader::open(aside)?.back_up(&path)?;
    let copy = tempfile::TempPath::try_from_path(&path).map_err(failed(&path))?;
    let connection = Connection::open(&path).map_err(|source| StoreError::Sqlite { path: path.clone(), source })?;
    bring_up(&connection, &path)?;
    Ok(copy)
}

fn write_whole(path: &Path, octets: &[u8]) -> io::Result<()> {
    let unfinished = beside(path, ".new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o640).open(&unfinished)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder_of(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_that_was_there_goes_aside_whole_and_a_cut_off_restore_is_taken_up() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("k.db");
        for (end, content) in [("", "old"), ("-wal", "its log"), ("-shm", "its index")] {
            fs::write(beside(&database, end), content).unwrap();
        }
        let backup = folder.path().join("backup.db");
        fs::write(&backup, "backup").unwrap();
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        // Cut off after the log went aside.
        let aside = beside(&database, ".replaced-20261118T130640Z");
        let begun = serde_json::to_vec(&Unfinished { aside: Some(aside.clone()) }).unwrap();
        fs::write(marker(&database), begun).unwrap();
        fs::rename(beside(&database, "-wal"), beside(&aside, "-wal")).unwrap();
        assert_eq!(begin(&database, now).unwrap().aside, Some(aside.clone()));
        assert!(!database.exists());
        put_in_place(&backup, &database).unwrap();
        // And once more after the backup took its place: what lies aside stays what it is.
        fs::write(beside(&database, "-wal"), "of the try before").unwrap();
        assert_eq!(begin(&database, now).unwrap().aside, Some(aside.clone()));
        put_in_place(&backup, &database).unwrap();
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        assert_eq!((read(&aside), read(&beside(&aside, "-wal"))), ("old".to_owned(), "its log".to_owned()));
        assert_eq!(read(&database), "backup");
        assert!(!beside(&database, "-wal").exists());
        finish(&database).unwrap();
        assert_eq!(Unfinished::at(&database).unwrap(), None);
    }
}
