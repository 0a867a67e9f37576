//! Who has a port open: by the lock files of older programs (UUCP's, as the FHS describes them) and by what the system shows of
//! processes.
//!
//! The kernel's own locks (TIOCEXCL, flock) keep others out but tell no names, and neither stops root. Left out on purpose: ending
//! whoever holds a port; that is for a person.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tracing::debug;

/// Where the lock files of serial ports lie.
pub const LOCK_FOLDER: &str = "/var/lock";

/// Somebody who has a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Its command; empty where the system does not tell.
    pub command: String,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.command.as_str() {
            "" => write!(f, "process {}", self.pid),
            "ModemManager" => {
                write!(f, "process {} (ModemManager); install the udev rules, which keep it off modems", self.pid)
            }
            "kentongan" => write!(f, "process {} (kentongan); see kentongan modems", self.pid),
            command => write!(f, "process {} ({command}); stop it first", self.pid),
        }
    }
}

impl Holder {
    fn of(pid: u32) -> Self {
        let comm = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let command = comm.trim().chars().filter(|character| !character.is_control()).take(64).collect();
        Self { pid, command }
    }
}

/// Another process that has this port open or has left a lock file for it in `locks`; `None` also where this user may not see it.
pub fn holder(port: &Path, locks: &Path) -> Option<Holder> {
    let device = port.canonicalize().ok()?;
    let locked =
        || lock_path(&device, locks).and_then(|path| owner(&path)).filter(|pid| is_other(*pid)).map(Holder::of);
    locked().or_else(|| open_in(&device).map(Holder::of))
}

/// A process that has `device` open, other than this one.
fn open_in(device: &Path) -> Option<u32> {
    let pids = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| *pid != std::process::id()).find(|pid| {
        // Of other users' processes only root may see this.
        let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
        let open: Vec<PathBuf> = files.flatten().filter_map(|file| fs::read_link(file.path()).ok()).collect();
        // Whoever is the modem behind a pseudo-terminal may keep this side of it open too.
        let is_modem = device.starts_with("/dev/pts") && open.iter().any(|file| file.ends_with("ptmx"));
        !is_modem && open.iter().any(|file| file == device)
    })
}

/// A lock file of ours, for as long as the port is open.
#[derive(Debug)]
pub(super) struct LockFile(PathBuf);

impl LockFile {
    /// Writes the lock file of an open port. `None`: the folder cannot be written to, and the kernel's lock must do.
    /// Errors: whose live lock file is there. One that a dead process left is replaced.
    pub(super) fn write(port: &Path, locks: &Path) -> Result<Option<Self>, Holder> {
        let Some(path) = port.canonicalize().ok().and_then(|device| lock_path(&device, locks)) else { return Ok(None) };
        // Whole before it has its name, so that nobody reads half a number.
        let made = || -> io::Result<tempfile::TempPath> {
            let mut file = tempfile::Builder::new().prefix("LTMP.").tempfile_in(locks)?;
            writeln!(file, "{:>10}", std::process::id())?;
            let readable = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644);
            file.as_file().set_permissions(readable)?;
            Ok(file.into_temp_path())
        };
        let file = match made() {
            Ok(file) => file,
            Err(error) => {
                debug!(folder = %locks.display(), %error, "no lock file is written for the port");
                return Ok(None);
            }
        };
        // A second go after the lock of a dead process was removed.
        for _ in 0..2 {
            match fs::hard_link(&file, &path) {
                Ok(()) => return Ok(Some(Self(path))),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    debug!(lock = %path.display(), %error, "no lock file is written for the port");
                    return Ok(None);
                }
            }
            // Our own number: left by a run before us that had it, as in a container; the kernel's lock is ours by now.
            if let Some(pid) = owner(&path).filter(|pid| is_other(*pid)) {
                return Err(Holder::of(pid));
            }
            if let Err(error) = fs::remove_file(&path) {
                debug!(lock = %path.display(), %error, "the lock file of a dead process cannot be removed");
                return Ok(None);
            }
        }
        Ok(None)
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Somebody may have taken it for stale and put their own in its place.
        if owner(&self.0) == Some(std::process::id())
            && let Err(error) = fs::remove_file(&self.0)
        {
            debug!(lock = %self.0.display(), %error, "removing the port's lock file");
        }
    }
}

/// `LCK..ttyUSB2`; below a folder of `/dev`, `LCK..pts_3`. `None` for what does not lie under `/dev`.
fn lock_path(device: &Path, locks: &Path) -> Option<PathBuf> {
    let name = device.strip_prefix("/dev").ok()?.to_str()?.replace('/', "_");
    Some(locks.join(format!("LCK..{name}")))
}

/// Whose lock file this is, as ten digits or, from very old programs, as four octets; `None` where it names nobody.
fn owner(path: &Path) -> Option<u32> {
    let octets = fs::read(path).ok()?;
    let digits = std::str::from_utf8(&octets).ok().and_then(|text| text.split_whitespace().next()?.parse().ok());
    digits.or_else(|| octets.as_slice().try_into().ok().map(u32::from_ne_bytes)).filter(|pid| *pid != 0)
}

/// Whether this process lives and is another than we.
fn is_other(pid: u32) -> bool {
    let raw = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    // Someone else's process may not be signalled, and lives.
    let lives = raw.is_some_and(|raw| rustix::process::test_kill_process(raw) != Err(rustix::io::Errno::SRCH));
    lives && pid != std::process::id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_files_are_named_after_the_tty_and_read_in_both_writings() {
        let locks = Path::new("/var/lock");
        let name = |device: &str| lock_path(Path::new(device), locks);
        assert_eq!(name("/dev/ttyUSB2"), Some("/var/lock/LCK..ttyUSB2".into()));
        assert_eq!(name("/dev/pts/3"), Some("/var/lock/LCK..pts_3".into()));
        assert_eq!(name("/tmp/tty"), None);
        let folder = tempfile::tempdir().unwrap();
        let check = |content: &[u8], expected: Option<u32>| {
            let file = folder.path().join("LCK..x");
            fs::write(&file, content).unwrap();
            assert_eq!(owner(&file), expected, "{content:?}");
        };
        check(b"       812\n", Some(812));
        check(b"812 minicom root\n", Some(812));
        check(&70_000u32.to_ne_bytes(), Some(70_000));
        check(b"", None);
        check(b"nobody", None);
        assert_eq!(owner(&folder.path().join("none")), None);
    }

    #[test]
    fn whoever_holds_a_port_is_named_with_what_to_do() {
        let holder = |command: &str| Holder { pid: 812, command: command.to_owned() }.to_string();
        assert_eq!(
            holder("ModemManager"),
            "process 812 (ModemManager); install the udev rules, which keep it off modems"
        );
        assert_eq!(holder("kentongan"), "process 812 (kentongan); see kentongan modems");
        assert_eq!(holder("minicom"), "process 812 (minicom); stop it first");
        assert_eq!(holder(""), "process 812");
        assert!(is_other(1) && !is_other(std::process::id()) && !is_other(0) && !is_other(u32::MAX));
    }
}
