//! What is kept of modems and SIMs in trouble.

use rusqlite::params;

use super::{Store, StoreError, at, ms};
use crate::model::{Cause, Doubt, ErrorCode, ErrorKind, ModemName, Msisdn, NotSent, Outcome, SimId, Timestamp};

impl Store {
    /// How often a modem was reset since then.
    pub fn resets(&self, modem: &ModemName, since: Timestamp) -> Result<u32, StoreError> {
        let counted = self.one(
            "SELECT count(*)
             FROM events
             WHERE kind = 'modem_reset' AND at_ms > ?1 AND substr(detail, 1, length(?2)) = ?2",
            params![ms(since), format!("{modem}: ")],
            |row| row.get(0),
        )?;
        Ok(counted.unwrap_or(0))
    }

    /// How many hand-overs since then the port of a modem left in doubt by going away.
    pub fn cut_off(&self, modem: &ModemName, since: Timestamp) -> Result<u32, StoreError> {
        let counted = self.one(
            "SELECT count(*)
             FROM attempts
             WHERE sim_id = (SELECT sim_id FROM modems WHERE name = ?1) AND opened_at_ms > ?2 AND modem = ?1
               AND outcome = 'uncertain' AND detail = ?3",
            params![modem.as_str(), ms(since), Doubt::PortGone.name()],
            |row| row.get(0),
        )?;
        Ok(counted.unwrap_or(0))
    }

    /// What is on record of a PIN on a card, by the digest over both: its outcome, `None` where nobody knows, and when.
    pub fn pin_try(&self, digest: &[u8; 32]) -> Result<Option<(Option<bool>, Timestamp)>, StoreError> {
        self.one("SELECT outcome = 'accepted', at_ms FROM pin_tries WHERE digest = ?1", [digest], |row| {
            Ok((row.get(0)?, at(row.get(1)?)))
        })
    }

    /// Notes that a PIN is about to be entered. One that the card has taken before stays so.
    pub fn note_pin_try(&self, digest: &[u8; 32], modem: &ModemName, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO pin_tries (digest, modem, at_ms)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (digest) DO UPDATE SET modem = excluded.modem, at_ms = excluded.at_ms",
            params![digest, modem.as_str(), ms(now)],
        )
        .map(drop)
    }

    /// Notes what the card said.
    pub fn close_pin_try(&self, digest: &[u8; 32], accepted: bool) -> Result<(), StoreError> {
        let outcome = if accepted { "accepted" } else { "refused" };
        self.run("UPDATE pin_tries SET outcome = ?2 WHERE digest = ?1", params![digest, outcome]).map(drop)
    }

    /// Notes the state of a modem of which nothing but its name need be known yet: `unready`.
    pub fn show_modem(&self, name: &ModemName, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO modems (name, manufacturer, model, revision, port, state, reason, changed_at_ms)
             VALUES (?1, '', '', '', '', 'unready', ?2, ?3)
             ON CONFLICT (name) DO UPDATE
             SET state = 'unready', reason = excluded.reason, changed_at_ms = excluded.changed_at_ms",
            params![name.as_str(), reason, ms(now)],
        )
        .map(drop)
    }

    /// Takes a SIM out until a person says otherwise, also one that was out until its credit is enough.
    pub fn block_sim(&self, sim: SimId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO blocked_sims (sim_id, since_ms, reason)
             VALUES (?1, ?2, ?3)
             ON CONFLICT (sim_id) DO UPDATE SET reason = excluded.reason, for_credit = 0 WHERE for_credit = 1",
            params![sim.0, ms(now), reason],
        )
        .map(drop)
    }

    /// Whether it was out.
    pub fn unblock_sim(&self, sim: SimId) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM blocked_sims WHERE sim_id = ?1", [sim.0])? > 0)
    }

    /// Whether a SIM is out.
    pub fn blocked(&self, sim: SimId) -> Result<bool, StoreError> {
        Ok(self.one("SELECT 1 FROM blocked_sims WHERE sim_id = ?1", [sim.0], |_| Ok(()))?.is_some())
    }

    /// The SIM that a modem holds, or held last.
    pub fn sim_in(&self, modem: &ModemName) -> Result<Option<SimId>, StoreError> {
        let found = self.one("SELECT sim_id FROM modems WHERE name = ?1", [modem.as_str()], |row| row.get(0))?;
        Ok(found.flatten().map(SimId))
    }

    /// What people call a SIM: its ICCID, else the key it is known by.
    pub fn sim_label(&self, sim: SimId) -> Result<String, StoreError> {
        let label = self.one("SELECT coalesce(iccid, key) FROM sims WHERE id = ?1", [sim.0], |row| row.get(0))?;
        Ok(label.unwrap_or_else(|| sim.to_string()))
    }

    /// How the attempts through a SIM ended since the last that was accepted, oldest first, at most `MEMORY` of them.
    pub fn unaccepted_since(&self, sim: SimId) -> Result<Vec<PastOutcome>, StoreError> {
        let rows = self.all(
            "SELECT outcome, detail, code, number, closed_at_ms, settled IN ('late_answer', 'report')
             FROM attempts
             WHERE sim_id = ?1 AND closed_at_ms IS NOT NULL
             ORDER BY opened_at_ms DESC
             LIMIT ?2",
            params![sim.0, MEMORY],
            |row| {
                let (outcome, detail): (String, Option<String>) = (row.get(0)?, row.get(1)?);
                let code: Option<String> = row.get(2)?;
                let arrived: Option<bool> = row.get(5)?;
                let past = past_outcome(&outcome, detail.as_deref().unwrap_or_default(), code.as_deref())
                    .filter(|_| arrived != Some(true));
                Ok((past, Msisdn::from_u64(row.get(3)?), at(row.get(4)?)))
            },
        )?;
        let since =
            rows.into_iter().map_while(|(outcome, number, at)| Some(PastOutcome { outcome: outcome?, number, at }));
        let mut since: Vec<PastOutcome> = since.collect();
        since.reverse();
        Ok(since)
    }
}

/// How many attempts of a SIM are looked back on: more than any streak that a rule counts.
pub const MEMORY: usize = 64;

/// How an attempt ended that was not accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct PastOutcome {
    /// How.
    pub outcome: Outcome,
    /// To whom.
    pub number: Msisdn,
    /// When.
    pub at: Timestamp,
}

/// An outcome from its stored words; `None` for one that was accepted, and for words of a program that is not this one.
fn past_outcome(outcome: &str, detail: &str, code: Option<&str>) -> Option<Outcome> {
    Some(match outcome {
        "refused" => Outcome::Refused {
            cause: Cause::ALL.into_iter().find(|cause| cause.name() == detail)?,
            code: error_code(code.unwrap_or_default()),
        },
        "not_sent" => Outcome::NotSent(NotSent::ALL.into_iter().find(|why| why.name() == detail)?),
        "uncertain" => Outcome::Uncertain(Doubt::ALL.into_iter().find(|doubt| doubt.name() == detail)?),
        _ => return None,
    })
}

fn error_code(text: &str) -> ErrorCode {
    let kinds = [("+CMS ERROR: ", ErrorKind::Cms), ("+CME ERROR: ", ErrorKind::Cme)];
    let found = kinds
        .into_iter()
        .find_map(|(start, kind)| Some(ErrorCode { kind, number: text.strip_prefix(start)?.parse().ok()? }));
    found.unwrap_or(ErrorCode { kind: ErrorKind::Plain, number: 0 })
}
