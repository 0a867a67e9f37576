//! Answers: the machine's own, at most one a day to anybody; and those of people, one to each text.

use super::consent::Answer;
use super::event::Act;
use super::own_text::{OWN_UNIT, OwnText};
use super::{ENGINE, Engine};
use crate::model::{Body, InboxState, JobKind, MessageId, Msisdn, SignedDuration, SimId, Timestamp, earlier};
use crate::store::{EventRow, InboxEntry, StoreError};

/// In so long a time the machine answers anybody once, whatever they write: two machines must not converse. Counted from the ledger, so
/// a restart forgets nothing; and back from now, so midnight changes nothing.
const ANSWER_EVERY: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    /// Sends one answer of the machine's own through the SIM that was written to; gives its message, if one is sent.
    pub(super) fn answer(
        &mut self,
        number: Msisdn,
        sim: SimId,
        text: &str,
        now: Timestamp,
    ) -> Result<Option<MessageId>, StoreError> {
        let since = earlier(now, ANSWER_EVERY);
        if text.is_empty() || self.store.answers_since(number, since)? > 0 {
            return Ok(None);
        }
        let own = OwnText::of_our_own(JobKind::Reply, "answer", number, sim, text);
        Ok(self.write_own(&own, now)?.map(|(_, message)| message))
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
        let (segments, most) = (self.plans.segments(&text), self.rules.segments_max);
        if text.is_empty() {
            return Ok(Err("the text is empty".to_owned()));
        }
        if segments > most {
            return Ok(Err(format!("the text needs {segments} segments, at most {most} are allowed")));
        }
        let source = format!("inbox {id}");
        let whose = entry.unit.as_deref().or(unit).unwrap_or(OWN_UNIT);
        let own = OwnText {
            unit: whose,
            owner: &act.actor,
            answers: Some(id),
            ..OwnText::of_our_own(JobKind::Reply, &source, number, entry.sim, &text)
        };
        let (job, _) = self.write_own(&own, now)?.expect("the settings allow at most 255 segments");
        self.store.set_inbox_state(id, InboxState::Answered)?;
        if let Some(unit) = unit {
            self.store.claim_inbox(id, unit)?;
        }
        self.inbox_touched.insert(whose.to_owned());
        let event = EventRow {
            actor: &act.actor,
            kind: "inbox_answered",
            job: Some(job),
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
}
