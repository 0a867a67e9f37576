//! CSV as Excel, LibreOffice and scripts write it: `;`, `,` or tab, a `sep=` line, quoted cells with line breaks.

use std::io::{self, Cursor, Read};

use super::decode::{Inspection, Malformed, Utf8};
use super::table::{Rows, TITLE_ROWS, names_a_number};
use super::{Octets, ReadError};
use crate::spool::rejection::{Fault, Rejection};

/// Octets looked at to find the separator.
const HEAD: usize = 64 * 1024;
/// The longest cell in octets; a longer one is two cells and an open quotation mark between them.
const CELL_MAX: usize = 20_000;
/// A record of its own after the file's end. Where it is missing, an open quotation mark has swallowed it.
const END: &[u8] = b"\n\x01kentongan-end\x01\n";
const END_CELL: &str = "\x01kentongan-end\x01";

/// The rows of a CSV file, read as they are asked for.
pub(super) struct Csv<'a> {
    reader: csv::Reader<Box<dyn Read + 'a>>,
    record: csv::StringRecord,
    /// Lines taken off before the reader saw them.
    lines_before: u32,
    ended: bool,
}

impl<'a> Csv<'a> {
    /// Starts at the first line and finds the separator.
    pub(super) fn new(content: &'a mut dyn Octets, inspection: &Inspection) -> Result<Self, ReadError> {
        let mut text = Utf8::new(content, inspection)?;
        let head = head(&mut text).map_err(broken)?;
        let (start, told) = told_separator(&head);
        let shown = String::from_utf8_lossy(&head[start..]);
        let delimiter = told.unwrap_or_else(|| separator(&shown));
        let mut head = Cursor::new(head);
        head.set_position(start as u64);
        let source: Box<dyn Read + 'a> = Box::new(head.chain(text).chain(END));
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .terminator(csv::Terminator::Any(b'\n'))
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(HEAD)
            .from_reader(source);
        Ok(Self { reader, record: csv::StringRecord::new(), lines_before: u32::from(start > 0), ended: false })
    }
}

impl Csv<'_> {
    /// The line in which the record begins. The reader's own position is before the blank lines that it skipped, so
    /// count back from its end.
    fn line(&self) -> u32 {
        let inside: usize = self.record.iter().map(|cell| cell.bytes().filter(|octet| *octet == b'\n').count()).sum();
        let line = self.reader.position().line().saturating_sub(1 + inside as u64);
        u32::try_from(line).unwrap_or(u32::MAX).saturating_add(self.lines_before)
    }
}

impl Rows for Csv<'_> {
    fn advance(&mut self) -> Result<Option<u32>, ReadError> {
        if self.ended {
            return Ok(None);
        }
        let more = self.reader.read_record(&mut self.record).map_err(failed)?;
        let line = self.line();
        if !more {
            return Err(Rejection::from(Fault::OpenQuote).at_line(line).into());
        }
        if self.record.len() == 1 && &self.record[0] == END_CELL {
            self.ended = true;
            return Ok(None);
        }
        if let Some(last) = self.record.iter().next_back()
            && last.trim_end().ends_with(END_CELL)
        {
            // This record has no end of its own to count back from.
            return Err(Rejection::from(Fault::OpenQuote).at_line(line.saturating_add(1)).into());
        }
        if self.record.iter().any(|cell| cell.len() > CELL_MAX) {
            return Err(Rejection::from(Fault::LongCell { limit: CELL_MAX }).at_line(line).into());
        }
        Ok(Some(line))
    }

    fn width(&self) -> usize {
        self.record.len()
    }

    fn cell(&self, index: usize) -> &str {
        self.record.get(index).unwrap_or("")
    }
}

fn head(text: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let mut filled = 0;
    // The decoder wants some room for its last character.
    while filled + 16 <= head.len() {
        match text.read(&mut head[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    head.truncate(filled);
    Ok(head)
}

/// Excel's first line `sep=;`: where the table starts, and the separator.
fn told_separator(head: &[u8]) -> (usize, Option<u8>) {
    let line_end = head.iter().position(|octet| *octet == b'\n').unwrap_or(head.len());
    let line = head[..line_end].trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] => ((line_end + 1).min(head.len()), Some(*separator)),
        // `sep=` and a tab: the tab has been trimmed away.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => ((line_end + 1).min(head.len()), Some(b'\t')),
        _ => (0, None),
    }
}

/// The separator of the line that names the columns, else of the first line that has any.
fn separator(text: &str) -> u8 {
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(TITLE_ROWS);
    let candidates = [b';', b',', b'\t'];
    let cells = |line: &str, separator: u8| -> usize { split(line, separator).len() };
    for line in lines() {
        let naming = candidates.into_iter().rev().filter(|separator| names_a_number(&split(line, *separator)));
        if let Some(best) = naming.max_by_key(|separator| cells(line, *separator)) {
            return if cells(line, best) > 1 { best } else { b',' };
        }
    }
    lines()
        .find_map(|line| {
            let best = candidates.into_iter().rev().max_by_key(|separator| cells(line, *separator))?;
            (cells(line, best) > 1).then_some(best)
        })
        .unwrap_or(b',')
}

fn split(line: &str, separator: u8) -> Vec<&str> {
    let mut quoted = false;
    line.split(|c: char| {
        quoted ^= c == '"';
        !quoted && c == char::from(separator)
    })
    .map(|cell| cell.trim().trim_matches('"'))
    .collect()
}

fn failed(error: csv::Error) -> ReadError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => broken(error),
        // Everything that is handed to the reader has been decoded, and rows may differ in length.
        other => ReadError::Io(io::Error::other(format!("{other:?}"))),
    }
}

fn broken(error: io::Error) -> ReadError {
    match Malformed::within(&error) {
        Some(rejection) => rejection.into(),
        None => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_of_the_line_that_names_the_columns() {
        let check =
            |text: &str, expected: u8| assert_eq!(char::from(separator(text)), char::from(expected), "{text:?}");
        check("nomor;nama\n", b';');
        check("nomor,nama;gelar\n", b',');
        check("nama, gelar;nomor;rt\n", b';');
        check("nomor\tnama\n", b'\t');
        check("nomor\n", b',');
        check("Daftar RT, Kelurahan Dago, 2026\n\nnama;no hp\n", b';');
        check("\"nama; gelar\",nomor\n", b',');
        check("a;b;c\n", b';');
    }

    #[test]
    fn excels_own_line_wins_and_is_no_row() {
        assert_eq!(told_separator(b"sep=;\r\nnomor;nama"), (7, Some(b';')));
        assert_eq!(told_separator(b"\"sep=,\"\nx"), (8, Some(b',')));
        assert_eq!(told_separator(b"SEP=\t\r\nx"), (7, Some(b'\t')));
        assert_eq!(told_separator(b"separator\n"), (0, None));
        assert_eq!(told_separator(b"sep=;"), (5, Some(b';')));
    }
}
