//! The headers of stored and directly handed-on messages, and the answer to a send.

use super::fields::{after, fields, number};

/// Which of the two direct forms a header announces (27.005 §3.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectHeader {
    /// `+CMT: [<alpha>],<length>`.
    Message,
    /// `+CDS: <length>`.
    Report,
}

/// The state of a stored message (27.005 §3.1 `<stat>`, PDU mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stat {
    /// 0, received and not read before.
    ReceivedUnread,
    /// 1, received and read.
    ReceivedRead,
    /// 2, written here and not sent.
    StoredUnsent,
    /// 3, written here and sent.
    StoredSent,
}

impl Stat {
    /// Whether somebody sent it to us.
    pub fn is_received(self) -> bool {
        matches!(self, Stat::ReceivedUnread | Stat::ReceivedRead)
    }

    fn parse(field: &str) -> Option<Self> {
        match field {
            "0" | "REC UNREAD" => Some(Stat::ReceivedUnread),
            "1" | "REC READ" => Some(Stat::ReceivedRead),
            "2" | "STO UNSENT" => Some(Stat::StoredUnsent),
            "3" | "STO SENT" => Some(Stat::StoredSent),
            _ => None,
        }
    }
}

/// The line before a stored message's PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredHeader {
    /// Where it lies; `None` in `+CMGR`, which was asked by index.
    pub index: Option<u16>,
    /// Its state; `None` where the modem wrote something else.
    pub stat: Option<Stat>,
}

impl StoredHeader {
    /// Reads `+CMGL: <index>,<stat>,[<alpha>],<length>` or `+CMGR: <stat>,[<alpha>],<length>`; the empty name may be left out.
    /// `None` for another line, and for a `+CMGL` without an index.
    pub fn parse(line: &str) -> Option<Self> {
        if let Some(rest) = after(line, "+CMGL") {
            let parts = fields(rest);
            let index = number(parts.first()?)?;
            return Some(Self { index: Some(index), stat: parts.get(1).copied().and_then(Stat::parse) });
        }
        let parts = fields(after(line, "+CMGR")?);
        Some(Self { index: None, stat: parts.first().copied().and_then(Stat::parse) })
    }
}

/// A PDU line with the service centre's address before the TPDU, as 27.005 §3.1 has it. Some modems leave the address out: then there
/// are no more octets than the header counts, and an empty address is put in front. Not for those which count it in as well.
pub(super) fn with_service_centre(length: Option<u16>, pdu: String) -> String {
    let octet = |at: usize| pdu.get(2 * at..2 * at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    // SMS-DELIVER: originator; SMS-STATUS-REPORT: TP-MR, recipient (23.040 §9.2.2). An address: its length, its type with bit 8 set.
    let is_address = |at: usize, type_of_address: Option<u8>| {
        octet(at).is_some_and(|digits| digits <= 20) && type_of_address.is_some_and(|octet| octet & 0x80 != 0)
    };
    let is_tpdu = |at: usize| match octet(at).map(|octet| octet & 0x03) {
        Some(0) => is_address(at + 1, octet(at + 2)),
        Some(2) => is_address(at + 2, octet(at + 3)),
        _ => false,
    };
    let left_out = length.is_some_and(|length| 2 * usize::from(length) == pdu.len())
        && is_tpdu(0)
        && !(octet(0) == Some(0) && is_tpdu(1));
    if left_out { format!("00{pdu}") } else { pdu }
}

/// The length in the header before a PDU: its last field.
pub(super) fn pdu_length(header: &str) -> Option<u16> {
    number(fields(header.split_once(':')?.1).last()?)
}

/// Whether the final result stands on the same line as the answer to a send (`+CMGS: 5 OK`), so that none follows.
pub fn ends_there(line: &str) -> bool {
    line.split_whitespace().next_back() == Some("OK")
}

/// TP-MR from `+CMGS: <mr>[,<scts>]` (27.005 §4.3). `None` for another line or a number above 255. A final result on the same line is
/// passed over.
pub fn tp_mr(line: &str) -> Option<u8> {
    let parts = fields(after(line, "+CMGS")?);
    parts.first()?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_stored_messages() {
        let check = |line: &str, index: Option<u16>, stat: Option<Stat>| {
            assert_eq!(StoredHeader::parse(line), Some(StoredHeader { index, stat }), "{line}");
        };
        check("+CMGL: 3,0,,23", Some(3), Some(Stat::ReceivedUnread));
        check("+CMGL: 0,1,23", Some(0), Some(Stat::ReceivedRead));
        check("+CMGL:12,2,\"Budi, RT 04\",23", Some(12), Some(Stat::StoredUnsent));
        check("+CMGR: 0,,106", None, Some(Stat::ReceivedUnread)); // chan-dongle
        check("+CMGR: 0,159", None, Some(Stat::ReceivedUnread));
        check("+CMGR: \"REC READ\",\"+79139131234\",,\"10/12/05,22:00:04+12\"", None, Some(Stat::ReceivedRead));
        check("+CMGR: ,,0", None, None);
        assert_eq!(StoredHeader::parse("+CMGL: "), None);
        assert_eq!(StoredHeader::parse("+CMTI: \"SM\",1"), None);
    }

    #[test]
    fn a_service_centre_that_was_left_out_is_put_back_empty() {
        let check = |length: u16, pdu: &str, expected: &str| {
            assert_eq!(with_service_centre(Some(length), pdu.to_owned()), expected, "{pdu}");
        };
        let deliver = "040D91261832547698F000006211624180008203D3F409";
        check(23, deliver, &format!("00{deliver}"));
        check(23, &format!("07912618010000F0{deliver}"), &format!("07912618010000F0{deliver}"));
        // More messages wait: TP-MMS is 0.
        check(23, &format!("00{}", &deliver[2..]), &format!("0000{}", &deliver[2..]));
        let report = "06910D91261832547698F0621162418000826211624180008200";
        check(26, report, &format!("00{report}"));
        // It counts the address in.
        check(24, &format!("00{deliver}"), &format!("00{deliver}"));
        check(27, &format!("00{report}"), &format!("00{report}"));
        check(31, &format!("07912618010000F0{deliver}"), &format!("07912618010000F0{deliver}"));
        check(3, "00AA11", "00AA11");
        check(1, "04", "04");
        assert_eq!(with_service_centre(None, deliver.to_owned()), deliver);
        assert_eq!(pdu_length("+CMT: ,24"), Some(24));
        assert_eq!(pdu_length("+CDS: 25"), Some(25));
        assert_eq!(pdu_length("+CMGL: 3,0,\"\",26"), Some(26));
        assert_eq!(pdu_length("+CMGR: "), None);
    }

    #[test]
    fn the_answer_to_a_send_may_carry_a_time() {
        let check = |line: &str, expected: Option<u8>| assert_eq!(tp_mr(line), expected, "{line}");
        check("+CMGS: 5", Some(5));
        check("+CMGS:255", Some(255));
        check("+CMGS: 0,\"26/11/24,10:00:00+28\"", Some(0));
        check("+CMGS: 5 OK", Some(5));
        check("+CMGS: 256", None);
        check("+CMGS: ", None);
        check("+CMSS: 5", None);
    }
}
