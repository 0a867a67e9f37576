//! Which message comes next: strict classes, then jobs in the order in which they came, then rows; where that is wanted, those to a
//! SIM's own network first within a job.

use std::collections::{BTreeMap, BTreeSet};

use super::lane::{Lane, Offer, Preference};
use super::rank::{Rank, Seeker};
use crate::model::{Class, JobId, MessageId, NetworkId, Scope, Timestamp};
use crate::store::{JobRow, Store, StoreError};

/// Whether people hold a lane. An answer to a citizen confirms what was already done; it is not part of any blast, and neither is a
/// self-test.
fn is_paused(pauses: &BTreeSet<Scope>, lane: &Lane) -> bool {
    lane.kind.is_a_units() && pauses.iter().any(|scope| scope.covers(lane.class, &lane.unit))
}

/// All lanes in their order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lanes: BTreeMap<(Rank, JobId), Lane>,
    ranks: BTreeMap<JobId, Rank>,
    /// What people hold.
    pub pauses: BTreeSet<Scope>,
    pub preference: Preference,
    /// Every network that messages may have.
    pub networks: Vec<NetworkId>,
}

impl Queue {
    /// Takes a job up.
    pub fn add(&mut self, row: &JobRow, store: &Store) -> Result<(), StoreError> {
        let lane = Lane::new(row, &self.networks, store)?;
        self.ranks.insert(row.id, lane.rank);
        self.lanes.insert((lane.rank, row.id), lane);
        Ok(())
    }

    /// Lets a job go: it is done or cancelled.
    pub fn remove(&mut self, job: JobId) {
        if let Some(rank) = self.ranks.remove(&job) {
            self.lanes.remove(&(rank, job));
        }
    }

    /// A job's lane, while it has one.
    pub fn lane(&self, job: JobId) -> Option<&Lane> {
        self.lanes.get(&(*self.ranks.get(&job)?, job))
    }

    /// The same, to be changed.
    pub fn lane_mut(&mut self, job: JobId) -> Option<&mut Lane> {
        self.lanes.get_mut(&(*self.ranks.get(&job)?, job))
    }

    /// All lanes.
    pub fn lanes_mut(&mut self) -> impl Iterator<Item = &mut Lane> {
        self.lanes.values_mut()
    }

    /// Units' jobs that nothing holds: their class, and when their time to go began.
    pub fn free_to_go(&self, now: Timestamp) -> Vec<(JobId, Class, Timestamp)> {
        let lanes = self.lanes.values().filter(|lane| self.is_free(lane, now));
        lanes.map(|lane| (lane.job, lane.class, lane.not_before)).collect()
    }

    /// Units' jobs that nothing holds, and those that something does. Neither are those whose time has not come.
    pub fn free_and_held(&self, now: Timestamp) -> (BTreeSet<JobId>, BTreeSet<JobId>) {
        let lanes = self.lanes.values().filter(|lane| lane.kind.is_a_units() && lane.not_before <= now);
        let (free, held): (Vec<_>, Vec<_>) = lanes.partition(|lane| self.is_free(lane, now));
        let jobs = |lanes: Vec<&Lane>| lanes.into_iter().map(|lane| lane.job).collect();
        (jobs(free), jobs(held))
    }

    /// Messages that follow others wait for these to arrive.
    fn is_free(&self, lane: &Lane, now: Timestamp) -> bool {
        lane.kind.is_a_units() && lane.open(now) && lane.ahead.is_none() && !is_paused(&self.pauses, lane)
    }

    /// Whether any of them is a unit's.
    pub fn has_units_jobs(&self) -> bool {
        self.lanes.values().any(|lane| lane.kind.is_a_units())
    }

    /// Holds or lets go one job.
    pub fn pause_job(&mut self, job: JobId, paused: bool) {
        if let Some(lane) = self.lane_mut(job) {
            lane.paused = paused;
        }
    }

    /// The rest of a job follows the messages that went ahead.
    pub fn let_follow(&mut self, job: JobId) {
        if let Some(lane) = self.lane_mut(job) {
            lane.ahead = None;
        }
    }

    /// Whether messages of this job may be handed over now.
    pub fn may_send(&self, job: JobId, now: Timestamp) -> bool {
        self.lane(job).is_some_and(|lane| lane.open(now) && !is_paused(&self.pauses, lane))
    }

    /// A reservation was given up: its message comes next again.
    pub fn give_back(&mut self, job: JobId, message: MessageId, tried: Tried) {
        if let Some(lane) = self.lane_mut(job) {
            match tried {
                Tried::Never(network) => lane.give_back(network, message),
                Tried::Before => lane.next_due = Some(Timestamp::MIN),
            }
        }
    }

    /// A message waits until `at`.
    pub fn wait_until(&mut self, job: JobId, at: Timestamp) {
        if let Some(lane) = self.lane_mut(job) {
            lane.next_due = Some(lane.next_due.map_or(at, |due| due.min(at)));
        }
    }

    /// The next message for a SIM; what is in `held` stands reserved elsewhere.
    ///
    /// Messages that waited after a refusal go before never-tried ones of the same job: their turn has been. A SIM under
    /// suspicion is tried the other way round: a few bad numbers must not be all it is ever judged by. While messages are kept for
    /// SIMs of their own network, nothing of a lower rank goes out instead of them.
    pub fn pick(
        &mut self,
        seeker: &Seeker,
        held: &BTreeSet<MessageId>,
        store: &Store,
        now: Timestamp,
    ) -> Result<Found, StoreError> {
        let Self { lanes, pauses, preference, .. } = self;
        let mut kept: Option<(Rank, Timestamp)> = None;
        for lane in lanes.values_mut() {
            if kept.is_some_and(|(rank, _)| rank < lane.rank) {
                break;
            }
            if !lane.serves(seeker) || !lane.open(now) || is_paused(pauses, lane) {
                continue;
            }
            let (job, rank) = (lane.job, lane.rank);
            let again = |message| Found::Message(Picked { message, job, rank, tried: Tried::Before });
            if !seeker.probing
                && let Some(message) = lane.first_due(seeker, held, store, now)?
            {
                return Ok(again(message));
            }
            while seeker.carries.contains(rank) {
                match lane.take_fresh(seeker, preference, store, now)? {
                    Offer::Message(_, message) if held.contains(&message) => {}
                    Offer::Message(network, message) => {
                        return Ok(Found::Message(Picked { message, job, rank, tried: Tried::Never(network) }));
                    }
                    Offer::Kept(until) => {
                        kept = Some((rank, kept.map_or(until, |(_, kept)| kept.min(until))));
                        break;
                    }
                    Offer::Nothing => break,
                }
            }
            if seeker.probing
                && let Some(message) = lane.first_due(seeker, held, store, now)?
            {
                return Ok(again(message));
            }
        }
        Ok(kept.map_or(Found::Nothing, |(_, until)| Found::Kept(until)))
    }

    /// Whether something more urgent than `rank` waits that this SIM could carry, also where it is kept for another network still.
    pub fn more_urgent(
        &mut self,
        rank: Rank,
        seeker: &Seeker,
        held: &BTreeSet<MessageId>,
        store: &Store,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Self { lanes, pauses, .. } = self;
        for lane in lanes.values_mut().take_while(|lane| lane.rank < rank) {
            if !lane.serves(seeker) || !lane.open(now) || is_paused(pauses, lane) {
                continue;
            }
            if lane.first_due(seeker, held, store, now)?.is_some()
                || (seeker.carries.contains(lane.rank) && lane.has_fresh(store)?)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The most urgent rank that may have something to send now, through whichever SIM.
    pub fn top(&mut self, store: &Store, now: Timestamp) -> Result<Option<Rank>, StoreError> {
        let Self { lanes, pauses, .. } = self;
        for lane in lanes.values_mut() {
            if !lane.open(now) || is_paused(pauses, lane) {
                continue;
            }
            if lane.next_due.is_some_and(|due| due <= now) || lane.has_fresh(store)? {
                return Ok(Some(lane.rank));
            }
        }
        Ok(None)
    }

    /// Reads anew when the waiting messages of each lane are due, where that time has passed.
    pub fn refresh_due(&mut self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let closed = |lane: &Lane| lane.paused || lane.shut.is_some();
        let lanes = self.lanes.values_mut().filter(|lane| !closed(lane));
        for lane in lanes.filter(|lane| lane.next_due.is_some_and(|due| due <= now)) {
            lane.next_due = store.next_due(lane.job)?;
        }
        Ok(())
    }

    /// Jobs whose time has passed.
    pub fn expired(&self, now: Timestamp) -> Vec<JobId> {
        self.lanes.values().filter(|lane| lane.expires_at <= now).map(|lane| lane.job).collect()
    }

    /// When something changes by the clock alone: a job opens or expires, a waiting message is due.
    pub fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        self.lanes
            .values()
            .flat_map(|lane| {
                let opens = (lane.not_before > now).then_some(lane.not_before);
                let due = lane.next_due.filter(|due| *due > now && !lane.paused && lane.shut.is_none());
                [opens, due, Some(lane.expires_at)]
            })
            .flatten()
            .min()
    }
}

/// What the queue has for a SIM.
pub(super) enum Found {
    Message(Picked),
    /// What comes next is kept for SIMs of other networks until then.
    Kept(Timestamp),
    Nothing,
}

/// A message whose turn it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picked {
    pub message: MessageId,
    pub job: JobId,
    pub rank: Rank,
    pub tried: Tried,
}

/// Whether a message was handed over before, or taken out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// It goes back to the head of its lane for this network.
    Never(NetworkId),
    Before,
}
