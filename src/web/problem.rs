//! What goes wrong, as RFC 9457 has it: `application/problem+json`.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::warn;
use utoipa::ToSchema;

use crate::check::{CheckError, CompareError, WhomError};
use crate::store::StoreError;

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The HTTP status once more.
    pub status: u16,
    /// What kind of problem, in a few words; always the same for a status.
    pub title: &'static str,
    /// What is the matter and what to do, one line, English.
    pub detail: String,
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status: status.as_u16(), title, detail: detail.into() }
    }

    /// 400: this cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "cannot be read", detail)
    }

    /// 401: nobody knows who asks.
    pub fn unknown_caller() -> Self {
        let detail =
            "show a token (Authorization: Bearer ...), sign in, or ask through the socket as a member of the group";
        Self::new(StatusCode::UNAUTHORIZED, "who asks is not known", detail)
    }

    /// 403: this caller may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not allowed", detail)
    }

    /// 404: there is no such thing, or it is none of this caller's.
    pub fn absent(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not there", detail)
    }

    /// 405: there is such a path, and it is not used so.
    pub fn not_so() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "not used so", "this path takes another method")
    }

    /// 409: the engine refuses, for a stated reason.
    pub fn refused(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "refused", detail)
    }

    /// 413: more than is taken.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too large", detail)
    }

    /// 422: it is understood and cannot be.
    pub fn unusable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "cannot be used", detail)
    }

    /// 429: too often.
    pub fn too_often(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too often", detail)
    }

    /// 503: not now.
    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not now", "the daemon cannot answer now; its log says why")
    }
}

/// Whoever asked can do nothing about it; the log has the particulars.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        warn!(%error, "a question to the database was not answered");
        Self::unavailable()
    }
}

impl From<WhomError> for Problem {
    fn from(error: WhomError) -> Self {
        match error {
            WhomError::Store(error) => error.into(),
            WhomError::NoRoster(why) => Self::refused(why),
            WhomError::Unusable(why) => Self::unusable(why),
        }
    }
}

impl From<CheckError> for Problem {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Store(error) => error.into(),
            // Where the file lies is nothing to whoever brought it.
            CheckError::Read { source, .. } => Self::unusable(source.to_string()),
        }
    }
}

impl From<CompareError> for Problem {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Store(error) => error.into(),
            error => Self::unusable(error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Its three fields are always JSON.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut answer = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        answer
    }
}
