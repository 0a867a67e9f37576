//! The outbox: facts that webhooks want are entered with what made them true, and stay until every webhook has them.
//!
//! Calling is the business of a shell; here it is decided what is told, how far each has come, and when waiting is of no use any more.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::event::HookCall;
use super::own_text::OWN_UNIT;
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, FactKind, JobId, MessageId, State, Timestamp, earlier, later};
use crate::policy::alarms::Hook;
use crate::store::{EventRow, FactRow, HookStand, StoreError, fact_list};

/// Facts that one call removes or passes over.
const BIT: usize = 1000;

/// What the engine keeps in mind of the outbox.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// What any webhook is told of.
    wanted: BTreeSet<FactKind>,
    /// What became true in this call, in order.
    facts: RefCell<Vec<Fact>>,
    /// A webhook has moved, or has failed.
    moved: bool,
    /// When waiting for a webhook that fails ends, or becomes an alarm.
    next: Option<Timestamp>,
}

/// Something that became true.
#[derive(Clone, Debug)]
pub(super) enum Fact {
    Message { message: MessageId, job: JobId, state: State },
    Event { kind: FactKind, event: i64, job: Option<JobId> },
    Inbound { inbox: i64, unit: Option<String> },
    Alarm { alarm: i64, state: &'static str },
}

impl Fact {
    fn kind(&self) -> Option<FactKind> {
        match self {
            Fact::Message { state, .. } => FactKind::of_message(*state),
            Fact::Event { kind, .. } => Some(*kind),
            Fact::Inbound { .. } => Some(FactKind::Inbound),
            Fact::Alarm { .. } => Some(FactKind::Alarm),
        }
    }
}

impl Outbox {
    /// Takes a fact, if anybody wants it.
    pub fn put(&self, fact: Fact) {
        if fact.kind().is_some_and(|kind| self.wanted.contains(&kind)) {
            self.facts.borrow_mut().push(fact);
        }
    }
}

impl Engine {
    /// At the start: the webhooks of the settings are those that are known. A new one is told of what comes from now on.
    pub(super) fn take_up_outbox(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let hooks = self.rules.webhooks.clone();
        self.outbox.wanted = hooks.iter().flat_map(|hook| hook.facts.iter().copied()).collect();
        self.outbox.moved = true;
        let known = self.store.webhooks()?;
        for name in known.iter().filter(|name| hooks.iter().all(|hook| hook.name != **name)) {
            let left = self.store.remove_webhook(name)?;
            let detail = format!("{name}: it is not in the settings any more; {left} facts were not called out to it");
            self.record(EventRow { kind: "webhook_removed", detail: &detail, ..ENGINE }, now)?;
            self.clear(AlarmKind::WebhookFailing, name, now)?;
        }
        for hook in hooks.iter().filter(|hook| !known.contains(&hook.name)) {
            self.store.add_webhook(&hook.name, now)?;
            self.record(EventRow { kind: "webhook_added", detail: &hook.name, ..ENGINE }, now)?;
        }
        Ok(())
    }

    /// Enters what became true in this call.
    pub(super) fn enter_facts(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for fact in std::mem::take(&mut *self.outbox.facts.borrow_mut()) {
            let Some(kind) = fact.kind() else { continue };
            match fact {
                Fact::Message { message, job, state } => {
                    if let Some(unit) = self.unit_behind(job)? {
                        let row = FactRow {
                            unit: Some(&unit),
                            state: Some(state.name()),
                            message: Some(message),
                            ..FactRow::default()
                        };
                        self.store.insert_fact(kind, &row, now)?;
                    }
                }
                Fact::Event { event, job: Some(job), .. } => {
                    if let Some(unit) = self.unit_behind(job)? {
                        let row = FactRow { unit: Some(&unit), event: Some(event), ..FactRow::default() };
                        self.store.insert_fact(kind, &row, now)?;
                    }
                }
                Fact::Event { event, job: None, .. } => {
                    self.store.insert_fact(kind, &FactRow { event: Some(event), ..FactRow::default() }, now)?;
                }
                Fact::Inbound { inbox, unit } => {
                    let unit = Some(unit.as_deref().unwrap_or_default());
                    self.store.insert_fact(kind, &FactRow { unit, inbox: Some(inbox), ..FactRow::default() }, now)?;
                }
                Fact::Alarm { alarm, state } => {
                    let row = FactRow { state: Some(state), alarm: Some(alarm), ..FactRow::default() };
                    self.store.insert_fact(kind, &row, now)?;
                }
            }
        }
        Ok(())
    }

    /// The unit whose job it is; `None`: the daemon's own answers, tests, questions and notices are told to nobody.
    fn unit_behind(&self, job: JobId) -> Result<Option<String>, StoreError> {
        let unit = match self.queue.lane(job) {
            Some(lane) => lane.unit.clone(),
            None => self.store.job(job)?.map_or(String::new(), |row| row.unit),
        };
        Ok((unit != OWN_UNIT && !unit.is_empty()).then_some(unit))
    }

    /// A webhook was called, or could not be.
    pub(super) fn hook_called(&mut self, name: &str, call: &HookCall, now: Timestamp) -> Result<(), StoreError> {
        let stand = HookStand {
            position: call.position,
            reached: call.reached,
            tries: call.tries,
            next_at: call.next_at,
            trouble: call.trouble.as_deref(),
        };
        self.store.move_webhook(name, &stand, now)?;
        self.outbox.moved = true;
        Ok(())
    }

    /// Removes what every webhook has, and sees to those that fail. Gives the time of the next look, and whether something is left.
    pub(super) fn keep_outbox(&mut self, now: Timestamp) -> Result<(Option<Timestamp>, bool), StoreError> {
        if !self.outbox.moved && self.outbox.next.is_none_or(|next| next > now) {
            return Ok((self.outbox.next, false));
        }
        self.outbox.moved = false;
        let (mut next, mut more): (Option<Timestamp>, bool) = (None, false);
        for hook in self.rules.webhooks.clone() {
            let (look, left) = self.see_to_hook(&hook, now)?;
            next = next.into_iter().chain(look).min();
            more |= left;
        }
        more |= self.store.prune_outbox(BIT)?;
        self.outbox.moved = more;
        self.outbox.next = next;
        Ok((next, more))
    }

    fn see_to_hook(&mut self, hook: &Hook, now: Timestamp) -> Result<(Option<Timestamp>, bool), StoreError> {
        let name = hook.name.as_str();
        let Some(row) = self.store.webhook(name)? else { return Ok((None, false)) };
        let Some(failing_since) = row.failing_since else {
            self.clear(AlarmKind::WebhookFailing, name, now)?;
            return Ok((None, false));
        };
        let trouble = row.trouble.unwrap_or_default();
        let alarm_at = later(failing_since, self.rules.alarms.thresholds.unreached);
        if alarm_at <= now {
            self.raise(AlarmKind::WebhookFailing, name, &trouble, now)?;
        }
        let oldest = self.store.oldest_fact_after(row.position)?;
        let gives_up = oldest.map(|oldest| later(oldest, hook.give_up_after));
        let looks = [Some(alarm_at), gives_up].into_iter().flatten().filter(|at| *at > now).min();
        if gives_up.is_none_or(|at| at > now) {
            return Ok((looks, false));
        }
        let before = earlier(now, hook.give_up_after);
        // What is as old as that to the millisecond is given up with it.
        let before = later(before, crate::model::SignedDuration::from_millis(1));
        let Some((skipped, position)) = self.store.skip_facts(name, &fact_list(&hook.facts), before, BIT)? else {
            return Ok((looks, false));
        };
        if skipped > 0 {
            let detail = format!("{name}: {skipped} facts up to {position} are given up: {trouble}");
            self.record(EventRow { kind: "webhook_skipped", detail: &detail, ..ENGINE }, now)?;
            self.raise(AlarmKind::WebhookFailing, name, &trouble, now)?;
        }
        Ok((looks, true))
    }
}
