//! Commands that act: through the running daemon, or on the ledger itself when none runs. Each goes on record with who
//! asked and why.

use super::args::{Backup, DoubtAct, JobAct, ModemAct, OptOutAct, Paper, Scope};
use super::phrases::fill;
use super::phrases::words::sentence;
use super::questions::reader;
use super::screen::print;
use super::{Context, Failure};
use crate::daemon::control::{Answer, AskError, Part, Request, Wish, ask};
use crate::daemon::{Lock, LockError, rules, user_name};
use crate::engine::Engine;
use crate::engine::event::{Act, Event, Order};
use crate::model::{HandEntry, JobId, MessageId, ModemName};
use crate::store::{JobRef, Store};

pub(super) fn job(context: &Context, act: &JobAct) -> Result<(), Failure> {
    let (JobAct::Pause(one) | JobAct::Resume(one) | JobAct::Cancel(one)) = act;
    let job = match &one.id {
        JobRef::Id(id) => *id,
        JobRef::Uid(uid) => {
            let found = reader(context)?.job(&one.id).map_err(Failure::refused)?;
            JobId(found.ok_or_else(|| Failure::refused(fill(context.say.no_such_job, &[uid])))?.id)
        }
    };
    let wish = match act {
        JobAct::Pause(_) => Wish::Pause(Part::Job(job)),
        JobAct::Resume(_) => Wish::Resume(Part::Job(job)),
        JobAct::Cancel(_) => Wish::Cancel(job),
    };
    carry_out(context, wish, &one.reason)
}

pub(super) fn pause(context: &Context, scope: &Scope) -> Result<(), Failure> {
    carry_out(context, Wish::Pause(part(context, scope)?), &scope.reason)
}

pub(super) fn resume(context: &Context, scope: &Scope) -> Result<(), Failure> {
    carry_out(context, Wish::Resume(part(context, scope)?), &scope.reason)
}

fn part(context: &Context, scope: &Scope) -> Result<Part, Failure> {
    Ok(match (scope.class, &scope.unit) {
        (Some(class), _) => Part::Class(class),
        (None, Some(unit)) => Part::Unit(context.unit(Some(unit))?.name.clone()),
        (None, None) => Part::All,
    })
}

pub(super) fn opt_out(context: &Context, act: &OptOutAct) -> Result<(), Failure> {
    match act {
        OptOutAct::Add(add) => {
            let entry = HandEntry { scope: add.scope, ..entry(context, &add.number, &add.paper)? };
            carry_out(context, Wish::OptOut(entry), &add.paper.reason)
        }
        OptOutAct::Remove(remove) => {
            let entry = HandEntry { basis: remove.basis, ..entry(context, &remove.number, &remove.paper)? };
            carry_out(context, Wish::OptIn(entry), &remove.paper.reason)
        }
    }
}

/// What the words of a command say about a number.
pub(super) fn entry(context: &Context, number: &str, paper: &Paper) -> Result<HandEntry, Failure> {
    let letter = paper.letter.clone().filter(|letter| !letter.trim().is_empty());
    Ok(HandEntry { origin: paper.by, letter, ..HandEntry::of(context.number(number)?) })
}

pub(super) fn modem(context: &Context, ModemAct::Resume(one): &ModemAct) -> Result<(), Failure> {
    carry_out(context, Wish::ResumeModem(ModemName::new(&one.name)), &one.reason)
}

pub(super) fn doubt(context: &Context, DoubtAct::Settle(settle): &DoubtAct) -> Result<(), Failure> {
    let message = MessageId(settle.message);
    let wish = if settle.resend { Wish::SettleResend(message) } else { Wish::SettleSent(message) };
    carry_out(context, wish, &settle.reason)
}

pub(super) fn backup(context: &Context, how: &Backup) -> Result<(), Failure> {
    reader(context)?.back_up(&how.file).map_err(Failure::refused)?;
    let key = format!("{}.key", context.config()?.paths.database.display());
    print(&format!("{}\n", fill(context.say.backed_up, &[&how.file.display(), &key])))?;
    Ok(())
}

pub(super) fn carry_out(context: &Context, action: Wish, reason: &str) -> Result<(), Failure> {
    let socket = &context.config()?.paths.control;
    let request = Request { action, reason: reason.to_owned() };
    let answer = match ask(socket, &request) {
        Ok(answer) => answer,
        Err(AskError::NotRunning { .. }) => directly(context, request)?,
        Err(error) => return Err(Failure::refused(error)),
    };
    match answer {
        Answer::Done(line) => Ok(print(&format!("{}\n", sentence(context.lang, &line)))?),
        Answer::Refused(reason) => Err(Failure::refused(sentence(context.lang, &reason))),
    }
}

/// No daemon runs: do it here, with the same engine and under the same lock.
fn directly(context: &Context, request: Request) -> Result<Answer, Failure> {
    let config = context.config()?;
    let database = &config.paths.database;
    if !database.exists() {
        return Err(Failure::refused(fill(context.say.no_database, &[&database.display()])));
    }
    let _lock = Lock::take(database).map_err(|error| match error {
        LockError::Held { .. } => Failure::refused(format!(
            "{error}; its control socket {} does not answer, perhaps because it is just starting or stopping",
            config.paths.control.display()
        )),
        error => Failure::refused(error),
    })?;
    let store = Store::open(database).map_err(Failure::refused)?;
    let mut engine =
        Engine::open(store, rules(config), context.clock.now(), fastrand::u64(..)).map_err(Failure::refused)?;
    let act = Act {
        reply_to: Some(1),
        actor: user_name(rustix::process::getuid().as_raw()),
        reason: request.reason,
        action: request.action.into(),
    };
    let mut answer = None;
    let mut events = vec![Event::Act(act)];
    loop {
        let now = context.clock.now();
        let step = engine.handle(now, events.drain(..)).map_err(Failure::refused)?;
        answer = answer.or(step.orders.into_iter().find_map(|order| match order {
            Order::Reply { to: 1, result } => Some(Answer::from(result)),
            _ => None,
        }));
        // Long work, such as cancelling many messages, is done in bites.
        match step.next_wake {
            Some(wake) if wake <= now => events.push(Event::Tick),
            _ => break,
        }
    }
    answer.ok_or_else(|| Failure::refused("the engine gave no answer"))
}
