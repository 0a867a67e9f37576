//! What was kept long enough is blanked: a bounded bit at a time, so that nobody waits for it, and on record.

use super::{ENGINE, Engine};
use crate::model::{JobId, MessageId, SignedDuration, Timestamp};
use crate::policy::Retention;
use crate::store::{EventRow, Kept, StoreError};

/// Rows that one call blanks.
const BIT: usize = 200;
/// The pause between two calls while something is left.
const PAUSE: SignedDuration = SignedDuration::from_millis(100);
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
        let rules = self.rules.retention;
        if !rules.is_on() {
            return Ok(None);
        }
        if let Some(next) = self.blanking.next.filter(|next| *next > now) {
            return Ok(Some(next));
        }
        let mut left = BIT;
        let before = |span: Option<SignedDuration>| span.map(|span| Retention::before(span, now));
        if let Some(before) = before(rules.texts) {
            self.blank_jobs(Kept::Texts, before, &mut left, now)?;
        }
        if let Some(before) = before(rules.inbound) {
            let blanked = self.store.blank_old_inbound(before, left, now)?;
            left -= blanked;
            self.record_blanking("inbound_blanked", blanked, "inbound texts", "that came", before, now)?;
        }
        if let Some(before) = before(rules.numbers) {
            self.blank_jobs(Kept::Numbers, before, &mut left, now)?;
            let former = self.store.blank_former_holders(before, left)?;
            left -= former;
            self.record_blanking("former_holders_blanked", former, "entries of the roster", "that ended", before, now)?;
            left -= self.store.blank_old_tests(before, left)?;
            left -= self.store.blank_old_orphans(before, left)?;
            left -= self.store.blank_old_event_numbers(before, left, now)?;
        }
        let wait = if left == 0 { PAUSE } else { EVERY };
        self.blanking.next = now.saturating_add(wait).ok();
        Ok(self.blanking.next)
    }

    fn blank_jobs(
        &mut self,
        what: Kept,
        before: Timestamp,
        left: &mut usize,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut finished = 0;
        while *left > 0
            && let Some(job) = self.store.job_to_blank(what, before)?
        {
            let place = match what {
                Kept::Texts => &mut self.blanking.texts,
                Kept::Numbers => &mut self.blanking.numbers,
            };
            let after = place.filter(|(known, _)| *known == job).map_or(MessageId(0), |(_, after)| after);
            let (last, blanked) = self.store.blank_bit(what, job, after, *left)?;
            *place = Some((job, last));
            if blanked < *left {
                self.store.mark_blanked(what, job, now)?;
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
        self.record_blanking(kind, finished, "jobs", "that ended", before, now)
    }

    fn record_blanking(
        &self,
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
        let detail = format!("{count} {what} {which} before {}", before.strftime("%Y-%m-%d %H:%M UTC"));
        self.record(EventRow { kind, detail: &detail, ..ENGINE }, now)
    }
}
