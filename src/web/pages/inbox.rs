//! What citizens wrote, for the viewer's units: read it, and answer it once.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::page::{Here, Page};
use super::said::Said;
use super::trouble::{Trouble, rendered};
use super::viewer::{Posted, Viewer, local};
use crate::engine::event::Action;
use crate::model::{Body, InboxState, Msisdn, Right};
use crate::store::{InboxFilter, InboxView};
use crate::web::{Problem, Web};

/// Texts of one page.
const ROWS: usize = 30;

/// What is looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    state: String,
    unit: String,
    from: String,
    before: Option<i64>,
}

struct InboxRow {
    view: InboxView,
    answer_state: Option<String>,
    /// Whether it may still be answered here.
    open: bool,
    unread: bool,
}

#[derive(Template)]
#[template(path = "inbox.html", config = "src/web/pages/askama.toml")]
struct InboxPage {
    page: Page,
    rows: Vec<InboxRow>,
    chosen: Chosen,
    states: Vec<&'static str>,
    units: Vec<String>,
    /// This page, for coming back to it.
    back: String,
    next: Option<String>,
}

/// The list.
pub(super) async fn list(
    State(web): State<Web>,
    viewer: Viewer,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    let mut page = viewer.page(&web, Here::Inbox, Right::People).await?;
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut wanted = InboxFilter {
        units: page.caller.units.clone(),
        unit: some(&chosen.unit),
        state: chosen.state.parse().ok(),
        before: chosen.before,
        limit: ROWS + 1,
        ..InboxFilter::default()
    };
    let mut found = Vec::new();
    let number = some(&chosen.from).map(|from| Msisdn::parse(&from, web.config.office.country));
    if let Some(Err(error)) = &number {
        let text = page.say(page.w.bad_number, &[&chosen.from, &page.sentence(error.to_string())]);
        page = page.saying(Said::bad(text));
    } else {
        wanted.number = number.and_then(Result::ok);
        found = web.questions.ask(move |reader| reader.inbox_where(&wanted)).await?;
    }
    let next = (found.len() > ROWS).then(|| found.truncate(ROWS)).and_then(|()| found.last()).map(|last| {
        let query = [("state", chosen.state.as_str()), ("unit", &chosen.unit), ("from", &chosen.from)];
        format!("/inbox?{}before={}", super::query(&query), last.id)
    });
    let units = units(&web, &page);
    let row = |view: InboxView| InboxRow {
        answer_state: view.answer_state.as_deref().map(|state| page.w.state_of(state).to_owned()),
        open: matches!(view.state.as_deref(), Some("new" | "read")),
        unread: view.state.as_deref() == Some("new"),
        view,
    };
    let rows = found.into_iter().map(row).collect();
    let states = InboxState::ALL.map(InboxState::name).to_vec();
    Ok(rendered(&InboxPage { back: local(&page.path).to_owned(), page, rows, chosen, states, units, next }))
}

/// The units that the viewer acts for.
pub(super) fn units(web: &Web, page: &Page) -> Vec<String> {
    let all = web.config.units.iter().map(|unit| unit.name.clone());
    all.filter(|unit| page.caller.units.has(unit)).collect()
}

/// Marks one as read.
pub(super) async fn read(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Trouble> {
    posted.viewer.act(&web, Action::ReadInbox(id), "", posted.get("back")).await
}

/// Answers one.
pub(super) async fn reply(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Trouble> {
    let unit = Some(posted.get("unit").to_owned()).filter(|unit| !unit.is_empty());
    if let Some(unit) = &unit {
        posted.viewer.asker.must_for(Right::People, unit)?;
        if web.config.unit(unit).is_none() {
            return Err(Problem::unusable(format!("there is no unit {}", unit.escape_debug())).into());
        }
    }
    let action = Action::AnswerInbox { inbox: id, text: Body(posted.get("text").to_owned()), unit };
    posted.viewer.act(&web, action, "", posted.get("back")).await
}
