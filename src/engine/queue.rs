//! Which message comes next: strict classes, then jobs in the order in which they came, then rows.
//!
//! Kept in memory is only the head of each job's queue; the rest stays in the ledger, so a backlog of a million costs
//! what a backlog of ten costs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::{Class, InDoubt, JobId, JobKind, JobState, MessageId, SimId, Timestamp};
use crate::store::{JobRow, Store, StoreError};

/// The order between jobs; lower goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Emergency,
    /// The daemon's own answers, tests and questions: few, short, and expected within minutes.
    Answer,
    Important,
    Routine,
}

impl Rank {
    fn of(job: &JobRow) -> Self {
        match (job.kind, job.class) {
            (JobKind::Reply | JobKind::Test | JobKind::Query, _) => Rank::Answer,
            (JobKind::File, Class::Emergency) => Rank::Emergency,
            (JobKind::File, Class::Important) => Rank::Important,
            (JobKind::File, Class::Routine) => Rank::Routine,
        }
    }
}

/// A job that has, or may have, messages to send.
#[derive(Debug)]
pub(super) struct Lane {
    pub job: JobId,
    pub rank: Rank,
    pub class: Class,
    pub unit: String,
    pub kind: JobKind,
    pub text: Option<std::sync::Arc<str>>,
    pub in_doubt: InDoubt,
    pub pinned_sim: Option<SimId>,
    pub paused: bool,
    pub not_before: Timestamp,
    pub expires_at: Timestamp,
    /// The next never-tried messages.
    head: VecDeque<MessageId>,
    /// The last message that was read into `head`.
    read_up_to: MessageId,
    /// Nothing is left behind `head`.
    read_all: bool,
    /// When the next message that waits after a refusal is due.
    next_due: Option<Timestamp>,
}

impl Lane {
    fn open(&self, now: Timestamp) -> bool {
        !self.paused && self.not_before <= now && now < self.expires_at
    }
}

/// What a scope of a pause covers.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    pub all: bool,
    pub classes: BTreeSet<Class>,
    pub units: BTreeSet<String>,
}

impl Pauses {
    fn hold(&self, lane: &Lane) -> bool {
        // An answer to a citizen confirms what was already done; it is not part of any blast, and neither is a self-test.
        lane.kind.is_a_units() && (self.all || self.classes.contains(&lane.class) || self.units.contains(&lane.unit))
    }
}

/// All lanes in their order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lanes: BTreeMap<(Rank, JobId), Lane>,
    ranks: BTreeMap<JobId, Rank>,
    pub pauses: Pauses,
}

/// How many never-tried messages of a job are read at a time.
const HEAD: usize = 256;

impl Queue {
    /// Takes a job up.
    pub fn add(&mut self, row: &JobRow, store: &Store) -> Result<(), StoreError> {
        let rank = Rank::of(row);
        let lane = Lane {
            job: row.id,
            rank,
            class: row.class,
            unit: row.unit.clone(),
            kind: row.kind,
            text: row.text.as_deref().map(Into::into),
            in_doubt: row.in_doubt,
            pinned_sim: row.pinned_sim,
            paused: row.state == JobState::Paused,
            not_before: row.not_before,
            expires_at: row.expires_at,
            head: VecDeque::new(),
            read_up_to: MessageId(0),
            read_all: false,
            next_due: store.next_due(row.id)?,
        };
        self.ranks.insert(row.id, rank);
        self.lanes.insert((rank, row.id), lane);
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

    fn lane_mut(&mut self, job: JobId) -> Option<&mut Lane> {
        self.lanes.get_mut(&(*self.ranks.get(&job)?, job))
    }

    /// Holds or lets go one job.
    pub fn pause_job(&mut self, job: JobId, paused: bool) {
        if let Some(lane) = self.lane_mut(job) {
            lane.paused = paused;
        }
    }

    /// Whether messages of this job may be handed over now.
    pub fn may_send(&self, job: JobId, now: Timestamp) -> bool {
        self.lane(job).is_some_and(|lane| lane.open(now) && !self.pauses.hold(lane))
    }

    /// A reservation was given up: its message comes next again. `fresh`: it was never tried.
    pub fn give_back(&mut self, job: JobId, message: MessageId, fresh: bool) {
        if let Some(lane) = self.lane_mut(job) {
            if fresh {
                // Keep the head in the order of the file even when several come back at once.
                let place = lane.head.partition_point(|other| *other < message);
                lane.head.insert(place, message);
            } else {
                lane.next_due = Some(Timestamp::MIN);
            }
        }
    }

    /// A message waits until `at`.
    pub fn wait_until(&mut self, job: JobId, at: Timestamp) {
        if let Some(lane) = self.lane_mut(job) {
            lane.next_due = Some(lane.next_due.map_or(at, |due| due.min(at)));
        }
    }

    /// The next message for a SIM; what is in `held` stands reserved elsewhere. `alone`: no other SIM could send it.
    ///
    /// Messages that waited after a refusal go before never-tried ones of the same job: their turn has been. A SIM under
    /// suspicion is tried the other way round (`probing`): a few bad numbers must not be all it is ever judged by.
    pub fn pick(
        &mut self,
        sim: SimId,
        alone: bool,
        probing: bool,
        held: &BTreeSet<MessageId>,
        store: &Store,
        now: Timestamp,
    ) -> Result<Option<Picked>, StoreError> {
        let Self { lanes, pauses, .. } = self;
        for lane in lanes.values_mut() {
            if !lane.serves(sim) || !lane.open(now) || pauses.hold(lane) {
                continue;
            }
            if !probing && let Some(message) = lane.first_due(sim, alone, held, store, now)? {
                return Ok(Some(Picked { message, job: lane.job, rank: lane.rank, fresh: false }));
            }
            while let Some(message) = lane.next_fresh(store)? {
                if !held.contains(&message) {
                    return Ok(Some(Picked { message, job: lane.job, rank: lane.rank, fresh: true }));
                }
            }
            if probing && let Some(message) = lane.first_due(sim, alone, held, store, now)? {
                return Ok(Some(Picked { message, job: lane.job, rank: lane.rank, fresh: false }));
            }
        }
        Ok(None)
    }

    /// Whether [`Self::pick`] would give this SIM something more urgent than `rank`.
    pub fn more_urgent(
        &mut self,
        rank: Rank,
        sim: SimId,
        alone: bool,
        held: &BTreeSet<MessageId>,
        store: &Store,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Self { lanes, pauses, .. } = self;
        for lane in lanes.values_mut().take_while(|lane| lane.rank < rank) {
            if !lane.serves(sim) || !lane.open(now) || pauses.hold(lane) {
                continue;
            }
            if lane.first_due(sim, alone, held, store, now)?.is_some() {
                return Ok(true);
            }
            if let Some(message) = lane.next_fresh(store)? {
                lane.head.push_front(message);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The most urgent rank that may have something to send now, through whichever SIM.
    pub fn top(&mut self, store: &Store, now: Timestamp) -> Result<Option<Rank>, StoreError> {
        let Self { lanes, pauses, .. } = self;
        for lane in lanes.values_mut() {
            if !lane.open(now) || pauses.hold(lane) {
                continue;
            }
            if lane.next_due.is_some_and(|due| due <= now) {
                return Ok(Some(lane.rank));
            }
            if let Some(message) = lane.next_fresh(store)? {
                lane.head.push_front(message);
                return Ok(Some(lane.rank));
            }
        }
        Ok(None)
    }

    /// Reads anew when the waiting messages of each lane are due, where that time has passed.
    pub fn refresh_due(&mut self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        for lane in self.lanes.values_mut().filter(|lane| lane.next_due.is_some_and(|due| due <= now)) {
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
                let due = lane.next_due.filter(|due| *due > now && !lane.paused);
                [opens, due, Some(lane.expires_at)]
            })
            .flatten()
            .min()
    }
}

impl Lane {
    /// Whether its messages may go out through this SIM.
    fn serves(&self, sim: SimId) -> bool {
        self.pinned_sim.is_none_or(|pinned| pinned == sim)
    }

    /// The message that waited longest after a refusal, for this SIM; a lane bound to one SIM waits for no other.
    fn first_due(
        &self,
        sim: SimId,
        alone: bool,
        held: &BTreeSet<MessageId>,
        store: &Store,
        now: Timestamp,
    ) -> Result<Option<MessageId>, StoreError> {
        if self.next_due.is_none_or(|due| due > now) {
            return Ok(None);
        }
        let due = store.due(self.job, sim, alone || self.pinned_sim.is_some(), now, held.len() + 1)?;
        Ok(due.into_iter().find(|message| !held.contains(message)))
    }

    fn next_fresh(&mut self, store: &Store) -> Result<Option<MessageId>, StoreError> {
        if self.head.is_empty() && !self.read_all {
            let next = store.fresh(self.job, self.read_up_to, HEAD)?;
            self.read_all = next.len() < HEAD;
            self.read_up_to = next.last().copied().unwrap_or(self.read_up_to);
            self.head = next.into();
        }
        Ok(self.head.pop_front())
    }
}

/// A message whose turn it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picked {
    pub message: MessageId,
    pub job: JobId,
    pub rank: Rank,
    /// Never tried before.
    pub fresh: bool,
}
