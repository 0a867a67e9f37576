//! How `kentongan top` sees: through the daemon, or, where none runs, in the ledger itself.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::super::answers::ledger;
use super::super::client::{AskError, Client, No};
use super::super::office::Way;
use super::super::phrases::words::sentence;
use super::super::{Context, Failure};
use crate::daemon::{Lock, allowances};
use crate::metrics::{Glance, Sight, Watch};

/// Looks again and again. The daemon may stop meanwhile and come back.
pub(super) struct Eye<'a> {
    context: &'a Context,
    daemon: Client,
    /// The ledger itself and the file that it is, as long as no daemon runs.
    ledger: Option<(Option<u64>, Watch)>,
    last: Option<Glance>,
}

impl<'a> Eye<'a> {
    pub(super) fn new(context: &'a Context) -> Result<Self, Failure> {
        Ok(Self { context, daemon: context.client()?, ledger: None, last: None })
    }

    /// How everything stands now.
    pub(super) fn look(&mut self) -> Result<Glance, Failure> {
        let asked = match self.ask() {
            // It stopped in the middle of its answer, perhaps.
            Err(AskError::Broken { source, .. }) if source.kind() != std::io::ErrorKind::TimedOut => self.ask(),
            asked => asked,
        };
        let glance = match asked {
            Ok(Ok(glance)) => {
                self.ledger = None;
                glance
            }
            Ok(Err(no)) => return Err(Failure::Refused(sentence(self.context.lang, &no.detail))),
            Err(AskError::NotRunning { .. }) if self.context.way() == &Way::Settings => self.by_ledger()?,
            Err(error) => match (&self.last, &error) {
                // There is nothing else to ask. What was seen last stays on the screen, and that the daemon does not run.
                (Some(last), AskError::NotRunning { .. }) => Glance { running: false, ..last.clone() },
                _ => return Err(self.context.unanswered(&error)),
            },
        };
        self.last = Some(glance.clone());
        Ok(glance)
    }

    fn ask(&self) -> Result<Result<Glance, No>, AskError> {
        self.daemon.get("/glance")
    }

    fn by_ledger(&mut self) -> Result<Glance, Failure> {
        let config = self.context.config()?;
        let (database, now) = (&config.paths.database, self.context.clock.now());
        let file = file(database);
        let watch = match &mut self.ledger {
            Some((seen, watch)) if *seen == file => watch,
            // None yet; or a backup was put in its place, and what was open is no ledger any more.
            other => {
                let watch = Watch::new(ledger(self.context)?, allowances(config), now).map_err(Failure::refused)?;
                &mut other.insert((file, watch)).1
            }
        };
        watch.look(Lock::is_held(database), &Sight::everything(), now).map_err(Failure::refused)
    }
}

fn file(database: &Path) -> Option<u64> {
    std::fs::metadata(database).map(|about| about.ino()).ok()
}
