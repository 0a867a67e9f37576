use std::collections::BTreeSet;

use crate::model::{Cause, Doubt, ErrorKind, Msisdn, NotSent, Outcome, SignedDuration, Timestamp, later};

/// How a SIM has fared lately; decides when it rests so that its trouble is not charged to messages, and when it is taken
/// out because it looks blocked by its operator or out of credit.
#[derive(Clone, Debug, Default)]
pub struct SimHealth {
    /// Recipients refused since the last success in a way that may be the SIM's or the modem's doing.
    refused: BTreeSet<Msisdn>,
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
    /// Recipients refused since the last success in the way of a blocked SIM.
    blocked: BTreeSet<Msisdn>,
    /// When the first of these was.
    blocked_since: Option<Timestamp>,
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
    /// Send nothing through it until a person says so: it looks blocked or out of credit.
    Out {
        /// Why, one line, English.
        why: String,
    },
}

/// Numbers with which networks refuse a SIM that is blocked, unregistered or out of credit. None of them says so alone.
const BLOCKED_CODES: &[u16] = &[8, 10, 21, 28, 38, 50, 69, 500];

impl SimHealth {
    /// Temporary refusals in a row after which the SIM itself is suspected.
    const TEMPORARY_MAX: u32 = 5;
    /// Recipients refused in a row after which the SIM itself is suspected, also where the code finds fault with the PDU: a sick modem
    /// refuses every one.
    const REFUSED_MAX: usize = 3;
    /// Refusals in a row because it is busy, each followed by 5 s, after which it is no longer believed to get ready soon.
    const BUSY_MAX: u32 = 12;
    /// Hand-overs that never left, in a row, after which it rests.
    const NOT_SENT_MAX: u32 = 3;
    /// Hand-overs without an answer, in a row, after which it rests: each one is a message in doubt.
    const UNCERTAIN_MAX: u32 = 3;

    /// Recipients refused like that, over at least [`Self::BLOCKED_RESTS`] rests, while another SIM got through.
    const BLOCKED_MAX: usize = 5;
    const BLOCKED_RESTS: u32 = 3;

    /// Of a SIM that a person has put back: it is tried with one message before it is believed.
    pub fn on_trial() -> Self {
        Self { rests: 1, ..Self::default() }
    }

    /// Whether it has rested and nothing has succeeded since: its refusals say little of the messages.
    pub fn is_suspect(&self) -> bool {
        self.rests > 0
    }

    /// Whether nobody was refused since the last success in a way that may be the SIM's doing.
    pub fn is_sound(&self) -> bool {
        self.refused.is_empty() && self.rests == 0
    }

    /// Takes one outcome into account. `others`: when another SIM last had a message accepted. Where none has since, it may
    /// be the network that is out of order, and the only SIM of an office is never taken out.
    pub fn record(&mut self, outcome: &Outcome, to: Msisdn, others: Option<Timestamp>, now: Timestamp) -> SimVerdict {
        if let Outcome::Refused { cause, code } = outcome
            && !matches!(cause, Cause::Message | Cause::Absent)
            && code.kind == ErrorKind::Cms
            && BLOCKED_CODES.contains(&code.number)
        {
            self.blocked.insert(to);
            let since = *self.blocked_since.get_or_insert(now);
            if self.blocked.len() >= Self::BLOCKED_MAX
                && self.rests >= Self::BLOCKED_RESTS
                && others.is_some_and(|others| others > since)
            {
                let recipients = self.blocked.len();
                let why = format!(
                    "{recipients} recipients refused in a row, last {code}, while other SIMs get through: it looks blocked or out of credit"
                );
                return SimVerdict::Out { why };
            }
        }
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
                // Bad numbers are no sign of a bad SIM, and one that rested for them would keep an emergency waiting.
                Cause::Message if code.names_number() => None,
                Cause::Ambiguous | Cause::Message => {
                    self.refused.insert(to);
                    (self.refused.len() >= Self::REFUSED_MAX)
                        .then(|| format!("{} recipients refused in a row, last {code}", self.refused.len()))
                }
                Cause::Absent => None,
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
        SimVerdict::Rest { until: later(now, span), why }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Country, ErrorCode, ErrorKind};

    fn refused(cause: Cause) -> Outcome {
        coded(cause, 38)
    }

    fn coded(cause: Cause, number: u16) -> Outcome {
        Outcome::Refused { cause, code: ErrorCode { kind: ErrorKind::Cms, number } }
    }

    #[test]
    fn three_recipients_refused_in_a_row_blame_the_sim_and_a_success_clears_it() {
        let now = Timestamp::UNIX_EPOCH;
        let to = |last: u8| Msisdn::parse(&format!("08123456789{last}"), Country::indonesia()).unwrap();
        for cause in [Cause::Ambiguous, Cause::Message] {
            let mut health = SimHealth::default();
            for last in [0, 0, 1] {
                assert_eq!(health.record(&refused(cause), to(last), None, now), SimVerdict::Fine);
            }
            assert!(!health.is_sound());
            assert!(matches!(health.record(&refused(cause), to(2), None, now), SimVerdict::Rest { .. }));
            assert_eq!(health.record(&Outcome::Submitted { tp_mr: None }, to(0), None, now), SimVerdict::Fine);
            assert!(health.is_sound());
            assert_eq!(health.record(&refused(cause), to(3), None, now), SimVerdict::Fine);
        }
    }

    #[test]
    fn a_modem_that_never_answers_puts_no_message_after_message_in_doubt() {
        let to = Msisdn::parse("081234567890", Country::indonesia()).unwrap();
        let mut health = SimHealth::default();
        let silent = Outcome::Uncertain(Doubt::Silence);
        assert_eq!(health.record(&silent, to, None, Timestamp::UNIX_EPOCH), SimVerdict::Fine);
        assert_eq!(health.record(&silent, to, None, Timestamp::UNIX_EPOCH), SimVerdict::Fine);
        assert!(matches!(health.record(&silent, to, None, Timestamp::UNIX_EPOCH), SimVerdict::Rest { .. }));
        assert!(health.is_suspect());
    }

    #[test]
    fn a_sim_that_stays_busy_is_asked_less_and_less_often() {
        let to = Msisdn::parse("081234567890", Country::indonesia()).unwrap();
        let mut health = SimHealth::default();
        let mut rest = || match health.record(&refused(Cause::Busy), to, None, Timestamp::UNIX_EPOCH) {
            SimVerdict::Rest { until, .. } => until.as_second(),
            _ => 0,
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
        let mut rest = || match health.record(&refused(Cause::Sim), to, None, now) {
            SimVerdict::Rest { until, .. } => until.as_second(),
            _ => 0,
        };
        assert_eq!([rest(), rest(), rest()], [60, 120, 240]);
    }

    /// Outcomes for one recipient after the other; how often it was taken out, and the last verdict.
    fn run(numbers: &[u16], others: Option<i64>) -> SimVerdict {
        let mut health = SimHealth::default();
        let others = others.map(|second| Timestamp::from_second(second).unwrap());
        let mut last = SimVerdict::Fine;
        for (turn, number) in (0i64..).zip(numbers) {
            let now = Timestamp::from_second(1_000 + turn * 300).unwrap();
            last = health.record(
                &coded(Cause::Ambiguous, *number),
                Msisdn::from_u64(6_281_200_000_000 + turn as u64),
                others,
                now,
            );
        }
        last
    }

    #[test]
    fn a_sim_that_is_refused_everywhere_while_others_get_through_is_taken_out() {
        let codes = [21, 50, 21, 500, 28, 21];
        let SimVerdict::Out { why } = run(&codes, Some(1_500)) else { panic!("out") };
        assert!(why.contains("blocked or out of credit"), "{why}");
        assert!(matches!(run(&codes, None), SimVerdict::Rest { .. }), "the only SIM is never taken out");
        assert!(matches!(run(&codes, Some(900)), SimVerdict::Rest { .. }), "the network may be out of order");
        assert!(matches!(run(&[302; 6], Some(1_500)), SimVerdict::Rest { .. }), "no such code");
        assert!(matches!(run(&codes[..4], Some(1_500)), SimVerdict::Rest { .. }), "too few");
    }

    #[test]
    fn a_sim_put_back_is_tried_with_one_message() {
        assert!(SimHealth::on_trial().is_suspect());
        let mut health = SimHealth::on_trial();
        health.record(
            &Outcome::Submitted { tp_mr: None },
            Msisdn::from_u64(6_281_200_000_000),
            None,
            Timestamp::UNIX_EPOCH,
        );
        assert!(!health.is_suspect());
    }
}
