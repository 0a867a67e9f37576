//! What was kept long enough is blanked: a bounded bit at a time, so that nobody waits for it, and on record.

use super::{ENGINE, Engine};
use crate::model::{JobId, MessageId, SignedDuration, Timestamp, minute};
use crate::policy::Retention;
use crate::store::{EventRow, Kept, Store, StoreError};

/// Rows that one call blanks.
const BIT: usize = 200;
/// The pause between two calls while something is left.
pub(super) const PAUSE: SignedDuration = SignedDuration::from_millis(100);
/// How often it is looked whether something has been kept long enough.
const EVERY: SignedDuration = SignedDuration::from_hours(1);

/// How far the blanking has come.
#[derive(Debug, Default)]
pub(super) struct Blanking {
    /// The next look; `None`: at once.
    next: Option<Timestamp>,
    /// The last recipient that was blanked of the job in hand. A restart begins that job anew, which changes nothing.
    texts: Option<(JobId, MessageId)>,
    numbers: Option<(JobId, MessageId)>,
}

impl Engine {
    /// Blanks what is due; gives the time of the next call that is needed.
    pub(super) fn blank(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.blanking.advance(&self.store, self.rules.retention, now)
    }
}

impl Blanking {
    /// Blanks what is due; gives the time of the next call that is needed.
    pub(super) fn advance(
        &mut self,
        store: &Store,
        rules: Retention,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        if !rules.is_on() {
            return Ok(None);
        }
        if let Some(next) = self.next.filter(|next| *next > now) {
            return Ok(Some(next));
        }
        let mut left = BIT;
        let before = |span: Option<SignedDuration>| span.map(|span| Retention::before(span, now));
        if let Some(before) = before(rules.texts) {
            self.blank_jobs(store, Kept::Texts, before, &mut left, now)?;
        }
        if let Some(before) = before(rules.inbound) {
            let blanked = store.blank_old_inbound(before, left, now)?;
            left -= blanked;
            record_blanking(store, "inbound_blanked", blanked, "inbound texts", "that came", before, now)?;
        }
        if let Some(before) = before(rules.numbers) {
            self.blank_jobs(store, Kept::Numbers, before, &mut left, now)?;
            let former = store.blank_former_holders(before, left)?;
            left -= former;
            record_blanking(
                store,
                "former_holders_blanked",
                former,
                "entries of the roster",
                "that ended",
                before,
                now,
            )?;
            left -= store.blank_old_tests(before, left)?;
            left -= store.forget_archived_failures(before, left)?;
            left -= store.blank_old_orphans(before, left)?;
            left -= store.blank_old_event_numbers(before, left, now)?;
        }
        let wait = if left == 0 { PAUSE } else { EVERY };
        self.next = now.saturating_add(wait).ok();
        Ok(self.next)
    }

    fn blank_jobs(
        &mut self,
        store: &Store,
        what: Kept,
        before: Timestamp,
        left: &mut usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut finished = 0;
        while *left > 0
            && let Some(job) = store.job_to_blank(what, before)?
        {
            let place = match what {
                Kept::Texts => &mut self.texts,
                Kept::Numbers => &mut self.numbers,
            };
            let after = place.filter(|(known, _)| *known == job).map_or(MessageId(0), |(_, after)| after);
            let (last, blanked) = store.blank_bit(what, job, after, *left)?;
            *place = Some((job, last));
            if blanked < *left {
                store.mark_blanked(what, job, now)?;
                finished += 1;
                // A job costs something even where nobody is in it.
                *left -= blanked.max(1);
            } else {
                *left = 0;
            }
        }
        let kind = match what {
            Kept::Texts => "texts_blanked",
            Kept::Numbers => "numbers_blanked",
        };
        record_blanking(store, kind, finished, "jobs", "that ended", before, now)
    }
}

fn record_blanking(
    store: &Store,
    kind: &str,
    count: usize,
    what: &str,
    which: &str,
    before: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    if count == 0 {
        return Ok(());
    }
    let detail = format!("{count} {what} {which} before {}", minute(before));
    store.record(&EventRow { kind, detail: &detail, ..ENGINE }, now).map(drop)
}
