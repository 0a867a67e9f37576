use any_ascii::any_ascii_char;
use unicode_normalization::char::{canonical_combining_class, compose};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::gsm7::Alphabet;

/// A text rewritten so that less of it needs UCS-2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transliterated {
    /// The text as it would be sent.
    pub text: String,
    /// What was changed, in order; empty where nothing was.
    pub changes: Vec<Change>,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What stood there: one character, or a letter with its combining marks.
    pub from: String,
    /// What takes its place; empty where it is dropped.
    pub to: String,
    /// Where it stood, in characters of the given text from 0.
    pub at: usize,
}

/// Replaces what GSM 7 bit lacks and needs not be there: typographic quotes, dashes and spaces, invisible characters,
/// letters with rarer accents, ligatures, full-width and "bold" letters.
///
/// First a letter and its combining marks become one character (NFC). What the default alphabet or its extension has
/// stays. Emoji and other scripts stay too, for words in their place would be another message: such a text remains
/// UCS-2. Whether the changes save anything, two plans compared tell.
pub fn transliterate(text: &str) -> Transliterated {
    // The usual case; the alphabet has no combining marks, so nothing can be composed either.
    if text.chars().all(|character| Alphabet::DEFAULT.code(character).is_some()) {
        return Transliterated { text: text.to_owned(), changes: Vec::new() };
    }
    let mut changes = Vec::new();
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    let mut after_foreign = false;
    for cluster in clusters(text) {
        let composed: String = cluster.nfc().collect();
        let start = result.len();
        for character in composed.chars() {
            let in_gsm7 = Alphabet::DEFAULT.code(character).is_some();
            let stays = in_gsm7 || (after_foreign && is_joiner(character));
            match replacement(character).filter(|_| !stays) {
                Some(replacement) => {
                    result.extend(replacement.chars().map(|ascii| if ascii == '`' { '\'' } else { ascii }));
                    after_foreign = false;
                }
                None => {
                    result.push(character);
                    after_foreign = !in_gsm7;
                }
            }
        }
        if result[start..] != *cluster {
            changes.push(Change { from: cluster.to_owned(), to: result[start..].to_owned(), at });
        }
        at += cluster.chars().count();
    }
    Transliterated { text: result, changes }
}

/// The text in pieces that compose independently: a character and what combines with it.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    let composed = is_nfc_quick(text.chars()) == IsNormalized::Yes;
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let mut end = first.len_utf8();
        let mut last = first;
        for next in rest[end..].chars().take_while(|_| !composed) {
            // Some characters of class 0 decompose into marks that sort among those before them (U+0F81).
            let first = std::iter::once(next).nfd().next().unwrap_or(next);
            if canonical_combining_class(first) == 0 && compose(last, next).is_none() {
                break;
            }
            last = compose(last, next).unwrap_or(last);
            end += next.len_utf8();
        }
        let (cluster, after) = rest.split_at(end);
        rest = after;
        Some(cluster)
    })
}

/// What takes the place of a character that GSM 7 bit lacks; `None` where it stays.
fn replacement(character: char) -> Option<&'static str> {
    let replacement = match character {
        '`' | '´' | '‘' | '’' | '‚' | '‛' | '′' | 'ʹ'..='ʼ' | 'ˈ' | '‹' | '›' => "'",
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' | 'ˮ' | '〝'..='〟' => "\"",
        '‐'..='―' | '−' | '⁃' | '﹘' | '﹣' => "-",
        '…' => "...",
        '•' | '‣' | '∙' | '◦' | '●' | '○' | '■' | '□' | '▪' | '▫' | '►' | '➤' | '·' => "-",
        '→' | '⇒' | '➔' | '➜' => "->",
        '≤' => "<=",
        '≥' => ">=",
        '×' => "x",
        '÷' => ":",
        '✓' => "v",
        '\t' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => " ",
        '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{B}' => "\n",
        // Soft hyphen, zero-width characters, bidirectional marks, variation selectors, byte order mark.
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => "",
        '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' => "",
        // Accents that make no letter with what stands before them.
        '\u{300}'..='\u{36F}' => "",
        control if control.is_control() => "",
        letter if is_latin_or_sign(letter) => Some(any_ascii_char(letter)).filter(|ascii| is_spelling(ascii))?,
        _ => return None,
    };
    Some(replacement)
}

/// What holds an emoji sequence or the letters of some scripts together, and accents; stays behind a character that
/// stays.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

/// Latin letters in every dress, digits, currencies and letter-like signs. Other scripts are not spelled out: without
/// vowels or tones it would be no word that people read.
fn is_latin_or_sign(character: char) -> bool {
    matches!(character,
        // Latin-1, Latin extended, phonetic and modifier letters.
        '\u{A0}'..='\u{2FF}' | '\u{1D00}'..='\u{1DBF}' | '\u{1E00}'..='\u{1EFF}' | '\u{2C60}'..='\u{2C7F}'
        | '\u{A720}'..='\u{A7FF}' | '\u{AB30}'..='\u{AB6F}'
        // Raised and lowered digits, currencies, letter-like signs, number forms, encircled ones.
        | '\u{2070}'..='\u{209C}' | '\u{20A0}'..='\u{20CF}' | '\u{2100}'..='\u{218F}' | '\u{2460}'..='\u{24FF}'
        // Ligatures, full width, units, mathematical letters ("bold" text).
        | '\u{FB00}'..='\u{FB06}' | '\u{FF01}'..='\u{FF5E}' | '\u{3371}'..='\u{33DF}' | '\u{1D400}'..='\u{1D7FF}')
}

/// Whether it spells the character: there is something, and it is not the name of an emoji.
fn is_spelling(ascii: &str) -> bool {
    !ascii.is_empty() && (ascii.len() == 1 || !ascii.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(transliterate(text).text, expected, "{text:?}");
    }

    #[test]
    fn what_word_processors_put_in_becomes_plain() {
        check("“Awas” – longsor…", "\"Awas\" - longsor...");
        check("Jum’at\u{A0}pagi", "Jum'at pagi");
        check("• Cidadap\n• Sukasari", "- Cidadap\n- Sukasari");
        check("zero\u{200B}width\u{FEFF}", "zerowidth");
        check("𝗣𝗘𝗡𝗧𝗜𝗡𝗚 ﬁnal ½ ＡＢ № ®", "PENTING final 1/2 AB No (R)");
        check("a`b\tc\u{1a}", "a'b c");
        check("ʻIsā → çok", "'Isa -> cok");
        check("m\u{323}x\u{304}", "mx");
    }

    #[test]
    fn what_gsm_7_bit_has_stays_as_it_is() {
        for text in ["É Énggal, sumangga éta", "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà", "[^{}\\~|]€", "a\r\nb"]
        {
            assert_eq!(transliterate(text), Transliterated { text: text.to_owned(), changes: vec![] });
        }
        check("e\u{301}ta", "éta");
        check("n\u{303}", "ñ");
        check("\u{F81}\u{F81}!", "\u{F71}\u{F71}\u{F80}\u{F80}!");
    }

    #[test]
    fn emoji_and_other_scripts_stay() {
        for text in ["🙏 awas ⚠\u{FE0F}", "👨\u{200D}👩\u{200D}👧", "السلام عليكم", "ᮞᮥᮔ᮪ᮓ", "深圳", "≠"]
        {
            check(text, text);
        }
        check("“🙏”", "\"🙏\"");
    }

    #[test]
    fn every_change_is_shown_with_its_place() {
        let change = |from: &str, to: &str, at: usize| Change { from: from.to_owned(), to: to.to_owned(), at };
        let found = transliterate("e\u{301}a\u{200B}🙏’…");
        assert_eq!(found.text, "éa🙏'...");
        let expected =
            [change("e\u{301}", "é", 0), change("\u{200B}", "", 3), change("’", "'", 5), change("…", "...", 6)];
        assert_eq!(found.changes, expected);
    }

    proptest! {
        #[test]
        fn the_changes_lead_from_the_text_to_the_result(text in any::<String>()) {
            let found = transliterate(&text);
            let characters: Vec<char> = text.chars().collect();
            let mut rebuilt = String::new();
            let mut at = 0;
            for change in &found.changes {
                rebuilt.extend(&characters[at..change.at]);
                rebuilt.push_str(&change.to);
                at = change.at + change.from.chars().count();
                prop_assert_eq!(characters[change.at..at].iter().collect::<String>(), change.from.clone());
            }
            rebuilt.extend(&characters[at..]);
            prop_assert_eq!(&rebuilt, &found.text);
        }
    }
}
