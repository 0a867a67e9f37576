//! The web page: for staff who never open a terminal. HTML made here, without a build step and without anything from outside.
//!
//! Every page works without a script: forms are posted, and lead to a page that tells what became of them. The one script adds what is
//! live. Nothing is inline, so that the strictest policy holds; what came from outside is escaped by the templates.
//!
//! `words/` has every word in both languages, `templates/` the pages, `assets/` what they need beside them. Each module here is a page: it
//! asks, and hands what it was told to its template. Left out on purpose: decisions, which are the engine's, and rights, which stand in
//! [`demand`](crate::web::demand()).

mod accounts;
mod approvals;
mod assets;
mod audit;
mod breakdown;
mod chart;
mod compose;
mod inbox;
mod job;
mod jobs;
mod live;
mod map;
mod modems;
mod moratoria;
mod optouts;
mod overview;
mod page;
mod preview;
mod said;
mod sign_in;
mod trouble;
mod upload;
mod viewer;
mod words;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, Request};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use self::trouble::Told;
use super::{Problem, Web, new_secret};
use crate::model::Timestamp;

/// The largest form without a file, in octets.
const FORM_MAX: usize = 64 * 1024;

/// What a page may do: nothing from elsewhere, nothing inline, in no frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Every page.
pub(super) fn router() -> Router<Web> {
    let upload = Router::new()
        .route("/compose", get(compose::show).post(compose::send))
        .route("/compose/preview", post(compose::preview))
        .layer(DefaultBodyLimit::max(upload::BODY_MAX));
    Router::new()
        .route("/", get(overview::show))
        .route("/live", get(live::stream_of))
        .route("/jobs", get(jobs::list))
        .route("/jobs/{id}", get(job::one))
        .route("/jobs/{id}/breakdown", get(breakdown::show))
        .route("/jobs/{id}/report.csv", get(job::report))
        .route("/jobs/{id}/pause", post(job::pause))
        .route("/jobs/{id}/resume", post(job::resume))
        .route("/jobs/{id}/cancel", post(job::cancel))
        .route("/jobs/{id}/approve", post(job::approve))
        .route("/jobs/{id}/refuse", post(job::refuse))
        .route("/approvals", get(approvals::list))
        .route("/inbox", get(inbox::list))
        .route("/inbox/{id}/read", post(inbox::read))
        .route("/inbox/{id}/reply", post(inbox::reply))
        .route("/optouts", get(optouts::list))
        .route("/optouts/add", post(optouts::add))
        .route("/optouts/remove", post(optouts::remove))
        .route("/moratoria", get(moratoria::list).post(moratoria::add))
        .route("/moratoria/{id}/end", post(moratoria::end))
        .route("/modems", get(modems::list))
        .route("/modems/{name}", get(modems::one))
        .route("/modems/{name}/test", post(modems::test))
        .route("/modems/{name}/resume", post(modems::resume))
        .route("/audit", get(audit::list))
        .route("/audit/verify", post(audit::verify))
        .route("/accounts", get(accounts::list).post(accounts::open))
        .route("/accounts/{name}/change", post(accounts::change))
        .route("/accounts/{name}/password", post(accounts::set_password))
        .route("/accounts/{name}/close", post(accounts::close))
        .route("/tokens", post(accounts::make_token))
        .route("/tokens/{name}/revoke", post(accounts::revoke_token))
        .route("/password", get(sign_in::password).post(sign_in::set_password))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/language/{word}", get(choose_language))
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .merge(upload)
        .fallback(trouble::nothing_there)
        .layer(from_fn(dress))
        .route("/assets/{name}", get(assets::serve))
}

/// Puts around every page what it must carry, tells in the reader's language what went wrong, and forgets what was told.
async fn dress(request: Request, next: Next) -> Response {
    let lang = viewer::language(request.headers());
    let told_before = request.method() == Method::GET
        && request.headers().get("x-live").is_none()
        && crate::web::caller::cookie(request.headers(), said::COOKIE).is_some();
    let mut response = next.run(request).await;
    if let Some(told) = response.extensions().get::<Told>() {
        response = trouble::show(told, lang);
    }
    let headers = response.headers_mut();
    if told_before && !headers.contains_key(header::SET_COOKIE) && !headers.contains_key(header::LOCATION) {
        headers.append(header::SET_COOKIE, said::forget());
    }
    let always = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Where to come back to.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Back {
    back: String,
}

/// Keeps the language, and comes back.
async fn choose_language(
    Path(word): Path<String>,
    Query(Back { back }): Query<Back>,
) -> Result<Response, trouble::Trouble> {
    let kept = match word.as_str() {
        "id" => "kentongan_lang=id; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict",
        "en" => "kentongan_lang=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict",
        _ => return Err(Problem::absent("there is no such language").into()),
    };
    let mut response = Redirect::to(viewer::local(&back)).into_response();
    response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static(kept));
    Ok(response)
}

/// The beginning of a query, with what was chosen and a `&` behind each.
fn query(chosen: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|octet| match octet.is_ascii_alphanumeric() {
                true => char::from(octet).to_string(),
                false => format!("%{octet:02X}"),
            })
            .collect()
    };
    let some = chosen.iter().filter(|(_, value)| !value.is_empty());
    some.map(|(name, value)| format!("{name}={}&", escape(value))).collect()
}

/// A time as a form brings it, `2026-11-27T08:00`, in the office's zone.
fn moment(typed: &str, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(typed.parse::<DateTime>().ok()?).ok()
}

/// What nobody can guess. Errors: the system has no random numbers.
fn random() -> Result<String, Problem> {
    new_secret().map_err(|_| Problem::unavailable())
}

#[cfg(test)]
mod tests;
