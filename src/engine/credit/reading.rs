//! What an operator's words mean for a SIM: kept, warned of, and, where the settings want it, the end of sending until there
//! is credit again. What does not say the credit changes nothing of that.

use super::{Awaited, Engine, SMS_WAIT, UNKNOWN_MAX};
use crate::engine::ENGINE;
use crate::model::{AlarmKind, ModemName, SimId, Timestamp, UssdView, later};
use crate::policy::credit::{Question, Reading, ends_soon};
use crate::store::{CreditRow, EventRow, StoreError};

/// Most characters kept of an operator's words.
const WORDS_MAX: usize = 300;

/// How a reading came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The answer to a code.
    Ussd,
    /// A text that answers us.
    Sms,
    /// The operator wrote by itself. Senders can be forged, so this warns and takes no SIM out.
    Notice,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Ussd => "ussd",
            Way::Sms => "sms",
            Way::Notice => "notice",
        }
    }
}

impl Engine {
    /// The operator has answered, or there is a reason why not. `asked` is false where the question had to give way.
    pub(in crate::engine) fn credit_answered(
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
        let rule = &self.rules.credit[book.rule];
        let reading = rule.read(view.answers.iter().map(String::as_str));
        let (trouble, last) = (view.trouble.as_deref(), view.answers.last().map(String::as_str));
        let words = if reading.amount.is_some() { last.or(trouble) } else { trouble.or(last) };
        let words = words.unwrap_or_default().to_owned();
        if reading.amount.is_none() && trouble.is_none() && !rule.senders.is_empty() {
            // "The answer comes by SMS": some operators say so, most say nothing of it.
            let awaited = Awaited { until: later(now, SMS_WAIT), asked: Way::Ussd, otherwise: words };
            self.credits.books.get_mut(&sim).expect("it was just read").awaited = Some(awaited);
            return Ok(());
        }
        self.take_reading(modem, sim, Way::Ussd, reading, &words, now)
    }

    /// An inbound text, whole: the answer to ours, or one that the settings say is read when it comes by itself.
    pub(in crate::engine) fn read_operator(
        &mut self,
        sim: SimId,
        sender: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(book) = self.credits.books.get(&sim) else { return Ok(()) };
        let rule = &self.rules.credit[book.rule];
        let asked =
            matches!(&rule.question, Question::Sms { to, .. } if sender.trim_start_matches('+') == to.to_string());
        let listed = rule.senders.contains(&sender.to_uppercase());
        let answers = book.awaited.is_some() && (asked || listed);
        if !answers && !listed {
            return Ok(());
        }
        let reading = rule.read([text].into_iter());
        // A promotion from the same sender says nothing.
        if reading.amount.is_none() {
            return Ok(());
        }
        let modem = self.sims[&sim].modem.clone();
        self.take_reading(&modem, sim, if answers { Way::Sms } else { Way::Notice }, reading, text, now)
    }

    /// Keeps what was said, and does what follows from it.
    pub(super) fn take_reading(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        way: Way,
        reading: Reading,
        words: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let words: String = words.chars().take(WORDS_MAX).collect();
        let active_until = reading.active_until.map(|date| date.to_string());
        let row = CreditRow {
            sim,
            modem,
            way: way.name(),
            amount: reading.amount,
            active_until: active_until.as_deref(),
            words: &words,
        };
        self.store.insert_credit(&row, now)?;
        self.credits.next_look = None;
        let book = self.credits.books.get_mut(&sim).expect("only a SIM with a book is read");
        book.amount = reading.amount.or(book.amount);
        book.active_until = reading.active_until.or(book.active_until);
        if way != Way::Notice {
            book.awaited = None;
            book.unknown = if reading.amount.is_some() { 0 } else { book.unknown.saturating_add(1) };
            self.weigh_credit(modem, sim, reading.amount, now)?;
            let pace = self.pace(&self.credits.books[&sim]);
            self.credits.books.get_mut(&sim).expect("it was just read").due = later(now, pace);
        }
        if way == Way::Sms {
            self.settle_questions(now)?;
        }
        self.judge_credit(modem, sim, now)
    }

    /// Takes a SIM out of sending, or lets it send again, as the settings want it. What is unknown changes nothing.
    fn weigh_credit(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        amount: Option<u64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let book = &self.credits.books[&sim];
        let (least, out) = (self.rules.credit[book.rule].stop_below, book.out);
        match amount {
            Some(amount) if amount < least && !out => {
                let why = format!("credit {amount} is below {least}");
                let taken_out = self.store.block_for_credit(sim, &why, now)?;
                if taken_out {
                    self.credits.books.get_mut(&sim).expect("it was just read").out = true;
                    self.stop_sending(modem, sim, &why, now)?;
                }
                Ok(())
            }
            Some(amount) if amount >= least && out => self.credit_suffices(modem, sim, now),
            _ => Ok(()),
        }
    }

    /// A SIM that was out for its credit sends again.
    pub(super) fn credit_suffices(&mut self, modem: &ModemName, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        if let Some(book) = self.credits.books.get_mut(&sim) {
            book.out = false;
        }
        if !self.store.unblock_for_credit(sim)? {
            return Ok(());
        }
        self.sims.get_mut(&sim).expect("a SIM that was read has its book").rests_until = Timestamp::MIN;
        let card = self.store.sim_label(sim)?;
        self.clear(AlarmKind::SimBlocked, &card, now)?;
        let detail = format!("{modem}: its credit is enough again, or is not asked any more");
        self.record(EventRow { kind: "sim_resumed", sim: Some(sim), detail: &detail, ..ENGINE }, now)
    }

    /// Raises and clears the alarms about a SIM's credit by what is known.
    pub(super) fn judge_credit(&mut self, modem: &ModemName, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        let book = &self.credits.books[&sim];
        let (amount, unknown, active_until) = (book.amount, book.unknown, book.active_until);
        let least = self.rules.credit[book.rule].warn_below;
        let low = amount.filter(|amount| *amount < least);
        let low = low.map(|amount| format!("in modem {modem}: credit {amount} is below {least}"));
        let unknown = (unknown >= UNKNOWN_MAX).then(|| {
            format!(
                "in modem {modem}: {UNKNOWN_MAX} answers in a row did not say the credit; dial the code with kentongan ussd \
                 and compare the answer with the pattern in [[credit]]"
            )
        });
        let today = now.to_zoned_datetime(self.rules.zone.clone()).date();
        let ends = active_until.filter(|until| ends_soon(*until, today));
        let ends = ends.map(|until| format!("in modem {modem}: the active period ends on {until}"));
        let card = self.store.sim_label(sim)?;
        let kinds =
            [(AlarmKind::CreditLow, low), (AlarmKind::CreditUnknown, unknown), (AlarmKind::ActivePeriodEnds, ends)];
        for (kind, detail) in kinds {
            match detail {
                Some(detail) => self.raise(kind, &card, &detail, now).map(drop)?,
                None => self.clear(kind, &card, now)?,
            }
        }
        Ok(())
    }
}
