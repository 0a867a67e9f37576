//! `kentongan audit`: is the record as it was written, what does it say of a period, and what may be published.

mod before;
mod phrases;

use std::io::{self, BufWriter};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use self::before::Before;
use self::phrases::Phrases;
use super::answers::{Answers, ledger as reader};
use super::args::{Audit, AuditExport, AuditSummary, AuditVerify};
use super::phrases::fill;
use super::phrases::words;
use super::screen::{Table, print, print_json, time};
use super::{Context, Failure};
use crate::model::{Lang, State, Timestamp};
use crate::store::{Break, ChainView};
use crate::web::{self, Period, RecordSummary};

pub(super) fn run(context: &Context, how: &Audit) -> Result<(), Failure> {
    match how {
        Audit::Verify(how) => verify(context, how),
        Audit::Export(how) => export(context, how),
        Audit::Summary(how) => summary(context, how),
    }
}

/// What `audit verify --json` prints.
#[derive(Serialize)]
struct Verdict {
    whole: bool,
    events: u64,
    unlinked: u64,
    newest: Option<String>,
    broken_at: Option<i64>,
    reason: Option<String>,
    /// The ledger that a backup replaced and that holds the noted link, which this one cannot.
    noted_in: Option<String>,
}

/// Asks the ledger itself also where a daemon runs: whether the record is as it was written is not for its writer to say.
fn verify(context: &Context, how: &AuditVerify) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    let reader = reader(context)?;
    let mut view = reader.verify_chain(how.noted).map_err(Failure::refused)?;
    // Shown is what is said in the language asked for; in JSON in English.
    let say = if how.json { Phrases::of(Lang::English) } else { say };
    let before = match view.broken {
        Some(Break::NotAsNoted { noted }) => before::find(say, &reader, noted)?,
        _ => None,
    };
    let (proved, unproved) = match before {
        Some(before) if before.proof.is_ok() => (Some(before), None),
        other => (None, other),
    };
    if proved.is_some() {
        view.broken = None;
    }
    let broken = match (&view.broken, &unproved) {
        (Some(broken), Some(Before { at, file, proof: Err(why) })) => {
            let at = time(*at, context.config()?.time_zone());
            Some((fill(say.not_proved_before, &[&at, &place(broken), &file.display(), why]), say.not_proved_hint))
        }
        (broken, _) => broken.as_ref().map(|broken| (reason(say, broken), say.broken_hint)),
    };
    if how.json {
        print_json(&Verdict {
            whole: view.broken.is_none(),
            events: view.events,
            unlinked: view.unlinked,
            newest: view.head.map(|head| head.to_string()),
            broken_at: view.broken.map(|broken| place(&broken)),
            reason: broken.as_ref().map(|(reason, _)| reason.clone()),
            noted_in: proved.map(|before| before.file.display().to_string()),
        })?;
        return if broken.is_some() { Err(Failure::Said) } else { Ok(()) };
    }
    if let Some((reason, hint)) = broken {
        return Err(Failure::refused(format!("{reason}\n{hint}")));
    }
    print(&whole(say, &view, how, proved.is_none()))?;
    if let (Some(Before { at, file, .. }), Some(noted)) = (proved, how.noted) {
        let at = time(at, context.config()?.time_zone());
        print(&format!("{}\n", fill(say.noted_before, &[&at, &noted.event, &file.display()])))?;
    }
    Ok(())
}

/// `here`: this record itself holds the noted link.
fn whole(say: &Phrases, view: &ChainView, how: &AuditVerify, here: bool) -> String {
    let mut text = match (how.noted.filter(|_| here), view.events) {
        (_, 0) => say.empty.to_owned(),
        (Some(noted), events) => fill(say.whole_as_noted, &[&events, &noted.event]),
        (None, events) => fill(say.whole, &[&events]),
    };
    text.push('\n');
    if view.unlinked > 0 {
        text.push_str(&format!("{}\n", fill(say.unlinked, &[&view.unlinked])));
    }
    if let Some(head) = view.head {
        text.push_str(&format!("{}\n{}\n", fill(say.newest, &[&head]), fill(say.note_it, &[&head])));
    }
    text
}

fn reason(say: &Phrases, broken: &Break) -> String {
    match broken {
        Break::Missing { expected, next } => fill(say.missing, &[expected, next]),
        Break::Changed { event } => fill(say.changed, &[event]),
        Break::Unlinked { event } => fill(say.no_link, &[event]),
        Break::Emptied { event } => fill(say.emptied, &[event]),
        Break::NotAsNoted { noted } => fill(say.not_as_noted, &[&noted.event]),
    }
}

fn place(broken: &Break) -> i64 {
    match broken {
        Break::Missing { expected, .. } => *expected,
        Break::Changed { event } | Break::Unlinked { event } | Break::Emptied { event } => *event,
        Break::NotAsNoted { noted } => noted.event,
    }
}

/// The first moment of a day where the office is.
fn begin(day: Date, zone: &TimeZone) -> Result<Timestamp, Failure> {
    Ok(day.to_zoned_datetime(zone.clone()).map_err(Failure::refused)?.timestamp())
}

/// The record of a period as CSV, or as JSON with one event a line; written as it is read.
fn export(context: &Context, how: &AuditExport) -> Result<(), Failure> {
    let zone = context.zone()?;
    let moment = |day: Option<Date>| day.map(|day| begin(day, zone)).transpose();
    let period = Period { from: moment(how.from)?, until: moment(how.until)? };
    let table = if how.json { web::Table::Lines } else { web::Table::Csv };
    Answers::of(context)?.record(period, table, &mut BufWriter::new(io::stdout().lock()))
}

/// What `audit summary --json` prints.
#[derive(Serialize)]
struct Summary {
    month: String,
    #[serde(flatten)]
    summary: RecordSummary,
}

fn summary(context: &Context, how: &AuditSummary) -> Result<(), Failure> {
    let (say, zone) = (Phrases::of(context.lang), context.zone()?);
    let next = how.month.last_of_month().tomorrow().map_err(Failure::refused)?;
    let (from, until) = (begin(how.month, zone)?, begin(next, zone)?);
    let summary = Answers::of(context)?.summary(from, until)?;
    if how.json {
        return Ok(print_json(&Summary { month: how.month.strftime("%Y-%m").to_string(), summary })?);
    }
    let RecordSummary { units, consent } = summary;
    let mut table = Table::new([
        say.unit,
        say.class,
        say.jobs,
        say.recipients,
        say.excluded,
        say.arrived,
        say.accepted,
        say.unsent,
        say.open,
    ]);
    for line in &units {
        let of = |states: &[State]| -> u64 {
            states.iter().map(|state| line.messages.get(state.name()).copied().unwrap_or(0)).sum()
        };
        table.row([
            line.unit.clone(),
            words::word(context.lang, &line.class),
            line.jobs.to_string(),
            line.recipients.to_string(),
            line.excluded.to_string(),
            of(&[State::Delivered]).to_string(),
            of(&[State::Submitted, State::Unreported]).to_string(),
            of(&[State::Failed, State::Expired, State::Suppressed, State::Cancelled]).to_string(),
            of(&[State::Queued, State::Sending, State::InDoubt]).to_string(),
        ]);
    }
    print(&format!("{}\n", fill(say.period, &[&how.month, &next])))?;
    match table.is_empty() {
        true => print(&format!("{}\n", say.no_jobs))?,
        false => print(&table.to_string())?,
    }
    print(&format!("{}\n", fill(say.left, &[&consent.opted_out, &consent.opted_in])))?;
    Ok(())
}
