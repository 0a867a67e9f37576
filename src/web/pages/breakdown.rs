//! Whom a job was for: by kecamatan, and who is excluded and why. All its recipients are read for it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::job::archived;
use super::map::{self, Map};
use super::page::{Counted, Here, Page};
use super::trouble::{Trouble, rendered};
use super::viewer::Viewer;
use crate::model::{JobId, Right};
use crate::store::{AreaCount, Reader, RecipientView, StoreError};
use crate::web::Web;
use crate::web::api::mine;

/// Excluded recipients that are shown; the report has all.
const ROWS: usize = 50;

/// What the ledger says of it.
pub(super) struct Parts {
    areas: Vec<AreaCount>,
    reasons: Vec<(String, u64)>,
    excluded: Vec<RecipientView>,
}

/// Asks for it; who is excluded by number only where the reader may see numbers.
pub(super) fn ask(reader: &Reader, job: JobId, personal: bool) -> Result<Parts, StoreError> {
    Ok(Parts {
        areas: reader.areas_of(job)?,
        reasons: reader.exclusions_of(job)?,
        excluded: if personal { reader.excluded_of(job, ROWS)? } else { Vec::new() },
    })
}

/// As it is shown.
pub(super) struct Breakdown {
    pub map: Map,
    pub areas: Vec<AreaRow>,
    pub reasons: Vec<Counted>,
    pub excluded: Vec<ExcludedRow>,
    pub excluded_caption: String,
}

/// A kecamatan.
pub(super) struct AreaRow {
    pub name: String,
    pub recipients: u64,
    pub excluded: u64,
    pub messages: u64,
    pub delivered: u64,
    pub share: String,
}

/// Somebody who gets nothing.
pub(super) struct ExcludedRow {
    pub row: u32,
    pub number: String,
    pub name: String,
    pub reason: String,
}

impl Breakdown {
    pub(super) fn of(page: &Page, parts: Parts) -> Self {
        let Parts { areas, reasons, excluded } = parts;
        let map = map::draw(page, &areas);
        let all: u64 = reasons.iter().map(|(_, count)| count).sum();
        let shown = excluded.len() as u64;
        let excluded_caption = match shown < all {
            true => page.say(page.w.excluded_first, &[&page.number(shown)]),
            false => page.w.excluded_all.to_owned(),
        };
        // Where nobody's kecamatan is known there is nothing to show.
        let known = areas.iter().any(|area| !area.kecamatan.is_empty());
        let row = |area: AreaCount| AreaRow {
            share: page.share(area.delivered, area.messages),
            name: if area.kecamatan.is_empty() { page.w.kecamatan_unknown.to_owned() } else { area.kecamatan },
            recipients: area.recipients,
            excluded: area.recipients.saturating_sub(area.messages),
            messages: area.messages,
            delivered: area.delivered,
        };
        Self {
            map,
            areas: areas.into_iter().filter(|_| known).map(row).collect(),
            reasons: reasons.into_iter().map(|(why, value)| Counted { label: page.word(why), value }).collect(),
            excluded: excluded
                .into_iter()
                .map(|row| ExcludedRow {
                    row: row.row,
                    number: row.number,
                    name: row.name.unwrap_or_default(),
                    reason: page.sentence(row.reason.unwrap_or_default()),
                })
                .collect(),
            excluded_caption,
        }
    }
}

#[derive(Template)]
#[template(path = "breakdown_page.html", config = "src/web/pages/askama.toml")]
struct BreakdownPage {
    page: Page,
    id: i64,
    source: String,
    breakdown: Option<Breakdown>,
    archived: Option<String>,
}

/// On a page of its own, for a job of very many.
pub(super) async fn show(State(web): State<Web>, viewer: Viewer, Path(id): Path<i64>) -> Result<Response, Trouble> {
    viewer.asker.must(Right::View)?;
    let view = mine(&web, &viewer.asker, id).await?;
    let page = viewer.page(&web, Here::Jobs, Right::View).await?;
    let (personal, archived) = (page.may_people(), archived(&page, &view));
    let breakdown = match archived.is_some() {
        true => None,
        false => {
            let parts = web.questions.ask(move |reader| ask(reader, JobId(id), personal)).await?;
            Some(Breakdown::of(&page, parts))
        }
    };
    Ok(rendered(&BreakdownPage { page, id, source: view.source, breakdown, archived }))
}
