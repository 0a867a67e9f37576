//! AT commands as modems speak them: bytes to lines, lines to replies and URCs, commands and error numbers as values.
//!
//! Scope: what 3GPP TS 27.005 (SMS), 27.007 (general) and ITU-T V.250 (line rules) say, and what modems make of it.
//! Pure: no clock, no port, no octets of a PDU (a PDU is a line of hexadecimal here). Left out on purpose: text mode,
//! calls beyond hanging up, data connections, command concatenation with `;`.

mod command;
mod dialogue;
mod error_number;
mod fields;
mod final_result;
mod framer;
mod identity;
mod memory;
mod message;
mod negotiation;
mod network;
mod urc;
mod ussd;

pub use command::{CharacterSet, Command, Shape};
pub use dialogue::{Dialogue, Heard};
pub use error_number::{ErrorFamily, ErrorNumber};
pub use fields::information_fields;
pub use final_result::Final;
pub use framer::{Frame, Framer, LINE_MAX, Line};
pub use identity::{iccid, iccid_from_crsm, imei, imsi, last_used_tp_mr, own_number, service_centre, text};
pub use memory::{Memory, Place};
pub use message::{DirectHeader, Stat, StoredHeader, ends_there, tp_mr};
pub use negotiation::{CnmiOffer, CnmiSetting, CpmsOffer, CpmsUse, Offered, message_format, message_service};
pub use network::{PinState, functionality, operator, registration_stat, signal};
pub use urc::Urc;
pub use ussd::{UssdReply, UssdStage};
