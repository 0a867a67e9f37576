//! Who looks at a page: somebody who is signed in. Whoever is not is sent to the sign-in.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::page::{Here, Page};
use super::said::{self, Said};
use super::trouble::Trouble;
use super::words::Words;
use crate::engine::event::Action;
use crate::model::{Caller, Lang, Right, SecretDigest};
use crate::web::caller::cookie;
use crate::web::session::{form_key, is_form_key};
use crate::web::{Asker, COOKIE_NAME, Problem, Proof, Web, digest_of};

/// The cookie that keeps the language.
const LANGUAGE: &str = "kentongan_lang";

/// Somebody signed in.
pub(super) struct Viewer {
    pub asker: Asker,
    pub session: SecretDigest,
    pub lang: Lang,
    said: Option<Said>,
    path: String,
}

/// The language that a reader chose; Indonesian where they chose none.
pub(super) fn language(headers: &HeaderMap) -> Lang {
    cookie(headers, LANGUAGE).and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// A place on these pages to come back to; anything else leads to the overview.
pub(super) fn local(back: &str) -> &str {
    let plain = back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\r', '\n']);
    if plain && back.bytes().all(|octet| octet.is_ascii_graphic()) { back } else { "/" }
}

fn place(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned())
}

impl FromRequestParts<Web> for Viewer {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Trouble> {
        let path = place(&parts.uri);
        let back = if parts.method == Method::GET { local(&path) } else { "/" };
        let escaped: String = back.bytes().map(|octet| format!("%{octet:02X}")).collect();
        let Some(secret) = cookie(&parts.headers, COOKIE_NAME) else { return Err(Trouble::SignIn(escaped)) };
        let session = digest_of(&secret);
        let now = web.now();
        let found = web.questions.ask(move |reader| reader.signed_in(session, now)).await?;
        let caller = found.ok_or(Trouble::SignIn(escaped))?;
        let lang = language(&parts.headers);
        Ok(Self {
            asker: Asker { caller, proof: Proof::Session(session) },
            session,
            lang,
            said: cookie(&parts.headers, said::COOKIE).and_then(|value| said::read(&value, lang)),
            path,
        })
    }
}

impl Viewer {
    pub(super) fn caller(&self) -> &Caller {
        &self.asker.caller
    }

    pub(super) fn words(&self) -> &'static Words {
        Words::of(self.lang)
    }

    /// The same once more, for a page while what they brought stays at hand.
    pub(super) fn again(&self) -> Self {
        Self { asker: self.asker.clone(), session: self.session, lang: self.lang, said: None, path: self.path.clone() }
    }

    /// The account's name, without what the record puts before it.
    pub(super) fn name(&self) -> &str {
        let name = self.caller().name.as_str();
        name.strip_prefix("web:").unwrap_or(name)
    }

    /// Nothing, where this form came from this session. Errors: [`Trouble::Stale`].
    pub(super) fn check(&self, csrf: &str) -> Result<(), Trouble> {
        match is_form_key(self.session, csrf) {
            true => Ok(()),
            false => Err(Trouble::Stale),
        }
    }

    /// The frame of a page. Errors: 403 where the right is not theirs.
    pub(super) async fn page(self, web: &Web, here: Here, right: Right) -> Result<Page, Trouble> {
        self.asker.must(right)?;
        let units = self.asker.caller.units.clone();
        let badges = web.questions.ask(move |reader| reader.badges(&units)).await?;
        let (style, script, mark) = Page::assets();
        Ok(Page {
            w: Words::of(self.lang),
            lang: self.lang,
            here,
            name: self.name().to_owned(),
            caller: self.asker.caller,
            csrf: form_key(self.session),
            said: self.said,
            zone: web.config.time_zone().clone(),
            now: web.now(),
            office: web.config.office.name.clone(),
            path: self.path,
            badges,
            style,
            script,
            mark,
        })
    }

    /// Asks the engine, where they may, and leads back to a page that tells what became of it.
    pub(super) async fn act(&self, web: &Web, action: Action, reason: &str, back: &str) -> Result<Response, Trouble> {
        self.asker.must_may(web, &action).await?;
        let answer = web.acts.ask(self.caller(), action, reason.trim()).await;
        Ok(match answer {
            Ok(done) => lead(web, back, true, &done),
            Err(why) => lead(web, back, false, &why),
        })
    }
}

/// Leads to a page, and tells there what became of a wish; `english` as the engine said it.
pub(super) fn lead(web: &Web, back: &str, good: bool, english: &str) -> Response {
    let mut response = Redirect::to(local(back)).into_response();
    response.headers_mut().append(axum::http::header::SET_COOKIE, said::cookie(good, english, web.secure));
    response
}

/// A form that somebody sent from one of our pages.
pub(super) struct Posted {
    pub viewer: Viewer,
    fields: Vec<(String, String)>,
}

impl Posted {
    /// What stands in a field; nothing where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// As it was typed, blanks and all: for passwords.
    pub(super) fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// All that were chosen of a field that may be there several times.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest<Web> for Posted {
    type Rejection = Trouble;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let viewer = Viewer::from_request_parts(&mut parts, web).await?;
        let request = Request::from_parts(parts, body);
        let fields = fields(request, web).await?;
        let posted = Self { viewer, fields };
        posted.viewer.check(posted.raw("csrf"))?;
        Ok(posted)
    }
}

/// The fields of a form.
pub(super) async fn fields(request: Request, web: &Web) -> Result<Vec<(String, String)>, Problem> {
    match axum::Form::<Vec<(String, String)>>::from_request(request, web).await {
        Ok(axum::Form(fields)) => Ok(fields),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Problem::too_large(rejection.body_text()))
        }
        Err(rejection) => Err(Problem::unreadable(rejection.body_text())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_off_these_pages() {
        assert_eq!(local("/jobs?before=3"), "/jobs?before=3");
        for bad in ["", "//example.org", "https://example.org", "/\\example.org", "/a\nb", "/é", "javascript:x"] {
            assert_eq!(local(bad), "/", "{bad:?}");
        }
    }
}
