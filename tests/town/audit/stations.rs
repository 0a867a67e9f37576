//! What the auditor knows of the modems: who may send, what each holds ready, and how its time is spent.

use std::collections::BTreeMap;

use kentongan::engine::event::{ModemEvent, ModemOrder};
use kentongan::model::{ModemName, Ticket, Timestamp};
use kentongan::simulator::{Fact, Record};

use super::ledger::Ledger;

#[derive(Debug)]
struct Station {
    iccid: Option<String>,
    ready: bool,
    reserved: Option<Ticket>,
}

/// How a card's time was spent, in milliseconds.
#[derive(Debug, Default)]
struct Time {
    /// With something to send.
    with_work: i64,
    /// From 0x1A to the answer.
    on_air: i64,
    handed_at: Option<i64>,
}

/// All of them, by the address of their session.
#[derive(Debug, Default)]
pub struct Stations {
    stations: BTreeMap<String, Station>,
    /// SIMs that send nothing before this time.
    rests: BTreeMap<i64, i64>,
    times: BTreeMap<String, Time>,
}

impl Stations {
    /// The daemon begins anew. What it knows of SIMs it takes from the ledger.
    pub fn forget(&mut self) {
        self.stations.clear();
    }

    pub fn hear(&mut self, address: &ModemName, event: &ModemEvent) {
        let address = address.to_string();
        match event {
            ModemEvent::Found { sim, .. } => {
                let station = Station { iccid: sim.iccid.clone(), ready: false, reserved: None };
                // A card is in one modem at a time.
                self.stations.retain(|_, other| other.iccid != station.iccid);
                self.stations.insert(address, station);
            }
            ModemEvent::Lost { .. } => drop(self.stations.remove(&address)),
            _ => {
                let Some(station) = self.stations.get_mut(&address) else { return };
                match event {
                    ModemEvent::Ready { .. } => station.ready = true,
                    ModemEvent::Unready { .. } => (station.ready, station.reserved) = (false, None),
                    ModemEvent::Begun(ticket)
                    | ModemEvent::Declined { ticket, .. }
                    | ModemEvent::Answered { next: Some(ticket), .. } => {
                        station.reserved.take_if(|held| held == ticket);
                    }
                    _ => {}
                }
            }
        }
    }

    pub fn obey(&mut self, address: &ModemName, order: &ModemOrder) {
        let Some(station) = self.stations.get_mut(address.as_str()) else { return };
        match order {
            ModemOrder::Reserve(reservation) => station.reserved = Some(reservation.ticket),
            ModemOrder::Withdraw(ticket) => drop(station.reserved.take_if(|held| held == ticket)),
            _ => {}
        }
    }

    /// The record says something of a SIM.
    pub fn recorded(&mut self, kind: &str, sim: i64, detail: &str) {
        match kind {
            "sim_rests" => {
                let until = detail.split_once("rests until ").and_then(|(_, rest)| rest.split_once(": "));
                let until = until.and_then(|(until, _)| until.parse::<Timestamp>().ok());
                self.rests.insert(sim, until.map_or(i64::MAX, Timestamp::as_millisecond));
            }
            "sim_blocked" => drop(self.rests.insert(sim, i64::MAX)),
            _ => drop(self.rests.remove(&sim)),
        }
    }

    pub fn held(&self) -> usize {
        self.stations.values().filter(|station| station.reserved.is_some()).count()
    }

    /// Who may send and has nothing: the address, the card and the SIM.
    pub fn idle(&self, ledger: &Ledger, now: i64) -> Vec<(String, String, i64)> {
        let free = |(address, station): (&String, &Station)| {
            let iccid = station.iccid.as_deref()?;
            let sim = *ledger.sims.get(iccid)?;
            let rests = self.rests.get(&sim).is_some_and(|until| *until > now);
            let may = station.ready && station.reserved.is_none() && !rests && !ledger.open.contains_key(&sim);
            may.then(|| (address.clone(), iccid.to_owned(), sim))
        };
        self.stations.iter().filter_map(free).collect()
    }

    /// So much time has passed in which things stood as they still stand.
    pub fn pass(&mut self, span: i64, ledger: &Ledger) {
        for station in self.stations.values() {
            let Some(iccid) = &station.iccid else { continue };
            let on_air = ledger.sims.get(iccid).is_some_and(|sim| ledger.open.contains_key(sim));
            if station.ready && (station.reserved.is_some() || on_air) {
                self.times.entry(iccid.clone()).or_default().with_work += span;
            }
        }
    }

    pub fn witness(&mut self, record: &Record) {
        match record.fact {
            Fact::HandedOver { .. } => {
                self.times.entry(record.iccid.clone()).or_default().handed_at = Some(record.at_ms);
            }
            Fact::Answered { .. }
            | Fact::Refused { .. }
            | Fact::AnswerGone { .. }
            | Fact::Hung
            | Fact::Rebooted
            | Fact::Unplugged => {
                if let Some(time) = self.times.get_mut(&record.iccid)
                    && let Some(from) = time.handed_at.take()
                {
                    time.on_air += record.at_ms - from;
                }
            }
            _ => {}
        }
    }

    /// Time with something to send and time on the air, by card.
    pub fn usage(&self) -> BTreeMap<String, (i64, i64)> {
        self.times.iter().map(|(iccid, time)| (iccid.clone(), (time.with_work, time.on_air))).collect()
    }
}
