//! `kentongan check FILE`: the whole intake of a job file without sending anything, as people read it.

mod paper;
mod phrases;

use indicatif::ProgressBar;

use super::args::Check;
use super::client::{Content, PATIENCE_EACH_MB, Piece, with_query};
use super::phrases::fill;
use super::phrases::words::{sentence, word};
use super::screen::{Table, pairs, print, print_json, time};
use super::submit::opened;
use super::{Context, Failure};
use crate::check::{AreaRow, Question, Source, Verdict, VerdictView, check};
use crate::spool::{Remark, lists_named};
use crate::store::Reader;

/// Excluded rows shown on paper; JSON has all of them.
const PAPER_ROWS: usize = 50;

pub(super) fn run(context: &Context, how: &Check) -> Result<(), Failure> {
    let view = match by_daemon(context, how)? {
        Some(view) => view,
        None => here(context, how)?,
    };
    if how.json {
        print_json(&view.verdict)?;
    } else {
        show(context, &view)?;
    }
    if view.verdict.accepted { Ok(()) } else { Err(Failure::Said) }
}

/// The daemon's verdict; `None`: none runs.
fn by_daemon(context: &Context, how: &Check) -> Result<Option<VerdictView>, Failure> {
    let client = context.client()?;
    // Before a large file is on its way: whether anybody is there.
    let Some(answer) = context.reached(client.get::<serde_json::Value>("/whoami"))? else { return Ok(None) };
    drop(answer.map_err(|no| context.refused(&no))?);
    let unit = context.unit(how.unit.as_deref())?;
    let name = how.file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let most = context.office()?.file_bytes_max;
    let mut files = vec![(name.to_owned(), opened(&how.file)?)];
    if name.to_lowercase().ends_with(".txt") {
        // Lists that are not there are missed by whoever reads the text.
        for list in lists_named(&mut opened(&how.file)?) {
            if let Ok(file) = std::fs::File::open(how.file.with_file_name(&list)) {
                files.push((list, file));
            }
        }
    }
    for (name, file) in &files {
        let octets = file.metadata()?.len();
        if octets > most {
            return Err(Failure::Refused(super::submit::too_large(context, name, octets, most)));
        }
    }
    let content = match files.len() {
        1 => {
            Content::pieces("application/octet-stream", files.into_iter().map(|(_, file)| Piece::File(file)).collect())
        }
        _ => Content::form(files),
    };
    let query = [
        ("unit", unit.name.clone()),
        ("name", name.to_owned()),
        ("lang", context.lang.to_string()),
        ("excluded", excluded_max(how).to_string()),
    ];
    let answer = client.ask_of::<VerdictView>(&with_query("/check", &query), content, PATIENCE_EACH_MB);
    let answer = answer.map_err(|error| context.unanswered(&error))?;
    let mut view = answer.map_err(|no| context.refused(&no))?;
    view.verdict.file = how.file.display().to_string();
    Ok(Some(view))
}

/// Of how many who get nothing it is told who they are.
fn excluded_max(how: &Check) -> u32 {
    if how.json { u32::MAX } else { PAPER_ROWS as u32 }
}

/// The verdict out of the settings and the ledger.
fn here(context: &Context, how: &Check) -> Result<VerdictView, Failure> {
    let config = context.config()?;
    let unit = &context.unit(how.unit.as_deref())?.name;
    let unit = config.unit(unit).ok_or(Failure::Said)?;
    let reader = match config.paths.database.exists() {
        true => Some(Reader::open(&config.paths.database).map_err(Failure::refused)?),
        false => None,
    };
    let question = Question {
        config,
        unit,
        source: Source::File(&how.file),
        lang: context.lang,
        excluded_max: excluded_max(how) as usize,
        now: context.clock.now(),
    };
    let bar = ProgressBar::no_length();
    let judged = check(&question, reader.as_ref(), &mut |rows| bar.inc(rows));
    bar.finish_and_clear();
    judged.map_err(Failure::refused)
}

fn show(context: &Context, view: &VerdictView) -> Result<(), Failure> {
    let (say, verdict) = (context.say, &view.verdict);
    match &verdict.refusal {
        None => print(&format!("{}\n\n", say.would_be_accepted))?,
        Some(reason) => print(&format!("{}: {reason}\n\n", say.would_be_rejected))?,
    }
    print(&pairs(&lines(context, view)?))?;
    print(&areas(context, verdict))?;
    print(&paper::sections(context, view))?;
    excluded(context, verdict)?;
    for (place, remark) in verdict.remarks.iter().enumerate() {
        let before = if place == 0 { format!("\n{}:\n", say.not_followed) } else { String::new() };
        print(&format!("{before}  {}\n", Remark::told(remark, context.lang).as_ref().unwrap_or(remark)))?;
    }
    if verdict.unseen_opt_outs > 0 {
        print(&format!("\n{}\n", fill(say.unseen_opt_outs, &[&verdict.unseen_opt_outs])))?;
    }
    if verdict.accepted {
        print(&format!("\n{}\n", fill(say.submit_next, &[&verdict.file, &verdict.unit])))?;
    }
    Ok(())
}

/// What takes a line each.
fn lines(context: &Context, view: &VerdictView) -> Result<Vec<(&'static str, String)>, Failure> {
    let (say, zone, verdict) = (context.say, context.zone()?, &view.verdict);
    let mut lines = vec![(say.file, verdict.file.clone())];
    if let Some(header) = &view.header {
        lines.push((say.unit, header.unit.clone()));
        lines.push((say.class, format!("{} ({})", header.class.name_id(), header.class)));
        if let Some(at) = header.not_before {
            lines.push((say.not_before, time(at, zone)));
        }
        if let Some(at) = header.expires_at {
            lines.push((say.expires, time(at, zone)));
        }
    }
    if let (Some(expression), Some(import)) = (&verdict.audience, &verdict.roster_import) {
        lines.push((say.audience, fill(say.as_of_import, &[expression, import])));
    }
    lines.push((say.recipients, verdict.recipients.to_string()));
    lines.push((say.included, verdict.messages.to_string()));
    let reasons: Vec<_> =
        verdict.excluded_reasons.iter().map(|(why, count)| format!("{} {count}", word(context.lang, why))).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    lines.push((say.excluded, format!("{}{reasons}", verdict.excluded)));
    if verdict.messages > 0 {
        let ucs2 = verdict.ucs2_messages;
        lines.push((say.encoding, format!("GSM 7 bit {}, UCS-2 {ucs2}", verdict.messages - ucs2)));
        let rows = verdict.preview.segment_rows.iter();
        let spread: Vec<_> = rows.map(|row| format!("{}: {}×", row.segments, row.messages)).collect();
        lines.push((say.segments, spread.join(", ")));
        lines.push((say.segments_total, verdict.segments.to_string()));
    }
    lines.extend(gates(context, view)?);
    lines.extend(paper::lines(context, &verdict.preview)?);
    Ok(lines)
}

/// What holds a job that can be read.
fn gates(context: &Context, view: &VerdictView) -> Result<Vec<(&'static str, String)>, Failure> {
    let (say, zone, verdict) = (context.say, context.zone()?, &view.verdict);
    let mut lines = Vec::new();
    if let Some(reason) = &view.waits_reason {
        let from = verdict.sent_from.map_or("-".to_owned(), |opens| time(opens, zone));
        lines.push((say.opens, format!("{from} ({})", sentence(context.lang, reason))));
    }
    if let Some(why) = &view.approval_reason {
        lines.push((say.second, sentence(context.lang, why)));
    }
    match verdict.quota_left {
        Some(left) if left < verdict.segments => lines.push((say.quota_left, fill(say.quota_waits, &[&left]))),
        Some(left) => lines.push((say.quota_left, left.to_string())),
        None => {}
    }
    Ok(lines)
}

fn areas(context: &Context, verdict: &Verdict) -> String {
    let say = context.say;
    let mut table = Table::new([say.kecamatan, say.recipients, say.included, say.excluded]);
    for AreaRow { kecamatan, share } in &verdict.kecamatan {
        let name = if kecamatan.is_empty() { "-" } else { kecamatan };
        let excluded = share.recipients - share.messages;
        table.row([name.to_owned(), share.recipients.to_string(), share.messages.to_string(), excluded.to_string()]);
    }
    if table.is_empty() { String::new() } else { format!("\n{table}") }
}

fn excluded(context: &Context, verdict: &Verdict) -> Result<(), Failure> {
    if verdict.excluded_rows.is_empty() {
        return Ok(());
    }
    let say = context.say;
    let mut table = Table::new([say.row, say.number, say.reason, ""]);
    for row in &verdict.excluded_rows {
        table.row([
            row.row.to_string(),
            row.number.clone(),
            word(context.lang, &row.reason),
            sentence(context.lang, &row.detail),
        ]);
    }
    print(&format!("\n{table}"))?;
    if verdict.excluded > verdict.excluded_rows.len() as u64 {
        print("…\n")?;
    }
    Ok(())
}
