use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Why the ledger cannot be had for oneself.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another program works on it.
    #[error(
        "another kentongan works on {database} ({holder}; it holds {lock}); stop it first (systemctl stop kentongan), \
         or give this one a database and a queue directory of its own"
    )]
    Held {
        /// The ledger.
        database: PathBuf,
        /// The lock file.
        lock: PathBuf,
        /// Which process holds it, as far as its lock file says.
        holder: String,
    },
    /// Another daemon takes files from the same queue directory.
    #[error(
        "another kentongan serves the queue directory {queue} ({holder}; it holds {lock}), and both would send what is dropped there; stop \
         it first, or give this one a queue directory of its own (paths.queue)"
    )]
    Served {
        /// The queue directory.
        queue: PathBuf,
        /// The lock file.
        lock: PathBuf,
        /// Which process holds it, as far as its lock file says.
        holder: String,
    },
    /// The lock file cannot be made.
    #[error(
        "the lock file {lock} cannot be opened: {source}; the folder must exist and this user must be able to write \
         to it"
    )]
    File {
        /// The lock file.
        lock: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// The right to write the ledger, or to serve the queue directory, held as long as this lives. One program at a time has it.
///
/// A lock of the kernel's on `DB.lock` and `QUEUE/.kentongan.lock`: it goes away with the process, however that ends; the file stays.
#[derive(Debug)]
pub struct Lock {
    /// Kept open: closing it gives the lock back.
    _file: File,
}

impl Lock {
    /// Takes the right to write this ledger, or says who has it. The ledger's folder must exist.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        // Two names of one ledger must meet in one lock file.
        let database = true_name(database);
        let lock = lock_file(&database);
        match Self::take_file(&lock) {
            Ok(Ok(taken)) => Ok(taken),
            Ok(Err(holder)) => Err(LockError::Held { database, lock, holder }),
            Err(source) => Err(LockError::File { lock, source }),
        }
    }

    /// Takes the right to serve this queue directory, or says who has it. The directory must exist. `None`: it lies on a file system
    /// that knows no locks.
    pub fn take_queue(queue: &Path) -> Result<Option<Self>, LockError> {
        let lock = queue.join(".kentongan.lock");
        match Self::take_file(&lock) {
            Ok(Ok(taken)) => Ok(Some(taken)),
            Ok(Err(holder)) => Err(LockError::Served { queue: queue.to_owned(), lock, holder }),
            Err(source) if [ErrorKind::Unsupported, ErrorKind::InvalidInput].contains(&source.kind()) => Ok(None),
            Err(source) if source.raw_os_error() == Some(rustix::io::Errno::NOLCK.raw_os_error()) => Ok(None),
            Err(source) => Err(LockError::File { lock, source }),
        }
    }

    /// Takes the lock on this file, or gives who has it.
    fn take_file(lock: &Path) -> std::io::Result<Result<Self, String>> {
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(lock)?;
        match lock_alone(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                let _ = (&mut file).take(20).read_to_string(&mut pid);
                let pid = pid.trim();
                return Ok(Err(if pid.is_empty() { "process unknown".to_owned() } else { format!("process {pid}") }));
            }
            Err(TryLockError::Error(source)) => return Err(source),
        }
        // For the message above only; a full disk must not keep us from starting.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Ok(Self { _file: file }))
    }

    /// Whether another process works on this ledger: whether its lock is held. Takes nothing away from anyone.
    ///
    /// A lock file that this user may not open counts as held: it says nothing of a dead daemon.
    pub fn is_held(database: &Path) -> bool {
        match File::open(lock_file(&true_name(database))) {
            Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
        }
    }
}

/// Locks for oneself. Whoever only asks ([`Lock::is_held`]) holds a shared lock for a moment, and is no reason to fail.
fn lock_alone(file: &File) -> Result<(), TryLockError> {
    const PATIENCE: usize = 10_000;
    for _ in 0..PATIENCE {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {}
            result => return result,
        }
        // Beside somebody who works on the ledger there is no room for a shared lock either.
        file.try_lock_shared()?;
        file.unlock().map_err(TryLockError::Error)?;
        std::thread::yield_now();
    }
    Err(TryLockError::WouldBlock)
}

fn lock_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn true_name(database: &Path) -> PathBuf {
    if let Ok(name) = database.canonicalize() {
        return name;
    }
    match (database.parent().and_then(|folder| folder.canonicalize().ok()), database.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => database.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_also_by_another_name_and_again_when_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("k.db");
        std::fs::write(&database, "").unwrap();
        let alias = folder.path().join("alias.db");
        std::os::unix::fs::symlink(&database, &alias).unwrap();
        let first = Lock::take(&database).unwrap();
        for name in [&database, &alias] {
            let refused = Lock::take(name).unwrap_err().to_string();
            assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        }
        assert!(Lock::is_held(&alias));
        drop(first);
        assert!(!Lock::is_held(&alias));
        let asking = File::open(folder.path().join("k.db.lock")).unwrap();
        asking.try_lock_shared().unwrap();
        assert!(!Lock::is_held(&alias), "one who asks is no daemon");
        let taking = std::thread::spawn(move || Lock::take(&alias).is_ok());
        drop(asking);
        assert!(taking.join().unwrap(), "one who asks keeps nobody from starting");
    }

    #[test]
    fn a_queue_directory_is_served_by_one_daemon_whatever_their_databases_are() {
        let queue = tempfile::tempdir().unwrap();
        let first = Lock::take_queue(queue.path()).unwrap().expect("this file system knows locks");
        let refused = Lock::take_queue(queue.path()).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(first);
        assert!(Lock::take_queue(queue.path()).unwrap().is_some());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let refused = Lock::take(Path::new("/nonexistent/k.db")).unwrap_err().to_string();
        assert!(refused.contains("/nonexistent/k.db.lock") && refused.contains("must exist"), "{refused}");
    }
}
