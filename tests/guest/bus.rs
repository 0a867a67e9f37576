//! The guest's USB sockets and what is plugged into them: simulated modems, each behind an emulated USB-to-serial bridge.
//!
//! The bridge is QEMU's `usb-serial`, an FT232 (0403:6001) to the guest's kernel; its far side is the pseudo-terminal of a simulated
//! modem. All bridges say the same serial number, as cheap ones do, so that only the socket tells them apart.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use kentongan::simulator::{Fleet, FleetSettings, NetworkSettings, Ports, QUECTEL, SIM800};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::qmp::Qmp;

/// How many modems there are.
pub const MODEMS: usize = 6;
/// From 0x1A to the answer.
pub const AIR: Duration = Duration::from_millis(1500);
/// From a segment's acceptance to its report: long enough for a modem that was pulled out to be back.
pub const REPORT: Duration = Duration::from_secs(12);
/// How long QEMU may take to let go of what was pulled out.
const LETTING_GO: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);
/// Where the hub is.
const HUB: &str = "6";

/// A socket, as the kernel numbers it below its root hub: `3`, or `6.1` behind the hub.
pub type Socket = &'static str;

/// Modems and sockets.
pub struct Bus {
    pub fleet: Fleet,
    /// What is where.
    plugged: BTreeMap<usize, Socket>,
    hub: bool,
    /// When which modem was out of the daemon's reach, oldest first.
    pub away: Vec<Away>,
}

/// A time in which a modem talked to nobody, from its plug to being ready again. Unix milliseconds.
pub struct Away {
    pub modem: String,
    pub from_ms: i64,
    /// None while it lasts.
    pub until_ms: Option<i64>,
}

fn now_ms() -> i64 {
    kentongan::daemon::Clock::System.now().as_millisecond()
}

impl Bus {
    /// The modems, switched on, none of them plugged in.
    pub fn new(folder: PathBuf) -> Self {
        let network = NetworkSettings {
            air_time: AIR,
            jitter: 0.2,
            report_after: REPORT,
            started_at: kentongan::daemon::Clock::System.now(),
            ..NetworkSettings::default()
        };
        let settings = FleetSettings {
            modems: MODEMS,
            profiles: vec![&SIM800, &QUECTEL],
            network,
            truth_file: Some(folder.join("truth.jsonl")),
            ports: Ports::Folder(folder.join("modems")),
            ..FleetSettings::default()
        };
        let fleet = Fleet::spawn(settings).expect("simulated modems");
        Self { fleet, plugged: BTreeMap::new(), hub: false, away: Vec::new() }
    }

    /// From now on this modem is out of reach.
    pub fn goes_away(&mut self, modem: usize) {
        self.away.push(Away { modem: self.fleet.name(modem).to_owned(), from_ms: now_ms(), until_ms: None });
    }

    /// All that were away are ready again.
    pub fn all_are_back(&mut self) {
        for away in self.away.iter_mut().filter(|away| away.until_ms.is_none()) {
            away.until_ms = Some(now_ms());
        }
    }

    pub fn socket(&self, modem: usize) -> Socket {
        self.plugged[&modem]
    }

    /// Plugs a modem in while the guest is off.
    pub fn place(&mut self, modem: usize, socket: Socket) {
        self.hub |= socket.starts_with(&format!("{HUB}."));
        self.plugged.insert(modem, socket);
    }

    /// The same as words for a QEMU that is started.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.hub {
            words.extend(["-device".to_owned(), format!("usb-hub,id=hub,bus=usb.0,port={HUB}")]);
        }
        for (modem, socket) in &self.plugged {
            let (name, path) = (self.fleet.name(*modem), self.tty(*modem));
            let bridge = format!("usb-serial,id=bridge-{name},bus=usb.0,port={socket},chardev={name},serial=0001");
            words.extend(["-chardev".to_owned(), format!("serial,id={name},path={path}")]);
            words.extend(["-device".to_owned(), bridge]);
        }
        words
    }

    fn tty(&self, modem: usize) -> String {
        self.fleet.path(modem).and_then(|path| path.to_str()).expect("a pseudo-terminal").to_owned()
    }

    /// Plugs the hub in.
    pub async fn plug_hub(&mut self, qmp: &mut Qmp) {
        let hub = json!({ "driver": "usb-hub", "id": "hub", "bus": "usb.0", "port": HUB });
        qmp.ask("device_add", hub).await.expect("the hub");
        self.hub = true;
    }

    /// Plugs a modem in.
    pub async fn plug(&mut self, qmp: &mut Qmp, modem: usize, socket: Socket) {
        let name = self.fleet.name(modem).to_owned();
        let tty = json!({ "type": "serial", "data": { "device": self.tty(modem) } });
        qmp.ask("chardev-add", json!({ "id": name, "backend": tty })).await.expect("the modem's line");
        let bridge = json!({
            "driver": "usb-serial", "id": format!("bridge-{name}"), "bus": "usb.0", "port": socket, "chardev": name,
            "serial": "0001",
        });
        qmp.ask("device_add", bridge).await.expect("the bridge");
        self.plugged.insert(modem, socket);
    }

    /// Pulls a bridge out. Its modem has power of its own: it goes on with what it does and talks to nobody.
    pub async fn pull(&mut self, qmp: &mut Qmp, modem: usize) {
        self.goes_away(modem);
        let name = self.fleet.name(modem).to_owned();
        // A bridge that went with its hub is gone already.
        let _ = qmp.ask("device_del", json!({ "id": format!("bridge-{name}") })).await;
        // Its line is free when the last of what was in the air has been dealt with.
        let began = Instant::now();
        while let Err(busy) = qmp.ask("chardev-remove", json!({ "id": name })).await {
            assert!(began.elapsed() < LETTING_GO, "{busy}");
            sleep(LOOK).await;
        }
        self.plugged.remove(&modem);
    }

    /// Pulls the hub out, and with it all that is plugged into it.
    pub async fn pull_hub(&mut self, qmp: &mut Qmp) -> Vec<(usize, Socket)> {
        let behind: Vec<_> =
            self.plugged.iter().filter(|(_, socket)| socket.contains('.')).map(|(m, s)| (*m, *s)).collect();
        qmp.ask("device_del", json!({ "id": "hub" })).await.expect("the hub was there");
        for (modem, _) in &behind {
            self.pull(qmp, *modem).await;
        }
        self.hub = false;
        behind
    }

    /// Pulls a modem out that lives on the bridge's power: its line is closed, which takes the bridge off the bus.
    pub async fn pull_with_power(&mut self, qmp: &mut Qmp, modem: usize) {
        self.fleet.unplug(modem).await.expect("unplugged");
        self.pull(qmp, modem).await;
    }

    /// Gives it power again.
    pub async fn power(&mut self, modem: usize) {
        self.fleet.replug(modem).await.expect("a pseudo-terminal");
    }
}
