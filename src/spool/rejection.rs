use std::collections::BTreeMap;
use std::fmt;

use jiff::tz::TimeZone;

use super::phrases;
use crate::engine::event::Refusal;
use crate::model::audience::ExpressionError;
use crate::model::{Class, JobId, Lang, NumberError, Timestamp, WaitKind};

/// Why a dropped file is not taken, and where in it the trouble lies.
///
/// `Display` is one English line for the record; [`Rejection::notice`] is the text of `NAME.reason.txt`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", phrases::line(self, Lang::English))]
pub struct Rejection {
    /// The list file in which the trouble lies, where it is not the job file itself.
    pub list: Option<String>,
    /// Line of a text, row of a sheet; 1 is the first.
    pub line: Option<u32>,
    /// The column by name, or by letter and name.
    pub column: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

impl Rejection {
    /// One line in the language of the reader: place, what is wrong, what to do.
    pub fn line(&self, lang: Lang) -> String {
        phrases::line(self, lang)
    }

    /// Place and what is wrong, for whoever is shown beside it what can be done.
    pub fn what(&self, lang: Lang) -> String {
        phrases::what(self, lang)
    }

    /// What stands in `NAME.reason.txt`: Indonesian first, then English.
    pub fn notice(&self, file: &str) -> String {
        phrases::notice(self, file)
    }

    pub(crate) fn at_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }

    pub(crate) fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    pub(crate) fn in_list(mut self, list: &str) -> Self {
        self.list = Some(list.to_owned());
        self
    }
}

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        Self { list: None, line: None, column: None, fault }
    }
}

/// What is wrong with a file. `phrases.rs` has a sentence and a remedy for each, in both languages.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Nothing in it but blanks.
    Empty,
    /// Larger than the settings allow, in octets.
    TooLarge {
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// Octets that no text has.
    Binary,
    /// A workbook (or another zip archive) whose name says something else.
    Workbook,
    /// The Excel format before 2007, or a workbook with a password.
    OldWorkbook,
    /// A name that ends in none of .txt, .csv, .xlsx.
    Kind {
        /// What it ends in, with the point; empty without.
        extension: String,
    },
    /// A name that is not UTF-8 or has control characters.
    Name,
    /// Octets that are not text in the encoding that the file seems to have.
    Encoding {
        /// Its name, such as `UTF-8`.
        encoding: &'static str,
    },
    /// The text of a job begins without any header.
    NoHeaders,
    /// A header that is not known.
    UnknownHeader {
        /// As written, shortened.
        name: String,
        /// The known one that is probably meant.
        near: Option<&'static str>,
    },
    /// A line among the headers that is none.
    StrayLine,
    /// A header twice.
    RepeatedHeader {
        /// As written.
        name: String,
    },
    /// No `Kepada` / `To`, or nothing in it.
    NoRecipients,
    /// Headers and no text.
    NoText,
    /// A word that is no class.
    Class {
        /// As written.
        word: String,
    },
    /// A class that this unit may not use.
    ClassNotAllowed {
        /// The class.
        class: Class,
        /// The unit.
        unit: String,
        /// What it may use.
        allowed: Vec<Class>,
    },
    /// A time that cannot be read.
    Time {
        /// As written.
        word: String,
    },
    /// A time of day, without a date, that is over.
    TimeOver {
        /// As written.
        word: String,
    },
    /// A day to begin on, without the hour.
    NoHour {
        /// As written.
        word: String,
    },
    /// No legal basis that is known.
    Basis {
        /// As written.
        word: String,
    },
    /// Neither hold nor resend.
    InDoubt {
        /// As written.
        word: String,
    },
    /// Neither yes nor no.
    YesNo {
        /// As written.
        word: String,
    },
    /// A list file that is not in the folder.
    ListMissing {
        /// As written.
        name: String,
    },
    /// A list file that is not in the folder any more: one of its name went along with a text before.
    ListGone {
        /// As written.
        name: String,
        /// Where it lies, `accepted` or `rejected`.
        folder: &'static str,
    },
    /// A list file outside of the folder, or of another kind.
    ListName {
        /// As written.
        name: String,
    },
    /// More list files than one job may name.
    TooManyLists {
        /// The limit.
        limit: usize,
    },
    /// No column for the number.
    NoNumberColumn {
        /// The columns that are there.
        found: Vec<String>,
    },
    /// Numbers stand where the names of the columns should.
    NoColumnNames,
    /// Two columns that could be meant.
    AmbiguousColumn {
        /// The first.
        first: String,
        /// The second.
        second: String,
    },
    /// A quote that is opened and not closed.
    OpenQuote,
    /// A cell that is longer than any text.
    LongCell {
        /// The limit in octets.
        limit: usize,
    },
    /// More columns than anybody needs.
    TooManyColumns {
        /// The limit.
        limit: usize,
    },
    /// A row that has more cells than the columns' names reach over.
    ExtraCells {
        /// Cells of the row, without empty ones at its end.
        cells: usize,
        /// Columns of the row of names, likewise.
        columns: usize,
    },
    /// A table that brings no text, and no job names it.
    NoTextColumn {
        /// The file that could name it.
        job: String,
        /// This file.
        list: String,
    },
    /// A `{column}` that the table has not.
    UnknownPlaceholder {
        /// As written, without brackets.
        name: String,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// A `{column}` in a job that names numbers only.
    PlaceholderWithoutTable {
        /// As written, without brackets.
        name: String,
    },
    /// A table with a header and nothing below.
    NoRows,
    /// More rows than the settings allow.
    TooManyRows {
        /// The limit.
        limit: u32,
    },
    /// So many unusable numbers that the column or the list must be wrong.
    MostlyUnusable {
        /// Unusable ones.
        unusable: u64,
        /// All.
        named: u64,
        /// The first few: row, and why.
        examples: Vec<(u32, NumberError)>,
    },
    /// A workbook that cannot be read.
    DamagedWorkbook {
        /// What the reader says.
        detail: String,
    },
    /// A workbook that unpacks to more than a sheet of that many rows can need.
    Unpacked {
        /// The limit in octets.
        limit: u64,
    },
    /// A workbook without a sheet of cells.
    NoSheet,
    /// A list of office-holders that is no table.
    NotATable,
    /// No column of a list of office-holders says in what capacity they stand there.
    NoRoleColumn {
        /// The columns that are there.
        found: Vec<String>,
    },
    /// Recipients by role or area, and no roster.
    NoRoster,
    /// An expression over role and area that means nobody.
    NobodyMeant,
    /// An expression over role and area that cannot be used.
    Audience(ExpressionError),
    /// A file of smstools that cannot be sent as it asks.
    Smstools(NotSmstools),
    /// A link, pipe, device or socket.
    NotAFile,
    /// A file with more than one name (hard link).
    ManyNames,
    /// A file named as the reports and reasons beside accepted and rejected files are.
    ResultName,
    /// A file that the daemon may not read.
    Unreadable,
    /// A folder that belongs to no unit.
    UnknownUnit {
        /// The units there are.
        units: Vec<String>,
    },
    /// The engine's refusal: the same content was accepted before.
    SentBefore {
        /// As this job.
        job: JobId,
        /// At this time, as the office writes times.
        at: String,
    },
    /// The engine's refusal: everybody is excluded.
    Nobody {
        /// Recipients named.
        recipients: u64,
        /// How many of them are excluded, by the reason's short name (`Excluded::name`).
        excluded: ExcludedCounts,
        /// Segments of the longest text that is too long, and how many it may have; `None`: none is.
        longest: Option<(usize, usize)>,
    },
    /// The engine's refusal: the time to send by has passed.
    TooLate {
        /// That time, as the office writes times.
        expires_at: String,
    },
    /// The engine's refusal: quiet hours or a moratorium hold until then.
    NeverOpens(Box<NeverOpens>),
    /// The engine's refusal: more than is left of its unit's day.
    OverQuota {
        /// Segments it needs.
        segments: u64,
        /// Segments that are left.
        left: u64,
    },
}

impl Rejection {
    /// A refusal of the engine, its times in the office's zone.
    pub fn refused(refusal: Refusal, zone: &TimeZone) -> Self {
        let written = |at: Timestamp| at.to_zoned_datetime(zone.clone()).strftime("%d-%m-%Y %H:%M %Z").to_string();
        match refusal {
            Refusal::SentBefore { job, at } => Fault::SentBefore { job, at: written(at) },
            Refusal::Nobody { recipients, excluded, longest } => Fault::Nobody { recipients, excluded, longest },
            Refusal::TooLate { expires_at } => Fault::TooLate { expires_at: written(expires_at) },
            Refusal::NeverOpens { kind, reason, opens, expires_at } => {
                let (opens, expires_at) = (opens.map(written), written(expires_at));
                Fault::NeverOpens(Box::new(NeverOpens { kind, reason, opens, expires_at }))
            }
            Refusal::OverQuota { segments, left } => Fault::OverQuota { segments, left },
        }
        .into()
    }
}

/// Why a file of smstools is not sent: people would get something else than it says, or get it though they should not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSmstools {
    /// A character set that is none of its, or octets that are no text.
    Alphabet {
        /// The header, as written.
        word: String,
    },
    /// The GSM alphabet, with octets that mean something else in ASCII.
    GsmCodes,
    /// A validity that cannot be read.
    Validity {
        /// The header, as written.
        word: String,
    },
    /// It is not to be sent for now.
    Hold,
    /// A call, octets, a header of the user data, a hidden message, a text from another file.
    NoText {
        /// The header, as written.
        word: String,
    },
    /// It was sent by smstools, or came in there.
    Done {
        /// The header, as written.
        word: String,
    },
}

/// What keeps a job until its time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeverOpens {
    /// Quiet hours or a moratorium.
    pub kind: WaitKind,
    /// A moratorium's own words; else empty.
    pub reason: String,
    /// When it could first be sent, as the office writes times, where that is known.
    pub opens: Option<String>,
    /// The time to send by.
    pub expires_at: String,
}

/// How many of a job's recipients are excluded, by the reason's short name.
pub type ExcludedCounts = BTreeMap<&'static str, u64>;

/// A size as people read it.
pub(super) struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0..1_000_000 => write!(f, "{} kB", self.0.div_ceil(1000)),
            octets => write!(f, "{} MB", octets.div_ceil(1_000_000)),
        }
    }
}
