use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::model::{Basis, Class, Country, ModemName, Msisdn, SignedDuration};
use crate::policy::alarms::{Alarms, Hook};
use crate::policy::credit::CreditRule;
use crate::policy::history::HistoryRule;
use crate::policy::naming::Listed;
use crate::policy::{
    Approval, Backoff, Calendar, Canary, Delivery, Keywords, LifeSafety, Lifetimes, Limits, Operators, RestartGate,
    Retention, Suspension, Units,
};

/// The checked settings by which the engine decides.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whose national writing of numbers is understood.
    pub country: Country,
    /// Limits of a SIM whose modem has none of its own.
    pub limits: Limits,
    /// Limits by the name of the modem the SIM is in.
    pub modem_limits: BTreeMap<ModemName, Limits>,
    /// The only classes that go through the SIM in a modem, by the modem's name; all, where it is not here.
    pub modem_classes: BTreeMap<ModemName, Vec<Class>>,
    /// How the credit of SIMs is asked and read; the first that fits counts.
    pub credit: Vec<CreditRule>,
    /// How much is kept of how modems and SIMs stood.
    pub history: HistoryRule,
    /// The zone in which days begin and end.
    pub zone: TimeZone,
    /// Numbers of SIMs by the name of their modem, for its self-test.
    pub numbers: BTreeMap<ModemName, Msisdn>,
    /// How often each SIM is tested by itself; `None`: never.
    pub self_test_every: Option<SignedDuration>,
    /// The modems listed; none: every modem found is used, under the name of its place.
    pub listed: Vec<Listed>,
    /// Patience with refusals.
    pub backoff: Backoff,
    /// Words by which people leave and return.
    pub keywords: Keywords,
    /// What an opt-out covers, and on what the units' jobs rest.
    pub consent: ConsentRules,
    /// How long what may be told of people is kept.
    pub retention: Retention,
    /// What the daemon answers by itself.
    pub answers: Answers,
    /// How long a job may live when it does not say.
    pub lifetimes: Lifetimes,
    /// When a backlog waits for a person after a stop.
    pub restart: RestartGate,
    /// How long evidence is awaited before the job's in-doubt policy acts.
    pub doubt_wait: SignedDuration,
    /// How long after a segment's validity a report may still come.
    pub report_grace: SignedDuration,
    /// The longest text a recipient may get, in segments.
    pub segments_max: usize,
    /// Whether characters that needlessly force UCS-2 are replaced.
    pub transliterate: bool,
    /// How long the missing parts of an inbound message are awaited before what is there is shown.
    pub reassembly_wait: SignedDuration,
    /// Whose numbers and SIMs are whose.
    pub operators: Operators,
    /// Messages go through SIMs of their own network first, and wait for one so long; `None`: networks do not matter.
    pub own_network_wait: Option<SignedDuration>,
    /// How large jobs are tried first; `None`: not at all.
    pub canary: Option<Canary>,
    /// When too little of what is accepted arrives, and what is done then.
    pub delivery: Delivery,
    /// When a number counts as dead.
    pub suspension: Suspension,
    /// Quiet hours and moratoria of the settings.
    pub calendar: Calendar,
    /// Which jobs wait for a second person.
    pub approval: Approval,
    /// What is set for single units.
    pub units: Units,
    /// From when on something is an alarm, and who is told.
    pub alarms: Alarms,
    /// Who is called of what.
    pub webhooks: Vec<Hook>,
}

/// What an opt-out covers, and on what the units' jobs rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsentRules {
    /// What a plain STOP does not stop.
    pub life_safety: LifeSafety,
    /// On what the processing of numbers rests by unit, where a job does not say.
    pub basis: BTreeMap<String, Basis>,
}

impl ConsentRules {
    /// On what a unit's jobs rest that do not say it themselves.
    pub fn basis_of(&self, unit: &str) -> Basis {
        self.basis.get(unit).copied().unwrap_or(Basis::Unstated)
    }
}

/// The daemon's own texts to citizens. An empty text means no answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// Confirms an opt-out from everything, once.
    pub stopped: String,
    /// Confirms an opt-out from all but life-safety, once.
    pub stopped_ordinary: String,
    /// Confirms a return.
    pub started: String,
    /// Who we are and how one leaves; at most one a day per sender.
    pub help: String,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            stopped: "Nomor Anda tidak akan menerima SMS lagi dari kami. Balas MULAI untuk menerima kembali."
                .to_owned(),
            stopped_ordinary:
                "Nomor Anda tidak menerima SMS lagi dari kami, kecuali peringatan bahaya. Balas STOP SEMUA untuk \
                               menolak semuanya, MULAI untuk menerima kembali."
                    .to_owned(),
            started: "Nomor Anda akan menerima SMS dari kami lagi. Balas STOP untuk berhenti.".to_owned(),
            help: "Balas STOP untuk berhenti menerima SMS dari kami, MULAI untuk menerima kembali.".to_owned(),
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            country: Country::indonesia(),
            limits: Limits::default(),
            modem_limits: BTreeMap::new(),
            modem_classes: BTreeMap::new(),
            credit: Vec::new(),
            history: HistoryRule::default(),
            zone: TimeZone::get("Asia/Jakarta").unwrap_or(TimeZone::UTC),
            numbers: BTreeMap::new(),
            self_test_every: None,
            listed: Vec::new(),
            backoff: Backoff::default(),
            keywords: Keywords::default(),
            consent: ConsentRules::default(),
            retention: Retention::default(),
            answers: Answers::default(),
            lifetimes: Lifetimes::default(),
            restart: RestartGate::default(),
            doubt_wait: SignedDuration::from_mins(10),
            report_grace: SignedDuration::from_hours(1),
            segments_max: 8,
            transliterate: false,
            reassembly_wait: SignedDuration::from_mins(10),
            operators: Operators::indonesia(),
            own_network_wait: None,
            canary: None,
            delivery: Delivery::default(),
            suspension: Suspension::default(),
            calendar: Calendar::default(),
            approval: Approval::default(),
            units: Units::new(),
            alarms: Alarms::default(),
            webhooks: Vec::new(),
        }
    }
}
