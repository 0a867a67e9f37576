//! Modems on serial ports: finding them, setting them up, sending through them, reading what they store.
//!
//! One task per modem owns its port and its session; it moves bytes and never decides. What to send and what an outcome means is the
//! engine's; the hand-over between the two is drawn in [`crate::engine::event`]. Quirks of families are data in [`dialect`]. Left out on
//! purpose: USB ids (the rules in `udev/` make the links that [`finder`] reads, and say which ports may be asked), PDUs (hexadecimal lines here), and retries.

mod ask;
mod boot;
mod bring_up;
mod cause;
pub mod choice;
mod desk;
pub mod dialect;
mod early;
mod echo;
pub mod finder;
mod hearing;
pub mod holder;
mod last_words;
mod link;
mod place;
pub mod port;
pub mod probe;
mod reset;
mod send;
mod session;
pub mod socket;
mod storage;
mod supervise;
mod unlock;
pub mod usb;
mod ussd;

pub use reset::ResetError;
pub use session::{SessionEnd, SessionSettings, run};
pub use supervise::keep;
