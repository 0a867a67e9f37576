//! The words of `kentongan top`.

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct Top {
    /// Print it once, as text, and end. So it is too where standard output is no terminal.
    #[arg(long)]
    pub once: bool,
    /// Look anew every so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub every: u16,
}
