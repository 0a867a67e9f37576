use super::address::AddressError;
use super::hex::HexError;

/// Why octets are no TPDU, or a value cannot become one. Each variant says what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PduError {
    /// The PDU ends inside a field.
    #[error("{field} needs {expected} octets at octet {at}, but {found} are left; the PDU is cut short")]
    Short {
        /// The field that was being read.
        field: &'static str,
        /// Where it begins, counted from 0.
        at: usize,
        /// How many octets it takes.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// TP-UDL promises more than follows (23.040 §9.2.3.16).
    #[error("TP-UDL {udl} needs {expected} octets of user data, but {found} follow; the PDU is cut short")]
    ShortUserData {
        /// TP-UDL as sent: septets for GSM 7 bit, octets otherwise.
        udl: u8,
        /// The octets this makes.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// The user data header is longer than the user data, or TP-UDHI is set and there is none (23.040 §9.2.3.24).
    #[error("the user data header needs {expected} octets, but the user data has {found}")]
    HeaderTooLong {
        /// UDHL and what it promises.
        expected: usize,
        /// Octets of user data.
        found: usize,
    },
    /// An information element is longer than the header (23.040 §9.2.3.24).
    #[error("the element {iei:#04x} needs {expected} octets, but the user data header has {found} left")]
    ElementTooLong {
        /// Its identifier.
        iei: u8,
        /// What its length octet promises; 1 where even that octet is missing.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// Header and body do not fit into 140 octets (23.040 §9.2.3.24).
    #[error("{found} octets of user data do not fit into the 140 that one TPDU holds")]
    UserDataTooLong {
        /// Header and body together, packed.
        found: usize,
    },
    /// A code above 127 was given as a septet.
    #[error("{0:#04x} is no septet")]
    NoSeptet(u8),
    /// TP-MTI is none that is read here (23.040 §9.2.3.1).
    #[error("TP-MTI {found} is not {expected}")]
    MessageType {
        /// What was asked for.
        expected: &'static str,
        /// The two bits.
        found: u8,
    },
    /// Not hexadecimal.
    #[error(transparent)]
    Hex(#[from] HexError),
    /// An address that cannot be sent.
    #[error(transparent)]
    Address(#[from] AddressError),
}
