//! One webhook's task: it calls with what the outbox has for it, in order, and says how far it has come.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use tracing::{info, warn};

use super::call::Caller;
use super::ledger::Ledger;
use super::{HookSettings, Lines, sleep_until};
use crate::engine::event::{Event, HookCall, NoticeEnd};
use crate::model::Timestamp;
use crate::policy::alarms::patience;
use crate::store::{FactView, NoticeView, WebhookView, fact_list};

/// Facts in one call.
const FACTS_MAX: usize = 100;
/// Between calls that were not full: what becomes true meanwhile goes together.
const GATHER: Duration = Duration::from_secs(1);
/// How far it has come is told this often: a call that is made again after a crash costs less than a commit for each.
const TELL: Duration = Duration::from_secs(5);
/// After a fault of the ledger.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Tests at once.
const TESTS: usize = 10;

/// What a call says.
#[derive(Serialize)]
struct Letter<'a> {
    version: u32,
    webhook: &'a str,
    sent_at: Timestamp,
    events: &'a [FactView],
}

struct Courier {
    hook: HookSettings,
    facts: String,
    caller: Caller,
    ledger: Ledger,
    lines: Lines,
    position: i64,
    tries: u32,
    next_at: Option<Timestamp>,
    /// What has been reached since the engine was told, and when it was.
    untold: Option<HookCall>,
    told_at: Option<Instant>,
    /// Tests of which the engine was told.
    tested: BTreeSet<i64>,
    /// No call before this.
    gather_until: Option<Instant>,
}

pub(super) async fn run(hook: HookSettings, ledger: Ledger, lines: Lines) {
    let mut courier = Courier {
        facts: fact_list(&hook.facts),
        caller: Caller::new(hook.clone()),
        hook,
        ledger,
        lines,
        position: 0,
        tries: 0,
        next_at: None,
        untold: None,
        told_at: None,
        tested: BTreeSet::new(),
        gather_until: None,
    };
    let stop = courier.lines.stop.clone();
    if !courier.take_up(&stop).await {
        return;
    }
    while !stop.is_cancelled() {
        courier.lines.changes.borrow_and_update();
        courier.test().await;
        let wait = courier.deliver().await;
        courier.tell_if_due().await;
        let until = [wait, courier.tell_at()].into_iter().flatten().min();
        if !courier.lines.look_again(until).await {
            break;
        }
    }
    courier.tell().await;
}

impl Courier {
    /// Where it was when the daemon ended. `false`: the daemon ends.
    async fn take_up(&mut self, stop: &tokio_util::sync::CancellationToken) -> bool {
        loop {
            let name = self.hook.name.clone();
            let known = self
                .ledger
                .ask(move |reader| Ok(reader.webhooks()?.into_iter().find(|known: &WebhookView| known.name == name)));
            if let Some(Some(known)) = known.await {
                (self.position, self.tries, self.next_at) = (known.position, known.tries, known.next_try_at);
                return true;
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return false,
                () = sleep_until(Some(Instant::now() + LOOK_AGAIN)) => {}
            }
        }
    }

    /// Calls with what there is, once; gives when to look again, if nothing changes before.
    async fn deliver(&mut self) -> Option<Instant> {
        let now = (self.lines.now)();
        if let Some(at) = self.next_at.filter(|at| *at > now) {
            return Some(Instant::now() + Duration::try_from(at.duration_since(now)).unwrap_or_default());
        }
        if let Some(at) = self.gather_until.filter(|at| *at > Instant::now()) {
            return Some(at);
        }
        let (name, facts, unit, position) =
            (self.hook.name.clone(), self.facts.clone(), self.hook.unit.clone(), self.position);
        let parcel =
            self.ledger.ask(move |reader| reader.parcel(&name, position, &facts, unit.as_deref(), FACTS_MAX)).await;
        let Some(parcel) = parcel else { return Some(Instant::now() + LOOK_AGAIN) };
        let (Some(first), Some(last)) = (parcel.facts.first(), parcel.facts.last()) else {
            if parcel.up_to > self.position {
                self.position = parcel.up_to;
                self.note(false);
            }
            return None;
        };
        let id = format!("{}.{}", first.id, last.id);
        match self.call(id, &parcel.facts).await {
            Ok(()) => {
                let failed = self.tries > 0;
                self.position = parcel.up_to;
                (self.tries, self.next_at) = (0, None);
                self.note(true);
                if failed {
                    info!(webhook = self.hook.name, "the webhook takes what it is told again");
                    self.tell().await;
                }
                let full = parcel.facts.len() == FACTS_MAX;
                let again = if full { Instant::now() } else { Instant::now() + GATHER };
                self.gather_until = Some(again);
                Some(again)
            }
            Err(trouble) => {
                self.tries = self.tries.saturating_add(1);
                let wait = patience(self.tries, fastrand::f64());
                let next = now.saturating_add(wait).unwrap_or(now);
                warn!(webhook = self.hook.name, tries = self.tries, %next, trouble, "the webhook was not reached");
                self.next_at = Some(next);
                let mut call = self.untold.take().unwrap_or_default();
                call.position = self.position;
                (call.tries, call.next_at, call.trouble) = (self.tries, self.next_at, Some(trouble));
                self.untold = Some(call);
                self.tell().await;
                Some(Instant::now() + Duration::try_from(wait).unwrap_or_default())
            }
        }
    }

    /// Notes how far it has come, for the engine.
    fn note(&mut self, reached: bool) {
        let mut call = self.untold.take().unwrap_or_default();
        call.position = self.position;
        call.reached |= reached;
        (call.tries, call.next_at) = (self.tries, self.next_at);
        self.untold = Some(call);
    }

    fn tell_at(&self) -> Option<Instant> {
        self.untold.as_ref().map(|_| self.told_at.map_or_else(Instant::now, |at| at + TELL))
    }

    async fn tell_if_due(&mut self) {
        if self.tell_at().is_some_and(|at| at <= Instant::now()) {
            self.tell().await;
        }
    }

    async fn tell(&mut self) {
        if let Some(call) = self.untold.take() {
            self.told_at = Some(Instant::now());
            self.lines.tell(Event::Hook { name: self.hook.name.clone(), call }).await;
        }
    }

    /// Makes the tests that people asked for, whatever waits.
    async fn test(&mut self) {
        let name = self.hook.name.clone();
        let waiting = self.ledger.ask(move |reader| reader.waiting_notices("webhook", &name, TESTS)).await;
        let Some(waiting) = waiting else { return };
        self.tested.retain(|id| waiting.iter().any(|notice| notice.id == *id));
        let new: Vec<NoticeView> = waiting.into_iter().filter(|notice| !self.tested.contains(&notice.id)).collect();
        for notice in new {
            let id = format!("test-{}-{}", notice.id, notice.at.as_millisecond());
            let fact = FactView { id: id.clone(), event: "test".to_owned(), at: notice.at, ..FactView::default() };
            let end = match self.call(id, &[fact]).await {
                Ok(()) => NoticeEnd::Sent,
                Err(trouble) => NoticeEnd::Failed { tries: 1, next_at: notice.at, trouble },
            };
            self.tested.insert(notice.id);
            self.lines.tell(Event::Notice { id: notice.id, end }).await;
        }
    }

    async fn call(&mut self, id: String, events: &[FactView]) -> Result<(), String> {
        let at = (self.lines.now)();
        let letter = Letter { version: 1, webhook: &self.hook.name, sent_at: at, events };
        let body = serde_json::to_string(&letter).map_err(|error| format!("it cannot be written as JSON: {error}"))?;
        self.caller.call(id, body, at).await
    }
}
