use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kentongan::engine::event::{Event, ModemEvent, ModemOrder};
use kentongan::model::{AttemptId, Fall, ModemName, RecoveryStep, SignedDuration, Ticket};
use kentongan::modem::port::SerialSettings;
use kentongan::modem::socket::Tty;
use kentongan::modem::{SessionSettings, keep};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::peer::answering;

/// Plugs a modem in: a pseudo-terminal behind the link, answered by a thread until the pipe in `plug` is closed.
fn plug_in(link: &Path, transcript: &'static str) -> (std::thread::JoinHandle<()>, OwnedFd) {
    let modem = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
    grantpt(&modem).expect("granted");
    unlockpt(&modem).expect("unlocked");
    let path = ptsname(&modem, Vec::new()).expect("a name").into_string().expect("ASCII");
    symlink(path, link).expect("a link");
    let (pulled, plug) = std::io::pipe().expect("a pipe");
    let thread = std::thread::spawn(move || answering(&File::from(modem), &pulled, transcript));
    (thread, plug.into())
}

/// What is logged, as it stands in the journal.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<u8>>>);

impl Write for Journal {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn until_told(events: &mut mpsc::Receiver<Event>, wanted: fn(&ModemEvent) -> bool) {
    let waiting = async {
        while let Some(Event::Modem(_, event)) = events.recv().await {
            if wanted(&event) {
                return;
            }
        }
        panic!("no such event");
    };
    timeout(Duration::from_secs(30), waiting).await.expect("in time");
}

#[tokio::test]
async fn a_modem_that_is_pulled_out_and_put_back_is_ready_again() {
    let journal = Journal::default();
    let writer = journal.clone();
    let logs = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _logs = tracing::subscriber::set_default(logs);
    let folder = tempfile::tempdir().expect("a folder");
    let link = folder.path().join("m1");
    let (events_in, mut events) = mpsc::channel(64);
    let (_orders, orders_out) = mpsc::channel(64);
    let stop = CancellationToken::new();
    let socket = Tty::new(link.clone(), SerialSettings::default());
    let settings = SessionSettings::new(ModemName::new("m1"), "m1");
    let kept = tokio::spawn(keep(socket, settings, events_in, orders_out, stop.clone()));

    let (thread, plug) = plug_in(&link, "quectel-ec25");
    until_told(&mut events, |event| matches!(event, ModemEvent::Ready { .. })).await;

    std::fs::remove_file(&link).expect("unlinked");
    drop(plug);
    thread.join().expect("the modem ended");
    until_told(&mut events, |event| matches!(event, ModemEvent::Lost { .. })).await;

    // Another modem is in the socket now.
    let (thread, plug) = plug_in(&link, "qualcomm-m6280");
    until_told(&mut events, |event| matches!(event, ModemEvent::Found { modem, .. } if modem.model == "M6280")).await;
    until_told(&mut events, |event| matches!(event, ModemEvent::Ready { .. })).await;

    stop.cancel();
    timeout(Duration::from_secs(5), kept).await.expect("it stops").expect("no panic");
    let said = String::from_utf8(journal.0.lock().expect("no panic").clone()).expect("UTF-8");
    let ends: Vec<bool> =
        said.lines().filter(|line| line.contains("session ended")).map(|line| line.contains("WARN")).collect();
    assert_eq!(ends, [true, false], "one was pulled out, which somebody should look at; one was stopped:\n{said}");
    drop(plug);
    thread.join().expect("the modem ended");
}

#[tokio::test]
async fn a_modem_that_never_answers_is_told_to_restart_when_the_engine_says_so() {
    let modem = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
    grantpt(&modem).expect("granted");
    unlockpt(&modem).expect("unlocked");
    let path = ptsname(&modem, Vec::new()).expect("a name").into_string().expect("ASCII");
    // Held open, so that the modem's end stays readable between a session and the restart.
    let held = File::open(&path).expect("the terminal");
    let (events_in, mut events) = mpsc::channel(64);
    let (orders, orders_out) = mpsc::channel(64);
    let stop = CancellationToken::new();
    let socket = Tty::new(path.into(), SerialSettings::default());
    let settings = SessionSettings::new(ModemName::new("m1"), "m1");
    let kept = tokio::spawn(keep(socket, settings, events_in, orders_out, stop.clone()));

    until_told(&mut events, |event| matches!(event, ModemEvent::Fell { fall: Fall::Silent, .. })).await;
    let go = ModemOrder::Go { ticket: Ticket(1), attempt: AttemptId(7) };
    orders.send(go).await.expect("the keeper listens");
    // What was on its way to the session that ended is not left without an answer.
    until_told(&mut events, |event| matches!(event, ModemEvent::Answered { attempt: AttemptId(7), .. })).await;
    orders.send(ModemOrder::Recover(RecoveryStep::SoftReset)).await.expect("the keeper listens");
    let heard = tokio::task::spawn_blocking(move || {
        let mut heard = Vec::new();
        while !heard.windows(13).any(|octets| octets == b"\x1BAT+CFUN=1,1\r") {
            let mut octets = [0; 256];
            let count = rustix::io::read(&modem, &mut octets[..]).expect("the port is open");
            heard.extend_from_slice(&octets[..count]);
        }
        modem
    });
    let modem = timeout(Duration::from_secs(20), heard).await.expect("in time").expect("no panic");
    // A stop while the modem restarts is obeyed at once.
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop.cancel();
    timeout(Duration::from_secs(5), kept).await.expect("it stops").expect("no panic");
    drop((modem, held));
}

/// The ports of one device, as the rules link them: some that may be asked, and perhaps one that is taken for the AT port.
struct Device {
    folder: tempfile::TempDir,
    plugs: Vec<(std::thread::JoinHandle<()>, OwnedFd)>,
    held: Vec<(OwnedFd, File)>,
}

impl Device {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("ask")).expect("a folder");
        Self { folder, plugs: Vec::new(), held: Vec::new() }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// A port behind which this modem answers.
    fn answers(&mut self, interface: u8, transcript: &'static str) {
        let link = self.path(&format!("ask/usb-0:1:1.{interface}"));
        self.plugs.push(plug_in(&link, transcript));
    }

    /// A port that nobody is behind; `held`: another program has it.
    fn port(&mut self, interface: u8, held: bool) -> std::path::PathBuf {
        let modem = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
        grantpt(&modem).expect("granted");
        unlockpt(&modem).expect("unlocked");
        let path = ptsname(&modem, Vec::new()).expect("a name").into_string().expect("ASCII");
        let tty = File::options().read(true).write(true).open(&path).expect("the terminal");
        if held {
            rustix::fs::flock(&tty, rustix::fs::FlockOperation::LockExclusive).expect("locked");
        }
        self.held.push((modem, tty));
        symlink(&path, self.path(&format!("ask/usb-0:1:1.{interface}"))).expect("a link");
        path.into()
    }

    fn unplug(&mut self) {
        for entry in std::fs::read_dir(self.path("ask")).expect("the folder").flatten() {
            std::fs::remove_file(entry.path()).expect("unlinked");
        }
        for (thread, plug) in self.plugs.drain(..) {
            drop(plug);
            thread.join().expect("the modem ended");
        }
        self.held.clear();
    }
}

struct Kept {
    events: mpsc::Receiver<Event>,
    orders: mpsc::Sender<ModemOrder>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Kept {
    fn at(path: std::path::PathBuf) -> Self {
        let (events_in, events) = mpsc::channel(64);
        let (orders, orders_out) = mpsc::channel(64);
        let stop = CancellationToken::new();
        let socket = Tty::new(path, SerialSettings::default());
        let settings = SessionSettings::new(ModemName::new("m1"), "m1");
        let task = tokio::spawn(keep(socket, settings, events_in, orders_out, stop.clone()));
        Self { events, orders, stop, task }
    }

    /// The first event that is wanted, and what it says.
    async fn told(&mut self, wanted: fn(&ModemEvent) -> Option<String>) -> String {
        let waiting = async {
            while let Some(Event::Modem(_, event)) = self.events.recv().await {
                if let Some(said) = wanted(&event) {
                    return said;
                }
            }
            panic!("no such event");
        };
        timeout(Duration::from_secs(60), waiting).await.expect("in time")
    }

    async fn ends(self) {
        self.stop.cancel();
        timeout(Duration::from_secs(5), self.task).await.expect("it stops").expect("no panic");
    }
}

fn noted(event: &ModemEvent) -> Option<String> {
    if let ModemEvent::Noted { text } = event { Some(text.clone()) } else { None }
}

fn ready(event: &ModemEvent) -> Option<String> {
    matches!(event, ModemEvent::Ready { .. }).then(String::new)
}

fn without_a_port(event: &ModemEvent) -> Option<String> {
    if let ModemEvent::Fell { fall: Fall::NoPort, reason } = event { Some(reason.clone()) } else { None }
}

#[tokio::test]
async fn a_device_whose_at_port_nobody_knows_is_found_by_asking_and_after_a_replug_too() {
    let mut device = Device::new();
    device.port(0, true);
    device.answers(2, "quectel-ec25");
    let mut kept = Kept::at(device.path("usb-0:1"));
    let said = kept.told(noted).await;
    assert!(said.contains("ask/usb-0:1:1.2 was found by asking"), "{said}");
    kept.told(ready).await;
    device.unplug();
    // Another firmware: the same modem, and its commands on another port.
    device.answers(0, "quectel-ec25");
    let said = kept.told(noted).await;
    assert!(said.contains("ask/usb-0:1:1.0"), "{said}");
    kept.told(ready).await;
    kept.ends().await;
    device.unplug();
}

#[tokio::test]
async fn a_link_to_the_wrong_port_heals_itself_and_says_what_to_write() {
    let mut device = Device::new();
    let wrong = device.port(1, false);
    device.answers(2, "quectel-ec25");
    symlink(wrong, device.path("usb-0:1:1.1")).expect("a link");
    let mut kept = Kept::at(device.path("usb-0:1:1.1"));
    let said = kept.told(noted).await;
    assert!(said.contains("usb-0:1:1.1 keeps silent and ") && said.contains("ask/usb-0:1:1.2"), "{said}");
    kept.told(ready).await;
    kept.ends().await;
    device.unplug();
}

#[tokio::test]
async fn a_device_of_which_no_port_answers_is_told_with_what_to_try_and_left_alone() {
    let mut device = Device::new();
    device.port(0, true);
    device.port(1, true);
    let mut kept = Kept::at(device.path("usb-0:1"));
    let said = kept.told(without_a_port).await;
    assert!(said.contains("in use") && said.contains("see kentongan doctor"), "{said}");
    kept.orders.send(ModemOrder::Recover(RecoveryStep::Rest(SignedDuration::from_hours(1)))).await.expect("heard");
    // Somebody pulls it out and puts it back: that is looking after it.
    device.unplug();
    tokio::time::sleep(Duration::from_secs(1)).await;
    device.answers(0, "quectel-ec25");
    kept.told(ready).await;
    kept.ends().await;
    device.unplug();
}
