use std::time::Duration;

use rustix::fs::Mode;
use tokio_util::sync::CancellationToken;

use super::{Context, Failure};
use crate::daemon;

/// How long questions to the system that were given up are waited for at the end.
const REST_PATIENCE: Duration = Duration::from_secs(2);

/// `kentongan run`.
pub(super) fn run(context: &Context) -> Result<(), Failure> {
    let config = context.config()?;
    // Ledger, socket and reports hold people's numbers: for the daemon's user and group only.
    rustix::process::umask(Mode::RWXO);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let end = runtime.block_on(async {
        let stop = CancellationToken::new();
        daemon::stop_on_signals(stop.clone())?;
        daemon::run(config, context.clock, stop, || ()).await.map_err(Failure::refused)
    });
    // What still waits then waits for a network share that is away, and nothing depends on it.
    runtime.shutdown_timeout(REST_PATIENCE);
    end
}
