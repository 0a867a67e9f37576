//! When a job would be through: the SIMs as the ledger knows them, and what is ahead in the queue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::account::Account;
use crate::config::Config;
use crate::model::{Class, JobHeader, JobId, Scope, SignedDuration, Timestamp, Units, earlier};
use crate::policy::preview::{Block, Forecast, Lane, ends, forecast};
use crate::policy::{Limits, Quota, Recent};
use crate::store::{AheadInQueue, Reader, SimLoad, StoreError};

/// How long a SIM that sent nothing yet is taken to need for one segment: 3GPP signalling channels carry 6 to 10 a minute.
const EACH: SignedDuration = SignedDuration::from_secs(6);

/// Jobs under way that are looked at.
const OPEN_MAX: usize = 300;
/// Messages that are played to tell when each of them is through.
const PLAYED_MAX: u64 = 20_000;

/// A SIM and what is left of its limits.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SimRow {
    /// The modem it is in.
    pub modem: String,
    /// The modem's state; `blocked` where the SIM is taken out.
    pub state: String,
    /// The SIM's operator, where it is known.
    pub operator: Option<String>,
    /// Whether it is for this job's class.
    pub carries: bool,
    /// Whether the time of finishing counts on it.
    pub counted: bool,
    /// Segments it sent within the hour.
    pub sent_hour: u64,
    /// Segments it sent within 24 hours.
    pub sent_day: u64,
    /// Segments left of its hour for this job; none where there is no limit.
    pub left_hour: Option<u64>,
    /// And of its 24 hours.
    pub left_day: Option<u64>,
    /// And of these with what is kept for emergencies.
    pub left_day_emergency: Option<u64>,
}

/// When a job would be through.
#[derive(Debug, Default)]
pub(super) struct Eta {
    pub sims: Vec<SimRow>,
    /// None of them is ready: those that are known are counted as if they were.
    pub assumed: bool,
    /// Messages that go out before this job's.
    pub ahead: u64,
    /// Pauses that hold this job, as they are stored: `all`, `class:routine`, `unit:damkar`.
    pub paused: Vec<Scope>,
    /// When the first of it may go out.
    pub begins: Timestamp,
    /// When the last of it may.
    pub ends: Timestamp,
    /// `None`: no SIM carries it.
    pub forecast: Option<Forecast>,
}

impl Eta {
    pub(super) fn of(
        config: &Config,
        account: &Account,
        header: &JobHeader,
        opens: Option<Timestamp>,
        reader: Option<&Reader>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let (begins, ends) = config.lifetimes.span(header, now, now);
        // Its time runs on while it waits for quiet hours to pass.
        let begins = opens.unwrap_or(begins).max(begins);
        let (mut loads, mut waiting, mut paused) = (Vec::new(), Vec::new(), Vec::<Scope>::new());
        if let Some(reader) = reader {
            loads = reader.sim_loads(day_before(now))?;
            waiting = reader.ahead_in_queue(begins)?;
            paused = reader.pauses()?;
        }
        if loads.is_empty() {
            loads = config.modems.iter().map(|modem| unseen(modem.name.as_str())).collect();
        }
        let held = |row: &AheadInQueue| paused.iter().any(|scope| scope.covers(row.class, &row.unit));
        waiting.retain(|row| row.class <= header.class && !held(row));
        let usable = |load: &SimLoad| load.state != "blocked" && carries(config, load, header.class);
        let assumed = !loads.iter().any(|load| usable(load) && load.state == "ready");
        let counted = |load: &SimLoad| usable(load) && (assumed || load.state == "ready");
        let places = |class: Class| carriers(config, &loads, class, assumed);
        let mut blocks: Vec<Block> = waiting
            .iter()
            .map(|row| Block {
                messages: row.messages,
                segments: 1,
                quota: quota(row.class),
                lanes: places(row.class),
                begins: now,
                ends: row.ends,
                own: false,
            })
            .collect();
        blocks.extend(account.by_segments.iter().map(|(segments, messages)| Block {
            messages: *messages,
            segments: *segments,
            quota: quota(header.class),
            lanes: places(header.class),
            begins,
            ends,
            own: true,
        }));
        let lanes = loads.iter().map(|load| lane(config, load)).collect();
        let known = loads.iter().any(counted);
        Ok(Self {
            forecast: if known { forecast(lanes, &blocks, now) } else { None },
            sims: loads.iter().map(|load| sim(config, load, header.class, counted(load), now)).collect(),
            assumed: known && assumed,
            ahead: waiting.iter().map(|row| row.messages).sum(),
            paused: paused.into_iter().filter(|scope| scope.covers(header.class, &header.unit)).collect(),
            begins,
            ends,
        })
    }
}

/// When each job under way is expected to be through, as far as that is known: where it waits for a person, or no SIM carries it, it
/// is not. All goes well in it, so none is through before.
///
/// Of a long queue the first 20,000 messages are played, and the rest goes on at their pace.
pub fn finishes(config: &Config, reader: &Reader, now: Timestamp) -> Result<BTreeMap<JobId, Timestamp>, StoreError> {
    let loads = reader.sim_loads(day_before(now))?;
    let assumed = !loads.iter().any(|load| load.state == "ready");
    let paused = reader.pauses()?;
    let (mut jobs, mut blocks) = (Vec::new(), Vec::new());
    for open in reader.open_jobs(&Units::All, OPEN_MAX)? {
        let (view, Some(segments), Ok(class)) = (&open.view, open.segments, open.view.class.parse::<Class>()) else {
            continue;
        };
        let held = paused.iter().any(|scope| scope.covers(class, &view.unit));
        let nobody_knows = view.waits_for.is_some() && view.waits_until.is_none();
        if view.state != "active" || held || nobody_knows {
            continue;
        }
        jobs.push(JobId(view.id));
        blocks.push(Block {
            messages: view.messages.get("queued").copied().unwrap_or(0),
            segments: usize::from(segments.max(1)),
            quota: quota(class),
            lanes: carriers(config, &loads, class, assumed),
            begins: view.waits_until.unwrap_or(now).max(view.not_before).max(now),
            ends: view.expires_at,
            own: true,
        });
    }
    let lanes = loads.iter().map(|load| lane(config, load)).collect();
    let ends = ends(lanes, &blocks, now, PLAYED_MAX);
    Ok(jobs.into_iter().zip(ends).filter_map(|(job, end)| Some((job, end?))).collect())
}

/// Every SIM and what is left of its limits, for whatever is no emergency.
pub fn sims(config: &Config, reader: &Reader, now: Timestamp) -> Result<Vec<SimRow>, StoreError> {
    let loads = reader.sim_loads(day_before(now))?;
    Ok(loads.iter().map(|load| sim(config, load, Class::Routine, load.state == "ready", now)).collect())
}

fn day_before(now: Timestamp) -> Timestamp {
    earlier(now, SignedDuration::from_hours(24))
}

/// The places of the SIMs that carry a class. `assumed`: none is ready, and those that are known count as if they were.
fn carriers(config: &Config, loads: &[SimLoad], class: Class, assumed: bool) -> Vec<usize> {
    let in_place = |(place, load): (usize, &SimLoad)| {
        let works = load.state == "ready" || (assumed && load.state != "blocked");
        (works && carries(config, load, class)).then_some(place)
    };
    loads.iter().enumerate().filter_map(in_place).collect()
}

fn quota(class: Class) -> Quota {
    if class == Class::Emergency { Quota::Whole } else { Quota::Common }
}

fn carries(config: &Config, load: &SimLoad, class: Class) -> bool {
    let classes = config.modem(&load.modem).and_then(|modem| modem.classes.as_ref());
    classes.is_none_or(|classes| classes.contains(&class))
}

fn limits<'c>(config: &'c Config, load: &SimLoad) -> &'c Limits {
    config.modem(&load.modem).and_then(|modem| modem.limits.as_ref()).unwrap_or(&config.limits)
}

/// A modem of the configuration that was never seen.
fn unseen(name: &str) -> SimLoad {
    SimLoad { modem: name.to_owned(), state: "lost".to_owned(), ..SimLoad::default() }
}

fn lane(config: &Config, load: &SimLoad) -> Lane {
    let each = load.each_ms.map_or(EACH, |ms| SignedDuration::from_millis(ms.max(1) as i64));
    Lane { limits: limits(config, load).clone(), recent: Recent::new(load.sends.iter().copied(), None), each }
}

fn sim(config: &Config, load: &SimLoad, class: Class, counted: bool, now: Timestamp) -> SimRow {
    let limits = limits(config, load);
    let hour_ago = earlier(now, SignedDuration::from_hours(1));
    let sent_hour = load.sends.iter().filter(|at| **at > hour_ago).count() as u64;
    let sent_day = load.sends.len() as u64;
    let left = |count: u32, quota, sent| (count > 0).then(|| u64::from(limits.part(count, quota)).saturating_sub(sent));
    let operator = config.routing.operators.of_sim(load.imsi.as_deref(), load.served_by.as_deref());
    SimRow {
        modem: load.modem.clone(),
        state: load.state.clone(),
        operator: operator.map(|operator| operator.name.clone()).or_else(|| load.served_by.clone()),
        carries: carries(config, load, class),
        counted,
        sent_hour,
        sent_day,
        left_hour: left(limits.per_hour, quota(class), sent_hour),
        left_day: left(limits.per_day, quota(class), sent_day),
        left_day_emergency: left(limits.per_day, Quota::Whole, sent_day),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn load(modem: &str, state: &str, sends: u32, now: Timestamp) -> SimLoad {
        let ago = |minutes: u32| now.saturating_sub(SignedDuration::from_mins(i64::from(minutes))).unwrap();
        let sends = (0..sends).rev().map(|place| ago(50 + place)).collect();
        SimLoad { modem: modem.to_owned(), state: state.to_owned(), sends, ..SimLoad::default() }
    }

    #[test]
    fn what_is_left_of_a_sim_is_its_own_limits_less_what_it_sent_and_less_what_is_kept_for_emergencies() {
        let text = "[limits]\nper_hour = 0\nper_day = 100\nreserve_emergency = 0.2\n[[modem]]\nname = \"a\"\nport = \"/dev/gsm/a\"\nclasses = [\"darurat\"]\n[modem.limits]\nper_hour = 50\n";
        let config = Config::read(Path::new("k.toml"), text).unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let row = |modem, class| sim(&config, &load(modem, "ready", 30, now), class, true, now);
        let other = row("b", Class::Routine);
        assert_eq!((other.left_hour, other.left_day, other.left_day_emergency), (None, Some(50), Some(70)));
        let own = row("a", Class::Emergency);
        assert_eq!((own.sent_hour, own.left_hour, own.left_day, own.carries), (10, Some(40), Some(70), true));
        assert!(!row("a.2", Class::Important).carries, "the second modem of an entry follows it");
    }
}
