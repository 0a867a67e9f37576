//! USSD beside the sending of messages: when a modem may dial, what it gives way to, and what is on record of it.

use super::desk::{Desk, free, name};
use crate::engine::event::*;
use crate::model::*;

pub(super) fn codes(list: &[&str]) -> Vec<UssdCode> {
    list.iter().map(|code| UssdCode::parse(code).unwrap()).collect()
}

/// Asks for a code; the answer comes later.
fn ask(desk: &mut Desk, list: &[&str]) {
    let action = Action::Ussd { modem: name("a"), codes: codes(list) };
    let act = Act { reply_to: Some(1), actor: "andi".to_owned(), reason: String::new(), action };
    desk.feed(vec![Event::Act(act)]);
}

/// What the session was told to dial, once.
pub(super) fn dialled(desk: &mut Desk, modem: &str) -> Option<(Ticket, Vec<UssdKey>)> {
    let is = |order: &Order| matches!(order, Order::Modem(at, ModemOrder::Ussd { .. }) if *at == name(modem));
    let place = desk.orders.iter().position(is)?;
    match desk.orders.remove(place) {
        Order::Modem(_, ModemOrder::Ussd { ticket, keys }) => Some((ticket, keys)),
        _ => unreachable!("it was just matched"),
    }
}

fn told_to_end(desk: &Desk) -> bool {
    desk.orders.iter().any(|order| matches!(order, Order::Modem(_, ModemOrder::EndUssd(_))))
}

/// The network answers in plain text.
pub(super) fn answer(desk: &mut Desk, modem: &str, ticket: Ticket, texts: &[&str], end: UssdEnd) {
    let said = |text: &&str| UssdAnswer { string: (*text).to_owned(), dcs: Some(15), form: UssdForm::Plain };
    desk.modem(modem, ModemEvent::UssdEnded { ticket, answers: texts.iter().map(said).collect(), end });
}

/// The answer that a person got; `None`: none yet.
fn reply(desk: &mut Desk) -> Option<Result<UssdView, String>> {
    let place = desk.orders.iter().position(|order| matches!(order, Order::Reply { .. }))?;
    match desk.orders.remove(place) {
        Order::Reply { result, .. } => Some(result.map(|told| serde_json::from_str(&told).unwrap())),
        _ => unreachable!("it was just matched"),
    }
}

fn recorded(desk: &Desk) -> Vec<(String, String, String)> {
    let events = desk.reader().events(None, 100).unwrap();
    let ussd = events.into_iter().rev().filter(|event| event.kind.starts_with("ussd"));
    ussd.map(|event| (event.actor, event.kind, event.detail)).collect()
}

#[test]
fn a_person_gets_the_networks_texts_and_the_record_says_who_dialled_what_without_secrets() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    ask(&mut desk, &["*133*1234567890123456#", "1"]);
    assert_eq!(reply(&mut desk), None, "the network has not answered");
    let (ticket, keys) = dialled(&mut desk, "a").expect("it has nothing in hand");
    assert_eq!(keys[0].code.as_str(), "*133*1234567890123456#", "the modem gets all of it");
    answer(&mut desk, "a", ticket, &["Isi ulang?\n1. Ya", "Berhasil"], UssdEnd::Answered { open: false });
    let view = reply(&mut desk).unwrap().unwrap();
    assert_eq!(
        (view.answers, view.open, view.trouble),
        (vec!["Isi ulang?\n1. Ya".to_owned(), "Berhasil".to_owned()], false, None)
    );
    let who = |actor: &str, kind: &str, detail: &str| (actor.to_owned(), kind.to_owned(), detail.to_owned());
    assert_eq!(
        recorded(&desk),
        [
            who("andi", "ussd_dialled", "a: *133*xxxxxxxxxxxxxxxx# 1"),
            who("engine", "ussd_ended", "a: *133*xxxxxxxxxxxxxxxx# 1: answered")
        ]
    );
}

#[test]
fn texts_are_read_as_their_modem_writes_them() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    ask(&mut desk, &["*100#"]);
    let (ticket, keys) = dialled(&mut desk, "a").unwrap();
    assert_eq!(keys[0].packed, "AA180C3602");
    let said = |string: &str, dcs, form| UssdAnswer { string: string.to_owned(), dcs, form };
    let answers = vec![
        said("CF2135487D2E4130572D0682BB1A", Some(0), UssdForm::PackedHex),
        said("00480061007600690020006B0065007200650074", None, UssdForm::Ucs2Hex),
        said("0421043F0430044104380431043E", Some(72), UssdForm::PackedHex),
    ];
    let end = UssdEnd::Answered { open: true };
    desk.modem("a", ModemEvent::UssdEnded { ticket, answers, end });
    let view = reply(&mut desk).unwrap().unwrap();
    assert_eq!((view.answers.join("|").as_str(), view.open), ("OCTATOK 0.51 p.|Havi keret|Спасибо", true));
}

#[test]
fn a_modem_in_a_blast_dials_between_two_messages_and_goes_on() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, &"Uji panjang. ".repeat(20), 1..10);
    desk.begin("a").expect("it may go");
    ask(&mut desk, &["*888#"]);
    assert!(dialled(&mut desk, "a").is_none(), "a segment is on the air");
    desk.submit("a");
    assert!(dialled(&mut desk, "a").is_none(), "its message is not whole");
    // The session may have begun the next segment with the answer, or not.
    if !desk.air.contains_key(&name("a")) {
        desk.begin("a").expect("the rest of it follows");
    }
    assert!(!desk.ready.contains_key(&name("a")), "no other message is made ready");
    desk.submit("a");
    let (ticket, _) = dialled(&mut desk, "a").expect("the message is gone");
    assert!(!desk.ready.contains_key(&name("a")));
    answer(&mut desk, "a", ticket, &["Rp 5.000"], UssdEnd::Answered { open: false });
    assert!(reply(&mut desk).unwrap().is_ok());
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 9);
}

#[test]
fn an_emergency_goes_before_a_code_that_waits_and_ends_one_that_is_dialled() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.job(Class::Routine, "Umum", 1..3);
    desk.begin("a").expect("it may go");
    ask(&mut desk, &["*888#"]);
    let urgent = desk.job(Class::Emergency, "Longsor", 20..21);
    desk.submit("a");
    assert!(dialled(&mut desk, "a").is_none());
    if !desk.air.contains_key(&name("a")) {
        desk.begin("a").expect("the emergency goes");
    }
    assert_eq!(desk.count(urgent, State::Sending), 1);
    desk.submit("a");
    let (ticket, _) = dialled(&mut desk, "a").expect("now it is free");

    let urgent = desk.job(Class::Emergency, "Banjir", 30..31);
    assert!(told_to_end(&desk), "the modem is needed");
    assert!(!desk.ready.contains_key(&name("a")), "but the line is not free yet");
    answer(&mut desk, "a", ticket, &[], UssdEnd::Withdrawn);
    desk.begin("a").expect("the emergency goes");
    assert_eq!(desk.count(urgent, State::Sending), 1);
    let view = reply(&mut desk).unwrap().unwrap();
    assert!(view.trouble.unwrap().contains("emergency"));
}

#[test]
fn an_emergency_that_this_sim_could_not_send_leaves_the_code_alone() {
    let mut desk = Desk::new(crate::engine::Rules {
        limits: crate::policy::Limits { per_hour: 1, ..crate::policy::Limits::NONE },
        ..crate::engine::Rules::default()
    });
    desk.connect("a");
    desk.job(Class::Routine, "Umum", 1..2);
    desk.send_all();
    ask(&mut desk, &["*888#"]);
    assert!(dialled(&mut desk, "a").is_some());
    desk.job(Class::Emergency, "Banjir", 30..31);
    assert!(!told_to_end(&desk));
}

#[test]
fn one_code_at_a_time_and_only_through_a_modem_that_is_there() {
    let mut desk = Desk::new(free());
    ask(&mut desk, &["*888#"]);
    assert_eq!(reply(&mut desk), Some(Err("there is no modem a with a SIM".to_owned())));
    desk.connect("a");
    ask(&mut desk, &["*888#"]);
    ask(&mut desk, &["*123#"]);
    assert!(reply(&mut desk).unwrap().unwrap_err().contains("another USSD code"));
    let (ticket, _) = dialled(&mut desk, "a").unwrap();
    answer(&mut desk, "a", ticket, &["Rp 1"], UssdEnd::Answered { open: false });
    desk.orders.clear();
    desk.modem("a", ModemEvent::Unready { reason: "searching".to_owned() });
    ask(&mut desk, &["*888#"]);
    assert!(reply(&mut desk).unwrap().unwrap_err().contains("not ready"));
    desk.modem("a", ModemEvent::Ready { operator: None, reports: true });
    ask(&mut desk, &["1"; 10]);
    assert!(reply(&mut desk).unwrap().unwrap_err().contains("at most 8 keys"));
}

#[test]
fn a_modem_that_goes_away_or_never_gets_free_is_told() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    ask(&mut desk, &["*888#"]);
    let (ticket, _) = dialled(&mut desk, "a").unwrap();
    desk.modem("a", ModemEvent::Lost { reason: "the port is gone (end of file)".to_owned() });
    assert!(reply(&mut desk).unwrap().unwrap().trouble.unwrap().contains("went away"));
    answer(&mut desk, "a", ticket, &["Rp 1"], UssdEnd::Answered { open: false });
    assert_eq!(reply(&mut desk), None, "nobody waits any more");

    desk.connect("a");
    desk.job(Class::Routine, "Umum", 1..3);
    desk.begin("a").expect("it may go");
    ask(&mut desk, &["*888#"]);
    assert!(desk.next_wake.is_some_and(|wake| wake <= desk.now + SignedDuration::from_mins(5)));
    desk.pass(SignedDuration::from_mins(5));
    assert!(reply(&mut desk).unwrap().unwrap().trouble.unwrap().contains("for 5 minutes"));
    desk.submit("a");
    assert!(dialled(&mut desk, "a").is_none(), "nobody wants it any more");
}
