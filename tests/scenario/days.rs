use std::panic::{AssertUnwindSafe, catch_unwind};

use super::day::{Day, Habits, live_with};

/// `cargo run --release --example simulation -- --seeds N` lives through as many as wanted.
const DAYS: u64 = 20;

fn day(seed: u64) -> Day {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    catch_unwind(AssertUnwindSafe(|| runtime.block_on(live_with(seed, &mut Habits::default()))))
        .unwrap_or_else(|_| panic!("SEED={seed}: cargo run --example simulation -- --seed {seed}"))
}

#[test]
fn on_made_up_days_with_faults_and_crashes_ledger_and_air_agree() {
    let days: Vec<Day> = (0..DAYS).map(day).collect();
    // Otherwise the days would show little.
    let sum = |of: fn(&Day) -> u64| days.iter().map(of).sum::<u64>();
    assert!(sum(|day| day.crashes) > 5 && sum(|day| day.unplugged) > 5 && sum(|day| day.doubts) > 50);
}

#[test]
fn a_day_is_the_same_when_it_is_lived_again() {
    assert_eq!(day(3), day(3));
}
