use super::generic::GENERIC;
use super::{Dialect, PinCounter};

/// Telit modules. `AT#PCT` counts for the code that is asked for just then.
pub(super) const TELIT: Dialect = Dialect {
    family: "telit",
    known_by: &["telit"],
    silence: &["AT#QSS=0"],
    card: &["AT#CCID"],
    soft_reset: "AT#REBOOT",
    card_files: true,
    pin_counter: PinCounter { command: "AT#PCT", code: "", field: 0 },
    ..GENERIC
};
