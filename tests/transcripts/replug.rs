use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use kentongan::engine::event::{Event, ModemEvent, ModemOrder};
use kentongan::model::{AttemptId, Fall, ModemName, RecoveryStep, Ticket};
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
    let socket = Tty { path: link.clone(), serial: SerialSettings::default() };
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
    let socket = Tty { path: path.into(), serial: SerialSettings::default() };
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
