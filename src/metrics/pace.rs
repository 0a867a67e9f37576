use std::collections::VecDeque;

use crate::model::Timestamp;

/// How much happened in each minute of the last 24 hours. A minute is one of the clock, so that a window of an hour is its 60 minutes
/// and the part of one that has begun.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// The minute (Unix time ÷ 60 s) of the last of `counts`.
    newest: i64,
    counts: VecDeque<u32>,
}

/// 24 hours and the minute that has begun.
const MINUTES: usize = 24 * 60 + 1;

/// The minute of a time.
pub fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

impl Pace {
    /// So much happened in this minute.
    pub fn add(&mut self, minute: i64, count: u32) {
        if let Some(place) = self.place(minute) {
            self.counts[place] += count;
            return;
        }
        if self.counts.is_empty() {
            self.newest = minute;
            self.counts.push_back(count);
            return;
        }
        // What is older than all that is remembered goes in front, as far as there is room for it.
        while minute < self.newest - (self.counts.len() as i64 - 1) && self.counts.len() < MINUTES {
            self.counts.push_front(0);
        }
        self.forward(minute);
        if let Some(place) = self.place(minute) {
            self.counts[place] += count;
        }
    }

    /// One of what was counted in this minute did not happen.
    pub fn take_back(&mut self, minute: i64) {
        if let Some(place) = self.place(minute) {
            self.counts[place] = self.counts[place].saturating_sub(1);
        }
    }

    /// How much happened in the minute `now` lies in and the `minutes` before.
    pub fn within(&self, minutes: usize, now: Timestamp) -> u64 {
        self.by_minute(minutes + 1, now).into_iter().map(u64::from).sum()
    }

    /// The last `minutes` minutes, oldest first; the one `now` lies in is the last.
    pub fn by_minute(&self, minutes: usize, now: Timestamp) -> Vec<u32> {
        let now = minute(now);
        (0..minutes as i64).rev().map(|ago| self.place(now - ago).map_or(0, |place| self.counts[place])).collect()
    }

    fn place(&self, minute: i64) -> Option<usize> {
        let ago = usize::try_from(self.newest.checked_sub(minute)?).ok()?;
        self.counts.len().checked_sub(ago + 1)
    }

    /// Makes room up to this minute.
    fn forward(&mut self, minute: i64) {
        if minute - self.newest > MINUTES as i64 {
            self.counts.clear();
            self.counts.push_back(0);
            self.newest = minute;
        }
        while self.newest < minute {
            self.newest += 1;
            self.counts.push_back(0);
        }
        while self.counts.len() > MINUTES {
            self.counts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60 + 59).unwrap()
    }

    #[test]
    fn minutes_are_counted_in_whatever_order_they_come() {
        let mut pace = Pace::default();
        for minutes in [5, 3, 5, 9] {
            pace.add(minute(at(minutes)), 2);
        }
        pace.take_back(minute(at(5)));
        assert_eq!(pace.by_minute(8, at(10)), [2, 0, 3, 0, 0, 0, 2, 0]);
        assert_eq!(pace.within(1, at(10)), 2);
        assert_eq!(pace.within(60, at(10)), 7);
        assert_eq!(pace.within(60, at(2000)), 0, "a day later");
    }

    proptest::proptest! {
        #[test]
        fn a_pace_knows_what_a_map_of_all_minutes_knows(adds in proptest::collection::vec((-2000i64..4000, 1u32..5), 0..60), now in 0i64..4000) {
            let (mut pace, mut all, mut newest) = (Pace::default(), BTreeMap::<i64, u64>::new(), i64::MIN);
            for (when, count) in adds {
                pace.add(minute(at(when)), count);
                newest = newest.max(when);
                *all.entry(when).or_default() += u64::from(count);
            }
            // What lies a day before the newest is forgotten, and may be.
            let now = now.max(newest);
            let sum: u64 = all.range(now - 1440..=now).map(|(_, count)| count).sum();
            proptest::prop_assert_eq!(pace.within(1440, at(now)), sum);
        }
    }
}
