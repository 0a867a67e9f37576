//! Which SIM carries what, what is left of its quota, and how much of what it sends arrives.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::engine::{WEIGHED, count};
use crate::model::{Class, SignedDuration, SimId, Timestamp, earlier};
use crate::policy::{Counts, Limits, Quota};
use crate::store::{ModemView, Reader, RouteRow, StoreError};

/// One way: from a SIM to an operator, or, first, to all of them.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RouteView {
    /// The modem.
    pub modem: String,
    /// Its state.
    pub state: String,
    /// The SIM's ICCID.
    pub iccid: Option<String>,
    /// The SIM's own operator.
    pub operator: Option<String>,
    /// Its operator's group: the networks that count as its own.
    pub group: Option<String>,
    /// The classes it is for, with commas between.
    pub classes: String,
    /// Segments left of its 24 hours, for emergencies; none where there is no limit.
    pub left_day: Option<u64>,
    /// And for all others.
    pub left_day_common: Option<u64>,
    /// The operator that the rest is about; none: all of them.
    pub to: Option<String>,
    /// Messages lately that were delivered,
    pub delivered: u32,
    /// that failed,
    pub failed: u32,
    /// and of which no report came.
    pub unreported: u32,
    /// The share delivered, 0 to 1; none where nothing is known.
    pub rate: Option<f64>,
}

/// A modem, and how much of what its SIM sends arrives.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ModemRate {
    /// The modem.
    #[serde(flatten)]
    pub modem: ModemView,
    /// The share of what its SIM sent lately that was reported as delivered, 0 to 1; none where nothing is known.
    pub delivery_rate: Option<f64>,
}

/// Every way, SIM by SIM.
pub fn routes(config: &Config, reader: &Reader, now: Timestamp) -> Result<Vec<RouteView>, StoreError> {
    let mut routes = Vec::new();
    for row in &reader.routes(earlier(now, SignedDuration::from_hours(24)))? {
        let counts = weighed(config, reader, row.sim, now)?;
        let all = counts.values().fold(Counts::default(), |sum, counts| sum.and(*counts));
        routes.push(route(config, row, None, all));
        routes.extend(counts.into_iter().map(|(to, counts)| route(config, row, Some(to), counts)));
    }
    Ok(routes)
}

/// Every modem ever seen, by name.
pub fn modems(config: &Config, reader: &Reader, now: Timestamp) -> Result<Vec<ModemRate>, StoreError> {
    let mut rates = BTreeMap::new();
    for row in reader.routes(now)? {
        let counts = weighed(config, reader, row.sim, now)?;
        let all = counts.values().fold(Counts::default(), |sum, counts| sum.and(*counts));
        rates.extend(all.rate().map(|rate| (row.modem, rate)));
    }
    let with = |modem: ModemView| ModemRate { delivery_rate: rates.get(&modem.name).copied(), modem };
    Ok(reader.modems(now)?.into_iter().map(with).collect())
}

/// How the messages of a SIM ended, by the operator they went to.
fn weighed(
    config: &Config,
    reader: &Reader,
    sim: SimId,
    now: Timestamp,
) -> Result<BTreeMap<String, Counts>, StoreError> {
    let rule = &config.delivery;
    let fates = reader.fates(sim, earlier(now, rule.window), earlier(now, rule.report_wait), WEIGHED)?;
    Ok(count(&fates, &config.routing.operators))
}

fn route(config: &Config, row: &RouteRow, to: Option<String>, counts: Counts) -> RouteView {
    let section = config.modem(&row.modem);
    let limits: &Limits = section.and_then(|modem| modem.limits.as_ref()).unwrap_or(&config.limits);
    let classes = section.and_then(|modem| modem.classes.as_deref()).unwrap_or(&Class::ALL);
    let left = |quota| {
        let all = u64::from(limits.part(limits.per_day, quota));
        (all > 0).then(|| all.saturating_sub(row.sent_day))
    };
    let operator = config.routing.operators.of_sim(row.imsi.as_deref(), row.served_by.as_deref());
    RouteView {
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
    }
}
