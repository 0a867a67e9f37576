//! What a command prints: tables for people, JSON for programs.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::model::Timestamp;

/// Writes to standard output. A reader that has seen enough (`| head`) is no error.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Waits a little before somebody looks again.
pub(super) fn pause(span: Duration) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async { tokio::time::sleep(span).await });
    Ok(())
}

/// Rows as JSON, one a line inside one array; or one object.
pub(super) fn print_json<T: Serialize>(value: &T) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(&text)
}

/// A table with headings; columns as wide as what stands in them.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.map(str::to_owned).into()] }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| one_line(&cell)).into());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
            .collect();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                write!(line, "{cell:width$}  ")?;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A pair of a label and a value, aligned with its neighbours; without a label it goes on with what stands above it.
pub(super) fn pairs(list: &[(&str, String)]) -> String {
    let width = list.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0) + 2;
    list.iter().fold(String::new(), |mut text, (label, value)| {
        let label = if label.is_empty() { String::new() } else { format!("{label}:") };
        let _ = writeln!(text, "{label:width$}{}", one_line(value));
        text
    })
}

/// Text from outside on one line and without control characters, so that it cannot steer a terminal.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => line.push('⏎'),
            '\r' => {}
            // Also what turns the reading direction around.
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {}
            character if character.is_control() => line.push('\u{FFFD}'),
            character => line.push(character),
        }
    }
    line
}

/// The name of a file on paper: a long one without its middle, since its beginning says what it is and its end of which kind.
pub(super) fn middle(name: &str) -> String {
    const WIDTH: usize = 40;
    const END: usize = 12;
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= WIDTH {
        return name.to_owned();
    }
    let (head, end) = (&letters[..WIDTH - END - 1], &letters[letters.len() - END..]);
    head.iter().chain(&['…']).chain(end).collect()
}

/// An amount with its thousands parted by points: `1.250.000`.
pub(super) fn rupiah(amount: u64) -> String {
    let digits = amount.to_string();
    let mut parted = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            parted.push('.');
        }
        parted.push(digit);
    }
    parted
}

/// A time as staff read it, in the office's zone.
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A time that may not be there.
pub(super) fn maybe_time(at: Option<Timestamp>, zone: &TimeZone) -> String {
    at.map_or_else(|| "-".to_owned(), |at| time(at, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let mut table = Table::new(["Name", "Text"]);
        assert!(table.is_empty());
        table.row(["telkomsel-1".to_owned(), "halo\npak".to_owned()]);
        assert_eq!(table.to_string(), "Name         Text\ntelkomsel-1  halo⏎pak\n");
        assert_eq!(pairs(&[("A", "1".to_owned()), ("Long", "2".to_owned())]), "A:    1\nLong: 2\n");
        assert_eq!(pairs(&[("A", "1".to_owned()), ("", "2".to_owned())]), "A: 1\n   2\n");
    }

    #[test]
    fn an_amount_is_written_as_people_here_write_it() {
        let written: Vec<_> = [0, 999, 1_000, 25_000, 1_250_000].map(rupiah).into();
        assert_eq!(written, ["0", "999", "1.000", "25.000", "1.250.000"]);
    }

    #[test]
    fn a_text_from_outside_cannot_steer_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\u{202E}c\u{0007}"), "a\u{FFFD}[2Jbc\u{FFFD}");
    }

    #[test]
    fn a_long_name_of_a_file_keeps_its_beginning_and_its_end() {
        assert_eq!(middle("undangan-rapat.csv"), "undangan-rapat.csv");
        let long = middle(&format!("undangan-{}-selesai.csv", "x".repeat(251)));
        assert_eq!(long.chars().count(), 40);
        assert!(long.starts_with("undangan-xxx") && long.ends_with("…-selesai.csv"), "{long}");
    }

    #[test]
    fn times_are_shown_in_the_offices_zone() {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        assert_eq!(time(Timestamp::from_second(1_800_000_000).unwrap(), &zone), "2027-01-15 15:00:00");
        assert_eq!(maybe_time(None, &zone), "-");
    }
}
