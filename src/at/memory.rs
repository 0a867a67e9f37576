use std::fmt;

use super::fields::{after, fields, number};

/// The name of a message storage (27.005 §3.1 `<mem>`): two capital letters or digits, such as `SM`, `ME`, `SR`, `MT`.
///
/// Nothing else can be held, so a name that came from outside cannot smuggle anything into a command.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory([u8; 2]);

impl Memory {
    /// The SIM.
    pub const SM: Memory = Memory(*b"SM");
    /// The modem itself.
    pub const ME: Memory = Memory(*b"ME");
    /// Status reports.
    pub const SR: Memory = Memory(*b"SR");
    /// SIM and modem together; its indices are not theirs.
    pub const MT: Memory = Memory(*b"MT");

    /// The memory of this name, any letter case, with or without quotes. `None` for anything that is not two letters or digits.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim().trim_matches('"');
        let octets: [u8; 2] = name.as_bytes().try_into().ok()?;
        octets.iter().all(u8::is_ascii_alphanumeric).then(|| Self(octets.map(|octet| octet.to_ascii_uppercase())))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        // Two ASCII octets by construction.
        std::str::from_utf8(&self.0).unwrap_or("SM")
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where `+CMTI` or `+CDSI` says that something lies (27.005 §3.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The storage; `None` where the modem left it out or wrote a number (Huawei: `+CMTI: 0,111`).
    pub memory: Option<Memory>,
    /// The index in it.
    pub index: u16,
}

impl Place {
    /// Reads `+CMTI: "ME",41` or `+CDSI: …`, `name` being the part before the colon. `None` without an index.
    pub(super) fn parse(line: &str, name: &str) -> Option<Self> {
        let parts = fields(after(line, name)?);
        let index = number(parts.last()?)?;
        let memory = (parts.len() > 1).then(|| Memory::parse(parts[0])).flatten();
        Some(Self { memory, index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_of_real_modems() {
        let check = |line: &str, expected: Option<Place>| assert_eq!(Place::parse(line, "+CMTI"), expected, "{line}");
        // chan-dongle's captures.
        check("+CMTI: \"ME\",41", Some(Place { memory: Some(Memory::ME), index: 41 }));
        check("+CMTI: 0,111", Some(Place { memory: None, index: 111 }));
        check("+CMTI: ", None);
        check("+CMTI:\"SM\", 0", Some(Place { memory: Some(Memory::SM), index: 0 }));
        check("+CMTI: SM,3", Some(Place { memory: Some(Memory::SM), index: 3 }));
        check("+CMTI: \"SM\",99999", None);
    }

    #[test]
    fn a_memory_holds_nothing_but_two_letters() {
        assert_eq!(Memory::parse("sr"), Some(Memory::SR));
        for bad in ["", "S", "SMS", "\"\r", "S\"", "é"] {
            assert_eq!(Memory::parse(bad), None, "{bad:?}");
        }
    }
}
