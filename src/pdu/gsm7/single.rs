//! National language single shift tables (23.038 §A.2). They take the place of the default extension table, whose
//! characters all of them keep.
//!
//! Each table is written as what it adds to a shared part, in runs as in the locking shift tables.

use super::Language;
use super::table::{EXTENSION, Run, Table, table};

/// What the tables of §A.2.4 to §A.2.13 have in common.
#[rustfmt::skip]
const INDIC: &[Run] = &[
    (0x00, '@', '@'), (0x01, '£', '£'), (0x02, '$', '$'), (0x03, '¥', '¥'), (0x04, '¿', '¿'), (0x05, '"', '"'),
    (0x06, '¤', '¤'), (0x07, '%', '\''), (0x0b, '*', '+'), (0x0e, '-', '-'), (0x0f, '/', '/'), (0x10, '<', '>'),
    (0x13, '¡', '¡'), (0x15, '¡', '¡'), (0x16, '_', '_'), (0x17, '#', '#'), (0x18, '*', '*'), (0x41, 'A', 'Z'),
];

/// §A.2.1 Turkish.
#[rustfmt::skip]
const TURKISH: &[Run] = &[
    (0x47, 'Ğ', 'Ğ'), (0x49, 'İ', 'İ'), (0x53, 'Ş', 'Ş'), (0x63, 'ç', 'ç'), (0x67, 'ğ', 'ğ'), (0x69, 'ı', 'ı'),
    (0x73, 'ş', 'ş'),
];

/// §A.2.2 Spanish.
#[rustfmt::skip]
const SPANISH: &[Run] = &[
    (0x09, 'ç', 'ç'), (0x41, 'Á', 'Á'), (0x49, 'Í', 'Í'), (0x4f, 'Ó', 'Ó'), (0x55, 'Ú', 'Ú'), (0x61, 'á', 'á'),
    (0x69, 'í', 'í'), (0x6f, 'ó', 'ó'), (0x75, 'ú', 'ú'),
];

/// §A.2.3 Portuguese.
#[rustfmt::skip]
const PORTUGUESE: &[Run] = &[
    (0x05, 'ê', 'ê'), (0x09, 'ç', 'ç'), (0x0b, 'Ô', 'Ô'), (0x0c, 'ô', 'ô'), (0x0e, 'Á', 'Á'), (0x0f, 'á', 'á'),
    (0x12, 'Φ', 'Φ'), (0x13, 'Γ', 'Γ'), (0x15, 'Ω', 'Ω'), (0x16, 'Π', 'Π'), (0x17, 'Ψ', 'Ψ'), (0x18, 'Σ', 'Σ'),
    (0x19, 'Θ', 'Θ'), (0x1f, 'Ê', 'Ê'), (0x41, 'À', 'À'), (0x49, 'Í', 'Í'), (0x4f, 'Ó', 'Ó'), (0x55, 'Ú', 'Ú'),
    (0x5b, 'Ã', 'Ã'), (0x5c, 'Õ', 'Õ'), (0x61, 'Â', 'Â'), (0x69, 'í', 'í'), (0x6f, 'ó', 'ó'), (0x75, 'ú', 'ú'),
    (0x7b, 'ã', 'ã'), (0x7c, 'õ', 'õ'), (0x7f, 'â', 'â'),
];

/// §A.2.4 Bengali and Assamese.
#[rustfmt::skip]
const BENGALI: &[Run] = &[
    (0x19, '\u{09e6}', '\u{09e7}'), (0x1c, '\u{09e8}', '\u{09ef}'), (0x24, '\u{09df}', '\u{09e2}'),
    (0x2a, '\u{09e3}', '\u{09e3}'), (0x2b, '\u{09f2}', '\u{09f5}'), (0x30, '\u{09f6}', '\u{09fa}'),
];

/// §A.2.5 Gujarati.
#[rustfmt::skip]
const GUJARATI: &[Run] = &[
    (0x19, '\u{0964}', '\u{0965}'), (0x1c, '\u{0ae6}', '\u{0aef}'),
];

/// §A.2.6 Hindi.
#[rustfmt::skip]
const HINDI: &[Run] = &[
    (0x19, '\u{0964}', '\u{0965}'), (0x1c, '\u{0966}', '\u{096f}'), (0x26, '\u{0951}', '\u{0952}'),
    (0x2a, '\u{0953}', '\u{0954}'), (0x2c, '\u{0958}', '\u{095a}'), (0x30, '\u{095b}', '\u{0963}'),
    (0x39, '\u{0970}', '\u{0971}'),
];

/// §A.2.7 Kannada.
#[rustfmt::skip]
const KANNADA: &[Run] = &[
    (0x19, '\u{0964}', '\u{0965}'), (0x1c, '\u{0ce6}', '\u{0cef}'), (0x26, '\u{0cde}', '\u{0cde}'),
    (0x27, '\u{0cf1}', '\u{0cf1}'), (0x2a, '\u{0cf2}', '\u{0cf2}'),
];

/// §A.2.8 Malayalam.
#[rustfmt::skip]
const MALAYALAM: &[Run] = &[
    (0x19, '\u{0964}', '\u{0965}'), (0x1c, '\u{0d66}', '\u{0d71}'), (0x2a, '\u{0d72}', '\u{0d75}'),
    (0x2e, '\u{0d7a}', '\u{0d7a}'), (0x30, '\u{0d7b}', '\u{0d7f}'),
];

/// §A.2.9 Oriya.
#[rustfmt::skip]
const ORIYA: &[Run] = &[
    (0x19, '\u{0964}', '\u{0965}'), (0x1c, '\u{0b66}', '\u{0b6f}'), (0x26, '\u{0b5c}', '\u{0b5d}'),
    (0x2a, '\u{0b5f}', '\u{0b5f}'), (0x2b, '\u{0b70}', '\u{0b71}'),
];

/// §A.2.10 Punjabi.
#[rustfmt::skip]
const PUNJABI: &[Run] = &[
    (0x19, '\u{0964}', '\u{0965}'), (0x1c, '\u{0a66}', '\u{0a6f}'), (0x26, '\u{0a59}', '\u{0a5a}'),
    (0x2a, '\u{0a5b}', '\u{0a5c}'), (0x2c, '\u{0a5e}', '\u{0a5e}'), (0x2d, '\u{0a75}', '\u{0a75}'),
];

/// §A.2.11 Tamil.
#[rustfmt::skip]
const TAMIL: &[Run] = &[
    (0x19, '\u{0964}', '\u{0965}'), (0x1c, '\u{0be6}', '\u{0bef}'), (0x26, '\u{0bf3}', '\u{0bf4}'),
    (0x2a, '\u{0bf5}', '\u{0bf8}'), (0x2e, '\u{0bfa}', '\u{0bfa}'),
];

/// §A.2.12 Telugu.
#[rustfmt::skip]
const TELUGU: &[Run] = &[
    (0x1c, '\u{0c66}', '\u{0c6f}'), (0x26, '\u{0c58}', '\u{0c59}'), (0x2a, '\u{0c78}', '\u{0c7c}'),
    (0x30, '\u{0c7d}', '\u{0c7f}'),
];

/// §A.2.13 Urdu.
#[rustfmt::skip]
const URDU: &[Run] = &[
    (0x19, '\u{0600}', '\u{0601}'), (0x1c, '\u{06f0}', '\u{06f9}'), (0x26, '\u{060c}', '\u{060d}'),
    (0x2a, '\u{060e}', '\u{0612}'), (0x30, '\u{0613}', '\u{0614}'), (0x32, '\u{061b}', '\u{061b}'),
    (0x33, '\u{061f}', '\u{061f}'), (0x34, '\u{0640}', '\u{0640}'), (0x35, '\u{0652}', '\u{0652}'),
    (0x36, '\u{0658}', '\u{0658}'), (0x37, '\u{066b}', '\u{066c}'), (0x39, '\u{0672}', '\u{0673}'),
    (0x3b, '\u{06cd}', '\u{06cd}'), (0x3f, '\u{06d4}', '\u{06d4}'),
];

/// The single shift table of a language.
pub(super) fn single(language: Language) -> &'static Table {
    static TURKISH_TABLE: Table = table(&[EXTENSION, TURKISH]);
    static SPANISH_TABLE: Table = table(&[EXTENSION, SPANISH]);
    static PORTUGUESE_TABLE: Table = table(&[EXTENSION, PORTUGUESE]);
    static BENGALI_TABLE: Table = table(&[EXTENSION, INDIC, BENGALI]);
    static GUJARATI_TABLE: Table = table(&[EXTENSION, INDIC, GUJARATI]);
    static HINDI_TABLE: Table = table(&[EXTENSION, INDIC, HINDI]);
    static KANNADA_TABLE: Table = table(&[EXTENSION, INDIC, KANNADA]);
    static MALAYALAM_TABLE: Table = table(&[EXTENSION, INDIC, MALAYALAM]);
    static ORIYA_TABLE: Table = table(&[EXTENSION, INDIC, ORIYA]);
    static PUNJABI_TABLE: Table = table(&[EXTENSION, INDIC, PUNJABI]);
    static TAMIL_TABLE: Table = table(&[EXTENSION, INDIC, TAMIL]);
    static TELUGU_TABLE: Table = table(&[EXTENSION, INDIC, TELUGU]);
    static URDU_TABLE: Table = table(&[EXTENSION, INDIC, URDU]);
    match language {
        Language::Turkish => &TURKISH_TABLE,
        Language::Spanish => &SPANISH_TABLE,
        Language::Portuguese => &PORTUGUESE_TABLE,
        Language::Bengali => &BENGALI_TABLE,
        Language::Gujarati => &GUJARATI_TABLE,
        Language::Hindi => &HINDI_TABLE,
        Language::Kannada => &KANNADA_TABLE,
        Language::Malayalam => &MALAYALAM_TABLE,
        Language::Oriya => &ORIYA_TABLE,
        Language::Punjabi => &PUNJABI_TABLE,
        Language::Tamil => &TAMIL_TABLE,
        Language::Telugu => &TELUGU_TABLE,
        Language::Urdu => &URDU_TABLE,
    }
}
