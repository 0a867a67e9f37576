//! Hexadecimal as modems write and read it (27.005 §3.1, "IRA hexadecimal").

/// Why a line is no PDU in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// An odd number of digits.
    #[error("{0} hexadecimal digits make no whole octets; the line is cut short or has one too many")]
    Odd(usize),
    /// A character that is no digit.
    #[error("the octet {octet:#04x} at place {at} is no hexadecimal digit")]
    Digit {
        /// The octet found.
        octet: u8,
        /// Where, counted from 0.
        at: usize,
    },
}

/// The octets that a line of hexadecimal digits stands for; upper and lower case.
///
/// Nothing but digits is taken: white space at the ends is the framer's business.
pub fn decode(digits: &str) -> Result<Vec<u8>, HexError> {
    let digits = digits.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return Err(HexError::Odd(digits.len()));
    }
    let mut octets = Vec::with_capacity(digits.len() / 2);
    for (pair, two) in digits.chunks_exact(2).enumerate() {
        octets.push(nibble(two[0], pair * 2)? << 4 | nibble(two[1], pair * 2 + 1)?);
    }
    Ok(octets)
}

fn nibble(digit: u8, at: usize) -> Result<u8, HexError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        octet => Err(HexError::Digit { octet, at }),
    }
}

/// Upper-case hexadecimal, as every modem understands it.
pub fn encode(octets: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut digits = String::with_capacity(octets.len() * 2);
    for octet in octets {
        digits.push(DIGITS[usize::from(octet >> 4)]);
        digits.push(DIGITS[usize::from(octet & 0x0F)]);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_become_octets_and_anything_else_is_named() {
        let check = |digits: &str, octets: Result<&[u8], HexError>| {
            assert_eq!(decode(digits), octets.map(<[u8]>::to_vec), "{digits}");
        };
        check("", Ok(&[]));
        check("0791fF", Ok(&[0x07, 0x91, 0xFF]));
        check("079", Err(HexError::Odd(3)));
        check("07\u{1a}1", Err(HexError::Digit { octet: 0x1A, at: 2 }));
        check("0G", Err(HexError::Digit { octet: b'G', at: 1 }));
        assert_eq!(encode(&[0x00, 0xAB, 0x9F]), "00AB9F");
    }
}
