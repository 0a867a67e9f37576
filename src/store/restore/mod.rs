//! Putting a backup in the place of the ledger: what is known beforehand, what is carried over from the ledger that it replaces, and the
//! files on disk.
//!
//! A backup is older than what it replaces. What it shows as waiting may have been sent since. Where the ledger before it can be read
//! and goes on from the backup, all that happened since is carried over; where not, nothing of it is known, and everything that waits is
//! held for a person. Left out on purpose: deciding which of both it is to be, and saying it (`engine/restored.rs`, `cli/restore.rs`).

mod carry;
mod place;
mod survey;

pub use carry::{Carried, opt_outs_in};
pub use place::{Unfinished, begin, finish, newer_copy, put_in_place};
pub use survey::{OpenJobView, PresentView, Survey, check, survey};

pub(super) use place::marker;
