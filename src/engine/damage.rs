//! A ledger whose file turns out to be damaged while it is in use.
//!
//! It may not know any more who has left, or what was sent. A start would refuse it; here it stops what units send, on record and with an
//! alarm, and goes on with everything else: what comes in is written down, and administrators are told. Whether to send all the same,
//! in a flood, is a person's word: `kentongan resume`. The alarm stands until a start has looked through all of the ledger and found
//! it whole; until then each of them refuses it.

use super::event::Act;
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, Scope, Timestamp};
use crate::store::StoreError;

/// What the alarm is about.
const SUBJECT: &str = "database";

impl Engine {
    /// The look through the ledger has found this.
    pub(super) fn found_damaged(&mut self, found: &str, now: Timestamp) -> Result<(), StoreError> {
        tracing::error!(found, "the database is damaged; nothing of units is sent before `kentongan resume`");
        let detail = format!(
            "{found}; nothing of units is sent any more. Stop the daemon, keep the file, and put a backup back (kentongan restore); where \
             something has to go out before that: kentongan resume"
        );
        // Found again, it has been told, and a person may have let it go on since.
        if !self.raise(AlarmKind::DatabaseDamaged, SUBJECT, &detail, now)? {
            return Ok(());
        }
        let reason = format!("the database is damaged: {found}");
        let act = Act {
            reply_to: None,
            actor: ENGINE.actor.to_owned(),
            reason,
            action: super::event::Action::Pause(Scope::All),
        };
        // It may stand paused already.
        self.pause(&Scope::All, &act, now).map(drop)
    }

    /// At the start: a ledger with this alarm was looked through to its end when it was opened, else it would not be open.
    pub(super) fn damage_has_passed(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.clear(AlarmKind::DatabaseDamaged, SUBJECT, now)
    }
}
