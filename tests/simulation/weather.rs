//! What a day is going to be like: how many modems of which makes, how bad each of them is, the network, the rules.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use kentongan::engine::Rules;
use kentongan::model::{Class, ModemName, SignedDuration};
use kentongan::policy::Lifetimes;
use kentongan::policy::naming::Listed;
use kentongan::policy::{Canary, Limits, RestartGate};
use kentongan::simulator::{
    CardFile, Counting, Faults, FleetSettings, HUAWEI, NetworkSettings, Numbers, QUECTEL, RecipientForm, SIM800,
    SimCard,
};

use super::town::Settings;
use super::town::habits::Knowledge;

/// The day's settings, and what is special about single modems.
pub struct Weather {
    pub settings: Settings,
    pub modems: usize,
    /// Faults of each modem; the first modem of some days has none.
    pub faults: Vec<Faults>,
    /// Modems that do not count their TP-MR by one.
    pub odd: Vec<Option<Counting>>,
}

pub fn draw(seed: u64, chance: &mut Rng) -> Weather {
    let modems = chance.usize(1..=5);
    let profiles = (0..modems).map(|_| [&QUECTEL, &QUECTEL, &HUAWEI, &SIM800][chance.usize(0..4)]).collect();
    let mut share = |most: f64| if chance.u8(0..4) == 0 { chance.f64() * most } else { 0.0 };
    let (off, unknown) = (share(0.1), share(0.1));
    let network = NetworkSettings {
        air_time: Duration::from_millis(chance.u64(500..4_000)),
        jitter: 0.3,
        recipient_form: [RecipientForm::International, RecipientForm::Mixed][chance.usize(0..2)],
        off,
        unknown,
        off_at_most: Duration::from_secs(600),
        ..Default::default()
    };
    let storage = (chance.u8(0..6) == 0).then(|| chance.u16(2..6));
    // In some offices it is known already what makes of modem do, and it is true; in others each modem counts as it likes.
    let known = chance.u8(0..3) == 0;
    let counters = Numbers { counting: Counting::HandOver, card_file: CardFile::HandOver };
    let numbers = match chance.u8(0..3) {
        _ if known => Some(counters),
        0 => Some(Numbers { counting: Counting::Acknowledged, card_file: CardFile::Answer }),
        _ => None,
    };
    let settings = FleetSettings { modems, profiles, network, storage, seed, numbers, ..Default::default() };
    let faults = (0..modems).map(|_| if chance.u8(0..4) == 0 { Faults::default() } else { faults(chance) }).collect();
    let odd = (0..modems)
        .map(|_| (!known && chance.u8(0..6) == 0).then(|| [Counting::Jumps, Counting::Still][chance.usize(0..2)]))
        .collect();
    let seconds = [60, 300, 600, 600][chance.usize(0..4)];
    let settings = Settings {
        spare_sockets: 1,
        health_every: Duration::from_secs(seconds),
        knowledge: if known { Knowledge::of_counters() } else { Knowledge::default() },
        ..Settings::new(settings, rules(modems, chance))
    };
    Weather { settings, modems, faults, odd }
}

fn rules(modems: usize, chance: &mut Rng) -> Rules {
    let minutes = |chance: &mut Rng, of: std::ops::Range<i64>| SignedDuration::from_mins(chance.i64(of));
    let lifetimes = Lifetimes {
        emergency: minutes(chance, 30..90),
        important: minutes(chance, 60..120),
        routine: minutes(chance, 90..180),
    };
    let limits = limits(chance);
    let mut rules = Rules {
        limits,
        lifetimes,
        doubt_wait: minutes(chance, 1..6),
        report_grace: minutes(chance, 1..10),
        restart: RestartGate { stopped: SignedDuration::from_mins(15), waiting: SignedDuration::from_mins(15) },
        ..Rules::default()
    };
    if chance.u8(0..6) == 0 {
        rules.own_network_wait = Some(SignedDuration::from_secs(chance.i64(5..90)));
    }
    if chance.u8(0..6) == 0 {
        let wait = minutes(chance, 2..8);
        rules.canary = Some(Canary { messages: 3, from: 8, wait, share: 0.5, emergencies: chance.bool() });
    }
    if modems > 1 && chance.u8(0..8) == 0 {
        let classes = vec![[Class::Emergency, Class::Routine][chance.usize(0..2)]];
        rules.modem_classes.insert(ModemName::new("modem-1"), classes);
    }
    // Modems that are known by their card, with limits of their own.
    if chance.u8(0..4) == 0 {
        for modem in 1..=modems {
            let name = ModemName::new(&format!("kartu-{modem}"));
            let iccid = Some(SimCard::numbered(modem).iccid);
            rules.listed.push(Listed { name: name.clone(), address: None, imei: None, iccid, imsi: None });
            rules.modem_limits.insert(name, Limits { per_minute: chance.u32(8..30), ..Limits::NONE });
        }
    } else {
        rules.modem_limits = BTreeMap::new();
    }
    rules
}

/// How fast a SIM may send.
pub fn limits(chance: &mut Rng) -> Limits {
    match chance.u8(0..4) {
        0 => Limits {
            per_minute: chance.u32(4..20),
            per_hour: chance.u32(100..300),
            reserve_emergency: [0.0, 0.15, 0.5][chance.usize(0..3)],
            ..Limits::NONE
        },
        1 => Limits { min_gap: Duration::from_millis(chance.u64(1..3_000)), jitter: 0.3, ..Limits::NONE },
        _ => Limits::NONE,
    }
}

/// Every kind of fault, each on some modems and not on others.
fn faults(chance: &mut Rng) -> Faults {
    let mut share = |most: f64| if chance.u8(0..3) == 0 { chance.f64() * most } else { 0.0 };
    let mut faults = Faults {
        refuse: share(0.15),
        refuse_codes: vec![1, 21, 38, 41, 42, 47, 69, 302, 314, 322, 331, 332, 500, 512],
        hang: share(0.03),
        lose_answer: share(0.1),
        late_answer: share(0.1),
        no_prompt: share(0.06),
        reboot: share(0.04),
        unplug: share(0.04),
        lose_registration: share(0.04),
        split: share(0.4),
        merge: share(0.4),
        noise: share(0.2),
        urc_storm: share(0.2),
        duplicate_report: share(0.3),
        orphan_report: share(0.2),
        early_report: share(0.3),
        pending_report: share(0.3),
        no_report: share(0.2),
        no_ussd: share(0.5),
        ..Faults::default()
    };
    faults.spend_number = chance.f64();
    if chance.u8(0..8) == 0 {
        // A third of the people never get anything, and nobody says so.
        faults.drop_to.push("+62812000001".to_owned());
    }
    faults.hang_for = [None, Some(Duration::from_secs(chance.u64(1..400)))][chance.usize(0..2)];
    faults.late_by = Duration::from_secs(chance.u64(1..250));
    faults.unplug_for = Duration::from_secs(chance.u64(1..60));
    faults.registration_for = Duration::from_secs(chance.u64(1..120));
    faults
}
