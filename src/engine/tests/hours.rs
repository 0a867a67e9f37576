//! Quiet hours, moratoria, approval and quotas: over midnight, ends of months, overlapping windows, and a restart in the middle.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::calendar::{Edge, moment};
use crate::policy::{Approval, Calendar, Hours, OverQuota, UnitApproval, UnitRules};

fn at(text: &str) -> Timestamp {
    moment(text, &TimeZone::get("Asia/Jakarta").unwrap(), Edge::From).unwrap()
}

/// Routine messages rest from nine in the evening to six in the morning.
fn nightly() -> Rules {
    let days: Vec<_> = Hours::all_days().iter().map(|day| Hours::day(day).unwrap()).collect();
    let routine = Hours::new(&days, vec!["21:00-06:00".parse().unwrap()]).unwrap();
    Rules { calendar: Calendar { routine, ..Calendar::default() }, ..free() }
}

fn with_unit(unit: UnitRules) -> Rules {
    Rules { units: [("diskominfo".to_owned(), unit)].into(), ..free() }
}

/// Time passes as it does for the daemon: from one wake-up that the engine asked for to the next. Gives what was sent when.
fn live(desk: &mut Desk, until: &str) -> Vec<(Timestamp, usize)> {
    let mut sent = Vec::new();
    loop {
        let count = desk.send_all().values().sum();
        if count > 0 {
            sent.push((desk.now, count));
        }
        match desk.next_wake.filter(|wake| *wake <= at(until)) {
            Some(wake) => {
                desk.now = desk.now.max(wake);
                desk.tick();
            }
            None => {
                desk.now = at(until);
                desk.tick();
                return sent;
            }
        }
    }
}

fn go(desk: &mut Desk, to: &str) {
    desk.now = at(to);
    desk.tick();
}

fn waits(desk: &Desk, job: JobId) -> (Option<String>, Option<String>, Option<Timestamp>) {
    let view = desk.view(job);
    (view.waits_for, view.waits_reason, view.waits_until)
}

fn kinds(desk: &Desk, job: JobId) -> Vec<String> {
    let all = desk.reader().events(Some(job), 1_000).unwrap();
    all.into_iter().map(|event| format!("{} {}", event.actor, event.kind)).collect()
}

fn lasting(class: Class, text: &str, hours: i64) -> JobHeader {
    JobHeader { lifetime: Some(SignedDuration::from_hours(hours)), ..header(class, text) }
}

fn accepted(order: IntakeOrder) -> JobId {
    match order {
        IntakeOrder::Accepted { job, .. } => job,
        other => panic!("not accepted: {other:?}"),
    }
}

#[test]
fn a_night_over_the_end_of_a_month_is_slept_through_with_restarts_in_the_middle() {
    let mut desk = Desk::new(nightly());
    go(&mut desk, "2026-11-30 22:00");
    desk.connect("a");
    let job = desk.job(Class::Routine, "Undangan", 1..4);
    let warning = desk.job(Class::Emergency, "Banjir", 4..6);
    let morning = at("2026-12-01 06:00");
    assert_eq!(
        waits(&desk, job),
        (Some("quiet_hours".to_owned()), Some("quiet hours of class routine".to_owned()), Some(morning))
    );
    assert_eq!(waits(&desk, warning), (None, None, None));
    assert_eq!(live(&mut desk, "2026-11-30 23:59"), [(at("2026-11-30 22:00"), 2)], "emergencies go at any hour");
    desk.crash();
    desk.connect("a");
    assert!(live(&mut desk, "2026-12-01 00:01").is_empty());
    desk.stop_for(SignedDuration::from_hours(2));
    desk.connect("a");
    assert_eq!(waits(&desk, job).2, Some(morning));
    assert_eq!(desk.view(job).waits_since, Some(at("2026-11-30 22:00")), "a restart is no new reason");
    assert_eq!(live(&mut desk, "2026-12-01 06:00"), [(morning, 3)], "at the first moment, and woken for it");
    assert_eq!(waits(&desk, job), (None, None, None));
    // Where nothing waits, the hours are nothing to wake for.
    live(&mut desk, "2026-12-06 12:00");
    assert!(desk.next_wake.is_none_or(|wake| wake > at("2026-12-06 21:00")), "{:?}", desk.next_wake);
}

#[test]
fn at_the_last_minute_what_stands_reserved_is_taken_back_and_what_has_begun_is_finished() {
    let mut desk = Desk::new(nightly());
    go(&mut desk, "2026-11-18 20:59");
    for modem in ["a", "b"] {
        desk.connect(modem);
    }
    let long = desk.job(Class::Routine, &"x".repeat(300), 1..2);
    desk.job(Class::Routine, "pendek", 2..4);
    desk.begin("a").expect("its first part goes out");
    // The session writes AT+CMGS for what it holds just before it hears of the hour.
    desk.now = at("2026-11-18 21:00");
    assert_eq!(desk.begin("b"), None);
    assert!(desk.withdrawn > 0);
    desk.submit("a");
    assert_eq!(desk.send_all().values().sum::<usize>(), 1, "half a text is no text");
    assert_eq!(desk.count(long, State::Submitted), 1);
    assert!(desk.ready.is_empty());
    assert_eq!(live(&mut desk, "2026-11-19 06:00"), [(at("2026-11-19 06:00"), 2)]);
}

#[test]
fn a_time_to_send_at_that_falls_into_the_night_waits_for_the_morning_after_it() {
    let mut desk = Desk::new(nightly());
    go(&mut desk, "2026-11-18 23:00");
    desk.connect("a");
    let not_before = |text| JobHeader { not_before: Some(at(text)), ..header(Class::Routine, text) };
    let day = accepted(desk.drop_job(not_before("2026-11-19 10:00"), vec![row(1, number(1))]));
    let night = accepted(desk.drop_job(not_before("2026-11-19 22:00"), vec![row(1, number(2))]));
    let own_time = Some("not_before".to_owned());
    assert_eq!(
        waits(&desk, day),
        (own_time.clone(), None, Some(at("2026-11-19 10:00"))),
        "its own time is after the night"
    );
    let then = Some("quiet hours of class routine".to_owned());
    assert_eq!(waits(&desk, night), (own_time, then.clone(), Some(at("2026-11-20 06:00"))));
    let mut sent = live(&mut desk, "2026-11-19 22:30");
    assert_eq!(waits(&desk, night), (Some("quiet_hours".to_owned()), then, Some(at("2026-11-20 06:00"))));
    sent.extend(live(&mut desk, "2026-11-20 07:00"));
    assert_eq!(sent, [(at("2026-11-19 10:00"), 1), (at("2026-11-20 06:00"), 1)]);
}

#[test]
fn a_job_for_tomorrow_says_so_is_not_the_oldest_that_waits_and_goes_at_its_time() {
    let mut desk = Desk::new(free());
    go(&mut desk, "2026-11-18 09:00");
    let later = JobHeader { not_before: Some(at("2026-11-19 08:00")), ..header(Class::Routine, "besok") };
    let job = accepted(desk.drop_job(later, vec![row(1, number(1)), row(2, number(2))]));
    let told = (Some("not_before".to_owned()), None, Some(at("2026-11-19 08:00")));
    assert_eq!(waits(&desk, job), told);
    assert_eq!(desk.reader().status().unwrap().oldest_queued_at, None, "nothing waits that could go");
    assert!(desk.reader().gauges().unwrap().oldest_queued.is_empty());
    assert!(desk.reader().gauges().unwrap().waits.contains(&("not_before".to_owned(), 1)));
    desk.crash();
    assert_eq!(waits(&desk, job), told, "a start knows it too");
    desk.orders.clear();
    live(&mut desk, "2026-11-19 08:00");
    assert_eq!(waits(&desk, job), (None, None, None));
    assert!(desk.orders.contains(&Order::JobChanged { job, finished: false }), "its report is written anew");
    assert_eq!(desk.reader().status().unwrap().oldest_queued_at, Some(at("2026-11-18 09:00")));
    desk.connect("a");
    assert_eq!(desk.send_all().values().sum::<usize>(), 2);
}

#[test]
fn a_job_says_how_many_messages_of_others_go_before_its_own() {
    let mut desk = Desk::new(free());
    let first = |desk: &Desk, job| desk.view(job).goes_first;
    let of = |unit: &str, class, text: &str| JobHeader { unit: unit.to_owned(), ..header(class, text) };
    let rows = |numbers: std::ops::Range<u32>| numbers.map(|n| row(n + 1, number(n))).collect::<Vec<_>>();
    let blast = desk.job(Class::Routine, "pajak", 0..500);
    let mine = accepted(desk.drop_job(of("damkar", Class::Routine, "apel"), rows(500..501)));
    let behind = desk.job(Class::Routine, "lomba", 600..605);
    assert_eq!((first(&desk, blast), first(&desk, mine), first(&desk, behind)), (Some(0), Some(500), Some(501)));
    let urgent = desk.job(Class::Important, "rapat", 700..703);
    assert_eq!((first(&desk, urgent), first(&desk, mine)), (Some(0), Some(503)), "a more urgent class goes first");
    // What something holds goes first no more, and says what it waits for instead.
    desk.act(Action::Pause(Scope::Class(Class::Important))).unwrap();
    desk.act(Action::Pause(Scope::Job(blast))).unwrap();
    assert_eq!((first(&desk, blast), first(&desk, mine), first(&desk, behind)), (None, Some(0), Some(1)));
    assert_eq!(desk.reader().jobs(9, false).unwrap()[0].goes_first, None, "a list does not ask");
    desk.connect("a");
    desk.send_all();
    assert_eq!((desk.count(mine, State::Submitted), first(&desk, mine)), (1, None), "nothing of it is left");
}

#[test]
fn time_runs_on_at_night_and_what_could_only_wait_until_it_is_over_is_not_accepted() {
    let mut desk = Desk::new(nightly());
    go(&mut desk, "2026-11-18 20:30");
    let job = accepted(desk.drop_job(lasting(Class::Routine, "sore", 4), vec![row(1, number(1))]));
    live(&mut desk, "2026-11-18 21:00");
    let told = waits(&desk, job).1.unwrap();
    assert!(told.ends_with("; its time is over before that"), "{told}");
    live(&mut desk, "2026-11-19 00:31");
    assert_eq!(desk.count(job, State::Expired), 1);
    let late = desk.drop_job(lasting(Class::Routine, "malam", 5), vec![row(1, number(1))]);
    let refusal = Refusal::NeverOpens {
        kind: WaitKind::QuietHours,
        reason: String::new(),
        opens: Some(at("2026-11-19 06:00")),
        expires_at: at("2026-11-19 05:31"),
    };
    assert_eq!(late, IntakeOrder::Refused(refusal));
}

fn moratorium(desk: &mut Desk, from: &str, until: &str, classes: &[Class]) -> Result<String, String> {
    let new = NewMoratorium { from: at(from), until: at(until), classes: classes.to_vec(), units: Vec::new() };
    desk.act(Action::AddMoratorium(new))
}

#[test]
fn moratoria_overlap_hold_over_a_restart_and_are_ended_by_a_person() {
    let mut desk = Desk::new(nightly());
    go(&mut desk, "2026-11-28 10:00");
    desk.connect("a");
    let all = lasting(Class::Important, "rapat", 200);
    let job = accepted(desk.drop_job(all, vec![row(1, number(1)), row(2, number(2))]));
    let routine = accepted(desk.drop_job(lasting(Class::Routine, "lomba", 200), vec![row(1, number(3))]));
    assert_eq!(desk.ready.len(), 1);
    // Entered while a message stands reserved: it is taken back.
    assert_eq!(
        moratorium(&mut desk, "2026-11-28 00:00", "2026-11-30 00:00", &[]),
        Ok("moratorium 1 is entered".to_owned())
    );
    assert!(desk.ready.is_empty());
    assert_eq!(
        waits(&desk, job),
        (Some("moratorium".to_owned()), Some("moratorium: uji".to_owned()), Some(at("2026-11-30 00:00")))
    );
    moratorium(&mut desk, "2026-11-29 12:00", "2026-12-01 20:00", &[Class::Routine, Class::Important]).unwrap();
    moratorium(&mut desk, "2026-12-01 20:00", "2026-12-01 21:30", &[Class::Routine]).unwrap();
    assert_eq!(waits(&desk, job).2, Some(at("2026-12-01 20:00")), "the second begins before the first is over");
    assert_eq!(waits(&desk, routine).2, Some(at("2026-12-02 06:00")), "the third goes into the night");
    assert!(live(&mut desk, "2026-11-30 01:00").is_empty());
    desk.crash();
    desk.connect("a");
    let refused = desk.drop_job(lasting(Class::Important, "singkat", 6), vec![row(1, number(9))]);
    assert!(
        matches!(refused, IntakeOrder::Refused(Refusal::NeverOpens { kind: WaitKind::Moratorium, .. })),
        "{refused:?}"
    );
    assert!(desk.act(Action::EndMoratorium(1)).is_err(), "it is over");
    assert_eq!(desk.act(Action::EndMoratorium(2)), Ok("moratorium 2 is ended".to_owned()));
    assert!(desk.act(Action::EndMoratorium(2)).is_err() && desk.act(Action::EndMoratorium(7)).is_err());
    assert_eq!(desk.send_all().values().sum::<usize>(), 2, "the important ones; routine ones sleep");
    assert_eq!(live(&mut desk, "2026-11-30 06:00"), [(at("2026-11-30 06:00"), 1)]);
    let acts: Vec<_> = desk
        .reader()
        .events(None, 1_000)
        .unwrap()
        .into_iter()
        .filter(|event| event.kind.starts_with("moratorium"))
        .collect();
    assert_eq!(acts.len(), 4);
    assert!(acts.iter().all(|event| event.actor == "admin" && event.detail.contains("uji")), "{acts:?}");
    let over = desk.reader().moratoria().unwrap();
    assert_eq!(over.iter().map(|one| one.id).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)], "none is ever removed");
}

#[test]
fn emergencies_are_held_by_a_moratorium_unless_it_or_the_settings_spare_them() {
    let mut desk = Desk::new(free());
    desk.connect("a");
    go(&mut desk, "2026-11-28 10:00");
    moratorium(&mut desk, "2026-11-28 00:00", "2026-11-28 12:00", &[]).unwrap();
    let job = desk.job(Class::Emergency, "longsor", 1..2);
    assert_eq!(waits(&desk, job).0.as_deref(), Some("moratorium"));
    let spare = Calendar { spare_emergencies: true, ..Calendar::default() };
    desk.restart(Rules { calendar: spare, ..free() });
    desk.connect("a");
    assert_eq!(desk.send_all().values().sum::<usize>(), 1);
}

#[test]
fn what_slept_over_a_long_stop_is_only_as_old_as_the_morning() {
    let mut desk = Desk::new(nightly());
    go(&mut desk, "2026-11-30 22:00");
    let (night, early) = (desk.job(Class::Routine, "malam", 1..2), desk.job(Class::Important, "penting", 2..3));
    // Stopped over midnight and the end of the month, until half an hour after the night.
    desk.stop_for(SignedDuration::from_mins(510));
    assert_eq!(waits(&desk, night).0, None, "it could have gone out half an hour ago");
    assert_eq!(waits(&desk, early).0.as_deref(), Some("held"));
    desk.connect("a");
    assert_eq!(desk.send_all().values().sum::<usize>(), 1);
    // And a stop that goes on until the afternoon leaves it for a person.
    go(&mut desk, "2026-12-01 22:00");
    let other = desk.job(Class::Routine, "malam lagi", 5..6);
    desk.stop_for(SignedDuration::from_hours(15));
    assert_eq!(waits(&desk, other).0.as_deref(), Some("held"));
    let told = waits(&desk, other).1.unwrap();
    assert!(told.starts_with("it could have gone out 7 h ago"), "{told}");
}

#[test]
fn the_newest_reason_is_the_one_that_is_told() {
    let mut desk = Desk::new(free());
    let job = accepted(desk.drop_job(lasting(Class::Routine, "lomba", 300), vec![row(1, number(1))]));
    let act = |desk: &mut Desk, action| desk.act(action).unwrap();
    act(&mut desk, Action::Pause(Scope::Job(job)));
    assert_eq!(waits(&desk, job).0.as_deref(), Some("paused"));
    act(&mut desk, Action::Resume(Scope::Job(job)));
    assert_eq!(waits(&desk, job).0, None);
    desk.stop_for(SignedDuration::from_hours(7));
    let (kind, reason, _) = waits(&desk, job);
    assert_eq!(kind.as_deref(), Some("held"));
    assert!(reason.unwrap().starts_with("it could have gone out 7 h ago"), "and not what a person said before");
    act(&mut desk, Action::Resume(Scope::Job(job)));
    act(&mut desk, Action::Pause(Scope::Job(job)));
    let (kind, reason, _) = waits(&desk, job);
    assert_eq!((kind.as_deref(), reason.as_deref()), (Some("paused"), Some("uji")));
    act(&mut desk, Action::Resume(Scope::Job(job)));
    act(&mut desk, Action::Pause(Scope::Class(Class::Routine)));
    assert_eq!(waits(&desk, job).1.as_deref(), Some("uji"), "a pause of its class is told as well");
}

fn second() -> Rules {
    Rules { approval: Approval { routine: Some(2), important: Some(2), emergency: None }, ..free() }
}

#[test]
fn a_large_job_waits_for_a_second_person_over_midnight_and_a_restart() {
    let mut desk = Desk::new(second());
    go(&mut desk, "2026-11-30 22:00");
    desk.connect("a");
    let small = desk.job(Class::Routine, "kecil", 1..3);
    let owned = JobHeader { owner: "admin".to_owned(), ..header(Class::Routine, "besar") };
    let rows =
        |numbers: std::ops::Range<u32>| numbers.zip(1..).map(|(n, place)| row(place, number(n))).collect::<Vec<_>>();
    let own = accepted(desk.drop_job(owned, rows(3..6)));
    let other = desk.job(Class::Routine, "besar juga", 6..9);
    let warning = desk.job(Class::Emergency, "banjir", 9..13);
    assert_eq!(desk.send_all().values().sum::<usize>(), 6);
    assert_eq!((waits(&desk, small).0, waits(&desk, warning).0), (None, None));
    let told = format!("it goes to 3 people, more than 2: a second person must agree: kentongan job approve {own}");
    assert_eq!(waits(&desk, own), (Some("approval".to_owned()), Some(told), None));
    assert_eq!(desk.reader().status().unwrap().approvals, 2);
    live(&mut desk, "2026-12-01 01:00");
    desk.crash();
    desk.connect("a");
    assert!(desk.ready.is_empty());
    let refused = desk.act(Action::Approve(own)).unwrap_err();
    assert_eq!(refused, format!("job {own} is from admin; somebody else must approve it"));
    // What a person paused and lets go again waits as before: resuming is no approval.
    desk.act(Action::Pause(Scope::Job(own))).unwrap();
    desk.act(Action::Resume(Scope::Job(own))).unwrap();
    assert!(desk.ready.is_empty());
    // Whoever decides says why, by whatever way they come.
    for unsaid in [Action::Approve(other), Action::Refuse(other)] {
        assert!(desk.act_because(" ", unsaid).unwrap_err().starts_with("say why, for the record"));
    }
    assert_eq!(desk.act(Action::Approve(other)), Ok(format!("job {other} is approved")));
    assert_eq!(desk.send_all().values().sum::<usize>(), 3);
    assert!(kinds(&desk, other).contains(&"admin job_approved".to_owned()));
    assert!(desk.act(Action::Approve(other)).is_err() && desk.act(Action::Approve(JobId(99))).is_err());
    // Whoever brought it may take it back.
    assert!(desk.act(Action::Refuse(own)).is_ok());
    assert_eq!(desk.count(own, State::Cancelled), 3);
    assert!(kinds(&desk, own).contains(&"admin job_refused".to_owned()));
    assert_eq!(desk.reader().status().unwrap().approvals, 0);
}

#[test]
fn time_runs_on_while_a_second_person_is_awaited_and_a_long_stop_does_not_ask_twice() {
    let mut desk = Desk::new(second());
    let job = desk.job(Class::Important, "rapat", 1..5);
    desk.stop_for(SignedDuration::from_hours(10));
    assert_eq!(
        waits(&desk, job).0.as_deref(),
        Some("approval"),
        "it could not have gone out, so it is not held besides"
    );
    desk.act(Action::Approve(job)).unwrap();
    desk.stop_for(SignedDuration::from_hours(5));
    assert_eq!(waits(&desk, job).0, None, "it is as old as its approval");
    let late = desk.job(Class::Important, "lain", 5..9);
    desk.pass(SignedDuration::from_hours(24));
    desk.tick();
    assert_eq!((desk.count(late, State::Expired), desk.count(job, State::Expired)), (4, 4));
    assert!(desk.act(Action::Approve(late)).is_err());
    let strict = UnitRules { approval: UnitApproval::Always, ..UnitRules::default() };
    desk.restart(with_unit(strict));
    let one = desk.job(Class::Routine, "satu orang", 20..21);
    assert_eq!(waits(&desk, one).0.as_deref(), Some("approval"));
}

fn quota(segments_per_day: u32, over_quota: OverQuota) -> UnitRules {
    UnitRules { segments_per_day, over_quota, ..UnitRules::default() }
}

#[test]
fn what_is_over_the_days_quota_goes_on_the_next_day_over_a_restart_and_the_end_of_a_month() {
    let mut desk = Desk::new(with_unit(quota(10, OverQuota::Wait)));
    go(&mut desk, "2026-11-30 20:00");
    for modem in ["a", "b", "c"] {
        desk.connect(modem);
    }
    let job =
        accepted(desk.drop_job(lasting(Class::Routine, "lomba", 100), (1..26).map(|n| row(n, number(n))).collect()));
    assert_eq!(desk.send_all().values().sum::<usize>(), 10);
    let told = "unit diskominfo has sent what it may in a day, 10 segments; 15 recipient(s) are left";
    let midnight = at("2026-12-01 00:00");
    assert_eq!(waits(&desk, job), (Some("quota".to_owned()), Some(told.to_owned()), Some(midnight)));
    // Counted from the attempts: a restart forgets nothing.
    desk.crash();
    desk.connect("a");
    assert!(desk.send_all().is_empty());
    assert_eq!(waits(&desk, job).0.as_deref(), Some("quota"));
    let warning = desk.job(Class::Emergency, "banjir", 40..43);
    assert_eq!(desk.send_all().values().sum::<usize>(), 3, "a warning does not wait for tomorrow");
    assert_eq!(desk.count(warning, State::Submitted), 3);
    assert_eq!(live(&mut desk, "2026-12-01 23:59"), [(midnight, 10)]);
    assert_eq!(live(&mut desk, "2026-12-02 12:00"), [(at("2026-12-02 00:00"), 5)]);
}

#[test]
fn a_message_of_several_parts_begins_only_where_all_of_it_fits_whatever_goes_out_beside_it() {
    for modems in [1, 2, 3] {
        let mut desk = Desk::new(with_unit(quota(10, OverQuota::Wait)));
        go(&mut desk, "2026-11-18 20:00");
        for modem in ["a", "b", "c"].iter().take(modems) {
            desk.connect(modem);
        }
        let job = desk.job(Class::Routine, &"x".repeat(400), 1..8);
        assert_eq!(desk.send_all().values().sum::<usize>(), 9, "three messages of three parts, with {modems} modem(s)");
        assert_eq!(desk.count(job, State::Submitted), 3);
        assert_eq!(live(&mut desk, "2026-11-19 01:00"), [(at("2026-11-19 00:00"), 9)]);
    }
}

#[test]
fn what_a_modem_refuses_is_not_counted() {
    let mut desk = Desk::new(with_unit(quota(8, OverQuota::Wait)));
    desk.connect("a");
    desk.job(Class::Routine, "lomba", 1..20);
    for _ in 0..3 {
        if desk.air.is_empty() {
            desk.begin("a").unwrap();
        }
        desk.answer("a", Outcome::NotSent(NotSent::NoPrompt));
        desk.pass(SignedDuration::from_mins(30));
    }
    let mut sent = 0;
    for _ in 0..20 {
        sent += desk.send_all().values().sum::<usize>();
        desk.pass(SignedDuration::from_secs(1));
    }
    assert_eq!(sent, 8);
}

#[test]
fn a_unit_that_is_to_refuse_takes_no_more_than_is_left_of_the_day_it_is_for() {
    let mut desk = Desk::new(with_unit(quota(10, OverQuota::Refuse)));
    go(&mut desk, "2026-11-30 20:00");
    let rows = |count: u32| (0..count).map(|n| row(n + 1, number(n))).collect::<Vec<_>>();
    let over = |order: IntakeOrder| match order {
        IntakeOrder::Refused(Refusal::OverQuota { segments, left }) => Some((segments, left)),
        IntakeOrder::Accepted { .. } => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(over(desk.drop_job(header(Class::Routine, "satu"), rows(6))), None);
    assert_eq!(over(desk.drop_job(header(Class::Routine, "dua"), rows(5))), Some((5, 4)), "what is queued counts");
    let tomorrow = |text: &str| JobHeader { not_before: Some(at("2026-12-01 08:00")), ..header(Class::Routine, text) };
    assert_eq!(over(desk.drop_job(tomorrow("tiga"), rows(8))), None, "another day, another quota");
    assert_eq!(over(desk.drop_job(tomorrow("empat"), rows(3))), Some((3, 2)));
    desk.crash();
    assert_eq!(over(desk.drop_job(header(Class::Routine, "lima"), rows(5))), Some((5, 4)));
    assert_eq!(over(desk.drop_job(header(Class::Routine, "enam"), rows(4))), None);
    assert_eq!(over(desk.drop_job(header(Class::Emergency, "banjir"), rows(30))), None);
}

#[test]
fn a_signature_goes_along_and_counts_in_segments() {
    let unit = UnitRules { signature: "Diskominfo Kota Bandung".to_owned(), ..UnitRules::default() };
    let mut desk = Desk::new(with_unit(unit));
    let one = desk.job(Class::Routine, &"x".repeat(136), 1..2);
    let two = desk.job(Class::Routine, &"y".repeat(137), 1..2);
    let own = vec![RecipientRow { text: Some("z".repeat(137)), ..row(1, number(1)) }];
    let three = accepted(desk.drop_job(header(Class::Routine, "w"), own));
    let segments = |job| desk.recipients(job)[0].segments;
    assert_eq!((segments(one), segments(two), segments(three)), (1, 2, 2));
}

/// Days of drops, nights, moratoria, approvals, quotas and stops of any length, with books of the test's own: at the moment of each
/// hand-over it may go, by a naive reading of the rules; and what may go, goes.
#[test]
fn whatever_happens_nothing_goes_while_anything_holds_it() {
    let mut reasons = BTreeSet::new();
    for seed in 0..4 {
        let mut random = fastrand::Rng::with_seed(seed);
        let rules = Rules {
            units: [("diskominfo".to_owned(), quota(12, OverQuota::Wait))].into(),
            approval: Approval { routine: Some(5), important: Some(5), emergency: None },
            restart: crate::policy::RestartGate { stopped: SignedDuration::ZERO, ..Default::default() },
            ..nightly()
        };
        let mut desk = Desk::new(rules);
        go(&mut desk, ["2026-11-29 20:00", "2026-12-30 04:00"][seed as usize % 2]);
        desk.connect("a");
        let mut stretches: Vec<(Timestamp, Timestamp)> = Vec::new();
        let mut jobs: BTreeMap<JobId, (Class, bool)> = BTreeMap::new();
        let mut sent_on: BTreeMap<jiff::civil::Date, usize> = BTreeMap::new();
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        for turn in 0..60 {
            match random.u32(0..8) {
                0 | 1 => {
                    let class = Class::ALL[random.usize(0..3)];
                    let people = random.u32(1..9);
                    let first = turn * 10;
                    let rows = (first..first + people).map(|n| row(n + 1, number(n))).collect();
                    if let IntakeOrder::Accepted { job, .. } =
                        desk.drop_job(lasting(class, &format!("{turn}"), 90), rows)
                    {
                        jobs.insert(job, (class, people <= 5 || class == Class::Emergency));
                    }
                }
                2 => {
                    let from = desk.now + SignedDuration::from_mins(random.i64(-60..600));
                    let until = from + SignedDuration::from_mins(random.i64(61..900));
                    let new = NewMoratorium { from, until, classes: Vec::new(), units: Vec::new() };
                    if desk.act(Action::AddMoratorium(new)).is_ok() {
                        stretches.push((from, until));
                    }
                }
                3 => {
                    let waiting = jobs.iter().find(|(_, (_, approved))| !approved).map(|(job, _)| *job);
                    if let Some(job) = waiting {
                        let _ = desk.act(Action::Approve(job));
                        jobs.entry(job).and_modify(|(_, approved)| *approved = true);
                    }
                }
                4 => {
                    desk.stop_for(SignedDuration::from_mins(random.i64(0..400)));
                    desk.connect("a");
                }
                _ => {
                    // To the next moment the engine asked for, or less far.
                    let to = desk.now + SignedDuration::from_mins(random.i64(1..240));
                    desk.now = desk.next_wake.filter(|wake| *wake > desk.now && *wake < to).unwrap_or(to);
                    desk.tick();
                }
            }
            let before: Vec<(JobId, u64)> = jobs.keys().map(|job| (*job, desk.count(*job, State::Submitted))).collect();
            let sent: usize = desk.send_all().values().sum();
            let local = zone.to_datetime(desk.now);
            let quiet = local.hour() >= 21 || local.hour() < 6;
            let stretch = stretches.iter().any(|(from, until)| *from <= desk.now && desk.now < *until);
            let day = sent_on.entry(local.date()).or_default();
            let urgent = |job: &JobId| jobs[job].0 == Class::Emergency;
            let mut common = 0;
            for (job, count) in before {
                let went = desk.count(job, State::Submitted) - count;
                let (class, approved) = jobs[&job];
                let may = !stretch && approved && !(quiet && class == Class::Routine);
                assert!(went == 0 || may, "seed {seed}, turn {turn}, {}: job {job} ({class}) went", desk.now);
                common += if urgent(&job) { 0 } else { went };
                let queued = desk.count(job, State::Queued);
                let full = *day + sent >= 12;
                assert!(
                    queued == 0 || !may || (full && !urgent(&job)),
                    "seed {seed}, turn {turn}, {}: job {job} ({class}) stays",
                    desk.now
                );
                let told = desk.view(job).waits_for;
                assert_eq!(
                    told.is_some(),
                    queued > 0,
                    "seed {seed}, turn {turn}: job {job} is told to wait for {told:?}"
                );
                reasons.extend(told);
            }
            assert!(
                common == 0 || *day + sent <= 12 + (sent - common as usize),
                "seed {seed}, turn {turn}: over the quota"
            );
            *day += sent;
        }
        assert!(sent_on.values().sum::<usize>() > 0, "seed {seed}: {sent_on:?}");
    }
    assert_eq!(reasons.into_iter().collect::<Vec<_>>(), ["approval", "moratorium", "quiet_hours", "quota"]);
}
