//! What goes wrong, how often, and the dice. One seed gives the same faults in the same places.
//!
//! Rates are probabilities from 0 to 1, each per occasion: per hand-over, per report, per burst of output. All dice of a
//! hand-over are thrown at its start, whatever comes of it, so that one fault's rate does not shift another's place.

use std::str::FromStr;
use std::time::Duration;

use fastrand::Rng;

/// Rates and spans of faults. The default has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// A hand-over is refused by +CMS ERROR with one of `refuse_codes`. With 332 and 513 it may have gone out anyway.
    pub refuse: f64,
    /// The numbers that `refuse` takes from, each as likely as the others.
    pub refuse_codes: Vec<u16>,
    /// The modem falls silent after 0x1A; the segment may or may not have gone out.
    pub hang: f64,
    /// How long it stays silent; `None`: until it is unplugged.
    pub hang_for: Option<Duration>,
    /// The segment goes out and its answer never comes; the modem goes on.
    pub lose_answer: f64,
    /// The segment goes out and its answer comes late; until then the modem hears nothing.
    pub late_answer: f64,
    /// How late.
    pub late_by: Duration,
    /// `AT+CMGS` is taken and no prompt comes; the modem waits for the PDU nevertheless.
    pub no_prompt: f64,
    /// The modem restarts in the middle of a hand-over and has forgotten its settings.
    pub reboot: f64,
    /// The modem is pulled in the middle of a hand-over.
    pub unplug: f64,
    /// How long it stays away.
    pub unplug_for: Duration,
    /// Registration is lost at a hand-over, which then fails with +CMS ERROR 331.
    pub lose_registration: f64,
    /// How long registration is away.
    pub registration_for: Duration,
    /// A hand-over that comes to nothing before it is submitted has taken its TP-MR by then. Not a fault by itself: it says how
    /// the others go.
    pub spend_number: f64,
    /// Output comes in pieces, some milliseconds apart.
    pub split: f64,
    /// Output is held back some milliseconds, and comes together with what follows.
    pub merge: f64,
    /// Bytes that mean nothing before a line.
    pub noise: f64,
    /// A command's answer has some dozens of unsolicited lines in it.
    pub urc_storm: f64,
    /// A status report comes a second time.
    pub duplicate_report: f64,
    /// A status report comes for a segment that nobody sent.
    pub orphan_report: f64,
    /// A status report comes before the `+CMGS` of its segment.
    pub early_report: f64,
    /// A report that says "still trying" comes before the final one.
    pub pending_report: f64,
    /// A report never comes.
    pub no_report: f64,
    /// Numbers that begin like one of these, in international form with plus, never get anything: the service centre takes the segment
    /// and lets it vanish, without a report. So do filters, and operators that are cut off from each other.
    pub drop_to: Vec<String>,
    /// A USSD code stays without an answer.
    pub no_ussd: f64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            refuse: 0.0,
            refuse_codes: vec![38, 41, 42],
            hang: 0.0,
            hang_for: Some(Duration::from_secs(30)),
            lose_answer: 0.0,
            late_answer: 0.0,
            late_by: Duration::from_secs(20),
            no_prompt: 0.0,
            reboot: 0.0,
            unplug: 0.0,
            unplug_for: Duration::from_secs(10),
            lose_registration: 0.0,
            registration_for: Duration::from_secs(15),
            spend_number: 0.5,
            split: 0.0,
            merge: 0.0,
            noise: 0.0,
            urc_storm: 0.0,
            duplicate_report: 0.0,
            orphan_report: 0.0,
            early_report: 0.0,
            pending_report: 0.0,
            no_report: 0.0,
            drop_to: Vec::new(),
            no_ussd: 0.0,
        }
    }
}

impl Faults {
    /// A bad day: every fault now and then.
    pub fn rough() -> Self {
        Self {
            refuse: 0.03,
            refuse_codes: vec![21, 38, 41, 42, 47, 332, 500],
            hang: 0.005,
            lose_answer: 0.01,
            late_answer: 0.01,
            no_prompt: 0.005,
            reboot: 0.003,
            unplug: 0.003,
            lose_registration: 0.005,
            split: 0.1,
            merge: 0.05,
            noise: 0.02,
            urc_storm: 0.01,
            duplicate_report: 0.05,
            orphan_report: 0.02,
            early_report: 0.05,
            pending_report: 0.03,
            no_report: 0.01,
            no_ussd: 0.1,
            ..Self::default()
        }
    }

    fn rate_mut(&mut self, name: &str) -> Option<&mut f64> {
        Some(match name {
            "refuse" => &mut self.refuse,
            "hang" => &mut self.hang,
            "lose_answer" => &mut self.lose_answer,
            "late_answer" => &mut self.late_answer,
            "no_prompt" => &mut self.no_prompt,
            "reboot" => &mut self.reboot,
            "unplug" => &mut self.unplug,
            "lose_registration" => &mut self.lose_registration,
            "spend_number" => &mut self.spend_number,
            "split" => &mut self.split,
            "merge" => &mut self.merge,
            "noise" => &mut self.noise,
            "urc_storm" => &mut self.urc_storm,
            "duplicate_report" => &mut self.duplicate_report,
            "orphan_report" => &mut self.orphan_report,
            "early_report" => &mut self.early_report,
            "pending_report" => &mut self.pending_report,
            "no_report" => &mut self.no_report,
            "no_ussd" => &mut self.no_ussd,
            _ => return None,
        })
    }

    fn span_mut(&mut self, name: &str) -> Option<&mut Duration> {
        Some(match name {
            "hang" => self.hang_for.get_or_insert_default(),
            "late_answer" => &mut self.late_by,
            "unplug" => &mut self.unplug_for,
            "lose_registration" => &mut self.registration_for,
            _ => return None,
        })
    }
}

/// Why a list of faults cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultsError {
    /// There is no such fault.
    #[error("there is no fault named {0:?}; see `kentongan simulate --help` for the names")]
    Unknown(String),
    /// Not a probability.
    #[error("{name} wants a rate from 0 to 1, not {value:?}")]
    Rate {
        /// The fault.
        name: String,
        /// What stood there.
        value: String,
    },
    /// Not the beginning of a number.
    #[error("drop_to wants the beginning of a number such as +62817, not {0:?}")]
    Beginning(String),
    /// Not a span.
    #[error("{name} takes no span of {value:?} seconds")]
    Span {
        /// The fault.
        name: String,
        /// What stood there.
        value: String,
    },
}

/// `none`, `rough`, or a list such as `refuse=0.03,hang=0.01:30,lose_answer=0.01`: the rate, then seconds where the fault
/// has a span; `drop_to=+62817` may stand there several times. `rough` may begin the list.
impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut faults = Self::default();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            match item {
                "none" => faults = Self::default(),
                "rough" => faults = Self::rough(),
                _ => faults.take(item)?,
            }
        }
        Ok(faults)
    }
}

impl Faults {
    fn take(&mut self, item: &str) -> Result<(), FaultsError> {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        if name == "drop_to" {
            let digits = value.strip_prefix('+').filter(|digits| !digits.is_empty());
            let right = digits.is_some_and(|digits| digits.bytes().all(|octet| octet.is_ascii_digit()));
            self.drop_to.extend(right.then(|| value.to_owned()));
            return right.then_some(()).ok_or_else(|| FaultsError::Beginning(value.to_owned()));
        }
        let (rate, span) = match value.split_once(':') {
            Some((rate, span)) => (rate, Some(span)),
            None => (value, None),
        };
        let place = self.rate_mut(name).ok_or_else(|| FaultsError::Unknown(name.to_owned()))?;
        *place = rate
            .parse()
            .ok()
            .filter(|rate| (0.0..=1.0).contains(rate))
            .ok_or_else(|| FaultsError::Rate { name: name.to_owned(), value: rate.to_owned() })?;
        if let Some(span) = span {
            let wrong = || FaultsError::Span { name: name.to_owned(), value: span.to_owned() };
            let seconds: f64 = span.parse().map_err(|_| wrong())?;
            let place = self.span_mut(name).ok_or_else(wrong)?;
            *place = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
        }
        Ok(())
    }
}

/// How one hand-over is going to go, decided at its start.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SendPlan {
    /// The service centre gets the segment.
    pub(super) reaches: bool,
    pub(super) end: SendEnd,
    /// The report comes before the answer.
    pub(super) early_report: bool,
    /// A number was taken, if it is not submitted.
    pub(super) spends_number: bool,
    /// If the hand-over is cut short before the service centre has the segment: it goes out all the same.
    pub(super) goes_when_cut_short: bool,
}

impl SendPlan {
    /// The modem gets as far as submitting it to the network: it arrives, or the network refuses it.
    pub(super) fn is_submitted(&self) -> bool {
        self.reaches || matches!(self.end, SendEnd::Refusal(code) if code < 256)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum SendEnd {
    Answer,
    Refusal(u16),
    NoAnswer,
    LateAnswer(Duration),
    Hang(Option<Duration>),
    Reboot,
    Unplug(Duration),
    RegistrationLost(Duration),
}

/// The dice of one modem: separate sequences, so that output and traffic do not shift the faults of hand-overs.
#[derive(Debug)]
pub(super) struct Dice {
    sends: Rng,
    pub(super) air: Rng,
    pub(super) wire: Rng,
    numbers: Rng,
}

impl Dice {
    pub(super) fn new(seed: u64, modem: u64) -> Self {
        let mut root = Rng::with_seed(seed ^ modem.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        Self { sends: root.fork(), air: root.fork(), wire: root.fork(), numbers: root.fork() }
    }

    /// Whether the prompt of this `AT+CMGS` is withheld.
    pub(super) fn withholds_prompt(&mut self, faults: &Faults) -> bool {
        self.sends.f64() < faults.no_prompt
    }

    pub(super) fn plan_send(&mut self, faults: &Faults) -> SendPlan {
        let mut dice = [0.0; 8];
        dice.fill_with(|| self.sends.f64());
        let [refuse, hang, lost, late, reboot, unplug, registration, early] = dice;
        let code = self.sends.usize(..);
        let (perhaps, goes_when_cut_short) = (self.sends.bool(), self.sends.bool());
        let (end, reaches) = if refuse < faults.refuse && !faults.refuse_codes.is_empty() {
            let code = faults.refuse_codes[code % faults.refuse_codes.len()];
            // 332 and Wavecom's 513: nobody answered in time, which does not say that nobody heard.
            (SendEnd::Refusal(code), matches!(code, 332 | 513) && perhaps)
        } else if hang < faults.hang {
            (SendEnd::Hang(faults.hang_for), perhaps)
        } else if lost < faults.lose_answer {
            (SendEnd::NoAnswer, true)
        } else if late < faults.late_answer {
            (SendEnd::LateAnswer(faults.late_by), true)
        } else if reboot < faults.reboot {
            (SendEnd::Reboot, perhaps)
        } else if unplug < faults.unplug {
            (SendEnd::Unplug(faults.unplug_for), perhaps)
        } else if registration < faults.lose_registration {
            (SendEnd::RegistrationLost(faults.registration_for), false)
        } else {
            (SendEnd::Answer, true)
        };
        let spends_number = self.numbers.f64() < faults.spend_number;
        SendPlan { reaches, end, early_report: early < faults.early_report, spends_number, goes_when_cut_short }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_faults_is_read_with_rates_and_spans() {
        let faults: Faults = "refuse=0.03, hang=0.01:2.5,lose_answer=1".parse().unwrap();
        assert_eq!((faults.refuse, faults.hang, faults.lose_answer), (0.03, 0.01, 1.0));
        assert_eq!(faults.hang_for, Some(Duration::from_millis(2_500)));
        assert_eq!("rough".parse(), Ok(Faults::rough()));
        let drops: Faults = "drop_to=+62817,drop_to=+62818".parse().unwrap();
        assert_eq!(drops.drop_to, ["+62817", "+62818"]);
        assert_eq!("".parse(), Ok(Faults::default()));
        for (text, error) in [
            ("hangs=0.1", "there is no fault named \"hangs\"; see `kentongan simulate --help` for the names"),
            ("hang=2", "hang wants a rate from 0 to 1, not \"2\""),
            ("hang", "hang wants a rate from 0 to 1, not \"\""),
            ("split=0.1:3", "split takes no span of \"3\" seconds"),
            ("hang=0.1:-3", "hang takes no span of \"-3\" seconds"),
            ("drop_to=0817", "drop_to wants the beginning of a number such as +62817, not \"0817\""),
        ] {
            assert_eq!(text.parse::<Faults>().map_err(|error| error.to_string()), Err(error.to_owned()));
        }
    }

    #[test]
    fn a_seed_gives_the_same_plans_and_a_rate_does_not_move_the_others() {
        let plans = |faults: &Faults, seed| {
            let mut dice = Dice::new(seed, 3);
            (0..2_000).map(|_| dice.plan_send(faults)).collect::<Vec<_>>()
        };
        let rough = Faults::rough();
        assert_eq!(plans(&rough, 7), plans(&rough, 7));
        assert_ne!(plans(&rough, 7), plans(&rough, 8));
        let hangs = |plans: &[SendPlan]| {
            let place = |(at, plan): (usize, &SendPlan)| matches!(plan.end, SendEnd::Hang(_)).then_some(at);
            plans.iter().enumerate().filter_map(place).collect::<Vec<_>>()
        };
        let only_hangs = Faults { hang: rough.hang, ..Faults::default() };
        let without_refusals = Faults { refuse: 0.0, ..rough };
        let found = hangs(&plans(&only_hangs, 7));
        assert!(!found.is_empty());
        assert_eq!(found, hangs(&plans(&without_refusals, 7)));
    }
}
