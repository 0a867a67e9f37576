//! One job, closer: by the beginning of its UUID, what is not done as its file says, who gets nothing; and what became of a request.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Path, Query};
use super::jobs::mine;
use super::lists::{Limit, rows};
use crate::model::{JobId, Right};
use crate::store::{JOB_REMARK, JobRef, JobView, RecipientView, SubmissionView};
use crate::web::{Asker, Problem, Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(by_uid))
        .routes(routes!(remarks))
        .routes(routes!(excluded))
        .routes(routes!(submission))
}

/// The job whose UUID begins so, where it is one only.
#[utoipa::path(get, path = "/jobs/by-uid/{uid}", tag = "jobs", params(("uid" = String, Path, description = "Its UUID or the beginning of it, at least 4 characters")), responses((status = 200, description = "The job", body = JobView)))]
async fn by_uid(State(web): State<Web>, asker: Asker, Path(uid): Path<String>) -> Result<Json<JobView>, Problem> {
    asker.must(Right::View)?;
    let wanted: JobRef = match uid.parse() {
        // Eight digits may be the beginning of a UUID, too.
        Ok(JobRef::Id(_)) => JobRef::Uid(uid.to_lowercase()),
        Ok(wanted) => wanted,
        Err(why) => return Err(Problem::unusable(why)),
    };
    let found = web.questions.ask(move |reader| reader.job(&wanted)).await?;
    found
        .filter(|job| asker.caller.units.has(&job.unit))
        .map(Json)
        .ok_or_else(|| Problem::absent("there is no such job, or several, or it is another unit's"))
}

/// What is not done as the job's file says, each in a line.
#[utoipa::path(get, path = "/jobs/{id}/remarks", tag = "jobs", params(("id" = i64, Path, description = "Its number")), responses((status = 200, description = "The remarks", body = Vec<String>)))]
async fn remarks(State(web): State<Web>, asker: Asker, Path(id): Path<i64>) -> Result<Json<Vec<String>>, Problem> {
    asker.must(Right::View)?;
    let job = JobId(mine(&web, &asker, id).await?.id);
    Ok(Json(web.questions.ask(move |reader| reader.remarks(job, JOB_REMARK)).await?))
}

/// The first of those whom a job names and who get nothing, and why; its report has all of them.
#[utoipa::path(get, path = "/jobs/{id}/excluded", tag = "jobs", params(("id" = i64, Path, description = "Its number"), Limit), responses((status = 200, description = "In the order of the file", body = Vec<RecipientView>)))]
async fn excluded(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Query(Limit { limit }): Query<Limit>,
) -> Result<Json<Vec<RecipientView>>, Problem> {
    asker.must(Right::People)?;
    let limit = rows(limit)?;
    let job = JobId(mine(&web, &asker, id).await?.id);
    Ok(Json(web.questions.ask(move |reader| reader.excluded_as_reported(job, limit)).await?))
}

/// What became of a job that was brought by a request.
#[utoipa::path(get, path = "/submissions/{id}", tag = "jobs", params(("id" = i64, Path, description = "Its number, as the request was answered")), responses((status = 200, description = "Accepted where it has a `job`, rejected where it has a `refusal`, else not known yet", body = SubmissionView)))]
async fn submission(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<Json<SubmissionView>, Problem> {
    asker.must(Right::Submit)?;
    let found = web.questions.ask(move |reader| reader.submission(id)).await?;
    found
        .filter(|known| asker.caller.units.has(&known.unit))
        .map(Json)
        .ok_or_else(|| Problem::absent(format!("there is no request {id}, or it is another unit's")))
}
