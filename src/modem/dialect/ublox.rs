use std::time::Duration;

use super::generic::GENERIC;
use super::{Dialect, PinCounter};

/// u-blox modules: at least 20 ms between a final result and the next command.
pub(super) const UBLOX: Dialect = Dialect {
    family: "u-blox",
    known_by: &["u-blox", "ublox", "sara-", "lisa-", "toby-"],
    silence: &["AT+CMER=0"],
    gap: Duration::from_millis(20),
    soft_reset: "AT+CFUN=16",
    card_files: true,
    pin_counter: PinCounter { command: "AT+UPINCNT", code: "", field: 0 },
    ..GENERIC
};
