//! `QUEUE/UNIT/inbox.report.csv`: what a unit has to read and answer, for staff who see no more than their folder.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tracing::error;

use super::report::{ReportError, time};
use super::reporter::AGAIN;
use super::{SpoolSettings, folder, harmless};
use crate::store::{InboxFilter, InboxView, Reader};

/// The file's name; the watch passes it over, as all reports.
pub(super) const NAME: &str = "inbox.report.csv";
/// The newest so many texts are in it.
const ROWS: usize = 5_000;
/// It is written at most this often.
const EVERY: Duration = Duration::from_secs(2);

/// Writes the reports of the units that are named until the sender is gone, then those that are still due, and ends.
pub(super) async fn run(settings: Arc<SpoolSettings>, mut changed: mpsc::Receiver<String>) {
    let mut again = BTreeSet::new();
    loop {
        let first = match again.is_empty() {
            true => changed.recv().await,
            false => tokio::time::timeout(AGAIN, changed.recv()).await.unwrap_or_else(|_| again.pop_first()),
        };
        let Some(first) = first else { break };
        let mut units = std::mem::take(&mut again);
        units.insert(first);
        // What comes together is written together.
        let rest = tokio::time::sleep(EVERY);
        tokio::pin!(rest);
        loop {
            tokio::select! {
                biased;
                unit = changed.recv() => match unit {
                    Some(unit) => drop(units.insert(unit)),
                    None => break,
                },
                () = &mut rest => break,
            }
        }
        for unit in units {
            let (settings, named) = (settings.clone(), unit.clone());
            let written = tokio::task::spawn_blocking(move || write(&settings, &named)).await;
            match written {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    error!(unit, %error, "the report of a unit's inbox could not be written; tried again");
                    again.insert(unit);
                }
                Err(error) => error!(unit, %error, "writing the report of a unit's inbox ended in a panic"),
            }
        }
    }
}

/// Writes one unit's report. Blocks. A unit that has no folder has no report.
fn write(settings: &SpoolSettings, unit: &str) -> Result<(), ReportError> {
    if !settings.units.iter().any(|known| known.name == unit) {
        return Ok(());
    }
    let filter = InboxFilter { unit: Some(unit.to_owned()), limit: ROWS, ..InboxFilter::default() };
    let entries = Reader::open(&settings.database)?.inbox_where(&filter)?;
    let path = folder::of_unit(&settings.queue, unit).join(NAME);
    if entries.is_empty() && !folder::exists(&path)? {
        return Ok(());
    }
    folder::write_atomic(&path, |file| {
        write_inbox(entries.iter().filter(|entry| entry.state.is_some()), &settings.format.time_zone, file)
    })?;
    Ok(())
}

/// Writes inbound texts as a table: UTF-8, separated by commas, times in `zone`. A cell that a spreadsheet would take for a formula
/// begins with an apostrophe.
pub fn write_inbox<'a>(
    entries: impl Iterator<Item = &'a InboxView>,
    zone: &TimeZone,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new().from_writer(to);
    table.write_record([
        "id",
        "received_at",
        "unit",
        "state",
        "from",
        "kind",
        "text",
        "answer",
        "answer_state",
        "sim",
    ])?;
    for entry in entries {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        table.write_record(
            [
                &*entry.id.to_string(),
                &time(Some(entry.received_at), zone),
                &word(&entry.unit),
                &word(&entry.state),
                &entry.from,
                &entry.kind,
                &entry.text,
                &word(&entry.answer),
                &word(&entry.answer_state),
                &entry.sim,
            ]
            .map(|cell| harmless(cell).into_owned()),
        )?;
    }
    table.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::spool::Unit;
    use crate::store::ledger_with_report_due;

    #[tokio::test(start_paused = true)]
    async fn a_report_that_cannot_be_written_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("k.db");
        let mut settings = SpoolSettings::new(folder.path(), &database, Arc::new(|| Timestamp::UNIX_EPOCH));
        settings.units = vec![Unit::named("damkar")];
        let report = folder.path().join("damkar").join(NAME);
        std::fs::create_dir(folder.path().join("damkar")).unwrap();
        std::fs::write(&report, "who was erased").unwrap();
        let (changes, changed) = mpsc::channel(1);
        let running = tokio::spawn(run(Arc::new(settings), changed));
        changes.send("damkar".to_owned()).await.unwrap();
        tokio::time::sleep(AGAIN / 2).await;
        assert_eq!(std::fs::read(&report).unwrap(), b"who was erased", "without a ledger nobody knows");
        ledger_with_report_due(&database, "damkar", "siaga.csv", 1);
        tokio::time::sleep(AGAIN).await;
        assert!(std::fs::read_to_string(&report).unwrap().starts_with("id,"));
        drop(changes);
        running.await.unwrap();
    }

    #[test]
    fn a_citizens_text_is_no_formula_in_the_offices_spreadsheet() {
        let entry = InboxView {
            id: 7,
            from: "+6281234567890".to_owned(),
            text: "=HYPERLINK(\"http://x\")\nBapak".to_owned(),
            kind: "reply".to_owned(),
            rule: None,
            complete: true,
            sim: "8962".to_owned(),
            sent_at: None,
            received_at: "2026-11-24T17:30:00Z".parse().unwrap(),
            state: Some("answered".to_owned()),
            unit: Some("damkar".to_owned()),
            about_job: Some(3),
            answer_job: Some(9),
            answer: Some("-siap".to_owned()),
            answer_state: Some("delivered".to_owned()),
        };
        let mut written = Vec::new();
        write_inbox([entry].iter(), &TimeZone::get("Asia/Jakarta").unwrap(), &mut written).unwrap();
        assert_eq!(
            String::from_utf8(written).unwrap().lines().nth(1).unwrap(),
            "7,2026-11-25T00:30:00+07:00,damkar,answered,'+6281234567890,reply,\"'=HYPERLINK(\"\"http://x\"\") Bapak\",'-siap,delivered,8962"
        );
    }
}
