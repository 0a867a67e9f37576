//! What the engine keeps in mind of each modem and of each SIM.

use crate::model::{
    AttemptId, JobId, MessageId, ModemName, Msisdn, NetworkId, RunId, SegmentId, SimId, Ticket, Timestamp,
};
use crate::policy::{Limits, Quota, Recent, SimHealth};

use super::queue::Tried;
use super::rank::{Rank, Ranks};
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
    /// Manufacturer, model and firmware: whose habits hold here.
    pub make: String,
    pub imei: Option<String>,
    /// The run of the modem, once something has happened in it.
    pub run: Run,
    /// EF_SMSS can be asked for.
    pub card: CardFile,
    /// People are shown that its SIM rests.
    pub rest_shown: bool,
}

/// A stretch of time in which a modem stays on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// In the ledger.
    Kept(RunId),
    /// Not in the ledger yet.
    New { restarted: bool },
}

/// What is known of the way to EF_SMSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CardFile {
    /// The modem is not asked, or does not tell.
    Closed,
    /// It has told before.
    Open,
    /// It was asked, and its answer is awaited.
    Asked,
}

/// An attempt without an answer yet.
#[derive(Clone, Debug)]
pub(super) struct OnAir {
    pub attempt: AttemptId,
    pub opened_at: Timestamp,
    /// It is an emergency that any other SIM might carry, and has not been asked back yet.
    pub movable: Option<Movable>,
}

/// What it takes to let another SIM carry what is on the air.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movable {
    /// Of its reservation.
    pub ticket: Ticket,
    pub rank: Rank,
    /// How many segments of its message are to go out.
    pub segments: u8,
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
    /// Whether it was handed over before; says where it goes back to.
    pub tried: Tried,
    /// When it was given to the session.
    pub since: Timestamp,
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
    /// What it is for.
    pub carries: Ranks,
    /// To which network it belongs.
    pub network: NetworkId,
    pub health: SimHealth,
    /// When a message was last accepted through it, in this run of the daemon.
    pub accepted_at: Option<Timestamp>,
    /// Sends nothing before this time; [`Timestamp::MAX`] where it is taken out until a person says otherwise.
    pub rests_until: Timestamp,
    /// Why it does, one line, English.
    pub rests_why: String,
    /// The turn at which it last got a segment, counted over all SIMs.
    pub last_turn: u64,
    /// The modem it is in.
    pub modem: ModemName,
}

impl SimBook {
    /// When its quota allows so many segments of this rank.
    pub fn earliest(&self, rank: Rank, segments: usize, now: Timestamp) -> Timestamp {
        self.recent.earliest(&self.limits, rank.quota(), segments, now)
    }

    /// What its quota allows until then: all, emergencies, or nothing.
    pub fn affords(&self, until: Timestamp, now: Timestamp) -> Ranks {
        let allowed = |quota| self.recent.earliest(&self.limits, quota, 1, now) <= until;
        if allowed(Quota::Common) {
            Ranks::ALL
        } else if allowed(Quota::Whole) {
            Ranks::ALL.without(Ranks::within(Quota::Common))
        } else {
            Ranks::NONE
        }
    }
}
