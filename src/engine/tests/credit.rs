//! Credit by the clock: when SIMs are asked, what their operators' words become, and what is raised and cleared.

use super::desk::{Desk, free, name};
use super::ussd::{answer, dialled};
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::pdu;
use crate::policy::credit::{CreditRule, Operator, Pattern, Question};

fn rule(question: Question) -> CreditRule {
    CreditRule {
        operator: Operator::parse("TELKOMSEL").unwrap(),
        question,
        amount: Pattern::parse(r"pulsa[^0-9]*([0-9][0-9.,]*)").unwrap(),
        active_until: Some(Pattern::parse(r"s/d ([0-9]+-[0-9]+-[0-9]+)").unwrap()),
        warn_below: 10_000,
        stop_below: 0,
        every: SignedDuration::from_hours(24),
        senders: vec!["TELKOMSEL".to_owned()],
    }
}

fn by_ussd() -> Question {
    Question::Ussd(["*888#", "1"].map(|code| UssdCode::parse(code).unwrap()).to_vec())
}

/// The same, and the SIM is taken out below 1,000.
fn strict(question: Question) -> Desk {
    Desk::new(Rules { credit: vec![CreditRule { stop_below: 1_000, ..rule(question) }], ..free() })
}

fn desk(question: Question) -> Desk {
    Desk::new(Rules { credit: vec![rule(question)], ..free() })
}

/// The same, and nobody but the network itself is listened to.
fn without_senders() -> Desk {
    Desk::new(Rules { credit: vec![CreditRule { senders: Vec::new(), ..rule(by_ussd()) }], ..free() })
}

fn connect(desk: &mut Desk, modem: &str, operator: &str) {
    let sim = SimIdentity { iccid: Some(format!("8962{modem}")), imsi: None };
    let port = format!("/dev/gsm/{modem}");
    desk.modem(modem, ModemEvent::Found { modem: ModemIdentity::default(), sim, port });
    desk.modem(modem, ModemEvent::Ready { operator: Some(operator.to_owned()), reports: true });
}

/// The operator answers whoever asks now; gives who that was.
fn answered(desk: &mut Desk, words: &str) -> Vec<&'static str> {
    let mut asked = Vec::new();
    while let Some((modem, (ticket, keys))) = ["a", "b"].into_iter().find_map(|at| Some((at, dialled(desk, at)?))) {
        assert_eq!(keys.iter().map(|key| key.code.as_str()).collect::<Vec<_>>(), ["*888#", "1"]);
        answer(desk, modem, ticket, &["1. Pulsa", words], UssdEnd::Answered { open: false });
        asked.push(modem);
    }
    asked
}

fn alarms(desk: &Desk) -> Vec<String> {
    let mut kinds: Vec<_> = desk.reader().alarms(false, 99).unwrap().into_iter().map(|alarm| alarm.kind).collect();
    kinds.sort();
    kinds
}

fn credit(desk: &Desk, place: usize) -> (Option<u64>, Option<String>) {
    let modem = desk.reader().modems(desk.now).unwrap().remove(place);
    (modem.credit, modem.active_until)
}

const GOOD: &str = "Pulsa Rp 25.000 s/d 24-12-2027";

#[test]
fn every_sim_is_asked_once_a_day_one_after_the_other_over_midnight_and_restarts() {
    let mut desk = desk(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    connect(&mut desk, "b", "TELKOMSEL 4G");
    assert!(dialled(&mut desk, "b").is_none(), "one at a time");
    assert_eq!(answered(&mut desk, GOOD), ["a", "b"]);
    assert_eq!(credit(&desk, 1), (Some(25_000), Some("2027-12-24".to_owned())));
    let mut asked = 0;
    for hour in 1..=72 {
        desk.pass(SignedDuration::from_hours(1));
        if hour % 5 == 0 {
            desk.crash();
            connect(&mut desk, "a", "TELKOMSEL");
            connect(&mut desk, "b", "TELKOMSEL");
        }
        let now = answered(&mut desk, GOOD).len();
        assert!(now == 0 || hour % 24 == 0, "{now} in hour {hour}");
        asked += now;
    }
    assert_eq!(asked, 6);
    assert!(desk.next_wake.is_some_and(|wake| wake <= desk.now + SignedDuration::from_hours(24)));
}

#[test]
fn a_sim_of_another_operator_is_not_asked() {
    let mut desk = desk(by_ussd());
    connect(&mut desk, "a", "XL Axiata");
    desk.pass(SignedDuration::from_hours(48));
    assert_eq!(answered(&mut desk, GOOD), [""; 0]);
}

#[test]
fn low_credit_and_the_end_of_the_active_period_are_alarms_until_they_have_passed() {
    let mut desk = desk(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    // The story begins on 2026-11-18.
    answered(&mut desk, "Pulsa Rp 9.999 s/d 02-12-2026");
    assert_eq!(alarms(&desk), ["active_period_ends", "credit_low"]);
    let raised = desk.reader().alarms(false, 99).unwrap();
    assert!(raised.iter().all(|alarm| alarm.subject == "8962a"), "{raised:?}");
    assert!(raised.iter().any(|alarm| alarm.detail == "in modem a: credit 9999 is below 10000"), "{raised:?}");
    assert!(
        raised.iter().any(|alarm| alarm.detail == "in modem a: the active period ends on 2026-12-02"),
        "{raised:?}"
    );
    desk.pass(SignedDuration::from_hours(24));
    answered(&mut desk, "Pulsa Rp 10.000 s/d 02-12-2026");
    assert_eq!(alarms(&desk), ["active_period_ends"]);
    desk.pass(SignedDuration::from_hours(24));
    answered(&mut desk, "Pulsa Rp 10.000 s/d 31-12-2026");
    assert_eq!(alarms(&desk), [""; 0]);
    // The day comes nearer although nobody says so again.
    for _ in 0..30 {
        desk.pass(SignedDuration::from_hours(24));
        answered(&mut desk, "Pulsa Rp 10.000");
    }
    assert_eq!(alarms(&desk), ["active_period_ends"]);
}

#[test]
fn what_does_not_say_the_credit_is_unknown_not_zero_and_a_person_is_told_after_three() {
    let mut desk = without_senders();
    connect(&mut desk, "a", "TELKOMSEL");
    answered(&mut desk, GOOD);
    desk.pass(SignedDuration::from_hours(24));
    assert_eq!(answered(&mut desk, "Maaf, sistem sedang sibuk").len(), 1);
    assert_eq!(credit(&desk, 0).0, Some(25_000), "what is known stays");
    assert_eq!(alarms(&desk), [""; 0]);
    // It is asked again within the hour, and not for ever.
    desk.pass(SignedDuration::from_hours(1));
    let (ticket, _) = dialled(&mut desk, "a").expect("it is asked again");
    answer(&mut desk, "a", ticket, &[], UssdEnd::Silence);
    desk.crash();
    connect(&mut desk, "a", "TELKOMSEL");
    desk.pass(SignedDuration::from_hours(1));
    assert_eq!(answered(&mut desk, "Paket baru!").len(), 1);
    assert_eq!(alarms(&desk), ["credit_unknown"]);
    desk.pass(SignedDuration::from_hours(23));
    assert_eq!(answered(&mut desk, "Paket baru!"), [""; 0], "at the usual pace");
    desk.pass(SignedDuration::from_hours(1));
    assert_eq!(answered(&mut desk, GOOD).len(), 1);
    assert_eq!(alarms(&desk), [""; 0]);
}

#[test]
fn in_a_blast_it_is_asked_between_messages_gives_way_to_an_emergency_and_comes_back() {
    let mut desk = desk(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    answered(&mut desk, GOOD);
    desk.job(Class::Routine, "Kabar", 1..30);
    desk.pass(SignedDuration::from_hours(24));
    assert!(!desk.ready.contains_key(&name("a")), "what it only held ready waits for the question");
    let (ticket, _) = dialled(&mut desk, "a").expect("nothing is in hand");
    desk.job(Class::Emergency, "Banjir", 50..51);
    assert!(desk.orders.iter().any(|order| matches!(order, Order::Modem(_, ModemOrder::EndUssd(_)))));
    answer(&mut desk, "a", ticket, &[], UssdEnd::Withdrawn);
    desk.send_all();
    assert!(dialled(&mut desk, "a").is_none());
    desk.pass(SignedDuration::from_mins(10));
    assert_eq!(answered(&mut desk, GOOD).len(), 1, "what gave way is asked again");
    let unknown = desk.reader().events(None, 999).unwrap().into_iter().filter(|event| event.kind == "ussd_ended");
    assert_eq!(unknown.filter(|event| event.detail.ends_with(": answered")).count(), 2);
}

#[test]
fn a_person_who_wants_to_dial_does_not_wait_for_the_schedule() {
    let mut desk = desk(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    answered(&mut desk, GOOD);
    desk.job(Class::Routine, "Kabar", 1..3);
    desk.begin("a").expect("it may go");
    desk.pass(SignedDuration::from_hours(24));
    let action = Action::Ussd { modem: name("a"), codes: vec![UssdCode::parse("*100#").unwrap()] };
    let act = Act { reply_to: Some(1), actor: "andi".to_owned(), reason: String::new(), action };
    desk.feed(vec![Event::Act(act)]);
    desk.submit("a");
    let (ticket, keys) = dialled(&mut desk, "a").expect("the person's goes");
    assert_eq!(keys[0].code.as_str(), "*100#");
    answer(&mut desk, "a", ticket, &["Halo"], UssdEnd::Answered { open: false });
    assert!(dialled(&mut desk, "a").is_none());
    desk.send_all();
    desk.pass(SignedDuration::from_mins(10));
    assert_eq!(answered(&mut desk, GOOD).len(), 1);
}

#[test]
fn a_sim_without_ussd_asks_by_a_text_to_a_short_code_and_reads_what_comes_from_there() {
    let mut desk = desk(Question::Sms { to: 999, text: "CEK".to_owned() });
    connect(&mut desk, "a", "TELKOMSEL");
    let held = desk.ready[&name("a")].clone();
    let octets = pdu::hex::decode(&held.pdu).unwrap();
    let submit = pdu::Submit::decode(&octets[1..]).unwrap();
    assert_eq!(
        (submit.destination.to_string().as_str(), submit.user_data.text(submit.dcs).as_deref()),
        ("999", Some("CEK"))
    );
    desk.send_all();
    desk.hear("a", "999", "Terima kasih, mohon tunggu");
    desk.hear("a", "12345", "Pulsa Rp 1");
    assert_eq!(credit(&desk, 0).0, None, "neither says the credit of this SIM");
    desk.hear("a", "999", "Sisa pulsa Rp 7.500 s/d 24-12-2027");
    assert_eq!(credit(&desk, 0), (Some(7_500), Some("2027-12-24".to_owned())));
    assert_eq!(alarms(&desk), ["credit_low"]);
    let status = desk.reader().status().unwrap();
    assert_eq!((status.recipients, status.messages["queued"]), (0, 0), "no unit's message");

    // Without an answer it is unknown, and asked again.
    desk.pass(SignedDuration::from_hours(24));
    desk.send_all();
    desk.pass(SignedDuration::from_mins(16));
    assert_eq!(credit(&desk, 0).0, Some(7_500));
    desk.pass(SignedDuration::from_hours(1));
    assert!(desk.ready.contains_key(&name("a")), "asked again");
}

#[test]
fn an_operators_own_warning_is_read_where_the_settings_name_its_sender() {
    let mut desk = desk(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    answered(&mut desk, GOOD);
    desk.hear("a", "TELKOMSEL", "Pulsa Anda tinggal Rp 500. Segera isi ulang!");
    assert_eq!((credit(&desk, 0).0, alarms(&desk)), (Some(500), vec!["credit_low".to_owned()]));
    desk.hear("a", "TELKOMSEL", "Promo! Kuota murah hanya hari ini");
    desk.hear("a", "PENIPU", "Pulsa Anda Rp 900.000");
    desk.hear("a", "+6281234567890", "Pulsa Rp 900.000");
    assert_eq!(credit(&desk, 0).0, Some(500));
    desk.pass(SignedDuration::from_hours(24));
    assert_eq!(answered(&mut desk, GOOD).len(), 1, "and it is still asked at its own pace");
}

#[test]
fn with_too_little_a_sim_sends_nothing_until_an_answer_says_that_there_is_more() {
    let mut desk = strict(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    connect(&mut desk, "b", "TELKOMSEL");
    let (ticket, _) = dialled(&mut desk, "a").unwrap();
    answer(&mut desk, "a", ticket, &["Pulsa Rp 999 s/d 24-12-2027"], UssdEnd::Answered { open: false });
    assert_eq!(answered(&mut desk, GOOD), ["b"]);
    assert_eq!(alarms(&desk), ["credit_low", "sim_blocked"]);
    let modem = desk.reader().modems(desk.now).unwrap().remove(0);
    assert_eq!((modem.state.as_str(), modem.reason.as_deref()), ("blocked", Some("credit 999 is below 1000")));
    desk.job(Class::Emergency, "Banjir", 1..4);
    assert_eq!(desk.send_all().into_keys().collect::<Vec<_>>(), [name("b")]);

    // It stays so over a restart and over an answer that says nothing, and is looked after every hour.
    desk.crash();
    connect(&mut desk, "a", "TELKOMSEL");
    assert!(!desk.ready.contains_key(&name("a")));
    desk.pass(SignedDuration::from_hours(1));
    assert_eq!(answered(&mut desk, "Maaf, sistem sedang sibuk"), ["a"]);
    desk.job(Class::Routine, "Kabar", 10..11);
    assert!(desk.ready.is_empty());
    // An answer by text might still come; then it is asked anew.
    desk.pass(SignedDuration::from_mins(15));
    desk.pass(SignedDuration::from_hours(1));
    assert_eq!(answered(&mut desk, GOOD), ["a"]);
    assert!(desk.ready.contains_key(&name("a")), "it sends again by itself");
    assert_eq!(alarms(&desk), [""; 0]);
    let kinds: Vec<_> = desk.reader().events(None, 999).unwrap().into_iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&"sim_blocked".to_owned()) && kinds.contains(&"sim_resumed".to_owned()));
}

#[test]
fn without_the_setting_low_credit_stops_nothing_and_neither_does_a_question_that_fails() {
    let mut desk = without_senders();
    connect(&mut desk, "a", "TELKOMSEL");
    answered(&mut desk, "Pulsa Rp 0 s/d 24-12-2027");
    desk.pass(SignedDuration::from_hours(24));
    answered(&mut desk, "Maaf, sistem sedang sibuk");
    let job = desk.job(Class::Routine, "Kabar", 1..4);
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 3);
}

#[test]
fn a_person_who_topped_up_need_not_wait_and_what_a_person_took_out_no_answer_brings_back() {
    let mut desk = strict(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    answered(&mut desk, "Pulsa Rp 0 s/d 24-12-2027");
    let action = Action::ResumeModem(name("a"));
    desk.feed(vec![Event::Act(Act { reply_to: None, actor: "andi".to_owned(), reason: String::new(), action })]);
    assert_eq!(answered(&mut desk, GOOD), ["a"], "it is asked at once");
    desk.job(Class::Routine, "Kabar", 1..2);
    assert!(desk.ready.contains_key(&name("a")));
    desk.send_all();

    // Once it looks blocked while others send, enough credit is not enough.
    connect(&mut desk, "b", "XL");
    desk.job(Class::Routine, "Kabar lain", 1..400);
    let refused = Outcome::Refused { cause: Cause::Ambiguous, code: ErrorCode { kind: ErrorKind::Cms, number: 21 } };
    let mut turns = 0;
    while alarms(&desk).is_empty() {
        if desk.air.contains_key(&name("b")) || desk.ready.contains_key(&name("b")) && desk.begin("b").is_some() {
            desk.submit("b");
        }
        if desk.air.contains_key(&name("a")) || desk.ready.contains_key(&name("a")) && desk.begin("a").is_some() {
            desk.answer("a", refused.clone());
        }
        desk.pass(SignedDuration::from_secs(45));
        turns += 1;
        assert!(turns < 400, "it is taken out in the end");
    }
    assert_eq!(alarms(&desk), ["sim_blocked"]);
    desk.pass(SignedDuration::from_hours(24));
    answered(&mut desk, GOOD);
    assert!(alarms(&desk).contains(&"sim_blocked".to_owned()));
    assert!(!desk.ready.contains_key(&name("a")));
}

#[test]
fn a_forged_warning_takes_no_sim_out() {
    let mut desk = strict(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    answered(&mut desk, GOOD);
    desk.hear("a", "TELKOMSEL", "Pulsa Anda tinggal Rp 0. Segera isi ulang!");
    assert_eq!(alarms(&desk), ["credit_low"]);
    desk.job(Class::Routine, "Kabar", 1..2);
    assert!(desk.ready.contains_key(&name("a")));
}

#[test]
fn settings_that_are_gone_hold_no_sim_and_leave_no_alarm() {
    let mut desk = strict(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    answered(&mut desk, "Pulsa Rp 0 s/d 24-12-2027");
    assert_eq!(alarms(&desk), ["credit_low", "sim_blocked"]);
    desk.restart(free());
    connect(&mut desk, "a", "TELKOMSEL");
    assert_eq!(alarms(&desk), [""; 0]);
    desk.job(Class::Routine, "Kabar", 1..2);
    assert!(desk.ready.contains_key(&name("a")));
}

#[test]
fn an_alarm_stands_again_after_a_restart_as_soon_as_its_sim_is_there() {
    let mut desk = desk(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    answered(&mut desk, "Pulsa Rp 500 s/d 24-12-2027");
    desk.crash();
    assert_eq!(alarms(&desk), [""; 0], "the card may be gone for good");
    connect(&mut desk, "a", "TELKOMSEL");
    assert_eq!(alarms(&desk), ["credit_low"]);
}

#[test]
fn a_modem_that_falls_over_its_code_is_not_asked_again_and_again() {
    let mut desk = desk(by_ussd());
    let mut asked = 0;
    for _ in 0..24 * 6 {
        connect(&mut desk, "a", "TELKOMSEL");
        if dialled(&mut desk, "a").is_some() {
            asked += 1;
            desk.modem("a", ModemEvent::Lost { reason: "the port is gone (end of file)".to_owned() });
        }
        desk.pass(SignedDuration::from_mins(10));
    }
    assert_eq!(asked, 3, "three times, an hour apart, and then once a day");
    let modem = desk.reader().modems(desk.now).unwrap().remove(0);
    assert!(modem.credit_trouble.unwrap().contains("went away"));
}

#[test]
fn a_text_that_is_paid_for_is_not_sent_twice_because_of_a_restart_and_asks_nobody_about_its_doubt() {
    let mut desk = desk(Question::Sms { to: 999, text: "CEK".to_owned() });
    connect(&mut desk, "a", "TELKOMSEL");
    desk.begin("a").expect("the question goes out");
    desk.crash();
    connect(&mut desk, "a", "TELKOMSEL");
    assert!(!desk.ready.contains_key(&name("a")), "its answer may still come");
    assert_eq!(desk.reader().doubts().unwrap().len(), 0);
    desk.hear("a", "999", "Sisa pulsa Rp 7.500 s/d 24-12-2027");
    assert_eq!(credit(&desk, 0).0, Some(7_500));
    desk.pass(SignedDuration::from_hours(24));
    assert!(desk.ready.contains_key(&name("a")), "and the next one is due a day later");
}

#[test]
fn an_operator_that_answers_a_code_by_text_is_waited_for_a_quarter_of_an_hour() {
    let mut desk = desk(by_ussd());
    connect(&mut desk, "a", "TELKOMSEL");
    assert_eq!(answered(&mut desk, "Permintaan Anda sedang diproses. Tunggu SMS dari kami."), ["a"]);
    assert_eq!(desk.reader().credits("a", Timestamp::MIN).unwrap().len(), 0, "it is not over");
    desk.pass(SignedDuration::from_mins(14));
    desk.hear("a", "TELKOMSEL", GOOD);
    let told = desk.reader().credits("a", Timestamp::MIN).unwrap();
    assert_eq!((told.len(), told[0].way.as_str(), told[0].amount), (1, "sms", Some(25_000)));

    // Where none comes, what the code said is kept as what it was: nothing about credit.
    desk.pass(SignedDuration::from_hours(24));
    assert_eq!(answered(&mut desk, "Permintaan Anda sedang diproses. Tunggu SMS dari kami."), ["a"]);
    desk.pass(SignedDuration::from_mins(15));
    let told = desk.reader().credits("a", Timestamp::MIN).unwrap();
    assert_eq!((told.len(), told[1].way.as_str(), told[1].amount), (2, "ussd", None));
    assert!(told[1].words.starts_with("Permintaan"));
    assert_eq!(credit(&desk, 0).0, Some(25_000));
}
