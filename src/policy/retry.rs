use std::collections::BTreeSet;

use crate::model::{Cause, Doubt, Msisdn, NotSent, Outcome, SignedDuration, Timestamp};

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

/// How a SIM has fared lately; decides when it rests so that its trouble is not charged to messages.
#[derive(Clone, Debug, Default)]
pub struct SimHealth {
    /// Recipients refused ambiguously since the last success.
    ambiguous: BTreeSet<Msisdn>,
    /// Temporary refusals in a row.
    temporary: u32,
    /// Refusals in a row because it is busy.
    busy: u32,
    /// Hand-overs in a row that never left.
    not_sent: u32,
    /// Hand-overs in a row of which nobody knows whether they left.
    uncertain: u32,
    /// Rests in a row without a success between them.
    rests: u32,
}

/// What a SIM's record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimVerdict {
    /// Go on.
    Fine,
    /// Send nothing through it until then.
    Rest {
        /// The time it may try again.
        until: Timestamp,
        /// Why, one line, English.
        why: String,
    },
}

impl SimHealth {
    /// Temporary refusals in a row after which the SIM itself is suspected.
    const TEMPORARY_MAX: u32 = 5;
    /// Recipients refused ambiguously in a row after which the SIM itself is suspected.
    const AMBIGUOUS_MAX: usize = 3;
    /// Refusals in a row because it is busy, each followed by 5 s, after which it is no longer believed to get ready soon.
    const BUSY_MAX: u32 = 12;
    /// Hand-overs that never left, in a row, after which it rests.
    const NOT_SENT_MAX: u32 = 3;
    /// Hand-overs without an answer, in a row, after which it rests: each one is a message in doubt.
    const UNCERTAIN_MAX: u32 = 3;

    /// Whether it has rested and nothing has succeeded since: its refusals say little of the messages.
    pub fn is_suspect(&self) -> bool {
        self.rests > 0
    }

    /// Takes one outcome into account.
    pub fn record(&mut self, outcome: &Outcome, to: Msisdn, now: Timestamp) -> SimVerdict {
        let why = match outcome {
            Outcome::Submitted { .. } => {
                *self = SimHealth::default();
                return SimVerdict::Fine;
            }
            // Not the SIM's doing.
            Outcome::NotSent(NotSent::Withdrawn) | Outcome::Uncertain(Doubt::DaemonStopped) => return SimVerdict::Fine,
            Outcome::Uncertain(doubt) => {
                self.uncertain += 1;
                (self.uncertain >= Self::UNCERTAIN_MAX).then(|| {
                    format!("{} hand-overs in a row without an answer, last: {}", self.uncertain, doubt.name())
                })
            }
            Outcome::NotSent(why) => {
                self.not_sent += 1;
                (self.not_sent >= Self::NOT_SENT_MAX)
                    .then(|| format!("{} hand-overs failed: {}", self.not_sent, why.name()))
            }
            Outcome::Refused { cause, code } => match cause {
                Cause::Sim => Some(format!("the SIM cannot send: {code}")),
                Cause::Command => Some(format!("a command of ours was refused: {code}")),
                Cause::StorageFull => Some(format!("the storage is full: {code}")),
                Cause::Busy => {
                    self.busy += 1;
                    if self.busy <= Self::BUSY_MAX {
                        return self.rest_for(SignedDuration::from_secs(5), now, format!("busy: {code}"));
                    }
                    Some(format!("busy {} times in a row, last {code}", self.busy))
                }
                Cause::Temporary => {
                    self.temporary += 1;
                    (self.temporary >= Self::TEMPORARY_MAX)
                        .then(|| format!("{} temporary refusals in a row, last {code}", self.temporary))
                }
                Cause::Ambiguous => {
                    self.ambiguous.insert(to);
                    (self.ambiguous.len() >= Self::AMBIGUOUS_MAX)
                        .then(|| format!("{} recipients refused in a row, last {code}", self.ambiguous.len()))
                }
                Cause::Message | Cause::Absent => None,
            },
        };
        match why {
            None => SimVerdict::Fine,
            Some(why) => {
                self.rests += 1;
                let minutes = 1i64 << self.rests.saturating_sub(1).min(6);
                self.rest_for(SignedDuration::from_mins(minutes.min(60)), now, why)
            }
        }
    }

    fn rest_for(&self, span: SignedDuration, now: Timestamp, why: String) -> SimVerdict {
        SimVerdict::Rest { until: now.saturating_add(span).unwrap_or(Timestamp::MAX), why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Country, ErrorCode, ErrorKind};

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

    #[test]
    fn three_recipients_refused_in_a_row_blame_the_sim_and_a_success_clears_it() {
        let now = Timestamp::UNIX_EPOCH;
        let to = |last: u8| Msisdn::parse(&format!("08123456789{last}"), Country::indonesia()).unwrap();
        let mut health = SimHealth::default();
        for last in [0, 0, 1] {
            assert_eq!(health.record(&refused(Cause::Ambiguous), to(last), now), SimVerdict::Fine);
        }
        assert!(matches!(health.record(&refused(Cause::Ambiguous), to(2), now), SimVerdict::Rest { .. }));
        assert_eq!(health.record(&Outcome::Submitted { tp_mr: None }, to(0), now), SimVerdict::Fine);
        assert_eq!(health.record(&refused(Cause::Ambiguous), to(3), now), SimVerdict::Fine);
    }

    #[test]
    fn a_modem_that_never_answers_puts_no_message_after_message_in_doubt() {
        let to = Msisdn::parse("081234567890", Country::indonesia()).unwrap();
        let mut health = SimHealth::default();
        let silent = Outcome::Uncertain(Doubt::Silence);
        assert_eq!(health.record(&silent, to, Timestamp::UNIX_EPOCH), SimVerdict::Fine);
        assert_eq!(health.record(&silent, to, Timestamp::UNIX_EPOCH), SimVerdict::Fine);
        assert!(matches!(health.record(&silent, to, Timestamp::UNIX_EPOCH), SimVerdict::Rest { .. }));
        assert!(health.is_suspect());
    }

    #[test]
    fn a_sim_that_stays_busy_is_asked_less_and_less_often() {
        let to = Msisdn::parse("081234567890", Country::indonesia()).unwrap();
        let mut health = SimHealth::default();
        let mut rest = || match health.record(&refused(Cause::Busy), to, Timestamp::UNIX_EPOCH) {
            SimVerdict::Rest { until, .. } => until.as_second(),
            SimVerdict::Fine => 0,
        };
        let rests: Vec<i64> = (0..15).map(|_| rest()).collect();
        assert_eq!(rests[..12], [5; 12]);
        assert_eq!(rests[12..], [60, 120, 240]);
    }

    #[test]
    fn rests_grow_while_nothing_succeeds() {
        let now = Timestamp::UNIX_EPOCH;
        let to = Msisdn::parse("081234567890", Country::indonesia()).unwrap();
        let mut health = SimHealth::default();
        let mut rest = || match health.record(&refused(Cause::Sim), to, now) {
            SimVerdict::Rest { until, .. } => until.as_second(),
            SimVerdict::Fine => 0,
        };
        assert_eq!([rest(), rest(), rest()], [60, 120, 240]);
    }
}
