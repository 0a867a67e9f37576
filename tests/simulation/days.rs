use super::blast::{Size, blast, told};
use super::day::{Day, Look};
use super::runner::{day, days, lived};

/// How many, unless `KENTONGAN_DAYS` says otherwise.
const DAYS: u64 = 200;

#[test]
fn on_made_up_days_ledger_and_air_agree_after_every_commit() {
    let count = std::env::var("KENTONGAN_DAYS").map_or(DAYS, |count| count.parse().unwrap());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let lived = days(0..count, threads, Look::default(), |_, _| {});
    let mut failed = Vec::new();
    let mut good: Vec<Day> = Vec::new();
    for (seed, day) in lived {
        match day {
            Ok(day) => good.push(day),
            Err(why) => failed.push(format!("SEED={seed}: cargo run --example simulation -- --seed {seed}\n{why}")),
        }
    }
    assert!(failed.is_empty(), "{} of {count} days failed\n{}", failed.len(), failed.join("\n\n"));
    // Otherwise the days would show little.
    let sum = |of: fn(&Day) -> u64| good.iter().map(of).sum::<u64>();
    let enough = |what: &str, sum: u64, each: u64| assert!(sum >= count / each, "only {sum} {what} in {count} days");
    enough("kills", sum(|day| day.kills), 4);
    enough("deaths at a commit", sum(|day| day.deaths), 1);
    enough("failing commits", sum(|day| day.full_disks), 20);
    enough("plugs pulled", sum(|day| day.unplugged), 3);
    enough("cards moved", sum(|day| day.cards_moved), 4);
    enough("doubts", sum(|day| day.doubts), 1);
    enough("messages that never left by the numbers around them", sum(|day| day.never_left), 20);
}

#[test]
fn a_day_is_the_same_step_for_step_when_it_is_lived_again() {
    for seed in [3, 17] {
        let look = Look { digest: true, ..Look::default() };
        let (first, second) = (day(seed, look), day(seed, look));
        assert!(first.as_ref().is_ok_and(|day| day.digest.is_some()), "{first:?}");
        assert_eq!(first, second, "SEED={seed}");
    }
}

#[test]
fn a_blast_over_twenty_modems_with_faults_ends_with_every_message_in_its_true_state() {
    // The whole of it, 11,000 messages: cargo run --release --example simulation -- --blast
    let size = Size { messages: 300, modems: 20, seed: 1 };
    let ended = lived(blast(size)).unwrap_or_else(|why| panic!("{why}"));
    println!("{}", told(size, &ended));
    assert!(ended.doubts > 0, "{ended:?}");
}
