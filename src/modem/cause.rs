//! From a final result to what it asks of us. The tables are those of 24.011 Annex E-2, 23.040 §9.2.3.22, 27.005 §3.2.5, 27.007 §9.2.

use super::dialect::{Dialect, Verdict};
use crate::at::{ErrorFamily, Final};
use crate::model::{Cause, Doubt, ErrorCode, ErrorKind, Outcome};

/// The outcome of a final result that came instead of the prompt: nothing has left, whatever the number says.
pub(super) fn before_hand_over(result: &Final, dialect: &Dialect) -> Outcome {
    let cause = match verdict(result, dialect) {
        Verdict::Refused(cause) => cause,
        Verdict::Sent | Verdict::Unknown => Cause::Temporary,
    };
    Outcome::Refused { cause, code: code(result) }
}

/// The outcome of a final result after the PDU was handed over; `OK` without a `+CMGS` line is a hand-over whose TP-MR is unknown.
pub(super) fn after_hand_over(result: &Final, dialect: &Dialect) -> Outcome {
    if result.is_ok() {
        return Outcome::Submitted { tp_mr: None };
    }
    match verdict(result, dialect) {
        Verdict::Refused(cause) => Outcome::Refused { cause, code: code(result) },
        Verdict::Sent => Outcome::Submitted { tp_mr: None },
        Verdict::Unknown => Outcome::Uncertain(Doubt::NetworkTimeout),
    }
}

fn code(result: &Final) -> ErrorCode {
    match result.number() {
        Some((ErrorFamily::Cms, number)) => ErrorCode { kind: ErrorKind::Cms, number },
        Some((ErrorFamily::Cme, number)) => ErrorCode { kind: ErrorKind::Cme, number },
        None => ErrorCode { kind: ErrorKind::Plain, number: 0 },
    }
}

fn verdict(result: &Final, dialect: &Dialect) -> Verdict {
    match result.number() {
        Some((ErrorFamily::Cms, number @ 0..512)) => cms(number),
        Some((ErrorFamily::Cms, number)) => dialect.vendor_error(number).unwrap_or(Verdict::Refused(Cause::Ambiguous)),
        Some((ErrorFamily::Cme, number)) => cme(number),
        None if *result == Final::NotSupported => Verdict::Refused(Cause::Command),
        None => Verdict::Refused(Cause::Ambiguous),
    }
}

fn cms(number: u16) -> Verdict {
    let cause = match number {
        1 => Cause::Message,
        8 | 10 => Cause::Sim,
        17 | 22 | 38 | 41 | 42 | 47 => Cause::Temporary,
        27 => Cause::Absent,
        50 | 69 => Cause::Sim,
        81 | 97 | 98 | 111 => Cause::Temporary,
        95 | 96 | 99 => Cause::Message,
        128..=130 | 143..=145 | 159..=161 | 175 | 176 => Cause::Message,
        192 | 194 => Cause::Temporary,
        193 => Cause::Sim,
        195 | 196 => Cause::Message,
        197 => return Verdict::Sent,
        198 | 199 => Cause::Message,
        208 | 209 | 211 => Cause::StorageFull,
        210 | 212 | 213 | 255 => Cause::Temporary,
        300 | 301 => Cause::Temporary,
        303 => Cause::Command,
        304 | 305 => Cause::Message,
        310..=313 | 315..=318 => Cause::Sim,
        314 => Cause::Busy,
        320..=322 => Cause::StorageFull,
        330 | 331 => Cause::Sim,
        332 => return Verdict::Unknown,
        340 => Cause::Temporary,
        // 21, 28 to 30, 127, 302, 350, 500 and whatever is in no table: number, credit or filter, nobody can tell.
        _ => Cause::Ambiguous,
    };
    Verdict::Refused(cause)
}

fn cme(number: u16) -> Verdict {
    let cause = match number {
        3 | 4 | 50 | 100 => Cause::Command,
        5 | 10..=13 | 15..=18 | 40..=47 | 262 | 772 => Cause::Sim,
        14 | 256 | 258 | 515 => Cause::Busy,
        20..=23 => Cause::StorageFull,
        24..=27 | 260 => Cause::Message,
        // "Network timeout", the same words as +CMS ERROR 332.
        31 => return Verdict::Unknown,
        30 | 32 | 103 | 106 | 111..=113 => Cause::Sim,
        _ => Cause::Ambiguous,
    };
    Verdict::Refused(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Final {
        Final::parse(line).unwrap_or(Final::Error)
    }

    #[test]
    fn every_error_says_what_to_do_next() {
        let wavecom = Dialect::of("WAVECOM", "");
        let check = |line: &str, dialect: &Dialect, expected: Cause| {
            let code = code(&parsed(line));
            assert_eq!(after_hand_over(&parsed(line), dialect), Outcome::Refused { cause: expected, code }, "{line}");
        };
        let generic = Dialect::of("", "");
        check("+CMS ERROR: 1", generic, Cause::Message);
        check("+CMS ERROR: 21", generic, Cause::Ambiguous);
        check("+CMS ERROR: 27", generic, Cause::Absent);
        check("+CMS ERROR: 38", generic, Cause::Temporary);
        check("+CMS ERROR: 50", generic, Cause::Sim);
        check("+CMS ERROR: 208", generic, Cause::StorageFull);
        check("+CMS ERROR: 303", generic, Cause::Command);
        check("+CMS ERROR: 314", generic, Cause::Busy);
        check("+CMS ERROR: 500", generic, Cause::Ambiguous);
        check("+CMS ERROR: 512", generic, Cause::Ambiguous);
        check("+CMS ERROR: 512", wavecom, Cause::Temporary);
        check("+CMS ERROR: 513", Dialect::of("huawei", ""), Cause::Message);
        check("+CMS ERROR: 517", Dialect::of("SIEMENS", "MC75i"), Cause::Message);
        check("+CME ERROR: SIM busy", generic, Cause::Busy);
        check("+CME ERROR: 30", generic, Cause::Sim);
        check("COMMAND NOT SUPPORT", generic, Cause::Command);
        check("ERROR", generic, Cause::Ambiguous);
        check("+CMS ERROR: 65535", generic, Cause::Ambiguous);
    }

    #[test]
    fn a_network_timeout_is_uncertain_only_after_the_hand_over() {
        let generic = Dialect::of("", "");
        for (line, dialect) in [
            ("+CMS ERROR: 332", generic),
            ("+CMS ERROR: network timeout", generic),
            ("+CME ERROR: 31", generic),
            ("+CMS ERROR: 513", Dialect::of("WAVECOM", "")),
        ] {
            assert_eq!(after_hand_over(&parsed(line), dialect), Outcome::Uncertain(Doubt::NetworkTimeout), "{line}");
            let before = before_hand_over(&parsed(line), dialect);
            assert!(matches!(before, Outcome::Refused { cause: Cause::Temporary, .. }), "{line}");
        }
    }

    #[test]
    fn a_duplicate_is_with_the_service_centre_already() {
        let generic = Dialect::of("", "");
        assert_eq!(after_hand_over(&parsed("+CMS ERROR: 197"), generic), Outcome::Submitted { tp_mr: None });
        assert_eq!(after_hand_over(&Final::Ok, generic), Outcome::Submitted { tp_mr: None });
    }
}
