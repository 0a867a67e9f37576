//! The one place that asks whether a job may go now, beside its own time and what people paused: quiet hours, moratoria, a second
//! person, its unit's quota.
//!
//! Judged is each lane, when something changes: a boundary of the calendar passes, a moratorium is entered, a job approved, a quota used
//! up. In between a lane only carries the answer, so that a hand-over costs nothing more; and the engine asks to be woken at the next
//! boundary.

use std::collections::BTreeSet;

use super::event::Refusal;
use super::lane::Lane;
use super::quota::Quotas;
use super::{Engine, Rules};
use crate::model::{Class, JobHeader, JobId, Timestamp, WaitKind};
use crate::policy::{Calendar, Closed, Moratorium, Opening};
use crate::store::{MoratoriumView, StoreError, WaitRow, classes_of, names_of};

/// What is kept in mind of hours.
#[derive(Debug, Default)]
pub(super) struct Hours {
    /// Moratoria that people entered, those that are over too: what could have gone out when is asked after a stop.
    pub entered: Vec<Moratorium>,
    /// When the lanes were judged, and until when that holds; `None`: they are to be judged anew.
    judged: Option<(Timestamp, Timestamp)>,
    /// What units have sent today.
    pub quotas: Quotas,
}

/// Why a lane sends nothing now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shut {
    pub kind: WaitKind,
    pub reason: String,
    /// When it opens by itself, where that is known.
    pub until: Option<Timestamp>,
}

impl Hours {
    /// Something changed that no boundary announces.
    pub fn judge_again(&mut self) {
        self.judged = None;
    }

    /// What holds a lane, and until when this answer is good.
    fn judge(&self, rules: &Rules, lane: &Lane, now: Timestamp) -> (Option<Shut>, Timestamp) {
        if !lane.kind.is_a_units() {
            return (None, Timestamp::MAX);
        }
        if let Some(why) = &lane.approval {
            let shut = Shut { kind: WaitKind::Approval, reason: why.clone(), until: None };
            return (Some(shut), Timestamp::MAX);
        }
        let begins = now.max(lane.not_before);
        let early = begins > now;
        let (shut, changes) = match rules.calendar.at(lane.class, &lane.unit, &self.entered, begins) {
            Opening::Shut { opens, changes, why } => {
                let (kind, reason) = told(lane.class, why);
                (Shut { kind, reason, until: opens }, changes)
            }
            Opening::Open { until } => match self.quotas.next_day(rules, &lane.unit, lane.class, begins) {
                None if early => {
                    (Shut { kind: WaitKind::NotBefore, reason: String::new(), until: Some(begins) }, begins)
                }
                None => return (None, until),
                Some((reason, tomorrow)) => {
                    let opens = rules.calendar.opens(lane.class, &lane.unit, &self.entered, tomorrow);
                    // By then others may have been taken back.
                    let reason = if early { String::new() } else { reason };
                    (Shut { kind: WaitKind::Quota, reason, until: opens }, tomorrow)
                }
            },
        };
        match early {
            // Until its own time it waits for nothing else; what would hold it then is the reason why it is later still.
            true => (Some(Shut { kind: WaitKind::NotBefore, ..shut }), changes.min(begins)),
            false => (Some(shut), changes),
        }
    }
}

/// Moratoria as the rules know them, of those that people entered; without those that were ended before they began.
pub fn entered(views: Vec<MoratoriumView>) -> Vec<Moratorium> {
    let known = |view: MoratoriumView| Moratorium {
        from: view.from,
        until: view.until,
        // A CHECK cannot see into a list; a word that is none was put there by hand, and then all classes are meant.
        classes: classes_of(&view.classes).unwrap_or_default(),
        units: names_of(&view.units).map(str::to_owned).collect(),
        reason: view.reason,
    };
    views.into_iter().map(known).filter(|moratorium| moratorium.from < moratorium.until).collect()
}

/// Why a job that may go from `begins` on would wait then: the kind, a sentence, and when it opens. `None`: it would not.
pub fn shut_at(
    calendar: &Calendar,
    entered: &[Moratorium],
    header: &JobHeader,
    begins: Timestamp,
) -> Option<(WaitKind, String, Option<Timestamp>)> {
    let Opening::Shut { opens, why, .. } = calendar.at(header.class, &header.unit, entered, begins) else {
        return None;
    };
    let (kind, reason) = told(header.class, why);
    Some((kind, reason, opens))
}

/// Why a job would only wait until its time is over; `None`: it may go before that.
pub fn never_opens(
    calendar: &Calendar,
    entered: &[Moratorium],
    header: &JobHeader,
    begins: Timestamp,
    expires_at: Timestamp,
) -> Option<Refusal> {
    let Opening::Shut { opens, why, .. } = calendar.at(header.class, &header.unit, entered, begins) else {
        return None;
    };
    let (kind, _) = told(header.class, why.clone());
    let reason = if let Closed::Moratorium(reason) = why { reason } else { String::new() };
    opens.is_none_or(|opens| opens >= expires_at).then_some(Refusal::NeverOpens { kind, reason, opens, expires_at })
}

/// The kind of a reason of the calendar, and the sentence for people.
fn told(class: Class, why: Closed) -> (WaitKind, String) {
    match why {
        Closed::QuietHour => (WaitKind::QuietHours, format!("quiet hours of class {class}")),
        Closed::QuietDay => (WaitKind::QuietHours, format!("class {class} is not sent on this day")),
        Closed::Moratorium(reason) => (WaitKind::Moratorium, format!("moratorium: {reason}")),
    }
}

impl Engine {
    /// At the start: what people entered. The lanes are judged by [`Self::keep_hours`].
    pub(super) fn take_up_moratoria(&mut self) -> Result<(), StoreError> {
        self.hours.entered = entered(self.store.moratoria()?);
        self.hours.judge_again();
        Ok(())
    }

    /// At the start, when every lane is there: notes of jobs that wait no more are removed.
    pub(super) fn take_up_waits(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.keep_hours(now)?;
        for job in self.store.job_waits()? {
            if self.queue.lane(job).is_none_or(|lane| lane.shut.is_none()) {
                self.store.clear_wait(job)?;
            }
        }
        Ok(())
    }

    /// Judges the lanes anew, where the last judgement does not hold any more, and takes back what stands reserved of those that shut.
    pub(super) fn keep_hours(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.hours.judged.is_some_and(|(from, until)| from <= now && now < until) {
            return Ok(());
        }
        let mut holds_until = self.count_day(now)?;
        let Self { queue, rules, hours, .. } = self;
        let mut changed: Vec<JobId> = Vec::new();
        for lane in queue.lanes_mut() {
            let (shut, until) = hours.judge(rules, lane, now);
            holds_until = holds_until.min(until);
            if lane.shut != shut {
                changed.push(lane.job);
                lane.shut = shut;
            }
        }
        hours.judged = Some((now, holds_until));
        for job in &changed {
            self.note_wait(*job, now)?;
        }
        if !changed.is_empty() {
            self.lookout.look_again();
            let shut: BTreeSet<JobId> = changed.into_iter().filter(|job| !self.queue.may_send(*job, now)).collect();
            self.release_where(|held| shut.contains(&held.job));
        }
        Ok(())
    }

    /// Judges one lane that is new.
    pub(super) fn judge_new(&mut self, job: JobId, now: Timestamp) -> Result<(), StoreError> {
        let Self { queue, rules, hours, .. } = self;
        let Some(lane) = queue.lane_mut(job) else { return Ok(()) };
        let (shut, until) = hours.judge(rules, lane, now);
        lane.shut = shut;
        if let Some((_, holds_until)) = &mut hours.judged {
            *holds_until = until.min(*holds_until);
        }
        self.lookout.look_again();
        self.note_wait(job, now)
    }

    /// Brings the note of why a job waits up to what its lane says.
    fn note_wait(&mut self, job: JobId, now: Timestamp) -> Result<(), StoreError> {
        let lane = self.queue.lane(job);
        match lane.and_then(|lane| Some((lane.shut.as_ref()?, lane.expires_at))) {
            None => self.store.clear_wait(job)?,
            Some((Shut { kind, reason, until }, expires_at)) => {
                let mut reason = reason.clone();
                if *kind == WaitKind::Quota {
                    reason = format!("{reason}; {} recipient(s) are left", self.store.queued_messages(job)?);
                }
                if *kind != WaitKind::Approval && until.is_none_or(|until| until >= expires_at) {
                    reason = format!("{reason}; its time is over before that");
                }
                self.store.set_wait(job, &WaitRow { kind: *kind, reason: &reason, until: *until }, now)?;
            }
        }
        self.touched.insert(job);
        Ok(())
    }

    /// A job leaves the queue: done, expired or taken back.
    pub(super) fn leave_queue(&mut self, job: JobId) -> Result<(), StoreError> {
        if self.queue.lane(job).is_some_and(|lane| lane.shut.is_some()) {
            self.store.clear_wait(job)?;
        }
        self.queue.remove(job);
        Ok(())
    }

    /// When the lanes are to be judged again; `None` without a lane that could change.
    pub(super) fn next_boundary(&self) -> Option<Timestamp> {
        let (_, until) = self.hours.judged?;
        (until < Timestamp::MAX && self.queue.has_units_jobs()).then_some(until)
    }

    /// From when on something could have gone out that was ready at `since`.
    pub(super) fn could_go_since(&self, class: Class, unit: &str, since: Timestamp) -> Timestamp {
        self.rules.calendar.opens(class, unit, &self.hours.entered, since).unwrap_or(Timestamp::MAX)
    }
}
