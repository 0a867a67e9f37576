//! The law of consent: whatever happens in whatever order, nothing that an opt-out covers goes to a number that opted out.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::consent::{read, with_life_safety};
use super::desk::*;
use super::roster::{blast, import, rw};
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::policy::Retention;
use crate::store::InboxFilter;

const MODEMS: [&str; 2] = ["a", "b"];
const PEOPLE: u32 = 6;
const UNITS: [&str; 2] = ["damkar", "diskominfo"];

#[derive(Clone, Debug)]
enum Act {
    /// A list names some of them, whoever has left.
    List {
        unit: usize,
        class: usize,
        from: u32,
        count: u32,
    },
    /// A list of office-holders is imported: these stand for RW 1, 2 …
    Import {
        holders: Vec<u32>,
    },
    /// A job for everyone in the roster.
    ToRoster {
        class: usize,
    },
    Write {
        who: u32,
        text: &'static str,
    },
    OptOutByHand {
        who: u32,
        scope: OptOutScope,
    },
    OptInByHand {
        who: u32,
    },
    Erase {
        who: u32,
    },
    Begin {
        modem: usize,
    },
    Answer {
        modem: usize,
        outcome: u8,
    },
    Pass {
        minutes: i64,
    },
    Settle {
        resend: bool,
    },
    /// A person of the office answers the newest text that can be answered.
    Reply,
    Crash,
}

fn acts() -> impl Strategy<Value = Act> {
    let who = || 0..PEOPLE;
    let words =
        prop::sample::select(vec!["STOP", "Tolong berhenti pak", "STOP SEMUA", "MULAI", "INFO", "belum berhenti"]);
    prop_oneof![
        4 => (0..2usize, 0..3usize, who(), 1..PEOPLE)
            .prop_map(|(unit, class, from, count)| Act::List { unit, class, from, count }),
        2 => prop::collection::vec(who(), 1..4).prop_map(|holders| Act::Import { holders }),
        3 => (0..3usize).prop_map(|class| Act::ToRoster { class }),
        5 => (who(), words).prop_map(|(who, text)| Act::Write { who, text }),
        1 => (who(), any::<bool>()).prop_map(|(who, all)| Act::OptOutByHand { who, scope: OptOutScope::ALL[usize::from(all)] }),
        1 => who().prop_map(|who| Act::OptInByHand { who }),
        2 => who().prop_map(|who| Act::Erase { who }),
        8 => (0..2usize).prop_map(|modem| Act::Begin { modem }),
        8 => (0..2usize, any::<u8>()).prop_map(|(modem, outcome)| Act::Answer { modem, outcome }),
        1 => prop_oneof![1..90i64, 2000..4000i64].prop_map(|minutes| Act::Pass { minutes }),
        2 => Just(Act::Reply),
        1 => any::<bool>().prop_map(|resend| Act::Settle { resend }),
        1 => Just(Act::Crash),
    ]
}

struct Story {
    desk: Desk,
    rules: Rules,
    /// What each has opted out of: the auditor's own books.
    left: BTreeMap<Msisdn, OptOutScope>,
    /// Who has written a keyword since they were erased: they may get an answer.
    answerable: BTreeSet<Msisdn>,
    erased: BTreeSet<Msisdn>,
    /// When each last asked to be left alone, and when each text came that a person may answer, in turns.
    left_at: BTreeMap<Msisdn, usize>,
    written_at: BTreeMap<i64, usize>,
    turn: usize,
    jobs: u32,
}

impl Story {
    fn new(rules: Rules) -> Self {
        let mut desk = Desk::new(rules.clone());
        MODEMS.iter().for_each(|modem| desk.connect(modem));
        let (left, answerable, erased) = Default::default();
        let (left_at, written_at) = Default::default();
        Self { desk, rules, left, answerable, erased, left_at, written_at, turn: 0, jobs: 0 }
    }

    fn live(&mut self, act: &Act) {
        self.turn += 1;
        match *act {
            Act::List { unit, class, from, count } => {
                self.jobs += 1;
                let class = Class::ALL[class];
                let text = format!("Kabar {}/{}/{class} {}", self.jobs, UNITS[unit], "x".repeat(class as usize * 80));
                let job = JobHeader { unit: UNITS[unit].to_owned(), ..header(class, &text) };
                let rows = (0..count).map(|n| row(n + 1, number((from + n) % PEOPLE))).collect();
                let _ = self.desk.drop_job(job, rows);
            }
            Act::Import { ref holders } => {
                let list = (1..).zip(holders).map(|(place, who)| rw(place, &format!("Nama {who}"), number(*who)));
                // Refused only where nothing changes.
                let _ = import(&mut self.desk, list.collect());
            }
            Act::ToRoster { class } => {
                self.jobs += 1;
                let class = Class::ALL[class];
                let _ = blast(&mut self.desk, class, &format!("Kabar {}/diskominfo/{class} RW", self.jobs));
            }
            Act::Write { who, text } => self.write(who, text),
            Act::OptOutByHand { who, scope } => {
                let entry = HandEntry { scope, ..HandEntry::of(number(who)) };
                let _ = self.desk.act(Action::OptOut(entry));
                self.leave(number(who), scope);
            }
            Act::OptInByHand { who } => {
                let _ = self.desk.act(Action::OptIn(HandEntry::of(number(who))));
                self.left.remove(&number(who));
                self.erased.remove(&number(who));
            }
            Act::Erase { who } => {
                if self.desk.act(Action::Erase(HandEntry::of(number(who)))).is_ok() {
                    self.left.insert(number(who), OptOutScope::Everything);
                    self.left_at.insert(number(who), self.turn);
                    self.answerable.remove(&number(who));
                    self.erased.insert(number(who));
                }
            }
            Act::Begin { modem } => self.begin(MODEMS[modem]),
            Act::Answer { modem, outcome } => self.answer(MODEMS[modem], outcome),
            Act::Pass { minutes } => self.desk.pass(SignedDuration::from_mins(minutes)),
            Act::Settle { resend } => {
                let Some(doubt) = self.desk.reader().doubts().unwrap().into_iter().next() else { return };
                let message = MessageId(doubt.message);
                let act = if resend { Action::SettleResend(message) } else { Action::SettleSent(message) };
                let _ = self.desk.act(act);
            }
            Act::Reply => {
                if let Some(entry) = self.newest_entry() {
                    let text = Body(format!("Jawaban {entry}"));
                    let _ = self.desk.act(Action::AnswerInbox { inbox: entry, text, unit: None });
                }
            }
            Act::Crash => {
                self.desk.crash();
                MODEMS.iter().for_each(|modem| self.desk.connect(modem));
            }
        }
    }

    fn write(&mut self, who: u32, text: &str) {
        self.desk.now += SignedDuration::from_secs(1);
        let number = number(who);
        // It may have been erased: nothing they wrote before counts, this does.
        self.desk.hear("a", &number.to_string(), text);
        self.erased.remove(&number);
        match text {
            "STOP SEMUA" => self.leave(number, OptOutScope::Everything),
            "STOP" | "Tolong berhenti pak" => self.leave(number, OptOutScope::Ordinary),
            "MULAI" => drop(self.left.remove(&number)),
            "belum berhenti" => self.written_at.extend(self.newest_entry().map(|entry| (entry, self.turn))),
            _ => {}
        }
        self.answerable.insert(number);
    }

    fn newest_entry(&self) -> Option<i64> {
        let filter = InboxFilter { state: Some(InboxState::New), limit: 1, ..InboxFilter::default() };
        let entries = self.desk.reader().inbox_where(&filter).unwrap();
        entries.first().map(|entry| entry.id)
    }

    fn leave(&mut self, number: Msisdn, asked: OptOutScope) {
        self.left_at.insert(number, self.turn);
        let scope = self.rules.consent.life_safety.entered(asked);
        let held = self.left.entry(number).or_insert(scope);
        *held = scope.max(*held);
    }

    fn begin(&mut self, modem: &str) {
        let Some(held) = self.desk.ready.get(&name(modem)).cloned() else { return };
        if !self.desk.air.contains_key(&name(modem)) && self.desk.begin(modem).is_some() {
            self.on_air(&held);
        }
    }

    fn answer(&mut self, modem: &str, outcome: u8) {
        if !self.desk.air.contains_key(&name(modem)) {
            return;
        }
        let refused = |number, cause| Outcome::Refused { cause, code: ErrorCode { kind: ErrorKind::Cms, number } };
        let outcome = match outcome % 10 {
            0 => refused(38, Cause::Temporary),
            1 => Outcome::Uncertain(Doubt::Silence),
            2 => Outcome::NotSent(NotSent::NoPrompt),
            _ => Outcome::Submitted { tp_mr: Some(self.desk.next_mr(modem)) },
        };
        let next = self.desk.ready.get(&name(modem)).cloned();
        self.desk.answer(modem, outcome);
        if let (Some(next), true) = (next, self.desk.air.contains_key(&name(modem))) {
            self.on_air(&next);
        }
    }

    /// The engine let it go: read as the network would, and held against the auditor's books.
    fn on_air(&self, held: &Reservation) {
        let (to, text) = read(held);
        let Some(scope) = self.left.get(&to) else { return };
        if let Some(entry) = text.strip_prefix("Jawaban ") {
            let written = self.written_at[&entry.parse().unwrap()];
            assert!(written > self.left_at[&to], "{text:?} went to {to}, who has left since");
            return;
        }
        match text.strip_prefix("Kabar ") {
            Some(about) => {
                let about: Vec<_> = about.split([' ', '/']).collect();
                let class: Class = about[2].parse().unwrap();
                let stops = self.rules.consent.life_safety.stops(*scope, class, about[1]);
                assert!(!stops, "{text:?} went to {to}, who opted out: {scope}");
            }
            // The second part of a long text, of which only jobs that are no life-safety have any; or an answer.
            None if text.chars().all(|letter| letter == 'x') => panic!("a part of a long text went to {to}"),
            None => assert!(self.answerable.contains(&to), "{text:?} went to {to}, who was erased"),
        }
    }

    fn check(&self) {
        let reader = self.desk.reader();
        assert_eq!(reader.verify_chain(None).unwrap().broken, None);
        for job in reader.jobs(1000, true).unwrap() {
            assert!(job.adds_up(), "{job:?}");
        }
        for n in 0..PEOPLE {
            let scope = reader.opt_out(number(n)).unwrap();
            assert_eq!(scope, self.left.get(&number(n)).copied(), "the books agree on {}", number(n));
        }
        for number in &self.erased {
            let person = reader.person(*number).unwrap();
            assert!(person.inbound.is_empty() && person.messages.is_empty(), "{person:?}");
        }
    }
}

fn live(rules: Rules, acts: &[Act]) {
    let mut story = Story::new(rules);
    acts.iter().for_each(|act| story.live(act));
    story.check();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_imports_jobs_stops_starts_erasures_and_crashes_sends_to_who_has_left(
        acts in prop::collection::vec(acts(), 1..120),
    ) {
        live(with_life_safety(), &acts);
        let day = Some(SignedDuration::from_hours(24));
        live(Rules { retention: Retention { texts: day, inbound: day, numbers: day }, ..free() }, &acts);
    }
}
