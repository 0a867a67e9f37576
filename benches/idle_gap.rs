//! How long a modem stands idle between its answer to one segment and the AT+CMGS of the next, with work waiting and
//! every step durable on disk.
//!
//! Measured between session and modem: from the moment the final result is put on the line to the moment the next
//! AT+CMGS arrives. The modem is a simulated one without air time, on an in-memory line; the engine runs on its own
//! thread with the daemon's own loop of batches. Not a criterion bench: the figure is a distribution.

use std::collections::BTreeMap;
use std::time::Duration;

use kentongan::engine::event::{Event, IntakeEvent, IntakeId, ModemOrder, Order};
use kentongan::engine::{Engine, Rules};
use kentongan::model::{Class, JobHeader, ModemName, Msisdn, RecipientRow, Timestamp};
use kentongan::modem::{self, SessionSettings};
use kentongan::policy::Limits;
use kentongan::simulator::{Fleet, FleetSettings, Keep, NetworkSettings};
use kentongan::store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    println!("idle gap between an answer and the next AT+CMGS, durable ledger");
    for (modems, messages, air_ms) in [(1, 2_000, 0), (1, 500, 20), (8, 4_000, 0), (8, 2_000, 50)] {
        runtime.block_on(measure(modems, messages, Duration::from_millis(air_ms)));
    }
}

async fn measure(modems: usize, messages: u32, air_time: Duration) {
    let network = NetworkSettings { air_time, report_after: Duration::from_millis(200), ..Default::default() };
    let fleet = FleetSettings { modems, network, keep_truth: Keep::InFile, ..Default::default() };
    let fleet = Fleet::spawn(fleet).expect("simulated modems");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&folder.path().join("bench.db")).expect("a new ledger");
    let rules = Rules { limits: Limits::NONE, ..Rules::default() };
    let engine = Engine::open(store, rules, now(), 1).expect("an empty ledger opens");

    let (events, inbox) = mpsc::channel(1024);
    let (gaps, mut measured) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let mut routes = BTreeMap::new();
    for index in 0..modems {
        let name = ModemName::new(fleet.name(index));
        let (orders, mut order_inbox) = mpsc::channel(64);
        routes.insert(name.clone(), orders);
        let line = fleet.open(index).await.expect("it is plugged in");
        let (ours, theirs) = tokio::io::duplex(16 * 1024);
        tokio::spawn(watch(line, theirs, gaps.clone()));
        let (events, stop) = (events.clone(), stop.clone());
        tokio::spawn(async move {
            let settings = SessionSettings::new(name, "bench");
            modem::run(ours, &settings, &events, &mut order_inbox, &stop).await;
        });
    }
    drop(gaps);
    let engine = std::thread::spawn(move || decide(engine, inbox, &routes));
    let started = Instant::now();
    for event in job(messages) {
        events.send(Event::Intake(IntakeId(1), event)).await.expect("the engine runs");
    }
    fleet.until(|counts| counts.submitted >= u64::from(messages)).await;
    let taken = started.elapsed();
    stop.cancel();
    drop(events);
    engine.join().expect("the engine ends when all senders are gone");
    fleet.stop().await;
    let mut all = Vec::new();
    while let Ok(gap) = measured.try_recv() {
        all.push(gap);
    }
    report(modems, messages, air_time, taken, all);
}

fn report(modems: usize, messages: u32, air_time: Duration, taken: Duration, mut gaps: Vec<Duration>) {
    gaps.sort();
    let at =
        |share: f64| gaps.get((gaps.len() as f64 * share) as usize).copied().unwrap_or_default().as_secs_f64() * 1e3;
    let rate = f64::from(messages) / taken.as_secs_f64();
    println!(
        "{modems:>3} modems, air {:>4} ms, {messages} messages: p50 {:.3} ms, p99 {:.3} ms, max {:.3} ms; {rate:.0} messages/s",
        air_time.as_millis(),
        at(0.5),
        at(0.99),
        gaps.last().copied().unwrap_or_default().as_secs_f64() * 1e3,
    );
}

/// Stands on the line: passes octets both ways and takes the time.
async fn watch(mut modem: DuplexStream, mut session: DuplexStream, gaps: mpsc::UnboundedSender<Duration>) {
    let (mut down, mut up) = (vec![0; 4096], vec![0; 4096]);
    let mut answered: Option<Instant> = None;
    loop {
        tokio::select! {
            read = modem.read(&mut down) => {
                let Ok(count @ 1..) = read else { return };
                let octets = &down[..count];
                let is_answer = octets.windows(6).any(|part| part == b"+CMGS:");
                if session.write_all(octets).await.is_err() { return }
                if is_answer { answered = Some(Instant::now()) }
            }
            read = session.read(&mut up) => {
                let Ok(count @ 1..) = read else { return };
                if up[..count].starts_with(b"AT+CMGS=") && let Some(at) = answered.take() {
                    let _ = gaps.send(at.elapsed());
                }
                if modem.write_all(&up[..count]).await.is_err() { return }
            }
        }
    }
}

fn decide(
    mut engine: Engine,
    mut inbox: mpsc::Receiver<Event>,
    routes: &BTreeMap<ModemName, mpsc::Sender<ModemOrder>>,
) {
    let mut batch = Vec::new();
    while let Some(first) = inbox.blocking_recv() {
        batch.push(first);
        while let Some(next) = inbox.try_recv().ok().filter(|_| batch.len() < 256) {
            batch.push(next);
        }
        let step = engine.handle(now(), batch.drain(..)).expect("durable");
        for order in step.orders {
            if let Order::Modem(modem, order) = order {
                // A session that has ended takes no orders.
                let _ = routes[&modem].blocking_send(order);
            }
        }
    }
}

fn job(messages: u32) -> Vec<IntakeEvent> {
    let header = JobHeader {
        digest: "bench".to_owned(),
        owner: "bench".to_owned(),
        text: Some("Rapat RW Sabtu pukul 19.00".to_owned()),
        ..JobHeader::of("diskominfo", "bench.csv", Class::Routine)
    };
    let row = |n| {
        let number = Msisdn::from_u64(6_281_200_000_000 + u64::from(n));
        RecipientRow::to(n + 1, number)
    };
    vec![
        IntakeEvent::Begin(Box::new(header)),
        IntakeEvent::Rows((0..messages).map(row).collect()),
        IntakeEvent::Complete,
    ]
}

#[expect(clippy::disallowed_methods, reason = "a benchmark has no daemon whose clock it could ask")]
fn now() -> Timestamp {
    Timestamp::now()
}
