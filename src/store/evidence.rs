//! What is kept so that hand-overs in doubt can be settled: runs of modems, readings of cards, habits, last words.

use rusqlite::{Row, params};

use super::attempts::{AttemptRow, COLUMNS, attempt_row};
use super::{DoubtView, Reader, Store, StoreError, at, json_list, ms, shown};
use crate::model::{AttemptId, ModemName, RunId, SimId, Timestamp, Units};

/// A run of a modem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Its row.
    pub id: RunId,
    /// In which modem.
    pub modem: ModemName,
    /// That modem's IMEI.
    pub imei: Option<String>,
    /// Its make.
    pub make: String,
    /// Whether the modem certainly was started anew before it.
    pub restarted: bool,
}

/// EF_SMSS as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// In which run.
    pub run: RunId,
    /// After which hand-over through the SIM.
    pub after: AttemptId,
    /// The number last used.
    pub tp_mr: u8,
}

/// What is known of a SIM's numbers around one hand-over, each list oldest first.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// Hand-overs that have their outcome.
    pub attempts: Vec<AttemptRow>,
    /// Readings of the card between and after them.
    pub readings: Vec<Reading>,
    /// The runs in which all of that happened.
    pub runs: Vec<RunRow>,
}

fn run_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        id: RunId(row.get(0)?),
        modem: ModemName::from(row.get::<_, String>(1)?),
        imei: row.get(2)?,
        make: row.get(3)?,
        restarted: row.get(4)?,
    })
}

impl Store {
    /// A new run of a modem with this SIM.
    pub fn begin_run(
        &self,
        sim: SimId,
        modem: &ModemName,
        imei: Option<&str>,
        make: &str,
        restarted: bool,
        now: Timestamp,
    ) -> Result<RunId, StoreError> {
        self.run(
            "INSERT INTO runs (sim_id, modem, imei, make, restarted, began_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![sim.0, modem.as_str(), imei, make, restarted, ms(now)],
        )?;
        Ok(RunId(self.connection.last_insert_rowid()))
    }

    /// The newest run of a SIM.
    pub fn last_run(&self, sim: SimId) -> Result<Option<RunRow>, StoreError> {
        self.one(
            "SELECT id, modem, imei, make, restarted
             FROM runs
             WHERE sim_id = ?1
             ORDER BY id DESC
             LIMIT 1",
            [sim.0],
            run_row,
        )
    }

    /// Keeps what EF_SMSS says, after all hand-overs through the SIM so far.
    pub fn note_reading(&self, sim: SimId, run: RunId, tp_mr: u8, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO card_readings (sim_id, run_id, after_attempt, tp_mr, at_ms)
             VALUES (?1, ?2,
                     coalesce((SELECT id FROM attempts WHERE sim_id = ?1 ORDER BY opened_at_ms DESC, id DESC LIMIT 1), 0),
                     ?3, ?4)",
            params![sim.0, run.0, tp_mr, ms(now)],
        )
        .map(drop)
    }

    /// Up to `limit` hand-overs through a SIM up to and with this one, as many after it, and the readings and runs that belong
    /// to them. `None`: up to the newest. Where hand-overs from its time may lie in an archive, one is shown alone: nothing is counted
    /// over a gap.
    pub fn trail(&self, sim: SimId, around: Option<AttemptId>, limit: usize) -> Result<Trail, StoreError> {
        let pivot = around.map_or(i64::MAX, |attempt| attempt.0);
        let at = self.one("SELECT opened_at_ms FROM attempts WHERE id = ?1", [pivot], |row| row.get(0))?;
        let at: i64 = at.unwrap_or(i64::MAX);
        let whole_from = self.archived_until()?;
        if at < whole_from {
            let attempts = self.attempt(AttemptId(pivot))?.into_iter().collect();
            return Ok(Trail { attempts, ..Trail::default() });
        }
        let mut attempts = self.all(
            &format!(
                "SELECT {COLUMNS} FROM attempts
                 WHERE sim_id = ?1 AND opened_at_ms <= ?2 AND opened_at_ms >= ?5 AND id <= ?3 AND outcome IS NOT NULL
                 ORDER BY opened_at_ms DESC, id DESC
                 LIMIT ?4"
            ),
            params![sim.0, at, pivot, limit, whole_from],
            attempt_row,
        )?;
        attempts.reverse();
        // From the SIM's first hand-over on, what was read before it belongs to it.
        let first = attempts.first().filter(|_| attempts.len() == limit).map_or(0, |attempt| attempt.id.0);
        if pivot < i64::MAX {
            attempts.extend(self.all(
                &format!(
                    "SELECT {COLUMNS} FROM attempts
                     WHERE sim_id = ?1 AND opened_at_ms >= ?2 AND id > ?3 AND outcome IS NOT NULL
                     ORDER BY opened_at_ms, id
                     LIMIT ?4"
                ),
                params![sim.0, at, pivot, limit],
                attempt_row,
            )?);
        }
        // Where hand-overs follow that are not shown, what was read after them is not either.
        let last =
            if attempts.len() < 2 * limit { i64::MAX } else { attempts.last().map_or(0, |attempt| attempt.id.0) };
        let mut readings = self.all(
            "SELECT run_id, after_attempt, tp_mr
             FROM card_readings
             WHERE sim_id = ?1 AND after_attempt BETWEEN ?2 AND ?3 AND at_ms >= ?5
             ORDER BY after_attempt DESC, id DESC
             LIMIT ?4",
            params![sim.0, first, last, 4 * limit, whole_from],
            |row| Ok(Reading { run: RunId(row.get(0)?), after: AttemptId(row.get(1)?), tp_mr: row.get(2)? }),
        )?;
        readings.reverse();
        let shown =
            || attempts.iter().filter_map(|attempt| attempt.run).chain(readings.iter().map(|reading| reading.run));
        let (from, to) = (shown().min().map_or(0, |run| run.0), shown().max().map_or(0, |run| run.0));
        let runs = self.all(
            "SELECT id, modem, imei, make, restarted
             FROM runs
             WHERE sim_id = ?1 AND id BETWEEN ?2 AND ?3
             ORDER BY id",
            params![sim.0, from, to],
            run_row,
        )?;
        Ok(Trail { attempts, readings, runs })
    }

    /// The number of a hand-over in doubt has become known; whether the service centre has it has not. `false`: it was known.
    pub fn place(&self, attempt: AttemptId, tp_mr: u8) -> Result<bool, StoreError> {
        self.run(
            "UPDATE attempts SET tp_mr = ?2 WHERE id = ?1 AND outcome = 'uncertain' AND tp_mr IS NULL",
            params![attempt.0, tp_mr],
        )
        .map(|changed| changed == 1)
    }

    /// What a make was seen to do: name, how often it held in a row, how often it did not.
    pub fn habits(&self, make: &str) -> Result<Vec<(String, u32, u32)>, StoreError> {
        self.all("SELECT habit, held, broken FROM habits WHERE make = ?1", [make], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
    }

    /// Keeps what a make was seen to do.
    pub fn set_habit(&self, make: &str, habit: &str, held: u32, broken: u32, trusted: bool) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO habits (make, habit, held, broken, trusted)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (make, habit) DO UPDATE
             SET held = excluded.held, broken = excluded.broken, trusted = excluded.trusted",
            params![make, habit, held, broken, trusted],
        )
        .map(drop)
    }

    /// Notes until when a report may settle a doubt; `None`: none is expected.
    pub fn note_doubt(&self, attempt: AttemptId, report_until: Option<Timestamp>) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO doubts (attempt_id, report_until_ms)
             VALUES (?1, ?2)
             ON CONFLICT (attempt_id) DO UPDATE SET report_until_ms = excluded.report_until_ms",
            params![attempt.0, report_until.map(ms)],
        )
        .map(drop)
    }

    /// Notes the last words of a modem after a hand-over that is in doubt.
    pub fn note_last_words(&self, attempt: AttemptId, said: &str) -> Result<(), StoreError> {
        self.run("UPDATE doubts SET said = ?2 WHERE attempt_id = ?1", params![attempt.0, said]).map(drop)
    }
}

impl Reader {
    /// Segments in doubt, oldest first.
    pub fn doubts(&self) -> Result<Vec<DoubtView>, StoreError> {
        self.doubts_of(&Units::All)
    }

    /// The same for the jobs of these units.
    pub fn doubts_of(&self, units: &Units) -> Result<Vec<DoubtView>, StoreError> {
        self.all(
            "SELECT attempts.message_id, attempts.segment, messages.segments, messages.job_id, jobs.class, jobs.source,
                    attempts.number, attempts.modem, coalesce(iccid, key), opened_at_ms, detail, attempts.tp_mr,
                    doubts.said, doubts.report_until_ms, jobs.in_doubt, due_at_ms,
                    attempts.tp_mr IS NULL AND NOT EXISTS (
                        SELECT 1 FROM attempts AS later
                        WHERE later.sim_id = attempts.sim_id AND later.opened_at_ms >= attempts.opened_at_ms
                              AND later.id > attempts.id AND later.outcome = 'submitted'),
                    coalesce(runs.id = (SELECT max(id) FROM runs AS other WHERE other.sim_id = attempts.sim_id), 0),
                    coalesce((SELECT trusted FROM habits WHERE habits.make = runs.make AND habit = 'steps'), 0),
                    coalesce((SELECT trusted FROM habits WHERE habits.make = runs.make AND habit = 'card'), 0)
             FROM messages
                  JOIN segments ON segments.message_id = messages.id AND segments.state = 'in_doubt'
                  JOIN attempts ON attempts.message_id = messages.id AND attempts.segment = segments.number
                  JOIN jobs ON jobs.id = messages.job_id
                  JOIN sims ON sims.id = attempts.sim_id
                  LEFT JOIN doubts ON doubts.attempt_id = attempts.id
                  LEFT JOIN runs ON runs.id = attempts.run_id
             WHERE messages.state = 'in_doubt' AND attempts.outcome = 'uncertain' AND settled IS NULL
               AND (?1 IS NULL OR jobs.unit IN (SELECT value FROM json_each(?1)))
             ORDER BY opened_at_ms",
            [json_list(units)],
            |row| {
                let (newest, same_run): (bool, bool) = (row.get(16)?, row.get(17)?);
                let (steps, card): (bool, bool) = (row.get(18)?, row.get(19)?);
                Ok(DoubtView {
                    message: row.get(0)?,
                    segment: row.get(1)?,
                    segments: row.get(2)?,
                    job: row.get(3)?,
                    class: row.get(4)?,
                    source: row.get(5)?,
                    number: shown(row.get(6)?),
                    modem: row.get(7)?,
                    sim: row.get(8)?,
                    handed_over_at: at(row.get(9)?),
                    why: row.get(10)?,
                    tp_mr: row.get(11)?,
                    said: row.get(12)?,
                    report_until: row.get::<_, Option<i64>>(13)?.map(at),
                    policy: row.get(14)?,
                    policy_at: row.get::<_, Option<i64>>(15)?.map(at),
                    next_number_may_tell: newest && same_run && steps,
                    card_may_tell: newest && steps && card,
                })
            },
        )
    }
}
