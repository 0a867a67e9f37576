use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use kentongan::engine::event::{Event, ModemEvent};
use kentongan::model::ModemName;
use kentongan::modem::finder::NamedPort;
use kentongan::modem::port::SerialSettings;
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
    let folder = tempfile::tempdir().expect("a folder");
    let link = folder.path().join("m1");
    let (events_in, mut events) = mpsc::channel(64);
    let (_orders, orders_out) = mpsc::channel(64);
    let stop = CancellationToken::new();
    let port = NamedPort { name: ModemName::new("m1"), path: link.clone() };
    let settings = SessionSettings::new(port.name.clone(), "m1");
    let kept = tokio::spawn(keep(port, SerialSettings::default(), settings, events_in, orders_out, stop.clone()));

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
    drop(plug);
    thread.join().expect("the modem ended");
}
