//! Columns by name, and rows as recipients; the same for CSV and workbooks.

use super::recipients::Recipients;
use super::template::{NoValue, Template, UnknownName};
use super::{ReadError, printable};
use crate::model::{Excluded, Origin};
use crate::spool::rejection::{Fault, Rejection};

/// Columns that are taken; more is a sign that the separator is wrong or the sheet is something else.
pub(super) const COLUMNS_MAX: usize = 256;
/// The first rows, of which one must name the columns; above it there may be a title.
pub(super) const TITLE_ROWS: usize = 10;
/// Characters of a name that are kept.
const NAME_MAX: usize = 200;

/// Names that only a phone number's column has.
const PHONE: &[&str] = &[
    "no hp",
    "nomor hp",
    "hp",
    "no handphone",
    "nomor handphone",
    "handphone",
    "no telepon",
    "nomor telepon",
    "telepon",
    "no telp",
    "nomor telp",
    "telp",
    "no tlp",
    "tlp",
    "no ponsel",
    "nomor ponsel",
    "ponsel",
    "no seluler",
    "nomor seluler",
    "no wa",
    "nomor wa",
    "wa",
    "no whatsapp",
    "whatsapp",
    "msisdn",
    "phone",
    "phone number",
    "mobile",
    "mobile number",
    "cell",
    "to",
    "kepada",
];
/// Names that may also mean a running number; taken where no column of [`PHONE`] is there.
const NUMBER: &[&str] = &["nomor", "number", "nomer", "nomor tujuan", "no tujuan", "tujuan"];
const NAME: &[&str] = &["nama", "name", "nama lengkap", "nama penerima", "full name"];
const TEXT: &[&str] = &["pesan", "text", "teks", "isi pesan", "isi sms", "isi", "message", "sms"];

/// Which column means what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// The phone number.
    pub number: usize,
    /// The name beside it.
    pub name: Option<usize>,
    /// The row's own text.
    pub text: Option<usize>,
    /// How many columns the names reach over. A cell beyond has been pushed there by a separator inside a text.
    width: usize,
    /// Every column, as compared.
    keys: Vec<String>,
    /// Every column that has a name, as written.
    written: Vec<String>,
}

impl Columns {
    /// Finds the columns in a row of names.
    ///
    /// Errors: [`Fault::NoNumberColumn`], [`Fault::NoColumnNames`], [`Fault::AmbiguousColumn`].
    pub(super) fn find(cells: &[&str]) -> Result<Self, Fault> {
        let keys: Vec<String> = cells.iter().map(|cell| key(cell)).collect();
        let written: Vec<String> =
            cells.iter().map(|cell| printable(cell.trim(), 40)).filter(|cell| !cell.is_empty()).take(20).collect();
        let one = |names: &[&str]| one_of(&keys, cells, names);
        let number = match one(PHONE)? {
            Some(phone) => Some(phone),
            None => one(NUMBER)?,
        };
        let Some(number) = number else {
            let looks_like_one = |cell: &&str| {
                let digits = cell.chars().filter(char::is_ascii_digit).count();
                digits >= 8 && digits * 2 > cell.chars().count()
            };
            return Err(match cells.iter().any(looks_like_one) {
                true => Fault::NoColumnNames,
                false => Fault::NoNumberColumn { found: written },
            });
        };
        let width = used(cells.len(), |index| cells[index]);
        Ok(Self { number, name: one(NAME)?, text: one(TEXT)?, width, keys, written })
    }

    /// The column of this name, in any letter case and spacing.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let wanted = key(name);
        self.keys.iter().position(|key| *key == wanted)
    }

    fn written(&self) -> Vec<String> {
        self.written.clone()
    }
}

/// The column that has one of these names, if there is one. Errors: [`Fault::AmbiguousColumn`].
pub(super) fn one_of(keys: &[String], cells: &[&str], names: &[&str]) -> Result<Option<usize>, Fault> {
    let mut found = keys.iter().enumerate().filter(|(_, key)| names.contains(&key.as_str())).map(|(i, _)| i);
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => Err(Fault::AmbiguousColumn {
            first: printable(cells[first].trim(), 40),
            second: printable(cells[second].trim(), 40),
        }),
        (first, _) => Ok(first),
    }
}

/// Whether a row could be the one that names the columns.
pub(super) fn names_a_number(cells: &[&str]) -> bool {
    cells.iter().any(|cell| {
        let key = key(cell);
        PHONE.contains(&key.as_str()) || NUMBER.contains(&key.as_str())
    })
}

/// A column's name as compared: lower case, words by single spaces, without points, dashes and byte order mark.
pub(super) fn key(name: &str) -> String {
    let spaced: String =
        name.chars().map(|c| if matches!(c, '_' | '-' | '.' | '/' | '\u{FEFF}' | ':') { ' ' } else { c }).collect();
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A column as people find it: Excel's letter, and its name.
fn label(index: usize, written: &str) -> String {
    let mut letters = String::new();
    let mut rest = index + 1;
    while rest > 0 {
        letters.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    format!("{letters} ({})", printable(written.trim(), 40))
}

/// Rows one after the other; a cell that a row has not is empty.
pub(super) trait Rows {
    /// Goes to the next row that has cells and gives its number, 1 for the file's first line or row.
    fn advance(&mut self) -> Result<Option<u32>, ReadError>;
    /// How many cells the row has.
    fn width(&self) -> usize;
    /// A cell of the row.
    fn cell(&self, index: usize) -> &str;

    /// A cell without blanks around it.
    fn trimmed(&self, index: usize) -> &str {
        self.cell(index).trim()
    }

    /// Whether nothing is in any cell.
    fn is_blank(&self) -> bool {
        self.used() == 0
    }

    /// How many cells the row has without the empty ones at its end.
    fn used(&self) -> usize {
        used(self.width(), |index| self.cell(index))
    }
}

/// How many cells are left without the empty ones at the end.
fn used<'a>(width: usize, cell: impl Fn(usize) -> &'a str) -> usize {
    let blank = |cell: &str| cell.chars().all(|c| c.is_whitespace() || c == '\u{FEFF}');
    (0..width).rev().find(|index| !blank(cell(*index))).map_or(0, |last| last + 1)
}

/// The names of the columns: the first row in which `find` finds what it needs, below at most a few rows of title.
pub(super) fn header<T>(
    rows: &mut dyn Rows,
    find: impl Fn(&[&str]) -> Result<T, Fault>,
) -> Result<(T, u32), ReadError> {
    let mut first: Option<(Fault, u32)> = None;
    let mut titles = 0;
    while let Some(row) = rows.advance()? {
        if rows.is_blank() {
            continue;
        }
        if rows.width() > COLUMNS_MAX {
            return Err(Rejection::from(Fault::TooManyColumns { limit: COLUMNS_MAX }).at_line(row).into());
        }
        let cells: Vec<&str> = (0..rows.width()).map(|index| rows.cell(index)).collect();
        match find(&cells) {
            Ok(columns) => return Ok((columns, row)),
            Err(fault @ (Fault::AmbiguousColumn { .. } | Fault::NoColumnNames)) => {
                let (fault, row) = first.filter(|_| fault == Fault::NoColumnNames).unwrap_or((fault, row));
                return Err(Rejection::from(fault).at_line(row).into());
            }
            Err(fault) => {
                first.get_or_insert((fault, row));
            }
        }
        titles += 1;
        if titles == TITLE_ROWS {
            break;
        }
    }
    let (fault, row) = first.unwrap_or((Fault::Empty, 1));
    Err(Rejection::from(fault).at_line(row).into())
}

/// Where the text of a table's rows comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum CommonText<'a> {
    /// A job that names the table, with placeholders in its text.
    Template(&'a str),
    /// A job that names the table; its text is the same for all.
    Same,
    /// The table is the job.
    Own,
}

/// Reads every row below the columns' names.
pub(super) fn read_rows(
    rows: &mut dyn Rows,
    columns: &Columns,
    common: CommonText<'_>,
    into: &mut Recipients<'_>,
) -> Result<(), ReadError> {
    let unknown = |UnknownName(name)| Rejection::from(Fault::UnknownPlaceholder { name, found: columns.written() });
    let common = match common {
        CommonText::Template(text) => Some(Template::parse(text, |name| columns.position(name)).map_err(unknown)?),
        CommonText::Same | CommonText::Own => None,
    };
    let kecamatan = columns.position("kecamatan");
    // Rows mostly repeat the text of the row before.
    let mut last: Option<(String, Template)> = None;
    while let Some(row) = rows.advance()? {
        if rows.is_blank() {
            continue;
        }
        // Whoever wrote a separator inside a text has pushed all that follows into the wrong columns.
        let cells = rows.used();
        if cells > columns.width {
            return Err(Rejection::from(Fault::ExtraCells { cells, columns: columns.width }).at_line(row).into());
        }
        let own = columns.text.map_or("", |column| rows.trimmed(column));
        let template = match own {
            "" => common.as_ref(),
            own => {
                if last.as_ref().is_none_or(|(text, _)| text != own) {
                    let template = Template::parse(own, |name| columns.position(name)).map_err(|name| {
                        let column = columns.text.unwrap_or_default();
                        unknown(name).at_line(row).in_column(label(column, &columns.keys[column]))
                    })?;
                    last = Some((own.to_owned(), template));
                }
                last.as_ref().map(|(_, template)| template)
            }
        };
        let text = template
            .map(|template| template.fill(|column| rows.trimmed(column)))
            .transpose()
            .map_err(|NoValue(column)| Excluded::NoValue { column });
        let cell = |column: Option<usize>| {
            let cell = column.map(|column| rows.trimmed(column)).filter(|cell| !cell.is_empty());
            cell.map(|cell| printable(cell, NAME_MAX))
        };
        let origin = Origin { entry: None, kecamatan: cell(kecamatan) };
        into.add(row, rows.cell(columns.number), cell(columns.name), origin, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cells: &[&str], expected: Result<(usize, Option<usize>, Option<usize>), Fault>) {
        let found = Columns::find(cells).map(|columns| (columns.number, columns.name, columns.text));
        assert_eq!(found, expected, "{cells:?}");
    }

    #[test]
    fn columns_are_found_by_the_names_that_staff_use() {
        check(&["nomor", "nama", "pesan"], Ok((0, Some(1), Some(2))));
        check(&["Number", "Name", "Text"], Ok((0, Some(1), Some(2))));
        check(&["No", "NAMA", "No. HP", "RT"], Ok((2, Some(1), None)));
        check(&["Nomor", "Nama", "Nomor_HP"], Ok((2, Some(1), None)));
        check(&["\u{FEFF}nomor:", "x"], Ok((0, None, None)));
        check(&["", "TELEPON ", "kelurahan"], Ok((1, None, None)));
    }

    #[test]
    fn a_row_that_names_no_number_says_what_is_there() {
        check(&["nama", "alamat", ""], Err(Fault::NoNumberColumn { found: vec!["nama".into(), "alamat".into()] }));
        check(&["0812-3456-7890", "Budi"], Err(Fault::NoColumnNames));
        check(&["hp", "wa"], Err(Fault::AmbiguousColumn { first: "hp".into(), second: "wa".into() }));
        check(&["hp", "pesan", "teks"], Err(Fault::AmbiguousColumn { first: "pesan".into(), second: "teks".into() }));
        assert_eq!(label(27, "Pesan"), "AB (Pesan)");
    }
}
