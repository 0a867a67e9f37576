//! Who is not written to: STOP and START as they come, entries by hand, and the question that every hand-over asks.

use super::event::Act;
use super::lane::Lane;
use super::{ENGINE, Engine};
use crate::model::{Channel, Class, HandEntry, JobKind, MessageId, Msisdn, OptOutScope, SimId, State, Timestamp};
use crate::policy::{Rule, normalise};
use crate::store::{ConsentKind, ConsentRow, EventRow, OptOutRow, StoreError, UnfinishedRow};

/// What a citizen has written, and where it came in.
pub(super) struct Said<'a> {
    pub number: Msisdn,
    pub sim: SimId,
    pub inbox: i64,
    pub text: &'a str,
}

/// The answer to a person: a line, or why not.
pub(super) type Answer = Result<Result<String, String>, StoreError>;

impl Engine {
    /// Whether the owner of a number has opted out of a unit's jobs of a class.
    pub(super) fn stopped(&self, number: Msisdn, class: Class, unit: &str) -> Result<bool, StoreError> {
        let scope = self.store.opt_out(number)?;
        Ok(scope.is_some_and(|scope| self.rules.consent.life_safety.stops(scope, class, unit)))
    }

    /// Whether nothing of a job may go to a number any more. Asked in the transaction that opens the attempt.
    pub(super) fn has_left(&self, lane: &Lane, number: Msisdn) -> Result<bool, StoreError> {
        match lane.kind {
            JobKind::File => self.stopped(number, lane.class, &lane.unit),
            // To the number of a SIM of ours, by whoever has the modems in hand.
            JobKind::Test => Ok(number == Msisdn::ERASED || self.store.is_kept(number)?),
            // To an administrator: the settings name them, and they may leave like anybody.
            JobKind::Alarm => Ok(number == Msisdn::ERASED || self.wants_nothing(number)?),
            // To an operator.
            JobKind::Query => Ok(number == Msisdn::ERASED),
            JobKind::Reply => match lane.answers {
                _ if number == Msisdn::ERASED => Ok(true),
                // It confirms what its recipient has just asked for.
                None => Ok(false),
                Some(inbox) => match self.store.inbox_entry(inbox)? {
                    Some(entry) => self.store.left_since(number, entry.received_at),
                    None => Ok(true),
                },
            },
        }
    }

    /// Whether the owner of a number has opted out of everything.
    pub(super) fn wants_nothing(&self, number: Msisdn) -> Result<bool, StoreError> {
        Ok(self.store.opt_out(number)? == Some(OptOutScope::Everything))
    }

    /// A citizen leaves: nothing that waits and is covered goes to them any more, in this very transaction.
    pub(super) fn stop(
        &mut self,
        said: &Said<'_>,
        rule: Rule,
        asked: OptOutScope,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Said { number, sim, inbox, text } = *said;
        let scope = self.rules.consent.life_safety.entered(asked);
        let before = self.store.opt_out(number)?;
        let row = OptOutRow {
            number,
            scope,
            source: "sms",
            inbox: Some(inbox),
            rule: Some(rule.name()),
            actor: "citizen",
            reason: "asked for it by SMS",
        };
        let changed = self.store.enter_opt_out(&row, now)?;
        let normal = normalise(text);
        let line = ConsentRow {
            scope: Some(scope),
            changed,
            text: Some((text, &normal)),
            rule: Some(rule.name()),
            inbox: Some(inbox),
            sim: Some(sim),
            ..ConsentRow::of(number, ConsentKind::OptedOut, "citizen")
        };
        self.store.enter_consent(&line, now)?;
        self.suppress_all(number, scope, now)?;
        if !changed {
            return Ok(());
        }
        self.somebody_left(now);
        let detail = format!("inbox {inbox}, rule {}, scope {scope}", rule.name());
        let kind = if before.is_some() { "opt_out_widened" } else { "opted_out" };
        let event =
            EventRow { actor: "citizen", kind, sim: Some(sim), number: Some(number), detail: &detail, ..ENGINE };
        self.record(event, now)?;
        let answers = &self.rules.answers;
        let text = match scope {
            OptOutScope::Ordinary => answers.stopped_ordinary.clone(),
            OptOutScope::Everything => answers.stopped.clone(),
        };
        self.confirm(said, &text, Some(scope), now)
    }

    /// A citizen comes, or comes back.
    pub(super) fn start(&mut self, said: &Said<'_>, now: Timestamp) -> Result<(), StoreError> {
        let Said { number, sim, inbox, text } = *said;
        let changed = self.store.remove_opt_out(number)?;
        let normal = normalise(text);
        let line = ConsentRow {
            changed,
            basis: Some(crate::model::Basis::Consent),
            text: Some((text, &normal)),
            inbox: Some(inbox),
            sim: Some(sim),
            ..ConsentRow::of(number, ConsentKind::OptedIn, "citizen")
        };
        self.store.enter_consent(&line, now)?;
        if !changed {
            return Ok(());
        }
        let detail = format!("inbox {inbox}");
        let event = EventRow {
            actor: "citizen",
            kind: "opted_in",
            sim: Some(sim),
            number: Some(number),
            detail: &detail,
            ..ENGINE
        };
        self.record(event, now)?;
        let text = self.rules.answers.started.clone();
        self.confirm(said, &text, None, now)
    }

    /// Says to a citizen that it is done, and puts that on the ledger of consent.
    fn confirm(
        &mut self,
        said: &Said<'_>,
        text: &str,
        scope: Option<OptOutScope>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(message) = self.answer(said.number, said.sim, text, now)? else { return Ok(()) };
        let line = ConsentRow {
            scope,
            inbox: Some(said.inbox),
            sim: Some(said.sim),
            message: Some(message),
            ..ConsentRow::of(said.number, ConsentKind::Confirmed, "engine")
        };
        self.store.enter_consent(&line, now).map(drop)
    }

    /// An opt-out from a letter, from the counter, over the telephone.
    pub(super) fn opt_out(&mut self, entry: &HandEntry, act: &Act, now: Timestamp) -> Answer {
        let number = entry.number;
        let scope = self.rules.consent.life_safety.entered(entry.scope);
        let before = self.store.opt_out(number)?;
        let row = OptOutRow {
            number,
            scope,
            source: "operator",
            inbox: None,
            rule: None,
            actor: &act.actor,
            reason: &act.reason,
        };
        let changed = self.store.enter_opt_out(&row, now)?;
        self.enter_by_hand(ConsentKind::OptedOut, entry, Some(scope), changed, act, now)?;
        self.suppress_all(number, scope, now)?;
        if !changed {
            return Ok(Err(format!("{number} has opted out already")));
        }
        let kind = if before.is_some() { "opt_out_widened" } else { "opted_out" };
        self.note(act, kind, None, Some(number), &about(entry, Some(scope)), now)?;
        Ok(Ok(match scope {
            OptOutScope::Everything => format!("{number} is not written to any more"),
            OptOutScope::Ordinary => format!("{number} gets life-safety messages only"),
        }))
    }

    /// A return that its owner asked for otherwise than by SMS.
    pub(super) fn opt_in(&mut self, entry: &HandEntry, act: &Act, now: Timestamp) -> Answer {
        let number = entry.number;
        if !self.store.remove_opt_out(number)? {
            return Ok(Err(format!("{number} has not opted out")));
        }
        self.enter_by_hand(ConsentKind::OptedIn, entry, None, true, act, now)?;
        self.note(act, "opted_in", None, Some(number), &about(entry, None), now)?;
        Ok(Ok(format!("{number} may be written to again")))
    }

    /// How a number came to the office, where no job file or roster says so. Clears no opt-out.
    pub(super) fn list_by_hand(&mut self, entry: &HandEntry, act: &Act, now: Timestamp) -> Answer {
        self.enter_by_hand(ConsentKind::Listed, entry, None, true, act, now)?;
        self.note(act, "number_listed", None, Some(entry.number), &about(entry, None), now)?;
        Ok(Ok(format!("how {} came in is on record", entry.number)))
    }

    pub(super) fn enter_by_hand(
        &self,
        kind: ConsentKind,
        entry: &HandEntry,
        scope: Option<OptOutScope>,
        changed: bool,
        act: &Act,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let line = ConsentRow {
            scope,
            changed,
            channel: entry.channel,
            basis: entry.basis,
            letter: entry.letter.as_deref(),
            reason: &act.reason,
            ..ConsentRow::of(entry.number, kind, &act.actor)
        };
        self.store.enter_consent(&line, now).map(drop)
    }

    /// Everything queued to a number that an opt-out of this scope covers is suppressed; what a session holds ready of it is taken
    /// back.
    pub(super) fn suppress_all(
        &mut self,
        number: Msisdn,
        scope: OptOutScope,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let covered: Vec<MessageId> = self
            .store
            .unfinished_to(number)?
            .into_iter()
            .filter(|row| self.covers(scope, row))
            .map(|row| row.message)
            .collect();
        self.suppress_each(&covered, now)
    }

    /// Suppresses what of these messages is queued; what a session holds ready of it is taken back.
    pub(super) fn suppress_each(&mut self, messages: &[MessageId], now: Timestamp) -> Result<(), StoreError> {
        self.release_where(|held| messages.contains(&held.message()));
        messages.iter().try_for_each(|message| self.suppress(*message, now))
    }

    fn covers(&self, scope: OptOutScope, row: &UnfinishedRow) -> bool {
        match (row.kind, row.answers) {
            (JobKind::File, _) => self.rules.consent.life_safety.stops(scope, row.class, &row.unit),
            // What a person wants to answer was said before; this is the later word.
            (JobKind::Reply, Some(_)) => true,
            (JobKind::Alarm, _) => scope == OptOutScope::Everything,
            (JobKind::Reply, None) | (JobKind::Test | JobKind::Query, _) => false,
        }
    }

    pub(super) fn suppress(&mut self, message: MessageId, now: Timestamp) -> Result<(), StoreError> {
        if self.store.move_segments(message, State::Queued, State::Suppressed)? == 0 {
            return Ok(());
        }
        self.store.unqueue(message)?;
        self.refold(message)?;
        for station in self.stations.values_mut() {
            station.current.take_if(|segment| segment.message == message);
        }
        self.record(EventRow { kind: "suppressed", message: Some(message), detail: "opted out", ..ENGINE }, now)
    }
}

/// What an entry by hand says beside its number, for the record.
pub(super) fn about(entry: &HandEntry, scope: Option<OptOutScope>) -> String {
    let mut parts = Vec::new();
    parts.extend(scope.map(|scope| format!("scope {scope}")));
    parts.extend((entry.channel != Channel::Other).then(|| format!("by {}", entry.channel.name())));
    parts.extend(entry.basis.map(|basis| format!("basis {basis}")));
    parts.extend(entry.letter.as_ref().map(|letter| format!("letter {letter}")));
    parts.join(", ")
}
