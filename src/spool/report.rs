//! A job's account as a table: one row per named recipient, then the sum.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::ControlFlow;

use jiff::tz::TimeZone;

use crate::model::{JobId, State, Timestamp};
use crate::store::{JobRef, JobView, Reader, RecipientView, StoreError};

const COLUMNS: [&str; 10] =
    ["row", "number", "name", "state", "reason", "segments", "attempts", "sent_at", "delivered_at", "modem"];

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whom the job named is not here any more.
    #[error(
        "the details of job {job} lie in the archive {file} since {since}; read them there: kentongan --archive {file} job {job} --csv"
    )]
    Archived {
        /// The job.
        job: i64,
        /// The archive.
        file: String,
        /// The day since when, UTC.
        since: String,
    },
    /// The table cannot be written.
    #[error("the report cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl ReportError {
    /// Why a job has no report here; `None`: it has one.
    pub fn archived(job: &JobView) -> Option<Self> {
        let file = job.details_in.clone()?;
        let since = job.details_since.map(|since| since.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
        Some(ReportError::Archived { job: job.id, file, since })
    }
}

/// Writes the table of a job: UTF-8, separated by commas, times in `zone`, and in its last row the sum, such as
/// `sum,,,4 named = 1 excluded + 3 messages,delivered 2 + failed 1,…`.
///
/// Rows are written as they are read. A job whose details lie in an archive has none: that is an error, and nothing is written. A cell that a spreadsheet would take for a formula begins with an apostrophe.
pub fn write_report(reader: &Reader, job: JobId, zone: &TimeZone, to: &mut dyn Write) -> Result<(), ReportError> {
    let view = reader.job(&JobRef::Id(job))?;
    if let Some(archived) = view.as_ref().and_then(ReportError::archived) {
        return Err(archived);
    }
    let mut table = csv::WriterBuilder::new().from_writer(to);
    let mut sum = Sum::default();
    let mut written = table.write_record(COLUMNS);
    let waits = view.and_then(|view| waits(&view, zone));
    reader.recipients(job, |mut recipient| {
        if recipient.state == State::Queued.name() && recipient.reason.is_none() {
            recipient.reason.clone_from(&waits);
        }
        if written.is_ok() {
            sum.count(&recipient);
            written = table.write_record(row(&recipient, zone).iter().map(|cell| cell.as_bytes()));
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written.and_then(|()| table.write_record(sum.row())).map_err(io::Error::from)?;
    table.flush()?;
    Ok(())
}

/// Why what is queued does not go: `quiet_hours until 2026-11-19T06:00:00+07:00: quiet hours of class routine`.
fn waits(job: &JobView, zone: &TimeZone) -> Option<String> {
    let mut told = job.waits_for.clone()?;
    if job.waits_until.is_some() {
        told = format!("{told} until {}", time(job.waits_until, zone));
    }
    Some(match &job.waits_reason {
        Some(reason) => format!("{told}: {reason}"),
        None => told,
    })
}

fn row<'a>(recipient: &'a RecipientView, zone: &TimeZone) -> [Cow<'a, str>; 10] {
    [
        recipient.row.to_string().into(),
        harmless(&recipient.number),
        harmless(recipient.name.as_deref().unwrap_or("")),
        recipient.state.as_str().into(),
        harmless(recipient.reason.as_deref().unwrap_or("")),
        recipient.segments.to_string().into(),
        recipient.attempts.to_string().into(),
        time(recipient.sent_at, zone).into(),
        time(recipient.delivered_at, zone).into(),
        harmless(recipient.modem.as_deref().unwrap_or("")),
    ]
}

/// `2026-11-24T18:00:05+07:00`; nothing for nothing.
pub(super) fn time(at: Option<Timestamp>, zone: &TimeZone) -> String {
    at.map_or(String::new(), |at| {
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        at.display_with_offset(zone.to_offset(at)).to_string()
    })
}

/// A cell that no spreadsheet takes for a formula or a command: an apostrophe before the signs that begin one.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    let begins = cell.trim_start_matches([' ', '\u{A0}', '\u{FEFF}', '\u{200B}']).chars().next();
    let risky = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '|' | '＝' | '＋' | '－' | '＠');
    let cell = match cell.contains(|c: char| c.is_control()) {
        true => Cow::Owned(cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()),
        false => Cow::Borrowed(cell),
    };
    if begins.is_some_and(risky) { format!("'{cell}").into() } else { cell }
}

#[derive(Default)]
struct Sum {
    named: u64,
    excluded: u64,
    segments: u64,
    attempts: u64,
    states: BTreeMap<String, u64>,
}

impl Sum {
    fn count(&mut self, recipient: &RecipientView) {
        self.named += 1;
        self.segments += u64::from(recipient.segments);
        self.attempts += u64::from(recipient.attempts);
        match recipient.state.as_str() {
            "excluded" => self.excluded += 1,
            state => *self.states.entry(state.to_owned()).or_default() += 1,
        }
    }

    fn row(&self) -> [String; 10] {
        let messages: u64 = self.states.values().sum();
        let states: Vec<String> = State::ALL
            .iter()
            .filter_map(|state| self.states.get(state.name()).map(|count| format!("{state} {count}")))
            .collect();
        let account = format!("{} named = {} excluded + {messages} messages", self.named, self.excluded);
        let mut row = [const { String::new() }; 10];
        row[0] = "sum".to_owned();
        row[3] = account;
        row[4] = states.join(" + ");
        row[5] = self.segments.to_string();
        row[6] = self.attempts.to_string();
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let check = |cell: &str, expected: &str| assert_eq!(harmless(cell), expected, "{cell:?}");
        check("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")");
        check("+62812", "'+62812");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "' =1");
        check(" =1", "' =1");
        check("＝1", "'＝1");
        check("6281234567890", "6281234567890");
        check("Ibu = Réni", "Ibu = Réni");
        check("a\nb\u{1b}", "a b ");
        check("", "");
    }

    #[test]
    fn the_sum_adds_up_and_times_are_the_offices() {
        let mut sum = Sum::default();
        let mut recipient = RecipientView {
            row: 2,
            number: "6281234567890".to_owned(),
            name: Some("=Budi".to_owned()),
            state: "delivered".to_owned(),
            reason: None,
            segments: 2,
            attempts: 3,
            sent_at: Some("2026-11-24T11:00:05.123Z".parse().unwrap()),
            delivered_at: None,
            modem: Some("telkomsel-1".to_owned()),
        };
        sum.count(&recipient);
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        assert_eq!(
            row(&recipient, &zone).join(","),
            "2,6281234567890,'=Budi,delivered,,2,3,2026-11-24T18:00:05+07:00,,telkomsel-1"
        );
        recipient.state = "failed".to_owned();
        sum.count(&recipient);
        (recipient.state, recipient.segments, recipient.attempts) = ("excluded".to_owned(), 0, 0);
        sum.count(&recipient);
        assert_eq!(sum.row().join(","), "sum,,,3 named = 1 excluded + 2 messages,delivered 1 + failed 1,4,6,,,");
    }
}
