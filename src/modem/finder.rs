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

/// Where modems are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// At the ports that are named, and nowhere else.
    Named,
    /// In the folder of links too: some modem is known by its number only, or none is named.
    Folder,
}

/// The ports to use: `named` as they are, whether present or not; then, if looked for there, every entry of `folder`, by name.
///
/// Links to the same device count once, under the name it was given. A folder that is not there holds no ports. Errors: the folder
/// cannot be read.
pub fn find(named: &[NamedPort], folder: &Path, place: Where) -> io::Result<Vec<NamedPort>> {
    if place == Where::Named {
        return Ok(named.to_vec());
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(named.to_vec()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(name) = entry.file_name().to_str() {
            // A link that happens to be called like a modem elsewhere goes by its path.
            let path = entry.path();
            let is_taken = named.iter().any(|port| port.name.as_str() == name);
            let name = if is_taken { ModemName::new(&path.to_string_lossy()) } else { ModemName::new(name) };
            found.push(NamedPort { name, path });
        }
    }
    found.sort();
    let mut devices: BTreeSet<PathBuf> =
        named.iter().filter_map(|port| std::fs::canonicalize(&port.path).ok()).collect();
    // A link that points nowhere is a modem that has just been unplugged.
    found.retain(|port| std::fs::canonicalize(&port.path).is_ok_and(|device| devices.insert(device)));
    Ok(named.iter().cloned().chain(found).collect())
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
        assert_eq!(find(&[], &gsm, Where::Folder)?, []);
        std::fs::create_dir(&gsm)?;
        for device in ["ttyUSB2", "ttyUSB5"] {
            std::fs::write(folder.path().join(device), "")?;
        }
        symlink("../ttyUSB5", gsm.join("1-4"))?;
        symlink("../ttyUSB2", gsm.join("1-3"))?;
        symlink("../ttyUSB2", gsm.join("1-3-again"))?;
        symlink("../ttyUSB9", gsm.join("1-9"))?;
        assert_eq!(names(&find(&[], &gsm, Where::Folder)?), ["1-3", "1-4"]);
        // One of them named, and one link called like it.
        let named = [NamedPort { name: ModemName::new("1-4"), path: gsm.join("1-3") }];
        let elsewhere = gsm.join("1-4");
        assert_eq!(names(&find(&named, &gsm, Where::Folder)?), ["1-4", &elsewhere.display().to_string()]);
        assert_eq!(names(&find(&named, &gsm, Where::Named)?), ["1-4"]);
        Ok(())
    }

    #[test]
    fn named_ports_are_taken_even_while_absent() -> io::Result<()> {
        let named = [NamedPort { name: ModemName::new("telkomsel-1"), path: "/nowhere/tty".into() }];
        assert_eq!(names(&find(&named, Path::new("/nowhere"), Where::Folder)?), ["telkomsel-1"]);
        Ok(())
    }
}
