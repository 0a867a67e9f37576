//! A history by days and hours, in the office's zone: what a row of samples adds up to.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::model::{SignedDuration, Timestamp};
use crate::store::{CreditView, SampleView};

/// One day of a modem.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Day {
    hours: [Hour; 24],
    /// The weakest signal and the strongest.
    pub signal: Option<(u8, u8)>,
    /// Operators in the order in which they served it.
    pub operators: Vec<String>,
    /// SIMs in the order in which they were in it.
    pub sims: Vec<String>,
    /// The last reading that says the credit.
    pub credit: Option<u64>,
    /// Readings that do not.
    pub unread: u32,
}

/// One hour of it, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Hour {
    /// Of which anything is known.
    known: f64,
    /// Registered with a network.
    served: f64,
    /// Of these, with a known signal.
    heard: f64,
    /// The signal, times its seconds.
    signal: f64,
}

/// From the lowest signal to the highest.
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The highest `+CSQ`.
const SIGNAL_MAX: f64 = 31.0;

impl Day {
    /// A character an hour: the mean signal; `-` without a network for all of it, `?` where the signal is unknown, a space where nothing
    /// is known.
    pub fn line(&self) -> String {
        self.hours.iter().map(Hour::character).collect()
    }

    /// The share of the known time in which it was registered, 0 to 1; `None`: nothing is known.
    pub fn served(&self) -> Option<f64> {
        let (known, served) =
            self.hours.iter().fold((0.0, 0.0), |(known, served), hour| (known + hour.known, served + hour.served));
        (known > 0.0).then(|| served / known)
    }
}

impl Hour {
    fn character(&self) -> char {
        if self.known == 0.0 {
            ' '
        } else if self.served == 0.0 {
            '-'
        } else if self.heard == 0.0 {
            '?'
        } else {
            let share = self.signal / self.heard / SIGNAL_MAX;
            let level = LEVELS.iter().zip(1u8..).find(|(_, step)| share * 8.0 < f64::from(*step));
            level.map_or('█', |(level, _)| *level)
        }
    }
}

/// The days from `since` until `now`. The first sample may be from before; each is good until the next.
pub(super) fn days(
    samples: &[SampleView],
    credits: &[CreditView],
    since: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> BTreeMap<Date, Day> {
    let mut days: BTreeMap<Date, Day> = BTreeMap::new();
    for (place, sample) in samples.iter().enumerate() {
        let end = samples.get(place + 1).map_or(now, |next| next.at);
        let mut at = sample.at.max(since);
        while at < end {
            let local = at.to_zoned_datetime(zone.clone());
            let into_hour = i64::from(local.minute()) * 60 + i64::from(local.second());
            let left = SignedDuration::from_secs(3600 - into_hour);
            let until = at.saturating_add(left).unwrap_or(end).min(end);
            let day = days.entry(local.date()).or_default();
            day.take(sample, usize::from(local.hour().unsigned_abs()), until.duration_since(at).as_secs_f64());
            at = until;
        }
    }
    for credit in credits {
        let day = days.entry(credit.at.to_zoned_datetime(zone.clone()).date()).or_default();
        match credit.amount {
            Some(amount) => day.credit = Some(amount),
            None => day.unread += 1,
        }
    }
    days
}

impl Day {
    fn take(&mut self, sample: &SampleView, hour: usize, seconds: f64) {
        let Some(hour) = self.hours.get_mut(hour) else { return };
        hour.known += seconds;
        if !matches!(sample.registration.as_deref(), Some("home" | "roaming")) {
            return;
        }
        hour.served += seconds;
        if let Some(signal) = sample.signal {
            hour.heard += seconds;
            hour.signal += f64::from(signal) * seconds;
            self.signal = Some(self.signal.map_or((signal, signal), |(low, high)| (low.min(signal), high.max(signal))));
        }
        for (list, name) in [(&mut self.operators, &sample.operator), (&mut self.sims, &sample.sim)] {
            if let Some(name) = name
                && list.last() != Some(name)
            {
                list.push(name.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn jakarta() -> TimeZone {
        TimeZone::get("Asia/Jakarta").unwrap()
    }

    fn at(hour: i8, minute: i8) -> Timestamp {
        jakarta().to_timestamp(date(2026, 11, 25).at(hour, minute, 0, 0)).unwrap()
    }

    fn sample(at: Timestamp, registration: Option<&str>, signal: Option<u8>) -> SampleView {
        let (sim, operator) = (Some("8962a".to_owned()), Some("XL".to_owned()));
        SampleView { at, sim, registration: registration.map(str::to_owned), signal, operator }
    }

    #[test]
    fn an_hour_shows_its_signal_its_silence_or_its_absence() {
        let samples = [
            sample(at(0, 0) - SignedDuration::from_hours(300), Some("home"), Some(31)),
            sample(at(2, 0), Some("home"), Some(0)),
            sample(at(3, 0), Some("home"), None),
            sample(at(4, 0), Some("searching"), Some(9)),
            sample(at(5, 0), None, None),
            sample(at(6, 30), Some("roaming"), Some(16)),
        ];
        let days = days(&samples, &[], at(0, 0), at(8, 0), &jakarta());
        assert_eq!(days.keys().copied().collect::<Vec<_>>(), [date(2026, 11, 25)]);
        let day = &days[&date(2026, 11, 25)];
        assert_eq!(day.line(), "██▁?--▅▅                ");
        assert_eq!(day.served(), Some(5.5 / 8.0));
        assert_eq!(day.signal, Some((0, 31)));
        assert_eq!(
            (day.operators.as_slice(), day.sims.as_slice()),
            (&["XL".to_owned()][..], &["8962a".to_owned()][..])
        );
    }

    #[test]
    fn days_begin_and_end_where_the_office_is() {
        let samples = [sample(at(23, 0), Some("home"), Some(20))];
        let end = at(23, 0) + SignedDuration::from_hours(2);
        let days = days(&samples, &[], at(0, 0), end, &jakarta());
        let lines: Vec<_> = days.values().map(|day| day.line().trim().to_owned()).collect();
        assert_eq!(lines, ["▆", "▆"], "an hour before midnight and one after it");
        assert!(days.contains_key(&date(2026, 11, 26)));
    }

    #[test]
    fn the_last_credit_of_a_day_is_its_credit_and_what_was_not_read_is_counted() {
        let credit = |at, amount| CreditView {
            at,
            sim: "8962a".to_owned(),
            way: "ussd".to_owned(),
            amount,
            active_until: None,
            words: String::new(),
        };
        let credits = [credit(at(6, 0), Some(9_000)), credit(at(7, 0), Some(8_000)), credit(at(9, 0), None)];
        let days = days(&[], &credits, at(0, 0), at(10, 0), &jakarta());
        let day = &days[&date(2026, 11, 25)];
        assert_eq!((day.credit, day.unread, day.served(), day.line().trim()), (Some(8_000), 1, None, ""));
    }
}
