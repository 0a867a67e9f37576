//! The configuration file: typed once, checked once.
//!
//! [`Config::load`] reads every section key by key, refuses unknown keys, and reports all mistakes together, each with
//! its line, key and remedy. Code past this module holds a checked [`Config`] and does not check again. The commented
//! sample `config/kentongan.toml` is the manual; a test holds it against the defaults here.
//!
//! Left out on purpose: changing settings while the daemon runs. A restart is cheap and safe, so it is the way.

mod alarms;
mod backup;
mod consent;
mod hours;
mod keys;
mod preview;
mod problem;
mod roster;
mod routing;
mod secrets;
mod section;
mod unit;
mod upkeep;
mod web;
mod webhook;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;

pub use alarms::{Mail, MailTls};
pub use backup::Backup;
pub use consent::Consent;
pub use preview::Preview;
pub use problem::{ConfigError, Problem};
pub use roster::Roster;
pub use routing::Routing;
pub use section::Setting;
pub use unit::Unit;
pub use upkeep::SelfTest;
pub use web::{Tls, Web};
pub use webhook::Webhook;

use crate::model::{Class, Country, ModemName, Msisdn, Pin, SignedDuration};
use crate::policy::alarms::Alarms;
use crate::policy::credit::CreditRule;
use crate::policy::history::HistoryRule;
use crate::policy::{Approval, Backoff, Calendar, Delivery, Keywords, Lifetimes, Limits, RestartGate, Retention};

/// Where the configuration is looked for when nobody names it.
pub const DEFAULT_FILE: &str = "/etc/kentongan/kentongan.toml";

/// The checked settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file they come from.
    pub file: PathBuf,
    /// Whose daemon this is.
    pub office: Office,
    /// Where things lie.
    pub paths: Paths,
    /// How fast a SIM may send.
    pub limits: Limits,
    /// The modems named; none: every modem found under [`Paths::ports`].
    pub modems: Vec<Modem>,
    /// The sending offices.
    pub units: Vec<Unit>,
    /// Patience with refusals.
    pub backoff: Backoff,
    /// Words by which people leave and return.
    pub keywords: Keywords,
    /// What an opt-out covers.
    pub consent: Consent,
    /// How long what may be told of people is kept.
    pub retention: Retention,
    /// The daemon's own texts to citizens.
    pub answers: Answers,
    /// How long a message may live when its job does not say.
    pub lifetimes: Lifetimes,
    /// When a backlog waits for a person after a stop.
    pub restart: RestartGate,
    /// Rules for texts and their reports.
    pub messages: Messages,
    /// Limits for job files.
    pub intake: Intake,
    /// Which SIM carries what.
    pub routing: Routing,
    /// When too little of what is accepted arrives, and what is done then.
    pub delivery: Delivery,
    /// The areas, and when a number counts as dead.
    pub roster: Roster,
    /// What `kentongan check` warns of.
    pub preview: Preview,
    /// How often modems test themselves.
    pub self_test: SelfTest,
    /// How the credit of SIMs is asked and read.
    pub credit: Vec<CreditRule>,
    /// How much is kept of how modems and SIMs stood.
    pub history: HistoryRule,
    /// When what may be sent.
    pub calendar: Calendar,
    /// What waits for a second person.
    pub approval: Approval,
    /// The page and the API over TCP.
    pub web: Web,
    /// From when on something is an alarm, and who is told.
    pub alarms: Alarms,
    /// The mail server for alarms; `None`: there is none.
    pub mail: Option<Mail>,
    /// Who is called of what.
    pub webhooks: Vec<Webhook>,
    /// Backups that the daemon makes by itself.
    pub backup: Option<Backup>,
    /// Every setting as it is in force, for `check-config`.
    pub settings: Vec<Setting>,
    /// What works and yet should be looked at.
    pub remarks: Vec<Problem>,
}

/// `[office]`: whose daemon this is.
#[derive(Clone, Debug)]
pub struct Office {
    /// The name people read.
    pub name: String,
    /// The zone in which staff write and read times.
    pub time_zone: TimeZone,
    /// Whose national writing of numbers is understood.
    pub country: Country,
}

/// `[paths]`: where things lie. A relative path starts at the folder of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The ledger; its folder must be on a local disk.
    pub database: PathBuf,
    /// The queue directory, one folder per unit.
    pub queue: PathBuf,
    /// The socket through which commands reach the running daemon.
    pub control: PathBuf,
    /// Where udev makes links to modems.
    pub ports: PathBuf,
}

/// `[[modem]]`: one modem, by its port or slot, its IMEI, its card, or several of these; then all must match.
#[derive(Clone, Debug, PartialEq)]
pub struct Modem {
    /// What people call it.
    pub name: ModemName,
    /// The tty or a link to it; `None`: wherever it is found under [`Paths::ports`].
    pub port: Option<PathBuf>,
    /// The device's IMEI, 14 to 17 digits.
    pub imei: Option<String>,
    /// The card's ICCID, 18 to 20 digits.
    pub iccid: Option<String>,
    /// The subscription's IMSI, 14 or 15 digits.
    pub imsi: Option<String>,
    /// Baud rate; USB-native modems ignore it.
    pub baud: u32,
    /// Whether RTS/CTS is wired and wanted.
    pub hardware_flow: bool,
    /// How long an answer to a hand-over is awaited.
    pub send_timeout: Duration,
    /// How long the prompt is awaited.
    pub prompt_timeout: Duration,
    /// The PIN of its SIM, where that is on.
    pub pin: Option<Pin>,
    /// The only classes that go through it; `None`: all.
    pub classes: Option<Vec<Class>>,
    /// The number of its SIM, for its self-test.
    pub number: Option<Msisdn>,
    /// Limits of its own; `None`: those of `[limits]`.
    pub limits: Option<Limits>,
}

impl Modem {
    /// How long an answer to a hand-over is awaited when the configuration says nothing: the longest known wait of a
    /// modem (EG06, 135 s) and some more, since giving up early makes doubt.
    pub const SEND_TIMEOUT: Duration = Duration::from_secs(180);
    /// How long the prompt is awaited when the configuration says nothing.
    pub const PROMPT_TIMEOUT: Duration = Duration::from_secs(10);
    /// Baud rate when the configuration says nothing.
    pub const BAUD: u32 = 115_200;
}

/// `[answers]`: the daemon's own texts to citizens. An empty text means no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Confirms an opt-out from everything, once.
    pub stopped: String,
    /// Confirms an opt-out from all but life-safety, once.
    pub stopped_ordinary: String,
    /// Confirms a return.
    pub started: String,
    /// Who this is and how one leaves.
    pub help: String,
}

/// `[messages]`: rules for texts and their reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// The longest text a recipient may get, in segments, 1 to 255.
    pub segments_max: usize,
    /// Whether characters that needlessly force UCS-2 are replaced.
    pub transliterate: bool,
    /// How long evidence is awaited before the job's in-doubt policy acts.
    pub doubt_wait: SignedDuration,
    /// How long after a segment's validity a report may still come.
    pub report_grace: SignedDuration,
    /// How long missing parts of an inbound text are awaited before what is there is shown.
    pub parts_wait: SignedDuration,
}

/// `[intake]`: limits for job files.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake {
    /// The largest file, in octets.
    pub file_bytes_max: u64,
    /// The most rows in one file.
    pub rows_max: u32,
    /// The share of unusable numbers above which a file is rejected as a whole, 0 to 1.
    pub unusable_share_max: f64,
}

impl Config {
    /// Reads and checks the file.
    ///
    /// Errors: [`ConfigError::Unreadable`]; [`ConfigError::Mistakes`] with every mistake.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let octets = std::fs::read(file).map_err(|source| ConfigError::Unreadable { path: file.to_owned(), source })?;
        match std::str::from_utf8(&octets) {
            Ok(text) => {
                let mut config = Self::read(file, text)?;
                config.warn_of_readers(file);
                let remarks = secrets::remarks(&config);
                config.remarks.extend(remarks);
                Ok(config)
            }
            Err(error) => {
                let line = 1 + octets[..error.valid_up_to()].iter().filter(|octet| **octet == b'\n').count();
                let message = "this is not UTF-8; save the file as UTF-8 in the editor".to_owned();
                let problems = vec![Problem { line: Some(line), key: String::new(), message }];
                Err(ConfigError::Mistakes { path: file.to_owned(), problems })
            }
        }
    }

    /// A PIN that everybody on this machine can read is no secret.
    fn warn_of_readers(&mut self, file: &Path) {
        let open = std::fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o004 != 0);
        if open && self.modems.iter().any(|modem| modem.pin.is_some()) {
            let message = "a PIN stands in this file and everybody may read it; take that away: chmod o-r".to_owned();
            self.remarks.push(Problem { line: None, key: "modem.pin".to_owned(), message });
        }
    }

    /// Checks a text as if it were the content of `file`. Errors: [`ConfigError::Mistakes`].
    pub fn read(file: &Path, text: &str) -> Result<Self, ConfigError> {
        keys::config(file, text)
    }

    /// The zone in which staff write and read times.
    pub fn time_zone(&self) -> &TimeZone {
        &self.office.time_zone
    }

    /// The section of a modem; the second of two that share one, `NAME.2`, follows it too.
    pub fn modem(&self, name: &str) -> Option<&Modem> {
        let named = |name: &str| self.modems.iter().find(|listed| listed.name.as_str() == name);
        named(name).or_else(|| named(name.rsplit_once('.')?.0))
    }

    /// The unit of this name.
    pub fn unit(&self, name: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.name == name)
    }
}

#[cfg(test)]
mod tests;
