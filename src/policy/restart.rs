use crate::model::{Class, SignedDuration, Timestamp};

/// When a backlog waits for a person after the daemon was stopped.
///
/// What was to go out last week is not wanted this morning just because a server came back: after a crash some daemons
/// send hundreds of stale alerts. An emergency is never held: its lifetime says how long it is worth sending, and one that
/// is still alive must not wait for somebody to come to the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartGate {
    /// A stop of this length and more is a long one; zero: no stop is.
    pub stopped: SignedDuration,
    /// After a long stop, what could have gone out this long ago waits.
    pub waiting: SignedDuration,
}

impl Default for RestartGate {
    fn default() -> Self {
        Self { stopped: SignedDuration::from_hours(6), waiting: SignedDuration::from_hours(6) }
    }
}

impl RestartGate {
    /// Whether a stop from `alive` to `now` was a long one. A clock that went back tells nothing, and holds nothing.
    pub fn is_long(&self, alive: Timestamp, now: Timestamp) -> bool {
        self.stopped > SignedDuration::ZERO && now.duration_since(alive) >= self.stopped
    }

    /// Whether a job waits for a person after a long stop. `since`: from when it could have gone out, which is its acceptance or the
    /// time it names, whichever is later.
    pub fn holds(&self, class: Class, since: Timestamp, now: Timestamp) -> bool {
        class != Class::Emergency && now.duration_since(since) >= self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3_600).unwrap()
    }

    #[test]
    fn a_stop_is_long_from_the_set_time_on_and_never_where_that_is_zero() {
        let gate = RestartGate::default();
        assert!(gate.is_long(at(0), at(6)) && !gate.is_long(at(0), at(5)) && !gate.is_long(at(7), at(0)));
        let off = RestartGate { stopped: SignedDuration::ZERO, ..gate };
        assert!(!off.is_long(at(0), at(1_000)));
    }

    #[test]
    fn what_is_old_waits_what_was_due_just_now_goes_and_an_emergency_is_never_held() {
        let gate = RestartGate::default();
        for class in [Class::Important, Class::Routine] {
            assert!(gate.holds(class, at(0), at(6)) && gate.holds(class, at(0), at(60)));
            assert!(!gate.holds(class, at(1), at(6)), "due five hours ago");
            assert!(!gate.holds(class, at(9), at(6)), "due later");
        }
        assert!(!gate.holds(Class::Emergency, at(0), at(60)));
    }
}
