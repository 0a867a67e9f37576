//! What each line means while a command runs: the one place where answers, echoes and URCs are told apart.

use super::fields::after;
use super::message::{pdu_length, with_service_centre};
use super::urc::{direct_header, is_hex, looks_unsolicited};
use super::{Command, DirectHeader, Final, Frame, Shape, Urc, UssdReply};

/// What a frame was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The command coming back.
    Echo,
    /// A PDU coming back, as it does on some modems also without echo.
    PduEcho,
    /// The first line of two; the second is awaited.
    Half,
    /// A line of the answer.
    Information(String),
    /// A header of a listing and its PDU line.
    Entry {
        /// `+CMGL: …` or `+CMGR: …`.
        header: String,
        /// What followed; hexadecimal unless the modem went wrong.
        pdu: String,
    },
    /// The end of the command.
    Final(Final),
    /// Something unasked; never lost, whatever runs.
    Urc(Urc),
    /// The modem waits for a PDU.
    Prompt,
}

/// Knows the running command and puts two-line forms together.
///
/// URCs are recognised before the command, between its lines, and before the prompt. A header whose second line is not there yet waits
/// while URCs pass through (ZTE: `+ZDONR` inside a listing).
#[derive(Debug, Default)]
pub struct Dialogue {
    running: Option<Command>,
    entry: Option<String>,
    direct: Option<(DirectHeader, bool, Option<u16>)>,
    /// A `+CUSD` whose text goes on.
    ussd: Option<String>,
    /// The line before was a `+CMGS` that nobody waits for: an OK now is the end of it, and no answer to what runs.
    late: bool,
}

/// Most octets of a USSD answer: 160 octets on the air are 182 characters, at most twice as many octets here, and the frame.
const USSD_MAX: usize = 1_024;

impl Dialogue {
    /// Nothing runs.
    pub fn new() -> Self {
        Self::default()
    }

    /// This command has been written.
    pub fn begin(&mut self, command: Command) {
        self.running = Some(command);
        self.entry = None;
    }

    /// What is there of a `+CUSD` whose closing quote has not come: some modems cut long ones short.
    pub fn unfinished_ussd(&mut self) -> Option<UssdReply> {
        UssdReply::parse(&self.ussd.take()?)
    }

    /// The command has its final result or is given up: what comes now is unasked.
    pub fn end(&mut self) {
        self.running = None;
        self.entry = None;
    }

    /// Says what a frame is.
    pub fn hear(&mut self, frame: Frame) -> Heard {
        match frame {
            Frame::Prompt => Heard::Prompt,
            // A line without end is nothing anybody asked for, and no PDU.
            Frame::Line(line) if line.cut => self.noise(line.text),
            Frame::Line(line) => self.line(line.text),
        }
    }

    fn line(&mut self, line: String) -> Heard {
        let ends_late = std::mem::take(&mut self.late) && Final::parse(&line) == Some(Final::Ok);
        if ends_late && self.running.is_some() {
            return Heard::Half;
        }
        if self.ussd.is_some() && self.goes_on(&line) {
            return self.more_of_ussd(&line);
        }
        if UssdReply::is_open(&line) {
            self.ussd = Some(line);
            return Heard::Half;
        }
        if let Some((header, text_mode, length)) = self.direct
            && (text_mode || is_hex(&line))
        {
            self.direct = None;
            return Heard::Urc(Urc::direct(header, with_service_centre(length, line)));
        }
        if let Some(found) = direct_header(&line) {
            self.direct = Some(found);
            return Heard::Half;
        }
        if is_hex(&line)
            && let Some(header) = self.entry.take()
        {
            let pdu = with_service_centre(pdu_length(&header), line);
            return Heard::Entry { header, pdu };
        }
        match self.running.as_ref() {
            None => self.unasked(line),
            Some(command) => match answer(command, &line) {
                Some(Answer::Echo) => Heard::Echo,
                Some(Answer::PduEcho) => Heard::PduEcho,
                Some(Answer::Final(result)) => {
                    self.end();
                    Heard::Final(result)
                }
                Some(Answer::Header) => {
                    self.entry = Some(line);
                    Heard::Half
                }
                Some(Answer::Information) => Heard::Information(line),
                None => self.unasked(line),
            },
        }
    }

    /// Whether a line belongs to the open text of a `+CUSD`, and is neither a URC that is known nor the end of the command.
    fn goes_on(&self, line: &str) -> bool {
        let ends = self.running.is_some() && Final::parse(line).is_some();
        !ends && direct_header(line).is_none() && matches!(Urc::parse(line), Urc::Other(_))
    }

    fn more_of_ussd(&mut self, line: &str) -> Heard {
        let mut text = self.ussd.take().unwrap_or_default();
        text.push('\n');
        text.push_str(line);
        if UssdReply::is_open(&text) && text.len() + line.len() < USSD_MAX {
            self.ussd = Some(text);
            return Heard::Half;
        }
        match &self.running {
            Some(command) if command.name() == "+CUSD" => Heard::Information(text),
            _ => Heard::Urc(Urc::parse(&text)),
        }
    }

    /// A line that answers nothing: a URC, or the garbled second half of something.
    fn unasked(&mut self, line: String) -> Heard {
        if !looks_unsolicited(&line) && Final::parse(&line).is_none() {
            if let Some((header, ..)) = self.direct.take() {
                return Heard::Urc(Urc::direct(header, line));
            }
            if let Some(header) = self.entry.take() {
                return Heard::Entry { header, pdu: line };
            }
        }
        let urc = Urc::parse(&line);
        self.late = matches!(urc, Urc::LateSubmit(_));
        Heard::Urc(urc)
    }

    fn noise(&mut self, line: String) -> Heard {
        self.direct = None;
        match self.entry.take() {
            Some(header) => Heard::Entry { header, pdu: line },
            None => Heard::Urc(Urc::Other(line)),
        }
    }
}

enum Answer {
    Echo,
    PduEcho,
    Information,
    Header,
    Final(Final),
}

/// What a line is to the running command; `None` for what is not its own.
fn answer(command: &Command, line: &str) -> Option<Answer> {
    if line.eq_ignore_ascii_case(&command.text) {
        return Some(Answer::Echo);
    }
    let call_end = (command.shape == Shape::Call).then(|| Final::parse_call(line)).flatten();
    if let Some(result) = Final::parse(line).or(call_end) {
        return Some(Answer::Final(result));
    }
    if !command.name().is_empty() && after(line, command.name()).is_some() {
        return Some(if command.shape == Shape::Listing { Answer::Header } else { Answer::Information });
    }
    match command.shape {
        Shape::Submit if is_hex(line) => Some(Answer::PduEcho),
        Shape::Text | Shape::Card if !looks_unsolicited(line) => Some(Answer::Information),
        Shape::Card if line.split_once(':').is_some_and(|(name, _)| name.ends_with("CID")) => Some(Answer::Information),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::at::{ErrorFamily, ErrorNumber, Framer, Memory, Place, UssdStage};
    use std::time::Duration;

    fn hear(command: Option<Command>, bytes: &str) -> Vec<Heard> {
        let (mut framer, mut dialogue, mut input) = (Framer::new(), Dialogue::new(), bytes.as_bytes());
        if let Some(command) = command {
            dialogue.begin(command);
        }
        std::iter::from_fn(|| framer.next(&mut input).map(|frame| dialogue.hear(frame))).collect()
    }

    fn check(command: Command, bytes: &str, expected: &[Heard]) {
        assert_eq!(hear(Some(command), bytes), expected, "{bytes}");
    }

    fn info(text: &str) -> Heard {
        Heard::Information(text.to_owned())
    }

    fn urc(text: &str) -> Heard {
        Heard::Urc(Urc::Other(text.to_owned()))
    }

    fn submit() -> Command {
        Command::submit(23, Duration::from_secs(180))
    }

    const OK: Heard = Heard::Final(Final::Ok);

    #[test]
    fn identification_keeps_urcs_apart_from_free_text() {
        check(Command::manufacturer(), " WAVECOM MODEM\r\nOK\r\n", &[info("WAVECOM MODEM"), OK]);
        check(Command::manufacturer(), "AT+CGMI\r\r\nhuawei\r\n\r\nOK\r\n", &[Heard::Echo, info("huawei"), OK]);
        check(
            Command::manufacturer(),
            "\r\n^RSSI:21\r\n\r\nhuawei\r\nRING\r\nOK\r\n",
            &[urc("^RSSI:21"), info("huawei"), Heard::Urc(Urc::Ring), OK],
        );
        check(Command::model(), "+CGMM: SIM7600E\r\nOK\r\n", &[info("+CGMM: SIM7600E"), OK]);
        let card = "+ICCID: 898600700907A6019125";
        check(Command::card("AT+CICCID"), &format!("{card}\r\nOK\r\n"), &[info(card), OK]);
        check(Command::card("AT+CCID"), "+CREG: 1\r\nOK\r\n", &[Heard::Urc(Urc::Registration(1)), OK]);
    }

    #[test]
    fn a_call_that_ends_is_no_answer_to_another_command() {
        check(Command::signal(), "NO CARRIER\r\n+CSQ: 20,99\r\nOK\r\n", &[urc("NO CARRIER"), info("+CSQ: 20,99"), OK]);
        check(submit(), "NO CARRIER\r\n+CMGS: 4\r\nOK\r\n", &[urc("NO CARRIER"), info("+CMGS: 4"), OK]);
        check(Command::hook(), "NO CARRIER\r\n", &[Heard::Final(Final::CallEnded)]);
    }

    #[test]
    fn refusals_end_the_command() {
        check(Command::vendor("AT+WIND?"), "COMMAND NOT SUPPORT\r\n", &[Heard::Final(Final::NotSupported)]);
        let busy = Final::Numbered(ErrorNumber { family: ErrorFamily::Cme, number: Some(14) });
        check(Command::subscriber(), "+CME ERROR: 14\r\n", &[Heard::Final(busy)]);
        // ZTE K3565-Z answers a setting with its test text.
        check(Command::vendor("AT+CVHU=0"), "+CVHU: (0-1)\r\nOK\r\n", &[info("+CVHU: (0-1)"), OK]);
    }

    #[test]
    fn an_announcement_before_the_prompt_is_not_swallowed() {
        let announced = Heard::Urc(Urc::Stored(Place { memory: Some(Memory::SM), index: 3 }));
        check(submit(), "\r\n+CMTI: \"SM\",3\r\n\r\n> ", &[announced.clone(), Heard::Prompt]);
        check(
            submit(),
            "AT+CMGS=23\r\r\n> 00110005\x1A\r\n+CMTI: \"SM\",3\r\n+CMGS: 9\r\n\r\nOK\r\n",
            &[Heard::Echo, Heard::Prompt, Heard::PduEcho, announced, info("+CMGS: 9"), OK],
        );
    }

    #[test]
    fn a_report_in_the_middle_of_a_send_is_put_together() {
        let report = Heard::Urc(Urc::Report("0006D60B911326880736F4111011719551401110117195714000".into()));
        check(
            submit(),
            "+CDS: 24\r\n0006D60B911326880736F4111011719551401110117195714000\r\n+CMGS: 9\r\nOK\r\n",
            &[Heard::Half, report, info("+CMGS: 9"), OK],
        );
        // The answer to the send may even come between its two lines.
        let message = Heard::Urc(Urc::Message("0791".into()));
        check(submit(), "+CMT: ,24\r\n+CMGS: 9\r\n0791\r\nOK\r\n", &[Heard::Half, info("+CMGS: 9"), message, OK]);
    }

    #[test]
    fn a_pdu_without_the_service_centre_is_the_same_message() {
        // The header counts all its octets.
        let report = "06D60D91261832547698F0621162418000826211624180008200";
        let whole = Heard::Urc(Urc::Report(format!("00{report}")));
        check(submit(), &format!("+CDS: 26\r\n{report}\r\n"), &[Heard::Half, whole]);
        let entry = Heard::Entry { header: "+CMGR: 0,,26".into(), pdu: format!("00{report}") };
        check(Command::read(1), &format!("+CMGR: 0,,26\r\n{report}\r\nOK\r\n"), &[Heard::Half, entry, OK]);
    }

    #[test]
    fn listings_pair_headers_with_pdus_whatever_comes_between() {
        let entry = |header: &str, pdu: &str| Heard::Entry { header: header.into(), pdu: pdu.into() };
        check(
            Command::list_all(),
            "+CMGL: 1,0,,24\r\n0791\r\n+CMGL: 2,1,24\r\n0792\r\n\r\nOK\r\n",
            &[Heard::Half, entry("+CMGL: 1,0,,24", "0791"), Heard::Half, entry("+CMGL: 2,1,24", "0792"), OK],
        );
        check(
            Command::list_all(),
            "+CMGL: 1,0,,24\r\n+ZDONR: \"IND\",510,10,\"CS_ONLY\"\r\n0791\r\nOK\r\n",
            &[Heard::Half, urc("+ZDONR: \"IND\",510,10,\"CS_ONLY\""), entry("+CMGL: 1,0,,24", "0791"), OK],
        );
        check(
            Command::read(0),
            "+CMGR: 0,,24\r\n+CDS: 9\r\nAA\r\n0791\r\nOK\r\n",
            &[Heard::Half, Heard::Half, Heard::Urc(Urc::Report("AA".into())), entry("+CMGR: 0,,24", "0791"), OK],
        );
        check(Command::read(0), "+CMGR: 0,,24\r\n07zz\r\nOK\r\n", &[Heard::Half, entry("+CMGR: 0,,24", "07zz"), OK]);
        check(Command::read(0), "\r\nOK\r\n", &[OK]);
    }

    #[test]
    fn a_ussd_answer_of_several_lines_is_one_answer() {
        let menu = |string: &str| {
            Heard::Urc(Urc::Ussd(UssdReply { stage: UssdStage::Wants, string: Some(string.into()), dcs: Some(15) }))
        };
        let hear_idle = |bytes: &str| hear(None, bytes);
        // vumi's log of a Wavecom, shortened: it comes after OK, and OK may be a line of the menu.
        let heard = hear_idle("\r\n+CUSD: 1,\"1. HIV\n2. HIV/AIDS\nOK\n\",15\r\n");
        assert_eq!(heard, [Heard::Half, Heard::Half, Heard::Half, menu("1. HIV\n2. HIV/AIDS\nOK\n")]);
        // What is known to be something else passes through.
        let ring = Heard::Urc(Urc::Ring);
        let heard = hear_idle("+CUSD: 1,\"a\r\nRING\r\nb\",15\r\n");
        assert_eq!(heard, [Heard::Half, ring, menu("a\nb")]);
        // Before the final result it is an answer of the command, and the result is heard.
        let ussd = Command::ussd("*100#").expect("a code");
        check(ussd.clone(), "+CUSD: 1,\"a\r\nb\",15\r\nOK\r\n", &[Heard::Half, info("+CUSD: 1,\"a\nb\",15"), OK]);
        check(ussd, "+CUSD: 1,\"a\r\nOK\r\n", &[Heard::Half, OK]);
    }

    #[test]
    fn a_ussd_answer_without_an_end_swallows_no_more_than_its_length() {
        let bytes = format!("+CUSD: 0,\"{}RING\r\nRDY\r\n", "saldo\r\n".repeat(400));
        let heard = hear(None, &bytes);
        assert!(heard.iter().any(|heard| matches!(heard, Heard::Urc(Urc::Ussd(_)))));
        assert_eq!(heard.last(), Some(&urc("RDY")));
    }

    #[test]
    fn what_comes_when_nothing_runs_is_unasked() {
        let check = |bytes: &str, expected: &[Heard]| assert_eq!(hear(None, bytes), expected, "{bytes}");
        check("\r\n+CMGS: 77\r\n\r\nOK\r\n", &[Heard::Urc(Urc::LateSubmit(77)), urc("OK")]);
        check("+CDS: 3\r\n00AA11\r\n", &[Heard::Half, Heard::Urc(Urc::Report("00AA11".into()))]);
        // A modem that has fallen back to text mode: the text is nobody's answer.
        check(
            "+CMT: \"+628123\",,\"26/11/24,08:00:00+28\"\r\nOK\r\n",
            &[Heard::Half, Heard::Urc(Urc::Garbled("OK".into()))],
        );
    }

    #[test]
    fn a_late_answer_is_heard_while_another_command_runs_and_its_ok_is_not_that_command_s() {
        let late = Heard::Urc(Urc::LateSubmit(77));
        let both = "+CMGS: 77\r\n\r\nOK\r\n\r\nOK\r\n";
        check(Command::attention(), both, &[late.clone(), Heard::Half, OK]);
        // Where it has none, or the command was answered meanwhile, nothing is taken away.
        let between = "+CMGS: 77\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n";
        check(Command::signal(), between, &[late.clone(), info("+CSQ: 20,99"), OK]);
        let refusal = Heard::Final(Final::NotSupported);
        check(Command::vendor("AT+WIND?"), "+CMGS: 77\r\nCOMMAND NOT SUPPORT\r\n", &[late, refusal]);
    }

    #[test]
    fn an_endless_line_is_noise_and_not_the_answer() {
        let bytes = format!("{}\r\nOK\r\n", "A".repeat(9_000));
        let heard = hear(Some(Command::manufacturer()), &bytes);
        assert!(matches!(&heard[0], Heard::Urc(Urc::Other(_))));
        assert_eq!(heard[1], OK);
    }
}
