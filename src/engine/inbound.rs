//! What citizens and operators write: kept before it is deleted from the modem, put together, and honoured.

use sha2::{Digest, Sha256};

use super::consent::Said;
use super::event::{ModemEvent, ModemOrder, Order};
use super::outbox::Fact;
use super::{ENGINE, Engine};
use crate::model::{ModemName, Msisdn, SignedDuration, SimId, SimIdentity, Slot, Timestamp, Written, earlier};
use crate::pdu::{self, Address, Deliver, Incoming, MessageClass, TypeOfNumber};
use crate::policy::{Rule, Wish};
use crate::store::{EventRow, InboxKind, InboxRow, PartRow, StoreError, WaitingPart};

/// Parts with the same reference that are further apart than this belong to different messages.
const SIBLINGS: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    pub(super) fn received(
        &mut self,
        modem: &ModemName,
        octets: &[u8],
        slot: Option<Slot>,
        acknowledge: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(sim) = self.receiver(modem, slot.as_ref(), now)? else { return Ok(()) };
        self.take_in(modem, sim, octets, now)?;
        self.done_with(modem, slot, acknowledge);
        Ok(())
    }

    fn take_in(&mut self, modem: &ModemName, sim: SimId, octets: &[u8], now: Timestamp) -> Result<(), StoreError> {
        match Incoming::decode(octets) {
            Ok((_, Incoming::StatusReport(report))) => self.take_report(modem, sim, &report, octets, now),
            Ok((_, Incoming::Deliver(deliver))) => self.take_part(sim, &deliver, octets, now),
            Err(error) => {
                let line = format!("{} ({error})", pdu::hex::encode(octets));
                self.keep_garbled(sim, &line, now)
            }
        }
    }

    pub(super) fn garbled(
        &mut self,
        modem: &ModemName,
        line: &str,
        slot: Option<Slot>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(sim) = self.receiver(modem, slot.as_ref(), now)? else { return Ok(()) };
        self.keep_garbled(sim, line, now)?;
        self.done_with(modem, slot, false);
        Ok(())
    }

    /// The SIM that a message is for which this modem handed on or read from its storage. `None`: it lies in the storage of a modem
    /// whose SIM is not known at present; it stays there, and is read again once that is.
    fn receiver(
        &mut self,
        modem: &ModemName,
        slot: Option<&Slot>,
        now: Timestamp,
    ) -> Result<Option<SimId>, StoreError> {
        let present = self.stations.get(modem).map(|station| station.sim);
        if present.is_some() || slot.is_some() {
            return Ok(present);
        }
        // What is handed on directly does not come again. While a modem is set up, or is listened to after a send without an answer,
        // its SIM is the one that was in it last.
        match self.store.sim_in(modem)? {
            Some(last) => Ok(Some(last)),
            None => self.stranger(modem, now).map(Some),
        }
    }

    /// What a modem handed on directly whose place bears the name of another one, so that nobody can say yet who it is.
    pub(super) fn overheard(
        &mut self,
        address: &ModemName,
        event: ModemEvent,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match event {
            ModemEvent::Received { pdu, slot: None, .. } => {
                let sim = self.stranger(address, now)?;
                self.take_in(address, sim, &pdu, now)
            }
            ModemEvent::Garbled { line, slot: None } => {
                let sim = self.stranger(address, now)?;
                self.keep_garbled(sim, &line, now)
            }
            _ => Ok(()),
        }
    }

    /// A SIM that nobody has read yet, known by the place it is in: a STOP counts whoever received it.
    fn stranger(&self, address: &ModemName, now: Timestamp) -> Result<SimId, StoreError> {
        let sim = self.store.sim(&format!("port:{address}"), &SimIdentity::default(), now)?;
        let detail = format!("{address}: a message came before its SIM was known, and is kept under its port");
        self.record(EventRow { kind: "inbound_unclaimed", sim: Some(sim), detail: &detail, ..ENGINE }, now)?;
        Ok(sim)
    }

    fn keep_garbled(&mut self, sim: SimId, line: &str, now: Timestamp) -> Result<(), StoreError> {
        // The same octets read again are the same record, as with any other message.
        let digest = Sha256::digest(line.as_bytes());
        let part = PartRow { sim, digest: &digest, sender: "", concat: None, text: line, pdu: &[] };
        let Some(part) = self.store.insert_part(&part, now)? else { return Ok(()) };
        let entry = InboxRow {
            sim,
            sender: "",
            number: None,
            text: line,
            kind: InboxKind::Garbled,
            rule: None,
            complete: true,
            sent_at: None,
            about: None,
        };
        let inbox = self.store.insert_inbox(&entry, now)?;
        self.outbox.put(Fact::Inbound { inbox, unit: None });
        self.store.show_part(part, inbox)
    }

    /// It is durable with this commit: the modem may forget it.
    fn done_with(&mut self, modem: &ModemName, slot: Option<Slot>, acknowledge: bool) {
        if acknowledge {
            self.orders.push(Order::Modem(modem.clone(), ModemOrder::Acknowledge));
        }
        if let Some(slot) = slot {
            self.orders.push(Order::Modem(modem.clone(), ModemOrder::Delete(slot)));
        }
    }

    fn take_part(&mut self, sim: SimId, deliver: &Deliver, octets: &[u8], now: Timestamp) -> Result<(), StoreError> {
        let sender = deliver.originator.to_string();
        // Data for no human eye is kept in hexadecimal.
        let text = deliver.text().unwrap_or_else(|| pdu::hex::encode(deliver.data().unwrap_or_default()));
        let concat = deliver.concat().map(|concat| (concat.reference, concat.total, concat.number));
        // The service centre may differ between two deliveries of one message; what is kept does not.
        let digest = Sha256::digest(
            [sender.as_bytes(), format!("|{:?}|{concat:?}|", deliver.service_centre_time).as_bytes(), text.as_bytes()]
                .concat(),
        );
        let row = PartRow { sim, digest: &digest, sender: &sender, concat, text: &text, pdu: octets };
        let Some(part) = self.store.insert_part(&row, now)? else { return Ok(()) };
        let citizen = self.number_in(&deliver.originator).filter(|_| is_from_a_person(deliver));
        let sent_at = deliver.service_centre_time.timestamp();
        let whole = match concat {
            None => Some(Assembled { parts: vec![part], text, shown: None }),
            Some((reference, total, _)) => self.assemble(sim, &sender, reference, total, now)?,
        };
        let Some(Assembled { parts, text, shown }) = whole else { return Ok(()) };
        self.take_text(Whole { sim, sender: &sender, citizen, text: &text, complete: true, sent_at, parts, shown }, now)
    }

    /// The number that an address names; none where it is a name.
    pub(super) fn number_in(&self, address: &Address) -> Option<Msisdn> {
        let written = match address.type_of_number() {
            TypeOfNumber::Alphanumeric => return None,
            TypeOfNumber::International => Written::International,
            TypeOfNumber::National => Written::National,
            _ => Written::Unknown,
        };
        Msisdn::from_address(address.value(), written, self.rules.country)
    }

    /// The whole text, once all parts are there.
    fn assemble(
        &self,
        sim: SimId,
        sender: &str,
        reference: u16,
        total: u8,
        now: Timestamp,
    ) -> Result<Option<Assembled>, StoreError> {
        let since = earlier(now, SIBLINGS);
        let siblings = self.store.siblings(sim, sender, reference, total, since)?;
        let mut places: Vec<Option<&WaitingPart>> = vec![None; usize::from(total)];
        for part in &siblings {
            if let Some((_, _, number)) = part.concat
                && let Some(place) = places.get_mut(usize::from(number).wrapping_sub(1))
            {
                // A reference that is used again: the newer part counts.
                *place = Some(part);
            }
        }
        let Some(found) = places.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
        let text = joined(&found);
        let shown = found.iter().find_map(|part| part.inbox);
        Ok(Some(Assembled { parts: found.iter().map(|part| part.id).collect(), text, shown }))
    }

    /// Shows what is there of messages whose other parts did not come.
    pub(super) fn show_loose_parts(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let before = earlier(now, self.rules.reassembly_wait);
        let mut loose = self.store.loose_parts(before, 64)?;
        while let Some(first) = loose.first().cloned() {
            let same = |part: &WaitingPart| {
                part.sim == first.sim
                    && part.sender == first.sender
                    && part.concat.map(|c| (c.0, c.1)) == first.concat.map(|c| (c.0, c.1))
            };
            let (mut group, rest): (Vec<_>, Vec<_>) = loose.into_iter().partition(same);
            loose = rest;
            group.sort_by_key(|part| part.concat.map(|concat| concat.2));
            let text = group.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" […] ");
            let number = match Incoming::decode(&first.pdu) {
                Ok((_, Incoming::Deliver(part))) if is_from_a_person(&part) => self.number_in(&part.originator),
                _ => None,
            };
            let whole = Whole {
                sim: first.sim,
                sender: &first.sender,
                citizen: number,
                text: &text,
                complete: false,
                sent_at: None,
                parts: group.iter().map(|part| part.id).collect(),
                shown: None,
            };
            self.take_text(whole, now)?;
        }
        Ok(())
    }

    fn take_text(&mut self, whole: Whole<'_>, now: Timestamp) -> Result<(), StoreError> {
        let test = self.take_test_copy(whole.sim, whole.sender, whole.text, whole.complete, now)?;
        let citizen = whole.citizen.filter(|_| !test);
        let wish = citizen.map(|number| (number, self.rules.keywords.wish(whole.text)));
        let (kind, rule) = match wish {
            None if test => (InboxKind::Test, None),
            None => (InboxKind::Operator, None),
            Some((_, Wish::Stop(rule, _))) => (InboxKind::Stop, Some(rule)),
            Some((_, Wish::Start)) => (InboxKind::Start, None),
            Some((_, Wish::Help)) => (InboxKind::Help, None),
            Some((_, Wish::Review)) => (InboxKind::Review, None),
            Some((_, Wish::Other)) => (InboxKind::Reply, None),
        };
        let about = match citizen {
            Some(number) => self.store.last_message_to(number)?,
            None => None,
        };
        let unit = about.as_ref().map(|(unit, _)| unit.clone());
        if kind.first_state().is_some() {
            self.inbox_touched.extend(about.as_ref().map(|(unit, _)| unit.clone()));
        }
        let inbox = match whole.shown {
            Some(inbox) => {
                self.store.complete_inbox(inbox, whole.text, kind, rule.map(Rule::name), whole.complete)?;
                inbox
            }
            None => self.store.insert_inbox(
                &InboxRow {
                    sim: whole.sim,
                    sender: whole.sender,
                    number: citizen,
                    text: whole.text,
                    kind,
                    rule: rule.map(Rule::name),
                    complete: whole.complete,
                    sent_at: whole.sent_at,
                    about,
                },
                now,
            )?,
        };
        for part in whole.parts {
            self.store.show_part(part, inbox)?;
        }
        if !test {
            self.outbox.put(Fact::Inbound { inbox, unit });
        }
        if whole.complete && !test {
            self.read_operator(whole.sim, whole.sender, whole.text, now)?;
        }
        let Some((number, wish)) = wish else { return Ok(()) };
        self.number_lives(number, "a text came from it", now)?;
        let said = Said { number, sim: whole.sim, inbox, text: whole.text };
        match wish {
            Wish::Stop(rule, scope) => self.stop(&said, rule, scope, now),
            Wish::Start => self.start(&said, now),
            Wish::Help | Wish::Review => {
                let text = self.rules.answers.help.clone();
                self.answer(number, whole.sim, &text, now).map(drop)
            }
            Wish::Other => Ok(()),
        }
    }
}

/// A text put together from its parts.
struct Assembled {
    /// The parts' rows.
    parts: Vec<i64>,
    text: String,
    /// The entry that already shows some of them.
    shown: Option<i64>,
}

/// A text with what is known of it.
struct Whole<'a> {
    sim: SimId,
    sender: &'a str,
    /// The sender's number, if a person may stand behind it.
    citizen: Option<Msisdn>,
    text: &'a str,
    complete: bool,
    sent_at: Option<Timestamp>,
    parts: Vec<i64>,
    /// The entry that already shows some of the parts.
    shown: Option<i64>,
}

/// The text of all parts. They are decoded together: senders split characters between parts.
fn joined(parts: &[&WaitingPart]) -> String {
    let decoded: Option<Vec<Deliver>> = parts
        .iter()
        .map(|part| match Incoming::decode(&part.pdu) {
            Ok((_, Incoming::Deliver(deliver))) => Some(deliver),
            _ => None,
        })
        .collect();
    match decoded {
        Some(delivers) => pdu::join_text(&delivers),
        None => parts.iter().map(|part| part.text.as_str()).collect(),
    }
}

/// Flash messages, port-addressed ones, message-waiting signs and SIM data do not come from citizens.
fn is_from_a_person(deliver: &Deliver) -> bool {
    let plain_class = !matches!(deliver.class(), Some(MessageClass::Zero | MessageClass::Two));
    let header = deliver.user_data.header();
    plain_class
        && deliver.message_waiting().is_none()
        && header.is_none_or(|header| header.ports().is_none() && header.special_indications().next().is_none())
}
