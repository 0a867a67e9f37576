//! Stories of what a second pair of eyes feared, one story a test.

use super::desk::*;
use super::stories::refused;
use crate::engine::Rules;
use crate::engine::access::KEY_USED;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Limits;

#[test]
fn an_answer_refused_for_now_is_tried_again_through_its_own_sim() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    desk.hear("a", "+6281200000005", "STOP");
    desk.begin("a");
    desk.answer("a", refused(38, Cause::Temporary));
    desk.pass(SignedDuration::from_secs(30));
    assert!(desk.ready.contains_key(&name("a")), "no other SIM may carry it, so it does not wait for one");
}

#[test]
fn two_modems_with_one_card_do_not_wait_for_each_other() {
    let mut desk = Desk::new(free());
    desk.connect_sim("a", "1");
    desk.connect_sim("b", "1");
    desk.job(Class::Routine, "x", 0..1);
    let carrier = desk.ready.keys().next().unwrap().clone();
    desk.begin(carrier.as_str());
    desk.answer(carrier.as_str(), refused(38, Cause::Temporary));
    desk.pass(SignedDuration::from_secs(30));
    assert!(!desk.ready.is_empty(), "there is no other card to wait for");
}

#[test]
fn what_only_an_absent_sim_may_carry_leaves_the_reservations_of_others_alone() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    desk.hear("a", "+6281200000005", "STOP");
    desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    desk.ready.clear();
    desk.job(Class::Routine, "x", 0..3);
    let ticket = desk.ready[&name("b")].ticket;
    desk.tick();
    assert_eq!(desk.ready[&name("b")].ticket, ticket, "the session may have begun it by now");
}

#[test]
fn an_emergency_that_stands_reserved_overtakes_nobody_a_second_time() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let emergency = desk.job(Class::Emergency, "LONGSOR", 0..1);
    desk.begin("a");
    desk.answer("a", refused(38, Cause::Temporary));
    desk.connect("b");
    desk.job(Class::Routine, "x", 1..9);
    desk.pass(SignedDuration::from_secs(30));
    let tickets: Vec<_> = desk.ready.values().map(|held| held.ticket).collect();
    desk.tick();
    assert_eq!(desk.ready.values().map(|held| held.ticket).collect::<Vec<_>>(), tickets);
    desk.begin("b");
    assert_eq!(desk.count(emergency, State::Sending), 1);
}

#[test]
fn a_modem_that_never_answers_does_not_repeat_a_warning_for_ever() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Emergency, "LONGSOR", 0..1);
    let mut hand_overs = 0;
    for _ in 0..12 {
        if desk.ready.contains_key(&name("a")) {
            desk.begin("a");
            hand_overs += 1;
            desk.answer("a", Outcome::Uncertain(Doubt::Silence));
        }
        desk.pass(SignedDuration::from_mins(10));
    }
    assert_eq!(hand_overs, 4, "as often as a refused one is tried");
    assert_eq!(desk.count(job, State::InDoubt), 1, "then a person decides");
    let message = MessageId(desk.reader().doubts().unwrap()[0].message);
    desk.act(Action::SettleResend(message)).unwrap();
    desk.begin("a");
    desk.submit("a");
    assert_eq!(desk.count(job, State::Submitted), 1);
}

#[test]
fn the_same_content_read_twice_at_once_is_sent_once() {
    let mut desk = Desk::new(free());
    let events = |id| {
        let rows = vec![row(1, number(0))];
        [IntakeEvent::Begin(Box::new(header(Class::Routine, "x"))), IntakeEvent::Rows(rows), IntakeEvent::Complete]
            .map(|event| Event::Intake(IntakeId(id), event))
    };
    for (first, second) in events(1).into_iter().zip(events(2)) {
        desk.feed(vec![first, second]);
    }
    let answers: Vec<_> = desk.orders.iter().filter(|order| matches!(order, Order::Intake(..))).collect();
    assert!(
        matches!(
            answers[..],
            [
                Order::Intake(IntakeId(1), IntakeOrder::Accepted { .. }),
                Order::Intake(IntakeId(2), IntakeOrder::Refused(Refusal::SentBefore { .. }))
            ]
        ),
        "{answers:?}"
    );
    assert_eq!(desk.reader().status().unwrap().messages["queued"], 1);
}

#[test]
fn limits_follow_a_card_into_a_modem_that_cannot_read_its_iccid() {
    let limits = crate::policy::Limits { per_minute: 2, ..crate::policy::Limits::NONE };
    let mut desk = Desk::new(crate::engine::Rules { limits, ..crate::engine::Rules::default() });
    let insert = |desk: &mut Desk, modem: &str, iccid: Option<&str>, imsi: Option<&str>| {
        let sim = SimIdentity { iccid: iccid.map(str::to_owned), imsi: imsi.map(str::to_owned) };
        desk.modem(modem, ModemEvent::Found { modem: ModemIdentity::default(), sim, port: modem.to_owned() });
        desk.modem(modem, ModemEvent::Ready { operator: None, reports: true });
    };
    let lose = |desk: &mut Desk, modem: &str| {
        desk.modem(modem, ModemEvent::Lost { reason: "unplugged".to_owned() });
        desk.ready.clear();
    };
    desk.job(Class::Routine, "x", 0..9);
    insert(&mut desk, "a", Some("8962100"), Some("51010123456789"));
    desk.send_all();
    lose(&mut desk, "a");
    insert(&mut desk, "b", None, Some("51010123456789"));
    assert!(desk.ready.is_empty(), "the card has had its two in this minute");
    lose(&mut desk, "b");
    insert(&mut desk, "c", Some("8962100"), None);
    assert!(desk.ready.is_empty(), "the same card again");
    lose(&mut desk, "c");
    insert(&mut desk, "d", Some("8962200"), Some("51010987654321"));
    assert!(!desk.ready.is_empty(), "another card");
}

#[test]
fn a_card_first_known_by_its_imsi_stays_itself_when_its_iccid_is_read() {
    let limits = crate::policy::Limits { per_minute: 2, ..crate::policy::Limits::NONE };
    let mut desk = Desk::new(crate::engine::Rules { limits, ..crate::engine::Rules::default() });
    desk.job(Class::Routine, "x", 0..9);
    for (modem, iccid, imsi) in [
        ("a", None, Some("51010123456789")),
        ("b", Some("8962100"), Some("51010123456789")),
        ("c", Some("8962100"), None),
    ] {
        let sim = SimIdentity { iccid: iccid.map(str::to_owned), imsi: imsi.map(str::to_owned) };
        desk.modem(modem, ModemEvent::Found { modem: ModemIdentity::default(), sim, port: modem.to_owned() });
        desk.modem(modem, ModemEvent::Ready { operator: None, reports: true });
        assert_eq!(desk.ready.contains_key(&name(modem)), modem == "a");
        desk.send_all();
        desk.modem(modem, ModemEvent::Lost { reason: "unplugged".to_owned() });
        desk.ready.clear();
    }
}

#[test]
fn a_message_half_sent_through_a_modem_that_lost_its_network_ends_with_its_job() {
    let limits = crate::policy::Limits { min_gap: std::time::Duration::from_secs(10), ..crate::policy::Limits::NONE };
    let mut desk = Desk::new(crate::engine::Rules { limits, ..crate::engine::Rules::default() });
    desk.connect("a");
    let job = desk.job(Class::Emergency, &"warga ".repeat(40), 0..1);
    desk.begin("a");
    desk.submit("a");
    assert!(desk.ready.is_empty(), "the gap");
    desk.modem("a", ModemEvent::Unready { reason: "no network".to_owned() });
    desk.pass(SignedDuration::from_hours(7));
    desk.tick();
    assert_eq!(desk.count(job, State::Expired), 1);
}

#[test]
fn a_message_half_sent_waits_for_its_sim_to_come_back() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, &"warga ".repeat(40), 0..1);
    desk.begin("a");
    desk.modem("a", ModemEvent::Unready { reason: "no network".to_owned() });
    desk.submit("a");
    assert_eq!((desk.count(job, State::Sending), desk.ready.len()), (1, 0));
    desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    desk.connect_sim("b", "a");
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 1, "its card came back in another modem");
}

#[test]
fn a_cancelled_job_of_which_only_halves_wait_is_ended_after_a_restart() {
    let mut desk = Desk::new(free());
    let big = desk.job(Class::Routine, "x", 0..600);
    desk.act(Action::Pause(Scope::Job(big))).unwrap();
    let half = desk.job(Class::Important, &"warga ".repeat(40), 700..701);
    desk.connect("a");
    desk.begin("a");
    desk.submit("a");
    desk.answer("a", refused(38, Cause::Temporary));
    let cancel =
        |job| Act { reply_to: None, actor: "admin".to_owned(), reason: "uji".to_owned(), action: Action::Cancel(job) };
    desk.feed(vec![Event::Act(cancel(big)), Event::Act(cancel(half))]);
    desk.crash();
    while desk.next_wake == Some(desk.now) {
        desk.tick();
    }
    assert_eq!((desk.count(big, State::Cancelled), desk.count(half, State::Cancelled)), (600, 1));
}

#[test]
fn the_rest_of_a_message_that_failed_by_report_is_not_sent() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, &"warga ".repeat(40), 0..1);
    desk.begin("a");
    desk.submit("a");
    desk.answer("a", refused(38, Cause::Temporary));
    desk.receive("a", report(1, "+6281200000000", 0x46, desk.now));
    assert_eq!(desk.count(job, State::Failed), 1);
    desk.pass(SignedDuration::from_secs(30));
    assert!(desk.ready.is_empty(), "half of it would be useless");
    desk.receive("a", report(1, "+6281200000000", 0, desk.now));
    assert_eq!((desk.count(job, State::Sending), desk.view(job).state.as_str()), (0, "done"));
}

#[test]
fn an_idle_modem_takes_over_only_what_its_limits_let_it_carry() {
    let mut rules = free();
    rules.modem_limits.insert(name("b"), crate::policy::Limits { per_minute: 2, ..crate::policy::Limits::NONE });
    let mut desk = Desk::new(rules);
    desk.connect("b");
    desk.job(Class::Routine, "x", 0..1);
    desk.begin("b");
    desk.submit("b");
    desk.connect("a");
    desk.job(Class::Routine, "y", 1..2);
    desk.begin("a");
    desk.job(Class::Routine, &"warga ".repeat(40), 2..3);
    let ticket = desk.ready.get(&name("a")).map(|held| held.ticket);
    assert!(ticket.is_some(), "it does not fit the other SIM's minute");
    desk.tick();
    assert_eq!(desk.ready.get(&name("a")).map(|held| held.ticket), ticket, "it is not taken away for nothing");
}

#[test]
fn a_sim_without_credit_fails_nobody_and_bad_numbers_do_not_hold_up_the_rest() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..6);
    for _ in 0..12 {
        if desk.ready.contains_key(&name("a")) {
            desk.begin("a");
            while desk.air.contains_key(&name("a")) {
                desk.answer("a", refused(21, Cause::Ambiguous));
            }
        }
        desk.pass(SignedDuration::from_mins(65));
    }
    assert_eq!(desk.count(job, State::Failed), 0, "the SIM is to blame");
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 6);
}

#[test]
fn a_late_answer_takes_back_a_resend_that_has_not_begun() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Emergency, "x", 0..1);
    let attempt = desk.begin("a").unwrap();
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.pass(SignedDuration::from_mins(10));
    assert!(desk.ready.contains_key(&name("a")), "policy has it sent again");
    desk.modem("a", ModemEvent::LateAnswer { attempt, tp_mr: 9 });
    assert!(desk.ready.is_empty(), "it left the first time");
    assert_eq!(desk.count(job, State::Submitted), 1);
    let delivered = report(9, &number(0).to_string(), 0, desk.now);
    desk.receive("a", delivered);
    assert_eq!(desk.count(job, State::Delivered), 1);
}

#[test]
fn a_late_answer_after_the_second_hand_over_changes_nothing_but_hides_nothing() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Emergency, "x", 0..1);
    let attempt = desk.begin("a").unwrap();
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.pass(SignedDuration::from_mins(10));
    desk.begin("a");
    desk.modem("a", ModemEvent::LateAnswer { attempt, tp_mr: 9 });
    desk.submit("a");
    assert_eq!(desk.count(job, State::Submitted), 1);
    assert_eq!(desk.recipients(job)[0].attempts, 2, "both hand-overs are in the account");
}

#[test]
fn a_doubt_of_a_job_that_has_ended_is_taken_as_not_sent_and_said_so() {
    let mut desk = Desk::new(free());
    let header = JobHeader { lifetime: Some(SignedDuration::from_mins(30)), ..header(Class::Routine, "x") };
    let IntakeOrder::Accepted { job, .. } = desk.drop_job(header, vec![row(1, number(0))]) else { panic!("accepted") };
    desk.connect("a");
    desk.begin("a");
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.pass(SignedDuration::from_mins(31));
    let message = MessageId(desk.reader().doubts().unwrap()[0].message);
    let said = desk.act(Action::SettleResend(message)).unwrap();
    assert!(said.contains("not sent again"), "{said}");
    while desk.next_wake == Some(desk.now) {
        desk.tick();
    }
    assert!(desk.ready.is_empty());
    assert_eq!(desk.count(job, State::Expired), 1);
}

#[test]
fn a_card_that_rests_goes_on_resting_in_a_modem_with_other_limits() {
    let roomy = Limits { per_minute: 50, ..Limits::NONE };
    let mut desk = Desk::new(Rules { modem_limits: [(name("b"), roomy)].into(), ..free() });
    desk.connect_sim("a", "1");
    desk.job(Class::Routine, "x", 0..3);
    desk.begin("a");
    desk.answer("a", refused(8, Cause::Sim));
    assert!(desk.ready.is_empty(), "the SIM cannot send");
    desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    desk.connect_sim("b", "1");
    assert!(desk.ready.is_empty(), "another modem does not mend the card");
}

#[test]
fn a_request_that_is_made_again_is_one_job_also_where_its_text_may_be_sent_again() {
    let mut desk = Desk::new(free());
    let request = NewJobRequest {
        key: "k".to_owned(),
        unit: "diskominfo".to_owned(),
        source: "rapat-23483cbebe.txt".to_owned(),
        digest: "isi".to_owned(),
        lists_digest: "daftar".to_owned(),
    };
    assert_eq!(desk.act(Action::Request(request.clone())), Ok("1".to_owned()));
    assert_eq!(desk.act(Action::Request(request.clone())), Ok("1".to_owned()));
    let corrected = NewJobRequest { lists_digest: "daftar lain".to_owned(), ..request };
    assert_eq!(desk.act(Action::Request(corrected)), Err(KEY_USED.to_owned()));
    let file = |source: &str| JobHeader {
        source: source.to_owned(),
        file_digest: "isi".to_owned(),
        again: true,
        ..header(Class::Routine, "Rapat")
    };
    let rows = || vec![row(1, number(1))];
    let IntakeOrder::Accepted { job, .. } = desk.drop_job(file("rapat-23483cbebe.txt"), rows()) else { panic!() };
    desk.feed(vec![Event::Intake(
        IntakeId(1),
        IntakeEvent::Filed { job, name: "rapat-23483cbebe.txt".to_owned(), remarks: Vec::new() },
    )]);
    // Its file was written a second time, between the acceptance and the word of it.
    let again = desk.drop_job(file("rapat-23483cbebe.txt"), rows());
    assert!(
        matches!(again, IntakeOrder::Refused(Refusal::SentBefore { job: before, .. }) if before == job),
        "{again:?}"
    );
    // By hand, under another name, it is meant.
    assert!(matches!(desk.drop_job(file("rapat.txt"), rows()), IntakeOrder::Accepted { .. }));
}
