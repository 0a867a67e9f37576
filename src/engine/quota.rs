//! What units may send in a day of the office, in segments, counted from the attempts.
//!
//! Emergencies count and are never held: a warning does not wait for tomorrow because of an invitation.

use std::collections::{BTreeMap, BTreeSet};

use super::{Engine, Rules};
use crate::model::{Class, JobId, MessageId, Timestamp};
use crate::policy::OverQuota;
use crate::store::{AttemptRow, StoreError};

/// What is kept in mind of the day.
#[derive(Debug, Default)]
pub(super) struct Quotas {
    /// Its beginning and the beginning of the next; `None`: not counted yet.
    day: Option<(Timestamp, Timestamp)>,
    /// Segments handed over by units that have a quota.
    used: BTreeMap<String, u32>,
    /// Segments that follow of messages that have begun, as long as they stay with their modem.
    promised: BTreeMap<MessageId, (String, u32)>,
    /// Units whose next message did not fit into what was left.
    full: BTreeSet<String>,
}

/// The quota of a unit, where it has one.
fn of(rules: &Rules, unit: &str) -> Option<u32> {
    rules.units.get(unit).map(|unit| unit.segments_per_day).filter(|quota| *quota > 0)
}

impl Quotas {
    /// What is left of the unit's day.
    fn left(&self, unit: &str, quota: u32) -> u32 {
        let used = self.used.get(unit).copied().unwrap_or(0);
        let promised: u32 = self.promised.values().filter(|(of, _)| of == unit).map(|(_, rest)| rest).sum();
        quota.saturating_sub(used + promised)
    }

    /// Why a job that could go at a moment waits for the next day, and when that begins; `None`: it does not.
    pub fn next_day(&self, rules: &Rules, unit: &str, class: Class, at: Timestamp) -> Option<(String, Timestamp)> {
        let (_, tomorrow) = self.day.filter(|(from, until)| *from <= at && at < *until)?;
        let quota = of(rules, unit).filter(|_| class != Class::Emergency)?;
        let over = self.full.contains(unit) || self.left(unit, quota) == 0;
        over.then(|| (format!("unit {unit} has sent what it may in a day, {quota} segments"), tomorrow))
    }
}

impl Engine {
    /// Counts the day anew where it is another one. Gives when it ends; never, where no unit has a quota.
    pub(super) fn count_day(&mut self, now: Timestamp) -> Result<Timestamp, StoreError> {
        if self.rules.units.values().all(|unit| unit.segments_per_day == 0) {
            return Ok(Timestamp::MAX);
        }
        let day = self.rules.calendar.day(now);
        if self.hours.quotas.day != Some(day) {
            let used = self.store.unit_segments(day.0)?.into_iter().collect();
            self.hours.quotas = Quotas { day: Some(day), used, ..Quotas::default() };
        }
        Ok(day.1)
    }

    /// Whether a message of so many segments may begin; where not, its unit waits for the next day.
    pub(super) fn quota_allows(&mut self, job: JobId, segments: usize) -> bool {
        let Some(lane) = self.queue.lane(job).filter(|lane| lane.kind.is_a_units()) else { return true };
        let Some(quota) = of(&self.rules, &lane.unit).filter(|_| lane.class != Class::Emergency) else { return true };
        let (unit, stations) = (lane.unit.clone(), &self.stations);
        let goes_on = |message: &MessageId| {
            stations.values().any(|station| station.current.is_some_and(|segment| segment.message == *message))
        };
        let quotas = &mut self.hours.quotas;
        quotas.promised.retain(|message, _| goes_on(message));
        let fits = segments as u64 <= u64::from(quotas.left(&unit, quota));
        if !fits {
            quotas.full.insert(unit);
            self.hours.judge_again();
        }
        fits
    }

    /// A segment of a message is handed over, and so many follow.
    pub(super) fn count_segment(&mut self, job: JobId, message: MessageId, follow: usize) {
        let Some(lane) = self.queue.lane(job).filter(|lane| lane.kind.is_a_units()) else { return };
        let Some(quota) = of(&self.rules, &lane.unit) else { return };
        let unit = lane.unit.clone();
        let quotas = &mut self.hours.quotas;
        *quotas.used.entry(unit.clone()).or_default() += 1;
        match u32::try_from(follow) {
            Ok(0) | Err(_) => drop(quotas.promised.remove(&message)),
            Ok(rest) => drop(quotas.promised.insert(message, (unit.clone(), rest))),
        }
        if quotas.left(&unit, quota) == 0 && quotas.full.insert(unit) {
            self.hours.judge_again();
        }
    }

    /// A hand-over came to nothing: it is not counted.
    pub(super) fn uncount_segment(&mut self, attempt: &AttemptRow, job: JobId) {
        let Some(lane) = self.queue.lane(job) else { return };
        let quotas = &mut self.hours.quotas;
        let today = quotas.day.is_some_and(|(from, _)| from <= attempt.opened_at);
        if let Some(used) = quotas.used.get_mut(&lane.unit).filter(|_| today) {
            *used = used.saturating_sub(1);
            if quotas.full.remove(&lane.unit) {
                self.hours.judge_again();
            }
        }
    }

    /// Whether a new job of so many segments is over its unit's day, where such jobs are refused: what is left of it.
    pub(super) fn over_quota(
        &self,
        unit: &str,
        class: Class,
        segments: u64,
        begins: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let refuses = self.rules.units.get(unit).is_some_and(|unit| unit.over_quota == OverQuota::Refuse);
        let Some(quota) = of(&self.rules, unit).filter(|_| refuses && class != Class::Emergency) else {
            return Ok(None);
        };
        let (from, until) = self.rules.calendar.day(begins);
        let today = self.hours.quotas.day.is_some_and(|day| day.0 == from);
        // What is due on earlier days and has not gone yet goes today as well.
        let since = if today { Timestamp::MIN } else { from };
        let used = if today { self.hours.quotas.used.get(unit).copied().unwrap_or(0) } else { 0 };
        let queued = self.store.queued_segments(unit, since, until)?;
        let left = u64::from(quota).saturating_sub(u64::from(used) + queued);
        Ok((segments > left).then_some(left))
    }
}
