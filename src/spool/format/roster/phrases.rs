//! What is said of a line of a list that cannot be used, in Indonesian and in English: what was found, and what to do.

use super::LineFault;
use crate::model::{Lang, PlaceError};
use crate::spool::phrases::number_error;

pub(super) fn line(fault: &LineFault, lang: Lang) -> String {
    match lang {
        Lang::Indonesian => indonesian(fault),
        Lang::English => english(fault),
    }
}

fn english(fault: &LineFault) -> String {
    match fault {
        LineFault::Number(error) => error.to_string(),
        LineFault::Missing { field } => format!("`{field}` is empty; fill it in"),
        LineFault::Role(unknown) => unknown.to_string(),
        LineFault::NotANumber { field, word } => format!("`{word}` is no {field}; write a number from 1 to 999"),
        LineFault::Place(error @ PlaceError::Ambiguous { .. }) => format!("{error}; fill in the column `kecamatan`"),
        LineFault::Place(error) => format!("{error}; mend the name, or add it to the file of areas"),
        LineFault::SameSeat { line } => {
            format!("line {line} gives the same office to somebody else or another number; keep the right line")
        }
        LineFault::Repeated { line } => format!("it says the same as line {line}; nothing needs to be done"),
        LineFault::Outdated => {
            "nobody holds this office with that old number now; it was corrected meanwhile, or the row was changed"
                .to_owned()
        }
    }
}

fn indonesian(fault: &LineFault) -> String {
    match fault {
        LineFault::Number(error) => number_error(error),
        LineFault::Missing { field } => format!("`{field}` kosong; isilah"),
        LineFault::Role(unknown) => {
            let near = unknown.near.map_or(String::new(), |near| format!("; maksudnya `{near}`?"));
            format!("`{}` bukan peran; tulis RT, RW, lurah, camat, OPD, atau warga{near}", unknown.word)
        }
        LineFault::NotANumber { field, word } => format!("`{word}` bukan nomor {field}; tulis angka 1 sampai 999"),
        LineFault::Place(error @ PlaceError::Ambiguous { .. }) => {
            format!("{}; isi kolom `kecamatan`", crate::spool::phrases::place_error(error))
        }
        LineFault::Place(error) => {
            format!("{}; perbaiki namanya, atau tambahkan ke berkas wilayah", crate::spool::phrases::place_error(error))
        }
        LineFault::SameSeat { line } => {
            format!("baris {line} memberikan jabatan yang sama kepada orang atau nomor lain; sisakan baris yang benar")
        }
        LineFault::Repeated { line } => format!("isinya sama dengan baris {line}; tidak perlu diapa-apakan"),
        LineFault::Outdated => {
            "tidak ada pemegang jabatan ini dengan nomor lama itu; sudah diperbaiki sebelumnya, atau barisnya diubah"
                .to_owned()
        }
    }
}
