//! Modems that refuse whatever they are given, with codes that blame the message.

use super::desk::*;
use super::stories::refused;
use crate::model::*;

fn plain() -> Outcome {
    Outcome::Refused { cause: Cause::Ambiguous, code: ErrorCode { kind: ErrorKind::Plain, number: 0 } }
}

#[test]
fn a_modem_that_refuses_every_pdu_fails_no_message_while_a_healthy_one_stands_by() {
    for code in [refused(304, Cause::Message), refused(96, Cause::Message), refused(1, Cause::Message), plain()] {
        let mut desk = Desk::new(free());
        desk.connect("sick");
        desk.connect("well");
        let job = desk.job(Class::Routine, "x", 0..60);
        // It answers at once; the healthy one takes a second.
        for turn in 0..600 {
            for (modem, every) in [("sick", 1), ("well", 4)] {
                let (ready, air) = (desk.ready.contains_key(&name(modem)), desk.air.contains_key(&name(modem)));
                match (turn % every, air) {
                    (0, true) if modem == "sick" => desk.answer(modem, code.clone()),
                    (0, true) => drop(desk.submit(modem)),
                    (_, false) if ready => drop(desk.begin(modem)),
                    _ => {}
                }
            }
            desk.pass(SignedDuration::from_millis(250));
        }
        assert_eq!((desk.count(job, State::Failed), desk.count(job, State::Submitted)), (0, 60), "{code:?}");
        let events = desk.reader().events(None, 10_000).unwrap();
        assert!(events.iter().any(|event| event.kind == "sim_rests" && event.detail.starts_with("sick")), "{code:?}");
    }
}

#[test]
fn the_only_modem_of_an_office_loses_no_message_while_it_is_sick() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..5);
    for _ in 0..200 {
        while desk.ready.contains_key(&name("a")) || desk.air.contains_key(&name("a")) {
            if !desk.air.contains_key(&name("a")) {
                desk.begin("a");
            }
            desk.answer("a", refused(304, Cause::Message));
        }
        desk.pass(SignedDuration::from_mins(5));
    }
    assert_eq!((desk.count(job, State::Failed), desk.count(job, State::Queued)), (0, 5));
    // Somebody has pulled it out and put it back.
    desk.pass(SignedDuration::from_hours(1));
    desk.send_all();
    desk.pass(SignedDuration::from_mins(1));
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 5);
}
