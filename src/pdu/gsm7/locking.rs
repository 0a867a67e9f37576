//! National language locking shift tables (23.038 §A.3). They take the place of the default alphabet.
//!
//! Each table is written as what it adds to a shared part. A run `(code, first, last)` gives the codes from `code` on
//! the characters from `first` to `last`; a code that no run names is not assigned. The later run wins.

use super::Language;
use super::table::{DEFAULT, Run, Table, table};

/// What the tables of §A.3.4 to §A.3.13 have in common.
#[rustfmt::skip]
const INDIC: &[Run] = &[
    (0x0a, '\n', '\n'), (0x0d, '\r', '\r'), (0x20, ' ', '!'), (0x28, ')', ')'), (0x29, '(', '('), (0x2c, ',', ','),
    (0x2e, '.', '.'), (0x30, '0', ';'), (0x3f, '?', '?'), (0x61, 'a', 'z'),
];

/// §A.3.1 Turkish.
#[rustfmt::skip]
const TURKISH: &[Run] = &[
    (0x04, '€', '€'), (0x07, 'ı', 'ı'), (0x0b, 'Ğ', 'ğ'), (0x1c, 'Ş', 'ş'), (0x40, 'İ', 'İ'), (0x60, 'ç', 'ç'),
];

/// §A.3.3 Portuguese.
#[rustfmt::skip]
const PORTUGUESE: &[Run] = &[
    (0x04, 'ê', 'ê'), (0x06, 'ú', 'ú'), (0x07, 'í', 'í'), (0x08, 'ó', 'ó'), (0x09, 'ç', 'ç'), (0x0b, 'Ô', 'Ô'),
    (0x0c, 'ô', 'ô'), (0x0e, 'Á', 'Á'), (0x0f, 'á', 'á'), (0x12, 'ª', 'ª'), (0x13, 'Ç', 'Ç'), (0x14, 'À', 'À'),
    (0x15, '∞', '∞'), (0x16, '^', '^'), (0x17, '\\', '\\'), (0x18, '€', '€'), (0x19, 'Ó', 'Ó'), (0x1a, '|', '|'),
    (0x1c, 'Â', 'Â'), (0x1d, 'â', 'â'), (0x1e, 'Ê', 'Ê'), (0x24, 'º', 'º'), (0x40, 'Í', 'Í'), (0x5b, 'Ã', 'Ã'),
    (0x5c, 'Õ', 'Õ'), (0x5d, 'Ú', 'Ú'), (0x60, '~', '~'), (0x7b, 'ã', 'ã'), (0x7c, 'õ', 'õ'), (0x7d, '`', '`'),
];

/// §A.3.4 Bengali and Assamese.
#[rustfmt::skip]
const BENGALI: &[Run] = &[
    (0x00, '\u{0981}', '\u{0983}'), (0x03, '\u{0985}', '\u{098b}'), (0x0b, '\u{098c}', '\u{098c}'),
    (0x0f, '\u{098f}', '\u{0990}'), (0x13, '\u{0993}', '\u{099a}'), (0x1c, '\u{099b}', '\u{099e}'),
    (0x22, '\u{099f}', '\u{09a4}'), (0x2a, '\u{09a5}', '\u{09a6}'), (0x2d, '\u{09a7}', '\u{09a7}'),
    (0x2f, '\u{09a8}', '\u{09a8}'), (0x3d, '\u{09aa}', '\u{09ab}'), (0x40, '\u{09ac}', '\u{09b0}'),
    (0x46, '\u{09b2}', '\u{09b2}'), (0x4a, '\u{09b6}', '\u{09b9}'), (0x4e, '\u{09bc}', '\u{09c4}'),
    (0x59, '\u{09c7}', '\u{09c8}'), (0x5d, '\u{09cb}', '\u{09ce}'), (0x7b, '\u{09d7}', '\u{09d7}'),
    (0x7c, '\u{09dc}', '\u{09dd}'), (0x7e, '\u{09f0}', '\u{09f1}'),
];

/// §A.3.5 Gujarati.
#[rustfmt::skip]
const GUJARATI: &[Run] = &[
    (0x00, '\u{0a81}', '\u{0a83}'), (0x03, '\u{0a85}', '\u{0a8b}'), (0x0b, '\u{0a8c}', '\u{0a8d}'),
    (0x0f, '\u{0a8f}', '\u{0a91}'), (0x13, '\u{0a93}', '\u{0a9a}'), (0x1c, '\u{0a9b}', '\u{0a9e}'),
    (0x22, '\u{0a9f}', '\u{0aa4}'), (0x2a, '\u{0aa5}', '\u{0aa6}'), (0x2d, '\u{0aa7}', '\u{0aa7}'),
    (0x2f, '\u{0aa8}', '\u{0aa8}'), (0x3d, '\u{0aaa}', '\u{0aab}'), (0x40, '\u{0aac}', '\u{0ab0}'),
    (0x46, '\u{0ab2}', '\u{0ab3}'), (0x49, '\u{0ab5}', '\u{0ab9}'), (0x4e, '\u{0abc}', '\u{0ac5}'),
    (0x59, '\u{0ac7}', '\u{0ac9}'), (0x5d, '\u{0acb}', '\u{0acd}'), (0x60, '\u{0ad0}', '\u{0ad0}'),
    (0x7b, '\u{0ae0}', '\u{0ae3}'), (0x7f, '\u{0af1}', '\u{0af1}'),
];

/// §A.3.6 Hindi.
#[rustfmt::skip]
const HINDI: &[Run] = &[
    (0x00, '\u{0901}', '\u{0903}'), (0x03, '\u{0905}', '\u{090b}'), (0x0b, '\u{090c}', '\u{090d}'),
    (0x0e, '\u{090e}', '\u{091a}'), (0x1c, '\u{091b}', '\u{091e}'), (0x22, '\u{091f}', '\u{0924}'),
    (0x2a, '\u{0925}', '\u{0926}'), (0x2d, '\u{0927}', '\u{0927}'), (0x2f, '\u{0928}', '\u{0928}'),
    (0x3c, '\u{0929}', '\u{092b}'), (0x40, '\u{092c}', '\u{0939}'), (0x4e, '\u{093c}', '\u{094d}'),
    (0x60, '\u{0950}', '\u{0950}'), (0x7b, '\u{0972}', '\u{0972}'), (0x7c, '\u{097b}', '\u{097c}'),
    (0x7e, '\u{097e}', '\u{097f}'),
];

/// §A.3.7 Kannada.
#[rustfmt::skip]
const KANNADA: &[Run] = &[
    (0x01, '\u{0c82}', '\u{0c83}'), (0x03, '\u{0c85}', '\u{0c8b}'), (0x0b, '\u{0c8c}', '\u{0c8c}'),
    (0x0e, '\u{0c8e}', '\u{0c90}'), (0x12, '\u{0c92}', '\u{0c9a}'), (0x1c, '\u{0c9b}', '\u{0c9e}'),
    (0x22, '\u{0c9f}', '\u{0ca4}'), (0x2a, '\u{0ca5}', '\u{0ca6}'), (0x2d, '\u{0ca7}', '\u{0ca7}'),
    (0x2f, '\u{0ca8}', '\u{0ca8}'), (0x3d, '\u{0caa}', '\u{0cab}'), (0x40, '\u{0cac}', '\u{0cb3}'),
    (0x49, '\u{0cb5}', '\u{0cb9}'), (0x4e, '\u{0cbc}', '\u{0cc4}'), (0x58, '\u{0cc6}', '\u{0cc8}'),
    (0x5c, '\u{0cca}', '\u{0ccd}'), (0x60, '\u{0cd5}', '\u{0cd5}'), (0x7b, '\u{0cd6}', '\u{0cd6}'),
    (0x7c, '\u{0ce0}', '\u{0ce3}'),
];

/// §A.3.8 Malayalam.
#[rustfmt::skip]
const MALAYALAM: &[Run] = &[
    (0x01, '\u{0d02}', '\u{0d03}'), (0x03, '\u{0d05}', '\u{0d0b}'), (0x0b, '\u{0d0c}', '\u{0d0c}'),
    (0x0e, '\u{0d0e}', '\u{0d10}'), (0x12, '\u{0d12}', '\u{0d1a}'), (0x1c, '\u{0d1b}', '\u{0d1e}'),
    (0x22, '\u{0d1f}', '\u{0d24}'), (0x2a, '\u{0d25}', '\u{0d26}'), (0x2d, '\u{0d27}', '\u{0d27}'),
    (0x2f, '\u{0d28}', '\u{0d28}'), (0x3d, '\u{0d2a}', '\u{0d2b}'), (0x40, '\u{0d2c}', '\u{0d39}'),
    (0x4f, '\u{0d3d}', '\u{0d44}'), (0x58, '\u{0d46}', '\u{0d48}'), (0x5c, '\u{0d4a}', '\u{0d4d}'),
    (0x60, '\u{0d57}', '\u{0d57}'), (0x7b, '\u{0d60}', '\u{0d63}'), (0x7f, '\u{0d79}', '\u{0d79}'),
];

/// §A.3.9 Oriya.
#[rustfmt::skip]
const ORIYA: &[Run] = &[
    (0x00, '\u{0b01}', '\u{0b03}'), (0x03, '\u{0b05}', '\u{0b0b}'), (0x0b, '\u{0b0c}', '\u{0b0c}'),
    (0x0f, '\u{0b0f}', '\u{0b10}'), (0x13, '\u{0b13}', '\u{0b1a}'), (0x1c, '\u{0b1b}', '\u{0b1e}'),
    (0x22, '\u{0b1f}', '\u{0b24}'), (0x2a, '\u{0b25}', '\u{0b26}'), (0x2d, '\u{0b27}', '\u{0b27}'),
    (0x2f, '\u{0b28}', '\u{0b28}'), (0x3d, '\u{0b2a}', '\u{0b2b}'), (0x40, '\u{0b2c}', '\u{0b30}'),
    (0x46, '\u{0b32}', '\u{0b33}'), (0x49, '\u{0b35}', '\u{0b39}'), (0x4e, '\u{0b3c}', '\u{0b44}'),
    (0x59, '\u{0b47}', '\u{0b48}'), (0x5d, '\u{0b4b}', '\u{0b4d}'), (0x60, '\u{0b56}', '\u{0b56}'),
    (0x7b, '\u{0b57}', '\u{0b57}'), (0x7c, '\u{0b60}', '\u{0b63}'),
];

/// §A.3.10 Punjabi.
#[rustfmt::skip]
const PUNJABI: &[Run] = &[
    (0x00, '\u{0a01}', '\u{0a03}'), (0x03, '\u{0a05}', '\u{0a0a}'), (0x0f, '\u{0a0f}', '\u{0a10}'),
    (0x13, '\u{0a13}', '\u{0a1a}'), (0x1c, '\u{0a1b}', '\u{0a1e}'), (0x22, '\u{0a1f}', '\u{0a24}'),
    (0x2a, '\u{0a25}', '\u{0a26}'), (0x2d, '\u{0a27}', '\u{0a27}'), (0x2f, '\u{0a28}', '\u{0a28}'),
    (0x3d, '\u{0a2a}', '\u{0a2b}'), (0x40, '\u{0a2c}', '\u{0a30}'), (0x46, '\u{0a32}', '\u{0a33}'),
    (0x49, '\u{0a35}', '\u{0a36}'), (0x4c, '\u{0a38}', '\u{0a39}'), (0x4e, '\u{0a3c}', '\u{0a3c}'),
    (0x50, '\u{0a3e}', '\u{0a42}'), (0x59, '\u{0a47}', '\u{0a48}'), (0x5d, '\u{0a4b}', '\u{0a4d}'),
    (0x60, '\u{0a51}', '\u{0a51}'), (0x7b, '\u{0a70}', '\u{0a74}'),
];

/// §A.3.11 Tamil.
#[rustfmt::skip]
const TAMIL: &[Run] = &[
    (0x01, '\u{0b82}', '\u{0b83}'), (0x03, '\u{0b85}', '\u{0b8a}'), (0x0e, '\u{0b8e}', '\u{0b90}'),
    (0x12, '\u{0b92}', '\u{0b95}'), (0x19, '\u{0b99}', '\u{0b9a}'), (0x1d, '\u{0b9c}', '\u{0b9c}'),
    (0x1f, '\u{0b9e}', '\u{0b9e}'), (0x22, '\u{0b9f}', '\u{0b9f}'), (0x26, '\u{0ba3}', '\u{0ba4}'),
    (0x2f, '\u{0ba8}', '\u{0ba8}'), (0x3c, '\u{0ba9}', '\u{0baa}'), (0x42, '\u{0bae}', '\u{0bb9}'),
    (0x50, '\u{0bbe}', '\u{0bc2}'), (0x58, '\u{0bc6}', '\u{0bc8}'), (0x5c, '\u{0bca}', '\u{0bcd}'),
    (0x60, '\u{0bd0}', '\u{0bd0}'), (0x7b, '\u{0bd7}', '\u{0bd7}'), (0x7c, '\u{0bf0}', '\u{0bf2}'),
    (0x7f, '\u{0bf9}', '\u{0bf9}'),
];

/// §A.3.12 Telugu.
#[rustfmt::skip]
const TELUGU: &[Run] = &[
    (0x00, '\u{0c01}', '\u{0c03}'), (0x03, '\u{0c05}', '\u{0c0b}'), (0x0b, '\u{0c0c}', '\u{0c0c}'),
    (0x0e, '\u{0c0e}', '\u{0c10}'), (0x12, '\u{0c12}', '\u{0c1a}'), (0x1c, '\u{0c1b}', '\u{0c1e}'),
    (0x22, '\u{0c1f}', '\u{0c24}'), (0x2a, '\u{0c25}', '\u{0c26}'), (0x2d, '\u{0c27}', '\u{0c27}'),
    (0x2f, '\u{0c28}', '\u{0c28}'), (0x3d, '\u{0c2a}', '\u{0c2b}'), (0x40, '\u{0c2c}', '\u{0c33}'),
    (0x49, '\u{0c35}', '\u{0c39}'), (0x4f, '\u{0c3d}', '\u{0c44}'), (0x58, '\u{0c46}', '\u{0c48}'),
    (0x5c, '\u{0c4a}', '\u{0c4d}'), (0x60, '\u{0c55}', '\u{0c55}'), (0x7b, '\u{0c56}', '\u{0c56}'),
    (0x7c, '\u{0c60}', '\u{0c63}'),
];

/// §A.3.13 Urdu.
#[rustfmt::skip]
const URDU: &[Run] = &[
    (0x00, '\u{0627}', '\u{0627}'), (0x01, '\u{0622}', '\u{0622}'), (0x02, '\u{0628}', '\u{0628}'),
    (0x03, '\u{067b}', '\u{067b}'), (0x04, '\u{0680}', '\u{0680}'), (0x05, '\u{067e}', '\u{067e}'),
    (0x06, '\u{06a6}', '\u{06a6}'), (0x07, '\u{062a}', '\u{062a}'), (0x08, '\u{06c2}', '\u{06c2}'),
    (0x09, '\u{067f}', '\u{067f}'), (0x0b, '\u{0679}', '\u{0679}'), (0x0c, '\u{067d}', '\u{067d}'),
    (0x0e, '\u{067a}', '\u{067a}'), (0x0f, '\u{067c}', '\u{067c}'), (0x10, '\u{062b}', '\u{062c}'),
    (0x12, '\u{0681}', '\u{0681}'), (0x13, '\u{0684}', '\u{0684}'), (0x14, '\u{0683}', '\u{0683}'),
    (0x15, '\u{0685}', '\u{0687}'), (0x18, '\u{062d}', '\u{062f}'), (0x1c, '\u{068c}', '\u{068c}'),
    (0x1d, '\u{0688}', '\u{068a}'), (0x22, '\u{068f}', '\u{068f}'), (0x23, '\u{068d}', '\u{068d}'),
    (0x24, '\u{0630}', '\u{0631}'), (0x26, '\u{0691}', '\u{0691}'), (0x27, '\u{0693}', '\u{0693}'),
    (0x2a, '\u{0699}', '\u{0699}'), (0x2b, '\u{0632}', '\u{0632}'), (0x2d, '\u{0696}', '\u{0696}'),
    (0x2f, '\u{0698}', '\u{0698}'), (0x3c, '\u{069a}', '\u{069a}'), (0x3d, '\u{0633}', '\u{0634}'),
    (0x40, '\u{0635}', '\u{0639}'), (0x45, '\u{0641}', '\u{0642}'), (0x47, '\u{06a9}', '\u{06ab}'),
    (0x4a, '\u{06af}', '\u{06af}'), (0x4b, '\u{06b3}', '\u{06b3}'), (0x4c, '\u{06b1}', '\u{06b1}'),
    (0x4d, '\u{0644}', '\u{0646}'), (0x50, '\u{06ba}', '\u{06bc}'), (0x53, '\u{0648}', '\u{0648}'),
    (0x54, '\u{06c4}', '\u{06c4}'), (0x55, '\u{06d5}', '\u{06d5}'), (0x56, '\u{06c1}', '\u{06c1}'),
    (0x57, '\u{06be}', '\u{06be}'), (0x58, '\u{0621}', '\u{0621}'), (0x59, '\u{06cc}', '\u{06cc}'),
    (0x5a, '\u{06d0}', '\u{06d0}'), (0x5b, '\u{06d2}', '\u{06d2}'), (0x5c, '\u{064d}', '\u{064d}'),
    (0x5d, '\u{0650}', '\u{0650}'), (0x5e, '\u{064f}', '\u{064f}'), (0x5f, '\u{0657}', '\u{0657}'),
    (0x60, '\u{0654}', '\u{0654}'), (0x7b, '\u{0655}', '\u{0655}'), (0x7c, '\u{0651}', '\u{0651}'),
    (0x7d, '\u{0653}', '\u{0653}'), (0x7e, '\u{0656}', '\u{0656}'), (0x7f, '\u{0670}', '\u{0670}'),
];

/// The locking shift table of a language; Spanish has none (§A.3.2 is void).
pub(super) fn locking(language: Language) -> Option<&'static Table> {
    static TURKISH_TABLE: Table = table(&[DEFAULT, TURKISH]);
    static PORTUGUESE_TABLE: Table = table(&[DEFAULT, PORTUGUESE]);
    static BENGALI_TABLE: Table = table(&[INDIC, BENGALI]);
    static GUJARATI_TABLE: Table = table(&[INDIC, GUJARATI]);
    static HINDI_TABLE: Table = table(&[INDIC, HINDI]);
    static KANNADA_TABLE: Table = table(&[INDIC, KANNADA]);
    static MALAYALAM_TABLE: Table = table(&[INDIC, MALAYALAM]);
    static ORIYA_TABLE: Table = table(&[INDIC, ORIYA]);
    static PUNJABI_TABLE: Table = table(&[INDIC, PUNJABI]);
    static TAMIL_TABLE: Table = table(&[INDIC, TAMIL]);
    static TELUGU_TABLE: Table = table(&[INDIC, TELUGU]);
    static URDU_TABLE: Table = table(&[INDIC, URDU]);
    match language {
        Language::Turkish => Some(&TURKISH_TABLE),
        Language::Spanish => None,
        Language::Portuguese => Some(&PORTUGUESE_TABLE),
        Language::Bengali => Some(&BENGALI_TABLE),
        Language::Gujarati => Some(&GUJARATI_TABLE),
        Language::Hindi => Some(&HINDI_TABLE),
        Language::Kannada => Some(&KANNADA_TABLE),
        Language::Malayalam => Some(&MALAYALAM_TABLE),
        Language::Oriya => Some(&ORIYA_TABLE),
        Language::Punjabi => Some(&PUNJABI_TABLE),
        Language::Tamil => Some(&TAMIL_TABLE),
        Language::Telugu => Some(&TELUGU_TABLE),
        Language::Urdu => Some(&URDU_TABLE),
    }
}
