//! `kentongan inbox`: what citizens wrote, for whom it is, and answering it.

use std::io::{self, BufWriter, Write};

use super::act::carry_out;
use super::answers::Answers;
use super::args::{Inbox, InboxAct};
use super::phrases::fill;
use super::phrases::words::word;
use super::questions::list;
use super::screen::{Table, print, time};
use super::submit::text_or_stdin;
use super::{Context, Failure};
use crate::engine::event::Action;
use crate::model::Body;
use crate::spool::write_inbox;
use crate::store::{InboxFilter, InboxView};

pub(super) fn run(context: &Context, how: &Inbox) -> Result<(), Failure> {
    match &how.act {
        None => show(context, how),
        Some(InboxAct::Read(one)) => carry_out(context, Action::ReadInbox(one.id), &one.reason),
        Some(InboxAct::Reply(reply)) => {
            let text = Body(text_or_stdin(&reply.text)?);
            let unit = match &reply.unit {
                Some(unit) => Some(context.unit(Some(unit))?.name.clone()),
                None => None,
            };
            carry_out(context, Action::AnswerInbox { inbox: reply.id, text, unit }, &reply.reason)
        }
    }
}

fn show(context: &Context, how: &Inbox) -> Result<(), Failure> {
    let answers = Answers::of(context)?;
    let filter = |limit| InboxFilter {
        unit: how.unit.clone(),
        state: how.state,
        operator: how.operator,
        sim: how.sim.clone(),
        limit,
        ..InboxFilter::default()
    };
    if how.csv {
        let limit = how.listing.limit.unwrap_or(u32::MAX) as usize;
        return csv(context, &answers.inbox(&filter(limit))?);
    }
    let mut waiting = 0;
    list(
        context,
        &how.listing,
        |limit| answers.inbox(&filter(limit)),
        |rows| {
            waiting = rows.iter().filter(|entry| entry.state.as_deref() == Some("new")).count();
            table(context, how, rows)
        },
    )?;
    if waiting > 0 {
        print(&format!("\n{}\n", fill(context.say.inbox_hint, &[&waiting])))?;
    }
    Ok(())
}

fn table(context: &Context, how: &Inbox, rows: &[InboxView]) -> Result<Table, Failure> {
    let (say, zone, lang) = (context.say, context.zone()?, context.lang);
    if how.operator {
        let mut table = Table::new([say.sim, say.received, say.from, say.text]);
        for entry in rows {
            table.row([entry.sim.clone(), time(entry.received_at, zone), entry.from.clone(), entry.text.clone()]);
        }
        return Ok(table);
    }
    let mut table = Table::new(["ID", say.received, say.from, say.kind, say.unit, say.state, say.text, say.answer]);
    for entry in rows {
        let answer = match (&entry.answer, &entry.answer_state) {
            (Some(answer), Some(state)) => format!("{} ({})", answer, say.state_word(state)),
            _ => String::new(),
        };
        table.row([
            entry.id.to_string(),
            time(entry.received_at, zone),
            entry.from.clone(),
            word(lang, &entry.kind),
            entry.unit.clone().unwrap_or_else(|| "-".to_owned()),
            entry.state.as_deref().map_or_else(|| "-".to_owned(), |state| word(lang, state)),
            entry.text.clone(),
            answer,
        ]);
    }
    Ok(table)
}

fn csv(context: &Context, rows: &[InboxView]) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write_inbox(rows.iter(), context.zone()?, &mut out).and_then(|()| out.flush());
    match written {
        // A reader that has seen enough (`| head`) is no error.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Failure::refused),
    }
}
