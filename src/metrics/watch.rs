//! How everything stands at a glance, for `kentongan top`: the queue and its pace, jobs and when they are done, modems, alarms, the last
//! inbound texts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Allowances, Pace, Sends, minute};
use crate::model::{JobId, SignedDuration, State, Timestamp, Units, earlier};
use crate::store::{AlarmView, Gauges, InboxView, JobFilter, JobView, ModemGauge, Reader, StoreError};

/// Over how long the pace of a job is judged.
const PACE_MINUTES: usize = 10;
/// How many minutes are told of what a modem sent.
pub const LINE_MINUTES: usize = 60;
/// The most that is shown of lists which have no end.
const JOBS_MAX: usize = 200;
const PAST_JOBS: usize = 10;
const LINES_MAX: usize = 50;

/// How everything stands at one moment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Glance {
    /// That moment.
    pub at: Timestamp,
    /// Whether the daemon runs.
    pub running: bool,
    /// Messages of the office's open jobs by state.
    pub queue: BTreeMap<String, u64>,
    /// Since when the job that could have gone out longest, but for quiet hours and the like, has something queued.
    pub oldest_queued_at: Option<Timestamp>,
    /// Scopes that people paused.
    pub pauses: u64,
    /// Jobs that wait for a second person.
    pub approvals: u64,
    /// Numbers that opted out, those of erased persons among them.
    pub opt_outs: u64,
    /// Segments handed over in each of the last 60 minutes, over all SIMs, oldest first; the last minute has just begun.
    pub by_minute: Vec<u32>,
    /// The jobs under way, the most urgent first, and the last that are over.
    pub jobs: Vec<JobLine>,
    /// The modems by name.
    pub modems: Vec<ModemLine>,
    /// Alarms that stand, the newest first.
    pub alarms: Vec<AlarmView>,
    /// What came in last, the newest first; nothing for whoever may not see what citizens write.
    pub inbound: Vec<InboxView>,
}

/// A job and how far it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct JobLine {
    /// It.
    #[serde(flatten)]
    pub job: JobView,
    /// Its messages,
    pub all: u64,
    /// and those of them that are neither queued nor with a modem.
    pub gone: u64,
    /// Seconds that the rest takes at the pace of the last minutes; `None`: it has no pace, or nothing is left.
    pub left_s: Option<i64>,
}

/// A modem and what its SIM sends.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ModemLine {
    /// It.
    #[serde(flatten)]
    pub modem: ModemGauge,
    /// Segments handed over in each of the last 60 minutes, oldest first.
    pub by_minute: Vec<u32>,
    /// What is left of its hour, in segments; `None`: no limit.
    pub left_hour: Option<u64>,
    /// And of its day.
    pub left_day: Option<u64>,
}

/// What of the office somebody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Jobs and inbound texts of these units.
    pub units: Units,
    /// Whether they see what citizens write.
    pub inbound: bool,
}

impl Sight {
    /// Of the whole office, all there is.
    pub fn everything() -> Self {
        Self { units: Units::All, inbound: true }
    }
}

/// Looks again and again, and remembers between the looks what it has counted.
pub struct Watch {
    reader: Reader,
    allowances: Allowances,
    sends: Sends,
    /// Messages of jobs that went out whole, by minute.
    jobs: BTreeMap<JobId, Pace>,
    looked_at: Timestamp,
}

impl Watch {
    /// Begins to look. Reads the hand-overs of the last 24 hours once, for the quotas.
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
            .map(|(sends, jobs)| Self { reader, allowances, sends, jobs, looked_at: now })
    }

    /// Whether nobody has looked for so long that it is quicker to begin anew than to catch up.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.duration_since(self.looked_at) > SignedDuration::from_mins(PACE_MINUTES as i64)
    }

    /// How everything stands now.
    pub fn look(&mut self, running: bool, sight: &Sight, now: Timestamp) -> Result<Glance, StoreError> {
        self.looked_at = now;
        let Self { reader, allowances, sends, jobs, .. } = self;
        reader.at_once(|reader| {
            sends.read(reader, |hand_over| {
                if hand_over.last && hand_over.outcome.as_deref() == Some("submitted") {
                    jobs.entry(hand_over.job).or_default().add(minute(hand_over.opened_at), 1);
                }
            })?;
            // What has no pace any more is forgotten.
            jobs.retain(|_, pace| pace.within(PACE_MINUTES, now) > 0);
            let open = reader.open_jobs(&sight.units, JOBS_MAX)?;
            let mut listed: Vec<JobView> = open.into_iter().map(|job| job.view).collect();
            let past = JobFilter { before: None, units: sight.units.clone(), replies: false, limit: PAST_JOBS };
            let over = reader.jobs_where(&past)?;
            listed.extend(over.into_iter().filter(|job| matches!(job.state.as_str(), "done" | "cancelled")));
            let mut by_minute = vec![0; LINE_MINUTES];
            let mut modems = Vec::new();
            for modem in reader.modem_gauges()? {
                let pace = modem.sim.and_then(|sim| sends.pace(sim));
                let own = pace.map_or_else(|| vec![0; LINE_MINUTES], |pace| pace.by_minute(LINE_MINUTES, now));
                let (left_hour, left_day) = allowances.left(&modem.name, pace, now);
                by_minute.iter_mut().zip(&own).for_each(|(sum, count)| *sum += count);
                modems.push(ModemLine { modem, by_minute: own, left_hour, left_day });
            }
            let inbound = match sight.inbound {
                true => reader.inbox_of(&sight.units, LINES_MAX)?,
                false => Vec::new(),
            };
            let Gauges { queue: counts, oldest_queued, waits, pauses, opt_outs, .. } = reader.gauges()?;
            let mut queue: BTreeMap<String, u64> = BTreeMap::new();
            for (_, state, count) in counts {
                *queue.entry(state).or_default() += count;
            }
            Ok(Glance {
                at: now,
                running,
                queue,
                oldest_queued_at: oldest_queued.iter().map(|(_, since)| *since).min(),
                pauses,
                approvals: waits.iter().filter(|(kind, _)| kind == "approval").map(|(_, count)| count).sum(),
                opt_outs,
                by_minute,
                jobs: listed.into_iter().map(|job| line(jobs.get(&JobId(job.id)), job, now)).collect(),
                modems,
                alarms: reader.alarms(false, LINES_MAX)?,
                inbound,
            })
        })
    }
}

fn line(pace: Option<&Pace>, job: JobView, now: Timestamp) -> JobLine {
    let count = |state: State| job.messages.get(state.name()).copied().unwrap_or(0);
    let waiting = count(State::Queued) + count(State::Sending);
    let all: u64 = job.messages.values().sum();
    let open = matches!(job.state.as_str(), "active" | "paused");
    let left_s = pace.filter(|_| open && waiting > 0 && job.waits_for.is_none()).and_then(|pace| {
        let by_minute = pace.by_minute(PACE_MINUTES + 1, now);
        let first = by_minute.iter().position(|count| *count > 0)?;
        // It may have begun in the middle of a minute.
        let began = minute(now) - (by_minute.len() - 1 - first) as i64;
        let began = Timestamp::from_second(began * 60).ok()?.max(job.created_at);
        let took = now.duration_since(began).as_secs_f64().max(1.0);
        let went: u64 = by_minute.iter().copied().map(u64::from).sum();
        SignedDuration::try_from_secs_f64(waiting as f64 * took / went as f64).ok().map(|left| left.as_secs())
    });
    JobLine { gone: all - waiting, all, left_s, job }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ago(minutes: i64) -> Timestamp {
        earlier(Timestamp::from_second(1_800_068_400).unwrap(), SignedDuration::from_mins(minutes))
    }

    fn job() -> JobView {
        let view = json!({
            "id": 1, "uid": "0199-1", "kind": "file", "unit": "diskominfo", "source": "a.csv", "owner": "andi", "class": "routine",
            "state": "active", "in_doubt_policy": "hold", "created_at": ago(30), "not_before": ago(30), "expires_at": ago(-600),
            "recipients": 600, "excluded": 0, "delivered": 200, "queued": 400,
        });
        serde_json::from_value(view).unwrap()
    }

    #[test]
    fn the_time_left_is_reckoned_from_the_pace_of_the_last_minutes() {
        let mut pace = Pace::default();
        // It has gone on for 10 minutes, 20 a minute.
        for past in 0..10 {
            pace.add(minute(ago(past + 1)), 20);
        }
        assert_eq!(line(Some(&pace), job(), ago(0)).left_s, Some(20 * 60));
        assert_eq!(line(None, job(), ago(0)).left_s, None, "nothing of it has gone out");
        let waits = JobView { waits_for: Some("quiet_hours".to_owned()), ..job() };
        assert_eq!(line(Some(&pace), waits, ago(0)).left_s, None, "nobody knows");
        let young = JobView { created_at: ago(5), ..job() };
        assert_eq!(line(Some(&pace), young, ago(0)).left_s, Some(10 * 60));
    }
}
