//! What of a modem's standing is worth a row in its history.

use crate::model::{SignedDuration, Standing, Timestamp, later};

/// How much history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryRule {
    /// A change of the signal alone is kept no sooner than this after what was kept before.
    pub signal_pace: SignedDuration,
    /// What is older is removed.
    pub keep_for: SignedDuration,
}

impl Default for HistoryRule {
    fn default() -> Self {
        Self { signal_pace: SignedDuration::from_mins(30), keep_for: SignedDuration::from_hours(24 * 400) }
    }
}

/// A smaller change of the signal is the air's: `+CSQ` counts in steps of 2 dB.
const SIGNAL_STEP: u8 = 2;
/// A modem that comes and goes is kept no oftener than this.
const CHANGE_PACE: SignedDuration = SignedDuration::from_mins(1);
/// What does not change is said again each day, so that every day has something to show.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

impl HistoryRule {
    /// When the standing `now` is to be kept, if it is still that by then; `kept` is what was kept last, and when. `None`: not as
    /// long as nothing changes.
    pub fn due(&self, kept: Option<(&Standing, Timestamp)>, now: &Standing) -> Option<Timestamp> {
        let Some((before, at)) = kept else { return Some(Timestamp::MIN) };
        let same = Standing { signal: before.signal, ..now.clone() } == *before;
        let pace = match (same, steps(before.signal, now.signal)) {
            (false, _) => CHANGE_PACE,
            (true, SIGNAL_STEP..) => self.signal_pace,
            (true, _) if now.registration.is_some() => AGAIN,
            (true, _) => return None,
        };
        Some(later(at, pace))
    }
}

/// By how much two signals differ; one that is unknown differs as much as can be.
fn steps(before: Option<u8>, now: Option<u8>) -> u8 {
    match (before, now) {
        (Some(before), Some(now)) => before.abs_diff(now),
        (None, None) => 0,
        _ => u8::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Registration, SimId};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + 60 * minute).unwrap()
    }

    fn standing(registration: Option<Registration>, signal: Option<u8>) -> Standing {
        Standing { sim: Some(SimId(1)), registration, signal, operator: Some("TELKOMSEL".to_owned()) }
    }

    #[test]
    fn a_change_is_kept_at_once_and_the_wavering_of_the_signal_seldom() {
        let rule = HistoryRule::default();
        let home = standing(Some(Registration::Home), Some(20));
        let due = |now: &Standing| rule.due(Some((&home, at(0))), now);
        assert_eq!(rule.due(None, &home), Some(Timestamp::MIN), "the first");
        assert_eq!(due(&standing(Some(Registration::Searching), Some(20))), Some(at(1)));
        assert_eq!(due(&standing(None, None)), Some(at(1)));
        assert_eq!(due(&Standing { sim: Some(SimId(2)), ..home.clone() }), Some(at(1)));
        assert_eq!(due(&Standing { operator: Some("XL".to_owned()), ..home.clone() }), Some(at(1)));
        assert_eq!(due(&standing(Some(Registration::Home), Some(22))), Some(at(30)));
        assert_eq!(due(&standing(Some(Registration::Home), None)), Some(at(30)));
        assert_eq!(due(&standing(Some(Registration::Home), Some(21))), Some(at(24 * 60)), "that is the air");
        assert_eq!(due(&home), Some(at(24 * 60)));
    }

    #[test]
    fn a_modem_that_is_gone_is_said_to_be_gone_once() {
        let gone = standing(None, None);
        assert_eq!(HistoryRule::default().due(Some((&gone, at(0))), &gone), None);
    }
}
