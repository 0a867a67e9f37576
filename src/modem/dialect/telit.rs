use super::Dialect;
use super::generic::GENERIC;

/// Telit modules.
pub(super) const TELIT: Dialect =
    Dialect { family: "telit", known_by: &["telit"], silence: &["AT#QSS=0"], card: &["AT#CCID"], ..GENERIC };
