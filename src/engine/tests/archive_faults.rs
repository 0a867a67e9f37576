//! What goes wrong around archives: clocks, kills, late reports, lost keys, disks that are not there.

use std::path::Path;

use super::archive::*;
use super::desk::*;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Retention;

#[test]
fn an_erasure_that_is_committed_after_an_archive_was_looked_through_reaches_it_whatever_its_clock_says() {
    let mut desk = Desk::new(free());
    delivered(&mut desk, "Pajak", 0, 3);
    desk.pass(DAY * 40);
    delivered(&mut desk, "Rapat", 600, 1);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    work(&mut desk);
    desk.act(Action::Erase(HandEntry::of(number(1)))).unwrap();
    tend(&mut desk, Retention::default());
    // A call that began before the look and commits after it; or a clock that was set back.
    desk.now = desk.now.saturating_sub(SignedDuration::from_secs(3600)).unwrap();
    desk.act(Action::Erase(HandEntry::of(number(2)))).unwrap();
    desk.now = desk.now.saturating_add(SignedDuration::from_secs(3600)).unwrap();
    assert_eq!(desk.reader().erased_since(last(&desk).tended_seq).unwrap().digests.len(), 1);
    tend(&mut desk, Retention::default());
    for n in [1, 2] {
        assert!(desk.reader().person(number(n)).unwrap().archives[0].messages.is_empty(), "{n}");
    }
    // Who is erased a second time is looked for a second time.
    desk.act(Action::Erase(HandEntry::of(number(1)))).unwrap();
    assert_eq!(desk.reader().erased_since(last(&desk).tended_seq).unwrap().digests.len(), 1);
}
