//! Questions to the ledger from the asynchronous side: a few read-only connections, each asked on a thread that may block.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tracing::error;

use super::problem::Problem;
use crate::store::{Reader, StoreError};

/// Connections open at one time. More would only wait for the disk.
const READERS: usize = 4;

/// Asks the ledger. Cheap to clone.
#[derive(Clone)]
pub struct Questions {
    database: PathBuf,
    places: Arc<Semaphore>,
    /// Connections that nobody uses now; held for no longer than it takes to take one or put it back.
    idle: Arc<Mutex<Vec<Reader>>>,
}

impl Questions {
    /// Of the ledger at this path.
    pub fn new(database: PathBuf) -> Self {
        Self::of_several(database, READERS)
    }

    /// The same with so many connections.
    pub fn of_several(database: PathBuf, readers: usize) -> Self {
        Self { database, places: Arc::new(Semaphore::new(readers)), idle: Arc::default() }
    }

    /// Puts a question; keep it short, since a reader that stays in one keeps the write-ahead log growing.
    ///
    /// Errors: a [`Problem`] for whoever asked; the log has the particulars.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.ask_or_refuse(question).await
    }

    /// The same where the question itself may be refused: the refusal is the [`Problem`].
    pub async fn ask_or_refuse<T: Send + 'static, E: From<StoreError> + Into<Problem> + Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem> {
        // The semaphore is never closed.
        let place = self.places.clone().acquire_owned().await.map_err(|_| Problem::unavailable())?;
        let (idle, database) = (self.idle.clone(), self.database.clone());
        blocking(move || {
            let _place = place;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let reader = match kept {
                Some(reader) => reader,
                None => Reader::open(&database)?,
            };
            let answer = question(&reader)?;
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
            Ok::<_, E>(answer)
        })
        .await
    }
}

/// Asks what waits for the disk, on a thread that may. Errors: as [`Questions::ask`].
pub(super) async fn blocking<T: Send + 'static, E: Into<Problem> + Send + 'static>(
    question: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(question).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(error) => {
            error!(%error, "a question to the database ended in a panic");
            Err(Problem::unavailable())
        }
    }
}
