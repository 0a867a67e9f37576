//! Who is not written to; what comes in by letter, at the counter or by telephone is entered here.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::page::{Here, Page};
use super::said::Said;
use super::trouble::{Trouble, rendered};
use super::viewer::{Posted, Viewer, lead};
use crate::cli::phrases::{fill, words};
use crate::engine::event::Action;
use crate::model::{Channel, HandEntry, Msisdn, OptOutScope, Right, Timestamp};
use crate::store::{OptOutPlace, OptOutView};
use crate::web::Web;

/// Opt-outs of one page.
const ROWS: usize = 100;
/// How an entry by hand reaches the office.
const CHANNELS: [Channel; 5] = [Channel::Letter, Channel::Counter, Channel::Phone, Channel::Decree, Channel::Other];

/// What is looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    number: String,
    /// Where the page begins: a time in ms, and those of that time that were shown already.
    from: Option<i64>,
    shown: usize,
}

/// A form of the page.
struct EntryForm {
    id: &'static str,
    action: &'static str,
    label: &'static str,
    scopes: bool,
    open: bool,
}

#[derive(Template)]
#[template(path = "optouts.html", config = "src/web/pages/askama.toml")]
struct OptOutsPage {
    page: Page,
    rows: Vec<OptOutView>,
    forms: [EntryForm; 2],
    channels: Vec<&'static str>,
    wanted: String,
    caption: String,
    next: Option<String>,
}

/// The list.
pub(super) async fn list(
    State(web): State<Web>,
    viewer: Viewer,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    let mut page = viewer.page(&web, Here::OptOuts, Right::People).await?;
    let typed = chosen.number.trim().to_owned();
    let number = (!typed.is_empty()).then(|| Msisdn::parse(&typed, web.config.office.country));
    let mut rows = Vec::new();
    let all = web.questions.ask(|reader| reader.opt_out_count()).await?;
    let from = chosen.from.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let from = from.map(|since| OptOutPlace { since, shown: chosen.shown });
    if let Some(Err(error)) = &number {
        let text = page.say(page.w.bad_number, &[&typed, &page.sentence(error.to_string())]);
        page = page.saying(Said::bad(text));
    } else {
        let number = number.and_then(Result::ok);
        rows = web.questions.ask(move |reader| reader.opt_outs_page(number, from, ROWS + 1)).await?;
    }
    let next = (rows.len() > ROWS)
        .then(|| rows.truncate(ROWS))
        .and_then(|()| OptOutPlace::behind(&rows, from))
        .map(|place| format!("/optouts?from={}&shown={}", place.since.as_millisecond(), place.shown));
    let w = page.w;
    let forms = [
        EntryForm { id: "add", action: "/optouts/add", label: w.optout_add, scopes: true, open: false },
        EntryForm { id: "remove", action: "/optouts/remove", label: w.optout_remove, scopes: false, open: false },
    ];
    let caption = page.say(w.optouts_caption, &[&page.number(all)]);
    let channels = CHANNELS.map(Channel::name).to_vec();
    Ok(rendered(&OptOutsPage { page, rows, forms, channels, wanted: typed, caption, next }))
}

/// Reads an entry. Errors: what is wrong with it, for the reader.
fn entry(web: &Web, posted: &Posted, must_name_paper: bool) -> Result<HandEntry, String> {
    let w = posted.viewer.words();
    let typed = posted.get("number");
    let number = Msisdn::parse(typed, web.config.office.country).map_err(|error| {
        let why = words::sentence(posted.viewer.lang, &error.to_string());
        fill(w.bad_number, &[&typed, &why])
    })?;
    let letter = Some(posted.get("letter").to_owned()).filter(|letter| !letter.is_empty());
    if must_name_paper && letter.is_none() {
        return Err(w.needs_paper.to_owned());
    }
    let scope = posted.get("scope").parse().unwrap_or(OptOutScope::Everything);
    let channel = posted.get("by").parse().unwrap_or(Channel::Other);
    Ok(HandEntry { scope, channel, letter, ..HandEntry::of(number) })
}

/// Enters one.
pub(super) async fn add(State(web): State<Web>, posted: Posted) -> Result<Response, Trouble> {
    posted.viewer.asker.must(Right::Consent)?;
    match entry(&web, &posted, false) {
        Ok(entry) => posted.viewer.act(&web, Action::OptOut(entry), posted.get("reason"), "/optouts").await,
        Err(wrong) => Ok(lead(&web, "/optouts", false, &wrong)),
    }
}

/// Removes one: somebody has asked for it on paper.
pub(super) async fn remove(State(web): State<Web>, posted: Posted) -> Result<Response, Trouble> {
    posted.viewer.asker.must(Right::Consent)?;
    match entry(&web, &posted, true) {
        Ok(entry) => posted.viewer.act(&web, Action::OptIn(entry), posted.get("reason"), "/optouts").await,
        Err(wrong) => Ok(lead(&web, "/optouts", false, &wrong)),
    }
}
