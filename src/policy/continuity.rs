//! What the numbers of a modem's messages (TP-MR) say of hand-overs that nobody answered.
//!
//! A modem gives each message that it submits the next number and names it in `+CMGS` (23.040 §9.2.3.6, 27.005 §3.5.1). So
//! between two known numbers stand as many messages as are missing between them:
//!
//! ```text
//!   +CMGS: 40    in doubt    +CMGS: 41              no number is missing: it was never submitted
//!   +CMGS: 40    in doubt    +CMGS: 42              one is missing: it was submitted, as 41
//!   +CMGS: 40    in doubt, in doubt    +CMGS: 42    one of the two, and nobody knows which
//! ```
//!
//! EF_SMSS on the card, the number last used, is such a number too, and the only one that outlives a restart.
//!
//! Three things are kept apart:
//!
//! - *Submitted* is not *accepted*. A message that took a number has left the modem; whether the service centre has it, only
//!   the modem's answer or a report can say. So a number makes a doubt no better than it is; it names it, and a report can
//!   find it.
//! - *Not counted* is not *never submitted*. A modem that counts only what the network acknowledges, or only once it knows the
//!   outcome, leaves a message out of its numbers that arrived all the same. So a number that is not missing means something
//!   only on makes that were seen to count what the network refused, and to count hand-overs that ended like this one
//!   ([`Habit::Refused`], [`Habit::Counts`], and their kin for the card).
//! - Numbers that *contradict*, more of them missing than hand-overs stand between, say nothing: somebody else sends through
//!   this SIM, or the modem does not count.
//!
//! Pure: a trail goes in; what it proves and what it teaches comes out. Outside stay: 256 messages sent through the SIM by
//! somebody else between two looks; a modem that writes a number to the card before it counts it itself; and one that counts at
//! the outcome, hangs in mid-send and recovers without a restart, of which only a report on such a message can show what it is.

use super::habit::{Habit, Habits, Manner};
use crate::model::AttemptId;

#[cfg(test)]
mod tests;

/// One thing that is known of a SIM, in the order in which things happened. All of a trail is of one make of modem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A hand-over that was answered in time by `+CMGS` with this number.
    Accepted(u8),
    /// A hand-over that ended so, without a `+CMGS`, and arrived with this number: a report says so.
    Arrived(u8, Manner),
    /// A hand-over whose number became known in another way: a late answer, or the numbers around it.
    Placed(u8),
    /// A hand-over that ended so and whose number nobody knows.
    Doubt(AttemptId, Manner),
    /// A hand-over that the network refused.
    Refused,
    /// A hand-over that never left and may have taken a number all the same: one that the modem refused by itself.
    Unclear,
    /// Accepted, and the answer named no number: nothing can be counted over it.
    Unnumbered,
    /// Taken back before it was handed over: it takes no number.
    Withdrawn,
    /// EF_SMSS was read.
    Card(u8),
    /// The modem was started anew, or nobody knows that it was not.
    Break {
        /// It certainly was.
        restarted: bool,
    },
}

impl Mark {
    fn number(&self) -> Option<u8> {
        match self {
            Mark::Accepted(number) | Mark::Arrived(number, _) | Mark::Placed(number) => Some(*number),
            _ => None,
        }
    }

    /// The number from which the modem counts on. One that only a report names it may have left out of its count.
    fn counted(&self, later: &[Mark], counts: fn(Manner) -> Habit, habits: &Habits) -> Option<u8> {
        match self {
            Mark::Arrived(number, own) => habits.trusts(counts(ending(*own, later))).then_some(*number),
            mark => mark.number(),
        }
    }

    /// Whether its number, if it took one, is sure to be on the card.
    fn is_on_card(&self, later: &[Mark], habits: &Habits) -> bool {
        match self {
            Mark::Refused => habits.trusts(Habit::CardRefused),
            Mark::Doubt(_, own) | Mark::Arrived(_, own) => habits.trusts(on_card(ending(*own, later))),
            mark => !mark.may_count(),
        }
    }

    fn is_break(&self) -> bool {
        matches!(self, Mark::Break { .. })
    }

    /// Whether this was a hand-over that may have taken a number.
    fn may_count(&self) -> bool {
        !matches!(self, Mark::Withdrawn | Mark::Card(_) | Mark::Break { .. })
    }
}

/// What the numbers prove of one hand-over in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The hand-over.
    pub attempt: AttemptId,
    /// Its number, if it took one; `None`: it was never submitted.
    pub tp_mr: Option<u8>,
    /// The number last used before it.
    pub before: u8,
    /// The number last used when it was over.
    pub after: u8,
    /// The habit that bears this, or of which it is a case: [`Habit::Counts`] or [`Habit::CardCounts`].
    pub habit: Habit,
    /// Whether it shows that the habit holds, where a number was taken.
    shows: bool,
}

impl Finding {
    /// A number that was taken is a case of the habit; where none was, it may be for another reason.
    pub fn lesson(&self) -> Option<Lesson> {
        (self.tp_mr.is_some() && self.shows).then_some(Lesson {
            habit: self.habit,
            held: true,
            before: self.before,
            after: self.after,
        })
    }

    /// Whether the card says so, rather than the modem's answers.
    pub fn by_card(&self) -> bool {
        matches!(self.habit, Habit::CardCounts(_))
    }
}

/// One case of a habit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// Of which.
    pub habit: Habit,
    /// Whether it held.
    pub held: bool,
    /// The number known first.
    pub before: u8,
    /// The number known then.
    pub after: u8,
}

/// More hand-overs than this between two known numbers are not counted over: numbers begin anew after 256.
const BETWEEN_MAX: usize = 128;
/// A number that lies less than this behind another one counts as behind it, else as far ahead.
const BEHIND_MAX: u8 = 64;

/// What a trail proves of the doubts in it. Says nothing that its make's habits do not bear.
pub fn settle(trail: &[Mark], habits: &Habits) -> Vec<Finding> {
    if !habits.trusts(Habit::Steps) {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = by_answers(trail, habits);
    if habits.trusts(Habit::Card) {
        findings.extend(by_card(trail, habits));
    }
    // Where answers and card disagree, one of them is not what it was seen to be.
    let agreed =
        |found: &&Finding| findings.iter().all(|other| other.attempt != found.attempt || other.tp_mr == found.tp_mr);
    let mut agreeing: Vec<Finding> = findings.iter().filter(agreed).copied().collect();
    agreeing.sort_by_key(|finding| finding.attempt);
    agreeing.dedup_by_key(|finding| finding.attempt);
    agreeing
}

/// Between two numbers of one run. The card's stands for the first where the modem has just gone on from it.
fn by_answers(trail: &[Mark], habits: &Habits) -> Vec<Finding> {
    let resumes = habits.trusts(Habit::Card) && habits.trusts(Habit::Resumes);
    let (mut findings, mut from, mut anew) = (Vec::new(), None, false);
    for (place, mark) in trail.iter().enumerate() {
        if let Some(number) = mark.counted(&trail[place + 1..], Habit::Counts, habits) {
            if let Some((before, start)) = from {
                let gap = Gap { marks: &trail[start..place], before, after: number.wrapping_sub(1) };
                findings.extend(gap.settle(Habit::Refused, Habit::Counts, habits));
            }
            from = Some((number, place + 1));
        } else if let (Mark::Card(last), true, true) = (mark, anew, resumes) {
            from = Some((*last, place + 1));
        } else if mark.is_break() {
            from = None;
        }
        anew = mark.is_break() || (anew && !mark.may_count());
    }
    findings
}

/// From the number last known to what the card says next, over any break.
fn by_card(trail: &[Mark], habits: &Habits) -> Vec<Finding> {
    let (mut findings, mut from) = (Vec::new(), None);
    // Nothing has shown yet from where the modem counts since it was started.
    let mut unshown = true;
    for (place, mark) in trail.iter().enumerate() {
        if let Mark::Card(last) = mark {
            let start = from.map_or(0, |(_, start, _)| start);
            let marks = &trail[start..place];
            if let Some((before, _, sure)) = from {
                // What was handed over after a restart counts on from the card only on makes that do.
                let anew = marks.iter().skip_while(|mark| sure && !mark.is_break()).any(Mark::may_count);
                if !anew || habits.trusts(Habit::Resumes) {
                    let gap = Gap { marks, before, after: *last };
                    findings.extend(gap.settle(Habit::CardRefused, on_card, habits));
                }
            }
            // Where the card may have missed one, the modem may be further on: the card is none to count from.
            let broken = marks.iter().rposition(Mark::is_break);
            let run = broken.map_or(0, |place| place + 1);
            let whole = (run..marks.len()).all(|at| marks[at].is_on_card(&marks[at + 1..], habits));
            let handed = marks.iter().filter(|mark| mark.may_count()).count();
            let fits = from.is_some_and(|(before, _, _)| usize::from(last.wrapping_sub(before)) <= handed);
            if whole && (fits || broken.is_some()) {
                from = Some((*last, place + 1, !unshown));
            }
        } else if let Some(number) = mark.counted(&trail[place + 1..], on_card, habits) {
            unshown = false;
            from = Some((number, place + 1, true));
        } else if mark.is_break() {
            unshown = true;
        }
    }
    findings
}

/// What lies between two known numbers: the one last used before, and the one last used after.
struct Gap<'a> {
    marks: &'a [Mark],
    before: u8,
    after: u8,
}

impl Gap<'_> {
    fn settle(&self, refused: Habit, counts: fn(Manner) -> Habit, habits: &Habits) -> Vec<Finding> {
        let between = self.marks.iter().filter(|mark| mark.may_count()).count();
        if between > BETWEEN_MAX || self.marks.contains(&Mark::Unnumbered) {
            return Vec::new();
        }
        let used = usize::from(self.after.wrapping_sub(self.before));
        let counts_refused = habits.trusts(Habit::Refused) && habits.trusts(refused);
        let refusals = self.marks.iter().filter(|mark| **mark == Mark::Refused).count();
        let none_but = if counts_refused { refusals } else { 0 };
        if used == none_but {
            // Counting nothing but what was accepted, it would leave out what arrived and was not acknowledged.
            let bears = |found: &Finding| counts_refused && habits.trusts(found.habit);
            return self.found(counts, |_| None).filter(bears).collect();
        }
        if used != between {
            return Vec::new();
        }
        self.found(counts, |turn| Some(self.before.wrapping_add(turn))).collect()
    }

    /// The doubts among the hand-overs; `number` gives the number of the first, second and so on of these.
    fn found(&self, counts: fn(Manner) -> Habit, number: impl Fn(u8) -> Option<u8>) -> impl Iterator<Item = Finding> {
        let taking = self.marks.iter().enumerate().filter(|(_, mark)| mark.may_count());
        (1..).zip(taking).filter_map(move |(turn, (place, mark))| {
            let Mark::Doubt(attempt, own) = mark else { return None };
            let later = &self.marks[place + 1..];
            let habit = counts(ending(*own, later));
            // On the card a later number hides whether this one was ever there, and only of one that is known to have been cut
            // short can be learnt what becomes of those.
            let shows = match habit {
                Habit::CardCounts(Manner::Told) => !later.iter().any(Mark::may_count),
                Habit::CardCounts(_) => {
                    let restarted = later.iter().find(|mark| mark.is_break()) == Some(&Mark::Break { restarted: true });
                    *own == Manner::Cut && restarted && !later.iter().any(Mark::may_count)
                }
                _ => true,
            };
            let (before, after) = (self.before, self.after);
            Some(Finding { attempt: *attempt, tp_mr: number(turn), before, after, habit, shows })
        })
    }
}

/// How a hand-over ended in the light of what came after it.
fn ending(own: Manner, after: &[Mark]) -> Manner {
    match own {
        // It was over before whatever came then.
        Manner::Told => Manner::Told,
        _ if after.iter().any(Mark::is_break) => Manner::Cut,
        _ => Manner::Silent,
    }
}

/// The habit by which the card tells of a hand-over that ended so.
fn on_card(ending: Manner) -> Habit {
    match ending {
        Manner::Told => Habit::CardCounts(Manner::Told),
        Manner::Silent | Manner::Cut => Habit::CardCounts(Manner::Cut),
    }
}

/// What a trail teaches now that the mark at `place` has become known, the last or an earlier one. Each case is taught once: by
/// whichever of its two numbers became known last. What [`settle`] finds teaches too, see [`Finding::lesson`].
pub fn lessons(trail: &[Mark], place: usize) -> Vec<Lesson> {
    match trail.get(place) {
        Some(Mark::Accepted(number)) => at_answer(&trail[..place], *number),
        Some(Mark::Card(last)) => at_card(&trail[..place], *last),
        Some(Mark::Arrived(number, own)) => at_arrival(&trail[place + 1..], *number, *own),
        _ => Vec::new(),
    }
}

fn at_answer(before: &[Mark], number: u8) -> Vec<Lesson> {
    let run = before.iter().rposition(Mark::is_break).map_or(0, |place| place + 1);
    let known = before[run..].iter().rposition(|mark| mark.number().is_some()).map(|place| run + place);
    let gap: Vec<&Mark> = before[known.map_or(run, |place| place + 1)..].iter().collect();
    let hand_overs: Vec<&&Mark> = gap.iter().filter(|mark| !matches!(mark, Mark::Card(_))).collect();
    let lesson = |habit, first: u8, held| Lesson { habit, held, before: first, after: number };
    let mut lessons = Vec::new();
    match (known.map(|place| before[place]), hand_overs.len()) {
        (Some(Mark::Accepted(first)), 0) => {
            lessons.push(lesson(Habit::Steps, first, number == first.wrapping_add(1)));
        }
        (Some(Mark::Accepted(first)), refused) if hand_overs.iter().all(|mark| ***mark == Mark::Refused) => {
            let held = usize::from(number.wrapping_sub(first)) == refused + 1;
            lessons.push(lesson(Habit::Refused, first, held));
        }
        (None, 0) => {
            if let Some(Mark::Card(last)) = gap.last() {
                lessons.push(lesson(Habit::Resumes, *last, number == last.wrapping_add(1)));
            }
        }
        _ => {}
    }
    for (place, mark) in before.iter().enumerate().skip(run).rev() {
        match mark {
            Mark::Accepted(_) => break,
            Mark::Arrived(arrived, own) => lessons.extend(uncounted(*arrived, *own, &before[place + 1..], number)),
            _ => {}
        }
    }
    lessons
}

fn at_card(before: &[Mark], last: u8) -> Vec<Lesson> {
    let mut lessons = Vec::new();
    let known = before.iter().rposition(|mark| mark.number().is_some() || matches!(mark, Mark::Card(_)));
    if let Some(place) = known
        && let Mark::Accepted(first) = before[place]
    {
        let gap = &before[place + 1..];
        let lesson = |habit, held| Lesson { habit, held, before: first, after: last };
        let earlier = before[..place].iter().rev().find_map(|mark| match mark {
            Mark::Card(earlier) => Some(*earlier),
            mark => mark.number(),
        });
        if gap.iter().all(Mark::is_break) {
            // One that never changes may well be what it was before.
            if last != first || earlier.is_some_and(|earlier| earlier != first) {
                lessons.push(lesson(Habit::Card, last == first));
            }
        } else if gap.iter().all(|mark| *mark == Mark::Refused) {
            let held = usize::from(last.wrapping_sub(first)) == gap.len();
            lessons.push(lesson(Habit::CardRefused, held));
        }
    }
    for (place, mark) in before.iter().enumerate().rev() {
        match mark {
            Mark::Accepted(_) | Mark::Card(_) => break,
            Mark::Arrived(arrived, own) => lessons.extend(not_on_card(*arrived, *own, &before[place + 1..], last)),
            _ => {}
        }
    }
    lessons
}

fn at_arrival(after: &[Mark], number: u8, own: Manner) -> Vec<Lesson> {
    let mut lessons = Vec::new();
    let run = after.iter().position(Mark::is_break).unwrap_or(after.len());
    let accepted = after.iter().position(|mark| matches!(mark, Mark::Accepted(_))).unwrap_or(after.len());
    if let Some(Mark::Accepted(next)) = after[..run].get(accepted) {
        lessons.extend(uncounted(number, own, &after[..accepted], *next));
    }
    let card = after[..accepted].iter().position(|mark| matches!(mark, Mark::Card(_)));
    if let Some(place) = card
        && let Mark::Card(last) = after[place]
    {
        lessons.extend(not_on_card(number, own, &after[..place], last));
    }
    lessons
}

/// The exception that the next `+CMGS` of the run is to a habit: one that arrived is not counted by it.
fn uncounted(arrived: u8, own: Manner, between: &[Mark], next: u8) -> Option<Lesson> {
    let habit = Habit::Counts(ending(own, between));
    is_behind(next.wrapping_sub(1), arrived).then_some(Lesson { habit, held: false, before: arrived, after: next })
}

/// The exception that the card is to a habit: one that arrived is not on it.
fn not_on_card(arrived: u8, own: Manner, between: &[Mark], last: u8) -> Option<Lesson> {
    let habit = on_card(ending(own, between));
    is_behind(last, arrived).then_some(Lesson { habit, held: false, before: arrived, after: last })
}

/// Whether the number last used is one from before the message that arrived.
fn is_behind(last: u8, arrived: u8) -> bool {
    (1..BEHIND_MAX).contains(&arrived.wrapping_sub(last))
}

/// Whether the doubt at `place`, if it was submitted, may have had this number: one of those after the number last known, no
/// further on than there were hand-overs. Where no number is known before it, a report is no evidence: it may be about another
/// message to the same recipient.
pub fn expects(trail: &[Mark], place: usize, tp_mr: u8) -> bool {
    let mut later = 1;
    for mark in trail.iter().take(place).rev() {
        let known = match mark {
            Mark::Card(last) => Some(*last),
            mark => mark.number(),
        };
        if known.is_some_and(|known| (1..=later).contains(&usize::from(tp_mr.wrapping_sub(known)))) {
            return true;
        }
        later += usize::from(mark.may_count());
        if mark.number().is_some() || later > BETWEEN_MAX {
            return false;
        }
    }
    false
}
