//! A few messages ahead of the rest of a large job.

use super::delivery::{Office, none};
use super::desk::*;
use super::stories::refused;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Canary;

fn rules() -> Rules {
    let wait = SignedDuration::from_mins(10);
    let canary = Some(Canary { messages: 5, from: 10, wait, share: 0.6, emergencies: false });
    Rules { canary, ..free() }
}

/// The five messages that go ahead are out, over two modems; of these `arrive` arrived.
fn five_out(rules: Rules, class: Class, arrive: u32) -> (Office, JobId) {
    let mut office = Office::new(rules, &["a", "b"]);
    let job = office.desk.job(class, "Kabar", 0..30);
    let arrives = |number: Msisdn| (number < super::desk::number(arrive)).then_some(0);
    for modem in ["a", "b", "a", "b", "a"] {
        office.send(modem, arrives);
    }
    (office, job)
}

fn sent(office: &Office, job: JobId) -> usize {
    office.desk.recipients(job).iter().filter(|recipient| recipient.attempts > 0).count()
}

#[test]
fn the_rest_follows_as_soon_as_enough_arrived_and_other_jobs_go_on_meanwhile() {
    let (mut office, job) = five_out(rules(), Class::Routine, 2);
    assert_eq!(sent(&office, job), 5);
    assert!(office.desk.ready.is_empty());
    let other = office.desk.job(Class::Routine, "Lain", 100..103);
    office.desk.send_all();
    assert_eq!((office.desk.count(other, State::Submitted), sent(&office, job)), (3, 5));
    let now = office.desk.now;
    office.desk.receive("a", report(2, &number(2).to_string(), 0, now));
    assert_eq!(office.desk.ready.len(), 2, "three of five");
    office.desk.send_all();
    assert_eq!((sent(&office, job), office.alarms()), (30, Vec::new()));
    assert_eq!(
        office.desk.recorded("canary_passed"),
        ["of the first 5 messages 3 arrived, 0 failed, 2 brought no report"]
    );
}

#[test]
fn where_too_few_arrive_the_job_is_paused_with_a_reason_until_a_person_lets_it_go_on() {
    let (mut office, job) = five_out(rules(), Class::Routine, 2);
    office.pass(9);
    assert_eq!((office.desk.view(job).state.as_str(), office.alarms().len()), ("active", 0));
    office.pass(1);
    let view = office.desk.view(job);
    let why = format!(
        "of the first 5 messages 2 arrived, 0 failed, 3 brought no report; the rest waits for: kentongan job resume {job}"
    );
    assert_eq!((view.state.as_str(), view.waits_reason), ("paused", Some(why)));
    assert_eq!(office.alarms(), [("canary_failed".to_owned(), format!("job {job}"))]);
    office.restart(&["a", "b"]);
    assert_eq!((sent(&office, job), office.desk.ready.len(), office.alarms().len()), (5, 0, 1));
    office.desk.act(Action::Resume(Scope::Job(job))).unwrap();
    assert_eq!((office.desk.ready.len(), office.alarms().len()), (2, 0));
    office.restart(&["a", "b"]);
    office.desk.send_all();
    assert_eq!((sent(&office, job), office.desk.view(job).state.as_str()), (30, "active"));
    assert_eq!(office.desk.recorded("canary_overruled"), ["uji"]);
}

#[test]
fn a_restart_in_the_middle_holds_the_rest_and_the_wait_goes_on() {
    let mut office = Office::new(rules(), &["a"]);
    let job = office.desk.job(Class::Routine, "Kabar", 0..30);
    office.send("a", none);
    office.send("a", none);
    office.restart(&["a"]);
    // What was on the air is in doubt, and counts as one that has not arrived.
    office.send("a", none);
    office.send("a", none);
    assert_eq!((sent(&office, job), office.desk.ready.len()), (5, 0));
    office.pass(6);
    office.restart(&["a"]);
    office.pass(3);
    assert_eq!((office.desk.view(job).state.as_str(), office.desk.ready.len()), ("active", 0));
    office.pass(1);
    assert_eq!(office.desk.view(job).state, "paused");
}

#[test]
fn failures_decide_at_once() {
    let mut office = Office::new(rules(), &["a"]);
    let job = office.desk.job(Class::Routine, "Kabar", 0..30);
    (0..3).for_each(|_| office.send("a", |_| Some(0x41)));
    assert_eq!(office.desk.view(job).state, "paused", "three of five cannot arrive any more");
}

#[test]
fn modems_that_hand_no_reports_on_hold_nothing_up() {
    let mut desk = Desk::new(rules());
    let sim = SimIdentity { iccid: Some("8962a".to_owned()), imsi: None };
    desk.modem("a", ModemEvent::Found { modem: ModemIdentity::default(), sim, port: "x".to_owned() });
    desk.modem("a", ModemEvent::Ready { operator: None, reports: false });
    let job = desk.job(Class::Routine, "Kabar", 0..30);
    desk.send_all();
    desk.tick();
    desk.send_all();
    assert_eq!(desk.count(job, State::Unreported), 30);
}

#[test]
fn emergencies_and_small_jobs_are_not_tried_first_unless_that_is_wanted() {
    let mut desk = Desk::new(rules());
    desk.connect("a");
    let small = desk.job(Class::Routine, "Kabar", 0..9);
    let warning = desk.job(Class::Emergency, "BANJIR", 20..50);
    desk.send_all();
    assert_eq!((desk.count(small, State::Submitted), desk.count(warning, State::Submitted)), (9, 30));

    let mut wanted = rules();
    wanted.canary.as_mut().unwrap().emergencies = true;
    let (mut office, job) = five_out(wanted, Class::Emergency, 0);
    office.pass(10);
    assert_eq!(office.desk.view(job).state, "paused");
}

#[test]
fn one_that_is_refused_again_and_again_holds_nobody_up() {
    let mut office = Office::new(rules(), &["a"]);
    let job = office.desk.job(Class::Routine, "Kabar", 0..30);
    office.desk.begin("a").expect("it may go");
    let absent = Outcome::Refused { cause: Cause::Absent, code: ErrorCode { kind: ErrorKind::Cms, number: 27 } };
    let next = office.desk.ready.remove(&name("a")).map(|held| held.ticket);
    let attempt = office.desk.air.remove(&name("a")).unwrap();
    office.desk.modem("a", ModemEvent::Answered { attempt, outcome: absent, next });
    for _ in 0..4 {
        office.desk.submit("a");
    }
    assert_eq!((sent(&office, job), office.desk.count(job, State::Submitted)), (4, 4));
    let now = office.desk.now;
    for tp_mr in 1..=3 {
        office.desk.receive("a", report(tp_mr, &number(u32::from(tp_mr)).to_string(), 0, now));
    }
    assert!(office.desk.ready.contains_key(&name("a")), "three of the four that were accepted, and of the five");
}

#[test]
fn nothing_is_judged_while_nothing_goes_out() {
    let mut office = Office::new(rules(), &["a"]);
    let job = office.desk.job(Class::Routine, "Kabar", 0..30);
    office.desk.begin("a").expect("it may go");
    office.desk.answer("a", refused(330, Cause::Sim));
    office.desk.modem("a", ModemEvent::Lost { reason: "unplugged".to_owned() });
    office.pass(300);
    assert_eq!(office.desk.view(job).state, "active");
    let alarms: Vec<String> = office.alarms().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(alarms, ["no_modem", "modem_out"], "the modem is away, and nothing is said of the messages");
}

#[test]
fn where_the_setting_is_taken_back_the_rest_follows_and_a_job_that_ends_takes_its_alarm_along() {
    let (mut office, job) = five_out(rules(), Class::Routine, 0);
    office.desk.restart(free());
    office.desk.connect("a");
    assert!(office.desk.ready.contains_key(&name("a")));
    assert_eq!(office.desk.recorded("canary_passed").len(), 1);
    office.desk.send_all();
    assert_eq!(sent(&office, job), 30);

    let (mut office, job) = five_out(rules(), Class::Routine, 0);
    office.pass(10);
    assert_eq!(office.alarms().len(), 1);
    office.desk.act(Action::Cancel(job)).unwrap();
    office.pass(30 * 60);
    office.pass(80 * 60);
    assert_eq!(office.alarms().iter().filter(|(kind, _)| kind == "canary_failed").count(), 0, "{:?}", office.alarms());
}

#[test]
fn of_two_jobs_that_come_in_side_by_side_each_sends_its_own_ahead() {
    let mut desk = Desk::new(rules());
    desk.connect("a");
    let begin = |text| IntakeEvent::Begin(Box::new(header(Class::Routine, text)));
    let some = |from: u32| IntakeEvent::Rows((from..from + 4).map(|n| row(n + 1, number(n))).collect());
    let (one, two) = (IntakeId(91), IntakeId(92));
    let mut events = vec![Event::Intake(one, begin("satu")), Event::Intake(two, begin("dua"))];
    for from in [0, 4, 8] {
        events.extend([Event::Intake(one, some(from)), Event::Intake(two, some(100 + from))]);
    }
    events.extend([Event::Intake(one, IntakeEvent::Complete), Event::Intake(two, IntakeEvent::Complete)]);
    desk.feed(events);
    desk.tick();
    desk.send_all();
    let mut numbers: Vec<_> = [1, 2]
        .into_iter()
        .flat_map(|job| desk.recipients(JobId(job)))
        .filter(|recipient| recipient.attempts > 0)
        .map(|recipient| recipient.number.parse::<u64>().unwrap() - number(0).as_u64())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]);
}

#[test]
fn a_pause_by_hand_meanwhile_does_not_let_the_rest_follow() {
    let (mut office, job) = five_out(rules(), Class::Routine, 1);
    office.desk.act(Action::Pause(Scope::Job(job))).unwrap();
    office.desk.act(Action::Resume(Scope::Job(job))).unwrap();
    assert!(office.desk.ready.is_empty());
    office.pass(10);
    assert_eq!(office.desk.view(job).state, "paused");
}
