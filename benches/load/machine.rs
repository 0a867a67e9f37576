//! What the figures were taken on, and the floor under them: what a durable write costs here without any of our code.

use std::fs;
use std::io::{self, Write};
use std::time::Duration;

use super::figures::share_of;
use super::house::now;
use super::works::Size;

/// Durable writes that are timed.
const WRITES: usize = 300;
/// As much as SQLite writes for the smallest change: a page.
const PAGE: [u8; 4096] = [7; 4096];

pub struct Machine {
    writes: Vec<Duration>,
    load_before: String,
}

impl Machine {
    /// Times durable writes in the system's temporary folder, where the works have their ledgers.
    pub fn look() -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        let mut writes = Vec::with_capacity(WRITES);
        for _ in 0..WRITES {
            let began = now();
            file.write_all(&PAGE)?;
            file.sync_data()?;
            writes.push(began.elapsed());
        }
        writes.sort();
        Ok(Self { writes, load_before: load()? })
    }

    /// All of it in a sentence or two, with the load of the machine before and after: what else ran shows there.
    pub fn line(&self, size: Size) -> io::Result<String> {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
        let processors = std::thread::available_parallelism()?;
        let build = if cfg!(debug_assertions) { "debug build" } else { "release build" };
        let millis = |share: f64| share_of(&self.writes, share).as_secs_f64() * 1e3;
        Ok(format!(
            "{build}, {} sizes; {processors} processors, Linux {}; one page appended and synced: p50 {:.2} ms, p99 {:.2} ms; \
             load average {} before, {} after.",
            size.word(),
            kernel.trim(),
            millis(0.5),
            millis(0.99),
            self.load_before,
            load()?,
        ))
    }
}

/// The load average of the last minute.
fn load() -> io::Result<String> {
    let averages = fs::read_to_string("/proc/loadavg")?;
    Ok(averages.split_whitespace().next().unwrap_or_default().to_owned())
}
