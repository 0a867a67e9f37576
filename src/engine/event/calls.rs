//! What came of telling the world outside: notices, and calls of webhooks.

use crate::model::Timestamp;

/// What came of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeEnd {
    /// The other side has taken it.
    Sent,
    /// It has not.
    Failed {
        /// How often it was tried so far.
        tries: u32,
        /// When it is tried again; a test is not.
        next_at: Timestamp,
        /// Why, one line, English.
        trouble: String,
    },
}

/// What came of a webhook's calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookCall {
    /// It has all that it wants of the outbox up to this id.
    pub position: i64,
    /// It took something.
    pub reached: bool,
    /// Calls that failed, one after the other; 0: the last one did not.
    pub tries: u32,
    /// When it is called again, after one that failed.
    pub next_at: Option<Timestamp>,
    /// Why the last one failed, one line, English; `None`: it did not.
    pub trouble: Option<String>,
}
