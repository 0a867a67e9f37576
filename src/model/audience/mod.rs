//! Whom a job is for, as an expression over role and area: `peran=RW dan wilayah=utara kecuali kelurahan=Dago`.
//!
//! [`Expression::parse`] reads it, [`Expression::resolve`] looks every name up, and the [`Audience`] that comes of it says of an
//! office whether it is meant. Words are Indonesian or English, in any letter case:
//!
//! ```text
//! expression = union { ("kecuali" | "except") union }          everyone before it, without those after it
//! union      = both { ("atau" | "or") both }
//! both       = one { ("dan" | "and") one }
//! one        = ("bukan" | "tidak" | "not") one | "(" expression ")" | "@" name | "semua" | "all"
//!            | field ("=" | "!=") value { "," value }
//! field      = peran, wilayah, kecamatan, kelurahan, rw, rt, instansi   (role, area, district, village, agency …)
//! ```
//!
//! A value may have several words (`kecamatan=Babakan Ciparay`) and ends at a comma, a bracket or one of the words above; between
//! quotation marks it may contain those too. `kelurahan=Coblong/Dago` names the kecamatan as well; `rw=1-5` is a range.
//!
//! Pure: the roster and the areas are handed in, nothing is asked.

mod parse;
mod resolve;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

pub use resolve::{Audience, Known};

use super::PlaceError;

/// Characters of an expression that are read.
pub const LENGTH_MAX: usize = 4000;
/// Brackets, negations and saved names inside each other.
const DEPTH_MAX: usize = 50;
/// Conditions of one expression, those of saved ones included.
const CONDITIONS_MAX: usize = 400;

/// What a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// In what capacity.
    Role,
    /// A part of the city, by the words of the file of areas.
    Wilayah,
    /// Kecamatan.
    Kecamatan,
    /// Kelurahan.
    Kelurahan,
    /// The RW's number.
    Rw,
    /// The RT's number.
    Rt,
    /// The city's office, for its officials.
    Agency,
}

impl Field {
    /// The word by which it is written back.
    pub fn word(self) -> &'static str {
        match self {
            Field::Role => "peran",
            Field::Wilayah => "wilayah",
            Field::Kecamatan => "kecamatan",
            Field::Kelurahan => "kelurahan",
            Field::Rw => "rw",
            Field::Rt => "rt",
            Field::Agency => "instansi",
        }
    }
}

/// Every word by which a field is named.
const FIELDS: &[(&str, Field)] = &[
    ("peran", Field::Role),
    ("role", Field::Role),
    ("wilayah", Field::Wilayah),
    ("area", Field::Wilayah),
    ("swk", Field::Wilayah),
    ("region", Field::Wilayah),
    ("kecamatan", Field::Kecamatan),
    ("kec", Field::Kecamatan),
    ("district", Field::Kecamatan),
    ("kelurahan", Field::Kelurahan),
    ("kel", Field::Kelurahan),
    ("village", Field::Kelurahan),
    ("rw", Field::Rw),
    ("rt", Field::Rt),
    ("instansi", Field::Agency),
    ("opd", Field::Agency),
    ("agency", Field::Agency),
];

/// An expression taken apart, its names not yet looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Everyone in the roster.
    All,
    /// A saved expression, by its name, and where it stands.
    Saved {
        /// Its name, without the `@`.
        name: String,
        /// The character it begins at, 1 is the first.
        at: usize,
    },
    /// Those of whom the field has one of the values.
    Is {
        /// What is asked.
        field: Field,
        /// The values, each with the character it begins at.
        values: Vec<(String, usize)>,
    },
    /// Those who are not meant by it.
    Not(Box<Expression>),
    /// Those meant by both.
    Both(Box<Expression>, Box<Expression>),
    /// Those meant by either.
    Either(Box<Expression>, Box<Expression>),
}

/// Why an expression cannot be used. `at` is the character at which it shows, 1 is the first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {at}: {why}")]
pub struct ExpressionError {
    /// The character.
    pub at: usize,
    /// What is wrong there.
    pub why: Why,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Something else should stand there.
    #[error("expected {}, found {}", .expected.words(), or_the_end(.found))]
    Expected {
        /// What.
        expected: Expected,
        /// What stands there; `None`: nothing more.
        found: Option<String>,
    },
    /// A word before `=` that is no field.
    #[error("`{word}` is nothing that can be asked{}", did_you_mean(.near))]
    Field {
        /// As written.
        word: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// A value of `peran` that is no role.
    #[error("`{word}` is no role{}", did_you_mean(.near))]
    Role {
        /// As written.
        word: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// A value of `rw` or `rt` that is neither a number nor a range.
    #[error("`{word}` is no number from 1 to 999 and no range such as 1-5")]
    Number {
        /// As written.
        word: String,
    },
    /// A name that is no area, or not one.
    #[error(transparent)]
    Place(PlaceError),
    /// An office (OPD) of which nobody is in the roster.
    #[error("nobody in the roster belongs to `{name}`{}", did_you_mean(.near))]
    Agency {
        /// As written.
        name: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// A saved name that there is not.
    #[error("no audience is saved as `{name}`{}", did_you_mean(.near))]
    Saved {
        /// As written.
        name: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// A saved expression that is wrong in itself.
    #[error("the saved audience `{name}` cannot be used: {error}")]
    InSaved {
        /// Its name.
        name: String,
        /// What is wrong in it.
        error: Box<ExpressionError>,
    },
    /// More brackets or saved names inside each other than anybody means; also a saved name that leads back to itself.
    #[error("too much stands inside each other here")]
    TooDeep,
    /// Longer than anybody writes.
    #[error("the expression is longer than {LENGTH_MAX} characters or {CONDITIONS_MAX} conditions")]
    TooLong,
}

/// What should stand somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A condition, a bracket, a saved name.
    Condition,
    /// `=`.
    Equals,
    /// A value after `=` or a comma.
    Value,
    /// A word that ties two conditions together, or the end.
    Operator,
    /// `)`.
    Bracket,
    /// A name after `@`.
    Name,
    /// The quotation mark that closes.
    Quote,
}

impl Expected {
    fn words(self) -> &'static str {
        match self {
            Expected::Condition => "a condition such as peran=RW",
            Expected::Equals => "= and a value",
            Expected::Value => "a value",
            Expected::Operator => "dan, atau or kecuali (and, or, except)",
            Expected::Bracket => "a closing bracket",
            Expected::Name => "the name of a saved audience",
            Expected::Quote => "a closing quotation mark",
        }
    }
}

fn or_the_end(found: &Option<String>) -> String {
    found.as_ref().map_or("the end".to_owned(), |found| format!("`{found}`"))
}

fn did_you_mean(near: &Option<String>) -> String {
    near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

impl Expression {
    /// Everyone meant by any of several expressions.
    pub fn any(list: impl IntoIterator<Item = Expression>) -> Option<Expression> {
        list.into_iter().reduce(|left, right| Expression::Either(Box::new(left), Box::new(right)))
    }

    /// The saved names in it, each once.
    pub fn saved_names(&self) -> BTreeSet<&str> {
        match self {
            Expression::All | Expression::Is { .. } => BTreeSet::new(),
            Expression::Saved { name, .. } => BTreeSet::from([name.as_str()]),
            Expression::Not(one) => one.saved_names(),
            Expression::Both(left, right) | Expression::Either(left, right) => {
                &left.saved_names() | &right.saved_names()
            }
        }
    }

    fn binds(&self) -> u8 {
        match self {
            Expression::Either(..) => 1,
            Expression::Both(..) => 2,
            _ => 3,
        }
    }
}

/// The expression written so that it reads back as the same.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = |f: &mut fmt::Formatter<'_>, one: &Expression, least: u8| match one.binds() < least {
            true => write!(f, "({one})"),
            false => write!(f, "{one}"),
        };
        match self {
            Expression::All => f.write_str("semua"),
            Expression::Saved { name, .. } => write!(f, "@{name}"),
            Expression::Is { field, values } => {
                write!(f, "{}=", field.word())?;
                for (place, (value, _)) in values.iter().enumerate() {
                    let comma = if place > 0 { "," } else { "" };
                    match parse::is_plain(value) {
                        true => write!(f, "{comma}{value}")?,
                        false => write!(f, "{comma}\"{value}\"")?,
                    }
                }
                Ok(())
            }
            Expression::Not(one) => {
                f.write_str("bukan ")?;
                inner(f, one, 3)
            }
            // The right one is bracketed where it binds no tighter: what is read back leans to the left.
            Expression::Both(left, right) => {
                inner(f, left, 2)?;
                f.write_str(" dan ")?;
                inner(f, right, 3)
            }
            Expression::Either(left, right) => {
                inner(f, left, 1)?;
                f.write_str(" atau ")?;
                inner(f, right, 2)
            }
        }
    }
}
