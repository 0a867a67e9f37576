use super::generic::GENERIC;
use super::{Dialect, PinCounter, Verdict};
use crate::model::Cause;

/// Wavecom and its Fastrack and Q24 modems.
pub(super) const WAVECOM: Dialect = Dialect {
    family: "wavecom",
    known_by: &["wavecom"],
    silence: &["AT+WIND=0"],
    vendor_errors: &[
        (512, 512, Verdict::Refused(Cause::Temporary)), // no link to the network: a message coming in, a weak signal
        (513, 513, Verdict::Unknown),                   // no acknowledgement after the transmission
        (514, 514, Verdict::Refused(Cause::Temporary)), // congestion
        (515, 515, Verdict::Refused(Cause::Busy)),      // still starting
    ],
    soft_reset: "AT+CFUN=1",
    card_files: true,
    pin_counter: PinCounter { command: "AT+CPINC?", code: "", field: 0 },
    ..GENERIC
};
