//! USB devices with their serial ports, as the kernel shows them under `/sys`. Reads files and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Makers of modems: a device of theirs without a serial port deserves a word.
const MODEM_MAKERS: &[&str] = &["12d1", "19d2", "1e0e", "2c7c", "1199", "1bc7", "1546", "1e2d"];

/// A USB device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbDevice {
    /// Where it is plugged in, as the kernel writes it: `1-1.4`.
    pub place: String,
    /// `12d1:1001`.
    pub id: String,
    /// What it calls itself: maker and product, as far as it says.
    pub name: String,
    /// Its serial ports, lowest interface first.
    pub ports: Vec<UsbPort>,
    /// Why it has none, where it may be a modem.
    pub trouble: Option<Trouble>,
}

/// A serial port of a USB device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbPort {
    /// `ttyUSB2`.
    pub tty: String,
    /// `02`.
    pub interface: String,
    /// Class, subclass and protocol of the interface: `ff/02/02`.
    pub class: String,
}

/// Why a device of a maker of modems has no serial port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It shows itself as a disk with its driver for Windows: it has not been switched to a modem.
    Storage,
    /// It is a network card with a web page (HiLink and its like), and takes no AT commands.
    NetworkOnly,
    /// The kernel gave it no configuration: the host controller has no room for it, or it gets too little power.
    NotConfigured,
    /// The kernel knows no driver for its ports.
    NoDriver,
}

/// Every device with a serial port, and those without that should have one, by place. A folder that is not there holds none.
pub fn devices(sys: &Path) -> Vec<UsbDevice> {
    let mut ports = ports(sys);
    let mut found = Vec::new();
    for entry in fs::read_dir(sys.join("bus/usb/devices")).into_iter().flatten().flatten() {
        let Some(place) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let folder = entry.path();
        let (vendor, product) = (word(&folder, "idVendor"), word(&folder, "idProduct"));
        // Interfaces (`1-1.4:1.2`) have no ids, root hubs (`usb1`) no place.
        if vendor.is_empty() || place.starts_with("usb") {
            continue;
        }
        let mut ports = ports.remove(&place).unwrap_or_default();
        ports.sort_by(|left, right| (&left.interface, &left.tty).cmp(&(&right.interface, &right.tty)));
        let trouble =
            (ports.is_empty() && MODEM_MAKERS.contains(&vendor.as_str())).then(|| trouble(sys, &folder, &place));
        if ports.is_empty() && trouble.is_none() {
            continue;
        }
        let name = format!("{} {}", word(&folder, "manufacturer"), word(&folder, "product")).trim().to_owned();
        found.push(UsbDevice { place, id: format!("{vendor}:{product}"), name, ports, trouble });
    }
    found.sort_by(|left, right| left.place.cmp(&right.place));
    found
}

/// The serial ports by the place of their device.
fn ports(sys: &Path) -> BTreeMap<String, Vec<UsbPort>> {
    let mut found: BTreeMap<String, Vec<UsbPort>> = BTreeMap::new();
    for entry in fs::read_dir(sys.join("class/tty")).into_iter().flatten().flatten() {
        let Some(tty) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let Some((interface, port)) = port(sys, tty) else { continue };
        let name = interface.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((place, _)) = name.split_once(':') else { continue };
        found.entry(place.to_owned()).or_default().push(port);
    }
    found
}

/// The interface in which a tty lies, and the tty as a port of it; `None`: it is no USB port.
fn port(sys: &Path, tty: String) -> Option<(PathBuf, UsbPort)> {
    let device = fs::canonicalize(sys.join("class/tty").join(&tty).join("device")).ok()?;
    // Above a tty of USB serial lies its port, then the interface `1-1.4:1.2`; an ACM tty lies in the interface.
    let interface = device.ancestors().find(|folder| folder.join("bInterfaceNumber").is_file())?;
    let class = ["bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"].map(|file| word(interface, file));
    let port = UsbPort { tty, interface: word(interface, "bInterfaceNumber"), class: class.join("/") };
    Some((interface.to_owned(), port))
}

/// The port behind a path, and the id of its device, `12d1:1506`. `None`: it is no USB port.
pub fn behind(path: &Path, sys: &Path) -> Option<(String, UsbPort)> {
    let tty = path.canonicalize().ok()?.file_name()?.to_str()?.to_owned();
    let (interface, port) = port(sys, tty)?;
    let device = interface.parent()?;
    Some((format!("{}:{}", word(device, "idVendor"), word(device, "idProduct")), port))
}

fn trouble(sys: &Path, device: &Path, place: &str) -> Trouble {
    if word(device, "bConfigurationValue").is_empty() {
        return Trouble::NotConfigured;
    }
    let interfaces = fs::read_dir(sys.join("bus/usb/devices")).into_iter().flatten().flatten();
    let own =
        interfaces.filter(|entry| entry.file_name().to_str().is_some_and(|n| n.starts_with(&format!("{place}:"))));
    let classes: Vec<String> = own.map(|entry| word(&entry.path(), "bInterfaceClass")).collect();
    let has = |class: &str| classes.iter().any(|own| own == class);
    // Ports of the maker's own class that nobody serves are a missing driver, whatever else the device shows.
    if has("ff") {
        Trouble::NoDriver
    } else if has("02") || has("e0") {
        Trouble::NetworkOnly
    } else if has("08") {
        Trouble::Storage
    } else {
        Trouble::NoDriver
    }
}

/// The one line of a file of the kernel's; empty where there is none.
fn word(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// Adds a device to a made-up `/sys`: its interfaces by number, class and tty (empty: none).
    pub(crate) fn plug(sys: &Path, place: &str, id: &str, interfaces: &[(&str, &str, &str)]) {
        let bus = sys.join("bus/usb/devices");
        let device = sys.join("devices/usb1").join(place);
        let (vendor, product) = id.split_once(':').unwrap();
        fs::create_dir_all(&device).unwrap();
        fs::create_dir_all(&bus).unwrap();
        fs::create_dir_all(sys.join("class/tty")).unwrap();
        let configured = if interfaces.is_empty() { "" } else { "1" };
        let files =
            [("idVendor", vendor), ("idProduct", product), ("product", "Mobile"), ("bConfigurationValue", configured)];
        for (file, value) in files {
            fs::write(device.join(file), format!("{value}\n")).unwrap();
        }
        symlink(&device, bus.join(place)).unwrap();
        for (number, class, tty) in interfaces {
            let name = format!("{place}:1.{}", number.trim_start_matches('0'));
            let interface = device.join(&name);
            fs::create_dir_all(&interface).unwrap();
            symlink(&interface, bus.join(&name)).unwrap();
            fs::write(interface.join("bInterfaceNumber"), format!("{number}\n")).unwrap();
            let parts = ["bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"];
            for (file, value) in parts.into_iter().zip(class.split('/')) {
                fs::write(interface.join(file), format!("{value}\n")).unwrap();
            }
            if !tty.is_empty() {
                let port = interface.join(tty);
                fs::create_dir_all(&port).unwrap();
                fs::create_dir_all(sys.join("class/tty").join(tty)).unwrap();
                symlink(&port, sys.join("class/tty").join(tty).join("device")).unwrap();
            }
        }
    }

    #[test]
    fn ports_are_grouped_by_device_lowest_interface_first() {
        let sys = tempfile::tempdir().unwrap();
        let stick = [("02", "ff/ff/ff", "ttyUSB2"), ("00", "ff/ff/ff", "ttyUSB0"), ("03", "08/06/50", "")];
        plug(sys.path(), "1-1.4", "12d1:1001", &stick);
        plug(sys.path(), "1-1.3", "10c4:ea60", &[("00", "ff/00/00", "ttyUSB9")]);
        plug(sys.path(), "1-2", "046d:c52b", &[("00", "03/01/01", "")]);
        // A console of the machine's own.
        fs::create_dir_all(sys.path().join("class/tty/ttyS0")).unwrap();
        let found = devices(sys.path());
        let shown: Vec<_> = found
            .iter()
            .map(|device| {
                let ports: Vec<_> = device.ports.iter().map(|p| format!("{}={}", p.interface, p.tty)).collect();
                format!("{} {} {:?} {}", device.place, device.id, device.trouble, ports.join(" "))
            })
            .collect();
        assert_eq!(shown, ["1-1.3 10c4:ea60 None 00=ttyUSB9", "1-1.4 12d1:1001 None 00=ttyUSB0 02=ttyUSB2"]);
        assert_eq!((found[1].ports[0].class.as_str(), found[1].name.as_str()), ("ff/ff/ff", "Mobile"));
    }

    #[test]
    fn a_port_is_known_by_its_device_whichever_way_it_is_named() {
        let sys = tempfile::tempdir().unwrap();
        plug(sys.path(), "1-1.4", "12d1:1506", &[("02", "ff/02/02", "ttyUSB2")]);
        let dev = tempfile::tempdir().unwrap();
        fs::write(dev.path().join("ttyUSB2"), "").unwrap();
        symlink("ttyUSB2", dev.path().join("pci-usb-0:1.4:1.2")).unwrap();
        let (id, port) = behind(&dev.path().join("pci-usb-0:1.4:1.2"), sys.path()).unwrap();
        assert_eq!((id.as_str(), port.interface.as_str(), port.class.as_str()), ("12d1:1506", "02", "ff/02/02"));
        fs::write(dev.path().join("ttyS0"), "").unwrap();
        assert_eq!(behind(&dev.path().join("ttyS0"), sys.path()), None);
    }

    #[test]
    fn a_modem_without_ports_says_why() {
        let check = |id: &str, interfaces: &[(&str, &str, &str)], expected: Option<Trouble>| {
            let sys = tempfile::tempdir().unwrap();
            plug(sys.path(), "1-1", id, interfaces);
            assert_eq!(devices(sys.path()).first().and_then(|device| device.trouble), expected, "{id}");
        };
        check("12d1:1446", &[("00", "08/06/50", ""), ("01", "08/06/50", "")], Some(Trouble::Storage));
        check(
            "12d1:14dc",
            &[("00", "02/06/00", ""), ("01", "0a/00/00", ""), ("02", "08/06/50", "")],
            Some(Trouble::NetworkOnly),
        );
        check("2c7c:6026", &[("02", "ff/00/00", "")], Some(Trouble::NoDriver));
        check("19d2:0117", &[], Some(Trouble::NotConfigured));
        // A disk of somebody else's is a disk.
        check("0781:5567", &[("00", "08/06/50", "")], None);
        assert_eq!(devices(Path::new("/nowhere")), []);
    }
}
