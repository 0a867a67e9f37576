//! Decisions made from data and `now`: rates, retries, keywords, lifetimes, hours, approval, credit, history.
//!
//! Scope: pure rules. Nothing here reads a clock, a file or a table; what a rule needs is handed to it.

pub mod alarms;
mod backup;
pub mod calendar;
mod canary;
mod consent;
pub mod continuity;
pub mod credit;
mod delivery;
mod habit;
pub mod history;
mod keywords;
mod lifetimes;
mod limits;
mod lockout;
pub mod naming;
mod operators;
mod pin;
pub mod preview;
mod recovery;
mod restart;
mod retention;
mod retry;
mod roster;
mod routing;
mod sim_health;
mod suspension;
mod units;

pub use backup::BackupPlan;
pub use calendar::{Calendar, Closed, Hours, Moratorium, Opening};
pub use canary::{Ahead, Canary, CanaryVerdict};
pub use consent::LifeSafety;
pub use delivery::{Counts, Delivery, Ending, Fall, Scale, Subject};
pub use habit::{Habit, Habits, Learnt, Manner, Seen};
pub use keywords::{Keywords, Rule, Wish, normalise};
pub use lifetimes::Lifetimes;
pub use limits::{Limits, Quota, Recent};
pub use lockout::Lockout;
pub use operators::{Operator, Operators, TableMistake, UNKNOWN_OPERATOR};
pub use pin::{PinTry, may_enter};
pub use recovery::{Ladder, Lately, OUT_OF_WORK};
pub use restart::RestartGate;
pub use retention::Retention;
pub use retry::{Backoff, Circumstances, Next, after};
pub use roster::{Change, Coverage, Difference, Shared, Unread};
pub use routing::{Turn, turn};
pub use sim_health::{SimHealth, SimVerdict};
pub use suspension::{Suspension, blames_number};
pub use units::{Approval, Needs, OverQuota, UnitApproval, UnitRules, Units, signed};
