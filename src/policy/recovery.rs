use crate::model::{Fall, RecoveryStep, SignedDuration, Timestamp};

/// A modem that is out of service for this long wants a look: without a network, without a card that can be used, or away.
pub const OUT_OF_WORK: SignedDuration = SignedDuration::from_mins(15);

/// What a modem went through lately, from the record, so that a restart of the daemon does not forget it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// Resets in the past hour.
    pub resets_hour: u32,
    /// Resets in the past day.
    pub resets_day: u32,
    /// Messages that the port left in doubt by going away in the middle of their hand-over, in the past hour.
    pub cut_off: u32,
}

impl Lately {
    /// A modem that three resets have not mended is not mended by a fourth.
    const HOUR_MAX: u32 = 3;
    /// Some modems write their flash at each restart.
    const DAY_MAX: u32 = 30;

    fn used_up(self) -> bool {
        self.resets_hour >= Self::HOUR_MAX || self.resets_day >= Self::DAY_MAX
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
/// So many messages an hour may a bad contact leave in doubt before the modem rests, however well it sends in between.
const CUT_OFF_FREE: usize = 2;
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

    /// It fell; what is to be done. `lately` knows of the message that this fall cut off, and not of a reset that it leads to.
    pub fn next(&mut self, fall: Fall, lately: Lately, now: Timestamp) -> RecoveryStep {
        let proven = self.serving_since.take().is_some_and(|since| now.duration_since(since) >= PROVEN);
        // Time in service proves a modem that falls over; not one that answers AT and sends nothing.
        if proven && fall != Fall::Unanswered {
            self.progress();
        }
        match fall {
            Fall::OpenRefused => RUNGS[0],
            Fall::PortGone => {
                self.gone += 1;
                let flaps = self.gone.checked_sub(GONE_FREE + 1);
                let harms = (lately.cut_off as usize).checked_sub(CUT_OFF_FREE + 1);
                flaps.max(harms).map_or(RUNGS[0], rest)
            }
            Fall::NoPort => {
                self.portless += 1;
                rest(self.portless - 1)
            }
            // Its port has been set up again for each of these sends: that rung is behind it.
            Fall::Unanswered => self.climb(1, lately),
            Fall::Silent => self.climb(0, lately),
        }
    }

    fn climb(&mut self, at_least: usize, lately: Lately) -> RecoveryStep {
        let mut rung = self.rung.max(at_least);
        while RUNGS[rung].is_reset() && lately.used_up() {
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

    fn words(falls: &[Fall], lately: Lately) -> Vec<String> {
        let mut ladder = Ladder::default();
        falls.iter().map(|fall| ladder.next(*fall, lately, NOW).to_string()).collect()
    }

    #[test]
    fn a_silent_modem_is_helped_gently_then_hard_and_then_left_alone_for_longer_and_longer() {
        let steps = words(&[Fall::Silent; 10], Lately::default());
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
        for lately in [
            Lately { resets_hour: 3, resets_day: 3, ..Lately::default() },
            Lately { resets_day: 30, ..Lately::default() },
        ] {
            let mut ladder = Ladder::default();
            for _ in 0..20 {
                assert!(!ladder.next(Fall::Silent, lately, NOW).is_reset());
            }
        }
        assert!(
            words(&[Fall::Silent; 2], Lately { resets_hour: 2, resets_day: 29, ..Lately::default() })[1]
                .contains("restart")
        );
    }

    #[test]
    fn a_port_that_cannot_be_opened_or_goes_away_is_never_a_reason_for_a_reset() {
        let mut ladder = Ladder::default();
        for _ in 0..50 {
            assert!(!ladder.next(Fall::OpenRefused, Lately::default(), NOW).is_reset());
            assert!(!ladder.next(Fall::PortGone, Lately::default(), NOW).is_reset());
            assert!(!ladder.next(Fall::NoPort, Lately::default(), NOW).is_reset());
        }
    }

    #[test]
    fn a_modem_that_flaps_rests_for_longer_each_time() {
        let steps = words(&[Fall::PortGone; 9], Lately::default());
        assert_eq!(steps[4], "opened again after 2 s");
        assert_eq!(
            steps[5..],
            ["left alone for 1 min", "left alone for 5 min", "left alone for 15 min", "left alone for 60 min"]
        );
    }

    #[test]
    fn a_modem_whose_contact_leaves_messages_in_doubt_rests_though_it_sends_in_between() {
        let mut ladder = Ladder::default();
        let steps: Vec<String> = (1..=5)
            .map(|cut_off| {
                ladder.progress();
                ladder.next(Fall::PortGone, Lately { cut_off, ..Lately::default() }, NOW).to_string()
            })
            .collect();
        assert_eq!(steps[1], "opened again after 2 s");
        assert_eq!(steps[2..], ["left alone for 1 min", "left alone for 5 min", "left alone for 15 min"]);
        ladder.progress();
        assert_eq!(
            ladder.next(Fall::PortGone, Lately::default(), NOW),
            RUNGS[0],
            "an hour later it is tried as before"
        );
    }

    #[test]
    fn a_device_without_a_port_for_commands_is_asked_less_and_less_often() {
        let steps = words(&[Fall::NoPort; 5], Lately::default());
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
        let fall = |ladder: &mut Ladder, now| ladder.next(Fall::Silent, Lately::default(), now);
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
        let steps = words(&[Fall::Unanswered, Fall::Unanswered], Lately::default());
        assert_eq!(steps, ["told to restart", "its USB device is taken off and put back"]);
    }
}
