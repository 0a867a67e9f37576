//! `kentongan routes`: which SIM carries what, what is left of its quota, and how much of what it sends arrives.

mod phrases;

use std::collections::BTreeMap;

use serde::Serialize;

use self::phrases::Phrases;
use super::args::Listing;
use super::phrases::words::word;
use super::questions::reader;
use super::screen::{Table, print, print_json};
use super::{Context, Failure};
use crate::config::Config;
use crate::engine::{WEIGHED, count};
use crate::model::{Class, SignedDuration, SimId, Timestamp, earlier};
use crate::policy::{Counts, Limits, Quota};
use crate::store::{Reader, RouteRow};

/// One way: from a SIM to an operator, or, first, to all of them.
#[derive(Debug, Serialize)]
struct Route {
    modem: String,
    state: String,
    iccid: Option<String>,
    /// The SIM's own.
    operator: Option<String>,
    /// Its operator's group: the networks that count as its own.
    group: Option<String>,
    /// The classes it is for, with commas between.
    classes: String,
    /// Segments left of its 24 hours, for emergencies; none where there is no limit.
    left_day: Option<u64>,
    /// And for all others.
    left_day_common: Option<u64>,
    /// The operator that the rest is about; none: all of them.
    to: Option<String>,
    delivered: u32,
    failed: u32,
    unreported: u32,
    /// The share delivered, 0 to 1; none where nothing is known.
    rate: Option<f64>,
}

pub(super) fn run(context: &Context, how: &Listing) -> Result<(), Failure> {
    let (config, reader, now) = (context.config()?, reader(context)?, context.clock.now());
    let rows = reader.routes(ago(now, SignedDuration::from_hours(24))).map_err(Failure::refused)?;
    let mut routes = Vec::new();
    for row in &rows {
        let counts = weighed(config, &reader, row.sim, now)?;
        let all = counts.values().fold(Counts::default(), |sum, counts| sum.and(*counts));
        routes.push(route(config, row, None, all));
        routes.extend(counts.into_iter().map(|(to, counts)| route(config, row, Some(to), counts)));
    }
    if how.json {
        return Ok(print_json(&routes)?);
    }
    show(context, &routes)
}

/// How the messages of a SIM ended, by the operator they went to.
fn weighed(config: &Config, reader: &Reader, sim: SimId, now: Timestamp) -> Result<BTreeMap<String, Counts>, Failure> {
    let rule = &config.delivery;
    let fates = reader.fates(sim, ago(now, rule.window), ago(now, rule.report_wait), WEIGHED);
    Ok(count(&fates.map_err(Failure::refused)?, &config.routing.operators))
}

/// The share of what each modem's SIM sent that was delivered, by the modem's name; those of which nothing is known are left out.
pub(super) fn rates(context: &Context, reader: &Reader, now: Timestamp) -> Result<BTreeMap<String, f64>, Failure> {
    let config = context.config()?;
    let mut rates = BTreeMap::new();
    for row in reader.routes(now).map_err(Failure::refused)? {
        let counts = weighed(config, reader, row.sim, now)?;
        let all = counts.values().fold(Counts::default(), |sum, counts| sum.and(*counts));
        rates.extend(all.rate().map(|rate| (row.modem, rate)));
    }
    Ok(rates)
}

fn ago(now: Timestamp, span: SignedDuration) -> Timestamp {
    earlier(now, span)
}

fn route(config: &Config, row: &RouteRow, to: Option<String>, counts: Counts) -> Route {
    let section = config.modem(&row.modem);
    let limits: &Limits = section.and_then(|modem| modem.limits.as_ref()).unwrap_or(&config.limits);
    let classes = section.and_then(|modem| modem.classes.as_deref()).unwrap_or(&Class::ALL);
    let left = |quota| {
        let all = u64::from(limits.part(limits.per_day, quota));
        (all > 0).then(|| all.saturating_sub(row.sent_day))
    };
    let operator = config.routing.operators.of_sim(row.imsi.as_deref(), row.served_by.as_deref());
    Route {
        modem: row.modem.clone(),
        state: row.state.clone(),
        iccid: row.iccid.clone(),
        operator: operator.map(|operator| operator.name.clone()).or_else(|| row.served_by.clone()),
        group: operator.map(|operator| operator.group.clone()),
        classes: classes.iter().map(|class| class.name()).collect::<Vec<_>>().join(","),
        left_day: left(Quota::Whole),
        left_day_common: left(Quota::Common),
        to,
        delivered: counts.delivered,
        failed: counts.failed,
        unreported: counts.silent,
        rate: counts.rate(),
    }
}

fn show(context: &Context, routes: &[Route]) -> Result<(), Failure> {
    let say = Phrases::of(context.lang);
    let heads = [say.modem, say.state, say.operator, say.group, say.classes, say.left, say.arrived, say.by_operator];
    let mut table = Table::new(heads);
    let dash = || "-".to_owned();
    for route in routes.iter().filter(|route| route.to.is_none()) {
        let classes: Vec<_> = route.classes.split(',').map(|class| word(context.lang, class)).collect();
        let left = match (route.left_day, route.left_day_common) {
            (Some(all), Some(common)) => format!("{all} / {common}"),
            _ => dash(),
        };
        let ways: Vec<_> = routes
            .iter()
            .filter(|way| way.modem == route.modem)
            .filter_map(|way| {
                let to = way.to.as_deref()?;
                let judged = way.delivered + way.failed + way.unreported;
                Some(format!("{} {} ({judged})", word(context.lang, to), percent(way.rate?)))
            })
            .collect();
        table.row([
            route.modem.clone(),
            word(context.lang, &route.state),
            route.operator.clone().unwrap_or_else(dash),
            route.group.clone().unwrap_or_else(dash),
            classes.join(", "),
            left,
            route.rate.map_or_else(dash, percent),
            ways.join(", "),
        ]);
    }
    let shown = if table.is_empty() { format!("{}\n", context.say.no_modem) } else { table.to_string() };
    Ok(print(&shown)?)
}

/// A share in whole hundredths.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_way_has_its_sims_operator_its_classes_and_what_is_left_of_its_day() {
        let text = "[limits]\nper_day = 100\nreserve_emergency = 0.2\n[[modem]]\nname = \"a\"\nport = \"/dev/gsm/a\"\nclasses = [\"darurat\"]\n";
        let config = Config::read(Path::new("k.toml"), text).unwrap();
        let row = |modem: &str, sent_day| RouteRow {
            modem: modem.to_owned(),
            state: "ready".to_owned(),
            sim: SimId(1),
            iccid: None,
            imsi: Some("510891234567890".to_owned()),
            served_by: Some("IOH".to_owned()),
            sent_day,
        };
        let way = route(&config, &row("a.2", 90), None, Counts { delivered: 3, failed: 0, silent: 1 });
        assert_eq!((way.operator.as_deref(), way.group.as_deref()), (Some("Tri"), Some("IOH")));
        assert_eq!((way.classes.as_str(), way.rate), ("emergency", Some(0.75)));
        assert_eq!((way.left_day, way.left_day_common), (Some(10), Some(0)), "80 are for all, and 90 are gone");
        let other = route(&config, &row("b", 0), None, Counts::default());
        assert_eq!((other.classes.as_str(), other.left_day_common), ("emergency,important,routine", Some(80)));
        assert_eq!(percent(0.754), "75 %");
    }
}
