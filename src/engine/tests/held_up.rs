//! Emergencies that a modem holds up while another one could carry them.

use super::desk::*;
use super::stories::refused;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Limits;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// A desk with a backlog, of which each of these modems has one message on the air and the next one ready.
fn busy(modems: &[&str], rules: Rules) -> (Desk, JobId) {
    let mut desk = Desk::new(rules);
    modems.iter().for_each(|modem| desk.connect(modem));
    let backlog = desk.job(Class::Routine, "pajak", 0..50);
    for modem in modems {
        desk.begin(modem);
    }
    (desk, backlog)
}

/// The modems for which something stands ready.
fn ready(desk: &Desk) -> Vec<&str> {
    desk.ready.keys().map(ModemName::as_str).collect()
}

/// The only other of two modems.
fn other(modem: &str) -> &'static str {
    if modem == "a" { "b" } else { "a" }
}

/// A single emergency, reserved at one of the modems a and b; gives which.
fn emergency(desk: &mut Desk) -> (JobId, &'static str) {
    let job = desk.job(Class::Emergency, "LONGSOR", 60..61);
    let holder = if desk.ready.contains_key(&name("a")) { "a" } else { "b" };
    (job, holder)
}

fn no_prompt(desk: &mut Desk, modem: &str) {
    desk.answer(modem, Outcome::NotSent(NotSent::NoPrompt));
}

#[test]
fn an_emergency_behind_a_send_that_hangs_goes_with_whoever_is_free_first() {
    let (mut desk, backlog) = busy(&["a", "b", "c"], free());
    let emergency = desk.job(Class::Emergency, "LONGSOR", 60..61);
    let [holder] = ready(&desk)[..] else { panic!("the others are kept free: {:?}", ready(&desk)) };
    let free = if holder == "a" { "b" } else { "a" };
    desk.pass(SECOND);
    desk.submit(free);
    desk.begin(free);
    assert_eq!(desk.count(emergency, State::Sending), 1, "the first that is free carries it");
    assert_eq!((desk.withdrawn, desk.asked_back.len()), (0, 0));
    // From then on everybody has the backlog ready again, and it goes out once.
    assert_eq!(ready(&desk).len(), 3);
    let carried: usize = desk.send_all().values().sum();
    assert_eq!(carried, 50);
    assert_eq!((desk.count(emergency, State::Submitted), desk.count(backlog, State::Submitted)), (1, 50));
    assert_eq!(desk.recipients(emergency)[0].attempts, 1);
}

#[test]
fn in_a_blast_of_emergencies_the_one_behind_a_send_that_hangs_goes_before_the_rest() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    let blast = desk.job(Class::Emergency, "LONGSOR", 60..70);
    desk.begin("a");
    desk.begin("b");
    let begun = |desk: &Desk| -> Vec<u32> {
        desk.recipients(blast).iter().filter(|row| row.attempts > 0).map(|row| row.row).collect()
    };
    desk.pass(SECOND * 19);
    desk.submit("b");
    assert_eq!(begun(&desk), [1, 2, 4], "the third stands behind a, which may only be slow");
    desk.pass(SECOND * 2);
    desk.submit("b");
    assert_eq!(begun(&desk), [1, 2, 4, 5], "what b had ready goes first");
    desk.submit("b");
    assert_eq!(begun(&desk), [1, 2, 3, 4, 5]);
    for _ in 0..6 {
        desk.submit("b");
    }
    assert_eq!((desk.count(blast, State::Submitted), desk.count(blast, State::Sending)), (9, 1));
    assert!(desk.recipients(blast).iter().all(|row| row.attempts == 1));
}

#[test]
fn one_that_was_refused_before_waits_for_no_modem_that_hangs_either() {
    let (mut desk, _) = busy(&["a", "b"], free());
    desk.connect("c");
    let emergency = desk.job(Class::Emergency, "LONGSOR", 60..61);
    desk.begin("c");
    assert_eq!(desk.count(emergency, State::Sending), 1);
    desk.answer("c", refused(38, Cause::Temporary));
    desk.pass(SECOND * 29);
    desk.submit("a");
    desk.submit("b");
    desk.pass(SECOND);
    // Not through c, which has refused it: behind a or b, and the other one is kept free for it.
    let holder = ["a", "b"].into_iter().find(|modem| desk.ready.contains_key(&name(modem))).unwrap();
    assert!(!desk.ready.contains_key(&name(other(holder))));
    desk.submit(other(holder));
    desk.begin(other(holder));
    assert_eq!(desk.count(emergency, State::Sending), 1);
}

#[test]
fn one_that_a_session_does_not_begin_goes_to_another_and_is_not_sent_twice() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    let (emergency, holder) = emergency(&mut desk);
    let held = desk.ready[&name(holder)].ticket;
    assert!(desk.next_wake.is_some_and(|wake| wake <= desk.now + SECOND * 2));
    desk.pass(SECOND);
    assert_eq!(ready(&desk), [holder], "it may just be reading what came in");
    desk.pass(SECOND);
    assert_eq!(ready(&desk), [other(holder)]);
    // It has begun it in the same moment.
    desk.modem(holder, ModemEvent::Begun(held));
    assert_eq!((desk.air.len(), desk.withdrawn), (0, 1), "it gets no leave, and is told to let go of it");
    desk.begin(other(holder));
    desk.submit(other(holder));
    assert_eq!(desk.count(emergency, State::Submitted), 1);
    assert_eq!(desk.recipients(emergency)[0].attempts, 1);
}

#[test]
fn one_whose_prompt_does_not_come_is_asked_back_and_goes_to_another_at_once() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    let (emergency, holder) = emergency(&mut desk);
    desk.begin(holder);
    assert!(desk.next_wake.is_some_and(|wake| wake <= desk.now + SECOND * 4));
    desk.pass(SECOND * 3);
    assert!(desk.asked_back.is_empty());
    desk.pass(SECOND);
    assert_eq!(desk.asked_back, [name(holder)]);
    assert!(desk.ready.is_empty(), "nobody else gets it before its session has said that it is not sent");
    desk.pass(SECOND * 10);
    assert_eq!(desk.asked_back.len(), 1, "it is asked once");
    no_prompt(&mut desk, holder);
    assert_eq!(ready(&desk), [other(holder)]);
    desk.begin(other(holder));
    desk.submit(other(holder));
    assert_eq!(desk.count(emergency, State::Submitted), 1);
    assert_eq!(desk.reader().repeats().unwrap(), 1, "the second hand-over has its reason on record");
}

#[test]
fn one_that_was_handed_over_when_it_was_asked_back_ends_as_its_modem_says() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    let (emergency, holder) = emergency(&mut desk);
    desk.begin(holder);
    desk.pass(SECOND * 4);
    assert_eq!(desk.asked_back.len(), 1);
    desk.submit(holder);
    assert!(desk.ready.is_empty());
    assert_eq!((desk.count(emergency, State::Submitted), desk.recipients(emergency)[0].attempts), (1, 1));
}

#[test]
fn nothing_is_asked_back_for_which_there_is_no_other_modem() {
    let kept = || Rules { modem_classes: [(name("b"), vec![Class::Routine])].into(), ..free() };
    let limited = || Rules { limits: Limits { per_hour: 1, ..Limits::NONE }, ..Rules::default() };
    for (rules, others) in [(free(), &[][..]), (kept(), &["b"]), (limited(), &["b"])] {
        let mut desk = Desk::new(rules);
        desk.connect("a");
        desk.job(Class::Emergency, "LONGSOR", 60..61);
        desk.begin("a");
        for modem in others {
            desk.connect(modem);
            desk.job(Class::Routine, "pajak", 1..2);
            if desk.ready.contains_key(&name(modem)) {
                desk.begin(modem);
                desk.submit(modem);
            }
        }
        desk.pass(SECOND * 30);
        assert!(desk.asked_back.is_empty());
    }
    // Nor the rest of a message, which must follow through the same SIM; nor what is no emergency.
    for (class, text) in [(Class::Emergency, "LONGSOR ".repeat(40)), (Class::Important, "rapat".to_owned())] {
        let mut desk = Desk::new(free());
        desk.connect("a");
        desk.job(class, &text, 60..61);
        desk.begin("a");
        if class == Class::Emergency {
            desk.submit("a");
        }
        desk.connect("b");
        desk.pass(SECOND * 10);
        assert!(desk.asked_back.is_empty(), "{class}");
    }
}

#[test]
fn a_modem_that_hangs_is_none_to_count_on() {
    let mut desk = Desk::new(free());
    desk.connect("b");
    desk.job(Class::Routine, "pajak", 1..2);
    desk.begin("b");
    desk.connect("a");
    desk.pass(SECOND * 20);
    let (_, holder) = emergency(&mut desk);
    assert_eq!(holder, "a");
    desk.begin("a");
    desk.pass(SECOND * 10);
    assert!(desk.asked_back.is_empty(), "it would only change one modem that hangs for another");
    // What a could not send is not kept for b.
    no_prompt(&mut desk, "a");
    assert_eq!(ready(&desk), ["a"]);
}

#[test]
fn a_sim_that_is_not_for_emergencies_goes_on_with_the_backlog() {
    let rules = Rules { modem_classes: [(name("b"), vec![Class::Routine])].into(), ..free() };
    let (mut desk, backlog) = busy(&["a", "b"], rules);
    let emergency = desk.job(Class::Emergency, "LONGSOR", 60..61);
    assert_eq!(ready(&desk), ["a", "b"]);
    for _ in 0..5 {
        desk.submit("b");
    }
    assert_eq!((desk.count(emergency, State::Queued), desk.count(backlog, State::Submitted)), (1, 5));
}
