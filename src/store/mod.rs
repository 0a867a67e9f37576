//! The ledger: one SQLite file, and the only SQL in the program.
//!
//! [`Store`] is the one writing connection, owned by the engine; every write happens inside a transaction that the
//! engine begins and commits. [`Reader`] is any number of read-only connections for people's questions. WAL with
//! `synchronous=FULL`: what is committed survives a power cut, so an attempt is durable before its PDU is handed over.
//!
//! Left out on purpose: decisions. A function here says what a statement does, not when it should be run.

mod access;
mod alarms;
pub mod archive;
mod attempts;
mod audit;
mod canary;
mod care;
mod chain;
mod consent;
mod credits;
mod delivery;
mod erase;
mod error;
mod evidence;
pub mod files;
pub mod foreign;
mod gauges;
mod history;
mod hours;
mod hygiene;
mod inbound;
mod inbox;
mod intake;
mod integrity;
mod key;
mod list;
mod lookout;
mod messages;
mod moved_in;
mod notices;
mod open;
mod outbox;
mod pages;
mod people;
mod person;
mod preview;
mod reader;
mod report_files;
mod reports;
mod restart;
pub mod restore;
mod retention;
mod roster;
mod roster_views;
mod routing;
#[cfg(test)]
pub(crate) mod scan;
mod seal;
mod self_tests;
mod sims;
mod submissions;
mod tail;
mod upgrade;
mod views;
#[cfg(test)]
mod words_tests;

pub use access::{AccountRow, AccountView, NewToken, TokenView};
pub use alarms::AlarmView;
pub use attempts::{AttemptRow, Closing, DueAttempt, OpenAttempt, RefusedAttempt};
pub use audit::{ConsentCounts, RecordView, SummaryView};
pub use canary::{AheadRow, CanaryState};
pub use care::PastOutcome;
pub use chain::{Break, ChainView, Head, Link};
pub use consent::{ConsentKind, ConsentRow, ConsentView, OptOutRow};
pub use credits::{CreditRow, PastCredit};
pub use delivery::{FateRow, RouteRow};
pub use erase::Erased;
pub use error::StoreError;
pub use evidence::{Reading, RunRow, Trail};
pub use gauges::{Gauges, ModemGauge};
pub use history::{CreditView, SampleView};
pub use hours::{MoratoriumView, NewMoratorium, WaitRow, classes_of, names_of};
pub use hygiene::{CorrectionView, FailuresView};
pub use inbound::{InboxKind, InboxRow, PartRow, WaitingPart};
pub use inbox::{InboxEntry, InboxFilter, InboxView};
pub use intake::{JobRow, NewJob, SameContent};
pub use integrity::Looked;
#[cfg(test)]
pub(crate) use integrity::assert_whole;
pub use list::NewMessage;
pub use messages::{MessageRow, UnfinishedRow, Waiting};
pub use notices::{NewNotice, NoticeView, UntoldRow};
pub use open::Store;
#[cfg(test)]
pub(crate) use open::{ledger_of_schema, newest_schema};
pub use outbox::{FactRow, FactView, HookRow, HookStand, Parcel, WebhookView, fact_list};
pub use pages::{ApprovalView, AreaCount, Badges, EventPage, OpenJob, OptOutPlace};
pub use people::EventRow;
pub use person::{PersonArchiveView, PersonMessageView, PersonOfficeView, PersonView};
pub use preview::{AheadInQueue, SimLoad};
pub use reader::{Interrupter, JOB_REMARK, Reader};
#[cfg(test)]
pub(crate) use report_files::ledger_with_report_due;
pub use report_files::{ReportFileDue, WhyDue};
pub use reports::ReportRow;
pub use restart::Backlog;
pub use retention::Kept;
pub use roster::{JobAudience, NewImport};
pub use roster_views::{AudienceView, EntryView, FormerHolder, ImportView};
pub use seal::PERSON_ERASED;
pub use self_tests::{TestStepView, TestView};
pub use submissions::{NewSubmission, SubmissionView};
pub use tail::{Arrivals, HandOver};
pub use upgrade::Upgrade;
pub use views::{DoubtView, EventView, JobFilter, JobRef, JobView, ModemView, OptOutView, RecipientView, StatusView};

use jiff::Timestamp;

use crate::model::Units;

/// Milliseconds as stored.
fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A stored time. Times we wrote ourselves are in range; one that is not was put there by hand.
fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Units for a query that compares with `json_each`; `None`: all.
fn json_list(units: &Units) -> Option<String> {
    match units {
        Units::All => None,
        Units::Only(names) => Some(serde_json::json!(names).to_string()),
    }
}

/// A stored number for people, `+62…`; nothing where it was erased.
fn shown(number: i64) -> String {
    if number > 0 { format!("+{number}") } else { String::new() }
}
