//! Everything that is held of one number, for its owner.

use std::path::Path;

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::archive::ArchiveView;
use super::consent::ConsentView;
use super::{EntryView, FailuresView, InboxView, OptOutView, Reader, RecordView, StoreError, at};
use crate::model::{Msisdn, State, Timestamp};

/// Everything that is held of one number.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonView {
    /// The number, `+62…`.
    pub number: String,
    /// What its owner has opted out of.
    pub opt_out: Option<OptOutView>,
    /// Whether the number was erased and an opt-out from everything is kept of it under a digest; `None` where this reader may not
    /// read the ledger's key.
    pub erased: Option<bool>,
    /// Where it was named, and what it was sent, oldest first.
    pub messages: Vec<PersonMessageView>,
    /// What its owner wrote, oldest first.
    pub inbound: Vec<InboxView>,
    /// The offices under which it stands or stood in the roster, oldest first.
    pub offices: Vec<PersonOfficeView>,
    /// What counts against it since its last sign of life.
    pub failures: Option<FailuresView>,
    /// What the ledger of consent says, oldest first.
    pub consents: Vec<ConsentView>,
    /// Events of the record that concern it, oldest first.
    pub events: Vec<RecordView>,
    /// The archives that were made, oldest first, with what they hold of it.
    pub archives: Vec<PersonArchiveView>,
}

/// An archive, and what it holds of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonArchiveView {
    /// Its file.
    pub file: String,
    /// When it was made.
    pub made_at: Option<Timestamp>,
    /// Why it could not be read; `None`: it was.
    pub trouble: Option<String>,
    /// Where it names the number, and what that was sent, oldest first.
    pub messages: Vec<PersonMessageView>,
}

impl PersonView {
    /// Whether nothing at all is held.
    pub fn is_empty(&self) -> bool {
        self.opt_out.is_none()
            && self.erased != Some(true)
            && self.messages.is_empty()
            && self.inbound.is_empty()
            && self.offices.is_empty()
            && self.failures.is_none()
            && self.consents.is_empty()
            && self.events.is_empty()
            && self.archives.iter().all(|archive| archive.messages.is_empty() && archive.trouble.is_none())
    }
}

/// An office under which a number stands or stood in the roster, and how it came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonOfficeView {
    /// The entry.
    #[serde(flatten)]
    pub entry: EntryView,
    /// Where the list comes from that it came in with.
    pub source: String,
    /// On which legal basis.
    pub basis: String,
}

/// A place in a job where a number is named, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PersonMessageView {
    /// The job.
    pub job: i64,
    /// Whose.
    pub unit: String,
    /// The file's name as dropped.
    pub source: String,
    /// Who owned the file.
    pub owner: String,
    /// The job's class.
    pub class: String,
    /// On what the processing rested; see [`crate::model::Basis::name`].
    pub basis: String,
    /// When the job was accepted: so long has the number been held for it.
    pub accepted_at: Timestamp,
    /// The row in the file.
    pub row: u32,
    /// The name beside the number.
    pub name: Option<String>,
    /// The message's state, or `excluded`.
    pub state: String,
    /// Why excluded.
    pub reason: Option<String>,
    /// What was to be sent.
    pub text: Option<String>,
    /// Hand-overs so far, over all segments.
    pub attempts: u32,
    /// When its last segment was handed over.
    pub sent_at: Option<Timestamp>,
    /// When it was delivered, as the service centre says.
    pub delivered_at: Option<Timestamp>,
}

impl Reader {
    /// Everything that is held of a number.
    pub fn person(&self, number: Msisdn) -> Result<PersonView, StoreError> {
        let erased = match &self.key {
            Some(key) => {
                let digest = key.number(number);
                let kept = self.all("SELECT 1 FROM kept_opt_outs WHERE digest = ?1", [digest], |_| Ok(()))?;
                Some(!kept.is_empty())
            }
            None => None,
        };
        Ok(PersonView {
            number: number.to_string(),
            opt_out: self.opt_out_of(number)?,
            erased,
            messages: self.messages_to(number)?,
            inbound: self.inbound_from(number)?,
            offices: self.offices_of(number)?,
            failures: self.failures_of(number)?,
            consents: self.consents(number)?,
            events: self.events_about(number)?,
            archives: self.archived_of(number)?,
        })
    }

    /// An archive that cannot be read is named with the reason: it may hold something all the same.
    fn archived_of(&self, number: Msisdn) -> Result<Vec<PersonArchiveView>, StoreError> {
        let whole = self.archives()?.into_iter().filter(ArchiveView::is_whole);
        Ok(whole
            .map(|archive| {
                let read = Reader::open(Path::new(&archive.file)).and_then(|reader| reader.messages_to(number));
                let (messages, trouble) = match read {
                    Ok(messages) => (messages, None),
                    Err(error) => (Vec::new(), Some(error.to_string())),
                };
                PersonArchiveView { file: archive.file, made_at: archive.made_at, trouble, messages }
            })
            .collect())
    }

    fn messages_to(&self, number: Msisdn) -> Result<Vec<PersonMessageView>, StoreError> {
        self.all(
            "SELECT jobs.id, jobs.unit, jobs.source, jobs.owner, jobs.class, jobs.basis, jobs.created_at_ms, recipients.row,
                    recipients.name, messages.state, recipients.excluded, recipients.detail,
                    iif(messages.id IS NULL, NULL, coalesce(messages.text, jobs.text)),
                    (SELECT count(*) FROM attempts WHERE message_id = messages.id AND outcome IS NOT 'not_sent'),
                    (SELECT max(opened_at_ms) FROM attempts WHERE message_id = messages.id AND outcome IS NOT 'not_sent'),
                    (SELECT max(coalesce(reports.discharged_at_ms, reports.received_at_ms))
                     FROM attempts JOIN reports ON reports.attempt_id = attempts.id
                     WHERE attempts.message_id = messages.id)
             FROM recipients JOIN jobs ON jobs.id = recipients.job_id
                  LEFT JOIN messages ON messages.id = recipients.id
             WHERE recipients.id IN (SELECT message_id FROM numbers WHERE number = ?1
                                     UNION ALL
                                     SELECT id FROM recipients WHERE number = ?1 AND excluded IS NOT NULL)
             ORDER BY recipients.id",
            [number.as_u64()],
            |row| {
                let state: Option<String> = row.get(9)?;
                let (excluded, detail): (Option<String>, Option<String>) = (row.get(10)?, row.get(11)?);
                let delivered = state.as_deref() == Some(State::Delivered.name());
                Ok(PersonMessageView {
                    job: row.get(0)?,
                    unit: row.get(1)?,
                    source: row.get(2)?,
                    owner: row.get(3)?,
                    class: row.get(4)?,
                    basis: row.get(5)?,
                    accepted_at: at(row.get(6)?),
                    row: row.get(7)?,
                    name: row.get(8)?,
                    state: state.unwrap_or_else(|| "excluded".to_owned()),
                    reason: excluded.map(|word| match detail.filter(|detail| !detail.is_empty()) {
                        Some(detail) => format!("{word}: {detail}"),
                        None => word,
                    }),
                    text: row.get(12)?,
                    attempts: row.get(13)?,
                    sent_at: row.get::<_, Option<i64>>(14)?.map(at),
                    delivered_at: row.get::<_, Option<i64>>(15)?.filter(|_| delivered).map(at),
                })
            },
        )
    }

    fn offices_of(&self, number: Msisdn) -> Result<Vec<PersonOfficeView>, StoreError> {
        let entries = self.roster_history(Some(number), None)?;
        let mut offices = Vec::with_capacity(entries.len());
        for entry in entries {
            let came = self.all("SELECT source, basis FROM roster_imports WHERE id = ?1", [entry.import], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            let (source, basis) = came.into_iter().next().unwrap_or_default();
            offices.push(PersonOfficeView { entry, source, basis });
        }
        Ok(offices)
    }

    fn events_about(&self, number: Msisdn) -> Result<Vec<RecordView>, StoreError> {
        let mut events = Vec::new();
        let ids = self.all(
            "SELECT event_id FROM event_numbers WHERE number = ?1 ORDER BY event_id",
            params![number.as_u64()],
            |row| row.get::<_, i64>(0),
        )?;
        for id in ids {
            events.extend(self.recorded(id)?);
        }
        Ok(events)
    }
}
