//! Lists of office-holders: `peran;kecamatan;kelurahan;rw;rt;nama;no hp`, as CSV or as a workbook.
//!
//! A list is read to its end, and every line is an entry or has a fault with its remedy; one bad line spoils no other. The form of
//! `kentongan roster corrections --csv`, with its columns for the old number and the new one, is read back the same way.
//!
//! Left out on purpose: what a list changes (`policy`), and whether that is done, which a person says.

mod columns;
mod fault;
mod phrases;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::columns::Columns;
pub use self::fault::{LineFault, Unusable};
use super::table::{self, Rows};
use super::{FormatSettings, Kind, Octets, ReadError, decode, printable, with_table};
use crate::model::{Entry, Msisdn, PlaceError, Places, Role, Seat};
use crate::spool::rejection::{Fault, Rejection};

/// Characters of a name, a post or an OPD that are kept.
const NAME_MAX: usize = 200;

/// A list, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterList {
    /// Whether it is the form for corrections: then it speaks of nobody but those in it.
    pub correction: bool,
    /// Its lines, in the file's order; blank ones are left out, and of the form for corrections those that are not filled in.
    pub lines: Vec<RosterLine>,
    /// Lines of the form for corrections that are not filled in.
    pub open: u64,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterLine {
    /// The line or row in the file, 1-based.
    pub line: u32,
    /// Who holds which office, or why the line cannot be used.
    pub entry: Result<Entry, Unusable>,
    /// The number that the form for corrections says is wrong.
    pub old_number: Option<Msisdn>,
}

/// Reads a list from beginning to end. `role`: in what capacity everyone stands in it, where the list does not say.
///
/// Errors: what is wrong with the list as a whole; what the system says.
pub fn read_roster(
    name: &str,
    content: &mut dyn Octets,
    settings: &FormatSettings,
    places: &Places,
    role: Option<Role>,
) -> Result<RosterList, ReadError> {
    let kind = Kind::of(name).map_err(Rejection::from)?;
    if kind == Kind::Text {
        return Err(Rejection::from(Fault::NotATable).into());
    }
    let inspection = decode::inspect(content, settings.file_bytes_max)?;
    let mut list = RosterList { correction: false, lines: Vec::new(), open: 0 };
    with_table(kind, content, &inspection, |rows| {
        let (columns, header) = table::header(rows, Columns::find)?;
        if columns.role.is_none() && role.is_none() {
            let fault = Fault::NoRoleColumn { found: columns.written };
            return Err(Rejection::from(fault).at_line(header).into());
        }
        list.correction = columns.old_number.is_some();
        let reader = LineReader { columns, settings, places, role };
        while let Some(line) = rows.advance()? {
            if rows.is_blank() {
                continue;
            }
            if list.lines.len() >= settings.rows_max as usize {
                return Err(Rejection::from(Fault::TooManyRows { limit: settings.rows_max }).at_line(line).into());
            }
            // A form of which the new number was not filled in asks for nothing.
            if list.correction && rows.trimmed(reader.columns.number).is_empty() {
                list.open += 1;
                continue;
            }
            list.lines.push(reader.read(rows, line));
        }
        Ok(())
    })?;
    if list.lines.is_empty() && list.open == 0 {
        return Err(Rejection::from(Fault::NoRows).into());
    }
    settle_doubles(&mut list.lines);
    Ok(list)
}

/// Of two lines that speak of one office, both are held back where they say different things, and the second where it only repeats.
fn settle_doubles(lines: &mut [RosterLine]) {
    let mut first_of: BTreeMap<String, usize> = BTreeMap::new();
    for place in 0..lines.len() {
        let (before, rest) = lines.split_at_mut(place);
        let line = &mut rest[0];
        let seat = match &line.entry {
            Ok(entry) => entry.key(),
            Err(_) => continue,
        };
        let Some(first) = first_of.get(&seat).map(|first| &mut before[*first]) else {
            first_of.insert(seat, place);
            continue;
        };
        let (other, own) = (first.line, line.line);
        let role = line.entry.as_ref().map(|entry| entry.seat.role).ok();
        let hold = |line: &mut RosterLine, fault: LineFault, seat: &str| {
            let written = line.entry.as_ref().map(|entry| entry.seat.to_string()).unwrap_or_default();
            line.entry = Err(Unusable { fault, seat: Some(seat.to_owned()), role, written });
        };
        let repeats = match (&first.entry, &line.entry) {
            (Ok(first), Ok(second)) => first.number == second.number && first.same_person(second),
            _ => false,
        };
        if repeats {
            hold(line, LineFault::Repeated { line: other }, &seat);
            continue;
        }
        hold(line, LineFault::SameSeat { line: other }, &seat);
        if first.entry.is_ok() {
            hold(first, LineFault::SameSeat { line: own }, &seat);
        }
    }
}

struct LineReader<'a> {
    columns: Columns,
    settings: &'a FormatSettings,
    places: &'a Places,
    role: Option<Role>,
}

impl LineReader<'_> {
    fn read(&self, rows: &dyn Rows, line: u32) -> RosterLine {
        let number = |column: usize| Msisdn::parse(rows.cell(column), self.settings.country);
        let old_number = self.columns.old_number.and_then(|column| number(column).ok());
        let role = self.role_of(rows);
        let seat = role.clone().and_then(|role| self.seat(rows, role));
        let written = match &seat {
            Ok(seat) => seat.to_string(),
            Err(_) => self.as_written(rows),
        };
        let role = role.ok();
        let unusable = |fault, seat| Unusable { fault, seat, role, written };
        let entry = match seat {
            Err(fault) => Err(unusable(fault, None)),
            Ok(seat) => {
                let name = self.text(rows, self.columns.name).unwrap_or_default();
                let person = self.text(rows, self.columns.person);
                match number(self.columns.number) {
                    Ok(_) if name.is_empty() && seat.role != Role::Subscriber => {
                        Err(unusable(LineFault::Missing { field: "nama" }, key_of(&seat, name, person)))
                    }
                    Ok(number) => Ok(Entry { seat, name, person, number }),
                    Err(error) => Err(unusable(LineFault::Number(error), key_of(&seat, name, person))),
                }
            }
        };
        RosterLine { line, entry, old_number }
    }

    fn role_of(&self, rows: &dyn Rows) -> Result<Role, LineFault> {
        let word = self.columns.role.map_or("", |column| rows.trimmed(column));
        match (word, self.role) {
            ("", Some(role)) => Ok(role),
            ("", None) => Err(LineFault::Missing { field: "peran" }),
            (word, _) => word.parse().map_err(LineFault::Role),
        }
    }

    /// The office, with as much of its area as its role has.
    fn seat(&self, rows: &dyn Rows, role: Role) -> Result<Seat, LineFault> {
        let needs = |there: bool, field: &'static str| match there {
            true => Ok(()),
            false => Err(LineFault::Missing { field }),
        };
        let (kecamatan, kelurahan) = self.area(rows, role)?;
        let (rt, rw) = self.rt_and_rw(rows, role)?;
        let agency = self.text(rows, self.columns.agency);
        let seat = Seat {
            role,
            kelurahan: kelurahan.filter(|_| role != Role::Camat),
            kecamatan,
            rw: rw.filter(|_| matches!(role, Role::Rt | Role::Rw | Role::Subscriber)),
            rt: rt.filter(|_| matches!(role, Role::Rt | Role::Subscriber)),
            agency: agency.filter(|_| role == Role::Official),
            title: self.text(rows, self.columns.title).filter(|title| title.parse::<Role>() != Ok(role)),
        };
        match role {
            Role::Rt | Role::Rw | Role::Lurah => {
                needs(seat.kelurahan.is_some(), "kelurahan")?;
                needs(seat.kecamatan.is_some(), "kecamatan")?;
            }
            Role::Camat => needs(seat.kecamatan.is_some(), "kecamatan")?,
            Role::Official => needs(seat.agency.is_some(), "instansi")?,
            Role::Subscriber => {}
        }
        needs(seat.rw.is_some() || !matches!(role, Role::Rt | Role::Rw), "rw")?;
        needs(seat.rt.is_some() || role != Role::Rt, "rt")?;
        Ok(seat)
    }

    /// Kecamatan and kelurahan as the city writes them, where its areas are known; as the list writes them, where they are not.
    fn area(&self, rows: &dyn Rows, role: Role) -> Result<(Option<String>, Option<String>), LineFault> {
        let kecamatan = self.text(rows, self.columns.kecamatan);
        let kelurahan = self.text(rows, self.columns.kelurahan).filter(|_| role != Role::Camat);
        if self.places.is_empty() {
            return Ok((kecamatan, kelurahan));
        }
        let place = |error: PlaceError| LineFault::Place(error);
        Ok(match (kecamatan, kelurahan) {
            (None, None) => (None, None),
            (Some(kecamatan), None) => (Some(self.places.kecamatan(&kecamatan).map_err(place)?.to_owned()), None),
            (kecamatan, Some(kelurahan)) => {
                let (kecamatan, kelurahan) = self.places.kelurahan(&kelurahan, kecamatan.as_deref()).map_err(place)?;
                (Some(kecamatan.to_owned()), Some(kelurahan.to_owned()))
            }
        })
    }

    /// RT and RW from columns of their own, or from one that has both (`03/05`).
    fn rt_and_rw(&self, rows: &dyn Rows, role: Role) -> Result<(Option<u16>, Option<u16>), LineFault> {
        if let Some((column, rt_first)) = self.columns.both {
            let cell = rows.trimmed(column);
            let parts = ['/', '-', ' '].into_iter().find_map(|between| cell.split_once(between));
            let (rt, rw) = match parts {
                Some((left, right)) if rt_first => (left, right),
                Some((left, right)) => (right, left),
                // One number alone is the RW's where that is all that is needed.
                None if role == Role::Rw => ("", cell),
                None => (cell, ""),
            };
            return Ok((number("rt", rt)?, number("rw", rw)?));
        }
        let of = |field, column: Option<usize>| column.map_or(Ok(None), |column| number(field, rows.trimmed(column)));
        Ok((of("rt", self.columns.rt)?, of("rw", self.columns.rw)?))
    }

    fn text(&self, rows: &dyn Rows, column: Option<usize>) -> Option<String> {
        let cell = printable(rows.trimmed(column?), NAME_MAX);
        // An apostrophe that a spreadsheet was given so that it takes a cell for text.
        let cell = cell.strip_prefix('\'').unwrap_or(&cell).trim();
        (!cell.is_empty() && cell != "-").then(|| cell.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// What the line says of the office, for a person who looks for it in the file.
    fn as_written(&self, rows: &dyn Rows) -> String {
        let columns = &self.columns;
        let shown = [
            ("", columns.role),
            ("RT ", columns.rt),
            ("RW ", columns.rw),
            ("", columns.both.map(|(column, _)| column)),
            ("", columns.kelurahan),
            ("", columns.kecamatan),
            ("", columns.agency),
        ];
        let cells = shown.into_iter().filter_map(|(what, column)| Some(format!("{what}{}", self.text(rows, column)?)));
        printable(&cells.collect::<Vec<_>>().join(", "), 80)
    }
}

/// The office of a line of which the rest cannot be used: whoever holds it stays.
fn key_of(seat: &Seat, name: String, person: Option<String>) -> Option<String> {
    // A citizen is known by the number, and that is what is wrong.
    (seat.role != Role::Subscriber)
        .then(|| Entry { seat: seat.clone(), name, person, number: Msisdn::from_u64(0) }.key())
}

/// `RW 05`, `005`, `5.0`, `5`; nothing for nothing.
fn number(field: &'static str, cell: &str) -> Result<Option<u16>, LineFault> {
    let lower = cell.trim().to_lowercase();
    let digits = lower.strip_prefix(field).unwrap_or(&lower).trim_start_matches(['.', ' ']).trim();
    let digits = digits.strip_suffix(".0").unwrap_or(digits);
    match (digits, digits.parse::<u16>()) {
        ("" | "-" | "0" | "00" | "000", _) => Ok(None),
        (_, Ok(number @ 1..=999)) if digits.len() <= 4 => Ok(Some(number)),
        _ => Err(LineFault::NotANumber { field, word: printable(cell.trim(), 20) }),
    }
}
