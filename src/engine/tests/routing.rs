//! Own network first, and what must hold however SIMs are kept for classes, quotas and networks.

use std::collections::BTreeMap;

use super::desk::*;
use super::stories::refused;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::pdu;
use crate::policy::Lifetimes;
use crate::policy::{Limits, Operators};

const TELKOMSEL: u64 = 62_812;
const INDOSAT: u64 = 62_857;
const XL: u64 = 62_817;

/// A made-up number with this prefix.
pub(super) fn to(prefix: u64, n: u32) -> Msisdn {
    Msisdn::from_u64(prefix * 100_000_000 + u64::from(n))
}

fn own_first() -> Rules {
    Rules { own_network_wait: Some(SignedDuration::from_secs(20)), ..free() }
}

/// A desk with one Telkomsel and one Indosat SIM.
fn two_networks(rules: Rules) -> Desk {
    let mut desk = Desk::new(rules);
    desk.connect_of("t", "51010");
    desk.connect_of("i", "51001");
    desk
}

fn drop_to(desk: &mut Desk, class: Class, text: &str, numbers: &[Msisdn]) -> JobId {
    let rows = numbers.iter().zip(1..).map(|(number, place)| row(place, *number)).collect();
    match desk.drop_job(header(class, text), rows) {
        IntakeOrder::Accepted { job, .. } => job,
        other => panic!("not accepted: {other:?}"),
    }
}

pub(super) fn numbers(prefix: u64, count: u32) -> Vec<Msisdn> {
    (0..count).map(|n| to(prefix, n)).collect()
}

/// To whom a session holds something ready.
pub(super) fn next_of(desk: &Desk, modem: &str) -> Option<Msisdn> {
    desk.ready.get(&name(modem)).map(|held| {
        let octets = pdu::hex::decode(&held.pdu).unwrap();
        let to = pdu::Submit::decode(&octets[1..]).unwrap().destination.to_string();
        Msisdn::from_network(&to, Country::indonesia()).unwrap()
    })
}

#[test]
fn a_sim_finds_its_own_network_far_down_in_a_list_sorted_by_number() {
    let mut desk = two_networks(own_first());
    let list = [numbers(INDOSAT, 1000), numbers(TELKOMSEL, 3)].concat();
    desk.drop_job(header(Class::Routine, "Umum"), list.iter().zip(1..).map(|(to, n)| row(n, *to)).collect());
    assert_eq!(next_of(&desk, "i"), Some(to(INDOSAT, 0)));
    assert_eq!(next_of(&desk, "t"), Some(to(TELKOMSEL, 0)));
    desk.begin("t").expect("it may go");
    for n in 1..3 {
        assert_eq!(next_of(&desk, "t"), Some(to(TELKOMSEL, n)));
        desk.submit("t");
    }
    assert_eq!(next_of(&desk, "t"), None, "the rest is the other network's for a while");
}

#[test]
fn each_sim_carries_its_own_network_and_nothing_is_withdrawn() {
    let mut desk = two_networks(own_first());
    let list = [numbers(INDOSAT, 10), numbers(TELKOMSEL, 12), numbers(XL, 2)].concat();
    let job = drop_to(&mut desk, Class::Routine, "Umum", &list);
    let carried = desk.send_all();
    assert_eq!(carried.values().sum::<usize>(), 24);
    assert!(carried[&name("t")] >= 12 && carried[&name("i")] >= 10, "XL has no SIM: whoever is free: {carried:?}");
    assert_eq!((desk.count(job, State::Submitted), desk.withdrawn), (24, 0));
    let modems: BTreeMap<_, _> =
        desk.recipients(job).into_iter().map(|recipient| (recipient.number, recipient.modem)).collect();
    for (number, modem) in modems {
        let own = if number.starts_with("62857") { "i" } else { "t" };
        assert!(number.starts_with("62817") || modem.as_deref() == Some(own), "{number} through {modem:?}");
    }
}

#[test]
fn without_the_setting_networks_do_not_matter() {
    let mut desk = two_networks(free());
    let job = drop_to(&mut desk, Class::Routine, "Umum", &numbers(INDOSAT, 10));
    assert_eq!(desk.send_all().into_values().collect::<Vec<_>>(), [5, 5]);
    assert_eq!(desk.count(job, State::Submitted), 10);
}

#[test]
fn another_network_helps_when_its_own_was_not_free_in_time_also_after_a_restart() {
    let mut desk = two_networks(own_first());
    drop_to(&mut desk, Class::Routine, "Umum", &numbers(INDOSAT, 5));
    assert_eq!(next_of(&desk, "t"), None);
    assert!(desk.next_wake.is_some_and(|wake| wake <= desk.now + SignedDuration::from_secs(20)));
    desk.pass(SignedDuration::from_secs(15));
    desk.crash();
    desk.connect_of("i", "51001");
    desk.connect_of("t", "51010");
    assert_eq!(next_of(&desk, "t"), None, "5 s are left");
    desk.pass(SignedDuration::from_secs(5));
    assert!(next_of(&desk, "t").is_some());
}

#[test]
fn nothing_waits_for_a_network_whose_sim_is_gone_rests_or_is_used_up() {
    let mut desk = two_networks(own_first());
    drop_to(&mut desk, Class::Routine, "Umum", &numbers(INDOSAT, 5));
    assert_eq!(next_of(&desk, "t"), None);
    desk.modem("i", ModemEvent::Lost { reason: "unplugged".to_owned() });
    assert!(next_of(&desk, "t").is_some(), "at once");

    let mut desk = two_networks(own_first());
    drop_to(&mut desk, Class::Routine, "Umum", &numbers(INDOSAT, 5));
    desk.begin("i").expect("it may go");
    desk.answer("i", refused(330, Cause::Sim));
    assert!(next_of(&desk, "t").is_some(), "it rests longer than anybody waits for it");

    let limits = Limits { per_hour: 1, ..Limits::NONE };
    let mut desk = two_networks(Rules { modem_limits: [(name("i"), limits)].into(), ..own_first() });
    drop_to(&mut desk, Class::Routine, "Umum", &numbers(INDOSAT, 5));
    assert_eq!(next_of(&desk, "t"), None);
    desk.begin("i").expect("it may go");
    assert!(next_of(&desk, "t").is_some(), "its hour is used up");
}

#[test]
fn emergencies_wait_for_no_network() {
    let mut desk = two_networks(own_first());
    let job = drop_to(&mut desk, Class::Emergency, "BANJIR", &numbers(INDOSAT, 10));
    assert_eq!(desk.send_all().into_values().collect::<Vec<_>>(), [5, 5]);
    assert_eq!(desk.count(job, State::Submitted), 10);
}

#[test]
fn while_something_urgent_waits_for_its_network_nothing_less_urgent_goes_out_instead() {
    let mut desk = two_networks(own_first());
    drop_to(&mut desk, Class::Routine, "Umum", &numbers(TELKOMSEL, 5));
    assert_eq!(next_of(&desk, "t"), Some(to(TELKOMSEL, 0)));
    let important = drop_to(&mut desk, Class::Important, "Rapat", &numbers(INDOSAT, 3));
    assert_eq!((next_of(&desk, "t"), next_of(&desk, "i")), (None, Some(to(INDOSAT, 0))));
    desk.send_all();
    assert_eq!(desk.count(important, State::Submitted), 3);
    assert_eq!(desk.recipients(important).iter().filter(|to| to.modem.as_deref() == Some("i")).count(), 3);
}

#[test]
fn until_its_network_is_free_a_sim_goes_on_with_the_next_job_of_the_same_class() {
    let mut desk = two_networks(own_first());
    drop_to(&mut desk, Class::Routine, "Umum", &numbers(INDOSAT, 3));
    drop_to(&mut desk, Class::Routine, "Pajak", &numbers(TELKOMSEL, 3));
    assert_eq!((next_of(&desk, "t"), next_of(&desk, "i")), (Some(to(TELKOMSEL, 0)), Some(to(INDOSAT, 0))));
}

#[test]
fn an_idle_sim_does_not_take_over_what_is_kept_for_another_network() {
    let mut desk = two_networks(own_first());
    drop_to(&mut desk, Class::Routine, "Umum", &numbers(INDOSAT, 2));
    desk.begin("i").expect("it may go");
    assert_eq!((next_of(&desk, "t"), next_of(&desk, "i")), (None, Some(to(INDOSAT, 1))));
    desk.pass(SignedDuration::from_secs(20));
    assert_eq!((next_of(&desk, "t"), next_of(&desk, "i")), (Some(to(INDOSAT, 1)), None));
}

#[test]
fn messages_of_a_network_that_left_the_table_are_sent_all_the_same() {
    let mut desk = two_networks(own_first());
    let job = drop_to(&mut desk, Class::Routine, "Umum", &[numbers(INDOSAT, 3), numbers(XL, 3)].concat());
    let operators = Operators::parse("version = \"2\"\ncountry = \"62\"\noperator = []\n").unwrap();
    desk.restart(Rules { operators, ..own_first() });
    desk.connect_of("t", "51010");
    desk.send_all();
    assert_eq!(desk.count(job, State::Submitted), 6);
}

#[test]
fn a_sim_that_does_not_tell_its_imsi_is_known_by_what_serves_it() {
    let mut desk = two_networks(own_first());
    desk.connect("x");
    desk.modem("x", ModemEvent::Ready { operator: Some("XL Axiata".to_owned()), reports: true });
    drop_to(&mut desk, Class::Routine, "Umum", &[numbers(INDOSAT, 3), numbers(XL, 3)].concat());
    assert_eq!(next_of(&desk, "x"), Some(to(XL, 0)));
    desk.crash();
    desk.connect("x");
    assert_eq!(next_of(&desk, "x"), Some(to(XL, 0)), "remembered, whatever it is served by now");
}

const MODEMS: [(&str, &str); 4] = [("t", "51010"), ("i", "51001"), ("x", "51011"), ("u", "00101")];
const PER_HOUR: u32 = 12;
const KEPT: f64 = 0.25;

/// A story under random rules, and books of its own beside the engine's.
struct Story {
    desk: Desk,
    random: fastrand::Rng,
    classes: BTreeMap<&'static str, Vec<Class>>,
    sends: BTreeMap<&'static str, Vec<Timestamp>>,
    /// With their texts, which begin with the class.
    jobs: Vec<(Class, JobId, String)>,
}

impl Story {
    fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut classes = BTreeMap::new();
        for (modem, _) in MODEMS {
            let of: Vec<Class> = Class::ALL.into_iter().filter(|_| random.u8(0..3) > 0).collect();
            classes.insert(modem, of);
        }
        // Some SIM carries each class.
        classes.insert(MODEMS[random.usize(0..4)].0, Class::ALL.to_vec());
        let limits = Limits { per_hour: PER_HOUR, reserve_emergency: KEPT, ..Limits::NONE };
        let own_network_wait = random.bool().then(|| SignedDuration::from_secs(random.i64(0..60)));
        let days = SignedDuration::from_hours(96);
        let lifetimes = Lifetimes { emergency: days, important: days, routine: days };
        let modem_classes = classes.iter().map(|(modem, of)| (name(modem), of.clone())).collect();
        let mut story = Self {
            desk: Desk::new(Rules { limits, own_network_wait, modem_classes, lifetimes, ..Rules::default() }),
            random,
            classes,
            sends: BTreeMap::new(),
            jobs: Vec::new(),
        };
        story.connect_all();
        story
    }

    fn connect_all(&mut self) {
        for (modem, network) in MODEMS {
            self.desk.connect_of(modem, network);
        }
    }

    fn step(&mut self, place: u32) {
        let (modem, network) = MODEMS[self.random.usize(0..MODEMS.len())];
        match self.random.u32(0..100) {
            0..6 => {
                let class = Class::ALL[self.random.usize(0..3)];
                let to: Vec<_> = (0..self.random.u32(1..9))
                    .map(|n| to([TELKOMSEL, INDOSAT, XL, 62_841][self.random.usize(0..4)], place * 10 + n))
                    .collect();
                let text = format!("{class} {place}");
                let job = drop_to(&mut self.desk, class, &text, &to);
                self.jobs.push((class, job, text));
            }
            6..50 if self.desk.ready.contains_key(&name(modem)) && !self.desk.air.contains_key(&name(modem)) => {
                self.begin(modem);
            }
            50..90 if self.desk.air.contains_key(&name(modem)) => {
                let next = self.desk.ready.get(&name(modem)).map(class_of);
                let waiting = next.map(|class| self.more_urgent_than(class, modem));
                let outcome = match self.random.u32(0..10) {
                    0 => Outcome::Submitted { tp_mr: None },
                    _ => Outcome::Submitted { tp_mr: Some(self.desk.next_mr(modem)) },
                };
                self.desk.answer(modem, outcome);
                if let (Some(class), Some(waiting), true) = (next, waiting, self.desk.air.contains_key(&name(modem))) {
                    self.audit(modem, class, waiting);
                }
            }
            90..94 => {
                let seconds = self.random.i64(1..900);
                self.desk.pass(SignedDuration::from_secs(seconds));
            }
            94..97 => {
                if let Some(attempt) = self.desk.air.remove(&name(modem)) {
                    let outcome = Outcome::Uncertain(Doubt::PortGone);
                    self.desk.modem(modem, ModemEvent::Answered { attempt, outcome, next: None });
                }
                self.desk.modem(modem, ModemEvent::Lost { reason: "unplugged".to_owned() });
                self.desk.ready.remove(&name(modem));
                if self.random.bool() {
                    self.desk.connect_of(modem, network);
                }
            }
            97..99 => {
                self.desk.crash();
                self.connect_all();
            }
            _ => self.connect_all_that_are_away(),
        }
    }

    fn connect_all_that_are_away(&mut self) {
        let modems = self.desk.reader().modems(self.desk.now).unwrap();
        for (modem, network) in MODEMS {
            if modems.iter().any(|view| view.name == modem && view.state == "lost") {
                self.desk.connect_of(modem, network);
            }
        }
    }

    fn begin(&mut self, modem: &'static str) {
        let class = class_of(&self.desk.ready[&name(modem)]);
        let waiting = self.more_urgent_than(class, modem);
        if self.desk.begin(modem).is_some() {
            self.audit(modem, class, waiting);
        }
    }

    /// A job with something more urgent that this SIM is for and that stands reserved nowhere.
    fn more_urgent_than(&self, class: Class, modem: &'static str) -> Option<JobId> {
        let reserved: Vec<String> = self.desk.ready.values().map(text_of).collect();
        let mut waiting = self.jobs.iter().filter(|(of, job, text)| {
            let ready = reserved.iter().filter(|other| *other == text).count();
            *of < class && self.classes[modem].contains(of) && self.desk.count(*job, State::Queued) > ready as u64
        });
        waiting.next().map(|(_, job, _)| *job)
    }

    fn audit(&mut self, modem: &'static str, class: Class, waiting: Option<JobId>) {
        assert!(self.classes[modem].contains(&class), "{modem} is not for {class}");
        assert_eq!(waiting, None, "{class} went out through {modem} before something more urgent");
        let now = self.desk.now;
        let sends = self.sends.entry(modem).or_default();
        sends.push(now);
        let hour = sends.iter().filter(|at| now.duration_since(**at) < SignedDuration::from_hours(1)).count();
        let room = if class == Class::Emergency { PER_HOUR } else { PER_HOUR - (f64::from(PER_HOUR) * KEPT) as u32 };
        assert!(hour <= room as usize, "{modem} has sent {hour} within the hour, {class} may use {room}");
    }
}

fn text_of(held: &Reservation) -> String {
    let octets = pdu::hex::decode(&held.pdu).unwrap();
    let submit = pdu::Submit::decode(&octets[1..]).unwrap();
    submit.user_data.text(submit.dcs).unwrap()
}

fn class_of(held: &Reservation) -> Class {
    text_of(held).split_once(' ').unwrap().0.parse().unwrap()
}

#[test]
fn whatever_sims_are_for_classes_quotas_and_order_hold_and_nothing_is_stranded() {
    for seed in 0..12 {
        let outcome = std::panic::catch_unwind(|| {
            let mut story = Story::new(seed);
            for place in 0..300 {
                story.step(place);
            }
            let modems: Vec<_> = story.desk.air.keys().cloned().collect();
            for modem in modems {
                story.desk.submit(modem.as_str());
            }
            story.connect_all_that_are_away();
            for _ in 0..100 {
                story.desk.pass(SignedDuration::from_mins(30));
                story.desk.send_all();
            }
            let messages = story.desk.reader().status().unwrap().messages;
            assert_eq!([messages["queued"], messages["sending"], messages["expired"]], [0; 3], "{messages:?}");
        });
        assert!(outcome.is_ok(), "SEED={seed}");
    }
}
