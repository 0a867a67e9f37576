use std::str::FromStr;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::Closed;
use crate::model::{SignedDuration, Timestamp, later};

/// A stretch of each day in which nothing is sent, from its first minute to the minute after its last; `21:00-06:00` goes over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: Time,
    until: Time,
}

/// Why hours cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// No stretch of a day.
    #[error("`{0}` is no stretch of the day; write it like \"21:00-06:00\"")]
    NoStretch(String),
    /// No day of the week.
    #[error("`{0}` is no day of the week; write senin, selasa, rabu, kamis, jumat, sabtu, minggu (or monday …)")]
    NoDay(String),
    /// No day at all.
    #[error("the list is empty, so nothing would ever be sent; name at least one day")]
    NoDays,
    /// The whole day is quiet.
    #[error("these leave no minute of the day, so nothing would ever be sent; leave some")]
    NoMinute,
}

impl FromStr for Quiet {
    type Err = HoursError;

    /// Reads `21:00-06:00`, also with points or a long dash, and `24:00` as the end of the day. Errors: [`HoursError::NoStretch`].
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || HoursError::NoStretch(text.to_owned());
        let (from, until) = text.split_once(['-', '–']).ok_or_else(wrong)?;
        let (from, until) = (clock(from).ok_or_else(wrong)?, clock(until).ok_or_else(wrong)?);
        if from == until { Err(wrong()) } else { Ok(Self { from, until }) }
    }
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once([':', '.'])?;
    let number = |digits: &str| -> Option<i8> {
        let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    match (number(hour)?, number(minute)?) {
        (24, 0) => Some(Time::midnight()),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

impl Quiet {
    fn covers(&self, time: Time) -> bool {
        match self.from < self.until {
            true => self.from <= time && time < self.until,
            false => self.from <= time || time < self.until,
        }
    }
}

/// Days and hours of a class, by the clock on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Monday first.
    days: [bool; 7],
    quiet: Vec<Quiet>,
}

impl Default for Hours {
    /// Always.
    fn default() -> Self {
        Self { days: [true; 7], quiet: Vec::new() }
    }
}

/// The days of the week, Monday first, as staff write them.
const DAYS: [[&str; 2]; 7] = [
    ["senin", "monday"],
    ["selasa", "tuesday"],
    ["rabu", "wednesday"],
    ["kamis", "thursday"],
    ["jumat", "friday"],
    ["sabtu", "saturday"],
    ["minggu", "sunday"],
];

/// How far ahead an opening is looked for: hours that open on one day of the week only may miss it where the clock leaves that hour out.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 60);

impl Hours {
    /// Checks days and quiet stretches. Errors: those of [`HoursError`] that leave nothing.
    pub fn new(days: &[Weekday], quiet: Vec<Quiet>) -> Result<Self, HoursError> {
        let mut open = [false; 7];
        for day in days {
            open[place(*day)] = true;
        }
        if open == [false; 7] {
            return Err(HoursError::NoDays);
        }
        // Minutes are all that the stretches know.
        let minute =
            |minute: i32| Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).expect("a minute of a day");
        if (0..24 * 60).all(|at| quiet.iter().any(|stretch| stretch.covers(minute(at)))) {
            return Err(HoursError::NoMinute);
        }
        Ok(Self { days: open, quiet })
    }

    /// The day of the week that a word means, in Indonesian or English, or its first three letters. Errors: [`HoursError::NoDay`].
    pub fn day(word: &str) -> Result<Weekday, HoursError> {
        let wanted = word.trim().to_lowercase().replace('\'', "");
        let is = |name: &str| name == wanted || (wanted.len() == 3 && name.starts_with(&wanted));
        let found = DAYS
            .iter()
            .position(|names| names.iter().any(|name| is(name)) || (wanted == "ahad" && names[0] == "minggu"));
        match found {
            Some(place) => Ok(Weekday::from_monday_zero_offset(place as i8).expect("a place among seven")),
            None => Err(HoursError::NoDay(word.to_owned())),
        }
    }

    /// The names of all days, for the settings.
    pub fn all_days() -> Vec<String> {
        DAYS.iter().map(|names| names[0].to_owned()).collect()
    }

    /// Whether nothing is ever quiet.
    pub fn is_always(&self) -> bool {
        self.quiet.is_empty() && self.days == [true; 7]
    }

    /// Whether a moment is one of them.
    pub fn allow(&self, zone: &TimeZone, at: Timestamp) -> bool {
        let local = zone.to_datetime(at);
        self.on(local.date()) && !self.quiet.iter().any(|stretch| stretch.covers(local.time()))
    }

    fn on(&self, date: Date) -> bool {
        self.days[place(date.weekday())]
    }

    /// Why a moment is none of them.
    pub(super) fn why(&self, zone: &TimeZone, at: Timestamp) -> Closed {
        if self.on(zone.to_datetime(at).date()) { Closed::QuietHour } else { Closed::QuietDay }
    }

    /// The first moment after `at` that is one of them; `None`: none is in sight.
    pub(in crate::policy) fn next_allowed(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        self.changes(zone, at).find(|moment| self.allow(zone, *moment))
    }

    /// The first moment after `at` that is none of them; where none is in sight, the end of what was looked at.
    pub(super) fn next_shut(&self, zone: &TimeZone, at: Timestamp) -> Timestamp {
        if self.is_always() {
            return Timestamp::MAX;
        }
        let end = later(at, AHEAD);
        self.changes(zone, at).find(|moment| !self.allow(zone, *moment)).unwrap_or(end)
    }

    /// Every moment after `at` at which they may begin or end, in order, as far ahead as is looked.
    fn changes<'a>(&'a self, zone: &'a TimeZone, at: Timestamp) -> impl Iterator<Item = Timestamp> + 'a {
        let end = later(at, AHEAD);
        std::iter::successors(Some(at), move |at| self.next_change(zone, *at)).skip(1).take_while(move |at| *at <= end)
    }

    /// The clock strikes the beginning or the end of a stretch or of a day, or is put forward or back.
    fn next_change(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        let today = zone.to_datetime(after).date();
        // The day before too: where a clock is put back over midnight, yesterday comes again.
        let mut date = today.yesterday().unwrap_or(today);
        let mut next = zone.following(after).next().map(|transition| transition.timestamp());
        for _ in 0..4 {
            let strikes = self.quiet.iter().flat_map(|stretch| [stretch.from, stretch.until]);
            for time in strikes.chain([Time::midnight()]) {
                let strikes = zone.to_ambiguous_timestamp(date.to_datetime(time));
                for moment in [strikes.earlier(), strikes.later()].into_iter().flatten() {
                    if moment > after && next.is_none_or(|known| moment < known) {
                        next = Some(moment);
                    }
                }
            }
            date = date.tomorrow().ok()?;
        }
        next
    }
}

fn place(day: Weekday) -> usize {
    day.to_monday_zero_offset().unsigned_abs().into()
}

/// The day in which a moment lies: its first moment and the first of the next.
pub(super) fn day(zone: &TimeZone, at: Timestamp) -> (Timestamp, Timestamp) {
    let today = zone.to_datetime(at).date();
    let begins = |date: Date| zone.to_ambiguous_timestamp(date.to_datetime(Time::midnight())).compatible();
    let from = begins(today).unwrap_or(at).min(at);
    let next = today.tomorrow().ok().and_then(|next| begins(next).ok()).unwrap_or(Timestamp::MAX);
    (from, next)
}
