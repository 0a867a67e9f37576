//! A house with modems and a daemon in it: a temporary folder, two processes, and what the system says of them.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kentongan::simulator::{Record, read_truth};
use kentongan::store::{Reader, StatusView};
use rustix::process::{Pid, Signal, kill_process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kentongan");
pub const UNIT: &str = "diskominfo";
/// Between two looks at what is waited for.
const LOOK: Duration = Duration::from_millis(20);
/// The longest that any work may take.
const PATIENCE: Duration = Duration::from_secs(900);

pub struct House {
    folder: tempfile::TempDir,
    modems: Process,
    daemon: Process,
    pub count: usize,
}

/// A child that is asked to stop, and killed where it does not.
struct Process(Child);

impl Process {
    fn start(mut command: Command) -> io::Result<Self> {
        Ok(Self(command.stdin(Stdio::null()).spawn()?))
    }

    fn stop(&mut self) {
        let pid = Pid::from_child(&self.0);
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::TERM);
        let began = now();
        while self.0.try_wait().is_ok_and(|end| end.is_none()) {
            if began.elapsed() > Duration::from_secs(30) {
                let _ = self.0.kill();
            }
            look();
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
    /// Modems and daemon at work. `simulate`: further words for `kentongan simulate`.
    pub fn open(count: usize, simulate: &[&str]) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("kentongan-load-").tempdir()?;
        let path = |name: &str| folder.path().join(name);
        fs::write(
            path("kentongan.toml"),
            format!(
                "[paths]\ndatabase = \"kentongan.db\"\nqueue = \"queue\"\nports = \"modems\"\n\n\
                 [limits]\nper_minute = 0\nper_hour = 0\nper_day = 0\n\n\
                 [[unit]]\nname = \"{UNIT}\"\nclasses = [\"emergency\", \"important\", \"routine\"]\n"
            ),
        )?;
        let mut command = Command::new(PROGRAM);
        command.args(["simulate", "--modems", &count.to_string(), "--dir"]).arg(path("modems"));
        command.arg("--truth").arg(path("truth.jsonl")).args(simulate).stdout(Stdio::piped());
        let mut modems = Process::start(command)?;
        let said = modems.0.stdout.take().ok_or_else(|| io::Error::other("no output to read"))?;
        // Its first line says that the ports are there.
        BufReader::new(said).read_line(&mut String::new())?;
        let mut command = Command::new(PROGRAM);
        command.args(["run", "--config"]).arg(path("kentongan.toml")).stderr(fs::File::create(path("log"))?);
        let daemon = Process::start(command)?;
        let house = Self { folder, modems, daemon, count };
        house.wait("modems that are ready", |house| {
            let ready = house.status().ok().and_then(|status| status.modems.get("ready").copied());
            ready == Some(house.count as u64)
        })?;
        Ok(house)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn reader(&self) -> io::Result<Reader> {
        let database = self.path("kentongan.db");
        if !database.exists() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Reader::open(&database).map_err(io::Error::other)
    }

    pub fn status(&self) -> io::Result<StatusView> {
        self.reader()?.status().map_err(io::Error::other)
    }

    /// Drops a file as a program should: written beside the folder, then moved in.
    pub fn drop_file(&self, name: &str, content: &str) -> io::Result<Instant> {
        let beside = self.path(name);
        fs::write(&beside, content)?;
        let dropped = now();
        fs::rename(beside, self.path("queue").join(UNIT).join(name))?;
        Ok(dropped)
    }

    /// Waits until it is so.
    pub fn wait(&self, what: &str, mut there: impl FnMut(&Self) -> bool) -> io::Result<Duration> {
        let began = now();
        while !there(self) {
            if began.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.path("log")).unwrap_or_default();
                return Err(io::Error::other(format!("{what} did not come; the daemon said:\n{log}")));
            }
            look();
        }
        Ok(began.elapsed())
    }

    /// Waits until so many jobs are there and nothing of them waits.
    pub fn wait_sent(&self, jobs: u64) -> io::Result<Duration> {
        self.wait("the end of the queue", |house| {
            let Ok(status) = house.status() else { return false };
            let open = |state: &str| status.messages.get(state).copied().unwrap_or(0);
            let known: u64 =
                status.jobs.iter().filter(|(state, _)| *state != "receiving").map(|(_, count)| count).sum();
            known >= jobs && open("queued") + open("sending") == 0
        })
    }

    /// Processor time of the daemon so far.
    pub fn processor(&self) -> io::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.daemon.0.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        // utime and stime are fields 14 and 15; two stand before the bracket. A tick is 10 ms on Linux.
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 10))
    }

    pub fn peak_mb(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.daemon.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024)
    }

    /// Reads and writes that the daemon asked of the system so far.
    pub fn calls(&self) -> io::Result<u64> {
        let io = fs::read_to_string(format!("/proc/{}/io", self.daemon.0.id()))?;
        let of = |name: &str| io.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        Ok(of("syscr:").unwrap_or(0) + of("syscw:").unwrap_or(0))
    }

    pub fn truth(&self) -> io::Result<Vec<Record>> {
        read_truth(&self.path("truth.jsonl"))
    }

    pub fn close(mut self) {
        self.daemon.stop();
        self.modems.stop();
    }
}

/// A list as staff drop it.
pub fn list(rows: u32, text: &str) -> String {
    let mut list = String::from("nomor,nama,pesan\n");
    for row in 0..rows {
        // Numbers in no order, none twice.
        let number = 10_000_000 + u64::from(row.wrapping_mul(2_654_435_761)) % 80_000_000;
        list.push_str(&format!("0812{number},Warga {row},{text}\n"));
    }
    list
}

/// Whether the file is there with something in it.
pub fn is_there(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

#[expect(clippy::disallowed_methods, reason = "a measurement of real processes has real time")]
pub fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "other processes are waited for, and give no event")]
pub fn look() {
    std::thread::sleep(LOOK);
}

#[expect(clippy::disallowed_methods, reason = "an idle daemon is watched for a while")]
pub fn pass(span: Duration) {
    std::thread::sleep(span);
}
