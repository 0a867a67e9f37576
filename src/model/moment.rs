use super::{SignedDuration, Timestamp};

/// The moment `span` after `at`; the last there is, where that one cannot be said.
pub(crate) fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

/// The moment `span` before `at`; the first there is, where that one cannot be said.
pub(crate) fn earlier(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_sub(span).unwrap_or(Timestamp::MIN)
}
