//! The credit of SIMs, asked of their operators on a schedule, one SIM at a time: a modem that asks does not send.
//!
//! Here is when who is asked; what comes of an answer is in [`reading`].

mod reading;

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::own_text::OwnText;
use super::ussd::Asked;
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, JobKind, ModemName, Msisdn, SignedDuration, SimId, Timestamp, later};
use crate::policy::credit::{Card, CreditRule, Question, Reading};
use crate::store::{EventRow, StoreError};
use reading::Way;

/// After an answer that did not say the credit, or none at all; and while a SIM is out of sending for its credit.
const SOON: SignedDuration = SignedDuration::from_hours(1);
/// So many of those in a row, and a person should look at it; the operator is asked at the usual pace again.
const UNKNOWN_MAX: u32 = 3;
/// After a question that had to give way.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// How long the answer to a text may take.
const SMS_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// Between looks at a SIM that is due and has other things to do, and the longest without a look.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
const LOOK_MAX: SignedDuration = SignedDuration::from_hours(1);

/// What the engine keeps in mind of the credit of SIMs.
#[derive(Debug, Default)]
pub(super) struct Credits {
    books: BTreeMap<SimId, Book>,
    /// The modem that asks by USSD just now.
    asking: Option<ModemName>,
    /// Before this time nothing is due.
    next_look: Option<Timestamp>,
}

/// One SIM of which the settings say how it is asked.
#[derive(Debug)]
struct Book {
    /// The place of its rule in the settings.
    rule: usize,
    due: Timestamp,
    /// An answer by text is awaited.
    awaited: Option<Awaited>,
    /// Answers in a row that did not say the credit.
    unknown: u32,
    /// As last known.
    amount: Option<u64>,
    /// As last known.
    active_until: Option<Date>,
    /// It is out of sending for its credit.
    out: bool,
}

/// An answer that comes by text.
#[derive(Debug)]
struct Awaited {
    until: Timestamp,
    /// How it was asked for.
    asked: Way,
    /// What is kept if none comes.
    otherwise: String,
}

impl Awaited {
    fn to_text(asked_at: Timestamp) -> Self {
        let otherwise = "no answer came to the text".to_owned();
        Self { until: later(asked_at, SMS_WAIT), asked: Way::Sms, otherwise }
    }
}

impl Engine {
    /// A SIM is ready: which rule it falls under, how it stands, and when it is asked next.
    pub(super) fn know_credit(&mut self, modem: &ModemName, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        self.credits.next_look = None;
        let rule = self.credit_rule(sim)?;
        if self.credits.books.get(&sim).is_some_and(|book| Some(book.rule) == rule) {
            return Ok(());
        }
        let out = self.store.out_for_credit(sim)?;
        let Some(rule) = rule else {
            self.credits.books.remove(&sim);
            // The settings of yesterday took it out, and nobody would ask any more.
            return if out { self.credit_suffices(modem, sim, now) } else { Ok(()) };
        };
        let past = self.store.past_credit(sim, UNKNOWN_MAX)?;
        let asked_by_text = self.store.last_question(sim)?;
        let awaited = asked_by_text.filter(|at| past.asked_at.is_none_or(|answered| answered < *at));
        let mut book = Book {
            rule,
            due: now,
            awaited: awaited.map(Awaited::to_text),
            unknown: past.unknown,
            amount: past.amount,
            active_until: past.active_until,
            out,
        };
        if let Some(at) = past.asked_at {
            book.due = later(at, self.pace(&book));
        }
        self.credits.books.insert(sim, book);
        if out && self.rules.credit[rule].stop_below == 0 {
            self.credit_suffices(modem, sim, now)?;
        }
        self.judge_credit(modem, sim, now)
    }

    /// The place of the first rule that fits a SIM.
    fn credit_rule(&self, sim: SimId) -> Result<Option<usize>, StoreError> {
        if self.rules.credit.is_empty() {
            return Ok(None);
        }
        let (imsi, served_by) = self.store.sim_operator(sim)?;
        let listed = self.rules.operators.of_sim(imsi.as_deref(), served_by.as_deref());
        let card = Card {
            imsi: imsi.as_deref(),
            served_by: served_by.as_deref(),
            operator: listed.map(|operator| operator.name.as_str()),
        };
        Ok(self.rules.credit.iter().position(|rule: &CreditRule| rule.operator.is(&card)))
    }

    /// From one question to the next.
    fn pace(&self, book: &Book) -> SignedDuration {
        let every = self.rules.credit[book.rule].every;
        let soon = (1..UNKNOWN_MAX).contains(&book.unknown) || (book.out && book.unknown == 0);
        if soon { every.min(SOON) } else { every }
    }

    /// Asks for the SIM that has been due for longest. Gives the time of the next look.
    pub(super) fn ask_credits(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        if self.credits.books.is_empty() || self.credits.asking.is_some() {
            return Ok(None);
        }
        if let Some(at) = self.credits.next_look.filter(|at| *at > now) {
            return Ok(Some(at));
        }
        self.give_up_texts(now)?;
        let mut next = later(now, LOOK_MAX);
        let mut due: Vec<(Timestamp, ModemName, SimId)> = Vec::new();
        for (modem, station) in &self.stations {
            let Some(book) = self.credits.books.get(&station.sim) else { continue };
            if let Some(awaited) = &book.awaited {
                next = next.min(awaited.until);
            } else if book.due > now {
                next = next.min(book.due);
            } else if station.ready && station.ussd.is_none() && self.may_ask(modem, station.sim, book, now) {
                due.push((book.due, modem.clone(), station.sim));
            } else {
                next = next.min(later(now, LOOK_AGAIN));
            }
        }
        due.sort();
        if let Some((_, modem, sim)) = due.first() {
            self.ask_credit(modem, *sim, now)?;
            next = next.min(later(now, LOOK_AGAIN));
        }
        self.credits.next_look = Some(next);
        Ok(Some(next).filter(|_| self.credits.asking.is_none()))
    }

    /// USSD works on a SIM that is taken out, too; a text would only wait.
    fn may_ask(&self, modem: &ModemName, sim: SimId, book: &Book, now: Timestamp) -> bool {
        let texts = matches!(self.rules.credit[book.rule].question, Question::Sms { .. });
        !(self.is_being_tested(modem) || texts && self.sims[&sim].rests_until > now)
    }

    fn ask_credit(&mut self, modem: &ModemName, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        let book = self.credits.books.get_mut(&sim).expect("only a SIM with a book is asked");
        match &self.rules.credit[book.rule].question {
            Question::Ussd(codes) => {
                self.credits.asking = Some(modem.clone());
                let codes = codes.clone();
                self.want_ussd(modem, codes, Asked::Credit, now);
            }
            Question::Sms { to, text } => {
                book.awaited = Some(Awaited::to_text(now));
                let (number, text) = (Msisdn::from_u64(u64::from(*to)), text.clone());
                let detail = format!("{modem}: a text to {to}");
                let own =
                    OwnText { lifetime: SMS_WAIT, ..OwnText::of_our_own(JobKind::Query, "credit", number, sim, &text) };
                let job = self.write_own(&own, now)?.map(|(job, _)| job);
                self.record(EventRow { kind: "credit_asked", job, sim: Some(sim), detail: &detail, ..ENGINE }, now)?;
            }
        }
        Ok(())
    }

    /// Answers by text that did not come.
    fn give_up_texts(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let over = |book: &mut Book| book.awaited.take_if(|awaited| awaited.until <= now);
        let over: Vec<(SimId, Awaited)> =
            self.credits.books.iter_mut().filter_map(|(sim, book)| Some((*sim, over(book)?))).collect();
        for (sim, awaited) in over {
            let modem = self.sims[&sim].modem.clone();
            self.take_reading(&modem, sim, awaited.asked, Reading::default(), &awaited.otherwise, now)?;
        }
        Ok(())
    }

    /// What nobody knows of questions to operators asks nobody for a decision.
    pub(super) fn settle_questions(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for message in self.store.doubtful_messages_of(JobKind::Query)? {
            self.settle_by_hand(message, true, "engine", "it was a question to the operator", now)?;
        }
        Ok(())
    }

    /// A person wants the modem that only waits to ask: they go first.
    pub(super) fn put_off_credit(&mut self, modem: &ModemName, now: Timestamp) {
        if self.credits.asking.as_ref() == Some(modem) {
            self.credits.asking = None;
            self.ask_again_later(modem, now);
        }
    }

    fn ask_again_later(&mut self, modem: &ModemName, now: Timestamp) {
        let sim = self.stations.get(modem).map(|station| station.sim);
        if let Some(book) = sim.and_then(|sim| self.credits.books.get_mut(&sim)) {
            book.due = later(now, AGAIN);
        }
        self.credits.next_look = None;
    }

    /// A person says that the SIM was seen to, topped up perhaps: it is asked at once.
    pub(super) fn ask_after_top_up(&mut self, sim: SimId, now: Timestamp) {
        if let Some(book) = self.credits.books.get_mut(&sim) {
            (book.out, book.due) = (false, now);
            self.credits.next_look = None;
        }
    }

    /// Each start looks anew, as soon as a SIM is there: one that was thrown away must not be an alarm for ever.
    pub(super) fn forget_credit_alarms(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for kind in [AlarmKind::CreditLow, AlarmKind::CreditUnknown, AlarmKind::ActivePeriodEnds] {
            for card in self.store.standing(kind)? {
                self.forget_alarm(kind, &card, now)?;
            }
        }
        Ok(())
    }
}
