//! `kentongan account` and `kentongan token`: who may use the web page and the API.

mod phrases;
mod secret;

use super::act::carry_out;
use super::answers::Answers;
use super::args::{Account, AccountAdd, Token, TokenAdd};
use super::door::Door;
use super::phrases::fill;
use super::screen::{Table, maybe_time, print, print_json, time};
use super::{Context, Failure};
use crate::engine::event::{Action, NewAccount, NewToken};
use crate::model::{AccountRole, Lang, PasswordHash, SignedDuration, Units};
use crate::web::{digest_of, new_secret, password};
use phrases::Phrases;

pub(super) fn account(context: &Context, how: &Account) -> Result<(), Failure> {
    match how {
        Account::Add(new) => {
            let (units, name) = (units(context, &new.units)?, new.name.clone());
            let password = ask_password(context, &name)?;
            let action = Action::OpenAccount(NewAccount { name, role: new.role, units, password });
            carry_out(context, action, &new.reason)
        }
        Account::Change(AccountAdd { name, role, units: named, reason }) => {
            let units = units(context, named)?;
            carry_out(context, Action::ChangeAccount { name: name.clone(), role: *role, units }, reason)
        }
        Account::Password(one) => {
            let password = ask_password(context, &one.name)?;
            carry_out(context, Action::SetPassword { name: one.name.clone(), password }, &one.reason)
        }
        Account::Close(one) => carry_out(context, Action::CloseAccount(one.name.clone()), &one.reason),
        Account::List(how) => accounts(context, how.json),
    }
}

pub(super) fn token(context: &Context, how: &Token) -> Result<(), Failure> {
    match how {
        Token::Add(new) => make(context, new),
        Token::Revoke(one) => carry_out(context, Action::RevokeToken(one.name.clone()), &one.reason),
        Token::List(how) => tokens(context, how.json),
    }
}

fn units(context: &Context, named: &[String]) -> Result<Units, Failure> {
    let known = named.iter().map(|name| context.unit(Some(name)).map(|unit| unit.name.clone()));
    let names = known.collect::<Result<std::collections::BTreeSet<_>, _>>()?;
    Ok(if names.is_empty() { Units::All } else { Units::Only(names) })
}

fn ask_password(context: &Context, name: &str) -> Result<PasswordHash, Failure> {
    let say = Phrases::of(context.lang);
    let typed = secret::ask(&fill(say.ask_password, &[&name]), say.ask_again)?;
    let typed = typed.ok_or_else(|| Failure::refused(say.not_the_same))?;
    password::usable(&typed, name).map_err(|why| context.refused_in_words(&why))?;
    password::keep(&typed).map_err(Failure::refused)
}

fn make(context: &Context, new: &TokenAdd) -> Result<(), Failure> {
    let token = new_secret().map_err(Failure::refused)?;
    let until = |days| context.clock.now().checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok();
    let action = Action::MakeToken(NewToken {
        name: new.name.clone(),
        digest: digest_of(&token),
        rights: new.rights.clone(),
        units: units(context, &new.units)?,
        expires_at: new.days.and_then(until),
    });
    let line = Door::new(context).ask(action, &new.reason)?;
    // The token alone goes to standard output, so that it can be led into a file.
    eprintln!("{line}\n{}", Phrases::of(context.lang).shown_once);
    Ok(print(&format!("{token}\n"))?)
}

fn accounts(context: &Context, json: bool) -> Result<(), Failure> {
    let rows = Answers::of(context)?.accounts()?;
    if json {
        return Ok(print_json(&rows)?);
    }
    let (common, say, zone) = (context.say, Phrases::of(context.lang), context.zone()?);
    let mut table = Table::new([common.name, say.role, say.units, common.state, say.since]);
    for row in &rows {
        let state = if row.closed_at.is_some() { say.closed } else { say.open };
        let units = if row.units.is_empty() { say.all } else { &row.units };
        let role = row.role.parse::<AccountRole>().map_or(row.role.as_str(), |role| match context.lang {
            Lang::Indonesian => role.name_id(),
            Lang::English => role.name(),
        });
        table.row([row.name.clone(), role.to_owned(), units.to_owned(), state.to_owned(), time(row.created_at, zone)]);
    }
    Ok(print(&if table.is_empty() { format!("{}\n", say.no_account) } else { table.to_string() })?)
}

fn tokens(context: &Context, json: bool) -> Result<(), Failure> {
    let rows = Answers::of(context)?.tokens()?;
    if json {
        return Ok(print_json(&rows)?);
    }
    let (common, say, zone) = (context.say, Phrases::of(context.lang), context.zone()?);
    let now = context.clock.now();
    let mut table = Table::new([common.name, say.rights, say.units, common.state, say.since, say.until]);
    for row in &rows {
        let state = match (row.revoked_at, row.expires_at) {
            (Some(_), _) => say.revoked,
            (None, Some(until)) if until <= now => say.over,
            (None, _) => say.open,
        };
        let units = if row.units.is_empty() { say.all } else { &row.units };
        table.row([
            row.name.clone(),
            row.rights.replace(',', ", "),
            units.to_owned(),
            state.to_owned(),
            time(row.created_at, zone),
            maybe_time(row.expires_at, zone),
        ]);
    }
    Ok(print(&if table.is_empty() { format!("{}\n", say.no_token) } else { table.to_string() })?)
}
