use crate::model::{Class, SignedDuration};

/// From when on something is an alarm. What is `None` or zero is never one.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// How long a modem is out of work.
    pub modem_out: SignedDuration,
    /// How long no modem at all is at work.
    pub no_modem: Option<SignedDuration>,
    /// How long messages that nothing holds wait: emergencies, important ones, routine.
    pub queue: [Option<SignedDuration>; 3],
    /// Octets that must be left on the disks of database and queue.
    pub disk_free: u64,
    /// When people leave in numbers.
    pub opt_outs: OptOuts,
    /// How long a webhook or the mail server takes nothing.
    pub unreached: SignedDuration,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            modem_out: crate::policy::OUT_OF_WORK,
            no_modem: Some(SignedDuration::from_mins(5)),
            queue: [
                Some(SignedDuration::from_mins(15)),
                Some(SignedDuration::from_hours(4)),
                Some(SignedDuration::from_hours(24)),
            ],
            disk_free: 500_000_000,
            opt_outs: OptOuts { in_hour: 20, share: 0.01 },
            unreached: SignedDuration::from_hours(1),
        }
    }
}

impl Thresholds {
    /// How long messages of a class may wait that nothing holds.
    pub fn queue_of(&self, class: Class) -> Option<SignedDuration> {
        self.queue[match class {
            Class::Emergency => 0,
            Class::Important => 1,
            Class::Routine => 2,
        }]
    }
}

/// When the people who leave are too many: both must be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptOuts {
    /// So many within an hour; 0: nobody counts.
    pub in_hour: u32,
    /// And this share of the messages that were sent in the 24 hours before.
    pub share: f64,
}

impl OptOuts {
    /// Whether so many in an hour, after so many messages, are an alarm. One that stands stands until they are fewer than half.
    pub fn surge(&self, in_hour: u32, sent_day: u64, stands: bool) -> bool {
        let half = if stands { 2 } else { 1 };
        self.in_hour > 0 && in_hour * half >= self.in_hour && f64::from(in_hour * half) >= self.share * sent_day as f64
    }
}

/// What is left of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Octets that the daemon's user may still write.
    pub free: u64,
    /// Octets it holds in all.
    pub total: u64,
}

impl Room {
    /// Whether too little is left. One that is low is low until there is a fifth more than that.
    pub fn is_low(&self, wanted: u64, stands: bool) -> bool {
        self.free < if stands { wanted.saturating_add(wanted / 5) } else { wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_at_the_threshold_is_not_low_and_well_again_pair_by_pair() {
        let low = |free, stands| Room { free, total: 10_000 }.is_low(500, stands);
        assert_eq!(
            [low(499, false), low(500, false), low(500, true), low(599, true), low(600, true)],
            [true, false, true, true, false]
        );
        assert!(!Room { free: 0, total: 1 }.is_low(0, false), "0 is never low");
    }

    #[test]
    fn people_leave_in_numbers_when_both_the_count_and_the_share_say_so() {
        let rule = OptOuts { in_hour: 20, share: 0.01 };
        for (in_hour, sent, stands, surge) in [
            (19, 100, false, false),
            (20, 100, false, true),
            (20, 2_001, false, false), // one in a hundred of a blast is usual
            (21, 2_001, false, true),
            (10, 1_000, true, true), // half of it keeps it up
            (9, 100, true, false),
        ] {
            assert_eq!(rule.surge(in_hour, sent, stands), surge, "{in_hour} of {sent}, {stands}");
        }
        assert!(!OptOuts { in_hour: 0, share: 0.0 }.surge(1_000, 1, false));
    }
}
