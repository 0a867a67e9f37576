//! Questions to the ledger, on a connection that cannot write.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::EventPage;
use super::intake::parsed;
use super::key::Key;
use super::open::{back_up, open_read_only};
use super::views::*;
use super::{StoreError, at, json_list, ms, shown};
use crate::model::{JobId, MessageId, Msisdn, Scope, SignedDuration, State, Timestamp, earlier};

/// The kind of event that says what is not done as a job's file says.
pub const JOB_REMARK: &str = "job_remark";

/// A read-only connection. Keep questions short: a reader that stays in one keeps the write-ahead log growing.
pub struct Reader {
    connection: Connection,
    path: PathBuf,
    /// Where this user may read it.
    pub(super) key: Option<Key>,
}

/// Ends a question that takes long.
pub struct Interrupter(rusqlite::InterruptHandle);

impl Interrupter {
    /// Whatever its connection is asked right now ends with an error.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

impl Reader {
    /// Opens an existing ledger for questions. Errors: [`StoreError::Sqlite`], also when there is none yet.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = open_read_only(path)?;
        // Whoever may not read it is told so where it matters.
        let key = Key::read(&Key::path(path)).ok().flatten();
        Ok(Self { connection, path: path.to_owned(), key })
    }

    /// What ends a question of this connection that takes long, from another thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.connection.get_interrupt_handle())
    }

    /// Where the ledger lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its connection, to be changed, and where the ledger lies.
    pub(super) fn parts(&mut self) -> (&mut Connection, &Path) {
        (&mut self.connection, &self.path)
    }

    fn error(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Sqlite { path: self.path.clone(), source }
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(params, read)?.collect())
            .map_err(|source| self.error(source))
    }

    /// What one statement answers.
    pub(super) fn one<T>(
        &self,
        sql: &str,
        ask: impl FnOnce(&mut rusqlite::CachedStatement<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| ask(&mut statement))
            .map_err(|source| self.error(source))
    }

    /// Asks several questions of one state of the ledger, whatever is written meanwhile.
    pub fn at_once<T>(&self, ask: impl FnOnce(&Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        // It only reads, so that how it ends makes no difference; within another one it is the same state anyway.
        let alone = self.connection.is_autocommit();
        let _transaction =
            alone.then(|| self.connection.unchecked_transaction()).transpose().map_err(|source| self.error(source))?;
        ask(self)
    }

    /// Hands on the rows of a query as they are read, so that none is kept.
    pub(super) fn each(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                let mut rows = statement.query(params)?;
                while let Some(row) = rows.next()? {
                    read(row)?;
                }
                Ok(())
            })
            .map_err(|source| self.error(source))
    }

    /// Everything at a glance. Costs the same whatever the history holds.
    pub fn status(&self) -> Result<StatusView, StoreError> {
        let counts = |sql: &str| -> Result<BTreeMap<String, u64>, StoreError> {
            self.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).map(|rows| rows.into_iter().collect())
        };
        let mut messages = every_state();
        messages.extend(counts(
            "SELECT tallies.state, sum(messages)
             FROM tallies JOIN jobs ON jobs.id = tallies.job_id
             WHERE jobs.kind = 'file' AND jobs.state <> 'receiving'
             GROUP BY tallies.state",
        )?);
        let (recipients, excluded) = self
            .connection
            .query_row(
                "SELECT coalesce(sum(recipients), 0), coalesce(sum(excluded), 0)
                 FROM jobs
                 WHERE kind = 'file' AND state <> 'receiving'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .map_err(|source| self.error(source))?;
        let number = |sql: &str| self.connection.query_row(sql, [], |row| row.get(0)).map_err(|e| self.error(e));
        let oldest: Option<i64> = self
            .connection
            .query_row(
                "SELECT min(created_at_ms)
                 FROM jobs JOIN tallies ON tallies.job_id = jobs.id
                      LEFT JOIN job_waits ON job_waits.job_id = jobs.id
                 WHERE jobs.state IN ('active', 'paused') AND tallies.state = 'queued' AND tallies.messages > 0
                   AND job_waits.kind IS NOT 'not_before'",
                [],
                |row| row.get(0),
            )
            .map_err(|source| self.error(source))?;
        Ok(StatusView {
            messages,
            recipients,
            excluded,
            jobs: counts("SELECT state, count(*) FROM jobs WHERE kind = 'file' GROUP BY state")?,
            modems: counts(
                "SELECT CASE WHEN blocked_sims.sim_id IS NOT NULL AND state <> 'lost' THEN 'blocked' ELSE state END, count(*)
                 FROM modems LEFT JOIN blocked_sims USING (sim_id)
                 GROUP BY 1",
            )?,
            paused: self.pauses()?.iter().map(Scope::to_string).collect(),
            held_jobs: number("SELECT count(*) FROM held_jobs")?,
            approvals: number(
                "SELECT count(*)
                 FROM approvals JOIN jobs ON jobs.id = approvals.job_id
                 WHERE approvals.state = 'waiting' AND jobs.state IN ('active', 'paused')",
            )?,
            opt_outs: self.opt_out_count()?,
            inbox: number("SELECT count(*) FROM inbox WHERE kind <> 'test'")?,
            alarms: number("SELECT count(*) FROM alarms WHERE cleared_at_ms IS NULL")?,
            oldest_queued_at: oldest.map(at),
            last_backup_at: self
                .all("SELECT at_ms FROM last_backup", [], |row| row.get(0))?
                .into_iter()
                .next()
                .map(at),
        })
    }

    /// The scopes that people hold.
    pub fn pauses(&self) -> Result<Vec<Scope>, StoreError> {
        self.all("SELECT scope FROM pauses ORDER BY scope", [], |row| parsed(row, 0))
    }

    /// The newest `limit` jobs, newest first; answers, tests and questions of the daemon's own only with `replies`.
    pub fn jobs(&self, limit: usize, replies: bool) -> Result<Vec<JobView>, StoreError> {
        self.jobs_where(&JobFilter { replies, limit, ..JobFilter::default() })
    }

    /// The newest jobs that are wanted, newest first.
    pub fn jobs_where(&self, filter: &JobFilter) -> Result<Vec<JobView>, StoreError> {
        let mut jobs = self.all(
            &format!(
                "SELECT {JOB_COLUMNS} FROM jobs
                 WHERE state <> 'receiving' AND (kind = 'file' OR ?2) AND id < ?3
                   AND (?4 IS NULL OR unit IN (SELECT value FROM json_each(?4)))
                 ORDER BY id DESC
                 LIMIT ?1"
            ),
            params![filter.limit, filter.replies, filter.before.unwrap_or(i64::MAX), json_list(&filter.units)],
            job_view,
        )?;
        for job in &mut jobs {
            self.complete(job)?;
        }
        Ok(jobs)
    }

    /// The unit of a message's job; `None`: there is no such message.
    pub fn unit_of_message(&self, message: MessageId) -> Result<Option<String>, StoreError> {
        self.all(
            "SELECT unit FROM messages JOIN jobs ON jobs.id = messages.job_id WHERE messages.id = ?1",
            [message.0],
            |row| row.get(0),
        )
        .map(|mut rows| rows.pop())
    }

    /// One job; `None` when there is none, or when the beginning of a UUID fits several.
    pub fn job(&self, job: &JobRef) -> Result<Option<JobView>, StoreError> {
        let mut found = match job {
            JobRef::Id(id) => self.all(&format!("SELECT {JOB_COLUMNS} FROM jobs WHERE id = ?1"), [id.0], job_view)?,
            JobRef::Uid(uid) => self.all(
                &format!("SELECT {JOB_COLUMNS} FROM jobs WHERE uid >= ?1 AND uid < ?1 || 'g' LIMIT 2"),
                [uid],
                job_view,
            )?,
        };
        let (Some(mut job), true) = (found.pop(), found.is_empty()) else { return Ok(None) };
        self.complete(&mut job)?;
        job.goes_first = self.goes_first(&job)?;
        Ok(Some(job))
    }

    /// Fills in what stands in tables of its own.
    pub(super) fn complete(&self, job: &mut JobView) -> Result<(), StoreError> {
        job.messages = self.tallies(JobId(job.id))?;
        let may_wait =
            job.kind == "file" && (job.state == "paused" || (job.state == "active" && job.messages["queued"] > 0));
        let wait = if may_wait { self.wait_of(job.id, &job.state, &job.class, &job.unit)? } else { None };
        if let Some(wait) = wait {
            job.waits_for = Some(wait.kind);
            job.waits_reason = Some(wait.reason).filter(|reason| !reason.is_empty());
            job.waits_since = Some(wait.since);
            job.waits_until = wait.until;
        }
        Ok(())
    }

    fn tallies(&self, job: JobId) -> Result<BTreeMap<String, u64>, StoreError> {
        let mut tallies = every_state();
        tallies.extend(self.all("SELECT state, messages FROM tallies WHERE job_id = ?1", [job.0], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?))
        })?);
        Ok(tallies)
    }

    /// Everyone a job names, in the file's order, one at a time. Stops when `each` breaks.
    pub fn recipients(
        &self,
        job: JobId,
        mut each: impl FnMut(RecipientView) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT recipients.row, recipients.number, recipients.raw, recipients.name, recipients.excluded,
                        recipients.detail, messages.state, messages.segments, messages.id
                 FROM recipients LEFT JOIN messages ON messages.id = recipients.id
                 WHERE recipients.job_id = ?1
                 ORDER BY recipients.id",
            )
            .map_err(|source| self.error(source))?;
        let mut attempts = self
            .connection
            .prepare_cached(
                "SELECT count(*), max(opened_at_ms),
                        (SELECT modem FROM attempts WHERE message_id = ?1 ORDER BY id DESC LIMIT 1),
                        (SELECT coalesce(code, detail) FROM attempts
                         WHERE message_id = ?1 AND outcome IN ('refused', 'uncertain') ORDER BY id DESC LIMIT 1)
                 FROM attempts
                 WHERE message_id = ?1 AND outcome IS NOT 'not_sent'",
            )
            .map_err(|source| self.error(source))?;
        let mut delivered = self
            .connection
            .prepare_cached(
                "SELECT max(coalesce(reports.discharged_at_ms, reports.received_at_ms))
                 FROM attempts JOIN reports ON reports.attempt_id = attempts.id
                 WHERE attempts.message_id = ?1",
            )
            .map_err(|source| self.error(source))?;
        let mut failed = self
            .connection
            .prepare_cached(
                "SELECT reports.status
                 FROM attempts JOIN reports ON reports.attempt_id = attempts.id
                 WHERE attempts.message_id = ?1 AND reports.status >= 0x40
                 ORDER BY reports.id DESC
                 LIMIT 1",
            )
            .map_err(|source| self.error(source))?;
        let mut rows = statement.query([job.0]).map_err(|source| self.error(source))?;
        while let Some(row) = rows.next().map_err(|source| self.error(source))? {
            let view =
                recipient(row, &mut attempts, &mut delivered, &mut failed).map_err(|source| self.error(source))?;
            if each(view).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Every modem ever seen, with what its SIM sent lately.
    pub fn modems(&self, now: Timestamp) -> Result<Vec<ModemView>, StoreError> {
        let since = |hours| ms(earlier(now, SignedDuration::from_hours(hours)));
        self.all(
            "SELECT modems.name,
                    CASE WHEN blocked_sims.sim_id IS NOT NULL AND state <> 'lost' THEN 'blocked' ELSE state END,
                    coalesce(blocked_sims.reason, modems.reason), port, imei, manufacturer, model, iccid, operator, registration,
                    signal, changed_at_ms,
                    (SELECT count(*) FROM attempts WHERE attempts.sim_id = modems.sim_id AND opened_at_ms > ?1
                     AND outcome IS NOT 'not_sent'),
                    (SELECT count(*) FROM attempts WHERE attempts.sim_id = modems.sim_id AND opened_at_ms > ?2
                     AND outcome IS NOT 'not_sent'),
                    (SELECT closed_at_ms FROM attempts WHERE attempts.sim_id = modems.sim_id AND outcome = 'submitted'
                     ORDER BY opened_at_ms DESC LIMIT 1),
                    (SELECT max(closed_at_ms) FROM attempts WHERE attempts.sim_id = modems.sim_id AND opened_at_ms > ?2),
                    (SELECT max(received_at_ms) FROM parts WHERE parts.sim_id = modems.sim_id),
                    own_number, self_tests.ended_at_ms, self_tests.passed, credits.amount, credits.at_ms,
                    (SELECT active_until FROM credits
                     WHERE credits.sim_id = modems.sim_id AND active_until IS NOT NULL ORDER BY id DESC LIMIT 1),
                    (SELECT CASE WHEN amount IS NULL THEN words END FROM credits
                     WHERE credits.sim_id = modems.sim_id AND way <> 'notice' ORDER BY id DESC LIMIT 1)
             FROM modems LEFT JOIN sims ON sims.id = modems.sim_id
                  LEFT JOIN blocked_sims ON blocked_sims.sim_id = modems.sim_id
                  LEFT JOIN self_tests ON self_tests.id =
                       (SELECT max(id) FROM self_tests WHERE modem = modems.name AND ended_at_ms IS NOT NULL)
                  LEFT JOIN credits ON credits.id =
                       (SELECT id FROM credits
                        WHERE credits.sim_id = modems.sim_id AND amount IS NOT NULL ORDER BY id DESC LIMIT 1)
             ORDER BY modems.name",
            params![since(1), since(24)],
            |row| {
                Ok(ModemView {
                    name: row.get(0)?,
                    state: row.get(1)?,
                    reason: row.get(2)?,
                    port: row.get(3)?,
                    imei: row.get(4)?,
                    manufacturer: row.get(5)?,
                    model: row.get(6)?,
                    iccid: row.get(7)?,
                    operator: row.get(8)?,
                    registration: row.get(9)?,
                    signal: row.get(10)?,
                    changed_at: at(row.get(11)?),
                    sent_hour: row.get(12)?,
                    sent_day: row.get(13)?,
                    accepted_at: row.get::<_, Option<i64>>(14)?.map(at),
                    answered_at: row.get::<_, Option<i64>>(15)?.map(at),
                    inbound_at: row.get::<_, Option<i64>>(16)?.map(at),
                    number: row.get::<_, Option<i64>>(17)?.map(|digits| format!("+{digits}")),
                    self_test_at: row.get::<_, Option<i64>>(18)?.map(at),
                    self_test_passed: row.get(19)?,
                    credit: row.get(20)?,
                    credit_at: row.get::<_, Option<i64>>(21)?.map(at),
                    active_until: row.get(22)?,
                    credit_trouble: row.get(23)?,
                })
            },
        )
    }

    /// The newest accepted job made of this content (SHA-256, lower-case hexadecimal), and when it was accepted.
    pub fn accepted_before(&self, digest: &str) -> Result<Option<(JobId, Timestamp)>, StoreError> {
        self.connection
            .prepare_cached(
                "SELECT id, created_at_ms
                 FROM jobs
                 WHERE digest = ?1 AND state <> 'receiving' AND kind = 'file'
                 ORDER BY id DESC
                 LIMIT 1",
            )
            .and_then(|mut statement| {
                statement.query_row([digest], |row| Ok((JobId(row.get(0)?), at(row.get(1)?)))).optional()
            })
            .map_err(|source| self.error(source))
    }

    /// The opt-out of one number.
    pub(super) fn opt_out_of(&self, number: Msisdn) -> Result<Option<OptOutView>, StoreError> {
        let found = self.all(&format!("{OPT_OUTS} WHERE opt_outs.number = ?1"), [number.as_u64()], opt_out_view)?;
        Ok(found.into_iter().next())
    }

    /// How many people are not written to, those among them whose numbers are erased.
    pub fn opt_out_count(&self) -> Result<u64, StoreError> {
        self.connection
            .query_row("SELECT (SELECT count(*) FROM opt_outs) + (SELECT count(*) FROM kept_opt_outs)", [], |row| {
                row.get(0)
            })
            .map_err(|source| self.error(source))
    }

    /// The newest `limit` opt-outs, newest first.
    pub fn opt_outs(&self, limit: usize) -> Result<Vec<OptOutView>, StoreError> {
        self.opt_outs_page(None, None, limit)
    }

    /// How many hand-overs were not the first of their segment; each has its reason on record.
    pub fn repeats(&self) -> Result<u64, StoreError> {
        self.connection
            .query_row("SELECT count(*) FROM attempts WHERE reason <> 'first'", [], |row| row.get(0))
            .map_err(|source| self.error(source))
    }

    /// The newest `limit` events, newest first, of one job if it is named.
    pub fn events(&self, job: Option<JobId>, limit: usize) -> Result<Vec<EventView>, StoreError> {
        self.events_page(&EventPage { job, limit, ..EventPage::default() }).map(|(rows, _)| rows)
    }

    /// The names in `accepted/` of the files of a unit's jobs.
    pub fn filed_as(&self, unit: &str) -> Result<BTreeSet<String>, StoreError> {
        let names =
            self.all("SELECT filed_as FROM jobs WHERE unit = ?1 AND filed_as IS NOT NULL", [unit], |row| row.get(0))?;
        Ok(names.into_iter().collect())
    }

    /// What the events of this kind say of a job, oldest first.
    pub fn remarks(&self, job: JobId, kind: &str) -> Result<Vec<String>, StoreError> {
        self.all(
            "SELECT detail FROM events WHERE job_id = ?1 AND kind = ?2 ORDER BY id LIMIT 100",
            params![job.0, kind],
            |row| row.get(0),
        )
    }

    /// Copies the ledger as it is now into a new file, while the daemon goes on.
    pub fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        // VACUUM INTO only reads this database, yet SQLite counts it as a write.
        self.connection.pragma_update(None, "query_only", false).map_err(|source| self.error(source))?;
        let done = back_up(&self.connection, to);
        self.connection.pragma_update(None, "query_only", true).map_err(|source| self.error(source))?;
        done
    }
}

/// Every state with 0 messages, so that all rows have the same keys.
pub(super) fn every_state() -> BTreeMap<String, u64> {
    State::ALL.into_iter().map(|state| (state.name().to_owned(), 0)).collect()
}

pub(super) const JOB_COLUMNS: &str =
    "id, uid, kind, unit, source, filed_as, owner, class, state, in_doubt, created_at_ms,
                           finished_at_ms, not_before_ms, expires_at_ms, recipients, excluded,
                           (SELECT canaries.state FROM canaries WHERE canaries.job_id = jobs.id),
                           (SELECT expression FROM job_audiences WHERE job_id = jobs.id),
                           (SELECT import_id FROM job_audiences WHERE job_id = jobs.id),
                           (SELECT file FROM archives WHERE archives.id = jobs.archive_id),
                           (SELECT made_at_ms FROM archives WHERE archives.id = jobs.archive_id)";

pub(super) const OPT_OUTS: &str =
    "SELECT opt_outs.number, since_ms, source, inbox.text, opt_outs.rule, actor, reason, scope
                        FROM opt_outs LEFT JOIN inbox ON inbox.id = opt_outs.inbox_id";

pub(super) fn opt_out_view(row: &Row<'_>) -> rusqlite::Result<OptOutView> {
    Ok(OptOutView {
        number: shown(row.get(0)?),
        scope: row.get(7)?,
        since: at(row.get(1)?),
        source: row.get(2)?,
        text: row.get(3)?,
        rule: row.get(4)?,
        actor: row.get(5)?,
        reason: row.get(6)?,
    })
}

pub(super) fn job_view(row: &Row<'_>) -> rusqlite::Result<JobView> {
    Ok(JobView {
        id: row.get(0)?,
        uid: row.get(1)?,
        kind: row.get(2)?,
        unit: row.get(3)?,
        source: row.get(4)?,
        filed_as: row.get(5)?,
        owner: row.get(6)?,
        class: row.get(7)?,
        state: row.get(8)?,
        in_doubt: row.get(9)?,
        waits_for: None,
        waits_reason: None,
        waits_since: None,
        waits_until: None,
        goes_first: None,
        canary: row.get(16)?,
        created_at: at(row.get(10)?),
        finished_at: row.get::<_, Option<i64>>(11)?.map(at),
        not_before: at(row.get(12)?),
        expires_at: at(row.get(13)?),
        recipients: row.get(14)?,
        excluded: row.get(15)?,
        audience: row.get(17)?,
        roster_import: row.get(18)?,
        details_in: row.get(19)?,
        details_since: row.get::<_, Option<i64>>(20)?.map(at),
        messages: BTreeMap::new(),
    })
}

/// Puts one row of a report together; only the questions that its state calls for are asked.
fn recipient(
    row: &Row<'_>,
    attempts: &mut rusqlite::Statement<'_>,
    delivered: &mut rusqlite::Statement<'_>,
    failed: &mut rusqlite::Statement<'_>,
) -> rusqlite::Result<RecipientView> {
    let number: Option<i64> = row.get(1)?;
    let raw: Option<String> = row.get(2)?;
    let excluded: Option<String> = row.get(4)?;
    let detail: Option<String> = row.get(5)?;
    let digits = number.map(|number| number.to_string());
    // One that is named a second time shows as it is written there.
    let shown = if excluded.as_deref() == Some("duplicate") { raw.or(digits) } else { digits.or(raw) };
    let mut view = RecipientView {
        row: row.get(0)?,
        number: shown.unwrap_or_default(),
        name: row.get(3)?,
        state: row.get::<_, Option<String>>(6)?.unwrap_or_else(|| "excluded".to_owned()),
        reason: None,
        segments: row.get::<_, Option<u8>>(7)?.unwrap_or(0),
        attempts: 0,
        sent_at: None,
        delivered_at: None,
        modem: None,
    };
    if let Some(excluded) = excluded {
        view.reason = Some(match detail.filter(|detail| !detail.is_empty()) {
            Some(detail) => format!("{excluded}: {detail}"),
            None => excluded,
        });
        return Ok(view);
    }
    let message: i64 = row.get(8)?;
    if view.state != State::Queued.name() {
        (view.attempts, view.sent_at, view.modem, view.reason) = attempts.query_row([message], |row| {
            Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(at), row.get(2)?, row.get(3)?))
        })?;
    }
    if view.state == State::Delivered.name() {
        view.reason = None;
        view.delivered_at = delivered.query_row([message], |row| row.get::<_, Option<i64>>(0))?.map(at);
    }
    if view.state == State::Submitted.name() {
        view.reason = None;
    }
    if view.state == State::Failed.name() {
        let status: Option<u8> = failed.query_row([message], |row| row.get(0)).optional()?;
        view.reason = status.map(|status| format!("status report 0x{status:02X}")).or(view.reason);
    }
    Ok(view)
}
