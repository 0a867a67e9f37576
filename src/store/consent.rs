//! Who is not to be written to, and the ledger of how that came about.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::intake::parsed;
use super::{Reader, Store, StoreError, at, ms};
use crate::model::{Basis, Channel, MessageId, Msisdn, OptOutScope, SimId, Timestamp};

/// An opt-out to be entered.
#[derive(Clone, Debug)]
pub struct OptOutRow<'a> {
    /// Who left.
    pub number: Msisdn,
    /// How much it covers.
    pub scope: OptOutScope,
    /// `sms` or `operator`.
    pub source: &'static str,
    /// The text that asked for it.
    pub inbox: Option<i64>,
    /// The rule that recognised it.
    pub rule: Option<&'static str>,
    /// Who entered it.
    pub actor: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// What kind of line the ledger of consent has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentKind {
    /// The number was named to the office: by decree, in a roster, on paper.
    Listed,
    /// Its owner leaves.
    OptedOut,
    /// Its owner comes, or comes back.
    OptedIn,
    /// What they asked for was confirmed by SMS.
    Confirmed,
    /// Its owner asked to be erased.
    Erased,
}

impl ConsentKind {
    /// The name stored and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ConsentKind::Listed => "listed",
            ConsentKind::OptedOut => "opted_out",
            ConsentKind::OptedIn => "opted_in",
            ConsentKind::Confirmed => "confirmed",
            ConsentKind::Erased => "erased",
        }
    }
}

/// A line for the ledger of consent.
#[derive(Clone, Copy, Debug)]
pub struct ConsentRow<'a> {
    /// Whose number.
    pub number: Msisdn,
    /// What it says.
    pub kind: ConsentKind,
    /// How much an opt-out covers.
    pub scope: Option<OptOutScope>,
    /// Whether it changed anything; a second STOP does not.
    pub changed: bool,
    /// How it reached the office.
    pub channel: Channel,
    /// On what the processing rests from then on.
    pub basis: Option<Basis>,
    /// An SMS as written, and as it was compared with the keywords.
    pub text: Option<(&'a str, &'a str)>,
    /// The rule that recognised it.
    pub rule: Option<&'static str>,
    /// The inbound text.
    pub inbox: Option<i64>,
    /// The SIM it came through, or goes out through.
    pub sim: Option<SimId>,
    /// The message that confirms.
    pub message: Option<MessageId>,
    /// What names the paper.
    pub letter: Option<&'a str>,
    /// Who: `citizen`, `engine` or a person of the office.
    pub actor: &'a str,
    /// Why.
    pub reason: &'a str,
}

impl<'a> ConsentRow<'a> {
    /// A line of this kind about a number, by `actor`; everything else is still to be said.
    pub fn of(number: Msisdn, kind: ConsentKind, actor: &'a str) -> Self {
        Self {
            number,
            kind,
            scope: None,
            changed: true,
            channel: Channel::Sms,
            basis: None,
            text: None,
            rule: None,
            inbox: None,
            sim: None,
            message: None,
            letter: None,
            actor,
            reason: "",
        }
    }
}

/// A line of the ledger of consent as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConsentView {
    /// Its row.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// `listed`, `opted_out`, `opted_in`, `confirmed` or `erased`.
    pub kind: String,
    /// `ordinary` or `everything`, of an opt-out.
    pub scope: Option<String>,
    /// Whether it changed anything.
    pub changed: bool,
    /// How it reached the office; see [`Channel::name`].
    pub channel: String,
    /// The legal basis from then on; see [`Basis::name`].
    pub basis: Option<String>,
    /// An SMS as written.
    pub text: Option<String>,
    /// The rule that recognised it.
    pub rule: Option<String>,
    /// The inbound text.
    pub inbox: Option<i64>,
    /// The SIM's ICCID or key.
    pub sim: Option<String>,
    /// The message that confirms.
    pub message: Option<i64>,
    /// What became of that message.
    pub message_state: Option<String>,
    /// What names the paper.
    pub letter: Option<String>,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
}

impl Store {
    /// How much the owner of a number has opted out of; `None`: of nothing.
    pub fn opt_out(&self, number: Msisdn) -> Result<Option<OptOutScope>, StoreError> {
        if number == Msisdn::ERASED {
            return Ok(Some(OptOutScope::Everything));
        }
        let held = self.one("SELECT scope FROM opt_outs WHERE number = ?1", [number.as_u64()], |row| parsed(row, 0))?;
        Ok(held.max(self.kept_opt_out(number)?))
    }

    /// Enters an opt-out, or widens one; `false` if the number had left before and as far.
    pub fn enter_opt_out(&self, row: &OptOutRow<'_>, now: Timestamp) -> Result<bool, StoreError> {
        if self.opt_out(row.number)? >= Some(row.scope) {
            return Ok(false);
        }
        self.run(
            "INSERT INTO opt_outs (number, scope, since_ms, source, inbox_id, rule, actor, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (number) DO UPDATE
             SET scope = excluded.scope, since_ms = excluded.since_ms, source = excluded.source,
                 inbox_id = excluded.inbox_id, rule = excluded.rule, actor = excluded.actor, reason = excluded.reason",
            params![
                row.number.as_u64(),
                row.scope.name(),
                ms(now),
                row.source,
                row.inbox,
                row.rule,
                row.actor,
                row.reason
            ],
        )?;
        Ok(true)
    }

    /// Removes an opt-out, also one of an erased number; `false` if there was none.
    pub fn remove_opt_out(&self, number: Msisdn) -> Result<bool, StoreError> {
        let held = self.run("DELETE FROM opt_outs WHERE number = ?1", [number.as_u64()])?;
        let kept = self.run("DELETE FROM kept_opt_outs WHERE digest = ?1", [self.key.number(number)])?;
        Ok(held + kept > 0)
    }

    /// Adds a line to the ledger of consent.
    pub fn enter_consent(&self, row: &ConsentRow<'_>, now: Timestamp) -> Result<i64, StoreError> {
        self.run(
            "INSERT INTO consents (at_ms, number, kind, scope, changed, channel, basis, text, normal, rule, inbox_id, sim_id,
                                   message_id, letter, actor, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            params![
                ms(now),
                row.number.as_u64(),
                row.kind.name(),
                row.scope.map(OptOutScope::name),
                row.changed,
                row.channel.name(),
                row.basis.map(Basis::name),
                row.text.map(|(text, _)| text),
                row.text.map(|(_, normal)| normal),
                row.rule,
                row.inbox,
                row.sim.map(|sim| sim.0),
                row.message.map(|message| message.0),
                row.letter,
                row.actor,
                row.reason
            ],
        )?;
        Ok(self.connection.last_insert_rowid())
    }
}

impl Reader {
    /// How much the owner of a number has opted out of; `None`: of nothing.
    ///
    /// Of an erased number only whoever may read the ledger's key knows; see [`Self::kept_opt_outs`].
    pub fn opt_out(&self, number: Msisdn) -> Result<Option<OptOutScope>, StoreError> {
        if number == Msisdn::ERASED {
            return Ok(Some(OptOutScope::Everything));
        }
        let held = self.all("SELECT scope FROM opt_outs WHERE number = ?1", [number.as_u64()], |row| parsed(row, 0))?;
        let kept = match &self.key {
            Some(key) => {
                let digest = key.number(number);
                self.all("SELECT scope FROM kept_opt_outs WHERE digest = ?1", [digest], |row| parsed(row, 0))?
            }
            None => Vec::new(),
        };
        Ok(held.into_iter().chain(kept).max())
    }

    /// How many opt-outs are kept of erased numbers, and whether this reader may recognise them.
    pub fn kept_opt_outs(&self) -> Result<(u64, bool), StoreError> {
        let count = self.all("SELECT count(*) FROM kept_opt_outs", [], |row| row.get(0))?;
        Ok((count.into_iter().next().unwrap_or(0), self.key.is_some()))
    }

    /// What the ledger of consent says of a number, oldest first.
    pub fn consents(&self, number: Msisdn) -> Result<Vec<ConsentView>, StoreError> {
        self.all(
            "SELECT consents.id, at_ms, consents.kind, scope, changed, channel, basis, consents.text, rule, inbox_id,
                    coalesce(iccid, key), message_id, messages.state, letter, actor, reason
             FROM consents LEFT JOIN sims ON sims.id = consents.sim_id
                  LEFT JOIN messages ON messages.id = consents.message_id
             WHERE consents.number = ?1
             ORDER BY consents.id",
            [number.as_u64()],
            |row| {
                Ok(ConsentView {
                    id: row.get(0)?,
                    at: at(row.get(1)?),
                    kind: row.get(2)?,
                    scope: row.get(3)?,
                    changed: row.get(4)?,
                    channel: row.get(5)?,
                    basis: row.get(6)?,
                    text: row.get(7)?,
                    rule: row.get(8)?,
                    inbox: row.get(9)?,
                    sim: row.get(10)?,
                    message: row.get(11)?,
                    message_state: row.get(12)?,
                    letter: row.get(13)?,
                    actor: row.get(14)?,
                    reason: row.get(15)?,
                })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_of_consent_only_grows() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("k.db")).unwrap();
        store.begin().unwrap();
        let line = ConsentRow::of(Msisdn::from_u64(6281200000001), ConsentKind::OptedIn, "citizen");
        store.enter_consent(&line, Timestamp::UNIX_EPOCH).unwrap();
        store.commit().unwrap();
        for tampering in [
            "UPDATE consents SET kind = 'opted_out'",
            "UPDATE consents SET number = 6281200000002",
            "UPDATE consents SET number = NULL",
            "UPDATE consents SET number = NULL, digest = zeroblob(32), reason = 'x'",
            "DELETE FROM consents",
        ] {
            assert!(store.connection.execute(tampering, []).is_err(), "{tampering}");
        }
        let erased = store.connection.execute("UPDATE consents SET number = NULL, digest = zeroblob(32)", []);
        assert_eq!(erased.unwrap(), 1);
        assert!(store.connection.execute("UPDATE consents SET digest = NULL, number = 1", []).is_err());
    }
}
