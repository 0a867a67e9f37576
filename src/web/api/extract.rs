//! What a request says, with a [`Problem`] where it cannot be read.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::model::Lang;
use crate::web::Problem;

/// The body as a JSON object.
pub struct Json<T>(pub T);

/// What stands behind `?`.
pub struct Query<T>(pub T);

/// What the path names.
pub struct Path<T>(pub T);

/// In which language to answer: Indonesian where nothing is said. Errors: 422.
pub fn lang_of(word: Option<&str>) -> Result<Lang, Problem> {
    let lang = word.map(str::parse::<Lang>).transpose();
    Ok(lang.map_err(|_| Problem::unusable("lang is `id` or `en`"))?.unwrap_or_default())
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        // An array would do for an object too, its values in the order of the fields: `[null, null]` would mean everything.
        let object: Result<axum::Json<Map<String, Value>>, JsonRejection> =
            axum::Json::from_request(request, state).await;
        let axum::Json(object) = object.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(rejection.body_text()),
            StatusCode::UNPROCESSABLE_ENTITY => Problem::unusable(rejection.body_text()),
            _ => Problem::unreadable(rejection.body_text()),
        })?;
        T::deserialize(Value::Object(object)).map(Self).map_err(|error| Problem::unusable(error.to_string()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Query::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection: QueryRejection| Problem::unreadable(rejection.body_text()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Path::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|rejection: PathRejection| Problem::unreadable(rejection.body_text()))
    }
}
