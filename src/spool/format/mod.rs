//! Job files: octets in, a header and rows out. Pure: no folder, no clock, no engine.
//!
//! [`read_job`] reads one file as `NAME.txt`, `NAME.csv` or `NAME.xlsx` and hands its parts on as it reads them; tables
//! are streamed and never held as a whole. It either reads to the end or says why not, with line, column and remedy.
//!
//! Left out on purpose: opt-outs and the length of texts, which the engine judges where it commits.

mod audience;
mod csv;
mod decode;
mod recipients;
pub mod roster;
mod smstools;
mod table;
mod template;
mod text;
mod times;
mod xlsx;

use std::io::{self, Read, Seek};
use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use self::audience::Meant;
use self::decode::{Inspection, Malformed, Utf8};
use self::recipients::Recipients;
use self::table::{Columns, CommonText, Rows};
use super::rejection::{Fault, Rejection};
use super::remark::Remark;
use crate::model::audience::Known;
use crate::model::{
    Class, Country, Entry, EntryId, ImportId, InDoubt, JobHeader, Origin, RecipientRow, Timestamp, hex,
};

pub use self::recipients::Count;

/// Octets that can be read twice: a file, or a cursor over a buffer.
pub trait Octets: Read + Seek {}
impl<T: Read + Seek> Octets for T {}

/// How files are read.
#[derive(Clone, Debug)]
pub struct FormatSettings {
    /// Whose national writing of numbers is understood.
    pub country: Country,
    /// The zone of times without one.
    pub time_zone: TimeZone,
    /// The largest file, in octets.
    pub file_bytes_max: u64,
    /// The most recipients of one job.
    pub rows_max: u32,
    /// The share of unusable numbers above which the whole file is rejected, 0 to 1.
    pub unusable_share_max: f64,
}

impl Default for FormatSettings {
    fn default() -> Self {
        Self {
            country: Country::indonesia(),
            time_zone: TimeZone::get("Asia/Jakarta").unwrap_or(TimeZone::UTC),
            file_bytes_max: 96_000_000,
            rows_max: 1_000_000,
            unusable_share_max: 0.5,
        }
    }
}

/// What is known of a job file beside its octets.
#[derive(Clone, Copy, Debug)]
pub struct JobFile<'a> {
    /// Its name, without folders.
    pub name: &'a str,
    /// The unit that drops it.
    pub unit: &'a str,
    /// The classes that the unit may use; empty: all.
    pub classes: &'a [Class],
    /// What the unit's jobs want in doubt where they do not say; `None`: what their class wants.
    pub in_doubt: Option<InDoubt>,
    /// Who owns the file.
    pub owner: &'a str,
}

/// A part of a job, in the order: one header, then remarks, then rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// What stands before the recipients.
    Header(Box<JobHeader>),
    /// What is not done as the file says; only where there is any.
    Remarks(Vec<Remark>),
    /// At most 256 rows, in the file's order.
    Rows(Vec<RecipientRow>),
}

/// Takes the parts; `Break` stops the reading.
pub type Sink<'a> = dyn FnMut(Part) -> ControlFlow<()> + 'a;

/// Opens a list file that a job names. Errors: [`io::ErrorKind::NotFound`] becomes [`Fault::ListMissing`].
pub type OpenList<'a> = dyn FnMut(&str) -> Result<Box<dyn Octets>, ReadError> + 'a;

/// The roster of office-holders, as far as job files ask for it.
pub trait Roster {
    /// What names may refer to, and the roster's version; `None` before the first import.
    fn known(&mut self) -> Result<Option<(ImportId, Known)>, ReadError>;

    /// Everyone in the roster as of a version, in the order in which they were entered; ends when `each` breaks.
    fn each(
        &mut self,
        version: ImportId,
        each: &mut dyn FnMut(EntryId, Entry) -> ControlFlow<()>,
    ) -> Result<(), ReadError>;
}

/// No roster at all: who names an audience is told to import one.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRoster;

impl Roster for NoRoster {
    fn known(&mut self) -> Result<Option<(ImportId, Known)>, ReadError> {
        Ok(None)
    }

    fn each(&mut self, _: ImportId, _: &mut dyn FnMut(EntryId, Entry) -> ControlFlow<()>) -> Result<(), ReadError> {
        Ok(())
    }
}

/// What a job file may name beside itself.
pub struct Beside<'a> {
    /// Lists in its folder.
    pub open_list: &'a mut OpenList<'a>,
    /// The roster.
    pub roster: &'a mut dyn Roster,
}

/// Why a file was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Something is wrong in the file; a person must mend it.
    #[error("{0}")]
    Rejected(Box<Rejection>),
    /// The file could not be read this time.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The sink wanted no more.
    #[error("nobody wants the rest of the file")]
    Stopped,
}

impl From<Rejection> for ReadError {
    fn from(rejection: Rejection) -> Self {
        ReadError::Rejected(Box::new(rejection))
    }
}

impl ReadError {
    fn in_list(self, list: &str) -> Self {
        match self {
            ReadError::Rejected(rejection) => rejection.in_list(list).into(),
            other => other,
        }
    }
}

/// The kinds of job files, by the end of the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Headers, an empty line, the text.
    Text,
    /// A table with separators.
    Csv,
    /// An Excel workbook.
    Workbook,
    /// Headers, an empty line, the text, as smstools has them; told by its content alone.
    Smstools,
}

impl Kind {
    /// The kind of a file of this name. Errors: [`Fault::OldWorkbook`]; [`Fault::Kind`], and then it may be one of smstools'.
    pub(crate) fn of(name: &str) -> Result<Self, Fault> {
        let extension = name.rfind('.').map_or("", |point| &name[point..]);
        match extension.to_lowercase().as_str() {
            ".txt" => Ok(Kind::Text),
            ".csv" => Ok(Kind::Csv),
            ".xlsx" => Ok(Kind::Workbook),
            ".xls" => Err(Fault::OldWorkbook),
            _ => Err(Fault::Kind { extension: printable(extension, 20) }),
        }
    }

    /// The kind of a file by its name and, where that leaves it open, by how it begins. Errors: as [`Self::of`]; the reader's own.
    fn told_by(name: &str, content: &mut dyn Octets) -> Result<Self, ReadError> {
        match Kind::of(name) {
            Ok(Kind::Text) if smstools::speaks(content)? => Ok(Kind::Smstools),
            Err(Fault::Kind { .. }) if smstools::is_one(content)? => Ok(Kind::Smstools),
            told => told.map_err(|fault| Rejection::from(fault).into()),
        }
    }
}

/// Reads a job file, and the lists it names, from beginning to end.
///
/// Gives how many recipients it names. Errors: what is wrong in the file, with its place; what the system says.
pub fn read_job(
    job: &JobFile<'_>,
    content: &mut dyn Octets,
    beside: Beside<'_>,
    settings: &FormatSettings,
    now: Timestamp,
    sink: &mut Sink<'_>,
) -> Result<Count, ReadError> {
    let kind = Kind::told_by(job.name, content)?;
    let inspection = decode::inspect(content, settings.file_bytes_max)?;
    let mut recipients = Recipients::new(settings, sink);
    match kind {
        Kind::Text => {
            let written = text::parse(&whole(content, &inspection)?, &settings.time_zone, now)?;
            let said = Said { placeholder: template::first_name(&written.text), text: template::plain(&written.text) };
            read_text(job, &written, said, &inspection, beside, settings, &mut recipients)?;
        }
        Kind::Smstools => {
            let smstools::File { job: written, remarks } =
                smstools::parse(&octets(content)?, job.classes, &settings.time_zone, now)?;
            recipients.remark(remarks);
            // Brackets are no placeholders there, unless the file names a list, which only ours do.
            let lists = !written.lists.is_empty() || !written.audiences.is_empty();
            let placeholder = lists.then(|| template::first_name(&written.text)).flatten();
            let text = if lists { template::plain(&written.text) } else { written.text.clone() };
            read_text(job, &written, Said { placeholder, text }, &inspection, beside, settings, &mut recipients)?;
        }
        Kind::Csv | Kind::Workbook => {
            with_table(kind, content, &inspection, |rows| {
                let (columns, row) = table::header(rows, Columns::find)?;
                if columns.text.is_none() {
                    let stem = job.name.rsplit_once('.').map_or(job.name, |(stem, _)| stem);
                    let fault = Fault::NoTextColumn { job: format!("{stem}.txt"), list: job.name.to_owned() };
                    return Err(Rejection::from(fault).at_line(row).into());
                }
                let header = table_header(job, hex(inspection.digest));
                recipients.begin(Part::Header(Box::new(header)))?;
                table::read_rows(rows, &columns, CommonText::Own, &mut recipients)
            })?;
        }
    }
    recipients.finish()
}

/// The list files that a text job names, as far as its headers can be read. Reads at most the first 64 kB.
pub(crate) fn lists_named(content: &mut dyn Octets) -> Vec<String> {
    head(content).map(|text| text::lists_named(&text)).unwrap_or_default()
}

/// Whether a text job is an emergency and has its text, as far as its first 64 kB say.
pub(super) fn is_urgent(content: &mut dyn Octets) -> bool {
    head(content).is_ok_and(|text| text::is_urgent(&text))
}

/// The first 64 kB of a file.
fn head(content: &mut dyn Octets) -> Result<String, ReadError> {
    let mut head = Vec::new();
    content.take(64 * 1024).read_to_end(&mut head)?;
    let mut head = io::Cursor::new(head);
    let inspection = decode::inspect(&mut head, u64::MAX)?;
    // A character that breaks off at the end of the piece makes it unreadable; headers of 64 kB are no headers.
    Ok(Utf8::new(&mut head, &inspection)?.whole()?)
}

/// All that a file of 8-bit characters holds, as it stands.
fn octets(content: &mut dyn Octets) -> Result<Vec<u8>, ReadError> {
    let mut octets = Vec::new();
    content.seek(io::SeekFrom::Start(0))?;
    content.read_to_end(&mut octets)?;
    Ok(octets)
}

/// The text of a job.
struct Said<'a> {
    /// The first column that it asks for.
    placeholder: Option<&'a str>,
    /// As it is sent where it asks for none.
    text: String,
}

fn read_text(
    job: &JobFile<'_>,
    written: &text::TextJob,
    said: Said<'_>,
    inspection: &Inspection,
    beside: Beside<'_>,
    settings: &FormatSettings,
    recipients: &mut Recipients<'_>,
) -> Result<(), ReadError> {
    let class = class_of(job, written.class)?;
    let mut lists = Vec::with_capacity(written.lists.len());
    let mut digest = Sha256::new().chain_update(inspection.digest);
    for (line, name) in &written.lists {
        let missing = |error: ReadError| match error {
            ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                Rejection::from(Fault::ListMissing { name: name.clone() }).at_line(*line).into()
            }
            other => other.in_list(name),
        };
        let mut list = (beside.open_list)(name).map_err(missing)?;
        let inspection = decode::inspect(&mut *list, settings.file_bytes_max).map_err(|error| error.in_list(name))?;
        digest.update((name.len() as u64).to_be_bytes());
        digest.update(name);
        digest.update(inspection.digest);
        lists.push((name, list, inspection));
    }
    let digest = if lists.is_empty() { inspection.digest } else { digest.finalize().into() };
    let Said { placeholder, text } = said;
    let meant = Meant::look_up(&written.audiences, beside.roster)?;
    if let (Some(name), true, None) = (placeholder, lists.is_empty(), &meant) {
        return Err(Rejection::from(Fault::PlaceholderWithoutTable { name: name.to_owned() }).into());
    }
    let header = JobHeader {
        unit: job.unit.to_owned(),
        source: job.name.to_owned(),
        digest: hex(digest),
        file_digest: hex(inspection.digest),
        owner: job.owner.to_owned(),
        class,
        text: placeholder.is_none().then_some(text),
        not_before: written.not_before,
        lifetime: written.lifetime,
        expires_at: written.expires_at,
        in_doubt: written.in_doubt.or(job.in_doubt).unwrap_or_else(|| InDoubt::default_for(class)),
        again: written.again,
        basis: written.basis,
        audience: meant.as_ref().map(Meant::note),
    };
    recipients.begin(Part::Header(Box::new(header)))?;
    // Numbers without columns cannot fill a text that has placeholders.
    let alone = || match placeholder {
        Some(name) => Err(crate::model::Excluded::NoValue { column: name.to_owned() }),
        None => Ok(None),
    };
    for on_line in written.numbers.chunk_by(|one, next| one.0 == next.0) {
        recipients.add_line(on_line[0].0, on_line.iter().map(|(_, number)| number), &alone())?;
    }
    for (name, mut list, inspection) in lists {
        let mut read = || match Kind::of(name).map_err(Rejection::from)? {
            Kind::Text | Kind::Smstools => {
                for (line, number) in numbers(&whole(&mut *list, &inspection)?) {
                    recipients.add(line, number, None, Origin::default(), alone())?;
                }
                Ok(())
            }
            kind => with_table(kind, &mut *list, &inspection, |rows| {
                let (columns, _) = table::header(rows, Columns::find)?;
                let common = match placeholder {
                    Some(_) => CommonText::Template(&written.text),
                    None => CommonText::Same,
                };
                table::read_rows(rows, &columns, common, recipients)
            }),
        };
        read().map_err(|error: ReadError| error.in_list(name))?;
    }
    if let Some(meant) = meant {
        meant.read(placeholder.map(|_| written.text.as_str()), beside.roster, recipients)?;
        if recipients.named() == 0 {
            let line = written.audiences.first().map_or(1, |(line, _)| *line);
            return Err(Rejection::from(Fault::NobodyMeant).at_line(line).into());
        }
    }
    Ok(())
}

/// The numbers of a list that is a plain text: separated by commas, semicolons or lines.
fn numbers(content: &str) -> impl Iterator<Item = (u32, &str)> {
    content.lines().zip(1..).flat_map(|(line, row)| {
        let heading = row == 1 && table::names_a_number(&[line]);
        line.split([',', ';'])
            .map(str::trim)
            .filter(move |word| !word.is_empty() && !heading)
            .map(move |word| (row, word))
    })
}

fn with_table(
    kind: Kind,
    content: &mut dyn Octets,
    inspection: &Inspection,
    each: impl FnOnce(&mut dyn Rows) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if kind == Kind::Csv {
        inspection.expect_text()?;
        return each(&mut csv::Csv::new(content, inspection)?);
    }
    match inspection.container {
        decode::Container::Zip => xlsx::with_rows(content, each),
        decode::Container::Ole => Err(Rejection::from(Fault::OldWorkbook).into()),
        decode::Container::Text if inspection.blank => Err(Rejection::from(Fault::Empty).into()),
        decode::Container::Text => {
            Err(Rejection::from(Fault::DamagedWorkbook { detail: "no zip archive".to_owned() }).into())
        }
    }
}

fn whole(content: &mut dyn Octets, inspection: &Inspection) -> Result<String, ReadError> {
    inspection.expect_text()?;
    let text = Utf8::new(content, inspection)?.whole();
    text.map_err(|error| Malformed::within(&error).map_or_else(|| error.into(), ReadError::from))
}

/// A table says nothing but its rows: the least urgent class that the unit may use, and its defaults.
fn table_header(job: &JobFile<'_>, digest: String) -> JobHeader {
    let class = default_class(job.classes);
    JobHeader {
        file_digest: digest.clone(),
        digest,
        owner: job.owner.to_owned(),
        in_doubt: job.in_doubt.unwrap_or_else(|| InDoubt::default_for(class)),
        ..JobHeader::of(job.unit, job.name, class)
    }
}

fn default_class(allowed: &[Class]) -> Class {
    allowed.iter().copied().max().unwrap_or(Class::Routine)
}

fn class_of(job: &JobFile<'_>, written: Option<(u32, Class)>) -> Result<Class, ReadError> {
    match written {
        None => Ok(default_class(job.classes)),
        Some((_, class)) if job.classes.is_empty() || job.classes.contains(&class) => Ok(class),
        Some((line, class)) => {
            let allowed = job.classes.to_vec();
            let fault = Fault::ClassNotAllowed { class, unit: job.unit.to_owned(), allowed };
            Err(Rejection::from(fault).at_line(line).into())
        }
    }
}

/// A text for people: at most `max` characters, control characters made visible as U+FFFD.
fn printable(text: &str, max: usize) -> String {
    text.chars().take(max).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests;
