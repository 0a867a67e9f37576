use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::{Break, Head, RecordView};
use super::*;

fn who(n: u64) -> Msisdn {
    Msisdn::from_u64(6_281_200_000_000 + n)
}

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

fn record(store: &Store, kind: &str, number: Option<Msisdn>, detail: &str) {
    let event = EventRow { actor: "siti", kind, number, detail, ..EventRow::default() };
    store.record(&event, time(7)).unwrap();
}

/// What [`erase`] leaves out where it was not asked to leave a trace.
fn erase(store: &Store, number: Msisdn) {
    store.begin().unwrap();
    let erased = store.erase_number(number).unwrap();
    record(store, PERSON_ERASED, None, &erased.detail("surat: "));
    store.commit().unwrap();
}

fn broken(path: &Path, noted: Option<Head>) -> Option<Break> {
    Reader::open(path).unwrap().verify_chain(noted).unwrap().broken
}

/// A ledger as the program before this schema left it: chained events, one in three with a number; with `unlinked`, the first six
/// are older than the chain.
fn old_ledger(unlinked: bool) -> (tempfile::TempDir, PathBuf, Head) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../schema/0001_first.sql")).unwrap();
    let mut before = Link::NONE;
    let mut add = |range: std::ops::RangeInclusive<i64>, linked: bool| {
        for id in range {
            let number = (id % 3 == 0).then(|| who(id as u64).as_u64().cast_signed());
            let detail = format!("peristiwa {id}");
            let (actor, kind) = ("citizen", "opted_out");
            let event = Event {
                id,
                at_ms: id,
                actor,
                kind,
                job: None,
                message: None,
                sim: None,
                number,
                detail: &detail,
                sealed: None,
            };
            before = before.then(&event);
            old.execute(
                "INSERT INTO events (id, at_ms, actor, kind, number, detail) VALUES (?1, ?1, ?2, ?3, ?4, ?5)",
                params![id, actor, kind, number, detail],
            )
            .unwrap();
            if linked {
                old.execute_batch("DROP TRIGGER events_are_never_changed").unwrap();
                old.execute("UPDATE events SET link = ?2 WHERE id = ?1", params![id, before.0]).unwrap();
                old.execute_batch(TRIGGER).unwrap();
            }
        }
    };
    if unlinked {
        add(1..=6, false);
    }
    old.execute_batch(include_str!("../schema/0002_chain.sql")).unwrap();
    add(if unlinked { 7..=12 } else { 1..=12 }, true);
    old.execute_batch(include_str!("../schema/0003_care.sql")).unwrap();
    old.execute_batch(include_str!("../schema/0004_alarms.sql")).unwrap();
    old.execute_batch("PRAGMA user_version = 4").unwrap();
    (folder, path, Head { event: 12, link: before })
}

const TRIGGER: &str = "CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
                       BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END";

/// Opens a ledger as the engine does.
fn open(path: &Path) -> Store {
    let store = Store::open(path).unwrap();
    store.begin().unwrap();
    store.seal_record(time(0)).unwrap();
    store.commit().unwrap();
    store
}

#[test]
fn an_erased_number_is_nowhere_in_the_record_and_the_chain_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.db");
    let store = open(&path);
    store.begin().unwrap();
    for n in [1, 2, 1, 3] {
        record(&store, "opted_out", Some(who(n)), "");
    }
    store.commit().unwrap();
    let noted = Reader::open(&path).unwrap().chain_head().unwrap();
    erase(&store, who(1));
    assert_eq!(broken(&path, noted), None);
    let mut numbers = Vec::new();
    let each = |event: RecordView| {
        numbers.extend(event.number);
        ControlFlow::Continue(())
    };
    Reader::open(&path).unwrap().record(Timestamp::MIN, Timestamp::MAX, each).unwrap();
    assert_eq!(numbers, [who(2).to_string(), who(3).to_string()]);
}

#[test]
fn ledgers_from_before_verify_before_and_after_their_numbers_are_erased() {
    for unlinked in [false, true] {
        let (_folder, path, noted) = old_ledger(unlinked);
        assert_eq!(broken(&path, Some(noted)), None, "as it was left");
        let store = open(&path);
        assert_eq!(broken(&path, Some(noted)), None, "as it is opened");
        store.begin().unwrap();
        record(&store, "opted_out", Some(who(3)), "");
        store.commit().unwrap();
        for number in [3, 9, 12] {
            erase(&store, who(number));
            assert_eq!(broken(&path, Some(noted)), None, "unlinked {unlinked}, without {number}");
        }
        drop(store);
        drop(open(&path));
        let view = Reader::open(&path).unwrap().verify_chain(Some(noted)).unwrap();
        let expected = if unlinked { 6 } else { 0 };
        assert_eq!((view.broken, view.events, view.unlinked), (None, 17, expected), "and opened once more");
    }
}

/// A ledger from before, of which numbers 3 and 9 were erased, and number 20 of this program's events. Events: 1 to 12 from
/// before, 13 the digest over them, 14 to 16, then three erasures.
struct Tampered {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Tampered {
    fn new() -> Self {
        let (folder, path, _) = old_ledger(true);
        let store = open(&path);
        store.begin().unwrap();
        record(&store, "opted_out", Some(who(20)), "satu");
        record(&store, "opted_out", Some(who(21)), "dua");
        record(&store, "paused", None, "tiga");
        store.commit().unwrap();
        for number in [3, 9, 20] {
            erase(&store, who(number));
        }
        Self { _folder: folder, path }
    }

    /// What is found after somebody was at a copy of it with another program.
    fn after(&self, tampering: &str) -> Option<Break> {
        let copy = self.path.with_extension("copy");
        std::fs::copy(&self.path, &copy).unwrap();
        let hand = Connection::open(&copy).unwrap();
        hand.execute_batch("PRAGMA synchronous = OFF; DROP TRIGGER events_are_never_changed;").unwrap();
        hand.execute_batch("DROP TRIGGER events_are_never_deleted").unwrap();
        hand.execute_batch(tampering).unwrap();
        drop(hand);
        broken(&copy, None)
    }

    fn check(&self, tampering: &str, expected: Break) {
        assert_eq!(self.after(tampering), Some(expected), "{tampering}");
    }
}

#[test]
fn after_an_erasure_too_what_was_changed_removed_put_in_or_moved_is_named() {
    let ledger = Tampered::new();
    assert_eq!(ledger.after(""), None);
    let check = |tampering: &str, expected| ledger.check(tampering, expected);
    check("UPDATE events SET actor = 'budi' WHERE id = 18", Break::Changed { event: 18 });
    check("UPDATE events SET detail = 'lain' WHERE id = 18", Break::Emptied { event: 9 });
    for event in [3, 6, 9, 12, 14, 15, 16] {
        check(&format!("UPDATE events SET detail = 'lain' WHERE id = {event}"), Break::Changed { event });
        check(&format!("UPDATE events SET actor = 'budi' WHERE id = {event}"), Break::Changed { event });
        check(&format!("UPDATE events SET at_ms = at_ms + 1 WHERE id = {event}"), Break::Changed { event });
        check(&format!("DELETE FROM events WHERE id = {event}"), Break::Missing { expected: event, next: event + 1 });
    }
    let moved = "UPDATE events SET id = -1 WHERE id = {a}; UPDATE events SET id = {a} WHERE id = {b};
                 UPDATE events SET id = {b} WHERE id = -1";
    check(&moved.replace("{a}", "3").replace("{b}", "9"), Break::Changed { event: 3 });
    check(&moved.replace("{a}", "14").replace("{b}", "15"), Break::Changed { event: 14 });
    check(
        "UPDATE events SET id = id + 1 WHERE id = 19; INSERT INTO events (id, at_ms, actor, kind, detail, link)
         VALUES (19, 1, 'x', 'paused', '', zeroblob(32))",
        Break::Changed { event: 19 },
    );
}

#[test]
fn a_number_that_was_put_in_changed_or_taken_out_by_hand_is_named() {
    let ledger = Tampered::new();
    let check = |tampering: &str, expected| ledger.check(tampering, expected);
    // Numbers that are there.
    check("UPDATE event_numbers SET number = number + 1 WHERE event_id = 15", Break::Changed { event: 15 });
    check("UPDATE event_numbers SET number = number + 1 WHERE event_id = 6", Break::Changed { event: 6 });
    check("UPDATE event_numbers SET salt = zeroblob(16) WHERE event_id = 15", Break::Changed { event: 15 });
    check("UPDATE event_numbers SET salt = NULL WHERE event_id = 15", Break::Changed { event: 15 });
    check("DELETE FROM event_numbers WHERE event_id = 15", Break::Emptied { event: 15 });
    check("DELETE FROM event_numbers WHERE event_id = 12", Break::Emptied { event: 12 });
    // Numbers that were erased.
    check("INSERT INTO event_numbers VALUES (14, 62811, zeroblob(16))", Break::Changed { event: 14 });
    check("INSERT INTO event_numbers VALUES (9, 62811, NULL)", Break::Changed { event: 9 });
    check("INSERT INTO event_numbers VALUES (16, 62811, NULL)", Break::Changed { event: 16 });
    check("UPDATE events SET sealed = NULL WHERE id = 14", Break::Changed { event: 14 });
    check("UPDATE events SET number = 62811 WHERE id = 16", Break::Changed { event: 16 });
    // What holds the events from before.
    check("UPDATE old_events SET link = zeroblob(32) WHERE event_id = 3", Break::Changed { event: 3 });
    check("UPDATE old_events SET seal = zeroblob(32) WHERE event_id = 9", Break::Changed { event: 9 });
    check("DELETE FROM old_events WHERE event_id = 9", Break::Changed { event: 9 });
    check("DELETE FROM old_events", Break::Changed { event: 7 });
}

/// Whoever knows how digests are made writes them anew: for an event from before whose number was erased, and for one that is
/// said to be from before.
#[test]
fn digests_written_anew_do_not_fit_the_event_that_holds_them() {
    let (_folder, path, _) = old_ledger(false);
    let store = open(&path);
    erase(&store, who(3));
    store.begin().unwrap();
    record(&store, "paused", None, "sesudahnya");
    store.commit().unwrap();
    drop(store);
    let hand = Connection::open(&path).unwrap();
    hand.execute_batch("DROP TRIGGER events_are_never_changed").unwrap();
    let anew = |hand: &Connection| {
        let mut seal = OldSeal::default();
        let mut statement = hand.prepare(COLUMNS).unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut found = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let standing = standing(row).unwrap();
            if let Some(old) = &standing.old {
                seal.add(&standing.event, old.link);
                found.push((standing.event.id, seal.digest));
            }
        }
        for (event, seal) in found {
            hand.execute("UPDATE old_events SET seal = ?2 WHERE event_id = ?1", params![event, seal]).unwrap();
        }
    };
    hand.execute_batch("UPDATE events SET actor = 'budi' WHERE id = 3").unwrap();
    anew(&hand);
    assert_eq!(broken(&path, None), Some(Break::Changed { event: 13 }), "the event that holds the digest");
    hand.execute_batch(
        "UPDATE events SET actor = 'citizen' WHERE id = 3;
         UPDATE events SET detail = 'lain' WHERE id = 15;
         INSERT INTO old_events SELECT id, link, zeroblob(32) FROM events WHERE id = 15;",
    )
    .unwrap();
    anew(&hand);
    assert_eq!(broken(&path, None), Some(Break::Changed { event: 15 }), "nothing becomes old later");
}

#[test]
fn numbers_taken_out_by_age_are_explained_up_to_the_last_and_no_further() {
    let (_folder, path, noted) = old_ledger(false);
    let store = open(&path);
    store.begin().unwrap();
    for n in [20, 21] {
        record(&store, "opted_out", Some(who(n)), "");
    }
    assert_eq!(store.blank_old_event_numbers(time(8), 5, time(9)).unwrap(), 5);
    store.commit().unwrap();
    drop(store);
    assert_eq!(broken(&path, Some(noted)), None, "four of the time before and the first of these are gone");
    let hand = Connection::open(&path).unwrap();
    hand.execute_batch("DELETE FROM event_numbers").unwrap();
    assert_eq!(broken(&path, None), Some(Break::Emptied { event: 15 }));
}
