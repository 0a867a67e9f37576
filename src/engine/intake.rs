//! Jobs on their way in: all or nothing.

use std::collections::BTreeMap;

use super::event::{IntakeEvent, IntakeId, IntakeOrder, Order, Refusal};
use super::hours::never_opens;
use super::text::Plans;
use super::{ENGINE, Engine};
use crate::model::{
    Class, Country, Excluded, JobHeader, JobId, JobKind, JobState, MessageId, Msisdn, Origin, RecipientRow, Timestamp,
};
use crate::pdu;
use crate::policy::signed;
use crate::store::{EventRow, JOB_REMARK, JobAudience, NewJob, NewMessage, StoreError};

/// Messages that one call enters under their numbers.
const INDEX_BIT: usize = 4000;

/// A job that is being received.
pub(super) struct Intake {
    job: JobId,
    header: JobHeader,
    /// From when it could have gone out, where its file waited over a long stop.
    waited: Option<Timestamp>,
    /// What is not done as its file says.
    remarks: Vec<String>,
    /// The text that was planned last: rows mostly share theirs.
    plans: Plans,
    /// Segments of the job's text, where it has one.
    segments: Option<usize>,
    recipients: u64,
    excluded: u64,
    /// Those who are excluded, by the reason's short name.
    excluded_by: BTreeMap<&'static str, u64>,
    /// Segments of the longest text that is too long.
    longest: Option<usize>,
    /// Segments of all its messages.
    segments_all: u64,
    /// Nothing of it goes out before.
    not_before: Timestamp,
    /// The messages made so far; in the order of their numbers once all are there.
    messages: Vec<(Msisdn, MessageId)>,
    /// How many of them can be found by their number already.
    indexed: usize,
    /// The first and the last of those that go ahead of the rest.
    ahead: Option<(MessageId, MessageId)>,
}

impl Intake {
    /// Whether a message to this number has come in that is not found by its number yet.
    pub(super) fn names(&self, number: Msisdn) -> bool {
        self.messages[self.indexed..].iter().any(|(known, _)| *known == number)
    }

    /// Forgets a number; gives its messages.
    pub(super) fn forget(&mut self, number: Msisdn) -> Vec<MessageId> {
        let mut forgotten = Vec::new();
        for (known, message) in &mut self.messages[self.indexed..] {
            if *known == number {
                *known = Msisdn::ERASED;
                forgotten.push(*message);
            }
        }
        forgotten
    }
}

/// A row that becomes a message.
struct Fit {
    number: Msisdn,
    /// Its own text; `None`: the job's.
    text: Option<String>,
    segments: u8,
}

impl Engine {
    pub(super) fn on_intake(&mut self, id: IntakeId, event: IntakeEvent, now: Timestamp) -> Result<(), StoreError> {
        match event {
            IntakeEvent::Waited(since) => {
                self.lay_waiting(id, since);
                Ok(())
            }
            IntakeEvent::Begin(header) => self.begin_intake(id, *header, now),
            IntakeEvent::Remarks(remarks) => {
                if let Some(intake) = self.intakes.get_mut(&id) {
                    intake.remarks = remarks;
                }
                Ok(())
            }
            IntakeEvent::Rows(rows) => match self.intakes.remove(&id) {
                Some(mut intake) => {
                    self.take_rows(&mut intake, &rows)?;
                    self.intakes.insert(id, intake);
                    Ok(())
                }
                // Refused at its beginning; the rest of its rows was on the way already.
                None => Ok(()),
            },
            IntakeEvent::Complete => match self.intakes.remove(&id) {
                Some(intake) => self.complete_intake(id, intake, now),
                None => Ok(()),
            },
            IntakeEvent::Abandon => {
                self.waited_since(id);
                if let Some(intake) = self.intakes.remove(&id).or_else(|| self.completing.remove(&id)) {
                    self.forgetting.push(intake.job);
                }
                Ok(())
            }
            IntakeEvent::Filed { job, name, remarks } => {
                self.store.mark_filed(job, &name)?;
                for remark in &remarks {
                    self.record(EventRow { kind: JOB_REMARK, job: Some(job), detail: remark, ..ENGINE }, now)?;
                }
                self.orders.push(Order::JobChanged { job, finished: self.store.unfinished(job)? == 0 });
                Ok(())
            }
            IntakeEvent::Rejected { unit, source, reason, reason_indonesian } => {
                self.store.submission_refused(&unit, &source, [&reason, &reason_indonesian])?;
                let detail = format!("{unit}/{source}: {reason}");
                self.record(EventRow { actor: &unit, kind: "file_rejected", detail: &detail, ..ENGINE }, now)
            }
        }
    }

    fn begin_intake(&mut self, id: IntakeId, mut header: JobHeader, now: Timestamp) -> Result<(), StoreError> {
        let waited = self.waited_since(id);
        // The daemon itself owns the file of a request.
        if let Some(caller) = self.store.submitter(&header.unit, &header.source, &header.file_digest)? {
            header.owner = caller;
        }
        if let Some(before) = self.store.job_by_digest(&header.digest)? {
            let job = before.job;
            if !before.filed && before.source == header.source && before.unit == header.unit {
                // The daemon ended between accepting this file and moving it.
                self.orders.push(Order::Intake(id, IntakeOrder::Known { job }));
                return Ok(());
            }
            // The file of a request has a name of its own: of that name and content it is the same request, made again.
            let same_request = self.store.brought(&header.unit, &header.source, &header.file_digest)? == Some(job);
            if !header.again || same_request {
                let refusal = Refusal::SentBefore { job, at: before.accepted_at };
                self.orders.push(Order::Intake(id, IntakeOrder::Refused(refusal)));
                return Ok(());
            }
        }
        let (not_before, expires_at) = self.rules.lifetimes.span(&header, waited.unwrap_or(now), now);
        if expires_at <= now || expires_at <= not_before {
            self.orders.push(Order::Intake(id, IntakeOrder::Refused(Refusal::TooLate { expires_at })));
            return Ok(());
        }
        let (calendar, entered) = (&self.rules.calendar, &self.hours.entered);
        if let Some(refusal) = never_opens(calendar, entered, &header, not_before, expires_at) {
            self.orders.push(Order::Intake(id, IntakeOrder::Refused(refusal)));
            return Ok(());
        }
        if let Some(text) = header.text.take() {
            header.text = Some(self.spelled(signed(text, self.rules.units.get(&header.unit))));
        }
        let uid = self.uid(now);
        let job = NewJob {
            uid: &uid,
            kind: JobKind::File,
            header: &header,
            state: JobState::Receiving,
            not_before,
            expires_at,
            pinned_sim: None,
            basis: header.basis.unwrap_or_else(|| self.rules.consent.basis_of(&header.unit)),
            answers: None,
        };
        let job = self.store.insert_job(&job, now)?;
        if let Some(audience) = &header.audience {
            let note =
                JobAudience { expression: &audience.expression, meaning: &audience.meaning, import: audience.import };
            self.store.insert_job_audience(job, &note)?;
        }
        let mut plans = Plans::default();
        let segments = header.text.as_deref().map(|text| plans.segments(text));
        let (messages, indexed) = (Vec::new(), 0);
        let ahead = None;
        let (recipients, excluded, segments_all) = (0, 0, 0);
        let (excluded_by, longest) = (BTreeMap::new(), None);
        let intake = Intake {
            job,
            header,
            waited,
            remarks: Vec::new(),
            plans,
            segments,
            recipients,
            excluded,
            excluded_by,
            longest,
            segments_all,
            not_before,
            messages,
            indexed,
            ahead,
        };
        self.intakes.insert(id, intake);
        Ok(())
    }

    /// The text as it is sent: characters that needlessly force UCS-2 replaced, if the settings say so.
    pub(super) fn spelled(&self, text: String) -> String {
        if self.rules.transliterate { pdu::transliterate(&text).text } else { text }
    }

    fn take_rows(&self, intake: &mut Intake, rows: &[RecipientRow]) -> Result<(), StoreError> {
        // One after the other: by turns it takes longer.
        let judged: Vec<_> = rows.iter().map(|row| self.judge_row(intake, row)).collect::<Result<_, _>>()?;
        let mut list = self.store.new_list(intake.job)?;
        intake.recipients += rows.len() as u64;
        for (row, verdict) in rows.iter().zip(judged) {
            match verdict {
                Ok(Fit { number, text, segments }) => {
                    let network = self.network_to(number);
                    intake.segments_all += u64::from(segments);
                    let message = NewMessage { number, text: text.as_deref(), segments, network };
                    intake.messages.push((number, list.message(row, message)?));
                }
                Err(why) => {
                    intake.excluded += 1;
                    *intake.excluded_by.entry(why.name()).or_default() += 1;
                    if let Excluded::TooLong { segments, .. } = why {
                        intake.longest = intake.longest.max(Some(segments));
                    }
                    let number = whose(row, self.rules.country);
                    let erased = number.map_or(Ok(false), |number| self.store.is_kept(number))?;
                    match erased {
                        // The place in the list is named, whose it was is not kept anew.
                        true => list.excluded(&nameless(row), None, &why)?,
                        false => list.excluded(row, number, &why)?,
                    }
                }
            }
        }
        Ok(())
    }

    fn judge_row(&self, intake: &mut Intake, row: &RecipientRow) -> Result<Result<Fit, Excluded>, StoreError> {
        let number = match &row.number {
            Ok(number) => *number,
            Err(why) => return Ok(Err(why.clone())),
        };
        if self.stopped(number, intake.header.class, &intake.header.unit)? {
            return Ok(Err(Excluded::OptedOut));
        }
        // A warning goes to a number that seems dead too: it may be alive by now, and then nothing is lost but a try.
        if intake.header.class != Class::Emergency && self.suspended.contains(&number) {
            return Ok(Err(Excluded::Suspended));
        }
        let text = row
            .text
            .clone()
            .map(|text| self.spelled(signed(text, self.rules.units.get(&intake.header.unit))))
            .filter(|text| Some(text) != intake.header.text.as_ref());
        let segments = match (&text, intake.segments) {
            (Some(text), _) if text.trim().is_empty() => return Ok(Err(Excluded::NoText)),
            (Some(text), _) => intake.plans.segments(text),
            (None, Some(segments)) => segments,
            (None, None) => return Ok(Err(Excluded::NoText)),
        };
        match u8::try_from(segments) {
            Ok(count) if segments <= self.rules.segments_max => Ok(Ok(Fit { number, text, segments: count })),
            _ => Ok(Err(Excluded::TooLong { segments, limit: self.rules.segments_max })),
        }
    }

    fn complete_intake(&mut self, id: IntakeId, mut intake: Intake, now: Timestamp) -> Result<(), StoreError> {
        let recipients = intake.recipients;
        if recipients == intake.excluded {
            self.forgetting.push(intake.job);
            let longest = intake.longest.map(|segments| (segments, self.rules.segments_max));
            let refusal = Refusal::Nobody { recipients, excluded: intake.excluded_by, longest };
            self.orders.push(Order::Intake(id, IntakeOrder::Refused(refusal)));
            return Ok(());
        }
        let in_order = intake.messages.iter().map(|(_, message)| *message);
        intake.ahead = self.ahead_of(intake.header.class, in_order);
        intake.messages.sort_unstable();
        self.completing.insert(id, intake);
        self.go_on_completing(now).map(drop)
    }

    /// Enters a bounded bit of the jobs that are all in under their numbers, and accepts those that are done.
    /// `true`: some is left.
    pub(super) fn go_on_completing(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let Some(mut entry) = self.completing.first_entry() else { return Ok(false) };
        let intake = entry.get_mut();
        let until = intake.messages.len().min(intake.indexed + INDEX_BIT);
        self.store.index_numbers(&intake.messages[intake.indexed..until])?;
        intake.indexed = until;
        if until == intake.messages.len() {
            let (id, intake) = entry.remove_entry();
            self.accept(id, &intake, now)?;
        }
        Ok(!self.completing.is_empty())
    }

    fn accept(&mut self, id: IntakeId, intake: &Intake, now: Timestamp) -> Result<(), StoreError> {
        let (recipients, excluded) = (intake.recipients, intake.excluded);
        // The same file may have come in twice side by side: whichever was whole first is the job.
        if !intake.header.again
            && let Some(before) = self.store.job_by_digest(&intake.header.digest)?
        {
            self.forgetting.push(intake.job);
            let refusal = Refusal::SentBefore { job: before.job, at: before.accepted_at };
            self.orders.push(Order::Intake(id, IntakeOrder::Refused(refusal)));
            return Ok(());
        }
        let header = &intake.header;
        if let Some(left) = self.over_quota(&header.unit, header.class, intake.segments_all, intake.not_before)? {
            self.forgetting.push(intake.job);
            let refusal = Refusal::OverQuota { segments: intake.segments_all, left };
            self.orders.push(Order::Intake(id, IntakeOrder::Refused(refusal)));
            return Ok(());
        }
        let waited = intake.waited.map(|since| self.could_go_since(header.class, &header.unit, since));
        let state = self.first_state(header.class, waited, now);
        self.store.accept_job(intake.job, recipients, excluded, state)?;
        self.store.submission_accepted(&header.unit, &header.source, intake.job)?;
        if let Some((first, last)) = intake.ahead {
            self.store.insert_canary(intake.job, first, last)?;
            self.canaries.insert(intake.job, None);
        }
        self.ask_second(intake.job, header, recipients - excluded, now)?;
        let row = self.store.job(intake.job)?.expect("it was just accepted");
        self.queue.add(&row, &self.store)?;
        self.judge_new(intake.job, now)?;
        let detail = format!("{}/{}: {recipients} recipients, {excluded} excluded", header.unit, header.source);
        self.record(
            EventRow { actor: &header.owner, kind: "job_accepted", job: Some(intake.job), detail: &detail, ..ENGINE },
            now,
        )?;
        self.record_audience(intake.job, header, now)?;
        for remark in &intake.remarks {
            self.record(EventRow { kind: JOB_REMARK, job: Some(intake.job), detail: remark, ..ENGINE }, now)?;
        }
        if let (JobState::Paused, Some(since)) = (state, waited) {
            self.leave_for_person(intake.job, since, now)?;
            self.show_held(now)?;
        }
        self.orders.push(Order::Intake(id, IntakeOrder::Accepted { job: intake.job, recipients, excluded }));
        Ok(())
    }

    /// A name that is unique in the world: UUIDv7 from the time and the engine's random numbers.
    pub(super) fn uid(&mut self, now: Timestamp) -> String {
        let mut random = [0; 10];
        self.random.fill(&mut random);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
    }
}

/// Whose a row is that gets nothing, as far as what is written there says: its owner may ask for it, and it is erased with the others.
fn whose(row: &RecipientRow, country: Country) -> Option<Msisdn> {
    match &row.number {
        Ok(number) => Some(*number),
        Err(Excluded::Invalid(_)) => None,
        Err(_) => Msisdn::parse(&row.raw, country).ok(),
    }
}

/// A row of which only its place is kept.
fn nameless(row: &RecipientRow) -> RecipientRow {
    let (raw, number) = (String::new(), Err(Excluded::OptedOut));
    RecipientRow { row: row.row, raw, number, name: None, text: None, origin: Origin::default() }
}
