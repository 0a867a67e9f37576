use super::phrases;
use crate::model::{Lang, NumberError, PlaceError, Role, UnknownRole};

/// A line of a list that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// What is wrong.
    pub fault: LineFault,
    /// The office that it speaks of, as compared, where that can be told: whoever holds it stays.
    pub seat: Option<String>,
    /// In what capacity, where that can be told.
    pub role: Option<Role>,
    /// What the line says of the office, for a person who looks for it.
    pub written: String,
}

/// What is wrong with a line of a list of office-holders. `phrases.rs` has a sentence and a remedy for each, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// The number cannot be used.
    Number(NumberError),
    /// Something that the office needs is not there.
    Missing {
        /// The column's name.
        field: &'static str,
    },
    /// The word names no role.
    Role(UnknownRole),
    /// RT or RW is no number.
    NotANumber {
        /// `rt` or `rw`.
        field: &'static str,
        /// As written.
        word: String,
    },
    /// There is no such area, or several.
    Place(PlaceError),
    /// Two lines give one office to two people or to two numbers.
    SameSeat {
        /// The other line.
        line: u32,
    },
    /// The line says the same as one before it.
    Repeated {
        /// That line.
        line: u32,
    },
    /// A correction of an office that nobody holds with the number that it says is wrong.
    Outdated,
}

impl LineFault {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            LineFault::Number(_) => "number",
            LineFault::Missing { .. } => "missing",
            LineFault::Role(_) => "role",
            LineFault::NotANumber { .. } => "not_a_number",
            LineFault::Place(_) => "area",
            LineFault::SameSeat { .. } => "same_office",
            LineFault::Repeated { .. } => "repeated",
            LineFault::Outdated => "outdated",
        }
    }

    /// What is wrong and what to do, in the language of the reader.
    pub fn line(&self, lang: Lang) -> String {
        phrases::line(self, lang)
    }
}
