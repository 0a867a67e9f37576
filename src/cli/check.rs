//! `kentongan check FILE`: the whole intake of a job file without sending anything.

mod account;
mod eta;
mod gates;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use indicatif::ProgressBar;
use serde::Serialize;

use super::args::Check;
use super::phrases::fill;
use super::phrases::words::{sentence, word};
use super::screen::{Table, pairs, print, print_json, time};
use super::{Context, Failure};
use crate::daemon::{format_settings, spool_unit};
use crate::model::{Class, Excluded, ImportId, JobHeader, Msisdn, Timestamp};
use crate::policy::{LifeSafety, Quota, UNKNOWN_OPERATOR, signed};
use crate::spool::format::{Part, ReadError};
use crate::spool::{LedgerRoster, read_file};
use crate::store::{Reader, StoreError};
use account::{Account, Area, Example, ExcludedRow};
use gates::Gates;

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
    operators: &'a BTreeMap<String, u64>,
    eta_s: Option<u64>,
    waits_for: Option<&'static str>,
    sent_from: Option<Timestamp>,
    needs_approval: bool,
    quota_left: Option<u64>,
    /// Kept of erased numbers, and recognised by the daemon only.
    unseen_opt_outs: u64,
    audience: Option<&'a str>,
    roster_import: Option<ImportId>,
    shortest_example: Option<&'a Example>,
    longest_example: Option<&'a Example>,
    kecamatan: Vec<AreaRow<'a>>,
    excluded_reasons: &'a BTreeMap<&'static str, u64>,
    excluded_rows: &'a [ExcludedRow],
}

/// A kecamatan in `--json`.
#[derive(Serialize)]
struct AreaRow<'a> {
    kecamatan: &'a str,
    #[serde(flatten)]
    area: Area,
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
    let operators = config.routing.operators.clone();
    let mut account = Account::new(config.messages.segments_max, config.messages.transliterate, operators);
    let mut fault = None;
    let mut roster = LedgerRoster::new(&config.paths.database, config.roster.places.clone());
    let sign = |text| signed(text, Some(&unit.rules));
    let bars = Bars { reader: reader.as_ref(), life_safety: &config.consent.life_safety, unit: &unit.name };
    let mut sink = |part| match take(&mut account, part, &sign, &bars, &bar) {
        Ok(()) => ControlFlow::Continue(()),
        Err(failure) => {
            fault = Some(failure);
            ControlFlow::Break(())
        }
    };
    let read = read_file(&how.file, &spool_unit(unit), &format_settings(config), &mut roster, now, &mut sink);
    bar.finish_and_clear();
    if let Some(fault) = fault {
        return Err(fault);
    }
    let gates = match &account.header {
        Some(header) => {
            let size = (account.messages, account.segments);
            Gates::of(context, unit, header, size, reader.as_ref(), now)?
        }
        None => Gates::default(),
    };
    let refusal = match read {
        Ok(_) => refusal(context, &account, reader.as_ref(), now)?.or(gates.refusal.clone()),
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
    let emergency = account.header.as_ref().is_some_and(|header| header.class == Class::Emergency);
    let quota = if emergency { Quota::Whole } else { Quota::Common };
    let eta = eta::seconds(account.segments, modems as u64, &config.limits, quota);
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
            operators: &account.by_operator,
            eta_s: eta.filter(|_| accepted),
            waits_for: gates.waits.as_ref().map(|(kind, ..)| kind.name()),
            sent_from: gates.waits.as_ref().and_then(|(_, _, opens)| *opens),
            needs_approval: gates.approval.is_some(),
            quota_left: gates.quota_left,
            unseen_opt_outs: unseen,
            audience: account.audience().map(|audience| audience.expression.as_str()),
            roster_import: account.audience().map(|audience| audience.import),
            shortest_example: account.shortest_example.as_ref(),
            longest_example: account.longest_example.as_ref(),
            kecamatan: areas(&account),
            excluded_reasons: &account.by_reason,
            excluded_rows: &account.excluded,
        })?;
    } else {
        let say = context.say;
        match &refusal {
            None => print(&format!("{}\n\n", say.would_be_accepted))?,
            Some(reason) => print(&format!("{}: {reason}\n\n", say.would_be_rejected))?,
        }
        show(context, how, &account, &gates, eta.filter(|_| accepted))?;
        if unseen > 0 {
            print(&format!("\n{}\n", fill(say.unseen_opt_outs, &[&unseen])))?;
        }
        if accepted {
            print(&format!("\n{}\n", fill(say.submit_next, &[&how.file.display(), &unit.name])))?;
        }
    }
    if accepted { Ok(()) } else { Err(Failure::Said) }
}

/// `sign` puts the unit's signature below a text, as the engine does.
fn take(
    account: &mut Account,
    part: Part,
    sign: &impl Fn(String) -> String,
    bars: &Bars<'_>,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    match part {
        Part::Header(header) => account.header = Some(JobHeader { text: header.text.map(sign), ..*header }),
        Part::Rows(rows) => {
            bar.inc(rows.len() as u64);
            let class = account.header.as_ref().map_or(Class::Routine, |header| header.class);
            for mut row in rows {
                row.text = row.text.map(sign);
                let barred = match &row.number {
                    Ok(number) => bars.bar(*number, class).map_err(Failure::refused)?,
                    Err(_) => None,
                };
                account.add(row, barred);
            }
        }
    }
    Ok(())
}

/// What keeps the engine from writing to a number.
struct Bars<'a> {
    reader: Option<&'a Reader>,
    life_safety: &'a LifeSafety,
    unit: &'a str,
}

impl Bars<'_> {
    fn bar(&self, number: Msisdn, class: Class) -> Result<Option<Excluded>, StoreError> {
        let Some(reader) = self.reader else { return Ok(None) };
        if reader.opt_out(number)?.is_some_and(|scope| self.life_safety.stops(scope, class, self.unit)) {
            return Ok(Some(Excluded::OptedOut));
        }
        Ok((class != Class::Emergency && reader.is_suspended(number)?).then_some(Excluded::Suspended))
    }
}

/// Counts by kecamatan; none where no row says its kecamatan.
fn areas(account: &Account) -> Vec<AreaRow<'_>> {
    let known = account.by_kecamatan.keys().any(|name| !name.is_empty());
    let rows = account.by_kecamatan.iter().filter(|_| known);
    rows.map(|(kecamatan, area)| AreaRow { kecamatan, area: *area }).collect()
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

fn operator<'n>(context: &Context, name: &'n str) -> &'n str {
    if name == UNKNOWN_OPERATOR { context.say.operator_unknown } else { name }
}

fn expired(header: &JobHeader, now: Timestamp) -> Option<Timestamp> {
    header.expires_at.filter(|expires_at| *expires_at <= now)
}

fn show(context: &Context, how: &Check, account: &Account, gates: &Gates, eta: Option<u64>) -> Result<(), Failure> {
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
    if let Some(audience) = account.audience() {
        lines.push((say.audience, fill(say.as_of_import, &[&audience.expression, &audience.import])));
    }
    lines.push((say.recipients, account.named.to_string()));
    lines.push((say.included, account.messages.to_string()));
    let reasons: Vec<_> =
        account.by_reason.iter().map(|(why, count)| format!("{} {count}", word(context.lang, why))).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    lines.push((say.excluded, format!("{}{reasons}", account.excluded.len())));
    if account.messages > 0 {
        lines.push((say.encoding, format!("GSM 7 bit {}, UCS-2 {}", account.messages - account.ucs2, account.ucs2)));
        let spread: Vec<_> =
            account.by_segments.iter().map(|(segments, count)| format!("{segments}: {count}×")).collect();
        lines.push((say.segments, spread.join(", ")));
        lines.push((say.segments_total, account.segments.to_string()));
        let spread: Vec<_> =
            account.by_operator.iter().map(|(name, count)| format!("{} {count}", operator(context, name))).collect();
        lines.push((say.operators, spread.join(", ")));
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
    lines.extend(gates.lines(context, account.segments)?);
    if let Some(eta) = eta {
        lines.push((say.eta, eta::in_words(eta)));
    }
    if let (Some(shortest), Some(longest)) = (&account.shortest_example, &account.longest_example)
        && shortest.text != longest.text
    {
        let shown = |example: &Example| fill(say.example, &[&example.segments, &example.characters, &example.text]);
        lines.push((say.shortest, shown(shortest)));
        lines.push((say.longest, shown(longest)));
    }
    print(&pairs(&lines))?;
    let by_area = areas(account);
    if !by_area.is_empty() {
        let mut table = Table::new([say.kecamatan, say.recipients, say.included, say.excluded]);
        for AreaRow { kecamatan, area } in by_area {
            let name = if kecamatan.is_empty() { "-" } else { kecamatan };
            let excluded = area.recipients - area.messages;
            table.row([name.to_owned(), area.recipients.to_string(), area.messages.to_string(), excluded.to_string()]);
        }
        print(&format!("\n{table}"))?;
    }
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
