//! `/api/v1`: what programs and the command line ask for. JSON, flat objects, times in UTC (RFC 3339), numbers in E.164.
//!
//! The OpenAPI document is made from these functions: [`openapi`] prints it, `/api/v1/openapi.json` serves it.

mod acts;
mod check;
mod extract;
mod form;
mod job;
mod jobs;
mod lists;
mod office;
mod people;
mod record;
mod roster;
mod watch;

pub(super) use self::jobs::{mine, report_of};

use axum::Router;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;

pub use acts::Wish;
pub use jobs::Texts;
pub use lists::{Kept, ROWS_MAX};
pub use office::{OfficeUnit, OfficeView};
pub use watch::ModemHistory;

use super::{Asker, Problem, Web};
use crate::engine::event::Action;

/// Where it begins.
const ROOT: &str = "/api/v1";

/// The largest body that is not a job file, in octets: an act of the roster brings some hundreds of steps.
const BODY_MAX: usize = 1024 * 1024;

/// Why something is asked for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Because {
    /// In the asker's words, for the record; may be empty where nothing says otherwise.
    #[serde(default)]
    pub reason: String,
}

/// It is done and durable.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Done {
    /// What was done, in a line for a person, English.
    pub done: String,
}

/// Asks the engine, where the caller may. Errors: as [`Asker::must_may`]; 409 where the engine refuses.
async fn carry_out(web: &Web, asker: &Asker, action: Action, reason: &str) -> Result<axum::Json<Done>, Problem> {
    asker.must_may(web, &action).await?;
    let done = web.acts.ask(&asker.caller, action, reason).await.map_err(Problem::refused)?;
    Ok(axum::Json(Done { done }))
}

fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .merge(lists::routes())
        .merge(office::routes())
        .merge(watch::routes())
        .merge(jobs::routes())
        .merge(job::routes())
        .merge(check::routes())
        .merge(people::routes())
        .merge(record::routes())
        .merge(roster::routes())
        .merge(acts::routes())
}

pub(super) fn router() -> Router<Web> {
    let (router, _) = OpenApiRouter::new().nest(ROOT, routes()).split_for_parts();
    router
        .route(&format!("{ROOT}/openapi.json"), get(async || axum::Json(openapi())))
        .method_not_allowed_fallback(async || Problem::not_so())
}

/// The OpenAPI document of the API.
pub fn openapi() -> OpenApi {
    let (_, paths) = OpenApiRouter::<Web>::new().nest(ROOT, routes()).split_for_parts();
    let info = InfoBuilder::new()
        .title("Kentongan")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "SMS through USB GSM modems, each message accounted for. Over the Unix socket the kernel says who asks; over TCP a token \
             does (Authorization: Bearer). Rights and units decide what is answered.",
        ))
        .build();
    let mut document = OpenApiBuilder::new()
        .info(info)
        .paths(paths.paths)
        .components(paths.components)
        .security(Some([SecurityRequirement::new("token", [] as [&str; 0])]))
        .build();
    let parts = document.components.get_or_insert_default();
    parts.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    parts.schemas.insert("Problem".to_owned(), Problem::schema());
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
            for (status, what) in PROBLEMS {
                let content = ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build();
                let response =
                    ResponseBuilder::new().description(what).content("application/problem+json", content).build();
                operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
            }
        }
    }
    document
}

/// What may go wrong anywhere.
const PROBLEMS: [(&str, &str); 11] = [
    ("400", "it cannot be read"),
    ("401", "who asks is not known"),
    ("403", "this caller may not"),
    ("404", "there is no such thing, or it is another unit's"),
    ("405", "this path is not used so"),
    ("409", "refused, for the stated reason"),
    ("413", "larger than what is taken"),
    ("415", "not the kind of content that is taken"),
    ("422", "understood, and not usable"),
    ("429", "too often"),
    ("503", "the daemon cannot answer now"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_says_what_it_is_and_what_may_go_wrong() {
        let document = serde_json::to_value(openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.len() > 20, "{}", paths.len());
        let mut names = std::collections::BTreeSet::new();
        for (path, methods) in paths {
            assert!(path.starts_with("/api/v1/"), "{path}");
            for (method, operation) in methods.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap();
                assert!(names.insert(name), "{method} {path}: another is called {name}, too");
                let summary = operation["summary"].as_str().unwrap_or_default();
                assert!(!summary.is_empty() && !summary.contains('\n'), "{method} {path}: {summary:?}");
                assert!(operation["responses"]["401"]["content"]["application/problem+json"].is_object(), "{path}");
            }
        }
    }
}
