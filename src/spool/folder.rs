//! The queue directory on disk: looking, opening, moving, writing. Everything here may block.
//!
//! Nothing is followed out of the queue: links, pipes and devices are seen as what they are and never opened.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::model::Timestamp;
use crate::store::files::{rename_new, sync_folder};

/// Where accepted files lie, with their reports.
pub(super) const ACCEPTED: &str = "accepted";
/// Where rejected files lie, with their reasons.
pub(super) const REJECTED: &str = "rejected";
/// How the names of our own unfinished files begin.
const UNFINISHED: &str = ".kentongan-";
/// Names tried for a file whose own is taken.
const NAMES_MAX: u32 = 9_999;

/// What a file is at one moment. Two that are equal mean that nobody wrote in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub what: What,
    pub size: u64,
    pub owner: u32,
    links: u64,
    place: (u64, u64),
    modified: (i64, i64),
}

/// What lies under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    File,
    Folder,
    /// A link, pipe, socket or device.
    Other,
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        let what = match metadata.file_type() {
            kind if kind.is_file() => What::File,
            kind if kind.is_dir() => What::Folder,
            _ => What::Other,
        };
        Self {
            what,
            size: metadata.size(),
            owner: metadata.uid(),
            links: metadata.nlink(),
            place: (metadata.dev(), metadata.ino()),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }

    /// When what lies at a path was put there or changed last (`st_ctime`, which nobody can set: a copy keeps the old time of
    /// writing, and not this one). `None`: it is gone, or its folder cannot be looked into.
    pub(super) fn put_at(path: &Path) -> Option<Timestamp> {
        let metadata = fs::symlink_metadata(path).ok()?;
        Timestamp::new(metadata.ctime(), i32::try_from(metadata.ctime_nsec()).ok()?).ok()
    }

    /// What lies at a path, links not followed.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        fs::symlink_metadata(path).map(|metadata| Self::of(&metadata))
    }

    /// Of an open file.
    pub(super) fn of_open(file: &File) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::of(&metadata))
    }

    /// Whether the file has another name elsewhere, under which it could be changed.
    pub(super) fn has_other_names(&self) -> bool {
        self.what == What::File && self.links > 1
    }

    /// Whether somebody wrote to the file in between. Moving it changes neither its size nor this time.
    pub(super) fn same_content(&self, other: &Stamp) -> bool {
        (self.size, self.modified) == (other.size, other.modified)
    }

    /// Whether both are the same file, whatever was written to it.
    pub(super) fn same_file(&self, other: &Stamp) -> bool {
        self.place == other.place
    }
}

/// Opens what should be a file, without following a link and without waiting for the other end of a pipe.
pub(super) fn open(path: &Path) -> io::Result<(File, Stamp)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let stamp = Stamp::of_open(&file)?;
    Ok((file, stamp))
}

/// Whether a name is none of the queue's business: unfinished files of editors and copying programs, our own, and the report of a
/// unit's inbox.
pub(super) fn is_ignored(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || name == super::inbox_report::NAME
        || [".tmp", ".part", ".filepart", ".crdownload", ".swp"].iter().any(|end| name.ends_with(end))
}

/// Makes a unit's folder and the two inside it, and clears what a crash left unfinished.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    for folder in [folder.to_owned(), folder.join(ACCEPTED), folder.join(REJECTED)] {
        fs::create_dir_all(&folder)?;
        clear_unfinished(&folder)?;
    }
    Ok(())
}

/// Clears the unfinished reports and reasons of a daemon that was killed. Not those beside the dropped files: a
/// `kentongan submit` may be at work there.
pub(super) fn clear_after_crash(folder: &Path) -> io::Result<()> {
    [ACCEPTED, REJECTED].iter().try_for_each(|inside| clear_unfinished(&folder.join(inside)))
}

fn clear_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            // One that stays costs nothing but its place.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Everything in a folder that may be a job, links not followed. What vanishes meanwhile is left out.
pub(super) fn list(folder: &Path) -> io::Result<Vec<(OsString, Stamp)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if is_ignored(&name) || name == ACCEPTED || name == REJECTED {
            continue;
        }
        match Stamp::at(&entry.path()) {
            Ok(stamp) => found.push((name, stamp)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// A name without its last extension.
pub(super) fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// `NAME.ext`, `NAME-2.ext`, `NAME-3.ext`, …
pub(super) fn names(name: &str) -> impl Iterator<Item = String> {
    let stem = stem(name).to_owned();
    let extension = name[stem.len()..].to_owned();
    let first = name.to_owned();
    (1..=NAMES_MAX).map(move |count| if count == 1 { first.clone() } else { format!("{stem}-{count}{extension}") })
}

/// The name that a person can read and every program can write.
pub(super) fn plain_name(name: &OsStr) -> String {
    name.to_string_lossy().chars().map(|c| if c.is_control() || c == '/' { '_' } else { c }).take(200).collect()
}

/// Writes a file whole or not at all, readable for the folder's group.
pub(super) fn write_atomic(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .permissions(fs::Permissions::from_mode(0o664))
        .tempfile_in(folder)?;
    {
        let mut buffer = BufWriter::with_capacity(64 * 1024, unfinished.as_file_mut());
        write(&mut buffer)?;
        buffer.flush()?;
    }
    unfinished.as_file().sync_all()?;
    unfinished.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Whether anything lies there, a link that leads nowhere included.
pub(super) fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Renames without replacing anything, and only the file that was read: one put in its place meanwhile goes back. Gives what it is now,
/// when nobody finds it under its old name any more.
pub(super) fn move_into(from: &Path, to: &Path, expected: &Stamp) -> io::Result<Stamp> {
    let changed = || io::Error::new(io::ErrorKind::Interrupted, "another file was put in its place");
    if !Stamp::at(from)?.same_file(expected) {
        return Err(changed());
    }
    rename_new(from, to)?;
    let stamp = Stamp::at(to)?;
    if !stamp.same_file(expected) {
        rename_new(to, from)?;
        return Err(changed());
    }
    Ok(stamp)
}

/// The path of a unit's folder. Unit names are checked in the configuration.
pub(super) fn of_unit(queue: &Path, unit: &str) -> PathBuf {
    queue.join(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number_before_its_extension() {
        let first = |name: &str| names(name).take(3).collect::<Vec<_>>();
        assert_eq!(first("a.b.csv"), ["a.b.csv", "a.b-2.csv", "a.b-3.csv"]);
        assert_eq!(first("a"), ["a", "a-2", "a-3"]);
    }

    #[test]
    fn a_pipe_or_a_link_is_never_opened_as_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, link) = (folder.path().join("pipe.txt"), folder.path().join("link.txt"));
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RWXU, 0).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        assert_eq!(open(&pipe).unwrap().1.what, What::Other);
        assert!(open(&link).is_err());
        assert_eq!(Stamp::at(&link).unwrap().what, What::Other);
    }

    #[test]
    fn unfinished_files_of_others_and_our_own_are_ignored() {
        for name in ["a.tmp", "a.csv.part", "~$a.xlsx", ".a.csv", "inbox.report.csv", "a.csv~"] {
            assert!(is_ignored(OsStr::new(name)), "{name}");
        }
        assert!(!is_ignored(OsStr::new("report.csv")));
    }
}
