use std::time::Duration;

use kentongan::model::*;
use kentongan::simulator::{Fact, FleetSettings, InboundForm, NetworkSettings, Phone};

use super::town::{Town, free, header, number};

fn fleet(modems: usize) -> FleetSettings {
    FleetSettings { modems, network: NetworkSettings::default(), ..Default::default() }
}

/// How often a text that begins like this went on the air to a number.
fn sent(town: &Town, to: Msisdn, beginning: &str) -> usize {
    let records = town.fleet.truth().records();
    let is = |fact: &Fact| match fact {
        Fact::Submitted { to: given, text, .. } => *given == to.to_string() && text.starts_with(beginning),
        _ => false,
    };
    records.iter().filter(|record| is(&record.fact)).count()
}

#[tokio::test(start_paused = true)]
async fn a_reply_of_stop_cancels_what_is_queued() {
    let mut town = Town::new(fleet(1), free()).await;
    town.fleet.set_phone(&number(1).to_string(), &Phone::Replies("Stop".to_owned())).await.unwrap();
    let first = town.drop_job(header(Class::Routine, "Kabar pertama"), 0..20).await;
    let second = town.drop_job(header(Class::Routine, "Kabar kedua"), 0..20).await;
    town.until_state(second, State::Delivered, 19).await;
    assert_eq!(town.count(first, State::Delivered), 20);
    assert_eq!(town.count(second, State::Suppressed), 1);
    assert_eq!(sent(&town, number(1), "Kabar kedua"), 0);
    assert_eq!(sent(&town, number(1), "Nomor Anda tidak akan"), 1, "one confirmation");
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_waited_in_the_sim_is_read_before_the_first_send() {
    let mut town = Town::new(fleet(1), free()).await;
    town.until(Duration::from_secs(60), |town| town.status().modems.get("ready") == Some(&1)).await;
    town.kill().await;
    town.fleet.inbound(0, &number(3).to_string(), "BERHENTI", InboundForm::default()).await.unwrap();
    town.start();
    let job = town.drop_job(header(Class::Routine, "Kabar"), 3..6).await;
    town.until_state(job, State::Delivered, 2).await;
    assert_eq!(sent(&town, number(3), "Kabar"), 0);
    assert_eq!(town.status().opt_outs, 1);
}

#[tokio::test(start_paused = true)]
async fn a_long_reply_in_shuffled_and_doubled_parts_is_one_text() {
    let mut town = Town::new(fleet(1), free()).await;
    town.until(Duration::from_secs(60), |town| town.status().modems.get("ready") == Some(&1)).await;
    let text = "Air sudah setinggi lutut di RT 03 RW 05 dan banjir belum berhenti. ".repeat(4);
    let form = InboundForm { shuffled: true, doubled: true, ..Default::default() };
    town.fleet.inbound(0, "+6281299998888", &text, form).await.unwrap();
    town.until(Duration::from_secs(60), |town| town.status().inbox == 1).await;
    let entry = town.reader().inbox(9).unwrap().remove(0);
    assert_eq!((entry.text, entry.kind.as_str(), entry.complete), (text, "review", true));
    assert_eq!(town.status().opt_outs, 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_read_is_deleted_from_the_modem_after_it_is_durable() {
    let mut town = Town::new(FleetSettings { storage: Some(5), ..fleet(1) }, free()).await;
    let job = town.drop_job(header(Class::Routine, "Kabar"), 0..60).await;
    for n in 0..40 {
        town.fleet
            .inbound(0, &number(100 + n).to_string(), &format!("Siap {n}"), InboundForm::default())
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    town.until_state(job, State::Delivered, 60).await;
    town.until(Duration::from_secs(600), |town| town.status().inbox == 40).await;
    let records = town.fleet.truth().records();
    let (mut handed, mut deleted) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for record in &records {
        match record.fact {
            Fact::Handed { id, .. } => drop(handed.insert(id)),
            Fact::Deleted { id } => assert!(handed.contains(&id) && deleted.insert(id), "{id} was deleted unread"),
            _ => {}
        }
    }
    assert!(deleted.len() >= 40, "{}", deleted.len());
}
