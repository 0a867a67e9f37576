//! How fast modem output becomes lines and answers.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kentongan::at::{Command, Dialogue, Framer};

fn framing(c: &mut Criterion) {
    let entry = "+CMGL: 1,0,,24\r\n0006D60B911326880736F4111011719551401110117195714000\r\n";
    let listing = format!("AT+CMGL=4\r\r\n{}^RSSI:21\r\n\r\nOK\r\n", entry.repeat(50));
    let mut group = c.benchmark_group("framing");
    group.throughput(Throughput::Bytes(listing.len() as u64));
    group.bench_function("frames of a listing of 50", |b| {
        b.iter(|| {
            let (mut framer, mut input) = (Framer::new(), listing.as_bytes());
            while let Some(frame) = framer.next(&mut input) {
                black_box(&frame);
            }
        });
    });
    group.bench_function("a listing of 50 understood", |b| {
        b.iter(|| {
            let (mut framer, mut dialogue, mut input) = (Framer::new(), Dialogue::new(), listing.as_bytes());
            dialogue.begin(Command::list_all());
            while let Some(frame) = framer.next(&mut input) {
                black_box(dialogue.hear(frame));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, framing);
criterion_main!(benches);
