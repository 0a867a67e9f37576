//! Networks that take everything and deliver nothing: seen by the reports that do not come.

use std::time::Duration;

use kentongan::engine::Rules;
use kentongan::model::*;
use kentongan::simulator::{Faults, FleetSettings, NetworkSettings};

use super::town::comparison::audit;
use super::town::{Town, free, header};

/// Added to a number, it makes one of XL's.
const XL: u32 = 500_000_000;

fn rules() -> Rules {
    let mut rules = free();
    rules.delivery.judged_min = 10;
    rules.delivery.report_wait = SignedDuration::from_mins(2);
    rules
}

fn fleet(modems: usize, faults: Faults) -> FleetSettings {
    FleetSettings { modems, network: NetworkSettings::default(), faults, ..Default::default() }
}

fn falls(town: &Town) -> Vec<String> {
    let alarms = town.reader().alarms(false, 100).unwrap();
    alarms.into_iter().filter(|alarm| alarm.kind == "delivery_falls").map(|alarm| alarm.subject).collect()
}

#[tokio::test(start_paused = true)]
async fn an_operator_to_which_everything_vanishes_is_found_and_no_sim_is_blamed() {
    let faults = Faults { drop_to: vec!["+62817".to_owned()], ..Faults::default() };
    let mut rules = rules();
    rules.delivery.rest_sim = true;
    let mut town = Town::new(fleet(4, faults), rules).await;
    let list: Vec<u32> = (0..120).flat_map(|n| if n % 3 == 0 { [n, XL + n] } else { [n, 1000 + n] }).collect();
    let job = town.drop_job(header(Class::Important, "Kabar"), list.into_iter()).await;
    town.until(Duration::from_secs(1200), |town| !falls(town).is_empty()).await;
    assert_eq!(falls(&town), ["XL"]);
    town.restart().await;
    town.until_state(job, State::Delivered, 200).await;
    assert_eq!(falls(&town), ["XL"]);
    assert_eq!(town.count(job, State::Submitted), 40);
    audit(&town);
    // The operator takes them again.
    town.fleet.set_faults(&Faults::default()).await.unwrap();
    let second = town.drop_job(header(Class::Important, "Kabar kedua"), XL + 500..XL + 700).await;
    town.until_state(second, State::Delivered, 200).await;
    town.until(Duration::from_secs(1200), |town| falls(town).is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_sim_that_accepts_everything_and_sends_nothing_is_taken_out_while_the_others_go_on() {
    let mut rules = rules();
    rules.delivery.rest_sim = true;
    let mut town = Town::new(fleet(3, Faults::default()), rules).await;
    town.fleet.set_modem_faults(1, &Faults { no_report: 1.0, ..Faults::default() }).await.unwrap();
    let job = town.drop_job(header(Class::Routine, "Kabar"), 0..400).await;
    town.until(Duration::from_secs(1200), |town| town.status().modems.get("blocked") == Some(&1)).await;
    // One may be on the air still.
    let lost = town.count(job, State::Submitted) + 1;
    town.until(Duration::from_secs(3600), |town| town.count(job, State::Queued) == 0).await;
    let blocked = town.reader().modems(town.now()).unwrap().into_iter().find(|modem| modem.state == "blocked").unwrap();
    assert_eq!(blocked.name, "modem-2");
    town.until(Duration::from_secs(600), |town| town.count(job, State::Submitted) <= lost).await;
    assert!(town.count(job, State::Delivered) > 320, "{:?}", town.job(job));
}

#[tokio::test(start_paused = true)]
async fn of_a_large_job_that_would_vanish_only_the_first_messages_are_lost() {
    use kentongan::policy::Canary;
    let faults = Faults { drop_to: vec!["+62817".to_owned()], ..Faults::default() };
    let canary =
        Canary { messages: 20, from: 500, wait: SignedDuration::from_mins(10), share: 0.5, emergencies: false };
    let mut town = Town::new(fleet(4, faults), Rules { canary: Some(canary), ..rules() }).await;
    let lost = town.drop_job(header(Class::Routine, "Kabar"), XL..XL + 600).await;
    let good = town.drop_job(header(Class::Routine, "Lain"), 0..600).await;
    town.until(Duration::from_secs(1200), |town| town.job(lost).state == "paused").await;
    assert_eq!((town.count(lost, State::Submitted), town.count(lost, State::Queued)), (20, 580));
    assert!(town.job(lost).waits_reason.unwrap().contains("of the first 20 messages 0 arrived"));
    town.until_state(good, State::Delivered, 600).await;
    audit(&town);
}
