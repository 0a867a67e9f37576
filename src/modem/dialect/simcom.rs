use super::generic::GENERIC;
use super::{Dialect, PinCounter, QUALCOMM_ERRORS};

/// Tries of PIN1, PUK1, PIN2, PUK2.
const COUNTER: PinCounter = PinCounter { command: "AT+SPIC", code: "", field: 0 };

/// SIMCom's 2G modules. Their numbers from 512 on are not those of the 4G ones.
pub(super) const SIMCOM_2G: Dialect = Dialect {
    family: "simcom 2G",
    known_by: &["sim800", "sim808", "sim868", "sim900", "sim908"],
    silence: &["AT+CLTS=0", "AT+CIURC=0"],
    card_files: true,
    pin_counter: COUNTER,
    ..GENERIC
};

/// SIMCom's 3G and 4G modules.
pub(super) const SIMCOM: Dialect = Dialect {
    family: "simcom",
    known_by: &["simcom", "sim7", "sim5", "a76"],
    silence: &["AT+AUTOCSQ=0", "AT+CNSMOD=0", "AT+CTZR=0"],
    card: &["AT+CICCID"],
    vendor_errors: QUALCOMM_ERRORS,
    soft_reset: "AT+CRESET",
    card_files: true,
    pin_counter: COUNTER,
    ..GENERIC
};
