//! The simulated fleet as its users see it: ports, pulling and plugging, and the ground truth.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::time::Duration;

use kentongan::pdu::{Address, Submit, Text, hex};
use kentongan::simulator::{
    Fact, Faults, Fleet, FleetSettings, HUAWEI, InboundForm, Keep, NetworkSettings, Phone, Ports, QUECTEL, SIM800,
    read_truth,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

fn settings(air_time: Duration) -> FleetSettings {
    FleetSettings { network: NetworkSettings { air_time, ..NetworkSettings::default() }, ..FleetSettings::default() }
}

/// `AT+CMGS=` length and the digits of the PDU, segment by segment.
fn segments(number: &str, text: &str) -> Vec<(usize, String)> {
    let plan = Text::plan(text).unwrap();
    let destination = Address::international(number).unwrap();
    (1..=plan.segments() as u8)
        .map(|part| Submit::new(destination.clone(), plan.dcs(None), plan.user_data(part, 7)).encode())
        .map(|tpdu| (tpdu.len(), format!("00{}", hex::encode(&tpdu))))
        .collect()
}

/// A client as simple as can be: writes, and reads until what it waits for is there.
struct Client(DuplexStream);

impl Client {
    async fn say(&mut self, bytes: &str, until: &str) -> String {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
        self.hear(until).await
    }

    async fn hear(&mut self, until: &str) -> String {
        let mut heard = Vec::new();
        let mut buffer = [0; 256];
        while !String::from_utf8_lossy(&heard).contains(until) {
            let read = tokio::time::timeout(Duration::from_secs(600), self.0.read(&mut buffer)).await;
            let read = read.unwrap_or_else(|_| panic!("waited for {until:?}, heard {heard:?}")).unwrap();
            assert_ne!(read, 0, "the port is gone; waited for {until:?}");
            heard.extend_from_slice(&buffer[..read]);
        }
        String::from_utf8_lossy(&heard).into_owned()
    }

    async fn send(&mut self, number: &str, text: &str) {
        for (length, digits) in segments(number, text) {
            self.say(&format!("AT+CMGS={length}\r"), "> ").await;
            let answer = self.say(&format!("{digits}\x1a"), "\r\n").await;
            assert!(answer.starts_with("\r\n"), "{answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_of_sending_pass_on_the_paused_clock_and_the_truth_has_every_segment() {
    let folder = tempfile::tempdir().unwrap();
    let truth_file = folder.path().join("truth.jsonl");
    let mut wanted = settings(Duration::from_secs(3));
    wanted.profiles = vec![&QUECTEL, &HUAWEI, &SIM800];
    wanted.truth_file = Some(truth_file.clone());
    let fleet = Fleet::spawn(wanted).unwrap();
    let started = tokio::time::Instant::now();
    for modem in 0..fleet.modems() {
        let mut client = Client(fleet.open(modem).await.unwrap());
        client.say("ATE0\r", "OK\r\n").await;
        for number in 0..50 {
            let text = if number % 10 == 0 { "Awas ".repeat(40) } else { format!("Banjir {number}") };
            for (length, digits) in segments(&format!("62812000{modem}{number:04}"), &text) {
                client.say(&format!("AT+CMGS={length}\r"), "> ").await;
                client.say(&format!("{digits}\x1a"), "OK\r\n").await;
            }
        }
    }
    assert!(started.elapsed() >= Duration::from_secs(4 * 55 * 3));
    let sent: Vec<_> = read_truth(&truth_file)
        .unwrap()
        .into_iter()
        .filter_map(|record| match record.fact {
            Fact::Submitted { to, total, seq, tp_mr, .. } => Some((record.modem, to, total, seq, tp_mr)),
            _ => None,
        })
        .collect();
    assert_eq!(sent.len(), 4 * 55);
    assert_eq!(sent[1], ("modem-1".to_owned(), "+628120000000".to_owned() + "0", 2, 2, 1));
    fleet.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_truth_says_how_long_the_line_stood_idle_before_a_hand_over() {
    let fleet = Fleet::spawn(settings(Duration::from_secs(3))).unwrap();
    let mut client = Client(fleet.open(0).await.unwrap());
    client.say("ATE0\r", "OK\r\n").await;
    let (length, digits) = segments("6281234567890", "Banjir").remove(0);
    client.say(&format!("AT+CMGS={length}\r"), "> ").await;
    client.say(&format!("{digits}\x1a"), "OK\r\n").await;
    tokio::time::advance(Duration::from_millis(7)).await;
    // In two pieces, as a serial line may bring it.
    client.0.write_all(b"AT+CM").await.unwrap();
    client.say(&format!("GS={length}\r"), "> ").await;
    let begun = fleet.truth().records().into_iter().filter_map(|record| match record.fact {
        Fact::Begun { idle_us } => Some(idle_us),
        _ => None,
    });
    assert_eq!(begun.collect::<Vec<_>>(), [None, Some(7_000)]);
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_is_pulled_ends_its_stream_and_comes_back_with_what_waited_for_it() {
    let fleet = Fleet::spawn(settings(Duration::ZERO)).unwrap();
    let mut client = Client(fleet.open(0).await.unwrap());
    client.say("AT\r", "OK\r\n").await;
    fleet.unplug(0).await.unwrap();
    let mut rest = Vec::new();
    client.0.read_to_end(&mut rest).await.unwrap();
    assert_eq!(fleet.open(0).await.unwrap_err().kind(), ErrorKind::NotFound);
    fleet.inbound(0, "+628111222333", "STOP", InboundForm::default()).await.unwrap();
    fleet.replug(0).await.unwrap();
    let mut client = Client(fleet.open(0).await.unwrap());
    client.hear("+CMTI: \"ME\",0").await;
    // The others never noticed.
    assert!(Client(fleet.open(1).await.unwrap()).say("AT\r", "OK\r\n").await.contains("OK"));
}

#[tokio::test(start_paused = true)]
async fn a_fault_pulls_the_modem_and_plugs_it_in_again() {
    let mut wanted = settings(Duration::from_secs(1));
    wanted.faults = Faults { unplug: 1.0, unplug_for: Duration::from_secs(10), ..Faults::default() };
    let fleet = Fleet::spawn(wanted).unwrap();
    let mut client = Client(fleet.open(0).await.unwrap());
    client.say("ATE0\r", "OK\r\n").await;
    let (length, digits) = segments("6281234567890", "Banjir").remove(0);
    client.say(&format!("AT+CMGS={length}\r"), "> ").await;
    client.0.write_all(format!("{digits}\x1a").as_bytes()).await.unwrap();
    let mut plugged = fleet.plugged(0);
    plugged.wait_for(|plugged| !plugged).await.unwrap();
    let pulled = tokio::time::Instant::now();
    plugged.wait_for(|plugged| *plugged).await.unwrap();
    assert_eq!(pulled.elapsed().as_secs(), 10);
    fleet.open(0).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_closes_and_opens_again_finds_the_modem_as_it_left_it() {
    let fleet = Fleet::spawn(settings(Duration::from_secs(3))).unwrap();
    let mut client = Client(fleet.open(0).await.unwrap());
    client.say("ATE0;+CNMI=2,1,0,1,0\r", "OK\r\n").await;
    let (length, digits) = segments("6281234567890", "Banjir").remove(0);
    client.say(&format!("AT+CMGS={length}\r"), "> ").await;
    client.0.write_all(format!("{digits}\x1a").as_bytes()).await.unwrap();
    drop(client);
    // Killed while the segment was on the air: it goes out, and nobody reads the answer or the report.
    let counts = fleet.until(|counts| counts.reported == 1).await;
    assert_eq!(counts.submitted, 1);
    let mut client = Client(fleet.open(0).await.unwrap());
    assert_eq!(client.say("AT+CNMI?\r", "OK\r\n").await, "\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_long_reply_comes_in_parts_in_any_order_and_twice() {
    let fleet = Fleet::spawn(settings(Duration::ZERO)).unwrap();
    let form = InboundForm { shuffled: true, doubled: true, ..InboundForm::default() };
    let ids = fleet.inbound(0, "+628111222333", &"banjir belum berhenti ".repeat(20), form).await.unwrap();
    assert_eq!(ids.len(), 6);
    fleet.until(|counts| counts.inbound == 6).await;
    let mut parts: Vec<_> = fleet
        .truth()
        .records()
        .into_iter()
        .filter_map(|record| match record.fact {
            Fact::Inbound { seq, total, reference, .. } => Some((seq, total, reference)),
            _ => None,
        })
        .collect();
    assert!(!parts.is_sorted(), "{parts:?}");
    parts.sort();
    assert_eq!(parts, [1, 1, 2, 2, 3, 3].map(|seq| (seq, 3, Some(0))));
    let error = fleet.inbound(0, "+62 not a number", "x", InboundForm::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn a_phone_may_be_told_how_to_behave_while_the_fleet_runs() {
    let fleet = Fleet::spawn(settings(Duration::ZERO)).unwrap();
    fleet.set_phone("+6281234567890", &Phone::Unknown).await.unwrap();
    let mut client = Client(fleet.open(2).await.unwrap());
    client.say("ATE0\r", "OK\r\n").await;
    client.send("6281234567890", "Banjir").await;
    let counts = fleet.until(|counts| counts.refused == 1).await;
    assert_eq!(counts.submitted, 0);
}

fn open_tty(path: &Path) -> std::io::Result<std::fs::File> {
    use rustix::fs::{Mode, OFlags};
    Ok(std::fs::File::from(rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?))
}

/// Blocking, as far from tokio as a real client is; ends when `until` has been read, or at end of file.
fn converse(tty: &mut std::fs::File, say: &str, until: &str) -> String {
    tty.write_all(say.as_bytes()).unwrap();
    let mut heard = Vec::new();
    let mut buffer = [0; 256];
    while !String::from_utf8_lossy(&heard).contains(until) {
        match tty.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => heard.extend_from_slice(&buffer[..read]),
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pseudo_terminal_outlives_its_clients_and_goes_away_when_it_is_pulled() {
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = settings(Duration::ZERO);
    wanted.modems = 2;
    wanted.ports = Ports::Folder(folder.path().join("gsm"));
    let fleet = Fleet::spawn(wanted).unwrap();
    let path = fleet.path(0).unwrap().to_owned();
    assert!(path.ends_with("gsm/modem-1"));
    let (first_path, second_path) = (path.clone(), path.clone());
    let clients = tokio::task::spawn_blocking(move || {
        // Each opening is a new client; the modem remembers what the one before has set.
        let said = converse(&mut open_tty(&first_path).unwrap(), "ATE0\r", "OK\r\n");
        assert_eq!(said, "ATE0\r\r\nOK\r\n");
        for _ in 0..20 {
            let mut tty = open_tty(&first_path).unwrap();
            assert_eq!(converse(&mut tty, "AT+CSQ\r", "OK\r\n"), "\r\n+CSQ: 18,99\r\n\r\nOK\r\n");
        }
        open_tty(&first_path).unwrap()
    });
    let mut tty = clients.await.unwrap();
    fleet.unplug(0).await.unwrap();
    assert!(!path.exists() && path.symlink_metadata().is_err());
    let end = tokio::task::spawn_blocking(move || tty.read(&mut [0; 16])).await.unwrap();
    assert!(!matches!(end, Ok(1..)), "{end:?}");
    fleet.replug(0).await.unwrap();
    let again = tokio::task::spawn_blocking(move || converse(&mut open_tty(&second_path).unwrap(), "ATE0\r", "OK\r\n"));
    assert!(again.await.unwrap().contains("OK"));
    let other = fleet.path(1).unwrap().to_owned();
    fleet.stop().await;
    assert!(other.symlink_metadata().is_err(), "the links go with the fleet");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemons_own_serial_library_opens_a_simulated_port() {
    use tokio_serial::SerialPortBuilderExt as _;
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = settings(Duration::ZERO);
    wanted.ports = Ports::Folder(folder.path().to_owned());
    wanted.keep_truth = Keep::InFile;
    let fleet = Fleet::spawn(wanted).unwrap();
    let path = fleet.path(3).unwrap().to_str().unwrap();
    for round in 0..3 {
        let mut port = tokio_serial::new(path, 115_200).open_native_async().unwrap();
        AsyncWriteExt::write_all(&mut port, b"AT+CGMM\r").await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"OK\r\n") {
            let mut buffer = [0; 64];
            let read = AsyncReadExt::read(&mut port, &mut buffer);
            let read = tokio::time::timeout(Duration::from_secs(10), read).await.unwrap().unwrap();
            assert_ne!(read, 0, "round {round}");
            heard.extend_from_slice(&buffer[..read]);
        }
        assert_eq!(String::from_utf8_lossy(&heard), "AT+CGMM\r\r\nEC25\r\n\r\nOK\r\n");
    }
    assert!(fleet.truth().records().is_empty());
    fleet.stop().await;
}
