//! The way in and out.

use askama::Template;
use axum::extract::{Extension, Query, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::page::{Here, Page, other_language};
use super::trouble::{Trouble, rendered};
use super::viewer::{Posted, Viewer, fields, language, local};
use super::words::Words;
use crate::cli::phrases::words::sentence;
use crate::model::{Lang, Right};
use crate::web::session::{change_password, sign_in, sign_out};
use crate::web::{Peer, Problem, Web};

#[derive(Template)]
#[template(path = "sign_in.html", config = "src/web/pages/askama.toml")]
struct SignInPage {
    w: &'static Words,
    style: &'static str,
    mark: &'static str,
    office: String,
    /// Where they wanted to.
    back: String,
    name: String,
    wrong: Option<String>,
    /// This page in the other language.
    other: String,
}

/// Where somebody wanted to when they were sent here.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    back: String,
}

fn page(web: &Web, lang: Lang, back: &str, name: &str, wrong: Option<String>) -> Response {
    let (w, (style, _, mark), back) = (Words::of(lang), Page::assets(), local(back).to_owned());
    let other = other_language(w, &format!("/sign-in?back={}", back.replace('&', "%26")));
    let (office, name) = (web.config.office.name.clone(), name.to_owned());
    rendered(&SignInPage { w, style, mark, office, back, name, wrong, other })
}

/// The form.
pub(super) async fn show(State(web): State<Web>, headers: HeaderMap, Query(wanted): Query<Wanted>) -> Response {
    page(&web, language(&headers), &wanted.back, "", None)
}

/// Somebody signs in.
pub(super) async fn enter(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Trouble> {
    let (lang, fields) = (language(&headers), fields(request, &web).await?);
    let get = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str());
    let (name, back) = (get("name").trim(), get("back"));
    match sign_in(&web, peer, name, get("password").to_owned()).await {
        Ok(cookie) => Ok(with_cookie(Redirect::to(local(back)).into_response(), cookie)),
        Err(problem) => {
            let wrong = match problem.status {
                401 => Words::of(lang).sign_in_wrong.to_owned(),
                429 => sentence(lang, &problem.detail),
                _ => return Err(problem.into()),
            };
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNAUTHORIZED);
            Ok((status, page(&web, lang, back, name, Some(wrong))).into_response())
        }
    }
}

/// Somebody signs out.
pub(super) async fn leave(State(web): State<Web>, posted: Posted) -> Response {
    let cookie = sign_out(&web, &posted.viewer.asker).await;
    with_cookie(Redirect::to("/sign-in").into_response(), cookie)
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

#[derive(Template)]
#[template(path = "password.html", config = "src/web/pages/askama.toml")]
struct PasswordPage {
    page: Page,
    role: String,
    wrong: Option<String>,
}

/// The form for one's own password.
pub(super) async fn password(State(web): State<Web>, viewer: Viewer) -> Result<Response, Trouble> {
    password_page(&web, viewer, None).await
}

async fn password_page(web: &Web, viewer: Viewer, wrong: Option<String>) -> Result<Response, Trouble> {
    let page = viewer.page(web, Here::Password, Right::View).await?;
    let role = page.caller.rights.iter().map(|right| right.name()).collect::<Vec<_>>().join(", ");
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, rendered(&PasswordPage { page, role, wrong })).into_response())
}

/// Changes it, and signs them out everywhere.
pub(super) async fn set_password(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    posted: Posted,
) -> Result<Response, Trouble> {
    let (w, lang) = (posted.viewer.words(), posted.viewer.lang);
    let (present, wanted) = (posted.raw("old").to_owned(), posted.raw("new").to_owned());
    if wanted != posted.raw("again") {
        let wrong = Some(w.password_differs.to_owned());
        return password_page(&web, posted.viewer, wrong).await;
    }
    match change_password(&web, peer, &posted.viewer.asker, present, wanted).await {
        Ok(()) => {
            let cookie = sign_out(&web, &posted.viewer.asker).await;
            Ok(with_cookie(page(&web, lang, "/", posted.viewer.name(), Some(w.signed_out.to_owned())), cookie))
        }
        Err(Problem { status: 403 | 409 | 422 | 429, detail, .. }) => {
            let wrong = Some(sentence(lang, &detail));
            password_page(&web, posted.viewer, wrong).await
        }
        Err(problem) => Err(problem.into()),
    }
}
