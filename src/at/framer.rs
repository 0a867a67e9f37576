//! Bytes to lines and prompts. Bounded, and the same whatever way the bytes are split.

/// The longest line kept, in octets; a longer one is cut and marked. The longest useful lines are command lists (about 2,000) and PDUs (about 400).
pub const LINE_MAX: usize = 4_096;

/// One line a modem sent, without its line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text: never empty, no control characters, octets that are no UTF-8 replaced by U+FFFD.
    pub text: String,
    /// Whether it was longer than [`LINE_MAX`] and is cut.
    pub cut: bool,
}

/// What the framer finds in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A whole line.
    Line(Line),
    /// `>` at the beginning of a line: the modem waits for a PDU (27.005 §3.5.1, `<CR><LF><greater_than><space>`).
    Prompt,
}

/// Cuts a modem's byte stream into [`Frame`]s.
///
/// CR, LF and Ctrl-Z each end a line and empty lines are skipped, so CR LF, LF, CR, CR CR LF and echo before an answer are all the
/// same. Control characters are dropped. What is found does not depend on how the bytes were split.
#[derive(Debug, Default)]
pub struct Framer {
    line: Vec<u8>,
    /// Octets of this line that did not fit.
    dropped: bool,
    /// A printable ASCII octet was seen in this line: a `>` after it is text.
    begun: bool,
}

impl Framer {
    /// A framer at the beginning of a line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes octets from the front of `input` until a frame is complete; `None` when `input` is used up.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Frame> {
        while let Some((&octet, rest)) = input.split_first() {
            let whole = *input;
            *input = rest;
            match octet {
                // Ctrl-Z is the end of a PDU that comes back; on modems that begin no line with CR LF the answer follows at once.
                b'\r' | b'\n' | 0x1A => {
                    if let Some(line) = self.finish() {
                        return Some(Frame::Line(line));
                    }
                }
                // The echo is a line of its own; the prompt comes next.
                b'>' if self.in_echo() => {
                    *input = whole;
                    return self.finish().map(Frame::Line);
                }
                b'>' if !self.begun => {
                    self.forget();
                    return Some(Frame::Prompt);
                }
                // NUL, the echo of ESC, noise.
                0..=0x1F | 0x7F => {}
                b' ' if self.line.is_empty() => {}
                _ => self.keep(octet),
            }
        }
        None
    }

    /// Forgets the unfinished line: after a resynchronisation, or when the port was opened anew.
    pub fn forget(&mut self) {
        self.line.clear();
        self.dropped = false;
        self.begun = false;
    }

    /// Whether a line has begun and not ended.
    pub fn in_line(&self) -> bool {
        !self.line.is_empty()
    }

    fn keep(&mut self, octet: u8) {
        self.begun |= octet.is_ascii_graphic();
        if self.line.len() < LINE_MAX {
            self.line.push(octet);
        } else {
            self.dropped = true;
        }
    }

    /// In an echoed `AT+CMGS=n` that no line end has closed: the `>` after it is the prompt.
    fn in_echo(&self) -> bool {
        self.line.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"AT+CMGS="))
    }

    fn finish(&mut self) -> Option<Line> {
        let text = String::from_utf8_lossy(&self.line);
        // Noise of a waking UART stands before the first answer; answers begin with ASCII.
        let text = text.trim_start_matches(|c: char| !c.is_ascii_graphic()).trim_end();
        let line = (!text.is_empty()).then(|| Line { text: text.to_owned(), cut: self.dropped });
        self.forget();
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frames(mut bytes: &[u8]) -> Vec<Frame> {
        let mut framer = Framer::new();
        std::iter::from_fn(|| framer.next(&mut bytes)).collect()
    }

    fn line(text: &str) -> Frame {
        Frame::Line(Line { text: text.to_owned(), cut: false })
    }

    fn check(bytes: &[u8], expected: &[Frame]) {
        assert_eq!(frames(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn lines_come_out_whatever_ends_them() {
        // Huawei E1752 ends the lines of AT+CLAC with CR CR LF.
        check(b"&C\r\r\n&D\r\r\n\r\nOK\r\n", &[line("&C"), line("&D"), line("OK")]);
        // Echo on: the command comes back with its CR.
        check(b"AT+CGMI\r\r\n WAVECOM MODEM\r\n\r\nOK\r\n", &[line("AT+CGMI"), line("WAVECOM MODEM"), line("OK")]);
        check(b"\nOK\n", &[line("OK")]);
        check(b"\rOK\r", &[line("OK")]);
        check(b"+CSQ: 20,99  \r\n", &[line("+CSQ: 20,99")]);
        check(b"\r\n\r\n\r\n", &[]);
        check(b"unfinished", &[]);
    }

    #[test]
    fn the_prompt_is_seen_without_a_line_end_in_every_form() {
        check(b"\r\n> ", &[Frame::Prompt]);
        check(b"\r\n>", &[Frame::Prompt]);
        check(b">\r\n", &[Frame::Prompt]);
        check(b"AT+CMGS=23\r\r\n> ", &[line("AT+CMGS=23"), Frame::Prompt]);
        check(b"AT+CMGS=23\r> ", &[line("AT+CMGS=23"), Frame::Prompt]);
        check(b"AT+CMGS=23> ", &[line("AT+CMGS=23"), Frame::Prompt]);
        check(b"\x00\xFF\xFE> ", &[Frame::Prompt]);
        check(b"\r\n+CMTI: \"SM\",3\r\n\r\n> ", &[line("+CMTI: \"SM\",3"), Frame::Prompt]);
        // A > inside a line is text.
        check(b"+COPS: 0,0,\"A>B\"\r\n", &[line("+COPS: 0,0,\"A>B\"")]);
    }

    #[test]
    fn the_echo_of_a_pdu_after_the_prompt_is_a_line_without_its_ctrl_z() {
        check(b"> 0011000B\x1A\r\n+CMGS: 7\r\n", &[Frame::Prompt, line("0011000B"), line("+CMGS: 7")]);
        // Lines that end in CR LF and do not begin with it: the answer is glued to the echo.
        check(b"> 0031000D\x1A+CMS ERROR: 38\r\n", &[Frame::Prompt, line("0031000D"), line("+CMS ERROR: 38")]);
        check(b"> 0031000D\x1A+CMGS: 0\r\nOK\r\n", &[Frame::Prompt, line("0031000D"), line("+CMGS: 0"), line("OK")]);
    }

    #[test]
    fn noise_before_an_answer_does_not_hide_it() {
        check(b"\x00\xFF\x80\xFEOK\r\n", &[line("OK")]);
        check(b"\x01\x02\x03\r\nOK\r\n", &[line("OK")]);
    }

    #[test]
    fn an_endless_line_is_cut_with_a_mark_and_the_next_one_is_whole() {
        let mut bytes = vec![b'x'; 100_000];
        bytes.extend_from_slice(b"\r\nOK\r\n");
        let found = frames(&bytes);
        let Frame::Line(first) = &found[0] else { panic!("a line") };
        assert!(first.cut);
        assert_eq!(first.text.len(), LINE_MAX);
        assert_eq!(found[1..], [line("OK")]);
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_split_makes_no_difference(bytes in proptest::collection::vec(prop_oneof![
            Just(b'\r'), Just(b'\n'), Just(b'>'), Just(b' '), any::<u8>()], 0..300), cuts in proptest::collection::vec(0usize..300, 0..8)) {
            let whole = frames(&bytes);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
            cuts.sort_unstable();
            let mut framer = Framer::new();
            let mut parts = Vec::new();
            for pair in cuts.windows(2) {
                let mut piece = &bytes[pair[0]..pair[1]];
                while let Some(frame) = framer.next(&mut piece) {
                    parts.push(frame);
                }
            }
            prop_assert_eq!(whole, parts);
        }
    }
}
