//! Whether what service centres accept also arrives: by SIM, by the operator it goes to, and by both.
//!
//! A SIM that is filtered, blocked or cheated says `+CMGS` like any other; only the reports that do not come tell. Phones that are off
//! bring none either, so a rate alone says little: what counts is that others fare better at the same time.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{SignedDuration, SimId};

/// When a rate of delivery is too low, and what is done then.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The share of accepted messages that must be reported as delivered; 0: nobody looks.
    pub rate_min: f64,
    /// Messages that must have been judged before a rate says anything.
    pub judged_min: u32,
    /// How long after its acceptance a message's report should have come.
    pub report_wait: SignedDuration,
    /// How far back messages count.
    pub window: SignedDuration,
    /// Whether a SIM whose messages do not arrive while others' do is taken out until a person says otherwise.
    pub rest_sim: bool,
    /// Whether jobs are paused whose messages do not arrive; emergencies never are.
    pub pause_job: bool,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            rate_min: 0.5,
            judged_min: 20,
            report_wait: SignedDuration::from_mins(10),
            window: SignedDuration::from_hours(24),
            rest_sim: false,
            pause_job: false,
        }
    }
}

/// What became of an accepted message in the time in which its report should have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Reported as delivered, by then or later.
    Delivered,
    /// Reported as failed.
    Failed,
    /// No final report.
    Silent,
}

/// How messages ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reported as delivered.
    pub delivered: u32,
    /// Reported as failed.
    pub failed: u32,
    /// Without a final report.
    pub silent: u32,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, ending: Ending) {
        match ending {
            Ending::Delivered => self.delivered += 1,
            Ending::Failed => self.failed += 1,
            Ending::Silent => self.silent += 1,
        }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            delivered: self.delivered + other.delivered,
            failed: self.failed + other.failed,
            silent: self.silent + other.silent,
        }
    }

    /// How many there are.
    pub fn judged(self) -> u32 {
        self.delivered + self.failed + self.silent
    }

    /// The share that was delivered, 0 to 1; `None` where there is none.
    pub fn rate(self) -> Option<f64> {
        (self.judged() > 0).then(|| f64::from(self.delivered) / f64::from(self.judged()))
    }
}

/// How the messages of every SIM to every operator ended.
pub type Scale = BTreeMap<(SimId, String), Counts>;

/// Whose messages do not arrive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Everybody's: a list of dead numbers, a text that is filtered everywhere, no reports at all.
    All,
    /// Those to this operator, through whichever SIM.
    Operator(String),
    /// Those through this SIM, to whichever operator.
    Sim(SimId),
    /// Those through this SIM to this operator.
    Pair(SimId, String),
}

/// A rate that is too low.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fall {
    /// Whose.
    pub subject: Subject,
    /// Out of these.
    pub counts: Counts,
    /// What is comparable to it fares well, so that it is known to be the subject's own trouble.
    pub others_well: bool,
}

impl Subject {
    /// How its messages ended.
    pub fn counts(&self, scale: &Scale) -> Counts {
        let is = |(sim, to): &(SimId, String)| match self {
            Subject::All => true,
            Subject::Operator(operator) => operator == to,
            Subject::Sim(of) => of == sim,
            Subject::Pair(of, operator) => of == sim && operator == to,
        };
        sum(scale.iter().filter(|(pair, _)| is(pair)).map(|(_, counts)| counts))
    }
}

impl Delivery {
    /// Enough has been judged, and enough of it has arrived.
    fn well(&self, counts: Counts) -> bool {
        counts.judged() >= self.judged_min && counts.rate().is_some_and(|rate| rate >= self.rate_min)
    }

    /// Enough has been judged, and too little of it has arrived.
    fn low(&self, counts: Counts) -> bool {
        counts.judged() >= self.judged_min && counts.rate().is_some_and(|rate| rate < self.rate_min)
    }

    fn well_pairs<'s>(&self, scale: &'s Scale) -> impl Iterator<Item = &'s (SimId, String)> {
        scale.iter().filter(|(_, counts)| self.well(**counts)).map(|(pair, _)| pair)
    }

    /// Whether a rate that was too low is well again; a little more than not too low, so that it does not come and go.
    pub fn recovered(&self, counts: Counts) -> bool {
        self.well(counts) && counts.rate().is_some_and(|rate| rate >= (self.rate_min + 0.1).min(1.0))
    }

    /// Which rates are too low, each at the widest subject that explains it: an operator that takes nothing from anybody is not held
    /// against the SIMs, a dead SIM not against the operators, and where nobody fares well, nobody is blamed.
    pub fn falls(&self, scale: &Scale) -> Vec<Fall> {
        let all = Subject::All.counts(scale);
        let to_operators = pools(scale.iter().map(|((_, to), counts)| (to, counts)));
        let by_sims = pools(scale.iter().map(|((sim, _), counts)| (sim, counts)));
        let operators_well = to_operators.values().filter(|counts| self.well(**counts)).count();
        let sims_well = by_sims.values().filter(|counts| self.well(**counts)).count();
        if self.low(all) && operators_well + sims_well == 0 {
            return vec![Fall { subject: Subject::All, counts: all, others_well: false }];
        }
        let mut falls = Vec::new();
        let reached: BTreeSet<&String> = self.well_pairs(scale).map(|(_, to)| to).collect();
        let reaching: BTreeSet<SimId> = self.well_pairs(scale).map(|(sim, _)| *sim).collect();
        let mut closed: BTreeSet<&String> = BTreeSet::new();
        for (operator, counts) in &to_operators {
            if self.low(*counts) && !reached.contains(operator) && operators_well > 0 {
                closed.insert(*operator);
                let subject = Subject::Operator((*operator).clone());
                falls.push(Fall { subject, counts: *counts, others_well: true });
            }
        }
        let open = || scale.iter().filter(|((_, to), _)| !closed.contains(to));
        let by_sims = pools(open().map(|((sim, _), counts)| (sim, counts)));
        let others_well = by_sims.values().any(|counts| self.well(*counts));
        let blocked = |sim: &SimId| self.low(by_sims[sim]) && !reaching.contains(sim);
        for (sim, counts) in by_sims.iter().filter(|(sim, _)| blocked(sim)) {
            falls.push(Fall { subject: Subject::Sim(**sim), counts: *counts, others_well });
        }
        for ((sim, to), counts) in open().filter(|((sim, _), counts)| self.low(**counts) && !blocked(sim)) {
            let others_well = self.well(to_operators[to]);
            falls.push(Fall { subject: Subject::Pair(*sim, to.clone()), counts: *counts, others_well });
        }
        falls
    }
}

/// The counts of all that have the same key.
fn pools<'c, K: Ord>(counts: impl Iterator<Item = (K, &'c Counts)>) -> BTreeMap<K, Counts> {
    let mut pools: BTreeMap<K, Counts> = BTreeMap::new();
    for (key, counts) in counts {
        let pool = pools.entry(key).or_default();
        *pool = pool.and(*counts);
    }
    pools
}

fn sum<'c>(counts: impl Iterator<Item = &'c Counts>) -> Counts {
    counts.fold(Counts::default(), |sum, counts| sum.and(*counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(rows: &[(i64, &str, u32, u32)]) -> Scale {
        let counts = |delivered, silent| Counts { delivered, failed: 0, silent };
        rows.iter()
            .map(|(sim, to, delivered, silent)| ((SimId(*sim), (*to).to_owned()), counts(*delivered, *silent)))
            .collect()
    }

    fn check(rows: &[(i64, &str, u32, u32)], expected: &[Subject]) -> Vec<Fall> {
        let falls = Delivery::default().falls(&scale(rows));
        let subjects: Vec<_> = falls.iter().map(|fall| fall.subject.clone()).collect();
        assert_eq!(subjects, expected, "{rows:?}");
        falls
    }

    fn operator(name: &str) -> Subject {
        Subject::Operator(name.to_owned())
    }

    #[test]
    fn all_is_well_or_too_little_is_known() {
        check(&[(1, "T", 90, 10), (1, "X", 18, 7), (2, "T", 80, 20)], &[]);
        check(&[(1, "T", 0, 19)], &[]);
        check(&[], &[]);
    }

    #[test]
    fn a_sim_whose_messages_do_not_arrive_while_others_do_is_to_blame() {
        let falls =
            check(&[(1, "T", 0, 30), (1, "X", 0, 10), (2, "T", 28, 2), (2, "X", 9, 1)], &[Subject::Sim(SimId(1))]);
        assert!(falls[0].others_well);
        // Also where it carried most of the messages, so that the rates of the operators are low.
        check(&[(1, "T", 0, 60), (1, "X", 0, 60), (2, "T", 15, 2), (2, "X", 15, 2)], &[Subject::Sim(SimId(1))]);
    }

    #[test]
    fn an_operator_that_takes_nothing_from_anybody_is_named_and_no_sim_is_blamed() {
        let rows = [(1, "T", 30, 2), (1, "X", 0, 12), (2, "T", 25, 2), (2, "X", 0, 14)];
        check(&rows, &[operator("X")]);
        // Also where most messages go there.
        check(&[(1, "T", 20, 2), (1, "X", 0, 60), (2, "T", 10, 1), (2, "X", 0, 60)], &[operator("X")]);
        // And a dead SIM beside it is still found.
        check(
            &[(1, "T", 30, 2), (1, "X", 0, 22), (2, "T", 25, 2), (2, "X", 0, 24), (3, "T", 0, 30)],
            &[operator("X"), Subject::Sim(SimId(3))],
        );
    }

    #[test]
    fn one_way_from_one_sim_to_one_operator_may_be_shut() {
        let pair = Subject::Pair(SimId(1), "X".to_owned());
        let falls = check(&[(1, "T", 40, 2), (1, "X", 0, 25), (2, "T", 40, 2), (2, "X", 30, 1)], &[pair]);
        assert!(falls[0].others_well);
    }

    #[test]
    fn where_nobody_fares_well_nobody_is_blamed() {
        check(&[(1, "T", 5, 30), (2, "T", 3, 30), (2, "X", 2, 20)], &[Subject::All]);
        check(&[(1, "T", 0, 30)], &[Subject::All]);
    }

    #[test]
    fn failures_count_like_silence_and_well_again_is_more_than_not_too_low() {
        let rule = Delivery::default();
        let counts = |delivered, failed| Counts { delivered, failed, silent: 0 };
        let failing = Scale::from([((SimId(1), "T".to_owned()), counts(4, 26))]);
        assert_eq!(rule.falls(&failing)[0].counts.rate(), Some(4.0 / 30.0));
        assert!(!rule.recovered(counts(11, 9)) && rule.recovered(counts(12, 8)) && !rule.recovered(counts(12, 0)));
    }

    proptest::proptest! {
        #[test]
        fn a_well_subject_is_never_blamed_and_a_sim_is_blamed_for_sure_only_beside_one_that_fares_well(
            rows in proptest::collection::btree_map((1i64..4, 0usize..3), (0u32..60, 0u32..60), 0..9),
        ) {
            let rule = Delivery::default();
            let scale: Scale = rows
                .into_iter()
                .map(|((sim, to), (delivered, silent))| ((SimId(sim), ["T", "I", "X"][to].to_owned()), Counts { delivered, failed: 0, silent }))
                .collect();
            let falls = rule.falls(&scale);
            for fall in &falls {
                proptest::prop_assert!(!rule.well(fall.subject.counts(&scale)) || matches!(fall.subject, Subject::Sim(_)));
                proptest::prop_assert!(rule.low(fall.counts));
                if let Subject::Sim(sim) = fall.subject && fall.others_well {
                    let well = |((of, _), counts): (&(SimId, String), &Counts)| *of != sim && counts.delivered > 0;
                    proptest::prop_assert!(scale.iter().any(well));
                }
            }
            let all = falls.iter().any(|fall| fall.subject == Subject::All);
            proptest::prop_assert!(!all || falls.len() == 1);
        }
    }
}
