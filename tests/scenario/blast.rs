use std::collections::BTreeMap;
use std::time::Duration;

use kentongan::model::*;
use kentongan::simulator::{Fact, FleetSettings, NetworkSettings};
use tokio::time::Instant;

use super::town::comparison::audit;
use super::town::{Town, free, header};

const LONG: &str = "Peringatan dini BPBD Kota Bandung: hujan lebat malam ini dapat menyebabkan banjir di wilayah timur. \
                    Mohon RT dan RW menyiapkan jalur evakuasi serta memantau tinggi air di pos masing-masing.";

fn fleet(modems: usize, air_time: Duration) -> FleetSettings {
    FleetSettings { modems, network: NetworkSettings { air_time, ..Default::default() }, ..Default::default() }
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_out_over_all_modems_and_every_report_comes_back() {
    let mut town = Town::new(fleet(4, Duration::from_secs(3)), free()).await;
    town.until(Duration::from_secs(60), |town| town.status().modems.get("ready") == Some(&4)).await;
    let job = town.drop_job(header(Class::Important, "Rapat RW Sabtu 19.00"), 0..80).await;
    town.until_state(job, State::Delivered, 80).await;
    let carried = carried(&town);
    assert_eq!(carried.values().sum::<usize>(), 80);
    assert!(carried.values().all(|count| (19..=21).contains(count)), "{carried:?}");
    assert_eq!(town.job(job).state, "done");
    audit(&town);
}

#[tokio::test(start_paused = true)]
async fn eight_modems_lose_no_air_time() {
    let mut town = Town::new(fleet(8, Duration::from_secs(3)), free()).await;
    town.until(Duration::from_secs(60), |town| town.status().modems.get("ready") == Some(&8)).await;
    let start = Instant::now();
    let job = town.drop_job(header(Class::Routine, "Pajak"), 0..200).await;
    town.until(Duration::from_secs(600), |town| {
        town.count(job, State::Delivered) + town.count(job, State::Submitted) == 200
    })
    .await;
    // On the paused clock this is arithmetic, not a measurement: 200 messages of 3 s on 8 modems are 75 s.
    let taken = start.elapsed().as_secs_f64();
    assert!(taken <= 75.0 * 1.005, "{taken}");
}

#[tokio::test(start_paused = true)]
async fn the_segments_of_a_long_text_follow_each_other_through_one_sim() {
    let mut town = Town::new(fleet(3, Duration::from_secs(3)), free()).await;
    let job = town.drop_job(header(Class::Emergency, LONG), 0..12).await;
    town.until_state(job, State::Delivered, 12).await;
    let mut by_modem: BTreeMap<String, Vec<(String, u8, u8)>> = BTreeMap::new();
    for record in town.fleet.truth().records() {
        if let Fact::Submitted { to, total, seq, .. } = record.fact {
            by_modem.entry(record.modem).or_default().push((to, total, seq));
        }
    }
    for sent in by_modem.values() {
        for pair in sent.chunks(2) {
            let [(first, 2, 1), (second, 2, 2)] = pair else { panic!("{pair:?}") };
            assert_eq!(first, second, "nothing stands between the segments of one message");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_emergency_overtakes_the_backlog_at_the_next_free_modem() {
    let mut town = Town::new(fleet(2, Duration::from_secs(3)), free()).await;
    let routine = town.drop_job(header(Class::Routine, "Umum"), 0..100).await;
    town.until(Duration::from_secs(60), |town| town.count(routine, State::Delivered) > 5).await;
    let before = Instant::now();
    let emergency = town.drop_job(header(Class::Emergency, "LONGSOR"), 500..502).await;
    town.until(Duration::from_secs(60), |town| town.count(emergency, State::Delivered) == 2).await;
    // One send in hand (3 s), its own air time (3 s), its report (2 s).
    assert!(before.elapsed() < Duration::from_secs(9), "{:?}", before.elapsed());
    assert!(town.count(routine, State::Queued) > 80);
}

pub fn carried(town: &Town) -> BTreeMap<String, usize> {
    let mut carried = BTreeMap::new();
    for record in town.fleet.truth().records() {
        if matches!(record.fact, Fact::Submitted { .. }) {
            *carried.entry(record.modem).or_default() += 1;
        }
    }
    carried
}
