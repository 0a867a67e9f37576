//! What happens by the clock alone, a bounded bit at a time, so that nothing else waits for it.

use super::event::BackupMade;
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, State, Timestamp};
use crate::store::{EventRow, StoreError};

/// Rows that one call removes, expires or cancels.
const BIT: usize = 500;
/// What an alarm about backups is about.
const BACKUP: &str = "backup";
/// Waiting times that one call ends.
const DUE: usize = 200;

impl Engine {
    /// Does what is due; gives the time of the next call that is needed.
    pub(super) fn upkeep(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        for job in self.queue.expired(now) {
            self.release_where(|held| held.job == job);
            self.leave_queue(job)?;
            self.draining.insert(job, State::Expired);
            let event = EventRow { kind: "job_expired", job: Some(job), detail: "its time has passed", ..ENGINE };
            self.record(event, now)?;
        }
        let more = self.go_on_completing(now)?
            | self.drain()?
            | self.forget()?
            | self.forget_imports(BIT)?
            | self.end_waits(now)?;
        let (weigh, judge) = (self.weigh(now)?, self.judge_canaries(now)?);
        let out = self.tell_modems_out(now)?;
        self.show_loose_parts(now)?;
        let dialling = self.end_ussd_waits(now)?;
        let testing = self.go_on_testing(now)?;
        let (asking, keeping) = (self.ask_credits(now)?, self.keep_history(now)?);
        self.queue.refresh_due(&self.store, now)?;
        let (blank, clearing) = (self.blank(now)?, self.clear_out(now)?);
        let (looking, (calling, left)) = (self.keep_lookout(now)?, self.keep_outbox(now)?);
        let telling = self.tell_alarms(now)?;
        if more | left {
            return Ok(Some(now));
        }
        let loose = self.store.oldest_loose_part()?;
        let loose = loose.and_then(|at| at.saturating_add(self.rules.reassembly_wait).ok());
        let due = self.store.next_due_attempt()?;
        let waits = [
            self.queue.next_wake(now),
            due,
            loose,
            weigh,
            judge,
            out,
            dialling,
            testing,
            asking,
            keeping,
            blank,
            clearing,
            looking,
            calling,
            telling,
        ];
        Ok(waits.into_iter().flatten().min())
    }

    /// A backup was made at its time, or not: that goes on record, and as long as none is made an alarm stands.
    pub(super) fn backed_up(&mut self, made: &Result<BackupMade, String>, now: Timestamp) -> Result<(), StoreError> {
        match made {
            Ok(BackupMade { file, bytes, given_up }) => {
                self.store.note_backup(file, *bytes, now)?;
                let detail = format!("{file}, {bytes} octets; {given_up} old one(s) given up");
                self.record(EventRow { kind: "backup_made", detail: &detail, ..ENGINE }, now)?;
                self.clear(AlarmKind::BackupFailed, BACKUP, now)
            }
            Err(why) => {
                let detail = format!(
                    "no backup could be made: {why}; see that its disk is there and has room, and that the daemon may write to it"
                );
                self.raise(AlarmKind::BackupFailed, BACKUP, &detail, now).map(drop)
            }
        }
    }

    /// Ends queued messages of jobs that expired or were cancelled. `true`: some are left.
    fn drain(&mut self) -> Result<bool, StoreError> {
        let Some((job, state)) = self.draining.iter().next().map(|(job, state)| (*job, *state)) else {
            return Ok(false);
        };
        let waiting = self.store.waiting(job, BIT)?;
        for message in &waiting {
            self.take_out(*message, state)?;
        }
        self.touched.insert(job);
        if waiting.len() < BIT {
            self.draining.remove(&job);
        }
        Ok(!self.draining.is_empty())
    }

    /// Removes what was received of jobs that came to nothing. `true`: some is left.
    fn forget(&mut self) -> Result<bool, StoreError> {
        if let Some(job) = self.forgetting.last().copied()
            && self.store.forget_received(job, BIT)?
        {
            self.forgetting.pop();
        }
        Ok(!self.forgetting.is_empty())
    }

    /// Ends the waiting for reports and for evidence where its time has come. `true`: some is left.
    fn end_waits(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let due = self.store.due_attempts(now, DUE)?;
        for due in &due {
            let attempt = &due.attempt;
            self.store.stop_waiting(attempt.id)?;
            self.move_on(attempt.segment, State::Submitted, State::Unreported)?;
            if attempt.outcome.as_deref() == Some("uncertain") {
                // Settled by evidence meanwhile: then this does nothing.
                self.resend_by_policy(attempt, now)?;
            }
        }
        Ok(due.len() == DUE)
    }
}
