//! The record of a period, whole or in counts.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Query;
use crate::model::{Right, Timestamp};
use crate::store::Reader;
use crate::web::pieces::{CSV, LINES, written};
use crate::web::record::{Period, RecordSummary, Table, write_record};
use crate::web::{Asker, Problem, Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(table)).routes(routes!(lines)).routes(routes!(summary))
}

/// Of which time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct When {
    /// From then on; left out: from the beginning.
    from: Option<Timestamp>,
    /// Before then; left out: to its end.
    until: Option<Timestamp>,
}

/// The record of a period, its oldest event first, as CSV.
#[utoipa::path(get, path = "/record.csv", operation_id = "record_table", tag = "record", params(When), responses((status = 200, description = "The events, times in the zone of the office", body = String, content_type = "text/csv")))]
async fn table(State(web): State<Web>, asker: Asker, Query(when): Query<When>) -> Result<Response, Problem> {
    record(&web, &asker, when, Table::Csv)
}

/// The record of a period, its oldest event first, as JSON with one event a line.
#[utoipa::path(get, path = "/record.ndjson", tag = "record", params(When), responses((status = 200, description = "The events, times in UTC; each line is a RecordView", body = String, content_type = "application/x-ndjson")))]
async fn lines(State(web): State<Web>, asker: Asker, Query(when): Query<When>) -> Result<Response, Problem> {
    record(&web, &asker, when, Table::Lines)
}

fn record(web: &Web, asker: &Asker, When { from, until }: When, table: Table) -> Result<Response, Problem> {
    // It has what every unit did, with whole numbers.
    asker.must(Right::Manage)?;
    let (database, zone) = (web.config.paths.database.clone(), web.config.office.time_zone.clone());
    let (kind, name) = match table {
        Table::Csv => (CSV, "kentongan-record.csv"),
        Table::Lines => (LINES, "kentongan-record.ndjson"),
    };
    Ok(written(kind, name.to_owned(), move |out| {
        write_record(&Reader::open(&database)?, Period { from, until }, table, &zone, out)
    }))
}

/// Of which time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Between {
    /// From then on.
    from: Timestamp,
    /// Before then.
    until: Timestamp,
}

/// What the caller's units sent in a period, in counts alone, and how many left and came back: fit to be published.
#[utoipa::path(get, path = "/record/summary", tag = "record", params(Between), responses((status = 200, description = "The counts", body = RecordSummary)))]
async fn summary(
    State(web): State<Web>,
    asker: Asker,
    Query(Between { from, until }): Query<Between>,
) -> Result<Json<RecordSummary>, Problem> {
    asker.must(Right::View)?;
    let mut summary = web.questions.ask(move |reader| RecordSummary::of(reader, from, until)).await?;
    summary.units.retain(|line| asker.caller.units.has(&line.unit));
    Ok(Json(summary))
}
