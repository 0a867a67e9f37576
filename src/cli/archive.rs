//! `kentongan archive`: the details of old jobs go to a file of their own; and what is said where a job's details lie there.

pub(super) mod phrases;

use std::path::absolute;

use self::phrases::Phrases;
use super::act::carry_out;
use super::answers::{Answers, ledger};
use super::args::{Archive, Command, Job, Listing};
use super::phrases::fill;
use super::screen::{Table, maybe_time, print, print_json, time};
use super::{Context, Failure};
use crate::engine::event::{Action, ArchiveEvent, Event, NewArchive};
use crate::store::JobView;
use crate::store::archive::make;

pub(super) fn run(context: &Context, how: &Archive) -> Result<(), Failure> {
    let file = absolute(&how.file).map_err(|error| Failure::refused(format!("{}: {error}", how.file.display())))?;
    let Some(file) = file.to_str().map(str::to_owned) else {
        return Err(Failure::refused(format!("{}: the name is not UTF-8", file.display())));
    };
    let before = context.zone()?.to_timestamp(how.before.at(0, 0, 0, 0)).map_err(Failure::refused)?;
    carry_out(context, Action::Archive(NewArchive { file, before }), &how.reason)
}

/// Where no daemon runs, the archive that was just asked for is made here.
pub(super) fn made_here(context: &Context) -> Result<Option<Event>, Failure> {
    let asked = ledger(context)?.archives().map_err(Failure::refused)?;
    let Some(wanted) = asked.into_iter().rfind(|archive| archive.state == "asked") else { return Ok(None) };
    let made = make(&context.config()?.paths.database, &wanted, context.clock.now(), || true, |_| ());
    let made = made.map_err(|error| error.to_string());
    Ok(Some(Event::Archive(ArchiveEvent::Made { archive: wanted.id, made })))
}

/// What may be asked of an archive.
pub(super) fn may_be_asked(command: &Command) -> bool {
    matches!(command, Command::Jobs(_) | Command::Job(Job { act: None, .. }) | Command::Audit(_))
}

/// Where a job's details lie, in a line; `None`: they are here.
pub(super) fn details_in(context: &Context, job: &JobView) -> Result<Option<String>, Failure> {
    let Some(file) = &job.details_in else { return Ok(None) };
    let since = maybe_time(job.details_since, context.zone()?);
    Ok(Some(fill(Phrases::of(context.lang).details_in, &[file, &since, file, &job.id])))
}

pub(super) fn list(context: &Context, how: &Listing) -> Result<(), Failure> {
    let rows = Answers::of(context)?.archives()?;
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let (heading, say, zone) = (context.say, Phrases::of(context.lang), context.zone()?);
    let mut table = Table::new([
        heading.file,
        heading.state,
        say.before,
        say.made,
        say.jobs,
        say.bytes,
        heading.who,
        heading.reason,
        say.trouble,
    ]);
    for row in &rows {
        let lost = row.lost_since.map(|since| fill(say.lost, &[&time(since, zone)]));
        let trouble: Vec<String> = row.trouble.clone().into_iter().chain(lost).collect();
        table.row([
            row.file.clone(),
            say.state(&row.state).to_owned(),
            time(row.before, zone),
            maybe_time(row.made_at, zone),
            row.jobs.to_string(),
            row.bytes.to_string(),
            row.actor.clone(),
            row.reason.clone(),
            trouble.join("; "),
        ]);
    }
    if table.is_empty() {
        return Ok(print(&format!("{}\n", say.none))?);
    }
    Ok(print(&table.to_string())?)
}
