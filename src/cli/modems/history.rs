//! `kentongan modems history NAME`: how a modem stood, day by day; what was said of the credit of its SIM.

mod days;
mod phrases;

use serde::Serialize;

use self::phrases::Phrases;
use crate::cli::answers::Answers;
use crate::cli::args;
use crate::cli::args::Since;
use crate::cli::phrases::fill;
use crate::cli::phrases::words::sentence;
use crate::cli::routes::percent;
use crate::cli::screen::{Table, one_line, print, print_json, rupiah, time};
use crate::cli::{Context, Failure};
use crate::model::Timestamp;
use crate::store::{CreditView, SampleView};
use crate::web::ModemHistory;

/// What happened at one time.
#[derive(Debug, Serialize)]
struct Row<'a> {
    at: Timestamp,
    modem: &'a str,
    /// `state`: it stood so from then on; `credit`: what was said of the credit of its SIM.
    kind: &'static str,
    sim: Option<&'a str>,
    /// `null` in a row of `state`: it had no session.
    registration: Option<&'a str>,
    signal: Option<u8>,
    operator: Option<&'a str>,
    /// How the credit was told: `ussd`, `sms`, `notice`.
    way: Option<&'a str>,
    credit: Option<u64>,
    active_until: Option<&'a str>,
    words: Option<&'a str>,
}

pub(super) fn run(context: &Context, how: &args::ModemHistory) -> Result<(), Failure> {
    let (say, now) = (Phrases::of(context.lang), context.clock.now());
    let zone = context.zone()?;
    let name = how.name.as_str();
    let today = now.to_zoned_datetime(zone.clone()).date();
    let first = match how.since {
        Since::Day(day) => day,
        Since::DaysAgo(days) => today.saturating_sub(jiff::Span::new().days(i64::from(days))),
    };
    let since = zone.to_timestamp(first.to_datetime(jiff::civil::Time::midnight())).map_err(Failure::refused)?;
    let Some(ModemHistory { samples, credits }) = Answers::of(context)?.history(name, since)? else {
        return Err(Failure::refused(fill(say.no_such_modem, &[&name.escape_debug()])));
    };
    if how.json {
        return Ok(print_json(&rows(name, &samples, &credits))?);
    }
    let mut table = Table::new([say.day, say.signal, say.range, say.served, say.operator, say.credit, say.sim]);
    let dash = || "-".to_owned();
    for (date, day) in days::days(&samples, &credits, since, now, zone) {
        let unread = (day.unread > 0).then(|| fill(say.unread, &[&day.unread]));
        let credit: Vec<_> = day.credit.map(rupiah).into_iter().chain(unread).collect();
        table.row([
            date.to_string(),
            day.line(),
            day.signal.map_or_else(dash, |(low, high)| format!("{low}-{high}")),
            day.served().map_or_else(dash, percent),
            day.operators.join(", "),
            if credit.is_empty() { dash() } else { credit.join(", ") },
            day.sims.join(", "),
        ]);
    }
    if table.is_empty() {
        return Ok(print(&format!("{}\n", fill(say.none, &[&first])))?);
    }
    print(&format!("{table}{}\n", say.legend))?;
    if let Some(last) = credits.iter().rfind(|credit| credit.way != "notice").filter(|last| last.amount.is_none()) {
        let words = one_line(&sentence(context.lang, &last.words));
        print(&format!("{}\n", fill(say.last_unread, &[&time(last.at, zone), &words])))?;
    }
    Ok(())
}

/// Both kinds of rows, oldest first.
fn rows<'a>(modem: &'a str, samples: &'a [SampleView], credits: &'a [CreditView]) -> Vec<Row<'a>> {
    let states = samples.iter().map(|sample| Row {
        at: sample.at,
        modem,
        kind: "state",
        sim: sample.sim.as_deref(),
        registration: sample.registration.as_deref(),
        signal: sample.signal,
        operator: sample.operator.as_deref(),
        way: None,
        credit: None,
        active_until: None,
        words: None,
    });
    let credits = credits.iter().map(|credit| Row {
        at: credit.at,
        modem,
        kind: "credit",
        sim: Some(&credit.sim),
        registration: None,
        signal: None,
        operator: None,
        way: Some(&credit.way),
        credit: credit.amount,
        active_until: credit.active_until.as_deref(),
        words: Some(&credit.words),
    });
    let mut rows: Vec<_> = states.chain(credits).collect();
    rows.sort_by_key(|row| row.at);
    rows
}
