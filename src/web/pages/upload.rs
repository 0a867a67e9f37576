//! A form with a file, as the compose page sends it. Held in memory, therefore not large: what is larger goes into the unit's folder.

use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;

use super::trouble::Trouble;
use super::viewer::Viewer;
use crate::web::{Problem, Web};

/// The largest list, in octets.
pub(super) const LIST_MAX: usize = 16 * 1024 * 1024;
/// And with the form around it.
pub(super) const BODY_MAX: usize = LIST_MAX + 256 * 1024;
/// Fields of a form; ours has a dozen.
const FIELDS_MAX: usize = 40;

/// What came in.
pub(super) struct Upload {
    pub viewer: Viewer,
    fields: Vec<(String, String)>,
    /// The name and content of the file, where one was chosen.
    pub file: Option<(String, axum::body::Bytes)>,
}

impl Upload {
    /// What stands in a field; nothing where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl FromRequest<Web> for Upload {
    type Rejection = Trouble;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let viewer = Viewer::from_request_parts(&mut parts, web).await?;
        let request = Request::from_parts(parts, body);
        let form = Multipart::from_request(request, web).await;
        let mut form = form.map_err(|rejection| Problem::unreadable(rejection.body_text()))?;
        let (mut fields, mut file) = (Vec::new(), None);
        while let Some(field) = form.next_field().await.map_err(unreadable)? {
            let name = field.name().unwrap_or_default().to_owned();
            match field.file_name().map(str::to_owned) {
                Some(file_name) => {
                    let content = field.bytes().await.map_err(unreadable)?;
                    // A browser sends an empty one where nothing was chosen.
                    if !file_name.is_empty() {
                        file = Some((file_name, content));
                    }
                }
                None => fields.push((name, field.text().await.map_err(unreadable)?)),
            }
            if fields.len() > FIELDS_MAX {
                return Err(Problem::unreadable("the form has too many fields").into());
            }
        }
        let upload = Self { viewer, fields, file };
        upload.viewer.check(upload.get("csrf"))?;
        Ok(upload)
    }
}

fn unreadable(error: MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(format!("more than {BODY_MAX} octets")),
        _ => Problem::unreadable(error.body_text()),
    }
}
