//! What an import would change, for people and for programs.

use serde::Serialize;

use super::super::super::phrases::fill;
use super::super::super::phrases::words::word;
use super::super::super::screen::{Table, pairs, print, print_json};
use super::super::super::{Context, Failure};
use super::super::phrases::Phrases;
use super::{Compared, Remarks};
use crate::model::{Ending, Entry, ImportId, Lang, Msisdn, Timestamp};
use crate::policy::Change;

/// Rows of each table on paper.
const PAPER_ROWS: usize = 30;

/// What `--json` prints.
#[derive(Serialize)]
struct Shown<'a> {
    file: &'a str,
    correction: bool,
    base: Option<ImportId>,
    digest: &'a str,
    applied: bool,
    lines: usize,
    unchanged: usize,
    new: usize,
    number: usize,
    holder: usize,
    details: usize,
    gone: usize,
    undecided: usize,
    not_filled_in: u64,
    changes: Vec<ChangeRow<'a>>,
    invalid: Vec<InvalidRow<'a>>,
    shared: Vec<SharedRow>,
}

#[derive(Serialize)]
struct ChangeRow<'a> {
    change: &'static str,
    line: Option<u32>,
    role: &'static str,
    kecamatan: Option<&'a str>,
    kelurahan: Option<&'a str>,
    rw: Option<u16>,
    rt: Option<u16>,
    agency: Option<&'a str>,
    title: Option<&'a str>,
    name: Option<&'a str>,
    number: Option<String>,
    old_entry: Option<i64>,
    old_name: Option<&'a str>,
    old_number: Option<String>,
    former_holder: Option<&'a str>,
    former_until: Option<Timestamp>,
    opted_out: bool,
    old_number_opted_out: bool,
    suspended: bool,
}

#[derive(Serialize)]
struct InvalidRow<'a> {
    line: u32,
    office: &'a str,
    fault: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct SharedRow {
    number: String,
    lines: Vec<u32>,
    offices: Vec<String>,
    one_person: bool,
}

pub(super) fn json(compared: &Compared, applied: bool) -> Result<(), Failure> {
    let difference = &compared.difference;
    let count = |why: Option<Ending>| difference.changes.iter().filter(|change| change.why == why).count();
    let invalid = compared.list.lines.iter().filter_map(|line| {
        let unusable = line.entry.as_ref().err()?;
        Some(InvalidRow {
            line: line.line,
            office: &unusable.written,
            fault: unusable.fault.name(),
            reason: unusable.fault.line(Lang::English),
        })
    });
    let shared = difference.shared.iter().map(|shared| SharedRow {
        number: shared.number.to_string(),
        lines: shared.lines.clone(),
        offices: shared.holders.iter().map(|holder| format!("{}: {}", holder.seat, holder.name)).collect(),
        one_person: shared.one_person,
    });
    print_json(&Shown {
        file: &compared.file,
        correction: compared.list.correction,
        base: compared.base,
        digest: &compared.digest,
        applied,
        lines: compared.list.lines.len(),
        unchanged: difference.unchanged,
        new: count(None),
        number: count(Some(Ending::Number)),
        holder: count(Some(Ending::Holder)),
        details: count(Some(Ending::Details)),
        gone: count(Some(Ending::Gone)),
        undecided: difference.undecided,
        not_filled_in: compared.list.open,
        changes: difference.changes.iter().filter_map(|change| row(compared, change)).collect(),
        invalid: invalid.collect(),
        shared: shared.collect(),
    })?;
    Ok(())
}

fn row<'a>(compared: &'a Compared, change: &'a Change) -> Option<ChangeRow<'a>> {
    let entry = shown(change)?;
    let seat = &entry.seat;
    let was = change.was.as_ref();
    let remarks = remarks(compared, change.new_number());
    let former = remarks.and_then(|remarks| remarks.former.as_ref());
    let becomes = change.becomes.as_ref();
    Some(ChangeRow {
        change: name(change),
        line: change.line,
        role: seat.role.name(),
        kecamatan: seat.kecamatan.as_deref(),
        kelurahan: seat.kelurahan.as_deref(),
        rw: seat.rw,
        rt: seat.rt,
        agency: seat.agency.as_deref(),
        title: seat.title.as_deref(),
        name: becomes.map(|becomes| becomes.name.as_str()),
        number: becomes.map(|becomes| becomes.number.to_string()),
        old_entry: was.map(|(id, _)| id.0),
        old_name: was.map(|(_, was)| was.name.as_str()),
        old_number: was.map(|(_, was)| was.number.to_string()),
        former_holder: former.map(|(former, _)| former.name.as_str()),
        former_until: former.map(|(_, until)| *until),
        opted_out: remarks.is_some_and(|remarks| remarks.opted_out),
        old_number_opted_out: opted_out_before(compared, change),
        suspended: remarks.is_some_and(|remarks| remarks.suspended),
    })
}

fn name(change: &Change) -> &'static str {
    change.why.map_or("new", Ending::name)
}

/// The entry that says of which office a change speaks.
fn shown(change: &Change) -> Option<&Entry> {
    change.becomes.as_ref().or(change.was.as_ref().map(|(_, was)| was))
}

fn remarks(compared: &Compared, number: Option<Msisdn>) -> Option<&Remarks> {
    compared.remarks.get(&number?)
}

fn opted_out_before(compared: &Compared, change: &Change) -> bool {
    change.was.as_ref().is_some_and(|(id, _)| compared.opted_out_before.contains(id))
}

pub(super) fn paper(context: &Context, compared: &Compared) -> Result<(), Failure> {
    let (say, difference) = (Phrases::of(context.lang), &compared.difference);
    let count = |why: Option<Ending>| difference.changes.iter().filter(|change| change.why == why).count();
    let invalid: Vec<_> =
        compared.list.lines.iter().filter_map(|line| Some((line.line, line.entry.as_ref().err()?))).collect();
    let usable = compared.list.lines.len() - invalid.len();
    let mut lines = vec![
        (say.file, compared.file.clone()),
        (say.lines, fill(say.usable, &[&compared.list.lines.len(), &usable])),
        (say.unchanged, difference.unchanged.to_string()),
        (say.new, count(None).to_string()),
        (say.number_changed, count(Some(Ending::Number)).to_string()),
        (say.holder_changed, count(Some(Ending::Holder)).to_string()),
        (say.details_changed, count(Some(Ending::Details)).to_string()),
        (say.gone, count(Some(Ending::Gone)).to_string()),
        (say.invalid, invalid.len().to_string()),
    ];
    if difference.undecided > 0 {
        lines.push((say.undecided, fill(say.undecided_why, &[&difference.undecided])));
    }
    if compared.list.open > 0 {
        lines.push((say.not_filled_in, compared.list.open.to_string()));
    }
    if !difference.shared.is_empty() {
        lines.push((say.shared, difference.shared.len().to_string()));
    }
    let reused = compared.remarks.values().filter(|remarks| remarks.former.is_some()).count();
    if reused > 0 {
        lines.push((say.reused, reused.to_string()));
    }
    print(&pairs(&lines))?;
    if !invalid.is_empty() {
        let mut table = Table::new([say.line, say.office, context.say.reason]);
        for (line, unusable) in invalid.iter().take(PAPER_ROWS) {
            table.row([line.to_string(), unusable.written.clone(), unusable.fault.line(context.lang)]);
        }
        print_table(context, say.invalid, &table, invalid.len())?;
    }
    if !difference.shared.is_empty() {
        let mut table = Table::new([context.say.number, say.office, say.note]);
        for shared in difference.shared.iter().take(PAPER_ROWS) {
            let offices: Vec<_> = shared.holders.iter().map(|one| format!("{}: {}", one.seat, one.name)).collect();
            let note = if shared.one_person { say.one_person } else { say.several_persons };
            table.row([shared.number.to_string(), offices.join("; "), note.to_owned()]);
        }
        print_table(context, say.shared, &table, difference.shared.len())?;
    }
    changes(context, compared)
}

/// What changes, line by line; of a first import only what is remarkable, since all of it is new.
fn changes(context: &Context, compared: &Compared) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    let remarkable = |change: &&Change| {
        change.why.is_some() || compared.base.is_some() || remarks(compared, change.new_number()).is_some()
    };
    let changes: Vec<&Change> = compared.difference.changes.iter().filter(remarkable).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let mut table = Table::new([say.line, say.change, say.office, say.was, say.becomes, say.note]);
    let holder = |entry: Option<&Entry>| {
        entry.map_or_else(|| "-".to_owned(), |entry| format!("{} {}", entry.name, entry.number))
    };
    for change in changes.iter().take(PAPER_ROWS) {
        table.row([
            change.line.map_or_else(|| "-".to_owned(), |line| line.to_string()),
            word(context.lang, name(change)),
            shown(change).map_or_else(String::new, |entry| entry.seat.to_string()),
            holder(change.was.as_ref().map(|(_, was)| was)),
            holder(change.becomes.as_ref()),
            note(context, compared, change)?,
        ]);
    }
    print_table(context, say.change, &table, changes.len())
}

fn note(context: &Context, compared: &Compared, change: &Change) -> Result<String, Failure> {
    let say = Phrases::of(context.lang);
    let mut notes = Vec::new();
    if let Some(remarks) = remarks(compared, change.new_number()) {
        if let Some((former, until)) = &remarks.former {
            let until = until.to_zoned_datetime(context.zone()?.clone()).strftime("%Y-%m-%d").to_string();
            notes.push(fill(say.former, &[&former.name, &former.seat, &until]));
        }
        let plain = [(remarks.opted_out, say.opted_out), (remarks.suspended, say.suspended)];
        notes.extend(plain.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note.to_owned()));
    }
    if opted_out_before(compared, change) {
        notes.push(say.opted_out_before.to_owned());
    }
    Ok(notes.join("; "))
}

fn print_table(context: &Context, heading: &str, table: &Table, rows: usize) -> Result<(), Failure> {
    print(&format!("\n{heading}\n{table}"))?;
    if rows > PAPER_ROWS {
        print(&format!("{}\n", fill(Phrases::of(context.lang).more, &[&(rows - PAPER_ROWS)])))?;
    }
    Ok(())
}
