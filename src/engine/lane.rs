//! One job's queue: the next of its never-tried messages to each network, and those that wait after a refusal.
//!
//! Kept in memory is only the head for each network; the rest stays in the ledger, so a backlog of a million costs what a backlog of
//! ten costs, whichever network a SIM asks for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::hours::Shut;
use super::rank::{Rank, Ranks, Seeker};
use crate::model::{Class, InDoubt, JobId, JobKind, JobState, MessageId, NetworkId, SignedDuration, SimId, Timestamp};
use crate::policy::{self, Turn};
use crate::store::{JobRow, Store, StoreError, Waiting};

/// How many never-tried messages of a job are read at a time for each network.
const HEAD: usize = 256;

/// A job that has, or may have, messages to send.
#[derive(Debug)]
pub(super) struct Lane {
    pub job: JobId,
    pub rank: Rank,
    pub class: Class,
    pub unit: String,
    pub kind: JobKind,
    pub text: Option<Arc<str>>,
    pub in_doubt: InDoubt,
    pub pinned_sim: Option<SimId>,
    /// The inbound text that a person answers with it.
    pub answers: Option<i64>,
    pub paused: bool,
    /// Why a second person must approve it first.
    pub approval: Option<String>,
    /// What holds it beside its own time and people's pauses, as last judged.
    pub shut: Option<Shut>,
    pub not_before: Timestamp,
    pub expires_at: Timestamp,
    /// The last of the messages that go ahead; what comes after it waits until they have arrived.
    pub ahead: Option<MessageId>,
    heads: Vec<Head>,
    /// When the next message that waits after a refusal is due.
    pub next_due: Option<Timestamp>,
}

/// The never-tried messages to one network.
#[derive(Debug)]
struct Head {
    network: NetworkId,
    next: VecDeque<MessageId>,
    /// The last message that was read into `next`.
    read_up_to: MessageId,
    /// Nothing is left behind `next`.
    read_all: bool,
}

/// How long messages are kept for SIMs of their own network, and which networks have such SIMs.
#[derive(Debug, Default)]
pub(super) struct Preference {
    /// `None`: networks do not matter.
    pub wait: Option<SignedDuration>,
    /// What the SIMs of a network could carry within that wait.
    pub served: BTreeMap<NetworkId, Ranks>,
}

/// What a lane has for a SIM.
pub(super) enum Offer {
    Message(NetworkId, MessageId),
    /// All it has is kept for SIMs of other networks until then.
    Kept(Timestamp),
    Nothing,
}

impl Lane {
    /// `networks`: all that messages may have.
    pub fn new(row: &JobRow, networks: &[NetworkId], store: &Store) -> Result<Self, StoreError> {
        let head = |network: &NetworkId| Head {
            network: *network,
            next: VecDeque::new(),
            read_up_to: MessageId(0),
            read_all: false,
        };
        Ok(Self {
            job: row.id,
            rank: Rank::of(row),
            class: row.class,
            unit: row.unit.clone(),
            kind: row.kind,
            text: row.text.as_deref().map(Into::into),
            in_doubt: row.in_doubt,
            pinned_sim: row.pinned_sim,
            answers: row.answers,
            paused: row.state == JobState::Paused,
            approval: row.approval.clone(),
            shut: None,
            not_before: row.not_before,
            expires_at: row.expires_at,
            ahead: row.ahead,
            heads: networks.iter().map(head).collect(),
            next_due: store.next_due(row.id)?,
        })
    }

    pub fn open(&self, now: Timestamp) -> bool {
        !self.paused && self.shut.is_none() && self.not_before <= now && now < self.expires_at
    }

    /// Whether any of its messages may go out through this SIM now.
    pub fn serves(&self, seeker: &Seeker) -> bool {
        self.pinned_sim.is_none_or(|pinned| pinned == seeker.sim) && seeker.affords.contains(self.rank)
    }

    /// The message that waited longest after a refusal, for this SIM; a lane bound to one SIM waits for no other. Through a SIM that
    /// is not for this rank goes only the rest of what it has begun. Networks do not matter any more: its turn has been.
    pub fn first_due(
        &self,
        seeker: &Seeker,
        held: &BTreeSet<MessageId>,
        store: &Store,
        now: Timestamp,
    ) -> Result<Option<MessageId>, StoreError> {
        if self.next_due.is_none_or(|due| due > now) {
            return Ok(None);
        }
        let due = self.due(seeker, held, store, now)?;
        Ok(due.into_iter().find(|message| !held.contains(message)))
    }

    /// Whether this message, which stands reserved, could go through this SIM instead.
    pub fn is_due_for(
        &self,
        seeker: &Seeker,
        message: MessageId,
        held: &BTreeSet<MessageId>,
        store: &Store,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.due(seeker, held, store, now)?.contains(&message))
    }

    /// The messages that waited longest after a refusal, for this SIM: one more than stand reserved.
    fn due(
        &self,
        seeker: &Seeker,
        held: &BTreeSet<MessageId>,
        store: &Store,
        now: Timestamp,
    ) -> Result<Vec<MessageId>, StoreError> {
        let which = if !seeker.carries.contains(self.rank) {
            Waiting::Begun
        } else if self.pinned_sim.is_some() || seeker.alone.contains(self.rank) {
            Waiting::All
        } else {
            Waiting::NotRefused
        };
        store.due(self.job, seeker.sim, which, now, held.len() + 1)
    }

    /// What this SIM may do with its messages to a network.
    pub fn turn(&self, seeker: &Seeker, to: NetworkId, preference: &Preference, now: Timestamp) -> Turn {
        // An emergency waits for nobody.
        let wait = preference.wait.map(|wait| if self.rank <= Rank::Emergency { SignedDuration::ZERO } else { wait });
        let served = preference.served.get(&to).is_some_and(|ranks| ranks.contains(self.rank));
        policy::turn(seeker.network, to, wait, served, self.not_before, now)
    }

    /// Takes the next never-tried message for this SIM out of its head: of its own network first, else in the order of the file.
    pub fn take_fresh(
        &mut self,
        seeker: &Seeker,
        preference: &Preference,
        store: &Store,
        now: Timestamp,
    ) -> Result<Offer, StoreError> {
        let (mut next, mut kept): (Option<(MessageId, usize)>, Option<Timestamp>) = (None, None);
        for place in 0..self.heads.len() {
            let front = self.heads[place].front(self.job, store)?;
            let Some(front) = front.filter(|front| !self.follows(*front)) else { continue };
            match self.turn(seeker, self.heads[place].network, preference, now) {
                Turn::First => {
                    next = Some((front, place));
                    break;
                }
                Turn::InOrder if next.is_none_or(|(message, _)| front < message) => next = Some((front, place)),
                Turn::InOrder => {}
                Turn::Kept(until) => kept = Some(kept.map_or(until, |kept| kept.min(until))),
            }
        }
        Ok(match (next, kept) {
            (Some((message, place)), _) => {
                self.heads[place].next.pop_front();
                Offer::Message(self.heads[place].network, message)
            }
            (None, Some(until)) => Offer::Kept(until),
            (None, None) => Offer::Nothing,
        })
    }

    /// Whether a never-tried message is left that stands reserved nowhere.
    pub fn has_fresh(&mut self, store: &Store) -> Result<bool, StoreError> {
        for place in 0..self.heads.len() {
            let front = self.heads[place].front(self.job, store)?;
            if front.is_some_and(|front| !self.follows(front)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a message waits for others that go ahead.
    fn follows(&self, message: MessageId) -> bool {
        self.ahead.is_some_and(|last| message > last)
    }

    /// A never-tried message comes next again.
    pub fn give_back(&mut self, network: NetworkId, message: MessageId) {
        if let Some(head) = self.heads.iter_mut().find(|head| head.network == network) {
            // Keep the head in the order of the file even when several come back at once.
            let place = head.next.partition_point(|other| *other < message);
            head.next.insert(place, message);
        }
    }
}

impl Head {
    fn front(&mut self, job: JobId, store: &Store) -> Result<Option<MessageId>, StoreError> {
        if self.next.is_empty() && !self.read_all {
            let next = store.fresh(job, self.network, self.read_up_to, HEAD)?;
            self.read_all = next.len() < HEAD;
            self.read_up_to = next.last().copied().unwrap_or(self.read_up_to);
            self.next = next.into();
        }
        Ok(self.next.front().copied())
    }
}
