//! Self-tests by the clock, and what of them must never be taken for a citizen's.

use super::desk::{Desk, deliver, free, name, number, report};
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::pdu;

/// The number of the SIM in modem "a", "b" …
fn own(modem: &str) -> Msisdn {
    number(9_000 + u32::from(modem.as_bytes()[0]))
}

fn start(desk: &mut Desk, modem: &str, to: Option<Msisdn>) -> Result<i64, String> {
    desk.act(Action::TestModem { modem: name(modem), number: to }).map(|id| id.parse().unwrap())
}

fn text(held: &Reservation) -> String {
    let octets = pdu::hex::decode(&held.pdu).unwrap();
    let submit = pdu::Submit::decode(&octets[1..]).unwrap();
    submit.user_data.text(submit.dcs).unwrap()
}

/// The network carries what a modem holds ready, reports it, and brings it back, until nothing is left.
fn loop_back(desk: &mut Desk, modem: &str) {
    let mut follows = None;
    while let Some(held) = follows.take().or_else(|| desk.ready.get(&name(modem)).cloned()) {
        let octets = pdu::hex::decode(&held.pdu).unwrap();
        let submit = pdu::Submit::decode(&octets[1..]).unwrap();
        if !desk.air.contains_key(&name(modem)) && desk.begin(modem).is_none() {
            continue;
        }
        let next = desk.ready.get(&name(modem)).cloned();
        let tp_mr = desk.submit(modem);
        follows = next.filter(|_| desk.air.contains_key(&name(modem)));
        desk.receive(modem, report(tp_mr, &own(modem).to_string(), 0, desk.now));
        let copy = pdu::Deliver {
            more_messages: false,
            loop_prevention: false,
            report: false,
            reply_path: false,
            originator: submit.destination.clone(),
            protocol: 0,
            dcs: submit.dcs,
            service_centre_time: pdu::TimeStamp::at(desk.now, jiff::tz::Offset::constant(7)).unwrap(),
            user_data: submit.user_data.clone(),
        };
        desk.receive(modem, pdu::with_service_centre(None, &copy.encode()));
    }
}

fn monthly() -> Desk {
    let numbers = ["a", "b"].map(|modem| (name(modem), own(modem))).into();
    Desk::new(Rules { self_test_every: Some(SignedDuration::from_hours(24 * 30)), numbers, ..free() })
}

/// How many tests each modem has passed; none may have failed.
fn passed(desk: &Desk) -> [usize; 2] {
    ["a", "b"].map(|modem| {
        let tests = desk.reader().self_tests(modem, 99).unwrap();
        assert!(tests.iter().all(|test| test.passed != Some(false)), "{tests:?}");
        tests.iter().filter(|test| test.passed == Some(true)).count()
    })
}

#[test]
fn every_sim_is_tested_once_a_month_one_after_the_other_whatever_restarts_the_daemon() {
    let mut desk = monthly();
    desk.connect("a");
    desk.connect("b");
    assert!(desk.ready.contains_key(&name("a")) && !desk.ready.contains_key(&name("b")), "one at a time");
    loop_back(&mut desk, "a");
    loop_back(&mut desk, "b");
    assert_eq!(passed(&desk), [1, 1]);
    for day in 1..=61 {
        desk.pass(SignedDuration::from_hours(24));
        if day % 7 == 0 {
            desk.crash();
            desk.connect("a");
            desk.connect("b");
        }
        loop_back(&mut desk, "a");
        loop_back(&mut desk, "b");
        let months = day / 30 + 1;
        assert_eq!(passed(&desk), [months, months], "after {day} days");
    }
}

#[test]
fn a_due_test_waits_until_its_modem_has_nothing_else_to_do() {
    let mut desk = monthly();
    desk.job(Class::Routine, "Kabar", 1..30);
    desk.connect("a");
    for _ in 0..20 {
        if !desk.air.contains_key(&name("a")) {
            desk.begin("a").expect("it may go");
        }
        desk.submit("a");
        desk.pass(SignedDuration::from_mins(2));
    }
    assert_eq!(desk.reader().self_tests("a", 9).unwrap().len(), 0);
    desk.send_all();
    assert!(desk.next_wake.is_some_and(|wake| wake <= desk.now + SignedDuration::from_mins(1)));
    desk.pass(SignedDuration::from_mins(1));
    loop_back(&mut desk, "a");
    assert_eq!(passed(&desk), [1, 0]);
}

#[test]
fn a_modem_without_a_known_number_is_asked_for_it_and_one_that_a_test_has_shown_is_remembered() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    assert!(start(&mut desk, "a", None).unwrap_err().contains("--number"));
    start(&mut desk, "a", Some(own("a"))).unwrap();
    assert!(start(&mut desk, "a", None).unwrap_err().contains("is being tested already"));
    loop_back(&mut desk, "a");
    assert_eq!(passed(&desk), [1, 0]);
    // What the card says by itself does not take the place of what was shown.
    desk.modem("a", ModemEvent::OwnNumber { number: "+6281299990000".to_owned() });
    start(&mut desk, "a", None).unwrap();
    loop_back(&mut desk, "a");
    assert_eq!(passed(&desk), [2, 0]);
    assert!(start(&mut desk, "b", None).unwrap_err().contains("no modem b"));
}

#[test]
fn a_stranger_who_got_a_test_by_a_wrong_number_can_still_leave() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    start(&mut desk, "a", Some(number(5))).unwrap();
    let sent = text(&desk.ready[&name("a")]);
    desk.begin("a").expect("it may go");
    desk.submit("a");
    let stranger = number(5).to_string();
    desk.hear("a", &stranger, "STOP");
    let status = |desk: &Desk| {
        let status = desk.reader().status().unwrap();
        (status.opt_outs, status.inbox)
    };
    assert_eq!(status(&desk), (1, 1));
    desk.hear("a", &stranger, &format!("{sent} apa ini? tolong berhenti"));
    assert_eq!(status(&desk), (1, 2), "people get to read what people write");
    desk.hear("a", &stranger, &sent);
    assert_eq!(status(&desk), (1, 2), "and a mere echo is the test's");
}

#[test]
fn a_copy_that_comes_back_changed_or_in_pieces_is_the_tests_and_is_judged() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let id = start(&mut desk, "a", Some(own("a"))).unwrap();
    let changed = text(&desk.ready[&name("a")]).replace('.', "?");
    desk.begin("a").expect("it may go");
    let tp_mr = desk.submit("a");
    desk.receive("a", report(tp_mr, &own("a").to_string(), 0, desk.now));
    desk.hear("a", &own("a").to_string(), &changed);
    let steps = desk.reader().self_test(id).unwrap();
    assert_eq!(steps[2].state, "failed");
    assert_eq!(steps[2].detail, "1 of 29 characters came back otherwise; the first is '?' for '.'");

    // Of the long text only one part comes back.
    start(&mut desk, "a", Some(own("a"))).unwrap();
    let first = text(&desk.ready[&name("a")]);
    desk.begin("a").expect("it may go");
    let tp_mr = desk.submit("a");
    desk.receive("a", report(tp_mr, &own("a").to_string(), 0, desk.now));
    desk.hear("a", &own("a").to_string(), &first);
    let held = desk.ready[&name("a")].clone();
    let octets = pdu::hex::decode(&held.pdu).unwrap();
    let long = pdu::Submit::decode(&octets[1..]).unwrap();
    let mut parts = deliver(&own("a").to_string(), &"x".repeat(400), 9, desk.now);
    let (_, pdu::Incoming::Deliver(part)) = pdu::Incoming::decode(&parts.remove(1)).unwrap() else { panic!("a part") };
    let part = pdu::Deliver { user_data: long.user_data, ..part };
    desk.receive("a", pdu::with_service_centre(None, &part.encode()));
    desk.pass(SignedDuration::from_mins(11));
    assert_eq!(desk.reader().status().unwrap().inbox, 0);
}
