//! The record of events, and whether it is as it was written.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::page::{Here, Page};
use super::trouble::{Trouble, rendered};
use super::viewer::{Posted, Viewer};
use crate::model::{JobId, Right};
use crate::store::{Break, ChainView, EventPage, EventView};
use crate::web::Web;

/// Events of one page.
const ROWS: usize = 100;

/// What is looked for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    job: String,
    actor: String,
    before: Option<i64>,
}

/// What following the chain has shown.
struct Finding {
    good: bool,
    text: String,
}

#[derive(Template)]
#[template(path = "audit.html", config = "src/web/pages/askama.toml")]
struct AuditPage {
    page: Page,
    rows: Vec<EventView>,
    chosen: Chosen,
    verdict: Option<Finding>,
    next: Option<String>,
}

/// The list.
pub(super) async fn list(
    State(web): State<Web>,
    viewer: Viewer,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    shown(&web, viewer, chosen, None).await
}

/// Follows the chain from its beginning. Reads every event.
pub(super) async fn verify(State(web): State<Web>, posted: Posted) -> Result<Response, Trouble> {
    posted.viewer.asker.must(Right::Manage)?;
    let chain = web.whole_record.ask(|reader| reader.verify_chain(None)).await?;
    shown(&web, posted.viewer, Chosen::default(), Some(chain)).await
}

async fn shown(web: &Web, viewer: Viewer, chosen: Chosen, chain: Option<ChainView>) -> Result<Response, Trouble> {
    let page = viewer.page(web, Here::Audit, Right::Manage).await?;
    let wanted = EventPage {
        job: chosen.job.trim().parse().ok().map(JobId),
        actor: Some(chosen.actor.trim().to_owned()).filter(|actor| !actor.is_empty()),
        before: chosen.before,
        limit: ROWS,
    };
    let (rows, next) = web.questions.ask(move |reader| reader.events_page(&wanted)).await?;
    let next = next.map(|before| {
        let query = [("job", chosen.job.as_str()), ("actor", &chosen.actor)];
        format!("/audit?{}before={before}", super::query(&query))
    });
    let verdict = chain.map(|chain| finding(&page, &chain));
    Ok(rendered(&AuditPage { page, rows, chosen, verdict, next }))
}

fn finding(page: &Page, chain: &ChainView) -> Finding {
    match &chain.broken {
        Some(fault) => Finding { good: false, text: page.say(page.w.broken, &[&place(fault)]) },
        None => {
            let head = chain.head.map_or_else(|| "–".to_owned(), |head| head.to_string());
            Finding { good: true, text: page.say(page.w.verified, &[&page.number(chain.events), &head]) }
        }
    }
}

fn place(fault: &Break) -> i64 {
    match fault {
        Break::Missing { expected: event, .. }
        | Break::Changed { event }
        | Break::Unlinked { event }
        | Break::Emptied { event } => *event,
        Break::NotAsNoted { noted } => noted.event,
    }
}
