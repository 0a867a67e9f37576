use super::generic::GENERIC;
use super::{Dialect, PinCounter, QUALCOMM_ERRORS};

/// Sierra Wireless modules and sticks (MC, EM, USB 30x), all on Qualcomm chips.
pub(super) const SIERRA: Dialect = Dialect {
    family: "sierra",
    known_by: &["sierra", "airprime"],
    card: &["AT!ICCID?"],
    vendor_errors: QUALCOMM_ERRORS,
    soft_reset: "AT!RESET",
    card_files: true,
    pin_counter: PinCounter { command: "AT+CPINC?", code: "", field: 0 },
    ..GENERIC
};
