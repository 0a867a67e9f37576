//! Where one modem is: the link that the rules made for its AT port, or the port that turned out to be it.

use std::path::{Path, PathBuf};

use super::finder::{askable, device_of};

/// A modem's place. Its path is a link to the AT port, a port that the configuration names, or, where the rules cannot say which port
/// it is, the place of the device in the folder of links, where nothing lies.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// The port that answered where the one at `path` does not, or is not.
    answered: Option<PathBuf>,
}

impl Place {
    pub fn new(path: PathBuf) -> Self {
        Self { path, answered: None }
    }

    /// The port to open; it may not be there.
    pub fn port(&self) -> &Path {
        self.answered.as_deref().filter(|port| port.exists()).unwrap_or(&self.path)
    }

    /// Whether something is plugged in here that can be opened or asked.
    pub fn is_there(&self) -> bool {
        self.port().exists() || self.must_ask()
    }

    /// Whether only asking tells which port it is: the device is there and has no link.
    pub fn must_ask(&self) -> bool {
        !self.port().exists() && self.is_device() && !self.others().is_empty() && !self.has_link()
    }

    /// The ports of the same device that may be asked, lowest interface first, without the one that was opened.
    pub fn others(&self) -> Vec<PathBuf> {
        let Some((folder, name)) = self.path.parent().zip(self.path.file_name().and_then(|name| name.to_str())) else {
            return Vec::new();
        };
        let mut ports = askable(folder).remove(device_of(name).unwrap_or(name)).unwrap_or_default();
        let own = self.port().canonicalize().ok();
        ports.retain(|port| own.is_none() || port.canonicalize().ok() != own);
        ports
    }

    /// This port answered.
    pub fn use_port(&mut self, port: PathBuf) {
        self.answered = Some(port);
    }

    fn is_device(&self) -> bool {
        self.path.file_name().and_then(|name| name.to_str()).is_some_and(|name| device_of(name).is_none())
    }

    /// Whether a port of this device has got a link meanwhile: then it has a session of its own.
    fn has_link(&self) -> bool {
        let Some((folder, name)) = self.path.parent().zip(self.path.file_name().and_then(|name| name.to_str())) else {
            return false;
        };
        let links = std::fs::read_dir(folder).into_iter().flatten().flatten();
        links.filter_map(|link| link.file_name().into_string().ok()).any(|link| device_of(&link) == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    /// A folder of links in which the ports of one device may be asked, and the device's place.
    fn plugged() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let gsm = folder.path().join("gsm");
        fs::create_dir_all(gsm.join("ask")).unwrap();
        for interface in 0..3 {
            let tty = folder.path().join(format!("ttyUSB{interface}"));
            fs::write(&tty, "").unwrap();
            symlink(&tty, gsm.join(format!("ask/usb-0:1:1.{interface}"))).unwrap();
        }
        (folder, gsm.join("usb-0:1"))
    }

    #[test]
    fn a_device_without_a_link_is_asked_until_one_answers_or_a_link_appears() {
        let (folder, path) = plugged();
        let mut place = Place::new(path.clone());
        assert!(place.is_there() && place.must_ask());
        assert_eq!(place.others().len(), 3);
        place.use_port(place.others().remove(2));
        assert!(place.is_there() && !place.must_ask());
        assert!(place.port().ends_with("ask/usb-0:1:1.2"));
        // Unplugged, and back.
        fs::remove_file(folder.path().join("ttyUSB2")).unwrap();
        assert!(place.must_ask(), "its ports are another's now");
        symlink(folder.path().join("ttyUSB1"), folder.path().join("gsm/usb-0:1:1.1")).unwrap();
        assert!(!place.must_ask() && !place.is_there(), "the link has its own session");
    }

    #[test]
    fn a_link_knows_the_other_ports_of_its_device() {
        let (folder, _) = plugged();
        let link = folder.path().join("gsm/usb-0:1:1.1");
        symlink(folder.path().join("ttyUSB1"), &link).unwrap();
        let mut place = Place::new(link.clone());
        assert!(!place.must_ask() && place.port() == link);
        let others: Vec<_> = place.others().iter().map(|port| port.file_name().unwrap().to_owned()).collect();
        assert_eq!(others, ["usb-0:1:1.0", "usb-0:1:1.2"]);
        place.use_port(place.others().remove(0));
        assert_eq!(place.others().len(), 2, "the port of the link may be asked again, the one in use not");
        // A port that is absent is waited for, and its device's other ports are not asked meanwhile.
        let absent = Place::new(folder.path().join("gsm/usb-0:1:1.9"));
        assert!(!absent.must_ask() && !absent.is_there());
    }

    #[test]
    fn a_port_that_the_configuration_names_has_no_others() {
        let (folder, _) = plugged();
        let place = Place::new(folder.path().join("ttyUSB1"));
        assert!(place.is_there() && place.others().is_empty());
    }
}
