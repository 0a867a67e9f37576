//! How urgent a job's messages are, and what a SIM may carry of it.

use crate::model::{Class, JobKind, NetworkId, SimId};
use crate::policy::Quota;
use crate::store::JobRow;

/// The order between jobs; lower goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Alarms to administrators: a few in an hour at most, and of no use behind a blast.
    Notice,
    Emergency,
    /// The daemon's own answers, tests and questions: few, short, and expected within minutes.
    Answer,
    Important,
    Routine,
}

impl Rank {
    pub fn of(job: &JobRow) -> Self {
        match (job.kind, job.class) {
            (JobKind::Reply | JobKind::Test | JobKind::Query, _) => Rank::Answer,
            (JobKind::Alarm, _) => Rank::Notice,
            (JobKind::File, Class::Emergency) => Rank::Emergency,
            (JobKind::File, Class::Important) => Rank::Important,
            (JobKind::File, Class::Routine) => Rank::Routine,
        }
    }

    /// Whether it waits for nothing and nobody.
    pub fn is_urgent(self) -> bool {
        Ranks::URGENT.contains(self)
    }

    /// Which part of a SIM's quota it may use.
    pub fn quota(self) -> Quota {
        match self {
            Rank::Notice | Rank::Emergency => Quota::Whole,
            Rank::Answer | Rank::Important | Rank::Routine => Quota::Common,
        }
    }
}

/// Some of the ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ranks(u8);

impl Ranks {
    pub const NONE: Ranks = Ranks(0);
    pub const ALL: Ranks = Ranks(0b11111);
    /// Emergencies, and notices.
    pub const URGENT: Ranks = Ranks(0b00011);

    /// What a SIM carries that is there for these classes. Answers go through the SIM that was written to, and notices through any,
    /// whatever it is for.
    pub fn of(classes: &[Class]) -> Self {
        classes.iter().fold(Self::NONE.with(Rank::Answer).with(Rank::Notice), |ranks, class| {
            ranks.with(match class {
                Class::Emergency => Rank::Emergency,
                Class::Important => Rank::Important,
                Class::Routine => Rank::Routine,
            })
        })
    }

    /// Those that may use this part of the quota and no more.
    pub fn within(quota: Quota) -> Self {
        match quota {
            Quota::Whole => Self::ALL,
            Quota::Common => Self::ALL.without(Self::URGENT),
        }
    }

    pub fn with(self, rank: Rank) -> Self {
        Self(self.0 | 1 << rank as u8)
    }

    pub fn contains(self, rank: Rank) -> bool {
        self.0 & 1 << rank as u8 != 0
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// The SIM for which a message is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeker {
    pub sim: SimId,
    /// To which network it belongs.
    pub network: NetworkId,
    /// What it is for.
    pub carries: Ranks,
    /// What its quota allows now.
    pub affords: Ranks,
    /// For which no other SIM could send within a minute, so that nothing must wait for another one.
    pub alone: Ranks,
    /// It is under suspicion, and is tried with messages that nobody has refused yet.
    pub probing: bool,
}
