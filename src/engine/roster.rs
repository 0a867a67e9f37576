//! The roster: imports on their way in, all or nothing, and saved audiences.
//!
//! An import comes in pieces, and nothing of it shows before all of it is there: entries carry the number of their import, and the
//! newest applied import names the roster as it is. Whoever imports has looked at the difference to one roster; where that is not the
//! roster any more, the import is refused.

use super::event::{Act, RosterImport};
use super::{ENGINE, Engine};
use crate::model::audience::Expression;
use crate::model::{ImportId, RosterStep, StepsDigest, Timestamp};
use crate::store::{EventRow, NewImport, StoreError};

/// Entries of broken-off imports that the beginning of the next removes at once.
const REMAINS_MAX: usize = 20_000;
/// The longest name of a saved audience, in characters.
const NAME_MAX: usize = 40;

/// An import that is being received.
pub(super) struct Importing {
    /// Chosen by whoever imports, so that two who import at one time are told apart.
    session: u64,
    import: ImportId,
    /// The roster to which it is the difference.
    base: Option<ImportId>,
    steps: u64,
    digest: StepsDigest,
}

/// What a person asked for: done, with a line; or refused, with the reason.
type Answer = Result<String, String>;

fn refused(why: &str) -> Result<Answer, StoreError> {
    Ok(Err(why.to_owned()))
}

const CHANGED: &str = "the roster was changed meanwhile; look at the difference again";
const NOT_BEGUN: &str = "this import was not begun, or another has begun since; begin it again";

impl Engine {
    pub(super) fn begin_import(
        &mut self,
        import: &RosterImport,
        act: &Act,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        if self.store.roster_version()? != import.base {
            return refused(CHANGED);
        }
        self.importing = None;
        self.import_remains = !self.store.forget_imports(REMAINS_MAX)?;
        if self.import_remains {
            return refused("what is left of an import that was broken off is being removed; try again in a moment");
        }
        let new = NewImport { actor: &act.actor, file: &import.file, source: &import.source, basis: &import.basis };
        let id = self.store.insert_import(&new, now)?;
        self.importing = Some(Importing {
            session: import.session,
            import: id,
            base: import.base,
            steps: 0,
            digest: StepsDigest::default(),
        });
        Ok(Ok(format!("roster import {id} has begun")))
    }

    pub(super) fn take_steps(&mut self, session: u64, steps: &[RosterStep]) -> Result<Answer, StoreError> {
        let Some(mut importing) = self.importing.take_if(|importing| importing.session == session) else {
            return refused(NOT_BEGUN);
        };
        for step in steps {
            let fits = match step {
                RosterStep::End { entry, why } => self.store.end_entry(importing.import, *entry, *why)?,
                RosterStep::Add(entry) => self.store.insert_entry(importing.import, entry)?,
            };
            if !fits {
                // Whatever is in of it is removed bit by bit; it never was in the roster.
                self.import_remains = true;
                return refused("a step does not fit the roster: its entry has ended, or its office is held already");
            }
            importing.digest.take(step);
            importing.steps += 1;
        }
        let taken = importing.steps;
        self.importing = Some(importing);
        Ok(Ok(format!("{taken} steps taken")))
    }

    pub(super) fn apply_import(
        &mut self,
        session: u64,
        digest: &str,
        act: &Act,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let Some(importing) = self.importing.take_if(|importing| importing.session == session) else {
            return refused(NOT_BEGUN);
        };
        self.import_remains = true;
        if self.store.roster_version()? != importing.base {
            return refused(CHANGED);
        }
        let (import, steps) = (importing.import, importing.steps);
        if steps == 0 {
            return refused("there is nothing to change");
        }
        if importing.digest.finish() != digest {
            return refused("what came in is not what was agreed to; begin the import again");
        }
        self.store.apply_import(import, steps, digest)?;
        self.import_remains = false;
        let detail = format!("import {import}, {steps} steps, digest {digest}");
        self.note(act, "roster_imported", None, None, &detail, now)?;
        Ok(Ok(format!("roster import {import} is applied: {steps} steps")))
    }

    pub(super) fn save_audience(
        &mut self,
        name: &str,
        expression: &str,
        act: &Act,
        now: Timestamp,
    ) -> Result<Answer, StoreError> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.chars().count() > NAME_MAX || !name.chars().all(plain) {
            return refused("a name has 1 to 40 letters, digits, - or _, without spaces, such as rw-utara");
        }
        if let Err(error) = Expression::parse(expression) {
            return Ok(Err(format!("the expression cannot be read: {error}")));
        }
        self.store.save_audience(name, expression, &act.actor, now)?;
        self.note(act, "audience_saved", None, None, &format!("{name}: {expression}"), now)?;
        Ok(Ok(format!("audience {name} is saved")))
    }

    pub(super) fn remove_audience(&mut self, name: &str, act: &Act, now: Timestamp) -> Result<Answer, StoreError> {
        if !self.store.remove_audience(name)? {
            return Ok(Err(format!("there is no audience {name}")));
        }
        self.note(act, "audience_removed", None, None, name, now)?;
        Ok(Ok(format!("audience {name} is forgotten; jobs that were accepted with it stay as they are")))
    }

    /// Removes a bit of what imports left that were never applied. `true`: some is left.
    pub(super) fn forget_imports(&mut self, limit: usize) -> Result<bool, StoreError> {
        if self.import_remains && self.importing.is_none() {
            self.import_remains = !self.store.forget_imports(limit)?;
        }
        Ok(self.import_remains && self.importing.is_none())
    }

    /// On record with the job: whom its file names, and what that means now.
    pub(super) fn record_audience(
        &mut self,
        job: crate::model::JobId,
        header: &crate::model::JobHeader,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(audience) = &header.audience else { return Ok(()) };
        let detail = format!("as of roster import {}: {}", audience.import, audience.meaning);
        let event = EventRow { actor: &header.owner, kind: "job_audience", job: Some(job), detail: &detail, ..ENGINE };
        self.record(event, now)
    }
}
