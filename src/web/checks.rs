//! Jobs that are only looked at: a place for their files while they are, and connections of their own to the ledger, so that nobody
//! who asks for something short waits behind a large one.

use std::ffi::OsString;
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use super::submit::unwritten;
use super::{Problem, Questions};
use crate::store::{Reader, StoreError};

/// Jobs judged at one time. One keeps a core busy.
const JUDGED: usize = 2;
/// Jobs whose files lie there at one time: what they take of the disk has an end.
const ROOMS: usize = 8;

/// Where jobs are looked at. Cheap to clone.
#[derive(Clone)]
pub struct Checks {
    place: PathBuf,
    rooms: Arc<Semaphore>,
    ledger: Questions,
}

/// A folder for the files of one job; gone with the end of this.
pub struct Room {
    folder: TempDir,
    _place: OwnedSemaphorePermit,
}

impl Room {
    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Checks {
    /// Beside this ledger: its disk is watched, while what lies in /tmp may be memory.
    pub fn new(database: &Path) -> Self {
        let mut place = OsString::from(database);
        place.push(".checks");
        let ledger = Questions::of_several(database.to_owned(), JUDGED);
        Self { place: place.into(), rooms: Arc::new(Semaphore::new(ROOMS)), ledger }
    }

    /// Removes what a run that was cut off has left. The caller holds the lock of the ledger.
    pub fn clear(&self) {
        match std::fs::remove_dir_all(&self.place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                warn!(place = %self.place.display(), %error, "files that were looked at before the last stop stay there");
            }
            _ => {}
        }
    }

    /// A folder of its own. Errors: 429 where there are too many; 503.
    pub fn room(&self) -> Result<Room, Problem> {
        let busy = |_| Problem::too_often("too many files are being checked at this moment; try again in a minute");
        let place = self.rooms.clone().try_acquire_owned().map_err(busy)?;
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.place);
        let folder = made.and_then(|()| tempfile::tempdir_in(&self.place)).map_err(|error| unwritten(&error))?;
        Ok(Room { folder, _place: place })
    }

    /// Puts a question that takes long and may be refused. Errors: as [`Questions::ask_or_refuse`].
    pub async fn ask<T: Send + 'static, E: From<StoreError> + Into<Problem> + Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem> {
        self.ledger.ask_or_refuse(question).await
    }
}

#[cfg(test)]
mod tests;
