//! Every family from the port that opens to the modem that takes segments, as its modems answer: what is silenced, which announcements
//! and storages are chosen, how card and PIN tries are read, and what the numbers from 512 on mean after a hand-over.

use std::collections::BTreeSet;

use kentongan::engine::event::{ModemEvent, ModemOrder};
use kentongan::model::{Cause, Doubt, ErrorCode, ErrorKind, Outcome, Pin};
use kentongan::modem::dialect::{Dialect, families};

use crate::peer::Bench;

/// A transcript and what a start with it must lead to.
struct Start {
    transcript: &'static str,
    family: &'static str,
    /// The card's number.
    card: Option<&'static str>,
    /// The announcements that hold in the end.
    cnmi: &'static str,
    /// The storages that are set.
    cpms: &'static str,
    /// The answer to the family's PIN counter, where the transcript has one.
    tries: Option<u8>,
}

const STARTS: &[Start] = &[
    Start {
        transcript: "huawei-e1752",
        family: "huawei",
        card: Some("89621000123456789012"),
        cnmi: "AT+CNMI=2,1,0,1,0",
        cpms: "AT+CPMS=\"ME\",\"ME\",\"ME\"",
        tries: Some(3),
    },
    Start {
        transcript: "zte-k3565-z",
        family: "zte",
        card: Some("8962100012345678901"),
        cnmi: "AT+CNMI=2,1,0,2,0",
        cpms: "AT+CPMS=\"ME\",\"ME\",\"ME\"",
        tries: Some(3),
    },
    Start {
        transcript: "simcom-sim800l",
        family: "simcom 2G",
        card: Some("8986011234567890123"),
        cnmi: "AT+CNMI=2,1,0,1,0",
        cpms: "AT+CPMS=\"ME\",\"ME\",\"ME\"",
        tries: Some(3),
    },
    Start {
        transcript: "simcom-sim7670g",
        family: "simcom",
        card: Some("8901260881206806423"),
        cnmi: "AT+CNMI=2,1,0,1,0",
        cpms: "AT+CPMS=\"ME\",\"ME\",\"ME\"",
        tries: Some(3),
    },
    Start {
        transcript: "quectel-ec25",
        family: "quectel",
        card: Some("8962100012345678901"),
        cnmi: "AT+CNMI=2,1,0,1,0",
        cpms: "AT+CPMS=\"ME\",\"ME\",\"ME\"",
        tries: Some(3),
    },
    Start {
        transcript: "wavecom-900e1800",
        family: "wavecom",
        card: Some("8962100012345678901"),
        cnmi: "AT+CNMI=2,1,0,2,0",
        cpms: "AT+CPMS=\"SM\",\"SM\"",
        tries: Some(3),
    },
    Start {
        transcript: "sierra-rc51",
        family: "sierra",
        card: Some("89610154253220000085"),
        cnmi: "AT+CNMI=2,1,0,2,0",
        cpms: "AT+CPMS=\"ME\",\"ME\",\"ME\"",
        tries: Some(3),
    },
    Start {
        transcript: "sierra-hl78",
        family: "sierra",
        card: Some("89610154253220000085"),
        cnmi: "AT+CNMI=2,1,0,1,0",
        cpms: "AT+CPMS=\"SM\",\"SM\",\"SM\"",
        tries: None,
    },
    Start {
        transcript: "telit-he910",
        family: "telit",
        card: Some("89014104279461713562"),
        cnmi: "AT+CNMI=2,1,0,1,0",
        cpms: "AT+CPMS=\"SM\",\"SM\",\"SM\"",
        tries: Some(3),
    },
    Start {
        transcript: "ublox-sara-g450",
        family: "u-blox",
        card: Some("8962100012345678901"),
        cnmi: "AT+CNMI=2,1,0,1,0",
        cpms: "AT+CPMS=\"ME\",\"ME\",\"ME\"",
        tries: Some(3),
    },
    Start {
        transcript: "cinterion-mc75i",
        family: "cinterion",
        card: Some("8962100012345678901"),
        cnmi: "AT+CNMI=2,1,0,2,1",
        cpms: "AT+CPMS=\"SM\",\"SM\",\"SM\"",
        tries: Some(3),
    },
    Start {
        transcript: "qualcomm-m6280",
        family: "generic",
        card: Some("8962100012345678901"),
        cnmi: "AT+CNMI=2,1,0,1",
        cpms: "AT+CPMS=\"SM\",\"SM\",\"SM\"",
        tries: None,
    },
    Start { transcript: "nokia-n79", family: "generic", card: None, cnmi: "", cpms: "", tries: None },
];

#[tokio::test(start_paused = true)]
async fn every_family_starts_as_its_modems_answer() {
    for start in STARTS {
        let (bench, told) = Bench::ready(start.transcript).await;
        let about = start.transcript;
        let found = told.iter().find_map(|event| match event {
            ModemEvent::Found { modem, sim, .. } => Some((modem, sim)),
            _ => None,
        });
        let (modem, sim) = found.expect("the modem was found");
        let dialect = Dialect::of(&modem.manufacturer, &modem.model);
        assert_eq!(dialect.family, start.family, "{about}");
        assert_eq!(sim.iccid.as_deref(), start.card, "{about}");
        let commands = bench.peer.commands();
        let said = |command: &str| commands.iter().any(|said| said == command);
        for silence in dialect.silence {
            assert!(said(silence), "{about}: {silence}");
        }
        let last = |beginning: &str| commands.iter().rfind(|said| said.starts_with(beginning)).cloned();
        let reports = !start.cnmi.is_empty();
        if reports {
            let chosen = commands.iter().rfind(|said| said.starts_with("AT+CNMI=") && *said != "AT+CNMI=?");
            assert_eq!(chosen.map(String::as_str), Some(start.cnmi), "{about}");
            // What is set for the whole start, before single memories are selected for reading.
            assert!(said(start.cpms), "{about}: {commands:?}");
        }
        assert!(matches!(told.last(), Some(ModemEvent::Ready { reports: told, .. }) if *told == reports), "{about}");
        assert_eq!(last("AT+CMGF=").as_deref(), Some("AT+CMGF=0"), "{about}");
        assert!(!said("AT+CFUN=1"), "{about}: its radio was on");
    }
    let played: BTreeSet<&str> = STARTS.iter().map(|start| start.family).collect();
    let known: BTreeSet<&str> = families().map(|dialect| dialect.family).collect();
    assert_eq!(played, known, "every family has a whole start here");
}

#[tokio::test(start_paused = true)]
async fn every_family_says_how_many_tries_of_the_pin_are_left_before_one_is_made() {
    for start in STARTS.iter().filter(|start| start.tries.is_some()) {
        let mut bench = Bench::start_locked(start.transcript, |settings| settings.pin = Pin::parse("4711").ok());
        let told = bench.until(|event| matches!(event, ModemEvent::PinAsked { .. })).await;
        let Some(ModemEvent::PinAsked { tries, .. }) = told.last() else { unreachable!("it was waited for") };
        assert_eq!(*tries, start.tries, "{}", start.transcript);
        bench.order(ModemOrder::EnterPin).await;
        bench.until(|event| matches!(event, ModemEvent::Ready { .. })).await;
        let entered = bench.peer.commands().iter().filter(|said| said.starts_with("AT+CPIN=")).count();
        assert_eq!(entered, 1, "{}", start.transcript);
    }
}

/// Numbers from 512 on mean what the maker says: numbers and meanings as in the manuals of Wavecom and Siemens (smstools' and gammu's
/// tables), and of Qualcomm's chips, in the hands of each family.
#[tokio::test(start_paused = true)]
async fn the_makers_own_numbers_are_read_in_the_makers_way() {
    let refused = |cause: Cause| Some(cause);
    for (transcript, line, number, expected) in [
        ("wavecom-900e1800", "+CMS ERROR: 512", 512, refused(Cause::Temporary)),
        ("wavecom-900e1800", "+CMS ERROR: 513", 513, None),
        ("wavecom-900e1800", "+CMS ERROR: 515", 515, refused(Cause::Busy)),
        ("cinterion-mc75i", "+CMS ERROR:538", 538, refused(Cause::Temporary)),
        ("cinterion-mc75i", "+CMS ERROR: 517", 517, refused(Cause::Message)),
        ("cinterion-mc75i", "+CMS ERROR: 521", 521, None),
        ("huawei-e1752", "+CMS ERROR: 513", 513, refused(Cause::Message)),
        ("zte-k3565-z", "+CMS ERROR: 529", 529, refused(Cause::Sim)),
        ("simcom-sim7670g", "+CMS ERROR: 512", 512, refused(Cause::Busy)),
        ("sierra-rc51", "+CMS ERROR: 531", 531, refused(Cause::StorageFull)),
        // These say nothing of such numbers: a second SIM tells more than a guess.
        ("simcom-sim800l", "+CMS ERROR: 512", 512, refused(Cause::Ambiguous)),
        ("quectel-ec25", "+CMS ERROR: 512", 512, refused(Cause::Ambiguous)),
        ("quectel-ec25", "+CMS ERROR: 350", 350, refused(Cause::Ambiguous)),
        ("telit-he910", "+CMS ERROR: 513", 513, refused(Cause::Ambiguous)),
        ("ublox-sara-g450", "+CMS ERROR: 512", 512, refused(Cause::Ambiguous)),
        ("qualcomm-m6280", "+CMS ERROR: 513", 513, refused(Cause::Ambiguous)),
    ] {
        let (mut bench, _) = Bench::ready(transcript).await;
        bench.on_air(1, 7).await;
        bench.peer.say(&format!("\r\n{line}\r\n")).await;
        let ModemEvent::Answered { outcome, .. } = bench.event().await else { panic!("{transcript}: no answer") };
        let code = ErrorCode { kind: ErrorKind::Cms, number };
        let expected =
            expected.map_or(Outcome::Uncertain(Doubt::NetworkTimeout), |cause| Outcome::Refused { cause, code });
        assert_eq!(outcome, expected, "{transcript}: {line}");
    }
}
