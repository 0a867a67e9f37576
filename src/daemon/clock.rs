//! The time, from the only place that reads it.

use tokio::time::Instant;

use crate::model::Timestamp;

/// The only reader of the time.
///
/// Everything that decides is handed a [`Timestamp`]; what waits at the edge uses tokio's clock.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's wall clock.
    System,
    /// Wall time derived from tokio's clock, which tests can stop and move.
    Tokio {
        /// The wall time at `from`.
        start: Timestamp,
        /// The moment of tokio's clock that is `start`.
        from: Instant,
    },
}

impl Clock {
    /// A clock that shows `start` now and follows tokio's clock, paused or not.
    pub fn starting_at(start: Timestamp) -> Self {
        Clock::Tokio { start, from: Instant::now() }
    }

    /// The wall time now, UTC.
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Clock::System => Timestamp::now(),
            Clock::Tokio { start, from } => start.saturating_add(from.elapsed()).unwrap_or(Timestamp::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_test_clock_follows_tokio() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let clock = Clock::starting_at(start);
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(clock.now(), Timestamp::from_second(1_800_000_090).unwrap());
    }
}
