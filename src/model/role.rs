use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::near::nearest;

/// In what capacity somebody stands in the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Head of a rukun tetangga, some thirty households.
    Rt,
    /// Head of a rukun warga, several RT.
    Rw,
    /// Head of a kelurahan.
    Lurah,
    /// Head of a kecamatan.
    Camat,
    /// An official of one of the city's offices (OPD).
    Official,
    /// A citizen who asked to be written to.
    Subscriber,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 6] = [Role::Rt, Role::Rw, Role::Lurah, Role::Camat, Role::Official, Role::Subscriber];

    /// The name in the database and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Role::Rt => "rt",
            Role::Rw => "rw",
            Role::Lurah => "lurah",
            Role::Camat => "camat",
            Role::Official => "official",
            Role::Subscriber => "subscriber",
        }
    }

    /// The word in expressions and exported lists.
    pub fn word(self) -> &'static str {
        match self {
            Role::Rt => "RT",
            Role::Rw => "RW",
            Role::Lurah => "lurah",
            Role::Camat => "camat",
            Role::Official => "OPD",
            Role::Subscriber => "warga",
        }
    }

    /// How its holder is addressed: what `{peran}` becomes in a text.
    pub fn address(self) -> &'static str {
        match self {
            Role::Rt => "Ketua RT",
            Role::Rw => "Ketua RW",
            Role::Lurah => "Lurah",
            Role::Camat => "Camat",
            Role::Official => "Pejabat",
            Role::Subscriber => "Warga",
        }
    }
}

/// Every word by which lists and expressions name a role; compared in lower case, single spaces.
const WORDS: &[(&str, Role)] = &[
    ("rt", Role::Rt),
    ("ketua rt", Role::Rt),
    ("rukun tetangga", Role::Rt),
    ("rw", Role::Rw),
    ("ketua rw", Role::Rw),
    ("rukun warga", Role::Rw),
    ("lurah", Role::Lurah),
    ("kepala kelurahan", Role::Lurah),
    ("camat", Role::Camat),
    ("kepala kecamatan", Role::Camat),
    ("opd", Role::Official),
    ("pejabat", Role::Official),
    ("pejabat opd", Role::Official),
    ("official", Role::Official),
    ("warga", Role::Subscriber),
    ("pelanggan", Role::Subscriber),
    ("masyarakat", Role::Subscriber),
    ("publik", Role::Subscriber),
    ("subscriber", Role::Subscriber),
    ("public", Role::Subscriber),
];

/// The word names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no role; write RT, RW, lurah, camat, OPD or warga{}", did_you_mean(*.near))]
pub struct UnknownRole {
    /// As written.
    pub word: String,
    /// What was probably meant.
    pub near: Option<&'static str>,
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

impl FromStr for Role {
    type Err = UnknownRole;

    /// Reads a role's name or one of its usual words, in any letter case.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let wanted = word.to_lowercase().replace(['.', '_', '-'], " ");
        let wanted = wanted.split_whitespace().collect::<Vec<_>>().join(" ");
        WORDS.iter().find(|(known, _)| *known == wanted).map(|(_, role)| *role).ok_or_else(|| UnknownRole {
            word: word.trim().chars().take(40).collect(),
            near: nearest(&wanted, WORDS.iter().map(|(known, _)| *known)),
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_known_by_its_name_its_word_and_what_lists_call_it() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
            assert_eq!(role.word().parse(), Ok(role));
        }
        for (word, role) in [("Ketua R.T", None), ("KETUA RW", Some(Role::Rw)), ("Pejabat  OPD", Some(Role::Official))]
        {
            assert_eq!(word.parse::<Role>().ok(), role, "{word}");
        }
        assert_eq!("lurahh".parse::<Role>().unwrap_err().near, Some("lurah"));
        assert_eq!("kader posyandu".parse::<Role>().unwrap_err().near, None);
    }
}
