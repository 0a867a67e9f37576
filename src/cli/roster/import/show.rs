//! What an import would change, for people and for programs.

use serde::Serialize;

use super::super::super::phrases::fill;
use super::super::super::phrases::words::word;
use super::super::super::screen::{Table, pairs, print, print_json};
use super::super::super::{Context, Failure};
use super::super::phrases::Phrases;
use crate::check::{ChangeRow, Comparison};

/// What `--json` prints.
#[derive(Serialize)]
struct Shown<'a> {
    applied: bool,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

pub(super) fn json(comparison: &Comparison, applied: bool) -> Result<(), Failure> {
    Ok(print_json(&Shown { applied, comparison })?)
}

/// What people read; the lists are as long as they fit on paper.
pub(super) fn paper(context: &Context, told: &Comparison) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    let mut lines = vec![
        (say.file, told.file.clone()),
        (say.lines, fill(say.usable, &[&told.lines, &told.lines.saturating_sub(told.unusable)])),
        (say.unchanged, told.unchanged.to_string()),
        (say.new, told.new.to_string()),
        (say.number_changed, told.number.to_string()),
        (say.holder_changed, told.holder.to_string()),
        (say.details_changed, told.details.to_string()),
        (say.gone, told.gone.to_string()),
        (say.invalid, told.unusable.to_string()),
    ];
    if told.undecided > 0 {
        lines.push((say.undecided, fill(say.undecided_why, &[&told.undecided])));
    }
    if told.not_filled_in > 0 {
        lines.push((say.not_filled_in, told.not_filled_in.to_string()));
    }
    if told.shared_numbers > 0 {
        lines.push((say.shared, told.shared_numbers.to_string()));
    }
    if told.reused > 0 {
        lines.push((say.reused, told.reused.to_string()));
    }
    print(&pairs(&lines))?;
    let mut table = Table::new([say.line, say.office, context.say.reason]);
    for row in &told.invalid {
        table.row([row.line.to_string(), row.office.clone(), row.reason.clone()]);
    }
    print_table(context, say.invalid, &table, told.unusable.saturating_sub(told.invalid.len()))?;
    let mut table = Table::new([context.say.number, say.office, say.note]);
    for row in &told.shared {
        let note = if row.one_person { say.one_person } else { say.several_persons };
        table.row([row.number.clone(), row.offices.join("; "), note.to_owned()]);
    }
    print_table(context, say.shared, &table, told.shared_numbers.saturating_sub(told.shared.len()))?;
    let mut table = Table::new([say.line, say.change, say.office, say.was, say.becomes, say.note]);
    let holder = |name: &Option<String>, number: &Option<String>| match (name, number) {
        (Some(name), Some(number)) => format!("{name} {number}"),
        _ => "-".to_owned(),
    };
    for row in &told.changes {
        table.row([
            row.line.map_or_else(|| "-".to_owned(), |line| line.to_string()),
            word(context.lang, &row.change),
            row.office.clone(),
            holder(&row.old_name, &row.old_number),
            holder(&row.name, &row.number),
            note(context, row)?,
        ]);
    }
    print_table(context, say.change, &table, told.remarkable.saturating_sub(told.changes.len()))
}

fn note(context: &Context, row: &ChangeRow) -> Result<String, Failure> {
    let say = Phrases::of(context.lang);
    let mut notes = Vec::new();
    if let (Some(former), Some(office), Some(until)) = (&row.former_holder, &row.former_office, row.former_until) {
        let until = until.to_zoned_datetime(context.zone()?.clone()).strftime("%Y-%m-%d").to_string();
        notes.push(fill(say.former, &[former, office, &until]));
    }
    let plain = [
        (row.opted_out, say.opted_out),
        (row.suspended, say.suspended),
        (row.old_number_opted_out, say.opted_out_before),
    ];
    notes.extend(plain.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note.to_owned()));
    Ok(notes.join("; "))
}

/// A table, where it has rows, and how many more there are.
fn print_table(context: &Context, heading: &str, table: &Table, more: usize) -> Result<(), Failure> {
    if table.is_empty() {
        return Ok(());
    }
    print(&format!("\n{heading}\n{table}"))?;
    if more > 0 {
        print(&format!("{}\n", fill(Phrases::of(context.lang).more, &[&more])))?;
    }
    Ok(())
}
