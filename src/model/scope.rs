use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Class, JobId};

/// What a pause covers. As text, as it is stored: `all`, `class:routine`, `unit:damkar`, `job:12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything.
    All,
    /// One class.
    Class(Class),
    /// One unit.
    Unit(String),
    /// One job.
    Job(JobId),
}

impl Scope {
    /// Whether it covers every job of this class and unit.
    pub fn covers(&self, class: Class, unit: &str) -> bool {
        match self {
            Scope::All => true,
            Scope::Class(of) => *of == class,
            Scope::Unit(of) => of == unit,
            Scope::Job(_) => false,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::All => f.write_str("all"),
            Scope::Class(class) => write!(f, "class:{class}"),
            Scope::Unit(unit) => write!(f, "unit:{unit}"),
            Scope::Job(job) => write!(f, "job:{job}"),
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    /// Errors: the text, where it is none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no part of the queue");
        match text.split_once(':') {
            None if text == "all" => Ok(Scope::All),
            Some(("class", class)) => class.parse().map(Scope::Class).map_err(|_| wrong()),
            Some(("unit", unit)) => Ok(Scope::Unit(unit.to_owned())),
            Some(("job", job)) => job.parse().map(|job| Scope::Job(JobId(job))).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written_and_covers_what_it_says() {
        let check = |text: &str, covers: [bool; 2]| {
            let scope: Scope = text.parse().unwrap();
            assert_eq!(scope.to_string(), text);
            let covered = [scope.covers(Class::Routine, "damkar"), scope.covers(Class::Emergency, "a:b")];
            assert_eq!(covered, covers, "{text}");
        };
        check("all", [true, true]);
        check("class:routine", [true, false]);
        check("unit:damkar", [true, false]);
        check("unit:a:b", [false, true]);
        check("job:12", [false, false]);
        for wrong in ["", "everything", "class:darurat sekali", "job:x", "kelas:umum"] {
            assert!(wrong.parse::<Scope>().is_err(), "{wrong}");
        }
    }
}
