//! Who may use the page, and which programs the API.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::page::{Here, Page};
use super::trouble::{Trouble, rendered};
use super::viewer::{Posted, Viewer, lead};
use super::words::Words;
use crate::engine::event::{Action, NewAccount, NewToken};
use crate::model::{AccountRole, PasswordHash, Right, Units};
use crate::store::{AccountView, TokenView};
use crate::web::{Problem, Web, digest_of, password};

/// Something that can be chosen.
struct Choice {
    value: &'static str,
    label: String,
}

struct AccountRow {
    view: AccountView,
    role: String,
    units: String,
    open: bool,
}

impl AccountRow {
    fn has(&self, unit: &str) -> bool {
        self.view.units.split(',').any(|name| name == unit)
    }
}

struct TokenRow {
    view: TokenView,
    rights: String,
    units: String,
    until: String,
    holds: bool,
}

#[derive(Template)]
#[template(path = "accounts.html", config = "src/web/pages/askama.toml")]
struct AccountsPage {
    page: Page,
    accounts: Vec<AccountRow>,
    tokens: Vec<TokenRow>,
    roles: Vec<Choice>,
    rights: Vec<Choice>,
    units: Vec<String>,
    /// A token that was just made: shown this once.
    shown: Option<String>,
}

fn role_name(w: &Words, role: AccountRole) -> &'static str {
    match role {
        AccountRole::Viewer => w.role_viewer,
        AccountRole::Operator => w.role_operator,
        AccountRole::Approver => w.role_approver,
        AccountRole::Administrator => w.role_administrator,
    }
}

/// The list.
pub(super) async fn list(State(web): State<Web>, viewer: Viewer) -> Result<Response, Trouble> {
    shown(&web, viewer, None).await
}

async fn shown(web: &Web, viewer: Viewer, token: Option<String>) -> Result<Response, Trouble> {
    let page = viewer.page(web, Here::Accounts, Right::Manage).await?;
    let (accounts, tokens) = web.questions.ask(|reader| Ok((reader.accounts()?, reader.tokens()?))).await?;
    let w = page.w;
    let account = |view: AccountView| AccountRow {
        role: view.role.parse().map_or_else(|_| view.role.clone(), |role| role_name(w, role).to_owned()),
        units: page.list(&view.units),
        open: view.closed_at.is_none(),
        view,
    };
    let token_row = |view: TokenView| TokenRow {
        rights: view.rights.replace(',', ", "),
        units: page.list(&view.units),
        until: view.expires_at.map_or_else(|| w.for_ever.to_owned(), |at| page.time(at)),
        holds: view.revoked_at.is_none() && view.expires_at.is_none_or(|at| at > page.now),
        view,
    };
    let role = |role: AccountRole| Choice { value: role.name(), label: role_name(w, role).to_owned() };
    let right = |right: Right| Choice { value: right.name(), label: right.name().to_owned() };
    Ok(rendered(&AccountsPage {
        accounts: accounts.into_iter().map(account).collect(),
        tokens: tokens.into_iter().map(token_row).collect(),
        roles: AccountRole::ALL.into_iter().map(role).collect(),
        rights: Right::ALL.into_iter().map(right).collect(),
        units: web.config.units.iter().map(|unit| unit.name.clone()).collect(),
        shown: token,
        page,
    }))
}

/// The units that were chosen; none: all. Errors: 422 for one there is not.
fn units(web: &Web, posted: &Posted) -> Result<Units, Problem> {
    let names: BTreeSet<String> = posted.all("unit").map(str::to_owned).collect();
    match names.iter().find(|unit| web.config.unit(unit).is_none()) {
        Some(unit) => Err(Problem::unusable(format!("there is no unit {}", unit.escape_debug()))),
        None if names.is_empty() => Ok(Units::All),
        None => Ok(Units::Only(names)),
    }
}

/// What is kept of a password. Errors: why it is none, English.
async fn kept(web: &Web, typed: &str, account: &str) -> Result<Result<PasswordHash, String>, Problem> {
    match password::usable(typed, account) {
        Ok(()) => web.sign_ins.keep(typed.to_owned()).await.map(Ok),
        Err(why) => Ok(Err(why)),
    }
}

const BACK: &str = "/accounts";

/// Opens one.
pub(super) async fn open(State(web): State<Web>, posted: Posted) -> Result<Response, Trouble> {
    posted.viewer.asker.must(Right::Manage)?;
    let (name, units) = (posted.get("name").to_owned(), units(&web, &posted)?);
    let role = posted.get("role").parse().map_err(Problem::unusable)?;
    match kept(&web, posted.raw("password"), &name).await? {
        Ok(password) => {
            let action = Action::OpenAccount(NewAccount { name, role, units, password });
            posted.viewer.act(&web, action, "", BACK).await
        }
        Err(why) => Ok(lead(&web, BACK, false, &why)),
    }
}

/// Gives one another role and other units.
pub(super) async fn change(
    State(web): State<Web>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let role = posted.get("role").parse().map_err(Problem::unusable)?;
    let action = Action::ChangeAccount { name, role, units: units(&web, &posted)? };
    posted.viewer.act(&web, action, "", BACK).await
}

/// Gives one another password.
pub(super) async fn set_password(
    State(web): State<Web>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    posted.viewer.asker.must(Right::Manage)?;
    match kept(&web, posted.raw("password"), &name).await? {
        Ok(password) => posted.viewer.act(&web, Action::SetPassword { name, password }, "", BACK).await,
        Err(why) => Ok(lead(&web, BACK, false, &why)),
    }
}

/// Closes one.
pub(super) async fn close(
    State(web): State<Web>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    posted.viewer.act(&web, Action::CloseAccount(name), "", BACK).await
}

/// Makes a token, and shows it this once.
pub(super) async fn make_token(State(web): State<Web>, posted: Posted) -> Result<Response, Trouble> {
    posted.viewer.asker.must(Right::Manage)?;
    let until = match posted.get("until") {
        "" => None,
        day => match super::moment(&format!("{day}T23:59"), web.config.time_zone()) {
            Some(at) => Some(at),
            None => return Ok(lead(&web, BACK, false, &format!("`{}` is no day", day.escape_debug()))),
        },
    };
    let rights = posted.all("right").map(|word| word.parse::<Right>().map_err(Problem::unusable));
    let rights = rights.collect::<Result<Vec<_>, _>>()?;
    let secret = super::random()?;
    let new = NewToken {
        name: posted.get("name").to_owned(),
        digest: digest_of(&secret),
        rights,
        units: units(&web, &posted)?,
        expires_at: until,
    };
    let action = Action::MakeToken(new);
    posted.viewer.asker.must_may(&web, &action).await?;
    match web.acts.ask(posted.viewer.caller(), action, "").await {
        Ok(_) => shown(&web, posted.viewer, Some(secret)).await,
        Err(why) => Ok(lead(&web, BACK, false, &why)),
    }
}

/// Revokes one.
pub(super) async fn revoke_token(
    State(web): State<Web>,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, Trouble> {
    posted.viewer.act(&web, Action::RevokeToken(name), "", BACK).await
}
