//! What would become of a job file. Nothing of it is kept, and nothing is sent.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Request, State};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Query, lang_of};
use super::jobs::files_of;
use super::lists::ROWS_MAX;
use crate::check::{Question, Source, VerdictView, check};
use crate::model::Right;
use crate::web::submit;
use crate::web::{Asker, Problem, Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(judge)).layer(DefaultBodyLimit::disable())
}

/// What is asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Whose job it would be.
    unit: String,
    /// The file's name; its ending says how the content is read.
    name: String,
    /// In which a refusal is written: `id` or `en`.
    lang: Option<String>,
    /// Of at most so many who get nothing it is told who they are, the first of the file; all are counted.
    #[param(default = 10000)]
    excluded: Option<u32>,
}

/// Say what would become of a job file, and send nothing.
///
/// The body is as for bringing one. The answer is what `kentongan check --json` prints, and what its paper says besides. Without the
/// right `people` it counts those who get nothing and does not say who they are; and where recipients come from the roster, there are
/// no examples and nothing else that was put into the text from there.
#[utoipa::path(post, path = "/check", tag = "jobs", params(Asked), request_body(content = String, content_type = "application/octet-stream"), responses((status = 200, description = "The verdict, also of what would be rejected", body = VerdictView)))]
async fn judge(
    State(web): State<Web>,
    asker: Asker,
    Query(asked): Query<Asked>,
    request: Request,
) -> Result<Json<VerdictView>, Problem> {
    asker.must_for(Right::Submit, &asked.unit)?;
    let unit = web.config.unit(&asked.unit).cloned();
    let unit = unit.ok_or_else(|| Problem::absent(format!("there is no unit {}", asked.unit.escape_debug())))?;
    let lang = lang_of(asked.lang.as_deref())?;
    // It is gone with the end of this function, whatever that is.
    let room = web.checks.room()?;
    let aside = submit::Request::aside(web.config.intake.file_bytes_max, room.path());
    let (content, lists) = files_of(&web, &aside, request).await?;
    for (name, list) in lists {
        if name == asked.name {
            return Err(Problem::unusable(format!("two files of the form are named {}", name.escape_debug())));
        }
        list.lay(name).await?;
    }
    let file = content.lay(asked.name.clone()).await?;
    let (config, now) = (web.config.clone(), web.now());
    let people = asker.caller.may(Right::People);
    let excluded_max = asked.excluded.unwrap_or(ROWS_MAX) as usize;
    let judged = web.checks.ask(move |reader| {
        let question = Question { config: &config, unit: &unit, source: Source::File(&file), lang, excluded_max, now };
        check(&question, Some(reader), &mut |_| {})
    });
    let mut view = judged.await?;
    view.verdict.file = asked.name;
    Ok(Json(if people { view } else { view.without_people() }))
}
