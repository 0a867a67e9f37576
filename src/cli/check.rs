//! `kentongan check FILE`: the whole intake of a job file without sending anything.

mod account;
mod eta;
mod gates;
mod preview;

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
use crate::policy::preview::Share;
use crate::policy::{LifeSafety, signed};
use crate::spool::format::{Part, ReadError};
use crate::spool::{LedgerRoster, read_file};
use crate::store::{Reader, StoreError};
use account::{Account, Example, ExcludedRow};
use gates::Gates;
use preview::Preview;

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
    operators: BTreeMap<&'a str, u64>,
    #[serde(flatten)]
    preview: &'a Preview,
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
    share: Share,
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
    let (longest, filters) = (config.messages.segments_max, config.preview.filters.clone());
    let mut account = Account::new(longest, config.messages.transliterate, operators, filters);
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
    let unseen = match reader.as_ref().map(Reader::kept_opt_outs).transpose().map_err(Failure::refused)? {
        Some((kept, false)) => kept,
        _ => 0,
    };
    let accepted = refusal.is_none();
    let preview = Preview::of(context, &account, reader.as_ref(), accepted.then_some(gates.opens()), now)?;
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
            operators: by_operator(&account),
            preview: &preview,
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
        show(context, how, &account, &gates, &preview)?;
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
    let known = account.by_kecamatan.by_name().any(|(name, _)| !name.is_empty());
    let rows = account.by_kecamatan.by_name().filter(|_| known);
    rows.map(|(kecamatan, share)| AreaRow { kecamatan, share }).collect()
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

/// Messages by operator; those to whom none goes are left out.
fn by_operator(account: &Account) -> BTreeMap<&str, u64> {
    let shares = account.by_operator.by_name().filter(|(_, share)| share.messages > 0);
    shares.map(|(name, share)| (name, share.messages)).collect()
}

fn expired(header: &JobHeader, now: Timestamp) -> Option<Timestamp> {
    header.expires_at.filter(|expires_at| *expires_at <= now)
}

fn show(context: &Context, how: &Check, account: &Account, gates: &Gates, preview: &Preview) -> Result<(), Failure> {
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
    }
    lines.extend(gates.lines(context, account.segments)?);
    lines.extend(preview.lines(context)?);
    print(&pairs(&lines))?;
    let by_area = areas(account);
    if !by_area.is_empty() {
        let mut table = Table::new([say.kecamatan, say.recipients, say.included, say.excluded]);
        for AreaRow { kecamatan, share } in by_area {
            let name = if kecamatan.is_empty() { "-" } else { kecamatan };
            let excluded = share.recipients - share.messages;
            table.row([
                name.to_owned(),
                share.recipients.to_string(),
                share.messages.to_string(),
                excluded.to_string(),
            ]);
        }
        print(&format!("\n{table}"))?;
    }
    print(&preview.sections(context, account))?;
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
