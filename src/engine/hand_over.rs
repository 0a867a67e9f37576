//! The hand-over of segments: modems come and go, attempts open and close.

use super::event::{ModemOrder, Order};
use super::queue::Tried;
use super::station::{CardFile, Movable, OnAir, Reserved, Run, Station};
use super::{ENGINE, Engine};
use crate::model::{
    AttemptId, Cause, Doubt, ErrorCode, JobState, MessageId, ModemIdentity, ModemName, Outcome, SegmentId,
    SignedDuration, SimId, SimIdentity, State, Ticket, Timestamp, later,
};
use crate::policy::{self, Circumstances, Next, SimVerdict};
use crate::store::{AttemptRow, Closing, EventRow, OpenAttempt, RefusedAttempt, StoreError};

/// Why a commit refuses what a session has begun.
enum Refused {
    /// Its turn was given to another, or it left the queue.
    Overtaken,
    /// The number opted out.
    OptedOut,
    /// Its job does not send now, or its time has passed.
    NotNow,
    /// The SIM has reached a limit, or is not for messages of this class.
    Limit,
}

impl Engine {
    pub(super) fn found(
        &mut self,
        modem: &ModemName,
        identity: &ModemIdentity,
        card: &SimIdentity,
        port: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // A card that will not tell its number is known by the modem it is in.
        let key = card.key().unwrap_or_else(|| format!("modem:{modem}"));
        let sim = self.store.sim(&key, card, now)?;
        self.store.set_modem(modem, identity, port, sim, now)?;
        self.let_go(modem, now)?;
        self.open_book(sim, modem)?;
        let make = self.know_make(identity)?;
        let station = Station {
            sim,
            ready: false,
            reports: false,
            on_air: None,
            reserved: None,
            current: None,
            ussd: None,
            make,
            imei: identity.imei.clone(),
            run: Run::New { restarted: false },
            card: CardFile::Closed,
            rest_shown: false,
        };
        self.stations.insert(modem.clone(), station);
        let imei = identity.imei.as_deref().unwrap_or("unknown");
        let detail = format!("{modem} at {port}: {} {}, IMEI {imei}", identity.manufacturer, identity.model);
        self.record(EventRow { kind: "modem_found", sim: Some(sim), detail: &detail, ..ENGINE }, now)
    }

    pub(super) fn ready(
        &mut self,
        modem: &ModemName,
        operator: Option<&str>,
        reports: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(station) = self.stations.get_mut(modem) else { return Ok(()) };
        station.ready = true;
        self.tests.look_again();
        self.ladders.entry(modem.clone()).or_default().serving(now);
        station.reports = reports;
        let sim = station.sim;
        if let Some(operator) = operator {
            self.store.set_operator(sim, operator)?;
            let network = self.network_of(sim)?;
            self.sims.get_mut(&sim).expect("a connected SIM has its book").network = network;
        }
        self.store.set_modem_state(modem, "ready", None, now)?;
        self.know_credit(modem, sim, now)?;
        self.at_work(modem, now)?;
        self.show_rest(modem, now)?;
        self.record(EventRow { kind: "modem_ready", sim: Some(sim), detail: modem.as_str(), ..ENGINE }, now)
    }

    pub(super) fn unready(&mut self, modem: &ModemName, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        self.out_of_work(modem, reason, now);
        let Some(station) = self.stations.get_mut(modem) else {
            // Its SIM cannot be read yet: locked, missing, broken.
            self.store.show_modem(modem, reason, now)?;
            let detail = format!("{modem}: {reason}");
            return self.record(EventRow { kind: "modem_unready", detail: &detail, ..ENGINE }, now);
        };
        (station.ready, station.rest_shown) = (false, false);
        let sim = station.sim;
        if let Some(ticket) = self.release(modem) {
            self.orders.push(Order::Modem(modem.clone(), ModemOrder::Withdraw(ticket)));
        }
        self.put_back_current(modem, now)?;
        self.store.set_modem_state(modem, "unready", Some(reason), now)?;
        let detail = format!("{modem}: {reason}");
        self.record(EventRow { kind: "modem_unready", sim: Some(sim), detail: &detail, ..ENGINE }, now)
    }

    pub(super) fn lost(&mut self, modem: &ModemName, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        self.out_of_work(modem, reason, now);
        self.store.set_modem_state(modem, "lost", Some(reason), now)?;
        let Some(sim) = self.stations.get(modem).map(|station| station.sim) else { return Ok(()) };
        self.let_go(modem, now)?;
        self.stations.remove(modem);
        let detail = format!("{modem}: {reason}");
        self.record(EventRow { kind: "modem_lost", sim: Some(sim), detail: &detail, ..ENGINE }, now)
    }

    /// Frees what a modem held: its reservation is void, what it had on the air is in doubt.
    fn let_go(&mut self, modem: &ModemName, now: Timestamp) -> Result<(), StoreError> {
        self.release(modem);
        self.ussd_failed(modem, "the modem went away before the answer came; try again when it is back", now)?;
        let Some(station) = self.stations.get_mut(modem) else { return Ok(()) };
        let (on_air, current, sim) = (station.on_air.take(), station.current.take(), station.sim);
        if let Some(on_air) = on_air {
            let attempt = self.store.attempt(on_air.attempt)?.expect("what is on the air has its attempt");
            self.close(&attempt, &Outcome::Uncertain(Doubt::PortGone), now)?;
        } else if let Some(segment) = current {
            self.resume(segment.message, sim, now)?;
        }
        Ok(())
    }

    /// A modem that takes no segments keeps no message half-way, or it would keep it from expiring, and from its SIM
    /// where that moves into another modem.
    fn put_back_current(&mut self, modem: &ModemName, now: Timestamp) -> Result<(), StoreError> {
        let Some(station) = self.stations.get_mut(modem).filter(|station| !station.ready && station.on_air.is_none())
        else {
            return Ok(());
        };
        let sim = station.sim;
        match station.current.take() {
            Some(segment) => self.resume(segment.message, sim, now),
            None => Ok(()),
        }
    }

    /// The rest of a message whose first segments went through `sim` waits for that SIM.
    pub(super) fn resume(&mut self, message: MessageId, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        let left = self.store.segments(message)?.iter().any(|(state, _)| *state == State::Queued);
        if left { self.queue_again(message, now, Some(sim), None, now) } else { Ok(()) }
    }

    /// A session has written `AT+CMGS` for a reservation: open the attempt, or refuse.
    pub(super) fn begun(&mut self, modem: &ModemName, ticket: Ticket, now: Timestamp) -> Result<(), StoreError> {
        let reserved = match self.stations.get_mut(modem) {
            Some(station) if station.reserved.as_ref().is_some_and(|held| held.ticket == ticket) => {
                station.reserved.take()
            }
            _ => None,
        };
        let Some(reserved) = reserved else {
            self.orders.push(Order::Modem(modem.clone(), ModemOrder::Withdraw(ticket)));
            return Ok(());
        };
        self.held.remove(&reserved.message());
        match self.open_attempt(modem, &reserved, now)? {
            Ok(attempt) => self.orders.push(Order::Modem(modem.clone(), ModemOrder::Go { ticket, attempt })),
            Err(refused) => {
                self.orders.push(Order::Modem(modem.clone(), ModemOrder::Withdraw(ticket)));
                self.refuse(modem, &reserved, &refused, now)?;
            }
        }
        Ok(())
    }

    /// Everything that must hold at the moment of the hand-over is checked here, in the transaction that opens it.
    fn open_attempt(
        &mut self,
        modem: &ModemName,
        reserved: &Reserved,
        now: Timestamp,
    ) -> Result<Result<AttemptId, Refused>, StoreError> {
        let station = &self.stations[modem];
        let (sim, continues) = (station.sim, station.current == Some(reserved.segment));
        let Some(row) = self.store.message(reserved.message())? else { return Ok(Err(Refused::Overtaken)) };
        let segments = self.store.segments(reserved.message())?;
        let place = usize::from(reserved.segment.number) - 1;
        if segments.get(place).is_none_or(|(state, _)| *state != State::Queued) || !(row.waiting || continues) {
            return Ok(Err(Refused::Overtaken));
        }
        let Some(lane) = self.queue.lane(reserved.job) else { return Ok(Err(Refused::Overtaken)) };
        // A message half of which is gone is finished even when its job is paused meanwhile.
        let may_send = self.queue.may_send(reserved.job, now) || (continues && now < lane.expires_at);
        if !may_send {
            return Ok(Err(Refused::NotNow));
        }
        if self.has_left(lane, row.number)? {
            return Ok(Err(Refused::OptedOut));
        }
        // A part of it has gone through this SIM, or it is an answer to what came in by it.
        let bound = row.sim.is_some() || lane.pinned_sim.is_some();
        let book = &self.sims[&sim];
        let need = if continues { 1 } else { segments.len() - place };
        // What has begun through a SIM ends there, whatever it is for meanwhile.
        let carries = book.carries.contains(lane.rank) || row.sim == Some(sim);
        if book.rests_until > now || !carries || book.earliest(lane.rank, need, now) > now {
            return Ok(Err(Refused::Limit));
        }
        if !continues && !self.quota_allows(reserved.job, need) {
            return Ok(Err(Refused::NotNow));
        }
        let reason = self.reason_for(reserved)?;
        let run = self.run_of(modem, now)?;
        let open = OpenAttempt { segment: reserved.segment, sim, modem, run, number: row.number, reason: &reason };
        let attempt = self.store.open_attempt(&open, now)?;
        self.store.claim(row.id, sim, reserved.concat_ref)?;
        assert!(
            self.store.move_segment(reserved.segment, State::Queued, State::Sending)?,
            "it was just read as queued"
        );
        if segments.len() == 1 {
            self.store.move_message(row.id, row.job, row.state, State::Sending)?;
            self.touched.insert(row.job);
        } else {
            self.refold(row.id)?;
        }
        let next = (place + 1..segments.len()).find(|place| segments[*place].0 == State::Queued);
        let next = next.map(|place| SegmentId { message: row.id, number: place as u8 + 1 });
        let follow = segments.iter().skip(place + 1).filter(|(state, _)| *state == State::Queued).count();
        self.count_segment(row.job, row.id, follow);
        let movable = (reserved.rank.is_urgent() && !bound).then_some(Movable {
            ticket: reserved.ticket,
            rank: reserved.rank,
            segments: need as u8,
        });
        let station = self.stations.get_mut(modem).expect("it was just looked up");
        station.on_air = Some(OnAir { attempt, opened_at: now, movable });
        station.current = next;
        let book = self.sims.get_mut(&sim).expect("a connected SIM has its book");
        book.recent.opened(now, &book.limits);
        Ok(Ok(attempt))
    }

    /// Why this hand-over is made: the first one, or what became of the one before.
    fn reason_for(&self, reserved: &Reserved) -> Result<String, StoreError> {
        if matches!(reserved.tried, Tried::Never(_)) {
            return Ok("first".to_owned());
        }
        Ok(match self.store.last_attempt(reserved.segment)? {
            None => "first".to_owned(),
            Some(last) => format!("again: {}", self.store.ending(last.id)?),
        })
    }

    fn refuse(
        &mut self,
        modem: &ModemName,
        reserved: &Reserved,
        refused: &Refused,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let station = self.stations.get_mut(modem).expect("only a connected modem begins");
        let sim = station.sim;
        let continues = station.current == Some(reserved.segment);
        if continues {
            station.current = None;
        }
        match refused {
            Refused::OptedOut => self.suppress(reserved.message(), now),
            _ if continues => self.resume(reserved.message(), sim, now),
            Refused::Overtaken => Ok(()),
            Refused::NotNow | Refused::Limit => {
                self.queue.give_back(reserved.job, reserved.message(), reserved.tried);
                Ok(())
            }
        }
    }

    /// A reservation came to nothing before its attempt was opened.
    pub(super) fn declined(
        &mut self,
        modem: &ModemName,
        ticket: Ticket,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(station) = self.stations.get(modem) else { return Ok(()) };
        let (sim, held) = (station.sim, station.reserved.clone().filter(|held| held.ticket == ticket));
        if let Some(held) = held {
            let continues = self.stations[modem].current == Some(held.segment);
            self.release(modem);
            if continues {
                self.stations.get_mut(modem).expect("it was just looked up").current = None;
                self.resume(held.message(), sim, now)?;
            }
            self.judge(modem, sim, outcome, held.number, now)?;
        }
        Ok(())
    }

    /// An attempt has its outcome.
    pub(super) fn answered(
        &mut self,
        modem: &ModemName,
        attempt: AttemptId,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(row) = self.store.attempt(attempt)? else { return Ok(()) };
        if row.outcome.is_some() {
            return self.answered_again(modem, &row, outcome, now);
        }
        let mut opened_at = row.opened_at;
        if let Some(station) = self.stations.get_mut(modem)
            && let Some(on_air) = station.on_air.take_if(|on_air| on_air.attempt == attempt)
        {
            opened_at = on_air.opened_at;
            if !matches!(outcome, Outcome::Submitted { .. }) {
                // Nothing of this message follows now; what the session holds ready of it is taken back.
                let current = station.current.take();
                let follows = |held: &Reserved| Some(held.segment) == current && held.message() == row.segment.message;
                if station.reserved.as_ref().is_some_and(follows)
                    && let Some(held) = station.reserved.take()
                {
                    self.held.remove(&held.message());
                    self.orders.push(Order::Modem(modem.clone(), ModemOrder::Withdraw(held.ticket)));
                }
            }
        }
        if let Some(book) = self.sims.get_mut(&row.sim) {
            if matches!(outcome, Outcome::NotSent(_)) {
                book.recent.never_left(opened_at);
            }
            book.recent.ended(now, attempt.0.unsigned_abs());
        }
        self.close(&row, outcome, now)?;
        self.put_back_current(modem, now)?;
        self.judge(modem, row.sim, outcome, row.number, now)
    }

    /// An attempt that has its outcome is answered once more: a session that ended could not say at once what became
    /// of a `Go` that was still on its way to it.
    fn answered_again(
        &mut self,
        modem: &ModemName,
        row: &AttemptRow,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match outcome {
            Outcome::NotSent(why) if row.outcome.as_deref() == Some("uncertain") => {
                self.settle_never_left(row, &format!("its session says that it never left: {}", why.name()), now)
            }
            Outcome::Submitted { tp_mr } if row.outcome.as_deref() == Some("uncertain") => {
                self.settle_submitted(row, "late_answer", *tp_mr, "engine", "its session answered late", now)
            }
            _ => {
                let detail = format!("{modem} answered attempt {} twice: {outcome:?}", row.id);
                self.record(EventRow { kind: "answer_repeated", detail: &detail, ..ENGINE }, now)
            }
        }
    }

    /// Whether the SIM may go on after this outcome.
    fn judge(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        outcome: &Outcome,
        number: crate::model::Msisdn,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if matches!(outcome, Outcome::Submitted { .. })
            && let Some(ladder) = self.ladders.get_mut(modem)
        {
            ladder.progress();
        }
        let Some(book) = self.sims.get_mut(&sim) else { return Ok(()) };
        if matches!(outcome, Outcome::Submitted { .. }) {
            book.accepted_at = Some(now);
            if self.out.contains_key(modem) && self.stations.get(modem).is_some_and(|station| station.ready) {
                self.at_work(modem, now)?;
            }
        }
        let others =
            self.sims.iter().filter(|(other, _)| **other != sim).filter_map(|(_, book)| book.accepted_at).max();
        let Some(book) = self.sims.get_mut(&sim) else { return Ok(()) };
        let verdict = book.health.record(outcome, number, others, now);
        if let SimVerdict::Out { why } = &verdict {
            self.take_out_sim(modem, sim, why, now)?;
        } else if let SimVerdict::Rest { until, why } = verdict {
            self.rest(modem, sim, until, &why, now)?;
            if matches!(outcome, Outcome::Uncertain(Doubt::Silence)) {
                self.unanswered(modem, sim, &why, now)?;
            }
        }
        if matches!(outcome, Outcome::Refused { cause: Cause::Command | Cause::StorageFull, .. }) {
            self.orders.push(Order::Modem(modem.clone(), ModemOrder::BringUp));
        }
        Ok(())
    }

    pub(super) fn release_where_modem(&mut self, modem: &ModemName) {
        if let Some(ticket) = self.release(modem) {
            self.orders.push(Order::Modem(modem.clone(), ModemOrder::Withdraw(ticket)));
        }
    }

    /// Enters the outcome of an attempt, and moves its segment accordingly.
    pub(super) fn close(&mut self, attempt: &AttemptRow, outcome: &Outcome, now: Timestamp) -> Result<(), StoreError> {
        let job = self.store.message(attempt.segment.message)?.expect("an attempt has its message").job;
        let code;
        let closing = match outcome {
            Outcome::Submitted { tp_mr } => Closing {
                outcome: "submitted",
                detail: if tp_mr.is_some() { "accepted" } else { "accepted before: the network calls it a duplicate" },
                tp_mr: *tp_mr,
                due_at: Some(self.report_due(attempt, job, now)),
                code: None,
            },
            Outcome::Refused { cause, code: error } => {
                code = error.to_string();
                Closing { outcome: "refused", detail: cause.name(), code: Some(&code), ..Closing::default() }
            }
            Outcome::NotSent(why) => Closing { outcome: "not_sent", detail: why.name(), ..Closing::default() },
            Outcome::Uncertain(doubt) => Closing {
                outcome: "uncertain",
                detail: doubt.name(),
                due_at: self.doubt_due(job, now)?,
                ..Closing::default()
            },
        };
        assert!(self.store.close_attempt(attempt.id, &closing, now)?, "an attempt is closed once");
        match outcome {
            Outcome::Submitted { tp_mr } => self.submitted(attempt, *tp_mr, now)?,
            Outcome::Uncertain(doubt) => self.enter_doubt(attempt, *doubt, now)?,
            Outcome::Refused { .. } | Outcome::NotSent(_) => {
                self.uncount_segment(attempt, job);
                self.not_accepted(attempt, outcome, now)?;
            }
        }
        self.follow_number(attempt, outcome, now)
    }

    fn submitted(&mut self, attempt: &AttemptRow, tp_mr: Option<u8>, now: Timestamp) -> Result<(), StoreError> {
        self.await_report(attempt, now)?;
        self.move_on(attempt.segment, State::Sending, State::Submitted)?;
        match tp_mr {
            Some(tp_mr) => self.adopt_early_reports(attempt, tp_mr, now),
            None => self.adopt_evidence(attempt, now),
        }
    }

    /// Moves one segment and refolds its message.
    pub(super) fn move_on(&mut self, segment: SegmentId, from: State, to: State) -> Result<bool, StoreError> {
        let moved = self.store.move_segment(segment, from, to)?;
        if moved {
            self.refold(segment.message)?;
        }
        Ok(moved)
    }

    /// A segment was refused or never left: it fails, or waits for another try.
    fn not_accepted(&mut self, attempt: &AttemptRow, outcome: &Outcome, now: Timestamp) -> Result<(), StoreError> {
        let segment = attempt.segment;
        let segments = self.store.segments(segment.message)?;
        let gone = |state: &State| !matches!(state, State::Queued | State::Sending);
        let bound = segments.iter().any(|(state, _)| gone(state)).then_some(attempt.sim);
        let known = Circumstances {
            charged: segments[usize::from(segment.number) - 1].1,
            suspect: self.sims.get(&attempt.sim).is_some_and(|book| book.health.is_suspect()),
            others: bound.is_none() && self.is_another_free(attempt.sim, now),
            ..self.blame(attempt, outcome)?
        };
        let next = policy::after(outcome, known, &self.rules.backoff).expect("this outcome asks for a next step");
        match next {
            Next::Fail => {
                self.store.move_segment(segment, State::Sending, State::Failed)?;
                self.store.move_segments(segment.message, State::Queued, State::Cancelled)?;
                self.store.unqueue(segment.message)?;
                self.refold(segment.message)?;
                self.number_refused(attempt.number, segment.message, outcome, now)
            }
            Next::Again { wait, elsewhere, charged } => {
                if charged {
                    self.store.charge(segment)?;
                }
                self.store.move_segment(segment, State::Sending, State::Queued)?;
                let avoid = (elsewhere && bound.is_none()).then_some(attempt.sim);
                let wake_at = later(now, wait);
                self.queue_again(segment.message, wake_at, bound, avoid, now)
            }
        }
    }

    /// Whether a SIM other than this one may send now.
    fn is_another_free(&self, sim: SimId, now: Timestamp) -> bool {
        let free = |sim: &SimId| self.sims.get(sim).is_some_and(|book| book.rests_until <= now);
        self.stations.values().any(|station| station.ready && station.sim != sim && free(&station.sim))
    }

    /// What was found wrong with number or text of a segment before, where this outcome finds fault with them too.
    fn blame(&self, attempt: &AttemptRow, outcome: &Outcome) -> Result<Circumstances, StoreError> {
        let Outcome::Refused { cause: cause @ Cause::Message, .. } = outcome else {
            return Ok(Circumstances::default());
        };
        let before = self.store.refusals(attempt.segment, cause.name(), attempt.id)?;
        let sound =
            self.sims.get(&attempt.sim).is_some_and(|book| book.accepted_at.is_some() && book.health.is_sound());
        let works = |refusal: &RefusedAttempt| {
            let accepted_at = self.sims.get(&refusal.sim).and_then(|book| book.accepted_at);
            sound || accepted_at.is_some_and(|accepted_at| accepted_at > refusal.at)
        };
        let names = |refusal: &RefusedAttempt| refusal.code.parse().is_ok_and(ErrorCode::names_number);
        Ok(Circumstances {
            named: before.iter().any(names),
            confirmed: before.iter().any(works),
            ..Circumstances::default()
        })
    }

    /// Puts a message back in the queue, unless its job takes nothing back: then it ends here.
    pub(super) fn queue_again(
        &mut self,
        message: MessageId,
        wake_at: Timestamp,
        bound: Option<SimId>,
        avoid: Option<SimId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = self.store.message(message)?.expect("a message that is queued again has its row");
        self.store.requeue(message, wake_at, bound, avoid)?;
        self.queue.wait_until(row.job, wake_at);
        match self.queue.lane(row.job).map(|lane| lane.expires_at <= now) {
            Some(false) => self.refold(message).map(drop),
            Some(true) => self.take_out(message, State::Expired),
            None => {
                let cancelled = self.store.job(row.job)?.is_some_and(|job| job.state == JobState::Cancelled);
                self.take_out(message, if cancelled { State::Cancelled } else { State::Expired })
            }
        }
    }

    /// Ends what of a message stands queued, in this state.
    pub(super) fn take_out(&mut self, message: MessageId, state: State) -> Result<(), StoreError> {
        self.store.move_segments(message, State::Queued, state)?;
        self.store.unqueue(message)?;
        self.refold(message).map(drop)
    }

    /// How long what is handed over now may still be delivered.
    fn validity_left(&self, job: crate::model::JobId, now: Timestamp) -> SignedDuration {
        self.queue.lane(job).map_or(SignedDuration::from_hours(24), |lane| lane.expires_at.duration_since(now))
    }

    /// Whether the modem that a SIM is in hands reports on.
    fn reports(&self, sim: SimId) -> bool {
        self.stations.values().find(|station| station.sim == sim).is_none_or(|station| station.reports)
    }

    /// A service centre has a segment: from now on it counts whether it arrives, where that can be known.
    pub(super) fn await_report(&mut self, attempt: &AttemptRow, now: Timestamp) -> Result<(), StoreError> {
        if !self.reports(attempt.sim) {
            return self.store.expect_no_report(attempt.id);
        }
        self.note_accepted(attempt.sim, now);
        Ok(())
    }

    /// Until when the report on what is submitted now is waited for.
    pub(super) fn report_due(&self, attempt: &AttemptRow, job: crate::model::JobId, now: Timestamp) -> Timestamp {
        if !self.reports(attempt.sim) {
            return now;
        }
        let wait = self.validity_left(job, now).max(SignedDuration::ZERO) + self.rules.report_grace;
        later(now, wait)
    }
}
