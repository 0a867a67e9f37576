use std::time::Duration;

use kentongan::engine::Rules;
use kentongan::model::*;
use kentongan::policy::credit::{CreditRule, Operator, Pattern, Question};
use kentongan::simulator::{Faults, FleetSettings, HUAWEI, NetworkSettings, QUECTEL, SIM800, UssdMenu};

use super::town::comparison::audit;
use super::town::{Town, free, header};

fn rules() -> Rules {
    let rule = CreditRule {
        operator: Operator::parse("51010").unwrap(),
        question: Question::Ussd(["*888#", "1"].map(|code| UssdCode::parse(code).unwrap()).to_vec()),
        amount: Pattern::parse(r"pulsa Rp ([0-9.]+)").unwrap(),
        active_until: Some(Pattern::parse(r"aktif s/d ([0-9-]+)").unwrap()),
        warn_below: 30_000,
        stop_below: 0,
        every: SignedDuration::from_hours(24),
        senders: Vec::new(),
    };
    Rules { credit: vec![rule], ..free() }
}

fn fleet() -> FleetSettings {
    let pulsa = UssdMenu::text("Sisa pulsa Rp 25.000\naktif s/d 24-12-2026\nTerima kasih");
    let menu = UssdMenu::text("Pilih:\n1. Cek pulsa\n2. Paket").with("1", pulsa);
    let network = NetworkSettings { ussd: [("*888#".to_owned(), menu)].into(), ..NetworkSettings::default() };
    FleetSettings { modems: 3, profiles: vec![&QUECTEL, &HUAWEI, &SIM800], network, ..FleetSettings::default() }
}

#[tokio::test(start_paused = true)]
async fn the_credit_of_every_make_of_modem_is_read_in_the_middle_of_a_blast() {
    let mut town = Town::new(fleet(), rules()).await;
    let job = town.drop_job(header(Class::Routine, "Kabar dari kelurahan"), 0..90).await;
    town.until_state(job, State::Delivered, 90).await;
    let modems = town.reader().modems(town.now()).unwrap();
    let read: Vec<_> = modems.iter().map(|modem| (modem.credit, modem.active_until.as_deref())).collect();
    assert_eq!(read, [(Some(25_000), Some("2026-12-24")); 3]);
    let mut alarms: Vec<_> = town.reader().alarms(false, 9).unwrap().into_iter().map(|alarm| alarm.kind).collect();
    alarms.dedup();
    assert_eq!(alarms, ["credit_low"]);
    for modem in &modems {
        let samples = town.reader().samples(&modem.name, Timestamp::MIN).unwrap();
        assert_eq!((samples.len(), samples[0].registration.as_deref()), (1, Some("home")), "{samples:?}");
        assert_eq!(town.reader().credits(&modem.name, Timestamp::MIN).unwrap().len(), 1);
    }
    audit(&town);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_never_answers_holds_nobody_up_for_longer_than_its_minute() {
    let faults = Faults { no_ussd: 1.0, ..Faults::default() };
    let mut town = Town::new(FleetSettings { faults, ..fleet() }, rules()).await;
    let job = town.drop_job(header(Class::Routine, "Kabar dari kelurahan"), 0..90).await;
    let began = town.now();
    town.until_state(job, State::Delivered, 90).await;
    // 90 messages of 3 s on three modems are 90 s; each of them is lost for a minute, one after the other.
    let took = town.now().duration_since(began);
    assert!(took < SignedDuration::from_secs(90 + 60 + 30), "{took}");
    tokio::time::sleep(Duration::from_secs(3 * 3600)).await;
    let modems = town.reader().modems(town.now()).unwrap();
    assert!(modems.iter().all(|modem| modem.credit.is_none()), "unknown, not zero");
    let alarms = town.reader().alarms(false, 9).unwrap();
    assert!(alarms.len() == 3 && alarms.iter().all(|alarm| alarm.kind == "credit_unknown"), "{alarms:?}");
    audit(&town);
}
