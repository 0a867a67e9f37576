//! Which ports are modems: those that the configuration names, else every link in a folder that udev fills.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::ModemName;

/// Where the udev rules make a link for each modem's AT port.
pub const LINKS: &str = "/dev/gsm";

/// A port and the name its modem goes by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedPort {
    /// The configured name, or the link's.
    pub name: ModemName,
    /// The path to open; a link is opened as it is, so that it may point elsewhere after a replug.
    pub path: PathBuf,
}

/// The ports to use: `named` as they are, whether present or not; where none is named, every entry of `folder`, by name.
///
/// Links to the same device count once. A folder that is not there holds no ports. Errors: the folder cannot be read.
pub fn find(named: &[NamedPort], folder: &Path) -> io::Result<Vec<NamedPort>> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(name) = entry.file_name().to_str() {
            found.push(NamedPort { name: ModemName::new(name), path: entry.path() });
        }
    }
    found.sort();
    let mut devices = BTreeSet::new();
    // A link that points nowhere is a modem that has just been unplugged.
    found.retain(|port| std::fs::canonicalize(&port.path).is_ok_and(|device| devices.insert(device)));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(found: &[NamedPort]) -> Vec<&str> {
        found.iter().map(|port| port.name.as_str()).collect()
    }

    #[test]
    fn links_are_found_by_name_once_a_device() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let gsm = folder.path().join("gsm");
        assert_eq!(find(&[], &gsm)?, []);
        std::fs::create_dir(&gsm)?;
        for device in ["ttyUSB2", "ttyUSB5"] {
            std::fs::write(folder.path().join(device), "")?;
        }
        symlink("../ttyUSB5", gsm.join("1-4"))?;
        symlink("../ttyUSB2", gsm.join("1-3"))?;
        symlink("../ttyUSB2", gsm.join("1-3-again"))?;
        symlink("../ttyUSB9", gsm.join("1-9"))?;
        assert_eq!(names(&find(&[], &gsm)?), ["1-3", "1-4"]);
        Ok(())
    }

    #[test]
    fn named_ports_are_taken_even_while_absent() -> io::Result<()> {
        let named = [NamedPort { name: ModemName::new("telkomsel-1"), path: "/nowhere/tty".into() }];
        assert_eq!(names(&find(&named, Path::new("/nowhere"))?), ["telkomsel-1"]);
        Ok(())
    }
}
