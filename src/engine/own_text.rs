//! Texts that come in no file, each a job to one number: answers to citizens, self-tests, alarms.

use super::Engine;
use crate::model::{
    Basis, Class, JobHeader, JobId, JobKind, JobState, MessageId, Msisdn, RecipientRow, SignedDuration, SimId,
    Timestamp, later,
};
use crate::store::{NewJob, NewMessage, StoreError};

/// The unit of texts that are nobody's.
pub(super) const OWN_UNIT: &str = "kentongan";
/// How long a text may wait for its SIM where nothing else is said.
const OWN_LIVES: SignedDuration = SignedDuration::from_hours(24);

/// The same for alarms: later ones say how it stands then.
const NOTICE_LIVES: SignedDuration = SignedDuration::from_hours(6);

/// A text that comes in no file.
pub(super) struct OwnText<'a> {
    pub kind: JobKind,
    pub unit: &'a str,
    /// In the place of a file's name.
    pub source: &'a str,
    /// Who wrote it: `engine`, or a person.
    pub owner: &'a str,
    pub number: Msisdn,
    /// The only SIM it may go through; `None`: any.
    pub sim: Option<SimId>,
    /// What it counts as, and what is done in doubt with that.
    pub class: Class,
    pub text: &'a str,
    /// How long it may wait and be delivered.
    pub lifetime: SignedDuration,
    /// The inbound text that a person answers with it.
    pub answers: Option<i64>,
}

impl<'a> OwnText<'a> {
    /// One that nobody but the daemon writes.
    pub fn of_our_own(kind: JobKind, source: &'a str, number: Msisdn, sim: SimId, text: &'a str) -> Self {
        let (unit, owner, lifetime, answers) = (OWN_UNIT, "engine", OWN_LIVES, None);
        Self { kind, unit, source, owner, number, sim: Some(sim), class: Class::Important, text, lifetime, answers }
    }

    /// A word to an administrator, through whichever SIM, before everything else. Better twice than not at all.
    pub fn notice(source: &'a str, number: Msisdn, text: &'a str) -> Self {
        let (unit, owner, lifetime, answers) = (OWN_UNIT, "engine", NOTICE_LIVES, None);
        Self {
            kind: JobKind::Alarm,
            unit,
            source,
            owner,
            number,
            sim: None,
            class: Class::Emergency,
            text,
            lifetime,
            answers,
        }
    }
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
            owner: own.owner.to_owned(),
            text: Some(own.text.to_owned()),
            ..JobHeader::of(own.unit, own.source, own.class)
        };
        let uid = self.uid(now);
        let job = NewJob {
            uid: &uid,
            kind: own.kind,
            header: &header,
            state: JobState::Receiving,
            not_before: now,
            expires_at: later(now, own.lifetime),
            pinned_sim: own.sim,
            basis: Basis::PublicTask,
            answers: own.answers,
        };
        let job = self.store.insert_job(&job, now)?;
        let number = own.number;
        let row = RecipientRow::to(1, number);
        let network = self.network_to(number);
        let message = NewMessage { number, text: None, segments, network };
        let message = self.store.new_list(job)?.message(&row, message)?;
        self.store.index_numbers(&[(number, message)])?;
        self.store.accept_job(job, 1, 0, JobState::Active)?;
        let row = self.store.job(job)?.expect("it was just inserted");
        self.queue.add(&row, &self.store)?;
        Ok(Some((job, message)))
    }
}
