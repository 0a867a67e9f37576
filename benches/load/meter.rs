//! What the system says of the daemon's process alone: processor time, memory, calls into the kernel, syncs.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::figures::Row;
use super::house::pass;

/// perf counts these in the kernel, without stopping the process as strace does.
const EVENTS: &str = "raw_syscalls:sys_enter,syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync";
/// Until perf has attached itself to every thread.
const ATTACHING: Duration = Duration::from_millis(400);

/// Counts from [`Meter::start`] to [`Meter::read_into`].
pub struct Meter {
    process: u32,
    processor: Duration,
    calls: u64,
    perf: Option<Perf>,
}

impl Meter {
    /// `report`: where perf may write.
    pub fn start(process: u32, report: PathBuf) -> io::Result<Self> {
        let perf = Perf::attach(process, report);
        Ok(Self { process, processor: processor(process)?, calls: reads_and_writes(process)?, perf })
    }

    /// What was counted, into the row. The peak of memory is that of the process's whole life.
    pub fn read_into(self, row: &mut Row) -> io::Result<()> {
        row.processor = processor(self.process)? - self.processor;
        row.reads_and_writes = reads_and_writes(self.process)? - self.calls;
        row.peak_mb = peak_mb(self.process)?;
        let counts = self.perf.and_then(Perf::counts);
        row.system_calls = counts.map(|counts| counts.calls);
        row.syncs = counts.map(|counts| counts.syncs);
        Ok(())
    }
}

struct Perf {
    child: Child,
    report: PathBuf,
}

#[derive(Clone, Copy)]
struct Counts {
    calls: u64,
    syncs: u64,
}

impl Perf {
    /// `None` where there is no perf, or no right to count: the figures are then left out.
    fn attach(process: u32, report: PathBuf) -> Option<Self> {
        let mut command = Command::new("perf");
        command.args(["stat", "-x", ",", "-e", EVENTS, "-p", &process.to_string(), "-o"]).arg(&report);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut perf = Self { child, report };
        pass(ATTACHING);
        perf.child.try_wait().is_ok_and(|end| end.is_none()).then_some(perf)
    }

    fn counts(mut self) -> Option<Counts> {
        // It writes its report when it is interrupted.
        kill_process(Pid::from_child(&self.child), Signal::INT).ok()?;
        self.child.wait().ok()?;
        let report = fs::read_to_string(&self.report).ok()?;
        let count = |event: &str| {
            let line = report.lines().find(|line| line.contains(event))?;
            match line.split(',').next()? {
                // Nothing of the kind happened.
                "<not counted>" => Some(0),
                count => count.parse().ok(),
            }
        };
        Some(Counts { calls: count("sys_enter,")?, syncs: count("fsync")? + count("fdatasync")? })
    }
}

impl Drop for Perf {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time so far, in user and kernel.
fn processor(process: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    // utime and stime are fields 14 and 15; two stand before the bracket. A tick is 10 ms on Linux.
    Ok(Duration::from_millis((ticks(11) + ticks(12)) * 10))
}

/// The most memory that a process had at any time.
pub fn peak_mb(process: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024)
}

/// Calls of the read and write families so far. Waits, syncs and signals are not among them.
fn reads_and_writes(process: u32) -> io::Result<u64> {
    let io = fs::read_to_string(format!("/proc/{process}/io"))?;
    let of = |name: &str| io.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
    Ok(of("syscr:").unwrap_or(0) + of("syscw:").unwrap_or(0))
}
