//! An auditor that keeps books of its own, from what really went on the air and from what passes between the engine and its shells,
//! and holds the ledger against them after every commit.
//!
//! It asks little each time: only what has changed. What it finds wrong ends the day.

mod air;
pub mod ledger;
mod stations;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::Path;

use kentongan::engine::Rules;
use kentongan::engine::event::{Act, Action, Event, Order, Scope};
use kentongan::model::{Class, State, Timestamp};
use kentongan::policy::{Approval, Calendar, Limits, Quota};
use kentongan::simulator::{Record, Truth};

use air::Air;
use ledger::{Attempt, Job, Ledger, Line};
use stations::Stations;

/// What is wrong, in a sentence.
pub type Verdict = Result<(), String>;

/// Says what is wrong unless something holds.
macro_rules! hold {
    ($holds:expr, $($words:tt)+) => {
        if !$holds {
            return Err(format!($($words)+));
        }
    };
}
pub(crate) use hold;

/// A file that was dropped, as the auditor knows it.
#[derive(Clone, Debug, Default)]
pub struct Paper {
    /// Recipients named, unusable and doubled ones included.
    pub rows: u64,
    /// Whoever is to get it, unless opted out.
    pub people: BTreeSet<u64>,
}

/// The auditor.
pub struct Auditor {
    ledger: Ledger,
    air: Air,
    stations: Stations,
    truth: Truth,
    /// How much of the truth has been read.
    place: usize,
    /// By the modem's name; and the names of modems that are known by their card.
    limits: BTreeMap<String, Limits>,
    by_card: BTreeMap<String, String>,
    usual: Limits,
    /// The only classes of some modems, by name.
    classes: BTreeMap<String, Vec<String>>,
    /// How long a stop must be so that what is old waits for a person, and how old; in milliseconds.
    long_stop: (i64, i64),
    /// Requests of people to dial, which keep a modem from sending until they are answered.
    dialling: BTreeSet<u64>,
    /// Whether every modem may carry everything at any time, so that none may stand idle.
    anything_goes: bool,
    papers: BTreeMap<String, Paper>,
    /// Texts that ask to be left alone, in upper case.
    stops: BTreeSet<String>,
    /// When the ledger was last judged.
    now: i64,
    /// Commits seen.
    pub commits: u64,
    /// Everything that passed, for comparing two lives of a day; `None`: nobody wants to know.
    pub digest: Option<Digest>,
    /// Whether everything is printed as it passes.
    pub trace: bool,
}

/// FNV-1a over everything that is written to it, which is the same everywhere and always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = text.bytes().fold(self.0, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01B3));
        Ok(())
    }
}

impl Auditor {
    /// `ledger` has its triggers already.
    pub fn new(ledger: &Path, truth: Truth) -> Self {
        Self {
            ledger: Ledger::open(ledger),
            air: Air::default(),
            stations: Stations::default(),
            truth,
            place: 0,
            limits: BTreeMap::new(),
            by_card: BTreeMap::new(),
            usual: Limits::NONE,
            classes: BTreeMap::new(),
            long_stop: (i64::MAX, 0),
            dialling: BTreeSet::new(),
            anything_goes: true,
            papers: BTreeMap::new(),
            stops: ["STOP", "BERHENTI", "UNREG"].map(str::to_owned).into(),
            now: 0,
            commits: 0,
            digest: None,
            trace: false,
        }
    }

    /// A file of this name is dropped.
    pub fn expect(&mut self, source: &str, paper: Paper) {
        self.papers.insert(source.to_owned(), paper);
    }

    /// A daemon has taken up the ledger, with these rules: what sessions held is void.
    pub fn begins(&mut self, now: Timestamp, rules: &Rules) -> Verdict {
        self.note(now, "begins", &"");
        self.limits = rules.modem_limits.iter().map(|(name, limits)| (name.to_string(), limits.clone())).collect();
        let by_card = rules.listed.iter().filter_map(|modem| Some((modem.iccid.clone()?, modem.name.to_string())));
        self.by_card = by_card.collect();
        self.usual = rules.limits.clone();
        self.anything_goes = rules.canary.is_none()
            && rules.own_network_wait.is_none()
            && rules.modem_classes.is_empty()
            && rules.credit.is_empty()
            && rules.calendar == Calendar::default()
            && rules.approval == Approval::default();
        let classes = |classes: &Vec<Class>| classes.iter().map(|class| class.name().to_owned()).collect();
        self.classes = rules.modem_classes.iter().map(|(name, only)| (name.to_string(), classes(only))).collect();
        self.stations.forget();
        self.dialling.clear();
        // It is at work until its last sign of life, which is a minute old at most.
        let (stopped, waiting) = (rules.restart.stopped.as_millis() as i64, rules.restart.waiting.as_millis() as i64);
        let (before, at) = (self.now, now.as_millisecond());
        self.judge(now)?;
        if before > 0 && stopped > 0 && at - before >= stopped + 61_000 {
            self.ledger.hold_older(at - waiting);
        }
        Ok(())
    }

    /// These events are about to be decided on.
    pub fn hear(&mut self, now: Timestamp, events: &[Event]) {
        for event in events {
            self.note(now, "", event);
            match event {
                Event::Modem(address, event) => self.stations.hear(address, event),
                Event::Act(act) => self.asked(act),
                _ => {}
            }
        }
    }

    fn asked(&mut self, act: &Act) {
        match &act.action {
            Action::ResumeHeld => self.ledger.let_go(None),
            Action::Resume(Scope::Job(job)) => self.ledger.let_go(Some(job.0)),
            Action::Ussd { .. } => self.dialling.extend(act.reply_to),
            _ => {}
        }
    }

    /// The commit is done, and these orders follow from it.
    pub fn check(&mut self, now: Timestamp, orders: &[Order]) -> Verdict {
        for order in orders {
            self.note(now, "  ->", order);
            match order {
                Order::Modem(address, order) => self.stations.obey(address, order),
                Order::Reply { to, .. } => drop(self.dialling.remove(to)),
                _ => {}
            }
        }
        self.judge(now)?;
        if self.anything_goes && self.dialling.is_empty() { self.nobody_stands_idle() } else { Ok(()) }
    }

    fn note(&mut self, now: Timestamp, kind: &str, what: &dyn fmt::Debug) {
        if let Some(digest) = &mut self.digest {
            let _ = write!(digest, "{} {kind} {what:?};", now.as_millisecond());
        }
        if self.trace {
            println!("{} {kind} {what:?}", now.as_millisecond());
        }
    }

    fn judge(&mut self, now: Timestamp) -> Verdict {
        self.commits += 1;
        let before = std::mem::replace(&mut self.now, now.as_millisecond());
        self.stations.pass(self.now - before, &self.ledger);
        // First what happened before this commit, judged by what was durable then.
        let news = self.truth.since(self.place);
        self.place += news.len();
        for record in news {
            self.witness(&record)?;
        }
        let (mut jobs, mut messages) = (BTreeSet::new(), BTreeSet::new());
        let (mut accepted, mut asked) = (BTreeSet::new(), BTreeSet::new());
        for line in self.ledger.news() {
            match line.what.as_str() {
                "A" => self.opened(&line)?,
                "a" => self.closed(&line)?,
                "s" => {
                    self.moved(&line)?;
                    messages.insert(line.key);
                }
                "E" => self.recorded(&line),
                what => {
                    let receiving = |id| self.ledger.jobs.get(&id).is_some_and(|job| job.state == "receiving");
                    match what {
                        "j" if line.text(0) != Some("receiving") && receiving(line.key) => {
                            accepted.insert(line.key);
                            jobs.insert(line.key);
                        }
                        "J" | "j" | "T" => drop(jobs.insert(line.key)),
                        "R" | "M" => drop(jobs.insert(line.int(0))),
                        "m" => drop(messages.insert(line.key)),
                        "P" => self.heard(&line, &mut asked),
                        _ => {}
                    }
                    self.ledger.copy(&line);
                }
            }
        }
        for number in asked {
            hold!(self.ledger.opt_outs.contains(&number), "+{number} asked to be left alone and was not entered");
        }
        for id in messages {
            let Some(message) = self.ledger.messages.get(&id) else { continue };
            jobs.insert(message.job);
            let folded = State::fold(&message.segments);
            hold!(message.state == folded, "message {id} is {} and its segments say {folded}", message.state);
        }
        accepted.into_iter().try_for_each(|id| self.is_whole(id))?;
        jobs.iter()
            .filter_map(|id| Some((id, self.ledger.jobs.get(id)?)))
            .try_for_each(|(id, job)| self.adds_up(*id, job))
    }

    /// Something happened on the air or in a modem.
    fn witness(&mut self, record: &Record) -> Verdict {
        if let Some(digest) = &mut self.digest {
            let _ = write!(digest, "{record:?};");
        }
        if self.trace {
            println!("{} air {} {:?}", record.at_ms, record.modem, record.fact);
        }
        self.stations.witness(record);
        self.air.witness(record, &mut self.ledger)
    }

    /// The sum holds: recipients named = excluded + messages, and messages = the sum over states, as told and as counted.
    fn adds_up(&self, id: i64, job: &Job) -> Verdict {
        if job.state == "receiving" {
            return Ok(());
        }
        hold!(
            (job.recipients, job.excluded) == (job.named, job.left_out),
            "job {id} says {} named and {} excluded; there are {} and {}",
            job.recipients,
            job.excluded,
            job.named,
            job.left_out
        );
        hold!(
            job.recipients == job.excluded + job.messages.len() as u64,
            "job {id} does not add up: {} named, {} excluded, {} messages",
            job.recipients,
            job.excluded,
            job.messages.len()
        );
        for state in State::ALL {
            let (told, counted) = (job.told.get(&state).unwrap_or(&0), job.counted.get(&state).unwrap_or(&0));
            hold!(told == counted, "job {id} says {told} {state}, and {counted} are");
        }
        Ok(())
    }

    /// A job is in: all of its file is, and nobody else.
    fn is_whole(&mut self, id: i64) -> Verdict {
        let job = self.ledger.jobs.get_mut(&id).expect("a job that was just accepted");
        job.accepted_at = self.now;
        let job = &self.ledger.jobs[&id];
        if let Some(paper) = self.papers.get(&job.source) {
            hold!(job.named == paper.rows, "job {id} was read in part: {} of {} rows", job.named, paper.rows);
            let numbers: BTreeSet<u64> = job.messages.iter().map(|id| self.ledger.messages[id].number).collect();
            let stranger = numbers.difference(&paper.people).next();
            hold!(stranger.is_none(), "job {id} writes to {stranger:?}, whom nobody named");
            let missing = paper.people.difference(&numbers).find(|number| !self.ledger.ever_opted_out.contains(number));
            hold!(missing.is_none(), "job {id} has forgotten {missing:?}");
        }
        Ok(())
    }

    /// An attempt is opened: may it be?
    fn opened(&mut self, line: &Line) -> Verdict {
        let attempt = Attempt {
            message: line.int(0),
            segment: line.int(1) as u8,
            sim: line.int(2),
            reason: line.text(4).unwrap_or_default().to_owned(),
            opened_at: line.int(5),
            modem: line.text(6).unwrap_or_default().to_owned(),
            outcome: None,
            settled: None,
            tp_mr: None,
            handed: false,
            aired: None,
            reports: Vec::new(),
        };
        let id = line.key;
        let message = &self.ledger.messages[&attempt.message];
        let job = &self.ledger.jobs[&message.job];
        let who = format!("attempt {id} of message {} segment {}", attempt.message, attempt.segment);
        let optional = job.is_file && self.ledger.opt_outs.contains(&message.number);
        hold!(!optional, "{who}: +{} had opted out", message.number);
        let halfway = message.segments.iter().any(|state| !matches!(state, State::Queued));
        let may =
            self.ledger.sends(job, self.now) || (halfway && self.now < job.expires_at && job.state != "receiving");
        hold!(may, "{who}: its job does not send now: {} until {}", job.state, job.expires_at);
        hold!(!job.held, "{who}: its job has waited over a long stop, and nobody has let it go on");
        if let Some(only) = self.classes.get(&attempt.modem) {
            let carries = halfway || !job.is_file || only.contains(&job.class);
            hold!(carries, "{who}: {} is not for {}", attempt.modem, job.class);
        }
        let last =
            message.attempts.iter().rev().map(|id| &self.ledger.attempts[id]).find(|a| a.segment == attempt.segment);
        match last {
            None => hold!(attempt.reason == "first", "{who}: {} and there was none before", attempt.reason),
            Some(last) => {
                let settled = last.settled.as_deref();
                let allowed = match last.outcome.as_deref() {
                    Some("refused" | "not_sent") => true,
                    Some("uncertain") => matches!(settled, Some("never_left" | "policy" | "operator")),
                    _ => false,
                };
                hold!(allowed && attempt.reason.starts_with("again: "), "{who} is made again without cause: {last:?}");
            }
        }
        if let Some(open) = self.ledger.open.insert(attempt.sim, id) {
            return Err(format!("{who} is opened while attempt {open} has no outcome"));
        }
        self.keeps_limits(&attempt, message.segments.len(), &who)?;
        self.ledger.messages.get_mut(&attempt.message).expect("it was just read").attempts.push(id);
        self.ledger.by_sim.entry(attempt.sim).or_default().push(id);
        self.ledger.attempts.insert(id, attempt);
        Ok(())
    }

    /// No window holds more than its count, whatever was restarted and wherever the card is; a message longer than a window's count
    /// has that window for itself.
    fn keeps_limits(&self, attempt: &Attempt, segments: usize, who: &str) -> Verdict {
        let limits = self.limits.get(&attempt.modem).unwrap_or(&self.usual);
        let job = &self.ledger.jobs[&self.ledger.message_of(attempt).job];
        let quota = if job.is_file && job.class == "emergency" { Quota::Whole } else { Quota::Common };
        for (count, span) in windows(limits, quota) {
            let most = (count as usize).max(segments);
            if count > 0 {
                let before = self.ledger.sent_since(attempt.sim, attempt.opened_at - span, most);
                hold!(before < most, "{who} is one too many: {before} in {span} ms before it, {count} may be");
            }
        }
        Ok(())
    }

    /// An attempt got its outcome, or its doubt was settled: is it true?
    fn closed(&mut self, line: &Line) -> Verdict {
        let attempt = self.ledger.attempts.get_mut(&line.key).expect("an attempt that changes is there");
        attempt.outcome = line.text(0).map(str::to_owned);
        attempt.settled = line.text(1).map(str::to_owned);
        attempt.tp_mr = line.number(2).map(|tp_mr| tp_mr as u8);
        if attempt.outcome.is_some() {
            self.ledger.open.retain(|_, open| *open != line.key);
        }
        let aired = attempt.aired;
        let true_name = attempt.tp_mr.is_none() || attempt.tp_mr == aired;
        let wrong = match (attempt.outcome.as_deref(), attempt.settled.as_deref()) {
            (Some("submitted"), _) | (_, Some("late_answer" | "report")) if aired.is_none() => "was never on the air",
            (Some("submitted"), _) | (_, Some("late_answer" | "report")) if !true_name => "has another TP-MR",
            (Some("refused" | "not_sent"), _) | (_, Some("never_left")) if aired.is_some() => "is on the air",
            (Some("not_sent"), _) if attempt.handed => "was handed over",
            _ => return Ok(()),
        };
        Err(format!("attempt {} {wrong}: {attempt:?}", line.key))
    }

    /// A segment's state changed: may it, and does the evidence carry it?
    fn moved(&mut self, line: &Line) -> Verdict {
        let (number, from, to) = (line.int(0) as u8, line.state(1), line.state(2));
        let who = format!("message {} segment {number} from {from} to {to}", line.key);
        let message = self.ledger.messages.get_mut(&line.key).expect("a segment's message");
        let place = &mut message.segments[usize::from(number) - 1];
        hold!(*place == from, "{who}: it was {place}");
        *place = to;
        let may = match from {
            State::Queued => !matches!(to, State::Queued | State::InDoubt | State::Failed | State::Unreported),
            State::Sending => matches!(to, State::Submitted | State::Queued | State::Failed | State::InDoubt),
            State::InDoubt => matches!(to, State::Submitted | State::Queued | State::Delivered | State::Failed),
            State::Submitted => matches!(to, State::Delivered | State::Failed | State::Unreported),
            State::Unreported => matches!(to, State::Delivered | State::Failed),
            State::Failed => to == State::Delivered,
            _ => false,
        };
        hold!(may, "{who}: there is no such way");
        let message = &self.ledger.messages[&line.key];
        let attempts: Vec<&Attempt> =
            message.attempts.iter().map(|id| &self.ledger.attempts[id]).filter(|a| a.segment == number).collect();
        let last = attempts.last();
        let word = |a: &Attempt| (a.outcome.clone().unwrap_or_default(), a.settled.clone().unwrap_or_default());
        let (outcome, settled) = last.map(|last| word(last)).unwrap_or_default();
        let told = |is: fn(u8) -> bool| attempts.iter().flat_map(|attempt| &attempt.reports).any(|status| is(*status));
        let by_hand = attempts.iter().any(|attempt| attempt.settled.as_deref() == Some("operator"));
        let carried = match to {
            State::Sending => last.is_some_and(|last| last.outcome.is_none()),
            State::Submitted | State::Unreported => by_hand || attempts.iter().any(|attempt| attempt.aired.is_some()),
            State::Delivered => told(|status| status < 0x20),
            State::Failed if from == State::Sending => outcome == "refused" && last.is_some_and(|a| a.aired.is_none()),
            State::Failed => told(|status| status >= 0x40),
            State::InDoubt => outcome == "uncertain" && settled.is_empty(),
            State::Queued if from == State::Sending => matches!(outcome.as_str(), "refused" | "not_sent"),
            State::Queued => matches!(settled.as_str(), "never_left" | "policy" | "operator"),
            State::Expired | State::Suppressed | State::Cancelled => from == State::Queued,
        };
        hold!(carried, "{who}: nothing carries it: {attempts:?}");
        Ok(())
    }

    fn recorded(&mut self, line: &Line) {
        if let Some(kind) = line.text(0) {
            self.stations.recorded(kind, line.int(1), line.text(2).unwrap_or_default());
        }
    }

    /// A text came in. Whoever asks to be left alone in one word must be entered with this commit.
    fn heard(&self, line: &Line, asked: &mut BTreeSet<u64>) {
        let text = line.text(3).unwrap_or_default().trim().to_uppercase();
        if let Some(number) = line.text(0).and_then(air::digits) {
            match text.as_str() {
                "MULAI" => drop(asked.remove(&number)),
                text if self.stops.contains(text) => drop(asked.insert(number)),
                _ => {}
            }
        }
    }

    /// No modem that may send stands without a segment while one waits.
    fn nobody_stands_idle(&self) -> Verdict {
        let held = self.stations.held();
        for (address, iccid, sim) in self.stations.idle(&self.ledger, self.now) {
            let eligible = self.ledger.eligible(sim, self.now);
            let name = self.by_card.get(&iccid).unwrap_or(&address);
            let limits = self.limits.get(name).unwrap_or(&self.usual);
            if eligible > held && limits.min_gap.is_zero() && self.has_room(sim, limits) {
                return Err(format!("{address} stands idle, and {eligible} messages wait, {held} of them held ready"));
            }
        }
        Ok(())
    }

    /// Whether a message of any length fits.
    fn has_room(&self, sim: i64, limits: &Limits) -> bool {
        const LONGEST: usize = 8;
        windows(limits, Quota::Common).iter().filter(|(count, _)| *count > 0).all(|(count, span)| {
            self.ledger.sent_since(sim, self.now - span, *count as usize) + LONGEST <= *count as usize
        })
    }

    /// How many hand-overs fell into doubt, by what settled them; nothing: under an empty name.
    pub fn settled(&self) -> BTreeMap<String, u64> {
        let mut settled = BTreeMap::new();
        let doubts = self.ledger.attempts.values().filter(|attempt| attempt.outcome.as_deref() == Some("uncertain"));
        for attempt in doubts {
            *settled.entry(attempt.settled.clone().unwrap_or_default()).or_default() += 1;
        }
        settled
    }

    /// Hand-overs that have no outcome.
    pub fn open_attempts(&self) -> usize {
        self.ledger.open.len()
    }

    /// Texts that reached a modem's SIM and are not in the ledger, but for those that the modem itself dropped.
    pub fn unread(&self) -> Vec<String> {
        self.air.unread(&self.ledger)
    }

    /// Of each modem: its time with something to send, and its time on the air, in milliseconds.
    pub fn usage(&self) -> BTreeMap<String, (i64, i64)> {
        self.stations.usage()
    }
}

/// How many segments of this part of a SIM's quota there are in how many milliseconds.
fn windows(limits: &Limits, quota: Quota) -> [(u32, i64); 3] {
    let (hour, day) = (limits.part(limits.per_hour, quota), limits.part(limits.per_day, quota));
    [(limits.per_minute, 60_000), (hour, 3_600_000), (day, 86_400_000)]
}
