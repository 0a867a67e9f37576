//! The inbox for people: which unit a citizen's text is for, and whether somebody has read and answered it.

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, at, json_list, ms, shown};
use crate::model::{InboxState, JobId, Msisdn, SimId, Timestamp, Units};

/// An inbound text as the engine needs it to answer it.
#[derive(Clone, Debug)]
pub struct InboxEntry {
    /// Its row.
    pub id: i64,
    /// The SIM that received it.
    pub sim: SimId,
    /// The sender, where it is a citizen who was not erased.
    pub number: Option<Msisdn>,
    /// Whose it is to answer.
    pub unit: Option<String>,
    /// Whether it was read and answered; `None`: nobody needs to.
    pub state: Option<InboxState>,
    /// When it came.
    pub received_at: Timestamp,
}

/// Which inbound texts are wanted.
#[derive(Clone, Debug, Default)]
pub struct InboxFilter {
    /// Only those for this unit.
    pub unit: Option<String>,
    /// Only those in this state.
    pub state: Option<InboxState>,
    /// What operators and services wrote instead of what citizens did, by SIM.
    pub operator: bool,
    /// Only those through this SIM, by its ICCID or key.
    pub sim: Option<String>,
    /// Only those for these units, and those for none.
    pub units: Units,
    /// Only those from this number.
    pub number: Option<Msisdn>,
    /// Only those with a smaller number than this row.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// An inbound text.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InboxView {
    /// Its row.
    pub id: i64,
    /// The sender: `+62…`, or as given.
    pub from: String,
    /// The text.
    pub text: String,
    /// `reply`, `stop`, `start`, `help`, `review`, `operator` or `garbled`.
    pub kind: String,
    /// The rule that recognised an opt-out.
    pub rule: Option<String>,
    /// Whether all parts are there.
    pub complete: bool,
    /// The SIM's ICCID or key.
    pub sim: String,
    /// When the sender's network took it.
    pub sent_at: Option<Timestamp>,
    /// When it was read here.
    pub received_at: Timestamp,
    /// `new`, `read` or `answered`; `None`: nobody needs to read it.
    pub state: Option<String>,
    /// The unit of the last message to its sender before it came.
    pub unit: Option<String>,
    /// The job of that message.
    pub about_job: Option<i64>,
    /// The job that is a person's answer to it.
    pub answer_job: Option<i64>,
    /// What that answer says.
    pub answer: Option<String>,
    /// What became of it.
    pub answer_state: Option<String>,
}

impl Store {
    /// The unit and the job of the last message that was handed over to a number; answers of our own are nobody's.
    pub fn last_message_to(&self, number: Msisdn) -> Result<Option<(String, JobId)>, StoreError> {
        self.one(
            "SELECT jobs.unit, jobs.id
             FROM numbers JOIN messages ON messages.id = numbers.message_id
                  JOIN jobs ON jobs.id = messages.job_id
                  JOIN attempts ON attempts.message_id = messages.id
             WHERE numbers.number = ?1 AND attempts.outcome IS NOT 'not_sent'
               AND (jobs.kind = 'file' OR jobs.answers IS NOT NULL)
             ORDER BY attempts.id DESC
             LIMIT 1",
            [number.as_u64()],
            |row| Ok((row.get(0)?, JobId(row.get(1)?))),
        )
    }

    /// One inbound text.
    pub fn inbox_entry(&self, id: i64) -> Result<Option<InboxEntry>, StoreError> {
        self.one("SELECT sim_id, number, unit, state, received_at_ms FROM inbox WHERE id = ?1", [id], |row| {
            let state = match row.get_ref(3)?.as_str_or_null()? {
                Some(_) => Some(super::intake::parsed(row, 3)?),
                None => None,
            };
            Ok(InboxEntry {
                id,
                sim: SimId(row.get(0)?),
                number: row.get::<_, Option<i64>>(1)?.map(|digits| Msisdn::from_u64(digits.unsigned_abs())),
                unit: row.get(2)?,
                state,
                received_at: at(row.get(4)?),
            })
        })
    }

    /// Moves an inbound text on.
    pub fn set_inbox_state(&self, id: i64, state: InboxState) -> Result<(), StoreError> {
        self.run("UPDATE inbox SET state = ?2 WHERE id = ?1", params![id, state.name()]).map(drop)
    }

    /// Gives an inbound text that is nobody's to a unit.
    pub fn claim_inbox(&self, id: i64, unit: &str) -> Result<(), StoreError> {
        self.run("UPDATE inbox SET unit = ?2 WHERE id = ?1 AND unit IS NULL", params![id, unit]).map(drop)
    }

    /// Whether the owner of a number asked to be left alone since `since`, and it holds.
    pub fn left_since(&self, number: Msisdn, since: Timestamp) -> Result<bool, StoreError> {
        if self.opt_out(number)?.is_none() {
            return Ok(false);
        }
        self.one(
            "SELECT max(at_ms) FROM (SELECT at_ms FROM consents WHERE number = ?1 AND kind IN ('opted_out', 'erased')
                                     UNION ALL
                                     SELECT since_ms FROM opt_outs WHERE number = ?1
                                     UNION ALL
                                     SELECT kept_ms FROM kept_opt_outs WHERE digest = ?2)",
            params![number.as_u64(), self.key.number(number)],
            |row| row.get::<_, Option<i64>>(0),
        )
        .map(|last| last.flatten().is_none_or(|last| last >= ms(since)))
    }

    /// Answers that a person gave, with the unit of the text they answer.
    pub fn answered_unit(&self, job: JobId) -> Result<Option<String>, StoreError> {
        let unit = self.one(
            "SELECT inbox.unit FROM jobs JOIN inbox ON inbox.id = jobs.answers WHERE jobs.id = ?1",
            [job.0],
            |row| row.get::<_, Option<String>>(0),
        )?;
        Ok(unit.flatten())
    }
}

const INBOX: &str = "SELECT inbox.id, sender, inbox.number, inbox.text, inbox.kind, rule, complete, coalesce(iccid, key), sent_at_ms,
                            received_at_ms, inbox.state, inbox.unit, about_job_id, answer.id, answer.text,
                            (SELECT messages.state FROM recipients JOIN messages ON messages.id = recipients.id
                             WHERE recipients.job_id = answer.id)
                     FROM inbox JOIN sims ON sims.id = inbox.sim_id LEFT JOIN jobs AS answer ON answer.answers = inbox.id";

fn inbox_view(row: &Row<'_>) -> rusqlite::Result<InboxView> {
    let (sender, number): (String, Option<i64>) = (row.get(1)?, row.get(2)?);
    Ok(InboxView {
        id: row.get(0)?,
        from: number.map_or(sender, shown),
        text: row.get(3)?,
        kind: row.get(4)?,
        rule: row.get(5)?,
        complete: row.get(6)?,
        sim: row.get(7)?,
        sent_at: row.get::<_, Option<i64>>(8)?.map(at),
        received_at: at(row.get(9)?),
        state: row.get(10)?,
        unit: row.get(11)?,
        about_job: row.get(12)?,
        answer_job: row.get(13)?,
        answer: row.get(14)?,
        answer_state: row.get(15)?,
    })
}

impl Reader {
    /// The newest `limit` inbound texts of every kind, newest first; copies of self-tests are no texts to be read.
    pub fn inbox(&self, limit: usize) -> Result<Vec<InboxView>, StoreError> {
        self.inbox_of(&Units::All, limit)
    }

    /// The same without those that are for other units than these.
    pub fn inbox_of(&self, units: &Units, limit: usize) -> Result<Vec<InboxView>, StoreError> {
        self.all(
            &format!(
                "{INBOX} WHERE inbox.kind <> 'test'
                   AND (?1 IS NULL OR inbox.unit IS NULL OR inbox.unit IN (SELECT value FROM json_each(?1)))
                 ORDER BY inbox.id DESC LIMIT ?2"
            ),
            params![json_list(units), limit],
            inbox_view,
        )
    }

    /// The newest inbound texts that are wanted, newest first; those of operators SIM by SIM, unless a page of them is asked for.
    pub fn inbox_where(&self, filter: &InboxFilter) -> Result<Vec<InboxView>, StoreError> {
        let order = if filter.operator && filter.before.is_none() { "8, inbox.id DESC" } else { "inbox.id DESC" };
        self.all(
            &format!(
                "{INBOX}
                 WHERE inbox.kind <> 'test' AND (inbox.kind = 'operator') = ?1 AND (?2 IS NULL OR inbox.unit = ?2)
                   AND (?3 IS NULL OR inbox.state = ?3) AND (?4 IS NULL OR coalesce(iccid, key) = ?4)
                   AND (?6 IS NULL OR inbox.unit IS NULL OR inbox.unit IN (SELECT value FROM json_each(?6)))
                   AND (?7 IS NULL OR inbox.number = ?7) AND inbox.id < ?8
                 ORDER BY {order}
                 LIMIT ?5"
            ),
            params![
                filter.operator,
                filter.unit,
                filter.state.map(InboxState::name),
                filter.sim,
                filter.limit,
                json_list(&filter.units),
                filter.number.map(Msisdn::as_u64),
                filter.before.unwrap_or(i64::MAX)
            ],
            inbox_view,
        )
    }

    /// For which unit an inbound text is, `Some(None)`: for none; `None`: there is no such text.
    pub fn unit_of_inbox(&self, inbox: i64) -> Result<Option<Option<String>>, StoreError> {
        self.all("SELECT unit FROM inbox WHERE id = ?1", [inbox], |row| row.get(0)).map(|mut rows| rows.pop())
    }

    /// What came from a number, oldest first.
    pub(super) fn inbound_from(&self, number: Msisdn) -> Result<Vec<InboxView>, StoreError> {
        self.all(&format!("{INBOX} WHERE inbox.number = ?1 ORDER BY inbox.id"), [number.as_u64()], inbox_view)
    }
}
