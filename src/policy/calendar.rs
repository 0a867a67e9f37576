//! When a class of a unit may send: quiet hours and days of the week, and moratoria.
//!
//! Pure: the office's zone, the settings and the moment go in, and out comes whether something may go now, or from when on. A day is
//! the office's, so days of 23 and 25 hours are what they are: an hour that the clock leaves out is never waited for, one that it
//! strikes twice is quiet twice.

mod hours;
mod span;

pub use hours::{Hours, HoursError, Quiet};
pub use span::{Edge, SpanError, moment};

use jiff::tz::TimeZone;

use crate::model::{Class, Timestamp};

/// A stretch of time in which some classes or units may not send, such as the quiet period before an election (`masa tenang`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moratorium {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; from then on it does not hold.
    pub until: Timestamp,
    /// The classes it holds for; empty: all.
    pub classes: Vec<Class>,
    /// The units it holds for; empty: all.
    pub units: Vec<String>,
    /// Why, in the words of whoever entered it.
    pub reason: String,
}

impl Moratorium {
    /// Whether it is about messages of this class and unit.
    pub fn is_about(&self, class: Class, unit: &str) -> bool {
        (self.classes.is_empty() || self.classes.contains(&class))
            && (self.units.is_empty() || self.units.iter().any(|of| of == unit))
    }

    fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// The settings about time.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// Whose days and hours are meant.
    pub zone: TimeZone,
    /// Hours of each class.
    pub emergency: Hours,
    /// Hours of important messages.
    pub important: Hours,
    /// Hours of routine messages.
    pub routine: Hours,
    /// Emergencies go out whatever moratorium holds.
    pub spare_emergencies: bool,
    /// Moratoria of the settings.
    pub moratoria: Vec<Moratorium>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            zone: TimeZone::get("Asia/Jakarta").unwrap_or(TimeZone::UTC),
            emergency: Hours::default(),
            important: Hours::default(),
            routine: Hours::default(),
            spare_emergencies: false,
            moratoria: Vec::new(),
        }
    }
}

/// Why something may not go now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The hour is a quiet one for its class.
    QuietHour,
    /// The day is none on which its class is sent.
    QuietDay,
    /// A moratorium, with its reason.
    Moratorium(String),
}

/// Whether something may go at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It may, at least until then.
    Open {
        /// When to ask again.
        until: Timestamp,
    },
    /// It may not.
    Shut {
        /// The first moment at which it may; `None`: none is in sight.
        opens: Option<Timestamp>,
        /// When the reason may be another one; never after `opens`.
        changes: Timestamp,
        /// Why.
        why: Closed,
    },
}

/// Moratoria that follow on one another and on quiet hours: so many are looked through. Each takes the search further, so that
/// this many are more than any office enters.
const STEPS_MAX: usize = 1000;

impl Calendar {
    /// The hours of a class.
    pub fn hours(&self, class: Class) -> &Hours {
        match class {
            Class::Emergency => &self.emergency,
            Class::Important => &self.important,
            Class::Routine => &self.routine,
        }
    }

    /// Whether nothing in the settings ever holds anything back.
    pub fn is_always_open(&self) -> bool {
        self.moratoria.is_empty() && Class::ALL.iter().all(|class| self.hours(*class).is_always())
    }

    /// Whether messages of this class and unit may go at a moment; `entered` are the moratoria beside those of the settings.
    pub fn at(&self, class: Class, unit: &str, entered: &[Moratorium], at: Timestamp) -> Opening {
        let spared = self.spare_emergencies && class == Class::Emergency;
        let about: Vec<&Moratorium> = (self.moratoria.iter().chain(entered))
            .filter(|moratorium| !spared && moratorium.is_about(class, unit) && moratorium.until > at)
            .collect();
        let hours = self.hours(class);
        let (mut moment, mut first) = (at, None);
        for _ in 0..STEPS_MAX {
            let holds = about.iter().filter(|one| one.covers(moment)).max_by_key(|one| one.until);
            let (why, next) = match holds {
                Some(one) => (Closed::Moratorium(one.reason.clone()), Some(one.until)),
                None if hours.allow(&self.zone, moment) => {
                    let Some((why, changes)) = first else { return self.open(&about, hours, at) };
                    return Opening::Shut { opens: Some(moment), changes, why };
                }
                None => (hours.why(&self.zone, moment), hours.next_allowed(&self.zone, moment)),
            };
            // A moratorium may begin before a quiet stretch is over: then it is what is told from there on.
            let begins = about.iter().map(|one| one.from).filter(|from| *from > moment).min();
            let changes = [next, begins].into_iter().flatten().min().unwrap_or(Timestamp::MAX);
            let (why, changes) = first.get_or_insert((why, changes)).clone();
            match next {
                Some(next) => moment = next,
                None => return Opening::Shut { opens: None, changes, why },
            }
        }
        let (why, changes) = first.expect("each step but the last has a reason");
        Opening::Shut { opens: None, changes, why }
    }

    fn open(&self, about: &[&Moratorium], hours: &Hours, at: Timestamp) -> Opening {
        let begins = about.iter().map(|one| one.from).filter(|from| *from > at).min().unwrap_or(Timestamp::MAX);
        Opening::Open { until: hours.next_shut(&self.zone, at).min(begins) }
    }

    /// The first moment from `at` on at which it may go; `None`: none is in sight.
    pub fn opens(&self, class: Class, unit: &str, entered: &[Moratorium], at: Timestamp) -> Option<Timestamp> {
        match self.at(class, unit, entered, at) {
            Opening::Open { .. } => Some(at),
            Opening::Shut { opens, .. } => opens,
        }
    }

    /// The office's day in which a moment lies: its beginning and the beginning of the next.
    pub fn day(&self, at: Timestamp) -> (Timestamp, Timestamp) {
        hours::day(&self.zone, at)
    }
}

#[cfg(test)]
mod tests;
