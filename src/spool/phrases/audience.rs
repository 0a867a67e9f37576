//! What is said of an expression that cannot be used, and of areas that there are not: what was found, and what to do.

use crate::model::audience::{Expected, ExpressionError, LENGTH_MAX, Why};
use crate::model::{Lang, Level, PlaceError};

/// What is wrong with an expression, and where; the remedy is beside it.
pub fn expression_error(error: &ExpressionError, lang: Lang) -> (String, String) {
    let (character, what) = match lang {
        Lang::English => ("character", error.why.to_string()),
        Lang::Indonesian => ("huruf ke-", indonesian(&error.why)),
    };
    let what = match lang {
        Lang::English => format!("the expression, {character} {}: {what}", error.at),
        Lang::Indonesian => format!("ungkapan penerima, {character}{}: {what}", error.at),
    };
    (what, remedy(&error.why, lang).to_owned())
}

fn indonesian(why: &Why) -> String {
    match why {
        Why::Expected { expected, found } => {
            let found = found.as_ref().map_or("akhir ungkapan".to_owned(), |found| format!("`{found}`"));
            format!("seharusnya {}, tetapi ada {found}", expected_in_words(*expected))
        }
        Why::Field { word, near } => format!("`{word}` tidak dapat ditanyakan{}", did_you_mean(near)),
        Why::Role { word, near } => format!("`{word}` bukan peran{}", did_you_mean(near)),
        Why::Number { word } => format!("`{word}` bukan angka 1 sampai 999 dan bukan rentang seperti 1-5"),
        Why::Place(error) => place_error(error),
        Why::Agency { name, near } => {
            format!("tidak ada orang dari `{name}` dalam daftar pejabat{}", did_you_mean(near))
        }
        Why::Saved { name, near } => format!("tidak ada sasaran tersimpan bernama `{name}`{}", did_you_mean(near)),
        Why::InSaved { name, error } => {
            format!("sasaran tersimpan `{name}` tidak dapat dipakai: {}", expression_error(error, Lang::Indonesian).0)
        }
        Why::TooDeep => "terlalu banyak yang bersarang di sini".to_owned(),
        Why::TooLong => format!("ungkapan lebih panjang dari {LENGTH_MAX} huruf, atau syaratnya terlalu banyak"),
    }
}

fn expected_in_words(expected: Expected) -> &'static str {
    match expected {
        Expected::Condition => "syarat seperti peran=RW",
        Expected::Equals => "= dan isinya",
        Expected::Value => "isi",
        Expected::Operator => "dan, atau, atau kecuali",
        Expected::Bracket => "kurung tutup",
        Expected::Name => "nama sasaran tersimpan",
        Expected::Quote => "tanda kutip penutup",
    }
}

fn remedy(why: &Why, lang: Lang) -> &'static str {
    let (english, indonesian) = match why {
        Why::Expected { .. } => (
            "write it like peran=RW dan wilayah=utara kecuali kelurahan=Dago; numbers and lists stand on lines of their own",
            "tulis seperti peran=RW dan wilayah=utara kecuali kelurahan=Dago; nomor dan daftar ditulis di baris tersendiri",
        ),
        Why::Field { .. } => (
            "ask for peran, wilayah, kecamatan, kelurahan, rw, rt or instansi",
            "yang dapat ditanyakan: peran, wilayah, kecamatan, kelurahan, rw, rt, instansi",
        ),
        Why::Role { .. } => ("write RT, RW, lurah, camat, OPD or warga", "tulis RT, RW, lurah, camat, OPD, atau warga"),
        Why::Number { .. } => ("mend the number", "perbaiki angkanya"),
        Why::Place(PlaceError::Ambiguous { .. }) => (
            "name the kecamatan before it, such as kelurahan=Coblong/Dago",
            "sebut kecamatannya di depan, misalnya kelurahan=Coblong/Dago",
        ),
        Why::Place(PlaceError::Unknown { level: Level::Wilayah, .. }) => (
            "mend the word, or add it to the file that `areas` in [roster] of the configuration names",
            "perbaiki katanya, atau tambahkan ke berkas yang disebut `areas` dalam [roster] berkas pengaturan",
        ),
        Why::Place(_) | Why::Agency { .. } => ("mend the name", "perbaiki namanya"),
        Why::Saved { .. } => ("kentongan audience list shows them", "kentongan audience list menampilkannya"),
        Why::InSaved { .. } => ("save it anew: kentongan audience save", "simpan ulang: kentongan audience save"),
        Why::TooDeep => (
            "take brackets away; see whether a saved one leads back to itself",
            "kurangi kurung; periksa apakah sasaran tersimpan memanggil dirinya sendiri",
        ),
        Why::TooLong => ("save parts of it under names", "simpan bagian-bagiannya dengan nama"),
    };
    if lang == Lang::English { english } else { indonesian }
}

/// Why a name is no area, in Indonesian; the English is the error's own.
pub fn place_error(error: &PlaceError) -> String {
    match error {
        PlaceError::Unknown { level, name, other: Some(other), .. } => {
            format!("`{name}` bukan {}; itu {}", level.word(), other.word())
        }
        PlaceError::Unknown { level, name, near, .. } => {
            format!("`{name}` bukan {}{}", level.word(), did_you_mean(near))
        }
        PlaceError::Ambiguous { name, inside } => {
            format!("ada kelurahan `{name}` di beberapa kecamatan: {}", inside.join(", "))
        }
    }
}

fn did_you_mean(near: &Option<String>) -> String {
    near.as_ref().map_or(String::new(), |near| format!("; maksudnya `{near}`?"))
}
