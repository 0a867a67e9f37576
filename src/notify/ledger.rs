//! Questions to the ledger from a task that must not wait for the disk.

use std::path::{Path, PathBuf};

use crate::store::{Reader, StoreError};

/// A reader of its own, opened when it is first needed and again after a fault.
pub(super) struct Ledger {
    path: PathBuf,
    reader: Option<Reader>,
}

impl Ledger {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), reader: None }
    }

    /// Asks; `None`: the ledger could not be read, which the log says.
    pub async fn ask<T: Send + 'static>(
        &mut self,
        question: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Option<T> {
        let (path, reader) = (self.path.clone(), self.reader.take());
        let asked = tokio::task::spawn_blocking(move || {
            let reader = match reader {
                Some(reader) => reader,
                None => Reader::open(&path)?,
            };
            question(&reader).map(|answer| (answer, reader))
        });
        match asked.await {
            Ok(Ok((answer, reader))) => {
                self.reader = Some(reader);
                Some(answer)
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "what is to be told could not be read");
                None
            }
            Err(error) => {
                tracing::error!(%error, "reading what is to be told ended in a panic");
                None
            }
        }
    }
}
