//! A ledger with a long past: an office that has sent so many messages a day for so many days, all of it at rest.

use std::path::Path;

use kentongan::store::Store;
use rusqlite::{Connection, params};

use super::desk::now;

/// Jobs in which a day's messages went out.
const JOBS_A_DAY: i64 = 3;
/// Cards through which they went.
const SIMS: i64 = 8;
const DAY_MS: i64 = 86_400_000;

/// Writes the past into a new ledger. What the engine would have left is entered directly: recipients, messages, segments, numbers,
/// attempts, reports, tallies; but for the events, of which a job has a few.
pub fn write(path: &Path, days: i64, a_day: i64) -> rusqlite::Result<()> {
    drop(Store::open(path).expect("a new ledger"));
    let ledger = Connection::open(path)?;
    // It is thrown away if anything fails.
    ledger.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -524288; PRAGMA foreign_keys = OFF;",
    )?;
    for sim in 1..=SIMS {
        ledger.execute(
            "INSERT INTO sims (id, key, iccid, first_seen_ms, last_seen_ms) VALUES (?1, ?2, ?2, 0, 0)",
            params![sim, format!("89621999{sim:011}")],
        )?;
    }
    let jobs = days * JOBS_A_DAY;
    let of_job = a_day / JOBS_A_DAY;
    let began = now().as_millisecond() - days * DAY_MS;
    for job in 0..jobs {
        let at = began + job * DAY_MS / JOBS_A_DAY;
        enter(&ledger, job + 1, job * of_job, of_job, at)?;
    }
    ledger.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn enter(ledger: &Connection, job: i64, base: i64, count: i64, at: i64) -> rusqlite::Result<()> {
    ledger.execute_batch("BEGIN IMMEDIATE")?;
    ledger.execute(
        "INSERT INTO jobs (id, uid, kind, unit, source, filed_as, digest, owner, class, text, in_doubt, state, not_before_ms,
                           expires_at_ms, created_at_ms, finished_at_ms, recipients)
         VALUES (?1, 'past-' || ?1, 'file', 'diskominfo', 'lama.csv', 'lama.csv', 'past-' || ?1, 'bench', 'routine', 'Kabar lama',
                 'hold', 'done', ?2, ?2 + 86400000, ?2, ?2 + 7200000, ?3)",
        params![job, at, count],
    )?;
    let series = "WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ?3)";
    // The same 600,000 people again and again, in an order of each list's own.
    let number = "(6281100000000 + ((?1 * 7919 + n) * 48271 % 600000))";
    for insert in [
        format!(
            "INSERT INTO recipients (id, job_id, row, number, name)
             {series} SELECT ?2 + n, ?1, n, {number}, 'Warga' FROM series"
        ),
        format!(
            "INSERT INTO messages (id, job_id, number, segments, state, wake_at_ms, sim_id, network_id)
             {series} SELECT ?2 + n, ?1, {number}, 1, 'delivered', NULL, 1 + n % {SIMS}, 1 FROM series"
        ),
        format!(
            "INSERT INTO segments (message_id, number, state, charged)
             {series} SELECT ?2 + n, 1, 'delivered', 1 FROM series"
        ),
        format!(
            "INSERT INTO numbers (number, message_id)
             {series} SELECT {number} AS number, ?2 + n FROM series ORDER BY number"
        ),
        format!(
            "INSERT INTO attempts (id, message_id, segment, sim_id, modem, number, reason, opened_at_ms, closed_at_ms, outcome, tp_mr)
             {series} SELECT ?2 + n, ?2 + n, 1, 1 + n % {SIMS}, 'modem-' || (1 + n % {SIMS}), {number}, 'first',
                             ?4 + n * 400, ?4 + n * 400 + 3000, 'submitted', n / {SIMS} % 256 FROM series"
        ),
        format!(
            "INSERT INTO reports (id, sim_id, attempt_id, tp_mr, recipient, number, status, submitted_at_ms, discharged_at_ms,
                                  received_at_ms, verdict, pdu)
             {series} SELECT ?2 + n, 1 + n % {SIMS}, ?2 + n, n / {SIMS} % 256, '+' || {number}, {number}, 0, ?4 + n * 400 + 3000,
                             ?4 + n * 400 + 9000, ?4 + n * 400 + 9000, 'matched', randomblob(26) FROM series"
        ),
    ] {
        let mut statement = ledger.prepare_cached(&insert)?;
        match statement.parameter_count() {
            3 => statement.execute(params![job, base, count])?,
            _ => statement.execute(params![job, base, count, at])?,
        };
    }
    ledger
        .execute("INSERT INTO tallies (job_id, state, messages) VALUES (?1, 'delivered', ?2)", params![job, count])?;
    ledger.execute_batch("COMMIT")
}
