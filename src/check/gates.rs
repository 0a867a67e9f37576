//! What of a job would wait although it is accepted, and what would not be accepted because of the time: as the engine decides it.

use crate::config::{Config, Unit};
use crate::engine::event::Refusal;
use crate::engine::{entered, never_opens, second_person, shut_at};
use crate::model::{Class, JobHeader, Lang, Timestamp, WaitKind};
use crate::policy::OverQuota;
use crate::spool::Rejection;
use crate::store::{Reader, StoreError};

/// What holds a job that can be read.
#[derive(Default)]
pub(super) struct Gates {
    /// Why it would not be accepted.
    pub refusal: Option<String>,
    /// Why it would wait at first, and until when.
    pub waits: Option<(WaitKind, String, Option<Timestamp>)>,
    /// Why it would wait for a second person.
    pub approval: Option<String>,
    /// Segments that are left of its unit's day, where that is limited.
    pub quota_left: Option<u64>,
}

impl Gates {
    pub(super) fn of(
        (config, unit, lang): (&Config, &Unit, Lang),
        header: &JobHeader,
        (people, segments): (u64, u64),
        reader: Option<&Reader>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let said = |refusal| Rejection::refused(refusal, config.time_zone()).line(lang);
        let known = match reader {
            Some(reader) => entered(reader.moratoria()?),
            None => Vec::new(),
        };
        let (begins, ends) = config.lifetimes.span(header, now, now);
        let mut gates = Self {
            refusal: never_opens(&config.calendar, &known, header, begins, ends).map(said),
            waits: shut_at(&config.calendar, &known, header, begins),
            approval: second_person(config.approval, Some(&unit.rules), header, people, None),
            quota_left: None,
        };
        let quota = u64::from(unit.rules.segments_per_day);
        if quota > 0 && header.class != Class::Emergency {
            let (from, until) = config.calendar.day(begins);
            let today = from <= now;
            let (mut used, mut queued) = (0, 0);
            if let Some(reader) = reader {
                let all = reader.unit_segments(from)?;
                used = all.iter().filter(|(of, _)| *of == unit.name).map(|(_, count)| u64::from(*count)).sum();
                let since = if today { Timestamp::MIN } else { from };
                queued = reader.queued_segments(&unit.name, since, until)?;
            }
            let left = quota.saturating_sub(used + queued);
            gates.quota_left = Some(left);
            if segments > left && unit.rules.over_quota == OverQuota::Refuse {
                gates.refusal = gates.refusal.or(Some(said(Refusal::OverQuota { segments, left })));
            }
        }
        Ok(gates)
    }

    /// Before which nothing of it goes out, where that is known.
    pub(super) fn opens(&self) -> Option<Timestamp> {
        self.waits.as_ref().and_then(|(_, _, opens)| *opens)
    }
}
