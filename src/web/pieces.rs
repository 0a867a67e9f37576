//! Answers that are written while they are read, so that none of a million rows waits in memory.

use std::io::{self, Write};

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::sync::mpsc;
use tracing::warn;

use crate::spool::ReportError;

/// How much is handed on at a time, in octets.
const PIECE: usize = 64 * 1024;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Separated by commas.
    Csv,
    /// A JSON object a line.
    Lines,
}

impl Table {
    fn content_type(self) -> &'static str {
        match self {
            Table::Csv => "text/csv; charset=utf-8",
            Table::Lines => "application/x-ndjson",
        }
    }
}

/// An answer of what `write` writes, under this name where it is kept as a file. One that breaks off has no end, so that it is not
/// taken for a whole one.
pub fn written(
    table: Table,
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
    let about = [(header::CONTENT_TYPE, table.content_type().to_owned()), (header::CONTENT_DISPOSITION, disposition)];
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
