use std::io::Cursor;
use std::ops::ControlFlow;

use super::super::{Beside, FormatSettings, JobFile, NoRoster, Part, read_job};
use super::*;
use crate::model::{JobHeader, Lang};

const NOW: &str = "2026-11-24T05:00:00Z";
const ALL: [Class; 3] = [Class::Emergency, Class::Important, Class::Routine];

/// What becomes of a file: its header, the numbers that get it, the remarks; or the line of its rejection.
struct Read {
    header: JobHeader,
    numbers: Vec<String>,
    remarks: Vec<String>,
}

fn read_as(name: &str, octets: &[u8], classes: &[Class]) -> Result<Read, String> {
    let (mut header, mut numbers, mut remarks) = (None, Vec::new(), Vec::new());
    let mut sink = |part| {
        match part {
            Part::Header(found) => header = Some(*found),
            Part::Remarks(found) => remarks.extend(found.iter().map(|remark| remark.sentence(Lang::English))),
            Part::Rows(rows) => {
                numbers.extend(rows.into_iter().filter_map(|row| row.number.ok().map(|number| number.digits())));
            }
        }
        ControlFlow::Continue(())
    };
    let job = JobFile { name, unit: "diskominfo", classes, in_doubt: None, owner: "andi" };
    let mut open = |name: &str| -> Result<Box<dyn Octets>, ReadError> { panic!("no list is opened: {name}") };
    let beside = Beside { open_list: &mut open, roster: &mut NoRoster };
    let mut content = Cursor::new(octets.to_vec());
    let settings = FormatSettings::default();
    read_job(&job, &mut content, beside, &settings, NOW.parse().unwrap(), &mut sink)
        .map_err(|error| error.to_string())?;
    Ok(Read { header: header.unwrap(), numbers, remarks })
}

fn read(octets: &[u8]) -> Result<Read, String> {
    read_as("send_Ab12Cd", octets, &ALL)
}

fn text(octets: &[u8]) -> String {
    read(octets).map_or_else(|error| error, |read| read.header.text.unwrap())
}

#[test]
fn what_sendsms_and_scripts_write_is_a_job_under_any_name() {
    // As `sendsms`, a cron job of a monitoring system and a PHP page write them.
    for file in [
        &b"To: 6281234567890\n\nServer mati {disk}"[..],
        b"From: nagios\nTo: 6281234567890\nAlphabet: ISO\n\nServer mati {disk}\n",
        b"To: 62 812 3456 7890\r\nAlphabet: UTF-8\r\n\r\nServer mati {disk}\r\n",
    ] {
        for name in ["send_Ab12Cd", "GSM1.x7Yz", "alarm.sms", "20261124"] {
            let read = read_as(name, file, &ALL).unwrap();
            assert_eq!(read.numbers, ["6281234567890"], "{name}");
            assert_eq!(read.header.text.as_deref(), Some("Server mati {disk}"), "brackets are no columns here");
            assert!(read.remarks.is_empty() && read.header.class == Class::Routine);
        }
    }
}

#[test]
fn the_text_is_in_the_character_set_that_the_file_names() {
    assert_eq!(text(b"To: 081234567890\nAlphabet: ISO-8859-15\n\nTarif 5 \xA4, Caf\xE9"), "Tarif 5 €, Café");
    assert_eq!(text("To: 081234567890\nAlphabet: Latin\n\nTarif 5 €, Café".as_bytes()), "Tarif 5 €, Café");
    for word in ["UCS2", "Unicode", "ucs-2", "Chinese"] {
        let mut file = format!("To: 081234567890\nAlphabet: {word}\n\n").into_bytes();
        file.extend("Awas “banjir” 😀\r\n".encode_utf16().flat_map(u16::to_be_bytes));
        assert_eq!(text(&file), "Awas “banjir” 😀");
        file.push(b'\n');
        assert_eq!(text(&file), "Awas “banjir” 😀", "a line feed of one octet");
    }
    assert_eq!(
        text(b"To: 081234567890\nAlphabet: GSM\n\nAir naik, siaga: RW 3 (50%)!"),
        "Air naik, siaga: RW 3 (50%)!"
    );
    assert!(text(b"To: 081234567890\nAlphabet: GSM\n\nkirim ke a\x00b.id").contains("codes of the GSM alphabet"));
    assert!(text(b"To: 081234567890\nAlphabet: UTF-8\n\nCaf\xE9").contains("octets that are not UTF-8"));
    assert!(text(b"To: 081234567890\nAlphabet: binary\n\n\x01\x02\x03").contains("`Alphabet: binary` is no text"));
    assert!(text(b"To: 081234567890\n\n\x00\x01\x02").contains("no text"));
}

#[test]
fn priority_asks_for_importance_and_never_for_an_emergency() {
    let class = |word: &str, classes: &[Class]| {
        let read = read_as("a", format!("To: 081234567890\nPriority: {word}\n\nx").as_bytes(), classes).unwrap();
        (read.header.class, read.remarks.len())
    };
    assert_eq!(class("HIGH", &ALL), (Class::Important, 0));
    assert_eq!(class("yes", &[]), (Class::Important, 0));
    assert_eq!(class("normal", &ALL), (Class::Routine, 0));
    assert_eq!(class("high", &[Class::Routine]), (Class::Routine, 1));
    let own = read(b"To: 081234567890\nClass: darurat\nPriority: high\nAgain: yes\n\nx").unwrap();
    assert_eq!((own.header.class, own.header.again), (Class::Emergency, true), "what our own headers say, holds");
}

#[test]
fn validity_is_how_long_the_message_is_worth_sending() {
    let check = |word: &str, minutes: Option<i64>| {
        assert_eq!(validity(word), minutes.map(SignedDuration::from_mins), "{word}");
    };
    // 3GPP TS 23.040 §9.2.3.12.1.
    check("0", Some(5));
    check("143", Some(12 * 60));
    check("144", Some(12 * 60 + 30));
    check("167", Some(24 * 60));
    check("168", Some(2 * 24 * 60));
    check("196", Some(30 * 24 * 60));
    check("197", Some(5 * 7 * 24 * 60));
    check("255", Some(63 * 7 * 24 * 60));
    check("1 day", Some(24 * 60));
    check("2 DAYS", Some(2 * 24 * 60));
    check("hour", Some(60));
    check("30 min", Some(30));
    check("3 months", Some(90 * 24 * 60));
    check("1 year", Some(63 * 7 * 24 * 60));
    check("99 weeks", Some(63 * 7 * 24 * 60));
    for word in ["256", "soon", "2", "-1 day", "0 days", "2 days later", ""] {
        if word != "2" {
            check(word, None);
        }
    }
    let file = read(b"To: 081234567890\nValidity: 2 days\n\nx").unwrap();
    assert_eq!(file.header.lifetime, Some(SignedDuration::from_hours(48)));
    assert!(text(b"To: 081234567890\nValidity: soon\n\nx").contains("line 2: `Validity: soon` is no length of time"));
}

#[test]
fn what_is_not_followed_is_said_and_what_would_change_the_message_refuses_it() {
    let file = b"To: 081234567890\nFlash: yes\nReport: no\nQueue: TSEL\nProvider: XL\nSMSC: 6281100000\nReplace: 1\nAutosplit: 2\n\
                 To_TOA: international\nLanguage: 1\nDepartemen: TI\n\nx";
    let remarks = read(file).unwrap().remarks;
    for (place, said) in [
        (0, "`Flash: yes`: it is sent as an ordinary message"),
        (1, "`Report: no`: a delivery report is asked for"),
        (2, "`Queue: TSEL`: which SIM"),
        (4, "`SMSC: 6281100000`: which SIM and service centre"),
        (5, "`Replace: 1`"),
        (6, "`Autosplit: 2`"),
        (9, "`Departemen: TI`: this header is not known"),
    ] {
        assert!(remarks[place].starts_with(said), "{remarks:#?}");
    }
    assert_eq!(remarks.len(), 10);
    let followed = b"To: 081234567890\nFlash: no\nReport: yes\nAutosplit: 3\nHold: no\nUDH: no\nSubject: x\n\nx";
    assert!(read(followed).unwrap().remarks.is_empty());
    for (header, said) in [
        ("Hold: yes", "not to be sent for now"),
        ("UDH: yes", "`UDH: yes` asks for something"),
        ("UDH-DATA: 05 00 03 01 02 01", "no ordinary text message"),
        ("Voicecall: yes", "no ordinary text message"),
        ("System_message: yes", "no ordinary text message"),
        ("Ping: yes", "no ordinary text message"),
        ("Hex: yes", "no ordinary text message"),
        ("Include: /etc/passwd", "no ordinary text message"),
        ("Sent: 26-11-24 12:00:00", "has sent this file already"),
        ("Kelas: kilat", "`kilat` is no class"),
    ] {
        let refused = text(format!("To: 081234567890\n{header}\n\nx").as_bytes());
        assert!(refused.starts_with("line 2: ") && refused.contains(said), "{header}: {refused}");
    }
}

#[test]
fn macros_are_filled_in_and_a_short_number_is_no_persons() {
    assert_eq!(text(b"To: 081234567890\nMacro: NAMA=Ibu Sri\n\nYth. NAMA"), "Yth. Ibu Sri");
    let refused = text(b"To: s3636\n\nREG");
    assert!(refused.contains("cannot be used"), "{refused}");
}

#[test]
fn a_txt_is_read_so_only_where_it_says_so_and_other_files_only_where_they_read_so() {
    let plain = read_as("a.txt", b"To: 081234567890\nKelas: penting\n\nx", &ALL).unwrap();
    assert_eq!(plain.header.class, Class::Important);
    let spoken = read_as("a.txt", b"To: 081234567890\nFlash: yes\n\n{x}", &ALL).unwrap();
    assert_eq!((spoken.remarks.len(), spoken.header.text.as_deref()), (1, Some("{x}")));
    let misspelt = read_as("a.txt", b"To: 081234567890\nPerhatian: x\n\nx", &ALL).map(|_| ()).unwrap_err();
    assert!(misspelt.contains("the header `Perhatian` is not known"), "{misspelt}");
    for octets in
        [&b"Halo semua\n\nApa kabar"[..], b"Kepada: 081234567890\n\nx", b"To: 081234567890\nx", b"\x7fELF\x02\n\n", b""]
    {
        let refused = text(octets);
        assert!(refused.contains("the name of this file has no ending"), "{octets:?}: {refused}");
    }
    assert!(read_as("a.pdf", b"%PDF-1.4\n\nTo: 0812", &ALL).is_err());
}

proptest::proptest! {
    #[test]
    fn no_octets_make_it_panic(octets in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let zone = TimeZone::UTC;
        let _ = parse(&octets, &ALL, &zone, NOW.parse().unwrap());
        let headed = [b"To: 081234567890\nAlphabet: UCS2\n\n".as_slice(), &octets].concat();
        let _ = read(&headed);
    }
}
