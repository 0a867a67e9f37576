//! What was measured, and how it is shown.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use kentongan::simulator::{Fact, Record};

/// One work's figures. What a work does not measure is left empty.
#[derive(Debug, Default)]
pub struct Row {
    pub work: &'static str,
    /// Segments that the service centre took.
    pub sent: u64,
    /// From the first AT+CMGS to the last answer.
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
    pub reads_and_writes: u64,
    /// All its calls into the kernel, where perf could count them.
    pub system_calls: Option<u64>,
    /// Of these, fsync and fdatasync.
    pub syncs: Option<u64>,
    /// What else is to be said.
    pub note: String,
}

/// The value that this share of the sorted values does not exceed.
pub fn share_of(sorted: &[Duration], share: f64) -> Duration {
    let place = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}

impl Row {
    /// The figures that the ground truth holds.
    ///
    /// A modem's first gap is left out: the answer before it belongs to other work, or there was none.
    pub fn of(work: &'static str, truth: &[Record]) -> Self {
        let mut row = Row { work, ..Row::default() };
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let mut begun = BTreeSet::new();
        for record in truth {
            match &record.fact {
                Fact::Begun { idle_us } => {
                    first = first.min(record.at_ms);
                    let gap = idle_us.filter(|_| !begun.insert(&record.modem));
                    row.gaps.extend(gap.map(Duration::from_micros));
                }
                Fact::Submitted { .. } => row.sent += 1,
                Fact::Answered { .. } => last = last.max(record.at_ms),
                _ => {}
            }
        }
        row.gaps.sort();
        row.span = Duration::from_millis(u64::try_from(last.saturating_sub(first)).unwrap_or(0));
        row
    }

    fn cells(&self) -> [String; 12] {
        let none = || "-".to_owned();
        let each = |count: f64| if self.sent == 0 { none() } else { format!("{:.2}", count / self.sent as f64) };
        let counted = |count: Option<u64>| match count {
            Some(count) => each(count as f64),
            None => "not measured".to_owned(),
        };
        let gap = |share: f64| format!("{:.2}", share_of(&self.gaps, share).as_secs_f64() * 1e3);
        let rate = self.sent as f64 / self.span.as_secs_f64().max(0.001);
        [
            self.work.to_owned(),
            self.sent.to_string(),
            if self.sent == 0 { none() } else { format!("{rate:.1}") },
            if self.gaps.is_empty() { none() } else { format!("{} / {} / {}", gap(0.5), gap(0.99), gap(1.0)) },
            self.to_ideal.map_or_else(none, |ratio| format!("{ratio:.4}")),
            format!("{:.2}", self.processor.as_secs_f64()),
            each(self.processor.as_secs_f64() * 1000.0),
            self.peak_mb.to_string(),
            each(self.reads_and_writes as f64),
            counted(self.system_calls),
            counted(self.syncs),
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
            "system calls a segment",
            "syncs a segment",
            "note",
        ];
        let mut text = format!("\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
        for row in rows {
            let _ = writeln!(text, "| {} |", row.cells().join(" | "));
        }
        text
    }
}
