use super::generic::GENERIC;
use super::{Dialect, PinCounter, QUALCOMM_ERRORS};

/// ZTE sticks. Reading AT+CPMS? once stops their flood of `+ZUSIMR:2`, which otherwise crashes them.
pub(super) const ZTE: Dialect = Dialect {
    family: "zte",
    known_by: &["zte"],
    silence: &["AT+CPMS?"],
    card: &["AT+ZGETICCID"],
    vendor_errors: QUALCOMM_ERRORS,
    card_files: true,
    pin_counter: PinCounter { command: "AT+ZPINPUK=?", code: "", field: 0 },
    ..GENERIC
};
