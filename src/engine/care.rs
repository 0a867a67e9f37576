//! What is done for a modem that fell: the next step of its ladder, on record before it is taken.

use super::event::{Act, ModemOrder, Order};
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, Fall, ModemName, RecoveryStep, SignedDuration, SimId, Timestamp, earlier, later};
use crate::policy::{self, Lately, PinTry};
use crate::store::{EventRow, StoreError};

/// A modem that is out of service.
#[derive(Debug)]
pub(super) struct Out {
    since: Timestamp,
    reason: String,
    told: bool,
}

impl Engine {
    /// A modem takes no segments from now on.
    pub(super) fn out_of_work(&mut self, modem: &ModemName, reason: &str, now: Timestamp) {
        let out =
            self.out.entry(modem.clone()).or_insert_with(|| Out { since: now, reason: String::new(), told: false });
        reason.clone_into(&mut out.reason);
    }

    /// A modem takes segments again.
    pub(super) fn at_work(&mut self, modem: &ModemName, now: Timestamp) -> Result<(), StoreError> {
        self.out.remove(modem);
        self.clear(AlarmKind::ModemOut, modem.as_str(), now)
    }

    /// Raises the alarm for modems that are out for long; gives the time of the next one. One that has rested and has nothing to
    /// send is not out.
    pub(super) fn tell_modems_out(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let wait = self.rules.alarms.thresholds.modem_out;
        let wants_look = |out: &Out| later(out.since, wait);
        let waiting = |(modem, out): &(&ModemName, &Out)| !out.told && !self.is_to_be_tried(modem, now);
        let (due, later): (Vec<_>, Vec<_>) =
            self.out.iter().filter(waiting).partition(|(_, out)| wants_look(out) <= now);
        let next = later.into_iter().map(|(_, out)| wants_look(out)).min();
        let due: Vec<(ModemName, String)> =
            due.into_iter().map(|(modem, out)| (modem.clone(), out.reason.clone())).collect();
        for (modem, reason) in due {
            self.out.get_mut(&modem).expect("it was just found").told = true;
            self.raise(AlarmKind::ModemOut, modem.as_str(), &reason, now)?;
        }
        Ok(next)
    }

    /// Each start looks anew: a modem that was taken away on purpose must not be an alarm for ever.
    pub(super) fn forget_modems_out(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for modem in self.store.standing(AlarmKind::ModemOut)? {
            self.forget_alarm(AlarmKind::ModemOut, &modem, now)?;
        }
        Ok(())
    }

    /// A modem is without a session now.
    pub(super) fn fell(
        &mut self,
        modem: &ModemName,
        fall: Fall,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if fall == Fall::OpenRefused {
            self.store.set_modem_state(modem, "lost", Some(reason), now)?;
            let detail = format!("{modem}: {reason}");
            return self.record(EventRow { kind: "modem_refused", detail: &detail, ..ENGINE }, now);
        }
        if fall == Fall::NoPort {
            // Nobody has met it yet.
            self.store.show_modem(modem, reason, now)?;
        }
        let step = self.next_step(modem, fall, now)?;
        self.record_step(modem, None, step, reason, now)?;
        if let RecoveryStep::Rest(span) = step {
            let until = later(now, span);
            let shown = format!("{reason}; left alone until {}", until.strftime("%H:%M:%S UTC"));
            self.store.set_modem_state(modem, "lost", Some(&shown), now)?;
            self.raise(AlarmKind::ModemOut, modem.as_str(), reason, now)?;
        }
        self.orders.push(Order::Modem(modem.clone(), ModemOrder::Recover(step)));
        Ok(())
    }

    /// One send after the other stayed without an answer: the modem is restarted, where that may still be done. Its SIM
    /// rests meanwhile.
    pub(super) fn unanswered(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let step = self.next_step(modem, Fall::Unanswered, now)?;
        if step.is_reset() {
            self.record_step(modem, Some(sim), step, reason, now)?;
            self.orders.push(Order::Modem(modem.clone(), ModemOrder::Recover(step)));
        }
        Ok(())
    }

    /// A SIM looks blocked or out of credit: nothing goes through it until a person says so, or another card is put in.
    pub(super) fn take_out_sim(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store.block_sim(sim, why, now)?;
        self.stop_sending(modem, sim, why, now)
    }

    /// A SIM was taken out just now, and why: what that means beside the row that says so.
    pub(super) fn stop_sending(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sims.get_mut(&sim).expect("it has just been judged").rests_until = Timestamp::MAX;
        let detail = format!("{modem}: {why}");
        self.record(EventRow { kind: "sim_blocked", sim: Some(sim), detail: &detail, ..ENGINE }, now)?;
        let card = self.store.sim_label(sim)?;
        self.raise(AlarmKind::SimBlocked, &card, &format!("in modem {modem}: {why}"), now)?;
        self.release_where_modem(modem);
        Ok(())
    }

    /// A person has seen to the SIM in this modem: it is tried again at once, with one message first.
    pub(super) fn resume_modem(
        &mut self,
        modem: &ModemName,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        let Some(sim) = self.store.sim_in(modem)? else {
            return Ok(Err(format!("there is no modem {modem} with a SIM")));
        };
        let was_blocked = self.store.unblock_sim(sim)?;
        let rested = self.sims.get(&sim).is_some_and(|book| book.rests_until > now);
        let falls = self.delivery_falls(sim)?;
        if !was_blocked && !rested && !falls {
            // While no daemon runs, no modem is at work.
            return Ok(Err(match self.stations.get(modem).is_some_and(|station| station.ready) {
                true => format!("modem {modem} is in use already"),
                false => format!("the SIM in modem {modem} is not taken out; it is the modem that is not at work"),
            }));
        }
        if let Some(book) = self.sims.get_mut(&sim) {
            book.rests_until = Timestamp::MIN;
            book.health = policy::SimHealth::on_trial();
        }
        self.forgive(sim, now)?;
        self.ask_after_top_up(sim, now);
        let card = self.store.sim_label(sim)?;
        self.clear(AlarmKind::SimBlocked, &card, now)?;
        let detail = if act.reason.is_empty() { modem.to_string() } else { format!("{modem}: {}", act.reason) };
        let event = EventRow { actor: &act.actor, kind: "sim_resumed", sim: Some(sim), detail: &detail, ..ENGINE };
        self.record(event, now)?;
        Ok(Ok(format!("modem {modem} is in use again")))
    }

    /// A card asks for its PIN: it is entered where nothing can be lost, and the try is durable before.
    pub(super) fn pin_asked(
        &mut self,
        modem: &ModemName,
        digest: &[u8; 32],
        tries: Option<u8>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let earlier = self.store.pin_try(digest)?.map(|(accepted, at)| {
            let outcome = match accepted {
                Some(true) => PinTry::Accepted,
                Some(false) => PinTry::Refused,
                None => PinTry::Unknown,
            };
            (outcome, at)
        });
        let order = match policy::may_enter(tries, earlier) {
            Ok(()) => {
                self.store.note_pin_try(digest, modem, now)?;
                let detail = format!("{modem}: {} tries left", tries.unwrap_or_default());
                self.record(EventRow { kind: "pin_entered", detail: &detail, ..ENGINE }, now)?;
                ModemOrder::EnterPin
            }
            Err(reason) => {
                let detail = format!("{modem}: {reason}");
                self.record(EventRow { kind: "pin_held", detail: &detail, ..ENGINE }, now)?;
                ModemOrder::HoldPin { reason }
            }
        };
        self.orders.push(Order::Modem(modem.clone(), order));
        Ok(())
    }

    pub(super) fn pin_answered(
        &mut self,
        modem: &ModemName,
        digest: &[u8; 32],
        accepted: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store.close_pin_try(digest, accepted)?;
        let kind = if accepted { "pin_accepted" } else { "pin_refused" };
        self.record(EventRow { kind, detail: modem.as_str(), ..ENGINE }, now)
    }

    fn next_step(&mut self, modem: &ModemName, fall: Fall, now: Timestamp) -> Result<RecoveryStep, StoreError> {
        let since = |hours| earlier(now, SignedDuration::from_hours(hours));
        let lately = Lately {
            resets_hour: self.store.resets(modem, since(1))?,
            resets_day: self.store.resets(modem, since(24))?,
            cut_off: self.store.cut_off(modem, since(1))?,
        };
        Ok(self.ladders.entry(modem.clone()).or_default().next(fall, lately, now))
    }

    fn record_step(
        &self,
        modem: &ModemName,
        sim: Option<SimId>,
        step: RecoveryStep,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let kind = match step {
            RecoveryStep::Reopen(_) => "modem_reopened",
            RecoveryStep::SoftReset | RecoveryStep::Rebind => "modem_reset",
            RecoveryStep::Rest(_) => "modem_rests",
        };
        let detail = format!("{modem}: {step}: {reason}");
        self.record(EventRow { kind, sim, detail: &detail, ..ENGINE }, now)
    }
}
