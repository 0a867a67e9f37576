//! A desk at which a test plays the sessions, the queue directory and the clock.

use std::collections::BTreeMap;

use crate::engine::event::*;
use crate::engine::{Engine, PutBack, Restored, Rules};
use crate::model::*;
use crate::policy::Limits;
use crate::store::{JobRef, JobView, Reader, RecipientView, Store};

pub(super) struct Desk {
    folder: tempfile::TempDir,
    engine: Option<Engine>,
    rules: Rules,
    pub now: Timestamp,
    pub next_wake: Option<Timestamp>,
    /// What each session holds ready.
    pub ready: BTreeMap<ModemName, Reservation>,
    /// What each session has on the air.
    pub air: BTreeMap<ModemName, AttemptId>,
    /// Whose attempts on the air were asked back.
    pub asked_back: Vec<ModemName>,
    begun: BTreeMap<ModemName, Ticket>,
    /// Reservations that were withdrawn after they had begun.
    pub withdrawn: usize,
    /// Every other order, in order.
    pub orders: Vec<Order>,
    tp_mr: BTreeMap<ModemName, u8>,
    next_intake: u64,
    seed: u64,
}

pub(super) fn name(modem: &str) -> ModemName {
    ModemName::new(modem)
}

/// A made-up mobile number.
pub(super) fn number(n: u32) -> Msisdn {
    Msisdn::from_u64(6_281_200_000_000 + u64::from(n))
}

/// A number as people and networks write it.
pub(super) fn full(number: Msisdn) -> String {
    format!("+{}", number.digits())
}

pub(super) fn row(row: u32, to: Msisdn) -> RecipientRow {
    RecipientRow::to(row, to)
}

pub(super) fn header(class: Class, text: &str) -> JobHeader {
    JobHeader {
        digest: format!("{class}:{text}"),
        owner: "staf".to_owned(),
        text: Some(text.to_owned()),
        ..JobHeader::of("diskominfo", "pengumuman.csv", class)
    }
}

/// Rules without limits on the rate.
pub(super) fn free() -> Rules {
    Rules { limits: Limits::NONE, ..Rules::default() }
}

impl Desk {
    pub fn new(rules: Rules) -> Self {
        // Where a sync costs nothing, if there is such a place: these crashes do not take the machine along.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let store = Store::open(&folder.path().join("k.db")).unwrap();
        let engine = Engine::open(store, rules.clone(), now, 7).unwrap();
        Self {
            folder,
            engine: Some(engine),
            rules,
            now,
            next_wake: None,
            ready: BTreeMap::new(),
            air: BTreeMap::new(),
            asked_back: Vec::new(),
            begun: BTreeMap::new(),
            withdrawn: 0,
            orders: Vec::new(),
            tp_mr: BTreeMap::new(),
            next_intake: 0,
            seed: 7,
        }
    }

    /// The daemon is killed and started again; the modems are still there and have forgotten nothing.
    pub fn crash(&mut self) {
        self.engine = None;
        self.ready.clear();
        self.air.clear();
        let store = Store::open(&self.folder.path().join("k.db")).unwrap();
        self.seed += 1;
        self.engine = Some(Engine::open(store, self.rules.clone(), self.now, self.seed).unwrap());
        self.tick();
    }

    /// A backup of the ledger as it is now.
    pub fn back_up(&self) -> std::path::PathBuf {
        let to = self.folder.path().join(format!("backup-{}.db", self.now.as_second()));
        self.reader().back_up(&to).unwrap();
        to
    }

    /// The daemon is killed, the ledger meanwhile treated so, and a backup put back; the modems have to be found anew.
    pub fn put_back(&mut self, backup: &std::path::Path, meanwhile: impl FnOnce(&std::path::Path)) -> Restored {
        self.engine = None;
        self.ready.clear();
        self.air.clear();
        let database = self.ledger();
        meanwhile(&database);
        let present = database.exists().then_some(database.as_path());
        let survey = crate::store::restore::survey(backup, &database, present).unwrap();
        self.seed += 1;
        let how = PutBack { database: &database, survey: &survey, actor: "siti", reason: "disk diganti" };
        let (engine, restored) = Engine::put_back(&how, self.rules.clone(), self.now, self.seed).unwrap();
        self.engine = Some(engine);
        self.tick();
        restored
    }

    /// The daemon stops, and is started again after `span`; the modems have to be found anew.
    pub fn stop_for(&mut self, span: SignedDuration) {
        self.tick();
        self.now = self.now.saturating_add(span).unwrap();
        self.crash();
    }

    /// Where the ledger lies.
    pub fn ledger(&self) -> std::path::PathBuf {
        self.folder.path().join("k.db")
    }

    /// The daemon is started again with other settings.
    pub fn restart(&mut self, rules: Rules) {
        self.rules = rules;
        self.crash();
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.folder.path().join("k.db")).unwrap()
    }

    /// What the record says of each event of this kind, the newest first.
    pub fn recorded(&self, kind: &str) -> Vec<String> {
        let events = self.reader().events(None, 10_000).unwrap();
        events.into_iter().filter(|event| event.kind == kind).map(|event| event.detail).collect()
    }

    pub fn feed(&mut self, events: Vec<Event>) {
        let step = self.engine.as_mut().unwrap().handle(self.now, events).unwrap();
        self.next_wake = step.next_wake;
        for order in step.orders {
            match order {
                Order::Modem(modem, ModemOrder::Reserve(reservation)) => {
                    self.ready.insert(modem, reservation);
                }
                Order::Modem(modem, ModemOrder::Go { attempt, ticket }) => {
                    self.begun.insert(modem.clone(), ticket);
                    assert!(self.air.insert(modem.clone(), attempt).is_none(), "{modem} has one on the air already");
                }
                Order::Modem(modem, ModemOrder::Withdraw(ticket)) => {
                    if self.ready.get(&modem).is_some_and(|held| held.ticket == ticket) {
                        self.ready.remove(&modem);
                    } else if self.air.contains_key(&modem) && self.begun[&modem] == ticket {
                        self.asked_back.push(modem);
                    } else {
                        self.withdrawn += 1;
                    }
                }
                other => self.orders.push(other),
            }
        }
    }

    pub fn modem(&mut self, modem: &str, event: ModemEvent) {
        self.feed(vec![Event::Modem(name(modem), event)]);
    }

    pub fn tick(&mut self) {
        self.feed(vec![Event::Tick]);
    }

    pub fn pass(&mut self, span: SignedDuration) {
        self.now = self.now.saturating_add(span).unwrap();
        self.tick();
    }

    /// A modem with a SIM of its own appears and is ready.
    pub fn connect(&mut self, modem: &str) {
        self.connect_sim(modem, modem);
    }

    pub fn connect_sim(&mut self, modem: &str, sim: &str) {
        self.connect_card(modem, SimIdentity { iccid: Some(format!("8962{sim}")), imsi: None });
    }

    /// A modem with a SIM of this network (MCC and MNC) appears and is ready.
    pub fn connect_of(&mut self, modem: &str, network: &str) {
        self.connect_card(
            modem,
            SimIdentity { iccid: Some(format!("8962{modem}")), imsi: Some(format!("{network}0123456789")) },
        );
    }

    fn connect_card(&mut self, modem: &str, sim: SimIdentity) {
        self.ready.remove(&name(modem));
        let port = format!("/dev/gsm/{modem}");
        self.modem(modem, ModemEvent::Found { modem: ModemIdentity::default(), sim, port });
        self.modem(modem, ModemEvent::Ready { operator: None, reports: true });
    }

    /// A job comes in; gives what the engine answers.
    pub fn drop_job(&mut self, header: JobHeader, rows: Vec<RecipientRow>) -> IntakeOrder {
        self.next_intake += 1;
        let id = IntakeId(self.next_intake);
        let events = [IntakeEvent::Begin(Box::new(header)), IntakeEvent::Rows(rows), IntakeEvent::Complete];
        self.feed(events.into_iter().map(|event| Event::Intake(id, event)).collect());
        let found = self.orders.iter().rposition(|order| matches!(order, Order::Intake(of, _) if *of == id));
        match self.orders.remove(found.expect("an intake is answered")) {
            Order::Intake(_, answer) => answer,
            _ => unreachable!("it was just matched"),
        }
    }

    /// A job that is expected to be accepted, to the numbers `from..to`.
    pub fn job(&mut self, class: Class, text: &str, numbers: std::ops::Range<u32>) -> JobId {
        let rows = numbers.zip(1..).map(|(n, place)| row(place, number(n))).collect();
        match self.drop_job(header(class, text), rows) {
            IntakeOrder::Accepted { job, .. } => job,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// The session writes AT+CMGS for what it holds ready; gives the attempt if the engine lets it go.
    pub fn begin(&mut self, modem: &str) -> Option<AttemptId> {
        let held = self.ready.remove(&name(modem)).expect("something is reserved");
        self.modem(modem, ModemEvent::Begun(held.ticket));
        self.air.get(&name(modem)).copied()
    }

    /// The modem answers; the session has written AT+CMGS for the next reservation already.
    pub fn answer(&mut self, modem: &str, outcome: Outcome) {
        let attempt = self.air.remove(&name(modem)).expect("something is on the air");
        let next = self.ready.remove(&name(modem)).map(|held| held.ticket);
        self.modem(modem, ModemEvent::Answered { attempt, outcome, next });
    }

    pub fn submit(&mut self, modem: &str) -> u8 {
        let tp_mr = self.next_mr(modem);
        self.answer(modem, Outcome::Submitted { tp_mr: Some(tp_mr) });
        tp_mr
    }

    pub fn next_mr(&mut self, modem: &str) -> u8 {
        let tp_mr = self.tp_mr.entry(name(modem)).or_default();
        *tp_mr = tp_mr.wrapping_add(1);
        *tp_mr
    }

    /// Everything goes out; gives how many segments each modem carried.
    pub fn send_all(&mut self) -> BTreeMap<ModemName, usize> {
        let mut carried = BTreeMap::new();
        loop {
            let ready: Vec<_> = self.ready.keys().cloned().collect();
            for modem in &ready {
                if !self.air.contains_key(modem) && self.ready.contains_key(modem) {
                    self.begin(modem.as_str());
                }
            }
            let air: Vec<_> = self.air.keys().cloned().collect();
            if air.is_empty() && ready.is_empty() {
                return carried;
            }
            for modem in air {
                *carried.entry(modem.clone()).or_default() += 1;
                self.submit(modem.as_str());
            }
        }
    }

    pub fn act(&mut self, action: Action) -> Result<String, String> {
        self.act_because("uji", action)
    }

    /// The same for another reason.
    pub fn act_because(&mut self, reason: &str, action: Action) -> Result<String, String> {
        let act = Act { reply_to: Some(1), actor: "admin".to_owned(), reason: reason.to_owned(), action };
        self.feed(vec![Event::Act(act)]);
        let place = self.orders.iter().rposition(|order| matches!(order, Order::Reply { .. })).unwrap();
        match self.orders.remove(place) {
            Order::Reply { result, .. } => result,
            _ => unreachable!("it was just matched"),
        }
    }

    pub fn view(&self, job: JobId) -> JobView {
        let view = self.reader().job(&JobRef::Id(job)).unwrap().unwrap();
        assert!(view.adds_up(), "{view:?}");
        view
    }

    pub fn count(&self, job: JobId, state: State) -> u64 {
        self.view(job).messages.get(state.name()).copied().unwrap_or(0)
    }

    pub fn recipients(&self, job: JobId) -> Vec<RecipientView> {
        let mut all = Vec::new();
        self.reader()
            .recipients(job, |view| {
                all.push(view);
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        all
    }
}

/// An SMS-DELIVER from a number or a name, in as many parts as the text needs.
pub(super) fn deliver(from: &str, text: &str, reference: u16, at: Timestamp) -> Vec<Vec<u8>> {
    use crate::pdu::*;
    let originator = match from.strip_prefix('+') {
        Some(digits) => Address::international(digits).unwrap(),
        None if from.bytes().all(|byte| byte.is_ascii_digit()) => Address::unknown(from).unwrap(),
        None => Address::alphanumeric(from).unwrap(),
    };
    let plan = Text::plan(text).unwrap();
    (1..=plan.segments() as u8)
        .map(|number| {
            let deliver = Deliver {
                more_messages: false,
                loop_prevention: false,
                report: false,
                reply_path: false,
                originator: originator.clone(),
                protocol: 0,
                dcs: plan.dcs(None),
                service_centre_time: TimeStamp::at(at, jiff::tz::Offset::constant(7)).unwrap(),
                user_data: plan.user_data(number, reference),
            };
            with_service_centre(None, &deliver.encode())
        })
        .collect()
}

/// An SMS-STATUS-REPORT; `recipient` as a network may write it.
pub(super) fn report(tp_mr: u8, recipient: &str, status: u8, at: Timestamp) -> Vec<u8> {
    use crate::pdu::*;
    let recipient = match recipient.strip_prefix('+') {
        Some(digits) => Address::international(digits).unwrap(),
        None => Address::unknown(recipient).unwrap(),
    };
    let time = TimeStamp::at(at, jiff::tz::Offset::constant(7)).unwrap();
    let report = StatusReport {
        more_messages: false,
        loop_prevention: false,
        of_command: false,
        tp_mr,
        recipient,
        service_centre_time: time,
        discharge_time: time,
        status: TpStatus(status),
        parameters: None,
    };
    with_service_centre(None, &report.encode())
}

impl Desk {
    /// A PDU that the modem keeps in its storage.
    pub fn receive(&mut self, modem: &str, pdu: Vec<u8>) {
        let slot = Some(Slot { memory: "SM".to_owned(), index: 1 });
        self.modem(modem, ModemEvent::Received { pdu, slot, acknowledge: false });
    }

    /// A whole text comes in.
    pub fn hear(&mut self, modem: &str, from: &str, text: &str) {
        for pdu in deliver(from, text, 7, self.now) {
            self.receive(modem, pdu);
        }
    }
}
