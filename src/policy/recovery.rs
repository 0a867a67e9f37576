use crate::model::{Fall, RecoveryStep, SignedDuration, Timestamp};

/// A modem that is out of service for this long wants a look: without a network, without a card that can be used, or away.
pub const OUT_OF_WORK: SignedDuration = SignedDuration::from_mins(15);

/// How often a modem was reset lately, from the record, so that a restart of the daemon does not forget it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resets {
    /// In the past hour.
    pub hour: u32,
    /// In the past day.
    pub day: u32,
}

impl Resets {
    /// A modem that three resets have not mended is not mended by a fourth.
    const HOUR_MAX: u32 = 3;
    /// Some modems write their flash at each restart.
    const DAY_MAX: u32 = 30;

    fn used_up(self) -> bool {
        self.hour >= Self::HOUR_MAX || self.day >= Self::DAY_MAX
    }
}

/// Where one modem stands on its way back: from the gentle steps to the hard ones, then rests that grow.
///
/// Pure; the shells carry the steps out. A send that was accepted, or ten minutes in service, end the trouble, and the
/// next fall begins at the bottom again.
#[derive(Clone, Debug, Default)]
pub struct Ladder {
    /// Falls in silence so far: the next rung.
    rung: usize,
    /// Times in a row that the port went away.
    gone: usize,
    /// Times in a row that no port of it answered.
    portless: usize,
    /// In service since then.
    serving_since: Option<Timestamp>,
}

/// After silence. Opening a port again costs nothing; a restart costs a minute; a rebind the USB device.
const RUNGS: [RecoveryStep; 8] = [
    RecoveryStep::Reopen(SignedDuration::from_secs(2)),
    RecoveryStep::SoftReset,
    RecoveryStep::Rebind,
    RecoveryStep::Rest(SignedDuration::from_mins(1)),
    RecoveryStep::SoftReset,
    RecoveryStep::Rest(SignedDuration::from_mins(5)),
    RecoveryStep::Rest(SignedDuration::from_mins(15)),
    RecoveryStep::Rest(SignedDuration::from_mins(60)),
];
/// After the port went away more often than this in a row; before, it is opened as soon as it is back.
const GONE_FREE: usize = 5;
const GONE_RESTS: [i64; 4] = [1, 5, 15, 60];
/// In service for this long, a modem has shown that it is well.
const PROVEN: SignedDuration = SignedDuration::from_mins(10);

impl Ladder {
    /// It is in service from now on.
    pub fn serving(&mut self, now: Timestamp) {
        self.serving_since.get_or_insert(now);
    }

    /// A send was accepted.
    pub fn progress(&mut self) {
        (self.rung, self.gone, self.portless) = (0, 0, 0);
    }

    /// It fell; what is to be done. `resets` are those before this one.
    pub fn next(&mut self, fall: Fall, resets: Resets, now: Timestamp) -> RecoveryStep {
        let proven = self.serving_since.take().is_some_and(|since| now.duration_since(since) >= PROVEN);
        // Time in service proves a modem that falls over; not one that answers AT and sends nothing.
        if proven && fall != Fall::Unanswered {
            self.progress();
        }
        match fall {
            Fall::OpenRefused => RUNGS[0],
            Fall::PortGone => {
                self.gone += 1;
                match self.gone.checked_sub(GONE_FREE + 1) {
                    None => RUNGS[0],
                    Some(place) => rest(place),
                }
            }
            Fall::NoPort => {
                self.portless += 1;
                rest(self.portless - 1)
            }
            // Its port has been set up again for each of these sends: that rung is behind it.
            Fall::Unanswered => self.climb(1, resets),
            Fall::Silent => self.climb(0, resets),
        }
    }

    fn climb(&mut self, at_least: usize, resets: Resets) -> RecoveryStep {
        let mut rung = self.rung.max(at_least);
        while RUNGS[rung].is_reset() && resets.used_up() {
            rung += 1;
        }
        self.rung = (rung + 1).min(RUNGS.len() - 1);
        RUNGS[rung]
    }
}

/// The rests of something that is not reset.
fn rest(place: usize) -> RecoveryStep {
    RecoveryStep::Rest(SignedDuration::from_mins(GONE_RESTS[place.min(GONE_RESTS.len() - 1)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn words(falls: &[Fall], resets: Resets) -> Vec<String> {
        let mut ladder = Ladder::default();
        falls.iter().map(|fall| ladder.next(*fall, resets, NOW).to_string()).collect()
    }

    #[test]
    fn a_silent_modem_is_helped_gently_then_hard_and_then_left_alone_for_longer_and_longer() {
        let steps = words(&[Fall::Silent; 10], Resets::default());
        assert_eq!(
            steps,
            [
                "opened again after 2 s",
                "told to restart",
                "its USB device is taken off and put back",
                "left alone for 1 min",
                "told to restart",
                "left alone for 5 min",
                "left alone for 15 min",
                "left alone for 60 min",
                "left alone for 60 min",
                "left alone for 60 min",
            ]
        );
    }

    #[test]
    fn no_modem_is_reset_more_than_three_times_an_hour_or_thirty_times_a_day() {
        for resets in [Resets { hour: 3, day: 3 }, Resets { hour: 0, day: 30 }] {
            let mut ladder = Ladder::default();
            for _ in 0..20 {
                assert!(!ladder.next(Fall::Silent, resets, NOW).is_reset());
            }
        }
        assert!(words(&[Fall::Silent; 2], Resets { hour: 2, day: 29 })[1].contains("restart"));
    }

    #[test]
    fn a_port_that_cannot_be_opened_or_goes_away_is_never_a_reason_for_a_reset() {
        let mut ladder = Ladder::default();
        for _ in 0..50 {
            assert!(!ladder.next(Fall::OpenRefused, Resets::default(), NOW).is_reset());
            assert!(!ladder.next(Fall::PortGone, Resets::default(), NOW).is_reset());
            assert!(!ladder.next(Fall::NoPort, Resets::default(), NOW).is_reset());
        }
    }

    #[test]
    fn a_modem_that_flaps_rests_for_longer_each_time() {
        let steps = words(&[Fall::PortGone; 9], Resets::default());
        assert_eq!(steps[4], "opened again after 2 s");
        assert_eq!(
            steps[5..],
            ["left alone for 1 min", "left alone for 5 min", "left alone for 15 min", "left alone for 60 min"]
        );
    }

    #[test]
    fn a_device_without_a_port_for_commands_is_asked_less_and_less_often() {
        let steps = words(&[Fall::NoPort; 5], Resets::default());
        assert_eq!(
            steps,
            [
                "left alone for 1 min",
                "left alone for 5 min",
                "left alone for 15 min",
                "left alone for 60 min",
                "left alone for 60 min"
            ]
        );
    }

    #[test]
    fn progress_and_ten_minutes_in_service_begin_anew() {
        let mut ladder = Ladder::default();
        let fall = |ladder: &mut Ladder, now| ladder.next(Fall::Silent, Resets::default(), now);
        fall(&mut ladder, NOW);
        assert_eq!(fall(&mut ladder, NOW), RecoveryStep::SoftReset);
        ladder.progress();
        assert_eq!(fall(&mut ladder, NOW), RUNGS[0]);
        ladder.serving(NOW);
        let soon = NOW + SignedDuration::from_mins(9);
        assert_eq!(fall(&mut ladder, soon), RecoveryStep::SoftReset);
        ladder.serving(soon);
        assert_eq!(fall(&mut ladder, soon + SignedDuration::from_mins(10)), RUNGS[0]);
    }

    #[test]
    fn a_modem_that_answers_at_and_sends_nothing_is_restarted() {
        let steps = words(&[Fall::Unanswered, Fall::Unanswered], Resets::default());
        assert_eq!(steps, ["told to restart", "its USB device is taken off and put back"]);
    }
}
