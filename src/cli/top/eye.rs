//! How `kentongan top` sees: through the daemon, or, where none runs, in the ledger itself.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::super::answers::ledger;
use super::super::client::{AskError, Client};
use super::super::office::Way;
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
        let asked = self.daemon.get::<Glance>("/glance");
        if let (Err(AskError::NotRunning { .. }), Way::Socket(_), Some(last)) =
            (&asked, self.context.way(), &mut self.last)
        {
            // There is nothing else to ask. What was seen last stays on the screen, and that the daemon does not run.
            last.running = false;
            return Ok(last.clone());
        }
        let glance = match self.context.reached(asked)? {
            Some(answer) => {
                self.ledger = None;
                answer.map_err(|no| self.context.refused(&no))?
            }
            None => self.by_ledger()?,
        };
        self.last = Some(glance.clone());
        Ok(glance)
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
