use std::fmt;

use super::PduError;
use super::gsm7::{self, Alphabet};
use super::octets::Reader;

/// What kind of number an address holds: bits 6 to 4 of its type octet (23.040 §9.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TypeOfNumber {
    /// 000: not known to either side; dialled as it stands.
    Unknown,
    /// 001: with country code, without prefix.
    International,
    /// 010: without country code; Indonesian networks send `08…` and `8…` so.
    National,
    /// 011: administration or service number of the network.
    NetworkSpecific,
    /// 100: subscriber number.
    Subscriber,
    /// 101: text in the GSM 7 bit default alphabet.
    Alphanumeric,
    /// 110: abbreviated number.
    Abbreviated,
    /// 111: reserved.
    Reserved,
}

/// TP-DA, TP-OA, TP-RA or the service centre's address (23.040 §9.1.2.5, §9.2.3.7 to §9.2.3.14).
///
/// Debug output is masked: whole numbers do not go to logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    type_of_address: u8,
    value: String,
}

/// Why an address cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing there.
    #[error("the address is empty")]
    Empty,
    /// More than 20 digits, or a name of more than 11 septets (23.040 §9.1.2.5).
    #[error("the address has {found} characters, but at most {max} fit")]
    TooLong {
        /// How many there are; septets for a name.
        found: usize,
        /// How many fit.
        max: usize,
    },
    /// A character that has no code.
    #[error("the character U+{0:04X} cannot stand in such an address")]
    Character(u32),
}

/// Digits of a numeric address by their code (23.040 §9.1.2.3); 15 is the filler, `?` where it stands inside.
const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'a', 'b', 'c', '?'];
const DIGITS_MAX: usize = 20;
const NAME_SEPTETS_MAX: usize = 11;
const TYPE_UNKNOWN: u8 = 0x81;
const TYPE_INTERNATIONAL: u8 = 0x91;
const TYPE_ALPHANUMERIC: u8 = 0xD0;

impl Address {
    /// An international number, type 0x91: country code and number, without a plus (one at the front is dropped).
    pub fn international(digits: &str) -> Result<Self, AddressError> {
        Self::numeric(TYPE_INTERNATIONAL, digits.strip_prefix('+').unwrap_or(digits))
    }

    /// A number dialled as it stands, such as a short code, type 0x81.
    pub fn unknown(digits: &str) -> Result<Self, AddressError> {
        Self::numeric(TYPE_UNKNOWN, digits)
    }

    /// A number with the type octet given; 1 to 20 of `0`-`9`, `*`, `#`, `a`, `b`, `c`.
    ///
    /// A type octet that says alphanumeric is taken for [`Self::alphanumeric`].
    pub fn numeric(type_of_address: u8, digits: &str) -> Result<Self, AddressError> {
        if type_of_number(type_of_address) == TypeOfNumber::Alphanumeric {
            return Self::alphanumeric(digits);
        }
        if let Some(other) = digits.chars().find(|digit| !DIGITS[..15].contains(digit)) {
            return Err(AddressError::Character(other as u32));
        }
        match digits.len() {
            0 => Err(AddressError::Empty),
            1..=DIGITS_MAX => Ok(Self { type_of_address: type_of_address | 0x80, value: digits.to_owned() }),
            found => Err(AddressError::TooLong { found, max: DIGITS_MAX }),
        }
    }

    /// A name, type 0xD0: at most 11 septets of the GSM 7 bit default alphabet.
    pub fn alphanumeric(name: &str) -> Result<Self, AddressError> {
        let septets = Alphabet::DEFAULT.encode(name).map_err(|other| AddressError::Character(other as u32))?;
        match septets.len() {
            0 => Err(AddressError::Empty),
            1..=NAME_SEPTETS_MAX => Ok(Self { type_of_address: TYPE_ALPHANUMERIC, value: name.to_owned() }),
            found => Err(AddressError::TooLong { found, max: NAME_SEPTETS_MAX }),
        }
    }

    /// The type octet as sent: extension bit, type of number, numbering plan.
    pub fn type_of_address(&self) -> u8 {
        self.type_of_address
    }

    /// The kind of number.
    pub fn type_of_number(&self) -> TypeOfNumber {
        type_of_number(self.type_of_address)
    }

    /// The numbering plan: the lower four bits of the type octet; 1 is the telephone plan E.164.
    pub fn numbering_plan(&self) -> u8 {
        self.type_of_address & 0x0F
    }

    /// Whether it is a name; nobody can be answered or opted out by a name.
    pub fn is_alphanumeric(&self) -> bool {
        self.type_of_number() == TypeOfNumber::Alphanumeric
    }

    /// The digits or the name, without a plus. A digit 15 inside a number reads as `?`.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Reads an address field of a TPDU; gives back how many octets it took.
    pub fn decode(octets: &[u8]) -> Result<(Self, usize), PduError> {
        let mut reader = Reader::new(octets);
        let address = Self::read(&mut reader, "the address")?;
        Ok((address, reader.position()))
    }

    /// Reads a service centre address as it stands before a TPDU (27.005 §3.1 `<pdu>`, 24.011 §8.2.5.1): its length
    /// counts octets; `None` where it is 0. Gives back how many octets it took.
    pub fn decode_service_centre(octets: &[u8]) -> Result<(Option<Self>, usize), PduError> {
        let mut reader = Reader::new(octets);
        let address = Self::read_service_centre(&mut reader)?;
        Ok((address, reader.position()))
    }

    /// The length counts useful semi-octets and leaves out the type and a filler (23.040 §9.1.2.5).
    ///
    /// Lengths above 20 are against the standard; they are read all the same, for what a network sends is evidence.
    pub(super) fn read(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, PduError> {
        let semi_octets = usize::from(reader.octet(field)?);
        let type_of_address = reader.octet(field)?;
        let octets = reader.take(semi_octets.div_ceil(2), field)?;
        let value = match type_of_number(type_of_address) {
            TypeOfNumber::Alphanumeric => Alphabet::DEFAULT.decode(&gsm7::unpack(octets, 0, semi_octets * 4 / 7)),
            _ => digits_of(octets, semi_octets),
        };
        Ok(Self { type_of_address, value })
    }

    pub(super) fn read_service_centre(reader: &mut Reader<'_>) -> Result<Option<Self>, PduError> {
        const FIELD: &str = "the service centre address";
        let length = usize::from(reader.octet(FIELD)?);
        if length == 0 {
            return Ok(None);
        }
        let octets = reader.take(length, FIELD)?;
        Ok(Some(Self { type_of_address: octets[0], value: digits_of(&octets[1..], (length - 1) * 2) }))
    }

    /// The address field of a TPDU.
    pub fn encode(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(12);
        self.write(&mut octets);
        octets
    }

    pub(super) fn write(&self, octets: &mut Vec<u8>) {
        if self.is_alphanumeric() {
            // A decoded name holds only characters of the alphabet.
            let septets = Alphabet::DEFAULT.encode(&self.value).unwrap_or_default();
            octets.push(saturated((septets.len() * 7).div_ceil(4)));
            octets.push(self.type_of_address);
            gsm7::pack_into(octets, &septets, 0);
        } else {
            octets.push(saturated(self.value.len()));
            octets.push(self.type_of_address);
            self.write_digits(octets);
        }
    }

    /// The service centre address as it stands before a TPDU.
    pub fn encode_service_centre(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(12);
        octets.push(saturated(1 + self.value.len().div_ceil(2)));
        octets.push(self.type_of_address);
        self.write_digits(&mut octets);
        octets
    }

    fn write_digits(&self, octets: &mut Vec<u8>) {
        let code = |digit: u8| DIGITS.iter().position(|known| *known == char::from(digit)).unwrap_or(15) as u8;
        for pair in self.value.as_bytes().chunks(2) {
            let second = pair.get(1).map_or(15, |digit| code(*digit));
            octets.push(second << 4 | code(pair[0]));
        }
    }
}

fn saturated(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

fn type_of_number(type_of_address: u8) -> TypeOfNumber {
    match type_of_address >> 4 & 7 {
        0 => TypeOfNumber::Unknown,
        1 => TypeOfNumber::International,
        2 => TypeOfNumber::National,
        3 => TypeOfNumber::NetworkSpecific,
        4 => TypeOfNumber::Subscriber,
        5 => TypeOfNumber::Alphanumeric,
        6 => TypeOfNumber::Abbreviated,
        _ => TypeOfNumber::Reserved,
    }
}

/// Semi-octets, the lower one first (23.040 §9.1.2.3); fillers at the end are no digits.
fn digits_of(octets: &[u8], semi_octets: usize) -> String {
    let mut digits = String::with_capacity(semi_octets);
    for octet in octets {
        digits.push(DIGITS[usize::from(octet & 0x0F)]);
        digits.push(DIGITS[usize::from(octet >> 4)]);
    }
    digits.truncate(semi_octets);
    digits.truncate(digits.trim_end_matches('?').len());
    digits
}

/// As people write it: a plus before an international number, otherwise as it stands.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.type_of_number() == TypeOfNumber::International {
            f.write_str("+")?;
        }
        f.write_str(&self.value)
    }
}

/// Masked: the first five and the last two characters of a number; a name is no personal number and stays whole.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.value.chars().count();
        let masked: String = if self.is_alphanumeric() {
            self.value.clone()
        } else {
            let hidden = 5..count.saturating_sub(2);
            self.value.chars().enumerate().map(|(at, digit)| if hidden.contains(&at) { '*' } else { digit }).collect()
        };
        write!(f, "Address({:#04x} {masked:?})", self.type_of_address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdu::hex;

    /// The address in hexadecimal, what it reads as, and whether we would write it just so.
    fn check(digits: &str, display: &str) {
        let octets = hex::decode(digits).expect("hexadecimal");
        let (address, length) = Address::decode(&octets).expect(digits);
        assert_eq!((address.to_string().as_str(), length), (display, octets.len()), "{digits}");
        assert_eq!(hex::encode(&address.encode()), digits);
    }

    #[test]
    fn numbers_names_and_short_codes_read_and_write_the_same() {
        check("0B917228195339F4", "+27829135934");
        check("0AA11092997856", "0129998765");
        check("05812143F5", "12345");
        check("05811A00FB", "*100#");
        check("0680A1B2C3", "1*2#3a");
        check("0ED04669D0397C26A7", "FRANCOIS");
        check("06D061F118", "abc");
        check("0080", "");
    }

    #[test]
    fn a_service_centre_counts_octets_and_may_be_absent() {
        let check = |digits: &str, display: Option<&str>, length: usize| {
            let found = Address::decode_service_centre(&hex::decode(digits).expect("hexadecimal")).expect(digits);
            assert_eq!((found.0.map(|address| address.to_string()).as_deref(), found.1), (display, length), "{digits}");
        };
        check("00", None, 1);
        check("06918967452301000000", Some("+9876543210"), 7);
        check("069189674523F1", Some("+987654321"), 7);
        check("0191", Some("+"), 2);
        let centre = Address::international("+6281100000").expect("a number");
        assert_eq!(hex::encode(&centre.encode_service_centre()), "06912618010000");
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        assert_eq!(Address::international("62812\r\nAT+CMGD=1,4"), Err(AddressError::Character(0x0D)));
        assert_eq!(Address::international(""), Err(AddressError::Empty));
        assert_eq!(Address::unknown(&"1".repeat(21)), Err(AddressError::TooLong { found: 21, max: 20 }));
        assert_eq!(Address::alphanumeric("DISKOMINFO[1"), Err(AddressError::TooLong { found: 13, max: 11 }));
        assert_eq!(Address::alphanumeric("ș"), Err(AddressError::Character(0x219)));
        assert!(matches!(Address::decode(&[0xFF, 0x91, 0x21]), Err(PduError::Short { expected: 128, found: 1, .. })));
    }

    #[test]
    fn a_number_is_masked_in_logs() {
        let address = Address::international("6281234567890").expect("a number");
        assert_eq!(format!("{address:?}"), "Address(0x91 \"62812******90\")");
    }
}
