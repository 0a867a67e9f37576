//! Alarms: what a person should look at stands from when it is raised until it has passed, and both are on record.

use super::outbox::Fact;
use super::{ENGINE, Engine};
use crate::model::{AlarmKind, Timestamp};
use crate::store::{EventRow, StoreError};

impl Engine {
    /// Raises an alarm once; while it stands, raising it again only brings its detail up to date. `true`: it did not stand before.
    pub(super) fn raise(
        &mut self,
        kind: AlarmKind,
        subject: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if !self.store.raise_alarm(kind, subject, detail, now)? {
            return Ok(false);
        }
        tracing::warn!(kind = kind.name(), subject, detail, "alarm raised");
        let detail = format!("{}: {subject}: {detail}", kind.name());
        self.record(EventRow { kind: "alarm_raised", detail: &detail, ..ENGINE }, now)?;
        self.alarm_moved(kind, subject, "raised")?;
        Ok(true)
    }

    /// What an alarm was about has passed. Nothing happens where it does not stand.
    pub(super) fn clear(&mut self, kind: AlarmKind, subject: &str, now: Timestamp) -> Result<(), StoreError> {
        self.end_alarm(kind, subject, false, now)
    }

    /// A start looks anew: nobody knows yet whether it has passed.
    pub(super) fn forget_alarm(&mut self, kind: AlarmKind, subject: &str, now: Timestamp) -> Result<(), StoreError> {
        self.end_alarm(kind, subject, true, now)
    }

    fn end_alarm(&mut self, kind: AlarmKind, subject: &str, anew: bool, now: Timestamp) -> Result<(), StoreError> {
        if !self.store.clear_alarm(kind, subject, anew, now)? {
            return Ok(());
        }
        tracing::info!(kind = kind.name(), subject, "alarm cleared");
        let detail = format!("{}: {subject}", kind.name());
        self.record(EventRow { kind: "alarm_cleared", detail: &detail, ..ENGINE }, now)?;
        self.alarm_moved(kind, subject, "passed")
    }

    /// Whoever is told of alarms is told of this one.
    fn alarm_moved(&mut self, kind: AlarmKind, subject: &str, state: &'static str) -> Result<(), StoreError> {
        self.telling.look_again();
        if let Some(alarm) = self.store.alarm(kind, subject)? {
            self.outbox.put(Fact::Alarm { alarm, state });
        }
        Ok(())
    }
}
