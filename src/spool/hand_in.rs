//! Files put into a unit's folder by a program of ours: whole or not at all.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Begins of names that the watch passes over.
const HIDDEN: &str = ".submit-";

/// A file that is being written under a name that the watch overlooks.
pub struct HandIn {
    file: NamedTempFile,
    folder: PathBuf,
}

impl HandIn {
    /// Begins one in a unit's folder, which is made where the daemon has not made it yet.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { file: NamedTempFile::with_prefix_in(HIDDEN, folder)?, folder: folder.to_owned() })
    }

    /// What is written to.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Makes it durable and gives it its name. Errors: the system's; `AlreadyExists`, with the file, where there is one of this name.
    pub fn name(self, name: &str) -> Result<PathBuf, (io::Error, Option<Self>)> {
        let path = self.folder.join(name);
        let ready = || {
            // The daemon runs as another user of the same group.
            self.file.as_file().set_permissions(Permissions::from_mode(0o660))?;
            self.file.as_file().sync_all()
        };
        if let Err(error) = ready() {
            return Err((error, None));
        }
        match self.file.persist_noclobber(&path) {
            Ok(_) => Ok(path),
            Err(error) => Err((error.error, Some(Self { file: error.file, folder: self.folder }))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_appears_whole_under_its_name_and_replaces_none() {
        let folder = tempfile::tempdir().unwrap();
        let unit = folder.path().join("damkar");
        let names = || -> Vec<String> {
            let mut names: Vec<_> = std::fs::read_dir(&unit)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| !name.starts_with('.'))
                .collect();
            names.sort();
            names
        };
        let mut first = HandIn::begin(&unit).unwrap();
        first.file().write_all(b"satu").unwrap();
        assert!(names().is_empty());
        let path = first.name("siaga.txt").map_err(|(error, _)| error).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
        let mut second = HandIn::begin(&unit).unwrap();
        second.file().write_all(b"dua").unwrap();
        let Err((error, Some(again))) = second.name("siaga.txt") else { panic!("it was replaced") };
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        again.name("siaga-2.txt").map_err(|(error, _)| error).unwrap();
        assert_eq!(names(), ["siaga-2.txt", "siaga.txt"]);
        assert_eq!(std::fs::read(path).unwrap(), b"satu");
    }
}
