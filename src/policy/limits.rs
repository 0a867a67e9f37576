use std::collections::VecDeque;
use std::time::Duration;

use crate::model::{SignedDuration, Timestamp, later};

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
    /// The share of `per_hour` and of `per_day` that is kept for emergencies; 0 to 0.9.
    pub reserve_emergency: f64,
}

/// Which part of a SIM's quota a message may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quota {
    /// All of it: emergencies.
    Whole,
    /// What is not kept for emergencies.
    Common,
}

impl Default for Limits {
    /// What operators are known to bear from an ordinary SIM: 6 a minute, 250 an hour, 1,500 a day. Of the last two 15 % are
    /// kept, so that a warning after a blast finds every SIM able to carry it at once.
    fn default() -> Self {
        Self {
            per_minute: 6,
            per_hour: 250,
            per_day: 1500,
            min_gap: Duration::ZERO,
            jitter: 0.3,
            reserve_emergency: 0.15,
        }
    }
}

impl Limits {
    /// No limit at all, for tests and demonstrations.
    pub const NONE: Limits =
        Limits { per_minute: 0, per_hour: 0, per_day: 0, min_gap: Duration::ZERO, jitter: 0.0, reserve_emergency: 0.0 };

    /// How many past sends must be remembered to judge every window.
    pub fn memory(&self) -> usize {
        self.windows(Quota::Whole).map(|(count, _)| count).max().unwrap_or(0)
    }

    /// How many segments of an hour's or a day's `count` this part of the quota has. At least one, so that nothing waits for ever;
    /// 0 stays 0: no limit.
    pub fn part(&self, count: u32, quota: Quota) -> u32 {
        match quota {
            Quota::Whole => count,
            // Decimal shares are not exact in binary: 0.29 of 100 is 29.
            Quota::Common => {
                let kept = f64::from(count) * self.reserve_emergency.clamp(0.0, 0.9) + 1e-9;
                (count - kept as u32).max(count.min(1))
            }
        }
    }

    fn windows(&self, quota: Quota) -> impl Iterator<Item = (usize, SignedDuration)> {
        [
            // A minute is over soon: nothing of it is kept.
            (self.per_minute, SignedDuration::from_mins(1)),
            (self.part(self.per_hour, quota), SignedDuration::from_hours(1)),
            (self.part(self.per_day, quota), SignedDuration::from_hours(24)),
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
    /// count starts when that window is empty. All sends count, whatever part of the quota they were allowed.
    pub fn earliest(&self, limits: &Limits, quota: Quota, segments: usize, now: Timestamp) -> Timestamp {
        let mut earliest = now;
        if let Some((end, draw)) = self.last_end
            && !limits.min_gap.is_zero()
        {
            let stretch = 1.0 + limits.jitter.clamp(0.0, 10.0) * fastrand::Rng::with_seed(draw).f64();
            earliest = earliest.max(later(end, SignedDuration::from_secs_f64(limits.min_gap.as_secs_f64() * stretch)));
        }
        for (count, span) in limits.windows(quota) {
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
        assert_eq!(recent.earliest(&Limits::NONE, Quota::Common, 3, at(100)), at(100));
    }

    #[test]
    fn the_window_slides_and_the_fullest_one_decides() {
        let mut recent = Recent::default();
        let limits = limits(2, 3);
        for second in [0, 10] {
            assert_eq!(recent.earliest(&limits, Quota::Whole, 1, at(second)), at(second));
            recent.opened(at(second), &limits);
        }
        assert_eq!(recent.earliest(&limits, Quota::Whole, 1, at(20)), at(60));
        recent.opened(at(60), &limits);
        assert_eq!(recent.earliest(&limits, Quota::Whole, 1, at(61)), at(3600), "three in the hour");
    }

    #[test]
    fn a_message_starts_only_when_all_its_segments_fit() {
        let recent = Recent::new([at(0), at(30)], None);
        assert_eq!(recent.earliest(&limits(4, 0), Quota::Whole, 2, at(31)), at(31));
        assert_eq!(recent.earliest(&limits(4, 0), Quota::Whole, 3, at(31)), at(60));
        assert_eq!(
            recent.earliest(&limits(4, 0), Quota::Whole, 9, at(31)),
            at(90),
            "longer than the window: when it is empty"
        );
    }

    #[test]
    fn the_gap_is_drawn_once_per_send_and_stays_the_same_after_a_restart() {
        let limits = Limits { min_gap: Duration::from_secs(10), jitter: 0.5, ..Limits::NONE };
        let mut before = Recent::default();
        before.opened(at(0), &limits);
        before.ended(at(3), 42);
        let after = Recent::new([at(0)], Some((at(3), 42)));
        let earliest = before.earliest(&limits, Quota::Whole, 1, at(4));
        assert_eq!(earliest, after.earliest(&limits, Quota::Whole, 1, at(4)));
        assert!(earliest >= at(13) && earliest <= at(18), "{earliest}");
    }

    #[test]
    fn what_never_left_is_not_counted() {
        let limits = limits(1, 0);
        let mut recent = Recent::default();
        recent.opened(at(0), &limits);
        recent.never_left(at(0));
        assert_eq!(recent.earliest(&limits, Quota::Whole, 1, at(1)), at(1));
    }

    #[test]
    fn the_reserve_is_a_share_of_the_hour_and_of_the_day_and_never_all() {
        let part = |count, share| Limits { reserve_emergency: share, ..Limits::NONE }.part(count, Quota::Common);
        assert_eq!([part(250, 0.15), part(1500, 0.15), part(100, 0.29)], [213, 1275, 71]);
        assert_eq!([part(3, 0.15), part(1, 0.9), part(10, 0.9), part(0, 0.5)], [3, 1, 1, 0]);
    }

    #[test]
    fn what_is_kept_is_there_for_an_emergency_at_once_and_for_others_when_the_window_has_slid() {
        let limits = Limits { per_minute: 0, per_hour: 10, reserve_emergency: 0.2, ..Limits::NONE };
        let recent = Recent::new((0..8).map(at), None);
        assert_eq!(recent.earliest(&limits, Quota::Whole, 2, at(9)), at(9));
        assert_eq!(recent.earliest(&limits, Quota::Common, 1, at(9)), at(3600));
        // What emergencies take of it is missing to the others too, so that the same is kept for the next one.
        let recent = Recent::new((0..9).map(at), None);
        assert_eq!(recent.earliest(&limits, Quota::Common, 1, at(9)), at(3601));
    }

    proptest::proptest! {
        #[test]
        fn nobody_but_emergencies_ever_uses_the_reserve(
            sends in proptest::collection::vec((0i64..900, proptest::bool::ANY, 1usize..4), 1..80),
            per_hour in 2u32..20,
            share in 0.0f64..0.9,
        ) {
            let limits = Limits { per_hour, reserve_emergency: share, ..Limits::NONE };
            let (mut recent, mut sent, mut now) = (Recent::default(), Vec::new(), at(0));
            for (gap, emergency, segments) in sends {
                now = later(now, SignedDuration::from_secs(gap));
                let quota = if emergency { Quota::Whole } else { Quota::Common };
                let room = limits.part(per_hour, quota) as usize;
                // Longer ones than all there is go segment by segment, each when it fits.
                for need in if segments <= room { vec![segments] } else { vec![1; segments] } {
                    if recent.earliest(&limits, quota, need, now) > now {
                        break;
                    }
                    for _ in 0..need {
                        recent.opened(now, &limits);
                        sent.push(now);
                    }
                    let inside = sent.iter().filter(|past| now.duration_since(**past) < SignedDuration::from_hours(1)).count();
                    proptest::prop_assert!(inside <= room, "{} in an hour, {} allowed", inside, room);
                }
            }
        }

        #[test]
        fn no_window_ever_holds_more_than_its_count(gaps in proptest::collection::vec(0i64..40, 1..60), minute in 1u32..5, hour in 1u32..20) {
            let limits = limits(minute, hour);
            let (mut recent, mut sent, mut now) = (Recent::default(), Vec::new(), at(0));
            for gap in gaps {
                now = recent.earliest(&limits, Quota::Whole, 1, later(now, SignedDuration::from_secs(gap)));
                recent.opened(now, &limits);
                sent.push(now);
            }
            for (place, start) in sent.iter().enumerate() {
                for (count, span) in limits.windows(Quota::Whole) {
                    let inside = sent[place..].iter().take_while(|end| end.duration_since(*start) < span).count();
                    proptest::prop_assert!(inside <= count);
                }
            }
        }
    }
}
