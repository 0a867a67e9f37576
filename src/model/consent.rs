use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Msisdn;

/// How much an opt-out covers. `Ord`: the wider one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptOutScope {
    /// Everything but what the settings call life-safety. `STOP` asks for it, where they call anything so.
    Ordinary,
    /// Everything, always. `STOP SEMUA` asks for it.
    Everything,
}

impl OptOutScope {
    /// Both.
    pub const ALL: [OptOutScope; 2] = [OptOutScope::Ordinary, OptOutScope::Everything];

    /// The name stored and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            OptOutScope::Ordinary => "ordinary",
            OptOutScope::Everything => "everything",
        }
    }
}

impl fmt::Display for OptOutScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for OptOutScope {
    type Err = String;

    /// Reads `ordinary` or `everything`, `biasa` or `semua`, any letter case. Errors: what may be written.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.trim().to_lowercase().as_str() {
            "ordinary" | "biasa" => Ok(OptOutScope::Ordinary),
            "everything" | "semua" => Ok(OptOutScope::Everything),
            _ => Err(format!("`{word}` is no scope; write everything (semua) or ordinary (biasa)")),
        }
    }
}

/// On what the processing of a number rests (UU 27/2022, art. 20 paragraph 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The owner's explicit consent (a).
    Consent,
    /// A contract with the owner (b).
    Contract,
    /// A legal duty of the office (c).
    LegalDuty,
    /// The owner's vital interest (d).
    VitalInterest,
    /// A task in the public interest, a public service, or the exercise of authority (e).
    PublicTask,
    /// Another legitimate interest, weighed against the owner's (f).
    LegitimateInterest,
    /// Nobody has said so yet.
    Unstated,
}

impl Basis {
    /// Every one.
    pub const ALL: [Basis; 7] = [
        Basis::Consent,
        Basis::Contract,
        Basis::LegalDuty,
        Basis::VitalInterest,
        Basis::PublicTask,
        Basis::LegitimateInterest,
        Basis::Unstated,
    ];

    /// The name stored and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Consent => "consent",
            Basis::Contract => "contract",
            Basis::LegalDuty => "legal_duty",
            Basis::VitalInterest => "vital_interest",
            Basis::PublicTask => "public_task",
            Basis::LegitimateInterest => "legitimate_interest",
            Basis::Unstated => "unstated",
        }
    }

    /// The Indonesian name, as people write it.
    pub fn name_id(self) -> &'static str {
        match self {
            Basis::Consent => "persetujuan",
            Basis::Contract => "perjanjian",
            Basis::LegalDuty => "kewajiban hukum",
            Basis::VitalInterest => "kepentingan vital",
            Basis::PublicTask => "tugas publik",
            Basis::LegitimateInterest => "kepentingan sah",
            Basis::Unstated => "belum disebut",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Basis {
    type Err = String;

    /// Reads an English or Indonesian name, any letter case, blanks and dashes as underscores. Errors: what may be written.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let plain = |word: &str| word.trim().to_lowercase().replace([' ', '-'], "_");
        let wanted = plain(word);
        Basis::ALL.into_iter().find(|basis| wanted == basis.name() || wanted == plain(basis.name_id())).ok_or_else(
            || {
                let known: Vec<_> = Basis::ALL.iter().map(|basis| basis.name()).collect();
                format!("`{word}` is no legal basis; write one of {}", known.join(", "))
            },
        )
    }
}

/// How a statement about a number reached the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By SMS, from the number itself.
    Sms,
    /// In a letter.
    Letter,
    /// At the counter.
    Counter,
    /// Over the telephone.
    Phone,
    /// In a decree that names the holder of an office.
    Decree,
    /// In a roster of office-holders.
    Roster,
    /// Otherwise; the reason says how.
    Other,
}

impl Channel {
    /// Every one.
    pub const ALL: [Channel; 7] = [
        Channel::Sms,
        Channel::Letter,
        Channel::Counter,
        Channel::Phone,
        Channel::Decree,
        Channel::Roster,
        Channel::Other,
    ];

    /// The name stored and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Letter => "letter",
            Channel::Counter => "counter",
            Channel::Phone => "phone",
            Channel::Decree => "decree",
            Channel::Roster => "roster",
            Channel::Other => "other",
        }
    }

    /// The Indonesian name, as people write it.
    pub fn name_id(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Letter => "surat",
            Channel::Counter => "loket",
            Channel::Phone => "telepon",
            Channel::Decree => "sk",
            Channel::Roster => "daftar",
            Channel::Other => "lain",
        }
    }
}

impl FromStr for Channel {
    type Err = String;

    /// Reads an English or Indonesian name of a way that people enter by hand, any letter case. Errors: what may be written.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let wanted = word.trim().to_lowercase();
        let by_hand = || Channel::ALL.into_iter().filter(|channel| *channel != Channel::Sms);
        by_hand().find(|channel| wanted == channel.name() || wanted == channel.name_id()).ok_or_else(|| {
            let known: Vec<_> =
                by_hand().map(|channel| format!("{} ({})", channel.name(), channel.name_id())).collect();
            format!("`{word}` is not known; write one of {}", known.join(", "))
        })
    }
}

/// What a person enters about a number for its owner: from a letter, at the counter, over the telephone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandEntry {
    /// Whose.
    pub number: Msisdn,
    /// How much an opt-out covers; says nothing elsewhere.
    pub scope: OptOutScope,
    /// How it reached the office.
    pub channel: Channel,
    /// On what the processing rests from now on, where the entry says so.
    pub basis: Option<Basis>,
    /// What names the paper: its number or date.
    pub letter: Option<String>,
}

impl HandEntry {
    /// An entry that says nothing beyond the number: an opt-out of everything.
    pub fn of(number: Msisdn) -> Self {
        Self { number, scope: OptOutScope::Everything, channel: Channel::Other, basis: None, letter: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_stored_and_as_staff_write_it() {
        for scope in OptOutScope::ALL {
            assert_eq!(scope.name().parse(), Ok(scope));
        }
        assert_eq!("Semua".parse(), Ok(OptOutScope::Everything));
        assert!(OptOutScope::Everything > OptOutScope::Ordinary);
        for basis in Basis::ALL {
            assert_eq!(basis.name().parse(), Ok(basis));
            assert_eq!(basis.name_id().to_uppercase().parse(), Ok(basis));
        }
        assert_eq!("tugas-publik".parse(), Ok(Basis::PublicTask));
        for channel in Channel::ALL.into_iter().filter(|channel| *channel != Channel::Sms) {
            assert_eq!(channel.name_id().parse(), Ok(channel));
        }
        assert!("sms".parse::<Channel>().is_err(), "nobody enters an SMS by hand");
        assert!("karena".parse::<Basis>().unwrap_err().contains("public_task"));
    }
}
