//! UCS-2 as 23.038 §6.2.3 names it and as everybody uses it: UTF-16, big endian, with surrogate pairs.

/// The octets of a text, two or four a character.
pub fn encode(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len() * 2);
    for unit in text.encode_utf16() {
        octets.extend(unit.to_be_bytes());
    }
    octets
}

/// The text of octets. A lone surrogate becomes U+FFFD; an odd octet at the end is dropped.
pub fn decode(octets: &[u8]) -> String {
    let units = octets.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdu::hex;

    #[test]
    fn surrogates_are_pairs_and_a_lone_one_is_replaced() {
        let check = |digits: &str, text: &str| {
            assert_eq!(decode(&hex::decode(digits).expect("hexadecimal")), text, "{digits}");
        };
        check("0434043E043C", "дом");
        check("004800690020D83DDE000021", "Hi 😀!");
        check("00610062D83D", "ab\u{FFFD}");
        check("DE00D83DDC", "\u{FFFD}\u{FFFD}");
        check("0041004200", "AB");
        assert_eq!(hex::encode(&encode("Hi 😀!")), "004800690020D83DDE000021");
    }
}
