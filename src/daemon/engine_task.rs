//! The engine's loop: events in, one commit for what waits together, orders out to the shells.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tracing::{debug, error, warn};

use super::clock::Clock;
use crate::engine::event::{Event, ModemEvent, ModemOrder, Order};
use crate::engine::{Engine, Step};
use crate::model::{JobId, ModemName, Timestamp};
use crate::spool::SpoolOrder;
use crate::store::StoreError;

/// How many events share one commit at most. What waits together is committed together.
const BATCH_MAX: usize = 256;
/// How many of them may bring rows of a job file: a long list must not make the modems wait for its commit.
const ROWS_MAX: usize = 2;
/// How long what nobody waits for may wait for company: a sync of the disk takes milliseconds, and a commit that only
/// keeps a report would stand before the one that a modem's prompt waits for.
const COMPANY: Duration = Duration::from_millis(50);
/// The longest sleep: the wall clock may be set meanwhile, and a stop is measured from the last sign of life.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// Who is asked what follows from a batch of events: the engine, or somebody who stands before it and watches.
pub trait Decider {
    /// Takes the events, all of them, oldest first. Errors: the ledger could not be written.
    fn decide(
        &mut self,
        now: Timestamp,
        events: &mut Vec<Event>,
    ) -> impl Future<Output = Result<Step, StoreError>> + Send;
}

impl Decider for Engine {
    async fn decide(&mut self, now: Timestamp, events: &mut Vec<Event>) -> Result<Step, StoreError> {
        self.handle(now, events.drain(..))
    }
}

/// The way to one modem's session.
pub type Route = (ModemName, mpsc::Sender<ModemOrder>);

/// The answer to one request of a person: its number, and how it ended.
pub type Reply = (u64, Result<String, String>);

/// What comes in.
pub struct Inboxes {
    /// From modems and people; served first.
    pub events: mpsc::Receiver<Event>,
    /// From the queue directory.
    pub intake: mpsc::Receiver<Event>,
}

/// Where the engine's orders go.
pub struct Shells {
    /// Sessions make themselves known here before their first event.
    pub modems: mpsc::Receiver<Route>,
    /// The queue directory.
    pub spool: mpsc::Sender<SpoolOrder>,
    /// The control socket.
    pub replies: mpsc::Sender<Reply>,
    /// Moves on whenever something may have changed in the ledger: whoever shows it looks again then. The number says nothing.
    pub changes: watch::Sender<u64>,
}

/// Runs the engine on a thread of its own, so that a slow disk delays nobody else. The receiver gives its end: `Ok`
/// when all senders of events are gone, the error when the ledger could not be written, nothing when it panicked.
pub(super) fn spawn(
    engine: Engine,
    clock: Clock,
    inboxes: Inboxes,
    shells: Shells,
) -> std::io::Result<oneshot::Receiver<Result<(), StoreError>>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let (ended, end) = oneshot::channel();
    std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
        let result = runtime.block_on(run(engine, clock, inboxes, shells));
        // Nobody listens any more only when the daemon is being torn down by a panic.
        let _ = ended.send(result);
    })?;
    Ok(end)
}

/// Feeds the engine until every sender of events is gone. Errors: the ledger could not be written.
///
/// Reads no clock but the one it is given, so that it runs on a paused one as well.
pub async fn run(mut engine: impl Decider, clock: Clock, inboxes: Inboxes, shells: Shells) -> Result<(), StoreError> {
    let Inboxes { mut events, mut intake } = inboxes;
    let mut routes = Routes::new(shells);
    let mut watchdog = Watchdog::new();
    let mut batch = Vec::with_capacity(BATCH_MAX);
    batch.push(Event::Tick);
    let (mut hears, mut takes_in) = (true, true);
    loop {
        let told = batch.iter().any(|event| *event != Event::Tick);
        let step = engine.decide(clock.now(), &mut batch).await?;
        if told || !step.orders.is_empty() {
            routes.shells.changes.send_modify(|count| *count = count.wrapping_add(1));
        }
        routes.carry_out(step.orders);
        watchdog.alive();
        // Without anything to wait for, too: the ledger is to know that the daemon is at work.
        let wake = Some(Instant::now() + step.next_wake.map_or(SLEEP_MAX, |wake| until(wake, clock.now())));
        let mut company = None;
        while batch.iter().all(can_wait) {
            // Also where the last word was one that had waited for company, and has been decided on now.
            if !hears && !takes_in && batch.is_empty() {
                return Ok(());
            }
            if !batch.is_empty() {
                let until = *company.get_or_insert_with(|| Instant::now() + COMPANY);
                if Instant::now() >= until {
                    break;
                }
            }
            tokio::select! {
                biased;
                count = events.recv_many(&mut batch, BATCH_MAX), if hears => hears = count > 0,
                event = intake.recv(), if takes_in => match event {
                    Some(event) => batch.push(event),
                    None => takes_in = false,
                },
                () = routes.room_for_spool() => routes.feed_spool(),
                () = watchdog.due() => watchdog.alive(),
                () = sleep_until(company), if company.is_some() => break,
                () = sleep_until(wake) => batch.push(Event::Tick),
            }
            if !hears && !batch.is_empty() {
                break;
            }
        }
        for _ in 0..ROWS_MAX {
            batch.extend(intake.try_recv());
        }
    }
}

/// Whether nobody and nothing waits for this to be durable within the moment. Whatever comes later is decided later
/// all the same: events are taken in their order.
fn can_wait(event: &Event) -> bool {
    use ModemEvent::{Garbled, Health, Noted, Received};
    matches!(
        event,
        Event::Modem(_, Received { .. } | Garbled { .. } | Health { .. } | Noted { .. })
            | Event::Disk { .. }
            | Event::Hook { .. }
            | Event::Notice { .. }
            | Event::ReportWritten { .. }
    )
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}

fn until(wake: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(wake.duration_since(now)).unwrap_or_default().min(SLEEP_MAX)
}

/// Carries orders to the shells without ever waiting for one: the engine must not hang on a session that does.
struct Routes {
    shells: Shells,
    modems: BTreeMap<ModemName, mpsc::Sender<ModemOrder>>,
    /// Answers to intakes that found the channel full, in their order. At most a few for each file being read.
    answers: VecDeque<SpoolOrder>,
    /// Jobs whose account changed while the channel was full; the last word on each counts.
    changed: BTreeMap<JobId, bool>,
    /// Units whose inbox changed meanwhile.
    inboxes: BTreeSet<String>,
}

impl Routes {
    fn new(shells: Shells) -> Self {
        Self {
            shells,
            modems: BTreeMap::new(),
            answers: VecDeque::new(),
            changed: BTreeMap::new(),
            inboxes: BTreeSet::new(),
        }
    }

    fn carry_out(&mut self, orders: Vec<Order>) {
        while let Ok((name, route)) = self.shells.modems.try_recv() {
            self.modems.insert(name, route);
        }
        for order in orders {
            match order {
                Order::Modem(modem, order) => self.hand_to_modem(&modem, order),
                Order::Intake(intake, order) => self.answers.push_back(SpoolOrder::Intake(intake, order)),
                Order::JobChanged { job, finished } => {
                    self.changed.insert(job, finished);
                }
                Order::InboxChanged { unit } => {
                    self.inboxes.insert(unit);
                }
                Order::Reply { to, result } => {
                    if self.shells.replies.try_send((to, result)).is_err() {
                        warn!(to, "the answer to a person found no way back; what they asked for is done");
                    }
                }
            }
        }
        self.feed_spool();
    }

    fn hand_to_modem(&mut self, modem: &ModemName, order: ModemOrder) {
        match self.modems.get(modem).map(|route| route.try_send(order)) {
            Some(Ok(())) => {}
            Some(Err(mpsc::error::TrySendError::Full(_))) => {
                error!(%modem, "the modem's session takes no orders any more; unplug the modem or restart the daemon");
            }
            // The session's last event is on its way: the engine will learn that it is gone.
            Some(Err(mpsc::error::TrySendError::Closed(_))) | None => {
                debug!(%modem, "an order for a session that ended")
            }
        }
    }

    /// Gives the spool what waits for it, as far as there is room.
    fn feed_spool(&mut self) {
        while let Some(order) = self.answers.pop_front() {
            if let Err(mpsc::error::TrySendError::Full(order)) = self.shells.spool.try_send(order) {
                self.answers.push_front(order);
                return;
            }
        }
        while let Some((job, finished)) = self.changed.pop_first() {
            let order = SpoolOrder::JobChanged { job, finished };
            if let Err(mpsc::error::TrySendError::Full(_)) = self.shells.spool.try_send(order) {
                self.changed.insert(job, finished);
                return;
            }
        }
        while let Some(unit) = self.inboxes.pop_first() {
            let order = SpoolOrder::InboxChanged { unit: unit.clone() };
            if let Err(mpsc::error::TrySendError::Full(_)) = self.shells.spool.try_send(order) {
                self.inboxes.insert(unit);
                return;
            }
        }
    }

    /// Comes back when something waits for the spool and there is room for it.
    async fn room_for_spool(&self) {
        if self.answers.is_empty() && self.changed.is_empty() && self.inboxes.is_empty() {
            return std::future::pending().await;
        }
        // An error means that the spool has ended; feeding it then throws the rest away.
        let _ = self.shells.spool.reserve().await;
    }
}

/// systemd's watchdog, fed from the engine's own loop: a task of its own would prove nothing.
struct Watchdog {
    every: Option<Duration>,
    next: Instant,
}

impl Watchdog {
    fn new() -> Self {
        Self { every: sd_notify::watchdog_enabled().map(|limit| limit / 3), next: Instant::now() }
    }

    fn alive(&mut self) {
        if let Some(every) = self.every
            && Instant::now() >= self.next
        {
            self.next = Instant::now() + every;
            let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
        }
    }

    async fn due(&self) {
        match self.every {
            Some(_) => tokio::time::sleep_until(self.next).await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Rules;
    use crate::engine::event::{Act, Action, IntakeId, IntakeOrder, Scope};
    use crate::store::Store;

    fn engine(folder: &tempfile::TempDir, clock: Clock) -> Engine {
        let store = Store::open(&folder.path().join("k.db")).unwrap();
        Engine::open(store, Rules::default(), clock.now(), 1).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn what_people_ask_is_answered_and_the_engine_ends_with_its_last_sender() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::starting_at(Timestamp::from_second(1_800_000_000).unwrap());
        let (events, inbox) = mpsc::channel(8);
        let (_modem, modems) = mpsc::channel(8);
        let (spool, _orders) = mpsc::channel(1);
        let (replies, mut answers) = mpsc::channel(8);
        let shells = Shells { modems, spool, replies, changes: watch::Sender::new(0) };
        let (_, intake) = mpsc::channel(1);
        let inboxes = Inboxes { events: inbox, intake };
        let running = tokio::spawn(run(engine(&folder, clock), clock, inboxes, shells));
        let ask =
            |action| Event::Act(Act { reply_to: Some(7), actor: "andi".to_owned(), reason: String::new(), action });
        events.send(ask(Action::Pause(Scope::All))).await.unwrap();
        let (to, result) = answers.recv().await.unwrap();
        assert_eq!(to, 7);
        assert!(result.is_ok());
        events.send(ask(Action::Cancel(JobId(99)))).await.unwrap();
        let (_, result) = answers.recv().await.unwrap();
        assert!(result.unwrap_err().contains("99"));
        drop(events);
        running.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_engine_ends_also_where_the_last_word_waits_for_company() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::starting_at(Timestamp::from_second(1_800_000_000).unwrap());
        let (events, inbox) = mpsc::channel(8);
        let (_modem, modems) = mpsc::channel(8);
        let (spool, _orders) = mpsc::channel(1);
        let (replies, _answers) = mpsc::channel(8);
        let shells = Shells { modems, spool, replies, changes: watch::Sender::new(0) };
        let (_, intake) = mpsc::channel(1);
        let running = tokio::spawn(run(engine(&folder, clock), clock, Inboxes { events: inbox, intake }, shells));
        let room = crate::engine::event::Room { free: 9, total: 9 };
        events.send(Event::Disk { what: "queue", room }).await.unwrap();
        drop(events);
        let ended = tokio::time::timeout(Duration::from_secs(3600), running).await;
        ended.expect("it ends").unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_slow_spool_gets_every_answer_and_the_last_word_on_each_job() {
        let (_modem, modems) = mpsc::channel(1);
        let (spool, mut orders) = mpsc::channel(1);
        let (replies, _answers) = mpsc::channel(1);
        let mut routes = Routes::new(Shells { modems, spool, replies, changes: watch::Sender::new(0) });
        let changed = |finished| Order::JobChanged { job: JobId(1), finished };
        let answer = |intake| Order::Intake(IntakeId(intake), IntakeOrder::Known { job: JobId(1) });
        routes.carry_out(vec![answer(1), changed(false), answer(2), changed(true)]);
        let mut got = Vec::new();
        while let Ok(order) = orders.try_recv() {
            got.push(format!("{order:?}"));
            if got.len() < 3 {
                routes.room_for_spool().await;
                routes.feed_spool();
            }
        }
        assert!(got[0].contains("IntakeId(1)") && got[1].contains("IntakeId(2)"), "{got:?}");
        assert!(got[2].contains("finished: true"), "{got:?}");
    }

    #[tokio::test]
    async fn a_session_that_hangs_or_is_gone_does_not_hold_the_engine_up() {
        let (modem, modems) = mpsc::channel(4);
        let (spool, _orders) = mpsc::channel(1);
        let (replies, _answers) = mpsc::channel(1);
        let (hung, mut held) = mpsc::channel(1);
        let (gone, _) = mpsc::channel(1);
        modem.send((ModemName::new("hung"), hung)).await.unwrap();
        modem.send((ModemName::new("gone"), gone)).await.unwrap();
        let mut routes = Routes::new(Shells { modems, spool, replies, changes: watch::Sender::new(0) });
        let order = |name| Order::Modem(ModemName::new(name), ModemOrder::Acknowledge);
        routes.carry_out(vec![order("hung"), order("hung"), order("gone"), order("unknown")]);
        assert_eq!(held.recv().await, Some(ModemOrder::Acknowledge));
        assert!(held.try_recv().is_err());
    }
}
