//! What a ledger put back from a backup takes over from the one that it replaces.
//!
//! What happened in the world since then (who was sent what, what came back, what operators and citizens said) is taken over whole, and so
//! are what people decided about jobs and who may sign in. Rosters, audiences and the record of events stay as the backup has them:
//! the record is one chain, and the one that was replaced lies aside with its file. An opt-out of either of them holds.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::params;

use super::super::open::open_read_only;
use super::super::{Store, StoreError};
use crate::model::{Msisdn, OptOutScope};

/// Tables that are taken over whole.
const CARRIED: [&str; 42] = [
    "archives",
    "erased_numbers",
    "jobs",
    "recipients",
    "messages",
    "segments",
    "numbers",
    "tallies",
    "networks",
    "sims",
    "blocked_sims",
    "pin_tries",
    "attempts",
    "doubts",
    "runs",
    "card_readings",
    "habits",
    "reports",
    "inbox",
    "parts",
    "number_failures",
    "suspended",
    "self_tests",
    "self_test_steps",
    "self_test_texts",
    "report_files_due",
    "canaries",
    "approvals",
    "job_waits",
    "moratoria",
    "credits",
    "samples",
    "accounts",
    "tokens",
    "submissions",
    "moved_in",
    "alarms",
    "told_targets",
    "told",
    "notices",
    "outbox",
    "webhooks",
];

/// What a ledger has taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Jobs that are newer than the backup.
    pub jobs: u64,
    /// Hand-overs that are.
    pub attempts: u64,
    /// Inbound texts that are.
    pub inbound: u64,
    /// Opt-outs, and opt-outs that reach further, of which the backup knows nothing.
    pub opt_outs: u64,
    /// Opt-outs that were taken back since the backup and hold all the same.
    pub held_against: u64,
    /// Numbers that were erased since the backup, and which it brings back.
    pub erased: Vec<Msisdn>,
}

impl Store {
    /// Lets a copy of another ledger of this schema be read beside this one, as `newer`. Not within a transaction.
    pub fn attach_newer(&self, path: &Path) -> Result<(), StoreError> {
        // Tables are emptied and filled again as wholes; all keys are looked at afterwards.
        self.connection
            .execute_batch("PRAGMA foreign_keys = OFF")
            .and_then(|()| self.connection.execute("ATTACH DATABASE ?1 AS newer", [path.to_string_lossy()]).map(drop))
            .map_err(|source| self.error(source))
    }

    /// Ends that.
    pub fn detach_newer(&self) -> Result<(), StoreError> {
        self.connection.flush_prepared_statement_cache();
        self.connection
            .execute_batch("DETACH DATABASE newer; PRAGMA foreign_keys = ON")
            .map_err(|source| self.error(source))
    }

    /// Takes over what the ledger attached as `newer` knows beyond this one, which it goes on from.
    pub fn carry_over(&self) -> Result<Carried, StoreError> {
        let newer = |table: &str| {
            let sql = format!(
                "SELECT count(*) FROM newer.{table} WHERE id > (SELECT coalesce(max(id), 0) FROM main.{table})"
            );
            self.count(&sql)
        };
        let mut carried = Carried {
            jobs: newer("jobs")?,
            attempts: newer("attempts")?,
            inbound: newer("inbox")?,
            held_against: self
                .count("SELECT count(*) FROM main.opt_outs WHERE number NOT IN (SELECT number FROM newer.opt_outs)")?,
            ..Carried::default()
        };
        for table in CARRIED {
            self.run(&format!("DELETE FROM main.{table}"), [])?;
            self.run(&format!("INSERT INTO main.{table} SELECT * FROM newer.{table}"), [])?;
        }
        // Numbers of what was told outside are never used again.
        self.run(
            "UPDATE main.sqlite_sequence
             SET seq = max(seq, coalesce((SELECT seq FROM newer.sqlite_sequence AS known WHERE known.name = main.sqlite_sequence.name), 0))",
            [],
        )?;
        self.run(
            "INSERT INTO main.sqlite_sequence (name, seq)
             SELECT name, seq FROM newer.sqlite_sequence WHERE name NOT IN (SELECT name FROM main.sqlite_sequence)",
            [],
        )?;
        // A job's audience refers to a version of the roster that the backup may not have.
        self.run("DELETE FROM main.job_audiences", [])?;
        self.run(
            "INSERT INTO main.job_audiences
             SELECT * FROM newer.job_audiences WHERE import_id IN (SELECT id FROM main.roster_imports)",
            [],
        )?;
        self.run("INSERT OR IGNORE INTO main.pauses SELECT * FROM newer.pauses", [])?;
        carried.opt_outs = self.union_opt_outs()? as u64;
        self.run(
            "INSERT INTO main.consents
             SELECT * FROM newer.consents WHERE id > (SELECT coalesce(max(id), 0) FROM main.consents)",
            [],
        )?;
        carried.erased = self.erased_since()?;
        self.sign_everybody_out()?;
        let astray = self.all("PRAGMA main.foreign_key_check", [], |row| row.get::<_, String>(0))?;
        match astray.first() {
            None => Ok(carried),
            Some(table) => {
                let found = format!("a row of {table} refers to nothing after what happened since was taken over");
                Err(StoreError::Damaged { path: self.path().to_owned(), found })
            }
        }
    }

    fn count(&self, sql: &str) -> Result<u64, StoreError> {
        Ok(self.one(sql, [], |row| row.get(0))?.unwrap_or(0))
    }

    fn union_opt_outs(&self) -> Result<usize, StoreError> {
        self.run(
            "INSERT INTO main.opt_outs (number, scope, since_ms, source, inbox_id, rule, actor, reason)
             SELECT number, scope, since_ms, source, inbox_id, rule, actor, reason FROM newer.opt_outs WHERE true
             ON CONFLICT (number) DO UPDATE
             SET scope = excluded.scope, since_ms = excluded.since_ms, source = excluded.source,
                 inbox_id = excluded.inbox_id, rule = excluded.rule, actor = excluded.actor, reason = excluded.reason
             WHERE excluded.scope = 'everything' AND scope <> 'everything'",
            [],
        )
    }

    /// Takes over the opt-outs of numbers that were erased since; gives these numbers, as far as the backup has them.
    fn erased_since(&self) -> Result<Vec<Msisdn>, StoreError> {
        let same_key = self.one("SELECT 1 FROM main.key_check JOIN newer.key_check USING (digest)", [], |_| Ok(()))?;
        if same_key.is_none() {
            return Ok(Vec::new());
        }
        let erased: BTreeSet<[u8; 32]> = self
            .all(
                "SELECT digest FROM newer.kept_opt_outs WHERE digest NOT IN (SELECT digest FROM main.kept_opt_outs)",
                [],
                |row| row.get(0),
            )?
            .into_iter()
            .collect();
        if erased.is_empty() {
            return Ok(Vec::new());
        }
        self.run("INSERT OR IGNORE INTO main.kept_opt_outs SELECT * FROM newer.kept_opt_outs", [])?;
        self.keeps.set(true);
        // What was sent and what came in is the newer ledger's, which names them no more.
        let named = self.all(
            "SELECT number FROM main.opt_outs
             UNION SELECT number FROM main.consents WHERE number IS NOT NULL
             UNION SELECT number FROM main.roster
             UNION SELECT number FROM main.event_numbers",
            [],
            |row| row.get::<_, u64>(0).map(Msisdn::from_u64),
        )?;
        Ok(named.into_iter().filter(|number| erased.contains(&self.key.number(*number))).collect())
    }

    /// Nobody stays signed in over a restore.
    pub fn sign_everybody_out(&self) -> Result<(), StoreError> {
        self.run("DELETE FROM sessions", []).map(drop)
    }

    /// Nobody knows what was told outside since the backup: notices that wait in it are given up, and numbers go on far behind those that
    /// may have been used.
    pub fn give_up_notices(&self) -> Result<(), StoreError> {
        self.run(
            "UPDATE notices SET state = 'given_up', trouble = 'a backup was put back' WHERE state IN ('queued', 'waiting')",
            [],
        )?;
        for table in ["outbox", "notices"] {
            self.run(
                "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0 WHERE ?1 NOT IN (SELECT name FROM sqlite_sequence)",
                [table],
            )?;
            self.run("UPDATE sqlite_sequence SET seq = seq + 1000000 WHERE name = ?1", [table])?;
        }
        Ok(())
    }

    /// Numbers of messages from before say nothing of those that come: hand-overs in between are not known.
    pub fn cut_runs(&self, now: crate::model::Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO runs (sim_id, modem, imei, make, restarted, began_at_ms)
             SELECT id, '', NULL, '', 0, ?1 FROM sims",
            params![super::super::ms(now)],
        )
        .map(drop)
    }
}

/// The opt-outs that can be read in a ledger, be it damaged or another one's; those behind the first damage are lost.
pub fn opt_outs_in(path: &Path) -> Vec<(Msisdn, OptOutScope)> {
    let read = || -> rusqlite::Result<Vec<(Msisdn, OptOutScope)>> {
        let connection = open_read_only(path).map_err(|_| rusqlite::Error::InvalidQuery)?;
        let scoped = connection.prepare("SELECT scope FROM opt_outs LIMIT 0").is_ok();
        let sql =
            if scoped { "SELECT number, scope FROM opt_outs" } else { "SELECT number, 'everything' FROM opt_outs" };
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Ok(Some(row)) = rows.next() {
            let (number, scope): (rusqlite::Result<u64>, rusqlite::Result<String>) = (row.get(0), row.get(1));
            if let (Ok(number), Ok(scope)) = (number, scope) {
                found.push((Msisdn::from_u64(number), scope.parse().unwrap_or(OptOutScope::Everything)));
            }
        }
        Ok(found)
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those that stay as the backup has them, or are joined; see [`Store::carry_over`].
    const OTHERS: [&str; 19] = [
        "this_archive",
        "job_audiences",
        "pauses",
        "opt_outs",
        "consents",
        "kept_opt_outs",
        "sessions",
        "events",
        "event_numbers",
        "old_events",
        "chain_start",
        "key_check",
        "heartbeat",
        "held_jobs",
        "modems",
        "roster",
        "roster_imports",
        "roster_ends",
        "audiences",
    ];

    #[test]
    fn of_every_table_it_is_said_whether_it_is_carried_over_or_stays_the_backups() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("k.db")).unwrap();
        let tables: BTreeSet<String> = {
            let mut statement = store
                .connection
                .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
                .unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let others = OTHERS.iter().chain(["last_backup"].iter());
        let said: BTreeSet<String> = CARRIED.iter().chain(others).map(|name| (*name).to_owned()).collect();
        assert_eq!(said, tables);
    }
}
