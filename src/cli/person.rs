//! `kentongan person`: what is held of a number, for its owner (UU 27/2022), and how it is erased.

mod export;
mod phrases;

use serde::Serialize;

use self::phrases::Phrases;
use super::act::{carry_out, entry, number as number_of};
use super::answers::Answers;
use super::args::{Person, PersonErase, PersonExport, PersonList, PersonRenewKey, PersonShow};
use super::phrases::fill;
use super::phrases::words::{self, word};
use super::screen::{Table, maybe_time, middle, print, print_json, time};
use super::{Context, Failure, archive, roster};
use crate::daemon::{Lock, user_name};
use crate::engine::event::Action;
use crate::model::HandEntry;
use crate::store::{PersonMessageView, PersonView, Reader, Store};

pub(super) fn run(context: &Context, how: &Person) -> Result<(), Failure> {
    match how {
        Person::Show(how) => show(context, how),
        Person::Export(how) => export(context, how),
        Person::Erase(how) => erase(context, how),
        Person::List(how) => list(context, how),
        Person::RenewKey(how) => renew_key(context, how),
    }
}

/// Everything held of a number; nothing at all is said as such, and is no failure.
fn held(context: &Context, number: &str) -> Result<PersonView, Failure> {
    let number = number_of(context, number)?;
    Answers::of(context)?.person(number)
}

fn show(context: &Context, how: &PersonShow) -> Result<(), Failure> {
    let person = held(context, &how.number)?;
    if how.json {
        return Ok(print_json(&person)?);
    }
    print(&on_paper(context, &person)?)?;
    Ok(())
}

/// What `person show` says on paper.
fn on_paper(context: &Context, person: &PersonView) -> Result<String, Failure> {
    let (say, zone, lang) = (Phrases::of(context.lang), context.zone()?, context.lang);
    let heading = context.say;
    let mut text = format!("{}\n", person.number);
    text.push_str(&match (&person.opt_out, person.erased) {
        (Some(out), _) => {
            fill(say.opted_out, &[&word(lang, &out.scope), &time(out.since, zone), &words::record(lang, &out.reason)])
        }
        (None, Some(true)) => say.erased.to_owned(),
        (None, Some(false)) => say.not_opted_out.to_owned(),
        (None, None) => say.key_unreadable.to_owned(),
    });
    text.push('\n');
    if person.is_empty() {
        text.push_str(&format!("{}\n", say.nothing));
        return Ok(text);
    }
    let messages = places(context, &person.messages)?;
    let mut inbound = Table::new([heading.received, heading.kind, heading.text]);
    for entry in &person.inbound {
        inbound.row([time(entry.received_at, zone), word(lang, &entry.kind), entry.text.clone()]);
    }
    let mut consents =
        Table::new([say.at, heading.kind, say.scope, say.way, say.basis, heading.who, heading.text, heading.reason]);
    for line in &person.consents {
        let paper = [line.letter.clone().unwrap_or_default(), line.reason.clone()];
        consents.row([
            time(line.at, zone),
            word(lang, &line.kind),
            line.scope.as_deref().map(|scope| word(lang, scope)).unwrap_or_default(),
            word(lang, &line.channel),
            line.basis.as_deref().map(|basis| words::basis(lang, basis)).unwrap_or_default(),
            word(lang, &line.actor),
            line.text.clone().unwrap_or_default(),
            paper.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", "),
        ]);
    }
    let mut events = Table::new([say.at, heading.who, heading.kind, heading.reason]);
    for event in &person.events {
        let (actor, kind) = (word(lang, &event.actor), word(lang, &event.kind));
        events.row([time(event.at, zone), actor, kind, words::record(lang, &event.detail)]);
    }
    let mut offices = Table::new([say.office, heading.name, heading.since, say.until, say.came_with, say.basis]);
    for office in &person.offices {
        offices.row([
            roster::office(context, &office.entry),
            office.entry.name.clone(),
            time(office.entry.since, zone),
            maybe_time(office.entry.until, zone),
            office.source.clone(),
            office.basis.clone(),
        ]);
    }
    if let Some(failed) = &person.failures {
        text.push_str(&fill(say.failed, &[&failed.failures, &time(failed.first_at, zone)]));
        text.push_str(if failed.suspended_since.is_some() { say.suspended } else { "" });
        text.push('\n');
    }
    let sections = [
        (say.offices, offices),
        (say.messages, messages),
        (say.inbound, inbound),
        (say.consents, consents),
        (say.events, events),
    ];
    for (title, table) in sections.into_iter().filter(|(_, table)| !table.is_empty()) {
        text.push_str(&format!("\n{title}\n{table}"));
    }
    let say = archive::phrases::Phrases::of(lang);
    for archive in &person.archives {
        let made = maybe_time(archive.made_at, zone);
        if let Some(trouble) = &archive.trouble {
            text.push_str(&format!("\n{}\n", fill(say.unreadable, &[&archive.file, &made, trouble])));
        } else if !archive.messages.is_empty() {
            let table = places(context, &archive.messages)?;
            text.push_str(&format!("\n{}\n{table}", fill(say.in_archive, &[&archive.file, &made])));
        }
    }
    Ok(text)
}

/// Where a number is named, and what it was sent.
fn places(context: &Context, places: &[PersonMessageView]) -> Result<Table, Failure> {
    let (say, zone, lang) = (Phrases::of(context.lang), context.zone()?, context.lang);
    let heading = context.say;
    let mut messages = Table::new([
        heading.job,
        heading.unit,
        heading.file,
        say.basis,
        heading.accepted,
        heading.state,
        say.sent,
        heading.text,
    ]);
    for place in places {
        let state = match &place.reason {
            Some(reason) => words::reason(lang, reason),
            None => heading.state_word(&place.state).to_owned(),
        };
        messages.row([
            place.job.to_string(),
            place.unit.clone(),
            middle(&words::record(lang, &word(lang, &place.source))),
            words::basis(lang, &place.basis),
            time(place.accepted_at, zone),
            state,
            maybe_time(place.sent_at, zone),
            place.text.clone().unwrap_or_default(),
        ]);
    }
    Ok(messages)
}

/// The export is on record before it exists: nobody takes one along unseen.
fn export(context: &Context, how: &PersonExport) -> Result<(), Failure> {
    let person = held(context, &how.number)?;
    carry_out(context, Action::Exported(number_of(context, &how.number)?), &how.reason)?;
    export::write(&how.file, &person, context.zone()?)
        .map_err(|error| Failure::refused(format!("{}: {error}", how.file.display())))?;
    print(&format!("{}\n", fill(Phrases::of(context.lang).exported, &[&how.file.display()])))?;
    Ok(())
}

/// What `person erase --json` prints before anything is erased.
#[derive(Serialize)]
struct Preview {
    number: String,
    messages: usize,
    inbound: usize,
    offices: usize,
    consents: usize,
    events: usize,
}

fn erase(context: &Context, how: &PersonErase) -> Result<(), Failure> {
    let entry = entry(context, &how.number, &how.paper)?;
    if how.yes {
        return carry_out(context, Action::Erase(entry), &how.paper.reason);
    }
    let person = held(context, &how.number)?;
    let preview = Preview {
        messages: person.messages.len() + person.archives.iter().map(|archive| archive.messages.len()).sum::<usize>(),
        inbound: person.inbound.len(),
        offices: person.offices.len(),
        consents: person.consents.len(),
        events: person.events.len(),
        number: person.number,
    };
    if how.json {
        print_json(&preview)?;
        return Err(Failure::Said);
    }
    let Preview { number, messages, inbound, offices, .. } = &preview;
    Err(Failure::Refused(fill(Phrases::of(context.lang).would_erase, &[number, messages, inbound, offices])))
}

fn list(context: &Context, how: &PersonList) -> Result<(), Failure> {
    let entry = HandEntry { basis: how.basis, ..entry(context, &how.number, &how.paper)? };
    carry_out(context, Action::List(entry), &how.paper.reason)
}

/// The last way out when the key of a ledger is lost for good. No daemon can run without it, so this is done on the ledger itself.
fn renew_key(context: &Context, how: &PersonRenewKey) -> Result<(), Failure> {
    let database = &context.config()?.paths.database;
    let say = Phrases::of(context.lang);
    if !how.yes {
        return Err(Failure::Refused(say.would_renew.to_owned()));
    }
    let _lock = Lock::take(database).map_err(Failure::refused)?;
    let actor = user_name(rustix::process::getuid().as_raw());
    let lost = Store::renew_key(database, &actor, &how.reason, context.clock.now()).map_err(Failure::refused)?;
    print(&format!("{}\n", fill(say.renewed, &[&lost])))?;
    let archives = Reader::open(database).and_then(|reader| reader.archives()).map_err(Failure::refused)?;
    let archives = archives.into_iter().filter(|archive| archive.lost_since.is_some());
    let files = archives.map(|archive| archive.file).collect::<Vec<_>>().join(", ");
    if !files.is_empty() {
        let say = archive::phrases::Phrases::of(context.lang);
        print(&format!("{}\n", fill(say.may_name, &[&files])))?;
    }
    Ok(())
}
