//! The works: what is asked of the daemon, and which figures count.

use std::io;
use std::time::Duration;

use kentongan::simulator::{Fact, Record};

use super::figures::Row;
use super::house::{House, list, pass};

const TEXT: &str = "Rapat RW Sabtu pukul 19.00 di balai kelurahan";

/// How much of each work is done.
#[derive(Clone, Copy)]
pub enum Size {
    /// A few minutes for all of them: to see that everything works, and orders of magnitude.
    Quick,
    /// The figures that count.
    Full,
}

impl Size {
    pub fn word(self) -> &'static str {
        self.of("quick", "full")
    }

    fn of<T>(self, quick: T, full: T) -> T {
        match self {
            Size::Quick => quick,
            Size::Full => full,
        }
    }
}

pub struct Work {
    pub name: &'static str,
    quick: &'static str,
    full: &'static str,
    run: fn(&'static str, Size) -> io::Result<Row>,
}

impl Work {
    pub fn what(&self, size: Size) -> &'static str {
        size.of(self.quick, self.full)
    }

    pub fn run(&self, size: Size) -> io::Result<Row> {
        (self.run)(self.name, size)
    }
}

/// Every work.
pub fn all() -> Vec<Work> {
    vec![
        Work {
            name: "fast-1",
            quick: "1 modem without air time, 500 messages",
            full: "1 modem without air time, 5,000 messages",
            run: |name, size| blast(name, 1, 0, size.of(500, 5_000)),
        },
        Work {
            name: "eight",
            quick: "8 modems at 3 s, 40 messages",
            full: "8 modems at 3 s, 400 messages",
            run: |name, size| blast(name, 8, 3_000, size.of(40, 400)),
        },
        Work {
            name: "fast-16",
            quick: "16 modems without air time, 2,000 messages",
            full: "16 modems without air time, 20,000 messages",
            run: |name, size| blast(name, 16, 0, size.of(2_000, 20_000)),
        },
        Work {
            name: "many",
            quick: "256 modems at 3 s, 1,280 messages",
            full: "256 modems at 3 s, 10,240 messages",
            run: |name, size| blast(name, 256, 3_000, size.of(1_280, 10_240)),
        },
        Work {
            name: "urgent",
            quick: "emergencies with modems free, then into 2,000 queued; 2 modems at 1 s",
            full: "emergencies with modems free, then into 1,000,000 queued; 2 modems at 1 s",
            run: urgent,
        },
        Work {
            name: "flood",
            quick: "5,000 texts come in at 1,000 a second while 8 modems at 1 s send 80 messages",
            full: "100,000 texts come in at 1,000 a second while 8 modems at 1 s send 1,000 messages",
            run: flood,
        },
        Work {
            name: "backlog",
            quick: "a list of 50,000 rows, and 5 s of sending from it by 1 modem without air time",
            full: "a list of 1,000,000 rows, and 20 s of sending from it by 1 modem without air time",
            run: backlog,
        },
        Work {
            name: "report",
            quick: "a report of 50,000 rows, as a file and by `job --csv`",
            full: "a report of 1,000,000 rows, as a file and by `job --csv`",
            run: report,
        },
        Work {
            name: "idle",
            quick: "16 modems, nothing to do for 20 s",
            full: "16 modems, nothing to do for 120 s",
            run: idle,
        },
    ]
}

/// One list over all modems, to its end. Without jitter: all modems answer at the same moments, which is the hardest case.
fn blast(name: &'static str, modems: u32, air_ms: u64, messages: u32) -> io::Result<Row> {
    let house = House::open(modems as usize, &["--send-ms", &air_ms.to_string(), "--report-ms", "500"])?;
    let meter = house.meter()?;
    house.drop_file("kerja.csv", &list(messages, TEXT))?;
    house.wait_sent(1)?;
    let mut row = Row::of(name, &house.truth()?);
    meter.read_into(&mut row)?;
    if air_ms > 0 {
        let ideal = Duration::from_millis(u64::from(messages.div_ceil(modems)) * air_ms);
        row.to_ideal = Some(row.span.as_secs_f64() / ideal.as_secs_f64());
    }
    house.close();
    Ok(row)
}

/// How long an emergency takes from the queue directory to AT+CMGS, with a modem free and with all of them busy.
fn urgent(name: &'static str, size: Size) -> io::Result<Row> {
    const FREE: u32 = 5;
    const BEHIND: u32 = 10;
    let text = |turn: u32| format!("Air naik di RW {turn}. Segera ke balai.");
    let house = House::open(2, &["--send-ms", "1000"])?;
    let drop_one = |turn: u32| {
        let job = format!("Kepada: 0813900000{turn:02}\nKelas: darurat\n\n{}\n", text(turn));
        house.drop_file(&format!("darurat-{turn}.txt"), &job)
    };
    let mut free = Vec::new();
    for turn in 0..FREE {
        let dropped = drop_one(turn)?;
        house.wait_sent(u64::from(turn) + 1)?;
        free.extend(Journey::of(&house.truth()?, &text(turn), dropped));
    }
    let rows = size.of(2_000, 1_000_000);
    let began = house.drop_file("umum.csv", &list(rows, TEXT))?;
    house.wait_accepted("umum.csv")?;
    let meter = house.meter()?;
    let mut behind = Vec::new();
    for turn in FREE..FREE + BEHIND {
        // Not in step with the modems.
        pass(Duration::from_millis(370));
        let dropped = drop_one(turn)?;
        let text = text(turn);
        house.wait("the emergency on the air", |house| {
            house.truth().is_ok_and(|truth| Journey::of(&truth, &text, dropped).is_some())
        })?;
        behind.extend(Journey::of(&house.truth()?, &text, dropped));
    }
    let truth = house.truth()?;
    let since: Vec<_> = truth.into_iter().filter(|record| record.at_ms >= began).collect();
    let mut row = Row::of(name, &since);
    meter.read_into(&mut row)?;
    row.note = format!(
        "drop to AT+CMGS with a modem free: {}; behind {rows} queued, both modems busy: {}; begun meanwhile of others: {} at most",
        Journey::times(&mut free),
        Journey::times(&mut behind),
        behind.iter().map(|journey| journey.overtaken).max().unwrap_or(0),
    );
    house.close();
    Ok(row)
}

/// A text's way from the queue directory to a modem.
struct Journey {
    /// To its AT+CMGS.
    taken_ms: i64,
    /// Hand-overs of other messages that began meanwhile, on any modem.
    overtaken: usize,
}

impl Journey {
    /// `None` while no modem has it.
    fn of(truth: &[Record], text: &str, dropped: i64) -> Option<Self> {
        let place = truth
            .iter()
            .position(|record| matches!(&record.fact, Fact::HandedOver { text: sent, .. } if sent == text))?;
        let begun = |record: &&Record| matches!(record.fact, Fact::Begun { .. });
        let own = truth[..place].iter().rev().filter(begun).find(|record| record.modem == truth[place].modem)?;
        let before_it = |record: &&Record| (dropped..=own.at_ms).contains(&record.at_ms) && !std::ptr::eq(*record, own);
        let overtaken = truth[..place].iter().filter(begun).filter(before_it).count();
        Some(Self { taken_ms: own.at_ms - dropped, overtaken })
    }

    fn times(journeys: &mut [Self]) -> String {
        journeys.sort_by_key(|journey| journey.taken_ms);
        match (journeys.get(journeys.len() / 2), journeys.last()) {
            (Some(median), Some(worst)) => format!("median {} ms, worst {} ms", median.taken_ms, worst.taken_ms),
            _ => "none went out".to_owned(),
        }
    }
}

/// Texts pour in while messages go out: none is lost, and sending goes on.
fn flood(name: &'static str, size: Size) -> io::Result<Row> {
    let (texts, messages) = size.of((5_000, 80), (100_000, 1_000));
    let words = ["--send-ms", "1000", "--texts", &texts.to_string(), "--texts-per-second", "1000"];
    let house = House::open(8, &words)?;
    let meter = house.meter()?;
    house.drop_file("kerja.csv", &list(messages, TEXT))?;
    house.wait("every text in the inbox", |house| house.status().is_ok_and(|status| status.inbox >= texts))?;
    house.wait_sent(1)?;
    let truth = house.truth()?;
    let mut row = Row::of(name, &truth);
    meter.read_into(&mut row)?;
    let ideal = Duration::from_secs(u64::from(messages.div_ceil(8)));
    row.to_ideal = Some(row.span.as_secs_f64() / ideal.as_secs_f64());
    let status = house.status()?;
    let held = truth.iter().filter(|record| matches!(record.fact, Fact::Held { .. })).count();
    let first = truth.iter().find(|record| matches!(record.fact, Fact::Inbound { .. }));
    let last =
        truth.iter().rev().find(|record| matches!(record.fact, Fact::Deleted { .. } | Fact::Acknowledged { .. }));
    let span_ms = first.zip(last).map_or(0, |(first, last)| last.at_ms - first.at_ms);
    row.note = format!(
        "{} texts in the inbox, {} opted out; from the first on the air to the last taken from its modem {:.1} s; the network had to keep \
         {held} for want of room",
        status.inbox,
        status.opt_outs,
        span_ms as f64 / 1e3,
    );
    house.close();
    Ok(row)
}

/// A long list: until it is durable, and sending with all of it queued.
fn backlog(name: &'static str, size: Size) -> io::Result<Row> {
    let house = House::open(1, &["--send-ms", "0"])?;
    let file = list(size.of(50_000, 1_000_000), TEXT);
    let taking_in = house.meter()?;
    let dropped = house.drop_file("panjang.csv", &file)?;
    let durable_ms = house.wait_accepted("panjang.csv")? - dropped;
    let mut intake = Row::default();
    taking_in.read_into(&mut intake)?;
    let meter = house.meter()?;
    let before = house.truth()?.len();
    pass(Duration::from_secs(size.of(5, 20)));
    let mut row = Row::of(name, &house.truth()?[before..]);
    meter.read_into(&mut row)?;
    row.note = format!(
        "durable after {:.1} s with {:.1} s of processor time and {} syncs, peak {} MB by then",
        durable_ms as f64 / 1e3,
        intake.processor.as_secs_f64(),
        intake.syncs.map_or("not measured".to_owned(), |count| count.to_string()),
        intake.peak_mb,
    );
    house.close();
    Ok(row)
}

/// A long report: by the daemon beside the list, and by the command line. Neither may keep it in memory.
fn report(name: &'static str, size: Size) -> io::Result<Row> {
    let rows = size.of(50_000, 1_000_000);
    // The modem is busy with one segment all along.
    let house = House::open(1, &["--send-ms", "600000"])?;
    let meter = house.meter()?;
    house.drop_file("panjang.csv", &list(rows, TEXT))?;
    let accepted = house.wait_accepted("panjang.csv")?;
    // The first line has the headings, the last one the sum.
    house.wait("the report", |house| house.report("panjang").is_ok_and(|report| report.rows > u64::from(rows)))?;
    let report = house.report("panjang")?;
    let asked = house.ask(&["job", "1", "--csv"])?;
    let mut row = Row { work: name, ..Row::default() };
    meter.read_into(&mut row)?;
    row.note = format!(
        "{:.0} MB, there {:.1} s after the list was durable; `job --csv`: {:.1} s, {} MB at its peak",
        report.bytes as f64 / 1e6,
        (report.at_ms - accepted).max(0) as f64 / 1e3,
        asked.span.as_secs_f64(),
        asked.peak_mb,
    );
    house.close();
    Ok(row)
}

/// What sixteen modems cost that have nothing to do.
fn idle(name: &'static str, size: Size) -> io::Result<Row> {
    let span = Duration::from_secs(size.of(20, 120));
    let house = House::open(16, &["--send-ms", "1000"])?;
    pass(Duration::from_secs(2));
    let meter = house.meter()?;
    pass(span);
    let mut row = Row { work: name, ..Row::default() };
    meter.read_into(&mut row)?;
    let a_minute = |count: u64| count as f64 * 60.0 / span.as_secs_f64();
    row.note = format!(
        "{:.2} % of a core; system calls a minute: {}; syncs a minute: {}",
        100.0 * row.processor.as_secs_f64() / span.as_secs_f64(),
        row.system_calls.map_or("not measured".to_owned(), |count| format!("{:.0}", a_minute(count))),
        row.syncs.map_or("not measured".to_owned(), |count| format!("{:.1}", a_minute(count))),
    );
    house.close();
    Ok(row)
}
