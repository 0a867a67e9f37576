//! The record of events as an auditor asks for it, written as it is read; and what of it may be published.

use std::io::{self, Write};
use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::Timestamp;
use crate::spool::{ReportError, harmless};
use crate::store::{ConsentCounts, Reader, RecordView, StoreError, SummaryView};

const COLUMNS: [&str; 10] = ["id", "at", "actor", "kind", "job", "message", "sim", "number", "detail", "link"];

/// How the record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// As CSV.
    Csv,
    /// As JSON, one event a line.
    Lines,
}

/// A stretch of time, its end not part of it; without an end that is named it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// Its beginning.
    pub from: Option<Timestamp>,
    /// Its end.
    pub until: Option<Timestamp>,
}

/// Writes the events of a period as they are read: as CSV with times in `zone`, or as JSON with times in UTC. A cell that a spreadsheet
/// would take for a formula begins with an apostrophe.
pub fn write_record(
    reader: &Reader,
    period: Period,
    table: Table,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let (from, until) = (period.from.unwrap_or(Timestamp::MIN), period.until.unwrap_or(Timestamp::MAX));
    let go_on = |written: &io::Result<()>| match written {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    match table {
        Table::Lines => {
            let mut written = Ok(());
            reader.record(from, until, |event| {
                written =
                    serde_json::to_writer(&mut *out, &event).map_err(io::Error::from).and_then(|()| writeln!(out));
                go_on(&written)
            })?;
            Ok(written?)
        }
        Table::Csv => {
            let mut rows = csv::WriterBuilder::new().from_writer(out);
            let mut written = rows.write_record(COLUMNS).map_err(io::Error::from);
            reader.record(from, until, |event| {
                if written.is_ok() {
                    written = rows.write_record(row(&event, zone)).map_err(io::Error::from);
                }
                go_on(&written)
            })?;
            Ok(written.and_then(|()| rows.flush())?)
        }
    }
}

fn row(event: &RecordView, zone: &TimeZone) -> [String; 10] {
    let number = |number: Option<i64>| number.map_or(String::new(), |number| number.to_string());
    let text = |text: &str| harmless(text).into_owned();
    [
        event.id.to_string(),
        event.at.display_with_offset(zone.to_offset(event.at)).to_string(),
        text(&event.actor),
        event.kind.clone(),
        number(event.job),
        number(event.message),
        text(event.sim.as_deref().unwrap_or_default()),
        text(event.number.as_deref().unwrap_or_default()),
        text(&event.detail),
        event.link.clone().unwrap_or_default(),
    ]
}

/// What may be published of a period: counts, no numbers, no texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordSummary {
    /// What each unit sent in each class, by unit and class.
    pub units: Vec<SummaryView>,
    /// Who left and who came back; an opt-out holds for every unit.
    #[serde(flatten)]
    pub consent: ConsentCounts,
}

impl RecordSummary {
    /// Of jobs accepted in the period, and of what was entered then.
    pub fn of(reader: &Reader, from: Timestamp, until: Timestamp) -> Result<Self, StoreError> {
        reader.at_once(|reader| {
            Ok(Self { units: reader.summary(from, until)?, consent: reader.consent_counts(from, until)? })
        })
    }
}
