//! What every page has around its own content, and how values are written for people.

use std::borrow::Borrow;
use std::fmt::Display;

use jiff::tz::TimeZone;

use super::assets::{MARK, SCRIPT, STYLE};
use super::said::Said;
use super::words::Words;
use crate::cli::phrases::{fill, words};
use crate::model::{Caller, Lang, Right, SignedDuration, Timestamp};
use crate::store::Badges;
use crate::web::demand::acts_for_all;

/// What ends the reason why a job waits for a second person, in both languages.
const COMMAND: &str = ": kentongan job approve ";

/// A place in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Here {
    Overview,
    Jobs,
    Compose,
    Approvals,
    Inbox,
    OptOuts,
    Moratoria,
    Modems,
    Audit,
    Accounts,
    Password,
}

/// A line of the menu.
pub(super) struct MenuItem {
    pub href: &'static str,
    pub label: &'static str,
    pub here: bool,
    /// What waits there; 0: nothing.
    pub count: u64,
}

/// A label and what it says.
pub(super) struct Fact {
    pub label: &'static str,
    pub value: String,
}

/// A name and how many.
pub(super) struct Counted {
    pub label: String,
    pub value: u64,
}

/// The frame, and the language in which it speaks.
pub(super) struct Page {
    pub w: &'static Words,
    pub lang: Lang,
    pub here: Here,
    pub caller: Caller,
    /// The account's name.
    pub name: String,
    pub csrf: String,
    pub said: Option<Said>,
    pub zone: TimeZone,
    pub now: Timestamp,
    pub office: String,
    /// Where the reader is, for coming back in the other language.
    pub path: String,
    pub badges: Badges,
    pub style: &'static str,
    pub script: &'static str,
    pub mark: &'static str,
}

impl Page {
    pub(super) fn assets() -> (&'static str, &'static str, &'static str) {
        (&STYLE.path, &SCRIPT.path, &MARK.path)
    }

    pub(super) fn menu(&self) -> Vec<MenuItem> {
        let w = self.w;
        let all = [
            (Here::Overview, "/", w.overview, Right::View, 0),
            (Here::Jobs, "/jobs", w.jobs, Right::View, 0),
            (Here::Compose, "/compose", w.compose, Right::Submit, 0),
            (Here::Approvals, "/approvals", w.approvals, Right::View, self.badges.approvals),
            (Here::Inbox, "/inbox", w.inbox, Right::People, self.badges.unread),
            (Here::OptOuts, "/optouts", w.optouts, Right::People, 0),
            (Here::Moratoria, "/moratoria", w.moratoria, Right::View, 0),
            (Here::Modems, "/modems", w.modems, Right::View, 0),
            (Here::Audit, "/audit", w.audit, Right::Manage, 0),
            (Here::Accounts, "/accounts", w.accounts, Right::Manage, 0),
        ];
        // What is managed is every unit's.
        let mine = |right| self.may(right) && (right != Right::Manage || acts_for_all(&self.caller));
        let mine = all.into_iter().filter(|(_, _, _, right, _)| mine(*right));
        mine.map(|(here, href, label, _, count)| MenuItem { href, label, here: here == self.here, count }).collect()
    }

    pub(super) fn other_language(&self) -> String {
        other_language(self.w, &self.path)
    }

    pub(super) fn may(&self, right: Right) -> bool {
        self.caller.may(right)
    }

    pub(super) fn may_submit(&self) -> bool {
        self.may(Right::Submit)
    }

    pub(super) fn may_people(&self) -> bool {
        self.may(Right::People)
    }

    pub(super) fn may_approve(&self) -> bool {
        self.may(Right::Approve)
    }

    pub(super) fn may_consent(&self) -> bool {
        self.may(Right::Consent)
    }

    pub(super) fn may_hours(&self) -> bool {
        self.may(Right::Hours)
    }

    pub(super) fn may_modems(&self) -> bool {
        self.may(Right::Modems)
    }

    /// A stored word.
    pub(super) fn word(&self, stored: impl AsRef<str>) -> String {
        words::word(self.lang, stored.as_ref())
    }

    /// An English sentence of the engine's.
    pub(super) fn sentence(&self, english: impl AsRef<str>) -> String {
        let mut told = words::reason(self.lang, english.as_ref());
        // Whoever reads a page presses a button; what to type is for the command line.
        if let Some(place) = told.find(COMMAND) {
            told.truncate(place);
        }
        told
    }

    /// In the office's zone; without the date where it is today.
    pub(super) fn time(&self, at: impl Borrow<Timestamp>) -> String {
        let there = at.borrow().to_zoned_datetime(self.zone.clone());
        let form = if there.date() == self.today() { "%H:%M:%S" } else { "%d-%m-%Y %H:%M" };
        there.strftime(form).to_string()
    }

    pub(super) fn maybe_time(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| self.w.ago_never.to_owned(), |at| self.time(at))
    }

    pub(super) fn today(&self) -> jiff::civil::Date {
        self.now.to_zoned_datetime(self.zone.clone()).date()
    }

    /// With a mark at the thousands: a point in Indonesian, a comma in English.
    pub(super) fn number(&self, number: impl Borrow<u64>) -> String {
        grouped(*number.borrow(), self.lang.pick('.', ','))
    }

    pub(super) fn share(&self, part: u64, whole: u64) -> String {
        match whole {
            0 => "–".to_owned(),
            _ => format!("{} %", (part as f64 * 100.0 / whole as f64).floor()),
        }
    }

    /// How long, in words.
    pub(super) fn span(&self, span: SignedDuration) -> String {
        let minutes = span.as_secs().max(0).unsigned_abs().div_ceil(60);
        match (minutes / 60, minutes % 60) {
            _ if span.as_secs() < 60 => self.w.soon.to_owned(),
            (0, minutes) => fill(self.w.minutes, &[&minutes]),
            (hours, minutes) => fill(self.w.hours_minutes, &[&hours, &minutes]),
        }
    }

    pub(super) fn say(&self, sentence: &str, values: &[&dyn Display]) -> String {
        fill(sentence, values)
    }

    /// Stored names with commas between, for people; none: all.
    pub(super) fn list(&self, names: &str) -> String {
        match names {
            "" => self.w.all.to_owned(),
            names => names.split(',').map(|name| self.word(name)).collect::<Vec<_>>().join(", "),
        }
    }
}

/// The way to the same page in the other language.
pub(super) fn other_language(w: &Words, path: &str) -> String {
    let back: String = path
        .bytes()
        .map(|octet| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' => char::from(octet).to_string(),
            octet => format!("%{octet:02X}"),
        })
        .collect();
    format!("/language/{}?back={back}", w.other_lang)
}

fn grouped(number: u64, mark: char) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        let shown: Vec<_> = [0, 999, 1000, 1_234_567].map(|number| grouped(number, '.')).into();
        assert_eq!(shown, ["0", "999", "1.000", "1.234.567"]);
    }

    #[test]
    fn the_other_language_leads_back_to_the_same_page_and_nowhere_else() {
        let w = Words::of(Lang::Indonesian);
        assert_eq!(other_language(w, "/jobs?before=12&x=\"<"), "/language/en?back=/jobs%3Fbefore%3D12%26x%3D%22%3C");
    }
}
