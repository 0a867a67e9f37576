use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use crate::model::Timestamp;

/// A beginning or an end that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day; write it like 2027-11-24, or with the hour like \"2027-11-24 06:00\"")]
pub struct SpanError(pub String);

/// Which end of a stretch of time is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// A day alone means its first moment.
    From,
    /// A day alone means that it is the last one: the first moment of the next.
    Until,
}

/// Reads the beginning or the end of a stretch of time: a day of the office, which is meant as a whole, or a day and an hour.
///
/// Errors: [`SpanError`].
pub fn moment(text: &str, zone: &TimeZone, edge: Edge) -> Result<Timestamp, SpanError> {
    let wrong = || SpanError(text.to_owned());
    let written = text.trim();
    let local: DateTime = match (written.parse::<Date>(), written.len() <= "2027-11-24".len(), edge) {
        (Ok(date), true, Edge::From) => date.to_datetime(Time::midnight()),
        (Ok(date), true, Edge::Until) => date.tomorrow().map_err(|_| wrong())?.to_datetime(Time::midnight()),
        _ => written.parse().map_err(|_| wrong())?,
    };
    zone.to_timestamp(local).map_err(|_| wrong())
}
