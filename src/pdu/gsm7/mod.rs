//! The GSM 7 bit default alphabet, its extension, the national language tables, and the packing of septets
//! (3GPP TS 23.038 §6.1.2.1, §6.2.1, annex A).
//!
//! Septets are held one in an octet until a TPDU is written. Left out: the CR padding of USSD (§6.1.2.3.1); an SMS says
//! how many septets it has and pads with zeros.

mod alphabet;
mod language;
mod locking;
mod pack;
mod single;
mod table;

pub use alphabet::{Alphabet, Code};
pub use language::Language;
pub(super) use pack::{fill_bits, pack_into};
pub use pack::{pack, unpack};
pub(super) use table::ESCAPE;
