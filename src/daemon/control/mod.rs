//! How a command reaches the running daemon: a Unix socket, one line of JSON each way.
//!
//! Who may write to the socket may act (mode 0660, the daemon's group); the kernel says who it was, and that name goes
//! into the record. Only actions travel here; questions are put to the database, which anyone in the group may read.

mod client;
mod server;

pub use client::{AskError, ask};
pub(super) use server::{Control, ControlError};

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::event::{Action, NewMoratorium, RosterImport, Scope};
use crate::model::{
    Body, Class, HandEntry, ImportId, JobId, MessageId, ModemName, Msisdn, RosterSteps, Timestamp, UssdCode,
};

/// One line to the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What is wanted.
    pub action: Wish,
    /// Why, in the person's words; may be empty.
    #[serde(default)]
    pub reason: String,
}

/// What is wanted; numbers are E.164.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Stop sending a part of the queue.
    Pause(Part),
    /// Send it again.
    Resume(Part),
    /// Take back a job.
    Cancel(JobId),
    /// Let a job go that waits for a second person.
    Approve(JobId),
    /// Take it back.
    Refuse(JobId),
    /// Enter a moratorium; the reason of the request is its reason.
    AddMoratorium {
        /// Its beginning.
        from: Timestamp,
        /// Its end, which is not part of it.
        until: Timestamp,
        /// The classes it holds for; empty: all.
        classes: Vec<Class>,
        /// The units it holds for; empty: all.
        units: Vec<String>,
    },
    /// End a moratorium.
    EndMoratorium(i64),
    /// Enter an opt-out.
    OptOut(HandEntry),
    /// Remove an opt-out.
    OptIn(HandEntry),
    /// Enter how a number came to the office.
    List(HandEntry),
    /// Erase a number.
    Erase(HandEntry),
    /// What is held of a number is handed out.
    Exported(Msisdn),
    /// An inbound text has been read.
    ReadInbox(i64),
    /// Answer an inbound text.
    AnswerInbox {
        /// The text.
        inbox: i64,
        /// What is answered.
        text: Body,
        /// Whose answer it is, where the text is nobody's.
        unit: Option<String>,
    },
    /// A message in doubt did arrive.
    SettleSent(MessageId),
    /// A message in doubt is sent again.
    SettleResend(MessageId),
    /// A modem's SIM is used again.
    ResumeModem(ModemName),
    /// What waits because of a long stop is sent.
    ResumeHeld,
    /// A change of the roster begins.
    RosterBegin {
        /// Names it until it is applied.
        session: u64,
        /// The roster to which it is the difference.
        base: Option<ImportId>,
        /// The list's name.
        file: String,
        /// Where the list comes from.
        source: String,
        /// The legal basis.
        basis: String,
    },
    /// Steps of it.
    RosterSteps {
        /// Whose.
        session: u64,
        /// The steps.
        steps: RosterSteps,
    },
    /// It becomes the roster.
    RosterApply {
        /// Whose.
        session: u64,
        /// SHA-256 over all steps.
        digest: String,
    },
    /// Save an expression.
    SaveAudience {
        /// Its name.
        name: String,
        /// The expression.
        expression: String,
    },
    /// Forget a saved expression.
    RemoveAudience(String),
    /// Send again to a suspended number.
    Restore(Msisdn),
    /// A modem tests itself; answered with the number of the test.
    TestModem {
        /// The modem.
        modem: ModemName,
        /// The number of its SIM, if the daemon does not know it.
        number: Option<Msisdn>,
    },
    /// A USSD code is dialled; answered with a [`UssdView`](crate::model::UssdView) as JSON.
    Ussd {
        /// The modem.
        modem: ModemName,
        /// The code, then keys of its menu.
        codes: Vec<UssdCode>,
    },
}

impl Wish {
    /// How long the answer may take. The engine answers after one commit, and a slow disk takes part of a second; USSD waits for
    /// the modem to be free, and then for the network.
    fn patience(&self) -> Duration {
        match self {
            Wish::Ussd { codes, .. } => Duration::from_secs(330) + Duration::from_secs(75) * codes.len() as u32,
            _ => Duration::from_secs(30),
        }
    }
}

/// A part of the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Everything.
    All,
    /// A class.
    Class(Class),
    /// A unit.
    Unit(String),
    /// A job.
    Job(JobId),
}

/// One line back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done and durable; a line for a person.
    Done(String),
    /// It is not, and this is why.
    Refused(String),
}

impl From<Result<String, String>> for Answer {
    fn from(result: Result<String, String>) -> Self {
        match result {
            Ok(line) => Answer::Done(line),
            Err(reason) => Answer::Refused(reason),
        }
    }
}

impl From<Wish> for Action {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::Pause(part) => Action::Pause(part.into()),
            Wish::Resume(part) => Action::Resume(part.into()),
            Wish::Cancel(job) => Action::Cancel(job),
            Wish::Approve(job) => Action::Approve(job),
            Wish::Refuse(job) => Action::Refuse(job),
            Wish::AddMoratorium { from, until, classes, units } => {
                Action::AddMoratorium(NewMoratorium { from, until, classes, units })
            }
            Wish::EndMoratorium(id) => Action::EndMoratorium(id),
            Wish::OptOut(entry) => Action::OptOut(entry),
            Wish::OptIn(entry) => Action::OptIn(entry),
            Wish::List(entry) => Action::List(entry),
            Wish::Erase(entry) => Action::Erase(entry),
            Wish::Exported(number) => Action::Exported(number),
            Wish::ReadInbox(inbox) => Action::ReadInbox(inbox),
            Wish::AnswerInbox { inbox, text, unit } => Action::AnswerInbox { inbox, text, unit },
            Wish::SettleSent(message) => Action::SettleSent(message),
            Wish::ResumeModem(modem) => Action::ResumeModem(modem),
            Wish::ResumeHeld => Action::ResumeHeld,
            Wish::SettleResend(message) => Action::SettleResend(message),
            Wish::RosterBegin { session, base, file, source, basis } => {
                Action::RosterBegin(RosterImport { session, base, file, source, basis })
            }
            Wish::RosterSteps { session, steps } => Action::RosterSteps { session, steps },
            Wish::RosterApply { session, digest } => Action::RosterApply { session, digest },
            Wish::SaveAudience { name, expression } => Action::SaveAudience { name, expression },
            Wish::RemoveAudience(name) => Action::RemoveAudience(name),
            Wish::Restore(number) => Action::Restore(number),
            Wish::TestModem { modem, number } => Action::TestModem { modem, number },
            Wish::Ussd { modem, codes } => Action::Ussd { modem, codes },
        }
    }
}

impl From<Part> for Scope {
    fn from(part: Part) -> Self {
        match part {
            Part::All => Scope::All,
            Part::Class(class) => Scope::Class(class),
            Part::Unit(unit) => Scope::Unit(unit),
            Part::Job(job) => Scope::Job(job),
        }
    }
}

/// The longest line taken from either side, in octets.
pub const LINE_MAX: u64 = 64 * 1024;
