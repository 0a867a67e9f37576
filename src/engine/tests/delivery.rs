//! What is accepted and does not arrive: who is blamed, what is done, and what a restart remembers.

use std::collections::BTreeMap;

use super::desk::*;
use super::routing::{next_of, numbers, to};
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Delivery;

const TELKOMSEL: u64 = 62_812;
const XL: u64 = 62_817;

fn rules(change: impl FnOnce(&mut Delivery)) -> Rules {
    let mut rules = free();
    rules.delivery.judged_min = 10;
    change(&mut rules.delivery);
    rules
}

/// A desk whose modems report as a test says.
pub(super) struct Office {
    pub desk: Desk,
    on_air: BTreeMap<&'static str, Msisdn>,
}

impl Office {
    pub fn new(rules: Rules, modems: &[&str]) -> Self {
        let mut desk = Desk::new(rules);
        modems.iter().for_each(|modem| desk.connect(modem));
        Self { desk, on_air: BTreeMap::new() }
    }

    /// One message goes out through this modem and is accepted; `arrives` says of each number whether a report comes, and which.
    pub fn send(&mut self, modem: &'static str, arrives: impl Fn(Msisdn) -> Option<u8>) {
        let to = self.on_air.remove(modem).unwrap_or_else(|| {
            let to = next_of(&self.desk, modem).expect("something is reserved");
            self.desk.begin(modem).expect("it may go");
            to
        });
        let next = next_of(&self.desk, modem);
        let tp_mr = self.desk.submit(modem);
        if self.desk.air.contains_key(&name(modem)) {
            self.on_air.insert(modem, next.expect("it was reserved"));
        }
        if let Some(status) = arrives(to) {
            self.desk.receive(modem, report(tp_mr, &to.to_string(), status, self.desk.now));
        }
    }

    /// Time passes, and the engine is called as often as it asks.
    pub fn pass(&mut self, minutes: i64) {
        self.desk.pass(SignedDuration::from_mins(minutes));
        for _ in 0..100 {
            if self.desk.next_wake.is_none_or(|wake| wake > self.desk.now) {
                return;
            }
            self.desk.tick();
        }
        panic!("it never comes to rest");
    }

    pub fn alarms(&self) -> Vec<(String, String)> {
        let rows = self.desk.reader().alarms(false, 100).unwrap();
        rows.into_iter().map(|alarm| (alarm.kind, alarm.subject)).collect()
    }

    fn falls(&self) -> Vec<String> {
        let falls = self.alarms().into_iter().filter(|(kind, _)| kind == "delivery_falls");
        falls.map(|(_, subject)| subject).collect()
    }

    pub fn restart(&mut self, modems: &[&str]) {
        self.on_air.clear();
        self.desk.crash();
        modems.iter().for_each(|modem| self.desk.connect(modem));
        self.pass(0);
    }
}

fn all(_: Msisdn) -> Option<u8> {
    Some(0)
}

pub(super) fn none(_: Msisdn) -> Option<u8> {
    None
}

/// a gets through, what b sends vanishes.
fn one_lies(rules: Rules) -> (Office, JobId) {
    let mut office = Office::new(rules, &["a", "b"]);
    let job = office.desk.job(Class::Routine, "Kabar", 0..200);
    for _ in 0..15 {
        office.send("a", all);
        office.send("b", none);
    }
    (office, job)
}

#[test]
fn a_sim_that_only_says_it_sends_is_an_alarm_once_its_reports_should_have_come() {
    let (mut office, job) = one_lies(rules(|_| {}));
    office.pass(5);
    assert_eq!(office.falls(), [""; 0], "they may still come");
    office.pass(6);
    assert_eq!(office.falls(), ["8962b"]);
    let detail = office.desk.reader().alarms(false, 1).unwrap().remove(0).detail;
    assert_eq!(detail, "in modem b: of 15 accepted messages 0 arrived, 0 failed, 15 brought no report");
    assert_eq!(office.desk.view(job).state, "active", "an alarm is all that was asked for");
    // It gets through again: the alarm passes when enough has.
    for _ in 0..30 {
        office.send("a", all);
        office.send("b", all);
    }
    office.pass(11);
    assert_eq!(office.falls(), [""; 0]);
}

#[test]
fn a_restart_in_the_middle_changes_nothing() {
    let (mut office, _) = one_lies(rules(|_| {}));
    office.pass(5);
    office.restart(&["a", "b"]);
    office.pass(6);
    assert_eq!(office.falls(), ["8962b"]);
    office.restart(&["b"]);
    assert_eq!(office.falls(), ["8962b"], "also while a is away");
    office.restart(&[]);
    assert_eq!(office.falls(), ["8962b"]);
    let raised = office.desk.reader().alarms(true, 10).unwrap();
    assert_eq!(raised.len(), 1, "it was raised once");
    office.pass(25 * 60);
    assert_eq!(office.falls(), [""; 0], "nothing speaks for it any more");
}

#[test]
fn late_reports_count_too() {
    let mut office = Office::new(rules(|_| {}), &["a", "b"]);
    office.desk.job(Class::Routine, "Kabar", 0..200);
    let mut late = Vec::new();
    for _ in 0..15 {
        office.send("a", all);
        let to = office.on_air.get("b").copied().or_else(|| next_of(&office.desk, "b")).unwrap();
        office.send("b", none);
        late.push(to);
    }
    office.pass(11);
    assert_eq!(office.falls(), ["8962b"]);
    for (tp_mr, to) in (1..).zip(late) {
        let now = office.desk.now;
        office.desk.receive("b", report(tp_mr, &to.to_string(), 0, now));
    }
    office.pass(1);
    assert_eq!(office.falls(), [""; 0]);
}

#[test]
fn where_that_is_set_such_a_sim_is_taken_out_and_a_person_puts_it_back_without_its_past() {
    let (mut office, _) = one_lies(rules(|rule| rule.rest_sim = true));
    office.pass(11);
    assert_eq!(office.falls(), ["8962b"]);
    assert!(office.alarms().contains(&("sim_blocked".to_owned(), "8962b".to_owned())), "{:?}", office.alarms());
    assert!(!office.desk.ready.contains_key(&name("b")));
    office.restart(&["a", "b"]);
    assert!(!office.desk.ready.contains_key(&name("b")));
    office.desk.act(Action::ResumeModem(name("b"))).unwrap();
    office.pass(0);
    assert_eq!(office.alarms(), []);
    assert!(office.desk.ready.contains_key(&name("b")));
    office.pass(30);
    assert_eq!(office.alarms(), [], "what it did before is not held against it");
    for _ in 0..15 {
        office.send("a", all);
        office.send("b", none);
    }
    office.pass(11);
    assert_eq!(office.falls(), ["8962b"], "what it does now is");
}

#[test]
fn the_only_sim_is_never_taken_out() {
    let mut office = Office::new(rules(|rule| rule.rest_sim = true), &["a"]);
    office.desk.job(Class::Routine, "Kabar", 0..200);
    (0..30).for_each(|_| office.send("a", none));
    office.pass(11);
    assert_eq!(office.alarms(), [("delivery_falls".to_owned(), "all SIMs".to_owned())]);
    assert!(office.desk.air.contains_key(&name("a")));
}

#[test]
fn where_that_is_set_the_jobs_concerned_are_paused_with_a_reason_but_no_emergency() {
    let mut office = Office::new(rules(|rule| rule.pause_job = true), &["a"]);
    let warning = office.desk.job(Class::Emergency, "BANJIR", 0..40);
    (0..15).for_each(|_| office.send("a", none));
    office.pass(11);
    assert_eq!((office.falls().len(), office.desk.view(warning).state.as_str()), (1, "active"));

    let (mut office, job) = one_lies(rules(|rule| rule.pause_job = true));
    let other = office.desk.job(Class::Routine, "Lain", 0..5);
    office.pass(11);
    let view = office.desk.view(job);
    assert_eq!(view.state, "paused");
    let reason = view.waits_reason.unwrap();
    assert_eq!(reason, "8962b: in modem b: of 15 accepted messages 0 arrived, 0 failed, 15 brought no report");
    assert_eq!(office.desk.view(other).state, "active");
    office.desk.act(Action::Resume(Scope::Job(job))).unwrap();
    office.pass(5);
    office.restart(&["a", "b"]);
    office.pass(5);
    assert_eq!(office.desk.view(job).state, "active", "a person has decided");
}

#[test]
fn a_modem_that_hands_no_reports_on_is_not_judged_by_their_absence() {
    let mut office = Office::new(rules(|_| {}), &["a"]);
    office.desk.modem(
        "b",
        ModemEvent::Found {
            modem: ModemIdentity::default(),
            sim: SimIdentity { iccid: Some("8962b".to_owned()), imsi: None },
            port: "x".to_owned(),
        },
    );
    office.desk.modem("b", ModemEvent::Ready { operator: None, reports: false });
    office.desk.job(Class::Routine, "Kabar", 0..200);
    for _ in 0..15 {
        office.send("a", all);
        office.send("b", none);
    }
    office.pass(11);
    office.restart(&["a", "b"]);
    office.pass(11);
    assert_eq!(office.falls(), [""; 0], "also when another modem with reports holds its card now");
}

#[test]
fn an_operator_that_lets_everything_vanish_is_named_and_so_is_one_that_fails_everything() {
    for status in [None, Some(0x41)] {
        let mut office = Office::new(rules(|rule| rule.rest_sim = true), &["a", "b"]);
        let mixed: Vec<_> = numbers(XL, 40).into_iter().zip(numbers(TELKOMSEL, 40)).flat_map(|(x, t)| [x, t]).collect();
        let rows = mixed.iter().zip(1..).map(|(number, place)| row(place, *number)).collect();
        office.desk.drop_job(header(Class::Routine, "Kabar"), rows);
        let vanishes = |number: Msisdn| if number < to(XL, 0) { Some(0) } else { status };
        for turn in 0..60 {
            office.send(["a", "b", "b"][turn % 3], vanishes);
        }
        office.pass(11);
        assert_eq!(office.alarms(), [("delivery_falls".to_owned(), "XL".to_owned())]);
    }
}

#[test]
fn nobody_looks_where_that_is_switched_off() {
    let (mut office, _) = one_lies(rules(|rule| rule.rate_min = 0.0));
    office.pass(60);
    assert_eq!(office.falls(), [""; 0]);

    let (mut office, _) = one_lies(rules(|_| {}));
    office.pass(11);
    assert_eq!(office.falls().len(), 1);
    office.desk.restart(rules(|rule| rule.rate_min = 0.0));
    assert_eq!(office.falls(), [""; 0], "nor does an alarm stand on for ever");
}
