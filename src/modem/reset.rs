//! Restarting a modem between two sessions: in its family's words, or by way of its USB device.
//!
//! Both are done to their end once begun, since a device that was taken off must be put back; waiting for the modem to come
//! back is apart, and may be broken off. Left out on purpose: switching the power of a hub's port, which few hubs can.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};

use super::dialect::Dialect;
use super::socket::Socket;

/// For the modem to take the few octets of the command.
const WRITE: Duration = Duration::from_secs(3);
/// Between ESC, which leaves a prompt, and the command.
const AFTER_ESCAPE: Duration = Duration::from_millis(300);
/// How long a modem on USB may take until its port vanishes.
const VANISHES: Duration = Duration::from_secs(15);
/// How long it may stay away.
const RETURNS: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(200);
/// Between taking a USB device off and putting it back.
const OFF: Duration = Duration::from_secs(2);

/// Drivers of modems that are USB devices themselves. Behind the other drivers stands a bridge: taking it off would not
/// restart the modem behind it, and would tear away its neighbours.
const MODEM_DRIVERS: &[&str] = &["option1", "option", "qcserial", "sierra", "cdc_acm", "generic", "hso"];

/// Why a step could not be taken; the modem is tried again all the same.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// The port does not open.
    #[error("it could not be told to restart: {0}")]
    Port(#[from] super::port::PortError),
    /// The modem takes no octets.
    #[error("it could not be told to restart: it took no more octets")]
    Deaf,
    /// There is nothing to take off.
    #[error("its USB device was not taken off: {0}")]
    NoDevice(String),
    /// The host does not let us.
    #[error("its USB device was not taken off: {path}: {source}; the udev rules let the group dialout write there")]
    Refused {
        /// The file in sysfs.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Tells the modem to restart.
pub(super) async fn soft(socket: &impl Socket, dialect: &Dialect) -> Result<(), ResetError> {
    let mut port = socket.open().await?;
    let told = tell(&mut port, dialect.soft_reset).await;
    // Its driver may need a moment to get the octets out, and closing throws away what is unsent.
    sleep(Duration::from_secs(1)).await;
    socket.close(port).await;
    told
}

async fn tell<P: AsyncWrite + Unpin>(port: &mut P, command: &str) -> Result<(), ResetError> {
    let write = async |port: &mut P, octets: &[u8]| match timeout(WRITE, port.write_all(octets)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(ResetError::Deaf),
    };
    write(port, b"\x1B").await?;
    sleep(AFTER_ESCAPE).await;
    write(port, format!("{command}\r").as_bytes()).await
}

/// Waits until the port of a modem that restarts is back. One behind a UART never goes: then this ends when it should have.
pub(super) async fn wait_for_return(socket: &impl Socket) {
    if until(VANISHES, || !socket.is_there()).await {
        until(RETURNS, || socket.is_there()).await;
    }
}

async fn until(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let by = Instant::now() + limit;
    while !holds() {
        if Instant::now() >= by {
            return false;
        }
        sleep(LOOK).await;
    }
    true
}

/// Takes the modem's USB device off and puts it back.
pub(super) async fn rebind(path: &Path) -> Result<(), ResetError> {
    rebind_in(path, Path::new("/sys/class/tty")).await
}

async fn rebind_in(path: &Path, ttys: &Path) -> Result<(), ResetError> {
    let (port, ttys) = (path.to_owned(), ttys.to_owned());
    let found = tokio::task::spawn_blocking(move || usb_device(&port, &ttys)).await;
    let device = found.unwrap_or_else(|panic| Err(panic.to_string())).map_err(ResetError::NoDevice)?;
    let switch = device.join("authorized");
    write(&switch, "0").await?;
    sleep(OFF).await;
    write(&switch, "1").await
}

async fn write(file: &Path, value: &'static str) -> Result<(), ResetError> {
    let path = file.to_owned();
    // The kernel unbinds all drivers of the device before this comes back.
    let written = tokio::task::spawn_blocking(move || std::fs::write(&path, value)).await;
    let written = written.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    written.map_err(|source| ResetError::Refused { path: file.to_owned(), source })
}

/// The USB device of a modem's port, in sysfs. Errors: one line, English.
fn usb_device(port: &Path, ttys: &Path) -> Result<PathBuf, String> {
    let real = port.canonicalize().map_err(|error| format!("{}: {error}", port.display()))?;
    let name = real.file_name().ok_or_else(|| format!("{} names no port", real.display()))?;
    let tty = ttys.join(name).join("device");
    let device = tty.canonicalize().map_err(|_| format!("{} is no USB port", real.display()))?;
    let driver = device.join("driver").canonicalize().ok();
    let driver = driver.as_deref().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or("no driver");
    if !MODEM_DRIVERS.contains(&driver) {
        return Err(format!("{} belongs to {driver}, which is not the modem itself", real.display()));
    }
    let usb = device.ancestors().find(|folder| folder.join("authorized").exists() && folder.join("idVendor").exists());
    usb.map(Path::to_owned).ok_or_else(|| format!("{} is no USB port", real.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modem::port::SerialSettings;
    use crate::modem::socket::Tty;
    use std::fs;
    use std::os::unix::fs::symlink;

    /// A sysfs as Linux lays it out, with one port of this driver.
    fn host(driver: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let usb = root.join("devices/pci0000:00/usb1/1-1");
        let tty = usb.join("1-1:1.2/ttyUSB2");
        let bus = root.join("bus/usb-serial/drivers").join(driver);
        for made in [&tty, &bus, &root.join("class/ttyUSB2"), &root.join("dev")] {
            fs::create_dir_all(made).unwrap();
        }
        fs::write(usb.join("authorized"), "1").unwrap();
        fs::write(usb.join("idVendor"), "12d1").unwrap();
        symlink(bus, tty.join("driver")).unwrap();
        symlink(&tty, root.join("class/ttyUSB2/device")).unwrap();
        fs::write(root.join("dev/ttyUSB2"), "").unwrap();
        let link = root.join("dev/slot-1");
        symlink(root.join("dev/ttyUSB2"), &link).unwrap();
        let usb = usb.canonicalize().unwrap();
        (folder, link, usb)
    }

    #[test]
    fn the_usb_device_of_a_port_is_found_through_its_link() {
        let (folder, link, usb) = host("option1");
        assert_eq!(usb_device(&link, &folder.path().join("class")), Ok(usb));
    }

    #[test]
    fn a_bridge_with_neighbours_is_left_alone() {
        let (folder, link, _) = host("ftdi_sio");
        let refused = usb_device(&link, &folder.path().join("class")).unwrap_err();
        assert!(refused.contains("ftdi_sio, which is not the modem itself"), "{refused}");
        let absent = usb_device(&folder.path().join("dev/none"), &folder.path().join("class"));
        assert!(absent.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_usb_device_is_taken_off_and_put_back_or_it_is_said_what_is_missing() {
        let (folder, link, usb) = host("option1");
        let switch = usb.join("authorized");
        let off = async {
            sleep(OFF / 2).await;
            fs::read_to_string(&switch).unwrap()
        };
        let ttys = folder.path().join("class");
        let (done, between) = tokio::join!(rebind_in(&link, &ttys), off);
        assert!(done.is_ok());
        assert_eq!((between.as_str(), fs::read_to_string(&switch).unwrap().as_str()), ("0", "1"));
        // Nobody may write there, whoever runs this.
        fs::remove_file(&switch).unwrap();
        fs::create_dir(&switch).unwrap();
        let refused = rebind_in(&link, &ttys).await.unwrap_err().to_string();
        assert!(refused.contains("authorized") && refused.contains("udev rules"), "{refused}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_port_that_vanishes_is_waited_for_and_one_that_stays_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tty");
        fs::write(&path, "").unwrap();
        let socket = Tty::new(path.clone(), SerialSettings::default());
        let began = Instant::now();
        wait_for_return(&socket).await;
        assert!(began.elapsed() < VANISHES + LOOK * 2, "behind a UART nothing vanishes");
        fs::remove_file(&path).unwrap();
        let back = async {
            sleep(Duration::from_secs(20)).await;
            fs::write(&path, "").unwrap();
        };
        let began = Instant::now();
        tokio::join!(wait_for_return(&socket), back);
        assert!((20..22).contains(&began.elapsed().as_secs()));
    }
}
