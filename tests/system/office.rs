//! An office of its own for each test: configuration, queue, ledger, modems and the daemon, in a temporary folder.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use kentongan::simulator::{Fleet, FleetSettings, NetworkSettings, Ports};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tokio::time::Instant;

pub const KENTONGAN: &str = env!("CARGO_BIN_EXE_kentongan");

/// How long anything may take that happens at once on a quiet machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One folder with everything in it.
pub struct Office {
    pub folder: tempfile::TempDir,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

const UNITS: &str = "[[unit]]\nname = \"diskominfo\"\nclasses = [\"important\", \"routine\"]\n\
                     [[unit]]\nname = \"damkar\"\nclasses = [\"emergency\", \"important\", \"routine\"]\n";

impl Office {
    /// Two units, no limits on the rate, every modem in the folder `modems`.
    pub fn new() -> Self {
        Self::with("")
    }

    /// The same with more sections in its configuration.
    pub fn with(sections: &str) -> Self {
        Self::at(tempfile::tempdir().unwrap(), sections)
    }

    /// The same where a sync costs nothing, if there is such a place.
    pub fn in_memory(sections: &str) -> Self {
        Self::at(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap(), sections)
    }

    fn at(folder: tempfile::TempDir, sections: &str) -> Self {
        let office = Self { folder };
        let paths = "[paths]\ndatabase = \"k.db\"\nqueue = \"queue\"\nports = \"modems\"\n";
        let limits = "[limits]\nper_minute = 0\nper_hour = 0\nper_day = 0\n";
        fs::write(office.path("k.toml"), format!("{paths}{limits}{sections}\n{UNITS}")).unwrap();
        office
    }

    /// Replaces something in the configuration.
    pub fn configure(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("k.toml")).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(self.path("k.toml"), text.replace(from, to)).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of the program, or of `program`.
    pub fn command(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("LANG", "en_US.UTF-8").env_remove("LC_ALL").env("RUST_BACKTRACE", "0").env("K", KENTONGAN);
        command.env("KENTONGAN_CONFIG", self.path("k.toml")).env_remove("JOURNAL_STREAM").env_remove("NOTIFY_SOCKET");
        command
    }

    pub fn run(&self, words: &[&str]) -> Said {
        self.command(KENTONGAN, words).output().unwrap().into()
    }

    /// The JSON that a command prints.
    pub fn json(&self, words: &[&str]) -> Value {
        let said = self.run(words);
        assert_eq!(said.code, 0, "{words:?}: {said:?}");
        serde_json::from_str(&said.out).unwrap()
    }

    /// `status --json`, `/`-separated path into it.
    pub fn status(&self, pointer: &str) -> Value {
        self.json(&["status", "--json"])
            .pointer(pointer)
            .unwrap_or_else(|| panic!("no {pointer} in the status"))
            .clone()
    }

    pub fn messages(&self, state: &str) -> u64 {
        self.status(&format!("/messages/{state}")).as_u64().unwrap()
    }

    /// The job that came from a file of this name.
    pub fn job(&self, source: &str) -> Option<Value> {
        let jobs = self.json(&["jobs", "--json"]);
        jobs.as_array().unwrap().iter().find(|job| job["source"] == source).cloned()
    }

    /// Starts the daemon; it need not be ready when this returns.
    pub fn start(&self) -> Daemon {
        Daemon::start(self, self.command(KENTONGAN, &["run"]))
    }

    /// The daemon, ready.
    pub async fn daemon(&self) -> Daemon {
        let mut daemon = self.start();
        daemon.ready().await;
        daemon
    }

    /// Simulated modems of this office: 20 ms in the air, a report 20 ms later, and the clock of this machine.
    pub fn fleet(&self, settings: FleetSettings) -> Fleet {
        let network = NetworkSettings { started_at: kentongan::daemon::Clock::System.now(), ..settings.network };
        let ports = Ports::Folder(self.path("modems"));
        Fleet::spawn(FleetSettings { network, ports, ..settings }).unwrap()
    }

    /// Puts a whole file into a unit's folder, as a careful program does.
    pub fn drop_whole(&self, unit: &str, name: &str, content: &[u8]) {
        let folder = self.path("queue").join(unit);
        fs::create_dir_all(&folder).unwrap();
        let unfinished = folder.join(format!(".{name}"));
        fs::write(&unfinished, content).unwrap();
        fs::rename(unfinished, folder.join(name)).unwrap();
    }

    /// The names of what lies in a folder; none where there is no such folder.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_default()
    }

    /// Waits for a file in `rejected/` and gives its reason.
    pub async fn rejection(&self, unit: &str, name: &str) -> String {
        let rejected = format!("queue/{unit}/rejected");
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        until(&format!("the rejection of {name}"), || self.names(&rejected).iter().any(|there| there == name)).await;
        self.read(&format!("{rejected}/{stem}.reason.txt"))
    }

    /// The ledger, to be looked at only.
    pub fn ledger(&self) -> Connection {
        Connection::open_with_flags(self.path("k.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }

    /// One number out of the ledger.
    pub fn count(&self, question: &str) -> i64 {
        self.ledger().query_row(question, [], |row| row.get(0)).unwrap()
    }
}

/// Quick air and quick reports.
pub fn quick() -> NetworkSettings {
    let quick = Duration::from_millis(20);
    NetworkSettings { air_time: quick, report_after: quick, ..NetworkSettings::default() }
}

pub fn modems(count: usize) -> FleetSettings {
    FleetSettings { modems: count, network: quick(), ..FleetSettings::default() }
}

/// A running daemon, which says what it has to say into `daemon.log`.
pub struct Daemon {
    child: Child,
    log: PathBuf,
    /// Where its own words begin in the log.
    from: usize,
}

impl Daemon {
    pub fn start(office: &Office, mut command: Command) -> Self {
        let path = office.path("daemon.log");
        let log = File::options().create(true).append(true).open(&path).unwrap();
        let from = log.metadata().unwrap().len() as usize;
        let child = command.stderr(log).stdout(Stdio::null()).spawn().unwrap();
        Self { child, log: path, from }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said so far.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap()[self.from..]).into_owned()
    }

    /// Waits until it is ready.
    pub async fn ready(&mut self) {
        let started = Instant::now();
        while !self.said().contains("kentongan is ready") {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < PATIENCE, "not ready: {ended:?} {}", self.said());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The exit code, once it has ended by itself or by a signal that it heeds.
    pub async fn ended(&mut self) -> i32 {
        let started = Instant::now();
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status.code().unwrap_or(-1),
                None => assert!(started.elapsed() < PATIENCE, "it does not end: {}", self.said()),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// SIGTERM.
    pub fn ask_to_stop(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// SIGTERM, and the exit code.
    pub async fn stop(mut self) -> i32 {
        self.ask_to_stop();
        self.ended().await
    }

    /// SIGKILL.
    pub fn kill(self) {
        drop(self);
    }

    /// The most memory it ever had, in MB.
    pub fn peak_mb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again and again until the answer is yes.
pub async fn until(what: &str, mut there: impl FnMut() -> bool) {
    let started = Instant::now();
    while !there() {
        assert!(started.elapsed() < PATIENCE, "{what} did not happen within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
