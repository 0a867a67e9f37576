//! The first sheet of an Excel workbook, a row at a time.
//!
//! Left out: formulas (a workbook brings their values), styles, further sheets. Sheets are streamed, so a workbook that
//! declares a million columns costs nothing; what it unpacks to is counted first, because a small file can hold gigabytes of zeros.

use std::io::{self, BufReader, Read, SeekFrom};

use calamine::{Cell, DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxCellReader, XlsxError};

use super::table::{COLUMNS_MAX, Rows};
use super::{Octets, ReadError};
use crate::spool::rejection::{Fault, Rejection};

/// What all parts of a workbook may unpack to, in octets: some ten times a full sheet of numbers and names.
const UNPACKED_MAX: u64 = 512 * 1024 * 1024;
/// What one part that is held in memory (shared strings, styles) may unpack to.
const PART_MAX: u64 = 128 * 1024 * 1024;
/// Parts in a workbook; more is no workbook.
const PARTS_MAX: usize = 10_000;

/// Opens the workbook and gives `each` the rows of its first sheet.
pub(super) fn with_rows<T>(
    content: &mut dyn Octets,
    each: impl FnOnce(&mut dyn Rows) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    content.seek(SeekFrom::Start(0))?;
    weigh(content)?;
    content.seek(SeekFrom::Start(0))?;
    let mut workbook = Xlsx::new(BufReader::new(content)).map_err(damaged)?;
    let sheet = workbook.sheets_metadata().iter().find(|sheet| sheet.typ == SheetType::WorkSheet);
    let Some(name) = sheet.map(|sheet| sheet.name.clone()) else {
        return Err(Rejection::from(Fault::NoSheet).into());
    };
    let cells = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
    each(&mut Sheet { cells, next: None, row: Vec::new(), ended: false })
}

/// Unpacks every part into nothing, to know how much it is.
fn weigh(content: &mut dyn Octets) -> Result<(), ReadError> {
    let mut archive = zip::ZipArchive::new(BufReader::new(content)).map_err(not_a_zip)?;
    if archive.len() > PARTS_MAX {
        return Err(Rejection::from(Fault::Unpacked { limit: UNPACKED_MAX }).into());
    }
    let mut left = UNPACKED_MAX;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(not_a_zip)?;
        let limit = if part.name().is_ok_and(|name| name.contains("worksheets/")) { left } else { left.min(PART_MAX) };
        let mut part = part.take(limit + 1);
        let size = match io::copy(&mut part, &mut io::sink()) {
            Ok(size) => size,
            Err(error) => return Err(Rejection::from(Fault::DamagedWorkbook { detail: short(&error) }).into()),
        };
        if size > limit {
            return Err(Rejection::from(Fault::Unpacked { limit }).into());
        }
        left -= size;
    }
    Ok(())
}

fn not_a_zip(error: zip::result::ZipError) -> ReadError {
    Rejection::from(Fault::DamagedWorkbook { detail: short(&error) }).into()
}

fn damaged(error: XlsxError) -> ReadError {
    match error {
        XlsxError::Password => Rejection::from(Fault::OldWorkbook).into(),
        XlsxError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => ReadError::Io(error),
        error => Rejection::from(Fault::DamagedWorkbook { detail: short(&error) }).into(),
    }
}

/// What a library says, cut to a length for a reason file.
fn short(error: &dyn std::error::Error) -> String {
    super::printable(&error.to_string(), 120)
}

struct Sheet<'a, 'b> {
    cells: XlsxCellReader<'a, BufReader<&'b mut dyn Octets>>,
    /// The first cell of the next row, read while looking for the end of this one.
    next: Option<Cell<DataRef<'a>>>,
    row: Vec<String>,
    ended: bool,
}

impl Sheet<'_, '_> {
    fn place(row: &mut Vec<String>, cell: &Cell<DataRef<'_>>, number: u32) -> Result<(), ReadError> {
        let column = cell.get_position().1 as usize;
        let value = written(cell.get_value());
        if value.is_empty() {
            return Ok(());
        }
        if column >= COLUMNS_MAX {
            return Err(Rejection::from(Fault::TooManyColumns { limit: COLUMNS_MAX }).at_line(number).into());
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = value;
        Ok(())
    }
}

impl Rows for Sheet<'_, '_> {
    fn advance(&mut self) -> Result<Option<u32>, ReadError> {
        if self.ended {
            return Ok(None);
        }
        self.row.clear();
        let mut current = None;
        if let Some(cell) = self.next.take() {
            let number = cell.get_position().0;
            Self::place(&mut self.row, &cell, number + 1)?;
            current = Some(number);
        }
        loop {
            match self.cells.next_cell().map_err(damaged)? {
                Some(cell) if current.is_none_or(|row| row == cell.get_position().0) => {
                    let number = cell.get_position().0;
                    Self::place(&mut self.row, &cell, number + 1)?;
                    current = Some(number);
                }
                Some(cell) => {
                    self.next = Some(cell);
                    break;
                }
                None => {
                    self.ended = true;
                    break;
                }
            }
        }
        Ok(current.map(|row| row + 1))
    }

    fn width(&self) -> usize {
        self.row.len()
    }

    fn cell(&self, index: usize) -> &str {
        self.row.get(index).map_or("", String::as_str)
    }
}

/// A cell as a person reads it in the sheet. An error (`#N/A`) is nothing: nobody wants it in an SMS.
fn written(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => digits(*number),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(at) => date(at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// A number column holds phone numbers as floating point: 81234567890.0 is 81234567890. Exact below 2^53.
fn digits(number: f64) -> String {
    match number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        true => format!("{}", number as i64),
        false => number.to_string(),
    }
}

fn date(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
    let value = at.as_f64();
    if at.is_duration() || (0.0..1.0).contains(&value) {
        return format!("{hour:02}:{minute:02}");
    }
    match (hour, minute) {
        (0, 0) => format!("{day:02}/{month:02}/{year}"),
        _ => format!("{day:02}/{month:02}/{year} {hour:02}:{minute:02}"),
    }
}
