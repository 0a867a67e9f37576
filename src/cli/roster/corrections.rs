//! `kentongan roster corrections`: the numbers to be corrected, on paper, as JSON, and as the form that a lurah fills in.

use std::io;

use super::super::args::RosterCorrections;
use super::super::phrases::words::word;
use super::super::screen::{Table, print, print_json, time};
use super::super::{Context, Failure};
use super::phrases::Phrases;
use crate::cli::answers::Answers;
use crate::model::{Msisdn, Role};
use crate::spool::{dashed, harmless};
use crate::store::CorrectionView;

/// The columns of the form. `roster import` knows it by the last and the one for the old number.
const COLUMNS: [&str; 12] = [
    "peran",
    "instansi",
    "jabatan",
    "kecamatan",
    "kelurahan",
    "rw",
    "rt",
    "nama",
    "nomor_lama",
    "gagal",
    "sejak",
    "nomor_baru",
];

pub(super) fn run(context: &Context, how: &RosterCorrections) -> Result<(), Failure> {
    let rows = Answers::of(context)?.corrections(how.kelurahan.as_deref())?;
    match (how.json, how.csv) {
        (true, _) => Ok(print_json(&rows)?),
        (_, true) => form(context, &rows),
        _ => paper(context, &rows),
    }
}

fn paper(context: &Context, rows: &[CorrectionView]) -> Result<(), Failure> {
    let (say, zone) = (Phrases::of(context.lang), context.zone()?);
    let mut table = Table::new([
        context.say.kecamatan,
        say.kelurahan,
        say.office,
        context.say.name,
        context.say.number,
        say.failures,
        context.say.since,
    ]);
    let text = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
    for row in rows {
        let role = row.role.as_deref().map_or_else(|| "-".to_owned(), |role| word(context.lang, role));
        let number = |number: Option<u16>| number.map_or(String::new(), |number| format!(" {number:02}"));
        let office = match row.rt {
            Some(_) => format!("{role}{} RW{}", number(row.rt), number(row.rw)),
            None => format!("{role}{}", number(row.rw)),
        };
        table.row([
            text(&row.kecamatan),
            text(&row.kelurahan),
            office,
            text(&row.name),
            row.number.clone(),
            row.failures.to_string(),
            time(row.since, zone),
        ]);
    }
    match table.is_empty() {
        true => print(&format!("{}\n", context.say.nothing))?,
        false => print(&format!("{table}\n{}\n", say.correct_hint))?,
    }
    Ok(())
}

/// The form. Citizens and numbers of no office are left out: no lurah knows them.
fn form(context: &Context, rows: &[CorrectionView]) -> Result<(), Failure> {
    let (country, zone) = (context.office()?.country, context.zone()?);
    let mut table = csv::Writer::from_writer(io::stdout().lock());
    table.write_record(COLUMNS).map_err(io::Error::from)?;
    for row in rows {
        let Some(role) = row.role.as_deref().and_then(|role| role.parse::<Role>().ok()) else { continue };
        if role == Role::Subscriber {
            continue;
        }
        let text = |part: &Option<String>| harmless(part.as_deref().unwrap_or_default()).into_owned();
        let number = |part: Option<u16>| part.map_or(String::new(), |number| number.to_string());
        let old = Msisdn::try_from(row.number.clone()).map_err(Failure::refused)?;
        let cells = [
            role.word().to_owned(),
            text(&row.agency),
            text(&row.title),
            text(&row.kecamatan),
            text(&row.kelurahan),
            number(row.rw),
            number(row.rt),
            text(&row.name),
            dashed(old, country),
            row.failures.to_string(),
            row.since.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d").to_string(),
            String::new(),
        ];
        table.write_record(cells).map_err(io::Error::from)?;
    }
    match table.flush() {
        // A reader that has seen enough (`| head`) is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
