//! From an expression to the question whether an office is meant.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::{CONDITIONS_MAX, DEPTH_MAX, Expression, ExpressionError, Field, Why};
use crate::model::near::nearest;
use crate::model::{Places, Role, Seat, place_key};

/// What names in an expression may refer to.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The areas.
    pub places: Places,
    /// The saved expressions, by their names.
    pub saved: BTreeMap<String, String>,
    /// The OPD of which somebody is in the roster.
    pub agencies: BTreeSet<String>,
}

/// An expression whose names have all been found: says of an office whether it is meant.
#[derive(Clone, Debug)]
pub struct Audience {
    test: Test,
    /// The expression with what was saved written out, and which kecamatan its words for parts of the city cover.
    meaning: String,
}

#[derive(Clone, Debug)]
enum Test {
    All,
    Role(BTreeSet<Role>),
    /// Kecamatan and kelurahan by their keys.
    Inside(BTreeSet<(String, String)>),
    Kecamatan(BTreeSet<String>),
    Rw(Vec<RangeInclusive<u16>>),
    Rt(Vec<RangeInclusive<u16>>),
    Agency(BTreeSet<String>),
    Not(Box<Test>),
    Both(Box<Test>, Box<Test>),
    Either(Box<Test>, Box<Test>),
}

impl Expression {
    /// Looks every name up. Errors: the first that is not known, or could be several.
    pub fn resolve(&self, known: &Known) -> Result<Audience, ExpressionError> {
        let written_out = self.written_out(known, 0, &mut { CONDITIONS_MAX })?;
        let mut parts = BTreeSet::new();
        let test = written_out.test(known, &mut parts)?;
        let mut meaning = written_out.to_string();
        for part in parts {
            if let Some((word, inside)) = known.places.wilayah_in_words(&part) {
                meaning += &format!("; wilayah {word}: {}", inside.join(", "));
            }
        }
        Ok(Audience { test, meaning })
    }

    /// The expression with saved ones in the place of their names. `left`: how many more conditions there may be in all.
    fn written_out(&self, known: &Known, depth: usize, left: &mut usize) -> Result<Expression, ExpressionError> {
        let mut inside = |one: &Expression| one.written_out(known, depth, left).map(Box::new);
        Ok(match self {
            Expression::All | Expression::Is { .. } => {
                *left = left.saturating_sub(1);
                self.clone()
            }
            Expression::Not(one) => Expression::Not(inside(one)?),
            Expression::Both(one, other) => Expression::Both(inside(one)?, inside(other)?),
            Expression::Either(one, other) => Expression::Either(inside(one)?, inside(other)?),
            // A saved name may lead back to itself, or to ever more others.
            Expression::Saved { at, .. } if depth > DEPTH_MAX || *left == 0 => {
                return Err(ExpressionError { at: *at, why: Why::TooDeep });
            }
            Expression::Saved { name, at } => {
                let Some(saved) = known.saved.get(name) else {
                    let near = nearest(name, known.saved.keys().map(String::as_str)).map(str::to_owned);
                    return Err(ExpressionError { at: *at, why: Why::Saved { name: name.clone(), near } });
                };
                let read = Expression::parse(saved).and_then(|saved| {
                    let written_out = saved.written_out(known, depth + 1, left)?;
                    // Its own names are looked up here, so that what is wrong is said of the saved one.
                    written_out.test(known, &mut BTreeSet::new()).map(|_| written_out)
                });
                match read {
                    Ok(saved) => saved,
                    Err(ExpressionError { why: Why::TooDeep, .. }) => {
                        return Err(ExpressionError { at: *at, why: Why::TooDeep });
                    }
                    Err(error) => {
                        let why = Why::InSaved { name: name.clone(), error: Box::new(error) };
                        return Err(ExpressionError { at: *at, why });
                    }
                }
            }
        })
    }

    fn test(&self, known: &Known, parts: &mut BTreeSet<String>) -> Result<Test, ExpressionError> {
        Ok(match self {
            Expression::All => Test::All,
            Expression::Saved { name, at } => {
                return Err(ExpressionError { at: *at, why: Why::Saved { name: name.clone(), near: None } });
            }
            Expression::Not(one) => Test::Not(Box::new(one.test(known, parts)?)),
            Expression::Both(left, right) => {
                Test::Both(Box::new(left.test(known, parts)?), Box::new(right.test(known, parts)?))
            }
            Expression::Either(left, right) => {
                Test::Either(Box::new(left.test(known, parts)?), Box::new(right.test(known, parts)?))
            }
            Expression::Is { field, values } => test_of(*field, values, known, parts)?,
        })
    }
}

fn test_of(
    field: Field,
    values: &[(String, usize)],
    known: &Known,
    parts: &mut BTreeSet<String>,
) -> Result<Test, ExpressionError> {
    /// Every value by itself, and where it stands if it cannot be used.
    fn each<T, C: FromIterator<T>>(
        values: &[(String, usize)],
        read: impl Fn(&str) -> Result<T, Why>,
    ) -> Result<C, ExpressionError> {
        values.iter().map(|(value, at)| read(value).map_err(|why| ExpressionError { at: *at, why })).collect()
    }
    let places = &known.places;
    Ok(match field {
        Field::Role => Test::Role(each(values, role)?),
        Field::Rw => Test::Rw(each(values, numbers)?),
        Field::Rt => Test::Rt(each(values, numbers)?),
        Field::Kecamatan => {
            Test::Kecamatan(each(values, |name| places.kecamatan(name).map(place_key).map_err(Why::Place))?)
        }
        Field::Kelurahan => Test::Inside(each(values, |name| {
            let found = match name.split_once('/') {
                Some((kecamatan, kelurahan)) => places.kelurahan(kelurahan, Some(kecamatan)),
                None => places.kelurahan(name, None),
            };
            found.map(|(kecamatan, kelurahan)| (place_key(kecamatan), place_key(kelurahan))).map_err(Why::Place)
        })?),
        Field::Wilayah => {
            parts.extend(values.iter().map(|(word, _)| word.clone()));
            let sets: Vec<BTreeSet<_>> = each(values, |word| places.wilayah(word).map_err(Why::Place))?;
            let mut inside: BTreeSet<(String, String)> = sets.into_iter().flatten().collect();
            // Whoever holds an office for a whole kecamatan is meant where a part of it is.
            let whole: Vec<_> = inside.iter().map(|(kecamatan, _)| (kecamatan.clone(), String::new())).collect();
            inside.extend(whole);
            Test::Inside(inside)
        }
        Field::Agency => Test::Agency(each(values, |name| agency(name, &known.agencies))?),
    })
}

fn role(word: &str) -> Result<Role, Why> {
    word.parse::<Role>().map_err(|unknown| Why::Role { word: unknown.word, near: unknown.near.map(str::to_owned) })
}

fn agency(name: &str, known: &BTreeSet<String>) -> Result<String, Why> {
    let key = place_key(name);
    match known.iter().any(|agency| place_key(agency) == key) {
        true => Ok(key),
        false => {
            let near = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            Err(Why::Agency { name: name.chars().take(60).collect(), near })
        }
    }
}

fn numbers(word: &str) -> Result<RangeInclusive<u16>, Why> {
    let wrong = || Why::Number { word: word.chars().take(20).collect() };
    let number = |text: &str| match text.trim().parse::<u16>() {
        Ok(number @ 1..=999) => Ok(number),
        _ => Err(wrong()),
    };
    let (first, last) = word.split_once(['-', '–']).unwrap_or((word, word));
    let (first, last) = (number(first)?, number(last)?);
    if first <= last { Ok(first..=last) } else { Err(wrong()) }
}

impl Audience {
    /// Whether the holder of this office is meant.
    pub fn means(&self, seat: &Seat) -> bool {
        let key = |name: &Option<String>| name.as_deref().map(place_key).unwrap_or_default();
        self.test.holds(seat, &key(&seat.kecamatan), &key(&seat.kelurahan))
    }

    /// The expression with what was saved written out, and which kecamatan its words for parts of the city cover: for the record,
    /// since saved names and areas may mean something else later.
    pub fn meaning(&self) -> &str {
        &self.meaning
    }
}

impl Test {
    fn holds(&self, seat: &Seat, kecamatan: &str, kelurahan: &str) -> bool {
        let among = |ranges: &[RangeInclusive<u16>], number: Option<u16>| {
            number.is_some_and(|number| ranges.iter().any(|range| range.contains(&number)))
        };
        match self {
            Test::All => true,
            Test::Role(roles) => roles.contains(&seat.role),
            Test::Kecamatan(names) => names.contains(kecamatan),
            Test::Inside(areas) => areas.contains(&(kecamatan.to_owned(), kelurahan.to_owned())),
            Test::Rw(ranges) => among(ranges, seat.rw),
            Test::Rt(ranges) => among(ranges, seat.rt),
            Test::Agency(names) => seat.agency.as_deref().is_some_and(|agency| names.contains(&place_key(agency))),
            Test::Not(one) => !one.holds(seat, kecamatan, kelurahan),
            Test::Both(left, right) => {
                left.holds(seat, kecamatan, kelurahan) && right.holds(seat, kecamatan, kelurahan)
            }
            Test::Either(left, right) => {
                left.holds(seat, kecamatan, kelurahan) || right.holds(seat, kecamatan, kelurahan)
            }
        }
    }
}
