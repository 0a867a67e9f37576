//! A whole office in one test: the real engine on a real ledger, real sessions, simulated modems, tokio's paused clock.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use kentongan::engine::event::*;
use kentongan::engine::{Engine, Rules};
use kentongan::model::*;
use kentongan::modem::{self, SessionSettings};
use kentongan::policy::Limits;
use kentongan::simulator::{Fleet, FleetSettings};
use kentongan::spool::format::{FormatSettings, Part};
use kentongan::spool::{LedgerRoster, Unit, read_file};
use kentongan::store::{JobRef, JobView, Reader, StatusView, Store};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

pub struct Town {
    pub fleet: Arc<Fleet>,
    pub folder: tempfile::TempDir,
    rules: Rules,
    started: Instant,
    events: mpsc::Sender<Event>,
    intakes: mpsc::Receiver<(IntakeId, IntakeOrder)>,
    /// Answers to people.
    replies: mpsc::Receiver<Result<String, String>>,
    /// Steps the engine has taken: something may have changed.
    steps: watch::Receiver<u64>,
    tasks: Vec<JoinHandle<()>>,
    next_intake: u64,
    reader: OnceCell<Reader>,
}

/// Rules without limits on the rate.
pub fn free() -> Rules {
    Rules { limits: Limits::NONE, ..Rules::default() }
}

/// A made-up mobile number.
pub fn number(n: u32) -> Msisdn {
    Msisdn::from_u64(6_281_200_000_000 + u64::from(n))
}

pub fn header(class: Class, text: &str) -> JobHeader {
    JobHeader {
        unit: "diskominfo".to_owned(),
        source: "pengumuman.csv".to_owned(),
        digest: format!("{class}:{text}"),
        owner: "staf".to_owned(),
        class,
        text: Some(text.to_owned()),
        not_before: None,
        lifetime: None,
        expires_at: None,
        in_doubt: InDoubt::default_for(class),
        again: false,
        basis: None,
        audience: None,
    }
}

impl Town {
    pub async fn new(settings: FleetSettings, rules: Rules) -> Self {
        let fleet = Arc::new(Fleet::spawn(settings).unwrap());
        let folder = folder_in_memory();
        let (events, _) = mpsc::channel(1);
        let (_, intakes) = mpsc::channel(1);
        let (_, replies) = mpsc::channel(1);
        let (_, steps) = watch::channel(0);
        let mut town = Self {
            fleet,
            folder,
            rules,
            started: Instant::now(),
            events,
            intakes,
            replies,
            steps,
            tasks: Vec::new(),
            next_intake: 0,
            reader: OnceCell::new(),
        };
        town.start();
        town
    }

    pub fn now(&self) -> Timestamp {
        timestamp(self.started)
    }

    /// The daemon starts: on a new ledger, or on the one that the last run left.
    pub fn start(&mut self) {
        let path = self.folder.path().join("k.db");
        let store = Store::open(&path).unwrap();
        let seed = self.started.elapsed().as_millis() as u64;
        let engine = Engine::open(store, self.rules.clone(), self.now(), seed).unwrap();
        let (events, inbox) = mpsc::channel(1024);
        let (answers, intakes) = mpsc::channel(64);
        let (told, replies) = mpsc::channel(64);
        let (stepped, steps) = watch::channel(0);
        let mut routes = BTreeMap::new();
        for index in 0..self.fleet.modems() {
            let (orders, order_inbox) = mpsc::channel(64);
            let name = ModemName::new(self.fleet.name(index));
            routes.insert(name.clone(), orders);
            self.tasks.push(tokio::spawn(serve(self.fleet.clone(), index, name, events.clone(), order_inbox)));
        }
        self.tasks.push(tokio::spawn(decide(engine, self.started, inbox, routes, (answers, told), stepped)));
        (self.events, self.intakes, self.replies, self.steps) = (events, intakes, replies, steps);
    }

    /// SIGKILL: nothing is finished, nothing is said. The modems live on.
    pub async fn kill(&mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
            // Cancelled, or a panic that the test must not swallow.
            if let Err(error) = task.await
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }

    pub async fn restart(&mut self) {
        self.kill().await;
        self.start();
    }

    pub async fn drop_job(&mut self, header: JobHeader, numbers: impl Iterator<Item = u32>) -> JobId {
        self.next_intake += 1;
        let id = IntakeId(self.next_intake);
        let rows = (1..).zip(numbers).map(|(place, n)| RecipientRow::to(place, number(n))).collect();
        self.take_in(id, vec![IntakeEvent::Begin(Box::new(header)), IntakeEvent::Rows(rows)]).await
    }

    /// A job file comes in as the queue directory reads it.
    pub async fn drop_file(&mut self, name: &str, content: &str) -> JobId {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let unit = Unit { name: "diskominfo".to_owned(), classes: Vec::new() };
        let areas = include_str!("../../config/wilayah-bandung.csv");
        let places = Arc::new(Places::parse(areas).unwrap());
        let mut roster = LedgerRoster::new(&self.folder.path().join("k.db"), places);
        let mut parts = Vec::new();
        let mut sink = |part| {
            parts.push(match part {
                Part::Header(header) => IntakeEvent::Begin(header),
                Part::Rows(rows) => IntakeEvent::Rows(rows),
            });
            ControlFlow::Continue(())
        };
        read_file(&path, &unit, &FormatSettings::default(), &mut roster, self.now(), &mut sink).unwrap();
        self.next_intake += 1;
        let id = IntakeId(self.next_intake);
        self.take_in(id, parts).await
    }

    async fn take_in(&mut self, id: IntakeId, parts: Vec<IntakeEvent>) -> JobId {
        for event in parts.into_iter().chain([IntakeEvent::Complete]) {
            self.events.send(Event::Intake(id, event)).await.unwrap();
        }
        match self.intakes.recv().await.unwrap() {
            (answered, IntakeOrder::Accepted { job, .. }) if answered == id => job,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// A person asks for something, and waits for the answer.
    pub async fn act(&mut self, action: Action) -> Result<String, String> {
        let act = Act { reply_to: Some(1), actor: "staf".to_owned(), reason: String::new(), action };
        self.events.send(Event::Act(act)).await.unwrap();
        self.replies.recv().await.unwrap()
    }

    /// The ledger as people see it; opened once, since it is asked after every step.
    pub fn reader(&self) -> &Reader {
        self.reader.get_or_init(|| Reader::open(&self.folder.path().join("k.db")).unwrap())
    }

    pub fn status(&self) -> StatusView {
        self.reader().status().unwrap()
    }

    pub fn job(&self, job: JobId) -> JobView {
        let view = self.reader().job(&JobRef::Id(job)).unwrap().unwrap();
        assert!(view.adds_up(), "{view:?}");
        view
    }

    pub fn count(&self, job: JobId, state: State) -> u64 {
        self.job(job).messages.get(state.name()).copied().unwrap_or(0)
    }

    /// Waits until the ledger shows it; gives up, and fails, after `patience` of simulated time.
    pub async fn until(&mut self, patience: Duration, mut shown: impl FnMut(&Town) -> bool) {
        let deadline = Instant::now() + patience;
        while !shown(self) {
            let step = tokio::time::timeout_at(deadline, self.steps.changed()).await;
            assert!(matches!(step, Ok(Ok(()))), "it did not happen in {patience:?}: {:?}", self.status());
        }
    }

    pub async fn until_state(&mut self, job: JobId, state: State, count: u64) {
        self.until(Duration::from_secs(7200), |town| town.count(job, state) == count).await;
    }
}

/// Where a sync costs nothing, if there is such a place: simulated crashes do not take the machine along.
fn folder_in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn timestamp(started: Instant) -> Timestamp {
    let base = Timestamp::from_second(1_795_000_000).unwrap();
    base + SignedDuration::try_from(started.elapsed()).unwrap()
}

/// One modem: a session on its port, again and again.
async fn serve(
    fleet: Arc<Fleet>,
    index: usize,
    name: ModemName,
    events: mpsc::Sender<Event>,
    mut orders: mpsc::Receiver<ModemOrder>,
) {
    let stop = CancellationToken::new();
    let settings = SessionSettings::new(name, fleet.name(index));
    loop {
        fleet.plugged(index).wait_for(|there| *there).await.unwrap();
        let Ok(stream) = fleet.open(index).await else { continue };
        modem::run(stream, &settings, &events, &mut orders, &stop).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// Where answers go: to whoever brings a job, and to whoever asked for something.
type Answers = (mpsc::Sender<(IntakeId, IntakeOrder)>, mpsc::Sender<Result<String, String>>);

/// The engine's own loop: what waits together is committed together.
async fn decide(
    mut engine: Engine,
    started: Instant,
    mut inbox: mpsc::Receiver<Event>,
    routes: BTreeMap<ModemName, mpsc::Sender<ModemOrder>>,
    (answers, told): Answers,
    stepped: watch::Sender<u64>,
) {
    let mut wake = Some(Instant::now());
    let mut batch = Vec::new();
    loop {
        let timer = async {
            match wake {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            count = inbox.recv_many(&mut batch, 256) => if count == 0 { return },
            () = timer => batch.push(Event::Tick),
        }
        let now = timestamp(started);
        let step = engine.handle(now, batch.drain(..)).unwrap();
        wake = step.next_wake.map(|at| {
            let wait = at.duration_since(now);
            // Timers have milliseconds; waking a little late beats waking for nothing.
            Instant::now() + Duration::try_from(wait).unwrap_or_default() + Duration::from_millis(1)
        });
        for order in step.orders {
            match order {
                Order::Modem(modem, order) => {
                    if let Some(route) = routes.get(&modem) {
                        route.send(order).await.unwrap();
                    }
                }
                Order::Intake(id, order) => answers.send((id, order)).await.unwrap(),
                Order::Reply { result, .. } => told.send(result).await.unwrap(),
                Order::JobChanged { .. } | Order::InboxChanged { .. } => {}
            }
        }
        stepped.send_modify(|count| *count += 1);
    }
}
