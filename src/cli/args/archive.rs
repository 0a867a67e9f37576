//! The words of `kentongan archive` and `archives`.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

#[derive(Debug, Args)]
pub(in crate::cli) struct Archive {
    /// The new file; must not exist yet. The daemon writes it: it needs a folder it may write to, and keeps it for itself.
    pub file: PathBuf,
    /// Jobs that ended before this day, which is at least 30 days ago: 2026-01-01.
    #[arg(long, value_name = "DAY")]
    pub before: Date,
    /// Why; goes into the record.
    #[arg(long)]
    pub reason: String,
}
