//! Commands that ask the ledger and change nothing. They work with the daemon running or not.

use std::collections::BTreeMap;
use std::io::{self, BufWriter};

use serde::Serialize;

use super::answers::Answers;
use super::args::{Job, Jobs, LimitedListing, Listing};
use super::phrases::fill;
use super::phrases::words::{self, word};
use super::screen::{Table, maybe_time, middle, pairs, print, print_json, rupiah, time};
use super::{Context, Failure};
use crate::check::ModemRate;
use crate::model::JobId;
use crate::spool::Remark;
use crate::store::{JobView, ModemView, StatusView};

/// Rows on paper when nobody says how many.
const PAPER_ROWS: u32 = 50;

/// What `status --json` prints.
#[derive(Serialize)]
struct Status<'a> {
    daemon_running: bool,
    #[serde(flatten)]
    status: &'a StatusView,
}

pub(super) fn status(context: &Context, how: &Listing) -> Result<(), Failure> {
    let answers = Answers::of(context)?;
    let (status, daemon_running) = (answers.status()?, answers.daemon_runs());
    if how.json {
        return Ok(print_json(&Status { daemon_running, status: &status })?);
    }
    let (say, zone) = (context.say, context.zone()?);
    let counts = |counts: &std::collections::BTreeMap<String, u64>| {
        let shown: Vec<_> = counts
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(state, count)| format!("{} {count}", word(context.lang, say.state_word(state))))
            .collect();
        if shown.is_empty() { say.nothing.to_owned() } else { shown.join(", ") }
    };
    let parts: Vec<_> = status.paused.iter().map(|part| words::part(context.lang, part)).collect();
    let paused = if status.paused.is_empty() { say.nothing.to_owned() } else { parts.join(", ") };
    let modems = if status.modems.is_empty() { say.no_modem.to_owned() } else { counts(&status.modems) };
    print(&pairs(&[
        (say.daemon, if daemon_running { say.daemon_runs } else { say.daemon_stopped }.to_owned()),
        (say.messages, counts(&status.messages)),
        (say.recipients, format!("{} ({} {})", status.recipients, status.excluded, say.excluded)),
        (say.jobs, counts(&status.jobs)),
        (say.modems, modems),
        (say.paused, paused),
        (say.held, status.held_jobs.to_string()),
        (say.approvals, status.approvals.to_string()),
        (say.opt_outs, status.opt_outs.to_string()),
        (say.inbox, status.inbox.to_string()),
        (say.alarms, status.alarms.to_string()),
        (say.oldest_queued, maybe_time(status.oldest_queued_at, zone)),
        (say.last_backup, maybe_time(status.last_backup_at, zone)),
    ]))?;
    Ok(())
}

pub(super) fn jobs(context: &Context, how: &Jobs) -> Result<(), Failure> {
    let answers = Answers::of(context)?;
    list(
        context,
        &how.listing,
        |limit| answers.jobs(limit, how.replies),
        |rows| {
            let (say, zone) = (context.say, context.zone()?);
            let mut table = Table::new([say.job, say.unit, say.class, say.state, say.accepted, say.file, say.account]);
            for job in rows {
                table.row([
                    job.id.to_string(),
                    job.unit.clone(),
                    word(context.lang, &job.class),
                    state(context, job)?,
                    time(job.created_at, zone),
                    middle(&job.source),
                    account(context, job),
                ]);
            }
            Ok(table)
        },
    )
}

pub(super) fn job(context: &Context, how: &Job) -> Result<(), Failure> {
    let Some(wanted) = &how.id else { return Err(Failure::refused("name a job")) };
    let answers = Answers::of(context)?;
    let found = answers.job(wanted)?;
    let name = match wanted {
        crate::store::JobRef::Id(id) => id.to_string(),
        crate::store::JobRef::Uid(uid) => uid.clone(),
    };
    let job = found.ok_or_else(|| Failure::refused(fill(context.say.no_such_job, &[&name])))?;
    if how.csv {
        return answers.report(JobId(job.id), &mut BufWriter::new(io::stdout().lock()));
    }
    if how.json {
        return Ok(print_json(&job)?);
    }
    let (say, zone) = (context.say, context.zone()?);
    let mut lines = vec![
        (say.job, format!("{} ({})", job.id, job.uid)),
        (say.unit, job.unit.clone()),
        (say.file, job.source.clone()),
        (say.owner, job.owner.clone()),
        (say.class, word(context.lang, &job.class)),
        (say.state, word(context.lang, &job.state)),
        (say.accepted, time(job.created_at, zone)),
        (say.not_before, time(job.not_before, zone)),
        (say.expires, time(job.expires_at, zone)),
        (say.finished, maybe_time(job.finished_at, zone)),
    ];
    if let Some(kind) = &job.waits_for {
        lines.push((say.waits, waits(context, kind, &job)?));
    }
    if let Some(first) = job.goes_first.filter(|first| *first > 0) {
        lines.push((say.queue, fill(say.goes_first, &[&first])));
    }
    if job.canary.as_deref() == Some("out") && job.state != "done" {
        lines.push((say.ahead, word(context.lang, "out")));
    }
    if let (Some(audience), Some(import)) = (&job.audience, job.roster_import) {
        lines.push((say.audience, fill(say.as_of_import, &[audience, &import])));
    }
    print(&pairs(&lines))?;
    print(&format!("\n{}", sums(context, &job)))?;
    let remarks = answers.remarks(JobId(job.id))?;
    for (place, remark) in remarks.iter().enumerate() {
        let before = if place == 0 { format!("\n{}:\n", say.not_followed) } else { String::new() };
        print(&format!("{before}  {}\n", Remark::told(remark, context.lang).as_ref().unwrap_or(remark)))?;
    }
    if let Some(line) = super::archive::details_in(context, &job)? {
        return Ok(print(&format!("\n{line}\n"))?);
    }
    if job.excluded > 0 {
        let mut table = Table::new([say.row, say.number, say.name, say.reason]);
        for recipient in answers.excluded(JobId(job.id), PAPER_ROWS)? {
            let reason = words::reason(context.lang, &recipient.reason.unwrap_or_default());
            table.row([recipient.row.to_string(), recipient.number, recipient.name.unwrap_or_default(), reason]);
        }
        print(&format!("\n{table}"))?;
    }
    Ok(())
}

/// How a job stands, in a few words: what holds it, and until when; else its state.
fn state(context: &Context, job: &JobView) -> Result<String, Failure> {
    match &job.waits_for {
        Some(kind) => waits(context, kind, &JobView { waits_reason: None, ..job.clone() }),
        None => Ok(word(context.lang, &job.state)),
    }
}

/// Why a job sends nothing, in one line: what holds it, until when, the reason.
pub(super) fn waits(context: &Context, kind: &str, job: &JobView) -> Result<String, Failure> {
    let zone = context.zone()?;
    let mut told = word(context.lang, kind);
    if let Some(until) = job.waits_until {
        told = fill(context.say.until, &[&told, &time(until, zone)]);
    }
    if let Some(reason) = &job.waits_reason {
        told = format!("{told}: {}", words::sentence(context.lang, reason));
    }
    Ok(told)
}

/// The job's account, a line each state, and its sum.
pub(super) fn sums(context: &Context, job: &JobView) -> String {
    let say = context.say;
    let mut lines = vec![(say.recipients, job.recipients.to_string()), (say.excluded, job.excluded.to_string())];
    for (state, count) in job.messages.iter().filter(|(_, count)| **count > 0) {
        lines.push((say.state_word(state), count.to_string()));
    }
    let messages: u64 = job.messages.values().sum();
    let sentence = if job.adds_up() { say.sum } else { say.sum_broken };
    format!("{}{}\n", pairs(&lines), fill(sentence, &[&job.recipients, &job.excluded, &messages]))
}

fn account(context: &Context, job: &JobView) -> String {
    let say = context.say;
    let states = job.messages.iter().filter(|(_, count)| **count > 0);
    let mut parts: Vec<_> = states.map(|(state, count)| format!("{} {count}", say.state_word(state))).collect();
    if job.excluded > 0 {
        parts.push(format!("{} {}", say.excluded, job.excluded));
    }
    parts.join(", ")
}

pub(super) fn modems(context: &Context, how: &Listing) -> Result<(), Failure> {
    let answers = Answers::of(context)?;
    let rows = answers.modems()?;
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let say = context.say;
    let mut table = Table::new([
        say.name,
        say.state,
        say.operator,
        say.signal,
        say.sent_hour,
        say.sent_day,
        say.arrived,
        say.credit,
        say.sim,
        say.port,
        say.reason,
    ]);
    let dash = || "-".to_owned();
    for ModemRate { modem, delivery_rate } in &rows {
        table.row([
            modem.name.clone(),
            word(context.lang, &modem.state),
            modem.operator.clone().unwrap_or_else(dash),
            modem.signal.map_or_else(dash, |signal| format!("{signal}/31")),
            modem.sent_hour.to_string(),
            modem.sent_day.to_string(),
            delivery_rate.map_or_else(dash, super::routes::percent),
            credit(modem),
            modem.iccid.clone().unwrap_or_else(dash),
            modem.port.clone(),
            words::sentence(context.lang, modem.reason.as_deref().unwrap_or_default()),
        ]);
    }
    if table.is_empty() {
        print(&format!("{}\n", say.no_modem))?;
    } else {
        print(&table.to_string())?;
    }
    let mut by_imei: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for modem in rows.iter().map(|row| &row.modem).filter(|modem| modem.state != "lost") {
        by_imei.entry(modem.imei.as_deref().unwrap_or_default()).or_default().push(&modem.name);
    }
    for (imei, names) in by_imei.into_iter().filter(|(imei, names)| !imei.is_empty() && names.len() > 1) {
        print(&format!("{}\n", fill(say.shared_imei, &[&imei, &names.join(", ")])))?;
    }
    if !answers.daemon_runs() {
        print(&format!("{}\n", say.daemon_stopped_sentence))?;
    }
    Ok(())
}

/// The credit of a modem's SIM as people write it: `25.000`; with `?` where the last question did not tell it.
fn credit(modem: &ModemView) -> String {
    match (modem.credit, &modem.credit_trouble) {
        (Some(amount), None) => rupiah(amount),
        (Some(amount), Some(_)) => format!("{} ?", rupiah(amount)),
        (None, Some(_)) => "?".to_owned(),
        (None, None) => "-".to_owned(),
    }
}

pub(super) fn opt_outs(context: &Context, how: &LimitedListing) -> Result<(), Failure> {
    let answers = Answers::of(context)?;
    list(
        context,
        how,
        |limit| answers.opt_outs(limit),
        |rows| {
            let (say, zone) = (context.say, context.zone()?);
            let mut table = Table::new([say.number, say.scope, say.since, say.who, say.text, say.reason]);
            for number in rows {
                table.row([
                    number.number.clone(),
                    word(context.lang, &number.scope),
                    time(number.since, zone),
                    word(context.lang, &number.actor),
                    number.text.clone().unwrap_or_default(),
                    words::record(context.lang, &number.reason),
                ]);
            }
            Ok(table)
        },
    )?;
    let kept = if how.json { 0 } else { answers.kept_opt_outs()? };
    if kept > 0 {
        print(&format!("{}\n", fill(context.say.kept_opt_outs, &[&kept])))?;
    }
    Ok(())
}

/// A list with a limit: all of it as JSON, one page of it on paper unless asked for more.
pub(super) fn list<T: Serialize>(
    context: &Context,
    how: &LimitedListing,
    ask: impl FnOnce(usize) -> Result<Vec<T>, Failure>,
    table: impl FnOnce(&[T]) -> Result<Table, Failure>,
) -> Result<(), Failure> {
    if how.json {
        // SQLite counts in i64; more rows than this do not fit a ledger.
        let limit = how.limit.unwrap_or(u32::MAX) as usize;
        return Ok(print_json(&ask(limit)?)?);
    }
    let limit = how.limit.unwrap_or(PAPER_ROWS) as usize;
    let mut rows = ask(limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    show(context, &table(&rows)?)?;
    if more {
        print(&format!("{}\n", context.say.more))?;
    }
    Ok(())
}

fn show(context: &Context, table: &Table) -> Result<(), Failure> {
    if table.is_empty() {
        print(&format!("{}\n", context.say.nothing))?;
    } else {
        print(&table.to_string())?;
    }
    Ok(())
}
