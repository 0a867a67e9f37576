//! The roster as a table that is imported again without a change.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::report::{ReportError, harmless};
use crate::model::audience::Audience;
use crate::model::{Country, Entry, ImportId, Msisdn};
use crate::store::Reader;

/// The columns of a list, as it is imported.
const COLUMNS: [&str; 10] =
    ["peran", "instansi", "jabatan", "kecamatan", "kelurahan", "rw", "rt", "nama", "id orang", "nomor"];

/// Writes the roster as of an import as CSV in the form in which it is imported: whoever is meant by `audience`, or everyone.
///
/// Rows are written as they are read. A cell that a spreadsheet would take for a formula begins with an apostrophe.
pub fn write_roster(
    reader: &Reader,
    version: ImportId,
    audience: Option<&Audience>,
    country: Country,
    to: &mut dyn Write,
) -> Result<(), ReportError> {
    let mut table = csv::Writer::from_writer(to);
    let mut written = table.write_record(COLUMNS);
    reader.roster(version, |_, entry| {
        if written.is_ok() && audience.is_none_or(|audience| audience.means(&entry.seat)) {
            written = table.write_record(row(&entry, country));
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(written.map_err(io::Error::from).and_then(|()| table.flush())?)
}

fn row(entry: &Entry, country: Country) -> [String; 10] {
    let seat = &entry.seat;
    let text = |part: &Option<String>| harmless(part.as_deref().unwrap_or_default()).into_owned();
    let number = |part: Option<u16>| part.map_or(String::new(), |number| number.to_string());
    [
        seat.role.word().to_owned(),
        text(&seat.agency),
        text(&seat.title),
        text(&seat.kecamatan),
        text(&seat.kelurahan),
        number(seat.rw),
        number(seat.rt),
        harmless(&entry.name).into_owned(),
        text(&entry.person),
        dashed(entry.number, country),
    ]
}

/// A number as a spreadsheet leaves it alone: `0812-0000-0001`, which it takes neither for an amount nor for a date.
pub fn dashed(number: Msisdn, country: Country) -> String {
    let digits = number.digits();
    let code = country.calling_code().to_string();
    let national = match digits.strip_prefix(&code) {
        Some(national) => format!("0{national}"),
        None => return format!("'+{digits}"),
    };
    match national.len() {
        0..=8 => national,
        _ => format!("{}-{}-{}", &national[..4], &national[4..8], &national[8..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exported_number_is_no_amount_for_a_spreadsheet_and_reads_back() {
        let country = Country::indonesia();
        for digits in ["6281200000001", "628120000001", "62812000000012"] {
            let number = Msisdn::from_u64(digits.parse().unwrap());
            let written = dashed(number, country);
            assert!(written.starts_with("0812-") && written.matches('-').count() == 2, "{written}");
            assert_eq!(Msisdn::parse(&written, country), Ok(number), "{written}");
        }
        let abroad = Msisdn::parse("+4915112345678", country).unwrap();
        assert_eq!(dashed(abroad, country), "'+4915112345678");
        assert_eq!(Msisdn::parse("'+4915112345678", country), Ok(abroad));
    }
}
