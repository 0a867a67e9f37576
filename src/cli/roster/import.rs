//! `kentongan roster import`: what a list changes, looked at first, then applied whole or not at all.

mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, IsTerminal, Write};
use std::ops::ControlFlow;

use super::super::args::RosterImport;
use super::super::door::Door;
use super::super::phrases::fill;
use super::super::screen::print;
use super::super::{Context, Failure};
use super::phrases::Phrases;
use crate::check::format_settings;
use crate::cli::answers::ledger as reader;
use crate::engine::event::{self, Action};
use crate::model::{Ending, Entry, EntryId, ImportId, Msisdn, RosterStep, RosterSteps, Timestamp};
use crate::policy::{Coverage, Difference, Unread};
use crate::spool::format::ReadError;
use crate::spool::format::roster::{LineFault, RosterLine, RosterList, Unusable, read_roster};
use crate::store::Reader;

/// Steps in one request to the daemon, in octets of JSON: the daemon takes far more, and is not to be busy with one for long.
const REQUEST_MAX: usize = 60 * 1024;

/// A list held against the roster.
struct Compared {
    /// The list's name.
    file: String,
    /// The roster it was held against.
    base: Option<ImportId>,
    list: RosterList,
    difference: Difference,
    digest: String,
    /// What should be known of the numbers that come in.
    remarks: BTreeMap<Msisdn, Remarks>,
    /// Entries whose holder stays, and opted out with the number that is replaced.
    opted_out_before: BTreeSet<EntryId>,
}

/// What should be known of a number before it is used.
#[derive(Clone, Debug, Default, PartialEq)]
struct Remarks {
    /// Who had it before, in another office, and until when.
    former: Option<(Entry, Timestamp)>,
    /// It asked not to be written to.
    opted_out: bool,
    /// Messages to it failed again and again.
    suspended: bool,
}

pub(super) fn run(context: &Context, how: &RosterImport) -> Result<(), Failure> {
    let compared = compare(context, how)?;
    let refusal = refusal(context, how, &compared)?;
    let nothing = compared.difference.changes.is_empty();
    if !how.json {
        show::paper(context, &compared)?;
    }
    let say = Phrases::of(context.lang);
    let agreed = match &refusal {
        Some(_) => false,
        None if nothing => false,
        None if how.apply.is_some() => true,
        None if how.json || !io::stdin().is_terminal() => false,
        None => ask(say)?,
    };
    let applied = if agreed { Some(apply(context, how, &compared)?) } else { None };
    if how.json {
        show::json(&compared, applied.is_some())?;
    }
    match (refusal, applied) {
        (Some(why), _) => Err(Failure::refused(why)),
        (None, _) if how.json => Ok(()),
        (None, Some(line)) => Ok(print(&format!("\n{line}\n"))?),
        (None, None) if nothing => Ok(print(&format!("\n{}\n", say.nothing_to_change))?),
        (None, None) => {
            let short = &compared.digest[..12];
            let next = fill(say.to_apply, &[&how.file.display(), &short]);
            Ok(print(&format!("\n{}\n{next}\n", say.not_applied))?)
        }
    }
}

/// Why the difference must not be applied, whatever anybody agreed to.
fn refusal(context: &Context, how: &RosterImport, compared: &Compared) -> Result<Option<String>, Failure> {
    let say = Phrases::of(context.lang);
    let lines = compared.list.lines.len();
    let unusable = compared.list.lines.iter().filter(|line| is_harmful(line)).count();
    if unusable as f64 > lines as f64 * context.config()?.intake.unusable_share_max {
        return Ok(Some(fill(say.mostly_invalid, &[&unusable, &lines])));
    }
    // A digest may be cut short, as it is shown; an empty one agrees to whatever the difference is.
    let agreed_to = how.apply.as_deref().unwrap_or_default();
    let fits = agreed_to.is_empty() || (agreed_to.len() >= 8 && compared.digest.starts_with(agreed_to));
    Ok((!fits).then(|| fill(say.other_difference, &[&&compared.digest[..12]])))
}

/// A line that repeats another, or comes too late, does not show that the list is a wrong one.
fn is_harmful(line: &RosterLine) -> bool {
    let harmless = |fault: &LineFault| matches!(fault, LineFault::Repeated { .. } | LineFault::Outdated);
    line.entry.as_ref().is_err_and(|unusable| !harmless(&unusable.fault))
}

fn compare(context: &Context, how: &RosterImport) -> Result<Compared, Failure> {
    let config = context.config()?;
    let reader = reader(context)?;
    let unread = |error: io::Error| Failure::refused(format!("{}: {error}", how.file.display()));
    let file = how.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut content = std::fs::File::open(&how.file).map_err(unread)?;
    let places = &config.roster.places;
    let read = read_roster(&file, &mut content, &format_settings(config), places, how.role);
    let mut list = read.map_err(|error| match error {
        ReadError::Rejected(rejection) => Failure::refused(rejection.line(context.lang)),
        error => Failure::refused(format!("{}: {error}", how.file.display())),
    })?;
    let base = reader.roster_version().map_err(Failure::refused)?;
    let current = current(&reader, base)?;
    if list.correction {
        keep_to_what_stands(&mut list.lines, &current);
    }
    let coverage = match (list.correction || how.add_only, how.complete) {
        (true, _) => Coverage::Additions,
        (false, true) => Coverage::Complete,
        (false, false) => Coverage::Listed,
    };
    let named: Vec<(u32, Entry)> =
        list.lines.iter().filter_map(|line| Some((line.line, line.entry.clone().ok()?))).collect();
    let difference = Difference::between(&current, &named, &unread_of(&list.lines), coverage);
    let remarks = remarks(&reader, base, &difference, context.clock.now())?;
    let opted_out_before = opted_out_before(&reader, &difference)?;
    let digest = difference.digest();
    Ok(Compared { file, base, list, difference, digest, remarks, opted_out_before })
}

fn current(reader: &Reader, version: Option<ImportId>) -> Result<Vec<(EntryId, Entry)>, Failure> {
    let mut current = Vec::new();
    if let Some(version) = version {
        let each = |id, entry| {
            current.push((id, entry));
            ControlFlow::Continue(())
        };
        reader.roster(version, each).map_err(Failure::refused)?;
    }
    Ok(current)
}

/// A correction is of an office and the number that it says is wrong; where another stands there by now, somebody was faster.
fn keep_to_what_stands(lines: &mut [RosterLine], current: &[(EntryId, Entry)]) {
    let held: BTreeMap<String, Msisdn> = current.iter().map(|(_, entry)| (entry.key(), entry.number)).collect();
    for line in lines {
        let Ok(entry) = &line.entry else { continue };
        let seat = entry.key();
        let number = held.get(&seat);
        let stands = number.is_some() && (number == line.old_number.as_ref() || number == Some(&entry.number));
        if !stands {
            let (role, written) = (Some(entry.seat.role), entry.seat.to_string());
            line.entry = Err(Unusable { fault: LineFault::Outdated, seat: Some(seat), role, written });
        }
    }
}

fn unread_of(lines: &[RosterLine]) -> Unread {
    let mut unread = Unread::default();
    for unusable in lines.iter().filter_map(|line| line.entry.as_ref().err()) {
        match (&unusable.seat, unusable.role) {
            (Some(seat), _) => drop(unread.seats.insert(seat.clone())),
            (None, Some(role)) => drop(unread.roles.insert(role)),
            (None, None) => unread.any = true,
        }
    }
    unread
}

/// What is to be known of every number that begins to stand for an office.
fn remarks(
    reader: &Reader,
    base: Option<ImportId>,
    difference: &Difference,
    now: Timestamp,
) -> Result<BTreeMap<Msisdn, Remarks>, Failure> {
    let leaving = difference.changes.iter().filter_map(|change| change.was.as_ref());
    let leaving: BTreeMap<Msisdn, &Entry> = leaving.map(|(_, was)| (was.number, was)).collect();
    let mut remarks = BTreeMap::new();
    for change in &difference.changes {
        let (Some(number), Some(becomes)) = (change.new_number(), &change.becomes) else { continue };
        // Whose it was until this very list, or until an earlier one.
        let handed_on = leaving.get(&number).filter(|was| !was.same_person(becomes));
        let former = match handed_on {
            Some(was) => Some(((*was).clone(), now)),
            None if base.is_none() => None,
            None => {
                let former = reader.former_holders(number).map_err(Failure::refused)?;
                let other = former.into_iter().find(|former| !former.entry.same_person(becomes));
                other.map(|former| (former.entry, former.until))
            }
        };
        let remark = Remarks {
            former,
            opted_out: reader.opt_out(number).map_err(Failure::refused)?.is_some(),
            suspended: reader.is_suspended(number).map_err(Failure::refused)?,
        };
        if remark != Remarks::default() {
            remarks.insert(number, remark);
        }
    }
    Ok(remarks)
}

/// Offices whose holder stays and had opted out with the number that is replaced: the new one has not, and that wants a thought.
fn opted_out_before(reader: &Reader, difference: &Difference) -> Result<BTreeSet<EntryId>, Failure> {
    let mut found = BTreeSet::new();
    for change in difference.changes.iter().filter(|change| change.why == Some(Ending::Number)) {
        if let Some((id, was)) = &change.was
            && reader.opt_out(was.number).map_err(Failure::refused)?.is_some()
        {
            found.insert(*id);
        }
    }
    Ok(found)
}

fn ask(say: &Phrases) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    out.write_all(b"\n")?;
    out.write_all(say.question.as_bytes())?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "ya" | "yes"))
}

/// Sends the steps to the engine, which takes them all or none.
fn apply(context: &Context, how: &RosterImport, compared: &Compared) -> Result<String, Failure> {
    let mut door = Door::new(context);
    let session = fastrand::u64(..);
    let import = event::RosterImport {
        session,
        base: compared.base,
        file: compared.file.clone(),
        source: how.source.clone(),
        basis: how.basis.clone(),
    };
    door.ask(Action::RosterBegin(import), "")?;
    let mut request = Vec::new();
    let mut size = 0;
    for step in compared.difference.steps() {
        let octets = serde_json::to_string(&step).map_or(0, |text| text.len()) + 1;
        if size + octets > REQUEST_MAX {
            send(&mut door, session, &mut request)?;
            size = 0;
        }
        size += octets;
        request.push(step);
    }
    send(&mut door, session, &mut request)?;
    let reason = [("", &compared.file), ("source: ", &how.source), ("basis: ", &how.basis)];
    let reason: Vec<_> =
        reason.iter().filter(|(_, part)| !part.is_empty()).map(|(name, part)| format!("{name}{part}")).collect();
    door.ask(Action::RosterApply { session, digest: compared.digest.clone() }, &reason.join(", "))
}

fn send(door: &mut Door<'_>, session: u64, steps: &mut Vec<RosterStep>) -> Result<(), Failure> {
    let steps = RosterSteps(std::mem::take(steps));
    door.ask(Action::RosterSteps { session, steps }, "").map(drop)
}
