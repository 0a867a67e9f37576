//! The ledger under load: taking a list in, and handing the next segment over with little or much in the queue.
//!
//! Every figure includes the commits, with the daemon's own settings (WAL, synchronous=FULL), on the disk that holds
//! the system's temporary folder.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kentongan::engine::event::{Event, IntakeEvent, IntakeId, ModemEvent, ModemOrder, Order};
use kentongan::engine::{Engine, Rules};
use kentongan::model::{
    Class, InDoubt, JobHeader, ModemIdentity, ModemName, Msisdn, Outcome, RecipientRow, SignedDuration, SimIdentity,
    Ticket, Timestamp,
};
use kentongan::policy::Limits;
use kentongan::store::Store;

fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("in range")
}

fn engine(folder: &tempfile::TempDir, own_network_wait: Option<SignedDuration>) -> Engine {
    let store = Store::open(&folder.path().join("bench.db")).expect("a new ledger");
    let rules = Rules { limits: Limits::NONE, own_network_wait, ..Rules::default() };
    Engine::open(store, rules, now(), 1).expect("an empty ledger opens")
}

fn header(digest: &str) -> JobHeader {
    JobHeader {
        unit: "diskominfo".to_owned(),
        source: "bench.csv".to_owned(),
        digest: digest.to_owned(),
        owner: "bench".to_owned(),
        class: Class::Routine,
        text: Some("Imunisasi campak hari Sabtu pukul 08.00 di posyandu RW masing-masing.".to_owned()),
        not_before: None,
        lifetime: None,
        expires_at: None,
        in_doubt: InDoubt::Hold,
        again: false,
        audience: None,
        basis: None,
    }
}

fn rows(count: u32) -> Vec<RecipientRow> {
    // Numbers in no order, as in a real list; those of one operator before those of the other.
    (0..count)
        .map(|n| {
            let first = if n < count / 2 { 6_281_700_000_000 } else { 6_281_200_000_000 };
            let number = Msisdn::from_u64(first + u64::from(n.wrapping_mul(2_654_435_761) % 100_000_000));
            RecipientRow { name: Some("Warga".to_owned()), ..RecipientRow::to(n + 1, number) }
        })
        .collect()
}

fn take_in(engine: &mut Engine, digest: &str, rows: &[RecipientRow]) {
    let id = IntakeId(1);
    let begin = IntakeEvent::Begin(Box::new(header(digest)));
    let _ = engine.handle(now(), [Event::Intake(id, begin)]).expect("durable");
    for chunk in rows.chunks(256) {
        let _ = engine.handle(now(), [Event::Intake(id, IntakeEvent::Rows(chunk.to_vec()))]).expect("durable");
    }
    let mut step = engine.handle(now(), [Event::Intake(id, IntakeEvent::Complete)]).expect("durable");
    // A long list is entered under its numbers bit by bit before it is accepted.
    while step.next_wake.is_some_and(|wake| wake <= now()) {
        step = engine.handle(now(), [Event::Tick]).expect("durable");
    }
}

fn intake(c: &mut Criterion) {
    let rows = rows(100_000);
    let mut group = c.benchmark_group("intake");
    group.sample_size(10).throughput(Throughput::Elements(rows.len() as u64));
    group.bench_function("100,000 rows", |b| {
        b.iter_batched(
            || {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let engine = engine(&folder, None);
                (folder, engine)
            },
            |(folder, mut engine)| {
                take_in(&mut engine, "once", &rows);
                (folder, engine)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// One modem that answers at once: each round is the answer to one segment and the hand-over of the next.
struct Modem {
    name: ModemName,
    reserved: Option<Ticket>,
    attempt: Option<kentongan::model::AttemptId>,
    tp_mr: u8,
}

impl Modem {
    fn connect(engine: &mut Engine) -> Self {
        let name = ModemName::new("bench");
        let imsi = Some("510101234567890".to_owned());
        let sim = SimIdentity { iccid: Some("8962100000000000001".to_owned()), imsi };
        let found = ModemEvent::Found { modem: ModemIdentity::default(), sim, port: "none".to_owned() };
        let mut modem = Self { name: name.clone(), reserved: None, attempt: None, tp_mr: 0 };
        modem.feed(engine, found);
        modem.feed(engine, ModemEvent::Ready { operator: None, reports: true });
        let ticket = modem.reserved.take().expect("work is waiting");
        modem.feed(engine, ModemEvent::Begun(ticket));
        modem
    }

    fn feed(&mut self, engine: &mut Engine, event: ModemEvent) {
        let step = engine.handle(now(), [Event::Modem(self.name.clone(), event)]).expect("durable");
        for order in step.orders {
            match order {
                Order::Modem(_, ModemOrder::Reserve(reservation)) => self.reserved = Some(reservation.ticket),
                Order::Modem(_, ModemOrder::Go { attempt, .. }) => self.attempt = Some(attempt),
                _ => {}
            }
        }
    }

    fn round(&mut self, engine: &mut Engine) {
        self.tp_mr = self.tp_mr.wrapping_add(1);
        let attempt = self.attempt.take().expect("one is on the air");
        let outcome = Outcome::Submitted { tp_mr: Some(self.tp_mr) };
        let next = self.reserved.take();
        self.feed(engine, ModemEvent::Answered { attempt, outcome, next });
    }
}

fn hand_over(c: &mut Criterion) {
    let mut group = c.benchmark_group("answer, next attempt, next reservation, commit");
    for (queued, own_network_first) in [(1_000u32, false), (1_000_000, false), (1_000_000, true)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut engine = engine(&folder, own_network_first.then_some(SignedDuration::from_secs(20)));
        // What the rounds use up comes on top, so that the smaller queue does not run empty.
        take_in(&mut engine, "backlog", &rows(queued));
        let mut modem = Modem::connect(&mut engine);
        let mut left = queued - 2;
        let mut refill = 0;
        group.throughput(Throughput::Elements(1));
        let name = if own_network_first { ", own network first" } else { "" };
        group.bench_function(BenchmarkId::from_parameter(format!("{queued} queued{name}")), |b| {
            b.iter_custom(|rounds| {
                let mut taken = std::time::Duration::ZERO;
                for _ in 0..rounds {
                    if left < 2 {
                        refill += 1;
                        take_in(&mut engine, &format!("refill {refill}"), &rows(1_000));
                        left += 1_000;
                    }
                    left -= 1;
                    #[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
                    let start = std::time::Instant::now();
                    modem.round(&mut engine);
                    taken += start.elapsed();
                }
                taken
            });
        });
    }
    group.finish();
}

criterion_group!(benches, intake, hand_over);
criterion_main!(benches);
