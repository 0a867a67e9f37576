//! Who may do what: rights, the roles that bundle them, and whoever asks.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One thing that somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See counts, jobs, modems, alarms, moratoria: nothing that shows a whole number or a citizen's words.
    View,
    /// See whole numbers, the recipients of jobs, the roster, what citizens wrote; read and answer it.
    People,
    /// Bring jobs.
    Submit,
    /// Pause, resume and cancel; settle what is in doubt.
    Control,
    /// Let jobs go that wait for a second person.
    Approve,
    /// Enter and remove opt-outs; show, export and erase persons.
    Consent,
    /// Enter and end moratoria.
    Hours,
    /// Test modems, dial USSD codes, take SIMs back into use.
    Modems,
    /// Change the roster and saved audiences.
    Roster,
    /// Accounts, tokens, the record of events.
    Manage,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 10] = [
        Self::View,
        Self::People,
        Self::Submit,
        Self::Control,
        Self::Approve,
        Self::Consent,
        Self::Hours,
        Self::Modems,
        Self::Roster,
        Self::Manage,
    ];

    /// The name stored and written.
    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::People => "people",
            Self::Submit => "submit",
            Self::Control => "control",
            Self::Approve => "approve",
            Self::Consent => "consent",
            Self::Hours => "hours",
            Self::Modems => "modems",
            Self::Roster => "roster",
            Self::Manage => "manage",
        }
    }
}

impl FromStr for Right {
    type Err = String;

    /// Reads a name. Errors: a sentence that lists what there is.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|right| right.name() == word).ok_or_else(|| {
            let all: Vec<_> = Self::ALL.into_iter().map(Self::name).collect();
            format!("`{}` is no right; there are {}", word.escape_debug(), all.join(", "))
        })
    }
}

/// A bundle of rights, as an account of the web page has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountRole {
    /// Sees how things stand.
    Viewer,
    /// Sends, answers, enters opt-outs.
    Operator,
    /// The second person: lets jobs go, enters moratoria.
    Approver,
    /// Everything.
    Administrator,
}

impl AccountRole {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Approver, Self::Administrator];

    /// The name stored and written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Administrator => "administrator",
        }
    }

    /// The name in Indonesian.
    pub fn name_id(self) -> &'static str {
        match self {
            Self::Viewer => "pengamat",
            Self::Operator => "operator",
            Self::Approver => "penyetuju",
            Self::Administrator => "administrator",
        }
    }

    /// What it may do.
    pub fn rights(self) -> BTreeSet<Right> {
        use Right::{Approve, Consent, Control, Hours, People, Submit, View};
        match self {
            Self::Viewer => BTreeSet::from([View]),
            Self::Operator => BTreeSet::from([View, People, Submit, Control, Consent]),
            Self::Approver => BTreeSet::from([View, People, Control, Approve, Hours]),
            Self::Administrator => Right::ALL.into(),
        }
    }
}

impl FromStr for AccountRole {
    type Err = String;

    /// Reads a name, English or Indonesian, in any letter case. Errors: a sentence that lists what there is.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let wanted = word.to_lowercase();
        Self::ALL.into_iter().find(|role| wanted == role.name() || wanted == role.name_id()).ok_or_else(|| {
            let word = word.escape_debug();
            format!("`{word}` is no role; there are viewer (pengamat), operator, approver (penyetuju), administrator")
        })
    }
}

/// For which units somebody acts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Units {
    /// The whole office.
    #[default]
    All,
    /// These alone; never empty.
    Only(BTreeSet<String>),
}

impl Units {
    /// Reads names with commas between; empty: all.
    pub fn stored(text: &str) -> Self {
        match text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>() {
            names if names.is_empty() => Self::All,
            names => Self::Only(names),
        }
    }

    /// Whether this unit is one of them.
    pub fn has(&self, unit: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(unit),
        }
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::Only(names) => f.write_str(&names.iter().map(String::as_str).collect::<Vec<_>>().join(",")),
        }
    }
}

/// Whoever asks for something: a user of this machine, an account of the page, or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// As the record names them: `andi`, `web:andi`, `token:siaga`.
    pub name: String,
    /// What they may do.
    pub rights: BTreeSet<Right>,
    /// For whom.
    pub units: Units,
}

impl Caller {
    /// Whether they may do this at all, for whichever unit.
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

/// A name for an account or a token: 1 to 40 letters, digits, dots, dashes, underlines; it begins with a letter or digit.
///
/// Errors: a sentence that says what is not allowed.
pub fn plain_account(name: &str) -> Result<(), String> {
    let right = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    right.then_some(()).ok_or_else(|| {
        format!("`{}` cannot be a name; use 1 to 40 letters, digits, dots, dashes, underlines", name.escape_debug())
    })
}

/// A password as it is kept: Argon2id in the PHC string form. Never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// SHA-256 of a secret that is kept nowhere: of a token, or of what a cookie holds. Never shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretDigest(pub [u8; 32]);

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_a_role_has_no_more_than_its_own() {
        for right in Right::ALL {
            assert_eq!(right.name().parse(), Ok(right));
        }
        for role in AccountRole::ALL {
            assert_eq!(role.name().parse(), Ok(role));
            assert_eq!(role.name_id().to_uppercase().parse(), Ok(role));
            assert!(role.rights().is_subset(&AccountRole::Administrator.rights()));
            assert_eq!(role.rights().contains(&Right::Manage), role == AccountRole::Administrator);
        }
        // Who brings a job never lets it go, and the other way round.
        let both =
            |role: AccountRole| role.rights().contains(&Right::Submit) && role.rights().contains(&Right::Approve);
        assert!(!both(AccountRole::Operator) && !both(AccountRole::Approver));
        assert!("root".parse::<AccountRole>().unwrap_err().contains("viewer (pengamat), operator"));
    }

    #[test]
    fn no_unit_named_means_all_and_one_named_means_no_other() {
        assert_eq!(Units::stored(""), Units::All);
        let damkar = Units::stored("damkar,dinkes");
        assert_eq!(damkar.to_string(), "damkar,dinkes");
        assert!(damkar.has("damkar") && !damkar.has("diskominfo") && Units::All.has("diskominfo"));
    }

    #[test]
    fn a_name_is_plain_and_no_secret_is_ever_shown() {
        assert!(plain_account("andi.s-2").is_ok());
        for bad in ["", "-andi", "an di", "andi\n", "web:andi", &"a".repeat(41)] {
            assert!(plain_account(bad).is_err(), "{bad:?}");
        }
        assert!(!format!("{:?} {:?}", PasswordHash("geheim".into()), SecretDigest([77; 32])).contains("77"));
        assert!(!format!("{:?}", PasswordHash("geheim".into())).contains("geheim"));
    }
}
