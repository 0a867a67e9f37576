//! `+CUSD` (27.007 §7.15): codes, menus, and what the network makes of them.

use super::answer::Final;
use super::{Modem, Timer};
use crate::pdu;
use crate::simulator::network::UssdMenu;

impl Modem {
    pub(super) fn ussd(&mut self, parameters: &[&str]) -> Final {
        match parameters {
            [mode @ ("0" | "1")] => {
                self.settings.cusd = u8::from(*mode == "1");
                Final::Ok
            }
            ["2"] => {
                self.ussd_menu = None;
                self.timers.retain(|timer| !matches!(timer, Timer::Ussd(_)));
                Final::Ok
            }
            ["1", ..] if !self.radio.registered => Final::Cme(30),
            ["1", string, ..] => match self.typed_code(string) {
                Some(code) => {
                    self.settings.cusd = 1;
                    self.dial(&code);
                    Final::Ok
                }
                None => Final::Cme(50),
            },
            _ => Final::Cme(50),
        }
    }

    /// The code in the writing this modem wants; `None` where it is in another.
    fn typed_code(&self, string: &str) -> Option<String> {
        let code = match (self.profile.packs_ussd, self.settings.cscs.as_str()) {
            (true, _) => pdu::ussd::decode(&hexadecimal(string)?, pdu::ussd::DEFAULT_DCS, pdu::ussd::Written::Packed),
            (false, "UCS2") => pdu::ucs2::decode(&pdu::hex::decode(string).ok()?),
            (false, _) => string.to_owned(),
        };
        let fits = |octet: u8| octet.is_ascii_digit() || matches!(octet, b'*' | b'#' | b'+');
        (!code.is_empty() && code.bytes().all(fits)).then_some(code)
    }

    /// The network takes a code, or a key of the menu that is open.
    fn dial(&mut self, code: &str) {
        let menu = match self.ussd_menu.take() {
            Some(mut open) => open.keys.remove(code),
            None => Some(self.cell.settings.ussd.get(code).cloned().unwrap_or_else(|| self.credit())),
        };
        let line = match menu {
            Some(menu) => {
                let stage = u8::from(!menu.keys.is_empty());
                let line = self.cusd_line(stage, &menu.text);
                self.ussd_menu = Some(menu).filter(|menu| !menu.keys.is_empty());
                line
            }
            None => "+CUSD: 4".to_owned(),
        };
        if self.faults.no_ussd > 0.0 && self.dice.wire.f64() < self.faults.no_ussd {
            return;
        }
        self.timers.at(self.now + self.cell.settings.ussd_after, Timer::Ussd(line));
    }

    fn credit(&self) -> UssdMenu {
        UssdMenu::text(&self.cell.settings.credit_text)
    }

    fn cusd_line(&self, stage: u8, text: &str) -> String {
        if self.profile.packs_ussd {
            return format!("+CUSD: {stage},\"{}\",15", pdu::ussd::packed(text));
        }
        if self.settings.cscs == "UCS2" {
            return format!("+CUSD: {stage},\"{}\",72", pdu::hex::encode(&pdu::ucs2::encode(text)));
        }
        format!("+CUSD: {stage},\"{text}\",15")
    }

    /// The answer has come; a client that switched the presentation off does not see it.
    pub(super) fn ussd_answer(&mut self, line: &str) {
        if self.settings.cusd == 1 {
            self.urc(line);
        }
    }
}

/// The string, if it is whole octets in hexadecimal.
fn hexadecimal(string: &str) -> Option<String> {
    pdu::hex::decode(string).ok().map(|octets| pdu::hex::encode(&octets))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::simulator::network::NetworkSettings;
    use crate::simulator::profile::{HUAWEI, Profile, QUECTEL};
    use crate::simulator::{Faults, SimCard};

    fn modem(profile: &'static Profile) -> Modem {
        let menu = UssdMenu::text("Menu\n1. Pulsa\n2. Kuota")
            .with("1", UssdMenu::text("Rp 5.000"))
            .with("2", UssdMenu::text("Kuota\n9. Kembali").with("9", UssdMenu::text("Menu")));
        let network = NetworkSettings { ussd: [("*123#".to_owned(), menu)].into(), ..NetworkSettings::default() };
        Modem::new(profile, 1, SimCard::numbered(1), network, 1)
    }

    /// Writes a command and gives what came within three seconds, echo and all.
    fn say(modem: &mut Modem, at: u64, command: &str) -> String {
        modem.input(Duration::from_secs(at), format!("{command}\r").as_bytes());
        modem.advance(Duration::from_secs(at + 3));
        String::from_utf8_lossy(&std::mem::take(modem.output())).into_owned()
    }

    #[test]
    fn a_menu_is_walked_key_by_key_and_ends_with_its_last_text() {
        let mut modem = modem(&QUECTEL);
        assert!(say(&mut modem, 0, "AT+CUSD=1,\"*123#\",15").ends_with("+CUSD: 1,\"Menu\n1. Pulsa\n2. Kuota\",15\r\n"));
        assert!(say(&mut modem, 10, "AT+CUSD=1,\"2\",15").ends_with("+CUSD: 1,\"Kuota\n9. Kembali\",15\r\n"));
        assert!(say(&mut modem, 20, "AT+CUSD=1,\"7\",15").ends_with("+CUSD: 4\r\n"), "there is no 7");
        say(&mut modem, 30, "AT+CUSD=1,\"*123#\",15");
        assert!(say(&mut modem, 40, "AT+CUSD=1,\"1\",15").ends_with("+CUSD: 0,\"Rp 5.000\",15\r\n"));
    }

    #[test]
    fn a_cancelled_session_is_forgotten_and_says_no_more() {
        let mut modem = modem(&QUECTEL);
        say(&mut modem, 0, "AT+CUSD=1,\"*123#\",15");
        modem.input(Duration::from_secs(10), b"AT+CUSD=1,\"2\",15\r");
        assert!(!say(&mut modem, 11, "AT+CUSD=2").contains("+CUSD: "));
        let credit = say(&mut modem, 20, "AT+CUSD=1,\"1\",15");
        assert!(credit.contains("+CUSD: 0,\"Sisa pulsa"), "1 is a code like any other again: {credit}");
    }

    #[test]
    fn sticks_take_and_give_packed_septets_and_others_what_their_character_set_says() {
        let mut stick = modem(&HUAWEI);
        assert!(say(&mut stick, 0, "AT+CUSD=1,\"*123#\",15").contains("ERROR"));
        let menu = say(&mut stick, 10, &format!("AT+CUSD=1,\"{}\",15", pdu::ussd::packed("*123#")));
        assert!(menu.contains(&format!("+CUSD: 1,\"{}\",15", pdu::ussd::packed("Menu\n1. Pulsa\n2. Kuota"))), "{menu}");
        let mut module = modem(&QUECTEL);
        say(&mut module, 0, "AT+CSCS=\"UCS2\"");
        assert!(say(&mut module, 10, "AT+CUSD=1,\"*123#\",15").contains("ERROR"));
        assert!(say(&mut module, 20, "AT+CUSD=1,\"002A0031003200330023\",15").contains("+CUSD: 1,\"004D0065006E0075"));
    }

    #[test]
    fn an_answer_that_never_comes_is_a_fault() {
        let mut modem = modem(&QUECTEL);
        modem.set_faults(Faults { no_ussd: 1.0, ..Faults::default() });
        assert!(!say(&mut modem, 0, "AT+CUSD=1,\"*123#\",15").contains("+CUSD: "));
    }
}
