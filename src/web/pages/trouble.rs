//! What went wrong, as a page.

use askama::Template;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::page::Page;
use super::upload::LIST_MAX;
use super::words::Words;
use crate::cli::phrases::{fill, words};
use crate::model::Lang;
use crate::web::Problem;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nobody is signed in; where they wanted to.
    SignIn(String),
    /// Something went wrong; shown in the reader's language by [`show`].
    Problem(Problem),
    /// The form does not belong to this session, or is from an earlier one.
    Stale,
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// What the layer around all pages turns into one, since it knows the language.
#[derive(Clone)]
pub(super) struct Told {
    status: StatusCode,
    /// Of a form that is no longer good.
    stale: bool,
    detail: String,
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let told = match self {
            Self::SignIn(back) => return Redirect::to(&format!("/sign-in?back={back}")).into_response(),
            Self::Stale => Told { status: StatusCode::FORBIDDEN, stale: true, detail: String::new() },
            Self::Problem(problem) => {
                let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                Told { status, stale: false, detail: problem.detail }
            }
        };
        let mut response = told.status.into_response();
        response.extensions_mut().insert(told);
        response
    }
}

#[derive(Template)]
#[template(path = "problem.html", config = "src/web/pages/askama.toml")]
struct ProblemPage {
    w: &'static Words,
    style: &'static str,
    mark: &'static str,
    title: String,
    detail: String,
}

/// The page that tells of it.
pub(super) fn show(told: &Told, lang: Lang) -> Response {
    let w = Words::of(lang);
    let (title, detail) = match told.status {
        _ if told.stale => (w.not_allowed, w.stale.to_owned()),
        StatusCode::FORBIDDEN => (w.not_allowed, fill(w.not_allowed_hint, &[&words::sentence(lang, &told.detail)])),
        StatusCode::NOT_FOUND => (w.not_there, w.not_there_hint.to_owned()),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::INTERNAL_SERVER_ERROR => (w.trouble, w.trouble_hint.to_owned()),
        StatusCode::PAYLOAD_TOO_LARGE => (w.trouble, fill(w.too_large, &[&(LIST_MAX / (1024 * 1024))])),
        StatusCode::BAD_REQUEST => (w.unreadable, told.detail.clone()),
        _ => (w.trouble, words::sentence(lang, &told.detail)),
    };
    let (style, _, mark) = Page::assets();
    let page = ProblemPage { w, style, mark, title: title.to_owned(), detail };
    (told.status, rendered(&page)).into_response()
}

/// What stands at a path where there is nothing: a page for whoever reads one, the problem for a program.
pub(super) async fn nothing_there(headers: HeaderMap, uri: Uri) -> Response {
    let problem = Problem::absent("there is nothing at this path");
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match accepts.contains("text/html") && !uri.path().starts_with("/api/") {
        true => Trouble::from(problem).into_response(),
        false => problem.into_response(),
    }
}

/// A page as an answer. A template fails only where memory does.
pub(super) fn rendered(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
