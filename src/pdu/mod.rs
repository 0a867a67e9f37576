//! Octets of 3GPP TS 23.040 (the TPDUs) and TS 23.038 (the alphabets) to values, and back.
//!
//! Split as the standards are: [`Submit`], [`Deliver`] and [`StatusReport`] are the TPDUs; [`Address`], [`TimeStamp`],
//! [`Validity`], [`Dcs`], [`Udh`] and [`UserData`] are their fields; [`gsm7`] and [`ucs2`] are the alphabets. Above them
//! stand [`Text::plan`], which chooses the cheapest encoding of a text and splits it into segments, and
//! [`transliterate()`], which says what could be written otherwise to make it cheaper.
//!
//! Everything here is pure: no clock, no port, no log. Malformed input is a [`PduError`], never a panic; a date that is
//! none, an unknown element or a reserved code is kept as it came and does not hide the rest of the message. [`ussd`] reads the
//! strings of USSD, which are coded by the same alphabets.
//!
//! Left out on purpose: SMS-COMMAND and the report TPDUs of the relay layer (a modem sends and reads those itself),
//! the compression of TS 23.042 (such user data stays octets), cell broadcast.

mod address;
mod dcs;
mod deliver;
mod error;
pub mod gsm7;
pub mod hex;
mod incoming;
mod national;
mod octets;
mod status_report;
mod submit;
mod text;
mod time;
mod transliterate;
pub mod ucs2;
mod udh;
mod user_data;
pub mod ussd;
mod validity;

#[cfg(test)]
mod tests;

pub use address::{Address, AddressError, TypeOfNumber};
pub use dcs::{Coding, Dcs, MessageClass, MessageWaiting, WaitingKind};
pub use deliver::{Deliver, join_text};
pub use error::PduError;
pub use incoming::{Incoming, with_service_centre};
pub use status_report::{Failure, ReportParameters, StatusMeaning, StatusReport, TpStatus};
pub use submit::Submit;
pub use text::{Encoding, National, Plan, ReferenceWidth, SEGMENTS_MAX, Text, TextTooLong};
pub use time::TimeStamp;
pub use transliterate::{Change, Transliterated, transliterate};
pub use udh::{Concat, Element, Ports, SpecialIndication, Udh};
pub use user_data::{Body, UserData};
pub use validity::{EnhancedValidity, Validity, ValidityTooLong};
