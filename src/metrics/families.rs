use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Seconds between hand-over and answer: an ordinary network takes 2 to 5, one that is busy up to a minute, and the longest known wait of
/// a modem is 135.
const SEND_SECONDS: [f64; 15] = [0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0, 30.0, 60.0, 120.0, 180.0];

/// A number with a fraction that goes up and down.
type Level = Gauge<f64, AtomicU64>;

/// A modem with its SIM's operator.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Route {
    pub modem: String,
    pub operator: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Ended {
    pub modem: String,
    pub operator: String,
    pub outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Code {
    pub modem: String,
    pub operator: String,
    pub kind: String,
    pub code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reported {
    pub operator: String,
    pub result: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Quota {
    pub modem: String,
    pub operator: String,
    pub window: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Queued {
    pub class: String,
    pub state: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfClass {
    pub class: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct InState {
    pub state: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ModemState {
    pub modem: String,
    pub state: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfKind {
    pub kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Alarm {
    pub kind: String,
    pub level: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Version {
    pub version: String,
}

/// Everything that is told, each under its name and with what it means.
pub(super) struct Families {
    pub registry: Registry,
    // What only grows, from the start of the process.
    pub segments_sent: Family<Route, Counter>,
    pub hand_overs: Family<Ended, Counter>,
    pub send_seconds: Family<Route, Histogram, fn() -> Histogram>,
    pub send_errors: Family<Code, Counter>,
    pub reports: Family<Reported, Counter>,
    pub inbound: Family<OfKind, Counter>,
    // How it stands.
    pub queue: Family<Queued, Gauge>,
    pub oldest_age: Family<OfClass, Level>,
    pub jobs: Family<InState, Gauge>,
    pub waits: Family<OfKind, Gauge>,
    pub pauses: Gauge,
    pub in_doubt: Gauge,
    pub opt_outs: Gauge,
    pub alarms: Family<Alarm, Gauge>,
    pub modem_state: Family<ModemState, Gauge>,
    pub signal: Family<Route, Gauge>,
    pub quota_left: Family<Quota, Gauge>,
    pub credit: Family<Route, Gauge>,
    pub heartbeat: Level,
    pub database_bytes: Gauge,
}

impl Families {
    pub fn new() -> Self {
        let send_seconds: fn() -> Histogram = || Histogram::new(SEND_SECONDS);
        let mut families = Self {
            registry: Registry::with_prefix("kentongan"),
            segments_sent: Family::default(),
            hand_overs: Family::default(),
            send_seconds: Family::new_with_constructor(send_seconds),
            send_errors: Family::default(),
            reports: Family::default(),
            inbound: Family::default(),
            queue: Family::default(),
            oldest_age: Family::default(),
            jobs: Family::default(),
            waits: Family::default(),
            pauses: Gauge::default(),
            in_doubt: Gauge::default(),
            opt_outs: Gauge::default(),
            alarms: Family::default(),
            modem_state: Family::default(),
            signal: Family::default(),
            quota_left: Family::default(),
            credit: Family::default(),
            heartbeat: Level::default(),
            database_bytes: Gauge::default(),
        };
        families.register();
        families
    }

    fn register(&mut self) {
        let (up, build): (Gauge, Family<Version, Gauge>) = Default::default();
        up.set(1);
        build.get_or_create(&Version { version: env!("CARGO_PKG_VERSION").to_owned() }).set(1);
        let all = &mut self.registry;
        all.register("up", "1: whoever answers here can read the ledger", up);
        all.register("build_info", "1, with the version of the program", build);
        all.register(
            "heartbeat_timestamp_seconds",
            "When the engine last noted that it is at work, Unix time",
            self.heartbeat.clone(),
        );
        all.register("database_bytes", "Size of the ledger, without its log", self.database_bytes.clone());
        all.register("queue_messages", "Messages of open jobs by class and state", self.queue.clone());
        all.register(
            "queue_oldest_age_seconds",
            "For how long the job that could have gone out longest, but for quiet hours and the like, has something queued; 0: nothing \
             is queued",
            self.oldest_age.clone(),
        );
        all.register("jobs", "Jobs of files by state", self.jobs.clone());
        all.register("jobs_waiting", "Jobs that wait although nobody paused them, by what for", self.waits.clone());
        all.register("pauses", "Scopes that people paused: everything, classes, units", self.pauses.clone());
        all.register("in_doubt_messages", "Messages of which nobody knows whether they left", self.in_doubt.clone());
        all.register("opt_outs", "Numbers that opted out", self.opt_outs.clone());
        all.register("alarms", "Alarms that stand", self.alarms.clone());
        all.register("segments_sent", "Segments that the service centre took", self.segments_sent.clone());
        all.register(
            "hand_overs",
            "Hand-overs of a segment to a modem that have ended, by how",
            self.hand_overs.clone(),
        );
        all.register(
            "send_duration_seconds",
            "Time from the hand-over of a segment to the answer, accepted or refused",
            self.send_seconds.clone(),
        );
        all.register("send_errors", "Hand-overs that were refused, by the error", self.send_errors.clone());
        all.register("reports", "Delivery reports by what they say, repeated ones left out", self.reports.clone());
        all.register("inbound", "Inbound texts by what they were taken for", self.inbound.clone());
        all.register("modem_state", "1 for the state in which a modem is, 0 for the others", self.modem_state.clone());
        all.register(
            "modem_signal",
            "Signal as +CSQ tells it, 0 to 31; -113 dBm and 2 dB for each step",
            self.signal.clone(),
        );
        all.register(
            "sim_quota_left_segments",
            "Segments that a SIM may still send within the window, the part for emergencies among them",
            self.quota_left.clone(),
        );
        all.register("sim_credit_rupiah", "Credit of a SIM as last known", self.credit.clone());
    }
}
