//! The commands the daemon sends, as values: text, how long to wait, what the answer looks like, and the clause.
//!
//! Nothing in a command comes from a job or a message but numbers; memory names are checked by [`Memory`]. So no text from outside
//! can become a command.

use std::borrow::Cow;
use std::time::Duration;

use super::{CnmiSetting, Memory};

/// What comes between a command and its final result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing, or a line with the command's own prefix that nobody needs.
    Nothing,
    /// Lines with the command's own prefix, `+CPMS: …` for `AT+CPMS?`.
    Lines,
    /// Free text, with or without the prefix: `AT+CGMI`, `AT+CIMI`.
    Text,
    /// The number of the card: like text, and under another prefix too (SIM7600 answers `AT+CICCID` with `+ICCID: …`).
    Card,
    /// Pairs of a line with the prefix and a PDU line: `+CMGL`, `+CMGR`.
    Listing,
    /// A prompt, and after the PDU a line with the prefix: `+CMGS`.
    Submit,
    /// A command about calls: `NO CARRIER` and its like end it.
    Call,
}

/// One AT command.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// Beginning with `AT`, without the CR that ends it (V.250 §5.2.1).
    pub text: Cow<'static, str>,
    /// How long to wait for the final result, from the moment of writing. No line that comes meanwhile makes it longer.
    pub limit: Duration,
    /// What is expected before the final result.
    pub shape: Shape,
    /// Whether the final result may be missing after the information line (Wavecom answers `AT+CPIN?` without OK).
    pub final_optional: bool,
    /// Where the standard defines it.
    pub clause: &'static str,
}

const SHORT: Duration = Duration::from_secs(5);
const SIM: Duration = Duration::from_secs(10);
const LISTING: Duration = Duration::from_secs(60);
const USSD: Duration = Duration::from_secs(60);

/// A character set of AT+CSCS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharacterSet {
    /// `IRA`: ASCII.
    Ira,
    /// `UCS2`: four hexadecimal digits a character.
    Ucs2,
}

impl Command {
    fn of(text: impl Into<Cow<'static, str>>, limit: Duration, shape: Shape, clause: &'static str) -> Self {
        Self { text: text.into(), limit, shape, final_optional: false, clause }
    }

    /// The part before the `:` of this command's information lines: `+CPMS` for `AT+CPMS=?`.
    pub fn name(&self) -> &str {
        let text = self.text.get(2..).unwrap_or("");
        text.split(['=', '?']).next().unwrap_or(text)
    }

    /// The text for a log: all of it but for a PIN and a USSD code, which may be one.
    pub fn shown(&self) -> &str {
        match &*self.text {
            text if text.starts_with("AT+CPIN=") => "AT+CPIN=****",
            text if text.starts_with("AT+CUSD=1,") => "AT+CUSD=1,****",
            text => text,
        }
    }

    /// `AT`: does it answer?
    pub fn attention() -> Self {
        Self::of("AT", Duration::from_secs(3), Shape::Nothing, "V.250 §5.2")
    }

    /// `ATQ0V1E0`: results are given, as words, and no echo: what a saved profile may have turned off, or into bare digits.
    pub fn plain_results() -> Self {
        Self::of("ATQ0V1E0", Duration::from_secs(3), Shape::Nothing, "V.250 §6.2.4, §6.2.5, §6.2.6")
    }

    /// `ATE0`: no echo.
    pub fn echo_off() -> Self {
        Self::of("ATE0", SHORT, Shape::Nothing, "V.250 §6.2.4")
    }

    /// `AT&D0`: a falling DTR means nothing, so that closing the port does not reset the modem.
    pub fn ignore_dtr() -> Self {
        Self::of("AT&D0", SHORT, Shape::Nothing, "V.250 §6.2.9")
    }

    /// `AT+CMEE=1`: errors as numbers.
    pub fn numeric_errors() -> Self {
        Self::of("AT+CMEE=1", SHORT, Shape::Nothing, "27.007 §9.1")
    }

    /// `AT+CGMI`: the manufacturer.
    pub fn manufacturer() -> Self {
        Self::of("AT+CGMI", SHORT, Shape::Text, "27.007 §5.1")
    }

    /// `AT+CGMM`: the model.
    pub fn model() -> Self {
        Self::of("AT+CGMM", SHORT, Shape::Text, "27.007 §5.2")
    }

    /// `AT+CGMR`: the firmware.
    pub fn revision() -> Self {
        Self::of("AT+CGMR", SHORT, Shape::Text, "27.007 §5.3")
    }

    /// `AT+CGSN`: the IMEI.
    pub fn serial_number() -> Self {
        Self::of("AT+CGSN", SHORT, Shape::Text, "27.007 §5.4")
    }

    /// `AT+CIMI`: the IMSI.
    pub fn subscriber() -> Self {
        Self::of("AT+CIMI", SIM, Shape::Text, "27.007 §5.6")
    }

    /// `AT+CNUM`: the card's own number, where it was written there.
    pub fn own_number() -> Self {
        Self::of("AT+CNUM", SIM, Shape::Lines, "27.007 §7.1")
    }

    /// A vendor's or the generic command that reads the ICCID.
    pub fn card(text: &'static str) -> Self {
        Self::of(text, SIM, Shape::Card, "vendor; AT+CRSM: 27.007 §8.18")
    }

    /// `AT+CRSM=176,28483,0,0,2`: reads EF_SMSS (6F43) from the card, of which the first octet is the TP-MR last used.
    pub fn last_used() -> Self {
        Self::of("AT+CRSM=176,28483,0,0,2", SIM, Shape::Lines, "27.007 §8.18, 31.102 §4.2.9")
    }

    /// A vendor's or the standard's question for the tries of the PIN that are left.
    pub fn pin_counter(text: &'static str) -> Self {
        Self::of(text, SIM, Shape::Lines, "vendor; AT+CPINR: 27.007 §8.65")
    }

    /// `AT+CPIN="…"`: enters the PIN. `None` unless it is 4 to 8 digits (31.101 §9.5.1), so that nothing else can be written here.
    pub fn enter_pin(pin: &str) -> Option<Self> {
        let fits = (4..=8).contains(&pin.len()) && pin.bytes().all(|octet| octet.is_ascii_digit());
        fits.then(|| Self::of(format!("AT+CPIN=\"{pin}\""), Duration::from_secs(20), Shape::Nothing, "27.007 §8.3"))
    }

    /// `AT+CPIN?`: does the SIM want a PIN?
    pub fn pin_state() -> Self {
        Self { final_optional: true, ..Self::of("AT+CPIN?", SIM, Shape::Lines, "27.007 §8.3") }
    }

    /// `AT+CFUN?`: is the radio on?
    pub fn functionality() -> Self {
        Self::of("AT+CFUN?", SHORT, Shape::Lines, "27.007 §8.2")
    }

    /// `AT+CREG?`, `AT+CGREG?` or `AT+CEREG?`, by the name between `AT` and `?`.
    pub fn registration(name: &'static str) -> Self {
        Self::of(format!("AT{name}?"), SHORT, Shape::Lines, "27.007 §7.2, §10.1.20, §10.1.22")
    }

    /// The three names that [`Command::registration`] takes.
    pub const REGISTRATIONS: [&'static str; 3] = ["+CREG", "+CGREG", "+CEREG"];

    /// `AT+COPS=3,0`: operators by their long name from now on.
    pub fn operator_format() -> Self {
        Self::of("AT+COPS=3,0", SIM, Shape::Nothing, "27.007 §7.3")
    }

    /// `AT+COPS?`: which operator?
    pub fn operator() -> Self {
        Self::of("AT+COPS?", SIM, Shape::Lines, "27.007 §7.3")
    }

    /// `AT+CSQ`: how strong is the signal?
    pub fn signal() -> Self {
        Self::of("AT+CSQ", SHORT, Shape::Lines, "27.007 §8.5")
    }

    /// `AT+CMGF=0`: PDU mode.
    pub fn pdu_mode() -> Self {
        Self::of("AT+CMGF=0", SHORT, Shape::Nothing, "27.005 §3.2.3")
    }

    /// `AT+CMGF?`: PDU mode or text mode?
    pub fn message_format() -> Self {
        Self::of("AT+CMGF?", SHORT, Shape::Lines, "27.005 §3.2.3")
    }

    /// `AT+CSMS?`: does the modem want AT+CNMA?
    pub fn message_service() -> Self {
        Self::of("AT+CSMS?", SHORT, Shape::Lines, "27.005 §3.2.1")
    }

    /// `AT+CSMS=0`: the modem acknowledges to the network by itself.
    pub fn plain_message_service() -> Self {
        Self::of("AT+CSMS=0", SHORT, Shape::Lines, "27.005 §3.2.1")
    }

    /// `AT+CPMS=?`: which storages are there?
    pub fn storage_offer() -> Self {
        Self::of("AT+CPMS=?", SHORT, Shape::Lines, "27.005 §3.2.2")
    }

    /// `AT+CPMS?`: which are chosen and how full are they?
    pub fn storage_use() -> Self {
        Self::of("AT+CPMS?", SIM, Shape::Lines, "27.005 §3.2.2")
    }

    /// `AT+CPMS="ME","ME","ME"`: read from, write to, receive into; one, two or three of them.
    pub fn storage(memories: &[Memory]) -> Self {
        let list: Vec<String> = memories.iter().map(|memory| format!("\"{memory}\"")).collect();
        Self::of(format!("AT+CPMS={}", list.join(",")), SIM, Shape::Lines, "27.005 §3.2.2")
    }

    /// `AT+CNMI=?`: how can messages be announced?
    pub fn indication_offer() -> Self {
        Self::of("AT+CNMI=?", SHORT, Shape::Lines, "27.005 §3.4.1")
    }

    /// `AT+CNMI?`: how are they announced?
    pub fn indication() -> Self {
        Self::of("AT+CNMI?", SHORT, Shape::Lines, "27.005 §3.4.1")
    }

    /// `AT+CNMI=…`.
    pub fn indicate(setting: &CnmiSetting) -> Self {
        Self::of(format!("AT+CNMI={setting}"), SHORT, Shape::Nothing, "27.005 §3.4.1")
    }

    /// `AT+CSCA?`: the service centre's address.
    pub fn service_centre() -> Self {
        Self::of("AT+CSCA?", SIM, Shape::Lines, "27.005 §3.3.1")
    }

    /// `AT+CMGL=4`: list everything in the storage, in PDU mode.
    pub fn list_all() -> Self {
        Self::of("AT+CMGL=4", LISTING, Shape::Listing, "27.005 §3.4.2")
    }

    /// `AT+CMGR=n`: read one.
    pub fn read(index: u16) -> Self {
        Self::of(format!("AT+CMGR={index}"), SIM, Shape::Listing, "27.005 §3.4.3")
    }

    /// `AT+CMGD=n`: delete one.
    pub fn delete(index: u16) -> Self {
        Self::of(format!("AT+CMGD={index}"), SIM, Shape::Nothing, "27.005 §3.5.4")
    }

    /// `AT+CNMA`: a message handed on directly is safe here.
    pub fn acknowledge() -> Self {
        Self::of("AT+CNMA", SHORT, Shape::Nothing, "27.005 §3.4.4")
    }

    /// `AT+CMMS=1`: keep the link open for the next segment; falls back by itself.
    pub fn more_messages() -> Self {
        Self::of("AT+CMMS=1", SHORT, Shape::Nothing, "27.005 §3.5.6")
    }

    /// `AT+CMGS=n`: send a TPDU of `length` octets, service centre field not counted. `limit` runs from the PDU's hand-over.
    pub fn submit(length: usize, limit: Duration) -> Self {
        Self::of(format!("AT+CMGS={length}"), limit, Shape::Submit, "27.005 §3.5.1, §4.3")
    }

    /// `AT+CHUP`: end a call.
    pub fn hang_up() -> Self {
        Self::of("AT+CHUP", SIM, Shape::Call, "27.007 §6.5")
    }

    /// `ATH`: end a call, as older modems know it.
    pub fn hook() -> Self {
        Self::of("ATH", SIM, Shape::Call, "V.250 §6.3.6")
    }

    /// `AT+CUSD=1,"…",15`: a USSD code or a key of its menu, written as this modem wants it, and show what comes back. The answer
    /// comes as `+CUSD`, before the final result or up to a minute behind it; on some modems the result waits for the network.
    /// `None` unless it is digits, `*`, `#`, `+` or hexadecimal, so that nothing else can be written here.
    pub fn ussd(string: &str) -> Option<Self> {
        let fits = |octet: u8| octet.is_ascii_hexdigit() || matches!(octet, b'*' | b'#' | b'+');
        let sound = !string.is_empty() && string.bytes().all(fits);
        sound.then(|| Self::of(format!("AT+CUSD=1,\"{string}\",15"), USSD, Shape::Lines, "27.007 §7.15"))
    }

    /// `AT+CUSD=2`: end the USSD session.
    pub fn end_ussd() -> Self {
        Self::of("AT+CUSD=2", SIM, Shape::Nothing, "27.007 §7.15")
    }

    /// `AT+CSCS="…"`: the character set of texts in commands and answers.
    pub fn character_set(set: CharacterSet) -> Self {
        let text = match set {
            CharacterSet::Ira => "AT+CSCS=\"IRA\"",
            CharacterSet::Ucs2 => "AT+CSCS=\"UCS2\"",
        };
        Self::of(text, SHORT, Shape::Nothing, "27.007 §5.5")
    }

    /// `AT+CSCS?`: which character set is it?
    pub fn which_character_set() -> Self {
        Self::of("AT+CSCS?", SHORT, Shape::Lines, "27.007 §5.5")
    }

    /// A setting that only its vendor knows, whose failure does not matter.
    pub fn vendor(text: &'static str) -> Self {
        Self::of(text, SHORT, Shape::Nothing, "vendor")
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_digits_and_never_shown() {
        let command = Command::enter_pin("4711").unwrap();
        assert_eq!(command.text, "AT+CPIN=\"4711\"");
        assert!(!format!("{command:?} {}", command.shown()).contains("4711"));
        for wrong in ["", "123", "123456789", "12\"4", "1234\rAT"] {
            assert!(Command::enter_pin(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn a_ussd_code_is_digits_and_signs_and_never_shown() {
        let command = Command::ussd("*133*1234567890123456#").unwrap();
        assert_eq!(command.text, "AT+CUSD=1,\"*133*1234567890123456#\",15");
        assert!(!format!("{command:?} {}", command.shown()).contains("123456"));
        assert_eq!(Command::ussd("AA180C3602").unwrap().name(), "+CUSD");
        for wrong in ["", "*100#\"", "*100#\r", "saldo", "*100#,15"] {
            assert!(Command::ussd(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn names_are_what_stands_before_the_colon() {
        let check = |command: Command, text: &str, name: &str| {
            assert_eq!(command.text, text);
            assert_eq!(command.name(), name, "{text}");
        };
        check(Command::storage(&[Memory::ME, Memory::SM]), "AT+CPMS=\"ME\",\"SM\"", "+CPMS");
        check(Command::registration("+CEREG"), "AT+CEREG?", "+CEREG");
        check(Command::card("AT^ICCID?"), "AT^ICCID?", "^ICCID");
        check(Command::read(0), "AT+CMGR=0", "+CMGR");
        check(Command::submit(23, SHORT), "AT+CMGS=23", "+CMGS");
        check(Command::attention(), "AT", "");
    }
}
