//! Questions to the ledger from the asynchronous side: a few read-only connections, each asked on a thread that may block.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tracing::{error, warn};

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
        // The semaphore is never closed.
        let place = self.places.clone().acquire_owned().await.map_err(|_| Problem::unavailable())?;
        let (idle, database) = (self.idle.clone(), self.database.clone());
        let asked = tokio::task::spawn_blocking(move || {
            let _place = place;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let reader = match kept {
                Some(reader) => reader,
                None => Reader::open(&database)?,
            };
            let answer = question(&reader)?;
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
            Ok::<_, StoreError>(answer)
        });
        match asked.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                warn!(%error, "a question to the database was not answered");
                Err(Problem::unavailable())
            }
            Err(error) => {
                error!(%error, "a question to the database ended in a panic");
                Err(Problem::unavailable())
            }
        }
    }
}
