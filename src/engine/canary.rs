//! Large jobs send a few messages ahead and wait for their reports before the rest follows.

use super::event::Act;
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, Class, JobId, JobState, MessageId, State, Timestamp};
use crate::policy::{Ahead, CanaryVerdict};
use crate::store::{AheadRow, CanaryState, EventRow, StoreError};

impl Engine {
    /// Which messages of a new job go ahead, by their ids, the first and the last; `messages` are all of its own in the file's order.
    pub(super) fn ahead_of(
        &self,
        class: Class,
        messages: impl ExactSizeIterator<Item = MessageId>,
    ) -> Option<(MessageId, MessageId)> {
        let rule = self.rules.canary.as_ref()?;
        let (all, few) = (messages.len(), rule.messages as usize);
        if all < rule.from as usize || all <= few || (class == Class::Emergency && !rule.emergencies) {
            return None;
        }
        let mut messages = messages.take(few);
        let first = messages.next()?;
        Some((first, messages.last().unwrap_or(first)))
    }

    /// After a start: jobs whose first messages are out. Where nobody is tried any more, the rest follows.
    pub(super) fn take_up_canaries(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for job in self.store.canaries_out()? {
            if self.rules.canary.is_some() {
                self.canaries.insert(job, Some(now));
            } else {
                self.let_follow(job, "jobs are not tried any more", now)?;
            }
        }
        Ok(())
    }

    /// Judges the jobs whose first messages are out, where something changed or their time has come. Gives the time of the next call
    /// that is needed.
    pub(super) fn judge_canaries(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let Some(rule) = self.rules.canary.clone() else { return Ok(None) };
        let changed = |(job, due): (&JobId, &Option<Timestamp>)| {
            let now = due.is_some_and(|due| due <= now) || self.touched.contains(job);
            now.then_some(*job)
        };
        let jobs: Vec<JobId> = self.canaries.iter().filter_map(changed).collect();
        for job in jobs {
            if self.queue.lane(job).is_none() {
                self.canaries.remove(&job);
                continue;
            }
            let ahead = ahead(&self.store.ahead(job)?);
            match rule.judge(&ahead, now) {
                CanaryVerdict::Wait(due) => drop(self.canaries.insert(job, due)),
                CanaryVerdict::Pass => self.let_follow(job, &told(&ahead), now)?,
                CanaryVerdict::CannotTell => {
                    let why =
                        format!("too few of them can tell, since their modems hand no reports on: {}", told(&ahead));
                    self.let_follow(job, &why, now)?;
                }
                CanaryVerdict::Fail => self.hold_rest(job, &ahead, now)?,
            }
        }
        Ok(self.canaries.values().flatten().min().copied())
    }

    fn let_follow(&mut self, job: JobId, why: &str, now: Timestamp) -> Result<(), StoreError> {
        self.canaries.remove(&job);
        self.store.decide_canary(job, CanaryState::Passed, now)?;
        self.queue.let_follow(job);
        self.record(EventRow { kind: "canary_passed", job: Some(job), detail: why, ..ENGINE }, now)
    }

    /// Too few arrived: the rest waits for a person.
    fn hold_rest(&mut self, job: JobId, ahead: &Ahead, now: Timestamp) -> Result<(), StoreError> {
        self.canaries.remove(&job);
        self.store.decide_canary(job, CanaryState::Failed, now)?;
        let why = format!("{}; the rest waits for: kentongan job resume {job}", told(ahead));
        if self.store.move_job(job, JobState::Active, JobState::Paused, now)? {
            self.release_where(|held| held.job == job);
            self.queue.pause_job(job, true);
        }
        self.touched.insert(job);
        self.record(EventRow { kind: "job_paused", job: Some(job), detail: &why, ..ENGINE }, now)?;
        self.raise(AlarmKind::CanaryFailed, &named(job), &why, now).map(drop)
    }

    /// A person lets a job go on: what its first messages said does not hold it any more.
    pub(super) fn overrule_canary(&mut self, job: JobId, act: &Act, now: Timestamp) -> Result<(), StoreError> {
        if !self.store.overrule_canary(job, now)? {
            return Ok(());
        }
        self.queue.let_follow(job);
        self.clear(AlarmKind::CanaryFailed, &named(job), now)?;
        let event =
            EventRow { actor: &act.actor, kind: "canary_overruled", job: Some(job), detail: &act.reason, ..ENGINE };
        self.record(event, now)
    }

    /// A job has ended: nobody needs to look at it any more.
    pub(super) fn forget_canary(&mut self, job: JobId, now: Timestamp) -> Result<(), StoreError> {
        self.canaries.remove(&job);
        self.clear(AlarmKind::CanaryFailed, &named(job), now)
    }
}

fn named(job: JobId) -> String {
    format!("job {job}")
}

fn ahead(rows: &[AheadRow]) -> Ahead {
    let mut ahead = Ahead::default();
    for row in rows {
        match row.state {
            State::Delivered => ahead.delivered += 1,
            State::Failed => ahead.failed += 1,
            State::Submitted | State::Unreported if !row.awaits_report => ahead.mute += 1,
            State::Submitted | State::Unreported | State::InDoubt => ahead.silent += 1,
            State::Queued | State::Sending => ahead.pending += 1,
            State::Expired | State::Suppressed | State::Cancelled => ahead.mute += 1,
        }
        if !matches!(row.state, State::Queued | State::Sending) {
            ahead.last_at = ahead.last_at.max(row.closed_at);
        }
    }
    ahead
}

fn told(ahead: &Ahead) -> String {
    let Ahead { delivered, failed, silent, pending, mute, .. } = ahead;
    let all = delivered + failed + silent + pending + mute;
    format!(
        "of the first {all} messages {delivered} arrived, {failed} failed, {} brought no report",
        silent + pending + mute
    )
}
