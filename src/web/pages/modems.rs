//! Modems: how each stands now, how it stood, and what may be done with it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::chart::{self, Chart, Step};
use super::page::{Fact, Here, Page};
use super::trouble::{Trouble, rendered};
use super::viewer::{Posted, Viewer};
use crate::check::{SimRow, sims};
use crate::config::Config;
use crate::engine::event::Action;
use crate::model::{ModemName, Right, SignedDuration, Timestamp, earlier};
use crate::store::{CreditView, ModemView, Reader, SampleView, StoreError};
use crate::web::{Problem, Web};

/// `+CSQ` at its best.
const SIGNAL_MAX: u64 = 31;
const BARS: u8 = 5;
/// How far back a modem's own page looks.
const DAYS: i64 = 30;

/// What the ledger says of a modem.
pub(super) struct Found {
    view: ModemView,
    sim: Option<SimRow>,
    samples: Vec<SampleView>,
    from: Timestamp,
}

/// A modem as it is shown.
pub(super) struct ModemCard {
    pub view: ModemView,
    pub operator: String,
    pub signal: String,
    pub bars: Vec<bool>,
    pub sent: String,
    pub left: String,
    pub credit: Option<String>,
    pub chart: Option<Chart>,
}

fn ago(now: Timestamp, hours: i64) -> Timestamp {
    earlier(now, SignedDuration::from_hours(hours))
}

/// Every modem, with its last day.
pub(super) fn ask(config: &Config, reader: &Reader, now: Timestamp) -> Result<Vec<Found>, StoreError> {
    let mut sims: BTreeMap<String, SimRow> =
        sims(config, reader, now)?.into_iter().map(|sim| (sim.modem.clone(), sim)).collect();
    let from = ago(now, 24);
    let each = |view: ModemView| {
        let samples = reader.samples(&view.name, from)?;
        Ok(Found { sim: sims.remove(&view.name), samples, from, view })
    };
    reader.modems(now)?.into_iter().map(each).collect()
}

impl ModemCard {
    pub(super) fn of(page: &Page, found: Found) -> Self {
        let (w, Found { view, sim, samples, from }) = (page.w, found);
        let signal = match view.signal {
            Some(signal) => page.say(w.signal_of, &[&signal]),
            None => w.signal_unknown.to_owned(),
        };
        let up = view.signal.map_or(0, |signal| signal.div_ceil(6));
        let count = |left: Option<u64>| left.map_or_else(|| w.unlimited.to_owned(), |left| page.number(left));
        let left = match &sim {
            Some(sim) if sim.left_day != sim.left_day_emergency => {
                page.say(w.left_of, &[&count(sim.left_day), &count(sim.left_day_emergency)])
            }
            Some(sim) => count(sim.left_day),
            None => "–".to_owned(),
        };
        let operator = sim.and_then(|sim| sim.operator).or_else(|| view.operator.clone());
        Self {
            operator: operator.unwrap_or_else(|| "–".to_owned()),
            signal,
            bars: (0..BARS).map(|bar| bar < up).collect(),
            sent: page.say(w.sent_of, &[&page.number(view.sent_hour), &page.number(view.sent_day)]),
            left,
            credit: view.credit.map(|credit| format!("Rp {}", page.number(credit))),
            chart: signal_chart(page, &samples, from, w.signal_day),
            view,
        }
    }
}

fn signal_chart(page: &Page, samples: &[SampleView], from: Timestamp, title: &str) -> Option<Chart> {
    let step = |sample: &SampleView| Step {
        at: sample.at,
        value: sample.registration.as_ref().and(sample.signal).map(u64::from),
    };
    let steps: Vec<_> = samples.iter().map(step).collect();
    labelled(page, chart::draw(&steps, from, page.now, SIGNAL_MAX), title)
}

/// With its label; `None` where nothing was ever measured.
fn labelled(page: &Page, chart: Chart, title: &str) -> Option<Chart> {
    let (low, high, last) = chart.range?;
    let (low, high, last) = (page.number(low), page.number(high), page.number(last));
    Some(Chart { label: page.say(page.w.chart_label, &[&title, &low, &high, &last]), ..chart })
}

#[derive(Template)]
#[template(path = "modems.html", config = "src/web/pages/askama.toml")]
struct ModemsPage {
    page: Page,
    modems: Vec<ModemCard>,
}

/// All of them.
pub(super) async fn list(State(web): State<Web>, viewer: Viewer) -> Result<Response, Trouble> {
    let page = viewer.page(&web, Here::Modems, Right::View).await?;
    let (config, now) = (web.config.clone(), page.now);
    let found = web.questions.ask(move |reader| ask(&config, reader, now)).await?;
    let modems = found.into_iter().map(|modem| ModemCard::of(&page, modem)).collect();
    Ok(rendered(&ModemsPage { page, modems }))
}

/// A chart with its heading.
struct Titled {
    id: &'static str,
    title: &'static str,
    chart: Chart,
    from: String,
    until: String,
    range: String,
}

/// A day.
struct Day {
    date: String,
    signal: String,
    at_work: String,
    operator: String,
}

#[derive(Template)]
#[template(path = "modem.html", config = "src/web/pages/askama.toml")]
struct ModemPage {
    page: Page,
    modem: ModemCard,
    facts: Vec<Fact>,
    charts: Vec<Titled>,
    days: Vec<Day>,
}

/// One of them, and its month.
pub(super) async fn one(State(web): State<Web>, viewer: Viewer, Path(name): Path<String>) -> Result<Response, Trouble> {
    let page = viewer.page(&web, Here::Modems, Right::View).await?;
    let (config, now) = (web.config.clone(), page.now);
    let from = ago(now, DAYS * 24);
    let asked = web.questions.ask(move |reader| {
        let Some(found) = ask(&config, reader, now)?.into_iter().find(|found| found.view.name == name) else {
            return Ok(None);
        };
        Ok(Some((reader.samples(&name, from)?, reader.credits(&name, from)?, found)))
    });
    let (samples, credits, found) = asked.await?.ok_or_else(|| Problem::absent("there is no such modem"))?;
    let mut charts = Vec::new();
    charts.extend(
        signal_chart(&page, &samples, from, page.w.signal_month)
            .map(|chart| titled(&page, ("signal", page.w.signal_month), chart, from)),
    );
    charts.extend(
        credit_chart(&page, &credits, from).map(|chart| titled(&page, ("credit", page.w.credit_month), chart, from)),
    );
    let days = days(&page, &samples);
    let modem = ModemCard::of(&page, found);
    let facts = facts(&page, &modem);
    Ok(rendered(&ModemPage { page, modem, facts, charts, days }))
}

fn credit_chart(page: &Page, credits: &[CreditView], from: Timestamp) -> Option<Chart> {
    let known: Vec<_> = credits.iter().filter(|credit| credit.amount.is_some()).collect();
    let top = known.iter().filter_map(|credit| credit.amount).max()?;
    let steps: Vec<_> = known.iter().map(|credit| Step { at: credit.at, value: credit.amount }).collect();
    labelled(page, chart::draw(&steps, from, page.now, top), page.w.credit_month)
}

fn titled(page: &Page, (id, title): (&'static str, &'static str), chart: Chart, from: Timestamp) -> Titled {
    let date = |at: Timestamp| at.to_zoned_datetime(page.zone.clone()).strftime("%d-%m-%Y").to_string();
    let range = chart.range.map(|(low, high, _)| format!("{} – {}", page.number(low), page.number(high)));
    Titled { id, title, from: date(from), until: date(page.now), range: range.unwrap_or_default(), chart }
}

/// The signal of each day at its mean, and how much of it the modem was registered; the newest first.
fn days(page: &Page, samples: &[SampleView]) -> Vec<Day> {
    #[derive(Default)]
    struct Sum {
        all: i64,
        at_work: i64,
        measured: i64,
        signal: i64,
        operator: Option<String>,
    }
    let mut sums: BTreeMap<jiff::civil::Date, Sum> = BTreeMap::new();
    for (place, sample) in samples.iter().enumerate() {
        let end = samples.get(place + 1).map_or(page.now, |next| next.at);
        let mut at = sample.at;
        while at < end {
            let day = at.to_zoned_datetime(page.zone.clone());
            let midnight = day.tomorrow().and_then(|next| next.start_of_day()).map_or(end, |next| next.timestamp());
            let until = end.min(midnight.max(at));
            let seconds = until.duration_since(at).as_secs();
            let sum = sums.entry(day.date()).or_default();
            sum.all += seconds;
            if let Some(registration) = &sample.registration {
                let registered = matches!(registration.as_str(), "home" | "roaming");
                sum.at_work += if registered { seconds } else { 0 };
                if let Some(signal) = sample.signal {
                    sum.measured += seconds;
                    sum.signal += seconds * i64::from(signal);
                }
                sum.operator = sample.operator.clone().or(sum.operator.take());
            }
            if until == at {
                break;
            }
            at = until;
        }
    }
    let day = |(date, sum): (jiff::civil::Date, Sum)| Day {
        date: date.strftime("%d-%m-%Y").to_string(),
        signal: if sum.measured > 0 { (sum.signal / sum.measured).to_string() } else { "–".to_owned() },
        at_work: page.share(sum.at_work.max(0).unsigned_abs(), sum.all.max(0).unsigned_abs()),
        operator: sum.operator.unwrap_or_else(|| "–".to_owned()),
    };
    sums.into_iter().rev().map(day).collect()
}

fn facts(page: &Page, modem: &ModemCard) -> Vec<Fact> {
    let (w, view) = (page.w, &modem.view);
    let or_dash = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    let number = view.number.clone().filter(|_| page.may_people());
    let mut facts = vec![
        Fact { label: w.operator, value: modem.operator.clone() },
        Fact {
            label: w.registration,
            value: view.registration.as_ref().map_or("–".to_owned(), |word| page.word(word)),
        },
        Fact { label: w.signal, value: modem.signal.clone() },
        Fact { label: w.sent, value: modem.sent.clone() },
        Fact { label: w.left_today, value: modem.left.clone() },
        Fact { label: w.credit, value: or_dash(&modem.credit) },
        Fact { label: w.active_until, value: or_dash(&view.active_until) },
        Fact { label: w.last_accepted, value: page.maybe_time(view.accepted_at) },
        Fact { label: w.last_inbound, value: page.maybe_time(view.inbound_at) },
        Fact { label: w.device, value: format!("{} {}", view.manufacturer, view.model) },
        Fact { label: "IMEI", value: or_dash(&view.imei) },
        Fact { label: w.sim, value: or_dash(&view.iccid) },
        Fact { label: w.own_number, value: or_dash(&number) },
        Fact { label: w.port, value: view.port.clone() },
    ];
    let tested = match (view.self_test_at, view.self_test_passed) {
        (Some(at), Some(passed)) => format!("{} ({})", page.time(at), if passed { w.passed } else { w.failed }),
        _ => w.ago_never.to_owned(),
    };
    facts.push(Fact { label: w.self_test, value: tested });
    facts
}

/// Lets it write to itself.
pub(super) async fn test(
    State(web): State<Web>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let action = Action::TestModem { modem: ModemName::new(&name), number: None };
    posted.viewer.act(&web, action, "", &format!("/modems/{name}")).await
}

/// Uses its SIM again.
pub(super) async fn resume(
    State(web): State<Web>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let action = Action::ResumeModem(ModemName::new(&name));
    posted.viewer.act(&web, action, posted.get("reason"), &format!("/modems/{name}")).await
}
