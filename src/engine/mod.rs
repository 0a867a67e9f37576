//! The one place that decides: what is sent next, through which modem, and what every answer means.
//!
//! Synchronous; owns the only writing connection; reads no clock and no socket. [`Engine::handle`] takes what happened
//! and the time, commits it in one transaction, and gives the orders that follow. Orders exist only after the commit:
//! a fact is durable before it has an effect.
//!
//! An error means that the ledger cannot be written. Nothing of the call has happened then, no order is given, and the
//! daemon ends: a restart is the only recovery path, and it is safe at any point.

mod access;
mod acts;
mod alarm;
mod approval;
mod archive;
mod canary;
mod care;
mod consent;
mod credit;
mod damage;
mod delivery;
mod dispatch;
mod doubt;
pub mod event;
mod evidence;
mod hand_over;
mod history;
mod hours;
mod hygiene;
mod inbound;
mod intake;
mod lane;
mod lookout;
mod moratoria;
mod naming;
mod networks;
mod outbox;
mod own_text;
mod person;
mod queue;
mod quota;
mod rank;
mod reply;
mod report;
mod rest;
mod restart;
mod restored;
mod retention;
mod roster;
mod rules;
mod self_test;
mod start;
mod station;
mod telling;
#[cfg(test)]
mod tests;
mod text;
mod trail;
mod upkeep;
mod urgent;
mod ussd;

pub use approval::second_person;
pub use archive::tend_archive;
pub use delivery::{WEIGHED, count};
pub use hours::{entered, never_opens, shut_at};
pub use restored::{PutBack, Replaced, Restored};
pub use rules::{Answers, ConsentRules, Rules};

use std::collections::{BTreeMap, BTreeSet};

use event::{Event, IntakeId, ModemEvent, Order};

use crate::model::{
    AlarmKind, FactKind, JobId, JobState, MessageId, ModemName, Msisdn, NetworkId, SimId, State, Ticket, Timestamp,
};
use crate::policy;
use crate::store::{EventRow, Store, StoreError, WhyDue};

/// What one call of the engine asks for. Everything it rests on is committed.
#[derive(Debug, Default)]
#[must_use]
pub struct Step {
    /// To be carried out in this order.
    pub orders: Vec<Order>,
    /// Call again with [`event::Event::Tick`] at this time, if nothing else happens before.
    pub next_wake: Option<Timestamp>,
}

/// The engine: the ledger, the rules, and what must be quick to know.
pub struct Engine {
    store: Store,
    rules: Rules,
    queue: queue::Queue,
    /// Groups of operators by name.
    networks: BTreeMap<String, NetworkId>,
    stations: BTreeMap<ModemName, station::Station>,
    sims: BTreeMap<SimId, station::SimBook>,
    /// Where each modem stands on its way back into service.
    ladders: BTreeMap<ModemName, policy::Ladder>,
    /// Modems out of service: since when, why, and whether people were told.
    out: BTreeMap<ModemName, care::Out>,
    /// Who was found at each session's address.
    bound: BTreeMap<ModemName, naming::Bound>,
    /// What is known of the numbers of messages.
    evidence: evidence::Evidence,
    /// IMEIs of which it is on record that several modems have them.
    twins: BTreeSet<String>,
    /// How modems and SIMs stood.
    history: history::History,
    /// The credit of SIMs.
    credits: credit::Credits,
    /// Modems that test themselves.
    tests: self_test::Tests,
    /// Messages that stand reserved.
    held: BTreeSet<MessageId>,
    intakes: BTreeMap<IntakeId, intake::Intake>,
    /// Jobs that are all in and are being entered under their numbers bit by bit.
    completing: BTreeMap<IntakeId, intake::Intake>,
    /// Jobs that were never accepted, being removed bit by bit.
    forgetting: Vec<JobId>,
    /// A change of the roster that is being received.
    importing: Option<roster::Importing>,
    /// Whether something is left of imports that were never applied.
    import_remains: bool,
    /// Numbers to which nothing is sent but emergencies: messages to them failed again and again.
    suspended: BTreeSet<Msisdn>,
    /// Jobs whose queued messages are being expired or cancelled bit by bit.
    draining: BTreeMap<JobId, State>,
    /// Units whose inbox changed in this call.
    inbox_touched: BTreeSet<String>,
    /// Jobs whose account changed in this call.
    touched: BTreeSet<JobId>,
    /// Jobs whose account named somebody who was erased in this call.
    erased_from: BTreeSet<JobId>,
    /// Quiet hours, moratoria, and what units have sent today.
    hours: hours::Hours,
    /// What a stop of the daemon has left for a person.
    restart: restart::Restart,
    orders: Vec<Order>,
    scales: delivery::Scales,
    /// What nobody reports, and is an alarm all the same.
    lookout: lookout::Lookout,
    /// Who is told of alarms.
    telling: telling::Telling,
    /// What webhooks are told.
    outbox: outbox::Outbox,
    /// Jobs whose first messages are out, and when they are judged next, if not by a change.
    canaries: BTreeMap<JobId, Option<Timestamp>>,
    plans: text::Plans,
    blanking: retention::Blanking,
    archiving: archive::Archiving,
    random: fastrand::Rng,
    last_ticket: u64,
    /// The last mark at a report file.
    last_mark: i64,
    turn: u64,
}

impl Engine {
    /// Takes a batch of events, oldest first, at the time `now`; one commit for all of them.
    ///
    /// Errors: the ledger could not be written; the engine must not be used any more.
    pub fn handle(&mut self, now: Timestamp, events: impl IntoIterator<Item = Event>) -> Result<Step, StoreError> {
        self.store.begin()?;
        match self.decide(now, events) {
            Ok(next_wake) => {
                self.store.commit()?;
                let mut orders = std::mem::take(&mut self.orders);
                self.address(&mut orders);
                Ok(Step { orders, next_wake })
            }
            Err(error) => {
                self.store.roll_back();
                Err(error)
            }
        }
    }

    fn decide(
        &mut self,
        now: Timestamp,
        events: impl IntoIterator<Item = Event>,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.keep_hours(now)?;
        for event in events {
            self.beat(&event, now)?;
            match event {
                Event::Modem(modem, event) => self.on_modem(&modem, event, now)?,
                Event::Intake(intake, event) => self.on_intake(intake, event, now)?,
                Event::Act(act) => self.on_act(act, now)?,
                Event::Folder { unit, fault: Some(fault) } => {
                    self.raise(AlarmKind::FolderWrong, &unit, &fault, now)?;
                }
                Event::Folder { unit, fault: None } => self.clear(AlarmKind::FolderWrong, &unit, now)?,
                Event::Disk { what, room } => self.disk_seen(what, room, now)?,
                Event::Notice { id, end } => self.notice_tried(id, &end, now)?,
                Event::Hook { name, call } => self.hook_called(&name, &call, now)?,
                Event::Backup(made) => self.backed_up(&made, now)?,
                Event::Archive(event) => self.on_archive(&event, now)?,
                Event::Damaged(found) => self.found_damaged(&found, now)?,
                Event::ReportWritten { job, mark } => self.store.report_file_written(job, mark)?,
                Event::Tick => {}
            }
        }
        let upkeep = self.upkeep(now)?;
        self.keep_hours(now)?;
        let rests = self.end_rests(now)?;
        let dispatch = self.dispatch(now)?;
        self.ask_cards();
        self.close_jobs(now)?;
        self.watch_held(now)?;
        self.enter_facts(now)?;
        // An alarm of this call that came after its telling.
        let telling = self.telling.is_due().then_some(now);
        Ok([upkeep, rests, dispatch, self.next_boundary(), telling].into_iter().flatten().min())
    }

    fn on_modem(&mut self, address: &ModemName, event: ModemEvent, now: Timestamp) -> Result<(), StoreError> {
        let name = match &event {
            ModemEvent::Found { modem, sim, .. } => self.bind(address, modem, sim, now)?,
            _ => self.name_at(address),
        };
        let Some(modem) = &name else { return self.overheard(address, event, now) };
        self.watch(modem, &event);
        match event {
            ModemEvent::Found { modem: identity, sim, port } => self.found(modem, &identity, &sim, &port, now),
            ModemEvent::Ready { operator, reports } => self.ready(modem, operator.as_deref(), reports, now),
            ModemEvent::Unready { reason } => self.unready(modem, &reason, now),
            ModemEvent::Lost { reason } => self.lost(modem, &reason, now),
            ModemEvent::Begun(ticket) => self.begun(modem, ticket, now),
            ModemEvent::Declined { ticket, outcome } => self.declined(modem, ticket, &outcome, now),
            ModemEvent::Answered { attempt, outcome, next } => {
                self.answered(modem, attempt, &outcome, now)?;
                next.map_or(Ok(()), |ticket| self.begun(modem, ticket, now))
            }
            ModemEvent::LateAnswer { attempt, tp_mr } => self.late_answer(attempt, tp_mr, now),
            ModemEvent::Received { pdu, slot, acknowledge } => self.received(modem, &pdu, slot, acknowledge, now),
            ModemEvent::Garbled { line, slot } => self.garbled(modem, &line, slot, now),
            ModemEvent::LinedUp { echoed, restarted } => self.lined_up(modem, echoed, restarted, now),
            ModemEvent::LastUsed { tp_mr } => self.last_used(modem, tp_mr, now),
            ModemEvent::LastWords { attempt, said } => self.store.note_last_words(attempt, &said),
            ModemEvent::Health { registration, signal } => self.store.set_modem_health(modem, registration, signal),
            ModemEvent::PinAsked { digest, tries } => self.pin_asked(modem, &digest, tries, now),
            ModemEvent::PinAnswered { digest, accepted } => self.pin_answered(modem, &digest, accepted, now),
            ModemEvent::Fell { fall, reason } => self.fell(modem, fall, &reason, now),
            ModemEvent::OwnNumber { number } => self.told_own_number(modem, &number),
            ModemEvent::UssdEnded { ticket, answers, end } => self.ussd_ended(modem, ticket, &answers, &end, now),
            ModemEvent::Noted { text } => {
                let sim = self.stations.get(modem).map(|station| station.sim);
                self.record(EventRow { kind: "modem_noted", sim, detail: &format!("{modem}: {text}"), ..ENGINE }, now)
            }
        }
    }

    /// Says which accounts changed, and closes the jobs whose messages all have their final state.
    fn close_jobs(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let (changed, erased_from) = (std::mem::take(&mut self.touched), std::mem::take(&mut self.erased_from));
        for job in changed.union(&erased_from).copied() {
            let finished = self.store.unfinished(job)? == 0;
            if finished {
                self.forget_canary(job, now)?;
                if self.queue.lane(job).is_some_and(|lane| lane.answers.is_some()) {
                    self.inbox_touched.extend(self.store.answered_unit(job)?);
                }
                let done = self.store.move_job(job, JobState::Active, JobState::Done, now)?
                    || self.store.move_job(job, JobState::Paused, JobState::Done, now)?;
                if done {
                    self.record(EventRow { kind: "job_done", job: Some(job), ..ENGINE }, now)?;
                }
                self.leave_queue(job)?;
            }
            // One that is under way is written after a start in any case.
            if finished || erased_from.contains(&job) {
                let why = if changed.contains(&job) { WhyDue::Changed } else { WhyDue::Erased };
                self.last_mark += 1;
                self.store.report_file_is_due(job, why, self.last_mark)?;
            }
            self.orders.push(Order::JobChanged { job, finished });
        }
        let inboxes = std::mem::take(&mut self.inbox_touched);
        self.orders.extend(inboxes.into_iter().map(|unit| Order::InboxChanged { unit }));
        Ok(())
    }

    /// Puts a message in the state that its segments' states add up to.
    fn refold(&mut self, message: MessageId) -> Result<State, StoreError> {
        let row = self.store.message(message)?.expect("a message that has segments has its row");
        let segments: Vec<State> = self.store.segments(message)?.into_iter().map(|(state, _)| state).collect();
        let state = State::fold(&segments);
        self.store.move_message(message, row.job, row.state, state)?;
        if state != row.state {
            self.outbox.put(outbox::Fact::Message { message, job: row.job, state });
        }
        self.touched.insert(row.job);
        Ok(state)
    }

    fn record(&self, event: EventRow<'_>, now: Timestamp) -> Result<(), StoreError> {
        let id = self.store.record(&event, now)?;
        if let Some(kind) = FactKind::of_event(event.kind) {
            self.outbox.put(outbox::Fact::Event { kind, event: id, job: event.job });
        }
        Ok(())
    }

    fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        Ticket(self.last_ticket)
    }

    /// Copies the ledger into a new file.
    pub fn back_up(&self, to: &std::path::Path) -> Result<(), StoreError> {
        self.store.back_up(to)
    }
}

/// An event of the engine's own doing.
const ENGINE: EventRow<'static> =
    EventRow { actor: "engine", kind: "", job: None, message: None, sim: None, number: None, detail: "" };
