//! Who the modem and the card are, from answers that every family writes differently.

use super::fields::{after, fields};

/// The first line of a free-text answer, its own prefix and quotes removed, at most 64 characters. Empty where there is none.
pub fn text(lines: &[String], name: &str) -> String {
    let line = lines.first().map_or("", String::as_str);
    let value = after(line, name).unwrap_or(line);
    value.trim().trim_matches('"').trim().chars().take(64).collect()
}

/// The IMEI in the answer to `AT+CGSN`: 14 to 17 digits in a row (15 and the software version in some), prefix or not.
pub fn imei(lines: &[String]) -> Option<String> {
    lines.iter().find_map(|line| digits(line, 14..=17))
}

/// The IMSI in the answer to `AT+CIMI`: 14 or 15 digits (23.003 §2.2).
pub fn imsi(lines: &[String]) -> Option<String> {
    lines.iter().find_map(|line| digits(line, 14..=15))
}

/// The ICCID in the answer of any vendor: 18 to 20 digits, `F` filler removed, nibbles in reading order (ITU-T E.118: it begins
/// with 89, so 98 means that the firmware left the nibbles swapped as on the card).
pub fn iccid(lines: &[String]) -> Option<String> {
    lines.iter().find_map(|line| {
        let value = line.split_once(':').map_or(line.as_str(), |(_, value)| value);
        fields(value).into_iter().find_map(card_number)
    })
}

/// The ICCID in `+CRSM: 144,0,"<20 hex digits>"`: EF_ICCID as it lies on the card, nibbles swapped (27.007 §8.18, 31.102 §4.2.1).
pub fn iccid_from_crsm(lines: &[String]) -> Option<String> {
    card_file(lines).and_then(|content| filled(&swapped(content)))
}

/// The TP-MR last used in `+CRSM: 144,0,"<4 hex digits>"`: the first octet of EF_SMSS (31.102 §4.2.9).
pub fn last_used_tp_mr(lines: &[String]) -> Option<u8> {
    let digits = card_file(lines)?.get(..2)?;
    digits.bytes().all(|octet| octet.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

/// What a card read out: `144` or `145` is success (102.221 §10.2.1), the content follows in hexadecimal.
fn card_file(lines: &[String]) -> Option<&str> {
    lines.iter().find_map(|line| {
        let parts = fields(after(line, "+CRSM")?);
        matches!(parts.first(), Some(&("144" | "145"))).then(|| parts.get(2).copied()).flatten()
    })
}

/// The first number in the answer to `AT+CNUM`, `+CNUM: "","+628…",145`, as it is written there. `None` where the card names none.
///
/// Quotes may be missing, the name may be empty, left out, `*`, or an unfilled `FFFF…`.
pub fn own_number(lines: &[String]) -> Option<String> {
    lines.iter().find_map(|line| {
        let parts = fields(after(line, "+CNUM")?);
        let dialled = |part: &&str| {
            let digits = part.strip_prefix('+').unwrap_or(part);
            (7..=15).contains(&digits.len()) && digits.bytes().all(|octet| octet.is_ascii_digit())
        };
        // The name comes first and may be a number too.
        parts.iter().skip(1).chain(parts.first()).find(|part| dialled(part)).map(|part| (*part).to_owned())
    })
}

/// The address in `+CSCA: "+6281100000",145`. `None` where it is empty: nothing can be sent then (+CMS ERROR 330).
pub fn service_centre(lines: &[String]) -> Option<String> {
    lines.iter().find_map(|line| {
        let address = fields(after(line, "+CSCA")?).first()?.trim_start_matches('+').to_owned();
        (!address.is_empty()).then_some(address)
    })
}

fn card_number(value: &str) -> Option<String> {
    if value.starts_with("98") {
        return filled(&swapped(value));
    }
    filled(value)
}

fn filled(value: &str) -> Option<String> {
    let value = value.trim_end_matches(['F', 'f']);
    let fits = (18..=20).contains(&value.len()) && value.bytes().all(|octet| octet.is_ascii_digit());
    fits.then(|| value.to_owned())
}

fn swapped(value: &str) -> String {
    value.as_bytes().chunks(2).flat_map(|pair| pair.iter().rev()).map(|&octet| char::from(octet)).collect()
}

/// The first run of digits whose length is wanted.
fn digits(line: &str, wanted: std::ops::RangeInclusive<usize>) -> Option<String> {
    line.split(|c: char| !c.is_ascii_digit()).find(|run| wanted.contains(&run.len())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(line: &str) -> Vec<String> {
        vec![line.to_owned()]
    }

    #[test]
    fn identification_of_real_modems() {
        assert_eq!(text(&lines(" WAVECOM MODEM"), "+CGMI"), "WAVECOM MODEM");
        assert_eq!(text(&lines("+CGMI: \"Cinterion\""), "+CGMI"), "Cinterion");
        // Nokia N79 takes five lines for AT+CGMR.
        let nokia: Vec<String> = ["V ICPR72_08w44.1", "24-11-08", "RM-348"].map(String::from).to_vec();
        assert_eq!(text(&nokia, "+CGMR"), "V ICPR72_08w44.1");
        assert_eq!(text(&[], "+CGMR"), "");
        assert_eq!(imei(&lines("111111111111111")).as_deref(), Some("111111111111111"));
        assert_eq!(imei(&lines("+CGSN: \"356938035643809\"")).as_deref(), Some("356938035643809"));
        assert_eq!(imei(&lines("0")), None);
        assert_eq!(imsi(&lines("510101234567890")).as_deref(), Some("510101234567890"));
    }

    #[test]
    fn cards_are_read_in_every_writing() {
        let check = |line: &str, expected: Option<&str>| assert_eq!(iccid(&lines(line)).as_deref(), expected, "{line}");
        check("8962100012345678901", Some("8962100012345678901"));
        check("8962100012345678901F", Some("8962100012345678901"));
        check("+CCID: \"8962100012345678901\"", Some("8962100012345678901"));
        check("+QCCID: 89621000123456789012", Some("89621000123456789012"));
        check("^ICCID: 98260100214365870921", Some("89621000123456789012"));
        check("^SCID: 8962100012345678901", Some("8962100012345678901"));
        check("#CCID: 8962100012345678901", Some("8962100012345678901"));
        check("+CCID: ", None);
        check("é", None);
        let crsm = |line: &str| iccid_from_crsm(&lines(line));
        assert_eq!(crsm("+CRSM: 144,0,\"982601002143658709F1\"").as_deref(), Some("8962100012345678901"));
        assert_eq!(crsm("+CRSM: 106,130"), None);
    }

    #[test]
    fn the_cards_own_number_in_every_writing() {
        let check =
            |line: &str, expected: Option<&str>| assert_eq!(own_number(&lines(line)).as_deref(), expected, "{line}");
        // chan-dongle test/parse.c
        check("+CNUM: \"Subscriber Number\",\"+79139131234\",145", Some("+79139131234"));
        check("+CNUM: \"\",\"+79139131234\",145", Some("+79139131234"));
        check("+CNUM: \"\",+79139131234\",145", Some("+79139131234"));
        check("+CNUM: ,\"+79139131234\",145", Some("+79139131234"));
        check("+CNUM: \"*\",\"+79139131234\",145,7,4", Some("+79139131234"));
        check("+CNUM: \"\",\"081234567890\",129", Some("081234567890"));
        check("+CNUM: \"\",\"\",129", None);
        check("+CNUM: ", None);
        check("OK", None);
    }

    #[test]
    fn the_number_last_used_is_the_first_octet() {
        let check = |line: &str, expected: Option<u8>| assert_eq!(last_used_tp_mr(&lines(line)), expected, "{line}");
        check("+CRSM: 144,0,\"01FF\"", Some(1));
        check("+CRSM:144,0,FFFF", Some(255));
        check("+CRSM: 144,0,\"a0ff\"", Some(0xA0));
        check("+CRSM: 144,0,\"+1FF\"", None);
        check("+CRSM: 144,0,\"\"", None);
        check("+CRSM: 144,0", None);
        check("+CRSM: 106,130", None);
        check("+CRSM: 148,4,\"\"", None);
    }

    #[test]
    fn an_empty_service_centre_is_none() {
        assert_eq!(service_centre(&lines("+CSCA: \"+6281100000\",145")).as_deref(), Some("6281100000"));
        assert_eq!(service_centre(&lines("+CSCA: \"\",129")), None);
        assert_eq!(service_centre(&lines("+CSCA: ,")), None);
    }
}
