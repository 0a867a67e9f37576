//! One made-up day, all of it drawn from a seed: modems, what goes wrong with them, jobs, plugs pulled, replies of STOP, and crashes of
//! the daemon. At its end the ledger is compared with what really went on the air.

use std::collections::BTreeSet;
use std::time::Duration;

use kentongan::model::*;
use kentongan::simulator::{Fact, Faults, FleetSettings, HUAWEI, InboundForm, NetworkSettings, QUECTEL, SIM800};
use rusqlite::Connection;
use tokio::time::{Instant, sleep};

use super::audit::audit;
use super::town::{Town, free, header, number};

/// What a day brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Messages that were to be sent.
    pub messages: u64,
    /// Segments that went on the air.
    pub on_air: u64,
    /// Crashes of the daemon.
    pub crashes: u64,
    /// Plugs pulled.
    pub unplugged: u64,
    /// Hand-overs that fell silent.
    pub doubts: u64,
    /// Of these, how many evidence has settled.
    pub by_evidence: u64,
    /// Of these, how many were sent again by their job's policy before evidence came.
    pub by_policy: u64,
    /// Simulated time.
    pub span: Duration,
}

/// What makes of modem were seen to do: the rows of the ledger.
#[derive(Clone, Debug, Default)]
pub struct Habits(Vec<(String, String, u32, u32, bool)>);

/// Lives through the day of this seed, in an office that knows already what makes of modem do; gives what it has learnt besides.
/// Panics where the ledger and the air disagree, or something never ends.
pub async fn live_with(seed: u64, habits: &mut Habits) -> Day {
    let mut chance = fastrand::Rng::with_seed(seed);
    let began = Instant::now();
    let modems = chance.usize(1..=5);
    let mut town = Town::new(fleet(modems, seed, &mut chance), free()).await;
    if !habits.0.is_empty() {
        town.kill().await;
        habits.write(&town);
        town.start();
    }
    let mut day = Day::default();
    let mut jobs = Vec::new();
    let mut asked_to_stop = BTreeSet::new();
    for turn in 0..chance.u32(2..=4) {
        let class = [Class::Emergency, Class::Important, Class::Routine][chance.usize(0..3)];
        let text = match chance.bool() {
            true => format!("Kabar {turn}"),
            false => format!("Kabar panjang {turn} ").repeat(chance.usize(12..20)),
        };
        let first = turn * 100;
        let count = chance.u32(5..40);
        jobs.push(town.drop_job(header(class, &text), first..first + count).await);
        day.messages += u64::from(count);
        for _ in 0..chance.u32(0..3) {
            sleep(Duration::from_millis(chance.u64(100..15_000))).await;
            match chance.u32(0..4) {
                0 => {
                    town.restart().await;
                    day.crashes += 1;
                }
                1 => {
                    let modem = chance.usize(0..modems);
                    if town.fleet.unplug(modem).await.is_ok() {
                        sleep(Duration::from_millis(chance.u64(10..20_000))).await;
                        let _ = town.fleet.replug(modem).await;
                        day.unplugged += 1;
                    }
                }
                2 => {
                    let who = chance.u32(first..first + count);
                    let from = number(who).to_string();
                    let heard =
                        town.fleet.inbound(chance.usize(0..modems), &from, "STOP", InboundForm::default()).await;
                    if heard.is_ok() {
                        asked_to_stop.insert(who);
                    }
                }
                _ => {}
            }
        }
    }
    settle(&mut town, &jobs).await;
    audit(&town);

    // Opted out is opted out, whatever happened in between: a last job names everybody.
    let opted_out: BTreeSet<u32> = asked_to_stop
        .into_iter()
        .filter(|who| town.reader().opt_outs(1000).unwrap().iter().any(|row| row.number == number(*who).to_string()))
        .collect();
    let last = town.drop_job(header(Class::Important, "Kabar terakhir"), 0..400).await;
    settle(&mut town, &[last]).await;
    audit(&town);
    for record in town.fleet.truth().records() {
        if let Fact::Submitted { to, text, .. } = &record.fact {
            day.on_air += 1;
            let left = opted_out.iter().any(|who| number(*who).to_string() == *to);
            assert!(!(left && text == "Kabar terakhir"), "{to} has opted out and was written to");
        }
    }
    day.messages += 400 - opted_out.len() as u64;
    (day.doubts, day.by_evidence, day.by_policy) = doubts(&town);
    *habits = Habits::read(&town);
    assert_eq!(town.reader().verify_chain(None).unwrap().broken, None, "the record of events is whole");
    day.span = began.elapsed();
    town.kill().await;
    day
}

impl Habits {
    fn read(town: &Town) -> Self {
        let ledger = Connection::open(town.folder.path().join("k.db")).unwrap();
        let mut rows = ledger.prepare("SELECT make, habit, held, broken, trusted FROM habits").unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
        Self(rows.unwrap().map(Result::unwrap).collect())
    }

    fn write(&self, town: &Town) {
        let ledger = Connection::open(town.folder.path().join("k.db")).unwrap();
        for row in &self.0 {
            ledger
                .execute(
                    "INSERT INTO habits VALUES (?1, ?2, ?3, ?4, ?5)",
                    rusqlite::params![row.0, row.1, row.2, row.3, row.4],
                )
                .unwrap();
        }
    }
}

/// Doubts in all, those settled by evidence, and those by policy.
fn doubts(town: &Town) -> (u64, u64, u64) {
    let ledger = Connection::open(town.folder.path().join("k.db")).unwrap();
    let count = |which: &str| {
        let question = format!("SELECT count(*) FROM attempts WHERE outcome = 'uncertain' AND {which}");
        ledger.query_row(&question, [], |row| row.get(0)).unwrap()
    };
    (
        count("true"),
        count("settled IN ('late_answer', 'report', 'never_left')"),
        count("settled IN ('policy', 'operator')"),
    )
}

fn fleet(modems: usize, seed: u64, chance: &mut fastrand::Rng) -> FleetSettings {
    let mut share = |most: f64| if chance.bool() { chance.f64() * most } else { 0.0 };
    let faults = Faults {
        refuse: share(0.1),
        hang: share(0.02),
        lose_answer: share(0.1),
        late_answer: share(0.1),
        no_prompt: share(0.05),
        reboot: share(0.03),
        unplug: share(0.03),
        lose_registration: share(0.03),
        split: share(0.3),
        merge: share(0.3),
        noise: share(0.1),
        urc_storm: share(0.1),
        duplicate_report: share(0.2),
        orphan_report: share(0.1),
        early_report: share(0.2),
        pending_report: share(0.2),
        no_report: share(0.1),
        ..Faults::rough()
    };
    let network = NetworkSettings { jitter: 0.3, ..Default::default() };
    let profiles = vec![[&QUECTEL, &HUAWEI, &SIM800][chance.usize(0..3)]];
    FleetSettings { modems, profiles, network, faults, seed, ..Default::default() }
}

/// Until everything has left the queue.
async fn settle(town: &mut Town, jobs: &[JobId]) {
    town.until(Duration::from_secs(200_000), |town| {
        jobs.iter().all(|job| {
            let messages = town.job(*job).messages;
            ["queued", "sending"].iter().all(|state| messages[*state] == 0)
        })
    })
    .await;
}
