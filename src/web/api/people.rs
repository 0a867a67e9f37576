//! What is held of people: of one number, for its owner; and of office-holders as a whole, which audiences were saved and how many
//! they mean.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Path, Query, lang_of};
use crate::check::{AudienceCount, count_meant};
use crate::model::{Msisdn, Right};
use crate::store::{AudienceView, PersonView, Reader};
use crate::web::{Asker, Problem, Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(person)).routes(routes!(audiences)).routes(routes!(count))
}

/// Everything that is held of one number, for its owner.
#[utoipa::path(get, path = "/people/{number}", tag = "people", params(("number" = String, Path, description = "The number, as people write it")), responses((status = 200, description = "What is held; nothing at all is an answer, too", body = PersonView)))]
async fn person(State(web): State<Web>, asker: Asker, Path(number): Path<String>) -> Result<Json<PersonView>, Problem> {
    // It has what every unit wrote.
    asker.must_for_all(Right::Consent)?;
    let number = Msisdn::parse(&number, web.config.office.country)
        .map_err(|error| Problem::unusable(format!("{}: {error}", number.escape_debug())))?;
    Ok(Json(web.questions.ask(move |reader| reader.person(number)).await?))
}

/// Expressions over role and area that were saved under names.
#[utoipa::path(get, path = "/audiences", tag = "people", responses((status = 200, description = "The audiences by name", body = Vec<AudienceView>)))]
async fn audiences(State(web): State<Web>, asker: Asker) -> Result<Json<Vec<AudienceView>>, Problem> {
    asker.must(Right::View)?;
    Ok(Json(web.questions.ask(|reader| reader.audiences()).await?))
}

/// Whom an expression means.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Whom {
    /// The expression, such as `peran=RW dan wilayah=utara`; a saved one as `@NAME`.
    expression: String,
    /// In which a refusal is written: `id` or `en`.
    lang: Option<String>,
}

/// How many people an expression over role and area means in the roster as it is, by kecamatan.
#[utoipa::path(get, path = "/audiences/count", tag = "people", params(Whom), responses((status = 200, description = "The counts by kecamatan", body = Vec<AudienceCount>)))]
async fn count(
    State(web): State<Web>,
    asker: Asker,
    Query(Whom { expression, lang }): Query<Whom>,
) -> Result<Json<Vec<AudienceCount>>, Problem> {
    asker.must(Right::View)?;
    let (config, lang) = (web.config.clone(), lang_of(lang.as_deref())?);
    let counted = move |reader: &Reader| count_meant(&config, reader, &expression, lang);
    Ok(Json(web.questions.ask_or_refuse(counted).await?))
}
