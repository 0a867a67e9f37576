//! Decisions made from data and `now`: rates, retries, keywords, lifetimes.
//!
//! Scope: pure rules. Nothing here reads a clock, a file or a table; what a rule needs is handed to it. What is *not*
//! here: quiet hours, audiences and approval, which jobs do not have yet.

mod consent;
mod keywords;
mod limits;
pub mod naming;
mod pin;
mod recovery;
mod retention;
mod retry;
mod sim_health;

pub use consent::LifeSafety;
pub use keywords::{Keywords, Rule, Wish, normalise};
pub use limits::{Limits, Recent};
pub use pin::{PinTry, may_enter};
pub use recovery::{Ladder, Resets};
pub use retention::Retention;
pub use retry::{Backoff, Next, after};
pub use sim_health::{SimHealth, SimVerdict};
