//! An engine on a ledger, lists for it, and modems that answer at once: nothing but the engine and its commits takes time.

use std::path::Path;
use std::time::{Duration, Instant};

use kentongan::engine::event::{Event, IntakeEvent, IntakeId, ModemEvent, ModemOrder, Order};
use kentongan::engine::{Engine, Rules};
use kentongan::model::{
    AttemptId, Class, JobHeader, ModemIdentity, ModemName, Msisdn, Outcome, RecipientRow, SignedDuration, SimIdentity,
    Ticket, Timestamp,
};
use kentongan::policy::Limits;
use kentongan::store::Store;

/// How many rows the reader of files hands on at a time.
const CHUNK: usize = 256;

pub fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("in range")
}

/// An engine without limits on the ledger at this path, which is made where there is none.
pub fn engine(path: &Path, own_network_wait: Option<SignedDuration>) -> Engine {
    engine_on(Store::open(path).expect("a ledger that can be opened"), own_network_wait)
}

/// The same on a ledger that is open.
pub fn engine_on(store: Store, own_network_wait: Option<SignedDuration>) -> Engine {
    let rules = Rules { limits: Limits::NONE, own_network_wait, ..Rules::default() };
    Engine::open(store, rules, now(), 1).expect("a ledger that the engine understands")
}

fn header(digest: &str) -> JobHeader {
    JobHeader {
        digest: digest.to_owned(),
        owner: "bench".to_owned(),
        text: Some("Imunisasi campak hari Sabtu pukul 08.00 di posyandu RW masing-masing.".to_owned()),
        ..JobHeader::of("diskominfo", "bench.csv", Class::Routine)
    }
}

/// A list: numbers in no order, as in a real one; those of one operator before those of the other.
pub fn rows(count: u32) -> impl Iterator<Item = RecipientRow> {
    (0..count).map(move |n| {
        let first = if n < count / 2 { 6_281_700_000_000 } else { 6_281_200_000_000 };
        let number = Msisdn::from_u64(first + u64::from(n.wrapping_mul(2_654_435_761) % 100_000_000));
        RecipientRow { name: Some("Warga".to_owned()), ..RecipientRow::to(n + 1, number) }
    })
}

/// Takes a list in, until it is durable as a job.
pub fn take_in(engine: &mut Engine, digest: &str, rows: impl Iterator<Item = RecipientRow>) {
    let id = IntakeId(1);
    let begin = IntakeEvent::Begin(Box::new(header(digest)));
    let _ = engine.handle(now(), [Event::Intake(id, begin)]).expect("durable");
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(CHUNK).collect();
        let _ = engine.handle(now(), [Event::Intake(id, IntakeEvent::Rows(chunk))]).expect("durable");
    }
    let mut step = engine.handle(now(), [Event::Intake(id, IntakeEvent::Complete)]).expect("durable");
    // A long list is entered under its numbers bit by bit before it is accepted.
    while step.next_wake.is_some_and(|wake| wake <= now()) {
        step = engine.handle(now(), [Event::Tick]).expect("durable");
    }
}

/// A modem that answers at once: each round is the answer to one segment and the hand-over of the next.
pub struct Modem {
    name: ModemName,
    reserved: Option<Ticket>,
    attempt: Option<AttemptId>,
    tp_mr: u8,
}

impl Modem {
    /// The modem of this number with a SIM of its own; work must be waiting for it.
    pub fn connect(engine: &mut Engine, number: u32) -> Self {
        let name = ModemName::new(&format!("bench-{number}"));
        let iccid = Some(format!("8962100000000{number:06}"));
        let sim = SimIdentity { iccid, imsi: Some(format!("510101234{number:06}")) };
        let found = ModemEvent::Found { modem: ModemIdentity::default(), sim, port: format!("none-{number}") };
        let mut modem = Self { name, reserved: None, attempt: None, tp_mr: 0 };
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
                Order::Modem(to, ModemOrder::Reserve(reservation)) if to == self.name => {
                    self.reserved = Some(reservation.ticket);
                }
                Order::Modem(to, ModemOrder::Go { attempt, .. }) if to == self.name => self.attempt = Some(attempt),
                _ => {}
            }
        }
    }

    /// Answers, and takes the next segment. Gives how long the engine took for it with its commit.
    pub fn round(&mut self, engine: &mut Engine) -> Duration {
        self.tp_mr = self.tp_mr.wrapping_add(1);
        let attempt = self.attempt.take().expect("one is on the air");
        let outcome = Outcome::Submitted { tp_mr: Some(self.tp_mr) };
        let next = self.reserved.take();
        let began = instant();
        self.feed(engine, ModemEvent::Answered { attempt, outcome, next });
        began.elapsed()
    }
}

/// The real time.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub fn instant() -> Instant {
    Instant::now()
}
