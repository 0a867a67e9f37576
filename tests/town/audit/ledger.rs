//! The auditor's copy of the ledger, kept current by what triggers in the ledger's file write down in the very transaction that
//! changes something. The program under test knows nothing of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use kentongan::model::State;
use rusqlite::{Connection, OpenFlags, Row};

/// What is written down: a letter, the row's key, and what it holds afterwards (before it, for a state).
const TRIGGERS: &str = "
CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT, k, a, b, c, d, e, f, g, h, i);
CREATE TABLE disk (full INTEGER NOT NULL);
INSERT INTO disk VALUES (0);
CREATE TABLE nowhere (id INTEGER PRIMARY KEY);
CREATE TABLE dangling (id INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TRIGGER audit_full AFTER INSERT ON audit WHEN (SELECT full FROM disk) = 1
BEGIN INSERT INTO dangling VALUES (1); END;
CREATE TRIGGER audit_jobs AFTER INSERT ON jobs
BEGIN INSERT INTO audit (what, k, a, b, c, d, e, f, g, h, i) VALUES ('J', new.id, new.kind, new.class, new.text, new.state,
      new.recipients, new.excluded, new.not_before_ms, new.expires_at_ms, json_array(new.unit, new.source, new.pinned_sim_id)); END;
CREATE TRIGGER audit_jobs_changed AFTER UPDATE ON jobs
BEGIN INSERT INTO audit (what, k, a, b, c) VALUES ('j', new.id, new.state, new.recipients, new.excluded); END;
CREATE TRIGGER audit_jobs_gone AFTER DELETE ON jobs BEGIN INSERT INTO audit (what, k) VALUES ('-j', old.id); END;
CREATE TRIGGER audit_recipients AFTER INSERT ON recipients
BEGIN INSERT INTO audit (what, k, a, b, c) VALUES ('R', new.id, new.job_id, new.number, new.excluded); END;
CREATE TRIGGER audit_recipients_gone AFTER DELETE ON recipients
BEGIN INSERT INTO audit (what, k, a, b) VALUES ('-r', old.id, old.job_id, old.excluded); END;
CREATE TRIGGER audit_messages AFTER INSERT ON messages
BEGIN INSERT INTO audit (what, k, a, b, c, d, e) VALUES ('M', new.id, new.job_id, new.number, new.text, new.state, new.wake_at_ms); END;
CREATE TRIGGER audit_messages_changed AFTER UPDATE ON messages
BEGIN INSERT INTO audit (what, k, a, b, c, d, e)
      VALUES ('m', new.id, old.state, new.state, new.wake_at_ms, new.sim_id, new.avoid_sim_id); END;
CREATE TRIGGER audit_messages_gone AFTER DELETE ON messages BEGIN INSERT INTO audit (what, k) VALUES ('-m', old.id); END;
CREATE TRIGGER audit_segments AFTER INSERT ON segments
BEGIN INSERT INTO audit (what, k, a, b) VALUES ('S', new.message_id, new.number, new.state); END;
CREATE TRIGGER audit_segments_changed AFTER UPDATE OF state ON segments
BEGIN INSERT INTO audit (what, k, a, b, c) VALUES ('s', new.message_id, new.number, old.state, new.state); END;
CREATE TRIGGER audit_attempts AFTER INSERT ON attempts
BEGIN INSERT INTO audit (what, k, a, b, c, d, e, f, g)
      VALUES ('A', new.id, new.message_id, new.segment, new.sim_id, new.number, new.reason, new.opened_at_ms, new.modem); END;
CREATE TRIGGER audit_attempts_changed AFTER UPDATE OF outcome, settled, tp_mr ON attempts
BEGIN INSERT INTO audit (what, k, a, b, c) VALUES ('a', new.id, new.outcome, new.settled, new.tp_mr); END;
CREATE TRIGGER audit_tallies AFTER INSERT ON tallies
BEGIN INSERT INTO audit (what, k, a, b) VALUES ('T', new.job_id, new.state, new.messages); END;
CREATE TRIGGER audit_tallies_changed AFTER UPDATE ON tallies
BEGIN INSERT INTO audit (what, k, a, b) VALUES ('T', new.job_id, new.state, new.messages); END;
CREATE TRIGGER audit_parts AFTER INSERT ON parts
BEGIN INSERT INTO audit (what, k, a, b, c, d) VALUES ('P', new.id, new.sender, coalesce(new.concat_number, 1),
      coalesce(new.concat_total, 1), new.text); END;
CREATE TRIGGER audit_reports AFTER INSERT ON reports
BEGIN INSERT INTO audit (what, k, a, b, c) VALUES ('Q', new.id, new.tp_mr, new.recipient, new.status); END;
CREATE TRIGGER audit_opt_outs AFTER INSERT ON opt_outs BEGIN INSERT INTO audit (what, k) VALUES ('O', new.number); END;
CREATE TRIGGER audit_opt_outs_gone AFTER DELETE ON opt_outs BEGIN INSERT INTO audit (what, k) VALUES ('-o', old.number); END;
CREATE TRIGGER audit_sims AFTER INSERT ON sims BEGIN INSERT INTO audit (what, k, a) VALUES ('C', new.id, new.iccid); END;
CREATE TRIGGER audit_pauses AFTER INSERT ON pauses BEGIN INSERT INTO audit (what, k) VALUES ('H', new.scope); END;
CREATE TRIGGER audit_pauses_gone AFTER DELETE ON pauses BEGIN INSERT INTO audit (what, k) VALUES ('-h', old.scope); END;
CREATE TRIGGER audit_events AFTER INSERT ON events WHEN new.kind IN ('sim_rests', 'sim_blocked', 'sim_resumed')
BEGIN INSERT INTO audit (what, k, a, b, c) VALUES ('E', new.id, new.kind, new.sim_id, new.detail); END;
";

/// One job.
#[derive(Clone, Debug)]
pub struct Job {
    pub is_file: bool,
    pub class: String,
    pub unit: String,
    pub source: String,
    pub text: Option<Arc<str>>,
    pub state: String,
    pub recipients: u64,
    pub excluded: u64,
    pub not_before: i64,
    pub expires_at: i64,
    pub pinned_sim: Option<i64>,
    /// When it was in; 0: not yet.
    pub accepted_at: i64,
    /// It waits for a person, by the auditor's own reckoning.
    pub held: bool,
    /// Rows of recipients, and of those that are excluded.
    pub named: u64,
    pub left_out: u64,
    pub messages: BTreeSet<i64>,
    /// Messages by state, counted here; and as the ledger's tallies say.
    pub counted: BTreeMap<State, i64>,
    pub told: BTreeMap<State, i64>,
    /// Messages that were never tried, and those that wait, with their time.
    pub fresh: BTreeSet<i64>,
    pub waiting: BTreeSet<(i64, i64)>,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    pub job: i64,
    pub number: u64,
    pub text: Option<Arc<str>>,
    pub segments: Vec<State>,
    pub state: State,
    pub wake: Option<i64>,
    pub sim: Option<i64>,
    pub avoid: Option<i64>,
    pub attempts: Vec<i64>,
}

/// One attempt, and what the auditor knows of it from the air.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub message: i64,
    pub segment: u8,
    pub sim: i64,
    pub reason: String,
    pub opened_at: i64,
    pub modem: String,
    pub outcome: Option<String>,
    pub settled: Option<String>,
    pub tp_mr: Option<u8>,
    /// Its 0x1A has been written.
    pub handed: bool,
    /// The service centre has it, under this TP-MR.
    pub aired: Option<u8>,
    /// TP-ST of the reports that the network made about it.
    pub reports: Vec<u8>,
}

/// One line of what the triggers wrote.
pub struct Line {
    pub what: String,
    pub key: i64,
    pub word: String,
    cells: [Cell; 9],
}

type Cell = rusqlite::types::Value;

impl Line {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut cells = [const { Cell::Null }; 9];
        for (place, cell) in cells.iter_mut().enumerate() {
            *cell = row.get(place + 3)?;
        }
        let key: Cell = row.get(2)?;
        let (key, word) = match key {
            Cell::Integer(key) => (key, String::new()),
            Cell::Text(word) => (0, word),
            _ => (0, String::new()),
        };
        Ok(Self { what: row.get(1)?, key, word, cells })
    }

    pub fn number(&self, place: usize) -> Option<i64> {
        match &self.cells[place] {
            Cell::Integer(number) => Some(*number),
            _ => None,
        }
    }

    pub fn int(&self, place: usize) -> i64 {
        self.number(place).unwrap_or_else(|| panic!("a number at {place} of {}: {:?}", self.what, self.cells))
    }

    pub fn text(&self, place: usize) -> Option<&str> {
        match &self.cells[place] {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn state(&self, place: usize) -> State {
        self.text(place).and_then(|word| word.parse().ok()).expect("a state")
    }
}

/// The copy.
pub struct Ledger {
    connection: Connection,
    read_up_to: i64,
    pub jobs: BTreeMap<i64, Job>,
    pub messages: BTreeMap<i64, Message>,
    pub attempts: BTreeMap<i64, Attempt>,
    /// Attempts of each SIM in their order, and the one that has no outcome.
    pub by_sim: BTreeMap<i64, Vec<i64>>,
    pub open: BTreeMap<i64, i64>,
    pub sims: BTreeMap<String, i64>,
    pub opt_outs: BTreeSet<u64>,
    pub ever_opted_out: BTreeSet<u64>,
    pub pauses: BTreeSet<String>,
    /// Sender, place and text of the parts; TP-MR, recipient and status of the reports.
    pub parts: BTreeSet<(String, u8, String)>,
    pub reports: BTreeSet<(u8, String, u8)>,
}

/// Puts the triggers into a new ledger.
pub fn install(path: &Path) {
    Connection::open(path).unwrap().execute_batch(TRIGGERS).unwrap();
}

/// From now on no commit that changes something succeeds, or it does again.
pub fn fill_disk(path: &Path, full: bool) {
    Connection::open(path).unwrap().execute("UPDATE disk SET full = ?1", [full]).unwrap();
}

impl Ledger {
    pub fn open(path: &Path) -> Self {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        Self {
            connection,
            read_up_to: 0,
            jobs: BTreeMap::new(),
            messages: BTreeMap::new(),
            attempts: BTreeMap::new(),
            by_sim: BTreeMap::new(),
            open: BTreeMap::new(),
            sims: BTreeMap::new(),
            opt_outs: BTreeSet::new(),
            ever_opted_out: BTreeSet::new(),
            pauses: BTreeSet::new(),
            parts: BTreeSet::new(),
            reports: BTreeSet::new(),
        }
    }

    /// What has been written since the last time.
    pub fn news(&mut self) -> Vec<Line> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM audit WHERE id > ?1 ORDER BY id").unwrap();
        let mut newest = self.read_up_to;
        let lines = statement
            .query_map([self.read_up_to], |row| {
                newest = row.get(0)?;
                Line::read(row)
            })
            .unwrap()
            .map(Result::unwrap)
            .collect();
        self.read_up_to = newest;
        lines
    }

    /// The text that a message's segments are cut from.
    pub fn text_of(&self, message: &Message) -> Arc<str> {
        message.text.clone().or_else(|| self.jobs[&message.job].text.clone()).unwrap_or_default()
    }

    pub fn message_of(&self, attempt: &Attempt) -> &Message {
        &self.messages[&attempt.message]
    }

    /// Whether messages of a job may be handed over now.
    pub fn sends(&self, job: &Job, now: i64) -> bool {
        let held = job.is_file
            && (self.pauses.contains("all")
                || self.pauses.contains(&format!("class:{}", job.class))
                || self.pauses.contains(&format!("unit:{}", job.unit)));
        job.state == "active" && !held && job.not_before <= now && now < job.expires_at
    }

    /// After a long stop: whatever could have gone out before this time waits for a person, unless it is an emergency.
    pub fn hold_older(&mut self, than: i64) {
        let old = |job: &&mut Job| job.accepted_at > 0 && job.accepted_at.max(job.not_before) <= than;
        let waits = |job: &&mut Job| job.is_file && job.class != "emergency" && job.state == "active";
        self.jobs.values_mut().filter(old).filter(waits).for_each(|job| job.held = true);
    }

    /// A person lets one go on, or all of them.
    pub fn let_go(&mut self, which: Option<i64>) {
        let meant = self.jobs.iter_mut().filter(|(id, _)| which.is_none_or(|which| which == **id));
        meant.for_each(|(_, job)| job.held = false);
    }

    /// How many hand-overs of a SIM count in the time after `since`; no more than `enough` are counted.
    pub fn sent_since(&self, sim: i64, since: i64, enough: usize) -> usize {
        let attempts = self.by_sim.get(&sim).map(Vec::as_slice).unwrap_or_default();
        let recent = attempts.iter().rev().map(|id| &self.attempts[id]).take_while(|attempt| attempt.opened_at > since);
        recent.filter(|attempt| attempt.outcome.as_deref() != Some("not_sent")).take(enough).count()
    }

    /// How many messages could begin now through this SIM.
    pub fn eligible(&self, sim: i64, now: i64) -> usize {
        let mut count = 0;
        for job in self.jobs.values().filter(|job| !(job.fresh.is_empty() && job.waiting.is_empty())) {
            if !self.sends(job, now) || job.pinned_sim.is_some_and(|pinned| pinned != sim) {
                continue;
            }
            count += job.fresh.len();
            let due = job.waiting.range(..(now + 1, 0)).filter(|(_, message)| {
                let message = &self.messages[message];
                message.sim.is_none_or(|bound| bound == sim)
                    && (message.avoid != Some(sim) || message.sim == Some(sim) || job.pinned_sim.is_some())
            });
            count += due.count();
        }
        count
    }

    /// Copies a line that is not judged anywhere else.
    pub fn copy(&mut self, line: &Line) {
        match line.what.as_str() {
            "J" => {
                let (unit, source, pinned_sim) = serde_json::from_str(line.text(8).expect("an array")).unwrap();
                let job = Job {
                    is_file: line.text(0) == Some("file"),
                    class: line.text(1).unwrap_or_default().to_owned(),
                    unit,
                    source,
                    text: line.text(2).map(Into::into),
                    state: line.text(3).unwrap_or_default().to_owned(),
                    recipients: line.int(4) as u64,
                    excluded: line.int(5) as u64,
                    not_before: line.int(6),
                    expires_at: line.int(7),
                    pinned_sim,
                    accepted_at: 0,
                    held: false,
                    named: 0,
                    left_out: 0,
                    messages: BTreeSet::new(),
                    counted: BTreeMap::new(),
                    told: BTreeMap::new(),
                    fresh: BTreeSet::new(),
                    waiting: BTreeSet::new(),
                };
                self.jobs.insert(line.key, job);
            }
            "j" => {
                let job = self.jobs.get_mut(&line.key).expect("a job that changes is there");
                job.state = line.text(0).unwrap_or_default().to_owned();
                (job.recipients, job.excluded) = (line.int(1) as u64, line.int(2) as u64);
            }
            "-j" => drop(self.jobs.remove(&line.key)),
            "R" => {
                let job = self.jobs.get_mut(&line.int(0)).expect("a recipient's job is there");
                job.named += 1;
                job.left_out += u64::from(line.text(2).is_some());
            }
            "-r" => {
                if let Some(job) = self.jobs.get_mut(&line.int(0)) {
                    job.named -= 1;
                    job.left_out -= u64::from(line.text(1).is_some());
                }
            }
            "M" => {
                let message = Message {
                    job: line.int(0),
                    number: line.int(1) as u64,
                    text: line.text(2).map(Into::into),
                    segments: Vec::new(),
                    state: line.state(3),
                    wake: None,
                    sim: None,
                    avoid: None,
                    attempts: Vec::new(),
                };
                let job = self.jobs.get_mut(&message.job).expect("a message's job is there");
                job.messages.insert(line.key);
                *job.counted.entry(message.state).or_default() += 1;
                self.messages.insert(line.key, message);
                self.wake(line.key, line.number(4));
            }
            "-m" => {
                self.wake(line.key, None);
                if let Some(message) = self.messages.remove(&line.key)
                    && let Some(job) = self.jobs.get_mut(&message.job)
                {
                    job.messages.remove(&line.key);
                    *job.counted.entry(message.state).or_default() -= 1;
                }
            }
            "S" => self.messages.get_mut(&line.key).expect("a segment's message").segments.push(line.state(1)),
            "m" => {
                let message = self.messages.get_mut(&line.key).expect("a message that changes is there");
                let (from, to) = (line.state(0), line.state(1));
                message.state = to;
                (message.sim, message.avoid) = (line.number(3), line.number(4));
                let job = self.jobs.get_mut(&message.job).expect("its job");
                *job.counted.entry(from).or_default() -= 1;
                *job.counted.entry(to).or_default() += 1;
                self.wake(line.key, line.number(2));
            }
            "T" => {
                let job = self.jobs.get_mut(&line.key).expect("a tally's job");
                job.told.insert(line.state(0), line.int(1));
            }
            "P" => {
                let text = line.text(3).unwrap_or_default().to_owned();
                self.parts.insert((line.text(0).unwrap_or_default().to_owned(), line.int(1) as u8, text));
            }
            "Q" => {
                let to = line.text(1).unwrap_or_default().to_owned();
                self.reports.insert((line.int(0) as u8, to, line.int(2) as u8));
            }
            "O" => {
                self.opt_outs.insert(line.key as u64);
                self.ever_opted_out.insert(line.key as u64);
            }
            "-o" => drop(self.opt_outs.remove(&(line.key as u64))),
            "C" => drop(line.text(0).map(|iccid| self.sims.insert(iccid.to_owned(), line.key))),
            "H" => drop(self.pauses.insert(line.word.clone())),
            "-h" => drop(self.pauses.remove(&line.word)),
            other => panic!("nobody knows {other:?}"),
        }
    }

    /// Keeps the queue's order beside the messages.
    fn wake(&mut self, id: i64, wake: Option<i64>) {
        let Some(message) = self.messages.get_mut(&id) else { return };
        let Some(job) = self.jobs.get_mut(&message.job) else { return };
        match message.wake {
            Some(0) => drop(job.fresh.remove(&id)),
            Some(before) => drop(job.waiting.remove(&(before, id))),
            None => {}
        }
        message.wake = wake;
        match wake {
            Some(0) => drop(job.fresh.insert(id)),
            Some(at) => drop(job.waiting.insert((at, id))),
            None => {}
        }
    }
}
