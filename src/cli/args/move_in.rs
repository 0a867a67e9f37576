use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::model::Class;

#[derive(Debug, Args)]
pub(in crate::cli) struct Restore {
    /// The backup: a file that `kentongan backup` or the daemon made.
    pub file: PathBuf,
    /// Put it back without asking. Without it, and without a terminal to ask at, it is only looked at.
    #[arg(long)]
    pub yes: bool,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
    /// As JSON, with English keys and UTC times. Puts it back only with --yes.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Import {
    /// Take over what waits in the outbox of gammu-smsd, from its SQLite database or from a CSV export of the table `outbox`: each row
    /// becomes part of a job, or is left with its reason. Stop gammu-smsd first. Run again, it takes nothing twice.
    GammuSmsd(ImportGammu),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportGammu {
    /// Its database (smsd.db), or the outbox as CSV with the names of the columns in the first row.
    pub file: PathBuf,
    /// The unit whose jobs they become. May be left out where there is only one.
    #[arg(long)]
    pub unit: Option<String>,
    /// The class of these jobs: darurat, penting or umum. Without it, the least urgent the unit may use.
    #[arg(long)]
    pub class: Option<Class>,
    /// Only say what would be taken and what not. Changes nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Write the phonebook (pbk) to this new file, as a list to be looked over: name it in a job (`Kepada: FILE`), or import it as a
    /// roster. Nothing is sent to it.
    #[arg(long, value_name = "FILE")]
    pub phonebook: Option<PathBuf>,
    /// As JSON, one object for each row of the outbox.
    #[arg(long)]
    pub json: bool,
}
