//! What is to happen later: values in the order of their time, first come first served where times are equal.

use std::collections::BTreeMap;
use std::time::Duration;

/// Things with a time at which they are due. Times are counted from the start of the simulation.
#[derive(Debug)]
pub(super) struct Timers<T> {
    due: BTreeMap<(Duration, u64), T>,
    count: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { due: BTreeMap::new(), count: 0 }
    }
}

impl<T> Timers<T> {
    pub(super) fn at(&mut self, time: Duration, thing: T) {
        self.due.insert((time, self.count), thing);
        self.count += 1;
    }

    /// The earliest thing whose time has come, with its time.
    pub(super) fn pop_due(&mut self, now: Duration) -> Option<(Duration, T)> {
        let first = self.due.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let ((time, _), thing) = first.remove_entry();
        Some((time, thing))
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.due.first_key_value().map(|((time, _), _)| *time)
    }

    pub(super) fn clear(&mut self) {
        self.due.clear();
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.due.retain(|_, thing| keep(thing));
    }
}
