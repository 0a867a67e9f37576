//! `kentongan routes`: which SIM carries what, what is left of its quota, and how much of what it sends arrives.

mod phrases;

use self::phrases::Phrases;
use super::answers::Answers;
use super::args::Listing;
use super::phrases::words::word;
use super::screen::{Table, print, print_json};
use super::{Context, Failure};
use crate::check::RouteView;

pub(super) fn run(context: &Context, how: &Listing) -> Result<(), Failure> {
    let routes = Answers::of(context)?.routes()?;
    if how.json {
        return Ok(print_json(&routes)?);
    }
    show(context, &routes)
}

fn show(context: &Context, routes: &[RouteView]) -> Result<(), Failure> {
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
    use super::*;

    #[test]
    fn a_share_is_told_in_whole_hundredths() {
        assert_eq!(percent(0.754), "75 %");
    }
}
