//! Which ports are modems: those that the configuration names, else every link in a folder that udev fills.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::model::ModemName;

/// Where the udev rules make a link for each modem's AT port.
pub const LINKS: &str = "/dev/gsm";
/// The folder in it with a link for every port of a modem, whichever takes commands: these may be asked.
pub const ASK: &str = "ask";

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
/// Links to the same device count once, under the name it was given. A device of which no port has a link, and some may be asked,
/// counts as a port that goes by the device's place. A folder that is not there holds no ports. Errors: the folder
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
        if let Some(name) = entry.file_name().to_str().filter(|_| !entry.path().is_dir()) {
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
    let known: Vec<NamedPort> = named.iter().cloned().chain(found).collect();
    let asked = askable(folder).into_iter().filter(|(device, ports)| {
        let same = |port: &NamedPort| port.path == folder.join(device) || of_device(folder, &port.path) == Some(device);
        let taken = |port: &PathBuf| port.canonicalize().is_ok_and(|port| devices.contains(&port));
        !known.iter().any(same) && !ports.iter().any(taken)
    });
    let asked = asked.map(|(device, _)| NamedPort { name: ModemName::new(&device), path: folder.join(device) });
    Ok(known.iter().cloned().chain(asked).collect())
}

/// The ports that may be asked, lowest interface first, by the place of their device.
pub fn askable(folder: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder.join(ASK)) else { return found };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.exists()) {
        if let Some(device) = path.file_name().and_then(|name| name.to_str()).and_then(device_of) {
            found.entry(device.to_owned()).or_default().push(path);
        }
    }
    for ports in found.values_mut() {
        ports.sort_by_key(|port| interface_of(port));
    }
    found
}

/// The place of the device whose port has this name: `pci-0000:00:14.0-usb-0:1.4:1.2` lies in `pci-0000:00:14.0-usb-0:1.4`. `None`:
/// the name is no port's.
pub fn device_of(name: &str) -> Option<&str> {
    let (device, port) = name.rsplit_once(':')?;
    let (configuration, interface) = port.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    // Before the interface stands the socket, behind a colon of its own: `usb-0:1.4` alone is a device behind a hub.
    let socket = device.rsplit_once("usb").is_some_and(|(_, socket)| socket.contains(':'));
    (digits(configuration) && digits(interface) && socket).then_some(device)
}

/// The device of a link in `folder`.
fn of_device<'p>(folder: &Path, path: &'p Path) -> Option<&'p str> {
    if path.parent() == Some(folder) { path.file_name()?.to_str().and_then(device_of) } else { None }
}

fn interface_of(path: &Path) -> (usize, PathBuf) {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let interface = name.rsplit_once('.').and_then(|(_, interface)| interface.parse().ok());
    (interface.unwrap_or(usize::MAX), path.to_owned())
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
    fn a_device_whose_at_port_nobody_knows_counts_once_and_only_where_it_has_no_link() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let gsm = folder.path().join("gsm");
        std::fs::create_dir_all(gsm.join(ASK))?;
        let plug = |device: &str, tty: &str| {
            std::fs::write(folder.path().join(tty), "")?;
            symlink(folder.path().join(tty), gsm.join(ASK).join(device))
        };
        for (device, tty) in
            [("usb-0:1.4:1.10", "a"), ("usb-0:1.4:1.2", "b"), ("usb-0:1.5:1.0", "c"), ("usb-0:1:1.0", "d")]
        {
            plug(device, tty)?;
        }
        symlink(folder.path().join("d"), gsm.join("usb-0:1:1.0"))?;
        symlink("../nowhere", gsm.join(ASK).join("usb-0:9:1.0"))?;
        assert_eq!(names(&find(&[], &gsm, Where::Folder)?), ["usb-0:1:1.0", "usb-0:1.4", "usb-0:1.5"]);
        let ports = &askable(&gsm)["usb-0:1.4"];
        assert_eq!(ports, &[gsm.join("ask/usb-0:1.4:1.2"), gsm.join("ask/usb-0:1.4:1.10")], "lowest interface first");
        // Named by its port, or by its place.
        let named = [
            NamedPort { name: ModemName::new("one"), path: folder.path().join("c") },
            NamedPort { name: ModemName::new("two"), path: gsm.join("usb-0:1.4") },
        ];
        assert_eq!(names(&find(&named, &gsm, Where::Folder)?), ["one", "two", "usb-0:1:1.0"]);
        Ok(())
    }

    #[test]
    fn the_device_of_a_link_is_its_name_without_the_interface() {
        let check = |name: &str, device: Option<&str>| assert_eq!(device_of(name), device, "{name}");
        check("pci-0000:00:14.0-usb-0:1.4:1.2", Some("pci-0000:00:14.0-usb-0:1.4"));
        check(
            "platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2.3:1.10",
            Some("platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2.3"),
        );
        check("pci-0000:00:14.0-usb-0:1.4", None);
        check("pci-0000:00:14.0-usb-0:1", None);
        check("telkomsel-1", None);
    }

    #[test]
    fn named_ports_are_taken_even_while_absent() -> io::Result<()> {
        let named = [NamedPort { name: ModemName::new("telkomsel-1"), path: "/nowhere/tty".into() }];
        assert_eq!(names(&find(&named, Path::new("/nowhere"), Where::Folder)?), ["telkomsel-1"]);
        Ok(())
    }
}
