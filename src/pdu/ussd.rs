//! USSD strings: the data coding scheme of cell broadcast (3GPP TS 23.038 §5), which USSD uses, and the packing of
//! septets with a CR at the end (§6.1.2.3).
//!
//! Left out: compression and user data headers, which no network uses here; such strings stay as they came.

use super::gsm7::{self, Alphabet};
use super::{Coding, hex, ucs2};

/// How a modem writes strings whose coding is GSM-7 (27.007 §7.15); strings of octets and UCS-2 are hexadecimal everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// As text.
    Text,
    /// Four hexadecimal digits a character.
    Ucs2,
    /// Packed septets in hexadecimal.
    Packed,
}

/// The coding scheme where the modem gives none: GSM-7, language unspecified.
pub const DEFAULT_DCS: u8 = 0x0F;

const CR: u8 = 0x0D;

/// What a scheme says of the string: its coding, and whether the name of a language stands before the text.
fn scheme(dcs: u8) -> (Coding, bool) {
    let by_bits = match dcs >> 2 & 3 {
        1 => Coding::Octets,
        2 => Coding::Ucs2,
        _ => Coding::Gsm7,
    };
    match dcs {
        0x10 => (Coding::Gsm7, true),
        0x11 => (Coding::Ucs2, true),
        0x40..=0x7F | 0x90..=0x9F => (by_bits, false),
        0xF0..=0xFF if dcs & 0x04 != 0 => (Coding::Octets, false),
        _ => (Coding::Gsm7, false),
    }
}

/// The text of a string of `+CUSD`, line breaks as `\n`. What is not written as its scheme says stays as it came.
pub fn decode(string: &str, dcs: u8, written: Written) -> String {
    let octets = hex::decode(string.trim()).ok();
    let (coding, language) = scheme(dcs);
    let text = match (coding, written, octets) {
        // The language is two septets there, in two octets.
        (Coding::Ucs2, _, Some(octets)) if language => ucs2::decode(octets.get(2..).unwrap_or_default()),
        (Coding::Ucs2, _, Some(octets)) | (Coding::Gsm7, Written::Ucs2, Some(octets)) => ucs2::decode(&octets),
        (Coding::Gsm7, Written::Packed, Some(octets)) => Alphabet::DEFAULT.decode(&unpack(&octets)),
        (Coding::Octets, _, Some(octets))
            if octets.iter().all(|octet| matches!(octet, b' '..=b'~' | b'\n' | b'\r')) =>
        {
            octets.iter().map(|octet| char::from(*octet)).collect()
        }
        _ => string.to_owned(),
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = match text.split_once('\n') {
        Some((name, rest)) if language && coding == Coding::Gsm7 && name.len() == 2 => rest,
        _ => &text,
    };
    text.trim().to_owned()
}

/// The septets of packed octets. A CR that ends on the octet boundary is padding (§6.1.2.3.1).
fn unpack(octets: &[u8]) -> Vec<u8> {
    let mut septets = gsm7::unpack(octets, 0, usize::MAX);
    if septets.len().is_multiple_of(8) && septets.last() == Some(&CR) {
        septets.pop();
    }
    septets
}

/// A code in packed septets, hexadecimal: seven spare bits at the end hold a CR, and a CR that would be taken for one is
/// followed by another. Characters that the default alphabet lacks are left out; codes have none.
pub fn packed(code: &str) -> String {
    let mut septets: Vec<u8> =
        code.chars().filter_map(|character| Alphabet::DEFAULT.encode(&character.to_string()).ok()).flatten().collect();
    let padded = septets.len() % 8 == 7 || (septets.len().is_multiple_of(8) && septets.last() == Some(&CR));
    if padded {
        septets.push(CR);
    }
    hex::encode(&gsm7::pack(&septets, 0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(string: &str, dcs: u8, written: Written, text: &str) {
        assert_eq!(decode(string, dcs, written), text, "{string}");
    }

    #[test]
    fn packed_answers_of_huawei_sticks_and_of_a_mikrotik_router() {
        // chan-dongle test/parse.c: its last septet is the CR that fills the octet.
        check("CF2135487D2E4130572D0682BB1A", 0, Written::Packed, "OCTATOK 0.51 p.");
        // RouterOS, `+CUSD: 0,"…", 0`.
        check("EBB79B1E0685E9ECF4BADE9E03", 0, Written::Packed, "konta atlikums");
        // A menu of Tigo through a Huawei stick, `+CUSD: 1,"…",15`.
        check(
            "C274D96D2FBBD3E437280CA2A6CF6FD014FD86C3D3EE330B5466A7CF65D01B3E4EBFDD3A8522E66A41C3F17A999E3EBFE70A99AB452D83E2F532393CA7\
             9741F3B41B349697C969FAFBA798B95ACBF47BBE7E83A8C9E3534173B582637ADA1E064DC36CF21B0495BFDB6F05",
            15,
            Written::Packed,
            "Bienvenido a Tigo Shopping, elige opcion:\n\n1.-Paquetigos\n2.-Te quedaste sin credito?\n3.-Kiosko TIGO\n4.-Activa \
             Saldo Promo",
        );
    }

    #[test]
    fn ucs2_answers_whatever_the_modem_makes_of_gsm7() {
        let spasibo = "0421043F0430044104380431043E0020043704300020043E04310440043004490435043D04380435";
        for written in [Written::Text, Written::Ucs2, Written::Packed] {
            check(spasibo, 72, written, "Спасибо за обращение");
        }
        // A modem under AT+CSCS="UCS2" says 15 and writes UCS-2 (gammu issue 358).
        let keret =
            "00480061007600690020006B0065007200650074003A0020003000460074002E002000460065006C007400F6006C007400F60074";
        check(keret, 15, Written::Ucs2, "Havi keret: 0Ft. Feltöltöt");
        // The same digits as a text are a text: nothing is guessed.
        check("00480061", 15, Written::Text, "00480061");
    }

    #[test]
    fn plain_answers_stay_as_they_came() {
        check("Available Balance: R 96.45 .", 15, Written::Text, "Available Balance: R 96.45 .");
        // Scheme 64 is GSM-7 too (a SIM900 on Digicel).
        check("Your account balance is 49.10 USD", 64, Written::Text, "Your account balance is 49.10 USD");
        check("1. HIV\r\n2. HIV/AIDS", 15, Written::Text, "1. HIV\n2. HIV/AIDS");
        check("no hexadecimal", 72, Written::Text, "no hexadecimal");
        check("0048006", 72, Written::Text, "0048006");
        check("", 15, Written::Packed, "");
    }

    #[test]
    fn a_language_before_the_text_is_no_part_of_it() {
        check("id\rSisa pulsa", 0x10, Written::Text, "Sisa pulsa");
        check("E93200530069007300610020", 0x11, Written::Text, "Sisa");
        let with_language = packed("id\rSisa pulsa");
        check(&with_language, 0x10, Written::Packed, "Sisa pulsa");
    }

    #[test]
    fn codes_are_packed_as_sticks_want_them() {
        assert_eq!(packed("*100#"), "AA180C3602");
        assert_eq!(packed("*105#"), "AA18AC3602");
        assert_eq!(packed("*900*01#"), "AA1C0CA682C546");
        assert_eq!(packed("1"), "31");
        // Seven characters leave seven bits, which would read as @: a CR goes there.
        assert_eq!(packed("*123*1#"), "AA986CA68A8D1A");
        check("AA986CA68A8D1A", 15, Written::Packed, "*123*1#");
    }

    proptest! {
        #[test]
        fn what_is_packed_is_read_again(code in "[0-9*#+]{1,160}") {
            prop_assert_eq!(decode(&packed(&code), DEFAULT_DCS, Written::Packed), code);
        }

        #[test]
        fn no_string_panics(string in "\\PC{0,200}", dcs in any::<u8>(), which in 0usize..3) {
            let written = [Written::Text, Written::Ucs2, Written::Packed][which];
            let _ = decode(&string, dcs, written);
        }
    }
}
