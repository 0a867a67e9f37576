//! Details of old jobs that leave for an archive: what stays adds up, what left is there whole, and nothing that is open or owed goes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::desk::*;
use crate::engine::event::*;
use crate::engine::{Rules, tend_archive};
use crate::model::*;
use crate::policy::{Limits, Retention};
use crate::store::archive::{ArchiveMade, ArchiveView, make};
use crate::store::{JobRef, Reader, Store, StoreError};

pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn file(desk: &Desk, name: &str) -> PathBuf {
    desk.ledger().with_file_name(name)
}

/// Asks for an archive of what ended more than 30 days ago; what the engine answers at once, if anything.
pub(super) fn ask(desk: &mut Desk, file: &Path) -> Option<Result<String, String>> {
    let before = desk.now.saturating_sub(DAY * 30).unwrap();
    ask_before(desk, file, before)
}

fn ask_before(desk: &mut Desk, file: &Path, before: Timestamp) -> Option<Result<String, String>> {
    let action = Action::Archive(NewArchive { file: file.display().to_string(), before });
    let act = Act { reply_to: Some(1), actor: "admin".to_owned(), reason: "basis data besar".to_owned(), action };
    desk.orders.retain(|order| !matches!(order, Order::Reply { .. }));
    desk.feed(vec![Event::Act(act)]);
    answer(desk)
}

pub(super) fn answer(desk: &Desk) -> Option<Result<String, String>> {
    desk.orders.iter().rev().find_map(|order| match order {
        Order::Reply { result, .. } => Some(result.clone()),
        _ => None,
    })
}

pub(super) fn last(desk: &Desk) -> ArchiveView {
    desk.reader().archives().unwrap().pop().unwrap()
}

/// What the daemon does beside the engine.
pub(super) fn making(desk: &Desk) -> Result<ArchiveMade, StoreError> {
    make(&desk.ledger(), &last(desk), desk.now, || true, |_| ())
}

/// The archive is made; the first details leave.
pub(super) fn made(desk: &mut Desk, file: &Path) {
    assert_eq!(ask(desk, file), None, "it takes its time");
    let made = Ok(making(desk).unwrap());
    desk.feed(vec![Event::Archive(ArchiveEvent::Made { archive: last(desk).id, made })]);
}

/// Time goes on until nothing is left to take out.
pub(super) fn work(desk: &mut Desk) {
    while last(desk).state == "leaving" {
        desk.now = desk.next_wake.unwrap().max(desk.now);
        desk.tick();
    }
}

/// The archive forgets what the ledger has forgotten.
pub(super) fn tend(desk: &mut Desk, rules: Retention) {
    let archive = last(desk);
    let erasures = desk.reader().erased_since(archive.tended_seq).unwrap();
    let tended = tend_archive(&archive, &desk.ledger(), &erasures, rules, desk.now, || true);
    let tended = tended.map_err(|error| error.to_string());
    desk.feed(vec![Event::Archive(ArchiveEvent::Tended { archive: archive.id, tended })]);
}

/// A job to numbers from `from`, delivered.
pub(super) fn delivered(desk: &mut Desk, text: &str, from: u32, count: u32) -> JobId {
    desk.connect("a");
    let job = desk.job(Class::Routine, text, from..from + count);
    for n in from..from + count {
        if !desk.air.contains_key(&name("a")) {
            desk.begin("a");
        }
        let tp_mr = desk.submit("a");
        desk.receive("a", report(tp_mr, &number(n).to_string(), 0, desk.now));
    }
    assert_eq!(desk.view(job).state, "done");
    job
}

/// A job to the first numbers that ended 40 days ago, and a newer one.
pub(super) fn old_and_new(desk: &mut Desk, count: u32) -> JobId {
    let old = delivered(desk, "Pajak", 0, count);
    desk.pass(DAY * 40);
    delivered(desk, "Rapat", 600, 1);
    old
}

/// The same, where the details of the old one lie in an archive: this file.
pub(super) fn archived(desk: &mut Desk, count: u32) -> (JobId, PathBuf) {
    let old = old_and_new(desk, count);
    let to = file(desk, "arsip.db");
    made(desk, &to);
    work(desk);
    (old, to)
}

pub(super) fn report_in(reader: &Reader, job: JobId) -> Vec<String> {
    let mut rows = Vec::new();
    reader
        .recipients(job, |view| {
            rows.push(format!("{view:?}"));
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

pub(super) fn sound(path: &Path) {
    assert_eq!(Reader::open(path).unwrap().verify_chain(None).unwrap().broken, None, "{}", path.display());
    crate::store::assert_whole(path);
}

#[test]
fn details_leave_bit_by_bit_over_every_crash_the_sum_stays_and_the_archive_has_the_whole_account() {
    let mut desk = Desk::new(free());
    let old = delivered(&mut desk, "Pajak", 0, 430);
    let other = delivered(&mut desk, "Vaksin", 500, 20);
    let (before, account) = (report_in(&desk.reader(), old), desk.view(old).messages);
    desk.pass(DAY * 40);
    let recent = delivered(&mut desk, "Rapat", 600, 3);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    assert!(answer(&desk).unwrap().unwrap().contains("has the details of 2 jobs"));
    let mut bites = 0;
    while last(&desk).state == "leaving" {
        let left = desk.recipients(old).len() + desk.recipients(other).len();
        assert_eq!(desk.view(old).messages, account, "at any moment");
        desk.crash();
        // The daemon looks at every archive after a start.
        tend(&mut desk, Retention::default());
        assert!(desk.recipients(old).len() + desk.recipients(other).len() + 200 >= left, "a bounded bit at a time");
        bites += 1;
        assert!(bites < 20, "it comes to an end");
    }
    assert!(bites >= 2, "{bites}");
    let view = desk.view(old);
    assert_eq!((view.messages, view.details_in.as_deref()), (account, to.to_str()));
    assert_eq!((desk.recipients(old).len(), desk.recipients(other).len(), desk.recipients(recent).len()), (0, 0, 3));
    let archive = Reader::open(&to).unwrap();
    assert_eq!(report_in(&archive, old), before);
    let there = archive.job(&JobRef::Id(old)).unwrap().unwrap();
    assert!(there.adds_up() && there.details_in.is_none());
    let elsewhere = archive.job(&JobRef::Id(recent)).unwrap().unwrap();
    assert_eq!((elsewhere.details_in.as_deref(), report_in(&archive, recent).len()), (desk.ledger().to_str(), 0));
    sound(&to);
    sound(&desk.ledger());
    let (bytes, digest) = crate::store::archive::digest_of(&to, || true).unwrap();
    let record = desk.recorded("archive_made").remove(0);
    assert!(record.contains(&digest) && record.contains(&format!("{bytes} octets")), "{record}");
    // The same file dropped again is still the same file.
    let again = desk.drop_job(header(Class::Routine, "Pajak"), vec![row(1, number(1))]);
    assert!(matches!(again, IntakeOrder::Known { job } if job == old), "{again:?}");
}

#[test]
fn nothing_that_is_open_or_lately_ended_or_the_newest_leaves() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let waiting = desk.job(Class::Routine, "Menunggu laporan", 0..1);
    desk.send_all();
    let doubtful = desk.job(Class::Routine, "Ragu", 1..2);
    desk.begin("a");
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    let done = delivered(&mut desk, "Selesai", 10, 2);
    let newest = delivered(&mut desk, "Terbaru", 30, 1);
    desk.act(Action::Pause(Scope::All)).unwrap();
    let held = desk.job(Class::Routine, "Ditahan", 20..22);
    let to = file(&desk, "arsip.db");
    let today = desk.now;
    assert!(ask_before(&mut desk, &to, today).unwrap().unwrap_err().contains("30 days"));
    desk.now = desk.now.saturating_add(DAY * 2).unwrap();
    assert_eq!(desk.count(waiting, State::Submitted), 1);
    // Of what waits for a report nothing is known yet: the sessions are asked for no more than two days here.
    let early = desk.now.saturating_sub(DAY * 30).unwrap();
    assert_eq!(ask_before(&mut desk, &to, early), None);
    let error = making(&desk).unwrap_err().to_string();
    assert!(error.contains("nothing to archive"), "{error}");
    let id = last(&desk).id;
    desk.feed(vec![Event::Archive(ArchiveEvent::Made { archive: id, made: Err(error) })]);
    assert!(answer(&desk).unwrap().is_err() && last(&desk).state == "failed");
    desk.now = desk.now.saturating_add(DAY * 40).unwrap();
    made(&mut desk, &to);
    work(&mut desk);
    assert!(desk.recipients(done).is_empty());
    for kept in [doubtful, newest, held] {
        assert!(desk.view(kept).details_in.is_none() && !desk.recipients(kept).is_empty(), "{kept}");
    }
    sound(&desk.ledger());
}

#[test]
fn whoever_was_named_last_stays_so_that_no_number_of_a_row_is_given_twice() {
    let mut desk = Desk::new(free());
    let old = delivered(&mut desk, "Pajak", 0, 1);
    delivered(&mut desk, "Rapat", 1, 1);
    desk.act(Action::Pause(Scope::All)).unwrap();
    let nobody = desk.job(Class::Routine, "Vaksin", 2..3);
    desk.act(Action::Cancel(nobody)).unwrap();
    assert_eq!((desk.view(nobody).state.as_str(), desk.count(nobody, State::Cancelled)), ("cancelled", 1));
    desk.pass(DAY * 40);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    work(&mut desk);
    assert_eq!((desk.recipients(old).len(), desk.recipients(nobody).len()), (0, 1));
}

#[test]
fn an_emergency_goes_out_at_once_while_details_leave() {
    let mut desk = Desk::new(free());
    old_and_new(&mut desk, 450);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    assert_eq!(last(&desk).state, "leaving");
    desk.job(Class::Emergency, "Banjir", 700..701);
    assert!(desk.ready.contains_key(&name("a")), "it is with the modem, and the details are still leaving");
    assert_eq!(last(&desk).state, "leaving");
}

#[test]
fn without_an_archive_nothing_leaves() {
    let mut desk = Desk::new(free());
    let old = old_and_new(&mut desk, 3);
    let (there, nowhere) = (file(&desk, "ada.db"), file(&desk, "tidak-ada/arsip.db"));
    std::fs::write(&there, "something else").unwrap();
    for (to, why) in [(&there, "there is a file of this name"), (&nowhere, "No such file")] {
        assert_eq!(ask(&mut desk, to), None);
        let error = making(&desk).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains("nothing was taken out"), "{error}");
        let id = last(&desk).id;
        desk.feed(vec![Event::Archive(ArchiveEvent::Made { archive: id, made: Err(error) })]);
        desk.pass(DAY);
        assert_eq!((desk.recipients(old).len(), last(&desk).state.as_str()), (3, "failed"));
    }
    assert_eq!(std::fs::read(&there).unwrap(), b"something else");
    assert_eq!(ask(&mut desk, Path::new("arsip.db")).unwrap().unwrap_err(), "arsip.db is no whole path");
    // One that was being made when the daemon was killed is made after the start.
    let to = file(&desk, "arsip.db");
    assert_eq!(ask(&mut desk, &to), None);
    desk.crash();
    let id = last(&desk).id;
    let made = making(&desk).map_err(|error| error.to_string());
    desk.feed(vec![Event::Archive(ArchiveEvent::Made { archive: id, made })]);
    work(&mut desk);
    assert!(desk.recipients(old).is_empty() && to.exists());
}

#[test]
fn who_is_erased_is_taken_out_of_the_archive_too_and_one_that_is_not_reached_is_on_record() {
    let mut desk = Desk::new(free());
    let (old, to) = archived(&mut desk, 3);
    let held = desk.reader().person(number(1)).unwrap();
    assert!(held.messages.is_empty() && !held.is_empty());
    assert_eq!(held.archives[0].messages[0].text.as_deref(), Some("Pajak"));
    let told = desk.act(Action::Erase(HandEntry::of(number(1)))).unwrap();
    assert!(told.contains(to.to_str().unwrap()), "{told}");
    let away = file(&desk, "di-lemari.db");
    std::fs::rename(&to, &away).unwrap();
    tend(&mut desk, Retention::default());
    tend(&mut desk, Retention::default());
    assert_eq!(desk.recorded("archive_unreached").len(), 1, "once for one reason");
    assert!(last(&desk).trouble.is_some());
    // The opt-out is taken back before the archive is there again: it is erased all the same.
    desk.act(Action::OptIn(HandEntry::of(number(1)))).unwrap();
    std::fs::rename(&away, &to).unwrap();
    desk.pass(DAY);
    tend(&mut desk, Retention::default());
    assert_eq!(last(&desk).trouble, None);
    assert!(desk.reader().person(number(1)).unwrap().archives[0].messages.is_empty());
    let rows = report_in(&Reader::open(&to).unwrap(), old);
    assert!(
        rows.len() == 3 && !rows[1].contains(&number(1).digits()) && rows[2].contains(&number(2).digits()),
        "{rows:?}"
    );
    assert_eq!(last(&desk).digest, Some(crate::store::archive::digest_of(&to, || true).unwrap().1));
    let whole = std::fs::read(&to).unwrap();
    // SQLite keeps a number of this size in six octets.
    let holds = |n: u32| whole.windows(6).any(|window| *window == number(n).as_u64().to_be_bytes()[2..]);
    assert!(holds(2) && !holds(1), "not even in free pages");
    sound(&to);
    let left = desk.reader().erased_since(last(&desk).tended_seq).unwrap();
    assert_eq!(left.digests, BTreeSet::new(), "nothing is left to do");
}

#[test]
fn what_is_kept_only_so_long_is_kept_only_so_long_in_an_archive() {
    let days = |days: i32| Some(DAY * days);
    let kept = Retention { texts: days(50), inbound: None, numbers: days(90) };
    let mut desk = Desk::new(Rules { retention: kept, ..free() });
    let old = delivered(&mut desk, "Pajak jatuh tempo", 0, 3);
    desk.pass(DAY * 40);
    delivered(&mut desk, "Rapat", 600, 1);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    work(&mut desk);
    tend(&mut desk, kept);
    let says = |desk: &Desk| {
        let archive = Reader::open(&to).unwrap();
        let named = report_in(&archive, old).iter().filter(|row| row.contains("62812")).count();
        (archive.texts_of(old, true, 3).unwrap().concat(), named, last(desk).trouble)
    };
    assert_eq!(says(&desk), ("Pajak jatuh tempo".to_owned(), 3, None));
    desk.pass(DAY * 11);
    tend(&mut desk, kept);
    assert_eq!(says(&desk), (String::new(), 3, None));
    desk.pass(DAY * 50);
    tend(&mut desk, kept);
    assert_eq!(says(&desk), (String::new(), 0, None));
    sound(&to);
    assert_eq!(desk.recorded("archive_tended").len(), 2, "only where something was changed");
}

#[test]
fn in_an_archive_stands_nothing_of_people_but_the_details_of_its_jobs() {
    let mut desk = Desk::new(free());
    delivered(&mut desk, "Pajak", 0, 3);
    desk.hear("a", &full(number(77)), "Saya lapor jalan rusak");
    desk.hear("a", &full(number(78)), "Tolong stop pak");
    desk.pass(DAY * 40);
    let recent = delivered(&mut desk, "Rapat", 600, 2);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    work(&mut desk);
    let archive = Reader::open(&to).unwrap();
    assert!(archive.opt_outs(9).unwrap().is_empty());
    assert!(archive.inbox(9).unwrap().iter().all(|text| text.from.is_empty() && text.text.is_empty()));
    assert_eq!(archive.texts_of(recent, true, 3).unwrap().concat(), "");
    let octets = std::fs::read(&to).unwrap();
    assert!(!octets.windows(11).any(|window| window == b"jalan rusak"));
    // SQLite keeps a number of this size in six octets.
    let holds = |n: u32| octets.windows(6).any(|window| *window == number(n).as_u64().to_be_bytes()[2..]);
    assert!(holds(1) && !holds(77) && !holds(78) && !holds(600), "not even in free pages");
    assert!(!octets.windows(15).any(|window| window == b"Tolong stop pak"), "nor what was written to leave");
    assert_eq!(desk.reader().consents(number(78)).unwrap()[0].text.as_deref(), Some("Tolong stop pak"));
    assert!(matches!(Store::open(&to), Err(StoreError::IsArchive { .. })), "no daemon works on it");
    assert_eq!(std::fs::read(&to).unwrap(), octets, "and it is left as it is on record");
    let survey = crate::store::restore::survey(&to, &desk.ledger(), None);
    assert!(matches!(survey, Err(StoreError::IsArchive { .. })), "nor is it a backup");
}

#[test]
fn a_late_report_for_what_has_left_is_kept_like_any_that_fits_nothing() {
    let mut desk = Desk::new(free());
    let (old, _) = archived(&mut desk, 1);
    let account = desk.view(old).messages;
    desk.receive("a", report(1, &number(0).to_string(), 0x46, desk.now));
    assert_eq!(desk.view(old).messages, account);
    assert_eq!(desk.recorded("report_orphan").len(), 1);
    sound(&desk.ledger());
}

#[test]
fn what_leaves_takes_nothing_from_the_counts_of_today() {
    let limits = Limits { per_day: 5, ..Limits::NONE };
    let mut desk = Desk::new(Rules { limits, ..free() });
    let old = delivered(&mut desk, "Pajak", 0, 3);
    desk.pass(DAY * 40);
    delivered(&mut desk, "Rapat", 600, 3);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    work(&mut desk);
    assert!(desk.recipients(old).is_empty());
    desk.crash();
    desk.connect("a");
    desk.job(Class::Routine, "Vaksin", 700..710);
    assert_eq!(desk.send_all().values().sum::<usize>(), 2);
}

#[test]
fn numbers_of_messages_are_not_counted_over_what_has_left() {
    let mut desk = Desk::new(free());
    delivered(&mut desk, "Pajak", 0, 3);
    desk.pass(DAY * 40);
    delivered(&mut desk, "Rapat", 600, 2);
    let to = file(&desk, "arsip.db");
    let trail = |desk: &Desk| Store::open(&desk.ledger()).unwrap().trail(SimId(1), None, 64).unwrap();
    assert_eq!(trail(&desk).attempts.len(), 5);
    made(&mut desk, &to);
    let left = trail(&desk).attempts;
    assert_eq!(left.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [number(600), number(601)]);
}

#[test]
fn a_backup_from_before_an_archive_is_put_back_with_what_left_left() {
    let mut desk = Desk::new(free());
    let old = delivered(&mut desk, "Pajak", 0, 3);
    desk.act(Action::Pause(Scope::All)).unwrap();
    let open = desk.job(Class::Routine, "Vaksin", 10..12);
    let backup = desk.back_up();
    desk.act(Action::Resume(Scope::All)).unwrap();
    for n in 10..12 {
        if !desk.air.contains_key(&name("a")) {
            desk.begin("a");
        }
        let tp_mr = desk.submit("a");
        desk.receive("a", report(tp_mr, &number(n).to_string(), 0, desk.now));
    }
    desk.pass(DAY * 40);
    delivered(&mut desk, "Rapat", 600, 1);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    work(&mut desk);
    assert!(desk.recipients(open).is_empty());
    let survey = crate::store::restore::survey(&backup, &desk.ledger(), Some(&desk.ledger())).unwrap();
    assert_eq!(survey.jobs[0].since.get("archived"), Some(&2), "{:?}", survey.jobs);
    let restored = desk.put_back(&backup, |_| {});
    assert_eq!(restored.held_messages, 0);
    desk.connect("a");
    assert!(desk.send_all().is_empty(), "nothing goes out twice");
    for job in [old, open] {
        assert_eq!((desk.view(job).details_in.as_deref(), desk.recipients(job).len()), (to.to_str(), 0));
    }
    assert_eq!(last(&desk).state, "done");
    sound(&desk.ledger());
}
