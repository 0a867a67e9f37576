//! Segments whose fate is unknown, and how they are settled: by evidence, by policy, by a person.

use super::{ENGINE, Engine};
use crate::model::{AttemptId, Doubt, InDoubt, JobId, MessageId, SegmentId, State, Timestamp, later};
use crate::store::{AttemptRow, EventRow, StoreError};

impl Engine {
    /// When a job's policy acts on a doubt; `None`: it waits for evidence or a person.
    pub(super) fn doubt_due(&self, job: JobId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let policy = match self.queue.lane(job) {
            Some(lane) => Some(lane.in_doubt),
            None => self.store.job(job)?.map(|row| row.in_doubt),
        };
        let due = later(now, self.rules.doubt_wait);
        Ok((policy == Some(InDoubt::Resend)).then_some(due))
    }

    pub(super) fn enter_doubt(&mut self, attempt: &AttemptRow, doubt: Doubt, now: Timestamp) -> Result<(), StoreError> {
        self.store.move_segment(attempt.segment, State::Sending, State::InDoubt)?;
        self.store.unqueue(attempt.segment.message)?;
        self.refold(attempt.segment.message)?;
        self.doubt_event("in_doubt", attempt, doubt.name(), "engine", now)?;
        let job = self.store.message(attempt.segment.message)?.expect("an attempt has its message").job;
        let reports =
            self.stations.values().find(|station| station.sim == attempt.sim).is_none_or(|station| station.reports);
        self.store.note_doubt(attempt.id, reports.then(|| self.report_due(attempt, job, now)))?;
        self.adopt_evidence(attempt, now)
    }

    pub(super) fn doubt_event(
        &self,
        kind: &str,
        attempt: &AttemptRow,
        detail: &str,
        actor: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let detail = format!("segment {}, attempt {}: {detail}", attempt.segment, attempt.id);
        let event = EventRow {
            actor,
            kind,
            message: Some(attempt.segment.message),
            sim: Some(attempt.sim),
            detail: &detail,
            ..ENGINE
        };
        self.record(event, now)
    }

    /// The modem answered after all.
    pub(super) fn late_answer(&mut self, attempt: AttemptId, tp_mr: u8, now: Timestamp) -> Result<(), StoreError> {
        let Some(row) = self.store.attempt(attempt)? else { return Ok(()) };
        if row.settled.as_deref() == Some("never_left") {
            self.refute(&row, tp_mr, "the modem answered late", now)?;
        }
        self.settle_submitted(&row, "late_answer", Some(tp_mr), "engine", "the modem answered late", now)?;
        self.take_back_resend(&row, tp_mr, now)?;
        self.adopt_early_reports(&row, tp_mr, now)
    }

    /// The modem answers after policy, a person or the numbers had the segment sent again: what has not been handed over a second time yet never is.
    fn take_back_resend(&mut self, attempt: &AttemptRow, tp_mr: u8, now: Timestamp) -> Result<(), StoreError> {
        let message = attempt.segment.message;
        let states = self.store.segments(message)?;
        let waits = states[usize::from(attempt.segment.number) - 1].0 == State::Queued;
        let newest = self.store.last_attempt(attempt.segment)?.is_some_and(|last| last.id == attempt.id);
        if !waits || !newest {
            return Ok(());
        }
        let job = self.store.message(message)?.expect("an attempt has its message").job;
        let due = self.report_due(attempt, job, now);
        if !self.store.recall_resend(attempt.id, tp_mr, due)? {
            return Ok(());
        }
        self.await_report(attempt, now)?;
        self.doubt_event("settled", attempt, "the modem answered late; it is not sent again", "engine", now)?;
        self.release_where(|held| held.message() == message);
        self.store.unqueue(message)?;
        self.move_on(attempt.segment, State::Queued, State::Submitted)?;
        self.go_on_after(attempt, now)?;
        self.weigh_numbers(attempt.sim, Some(attempt.id), now)
    }

    /// A doubt turns out to have reached the service centre. Nothing happens if it is settled already.
    pub(super) fn settle_submitted(
        &mut self,
        attempt: &AttemptRow,
        settled: &str,
        tp_mr: Option<u8>,
        actor: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let job = self.store.message(attempt.segment.message)?.expect("an attempt has its message").job;
        let due = self.report_due(attempt, job, now);
        if !self.store.settle_attempt(attempt.id, settled, tp_mr, Some(due))? {
            return Ok(());
        }
        self.await_report(attempt, now)?;
        self.doubt_event("settled", attempt, detail, actor, now)?;
        self.move_on(attempt.segment, State::InDoubt, State::Submitted)?;
        self.go_on_after(attempt, now)?;
        if tp_mr.is_some() { self.weigh_numbers(attempt.sim, Some(attempt.id), now) } else { Ok(()) }
    }

    /// Once a doubt is settled as sent, the rest of its message follows through the same SIM.
    pub(super) fn go_on_after(&mut self, attempt: &AttemptRow, now: Timestamp) -> Result<(), StoreError> {
        let message = attempt.segment.message;
        let segments = self.store.segments(message)?;
        let any = |wanted| segments.iter().any(|(state, _)| *state == wanted);
        let row = self.store.message(message)?.expect("an attempt has its message");
        if any(State::Queued) && !any(State::InDoubt) && !any(State::Sending) && !row.waiting {
            self.queue_again(message, now, Some(attempt.sim), None, now)?;
        }
        Ok(())
    }

    /// A doubt turns out never to have left: it is queued again, uncharged and without the risk of a double.
    pub(super) fn settle_never_left(
        &mut self,
        attempt: &AttemptRow,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.store.settle_attempt(attempt.id, "never_left", None, None)? {
            return Ok(());
        }
        self.doubt_event("settled", attempt, detail, "engine", now)?;
        self.store.move_segment(attempt.segment, State::InDoubt, State::Queued)?;
        self.back_from_doubt(attempt, now)
    }

    /// The waiting time of a doubt is over and its job wants it sent again; not more often than a refused one.
    pub(super) fn resend_by_policy(&mut self, attempt: &AttemptRow, now: Timestamp) -> Result<(), StoreError> {
        let (state, charged) = self.store.segments(attempt.segment.message)?[usize::from(attempt.segment.number) - 1];
        if state == State::InDoubt && charged + 1 >= self.rules.backoff.attempts_max {
            let detail = format!("handed over {} times without an answer; a person decides", charged + 1);
            return self.doubt_event("doubt_held", attempt, &detail, "engine", now);
        }
        self.resend(attempt, "policy", "engine", "no evidence came; sent again by the job's policy", now)
    }

    fn resend(
        &mut self,
        attempt: &AttemptRow,
        settled: &str,
        actor: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.store.settle_attempt(attempt.id, settled, None, None)? {
            return Ok(());
        }
        self.doubt_event("resent", attempt, detail, actor, now)?;
        self.store.charge(attempt.segment)?;
        self.store.move_segment(attempt.segment, State::InDoubt, State::Queued)?;
        self.back_from_doubt(attempt, now)
    }

    /// Queues a message again whose doubt was settled as not sent, once none of its segments is in doubt.
    fn back_from_doubt(&mut self, attempt: &AttemptRow, now: Timestamp) -> Result<(), StoreError> {
        let message = attempt.segment.message;
        let segments = self.store.segments(message)?;
        let any = |wanted: &[State]| segments.iter().any(|(state, _)| wanted.contains(state));
        if any(&[State::InDoubt, State::Sending]) {
            return self.refold(message).map(drop);
        }
        let gone = segments.len() > 1 && any(&[State::Submitted, State::Delivered, State::Unreported]);
        self.queue_again(message, now, gone.then_some(attempt.sim), None, now)
    }

    /// A person settles every segment in doubt of a message. Gives how many there were.
    pub(super) fn settle_by_hand(
        &mut self,
        message: MessageId,
        sent: bool,
        actor: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let states = self.store.segments(message)?;
        let doubtful = (1u8..).zip(states).filter(|(_, (state, _))| *state == State::InDoubt).map(|(number, _)| number);
        let mut settled = 0;
        for number in doubtful.collect::<Vec<_>>() {
            let Some(attempt) = self.store.last_attempt(SegmentId { message, number })? else { continue };
            if sent {
                self.settle_submitted(&attempt, "operator", None, actor, reason, now)?;
            } else {
                self.resend(&attempt, "operator", actor, reason, now)?;
            }
            settled += 1;
        }
        Ok(settled)
    }
}
