//! The ledger under load: taking a list in, and handing the next segment over with little or much in the queue.
//!
//! Every figure includes the commits, with the daemon's own settings (WAL, synchronous=FULL), on the disk that holds
//! the system's temporary folder.

mod desk;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kentongan::model::{RecipientRow, SignedDuration};

use desk::{Modem, engine, rows, take_in};

fn intake(c: &mut Criterion) {
    let rows: Vec<RecipientRow> = rows(100_000).collect();
    let mut group = c.benchmark_group("intake");
    group.sample_size(10).throughput(Throughput::Elements(rows.len() as u64));
    group.bench_function("100,000 rows", |b| {
        b.iter_batched(
            || {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let engine = engine(&folder.path().join("bench.db"), None);
                (folder, engine)
            },
            |(folder, mut engine)| {
                take_in(&mut engine, "once", rows.iter().cloned());
                (folder, engine)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn hand_over(c: &mut Criterion) {
    let mut group = c.benchmark_group("answer, next attempt, next reservation, commit");
    for (queued, own_network_first) in [(1_000u32, false), (1_000_000, false), (1_000_000, true)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let own_network_wait = own_network_first.then_some(SignedDuration::from_secs(20));
        let mut engine = engine(&folder.path().join("bench.db"), own_network_wait);
        // What the rounds use up comes on top, so that the smaller queue does not run empty.
        take_in(&mut engine, "backlog", rows(queued));
        let mut modem = Modem::connect(&mut engine, 1);
        let mut left = queued - 2;
        let mut refill = 0;
        group.throughput(Throughput::Elements(1));
        let name = if own_network_first { ", own network first" } else { "" };
        group.bench_function(BenchmarkId::from_parameter(format!("{queued} queued{name}")), |b| {
            b.iter_custom(|rounds| {
                let mut taken = std::time::Duration::ZERO;
                for _ in 0..rounds {
                    if left < 2 {
                        refill += 1;
                        take_in(&mut engine, &format!("refill {refill}"), rows(1_000));
                        left += 1_000;
                    }
                    left -= 1;
                    taken += modem.round(&mut engine);
                }
                taken
            });
        });
    }
    group.finish();
}

criterion_group!(benches, intake, hand_over);
criterion_main!(benches);
