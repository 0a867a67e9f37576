//! Alarms as they are told: to whom, what of them, and by which notices.

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, at, ms};
use crate::model::{AlarmKind, JobId, Timestamp};

/// An alarm, and what one target has been told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UntoldRow {
    /// Its row.
    pub id: i64,
    /// What kind; `None`: of a program that knows more.
    pub kind: Option<AlarmKind>,
    /// What it is about.
    pub subject: String,
    /// What is the matter.
    pub detail: String,
    /// Since when it stands.
    pub raised_at: Timestamp,
    /// When it passed.
    pub cleared_at: Option<Timestamp>,
    /// It was cleared because a start looked anew.
    pub anew: bool,
    /// When the target was last told that it stands.
    pub told_at: Option<Timestamp>,
}

/// A notice to be sent.
#[derive(Clone, Copy, Debug)]
pub struct NewNotice<'a> {
    /// `sms`, `mail` or `webhook`.
    pub way: &'static str,
    /// Digits, `mail`, or a webhook's name.
    pub target: &'a str,
    /// It tests the way, and is tried once.
    pub test: bool,
    /// One line.
    pub subject: &'a str,
    /// The text.
    pub text: &'a str,
    /// Of an SMS: its job.
    pub job: Option<JobId>,
}

/// A notice and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NoticeView {
    /// Its number.
    pub id: i64,
    /// When it was written.
    pub at: Timestamp,
    /// `sms`, `mail` or `webhook`.
    pub way: String,
    /// `+62…`, `mail`, or a webhook's name; empty where the number was erased.
    pub target: String,
    /// Whether it tests the way.
    pub test: bool,
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// `waiting`, `sent` or `given_up`; of an SMS the state of its message.
    pub state: String,
    /// How often it was tried in vain.
    pub tries: u32,
    /// Not tried before.
    pub next_try_at: Option<Timestamp>,
    /// Why the last try failed.
    pub trouble: Option<String>,
    /// When it was sent or given up; of an SMS when it was handed to the queue.
    pub ended_at: Option<Timestamp>,
}

impl Store {
    /// Whom alarms are told.
    pub fn told_targets(&self) -> Result<Vec<String>, StoreError> {
        self.all("SELECT target FROM told_targets ORDER BY target", [], |row| row.get(0))
    }

    /// Alarms are told to this target, from now on.
    pub fn add_target(&self, target: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run("INSERT OR IGNORE INTO told_targets (target, since_ms) VALUES (?1, ?2)", params![target, ms(now)])
            .map(drop)
    }

    /// They are not any more.
    pub fn remove_target(&self, target: &str) -> Result<(), StoreError> {
        self.run("DELETE FROM told_targets WHERE target = ?1", [target])?;
        self.run("DELETE FROM told WHERE target = ?1", [target]).map(drop)
    }

    /// Alarms of which a target does not know all, in the order in which they came: those that stand, and those that have passed since
    /// `since` and since it is told of them.
    pub fn untold(&self, target: &str, since: Timestamp) -> Result<Vec<UntoldRow>, StoreError> {
        self.all(
            "SELECT alarms.id, alarms.kind, alarms.subject, alarms.detail, raised_at_ms, cleared_at_ms, stands_ms,
                    alarms.anew
             FROM alarms LEFT JOIN told ON told.alarm_id = alarms.id AND told.target = ?1
             WHERE told.passed_ms IS NULL
               AND (cleared_at_ms IS NULL
                    OR cleared_at_ms >= max(?2, (SELECT since_ms FROM told_targets WHERE target = ?1)))
             ORDER BY alarms.id",
            params![target, ms(since)],
            |row| {
                Ok(UntoldRow {
                    id: row.get(0)?,
                    kind: row.get::<_, String>(1)?.parse().ok(),
                    subject: row.get(2)?,
                    detail: row.get(3)?,
                    raised_at: at(row.get(4)?),
                    cleared_at: row.get::<_, Option<i64>>(5)?.map(at),
                    told_at: row.get::<_, Option<i64>>(6)?.map(at),
                    anew: row.get(7)?,
                })
            },
        )
    }

    /// A target was told that an alarm stands.
    pub fn told_stands(&self, target: &str, alarm: i64, when: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO told (target, alarm_id, stands_ms)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (target, alarm_id) DO UPDATE SET stands_ms = ?3",
            params![target, alarm, ms(when)],
        )
        .map(drop)
    }

    /// A target was told that an alarm has passed, or is told nothing more of it.
    pub fn told_passed(&self, target: &str, alarm: i64, when: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO told (target, alarm_id, passed_ms)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (target, alarm_id) DO UPDATE SET passed_ms = ?3",
            params![target, alarm, ms(when)],
        )
        .map(drop)
    }

    /// When a target got notices since then; tests of the way are none.
    pub fn notices_since(&self, target: &str, since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        self.all(
            "SELECT at_ms FROM notices WHERE target = ?1 AND at_ms >= ?2 AND test = 0 ORDER BY at_ms",
            params![target, ms(since)],
            |row| row.get(0).map(at),
        )
    }

    /// Enters a notice: one that goes by SMS stands in the queue with that, others wait for those who send them. Gives its number.
    pub fn insert_notice(&self, notice: &NewNotice<'_>, now: Timestamp) -> Result<i64, StoreError> {
        let queued = notice.way == "sms";
        self.run(
            "INSERT INTO notices (at_ms, way, target, test, subject, text, job_id, state, ended_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                ms(now),
                notice.way,
                notice.target,
                notice.test,
                notice.subject,
                notice.text,
                notice.job.map(|job| job.0),
                if queued { "queued" } else { "waiting" },
                queued.then(|| ms(now)),
            ],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// A notice was sent, or is given up; `false`: it did not wait.
    pub fn end_notice(&self, id: i64, state: &str, trouble: Option<&str>, now: Timestamp) -> Result<bool, StoreError> {
        self.run(
            "UPDATE notices SET state = ?2, trouble = ?3, next_at_ms = NULL, ended_at_ms = ?4
             WHERE id = ?1 AND state = 'waiting'",
            params![id, state, trouble, ms(now)],
        )
        .map(|ended| ended == 1)
    }

    /// A notice could not be sent, and is tried again at `next`.
    pub fn delay_notice(&self, id: i64, tries: u32, trouble: &str, next: Timestamp) -> Result<(), StoreError> {
        self.run(
            "UPDATE notices SET tries = ?2, trouble = ?3, next_at_ms = ?4 WHERE id = ?1 AND state = 'waiting'",
            params![id, tries, trouble, ms(next)],
        )
        .map(drop)
    }

    /// The oldest notice that waits to go this way after a try in vain: its number, when it was written, and why.
    pub fn stuck_notice(&self, way: &str) -> Result<Option<(i64, Timestamp, String)>, StoreError> {
        self.one(
            "SELECT id, at_ms, trouble
             FROM notices
             WHERE way = ?1 AND state = 'waiting' AND test = 0 AND trouble IS NOT NULL
             ORDER BY id
             LIMIT 1",
            [way],
            |row| Ok((row.get(0)?, at(row.get(1)?), row.get(2)?)),
        )
    }

    /// One notice: its way, its target, and whether it is a test.
    pub fn notice(&self, id: i64) -> Result<Option<(String, String, bool)>, StoreError> {
        self.one("SELECT way, target, test FROM notices WHERE id = ?1", [id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
    }

    /// Ends what waits for a way or a target that the settings do not have any more, and removes what was written before `before`.
    pub fn tidy_notices(&self, mail: bool, before: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "UPDATE notices
             SET state = 'given_up', trouble = 'it is not in the settings any more', ended_at_ms = ?2
             WHERE state = 'waiting'
               AND ((way = 'mail' AND NOT ?1) OR (way = 'webhook' AND target NOT IN (SELECT name FROM webhooks)))",
            params![mail, ms(now)],
        )?;
        self.run("DELETE FROM notices WHERE at_ms < ?1 AND state <> 'waiting'", [ms(before)]).map(drop)
    }

    pub(super) fn forget_target(&self, digits: &str) -> Result<(), StoreError> {
        self.remove_target(digits)?;
        self.run("UPDATE notices SET target = '' WHERE target = ?1", [digits]).map(drop)
    }
}

const NOTICE: &str =
    "SELECT notices.id, notices.at_ms, notices.way, notices.target, notices.test, notices.subject, notices.text,
        coalesce((SELECT messages.state FROM recipients CROSS JOIN messages ON messages.id = recipients.id
                  WHERE recipients.job_id = notices.job_id LIMIT 1), notices.state),
        notices.tries, notices.next_at_ms, notices.trouble, notices.ended_at_ms
 FROM notices";

fn notice_view(row: &Row<'_>) -> rusqlite::Result<NoticeView> {
    let (way, target): (String, String) = (row.get(2)?, row.get(3)?);
    Ok(NoticeView {
        id: row.get(0)?,
        at: at(row.get(1)?),
        target: if way == "sms" && !target.is_empty() { format!("+{target}") } else { target },
        way,
        test: row.get(4)?,
        subject: row.get(5)?,
        text: row.get(6)?,
        state: row.get(7)?,
        tries: row.get(8)?,
        next_try_at: row.get::<_, Option<i64>>(9)?.map(at),
        trouble: row.get(10)?,
        ended_at: row.get::<_, Option<i64>>(11)?.map(at),
    })
}

impl Reader {
    /// The newest notices, newest first, at most `limit`.
    pub fn notices(&self, limit: usize) -> Result<Vec<NoticeView>, StoreError> {
        self.all(&format!("{NOTICE} ORDER BY notices.id DESC LIMIT ?1"), [limit], notice_view)
    }

    /// One notice.
    pub fn notice(&self, id: i64) -> Result<Option<NoticeView>, StoreError> {
        self.all(&format!("{NOTICE} WHERE notices.id = ?1"), [id], notice_view).map(|mut rows| rows.pop())
    }

    /// Notices that wait to go one way to one target, oldest first, at most `limit`.
    pub fn waiting_notices(&self, way: &str, target: &str, limit: usize) -> Result<Vec<NoticeView>, StoreError> {
        self.all(
            &format!(
                "{NOTICE} WHERE notices.way = ?1 AND notices.target = ?2 AND notices.state = 'waiting'
                 ORDER BY notices.id LIMIT ?3"
            ),
            params![way, target, limit],
            notice_view,
        )
    }
}
