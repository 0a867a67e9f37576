use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use super::{Basis, Class, EntryId, ImportId, Msisdn, NumberError};

/// What to do with a segment whose fate is unknown and stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InDoubt {
    /// Show it, count it, let an operator decide.
    Hold,
    /// Send it again after the waiting time: a double is better than silence.
    Resend,
}

impl InDoubt {
    /// The policy a class has when the job says nothing.
    pub fn default_for(class: Class) -> Self {
        match class {
            Class::Emergency => InDoubt::Resend,
            Class::Important | Class::Routine => InDoubt::Hold,
        }
    }

    /// The English name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            InDoubt::Hold => "hold",
            InDoubt::Resend => "resend",
        }
    }
}

impl FromStr for InDoubt {
    type Err = String;

    /// Reads `hold`, `resend`, `tahan` or `ulang`, any letter case. Errors: the word, where it is none of them.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.trim().to_lowercase().as_str() {
            "hold" | "tahan" => Ok(InDoubt::Hold),
            "resend" | "ulang" => Ok(InDoubt::Resend),
            _ => Err(word.to_owned()),
        }
    }
}

/// Where a job came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobKind {
    /// A file in the queue directory.
    File,
    /// The daemon's own answer to an inbound message; goes through the SIM that received it.
    Reply,
    /// A message of a modem's self-test to its own number.
    Test,
    /// A question to the operator of a SIM.
    Query,
    /// A text to an administrator: alarms that stand or have passed.
    Alarm,
}

impl JobKind {
    /// The name stored.
    pub fn name(self) -> &'static str {
        match self {
            JobKind::File => "file",
            JobKind::Reply => "reply",
            JobKind::Test => "test",
            JobKind::Query => "query",
            JobKind::Alarm => "alarm",
        }
    }

    /// Whether a unit writes to citizens with it: pauses and opt-outs are about these, and so are its account and its report.
    pub fn is_a_units(self) -> bool {
        self == JobKind::File
    }
}

impl FromStr for JobKind {
    type Err = String;

    /// Reads a stored name. Errors: the word, where it is none of them.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [JobKind::File, JobKind::Reply, JobKind::Test, JobKind::Query, JobKind::Alarm]
            .into_iter()
            .find(|kind| kind.name() == word)
            .ok_or_else(|| word.to_owned())
    }
}

/// What a job file says before its recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobHeader {
    /// The sending office: the folder's name.
    pub unit: String,
    /// The file's name, without folders.
    pub source: String,
    /// SHA-256 over the file's octets and those of the lists that it names, lower-case hexadecimal.
    pub digest: String,
    /// SHA-256 of the file's own octets, lower-case hexadecimal.
    pub file_digest: String,
    /// Who owns the file (user name or uid), as the system says.
    pub owner: String,
    /// Order and policy.
    pub class: Class,
    /// The text all recipients get, where rows bring none of their own.
    pub text: Option<String>,
    /// Not before this time; `None`: at once.
    pub not_before: Option<Timestamp>,
    /// How long it may wait and be delivered, from acceptance or `not_before`, whichever is later.
    pub lifetime: Option<SignedDuration>,
    /// Not after this time; `lifetime` and this do not both stand in one file.
    pub expires_at: Option<Timestamp>,
    /// What to do in doubt.
    pub in_doubt: InDoubt,
    /// Sent on purpose although the same content was sent before (header `Ulang: ya` / `Again: yes`).
    pub again: bool,
    /// On what the processing of its numbers rests (header `Dasar` / `Basis`); `None`: what its unit says.
    pub basis: Option<Basis>,
    /// Whom it is for, where its recipients come from the roster.
    pub audience: Option<AudienceNote>,
}

impl JobHeader {
    /// What a file says that says nothing beside its recipients: to be sent at once, for as long as its class lives. Without a text, an
    /// owner and digests.
    pub fn of(unit: &str, source: &str, class: Class) -> Self {
        Self {
            unit: unit.to_owned(),
            source: source.to_owned(),
            digest: String::new(),
            file_digest: String::new(),
            owner: String::new(),
            class,
            text: None,
            not_before: None,
            lifetime: None,
            expires_at: None,
            in_doubt: InDoubt::default_for(class),
            again: false,
            basis: None,
            audience: None,
        }
    }
}

/// Whom a job is for: what its file says, and what that meant when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudienceNote {
    /// The expression as written.
    pub expression: String,
    /// The same with saved names written out and the words for parts of the city explained.
    pub meaning: String,
    /// As of which import of the roster.
    pub import: ImportId,
}

/// Why a named recipient gets no message. Each is counted in the job's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// The number cannot be used.
    Invalid(NumberError),
    /// Named before in the same job, in this row.
    Duplicate {
        /// The row that has it first, 1 is the first row of the file.
        first_row: u32,
        /// Which of the numbers of that row it is, from 1, where the row has several.
        place: Option<u32>,
    },
    /// The same person named before in the same job, with another number.
    SamePerson {
        /// Where, as in [`Excluded::Duplicate`].
        first_row: u32,
    },
    /// Messages to the number failed again and again; it waits for correction.
    Suspended,
    /// The number asked not to be written to.
    OptedOut,
    /// The row has no text and neither has the job.
    NoText,
    /// The text has a `{column}` for which the row has no value.
    NoValue {
        /// The column, as the text writes it.
        column: String,
    },
    /// The text needs more segments than the settings allow.
    TooLong {
        /// How many it would need.
        segments: usize,
        /// How many it may have.
        limit: usize,
    },
}

impl Excluded {
    /// The reason's short name, as stored and as in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Excluded::Invalid(_) => "invalid",
            Excluded::Duplicate { .. } | Excluded::SamePerson { .. } => "duplicate",
            Excluded::Suspended => "suspended",
            Excluded::OptedOut => "opted_out",
            Excluded::NoText | Excluded::NoValue { .. } => "no_text",
            Excluded::TooLong { .. } => "too_long",
        }
    }

    /// The detail beside the short name, in English.
    pub fn detail(&self) -> String {
        match self {
            Excluded::Invalid(error) => error.to_string(),
            Excluded::Duplicate { first_row, place: None } => format!("the same number as in row {first_row}"),
            Excluded::Duplicate { first_row, place: Some(place) } => {
                format!("the same number as number {place} in row {first_row}")
            }
            Excluded::SamePerson { first_row } => format!("the same person as in row {first_row}"),
            Excluded::Suspended => "messages to it failed again and again; see kentongan roster corrections".to_owned(),
            Excluded::OptedOut => String::new(),
            Excluded::NoText => "neither the row nor the job has a text".to_owned(),
            Excluded::NoValue { column } => format!("the text needs {{{column}}} and the row has nothing there"),
            Excluded::TooLong { segments, limit } => {
                format!("the text needs {segments} segments, at most {limit} are allowed")
            }
        }
    }
}

/// One row of a job file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientRow {
    /// The line or row in the file, 1-based, as a person would count it.
    pub row: u32,
    /// The number as written, at most 64 characters kept.
    pub raw: String,
    /// The number as understood, or why not.
    pub number: Result<Msisdn, Excluded>,
    /// The name beside it, if any.
    pub name: Option<String>,
    /// The row's own text, finished; `None`: the job's text.
    pub text: Option<String>,
    /// Where the row comes from, as far as that is known.
    pub origin: Origin,
}

/// What is known of a recipient beside number and text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The entry of the roster.
    pub entry: Option<EntryId>,
    /// The kecamatan, from the roster or from a column of the list.
    pub kecamatan: Option<String>,
}

impl RecipientRow {
    /// A row that is nothing but a number.
    pub fn to(row: u32, number: Msisdn) -> Self {
        Self { row, raw: number.digits(), number: Ok(number), name: None, text: None, origin: Origin::default() }
    }
}
