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

/// TP-MR from `+CMGS: <mr>[,<scts>]` (27.005 §4.3). `None` for another line or a number above 255. Where the final result stands on
/// the same line (`+CMGS: 5 OK`), it is passed over.
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
