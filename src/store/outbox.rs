//! The outbox: facts that webhooks want, and how far each webhook has come.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{Reader, Store, StoreError, at, ms, shown};
use crate::model::{FactKind, MessageId, Timestamp};

/// A fact to be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct FactRow<'a> {
    /// Whose; `None`: everybody's; empty: nobody's, and told only to who is told of all units.
    pub unit: Option<&'a str>,
    /// The state that a message or an alarm has come to.
    pub state: Option<&'a str>,
    /// The message.
    pub message: Option<MessageId>,
    /// The inbound text.
    pub inbox: Option<i64>,
    /// The event of the record.
    pub event: Option<i64>,
    /// The alarm.
    pub alarm: Option<i64>,
}

/// How far a webhook has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookRow {
    /// It has all of the outbox up to this id.
    pub position: i64,
    /// Since when it takes nothing.
    pub failing_since: Option<Timestamp>,
    /// Why.
    pub trouble: Option<String>,
}

/// What came of a webhook's last call, or calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookStand<'a> {
    /// It has all of the outbox up to this id.
    pub position: i64,
    /// It took something.
    pub reached: bool,
    /// Calls that failed, one after the other.
    pub tries: u32,
    /// When it is called again.
    pub next_at: Option<Timestamp>,
    /// Why the last call failed; `None`: it did not.
    pub trouble: Option<&'a str>,
}

/// A webhook and its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WebhookView {
    /// Its name.
    pub name: String,
    /// `ok`, or `failing`.
    pub state: String,
    /// It has all of the outbox up to this id.
    pub position: i64,
    /// Facts that lie behind that, also those it is not told of.
    pub behind: u64,
    /// When it last took something.
    pub reached_at: Option<Timestamp>,
    /// Since when it takes nothing.
    pub failing_since: Option<Timestamp>,
    /// Calls that failed, one after the other.
    pub tries: u32,
    /// When it is called again.
    pub next_try_at: Option<Timestamp>,
    /// Why the last call failed.
    pub trouble: Option<String>,
    /// Facts that were given up because it took nothing for too long.
    pub skipped: u64,
}

/// A fact as a webhook is told it: one flat object. What a fact does not have is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(default)]
pub struct FactView {
    /// Names it for ever: who is told twice knows it by this.
    pub id: String,
    /// The kind of fact, as in the settings.
    pub event: String,
    /// When it became true.
    pub at: Timestamp,
    /// What happened, where the kind has several: `job_done`, `modem_lost`, `opted_out`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<i64>,
    /// Its UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_uid: Option<String>,
    /// Its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<i64>,
    /// Its row in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// The state it came to; of an alarm `raised` or `passed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// To whom, or from whom: `+62…`; from whom also a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The inbound text's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbox: Option<i64>,
    /// An inbound text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What kind of inbound text: `reply`, `stop`, `start`, `help`, `review`, `operator`, `garbled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What kind of alarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm: Option<String>,
    /// How much it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What it is about: the subject of an alarm, the modem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Why, and what else is to be known, English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What a webhook is to be told next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parcel {
    /// The facts, oldest first.
    pub facts: Vec<FactView>,
    /// Whoever has these has all that it wants of the outbox up to this id.
    pub up_to: i64,
}

impl Store {
    /// Adds a fact to the outbox.
    pub fn insert_fact(&self, kind: FactKind, fact: &FactRow<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO outbox (at_ms, fact, unit, state, message_id, inbox_id, event_id, alarm_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                ms(now),
                kind.name(),
                fact.unit,
                fact.state,
                fact.message.map(|message| message.0),
                fact.inbox,
                fact.event,
                fact.alarm,
            ],
        )
        .map(drop)
    }

    /// The names of the webhooks that are known.
    pub fn webhooks(&self) -> Result<Vec<String>, StoreError> {
        self.all("SELECT name FROM webhooks ORDER BY name", [], |row| row.get(0))
    }

    /// Enters a webhook: it is told of what comes from now on.
    pub fn add_webhook(&self, name: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO webhooks (name, since_ms, position)
             VALUES (?1, ?2, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0))",
            params![name, ms(now)],
        )
        .map(drop)
    }

    /// Removes one; gives how many facts it did not get.
    pub fn remove_webhook(&self, name: &str) -> Result<u64, StoreError> {
        let left = self.one(
            "SELECT count(*) FROM outbox WHERE id > (SELECT position FROM webhooks WHERE name = ?1)",
            [name],
            |row| row.get(0),
        )?;
        self.run("DELETE FROM webhooks WHERE name = ?1", [name])?;
        Ok(left.unwrap_or(0))
    }

    /// One webhook; `None`: it is not known.
    pub fn webhook(&self, name: &str) -> Result<Option<HookRow>, StoreError> {
        self.one("SELECT position, failing_since_ms, trouble FROM webhooks WHERE name = ?1", [name], |row| {
            Ok(HookRow {
                position: row.get(0)?,
                failing_since: row.get::<_, Option<i64>>(1)?.map(at),
                trouble: row.get(2)?,
            })
        })
    }

    /// What came of the calls of a webhook. It never goes back.
    pub fn move_webhook(&self, name: &str, stand: &HookStand<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "UPDATE webhooks
             SET position = max(position, ?2),
                 reached_at_ms = iif(?3, ?7, reached_at_ms),
                 tries = ?4,
                 next_at_ms = ?5,
                 trouble = ?6,
                 failing_since_ms = iif(?6 IS NULL, NULL, coalesce(failing_since_ms, ?7))
             WHERE name = ?1",
            params![name, stand.position, stand.reached, stand.tries, stand.next_at.map(ms), stand.trouble, ms(now),],
        )
        .map(drop)
    }

    /// When the first fact that a webhook does not have became true.
    pub fn oldest_fact_after(&self, position: i64) -> Result<Option<Timestamp>, StoreError> {
        self.one("SELECT at_ms FROM outbox WHERE id > ?1 ORDER BY id LIMIT 1", [position], |row| row.get(0).map(at))
    }

    /// Passes over what became true before `before`, at most `most` facts; gives how many that were of the kinds it is told of, and
    /// its new position.
    pub fn skip_facts(
        &self,
        name: &str,
        facts: &str,
        before: Timestamp,
        most: usize,
    ) -> Result<Option<(u64, i64)>, StoreError> {
        let passed: Option<(u64, Option<i64>)> = self.one(
            "SELECT count(*) FILTER (WHERE instr(?2, ',' || fact || ',') > 0), max(id)
             FROM (SELECT id, at_ms, fact
                   FROM outbox
                   WHERE id > (SELECT position FROM webhooks WHERE name = ?1)
                   ORDER BY id
                   LIMIT ?4)
             WHERE at_ms < ?3",
            params![name, facts, ms(before), most],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let Some((skipped, Some(position))) = passed else { return Ok(None) };
        self.run(
            "UPDATE webhooks SET position = ?2, skipped = skipped + ?3 WHERE name = ?1",
            params![name, position, skipped],
        )?;
        Ok(Some((skipped, position)))
    }

    /// Removes up to `most` facts that every webhook has. `true`: some may be left.
    pub fn prune_outbox(&self, most: usize) -> Result<bool, StoreError> {
        self.run(
            "DELETE FROM outbox
             WHERE id IN (SELECT id
                          FROM outbox
                          WHERE id <= coalesce((SELECT min(position) FROM webhooks), 9223372036854775807)
                          ORDER BY id
                          LIMIT ?1)",
            [most],
        )
        .map(|removed| removed == most)
    }
}

/// Names of kinds as `skip_facts` and [`Reader::parcel`] take them.
pub fn fact_list<'a>(kinds: impl IntoIterator<Item = &'a FactKind>) -> String {
    kinds.into_iter().fold(",".to_owned(), |list, kind| format!("{list}{},", kind.name()))
}

impl Reader {
    /// The webhooks of the running daemon, by name.
    pub fn webhooks(&self) -> Result<Vec<WebhookView>, StoreError> {
        self.all(
            "SELECT name, position, reached_at_ms, failing_since_ms, tries, next_at_ms, trouble, skipped,
                    (SELECT count(*) FROM outbox WHERE outbox.id > webhooks.position)
             FROM webhooks
             ORDER BY name",
            [],
            |row| {
                let failing: Option<i64> = row.get(3)?;
                Ok(WebhookView {
                    name: row.get(0)?,
                    state: if failing.is_some() { "failing" } else { "ok" }.to_owned(),
                    position: row.get(1)?,
                    reached_at: row.get::<_, Option<i64>>(2)?.map(at),
                    failing_since: failing.map(at),
                    tries: row.get(4)?,
                    next_try_at: row.get::<_, Option<i64>>(5)?.map(at),
                    trouble: row.get(6)?,
                    skipped: row.get(7)?,
                    behind: row.get(8)?,
                })
            },
        )
    }

    /// What a webhook that has all up to `position` (or as far as the ledger knows, if that is further) is to be told next, of these
    /// kinds ([`fact_list`]) and this unit; at most `limit` facts.
    pub fn parcel(
        &self,
        name: &str,
        position: i64,
        facts: &str,
        unit: Option<&str>,
        limit: usize,
    ) -> Result<Parcel, StoreError> {
        let known: Option<i64> =
            self.all("SELECT position FROM webhooks WHERE name = ?1", [name], |row| row.get(0))?.pop();
        let position = position.max(known.unwrap_or(0));
        // Before the facts are read: what is added meanwhile lies behind it.
        let end: Option<i64> = self.all("SELECT max(id) FROM outbox", [], |row| row.get(0))?.pop().flatten();
        let end = end.unwrap_or(0).max(position);
        let mut up_to = position;
        let facts = self.all(
            "SELECT outbox.id, outbox.at_ms, outbox.fact, outbox.unit, outbox.state,
                    jobs.id, jobs.uid, jobs.source, messages.id, recipients.row, messages.number,
                    inbox.id, inbox.text, inbox.kind, inbox.sender,
                    events.kind, events.actor, events.detail, event_numbers.number,
                    alarms.kind, alarms.level, alarms.subject, alarms.detail, alarms.cleared_at_ms, outbox.alarm_id
             FROM outbox
                  LEFT JOIN messages ON messages.id = outbox.message_id
                  LEFT JOIN recipients ON recipients.id = outbox.message_id
                  LEFT JOIN inbox ON inbox.id = outbox.inbox_id
                  LEFT JOIN events ON events.id = outbox.event_id
                  LEFT JOIN event_numbers ON event_numbers.event_id = outbox.event_id
                  LEFT JOIN alarms ON alarms.id = outbox.alarm_id
                  LEFT JOIN jobs ON jobs.id = coalesce(messages.job_id, events.job_id, inbox.about_job_id)
             WHERE outbox.id > ?1 AND outbox.id <= ?2
               AND instr(?3, ',' || outbox.fact || ',') > 0
               AND (?4 IS NULL OR outbox.unit IS NULL OR outbox.unit = ?4)
             ORDER BY outbox.id
             LIMIT ?5",
            params![position, end, facts, unit, limit],
            |row| {
                up_to = row.get(0)?;
                fact_view(row)
            },
        )?;
        if facts.len() < limit {
            up_to = end;
        }
        Ok(Parcel { facts, up_to })
    }
}

fn fact_view(row: &rusqlite::Row<'_>) -> rusqlite::Result<FactView> {
    let (id, at_ms): (i64, i64) = (row.get(0)?, row.get(1)?);
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let number =
        |place: usize| -> rusqlite::Result<Option<String>> { Ok(some(row.get::<_, Option<i64>>(place)?.map(shown))) };
    let mut fact = FactView {
        // Ids begin anew in a new ledger; with the time they do not meet.
        id: format!("{id}-{at_ms}"),
        event: row.get(2)?,
        at: at(at_ms),
        unit: some(row.get(3)?),
        state: row.get(4)?,
        job: row.get(5)?,
        job_uid: row.get(6)?,
        source: some(row.get(7)?),
        message: row.get(8)?,
        row: row.get(9)?,
        number: number(10)?,
        inbox: row.get(11)?,
        text: row.get(12)?,
        kind: row.get(13)?,
        what: row.get(15)?,
        actor: row.get(16)?,
        detail: some(row.get(17)?),
        ..FactView::default()
    };
    if fact.inbox.is_some() {
        fact.number = some(row.get(14)?);
    }
    if fact.event == FactKind::OptOut.name() {
        fact.number = number(18)?;
    }
    if fact.event == FactKind::Modem.name()
        && let Some(detail) = fact.detail.take()
    {
        let (modem, why) = detail.split_once(": ").unwrap_or((&detail, ""));
        (fact.subject, fact.detail) = (Some(modem.to_owned()), some(Some(why.to_owned())));
    }
    if let Some(kind) = row.get::<_, Option<String>>(19)? {
        (fact.alarm, fact.level, fact.subject, fact.detail) =
            (Some(kind), row.get(20)?, row.get(21)?, some(row.get(22)?));
    }
    Ok(fact)
}
