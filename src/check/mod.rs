//! What would become of a job, without sending anything: for `kentongan check` and for whoever writes a text on the page.
//!
//! [`check`] reads a job as the queue directory does, judges it as the engine would, and gives a [`VerdictView`]: who is
//! included, who is not and why, what it needs, what it waits for, when it could be through. What it says is data; its
//! only sentences are those that refuse, in the language asked for. [`routes`] says what there is to carry it, [`whom`] whom an expression
//! names, [`compare`] what a list would change in the roster.
//!
//! Left out on purpose: how any of it is shown.

mod account;
mod comparison;
mod eta;
mod gates;
mod phrases;
mod preview;
mod roster;
mod routes;
mod verdict;
mod whom;

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

pub use self::account::{Example, ExcludedRow, NO_NUMBER};
pub use self::comparison::{
    ChangeRow, CompareError, Compared, Comparison, InvalidRow, List, SharedRow, compare, other_difference,
};
pub use self::eta::{SimRow, finishes, sims};
pub use self::preview::{CharacterRow, FilteredRow, OperatorRow, Preview, SegmentRow};
pub use self::roster::{EntryPage, corrections, entries, history};
pub use self::routes::{ModemRate, RouteView, modems, routes};
pub use self::verdict::{AreaRow, Header, Verdict, VerdictView};
pub use self::whom::{AudienceCount, WhomError, count_meant, whom};

use self::account::Account;
use self::gates::Gates;
use self::verdict::Parts;
use crate::config::{Config, Unit};
use crate::model::{Class, Excluded, JobHeader, Lang, Msisdn, Timestamp};
use crate::policy::{LifeSafety, signed};
use crate::spool::format::{self, Beside, FormatSettings, JobFile, Octets, Part, ReadError};
use crate::spool::{self, LedgerRoster, Rejection, read_file};
use crate::store::{Reader, StoreError};

/// The job that is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A file where it lies, with the lists beside it.
    File(&'a Path),
    /// What is not in a folder yet.
    Octets {
        /// The name the file would have, without folders: its ending says how it is read.
        name: &'a str,
        /// What stands in it.
        content: &'a [u8],
        /// Lists that it may name, as they would lie beside it: their names and what stands in them.
        lists: &'a [(String, Vec<u8>)],
    },
}

impl Source<'_> {
    /// What the verdict calls it.
    fn name(&self) -> String {
        match self {
            Source::File(path) => path.display().to_string(),
            Source::Octets { name, .. } => (*name).to_owned(),
        }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Whose job it would be.
    pub unit: &'a Unit,
    /// The job.
    pub source: Source<'a>,
    /// In which a refusal is written.
    pub lang: Lang,
    /// Of at most so many who get nothing it is told who they are; all are counted.
    pub excluded_max: usize,
    /// The time.
    pub now: Timestamp,
}

/// Why there is no verdict. A job that would be refused has one.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The ledger did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be read this time.
    #[error("{}: {source}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// Why.
        source: ReadError,
    },
}

/// Goes through the whole intake of a job and sends nothing. Costs as much as reading it.
///
/// `reader`: the ledger, where there is one. `progress` is told of rows as they are read. Errors: [`CheckError`].
pub fn check(
    question: &Question<'_>,
    reader: Option<&Reader>,
    progress: &mut dyn FnMut(u64),
) -> Result<VerdictView, CheckError> {
    let Question { config, unit, source, lang, excluded_max, now } = *question;
    let operators = config.routing.operators.clone();
    let (longest, filters) = (config.messages.segments_max, config.preview.filters.clone());
    let mut account = Account::new(longest, config.messages.transliterate, operators, filters).telling(excluded_max);
    let bars = Bars { reader, life_safety: &config.consent.life_safety, unit: &unit.name };
    let read = read(question, &mut |part| take(&mut account, part, unit, &bars, progress))?;
    let gates = match &account.header {
        Some(header) => {
            let size = (account.messages, account.segments);
            Gates::of((config, unit, lang), header, size, reader, now)?
        }
        None => Gates::default(),
    };
    let refusal = match read {
        Ok(()) => refusal(question, &account, reader)?.or(gates.refusal.clone()),
        Err(rejection) => Some(rejection.line(lang)),
    };
    let unseen_opt_outs = match reader.map(Reader::kept_opt_outs).transpose()? {
        Some((kept, false)) => kept,
        _ => 0,
    };
    let opens = refusal.is_none().then_some(gates.opens());
    let preview = Preview::of(config, &account, reader, opens, now)?;
    let parts = Parts { file: source.name(), unit: &unit.name, refusal, gates, preview, unseen_opt_outs };
    Ok(VerdictView::of(parts, account))
}

/// How job files are read, out of the whole configuration.
pub fn format_settings(config: &Config) -> FormatSettings {
    FormatSettings {
        country: config.office.country,
        time_zone: config.office.time_zone.clone(),
        file_bytes_max: config.intake.file_bytes_max,
        rows_max: config.intake.rows_max,
        unusable_share_max: config.intake.unusable_share_max,
    }
}

/// Hands the parts of the job to `each`. Gives why it would not be read to its end, where it would not.
fn read(
    question: &Question<'_>,
    each: &mut dyn FnMut(Part) -> Result<(), StoreError>,
) -> Result<Result<(), Box<Rejection>>, CheckError> {
    let Question { config, unit, source, now, .. } = *question;
    let settings = format_settings(config);
    let mut roster = LedgerRoster::new(&config.paths.database, config.roster.places.clone());
    let mut fault = None;
    let mut sink = |part| match each(part) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    };
    let read = match source {
        Source::File(path) => {
            let sender = spool::Unit {
                classes: unit.classes.clone(),
                in_doubt: unit.in_doubt,
                ..spool::Unit::named(&unit.name)
            };
            read_file(path, &sender, &settings, &mut roster, now, &mut sink)
        }
        Source::Octets { name, content, lists } => {
            let job = JobFile { name, unit: &unit.name, classes: &unit.classes, in_doubt: unit.in_doubt, owner: "" };
            let mut open_list = |wanted: &str| match lists.iter().find(|(name, _)| name == wanted) {
                Some((_, list)) => Ok(Box::new(Cursor::new(list.clone())) as Box<dyn Octets>),
                None => Err(ReadError::Io(std::io::ErrorKind::NotFound.into())),
            };
            let beside = Beside { open_list: &mut open_list, roster: &mut roster };
            format::read_job(&job, &mut Cursor::new(content), beside, &settings, now, &mut sink)
        }
    };
    match (fault, read) {
        (Some(error), _) => Err(error.into()),
        (None, Ok(_)) => Ok(Ok(())),
        (None, Err(ReadError::Rejected(rejection))) => Ok(Err(rejection)),
        (None, Err(error)) => Err(CheckError::Read { file: source.name().into(), source: error }),
    }
}

/// Counts a part. Puts the unit's signature below each text, as the engine does.
fn take(
    account: &mut Account,
    part: Part,
    unit: &Unit,
    bars: &Bars<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<(), StoreError> {
    let sign = |text| signed(text, Some(&unit.rules));
    match part {
        Part::Header(header) => account.header = Some(JobHeader { text: header.text.map(sign), ..*header }),
        Part::Remarks(remarks) => account.remarks = remarks,
        Part::Rows(rows) => {
            progress(rows.len() as u64);
            let class = account.header.as_ref().map_or(Class::Routine, |header| header.class);
            for mut row in rows {
                row.text = row.text.map(sign);
                let barred = match &row.number {
                    Ok(number) => bars.bar(*number, class)?,
                    Err(_) => None,
                };
                account.add(row, barred);
            }
        }
    }
    Ok(())
}

/// What keeps the engine from writing to a number.
struct Bars<'a> {
    reader: Option<&'a Reader>,
    life_safety: &'a LifeSafety,
    unit: &'a str,
}

impl Bars<'_> {
    fn bar(&self, number: Msisdn, class: Class) -> Result<Option<Excluded>, StoreError> {
        let Some(reader) = self.reader else { return Ok(None) };
        if reader.opt_out(number)?.is_some_and(|scope| self.life_safety.stops(scope, class, self.unit)) {
            return Ok(Some(Excluded::OptedOut));
        }
        Ok((class != Class::Emergency && reader.is_suspended(number)?).then_some(Excluded::Suspended))
    }
}

/// What the engine would say to a file that can be read.
fn refusal(question: &Question<'_>, account: &Account, reader: Option<&Reader>) -> Result<Option<String>, StoreError> {
    let Some(header) = &account.header else { return Ok(None) };
    let (lang, zone) = (question.lang, question.config.time_zone());
    if let Some(expires_at) = header.expires_at.filter(|expires_at| *expires_at <= question.now) {
        return Ok(Some(phrases::too_late(lang, expires_at, zone)));
    }
    if account.messages == 0 {
        return Ok(Some(Rejection::refused(account.nobody(), zone).what(lang)));
    }
    if let (Some(reader), false) = (reader, header.again)
        && let Some((job, at)) = reader.accepted_before(&header.digest)?
    {
        return Ok(Some(phrases::sent_before(lang, job, at, zone)));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = "Kepada: warga.csv\nKelas: penting\n\nBanjir di {kampung}.\n";
    const LIST: &str = "nomor,kampung\n081234567890,Cicadas\n0812345,Cicadas\n081234567890,Cikutra\n";

    fn verdict(source: Source<'_>) -> Verdict {
        let text = "[paths]\ndatabase = \"/nowhere/k.db\"\n[[unit]]\nname = \"damkar\"\n";
        let config = Config::read(Path::new("k.toml"), text).unwrap();
        let unit = config.unit("damkar").unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut rows = 0;
        let question = Question { config: &config, unit, source, lang: Lang::English, excluded_max: 1, now };
        let verdict = check(&question, None, &mut |read| rows += read).unwrap().verdict;
        assert_eq!(rows, verdict.recipients);
        verdict
    }

    #[test]
    fn a_job_is_judged_the_same_in_a_folder_and_out_of_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("banjir.txt"), JOB).unwrap();
        std::fs::write(folder.path().join("warga.csv"), LIST).unwrap();
        let lists = [("warga.csv".to_owned(), LIST.as_bytes().to_vec())];
        let octets = verdict(Source::Octets { name: "banjir.txt", content: JOB.as_bytes(), lists: &lists });
        let file = verdict(Source::File(&folder.path().join("banjir.txt")));
        assert_eq!((octets.accepted, octets.recipients, octets.messages, octets.excluded), (true, 3, 1, 2));
        assert_eq!(octets.excluded_rows.len(), 1, "of more than were asked for it is not told who they are");
        let shown = |verdict: Verdict| serde_json::to_value(Verdict { file: String::new(), ..verdict }).unwrap();
        assert_eq!(shown(octets), shown(file));
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_with_the_limit() {
        let long = format!("Kepada: 081234567890\n\n{}", "a".repeat(2000));
        let verdict = verdict(Source::Octets { name: "banjir.txt", content: long.as_bytes(), lists: &[] });
        assert_eq!(verdict.refusal.unwrap(), "the text needs 14 segments, at most 8 are allowed");
        assert_eq!(verdict.excluded_rows[0].detail, "the text needs 14 segments, at most 8 are allowed");
    }

    #[test]
    fn a_list_that_did_not_come_along_is_named_in_the_refusal() {
        let verdict = verdict(Source::Octets { name: "banjir.txt", content: JOB.as_bytes(), lists: &[] });
        let refusal = verdict.refusal.unwrap();
        assert!(!verdict.accepted && refusal.contains("warga.csv"), "{refusal}");
    }
}
