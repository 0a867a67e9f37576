use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberType, Region};
use serde::{Deserialize, Serialize};

/// The country whose national writing of numbers is understood.
#[derive(Clone, Copy, Debug)]
pub struct Country {
    calling_code: u16,
    region: Region,
}

impl Country {
    /// The country with this calling code, digits only, such as `62`. `None` where no country has it.
    pub fn from_calling_code(code: &str) -> Option<Self> {
        let calling_code: u16 = code.parse().ok()?;
        let region = PHONE_NUMBER_UTIL.get_region_for_country_code(i32::from(calling_code))?;
        Some(Self { calling_code, region })
    }

    /// Its calling code, such as 62.
    pub fn calling_code(self) -> u16 {
        self.calling_code
    }

    /// Indonesia, +62.
    pub fn indonesia() -> Self {
        Self { calling_code: 62, region: Region::ID }
    }
}

/// A mobile number in E.164: country code and national number, at most 15 digits, checked by the numbering plan.
///
/// Held as a number, so it is small, cheap to copy and cannot carry anything but digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Msisdn(u64);

/// Why a text is no number that an SMS can be sent to. Each variant says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing there.
    #[error("the number is empty")]
    Empty,
    /// A spreadsheet turned it into `6.28E+11` and dropped digits.
    #[error("the spreadsheet has cut the number short (like 6,28E+11); format the column as text and enter it again")]
    Exponent,
    /// A letter, such as O for 0.
    #[error("there is a letter in the number; write digits only (0, not O)")]
    Letters,
    /// Something that is neither digit nor separator.
    #[error("the character {} does not belong in a number", character(*.0))]
    Character(u32),
    /// More than one number in the cell.
    #[error("there seem to be two numbers; write one a row")]
    Several,
    /// Too few digits for a number of its country.
    #[error("the number is too short")]
    TooShort,
    /// Too many digits for a number of its country.
    #[error("the number is too long")]
    TooLong,
    /// A short code or a service number.
    #[error("this is a short code, not a mobile number")]
    ShortCode,
    /// A fixed line, a toll-free number and the like.
    #[error("this is not a mobile number")]
    NotMobile,
    /// The right length, and yet no operator has such numbers.
    #[error("no operator has numbers like this; count the digits")]
    Unassigned,
}

/// A character as a person finds it: itself where it can be seen, and its code.
pub(crate) fn character(code: u32) -> String {
    match char::from_u32(code) {
        Some(c) if c.is_alphanumeric() || c.is_ascii_graphic() => format!("`{c}` (U+{code:04X})"),
        _ => format!("U+{code:04X}"),
    }
}

impl Msisdn {
    /// What stands in place of a number that was erased. Nothing is ever sent to it.
    pub const ERASED: Msisdn = Msisdn(0);

    /// Understands a number as people write it: 08…, 8… (the zero lost in a spreadsheet), 62…, +62…, 0062…,
    /// with spaces, dots, dashes and brackets.
    ///
    /// Refuses letters before anything else, since number libraries read some of them as digits.
    pub fn parse(raw: &str, country: Country) -> Result<Self, NumberError> {
        match plain_mobile(raw, country) {
            Some(number) => Ok(number),
            None => Self::by_plan(raw, country),
        }
    }

    /// The same by the numbering plans of the world, whatever is written.
    fn by_plan(raw: &str, country: Country) -> Result<Self, NumberError> {
        let digits = digits_of(raw)?;
        let number = match digits.strip_prefix('+') {
            Some(international) => Self::checked(international, country, Form::International)?,
            None => match digits.strip_prefix("00") {
                Some(international) => Self::checked(international, country, Form::International)?,
                None => Self::checked(&digits, country, Form::Unknown)?,
            },
        };
        Ok(number)
    }

    /// Reads an address of which nobody says how it is written: `08…`, `8…`, `62…`, `+62…`, `0062…`.
    ///
    /// `None` where there is anything but digits, or fewer than 7.
    pub fn from_network(address: &str, country: Country) -> Option<Self> {
        Self::from_address(address, Written::Unknown, country)
    }

    /// Reads the digits of an address as a network gives it; a plus before them says as much as [`Written::International`].
    ///
    /// Used for originators and for TP-RA, which are compared, and dialled only to answer: a number that our tables do not know is
    /// still itself. Only where neither a prefix nor the network says what the digits are is the numbering plan asked, so that
    /// `81234567890` is no number in Japan. `None` where there is anything but digits, or fewer than 7.
    pub fn from_address(address: &str, written: Written, country: Country) -> Option<Self> {
        let (digits, written) = match address.strip_prefix('+') {
            Some(digits) => (digits, Written::International),
            None => (address, written),
        };
        if !(7..=17).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let code = country.calling_code.to_string();
        let (prefix, rest) = match (digits.strip_prefix("00"), digits.strip_prefix('0')) {
            (Some(rest), _) => ("", rest),
            (None, Some(national)) => (code.as_str(), national),
            (None, None) => {
                let national = match written {
                    Written::International => false,
                    // Some networks call it national and leave the country code in.
                    Written::National => {
                        !digits.starts_with(&code) || validated(&format!("+{digits}"), country).is_err()
                    }
                    Written::Unknown => !digits.starts_with(&code) && validated(digits, country).is_ok(),
                };
                (if national { code.as_str() } else { "" }, digits)
            }
        };
        let international = format!("{prefix}{rest}");
        (international.len() <= 15).then(|| international.parse().map(Self).ok()).flatten()
    }

    fn checked(digits: &str, country: Country, form: Form) -> Result<Self, NumberError> {
        if digits.len() <= 6 {
            return Err(if digits.is_empty() { NumberError::Empty } else { NumberError::ShortCode });
        }
        let code = country.calling_code.to_string();
        let international = form == Form::International || digits.starts_with(&code);
        let first = if international { validated(&format!("+{digits}"), country) } else { validated(digits, country) };
        match first {
            // 62… may also be a national number that begins like the country code.
            Err(error) if international && form == Form::Unknown => validated(digits, country).map_err(|_| error),
            other => other,
        }
    }

    /// The digits without a plus, as stored and as TP-DA with TON 1 takes them; none of a number that was erased.
    pub fn digits(self) -> String {
        if self == Self::ERASED { String::new() } else { self.0.to_string() }
    }

    /// The number as an integer, for the database.
    pub fn as_u64(self) -> u64 {
        self.0
    }

    /// From the integer that [`Self::as_u64`] gave.
    pub fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// Whether this is an operator's short code, which has no country and no person behind it: at most 6 digits.
    pub fn is_short_code(self) -> bool {
        self.0 < 1_000_000
    }

    /// For logs: the first five and the last two digits.
    pub fn masked(self) -> String {
        let digits = self.digits();
        let hidden = digits.len().saturating_sub(7);
        format!("{}{}{}", &digits[..digits.len().min(5)], "*".repeat(hidden), &digits[digits.len().saturating_sub(2)..])
    }
}

/// What a network says of how an address is written: its type of number (3GPP TS 23.040 §9.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// With the country code, without prefix.
    International,
    /// Without the country code; with the 0 before it or without.
    National,
    /// Nothing that helps.
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    International,
    Unknown,
}

/// An Indonesian mobile number written without anything between its digits, 08…, 8…, 62 8… or +62 8…; `None`: anything else.
///
/// Nearly every row of a list is one, and the plans of the world take far longer over it. All that they ask of such a number is that
/// it has 9 to 12 digits after the country code, the second of them neither 0 nor 4; a test holds both to the same answer.
fn plain_mobile(raw: &str, country: Country) -> Option<Msisdn> {
    if country.region != Region::ID {
        return None;
    }
    let ([b'+', b'6', b'2', national @ ..] | [b'6', b'2', national @ ..] | [b'0', national @ ..] | national) =
        raw.as_bytes();
    let fits = matches!(national, [b'8', b'1'..=b'3' | b'5'..=b'9', ..])
        && (9..=12).contains(&national.len())
        && national.iter().all(u8::is_ascii_digit);
    let digits = |all: u64, digit: &u8| all * 10 + u64::from(digit - b'0');
    fits.then(|| Msisdn(national.iter().fold(u64::from(country.calling_code), digits)))
}

/// Digits with at most a leading plus; everything that people put between them is gone.
fn digits_of(raw: &str) -> Result<String, NumberError> {
    let text = raw.trim().trim_start_matches('\'');
    let lower = text.to_ascii_lowercase();
    if let Some((mantissa, exponent)) = lower.split_once('e')
        && mantissa.bytes().any(|byte| byte.is_ascii_digit())
        && mantissa.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
        && exponent.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'))
    {
        return Err(NumberError::Exponent);
    }
    // 81234567890.0 is a number cell written out; its point is no separator.
    let text = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.len() <= 2 && zeros.bytes().all(|byte| byte == b'0') => {
            whole
        }
        _ => text,
    };
    let mut digits = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '0'..='9' => digits.push(character),
            '+' | '\u{FF0B}' if digits.is_empty() => digits.push('+'),
            '+' | '/' | ';' | ',' | '&' | '|' => return Err(NumberError::Several),
            '-' | '.' | '(' | ')' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            // Bidirectional marks and zero-width characters ride along when a number is copied from a chat.
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => {}
            ' ' | '\t' | '\u{00A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' => {}
            '\u{FF10}'..='\u{FF19}' => digits.push(char::from(b'0' + (character as u32 - 0xFF10) as u8)),
            letter if letter.is_alphabetic() => return Err(NumberError::Letters),
            other => return Err(NumberError::Character(other as u32)),
        }
        if digits.len() > 40 {
            return Err(NumberError::TooLong);
        }
    }
    if digits.trim_start_matches('+').is_empty() {
        return Err(NumberError::Empty);
    }
    Ok(digits)
}

fn validated(text: &str, country: Country) -> Result<Msisdn, NumberError> {
    use rlibphonenumber::{NumberLengthType, ParseError, ValidationError};
    let number = PHONE_NUMBER_UTIL.parse(text, Some(country.region)).map_err(|error| match error {
        ParseError::TooLongNsn => NumberError::TooLong,
        ParseError::TooShortNsn | ParseError::TooShortAfterIdd => NumberError::TooShort,
        _ => NumberError::Unassigned,
    })?;
    match number.is_possible_with_reason() {
        Ok(NumberLengthType::IsPossible) => {}
        Err(ValidationError::TooLong) => return Err(NumberError::TooLong),
        Err(ValidationError::TooShort) => return Err(NumberError::TooShort),
        _ => return Err(NumberError::Unassigned),
    }
    if !number.is_valid() {
        return Err(NumberError::Unassigned);
    }
    match PHONE_NUMBER_UTIL.get_number_type(&number) {
        PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile => {}
        _ => return Err(NumberError::NotMobile),
    }
    let digits = format!("{}{}", number.country_code, number.get_national_significant_number());
    digits.parse().map(Msisdn).map_err(|_| NumberError::TooLong)
}

/// International writing with the plus; nothing for a number that was erased.
impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ERASED { Ok(()) } else { write!(f, "+{}", self.0) }
    }
}

/// Masked: whole numbers do not go to logs.
impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl From<Msisdn> for String {
    fn from(number: Msisdn) -> Self {
        number.to_string()
    }
}

impl TryFrom<String> for Msisdn {
    type Error = NumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.strip_prefix('+').unwrap_or(&text);
        if digits.is_empty() || digits.len() > 15 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NumberError::Unassigned);
        }
        digits.parse().map(Msisdn).map_err(|_| NumberError::Unassigned)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(raw: &str, expected: Result<&str, NumberError>) {
        let found = Msisdn::parse(raw, Country::indonesia()).map(|number| number.digits());
        assert_eq!(found, expected.map(str::to_owned), "{raw:?}");
    }

    #[test]
    fn every_usual_writing_of_an_indonesian_mobile_number_is_the_same_number() {
        for raw in [
            "081234567890",
            "81234567890",
            "6281234567890",
            "+6281234567890",
            "006281234567890",
            "0812-3456-7890",
            "0812 3456 7890",
            "0812.3456.7890",
            "(0812) 34567890",
            "+62 812-3456-7890",
            "'081234567890",
            "\u{202A}+62 812\u{2011}3456\u{2011}7890\u{202C}",
            "81234567890.0",
            "6281234567890.00",
            "\u{a0}081234567890 ",
            "+62 0812 3456 7890",
        ] {
            check(raw, Ok("6281234567890"));
        }
    }

    /// Whatever the short way takes, the plans give the same for it.
    fn compare(raw: &str) {
        let country = Country::indonesia();
        if let Some(number) = plain_mobile(raw, country) {
            assert_eq!(Msisdn::by_plan(raw, country), Ok(number), "{raw:?}");
        }
    }

    #[test]
    fn every_beginning_and_length_of_a_plainly_written_number_is_what_the_plans_say() {
        let mut taken = 0;
        for beginning in 0..=999 {
            for length in 7..=14 {
                let digits = format!("{beginning:03}{}", &"73052946180"[..length - 3]);
                for before in ["", "0", "62", "+62", "+", "00", "0062", "620", "+620"] {
                    let raw = format!("{before}{digits}");
                    compare(&raw);
                    taken += u32::from(plain_mobile(&raw, Country::indonesia()).is_some());
                }
            }
        }
        // 80 beginnings, 4 lengths and 4 writings of each; those with a zero before it, too.
        assert!(taken >= 80 * 4 * 4, "{taken}");
        assert_eq!(plain_mobile("081234567890", Country::from_calling_code("65").unwrap()), None);
    }

    proptest! {
        #[test]
        fn the_short_way_to_a_number_is_the_long_one(raw in "(|0|62|\\+62|\\+|00|0062| )[0-9]{5,14}( |\\.0|,|x|)") {
            compare(&raw);
        }

        #[test]
        fn a_plain_mobile_number_is_taken_the_short_way(before in "(|0|62|\\+62)", number in "8[1-35-9][0-9]{7,10}") {
            let raw = format!("{before}{number}");
            assert_eq!(plain_mobile(&raw, Country::indonesia()).map(Msisdn::digits), Some(format!("62{number}")));
            compare(&raw);
        }
    }

    #[test]
    fn what_is_no_mobile_number_is_refused_with_its_reason() {
        check("", Err(NumberError::Empty));
        check(" - ", Err(NumberError::Empty));
        check("8.12346E+11", Err(NumberError::Exponent));
        check("6,28E+11", Err(NumberError::Exponent));
        check("O8123456789O", Err(NumberError::Letters));
        check("tidak ada", Err(NumberError::Letters));
        check("081234567890/081234567891", Err(NumberError::Several));
        check("081234567890, 081234567891", Err(NumberError::Several));
        check("3636", Err(NumberError::ShortCode));
        check("0221234567", Err(NumberError::NotMobile));
        check("0800123456", Err(NumberError::NotMobile));
        check("081234567890123", Err(NumberError::Unassigned));
        check("62812345678901234567", Err(NumberError::TooLong));
        check("08123456", Err(NumberError::Unassigned));
        check("0812345\r\nAT+CMGD=1,4", Err(NumberError::Character(13)));
        check("081234567890\r\n1", Err(NumberError::Character(13)));
    }

    #[test]
    fn an_address_from_the_network_is_the_number_it_was_sent_to() {
        let country = Country::indonesia();
        for address in ["081234567890", "6281234567890", "+6281234567890", "006281234567890"] {
            assert_eq!(Msisdn::from_network(address, country).map(Msisdn::digits).as_deref(), Some("6281234567890"));
        }
        for address in ["TELKOMSEL", "4444", "", "12345678901234567890", "+62a12345678"] {
            assert_eq!(Msisdn::from_network(address, country), None, "{address}");
        }
    }

    #[test]
    fn an_address_without_prefix_is_of_the_country_the_network_means() {
        let check = |address: &str, written: Written, expected: Option<&str>| {
            let found = Msisdn::from_address(address, written, Country::indonesia()).map(Msisdn::digits);
            assert_eq!(found.as_deref(), expected, "{address} {written:?}");
        };
        for address in ["81234567890", "081234567890", "6281234567890", "006281234567890"] {
            for written in [Written::National, Written::Unknown] {
                check(address, written, Some("6281234567890"));
            }
        }
        check("+81234567890", Written::National, Some("81234567890"));
        check("81234567890", Written::International, Some("81234567890"));
        // A prefix that our tables do not know: national all the same where the network says so, and itself where nobody does.
        check("8401234567", Written::National, Some("628401234567"));
        check("12025550123", Written::Unknown, Some("12025550123"));
        check("12025550123", Written::International, Some("12025550123"));
        check("4444", Written::National, None);
        check("9999999999999999", Written::National, None);
    }

    #[test]
    fn a_number_in_a_log_is_masked() {
        let number = Msisdn::parse("081234567890", Country::indonesia()).unwrap();
        assert_eq!(format!("{number:?}"), "62812******90");
    }
}
