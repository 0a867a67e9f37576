//! One job: how far it is, its account, whom it was for, and what may be done with it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::breakdown::{self, Breakdown};
use super::jobs::{JobCard, Standing};
use super::page::{Fact, Here, Page};
use super::trouble::{Trouble, rendered};
use super::viewer::{Posted, Viewer};
use crate::check::finishes;
use crate::engine::event::Action;
use crate::model::{JobId, Right, Scope, State as MessageState};
use crate::store::JobView;
use crate::web::Web;
use crate::web::api::{mine, report_of};

/// Recipients up to which the breakdown stands on the page itself: all of them are read for it.
const INLINE_MAX: u64 = 20_000;
/// Texts that are shown.
const TEXTS: usize = 3;

/// Messages in one state.
struct StateRow {
    label: &'static str,
    value: u64,
    share: String,
}

/// Something that may be done with it.
struct Deed {
    path: &'static str,
    label: &'static str,
    hint: &'static str,
    bad: bool,
    must_say: bool,
}

#[derive(Template)]
#[template(path = "job.html", config = "src/web/pages/askama.toml")]
struct JobPage {
    page: Page,
    job: JobCard,
    equation: String,
    split: String,
    adds_up: bool,
    states: Vec<StateRow>,
    acts: Vec<Deed>,
    facts: Vec<Fact>,
    texts: Vec<String>,
    breakdown: Option<Breakdown>,
    /// Where its details lie, if not here.
    archived: Option<String>,
}

/// One job.
pub(super) async fn one(State(web): State<Web>, viewer: Viewer, Path(id): Path<i64>) -> Result<Response, Trouble> {
    viewer.asker.must(Right::View)?;
    let view = mine(&web, &viewer.asker, id).await?;
    let page = viewer.page(&web, Here::Jobs, Right::View).await?;
    let (config, now) = (web.config.clone(), page.now);
    let archived = archived(&page, &view);
    let (personal, small) = (page.may_people(), view.recipients <= INLINE_MAX && archived.is_none());
    let waits = view.state == "active" && Standing::of(&view).waiting > 0;
    let asked = web.questions.ask(move |reader| {
        let texts = reader.texts_of(JobId(id), personal, TEXTS)?;
        let parts = if small { Some(breakdown::ask(reader, JobId(id), personal)?) } else { None };
        // The whole queue is played for it: not for a job of which nothing is left.
        let finish = if waits { finishes(&config, reader, now)?.remove(&JobId(id)) } else { None };
        Ok((texts, parts, finish))
    });
    let (texts, parts, finish) = asked.await?;
    let states = states(&page, &view);
    let split: Vec<_> = states
        .iter()
        .filter(|row| row.value > 0)
        .map(|row| format!("{} {}", page.number(row.value), row.label))
        .collect();
    let split =
        format!("{} {} = {}", page.number(Standing::of(&view).all), page.w.messages.to_lowercase(), split.join(" + "));
    let job = JobCard::of(&page, view, finish);
    Ok(rendered(&JobPage {
        equation: job.equation.clone(),
        split,
        adds_up: job.view.adds_up(),
        acts: acts(&page, &job.view),
        facts: facts(&page, &job.view),
        breakdown: parts.map(|parts| Breakdown::of(&page, parts)),
        archived,
        states,
        texts,
        job,
        page,
    }))
}

/// That the details of a job lie in an archive; `None`: they are here.
pub(super) fn archived(page: &Page, view: &JobView) -> Option<String> {
    let file = view.details_in.as_ref()?;
    Some(page.say(page.w.archived, &[file, &view.details_since.map(|since| page.time(since)).unwrap_or_default()]))
}

fn states(page: &Page, view: &JobView) -> Vec<StateRow> {
    let all = Standing::of(view).all;
    let row = |(state, label): (MessageState, &'static str)| {
        let value = view.messages.get(state.name()).copied().unwrap_or(0);
        StateRow { label, value, share: page.share(value, all) }
    };
    MessageState::ALL.into_iter().zip(page.w.states).map(row).collect()
}

/// What its state and the reader's rights allow.
fn acts(page: &Page, view: &JobView) -> Vec<Deed> {
    let w = page.w;
    let deed = |path, label, hint| Deed { path, label, hint, bad: false, must_say: false };
    let waits = view.waits_for.as_deref();
    let mut acts = Vec::new();
    if page.may(Right::Approve) && waits == Some("approval") && view.owner != page.caller.name {
        acts.push(Deed { must_say: true, ..deed("approve", w.approve, w.approve_hint) });
        acts.push(Deed { bad: true, must_say: true, ..deed("refuse", w.refuse, w.refuse_hint) });
    }
    if page.may(Right::Control) && matches!(view.state.as_str(), "active" | "paused") {
        match view.state == "paused" || waits == Some("held") {
            true => acts.push(deed("resume", w.resume, w.resume_hint)),
            false => acts.push(deed("pause", w.pause, w.pause_hint)),
        }
        acts.push(Deed { bad: true, must_say: true, ..deed("cancel", w.cancel, w.cancel_hint) });
    }
    acts
}

fn facts(page: &Page, view: &JobView) -> Vec<Fact> {
    let w = page.w;
    let mut facts = vec![
        Fact { label: w.unit, value: view.unit.clone() },
        Fact { label: w.class, value: page.word(&view.class) },
        Fact { label: w.owner, value: view.owner.clone() },
        Fact { label: w.accepted_at, value: page.time(view.created_at) },
        Fact { label: w.not_before, value: page.time(view.not_before) },
        Fact { label: w.expires, value: page.time(view.expires_at) },
    ];
    if let Some(at) = view.finished_at {
        facts.push(Fact { label: w.finished_at, value: page.time(at) });
    }
    if let (Some(expression), Some(import)) = (&view.audience, view.roster_import) {
        facts.push(Fact { label: w.audience, value: page.say(w.as_of_import, &[expression, &import]) });
    }
    facts.push(Fact { label: w.file, value: view.filed_as.clone().unwrap_or_else(|| view.source.clone()) });
    facts
}

/// Its report, as it is read.
pub(super) async fn report(State(web): State<Web>, viewer: Viewer, Path(id): Path<i64>) -> Result<Response, Trouble> {
    viewer.asker.must(Right::People)?;
    let view = mine(&web, &viewer.asker, id).await?;
    Ok(report_of(&web, &view)?)
}

async fn act(web: &Web, posted: &Posted, action: Action, id: i64) -> Result<Response, Trouble> {
    let back = match posted.get("back") {
        "" => format!("/jobs/{id}"),
        back => back.to_owned(),
    };
    posted.viewer.act(web, action, posted.get("reason"), &back).await
}

/// Holds it.
pub(super) async fn pause(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Trouble> {
    act(&web, &posted, Action::Pause(Scope::Job(JobId(id))), id).await
}

/// Lets it go on.
pub(super) async fn resume(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Trouble> {
    act(&web, &posted, Action::Resume(Scope::Job(JobId(id))), id).await
}

/// Takes back what has not left.
pub(super) async fn cancel(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Trouble> {
    act(&web, &posted, Action::Cancel(JobId(id)), id).await
}

/// Lets it go as the second person.
pub(super) async fn approve(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Trouble> {
    act(&web, &posted, Action::Approve(JobId(id)), id).await
}

/// Takes it back as the second person.
pub(super) async fn refuse(State(web): State<Web>, Path(id): Path<i64>, posted: Posted) -> Result<Response, Trouble> {
    act(&web, &posted, Action::Refuse(JobId(id)), id).await
}
