//! How the cost of one thing grows with how much there is: what is queued, modems, the recipients of a job, the history; and what
//! archiving that history takes and leaves.
//!
//! `cargo bench --bench growth` measures in full sizes, `-- --quick` in small ones; words choose curves (`backlog`, `modems`,
//! `recipients`, `history`, `archive`); `--plots FOLDER` writes a picture of each. The ledgers lie in memory (/dev/shm, where there is no
//! KENTONGAN_BENCH_DIR): a sync of the disk costs the same whatever there is, and would hide what grows. `benches/README.md` has the
//! method.

#[path = "../desk/mod.rs"]
mod desk;
mod leaving;
mod past;
mod plot;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use kentongan::daemon::brief_look;
use kentongan::engine::Engine;
use kentongan::metrics::{Allowances, Gatherer};
use kentongan::policy::Limits;
use kentongan::store::{Looked, Reader, Store};

use desk::{Modem, engine, engine_on, instant, now, rows, take_in};
use plot::Plot;

/// What a city sends when it sends much.
const A_DAY: i64 = 30_000;
/// Rounds of a hand-over that are timed.
const ROUNDS: usize = 2_000;

/// Measures one of them; `true`: quickly.
type Measure = fn(bool) -> Curve;

fn main() -> ExitCode {
    let (mut quick, mut plots, mut wanted) = (false, None, Vec::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => quick = true,
            "--plots" => plots = words.next().map(PathBuf::from),
            // cargo hands it on.
            "--bench" => {}
            _ => wanted.push(word),
        }
    }
    let curves: [(&str, Measure); 5] = [
        ("backlog", backlog),
        ("modems", modems),
        ("recipients", recipients),
        ("history", history),
        ("archive", leaving::archive),
    ];
    if let Some(word) = wanted.iter().find(|word| !curves.iter().any(|(name, _)| name == word)) {
        eprintln!(
            "there is no curve `{word}`; known: backlog modems recipients history archive; and --quick, --plots FOLDER"
        );
        return ExitCode::from(2);
    }
    for (name, measure) in curves {
        if !wanted.is_empty() && !wanted.iter().any(|word| word == name) {
            continue;
        }
        let curve = measure(quick);
        println!("{}", curve.table());
        if let Some(folder) = &plots
            && let Err(error) = std::fs::write(folder.join(format!("{name}.svg")), curve.plot().svg())
        {
            eprintln!("{}: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Costs by how much there is.
struct Curve {
    title: &'static str,
    across: &'static str,
    /// The unit of every cost.
    unit: &'static str,
    names: &'static [&'static str],
    /// How much there is, and each cost then.
    rows: Vec<(f64, Vec<f64>)>,
    /// What is told of each row besides, by name.
    also: Vec<(&'static str, Vec<String>)>,
}

impl Curve {
    fn table(&self) -> String {
        let mut head = vec![self.across.to_owned()];
        head.extend(self.names.iter().map(|name| format!("{name}, {}", self.unit)));
        head.extend(self.also.iter().map(|(name, _)| (*name).to_owned()));
        let mut text = format!("\n{}\n\n| {} |\n|{}\n", self.title, head.join(" | "), "---|".repeat(head.len()));
        for (place, (much, costs)) in self.rows.iter().enumerate() {
            let mut cells = vec![((much * 10.0).round() / 10.0).to_string()];
            cells.extend(costs.iter().map(|cost| format!("{cost:.3}")));
            cells.extend(self.also.iter().map(|(_, told)| told[place].clone()));
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        text
    }

    fn plot(&self) -> Plot<'_> {
        let curve = |place: usize| {
            // A logarithm knows no zero: nothing at all is in the table only.
            let some = self.rows.iter().filter(|(much, _)| *much > 0.0);
            some.map(|(much, costs)| (*much, costs[place].max(1e-3))).collect()
        };
        let curves = self.names.iter().enumerate().map(|(place, name)| ((*name).to_owned(), curve(place))).collect();
        Plot { title: self.title, across: self.across, up: self.unit, curves }
    }
}

/// A folder for a ledger.
fn folder() -> tempfile::TempDir {
    let place = std::env::var_os("KENTONGAN_BENCH_DIR").map_or_else(|| PathBuf::from("/dev/shm"), PathBuf::from);
    tempfile::tempdir_in(place).or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

/// The median and the time that 99 % do not exceed, in ms.
fn shares(mut times: Vec<Duration>) -> [f64; 2] {
    times.sort();
    [times[times.len() / 2], times[times.len() * 99 / 100]].map(milliseconds)
}

/// The median time of a question, in ms.
fn asked<T>(times: usize, mut ask: impl FnMut() -> T) -> f64 {
    let times = (0..times).map(|_| {
        let began = instant();
        std::hint::black_box(ask());
        began.elapsed()
    });
    shares(times.collect())[0]
}

/// Rounds of these modems in turn.
fn rounds(engine: &mut Engine, modems: &mut [Modem], count: usize) -> [f64; 2] {
    let turn = modems.len();
    shares((0..count).map(|round| modems[round % turn].round(engine)).collect())
}

fn scraped(ledger: &Path) -> f64 {
    let reader = || Reader::open(ledger).expect("a ledger");
    let mut gatherer = Gatherer::new(reader(), Allowances::new(Limits::default(), []), now()).expect("a ledger");
    asked(20, || gatherer.scrape(now()).expect("numbers"))
}

fn backlog(quick: bool) -> Curve {
    let sizes: &[u32] =
        if quick { &[1_000, 10_000, 100_000] } else { &[1_000, 10_000, 100_000, 1_000_000, 10_000_000] };
    let rows = sizes.iter().map(|queued| {
        let folder = folder();
        let path = folder.path().join("bench.db");
        let mut engine = engine(&path, None);
        take_in(&mut engine, "backlog", rows(*queued));
        let mut modem = [Modem::connect(&mut engine, 1)];
        // The smallest queue is used up by half.
        let [median, worst] = rounds(&mut engine, &mut modem, ROUNDS.min(*queued as usize / 2));
        let reader = Reader::open(&path).expect("a ledger");
        let status = asked(20, || reader.status().expect("an answer"));
        (f64::from(*queued), vec![median, worst, status, scraped(&path)])
    });
    Curve {
        title: "A hand-over with its commit, `status` and a scrape of the metrics, by what is queued",
        across: "messages queued",
        unit: "ms",
        names: &["hand-over, median", "hand-over, 99 %", "status", "scrape"],
        rows: rows.collect(),
        also: Vec::new(),
    }
}

fn modems(quick: bool) -> Curve {
    let counts: &[u32] = if quick { &[1, 16, 256] } else { &[1, 4, 16, 64, 256] };
    let rows = counts.iter().map(|count| {
        let folder = folder();
        let path = folder.path().join("bench.db");
        let mut engine = engine(&path, None);
        take_in(&mut engine, "backlog", rows(ROUNDS as u32 * 2));
        let mut modems: Vec<_> = (1..=*count).map(|number| Modem::connect(&mut engine, number)).collect();
        let [median, worst] = rounds(&mut engine, &mut modems, ROUNDS);
        (f64::from(*count), vec![median, worst, scraped(&path)])
    });
    Curve {
        title: "A hand-over with its commit and a scrape of the metrics, by modems",
        across: "modems",
        unit: "ms",
        names: &["hand-over, median", "hand-over, 99 %", "scrape"],
        rows: rows.collect(),
        also: Vec::new(),
    }
}

fn recipients(quick: bool) -> Curve {
    let sizes: &[u32] = if quick { &[100, 1_000, 10_000, 100_000] } else { &[100, 1_000, 10_000, 100_000, 1_000_000] };
    let rows = sizes.iter().map(|size| {
        let folder = folder();
        let mut engine = engine(&folder.path().join("bench.db"), None);
        let list: Vec<_> = rows(*size).collect();
        // The first job of a ledger pays for its pages.
        take_in(&mut engine, "first", rows(100));
        let began = instant();
        take_in(&mut engine, "list", list.into_iter());
        (f64::from(*size), vec![milliseconds(began.elapsed()) / f64::from(*size)])
    });
    Curve {
        title: "Taking a list in, for each recipient, by recipients of the job",
        across: "recipients",
        unit: "ms",
        names: &["each recipient"],
        rows: rows.collect(),
        also: Vec::new(),
    }
}

fn history(quick: bool) -> Curve {
    const LIST: u32 = 10_000;
    let days: &[i64] = if quick { &[0, 3, 30] } else { &[0, 30, 90, 180, 365] };
    let (mut sizes, mut starts, mut looks) = (Vec::new(), Vec::new(), Vec::new());
    let rows = days.iter().map(|days| {
        let folder = folder();
        let path = folder.path().join("bench.db");
        past::write(&path, *days, A_DAY).expect("a past");
        sizes.push(format!("{:.2} GB", std::fs::metadata(&path).map_or(0, |about| about.len()) as f64 / 1e9));
        let began = instant();
        let store = Store::open_while(&path, brief_look()).expect("a ledger that can be opened");
        let mut engine = engine_on(store, None);
        starts.push(format!("{:.2} s", began.elapsed().as_secs_f64()));
        let began = instant();
        let looked = Reader::open(&path).expect("a ledger").look_through(|| true);
        assert_eq!(looked.expect("a ledger that is whole"), Looked::Through);
        looks.push(format!("{:.2} s", began.elapsed().as_secs_f64()));
        let began = instant();
        take_in(&mut engine, "list", rows(LIST));
        let each = milliseconds(began.elapsed()) / f64::from(LIST);
        let mut modems: Vec<_> = (1..=8).map(|number| Modem::connect(&mut engine, number)).collect();
        let [median, worst] = rounds(&mut engine, &mut modems, ROUNDS);
        let reader = Reader::open(&path).expect("a ledger");
        let status = asked(20, || reader.status().expect("an answer"));
        let jobs = asked(20, || reader.jobs(50, false).expect("an answer"));
        (*days as f64 / 30.0, vec![median, worst, each, status, jobs, scraped(&path)])
    });
    let rows = rows.collect();
    Curve {
        title: "With a past of 30,000 messages a day: what is done anew, by months",
        across: "months",
        unit: "ms",
        names: &[
            "hand-over, median",
            "hand-over, 99 %",
            "list, each recipient",
            "status",
            "jobs, a page of 50",
            "scrape",
        ],
        rows,
        also: vec![("ledger", sizes), ("start", starts), ("look through all of it", looks)],
    }
}
