//! A few messages ahead of the rest of a large job: whether they arrived decides whether the rest follows.

use crate::model::{SignedDuration, Timestamp, later};

/// How a large job is tried first.
#[derive(Clone, Debug, PartialEq)]
pub struct Canary {
    /// How many messages go ahead.
    pub messages: u32,
    /// Of jobs with at least so many.
    pub from: u32,
    /// How long their reports are awaited after the last of them was accepted.
    pub wait: SignedDuration,
    /// The share of them that must arrive, above 0 and up to 1.
    pub share: f64,
    /// Whether emergencies are tried as well.
    pub emergencies: bool,
}

/// What became so far of the messages that went ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// Reported as delivered.
    pub delivered: u32,
    /// Failed, by report or by refusal.
    pub failed: u32,
    /// Handed over, and nothing came back yet.
    pub silent: u32,
    /// Not accepted by anybody yet.
    pub pending: u32,
    /// Say nothing: taken back, or sent through a modem that hands no reports on.
    pub mute: u32,
    /// When the last of them was handed over.
    pub last_at: Option<Timestamp>,
}

/// Whether the rest follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanaryVerdict {
    /// Not known yet; look again when something changes, or at this time.
    Wait(Option<Timestamp>),
    /// Enough arrived.
    Pass,
    /// Too few of them can tell, so nobody waits for them.
    CannotTell,
    /// Too few arrived.
    Fail,
}

impl Canary {
    fn needed(&self, of: u32) -> u32 {
        // Decimal shares are not exact in binary: 0.7 of 10 is 7.
        (f64::from(of) * self.share - 1e-9).ceil().max(1.0) as u32
    }

    /// Judges what is known at `now`.
    pub fn judge(&self, ahead: &Ahead, now: Timestamp) -> CanaryVerdict {
        let Ahead { delivered, failed, silent, pending, mute, last_at } = *ahead;
        let known = delivered + failed + silent;
        let counted = known + pending;
        if counted > 0 && delivered >= self.needed(counted) {
            return CanaryVerdict::Pass;
        }
        if counted > 0 && failed > counted.saturating_sub(self.needed(counted)) {
            return CanaryVerdict::Fail;
        }
        if pending == 0 && counted * 4 < counted + mute {
            return CanaryVerdict::CannotTell;
        }
        // One that is refused again and again holds nobody up; but where nothing goes out, there is nothing to judge.
        let Some(last_at) = last_at.filter(|_| pending == 0 || known * 2 >= counted) else {
            return CanaryVerdict::Wait(None);
        };
        let until = later(last_at, self.wait);
        if now < until {
            CanaryVerdict::Wait(Some(until))
        } else if delivered >= self.needed(known) {
            CanaryVerdict::Pass
        } else {
            CanaryVerdict::Fail
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> Canary {
        Canary { messages: 20, from: 500, wait: SignedDuration::from_mins(10), share: 0.5, emergencies: false }
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn ahead(delivered: u32, failed: u32, silent: u32, pending: u32, mute: u32) -> Ahead {
        Ahead { delivered, failed, silent, pending, mute, last_at: (delivered + failed + silent > 0).then(|| at(0)) }
    }

    #[test]
    fn it_is_decided_as_soon_as_it_can_be_and_at_the_latest_when_the_wait_is_over() {
        let check = |ahead: Ahead, minute, verdict| assert_eq!(rule().judge(&ahead, at(minute)), verdict, "{ahead:?}");
        check(ahead(10, 0, 3, 7, 0), 0, CanaryVerdict::Pass);
        check(ahead(9, 0, 4, 7, 0), 0, CanaryVerdict::Wait(Some(at(10))));
        check(ahead(0, 11, 0, 9, 0), 0, CanaryVerdict::Fail);
        check(ahead(0, 10, 10, 0, 0), 0, CanaryVerdict::Wait(Some(at(10))));
        check(ahead(9, 0, 11, 0, 0), 9, CanaryVerdict::Wait(Some(at(10))));
        check(ahead(9, 0, 11, 0, 0), 10, CanaryVerdict::Fail);
        check(ahead(0, 0, 0, 20, 0), 500, CanaryVerdict::Wait(None));
        check(ahead(2, 0, 3, 15, 0), 500, CanaryVerdict::Wait(None));
    }

    #[test]
    fn what_waits_to_be_sent_again_holds_nobody_up() {
        assert_eq!(rule().judge(&ahead(8, 0, 4, 8, 0), at(10)), CanaryVerdict::Pass, "8 of 12");
        assert_eq!(rule().judge(&ahead(3, 0, 9, 8, 0), at(10)), CanaryVerdict::Fail, "3 of 12");
    }

    #[test]
    fn modems_that_hand_no_reports_on_do_not_hold_it_up() {
        assert_eq!(rule().judge(&ahead(0, 0, 0, 0, 20), at(0)), CanaryVerdict::CannotTell);
        assert_eq!(rule().judge(&ahead(0, 0, 4, 0, 16), at(0)), CanaryVerdict::CannotTell);
        assert_eq!(rule().judge(&ahead(5, 0, 3, 0, 12), at(0)), CanaryVerdict::Pass);
        assert_eq!(rule().judge(&ahead(0, 0, 8, 0, 12), at(10)), CanaryVerdict::Fail);
    }

    proptest::proptest! {
        #[test]
        fn when_all_are_out_the_wait_is_the_last_word(
            delivered in 0u32..30, failed in 0u32..30, silent in 0u32..30, mute in 0u32..30, share in 0.05f64..1.0,
        ) {
            let rule = Canary { share, ..rule() };
            let verdict = rule.judge(&ahead(delivered, failed, silent, 0, mute), at(10));
            proptest::prop_assert!(!matches!(verdict, CanaryVerdict::Wait(_)), "{:?}", verdict);
            let known = delivered + failed + silent;
            if verdict == CanaryVerdict::Pass {
                proptest::prop_assert!(f64::from(delivered) >= f64::from(known) * share - 1e-6 && delivered > 0);
            }
            if verdict == CanaryVerdict::Fail {
                proptest::prop_assert!(f64::from(delivered) < (f64::from(known) * share).max(1.0));
            }
        }
    }
}
