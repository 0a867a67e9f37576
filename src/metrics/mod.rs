//! The daemon in numbers, for Prometheus and for `kentongan top`.
//!
//! Everything is read from the ledger, by whoever asks: nothing of the engine waits for it, and nothing is counted in two places. What only
//! grows is counted from the rows that came in since the last look ([`Gatherer`], [`Sends`]), so that no question reads the history; it
//! begins at 0 with the process, as Prometheus expects. No number of a telephone, of a card or of a person is in any label.

mod families;
mod pace;
mod sends;
mod watch;

use std::collections::BTreeMap;

use prometheus_client::encoding::prometheus_text::{self, encode};

use self::families::{
    Alarm, Code, Ended, Families, InState, ModemState, OfClass, OfKind, Queued, Quota as Window, Reported, Route,
};
pub use self::pace::{Pace, minute};
pub use self::sends::Sends;
pub use self::watch::{Glance, JobLine, LINE_MINUTES, ModemLine, Sight, Watch};
use crate::model::{AlarmKind, Class, SimId, Timestamp};
use crate::policy::Limits;
use crate::store::{Gauges, HandOver, ModemGauge, Reader, StoreError};

/// What [`Gatherer::scrape`] gives, as `Content-Type` names it.
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// States of messages that are told of the queue; those of a job that is over are in its report.
const OPEN: [&str; 4] = ["queued", "sending", "submitted", "in_doubt"];
const JOB_STATES: [&str; 4] = ["active", "paused", "cancelled", "done"];
const MODEM_STATES: [&str; 5] = ["found", "ready", "unready", "lost", "blocked"];
const OUTCOMES: [&str; 4] = ["submitted", "refused", "not_sent", "uncertain"];
const RESULTS: [&str; 3] = ["delivered", "trying", "failed"];
const INBOUND: [&str; 7] = ["reply", "stop", "start", "help", "review", "operator", "garbled"];
const WAITS: [&str; 6] = ["approval", "held", "moratorium", "not_before", "quiet_hours", "quota"];

/// How much each SIM may send, by the modem it lies in.
#[derive(Clone, Debug)]
pub struct Allowances {
    common: Limits,
    own: BTreeMap<String, Limits>,
}

impl Allowances {
    /// `common` for all modems but those with limits of their `own`, which are named.
    pub fn new(common: Limits, own: impl IntoIterator<Item = (String, Limits)>) -> Self {
        Self { common, own: own.into_iter().collect() }
    }

    /// The limits of the SIM in this modem; the second of two that share a section, `NAME.2`, follows it too.
    pub fn of(&self, modem: &str) -> &Limits {
        let section = || self.own.get(modem.rsplit_once('.')?.0);
        self.own.get(modem).or_else(section).unwrap_or(&self.common)
    }

    /// What is left of the last hour and of the last 24, in segments, with the part that is kept for emergencies; `None`: no limit.
    ///
    /// Counted by minutes of the clock: never more than there is, and at most a minute's segments less.
    pub fn left(&self, modem: &str, pace: Option<&Pace>, now: Timestamp) -> (Option<u64>, Option<u64>) {
        let limits = self.of(modem);
        let left = |count: u32, minutes| {
            let used = pace.map_or(0, |pace| pace.within(minutes, now));
            (count > 0).then(|| u64::from(count).saturating_sub(used))
        };
        (left(limits.per_hour, 60), left(limits.per_day, 24 * 60))
    }
}

/// Gathers the numbers for Prometheus. One for the process; what it has counted is lost with it.
pub struct Gatherer {
    reader: Reader,
    allowances: Allowances,
    sends: Sends,
    /// The newest inbound text and the newest report that are counted.
    inbound: i64,
    reports: i64,
    families: Families,
}

impl Gatherer {
    /// Begins to count. Reads the hand-overs of the last 24 hours once, for the quotas.
    pub fn new(reader: Reader, allowances: Allowances, now: Timestamp) -> Result<Self, StoreError> {
        let sends = Sends::new(&reader, now)?;
        let (inbound, reports) = reader.newest_arrivals()?;
        Ok(Self { reader, allowances, sends, inbound, reports, families: Families::new() })
    }

    /// Everything as it is now, in the text format of Prometheus ([`CONTENT_TYPE`]).
    ///
    /// Takes some milliseconds, however much is queued and however long the history is. It waits for the disk: not for an async task.
    pub fn scrape(&mut self, now: Timestamp) -> Result<String, StoreError> {
        let Self { reader, allowances, sends, inbound, reports, families } = self;
        reader.at_once(|reader| {
            let modems = reader.modem_gauges()?;
            let operators =
                reader.operators()?.into_iter().map(|(sim, name)| (sim, name.unwrap_or_default())).collect();
            begin(families, &modems);
            sends.read(reader, |hand_over| count(families, &operators, hand_over))?;
            let news = reader.inbound_after(*inbound)?;
            *inbound = news.newest;
            for (kind, count) in news.counts {
                families.inbound.get_or_create(&OfKind { kind }).inc_by(count);
            }
            let news = reader.reports_after(*reports)?;
            *reports = news.newest;
            for ((sim, result), count) in news.counts {
                let operator = operators.get(&sim).cloned().unwrap_or_default();
                families.reports.get_or_create(&Reported { operator, result }).inc_by(count);
            }
            stand(families, &reader.gauges()?, now);
            for modem in &modems {
                stand_modem(families, allowances, sends, modem, now);
            }
            Ok(())
        })?;
        let mut text = String::new();
        encode(&mut text, &families.registry).expect("a String takes all that is written to it");
        Ok(text)
    }
}

/// A counter that is not there until the first of its kind comes hides that one from whoever reckons rates: all are
/// there from the beginning.
fn begin(families: &Families, modems: &[ModemGauge]) {
    for modem in modems {
        let route = route(modem);
        for outcome in OUTCOMES {
            let Route { modem, operator } = route.clone();
            drop(families.hand_overs.get_or_create(&Ended { modem, operator, outcome: outcome.to_owned() }));
        }
        drop(families.segments_sent.get_or_create(&route));
        drop(families.send_seconds.get_or_create(&route));
        for result in RESULTS {
            let labels = Reported { operator: route.operator.clone(), result: result.to_owned() };
            drop(families.reports.get_or_create(&labels));
        }
    }
    for kind in INBOUND {
        drop(families.inbound.get_or_create(&OfKind { kind: kind.to_owned() }));
    }
}

fn route(modem: &ModemGauge) -> Route {
    Route { modem: modem.name.clone(), operator: modem.operator.clone().unwrap_or_default() }
}

/// Counts a hand-over that has ended.
fn count(families: &Families, operators: &BTreeMap<SimId, String>, hand_over: &HandOver) {
    let operator = operators.get(&hand_over.sim).cloned().unwrap_or_default();
    let (route, outcome) = (Route { modem: hand_over.modem.clone(), operator }, hand_over.outcome.clone());
    let outcome = outcome.unwrap_or_default();
    let answered = matches!(outcome.as_str(), "submitted" | "refused");
    if let Some(closed_at) = hand_over.closed_at.filter(|_| answered) {
        let seconds = closed_at.duration_since(hand_over.opened_at).as_secs_f64();
        families.send_seconds.get_or_create(&route).observe(seconds.max(0.0));
    }
    if outcome == "submitted" {
        families.segments_sent.get_or_create(&route).inc();
    }
    let Route { modem, operator } = route.clone();
    families.hand_overs.get_or_create(&Ended { modem, operator, outcome }).inc();
    if let Some((kind, code)) = hand_over.code.as_deref().map(error) {
        let Route { modem, operator } = route;
        families.send_errors.get_or_create(&Code { modem, operator, kind: kind.to_owned(), code }).inc();
    }
}

/// The family and the number of an error as it is stored, `+CMS ERROR: 38`.
fn error(text: &str) -> (&'static str, String) {
    match text.split_once(": ") {
        Some(("+CMS ERROR", number)) => ("cms", number.to_owned()),
        Some(("+CME ERROR", number)) => ("cme", number.to_owned()),
        _ => ("plain", String::new()),
    }
}

/// Enters how the ledger stands.
fn stand(families: &Families, gauges: &Gauges, now: Timestamp) {
    let age = |at: Timestamp| now.duration_since(at).as_secs_f64().max(0.0);
    for class in Class::ALL.map(Class::name) {
        for state in OPEN {
            let count = gauges.queue.iter().find(|(of, within, _)| of == class && within == state);
            let labels = Queued { class: class.to_owned(), state: state.to_owned() };
            families.queue.get_or_create(&labels).set(whole(count.map_or(0, |(_, _, count)| *count)));
        }
        let oldest = gauges.oldest_queued.iter().find(|(of, _)| of == class).map_or(0.0, |(_, since)| age(*since));
        families.oldest_age.get_or_create(&OfClass { class: class.to_owned() }).set(oldest);
    }
    let counted =
        |rows: &[(String, u64)], word: &str| whole(rows.iter().find(|(of, _)| of == word).map_or(0, |row| row.1));
    for state in JOB_STATES {
        families.jobs.get_or_create(&InState { state: state.to_owned() }).set(counted(&gauges.jobs, state));
    }
    for kind in WAITS {
        families.waits.get_or_create(&OfKind { kind: kind.to_owned() }).set(counted(&gauges.waits, kind));
    }
    families.pauses.set(whole(gauges.pauses));
    families.in_doubt.set(whole(gauges.in_doubt));
    families.opt_outs.set(whole(gauges.opt_outs));
    families.database_bytes.set(whole(gauges.bytes));
    families.heartbeat.set(gauges.alive_at.map_or(0.0, |at| at.as_millisecond() as f64 / 1000.0));
    families.alarms.clear();
    for kind in AlarmKind::ALL {
        let labels = Alarm { kind: kind.name().to_owned(), level: kind.level().name().to_owned() };
        families.alarms.get_or_create(&labels).set(0);
    }
    for (kind, level, count) in &gauges.alarms {
        families.alarms.get_or_create(&Alarm { kind: kind.clone(), level: level.clone() }).set(whole(*count));
    }
    // Modems come and go, and a SIM moves to another one.
    families.modem_state.clear();
    families.signal.clear();
    families.quota_left.clear();
    families.credit.clear();
}

fn stand_modem(families: &Families, allowances: &Allowances, sends: &Sends, modem: &ModemGauge, now: Timestamp) {
    for state in MODEM_STATES {
        let labels = ModemState { modem: modem.name.clone(), state: state.to_owned() };
        families.modem_state.get_or_create(&labels).set(i64::from(modem.state == state));
    }
    let route = route(modem);
    if let Some(signal) = modem.signal {
        families.signal.get_or_create(&route).set(i64::from(signal));
    }
    if let Some(credit) = modem.credit {
        families.credit.get_or_create(&route).set(whole(credit));
    }
    let Some(sim) = modem.sim else { return };
    let (hour, day) = allowances.left(&modem.name, sends.pace(sim), now);
    for (window, left) in [("hour", hour), ("day", day)] {
        if let Some(left) = left {
            let Route { modem, operator } = route.clone();
            families.quota_left.get_or_create(&Window { modem, operator, window: window.to_owned() }).set(whole(left));
        }
    }
}

/// Prometheus' gauges are signed.
fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
