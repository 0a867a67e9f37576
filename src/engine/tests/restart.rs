//! Long stops of the daemon: what waits for a person, and that nothing of it goes without one.

use std::collections::BTreeSet;

use super::desk::*;
use crate::engine::event::*;
use crate::engine::{Engine, Rules};
use crate::model::*;
use crate::policy::RestartGate;
use crate::store::{Reader, Store, ledger_of_schema, newest_schema};

const LONG: SignedDuration = SignedDuration::from_hours(7);

/// Those about the backlog; that no modem is at work is another matter.
fn alarms(desk: &Desk) -> Vec<String> {
    let rows = desk.reader().alarms(false, 100).unwrap();
    rows.into_iter().map(|alarm| alarm.kind).filter(|kind| kind == "backlog_waits").collect()
}

fn events(desk: &Desk, kind: &str) -> Vec<(String, Option<i64>)> {
    let all = desk.reader().events(None, 10_000).unwrap();
    all.into_iter().filter(|event| event.kind == kind).map(|event| (event.actor, event.job)).collect()
}

fn held(desk: &Desk, job: JobId) -> bool {
    let view = desk.view(job);
    let held = view.waits_for.as_deref() == Some("held");
    assert!(!held || view.state == "paused", "{view:?}");
    held
}

#[test]
fn after_a_long_stop_an_old_job_waits_for_a_person_over_further_restarts() {
    let mut desk = Desk::new(free());
    let job = desk.job(Class::Routine, "Undangan", 1..4);
    desk.stop_for(LONG);
    assert!(held(&desk, job));
    assert_eq!(alarms(&desk), ["backlog_waits"]);
    assert_eq!(events(&desk, "job_held"), [("engine".to_owned(), Some(job.0))]);
    assert_eq!(desk.reader().status().unwrap().held_jobs, 1);
    desk.connect("a");
    assert!(desk.send_all().is_empty());
    // A second restart soon after changes nothing, and neither does a second long stop.
    for span in [SignedDuration::from_secs(5), LONG] {
        desk.stop_for(span);
        desk.connect("a");
        assert!(held(&desk, job) && desk.send_all().is_empty());
    }
    assert_eq!(desk.act(Action::Resume(Scope::Job(job))), Ok(format!("job {job} is active")));
    assert_eq!(desk.send_all().values().sum::<usize>(), 3);
    assert!(!held(&desk, job) && alarms(&desk).is_empty());
}

#[test]
fn what_a_person_let_go_goes_on_after_a_short_stop_and_waits_again_after_a_long_one() {
    let mut desk = Desk::new(free());
    let job = desk.job(Class::Routine, "Undangan", 1..4);
    desk.stop_for(LONG);
    desk.act(Action::Resume(Scope::Job(job))).unwrap();
    // Killed before it had ticked once: the stop is dealt with all the same.
    desk.stop_for(SignedDuration::from_mins(5));
    assert!(!held(&desk, job));
    desk.stop_for(LONG);
    assert!(held(&desk, job));
}

#[test]
fn emergencies_what_is_recent_and_what_is_due_later_do_not_wait() {
    let mut desk = Desk::new(free());
    let lasting = JobHeader { lifetime: Some(SignedDuration::from_hours(48)), ..header(Class::Emergency, "longsor") };
    desk.drop_job(lasting, vec![row(1, number(1))]);
    let stale = desk.job(Class::Emergency, "banjir", 2..3);
    let tomorrow = Some(desk.now.saturating_add(SignedDuration::from_hours(24)).unwrap());
    let later = JobHeader { not_before: tomorrow, ..header(Class::Routine, "besok") };
    desk.drop_job(later, vec![row(1, number(3))]);
    let recently = Some(desk.now.saturating_add(SignedDuration::from_hours(2)).unwrap());
    let due = JobHeader { not_before: recently, ..header(Class::Important, "rapat pagi") };
    desk.drop_job(due, vec![row(1, number(4))]);
    desk.stop_for(LONG);
    assert!(alarms(&desk).is_empty());
    desk.connect("a");
    assert_eq!(desk.send_all().values().sum::<usize>(), 2, "the lasting emergency, and the one due five hours ago");
    assert_eq!(desk.count(stale, State::Expired), 1, "a flood warning that is seven hours old is not sent");
}

#[test]
fn all_that_waits_is_let_go_at_once_and_what_people_paused_stays_paused() {
    let mut desk = Desk::new(free());
    let (one, two) = (desk.job(Class::Routine, "satu", 1..3), desk.job(Class::Important, "dua", 3..5));
    let paused = desk.job(Class::Routine, "tiga", 5..7);
    desk.act(Action::Pause(Scope::Job(paused))).unwrap();
    assert_eq!(desk.act(Action::ResumeHeld), Err("no job waits because of a long stop".to_owned()));
    desk.stop_for(LONG);
    assert!(held(&desk, one) && held(&desk, two) && !held(&desk, paused));
    assert_eq!(desk.act(Action::ResumeHeld), Ok("2 job(s) go on that waited after a long stop".to_owned()));
    assert_eq!(events(&desk, "job_resumed").iter().filter(|(actor, _)| actor == "admin").count(), 2);
    desk.connect("a");
    assert_eq!(desk.send_all().values().sum::<usize>(), 4);
    assert_eq!((desk.view(paused).state.as_str(), alarms(&desk).len()), ("paused", 0));
}

#[test]
fn a_held_job_can_be_cancelled_and_its_time_runs_out() {
    let mut desk = Desk::new(free());
    let (one, two) = (desk.job(Class::Routine, "satu", 1..3), desk.job(Class::Important, "dua", 3..5));
    desk.stop_for(LONG);
    desk.act(Action::Cancel(one)).unwrap();
    assert_eq!(alarms(&desk), ["backlog_waits"]);
    desk.pass(SignedDuration::from_hours(24));
    assert_eq!((desk.count(one, State::Cancelled), desk.count(two, State::Expired)), (2, 2));
    assert!(alarms(&desk).is_empty());
}

#[test]
fn a_doubt_of_a_held_job_is_not_sent_again_by_policy() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    let again = JobHeader { in_doubt: InDoubt::Resend, ..header(Class::Important, "rapat") };
    desk.drop_job(again, vec![row(1, number(1))]);
    desk.begin("a").expect("on the air");
    desk.stop_for(LONG);
    desk.connect("a");
    desk.pass(SignedDuration::from_hours(1));
    assert!(desk.send_all().is_empty());
    desk.act(Action::ResumeHeld).unwrap();
    assert_eq!(desk.send_all().values().sum::<usize>(), 1);
}

#[test]
fn a_stop_is_measured_from_the_last_sign_of_life_and_never_long_where_that_is_off() {
    let mut desk = Desk::new(free());
    let job = desk.job(Class::Routine, "Undangan", 1..4);
    for _ in 0..10 {
        desk.pass(SignedDuration::from_hours(1));
    }
    desk.stop_for(SignedDuration::from_hours(5));
    assert!(!held(&desk, job), "it was at work until five hours ago, without a modem");
    let off = Rules { restart: RestartGate { stopped: SignedDuration::ZERO, ..RestartGate::default() }, ..free() };
    let mut desk = Desk::new(off);
    let job = desk.job(Class::Routine, "Undangan", 1..4);
    desk.stop_for(SignedDuration::from_hours(70));
    assert!(!held(&desk, job));
}

#[test]
fn a_file_that_lay_in_the_queue_over_a_long_stop_is_as_old_as_it_is() {
    let mut desk = Desk::new(free());
    desk.job(Class::Routine, "Undangan", 1..4);
    let dropped = desk.now.saturating_add(SignedDuration::from_mins(10)).unwrap();
    desk.stop_for(LONG);
    // Not read yet when the daemon is killed again.
    desk.stop_for(SignedDuration::from_secs(30));
    let mut give = |header: JobHeader, since: Option<Timestamp>| {
        let id = IntakeId(100 + u64::try_from(header.digest.len()).unwrap());
        let waited = since.map(|since| Event::Intake(id, IntakeEvent::Waited(since)));
        let rest =
            [IntakeEvent::Begin(Box::new(header)), IntakeEvent::Rows(vec![row(1, number(9))]), IntakeEvent::Complete];
        let rest = rest.into_iter().map(|event| Event::Intake(id, event));
        desk.feed(waited.into_iter().chain(rest).collect());
        let answer = desk.orders.iter().rev().find_map(|order| match order {
            Order::Intake(of, answer) if *of == id => Some(answer.clone()),
            _ => None,
        });
        answer.expect("an answer")
    };
    let old = give(header(Class::Routine, "lama"), Some(dropped));
    let warning = give(header(Class::Emergency, "banjir besar"), Some(dropped));
    let fresh = give(header(Class::Routine, "baru saja"), None);
    let IntakeOrder::Accepted { job: old, .. } = old else { panic!("{old:?}") };
    let IntakeOrder::Accepted { job: fresh, .. } = fresh else { panic!("{fresh:?}") };
    assert!(held(&desk, old) && !held(&desk, fresh));
    let expires_at = dropped.saturating_add(SignedDuration::from_hours(6)).unwrap();
    assert_eq!(warning, IntakeOrder::Refused(Refusal::TooLate { expires_at }));
}

/// Days with stops of any length: what the rule holds is handed over by nobody but a person. The books are the test's own.
#[test]
fn whatever_happens_no_held_backlog_goes_without_a_person() {
    for seed in 0..10 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut desk = Desk::new(free());
        let (mut jobs, mut waits): (Vec<(JobId, Timestamp)>, BTreeSet<JobId>) = (Vec::new(), BTreeSet::new());
        let mut holds = 0;
        desk.connect("a");
        for turn in 0..60 {
            match random.u32(0..10) {
                0..3 => {
                    let first = turn * 10;
                    let not_before = random
                        .bool()
                        .then(|| desk.now.saturating_add(SignedDuration::from_hours(random.i64(-3..12))).unwrap());
                    let class = if random.bool() { Class::Routine } else { Class::Important };
                    let lifetime = Some(SignedDuration::from_hours(300));
                    let header = JobHeader { not_before, lifetime, ..header(class, &format!("pesan {turn}")) };
                    let rows = (first..first + 5).map(|n| row(n + 1, number(n))).collect();
                    if let IntakeOrder::Accepted { job, .. } = desk.drop_job(header, rows) {
                        jobs.push((job, not_before.unwrap_or(desk.now).max(desk.now)));
                    }
                }
                3..6 => {
                    if desk.ready.contains_key(&name("a")) && !desk.air.contains_key(&name("a")) {
                        desk.begin("a");
                    }
                    if desk.air.contains_key(&name("a")) && random.bool() {
                        desk.submit("a");
                    }
                }
                6 => desk.pass(SignedDuration::from_mins(random.i64(1..300))),
                7 => {
                    let person: Option<JobId> = waits.iter().next().copied();
                    if let Some(job) = person {
                        desk.act(Action::Resume(Scope::Job(job))).unwrap();
                        waits.remove(&job);
                    }
                }
                _ => {
                    let span = SignedDuration::from_mins(random.i64(1..900));
                    desk.stop_for(span);
                    if span >= SignedDuration::from_hours(6) {
                        let old = |since: Timestamp| desk.now.duration_since(since) >= SignedDuration::from_hours(6);
                        let due: Vec<JobId> = (jobs.iter().filter(|(_, since)| old(*since)).map(|(job, _)| *job))
                            .filter(|job| {
                                desk.view(*job).messages.iter().any(|(state, count)| {
                                    *count > 0 && matches!(state.as_str(), "queued" | "sending" | "in_doubt")
                                })
                            })
                            .collect();
                        holds += due.len();
                        waits.extend(due);
                    }
                    desk.connect("a");
                }
            }
            let reader = desk.reader();
            for view in reader.jobs(1_000, false).unwrap().iter().filter(|view| waits.contains(&JobId(view.id))) {
                assert!(
                    view.waits_for.as_deref() == Some("held") || view.state == "done",
                    "seed {seed}, turn {turn}: {view:?}"
                );
                assert_eq!(view.messages["sending"], 0, "seed {seed}, turn {turn}: {view:?} is on the air");
            }
            let stands = !alarms(&desk).is_empty();
            assert_eq!(stands, reader.status().unwrap().held_jobs > 0, "seed {seed}, turn {turn}");
        }
        assert!(seed > 0 || holds > 0, "the story holds something");
    }
}

#[test]
fn a_ledger_that_was_changed_for_a_newer_program_says_so_in_the_record_once_and_where_its_copy_is() {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let path = folder.path().join("k.db");
    let old = newest_schema() - 1;
    drop(ledger_of_schema(&path, old));
    let now = Timestamp::from_second(1_795_000_000).unwrap();
    for _ in 0..2 {
        Engine::open(Store::open(&path).unwrap(), free(), now, 7).unwrap();
    }
    let events = Reader::open(&path).unwrap().events(None, 100).unwrap();
    let told: Vec<_> = events.into_iter().filter(|event| event.kind == "database_upgraded").collect();
    let [told] = &told[..] else { panic!("{told:?}") };
    let copy = format!("{}.before-{:04}", path.display(), old + 1);
    assert!(told.actor == "engine" && told.detail.contains(&copy), "{told:?}");
}
