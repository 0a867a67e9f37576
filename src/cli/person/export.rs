//! What is held of a person, as a file for them: JSON, or a table for a spreadsheet.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::model::Timestamp;
use crate::spool::harmless;
use crate::store::PersonView;

/// Writes a new file that only this user may read; `.csv` is a table, anything else JSON. Errors: also when the file exists already.
pub(super) fn write(path: &Path, person: &PersonView, zone: &TimeZone) -> io::Result<()> {
    let table = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut out = BufWriter::new(file);
    match table {
        true => csv(person, zone, &mut out)?,
        false => {
            serde_json::to_writer_pretty(&mut out, person)?;
            writeln!(out)?;
        }
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

fn csv(person: &PersonView, zone: &TimeZone, to: &mut impl Write) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new().from_writer(to);
    let time = |at: Timestamp| at.display_with_offset(zone.to_offset(at)).to_string();
    let mut row = |part: &str, at: String, what: &str, text: &str, detail: String| {
        let cells = [part, &person.number, &at, what, text, &detail].map(harmless);
        table.write_record(cells.iter().map(|cell| cell.as_bytes())).map_err(io::Error::from)
    };
    row("part", "at".to_owned(), "what", "text", "detail".to_owned())?;
    if let Some(out) = &person.opt_out {
        row("opt_out", time(out.since), &out.scope, out.text.as_deref().unwrap_or(""), out.reason.clone())?;
    }
    for office in &person.offices {
        let entry = &office.entry;
        let place = [&entry.title, &entry.agency, &entry.kelurahan, &entry.kecamatan].into_iter().flatten();
        let numbers =
            [("RT", entry.rt), ("RW", entry.rw)].into_iter().filter_map(|(word, n)| Some(format!("{word} {}", n?)));
        let mut detail: Vec<_> = numbers.chain(place.cloned()).collect();
        detail.extend([format!("source {}", office.source), format!("basis {}", office.basis)]);
        detail.extend(entry.until.map(|at| format!("until {}", time(at))));
        row("office", time(entry.since), &entry.role, &entry.name, detail.join("; "))?;
    }
    if let Some(failed) = &person.failures {
        let suspended = failed.suspended_since.map(|at| format!("suspended {}", time(at)));
        let what = format!("{} messages failed", failed.failures);
        row("failures", time(failed.first_at), &what, "", suspended.unwrap_or_default())?;
    }
    for archive in &person.archives {
        let what = archive.trouble.as_deref().map_or("read", |_| "unreadable");
        let made = archive.made_at.map(time).unwrap_or_default();
        row("archive", made, what, "", archive.trouble.clone().unwrap_or_else(|| archive.file.clone()))?;
    }
    let archived = person.archives.iter().flat_map(|archive| &archive.messages);
    for place in person.messages.iter().chain(archived) {
        let mut detail = vec![
            format!("job {} of {} ({}, row {})", place.job, place.unit, place.source, place.row),
            format!("basis {}", place.basis),
        ];
        detail.extend(place.name.as_ref().map(|name| format!("name {name}")));
        detail.extend(place.reason.clone());
        detail.extend(place.sent_at.map(|at| format!("sent {}", time(at))));
        detail.extend(place.delivered_at.map(|at| format!("delivered {}", time(at))));
        let text = place.text.as_deref().unwrap_or("");
        row("message", time(place.accepted_at), &place.state, text, detail.join("; "))?;
    }
    for entry in &person.inbound {
        row("inbound", time(entry.received_at), &entry.kind, &entry.text, format!("through SIM {}", entry.sim))?;
    }
    for line in &person.consents {
        let mut detail = vec![format!("by {}", line.actor), format!("way {}", line.channel)];
        detail.extend(line.scope.as_ref().map(|scope| format!("scope {scope}")));
        detail.extend(line.basis.as_ref().map(|basis| format!("basis {basis}")));
        detail.extend(line.letter.as_ref().map(|letter| format!("letter {letter}")));
        detail.extend(Some(&line.reason).filter(|reason| !reason.is_empty()).cloned());
        row("consent", time(line.at), &line.kind, line.text.as_deref().unwrap_or(""), detail.join("; "))?;
    }
    for event in &person.events {
        row("event", time(event.at), &event.kind, "", format!("by {}; {}", event.actor, event.detail))?;
    }
    table.flush()
}
