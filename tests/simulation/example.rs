//! Many made-up days, one a seed, as many as wanted: `cargo run --release --example simulation -- --seeds 1000`.
//!
//! Engine, ledger, sessions, intake and simulated modems run in one thread on a paused clock, and an auditor looks on after every
//! commit. A day that fails prints its seed, and `--seed N` lives through it again, step for step.

mod blast;
mod day;
mod deeds;
mod papers;
mod runner;
#[path = "../town/mod.rs"]
#[expect(dead_code, reason = "the scenarios use more of it")]
mod town;
mod weather;

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Parser;

use blast::Size;
use day::{Day, Look, live};
use runner::{Lived, days, lived};
use town::habits::Knowledge;

#[derive(Parser)]
#[command(
    about = "Lives through made-up days, one a seed; an auditor holds the ledger against the air after every commit."
)]
struct Words {
    /// How many days.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// One day only.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// Threads; one for each core unless said otherwise.
    #[arg(long)]
    threads: Option<usize>,
    /// Prints everything that passes between engine, shells and air; for one day.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// What was learnt of a make of modem on one day is known on the next. A day then depends on those before it, on one thread.
    #[arg(long, conflicts_with_all = ["seed", "threads"])]
    learning: bool,
    /// One blast instead of days: 11,000 messages over 20 modems, three in four of which have faults of every kind.
    #[arg(long, conflicts_with_all = ["seeds", "from", "learning"])]
    blast: bool,
}

#[expect(clippy::disallowed_methods, reason = "how long it took a person to wait; no day reads it")]
fn main() -> ExitCode {
    let words = Words::parse();
    if words.blast {
        return one_blast(words.seed.unwrap_or(1));
    }
    let seeds = match words.seed {
        Some(seed) => seed..seed + 1,
        None => words.from..words.from.saturating_add(words.seeds),
    };
    let threads = words.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let look = Look { trace: words.trace, digest: words.seed.is_some() };
    let began = Instant::now();
    let ended = Mutex::new(0u64);
    let told = |seed: u64, day: &Lived| {
        let mut ended = ended.lock().unwrap();
        *ended += 1;
        if let Err(why) = day {
            println!(
                "SEED={seed} failed; again with: cargo run --release --example simulation -- --seed {seed}\n{why}\n"
            );
        }
        if ended.is_multiple_of(100) {
            println!("{ended} days in {:.1} s", began.elapsed().as_secs_f64());
        }
    };
    let lived = if words.learning { learning(seeds, told) } else { days(seeds, threads, look, told) };
    let failed = lived.iter().filter(|(_, day)| day.is_err()).count();
    let mut sum = Day::default();
    lived.iter().filter_map(|(_, day)| day.as_ref().ok()).for_each(|day| add(&mut sum, day));
    println!(
        "{} days, {:.1} simulated hours in {:.1} s: {} messages, {} segments on the air, {} commits audited, {} stops, {} kills, {} deaths at \
         a commit, {} plugs pulled, {} cards moved, {failed} failed",
        lived.len(),
        sum.span.as_secs_f64() / 3600.0,
        began.elapsed().as_secs_f64(),
        sum.messages,
        sum.on_air,
        sum.commits,
        sum.stops,
        sum.kills,
        sum.deaths - sum.kills.min(sum.deaths),
        sum.unplugged,
        sum.cards_moved,
    );
    println!(
        "{} doubts: {} settled by evidence ({:.1} %), {} of them since they never left; {} sent again by policy, {} left for a person",
        sum.doubts,
        sum.by_evidence,
        100.0 * sum.by_evidence as f64 / sum.doubts.max(1) as f64,
        sum.never_left,
        sum.by_policy,
        sum.open_doubts
    );
    if let [(_, Ok(Day { digest: Some(digest), .. }))] = lived[..] {
        println!("digest {digest:016x}");
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The same one after the other, in an office that knows from the days before what makes of modem do.
fn learning(seeds: std::ops::Range<u64>, told: impl Fn(u64, &Lived)) -> Vec<(u64, Lived)> {
    let mut known = Knowledge::default();
    let mut days = Vec::new();
    for seed in seeds {
        let day = lived(live(seed, Look::default(), Some(known.clone())));
        if let Ok(day) = &day {
            known = day.learnt.clone();
        }
        told(seed, &day);
        days.push((seed, day));
    }
    days
}

#[expect(clippy::disallowed_methods, reason = "how long it took a person to wait; the blast does not read it")]
fn one_blast(seed: u64) -> ExitCode {
    let (began, size) = (Instant::now(), Size { messages: 11_000, modems: 20, seed });
    match lived(blast::blast(size)) {
        Ok(blast) => {
            println!("{}", blast::told(size, &blast));
            println!("simulated in {:.1} s", began.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!(
                "The blast failed; again with: cargo run --release --example simulation -- --blast --seed {seed}\n{why}"
            );
            ExitCode::FAILURE
        }
    }
}

fn add(sum: &mut Day, day: &Day) {
    sum.messages += day.messages;
    sum.on_air += day.on_air;
    sum.commits += day.commits;
    sum.stops += day.stops;
    sum.kills += day.kills;
    sum.deaths += day.deaths;
    sum.unplugged += day.unplugged;
    sum.cards_moved += day.cards_moved;
    sum.doubts += day.doubts;
    sum.by_evidence += day.by_evidence;
    sum.never_left += day.never_left;
    sum.by_policy += day.by_policy;
    sum.open_doubts += day.open_doubts;
    sum.span += day.span.max(Duration::ZERO);
}
