use super::generic::GENERIC;
use super::{Dialect, PinCounter, QUALCOMM_ERRORS};
use crate::model::UssdForm;

/// Huawei sticks and modules.
///
/// `AT^CURC=0` is not sent: some firmwares keep back +CMTI and +CDSI too, and a report that is not handed on is lost. Their chatter
/// (`^RSSI`, `^BOOT`) is passed over as it comes.
pub(super) const HUAWEI: Dialect = Dialect {
    family: "huawei",
    known_by: &["huawei"],
    card: &["AT^ICCID?"],
    vendor_errors: QUALCOMM_ERRORS,
    soft_reset: "AT^RESET",
    card_files: true,
    pin_counter: PinCounter { command: "AT^CPIN?", code: "", field: 3 },
    ussd: UssdForm::PackedHex,
    ..GENERIC
};
