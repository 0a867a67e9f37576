//! The daemon is killed again and again, at the worst moments, on bad modems; then the books are compared.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use fastrand::Rng;
use kentongan::simulator::{Faults, Fleet, FleetSettings, HUAWEI, InboundForm, NetworkSettings, QUECTEL, SIM800};
use rusqlite::{Connection, OpenFlags};
use tokio::time::{Instant, sleep};

use super::account::{self, Reply};
use super::air;
use super::files::{self, Sample, number};
use super::office::{Daemon, Office};

/// How often, unless `KENTONGAN_KILLS` says otherwise.
const KILLS: u64 = 200;
/// Where chance begins, unless `KENTONGAN_SEED` says otherwise.
const SEED: u64 = 20_261_124;

const AIR: Duration = Duration::from_millis(40);
/// What must be over at the end is over within this.
const REST: Duration = Duration::from_secs(300);

const MODEMS: usize = 4;
const PLACES: [&str; 4] = ["modem-1", "modem-2", "modem-3", "modem-4"];

/// Spans of faults that fit a life of half a second.
fn faults() -> Faults {
    Faults {
        refuse: 0.03,
        refuse_codes: vec![38, 41, 42, 47, 332],
        hang: 0.004,
        hang_for: Some(Duration::from_millis(900)),
        lose_answer: 0.008,
        late_answer: 0.01,
        late_by: Duration::from_millis(700),
        no_prompt: 0.006,
        reboot: 0.002,
        unplug: 0.003,
        unplug_for: Duration::from_millis(400),
        lose_registration: 0.004,
        registration_for: Duration::from_millis(500),
        ..Faults::rough()
    }
}

fn settings(seed: u64) -> FleetSettings {
    let network = NetworkSettings {
        air_time: AIR,
        jitter: 0.3,
        report_after: Duration::from_millis(60),
        unknown: 0.02,
        off: 0.02,
        off_at_most: Duration::from_secs(3),
        ..NetworkSettings::default()
    };
    let profiles = vec![&QUECTEL, &HUAWEI, &QUECTEL, &SIM800];
    FleetSettings { modems: MODEMS, profiles, network, faults: faults(), seed, ..FleetSettings::default() }
}

/// An office with these four modems by name, and little patience.
fn office() -> Office {
    let office = Office::with(
        "[retry]\ntemporary_seconds = [1]\nbusy_seconds = 1\n[messages]\ndoubt_wait_minutes = 0\nparts_wait_minutes = 1\n",
    );
    let modem = |name: &str| {
        let port = office.path("modems").join(name);
        format!("[[modem]]\nname = \"{name}\"\nport = {port:?}\nsend_timeout_s = 2\nprompt_timeout_s = 1\n")
    };
    let modems: String = PLACES.map(modem).concat();
    office.configure("[[unit]]\nname = \"diskominfo\"", &format!("{modems}[[unit]]\nname = \"diskominfo\""));
    office
}

/// Everything that a run keeps in mind.
struct Run {
    office: Office,
    fleet: Fleet,
    rng: Rng,
    dropped: Vec<Sample>,
    replies: Vec<Reply>,
    /// The other half of a file that is still being copied into the queue.
    half: Option<(File, Vec<u8>)>,
}

/// When a daemon is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    AtOnce,
    AfterDrop,
    InSend,
    AnyTime,
    /// Long enough that files which an earlier life has left are known to be whole, and that a modem which was left in
    /// a prompt is woken.
    Late,
}

impl Run {
    fn env(name: &str, default: u64) -> u64 {
        std::env::var(name).map_or(default, |value| value.parse().unwrap())
    }

    fn millis(&mut self, most: u64) -> Duration {
        Duration::from_micros(self.rng.u64(0..=most * 1_000))
    }

    /// Drops a file: good, wrong, or one that was dropped before; in one of the ways in which files come.
    fn drop_file(&mut self) {
        self.finish_half();
        let place = self.dropped.len() as u64;
        let sample = match self.rng.u8(0..12) {
            0 => files::wrong(place, &mut self.rng),
            1 if !self.dropped.is_empty() => {
                let mut again = self.rng.choice(&self.dropped).unwrap().clone();
                let (stem, extension) = again.name.rsplit_once('.').unwrap();
                again.name = format!("{stem} salinan {place}.{extension}");
                again
            }
            _ => files::sample(place, &mut self.rng),
        };
        let path = self.office.path("queue").join(sample.unit).join(&sample.name);
        match self.rng.u8(0..6) {
            // Copied in two pieces, and the daemon dies in between, or hears of both.
            0 => {
                let half = sample.content.len() / 2;
                let mut file = create(&path);
                file.write_all(&sample.content[..half]).unwrap();
                self.half = Some((file, sample.content[half..].to_vec()));
            }
            1 | 2 => create(&path).write_all(&sample.content).unwrap(),
            _ => self.office.drop_whole(sample.unit, &sample.name, &sample.content),
        }
        self.dropped.push(sample);
    }

    fn finish_half(&mut self) {
        if let Some((mut file, rest)) = self.half.take() {
            file.write_all(&rest).unwrap();
        }
    }

    /// A citizen writes to one of the modems.
    async fn reply(&mut self) {
        let modem = self.rng.usize(0..MODEMS);
        let count = self.replies.len() as u64;
        // The upper half of the people never asks to leave.
        let (stop, person, text) = match self.rng.u8(0..4) {
            0 | 1 => {
                let words = ["STOP", "Stop.", "BERHENTI", "tolong stop pak", "jangan kirim lagi"];
                (true, self.rng.u64(0..files::PEOPLE / 2), (*self.rng.choice(&words).unwrap()).to_owned())
            }
            2 => (false, self.rng.u64(files::PEOPLE / 2..files::PEOPLE), "banjir belum berhenti".to_owned()),
            _ => {
                let text =
                    format!("{count}: air sudah setinggi lutut di RT 03 RW 05, banjir belum berhenti. ").repeat(4);
                (false, self.rng.u64(files::PEOPLE / 2..files::PEOPLE), text)
            }
        };
        let from = number(person);
        let form = InboundForm { shuffled: self.rng.bool(), doubled: self.rng.bool(), ..InboundForm::default() };
        let ids = self.fleet.inbound(modem, &format!("+{from}"), &text, form).await.unwrap();
        self.replies.push(Reply { from, text, modem: PLACES[modem].to_owned(), ids, stop });
    }

    /// How many messages wait, as far as the ledger can be read.
    fn queued(&self) -> i64 {
        let ask = |ledger: Connection| {
            ledger.query_row("SELECT count(*) FROM messages WHERE state = 'queued'", [], |row| row.get(0))
        };
        Connection::open_with_flags(self.office.path("k.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .and_then(ask)
            .unwrap_or(0)
    }

    /// Lets the daemon live until the moment has come.
    async fn live(&mut self, daemon: &mut Daemon, moment: Moment) {
        match moment {
            Moment::AtOnce => {
                let wait = self.millis(40);
                sleep(wait).await;
            }
            Moment::AfterDrop => {
                let wait = self.millis(200);
                sleep(wait).await;
                self.drop_file();
                let wait = self.millis(5);
                sleep(wait).await;
            }
            Moment::InSend => {
                let more = self.rng.u64(1..12);
                let wanted = self.fleet.truth().counts().borrow().submitted + more;
                if self.queued() < 20 {
                    daemon.ready().await;
                    self.drop_file();
                    self.drop_file();
                }
                let sent = self.fleet.until(|counts| counts.submitted >= wanted);
                // The files may be wrong ones, or copied only by half.
                let _ = tokio::time::timeout(Duration::from_millis(600), sent).await;
                let wait = self.millis(50);
                sleep(wait).await;
            }
            Moment::AnyTime => {
                let wait = self.millis(150);
                sleep(wait).await;
                self.drop_file();
                let wait = self.millis(300);
                sleep(wait).await;
            }
            Moment::Late => {
                self.finish_half();
                sleep(Duration::from_millis(3_400)).await;
                let wait = self.millis(200);
                sleep(wait).await;
            }
        }
    }

    /// Without faults, until nothing is left to be done.
    async fn rest(&mut self) -> Daemon {
        self.finish_half();
        self.fleet.set_faults(&Faults::default()).await.unwrap();
        let mut daemon = self.office.daemon().await;
        let started = Instant::now();
        loop {
            let left = self.left();
            if left.is_empty() {
                return daemon;
            }
            let in_time = daemon.lives() && started.elapsed() < REST;
            assert!(in_time, "after {REST:?}: {left}\n{}\n{}", self.story_of_doubts(), daemon.said());
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// The attempts and events of every message in doubt, for whoever reads a failure.
    fn story_of_doubts(&self) -> String {
        let ledger = self.office.ledger();
        let mut question = ledger
            .prepare(
                "SELECT message_id, at_ms, text FROM (
                     SELECT message_id, opened_at_ms AS at_ms,
                            concat_ws(' ', 'attempt', id, modem, reason, outcome, detail, code, settled, due_at_ms) AS text
                     FROM attempts
                     UNION ALL SELECT message_id, at_ms, concat_ws(' ', kind, detail) FROM events)
                 WHERE message_id IN (SELECT id FROM messages WHERE state = 'in_doubt')
                 ORDER BY message_id, at_ms",
            )
            .unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            Ok(format!("message {} at {}: {}", row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
        };
        let lines: Result<Vec<_>, _> = question.query_map([], row).unwrap().collect();
        lines.unwrap().join("\n")
    }

    /// What is not finished yet.
    fn left(&self) -> String {
        let mut left = Vec::new();
        for unit in ["diskominfo", "damkar"] {
            let files = self.office.names(&format!("queue/{unit}"));
            let stay = ["accepted", "rejected", "inbox.report.csv"];
            left.extend(files.into_iter().filter(|name| !stay.contains(&name.as_str())));
        }
        let ledger = self.office.ledger();
        for (what, question) in [
            ("messages", "SELECT count(*) FROM messages WHERE state IN ('queued', 'sending')"),
            (
                "doubts",
                // One that was handed over as often as the settings allow is left to a person, and says so.
                "SELECT count(*) FROM messages JOIN jobs ON jobs.id = messages.job_id
                 WHERE messages.state = 'in_doubt' AND jobs.in_doubt = 'resend'
                   AND NOT EXISTS (SELECT 1 FROM events WHERE message_id = messages.id AND kind = 'doubt_held')",
            ),
            ("files to be named", "SELECT count(*) FROM jobs WHERE kind = 'file' AND filed_as IS NULL"),
        ] {
            match ledger.query_row(question, [], |row| row.get::<_, i64>(0)) {
                Ok(0) => {}
                Ok(count) => left.push(format!("{count} {what}")),
                Err(error) => left.push(error.to_string()),
            }
        }
        let waiting = account::waiting(&self.fleet.truth().records(), &self.replies);
        if waiting > 0 {
            left.push(format!("{waiting} texts in the modems"));
        }
        left.join(", ")
    }
}

/// Begins a file under its own name, without any ceremony, as a copying program does.
fn create(path: &Path) -> File {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    File::create_new(path).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_two_hundred_moments_it_loses_nothing_and_doubles_nothing() {
    let (kills, seed) = (Run::env("KENTONGAN_KILLS", KILLS), Run::env("KENTONGAN_SEED", SEED));
    eprintln!("SEED={seed}");
    let office = office();
    let fleet = office.fleet(settings(seed));
    let rng = Rng::with_seed(seed);
    let mut run = Run { office, fleet, rng, dropped: Vec::new(), replies: Vec::new(), half: None };
    let started = Instant::now();
    for kill in 0..kills {
        let mut daemon = run.office.start();
        if run.rng.u8(0..6) == 0 {
            run.reply().await;
        }
        let moment = match run.rng.u8(0..20) {
            _ if kill % 16 == 15 => Moment::Late,
            0..3 => Moment::AtOnce,
            3..7 => Moment::AfterDrop,
            7..17 => Moment::InSend,
            _ => Moment::AnyTime,
        };
        run.live(&mut daemon, moment).await;
        daemon.kill();
        if kill % 20 == 19 {
            let seen = *run.fleet.truth().counts().borrow();
            eprintln!("{:?} {} kills, {} queued: {seen:?}", started.elapsed(), kill + 1, run.queued());
        }
    }
    let before = *run.fleet.truth().counts().borrow();
    let daemon = run.rest().await;
    // The last reports go their own way; a stop writes every account that is due.
    sleep(Duration::from_millis(500)).await;
    assert_eq!(daemon.stop().await, 0);

    let truth = run.fleet.truth().records();
    let Run { office, dropped, replies, .. } = &run;
    let states = office.status("/messages");
    eprintln!(
        "{kills} kills, {} files, {} replies, {before:?} before the rest: {states}",
        dropped.len(),
        replies.len()
    );
    account::files_are_kept(office, dropped);
    account::jobs_add_up(office, dropped);
    account::nobody_is_forgotten(office, dropped);
    air::ledger_agrees_with_the_air(&office.ledger(), &truth);
    account::replies_are_heeded(office, &truth, replies, AIR * 2);
    if kills >= KILLS {
        let uncertain = office.count("SELECT count(*) FROM attempts WHERE outcome = 'uncertain'");
        assert!(before.submitted > 200 && uncertain >= 20, "too little happened: {before:?}, {uncertain} in doubt");
    }
}
