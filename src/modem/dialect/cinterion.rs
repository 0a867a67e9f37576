use std::time::Duration;

use super::generic::GENERIC;
use super::{Dialect, PinCounter, Verdict};
use crate::model::Cause;

/// Cinterion, Gemalto, Thales and Siemens modules: 100 ms between a final result and the next command (TC35, MC55).
///
/// Nothing is silenced: each item of `AT^SIND` is off unless somebody turned it on, and what comes all the same is passed over.
pub(super) const CINTERION: Dialect = Dialect {
    family: "cinterion",
    known_by: &["cinterion", "siemens", "gemalto", "thales"],
    gap: Duration::from_millis(100),
    card: &["AT^SCID"],
    vendor_errors: &[
        (512, 514, Verdict::Refused(Cause::Temporary)),
        (515, 520, Verdict::Refused(Cause::Message)), // address, length, characters
        (521, 521, Verdict::Unknown),                 // timer expired
        (532, 532, Verdict::Refused(Cause::Busy)),    // SIM not ready
        (535, 535, Verdict::Refused(Cause::Busy)),    // packet service busy
        (549, 554, Verdict::Refused(Cause::Message)), // PDU length
        (522, 600, Verdict::Refused(Cause::Temporary)),
    ],
    card_files: true,
    pin_counter: PinCounter { command: "AT^SPIC=\"SC\"", code: "", field: 0 },
    ..GENERIC
};
