//! Numbers of events, and how one is taken out of the record without breaking its chain.
//!
//! An event's number stands in a table of its own, beside a salt. The event itself carries a seal, SHA-256 over both, and the chain
//! covers the seal. While the number is there, everyone can see that it is the one that was sealed; erasing it removes number and
//! salt, and what stays tells nothing. An erasure is an event that names the events it emptied: a number that is gone without
//! one shows.
//!
//! Events from before carry no seal: their links are over the number. For those, when the ledger is first opened by a program that
//! seals, a digest over what stays of them is taken, and a new event holds it (`record_sealed`). Once their number is erased their link
//! is taken as it stands, and their content is held against that digest.

use std::collections::BTreeSet;

use rusqlite::params;
use sha2::{Digest, Sha256};

use super::chain::{COLUMNS, Event, Link, Standing, standing};
use super::{EventRow, Reader, Store, StoreError};
use crate::model::{Msisdn, Timestamp};

/// The number of an event.
pub(super) struct Number {
    pub number: i64,
    /// `None`: of an event without a seal.
    pub salt: Option<[u8; 16]>,
}

impl Number {
    /// The seal over it.
    pub(super) fn sealed(&self) -> Option<[u8; 32]> {
        let salt = self.salt.as_ref()?;
        let digest = Sha256::new_with_prefix(b"number").chain_update(salt).chain_update(self.number.to_be_bytes());
        Some(digest.finalize().into())
    }

    /// Whether it is the one under this seal.
    pub(super) fn opens(&self, sealed: &[u8; 32]) -> bool {
        self.sealed().as_ref() == Some(sealed)
    }
}

/// What is kept of an event from before that has a number.
pub(super) struct OldEvent {
    /// The link that it carries, or would carry if it were not older than the chain.
    pub link: Link,
    /// The digest over what stays of it, and of those before it.
    pub seal: [u8; 32],
}

/// Follows the digests of events from before up to the event that holds the last of them.
#[derive(Default)]
pub(super) struct OldSeal {
    digest: [u8; 32],
    /// The first event whose number is gone, while nothing holds its content.
    emptied: Option<i64>,
    closed: bool,
}

/// The event that holds the digest.
const RECORD_SEALED: &str = "record_sealed";

impl OldSeal {
    fn add(&mut self, event: &Event<'_>, link: Link) {
        self.digest = Link(self.digest).then(&Event { number: None, ..*event }).0;
        self.digest = Sha256::new_with_prefix(self.digest).chain_update(link.0).finalize().into();
    }

    /// `false`: the event is not what the digest was taken over.
    pub(super) fn follow(&mut self, standing: &Standing<'_>) -> bool {
        let event = &standing.event;
        let mut fits = true;
        if let Some(old) = &standing.old {
            self.add(event, old.link);
            // Nothing becomes old later.
            fits = self.digest == old.seal && !self.closed;
            if standing.number.is_none() {
                self.emptied.get_or_insert(event.id);
            }
        }
        if event.kind == RECORD_SEALED {
            fits &= !self.closed && event.detail.ends_with(&Link(self.digest).to_string());
            self.closed = true;
        }
        fits
    }

    /// An event whose number is gone though no event holds what stays of it.
    pub(super) fn unsealed(&self) -> Option<i64> {
        self.emptied.filter(|_| !self.closed)
    }
}

/// Which events were emptied, as the record itself says.
#[derive(Default)]
pub(super) struct Erasures {
    /// All up to this one, when they had been kept long enough.
    up_to: i64,
    /// These, at the request of a number's owner.
    named: BTreeSet<i64>,
}

/// The kind of event that records the erasure of a person. Its detail ends in the list of the events it emptied: `[5, 9]`.
pub const PERSON_ERASED: &str = "person_erased";
/// The kind of event that records that numbers of events had been kept long enough. Its detail ends in the last one: `[812]`.
pub(super) const EVENT_NUMBERS_BLANKED: &str = "event_numbers_blanked";

impl Erasures {
    pub(super) fn explain(&self, event: i64) -> bool {
        event <= self.up_to || self.named.contains(&event)
    }

    fn read(&mut self, kind: &str, detail: &str) {
        let list = detail.rsplit_once('[').and_then(|(_, list)| list.strip_suffix(']')).unwrap_or_default();
        let events = list.split(", ").filter_map(|event| event.parse::<i64>().ok());
        match kind {
            PERSON_ERASED => self.named.extend(events),
            _ => self.up_to = self.up_to.max(events.max().unwrap_or(0)),
        }
    }
}

/// How a list of events stands at the end of a detail.
pub(super) fn listed(events: &[i64]) -> String {
    let events: Vec<String> = events.iter().map(i64::to_string).collect();
    format!("[{}]", events.join(", "))
}

impl Reader {
    pub(super) fn erasures(&self) -> Result<Erasures, StoreError> {
        let mut erasures = Erasures::default();
        self.each(
            "SELECT kind, detail FROM events WHERE kind IN (?1, ?2)",
            [PERSON_ERASED, EVENT_NUMBERS_BLANKED],
            |row| {
                erasures.read(row.get_ref(0)?.as_str().unwrap_or(""), row.get_ref(1)?.as_str().unwrap_or(""));
                Ok(())
            },
        )?;
        Ok(erasures)
    }
}

impl Store {
    /// A number for the event that comes next, with its salt.
    pub(super) fn seal(&self, number: Msisdn, event: i64, before: &Link) -> Number {
        let digest = self.key.digest("salt", &[before.0.as_slice(), &event.to_be_bytes()].concat());
        let mut salt = [0; 16];
        salt.copy_from_slice(&digest[..16]);
        Number { number: number.as_u64().cast_signed(), salt: Some(salt) }
    }

    pub(super) fn keep_event_number(&self, event: i64, number: &Number) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO event_numbers (event_id, number, salt) VALUES (?1, ?2, ?3)",
            params![event, number.number, number.salt],
        )
        .map(drop)
    }

    /// Takes the digest over the events from before, once in the life of a ledger; those of a new one are none.
    pub fn seal_record(&self, now: Timestamp) -> Result<(), StoreError> {
        let sealed = self.one("SELECT 1 FROM chain_start WHERE record_sealed = 1", [], |_| Ok(()))?;
        if sealed.is_some() {
            return Ok(());
        }
        let mut seal = OldSeal::default();
        let mut before = Link::NONE;
        let mut old = Vec::new();
        self.all(COLUMNS, [], |row| {
            let Standing { event, link, number, .. } = standing(row)?;
            let stands = link.unwrap_or_else(|| before.then(&event));
            if event.sealed.is_none() && number.is_some() {
                seal.add(&event, stands);
                old.push((event.id, stands.0, seal.digest));
            }
            before = stands;
            Ok(())
        })?;
        for (event, link, seal) in &old {
            self.run("INSERT INTO old_events (event_id, link, seal) VALUES (?1, ?2, ?3)", params![event, link, seal])?;
        }
        self.run("UPDATE chain_start SET record_sealed = 1", [])?;
        let detail = format!("{} events from before with a number: {}", old.len(), Link(seal.digest));
        self.record(&EventRow { actor: "engine", kind: RECORD_SEALED, detail: &detail, ..EventRow::default() }, now)
            .map(drop)
    }
}

#[cfg(test)]
mod tests;
