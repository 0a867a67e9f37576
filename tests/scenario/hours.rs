use std::time::Duration;

use kentongan::engine::Rules;
use kentongan::engine::event::Action;
use kentongan::model::*;
use kentongan::policy::{Approval, Calendar, Hours};
use kentongan::simulator::{FleetSettings, NetworkSettings};

use super::town::comparison::audit;
use super::town::{Town, free, header};

fn fleet(modems: usize) -> FleetSettings {
    let network = NetworkSettings { air_time: Duration::from_secs(3), ..Default::default() };
    FleetSettings { modems, network, ..Default::default() }
}

/// The town's clock begins at 18:06:40 in Jakarta.
fn quiet_from_ten_past_six() -> Rules {
    let days: Vec<_> = Hours::all_days().iter().map(|day| Hours::day(day).unwrap()).collect();
    let routine = Hours::new(&days, vec!["18:10-18:30".parse().unwrap()]).unwrap();
    Rules { calendar: Calendar { routine, ..Calendar::default() }, ..free() }
}

#[tokio::test(start_paused = true)]
async fn a_blast_stops_at_the_quiet_hour_sleeps_through_a_restart_and_goes_on_at_its_first_moment() {
    let mut town = Town::new(fleet(2), quiet_from_ten_past_six()).await;
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let (quiet, over) = (at("2026-11-18T11:10:00Z"), at("2026-11-18T11:30:00Z"));
    let job = town.drop_job(header(Class::Routine, "Undangan senam"), 0..200).await;
    town.until(Duration::from_secs(600), |town| town.job(job).waits_for.is_some()).await;
    assert!(town.now() >= quiet && town.now() < quiet + SignedDuration::from_secs(1), "{}", town.now());
    let view = town.job(job);
    assert_eq!((view.waits_for.as_deref(), view.waits_until), (Some("quiet_hours"), Some(over)));
    town.until(Duration::from_secs(10), |town| town.count(job, State::Sending) == 0).await;
    let left = town.count(job, State::Queued);
    assert!((60..160).contains(&left), "{left}");
    town.restart().await;
    let warning = town.drop_job(header(Class::Emergency, "LONGSOR"), 500..504).await;
    town.until_state(warning, State::Delivered, 4).await;
    assert!(town.now() < over);
    assert_eq!(town.count(job, State::Queued), left, "nothing of it goes while it is quiet");
    town.until(Duration::from_secs(1800), |town| town.count(job, State::Queued) < left).await;
    assert!(town.now() >= over && town.now() < over + SignedDuration::from_secs(1), "{}", town.now());
    town.until_state(job, State::Delivered, 200).await;
    audit(&town);
}

#[tokio::test(start_paused = true)]
async fn a_large_job_goes_out_when_a_second_person_says_so_and_not_before() {
    let approval = Approval { routine: Some(10), ..Approval::default() };
    let mut town = Town::new(fleet(2), Rules { approval, ..free() }).await;
    let job = town.drop_job(JobHeader { owner: "andi".to_owned(), ..header(Class::Routine, "Pajak") }, 0..30).await;
    let small = town.drop_job(header(Class::Routine, "Rapat kecil"), 100..110).await;
    town.until_state(small, State::Delivered, 10).await;
    town.restart().await;
    assert_eq!((town.count(job, State::Queued), town.job(job).waits_for.as_deref()), (30, Some("approval")));
    town.act(Action::Approve(job)).await.unwrap();
    town.until_state(job, State::Delivered, 30).await;
    audit(&town);
}
