//! What people would use instead, on the same simulated modems, in one run: Debian's gammu-smsd, smstools and kannel beside kentongan.
//!
//! `cargo bench --bench compare` (after `apt-get install gammu-smsd smstools kannel`; what is not installed is left out) prints one
//! table; words choose works and daemons. `benches/README.md` has the method.

mod daemons;
#[path = "../load/figures.rs"]
#[expect(dead_code, reason = "the bench of the load uses more of it")]
mod figures;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use kentongan::simulator::{Fact, Record, read_truth};
use rustix::process::{Pid, Signal, kill_process};

use daemons::{ALL, Bench, Daemon};
use figures::{Row, share_of};

/// Until all modems are set up: none of them says so in the same way.
const SETTLING: Duration = Duration::from_secs(8);
const LOOK: Duration = Duration::from_millis(100);

struct Work {
    name: &'static str,
    modems: usize,
    send_ms: u64,
    messages: u32,
    /// Who has not done by then is judged by what went out.
    limit: Duration,
}

const WORKS: [Work; 3] = [
    Work { name: "fast-1", modems: 1, send_ms: 0, messages: 500, limit: Duration::from_secs(60) },
    Work { name: "eight", modems: 8, send_ms: 3_000, messages: 200, limit: Duration::from_secs(180) },
    Work { name: "fast-8", modems: 8, send_ms: 0, messages: 5_000, limit: Duration::from_secs(60) },
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let known =
        |word: &String| WORKS.iter().any(|work| work.name == word) || ALL.iter().any(|daemon| daemon.name == word);
    if let Some(word) = wanted.iter().find(|word| !known(word)) {
        eprintln!("there is no work and no daemon `{word}`");
        return ExitCode::from(2);
    }
    let chosen = |names: &[&str], name: &str| {
        let named = wanted.iter().any(|word| names.contains(&word.as_str()));
        !named || wanted.iter().any(|word| word == name)
    };
    let (works, names) = (WORKS.map(|work| work.name), ALL.map(|daemon| daemon.name));
    println!(
        "| work | daemon | sent of | segments/s | idle gap p50 / p99, ms | time ÷ ideal | CPU s per 1,000 | peak MB | sent twice |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for work in WORKS.iter().filter(|work| chosen(&works, work.name)) {
        for daemon in ALL.iter().filter(|daemon| chosen(&names, daemon.name)) {
            match measure(work, daemon) {
                Ok(line) => println!("{line}"),
                Err(error) => println!("| {} | {} | {error} |", work.name, daemon.name),
            }
        }
    }
    ExitCode::SUCCESS
}

/// Children of ours that end with this.
struct Children(Vec<Child>);

impl Drop for Children {
    fn drop(&mut self) {
        for child in &self.0 {
            // It may have ended by itself.
            let _ = kill_process(Pid::from_child(child), Signal::TERM);
        }
        for child in &mut self.0 {
            until(Duration::from_secs(10), || child.try_wait().is_ok_and(|end| end.is_some()));
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn measure(work: &Work, daemon: &Daemon) -> io::Result<String> {
    if !installed(daemon.program) {
        return Err(io::Error::other("not installed"));
    }
    let folder = tempfile::Builder::new().prefix("kentongan-compare-").tempdir()?;
    let truth = folder.path().join("truth.jsonl");
    let ports = folder.path().join("modems");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kentongan"));
    command.args(["simulate", "--modems", &work.modems.to_string(), "--send-ms", &work.send_ms.to_string()]);
    command.arg("--dir").arg(&ports).arg("--truth").arg(&truth);
    let mut modems = Children(vec![command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?]);
    let said = modems.0[0].stdout.take().ok_or_else(|| io::Error::other("no output to read"))?;
    // Its first line says that the ports are there.
    BufReader::new(said).read_line(&mut String::new())?;
    let home = folder.path().join("daemon");
    fs::create_dir(&home)?;
    let bench = Bench { folder: home, ports: (1..=work.modems).map(|n| ports.join(format!("modem-{n}"))).collect() };
    let children = Children((daemon.start)(&bench)?);
    pass(SETTLING);
    let roots: Vec<u32> = children.0.iter().map(Child::id).collect();
    let before = costs(&roots);
    (daemon.submit)(&bench, work.messages)?;
    let answered =
        |records: &[Record]| records.iter().filter(|record| matches!(record.fact, Fact::Answered { .. })).count();
    until(work.limit, || read_truth(&truth).is_ok_and(|records| answered(&records) >= work.messages as usize));
    let after = costs(&roots);
    let records = read_truth(&truth)?;
    drop(children);
    Ok(line(work, daemon, &records, after.0.saturating_sub(before.0), after.1))
}

fn submitted(records: &[Record]) -> impl Iterator<Item = &String> {
    records.iter().filter_map(|record| match &record.fact {
        Fact::Submitted { to, .. } => Some(to),
        _ => None,
    })
}

fn line(work: &Work, daemon: &Daemon, records: &[Record], processor: Duration, peak_mb: u64) -> String {
    let row = Row::of(work.name, records);
    let different: BTreeSet<_> = submitted(records).collect();
    let seconds = row.span.as_secs_f64().max(0.001);
    let gap = |share| share_of(&row.gaps, share).as_secs_f64() * 1e3;
    // Of what went out: who had to be stopped is compared with the time that as much would have taken.
    let ideal = row.sent.div_ceil(work.modems as u64) as f64 * work.send_ms as f64 / 1e3;
    format!(
        "| {} | {} | {} of {} | {:.1} | {:.2} / {:.2} | {} | {:.2} | {peak_mb} | {} |",
        work.name,
        daemon.name,
        different.len(),
        work.messages,
        row.sent as f64 / seconds,
        gap(0.5),
        gap(0.99),
        if ideal > 0.0 { format!("{:.3}", seconds / ideal) } else { "-".to_owned() },
        processor.as_secs_f64() * 1000.0 / (row.sent.max(1) as f64),
        row.sent as usize - different.len(),
    )
}

fn installed(program: &str) -> bool {
    let on = |folder: &Path| folder.join(program).is_file();
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| on(&folder)))
        || Path::new(program).is_file()
}

/// Processor time and peak of memory in MB of these processes and of all that descend from them.
fn costs(roots: &[u32]) -> (Duration, u64) {
    let mut processes = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // One that ended meanwhile has no file any more.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((_, fields)) = stat.rsplit_once(')') else { continue };
        let fields: Vec<u64> = fields.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0)).collect();
        // proc(5): behind the name stand state, parent, …; user and system time are fields 14 and 15, those of children that ended 16, 17.
        let ticks: u64 = fields.get(10..14).map_or(0, |times| times.iter().sum());
        processes.push((id, fields.first().copied().unwrap_or(0) as u32, ticks));
    }
    let mut family: BTreeSet<u32> = roots.iter().copied().collect();
    while processes.iter().any(|(id, parent, _)| family.contains(parent) && family.insert(*id)) {}
    let ticks: u64 = processes.iter().filter(|(id, _, _)| family.contains(id)).map(|(_, _, ticks)| ticks).sum();
    let peak = |id: &u32| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0)
    };
    // A tick is 10 ms on Linux.
    (Duration::from_millis(ticks * 10), family.iter().map(peak).sum::<u64>() / 1024)
}

/// Waits until it is so, at most so long.
fn until(limit: Duration, mut so: impl FnMut() -> bool) {
    let began = now();
    while !so() && began.elapsed() < limit {
        pass(LOOK);
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement of real processes has real time")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "other processes are waited for, and give no event")]
fn pass(span: Duration) {
    std::thread::sleep(span);
}
