//! What a make of modem has been seen to do with the numbers of its messages (TP-MR), and when that may be relied on.
//!
//! The standard leaves much open: it says that TP-MR goes up by one and is kept in EF_SMSS on the card (23.040 §9.2.3.6,
//! 31.102 §4.2.9), not at which moment it does so, and modems differ. So nothing is believed before it has been seen to hold
//! several times, and one exception ends the belief: after it twice as many cases in a row are wanted, after the next again
//! twice as many, and after more than [`Habit::BROKEN_MAX`] the make is never relied on in this again. Cases are counted for a
//! make (manufacturer, model, firmware), not for a single modem: firmware decides, and a pool of twenty learns together. A
//! pool in which one modem does otherwise is not relied on at all.

use std::collections::BTreeMap;

/// How a hand-over without a `+CMGS` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// The modem said that the network did not answer in time.
    Told,
    /// No word came, and the modem stayed on.
    Silent,
    /// The modem was started anew afterwards, or may have been: whatever it had not done by then, it never did.
    Cut,
}

/// Something that a make of modem does always or not always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Habit {
    /// From one accepted message to the next its numbers go up by one.
    Steps,
    /// A message that the network refuses takes a number, by which the next `+CMGS` is higher.
    Refused,
    /// So does a hand-over that ended so.
    Counts(Manner),
    /// EF_SMSS on the card holds the number of the last accepted message.
    Card,
    /// It holds the number of a message that the network refused, too.
    CardRefused,
    /// And that of a hand-over that ended so. One that ended in silence may have been left half done, as if it had been cut short:
    /// both need [`Manner::Cut`] here.
    CardCounts(Manner),
    /// Started anew, it goes on from the number in EF_SMSS.
    Resumes,
    /// Started anew, it echoes commands until it is told not to.
    Echo,
}

impl Habit {
    /// Every one that means something: after a cut no `+CMGS` follows in the same run, and of silence the card tells as of a cut.
    pub const ALL: [Habit; 10] = [
        Habit::Steps,
        Habit::Refused,
        Habit::Counts(Manner::Told),
        Habit::Counts(Manner::Silent),
        Habit::Card,
        Habit::CardRefused,
        Habit::CardCounts(Manner::Told),
        Habit::CardCounts(Manner::Cut),
        Habit::Resumes,
        Habit::Echo,
    ];

    /// Exceptions after which a make is never relied on again.
    pub const BROKEN_MAX: u32 = 5;

    /// How often it must have been seen, if there was never an exception.
    fn wanted(self) -> u32 {
        match self {
            // Seen with every message, so that much may be asked.
            Habit::Steps => 20,
            // Common enough, and a refused message that takes no number would be mistaken for one that never left.
            Habit::Refused => 10,
            Habit::Card => 5,
            // Rarer; what firmware does here it does always.
            Habit::Counts(_) | Habit::CardRefused | Habit::CardCounts(_) | Habit::Resumes => 3,
            Habit::Echo => 2,
        }
    }

    /// The name stored.
    pub fn name(self) -> &'static str {
        match self {
            Habit::Steps => "steps",
            Habit::Refused => "refused",
            Habit::Counts(Manner::Told) => "counts_told",
            Habit::Counts(Manner::Silent) => "counts_silent",
            Habit::Counts(Manner::Cut) => "counts_cut",
            Habit::Card => "card",
            Habit::CardRefused => "card_refused",
            Habit::CardCounts(Manner::Told) => "card_told",
            Habit::CardCounts(_) => "card_cut",
            Habit::Resumes => "resumes",
            Habit::Echo => "echo",
        }
    }

    /// What it is, for the record.
    pub fn says(self) -> &'static str {
        match self {
            Habit::Steps => "TP-MR goes up by one",
            Habit::Refused => "a refused message takes a TP-MR",
            Habit::Counts(Manner::Told) => "a message that timed out takes a TP-MR",
            Habit::Counts(_) => "a message without an answer takes a TP-MR",
            Habit::Card => "EF_SMSS holds the last TP-MR",
            Habit::CardRefused => "EF_SMSS holds the TP-MR of a refused message",
            Habit::CardCounts(Manner::Told) => "EF_SMSS holds the TP-MR of a message that timed out",
            Habit::CardCounts(_) => "EF_SMSS holds the TP-MR of a message that a restart cut short",
            Habit::Resumes => "after a restart TP-MR goes on from EF_SMSS",
            Habit::Echo => "it echoes after a restart",
        }
    }
}

/// How often a habit was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How often it held, in a row; no more is counted than is wanted.
    pub held: u32,
    /// How often it did not.
    pub broken: u32,
}

impl Seen {
    fn wanted(self, habit: Habit) -> u32 {
        habit.wanted() << self.broken.min(Habit::BROKEN_MAX)
    }

    fn is_trusted(self, habit: Habit) -> bool {
        self.broken <= Habit::BROKEN_MAX && self.held >= self.wanted(habit)
    }
}

/// What a case changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Learnt {
    /// Nothing: it is relied on already, or never again.
    Nothing,
    /// It was counted.
    Counted,
    /// From now on it is relied on.
    Trusted,
    /// It was an exception: from now on it is not relied on.
    Broken,
}

/// Everything that one make has been seen to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    seen: BTreeMap<Habit, Seen>,
}

impl Habits {
    /// As they were stored; names that are not known here are left out.
    pub fn stored(rows: impl IntoIterator<Item = (String, Seen)>) -> Self {
        let known = |name: &str| Habit::ALL.into_iter().find(|habit| habit.name() == name);
        Self { seen: rows.into_iter().filter_map(|(name, seen)| Some((known(&name)?, seen))).collect() }
    }

    /// Whether a habit may be relied on.
    pub fn trusts(&self, habit: Habit) -> bool {
        self.seen(habit).is_trusted(habit)
    }

    /// How often a habit was seen.
    pub fn seen(&self, habit: Habit) -> Seen {
        self.seen.get(&habit).copied().unwrap_or_default()
    }

    /// Whether a habit has yet to be seen more often, and was never seen to fail: worth asking the modem for.
    pub fn is_open(&self, habit: Habit) -> bool {
        self.seen(habit).broken == 0 && !self.trusts(habit)
    }

    /// Takes one case into account.
    pub fn learn(&mut self, habit: Habit, held: bool) -> Learnt {
        let mut seen = self.seen(habit);
        let trusted = seen.is_trusted(habit);
        if seen.broken > Habit::BROKEN_MAX || (held && trusted) {
            return Learnt::Nothing;
        }
        if held {
            seen.held += 1;
        } else {
            seen = Seen { held: 0, broken: seen.broken + 1 };
        }
        self.seen.insert(habit, seen);
        match (held, seen.is_trusted(habit)) {
            (false, _) => Learnt::Broken,
            (true, true) => Learnt::Trusted,
            (true, false) => Learnt::Counted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_relied_on_before_it_was_seen_several_times() {
        let mut habits = Habits::default();
        for time in 1..20 {
            assert_eq!(habits.learn(Habit::Steps, true), Learnt::Counted, "{time}");
        }
        assert!(!habits.trusts(Habit::Steps));
        assert_eq!(habits.learn(Habit::Steps, true), Learnt::Trusted);
        assert_eq!(habits.learn(Habit::Steps, true), Learnt::Nothing, "no more is counted than is wanted");
        assert!(habits.trusts(Habit::Steps) && !habits.trusts(Habit::Card));
    }

    #[test]
    fn one_exception_ends_the_trust_and_each_makes_it_dearer_until_there_is_no_more() {
        let mut habits = Habits::default();
        let mut wanted = Vec::new();
        while habits.seen(Habit::Card).broken <= Habit::BROKEN_MAX {
            let mut times = 0;
            while !habits.trusts(Habit::Card) {
                let _ = habits.learn(Habit::Card, true);
                times += 1;
            }
            wanted.push(times);
            assert_eq!(habits.learn(Habit::Card, false), Learnt::Broken);
            assert!(!habits.trusts(Habit::Card));
        }
        assert_eq!(wanted, [5, 10, 20, 40, 80, 160]);
        for _ in 0..10_000 {
            assert_eq!(habits.learn(Habit::Card, true), Learnt::Nothing);
        }
        assert!(!habits.trusts(Habit::Card));
    }

    #[test]
    fn habits_are_stored_by_name_and_found_again() {
        let mut habits = Habits::default();
        for habit in Habit::ALL {
            let _ = habits.learn(habit, true);
        }
        let rows = Habit::ALL.map(|habit| (habit.name().to_owned(), habits.seen(habit)));
        let strange = ("of a later program".to_owned(), Seen { held: 9, broken: 0 });
        assert_eq!(Habits::stored(rows.into_iter().chain([strange])), habits);
    }
}
