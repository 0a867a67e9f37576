//! `kentongan doctor`: which serial ports there are, grouped by USB device, and whether each can be opened.
//!
//! Probing with AT commands comes later; until then it does not say which port of a device is the right one.

use std::path::Path;

use serde::Serialize;
use serialport::{SerialPortInfo, SerialPortType};

use super::args::Listing;
use super::screen::{Table, print, print_json};
use super::{Context, Failure};
use crate::model::Lang;
use crate::modem::port::{Port, SerialSettings};

/// One serial port.
#[derive(Serialize)]
struct Found {
    /// `/dev/ttyUSB2`.
    port: String,
    /// The link that keeps its meaning when numbers change.
    stable: Option<String>,
    /// Where the USB device is plugged in; ports of one device share it.
    device: String,
    /// `12d1:1001`.
    usb_id: Option<String>,
    /// `02`.
    interface: Option<String>,
    /// What the device calls itself.
    product: Option<String>,
    /// Whether it could be opened.
    opens: bool,
    /// Why not.
    trouble: Option<String>,
}

pub(super) fn run(context: &Context, how: &Listing) -> Result<(), Failure> {
    // Listing panics without this folder, as in some containers.
    let ports = if Path::new("/sys/class/tty").is_dir() {
        serialport::available_ports().map_err(Failure::refused)?
    } else {
        Vec::new()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut found: Vec<Found> = ports.into_iter().filter_map(described).collect();
    found.sort_by(|left, right| (&left.device, &left.interface).cmp(&(&right.device, &right.interface)));
    for port in &mut found {
        let opened = runtime.block_on(async {
            let open = Port::open(Path::new(&port.port), SerialSettings::default()).await?;
            open.close().await;
            Ok::<_, crate::modem::port::PortError>(())
        });
        port.opens = opened.is_ok();
        port.trouble = opened.err().map(|error| error.to_string());
    }
    if how.json {
        return Ok(print_json(&found)?);
    }
    let english = context.lang == Lang::English;
    if found.is_empty() {
        return Ok(print(if english {
            "No USB serial port is there. Is a modem plugged in? `lsusb` shows what the machine sees; a modem that \
             shows up as a disk there needs the package usb-modeswitch.\n"
        } else {
            "Tidak ada port serial USB. Apakah modem terpasang? `lsusb` menampilkan yang terlihat; modem yang muncul \
             sebagai disk memerlukan paket usb-modeswitch.\n"
        })?);
    }
    let mut table = Table::new(["USB", "ID", "IF", "PORT", "STABLE", "OPENS", ""]);
    for port in &found {
        table.row([
            port.device.clone(),
            port.usb_id.clone().unwrap_or_default(),
            port.interface.clone().unwrap_or_default(),
            port.port.clone(),
            port.stable.clone().unwrap_or_default(),
            if port.opens { context.say.yes } else { context.say.no }.to_owned(),
            port.trouble.clone().or_else(|| port.product.clone()).unwrap_or_default(),
        ]);
    }
    print(&table.to_string())?;
    print(if english {
        "\nOne modem shows several ports. This version does not talk to them yet: try the vendor's AT port (README), \
         and put its STABLE name into a [[modem]] section.\n"
    } else {
        "\nSatu modem menampilkan beberapa port. Versi ini belum menguji port dengan perintah AT: coba port AT dari \
         pembuatnya (README), lalu tulis nama STABLE-nya dalam bagian [[modem]].\n"
    })?;
    Ok(())
}

fn described(port: SerialPortInfo) -> Option<Found> {
    let SerialPortType::UsbPort(usb) = port.port_type else { return None };
    let location = usb.location.as_ref().map(|location| format!("{location:?}"));
    let device = device_of(&port.port_name).or(location).unwrap_or_else(|| "?".to_owned());
    Some(Found {
        stable: stable_name(Path::new(&port.port_name)),
        device,
        usb_id: Some(format!("{:04x}:{:04x}", usb.vid, usb.pid)),
        interface: usb.interface.map(|number| format!("{number:02x}")),
        product: usb.product.or(usb.manufacturer),
        opens: false,
        trouble: None,
        port: port.port_name,
    })
}

/// The USB device a tty belongs to, as the kernel names it by its place: `1-1.4`.
fn device_of(port: &str) -> Option<String> {
    let tty = Path::new(port).file_name()?.to_str()?;
    let interface = std::fs::canonicalize(format!("/sys/class/tty/{tty}/device")).ok()?;
    // Above the tty: for USB serial the port, then the interface `1-1.4:1.2`, then the device.
    interface
        .ancestors()
        .filter_map(|folder| folder.file_name()?.to_str())
        .find_map(|name| name.split_once(':').filter(|(place, _)| place.contains('-')))
        .map(|(place, _)| place.to_owned())
}

/// The link that points to this port and does not change: ours first, then udev's by place.
fn stable_name(port: &Path) -> Option<String> {
    let port = port.canonicalize().ok()?;
    ["/dev/gsm", "/dev/serial/by-path"]
        .into_iter()
        .find_map(|folder| {
            let mut links: Vec<_> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
            links.sort();
            links.into_iter().find(|link| link.canonicalize().is_ok_and(|target| target == port))
        })
        .map(|link| link.display().to_string())
}
