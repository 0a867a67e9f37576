//! Questions: how things stand.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Query;
use crate::check::{self, ModemRate};
use crate::model::{InboxState, JobId, Right, Timestamp};
use crate::store::archive::ArchiveView;
use crate::store::{
    AccountView, AlarmView, DoubtView, EventView, InboxFilter, InboxView, MoratoriumView, OptOutPlace, OptOutView,
    StatusView, TokenView,
};
use crate::web::{Asker, Problem, Web};

/// Rows of a list when nobody says how many, and at most.
const ROWS: u32 = 100;
/// The same for whoever asks page by page.
pub const ROWS_MAX: u32 = 10_000;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(whoami))
        .routes(routes!(status))
        .routes(routes!(modems))
        .routes(routes!(alarms))
        .routes(routes!(inbox))
        .routes(routes!(optouts))
        .routes(routes!(moratoria))
        .routes(routes!(doubts))
        .routes(routes!(events))
        .routes(routes!(archives))
        .routes(routes!(accounts))
        .routes(routes!(tokens))
        .routes(routes!(kept))
}

/// How many rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Limit {
    /// At most so many rows.
    #[param(minimum = 1, maximum = 10000, default = 100)]
    pub limit: Option<u32>,
}

/// The number of rows that is meant. Errors: 422.
pub(super) fn rows(limit: Option<u32>) -> Result<usize, Problem> {
    match limit.unwrap_or(ROWS) {
        limit @ 1..=ROWS_MAX => Ok(limit as usize),
        _ => Err(Problem::unusable(format!("limit is 1 to {ROWS_MAX}"))),
    }
}

/// Who asks, as the daemon sees it.
#[derive(Debug, Serialize, ToSchema)]
struct Whoami {
    /// The name in the record.
    name: String,
    /// What they may do.
    rights: Vec<&'static str>,
    /// The units they act for; empty: all.
    units: Vec<String>,
    /// The version of the daemon.
    version: &'static str,
}

/// Who asks, and what they may do.
#[utoipa::path(get, path = "/whoami", tag = "status", responses((status = 200, description = "Who asks", body = Whoami)))]
async fn whoami(asker: Asker) -> Json<Whoami> {
    let caller = asker.caller;
    Json(Whoami {
        rights: caller.rights.iter().map(|right| right.name()).collect(),
        units: caller.units.to_string().split(',').filter(|unit| !unit.is_empty()).map(str::to_owned).collect(),
        name: caller.name,
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Everything at a glance.
#[utoipa::path(get, path = "/status", tag = "status", responses((status = 200, description = "The counts of the whole office", body = StatusView)))]
async fn status(State(web): State<Web>, asker: Asker) -> Result<Json<StatusView>, Problem> {
    asker.must(Right::View)?;
    Ok(Json(web.questions.ask(|reader| reader.status()).await?))
}

/// Every modem ever seen, its SIM, what it sent lately, and how much of that arrives.
#[utoipa::path(get, path = "/modems", tag = "modems", responses((status = 200, description = "The modems by name", body = Vec<ModemRate>)))]
async fn modems(State(web): State<Web>, asker: Asker) -> Result<Json<Vec<ModemRate>>, Problem> {
    asker.must(Right::View)?;
    let (config, now) = (web.config.clone(), web.now());
    Ok(Json(web.questions.ask(move |reader| check::modems(&config, reader, now)).await?))
}

/// Which alarms.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct WhichAlarms {
    /// Those that have passed, too.
    #[serde(default)]
    #[param(required = false)]
    past: bool,
    /// Only those with a smaller number: the next page.
    before: Option<i64>,
    /// At most so many rows.
    #[param(minimum = 1, maximum = 10000, default = 100)]
    limit: Option<u32>,
}

/// What somebody should look at, the newest first.
#[utoipa::path(get, path = "/alarms", tag = "status", params(WhichAlarms), responses((status = 200, description = "The alarms", body = Vec<AlarmView>)))]
async fn alarms(
    State(web): State<Web>,
    asker: Asker,
    Query(which): Query<WhichAlarms>,
) -> Result<Json<Vec<AlarmView>>, Problem> {
    asker.must(Right::View)?;
    let limit = rows(which.limit)?;
    Ok(Json(web.questions.ask(move |reader| reader.alarms_before(which.past, which.before, limit)).await?))
}

/// Which inbound texts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct WhichTexts {
    /// Only those for this unit.
    unit: Option<String>,
    /// Only those in this state: `new`, `read` or `answered`.
    state: Option<String>,
    /// What operators wrote instead of what citizens did.
    #[serde(default)]
    #[param(required = false)]
    operator: bool,
    /// Only those through this SIM, by its ICCID or the key it is known by.
    sim: Option<String>,
    /// Only those with a smaller number: the next page. What operators wrote comes SIM by SIM without it, and the newest first with it.
    before: Option<i64>,
    /// At most so many rows.
    #[param(minimum = 1, maximum = 10000, default = 100)]
    limit: Option<u32>,
}

/// What citizens wrote, the newest first: for the caller's units, and for none.
#[utoipa::path(get, path = "/inbox", tag = "inbox", params(WhichTexts), responses((status = 200, description = "The texts", body = Vec<InboxView>)))]
async fn inbox(
    State(web): State<Web>,
    asker: Asker,
    Query(which): Query<WhichTexts>,
) -> Result<Json<Vec<InboxView>>, Problem> {
    asker.must(Right::People)?;
    let state = which.state.map(|word| word.parse::<InboxState>()).transpose();
    let filter = InboxFilter {
        unit: which.unit,
        state: state.map_err(|word| Problem::unusable(format!("`{}` is no state", word.escape_debug())))?,
        operator: which.operator,
        sim: which.sim,
        before: which.before,
        units: asker.caller.units,
        limit: rows(which.limit)?,
        ..InboxFilter::default()
    };
    Ok(Json(web.questions.ask(move |reader| reader.inbox_where(&filter)).await?))
}

/// Which opt-outs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct WhichOptOuts {
    /// Only those that were entered then or before: the next page begins with the time of the last row of this one,
    from: Option<Timestamp>,
    /// without so many of that very time, which were on pages before; without `from` it says nothing.
    #[param(minimum = 0, maximum = 1000000000, default = 0)]
    shown: Option<u32>,
    /// At most so many rows.
    #[param(minimum = 1, maximum = 10000, default = 100)]
    limit: Option<u32>,
}

/// More than there are numbers of one time in any list.
const SHOWN_MAX: u32 = 1_000_000_000;

/// The place where a page of opt-outs begins. Errors: 422.
fn place(from: Option<Timestamp>, shown: Option<u32>) -> Result<Option<OptOutPlace>, Problem> {
    match (from, shown) {
        (_, Some(shown)) if shown > SHOWN_MAX => Err(Problem::unusable(format!("shown is 0 to {SHOWN_MAX}"))),
        (None, _) => Ok(None),
        (Some(since), shown) => Ok(Some(OptOutPlace { since, shown: shown.unwrap_or(0) as usize })),
    }
}

/// Who is not written to, the newest first.
#[utoipa::path(get, path = "/optouts", tag = "people", params(WhichOptOuts), responses((status = 200, description = "The opt-outs", body = Vec<OptOutView>)))]
async fn optouts(
    State(web): State<Web>,
    asker: Asker,
    Query(which): Query<WhichOptOuts>,
) -> Result<Json<Vec<OptOutView>>, Problem> {
    asker.must(Right::People)?;
    let limit = rows(which.limit)?;
    let from = place(which.from, which.shown)?;
    Ok(Json(web.questions.ask(move |reader| reader.opt_outs_page(None, from, limit)).await?))
}

/// Opt-outs of numbers that were erased.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Kept {
    /// How many are kept, without their numbers.
    pub kept: u64,
}

/// How many opt-outs are kept of people who were erased.
#[utoipa::path(get, path = "/optouts/kept", tag = "people", responses((status = 200, description = "How many", body = Kept)))]
async fn kept(State(web): State<Web>, asker: Asker) -> Result<Json<Kept>, Problem> {
    asker.must(Right::People)?;
    let (kept, _) = web.questions.ask(|reader| reader.kept_opt_outs()).await?;
    Ok(Json(Kept { kept }))
}

/// Stretches of time in which some classes or units may not send: as people entered them, and those of the settings.
#[utoipa::path(get, path = "/moratoria", tag = "hours", responses((status = 200, description = "The moratoria", body = Vec<MoratoriumView>)))]
async fn moratoria(State(web): State<Web>, asker: Asker) -> Result<Json<Vec<MoratoriumView>>, Problem> {
    asker.must(Right::View)?;
    let entered = web.questions.ask(|reader| reader.moratoria()).await?;
    Ok(Json(crate::web::moratoria(&web.config, entered)))
}

/// Messages of the caller's units of which nobody knows whether they left, the oldest first.
#[utoipa::path(get, path = "/doubts", tag = "jobs", responses((status = 200, description = "The doubts", body = Vec<DoubtView>)))]
async fn doubts(State(web): State<Web>, asker: Asker) -> Result<Json<Vec<DoubtView>>, Problem> {
    asker.must(Right::People)?;
    let units = asker.caller.units;
    Ok(Json(web.questions.ask(move |reader| reader.doubts_of(&units)).await?))
}

/// Which lines of the record.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct WhichEvents {
    /// Only those about this job.
    job: Option<i64>,
    /// At most so many rows.
    #[param(minimum = 1, maximum = 10000, default = 100)]
    limit: Option<u32>,
}

/// The record of events, the newest first.
#[utoipa::path(get, path = "/events", tag = "record", params(WhichEvents), responses((status = 200, description = "The events", body = Vec<EventView>)))]
async fn events(
    State(web): State<Web>,
    asker: Asker,
    Query(which): Query<WhichEvents>,
) -> Result<Json<Vec<EventView>>, Problem> {
    asker.must(Right::Manage)?;
    let limit = rows(which.limit)?;
    Ok(Json(web.questions.ask(move |reader| reader.events(which.job.map(JobId), limit)).await?))
}

/// Archives that took over the details of old jobs, or are to, oldest first.
#[utoipa::path(get, path = "/archives", tag = "record", responses((status = 200, description = "The archives", body = Vec<ArchiveView>)))]
async fn archives(State(web): State<Web>, asker: Asker) -> Result<Json<Vec<ArchiveView>>, Problem> {
    asker.must(Right::Manage)?;
    Ok(Json(web.questions.ask(|reader| reader.archives()).await?))
}

/// The accounts of the web page.
#[utoipa::path(get, path = "/accounts", tag = "access", responses((status = 200, description = "The accounts by name", body = Vec<AccountView>)))]
async fn accounts(State(web): State<Web>, asker: Asker) -> Result<Json<Vec<AccountView>>, Problem> {
    asker.must(Right::Manage)?;
    Ok(Json(web.questions.ask(|reader| reader.accounts()).await?))
}

/// The tokens.
#[utoipa::path(get, path = "/tokens", tag = "access", responses((status = 200, description = "The tokens by name", body = Vec<TokenView>)))]
async fn tokens(State(web): State<Web>, asker: Asker) -> Result<Json<Vec<TokenView>>, Problem> {
    asker.must(Right::Manage)?;
    Ok(Json(web.questions.ask(|reader| reader.tokens()).await?))
}
