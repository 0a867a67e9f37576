//! What families of modems do differently, as data: one file a family.
//!
//! To add a family, say Fibocom:
//!
//! 1. `fibocom.rs` beside this file, with a `const FIBOCOM: Dialect` that names only what differs from [`GENERIC`] (`telit.rs` is a short
//!    one to start from). Every field of [`Dialect`] says what it is for. Say in the comment what the family is known for, and from where.
//! 2. `mod fibocom;` and its line in `FAMILIES` below. The first whose words fit the modem's name is taken, so a narrower family stands
//!    before a wider one.
//! 3. Its answers in `tests/transcripts/dialects.txt`, each with its origin: who it says it is, the card, the tries of the PIN, its signs.
//! 4. A whole start in `tests/transcripts/fibocom-….txt` (`README.md` there has the form) and its line in `STARTS` of
//!    `tests/transcripts/families.rs`. `cargo test --test transcripts` fails until 3 and 4 are there.
//!
//! USB ids are not here: the rules in `udev/` choose the port.

mod cinterion;
mod generic;
mod huawei;
mod pin_counter;
mod quectel;
mod sierra;
mod simcom;
mod telit;
mod ublox;
mod wavecom;
mod zte;

use std::time::Duration;

use crate::model::{Cause, UssdForm};

pub use generic::GENERIC;
pub use pin_counter::PinCounter;

/// What an error number asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did not leave; this is what to do.
    Refused(Cause),
    /// The service centre has it already.
    Sent,
    /// Nobody can say: the network did not answer in time.
    Unknown,
}

/// One family of modems.
#[derive(Debug)]
pub struct Dialect {
    /// Its name, for people and logs.
    pub family: &'static str,
    /// Words of which one stands in `<manufacturer> <model>`, lower case.
    pub known_by: &'static [&'static str],
    /// Commands sent once at start to stop chatter; whether they succeed does not matter.
    pub silence: &'static [&'static str],
    /// How long to leave the line alone after a final result, so that URCs can get out.
    pub gap: Duration,
    /// Beginnings of lines that say that SMS work from now on.
    pub ready_signs: &'static [&'static str],
    /// Beginnings of lines that say that the modem has just started.
    pub restart_signs: &'static [&'static str],
    /// Beginnings of lines that say that the storage is full.
    pub full_signs: &'static [&'static str],
    /// `<ds>` of AT+CNMI in order of preference: 1 handed on as +CDS, 2 stored and announced as +CDSI.
    pub report_routes: &'static [u8],
    /// Where reports really lie when +CDSI names another storage.
    pub reports_lie_in: Option<&'static str>,
    /// Commands that read the ICCID, best first; the generic ones follow by themselves.
    pub card: &'static [&'static str],
    /// Whether files of the card may be read with AT+CRSM beyond that: some old modems do not bear it.
    pub card_files: bool,
    /// `+CMS ERROR` numbers from 512 on: first, last, meaning.
    pub vendor_errors: &'static [(u16, u16, Verdict)],
    /// Whether `AT+CMMS` is worth trying.
    pub more_messages: bool,
    /// Restarts the modem as if it had been switched off and on; on USB its ports vanish and come back.
    pub soft_reset: &'static str,
    /// How many tries of the PIN the card has left.
    pub pin_counter: PinCounter,
    /// How the strings of AT+CUSD are written.
    pub ussd: UssdForm,
}

/// Commands that read the ICCID on many modems, after the family's own. AT+CRSM reads it from the card itself (31.102 §4.2.1).
pub(super) const GENERIC_CARD: &[&str] = &["AT+CCID", "AT+CRSM=176,12258,0,0,10", "AT+ICCID"];

/// Every family but the generic one; the first whose words fit is taken.
const FAMILIES: &[&Dialect] = &[
    &huawei::HUAWEI,
    &quectel::QUECTEL,
    &simcom::SIMCOM_2G,
    &simcom::SIMCOM,
    &zte::ZTE,
    &sierra::SIERRA,
    &wavecom::WAVECOM,
    &ublox::UBLOX,
    &cinterion::CINTERION,
    &telit::TELIT,
];

/// Every family, the generic one last.
pub fn families() -> impl Iterator<Item = &'static Dialect> {
    FAMILIES.iter().copied().chain([&GENERIC])
}

impl Dialect {
    /// The dialect of the modem that names itself so in AT+CGMI and AT+CGMM; the generic one if no family is known by it.
    pub fn of(manufacturer: &str, model: &str) -> &'static Dialect {
        let name = format!("{manufacturer} {model}").to_lowercase();
        let known = |dialect: &&&Dialect| dialect.known_by.iter().any(|word| name.contains(word));
        FAMILIES.iter().find(known).copied().unwrap_or(&GENERIC)
    }

    /// What a vendor's `+CMS ERROR` from 512 on means; `None` where the family says nothing.
    pub(super) fn vendor_error(&self, number: u16) -> Option<Verdict> {
        let found = self.vendor_errors.iter().find(|(first, last, _)| (*first..=*last).contains(&number));
        found.map(|(_, _, verdict)| *verdict)
    }

    /// Whether the line says that the modem has just started.
    pub(super) fn is_restart(&self, line: &str) -> bool {
        self.restart_signs.iter().any(|sign| line.starts_with(sign))
    }

    /// Whether the line says that SMS work from now on.
    pub(super) fn is_ready(&self, line: &str) -> bool {
        self.ready_signs.iter().any(|sign| line.starts_with(sign))
    }

    /// Whether the line says that the storage is full.
    pub(super) fn is_full(&self, line: &str) -> bool {
        self.full_signs.iter().any(|sign| line.starts_with(sign))
    }
}

/// Codes of modems on Qualcomm chips.
pub(super) const QUALCOMM_ERRORS: &[(u16, u16, Verdict)] = &[
    (512, 512, Verdict::Refused(Cause::Busy)),        // SIM not ready
    (513, 514, Verdict::Refused(Cause::Message)),     // message length, invalid parameters
    (515, 515, Verdict::Refused(Cause::StorageFull)), // ME storage failure
    (517, 517, Verdict::Refused(Cause::Sim)),         // invalid service mode
    (528, 528, Verdict::Refused(Cause::Temporary)),   // state of AT+CMMS
    (529, 529, Verdict::Refused(Cause::Sim)),         // MO SMS not allowed
    (530, 530, Verdict::Refused(Cause::Temporary)),   // GPRS suspended
    (531, 531, Verdict::Refused(Cause::StorageFull)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modems_are_known_by_what_they_call_themselves() {
        let check = |manufacturer: &str, model: &str, family: &str| {
            assert_eq!(Dialect::of(manufacturer, model).family, family, "{manufacturer} {model}");
        };
        check("huawei", "E1752", "huawei");
        check("WAVECOM MODEM", "MULTIBAND  900E  1800", "wavecom");
        check("ZTE INCORPORATED", "K3565-Z", "zte");
        check("Quectel", "EC25", "quectel");
        check("SIMCOM_Ltd", "SIMCOM_SIM800L", "simcom 2G");
        check("SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "simcom");
        check("u-blox", "SARA-U260", "u-blox");
        check("SIEMENS", "MC75i", "cinterion");
        check("Telit", "HE910", "telit");
        check("Sierra Wireless, Incorporated", "MC7304", "sierra");
        check("Nokia", "Nokia N79", "generic");
        check("QUALCOMM INCORPORATED", "M6280", "generic");
        check("", "", "generic");
    }
}
