use super::{SignedDuration, Timestamp};

/// The moment `span` after `at`; the last there is, where that one cannot be said.
pub(crate) fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

/// The moment `span` before `at`; the first there is, where that one cannot be said.
pub(crate) fn earlier(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_sub(span).unwrap_or(Timestamp::MIN)
}

/// A moment to the minute, for the record: `2026-11-26 17:00 UTC`.
pub(crate) fn minute(at: Timestamp) -> impl std::fmt::Display {
    at.strftime("%Y-%m-%d %H:%M UTC")
}
