//! The chain over the record of events: what makes tampering show.
//!
//! Each event carries a link, SHA-256 over the link before it and the event's own content. Whoever changes, removes, puts
//! in or moves an event afterwards breaks the chain there. Whoever writes all later links anew as well, or cuts events off the end, is found
//! only by comparing with a link that was noted elsewhere: the daemon logs the newest one when it starts and stops, and
//! [`Reader::verify_chain`] takes it. An event's number stands apart, under a seal that the link covers, so that it can be erased
//! (`seal.rs`). Left out on purpose: keys. A key on the same machine would be read by the same hand.

use std::fmt;
use std::str::FromStr;

use rusqlite::Row;
use sha2::{Digest, Sha256};

use super::seal::{Erasures, Number, OldEvent, OldSeal};
use super::{Reader, Store, StoreError};

/// SHA-256 over an event and everything before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Link(pub(super) [u8; 32]);

impl Link {
    /// Before the first event.
    pub(super) const NONE: Link = Link([0; 32]);

    /// The link of `event` after this one. Every field goes in with its kind and length: no two contents look alike.
    pub(super) fn then(&self, event: &Event<'_>) -> Link {
        let mut digest = Sha256::new();
        digest.update(self.0);
        for number in [Some(event.id), Some(event.at_ms), event.job, event.message, event.sim, event.number] {
            match number {
                Some(number) => {
                    digest.update([1]);
                    digest.update(number.to_be_bytes());
                }
                None => digest.update([0]),
            }
        }
        for text in [event.actor, event.kind, event.detail] {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text.as_bytes());
        }
        if let Some(sealed) = &event.sealed {
            digest.update([2]);
            digest.update(sealed);
        }
        Link(digest.finalize().into())
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({self})")
    }
}

/// An event as it is chained.
#[derive(Clone, Copy)]
pub(super) struct Event<'a> {
    pub id: i64,
    pub at_ms: i64,
    pub actor: &'a str,
    pub kind: &'a str,
    pub job: Option<i64>,
    pub message: Option<i64>,
    pub sim: Option<i64>,
    /// Only of events from before numbers were sealed.
    pub number: Option<i64>,
    pub detail: &'a str,
    /// The seal over its number.
    pub sealed: Option<[u8; 32]>,
}

/// An event as it stands in the ledger, with what stands apart from it.
pub(super) struct Standing<'a> {
    pub event: Event<'a>,
    pub link: Option<Link>,
    pub number: Option<Number>,
    pub old: Option<OldEvent>,
}

pub(super) const COLUMNS: &str =
    "SELECT events.id, at_ms, actor, kind, job_id, message_id, sim_id, events.number, detail,
                              events.link, sealed, event_numbers.number, salt, old_events.link, seal
                       FROM events LEFT JOIN event_numbers ON event_numbers.event_id = events.id
                            LEFT JOIN old_events ON old_events.event_id = events.id
                       ORDER BY events.id";

/// The same of a ledger that was never opened by a program that seals numbers.
const OLD_COLUMNS: &str = "SELECT id, at_ms, actor, kind, job_id, message_id, sim_id, number, detail, link,
                                  NULL, NULL, NULL, NULL, NULL
                           FROM events
                           ORDER BY id";

/// A row of [`COLUMNS`]. A value of the wrong type was not written by us: it is read as empty, and the link will not fit.
pub(super) fn standing<'r>(row: &'r Row<'_>) -> rusqlite::Result<Standing<'r>> {
    let text = |column: usize| row.get_ref(column).ok().and_then(|value| value.as_str().ok()).unwrap_or_default();
    let number = |column: usize| row.get_ref(column).ok().and_then(|value| value.as_i64().ok());
    let octets = |column: usize| row.get_ref(column).ok().and_then(|value| value.as_blob().ok());
    let digest = |column: usize| octets(column).and_then(|octets| <[u8; 32]>::try_from(octets).ok());
    let apart = number(11).map(|number| Number { number, salt: octets(12).and_then(|salt| salt.try_into().ok()) });
    let sealed = digest(10);
    Ok(Standing {
        event: Event {
            id: row.get(0)?,
            at_ms: number(1).unwrap_or_default(),
            actor: text(2),
            kind: text(3),
            job: number(4),
            message: number(5),
            sim: number(6),
            // Where there is no seal the link is over the number itself.
            number: number(7).or(apart.as_ref().filter(|_| sealed.is_none()).map(|apart| apart.number)),
            detail: text(8),
            sealed,
        },
        link: digest(9).map(Link),
        number: apart,
        old: digest(13).zip(digest(14)).map(|(link, seal)| OldEvent { link: Link(link), seal }),
    })
}

/// The newest link, and the event that carries it. Written `ID:LINK`, as the log and `kentongan audit verify` show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The event.
    pub event: i64,
    /// Its link.
    pub link: Link,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.event, self.link)
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is not ID:LINK, a number and 64 hexadecimal digits as `audit verify` prints them");
        let (event, link) = text.trim().split_once(':').ok_or_else(wrong)?;
        let mut octets = [0; 32];
        if link.len() != 64 || !link.is_ascii() {
            return Err(wrong());
        }
        for (place, octet) in octets.iter_mut().enumerate() {
            *octet = u8::from_str_radix(&link[2 * place..2 * place + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Head { event: event.parse().map_err(|_| wrong())?, link: Link(octets) })
    }
}

/// What a look at the whole chain has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainView {
    /// Events there are.
    pub events: u64,
    /// Of these, how many are from before events were chained; the first link covers them together.
    pub unlinked: u64,
    /// The newest link.
    pub head: Option<Head>,
    /// The first thing that does not fit; `None`: all is as it was written.
    pub broken: Option<Break>,
}

/// The first place where the chain does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Events are missing: the numbers go on at `next` where `expected` belongs.
    Missing {
        /// The number that should come.
        expected: i64,
        /// The number that does.
        next: i64,
    },
    /// This event was changed, or put in, or moved, or what stands before it was.
    Changed {
        /// The event.
        event: i64,
    },
    /// This event carries no link, as if from before; yet it is newer.
    Unlinked {
        /// The event.
        event: i64,
    },
    /// The number of this event was taken out, and no erasure on record says so.
    Emptied {
        /// The event.
        event: i64,
    },
    /// The event of the noted link is not there, or carries another link: the record was cut off or written anew.
    NotAsNoted {
        /// What was noted.
        noted: Head,
    },
}

impl Store {
    /// The newest event's number and link; where none carries one yet, the digest over all that are there.
    pub(super) fn chain_head(&self) -> Result<Head, StoreError> {
        let newest = self.one("SELECT id, link FROM events ORDER BY id DESC LIMIT 1", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<[u8; 32]>>(1)?))
        })?;
        match newest {
            None => Ok(Head { event: 0, link: Link::NONE }),
            Some((event, Some(link))) => Ok(Head { event, link: Link(link) }),
            // Once in the life of a ledger that is older than the chain.
            Some((_, None)) => {
                let mut head = Head { event: 0, link: Link::NONE };
                self.all(COLUMNS, [], |row| {
                    let standing = standing(row)?;
                    head = Head { event: standing.event.id, link: head.link.then(&standing.event) };
                    Ok(())
                })?;
                Ok(head)
            }
        }
    }
}

impl Reader {
    /// The newest link; `None` while there is no event that carries one.
    pub fn chain_head(&self) -> Result<Option<Head>, StoreError> {
        let newest = self.all("SELECT id, link FROM events ORDER BY id DESC LIMIT 1", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<[u8; 32]>>(1)?))
        })?;
        Ok(newest.first().and_then(|(event, link)| link.map(|link| Head { event: *event, link: Link(link) })))
    }

    /// Follows the chain from the first event to the newest, and compares it with a link noted earlier, if one is given.
    /// Reads every event once, and keeps in mind only which numbers were erased.
    pub fn verify_chain(&self, noted: Option<Head>) -> Result<ChainView, StoreError> {
        let start = self.all("SELECT max(last_unlinked) FROM chain_start", [], |row| row.get::<_, Option<i64>>(0))?;
        let sealing = self.all("SELECT 1 FROM sqlite_schema WHERE name = 'event_numbers'", [], |_| Ok(()))?;
        let columns = if sealing.is_empty() { OLD_COLUMNS } else { COLUMNS };
        let mut walk = Walk {
            last_unlinked: start.first().copied().flatten().unwrap_or(0),
            before: Link::NONE,
            expected: 1,
            erasures: self.erasures()?,
            old: OldSeal::default(),
        };
        let mut view = ChainView { events: 0, unlinked: 0, head: None, broken: None };
        let mut found_noted = noted.is_none();
        self.each(columns, [], |row| {
            let standing = standing(row)?;
            view.events += 1;
            view.unlinked += u64::from(standing.link.is_none());
            let finding = walk.step(&standing);
            // What comes after is judged by what stands here: only the first fault is named.
            view.broken = view.broken.or(finding);
            view.head = standing.link.map(|link| Head { event: standing.event.id, link });
            found_noted |= noted.is_some() && noted == view.head;
            Ok(())
        })?;
        view.broken = view.broken.or(walk.old.unsealed().map(|event| Break::Changed { event }));
        if let (None, Some(noted), false) = (view.broken, noted, found_noted) {
            view.broken = Some(Break::NotAsNoted { noted });
        }
        Ok(view)
    }
}

/// A walk along the chain.
struct Walk {
    last_unlinked: i64,
    before: Link,
    expected: i64,
    erasures: Erasures,
    old: OldSeal,
}

impl Walk {
    /// Judges the next event.
    fn step(&mut self, standing: &Standing<'_>) -> Option<Break> {
        let Standing { event, link: stands, number, old } = standing;
        let changed = Break::Changed { event: event.id };
        let link = match old {
            // Its link is over a number that is no longer there.
            Some(old) if number.is_none() => old.link,
            _ => self.before.then(event),
        };
        let place = (event.id != self.expected).then_some(Break::Missing { expected: self.expected, next: event.id });
        let known = stands.or(old.as_ref().map(|old| old.link));
        let linked = match known {
            _ if stands.is_none() && event.id > self.last_unlinked => Some(Break::Unlinked { event: event.id }),
            Some(known) if known != link => Some(changed),
            _ => None,
        };
        let fits = match (event.sealed, number) {
            (Some(sealed), Some(number)) => number.opens(&sealed),
            _ => true,
        };
        let emptied = (event.sealed.is_some() || old.is_some()) && number.is_none();
        let unexplained = emptied && !self.erasures.explain(event.id);
        let sealed = self.old.follow(standing);
        self.before = stands.unwrap_or(link);
        self.expected = event.id.saturating_add(1);
        place
            .or(linked)
            .or((!fits || !sealed).then_some(changed))
            .or(unexplained.then_some(Break::Emptied { event: event.id }))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use rusqlite::Connection;

    use super::super::EventRow;
    use super::*;

    fn ledger(events: usize) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("k.db")).unwrap();
        write(&store, events);
        (folder, store)
    }

    fn write(store: &Store, events: usize) {
        store.begin().unwrap();
        for n in 0..events {
            let detail = format!("perubahan {n}");
            let row = EventRow { actor: "siti", kind: "paused", detail: &detail, ..EventRow::default() };
            store.record(&row, Timestamp::from_second(1_795_000_000 + n as i64).unwrap()).unwrap();
        }
        store.commit().unwrap();
    }

    /// What is found after someone has been at the file with another program.
    fn after(tampering: &str, noted: impl FnOnce(&Reader) -> Option<Head>) -> Option<Break> {
        let (folder, store) = ledger(9);
        let path = folder.path().join("k.db");
        let noted = noted(&Reader::open(&path).unwrap());
        drop(store);
        let hand = Connection::open(&path).unwrap();
        hand.execute_batch("DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_deleted;").unwrap();
        hand.execute_batch(tampering).unwrap();
        drop(hand);
        Reader::open(&path).unwrap().verify_chain(noted).unwrap().broken
    }

    #[test]
    fn an_untouched_record_holds_and_names_its_newest_link() {
        let (folder, store) = ledger(3);
        let reader = Reader::open(&folder.path().join("k.db")).unwrap();
        let view = reader.verify_chain(None).unwrap();
        assert_eq!((view.events, view.unlinked, view.broken), (3, 0, None));
        let noted = view.head.unwrap();
        assert_eq!(noted.event, 3);
        assert_eq!(noted.to_string().parse(), Ok(noted));
        write(&store, 4);
        let later = reader.verify_chain(Some(noted)).unwrap();
        assert_eq!((later.events, later.broken), (7, None), "the record goes on from what was noted");
        assert_eq!(reader.chain_head().unwrap(), later.head);
    }

    #[test]
    fn what_was_changed_removed_put_in_or_moved_is_named() {
        let nothing = |_: &Reader| None;
        let check = |tampering: &str, broken: Break| assert_eq!(after(tampering, nothing), Some(broken), "{tampering}");
        check("UPDATE events SET detail = 'lain' WHERE id = 4", Break::Changed { event: 4 });
        check("UPDATE events SET actor = 'budi' WHERE id = 1", Break::Changed { event: 1 });
        check("UPDATE events SET at_ms = at_ms + 1 WHERE id = 9", Break::Changed { event: 9 });
        check("UPDATE events SET number = 62811 WHERE id = 5", Break::Changed { event: 5 });
        check("DELETE FROM events WHERE id = 6", Break::Missing { expected: 6, next: 7 });
        check("DELETE FROM events WHERE id <= 2", Break::Missing { expected: 1, next: 3 });
        check(
            "DELETE FROM events WHERE id = 6; UPDATE events SET id = id - 1 WHERE id > 6",
            Break::Changed { event: 6 },
        );
        check(
            "UPDATE events SET id = -4 WHERE id = 4; UPDATE events SET id = 4 WHERE id = 5; UPDATE events SET id = 5 WHERE id = -4",
            Break::Changed { event: 4 },
        );
        check(
            "INSERT INTO events (at_ms, actor, kind, detail) VALUES (1, 'x', 'paused', '')",
            Break::Unlinked { event: 10 },
        );
        check(
            "INSERT INTO events (at_ms, actor, kind, detail, link) VALUES (1, 'x', 'paused', '', zeroblob(32))",
            Break::Changed { event: 10 },
        );
        check("UPDATE events SET link = NULL WHERE id = 3", Break::Unlinked { event: 3 });
    }

    #[test]
    fn what_was_cut_off_the_end_shows_by_the_link_that_was_noted() {
        let cut = "DELETE FROM events WHERE id > 6";
        assert_eq!(after(cut, |_| None), None, "a shorter record is sound in itself");
        let newest = |reader: &Reader| reader.chain_head().unwrap();
        assert!(matches!(after(cut, newest), Some(Break::NotAsNoted { noted: Head { event: 9, .. } })));
    }

    #[test]
    fn events_from_before_the_chain_are_covered_by_its_first_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(include_str!("schema/0001_first.sql")).unwrap();
        old.execute_batch(
            "PRAGMA user_version = 1;
             INSERT INTO events (at_ms, actor, kind, detail) VALUES (1, 'a', 'x', 'satu'), (2, 'b', 'x', 'dua');",
        )
        .unwrap();
        drop(old);
        write(&Store::open(&path).unwrap(), 2);
        let view = Reader::open(&path).unwrap().verify_chain(None).unwrap();
        assert_eq!((view.events, view.unlinked, view.broken), (4, 2, None));
        let hand = Connection::open(&path).unwrap();
        hand.execute_batch("DROP TRIGGER events_are_never_changed; UPDATE events SET detail = 'tiga' WHERE id = 2")
            .unwrap();
        let view = Reader::open(&path).unwrap().verify_chain(None).unwrap();
        assert_eq!(view.broken, Some(Break::Changed { event: 3 }));
    }

    #[test]
    fn a_noted_link_is_read_or_refused_with_its_form() {
        for wrong in ["", "7", "7:", "x:00", "7:zz", &format!("7:{}", "é".repeat(32)), &format!("7:{}", "0".repeat(63))]
        {
            assert!(wrong.parse::<Head>().unwrap_err().contains("ID:LINK"), "{wrong}");
        }
    }
}
