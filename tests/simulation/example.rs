//! Many made-up days, one a seed, as many as wanted: `cargo run --release --example simulation -- --seeds 1000`.
//!
//! Engine, ledger, sessions and simulated modems run in one thread on a paused clock. A day that fails prints its seed, and
//! `--seed N` lives through it again.

#[path = "../scenario/audit.rs"]
mod audit;
mod day;
#[path = "../scenario/town.rs"]
#[expect(dead_code, reason = "the scenarios use more of it")]
mod town;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

#[derive(Parser)]
#[command(about = "Lives through made-up days, one a seed, and compares the ledger with the air after each.")]
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
    /// What was learnt of a make of modem on one day is known on the next. A day then depends on those before it.
    #[arg(long)]
    learning: bool,
}

#[expect(clippy::disallowed_methods, reason = "how long it took a person to wait; no day reads it")]
fn main() -> ExitCode {
    let words = Words::parse();
    let seeds = match words.seed {
        Some(seed) => seed..seed + 1,
        None => words.from..words.from.saturating_add(words.seeds),
    };
    let began = Instant::now();
    let (mut sum, mut days, mut failed) = (day::Day::default(), 0u64, Vec::new());
    let mut habits = day::Habits::default();
    for seed in seeds {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        if !words.learning {
            habits = day::Habits::default();
        }
        match catch_unwind(AssertUnwindSafe(|| runtime.block_on(day::live_with(seed, &mut habits)))) {
            Ok(day) => add(&mut sum, &day),
            Err(_) => {
                println!("SEED={seed} failed; again with: --seed {seed}");
                failed.push(seed);
            }
        }
        days += 1;
        if days.is_multiple_of(25) {
            println!("{days} days in {:.1} s", began.elapsed().as_secs_f64());
        }
    }
    println!(
        "{days} days, {:.1} simulated hours in {:.1} s: {} messages, {} segments on the air, {} crashes, {} plugs pulled, {} failed",
        sum.span.as_secs_f64() / 3600.0,
        began.elapsed().as_secs_f64(),
        sum.messages,
        sum.on_air,
        sum.crashes,
        sum.unplugged,
        failed.len()
    );
    println!(
        "{} doubts: {} settled by evidence ({:.1} %), {} sent again by policy, {} open",
        sum.doubts,
        sum.by_evidence,
        100.0 * sum.by_evidence as f64 / sum.doubts.max(1) as f64,
        sum.by_policy,
        sum.doubts - sum.by_evidence - sum.by_policy
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn add(sum: &mut day::Day, day: &day::Day) {
    sum.messages += day.messages;
    sum.on_air += day.on_air;
    sum.crashes += day.crashes;
    sum.unplugged += day.unplugged;
    sum.doubts += day.doubts;
    sum.by_evidence += day.by_evidence;
    sum.by_policy += day.by_policy;
    sum.span += day.span.max(Duration::ZERO);
}
