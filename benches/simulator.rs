//! What a simulated modem costs: it must not be what a measurement of the daemon measures.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use kentongan::pdu::{Address, Submit, Text, hex};
use kentongan::simulator::{Fleet, FleetSettings, Keep, Modem, NetworkSettings, Ports, QUECTEL, SimCard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn quick() -> NetworkSettings {
    NetworkSettings { air_time: Duration::ZERO, ..NetworkSettings::default() }
}

/// The command and the PDU with its end.
fn a_segment() -> (Vec<u8>, Vec<u8>) {
    let plan = Text::plan("Peringatan dini: hujan lebat di Bandung utara, waspada longsor.").expect("short");
    let destination = Address::international("6281234567890").expect("digits");
    let tpdu = Submit::new(destination, plan.dcs(None), plan.user_data(1, 0)).encode();
    let command = format!("AT+CMGS={}\r", tpdu.len()).into_bytes();
    (command, format!("00{}\x1a", hex::encode(&tpdu)).into_bytes())
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let (command, pdu) = a_segment();

    let mut modem = Modem::new(&QUECTEL, 1, SimCard::numbered(1), quick(), 1);
    modem.input(Duration::ZERO, b"ATE0\r");
    let mut now = Duration::ZERO;
    criterion.bench_function("simulator/send, state machine alone", |bencher| {
        bencher.iter(|| {
            now += Duration::from_millis(1);
            modem.input(now, &command);
            modem.input(now, &pdu);
            black_box(modem.output()).clear();
            modem.facts().clear();
        });
    });

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
    let folder = tempfile::tempdir().expect("folder");
    for ports in [Ports::Memory, Ports::Folder(folder.path().to_owned())] {
        const SENDS: u64 = 250;
        let name = format!(
            "simulator/16 modems, {SENDS} sends each, {}",
            if ports == Ports::Memory { "memory" } else { "ptys" }
        );
        let settings = FleetSettings {
            modems: 16,
            network: quick(),
            keep_truth: Keep::InFile,
            ports: ports.clone(),
            ..FleetSettings::default()
        };
        let fleet = runtime.block_on(async { Fleet::spawn(settings) }).expect("fleet");
        let mut group = criterion.benchmark_group("fleet");
        group.throughput(Throughput::Elements(16 * SENDS)).sample_size(10);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let mut clients = tokio::task::JoinSet::new();
                    for index in 0..fleet.modems() {
                        let (command, pdu) = (command.clone(), pdu.clone());
                        match fleet.path(index) {
                            None => {
                                let port = fleet.open(index).await.expect("port");
                                clients.spawn(send(port, command, pdu, SENDS));
                            }
                            Some(path) => {
                                let path = path.to_str().expect("text");
                                let port =
                                    tokio_serial::SerialStream::open(&tokio_serial::new(path, 115_200)).expect("port");
                                clients.spawn(send(port, command, pdu, SENDS));
                            }
                        }
                    }
                    clients.join_all().await;
                });
            });
        });
        group.finish();
        runtime.block_on(fleet.stop());
    }
    criterion.final_summary();
}

async fn send(mut port: impl AsyncReadExt + AsyncWriteExt + Unpin, command: Vec<u8>, pdu: Vec<u8>, sends: u64) {
    port.write_all(b"ATE0\r").await.expect("written");
    wait_for(&mut port, b"OK\r\n").await;
    for _ in 0..sends {
        port.write_all(&command).await.expect("written");
        wait_for(&mut port, b"> ").await;
        port.write_all(&pdu).await.expect("written");
        wait_for(&mut port, b"OK\r\n").await;
    }
}

async fn wait_for(port: &mut (impl AsyncReadExt + Unpin), end: &[u8]) {
    let mut heard = Vec::with_capacity(256);
    let mut buffer = [0; 256];
    while !heard.ends_with(end) {
        let read = port.read(&mut buffer).await.expect("read");
        assert_ne!(read, 0, "the port is gone");
        heard.extend_from_slice(&buffer[..read]);
    }
}
