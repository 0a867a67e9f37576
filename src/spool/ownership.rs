//! Whose a unit's folder is: its group, the right of that group to write, and nobody else's.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use rustix::fs::Access;
use rustix::io::Errno;

use super::folder::{ACCEPTED, REJECTED};

/// The Unix group whose members may drop files into a unit's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its number; `None`: this machine has no such group.
    pub gid: Option<u32>,
}

/// The owner and the group do everything, others nothing; what is made inside belongs to the group too (set-group-ID).
const MODE: u32 = 0o2770;

/// Gives a folder that was just made, and the two inside it, to the group.
///
/// Errors: the system's; a process may give its files only to groups it is in.
pub(super) fn give(folder: &Path, group: &Group) -> io::Result<()> {
    let Some(gid) = group.gid else { return Ok(()) };
    for folder in [folder.to_owned(), folder.join(ACCEPTED), folder.join(REJECTED)] {
        chown(&folder, None, Some(gid))?;
        // After the group: changing it may take the set-group-ID bit away. Where it did not, nothing is set: behind systemd's
        // RestrictSUIDSGID that bit can only be inherited, and what is made in the queue directory inherits it.
        if fs::metadata(&folder)?.mode() & 0o7777 != MODE {
            fs::set_permissions(&folder, Permissions::from_mode(MODE))?;
        }
    }
    Ok(())
}

/// What keeps the daemon from working in a folder or the two inside it, with what to do; `None`: nothing.
///
/// Files are moved out of it and into these, and reports are written there.
pub(super) fn barred(folder: &Path) -> Option<String> {
    let rights = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    let barred = |folder: &Path| {
        let error = rustix::fs::access(folder, rights).err().filter(|error| *error != Errno::NOENT)?;
        let (shown, error) = (folder.display(), io::Error::from(error));
        Some(format!(
            "the daemon may not work in {shown} ({error}): no file is taken from there and no report written; make its user the owner \
             (sudo chown -R kentongan {shown}) and let it write (sudo chmod u+rwx {shown})"
        ))
    };
    [folder.to_owned(), folder.join(ACCEPTED), folder.join(REJECTED)].iter().find_map(|folder| barred(folder))
}

/// What is wrong with whose a folder is, with what to do; `None`: nothing.
pub(super) fn fault(queue: &Path, folder: &Path, group: &Group) -> Option<String> {
    let name = &group.name;
    let Some(gid) = group.gid else {
        return Some(format!("there is no group {name}; make it (sudo groupadd {name}) and restart the daemon"));
    };
    let metadata = fs::metadata(folder).ok()?;
    let (mode, shown) = (metadata.mode() & 0o7777, folder.display());
    if metadata.gid() != gid {
        return Some(format!("{shown} is not of group {name}; give it to it: sudo chgrp -R {name} {shown}"));
    }
    if mode & 0o007 != 0 {
        return Some(format!("everybody may look into {shown} or write there; end that: sudo chmod 2770 {shown}"));
    }
    if mode & 0o2070 != 0o2070 {
        return Some(format!(
            "group {name} may not work in {shown}, or what is made there is not its own; sudo chmod 2770 {shown}"
        ));
    }
    let above = fs::metadata(queue).ok()?;
    if above.gid() != gid && above.mode() & 0o001 == 0 {
        let queue = queue.display();
        return Some(format!(
            "members of group {name} get no way through {queue}, if they are in no other group of its; sudo chmod o+x {queue}"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::folder::prepare;

    fn own() -> Group {
        Group { name: "damkar".to_owned(), gid: Some(rustix::process::getegid().as_raw()) }
    }

    #[test]
    fn a_folder_that_was_made_is_its_groups_and_what_is_wrong_with_one_is_said_with_the_remedy() {
        let queue = tempfile::tempdir().unwrap();
        let folder = queue.path().join("damkar");
        prepare(&folder).unwrap();
        let mode = |mode: u32| fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
        let told = |group: &Group| fault(queue.path(), &folder, group);
        mode(0o2755);
        assert!(told(&own()).unwrap().contains("everybody may look into"));
        mode(0o750);
        assert!(told(&own()).unwrap().contains("chmod 2770"));
        give(&folder, &own()).unwrap();
        assert_eq!(told(&own()), None);
        for inside in [&folder, &folder.join(ACCEPTED), &folder.join(REJECTED)] {
            assert_eq!(fs::metadata(inside).unwrap().mode() & 0o7777, MODE, "{}", inside.display());
        }
        let other = Group { gid: Some(own().gid.unwrap() + 1), ..own() };
        assert!(told(&other).unwrap().contains("sudo chgrp -R damkar"));
        assert_eq!(barred(&folder), None);
        let unknown = Group { gid: None, ..own() };
        assert!(told(&unknown).unwrap().contains("groupadd damkar"));
        give(&folder, &unknown).unwrap();
    }
}
