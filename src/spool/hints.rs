//! What inotify says about the queue. A hint means "look now", never more: on a network share there are none.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use inotify::{EventMask, Inotify, WatchDescriptor, WatchMask};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tracing::warn;

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// A file in the folder of this unit was closed by one who wrote to it.
    Closed(usize, OsString),
    /// A file was moved into the folder of this unit.
    Moved(usize, OsString),
    /// Something was made in the folder of this unit: a file that is open now, a link, a folder.
    Made(usize, OsString),
    /// Too much has happened; look at everything.
    All,
}

/// A watch on the units' folders. Without inotify it never hints, and the slow scan does all the work.
pub(super) struct Hints {
    descriptor: Option<AsyncFd<Inotify>>,
    watched: Vec<(WatchDescriptor, usize)>,
    buffer: Vec<u8>,
}

impl Hints {
    pub(super) fn new() -> Self {
        let descriptor = Inotify::init().and_then(|inotify| {
            // SAFETY: an Inotify names the same open file until it is dropped, and the AsyncFd owns it until then.
            let registered = unsafe { AsyncFd::register_with_interest(inotify, Interest::READABLE) };
            registered.map_err(io::Error::from)
        });
        if let Err(error) = &descriptor {
            warn!(%error, "no hints from the file system; the queue directory is scanned every few seconds instead");
        }
        Self { descriptor: descriptor.ok(), watched: Vec::new(), buffer: vec![0; 16 * 1024] }
    }

    /// Watches a unit's folder; again after it was removed and made anew.
    pub(super) fn watch(&mut self, unit: usize, folder: &Path) {
        let Some(descriptor) = &self.descriptor else { return };
        let mask = WatchMask::CLOSE_WRITE | WatchMask::MOVED_TO | WatchMask::CREATE | WatchMask::ONLYDIR;
        match descriptor.get_ref().watches().add(folder, mask) {
            Ok(watched) => {
                if !self.watched.iter().any(|(known, _)| *known == watched) {
                    self.watched.retain(|(_, of)| *of != unit);
                    self.watched.push((watched, unit));
                }
            }
            Err(error) => {
                warn!(folder = %folder.display(), %error, "this folder gives no hints; it is scanned instead")
            }
        }
    }

    /// Waits for the next hints. Loses none when dropped.
    pub(super) async fn next(&mut self) -> Vec<Hint> {
        let Some(descriptor) = &mut self.descriptor else { return std::future::pending().await };
        loop {
            let Ok(mut ready) = descriptor.readable_mut().await else { return std::future::pending().await };
            let buffer = &mut self.buffer;
            let watched = &self.watched;
            let read = ready.try_io(|inotify| {
                let events = inotify.get_mut().read_events(buffer)?;
                Ok::<_, io::Error>(events.filter_map(|event| hint(watched, &event)).collect::<Vec<_>>())
            });
            match read {
                Ok(Ok(hints)) if !hints.is_empty() => return hints,
                Ok(Err(error)) if error.kind() != io::ErrorKind::WouldBlock => {
                    warn!(%error, "no more hints from the file system; the queue directory is scanned instead");
                    return std::future::pending().await;
                }
                _ => {}
            }
        }
    }
}

fn hint(watched: &[(WatchDescriptor, usize)], event: &inotify::Event<&std::ffi::OsStr>) -> Option<Hint> {
    if event.mask.contains(EventMask::Q_OVERFLOW) {
        return Some(Hint::All);
    }
    let (_, unit) = watched.iter().find(|(descriptor, _)| *descriptor == event.wd)?;
    if event.mask.contains(EventMask::IGNORED) {
        return Some(Hint::All);
    }
    let name = event.name?;
    if super::folder::is_ignored(name) {
        return None;
    }
    let name = name.to_owned();
    Some(match event.mask {
        mask if mask.contains(EventMask::MOVED_TO) => Hint::Moved(*unit, name),
        mask if mask.contains(EventMask::CLOSE_WRITE) => Hint::Closed(*unit, name),
        _ => Hint::Made(*unit, name),
    })
}
