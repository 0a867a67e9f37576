//! Jobs as rows and cards: how far each is, what it waits for, and the pages that list them.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::page::{Here, Page};
use super::trouble::{Trouble, rendered};
use super::viewer::Viewer;
use crate::model::{Right, Timestamp};
use crate::store::{JobFilter, JobView};
use crate::web::Web;

/// Jobs of one page.
const ROWS: usize = 50;
/// The width of a bar in its own units.
const BAR: u64 = 1000;

/// A job as it is shown.
pub(super) struct JobCard {
    pub view: JobView,
    pub bar: Bar,
    /// How far it is, in a sentence.
    pub progress: String,
    /// What it waits for.
    pub waits: Option<String>,
    /// When it is expected to be through.
    pub finish: Option<String>,
    /// What is said where neither is known.
    pub rest: String,
    pub equation: String,
    /// Whether some of it was taken back.
    pub cancelled: bool,
}

/// How a job stands, as a bar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub parts: Vec<BarPart>,
    pub label: String,
}

/// A part of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BarPart {
    pub class: &'static str,
    pub x: u64,
    pub width: u64,
}

/// Messages of a job by what people ask first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub all: u64,
    pub delivered: u64,
    /// With the operator, or on the way there.
    pub sent: u64,
    /// Did not arrive, or nobody knows.
    pub lost: u64,
    /// Taken back before they left.
    pub cancelled: u64,
    pub waiting: u64,
}

impl Standing {
    pub(super) fn of(job: &JobView) -> Self {
        let count = |states: &[&str]| states.iter().filter_map(|state| job.messages.get(*state)).sum();
        Self {
            all: job.messages.values().sum(),
            delivered: count(&["delivered"]),
            sent: count(&["sending", "submitted", "unreported"]),
            lost: count(&["failed", "in_doubt", "expired", "suppressed"]),
            cancelled: count(&["cancelled"]),
            waiting: count(&["queued"]),
        }
    }

    fn parts(self) -> Vec<BarPart> {
        let mut from = 0;
        let mut parts = Vec::new();
        let shown =
            [("b-done", self.delivered), ("b-sent", self.sent), ("b-lost", self.lost), ("b-cancelled", self.cancelled)];
        for (class, count) in shown {
            // Ends are rounded, not widths: the parts neither overlap nor leave a seam.
            let end = |sum: u64| sum * BAR / self.all.max(1);
            let (x, until) = (end(from), end(from + count));
            from += count;
            if count > 0 {
                parts.push(BarPart { class, x, width: (until - x).max(2) });
            }
        }
        parts
    }
}

impl JobCard {
    /// `finish`: when it is expected to be through, where that is known.
    pub(super) fn of(page: &Page, view: JobView, finish: Option<Timestamp>) -> Self {
        let (w, standing) = (page.w, Standing::of(&view));
        let mut parts = vec![page.say(
            w.progress_text,
            &[
                &page.number(standing.delivered),
                &page.number(standing.all),
                &page.share(standing.delivered, standing.all),
            ],
        )];
        if standing.waiting > 0 {
            parts.push(page.say(w.progress_waiting, &[&page.number(standing.waiting)]));
        }
        if let Some(first) = view.goes_first.filter(|first| *first > 0) {
            parts.push(page.say(w.ahead, &[&page.number(first)]));
        }
        if standing.lost > 0 {
            parts.push(page.say(w.progress_lost, &[&page.number(standing.lost)]));
        }
        if standing.cancelled > 0 {
            parts.push(page.say(w.progress_cancelled, &[&page.number(standing.cancelled)]));
        }
        let progress = parts.join(" · ");
        let bar = Bar { parts: standing.parts(), label: progress.clone() };
        let waits = view.waits_for.as_ref().map(|kind| {
            let why = match &view.waits_reason {
                Some(reason) => page.sentence(reason),
                None => page.word(kind),
            };
            match view.waits_until {
                Some(until) => page.say(w.until_known, &[&why, &page.time(until)]),
                None => why,
            }
        });
        let finish = finish.filter(|_| standing.waiting > 0).map(|at| {
            let span = at.duration_since(page.now);
            page.say(w.finish_at, &[&page.time(at), &page.span(span)])
        });
        let rest = match standing.waiting {
            0 => w.reports_out,
            _ => w.no_sim,
        };
        let equation = page
            .say(w.equation, &[&page.number(view.recipients), &page.number(view.excluded), &page.number(standing.all)]);
        let cancelled = standing.cancelled > 0;
        Self { bar, progress, waits, finish, rest: rest.to_owned(), equation, cancelled, view }
    }
}

#[derive(Template)]
#[template(path = "jobs.html", config = "src/web/pages/askama.toml")]
struct JobsPage {
    page: Page,
    jobs: Vec<JobCard>,
    /// Whether this is the newest page.
    first: bool,
    /// Where the next page begins.
    before: Option<i64>,
}

/// Which page.
#[derive(Deserialize)]
pub(super) struct Paging {
    before: Option<i64>,
}

/// The jobs of the viewer's units, the newest first.
pub(super) async fn list(
    State(web): State<Web>,
    viewer: Viewer,
    Query(paging): Query<Paging>,
) -> Result<Response, Trouble> {
    let page = viewer.page(&web, Here::Jobs, Right::View).await?;
    let filter = JobFilter { before: paging.before, units: page.caller.units.clone(), replies: false, limit: ROWS + 1 };
    let mut rows = web.questions.ask(move |reader| reader.jobs_where(&filter)).await?;
    let before = (rows.len() > ROWS).then(|| rows.truncate(ROWS)).and_then(|()| rows.last()).map(|job| job.id);
    let jobs = rows.into_iter().map(|view| JobCard::of(&page, view, None)).collect();
    Ok(rendered(&JobsPage { page, jobs, first: paging.before.is_none(), before }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_bar_follow_one_another_and_end_with_the_whole() {
        let standing = Standing { all: 3, delivered: 1, sent: 1, lost: 1, ..Standing::default() };
        let parts: Vec<_> = standing.parts().into_iter().map(|part| (part.class, part.x, part.width)).collect();
        assert_eq!(parts, [("b-done", 0, 333), ("b-sent", 333, 333), ("b-lost", 666, 334)]);
        let few = Standing { all: 1_000_000, lost: 1, waiting: 999_999, ..Standing::default() };
        assert_eq!(few.parts(), [BarPart { class: "b-lost", x: 0, width: 2 }], "one that failed is seen");
        assert!(Standing::default().parts().is_empty());
        let refused = Standing { all: 10, cancelled: 10, ..Standing::default() };
        assert_eq!(
            refused.parts(),
            [BarPart { class: "b-cancelled", x: 0, width: 1000 }],
            "what was taken back is not lost"
        );
    }
}
