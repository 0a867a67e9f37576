//! `kentongan audience`: expressions over role and area, saved under names and counted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde::Serialize;

use super::act::carry_out;
use super::answers::{Answers, ledger as reader};
use super::args::{Audience, AudienceCount, AudienceSave, Listing};
use super::roster::phrases::Phrases;
use super::screen::{Table, print, print_json, time};
use super::{Context, Failure};
use crate::engine::event::Action;
use crate::model::audience::{self, Expression};
use crate::spool::{LedgerRoster, expression_error};
use crate::store::Reader;

pub(super) fn run(context: &Context, how: &Audience) -> Result<(), Failure> {
    match how {
        Audience::Save(how) => save(context, how),
        Audience::List(how) => list(context, how),
        Audience::Count(how) => count(context, how),
        Audience::Remove(how) => carry_out(context, Action::RemoveAudience(how.name.clone()), &how.reason),
    }
}

/// Whom an expression means in the roster as it is.
pub(super) fn meant(context: &Context, reader: &Reader, text: &str) -> Result<audience::Audience, Failure> {
    let known = LedgerRoster::known(reader, &context.config()?.roster.places).map_err(Failure::refused)?;
    let Some((_, known)) = known else {
        return Err(Failure::refused(Phrases::of(context.lang).no_roster));
    };
    Expression::parse(text).and_then(|read| read.resolve(&known)).map_err(|error| {
        let (what, remedy) = expression_error(&error, context.lang);
        Failure::refused(format!("{what}; {remedy}"))
    })
}

fn save(context: &Context, how: &AudienceSave) -> Result<(), Failure> {
    // Looked up here, so that a misspelt name is found now and not when a warning is to go out.
    meant(context, &reader(context)?, &how.expression)?;
    let wish = Action::SaveAudience { name: how.name.clone(), expression: how.expression.clone() };
    carry_out(context, wish, &how.reason)
}

fn list(context: &Context, how: &Listing) -> Result<(), Failure> {
    let rows = Answers::of(context)?.audiences()?;
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let say = Phrases::of(context.lang);
    let mut table = Table::new([context.say.name, say.expression, context.say.since, context.say.who]);
    for row in rows {
        let since = time(row.since, context.zone()?);
        table.row([row.name, row.expression, since, row.actor]);
    }
    print(&if table.is_empty() { format!("{}\n", context.say.nothing) } else { table.to_string() })?;
    Ok(())
}

/// One kecamatan in `audience count --json`; `None` for those who hold no office in one.
#[derive(Default, Serialize)]
struct Count {
    kecamatan: Option<String>,
    people: u64,
    numbers: u64,
}

fn count(context: &Context, how: &AudienceCount) -> Result<(), Failure> {
    let reader = reader(context)?;
    let audience = meant(context, &reader, &how.expression)?;
    let version = reader.roster_version().map_err(Failure::refused)?;
    let mut counts: BTreeMap<Option<String>, Count> = BTreeMap::new();
    let mut numbers = BTreeSet::new();
    if let Some(version) = version {
        let each = |_, entry: crate::model::Entry| {
            if audience.means(&entry.seat) {
                let kecamatan = entry.seat.kecamatan;
                let count = counts.entry(kecamatan.clone()).or_default();
                count.kecamatan = kecamatan;
                count.people += 1;
                // A number counts where it is met first, as it does in a job.
                count.numbers += u64::from(numbers.insert(entry.number));
            }
            ControlFlow::Continue(())
        };
        reader.roster(version, each).map_err(Failure::refused)?;
    }
    let rows: Vec<Count> = counts.into_values().collect();
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let say = Phrases::of(context.lang);
    let mut table = Table::new([context.say.kecamatan, say.people, say.numbers]);
    let sum = |of: fn(&Count) -> u64| rows.iter().map(of).sum::<u64>().to_string();
    for row in &rows {
        let name = row.kecamatan.clone().unwrap_or_else(|| "-".to_owned());
        table.row([name, row.people.to_string(), row.numbers.to_string()]);
    }
    table.row([say.in_all.to_owned(), sum(|row| row.people), sum(|row| row.numbers)]);
    print(&table.to_string())?;
    Ok(())
}
