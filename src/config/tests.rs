use std::collections::BTreeMap;
use std::fs;

use expect_test::{Expect, expect};

use super::*;
use crate::policy::credit::Card;

fn mistakes(text: &str) -> String {
    match Config::read(Path::new("/etc/kentongan/kentongan.toml"), text) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&mistakes(text));
}

#[test]
fn an_empty_file_gives_the_defaults() {
    let config = Config::read(Path::new("/etc/kentongan/kentongan.toml"), "").unwrap();
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.backoff, Backoff::default());
    assert_eq!(config.keywords, Keywords::default());
    assert_eq!(config.paths.control, Path::new("/var/lib/kentongan/kentongan.sock"));
    assert!(config.modems.is_empty() && config.units.is_empty());
}

#[test]
fn all_mistakes_are_reported_at_once_each_with_line_key_and_remedy() {
    check(
        r#"
[office]
time_zone = "Bandung"
country_code = 62
[limit]
per_minute = 6
[limits]
per_minute = "six"
per_hours = 3
jitter = -1
[[modem]]
name = "telkomsel 1"
[modem.limits]
per_day = -5
[[unit]]
name = "../damkar"
classes = ["kilat"]
[keywords]
start = ["mulai", "ya"]
[intake]
rows_max = 0
"#,
        expect![[r#"
            the configuration /etc/kentongan/kentongan.toml has mistakes:
              line 3: office.time_zone: `Bandung` is no time zone; write Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)
              line 4: office.country_code: invalid type: integer `62`, expected a string; write for example country_code = "62"
              line 5: limit: unknown key; did you mean `limits`?
              line 8: limits.per_minute: invalid type: string "six", expected a whole number; write for example per_minute = 6
              line 9: limits.per_hours: unknown key; did you mean `per_hour`?
              line 10: limits.jitter: -1 is not between 0 and 10
              line 11: modem[1].port: this is missing, as are slot, imei, iccid and imsi; write one, for example port = "/dev/gsm/telkomsel-1"
              line 12: modem[1].name: `telkomsel 1` cannot be used; write 1 to 40 letters, digits, - or _ without spaces, such as "damkar"
              line 14: modem[1].limits.per_day: invalid value: integer `-5`, expected a whole number; write for example per_day = 1500
              line 16: unit[1].name: `../damkar` cannot be used; write 1 to 40 letters, digits, - or _ without spaces, such as "damkar"
              line 17: unit[1].classes: `kilat` is no class; write darurat, penting or umum (emergency, important, routine)
              line 19: keywords.start: people answer questions with `YA`; it must not bring them back
              line 21: intake.rows_max: 0 rows is not possible; write 1 to 10000000"#]],
    );
}

#[test]
fn a_line_that_is_no_toml_is_reported_beside_the_other_mistakes() {
    check(
        "[limits]\nper_minute = \nper_hour = \"x\"\n",
        expect![[r#"
            the configuration /etc/kentongan/kentongan.toml has mistakes:
              line 2: string values must be quoted, expected literal string
              line 3: limits.per_hour: invalid type: string "x", expected a whole number; write for example per_hour = 250"#]],
    );
}

#[test]
fn quotes_of_a_word_processor_are_named() {
    check(
        "[[unit]]\nname = “damkar”\n",
        expect![[r#"
            the configuration /etc/kentongan/kentongan.toml has mistakes:
              line 2: string values must be quoted, expected literal string; use straight quotes ("), not those of a word processor"#]],
    );
}

#[test]
fn modems_and_units_may_not_share_names_or_ports() {
    check(
        r#"
[[modem]]
name = "a"
port = "/dev/gsm/a"
[[modem]]
name = "a"
port = "/dev/gsm/a"
[[unit]]
name = "damkar"
[[unit]]
name = "damkar"
[unit.limits]
"#,
        expect![[r#"
            the configuration /etc/kentongan/kentongan.toml has mistakes:
              line 6: modem[2].name: `a` is used twice; give each modem its own
              line 7: modem[2].port: /dev/gsm/a is used twice; each modem has its own port
              line 11: unit[2].name: `damkar` is used twice; each unit has its own folder
              line 12: unit[2].limits: unknown key; known here: name, classes, basis, group, signature, segments_per_day, over_quota, in_doubt, approval, approval_above"#]],
    );
}

#[test]
fn a_modem_is_known_by_any_of_its_keys() {
    let text = r#"
[paths]
ports = "modems"
[[modem]]
name = "by-slot"
slot = "1-4"
[[modem]]
name = "by-card"
iccid = "8962100012345678901"
[[modem]]
name = "by-all"
port = "/dev/gsm/x"
imei = "356938035643809"
imsi = "510101234567890"
"#;
    let config = Config::read(Path::new("/srv/k/k.toml"), text).unwrap();
    let [slot, card, all] = &config.modems[..] else { panic!("{:?}", config.modems) };
    assert_eq!(slot.port.as_deref(), Some(Path::new("/srv/k/modems/1-4")));
    assert_eq!((card.port.as_deref(), card.iccid.as_deref()), (None, Some("8962100012345678901")));
    assert_eq!((all.imei.as_deref(), all.imsi.as_deref()), (Some("356938035643809"), Some("510101234567890")));
    check(
        r#"
[[modem]]
name = "a"
[[modem]]
name = "b"
port = "/dev/gsm/b"
slot = "b"
[[modem]]
name = "c"
imei = "3569-38"
[[modem]]
name = "d"
iccid = "8962100012345678901"
baud = 9600
[[modem]]
name = "e"
iccid = "8962100012345678901"
[[modem]]
name = "f"
slot = "../f"
"#,
        expect![[r#"
            the configuration /etc/kentongan/kentongan.toml has mistakes:
              line 2: modem[1].port: this is missing, as are slot, imei, iccid and imsi; write one, for example port = "/dev/gsm/telkomsel-1"
              line 7: modem[2].slot: port says already where the modem is; write one of the two
              line 10: modem[3].imei: `3569-38` is not 14 to 17 digits; see kentongan doctor
              line 11: modem[4].baud: this must be known before the modem is asked who it is; name its port or slot too
              line 16: modem[5].name: another [[modem]] has the same keys as `e`; add what tells them apart
              line 20: modem[6].slot: `../f` is no name of a link in /dev/gsm"#]],
    );
}

#[test]
fn a_section_in_the_wrong_shape_says_how_to_write_it() {
    check(
        "limits = 6\n[unit]\nname = \"damkar\"\n",
        expect![[r#"
        the configuration /etc/kentongan/kentongan.toml has mistakes:
          line 1: limits: this is a section; write [limits] on a line of its own
          line 2: unit: write each one as [[unit]], with double brackets, and its keys below"#]],
    );
}

#[test]
fn a_modem_without_limits_of_its_own_follows_the_common_ones() {
    let text = r#"
[limits]
per_minute = 9
per_hour = 100
[[modem]]
name = "a"
port = "/dev/ttyUSB0"
[[modem]]
name = "b"
port = "/dev/gsm/b"
[modem.limits]
per_minute = 20
"#;
    let config = Config::read(Path::new("k.toml"), text).unwrap();
    assert_eq!(config.modems[0].limits, None);
    let own = config.modems[1].limits.clone().unwrap();
    assert_eq!((own.per_minute, own.per_hour), (20, 100));
    assert_eq!(config.remarks.len(), 1, "a number that changes is remarked on");
    assert_eq!(config.remarks[0].line, Some(7));
}

#[test]
fn a_modem_may_be_kept_for_some_classes_and_part_of_its_quota_for_emergencies() {
    let text = r#"
[[modem]]
name = "a"
port = "/dev/gsm/a"
classes = ["darurat", "important"]
[modem.limits]
reserve_emergency = 0.5
[[unit]]
name = "u"
"#;
    let config = Config::read(Path::new("k.toml"), text).unwrap();
    assert_eq!(config.modems[0].classes, Some(vec![Class::Emergency, Class::Important]));
    assert_eq!(config.modems[0].limits.as_ref().map(|own| own.reserve_emergency), Some(0.5));
    assert!(config.remarks[0].message.contains("no modem carries routine"), "{:?}", config.remarks);
    check(
        "[limits]\nreserve_emergency = 1.0\n[[modem]]\nname = \"a\"\nport = \"/dev/gsm/a\"\nclasses = []\n",
        expect![[r#"
            the configuration /etc/kentongan/kentongan.toml has mistakes:
              line 2: limits.reserve_emergency: 1 is not between 0 and 0.9; write a share, such as 0.15
              line 6: modem[1].classes: the list is empty; name at least one class"#]],
    );
}

#[test]
fn relative_paths_start_at_the_folder_of_the_file() {
    let config = Config::read(Path::new("/srv/k/k.toml"), "[paths]\ndatabase = \"k.db\"\nqueue = \"q\"\n").unwrap();
    assert_eq!(config.paths.database, Path::new("/srv/k/k.db"));
    assert_eq!(config.paths.control, Path::new("/srv/k/k.sock"));
    assert_eq!(config.paths.queue, Path::new("/srv/k/q"));
}

#[test]
fn keywords_are_compared_as_people_write_them() {
    let config = Config::read(Path::new("k.toml"), "[keywords]\nstop = [\"udahan!\", \" cukup \"]\n").unwrap();
    assert_eq!(config.keywords.stop, ["UDAHAN", "CUKUP"]);
}

#[test]
fn the_areas_are_read_from_the_file_beside_and_its_mistakes_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("k.toml");
    std::fs::write(folder.path().join("areas.csv"), include_str!("../../config/wilayah-bandung.csv")).unwrap();
    let config = Config::read(&file, "[roster]\nareas = \"areas.csv\"\n").unwrap();
    assert_eq!(config.roster.places.kelurahan("dago", None), Ok(("Coblong", "Dago")));
    std::fs::write(folder.path().join("areas.csv"), "kecamatan,kelurahan\n,Dago\n").unwrap();
    let mistake = |text: &str| Config::read(&file, text).unwrap_err().to_string();
    assert!(mistake("[roster]\nareas = \"areas.csv\"\n").ends_with("areas.csv, line 2: the kecamatan is empty"));
    assert!(mistake("[roster]\nareas = \"none.csv\"\n").contains("line 2: roster.areas: "));
    assert!(mistake("[roster]\nsuspend_failures = 2000\n").contains("write 0 (never) to 1000"));
}

#[test]
fn a_file_that_is_not_utf8_is_refused_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("k.toml");
    std::fs::write(&file, b"[office]\nname = \"Caf\xe9\"\n").unwrap();
    let Err(ConfigError::Mistakes { problems, .. }) = Config::load(&file) else { panic!("accepted") };
    assert_eq!(problems[0].line, Some(2));
    assert!(matches!(Config::load(&folder.path().join("none")), Err(ConfigError::Unreadable { .. })));
}

#[test]
fn a_secret_whose_file_is_missing_or_open_to_others_is_remarked_on_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (file, hook, mail) = (folder.path().join("k.toml"), folder.path().join("hook"), folder.path().join("mail"));
    let text = format!(
        "[alarms.mail]\nhost = \"mail.bandung.go.id\"\nfrom = \"k@bandung.go.id\"\nto = [\"a@bandung.go.id\"]\nuser = \"k\"\n\
         password_file = \"{}\"\n[[webhook]]\nname = \"pusat\"\nurl = \"https://data.bandung.go.id/k\"\nevents = [\"sent\"]\n\
         secret_file = \"{}\"\n",
        mail.display(),
        hook.display()
    );
    fs::write(&file, text).unwrap();
    let told = || Config::load(&file).unwrap().remarks.iter().map(ToString::to_string).collect::<Vec<_>>();
    let [first, second] = &told()[..] else { panic!("{:?}", told()) };
    assert!(first.starts_with("line 11: webhook[1].secret_file: there is no file "), "{first}");
    assert!(second.starts_with("line 6: alarms.mail.password_file: there is no file "), "{second}");
    for secret in [&hook, &mail] {
        fs::write(secret, "bertalu").unwrap();
        fs::set_permissions(secret, fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(told(), Vec::<String>::new());
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(told()[0].contains("others may read") && !told()[0].contains("bertalu"), "{:?}", told());
}

/// The sample shows every key, and at its default, but for those that name this office.
#[test]
fn the_sample_is_the_manual() {
    let text = include_str!("../../config/kentongan.toml");
    let sample = Config::read(Path::new("config/kentongan.toml"), text).unwrap();
    let defaults = Config::read(Path::new("config/kentongan.toml"), "").unwrap();
    let shown: BTreeMap<_, _> = sample.settings.iter().map(|setting| (&setting.key, setting)).collect();
    for default in &defaults.settings {
        let setting = shown[&default.key];
        assert!(setting.line.is_some(), "{} is not in the sample", setting.key);
        if setting.key != "office.name" {
            assert_eq!(setting.value, default.value, "{}", setting.key);
        }
    }
    assert_eq!(sample.units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>(), ["diskominfo", "damkar"]);
    assert!(sample.remarks.is_empty() && sample.modems.is_empty());
    // What is commented out there must be right as well.
    let with_modem = with_examples();
    assert_eq!(with_modem.modems.len(), 1);
    assert!(with_modem.modems[0].limits.is_some());
    assert_eq!(with_modem.credit.len(), 6);
    // The first section shows the defaults that the others have.
    let shown = |key: &str| {
        let of = |place: usize| with_modem.settings.iter().find(|found| found.key == format!("credit[{place}].{key}"));
        (of(1).map(|found| found.value.clone()), of(2).map(|found| found.value.clone()))
    };
    for key in ["then", "amount", "active_until", "warn_below", "stop_below", "every_hours", "senders"] {
        let (first, second) = shown(key);
        assert!(first.is_some() && first == second, "{key}: {first:?} {second:?}");
    }
}

/// The sample with its examples in force.
fn with_examples() -> Config {
    let lines = include_str!("../../config/kentongan.toml").lines();
    let text: String =
        lines.map(|line| line.strip_prefix("#: ").unwrap_or(line)).map(|line| format!("{line}\n")).collect();
    Config::read(Path::new("config/kentongan.toml"), &text).unwrap()
}

#[test]
fn a_credit_section_says_what_is_wrong_with_it() {
    check(
        r#"
[[credit]]
operator = "510"
code = "*888#;"
[[credit]]
operator = "XL"
code = "*123#"
sms_to = "0812"
amount = 'pulsa'
every_hours = 0
warnbelow = 5
[[credit]]
operator = "AXIS"
"#,
        expect![[r#"
            the configuration /etc/kentongan/kentongan.toml has mistakes:
              line 2: credit[1].code: write either code, for USSD, or sms_to and sms_text, for a text to the operator
              line 3: credit[1].operator: `510` is no country and network code; those have 5 or 6 digits, such as 51010
              line 4: credit[1].code: a USSD code has digits, *, # and + only, and at most 160 of them, such as *888# or 1
              line 8: credit[2].sms_to: `0812` is no short code; write its 2 to 6 digits, such as "999"
              line 9: credit[2].amount: the pattern has 0 groups in ( ); it needs one, around what is looked for, such as pulsa[^0-9]*([0-9.,]+)
              line 10: credit[2].every_hours: 0 hours is not possible; write 1 to 744 (a month)
              line 11: credit[2].warnbelow: unknown key; did you mean `warn_below`?
              line 12: credit[3].code: write either code, for USSD, or sms_to and sms_text, for a text to the operator"#]],
    );
}

#[test]
fn the_patterns_of_the_sample_read_what_operators_write() {
    let rules = with_examples().credit;
    let check = |operator: &str, words: &str, amount: Option<u64>, until: Option<&str>| {
        let card = Card { operator: Some(operator), ..Card::default() };
        let rule = rules.iter().find(|rule| rule.operator.is(&card)).unwrap();
        let reading = rule.read([words].into_iter());
        let read = (reading.amount, reading.active_until.map(|date| date.to_string()));
        assert_eq!(read, (amount, until.map(str::to_owned)), "{words}");
    };
    // As noted of gateways and telephones in Indonesia between 2013 and 2024, some of them only in samples of other programs.
    check(
        "Telkomsel",
        "Sisa pulsa Rp.0.Aktif sd 25/11/2016. Mau MP3 RizkiRidho D2 Academy? Download MP3nya 1.YA 2.Info Kartu",
        Some(0),
        Some("2016-11-25"),
    );
    check(
        "Telkomsel",
        "Sisa pulsa Rp.23041.Aktif sd 25/11/2016. Mau MP3 RizkiRidho D2 Academy? Download MP3nya 1.YA 2.Info Kartu",
        Some(23_041),
        Some("2016-11-25"),
    );
    check(
        "Telkomsel",
        "Sisa Pulsa Anda Rp.5600. Masa berlaku sampai dengan 05/11/2014.",
        Some(5_600),
        Some("2014-11-05"),
    );
    check("Telkomsel", "Pulsa Rp 25.000 s.d 12-12-2024, Mau Pulsa Darurat?", Some(25_000), Some("2024-12-12"));
    check(
        "XL",
        "Pulsa 80000 s.d 23Jan16. Pilih 1 utk GRATIS telp 15mnt + RBT Lucu 1 Mau 2 Plh Tarif 3 Inet/Cek Kuota 4 Nelp&SMS 5 \
         Pkt Seru 6 mPulsa 7 I.L.M/MyInfo",
        Some(80_000),
        Some("2016-01-23"),
    );
    check("XL", "Pulsa 19350 s/d 18Aug13.", Some(19_350), Some("2013-08-18"));
    check(
        "Indosat",
        "PulsaUTAMA Rp.58600. Aktif 27.02.16, Tenggang 28.03.16.Dptkn 10GB di 4G,konten&Bns 10rb mnt. cek: *123*46#",
        Some(58_600),
        Some("2016-02-27"),
    );
    // Month before day there: rather no date than a wrong one.
    check("Indosat", "Balance Rp.8500. Active 08.16.13, GracePeriod 09.15.13.", Some(8_500), None);
    check("Tri", "Pulsa anda sisa Rp 1234 berlaku s/d 18-AUG-14.", Some(1_234), Some("2014-08-18"));
    check("Smartfren", "Pulsa Anda Rp. 36,998 berlaku s/d 03/05/2014", Some(36_998), Some("2014-05-03"));
    // What says nothing of the credit.
    check("Telkomsel", "Anda memiliki: 297 Menit TM.", None, None);
    check("Telkomsel", "Maaf, silakan coba beberapa saat lagi", None, None);
    check("Telkomsel", "1.Cek Pulsa 2.Transfer Pulsa 3.Paket", None, None);
    check(
        "XL",
        "Sisa kuota Pkt Kapan Aja JUMBO Nelp Anda adalah 1217 Mnt,berlaku s.d 23-12-2015 jam23:59.Stop: *123*7# Info817",
        None,
        None,
    );
    check("Indosat", "Kuota OBROL anda: 120 menit (00-17) & 0 menit (17-24). Gratis Whatsapp + BBM 0 Kb", None, None);
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,60}\n(\\[limits\\]\n)?\\PC{0,40}") {
        let _ = Config::read(Path::new("k.toml"), &text);
    }
}

#[test]
fn a_pin_is_shown_nowhere_right_or_wrong() {
    let text =
        |pin: &str| format!("[[modem]]\nname = \"a\"\nport = \"/dev/gsm/a\"\npin = {pin}\n[[unit]]\nname = \"u\"\n");
    let right = Config::read(Path::new("k.toml"), &text("\"4711\"")).unwrap();
    assert_eq!(right.modems[0].pin, Some(crate::model::Pin::parse("4711").unwrap()));
    assert!(!format!("{right:?}").contains("4711"));
    for wrong in ["4711", "\"47110815x\"", "[4711]", "\"47\""] {
        let error = Config::read(Path::new("k.toml"), &text(wrong)).unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.contains("pin") && !told.contains("47"), "{told}");
    }
}
