use std::path::PathBuf;

/// What went wrong with the ledger.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused; the disk may be full, the file read-only.
    #[error("the database {path}: {source}{}", remedy(.source))]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file is damaged.
    #[error(
        "the database {path} is damaged ({found}); restore a backup, and keep this file for the account of what was sent"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first finding of SQLite's check.
        found: String,
    },
    /// Written by a newer program.
    #[error(
        "the database {path} has schema {found}, this program knows up to {known}; install the newer kentongan again"
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// The ledger's key cannot be read or made.
    #[error("the key {path} cannot be read or made: {source}")]
    Key {
        /// Its file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Erased numbers are known under digests, for their opt-outs and for archives that still name them, and the key is gone.
    #[error(
        "the key {path} is missing, and without it {kept} erased numbers cannot be recognised; put its copy back (it was \
         made when the daemon first started), or, if there is none, ask those people again: kentongan person renew-key"
    )]
    KeyMissing {
        /// Its file.
        path: PathBuf,
        /// How many are known so.
        kept: u64,
    },
    /// Another ledger's key.
    #[error("the key {path} belongs to another database than {database}; put the right one back")]
    WrongKey {
        /// Its file.
        path: PathBuf,
        /// The ledger.
        database: PathBuf,
    },
    /// There is nothing to renew.
    #[error("the key {path} is there and fits; nothing is changed")]
    KeyFits {
        /// Its file.
        path: PathBuf,
    },
    /// Before the schema is changed the ledger is copied, and that failed.
    #[error(
        "the database {path} comes from an older kentongan (schema {found}) and would be changed for this one, but the copy to be made \
         first cannot be had: {source}; nothing is changed. Free about as much space in its folder as it takes itself (copies \
         from earlier upgrades, {path}.before-*, may be moved elsewhere) and start again"
    )]
    UpgradeCopy {
        /// The ledger.
        path: PathBuf,
        /// Its schema.
        found: usize,
        /// Why there is no copy.
        source: Box<StoreError>,
    },
    /// The backup's file could not be made.
    #[error("the backup {path} could not be made: {source}{}", unmade(.source))]
    BackupFile {
        /// Where to.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that was to be put back is no backup.
    #[error("{path} cannot be put back: {found}; name a file that kentongan backup or the daemon made")]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        found: String,
    },
    /// Some other database.
    #[error("{path} is a database, but no ledger of kentongan")]
    NoLedger {
        /// The file.
        path: PathBuf,
    },
    /// The record of a backup was changed by hand, or is cut off.
    #[error(
        "the record of {path} is not as it was written ({found}); take another backup, and see kentongan audit verify"
    )]
    RecordBroken {
        /// The file.
        path: PathBuf,
        /// The first thing that does not fit.
        found: String,
    },
    /// A restore was begun and not ended.
    #[error(
        "a backup was being put back here and that was cut off ({marker} says so); run the same kentongan restore again, it goes on \
         where it was"
    )]
    HalfRestored {
        /// The mark.
        marker: PathBuf,
    },
    /// A file of the ledger could not be moved or written.
    #[error("{path} could not be moved or written: {source}")]
    Moving {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An archive is no ledger to work on, nor a backup.
    #[error(
        "{path} is an archive: it has the details of old jobs and nothing else; read it with kentongan --archive {path} job N, and put \
         backups back only"
    )]
    IsArchive {
        /// The file.
        path: PathBuf,
    },
    /// No archive could be made.
    #[error("the archive {path} could not be made ({found}); nothing was taken out of the database")]
    Archive {
        /// Where to.
        path: PathBuf,
        /// Why.
        found: String,
    },
    /// What should be an archive cannot be used as one.
    #[error("{path} cannot be used as an archive: {found}")]
    NoArchive {
        /// The file.
        path: PathBuf,
        /// Why.
        found: String,
    },
    /// The backup could not be written.
    #[error("the backup {path} could not be written: {source}")]
    Backup {
        /// Where to.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

fn remedy(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "; free space on that disk and start again: nothing is lost",
        Some(ErrorCode::ReadOnly) => "; the file or its folder cannot be written to by this user",
        Some(ErrorCode::CannotOpen) => "; does its folder exist, and may this user write to it?",
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            "; restore a backup, and keep this file for the account of what was sent"
        }
        Some(ErrorCode::DatabaseBusy) => "; another program holds it",
        _ => "",
    }
}

fn unmade(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::AlreadyExists => "; choose another name, nothing was overwritten",
        _ => "",
    }
}
