//! Seeded stories: anything may happen in any order, crashes included, and an auditor keeps its own books.

use std::collections::{BTreeMap, BTreeSet};

use super::desk::*;
use crate::engine::Rules;
use crate::engine::event::*;
use crate::model::*;
use crate::pdu;
use crate::policy::Limits;

const MODEMS: [&str; 3] = ["a", "b", "c"];
const PER_MINUTE: u32 = 20;

/// What really happened, written down beside the engine.
#[derive(Default)]
struct Auditor {
    /// How often each text, by its number and concatenation place, was handed over.
    handed_over: BTreeMap<(String, u8, Vec<u8>), u32>,
    /// Attempts that reached the service centre, whatever the engine was told.
    accepted: BTreeMap<AttemptId, (String, u8)>,
    opted_out: BTreeSet<Msisdn>,
    sends: BTreeMap<&'static str, Vec<Timestamp>>,
}

struct Story {
    desk: Desk,
    auditor: Auditor,
    random: fastrand::Rng,
    jobs: Vec<JobId>,
}

impl Story {
    fn new(seed: u64) -> Self {
        let limits = Limits { per_minute: PER_MINUTE, ..Limits::NONE };
        let mut desk = Desk::new(Rules { limits, ..Rules::default() });
        for modem in MODEMS {
            desk.connect(modem);
        }
        Self { desk, auditor: Auditor::default(), random: fastrand::Rng::with_seed(seed), jobs: Vec::new() }
    }

    fn step(&mut self, place: u32) {
        let modem = MODEMS[self.random.usize(0..MODEMS.len())];
        match self.random.u32(0..100) {
            0..5 => self.new_job(place),
            5..40 => self.begin(modem),
            40..75 => self.answer(modem),
            75..79 => {
                let seconds = self.random.i64(1..400);
                self.desk.pass(SignedDuration::from_secs(seconds));
            }
            79..84 => self.stop_or_start(place),
            84..88 => self.unplug(modem),
            88..92 => self.crash(),
            92..94 => self.report(),
            94..96 => self.ussd(modem),
            _ => self.person(),
        }
    }

    fn new_job(&mut self, place: u32) {
        let class = Class::ALL[self.random.usize(0..3)];
        let from = self.random.u32(0..20);
        let words = self.random.usize(1..60);
        let text = format!("pesan {place} ") + &"warga ".repeat(words);
        let rows = (from..from + self.random.u32(1..12)).map(|n| row(n + 1, number(n))).collect();
        if let IntakeOrder::Accepted { job, .. } = self.desk.drop_job(header(class, &text), rows) {
            self.jobs.push(job);
        }
    }

    fn begin(&mut self, modem: &'static str) {
        if self.desk.air.contains_key(&name(modem)) {
            return;
        }
        let Some(held) = self.desk.ready.get(&name(modem)).cloned() else { return };
        let before = self.desk.air.clone();
        self.desk.begin(modem);
        if let Some(attempt) = self.desk.air.get(&name(modem)).filter(|_| !before.contains_key(&name(modem))) {
            self.on_air(modem, *attempt, &held);
        }
    }

    /// The engine let it go: the auditor reads the PDU as the network would.
    fn on_air(&mut self, modem: &'static str, attempt: AttemptId, held: &Reservation) {
        let octets = pdu::hex::decode(&held.pdu).unwrap();
        assert_eq!(octets.len(), held.length + 1);
        let submit = pdu::Submit::decode(&octets[1..]).unwrap();
        let to = submit.destination.to_string();
        let segment = submit.user_data.header().and_then(|header| header.concat()).map_or(1, |concat| concat.number);
        let citizen = Msisdn::from_network(&to, Country::indonesia()).unwrap();
        let answer =
            submit.user_data.text(submit.dcs).is_some_and(|text| text.contains("MULAI") || text.contains("STOP"));
        assert!(answer || !self.auditor.opted_out.contains(&citizen), "{citizen} had opted out");
        let sends = self.auditor.sends.entry(modem).or_default();
        sends.push(self.desk.now);
        let window = self.desk.now - SignedDuration::from_mins(1);
        assert!(sends.iter().filter(|at| **at > window).count() <= PER_MINUTE as usize, "{modem} is over its limit");
        // Two answers to one number may well read the same; every job's text is its own.
        if !answer {
            *self.auditor.handed_over.entry((to.clone(), segment, octets[1..].to_vec())).or_default() += 1;
        }
        self.auditor.accepted.insert(attempt, (to, segment));
    }

    fn answer(&mut self, modem: &'static str) {
        let Some(attempt) = self.desk.air.get(&name(modem)).copied() else { return };
        let refused = |number, cause| Outcome::Refused { cause, code: ErrorCode { kind: ErrorKind::Cms, number } };
        // An emergency that was asked back: its session had not handed it over, or it had.
        let asked_back = self.desk.asked_back.iter().position(|asked| *asked == name(modem));
        let given_back = asked_back.map(|place| self.desk.asked_back.remove(place)).is_some() && self.random.bool();
        let outcome = match self.random.u32(0..20) {
            _ if given_back => Outcome::NotSent(NotSent::NoPrompt),
            0 => refused(38, Cause::Temporary),
            1 => refused(1, Cause::Message),
            2 => refused(21, Cause::Ambiguous),
            3 => refused(8, Cause::Sim),
            4 => Outcome::Uncertain(Doubt::Silence),
            5 => Outcome::NotSent(NotSent::NoPrompt),
            _ => Outcome::Submitted { tp_mr: Some(self.desk.next_mr(modem)) },
        };
        if matches!(outcome, Outcome::Refused { .. } | Outcome::NotSent(_)) {
            self.auditor.accepted.remove(&attempt);
        }
        let next = self.desk.ready.get(&name(modem)).cloned();
        self.desk.answer(modem, outcome);
        if let (Some(next), Some(attempt)) = (next, self.desk.air.get(&name(modem)).copied()) {
            self.on_air(modem, attempt, &next);
        }
    }

    fn stop_or_start(&mut self, place: u32) {
        let n = self.random.u32(0..20);
        let modem = MODEMS[self.random.usize(0..MODEMS.len())];
        self.desk.now += SignedDuration::from_secs(1);
        let from = number(n).to_string();
        if place.is_multiple_of(3) {
            self.auditor.opted_out.remove(&number(n));
            self.desk.hear(modem, &from, "MULAI");
        } else {
            self.desk.hear(modem, &from, "stop");
            self.auditor.opted_out.insert(number(n));
        }
    }

    fn unplug(&mut self, modem: &'static str) {
        if let Some(attempt) = self.desk.air.remove(&name(modem)) {
            let outcome = Outcome::Uncertain(Doubt::PortGone);
            self.desk.modem(modem, ModemEvent::Answered { attempt, outcome, next: None });
        }
        self.desk.modem(modem, ModemEvent::Lost { reason: "unplugged".to_owned() });
        self.desk.ready.remove(&name(modem));
        // A session that ended dials no more.
        super::ussd::dialled(&mut self.desk, modem);
        self.desk.connect(modem);
    }

    fn crash(&mut self) {
        self.desk.crash();
        for modem in MODEMS {
            super::ussd::dialled(&mut self.desk, modem);
            self.desk.connect(modem);
        }
    }

    /// A session ends what it dials, or somebody asks for a code. While a modem dials, nothing is made ready for it.
    fn ussd(&mut self, modem: &'static str) {
        if let Some((ticket, _)) = super::ussd::dialled(&mut self.desk, modem) {
            assert!(!self.desk.air.contains_key(&name(modem)), "{modem} dials with a segment on the air");
            let end = if self.random.bool() { UssdEnd::Silence } else { UssdEnd::Answered { open: false } };
            super::ussd::answer(&mut self.desk, modem, ticket, &[], end);
            return;
        }
        let action = Action::Ussd { modem: name(modem), codes: super::ussd::codes(&["*888#"]) };
        let act = Act { reply_to: None, actor: "admin".to_owned(), reason: String::new(), action };
        self.desk.feed(vec![Event::Act(act)]);
    }

    /// A report for something that was accepted.
    fn report(&mut self) {
        let Some(doubt) = self.desk.reader().doubts().unwrap().into_iter().next() else { return };
        let status = if self.random.bool() { 0 } else { 0x46 };
        let tp_mr = self.random.u8(..);
        self.desk.receive(&doubt.modem, report(tp_mr, &doubt.number, status, self.desk.now));
    }

    fn person(&mut self) {
        let job = self.jobs.get(self.random.usize(0..self.jobs.len().max(1))).copied();
        let action = match (self.random.u32(0..7), job) {
            (0, Some(job)) => Action::Cancel(job),
            (1, Some(job)) => Action::Pause(Scope::Job(job)),
            (2, Some(job)) => Action::Resume(Scope::Job(job)),
            (3, _) => Action::Pause(Scope::Class(Class::Routine)),
            (4, _) => Action::Resume(Scope::Class(Class::Routine)),
            (choice, _) => match self.desk.reader().doubts().unwrap().first() {
                Some(doubt) if choice == 5 => Action::SettleResend(MessageId(doubt.message)),
                Some(doubt) => Action::SettleSent(MessageId(doubt.message)),
                None => return,
            },
        };
        // Refused or done: both are answers.
        let _ = self.desk.act(action);
    }

    /// The invariants, from the ledger itself.
    fn check(&self) {
        let reader = self.desk.reader();
        for job in reader.jobs(1000, true).unwrap() {
            assert!(job.adds_up(), "{job:?}");
            let rows = self.desk.recipients(JobId(job.id));
            let mut states: BTreeMap<String, u64> = BTreeMap::new();
            for row in rows.iter().filter(|row| row.state != "excluded") {
                *states.entry(row.state.clone()).or_default() += 1;
            }
            let tallies: BTreeMap<_, _> = job.messages.into_iter().filter(|(_, count)| *count > 0).collect();
            assert_eq!(states, tallies, "the tallies are the states of job {}", job.id);
        }
        let status = reader.status().unwrap();
        assert_eq!(status.recipients, status.excluded + status.messages.values().sum::<u64>());
    }

    fn second_hand_overs_have_reasons(&self) {
        let repeated = self.auditor.handed_over.values().filter(|times| **times > 1).map(|times| u64::from(*times - 1));
        let recorded = self.desk.reader().repeats().unwrap();
        assert!(repeated.sum::<u64>() <= recorded, "every second hand-over is in the ledger with its reason");
    }
}

#[test]
fn whatever_happens_the_books_agree() {
    for seed in 0..40 {
        let outcome = std::panic::catch_unwind(|| {
            let mut story = Story::new(seed);
            for place in 0..250 {
                story.step(place);
                if place % 50 == 0 {
                    story.check();
                }
            }
            story.check();
            story.second_hand_overs_have_reasons();
            // In the end everything comes to rest by the clock alone, but for what waits for a person.
            story.desk.act(Action::Resume(Scope::Class(Class::Routine))).ok();
            for job in story.jobs.clone() {
                story.desk.act(Action::Resume(Scope::Job(job))).ok();
            }
            for modem in MODEMS {
                story.unplug(modem);
            }
            for _ in 0..400 {
                story.desk.pass(SignedDuration::from_mins(30));
            }
            story.check();
            let messages = story.desk.reader().status().unwrap().messages;
            let open: Vec<_> =
                ["queued", "sending", "submitted"].iter().filter(|state| messages[**state] > 0).collect();
            assert!(open.is_empty(), "{messages:?}");
        });
        assert!(outcome.is_ok(), "SEED={seed}");
    }
}
