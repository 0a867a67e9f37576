//! Where the log goes: the journal or standard error.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// The log cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The word after `--log` is no filter.
    #[error("`{filter}` is no log level; write error, warn, info, debug or trace, or a filter such as kentongan=debug")]
    Filter {
        /// What stood there.
        filter: String,
    },
}

/// Sends what the program logs to the journal when systemd started it, to standard error otherwise.
///
/// `filter` is a level or a list such as `info,kentongan::modem=debug`. Called once, before anything is logged; a
/// second call changes nothing.
pub fn start(filter: &str) -> Result<(), LogError> {
    let filter = EnvFilter::builder().parse(filter).map_err(|_| LogError::Filter { filter: filter.to_owned() })?;
    let journal = std::env::var_os("JOURNAL_STREAM").and_then(|_| tracing_journald::layer().ok());
    let layer = match journal {
        Some(journal) => journal.boxed(),
        None => {
            let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            fmt::layer().with_writer(std::io::stderr).with_ansi(colours).with_target(false).boxed()
        }
    };
    // Fails only when a subscriber is there already, as in tests that run several daemons.
    let _ = tracing_subscriber::registry().with(filter).with(layer).try_init();
    Ok(())
}
