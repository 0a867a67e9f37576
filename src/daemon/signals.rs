use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Cancels `stop` at SIGTERM, SIGINT or SIGHUP. A second one ends the process at once, which is safe and leaves what
/// is on the air in doubt.
///
/// Must be called inside a tokio runtime. Errors: the system gives no handler.
pub fn stop_on_signals(stop: CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hang_up.recv() => {}
            }
            if stop.is_cancelled() {
                warn!("asked to stop twice; ending at once");
                std::process::exit(1);
            }
            info!("asked to stop");
            stop.cancel();
        }
    });
    Ok(())
}
