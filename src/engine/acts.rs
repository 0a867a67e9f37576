//! What people ask for, each with who and why on record.

use super::event::{Act, Action, Order};
use super::{ENGINE, Engine};
use crate::model::{JobId, JobState, Msisdn, Scope, SecretDigest, State, Timestamp};
use crate::store::{EventRow, StoreError};

impl Engine {
    pub(super) fn on_act(&mut self, act: Act, now: Timestamp) -> Result<(), StoreError> {
        self.lookout.look_again();
        let result = match &act.action {
            Action::Pause(Scope::Job(job)) => self.pause_job(*job, true, &act, now)?,
            Action::Resume(Scope::Job(job)) => self.pause_job(*job, false, &act, now)?,
            Action::Pause(scope) => self.pause(scope, &act, now)?,
            Action::Resume(scope) => self.resume_scope(scope, &act, now)?,
            Action::Cancel(job) => self.cancel(*job, &act, now)?,
            Action::Approve(job) => self.approve(*job, &act, now)?,
            Action::Refuse(job) => self.refuse_job(*job, &act, now)?,
            Action::AddMoratorium(new) => self.enter_moratorium(new, &act, now)?,
            Action::EndMoratorium(id) => self.end_moratorium(*id, &act, now)?,
            Action::OptOut(entry) => self.opt_out(entry, &act, now)?,
            Action::OptIn(entry) => self.opt_in(entry, &act, now)?,
            Action::List(entry) => self.list_by_hand(entry, &act, now)?,
            Action::Erase(entry) => self.erase(entry, &act, now)?,
            Action::Exported(number) => self.exported(*number, &act, now)?,
            Action::ReadInbox(inbox) => self.read_inbox(*inbox, &act, now)?,
            Action::AnswerInbox { inbox, text, unit } => self.answer_inbox(*inbox, text, unit.as_deref(), &act, now)?,
            Action::ResumeModem(modem) => self.resume_modem(modem, &act, now)?,
            Action::ResumeHeld => self.resume_held(&act, now)?,
            Action::TestModem { modem, number } => self.test_wanted(modem, *number, &act, now)?,
            Action::TestAlarms => self.test_alarms(&act, now)?,
            Action::TestWebhook(name) => self.test_webhook(name, &act, now)?,
            Action::SettleSent(message) => self.settle(*message, true, &act, now)?,
            Action::SettleResend(message) => self.settle(*message, false, &act, now)?,
            Action::RosterBegin(import) => self.begin_import(import, &act, now)?,
            Action::RosterSteps { session, steps } => self.take_steps(*session, &steps.0)?,
            Action::RosterApply { session, digest } => self.apply_import(*session, digest, &act, now)?,
            Action::SaveAudience { name, expression } => self.save_audience(name, expression, &act, now)?,
            Action::RemoveAudience(name) => self.remove_audience(name, &act, now)?,
            Action::Restore(number) => self.restore_number(*number, &act, now)?,
            Action::MovedIn { source, rows } => self.moved_in(source, rows, &act, now)?,
            Action::OpenAccount(new) => self.open_account(new, &act, now)?,
            Action::ChangeAccount { name, role, units } => self.change_account(name, *role, units, &act, now)?,
            Action::SetPassword { name, password } => self.set_password(name, password, &act, now)?,
            Action::CloseAccount(name) => self.close_account(name, &act, now)?,
            Action::MakeToken(new) => self.make_token(new, &act, now)?,
            Action::RevokeToken(name) => self.revoke_token(name, &act, now)?,
            Action::OpenSession { name, digest, until } => self.open_session(name, *digest, *until, &act, now)?,
            Action::EndSession(digest) => self.end_session(*digest, &act, now)?,
            Action::NoteLock(name) => self.note_lock(name, &act, now)?,
            Action::Request(new) => self.take_request(new, &act, now)?,
            // The file is made beside the engine.
            Action::Archive(new) => match self.archive_wanted(new, &act, now)? {
                Ok(()) => return Ok(()),
                Err(reason) => Err(reason),
            },
            // The network answers, later.
            Action::Ussd { modem, codes } => match self.ussd_wanted(modem, codes, &act, now) {
                Ok(()) => return Ok(()),
                Err(reason) => Err(reason),
            },
        };
        self.reply(act.reply_to, result);
        Ok(())
    }

    /// Answers whoever asked, if somebody waits.
    pub(super) fn reply(&mut self, to: Option<u64>, result: Result<String, String>) {
        if let Some(to) = to {
            self.orders.push(Order::Reply { to, result });
        }
    }

    fn pause_job(
        &mut self,
        job: JobId,
        pause: bool,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        let (from, to, kind) = match pause {
            true => (JobState::Active, JobState::Paused, "job_paused"),
            false => (JobState::Paused, JobState::Active, "job_resumed"),
        };
        if !self.store.move_job(job, from, to, now)? {
            return Ok(Err(self.job_is(job)?));
        }
        if pause {
            self.release_where(|held| held.job == job);
        }
        self.queue.pause_job(job, pause);
        if !pause {
            self.overrule_canary(job, act, now)?;
        }
        self.note(act, kind, Some(job), None, "", now)?;
        Ok(Ok(format!("job {job} is {}", to.name())))
    }

    fn job_is(&self, job: JobId) -> Result<String, StoreError> {
        Ok(match self.store.job(job)? {
            Some(row) => format!("job {job} is {}", row.state.name()),
            None => format!("there is no job {job}"),
        })
    }

    pub(super) fn pause(
        &mut self,
        scope: &Scope,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        let name = scope.to_string();
        if !self.store.insert_pause(&name, &act.actor, &act.reason, now)? {
            return Ok(Err(format!("{name} is paused already")));
        }
        self.queue.pauses.insert(scope.clone());
        let held: Vec<_> = self
            .stations
            .values()
            .filter_map(|station| station.reserved.as_ref())
            .filter(|held| !self.queue.may_send(held.job, now))
            .map(|held| held.ticket)
            .collect();
        self.release_where(|reserved| held.contains(&reserved.ticket));
        self.note(act, "paused", None, None, &name, now)?;
        Ok(Ok(format!("{name} is paused")))
    }

    fn resume_scope(&mut self, scope: &Scope, act: &Act, now: Timestamp) -> Result<Result<String, String>, StoreError> {
        let name = scope.to_string();
        if !self.store.remove_pause(&name)? {
            return Ok(Err(format!("{name} is not paused")));
        }
        self.queue.pauses.remove(scope);
        self.note(act, "resumed", None, None, &name, now)?;
        Ok(Ok(format!("{name} goes on")))
    }

    pub(super) fn cancel(
        &mut self,
        job: JobId,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        let cancelled = self.store.move_job(job, JobState::Active, JobState::Cancelled, now)?
            || self.store.move_job(job, JobState::Paused, JobState::Cancelled, now)?;
        if !cancelled {
            return Ok(Err(self.job_is(job)?));
        }
        self.release_where(|held| held.job == job);
        self.leave_queue(job)?;
        self.draining.insert(job, State::Cancelled);
        self.note(act, "job_cancelled", Some(job), None, "", now)?;
        Ok(Ok(format!("job {job} is cancelled; what had left stays in its account")))
    }

    fn settle(
        &mut self,
        message: crate::model::MessageId,
        sent: bool,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        let Some(row) = self.store.message(message)?.filter(|row| row.state == State::InDoubt) else {
            return Ok(Err(format!("message {message} is not in doubt")));
        };
        let open = self.queue.lane(row.job).is_some_and(|lane| lane.expires_at > now);
        let settled = self.settle_by_hand(message, sent, &act.actor, &act.reason, now)?;
        let what = match (sent, open) {
            (true, _) => "taken as sent",
            (false, true) => "queued again",
            (false, false) => "taken as not sent; its job has ended, so it is not sent again",
        };
        Ok(Ok(format!("{settled} segment(s) of message {message} {what}")))
    }

    /// Rows of another daemon's outbox were taken over.
    fn moved_in(
        &mut self,
        source: &str,
        rows: &[SecretDigest],
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        let mut new = 0;
        for row in rows {
            new += u64::from(self.store.note_moved_in(&row.0, source, now)?);
        }
        self.note(act, "moved_in", None, None, &format!("{new} row(s) from {source}"), now)?;
        Ok(Ok(format!("{new} row(s) from {source} are noted as taken over")))
    }

    pub(super) fn note(
        &self,
        act: &Act,
        kind: &str,
        job: Option<JobId>,
        number: Option<Msisdn>,
        what: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let detail = [what, &act.reason].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(": ");
        self.record(EventRow { actor: &act.actor, kind, job, number, detail: &detail, ..ENGINE }, now)
    }
}
