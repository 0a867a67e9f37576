//! `kentongan moratorium`: stretches of time in which some classes or units may not send.

mod phrases;

use super::act::carry_out;
use super::answers::Answers;
use super::args::{Moratorium, MoratoriumAdd, MoratoriumList};
use super::phrases::words::word;
use super::screen::{Table, print, print_json, time};
use super::{Context, Failure};
use crate::engine::event::{Action, NewMoratorium};
use crate::policy::calendar::{Edge, moment};
use crate::store::names_of;
use phrases::Phrases;

pub(super) fn run(context: &Context, how: &Moratorium) -> Result<(), Failure> {
    match how {
        Moratorium::Add(how) => add(context, how),
        Moratorium::List(how) => list(context, how),
        Moratorium::End(how) => carry_out(context, Action::EndMoratorium(how.id), &how.reason),
    }
}

fn add(context: &Context, how: &MoratoriumAdd) -> Result<(), Failure> {
    let zone = context.zone()?;
    let read = |text: &str, edge| moment(text, zone, edge).map_err(Failure::refused);
    let units: Result<Vec<String>, Failure> =
        how.units.iter().map(|name| context.unit(Some(name)).map(|unit| unit.name.clone())).collect();
    let moratorium = NewMoratorium {
        from: read(&how.from, Edge::From)?,
        until: read(&how.until, Edge::Until)?,
        classes: how.classes.clone(),
        units: units?,
    };
    carry_out(context, Action::AddMoratorium(moratorium), &how.reason)
}

fn list(context: &Context, how: &MoratoriumList) -> Result<(), Failure> {
    let now = context.clock.now();
    let mut rows = Answers::of(context)?.moratoria()?;
    rows.retain(|row| how.all || row.until > now);
    if how.json {
        return Ok(print_json(&rows)?);
    }
    let (common, say, zone) = (context.say, Phrases::of(context.lang), context.zone()?);
    let mut table =
        Table::new([say.number, say.from, say.until, common.class, common.unit, common.reason, common.who, say.holds]);
    for row in &rows {
        let classes: Vec<String> = names_of(&row.classes).map(|class| word(context.lang, class)).collect();
        let all = |names: String| if names.is_empty() { say.all.to_owned() } else { names };
        table.row([
            row.id.map_or("-".to_owned(), |id| id.to_string()),
            time(row.from, zone),
            time(row.until, zone),
            all(classes.join(", ")),
            all(names_of(&row.units).collect::<Vec<_>>().join(", ")),
            row.reason.clone(),
            word(context.lang, &row.actor),
            if row.until <= now {
                say.over
            } else if row.from <= now {
                say.now
            } else {
                say.later
            }
            .to_owned(),
        ]);
    }
    print(&if table.is_empty() { format!("{}\n", say.none) } else { table.to_string() })?;
    Ok(())
}
