//! After a long stop: what is old waits for a person, on record and as an alarm, over as many restarts as it takes.
//!
//! The rule is [`RestartGate`](crate::policy::RestartGate). A held job is a paused one with a reason of its own, so that whatever holds for
//! paused jobs holds for it: its time runs on, it can be resumed and cancelled.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Act, Event, IntakeId};
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, Class, JobId, JobState, SignedDuration, Timestamp};
use crate::store::{EventRow, StoreError};

/// How often the ledger is told that the daemon is at work: how exactly a stop is measured.
const BEAT: SignedDuration = SignedDuration::from_mins(1);
/// What the alarm is about.
const SUBJECT: &str = "backlog";

/// What is kept in mind of stops.
#[derive(Debug, Default)]
pub(super) struct Restart {
    /// The last beat on record.
    alive: Option<Timestamp>,
    /// The start after the last long stop.
    resumed_at: Option<Timestamp>,
    /// Jobs that wait for a person.
    held: BTreeSet<JobId>,
    /// Those of them that wait because a backup was put back.
    restored: BTreeSet<JobId>,
    /// Files that lay in the queue over a long stop, and since when.
    dropped: BTreeMap<IntakeId, Timestamp>,
}

impl Engine {
    /// At the start: was the stop a long one, and what waits because of it? The jobs are in the queue already.
    pub(super) fn judge_stop(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.restart.held = self.store.held_jobs()?.into_iter().collect();
        self.restart.restored = self.store.restored_jobs()?.into_iter().collect();
        let Some((alive, resumed_at)) = self.store.heartbeat()? else { return Ok(()) };
        (self.restart.alive, self.restart.resumed_at) = (Some(alive), resumed_at);
        if self.rules.restart.is_long(alive, now) {
            for old in self.store.backlog()? {
                let since = self.could_go_since(old.class, &old.unit, old.since);
                if self.rules.restart.holds(old.class, since, now)
                    && self.store.move_job(old.job, JobState::Active, JobState::Paused, now)?
                {
                    self.leave_for_person(old.job, since, now)?;
                }
            }
            // From here on the stop is dealt with: what a person lets go now goes, whatever restarts the daemon.
            self.store.beat_again(now)?;
            (self.restart.alive, self.restart.resumed_at) = (Some(now), Some(now));
        }
        self.show_held(now)
    }

    /// Notes that the daemon is at work. An act alone is no sign of it: a command does those itself while no daemon runs.
    pub(super) fn beat(&mut self, event: &Event, now: Timestamp) -> Result<(), StoreError> {
        let alive = self.restart.alive;
        let fresh = alive.is_some_and(|alive| alive <= now && now.duration_since(alive) < BEAT);
        if fresh || matches!(event, Event::Act(_)) {
            return Ok(());
        }
        self.restart.alive = Some(now);
        self.store.beat(now)
    }

    /// A file lay in the queue since then. It matters only if a long stop has passed over it.
    pub(super) fn lay_waiting(&mut self, intake: IntakeId, since: Timestamp) {
        if self.restart.resumed_at.is_some_and(|resumed| since < resumed) {
            self.restart.dropped.insert(intake, since);
        }
    }

    /// Since when the file of this intake waited over a long stop; asked once.
    pub(super) fn waited_since(&mut self, intake: IntakeId) -> Option<Timestamp> {
        self.restart.dropped.remove(&intake)
    }

    /// The state in which a job is accepted whose file waited over a long stop since then.
    pub(super) fn first_state(&self, class: Class, waited: Option<Timestamp>, now: Timestamp) -> JobState {
        match waited {
            Some(since) if self.rules.restart.holds(class, since, now) => JobState::Paused,
            _ => JobState::Active,
        }
    }

    /// A paused job waits for a person from now on.
    pub(super) fn leave_for_person(&mut self, job: JobId, since: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let hours = now.duration_since(since).as_hours();
        let reason = format!(
            "it could have gone out {hours} h ago and the daemon was stopped for long meanwhile; is it still wanted?"
        );
        self.queue.pause_job(job, true);
        self.store.hold_job(job, &reason, now)?;
        self.restart.held.insert(job);
        self.record(EventRow { kind: "job_held", job: Some(job), detail: &reason, ..ENGINE }, now)
    }

    /// Lets those go that were resumed, were cancelled, or have ended, and keeps the alarm true.
    pub(super) fn watch_held(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let queue = &self.queue;
        let gone: Vec<JobId> = (self.restart.held.iter().copied())
            .filter(|job| queue.lane(*job).is_none_or(|lane| !lane.paused))
            .collect();
        for job in &gone {
            self.restart.held.remove(job);
            self.restart.restored.remove(job);
            self.store.unhold_job(*job)?;
        }
        if gone.is_empty() { Ok(()) } else { self.show_held(now) }
    }

    pub(super) fn show_held(&mut self, now: Timestamp) -> Result<(), StoreError> {
        match self.restart.held.len() {
            0 => self.clear(AlarmKind::BacklogWaits, SUBJECT, now),
            count if !self.restart.restored.is_empty() => {
                let detail = format!(
                    "{count} job(s) wait for a person since a backup was put back: kentongan jobs, then kentongan job resume N or kentongan job cancel N, each by itself"
                );
                self.raise(AlarmKind::BacklogWaits, SUBJECT, &detail, now).map(drop)
            }
            count => {
                let detail = format!(
                    "{count} job(s) wait for a person after a long stop: kentongan jobs, then kentongan job resume N, or kentongan resume --held"
                );
                self.raise(AlarmKind::BacklogWaits, SUBJECT, &detail, now).map(drop)
            }
        }
    }

    /// A person lets go everything that a long stop has left. What waits because a backup was put back may have been sent already: each
    /// of those is let go by itself.
    pub(super) fn resume_held(&mut self, act: &Act, now: Timestamp) -> Result<Result<String, String>, StoreError> {
        let held: Vec<JobId> = self.restart.held.difference(&self.restart.restored).copied().collect();
        if held.is_empty() && !self.restart.restored.is_empty() {
            let count = self.restart.restored.len();
            return Ok(Err(format!(
                "{count} job(s) wait because a backup was put back; look at each, then kentongan job resume N or kentongan job cancel N"
            )));
        }
        if held.is_empty() {
            return Ok(Err("no job waits because of a long stop".to_owned()));
        }
        for job in &held {
            if self.store.move_job(*job, JobState::Paused, JobState::Active, now)? {
                self.queue.pause_job(*job, false);
                let event =
                    EventRow { actor: &act.actor, kind: "job_resumed", job: Some(*job), detail: &act.reason, ..ENGINE };
                self.record(event, now)?;
            }
        }
        Ok(Ok(format!("{} job(s) go on that waited after a long stop", held.len())))
    }
}
