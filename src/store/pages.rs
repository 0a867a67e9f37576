//! What the web page asks. Each question reads what is shown and no more: a page costs the same whatever the ledger holds, but for
//! [`Reader::areas_of`] and [`Reader::exclusions_of`], which read all recipients of one job.

use std::collections::BTreeMap;

use rusqlite::params;

use super::reader::{JOB_COLUMNS, OPT_OUTS, every_state, job_view, opt_out_view};
use super::{EventView, JobView, OptOutView, Reader, RecipientView, StoreError, at, json_list, ms};
use crate::model::{JobId, Msisdn, Timestamp, Units};

/// Events looked through for one actor at a time.
const SEARCHED: i64 = 100_000;

/// What waits for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Badges {
    /// Inbound texts that nobody has read.
    pub unread: u64,
    /// Jobs that wait for a second person.
    pub approvals: u64,
}

/// A place in the list of opt-outs: several may have come in the same millisecond, from a list for instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptOutPlace {
    /// The time of the next one.
    pub since: Timestamp,
    /// Those of that very time that are before it.
    pub shown: usize,
}

impl OptOutPlace {
    /// The place behind these, which are a page that began at `from`; `None`: behind none.
    pub fn behind(rows: &[OptOutView], from: Option<OptOutPlace>) -> Option<Self> {
        let since = rows.last()?.since;
        let mut shown = rows.iter().rev().take_while(|row| row.since == since).count();
        if shown == rows.len() {
            shown += from.filter(|place| place.since == since).map_or(0, |place| place.shown);
        }
        Some(Self { since, shown })
    }
}

/// A job that is under way.
#[derive(Clone, Debug)]
pub struct OpenJob {
    /// It.
    pub view: JobView,
    /// Segments of the message that is next in its queue; `None`: nothing is queued.
    pub segments: Option<u8>,
}

/// A job that waits for a second person.
#[derive(Clone, Debug)]
pub struct ApprovalView {
    /// It.
    pub job: JobView,
    /// Who brought it.
    pub submitter: String,
    /// Why it waits, in English.
    pub why: String,
    /// Since when.
    pub asked_at: Timestamp,
}

/// The recipients of a job in one kecamatan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaCount {
    /// Its name; empty for those of whom it is not known.
    pub kecamatan: String,
    /// Recipients named.
    pub recipients: u64,
    /// Messages of these.
    pub messages: u64,
    /// Messages that were delivered.
    pub delivered: u64,
}

/// Which lines of the record are wanted.
#[derive(Clone, Debug, Default)]
pub struct EventPage {
    /// Only those about this job.
    pub job: Option<JobId>,
    /// Only those of this actor.
    pub actor: Option<String>,
    /// Only older ones than this.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

impl Reader {
    /// Messages of these units' jobs by state; every state is there.
    pub fn messages_of(&self, units: &Units) -> Result<BTreeMap<String, u64>, StoreError> {
        let mut messages = every_state();
        messages.extend(self.all(
            "SELECT tallies.state, sum(messages)
             FROM tallies JOIN jobs ON jobs.id = tallies.job_id
             WHERE jobs.kind = 'file' AND jobs.state <> 'receiving'
               AND (?1 IS NULL OR jobs.unit IN (SELECT value FROM json_each(?1)))
             GROUP BY tallies.state",
            [json_list(units)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?);
        Ok(messages)
    }

    /// What waits for a person who acts for these units.
    pub fn badges(&self, units: &Units) -> Result<Badges, StoreError> {
        let units = json_list(units);
        let count = |sql: &str| -> Result<u64, StoreError> {
            self.all(sql, [&units], |row| row.get(0)).map(|rows: Vec<u64>| rows.first().copied().unwrap_or(0))
        };
        Ok(Badges {
            unread: count(
                "SELECT count(*) FROM inbox
                 WHERE state = 'new' AND (?1 IS NULL OR unit IS NULL OR unit IN (SELECT value FROM json_each(?1)))",
            )?,
            approvals: count(
                "SELECT count(*)
                 FROM approvals JOIN jobs ON jobs.id = approvals.job_id
                 WHERE approvals.state = 'waiting' AND jobs.state IN ('active', 'paused')
                   AND (?1 IS NULL OR unit IN (SELECT value FROM json_each(?1)))",
            )?,
        })
    }

    /// Jobs that are under way, the most urgent first, of one class the oldest first.
    pub fn open_jobs(&self, units: &Units, limit: usize) -> Result<Vec<OpenJob>, StoreError> {
        let jobs = self.all(
            &format!(
                "SELECT {JOB_COLUMNS},
                        (SELECT segments FROM messages
                         WHERE job_id = jobs.id AND wake_at_ms IS NOT NULL ORDER BY wake_at_ms LIMIT 1)
                 FROM jobs
                 WHERE state IN ('active', 'paused') AND kind = 'file'
                   AND (?1 IS NULL OR unit IN (SELECT value FROM json_each(?1)))
                 ORDER BY class, id
                 LIMIT ?2"
            ),
            params![json_list(units), limit],
            |row| Ok(OpenJob { view: job_view(row)?, segments: row.get(21)? }),
        )?;
        jobs.into_iter()
            .map(|mut job| {
                self.complete(&mut job.view)?;
                Ok(job)
            })
            .collect()
    }

    /// What a job says: its common text; with `personal`, else the first texts of its messages that differ.
    pub fn texts_of(&self, job: JobId, personal: bool, limit: usize) -> Result<Vec<String>, StoreError> {
        let common: Vec<Option<String>> = self.all("SELECT text FROM jobs WHERE id = ?1", [job.0], |row| row.get(0))?;
        if let Some(text) = common.into_iter().flatten().next() {
            return Ok(vec![text]);
        }
        if !personal {
            return Ok(Vec::new());
        }
        // The first recipients of its file: no more are read than are shown.
        self.all(
            "SELECT DISTINCT text
             FROM (SELECT messages.text
                   FROM recipients JOIN messages ON messages.id = recipients.id
                   WHERE recipients.job_id = ?1 AND messages.text IS NOT NULL
                   ORDER BY recipients.id
                   LIMIT ?2)",
            params![job.0, limit],
            |row| row.get(0),
        )
    }

    /// A job's recipients by kecamatan, as far as the roster knows it, by name.
    pub fn areas_of(&self, job: JobId) -> Result<Vec<AreaCount>, StoreError> {
        self.all(
            "SELECT coalesce(roster.kecamatan, ''), count(*), count(messages.id), total(messages.state = 'delivered')
             FROM recipients LEFT JOIN messages ON messages.id = recipients.id
                  LEFT JOIN roster ON roster.id = recipients.entry_id
             WHERE recipients.job_id = ?1
             GROUP BY 1
             ORDER BY 1",
            [job.0],
            |row| {
                Ok(AreaCount {
                    kecamatan: row.get(0)?,
                    recipients: row.get(1)?,
                    messages: row.get(2)?,
                    delivered: row.get::<_, f64>(3)? as u64,
                })
            },
        )
    }

    /// How many of a job's recipients get nothing, by the reason's short name.
    pub fn exclusions_of(&self, job: JobId) -> Result<Vec<(String, u64)>, StoreError> {
        self.all(
            "SELECT excluded, count(*)
             FROM recipients
             WHERE job_id = ?1 AND excluded IS NOT NULL
             GROUP BY 1
             ORDER BY 2 DESC, 1",
            [job.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// The first of a job's recipients who get nothing, in the order of its file, their numbers as they were written.
    pub fn excluded_of(&self, job: JobId, limit: usize) -> Result<Vec<RecipientView>, StoreError> {
        self.excluded_rows(job, "coalesce(raw, number)", limit)
    }

    /// The same, with digits where the number is one, as in the report.
    pub fn excluded_as_reported(&self, job: JobId, limit: usize) -> Result<Vec<RecipientView>, StoreError> {
        self.excluded_rows(job, "iif(excluded = 'duplicate', coalesce(raw, number), coalesce(number, raw))", limit)
    }

    fn excluded_rows(&self, job: JobId, number: &str, limit: usize) -> Result<Vec<RecipientView>, StoreError> {
        self.all(
            &format!(
                "SELECT row, CAST({number} AS TEXT), name, excluded, detail
                 FROM recipients
                 WHERE job_id = ?1 AND excluded IS NOT NULL
                 ORDER BY id
                 LIMIT ?2"
            ),
            params![job.0, limit],
            |row| {
                let (excluded, detail): (String, Option<String>) = (row.get(3)?, row.get(4)?);
                Ok(RecipientView {
                    row: row.get(0)?,
                    number: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                    name: row.get(2)?,
                    state: "excluded".to_owned(),
                    reason: Some(match detail.filter(|detail| !detail.is_empty()) {
                        Some(detail) => format!("{excluded}: {detail}"),
                        None => excluded,
                    }),
                    segments: 0,
                    attempts: 0,
                    sent_at: None,
                    delivered_at: None,
                    modem: None,
                })
            },
        )
    }

    /// Jobs that wait for a second person, the most urgent first.
    pub fn approvals(&self, units: &Units, limit: usize) -> Result<Vec<ApprovalView>, StoreError> {
        let rows = self.all(
            &format!(
                "SELECT {JOB_COLUMNS}, approvals.submitter, approvals.why, approvals.asked_at_ms
                 FROM (SELECT job_id, submitter, why, asked_at_ms FROM approvals WHERE state = 'waiting') AS approvals
                      JOIN jobs ON jobs.id = approvals.job_id
                 WHERE jobs.state IN ('active', 'paused')
                   AND (?1 IS NULL OR unit IN (SELECT value FROM json_each(?1)))
                 ORDER BY class, id
                 LIMIT ?2"
            ),
            params![json_list(units), limit],
            |row| {
                Ok(ApprovalView {
                    job: job_view(row)?,
                    submitter: row.get(21)?,
                    why: row.get(22)?,
                    asked_at: at(row.get(23)?),
                })
            },
        )?;
        rows.into_iter()
            .map(|mut row| {
                self.complete(&mut row.job)?;
                Ok(row)
            })
            .collect()
    }

    /// Opt-outs, the newest first: of one number, or of all from a place on.
    pub fn opt_outs_page(
        &self,
        number: Option<Msisdn>,
        from: Option<OptOutPlace>,
        limit: usize,
    ) -> Result<Vec<OptOutView>, StoreError> {
        self.all(
            &format!(
                "{OPT_OUTS}
                 WHERE (?1 IS NULL OR opt_outs.number = ?1) AND since_ms <= ?2
                 ORDER BY since_ms DESC, opt_outs.number DESC
                 LIMIT ?3 OFFSET ?4"
            ),
            params![
                number.map(Msisdn::as_u64),
                from.map_or(i64::MAX, |place| ms(place.since)),
                limit,
                from.map_or(0, |place| place.shown)
            ],
            opt_out_view,
        )
    }

    /// Lines of the record, the newest first, and where the next page begins; `None`: there is none. For one actor a page may be
    /// short, even empty, and not the last: only so many lines are looked through at a time.
    pub fn events_page(&self, wanted: &EventPage) -> Result<(Vec<EventView>, Option<i64>), StoreError> {
        let newest: Vec<Option<i64>> = self.all("SELECT max(id) FROM events", [], |row| row.get(0))?;
        let newest = newest.into_iter().flatten().next().unwrap_or(0);
        let before = wanted.before.map_or(newest + 1, |before| before.min(newest + 1));
        let floor = if wanted.actor.is_some() { before.saturating_sub(SEARCHED) } else { 0 };
        let rows = self.all(
            "SELECT id, at_ms, actor, kind, job_id, message_id, detail
             FROM events
             WHERE (?1 IS NULL OR job_id = ?1) AND (?2 IS NULL OR actor = ?2) AND id < ?3 AND id >= ?4
             ORDER BY id DESC
             LIMIT ?5",
            params![wanted.job.map(|job| job.0), wanted.actor, before, floor, wanted.limit],
            |row| {
                Ok(EventView {
                    id: row.get(0)?,
                    at: at(row.get(1)?),
                    actor: row.get(2)?,
                    kind: row.get(3)?,
                    job: row.get(4)?,
                    message: row.get(5)?,
                    detail: row.get(6)?,
                })
            },
        )?;
        let next = match rows.last() {
            Some(last) if rows.len() == wanted.limit => Some(last.id),
            _ => Some(floor).filter(|floor| *floor > 0),
        };
        Ok((rows, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OptOutScope;
    use crate::store::{OptOutRow, Store};

    #[test]
    fn each_opt_out_is_on_one_page_and_on_one_alone_also_where_many_came_in_the_same_millisecond() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("k.db");
        let store = Store::open(&database).unwrap();
        store.begin().unwrap();
        for (number, second) in [1, 2, 2, 2, 2, 3, 3, 4].into_iter().enumerate() {
            let row = OptOutRow {
                number: Msisdn::from_u64(6281200000000 + number as u64),
                scope: OptOutScope::Everything,
                source: "operator",
                inbox: None,
                rule: None,
                actor: "dewi",
                reason: "",
            };
            store.enter_opt_out(&row, Timestamp::from_second(second).unwrap()).unwrap();
        }
        store.commit().unwrap();
        let reader = Reader::open(&database).unwrap();
        let numbers = |rows: &[OptOutView]| rows.iter().map(|row| row.number.clone()).collect::<Vec<_>>();
        let all = numbers(&reader.opt_outs(100).unwrap());
        assert_eq!((all.len(), reader.opt_out_count().unwrap()), (8, 8));
        for limit in 1..9 {
            let (mut shown, mut from) = (Vec::new(), None);
            loop {
                let rows = reader.opt_outs_page(None, from, limit).unwrap();
                shown.extend(numbers(&rows));
                from = OptOutPlace::behind(&rows, from);
                if from.is_none() {
                    break;
                }
            }
            assert_eq!(shown, all, "pages of {limit}");
        }
    }
}
