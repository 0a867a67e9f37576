use std::time::Duration;

use super::{Dialect, PinCounter};
use crate::model::UssdForm;

/// Signs of any modem that has just started; families add theirs.
pub(super) const RESTART: &[&str] = &["RDY", "^SYSSTART", "+CFUN: 1", "+CPIN: READY", "+WIND: 3"];

/// A modem of no family known here, by the standards alone.
pub const GENERIC: Dialect = Dialect {
    family: "generic",
    known_by: &[],
    silence: &[],
    gap: Duration::ZERO,
    ready_signs: &[
        "SMS Ready",
        "SMS DONE",
        "PB DONE",
        "+QIND: SMS DONE",
        "+WIND: 4",
        "+PBREADY",
        "+AT: READY",
        "^SYSSTART",
    ],
    restart_signs: RESTART,
    full_signs: &["^SMMEMFULL", "+QIND: \"smsfull\"", "+QIND: smsfull", "+QIND: SMSFULL"],
    report_routes: &[1, 2],
    reports_lie_in: None,
    card: &[],
    card_files: false,
    vendor_errors: &[],
    more_messages: true,
    soft_reset: "AT+CFUN=1,1",
    pin_counter: PinCounter::STANDARD,
    ussd: UssdForm::Plain,
};
