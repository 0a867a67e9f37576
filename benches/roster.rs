//! The roster of a whole city: a list read and compared, brought in through the engine with its commits, and an audience found in it.

#[path = "../tests/bandung/mod.rs"]
#[expect(dead_code, reason = "tests use more of it")]
mod bandung;

use std::io::Cursor;
use std::ops::ControlFlow;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use kentongan::engine::event::{Act, Action, Event, RosterImport};
use kentongan::engine::{Engine, Rules};
use kentongan::model::audience::Expression;
use kentongan::model::{Entry, EntryId, Places, RosterStep, RosterSteps, Timestamp};
use kentongan::policy::{Coverage, Difference, Unread};
use kentongan::spool::LedgerRoster;
use kentongan::spool::format::FormatSettings;
use kentongan::spool::format::roster::read_roster;
use kentongan::store::{Reader, Store};

fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("in range")
}

fn places() -> Places {
    Places::parse(include_str!("../config/wilayah-bandung.csv")).expect("the file of areas is sound")
}

fn difference(text: &str, places: &Places, current: &[(EntryId, Entry)]) -> Difference {
    let mut content = Cursor::new(text.as_bytes());
    let list =
        read_roster("rt-rw.csv", &mut content, &FormatSettings::default(), places, None).expect("it can be read");
    let named: Vec<(u32, Entry)> =
        list.lines.into_iter().filter_map(|line| Some((line.line, line.entry.ok()?))).collect();
    Difference::between(current, &named, &Unread::default(), Coverage::Listed)
}

fn bring_in(folder: &tempfile::TempDir, difference: &Difference) {
    let store = Store::open(&folder.path().join("bench.db")).expect("a new ledger");
    let mut engine = Engine::open(store, Rules::default(), now(), 1).expect("an empty ledger opens");
    let mut act = |action| {
        let act = Act { reply_to: None, actor: "bench".to_owned(), reason: String::new(), action };
        let _ = engine.handle(now(), [Event::Act(act)]).expect("durable");
    };
    let text = String::new;
    act(Action::RosterBegin(RosterImport { session: 1, base: None, file: text(), source: text(), basis: text() }));
    let steps: Vec<RosterStep> = difference.steps().collect();
    for steps in steps.chunks(300) {
        act(Action::RosterSteps { session: 1, steps: RosterSteps(steps.to_vec()) });
    }
    act(Action::RosterApply { session: 1, digest: difference.digest() });
}

fn roster(c: &mut Criterion) {
    let city = bandung::Maker::new(1).city();
    let (text, places) = (bandung::csv(&city), places());
    let mut group = c.benchmark_group("a city's roster");
    group.sample_size(10).throughput(Throughput::Elements(city.len() as u64));
    group.bench_function("read and compared", |b| b.iter(|| difference(&text, &places, &[])));
    let all = difference(&text, &places, &[]);
    group.bench_function("brought in", |b| {
        b.iter_batched(
            || tempfile::tempdir().expect("a temporary folder"),
            |folder| {
                bring_in(&folder, &all);
                folder
            },
            BatchSize::PerIteration,
        );
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    bring_in(&folder, &all);
    let reader = Reader::open(&folder.path().join("bench.db")).expect("it was just made");
    group.bench_function("an audience found in it", |b| {
        b.iter(|| {
            let (version, known) = LedgerRoster::known(&reader, &places).expect("readable").expect("imported");
            let read = Expression::parse("peran=RW dan wilayah=utara kecuali kelurahan=Dago").expect("sound");
            let audience = read.resolve(&known).expect("every name is known");
            let mut meant = 0;
            let each = |_, entry: Entry| {
                meant += u32::from(audience.means(&entry.seat));
                ControlFlow::Continue(())
            };
            reader.roster(version, each).expect("readable");
            meant
        });
    });
    group.finish();
}

criterion_group!(benches, roster);
criterion_main!(benches);
