//! Where files go once they are read: `accepted/` and `rejected/`, each with a report or a reason that is its own.
//!
//! Several files are moved at the same time, and a report comes later than its file; so names are chosen by one at a time, and a report
//! that was promised to one job is nobody else's.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::warn;

use super::folder::{ACCEPTED, REJECTED, Stamp, exists, move_into, names, plain_name, stem, write_atomic};
use crate::store::files::sync_folder;

/// How the reports and reasons beside the files end.
const REPORT: &str = ".report.csv";
const REASON: &str = ".reason.txt";
/// Endings of files that may share a stem.
const ENDINGS: [&str; 6] = [".txt", ".csv", ".xlsx", ".TXT", ".CSV", ".XLSX"];
/// Promised reports that are kept in mind before it is looked at which of them are written.
const PROMISED_MAX: usize = 1_000;

/// The report beside an accepted file of this name.
pub(super) fn report_name(name: &str) -> String {
    format!("{}{REPORT}", stem(name))
}

/// The reason beside a rejected file of this name.
pub(super) fn reason_name(name: &str) -> String {
    format!("{}{REASON}", stem(name))
}

/// Whether a file is named as the reports and reasons are.
pub(super) fn is_result(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with(REPORT) || name.ends_with(REASON)
}

/// Whether a file of this name, or of another ending, lies in a folder.
pub(super) fn stem_is_taken(folder: &Path, name: &str) -> io::Result<bool> {
    let stem = stem(name);
    if exists(&folder.join(name))? {
        return Ok(true);
    }
    for ending in ENDINGS {
        if exists(&folder.join(format!("{stem}{ending}")))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An accepted file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filed {
    /// Its name in `accepted/`.
    pub name: String,
    /// Whether somebody wrote to it between its being read and its being moved.
    pub written_to: bool,
}

/// Moves files, one at a time as far as their names go.
#[derive(Default)]
pub(super) struct Shelf {
    /// Reports that will be written.
    promised: Mutex<BTreeSet<PathBuf>>,
}

impl Shelf {
    fn one_at_a_time(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        // A set of paths is whole whoever panicked.
        let mut promised = self.promised.lock().unwrap_or_else(PoisonError::into_inner);
        if promised.len() > PROMISED_MAX {
            promised.retain(|report| !exists(report).unwrap_or(false));
        }
        promised
    }

    /// Moves an accepted file into `accepted/`, under a name that is free there for the file and for its report. The same where the file
    /// is gone, for the report needs one.
    pub(super) fn accept(&self, unit: &Path, name: &OsStr, expected: &Stamp) -> io::Result<Filed> {
        let accepted = unit.join(ACCEPTED);
        let wanted = plain_name(name);
        let mut promised = self.one_at_a_time();
        for name_there in names(&wanted) {
            let report = accepted.join(report_name(&name_there));
            if promised.contains(&report) || exists(&report)? || stem_is_taken(&accepted, &name_there)? {
                continue;
            }
            let written_to = match move_into(&unit.join(name), &accepted.join(&name_there), expected) {
                Ok(there) => !there.same_content(expected),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            };
            promised.insert(report);
            drop(promised);
            make_durable(&accepted, unit);
            return Ok(Filed { name: name_there, written_to });
        }
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("there are too many files named {wanted} in accepted/"),
        ))
    }

    /// Moves a file that belongs to another to the same place, under any free name. Gives whether somebody wrote to it since `expected`.
    pub(super) fn follow(&self, unit: &Path, name: &str, to: &str, expected: Option<&Stamp>) -> io::Result<bool> {
        let from = unit.join(name);
        let stamp = match Stamp::at(&from) {
            Ok(stamp) => stamp,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let promised = self.one_at_a_time();
        for name in names(name) {
            match move_into(&from, &unit.join(to).join(name), &stamp) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(error),
                Ok(there) => {
                    drop(promised);
                    make_durable(&unit.join(to), unit);
                    return Ok(expected.is_some_and(|expected| !there.same_content(expected)));
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Writes the reason, then moves the file into `rejected/`: a crash in between does it again with the same reason.
    pub(super) fn reject(&self, unit: &Path, name: &OsStr, expected: &Stamp, notice: &str) -> io::Result<()> {
        let rejected = unit.join(REJECTED);
        let _one_at_a_time = self.one_at_a_time();
        for name_there in names(&plain_name(name)) {
            let reason = rejected.join(reason_name(&name_there));
            if stem_is_taken(&rejected, &name_there)? {
                continue;
            }
            match fs::read(&reason) {
                Ok(there) if there == notice.as_bytes() => {}
                Ok(_) => continue,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    write_atomic(&reason, |file| file.write_all(notice.as_bytes()))?;
                }
                Err(error) => return Err(error),
            }
            match move_into(&unit.join(name), &rejected.join(&name_there), expected) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::remove_file(&reason)?;
                    return Err(error);
                }
                other => return other.map(|_| make_durable(&rejected, unit)),
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "there are too many files of this name in rejected/"))
    }
}

/// After a file was moved. Where the disk does not take it, the file is moved all the same, and nobody finds it to move it again: it is read
/// once more only if the power is cut now, and known then by its content.
fn make_durable(to: &Path, from: &Path) {
    if let Err(error) = sync_folder(to).and_then(|()| sync_folder(from)) {
        warn!(folder = %to.display(), %error, "a file was moved here, and it is not sure that a power cut would leave it here");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::folder::prepare;

    struct Unit(tempfile::TempDir);

    impl Unit {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            prepare(folder.path()).unwrap();
            Self(folder)
        }

        fn drop(&self, name: &str, content: &str) -> Stamp {
            fs::write(self.0.path().join(name), content).unwrap();
            Stamp::at(&self.0.path().join(name)).unwrap()
        }

        fn lies(&self, name: &str) -> String {
            fs::read_to_string(self.0.path().join(name)).unwrap()
        }
    }

    #[test]
    fn accepted_files_never_replace_one_another_nor_share_a_report() {
        let (unit, shelf) = (Unit::new(), Shelf::default());
        let accept = |name: &str| shelf.accept(unit.0.path(), OsStr::new(name), &unit.drop(name, name)).unwrap().name;
        assert_eq!(accept("a.csv"), "a.csv");
        assert_eq!(accept("a.csv"), "a-2.csv");
        assert_eq!(accept("a.txt"), "a-3.txt", "the reports of the two others may not be there yet");
        // One of smstools', whose ending says nothing.
        assert_eq!(accept("b.1"), "b.1");
        assert_eq!(accept("b.2"), "b-2.2");
        unit.drop("accepted/c.report.csv", "");
        assert_eq!(accept("c.txt"), "c-2.txt");
        let gone = unit.drop("d.txt", "");
        fs::remove_file(unit.0.path().join("d.txt")).unwrap();
        assert_eq!(shelf.accept(unit.0.path(), OsStr::new("d.txt"), &gone).unwrap().name, "d.txt");
        assert_eq!(accept("d.csv"), "d-2.csv", "the report of the first is promised, although its file is gone");
        // Another run finds what lies there.
        let accepted = Shelf::default().accept(unit.0.path(), OsStr::new("a.xlsx"), &unit.drop("a.xlsx", ""));
        assert_eq!(accepted.unwrap().name, "a-4.xlsx");
    }

    #[test]
    fn a_file_that_was_written_to_after_it_was_read_says_so_and_a_rested_one_does_not() {
        let (unit, shelf) = (Unit::new(), Shelf::default());
        let read = unit.drop("a.csv", "nomor\n0812\n");
        assert!(!shelf.accept(unit.0.path(), OsStr::new("a.csv"), &read).unwrap().written_to);
        let read = unit.drop("b.csv", "nomor\n0812\n");
        let mut file = fs::File::options().append(true).open(unit.0.path().join("b.csv")).unwrap();
        file.write_all(b"0857\n").unwrap();
        assert!(shelf.accept(unit.0.path(), OsStr::new("b.csv"), &read).unwrap().written_to);
        let read = unit.drop("c.csv", "nomor\n");
        file = fs::File::options().append(true).open(unit.0.path().join("c.csv")).unwrap();
        file.write_all(b"0857\n").unwrap();
        assert!(shelf.follow(unit.0.path(), "c.csv", ACCEPTED, Some(&read)).unwrap());
    }

    #[test]
    fn a_file_put_in_the_place_of_the_one_that_was_read_is_not_moved() {
        let unit = Unit::new();
        let read = unit.drop("a.csv", "read");
        unit.drop("other", "not read");
        fs::rename(unit.0.path().join("other"), unit.0.path().join("a.csv")).unwrap();
        let moved = Shelf::default().accept(unit.0.path(), OsStr::new("a.csv"), &read);
        assert_eq!(moved.unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert_eq!(unit.lies("a.csv"), "not read");
    }

    #[test]
    fn a_rejection_that_broke_off_is_finished_under_the_same_name() {
        let (unit, shelf) = (Unit::new(), Shelf::default());
        unit.drop("rejected/a.reason.txt", "reason 1");
        for (content, there) in [("1", "a"), ("2", "a-2")] {
            let read = unit.drop("a.csv", content);
            shelf.reject(unit.0.path(), OsStr::new("a.csv"), &read, &format!("reason {content}")).unwrap();
            assert_eq!(unit.lies(&format!("rejected/{there}.csv")), content);
            assert_eq!(unit.lies(&format!("rejected/{there}.reason.txt")), format!("reason {content}"));
        }
    }

    #[test]
    fn files_of_one_stem_that_are_rejected_at_the_same_time_have_a_reason_each() {
        let (unit, shelf) = (Unit::new(), Shelf::default());
        let names = ["a.csv", "a.txt", "a.xlsx"];
        let read = names.map(|name| unit.drop(name, name));
        std::thread::scope(|scope| {
            for (name, read) in names.into_iter().zip(&read) {
                // The same words, as for two empty files.
                scope.spawn(|| shelf.reject(unit.0.path(), OsStr::new(name), read, "empty").unwrap());
            }
        });
        let lying = fs::read_dir(unit.0.path().join(REJECTED)).unwrap().map(|entry| entry.unwrap().file_name());
        let (reasons, files): (Vec<_>, Vec<_>) =
            lying.map(|name| name.into_string().unwrap()).partition(|name| is_result(name));
        assert_eq!((files.len(), reasons.len()), (3, 3), "{files:?} {reasons:?}");
        for file in files {
            assert!(reasons.contains(&reason_name(&file)), "{file}: {reasons:?}");
        }
    }
}
