//! Moratoria that people enter and end.

use super::Engine;
use super::event::{Act, NewMoratorium};
use crate::model::Timestamp;
use crate::policy::Moratorium;
use crate::store::{self, StoreError};

impl Engine {
    /// A person enters a moratorium.
    pub(super) fn enter_moratorium(
        &mut self,
        new: &NewMoratorium,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        if act.reason.trim().is_empty() {
            return Ok(Err("a moratorium needs a reason".to_owned()));
        }
        if new.until <= new.from || new.until <= now {
            return Ok(Err("its end is over already, or lies before its beginning".to_owned()));
        }
        let row = store::NewMoratorium {
            from: new.from,
            until: new.until,
            classes: &new.classes,
            units: &new.units,
            reason: &act.reason,
            actor: &act.actor,
        };
        let id = self.store.insert_moratorium(&row, now)?;
        self.hours.entered.push(Moratorium {
            from: new.from,
            until: new.until,
            classes: new.classes.clone(),
            units: new.units.clone(),
            reason: act.reason.clone(),
        });
        self.hours.judge_again();
        let what = format!("moratorium {id}, from {} until {}{}", new.from, new.until, whom(new));
        self.note(act, "moratorium_added", None, None, &what, now)?;
        Ok(Ok(format!("moratorium {id} is entered")))
    }

    /// A person ends one before its time.
    pub(super) fn end_moratorium(
        &mut self,
        id: i64,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        if !self.store.end_moratorium(id, now)? {
            return Ok(Err(format!("there is no moratorium {id} that holds or is to come")));
        }
        self.take_up_moratoria()?;
        self.note(act, "moratorium_ended", None, None, &format!("moratorium {id}"), now)?;
        Ok(Ok(format!("moratorium {id} is ended")))
    }
}

/// For whom, where it is not for all.
fn whom(new: &NewMoratorium) -> String {
    let classes: Vec<&str> = new.classes.iter().map(|class| class.name()).collect();
    let mut whom = String::new();
    for (what, names) in [("classes", classes.join(", ")), ("units", new.units.join(", "))] {
        if !names.is_empty() {
            whom.push_str(&format!(", {what} {names}"));
        }
    }
    whom
}
