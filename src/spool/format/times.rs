//! Times and spans as staff write them: `2026-11-24 18:00`, `24/11/2026 18.00 WIB`, `besok 06.00`, `18:00`, `2 jam`.
//!
//! A time without a zone is in the office's. Day before month in writings with slashes, as everywhere in Indonesia.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// What a header says about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// A moment.
    At(Timestamp),
    /// A length of time.
    Span(SignedDuration),
}

/// Why it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// Neither a time nor a span.
    NoTime,
    /// A time of day that is over, without a date.
    Over,
    /// A date without a time of day, where only a moment will do.
    NoHour,
}

/// The moment that a date without a time of day stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// None, for "not before": nobody who writes `besok` means midnight.
    Start,
    /// The day's last second, for "not after".
    End,
}

/// Reads a time or a span. `now` and `zone` place what is written relative to today.
pub(super) fn read(word: &str, zone: &TimeZone, now: Timestamp, edge: Edge) -> Result<When, Unclear> {
    let text = word.trim().to_lowercase();
    if let Some(span) = span(&text) {
        return Ok(When::Span(span));
    }
    if let Ok(exact) = text.to_uppercase().parse::<Timestamp>() {
        return Ok(When::At(exact));
    }
    let (text, zone) = zoned(&text, zone);
    let text = text.trim().trim_start_matches("pukul ").trim_start_matches("jam ").trim();
    let today = zone.to_datetime(now).date();
    let at = |moment: DateTime| zone.to_timestamp(moment).map_err(|_| Unclear::NoTime);
    if let Some(clock) = clock(text) {
        let moment = at(today.to_datetime(clock))?;
        return if moment > now { Ok(When::At(moment)) } else { Err(Unclear::Over) };
    }
    let (day, rest) = split_day(text);
    let date = date(day, today).ok_or(Unclear::NoTime)?;
    let rest = rest.trim().trim_start_matches("pukul ").trim_start_matches("jam ").trim();
    let moment = match (rest, edge) {
        ("", Edge::Start) => return Err(Unclear::NoHour),
        ("", Edge::End) => date.at(23, 59, 59, 0),
        (rest, _) => date.to_datetime(clock(rest).ok_or(Unclear::NoTime)?),
    };
    at(moment).map(When::At)
}

/// `2 jam`, `90 menit`, `3 hari`, `2h`, `1 jam 30 menit`.
fn span(text: &str) -> Option<SignedDuration> {
    let mut total = SignedDuration::ZERO;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let count: i64 = rest[..digits].parse().ok().filter(|count| *count <= 1_000_000)?;
        let unit = rest[digits..].trim_start();
        let letters = unit.len() - unit.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let seconds = match &unit[..letters] {
            "detik" | "s" | "sec" | "second" | "seconds" => 1,
            "menit" | "m" | "mnt" | "min" | "minute" | "minutes" => 60,
            "jam" | "j" | "h" | "hour" | "hours" => 3_600,
            "hari" | "d" | "day" | "days" => 86_400,
            "minggu" | "w" | "week" | "weeks" => 604_800,
            _ => return None,
        };
        total = total.checked_add(SignedDuration::from_secs(count * seconds))?;
        rest = unit[letters..].trim_start();
    }
    Some(total)
}

/// Takes a zone's name off the end: WIB, WITA and WIT, as on every Indonesian clock.
fn zoned<'a>(text: &'a str, office: &TimeZone) -> (&'a str, TimeZone) {
    for (name, hours) in [("wib", 7), ("wita", 8), ("wit", 9)] {
        if let Some(rest) = text.strip_suffix(name)
            && rest.ends_with([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        {
            return (rest, TimeZone::fixed(Offset::constant(hours)));
        }
    }
    (text, office.clone())
}

/// `18:00`, `18.00`, `6.05`, `18:00:30`.
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.split([':', '.']);
    let mut part = |required: bool| -> Option<i8> {
        match parts.next() {
            Some(digits) if (1..=2).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit()) => {
                digits.parse().ok()
            }
            None if !required => Some(0),
            _ => None,
        }
    };
    let (hour, minute, second) = (part(true)?, part(true)?, part(false)?);
    if parts.next().is_some() { None } else { Time::new(hour, minute, second, 0).ok() }
}

/// The word for the day, and what follows it.
fn split_day(text: &str) -> (&str, &str) {
    if let Some(rest) = text.strip_prefix("hari ini") {
        return ("hari ini", rest);
    }
    let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
    match text[..end].find('t') {
        // ISO 8601 has a T between date and time.
        Some(t) if text[..t].bytes().next_back().is_some_and(|c| c.is_ascii_digit()) => (&text[..t], &text[t + 1..]),
        _ => (&text[..end], text[end..].trim_start_matches(',')),
    }
}

/// `2026-11-24`, `24/11/2026`, `24-11-2026`, `24.11.2026`, `besok`, `hari ini`.
fn date(text: &str, today: Date) -> Option<Date> {
    match text {
        "hari ini" | "today" => return Some(today),
        "besok" | "tomorrow" => return today.tomorrow().ok(),
        "lusa" => return today.tomorrow().and_then(Date::tomorrow).ok(),
        _ => {}
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [first, second, third] = parts[..] else { return None };
    let digits = |part: &str| part.bytes().all(|c| c.is_ascii_digit());
    if !digits(first) || !digits(second) || !digits(third) {
        return None;
    }
    let (year, month, day) = match (first.len(), third.len()) {
        (4, 1 | 2) => (first, second, third),
        (1 | 2, 4) => (third, second, first),
        _ => return None,
    };
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 24 November 2026, 12:00 in Bandung.
    const NOW: &str = "2026-11-24T05:00:00Z";

    fn check(word: &str, edge: Edge, expected: Result<&str, Unclear>) {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let found = read(word, &zone, NOW.parse().unwrap(), edge).map(|when| match when {
            When::At(at) => at.to_string(),
            When::Span(span) => format!("{}s", span.as_secs()),
        });
        assert_eq!(found.as_deref().map_err(|error| *error), expected, "{word:?}");
    }

    #[test]
    fn times_are_read_as_staff_write_them() {
        for word in [
            "2026-11-24 18:00",
            "2026-11-24T18:00",
            "2026-11-24 18:00:00",
            "24/11/2026 18.00",
            "24-11-2026 18:00",
            "24.11.2026 18.00",
            "24/11/2026, pukul 18.00 WIB",
            "24/11/2026 19.00 WITA",
            "24/11/2026 20.00 WIT",
            "18:00",
            "18.00 WIB",
            "pukul 18.00",
            "hari ini 18.00",
            "2026-11-24T18:00:00+07:00",
            "2026-11-24T11:00:00Z",
        ] {
            check(word, Edge::Start, Ok("2026-11-24T11:00:00Z"));
        }
        check("besok 06.00", Edge::Start, Ok("2026-11-24T23:00:00Z"));
        for word in ["25/11/2026", "2026-11-25", "besok", "25-11-2026 WIB"] {
            check(word, Edge::Start, Err(Unclear::NoHour));
            check(word, Edge::End, Ok("2026-11-25T16:59:59Z"));
        }
    }

    #[test]
    fn spans_are_read_in_both_languages() {
        check("2 jam", Edge::End, Ok("7200s"));
        check("2h", Edge::End, Ok("7200s"));
        check("90 menit", Edge::End, Ok("5400s"));
        check("90 Menit", Edge::End, Ok("5400s"));
        check("3 hari", Edge::End, Ok("259200s"));
        check("1 jam 30 menit", Edge::End, Ok("5400s"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for word in [
            "",
            "segera",
            "24/13/2026 18.00",
            "25:00",
            "18",
            "18.00.00.00",
            "2 bulan",
            "99999999999999999999 jam",
            "jam",
        ] {
            check(word, Edge::Start, Err(Unclear::NoTime));
        }
        check("11:59", Edge::Start, Err(Unclear::Over));
    }
}
