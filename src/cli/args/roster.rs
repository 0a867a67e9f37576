//! The words of `kentongan roster` and `kentongan audience`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::model::Role;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Roster {
    /// Show what a list (csv, xlsx) changes in the roster: who is new, whose number or office changed, who is gone, what cannot be
    /// used and how to mend it. Changes nothing until that is agreed to: at the question, or with --apply.
    Import(RosterImport),
    /// List who holds which office now.
    List(RosterList),
    /// Show what the roster ever said of a number, or of the office of an entry.
    Show(RosterShow),
    /// Print the roster as CSV, in the form in which it is imported.
    Export(RosterExport),
    /// List the imports, newest first: when, who, from which source, on which legal basis.
    Imports(super::LimitedListing),
    /// List the numbers to which messages failed so often that nothing is sent to them any more. The CSV has an empty column for the
    /// right number; filled in by the lurah, it is imported like any list.
    Corrections(RosterCorrections),
    /// Send again to a number that was suspended.
    Restore(super::OneNumber),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RosterImport {
    /// The list: columns peran, kecamatan, kelurahan, rw, rt, nama, nomor (and instansi, jabatan, nip).
    pub file: PathBuf,
    /// Apply it without a question. With a digest, only if the difference is still the one of which the digest was shown.
    #[arg(long, value_name = "DIGEST", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub apply: Option<String>,
    /// Everybody's role, where the list has no column for it: RT, RW, lurah, camat, OPD, warga.
    #[arg(long)]
    pub role: Option<Role>,
    /// Where the list comes from, such as a decree or a letter; goes on record with each of its entries.
    #[arg(long, default_value = "")]
    pub source: String,
    /// The legal basis on which its numbers are used; goes on record with each of its entries.
    #[arg(long, default_value = "")]
    pub basis: String,
    /// The list only adds and corrects: nobody who is not on it is gone.
    #[arg(long, conflicts_with = "complete")]
    pub add_only: bool,
    /// The list names everybody of its roles in the whole city: whoever is not on it is gone. Without it, only offices of an area
    /// (for RT and RW the kelurahan) that the list names others of.
    #[arg(long)]
    pub complete: bool,
    /// As JSON: one object, with the changes in `changes`.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RosterList {
    /// Only who is meant by this expression, such as 'peran=RW dan kecamatan=Coblong'.
    #[arg(long, value_name = "EXPRESSION")]
    pub audience: Option<String>,
    #[command(flatten)]
    pub listing: super::LimitedListing,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RosterShow {
    /// A number as people write it, or the number of an entry as `roster list` shows it.
    #[arg(value_name = "NUMBER|ENTRY")]
    pub what: String,
    /// As JSON, with English keys and UTC times.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RosterExport {
    /// Only who is meant by this expression.
    #[arg(long, value_name = "EXPRESSION")]
    pub audience: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RosterCorrections {
    /// Only this kelurahan.
    #[arg(long)]
    pub kelurahan: Option<String>,
    /// As CSV for the lurah, with an empty column `nomor_baru`.
    #[arg(long)]
    pub csv: bool,
    /// As JSON, with English keys and UTC times.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Audience {
    /// Save an expression under a name; a job file then says `Kepada: @NAME`.
    Save(AudienceSave),
    /// List the saved expressions.
    List(super::Listing),
    /// Say how many people an expression means, by kecamatan.
    Count(AudienceCount),
    /// Forget a saved expression. Jobs that were accepted with it stay as they are.
    Remove(AudienceRemove),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AudienceSave {
    /// Its name: letters, digits, - and _.
    pub name: String,
    /// The expression, such as 'peran=RW dan wilayah=utara kecuali kelurahan=Dago'.
    pub expression: String,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AudienceCount {
    /// The expression; a saved one as @NAME.
    pub expression: String,
    /// As JSON, one row for each kecamatan.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AudienceRemove {
    /// Its name.
    pub name: String,
    /// Why; goes into the record.
    #[arg(long, default_value = "")]
    pub reason: String,
}
