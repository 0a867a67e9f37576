//! One story a test.

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Limits;

pub(super) fn refused(number: u16, cause: Cause) -> Outcome {
    Outcome::Refused { cause, code: ErrorCode { kind: ErrorKind::Cms, number } }
}

#[test]
fn a_job_goes_out_over_all_modems_in_equal_shares() {
    let mut desk = Desk::new(free());
    for modem in ["a", "b", "c"] {
        desk.connect(modem);
    }
    let job = desk.job(Class::Routine, "Imunisasi hari Sabtu", 0..30);
    let carried = desk.send_all();
    assert!(carried.values().all(|count| *count == 10), "{carried:?}");
    assert_eq!(desk.count(job, State::Submitted), 30);
    assert_eq!(desk.withdrawn, 0);
}

#[test]
fn nothing_is_begun_before_its_attempt_is_in_the_ledger() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.job(Class::Routine, "x", 0..1);
    let attempt = desk.begin("a").unwrap();
    // Another connection sees it: it is committed.
    let doubts = desk.reader().status().unwrap();
    assert_eq!(doubts.messages["sending"], 1);
    assert_eq!(attempt, AttemptId(1));
}

#[test]
fn an_emergency_goes_before_what_stands_reserved() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    desk.job(Class::Routine, "pajak", 0..10);
    desk.begin("a");
    let emergency = desk.job(Class::Emergency, "LONGSOR", 20..22);
    desk.begin("b");
    desk.submit("a");
    assert_eq!(desk.count(emergency, State::Sending), 2, "both free modems carry the emergency next");
}

#[test]
fn the_same_content_is_refused_unless_it_is_wanted() {
    let mut desk = Desk::new(free());
    let first = desk.job(Class::Routine, "sekali saja", 0..2);
    desk.feed(vec![Event::Intake(
        IntakeId(1),
        IntakeEvent::Filed { job: first, name: "pengumuman.csv".to_owned(), remarks: Vec::new() },
    )]);
    let again = |desk: &mut Desk, again| {
        let header = JobHeader { again, ..header(Class::Routine, "sekali saja") };
        desk.drop_job(header, vec![row(1, number(0))])
    };
    assert!(matches!(again(&mut desk, false), IntakeOrder::Refused(Refusal::SentBefore { job, .. }) if job == first));
    assert!(matches!(again(&mut desk, true), IntakeOrder::Accepted { .. }));
}

#[test]
fn a_file_accepted_just_before_a_crash_is_known_and_only_moved() {
    let mut desk = Desk::new(free());
    let first = desk.job(Class::Routine, "sekali", 0..2);
    desk.crash();
    let answer = desk.drop_job(header(Class::Routine, "sekali"), vec![row(1, number(0))]);
    assert_eq!(answer, IntakeOrder::Known { job: first });
}

#[test]
fn a_job_half_received_at_a_crash_leaves_nothing_behind() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let rows = (0..600).map(|n| row(n + 1, number(n))).collect();
    let begin = IntakeEvent::Begin(Box::new(header(Class::Routine, "x")));
    desk.feed(vec![Event::Intake(IntakeId(1), begin), Event::Intake(IntakeId(1), IntakeEvent::Rows(rows))]);
    assert!(desk.ready.is_empty(), "nothing of it is sent before it is whole");
    desk.crash();
    desk.tick();
    desk.tick();
    assert!(desk.reader().jobs(10, true).unwrap().is_empty());
    assert_eq!(desk.reader().status().unwrap().messages["queued"], 0);
    assert!(matches!(
        desk.drop_job(header(Class::Routine, "x"), vec![row(1, number(0))]),
        IntakeOrder::Accepted { .. }
    ));
}

#[test]
fn excluded_recipients_are_counted_with_their_reasons() {
    let mut desk = Desk::new(free());
    desk.act(Action::OptOut(HandEntry::of(number(1)))).unwrap();
    let mut rows: Vec<_> = (0..3).map(|n| row(n + 1, number(n))).collect();
    rows.push(RecipientRow { number: Err(Excluded::Invalid(NumberError::Letters)), ..row(4, number(3)) });
    rows.push(RecipientRow { number: Err(Excluded::Duplicate { first_row: 1, place: None }), ..row(5, number(0)) });
    rows.push(RecipientRow { text: Some("panjang ".repeat(400)), ..row(6, number(6)) });
    let IntakeOrder::Accepted { job, recipients: 6, excluded: 4 } = desk.drop_job(header(Class::Routine, "x"), rows)
    else {
        panic!("six named, four excluded");
    };
    let reasons: Vec<_> = desk.recipients(job).into_iter().filter_map(|recipient| recipient.reason).collect();
    assert!(reasons[0].starts_with("opted_out") && reasons[1].starts_with("invalid"), "{reasons:?}");
    assert!(reasons[2].starts_with("duplicate") && reasons[3].starts_with("too_long"), "{reasons:?}");
}

#[test]
fn an_opt_out_between_reservation_and_hand_over_wins() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..1);
    let held = desk.ready.remove(&name("a")).unwrap();
    desk.act(Action::OptOut(HandEntry::of(number(0)))).unwrap();
    desk.modem("a", ModemEvent::Begun(held.ticket));
    assert!(desk.air.is_empty());
    assert_eq!(desk.count(job, State::Suppressed), 1);
    assert_eq!(desk.view(job).state, "done");
}

#[test]
fn a_temporary_refusal_waits_and_goes_through_another_sim() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    let job = desk.job(Class::Routine, "x", 0..1);
    let (first, second) = if desk.ready.contains_key(&name("a")) { ("a", "b") } else { ("b", "a") };
    desk.begin(first);
    desk.answer(first, refused(38, Cause::Temporary));
    assert!(desk.ready.is_empty(), "it waits");
    desk.pass(SignedDuration::from_secs(29));
    assert!(desk.ready.is_empty());
    assert_eq!(desk.next_wake, Some(desk.now + SignedDuration::from_secs(1)));
    desk.pass(SignedDuration::from_secs(1));
    assert!(desk.ready.contains_key(&name(second)), "elsewhere");
    desk.begin(second);
    desk.submit(second);
    assert_eq!(desk.count(job, State::Submitted), 1);
    assert_eq!(desk.recipients(job)[0].attempts, 2);
}

#[test]
fn a_bad_number_fails_when_a_sim_that_works_has_refused_it_again_and_delays_nobody() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..2);
    desk.begin("a");
    desk.answer("a", refused(1, Cause::Message));
    assert_eq!(desk.count(job, State::Queued), 1, "nobody's first word is believed");
    desk.submit("a");
    assert_eq!(desk.count(job, State::Submitted), 1);
    desk.pass(SignedDuration::from_secs(30));
    desk.begin("a");
    desk.answer("a", refused(1, Cause::Message));
    assert_eq!(desk.count(job, State::Failed), 1);
}

#[test]
fn a_blocked_sim_rests_and_its_messages_go_elsewhere_uncharged() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..1);
    for _ in 0..6 {
        desk.begin("a");
        desk.answer("a", refused(8, Cause::Sim));
        assert!(desk.ready.is_empty(), "it rests");
        desk.pass(SignedDuration::from_hours(2));
    }
    desk.connect("b");
    let carrier = if desk.ready.contains_key(&name("b")) { "b" } else { "a" };
    desk.begin(carrier);
    desk.submit(carrier);
    assert_eq!(desk.count(job, State::Submitted), 1);
}

#[test]
fn silence_is_neither_sent_nor_failed() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..1);
    desk.begin("a");
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.pass(SignedDuration::from_hours(5));
    assert_eq!(desk.count(job, State::InDoubt), 1);
    let doubts = desk.reader().doubts().unwrap();
    assert_eq!((doubts.len(), doubts[0].why.as_str(), doubts[0].policy.as_str()), (1, "silence", "hold"));
    let message = MessageId(doubts[0].message);
    assert!(desk.act(Action::SettleResend(message)).is_ok());
    desk.begin("a");
    desk.submit("a");
    assert_eq!(desk.count(job, State::Submitted), 1);
}

#[test]
fn an_emergency_in_doubt_is_sent_again_with_the_reason_on_record() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Emergency, "x", 0..1);
    desk.begin("a");
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    assert!(desk.ready.is_empty(), "evidence is awaited first");
    desk.pass(SignedDuration::from_mins(10));
    desk.begin("a");
    desk.submit("a");
    assert_eq!(desk.count(job, State::Submitted), 1);
    let events = desk.reader().events(None, 50).unwrap();
    assert!(events.iter().any(|event| event.kind == "resent" && event.detail.contains("policy")), "{events:?}");
}

#[test]
fn a_late_answer_settles_the_doubt() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Emergency, "x", 0..1);
    let attempt = desk.begin("a").unwrap();
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.modem("a", ModemEvent::LateAnswer { attempt, tp_mr: 9 });
    assert_eq!(desk.count(job, State::Submitted), 1);
    desk.pass(SignedDuration::from_mins(11));
    assert!(desk.ready.is_empty(), "it is not sent again");
}

#[test]
fn what_was_on_the_air_at_a_crash_is_in_doubt_and_the_rest_goes_on() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..3);
    desk.begin("a");
    desk.crash();
    assert_eq!(desk.count(job, State::InDoubt), 1);
    desk.connect("a");
    desk.send_all();
    assert_eq!((desk.count(job, State::InDoubt), desk.count(job, State::Submitted)), (1, 2));
}

#[test]
fn segments_of_a_message_go_through_one_sim_with_nothing_between() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    let job = desk.job(Class::Routine, &"warga ".repeat(60), 0..4);
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 4);
    let attempts = desk.reader().modems(desk.now).unwrap();
    assert_eq!(attempts.iter().map(|modem| modem.sent_hour).sum::<u64>(), 12, "three segments each");
    assert!(attempts.iter().all(|modem| modem.sent_hour % 3 == 0), "whole messages: {attempts:?}");
}

#[test]
fn a_refused_segment_is_sent_again_through_the_sim_that_took_the_first() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, &"warga ".repeat(40), 0..1);
    desk.connect("b");
    desk.begin("a");
    desk.submit("a");
    desk.answer("a", refused(41, Cause::Temporary));
    desk.pass(SignedDuration::from_secs(30));
    assert!(desk.ready.contains_key(&name("a")) && !desk.ready.contains_key(&name("b")));
    desk.begin("a");
    desk.submit("a");
    assert_eq!(desk.count(job, State::Submitted), 1);
    assert_eq!(desk.recipients(job)[0].attempts, 3);
}

#[test]
fn limits_hold_over_a_restart_and_follow_the_sim_into_another_modem() {
    let limits = Limits { per_minute: 2, ..Limits::NONE };
    let mut desk = Desk::new(Rules { limits, ..Rules::default() });
    desk.connect_sim("a", "1");
    let job = desk.job(Class::Routine, "x", 0..5);
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 2);
    desk.crash();
    desk.connect_sim("b", "1");
    assert!(desk.ready.is_empty(), "the card has had its two in this minute");
    let wake = desk.next_wake.unwrap();
    desk.pass(wake.duration_since(desk.now));
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 4);
}

#[test]
fn a_job_expires_in_the_queue_and_is_not_sent_stale() {
    let mut desk = Desk::new(free());
    let header = JobHeader { lifetime: Some(SignedDuration::from_mins(30)), ..header(Class::Emergency, "banjir") };
    let rows = (0..700).map(|n| row(n + 1, number(n))).collect();
    let IntakeOrder::Accepted { job, .. } = desk.drop_job(header, rows) else { panic!("accepted") };
    desk.connect("a");
    desk.begin("a");
    desk.submit("a");
    desk.answer("a", refused(38, Cause::Temporary));
    desk.pass(SignedDuration::from_mins(31));
    while desk.next_wake == Some(desk.now) {
        desk.tick();
    }
    assert!(desk.ready.is_empty(), "nothing of it is offered any more");
    desk.answer("a", refused(38, Cause::Temporary));
    assert_eq!(desk.count(job, State::Expired), 699);
    assert_eq!(desk.count(job, State::Submitted), 1);
}

#[test]
fn a_paused_class_waits_and_the_others_go_on() {
    let mut desk = Desk::new(free());
    desk.act(Action::Pause(Scope::Class(Class::Routine))).unwrap();
    desk.connect("a");
    let routine = desk.job(Class::Routine, "nanti", 0..2);
    let important = desk.job(Class::Important, "sekarang", 0..2);
    desk.send_all();
    assert_eq!((desk.count(routine, State::Queued), desk.count(important, State::Submitted)), (2, 2));
    desk.crash();
    desk.connect("a");
    assert!(desk.ready.is_empty(), "a pause outlives a restart");
    desk.act(Action::Resume(Scope::Class(Class::Routine))).unwrap();
    desk.send_all();
    assert_eq!(desk.count(routine, State::Submitted), 2);
}

#[test]
fn a_cancelled_job_keeps_what_had_left_in_its_account() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..5);
    desk.begin("a");
    desk.submit("a");
    desk.act(Action::Cancel(job)).unwrap();
    desk.answer("a", Outcome::Submitted { tp_mr: Some(2) });
    assert_eq!((desk.count(job, State::Submitted), desk.count(job, State::Cancelled)), (2, 3));
    assert!(desk.act(Action::Cancel(job)).is_err());
}

#[test]
fn an_unplugged_modem_gives_its_work_back() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..3);
    desk.begin("a");
    desk.answer("a", Outcome::NotSent(NotSent::PortGone));
    desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    desk.ready.clear();
    desk.air.clear();
    assert_eq!(desk.count(job, State::Queued) + desk.count(job, State::InDoubt), 3);
    desk.connect("b");
    desk.send_all();
    assert_eq!(desk.count(job, State::Queued), 0);
}

#[test]
fn at_the_end_of_a_queue_an_idle_modem_takes_over_what_a_busy_one_holds() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.job(Class::Routine, "x", 0..2);
    desk.begin("a");
    assert!(desk.ready.contains_key(&name("a")), "the second one is held ready behind the first");
    desk.connect("b");
    assert!(desk.ready.contains_key(&name("b")) && !desk.ready.contains_key(&name("a")));
}

#[test]
fn no_report_by_validity_and_grace_is_a_state_of_its_own() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..1);
    desk.send_all();
    desk.pass(SignedDuration::from_hours(72));
    assert_eq!(desk.count(job, State::Submitted), 1);
    desk.pass(SignedDuration::from_hours(2));
    assert_eq!(desk.count(job, State::Unreported), 1);
    assert_eq!(desk.view(job).state, "done");
}

#[test]
fn a_job_cancelled_between_two_segments_frees_its_modem() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, &"warga ".repeat(60), 0..1);
    desk.begin("a");
    desk.act(Action::Cancel(job)).unwrap();
    let attempt = desk.air.remove(&name("a")).unwrap();
    let outcome = Outcome::Submitted { tp_mr: Some(1) };
    desk.modem("a", ModemEvent::Answered { attempt, outcome, next: None });
    assert_eq!(desk.count(job, State::Cancelled), 1);
    let next = desk.job(Class::Routine, "lain", 5..6);
    desk.send_all();
    assert_eq!(desk.count(next, State::Submitted), 1);
}

#[test]
fn a_hand_over_that_was_only_on_its_way_to_a_session_that_ended_is_no_doubt() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "x", 0..1);
    let attempt = desk.begin("a").unwrap();
    desk.air.clear();
    desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    assert_eq!(desk.count(job, State::InDoubt), 1, "nobody knows yet");
    let outcome = Outcome::NotSent(NotSent::PortGone);
    desk.modem("a", ModemEvent::Answered { attempt, outcome, next: None });
    assert_eq!(desk.count(job, State::Queued), 1);
    desk.connect("a");
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 1);
}

#[test]
fn a_long_list_is_entered_bit_by_bit_and_is_whole_or_forgotten() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let rows = || (0..10_000).map(|n| row(n + 1, number(9_999 - n))).collect();
    let events = |id| {
        let begin = IntakeEvent::Begin(Box::new(header(Class::Routine, "x")));
        [begin, IntakeEvent::Rows(rows()), IntakeEvent::Complete].map(|event| Event::Intake(IntakeId(id), event))
    };
    desk.feed(events(1).into());
    assert!(desk.ready.is_empty() && desk.next_wake == Some(desk.now), "more of it is to be done at once");
    desk.crash();
    for _ in 0..20 {
        desk.tick();
    }
    assert!(desk.reader().jobs(10, true).unwrap().is_empty());
    desk.feed(events(2).into());
    while desk.next_wake == Some(desk.now) {
        desk.tick();
    }
    let accepted = |order: &Order| matches!(order, Order::Intake(IntakeId(2), IntakeOrder::Accepted { .. }));
    assert!(desk.orders.iter().any(accepted));
    desk.act(Action::OptOut(HandEntry::of(number(4321)))).unwrap();
    assert_eq!(desk.reader().status().unwrap().messages["suppressed"], 1, "every message is found by its number");
}
