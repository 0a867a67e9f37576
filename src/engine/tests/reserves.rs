//! SIMs that are kept for some classes, and the part of every quota that is kept for emergencies.

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Limits;

/// So many an hour, half of it kept.
fn hourly(per_hour: u32) -> Rules {
    let limits = Limits { per_hour, reserve_emergency: 0.5, ..Limits::NONE };
    Rules { limits, ..Rules::default() }
}

/// Modem a is there for these classes only.
fn kept(classes: &[Class]) -> Rules {
    Rules { modem_classes: [(name("a"), classes.to_vec())].into(), ..free() }
}

#[test]
fn what_is_kept_for_emergencies_is_there_after_a_blast_and_after_a_restart() {
    let mut desk = Desk::new(hourly(10));
    desk.connect("a");
    let blast = desk.job(Class::Important, "Blast", 0..30);
    desk.send_all();
    assert_eq!(desk.count(blast, State::Submitted), 5);
    desk.crash();
    desk.connect("a");
    desk.send_all();
    assert_eq!(desk.count(blast, State::Submitted), 5, "counted from the attempts");
    let warning = desk.job(Class::Emergency, "BANJIR", 50..60);
    desk.send_all();
    assert_eq!((desk.count(warning, State::Submitted), desk.count(blast, State::Submitted)), (5, 5));
    assert!(desk.next_wake.is_some_and(|wake| wake <= desk.now + SignedDuration::from_hours(1)));
    desk.pass(SignedDuration::from_hours(1));
    desk.send_all();
    assert_eq!(desk.count(warning, State::Submitted), 10);
    assert_eq!(desk.count(blast, State::Submitted), 5, "what emergencies have used is missing to the others");
}

#[test]
fn a_long_message_stops_at_the_reserve_and_lets_an_emergency_through() {
    let mut desk = Desk::new(hourly(8));
    desk.connect("a");
    let long = desk.job(Class::Routine, &"kabar ".repeat(150), 0..1);
    let carried = desk.send_all();
    assert_eq!(carried[&name("a")], 4, "of six segments");
    let warning = desk.job(Class::Emergency, "BANJIR", 50..52);
    desk.send_all();
    assert_eq!(desk.count(warning, State::Submitted), 2);
    assert_eq!(desk.recipients(long)[0].attempts, 4, "its rest waits");
    desk.pass(SignedDuration::from_hours(1));
    desk.send_all();
    assert_eq!(desk.count(long, State::Submitted), 1);
    assert_eq!(desk.recipients(long)[0].attempts, 6, "none of them twice");
}

#[test]
fn an_emergency_takes_the_place_of_what_stands_reserved_when_only_the_reserve_is_left() {
    let mut desk = Desk::new(hourly(2));
    desk.connect("a");
    desk.job(Class::Routine, "Umum", 0..5);
    desk.begin("a").expect("the one that is not kept");
    let warning = desk.job(Class::Emergency, "BANJIR", 50..51);
    desk.submit("a");
    desk.send_all();
    assert_eq!(desk.count(warning, State::Submitted), 1);
}

#[test]
fn a_sim_kept_for_emergencies_carries_nothing_else_but_answers() {
    let mut desk = Desk::new(kept(&[Class::Emergency]));
    desk.connect("a");
    desk.connect("b");
    desk.job(Class::Routine, "Umum", 0..9);
    assert_eq!(desk.send_all().into_iter().collect::<Vec<_>>(), [(name("b"), 9)]);
    desk.job(Class::Emergency, "BANJIR", 20..30);
    assert_eq!(desk.send_all()[&name("a")], 5);
    desk.hear("a", &number(3).to_string(), "STOP");
    assert_eq!(desk.send_all()[&name("a")], 1, "who wrote to it is answered through it");
}

#[test]
fn a_message_that_was_refused_does_not_wait_for_a_sim_that_is_not_for_it() {
    let mut desk = Desk::new(kept(&[Class::Emergency]));
    desk.connect("a");
    desk.connect("b");
    let job = desk.job(Class::Routine, "Umum", 0..1);
    desk.begin("b").expect("it may go");
    desk.answer("b", super::stories::refused(41, Cause::Temporary));
    desk.pass(SignedDuration::from_secs(31));
    assert_eq!(desk.send_all()[&name("b")], 1);
    assert_eq!(desk.count(job, State::Submitted), 1);
}

#[test]
fn what_has_begun_through_a_sim_ends_there_although_it_is_for_other_classes_now() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, &"kabar ".repeat(30), 0..2);
    desk.begin("a").expect("it may go");
    let tp_mr = desk.next_mr("a");
    let attempt = desk.air.remove(&name("a")).unwrap();
    desk.modem("a", ModemEvent::Answered { attempt, outcome: Outcome::Submitted { tp_mr: Some(tp_mr) }, next: None });
    desk.restart(kept(&[Class::Emergency]));
    desk.connect("a");
    desk.send_all();
    assert_eq!((desk.count(job, State::Submitted), desk.count(job, State::Queued)), (1, 1));
}

#[test]
fn an_idle_sim_takes_no_reservation_over_that_it_is_not_for() {
    let mut desk = Desk::new(kept(&[Class::Emergency]));
    desk.connect("b");
    desk.job(Class::Routine, "Umum", 0..2);
    desk.begin("b").expect("it may go");
    desk.connect("a");
    desk.tick();
    assert!(!desk.ready.contains_key(&name("a")) && desk.ready.contains_key(&name("b")));
}
