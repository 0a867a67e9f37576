//! `+CMS ERROR` and `+CME ERROR`: numbers, and the words a modem writes under `AT+CMEE=2`.

/// Which of the two families an error belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorFamily {
    /// `+CMS ERROR` (27.005 §3.2.5).
    Cms,
    /// `+CME ERROR` (27.007 §9.2).
    Cme,
}

/// What follows `+CMS ERROR:` or `+CME ERROR:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorNumber {
    /// The family.
    pub family: ErrorFamily,
    /// The number; `None` where the modem gave none, or words not known here.
    pub number: Option<u16>,
}

impl ErrorNumber {
    /// Reads a number or the words of the standard, any letter case.
    pub fn parse(family: ErrorFamily, detail: &str) -> Self {
        let detail = detail.trim().trim_matches('"').trim();
        let digits = detail.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
        let number = digits.parse().ok().or_else(|| named(family, detail));
        Self { family, number }
    }
}

fn named(family: ErrorFamily, words: &str) -> Option<u16> {
    let plain = simplify(words);
    let table = match family {
        ErrorFamily::Cms => CMS,
        ErrorFamily::Cme => CME,
    };
    table.iter().find(|(_, name)| simplify(name) == plain).map(|(number, _)| *number)
}

/// Letters and digits only, lower case: firmwares differ in hyphens, blanks and dots.
fn simplify(words: &str) -> String {
    words.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// 24.011 Annex E-2 (1 to 127), 23.040 §9.2.3.22 (128 to 255) and 27.005 §3.2.5 (300 on).
const CMS: &[(u16, &str)] = &[
    (1, "unassigned number"),
    (8, "operator determined barring"),
    (10, "call barred"),
    (17, "network failure"),
    (21, "short message transfer rejected"),
    (22, "congestion"),
    (27, "destination out of service"),
    (28, "unidentified subscriber"),
    (29, "facility rejected"),
    (30, "unknown subscriber"),
    (38, "network out of order"),
    (41, "temporary failure"),
    (42, "congestion"),
    (47, "resources unavailable, unspecified"),
    (50, "requested facility not subscribed"),
    (69, "requested facility not implemented"),
    (81, "invalid short message transfer reference value"),
    (95, "semantically incorrect message"),
    (96, "invalid mandatory information"),
    (97, "message type non-existent or not implemented"),
    (98, "message not compatible with short message protocol state"),
    (99, "information element non-existent or not implemented"),
    (111, "protocol error, unspecified"),
    (127, "interworking, unspecified"),
    (192, "sc busy"),
    (193, "no sc subscription"),
    (194, "sc system failure"),
    (195, "invalid sme address"),
    (196, "destination sme barred"),
    (197, "sm rejected-duplicate sm"),
    (208, "sim sms storage full"),
    (209, "no sms storage capability in sim"),
    (211, "memory capacity exceeded"),
    (300, "me failure"),
    (301, "sms service of me reserved"),
    (302, "operation not allowed"),
    (303, "operation not supported"),
    (304, "invalid pdu mode parameter"),
    (305, "invalid text mode parameter"),
    (310, "sim not inserted"),
    (311, "sim pin required"),
    (312, "ph-sim pin required"),
    (313, "sim failure"),
    (314, "sim busy"),
    (315, "sim wrong"),
    (316, "sim puk required"),
    (317, "sim pin2 required"),
    (318, "sim puk2 required"),
    (320, "memory failure"),
    (321, "invalid memory index"),
    (322, "memory full"),
    (330, "smsc address unknown"),
    (331, "no network service"),
    (332, "network timeout"),
    (340, "no +cnma acknowledgement expected"),
    (500, "unknown error"),
];

/// 27.007 §9.2.1.
const CME: &[(u16, &str)] = &[
    (0, "phone failure"),
    (1, "no connection to phone"),
    (2, "phone-adaptor link reserved"),
    (3, "operation not allowed"),
    (4, "operation not supported"),
    (5, "ph-sim pin required"),
    (6, "ph-fsim pin required"),
    (7, "ph-fsim puk required"),
    (10, "sim not inserted"),
    (11, "sim pin required"),
    (12, "sim puk required"),
    (13, "sim failure"),
    (14, "sim busy"),
    (15, "sim wrong"),
    (16, "incorrect password"),
    (17, "sim pin2 required"),
    (18, "sim puk2 required"),
    (20, "memory full"),
    (21, "invalid index"),
    (22, "not found"),
    (23, "memory failure"),
    (24, "text string too long"),
    (25, "invalid characters in text string"),
    (26, "dial string too long"),
    (27, "invalid characters in dial string"),
    (30, "no network service"),
    (31, "network timeout"),
    (32, "network not allowed - emergency calls only"),
    (32, "network not allowed, emergency calls only"),
    (40, "network personalization pin required"),
    (50, "incorrect parameters"),
    (100, "unknown"),
    (103, "illegal ms"),
    (106, "illegal me"),
    (111, "plmn not allowed"),
    (112, "location area not allowed"),
    (113, "roaming not allowed in this location area"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_give_the_same_number() {
        let check = |family, detail: &str, number: Option<u16>| {
            assert_eq!(ErrorNumber::parse(family, detail).number, number, "{detail}");
        };
        check(ErrorFamily::Cms, "38", Some(38));
        check(ErrorFamily::Cms, "Network timeout", Some(332));
        check(ErrorFamily::Cms, "SIM busy", Some(314));
        check(ErrorFamily::Cms, "500 (0x1F4)", Some(500));
        check(ErrorFamily::Cme, "SIM not inserted", Some(10));
        check(ErrorFamily::Cme, "515", Some(515));
        check(ErrorFamily::Cme, "some new trouble", None);
        check(ErrorFamily::Cme, "", None);
        check(ErrorFamily::Cms, "99999999", None);
    }
}
