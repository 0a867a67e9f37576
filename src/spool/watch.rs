//! Which files lie in the queue, and which of them are whole. Pure: it is told what was seen, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::time::Duration;

use tokio::time::Instant;

use super::folder::{Stamp, What};
use super::format::Kind;
use super::rejection::Fault;

/// A file in the queue: the unit's place in the settings, and the name.
pub(super) type Key = (usize, OsString);

/// How many times longer a file rests before it is whole when its writer is known to be at work.
const PATIENCE: u32 = 30;

/// Files above this are large: they may not take every place at once.
const LARGE: u64 = 1_000_000;

/// What is known of the files in the queue.
pub(super) struct Watch {
    entries: BTreeMap<Key, Entry>,
    /// Files that are whole and wait for their turn.
    line: BTreeSet<(Rank, u64, Key)>,
    turn: u64,
    settle: Duration,
    reopen: Duration,
}

struct Entry {
    stamp: Stamp,
    first_seen: Instant,
    unchanged_since: Instant,
    writer: Writer,
    phase: Phase,
}

/// What is known of whoever writes a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Writer {
    /// Nothing: the file was found lying there.
    Unseen,
    /// Made it here and has not closed it yet.
    AtWork,
    /// Has closed it, the last time at this moment.
    Closed(Instant),
    /// Has moved it here as a whole.
    Moved,
}

enum Phase {
    /// Perhaps still being written.
    Settling,
    /// In the line, at this place.
    Waiting(Rank, u64),
    /// Being read.
    Busy,
    /// Looked at and not taken; again at this time, or when something new comes into the folder.
    Held(Instant),
    /// Not ours to take.
    LeftAlone,
}

/// Text jobs first: they are small, and warnings come as texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Text,
    Small,
    Large,
}

impl Rank {
    fn of(name: &OsStr, size: u64) -> Self {
        match Kind::of(&name.to_string_lossy()) {
            _ if size > LARGE => Rank::Large,
            // One that is told by its content alone is a text, if it is anything.
            Ok(Kind::Text) | Err(Fault::Kind { .. }) => Rank::Text,
            _ => Rank::Small,
        }
    }
}

impl Entry {
    /// When it may join the line, as far as is known now.
    fn due(&self, settle: Duration, reopen: Duration) -> Option<Instant> {
        let whole = match self.writer {
            _ if self.stamp.what == What::Other => self.first_seen,
            Writer::Moved => self.first_seen,
            Writer::Closed(at) => at + reopen,
            Writer::Unseen => self.unchanged_since + settle,
            // A copy over a slow line may rest for long. For ever it does not: the word of its end may be lost.
            Writer::AtWork => self.unchanged_since + settle * PATIENCE,
        };
        match self.phase {
            Phase::Settling => Some(whole),
            Phase::Held(until) => Some(whole.max(until)),
            Phase::Waiting(..) | Phase::Busy | Phase::LeftAlone => None,
        }
    }
}

impl Watch {
    /// Watches nothing yet. A file that nobody was seen to close is whole when it has not changed for `settle`, and one that was closed
    /// when nobody has opened it again for `reopen`.
    pub(super) fn new(settle: Duration, reopen: Duration) -> Self {
        Self { entries: BTreeMap::new(), line: BTreeSet::new(), turn: 0, settle, reopen }
    }

    /// Takes in everything that lies in a unit's folder now.
    pub(super) fn see_all(&mut self, unit: usize, found: Vec<(OsString, Stamp)>, now: Instant) {
        let there: BTreeSet<&OsStr> = found.iter().map(|(name, _)| name.as_os_str()).collect();
        let gone: Vec<Key> = self
            .entries
            .iter()
            .filter(|((of, name), entry)| {
                *of == unit && !matches!(entry.phase, Phase::Busy) && !there.contains(name.as_os_str())
            })
            .map(|(key, _)| key.clone())
            .collect();
        gone.iter().for_each(|key| self.forget(key));
        for (name, stamp) in found {
            let key = (unit, name);
            self.see(&key, stamp, now);
            self.advance(&key, now);
        }
    }

    /// Takes in one file.
    fn see(&mut self, key: &Key, stamp: Stamp, now: Instant) {
        let entry = self.entries.entry(key.clone()).or_insert(Entry {
            stamp,
            first_seen: now,
            unchanged_since: now,
            writer: Writer::Unseen,
            phase: Phase::Settling,
        });
        if entry.stamp != stamp {
            if !entry.stamp.same_file(&stamp) {
                entry.first_seen = now;
            }
            (entry.stamp, entry.unchanged_since) = (stamp, now);
            if matches!(entry.writer, Writer::Closed(_) | Writer::Moved) {
                entry.writer = Writer::Unseen;
            }
            if let Phase::Waiting(rank, turn) = entry.phase {
                self.line.remove(&(rank, turn, key.clone()));
            }
            if !matches!(entry.phase, Phase::Busy) {
                entry.phase = Phase::Settling;
            }
        }
    }

    /// A file was closed by one who wrote to it.
    pub(super) fn closed(&mut self, key: &Key, stamp: Stamp, now: Instant) {
        self.finished(key, stamp, Writer::Closed(now), now);
    }

    /// A file was moved here.
    pub(super) fn moved(&mut self, key: &Key, stamp: Stamp, now: Instant) {
        self.finished(key, stamp, Writer::Moved, now);
    }

    fn finished(&mut self, key: &Key, stamp: Stamp, writer: Writer, now: Instant) {
        self.see(key, stamp, now);
        if let Some(entry) = self.entries.get_mut(key) {
            // An empty file was closed by a program that will open it again to fill it, as Windows shares do.
            entry.writer = if stamp.size > 0 { writer } else { Writer::Unseen };
        }
        self.advance(key, now);
    }

    /// A file was made here; unless it is the second name of one, somebody has it open.
    pub(super) fn made(&mut self, key: &Key, stamp: Stamp, now: Instant) {
        self.see(key, stamp, now);
        if let Some(entry) = self.entries.get_mut(key)
            && entry.writer == Writer::Unseen
            && stamp.what == What::File
            && !stamp.has_other_names()
        {
            entry.writer = Writer::AtWork;
        }
    }

    /// Words from the file system were lost: nobody knows who is at work.
    pub(super) fn lost_words(&mut self) {
        for entry in self.entries.values_mut() {
            if entry.writer == Writer::AtWork {
                entry.writer = Writer::Unseen;
            }
        }
    }

    /// Lets files that were held be looked at again: something has changed in their unit's folder.
    pub(super) fn stir(&mut self, unit: usize, now: Instant) {
        let held: Vec<Key> = self
            .entries
            .iter()
            .filter(|((of, _), entry)| *of == unit && matches!(entry.phase, Phase::Held(_)))
            .map(|(key, _)| key.clone())
            .collect();
        for key in held {
            if let Some(entry) = self.entries.get_mut(&key) {
                entry.phase = Phase::Held(now);
            }
            self.advance(&key, now);
        }
    }

    fn advance(&mut self, key: &Key, now: Instant) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if entry.due(self.settle, self.reopen).is_some_and(|due| now >= due) {
            let rank = Rank::of(&key.1, entry.stamp.size);
            self.turn += 1;
            entry.phase = Phase::Waiting(rank, self.turn);
            self.line.insert((rank, self.turn, key.clone()));
        }
    }

    /// Moves every file on whose time has come.
    pub(super) fn pass(&mut self, now: Instant) {
        let keys: Vec<Key> = self.entries.keys().cloned().collect();
        keys.iter().for_each(|key| self.advance(key, now));
    }

    /// When [`Watch::pass`] has something to do.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.entries.values().filter_map(|entry| entry.due(self.settle, self.reopen)).min()
    }

    /// The next file to read, which is busy from now on. `large`: whether a large one may be taken.
    pub(super) fn take(&mut self, large: bool) -> Option<Key> {
        let place = self.line.iter().find(|(rank, ..)| large || *rank != Rank::Large)?.clone();
        self.line.remove(&place);
        let key = place.2;
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.phase = Phase::Busy;
        }
        Some(key)
    }

    /// Whether the file counts as large.
    pub(super) fn is_large(&self, key: &Key) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.stamp.size > LARGE)
    }

    /// What the file was when last seen, and since when it is there.
    pub(super) fn known(&self, key: &Key) -> Option<(Stamp, Instant)> {
        self.entries.get(key).map(|entry| (entry.stamp, entry.first_seen))
    }

    /// The other files of a unit, with whether they are whole and free to be read.
    pub(super) fn beside<'a>(&'a self, key: &'a Key) -> impl Iterator<Item = (&'a OsStr, Beside)> {
        self.entries.range((key.0, OsString::new())..(key.0 + 1, OsString::new())).filter(move |(k, _)| *k != key).map(
            |((_, name), entry)| {
                let state = match entry.phase {
                    Phase::Settling => Beside::Settling,
                    Phase::Busy => Beside::Busy,
                    Phase::Waiting(..) | Phase::Held(_) | Phase::LeftAlone => Beside::Whole,
                };
                (name.as_os_str(), state)
            },
        )
    }

    /// The file has left the queue.
    pub(super) fn forget(&mut self, key: &Key) {
        if let Some(Entry { phase: Phase::Waiting(rank, turn), .. }) = self.entries.remove(key) {
            self.line.remove(&(rank, turn, key.clone()));
        }
    }

    /// The file was read and not taken; it is looked at again at `until`, or when it changes.
    pub(super) fn hold(&mut self, key: &Key, until: Instant) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.phase = Phase::Held(until);
        }
    }

    /// The file is not ours to take. `true` the first time.
    pub(super) fn leave_alone(&mut self, key: &Key) -> bool {
        self.entries.get_mut(key).is_some_and(|entry| {
            let first = !matches!(entry.phase, Phase::LeftAlone);
            entry.phase = Phase::LeftAlone;
            first
        })
    }
}

/// What is known of a file beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// Perhaps still being written.
    Settling,
    /// Being read as a job.
    Busy,
    /// Whole.
    Whole,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(2);
    const REOPEN: Duration = Duration::from_millis(300);

    struct Folder {
        dir: tempfile::TempDir,
        watch: Watch,
        start: Instant,
    }

    impl Folder {
        fn new() -> Self {
            Self { dir: tempfile::tempdir().unwrap(), watch: Watch::new(SETTLE, REOPEN), start: Instant::now() }
        }

        fn write(&self, name: &str, content: &str) {
            std::fs::write(self.dir.path().join(name), content).unwrap();
        }

        fn scan(&mut self, second: u64) {
            let found = super::super::folder::list(self.dir.path()).unwrap();
            let now = self.start + Duration::from_secs(second);
            self.watch.see_all(0, found, now);
            self.watch.pass(now);
        }

        /// Closed at this second, and left alone for as long as it takes.
        fn close(&mut self, name: &str, second: u64) {
            let stamp = Stamp::at(&self.dir.path().join(name)).unwrap();
            let at = self.start + Duration::from_secs(second);
            self.watch.closed(&(0, name.into()), stamp, at);
            self.watch.pass(at + REOPEN);
        }

        fn taken(&mut self) -> Option<String> {
            self.watch.take(true).map(|(_, name)| name.into_string().unwrap())
        }
    }

    #[test]
    fn a_file_that_grows_is_left_until_it_rests() {
        let mut folder = Folder::new();
        folder.write("a.csv", "1");
        folder.scan(0);
        folder.write("a.csv", "12");
        folder.scan(1);
        folder.scan(2);
        assert_eq!(folder.taken(), None);
        assert_eq!(folder.watch.next_due(), Some(folder.start + Duration::from_secs(3)));
        folder.scan(3);
        assert_eq!(folder.taken().as_deref(), Some("a.csv"));
        assert_eq!(folder.taken(), None, "a busy file is not taken twice");
    }

    #[test]
    fn a_writer_at_work_may_rest_for_a_minute() {
        let mut folder = Folder::new();
        folder.write("a.csv", "1");
        let key = (0, "a.csv".into());
        let stamp = Stamp::at(&folder.dir.path().join("a.csv")).unwrap();
        folder.watch.made(&key, stamp, folder.start);
        folder.scan(59);
        assert_eq!(folder.taken(), None);
        folder.scan(60);
        assert_eq!(folder.taken().as_deref(), Some("a.csv"));
        folder.write("b.csv", "1");
        let stamp = Stamp::at(&folder.dir.path().join("b.csv")).unwrap();
        folder.watch.made(&(0, "b.csv".into()), stamp, folder.start);
        folder.watch.lost_words();
        folder.scan(2);
        assert_eq!(folder.taken().as_deref(), Some("b.csv"));
    }

    #[test]
    fn a_file_that_was_closed_is_taken_soon_but_not_an_empty_one() {
        let mut folder = Folder::new();
        folder.write("a.csv", "1");
        folder.write("b.csv", "");
        folder.close("a.csv", 0);
        folder.close("b.csv", 0);
        assert_eq!(folder.taken().as_deref(), Some("a.csv"));
        assert_eq!(folder.taken(), None);
    }

    #[test]
    fn a_file_that_is_written_line_by_line_is_whole_when_it_is_not_opened_again_and_a_moved_one_at_once() {
        let mut folder = Folder::new();
        let key = (0, "a.csv".into());
        let at = |folder: &Folder, millis: u64| folder.start + Duration::from_millis(millis);
        let mut text = String::new();
        for millis in [0, 200, 400] {
            text.push('1');
            folder.write("a.csv", &text);
            let stamp = Stamp::at(&folder.dir.path().join("a.csv")).unwrap();
            let now = at(&folder, millis);
            folder.watch.pass(now);
            assert_eq!(folder.taken(), None, "after {millis} ms");
            folder.watch.closed(&key, stamp, now);
        }
        assert_eq!(folder.watch.next_due(), Some(at(&folder, 700)));
        folder.watch.pass(at(&folder, 700));
        assert_eq!(folder.taken().as_deref(), Some("a.csv"));
        folder.write("b.csv", "1");
        let stamp = Stamp::at(&folder.dir.path().join("b.csv")).unwrap();
        let now = at(&folder, 700);
        folder.watch.moved(&(0, "b.csv".into()), stamp, now);
        assert_eq!(folder.taken().as_deref(), Some("b.csv"));
    }

    #[test]
    fn texts_go_first_and_large_files_wait_for_a_place_of_theirs() {
        let mut folder = Folder::new();
        folder.write("a.csv", &"x".repeat(1_000_001));
        folder.write("b.csv", "x");
        folder.write("c.txt", "x");
        for name in ["a.csv", "b.csv", "c.txt"] {
            folder.close(name, 0);
        }
        assert_eq!(folder.taken().as_deref(), Some("c.txt"));
        assert_eq!(folder.watch.take(false), Some((0, "b.csv".into())));
        assert_eq!(folder.watch.take(false), None);
        assert_eq!(folder.taken().as_deref(), Some("a.csv"));
    }

    #[test]
    fn a_file_on_hold_is_looked_at_again_in_time_or_when_something_changes() {
        let mut folder = Folder::new();
        folder.write("a.csv", "1");
        folder.close("a.csv", 0);
        let key = folder.watch.take(true).unwrap();
        folder.watch.hold(&key, folder.start + Duration::from_secs(9));
        folder.scan(8);
        assert_eq!(folder.taken(), None);
        folder.scan(9);
        assert!(folder.taken().is_some());
        folder.watch.hold(&key, folder.start + Duration::from_secs(99));
        folder.watch.stir(0, folder.start + Duration::from_secs(10));
        assert!(folder.taken().is_some());
        folder.watch.hold(&key, folder.start + Duration::from_secs(99));
        std::fs::remove_file(folder.dir.path().join("a.csv")).unwrap();
        folder.scan(11);
        assert!(folder.watch.known(&key).is_none());
    }
}
