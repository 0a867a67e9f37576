//! `kentongan check FILE`: the whole intake of a job file without sending anything.

mod account;
mod eta;

use std::ops::ControlFlow;

use indicatif::ProgressBar;
use serde::Serialize;

use super::args::Check;
use super::phrases::fill;
use super::phrases::words::{sentence, word};
use super::screen::{Table, pairs, print, print_json, time};
use super::{Context, Failure};
use crate::daemon::{format_settings, spool_unit};
use crate::model::{Class, JobHeader, Msisdn, Timestamp};
use crate::policy::LifeSafety;
use crate::spool::format::{Part, ReadError};
use crate::spool::read_file;
use crate::store::Reader;
use account::{Account, ExcludedRow};

/// Excluded rows shown on paper; JSON has all of them.
const PAPER_ROWS: usize = 50;

/// What `--json` prints.
#[derive(Serialize)]
struct Verdict<'a> {
    file: String,
    unit: &'a str,
    accepted: bool,
    refusal: Option<String>,
    class: Option<&'static str>,
    recipients: u64,
    messages: u64,
    excluded: u64,
    segments: u64,
    segments_longest: usize,
    ucs2_messages: u64,
    forcing: String,
    transliterated_segments: u64,
    eta_s: Option<u64>,
    /// Kept of erased numbers, and recognised by the daemon only.
    unseen_opt_outs: u64,
    excluded_rows: &'a [ExcludedRow],
}

pub(super) fn run(context: &Context, how: &Check) -> Result<(), Failure> {
    let config = context.config()?;
    let unit = context.unit(how.unit.as_deref())?;
    let reader = match config.paths.database.exists() {
        true => Some(Reader::open(&config.paths.database).map_err(Failure::refused)?),
        false => None,
    };
    let now = context.clock.now();
    let bar = ProgressBar::no_length();
    let mut account = Account::new(config.messages.segments_max, config.messages.transliterate);
    let mut fault = None;
    let opt_outs = OptOuts { reader: reader.as_ref(), life_safety: &config.consent.life_safety, unit: &unit.name };
    let read = read_file(&how.file, &spool_unit(unit), &format_settings(config), now, &mut |part| match take(
        &mut account,
        part,
        &opt_outs,
        &bar,
    ) {
        Ok(()) => ControlFlow::Continue(()),
        Err(failure) => {
            fault = Some(failure);
            ControlFlow::Break(())
        }
    });
    bar.finish_and_clear();
    if let Some(fault) = fault {
        return Err(fault);
    }
    let refusal = match read {
        Ok(_) => refusal(context, &account, reader.as_ref(), now)?,
        Err(ReadError::Rejected(rejection)) => Some(rejection.line(context.lang)),
        Err(error) => return Err(Failure::refused(format!("{}: {error}", how.file.display()))),
    };
    let modems = reader.as_ref().and_then(|reader| reader.modems(now).ok()).unwrap_or_default();
    let ready = modems.iter().filter(|modem| modem.state == "ready").count();
    let modems = if ready > 0 { ready } else { config.modems.len() };
    let unseen = match reader.as_ref().map(Reader::kept_opt_outs).transpose().map_err(Failure::refused)? {
        Some((kept, false)) => kept,
        _ => 0,
    };
    let eta = eta::seconds(account.segments, modems as u64, &config.limits);
    let accepted = refusal.is_none();
    if how.json {
        print_json(&Verdict {
            file: how.file.display().to_string(),
            unit: &unit.name,
            accepted,
            refusal,
            class: account.header.as_ref().map(|header| header.class.name()),
            recipients: account.named,
            messages: account.messages,
            excluded: account.excluded.len() as u64,
            segments: account.segments,
            segments_longest: account.longest,
            ucs2_messages: account.ucs2,
            forcing: account.forcing.iter().collect(),
            transliterated_segments: account.transliterated,
            eta_s: eta.filter(|_| accepted),
            unseen_opt_outs: unseen,
            excluded_rows: &account.excluded,
        })?;
    } else {
        let say = context.say;
        match &refusal {
            None => print(&format!("{}\n\n", say.would_be_accepted))?,
            Some(reason) => print(&format!("{}: {reason}\n\n", say.would_be_rejected))?,
        }
        show(context, how, &account, eta.filter(|_| accepted))?;
        if unseen > 0 {
            print(&format!("\n{}\n", fill(say.unseen_opt_outs, &[&unseen])))?;
        }
        if accepted {
            print(&format!("\n{}\n", fill(say.submit_next, &[&how.file.display(), &unit.name])))?;
        }
    }
    if accepted { Ok(()) } else { Err(Failure::Said) }
}

/// Who has opted out of what.
struct OptOuts<'a> {
    reader: Option<&'a Reader>,
    life_safety: &'a LifeSafety,
    unit: &'a str,
}

impl OptOuts<'_> {
    fn stop(&self, number: Msisdn, class: Option<Class>) -> Result<bool, Failure> {
        let Some(reader) = self.reader else { return Ok(false) };
        let scope = reader.opt_out(number).map_err(Failure::refused)?;
        let class = class.unwrap_or(Class::Routine);
        Ok(scope.is_some_and(|scope| self.life_safety.stops(scope, class, self.unit)))
    }
}

fn take(account: &mut Account, part: Part, opt_outs: &OptOuts<'_>, bar: &ProgressBar) -> Result<(), Failure> {
    match part {
        Part::Header(header) => account.header = Some(*header),
        Part::Rows(rows) => {
            bar.inc(rows.len() as u64);
            let class = account.header.as_ref().map(|header| header.class);
            for row in rows {
                let opted_out = match &row.number {
                    Ok(number) => opt_outs.stop(*number, class)?,
                    Err(_) => false,
                };
                account.add(row, opted_out);
            }
        }
    }
    Ok(())
}

/// What the engine would say to a file that can be read.
fn refusal(
    context: &Context,
    account: &Account,
    reader: Option<&Reader>,
    now: Timestamp,
) -> Result<Option<String>, Failure> {
    let Some(header) = &account.header else { return Ok(None) };
    let say = context.say;
    let zone = context.config()?.time_zone();
    if let Some(expires_at) = expired(header, now) {
        return Ok(Some(fill(say.too_late, &[&time(expires_at, zone)])));
    }
    if account.messages == 0 {
        return Ok(Some(fill(say.nobody, &[&account.named])));
    }
    if let (Some(reader), false) = (reader, header.again)
        && let Some((job, at)) = reader.accepted_before(&header.digest).map_err(Failure::refused)?
    {
        return Ok(Some(fill(say.sent_before, &[&job, &time(at, zone)])));
    }
    Ok(None)
}

fn expired(header: &JobHeader, now: Timestamp) -> Option<Timestamp> {
    header.expires_at.filter(|expires_at| *expires_at <= now)
}

fn show(context: &Context, how: &Check, account: &Account, eta: Option<u64>) -> Result<(), Failure> {
    let (say, zone) = (context.say, context.config()?.time_zone());
    let mut lines = vec![(say.file, how.file.display().to_string())];
    if let Some(header) = &account.header {
        lines.push((say.unit, header.unit.clone()));
        lines.push((say.class, format!("{} ({})", header.class.name_id(), header.class)));
        if let Some(at) = header.not_before {
            lines.push((say.not_before, time(at, zone)));
        }
        if let Some(at) = header.expires_at {
            lines.push((say.expires, time(at, zone)));
        }
    }
    lines.push((say.recipients, account.named.to_string()));
    lines.push((say.included, account.messages.to_string()));
    lines.push((say.excluded, account.excluded.len().to_string()));
    if account.messages > 0 {
        lines.push((say.encoding, format!("GSM 7 bit {}, UCS-2 {}", account.messages - account.ucs2, account.ucs2)));
        let spread: Vec<_> =
            account.by_segments.iter().map(|(segments, count)| format!("{segments}: {count}×")).collect();
        lines.push((say.segments, spread.join(", ")));
        lines.push((say.segments_total, account.segments.to_string()));
    }
    if !account.forcing.is_empty() {
        let shown: Vec<_> = account.forcing.iter().map(|c| format!("{c} (U+{:04X})", *c as u32)).collect();
        lines.push((say.forcing, shown.join(", ")));
    }
    if !account.changes.is_empty() {
        let shown: Vec<_> = account.changes.iter().map(|(from, to)| format!("{from} → {to}")).collect();
        let saved = account.segments_as_written.saturating_sub(account.transliterated);
        let sentence = if context.config()?.messages.transliterate { say.replaced } else { say.replaceable };
        if saved > 0 {
            lines.push((say.transliterated, fill(sentence, &[&shown.join(", "), &saved])));
        }
    }
    if let Some(eta) = eta {
        lines.push((say.eta, eta::in_words(eta)));
    }
    print(&pairs(&lines))?;
    if !account.excluded.is_empty() {
        let mut table = Table::new([say.row, say.number, say.reason, ""]);
        for row in account.excluded.iter().take(PAPER_ROWS) {
            table.row([
                row.row.to_string(),
                row.number.clone(),
                word(context.lang, row.reason),
                sentence(context.lang, &row.detail),
            ]);
        }
        print(&format!("\n{table}"))?;
        if account.excluded.len() > PAPER_ROWS {
            print("…\n")?;
        }
    }
    Ok(())
}
