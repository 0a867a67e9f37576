//! A whole office in one test: the real engine on a real ledger in its real loop, real sessions and their keepers, simulated modems,
//! a queue directory without a disk, on tokio's paused clock in one thread.

pub mod answers;
pub mod audit;
pub mod comparison;
pub mod habits;
pub mod queue;
mod sockets;
pub mod watched;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use kentongan::daemon::Clock;
use kentongan::daemon::engine_task::{self, Inboxes, Shells};
use kentongan::engine::event::*;
use kentongan::engine::{Engine, Rules};
use kentongan::model::*;
use kentongan::modem::{SessionSettings, keep};
use kentongan::policy::Limits;
use kentongan::simulator::{Fleet, FleetSettings};
use kentongan::store::{JobRef, JobView, Reader, StatusView, Store, StoreError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use answers::{Answers, Told};
use audit::Auditor;
use habits::Knowledge;
use queue::Queue;
use sockets::{Slot, Sockets};
use watched::{Watch, Watched};

/// How a town is made.
#[derive(Clone)]
pub struct Settings {
    pub fleet: FleetSettings,
    pub rules: Rules,
    /// Sockets without a modem in them.
    pub spare_sockets: usize,
    /// Between looks at signal and registration.
    pub health_every: Duration,
    /// Whether an auditor looks on.
    pub audited: bool,
    /// What the office knows already of makes of modem.
    pub knowledge: Knowledge,
}

impl Settings {
    pub fn new(fleet: FleetSettings, rules: Rules) -> Self {
        Self {
            fleet,
            rules,
            spare_sockets: 0,
            health_every: Duration::from_secs(60),
            audited: true,
            knowledge: Knowledge::default(),
        }
    }
}

pub struct Town {
    pub fleet: Arc<Fleet>,
    pub sockets: Arc<Sockets>,
    pub queue: Arc<Queue>,
    pub folder: tempfile::TempDir,
    pub watch: Arc<Watch>,
    settings: Settings,
    clock: Clock,
    started: Instant,
    events: mpsc::Sender<Event>,
    intake: mpsc::Sender<Event>,
    answers: Answers,
    steps: watch::Receiver<u64>,
    deaths: watch::Receiver<u64>,
    stop: CancellationToken,
    sessions: Vec<JoinHandle<()>>,
    engine: Option<JoinHandle<()>>,
    /// The rest of the daemon's tasks.
    others: Vec<JoinHandle<()>>,
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
        digest: format!("{class}:{text}"),
        owner: "staf".to_owned(),
        text: Some(text.to_owned()),
        ..JobHeader::of("diskominfo", "pengumuman.csv", class)
    }
}

/// The beginning of every town's time.
fn epoch() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

impl Town {
    pub async fn new(fleet: FleetSettings, rules: Rules) -> Self {
        Self::with(Settings::new(fleet, rules)).await
    }

    pub async fn with(settings: Settings) -> Self {
        let fleet = Arc::new(Fleet::spawn(settings.fleet.clone()).unwrap());
        let profiles = &settings.fleet.profiles;
        let usb = (0..fleet.modems()).map(|modem| profiles[modem % profiles.len()].name != "sim800").collect();
        let sockets = Sockets::new(fleet.clone(), settings.spare_sockets, usb);
        let folder = folder_in_memory();
        let path = folder.path().join("k.db");
        drop(Store::open(&path).unwrap());
        settings.knowledge.write(&path);
        let auditor = settings.audited.then(|| {
            audit::ledger::install(&path);
            Auditor::new(&path, fleet.truth().clone())
        });
        let watch = Watch::new(auditor);
        let (steps, deaths) = (watch.steps.subscribe(), watch.deaths.subscribe());
        let mut town = Self {
            fleet,
            sockets,
            queue: Arc::default(),
            folder,
            watch,
            settings,
            clock: Clock::starting_at(epoch()),
            started: Instant::now(),
            events: mpsc::channel(1).0,
            intake: mpsc::channel(1).0,
            answers: Answers::default(),
            steps,
            deaths,
            stop: CancellationToken::new(),
            sessions: Vec::new(),
            engine: None,
            others: Vec::new(),
            reader: OnceCell::new(),
        };
        town.start();
        town
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The ledger.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("k.db")
    }

    /// The daemon starts: on a new ledger, or on the one that the last run left.
    pub fn start(&mut self) {
        self.try_start().unwrap();
    }

    /// The same where the disk may be full.
    pub fn try_start(&mut self) -> Result<(), StoreError> {
        let store = Store::open(&self.path())?;
        let life = self.watch.new_life();
        let seed = self.settings.fleet.seed ^ (life << 32);
        let engine = Engine::open(store, self.settings.rules.clone(), self.now(), seed)?;
        self.watch.audit(|auditor| auditor.begins(self.clock.now(), &self.settings.rules));
        if self.watch.dies_now() {
            return Ok(());
        }
        let (events, inbox) = mpsc::channel(1024);
        let (intake, intake_inbox) = mpsc::channel(16);
        let (routes, modems) = mpsc::channel(1024);
        let (spool, spool_inbox) = mpsc::channel(256);
        let (replies, reply_inbox) = mpsc::channel(64);
        let answers = Answers::default();
        self.stop = CancellationToken::new();
        let handing_on = self.spawn(answers.clone().hand_on(spool_inbox, reply_inbox));
        self.others.push(handing_on);
        for socket in 0..self.sockets.count() {
            let (orders, order_inbox) = mpsc::channel(2048);
            let name = self.sockets.name(socket);
            let health_every = self.settings.health_every;
            let settings = SessionSettings { health_every, ..SessionSettings::new(ModemName::new(&name), &name) };
            routes.try_send((ModemName::new(&name), orders)).expect("there is room");
            let slot = Slot { sockets: self.sockets.clone(), socket };
            let session = self.spawn(keep(slot, settings, events.clone(), order_inbox, self.stop.clone()));
            self.sessions.push(session);
        }
        let watched = Watched { engine, watch: self.watch.clone() };
        let (inboxes, shells) = (
            Inboxes { events: inbox, intake: intake_inbox },
            Shells { modems, spool, replies, changes: watch::Sender::new(0) },
        );
        let running = engine_task::run(watched, self.clock, inboxes, shells);
        self.engine = Some(self.spawn(async move { drop(running.await) }));
        let watcher = queue::Watcher {
            queue: self.queue.clone(),
            events: intake.clone(),
            answers: answers.clone(),
            database: self.path(),
            clock: self.clock,
            busy: Mutex::default(),
            pace: Mutex::new(fastrand::Rng::with_seed(seed)),
            places: areas(),
        };
        let watching = self.spawn(watcher.run());
        self.others.push(watching);
        (self.events, self.intake, self.answers) = (events, intake, answers);
        Ok(())
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let task = tokio::spawn(task);
        self.watch.tasks.lock().unwrap().push(task.abort_handle());
        task
    }

    /// SIGTERM: sends in hand are finished, as far as their modems answer in time, then the engine ends by itself. Whether all of
    /// this came to pass.
    pub async fn stop(&mut self) -> bool {
        let patience = Duration::from_secs(210);
        self.stop.cancel();
        let until = Instant::now() + patience;
        let mut orderly = true;
        for session in self.sessions.drain(..) {
            orderly &= matches!(tokio::time::timeout_at(until, session).await, Ok(Ok(())));
        }
        self.others.iter().for_each(JoinHandle::abort);
        (self.events, self.intake) = (mpsc::channel(1).0, mpsc::channel(1).0);
        if orderly && let Some(engine) = self.engine.take() {
            orderly = engine.await.is_ok();
        }
        let died = self.is_dead();
        self.look().await;
        self.kill().await;
        orderly && !died
    }

    /// From the next start on these rules.
    pub fn change_rules(&mut self, change: impl FnOnce(&mut Rules)) {
        change(&mut self.settings.rules);
    }

    /// SIGKILL: nothing is finished, nothing is said. The modems live on.
    pub async fn kill(&mut self) {
        self.watch.die();
        self.bury().await;
    }

    /// Waits until all that died is gone.
    pub async fn bury(&mut self) {
        let tasks = self.sessions.drain(..).chain(self.engine.take()).chain(self.others.drain(..));
        for task in tasks.collect::<Vec<_>>() {
            // Cancelled, or a panic that the test must not swallow.
            if let Err(error) = task.await
                && error.is_panic()
            {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        self.deaths.mark_unchanged();
    }

    pub async fn restart(&mut self) {
        self.kill().await;
        self.start();
    }

    /// Whether the daemon has died and was not buried yet.
    pub fn is_dead(&self) -> bool {
        self.deaths.has_changed().unwrap_or(true)
    }

    /// Fails where the auditor has found something wrong, or a task of the daemon has panicked.
    pub async fn look(&mut self) {
        let fault = self.watch.fault.lock().unwrap().clone();
        if let Some(fault) = fault {
            panic!("{fault}");
        }
        let ended = self.engine.iter().chain(&self.sessions).any(JoinHandle::is_finished);
        if ended && !self.stop.is_cancelled() && !self.is_dead() {
            self.kill().await;
            panic!("a part of the daemon has ended by itself");
        }
    }

    /// Waits for a step of the engine or a death, at most so long. Whether there was one.
    pub async fn step(&mut self, deadline: Instant) -> bool {
        let step = tokio::select! {
            biased;
            _ = self.deaths.changed() => {
                self.deaths.mark_changed();
                true
            }
            _ = self.steps.changed() => true,
            () = tokio::time::sleep_until(deadline) => false,
        };
        self.look().await;
        step
    }

    pub async fn drop_job(&mut self, header: JobHeader, numbers: impl Iterator<Item = u32>) -> JobId {
        let rows = (1..).zip(numbers).map(|(place, n)| RecipientRow::to(place, number(n))).collect();
        let (id, mut answer) = self.answers.next();
        for event in [IntakeEvent::Begin(Box::new(header)), IntakeEvent::Rows(rows), IntakeEvent::Complete] {
            self.intake.send(Event::Intake(id, event)).await.unwrap();
        }
        match answer.recv().await.unwrap() {
            IntakeOrder::Accepted { job, .. } => job,
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// A job file is dropped into the queue directory, and becomes a job.
    pub async fn drop_file(&mut self, name: &str, content: &str) -> JobId {
        self.queue.drop_file(name, content.as_bytes());
        let accepted = |town: &Town| {
            let jobs = town.reader().jobs(1000, false).unwrap();
            jobs.into_iter().find(|job| job.source == name && job.state != "receiving").map(|job| JobId(job.id))
        };
        self.until(Duration::from_secs(60), |town| accepted(town).is_some()).await;
        accepted(self).expect("it was just there")
    }

    /// A person asks for something, and waits for the answer.
    pub async fn act(&mut self, action: Action) -> Told {
        self.ask(action).await.expect("the daemon lives and answers")
    }

    /// What a person asks, and what they are told; `None`: the daemon died over it.
    pub async fn ask(&mut self, action: Action) -> Option<Told> {
        let (id, told) = self.answers.person();
        let act = Act { reply_to: Some(id), actor: "staf".to_owned(), reason: "uji".to_owned(), action };
        self.events.send(Event::Act(act)).await.ok()?;
        // A dead daemon answers nobody, and its channels live as long as this town holds them.
        tokio::time::timeout(Duration::from_secs(60), told).await.ok()?.ok()
    }

    /// The ledger as people see it; opened once, since it is asked after every step.
    pub fn reader(&self) -> &Reader {
        self.reader.get_or_init(|| Reader::open(&self.path()).unwrap())
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
            let step = self.step(deadline).await;
            assert!(step && !self.is_dead(), "it did not happen in {patience:?}: {:?}", self.status());
        }
    }

    pub async fn until_state(&mut self, job: JobId, state: State, count: u64) {
        self.until(Duration::from_secs(7200), |town| town.count(job, state) == count).await;
    }

    /// Time since the town was made.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The areas of the city, read once.
fn areas() -> Arc<Places> {
    static AREAS: LazyLock<Arc<Places>> =
        LazyLock::new(|| Arc::new(Places::parse(include_str!("../../config/wilayah-bandung.csv")).unwrap()));
    AREAS.clone()
}

/// Where a sync costs nothing, if there is such a place: simulated crashes do not take the machine along.
fn folder_in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}
