use std::collections::VecDeque;
use std::time::Duration;

use crate::model::{SignedDuration, Timestamp};

/// How fast one SIM may send, in segments. Zero in a count means no limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// In any 60 seconds.
    pub per_minute: u32,
    /// In any 60 minutes.
    pub per_hour: u32,
    /// In any 24 hours.
    pub per_day: u32,
    /// At least this long between the end of one send and the start of the next.
    pub min_gap: Duration,
    /// The gap is drawn from `min_gap` to `min_gap × (1 + jitter)`; 0 to 10.
    pub jitter: f64,
}

impl Default for Limits {
    /// What operators are known to bear from an ordinary SIM: 6 a minute, 250 an hour, 1,500 a day.
    fn default() -> Self {
        Self { per_minute: 6, per_hour: 250, per_day: 1500, min_gap: Duration::ZERO, jitter: 0.3 }
    }
}

impl Limits {
    /// No limit at all, for tests and demonstrations.
    pub const NONE: Limits = Limits { per_minute: 0, per_hour: 0, per_day: 0, min_gap: Duration::ZERO, jitter: 0.0 };

    /// How many past sends must be remembered to judge every window.
    pub fn memory(&self) -> usize {
        self.windows().map(|(count, _)| count).max().unwrap_or(0)
    }

    fn windows(&self) -> impl Iterator<Item = (usize, SignedDuration)> {
        [
            (self.per_minute, SignedDuration::from_mins(1)),
            (self.per_hour, SignedDuration::from_hours(1)),
            (self.per_day, SignedDuration::from_hours(24)),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, span)| (count as usize, span))
    }
}

/// The recent sends of one SIM, as far as its limits look back. Filled from the attempts after a restart.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    /// When segments were handed over, oldest first.
    sends: VecDeque<Timestamp>,
    /// When the last send ended, and a number that stays the same for that send over restarts.
    last_end: Option<(Timestamp, u64)>,
}

impl Recent {
    /// From the stored attempts: when they were opened, oldest first, and when the last one ended with its number.
    pub fn new(sends: impl IntoIterator<Item = Timestamp>, last_end: Option<(Timestamp, u64)>) -> Self {
        Self { sends: sends.into_iter().collect(), last_end }
    }

    /// A segment is handed over.
    pub fn opened(&mut self, at: Timestamp, limits: &Limits) {
        self.sends.push_back(at);
        while self.sends.len() > limits.memory() {
            self.sends.pop_front();
        }
    }

    /// The last hand-over ended; `draw` fixes the jitter of the gap that follows (the attempt's number).
    pub fn ended(&mut self, at: Timestamp, draw: u64) {
        self.last_end = Some((at, draw));
    }

    /// The hand-over at this time never left: it does not count.
    pub fn never_left(&mut self, opened_at: Timestamp) {
        if let Some(place) = self.sends.iter().rposition(|at| *at == opened_at) {
            self.sends.remove(place);
        }
    }

    /// When the SIM may start a message of `segments` segments; not later than `now` means at once.
    ///
    /// The whole message must fit, since nothing may come between its segments; one longer than a window's
    /// count starts when that window is empty.
    pub fn earliest(&self, limits: &Limits, segments: usize, now: Timestamp) -> Timestamp {
        let mut earliest = now;
        if let Some((end, draw)) = self.last_end
            && !limits.min_gap.is_zero()
        {
            let stretch = 1.0 + limits.jitter.clamp(0.0, 10.0) * fastrand::Rng::with_seed(draw).f64();
            earliest = earliest.max(later(end, SignedDuration::from_secs_f64(limits.min_gap.as_secs_f64() * stretch)));
        }
        for (count, span) in limits.windows() {
            let room = count.saturating_sub(segments.min(count));
            // With `room` sends still allowed inside the window, the one before those must have left it.
            if self.sends.len() > room {
                let blocking = self.sends[self.sends.len() - 1 - room];
                earliest = earliest.max(later(blocking, span));
            }
        }
        earliest
    }

    /// How many segments were handed over since `since`, as far as remembered.
    pub fn count_since(&self, since: Timestamp) -> usize {
        self.sends.len() - self.sends.partition_point(|at| *at <= since)
    }
}

fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn limits(per_minute: u32, per_hour: u32) -> Limits {
        Limits { per_minute, per_hour, ..Limits::NONE }
    }

    #[test]
    fn without_limits_a_sim_may_always_send() {
        let recent = Recent::new((0..100).map(at), None);
        assert_eq!(recent.earliest(&Limits::NONE, 3, at(100)), at(100));
    }

    #[test]
    fn the_window_slides_and_the_fullest_one_decides() {
        let mut recent = Recent::default();
        let limits = limits(2, 3);
        for second in [0, 10] {
            assert_eq!(recent.earliest(&limits, 1, at(second)), at(second));
            recent.opened(at(second), &limits);
        }
        assert_eq!(recent.earliest(&limits, 1, at(20)), at(60));
        recent.opened(at(60), &limits);
        assert_eq!(recent.earliest(&limits, 1, at(61)), at(3600), "three in the hour");
    }

    #[test]
    fn a_message_starts_only_when_all_its_segments_fit() {
        let recent = Recent::new([at(0), at(30)], None);
        assert_eq!(recent.earliest(&limits(4, 0), 2, at(31)), at(31));
        assert_eq!(recent.earliest(&limits(4, 0), 3, at(31)), at(60));
        assert_eq!(recent.earliest(&limits(4, 0), 9, at(31)), at(90), "longer than the window: when it is empty");
    }

    #[test]
    fn the_gap_is_drawn_once_per_send_and_stays_the_same_after_a_restart() {
        let limits = Limits { min_gap: Duration::from_secs(10), jitter: 0.5, ..Limits::NONE };
        let mut before = Recent::default();
        before.opened(at(0), &limits);
        before.ended(at(3), 42);
        let after = Recent::new([at(0)], Some((at(3), 42)));
        let earliest = before.earliest(&limits, 1, at(4));
        assert_eq!(earliest, after.earliest(&limits, 1, at(4)));
        assert!(earliest >= at(13) && earliest <= at(18), "{earliest}");
    }

    #[test]
    fn what_never_left_is_not_counted() {
        let limits = limits(1, 0);
        let mut recent = Recent::default();
        recent.opened(at(0), &limits);
        recent.never_left(at(0));
        assert_eq!(recent.earliest(&limits, 1, at(1)), at(1));
    }

    proptest::proptest! {
        #[test]
        fn no_window_ever_holds_more_than_its_count(gaps in proptest::collection::vec(0i64..40, 1..60), minute in 1u32..5, hour in 1u32..20) {
            let limits = limits(minute, hour);
            let (mut recent, mut sent, mut now) = (Recent::default(), Vec::new(), at(0));
            for gap in gaps {
                now = recent.earliest(&limits, 1, later(now, SignedDuration::from_secs(gap)));
                recent.opened(now, &limits);
                sent.push(now);
            }
            for (place, start) in sent.iter().enumerate() {
                for (count, span) in limits.windows() {
                    let inside = sent[place..].iter().take_while(|end| end.duration_since(*start) < span).count();
                    proptest::prop_assert!(inside <= count);
                }
            }
        }
    }
}
