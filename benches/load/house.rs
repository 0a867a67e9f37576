//! A house with modems and a daemon in it: a temporary folder and two processes.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kentongan::simulator::{Record, read_truth};
use kentongan::store::{Reader, StatusView};
use rustix::process::{Pid, Signal, kill_process};

use super::meter::Meter;

const PROGRAM: &str = env!("CARGO_BIN_EXE_kentongan");
const UNIT: &str = "diskominfo";
/// Between two looks at what is waited for. No figure hangs on it: times are those of the modems.
const LOOK: Duration = Duration::from_millis(200);
/// The longest that any work may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// The daemon's own settings, but for: no limits of SIMs, every class for the unit, no answers by itself to those who write STOP (they
/// would be further messages).
const SETTINGS: &str = r#"[paths]
database = "kentongan.db"
queue = "queue"
ports = "modems"

[limits]
per_minute = 0
per_hour = 0
per_day = 0

[answers]
stopped = ""
started = ""
help = ""

[[unit]]
name = "diskominfo"
classes = ["emergency", "important", "routine"]
"#;

pub struct House {
    folder: tempfile::TempDir,
    modems: Process,
    daemon: Process,
}

/// A report file as it lies there.
pub struct Report {
    /// Its lines, with headings and sum.
    pub rows: u64,
    pub bytes: u64,
    /// When it was written.
    pub at_ms: i64,
}

/// What a command cost.
pub struct Asked {
    pub span: Duration,
    pub peak_mb: u64,
}

/// A child that is asked to stop, and killed where it does not.
struct Process(Child);

impl Process {
    fn start(mut command: Command) -> io::Result<Self> {
        Ok(Self(command.stdin(Stdio::null()).spawn()?))
    }

    fn stop(&mut self) {
        // It may have ended by itself.
        let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
        let began = now();
        while self.0.try_wait().is_ok_and(|end| end.is_none()) {
            if began.elapsed() > Duration::from_secs(30) {
                let _ = self.0.kill();
            }
            pass(LOOK);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl House {
    /// So many modems and the daemon at work, when every modem is ready. `simulate`: further words for `kentongan simulate`.
    pub fn open(count: usize, simulate: &[&str]) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("kentongan-load-").tempdir()?;
        let path = |name: &str| folder.path().join(name);
        fs::write(path("kentongan.toml"), SETTINGS)?;
        let mut command = Command::new(PROGRAM);
        command.args(["simulate", "--modems", &count.to_string(), "--dir"]).arg(path("modems"));
        command.arg("--truth").arg(path("truth.jsonl")).args(simulate);
        command.stdout(Stdio::piped()).stderr(fs::File::create(path("modems.log"))?);
        let mut modems = Process::start(command)?;
        let said = modems.0.stdout.take().ok_or_else(|| io::Error::other("no output to read"))?;
        // Its first line says that the ports are there.
        BufReader::new(said).read_line(&mut String::new())?;
        let mut command = Command::new(PROGRAM);
        command.args(["run", "--config"]).arg(path("kentongan.toml")).stderr(fs::File::create(path("log"))?);
        let daemon = Process::start(command)?;
        let house = Self { folder, modems, daemon };
        house.wait("modems that are ready", |house| {
            let ready = house.status().ok().and_then(|status| status.modems.get("ready").copied());
            ready == Some(count as u64)
        })?;
        Ok(house)
    }

    /// Begins to count what the daemon costs.
    pub fn meter(&self) -> io::Result<Meter> {
        Meter::start(self.daemon.0.id(), self.path("perf"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn status(&self) -> io::Result<StatusView> {
        let database = self.path("kentongan.db");
        if !database.exists() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Reader::open(&database).and_then(|reader| reader.status()).map_err(io::Error::other)
    }

    /// Drops a file as a program should: written beside the folder, then moved in. Gives when, in Unix milliseconds.
    pub fn drop_file(&self, name: &str, content: &str) -> io::Result<i64> {
        let beside = self.path(name);
        fs::write(&beside, content)?;
        let dropped = unix_ms();
        fs::rename(beside, self.path("queue").join(UNIT).join(name))?;
        Ok(dropped)
    }

    /// Waits until it is so.
    pub fn wait(&self, what: &str, mut there: impl FnMut(&Self) -> bool) -> io::Result<()> {
        let began = now();
        while !there(self) {
            if began.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.path("log")).unwrap_or_default();
                return Err(io::Error::other(format!("{what} did not come; the daemon said:\n{log}")));
            }
            pass(LOOK);
        }
        Ok(())
    }

    /// Waits until a dropped file is a job: durable, and moved. Gives when it was seen, looking often.
    pub fn wait_accepted(&self, name: &str) -> io::Result<i64> {
        let accepted = self.path("queue").join(UNIT).join("accepted").join(name);
        let began = now();
        while !accepted.exists() {
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("{name} was not accepted")));
            }
            pass(LOOK / 20);
        }
        Ok(unix_ms())
    }

    /// Waits until so many jobs are there and nothing of them waits.
    pub fn wait_sent(&self, jobs: u64) -> io::Result<()> {
        self.wait("the end of the queue", |house| {
            let Ok(status) = house.status() else { return false };
            let open = |state: &str| status.messages.get(state).copied().unwrap_or(0);
            let known: u64 =
                status.jobs.iter().filter(|(state, _)| *state != "receiving").map(|(_, count)| count).sum();
            known >= jobs && open("queued") + open("sending") == 0
        })
    }

    /// The report beside an accepted list.
    pub fn report(&self, name: &str) -> io::Result<Report> {
        let path = self.path("queue").join(UNIT).join("accepted").join(format!("{name}.report.csv"));
        let mut lines = BufReader::new(fs::File::open(&path)?);
        let (mut rows, mut line) = (0, Vec::new());
        while lines.read_until(b'\n', &mut line)? > 0 {
            rows += 1;
            line.clear();
        }
        let about = fs::metadata(&path)?;
        Ok(Report { rows, bytes: about.len(), at_ms: about.mtime() * 1000 + about.mtime_nsec() / 1_000_000 })
    }

    /// Asks by the command line, and throws the answer away.
    pub fn ask(&self, words: &[&str]) -> io::Result<Asked> {
        let began = now();
        let mut command = Command::new(PROGRAM);
        command.args(words).arg("--config").arg(self.path("kentongan.toml")).stdout(Stdio::null());
        let mut asked = Process::start(command)?;
        let mut peak_mb = 0;
        while asked.0.try_wait()?.is_none() {
            // It is gone between the two looks at its end.
            peak_mb = peak_mb.max(super::meter::peak_mb(asked.0.id()).unwrap_or(0));
            pass(LOOK / 20);
        }
        Ok(Asked { span: began.elapsed(), peak_mb })
    }

    /// What the modems have written down so far.
    pub fn truth(&self) -> io::Result<Vec<Record>> {
        read_truth(&self.path("truth.jsonl"))
    }

    pub fn close(mut self) {
        self.daemon.stop();
        self.modems.stop();
    }
}

/// A list as staff drop it: numbers in no order, none twice.
pub fn list(rows: u32, text: &str) -> String {
    let mut list = String::from("nomor,nama,pesan\n");
    for row in 0..rows {
        // The factor shares no divisor with the range.
        let number = 10_000_000 + u64::from(row) * 48_271_003 % 80_000_000;
        list.push_str(&format!("0812{number},Warga {row},{text}\n"));
    }
    list
}

#[expect(clippy::disallowed_methods, reason = "a measurement of real processes has real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// By the same clock as the modems' records.
#[expect(clippy::disallowed_methods, reason = "a measurement of real processes has real time")]
fn unix_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "other processes are waited for, and give no event")]
pub fn pass(span: Duration) {
    std::thread::sleep(span);
}
