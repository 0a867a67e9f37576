use super::generic::GENERIC;
use super::{Dialect, QUALCOMM_ERRORS};

/// Huawei sticks and modules.
///
/// `AT^CURC=0` is not sent: some firmwares keep back +CMTI and +CDSI too, and a report that is not handed on is lost. Their chatter
/// (`^RSSI`, `^BOOT`) is passed over as it comes.
pub(super) const HUAWEI: Dialect = Dialect {
    family: "huawei",
    known_by: &["huawei"],
    card: &["AT^ICCID?"],
    vendor_errors: QUALCOMM_ERRORS,
    ..GENERIC
};
