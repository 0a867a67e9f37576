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

/// Before another SIM is asked what this one could not say.
const SOON: SignedDuration = SignedDuration::from_secs(30);

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

/// What else is known when a segment was refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// How many charged hand-overs it had before this one.
    pub charged: u32,
    /// The SIM itself is under suspicion, so that its refusal says nothing of number and text.
    pub suspect: bool,
    /// Another SIM could take it now.
    pub others: bool,
    /// Its number was blamed before, by this SIM or another.
    pub named: bool,
    /// Number or text were blamed before, and one of the SIMs that blame them is known to work: it has got another message through
    /// since, or had just done so.
    pub confirmed: bool,
}

/// What to do with a segment after an outcome that is neither `Submitted` nor `Uncertain` (those ask for no retry: `None`).
///
/// That number or text are at fault is believed of nobody's first word: a sick modem refuses every PDU with the codes that say so. The
/// second word settles it where it names the number, whoever says it: bad numbers are what is left of a job in the end, when nothing
/// else goes out that shows who is sick.
pub fn after(outcome: &Outcome, known: Circumstances, backoff: &Backoff) -> Option<Next> {
    let Circumstances { charged, suspect, others, named, confirmed } = known;
    let again = |wait| Next::Again { wait, elsewhere: true, charged: true };
    let step = |waits: &[SignedDuration]| {
        if charged + 1 >= backoff.attempts_max {
            return Next::Fail;
        }
        let place = (charged as usize).min(waits.len().saturating_sub(1));
        again(waits.get(place).copied().unwrap_or(SOON))
    };
    let elsewhere = |wait| Next::Again { wait, elsewhere: true, charged: false };
    Some(match outcome {
        Outcome::Submitted { .. } | Outcome::Uncertain(_) => return None,
        Outcome::NotSent(NotSent::Withdrawn) => {
            Next::Again { wait: SignedDuration::ZERO, elsewhere: false, charged: false }
        }
        Outcome::NotSent(_) => elsewhere(SignedDuration::ZERO),
        Outcome::Refused { cause, code } => match cause {
            Cause::Temporary => step(&backoff.temporary),
            Cause::Absent => step(&backoff.absent),
            Cause::Busy => elsewhere(backoff.busy),
            Cause::Sim | Cause::StorageFull | Cause::Command => elsewhere(SignedDuration::ZERO),
            Cause::Message if code.names_number() && (named || charged + 1 >= backoff.attempts_max) => Next::Fail,
            Cause::Message if code.names_number() => again(if others { SignedDuration::ZERO } else { SOON }),
            Cause::Message | Cause::Ambiguous if suspect => elsewhere(SOON),
            Cause::Message if confirmed => Next::Fail,
            Cause::Message if charged == 0 && others => again(SignedDuration::ZERO),
            // Nobody else can say more now: as patient as with a network that is out of order.
            Cause::Message => step(&backoff.temporary),
            // Refused twice while others get through: it is the number.
            Cause::Ambiguous if charged >= 1 => Next::Fail,
            Cause::Ambiguous => again(SOON),
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

    fn known(charged: u32, suspect: bool) -> Circumstances {
        Circumstances { charged, suspect, ..Circumstances::default() }
    }

    #[test]
    fn a_temporary_refusal_waits_longer_each_time_and_then_fails() {
        let backoff = Backoff::default();
        let wait = |charged| match after(&refused(Cause::Temporary), known(charged, false), &backoff) {
            Some(Next::Again { wait, charged: true, elsewhere: true }) => wait.as_secs(),
            _ => -1,
        };
        assert_eq!([wait(0), wait(1), wait(2), wait(3)], [30, 120, 600, -1]);
    }

    #[test]
    fn a_bad_sim_is_not_charged_and_two_refusals_blame_the_number() {
        let backoff = Backoff::default();
        let Some(Next::Again { charged, elsewhere, .. }) = after(&refused(Cause::Sim), known(9, false), &backoff)
        else {
            panic!("goes elsewhere");
        };
        assert!(!charged && elsewhere);
        assert_eq!(after(&refused(Cause::Ambiguous), known(1, false), &backoff), Some(Next::Fail));
        assert!(matches!(
            after(&refused(Cause::Ambiguous), known(1, true), &backoff),
            Some(Next::Again { charged: false, .. })
        ));
        assert_eq!(after(&Outcome::Submitted { tp_mr: Some(1) }, known(0, false), &backoff), None);
    }

    #[test]
    fn a_message_is_given_up_as_bad_only_where_a_sim_that_works_says_so_again() {
        let of_code = |number: u16, known: Circumstances, expected: Option<(i64, bool)>| {
            let code = ErrorCode { kind: ErrorKind::Cms, number };
            let outcome = Outcome::Refused { cause: Cause::Message, code };
            let found = match after(&outcome, known, &Backoff::default()).expect("a next step") {
                Next::Fail => None,
                Next::Again { wait, charged, elsewhere } => {
                    assert!(elsewhere);
                    Some((wait.as_secs(), charged))
                }
            };
            assert_eq!(found, expected, "{number} {known:?}");
        };
        let check = |known, expected| of_code(304, known, expected);
        let first = Circumstances { others: true, ..Circumstances::default() };
        check(first, Some((0, true)));
        check(Circumstances { confirmed: true, charged: 1, ..first }, None);
        check(Circumstances { confirmed: true, suspect: true, charged: 1, ..first }, Some((30, false)));
        // Of the only SIM of an office nobody knows whether it works.
        for (charged, expected) in [(0, Some((30, true))), (1, Some((120, true))), (2, Some((600, true))), (3, None)] {
            check(Circumstances { charged, ..Circumstances::default() }, expected);
        }
        // A number that is unassigned: the second word is enough, of whichever SIM.
        for suspect in [true, false] {
            of_code(1, Circumstances { suspect, ..first }, Some((0, true)));
            of_code(1, Circumstances { suspect, ..Circumstances::default() }, Some((30, true)));
            of_code(1, Circumstances { suspect, charged: 1, named: true, ..Circumstances::default() }, None);
            // A first word after a network that was out of order is still a first word.
            of_code(1, Circumstances { suspect, charged: 1, ..Circumstances::default() }, Some((30, true)));
            of_code(1, Circumstances { suspect, charged: 3, ..Circumstances::default() }, None);
        }
    }
}
