//! The credit of SIMs, asked of their operators on a schedule, one SIM at a time: a modem that asks does not send.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::own_text::OwnText;
use super::ussd::Asked;
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, JobKind, ModemName, Msisdn, SignedDuration, SimId, Timestamp, UssdView};
use crate::policy::credit::{Question, Reading, ends_soon};
use crate::store::{CreditRow, EventRow, StoreError};

/// After an answer that did not say the credit, or none at all.
const RETRY: SignedDuration = SignedDuration::from_hours(1);
/// So many of those in a row, and a person should look at it; the operator is asked at the usual pace again.
const UNKNOWN_MAX: u32 = 3;
/// After a question that had to give way.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// How long the answer to a text may take.
const SMS_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// Between looks at a SIM that is due and has other things to do, and the longest without a look.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
const LOOK_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Most characters kept of an operator's words.
const WORDS_MAX: usize = 300;

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
    /// A text has been sent, and its answer is awaited until then.
    awaited_until: Option<Timestamp>,
    /// Answers in a row that did not say the credit.
    unknown: u32,
    active_until: Option<Date>,
}

impl Engine {
    /// A SIM is ready: which rule it falls under, and when it is asked next.
    pub(super) fn know_credit(&mut self, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        if self.rules.credit.is_empty() {
            return Ok(());
        }
        let (operator, imsi) = self.store.operator_of(sim)?;
        let fits = |rule: &crate::policy::credit::CreditRule| rule.operator.is(operator.as_deref(), imsi.as_deref());
        let Some(rule) = self.rules.credit.iter().position(fits) else {
            self.credits.books.remove(&sim);
            return Ok(());
        };
        self.credits.next_look = None;
        if self.credits.books.get(&sim).is_some_and(|book| book.rule == rule) {
            return Ok(());
        }
        let past = self.store.past_credit(sim, UNKNOWN_MAX)?;
        let mut book =
            Book { rule, due: now, awaited_until: None, unknown: past.unknown, active_until: past.active_until };
        if let Some(at) = past.asked_at {
            book.due = later(at, self.pace(&book));
        }
        self.credits.books.insert(sim, book);
        Ok(())
    }

    /// From one question to the next.
    fn pace(&self, book: &Book) -> SignedDuration {
        let every = self.rules.credit[book.rule].every;
        if (1..UNKNOWN_MAX).contains(&book.unknown) { every.min(RETRY) } else { every }
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
            if let Some(until) = book.awaited_until {
                next = next.min(until);
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
                book.awaited_until = Some(later(now, SMS_WAIT));
                let (number, text) = (Msisdn::from_u64(u64::from(*to)), text.clone());
                let detail = format!("{modem}: a text to {to}");
                let own =
                    OwnText { kind: JobKind::Query, source: "credit", number, sim, text: &text, lifetime: SMS_WAIT };
                let job = self.write_own(&own, now)?.map(|(job, _)| job);
                self.record(EventRow { kind: "credit_asked", job, sim: Some(sim), detail: &detail, ..ENGINE }, now)?;
            }
        }
        Ok(())
    }

    /// Texts that were not answered.
    fn give_up_texts(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let over = |book: &Book| book.awaited_until.is_some_and(|until| until <= now);
        let sims: Vec<SimId> = self.credits.books.iter().filter(|(_, book)| over(book)).map(|(sim, _)| *sim).collect();
        for sim in sims {
            let modem = self.sims.get(&sim).map(|book| book.modem.clone());
            let Some(modem) = modem else { continue };
            self.take_reading(&modem, sim, "sms", Reading::default(), "no answer came to the text", now)?;
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

    /// The operator has answered, or there is a reason why not. `asked` is false where the question had to give way.
    pub(super) fn credit_answered(
        &mut self,
        modem: &ModemName,
        view: &UssdView,
        asked: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.credits.asking = None;
        self.credits.next_look = None;
        let Some(sim) = self.stations.get(modem).map(|station| station.sim) else { return Ok(()) };
        let Some(book) = self.credits.books.get(&sim) else { return Ok(()) };
        if !asked {
            self.ask_again_later(modem, now);
            return Ok(());
        }
        let reading = self.rules.credit[book.rule].read(view.answers.iter().map(String::as_str));
        let words = view.trouble.as_deref().or(view.answers.last().map(String::as_str)).unwrap_or_default().to_owned();
        self.take_reading(modem, sim, "ussd", reading, &words, now)
    }

    /// An operator's text: the answer to ours, or one that the settings say is read when it comes by itself.
    pub(super) fn read_operator(
        &mut self,
        sim: SimId,
        sender: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(book) = self.credits.books.get(&sim) else { return Ok(()) };
        let rule = &self.rules.credit[book.rule];
        let answers = book.awaited_until.is_some()
            && matches!(&rule.question, Question::Sms { to, .. } if sender.trim_start_matches('+') == to.to_string());
        if !answers && !rule.senders.contains(&sender.to_uppercase()) {
            return Ok(());
        }
        let reading = rule.read([text].into_iter());
        // A promotion from the same sender says nothing, and neither does a first half.
        if reading.amount.is_none() {
            return Ok(());
        }
        let Some(modem) = self.sims.get(&sim).map(|book| book.modem.clone()) else { return Ok(()) };
        self.take_reading(&modem, sim, if answers { "sms" } else { "notice" }, reading, text, now)
    }

    /// Keeps a reading, and warns where it gives reason to.
    fn take_reading(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        way: &'static str,
        reading: Reading,
        words: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let words: String = words.chars().take(WORDS_MAX).collect();
        let active_until = reading.active_until.map(|date| date.to_string());
        let row =
            CreditRow { sim, modem, way, amount: reading.amount, active_until: active_until.as_deref(), words: &words };
        self.store.insert_credit(&row, now)?;
        let book = self.credits.books.get_mut(&sim).expect("only a SIM with a book is read");
        book.awaited_until = None;
        book.unknown = if reading.amount.is_some() { 0 } else { book.unknown + 1 };
        book.active_until = reading.active_until.or(book.active_until);
        let (unknown, active_until, rule) = (book.unknown, book.active_until, book.rule);
        let pace = self.pace(&self.credits.books[&sim]);
        self.credits.books.get_mut(&sim).expect("it was just read").due = later(now, pace);
        self.credits.next_look = None;

        let card = self.store.sim_label(sim)?;
        let least = self.rules.credit[rule].warn_below;
        match reading.amount {
            Some(amount) => {
                self.clear(AlarmKind::CreditUnknown, &card, now)?;
                if amount < least {
                    let detail = format!("in modem {modem}: credit {amount} is below {least}");
                    self.raise(AlarmKind::CreditLow, &card, &detail, now)?;
                } else {
                    self.clear(AlarmKind::CreditLow, &card, now)?;
                }
            }
            None if unknown >= UNKNOWN_MAX => {
                let detail = format!(
                    "in modem {modem}: {UNKNOWN_MAX} answers in a row did not say the credit; dial the code with kentongan ussd \
                     and compare the answer with the pattern in [[credit]]"
                );
                self.raise(AlarmKind::CreditUnknown, &card, &detail, now)?;
            }
            None => {}
        }
        let today = now.to_zoned_datetime(self.rules.zone.clone()).date();
        match active_until {
            Some(until) if ends_soon(until, today) => {
                let detail = format!("in modem {modem}: the active period ends on {until}");
                self.raise(AlarmKind::ActivePeriodEnds, &card, &detail, now)
            }
            Some(_) => self.clear(AlarmKind::ActivePeriodEnds, &card, now),
            None => Ok(()),
        }
    }
}

fn later(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}
