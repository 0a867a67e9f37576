//! The works: what is asked of the daemon, and which figures count.

use std::io;
use std::time::Duration;

use kentongan::simulator::Fact;

use super::figures::Row;
use super::house::{House, is_there, list, now, pass};

const TEXT: &str = "Rapat RW Sabtu pukul 19.00 di balai kelurahan";

pub struct Work {
    pub name: &'static str,
    pub what: &'static str,
    run: fn(&'static str) -> io::Result<Row>,
}

impl Work {
    pub fn run(&self) -> io::Result<Row> {
        (self.run)(self.name)
    }
}

/// Every work, the quick ones first.
pub fn all() -> Vec<Work> {
    vec![
        Work { name: "fast-1", what: "1 modem without air time, 2,000 messages", run: |name| blast(name, 1, 0, 2_000) },
        Work { name: "eight", what: "8 modems at 3 s, 200 messages", run: |name| blast(name, 8, 3_000, 200) },
        Work {
            name: "fast-16",
            what: "16 modems without air time, 10,000 messages",
            run: |name| blast(name, 16, 0, 10_000),
        },
        Work { name: "many", what: "256 modems at 3 s, 5,120 messages", run: |name| blast(name, 256, 3_000, 5_120) },
        Work { name: "urgent", what: "an emergency into 2,000 queued, 2 modems at 1 s", run: urgent },
        Work { name: "flood", what: "100,000 texts come in while 8 modems send", run: flood },
        Work { name: "million", what: "a list of 1,000,000 rows, and sending from it", run: million },
        Work { name: "idle", what: "16 modems, nothing to do for 60 s", run: idle },
    ]
}

/// One list over all modems, to its end.
fn blast(name: &'static str, modems: usize, air_ms: u64, messages: u32) -> io::Result<Row> {
    let house = House::open(modems, &["--send-ms", &air_ms.to_string(), "--report-ms", "500"])?;
    let (processor, calls) = (house.processor()?, house.calls()?);
    house.drop_file("kerja.csv", &list(messages, TEXT))?;
    house.wait_sent(1)?;
    let mut row = Row::of(name, &house.truth()?);
    row.processor = house.processor()? - processor;
    row.calls = house.calls()? - calls;
    row.peak_mb = house.peak_mb()?;
    let rounds = u64::from(messages).div_ceil(modems as u64);
    if air_ms > 0 {
        // The service centre has a segment after four fifths of its air time; the last answer comes a fifth later.
        let ideal = Duration::from_millis(rounds * air_ms - air_ms / 5);
        row.to_ideal = Some(row.span.as_secs_f64() / ideal.as_secs_f64());
    }
    house.close();
    Ok(row)
}

/// How long an urgent text takes from the queue directory to AT+CMGS, with a modem free and with all of them busy.
fn urgent(name: &'static str) -> io::Result<Row> {
    let house = House::open(2, &["--send-ms", "1000"])?;
    let job = |n: u32| format!("Kepada: 0813900000{n:02}\nKelas: darurat\n\nAir naik di RW {n}. Segera ke balai.\n");
    let mut free = Vec::new();
    for turn in 0..5 {
        let dropped = house.drop_file(&format!("darurat-{turn}.txt"), &job(turn))?;
        let begun = house.truth()?.iter().filter(|record| matches!(record.fact, Fact::Begun { .. })).count();
        while house.truth()?.iter().filter(|record| matches!(record.fact, Fact::Begun { .. })).count() == begun {
            std::hint::spin_loop();
        }
        free.push(dropped.elapsed());
        house.wait_sent(u64::from(turn) + 1)?;
    }
    house.drop_file("umum.csv", &list(2_000, TEXT))?;
    house.wait("the backlog", |house| house.status().is_ok_and(|status| status.messages["queued"] > 1_900))?;
    let mut behind = Vec::new();
    for turn in 5..15 {
        let text = format!("Segera ke balai {turn}");
        let file = format!("Kepada: 0813900000{turn:02}\nKelas: darurat\n\n{text}\n");
        let dropped = house.drop_file(&format!("darurat-{turn}.txt"), &file)?;
        house.wait("the emergency on the air", |house| {
            house.truth().is_ok_and(|truth| {
                truth.iter().any(|record| matches!(&record.fact, Fact::Submitted { text: sent, .. } if *sent == text))
            })
        })?;
        behind.push(dropped.elapsed());
        pass(Duration::from_millis(370));
    }
    free.sort();
    behind.sort();
    let mut row = Row::of(name, &house.truth()?);
    row.peak_mb = house.peak_mb()?;
    row.processor = house.processor()?;
    row.calls = house.calls()?;
    row.note = format!(
        "drop to AT+CMGS with a free modem: median {:.0} ms, worst {:.0} ms; drop to accepted behind 2,000: median {:.0} ms, worst {:.0} ms",
        free[free.len() / 2].as_secs_f64() * 1e3,
        free[free.len() - 1].as_secs_f64() * 1e3,
        behind[behind.len() / 2].as_secs_f64() * 1e3,
        behind[behind.len() - 1].as_secs_f64() * 1e3,
    );
    house.close();
    Ok(row)
}

/// Texts pour in while messages go out: none is lost, and sending goes on.
fn flood(name: &'static str) -> io::Result<Row> {
    const TEXTS: u64 = 100_000;
    let house = House::open(8, &["--send-ms", "1000", "--texts", "100000", "--texts-per-second", "1000"])?;
    house.drop_file("kerja.csv", &list(1_000, TEXT))?;
    let taken =
        house.wait("every text in the inbox", |house| house.status().is_ok_and(|status| status.inbox >= TEXTS))?;
    house.wait_sent(1)?;
    let mut row = Row::of(name, &house.truth()?);
    row.peak_mb = house.peak_mb()?;
    row.processor = house.processor()?;
    row.calls = house.calls()?;
    let held = house.truth()?.iter().filter(|record| matches!(record.fact, Fact::Held { .. })).count();
    let status = house.status()?;
    row.note = format!(
        "{} texts in {:.0} s, {} opted out; refused for want of room in the modem: {held} times",
        status.inbox,
        taken.as_secs_f64(),
        status.opt_outs
    );
    house.close();
    Ok(row)
}

/// A million rows: until they are durable, and sending with all of them queued.
fn million(name: &'static str) -> io::Result<Row> {
    const ROWS: u32 = 1_000_000;
    let house = House::open(1, &["--send-ms", "0"])?;
    let file = list(ROWS, TEXT);
    let dropped = house.drop_file("sejuta.csv", &file)?;
    house.wait("the list in accepted/", |house| {
        is_there(&house.path("queue").join(super::house::UNIT).join("accepted/sejuta.csv"))
    })?;
    let durable = dropped.elapsed();
    let after_intake = house.peak_mb()?;
    let (processor, calls, began) = (house.processor()?, house.calls()?, now());
    while began.elapsed() < Duration::from_secs(20) {
        pass(Duration::from_millis(100));
    }
    let mut row = Row::of(name, &house.truth()?);
    row.processor = house.processor()? - processor;
    row.calls = house.calls()? - calls;
    row.peak_mb = house.peak_mb()?;
    row.note =
        format!("durable after {:.1} s (peak {after_intake} MB by then), then 20 s of sending", durable.as_secs_f64());
    house.close();
    Ok(row)
}

/// What sixteen modems cost that have nothing to do.
fn idle(name: &'static str) -> io::Result<Row> {
    const SPAN: Duration = Duration::from_secs(60);
    let house = House::open(16, &["--send-ms", "1000"])?;
    pass(Duration::from_secs(2));
    let (processor, calls) = (house.processor()?, house.calls()?);
    pass(SPAN);
    let mut row = Row::of(name, &[]);
    row.processor = house.processor()? - processor;
    row.peak_mb = house.peak_mb()?;
    row.note = format!(
        "{:.2} % of a core; {:.0} reads and writes a minute",
        100.0 * row.processor.as_secs_f64() / SPAN.as_secs_f64(),
        (house.calls()? - calls) as f64
    );
    house.close();
    Ok(row)
}
