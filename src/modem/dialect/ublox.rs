use std::time::Duration;

use super::Dialect;
use super::generic::GENERIC;

/// u-blox modules: at least 20 ms between a final result and the next command.
pub(super) const UBLOX: Dialect = Dialect {
    family: "u-blox",
    known_by: &["u-blox", "ublox", "sara-", "lisa-", "toby-"],
    silence: &["AT+CMER=0"],
    gap: Duration::from_millis(20),
    ..GENERIC
};
