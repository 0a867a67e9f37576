//! The dialect as tables of bytes in and bytes out, and what goes wrong in the middle of a send.

use std::time::Duration;

use super::*;
use crate::pdu::{self, Address, Submit, Text};
use crate::simulator::profile::{HUAWEI, QUECTEL, SIM800};
use crate::simulator::truth::Handing;

pub(super) const NUMBER: &str = "6281234567890";

/// A modem without echo and without air time, and everything it has said and done.
struct Bench {
    modem: Modem,
    now: Duration,
}

impl Bench {
    fn new(profile: &'static Profile) -> Self {
        Self::with(profile, NetworkSettings { air_time: Duration::ZERO, ..NetworkSettings::default() })
    }

    fn with(profile: &'static Profile, network: NetworkSettings) -> Self {
        let modem = Modem::new(profile, 1, SimCard::numbered(1), network, 1);
        let mut bench = Self { modem, now: Duration::ZERO };
        bench.say("ATE0\r");
        bench
    }

    /// Writes, waits for what comes within a second, and gives it with `\r` and `\n` made visible.
    fn say(&mut self, bytes: &str) -> String {
        self.modem.input(self.now, bytes.as_bytes());
        let said = self.read();
        self.wait(1.0);
        said + &self.read()
    }

    /// Writes and gives only what comes at once.
    fn say_at_once(&mut self, bytes: &str) -> String {
        self.modem.input(self.now, bytes.as_bytes());
        self.read()
    }

    fn wait(&mut self, seconds: f64) {
        self.now += Duration::from_secs_f64(seconds);
        self.modem.advance(self.now);
    }

    fn read(&mut self) -> String {
        String::from_utf8_lossy(&mem::take(self.modem.output())).into_owned()
    }

    fn facts(&mut self) -> Vec<Fact> {
        mem::take(self.modem.facts()).into_iter().map(|(_, fact)| fact).collect()
    }

    fn submitted(&mut self) -> Vec<(u8, bool)> {
        let pick = |fact| match fact {
            Fact::Submitted { tp_mr, answer_suppressed, .. } => Some((tp_mr, answer_suppressed)),
            _ => None,
        };
        self.facts().into_iter().filter_map(pick).collect()
    }

    fn send(&mut self, number: &str, text: &str) -> String {
        let (length, digits) = submit(number, text);
        let prompt = self.say_at_once(&format!("AT+CMGS={length}\r"));
        assert_eq!(prompt, "\r\n> ");
        self.say_at_once(&format!("{digits}\x1a"))
    }

    fn receive(&mut self, text: &str) -> String {
        self.modem.inbound(self.now, "+628111222333", text, InboundForm::default()).unwrap();
        self.read()
    }
}

/// `AT+CMGS=` length and the PDU's digits.
pub(super) fn submit(number: &str, text: &str) -> (usize, String) {
    let plan = Text::plan(text).unwrap();
    let tpdu = Submit::new(Address::international(number).unwrap(), plan.dcs(None), plan.user_data(1, 0)).encode();
    (tpdu.len(), format!("00{}", pdu::hex::encode(&tpdu)))
}

fn check(profile: &'static Profile, table: &[(&str, &str)]) {
    let mut bench = Bench::new(profile);
    for (said, expected) in table {
        assert_eq!(bench.say(said), *expected, "{}: {said:?}", profile.name);
    }
}

#[test]
fn the_dialect_of_a_4g_module() {
    check(
        &QUECTEL,
        &[
            ("AT\r", "\r\nOK\r\n"),
            ("at\r", "\r\nOK\r\n"),
            ("AT\r\n", "\r\nOK\r\n"),
            ("\r", ""),
            ("hello\r", ""),
            ("\x1b\x1aAT\r", "\r\nOK\r\n"),
            ("ATE1\r", "\r\nOK\r\n"),
            ("AT+CMEE?\r", "AT+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n"),
            ("ATE0\r", "ATE0\r\r\nOK\r\n"),
            ("ATS3?\r", "\r\n013\r\n\r\nOK\r\n"),
            ("AT+CGMI\r", "\r\nQuectel\r\n\r\nOK\r\n"),
            ("AT+CGSN\r", "\r\n867514040000012\r\n\r\nOK\r\n"),
            ("AT+CNUM\r", "\r\n+CNUM: \"\",\"+628110000001\",145\r\n\r\nOK\r\n"),
            ("AT+QCCID\r", "\r\n+QCCID: 8962100000000000001\r\n\r\nOK\r\n"),
            ("AT+CRSM=176,12258,0,0,10\r", "\r\n+CRSM: 144,0,\"982601000000000000F1\"\r\n\r\nOK\r\n"),
            ("AT+CIMI\r", "\r\n510100000000001\r\n\r\nOK\r\n"),
            ("AT+CPIN?\r", "\r\n+CPIN: READY\r\n\r\nOK\r\n"),
            ("AT+CREG?;+CEREG?\r", "\r\n+CREG: 0,0\r\n+CEREG: 0,1\r\n\r\nOK\r\n"),
            ("AT+CEREG=2;+CEREG?\r", "\r\n+CEREG: 2,1,\"2F3C\",\"0AE1B703\",7\r\n\r\nOK\r\n"),
            ("AT+CSQ\r", "\r\n+CSQ: 18,99\r\n\r\nOK\r\n"),
            ("AT+COPS?\r", "\r\n+COPS: 0,0,\"TELKOMSEL\",7\r\n\r\nOK\r\n"),
            ("AT+NOSUCH\r", "\r\nERROR\r\n"),
            ("AT+CMGF=2\r", "\r\n+CMS ERROR: 303\r\n"),
            ("AT+CNMI=?\r", "\r\n+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)\r\n\r\nOK\r\n"),
            ("AT+CNMI=2,1,0,1,0\r", "\r\nOK\r\n"),
            ("AT+CNMI=3,1\r", "\r\n+CMS ERROR: 303\r\n"),
            ("AT+CNMI=2,1,1\r", "\r\n+CMS ERROR: 303\r\n"),
            ("AT+CNMI?\r", "\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n"),
            (
                "AT+CPMS=?\r",
                "\r\n+CPMS: (\"ME\",\"MT\",\"SM\"),(\"ME\",\"MT\",\"SM\"),(\"ME\",\"MT\",\"SM\")\r\n\r\nOK\r\n",
            ),
            ("AT+CPMS=\"SM\",\"SM\",\"SR\"\r", "\r\n+CMS ERROR: 302\r\n"),
            ("AT+CPMS=\"SM\",\"SM\"\r", "\r\n+CPMS: 0,50,0,50,0,255\r\n\r\nOK\r\n"),
            ("AT+CPMS?\r", "\r\n+CPMS: \"SM\",0,50,\"SM\",0,50,\"ME\",0,255\r\n\r\nOK\r\n"),
            ("AT+CSMS?\r", "\r\n+CSMS: 0,1,1,1\r\n\r\nOK\r\n"),
            ("AT+CSCA?\r", "\r\n+CSCA: \"+6281100000\",145\r\n\r\nOK\r\n"),
            ("AT+CMGL=4\r", "\r\nOK\r\n"),
            ("AT+CMGR=3\r", "\r\nOK\r\n"),
            ("AT+CMGR=50\r", "\r\n+CMS ERROR: 321\r\n"),
            ("AT+CNMA\r", "\r\n+CMS ERROR: 340\r\n"),
            ("AT+CMEE=2;+CNMA\r", "\r\n+CMS ERROR: NO +CNMA ACK EXPECTED\r\n"),
            ("AT+CUSD=1,\"*888#\",15\r", "\r\nOK\r\n"),
        ],
    );
}

#[test]
fn the_dialects_of_older_modems() {
    check(
        &HUAWEI,
        &[
            ("AT+CGMM\r", "\r\nE1752\r\r\n\r\nOK\r\n"),
            ("AT^ICCID?\r", "\r\n^ICCID: 8962100000000000001\r\r\n\r\nOK\r\n\r\n^RSSI:18\r\n"),
            ("AT+WIND?\r", "\r\nCOMMAND NOT SUPPORT\r\n"),
            ("AT+CEREG?\r", "\r\nCOMMAND NOT SUPPORT\r\n"),
            ("AT^CURC=0\r", "\r\nOK\r\n"),
            ("AT+CMGR=0\r", "\r\n+CMS ERROR: 321\r\n"),
            ("AT+CPMS=\"SR\",\"SM\",\"SM\"\r", "\r\n+CPMS: 0,10,0,20,0,20\r\r\n\r\nOK\r\n"),
            // The second command comes while the first one runs, and is lost.
            ("AT+CREG?\rAT+CSQ\r", "\r\n+CREG: 0,1\r\r\n\r\nOK\r\n"),
            ("AT+CUSD=1,\"*888#\",15\r", "\r\nERROR\r\n"),
        ],
    );
    check(
        &SIM800,
        &[
            ("AT+CCID\r", "\r\n8962100000000000001\r\n\r\nOK\r\n"),
            ("AT+CEREG?\r", "\r\nERROR\r\n"),
            ("AT+CMGR=0\r", "\r\n+CMS ERROR: 321\r\n"),
            ("AT+CMGR=1\r", "\r\nOK\r\n"),
            ("AT+CREG?\rAT+CSQ\r", "\r\n+CREG: 0,1\r\n\r\nOK\r\n\r\n+CSQ: 18,99\r\n\r\nOK\r\n"),
            ("AT+CIURC=0\r", "\r\nOK\r\n"),
        ],
    );
}

#[test]
fn a_credit_answer_comes_after_the_ok_in_the_modems_own_writing() {
    let mut bench = Bench::new(&QUECTEL);
    bench.say("AT+CUSD=1,\"*888#\",15\r");
    bench.wait(2.0);
    assert_eq!(bench.read(), "\r\n+CUSD: 0,\"Sisa pulsa Rp 25.000 aktif s/d 24-12-2026\",15\r\n");
    let mut bench = Bench::new(&HUAWEI);
    bench.say("AT^CURC=0\r");
    bench.say("AT+CUSD=1,\"AA1C2E3702\",15\r");
    bench.wait(2.0);
    let said = bench.read();
    let packed = said.split('"').nth(1).unwrap();
    assert!(pdu::hex::decode(packed).is_ok(), "{said}");
}

#[test]
fn a_message_to_its_own_number_comes_back_octet_for_octet() {
    let mut bench = Bench::new(&QUECTEL);
    bench.say("AT+CNMI=2,2,0,0,0\r");
    for own in ["628110000001", "08110000001"] {
        let to = if own.starts_with('0') { Address::unknown(own) } else { Address::international(own) };
        let plan = Text::plan("@ £ [~] é").unwrap();
        let sent = Submit::new(to.unwrap(), plan.dcs(None), plan.user_data(1, 0));
        let tpdu = sent.encode();
        bench.say_at_once(&format!("AT+CMGS={}\r", tpdu.len()));
        bench.say_at_once(&format!("00{}\x1a", pdu::hex::encode(&tpdu)));
        bench.wait(2.0);
        let came = bench.read();
        let octets = pdu::hex::decode(came.lines().last().unwrap()).unwrap();
        let Ok((_, pdu::Incoming::Deliver(copy))) = pdu::Incoming::decode(&octets) else { panic!("{came}") };
        assert_eq!((copy.originator.to_string().as_str(), copy.user_data), ("+628110000001", sent.user_data));
    }
}

#[test]
fn a_segment_goes_out_and_tp_mr_counts_by_one() {
    let mut bench = Bench::new(&QUECTEL);
    assert_eq!(bench.send(NUMBER, "Banjir di Gedebage"), "\r\n+CMGS: 0\r\n\r\nOK\r\n");
    assert_eq!(bench.send(NUMBER, "Awas longsor"), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    let facts = bench.facts();
    assert!(matches!(&facts[0], Fact::HandedOver { to, seq: 1, .. } if to == "+6281234567890"), "{facts:?}");
    assert_eq!(facts[2], Fact::Answered { tp_mr: 0 });
    assert_eq!(
        facts[1],
        Fact::Submitted {
            tp_mr: 0,
            to: "+6281234567890".into(),
            reference: None,
            total: 1,
            seq: 1,
            text: "Banjir di Gedebage".into(),
            answer_suppressed: false,
        }
    );
    assert_eq!(facts.len(), 6);
    assert_eq!(bench.say("AT+CRSM=176,28483,0,0,2\r"), "\r\n+CRSM: 144,0,\"01FF\"\r\n\r\nOK\r\n");
}

#[test]
fn a_pdu_that_is_not_as_announced_is_refused() {
    let (length, digits) = submit(NUMBER, "Banjir");
    let cases = [
        (length + 1, digits.clone(), "304"),
        (length, format!("{digits}0"), "304"),
        (length, digits.replacen("00", "0G", 1), "304"),
        (length, String::new(), "304"),
        (length, format!("AT+CMGS=20{digits}"), "304"),
        (length, "00".repeat(400), "304"),
    ];
    for (length, digits, error) in cases {
        let mut bench = Bench::new(&QUECTEL);
        bench.say_at_once(&format!("AT+CMGS={length}\r"));
        assert_eq!(bench.say(&format!("{digits}\x1a")), format!("\r\n+CMS ERROR: {error}\r\n"), "{length} {digits}");
        assert!(bench.submitted().is_empty());
    }
    let mut bench = Bench::new(&QUECTEL);
    for (command, answer) in [("AT+CMGS=6\r", "304"), ("AT+CMGS=165\r", "304")] {
        assert_eq!(bench.say(command), format!("\r\n+CMS ERROR: {answer}\r\n"));
    }
    assert_eq!(bench.say("AT+CMGF=1;+CMGS=\"0812\"\r"), "\r\nERROR\r\n");
    assert_eq!(bench.say("AT+CMGS=20\r"), "\r\n+CMS ERROR: 303\r\n");
}

#[test]
fn escape_leaves_the_prompt_and_nothing_is_sent() {
    for (profile, answer) in [(&QUECTEL, "\r\nOK\r\n"), (&SIM800, "\r\nERROR\r\n")] {
        let mut bench = Bench::new(profile);
        let (length, digits) = submit(NUMBER, "Banjir");
        assert_eq!(bench.say(&format!("AT+CMGS={length}\r")), "\r\n> ");
        assert_eq!(bench.say(&format!("{digits}\x1b")), answer);
        assert_eq!(bench.facts(), [Fact::Escaped]);
        assert_eq!(bench.say("AT\r"), "\r\nOK\r\n");
    }
}

fn with_air_time(seconds: u64) -> NetworkSettings {
    NetworkSettings { air_time: Duration::from_secs(seconds), ..NetworkSettings::default() }
}

#[test]
fn any_byte_while_cmgs_runs_aborts_it_though_the_segment_may_have_gone() {
    let abort_after = |seconds: f64| {
        let mut bench = Bench::with(&QUECTEL, with_air_time(10));
        assert_eq!(bench.send(NUMBER, "Banjir"), "");
        bench.wait(seconds);
        assert_eq!(bench.say_at_once("\x1bAT\r"), "\r\nERROR\r\n\r\nOK\r\n");
        bench.wait(60.0);
        assert!(!bench.read().contains("+CMGS"));
        bench.facts()
    };
    // The service centre has it after four fifths of the air time; the answer would come after five.
    let gone = abort_after(9.0);
    assert!(matches!(gone[1..], [Fact::Submitted { tp_mr: 0, .. }, Fact::AnswerGone { tp_mr: 0 }, ..]), "{gone:?}");
    let early = abort_after(1.0);
    assert!(!early.iter().any(|fact| matches!(fact, Fact::Refused { .. })), "{early:?}");
}

#[test]
fn air_time_varies_around_its_mean_and_the_answer_waits_for_it() {
    let network = NetworkSettings { jitter: 0.5, ..with_air_time(10) };
    let mut bench = Bench::with(&QUECTEL, network);
    let mut spans = Vec::new();
    for _ in 0..20 {
        let start = bench.now;
        assert_eq!(bench.send(NUMBER, "Banjir"), "");
        while !bench.read().contains("+CMGS: ") {
            bench.now = bench.modem.next_wake().unwrap();
            bench.modem.advance(bench.now);
        }
        spans.push((bench.now - start).as_secs_f64());
    }
    assert!(spans.iter().all(|span| (5.0..=15.0).contains(span)), "{spans:?}");
    assert!(spans.iter().any(|span| *span < 9.0) && spans.iter().any(|span| *span > 11.0), "{spans:?}");
}

#[test]
fn a_report_comes_back_with_tp_mr_and_the_recipient_in_the_form_of_the_network() {
    for (form, address) in [
        (crate::simulator::RecipientForm::International, "0D91261832547698F0"),
        (crate::simulator::RecipientForm::National, "0CA1802143658709"),
        (crate::simulator::RecipientForm::NationalUnknown, "0C81802143658709"),
    ] {
        let network = NetworkSettings { recipient_form: form, ..with_air_time(0) };
        let mut bench = Bench::with(&QUECTEL, network);
        bench.say("AT+CNMI=2,1,0,1,0\r");
        bench.send(NUMBER, "Banjir");
        assert_eq!(bench.read(), "");
        bench.wait(2.0);
        let said = bench.read();
        assert!(said.starts_with("\r\n+CDS: ") && said.contains(&format!("0600{address}")), "{said}");
        let digits = said.trim().rsplit("\r\n").next().unwrap();
        let (centre, report) = pdu::Incoming::decode(&pdu::hex::decode(digits).unwrap()).unwrap();
        assert_eq!(centre.unwrap().value(), "6281100000");
        let pdu::Incoming::StatusReport(report) = report else { panic!("{report:?}") };
        assert_eq!((report.tp_mr, report.status.0), (0, 0));
    }
}

#[test]
fn phones_that_are_off_expire_and_unknown_ones_are_refused() {
    let mut bench =
        Bench::with(&QUECTEL, NetworkSettings { off_at_most: Duration::from_secs(600), ..with_air_time(0) });
    bench.say("AT+CNMI=2,1,0,1,0\r");
    bench.modem.set_phone("+6281234567890", Phone::Off);
    bench.modem.set_phone("+6281234567891", Phone::Unknown);
    assert_eq!(bench.send("6281234567891", "Banjir"), "\r\n+CMS ERROR: 1\r\n");
    assert_eq!(bench.send(NUMBER, "Banjir"), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    bench.wait(599.0);
    assert_eq!(bench.read(), "");
    bench.wait(2.0);
    assert!(bench.read().trim_end().ends_with("46"));
}

#[test]
fn a_phone_replies_once_after_its_message_came() {
    let mut bench = Bench::new(&QUECTEL);
    bench.modem.set_phone("+6281234567890", Phone::Replies("STOP".into()));
    bench.send(NUMBER, "Banjir");
    bench.send(NUMBER, "Banjir");
    bench.wait(6.9);
    assert_eq!(bench.read(), "");
    bench.wait(0.2);
    assert_eq!(bench.read(), "\r\n+CMTI: \"ME\",0\r\n");
    bench.wait(60.0);
    assert_eq!(bench.read(), "");
}

#[test]
fn messages_are_stored_listed_read_and_deleted() {
    let mut bench = Bench::new(&SIM800);
    assert_eq!(bench.receive("Banjir belum berhenti"), "\r\n+CMTI: \"SM\",1\r\n");
    assert_eq!(bench.receive("STOP"), "\r\n+CMTI: \"SM\",2\r\n");
    let listed = bench.say("AT+CMGL=4\r");
    assert!(listed.starts_with("\r\n+CMGL: 1,0,,38\r\n06912618010000"), "{listed}");
    assert!(listed.contains("\r\n+CMGL: 2,0,,"), "{listed}");
    assert_eq!(bench.say("AT+CMGL=0\r"), "\r\nOK\r\n");
    assert!(bench.say("AT+CMGR=2\r").starts_with("\r\n+CMGR: 1,,"));
    assert_eq!(bench.say("AT+CMGD=?\r"), "\r\n+CMGD: (1,2),(0-4)\r\n\r\nOK\r\n");
    assert_eq!(bench.say("AT+CMGD=1\r"), "\r\nOK\r\n");
    // The freed index is used again at once.
    assert_eq!(bench.receive("lagi"), "\r\n+CMTI: \"SM\",1\r\n");
    assert_eq!(bench.say("AT+CMGD=1,4\r"), "\r\nOK\r\n");
    assert_eq!(bench.say("AT+CPMS?\r"), "\r\n+CPMS: \"SM\",0,15,\"SM\",0,15,\"SM\",0,15\r\n\r\nOK\r\n");
    let deleted: Vec<_> = bench.facts().into_iter().filter(|fact| matches!(fact, Fact::Deleted { .. })).collect();
    assert_eq!(deleted, [Fact::Deleted { id: 1 }, Fact::Deleted { id: 3 }, Fact::Deleted { id: 2 }]);
}

#[test]
fn a_full_storage_makes_the_network_wait_until_something_is_deleted() {
    let mut bench = Bench::new(&QUECTEL);
    bench.modem.limit_storage(2);
    for place in 0..2 {
        assert_eq!(bench.receive("satu"), format!("\r\n+CMTI: \"ME\",{place}\r\n"));
    }
    assert_eq!(bench.receive("tiga"), "\r\n+QIND: \"smsfull\",\"ME\"\r\n");
    assert!(bench.facts().contains(&Fact::Held { id: 3 }));
    assert_eq!(bench.say("AT+CMGD=0\r"), "\r\n+CMTI: \"ME\",0\r\n\r\nOK\r\n");
}

#[test]
fn a_stored_report_is_misnamed_by_the_4g_module_and_found_on_the_stick() {
    let mut bench = Bench::new(&QUECTEL);
    bench.say("AT+CNMI=2,1,0,2,0\r");
    bench.send(NUMBER, "Banjir");
    bench.wait(2.0);
    assert_eq!(bench.read(), "\r\n+CDSI: \"SM\",0\r\n");
    let mut bench = Bench::new(&HUAWEI);
    bench.say("AT^CURC=0\r");
    bench.say("AT+CNMI=2,1,0,2,0\r");
    let (length, digits) = submit(NUMBER, "Banjir");
    assert_eq!(bench.say(&format!("AT+CMGS={length}\r")), "\r\n> ");
    bench.say_at_once(&format!("{digits}\x1a"));
    bench.wait(3.0);
    assert_eq!(bench.read(), "\r\n+CDSI: \"SR\",0\r\n");
    bench.say("AT+CPMS=\"SR\"\r");
    assert!(bench.say("AT+CMGR=0\r").starts_with("\r\n+CMGR: 0,,"));
}

#[test]
fn under_csms_1_an_unacknowledged_delivery_ends_direct_delivery() {
    let mut bench = Bench::new(&QUECTEL);
    bench.say("AT+CSMS=1;+CNMI=2,2,0,1,0\r");
    assert!(bench.receive("satu").starts_with("\r\n+CMT: ,"));
    assert_eq!(bench.receive("dua"), "", "one at a time");
    bench.wait(1.0);
    let said = bench.say_at_once("AT+CNMA\r");
    assert!(said.starts_with("\r\n+CMT: ,") && said.ends_with("\r\nOK\r\n"), "{said}");
    bench.wait(14.0);
    assert_eq!(bench.say("AT+CNMI?\r"), "\r\n+CNMI: 2,2,0,1,0\r\n\r\nOK\r\n");
    bench.wait(2.0);
    assert_eq!(bench.say("AT+CNMI?\r"), "\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n");
    assert_eq!(bench.say("AT+CNMA\r"), "\r\n+CMS ERROR: 340\r\n");
    // The network tries again; it lies in the memory now, and nobody is told.
    bench.wait(60.0);
    assert_eq!(bench.read(), "");
    assert!(bench.say("AT+CMGL=4\r").contains("+CMGL: 0,0,,"));
    let direct = Fact::Handed { id: 2, how: Handing::Direct };
    let facts = bench.facts();
    assert!(facts.contains(&Fact::Acknowledged { id: 1 }) && facts.contains(&direct), "{facts:?}");
    assert!(facts.contains(&Fact::Handed { id: 2, how: Handing::Cmgl }), "{facts:?}");
}

#[test]
fn under_csms_0_direct_delivery_wants_no_acknowledgement() {
    let mut bench = Bench::new(&QUECTEL);
    bench.say("AT+CNMI=2,2,0,1,0\r");
    for text in ["satu", "dua"] {
        assert!(bench.receive(text).starts_with("\r\n+CMT: ,"));
    }
    bench.wait(60.0);
    assert_eq!(bench.say("AT+CNMI?\r"), "\r\n+CNMI: 2,2,0,1,0\r\n\r\nOK\r\n");
}

#[test]
fn mode_0_keeps_indications_back_until_another_mode_is_set() {
    let mut bench = Bench::new(&QUECTEL);
    bench.say("AT+CNMI=0,1\r");
    assert_eq!(bench.receive("satu"), "");
    assert_eq!(bench.say("AT+CNMI=2,1\r"), "\r\n+CMTI: \"ME\",0\r\n\r\nOK\r\n");
}

fn faulty(faults: Faults) -> Bench {
    let mut bench = Bench::with(&QUECTEL, with_air_time(3));
    bench.say("AT+CNMI=2,1,0,1,0\r");
    bench.modem.set_faults(faults);
    bench
}

#[test]
fn a_lost_answer_leaves_a_segment_on_the_air_and_a_modem_that_goes_on() {
    let mut bench = faulty(Faults { lose_answer: 1.0, ..Faults::default() });
    assert_eq!(bench.send(NUMBER, "Banjir"), "");
    bench.wait(200.0);
    let said = bench.read();
    assert!(!said.contains("+CMGS") && said.contains("+CDS: "), "{said}");
    assert_eq!(bench.submitted(), [(0, true)]);
    assert_eq!(bench.say("AT\r"), "\r\nOK\r\n");
}

#[test]
fn a_late_answer_comes_after_silence() {
    let mut bench = faulty(Faults { late_answer: 1.0, late_by: Duration::from_secs(200), ..Faults::default() });
    assert_eq!(bench.send(NUMBER, "Banjir"), "");
    bench.wait(190.0);
    bench.read();
    assert_eq!(bench.say("AT\r"), "", "nothing is heard");
    bench.wait(15.0);
    assert_eq!(bench.read(), "\r\n+CMGS: 0\r\n\r\nOK\r\n");
    assert_eq!(bench.submitted(), [(0, false)]);
}

#[test]
fn a_hung_modem_says_nothing_until_it_recovers_and_the_network_waits_for_it() {
    let mut bench = faulty(Faults { hang: 1.0, hang_for: Some(Duration::from_secs(30)), ..Faults::default() });
    assert_eq!(bench.send(NUMBER, "Banjir"), "");
    bench.wait(4.0);
    assert_eq!(bench.say("AT\r"), "");
    assert_eq!(bench.receive("satu"), "");
    bench.wait(40.0);
    assert!(bench.read().ends_with("\r\n+CMTI: \"ME\",0\r\n"));
    assert_eq!(bench.say("AT\r"), "\r\nOK\r\n");
}

#[test]
fn without_a_prompt_the_modem_waits_for_the_pdu_until_escape() {
    let mut bench = faulty(Faults { no_prompt: 1.0, ..Faults::default() });
    assert_eq!(bench.say("AT+CMGS=20\r"), "");
    assert_eq!(bench.say("AT\r"), "", "taken for digits");
    assert_eq!(bench.say("\x1b"), "\r\nOK\r\n");
    assert_eq!(bench.say("AT\r"), "\r\nOK\r\n");
}

#[test]
fn a_restart_forgets_settings_and_keeps_messages_and_tp_mr() {
    let mut bench = faulty(Faults::default());
    bench.receive("satu");
    bench.send(NUMBER, "Banjir");
    bench.wait(5.0);
    bench.modem.set_faults(Faults { reboot: 1.0, spend_number: 1.0, ..Faults::default() });
    bench.read();
    bench.send(NUMBER, "Banjir");
    bench.wait(3.0);
    assert_eq!(bench.read(), "");
    bench.modem.set_faults(Faults::default());
    bench.wait(2.0);
    let said = bench.read();
    assert!(said.starts_with("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n"), "{said}");
    assert_eq!(bench.say("AT+CNMI?\r"), "AT+CNMI?\r\r\n+CNMI: 2,1,0,0,0\r\n\r\nOK\r\n");
    bench.say("ATE0\r");
    assert!(bench.say("AT+CPMS?\r").contains("+CPMS: \"ME\",1,255"));
    bench.send(NUMBER, "Banjir");
    bench.wait(3.0);
    assert_eq!(bench.read(), "\r\n+CMGS: 2\r\n\r\nOK\r\n");
}

#[test]
fn after_power_on_messages_are_not_ready_at_once() {
    let mut bench = Bench::new(&SIM800);
    bench.modem.power_off(bench.now);
    assert_eq!(bench.receive("satu"), "");
    assert_eq!(bench.say("AT\r"), "");
    bench.modem.power_on(bench.now);
    bench.wait(0.5);
    bench.read();
    assert_eq!(bench.say("ATE0\r").replace("ATE0\r", ""), "\r\nOK\r\n\r\n+CPIN: READY\r\n");
    assert_eq!(bench.say("AT+CMGL=4\r"), "\r\n+CMS ERROR: 314\r\n\r\nCall Ready\r\n");
    bench.wait(2.0);
    assert_eq!(bench.read(), "\r\n+CMTI: \"SM\",1\r\n\r\nSMS Ready\r\n");
}

#[test]
fn a_pin_is_asked_for_and_three_wrong_ones_lock_the_card() {
    let sim = SimCard { pin: Some("1234".into()), ..SimCard::numbered(1) };
    let modem = Modem::new(&QUECTEL, 1, sim, NetworkSettings::default(), 1);
    let mut bench = Bench { modem, now: Duration::ZERO };
    bench.say("ATE0\r");
    for (said, expected) in [
        ("AT+CPIN?\r", "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"),
        ("AT+CIMI\r", "\r\n+CME ERROR: 11\r\n"),
        ("AT+CMGL=4\r", "\r\n+CMS ERROR: 311\r\n"),
        ("AT+CPIN=\"0000\"\r", "\r\n+CME ERROR: 16\r\n"),
    ] {
        assert_eq!(bench.say(said), expected, "{said:?}");
    }
    assert!(bench.say("AT+CPIN=\"1234\"\r").starts_with("\r\nOK\r\n"));
    assert_eq!(bench.say("AT+CPIN?;+CMGL=4\r"), "\r\n+CPIN: READY\r\n\r\nOK\r\n");
    let sim = SimCard { pin: Some("1234".into()), ..SimCard::numbered(1) };
    let mut bench = Bench { modem: Modem::new(&QUECTEL, 1, sim, NetworkSettings::default(), 1), now: Duration::ZERO };
    bench.say("ATE0;+CPIN=0;+CPIN=0\r");
    bench.say("AT+CPIN=0\rAT+CPIN=0\r");
    assert_eq!(bench.say("AT+CPIN?\r"), "\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n");
    assert_eq!(bench.say("AT+CPIN=1234\r"), "\r\n+CME ERROR: 12\r\n");
}

#[test]
fn lost_registration_refuses_and_comes_back() {
    let mut bench = faulty(Faults { lose_registration: 1.0, ..Faults::default() });
    assert_eq!(bench.send(NUMBER, "Banjir"), "\r\n+CMS ERROR: 331\r\n");
    assert_eq!(bench.say("AT+CEREG?\r"), "\r\n+CEREG: 0,2\r\n\r\nOK\r\n");
    bench.modem.set_faults(Faults::default());
    assert_eq!(bench.send(NUMBER, "Banjir"), "\r\n+CMS ERROR: 331\r\n");
    bench.wait(15.0);
    assert_eq!(bench.say("AT+CEREG?\r"), "\r\n+CEREG: 0,1\r\n\r\nOK\r\n");
}

#[test]
fn a_network_time_out_says_nothing_about_the_segment() {
    let mut bench = faulty(Faults { refuse: 1.0, refuse_codes: vec![332], ..Faults::default() });
    for _ in 0..40 {
        bench.send(NUMBER, "Banjir");
        bench.wait(3.0);
        assert!(bench.read().contains("+CMS ERROR: 332"));
    }
    let gone = bench.submitted();
    assert!((5..35).contains(&gone.len()), "{}", gone.len());
    assert!(gone.iter().all(|(_, suppressed)| *suppressed));
}

#[test]
fn reports_may_come_early_twice_or_for_nobody() {
    let count = |faults: Faults| {
        let mut bench = faulty(faults);
        bench.send(NUMBER, "Banjir");
        bench.wait(60.0);
        (bench.read(), bench.facts().iter().filter(|fact| matches!(fact, Fact::Reported { .. })).count())
    };
    let (said, reports) = count(Faults { early_report: 1.0, ..Faults::default() });
    assert!(said.find("+CDS: ") < said.find("+CMGS: ") && reports == 1, "{said}");
    assert_eq!(count(Faults { duplicate_report: 1.0, ..Faults::default() }).1, 2);
    assert_eq!(count(Faults { orphan_report: 1.0, ..Faults::default() }).1, 2);
    assert_eq!(count(Faults { pending_report: 1.0, ..Faults::default() }).1, 2);
    assert_eq!(count(Faults { no_report: 1.0, ..Faults::default() }).1, 0);
}

#[test]
fn a_storm_of_urcs_comes_in_the_middle_of_an_answer() {
    let mut bench = faulty(Faults { urc_storm: 1.0, ..Faults::default() });
    let said = bench.say("AT+CSQ\r");
    assert!(said.starts_with("\r\n+CSQ: 18,99\r\n\r\n+QIND: ") && said.ends_with("\r\nOK\r\n"), "{said}");
    assert!(said.lines().count() > 40);
}

#[test]
fn a_call_rings_until_it_is_hung_up() {
    let mut bench = Bench::new(&QUECTEL);
    bench.modem.ring(bench.now, "+628111222333");
    assert_eq!(bench.read(), "\r\nRING\r\n");
    bench.wait(5.0);
    assert_eq!(bench.read(), "\r\nRING\r\n");
    assert_eq!(bench.say("AT+CHUP\r"), "\r\nOK\r\n");
    bench.wait(30.0);
    assert_eq!(bench.read(), "");
}

#[test]
fn the_same_seed_gives_the_same_day() {
    let day = |seed| {
        let network = NetworkSettings { jitter: 0.3, reply: 0.3, off: 0.1, unknown: 0.05, ..with_air_time(3) };
        let mut modem = Modem::new(&QUECTEL, 4, SimCard::numbered(4), network, seed);
        modem.set_faults(Faults::rough());
        let mut bench = Bench { modem, now: Duration::ZERO };
        bench.say("ATE0;+CNMI=2,1,0,1,0\r");
        let mut said = String::new();
        for number in 0..200 {
            let (length, digits) = submit(&format!("62812345{number:05}"), "Banjir");
            said += &bench.say(&format!("AT+CMGS={length}\r"));
            said += &bench.say(&format!("{digits}\x1a"));
            bench.wait(30.0);
            if let Some(PortWish::Unplug(_)) = bench.modem.take_wish() {
                bench.modem.power_off(bench.now);
                bench.modem.power_on(bench.now);
                bench.wait(1.0);
            }
        }
        (said, bench.facts())
    };
    let first = day(11);
    assert_eq!(first, day(11));
    assert_ne!(first, day(12));
}

#[test]
fn no_bytes_make_it_panic() {
    let mut rng = fastrand::Rng::with_seed(3);
    let pieces: [&[u8]; 12] = [
        b"AT",
        b"+CMGS=",
        b"\r",
        b"\x1a",
        b"\x1b",
        b"+CPMS=",
        b"\"SM\",",
        b"?",
        b"=",
        b"99999999999999999999",
        b"\xff\xc3",
        b";",
    ];
    for profile in super::super::profile::PROFILES {
        let mut bench = Bench::new(profile);
        bench.modem.set_faults(Faults::rough());
        for _ in 0..20_000 {
            let bytes = pieces[rng.usize(..pieces.len())];
            bench.modem.input(bench.now, bytes);
            if rng.u8(..) == 0 {
                bench.modem.input(bench.now, &[rng.u8(..), rng.u8(..), rng.u8(..)]);
                bench.wait(rng.f64() * 10.0);
            }
            bench.read();
            bench.facts();
        }
    }
}
