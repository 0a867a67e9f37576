//! Emergencies that a modem holds up go through another one.
//!
//! What stands ready for a modem is no attempt, so it can be taken back at any time: a session that has begun it meanwhile gets no `Go`
//! for it, and leaves the prompt. So whoever is free first carries an emergency that stands behind another message, and while one
//! does, nobody who could carry it holds anything else ready, which its session would begin instead. Of an attempt that is open only the
//! session knows whether its PDU has been written; while its prompt is still awaited it can be asked back.

use super::Engine;
use super::event::{ModemOrder, Order};
use super::queue::Tried;
use super::rank::Rank;
use super::station::{Reserved, Station};
use crate::model::{ModemName, SignedDuration, Ticket, Timestamp, later};
use crate::store::StoreError;

/// A session whose line is free begins within milliseconds what it is given. One that has not after so long waits for its modem.
const BEGUN_WITHIN: SignedDuration = SignedDuration::from_secs(2);
/// The prompt comes at once (27.005 §4.3), from a modem that is busy with something else within some three seconds.
const PROMPT_WITHIN: SignedDuration = SignedDuration::from_secs(4);
/// A send takes 5 to 10 s, on a weak signal up to 15. Nobody counts on a modem that has not answered after so long.
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_secs(20);

/// What of a station counts as held up.
type HeldUp = fn(&Station, Timestamp) -> Option<&Reserved>;

impl Station {
    /// Whether its modem has had a message in hand for longer than any should take.
    pub fn hangs(&self, now: Timestamp) -> bool {
        self.on_air.as_ref().is_some_and(|on_air| later(on_air.opened_at, ANSWER_WITHIN) <= now)
    }

    /// The emergency that stands ready here and waits for this modem; not the rest of a message, which nobody else may carry.
    fn held_up(&self, now: Timestamp) -> Option<&Reserved> {
        let waits = |held: &Reserved| self.on_air.is_some() || later(held.since, BEGUN_WITHIN) <= now;
        self.reserved.as_ref().filter(|held| held.rank.is_urgent() && self.current != Some(held.segment) && waits(held))
    }

    /// The same, where nobody can say when its modem will be free.
    fn stuck(&self, now: Timestamp) -> Option<&Reserved> {
        self.held_up(now).filter(|_| self.on_air.is_none() || self.hangs(now))
    }

    /// When something of what stands ready or is open here has to be looked at again.
    fn look_at(&self, now: Timestamp) -> Option<Timestamp> {
        let ready = self.reserved.as_ref().filter(|held| held.rank.is_urgent());
        let looks = match (&self.on_air, ready) {
            (Some(on_air), held) => [
                on_air.movable.map(|_| later(on_air.opened_at, PROMPT_WITHIN)),
                held.map(|_| later(on_air.opened_at, ANSWER_WITHIN)),
            ],
            (None, Some(held)) => [Some(later(held.since, BEGUN_WITHIN)), None],
            (None, None) => [None, None],
        };
        looks.into_iter().flatten().filter(|at| *at > now).min()
    }
}

impl Engine {
    /// Lets free modems take over the emergencies that others hold up, and keeps those that will be free next from beginning anything
    /// else. From one that hangs whoever works takes over, next after the message in hand. Gives the reservations that were taken back.
    pub(super) fn relieve(&mut self, now: Timestamp) -> Result<Vec<(ModemName, Ticket)>, StoreError> {
        let mut taken_back = Vec::new();
        if !self.stations.values().any(|station| station.held_up(now).is_some()) {
            return Ok(taken_back);
        }
        let less = |station: &Station| {
            station
                .reserved
                .as_ref()
                .is_some_and(|held| !held.rank.is_urgent() && station.current != Some(held.segment))
        };
        let others: Vec<ModemName> =
            self.stations.iter().filter(|(_, station)| less(station)).map(|(modem, _)| modem.clone()).collect();
        for modem in others {
            if self.makes_way(&modem, now)?
                && let Some(ticket) = self.release(&modem)
            {
                taken_back.push((modem, ticket));
            }
        }
        for modem in self.by_turn() {
            let station = &self.stations[&modem];
            // Notices are what every SIM is for: one that cannot send even these is not compared with what each of the others holds.
            if station.hangs(now) || station.current.is_some() || !self.could_carry(&modem, Rank::Notice, 1, now) {
                continue;
            }
            let held_up = match station.on_air {
                None => Station::held_up,
                // Whoever has to rest after each message has nothing ready while one is on the air.
                Some(_) if self.sims[&station.sim].limits.min_gap.is_zero() => Station::stuck,
                Some(_) => continue,
            };
            if let Some(from) = self.relieved_by(&modem, held_up, now)?
                && let Some(ticket) = self.release(&from)
            {
                taken_back.push((from, ticket));
                self.serve(&modem, now)?;
                taken_back.retain(|(other, _)| *other != modem);
            }
        }
        Ok(taken_back)
    }

    /// Whether this modem is to be free for an emergency that another one holds up.
    pub(super) fn makes_way(&self, modem: &ModemName, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.relieved_by(modem, Station::held_up, now)?.is_some())
    }

    /// The modem that holds up an emergency, as `held_up` says, which this one could carry.
    fn relieved_by(&self, modem: &ModemName, held_up: HeldUp, now: Timestamp) -> Result<Option<ModemName>, StoreError> {
        for (from, station) in self.stations.iter().filter(|(from, _)| *from != modem) {
            if let Some(held) = held_up(station, now)
                && self.may_take(modem, held, now)?
            {
                return Ok(Some(from.clone()));
            }
        }
        Ok(None)
    }

    /// Whether this modem could carry what stands ready for another.
    fn may_take(&self, modem: &ModemName, held: &Reserved, now: Timestamp) -> Result<bool, StoreError> {
        if !self.could_carry(modem, held.rank, usize::from(held.total - held.segment.number + 1), now) {
            return Ok(false);
        }
        let Some(lane) = self.queue.lane(held.job) else { return Ok(false) };
        match held.tried {
            Tried::Never(_) => Ok(lane.pinned_sim.is_none()),
            Tried::Before => lane.is_due_for(&self.seeker(modem, now), held.message(), &self.held, &self.store, now),
        }
    }

    /// Whether this modem's SIM is for this rank and may send so many segments now.
    fn could_carry(&self, modem: &ModemName, rank: Rank, segments: usize, now: Timestamp) -> bool {
        let station = &self.stations[modem];
        let book = &self.sims[&station.sim];
        station.ready
            && station.ussd.is_none()
            && book.rests_until <= now
            && book.carries.contains(rank)
            && book.earliest(rank, segments, now) <= now
    }

    /// Asks sessions for the emergencies back whose prompt has not come, where another modem does not hang and could carry them. What has
    /// been handed over meanwhile is not given back: the session does not heed the order then.
    pub(super) fn ask_back(&mut self, now: Timestamp) {
        let late = |station: &Station| {
            let on_air = station.on_air.as_ref()?;
            let movable = on_air.movable.filter(|_| later(on_air.opened_at, PROMPT_WITHIN) <= now)?;
            Some((movable, station.sim))
        };
        let late =
            self.stations.iter().filter_map(|(modem, station)| late(station).map(|found| (modem.clone(), found)));
        for (modem, (movable, sim)) in late.collect::<Vec<_>>() {
            let another = self.stations.iter().any(|(other, station)| {
                station.sim != sim
                    && !station.hangs(now)
                    && self.could_carry(other, movable.rank, usize::from(movable.segments), now)
            });
            if another {
                let station = self.stations.get_mut(&modem).expect("it was just listed");
                station.on_air.as_mut().expect("it was just read").movable = None;
                self.orders.push(Order::Modem(modem, ModemOrder::Withdraw(movable.ticket)));
            }
        }
    }

    /// When an emergency will have waited too long for its modem.
    pub(super) fn next_relief(&self, now: Timestamp) -> Option<Timestamp> {
        self.stations.values().filter_map(|station| station.look_at(now)).min()
    }
}
