//! `+CMGS` from its prompt to its answer (27.005 §3.5.1, §4.3), and the ways in which it goes wrong.

use std::time::Duration;

use super::answer::Final;
use super::{Modem, Phase, PortWish, Timer};
use crate::simulator::air::{self, Segment};
use crate::simulator::faults::{SendEnd, SendPlan};
use crate::simulator::network::Phone;
use crate::simulator::truth::Fact;

/// More than the longest PDU in hexadecimal; what comes beyond is not kept, and the PDU is refused.
const PDU_DIGITS_MAX: usize = 2 * (12 + 164) + 2;

/// How long `AT+CMMS=1` holds the link open for the next message (27.005 §3.5.6: 1 to 5 s).
const LINK_HELD: Duration = Duration::from_secs(5);

/// A hand-over under way.
#[derive(Debug)]
pub(super) struct Sending {
    segment: Segment,
    tp_mr: u8,
    plan: SendPlan,
    accepted: bool,
}

impl Modem {
    /// `AT+CMGS=<length>` in PDU mode.
    pub(super) fn begin_send(&mut self, parameter: &str) -> Final {
        let Ok(length) = parameter.trim().parse::<usize>() else { return Final::Error };
        if self.settings.cmgf == 1 {
            return Final::Cms(303);
        }
        if !(7..=164).contains(&length) {
            return Final::Cms(304);
        }
        if let Err(refusal) = self.may_use_messages() {
            return refusal;
        }
        let withheld = self.dice.withholds_prompt(&self.faults);
        if self.profile.latency.is_zero() {
            self.prompt(length, withheld);
        } else {
            self.phase = Phase::Busy;
            self.timers.at(self.now + self.profile.latency, Timer::Prompt { length, withheld });
        }
        Final::Prompt
    }

    pub(super) fn prompt(&mut self, length: usize, withheld: bool) {
        self.phase = Phase::Entering { length };
        self.typed.clear();
        if !withheld {
            self.say(b"\r\n> ");
        }
    }

    pub(super) fn hear_pdu(&mut self, byte: u8, length: usize) {
        match byte {
            0x1A => self.hand_over(length),
            0x1B => {
                self.fact(Fact::Escaped);
                let result = if self.profile.escape_is_ok { Final::Ok } else { Final::Error };
                self.typed.clear();
                self.finish(result);
            }
            b'\r' | b'\n' => {}
            0x08 => drop(self.typed.pop()),
            byte => {
                if self.settings.echo {
                    self.wire.write(&[byte]);
                }
                if self.typed.len() < PDU_DIGITS_MAX {
                    self.typed.push(byte);
                }
            }
        }
    }

    fn hand_over(&mut self, length: usize) {
        let read = air::read_submit(&self.typed, length);
        self.typed.clear();
        let checked = read.and_then(|segment| self.may_send(&segment).map(|()| segment));
        let segment = match checked {
            Ok(segment) => segment,
            Err(cms) => {
                self.fact(Fact::Refused { to: String::new(), cms });
                return self.finish(Final::Cms(cms));
            }
        };
        self.fact(Fact::HandedOver {
            to: segment.to.clone(),
            reference: segment.reference,
            total: segment.total,
            seq: segment.seq,
            text: segment.text.clone(),
        });
        let mut plan = self.dice.plan_send(&self.faults);
        if let SendEnd::RegistrationLost(span) = plan.end {
            self.lose_registration(span);
            self.fact(Fact::Refused { to: segment.to, cms: 331 });
            return self.finish(Final::Cms(331));
        }
        if self.cell.phone(&segment.to) == Phone::Unknown {
            plan = SendPlan { reaches: false, end: SendEnd::Refusal(1), ..plan };
        }
        let air_time = self.cell.air_time(&mut self.dice.air);
        // The service centre has the segment a while before its answer is here: what goes wrong in between is doubt.
        if plan.reaches {
            self.timers.at(self.now + air_time * 4 / 5, Timer::Accept);
        }
        self.timers.at(self.now + air_time, Timer::Finish);
        let tp_mr = self.take_number(&plan);
        self.phase = Phase::Sending(Box::new(Sending { segment, tp_mr, plan, accepted: false }));
    }

    /// What the modem itself finds wrong before anything goes on the air: the number after `+CMS ERROR: `.
    fn may_send(&self, segment: &Segment) -> Result<(), u16> {
        if !self.radio.registered {
            return Err(331);
        }
        if self.service_centre.is_empty() && !segment.names_service_centre {
            return Err(330);
        }
        if self.caller.is_some() && self.profile.ringing_blocks_sending {
            return Err(302);
        }
        Ok(())
    }

    /// The service centre takes the segment.
    pub(super) fn accept(&mut self) {
        let Phase::Sending(sending) = &mut self.phase else { return };
        sending.accepted = true;
        let Sending { segment, tp_mr, plan, .. } = &**sending;
        let answered = matches!(plan.end, SendEnd::Answer | SendEnd::LateAnswer(_));
        let fact = Fact::Submitted {
            tp_mr: *tp_mr,
            to: segment.to.clone(),
            reference: segment.reference,
            total: segment.total,
            seq: segment.seq,
            text: segment.text.clone(),
            answer_suppressed: !answered,
        };
        self.facts.push((self.now, fact));
        self.cell.accept(self.now, segment, *tp_mr, plan.early_report, &self.faults, &mut self.dice.air);
    }

    /// The air time is over.
    pub(super) fn finish_send(&mut self) {
        let phase = std::mem::replace(&mut self.phase, Phase::Command);
        let Phase::Sending(sending) = phase else {
            self.phase = phase;
            return;
        };
        let Sending { segment, tp_mr, plan, .. } = *sending;
        self.settle_number(tp_mr, &plan);
        match plan.end {
            SendEnd::Answer => self.answer_send(tp_mr),
            SendEnd::Refusal(cms) => {
                self.fact(Fact::Refused { to: segment.to, cms });
                self.finish(Final::Cms(cms));
            }
            SendEnd::NoAnswer | SendEnd::RegistrationLost(_) => {}
            SendEnd::LateAnswer(by) => {
                self.phase = Phase::Late { tp_mr };
                self.timers.at(self.now + by, Timer::LateAnswer);
            }
            SendEnd::Hang(span) => {
                self.fact(Fact::Hung);
                self.phase = Phase::Hung;
                if let Some(span) = span {
                    self.timers.at(self.now + span, Timer::Recover);
                }
            }
            SendEnd::Reboot => self.restart(),
            SendEnd::Unplug(span) => self.wish = Some(PortWish::Unplug(Some(span))),
        }
        if self.settings.cmms == 1 {
            self.timers.retain(|timer| !matches!(timer, Timer::MoreMessagesOver));
            self.timers.at(self.now + LINK_HELD, Timer::MoreMessagesOver);
        }
    }

    fn answer_send(&mut self, tp_mr: u8) {
        self.fact(Fact::Answered { tp_mr });
        self.answer.clear();
        if self.settings.csms == 1 && self.profile.time_in_answer {
            let time = self.cell.time_text(self.now);
            self.info(&format!("+CMGS: {tp_mr},\"{time}\""));
        } else {
            self.info(&format!("+CMGS: {tp_mr}"));
        }
        self.finish(Final::Ok);
    }

    pub(super) fn answer_late(&mut self) {
        if let Phase::Late { tp_mr } = self.phase {
            self.answer_send(tp_mr);
            self.pump();
        }
    }

    /// A byte came while `+CMGS` ran: the command ends, whatever has become of the message.
    pub(super) fn abort_send(&mut self) {
        self.cut_short_send();
        self.answer.clear();
        self.finish(Final::Error);
    }

    /// What ran is cut short: by a byte, by the power. The segment may go out, its answer does not.
    pub(super) fn cut_short_send(&mut self) {
        match &self.phase {
            Phase::Sending(sending) if sending.accepted => {
                if matches!(sending.plan.end, SendEnd::Answer | SendEnd::LateAnswer(_)) {
                    let tp_mr = sending.tp_mr;
                    self.fact(Fact::AnswerGone { tp_mr });
                }
            }
            Phase::Sending(sending) if sending.plan.reaches && sending.plan.goes_when_cut_short => {
                let (tp_mr, planned) =
                    (sending.tp_mr, matches!(sending.plan.end, SendEnd::Answer | SendEnd::LateAnswer(_)));
                self.accept();
                if planned {
                    self.fact(Fact::AnswerGone { tp_mr });
                }
            }
            Phase::Late { tp_mr } => {
                let tp_mr = *tp_mr;
                self.fact(Fact::AnswerGone { tp_mr });
            }
            _ => {}
        }
        self.timers.retain(|timer| !matches!(timer, Timer::Accept | Timer::Finish | Timer::LateAnswer));
    }

    pub(super) fn lose_registration(&mut self, span: Duration) {
        self.registration_changes(false);
        self.timers.at(self.now + span, Timer::Registration);
    }
}
