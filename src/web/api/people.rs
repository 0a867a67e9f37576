//! What is held of people: of one number, for its owner; and of office-holders as a whole, what was imported and which audiences were
//! saved.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Path, Query};
use super::lists::{Limit, rows};
use crate::model::{Msisdn, Right};
use crate::store::{AudienceView, ImportView, PersonView};
use crate::web::demand::acts_for_all;
use crate::web::{Asker, Problem, Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(person)).routes(routes!(audiences)).routes(routes!(imports))
}

/// Everything that is held of one number, for its owner.
#[utoipa::path(get, path = "/people/{number}", tag = "people", params(("number" = String, Path, description = "The number, as people write it")), responses((status = 200, description = "What is held; nothing at all is an answer, too", body = PersonView)))]
async fn person(State(web): State<Web>, asker: Asker, Path(number): Path<String>) -> Result<Json<PersonView>, Problem> {
    asker.must(Right::Consent)?;
    // It has what every unit wrote.
    if !acts_for_all(&asker.caller) {
        let name = &asker.caller.name;
        return Err(Problem::forbidden(format!("this touches every unit, and {name} acts for some only")));
    }
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

/// Imports of the roster, the newest first.
#[utoipa::path(get, path = "/roster/imports", tag = "people", params(Limit), responses((status = 200, description = "The imports", body = Vec<ImportView>)))]
async fn imports(
    State(web): State<Web>,
    asker: Asker,
    Query(Limit { limit }): Query<Limit>,
) -> Result<Json<Vec<ImportView>>, Problem> {
    asker.must(Right::View)?;
    let limit = rows(limit)?;
    Ok(Json(web.questions.ask(move |reader| reader.roster_imports(limit)).await?))
}
