//! Lists that may be long: from the daemon page by page.

use std::fmt::Display;

use serde::de::DeserializeOwned;

use super::{Answers, with_query};
use crate::cli::Failure;
use crate::config::Config;
use crate::store::{AlarmView, InboxFilter, InboxView, JobView, OptOutPlace, OptOutView, Reader};
use crate::web::ROWS_MAX;

/// What stands behind `?`.
pub(super) type Wanted = Vec<(&'static str, String)>;

fn before(last: Option<i64>) -> Wanted {
    last.map(|id| ("before", id.to_string())).into_iter().collect()
}

impl Answers<'_> {
    /// The newest jobs, at most `limit`; answers, tests and questions of the daemon's own only with `replies`.
    pub(in crate::cli) fn jobs(&self, limit: usize, replies: bool) -> Result<Vec<JobView>, Failure> {
        let wanted = vec![("replies", replies.to_string())];
        let next = |page: &[JobView]| before(page.last().map(|job| job.id));
        self.pages("/jobs", wanted, limit, next, |_, reader| reader.jobs(limit, replies))
    }

    /// Alarms that stand, with `past` those that have passed too.
    pub(in crate::cli) fn alarms(&self, past: bool, limit: usize) -> Result<Vec<AlarmView>, Failure> {
        let wanted = vec![("past", past.to_string())];
        let next = |page: &[AlarmView]| before(page.last().map(|alarm| alarm.id));
        self.pages("/alarms", wanted, limit, next, |_, reader| reader.alarms(past, limit))
    }

    /// The newest opt-outs.
    pub(in crate::cli) fn opt_outs(&self, limit: usize) -> Result<Vec<OptOutView>, Failure> {
        let mut place = None;
        let next = |page: &[OptOutView]| {
            place = OptOutPlace::behind(page, place);
            place
                .map_or(Vec::new(), |place| vec![("from", place.since.to_string()), ("shown", place.shown.to_string())])
        };
        self.pages("/optouts", Vec::new(), limit, next, |_, reader| reader.opt_outs(limit))
    }

    /// The newest inbound texts that are wanted, of all units; those of operators SIM by SIM.
    pub(in crate::cli) fn inbox(&self, filter: &InboxFilter) -> Result<Vec<InboxView>, Failure> {
        let mut wanted = vec![("operator", filter.operator.to_string())];
        wanted.extend(filter.unit.iter().map(|unit| ("unit", unit.clone())));
        wanted.extend(filter.state.iter().map(|state| ("state", state.name().to_owned())));
        wanted.extend(filter.sim.iter().map(|sim| ("sim", sim.clone())));
        let next = |page: &[InboxView]| before(page.last().map(|text| text.id));
        let ledger = |_: &Config, reader: &Reader| reader.inbox_where(filter);
        if !filter.operator || filter.limit <= ROWS_MAX as usize {
            return self.pages("/inbox", wanted, filter.limit, next, ledger);
        }
        // Pages go by age; what is asked for goes by SIM, and by age within each.
        wanted.push(("before", i64::MAX.to_string()));
        let mut rows = self.pages("/inbox", wanted, usize::MAX, next, ledger)?;
        rows.sort_by(|one, other| (&one.sim, -one.id).cmp(&(&other.sim, -other.id)));
        rows.truncate(filter.limit);
        Ok(rows)
    }

    /// Page after page until `limit` or the end; `next` says where the page behind another begins.
    pub(super) fn pages<T: DeserializeOwned, E: Display>(
        &self,
        path: &str,
        mut wanted: Wanted,
        limit: usize,
        mut next: impl FnMut(&[T]) -> Wanted,
        ledger: impl FnOnce(&Config, &Reader) -> Result<Vec<T>, E>,
    ) -> Result<Vec<T>, Failure> {
        let mut rows: Vec<T> = Vec::new();
        while rows.len() < limit {
            let page = (limit - rows.len()).min(ROWS_MAX as usize);
            let mut query = wanted.clone();
            query.push(("limit", page.to_string()));
            let Some(answer) = self.daemon::<Vec<T>>(&with_query(path, &query))? else {
                // The daemon has stopped: what it has told so far is told again.
                return self.read(ledger);
            };
            let more = answer.map_err(|no| self.context.refused(&no))?;
            for (name, value) in next(&more) {
                wanted.retain(|(known, _)| *known != name);
                wanted.push((name, value));
            }
            let last = more.len() < page;
            rows.extend(more);
            if last {
                break;
            }
        }
        Ok(rows)
    }
}
