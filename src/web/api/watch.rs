//! Questions of whoever looks on, and of whoever looks after modems and after the ways by which others are told.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Path, Query};
use crate::check::{self, RouteView};
use crate::metrics::{Glance, Sight};
use crate::model::{Right, SignedDuration, Timestamp, earlier};
use crate::store::{CreditView, NoticeView, Reader, SampleView, StoreError, TestStepView, WebhookView};
use crate::web::questions::blocking;
use crate::web::{Asker, Problem, Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(glance))
        .routes(routes!(ways))
        .routes(routes!(history))
        .routes(routes!(self_test))
        .routes(routes!(webhooks))
        .routes(routes!(notice))
}

/// How everything stands at a glance: the office's queue, modems and alarms, and the jobs and inbound texts of the caller's units.
///
/// Inbound texts are there for whoever may see what citizens write. It is made to be asked for every second.
#[utoipa::path(get, path = "/glance", tag = "status", responses((status = 200, description = "How it stands", body = Glance)))]
async fn glance(State(web): State<Web>, asker: Asker) -> Result<Json<Glance>, Problem> {
    asker.must(Right::View)?;
    let sight = Sight { inbound: asker.caller.may(Right::People), units: asker.caller.units };
    Ok(Json(blocking(move || web.metrics.look(&web, &sight)).await?))
}

/// What each SIM carries, what is left of its day, and how much of what it sends arrives, by operator.
#[utoipa::path(get, path = "/routes", tag = "modems", responses((status = 200, description = "The ways, SIM by SIM", body = Vec<RouteView>)))]
async fn ways(State(web): State<Web>, asker: Asker) -> Result<Json<Vec<RouteView>>, Problem> {
    asker.must(Right::View)?;
    let (config, now) = (web.config.clone(), web.now());
    Ok(Json(web.questions.ask(move |reader| check::routes(&config, reader, now)).await?))
}

/// From when on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Since {
    /// From then on; left out: the last 30 days.
    since: Option<Timestamp>,
}

/// How a modem stood, and what was said of the credit of its SIMs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ModemHistory {
    /// How it stood, the oldest first; the first may be from before, and held then.
    pub samples: Vec<SampleView>,
    /// What was said, the oldest first.
    pub credits: Vec<CreditView>,
}

impl ModemHistory {
    /// Of this modem, since then; `None`: there is none of this name.
    pub fn of(reader: &Reader, modem: &str, since: Timestamp) -> Result<Option<Self>, StoreError> {
        if !reader.knows_modem(modem)? {
            return Ok(None);
        }
        Ok(Some(Self { samples: reader.samples(modem, since)?, credits: reader.credits(modem, since)? }))
    }
}

/// How a modem stood, and what was said of the credit of its SIMs.
#[utoipa::path(get, path = "/modems/{name}/history", operation_id = "modem_history", tag = "modems", params(("name" = String, Path, description = "The modem"), Since), responses((status = 200, description = "Since then", body = ModemHistory)))]
async fn history(
    State(web): State<Web>,
    asker: Asker,
    Path(name): Path<String>,
    Query(Since { since }): Query<Since>,
) -> Result<Json<ModemHistory>, Problem> {
    // Operators like to name the SIM's number in what they say.
    asker.must(Right::People)?;
    let since = since.unwrap_or_else(|| earlier(web.now(), SignedDuration::from_hours(30 * 24)));
    let found = web.questions.ask(move |reader| ModemHistory::of(reader, &name, since)).await?;
    found.map(Json).ok_or_else(|| Problem::absent("there is no such modem"))
}

/// The steps of a self-test.
#[utoipa::path(get, path = "/self-tests/{id}", tag = "modems", params(("id" = i64, Path, description = "Its number")), responses((status = 200, description = "In their order", body = Vec<TestStepView>)))]
async fn self_test(
    State(web): State<Web>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<Json<Vec<TestStepView>>, Problem> {
    asker.must_for_all(Right::Modems)?;
    match web.questions.ask(move |reader| reader.self_test(id)).await? {
        steps if steps.is_empty() => Err(Problem::absent(format!("there is no self-test {id}"))),
        steps => Ok(Json(steps)),
    }
}

/// How far the programs have come that are called of what happens.
#[utoipa::path(get, path = "/webhooks", tag = "status", responses((status = 200, description = "The webhooks by name", body = Vec<WebhookView>)))]
async fn webhooks(State(web): State<Web>, asker: Asker) -> Result<Json<Vec<WebhookView>>, Problem> {
    asker.must(Right::View)?;
    Ok(Json(web.questions.ask(|reader| reader.webhooks()).await?))
}

/// A notice to an administrator or a program, and what became of it.
#[utoipa::path(get, path = "/notices/{id}", tag = "status", params(("id" = i64, Path, description = "Its number")), responses((status = 200, description = "The notice", body = NoticeView)))]
async fn notice(State(web): State<Web>, asker: Asker, Path(id): Path<i64>) -> Result<Json<NoticeView>, Problem> {
    asker.must(Right::Manage)?;
    let found = web.questions.ask(move |reader| reader.notice(id)).await?;
    found.map(Json).ok_or_else(|| Problem::absent(format!("there is no notice {id}")))
}
