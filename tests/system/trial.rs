//! The trial of a fleet: 24 modems on pseudo-terminals, some of which misbehave, some hang for good and some have bad contacts, and
//! two thousand messages. Measured by what really went on the air.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use kentongan::simulator::{Fact, Faults, FleetSettings, HUAWEI, NetworkSettings, QUECTEL, Record, SIM800};
use tokio::time::{Instant, sleep};

use super::air;
use super::files::number;
use super::office::Office;

const MODEMS: usize = 24;
const MESSAGES: u64 = 2_000;
const AIR: Duration = Duration::from_millis(500);
/// These have no faults, these misbehave, these hang for good once they have sent a little, these have bad contacts.
const WELL: std::ops::Range<usize> = 0..10;
const FAULTY: std::ops::Range<usize> = 10..19;
const HANGING: std::ops::Range<usize> = 19..22;
const FLAPPING: std::ops::Range<usize> = 22..24;
/// What is to be over is over within this.
const PATIENCE: Duration = Duration::from_secs(400);

/// Faults of nine modems that come to one hand-over in twenty of all.
fn faults() -> Faults {
    Faults {
        refuse: 0.02,
        refuse_codes: vec![38, 41, 42, 47, 331, 332, 500],
        hang: 0.008,
        hang_for: Some(Duration::from_secs(3)),
        lose_answer: 0.025,
        late_answer: 0.02,
        late_by: Duration::from_secs(3),
        no_prompt: 0.006,
        reboot: 0.01,
        unplug: 0.008,
        unplug_for: Duration::from_millis(700),
        lose_registration: 0.006,
        registration_for: Duration::from_millis(800),
        ..Faults::rough()
    }
}

/// An office that knows these modems, with little patience.
fn office() -> Office {
    let sections = "[retry]\ntemporary_seconds = [1]\nbusy_seconds = 1\n";
    // In memory: it is the daemon that is on trial, and not the disk of this machine.
    let office = Office::in_memory(sections);
    let modem = |index: usize| {
        let port = office.path("modems").join(format!("modem-{}", index + 1));
        format!(
            "[[modem]]\nname = \"modem-{}\"\nport = {port:?}\nsend_timeout_s = 2\nprompt_timeout_s = 1\n",
            index + 1
        )
    };
    let modems: String = (0..MODEMS).map(modem).collect();
    office.configure("[[unit]]\nname = \"diskominfo\"", &format!("{modems}[[unit]]\nname = \"diskominfo\""));
    office
}

/// The share of its time that each of these modems was on the air, from its first hand-over until nothing waited any more.
fn usage(truth: &[Record], modems: std::ops::Range<usize>) -> BTreeMap<String, f64> {
    // Work waited until all but the last few of the texts had been begun.
    let (mut begun, mut until) = (BTreeSet::new(), 0);
    for record in truth {
        if let Fact::HandedOver { to, .. } = &record.fact
            && begun.insert(to)
            && begun.len() == MESSAGES as usize - MODEMS
        {
            until = record.at_ms;
        }
    }
    let mut shares = BTreeMap::new();
    for modem in modems {
        let name = format!("modem-{}", modem + 1);
        let (mut first, mut handed_at, mut on_air) = (None, None, 0);
        for record in truth.iter().filter(|record| record.modem == name && record.at_ms <= until) {
            match record.fact {
                Fact::HandedOver { .. } => {
                    first.get_or_insert(record.at_ms);
                    handed_at = Some(record.at_ms);
                }
                Fact::Answered { .. } | Fact::Refused { .. } => {
                    on_air += handed_at.take().map_or(0, |from| record.at_ms - from);
                }
                _ => {}
            }
        }
        on_air += handed_at.map_or(0, |from| until - from);
        shares.insert(name, on_air as f64 / (until - first.unwrap_or(until)) as f64);
    }
    shares
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_of_twenty_four_with_hanging_and_flapping_modems_ends_in_its_true_state() {
    let office = office();
    let network = NetworkSettings {
        air_time: AIR,
        jitter: 0.2,
        report_after: Duration::from_millis(100),
        unknown: 0.005,
        off: 0.005,
        off_at_most: Duration::from_secs(3),
        ..NetworkSettings::default()
    };
    // A SIM800 takes 20 ms for its prompt: with air as short as here that alone would be a share of its time.
    let makes = |modem: usize| if WELL.contains(&modem) { [&QUECTEL, &HUAWEI] } else { [&QUECTEL, &SIM800] };
    let profiles = (0..MODEMS).map(|modem| makes(modem)[modem % 2]).collect();
    let fleet = office.fleet(FleetSettings { modems: MODEMS, profiles, network, seed: 24, ..FleetSettings::default() });
    for modem in FAULTY {
        fleet.set_modem_faults(modem, &faults()).await.unwrap();
    }
    let mut list = "nomor;nama;pesan\r\n".to_owned();
    for person in 0..MESSAGES {
        let _ =
            writeln!(list, "{};Warga {person};J0001 Yth. Warga {person}, kerja bakti hari Minggu.\r", number(person));
    }
    let daemon = office.daemon().await;
    let started = Instant::now();
    office.drop_whole("diskominfo", "warga J0001.csv", list.as_bytes());
    fleet.until(|counts| counts.submitted >= 150).await;
    let hang = Faults { hang: 1.0, hang_for: None, ..Faults::default() };
    for modem in HANGING {
        fleet.set_modem_faults(modem, &hang).await.unwrap();
    }
    let left = "SELECT count(*) FROM messages WHERE state IN ('queued', 'sending')";
    let mut turn = 0u64;
    loop {
        // A plug with a bad contact.
        for (place, modem) in FLAPPING.enumerate() {
            match (turn + place as u64 * 2) % 5 {
                0 => fleet.unplug(modem).await.unwrap(),
                2 => fleet.replug(modem).await.unwrap(),
                _ => {}
            }
        }
        turn += 1;
        sleep(Duration::from_millis(700)).await;
        if turn.is_multiple_of(3) && office.count("SELECT count(*) FROM jobs") == 1 && office.count(left) == 0 {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{} are left: {}", office.count(left), daemon.said());
    }
    let sent_in = started.elapsed();
    // Evidence may still come: the last reports, modems that are set up again and say where their count stands.
    for modem in FLAPPING {
        fleet.replug(modem).await.unwrap();
    }
    let open = "SELECT count(*) FROM attempts WHERE outcome = 'uncertain' AND settled IS NULL";
    let until = Instant::now() + Duration::from_secs(10);
    while office.count(open) > HANGING.len() as i64 && Instant::now() < until {
        sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(daemon.stop().await, 0);

    let truth = fleet.truth().records();
    air::ledger_agrees_with_the_air(&office.ledger(), &truth);
    reports_are_believed(&office, &truth);
    let doubts = office.count("SELECT count(*) FROM attempts WHERE outcome = 'uncertain'");
    let by_evidence = office.count(
        "SELECT count(*) FROM attempts WHERE outcome = 'uncertain' AND settled IS NOT NULL AND settled NOT IN ('policy', 'operator')",
    );
    let (well, faulty) = (usage(&truth, WELL), usage(&truth, FAULTY));
    let least = well.values().copied().fold(1.0, f64::min);
    eprintln!(
        "{MESSAGES} messages over {MODEMS} modems in {sent_in:?}: {}; {doubts} doubts, {by_evidence} settled by evidence ({:.1} %); \
         modems without faults were on the air {:.1} % of the time in which work waited, at least {:.1} %; those with faults {:.1} %",
        office.status("/messages"),
        by_evidence as f64 * 100.0 / doubts as f64,
        well.values().sum::<f64>() * 100.0 / well.len() as f64,
        least * 100.0,
        faulty.values().sum::<f64>() * 100.0 / faulty.len() as f64,
    );
    let endings = endings(&office, &truth);
    for ending in &endings {
        eprintln!("{}", ending.row);
    }
    let arrived: Vec<_> = endings.iter().filter(|ending| ending.arrived).collect();
    let found = arrived.iter().filter(|ending| ending.by_evidence).count() as f64 / arrived.len() as f64;
    assert!(found > 0.5, "of the doubts that had arrived, evidence has found {:.0} %", found * 100.0);
    assert!(doubts >= 40, "too little happened: {doubts} doubts");
    // Above 95 % on a machine that has nothing else to do; here other tests run beside it, and only a modem that is left out is a fault.
    assert!(least > 0.6, "a modem without faults stood idle while work waited: {well:?}");
}

/// One doubt: how it came about, what became of it, and what the air knows of it.
struct Ending {
    row: String,
    arrived: bool,
    by_evidence: bool,
}

fn endings(office: &Office, truth: &[Record]) -> Vec<Ending> {
    let ledger = office.ledger();
    let mut statement = ledger
        .prepare("SELECT number, modem, detail, settled FROM attempts WHERE outcome = 'uncertain' ORDER BY modem, id")
        .unwrap();
    let ending = |row: &rusqlite::Row<'_>| {
        let (number, modem): (i64, String) = (row.get(0)?, row.get(1)?);
        let (detail, settled): (String, Option<String>) = (row.get(2)?, row.get(3)?);
        let number = format!("+{number}");
        let sent = |fact: &Fact| matches!(fact, Fact::Submitted { to, .. } if *to == number);
        let arrived = truth.iter().any(|record| record.modem == modem && sent(&record.fact));
        let settled = settled.unwrap_or_else(|| "open".to_owned());
        Ok(Ending {
            row: format!("{modem:9} {detail:16} {settled:12} {}", if arrived { "arrived" } else { "never left" }),
            arrived,
            by_evidence: !matches!(settled.as_str(), "open" | "policy" | "operator"),
        })
    };
    let all: Result<Vec<_>, _> = statement.query_map([], ending).unwrap().collect();
    all.unwrap()
}

/// Delivered is what the network said was delivered, and what it said is known, where the modem handed it on.
fn reports_are_believed(office: &Office, truth: &[Record]) {
    let mut delivered: BTreeMap<String, u64> = BTreeMap::new();
    for record in truth {
        if let Fact::Reported { to, status: 0, .. } = &record.fact {
            *delivered.entry(to.clone()).or_default() += 1;
        }
    }
    let ledger = office.ledger();
    let mut statement = ledger.prepare("SELECT number, state FROM messages").unwrap();
    let rows = statement.query_map([], |row| Ok((format!("+{}", row.get::<_, i64>(0)?), row.get::<_, String>(1)?)));
    for (number, state) in rows.unwrap().map(Result::unwrap) {
        assert!(state != "delivered" || delivered.contains_key(&number), "{number} is delivered and nobody said so");
        assert!(matches!(state.as_str(), "delivered" | "submitted" | "failed" | "in_doubt"), "{number} is {state}");
    }
}
