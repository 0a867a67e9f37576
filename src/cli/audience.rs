//! `kentongan audience`: expressions over role and area, saved under names and counted.

use super::act::carry_out;
use super::answers::Answers;
use super::args::{Audience, AudienceCount, AudienceSave, Listing};
use super::roster::phrases::Phrases;
use super::screen::{Table, print, print_json, time};
use super::{Context, Failure};
use crate::check;
use crate::engine::event::Action;

pub(super) fn run(context: &Context, how: &Audience) -> Result<(), Failure> {
    match how {
        Audience::Save(how) => save(context, how),
        Audience::List(how) => list(context, how),
        Audience::Count(how) => count(context, how),
        Audience::Remove(how) => carry_out(context, Action::RemoveAudience(how.name.clone()), &how.reason),
    }
}

fn save(context: &Context, how: &AudienceSave) -> Result<(), Failure> {
    // Looked up before, so that a misspelt name is found now and not when a warning is to go out.
    Answers::of(context)?.audience_counts(&how.expression)?;
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

fn count(context: &Context, how: &AudienceCount) -> Result<(), Failure> {
    let rows = Answers::of(context)?.audience_counts(&how.expression)?;
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let say = Phrases::of(context.lang);
    let mut table = Table::new([context.say.kecamatan, say.people, say.numbers]);
    let sum = |of: fn(&check::AudienceCount) -> u64| rows.iter().map(of).sum::<u64>().to_string();
    for row in &rows {
        let name = row.kecamatan.clone().unwrap_or_else(|| "-".to_owned());
        table.row([name, row.people.to_string(), row.numbers.to_string()]);
    }
    table.row([say.in_all.to_owned(), sum(|row| row.people), sum(|row| row.numbers)]);
    print(&table.to_string())?;
    Ok(())
}
