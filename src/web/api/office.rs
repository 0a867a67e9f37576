//! What callers need of the settings to ask and to show answers. No secret, no number, no path is among it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::config::Config;
use crate::model::{Right, Units};
use crate::web::{Asker, Problem, Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(office))
}

/// The office, as far as a caller needs to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfficeView {
    /// Its name.
    pub name: String,
    /// The zone in which staff write and read times, `Asia/Jakarta`.
    pub time_zone: String,
    /// The calling code of the country whose national writing of numbers is understood, `62`.
    pub country_code: String,
    /// The units that the caller acts for.
    pub units: Vec<OfficeUnit>,
    /// The largest job file, in octets.
    pub file_bytes_max: u64,
}

/// A sending office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfficeUnit {
    /// Its name.
    pub name: String,
    /// The classes it may use.
    pub classes: Vec<String>,
}

impl OfficeView {
    /// Out of the settings, for whoever acts for these units.
    pub fn of(config: &Config, units: &Units) -> Self {
        let units = config.units.iter().filter(|unit| units.has(&unit.name)).map(|unit| OfficeUnit {
            name: unit.name.clone(),
            classes: unit.classes.iter().map(|class| class.name().to_owned()).collect(),
        });
        Self {
            name: config.office.name.clone(),
            // Settings name their zone; one without a name is none of theirs.
            time_zone: config.office.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            country_code: config.office.country.calling_code().to_string(),
            units: units.collect(),
            file_bytes_max: config.intake.file_bytes_max,
        }
    }
}

/// The office and the caller's units.
#[utoipa::path(get, path = "/office", tag = "status", responses((status = 200, description = "The office", body = OfficeView)))]
async fn office(State(web): State<Web>, asker: Asker) -> Result<Json<OfficeView>, Problem> {
    asker.must(Right::View)?;
    Ok(Json(OfficeView::of(&web.config, &asker.caller.units)))
}
