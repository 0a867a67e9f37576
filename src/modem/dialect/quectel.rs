use super::generic::GENERIC;
use super::{Dialect, PinCounter};

/// Quectel modules.
///
/// Reports only as +CDS: EC25 and EG25 announce stored ones as `+CDSI: "SM",0` while they lie in SR, and reading them loses them.
/// `AT+QURCCFG` is left as it is: it is kept in flash, and the right port depends on the wiring.
pub(super) const QUECTEL: Dialect = Dialect {
    family: "quectel",
    known_by: &["quectel"],
    silence: &["AT+QINDCFG=\"csq\",0", "AT+QINDCFG=\"act\",0"],
    report_routes: &[1],
    reports_lie_in: Some("SR"),
    card: &["AT+QCCID"],
    card_files: true,
    pin_counter: PinCounter { command: "AT+QPINC=\"SC\"", code: "SC", field: 1 },
    ..GENERIC
};
