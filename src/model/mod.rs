//! The words that every other module shares: numbers, classes, states, SIMs, outcomes.
//!
//! Scope: plain values and the rules that belong to one value alone. No clock, no database, no octets
//! on a wire; those words live in [`crate::pdu`] and [`crate::at`]. This module imports nothing of ours.

mod access;
mod alarm;
pub mod audience;
mod body;
mod class;
mod consent;
mod fact;
mod hex;
mod ids;
mod inbox_state;
mod job;
mod lang;
mod moment;
mod msisdn;
mod near;
mod outcome;
mod pin;
mod places;
mod recovery;
mod role;
mod roster;
mod scope;
mod secret_file;
mod self_test;
mod sim;
mod state;
mod ussd;
mod wait;

pub use access::{AccountRole, Caller, PasswordHash, Right, SecretDigest, Units, plain_account};
pub use alarm::{AlarmKind, AlarmLevel};
pub use body::Body;
pub use class::Class;
pub use consent::{Basis, Channel, HandEntry, OptOutScope};
pub use fact::FactKind;
pub use hex::hex;
pub use ids::{AttemptId, EntryId, ImportId, JobId, MessageId, ModemName, NetworkId, RunId, SegmentId, SimId, Ticket};
pub use inbox_state::InboxState;
pub use job::{AudienceNote, Excluded, InDoubt, JobHeader, JobKind, Origin, RecipientRow};
pub use lang::Lang;
pub(crate) use moment::{earlier, later, minute};
pub(crate) use msisdn::character;
pub use msisdn::{Country, Msisdn, NumberError, Written};
pub(crate) use near::distance;
pub use outcome::{Cause, Doubt, ErrorCode, ErrorKind, NotSent, Outcome};
pub use pin::Pin;
pub use places::{Level, PlaceError, Places, PlacesError, place_key};
pub use recovery::{Fall, RecoveryStep};
pub use role::{Role, UnknownRole};
pub use roster::{Ending, Entry, RosterStep, RosterSteps, Seat, StepsDigest};
pub use scope::Scope;
pub use secret_file::SecretFile;
pub use self_test::{StepState, TestStep};
pub use sim::{ModemIdentity, Registration, SimIdentity, Slot, Standing};
pub use state::{JobState, State};
pub use ussd::{UssdAnswer, UssdCode, UssdEnd, UssdForm, UssdView};
pub use wait::WaitKind;

pub use jiff::{SignedDuration, Timestamp};
