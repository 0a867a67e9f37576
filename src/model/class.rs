use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How urgent a job is. The order is strict: nothing of a lower class goes out while a SIM could carry a higher one.
///
/// `Ord` puts the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Darurat: life and limb; resent when in doubt, because a double is better than silence.
    Emergency,
    /// Penting: duty messages.
    Important,
    /// Umum: everything else.
    Routine,
}

impl Class {
    /// Every class, most urgent first.
    pub const ALL: [Class; 3] = [Class::Emergency, Class::Important, Class::Routine];

    /// The English name, as in the database, JSON and job files.
    pub fn name(self) -> &'static str {
        match self {
            Class::Emergency => "emergency",
            Class::Important => "important",
            Class::Routine => "routine",
        }
    }

    /// The Indonesian name, as in job files.
    pub fn name_id(self) -> &'static str {
        match self {
            Class::Emergency => "darurat",
            Class::Important => "penting",
            Class::Routine => "umum",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The word names no class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no class; write darurat, penting or umum (emergency, important, routine)")]
pub struct UnknownClass(pub String);

impl FromStr for Class {
    type Err = UnknownClass;

    /// Reads an English or Indonesian name, in any letter case.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let wanted = word.trim().to_lowercase();
        Class::ALL
            .into_iter()
            .find(|class| wanted == class.name() || wanted == class.name_id())
            .ok_or_else(|| UnknownClass(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_name_every_class_and_the_urgent_one_sorts_first() {
        for class in Class::ALL {
            assert_eq!(class.name().parse(), Ok(class));
            assert_eq!(class.name_id().to_uppercase().parse(), Ok(class));
        }
        assert!(Class::Emergency < Class::Routine);
        assert!("biasa".parse::<Class>().is_err());
    }
}
