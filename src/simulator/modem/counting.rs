//! TP-MR: when a modem takes a number for a segment, and when it writes it to the card (23.040 §9.2.3.6, 31.102 §4.2.9).
//!
//! The standard says that numbers go up by one from the value on the card and that the card is told after the segment has been
//! submitted. At which moment that is, and what becomes of a segment that comes to nothing, it leaves to the maker.

use super::Modem;
use crate::simulator::faults::{SendEnd, SendPlan};
use crate::simulator::profile::{CardFile, Counting, Numbers, TpMrHabit};

impl Modem {
    /// From now on it counts like this, whatever its make does.
    pub fn set_numbers(&mut self, numbers: Numbers) {
        self.numbers = numbers;
    }

    /// The number of a segment that has just been handed over.
    pub(super) fn take_number(&mut self, plan: &SendPlan) -> u8 {
        let step = match self.numbers.counting {
            Counting::HandOver | Counting::Acknowledged => 1,
            Counting::Jumps => self.dice.air.u8(1..=3),
            Counting::Still => 0,
        };
        let tp_mr = self.last_number.wrapping_add(step);
        if matches!(self.numbers.counting, Counting::HandOver | Counting::Jumps)
            && (plan.is_submitted() || plan.spends_number)
        {
            self.last_number = tp_mr;
            if self.numbers.card_file == CardFile::HandOver {
                self.sim.last_tp_mr = tp_mr;
            }
        }
        tp_mr
    }

    /// The hand-over is over, and the modem knows how it ended.
    pub(super) fn settle_number(&mut self, tp_mr: u8, plan: &SendPlan) {
        let acknowledged = matches!(plan.end, SendEnd::Answer | SendEnd::NoAnswer | SendEnd::LateAnswer(_));
        if self.numbers.counting == Counting::Acknowledged && acknowledged {
            self.last_number = tp_mr;
        }
        let answered = acknowledged || matches!(plan.end, SendEnd::Refusal(_));
        if self.numbers.card_file == CardFile::Answer && answered && self.last_number == tp_mr {
            self.sim.last_tp_mr = tp_mr;
        }
    }

    /// The modem has been switched on: from where it counts now.
    pub(super) fn begin_counting(&mut self) {
        self.last_number = match self.profile.tp_mr {
            TpMrHabit::Sim => self.sim.last_tp_mr,
            TpMrHabit::Restart => 255,
        };
    }
}

#[cfg(test)]
mod tests {
    use std::mem;
    use std::time::Duration;

    use super::*;
    use crate::simulator::faults::Faults;
    use crate::simulator::modem::SimCard;
    use crate::simulator::modem::tests::{NUMBER, submit};
    use crate::simulator::network::NetworkSettings;
    use crate::simulator::profile::{HUAWEI, Profile, QUECTEL, SIM800};

    /// A modem that sends the same message again and again, a minute each.
    struct Sender {
        modem: Modem,
        now: Duration,
    }

    impl Sender {
        fn new(profile: &'static Profile, counting: Counting) -> Self {
            let mut modem = Modem::new(profile, 1, SimCard::numbered(1), NetworkSettings::default(), 1);
            modem.set_numbers(Numbers { counting, ..profile.numbers });
            let mut sender = Self { modem, now: Duration::ZERO };
            sender.say("ATE0\r");
            sender
        }

        fn say(&mut self, bytes: &str) -> String {
            self.modem.input(self.now, bytes.as_bytes());
            self.now += Duration::from_secs(60);
            self.modem.advance(self.now);
            String::from_utf8_lossy(&mem::take(self.modem.output())).replace(['\r', '\n'], "")
        }

        fn send(&mut self, faults: Faults) -> String {
            self.modem.set_faults(faults);
            let (length, digits) = submit(NUMBER, "Banjir");
            self.say(&format!("AT+CMGS={length}\r"));
            self.say(&format!("{digits}\x1a"))
        }

        fn sent(&mut self) -> String {
            self.send(Faults::default())
        }

        fn refused(&mut self) {
            let said = self.send(Faults { refuse: 1.0, refuse_codes: vec![38], ..Faults::default() });
            assert_eq!(said, "+CMS ERROR: 38");
        }

        fn card(&mut self) -> String {
            self.say("AT+CRSM=176,28483,0,0,2\r")
        }
    }

    #[test]
    fn a_refused_segment_takes_a_number_where_the_modem_counts_at_the_hand_over() {
        for (counting, next) in [(Counting::HandOver, "+CMGS: 2OK"), (Counting::Acknowledged, "+CMGS: 1OK")] {
            let mut sender = Sender::new(&QUECTEL, counting);
            assert_eq!(sender.sent(), "+CMGS: 0OK");
            sender.refused();
            assert_eq!(sender.sent(), next, "{counting:?}");
        }
    }

    #[test]
    fn the_card_follows_at_once_or_with_the_answer_or_never() {
        for (profile, sent, cut) in [(&QUECTEL, "00FF", "01FF"), (&HUAWEI, "00FF", "00FF"), (&SIM800, "FFFF", "FFFF")] {
            let mut sender = Sender::new(profile, Counting::HandOver);
            sender.sent();
            assert!(sender.card().contains(sent), "{}", profile.name);
            sender.send(Faults { reboot: 1.0, spend_number: 1.0, ..Faults::default() });
            sender.say("ATE0\r");
            assert!(sender.card().contains(cut), "{}: {}", profile.name, sender.card());
        }
    }

    #[test]
    fn after_a_restart_it_goes_on_from_the_card_or_begins_at_0() {
        for (profile, next) in [(&QUECTEL, "+CMGS: 2"), (&HUAWEI, "+CMGS: 1"), (&SIM800, "+CMGS: 0")] {
            let mut sender = Sender::new(profile, Counting::HandOver);
            sender.sent();
            sender.send(Faults { reboot: 1.0, spend_number: 1.0, ..Faults::default() });
            sender.say("ATE0\r");
            assert!(sender.sent().contains(next), "{}", profile.name);
        }
    }

    #[test]
    fn what_comes_to_nothing_has_taken_a_number_or_not() {
        for (spend_number, next) in [(0.0, "+CMGS: 1OK"), (1.0, "+CMGS: 2OK")] {
            let mut sender = Sender::new(&QUECTEL, Counting::HandOver);
            sender.sent();
            let faults = Faults { refuse: 1.0, refuse_codes: vec![500], spend_number, ..Faults::default() };
            assert_eq!(sender.send(faults), "+CMS ERROR: 500");
            assert_eq!(sender.sent(), next);
        }
    }
}
