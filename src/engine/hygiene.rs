//! Numbers that nobody answers any more: counted by what became of messages, suspended and listed for correction, and taken back at
//! any sign of life.

use super::{ENGINE, Engine, event::Act};
use crate::model::{MessageId, Msisdn, Outcome, Timestamp};
use crate::pdu::{Failure, StatusMeaning, TpStatus};
use crate::policy;
use crate::store::{EventRow, StoreError};

impl Engine {
    /// What a final report says of the number it was for.
    pub(super) fn number_reported(
        &mut self,
        number: Msisdn,
        message: MessageId,
        status: TpStatus,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match status.meaning() {
            StatusMeaning::Delivered => self.number_lives(number, "a text was delivered to it", now),
            StatusMeaning::Failed(Failure::Permanent | Failure::Expired) => self.number_failed(number, message, now),
            // Forwarded, deleted, or an error that may be over tomorrow: that says nothing of the number.
            _ => Ok(()),
        }
    }

    /// A refusal for which a message was given up, where it is the number's fault as far as anybody can tell.
    pub(super) fn number_refused(
        &mut self,
        number: Msisdn,
        message: MessageId,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if policy::blames_number(outcome) { self.number_failed(number, message, now) } else { Ok(()) }
    }

    fn number_failed(&mut self, number: Msisdn, message: MessageId, now: Timestamp) -> Result<(), StoreError> {
        if number.is_short_code() || number == Msisdn::ERASED {
            return Ok(());
        }
        self.store.insert_number_failure(number, message, now)?;
        let Some((failures, first)) = self.store.number_failures(number)? else { return Ok(()) };
        if !self.rules.suspension.suspends(failures, first, now) || !self.suspended.insert(number) {
            return Ok(());
        }
        self.store.suspend(number, failures, first, now)?;
        let detail = format!("{failures} messages to it failed for good since {first}");
        self.record(EventRow { kind: "number_suspended", number: Some(number), detail: &detail, ..ENGINE }, now)
    }

    /// Somebody has the phone in hand: what failed before is forgotten, and the number may be sent to again.
    pub(super) fn number_lives(&mut self, number: Msisdn, sign: &str, now: Timestamp) -> Result<(), StoreError> {
        self.store.forget_number_failures(number)?;
        if !self.suspended.remove(&number) {
            return Ok(());
        }
        self.store.unsuspend(number)?;
        self.record(EventRow { kind: "number_restored", number: Some(number), detail: sign, ..ENGINE }, now)
    }

    pub(super) fn restore_number(
        &mut self,
        number: Msisdn,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        if !self.suspended.remove(&number) {
            return Ok(Err(format!("{number} is not suspended")));
        }
        self.store.forget_number_failures(number)?;
        self.store.unsuspend(number)?;
        self.note(act, "number_restored", None, Some(number), "", now)?;
        Ok(Ok(format!("{number} is sent to again")))
    }
}
