use std::fmt;

use serde::{Deserialize, Serialize};

/// A USSD code or a key of its menu: digits, `*`, `#` and `+`, at most 160 of them, so that nothing else can be written to a
/// modem in its place.
///
/// Codes carry vouchers and PINs: [`fmt::Debug`] and [`UssdCode::shown`] hide whatever may be one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UssdCode(String);

/// Most characters of a code: a USSD string has 160 octets (3GPP TS 23.090 and 22.090), and nobody types more.
const CODE_MAX: usize = 160;
/// Runs of more digits than this are hidden: vouchers have 12 to 16, PINs 4 to 8, numbers 9 to 13.
const SHOWN_DIGITS: usize = 3;
/// As many digits a service code itself may have, right behind the first `*` or `#` (`*4444#`).
const SERVICE_DIGITS: usize = 4;

impl UssdCode {
    /// A code as a person writes it; spaces around it do not count.
    ///
    /// Errors: a sentence that says what may be written. The code does not stand in it: it may be a secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let fits = |octet: u8| octet.is_ascii_digit() || matches!(octet, b'*' | b'#' | b'+');
        if (1..=CODE_MAX).contains(&text.len()) && text.bytes().all(fits) {
            return Ok(Self(text.to_owned()));
        }
        Err("a USSD code has digits, *, # and + only, and at most 160 of them, such as *888# or 1".to_owned())
    }

    /// All of it, for the modem and for nothing else.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For the record and logs: digits that may be a voucher, a PIN or a number are `x`.
    pub fn shown(&self) -> String {
        let mut shown = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while !rest.is_empty() {
            let run = rest.bytes().take_while(u8::is_ascii_digit).count();
            let begins = shown == "*" || shown == "#" || shown == "*#";
            let plain = run <= SHOWN_DIGITS || (begins && run <= SERVICE_DIGITS);
            if plain {
                shown.push_str(&rest[..run])
            } else {
                shown.push_str(&"x".repeat(run))
            }
            let signs = rest[run..].bytes().take_while(|octet| !octet.is_ascii_digit()).count();
            shown.push_str(&rest[run..run + signs]);
            rest = &rest[run + signs..];
        }
        shown
    }
}

impl fmt::Debug for UssdCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl From<UssdCode> for String {
    fn from(code: UssdCode) -> Self {
        code.0
    }
}

impl TryFrom<String> for UssdCode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

/// How a modem writes the strings of AT+CUSD where their coding is GSM-7 (27.007 §7.15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UssdForm {
    /// As text, in the modem's character set (AT+CSCS).
    Plain,
    /// Four hexadecimal digits a character, as AT+CSCS="UCS2" has it.
    Ucs2Hex,
    /// Septets packed as in 23.038 §6.1.2.3, in hexadecimal, whatever AT+CSCS says.
    PackedHex,
}

/// What the network said, as the modem wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UssdAnswer {
    /// The string of `+CUSD`.
    pub string: String,
    /// Its data coding scheme (23.038 §5); `None` where the modem gave none, which is the default, 15.
    pub dcs: Option<u8>,
    /// How this modem writes strings of GSM-7.
    pub form: UssdForm,
}

/// How a USSD exchange ended. The session with the network is closed in every case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UssdEnd {
    /// All codes are given and answered.
    Answered {
        /// Whether the network would have taken one more key.
        open: bool,
    },
    /// The network ended it before all keys were given.
    Early,
    /// The network ended it without a word (`+CUSD: 2`).
    Terminated,
    /// Another client of the SIM has answered (`+CUSD: 3`).
    Elsewhere,
    /// The network does not know the code, or not here (`+CUSD: 4`).
    NotSupported,
    /// The network did not answer the modem in time (`+CUSD: 5`).
    NetworkTimeout,
    /// No answer came in time.
    Silence,
    /// The modem refused the code, in these words.
    Refused(String),
    /// Something more urgent needed the modem.
    Withdrawn,
    /// The daemon is stopping.
    Stopped,
}

impl UssdEnd {
    /// Why there is no full answer and what to do about it, one sentence; `None` where there is one.
    pub fn trouble(&self) -> Option<String> {
        Some(match self {
            UssdEnd::Answered { .. } => return None,
            UssdEnd::Early => "the network ended the menu before all keys were given; leave the last --then away",
            UssdEnd::Terminated => "the network ended it without a word; try again in a minute",
            UssdEnd::Elsewhere => "another program or phone with this SIM took the answer; stop it and try again",
            UssdEnd::NotSupported => {
                "the network does not know this code on this SIM; check the code with the operator (LTE-only SIMs have no USSD)"
            }
            UssdEnd::NetworkTimeout => "the network did not answer its own menu in time; try again in a minute",
            UssdEnd::Silence => "no answer came in time; try again, and look at signal and registration (kentongan modems)",
            UssdEnd::Refused(words) => {
                return Some(format!("the modem refused the code ({words}); look at its registration (kentongan modems)"));
            }
            UssdEnd::Withdrawn => "the modem was needed for an emergency; try again when that is sent",
            UssdEnd::Stopped => "the daemon is stopping; try again when it runs",
        }
        .to_owned())
    }
}

/// The answer to a person: the texts of the network, oldest first, and what went wrong. Travels as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UssdView {
    /// One for each code that was answered.
    pub answers: Vec<String>,
    /// Whether the network would have taken one more key.
    pub open: bool,
    /// Why there is no full answer, English.
    pub trouble: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_digits_and_signs_and_nothing_else() {
        for right in ["*888#", "*123*1*4#", "1", " *100# ", "#100#", "*140*+6281234567890#"] {
            assert!(UssdCode::parse(right).is_ok(), "{right}");
        }
        for wrong in ["", " ", "*888#\rAT+CMGD=1,4", "*888#\"", "*888#,15", "saldo", "*８８８#", "*888 #"] {
            let error = UssdCode::parse(wrong).unwrap_err();
            assert!(wrong.trim().is_empty() || !error.contains(wrong), "{error}");
        }
        assert!(UssdCode::parse(&"1".repeat(161)).is_err());
        assert!(serde_json::from_str::<UssdCode>("\"*888#\\r\"").is_ok(), "the line end is only around it");
        assert!(serde_json::from_str::<UssdCode>("\"*888#;\"").is_err());
    }

    #[test]
    fn vouchers_pins_and_numbers_are_hidden() {
        let check = |code: &str, shown: &str| {
            let code = UssdCode::parse(code).unwrap();
            assert_eq!(code.shown(), shown);
            assert_eq!(format!("{code:?}"), shown);
        };
        check("*888#", "*888#");
        check("*4444#", "*4444#");
        check("*#06#", "*#06#");
        check("*123*1*4#", "*123*1*4#");
        check("*133*1234567890123456#", "*133*xxxxxxxxxxxxxxxx#");
        check("*858*081234567890*10000*4711#", "*858*xxxxxxxxxxxx*xxxxx*xxxx#");
        check("4711", "xxxx");
        check("1234567890123456", "xxxxxxxxxxxxxxxx");
        check("*12345#", "*xxxxx#");
        check("1", "1");
    }
}
