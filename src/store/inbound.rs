//! Inbound messages: parts as received, texts as read.

use rusqlite::params;

use super::{Store, StoreError, at, ms};
use crate::model::{InboxState, JobId, Msisdn, SimId, Timestamp};

/// What an inbound text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxKind {
    /// Something for a person to read.
    Reply,
    /// An opt-out.
    Stop,
    /// A return.
    Start,
    /// A call for help.
    Help,
    /// A stop word inside a sentence.
    Review,
    /// From an operator or a service: no citizen.
    Operator,
    /// What could not be read, kept raw.
    Garbled,
    /// What a modem wrote to itself to test itself.
    Test,
}

impl InboxKind {
    /// The name stored.
    pub fn name(self) -> &'static str {
        match self {
            InboxKind::Reply => "reply",
            InboxKind::Stop => "stop",
            InboxKind::Start => "start",
            InboxKind::Help => "help",
            InboxKind::Review => "review",
            InboxKind::Operator => "operator",
            InboxKind::Garbled => "garbled",
            InboxKind::Test => "test",
        }
    }

    /// The state it has when it comes; `None`: nobody needs to read it, the machine has seen to it or it is filed.
    pub fn first_state(self) -> Option<InboxState> {
        match self {
            InboxKind::Reply | InboxKind::Review | InboxKind::Garbled => Some(InboxState::New),
            InboxKind::Stop | InboxKind::Start | InboxKind::Help | InboxKind::Operator | InboxKind::Test => None,
        }
    }
}

/// A whole inbound text to be kept.
#[derive(Clone, Debug)]
pub struct InboxRow<'a> {
    /// The SIM that received it.
    pub sim: SimId,
    /// The sender as given.
    pub sender: &'a str,
    /// The sender as a number.
    pub number: Option<Msisdn>,
    /// The text.
    pub text: &'a str,
    /// What it is.
    pub kind: InboxKind,
    /// The rule that recognised an opt-out.
    pub rule: Option<&'static str>,
    /// Whether all parts are there.
    pub complete: bool,
    /// TP-SCTS.
    pub sent_at: Option<Timestamp>,
    /// The unit and the job of the last message to its sender.
    pub about: Option<(String, JobId)>,
}

impl InboxRow<'_> {
    /// What stands in place of one that was erased.
    pub fn empty(sim: SimId) -> Self {
        let (sender, text, number, rule, sent_at, about) = ("", "", None, None, None, None);
        Self { sim, sender, number, text, kind: InboxKind::Operator, rule, complete: false, sent_at, about }
    }
}

/// A part to be kept.
#[derive(Clone, Debug)]
pub struct PartRow<'a> {
    /// The SIM that received it.
    pub sim: SimId,
    /// What makes it the same part again.
    pub digest: &'a [u8],
    /// The sender as given.
    pub sender: &'a str,
    /// Reference, total and place, for one of several.
    pub concat: Option<(u16, u8, u8)>,
    /// Its text.
    pub text: &'a str,
    /// The octets.
    pub pdu: &'a [u8],
}

/// A part that waits for its siblings.
#[derive(Clone, Debug)]
pub struct WaitingPart {
    /// Its row.
    pub id: i64,
    /// The SIM that received it.
    pub sim: SimId,
    /// The sender as given.
    pub sender: String,
    /// Reference, total and place.
    pub concat: Option<(u16, u8, u8)>,
    /// Its text.
    pub text: String,
    /// When it came.
    pub received_at: Timestamp,
    /// The inbox entry it was shown in while others were missing.
    pub inbox: Option<i64>,
    /// The octets.
    pub pdu: Vec<u8>,
}

impl Store {
    /// Keeps a part; `None` if it is kept already, or was until its sender was erased.
    pub fn insert_part(&self, part: &PartRow<'_>, now: Timestamp) -> Result<Option<i64>, StoreError> {
        let keyed = self.keyed(part.digest);
        let erased =
            self.one("SELECT 1 FROM parts WHERE sim_id = ?1 AND digest = ?2", params![part.sim.0, keyed], |_| Ok(()))?;
        if erased.is_some() {
            return Ok(None);
        }
        let added = self.run(
            "INSERT OR IGNORE INTO parts (sim_id, digest, sender, concat_ref, concat_total, concat_number, text,
                                          received_at_ms, pdu)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                part.sim.0,
                part.digest,
                part.sender,
                part.concat.map(|concat| concat.0),
                part.concat.map(|concat| concat.1),
                part.concat.map(|concat| concat.2),
                part.text,
                ms(now),
                part.pdu
            ],
        )?;
        Ok((added == 1).then(|| self.connection.last_insert_rowid()))
    }

    /// The parts with the same sender, reference and total since `since`, in order of arrival; those of texts that
    /// are whole already left out, since references are used again.
    pub fn siblings(
        &self,
        sim: SimId,
        sender: &str,
        reference: u16,
        total: u8,
        since: Timestamp,
    ) -> Result<Vec<WaitingPart>, StoreError> {
        self.all(
            "SELECT id, sim_id, sender, concat_ref, concat_total, concat_number, text, received_at_ms, inbox_id,
                    pdu
             FROM parts
             WHERE sim_id = ?1 AND sender = ?2 AND concat_ref = ?3 AND concat_total = ?4 AND received_at_ms >= ?5
               AND (inbox_id IS NULL OR NOT (SELECT complete FROM inbox WHERE inbox.id = inbox_id))
             ORDER BY id",
            params![sim.0, sender, reference, total, ms(since)],
            waiting_part,
        )
    }

    /// Parts that came before `before` and were never shown.
    pub fn loose_parts(&self, before: Timestamp, limit: usize) -> Result<Vec<WaitingPart>, StoreError> {
        self.all(
            "SELECT id, sim_id, sender, concat_ref, concat_total, concat_number, text, received_at_ms, inbox_id,
                    pdu
             FROM parts
             WHERE inbox_id IS NULL AND received_at_ms <= ?1
             ORDER BY received_at_ms, id
             LIMIT ?2",
            params![ms(before), limit],
            waiting_part,
        )
    }

    /// When the oldest part came that was never shown.
    pub fn oldest_loose_part(&self) -> Result<Option<Timestamp>, StoreError> {
        self.one("SELECT received_at_ms FROM parts WHERE inbox_id IS NULL ORDER BY received_at_ms LIMIT 1", [], |row| {
            row.get(0).map(at)
        })
    }

    /// Says in which inbox entry a part is shown.
    pub fn show_part(&self, part: i64, inbox: i64) -> Result<(), StoreError> {
        self.run("UPDATE parts SET inbox_id = ?2 WHERE id = ?1", params![part, inbox]).map(drop)
    }

    /// Keeps a text.
    pub fn insert_inbox(&self, entry: &InboxRow<'_>, now: Timestamp) -> Result<i64, StoreError> {
        self.run(
            "INSERT INTO inbox (sim_id, sender, number, text, kind, rule, complete, sent_at_ms, received_at_ms, unit, about_job_id,
                                state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                entry.sim.0,
                entry.sender,
                entry.number.map(Msisdn::as_u64),
                entry.text,
                entry.kind.name(),
                entry.rule,
                entry.complete,
                entry.sent_at.map(ms),
                ms(now),
                entry.about.as_ref().map(|(unit, _)| unit),
                entry.about.as_ref().map(|(_, job)| job.0),
                entry.kind.first_state().map(InboxState::name)
            ],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// A missing part came late: the entry now has this text, and is to be read once more.
    pub fn complete_inbox(
        &self,
        inbox: i64,
        text: &str,
        kind: InboxKind,
        rule: Option<&str>,
        complete: bool,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE inbox
             SET text = ?2, kind = ?3, rule = ?4, complete = ?5, state = iif(state = 'answered', state, ?6)
             WHERE id = ?1",
            params![inbox, text, kind.name(), rule, complete, kind.first_state().map(InboxState::name)],
        )
        .map(drop)
    }
}

fn waiting_part(row: &rusqlite::Row<'_>) -> rusqlite::Result<WaitingPart> {
    let reference: Option<u16> = row.get(3)?;
    let (total, number): (Option<u8>, Option<u8>) = (row.get(4)?, row.get(5)?);
    Ok(WaitingPart {
        id: row.get(0)?,
        sim: SimId(row.get(1)?),
        sender: row.get(2)?,
        concat: reference.zip(total).zip(number).map(|((reference, total), number)| (reference, total, number)),
        text: row.get(6)?,
        received_at: at(row.get(7)?),
        inbox: row.get(8)?,
        pdu: row.get(9)?,
    })
}
