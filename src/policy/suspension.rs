use crate::model::{Cause, Outcome, SignedDuration, Timestamp};

/// When a number counts as dead: so many messages failed for good over so many days, and nothing came of it between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// How many messages; 0: never.
    pub failures: u32,
    /// How long after the first of them the last must be: an evening without a network is no dead number.
    pub over: SignedDuration,
}

impl Default for Suspension {
    fn default() -> Self {
        Self { failures: 3, over: SignedDuration::from_hours(7 * 24) }
    }
}

impl Suspension {
    /// Whether this many failures since `first`, the last of them now, are enough.
    pub fn suspends(&self, failures: u32, first: Timestamp, now: Timestamp) -> bool {
        self.failures > 0 && failures >= self.failures && now.duration_since(first) >= self.over
    }
}

/// Whether a refusal for which a message was given up says something of its number, as far as anybody can tell. A text that no modem
/// takes is no dead number.
pub fn blames_number(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Refused { cause: Cause::Absent | Cause::Ambiguous, .. } => true,
        Outcome::Refused { cause: Cause::Message, code } => code.names_number(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ErrorCode, ErrorKind};

    #[test]
    fn a_code_that_finds_fault_with_the_pdu_says_nothing_of_the_number() {
        let blames = |cause, number| {
            blames_number(&Outcome::Refused { cause, code: ErrorCode { kind: ErrorKind::Cms, number } })
        };
        assert!([1, 195, 196].iter().all(|code| blames(Cause::Message, *code)));
        assert!([95, 96, 99, 128, 304, 305, 513, 514].iter().all(|code| !blames(Cause::Message, *code)));
        assert!(blames(Cause::Ambiguous, 21) && blames(Cause::Absent, 27) && !blames(Cause::Sim, 50));
    }

    #[test]
    fn so_many_failures_over_so_many_days_are_enough_and_neither_is_alone() {
        let first = Timestamp::from_second(1_795_000_000).unwrap();
        let after = |hours| first + SignedDuration::from_hours(hours);
        let rule = Suspension::default();
        assert!(rule.suspends(3, first, after(7 * 24)));
        assert!(!rule.suspends(2, first, after(30 * 24)), "too few");
        assert!(!rule.suspends(9, first, after(7 * 24 - 1)), "all in one week");
        assert!(!Suspension { failures: 0, ..rule }.suspends(99, first, after(9999)), "switched off");
    }
}
