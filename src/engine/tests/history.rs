//! The history of modems: what is kept of how they stood, how seldom, and for how long.

use super::desk::{Desk, free, name};
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::history::HistoryRule;

/// A short row for each sample: registration and signal, `-` for none.
fn history(desk: &Desk, modem: &str) -> Vec<String> {
    let samples = desk.reader().samples(modem, Timestamp::MIN).unwrap();
    let shown = |sample: crate::store::SampleView| {
        let signal = sample.signal.map_or("-".to_owned(), |signal| signal.to_string());
        format!("{} {signal}", sample.registration.unwrap_or("-".to_owned()))
    };
    samples.into_iter().map(shown).collect()
}

fn health(desk: &mut Desk, registration: Registration, signal: u8) {
    desk.modem("a", ModemEvent::Health { registration, signal: Some(signal) });
}

fn appear(desk: &mut Desk, signal: u8) {
    let sim = SimIdentity { iccid: Some("8962a".to_owned()), imsi: None };
    desk.modem("a", ModemEvent::Found { modem: ModemIdentity::default(), sim, port: "/dev/gsm/a".to_owned() });
    health(desk, Registration::Home, signal);
    desk.modem("a", ModemEvent::Ready { operator: Some("XL".to_owned()), reports: true });
}

#[test]
fn registration_is_kept_as_it_changes_and_the_signal_every_half_hour_at_most() {
    let mut desk = Desk::new(free());
    appear(&mut desk, 20);
    assert_eq!(history(&desk, "a"), ["home 20"]);
    let first = desk.reader().samples("a", Timestamp::MIN).unwrap().remove(0);
    assert_eq!((first.sim.as_deref(), first.operator.as_deref()), (Some("8962a"), Some("XL")));
    for minute in 1..=120 {
        desk.pass(SignedDuration::from_mins(1));
        // It wavers, and from the second half hour on it is weak.
        health(&mut desk, Registration::Home, if minute > 31 { 8 } else { 20 + minute % 2 });
    }
    assert_eq!(history(&desk, "a"), ["home 20", "home 8"]);
    health(&mut desk, Registration::Searching, 0);
    desk.pass(SignedDuration::from_mins(1));
    assert_eq!(history(&desk, "a").pop().as_deref(), Some("searching 0"));
    health(&mut desk, Registration::Home, 9);
    desk.pass(SignedDuration::from_mins(1));
    desk.modem("a", ModemEvent::Lost { reason: "the port is gone (end of file)".to_owned() });
    desk.pass(SignedDuration::from_mins(1));
    assert_eq!(history(&desk, "a")[3..], ["home 9", "- -"]);
}

#[test]
fn what_the_signal_was_when_its_time_comes_is_kept_although_nothing_happens_then() {
    let mut desk = Desk::new(free());
    appear(&mut desk, 20);
    desk.pass(SignedDuration::from_mins(5));
    health(&mut desk, Registration::Home, 5);
    assert_eq!(history(&desk, "a"), ["home 20"]);
    assert!(desk.next_wake.is_some_and(|wake| wake <= desk.now + SignedDuration::from_mins(25)));
    desk.pass(SignedDuration::from_mins(25));
    assert_eq!(history(&desk, "a"), ["home 20", "home 5"]);
    desk.pass(SignedDuration::from_hours(24));
    assert_eq!(history(&desk, "a").len(), 3, "each day has something to show");
}

#[test]
fn a_modem_that_comes_and_goes_all_the_time_is_kept_once_a_minute() {
    let mut desk = Desk::new(free());
    for _ in 0..60 {
        appear(&mut desk, 20);
        desk.pass(SignedDuration::from_secs(5));
        desk.modem("a", ModemEvent::Lost { reason: "the port is gone (end of file)".to_owned() });
        desk.pass(SignedDuration::from_secs(5));
    }
    let kept = history(&desk, "a").len();
    assert!((2..=11).contains(&kept), "{kept} rows in ten minutes");
    desk.pass(SignedDuration::from_mins(1));
    assert_eq!(history(&desk, "a").pop().as_deref(), Some("- -"), "and the end is true");
}

#[test]
fn a_stop_of_the_daemon_ends_what_was_known_when_it_stopped() {
    let mut desk = Desk::new(free());
    appear(&mut desk, 20);
    desk.pass(SignedDuration::from_mins(90));
    health(&mut desk, Registration::Home, 20);
    let stopped = desk.now;
    desk.stop_for(SignedDuration::from_hours(9));
    appear(&mut desk, 20);
    assert_eq!(history(&desk, "a"), ["home 20", "- -", "home 20"]);
    let samples = desk.reader().samples("a", Timestamp::MIN).unwrap();
    assert!(stopped.duration_since(samples[1].at).abs() <= SignedDuration::from_mins(1), "{}", samples[1].at);
    desk.crash();
    desk.crash();
    assert_eq!(history(&desk, "a").len(), 4, "it ends once");
}

#[test]
fn what_is_old_is_removed_and_counted_in_the_record() {
    let keep_for = SignedDuration::from_hours(24 * 10);
    let rules = Rules { history: HistoryRule { keep_for, ..HistoryRule::default() }, ..free() };
    let mut desk = Desk::new(rules);
    appear(&mut desk, 20);
    for _ in 0..60 {
        desk.pass(SignedDuration::from_hours(24));
        // As often as the engine wants to be called.
        while desk.next_wake.is_some_and(|wake| wake <= desk.now) {
            desk.tick();
        }
    }
    let kept = history(&desk, "a").len();
    assert!((10..=12).contains(&kept), "{kept} days");
    let events = desk.reader().events(None, 9_999).unwrap();
    let counted: usize = events
        .iter()
        .filter(|event| event.kind == "history_cut")
        .map(|event| event.detail.split(' ').next().unwrap().parse::<usize>().unwrap())
        .sum();
    assert_eq!(counted + kept, 61, "{}", name("a"));
}
