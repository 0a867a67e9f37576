//! A SIM's hand-overs and what was read from its card, as marks by which the rules of continuity count.

use crate::model::{Doubt, RunId, SimId};
use crate::policy::Manner;
use crate::policy::continuity::Mark;
use crate::store::{AttemptRow, RunRow, Trail};

/// The marks of one make of modem, with the hand-overs they stand for.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub marks: Vec<Mark>,
    /// For each mark its hand-over, if it is one.
    pub owners: Vec<Option<AttemptRow>>,
    /// The make in whose modems all of this happened; `None`: nobody knows.
    pub make: Option<String>,
}

/// One step of a trail, before it is cut to one make.
struct Step {
    mark: Mark,
    owner: Option<AttemptRow>,
    make: Option<String>,
}

impl Marks {
    /// Everything in a trail, whatever modems it went through.
    pub fn all(trail: Trail) -> Self {
        let mut marks = Self::default();
        for step in steps(trail) {
            marks.push(step);
        }
        marks
    }

    /// What of a trail belongs together with its newest mark, or with the one of this hand-over: what happened in modems of one
    /// make without another between.
    pub fn of_one_make(trail: Trail, around: Option<crate::model::AttemptId>) -> Self {
        let steps = steps(trail);
        let wanted = |step: &Step| step.owner.as_ref().is_some_and(|owner| Some(owner.id) == around);
        let Some(place) = steps.iter().position(wanted).or(steps.len().checked_sub(1)) else { return Self::default() };
        let make = steps[place].make.clone();
        let from = steps[..place].iter().rposition(|step| step.make != make).map_or(0, |other| other + 1);
        let mut marks = Self { make: make.clone(), ..Self::default() };
        for step in steps.into_iter().skip(from).take_while(|step| step.make == make) {
            marks.push(step);
        }
        marks
    }

    fn push(&mut self, step: Step) {
        self.marks.push(step.mark);
        self.owners.push(step.owner);
    }

    /// The place of a hand-over.
    pub fn place_of(&self, attempt: crate::model::AttemptId) -> Option<usize> {
        self.owners.iter().position(|owner| owner.as_ref().is_some_and(|owner| owner.id == attempt))
    }

    /// The place of the last reading of the card.
    pub fn last_reading(&self) -> Option<usize> {
        self.marks.iter().rposition(|mark| matches!(mark, Mark::Card(_)))
    }
}

fn steps(trail: Trail) -> Vec<Step> {
    let Trail { attempts, readings, runs } = trail;
    let (mut steps, mut run, mut readings) = (Vec::new(), None, readings.into_iter().peekable());
    let make_of = |run: Option<RunId>| runs.iter().find(|row| Some(row.id) == run).map(|row| row.make.clone());
    let mut add = |steps: &mut Vec<Step>, next: Option<RunId>, mark: Mark, owner: Option<AttemptRow>| {
        let make = make_of(next);
        if !steps.is_empty() && (next.is_none() || next != run) {
            steps.push(Step {
                mark: Mark::Break { restarted: restarted(&runs, run, next) },
                owner: None,
                make: make.clone(),
            });
        }
        run = next;
        steps.push(Step { mark, owner, make });
    };
    for attempt in attempts {
        while let Some(reading) = readings.next_if(|reading| reading.after < attempt.id) {
            add(&mut steps, Some(reading.run), Mark::Card(reading.tp_mr), None);
        }
        add(&mut steps, attempt.run, mark_of(&attempt), Some(attempt.clone()));
    }
    for reading in readings {
        add(&mut steps, Some(reading.run), Mark::Card(reading.tp_mr), None);
    }
    steps
}

/// Whether a modem certainly was started anew between two runs.
fn restarted(runs: &[RunRow], from: Option<RunId>, to: Option<RunId>) -> bool {
    let (Some(from), Some(to)) = (from, to) else { return false };
    runs.iter().any(|run| from < run.id && run.id <= to && run.restarted)
}

fn mark_of(attempt: &AttemptRow) -> Mark {
    match (attempt.outcome.as_deref(), attempt.settled.as_deref(), attempt.tp_mr) {
        (Some("submitted"), _, Some(tp_mr)) => Mark::Accepted(tp_mr),
        (Some("submitted"), _, None) => Mark::Unnumbered,
        (Some("refused"), _, _) if by_network(attempt.code.as_deref()) => Mark::Refused,
        (Some("refused"), _, _) => Mark::Unclear,
        (Some("uncertain"), Some("report"), Some(tp_mr)) => Mark::Arrived(tp_mr, ending(attempt.detail.as_deref())),
        (Some("uncertain"), _, Some(tp_mr)) => Mark::Placed(tp_mr),
        // It may have taken a number all the same, where the card shows that it never left.
        (Some("uncertain"), Some("never_left"), None) => Mark::Unclear,
        (Some("uncertain"), _, None) => Mark::Doubt(attempt.id, ending(attempt.detail.as_deref())),
        _ => Mark::Withdrawn,
    }
}

/// Below 256 it is the network that refuses (24.011 Annex E-2, 23.040 §9.2.3.22), from there on the modem itself.
pub(super) fn by_network(code: Option<&str>) -> bool {
    let number = code.and_then(|code| code.strip_prefix("+CMS ERROR: "));
    number.and_then(|number| number.parse::<u16>().ok()).is_some_and(|number| number < 256)
}

/// How a doubt ended by its stored name.
fn ending(doubt: Option<&str>) -> Manner {
    match Doubt::ALL.into_iter().find(|known| Some(known.name()) == doubt) {
        Some(Doubt::NetworkTimeout) => Manner::Told,
        Some(Doubt::PortGone | Doubt::Rebooted) => Manner::Cut,
        Some(Doubt::Silence | Doubt::DaemonStopped) | None => Manner::Silent,
    }
}

/// How far back and ahead a trail is looked at, in hand-overs.
pub(super) const LOOK_BACK: usize = 64;

impl super::Engine {
    /// What is known of a SIM's numbers around a hand-over, or up to now.
    pub(super) fn trail(
        &self,
        sim: SimId,
        around: Option<crate::model::AttemptId>,
    ) -> Result<Trail, crate::store::StoreError> {
        self.store.trail(sim, around, LOOK_BACK)
    }
}
