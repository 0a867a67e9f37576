//! What a modem writes to itself: each text begins with a mark, by which its copy is known again.

use crate::model::TestStep;
use crate::pdu::gsm7::{Alphabet, Code};

/// Letters of a mark: no vowels, so that it makes no word, and no digits, which operators take for a one-time password.
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
const MARK_START: &str = "UJI-";

/// A text long enough for three segments, in which no two places read the same. Plain words: operators drop numbers and links.
const LONG: &str = "Pesan uji modem yang panjang, dibagi menjadi tiga bagian. Bagian pertama memuat kalimat ini dan bercerita tentang \
                    sungai yang mengalir dari utara. Bagian kedua melanjutkan cerita itu dengan jembatan, pasar dan taman di tengah \
                    kota. Bagian ketiga menutupnya dengan hujan sore, warung kopi dan kereta malam. Bila urutannya benar, kalimat \
                    terakhir berbunyi: sampai jumpa.";

/// A mark for a test that no other test has, from six random numbers below 20.
pub(super) fn mark(mut below: impl FnMut(usize) -> usize) -> String {
    let letters: String = (0..6).map(|_| char::from(LETTERS[below(LETTERS.len())])).collect();
    format!("{MARK_START}{letters}")
}

/// The mark that a text begins with, its step's letter included; `None` for other texts.
pub(super) fn mark_of(text: &str) -> Option<&str> {
    let first = text.split([' ', '\n', '\r']).next()?;
    let letters = first.strip_prefix(MARK_START)?;
    let fits = |octet: u8| octet.is_ascii_uppercase() || octet == b'-';
    (letters.len() == 8 && letters.bytes().all(fits)).then_some(first)
}

/// The mark of one of its texts.
pub(super) fn marked(mark: &str, step: TestStep) -> String {
    let letter = match step {
        TestStep::Send | TestStep::Report | TestStep::Copy => 'A',
        TestStep::Long => 'B',
        TestStep::Alphabet => 'C',
        TestStep::Unicode => 'D',
    };
    format!("{mark}-{letter}")
}

/// The text that tries a step.
pub(super) fn text(mark: &str, step: TestStep) -> String {
    let body = match step {
        TestStep::Send | TestStep::Report | TestStep::Copy => "Pesan uji modem.".to_owned(),
        TestStep::Long => LONG.to_owned(),
        TestStep::Alphabet => alphabet(),
        TestStep::Unicode => "Uji: é ê à \u{201C}kutip\u{201D} \u{2013} \u{2026} \u{2022} 你好 мир 🌋".to_owned(),
    };
    format!("{} {body}", marked(mark, step))
}

/// Every character of the default alphabet and of its extension, once; digits apart, for a row of them looks like a number.
fn alphabet() -> String {
    let default = Alphabet::DEFAULT;
    let plain = (0..128).filter(|code| *code != 0x1B).map(|code| default.decode(&[code]));
    let extended = (0..128).map(|code| default.decode(&[0x1B, code])).filter(|text| {
        text.chars().next().is_some_and(|character| matches!(default.code(character), Some(Code::Escaped(_))))
    });
    let (digits, others): (Vec<char>, Vec<char>) =
        plain.chain(extended).flat_map(|text| text.chars().collect::<Vec<_>>()).partition(char::is_ascii_digit);
    let mut digits = digits.into_iter();
    let mut text = String::new();
    for (place, character) in others.into_iter().enumerate() {
        text.push(character);
        if place % 10 == 9 {
            text.extend(digits.next());
        }
    }
    text.extend(digits);
    text
}

/// What of a text came back otherwise, for a person; `None`: it is the same.
pub(super) fn difference(sent: &str, came: &str) -> Option<String> {
    if sent == came {
        return None;
    }
    let (sent, came): (Vec<char>, Vec<char>) = (sent.chars().collect(), came.chars().collect());
    let show = |character: Option<&char>| character.map_or("nothing".to_owned(), |character| format!("{character:?}"));
    let place = (0..sent.len().max(came.len())).find(|place| sent.get(*place) != came.get(*place))?;
    let changed = sent.iter().zip(&came).filter(|(sent, came)| sent != came).count();
    let (asked, got) = (sent.len(), came.len());
    Some(if asked == got {
        format!(
            "{changed} of {asked} characters came back otherwise; the first is {} for {}",
            show(came.get(place)),
            show(sent.get(place))
        )
    } else {
        format!(
            "{got} characters came back for {asked}; character {} is {} for {}",
            place + 1,
            show(came.get(place)),
            show(sent.get(place))
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pdu::{Coding, Text};

    const MARK: &str = "UJI-XKCDQF";

    #[test]
    fn each_text_is_of_the_length_and_coding_that_it_tries() {
        let check = |step, coding, segments| {
            let text = text(MARK, step);
            let plan = Text::plan(&text).unwrap();
            assert_eq!((plan.dcs(None).coding(), plan.segments()), (coding, segments), "{text}");
            assert_eq!(mark_of(&text), Some(marked(MARK, step).as_str()));
        };
        check(TestStep::Send, Coding::Gsm7, 1);
        check(TestStep::Long, Coding::Gsm7, 3);
        check(TestStep::Alphabet, Coding::Gsm7, 1);
        check(TestStep::Unicode, Coding::Ucs2, 1);
    }

    #[test]
    fn the_alphabet_is_all_of_it_and_has_no_row_of_digits() {
        let all: BTreeSet<char> = alphabet().chars().collect();
        // 128 codes but the escape, and the ten of the extension.
        assert_eq!((all.len(), alphabet().chars().count()), (137, 137));
        for character in ['@', '\u{394}', '€', '[', '\u{c}', '\r', '\n', 'é', '_', 'à'] {
            assert!(all.contains(&character), "{character:?}");
        }
        let text = text(MARK, TestStep::Alphabet);
        assert!(!text.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_digit)), "{text:?}");
    }

    #[test]
    fn marks_are_told_from_what_citizens_write() {
        let mark = mark(|below| below - 1);
        assert_eq!(mark, "UJI-ZZZZZZ");
        for text in ["STOP", "UJI", "UJI-", "uji-zzzzzz-a", "UJI-ZZZZZZ", "UJI-ZZZZ1Z-A", " UJI-ZZZZZZ-A", ""] {
            assert_eq!(mark_of(text), None, "{text}");
        }
        assert_eq!(mark_of("UJI-ZZZZZZ-A STOP"), Some("UJI-ZZZZZZ-A"));
    }

    #[test]
    fn a_difference_names_its_first_place() {
        assert_eq!(difference("a@b", "a@b"), None);
        assert_eq!(
            difference("a@b_", "a?b-").unwrap(),
            "2 of 4 characters came back otherwise; the first is '?' for '@'"
        );
        assert_eq!(difference("abc", "ab").unwrap(), "2 characters came back for 3; character 3 is nothing for 'c'");
    }
}
