use std::time::Duration;

use kentongan::model::*;
use kentongan::simulator::{Faults, FleetSettings, NetworkSettings};

use super::town::comparison::audit;
use super::town::{Town, free, header};

fn fleet(modems: usize, faults: Faults, seed: u64) -> FleetSettings {
    let network = NetworkSettings { jitter: 0.3, ..Default::default() };
    FleetSettings { modems, network, faults, seed, ..Default::default() }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_after_acceptance_is_in_doubt_until_its_report_comes() {
    let faults = Faults { lose_answer: 0.2, ..Faults::default() };
    let mut town = Town::new(fleet(2, faults, 3), free()).await;
    let job = town.drop_job(header(Class::Routine, "Kabar"), 0..30).await;
    town.until(Duration::from_secs(20_000), |town| {
        town.count(job, State::Delivered) + town.count(job, State::InDoubt) == 30
    })
    .await;
    assert!(town.count(job, State::Delivered) >= 25, "{:?}", town.job(job));
    audit(&town);
}

#[tokio::test(start_paused = true)]
async fn a_modem_pulled_out_in_the_middle_of_a_send_comes_back_and_nothing_is_lost() {
    let mut town = Town::new(fleet(2, Faults::default(), 1), free()).await;
    let job = town.drop_job(header(Class::Routine, "Kabar"), 0..40).await;
    town.until(Duration::from_secs(60), |town| town.count(job, State::Delivered) >= 4).await;
    town.fleet.unplug(0).await.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    town.fleet.replug(0).await.unwrap();
    town.until(Duration::from_secs(600), |town| {
        town.count(job, State::Delivered) + town.count(job, State::InDoubt) == 40
    })
    .await;
    assert!(town.count(job, State::InDoubt) <= 1);
    audit(&town);
}

#[tokio::test(start_paused = true)]
async fn on_a_bad_day_with_restarts_the_ledger_still_agrees_with_the_air() {
    for seed in 0..6 {
        let mut town = Town::new(fleet(4, Faults::rough(), seed), free()).await;
        let class = if seed % 2 == 0 { Class::Emergency } else { Class::Routine };
        let text = if seed % 3 == 0 { "Kabar singkat".to_owned() } else { "Kabar panjang ".repeat(20) };
        let job = town.drop_job(header(class, &text), 0..60).await;
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(7_300 + 1_100 * seed)).await;
            town.restart().await;
        }
        town.until(Duration::from_secs(40_000), |town| {
            ["queued", "sending"].iter().all(|state| town.job(job).messages[*state] == 0)
        })
        .await;
        eprintln!("SEED={seed}: {:?}", town.job(job).messages);
        audit(&town);
        town.kill().await;
    }
}
