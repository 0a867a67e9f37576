use super::Language;
use super::locking::locking;
use super::single::single;
use super::table::{DEFAULT_TABLE, ESCAPE, EXTENSION_TABLE, Table};

/// Which tables septets are read by: the default alphabet with its extension, or national tables in the place of
/// either (23.038 §6.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alphabet {
    locking: Option<Language>,
    single: Option<Language>,
}

/// How a character is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// By one septet.
    One(u8),
    /// By the escape and this septet.
    Escaped(u8),
}

impl Code {
    /// 1 or 2.
    pub fn septets(self) -> usize {
        match self {
            Code::One(_) => 1,
            Code::Escaped(_) => 2,
        }
    }
}

impl Alphabet {
    /// The default alphabet with its extension table.
    pub const DEFAULT: Alphabet = Alphabet { locking: None, single: None };

    /// National tables; `None` keeps the default one. A language without a locking table keeps the default alphabet.
    pub fn national(locking: Option<Language>, single: Option<Language>) -> Self {
        Self { locking: locking.filter(|language| *language != Language::Spanish), single }
    }

    /// The language of the locking shift table in use.
    pub fn locking(self) -> Option<Language> {
        self.locking
    }

    /// The language of the single shift table in use.
    pub fn single(self) -> Option<Language> {
        self.single
    }

    fn main_table(self) -> &'static Table {
        self.locking.and_then(locking).unwrap_or(&DEFAULT_TABLE)
    }

    fn escaped_table(self) -> &'static Table {
        self.single.map_or(&EXTENSION_TABLE, single)
    }

    /// How this alphabet writes a character; `None` where it cannot.
    pub fn code(self, character: char) -> Option<Code> {
        if self == Self::DEFAULT && character.is_ascii() {
            return match ASCII[character as usize] {
                NO_CODE => None,
                code if code & ESCAPED != 0 => Some(Code::Escaped(code & !ESCAPED)),
                code => Some(Code::One(code)),
            };
        }
        let unit = u16::try_from(character as u32).ok().filter(|unit| *unit != 0)?;
        let find = |table: &Table| table.iter().position(|known| *known == unit).map(|code| code as u8);
        find(self.main_table()).map(Code::One).or_else(|| find(self.escaped_table()).map(Code::Escaped))
    }

    /// The septets of a text. Errors: the first character that this alphabet lacks.
    pub fn encode(self, text: &str) -> Result<Vec<u8>, char> {
        let mut septets = Vec::with_capacity(text.len());
        for character in text.chars() {
            match self.code(character).ok_or(character)? {
                Code::One(code) => septets.push(code),
                Code::Escaped(code) => septets.extend([ESCAPE, code]),
            }
        }
        Ok(septets)
    }

    /// The text of septets; of each octet the lower seven bits count.
    ///
    /// As 23.038 asks of a receiver: a code without a character shows a space, an escape before a code that the
    /// extension lacks shows the main table's character, two escapes show a space. An escape at the end shows nothing.
    pub fn decode(self, septets: &[u8]) -> String {
        let (main, escaped) = (self.main_table(), self.escaped_table());
        let mut text = String::with_capacity(septets.len());
        let mut codes = septets.iter().map(|septet| septet & 0x7F);
        while let Some(code) = codes.next() {
            let unit = if code == ESCAPE {
                match codes.next() {
                    None => break,
                    Some(ESCAPE) => 0,
                    Some(code) if escaped[usize::from(code)] != 0 => escaped[usize::from(code)],
                    Some(code) => main[usize::from(code)],
                }
            } else {
                main[usize::from(code)]
            };
            // The tables hold no surrogates.
            text.push(char::from_u32(u32::from(unit)).filter(|character| *character != '\0').unwrap_or(' '));
        }
        text
    }
}

const ESCAPED: u8 = 0x80;
const NO_CODE: u8 = 0xFF;

/// ASCII to its code in the default alphabet, with bit 7 where it needs the escape; most texts need nothing else.
static ASCII: [u8; 128] = {
    let mut codes = [NO_CODE; 128];
    let mut code = 0;
    while code < 128 {
        if EXTENSION_TABLE[code] != 0 && EXTENSION_TABLE[code] < 128 {
            codes[EXTENSION_TABLE[code] as usize] = code as u8 | ESCAPED;
        }
        if DEFAULT_TABLE[code] != 0 && DEFAULT_TABLE[code] < 128 {
            codes[DEFAULT_TABLE[code] as usize] = code as u8;
        }
        code += 1;
    }
    codes
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_every_table_is_written_and_read_back() {
        let languages = || std::iter::once(None).chain(Language::ALL.map(Some));
        for alphabet in
            languages().flat_map(|locking| languages().map(move |single| Alphabet::national(locking, single)))
        {
            for unit in alphabet.main_table().iter().chain(alphabet.escaped_table()).filter(|unit| **unit != 0) {
                let text = char::from_u32(u32::from(*unit)).expect("a character").to_string();
                let septets = alphabet.encode(&text).expect(&text);
                assert_eq!(alphabet.decode(&septets), text, "{alphabet:?}");
                assert_ne!(septets, [ESCAPE], "{alphabet:?}");
            }
        }
    }

    #[test]
    fn texts_become_the_septets_of_the_standard() {
        let check = |text: &str, septets: &[u8]| {
            assert_eq!(Alphabet::DEFAULT.encode(text).as_deref(), Ok(septets), "{text}");
            assert_eq!(Alphabet::DEFAULT.decode(septets), text);
        };
        check("@£$¥", &[0, 1, 2, 3]);
        check("É é Ç", &[0x1F, 0x20, 0x05, 0x20, 0x09]);
        check("[10€]", &[0x1B, 0x3C, 0x31, 0x30, 0x1B, 0x65, 0x1B, 0x3E]);
        check("\u{c}^{}\\~|", &[27, 0x0A, 27, 0x14, 27, 0x28, 27, 0x29, 27, 0x2F, 27, 0x3D, 27, 0x40]);
        for missing in ['`', '\t', '\0', '\u{1a}', 'ç', '“', '😀'] {
            assert_eq!(Alphabet::DEFAULT.encode(&missing.to_string()), Err(missing));
        }
    }

    #[test]
    fn codes_without_a_character_show_what_the_standard_says() {
        let check = |septets: &[u8], text: &str| assert_eq!(Alphabet::DEFAULT.decode(septets), text, "{septets:02X?}");
        check(&[0x1B, 0x41, 0x42], "AB");
        check(&[0x41, 0x1B, 0x1B, 0x42], "A B");
        check(&[0x41, 0x42, 0x1B], "AB");
        check(&[0x80 | 0x41], "A");
        assert_eq!(Alphabet::national(Some(Language::Bengali), None).decode(&[0x0C, 0x61]), " a");
        // Spanish has no locking table: the default alphabet stays.
        assert_eq!(Alphabet::national(Some(Language::Spanish), None), Alphabet::DEFAULT);
    }
}
