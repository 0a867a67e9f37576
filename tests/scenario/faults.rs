use std::time::Duration;

use kentongan::model::*;
use kentongan::simulator::{Faults, FleetSettings, NetworkSettings};
use tokio::time::Instant;

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

/// Two modems that are ready, and how long an emergency may take: `spans` sends, of which none takes longer.
async fn two_ready() -> (Town, impl Fn(u32) -> Duration) {
    let mut town = Town::new(fleet(2, Faults::default(), 1), free()).await;
    town.until(Duration::from_secs(60), |town| town.status().modems.get("ready") == Some(&2)).await;
    (town, |sends| Duration::from_millis(3_900) * sends)
}

async fn all_out(town: &mut Town, job: JobId, count: u64) -> Duration {
    let before = Instant::now();
    town.until(Duration::from_secs(300), |town| {
        town.count(job, State::Submitted) + town.count(job, State::Delivered) == count
    })
    .await;
    before.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_gives_no_prompt_or_is_deaf_keeps_no_emergency_from_one_that_is_free() {
    for deaf in [false, true] {
        let (mut town, sends) = two_ready().await;
        match deaf {
            true => town.fleet.hang(0, None).await.unwrap(),
            false => town.fleet.set_modem_faults(0, &Faults { no_prompt: 1.0, ..Faults::default() }).await.unwrap(),
        }
        let job = town.drop_job(header(Class::Emergency, "LONGSOR"), 0..2).await;
        let taken = all_out(&mut town, job, 2).await;
        // Its prompt was awaited for 4 s.
        assert!(taken > Duration::from_secs(4), "the first modem had one of them: {taken:?}");
        assert!(taken < Duration::from_millis(4_100) + sends(1), "{taken:?}");
        audit(&town);
    }
}

#[tokio::test(start_paused = true)]
async fn an_emergency_waits_for_no_send_that_hangs_while_the_backlog_goes_on() {
    for hangs in 0..2 {
        let (mut town, sends) = two_ready().await;
        let backlog = town.drop_job(header(Class::Routine, "Umum"), 0..100).await;
        town.until(Duration::from_secs(60), |town| town.count(backlog, State::Delivered) > 5).await;
        town.fleet.hang(hangs, None).await.unwrap();
        let job = town.drop_job(header(Class::Emergency, "LONGSOR"), 500..501).await;
        let taken = all_out(&mut town, job, 1).await;
        // What the other has in hand, and then the emergency.
        assert!(taken < sends(2), "{taken:?} with modem {hangs} hanging");
        audit(&town);
    }
}
