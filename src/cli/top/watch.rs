//! What `kentongan top` shows, gathered from the ledger.

use std::collections::BTreeMap;

use crate::metrics::{Allowances, Pace, Sends, minute};
use crate::model::{JobId, SignedDuration, State, Timestamp, Units, earlier};
use crate::store::{AlarmView, Gauges, InboxView, JobView, ModemGauge, Reader, StoreError};

/// Over how long the pace of a job is judged.
const PACE_MINUTES: usize = 10;
/// How many minutes the sparkline of a modem shows at most.
pub(super) const LINE_MINUTES: usize = 60;
/// The most that is shown of lists which have no end.
const JOBS_MAX: usize = 200;
const PAST_JOBS: usize = 10;
const LINES_MAX: usize = 50;

/// How everything stands at one moment.
#[derive(Clone, Debug)]
pub(super) struct Glance {
    /// That moment.
    pub at: Timestamp,
    pub running: bool,
    pub gauges: Gauges,
    /// Segments handed over in each of the last minutes, over all SIMs, oldest first; the last minute has just begun.
    pub by_minute: Vec<u32>,
    pub jobs: Vec<JobLine>,
    pub modems: Vec<ModemLine>,
    pub alarms: Vec<AlarmView>,
    pub inbound: Vec<InboxView>,
}

/// A job and how far it is.
#[derive(Clone, Debug)]
pub(super) struct JobLine {
    pub job: JobView,
    /// Its messages, and those of them that are neither queued nor with a modem.
    pub messages: u64,
    pub gone: u64,
    /// How long the rest takes at the pace of the last minutes; `None`: it has no pace, or nothing is left.
    pub left: Option<SignedDuration>,
}

/// A modem and what its SIM sends.
#[derive(Clone, Debug)]
pub(super) struct ModemLine {
    pub modem: ModemGauge,
    pub by_minute: Vec<u32>,
    /// What is left of its hour and of its day, in segments; `None`: no limit.
    pub left_hour: Option<u64>,
    pub left_day: Option<u64>,
}

/// Looks again and again, and remembers between the looks what it has counted.
pub(super) struct Watch {
    reader: Reader,
    allowances: Allowances,
    sends: Sends,
    /// Messages of jobs that went out whole, by minute.
    jobs: BTreeMap<JobId, Pace>,
}

impl Watch {
    pub fn new(reader: Reader, allowances: Allowances, now: Timestamp) -> Result<Self, StoreError> {
        let since = earlier(now, SignedDuration::from_mins(PACE_MINUTES as i64));
        reader
            .at_once(|reader| {
                let sends = Sends::new(reader, now)?;
                let mut jobs: BTreeMap<JobId, Pace> = BTreeMap::new();
                for (sim, _) in reader.operators()? {
                    for (job, minute, count) in reader.finished_by_minute(sim, since)? {
                        jobs.entry(job).or_default().add(minute, count);
                    }
                }
                Ok((sends, jobs))
            })
            .map(|(sends, jobs)| Self { reader, allowances, sends, jobs })
    }

    /// How everything stands now.
    pub fn look(&mut self, running: bool, now: Timestamp) -> Result<Glance, StoreError> {
        let Self { reader, allowances, sends, jobs } = self;
        reader.at_once(|reader| {
            sends.read(reader, |hand_over| {
                if hand_over.last && hand_over.outcome.as_deref() == Some("submitted") {
                    jobs.entry(hand_over.job).or_default().add(minute(hand_over.opened_at), 1);
                }
            })?;
            let open = reader.open_jobs(&Units::All, JOBS_MAX)?;
            let mut listed: Vec<JobView> = open.into_iter().map(|job| job.view).collect();
            jobs.retain(|id, _| listed.iter().any(|job| job.id == id.0));
            let over = reader.jobs(PAST_JOBS, false)?;
            listed.extend(over.into_iter().filter(|job| matches!(job.state.as_str(), "done" | "cancelled")));
            let mut all = vec![0; LINE_MINUTES];
            let mut modems = Vec::new();
            for modem in reader.modem_gauges()? {
                let pace = modem.sim.and_then(|sim| sends.pace(sim));
                let by_minute = pace.map_or_else(|| vec![0; LINE_MINUTES], |pace| pace.by_minute(LINE_MINUTES, now));
                let (left_hour, left_day) = allowances.left(&modem.name, pace, now);
                all.iter_mut().zip(&by_minute).for_each(|(sum, count)| *sum += count);
                modems.push(ModemLine { modem, by_minute, left_hour, left_day });
            }
            Ok(Glance {
                at: now,
                running,
                gauges: reader.gauges()?,
                by_minute: all,
                jobs: listed.into_iter().map(|job| line(jobs.get(&JobId(job.id)), job, now)).collect(),
                modems,
                alarms: reader.alarms(false, LINES_MAX)?,
                inbound: reader.inbox(LINES_MAX)?,
            })
        })
    }
}

fn line(pace: Option<&Pace>, job: JobView, now: Timestamp) -> JobLine {
    let count = |state: State| job.messages.get(state.name()).copied().unwrap_or(0);
    let waiting = count(State::Queued) + count(State::Sending);
    let messages: u64 = job.messages.values().sum();
    let open = matches!(job.state.as_str(), "active" | "paused");
    let left = pace.filter(|_| open && waiting > 0 && job.waits_for.is_none()).and_then(|pace| {
        let by_minute = pace.by_minute(PACE_MINUTES + 1, now);
        let first = by_minute.iter().position(|count| *count > 0)?;
        // It may have begun in the middle of a minute.
        let began = minute(now) - (by_minute.len() - 1 - first) as i64;
        let began = Timestamp::from_second(began * 60).ok()?.max(job.created_at);
        let took = now.duration_since(began).as_secs_f64().max(1.0);
        let went: u64 = by_minute.iter().copied().map(u64::from).sum();
        SignedDuration::try_from_secs_f64(waiting as f64 * took / went as f64).ok()
    });
    JobLine { gone: messages - waiting, messages, left, job }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::top::tests::{ago, job, ten};

    #[test]
    fn the_time_left_is_reckoned_from_the_pace_of_the_last_minutes() {
        let mut pace = Pace::default();
        // It has gone on for 10 minutes, 20 a minute.
        for past in 0..10 {
            pace.add(minute(ago(past + 1)), 20);
        }
        let view = job(1, "routine", "active", &[(State::Delivered, 200), (State::Queued, 400)]).job;
        let left = line(Some(&pace), view.clone(), ten()).left.unwrap();
        assert_eq!(left, SignedDuration::from_mins(20));
        assert_eq!(line(None, view.clone(), ten()).left, None, "nothing of it has gone out");
        let waits = JobView { waits_for: Some("quiet_hours".to_owned()), ..view.clone() };
        assert_eq!(line(Some(&pace), waits, ten()).left, None, "nobody knows");
        let young = JobView { created_at: ago(5), ..view };
        assert_eq!(line(Some(&pace), young, ten()).left, Some(SignedDuration::from_mins(10)));
    }
}
