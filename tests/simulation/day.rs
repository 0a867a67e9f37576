//! One made-up day, all of it drawn from a seed: modems and what goes wrong with them, files, plugs and cards pulled, disks that are
//! slow or full, replies of STOP, people who ask for things, and deaths of the daemon at any commit. An auditor looks on after every
//! commit; at the day's end the ledger is compared with the air, and the folders with what was dropped.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

use fastrand::Rng;
use kentongan::engine::event::{Action, Scope};
use kentongan::model::*;
use kentongan::simulator::{CardFile, Fact, Faults, Numbers};
use tokio::time::Instant;

use super::deeds::{Agenda, Deed};
use super::papers::{self, PEOPLE, Paper};
use super::town::audit::Digest;
use super::town::comparison::audit;
use super::town::habits::Knowledge;
use super::town::watched::Death;
use super::town::{Town, number};
use super::weather::{self, Weather};

/// What a day brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Messages that were to be sent.
    pub messages: u64,
    /// Segments that went on the air.
    pub on_air: u64,
    /// Commits, each of them audited.
    pub commits: u64,
    /// Orderly stops of the daemon; its deaths, and how many of them were kills at a moment.
    pub stops: u64,
    pub kills: u64,
    pub deaths: u64,
    /// Commits that failed.
    pub full_disks: u64,
    /// Plugs pulled by hand, cards moved.
    pub unplugged: u64,
    pub cards_moved: u64,
    /// Hand-overs that fell silent; those that evidence settled, and of these those that never left by the numbers around them; those
    /// that were sent again by their job's policy; those that wait for a person at the end.
    pub doubts: u64,
    pub by_evidence: u64,
    pub never_left: u64,
    pub by_policy: u64,
    pub open_doubts: u64,
    /// What the ledger knows of makes of modem at its end.
    pub learnt: Knowledge,
    /// Simulated time.
    pub span: Duration,
    /// Over all events, orders and facts, where it was asked for.
    pub digest: Option<u64>,
}

/// How a day is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Everything is printed as it happens.
    pub trace: bool,
    /// Everything goes into a digest.
    pub digest: bool,
}

/// How long simulated time may pass until nothing is left to be done.
const PATIENCE: Duration = Duration::from_secs(30_000);

/// Lives through the day of this seed; with `known`, in an office that knows this of its makes of modem, all of which do as their
/// makes do. Panics where something is wrong.
pub async fn live(seed: u64, look: Look, known: Option<Knowledge>) -> Day {
    let mut chance = Rng::with_seed(seed);
    let Weather { mut settings, modems, faults, mut odd } = weather::draw(seed, &mut chance);
    if let Some(known) = known {
        (settings.knowledge, settings.fleet.numbers) = (known, None);
        odd.fill(None);
    }
    let town = Town::with(settings).await;
    if let Some(auditor) = &town.watch.auditor {
        let mut auditor = auditor.lock().unwrap();
        auditor.trace = look.trace;
        auditor.digest = look.digest.then(Digest::default);
    }
    for modem in 0..modems {
        town.fleet.set_modem_faults(modem, &faults[modem]).await.unwrap();
        if let Some(counting) = odd[modem] {
            town.fleet.set_numbers(modem, Numbers { counting, card_file: CardFile::HandOver }).await.unwrap();
        }
    }
    let mut story = Story {
        town,
        chance,
        modems,
        agenda: Agenda::default(),
        papers: Vec::new(),
        day: Day::default(),
        full: false,
        trace: look.trace,
    };
    for _ in 0..story.chance.u32(6..16) {
        story.happen().await;
        let span = story.chance.u64(1..20_000);
        story.pass(Duration::from_millis(span)).await;
    }
    story.heal().await;
    story.settle().await;
    audit(&story.town);
    // Opted out is opted out, whatever happened in between: a last letter names everybody.
    story.last_letter().await;
    story.end().await
}

pub struct Story {
    pub town: Town,
    pub chance: Rng,
    pub modems: usize,
    pub agenda: Agenda,
    pub papers: Vec<Paper>,
    pub day: Day,
    /// The disk is full.
    pub full: bool,
    /// What happens is printed.
    trace: bool,
}

impl Story {
    /// Says what happens, to whoever looks on.
    pub fn say(&self, what: &dyn Debug) {
        if self.trace {
            println!("{} day {what:?}", self.town.now().as_millisecond());
        }
    }

    /// Lets time pass; does what is on the agenda, and starts a daemon that died.
    pub async fn pass(&mut self, span: Duration) {
        let until = Instant::now() + span;
        loop {
            while let Some(deed) = self.agenda.due() {
                self.carry_out(deed).await;
            }
            if Instant::now() >= until {
                return;
            }
            let next = self.agenda.next().map_or(until, |at| at.min(until));
            self.town.step(next).await;
            self.revive().await;
        }
    }

    /// Starts the daemon where it has died, as systemd does.
    pub async fn revive(&mut self) {
        while self.town.is_dead() {
            self.town.bury().await;
            self.day.deaths += 1;
            // Its tasks are gone, and what it had begun to hand over may still reach a modem, or not.
            let span = [0, 0, 1, 3_000, 60_000, 60_000 * self.chance.u64(10..40)][self.chance.usize(0..6)];
            tokio::time::sleep(Duration::from_millis(span)).await;
            self.begin().await;
        }
    }

    /// Starts the daemon, again and again where the disk is full.
    async fn begin(&mut self) {
        while self.town.try_start().is_err() {
            self.day.full_disks += 1;
            tokio::time::sleep(Duration::from_secs(10)).await;
            while let Some(deed) = self.agenda.due() {
                self.carry_out(deed).await;
            }
        }
        self.town.look().await;
    }

    fn drop_paper(&mut self, paper: Paper) {
        self.say(&("dropped", &paper.name));
        if let Some(auditor) = &self.town.watch.auditor
            && paper.good
        {
            auditor.lock().unwrap().expect(&paper.name, paper.expected());
        }
        self.town.queue.drop_file(&paper.name, paper.content.as_bytes());
        self.papers.push(paper);
    }

    fn people(&mut self) -> Vec<u32> {
        let count = self.chance.usize(3..22);
        let mut people: Vec<u32> = (0..PEOPLE).collect();
        self.chance.shuffle(&mut people);
        people.truncate(count);
        people
    }

    /// Something happens.
    async fn happen(&mut self) {
        let place = self.papers.len();
        match self.chance.u32(0..100) {
            _ if place == 0 => self.drop_good(),
            0..30 => self.drop_good(),
            30..35 => {
                let mut again = self.papers[self.chance.usize(0..place)].clone();
                let (stem, extension) = again.name.rsplit_once('.').unwrap();
                again.name = format!("{stem} salinan {place}.{extension}");
                self.drop_paper(again);
            }
            35..38 => {
                let wrong = papers::wrong(place, &mut self.chance);
                self.drop_paper(wrong);
            }
            38..42 => self.stop().await,
            42..48 => {
                self.say(&"killed");
                self.town.watch.die();
                self.day.kills += 1;
                self.revive().await;
            }
            48..62 => {
                let death = Death { commits: self.chance.u64(1..60), turns: self.chance.u32(0..8) };
                self.say(&death);
                self.town.watch.fate.lock().unwrap().death = Some(death);
            }
            62..92 => self.befall().await,
            _ => self.person().await,
        }
    }

    /// The daemon is stopped in an orderly way and started again, with other settings perhaps.
    async fn stop(&mut self) {
        self.say(&"stopped");
        self.day.stops += 1;
        if self.town.stop().await
            && let Some(auditor) = &self.town.watch.auditor
        {
            let open = auditor.lock().unwrap().open_attempts();
            assert_eq!(open, 0, "after an orderly stop every hand-over has its outcome");
        }
        if self.chance.bool() {
            let limits = weather::limits(&mut self.chance);
            self.town.change_rules(|rules| rules.limits = limits);
        }
        self.begin().await;
        self.revive().await;
    }

    fn drop_good(&mut self) {
        let people = self.people();
        let paper = papers::paper(self.papers.len(), &people, &mut self.chance);
        self.drop_paper(paper);
    }

    /// A person asks for something. Refused or done: both are answers.
    async fn person(&mut self) {
        let jobs = self.town.reader().jobs(1000, false).unwrap();
        let job = (!jobs.is_empty()).then(|| JobId(jobs[self.chance.usize(0..jobs.len())].id));
        let doubt = self.town.reader().doubts().unwrap().first().map(|doubt| MessageId(doubt.message));
        let who = number(self.chance.u32(0..PEOPLE));
        let modem = ModemName::new(&self.town.sockets.name(self.chance.usize(0..self.modems)));
        let codes = vec![UssdCode::parse("*888#").unwrap()];
        let action = match (self.chance.u32(0..12), job, doubt) {
            (0, Some(job), _) => Action::Pause(Scope::Job(job)),
            (1, Some(job), _) => Action::Cancel(job),
            (2, ..) => Action::Pause(Scope::Class(Class::Routine)),
            (3, ..) => Action::OptOut(HandEntry::of(who)),
            (4, ..) => Action::OptIn(HandEntry::of(who)),
            (5, _, Some(doubt)) => Action::SettleSent(doubt),
            (6, _, Some(doubt)) => Action::SettleResend(doubt),
            (7 | 8, ..) => Action::TestModem { modem, number: None },
            (9, ..) => Action::Ussd { modem, codes },
            (10, ..) => Action::ResumeHeld,
            _ => Action::Pause(Scope::Unit("diskominfo".to_owned())),
        };
        // Held for a while, and let go again.
        if let Action::Pause(scope) = &action {
            let span = self.chance.u64(1_000..60_000);
            self.agenda.put(Duration::from_millis(span), Deed::Resume(scope.clone()));
        }
        self.say(&action);
        self.town.ask(action).await;
        self.revive().await;
    }

    /// What was broken is mended: nothing of it may keep anything from its end.
    async fn heal(&mut self) {
        self.say(&"healed");
        self.town.watch.fate.lock().unwrap().death = None;
        for deed in self.agenda.rest() {
            self.carry_out(deed).await;
        }
        self.revive().await;
        self.town.fleet.set_faults(&Faults::default()).await.unwrap();
        for modem in 0..self.modems {
            let _ = self.town.fleet.unplug(modem).await;
            let _ = self.town.fleet.replug(modem).await;
        }
        // Somebody looks after the cards that look blocked, and after what waits for a person.
        self.pass(Duration::from_secs(90)).await;
        self.town.ask(Action::ResumeHeld).await;
        self.revive().await;
        for modem in self.town.reader().modems(self.town.now()).unwrap() {
            self.town.ask(Action::ResumeModem(ModemName::new(&modem.name))).await;
            self.revive().await;
        }
    }

    /// Until everything has left the queue.
    async fn settle(&mut self) {
        let until = Instant::now() + PATIENCE;
        loop {
            let messages = self.town.status().messages;
            let left = messages.get("queued").unwrap_or(&0) + messages.get("sending").unwrap_or(&0);
            if left == 0 && self.town.queue.is_empty() {
                return;
            }
            assert!(Instant::now() < until, "{left} messages never end: {messages:?}");
            self.pass(Duration::from_secs(20)).await;
        }
    }

    async fn last_letter(&mut self) {
        let people: Vec<u32> = (0..PEOPLE).step_by(3).collect();
        let opted_out: BTreeSet<String> =
            self.town.reader().opt_outs(1000).unwrap().into_iter().map(|row| row.number).collect();
        let numbers = people.iter().map(|person| number(*person).digits()).collect::<Vec<_>>().join(", ");
        let letter = Paper {
            name: "surat terakhir.txt".to_owned(),
            content: format!("Kelas: penting\nKepada: {numbers}\n\nKabar terakhir.\n"),
            good: true,
            rows: people.len() as u64,
            people: people.iter().map(|person| number(*person).as_u64()).collect(),
        };
        let everybody = people.iter().all(|person| opted_out.contains(&number(*person).to_string()));
        self.drop_paper(Paper { good: !everybody, ..letter });
        self.pass(Duration::from_secs(5)).await;
        self.settle().await;
        for record in self.town.fleet.truth().records() {
            if let Fact::Submitted { to, text, .. } = &record.fact {
                self.day.on_air += 1;
                let left = opted_out.contains(to) && text == "Kabar terakhir.";
                assert!(!left, "{to} has opted out and was written to");
            }
        }
    }

    /// Whatever citizens wrote has been read.
    async fn all_is_read(&mut self) {
        let until = Instant::now() + Duration::from_secs(1_000);
        loop {
            let unread = self.town.watch.auditor.as_ref().map(|auditor| auditor.lock().unwrap().unread());
            let unread = unread.unwrap_or_default();
            if unread.is_empty() {
                return;
            }
            assert!(Instant::now() < until, "never read: {unread:?}");
            self.pass(Duration::from_secs(20)).await;
        }
    }

    async fn end(mut self) -> Day {
        self.all_is_read().await;
        audit(&self.town);
        self.files_are_kept();
        let reader = self.town.reader();
        assert_eq!(reader.verify_chain(None).unwrap().broken, None, "the record of events is whole");
        let status = reader.status().unwrap();
        self.day.open_doubts = status.messages["in_doubt"];
        self.day.messages = status.messages.values().sum();
        self.day.span = self.town.age();
        self.day.learnt = Knowledge::read(&self.town.path());
        if let Some(auditor) = &self.town.watch.auditor {
            let auditor = auditor.lock().unwrap();
            self.day.commits = auditor.commits;
            let settled = auditor.settled();
            self.day.doubts = settled.values().sum();
            let of = |kinds: &[&str]| kinds.iter().filter_map(|kind| settled.get(*kind)).sum();
            self.day.by_evidence = of(&["late_answer", "report", "never_left"]);
            self.day.never_left = of(&["never_left"]);
            self.day.by_policy = of(&["policy"]);
            self.day.digest = auditor.digest.map(|digest| digest.0);
        }
        self.town.kill().await;
        self.day
    }

    /// Every file that was dropped lies in `accepted/` or `rejected/`, and a good content once in `accepted/`.
    fn files_are_kept(&self) {
        let filed = self.town.queue.filed();
        assert_eq!(filed.len(), self.papers.len(), "files are as many as were dropped");
        for paper in &self.papers {
            let same: Vec<_> = filed.iter().filter(|filed| *filed.content == *paper.content.as_bytes()).collect();
            let accepted = same.iter().filter(|filed| filed.reason.is_none()).count();
            let nobody = same.iter().any(|filed| filed.reason.as_ref().is_some_and(|reason| reason.contains("Nobody")));
            let late = same.iter().any(|filed| filed.reason.as_ref().is_some_and(|reason| reason.contains("TooLate")));
            let expected = usize::from(paper.good && !nobody && !late);
            assert_eq!(accepted, expected, "{} is {accepted} times in accepted/: {same:?}", paper.name);
        }
    }
}
