//! What the engine keeps in mind of each modem and of each SIM.

use crate::model::{AttemptId, JobId, MessageId, ModemName, Msisdn, SegmentId, SimId, Ticket, Timestamp};
use crate::policy::{Limits, Recent, SimHealth};

use super::queue::Rank;
use super::ussd::Ussd;

/// A connected modem with its SIM.
#[derive(Debug)]
pub(super) struct Station {
    pub sim: SimId,
    /// Takes segments.
    pub ready: bool,
    /// Hands status reports on.
    pub reports: bool,
    /// The attempt that is on the air.
    pub on_air: Option<OnAir>,
    /// The segment that the session holds ready.
    pub reserved: Option<Reserved>,
    /// The message whose next segment must follow through this SIM before anything else.
    pub current: Option<SegmentId>,
    /// The USSD exchange it is to make, or makes.
    pub ussd: Option<Ussd>,
}

/// An attempt without an answer yet.
#[derive(Clone, Debug)]
pub(super) struct OnAir {
    pub attempt: AttemptId,
    pub opened_at: Timestamp,
}

/// A segment made ready and not yet begun, or begun and being committed.
#[derive(Clone, Debug)]
pub(super) struct Reserved {
    pub ticket: Ticket,
    pub segment: SegmentId,
    pub job: JobId,
    pub number: Msisdn,
    pub rank: Rank,
    pub total: u8,
    pub concat_ref: Option<u8>,
    /// Never tried before: goes back to the head of its lane.
    pub fresh: bool,
}

impl Reserved {
    pub fn message(&self) -> MessageId {
        self.segment.message
    }
}

/// What hangs on a SIM, whichever modem it is in.
#[derive(Debug)]
pub(super) struct SimBook {
    pub recent: Recent,
    pub limits: Limits,
    pub health: SimHealth,
    /// When a message was last accepted through it, in this run of the daemon.
    pub accepted_at: Option<Timestamp>,
    /// Sends nothing before this time; [`Timestamp::MAX`] where it is taken out until a person says otherwise.
    pub rests_until: Timestamp,
    /// The turn at which it last got a segment, counted over all SIMs.
    pub last_turn: u64,
    /// The modem it is in.
    pub modem: ModemName,
}
