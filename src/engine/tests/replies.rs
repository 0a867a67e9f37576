//! Reports and inbound texts, one story a test.

use super::desk::*;
use crate::engine::event::*;
use crate::model::*;
use crate::store::InboxView;

fn inbox(desk: &Desk) -> Vec<InboxView> {
    desk.reader().inbox(100).unwrap()
}

/// One message, sent through modem `a`; gives the job and the TP-MR.
fn sent(desk: &mut Desk) -> (JobId, u8) {
    desk.connect("a");
    let job = desk.job(Class::Routine, "Halo", 0..1);
    desk.begin("a");
    let tp_mr = desk.submit("a");
    (job, tp_mr)
}

#[test]
fn a_report_delivers_its_message_however_the_network_writes_the_number() {
    for recipient in ["+6281200000000", "6281200000000", "081200000000"] {
        let mut desk = Desk::new(free());
        let (job, tp_mr) = sent(&mut desk);
        desk.receive("a", report(tp_mr, recipient, 0, desk.now));
        assert_eq!(desk.count(job, State::Delivered), 1, "{recipient}");
        assert_eq!(desk.view(job).state, "done");
        assert!(desk.recipients(job)[0].delivered_at.is_some());
    }
}

#[test]
fn a_report_is_deleted_from_the_modem_only_with_its_commit_and_counts_once() {
    let mut desk = Desk::new(free());
    let (job, tp_mr) = sent(&mut desk);
    let pdu = report(tp_mr, "+6281200000000", 0, desk.now);
    desk.receive("a", pdu.clone());
    desk.receive("a", pdu);
    let deletes = desk.orders.iter().filter(|order| matches!(order, Order::Modem(_, ModemOrder::Delete(_)))).count();
    assert_eq!(deletes, 2, "read twice, deleted twice, kept once");
    assert_eq!(desk.count(job, State::Delivered), 1);
}

#[test]
fn a_pending_report_waits_for_the_final_one_and_a_final_state_never_goes_back() {
    let mut desk = Desk::new(free());
    let (job, tp_mr) = sent(&mut desk);
    desk.receive("a", report(tp_mr, "+6281200000000", 0x20, desk.now));
    assert_eq!(desk.count(job, State::Submitted), 1);
    desk.receive("a", report(tp_mr, "+6281200000000", 0x46, desk.now));
    assert_eq!(desk.count(job, State::Failed), 1);
    desk.receive("a", report(tp_mr, "+6281200000000", 0x21, desk.now));
    assert_eq!(desk.count(job, State::Failed), 1);
    desk.receive("a", report(tp_mr, "+6281200000000", 0x00, desk.now));
    assert_eq!(desk.count(job, State::Delivered), 1, "delivered beats failed");
    desk.receive("a", report(tp_mr, "+6281200000000", 0x45, desk.now));
    assert_eq!(desk.count(job, State::Delivered), 1);
}

#[test]
fn a_report_that_comes_before_the_modems_answer_finds_its_attempt() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "Halo", 0..1);
    desk.begin("a");
    desk.receive("a", report(1, "+6281200000000", 0, desk.now));
    assert_eq!(desk.count(job, State::Sending), 1);
    desk.submit("a");
    assert_eq!(desk.count(job, State::Delivered), 1);
}

#[test]
fn a_report_for_another_recipient_or_another_sim_matches_nothing() {
    let mut desk = Desk::new(free());
    let (job, tp_mr) = sent(&mut desk);
    desk.connect("b");
    desk.receive("a", report(tp_mr, "+6281299999999", 0, desk.now));
    desk.receive("b", report(tp_mr, "+6281200000000", 0, desk.now));
    desk.receive("a", report(tp_mr.wrapping_add(1), "+6281200000000", 0, desk.now));
    assert_eq!(desk.count(job, State::Submitted), 1);
    assert_eq!(desk.recorded("report_orphan").len(), 3);
}

#[test]
fn after_the_reference_wraps_the_newest_open_message_gets_the_report() {
    let mut desk = Desk::new(free());
    let (first, tp_mr) = sent(&mut desk);
    let second = desk.job(Class::Routine, "Halo lagi", 0..1);
    desk.begin("a");
    desk.answer("a", Outcome::Submitted { tp_mr: Some(tp_mr) });
    desk.receive("a", report(tp_mr, "+6281200000000", 0, desk.now));
    assert_eq!((desk.count(first, State::Submitted), desk.count(second, State::Delivered)), (1, 1));
}

#[test]
fn a_doubt_is_settled_by_the_report_with_the_expected_reference() {
    let mut desk = Desk::new(free());
    let (_, tp_mr) = sent(&mut desk);
    let job = desk.job(Class::Emergency, "AWAS", 1..2);
    desk.begin("a");
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.receive("a", report(tp_mr.wrapping_add(3), "+6281200000001", 0, desk.now));
    assert_eq!(desk.count(job, State::InDoubt), 1, "another reference is no evidence");
    desk.receive("a", report(tp_mr.wrapping_add(1), "+6281200000001", 0, desk.now));
    assert_eq!(desk.count(job, State::Delivered), 1);
    desk.pass(SignedDuration::from_mins(11));
    assert!(desk.ready.is_empty(), "nothing is sent twice");
}

#[test]
fn a_report_that_came_while_the_answer_was_awaited_settles_the_doubt_at_once() {
    let mut desk = Desk::new(free());
    let (_, tp_mr) = sent(&mut desk);
    let job = desk.job(Class::Routine, "Halo lagi", 0..1);
    desk.begin("a");
    desk.receive("a", report(tp_mr.wrapping_add(1), "+6281200000000", 0, desk.now));
    desk.pass(SignedDuration::from_mins(3));
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    assert_eq!(desk.count(job, State::Delivered), 1);
    assert!(desk.reader().doubts().unwrap().is_empty());
}

#[test]
fn a_report_after_the_resend_was_queued_saves_the_double() {
    let mut desk = Desk::new(free());
    let (_, tp_mr) = sent(&mut desk);
    let job = desk.job(Class::Emergency, "AWAS", 1..2);
    desk.begin("a");
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.modem("a", ModemEvent::Unready { reason: "lost registration".to_owned() });
    desk.pass(SignedDuration::from_mins(10));
    assert_eq!(desk.count(job, State::Queued), 1);
    desk.receive("a", report(tp_mr.wrapping_add(1), "+6281200000001", 0, desk.now));
    assert_eq!(desk.count(job, State::Delivered), 1);
    desk.modem("a", ModemEvent::Ready { operator: None, reports: true });
    assert!(desk.ready.is_empty());
}

#[test]
fn a_long_message_is_delivered_when_every_segment_is() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, &"warga ".repeat(40), 0..1);
    desk.send_all();
    desk.receive("a", report(1, "+6281200000000", 0, desk.now));
    assert_eq!(desk.count(job, State::Submitted), 1);
    desk.receive("a", report(2, "+6281200000000", 0, desk.now));
    assert_eq!(desk.count(job, State::Delivered), 1);
}

#[test]
fn a_reply_of_stop_cancels_what_is_queued_and_is_confirmed_once_through_the_same_sim() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.connect("b");
    let job = desk.job(Class::Routine, "x", 5..9);
    let later = desk.job(Class::Routine, "y", 5..6);
    desk.hear("b", "+6281200000005", "Stop.");
    assert_eq!(desk.count(later, State::Suppressed), 1);
    desk.send_all();
    assert_eq!(desk.count(job, State::Suppressed), 1);
    assert_eq!(desk.count(job, State::Submitted), 3);
    let answers: Vec<_> = desk.reader().jobs(20, true).unwrap().into_iter().filter(|job| job.kind == "reply").collect();
    assert_eq!(answers.len(), 1);
    assert_eq!(desk.recipients(JobId(answers[0].id))[0].modem.as_deref(), Some("b"));
    desk.now += SignedDuration::from_secs(60);
    desk.hear("b", "+6281200000005", "STOP");
    desk.send_all();
    assert_eq!(desk.reader().jobs(20, true).unwrap().iter().filter(|job| job.kind == "reply").count(), 1);
    assert_eq!(inbox(&desk).len(), 2);
    // A list that names the number again does not bring it back.
    let IntakeOrder::Refused(Refusal::Nobody { recipients: 1, .. }) =
        desk.drop_job(header(Class::Routine, "z"), vec![row(1, number(5))])
    else {
        panic!("nobody is left");
    };
}

#[test]
fn a_flood_that_has_not_stopped_is_no_opt_out() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.hear("a", "+6281200000005", "banjir belum berhenti");
    assert_eq!(inbox(&desk)[0].kind, "review");
    assert_eq!(desk.reader().status().unwrap().opt_outs, 0);
    desk.send_all();
    let answers = |desk: &Desk| desk.reader().jobs(20, true).unwrap().len();
    assert_eq!(answers(&desk), 1, "one neutral answer");
    desk.now += SignedDuration::from_secs(1);
    desk.hear("a", "+6281200000005", "masih belum berhenti pak");
    assert_eq!(answers(&desk), 1, "and no second one that day");
}

#[test]
fn start_brings_a_number_back() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    desk.hear("a", "081200000005", "BERHENTI");
    desk.hear("a", "+6281200000005", "mulai");
    desk.send_all();
    assert_eq!(desk.reader().status().unwrap().opt_outs, 0);
    let job = desk.job(Class::Routine, "x", 5..6);
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 1);
}

#[test]
fn operators_and_names_are_no_citizens() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    for from in ["TELKOMSEL", "4444", "888"] {
        desk.hear("a", from, "STOP");
    }
    assert!(inbox(&desk).iter().all(|entry| entry.kind == "operator"));
    assert!(desk.ready.is_empty(), "nobody is answered");
    assert_eq!(desk.reader().status().unwrap().opt_outs, 0);
}

#[test]
fn parts_come_out_of_order_interleaved_and_over_a_restart_and_make_whole_texts() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let first = deliver("+6281200000005", &"Air naik di RT 03. ".repeat(12), 7, desk.now);
    let second = deliver("+6281200000006", &"Jalan putus \u{1F6A7} ".repeat(12), 7, desk.now);
    assert!(first.len() == 2 && second.len() == 3);
    desk.receive("a", first[1].clone());
    desk.receive("a", second[2].clone());
    desk.receive("a", second[0].clone());
    desk.crash();
    desk.connect("a");
    desk.receive("a", second[0].clone());
    desk.receive("a", first[0].clone());
    desk.receive("a", second[1].clone());
    let texts: Vec<_> = inbox(&desk).into_iter().map(|entry| (entry.text, entry.complete)).collect();
    assert_eq!(texts, [("Jalan putus \u{1F6A7} ".repeat(12), true), ("Air naik di RT 03. ".repeat(12), true)]);
}

#[test]
fn what_is_there_is_shown_after_ten_minutes_and_completed_by_a_late_part() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let parts = deliver("+6281200000005", &"Air naik di RT 03. ".repeat(12), 7, desk.now);
    desk.receive("a", parts[0].clone());
    assert!(inbox(&desk).is_empty());
    desk.pass(SignedDuration::from_mins(10));
    assert!(!inbox(&desk)[0].complete);
    desk.receive("a", parts[1].clone());
    let entries = inbox(&desk);
    assert_eq!((entries.len(), entries[0].complete), (1, true));
    assert_eq!(entries[0].text, "Air naik di RT 03. ".repeat(12));
}

#[test]
fn a_reference_used_again_by_the_same_sender_makes_a_second_text() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    for word in ["Satu ", "Dua "] {
        desk.now += SignedDuration::from_mins(1);
        for pdu in deliver("+6281200000005", &word.repeat(50), 7, desk.now) {
            desk.receive("a", pdu);
        }
    }
    let texts: Vec<_> = inbox(&desk).into_iter().map(|entry| entry.text).collect();
    assert_eq!(texts, ["Dua ".repeat(50), "Satu ".repeat(50)]);
}

#[test]
fn what_cannot_be_read_is_kept_raw_once_and_removed_from_the_modem() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    for _ in 0..2 {
        desk.receive("a", vec![0x07, 0x91, 0x44]);
    }
    let slot = Some(Slot { memory: "SM".to_owned(), index: 3 });
    desk.modem("a", ModemEvent::Garbled { line: "07914G".to_owned(), slot });
    let entries = inbox(&desk);
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry.kind == "garbled"), "{entries:?}");
}

#[test]
fn a_report_settles_no_doubt_whose_reference_nobody_can_expect() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let job = desk.job(Class::Routine, "Halo", 0..1);
    desk.begin("a");
    desk.answer("a", Outcome::Uncertain(Doubt::Silence));
    desk.receive("a", report(9, "+6281200000000", 0, desk.now));
    assert_eq!(desk.count(job, State::InDoubt), 1, "it may be another message's");
}
