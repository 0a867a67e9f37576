//! Alarms: from when on something is one, and who is told of it when.

mod telling;
mod thresholds;

pub use telling::{Item, Manner, News, Round, Said, round};
pub use thresholds::{OptOuts, Room, Thresholds};

use std::collections::BTreeSet;

use crate::model::{FactKind, Lang, Msisdn, SignedDuration};

/// What the settings say of alarms.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarms {
    /// From when on something is an alarm.
    pub thresholds: Thresholds,
    /// The language of what is told.
    pub lang: Lang,
    /// Who tells it.
    pub office: String,
    /// To whom alarms go by SMS.
    pub numbers: Vec<Msisdn>,
    /// How those are told.
    pub sms: Manner,
    /// How mail is told; `None`: no mail is set up.
    pub mail: Option<Manner>,
}

impl Default for Alarms {
    fn default() -> Self {
        Self {
            thresholds: Thresholds::default(),
            lang: Lang::Indonesian,
            office: "Kantor".to_owned(),
            numbers: Vec::new(),
            sms: Manner::default(),
            mail: None,
        }
    }
}

/// A webhook of the settings, as far as it is decided on.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// What people call it.
    pub name: String,
    /// What it is told of.
    pub facts: BTreeSet<FactKind>,
    /// The only unit whose messages, jobs and inbound texts it is told of; `None`: all.
    pub unit: Option<String>,
    /// Facts older than this are given up while it fails.
    pub give_up_after: SignedDuration,
}

/// Waits between tries of what failed: the first is [`FIRST`], each the double of the one before, up to [`LONGEST`].
const FIRST: SignedDuration = SignedDuration::from_secs(5);
const LONGEST: SignedDuration = SignedDuration::from_mins(30);

/// How long to wait after so many failures in a row. `chance` from 0 to 1 spreads it by a quarter either way, so that what failed
/// together is not tried together.
pub fn patience(failures: u32, chance: f64) -> SignedDuration {
    let doubled = FIRST.as_secs() << failures.saturating_sub(1).min(16);
    let wait = doubled.min(LONGEST.as_secs()) as f64 * (0.75 + 0.5 * chance.clamp(0.0, 1.0));
    SignedDuration::from_millis((wait * 1000.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_an_hour_and_are_spread() {
        let waits: Vec<i64> = [1, 2, 3, 9, 10, 40, u32::MAX].map(|n| patience(n, 0.5).as_secs()).to_vec();
        assert_eq!(waits, [5, 10, 20, 1280, 1800, 1800, 1800]);
        assert_eq!((patience(1, 0.0).as_millis(), patience(1, 1.0).as_millis()), (3750, 6250));
    }
}
