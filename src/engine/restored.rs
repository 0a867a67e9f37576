//! Taking up a ledger that was put back from a backup: what happened since is taken over where it is known, and whatever may have been
//! sent since waits for a person.

use std::path::{Path, PathBuf};

use super::event::{Act, Action, Event};
use super::{ENGINE, Engine, Rules};
use crate::model::{Channel, HandEntry, JobKind, JobState, Timestamp, minute};
use crate::store::restore::{self, Carried, Survey, opt_outs_in};
use crate::store::{ConsentKind, ConsentRow, EventRow, Head, OptOutRow, Store, StoreError};

/// How the record says which ledger a backup replaced.
const REPLACED: &str = " was put back in place of the ledger that is now ";
/// And up to where either went.
const NEWEST: &str = " (newest event ";

/// A backup that is to be put back.
#[derive(Clone, Copy, Debug)]
pub struct PutBack<'a> {
    /// Where the ledger belongs.
    pub database: &'a Path,
    /// What is known of the backup, and of the ledger that it replaces.
    pub survey: &'a Survey,
    /// Who.
    pub actor: &'a str,
    /// Why, in their words.
    pub reason: &'a str,
}

/// What became of it.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    /// Where the ledger lies that was replaced; `None`: there was none.
    pub aside: Option<PathBuf>,
    /// What was taken over from it; `None`: nothing that happened since the backup is known.
    pub carried: Option<Carried>,
    /// Opt-outs that were found in it where nothing else of it can be used.
    pub opt_outs_found: u64,
    /// Jobs that wait for a person now.
    pub held: u64,
    /// Of these, how many messages wait, are on the air or in doubt.
    pub held_messages: u64,
    /// The daemon's own answers, tests and questions that were taken back.
    pub taken_back: u64,
}

/// A ledger that a backup replaced, as the record of the one that was put back says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// When.
    pub at: Timestamp,
    /// Where it lies since.
    pub file: PathBuf,
    /// The newest event that both have, 0 if none is known.
    common: i64,
    /// Its newest event, where it could be read.
    newest: Option<i64>,
}

impl Replaced {
    /// Reads what the event `ledger_restored` says. `None`: there was no ledger before.
    pub fn of(at: Timestamp, detail: &str) -> Option<Self> {
        let event = |head: &str| head.parse::<Head>().ok().map(|head| head.event);
        let (backup, rest) = detail.split_once(REPLACED)?;
        let (_, common) = backup.strip_suffix(')')?.rsplit_once(NEWEST)?;
        let (file, rest) = rest.split_once(NEWEST)?;
        let (newest, _) = rest.split_once(')')?;
        Some(Self { at, file: file.into(), common: event(common).unwrap_or(0), newest: event(newest) })
    }

    /// Whether it may have had an event of this number that the backup did not have.
    pub fn may_hold(&self, event: i64) -> bool {
        self.common < event && self.newest.is_none_or(|newest| event <= newest)
    }
}

/// What the ledger is told about it.
struct Told<'a> {
    how: &'a PutBack<'a>,
    /// The ledger that was replaced.
    aside: Option<&'a Path>,
    /// Whether all that happened since is known.
    known: bool,
}

impl Engine {
    /// Puts a backup in the place of the ledger, and takes it up. Nothing of it goes out before a person has said so of its job.
    ///
    /// The caller holds the lock of the ledger. Cut off anywhere, it is called again with the same backup and goes on. Errors: files
    /// could not be moved, the ledger not be written, or the one that it replaces not be read.
    pub fn put_back(
        how: &PutBack<'_>,
        rules: Rules,
        now: Timestamp,
        seed: u64,
    ) -> Result<(Self, Restored), StoreError> {
        let PutBack { database, survey, .. } = *how;
        let aside = restore::begin(database, now)?.aside;
        let newer = match (&aside, survey.present.continues()) {
            (Some(aside), true) => Some(restore::newer_copy(aside, database)?),
            _ => None,
        };
        restore::put_in_place(&survey.file, database)?;
        let store = Store::open_restored(database)?;
        let told = Told { how, aside: aside.as_deref(), known: newer.is_some() };
        let mut restored = take_over(&store, &told, newer.as_deref(), now)?;
        let mut engine = Self::open(store, rules, now, seed)?;
        for number in restored.carried.iter().flat_map(|carried| &carried.erased) {
            let act = Act {
                reply_to: None,
                actor: how.actor.to_owned(),
                reason: "erased before, after the backup that was put back".to_owned(),
                action: Action::Erase(HandEntry::of(*number)),
            };
            // No session is there: nobody takes orders.
            let _ = engine.handle(now, [Event::Act(act)])?;
        }
        restore::finish(database)?;
        restored.aside = aside;
        Ok((engine, restored))
    }
}

/// Tells the ledger, in one transaction, what happened since the backup and what is to wait.
fn take_over(store: &Store, told: &Told<'_>, newer: Option<&Path>, now: Timestamp) -> Result<Restored, StoreError> {
    if let Some(newer) = newer {
        store.attach_newer(newer)?;
    }
    store.begin()?;
    let restored = match settle(store, told, now) {
        Ok(restored) => restored,
        Err(error) => {
            store.roll_back();
            return Err(error);
        }
    };
    store.commit()?;
    if newer.is_some() {
        store.detach_newer()?;
    }
    Ok(restored)
}

fn settle(store: &Store, told: &Told<'_>, now: Timestamp) -> Result<Restored, StoreError> {
    let mut restored = Restored::default();
    match told.known {
        true => restored.carried = Some(store.carry_over()?),
        false => {
            store.sign_everybody_out()?;
            store.cut_runs(now)?;
            store.give_up_notices()?;
            restored.opt_outs_found = keep_opt_outs(store, told, now)?;
        }
    }
    hold(store, told, &mut restored, now)?;
    let since = match &restored.carried {
        Some(carried) => format!(
            "taken over from it: {} jobs, {} hand-overs, {} inbound texts, {} opt-outs, {} erasures",
            carried.jobs,
            carried.attempts,
            carried.inbound,
            carried.opt_outs,
            carried.erased.len()
        ),
        None => format!("nothing that happened since is known but {} opt-outs", restored.opt_outs_found),
    };
    let Restored { held, held_messages, .. } = restored;
    let PutBack { survey, actor, reason, .. } = *told.how;
    let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    let newest = |newest: &Option<String>| newest.clone().unwrap_or_else(|| "none".to_owned());
    let replaced = match told.aside {
        None => " was put back where no ledger was".to_owned(),
        Some(aside) => {
            let newest = newest(&survey.present.present_newest);
            format!("{REPLACED}{}{NEWEST}{newest})", aside.display())
        }
    };
    let detail = format!(
        "the backup {} of {}{NEWEST}{}){replaced}; {since}; {held} jobs with {held_messages} messages wait for a person{reason}",
        survey.file.display(),
        minute(survey.made_at),
        newest(&survey.newest)
    );
    store.record(&EventRow { actor, kind: "ledger_restored", detail: &detail, ..ENGINE }, now)?;
    Ok(restored)
}

/// The opt-outs of a ledger of which nothing else can be used.
fn keep_opt_outs(store: &Store, told: &Told<'_>, now: Timestamp) -> Result<u64, StoreError> {
    let how = told.how;
    let mut found = 0;
    for (number, scope) in told.aside.map(opt_outs_in).unwrap_or_default() {
        let reason = "found in the ledger that a backup replaced";
        let row = OptOutRow { number, scope, source: "operator", inbox: None, rule: None, actor: how.actor, reason };
        if !store.enter_opt_out(&row, now)? {
            continue;
        }
        let line = ConsentRow {
            scope: Some(scope),
            channel: Channel::Other,
            reason,
            ..ConsentRow::of(number, ConsentKind::OptedOut, how.actor)
        };
        store.enter_consent(&line, now)?;
        let detail = format!("scope {scope}: {reason}");
        store.record(
            &EventRow { actor: how.actor, kind: "opted_out", number: Some(number), detail: &detail, ..ENGINE },
            now,
        )?;
        found += 1;
    }
    Ok(found)
}

/// Holds every job that has something left to send: what the backup shows as waiting may have gone out since.
fn hold(store: &Store, told: &Told<'_>, restored: &mut Restored, now: Timestamp) -> Result<(), StoreError> {
    for job in store.open_jobs()? {
        let left = store.unsent(job.id)?;
        if left == 0 {
            continue;
        }
        if job.kind == JobKind::File || job.answers.is_some() {
            let reason = match told.known {
                true => format!(
                    "a backup was put back; the ledger before it says that {left} message(s) were not sent or are in doubt; is it still wanted?"
                ),
                false => format!(
                    "a backup of {} was put back; nobody knows which of {left} message(s) were sent since then",
                    minute(told.how.survey.made_at)
                ),
            };
            store.move_job(job.id, JobState::Active, JobState::Paused, now)?;
            store.hold_restored(job.id, &reason, now)?;
            store.record(&EventRow { kind: "job_held", job: Some(job.id), detail: &reason, ..ENGINE }, now)?;
            restored.held += 1;
            restored.held_messages += left;
        } else if !told.known {
            // An answer that comes a second time, days later, helps nobody.
            for from in [JobState::Active, JobState::Paused] {
                store.move_job(job.id, from, JobState::Cancelled, now)?;
            }
            let detail = "a backup was put back; it may have gone out since then";
            store.record(&EventRow { kind: "job_cancelled", job: Some(job.id), detail, ..ENGINE }, now)?;
            restored.taken_back += 1;
        }
    }
    Ok(())
}
