//! The ledger as it was before a newer program changed its schema: a whole copy beside it, made before the first change.
//!
//! `DB.before-NNNN` is the ledger as it stood before schema NNNN. Whoever has to go back to the older program puts it in the place of
//! the ledger; what was sent in between is then known to no ledger but the newer one, which is why that is a person's decision.
//!
//! Left out on purpose: going back. No schema is ever undone.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::StoreError;
use super::integrity;
use super::open::{back_up, open_read_only};

/// How many copies are kept: the one before this program, and the one before the program before.
const KEPT: usize = 2;

/// An upgrade of the ledger that took place when it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The schema it had.
    pub from: usize,
    /// The schema it has now.
    pub to: usize,
    /// The ledger as it was.
    pub copy: PathBuf,
}

/// Copies the ledger, which has schema `found`, before it is changed: durable and looked through before this returns.
///
/// Errors: [`StoreError::UpgradeCopy`]; the ledger is as it was.
pub(super) fn copy(connection: &Connection, database: &Path, found: usize) -> Result<PathBuf, StoreError> {
    let copy = beside(database, &format!("{:04}", found + 1));
    let unfinished = beside(database, "new");
    let made = finish(connection, &unfinished, &copy).map_err(|source| StoreError::UpgradeCopy {
        path: database.to_owned(),
        found,
        source: Box::new(source),
    });
    if made.is_err() {
        // What is left of it is no copy.
        let _ = fs::remove_file(&unfinished);
    }
    made.map(|()| copy)
}

fn finish(connection: &Connection, unfinished: &Path, copy: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::BackupFile { path: unfinished.to_owned(), source };
    // A power cut may have left half of one.
    match fs::remove_file(unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    back_up(connection, unfinished)?;
    integrity::check(&open_read_only(unfinished)?, unfinished)?;
    File::open(unfinished).and_then(|file| file.sync_all()).map_err(failed)?;
    // An older copy of the same name is an earlier state of this ledger, from before somebody went back: this one knows more.
    fs::rename(unfinished, copy).and_then(|()| File::open(folder(copy))?.sync_all()).map_err(failed)
}

/// Removes all copies but the one that was just made and the newest of the others. What cannot be removed is in nobody's way.
pub(super) fn forget_older(database: &Path, just_made: &Path) {
    let mut others = copies(database);
    others.retain(|(_, path)| path != just_made);
    others.sort();
    let surplus = (others.len() + 1).saturating_sub(KEPT);
    for (_, path) in others.into_iter().take(surplus) {
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(copy = %path.display(), %error, "an old copy of the database could not be removed");
        }
    }
}

/// The copies that lie beside a ledger, with the time of each.
fn copies(database: &Path) -> Vec<(std::time::SystemTime, PathBuf)> {
    let start = beside(database, "");
    let Some(start) = start.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let is_copy = |name: &str| {
        let schema = name.strip_prefix(start);
        schema.is_some_and(|digits| digits.len() >= 4 && digits.bytes().all(|octet| octet.is_ascii_digit()))
    };
    let entries = fs::read_dir(folder(database)).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_copy))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect()
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".before-");
    name.push(ending);
    PathBuf::from(name)
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::store::Store;
    use crate::store::open::{ledger_of_schema, newest_schema};

    /// Where a sync costs nothing, if there is such a place.
    fn folder_for_test() -> tempfile::TempDir {
        tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.contains("before"));
        names.sort();
        names
    }

    fn schema(path: &Path) -> usize {
        Connection::open(path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    fn events(path: &Path) -> Vec<String> {
        let connection = Connection::open(path).unwrap();
        let mut statement = connection.prepare("SELECT kind FROM events").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// A ledger of an older schema with one event in it.
    fn old_ledger(path: &Path, schema: usize) {
        let old = ledger_of_schema(path, schema);
        old.execute_batch("INSERT INTO events (at_ms, actor, kind, detail) VALUES (1, 'a', 'from_before', '')")
            .unwrap();
    }

    #[test]
    fn before_a_newer_program_changes_a_ledger_it_is_copied_as_it_was_for_its_owner_alone_and_once() {
        let folder = folder_for_test();
        let path = folder.path().join("k.db");
        let found = newest_schema() - 2;
        old_ledger(&path, found);
        let store = Store::open(&path).unwrap();
        let name = format!("k.db.before-{:04}", found + 1);
        let copy = folder.path().join(&name);
        let upgrade = Upgrade { from: found, to: newest_schema(), copy: copy.clone() };
        assert_eq!(store.upgrade(), Some(&upgrade));
        drop(store);
        assert_eq!((schema(&path), schema(&copy)), (newest_schema(), found));
        assert_eq!(events(&copy), ["from_before"]);
        assert_eq!(fs::metadata(&copy).unwrap().mode() & 0o777, 0o600);
        assert_eq!(Store::open(&path).unwrap().upgrade(), None, "there is nothing left to change");
        assert_eq!(names(folder.path()), [name]);
    }

    #[test]
    fn a_new_ledger_is_none_that_is_changed() {
        let folder = folder_for_test();
        assert_eq!(Store::open(&folder.path().join("k.db")).unwrap().upgrade(), None);
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn without_a_copy_nothing_is_changed_and_the_reason_is_told_with_the_remedy() {
        let folder = folder_for_test();
        let path = folder.path().join("k.db");
        let found = newest_schema() - 1;
        old_ledger(&path, found);
        let in_the_way = folder.path().join("k.db.before-new");
        fs::create_dir(&in_the_way).unwrap();
        let error = Store::open(&path).err().unwrap();
        assert!(matches!(error, StoreError::UpgradeCopy { .. }), "{error}");
        let told = error.to_string();
        for words in ["nothing is changed", "k.db.before-new", "Free about as much space", "start again"] {
            assert!(told.contains(words), "{words}: {told}");
        }
        assert_eq!(schema(&path), found);
        fs::remove_dir(&in_the_way).unwrap();
        assert!(Store::open(&path).unwrap().upgrade().is_some());
    }

    #[test]
    fn half_a_copy_that_a_power_cut_left_is_made_anew() {
        let folder = folder_for_test();
        let path = folder.path().join("k.db");
        let found = newest_schema() - 1;
        old_ledger(&path, found);
        fs::write(folder.path().join("k.db.before-new"), "half of a copy").unwrap();
        let copy = Store::open(&path).unwrap().upgrade().unwrap().copy.clone();
        assert_eq!(events(&copy), ["from_before"]);
        assert_eq!(names(folder.path()).len(), 1);
    }

    #[test]
    fn of_the_copies_the_newest_two_stay_and_what_only_looks_like_one_is_left_alone() {
        let folder = folder_for_test();
        let path = folder.path().join("k.db");
        old_ledger(&path, newest_schema() - 1);
        // Somebody went back and forth: by its number the oldest of them is the newest.
        for (name, day) in [("0009", 3), ("0011", 1), ("0010", 2), ("0010.mine", 1), ("friday", 1)] {
            let file = File::create(folder.path().join(format!("k.db.before-{name}"))).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(86_400 * day)).unwrap();
        }
        let new = format!("k.db.before-{:04}", newest_schema());
        drop(Store::open(&path).unwrap());
        assert_eq!(names(folder.path()), ["k.db.before-0009", "k.db.before-0010.mine", &new, "k.db.before-friday"]);
    }
}
