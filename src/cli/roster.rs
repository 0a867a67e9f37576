//! `kentongan roster`: who holds which office, who did, and which numbers want correcting.

mod corrections;
mod import;
pub(in crate::cli) mod phrases;

use std::io;
use std::ops::ControlFlow;

use self::phrases::Phrases;
use super::act::{carry_out, number};
use super::answers::{Answers, ledger as reader};
use super::args::{LimitedListing, Roster, RosterExport, RosterList, RosterShow};
use super::phrases::fill;
use super::phrases::words::word;
use super::screen::{Table, maybe_time, print, print_json, time};
use super::{Context, Failure};
use crate::check;
use crate::engine::event::Action;
use crate::model::{Country, Entry, EntryId, Msisdn};
use crate::spool::harmless;
use crate::store::{EntryView, ImportView, Reader};

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

/// Calls `each` for everyone in the roster as it is who is meant by the expression, or for everyone.
fn everyone(
    context: &Context,
    reader: &Reader,
    expression: Option<&str>,
    mut each: impl FnMut(EntryId, &Entry) -> ControlFlow<()>,
) -> Result<(), Failure> {
    let version = check::version(reader, context.lang).map_err(Failure::refused)?;
    let config = context.config()?;
    let audience = expression.map(|text| check::meant(config, reader, text, context.lang).map(|(_, meant)| meant));
    let audience = audience.transpose().map_err(Failure::refused)?;
    let each = |id, entry: Entry| match audience.as_ref().is_none_or(|audience| audience.means(&entry.seat)) {
        true => each(id, &entry),
        false => ControlFlow::Continue(()),
    };
    reader.roster(version, each).map_err(Failure::refused)
}

fn list(context: &Context, how: &RosterList) -> Result<(), Failure> {
    let reader = reader(context)?;
    let paper = (!how.listing.json).then_some(PAPER_ROWS);
    let limit = how.listing.limit.map(|limit| limit as usize).or(paper).unwrap_or(usize::MAX);
    let mut ids = Vec::new();
    everyone(context, &reader, how.audience.as_deref(), |id, _| {
        ids.push(id);
        if ids.len() > limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.extend(reader.roster_entry(id).map_err(Failure::refused)?);
    }
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
    let reader = reader(context)?;
    let number = Msisdn::parse(&how.what, context.office()?.country).ok();
    let entry = match number {
        Some(_) => None,
        None => how.what.parse().map(EntryId).ok(),
    };
    let rows = reader.roster_history(number, entry).map_err(Failure::refused)?;
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

/// The columns of a list, as it is imported.
const COLUMNS: [&str; 10] =
    ["peran", "instansi", "jabatan", "kecamatan", "kelurahan", "rw", "rt", "nama", "id orang", "nomor"];

fn export(context: &Context, how: &RosterExport) -> Result<(), Failure> {
    let reader = reader(context)?;
    let country = context.office()?.country;
    let mut table = csv::Writer::from_writer(io::stdout().lock());
    let mut written = table.write_record(COLUMNS);
    everyone(context, &reader, how.audience.as_deref(), |_, entry| {
        let seat = &entry.seat;
        let text = |part: &Option<String>| harmless(part.as_deref().unwrap_or_default()).into_owned();
        let number = |part: Option<u16>| part.map_or(String::new(), |number| number.to_string());
        let row = [
            seat.role.word().to_owned(),
            text(&seat.agency),
            text(&seat.title),
            text(&seat.kecamatan),
            text(&seat.kelurahan),
            number(seat.rw),
            number(seat.rt),
            harmless(&entry.name).into_owned(),
            text(&entry.person),
            dashed(entry.number, country),
        ];
        written = table.write_record(row);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    match written.map_err(io::Error::from).and_then(|()| table.flush()) {
        // A reader that has seen enough (`| head`) is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// A number as a spreadsheet leaves it alone: `0812-0000-0001`, which it takes neither for an amount nor for a date.
fn dashed(number: Msisdn, country: Country) -> String {
    let digits = number.digits();
    let code = country.calling_code().to_string();
    let national = match digits.strip_prefix(&code) {
        Some(national) => format!("0{national}"),
        None => return format!("'+{digits}"),
    };
    let pieces: Vec<&str> = [&national[..national.len().min(4)], national.get(4..8).unwrap_or_default()]
        .into_iter()
        .chain(national.get(8..))
        .filter(|piece| !piece.is_empty())
        .collect();
    match national.len() {
        0..=8 => national,
        _ => pieces.join("-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exported_number_is_no_amount_for_a_spreadsheet_and_reads_back() {
        let country = Country::indonesia();
        for digits in ["6281200000001", "628120000001", "62812000000012"] {
            let number = Msisdn::from_u64(digits.parse().unwrap());
            let written = dashed(number, country);
            assert!(written.starts_with("0812-") && written.matches('-').count() == 2, "{written}");
            assert_eq!(Msisdn::parse(&written, country), Ok(number), "{written}");
        }
        let abroad = Msisdn::parse("+4915112345678", country).unwrap();
        assert_eq!(dashed(abroad, country), "'+4915112345678");
        assert_eq!(Msisdn::parse("'+4915112345678", country), Ok(abroad));
    }
}
