//! How the ledger stands now, in numbers for machines that watch it. Each question reads what is open, by an index; none reads history.

use serde::{Deserialize, Serialize};

use super::{Reader, StoreError, at};
use crate::model::{SimId, Timestamp};

/// The ledger in numbers.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    /// Messages of open jobs by class and state.
    pub queue: Vec<(String, String, u64)>,
    /// By class, since when the job that could have gone out longest, but for quiet hours and the like, has something queued.
    pub oldest_queued: Vec<(String, Timestamp)>,
    /// Jobs of files by state.
    pub jobs: Vec<(String, u64)>,
    /// Jobs that wait although nobody paused them, by what for: `approval`, `not_before`, `moratorium`, `quiet_hours`, `quota`,
    /// `held`.
    pub waits: Vec<(String, u64)>,
    /// Scopes that people paused.
    pub pauses: u64,
    /// Messages in doubt.
    pub in_doubt: u64,
    /// Numbers that opted out, those of erased persons among them.
    pub opt_outs: u64,
    /// Alarms that stand by kind and level.
    pub alarms: Vec<(String, String, u64)>,
    /// When the daemon was last at work; `None`: it never was.
    pub alive_at: Option<Timestamp>,
    /// The size of the ledger's file, without its log.
    pub bytes: u64,
}

/// A modem in numbers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ModemGauge {
    /// Its name.
    pub name: String,
    /// Its state as in [`crate::store::ModemView`].
    pub state: String,
    /// Why, when it is not ready.
    pub reason: Option<String>,
    /// Its SIM; for the daemon's own use.
    #[serde(skip)]
    pub sim: Option<SimId>,
    /// What the network that served the SIM last calls itself.
    pub operator: Option<String>,
    /// `+CSQ` 0 to 31.
    pub signal: Option<u8>,
    /// The SIM's credit as last known, in whole rupiah.
    pub credit: Option<u64>,
}

// An index over some rows is used only where the question repeats its condition word for word.
const QUEUE: &str = "SELECT class, tallies.state, sum(messages)
     FROM jobs CROSS JOIN tallies ON tallies.job_id = jobs.id
     WHERE jobs.state IN ('receiving', 'active', 'paused') AND jobs.state <> 'receiving'
     GROUP BY class, tallies.state";
const OLDEST_QUEUED: &str = "SELECT class, min(max(created_at_ms, not_before_ms, coalesce(decided_at_ms, 0)))
     FROM jobs CROSS JOIN tallies ON tallies.job_id = jobs.id AND tallies.state = 'queued' AND messages > 0
          LEFT JOIN approvals ON approvals.job_id = jobs.id
          LEFT JOIN job_waits ON job_waits.job_id = jobs.id
     WHERE jobs.state IN ('receiving', 'active', 'paused') AND jobs.state = 'active' AND approvals.state IS NOT 'waiting'
       AND job_waits.kind IS NOT 'not_before'
     GROUP BY class";
const JOBS: &str = "SELECT state, count(*) FROM jobs WHERE kind = 'file' GROUP BY state";
const WAITS: &str = "SELECT job_waits.kind, count(*)
     FROM jobs CROSS JOIN job_waits ON job_waits.job_id = jobs.id
     WHERE jobs.state IN ('receiving', 'active', 'paused') AND jobs.state <> 'receiving'
     GROUP BY job_waits.kind
     UNION ALL
     SELECT 'held', count(*) FROM held_jobs";
const IN_DOUBT: &str = "SELECT count(*) FROM messages WHERE state IN ('sending', 'in_doubt') AND state = 'in_doubt'";
const ALARMS: &str = "SELECT kind, level, count(*) FROM alarms WHERE cleared_at_ms IS NULL GROUP BY kind, level";

impl Reader {
    /// The ledger in numbers.
    pub fn gauges(&self) -> Result<Gauges, StoreError> {
        let pairs = |sql| self.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        let triples = |sql| self.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let number = |sql| self.one(sql, |statement| statement.query_row([], |row| row.get(0)));
        Ok(Gauges {
            queue: triples(QUEUE)?,
            oldest_queued: self.all(OLDEST_QUEUED, [], |row| Ok((row.get(0)?, at(row.get(1)?))))?,
            jobs: pairs(JOBS)?,
            waits: pairs(WAITS)?,
            pauses: number("SELECT count(*) FROM pauses")?,
            in_doubt: number(IN_DOUBT)?,
            opt_outs: number("SELECT (SELECT count(*) FROM opt_outs) + (SELECT count(*) FROM kept_opt_outs)")?,
            alarms: triples(ALARMS)?,
            alive_at: self.all("SELECT alive_at_ms FROM heartbeat WHERE id = 1", [], |row| Ok(at(row.get(0)?)))?.pop(),
            bytes: number("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")?,
        })
    }

    /// Every modem ever seen in numbers, by name.
    pub fn modem_gauges(&self) -> Result<Vec<ModemGauge>, StoreError> {
        self.all(
            "SELECT modems.name,
                    CASE WHEN blocked_sims.sim_id IS NOT NULL AND state <> 'lost' THEN 'blocked' ELSE state END,
                    coalesce(blocked_sims.reason, modems.reason), modems.sim_id, operator, signal,
                    (SELECT amount FROM credits
                     WHERE credits.sim_id = modems.sim_id AND amount IS NOT NULL ORDER BY id DESC LIMIT 1)
             FROM modems LEFT JOIN sims ON sims.id = modems.sim_id
                  LEFT JOIN blocked_sims ON blocked_sims.sim_id = modems.sim_id
             ORDER BY modems.name",
            [],
            |row| {
                Ok(ModemGauge {
                    name: row.get(0)?,
                    state: row.get(1)?,
                    reason: row.get(2)?,
                    sim: row.get::<_, Option<i64>>(3)?.map(SimId),
                    operator: row.get(4)?,
                    signal: row.get(5)?,
                    credit: row.get(6)?,
                })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, preview, tail};

    #[test]
    fn no_question_of_those_who_watch_reads_through_what_has_no_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        drop(Store::open(&path).unwrap());
        let reader = Reader::open(&path).unwrap();
        let after = format!("{} WHERE attempts.id > ?1 ORDER BY attempts.id LIMIT 9", tail::HAND_OVERS);
        let before = preview::GOES_FIRST.replace("?2", "1");
        let questions =
            [QUEUE, OLDEST_QUEUED, JOBS, WAITS, IN_DOUBT, ALARMS, tail::INBOUND, tail::REPORTS, &after, &before];
        for question in questions {
            let plan = format!("EXPLAIN QUERY PLAN {}", question.replace("?1", "1"));
            let steps = reader.all(&plan, [], |row| row.get::<_, String>(3)).unwrap();
            for table in ["jobs", "messages", "tallies", "attempts", "reports", "inbox", "alarms"] {
                let through = |step: &String| {
                    step.starts_with(&format!("SCAN {table}"))
                        && !step.contains("jobs_")
                        && !step.contains("alarms_standing")
                };
                assert!(!steps.iter().any(through), "{question}\n{steps:#?}");
            }
        }
    }
}
