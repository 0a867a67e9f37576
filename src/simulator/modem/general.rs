//! Commands that are not about messages: V.250, identity, PIN, radio, calls, USSD (27.007).

use std::time::Duration;

use super::answer::Final;
use super::line::{Call, Op, parameters};
use super::{Modem, Timer};
use crate::pdu;

/// What `AT+CLAC` lists (27.007 §8.37), beside the vendor's own.
const COMMANDS: &[&str] = &[
    "+CGMI", "+CGMM", "+CGMR", "+CGSN", "+CIMI", "+CSCS", "+CPIN", "+CFUN", "+CREG", "+CGREG", "+COPS", "+CSQ",
    "+CMEE", "+CLAC", "+CRSM", "+CUSD", "+CNUM", "+CHUP", "+CLIP", "+CMGF", "+CSMS", "+CPMS", "+CNMI", "+CSCA",
    "+CMGS", "+CMMS", "+CMGL", "+CMGR", "+CMGD", "+CNMA",
];

impl Modem {
    /// V.250 and identity; `None`: not one of these.
    pub(super) fn general(&mut self, call: &Call<'_>) -> Option<Final> {
        let profile = self.profile;
        let result = match (call.name.as_str(), call.op) {
            ("E", op) => self.switch(op, |modem, on| modem.settings.echo = on),
            ("V", op) => self.switch(op, |modem, on| modem.settings.verbose = on),
            ("Q", op) => self.switch(op, |modem, on| modem.settings.quiet = on),
            ("Z" | "&F", _) => {
                let chatters = self.settings.chatters;
                self.settings = super::Settings::at_start(profile);
                self.settings.chatters = chatters;
                Final::Ok
            }
            ("S3", op) => self.character(op, |modem| &mut modem.settings.end_of_line),
            ("S4", op) => self.character(op, |modem| &mut modem.settings.line_feed),
            ("&C" | "&D" | "&K" | "&W" | "X" | "L" | "M" | "S0" | "S7", Op::Execute | Op::Set(_)) => Final::Ok,
            ("I", Op::Execute | Op::Set(_)) => {
                self.info(profile.manufacturer);
                self.info(profile.model);
                self.info(&format!("Revision: {}", profile.revision));
                Final::Ok
            }
            ("+CGMI" | "+GMI", Op::Execute) => self.tell(profile.manufacturer),
            ("+CGMM" | "+GMM", Op::Execute) => self.tell(profile.model),
            ("+CGMR" | "+GMR", Op::Execute) => self.tell(profile.revision),
            ("+CGSN" | "+GSN", Op::Execute) => self.tell(&self.imei.clone()),
            ("+CGMI" | "+CGMM" | "+CGMR" | "+CGSN" | "+CIMI" | "+CLAC" | "+CNMA" | "+CHUP", Op::Test) => Final::Ok,
            ("+CMEE", Op::Test) => self.tell("+CMEE: (0-2)"),
            ("+CMEE", Op::Read) => self.tell(&format!("+CMEE: {}", self.settings.cmee)),
            ("+CMEE", Op::Set(value)) => match value.parse() {
                Ok(cmee @ 0..=2) => {
                    self.settings.cmee = cmee;
                    Final::Ok
                }
                _ => Final::Error,
            },
            ("+CSCS", Op::Test) => self.tell("+CSCS: (\"IRA\",\"GSM\",\"UCS2\")"),
            ("+CSCS", Op::Read) => self.tell(&format!("+CSCS: \"{}\"", self.settings.cscs)),
            ("+CSCS", Op::Set(value)) => match parameters(value)[..] {
                [set @ ("IRA" | "GSM" | "UCS2")] => {
                    self.settings.cscs = set.to_owned();
                    Final::Ok
                }
                _ => Final::Error,
            },
            ("+CLAC", Op::Execute) => {
                for command in COMMANDS {
                    self.info(command);
                }
                self.tell(profile.iccid.name)
            }
            ("+IPR" | "+IFC" | "+ICF" | "+CGSMS" | "+CRC" | "+CMER" | "+CTZR" | "+CTZU" | "+CCLK", Op::Set(_)) => {
                Final::Ok
            }
            ("+CCLK", Op::Read) => {
                let time = self.cell.time_text(self.now);
                self.tell(&format!("+CCLK: \"{time}\""))
            }
            ("+CBC", Op::Execute) => self.tell("+CBC: 0,100,4012"),
            (name, Op::Set(value)) if is_silencer(profile.silenced_by, name, value) => {
                self.settings.chatters = false;
                Final::Ok
            }
            (name, Op::Set(_)) if is_vendor_setting(profile.name, name) => Final::Ok,
            (name, op) if name == profile.iccid.name => match (op, profile.iccid.is_read) {
                (Op::Read, true) | (Op::Execute, false) if !self.radio.sim_ready => self.sim_error(),
                (Op::Read, true) | (Op::Execute, false) => {
                    self.tell(&format!("{}{}", profile.iccid.prefix, self.sim.iccid))
                }
                (Op::Test, _) => Final::Ok,
                _ => Final::Error,
            },
            _ => return None,
        };
        Some(result)
    }

    /// SIM, radio, calls and USSD; `None`: not one of these.
    pub(super) fn radio_command(&mut self, call: &Call<'_>) -> Option<Final> {
        let result = match (call.name.as_str(), call.op) {
            ("+CIMI", Op::Execute) if !self.radio.sim_ready => self.sim_error(),
            ("+CIMI", Op::Execute) => self.tell(&self.sim.imsi.clone()),
            ("+CNUM", Op::Execute) if !self.radio.sim_ready => self.sim_error(),
            ("+CNUM", Op::Execute) => match self.sim.number.clone() {
                Some(number) => self.tell(&format!("+CNUM: \"\",\"{number}\",145")),
                None => Final::Ok,
            },
            ("+CPIN", Op::Read) => self.pin_state(),
            ("+CPIN", Op::Set(value)) => self.enter_pin(parameters(value)[0]),
            ("+CRSM", Op::Set(value)) => self.read_file(&parameters(value)),
            ("+CFUN", Op::Test) => self.tell("+CFUN: (0,1,4),(0,1)"),
            ("+CFUN", Op::Read) => self.tell(&format!("+CFUN: {}", self.radio.functionality)),
            ("+CFUN", Op::Set(value)) => self.set_functionality(&parameters(value)),
            ("+CREG", op) => self.registration(0, "+CREG", op),
            ("+CGREG", op) if self.profile.packet => self.registration(1, "+CGREG", op),
            ("+CEREG", op) if self.profile.lte => self.registration(2, "+CEREG", op),
            ("+COPS", Op::Read) if self.radio.registered => {
                let act = if self.profile.lte { 7 } else { 0 };
                self.tell(&format!("+COPS: 0,0,\"TELKOMSEL\",{act}"))
            }
            ("+COPS", Op::Read) => self.tell("+COPS: 0"),
            ("+COPS", Op::Test) => self.tell(
                "+COPS: (2,\"TELKOMSEL\",\"TSEL\",\"51010\",7),(1,\"XL\",\"XL\",\"51011\",7),,(0,1,2,3,4),(0,1,2)",
            ),
            ("+COPS", Op::Set(_)) => Final::Ok,
            ("+CSQ", Op::Execute) if self.radio.registered => self.tell("+CSQ: 18,99"),
            ("+CSQ", Op::Execute) => self.tell("+CSQ: 99,99"),
            ("+CSQ", Op::Test) => self.tell("+CSQ: (0-31,99),(0-7,99)"),
            ("+CLIP", Op::Set(value)) => {
                self.settings.clip = value == "1";
                Final::Ok
            }
            ("+CHUP" | "H", _) => {
                self.caller = None;
                Final::Ok
            }
            ("A" | "D", _) => Final::NoCarrier,
            ("+CUSD", Op::Test) => self.tell("+CUSD: (0-2)"),
            ("+CUSD", Op::Read) => self.tell(&format!("+CUSD: {}", self.settings.cusd)),
            ("+CUSD", Op::Set(value)) => self.ussd(&parameters(value)),
            _ => return None,
        };
        Some(result)
    }

    pub(super) fn tell(&mut self, text: &str) -> Final {
        self.info(text);
        Final::Ok
    }

    fn switch(&mut self, op: Op<'_>, set: impl FnOnce(&mut Self, bool)) -> Final {
        match op {
            Op::Execute | Op::Set("0") => set(self, false),
            Op::Set("1") => set(self, true),
            _ => return Final::Error,
        }
        Final::Ok
    }

    fn character(&mut self, op: Op<'_>, place: impl FnOnce(&mut Self) -> &mut u8) -> Final {
        let place = place(self);
        match op {
            Op::Read => {
                let value = *place;
                self.tell(&format!("{value:03}"))
            }
            Op::Set(value) => match value.parse() {
                Ok(value @ 0..=127) => {
                    *place = value;
                    Final::Ok
                }
                _ => Final::Error,
            },
            _ => Final::Error,
        }
    }

    /// +CME 14, 10 without a card, or 11 and 12 where a PIN or PUK is missing.
    fn sim_error(&self) -> Final {
        match (&self.sim.pin, self.pin_tries) {
            _ if !self.card_in => Final::Cme(10),
            (None, _) => Final::Cme(14),
            (Some(_), 0) => Final::Cme(12),
            (Some(_), _) => Final::Cme(11),
        }
    }

    fn pin_state(&mut self) -> Final {
        match (self.radio.sim_ready, &self.sim.pin, self.pin_tries) {
            _ if !self.card_in => Final::Cme(10),
            _ if self.now < self.sim_busy_until => Final::Cme(14),
            (true, _, _) => self.tell("+CPIN: READY"),
            (false, None, _) => Final::Cme(14),
            (false, Some(_), 0) => self.tell("+CPIN: SIM PUK"),
            (false, Some(_), _) => self.tell("+CPIN: SIM PIN"),
        }
    }

    fn enter_pin(&mut self, entered: &str) -> Final {
        match &self.sim.pin {
            _ if self.radio.sim_ready => Final::Cme(3),
            None => Final::Cme(14),
            Some(_) if self.pin_tries == 0 => Final::Cme(12),
            Some(pin) if pin == entered => {
                self.pin_tries = 3;
                self.radio.sim_ready = true;
                self.start_chatter();
                for (after, step) in self.profile.boot {
                    self.timers.at(self.now + *after, Timer::Boot(*step));
                }
                Final::Ok
            }
            Some(_) => {
                self.pin_tries -= 1;
                Final::Cme(16)
            }
        }
    }

    /// `AT+CRSM=176,<file>`: EF_ICCID, nibbles swapped, and EF_SMSS with the TP-MR last used (31.102 §4.2.9).
    fn read_file(&mut self, parameters: &[&str]) -> Final {
        if !self.radio.sim_ready {
            return self.sim_error();
        }
        let content = match parameters {
            ["176", "12258", ..] => {
                let digits = format!("{:F<20}", self.sim.iccid);
                digits.as_bytes().chunks(2).flat_map(|two| [char::from(two[1]), char::from(two[0])]).collect()
            }
            ["176", "28483", ..] => pdu::hex::encode(&[self.sim.last_tp_mr, 0xFF]),
            ["176", ..] => return self.tell("+CRSM: 106,130"),
            _ => return Final::Cme(4),
        };
        let content: String = content;
        self.tell(&format!("+CRSM: 144,0,\"{content}\""))
    }

    fn set_functionality(&mut self, parameters: &[&str]) -> Final {
        match parameters {
            ["1", "1"] => return Final::Restart,
            ["1"] | ["1", "0"] => {
                self.radio.functionality = 1;
                self.timers.at(self.now + Duration::from_secs(1), Timer::Registration);
            }
            ["0"] | ["4"] | ["0", "0"] | ["4", "0"] => {
                self.radio.functionality = if parameters[0] == "0" { 0 } else { 4 };
                self.registration_changes(false);
            }
            _ => return Final::Cme(50),
        }
        Final::Ok
    }

    fn registration(&mut self, kind: usize, name: &str, op: Op<'_>) -> Final {
        match op {
            Op::Test => self.tell(&format!("{name}: (0-2)")),
            Op::Read => {
                let urcs = self.settings.registration_urcs[kind];
                // On LTE the circuit side may say 0 while the packet side is registered.
                let stat = match (self.radio.registered, self.radio.functionality) {
                    (_, 0 | 4) => 0,
                    (false, _) => 2,
                    (true, _) if self.profile.lte && kind == 0 => 0,
                    (true, _) => 1,
                };
                match urcs {
                    2 if stat == 1 => self.tell(&format!("{name}: 2,1,\"2F3C\",\"0AE1B703\",7")),
                    _ => self.tell(&format!("{name}: {urcs},{stat}")),
                }
            }
            Op::Set(value) => match value.parse() {
                Ok(urcs @ 0..=2) => {
                    self.settings.registration_urcs[kind] = urcs;
                    Final::Ok
                }
                _ => Final::Error,
            },
            Op::Execute => Final::Error,
        }
    }
}

/// Whether this set command is the profile's own way to stop chatter.
fn is_silencer(silencer: &str, name: &str, value: &str) -> bool {
    silencer.split_once('=').is_some_and(|(command, setting)| command == name && setting == value)
}

/// Settings of a maker that are taken and change nothing here.
fn is_vendor_setting(profile: &str, name: &str) -> bool {
    match profile {
        "quectel" => matches!(name, "+QCFG" | "+QURCCFG" | "+QINDCFG"),
        "huawei" => matches!(name, "^CURC" | "^PORTSEL" | "^U2DIAG"),
        "sim800" => matches!(name, "+CIURC" | "+CLTS" | "+CSCLK"),
        _ => false,
    }
}
