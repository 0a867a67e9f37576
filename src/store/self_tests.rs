//! Self-tests of modems: what was tried, and what came of each step.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, at, ms, shown};
use crate::model::{
    JobId, JobKind, MessageId, ModemName, Msisdn, SignedDuration, SimId, StepState, TestStep, Timestamp,
};

/// A step of a self-test as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TestStepView {
    /// The test's row.
    pub test: i64,
    /// The modem.
    pub modem: String,
    /// To which number it wrote, `+62…`: its own.
    pub number: String,
    /// Who asked for it.
    pub actor: String,
    /// When the test began.
    pub began_at: Timestamp,
    /// The step; see [`TestStep::name`].
    pub step: String,
    /// `waiting`, `ok`, `failed` or `skipped`.
    pub state: String,
    /// How long it took.
    pub took_ms: Option<i64>,
    /// What is to be known, English; empty where all is well.
    pub detail: String,
}

/// A self-test as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestView {
    /// Its row.
    pub test: i64,
    /// Who asked for it.
    pub actor: String,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended; `None`: it runs.
    pub ended_at: Option<Timestamp>,
    /// Whether every step was well.
    pub passed: Option<bool>,
    /// The names of the steps that failed.
    pub failed: Vec<String>,
}

impl Store {
    /// Enters a test with its steps, all waiting.
    pub fn begin_self_test(
        &self,
        modem: &ModemName,
        sim: SimId,
        number: Msisdn,
        actor: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        self.run(
            "INSERT INTO self_tests (modem, sim_id, number, actor, began_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![modem.as_str(), sim.0, number.as_u64(), actor, ms(now)],
        )?;
        let test = self.connection.last_insert_rowid();
        for (place, step) in TestStep::ALL.into_iter().enumerate() {
            self.run(
                "INSERT INTO self_test_steps (test_id, place, step, state) VALUES (?1, ?2, ?3, 'waiting')",
                params![test, place, step.name()],
            )?;
        }
        Ok(test)
    }

    /// Enters what a step sends.
    pub fn insert_test_text(
        &self,
        mark: &str,
        test: i64,
        step: TestStep,
        job: JobId,
        text: &str,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO self_test_texts (mark, test_id, step, job_id, text) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![mark, test, step.name(), job.0, text],
        )
        .map(drop)
    }

    /// Enters what came of a step.
    pub fn end_test_step(
        &self,
        test: i64,
        step: TestStep,
        state: StepState,
        took: Option<SignedDuration>,
        detail: &str,
    ) -> Result<(), StoreError> {
        let took = took.map(|took| i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
        self.run(
            "UPDATE self_test_steps
             SET state = ?3, took_ms = ?4, detail = ?5
             WHERE test_id = ?1 AND step = ?2 AND state = 'waiting'",
            params![test, step.name(), state.name(), took, detail],
        )
        .map(drop)
    }

    /// Ends a test; it has passed if every step was well. Gives that, and the names of the steps that failed.
    pub fn end_self_test(&self, test: i64, now: Timestamp) -> Result<(bool, Vec<String>), StoreError> {
        self.run(
            "UPDATE self_tests
             SET ended_at_ms = ?2,
                 passed = NOT EXISTS (SELECT 1 FROM self_test_steps WHERE test_id = ?1 AND state <> 'ok')
             WHERE id = ?1 AND ended_at_ms IS NULL",
            params![test, ms(now)],
        )?;
        let passed = self.one("SELECT passed FROM self_tests WHERE id = ?1", [test], |row| row.get(0))?;
        let failed = self.all(
            "SELECT step FROM self_test_steps WHERE test_id = ?1 AND state = 'failed' ORDER BY place",
            [test],
            |row| row.get(0),
        )?;
        Ok((passed.unwrap_or(false), failed))
    }

    /// Whether the first message of a test came back as it was sent.
    pub fn test_copy_came(&self, test: i64) -> Result<bool, StoreError> {
        self.one("SELECT 1 FROM self_test_steps WHERE test_id = ?1 AND step = 'copy' AND state = 'ok'", [test], |_| {
            Ok(())
        })
        .map(|found| found.is_some())
    }

    /// Tests that had not ended when the daemon did, each with its modem.
    pub fn open_self_tests(&self) -> Result<Vec<(i64, ModemName)>, StoreError> {
        self.all("SELECT id, modem FROM self_tests WHERE ended_at_ms IS NULL ORDER BY id", [], |row| {
            Ok((row.get(0)?, ModemName::new(row.get_ref(1)?.as_str()?)))
        })
    }

    /// The jobs of self-tests that may still have work.
    pub fn open_test_jobs(&self) -> Result<Vec<JobId>, StoreError> {
        // The index over open jobs is used only where its condition is repeated word for word; so it is below, over messages.
        self.all(
            "SELECT id
             FROM jobs
             WHERE state IN ('receiving', 'active', 'paused') AND state = 'active' AND kind = 'test'
             ORDER BY id",
            [],
            |row| row.get(0).map(JobId),
        )
    }

    /// Messages of jobs of a kind of which nobody knows whether they left.
    pub fn doubtful_messages_of(&self, kind: JobKind) -> Result<Vec<MessageId>, StoreError> {
        self.all(
            "SELECT messages.id
             FROM messages CROSS JOIN jobs ON jobs.id = messages.job_id
             WHERE messages.state IN ('sending', 'in_doubt') AND messages.state = 'in_doubt' AND jobs.kind = ?1
             ORDER BY messages.id",
            [kind.name()],
            |row| row.get(0).map(MessageId),
        )
    }

    /// What a self-test has sent with this mark.
    pub fn test_text(&self, mark: &str) -> Result<Option<String>, StoreError> {
        self.one("SELECT text FROM self_test_texts WHERE mark = ?1", [mark], |row| row.get(0))
    }

    /// The texts of tests that began since then.
    pub fn test_texts_since(&self, since: Timestamp) -> Result<Vec<String>, StoreError> {
        self.all(
            "SELECT text
             FROM self_test_texts JOIN self_tests ON self_tests.id = self_test_texts.test_id
             WHERE began_at_ms > ?1",
            [ms(since)],
            |row| row.get(0),
        )
    }

    /// When a SIM was last tested to the end.
    pub fn last_self_test(&self, sim: SimId) -> Result<Option<Timestamp>, StoreError> {
        self.one(
            "SELECT ended_at_ms FROM self_tests WHERE sim_id = ?1 AND ended_at_ms IS NOT NULL ORDER BY id DESC LIMIT 1",
            [sim.0],
            |row| row.get(0).map(at),
        )
    }

    /// The number of a SIM, where it has told it or a self-test has shown it.
    pub fn own_number(&self, sim: SimId) -> Result<Option<Msisdn>, StoreError> {
        let found = self.one("SELECT own_number FROM sims WHERE id = ?1", [sim.0], |row| row.get(0))?;
        Ok(found.flatten().map(Msisdn::from_u64))
    }

    /// Notes the number of a SIM.
    pub fn set_own_number(&self, sim: SimId, number: Msisdn) -> Result<(), StoreError> {
        self.run("UPDATE sims SET own_number = ?2 WHERE id = ?1", params![sim.0, number.as_u64()]).map(drop)
    }
}

impl Reader {
    /// The steps of a test in their order; none: there is no such test.
    pub fn self_test(&self, test: i64) -> Result<Vec<TestStepView>, StoreError> {
        self.all(
            "SELECT self_tests.id, modem, number, actor, began_at_ms, step, state, took_ms, detail
             FROM self_tests JOIN self_test_steps ON self_test_steps.test_id = self_tests.id
             WHERE self_tests.id = ?1
             ORDER BY place",
            [test],
            |row| {
                Ok(TestStepView {
                    test: row.get(0)?,
                    modem: row.get(1)?,
                    number: shown(row.get(2)?),
                    actor: row.get(3)?,
                    began_at: at(row.get(4)?),
                    step: row.get(5)?,
                    state: row.get(6)?,
                    took_ms: row.get(7)?,
                    detail: row.get(8)?,
                })
            },
        )
    }

    /// The newest `limit` tests of a modem, newest first.
    pub fn self_tests(&self, modem: &str, limit: usize) -> Result<Vec<TestView>, StoreError> {
        self.all(
            "SELECT id, actor, began_at_ms, ended_at_ms, passed,
                    (SELECT group_concat(step, ' ') FROM self_test_steps WHERE test_id = self_tests.id AND state = 'failed')
             FROM self_tests
             WHERE modem = ?1
             ORDER BY id DESC
             LIMIT ?2",
            params![modem, limit],
            |row| {
                let failed: Option<String> = row.get(5)?;
                Ok(TestView {
                    test: row.get(0)?,
                    actor: row.get(1)?,
                    began_at: at(row.get(2)?),
                    ended_at: row.get::<_, Option<i64>>(3)?.map(at),
                    passed: row.get(4)?,
                    failed: failed.iter().flat_map(|steps| steps.split(' ')).map(str::to_owned).collect(),
                })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger as it was before self-tests, with a job and what hangs on it.
    fn older() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        for sql in [
            include_str!("schema/0001_first.sql"),
            include_str!("schema/0002_chain.sql"),
            include_str!("schema/0003_care.sql"),
            include_str!("schema/0004_alarms.sql"),
        ] {
            connection.execute_batch(sql).unwrap();
        }
        connection.execute_batch(
            "PRAGMA user_version = 4;
             INSERT INTO sims (key, first_seen_ms, last_seen_ms) VALUES ('iccid:1', 1, 1);
             INSERT INTO jobs (uid, kind, unit, source, digest, owner, class, in_doubt, state, not_before_ms, expires_at_ms, created_at_ms)
             VALUES ('u1', 'file', 'u', 's', 'd', 'o', 'routine', 'hold', 'done', 1, 2, 1);
             INSERT INTO recipients (job_id, row, number) VALUES (1, 1, 6281);
             INSERT INTO inbox (sim_id, sender, text, kind, complete, received_at_ms) VALUES (1, 'x', 't', 'reply', 1, 1);",
        )
        .unwrap();
        (folder, path)
    }

    #[test]
    fn an_older_ledger_takes_jobs_and_texts_of_self_tests_and_no_other_new_kinds() {
        let (_folder, path) = older();
        let store = Store::open(&path).unwrap();
        let kinds = |kind: &str| {
            let job = store.connection.execute("UPDATE jobs SET kind = ?1", [kind]).is_ok();
            let text = store.connection.execute("UPDATE inbox SET kind = ?1", [kind]).is_ok();
            (job, text)
        };
        assert_eq!(kinds("probe"), (false, false));
        assert_eq!(kinds("test"), (true, true));
        assert_eq!(kinds("reply"), (true, true));
        drop(store);
        let store = Store::open(&path).unwrap();
        let check: String = store.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        let broken: i64 =
            store.connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
        assert_eq!(broken, 0);
        assert!(store.connection.execute("UPDATE jobs SET kind = 'probe'", []).is_err());
    }
}
