//! Answers that are written piece by piece, so that none waits in memory as a whole.

use std::io::{self, Write};

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;
use tracing::warn;

use crate::spool::ReportError;

/// How much is handed on at a time, in octets.
const PIECE: usize = 64 * 1024;

/// Rows separated by commas, as `Content-Type` names them.
pub const CSV: &str = "text/csv; charset=utf-8";
/// A JSON object a line.
pub const LINES: &str = "application/x-ndjson";
/// One JSON object.
pub const OBJECT: &str = "application/json";

/// An answer of what `write` writes: of this kind, and under this name where it is kept as a file. One that breaks off has no end, so that it is not
/// taken for a whole one.
pub fn written(
    kind: &'static str,
    name: String,
    write: impl FnOnce(&mut dyn Write) -> Result<(), ReportError> + Send + 'static,
) -> Response {
    let (pieces, coming) = mpsc::channel::<io::Result<Bytes>>(4);
    let disposition = format!("attachment; filename=\"{name}\"");
    tokio::task::spawn_blocking(move || {
        let mut out = io::BufWriter::with_capacity(PIECE, Pieces(pieces.clone()));
        if let Err(error) = write(&mut out).and_then(|()| Ok(out.flush()?)) {
            warn!(%error, name, "a table that was asked for broke off");
            let _ = pieces.blocking_send(Err(io::Error::other("the table broke off")));
        }
    });
    let stream = futures_util::stream::unfold(coming, async |mut coming| Some((coming.recv().await?, coming)));
    let about = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (about, Body::from_stream(stream)).into_response()
}

struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Ok(Bytes::copy_from_slice(octets))).map_err(gone)?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
