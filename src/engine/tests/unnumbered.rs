//! Modems that answer a hand-over with OK and no TP-MR: their reports are told apart by their order and their own numbers.

use super::desk::*;
use crate::model::*;

const ACCEPTED: Outcome = Outcome::Submitted { tp_mr: None };

/// Everything goes out.
fn send(desk: &mut Desk) {
    desk.begin("a");
    while desk.air.contains_key(&name("a")) {
        desk.answer("a", ACCEPTED);
    }
}

/// The same report once more: only TP-MMS differs, as the network has nothing else for this SIM meanwhile.
fn repeated(mut pdu: Vec<u8>) -> Vec<u8> {
    pdu[1] ^= 0x04;
    pdu
}

#[test]
fn four_reports_on_a_message_of_four_parts_deliver_it() {
    // > PDU of part 1 < OK … > PDU of part 4 < OK; then +CDS with TP-MR 0, 1, 2 and 3.
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, &"warga ".repeat(90), 5..6);
    send(&mut desk);
    for tp_mr in 0..4 {
        assert_eq!(desk.count(job, State::Submitted), 1, "before the report on TP-MR {tp_mr}");
        desk.now += SignedDuration::from_secs(1);
        desk.receive("a", report(tp_mr, &full(number(5)), 0, desk.now));
    }
    assert_eq!(desk.count(job, State::Delivered), 1);
}

#[test]
fn a_report_that_came_before_the_ok_counts_and_a_repeated_one_says_nothing_of_the_next_message() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 5..6);
    desk.begin("a");
    let first = report(0, &full(number(5)), 0, desk.now);
    desk.receive("a", first.clone());
    desk.answer("a", ACCEPTED);
    assert_eq!(desk.count(job, State::Delivered), 1);
    let next = desk.job(Class::Routine, "y", 5..6);
    send(&mut desk);
    desk.receive("a", repeated(first));
    assert_eq!(desk.count(next, State::Submitted), 1, "its own report is still awaited");
    // The modem was restarted and counts from 0 again.
    desk.now += SignedDuration::from_secs(60);
    desk.receive("a", report(0, &full(number(5)), 0, desk.now));
    assert_eq!(desk.count(next, State::Delivered), 1);
}
