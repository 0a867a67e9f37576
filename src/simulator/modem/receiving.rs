//! What comes from the network: routed as `+CNMI` says (27.005 §3.4.1), stored, announced, acknowledged.

use std::time::Duration;

use super::memory::Stored;
use super::{Modem, Timer};
use crate::pdu;
use crate::simulator::network::{Incoming, IncomingKind};
use crate::simulator::truth::{Fact, Handing};

/// How long a directly delivered message waits for AT+CNMA before the network is told that it failed.
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(15);

/// When the network tries again what was not acknowledged.
const NETWORK_RETRY: Duration = Duration::from_secs(30);

/// Lines kept back under `+CNMI` mode 0; the oldest are lost when there are more.
const KEPT_BACK_MAX: usize = 20;

/// `+CMTI`, `+CDSI`, or a message handed on directly.
#[derive(Debug)]
pub(super) struct Indication {
    line: String,
    /// The message that is in the line.
    hands_on: Option<u32>,
}

impl From<String> for Indication {
    fn from(line: String) -> Self {
        Self { line, hands_on: None }
    }
}

/// What became of a message that was offered to the modem.
enum Delivery {
    Taken,
    NoRoom(Incoming, &'static str),
    NotNow(Incoming),
}

impl Modem {
    /// Something reaches the SIM's network, for the first time or once more.
    pub(super) fn arrive(&mut self, incoming: Incoming) {
        if incoming.tries > 0 {
            return self.offer(incoming);
        }
        let id = incoming.id;
        let fact = match &incoming.kind {
            IncomingKind::Message { from, reference, total, seq, text, .. } => Fact::Inbound {
                id,
                from: from.clone(),
                reference: *reference,
                total: *total,
                seq: *seq,
                text: text.clone(),
            },
            IncomingKind::Report { tp_mr, to, status } => {
                Fact::Reported { id, tp_mr: *tp_mr, to: to.clone(), status: *status }
            }
        };
        self.fact(fact);
        self.offer(incoming);
    }

    fn offer(&mut self, incoming: Incoming) {
        match self.deliver(incoming) {
            Delivery::Taken => {}
            Delivery::NotNow(incoming) => self.waiting.push_back(incoming),
            Delivery::NoRoom(incoming, memory) => {
                self.fact(Fact::Held { id: incoming.id });
                if let Some(full) = self.profile.full {
                    self.urc(&full.replace("{}", memory));
                }
                self.waiting.push_back(incoming);
            }
        }
    }

    /// The network tries again what it holds: the modem is back, a slot is free, an acknowledgement came.
    pub(super) fn pump(&mut self) {
        for _ in 0..self.waiting.len() {
            let Some(incoming) = self.waiting.pop_front() else { break };
            match self.deliver(incoming) {
                Delivery::Taken => {}
                // Not a new refusal: without room the modem has told the network to wait.
                Delivery::NotNow(incoming) | Delivery::NoRoom(incoming, _) => self.waiting.push_back(incoming),
            }
        }
    }

    fn deliver(&mut self, incoming: Incoming) -> Delivery {
        if !(self.radio.registered && self.radio.sms_ready && self.speaks()) {
            return Delivery::NotNow(incoming);
        }
        let [_, mt, _, ds, _] = self.settings.cnmi;
        match &incoming.kind {
            IncomingKind::Report { .. } => match ds {
                0 => {
                    self.fact(Fact::Dropped { id: incoming.id });
                    Delivery::Taken
                }
                1 => self.hand_on(incoming, "+CDS: "),
                _ => self.store_report(incoming),
            },
            IncomingKind::Message { for_sim, .. } => match (mt, for_sim) {
                (2, false) => self.hand_on(incoming, "+CMT: ,"),
                _ => self.store_message(incoming),
            },
        }
    }

    /// `+CMT` or `+CDS`; under `+CSMS=1` one at a time, each to be acknowledged.
    fn hand_on(&mut self, incoming: Incoming, head: &str) -> Delivery {
        if self.settings.csms == 1 && self.unacknowledged.is_some() {
            return Delivery::NotNow(incoming);
        }
        let line = format!("{head}{}\r\n{}", tpdu_length(&incoming.pdu), pdu::hex::encode(&incoming.pdu));
        self.announce(Indication { line, hands_on: Some(incoming.id) });
        if self.settings.csms == 1 {
            self.timers.at(self.now + ACKNOWLEDGE_WITHIN, Timer::Unacknowledged(incoming.id));
            self.unacknowledged = Some(incoming);
        }
        Delivery::Taken
    }

    fn store_message(&mut self, incoming: Incoming) -> Delivery {
        let for_sim = matches!(incoming.kind, IncomingKind::Message { for_sim: true, .. });
        let memory = if for_sim { "SM".to_owned() } else { self.settings.cpms[2].clone() };
        let (name, base) = (memory.as_str(), self.profile.index_base);
        let stored = Stored { id: incoming.id, unread: true, pdu: incoming.pdu.clone() };
        // MT is both memories together; the modem's own is filled first.
        let placed = match name {
            "ME" => self.in_modem.store(stored).map(|slot| ("ME", slot)),
            "MT" => match self.in_modem.store(stored) {
                Ok(slot) => Ok(("ME", slot)),
                Err(stored) => self.on_sim.store(stored).map(|slot| ("SM", slot)),
            },
            _ => self.on_sim.store(stored).map(|slot| ("SM", slot)),
        };
        match placed {
            Ok((place, slot)) => {
                if self.settings.cnmi[1] != 0 {
                    self.announce(format!("+CMTI: \"{place}\",{}", slot + usize::from(base)).into());
                }
                Delivery::Taken
            }
            Err(_) => Delivery::NoRoom(incoming, if name == "SM" { "SM" } else { "ME" }),
        }
    }

    fn store_report(&mut self, incoming: Incoming) -> Delivery {
        let stored = Stored { id: incoming.id, unread: true, pdu: incoming.pdu.clone() };
        match self.in_reports.store(stored) {
            Ok(_) if self.profile.misnames_reports => {
                // EC25 firmware: it lies in a memory that cannot be chosen, and is announced elsewhere.
                self.announce("+CDSI: \"SM\",0".to_owned().into());
                Delivery::Taken
            }
            Ok(slot) => {
                self.announce(format!("+CDSI: \"SR\",{}", slot + usize::from(self.profile.index_base)).into());
                Delivery::Taken
            }
            Err(_) => Delivery::NoRoom(incoming, "SR"),
        }
    }

    /// An indication, unless `+CNMI` mode 0 keeps it back.
    fn announce(&mut self, indication: Indication) {
        if self.settings.cnmi[0] != 0 {
            return self.indicate(indication);
        }
        if self.kept_back.len() == KEPT_BACK_MAX {
            self.kept_back.remove(0);
        }
        self.kept_back.push(indication);
    }

    fn indicate(&mut self, indication: Indication) {
        if let Some(id) = indication.hands_on {
            self.fact(Fact::Handed { id, how: Handing::Direct });
        }
        self.urc(&indication.line);
    }

    /// `AT+CNMI=` has been set: what was kept back comes out or is forgotten, as `<bfr>` says.
    pub(super) fn release_kept_back(&mut self) {
        if self.settings.cnmi[0] == 0 {
            return;
        }
        let indications = std::mem::take(&mut self.kept_back);
        if self.settings.cnmi[4] == 0 {
            for indication in indications {
                self.indicate(indication);
            }
        }
        self.pump();
    }

    /// AT+CNMA: whether anything was to be acknowledged.
    pub(super) fn acknowledge(&mut self, well: bool) -> bool {
        let Some(incoming) = self.unacknowledged.take() else { return false };
        self.timers.retain(|timer| !matches!(timer, Timer::Unacknowledged(_)));
        if well {
            self.fact(Fact::Acknowledged { id: incoming.id });
        } else {
            self.retry_later(incoming);
        }
        self.pump();
        true
    }

    /// No AT+CNMA in time: the network hears of a failure, and direct delivery is switched off (27.005 §3.4.4).
    pub(super) fn give_up_acknowledgement(&mut self, id: u32) {
        let Some(incoming) = self.unacknowledged.take_if(|incoming| incoming.id == id) else { return };
        self.settings.cnmi[1] = 0;
        self.settings.cnmi[3] = 0;
        self.retry_later(incoming);
    }

    fn retry_later(&mut self, incoming: Incoming) {
        self.cell.again(self.now + NETWORK_RETRY, incoming);
    }

    pub(super) fn registration_changes(&mut self, registered: bool) {
        if self.radio.registered == registered {
            return;
        }
        self.radio.registered = registered;
        let stat = if registered { 1 } else { 2 };
        for (kind, name) in ["+CREG", "+CGREG", "+CEREG"].into_iter().enumerate() {
            match self.settings.registration_urcs[kind] {
                0 => {}
                1 => self.urc(&format!("{name}: {stat}")),
                _ if registered => self.urc(&format!("{name}: {stat},\"2F3C\",\"0AE1B703\",7")),
                _ => self.urc(&format!("{name}: {stat}")),
            }
        }
        if registered {
            self.pump();
        }
    }
}

/// `<length>` of 27.005 §3.1: octets without the service centre's address.
pub(super) fn tpdu_length(pdu: &[u8]) -> usize {
    pdu.first().map_or(0, |smsc| pdu.len().saturating_sub(usize::from(*smsc) + 1))
}
