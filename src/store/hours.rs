//! Moratoria, approvals, why jobs wait, and what units have sent in a day.

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, at, ms};
use crate::model::{Class, JobId, State, Timestamp, WaitKind};

/// A moratorium as a person enters it.
#[derive(Clone, Copy, Debug)]
pub struct NewMoratorium<'a> {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, which is not part of it.
    pub until: Timestamp,
    /// The classes it holds for; empty: all.
    pub classes: &'a [Class],
    /// The units it holds for; empty: all.
    pub units: &'a [String],
    /// Why; not empty.
    pub reason: &'a str,
    /// Who enters it.
    pub actor: &'a str,
}

/// A moratorium that a person entered, whether it holds or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MoratoriumView {
    /// Its number; `None`: it stands in the settings.
    pub id: Option<i64>,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; where a person ended it before, that moment.
    pub until: Timestamp,
    /// The classes it holds for, with commas between; empty: all.
    pub classes: String,
    /// The units it holds for, with commas between; empty: all.
    pub units: String,
    /// Why.
    pub reason: String,
    /// Who entered it; `settings` for those of the settings.
    pub actor: String,
    /// When it was entered.
    pub entered_at: Option<Timestamp>,
    /// When a person ended it.
    pub ended_at: Option<Timestamp>,
}

/// Why a job waits, as stored.
#[derive(Clone, Copy, Debug)]
pub struct WaitRow<'a> {
    /// In one word.
    pub kind: WaitKind,
    /// In a sentence.
    pub reason: &'a str,
    /// Until when; `None`: nobody knows.
    pub until: Option<Timestamp>,
}

const MORATORIUM: &str =
    "SELECT id, from_ms, coalesce(min(ended_at_ms, until_ms), until_ms), classes, units, reason, actor,
                                 entered_at_ms, ended_at_ms
                          FROM moratoria
                          ORDER BY from_ms, id";

fn moratorium(row: &Row<'_>) -> rusqlite::Result<MoratoriumView> {
    Ok(MoratoriumView {
        id: row.get(0)?,
        from: at(row.get(1)?),
        until: at(row.get(2)?),
        classes: row.get(3)?,
        units: row.get(4)?,
        reason: row.get(5)?,
        actor: row.get(6)?,
        entered_at: row.get::<_, Option<i64>>(7)?.map(at),
        ended_at: row.get::<_, Option<i64>>(8)?.map(at),
    })
}

impl Store {
    /// Enters a moratorium; gives its number.
    pub fn insert_moratorium(&self, new: &NewMoratorium<'_>, now: Timestamp) -> Result<i64, StoreError> {
        let classes: Vec<&str> = new.classes.iter().map(|class| class.name()).collect();
        self.run(
            "INSERT INTO moratoria (from_ms, until_ms, classes, units, reason, actor, entered_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                ms(new.from),
                ms(new.until),
                classes.join(","),
                new.units.join(","),
                new.reason,
                new.actor,
                ms(now)
            ],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Ends a moratorium before its time; `false` if there is none of this number that holds or is to come.
    pub fn end_moratorium(&self, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "UPDATE moratoria SET ended_at_ms = ?2 WHERE id = ?1 AND ended_at_ms IS NULL AND until_ms > ?2",
            params![id, ms(now)],
        )
        .map(|ended| ended == 1)
    }

    /// Every moratorium that was ever entered, by its beginning.
    pub fn moratoria(&self) -> Result<Vec<MoratoriumView>, StoreError> {
        self.all(MORATORIUM, [], moratorium)
    }

    /// A job waits for a second person from now on.
    pub fn ask_approval(&self, job: JobId, submitter: &str, why: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO approvals (job_id, why, submitter, asked_at_ms, state) VALUES (?1, ?2, ?3, ?4, 'waiting')",
            params![job.0, why, submitter, ms(now)],
        )
        .map(drop)
    }

    /// Who brought a job that waits for a second person; `None`: it does not wait for one.
    pub fn awaits_approval(&self, job: JobId) -> Result<Option<String>, StoreError> {
        self.one("SELECT submitter FROM approvals WHERE job_id = ?1 AND state = 'waiting'", [job.0], |row| row.get(0))
    }

    /// A person has decided; `false` if the job does not wait for one.
    pub fn decide_approval(
        &self,
        job: JobId,
        approved: bool,
        actor: &str,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let state = if approved { "approved" } else { "refused" };
        self.run(
            "UPDATE approvals
             SET state = ?2, decided_by = ?3, reason = ?4, decided_at_ms = ?5
             WHERE job_id = ?1 AND state = 'waiting'",
            params![job.0, state, actor, reason, ms(now)],
        )
        .map(|decided| decided == 1)
    }

    /// Notes why a job waits; since when is kept while the kind is the same.
    pub fn set_wait(&self, job: JobId, wait: &WaitRow<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO job_waits (job_id, kind, reason, since_ms, until_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (job_id) DO UPDATE
             SET since_ms = CASE WHEN kind = excluded.kind THEN since_ms ELSE excluded.since_ms END,
                 kind = excluded.kind, reason = excluded.reason, until_ms = excluded.until_ms",
            params![job.0, wait.kind.name(), wait.reason, ms(now), wait.until.map(ms)],
        )
        .map(drop)
    }

    /// A job waits no more.
    pub fn clear_wait(&self, job: JobId) -> Result<(), StoreError> {
        self.run("DELETE FROM job_waits WHERE job_id = ?1", [job.0]).map(drop)
    }

    /// The jobs of which it is noted why they wait.
    pub fn job_waits(&self) -> Result<Vec<JobId>, StoreError> {
        self.all("SELECT job_id FROM job_waits", [], |row| row.get(0).map(JobId))
    }

    /// Segments that each unit has handed over since a moment: those accepted, on the air, or of unknown fate.
    pub fn unit_segments(&self, since: Timestamp) -> Result<Vec<(String, u32)>, StoreError> {
        self.all(UNIT_SEGMENTS, [ms(since)], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Segments of a unit's open jobs that stand in the queue, of jobs that begin from a moment on and before another.
    pub fn queued_segments(&self, unit: &str, from: Timestamp, before: Timestamp) -> Result<u64, StoreError> {
        self.one(QUEUED_SEGMENTS, params![unit, ms(from), ms(before)], |row| row.get(0)).map(|count| count.unwrap_or(0))
    }

    /// How many of a job's messages stand in the queue, the transaction in hand included.
    pub fn queued_messages(&self, job: JobId) -> Result<i64, StoreError> {
        let stored: Option<i64> =
            self.one("SELECT messages FROM tallies WHERE job_id = ?1 AND state = 'queued'", [job.0], |row| row.get(0))?;
        let pending = self.tally.borrow().get(&(job, State::Queued)).copied().unwrap_or(0);
        Ok(stored.unwrap_or(0) + pending)
    }
}

const UNIT_SEGMENTS: &str = "SELECT jobs.unit, count(*)
                             FROM sims CROSS JOIN attempts ON attempts.sim_id = sims.id AND opened_at_ms >= ?1
                                  JOIN messages ON messages.id = attempts.message_id
                                  JOIN jobs ON jobs.id = messages.job_id
                             WHERE jobs.kind = 'file' AND (outcome IS NULL OR outcome IN ('submitted', 'uncertain'))
                             GROUP BY jobs.unit";

const QUEUED_SEGMENTS: &str = "SELECT coalesce(sum(segments), 0)
                               FROM jobs JOIN messages ON messages.job_id = jobs.id AND wake_at_ms IS NOT NULL
                               WHERE jobs.state IN ('active', 'paused') AND unit = ?1
                                 AND not_before_ms >= ?2 AND not_before_ms < ?3";

/// Why a job waits, as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub kind: String,
    pub reason: String,
    pub since: Timestamp,
    pub until: Option<Timestamp>,
}

impl Reader {
    /// Every moratorium that was ever entered, by its beginning.
    pub fn moratoria(&self) -> Result<Vec<MoratoriumView>, StoreError> {
        self.all(MORATORIUM, [], moratorium)
    }

    /// As [`Store::unit_segments`].
    pub fn unit_segments(&self, since: Timestamp) -> Result<Vec<(String, u32)>, StoreError> {
        self.all(UNIT_SEGMENTS, [ms(since)], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// As [`Store::queued_segments`].
    pub fn queued_segments(&self, unit: &str, from: Timestamp, before: Timestamp) -> Result<u64, StoreError> {
        let found = self.all(QUEUED_SEGMENTS, params![unit, ms(from), ms(before)], |row| row.get(0))?;
        Ok(found.into_iter().next().unwrap_or(0))
    }

    /// The one answer to why a job sends nothing: for a paused one whatever was last on record, by a person or after a long stop; else
    /// what holds all of its kind, else what the engine judged.
    pub(super) fn wait_of(&self, job: i64, state: &str, class: &str, unit: &str) -> Result<Option<Wait>, StoreError> {
        let first = |found: Vec<Wait>| found.into_iter().next();
        if state == "paused" {
            let told = self.all(
                "SELECT CASE kind WHEN 'job_held' THEN 'held' ELSE 'paused' END, detail, at_ms, NULL
                 FROM events
                 WHERE job_id = ?1 AND kind IN ('job_paused', 'job_held')
                 ORDER BY id DESC
                 LIMIT 1",
                [job],
                wait,
            );
            return told.map(first);
        }
        let paused = self.all(
            "SELECT 'paused', reason, since_ms, NULL
             FROM pauses
             WHERE scope IN ('all', 'class:' || ?1, 'unit:' || ?2)
             ORDER BY since_ms DESC
             LIMIT 1",
            [class, unit],
            wait,
        )?;
        if let Some(paused) = first(paused) {
            return Ok(Some(paused));
        }
        self.all("SELECT kind, reason, since_ms, until_ms FROM job_waits WHERE job_id = ?1", [job], wait).map(first)
    }
}

fn wait(row: &Row<'_>) -> rusqlite::Result<Wait> {
    Ok(Wait {
        kind: row.get(0)?,
        reason: row.get(1)?,
        since: at(row.get(2)?),
        until: row.get::<_, Option<i64>>(3)?.map(at),
    })
}

/// The classes of a stored list.
///
/// Errors: the word that is none.
pub fn classes_of(stored: &str) -> Result<Vec<Class>, String> {
    names_of(stored).map(|word| word.parse().map_err(|_| word.to_owned())).collect()
}

/// The names of a stored list.
pub fn names_of(stored: &str) -> impl Iterator<Item = &str> {
    stored.split(',').filter(|name| !name.is_empty())
}
