//! Decisions made from data and `now`: rates, retries, keywords, lifetimes, credit.
//!
//! Scope: pure rules. Nothing here reads a clock, a file or a table; what a rule needs is handed to it. What is *not*
//! here: quiet hours, audiences and approval, which jobs do not have yet.

pub mod credit;
mod keywords;
mod limits;
pub mod naming;
mod pin;
mod recovery;
mod retry;
mod sim_health;

pub use keywords::{Keywords, Rule, Wish, normalise};
pub use limits::{Limits, Recent};
pub use pin::{PinTry, may_enter};
pub use recovery::{Ladder, Resets};
pub use retry::{Backoff, Next, after};
pub use sim_health::{SimHealth, SimVerdict};
