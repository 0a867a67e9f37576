//! Messages and segments: reading the queue, moving states.

use rusqlite::params;

use super::intake::parsed;
use super::{Store, StoreError, ms};
use crate::model::{Class, JobId, JobKind, MessageId, Msisdn, NetworkId, SegmentId, SimId, State, Timestamp};

/// A message as the engine needs it for a hand-over.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// Its row.
    pub id: MessageId,
    /// Its job.
    pub job: JobId,
    /// To whom.
    pub number: Msisdn,
    /// Its own text; `None`: the job's.
    pub text: Option<String>,
    /// How many segments.
    pub segments: u8,
    /// Folded state.
    pub state: State,
    /// Whether it stands in the queue.
    pub waiting: bool,
    /// The SIM part of it went through.
    pub sim: Option<SimId>,
    /// The reference its segments share, once one was made ready.
    pub concat_ref: Option<u8>,
}

/// A message that is not at rest, and what its job is.
#[derive(Clone, Debug)]
pub struct UnfinishedRow {
    /// Its row.
    pub message: MessageId,
    /// Where its job came from.
    pub kind: JobKind,
    /// Its job's class.
    pub class: Class,
    /// Whose job it is.
    pub unit: String,
    /// The inbound text that a person answers with it.
    pub answers: Option<i64>,
}

/// Which of a job's waiting messages a SIM may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// All but those that are bound to another SIM.
    All,
    /// Of these, not what it refused last.
    NotRefused,
    /// Only those of which part went through it already.
    Begun,
}

impl Store {
    /// Up to `limit` never-tried messages of a job to one network, with ids above `after`, in order.
    pub fn fresh(
        &self,
        job: JobId,
        network: NetworkId,
        after: MessageId,
        limit: usize,
    ) -> Result<Vec<MessageId>, StoreError> {
        self.all(
            "SELECT id
             FROM messages
             WHERE job_id = ?1 AND wake_at_ms = 0 AND network_id = ?2 AND id > ?3
             ORDER BY id
             LIMIT ?4",
            params![job.0, network.0, after.0, limit],
            |row| row.get(0).map(MessageId),
        )
    }

    /// Messages of a job whose waiting time is over, for this SIM, longest waiting first.
    pub fn due(
        &self,
        job: JobId,
        sim: SimId,
        which: Waiting,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>, StoreError> {
        self.all(
            "SELECT id
             FROM messages
             WHERE job_id = ?1 AND wake_at_ms > 0 AND wake_at_ms <= ?2
               AND (sim_id = ?3 OR (sim_id IS NULL AND ?4 AND (avoid_sim_id IS NULL OR avoid_sim_id <> ?3 OR ?5)))
             ORDER BY wake_at_ms, network_id, id
             LIMIT ?6",
            params![job.0, ms(now), sim.0, which != Waiting::Begun, which == Waiting::All, limit],
            |row| row.get(0).map(MessageId),
        )
    }

    /// When the next waiting message of a job is due; `None` when none waits.
    pub fn next_due(&self, job: JobId) -> Result<Option<Timestamp>, StoreError> {
        self.one(
            "SELECT wake_at_ms FROM messages WHERE job_id = ?1 AND wake_at_ms > 0 ORDER BY wake_at_ms LIMIT 1",
            [job.0],
            |row| row.get(0).map(super::at),
        )
    }

    /// One message.
    pub fn message(&self, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
        self.one(
            "SELECT job_id, number, text, segments, state, wake_at_ms IS NOT NULL, sim_id, concat_ref
             FROM messages
             WHERE id = ?1",
            [id.0],
            |row| {
                Ok(MessageRow {
                    id,
                    job: JobId(row.get(0)?),
                    number: Msisdn::from_u64(row.get(1)?),
                    text: row.get(2)?,
                    segments: row.get(3)?,
                    state: parsed(row, 4)?,
                    waiting: row.get(5)?,
                    sim: row.get::<_, Option<i64>>(6)?.map(SimId),
                    concat_ref: row.get(7)?,
                })
            },
        )
    }

    /// The states of a message's segments, in order, with their charged hand-overs.
    pub fn segments(&self, message: MessageId) -> Result<Vec<(State, u32)>, StoreError> {
        self.all("SELECT state, charged FROM segments WHERE message_id = ?1 ORDER BY number", [message.0], |row| {
            Ok((parsed(row, 0)?, row.get(1)?))
        })
    }

    /// A reference for the segments of a message, unlike that of the message before it to the same number.
    pub fn choose_concat_ref(&self, message: MessageId, number: Msisdn) -> Result<u8, StoreError> {
        let before: Option<u8> = self.one(
            "SELECT concat_ref
             FROM numbers JOIN messages ON messages.id = numbers.message_id
             WHERE numbers.number = ?1 AND concat_ref IS NOT NULL AND numbers.message_id <> ?2
             ORDER BY numbers.message_id DESC
             LIMIT 1",
            params![number.as_u64(), message.0],
            |row| row.get(0),
        )?;
        Ok(before.map_or((message.0 % 256) as u8, |reference| reference.wrapping_add(1)))
    }

    /// Takes a message out of the queue for a SIM; its segments keep this reference.
    pub fn claim(&self, message: MessageId, sim: SimId, concat_ref: Option<u8>) -> Result<(), StoreError> {
        self.run(
            "UPDATE messages SET wake_at_ms = NULL, sim_id = ?2, concat_ref = coalesce(concat_ref, ?3) WHERE id = ?1",
            params![message.0, sim.0, concat_ref],
        )
        .map(drop)
    }

    /// Puts a message back in the queue. `bound`: part of it went through this SIM, the rest must follow.
    pub fn requeue(
        &self,
        message: MessageId,
        wake_at: Timestamp,
        bound: Option<SimId>,
        avoid: Option<SimId>,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE messages SET wake_at_ms = ?2, sim_id = ?3, avoid_sim_id = ?4 WHERE id = ?1",
            params![message.0, ms(wake_at).max(1), bound.map(|sim| sim.0), avoid.map(|sim| sim.0)],
        )
        .map(drop)
    }

    /// Takes a message out of the queue for good.
    pub fn unqueue(&self, message: MessageId) -> Result<(), StoreError> {
        self.run("UPDATE messages SET wake_at_ms = NULL WHERE id = ?1", [message.0]).map(drop)
    }

    /// Moves a segment; `false` if it was not in `from`.
    pub fn move_segment(&self, segment: SegmentId, from: State, to: State) -> Result<bool, StoreError> {
        self.run(
            "UPDATE segments SET state = ?4 WHERE message_id = ?1 AND number = ?2 AND state = ?3",
            params![segment.message.0, segment.number, from.name(), to.name()],
        )
        .map(|changed| changed == 1)
    }

    /// Moves all segments of a message that stand in `from`.
    pub fn move_segments(&self, message: MessageId, from: State, to: State) -> Result<usize, StoreError> {
        self.run(
            "UPDATE segments SET state = ?3 WHERE message_id = ?1 AND state = ?2",
            params![message.0, from.name(), to.name()],
        )
    }

    /// Counts a hand-over of a segment towards giving up.
    pub fn charge(&self, segment: SegmentId) -> Result<(), StoreError> {
        self.run(
            "UPDATE segments SET charged = charged + 1 WHERE message_id = ?1 AND number = ?2",
            params![segment.message.0, segment.number],
        )
        .map(drop)
    }

    /// Moves a message; the tally follows. Panics if it was not in `from`: the engine read it in this transaction.
    pub fn move_message(&self, message: MessageId, job: JobId, from: State, to: State) -> Result<(), StoreError> {
        if from == to {
            return Ok(());
        }
        let changed = self.run(
            "UPDATE messages SET state = ?3 WHERE id = ?1 AND state = ?2",
            params![message.0, from.name(), to.name()],
        )?;
        assert_eq!(changed, 1, "message {message} was not {from}");
        let mut tally = self.tally.borrow_mut();
        *tally.entry((job, from)).or_default() -= 1;
        *tally.entry((job, to)).or_default() += 1;
        Ok(())
    }

    /// Up to `limit` messages of a job that stand in the queue.
    pub fn waiting(&self, job: JobId, limit: usize) -> Result<Vec<MessageId>, StoreError> {
        self.all(
            "SELECT id FROM messages WHERE job_id = ?1 AND wake_at_ms IS NOT NULL LIMIT ?2",
            params![job.0, limit],
            |row| row.get(0).map(MessageId),
        )
    }

    /// Messages to a number that are not at rest, with what decides whether an opt-out stops them.
    pub fn unfinished_to(&self, number: Msisdn) -> Result<Vec<UnfinishedRow>, StoreError> {
        self.all(
            "SELECT messages.id, jobs.kind, jobs.class, jobs.unit, jobs.answers
             FROM numbers JOIN messages ON messages.id = numbers.message_id JOIN jobs ON jobs.id = messages.job_id
             WHERE numbers.number = ?1 AND messages.state IN ('queued', 'sending', 'in_doubt')",
            [number.as_u64()],
            |row| {
                Ok(UnfinishedRow {
                    message: MessageId(row.get(0)?),
                    kind: parsed(row, 1)?,
                    class: parsed(row, 2)?,
                    unit: row.get(3)?,
                    answers: row.get(4)?,
                })
            },
        )
    }

    /// Messages that were with a SIM when the daemon ended: neither queued nor at rest.
    pub fn stranded(&self) -> Result<Vec<MessageId>, StoreError> {
        self.all(
            "SELECT id FROM messages WHERE state IN ('sending', 'in_doubt') AND wake_at_ms IS NULL ORDER BY id",
            [],
            |row| row.get(0).map(MessageId),
        )
    }
}
