//! The words that every other module shares: numbers, classes, states, SIMs, outcomes.
//!
//! Scope: plain values and the rules that belong to one value alone. No clock, no database, no octets
//! on a wire; those words live in [`crate::pdu`] and [`crate::at`]. This module imports nothing of ours.

mod alarm;
mod body;
mod class;
mod consent;
mod ids;
mod inbox_state;
mod job;
mod lang;
mod msisdn;
mod outcome;
mod pin;
mod recovery;
mod sim;
mod state;

pub use alarm::{AlarmKind, AlarmLevel};
pub use body::Body;
pub use class::Class;
pub use consent::{Basis, HandEntry, OptOutScope, Origin};
pub use ids::{AttemptId, JobId, MessageId, ModemName, SegmentId, SimId, Ticket};
pub use inbox_state::InboxState;
pub use job::{Excluded, InDoubt, JobHeader, JobKind, RecipientRow};
pub use lang::Lang;
pub(crate) use msisdn::character;
pub use msisdn::{Country, Msisdn, NumberError};
pub use outcome::{Cause, Doubt, ErrorCode, ErrorKind, NotSent, Outcome};
pub use pin::Pin;
pub use recovery::{Fall, RecoveryStep};
pub use sim::{ModemIdentity, Registration, SimIdentity, Slot};
pub use state::{JobState, State};

pub use jiff::{SignedDuration, Timestamp};
