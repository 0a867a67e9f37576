//! Commands that act: through the running daemon, or on the ledger itself when none runs. Each goes on record with who
//! asked and why.

use super::answers::{Answers, ledger};
use super::args::{Backup, DoubtAct, JobAct, ModemAct, OptOutAct, Paper, Resume, Scope};
use super::door::Door;
use super::phrases::fill;
use super::phrases::words::sentence;
use super::screen::print;
use super::{Context, Failure};
use crate::engine::event::{self, Action};
use crate::model::{HandEntry, JobId, MessageId, ModemName, Msisdn};
use crate::store::JobRef;

pub(super) fn job(context: &Context, act: &JobAct) -> Result<(), Failure> {
    let (id, reason) = match act {
        JobAct::Pause(one) | JobAct::Resume(one) | JobAct::Cancel(one) => (&one.id, &one.reason),
        JobAct::Approve(one) | JobAct::Refuse(one) => (&one.id, &one.reason),
    };
    let job = match id {
        JobRef::Id(id) => *id,
        JobRef::Uid(uid) => {
            let found = Answers::of(context)?.job(id)?;
            JobId(found.ok_or_else(|| Failure::refused(fill(context.say.no_such_job, &[uid])))?.id)
        }
    };
    let wish = match act {
        JobAct::Pause(_) => Action::Pause(event::Scope::Job(job)),
        JobAct::Resume(_) => Action::Resume(event::Scope::Job(job)),
        JobAct::Cancel(_) => Action::Cancel(job),
        JobAct::Approve(_) => Action::Approve(job),
        JobAct::Refuse(_) => Action::Refuse(job),
    };
    carry_out(context, wish, reason)
}

pub(super) fn pause(context: &Context, scope: &Scope) -> Result<(), Failure> {
    carry_out(context, Action::Pause(part(context, scope)?), &scope.reason)
}

pub(super) fn resume(context: &Context, Resume { scope, held }: &Resume) -> Result<(), Failure> {
    let wish = if *held { Action::ResumeHeld } else { Action::Resume(part(context, scope)?) };
    carry_out(context, wish, &scope.reason)
}

fn part(context: &Context, scope: &Scope) -> Result<event::Scope, Failure> {
    Ok(match (scope.class, &scope.unit) {
        (Some(class), _) => event::Scope::Class(class),
        (None, Some(unit)) => event::Scope::Unit(context.unit(Some(unit))?.name.clone()),
        (None, None) => event::Scope::All,
    })
}

/// A number as people write it.
pub(super) fn number(context: &Context, written: &str) -> Result<Msisdn, Failure> {
    Msisdn::parse(written, context.office()?.country).map_err(|error| {
        Failure::refused(format!("{}: {}", written.escape_debug(), sentence(context.lang, &error.to_string())))
    })
}

pub(super) fn opt_out(context: &Context, act: &OptOutAct) -> Result<(), Failure> {
    match act {
        OptOutAct::Add(add) => {
            let entry = HandEntry { scope: add.scope, ..entry(context, &add.number, &add.paper)? };
            carry_out(context, Action::OptOut(entry), &add.paper.reason)
        }
        OptOutAct::Remove(remove) => {
            let entry = HandEntry { basis: remove.basis, ..entry(context, &remove.number, &remove.paper)? };
            carry_out(context, Action::OptIn(entry), &remove.paper.reason)
        }
    }
}

/// What the words of a command say about a number.
pub(super) fn entry(context: &Context, number: &str, paper: &Paper) -> Result<HandEntry, Failure> {
    let letter = paper.letter.clone().filter(|letter| !letter.trim().is_empty());
    Ok(HandEntry { channel: paper.by, letter, ..HandEntry::of(self::number(context, number)?) })
}

pub(super) fn modem(context: &Context, ModemAct::Resume(one): &ModemAct) -> Result<(), Failure> {
    carry_out(context, Action::ResumeModem(ModemName::new(&one.name)), &one.reason)
}

pub(super) fn doubt(context: &Context, DoubtAct::Settle(settle): &DoubtAct) -> Result<(), Failure> {
    let message = MessageId(settle.message);
    let wish = if settle.resend { Action::SettleResend(message) } else { Action::SettleSent(message) };
    carry_out(context, wish, &settle.reason)
}

pub(super) fn backup(context: &Context, how: &Backup) -> Result<(), Failure> {
    ledger(context)?.back_up(&how.file).map_err(Failure::refused)?;
    let key = format!("{}.key", context.config()?.paths.database.display());
    print(&format!("{}\n", fill(context.say.backed_up, &[&how.file.display(), &key])))?;
    Ok(())
}

/// Asks for one thing and says what came of it.
pub(super) fn carry_out(context: &Context, action: Action, reason: &str) -> Result<(), Failure> {
    let line = Door::new(context).ask(action, reason)?;
    Ok(print(&format!("{line}\n"))?)
}
