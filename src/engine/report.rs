//! Status reports: which attempt they speak of, and what they change.

use super::{ENGINE, Engine};
use crate::model::{AttemptId, MessageId, ModemName, Msisdn, SegmentId, SimId, State, Timestamp};
use crate::pdu::{StatusMeaning, StatusReport, TpStatus};
use crate::store::{AttemptRow, EventRow, ReportRow, StoreError};

/// How many hand-overs to one number through one SIM a report may look back on.
const LOOK_BACK: usize = 64;

/// The service centre has it, and its modem did not say under which TP-MR.
fn is_unnumbered(attempt: &AttemptRow) -> bool {
    attempt.tp_mr.is_none() && attempt.outcome.as_deref() == Some("submitted")
}

impl Engine {
    /// Takes a report in. One that is read twice is one record.
    pub(super) fn take_report(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        report: &StatusReport,
        pdu: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.store.knows_report(sim, pdu)? {
            return Ok(());
        }
        let recipient = report.recipient.to_string();
        let number = self.number_in(&report.recipient);
        let taken_at = report.service_centre_time.timestamp();
        let found = match number {
            Some(number) => self.match_report(sim, report.tp_mr, number, taken_at)?,
            None => None,
        };
        let verdict = match &found {
            None => "orphan",
            Some(attempt) if self.is_settled(attempt.segment)? => "repeated",
            Some(_) => "matched",
        };
        // Of somebody who was erased meanwhile nothing is kept anew.
        let erased = number.map_or(Ok(false), |number| self.store.is_kept(number))?;
        let number = number.filter(|_| !erased);
        let keyed = self.store.keyed(pdu);
        let row = ReportRow {
            sim,
            attempt: found.as_ref().map(|attempt| attempt.id),
            tp_mr: report.tp_mr,
            recipient: if erased { "" } else { &recipient },
            number,
            status: report.status.0,
            submitted_at: taken_at,
            discharged_at: report.discharge_time.timestamp(),
            verdict,
            pdu: if erased { &keyed } else { pdu },
        };
        self.store.insert_report(&row, now)?;
        match found {
            Some(attempt) => self.apply(&attempt, report.tp_mr, report.status, now),
            None => {
                // It may be early: its attempt is looked for again when the modem's answer names this TP-MR.
                let detail = format!("{modem}: TP-MR {}, status {:#04x}", report.tp_mr, report.status.0);
                self.record(EventRow { kind: "report_orphan", sim: Some(sim), number, detail: &detail, ..ENGINE }, now)
            }
        }
    }

    fn is_settled(&self, segment: SegmentId) -> Result<bool, StoreError> {
        Ok(matches!(self.state_of(segment)?, State::Delivered | State::Failed))
    }

    fn state_of(&self, segment: SegmentId) -> Result<State, StoreError> {
        let states = self.store.segments(segment.message)?;
        Ok(states[usize::from(segment.number) - 1].0)
    }

    /// The TP-MR that the first report on an attempt gave, whose modem gave none: another report is about it where it has this number,
    /// and is of the same time. A guess by order, so nothing is learnt from it of how the modem counts.
    fn reported_as(&self, attempt: AttemptId, taken_at: Option<Timestamp>) -> Result<Option<u8>, StoreError> {
        let first = self.store.first_report(attempt)?;
        let same = |at: Option<Timestamp>| at.zip(taken_at).is_none_or(|(first, now)| first == now);
        Ok(first.filter(|(_, at)| same(*at)).map(|(tp_mr, _)| tp_mr))
    }

    /// SIM, TP-MR and recipient name the attempt, the newest open one first. Otherwise it is one without a TP-MR: handed over where nobody told
    /// the number, or in doubt where this one could be expected. If the newest that fits is a doubt, it is meant as long as no other message
    /// fits, and nothing is matched yet if one does. If not, the oldest is meant that still waits for its report, as service centres
    /// report, and the newest where none waits. What fits none of these may be a repetition.
    fn match_report(
        &self,
        sim: SimId,
        tp_mr: u8,
        number: Msisdn,
        taken_at: Option<Timestamp>,
    ) -> Result<Option<AttemptRow>, StoreError> {
        let mut attempts = self.store.attempts_to(sim, number, LOOK_BACK)?;
        for attempt in attempts.iter_mut().filter(|attempt| is_unnumbered(attempt)) {
            attempt.tp_mr = self.reported_as(attempt.id, taken_at)?;
        }
        let named = |attempt: &&AttemptRow| attempt.tp_mr == Some(tp_mr);
        for attempt in attempts.iter().filter(named) {
            if !self.is_settled(attempt.segment)? {
                return Ok(Some(attempt.clone()));
            }
        }
        let known = attempts.iter().any(|attempt| named(&attempt));
        let (mut fitting, mut waiting): (Vec<&AttemptRow>, Option<&AttemptRow>) = (Vec::new(), None);
        for attempt in attempts.iter().filter(|attempt| attempt.tp_mr.is_none()) {
            let may_be = match attempt.outcome.as_deref() {
                Some("submitted") => !known && !self.is_settled(attempt.segment)?,
                Some("uncertain") => self.expects(attempt, tp_mr)?,
                _ => false,
            };
            if may_be {
                fitting.push(attempt);
                if is_unnumbered(attempt) && self.state_of(attempt.segment)? == State::Submitted {
                    waiting = Some(attempt);
                }
            }
        }
        if let Some(newest) = fitting.first() {
            // Of two messages to one number that may both be meant, the numbers around them may yet tell.
            let in_doubt = newest.outcome.as_deref() == Some("uncertain");
            let alone = fitting.iter().all(|attempt| attempt.segment == newest.segment);
            let meant = if in_doubt { newest } else { waiting.unwrap_or(newest) };
            return Ok((alone || !in_doubt).then(|| meant.clone()));
        }
        let Some(again) = attempts.iter().find(named) else { return Ok(None) };
        // A repetition names the same time (TP-SCTS). Another time is another message, whose own answer is not here yet.
        let other = self.store.taken_at(again.id)?.zip(taken_at).is_some_and(|(first, now)| first != now);
        Ok((!other).then(|| again.clone()))
    }

    /// The modem's answer names the TP-MR of reports that came before it.
    pub(super) fn adopt_early_reports(
        &mut self,
        attempt: &AttemptRow,
        tp_mr: u8,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (report, reference, status) in self.store.orphans(attempt.sim, attempt.number, attempt.opened_at)? {
            if reference == tp_mr {
                self.store.adopt(report, attempt.id)?;
                self.apply(attempt, tp_mr, TpStatus(status), now)?;
            }
        }
        Ok(())
    }

    /// The modem's answer never came, but a report may have come instead while it was awaited.
    pub(super) fn adopt_evidence(&mut self, attempt: &AttemptRow, now: Timestamp) -> Result<(), StoreError> {
        for (report, reference, status) in self.store.orphans(attempt.sim, attempt.number, attempt.opened_at)? {
            let found = self.match_report(attempt.sim, reference, attempt.number, None)?;
            if let Some(found) = found.filter(|found| found.id == attempt.id) {
                self.store.adopt(report, attempt.id)?;
                self.apply(&found, reference, TpStatus(status), now)?;
            }
        }
        Ok(())
    }

    /// What a report changes. A final state never becomes a pending one; delivered beats failed.
    fn apply(&mut self, attempt: &AttemptRow, tp_mr: u8, status: TpStatus, now: Timestamp) -> Result<(), StoreError> {
        self.note_reported(attempt.sim, now);
        if attempt.settled.as_deref() == Some("never_left") {
            self.refute(attempt, tp_mr, "a status report came", now)?;
        } else if attempt.outcome.as_deref() == Some("uncertain") {
            let detail = format!("a status report names TP-MR {tp_mr}");
            self.settle_submitted(attempt, "report", Some(tp_mr), "engine", &detail, now)?;
            // Settled before, by policy or by hand: its number counts all the same.
            if self.store.place(attempt.id, tp_mr)? {
                self.weigh_numbers(attempt.sim, Some(attempt.id), now)?;
            }
        }
        let to = match status.meaning() {
            // Forwarded but unconfirmed is as good as some networks ever say; TP-ST keeps the difference.
            StatusMeaning::Delivered | StatusMeaning::Unconfirmed => State::Delivered,
            StatusMeaning::Failed(_) => State::Failed,
            StatusMeaning::StillTrying => return Ok(()),
        };
        let from: &[State] = match to {
            State::Delivered => &[State::Submitted, State::Unreported, State::Failed, State::InDoubt],
            _ => &[State::Submitted, State::Unreported, State::InDoubt],
        };
        for state in from {
            if self.move_on(attempt.segment, *state, to)? {
                self.store.stop_waiting(attempt.id)?;
                self.number_reported(attempt.number, attempt.segment.message, status, now)?;
                return if to == State::Failed { self.give_up_rest(attempt.segment.message) } else { Ok(()) };
            }
        }
        // Sent again by policy or by hand, and now the first hand-over turns out to have arrived:
        // what waits in the queue is not sent a second time.
        if to == State::Delivered && self.move_on(attempt.segment, State::Queued, State::Delivered)? {
            self.store.stop_waiting(attempt.id)?;
            let left = self.store.segments(attempt.segment.message)?;
            if !left.iter().any(|(state, _)| *state == State::Queued) {
                self.store.unqueue(attempt.segment.message)?;
            }
        }
        Ok(())
    }

    /// One segment failed by report: what waits of its message would arrive as half a text.
    fn give_up_rest(&mut self, message: MessageId) -> Result<(), StoreError> {
        if self.store.move_segments(message, State::Queued, State::Cancelled)? == 0 {
            return Ok(());
        }
        self.store.unqueue(message)?;
        for station in self.stations.values_mut() {
            station.current.take_if(|segment| segment.message == message);
        }
        self.refold(message).map(drop)
    }
}
