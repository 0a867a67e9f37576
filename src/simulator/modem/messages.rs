//! Message commands in PDU mode (27.005 §3 and §4): service, memories, routing, reading, deleting.

use super::answer::Final;
use super::line::{Call, Op, parameters};
use super::memory::Memory;
use super::receiving::tpdu_length;
use super::{Modem, Phase};
use crate::pdu;
use crate::simulator::truth::{Fact, Handing};

/// 27.005 §3.1 `<stat>`: all of them in a listing.
const ALL: u8 = 4;

impl Modem {
    /// `None`: not one of these.
    pub(super) fn message_command(&mut self, call: &Call<'_>) -> Option<Final> {
        let result = match (call.name.as_str(), call.op) {
            ("+CMGF", Op::Test) => self.tell("+CMGF: (0-1)"),
            ("+CMGF", Op::Read) => self.tell(&format!("+CMGF: {}", self.settings.cmgf)),
            ("+CMGF", Op::Set("0")) => self.set(|modem| modem.settings.cmgf = 0),
            ("+CMGF", Op::Set("1")) => self.set(|modem| modem.settings.cmgf = 1),
            ("+CMGF", _) => Final::Cms(303),
            ("+CSMS", Op::Test) => self.tell("+CSMS: (0-1)"),
            ("+CSMS", Op::Read) => self.tell(&format!("+CSMS: {},1,1,1", self.settings.csms)),
            ("+CSMS", Op::Set(value)) => match value {
                "0" | "1" => {
                    self.settings.csms = u8::from(value == "1");
                    self.tell("+CSMS: 1,1,1")
                }
                _ => Final::Cms(303),
            },
            ("+CMMS", Op::Test) => self.tell("+CMMS: (0-2)"),
            ("+CMMS", Op::Read) => self.tell(&format!("+CMMS: {}", self.settings.cmms)),
            ("+CMMS", Op::Set(value)) => match value.parse() {
                Ok(mode @ 0..=2) => self.set(|modem| modem.settings.cmms = mode),
                _ => Final::Cms(303),
            },
            ("+CSCA", Op::Read) => {
                let service_centre = self.service_centre.clone();
                self.tell(&format!(
                    "+CSCA: \"{service_centre}\",{}",
                    if service_centre.starts_with('+') { 145 } else { 129 }
                ))
            }
            ("+CSCA", Op::Set(value)) => {
                let address = parameters(value)[0].to_owned();
                self.set(|modem| modem.service_centre = address)
            }
            ("+CNMI", Op::Test) => self.tell(&format!("+CNMI: {}", self.profile.cnmi.text)),
            ("+CNMI", Op::Read) => {
                let [mode, mt, bm, ds, bfr] = self.settings.cnmi;
                self.tell(&format!("+CNMI: {mode},{mt},{bm},{ds},{bfr}"))
            }
            ("+CNMI", Op::Set(value)) => self.set_routing(&parameters(value)),
            ("+CNMA", op) => self.acknowledgement(op),
            ("+CSMP" | "+CSDH" | "+CSCB", Op::Set(_)) => Final::Ok,
            ("+CPMS" | "+CMGL" | "+CMGR" | "+CMGD", _) => match self.may_use_messages() {
                Ok(()) => self.memory_command(call),
                Err(refusal) => refusal,
            },
            ("+CMGS", Op::Set(value)) => self.begin_send(value),
            ("+CMGS", Op::Test) => Final::Ok,
            ("+CMGS", _) => Final::Error,
            _ => return None,
        };
        Some(result)
    }

    fn set(&mut self, change: impl FnOnce(&mut Self)) -> Final {
        change(self);
        Final::Ok
    }

    /// The SIM must be there and readable, and the message service up: +CMS 310, 311, 316 or 314.
    pub(super) fn may_use_messages(&self) -> Result<(), Final> {
        if !self.card_in {
            return Err(Final::Cms(310));
        }
        if self.now < self.sim_busy_until {
            return Err(Final::Cms(314));
        }
        match (self.radio.sim_ready, self.radio.sms_ready, &self.sim.pin, self.pin_tries) {
            (true, true, _, _) => Ok(()),
            (false, _, Some(_), 0) => Err(Final::Cms(316)),
            (false, _, Some(_), _) => Err(Final::Cms(311)),
            _ => Err(Final::Cms(314)),
        }
    }

    /// Values that are left out keep what they were; a value that is not offered is refused, and nothing changes.
    fn set_routing(&mut self, values: &[&str]) -> Final {
        let mut wanted = self.settings.cnmi;
        if values.len() > wanted.len() {
            return Final::Cms(303);
        }
        for (place, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            match value.parse() {
                Ok(number) if self.profile.cnmi.values[place].contains(&number) => wanted[place] = number,
                _ => return Final::Cms(303),
            }
        }
        self.settings.cnmi = wanted;
        self.release_kept_back();
        Final::Ok
    }

    /// `AT+CNMA`, `AT+CNMA=0` and `=1` say yes, `=2` says no (27.005 §3.4.4 and §4.7).
    fn acknowledgement(&mut self, op: Op<'_>) -> Final {
        let well = match op {
            Op::Execute | Op::Set("0" | "1") => true,
            Op::Set("2") => false,
            Op::Test => return self.tell("+CNMA: (0-2)"),
            _ => return Final::Cms(303),
        };
        if self.settings.csms == 0 {
            return Final::Cms(340);
        }
        if self.acknowledge(well) { Final::Ok } else { Final::Cms(340) }
    }

    fn memory_command(&mut self, call: &Call<'_>) -> Final {
        match (call.name.as_str(), call.op) {
            ("+CPMS", Op::Test) => {
                let group = |names: &[&str]| format!("(\"{}\")", names.join("\",\""));
                let [read, write, receive] = self.profile.memories.map(group);
                self.tell(&format!("+CPMS: {read},{write},{receive}"))
            }
            ("+CPMS", Op::Read) => {
                let [read, write, receive] = self.settings.cpms.clone().map(|name| {
                    let (used, total) = self.usage(&name);
                    format!("\"{name}\",{used},{total}")
                });
                self.tell(&format!("+CPMS: {read},{write},{receive}"))
            }
            ("+CPMS", Op::Set(value)) => self.choose_memories(&parameters(value)),
            ("+CMGL", Op::Test) => self.tell("+CMGL: (0-4)"),
            // Only PDUs here; a client that forgot AT+CMGF=0 learns it.
            ("+CMGL" | "+CMGR", _) if self.settings.cmgf == 1 => Final::Cms(303),
            ("+CMGL", Op::Execute) => self.list(0),
            ("+CMGL", Op::Set(value)) => match value.parse() {
                Ok(stat @ 0..=ALL) => self.list(stat),
                _ => Final::Cms(305),
            },
            ("+CMGR", Op::Set(value)) => self.read(parameters(value)[0]),
            ("+CMGD", Op::Test) => {
                let memory = self.settings.cpms[0].clone();
                let indices: Vec<String> = self.filled(&memory).into_iter().map(|index| index.to_string()).collect();
                let indices = indices.join(",");
                self.tell(&format!("+CMGD: ({indices}),(0-4)"))
            }
            ("+CMGD", Op::Set(value)) => self.delete(&parameters(value)),
            _ => Final::Error,
        }
    }

    fn choose_memories(&mut self, names: &[&str]) -> Final {
        let offered = self.profile.memories;
        let known = names.iter().zip(offered).all(|(name, group)| name.is_empty() || group.contains(name));
        if names.len() > 3 || !known {
            return Final::Cms(302);
        }
        for (place, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            self.settings.cpms[place] = (*name).to_owned();
        }
        let [read, write, receive] = self.settings.cpms.clone().map(|name| self.usage(&name));
        let text = [read, write, receive].map(|(used, total)| format!("{used},{total}")).join(",");
        self.pump();
        self.tell(&format!("+CPMS: {text}"))
    }

    /// The memories behind a name, in the order of their indices.
    fn behind(&mut self, name: &str) -> Vec<&mut Memory> {
        match name {
            "ME" => vec![&mut self.in_modem],
            "SR" => vec![&mut self.in_reports],
            "MT" => vec![&mut self.in_modem, &mut self.on_sim],
            _ => vec![&mut self.on_sim],
        }
    }

    fn usage(&mut self, name: &str) -> (usize, usize) {
        let memories = self.behind(name);
        (memories.iter().map(|memory| memory.used()).sum(), memories.iter().map(|memory| memory.total()).sum())
    }

    /// The indices in use, as the modem counts them.
    fn filled(&mut self, name: &str) -> Vec<usize> {
        let base = usize::from(self.profile.index_base);
        let mut start = 0;
        let mut filled = Vec::new();
        for memory in self.behind(name) {
            let total = memory.total();
            filled.extend(
                (0..total)
                    .filter(|slot| memory.slot(*slot).is_some_and(|slot| slot.is_some()))
                    .map(|slot| start + slot + base),
            );
            start += total;
        }
        filled
    }

    /// The slot of an index; `None` where the memory has no such index.
    fn slot_at(&mut self, name: &str, index: usize) -> Option<&mut Option<super::memory::Stored>> {
        let mut slot = index.checked_sub(usize::from(self.profile.index_base))?;
        for memory in self.behind(name) {
            let total = memory.total();
            if slot < total {
                return memory.slot(slot);
            }
            slot -= total;
        }
        None
    }

    fn list(&mut self, stat: u8) -> Final {
        let memory = self.settings.cpms[0].clone();
        for index in self.filled(&memory) {
            let Some(Some(stored)) = self.slot_at(&memory, index) else { continue };
            let is = u8::from(!stored.unread);
            if stat != ALL && stat != is {
                continue;
            }
            stored.unread = false;
            let (id, pdu) = (stored.id, stored.pdu.clone());
            self.info(&format!("+CMGL: {index},{is},,{}", tpdu_length(&pdu)));
            self.info(&pdu::hex::encode(&pdu));
            self.fact(Fact::Handed { id, how: Handing::Cmgl });
        }
        Final::Ok
    }

    fn read(&mut self, index: &str) -> Final {
        let memory = self.settings.cpms[0].clone();
        let empty_slot_is_error = self.profile.empty_slot_is_error;
        let slot = index.parse().ok().and_then(|index| self.slot_at(&memory, index));
        match slot {
            None => Final::Cms(321),
            Some(None) if empty_slot_is_error => Final::Cms(321),
            Some(None) => Final::Ok,
            Some(Some(stored)) => {
                let is = u8::from(!stored.unread);
                stored.unread = false;
                let (id, pdu) = (stored.id, stored.pdu.clone());
                self.fact(Fact::Handed { id, how: Handing::Cmgr });
                self.info(&format!("+CMGR: {is},,{}", tpdu_length(&pdu)));
                self.tell(&pdu::hex::encode(&pdu))
            }
        }
    }

    /// `<delflag>` 0 deletes the index, 1 to 3 all read, 4 all (27.005 §3.5.4; nothing is ever written here).
    fn delete(&mut self, values: &[&str]) -> Final {
        let memory = self.settings.cpms[0].clone();
        let Ok(index) = values[0].parse::<usize>() else { return Final::Cms(321) };
        let doomed = match values.get(1).copied().unwrap_or("0") {
            "0" => {
                let empty_slot_is_error = self.profile.empty_slot_is_error;
                match self.slot_at(&memory, index) {
                    None => return Final::Cms(321),
                    Some(None) if empty_slot_is_error => return Final::Cms(321),
                    Some(_) => vec![index],
                }
            }
            "1" | "2" | "3" | "4" => self.filled(&memory),
            _ => return Final::Cms(303),
        };
        let spare_unread = !matches!(values.get(1), None | Some(&"0" | &"4"));
        for index in doomed {
            let slot = self.slot_at(&memory, index);
            let gone = slot.and_then(|slot| slot.take_if(|stored| !(spare_unread && stored.unread)));
            if let Some(stored) = gone {
                self.fact(Fact::Deleted { id: stored.id });
            }
        }
        // A free slot: the modem tells the network so (24.011 RP-SMMA), and what waited comes.
        if !matches!(self.phase, Phase::Off) {
            self.pump();
        }
        Final::Ok
    }
}
