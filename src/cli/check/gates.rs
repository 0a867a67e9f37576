//! What of a job would wait although it is accepted, and what would not be accepted because of the time: as the engine decides it.

use crate::cli::phrases::fill;
use crate::cli::phrases::words::sentence;
use crate::cli::screen::time;
use crate::cli::{Context, Failure};
use crate::config::Unit;
use crate::engine::event::Refusal;
use crate::engine::{entered, never_opens, second_person, shut_at};
use crate::model::{Class, JobHeader, Timestamp, WaitKind};
use crate::policy::OverQuota;
use crate::spool::Rejection;
use crate::store::Reader;

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
        context: &Context,
        unit: &Unit,
        header: &JobHeader,
        (people, segments): (u64, u64),
        reader: Option<&Reader>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let config = context.config()?;
        let said = |refusal| Rejection::refused(refusal, Default::default(), config.time_zone()).line(context.lang);
        let known = match reader {
            Some(reader) => entered(reader.moratoria().map_err(Failure::refused)?),
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
                let all = reader.unit_segments(from).map_err(Failure::refused)?;
                used = all.iter().filter(|(of, _)| *of == unit.name).map(|(_, count)| u64::from(*count)).sum();
                let since = if today { Timestamp::MIN } else { from };
                queued = reader.queued_segments(&unit.name, since, until).map_err(Failure::refused)?;
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

    /// What is to be said of them, a line each.
    pub(super) fn lines(&self, context: &Context, segments: u64) -> Result<Vec<(&'static str, String)>, Failure> {
        let (say, zone) = (context.say, context.config()?.time_zone());
        let mut lines = Vec::new();
        if let Some((_, reason, opens)) = &self.waits {
            let from = opens.map_or("-".to_owned(), |opens| time(opens, zone));
            lines.push((say.opens, format!("{from} ({})", sentence(context.lang, reason))));
        }
        if let Some(why) = &self.approval {
            lines.push((say.second, sentence(context.lang, why)));
        }
        match self.quota_left {
            Some(left) if left < segments => lines.push((say.quota_left, fill(say.quota_waits, &[&left]))),
            Some(left) => lines.push((say.quota_left, left.to_string())),
            None => {}
        }
        Ok(lines)
    }
}
