//! `kentongan roster`: who holds which office, who did, and which numbers want correcting.

mod corrections;
mod import;
pub(in crate::cli) mod phrases;

use std::io::{self, BufWriter};

use self::phrases::Phrases;
use super::act::{carry_out, number};
use super::answers::Answers;
use super::args::{LimitedListing, Roster, RosterExport, RosterList, RosterShow};
use super::phrases::fill;
use super::phrases::words::word;
use super::screen::{Table, maybe_time, print, print_json, time};
use super::{Context, Failure};
use crate::engine::event::Action;
use crate::store::{EntryView, ImportView};

/// Rows on paper when nobody says how many.
const PAPER_ROWS: usize = 50;

pub(super) fn run(context: &Context, how: &Roster) -> Result<(), Failure> {
    match how {
        Roster::Import(how) => import::run(context, how),
        Roster::List(how) => list(context, how),
        Roster::Show(how) => show(context, how),
        Roster::Export(how) => export(context, how),
        Roster::Imports(how) => imports(context, how),
        Roster::Corrections(how) => corrections::run(context, how),
        Roster::Restore(one) => carry_out(context, Action::Restore(number(context, &one.number)?), &one.reason),
    }
}

fn list(context: &Context, how: &RosterList) -> Result<(), Failure> {
    let paper = (!how.listing.json).then_some(PAPER_ROWS);
    let limit = how.listing.limit.map(|limit| limit as usize).or(paper).unwrap_or(usize::MAX);
    let mut rows = Answers::of(context)?.roster(how.audience.as_deref(), limit.saturating_add(1))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    if how.listing.json {
        return Ok(print_json(&rows)?);
    }
    let say = Phrases::of(context.lang);
    let mut table =
        Table::new([say.entry, say.office, context.say.name, context.say.number, context.say.since, say.note]);
    for row in &rows {
        let (office, note) = (office(context, row), note(context, row));
        let since = time(row.since, context.zone()?);
        table.row([row.id.to_string(), office, row.name.clone(), row.number.clone(), since, note]);
    }
    print(&table.to_string())?;
    if more {
        print(&format!("{}\n", context.say.more))?;
    }
    Ok(())
}

/// The office of an entry in one line.
pub(super) fn office(context: &Context, row: &EntryView) -> String {
    let mut parts = vec![match (row.role.as_str(), row.rt, row.rw) {
        ("rt", Some(rt), Some(rw)) => format!("RT {rt:02} RW {rw:02}"),
        ("rw", _, Some(rw)) => format!("RW {rw:02}"),
        (role, ..) => word(context.lang, role),
    }];
    parts.extend([&row.title, &row.agency, &row.kelurahan, &row.kecamatan].into_iter().flatten().cloned());
    parts.join(", ")
}

fn note(context: &Context, row: &EntryView) -> String {
    let say = Phrases::of(context.lang);
    let notes = [(row.opted_out, say.opted_out), (row.suspended, say.suspended)];
    notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect::<Vec<_>>().join("; ")
}

fn show(context: &Context, how: &RosterShow) -> Result<(), Failure> {
    let rows = Answers::of(context)?.roster_history(&how.what)?;
    let say = Phrases::of(context.lang);
    if rows.is_empty() {
        return Err(Failure::refused(fill(say.no_such_entry, &[&how.what.escape_debug()])));
    }
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let zone = context.zone()?;
    let mut table = Table::new([
        say.entry,
        say.office,
        context.say.name,
        context.say.number,
        say.import,
        context.say.since,
        say.until,
        say.ended,
        say.note,
    ]);
    for row in &rows {
        table.row([
            row.id.to_string(),
            office(context, row),
            row.name.clone(),
            row.number.clone(),
            row.import.to_string(),
            time(row.since, zone),
            maybe_time(row.until, zone),
            row.ended.as_deref().map_or_else(|| "-".to_owned(), |why| word(context.lang, why)),
            note(context, row),
        ]);
    }
    print(&table.to_string())?;
    Ok(())
}

fn imports(context: &Context, how: &LimitedListing) -> Result<(), Failure> {
    let limit = how.limit.map_or(if how.json { u32::MAX as usize } else { PAPER_ROWS }, |limit| limit as usize);
    let rows: Vec<ImportView> = Answers::of(context)?.roster_imports(limit)?;
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let say = Phrases::of(context.lang);
    let mut table = Table::new([say.import, say.at, context.say.who, say.file, say.steps, say.source, say.basis]);
    for row in &rows {
        table.row([
            row.id.to_string(),
            time(row.at, context.zone()?),
            row.actor.clone(),
            row.file.clone(),
            row.steps.to_string(),
            row.source.clone(),
            row.basis.clone(),
        ]);
    }
    print(&if table.is_empty() { format!("{}\n", context.say.nothing) } else { table.to_string() })?;
    Ok(())
}

fn export(context: &Context, how: &RosterExport) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    Answers::of(context)?.roster_table(how.audience.as_deref(), &mut out)
}
