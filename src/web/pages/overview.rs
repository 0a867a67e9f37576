//! Everything at a glance: what is being sent and when it is done, what is the matter, and how each modem stands.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::jobs::JobCard;
use super::modems::{self, ModemCard};
use super::page::{Here, Page};
use super::trouble::{Trouble, rendered};
use super::viewer::Viewer;
use crate::check::finishes;
use crate::cli::phrases::words;
use crate::model::{JobId, Right};
use crate::store::AlarmView;
use crate::web::Web;

/// Jobs and alarms that are shown; their lists have all.
const JOBS: usize = 12;
const ALARMS: usize = 10;

/// A figure, and where it leads.
struct Figure {
    label: &'static str,
    value: u64,
    href: &'static str,
}

#[derive(Template)]
#[template(path = "overview.html", config = "src/web/pages/askama.toml")]
struct OverviewPage {
    page: Page,
    summary: String,
    paused: Vec<String>,
    alarms: Vec<AlarmView>,
    jobs: Vec<JobCard>,
    more_jobs: bool,
    counts: Vec<Figure>,
    modems: Vec<ModemCard>,
}

/// The first page.
pub(super) async fn show(State(web): State<Web>, viewer: Viewer) -> Result<Response, Trouble> {
    let page = viewer.page(&web, Here::Overview, Right::View).await?;
    let (config, now, units) = (web.config.clone(), page.now, page.caller.units.clone());
    let asked = web.questions.ask(move |reader| {
        let jobs = reader.open_jobs(&units, JOBS + 1)?;
        let finishes = if jobs.is_empty() { BTreeMap::new() } else { finishes(&config, reader, now)? };
        let told = (reader.status()?, reader.messages_of(&units)?, reader.alarms(false, ALARMS)?);
        Ok((told, jobs, finishes, modems::ask(&config, reader, now)?))
    });
    let ((status, messages, alarms), mut jobs, finishes, modems) = asked.await?;
    let more_jobs = jobs.len() > JOBS;
    jobs.truncate(JOBS);
    let jobs: Vec<_> = jobs
        .into_iter()
        .map(|open| {
            let finish = finishes.get(&JobId(open.view.id)).copied();
            JobCard::of(&page, open.view, finish)
        })
        .collect();
    let ready = status.modems.get("ready").copied().unwrap_or(0);
    let queued = messages.get("queued").copied().unwrap_or(0);
    Ok(rendered(&OverviewPage {
        summary: page.say(page.w.summary, &[&page.number(queued), &ready]),
        paused: status.paused.iter().map(|scope| words::part(page.lang, scope)).collect(),
        counts: figures(&page, &messages),
        modems: modems.into_iter().map(|modem| ModemCard::of(&page, modem)).collect(),
        alarms,
        jobs,
        more_jobs,
        page,
    }))
}

/// Those of the reader's units, as the jobs above them.
fn figures(page: &Page, messages: &BTreeMap<String, u64>) -> Vec<Figure> {
    let (w, count) = (page.w, |state: &str| messages.get(state).copied().unwrap_or(0));
    let mut figures = vec![
        Figure { label: w.waiting_now, value: count("queued"), href: "" },
        Figure { label: w.on_its_way, value: count("sending") + count("submitted"), href: "" },
        Figure { label: w.delivered, value: count("delivered"), href: "" },
        Figure { label: w.in_doubt, value: count("in_doubt"), href: "" },
        Figure { label: w.approvals_waiting, value: page.badges.approvals, href: "/approvals" },
    ];
    if page.may_people() {
        figures.push(Figure { label: w.inbox_new, value: page.badges.unread, href: "/inbox?state=new" });
    }
    figures
}
