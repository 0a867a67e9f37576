//! Archiving a long past: what making the file takes, what one bite of taking its details out takes, and what the ledger needs then.

use std::path::Path;

use kentongan::engine::event::{Act, Action, ArchiveEvent, Event, NewArchive};
use kentongan::model::SignedDuration;
use kentongan::store::Reader;
use kentongan::store::archive::make;

use super::desk::{engine, instant, now};
use super::{A_DAY, Curve, folder, past, shares};

/// Days that stay.
const STAY: i64 = 30;

pub(super) fn archive(quick: bool) -> Curve {
    let days: &[i64] = if quick { &[3, 30] } else { &[30, 90, 180, 335] };
    let (mut makings, mut before, mut after, mut sizes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let rows = days.iter().map(|days| {
        let folder = folder();
        let (path, to) = (folder.path().join("bench.db"), folder.path().join("arsip.db"));
        past::write(&path, days + STAY, A_DAY).expect("a past");
        before.push(in_use(&path));
        let mut engine = engine(&path, None);
        let until = now().saturating_sub(SignedDuration::from_hours(24 * STAY)).expect("a time");
        let action = Action::Archive(NewArchive { file: to.display().to_string(), before: until });
        let act = Act { reply_to: None, actor: "bench".to_owned(), reason: "bench".to_owned(), action };
        let _ = engine.handle(now(), [Event::Act(act)]).expect("it is asked for");
        let wanted = Reader::open(&path).and_then(|reader| reader.archives()).expect("a ledger").remove(0);
        let began = instant();
        let made = make(&path, &wanted, now(), || true, |_| ()).expect("an archive");
        makings.push(format!("{:.1} s", began.elapsed().as_secs_f64()));
        sizes.push(format!("{:.2} GB", made.bytes as f64 / 1e9));
        let mut events = vec![Event::Archive(ArchiveEvent::Made { archive: wanted.id, made: Ok(made) })];
        let (mut at, mut bites) = (now(), Vec::new());
        let left = || {
            let archives = Reader::open(&path).and_then(|reader| reader.archives()).expect("a ledger");
            archives.iter().any(|archive| archive.state == "leaving")
        };
        while !events.is_empty() || left() {
            let began = instant();
            let step = engine.handle(at, events.drain(..)).expect("a bite");
            bites.push(began.elapsed());
            at = step.next_wake.unwrap_or(at);
        }
        after.push(in_use(&path));
        (*days as f64 / 30.0, shares(bites).to_vec())
    });
    let rows = rows.collect();
    Curve {
        title: "Archiving all but the last month of a past of 30,000 messages a day, by months that leave",
        across: "months",
        unit: "ms",
        names: &["a bite of 200 recipients, median", "a bite, 99 %"],
        rows,
        also: vec![
            ("made in", makings),
            ("the archive", sizes),
            ("ledger in use before", before),
            ("and after", after),
        ],
    }
}

/// What of a ledger is in use: pages that became free are used again.
fn in_use(path: &Path) -> String {
    let ledger = rusqlite::Connection::open(path).expect("a ledger");
    let number = |name: &str| ledger.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).expect("a number");
    format!("{:.2} GB", ((number("page_count") - number("freelist_count")) * number("page_size")) as f64 / 1e9)
}
