//! Jobs that wait for a second person, and what that person says.

use super::event::Act;
use super::{ENGINE, Engine};
use crate::model::{JobHeader, JobId, Timestamp};
use crate::policy::{Approval, Needs, UnitRules};
use crate::store::{EventRow, StoreError};

/// What is said to a second person who gives no reason: the record must tell an auditor what was looked at.
const UNSAID: &str = "say why, for the record: what was looked at, and who agreed";

/// Why a job for so many people waits for a second person; `None`: it does not.
pub fn second_person(
    rule: Approval,
    unit: Option<&UnitRules>,
    header: &JobHeader,
    people: u64,
    job: Option<JobId>,
) -> Option<String> {
    // Before it is accepted a job has no number.
    let job = job.map_or("N".to_owned(), |job| job.to_string());
    Some(match rule.needs(header.class, unit, people)? {
        Needs::Size(above) => format!(
            "it goes to {people} people, more than {above}: a second person must agree: kentongan job approve {job}"
        ),
        Needs::Unit => {
            format!("every job of unit {} waits for a second person: kentongan job approve {job}", header.unit)
        }
    })
}

impl Engine {
    /// Asks for a second person, where a new job needs one. Its time runs on while it waits.
    pub(super) fn ask_second(
        &mut self,
        job: JobId,
        header: &JobHeader,
        people: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let unit = self.rules.units.get(&header.unit);
        let Some(why) = second_person(self.rules.approval, unit, header, people, Some(job)) else { return Ok(()) };
        self.store.ask_approval(job, &header.owner, &why, now)?;
        self.record(EventRow { kind: "approval_asked", job: Some(job), detail: &why, ..ENGINE }, now)
    }

    /// A second person lets a job go.
    pub(super) fn approve(
        &mut self,
        job: JobId,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        if act.reason.trim().is_empty() {
            return Ok(Err(UNSAID.to_owned()));
        }
        let Some(submitter) = self.store.awaits_approval(job)? else { return self.waits_for_nobody(job) };
        let Some(lane) = self.queue.lane_mut(job) else { return self.waits_for_nobody(job) };
        if submitter == act.actor {
            return Ok(Err(format!("job {job} is from {submitter}; somebody else must approve it")));
        }
        lane.approval = None;
        self.store.decide_approval(job, true, &act.actor, &act.reason, now)?;
        self.note(act, "job_approved", Some(job), None, "", now)?;
        self.hours.judge_again();
        Ok(Ok(format!("job {job} is approved")))
    }

    /// A person, also the one who brought it, does not want a job to go: it is taken back.
    pub(super) fn refuse_job(
        &mut self,
        job: JobId,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        if act.reason.trim().is_empty() {
            return Ok(Err(UNSAID.to_owned()));
        }
        if self.store.awaits_approval(job)?.is_none() || self.queue.lane(job).is_none() {
            return self.waits_for_nobody(job);
        }
        self.store.decide_approval(job, false, &act.actor, &act.reason, now)?;
        self.note(act, "job_refused", Some(job), None, "", now)?;
        let cancelled = self.cancel(job, act, now)?;
        Ok(cancelled.map(|_| format!("job {job} is refused; nothing of it is sent")))
    }

    fn waits_for_nobody(&self, job: JobId) -> Result<Result<String, String>, StoreError> {
        Ok(Err(match self.store.job(job)? {
            Some(_) => format!("job {job} does not wait for a second person"),
            None => format!("there is no job {job}"),
        }))
    }
}
