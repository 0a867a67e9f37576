//! Jobs: bring one, follow it, hold it, take it back.

use axum::Json as Answer;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Json, Path, Query};
use super::lists::rows;
use super::{Because, Done, carry_out, form};
use crate::engine::event::Action;
use crate::model::{Class, JobId, Msisdn, Right, Scope};
use crate::spool::{ReportError, write_report};
use crate::store::{JobFilter, JobRef, JobView, Reader, SubmissionView};
use crate::web::pieces::{CSV, written};
use crate::web::submit::{self, Brought, Written, at_hand};
use crate::web::{Asker, Problem, Web};

/// The header by which a request made again is known.
const KEY: &str = "idempotency-key";

pub(super) fn routes() -> OpenApiRouter<Web> {
    let bring = OpenApiRouter::new().routes(routes!(list, bring)).layer(DefaultBodyLimit::disable());
    OpenApiRouter::new()
        .merge(bring)
        .routes(routes!(send))
        .routes(routes!(one))
        .routes(routes!(report))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
        .routes(routes!(approve))
        .routes(routes!(refuse))
}

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct WhichJobs {
    /// Only those with a smaller number: the next page.
    before: Option<i64>,
    /// Answers, tests and questions of the daemon's own, too.
    #[serde(default)]
    #[param(required = false)]
    replies: bool,
    /// At most so many rows.
    #[param(minimum = 1, maximum = 10000, default = 100)]
    limit: Option<u32>,
}

/// The caller's jobs and their accounts, the newest first.
#[utoipa::path(get, path = "/jobs", operation_id = "jobs", tag = "jobs", params(WhichJobs), responses((status = 200, description = "The jobs", body = Vec<JobView>)))]
async fn list(
    State(web): State<Web>,
    asker: Asker,
    Query(which): Query<WhichJobs>,
) -> Result<Answer<Vec<JobView>>, Problem> {
    asker.must(Right::View)?;
    let filter = JobFilter {
        before: which.before,
        units: asker.caller.units,
        replies: which.replies,
        limit: rows(which.limit)?,
    };
    Ok(Answer(web.questions.ask(move |reader| reader.jobs_where(&filter)).await?))
}

/// Where a job belongs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Place {
    /// The unit.
    unit: String,
    /// The file's name; its ending says how the content is read: `.txt`, `.csv` or `.xlsx`.
    name: String,
}

/// Bring a job file.
///
/// The body is the file as it would be dropped into the unit's folder; or, where it is a text that names lists, a form
/// (`multipart/form-data`) of files: the text first, then each list under the name that the text says, 20 at most, and all together no
/// larger than two job files may be. With `Idempotency-Key` the same request made again brings nothing twice and has the same answer;
/// one with another unit, content or list under this key is refused.
#[utoipa::path(post, path = "/jobs", tag = "jobs",
    params(Place, ("Idempotency-Key" = Option<String>, Header, description = "The caller's own name for this request, 1 to 200 characters")),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 201, description = "Accepted: `job` has its number", body = SubmissionView),
              (status = 202, description = "Taken in; what becomes of it is not known yet: ask again with the same key", body = SubmissionView),
              (status = 409, description = "Rejected: `refusal` says why; or a Problem", body = SubmissionView)))]
async fn bring(
    State(web): State<Web>,
    asker: Asker,
    Query(place): Query<Place>,
    request: Request,
) -> Result<Response, Problem> {
    asker.must_for(Right::Submit, &place.unit)?;
    let brought = Brought { unit: place.unit, name: place.name, key: key(request.headers())? };
    let new = submit::Request::new(&web, &asker.caller, brought)?;
    let (content, lists) = files_of(&web, &new, request).await?;
    new.submit(&web, &asker.caller, content, lists).await.map(came_of)
}

/// What a request brings: a job file, and the lists that it names where it is a form.
pub(super) async fn files_of(
    web: &Web,
    new: &submit::Request,
    request: Request,
) -> Result<(Written, Vec<(String, Written)>), Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind.starts_with("multipart/form-data") {
        true => form::files(new, request, web.config.intake.file_bytes_max.saturating_mul(2)).await,
        false => {
            let broke_off = |error| Problem::unreadable(format!("the content broke off: {error}"));
            let content = request.into_body().into_data_stream().map(move |piece| piece.map_err(broke_off));
            Ok((new.write(content).await?, Vec::new()))
        }
    }
}

/// A text for a few numbers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Whose message it is.
    pub unit: String,
    /// To whom: numbers as people write them.
    pub to: Vec<String>,
    /// What.
    pub text: String,
    /// `emergency`, `important` or `routine`; left out: the least urgent that the unit may use.
    pub class: Option<String>,
    /// On purpose, although the same was sent before.
    #[serde(default)]
    pub again: bool,
}

/// Send a text to a few numbers.
#[utoipa::path(post, path = "/messages", tag = "jobs",
    params(("Idempotency-Key" = Option<String>, Header, description = "The caller's own name for this request, 1 to 200 characters")),
    request_body = Texts,
    responses((status = 201, description = "Accepted: `job` has its number", body = SubmissionView),
              (status = 202, description = "Taken in; what becomes of it is not known yet: ask again with the same key", body = SubmissionView),
              (status = 409, description = "Rejected: `refusal` says why; or a Problem", body = SubmissionView)))]
async fn send(
    State(web): State<Web>,
    asker: Asker,
    headers: HeaderMap,
    Json(texts): Json<Texts>,
) -> Result<Response, Problem> {
    asker.must_for(Right::Submit, &texts.unit)?;
    let content = as_file(&web, &texts)?;
    let brought = Brought { unit: texts.unit, name: "pesan.txt".to_owned(), key: key(&headers)? };
    let new = submit::Request::new(&web, &asker.caller, brought)?;
    let content = new.write(at_hand(content)).await?;
    new.submit(&web, &asker.caller, content, Vec::new()).await.map(came_of)
}

/// The job file that says the same.
fn as_file(web: &Web, texts: &Texts) -> Result<String, Problem> {
    let country = web.config.office.country;
    let number = |raw: &String| match Msisdn::parse(raw, country) {
        Ok(number) => Ok(format!("+{}", number.digits())),
        Err(error) => Err(Problem::unusable(format!("{}: {error}", raw.escape_debug()))),
    };
    let numbers = texts.to.iter().map(number).collect::<Result<Vec<_>, _>>()?;
    if numbers.is_empty() {
        return Err(Problem::unusable("`to` names nobody"));
    }
    if texts.text.trim().is_empty() {
        return Err(Problem::unusable("the text is empty"));
    }
    let class = match &texts.class {
        Some(word) => word
            .parse::<Class>()
            .map(|class| format!("Class: {class}\n"))
            .map_err(|_| Problem::unusable(format!("`{}` is no class", word.escape_debug())))?,
        None => String::new(),
    };
    let again = if texts.again { "Again: yes\n" } else { "" };
    Ok(format!("To: {}\n{class}{again}\n{}\n", numbers.join(", "), texts.text))
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let read = |value: &header::HeaderValue| value.to_str().map(str::to_owned);
    headers
        .get(KEY)
        .map(read)
        .transpose()
        .map_err(|_| Problem::unreadable("the Idempotency-Key is not printable ASCII"))
}

fn came_of(known: SubmissionView) -> Response {
    let status = match (known.job, &known.refusal) {
        (Some(_), _) => StatusCode::CREATED,
        (None, Some(_)) => StatusCode::CONFLICT,
        (None, None) => StatusCode::ACCEPTED,
    };
    (status, Answer(known)).into_response()
}

/// The job of this number, where it is one of the caller's. Errors: 404.
pub(in crate::web) async fn mine(web: &Web, asker: &Asker, id: i64) -> Result<JobView, Problem> {
    let found = web.questions.ask(move |reader| reader.job(&JobRef::Id(JobId(id)))).await?;
    found
        .filter(|job| asker.caller.units.has(&job.unit))
        .ok_or_else(|| Problem::absent(format!("there is no job {id}, or it is another unit's")))
}

/// One job and its account.
#[utoipa::path(get, path = "/jobs/{id}", tag = "jobs", params(("id" = i64, Path, description = "Its number")), responses((status = 200, description = "The job", body = JobView)))]
async fn one(State(web): State<Web>, asker: Asker, Path(id): Path<i64>) -> Result<Answer<JobView>, Problem> {
    asker.must(Right::View)?;
    mine(&web, &asker, id).await.map(Answer)
}

/// A job's report: everyone it names, and what became of them.
#[utoipa::path(get, path = "/jobs/{id}/report.csv", tag = "jobs", params(("id" = i64, Path, description = "Its number")), responses((status = 200, description = "The report, as it lies beside the accepted file", body = String, content_type = "text/csv"),
              (status = 409, description = "Its details lie in an archive; the detail names it", body = Problem)))]
async fn report(State(web): State<Web>, asker: Asker, Path(id): Path<i64>) -> Result<Response, Problem> {
    asker.must(Right::People)?;
    let job = mine(&web, &asker, id).await?;
    report_of(&web, &job)
}

/// A job's report as it is read, so that none of a million rows waits in memory. Errors: its details lie in an archive.
pub(in crate::web) fn report_of(web: &Web, job: &JobView) -> Result<Response, Problem> {
    if let Some(archived) = ReportError::archived(job) {
        return Err(Problem::refused(archived.to_string()));
    }
    let (database, zone, id) = (web.config.paths.database.clone(), web.config.office.time_zone.clone(), JobId(job.id));
    let name = format!("kentongan-{}.report.csv", job.id);
    Ok(written(CSV, name, move |out| write_report(&Reader::open(&database)?, id, &zone, out)))
}

/// Hold a job.
#[utoipa::path(post, path = "/jobs/{id}/pause", operation_id = "pause_job", tag = "jobs", params(("id" = i64, Path, description = "Its number")), request_body = Because, responses((status = 200, description = "Held", body = Done)))]
async fn pause(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Json(why): Json<Because>,
) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::Pause(Scope::Job(JobId(id))), &why.reason).await
}

/// Send a held job.
#[utoipa::path(post, path = "/jobs/{id}/resume", operation_id = "resume_job", tag = "jobs", params(("id" = i64, Path, description = "Its number")), request_body = Because, responses((status = 200, description = "It goes on", body = Done)))]
async fn resume(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Json(why): Json<Because>,
) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::Resume(Scope::Job(JobId(id))), &why.reason).await
}

/// Take back what of a job has not been handed over.
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "jobs", params(("id" = i64, Path, description = "Its number")), request_body = Because, responses((status = 200, description = "Taken back", body = Done)))]
async fn cancel(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Json(why): Json<Because>,
) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::Cancel(JobId(id)), &why.reason).await
}

/// Let a job go that waits for a second person; refused to the one who brought it.
#[utoipa::path(post, path = "/jobs/{id}/approve", tag = "jobs", params(("id" = i64, Path, description = "Its number")), request_body = Because, responses((status = 200, description = "It goes", body = Done)))]
async fn approve(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Json(why): Json<Because>,
) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::Approve(JobId(id)), &why.reason).await
}

/// Take back a job that waits for a second person.
#[utoipa::path(post, path = "/jobs/{id}/refuse", tag = "jobs", params(("id" = i64, Path, description = "Its number")), request_body = Because, responses((status = 200, description = "Taken back", body = Done)))]
async fn refuse(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
    Json(why): Json<Because>,
) -> Result<Answer<Done>, Problem> {
    carry_out(&web, &asker, Action::Refuse(JobId(id)), &why.reason).await
}
