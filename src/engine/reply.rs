//! Answers: the machine's own, at most one a day to anybody; and those of people, one to each text.

use super::consent::Answer;
use super::event::Act;
use super::{ENGINE, Engine};
use crate::model::{
    Basis, Body, Class, InDoubt, InboxState, JobHeader, JobKind, JobState, MessageId, Msisdn, RecipientRow,
    SignedDuration, SimId, Timestamp,
};
use crate::store::{EventRow, InboxEntry, NewJob, NewMessage, StoreError};

/// In so long a time the machine answers anybody once, whatever they write: two machines must not converse. Counted from the ledger, so
/// a restart forgets nothing; and back from now, so midnight changes nothing.
const ANSWER_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How long an answer may wait for its SIM.
const ANSWER_LIVES: SignedDuration = SignedDuration::from_hours(24);
/// The unit of answers that are nobody's.
const OWN_UNIT: &str = "kentongan";

/// A text to one number, through one SIM.
struct Reply<'a> {
    number: Msisdn,
    sim: SimId,
    text: &'a str,
    segments: u8,
    unit: &'a str,
    source: &'a str,
    owner: &'a str,
    /// The inbound text that a person answers.
    answers: Option<i64>,
}

impl Engine {
    /// Sends one answer of the machine's own through the SIM that was written to; gives its message, if one is sent.
    pub(super) fn answer(
        &mut self,
        number: Msisdn,
        sim: SimId,
        text: &str,
        now: Timestamp,
    ) -> Result<Option<MessageId>, StoreError> {
        let since = now.saturating_sub(ANSWER_EVERY).unwrap_or(Timestamp::MIN);
        if text.is_empty() || self.store.answers_since(number, since)? > 0 {
            return Ok(None);
        }
        let Ok(segments) = u8::try_from(self.plans.segments(text)) else { return Ok(None) };
        let (unit, source, owner) = (OWN_UNIT, "answer", "engine");
        let reply = Reply { number, sim, text, segments, unit, source, owner, answers: None };
        self.send_reply(&reply, now).map(Some)
    }

    /// A person has read an inbound text.
    pub(super) fn read_inbox(&mut self, id: i64, act: &Act, now: Timestamp) -> Answer {
        let Some(entry) = self.store.inbox_entry(id)? else {
            return Ok(Err(format!("there is no inbound text {id}")));
        };
        if entry.state != Some(InboxState::New) {
            return Ok(Err(format!("inbound text {id} is not new")));
        }
        self.store.set_inbox_state(id, InboxState::Read)?;
        self.inbox_touched.extend(entry.unit);
        self.note(act, "inbox_read", None, None, &format!("inbox {id}"), now)?;
        Ok(Ok(format!("inbound text {id} is read")))
    }

    /// A person answers an inbound text, through the SIM it came in by. Who wrote gets one answer, also when they had opted out
    /// before they wrote: they asked. Who opted out afterwards gets none: that is their later word.
    pub(super) fn answer_inbox(
        &mut self,
        id: i64,
        text: &Body,
        unit: Option<&str>,
        act: &Act,
        now: Timestamp,
    ) -> Answer {
        let Some(entry) = self.store.inbox_entry(id)? else {
            return Ok(Err(format!("there is no inbound text {id}")));
        };
        let number = match self.answerable(&entry)? {
            Ok(number) => number,
            Err(why) => return Ok(Err(why)),
        };
        let text = self.spelled(text.0.trim().to_owned());
        let segments = match self.plans.segments(&text) {
            _ if text.is_empty() => return Ok(Err("the text is empty".to_owned())),
            segments if segments > self.rules.segments_max => {
                let most = self.rules.segments_max;
                return Ok(Err(format!("the text needs {segments} segments, at most {most} are allowed")));
            }
            segments => u8::try_from(segments).expect("the settings allow at most 255"),
        };
        let source = format!("inbox {id}");
        let whose = entry.unit.as_deref().or(unit).unwrap_or(OWN_UNIT);
        let reply = Reply {
            number,
            sim: entry.sim,
            text: &text,
            segments,
            unit: whose,
            source: &source,
            owner: &act.actor,
            answers: Some(id),
        };
        let message = self.send_reply(&reply, now)?;
        self.store.set_inbox_state(id, InboxState::Answered)?;
        if let Some(unit) = unit {
            self.store.claim_inbox(id, unit)?;
        }
        self.inbox_touched.insert(whose.to_owned());
        let job = self.store.message(message)?.map(|row| row.job);
        let event = EventRow {
            actor: &act.actor,
            kind: "inbox_answered",
            job,
            number: Some(number),
            detail: &source,
            ..ENGINE
        };
        self.record(event, now)?;
        let here = self.stations.values().any(|station| station.sim == entry.sim && station.ready);
        Ok(Ok(match here {
            true => format!("the answer to inbound text {id} is on its way"),
            false => format!("the answer to inbound text {id} waits for its SIM, which no modem has ready now"),
        }))
    }

    fn answerable(&self, entry: &InboxEntry) -> Result<Result<Msisdn, String>, StoreError> {
        let id = entry.id;
        let number = match (entry.state, entry.number) {
            (Some(InboxState::Answered), _) => return Ok(Err(format!("inbound text {id} is answered already"))),
            (Some(InboxState::New | InboxState::Read), Some(number)) => number,
            (_, None) => return Ok(Err(format!("inbound text {id} is nobody's who could be answered"))),
            (None, _) => return Ok(Err(format!("inbound text {id} is a keyword; the machine sees to those"))),
        };
        if self.store.left_since(number, entry.received_at)? {
            return Ok(Err(format!("{number} has opted out since inbound text {id} came")));
        }
        Ok(Ok(number))
    }

    fn send_reply(&mut self, reply: &Reply<'_>, now: Timestamp) -> Result<MessageId, StoreError> {
        let number = reply.number;
        let header = JobHeader {
            unit: reply.unit.to_owned(),
            source: reply.source.to_owned(),
            digest: String::new(),
            owner: reply.owner.to_owned(),
            class: Class::Important,
            text: Some(reply.text.to_owned()),
            not_before: None,
            lifetime: None,
            expires_at: None,
            in_doubt: InDoubt::Hold,
            again: false,
            basis: None,
        };
        let uid = self.uid(now);
        let job = NewJob {
            uid: &uid,
            kind: JobKind::Reply,
            header: &header,
            state: JobState::Receiving,
            not_before: now,
            expires_at: now.saturating_add(ANSWER_LIVES).unwrap_or(Timestamp::MAX),
            pinned_sim: Some(reply.sim),
            basis: Basis::PublicTask,
            answers: reply.answers,
        };
        let job = self.store.insert_job(&job, now)?;
        let row = RecipientRow { row: 1, raw: number.digits(), number: Ok(number), name: None, text: None };
        let segments = reply.segments;
        let message = self.store.insert_message(job, &row, NewMessage { number, text: None, segments })?;
        self.store.index_numbers(&[(number, message)])?;
        self.store.accept_job(job, 1, 0, JobState::Active)?;
        let row = self.store.job(job)?.expect("it was just inserted");
        self.queue.add(&row, &self.store)?;
        Ok(message)
    }
}
