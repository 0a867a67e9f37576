//! `kentongan doctor`: which serial ports there are, who holds them, behind which a modem answers, and what to write so
//! that the daemon uses it.
//!
//! Ports of one USB device are asked one after another, lowest interface first; devices at the same time. A port that
//! somebody holds is never opened: the daemon's own are reported as held by it. A port that the udev rules or the
//! configuration name is asked first, and when it answers the device's others stay closed.

mod phrases;
mod report;
mod verdict;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tokio::task::JoinSet;

use super::args::Doctor;
use super::screen::{print, print_json};
use super::{Context, Failure};
use crate::config::{Config, Modem};
use crate::modem::choice::Asked;
use crate::modem::finder::{NamedPort, Where, askable, find};
use crate::modem::port::{Port, SerialSettings};
use crate::modem::probe::{Answer, PROBE_MAX, probe};
use crate::modem::usb::{self, Trouble, UsbDevice};
use phrases::Phrases;
use report::{PortSeen, Seen};

/// USB-to-serial bridges: what is behind one of their ports has nothing to do with what is behind another.
const BRIDGES: &[&str] = &[
    "10c4:ea60",
    "10c4:ea70",
    "10c4:ea71",
    "0403:6001",
    "0403:6010",
    "0403:6011",
    "067b:2303",
    "067b:23a3",
    "1a86:7523",
    "1a86:5523",
    "9710:7840",
    "04e2:1414",
    "04e2:1424",
];

/// Ports of which at most one is to be used.
#[derive(Clone, Debug, Default)]
struct Group {
    place: String,
    usb_id: String,
    name: String,
    trouble: Option<Trouble>,
    ports: Vec<Candidate>,
}

/// A port that may be asked.
#[derive(Clone, Debug)]
struct Candidate {
    path: PathBuf,
    stable: Option<String>,
    interface: String,
    class: String,
    named: bool,
    /// The daemon asks it by itself where the rules cannot say which port it is.
    asked: bool,
    serial: SerialSettings,
}

pub(super) fn run(context: &Context, how: &Doctor) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    let (config, unread) = configuration(context)?;
    let groups = groups(&config, &how.ports, &usb::devices(Path::new("/sys")));
    if !how.json {
        if let Some(why) = unread {
            print(&format!("{}\n\n", super::phrases::fill(say.defaults, &[&why])))?;
        }
        if runs("ModemManager") {
            print(&format!("{}\n\n", say.modem_manager))?;
        }
        print(&format!("{}\n", if groups.is_empty() { say.nothing } else { say.asking }))?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let seen = runtime.block_on(ask_all(groups));
    if how.json {
        print_json(&seen)?;
    }
    for device in seen.iter().filter(|_| !how.json) {
        print(&format!("\n{}", device.text(say)))?;
    }
    // Who asks about one port wants to know by the exit code as well.
    let found = how.ports.is_empty() || seen.iter().any(|device| device.modem.is_some());
    if found { Ok(()) } else { Err(Failure::Said) }
}

/// The configuration, or its defaults with the reason: modems are looked for before it is written, too.
fn configuration(context: &Context) -> Result<(Config, Option<String>), Failure> {
    match Config::load(&context.file) {
        Ok(config) => Ok((config, None)),
        Err(error) => Ok((Config::read(&context.file, "").map_err(Failure::refused)?, Some(error.to_string()))),
    }
}

/// What is to be asked: the ports `wanted`, else every port of USB and of the configuration.
fn groups(config: &Config, wanted: &[PathBuf], devices: &[UsbDevice]) -> Vec<Group> {
    let named: BTreeSet<PathBuf> = configured(config).iter().filter_map(|path| path.canonicalize().ok()).collect();
    let asked = asked_by_itself(config);
    let links = [config.paths.ports.as_path(), Path::new("/dev/gsm"), Path::new("/dev/serial/by-path")];
    let candidate = |path: PathBuf, interface: &str, class: &str| {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let modem = config
            .modems
            .iter()
            .find(|modem| modem.port.as_ref().is_some_and(|port| port.canonicalize().is_ok_and(|port| port == real)));
        Candidate {
            stable: links.iter().find_map(|folder| link_to(folder, &real)),
            named: named.contains(&real),
            asked: asked.contains(&real),
            serial: modem.map_or_else(SerialSettings::default, serial),
            path,
            interface: interface.to_owned(),
            class: class.to_owned(),
        }
    };
    let mut groups = Vec::new();
    for device in devices {
        let group = Group {
            place: device.place.clone(),
            usb_id: device.id.clone(),
            name: device.name.clone(),
            trouble: device.trouble,
            ports: Vec::new(),
        };
        let ports = device.ports.iter();
        let ports: Vec<_> =
            ports.map(|port| candidate(Path::new("/dev").join(&port.tty), &port.interface, &port.class)).collect();
        if BRIDGES.contains(&device.id.as_str()) {
            groups.extend(ports.into_iter().map(|port| Group { ports: vec![port], ..group.clone() }));
        } else {
            groups.push(Group { ports, ..group });
        }
    }
    if !wanted.is_empty() {
        return wanted
            .iter()
            .map(|path| only(path, &groups).unwrap_or_else(|| alone(candidate(path.clone(), "", ""))))
            .collect();
    }
    let usb: BTreeSet<PathBuf> =
        groups.iter().flat_map(|group| &group.ports).filter_map(|port| port.path.canonicalize().ok()).collect();
    for path in configured(config) {
        // One that points nowhere is said to be absent.
        if path.canonicalize().map_or(true, |real| !usb.contains(&real)) {
            groups.push(alone(candidate(path, "", "")));
        }
    }
    groups
}

/// The group of this port, with this port only.
fn only(path: &Path, groups: &[Group]) -> Option<Group> {
    let real = path.canonicalize().ok()?;
    groups.iter().find_map(|group| {
        let port = group.ports.iter().find(|port| port.path.canonicalize().is_ok_and(|own| own == real))?;
        Some(Group { ports: vec![port.clone()], ..group.clone() })
    })
}

fn alone(port: Candidate) -> Group {
    Group { ports: vec![port], ..Group::default() }
}

/// The ports that the daemon would open: those listed; where none is, or one without a port, the links in `paths.ports` too.
fn configured(config: &Config) -> Vec<PathBuf> {
    let anywhere = config.modems.is_empty() || config.modems.iter().any(|modem| modem.port.is_none());
    let place = if anywhere { Where::Folder } else { Where::Named };
    let listed = config.modems.iter();
    let named: Vec<_> =
        listed.filter_map(|modem| Some(NamedPort { name: modem.name.clone(), path: modem.port.clone()? })).collect();
    // A folder that cannot be read holds none here; the daemon says so when it starts.
    let found = find(&named, &config.paths.ports, place).unwrap_or_default();
    // A device whose ports are asked has a place in the folder where nothing lies.
    let devices = askable(&config.paths.ports);
    let is_place = |path: &Path| devices.keys().any(|device| path == config.paths.ports.join(device));
    found.into_iter().map(|port| port.path).filter(|path| path.exists() || !is_place(path)).collect()
}

/// The ports that the daemon asks by itself, as devices.
fn asked_by_itself(config: &Config) -> BTreeSet<PathBuf> {
    askable(&config.paths.ports).into_values().flatten().filter_map(|path| path.canonicalize().ok()).collect()
}

fn serial(modem: &Modem) -> SerialSettings {
    SerialSettings { baud: modem.baud, hardware_flow_control: modem.hardware_flow }
}

/// The first link in `folder`, by name, that points to this device.
fn link_to(folder: &Path, device: &Path) -> Option<String> {
    let mut links: Vec<_> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    links.sort();
    let link = links.into_iter().find(|link| link.canonicalize().is_ok_and(|target| target == device))?;
    Some(link.display().to_string())
}

/// Whether a program of this name runs.
fn runs(command: &str) -> bool {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .map(|entry| entry.path().join("comm"))
        .any(|file| std::fs::read_to_string(file).is_ok_and(|name| name.trim_end() == command))
}

/// Asks all devices at once, in the order of `groups`.
async fn ask_all(groups: Vec<Group>) -> Vec<Seen> {
    let mut asking = JoinSet::new();
    for (number, group) in groups.into_iter().enumerate() {
        asking.spawn(async move { (number, ask(group, number + 1).await) });
    }
    let mut seen = asking.join_all().await;
    seen.sort_by_key(|(number, _)| *number);
    seen.into_iter().map(|(_, device)| device).collect()
}

/// Asks the ports of one device, one at a time: a modem does one thing at a time, whatever port it is asked through.
async fn ask(group: Group, number: usize) -> Seen {
    let mut order: Vec<usize> = (0..group.ports.len()).collect();
    // Stable: among the others the lowest interface stays first.
    order.sort_by_key(|place| !group.ports[*place].named);
    let (mut seen, mut settled) = (Vec::new(), false);
    for place in order {
        let port = &group.ports[place];
        let (answer, refused) = if settled { (None, None) } else { ask_port(port).await };
        settled = settled || (port.named && matches!(answer, Some(Answer::Modem(_))));
        let asked = Asked { interface: port.interface.clone(), class: port.class.clone(), named: port.named, answer };
        seen.push(PortSeen::new(port.path.display().to_string(), port.stable.clone(), asked, refused));
    }
    let asked = group.ports.iter().any(|port| port.asked);
    Seen::judged(group.place, group.usb_id, group.name, seen, group.trouble, asked, number)
}

/// What a port answered, or why it was not opened.
async fn ask_port(port: &Candidate) -> (Option<Answer>, Option<String>) {
    let mut open = match Port::open(&port.path, port.serial).await {
        Ok(open) => open,
        Err(refusal) => return (None, Some(refusal.to_string())),
    };
    let answer = tokio::time::timeout(PROBE_MAX, probe(&mut open)).await;
    open.close().await;
    let late = || Answer::Failed(format!("it took longer than {} s", PROBE_MAX.as_secs()));
    (Some(answer.unwrap_or_else(|_| late())), None)
}

#[cfg(test)]
mod tests;
