//! What happens to a modem at any moment, not only in the middle of a send: it hangs, its voltage sinks, its SIM is busy, the
//! network is away, its card is pulled and another put in.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use super::memory::Memory;
use super::{Modem, Phase, SimCard, Timer};
use crate::simulator::network::{Cell, Incoming};
use crate::simulator::truth::Fact;

/// What moves with a SIM from one modem into another: the card, the messages on it, and its part of the network.
#[derive(Debug)]
pub struct Card {
    sim: SimCard,
    cell: Cell,
    on_sim: Memory,
    waiting: VecDeque<Incoming>,
}

impl Modem {
    /// It neither hears nor says anything, for this long; `None`: until its power goes.
    pub fn hang(&mut self, now: Duration, span: Option<Duration>) {
        self.advance(now);
        if matches!(self.phase, Phase::Off | Phase::Hung) {
            return;
        }
        self.cut_short_send();
        self.timers.retain(|timer| !matches!(timer, Timer::Reply(_) | Timer::Prompt { .. }));
        self.fact(Fact::Hung);
        self.phase = Phase::Hung;
        if let Some(span) = span {
            self.timers.at(now + span, Timer::Recover);
        }
    }

    /// The voltage sinks for a moment, as on a hub with too many modems: it restarts, and a USB device loses its port meanwhile.
    pub fn brown_out(&mut self, now: Duration) {
        self.advance(now);
        if !matches!(self.phase, Phase::Off) {
            self.reset();
        }
    }

    /// The SIM answers nothing but that it is busy, for this long.
    pub fn busy_sim(&mut self, now: Duration, span: Duration) {
        self.advance(now);
        self.sim_busy_until = now + span;
    }

    /// The network is away for this long.
    pub fn lose_network(&mut self, now: Duration, span: Duration) {
        self.advance(now);
        self.lose_registration(span);
    }

    /// Gives the inbound messages of this card numbers above `first`, so that they are its own among all cards.
    pub fn number_inbound_from(&mut self, first: u32) {
        self.cell.number_from(first);
    }

    /// Pulls the card out. `None`: there is none, or it is at work with a send and cannot be had now.
    pub fn take_card(&mut self, now: Duration) -> Option<Card> {
        self.advance(now);
        if !self.card_in || matches!(self.phase, Phase::Sending(_) | Phase::Late { .. }) {
            return None;
        }
        self.card_in = false;
        self.radio.sim_ready = false;
        self.radio.sms_ready = false;
        self.registration_changes(false);
        self.urc("+CPIN: NOT INSERTED");
        let (settings, seed) = (self.cell.settings.clone(), self.cell.seed());
        let (iccid, imsi) = (String::new(), String::new());
        let nobody = SimCard { iccid, imsi, pin: None, last_tp_mr: 255, number: None };
        Some(Card {
            sim: mem::replace(&mut self.sim, nobody),
            cell: mem::replace(&mut self.cell, Cell::new(settings, None, seed)),
            on_sim: mem::replace(&mut self.on_sim, Memory::new(0)),
            waiting: mem::take(&mut self.waiting),
        })
    }

    /// Puts a card in, which is seen at the next start, as by modems without a switch in the tray. Gives it back where one is in.
    pub fn put_card(&mut self, now: Duration, card: Card) -> Option<Card> {
        self.advance(now);
        if self.card_in {
            return Some(card);
        }
        self.card_in = true;
        (self.sim, self.cell, self.on_sim, self.waiting) = (card.sim, card.cell, card.on_sim, card.waiting);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::modem::tests::{NUMBER, submit};
    use crate::simulator::network::NetworkSettings;
    use crate::simulator::profile::QUECTEL;

    /// A modem and its time.
    struct Bench {
        modem: Modem,
        now: Duration,
    }

    impl Bench {
        fn new(index: usize) -> Self {
            let modem = Modem::new(&QUECTEL, index, SimCard::numbered(index), NetworkSettings::default(), 1);
            let mut bench = Self { modem, now: Duration::ZERO };
            bench.pass(60);
            bench.say("ATE0\r");
            bench
        }

        fn pass(&mut self, seconds: u64) {
            self.now += Duration::from_secs(seconds);
            self.modem.advance(self.now);
        }

        fn say(&mut self, bytes: &str) -> String {
            self.modem.output().clear();
            self.modem.input(self.now, bytes.as_bytes());
            self.pass(60);
            String::from_utf8_lossy(&mem::take(self.modem.output())).replace(['\r', '\n'], "")
        }

        fn send(&mut self) -> String {
            let (length, digits) = submit(NUMBER, "Banjir");
            self.say(&format!("AT+CMGS={length}\r")) + &self.say(&format!("{digits}\x1a"))
        }

        fn text(&mut self) -> usize {
            self.modem.inbound(self.now, "+6281299998888", "STOP", Default::default()).unwrap().len()
        }
    }

    #[test]
    fn a_modem_that_hangs_says_nothing_until_its_time_has_come() {
        let mut bench = Bench::new(1);
        bench.modem.hang(bench.now, Some(Duration::from_secs(100)));
        assert_eq!(bench.say("AT\r"), "");
        bench.pass(60);
        assert_eq!(bench.say("AT\r"), "OK");
        bench.modem.hang(bench.now, None);
        bench.pass(100_000);
        assert_eq!(bench.say("AT\r"), "");
    }

    #[test]
    fn a_busy_sim_and_a_lost_network_refuse_for_a_while() {
        let mut bench = Bench::new(1);
        bench.modem.busy_sim(bench.now, Duration::from_secs(100));
        assert!(bench.send().contains("+CMS ERROR: 314"));
        bench.pass(60);
        assert!(bench.send().contains("+CMGS: 0"));
        bench.modem.lose_network(bench.now, Duration::from_secs(200));
        assert!(bench.send().contains("+CMS ERROR: 331"));
        bench.pass(200);
        assert!(bench.send().contains("+CMGS: 1"));
    }

    #[test]
    fn a_card_takes_its_name_its_count_and_its_messages_along_and_no_text_reaches_a_modem_without_one() {
        let (mut from, mut to) = (Bench::new(1), Bench::new(2));
        assert!(from.send().contains("+CMGS: 0"));
        assert!(to.modem.take_card(to.now).is_some());
        let card = from.modem.take_card(from.now).unwrap();
        assert!(from.modem.take_card(from.now).is_none(), "it is out");
        assert_eq!(from.say("AT+CPIN?\r"), "+CME ERROR: 10");
        assert!(from.send().contains("+CMS ERROR: 310"));
        assert_eq!((from.text(), to.text()), (0, 0));
        assert!(to.modem.put_card(to.now, card).is_none());
        let now = to.now;
        to.modem.power_off(now);
        to.modem.power_on(now);
        to.pass(60);
        to.say("ATE0\r");
        assert_eq!(to.modem.sim().iccid, SimCard::numbered(1).iccid);
        assert_eq!(to.text(), 1);
        assert!(to.send().contains("+CMGS: 1"), "it counts on");
    }

    #[test]
    fn a_card_cannot_be_had_in_the_middle_of_a_send() {
        let mut bench = Bench::new(1);
        let (length, digits) = submit(NUMBER, "Banjir");
        bench.say(&format!("AT+CMGS={length}\r"));
        bench.modem.input(bench.now, format!("{digits}\x1a").as_bytes());
        assert!(bench.modem.take_card(bench.now).is_none());
        bench.pass(60);
        assert!(bench.modem.take_card(bench.now).is_some());
    }
}
