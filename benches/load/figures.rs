//! What was measured, and how it is shown.

use std::fmt::Write as _;
use std::time::Duration;

use kentongan::simulator::{Fact, Record};

/// One work's figures. What a work does not measure is left empty.
#[derive(Debug, Default)]
pub struct Row {
    pub work: &'static str,
    /// Segments on the air.
    pub sent: u64,
    /// From the first AT+CMGS to the last segment's acceptance.
    pub span: Duration,
    /// Idle gaps, sorted.
    pub gaps: Vec<Duration>,
    /// Time taken ÷ the air time alone.
    pub to_ideal: Option<f64>,
    /// Processor time of the daemon.
    pub processor: Duration,
    /// Its peak of resident memory, in MB.
    pub peak_mb: u64,
    /// Reads and writes it asked of the system.
    pub calls: u64,
    /// What else is to be said.
    pub note: String,
}

impl Row {
    /// The figures that the ground truth holds.
    pub fn of(work: &'static str, truth: &[Record]) -> Self {
        let mut row = Row { work, ..Row::default() };
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for record in truth {
            match &record.fact {
                Fact::Begun { idle_us } => {
                    first = first.min(record.at_ms);
                    row.gaps.extend(idle_us.map(Duration::from_micros));
                }
                Fact::Submitted { .. } => {
                    row.sent += 1;
                    last = last.max(record.at_ms);
                }
                _ => {}
            }
        }
        row.gaps.sort();
        row.span = Duration::from_millis(u64::try_from(last.saturating_sub(first)).unwrap_or(0));
        row
    }

    fn gap(&self, share: f64) -> String {
        let place = ((self.gaps.len() as f64 * share) as usize).min(self.gaps.len().saturating_sub(1));
        self.gaps.get(place).map_or("-".to_owned(), |gap| format!("{:.2}", gap.as_secs_f64() * 1e3))
    }

    fn cells(&self) -> [String; 10] {
        let each =
            |count: f64| if self.sent == 0 { "-".to_owned() } else { format!("{:.2}", count / self.sent as f64) };
        let rate = self.sent as f64 / self.span.as_secs_f64().max(0.001);
        [
            self.work.to_owned(),
            self.sent.to_string(),
            if self.sent == 0 { "-".to_owned() } else { format!("{rate:.0}") },
            format!("{} / {} / {}", self.gap(0.5), self.gap(0.99), self.gap(1.0)),
            self.to_ideal.map_or("-".to_owned(), |ratio| format!("{ratio:.4}")),
            format!("{:.2}", self.processor.as_secs_f64()),
            each(self.processor.as_secs_f64() * 1000.0),
            self.peak_mb.to_string(),
            each(self.calls as f64),
            self.note.clone(),
        ]
    }

    /// All rows as a Markdown table.
    pub fn table(rows: &[Row]) -> String {
        let head = [
            "work",
            "segments",
            "segments/s",
            "idle gap p50 / p99 / max, ms",
            "time ÷ ideal",
            "CPU s",
            "CPU s per 1,000",
            "peak MB",
            "reads and writes a segment",
            "note",
        ];
        let mut text = format!("\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
        for row in rows {
            let _ = writeln!(text, "| {} |", row.cells().join(" | "));
        }
        text
    }
}
