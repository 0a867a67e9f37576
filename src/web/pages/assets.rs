//! What the pages need beside themselves, served from the program: one style, one script, one mark. Each has the digest of its content
//! in its name, so that a browser may keep it for ever and never keeps an old one.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::model::hex;

/// A file with its name.
pub(super) struct Asset {
    /// Where it is served.
    pub path: String,
    kind: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(stem: &str, ending: &str, kind: &'static str, content: &'static str) -> Self {
        let digest = Sha256::digest(content.as_bytes());
        let mark = hex(&digest[..8]);
        Self { path: format!("/assets/{stem}-{mark}.{ending}"), kind, content }
    }

    fn tag(&self) -> String {
        format!("\"{}\"", self.path.trim_start_matches("/assets/"))
    }
}

pub(super) static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("kentongan", "css", "text/css; charset=utf-8", include_str!("assets/kentongan.css")));
pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("kentongan", "js", "text/javascript; charset=utf-8", include_str!("assets/kentongan.js"))
});
pub(super) static MARK: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("kentongan", "svg", "image/svg+xml", include_str!("assets/kentongan.svg")));

pub(super) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let wanted = format!("/assets/{name}");
    let known = [&*STYLE, &*SCRIPT, &*MARK].into_iter().find(|asset| asset.path == wanted);
    let Some(asset) = known else { return StatusCode::NOT_FOUND.into_response() };
    let kept = [(header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()), (header::ETAG, asset.tag())];
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == asset.tag().as_bytes());
    match same {
        true => (StatusCode::NOT_MODIFIED, kept).into_response(),
        false => (kept, [(header::CONTENT_TYPE, asset.kind)], asset.content).into_response(),
    }
}
