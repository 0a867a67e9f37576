//! The chain over the record of events: what makes tampering show.
//!
//! Each event carries a link, SHA-256 over the link before it and the event's own content. Whoever changes, removes, puts
//! in or moves an event afterwards breaks the chain there. Whoever writes all later links anew as well, or cuts events off the end, is found
//! only by comparing with a link that was noted elsewhere: the daemon logs the newest one when it starts and stops, and
//! [`Reader::verify_chain`] takes it. Left out on purpose: keys. A key on the same machine would be read by the same hand.

use std::fmt;
use std::str::FromStr;

use rusqlite::Row;
use sha2::{Digest, Sha256};

use super::{Reader, Store, StoreError};

/// SHA-256 over an event and everything before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Link(pub(super) [u8; 32]);

impl Link {
    /// Before the first event.
    const NONE: Link = Link([0; 32]);

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
pub(super) struct Event<'a> {
    pub id: i64,
    pub at_ms: i64,
    pub actor: &'a str,
    pub kind: &'a str,
    pub job: Option<i64>,
    pub message: Option<i64>,
    pub sim: Option<i64>,
    pub number: Option<i64>,
    pub detail: &'a str,
}

const COLUMNS: &str = "SELECT id, at_ms, actor, kind, job_id, message_id, sim_id, number, detail, link
                       FROM events
                       ORDER BY id";

/// The chained content of a row of [`COLUMNS`], and the link that stands there. A value of the wrong type was not written by us:
/// it is read as empty, and the link will not fit.
fn read(row: &Row<'_>, before: Link) -> rusqlite::Result<(i64, Link, Option<Link>)> {
    let text = |column: usize| row.get_ref(column).ok().and_then(|value| value.as_str().ok()).unwrap_or_default();
    let number = |column: usize| row.get_ref(column).ok().and_then(|value| value.as_i64().ok());
    let event = Event {
        id: row.get(0)?,
        at_ms: number(1).unwrap_or_default(),
        actor: text(2),
        kind: text(3),
        job: number(4),
        message: number(5),
        sim: number(6),
        number: number(7),
        detail: text(8),
    };
    let stands = row.get_ref(9)?.as_blob().ok().and_then(|octets| octets.try_into().ok()).map(Link);
    Ok((event.id, before.then(&event), stands))
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
                    let (event, link, _) = read(row, head.link)?;
                    head = Head { event, link };
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
    /// Reads every event once, in constant memory.
    pub fn verify_chain(&self, noted: Option<Head>) -> Result<ChainView, StoreError> {
        let start = self.all("SELECT max(last_unlinked) FROM chain_start", [], |row| row.get::<_, Option<i64>>(0))?;
        let last_unlinked = start.first().copied().flatten().unwrap_or(0);
        let mut view = ChainView { events: 0, unlinked: 0, head: None, broken: None };
        let (mut before, mut expected, mut found_noted) = (Link::NONE, 1, noted.is_none());
        self.each(COLUMNS, [], |row| {
            let (event, link, stands) = read(row, before)?;
            view.events += 1;
            view.unlinked += u64::from(stands.is_none());
            let finding = match stands {
                _ if event != expected => Some(Break::Missing { expected, next: event }),
                None if event > last_unlinked => Some(Break::Unlinked { event }),
                Some(stands) if stands != link => Some(Break::Changed { event }),
                _ => None,
            };
            view.broken = view.broken.or(finding);
            view.head = stands.map(|link| Head { event, link });
            found_noted |= noted.is_some() && noted == view.head;
            // What comes after is judged by what stands here: only the first fault is named.
            before = stands.unwrap_or(link);
            expected = event.saturating_add(1);
            Ok(())
        })?;
        if let (None, Some(noted), false) = (view.broken, noted, found_noted) {
            view.broken = Some(Break::NotAsNoted { noted });
        }
        Ok(view)
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
