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
        // A number that is unassigned is no sign of a sick SIM, and whoever says so of every number goes on.
        let names_number = matches!(code, Outcome::Refused { code, .. } if code.names_number());
        assert_eq!(desk.recorded("sim_rests").iter().any(|rest| rest.starts_with("sick")), !names_number, "{code:?}");
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

#[test]
fn the_last_bad_numbers_of_a_job_end_with_the_second_word_and_make_no_sim_rest() {
    for modems in [&["a"][..], &["a", "b", "c"]] {
        let mut desk = Desk::new(free());
        modems.iter().for_each(|modem| desk.connect(modem));
        // Nothing else goes out that shows who works, and the daemon has just started.
        let job = desk.job(Class::Routine, "x", 0..12);
        for _ in 0..120 {
            for modem in modems {
                if desk.ready.contains_key(&name(modem)) && !desk.air.contains_key(&name(modem)) {
                    desk.begin(modem);
                }
                if desk.air.contains_key(&name(modem)) {
                    desk.answer(modem, refused(1, Cause::Message));
                }
            }
            desk.pass(SignedDuration::from_secs(1));
        }
        assert_eq!(desk.count(job, State::Failed), 12, "{modems:?}");
        assert_eq!(desk.recorded("sim_rests"), Vec::<String>::new(), "{modems:?}");
    }
}

#[test]
fn a_first_word_about_a_number_is_a_first_word_whatever_was_refused_before() {
    let mut desk = Desk::new(free());
    desk.connect("well");
    let job = desk.job(Class::Routine, "x", 0..1);
    desk.begin("well");
    desk.answer("well", refused(38, Cause::Temporary));
    desk.connect("sick");
    desk.pass(SignedDuration::from_secs(30));
    desk.begin("sick");
    desk.answer("sick", refused(1, Cause::Message));
    assert_eq!(desk.count(job, State::Failed), 0);
    desk.pass(SignedDuration::from_secs(30));
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 1);
}
