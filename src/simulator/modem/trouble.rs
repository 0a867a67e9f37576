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
