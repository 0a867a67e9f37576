//! The udev rules, lived through: a small reading of the rule language (udev(7)) is given one tty after another and
//! says which link it would get. `udevadm verify` checks the grammar where it is installed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Command;

/// As udev reads them, one after the other.
const RULES: &str =
    concat!(include_str!("../udev/70-kentongan.rules"), include_str!("../udev/95-kentongan-brltty.rules"));

/// Keys that the rules may use. A misspelt one is refused by udev with one line in the journal and then ignored.
const KEYS: &[&str] = &[
    "ACTION",
    "ATTR",
    "ATTRS",
    "DRIVER",
    "ENV",
    "GOTO",
    "GROUP",
    "KERNEL",
    "LABEL",
    "MODE",
    "RUN",
    "SUBSYSTEM",
    "SYMLINK",
    "TEST",
];

/// Modems by id, with the one interface that is opened.
const BY_NUMBER: &[(&str, &str, &str)] = &[
    ("12d1", "1001", "02"),
    ("12d1", "1003", "01"),
    ("12d1", "140c", "03"),
    ("12d1", "1436 14ac", "04"),
    ("19d2", "0031 0063 0082 0104 1008 1010 1254 1268 2002 2003", "03"),
    ("19d2", "0016 0017 0018 0019 0117", "02"),
    ("19d2", "0124", "04"),
    ("19d2", "1515", "00"),
    ("1e0e", "9001 9205 9206", "02"),
    ("1e0e", "9011", "04"),
    ("05c6", "9000 9003 9090 9215", "02"),
    ("2c7c", "0121 0125 0191 0195 0296 0306 0512", "02"),
    ("1199", "68a3 68c0 9071 9079 9091", "03"),
    ("1bc7", "1201", "04"),
    ("1bc7", "1204", "05"),
    ("1bc7", "0021 0022 1003 1006", "00"),
    ("1bc7", "1031 1101 110a", "01"),
    ("1546", "1102 1104", "00"),
    ("1e2d", "0061", "02"),
    ("1e2d", "0058 005b", "00"),
];

/// Huawei modems whose AT port is known by its class alone.
const BY_CLASS: &str = "1c05 1c07 1c08 14a5 14a8 14aa 1465 1506 1573 15c1";

/// Modems of which only asking tells which port it is.
const BY_PROBE: &[(&str, &str)] = &[("2c7c", "0203 0700 0901 6001 6002 6005 6026"), ("05c6", "90b2"), ("1e2d", "0053")];

/// Bridges: each port is a slot.
const BRIDGES: &[(&str, &str)] = &[
    ("10c4", "ea60 ea70 ea71"),
    ("0403", "6001 6010 6011"),
    ("067b", "2303 23a3"),
    ("1a86", "7523 5523"),
    ("04e2", "1414 1424"),
];

struct Token<'t> {
    key: &'t str,
    inner: &'t str,
    operator: &'t str,
    value: &'t str,
}

/// The rules, one list of tokens a line. Panics on what udev would not take.
fn rules() -> Vec<Vec<Token<'static>>> {
    RULES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(tokens).collect()
}

fn tokens(line: &str) -> Vec<Token<'_>> {
    let (mut rest, mut found) = (line, Vec::new());
    loop {
        let quote = rest.find('"').unwrap_or_else(|| panic!("no value in {line}"));
        let left = &rest[..quote];
        let operator = ["==", "!=", "+=", "="].into_iter().find(|operator| left.ends_with(operator));
        let operator = operator.unwrap_or_else(|| panic!("no operator before a value in {line}"));
        let name = &left[..left.len() - operator.len()];
        let (key, inner) = name.split_once('{').map_or((name, ""), |(key, inner)| (key, inner.trim_end_matches('}')));
        assert!(KEYS.contains(&key), "`{key}` is no key: {line}");
        let (value, after) = rest[quote + 1..].split_once('"').unwrap_or_else(|| panic!("an open quote in {line}"));
        found.push(Token { key, inner, operator, value });
        if after.is_empty() {
            return found;
        }
        rest = after.strip_prefix(", ").unwrap_or_else(|| panic!("no comma after a value in {line}"));
    }
}

/// A device as udev sees it: its own words, and its properties.
#[derive(Clone)]
struct Device {
    words: BTreeMap<String, String>,
    links: Vec<String>,
    runs: Vec<String>,
}

impl Device {
    fn of(words: &[(&str, &str)]) -> Self {
        let words = words.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { words, links: Vec::new(), runs: Vec::new() }
    }

    fn tty(vendor: &str, model: &str, interface: &str) -> Self {
        Self::of(&[
            ("ACTION", "add"),
            ("SUBSYSTEM", "tty"),
            ("KERNEL", "ttyUSB7"),
            ("ENV{ID_BUS}", "usb"),
            (
                "ENV{ID_PATH}",
                &format!("pci-0000:00:14.0-usb-0:1:1.{}", interface.strip_prefix('0').unwrap_or(interface)),
            ),
            ("ENV{ID_VENDOR_ID}", vendor),
            ("ENV{ID_MODEL_ID}", model),
            ("ENV{ID_USB_INTERFACE_NUM}", interface),
            ("ATTRS{bInterfaceClass}", "ff"),
            ("ATTRS{bInterfaceSubClass}", "ff"),
            ("ATTRS{bInterfaceProtocol}", "ff"),
        ])
    }

    fn usb(vendor: &str, product: &str) -> Self {
        Self::of(&[
            ("ACTION", "add"),
            ("SUBSYSTEM", "usb"),
            ("ENV{DEVTYPE}", "usb_device"),
            ("ATTR{idVendor}", vendor),
            ("ATTR{idProduct}", product),
            ("TEST", "power/control"),
        ])
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.words.insert(name.to_owned(), value.to_owned());
        self
    }

    fn word(&self, name: &str) -> &str {
        self.words.get(name).map_or("", String::as_str)
    }

    /// What the rules make of it.
    fn ruled(mut self) -> Self {
        let rules = rules();
        let mut next = 0;
        while let Some(rule) = rules.get(next) {
            next += 1;
            let name = |token: &Token| match token.inner {
                "" => token.key.to_owned(),
                inner => format!("{}{{{inner}}}", token.key),
            };
            let matches = rule.iter().all(|token| match token.operator {
                "==" => token.value.split('|').any(|pattern| fits(pattern, self.word(&name(token)))),
                "!=" => !token.value.split('|').any(|pattern| fits(pattern, self.word(&name(token)))),
                _ => true,
            });
            for token in rule.iter().filter(|token| matches && matches!(token.operator, "=" | "+=")) {
                let value = self.filled(token.value);
                match token.key {
                    "GOTO" => {
                        let target = |rule: &Vec<Token>| rule.iter().any(|t| t.key == "LABEL" && t.value == value);
                        next = rules.iter().position(target).unwrap_or_else(|| panic!("no label {value}"));
                    }
                    "SYMLINK" => self.links.push(value),
                    "RUN" => self.runs.push(value),
                    _ => drop(self.words.insert(name(token), value)),
                }
            }
        }
        self
    }

    /// `$env{NAME}` replaced by the property.
    fn filled(&self, text: &str) -> String {
        let mut pieces = text.split("$env{");
        let mut filled = pieces.next().unwrap_or("").to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}').expect("a closed $env{");
            filled.push_str(self.word(&format!("ENV{{{name}}}")));
            filled.push_str(rest);
        }
        filled
    }

    /// Links for the AT port.
    fn linked(self) -> usize {
        self.ruled().links.iter().filter(|link| !link.starts_with("gsm/ask/")).count()
    }

    /// Links by which the daemon may ask.
    fn asked(self) -> usize {
        self.ruled().links.iter().filter(|link| link.starts_with("gsm/ask/")).count()
    }
}

/// A pattern with `*` at its end or `?*` alone, as the rules use them.
fn fits(pattern: &str, value: &str) -> bool {
    match pattern {
        "?*" => !value.is_empty(),
        _ => pattern.strip_suffix('*').map_or(pattern == value, |start| value.starts_with(start)),
    }
}

const INTERFACES: [&str; 8] = ["00", "01", "02", "03", "04", "05", "06", "08"];

#[test]
fn of_each_known_modem_the_at_port_gets_a_link_and_no_other() {
    for (vendor, models, at) in BY_NUMBER {
        for model in models.split(' ') {
            for interface in INTERFACES {
                let expected = usize::from(interface == *at);
                assert_eq!(Device::tty(vendor, model, interface).linked(), expected, "{vendor}:{model} if {interface}");
            }
        }
    }
}

#[test]
fn a_huawei_says_by_its_class_which_port_takes_commands() {
    let class = |model: &str, sub: &str, protocol: &str| {
        let tty = Device::tty("12d1", model, "02");
        tty.with("ATTRS{bInterfaceSubClass}", sub).with("ATTRS{bInterfaceProtocol}", protocol).linked()
    };
    for model in BY_CLASS.split(' ').chain(["1fff"]) {
        for (sub, protocol, expected) in
            [("01", "01", 0), ("02", "01", 0), ("01", "02", 1), ("02", "02", 1), ("01", "05", 0), ("06", "14", 0)]
        {
            assert_eq!(class(model, sub, protocol), expected, "12d1:{model} ff/{sub}/{protocol}");
        }
        assert_eq!(Device::tty("12d1", model, "02").linked(), 0, "ff/ff/ff of an unknown Huawei tells nothing");
    }
}

#[test]
fn a_modem_that_must_be_asked_can_be_by_each_of_its_ports() {
    for (vendor, models) in BY_PROBE.iter().chain(&[("2c7c", "ffff"), ("12d1", "fff0"), ("1546", "1311")]) {
        for model in models.split(' ') {
            let links: BTreeSet<String> = INTERFACES
                .into_iter()
                .flat_map(|interface| Device::tty(vendor, model, interface).ruled().links)
                .collect();
            assert_eq!(links.len(), INTERFACES.len(), "{vendor}:{model} {links:?}");
            assert!(links.contains("gsm/ask/pci-0000:00:14.0-usb-0:1:1.3"), "{links:?}");
            assert_eq!(Device::tty(vendor, model, "02").ruled().word("GROUP"), "dialout", "{vendor}:{model}");
        }
    }
}

#[test]
fn the_other_ports_of_a_modem_with_a_link_can_be_asked_and_those_of_bridges_and_receivers_cannot() {
    for (vendor, models, _) in BY_NUMBER {
        for model in models.split(' ') {
            for interface in INTERFACES {
                assert_eq!(Device::tty(vendor, model, interface).asked(), 1, "{vendor}:{model} if {interface}");
            }
        }
    }
    for (vendor, models) in BRIDGES.iter().chain(&[("1546", "01a8"), ("1546", "0502"), ("05c6", "9001")]) {
        for model in models.split(' ') {
            assert_eq!(Device::tty(vendor, model, "00").asked(), 0, "{vendor}:{model}");
        }
    }
    let excluded = Device::tty("2c7c", "6026", "02").with("ENV{KENTONGAN_EXCLUDE}", "1");
    assert_eq!(excluded.asked(), 0);
}

#[test]
fn the_daemon_may_take_a_modem_off_usb_and_no_bridge() {
    let usb = |vendor, model| Device::usb(vendor, model).with("TEST", "authorized").ruled().runs;
    for (vendor, models, _) in BY_NUMBER {
        for model in models.split(' ') {
            assert_eq!(
                usb(vendor, model),
                ["/bin/chgrp -f dialout /sys$devpath/authorized", "/bin/chmod -f g+w /sys$devpath/authorized"]
            );
        }
    }
    for (vendor, models) in BRIDGES {
        for model in models.split(' ') {
            assert!(usb(vendor, model).is_empty(), "{vendor}:{model}");
        }
    }
}

#[test]
fn every_port_of_a_bridge_is_a_slot_of_its_own() {
    for (vendor, models) in BRIDGES {
        for model in models.split(' ') {
            let link = |interface| Device::tty(vendor, model, interface).ruled().links;
            let (first, second) = (link("00"), link("01"));
            assert_eq!((first.len(), second.len()), (1, 1), "{vendor}:{model}");
            assert_ne!(first, second, "{vendor}:{model}");
        }
    }
    let quad = |port| Device::tty("9710", "7840", "00").with("ENV{.ID_PORT}", port).ruled().links;
    assert_eq!(quad("3"), ["gsm/pci-0000:00:14.0-usb-0:1:1.0-port3"]);
    assert_ne!(quad("0"), quad("1"));
}

#[test]
fn a_link_is_named_by_its_place_and_belongs_to_dialout() {
    let ruled = Device::tty("2c7c", "0125", "02").ruled();
    assert_eq!(ruled.links, ["gsm/pci-0000:00:14.0-usb-0:1:1.2", "gsm/ask/pci-0000:00:14.0-usb-0:1:1.2"]);
    assert_eq!((ruled.word("GROUP"), ruled.word("MODE")), ("dialout", "0660"));
    assert_eq!(ruled.word("ENV{ID_MM_DEVICE_IGNORE}"), "1");
}

#[test]
fn what_is_no_modem_or_was_excluded_is_left_alone() {
    let tty = || Device::tty("0403", "6001", "00");
    assert_eq!(tty().linked(), 1);
    assert_eq!(tty().with("ENV{KENTONGAN_EXCLUDE}", "1").linked(), 0);
    assert_eq!(tty().with("ACTION", "remove").linked(), 0);
    assert_eq!(tty().with("KERNEL", "ttyS0").linked(), 0);
    assert_eq!(tty().with("ENV{ID_PATH}", "").linked(), 0);
    assert_eq!(Device::tty("2341", "0043", "00").linked(), 0, "an Arduino");
}

#[test]
fn every_device_of_a_modem_stays_awake_and_out_of_modemmanagers_hands() {
    let ids = BY_NUMBER.iter().map(|(vendor, models, _)| (*vendor, *models));
    let all = ids.chain(BY_PROBE.iter().copied()).chain(BRIDGES.iter().copied());
    for (vendor, models) in all.chain([("12d1", BY_CLASS), ("9710", "7840")]) {
        for model in models.split(' ') {
            let ruled = Device::usb(vendor, model).ruled();
            let word = |name| ruled.word(name);
            assert_eq!(
                (word("ENV{ID_MM_DEVICE_IGNORE}"), word("ATTR{power/control}")),
                ("1", "on"),
                "{vendor}:{model}"
            );
        }
    }
    let other = Device::usb("046d", "c52b").ruled();
    assert_eq!((other.word("ENV{ID_MM_DEVICE_IGNORE}"), other.word("ATTR{power/control}")), ("", ""));
}

#[test]
fn brltty_is_not_started_for_a_modem_and_is_for_a_display() {
    let marked = |vendor, model| {
        let device = Device::usb(vendor, model).with("ENV{BRLTTY_BRAILLE_DRIVER}", "bm");
        device.with("ENV{SYSTEMD_WANTS}", "brltty-device@.service")
    };
    let wanted = |device: Device| device.ruled().word("ENV{SYSTEMD_WANTS}").to_owned();
    for (vendor, models) in BRIDGES {
        for model in models.split(' ') {
            assert_eq!(wanted(marked(vendor, model)), "", "{vendor}:{model}");
        }
    }
    assert_eq!(wanted(marked("0904", "2000")), "brltty-device@.service", "a display's own id");
    let kept_out = marked("10c4", "ea60").with("ENV{KENTONGAN_EXCLUDE}", "1").ruled();
    assert_eq!(kept_out.word("ENV{SYSTEMD_WANTS}"), "brltty-device@.service");
    assert_eq!((kept_out.word("ENV{ID_MM_DEVICE_IGNORE}"), kept_out.word("ATTR{power/control}")), ("", ""));
    // Whatever else systemd is to start for a modem's device goes on.
    let other = Device::usb("10c4", "ea60").with("ENV{SYSTEMD_WANTS}", "other.service");
    assert_eq!(wanted(other), "other.service");
}

#[test]
fn udevadm_takes_the_rules() {
    let files = ["70-kentongan.rules", "95-kentongan-brltty.rules"]
        .map(|name| format!("{}/udev/{name}", env!("CARGO_MANIFEST_DIR")));
    // `verify` came with systemd 254; an older udevadm does not know the word.
    let help = Command::new("udevadm").args(["verify", "--help"]).output();
    if !help.is_ok_and(|output| output.status.success()) {
        // Past the test's own capture, so that a run that skips says so.
        let said =
            "udev: skipped `udevadm verify`, there is none here that knows it; this file alone checked the rules\n";
        std::io::stderr().write_all(said.as_bytes()).expect("standard error");
        assert!(!rules().is_empty());
        return;
    }
    let output = Command::new("udevadm").args(["verify", "--no-style"]).args(files).output().expect("udevadm runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
}
