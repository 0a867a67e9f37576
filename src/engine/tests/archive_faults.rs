//! What goes wrong around archives: clocks, kills, late reports, lost keys, disks that are not there.

use super::archive::*;
use super::desk::*;
use crate::engine::event::*;
use crate::engine::tend_archive;
use crate::model::*;
use crate::policy::Retention;
use crate::store::{JobRef, Reader, Store, StoreError};

#[test]
fn an_erasure_that_is_committed_after_an_archive_was_looked_through_reaches_it_whatever_its_clock_says() {
    let mut desk = Desk::new(free());
    archived(&mut desk, 3);
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

#[test]
fn an_archive_that_got_its_name_before_a_kill_is_the_one_that_was_asked_for() {
    let mut desk = Desk::new(free());
    let old = old_and_new(&mut desk, 3);
    let to = file(&desk, "arsip.db");
    assert_eq!(ask(&mut desk, &to), None);
    let made = making(&desk).unwrap();
    let octets = std::fs::read(&to).unwrap();
    // Nobody has heard of it.
    desk.crash();
    assert_eq!(making(&desk).unwrap(), made);
    assert_eq!(std::fs::read(&to).unwrap(), octets, "it is taken as it is");
    let id = last(&desk).id;
    desk.feed(vec![Event::Archive(ArchiveEvent::Made { archive: id, made: Ok(made) })]);
    work(&mut desk);
    assert_eq!((desk.view(old).details_in.as_deref(), desk.recipients(old).len()), (to.to_str(), 0));
    // An archive of another day is a file like any other.
    desk.pass(DAY);
    assert_eq!(ask(&mut desk, &to), None);
    let error = making(&desk).unwrap_err().to_string();
    assert!(error.contains("there is a file of this name"), "{error}");
    assert_eq!(std::fs::read(&to).unwrap(), octets);
}

#[test]
fn an_archive_has_no_room_for_what_stays() {
    let mut desk = Desk::new(free());
    old_and_new(&mut desk, 3);
    desk.act(Action::Pause(Scope::All)).unwrap();
    for place in 0..20 {
        desk.job(Class::Routine, &format!("Vaksin {place}"), 1_000..1_500);
    }
    let whole = std::fs::metadata(desk.back_up()).unwrap().len();
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    let bytes = last(&desk).bytes;
    assert!(bytes * 2 < whole, "{bytes} of {whole}");
    let mut lying =
        Vec::from_iter(std::fs::read_dir(to.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()));
    lying.retain(|name| name.to_string_lossy().starts_with("arsip"));
    assert_eq!(lying, ["arsip.db"], "nothing half done is left");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&to).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "it holds people's numbers");
}

#[test]
fn a_report_that_comes_while_an_archive_is_made_or_details_leave_is_in_one_account_and_in_both_the_same() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let (heard, silent) = (desk.job(Class::Routine, "Pajak", 0..1), desk.job(Class::Routine, "Vaksin", 10..440));
    let mut tp_mr = Vec::new();
    for _ in 0..431 {
        if !desk.air.contains_key(&name("a")) {
            desk.begin("a");
        }
        tp_mr.push(desk.submit("a"));
    }
    desk.pass(DAY * 5);
    while desk.count(silent, State::Submitted) > 0 {
        desk.tick();
    }
    desk.pass(DAY * 40);
    assert_eq!((desk.count(heard, State::Unreported), desk.count(silent, State::Unreported)), (1, 430));
    delivered(&mut desk, "Rapat", 600, 1);
    let to = file(&desk, "arsip.db");
    assert_eq!(ask(&mut desk, &to), None);
    let made = making(&desk).unwrap();
    assert_eq!(made.jobs, [heard, silent]);
    // A modem comes back that has kept reports for weeks. The first of them comes too late for the copy.
    desk.receive("a", report(tp_mr[0], &number(0).to_string(), 0, desk.now));
    let id = last(&desk).id;
    desk.feed(vec![Event::Archive(ArchiveEvent::Made { archive: id, made: Ok(made) })]);
    assert_eq!((desk.count(heard, State::Delivered), desk.recipients(heard).len()), (1, 1), "it stays");
    assert_eq!(last(&desk).jobs, 1);
    // And another while its message is still here.
    assert_eq!(desk.recipients(silent).len(), 230);
    desk.receive("a", report(tp_mr[430], &number(439).to_string(), 0, desk.now));
    assert_eq!(desk.recorded("report_orphan").len(), 1, "kept like any that fits nothing");
    work(&mut desk);
    let archive = Reader::open(&to).unwrap();
    let there = archive.job(&JobRef::Id(silent)).unwrap().unwrap();
    assert_eq!((desk.view(silent).messages, desk.count(silent, State::Unreported)), (there.messages, 430));
    sound(&desk.ledger());
}

#[test]
fn of_an_archive_that_cannot_be_used_is_said_what_is_wrong_with_it_and_no_more() {
    let mut desk = Desk::new(free());
    let (_, to) = archived(&mut desk, 3);
    let away = file(&desk, "di-lemari.db");
    std::fs::rename(&to, &away).unwrap();
    let backup = desk.back_up();
    let troubles = [None, Some(b"something else".to_vec()), Some(std::fs::read(&backup).unwrap())].map(|there| {
        if let Some(octets) = there {
            std::fs::write(&to, octets).unwrap();
        }
        tend(&mut desk, Retention::default());
        last(&desk).trouble.unwrap()
    });
    for (trouble, why) in troubles.iter().zip(["unable to open", "not a database", "it is none"]) {
        assert!(trouble.contains(&format!("{} cannot be used as an archive: ", to.display())), "{trouble}");
        assert!(
            trouble.contains(why) && !trouble.contains("could not be made") && !trouble.contains("restore"),
            "{trouble}"
        );
    }
    assert_eq!(desk.recorded("archive_unreached").len(), 3);
    assert_eq!(std::fs::read(&to).unwrap(), std::fs::read(&backup).unwrap(), "nothing else is touched");
    std::fs::rename(&away, &to).unwrap();
    tend(&mut desk, Retention::default());
    assert_eq!(last(&desk).trouble, None);
}

#[test]
fn who_is_erased_from_an_archive_leaves_the_report_beside_the_file_too_and_the_file_that_still_names_them_is_on_record()
{
    let mut desk = Desk::new(free());
    let old = delivered(&mut desk, "Pajak", 0, 3);
    let filed = IntakeEvent::Filed { job: old, name: "undangan.csv".to_owned(), remarks: Vec::new() };
    desk.feed(vec![Event::Intake(IntakeId(99), filed)]);
    desk.pass(DAY * 40);
    delivered(&mut desk, "Rapat", 600, 1);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    work(&mut desk);
    desk.act(Action::Erase(HandEntry::of(number(1)))).unwrap();
    desk.orders.clear();
    tend(&mut desk, Retention::default());
    let record = desk.recorded("archive_tended").remove(0);
    assert!(record.ends_with("; these files still name them: diskominfo/accepted/undangan.csv"), "{record}");
    let changed = Order::JobChanged { job: old, finished: true };
    assert!(desk.orders.contains(&changed), "its report is written anew: {:?}", desk.orders);
    desk.orders.clear();
    tend(&mut desk, Retention::default());
    assert_eq!((desk.recorded("archive_tended").len(), desk.orders.len()), (1, 0), "nothing was left to do");
}

#[test]
fn an_erasure_in_an_archive_that_a_kill_kept_off_the_record_is_told_by_the_next_look() {
    let mut desk = Desk::new(free());
    let (old, to) = archived(&mut desk, 3);
    for n in [1, 2] {
        desk.act(Action::Erase(HandEntry::of(number(n)))).unwrap();
        let erasures = desk.reader().erased_since(last(&desk).tended_seq).unwrap();
        let told = tend_archive(&last(&desk), &desk.ledger(), &erasures, Retention::default(), desk.now, || true);
        assert_eq!(told.unwrap().taken_out.jobs, [old]);
        desk.crash();
    }
    desk.orders.clear();
    tend(&mut desk, Retention::default());
    assert!(desk.orders.contains(&Order::JobChanged { job: old, finished: true }), "{:?}", desk.orders);
    let digest = crate::store::archive::digest_of(&to, || true).unwrap().1;
    let record = desk.recorded("archive_tended").remove(0);
    assert!(record.contains(": 2 erased numbers were taken out") && record.contains(&digest), "{record}");
    assert_eq!(last(&desk).digest, Some(digest));
    desk.crash();
    desk.orders.clear();
    tend(&mut desk, Retention::default());
    assert_eq!((desk.recorded("archive_tended").len(), desk.orders.len()), (1, 0), "once");
    sound(&desk.ledger());
    sound(&to);
}

#[test]
fn a_look_at_an_archive_that_is_given_up_has_changed_nothing_and_is_made_again() {
    let mut desk = Desk::new(free());
    let (_, to) = archived(&mut desk, 3);
    desk.act(Action::Erase(HandEntry::of(number(1)))).unwrap();
    let octets = std::fs::read(&to).unwrap();
    let erasures = desk.reader().erased_since(last(&desk).tended_seq).unwrap();
    let given_up = tend_archive(&last(&desk), &desk.ledger(), &erasures, Retention::default(), desk.now, || false);
    assert!(given_up.unwrap_err().to_string().contains("the daemon stops"));
    assert_eq!(std::fs::read(&to).unwrap(), octets);
    tend(&mut desk, Retention::default());
    assert!(desk.reader().person(number(1)).unwrap().archives[0].messages.is_empty());
}

#[test]
fn an_archive_that_an_erasure_does_not_reach_within_a_day_is_an_alarm_until_it_does() {
    let hours = SignedDuration::from_hours;
    let mut desk = Desk::new(free());
    let (_, to) = archived(&mut desk, 3);
    let stands = |desk: &Desk| {
        let rows = desk.reader().alarms(false, 9).unwrap().into_iter();
        Vec::from_iter(rows.filter(|row| row.kind == "archive_unreached").map(|row| (row.subject, row.detail)))
    };
    let away = file(&desk, "di-lemari.db");
    std::fs::rename(&to, &away).unwrap();
    desk.pass(DAY * 3);
    tend(&mut desk, Retention::default());
    assert_eq!(stands(&desk), [], "nobody is to be taken out of it");
    desk.act(Action::Erase(HandEntry::of(number(1)))).unwrap();
    let due = desk.now.saturating_add(DAY).unwrap();
    desk.pass(hours(23));
    desk.act(Action::Erase(HandEntry::of(number(2)))).unwrap();
    tend(&mut desk, Retention::default());
    assert_eq!(stands(&desk), []);
    assert!(desk.next_wake.is_some_and(|wake| wake <= due), "it looks when the time has come");
    desk.pass(hours(1));
    desk.crash();
    let [(subject, detail)] = &stands(&desk)[..] else { panic!("{:?}", stands(&desk)) };
    assert_eq!(Some(subject.as_str()), to.to_str());
    assert!(detail.contains("unable to open") && detail.contains("within an hour"), "{detail}");
    tend(&mut desk, Retention::default());
    assert_eq!(stands(&desk).len(), 1);
    std::fs::rename(&away, &to).unwrap();
    tend(&mut desk, Retention::default());
    assert_eq!(stands(&desk), []);
    assert_eq!(
        desk.recorded("alarm_cleared").iter().filter(|detail| detail.starts_with("archive_unreached")).count(),
        1
    );
    desk.pass(DAY * 2);
    assert_eq!(stands(&desk), []);
}

#[test]
fn details_leave_only_for_an_archive_that_was_seen_since_the_start() {
    let mut desk = Desk::new(free());
    let old = old_and_new(&mut desk, 430);
    let to = file(&desk, "arsip.db");
    made(&mut desk, &to);
    assert_eq!((last(&desk).state.as_str(), desk.recipients(old).len()), ("leaving", 230));
    // A backup is put back on another machine, and the archive is not there.
    let away = file(&desk, "di-mesin-lama.db");
    std::fs::rename(&to, &away).unwrap();
    desk.crash();
    desk.pass(DAY);
    tend(&mut desk, Retention::default());
    desk.pass(DAY);
    assert_eq!((desk.recipients(old).len(), desk.recorded("archive_unreached").len()), (230, 1));
    std::fs::rename(&away, &to).unwrap();
    tend(&mut desk, Retention::default());
    work(&mut desk);
    assert_eq!((last(&desk).state.as_str(), desk.recipients(old).len()), ("done", 0));
}

#[test]
fn a_lost_key_does_not_make_an_archive_look_clean_that_still_names_who_was_erased() {
    let mut desk = Desk::new(free());
    let (old, to) = archived(&mut desk, 3);
    let away = file(&desk, "di-lemari.db");
    std::fs::rename(&to, &away).unwrap();
    let since = desk.now;
    desk.act(Action::Erase(HandEntry::of(number(1)))).unwrap();
    tend(&mut desk, Retention::default());
    // No opt-out is kept any more, but the archive still waits.
    desk.act(Action::OptIn(HandEntry::of(number(1)))).unwrap();
    let backup = desk.back_up();
    let ledger = desk.ledger();
    std::fs::remove_file(ledger.with_extension("db.key")).unwrap();
    let missing = |error: StoreError| assert!(matches!(error, StoreError::KeyMissing { kept: 1, .. }), "{error}");
    missing(Store::open(&ledger).err().unwrap());
    missing(crate::store::restore::survey(&backup, &ledger, Some(&ledger)).err().unwrap());
    assert_eq!(Store::renew_key(&ledger, "siti", "kunci hilang", desk.now).unwrap(), 0);
    let record = desk.recorded("key_renewed").remove(0);
    assert!(record.contains("erasures since ") && record.contains(to.to_str().unwrap()), "{record}");
    desk.crash();
    std::fs::rename(&away, &to).unwrap();
    tend(&mut desk, Retention::default());
    assert_eq!((last(&desk).trouble, last(&desk).lost_since), (None, Some(since)));
    let named = |n| report_in(&Reader::open(&to).unwrap(), old).concat().contains(&number(n).digits());
    assert!(named(1), "nobody can find them there");
    // By their number they can be erased once more, and are counted anew.
    desk.act(Action::Erase(HandEntry::of(number(1)))).unwrap();
    tend(&mut desk, Retention::default());
    assert!(!named(1) && named(2));
    assert_eq!(last(&desk).lost_since, Some(since), "there may be others");
}
