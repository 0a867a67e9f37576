//! What is told of copies of the ledger: backups and archives.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;
use crate::store::archive::{ArchiveMade, ArchiveTended};

/// A backup that the daemon made by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupMade {
    /// Its file.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// How many old ones were given up for it.
    pub given_up: usize,
}

/// What came of work at an archive. Failures are one line, English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveEvent {
    /// The one that was asked for under this number was made, or not.
    Made {
        /// Its number.
        archive: i64,
        /// It is whole, durable and looked through; or why it is not there.
        made: Result<ArchiveMade, String>,
    },
    /// One was to forget what the ledger has forgotten.
    Tended {
        /// Its number.
        archive: i64,
        /// What was done; or why it was not reached.
        tended: Result<ArchiveTended, String>,
    },
}

/// An archive that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewArchive {
    /// The file, which must not be there yet; its whole path, as the daemon sees it.
    pub file: String,
    /// Jobs that ended before.
    pub before: Timestamp,
}
