//! Who gets the next segment.
//!
//! Every SIM that may send has its next segment ready while the present one is on the air. The SIM that waited longest
//! is served first; none is waited for; the most urgent class always goes first, also before what stands reserved, and waits for no modem
//! that hangs ([`super::urgent`]).

use super::Engine;
use super::event::{ModemOrder, Order, Reservation};
use super::queue::{Found, Picked, Tried};
use super::rank::{Rank, Ranks, Seeker};
use super::station::Reserved;
use crate::model::{MessageId, ModemName, Msisdn, SegmentId, SignedDuration, SimId, State, Timestamp};
use crate::policy::{Quota, Turn};
use crate::store::StoreError;

impl Engine {
    /// Reserves what can be reserved. Gives the time at which a SIM that is held by a limit may go on.
    pub(super) fn dispatch(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.note_served_networks(now);
        let mut stale = self.preempt(now)?;
        stale.extend(self.relieve(now)?);
        stale.retain(|(modem, _)| self.stations[modem].reserved.is_none());
        let mut wake: Option<Timestamp> = None;
        let mut idle = Vec::new();
        for modem in self.by_turn() {
            match self.serve(&modem, now)? {
                Served::Reserved => stale.retain(|(other, _)| *other != modem),
                Served::Later(at) => wake = sooner(wake, at),
                Served::Nothing(more) => {
                    wake = more.map_or(wake, |at| sooner(wake, at));
                    idle.push(modem);
                }
            }
        }
        for modem in idle {
            if self.stations[&modem].on_air.is_none()
                && self.stations[&modem].ussd.is_none()
                && let Some(at) = self.steal_for(&modem, now)?
            {
                wake = sooner(wake, at);
            }
        }
        self.dial(now)?;
        for (modem, ticket) in stale {
            self.orders.push(Order::Modem(modem, ModemOrder::Withdraw(ticket)));
        }
        self.ask_back(now);
        Ok(self.next_relief(now).map_or(wake, |at| sooner(wake, at)))
    }

    /// Takes back reservations that something more urgent has overtaken.
    fn preempt(&mut self, now: Timestamp) -> Result<Vec<(ModemName, crate::model::Ticket)>, StoreError> {
        let waiting =
            self.stations.values().filter_map(|station| station.reserved.as_ref()).map(|held| held.rank).max();
        let Some(lowest) = waiting.filter(|rank| *rank > Rank::Emergency) else { return Ok(Vec::new()) };
        if self.queue.top(&self.store, now)?.is_none_or(|top| top >= lowest) {
            return Ok(Vec::new());
        }
        let mut overtaken = Vec::new();
        for (modem, station) in &self.stations {
            let Some(held) = station.reserved.as_ref().filter(|held| station.current != Some(held.segment)) else {
                continue;
            };
            // Only what this very SIM could carry overtakes: else each call would take back what sessions may have begun.
            let seeker = self.seeker(modem, now);
            if self.queue.more_urgent(held.rank, &seeker, &self.held, &self.store, now)? {
                overtaken.push(modem.clone());
            }
        }
        Ok(overtaken.into_iter().filter_map(|modem| Some((modem.clone(), self.release(&modem)?))).collect())
    }

    /// Modems without a reservation, idle ones first, then by how long ago their SIM had its turn.
    pub(super) fn by_turn(&self) -> Vec<ModemName> {
        let mut order: Vec<_> = self
            .stations
            .iter()
            .filter(|(_, station)| station.ready && station.reserved.is_none())
            .map(|(modem, station)| (station.on_air.is_some(), self.sims[&station.sim].last_turn, modem.clone()))
            .collect();
        order.sort();
        order.into_iter().map(|(_, _, modem)| modem).collect()
    }

    pub(super) fn serve(&mut self, modem: &ModemName, now: Timestamp) -> Result<Served, StoreError> {
        if self.kept_for_ussd(modem, now)? {
            return Ok(Served::Nothing(None));
        }
        let station = &self.stations[modem];
        let book = &self.sims[&station.sim];
        if book.rests_until == Timestamp::MAX {
            return Ok(Served::Nothing(None));
        }
        if book.rests_until > now {
            return Ok(Served::Later(book.rests_until));
        }
        if station.on_air.is_some() && !book.limits.min_gap.is_zero() {
            // The gap is counted from the answer, which is not there yet.
            return Ok(Served::Nothing(None));
        }
        let (earliest, common) = (book.earliest(Rank::Emergency, 1, now), book.earliest(Rank::Routine, 1, now));
        if earliest > now {
            return Ok(Served::Later(earliest));
        }
        let sim = station.sim;
        if let Some(segment) = station.current {
            let job = self.store.message(segment.message)?.map(|row| row.job);
            let rank = job.and_then(|job| self.queue.lane(job)).map(|lane| lane.rank);
            if rank.is_some_and(|rank| rank.quota() == Quota::Whole || common <= now) {
                return self.reserve_next(modem, segment, now);
            }
            // Its job was cancelled or has expired, and the rest of the message ends with it; or only what is kept for emergencies
            // is left of the quota, and it waits.
            self.stations.get_mut(modem).expect("only a connected modem is served").current = None;
            self.resume(segment.message, sim, now)?;
        }
        let mut seeker = self.seeker(modem, now);
        if self.makes_way(modem, now)? {
            seeker.affords = seeker.affords.and(Ranks::URGENT);
        }
        // What is no emergency may go on then.
        let more = (common > now).then_some(common);
        loop {
            match self.queue.pick(&seeker, &self.held, &self.store, now)? {
                Found::Message(picked) => match self.reserve(modem, picked, now)? {
                    Served::Nothing(_) => {}
                    served => return Ok(served),
                },
                Found::Kept(until) => return Ok(Served::Nothing(sooner(more, until))),
                Found::Nothing => return Ok(Served::Nothing(more)),
            }
        }
    }

    /// What matters of this modem's SIM to what it gets next.
    pub(super) fn seeker(&self, modem: &ModemName, now: Timestamp) -> Seeker {
        let sim = self.stations[modem].sim;
        let book = &self.sims[&sim];
        Seeker {
            sim,
            network: book.network,
            carries: book.carries,
            affords: book.affords(now, now),
            alone: self.alone(sim, now),
            probing: book.health.is_suspect(),
        }
    }

    /// For what no other SIM could send within a minute, so that no message must wait for another one. Emergencies wait for none whose
    /// modem hangs.
    fn alone(&self, sim: SimId, now: Timestamp) -> Ranks {
        let soon = now.saturating_add(SignedDuration::from_mins(1)).unwrap_or(now);
        let mut others = Ranks::NONE;
        for station in self.stations.values().filter(|station| station.ready && station.sim != sim) {
            let book = &self.sims[&station.sim];
            if book.rests_until <= soon {
                let ranks = book.carries.and(book.affords(soon, now));
                others = others.or(if station.hangs(now) { ranks.without(Ranks::URGENT) } else { ranks });
            }
            if others == Ranks::ALL {
                break;
            }
        }
        Ranks::ALL.without(others)
    }

    fn reserve(&mut self, modem: &ModemName, picked: Picked, now: Timestamp) -> Result<Served, StoreError> {
        let Some(row) = self.store.message(picked.message)? else { return Ok(Served::Nothing(None)) };
        if !row.waiting {
            // It left the queue after the head of its lane was read: suppressed, cancelled, expired.
            return Ok(Served::Nothing(None));
        }
        if row.number == Msisdn::ERASED {
            // Its number was erased while it was on the air or in doubt, or while its list was coming in; now it would go out again.
            self.suppress(row.id, now)?;
            return Ok(Served::Nothing(None));
        }
        let Some(number) = self.first_queued(picked.message, row.segments)? else { return Ok(Served::Nothing(None)) };
        let station = &self.stations[modem];
        let book = &self.sims[&station.sim];
        let earliest = book.earliest(picked.rank, usize::from(row.segments - number + 1), now);
        if earliest > now {
            self.queue.give_back(picked.job, picked.message, picked.tried);
            return Ok(Served::Later(earliest));
        }
        let concat_ref = match (row.segments, row.concat_ref) {
            (1, _) => None,
            (_, Some(reference)) => Some(reference),
            (_, None) => Some(self.store.choose_concat_ref(row.id, row.number)?),
        };
        let reserved = Reserved {
            ticket: self.ticket(),
            segment: SegmentId { message: picked.message, number },
            job: picked.job,
            number: row.number,
            rank: picked.rank,
            total: row.segments,
            concat_ref,
            tried: picked.tried,
            since: now,
        };
        self.hold(modem, reserved, row.text.as_deref(), now);
        Ok(Served::Reserved)
    }

    /// The next segment of the message that this SIM is in the middle of.
    fn reserve_next(&mut self, modem: &ModemName, segment: SegmentId, now: Timestamp) -> Result<Served, StoreError> {
        let row = self.store.message(segment.message)?.expect("a message in progress has its row");
        let rank = self.queue.lane(row.job).map_or(Rank::Routine, |lane| lane.rank);
        let reserved = Reserved {
            ticket: self.ticket(),
            segment,
            job: row.job,
            number: row.number,
            rank,
            total: row.segments,
            concat_ref: row.concat_ref,
            tried: Tried::Before,
            since: now,
        };
        self.hold(modem, reserved, row.text.as_deref(), now);
        Ok(Served::Reserved)
    }

    fn first_queued(&self, message: MessageId, segments: u8) -> Result<Option<u8>, StoreError> {
        if segments == 1 {
            return Ok(Some(1));
        }
        let states = self.store.segments(message)?;
        Ok((1..).zip(states).find(|(_, (state, _))| *state == State::Queued).map(|(number, _)| number))
    }

    /// Makes the PDU and hands the reservation to the session.
    fn hold(&mut self, modem: &ModemName, reserved: Reserved, own_text: Option<&str>, now: Timestamp) {
        let lane = self.queue.lane(reserved.job).expect("what is reserved comes from a lane");
        let left = lane.expires_at.duration_since(now);
        let text = own_text.or(lane.text.as_deref()).unwrap_or_default();
        let pdu = self.plans.submit(text, &reserved, left);
        self.turn += 1;
        let station = self.stations.get_mut(modem).expect("only a connected modem is served");
        self.sims.get_mut(&station.sim).expect("a connected SIM has its book").last_turn = self.turn;
        self.held.insert(reserved.message());
        let more = reserved.segment.number < reserved.total;
        let reservation = Reservation { ticket: reserved.ticket, length: pdu.length, pdu: pdu.hex, more };
        station.reserved = Some(reserved);
        self.orders.push(Order::Modem(modem.clone(), ModemOrder::Reserve(reservation)));
    }

    /// Gives up a modem's reservation; its message comes next again.
    pub(super) fn release(&mut self, modem: &ModemName) -> Option<crate::model::Ticket> {
        let station = self.stations.get_mut(modem)?;
        let reserved = station.reserved.take()?;
        let continues = station.current == Some(reserved.segment);
        self.held.remove(&reserved.message());
        if !continues {
            self.queue.give_back(reserved.job, reserved.message(), reserved.tried);
        }
        Some(reserved.ticket)
    }

    /// Gives up every reservation of which `which` says so, and tells the sessions.
    pub(super) fn release_where(&mut self, which: impl Fn(&Reserved) -> bool) {
        let modems: Vec<ModemName> = self
            .stations
            .iter()
            .filter(|(_, station)| station.reserved.as_ref().is_some_and(&which))
            .map(|(modem, _)| modem.clone())
            .collect();
        for modem in modems {
            if let Some(ticket) = self.release(&modem) {
                self.orders.push(Order::Modem(modem, ModemOrder::Withdraw(ticket)));
            }
        }
    }

    /// An idle SIM takes over what a busy one only holds ready: at the end of a queue nobody waits for air time. Gives the time at
    /// which it may take what is kept for SIMs of its own network still.
    fn steal_for(&mut self, modem: &ModemName, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sim = self.stations[modem].sim;
        let book = &self.sims[&sim];
        if book.rests_until > now {
            return Ok(None);
        }
        let seeker = self.seeker(modem, now);
        let mut kept = None;
        let from = self.stations.iter().find(|(other, station)| {
            let Some(held) = station.reserved.as_ref() else { return false };
            let Some(lane) = self.queue.lane(held.job) else { return false };
            let Tried::Never(network) = held.tried else { return false };
            let free = *other != modem
                && station.on_air.is_some()
                && station.current != Some(held.segment)
                && lane.pinned_sim.is_none()
                && seeker.carries.contains(held.rank)
                && book.earliest(held.rank, usize::from(held.total), now) <= now;
            match lane.turn(&seeker, network, &self.queue.preference, now) {
                Turn::Kept(until) if free => {
                    kept = sooner(kept, until);
                    false
                }
                Turn::Kept(_) => false,
                Turn::First | Turn::InOrder => free,
            }
        });
        let Some(from) = from.map(|(other, _)| other.clone()) else { return Ok(kept) };
        let ticket = self.release(&from);
        self.serve(modem, now)?;
        if let Some(ticket) = ticket {
            self.orders.push(Order::Modem(from, ModemOrder::Withdraw(ticket)));
        }
        Ok(None)
    }
}

pub(super) enum Served {
    Reserved,
    /// Held by a limit or a rest until then.
    Later(Timestamp),
    /// There is nothing that it may carry, or not before then.
    Nothing(Option<Timestamp>),
}

fn sooner(wake: Option<Timestamp>, at: Timestamp) -> Option<Timestamp> {
    Some(wake.map_or(at, |wake| wake.min(at)))
}
