use crate::model::{Cause, NotSent, Outcome, SignedDuration};

/// How patient the daemon is with a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    /// How many charged hand-overs a segment gets before it is failed, the first included.
    pub attempts_max: u32,
    /// Waits after a temporary refusal: after the first, the second …; the last one repeats.
    pub temporary: Vec<SignedDuration>,
    /// Waits when the recipient is out of reach.
    pub absent: Vec<SignedDuration>,
    /// Wait when the SIM is only busy.
    pub busy: SignedDuration,
}

impl Default for Backoff {
    fn default() -> Self {
        let minutes = |list: &[i64]| list.iter().map(|minutes| SignedDuration::from_mins(*minutes)).collect();
        Self {
            attempts_max: 4,
            temporary: vec![SignedDuration::from_secs(30), SignedDuration::from_mins(2), SignedDuration::from_mins(10)],
            absent: minutes(&[10, 60, 180]),
            busy: SignedDuration::from_secs(5),
        }
    }
}

/// What becomes of a segment after a refusal or a hand-over that never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Give it up.
    Fail,
    /// Queue it again.
    Again {
        /// Not before this long from now.
        wait: SignedDuration,
        /// Prefer a SIM other than the one that refused.
        elsewhere: bool,
        /// Whether this hand-over counts towards the limit of attempts.
        charged: bool,
    },
}

/// What to do with a segment after an outcome that is neither `Submitted` nor `Uncertain` (those ask for no retry:
/// `None`). `charged` is how many charged hand-overs it had before this one; `suspect` says that the SIM itself is under
/// suspicion, so that an ambiguous refusal says nothing of the number.
pub fn after(outcome: &Outcome, charged: u32, suspect: bool, backoff: &Backoff) -> Option<Next> {
    let step = |waits: &[SignedDuration]| {
        if charged + 1 >= backoff.attempts_max {
            return Next::Fail;
        }
        let place = (charged as usize).min(waits.len().saturating_sub(1));
        let wait = waits.get(place).copied().unwrap_or(SignedDuration::from_secs(30));
        Next::Again { wait, elsewhere: true, charged: true }
    };
    let elsewhere = |wait| Next::Again { wait, elsewhere: true, charged: false };
    Some(match outcome {
        Outcome::Submitted { .. } | Outcome::Uncertain(_) => return None,
        Outcome::NotSent(NotSent::Withdrawn) => {
            Next::Again { wait: SignedDuration::ZERO, elsewhere: false, charged: false }
        }
        Outcome::NotSent(_) => elsewhere(SignedDuration::ZERO),
        Outcome::Refused { cause, .. } => match cause {
            Cause::Message => Next::Fail,
            Cause::Temporary => step(&backoff.temporary),
            Cause::Absent => step(&backoff.absent),
            Cause::Busy => elsewhere(backoff.busy),
            Cause::Sim | Cause::StorageFull | Cause::Command => elsewhere(SignedDuration::ZERO),
            Cause::Ambiguous if suspect => elsewhere(SignedDuration::from_secs(30)),
            // Refused twice while others get through: it is the number.
            Cause::Ambiguous if charged >= 1 => Next::Fail,
            Cause::Ambiguous => Next::Again { wait: SignedDuration::from_secs(30), elsewhere: true, charged: true },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ErrorCode, ErrorKind};

    fn refused(cause: Cause) -> Outcome {
        Outcome::Refused { cause, code: ErrorCode { kind: ErrorKind::Cms, number: 38 } }
    }

    #[test]
    fn a_temporary_refusal_waits_longer_each_time_and_then_fails() {
        let backoff = Backoff::default();
        let wait = |charged| match after(&refused(Cause::Temporary), charged, false, &backoff) {
            Some(Next::Again { wait, charged: true, elsewhere: true }) => wait.as_secs(),
            _ => -1,
        };
        assert_eq!([wait(0), wait(1), wait(2), wait(3)], [30, 120, 600, -1]);
    }

    #[test]
    fn a_bad_number_fails_at_once_and_a_bad_sim_is_not_charged() {
        let backoff = Backoff::default();
        assert_eq!(after(&refused(Cause::Message), 0, false, &backoff), Some(Next::Fail));
        let Some(Next::Again { charged, elsewhere, .. }) = after(&refused(Cause::Sim), 9, false, &backoff) else {
            panic!("goes elsewhere");
        };
        assert!(!charged && elsewhere);
        assert_eq!(after(&refused(Cause::Ambiguous), 1, false, &backoff), Some(Next::Fail));
        assert!(matches!(
            after(&refused(Cause::Ambiguous), 1, true, &backoff),
            Some(Next::Again { charged: false, .. })
        ));
        assert_eq!(after(&Outcome::Submitted { tp_mr: Some(1) }, 0, false, &backoff), None);
    }
}
