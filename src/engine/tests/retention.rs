//! What is blanked when it was kept long enough, and what never is.

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Retention;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn kept(texts: u32, inbound: u32, numbers: u32) -> Rules {
    let days = |days: u32| (days > 0).then_some(DAY * days as i32);
    Rules { retention: Retention { texts: days(texts), inbound: days(inbound), numbers: days(numbers) }, ..free() }
}

/// Time goes on until nothing is left to blank within the second.
fn work(desk: &mut Desk) {
    desk.tick();
    while let Some(wake) = desk.next_wake.filter(|wake| *wake <= desk.now + SignedDuration::from_secs(1)) {
        desk.now = wake.max(desk.now);
        desk.tick();
    }
}

/// Recipients of a job that still have a number or a name.
fn named(desk: &Desk, job: JobId) -> usize {
    desk.recipients(job).iter().filter(|row| !row.number.is_empty() || row.name.is_some()).count()
}

fn text_of(desk: &Desk, n: u32) -> Vec<String> {
    desk.reader().person(number(n)).unwrap().messages.into_iter().filter_map(|place| place.text).collect()
}

/// A job to numbers 0 to `to`, delivered; and the moment at which it ended.
fn delivered(desk: &mut Desk, text: &str, to: u32) -> (JobId, Timestamp) {
    desk.connect("a");
    let job = desk.job(Class::Routine, text, 0..to);
    desk.send_all();
    for n in 0..to {
        desk.receive("a", report(n as u8 + 1, &number(n).to_string(), 0, desk.now));
    }
    assert_eq!(desk.view(job).state, "done");
    (job, desk.now)
}

#[test]
fn each_kind_is_blanked_when_its_days_are_over_not_before_and_counts_stay() {
    let mut desk = Desk::new(kept(2, 3, 4));
    let (job, ended) = delivered(&mut desk, "Pajak jatuh tempo", 3);
    desk.hear("a", "+6281200000001", "Sudah saya bayar");
    let account = desk.view(job).messages;
    let state = |desk: &mut Desk, at: Timestamp| {
        desk.now = at;
        work(desk);
        let inbound = desk.reader().inbox(9).unwrap().remove(0);
        (text_of(desk, 1).concat(), format!("{}{}", inbound.from, inbound.text), named(desk, job))
    };
    // Past midnight twice, and one moment short of the second day.
    let sent = || "Pajak jatuh tempo".to_owned();
    let heard = || "+6281200000001Sudah saya bayar".to_owned();
    assert_eq!(state(&mut desk, ended + DAY * 2 - SignedDuration::from_millis(1)), (sent(), heard(), 3));
    let hour = SignedDuration::from_hours(1);
    assert_eq!(state(&mut desk, ended + DAY * 2 + hour), (String::new(), heard(), 3));
    assert_eq!(state(&mut desk, ended + DAY * 3 + hour), (String::new(), String::new(), 3));
    assert_eq!(state(&mut desk, ended + DAY * 4 + hour), (String::new(), String::new(), 0));
    assert_eq!(desk.view(job).messages, account);
    assert_eq!(desk.recorded("texts_blanked").len(), 1);
    assert_eq!(desk.recorded("inbound_blanked").len(), 1);
    assert_eq!(desk.recorded("numbers_blanked").len(), 1);
    state(&mut desk, ended + DAY * 9);
    assert_eq!(desk.recorded("numbers_blanked").len(), 1, "once is enough");
    assert_eq!(desk.reader().verify_chain(None).unwrap().broken, None);
}

#[test]
fn a_long_list_is_blanked_in_bits_and_goes_on_after_a_restart_in_the_middle() {
    let mut desk = Desk::new(kept(0, 0, 1));
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..500);
    desk.act(Action::Cancel(job)).unwrap();
    desk.tick();
    assert_eq!(desk.count(job, State::Cancelled), 500);
    desk.pass(DAY + SignedDuration::from_hours(1));
    assert_eq!(named(&desk, job), 300, "one bit");
    assert_eq!(desk.next_wake, Some(desk.now + SignedDuration::from_millis(100)), "and the rest soon, but not at once");
    desk.crash();
    work(&mut desk);
    assert_eq!(named(&desk, job), 0);
    assert_eq!((desk.view(job).recipients, desk.count(job, State::Cancelled)), (500, 500));
    assert_eq!(desk.recorded("numbers_blanked").len(), 1);
    assert!(desk.reader().person(number(499)).unwrap().is_empty());
}

#[test]
fn a_job_with_a_message_in_doubt_keeps_its_numbers_until_a_person_has_settled_it() {
    let mut desk = Desk::new(kept(1, 0, 1));
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..1);
    desk.begin("a");
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.act(Action::Cancel(job)).unwrap();
    desk.now += DAY * 30;
    work(&mut desk);
    let doubt = desk.reader().doubts().unwrap().remove(0);
    assert_eq!(doubt.number, number(0).to_string());
    desk.act(Action::SettleSent(MessageId(doubt.message))).unwrap();
    desk.now += DAY * 30;
    work(&mut desk);
    assert_eq!(desk.count(job, State::Unreported), 1, "no report came");
    desk.pass(SignedDuration::from_hours(1));
    assert_eq!((named(&desk, job), desk.view(job).recipients), (0, 1));
}

#[test]
fn opt_outs_and_the_ledger_of_consent_are_kept_whatever_is_blanked() {
    let mut desk = Desk::new(kept(1, 1, 1));
    desk.connect("a");
    desk.hear("a", "+6281200000005", "STOP");
    desk.send_all();
    let before = desk.reader().chain_head().unwrap();
    for _ in 0..60 {
        desk.now += DAY;
        work(&mut desk);
    }
    let ledger = desk.reader().consents(number(5)).unwrap();
    assert_eq!(ledger[0].text.as_deref(), Some("STOP"), "the proof of it");
    let refused = desk.drop_job(header(Class::Routine, "x"), vec![row(1, number(5))]);
    assert!(matches!(refused, IntakeOrder::Refused(Refusal::Nobody { recipients: 1, .. })));
    assert!(desk.reader().person(number(5)).unwrap().events.is_empty());
    assert_eq!(desk.reader().verify_chain(before).unwrap().broken, None);
    assert!(!desk.recorded("event_numbers_blanked").is_empty());
}

#[test]
fn nothing_is_blanked_where_the_settings_say_nothing() {
    let mut desk = Desk::new(free());
    let (job, _) = delivered(&mut desk, "Pajak", 2);
    desk.hear("a", "+6281200000001", "ok");
    desk.pass(DAY * 4000);
    assert_eq!((named(&desk, job), text_of(&desk, 1)), (2, vec!["Pajak".to_owned()]));
    assert_eq!(desk.reader().inbox(9).unwrap()[0].text, "ok");
}
