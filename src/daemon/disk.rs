//! How full the disks are on which database and queue directory lie: looked at by the minute, and told to the engine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::engine::event::{Event, Room};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(60);
/// How long a look is waited for: a network share that is away may keep its asker for hours.
const PATIENCE: Duration = Duration::from_secs(10);

/// One place that is looked at, and the look that did not come back.
struct Place {
    what: &'static str,
    path: PathBuf,
    hung: Option<JoinHandle<std::io::Result<Room>>>,
}

/// Looks at the disks until `stop`.
pub(super) async fn watch(database: PathBuf, queue: PathBuf, events: mpsc::Sender<Event>, stop: CancellationToken) {
    let place = |what, path| Place { what, path, hung: None };
    let mut places = [place("database", database), place("queue", queue)];
    loop {
        for place in &mut places {
            // While one asker hangs no other one is sent after it.
            let mut look = place.hung.take().unwrap_or_else(|| {
                let path = place.path.clone();
                tokio::task::spawn_blocking(move || room(&path))
            });
            match tokio::time::timeout(PATIENCE, &mut look).await {
                Err(_) => place.hung = Some(look),
                Ok(Ok(Ok(room))) => {
                    if events.send(Event::Disk { what: place.what, room }).await.is_err() {
                        return;
                    }
                }
                Ok(Ok(Err(error))) => {
                    tracing::warn!(%error, path = %place.path.display(), "how full the disk is cannot be read");
                }
                Ok(Err(error)) => tracing::error!(%error, "looking at a disk ended in a panic"),
            }
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// What is left of the file system on which `path` lies.
fn room(path: &Path) -> std::io::Result<Room> {
    let about = rustix::fs::statvfs(path)?;
    let octets = |blocks: u64| blocks.saturating_mul(about.f_frsize);
    Ok(Room { free: octets(about.f_bavail), total: octets(about.f_blocks) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lies_on_a_disk_that_holds_something() {
        let folder = tempfile::tempdir().unwrap();
        let room = room(folder.path()).unwrap();
        assert!(room.total > 1_000_000 && room.free <= room.total, "{room:?}");
        assert!(super::room(&folder.path().join("none")).is_err());
    }
}
