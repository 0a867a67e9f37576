use super::fields::{after, fields};
use super::message::{pdu_length, tp_mr};
use super::network::registration_stat;
use super::{DirectHeader, Place, UssdReply};

/// What a modem says unasked (27.005 §3.4.1; 27.007 in many places).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Urc {
    /// `+CMTI`: a message lies in storage.
    Stored(Place),
    /// `+CDSI`: a status report lies in storage.
    ReportStored(Place),
    /// `+CMT` and its PDU line: a message handed on directly.
    Message(String),
    /// `+CDS` and its PDU line: a status report handed on directly.
    Report(String),
    /// A `+CMT` or `+CDS` that is no PDU: header and what followed.
    Garbled(String),
    /// `RING`, `+CRING: …`: somebody calls.
    Ring,
    /// `+CREG: <stat>` and its like.
    Registration(u8),
    /// `+CMGS: <mr>` that no running command asked for: the answer to a send given up before.
    LateSubmit(u8),
    /// `+CUSD: …`: what the network says to a USSD code, or by itself.
    Ussd(UssdReply),
    /// Everything else, as it stands; the dialect may know it.
    Other(String),
}

impl Urc {
    /// Understands one line; two-line forms are put together by [`Dialogue`](super::Dialogue).
    pub(super) fn parse(line: &str) -> Self {
        let kept = || Urc::Other(line.to_owned());
        if after(line, "+CMTI").is_some() {
            return Place::parse(line, "+CMTI").map_or_else(kept, Urc::Stored);
        }
        if after(line, "+CDSI").is_some() {
            return Place::parse(line, "+CDSI").map_or_else(kept, Urc::ReportStored);
        }
        if line == "RING" || after(line, "+CRING").is_some() {
            return Urc::Ring;
        }
        if let Some(mr) = tp_mr(line) {
            return Urc::LateSubmit(mr);
        }
        if let Some(reply) = UssdReply::parse(line) {
            return Urc::Ussd(reply);
        }
        for name in ["+CREG", "+CGREG", "+CEREG"] {
            if let Some(stat) = registration_stat(line, name) {
                return Urc::Registration(stat);
            }
        }
        kept()
    }

    /// Puts `+CMT` or `+CDS` together with the line that followed it.
    pub(super) fn direct(header: DirectHeader, line: String) -> Self {
        match header {
            DirectHeader::Message if is_hex(&line) => Urc::Message(line),
            DirectHeader::Report if is_hex(&line) => Urc::Report(line),
            _ => Urc::Garbled(line),
        }
    }
}

/// Whether a line looks like something a modem says unasked rather than like free text.
pub(super) fn looks_unsolicited(line: &str) -> bool {
    const WORDS: &[&str] = &[
        "RING",
        "RDY",
        "APP RDY",
        "Call Ready",
        "SMS Ready",
        "SMS DONE",
        "PB DONE",
        "NO CARRIER",
        "BUSY",
        "NO ANSWER",
        "NO DIALTONE",
        "NO DIAL TONE",
        "NORMAL POWER DOWN",
        "POWERED DOWN",
        "PACSP0",
        "PACSP1",
    ];
    const STARTS: &[&str] =
        &["UNDER-VOLTAGE", "OVER-VOLTAGE", "VOICE CALL:", "MISSED_CALL:", "HANGUP:", "DST:", "CONNECT"];
    line.starts_with(['+', '^', '*', '#', '$', '%', '_', '!'])
        || WORDS.contains(&line)
        || STARTS.iter().any(|start| line.starts_with(start))
}

/// Whether a line is hexadecimal, as a PDU is.
pub(super) fn is_hex(line: &str) -> bool {
    line.len() >= 2 && line.bytes().all(|octet| octet.is_ascii_hexdigit())
}

/// The header of a message handed on directly, whether it is in text mode, where any line may follow, and the length it gives.
pub(super) fn direct_header(line: &str) -> Option<(DirectHeader, bool, Option<u16>)> {
    for (name, header) in [("+CMT", DirectHeader::Message), ("+CDS", DirectHeader::Report)] {
        if let Some(rest) = after(line, name) {
            return Some((header, fields(rest).len() > 2, pdu_length(line)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::Memory;

    #[test]
    fn urcs_of_real_modems() {
        let check = |line: &str, expected: Urc| assert_eq!(Urc::parse(line), expected, "{line}");
        check("+CMTI: \"ME\",41", Urc::Stored(Place { memory: Some(Memory::ME), index: 41 }));
        check("+CMTI: ", Urc::Other("+CMTI: ".into()));
        check("+CDSI: \"SM\",1", Urc::ReportStored(Place { memory: Some(Memory::SM), index: 1 }));
        check("+CRING: VOICE", Urc::Ring);
        check("RING", Urc::Ring);
        check("+CEREG: 1,\"9110\",\"7E6\",7", Urc::Registration(1));
        check("+CMGS: 200", Urc::LateSubmit(200));
        for other in
            ["^RSSI:21", "^BOOT:20952548,0,0,0,75", "+ZUSIMR:2", "+CLIP: \"+27820001234\",145,,,,0", "_OSSYSI: 3"]
        {
            check(other, Urc::Other(other.into()));
        }
    }
}
