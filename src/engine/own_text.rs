//! Texts of the daemon's own, each a job to one number through one SIM: answers to citizens, and self-tests.

use super::Engine;
use crate::model::{
    Class, InDoubt, JobHeader, JobId, JobKind, JobState, MessageId, Msisdn, RecipientRow, SignedDuration, SimId,
    Timestamp,
};
use crate::store::{NewJob, NewMessage, StoreError};

/// A text of the daemon's own.
pub(super) struct OwnText<'a> {
    pub kind: JobKind,
    /// In the place of a file's name.
    pub source: &'static str,
    pub number: Msisdn,
    /// The only SIM it may go through.
    pub sim: SimId,
    pub text: &'a str,
    /// How long it may wait and be delivered.
    pub lifetime: SignedDuration,
}

impl Engine {
    /// Enters it, accepted and queued. `None`: no message is that long.
    pub(super) fn write_own(
        &mut self,
        own: &OwnText<'_>,
        now: Timestamp,
    ) -> Result<Option<(JobId, MessageId)>, StoreError> {
        let Ok(segments) = u8::try_from(self.plans.segments(own.text)) else { return Ok(None) };
        let header = JobHeader {
            unit: "kentongan".to_owned(),
            source: own.source.to_owned(),
            digest: String::new(),
            owner: "engine".to_owned(),
            class: Class::Important,
            text: Some(own.text.to_owned()),
            not_before: None,
            lifetime: None,
            expires_at: None,
            in_doubt: InDoubt::Hold,
            again: false,
            audience: None,
        };
        let uid = self.uid(now);
        let job = NewJob {
            uid: &uid,
            kind: own.kind,
            header: &header,
            state: JobState::Receiving,
            not_before: now,
            expires_at: now.saturating_add(own.lifetime).unwrap_or(Timestamp::MAX),
            pinned_sim: Some(own.sim),
        };
        let job = self.store.insert_job(&job, now)?;
        let number = own.number;
        let row = RecipientRow::to(1, number);
        let network = self.network_to(number);
        let message = self.store.insert_message(job, &row, NewMessage { number, text: None, segments, network })?;
        self.store.index_numbers(&[(number, message)])?;
        self.store.accept_job(job, 1, 0, JobState::Active)?;
        let row = self.store.job(job)?.expect("it was just inserted");
        self.queue.add(&row, &self.store)?;
        Ok(Some((job, message)))
    }
}
