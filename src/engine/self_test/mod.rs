//! The self-test of a modem: it writes to its own number, and what comes back is compared. Its messages are jobs like any
//! other, counted and limited, but no unit's, and their copies are no citizen's.

mod texts;

use std::collections::{BTreeMap, BTreeSet};

use super::event::Act;
use super::own_text::OwnText;
use super::{ENGINE, Engine};
use crate::model::{
    AlarmKind, JobId, JobKind, JobState, MessageId, ModemName, Msisdn, SegmentId, SignedDuration, SimId, State,
    StepState, TestStep, Timestamp, earlier, later,
};
use crate::store::{EventRow, StoreError};

/// How long a message may wait for its turn and for the service centre.
const SEND_WAIT: SignedDuration = SignedDuration::from_mins(10);
/// How long after that its report and its copy may take.
const BACK_WAIT: SignedDuration = SignedDuration::from_mins(3);
/// How long a message may live in the network: a copy that comes later helps nobody.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// How far back texts of tests are compared with what comes in without a mark.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Between looks at a modem whose test is due and that has other things to do.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// Pieces of long copies shorter than this could be anybody's.
const PIECE_MIN: usize = 20;

/// What the engine keeps in mind of self-tests.
#[derive(Debug, Default)]
pub(super) struct Tests {
    running: BTreeMap<ModemName, SelfTest>,
    /// When each SIM in a modem was last tested; `MIN`: never.
    last: BTreeMap<SimId, Timestamp>,
    /// Before this time no test is due by itself.
    next_look: Option<Timestamp>,
}

impl Tests {
    /// Another modem is there: its test may be due.
    pub fn look_again(&mut self) {
        self.next_look = None;
    }
}

/// A test that runs.
#[derive(Debug)]
struct SelfTest {
    id: i64,
    sim: SimId,
    number: Msisdn,
    mark: String,
    /// The step whose message is under way; the first message tries three.
    step: TestStep,
    job: JobId,
    message: MessageId,
    text: String,
    began_at: Timestamp,
    /// When the service centre had taken all of it.
    sent_at: Option<Timestamp>,
    /// What of it is not judged yet.
    open: BTreeSet<TestStep>,
}

impl SelfTest {
    /// When it is looked at again although nothing happens.
    fn deadline(&self) -> Timestamp {
        match self.sent_at {
            Some(at) => later(at, BACK_WAIT),
            None => later(self.began_at, SEND_WAIT),
        }
    }

    /// The step that its message's copy decides.
    fn copy_step(&self) -> TestStep {
        if self.step == TestStep::Send { TestStep::Copy } else { self.step }
    }
}

impl Engine {
    /// A person wants a modem tested. Gives the number of the test. Errors: why that cannot be.
    pub(super) fn test_wanted(
        &mut self,
        modem: &ModemName,
        number: Option<Msisdn>,
        act: &Act,
        now: Timestamp,
    ) -> Result<Result<String, String>, StoreError> {
        let Some(station) = self.stations.get(modem) else {
            return Ok(Err(format!("there is no modem {modem} with a SIM")));
        };
        let sim = station.sim;
        if !station.ready {
            return Ok(Err(format!("modem {modem} is not ready; see kentongan modems")));
        }
        if self.sims[&sim].rests_until == Timestamp::MAX {
            return Ok(Err(format!(
                "the SIM in modem {modem} is taken out; see to it, then kentongan modem resume {modem}"
            )));
        }
        if let Some(test) = self.tests.running.get(modem) {
            return Ok(Err(format!("modem {modem} is being tested already (self-test {})", test.id)));
        }
        let Some(number) = number.map_or_else(|| self.number_of(modem, sim), |number| Ok(Some(number)))? else {
            return Ok(Err(format!(
                "the number of the SIM in modem {modem} is not known; give it with --number, or write it as number in its [[modem]]"
            )));
        };
        let test = self.begin_test(modem, sim, number, &act.actor, now)?;
        Ok(Ok(test.to_string()))
    }

    /// Whether this modem is in the middle of a test.
    pub(super) fn is_being_tested(&self, modem: &ModemName) -> bool {
        self.tests.running.contains_key(modem)
    }

    /// The number of the SIM in a modem: as configured, else as the card or an earlier test says.
    fn number_of(&self, modem: &ModemName, sim: SimId) -> Result<Option<Msisdn>, StoreError> {
        match self.rules.numbers.get(modem) {
            Some(number) => Ok(Some(*number)),
            None => self.store.own_number(sim),
        }
    }

    /// The card says its number.
    pub(super) fn told_own_number(&mut self, modem: &ModemName, told: &str) -> Result<(), StoreError> {
        let sim = self.stations.get(modem).map(|station| station.sim);
        match (sim, Msisdn::from_network(told, self.rules.country)) {
            // What a self-test has shown is worth more than what somebody once wrote on the card.
            (Some(sim), Some(number)) if self.store.own_number(sim)?.is_none() => {
                self.store.set_own_number(sim, number)
            }
            _ => Ok(()),
        }
    }

    fn begin_test(
        &mut self,
        modem: &ModemName,
        sim: SimId,
        number: Msisdn,
        actor: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut mark = texts::mark(|below| self.random.usize(..below));
        while self.store.test_text(&texts::marked(&mark, TestStep::Send))?.is_some() {
            mark = texts::mark(|below| self.random.usize(..below));
        }
        let id = self.store.begin_self_test(modem, sim, number, actor, now)?;
        let detail = format!("{modem}: self-test {id}");
        let event = EventRow {
            actor,
            kind: "self_test_began",
            sim: Some(sim),
            number: Some(number),
            detail: &detail,
            ..ENGINE
        };
        self.record(event, now)?;
        let test = self.try_step(id, sim, number, mark, TestStep::Send, now)?;
        self.tests.running.insert(modem.clone(), test);
        Ok(id)
    }

    /// Sends the message of a step.
    fn try_step(
        &mut self,
        id: i64,
        sim: SimId,
        number: Msisdn,
        mark: String,
        step: TestStep,
        now: Timestamp,
    ) -> Result<SelfTest, StoreError> {
        let text = texts::text(&mark, step);
        let own = OwnText { lifetime: LIFETIME, ..OwnText::of_our_own(JobKind::Test, "self-test", number, sim, &text) };
        let (job, message) = self.write_own(&own, now)?.expect("the texts of a test have a few segments");
        self.store.insert_test_text(&texts::marked(&mark, step), id, step, job, &text)?;
        let open = match step {
            TestStep::Send => [TestStep::Send, TestStep::Report, TestStep::Copy].into(),
            step => [step].into(),
        };
        Ok(SelfTest { id, sim, number, mark, step, job, message, text, began_at: now, sent_at: None, open })
    }

    /// Judges what can be judged of the tests that run, and begins those that are due. Gives the time of the next look.
    pub(super) fn go_on_testing(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        for modem in self.tests.running.keys().cloned().collect::<Vec<_>>() {
            let mut test = self.tests.running.remove(&modem).expect("it was just listed");
            self.judge_test(&mut test, now)?;
            if !test.open.is_empty() {
                self.tests.running.insert(modem, test);
            } else if let Some(next) = self.next_test_step(&modem, &test, now)? {
                self.tests.running.insert(modem, next);
            }
        }
        let due = self.begin_due_test(now)?;
        Ok(self.tests.running.values().map(SelfTest::deadline).chain(due).min())
    }

    fn judge_test(&mut self, test: &mut SelfTest, now: Timestamp) -> Result<(), StoreError> {
        let state = self.store.message(test.message)?.map_or(State::Cancelled, |row| row.state);
        if test.sent_at.is_none() {
            let accepted = match state {
                State::Submitted | State::Delivered | State::Unreported => true,
                // By the service centre's report, or before it was taken at all?
                State::Failed => self.last_outcome(test.message)?.starts_with("submitted"),
                _ => false,
            };
            if accepted {
                test.sent_at = Some(now);
                self.step_ends(test, TestStep::Send, StepState::Ok, "", now)?;
            } else if state.is_final() || now >= test.deadline() {
                return self.not_sent(test, state, now);
            }
        }
        if test.open.contains(&TestStep::Report) {
            match state {
                State::Delivered => self.step_ends(test, TestStep::Report, StepState::Ok, "", now)?,
                State::Failed => {
                    let detail = "the report says that it was not delivered";
                    self.step_ends(test, TestStep::Report, StepState::Failed, detail, now)?;
                }
                State::Unreported => {
                    let detail = "this modem hands on no reports; see whether it takes AT+CNMI";
                    self.step_ends(test, TestStep::Report, StepState::Failed, detail, now)?;
                }
                _ => {}
            }
        }
        if test.sent_at.is_some() && now >= test.deadline() {
            let minutes = BACK_WAIT.as_mins();
            let report =
                format!("no report came within {minutes} minutes; ask the operator whether this SIM gets reports");
            self.step_ends(test, TestStep::Report, StepState::Failed, &report, now)?;
            let copy = format!("no copy came within {minutes} minutes; is {} the number of this SIM?", test.number);
            let step = test.copy_step();
            self.step_ends(test, step, StepState::Failed, &copy, now)?;
        }
        Ok(())
    }

    /// Its message was not taken: what hangs on it is not tried.
    fn not_sent(&mut self, test: &mut SelfTest, state: State, now: Timestamp) -> Result<(), StoreError> {
        let why = match self.last_outcome(test.message)? {
            outcome if outcome.is_empty() => {
                format!(
                    "it was not handed over within {} minutes; see the limits and the state of the modem",
                    SEND_WAIT.as_mins()
                )
            }
            outcome => format!("the message is {}: {outcome}", state.name()),
        };
        let first = test.step;
        self.step_ends(test, first, StepState::Failed, &why, now)?;
        for step in test.open.clone() {
            self.step_ends(test, step, StepState::Skipped, "", now)?;
        }
        Ok(())
    }

    /// How the last hand-over of the message ended; empty where there was none.
    fn last_outcome(&self, message: MessageId) -> Result<String, StoreError> {
        let segments = self.store.segments(message)?.len();
        for number in (1..=u8::try_from(segments).unwrap_or(u8::MAX)).rev() {
            if let Some(attempt) = self.store.last_attempt(SegmentId { message, number })? {
                return self.store.ending(attempt.id);
            }
        }
        Ok(String::new())
    }

    /// Enters what came of a step, once.
    fn step_ends(
        &mut self,
        test: &mut SelfTest,
        step: TestStep,
        state: StepState,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !test.open.remove(&step) {
            return Ok(());
        }
        let took = (state != StepState::Skipped).then(|| now.duration_since(test.began_at));
        self.store.end_test_step(test.id, step, state, took, detail)
    }

    /// The message of a test is judged: sends the next one, or ends the test.
    fn next_test_step(
        &mut self,
        modem: &ModemName,
        test: &SelfTest,
        now: Timestamp,
    ) -> Result<Option<SelfTest>, StoreError> {
        // A person need not settle what a test left in doubt, and nothing of it goes out when nobody waits for it.
        self.settle_by_hand(test.message, true, "engine", "it was a self-test's", now)?;
        if test.sent_at.is_none() && self.store.move_job(test.job, JobState::Active, JobState::Cancelled, now)? {
            self.release_where(|held| held.job == test.job);
            self.queue.remove(test.job);
            self.draining.insert(test.job, State::Cancelled);
        }
        let next = match test.step {
            TestStep::Send | TestStep::Report | TestStep::Copy => TestStep::Long,
            TestStep::Long => TestStep::Alphabet,
            TestStep::Alphabet => TestStep::Unicode,
            TestStep::Unicode => return self.end_test(modem, test.id, test.sim, now).map(|()| None),
        };
        if test.step == TestStep::Send && !self.store.test_copy_came(test.id)? {
            // Without copies there is nothing to compare.
            for step in [TestStep::Long, TestStep::Alphabet, TestStep::Unicode] {
                self.store.end_test_step(test.id, step, StepState::Skipped, None, "")?;
            }
            return self.end_test(modem, test.id, test.sim, now).map(|()| None);
        }
        self.try_step(test.id, test.sim, test.number, test.mark.clone(), next, now).map(Some)
    }

    fn end_test(&mut self, modem: &ModemName, test: i64, sim: SimId, now: Timestamp) -> Result<(), StoreError> {
        let (passed, failed) = self.store.end_self_test(test, now)?;
        self.tests.last.insert(sim, now);
        let how = if passed { "passed".to_owned() } else { format!("failed: {}", failed.join(", ")) };
        let detail = format!("{modem}: self-test {test} {how}");
        self.record(EventRow { kind: "self_test_ended", sim: Some(sim), detail: &detail, ..ENGINE }, now)?;
        if passed {
            self.clear(AlarmKind::SelfTestFailed, modem.as_str(), now)
        } else {
            self.raise(AlarmKind::SelfTestFailed, modem.as_str(), &format!("self-test {test} {how}"), now).map(drop)
        }
    }

    /// Takes an inbound text that is a self-test's, and judges it where the test waits for it. `false`: it is none.
    pub(super) fn take_test_copy(
        &mut self,
        sim: SimId,
        sender: &str,
        text: &str,
        complete: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(mark) = texts::mark_of(text) else { return self.is_piece_of_test(text, complete, now) };
        // Whoever quotes it and writes something behind it is a person, who got it because of a wrong number. What was sent may have
        // been blanked by now.
        if self
            .store
            .test_text(mark)?
            .is_none_or(|sent| !sent.is_empty() && text.chars().count() > sent.chars().count())
        {
            return Ok(false);
        }
        let waits = |test: &SelfTest| texts::marked(&test.mark, test.step) == mark;
        let waiting = self.tests.running.iter().find(|(_, test)| waits(test)).map(|(modem, _)| modem.clone());
        let Some(modem) = waiting else { return Ok(true) };
        let mut test = self.tests.running.remove(&modem).expect("it was just found");
        let step = test.copy_step();
        let own = sim == test.sim;
        let from = Msisdn::from_network(sender, self.rules.country);
        let verdict = if own { texts::difference(&test.text, text) } else { Some(self.strayed(sim)?) };
        match verdict {
            None if complete => {
                let detail = match from {
                    Some(from) if from != test.number => format!("it came from {from}"),
                    _ => String::new(),
                };
                self.step_ends(&mut test, step, StepState::Ok, &detail, now)?;
                // It has arrived, so it had left; and this is the number of the card.
                self.settle_by_hand(test.message, true, "engine", "its copy came in", now)?;
                if let Some(from) = from {
                    self.store.set_own_number(sim, from)?;
                }
            }
            None => {}
            Some(why) => self.step_ends(&mut test, step, StepState::Failed, &why, now)?,
        }
        self.tests.running.insert(modem, test);
        Ok(true)
    }

    fn strayed(&self, sim: SimId) -> Result<String, StoreError> {
        let holder = self.stations.iter().find(|(_, station)| station.sim == sim).map(|(modem, _)| modem.to_string());
        let holder = holder.map_or_else(|| self.store.sim_label(sim), Ok)?;
        Ok(format!("the copy came in through {holder}; the number is that SIM's"))
    }

    /// Whether a text of which parts are missing is a piece of a test's.
    fn is_piece_of_test(&self, text: &str, complete: bool, now: Timestamp) -> Result<bool, StoreError> {
        if complete {
            return Ok(false);
        }
        let known = self.store.test_texts_since(earlier(now, KNOWN_FOR))?;
        let mut pieces = text.split(" […] ");
        Ok(pieces.all(|piece| piece.len() >= PIECE_MIN && known.iter().any(|text| text.contains(piece))))
    }

    /// Begins the test that has been due for longest, where a modem has nothing else to do; one at a time over all modems.
    /// Gives the time of the next look.
    fn begin_due_test(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let Some(every) = self.rules.self_test_every else { return Ok(None) };
        if !self.tests.running.is_empty() {
            return Ok(None);
        }
        if let Some(at) = self.tests.next_look.filter(|at| *at > now) {
            return Ok(Some(at));
        }
        let mut next = later(now, SignedDuration::from_hours(1));
        let quiet = self.queue.top(&self.store, now)?.is_none();
        for (at, modem, sim) in self.tests_by_age(every, now)? {
            let free = at <= now && quiet && self.has_nothing_in_hand(&modem, now);
            if free && let Some(number) = self.number_of(&modem, sim)? {
                self.begin_test(&modem, sim, number, "engine", now)?;
                return Ok(None);
            }
            next = next.min(at.max(later(now, LOOK_AGAIN)));
        }
        self.tests.next_look = Some(next);
        Ok(Some(next))
    }

    /// When the test of each SIM in a ready modem is due, the longest overdue first; one never tested is due now.
    fn tests_by_age(
        &mut self,
        every: SignedDuration,
        now: Timestamp,
    ) -> Result<Vec<(Timestamp, ModemName, SimId)>, StoreError> {
        let mut due = Vec::new();
        for (modem, station) in self.stations.iter().filter(|(_, station)| station.ready) {
            let last = match self.tests.last.get(&station.sim) {
                Some(last) => *last,
                None => self.store.last_self_test(station.sim)?.unwrap_or(Timestamp::MIN),
            };
            self.tests.last.insert(station.sim, last);
            due.push((if last == Timestamp::MIN { now } else { later(last, every) }, modem.clone(), station.sim));
        }
        due.sort();
        Ok(due)
    }

    fn has_nothing_in_hand(&self, modem: &ModemName, now: Timestamp) -> bool {
        let station = &self.stations[modem];
        let rests = self.sims[&station.sim].rests_until > now;
        !rests && station.on_air.is_none() && station.reserved.is_none() && station.ussd.is_none()
    }

    /// What the daemon's end left in doubt of its tests asks nobody for a decision.
    pub(super) fn settle_old_tests(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for message in self.store.doubtful_messages_of(JobKind::Test)? {
            self.settle_by_hand(message, true, "engine", "it was a self-test's", now)?;
        }
        Ok(())
    }

    /// Ends what the daemon was testing when it ended: nobody has watched over it since.
    pub(super) fn end_old_tests(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for job in self.store.open_test_jobs()? {
            self.store.move_job(job, JobState::Active, JobState::Cancelled, now)?;
        }
        for (test, modem) in self.store.open_self_tests()? {
            for step in TestStep::ALL {
                self.store.end_test_step(test, step, StepState::Skipped, None, "the daemon was stopped")?;
            }
            self.store.end_self_test(test, now)?;
            let detail = format!("{modem}: self-test {test} was cut off: the daemon was stopped");
            self.record(EventRow { kind: "self_test_ended", detail: &detail, ..ENGINE }, now)?;
        }
        Ok(())
    }
}
