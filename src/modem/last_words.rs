//! What a modem said after a hand-over, for a person who has to decide what became of a message.
//!
//! Kept for people and never read by the program. No PDU and no text of anybody is in it: every line that is not known to be of
//! a modem's own making is replaced by its length, and after the header of a message in text mode every line is.

/// Octets kept; what came earlier is dropped.
const KEPT_MAX: usize = 1_024;
/// Characters told.
const TOLD_MAX: usize = 200;
/// The longest line of a modem's own that is told in full.
const LINE_MAX: usize = 60;

/// Octets since a hand-over.
#[derive(Debug, Default)]
pub(super) struct LastWords {
    octets: Vec<u8>,
    listening: bool,
}

impl LastWords {
    /// A PDU has been handed over: from now on.
    pub fn listen(&mut self) {
        self.octets.clear();
        self.listening = true;
    }

    /// Enough was heard.
    pub fn stop(&mut self) {
        self.octets.clear();
        self.listening = false;
    }

    /// Octets as they came.
    pub fn hear(&mut self, octets: &[u8]) {
        if !self.listening {
            return;
        }
        self.octets.extend_from_slice(octets);
        let surplus = self.octets.len().saturating_sub(KEPT_MAX);
        self.octets.drain(..surplus);
    }

    /// The end of it, at most 200 characters of ASCII, control characters escaped.
    pub fn told(&self) -> String {
        let (mut told, mut private) = (String::new(), false);
        for piece in self.octets.split_inclusive(|octet| matches!(octet, b'\r' | b'\n')) {
            let ends = piece.iter().rposition(|octet| !matches!(octet, b'\r' | b'\n')).map_or(0, |place| place + 1);
            let (line, end) = piece.split_at(ends);
            if !line.is_empty() {
                told.push_str(&told_line(line, private));
                private |= [b"+CMT:".as_slice(), b"+CDS:", b"+CBM:", b"+CMGL:", b"+CMGR:"]
                    .iter()
                    .any(|header| line.starts_with(header));
            }
            told.push_str(&end.escape_ascii().to_string());
        }
        let surplus = told.len().saturating_sub(TOLD_MAX);
        told.split_off(surplus)
    }
}

/// A line as it may be shown; `private`: a message may stand here.
fn told_line(line: &[u8], private: bool) -> String {
    let text = std::str::from_utf8(line).ok().filter(|text| text.len() <= LINE_MAX);
    let own = text.filter(|text| is_answer(text) || (!private && is_own(text)));
    if let Some(own) = own {
        return own.escape_default().to_string();
    }
    // Noise, or the beginning of a line: too short to say anything of anybody.
    let letters = line.iter().filter(|octet| octet.is_ascii_alphanumeric()).count();
    if letters < 4 && line.len() <= LINE_MAX { line.escape_ascii().to_string() } else { format!("<{}>", line.len()) }
}

/// The answer to a send, whole or in part.
fn is_answer(line: &str) -> bool {
    const ANSWERS: [&str; 5] = ["OK", "ERROR", "+CMGS: ", "+CMS ERROR: ", "+CME ERROR: "];
    let is_number = |rest: &str| rest.len() <= 3 && rest.bytes().all(|octet| octet.is_ascii_digit());
    ANSWERS.iter().any(|answer| answer.starts_with(line) || line.strip_prefix(*answer).is_some_and(is_number))
}

/// A line that a modem says of itself: no number of anybody, nothing in quotes.
fn is_own(line: &str) -> bool {
    const WORDS: [&str; 14] = [
        "RING",
        "RDY",
        "BUSY",
        "NO CARRIER",
        "NO ANSWER",
        "NO DIALTONE",
        "COMMAND NOT SUPPORT",
        "APP RDY",
        "Call Ready",
        "SMS Ready",
        "SMS DONE",
        "PB DONE",
        "NORMAL POWER DOWN",
        "POWERED DOWN",
    ];
    const STARTS: [&str; 3] = ["UNDER-VOLTAGE", "OVER-VOLTAGE", "+WIND"];
    if WORDS.contains(&line) || STARTS.iter().any(|start| line.starts_with(start)) {
        return true;
    }
    let named = line.strip_prefix(['+', '^', '*', '#', '$', '%', '!']).is_some_and(|rest| {
        let name: usize = rest.bytes().take_while(u8::is_ascii_uppercase).count();
        name >= 3 && (rest.len() == name || rest[name..].starts_with(':'))
    });
    let digits = line.split(|letter: char| !letter.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    named && digits < 7 && !line.contains('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &[u8], told: &str) {
        let mut words = LastWords::default();
        words.hear(b"before");
        words.listen();
        for octet in said.chunks(3) {
            words.hear(octet);
        }
        assert_eq!(words.told(), told, "{}", said.escape_ascii());
    }

    #[test]
    fn a_modems_own_words_are_told_with_control_characters_escaped() {
        check(b"\r\n^RSSI:18\r\n\r\n+CMS ER", "\\r\\n^RSSI:18\\r\\n\\r\\n+CMS ER");
        check(b"\r\r\nCOMMAND NOT SUPPORT\r\r\n", "\\r\\r\\nCOMMAND NOT SUPPORT\\r\\r\\n");
        check(b"\r\nRDY\r\n\r\n+CFUN: 1\r\n", "\\r\\nRDY\\r\\n\\r\\n+CFUN: 1\\r\\n");
        check(b"\0\xff\r\n+CMGS: 20", "\\x00\\xff\\r\\n+CMGS: 20");
        check(b"", "");
    }

    #[test]
    fn no_pdu_and_no_text_of_anybody_is_told() {
        // The echo of our own PDU.
        check(b"0011000B912618214365870000FF05E8329BFD06\x1a\r\n", "<41>\\r\\n");
        check(
            b"\r\n+CDS: 24\r\n0006D60B911326880736F411\r\n+CMGS: 7\r\n",
            "\\r\\n+CDS: 24\\r\\n<24>\\r\\n+CMGS: 7\\r\\n",
        );
        // A modem that has fallen back to text mode.
        check(
            b"+CMT: \"+6281234567890\",,\"26/11/24,08:00:00+28\"\r\nBanjir di RW 04\r\n+RT: tolong\r\nOK\r\n",
            "<46>\\r\\n<15>\\r\\n<11>\\r\\nOK\\r\\n",
        );
        check(b"+CUSD: 0,\"Sisa pulsa Rp 25.000\",15\r\n", "<34>\\r\\n");
        check(b"+CLIP: \"+6281234567890\",145\r\n#BANJIR di RW\r\n", "<27>\\r\\n<13>\\r\\n");
        check(b"+INFO: 081234567890\r\n", "<19>\\r\\n");
    }

    #[test]
    fn only_the_end_is_told() {
        let mut words = LastWords::default();
        words.listen();
        for _ in 0..1_000 {
            words.hear(b"^RSSI:18\r\n");
        }
        let told = words.told();
        assert!(told.len() == TOLD_MAX && told.ends_with("^RSSI:18\\r\\n"), "{told}");
        assert!(words.octets.len() <= KEPT_MAX);
        words.stop();
        words.hear(b"+CMGS: 4\r\n");
        assert_eq!(words.told(), "");
    }
}
