//! Doubts settled by the numbers of messages: what modems are seen to do is learnt, what follows from it is put on record.
//!
//! The rules are in [`crate::policy::continuity`]; here they are asked whenever a number becomes known, and heeded. In the common
//! case, one message accepted after the other, nothing is read and nothing is written.

use std::collections::BTreeMap;

use super::event::{ModemOrder, Order};
use super::station::{CardFile, Run};
use super::trail::{Marks, by_network};
use super::{ENGINE, Engine};
use crate::model::{AttemptId, ModemIdentity, ModemName, Outcome, RunId, SimId, Timestamp};
use crate::policy::continuity::{self, Finding, Lesson, Mark};
use crate::policy::{Habit, Habits, Learnt, Seen};
use crate::store::{AttemptRow, EventRow, StoreError};

/// What the engine keeps in mind of the numbers of messages.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    habits: BTreeMap<String, Habits>,
    tails: BTreeMap<SimId, Tail>,
}

/// The end of a SIM's trail.
#[derive(Clone, Copy, Debug)]
struct Tail {
    run: Option<RunId>,
    last: Last,
    /// The card was read after it.
    read: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// Accepted with this number.
    Accepted(u8),
    /// Refused by the network, and before that accepted.
    Refused,
    /// In doubt, and maybe others after it.
    Doubtful,
    Other,
}

impl Engine {
    /// The make of a modem, with what is known of it at hand.
    pub(super) fn know_make(&mut self, modem: &ModemIdentity) -> Result<String, StoreError> {
        let named = format!("{} {} {}", modem.manufacturer, modem.model, modem.revision).trim().to_owned();
        let make = if named.is_empty() { "unknown make".to_owned() } else { named };
        if !self.evidence.habits.contains_key(&make) {
            let rows = self.store.habits(&make)?.into_iter();
            let habits = Habits::stored(rows.map(|(name, held, broken)| (name, Seen { held, broken })));
            self.evidence.habits.insert(make.clone(), habits);
        }
        Ok(make)
    }

    fn trusts(&self, make: &str, habit: Habit) -> bool {
        self.evidence.habits.get(make).is_some_and(|habits| habits.trusts(habit))
    }

    /// Whether a modem has stayed on since it was last set up: then its numbers go on where they were. One that forgets its echo
    /// setting in a restart, and has not forgotten it, was not restarted.
    pub(super) fn lined_up(
        &mut self,
        modem: &ModemName,
        echoed: bool,
        restarted: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(station) = self.stations.get(modem) else { return Ok(()) };
        let (sim, make) = (station.sim, station.make.clone());
        let last = self.store.last_run(sim)?;
        let same = last.filter(|last| last.modem == *modem && last.make == make && last.imei == station.imei);
        if restarted || (echoed && same.is_some()) {
            self.learn(&make, Lesson { habit: Habit::Echo, held: echoed, before: 0, after: 0 }, sim, now)?;
        }
        let stayed = same.as_ref().filter(|_| !echoed && !restarted && self.trusts(&make, Habit::Echo));
        let run = match stayed {
            Some(run) => Run::Kept(run.id),
            None => Run::New { restarted: restarted || (echoed && same.is_some()) },
        };
        self.stations.get_mut(modem).expect("it was just looked up").run = run;
        Ok(())
    }

    /// The run of a connected modem, entered in the ledger when it is first needed.
    pub(super) fn run_of(&mut self, modem: &ModemName, now: Timestamp) -> Result<RunId, StoreError> {
        let station = self.stations.get_mut(modem).expect("only a connected modem has a run");
        if let Run::New { restarted } = station.run {
            let run =
                self.store.begin_run(station.sim, modem, station.imei.as_deref(), &station.make, restarted, now)?;
            station.run = Run::Kept(run);
        }
        let Run::Kept(run) = station.run else { unreachable!("it was just entered") };
        Ok(run)
    }

    /// EF_SMSS was read, or cannot be.
    pub(super) fn last_used(&mut self, modem: &ModemName, tp_mr: Option<u8>, now: Timestamp) -> Result<(), StoreError> {
        let Some(station) = self.stations.get_mut(modem) else { return Ok(()) };
        let sim = station.sim;
        station.card = if tp_mr.is_some() { CardFile::Open } else { CardFile::Closed };
        let Some(tp_mr) = tp_mr else { return Ok(()) };
        let run = self.run_of(modem, now)?;
        self.store.note_reading(sim, run, tp_mr, now)?;
        let tail = self.evidence.tails.entry(sim).or_insert(Tail { run: None, last: Last::Other, read: false });
        if tail.run != Some(run) {
            *tail = Tail { run: Some(run), last: Last::Other, read: true };
        }
        tail.read = true;
        self.weigh_numbers(sim, None, now)
    }

    /// Asks idle modems for EF_SMSS where it may settle a doubt at once, or has yet to be seen to follow.
    pub(super) fn ask_cards(&mut self) {
        for (modem, station) in &mut self.stations {
            let idle = station.ready
                && station.card == CardFile::Open
                && station.on_air.is_none()
                && station.reserved.is_none()
                && station.current.is_none();
            if !idle {
                continue;
            }
            let (Some(tail), Some(habits)) =
                (self.evidence.tails.get(&station.sim), self.evidence.habits.get(&station.make))
            else {
                continue;
            };
            let wanted = !tail.read
                && match tail.last {
                    Last::Accepted(_) => habits.is_open(Habit::Card),
                    Last::Refused => habits.is_open(Habit::CardRefused),
                    Last::Doubtful => habits.trusts(Habit::Card),
                    Last::Other => false,
                };
            if wanted {
                station.card = CardFile::Asked;
                self.orders.push(Order::Modem(modem.clone(), ModemOrder::ReadLastUsed));
            }
        }
    }

    /// A hand-over has ended: its number, if it has one, may tell something of those before it.
    pub(super) fn follow_number(
        &mut self,
        attempt: &AttemptRow,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = self.evidence.tails.get(&attempt.sim).copied();
        let before = before.filter(|tail| tail.run == attempt.run).map(|tail| tail.last);
        let last = match (outcome, before) {
            (Outcome::Submitted { tp_mr: Some(tp_mr) }, _) => Last::Accepted(*tp_mr),
            (Outcome::Submitted { tp_mr: None }, _) => Last::Other,
            (Outcome::Uncertain(_), _) | (_, Some(Last::Doubtful)) => Last::Doubtful,
            (Outcome::Refused { code, .. }, Some(Last::Accepted(_) | Last::Refused))
                if by_network(Some(&code.to_string())) =>
            {
                Last::Refused
            }
            (Outcome::Refused { .. } | Outcome::NotSent(_), _) => Last::Other,
        };
        self.evidence.tails.insert(attempt.sim, Tail { run: attempt.run, last, read: false });
        match (before, last) {
            (Some(Last::Accepted(first)), Last::Accepted(tp_mr)) => self.step(attempt.sim, first, tp_mr, now),
            (_, Last::Accepted(_)) => self.weigh_numbers(attempt.sim, Some(attempt.id), now),
            _ => Ok(()),
        }
    }

    /// One message was accepted right after another: the common case, in which a make that is known to count teaches nothing.
    fn step(&mut self, sim: SimId, first: u8, tp_mr: u8, now: Timestamp) -> Result<(), StoreError> {
        let station = self.sims.get(&sim).and_then(|book| self.stations.get(&book.modem));
        let Some(make) = station.map(|station| &station.make) else { return Ok(()) };
        if tp_mr == first.wrapping_add(1) && self.trusts(make, Habit::Steps) {
            return Ok(());
        }
        let make = make.clone();
        for lesson in continuity::lessons(&[Mark::Accepted(first), Mark::Accepted(tp_mr)], 1) {
            self.learn(&make, lesson, sim, now)?;
        }
        Ok(())
    }

    /// The number of this hand-over has become known (`None`: that on the card): learns from it, and settles what it settles.
    pub(super) fn weigh_numbers(
        &mut self,
        sim: SimId,
        around: Option<AttemptId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let trail = Marks::of_one_make(self.trail(sim, around)?, around);
        let Some(make) = trail.make.clone() else { return Ok(()) };
        let known = around.map_or_else(|| trail.last_reading(), |attempt| trail.place_of(attempt));
        for lesson in known.into_iter().flat_map(|place| continuity::lessons(&trail.marks, place)) {
            self.learn(&make, lesson, sim, now)?;
        }
        let findings = match self.evidence.habits.get(&make) {
            Some(habits) => continuity::settle(&trail.marks, habits),
            None => return Ok(()),
        };
        for finding in &findings {
            let place = trail.place_of(finding.attempt).expect("what is found is in the trail");
            let attempt = trail.owners[place].as_ref().expect("it is a hand-over");
            self.heed(attempt, finding, &make, now)?;
        }
        // What has become clear of some may make clear which of the others an early report is about.
        let left = trail.marks.iter().zip(&trail.owners).filter(|(mark, _)| matches!(mark, Mark::Doubt(..)));
        for attempt in left.filter_map(|(_, owner)| owner.as_ref()).filter(|_| !findings.is_empty()) {
            if attempt.settled.is_none() && findings.iter().all(|finding| finding.attempt != attempt.id) {
                self.adopt_evidence(attempt, now)?;
            }
        }
        Ok(())
    }

    fn heed(&mut self, attempt: &AttemptRow, finding: &Finding, make: &str, now: Timestamp) -> Result<(), StoreError> {
        let (before, after) = (finding.before, finding.after);
        let numbers = if finding.by_card() {
            format!("TP-MR {before} was the last before it, and EF_SMSS says {after}")
        } else {
            format!("TP-MR {before} was the last before it, and {} came next", after.wrapping_add(1))
        };
        let Some(tp_mr) = finding.tp_mr else {
            let detail = format!("{numbers}: none is left for it, so it was never submitted");
            return self.settle_never_left(attempt, &detail, now);
        };
        if !self.store.place(attempt.id, tp_mr)? {
            return Ok(());
        }
        let detail = format!("{numbers}: it was submitted as {tp_mr}; whether it arrived a report can say");
        self.doubt_event("tp_mr_found", attempt, &detail, "engine", now)?;
        if let Some(lesson) = finding.lesson() {
            self.learn(make, lesson, attempt.sim, now)?;
        }
        self.adopt_early_reports(attempt, tp_mr, now)
    }

    /// It turns out that a message arrived of which the numbers had said that it was never submitted: they are not trusted again
    /// before much more has been seen.
    pub(super) fn refute(
        &mut self,
        attempt: &AttemptRow,
        tp_mr: u8,
        how: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.store.place(attempt.id, tp_mr)? {
            return Ok(());
        }
        let detail = format!("{how} and names TP-MR {tp_mr}: it was submitted after all");
        self.doubt_event("never_left_refuted", attempt, &detail, "engine", now)?;
        let make = Marks::of_one_make(self.trail(attempt.sim, Some(attempt.id))?, Some(attempt.id)).make;
        let Some(make) = make else { return Ok(()) };
        for habit in Habit::ALL.into_iter().filter(|habit| matches!(habit, Habit::Counts(_) | Habit::CardCounts(_))) {
            self.learn(&make, Lesson { habit, held: false, before: tp_mr, after: tp_mr }, attempt.sim, now)?;
        }
        Ok(())
    }

    /// Whether a doubt may have had this number.
    pub(super) fn expects(&self, attempt: &AttemptRow, tp_mr: u8) -> Result<bool, StoreError> {
        let trail = Marks::all(self.trail(attempt.sim, Some(attempt.id))?);
        let place = trail.place_of(attempt.id);
        Ok(place.is_some_and(|place| continuity::expects(&trail.marks, place, tp_mr)))
    }

    fn learn(&mut self, make: &str, lesson: Lesson, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        let Lesson { habit, held, before, after } = lesson;
        let habits = self.evidence.habits.entry(make.to_owned()).or_default();
        let learnt = habits.learn(habit, held);
        let (seen, trusted) = (habits.seen(habit), habits.trusts(habit));
        if learnt == Learnt::Nothing {
            return Ok(());
        }
        self.store.set_habit(make, habit.name(), seen.held, seen.broken, trusted)?;
        let (kind, detail) = match learnt {
            Learnt::Trusted => ("habit_trusted", format!("{make}: {}: seen {} times", habit.says(), seen.held)),
            Learnt::Broken => {
                let place = match habit {
                    Habit::Echo => "not this time".to_owned(),
                    _ => format!("not so at TP-MR {before} and {after}"),
                };
                ("habit_broken", format!("{make}: {}: {place}; exception {}", habit.says(), seen.broken))
            }
            Learnt::Counted | Learnt::Nothing => return Ok(()),
        };
        tracing::info!(kind, detail, "TP-MR");
        self.record(EventRow { kind, sim: Some(sim), detail: &detail, ..ENGINE }, now)
    }
}
