//! What waits for a second person: who asks, why, and what would be sent.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::jobs::JobCard;
use super::page::{Here, Page};
use super::trouble::{Trouble, rendered};
use super::viewer::Viewer;
use crate::model::{JobId, Right, Timestamp};
use crate::web::Web;

/// Jobs that are shown; nobody decides on more at one sitting.
const ROWS: usize = 50;

struct Waiting {
    job: JobCard,
    submitter: String,
    why: String,
    asked_at: Timestamp,
    texts: Vec<String>,
    /// Whether it is the reader's own.
    own: bool,
}

#[derive(Template)]
#[template(path = "approvals.html", config = "src/web/pages/askama.toml")]
struct ApprovalsPage {
    page: Page,
    rows: Vec<Waiting>,
}

/// The list.
pub(super) async fn list(State(web): State<Web>, viewer: Viewer) -> Result<Response, Trouble> {
    let page = viewer.page(&web, Here::Approvals, Right::View).await?;
    let (units, personal) = (page.caller.units.clone(), page.may_people());
    let found = web.questions.ask(move |reader| {
        let rows = reader.approvals(&units, ROWS)?;
        let with_text = |row: crate::store::ApprovalView| Ok((reader.texts_of(JobId(row.job.id), personal, 1)?, row));
        rows.into_iter().map(with_text).collect::<Result<Vec<_>, crate::store::StoreError>>()
    });
    let rows = found
        .await?
        .into_iter()
        .map(|(texts, row)| Waiting {
            own: row.submitter == page.caller.name,
            job: JobCard::of(&page, row.job, None),
            submitter: row.submitter,
            why: row.why,
            asked_at: row.asked_at,
            texts,
        })
        .collect();
    Ok(rendered(&ApprovalsPage { page, rows }))
}
