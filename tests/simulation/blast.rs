//! A blast: one list to thousands of people over many modems, with faults of every kind all the while, until nothing is left to be done.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use kentongan::model::*;
use kentongan::simulator::{Faults, FleetSettings, HUAWEI, NetworkSettings, QUECTEL, SIM800};
use tokio::time::Instant;

use super::town::comparison::audit;
use super::town::{Settings, Town, free, number};

/// How large a blast is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub messages: u32,
    pub modems: usize,
    pub seed: u64,
}

/// What it brought.
#[derive(Debug)]
pub struct Blast {
    pub states: BTreeMap<String, u64>,
    pub commits: u64,
    pub doubts: u64,
    /// Simulated time until everything had left the queue.
    pub span: Duration,
    /// Of the modems without faults: the least time on the air of the time with something to send.
    pub usage: f64,
}

/// One modem in four is well; the others have faults at these rates, which come to one hand-over in twenty.
fn faults() -> Faults {
    Faults {
        refuse: 0.015,
        hang: 0.004,
        hang_for: Some(Duration::from_secs(240)),
        lose_answer: 0.008,
        late_answer: 0.008,
        no_prompt: 0.005,
        reboot: 0.003,
        unplug: 0.003,
        lose_registration: 0.004,
        ..Faults::rough()
    }
}

/// Lives through it. Panics where something is wrong.
pub async fn blast(size: Size) -> Blast {
    let network = NetworkSettings { jitter: 0.3, off: 0.01, unknown: 0.01, ..Default::default() };
    let profiles = vec![&QUECTEL, &HUAWEI, &QUECTEL, &SIM800];
    let fleet = FleetSettings { modems: size.modems, profiles, network, seed: size.seed, ..Default::default() };
    let mut town = Town::with(Settings::new(fleet, free())).await;
    let well = |modem: usize| modem.is_multiple_of(4);
    for modem in (0..size.modems).filter(|modem| !well(*modem)) {
        town.fleet.set_modem_faults(modem, &faults()).await.unwrap();
    }
    let mut list = "nomor;nama;pesan\r\n".to_owned();
    for person in 0..size.messages {
        let _ =
            writeln!(list, "{};Warga {person};Kabar dari Diskominfo untuk seluruh warga.\r", number(person).digits());
    }
    town.queue.drop_file("warga.csv", list.into_bytes());
    let until = Instant::now() + Duration::from_secs(100_000);
    let span = loop {
        let left = |states: &BTreeMap<String, u64>| states["queued"] + states["sending"];
        let status = town.status();
        if town.queue.is_empty() && left(&status.messages) == 0 && status.recipients > 0 {
            break town.age();
        }
        assert!(Instant::now() < until && !town.is_dead(), "it never ends: {:?}", status.messages);
        let next = Instant::now() + Duration::from_secs(20);
        while town.step(next).await && !town.is_dead() {}
    };
    // The last reports.
    let next = Instant::now() + Duration::from_secs(600);
    while town.step(next).await {}
    audit(&town);
    let status = town.status();
    assert_eq!(status.recipients, u64::from(size.messages));
    let auditor = town.watch.auditor.as_ref().unwrap().lock().unwrap();
    let usage = auditor.usage();
    let share = |modem: usize| {
        let (with_work, on_air) = usage[town.fleet.iccid(modem)];
        on_air as f64 / with_work as f64
    };
    let usage = (0..size.modems).filter(|modem| well(*modem)).map(share).fold(1.0, f64::min);
    Blast { states: status.messages, commits: auditor.commits, doubts: auditor.settled().values().sum(), span, usage }
}

/// What a person wants to know of it.
pub fn told(size: Size, blast: &Blast) -> String {
    let states: Vec<_> = State::ALL.iter().map(|state| (state.name(), blast.states[state.name()])).collect();
    let states: Vec<_> =
        states.iter().filter(|(_, count)| *count > 0).map(|(state, count)| format!("{count} {state}")).collect();
    format!(
        "{} messages over {} modems in {:.0} simulated minutes: {}; {} commits audited, {} doubts; modems without faults were on the \
         air {:.1} % of their time with something to send",
        size.messages,
        size.modems,
        blast.span.as_secs_f64() / 60.0,
        states.join(", "),
        blast.commits,
        blast.doubts,
        blast.usage * 100.0
    )
}
