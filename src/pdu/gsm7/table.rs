//! The default alphabet and its extension table (23.038 §6.2.1, §6.2.1.1), and how tables are written down.

/// Code to character, as a UTF-16 unit (all are in the basic plane); 0 where a code is not assigned.
pub(super) type Table = [u16; 128];

/// `(code, first, last)`: the codes from `code` on stand for the characters from `first` to `last`.
pub(super) type Run = (u8, char, char);

/// Escape to the extension or single shift table; in no table, for it is no character.
pub(in crate::pdu) const ESCAPE: u8 = 0x1B;

/// Builds a table from its runs; the later one wins.
pub(super) const fn table(parts: &[&[Run]]) -> Table {
    let mut table = [0; 128];
    let mut part = 0;
    while part < parts.len() {
        let mut run = 0;
        while run < parts[part].len() {
            let (code, first, last) = parts[part][run];
            let mut step = 0;
            while step <= last as u32 - first as u32 {
                table[code as usize + step as usize] = (first as u32 + step) as u16;
                step += 1;
            }
            run += 1;
        }
        part += 1;
    }
    table
}

/// §6.2.1 GSM 7 bit default alphabet.
#[rustfmt::skip]
pub(super) const DEFAULT: &[Run] = &[
    (0x00, '@', '@'), (0x01, '£', '£'), (0x02, '$', '$'), (0x03, '¥', '¥'), (0x04, 'è', 'é'), (0x06, 'ù', 'ù'),
    (0x07, 'ì', 'ì'), (0x08, 'ò', 'ò'), (0x09, 'Ç', 'Ç'), (0x0a, '\n', '\n'), (0x0b, 'Ø', 'Ø'), (0x0c, 'ø', 'ø'),
    (0x0d, '\r', '\r'), (0x0e, 'Å', 'Å'), (0x0f, 'å', 'å'), (0x10, 'Δ', 'Δ'), (0x11, '_', '_'), (0x12, 'Φ', 'Φ'),
    (0x13, 'Γ', 'Γ'), (0x14, 'Λ', 'Λ'), (0x15, 'Ω', 'Ω'), (0x16, 'Π', 'Π'), (0x17, 'Ψ', 'Ψ'), (0x18, 'Σ', 'Σ'),
    (0x19, 'Θ', 'Θ'), (0x1a, 'Ξ', 'Ξ'), (0x1c, 'Æ', 'Æ'), (0x1d, 'æ', 'æ'), (0x1e, 'ß', 'ß'), (0x1f, 'É', 'É'),
    (0x20, ' ', '#'), (0x24, '¤', '¤'), (0x25, '%', '?'), (0x40, '¡', '¡'), (0x41, 'A', 'Z'), (0x5b, 'Ä', 'Ä'),
    (0x5c, 'Ö', 'Ö'), (0x5d, 'Ñ', 'Ñ'), (0x5e, 'Ü', 'Ü'), (0x5f, '§', '§'), (0x60, '¿', '¿'), (0x61, 'a', 'z'),
    (0x7b, 'ä', 'ä'), (0x7c, 'ö', 'ö'), (0x7d, 'ñ', 'ñ'), (0x7e, 'ü', 'ü'), (0x7f, 'à', 'à'),
];

/// §6.2.1.1 GSM 7 bit default alphabet extension table.
#[rustfmt::skip]
pub(super) const EXTENSION: &[Run] = &[
    (0x0a, '\u{000c}', '\u{000c}'), (0x14, '^', '^'), (0x28, '{', '{'), (0x29, '}', '}'), (0x2f, '\\', '\\'),
    (0x3c, '[', '['), (0x3d, '~', '~'), (0x3e, ']', ']'), (0x40, '|', '|'), (0x65, '€', '€'),
];

pub(super) static DEFAULT_TABLE: Table = table(&[DEFAULT]);
pub(super) static EXTENSION_TABLE: Table = table(&[EXTENSION]);
