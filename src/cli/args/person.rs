//! The words of `kentongan inbox`, `optout` and `person`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::LimitedListing;
use crate::model::{Basis, Channel, InboxState, OptOutScope};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Inbox {
    #[command(flatten)]
    pub listing: LimitedListing,
    /// Only those for this unit: it sent the last message to their sender.
    #[arg(long)]
    pub unit: Option<String>,
    /// Only those in this state: new (baru), read (dibaca) or answered (dijawab).
    #[arg(long)]
    pub state: Option<InboxState>,
    /// What operators and services wrote to each SIM instead: credit, promotions, active periods.
    #[arg(long)]
    pub operator: bool,
    /// Only those through this SIM, by its ICCID.
    #[arg(long, value_name = "ICCID")]
    pub sim: Option<String>,
    /// As CSV; no cell is taken for a formula.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    #[command(subcommand)]
    pub act: Option<InboxAct>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum InboxAct {
    /// Mark a text as read.
    Read(OneText),
    /// Answer a text, once, through the SIM it came in by. Who wrote may be answered also if they had opted out before; who opted
    /// out afterwards may not.
    Reply(TextReply),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OneText {
    /// The text's number, as `kentongan inbox` shows it.
    pub id: i64,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TextReply {
    /// The text's number, as `kentongan inbox` shows it.
    pub id: i64,
    /// The answer; `-` reads it from standard input.
    #[arg(long)]
    pub text: String,
    /// The unit that answers, where the text is nobody's.
    #[arg(long)]
    pub unit: Option<String>,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OptOut {
    #[command(subcommand)]
    pub act: OptOutAct,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OptOutAct {
    /// Write to this number no more; what is queued for it is suppressed.
    Add(OptOutAdd),
    /// Write to it again. Only when its owner asked for it.
    Remove(OptOutRemove),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OptOutAdd {
    /// The number, as people write it.
    pub number: String,
    /// everything (semua), or ordinary (biasa): all but what the settings call life-safety.
    #[arg(long, default_value = "everything")]
    pub scope: OptOutScope,
    #[command(flatten)]
    pub paper: Paper,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct OptOutRemove {
    /// The number, as people write it.
    pub number: String,
    /// The legal basis from now on, such as consent (persetujuan).
    #[arg(long)]
    pub basis: Option<Basis>,
    #[command(flatten)]
    pub paper: Paper,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Person {
    /// Show everything that is held of a number: lists, messages, replies, opt-outs, the record.
    Show(PersonShow),
    /// Write everything that is held of a number to a new file for its owner; goes on record.
    Export(PersonExport),
    /// Take a number, its texts, its offices and what it wrote out of the database, at its owner's request. Counts and the record stay,
    /// with the reasons that people gave: name nobody in them. The number is not written to any more, also when a list names it again.
    Erase(PersonErase),
    /// Enter how a number came to the office, where no job file or roster says so.
    List(PersonList),
    /// Make a new key where the database's own is lost for good. Opt-outs of erased numbers are lost with it.
    RenewKey(PersonRenewKey),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PersonShow {
    /// The number, as people write it.
    pub number: String,
    /// As JSON, with English keys and UTC times.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PersonExport {
    /// The number, as people write it.
    pub number: String,
    /// The new file, for you alone: a table where it ends in .csv, else JSON.
    pub file: PathBuf,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PersonErase {
    /// The number, as people write it.
    pub number: String,
    /// Do it. Without this it is only said what would be erased, with exit code 1.
    #[arg(long)]
    pub yes: bool,
    /// What would be erased as JSON.
    #[arg(long, conflicts_with = "yes")]
    pub json: bool,
    #[command(flatten)]
    pub paper: Paper,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PersonList {
    /// The number, as people write it.
    pub number: String,
    /// The legal basis: consent, contract, legal_duty, vital_interest, public_task, legitimate_interest.
    #[arg(long)]
    pub basis: Option<Basis>,
    #[command(flatten)]
    pub paper: Paper,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PersonRenewKey {
    /// Do it. Without this it is only said what would be lost, with exit code 1.
    #[arg(long)]
    pub yes: bool,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

/// How a statement reached the office, and why it is entered.
#[derive(Debug, Args)]
pub(in crate::cli) struct Paper {
    /// How it reached the office: letter (surat), counter (loket), phone (telepon), decree (sk), roster (daftar), other (lain).
    #[arg(long, value_name = "WAY", default_value = "other")]
    pub by: Channel,
    /// What names the paper: its number or date.
    #[arg(long, value_name = "REFERENCE")]
    pub letter: Option<String>,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}
