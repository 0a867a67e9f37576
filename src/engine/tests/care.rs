//! Modems that fall: what the engine orders, what it puts on record, and what a restart of the daemon remembers.

use super::desk::{Desk, free, name};
use crate::engine::event::*;
use crate::model::*;

fn fall(desk: &mut Desk, fall: Fall) -> Option<RecoveryStep> {
    desk.modem("a", ModemEvent::Lost { reason: "the modem does not answer AT".to_owned() });
    desk.orders.clear();
    desk.modem("a", ModemEvent::Fell { fall, reason: "the modem does not answer AT".to_owned() });
    desk.orders.iter().find_map(|order| match order {
        Order::Modem(_, ModemOrder::Recover(step)) => Some(*step),
        _ => None,
    })
}

#[test]
fn a_silent_modem_is_reset_at_most_three_times_an_hour_whatever_restarts_the_daemon() {
    let mut desk = Desk::new(free());
    let mut resets = 0;
    for turn in 0..12 {
        desk.connect("a");
        let step = fall(&mut desk, Fall::Silent).expect("an answer");
        resets += u32::from(step.is_reset());
        if turn % 2 == 1 {
            desk.crash();
        }
        desk.pass(SignedDuration::from_secs(60));
    }
    assert_eq!(resets, 3, "{:?}", desk.recorded("modem_reset"));
    assert_eq!(desk.recorded("modem_reset").len(), 3);
    desk.pass(SignedDuration::from_hours(1));
    desk.connect("a");
    fall(&mut desk, Fall::Silent);
    desk.connect("a");
    assert!(fall(&mut desk, Fall::Silent).is_some_and(RecoveryStep::is_reset), "the hour has passed");
}

#[test]
fn a_port_that_does_not_open_is_shown_and_nothing_is_ordered() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    assert_eq!(fall(&mut desk, Fall::OpenRefused), None);
    let modems = desk.reader().modems(desk.now).unwrap();
    assert_eq!(modems[0].reason.as_deref(), Some("the modem does not answer AT"));
    assert_eq!(desk.recorded("modem_refused").len(), 1);
}

#[test]
fn a_device_of_which_no_port_answers_is_shown_with_what_to_try_and_never_reset() {
    let mut desk = Desk::new(free());
    let reason = "no port of this device takes AT commands (ttyUSB0 keeps silent); see kentongan doctor".to_owned();
    for _ in 0..10 {
        desk.orders.clear();
        desk.modem("a", ModemEvent::Fell { fall: Fall::NoPort, reason: reason.clone() });
        let step = desk.orders.iter().find_map(|order| match order {
            Order::Modem(_, ModemOrder::Recover(step)) => Some(*step),
            _ => None,
        });
        assert!(matches!(step, Some(RecoveryStep::Rest(_))), "{step:?}");
    }
    let modems = desk.reader().modems(desk.now).unwrap();
    assert!(modems[0].reason.as_deref().is_some_and(|shown| shown.starts_with(&reason)), "{modems:?}");
    let alarm = &desk.reader().alarms(false, 9).unwrap()[0];
    assert_eq!((alarm.kind.as_str(), alarm.detail.as_str()), ("modem_out", reason.as_str()));
    desk.connect("a");
    assert!(desk.reader().alarms(false, 9).unwrap().is_empty());
}

#[test]
fn a_modem_shows_when_it_last_got_anything_done_and_the_queue_how_old_it_is() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let dropped = desk.now;
    desk.job(Class::Routine, "Uji", 1..9);
    desk.begin("a").expect("on the air");
    desk.pass(SignedDuration::from_secs(10));
    desk.submit("a");
    let accepted = desk.now;
    desk.pass(SignedDuration::from_secs(10));
    desk.answer("a", refused(21));
    let answered = desk.now;
    desk.pass(SignedDuration::from_secs(10));
    desk.hear("a", "+6281234567890", "Siap");
    let inbound = desk.now;
    // A day without progress: what is shown stays as old as it is, however often the modem says that it is well.
    for _ in 0..24 {
        desk.modem("a", ModemEvent::Health { registration: Registration::Home, signal: Some(20) });
        desk.now = desk.now.saturating_add(SignedDuration::from_mins(1)).unwrap();
    }
    let modem = &desk.reader().modems(desk.now).unwrap()[0];
    assert_eq!(
        (modem.accepted_at, modem.answered_at, modem.inbound_at),
        (Some(accepted), Some(answered), Some(inbound))
    );
    assert_eq!(desk.reader().status().unwrap().oldest_queued_at, Some(dropped));
}

#[test]
fn a_modem_without_a_network_for_a_quarter_of_an_hour_is_an_alarm_until_it_has_one_or_the_daemon_starts_anew() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    // Another one works all the time.
    desk.connect("c");
    let reason = "the network refuses this SIM or this modem";
    desk.modem("a", ModemEvent::Unready { reason: reason.to_owned() });
    assert_eq!(desk.next_wake, Some(desk.now + SignedDuration::from_mins(15)));
    desk.pass(SignedDuration::from_mins(14));
    assert!(alarms(&desk, false).is_empty());
    desk.pass(SignedDuration::from_mins(1));
    let alarm = &desk.reader().alarms(false, 9).unwrap()[0];
    assert_eq!((alarm.kind.as_str(), alarm.subject.as_str(), alarm.detail.as_str()), ("modem_out", "a", reason));
    desk.modem("a", ModemEvent::Ready { operator: None, reports: true });
    assert!(alarms(&desk, false).is_empty());
    // One whose card cannot be used was never found, and one that is pulled out stays away.
    desk.modem("b", ModemEvent::Unready { reason: "no SIM is found".to_owned() });
    desk.modem("a", ModemEvent::Lost { reason: "the port is gone (hangup)".to_owned() });
    desk.pass(SignedDuration::from_mins(15));
    assert_eq!(alarms(&desk, false).len(), 2);
    desk.crash();
    assert!(alarms(&desk, false).is_empty(), "a modem that was taken away is no alarm for ever");
}

#[test]
fn a_modem_left_alone_says_until_when() {
    let mut desk = Desk::new(free());
    for _ in 0..4 {
        desk.connect("a");
        fall(&mut desk, Fall::Silent);
    }
    let shown = desk.reader().modems(desk.now).unwrap()[0].reason.clone().unwrap();
    assert!(shown.contains("left alone until"), "{shown}");
    assert!(desk.recorded("modem_rests")[0].starts_with("a: left alone for 1 min"));
}

#[test]
fn a_modem_that_answers_no_send_is_restarted_and_its_neighbour_is_not() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    desk.job(Class::Routine, "Uji", 1..20);
    for _ in 0..3 {
        if !desk.air.contains_key(&name("a")) {
            desk.begin("a").expect("it may go");
        }
        desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    }
    let steps: Vec<_> =
        desk.orders.iter().filter(|order| matches!(order, Order::Modem(_, ModemOrder::Recover(_)))).collect();
    assert_eq!(steps, [&Order::Modem(name("a"), ModemOrder::Recover(RecoveryStep::SoftReset))]);
}

const TRY: [u8; 32] = [7; 32];

/// Asks for a PIN; whether it may be entered.
fn ask(desk: &mut Desk, digest: [u8; 32], tries: Option<u8>) -> bool {
    desk.orders.clear();
    desk.modem("a", ModemEvent::PinAsked { digest, tries });
    match desk.orders.pop() {
        Some(Order::Modem(_, ModemOrder::EnterPin)) => true,
        Some(Order::Modem(_, ModemOrder::HoldPin { .. })) => false,
        other => panic!("no word: {other:?}"),
    }
}

#[test]
fn a_pin_that_was_about_to_be_entered_when_the_daemon_was_killed_is_not_entered_again() {
    let mut desk = Desk::new(free());
    assert!(ask(&mut desk, TRY, Some(3)));
    desk.crash();
    assert!(!ask(&mut desk, TRY, Some(3)));
    assert!(ask(&mut desk, [8; 32], Some(3)), "another value in the configuration, or another card");
}

#[test]
fn a_pin_with_two_tries_left_or_an_unknown_number_of_them_is_held() {
    let mut desk = Desk::new(free());
    assert!(!ask(&mut desk, TRY, Some(2)));
    assert!(!ask(&mut desk, TRY, None));
    assert!(ask(&mut desk, TRY, Some(3)), "holding it was no try");
}

#[test]
fn a_wrong_pin_ends_it_for_good_and_a_right_one_serves_after_each_restart_of_the_modem() {
    let mut desk = Desk::new(free());
    assert!(ask(&mut desk, TRY, Some(3)));
    desk.modem("a", ModemEvent::PinAnswered { digest: TRY, accepted: false });
    desk.crash();
    assert!(!ask(&mut desk, TRY, Some(3)));
    assert!(ask(&mut desk, [8; 32], Some(3)));
    desk.modem("a", ModemEvent::PinAnswered { digest: [8; 32], accepted: true });
    desk.crash();
    assert!(ask(&mut desk, [8; 32], Some(3)));
    assert_eq!(desk.recorded("pin_refused"), ["a"]);
}

#[test]
fn a_modem_whose_sim_is_locked_is_shown_although_nothing_else_is_known_of_it() {
    let mut desk = Desk::new(free());
    desk.modem("a", ModemEvent::Unready { reason: "the SIM asks for its PIN".to_owned() });
    let modems = desk.reader().modems(desk.now).unwrap();
    assert_eq!((modems[0].name.as_str(), modems[0].state.as_str()), ("a", "unready"));
    assert_eq!(modems[0].reason.as_deref(), Some("the SIM asks for its PIN"));
}

fn refused(number: u16) -> Outcome {
    Outcome::Refused { cause: Cause::Ambiguous, code: ErrorCode { kind: ErrorKind::Cms, number } }
}

/// Lets b send and a be refused until a is taken out; gives how often a was refused.
fn refuse_everything(desk: &mut Desk) -> u32 {
    for turn in 0..200 {
        if desk.recorded("sim_blocked").len() == 1 {
            return turn;
        }
        if desk.air.contains_key(&name("b")) || desk.ready.contains_key(&name("b")) && desk.begin("b").is_some() {
            desk.submit("b");
        }
        if desk.air.contains_key(&name("a")) || desk.ready.contains_key(&name("a")) && desk.begin("a").is_some() {
            desk.answer("a", refused(21));
        }
        desk.pass(SignedDuration::from_secs(45));
    }
    panic!("it was never taken out: {:?}", desk.recorded("sim_rests"));
}

fn resume(desk: &mut Desk) -> Result<String, String> {
    desk.orders.clear();
    let action = Action::ResumeModem(name("a"));
    let act = Act { reply_to: Some(1), actor: "andi".to_owned(), reason: "pulsa diisi".to_owned(), action };
    desk.feed(vec![Event::Act(act)]);
    match desk.orders.drain(..).find(|order| matches!(order, Order::Reply { .. })) {
        Some(Order::Reply { result, .. }) => result,
        other => panic!("no reply: {other:?}"),
    }
}

#[test]
fn who_wants_a_sim_used_again_that_nobody_took_out_is_told_whether_its_modem_works() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    assert_eq!(resume(&mut desk), Err("modem a is in use already".to_owned()));
    let away = Err("the SIM in modem a is not taken out; it is the modem that is not at work".to_owned());
    desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    assert_eq!(resume(&mut desk), away);
    // No daemon has met it since.
    desk.crash();
    assert_eq!(resume(&mut desk), away);
}

#[test]
fn a_sim_that_looks_blocked_stays_out_over_a_restart_until_a_person_says_so() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    desk.job(Class::Routine, "Uji", 1..400);
    refuse_everything(&mut desk);
    let shown = |desk: &Desk| desk.reader().modems(desk.now).unwrap()[0].state.clone();
    assert_eq!(shown(&desk), "blocked");
    assert_eq!(alarms(&desk, false), [("sim_blocked".to_owned(), false)]);
    desk.crash();
    desk.connect("a");
    desk.connect("b");
    desk.pass(SignedDuration::from_hours(2));
    assert_eq!(shown(&desk), "blocked");
    assert!(!desk.ready.contains_key(&name("a")) && desk.ready.contains_key(&name("b")));

    assert_eq!(resume(&mut desk), Ok("modem a is in use again".to_owned()));
    assert_eq!(shown(&desk), "ready");
    assert!(desk.begin("a").is_some(), "it is tried at once");
    desk.submit("a");
    assert!(resume(&mut desk).is_err(), "it is in use");
    assert_eq!(desk.recorded("sim_resumed"), ["a: pulsa diisi"]);
    assert_eq!(alarms(&desk, false), []);
}

#[test]
fn another_card_in_the_modem_of_a_blocked_one_sends() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    desk.job(Class::Routine, "Uji", 1..400);
    refuse_everything(&mut desk);
    desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    desk.connect_sim("a", "another");
    assert!(desk.begin("a").is_some());
}

#[test]
fn a_sim_under_suspicion_is_so_after_a_restart_of_the_daemon_too() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.job(Class::Routine, "Uji", 1..50);
    desk.begin("a").expect("it may go");
    let sim = Outcome::Refused { cause: Cause::Sim, code: ErrorCode { kind: ErrorKind::Cms, number: 330 } };
    desk.answer("a", sim);
    assert!(!desk.ready.contains_key(&name("a")), "it rests for a minute");
    desk.crash();
    desk.connect("a");
    assert!(!desk.ready.contains_key(&name("a")), "and still does");
    desk.pass(SignedDuration::from_secs(61));
    assert!(desk.ready.contains_key(&name("a")));
}

fn alarms(desk: &Desk, past: bool) -> Vec<(String, bool)> {
    let rows = desk.reader().alarms(past, 100).unwrap();
    rows.into_iter().map(|alarm| (alarm.kind, alarm.cleared_at.is_some())).collect()
}

#[test]
fn a_modem_left_alone_is_an_alarm_until_it_is_back() {
    let mut desk = Desk::new(free());
    for _ in 0..8 {
        desk.connect("a");
        fall(&mut desk, Fall::Silent);
    }
    assert_eq!(alarms(&desk, false), [("modem_out".to_owned(), false)]);
    desk.connect("a");
    assert_eq!(alarms(&desk, false), []);
    assert!(alarms(&desk, true).iter().all(|(kind, passed)| kind == "modem_out" && *passed));
    assert_eq!(desk.recorded("alarm_raised").len(), desk.recorded("alarm_cleared").len());
}
