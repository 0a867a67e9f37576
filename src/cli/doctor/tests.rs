use expect_test::{Expect, expect};

use super::*;
use crate::model::{Lang, ModemIdentity, Registration, SimIdentity};
use crate::modem::probe::{Card, Findings};
use crate::modem::usb::tests::plug;

fn config(text: &str) -> Config {
    Config::read(Path::new("/nowhere/k.toml"), text).unwrap()
}

fn shown(groups: &[Group]) -> Vec<String> {
    let port = |port: &Candidate| format!("{}{}", port.path.display(), if port.named { "*" } else { "" });
    groups
        .iter()
        .map(|group| format!("{} {}", group.place, group.ports.iter().map(port).collect::<Vec<_>>().join(" ")))
        .collect()
}

#[test]
fn ports_of_a_stick_belong_together_and_those_of_a_bridge_do_not() {
    let sys = tempfile::tempdir().unwrap();
    plug(sys.path(), "1-1", "12d1:1001", &[("00", "ff/ff/ff", "ttyUSB90"), ("02", "ff/ff/ff", "ttyUSB92")]);
    plug(sys.path(), "1-2", "10c4:ea71", &[("00", "ff/00/00", "ttyUSB93"), ("01", "ff/00/00", "ttyUSB94")]);
    let devices = usb::devices(sys.path());
    let config = config("[paths]\nports = \"none\"\n");
    assert_eq!(
        shown(&groups(&config, &[], &devices)),
        ["1-1 /dev/ttyUSB90 /dev/ttyUSB92", "1-2 /dev/ttyUSB93", "1-2 /dev/ttyUSB94"]
    );
    assert_eq!(shown(&groups(&config, &["/nowhere/tty".into()], &devices)), [" /nowhere/tty"]);
}

#[test]
fn what_the_configuration_names_is_asked_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1-4"), "").unwrap();
    let linked = config(&format!("[paths]\nports = {:?}\n", folder.path().display().to_string()));
    let link = folder.path().join("1-4").display().to_string();
    assert_eq!(shown(&groups(&linked, &[], &[])), [format!(" {link}*")]);
    assert_eq!(groups(&linked, &[], &[])[0].ports[0].stable.as_deref(), Some(link.as_str()));
    let listed = config("[[modem]]\nname = \"a\"\nport = \"/nowhere/tty\"\nbaud = 9600\n");
    assert_eq!(shown(&groups(&listed, &[], &[])), [" /nowhere/tty"]);
}

#[test]
fn a_device_that_the_daemon_asks_is_one_group_and_its_place_is_no_port() {
    let folder = tempfile::tempdir().unwrap();
    let ask = folder.path().join("ask");
    std::fs::create_dir(&ask).unwrap();
    for interface in 0..2 {
        std::fs::write(ask.join(format!("pci-usb-0:1:1.{interface}")), "").unwrap();
    }
    let config = config(&format!("[paths]\nports = {:?}\n", folder.path().display().to_string()));
    assert_eq!(configured(&config), Vec::<PathBuf>::new());
    assert_eq!(asked_by_itself(&config).len(), 2);
}

fn asked(interface: &str, answer: Option<Answer>, refused: Option<&str>) -> PortSeen {
    let asked = Asked { interface: interface.to_owned(), class: "ff/ff/ff".to_owned(), named: false, answer };
    let port = format!("/dev/ttyUSB{}", interface.trim_start_matches('0'));
    PortSeen::new(port, None, asked, refused.map(str::to_owned))
}

fn judged(id: &str, ports: Vec<PortSeen>, trouble: Option<Trouble>) -> Seen {
    Seen::judged("1-1.4".to_owned(), id.to_owned(), "HUAWEI Mobile".to_owned(), ports, trouble, false, 1)
}

fn check(seen: &Seen, lang: Lang, expected: &Expect) {
    expected.assert_eq(&seen.text(Phrases::of(lang)));
}

#[test]
fn a_modem_that_the_rules_do_not_know_comes_with_what_to_write() {
    let found = Findings {
        modem: ModemIdentity {
            imei: Some("356938035643809".to_owned()),
            manufacturer: "Quectel".to_owned(),
            model: "EC200T".to_owned(),
            revision: "EC200TCNHAR02A10M16\u{1b}[2J".to_owned(),
        },
        sim: SimIdentity { iccid: Some("8962100012345678901".to_owned()), imsi: None },
        card: Card::Ready,
        registration: Registration::Home,
        operator: Some("TELKOMSEL".to_owned()),
        signal: Some(19),
        announces: true,
    };
    let ports = vec![
        asked("01", Some(Answer::Babble(9)), None),
        asked("02", Some(Answer::Silence), None),
        asked("03", Some(Answer::Modem(Box::new(found))), None),
        asked("04", None, Some("/dev/ttyUSB4 is in use by process 812 (minicom); stop it first")),
    ];
    check(
        &judged("2c7c:6026", ports, None),
        Lang::English,
        &expect![[r#"
            1-1.4  2c7c:6026  HUAWEI Mobile
              if 01  /dev/ttyUSB1  no AT port (9 other octets)
              if 02  /dev/ttyUSB2  silent
              if 03  /dev/ttyUSB3  answers AT, announces messages
              if 04  /dev/ttyUSB4  /dev/ttyUSB4 is in use by process 812 (minicom); stop it first
              => use /dev/ttyUSB3: the only one that answers AT
                 modem: Quectel EC200T, firmware EC200TCNHAR02A10M16�[2J, IMEI 356938035643809
                 SIM: ready, ICCID 8962100012345678901
                 network: registered, operator TELKOMSEL, signal 19 of 31
                 the udev rules do not know it; write this line into /etc/udev/rules.d/69-kentongan-local.rules, then `sudo udevadm control --reload && sudo udevadm trigger`:

            SUBSYSTEM=="tty", ENV{ID_VENDOR_ID}=="2c7c", ENV{ID_MODEL_ID}=="6026", ENV{ID_USB_INTERFACE_NUM}=="03", ENV{KENTONGAN_AT}="1"

                 a name of its own in the configuration, if wanted (once one [[modem]] is listed, only those listed are used):

            [[modem]]
            name = "telkomsel-1"
            port = "/dev/ttyUSB3"

        "#]],
    );
}

#[test]
fn a_device_without_a_port_says_what_to_do() {
    check(
        &judged("12d1:1446", Vec::new(), Some(Trouble::Storage)),
        Lang::Indonesian,
        &expect![[r#"
        1-1.4  12d1:1446  HUAWEI Mobile
          ! masih berupa disk: pasang paket usb-modeswitch dan usb-modeswitch-data, cabut dan pasang lagi
    "#]],
    );
    let silent = vec![asked("01", Some(Answer::Silence), None), asked("02", None, None)];
    check(
        &judged("12d1:1001", silent, None),
        Lang::English,
        &expect![[r#"
        1-1.4  12d1:1001  HUAWEI Mobile
          if 01  /dev/ttyUSB1  silent
          if 02  /dev/ttyUSB2  not opened
          => no port answers AT
    "#]],
    );
}

#[test]
fn of_a_device_whose_port_somebody_holds_nothing_is_said() {
    let refused = "/dev/ttyUSB2 is in use by process 812 (kentongan); see kentongan modems";
    let ports = vec![asked("01", Some(Answer::Silence), None), asked("02", None, Some(refused))];
    check(
        &judged("12d1:1001", ports, None),
        Lang::Indonesian,
        &expect![[r#"
            1-1.4  12d1:1001  HUAWEI Mobile
              if 01  /dev/ttyUSB1  diam
              if 02  /dev/ttyUSB2  /dev/ttyUSB2 sedang dipakai proses 812 (kentongan); lihat kentongan modems
              => tidak diketahui: portnya tidak dapat dibuka sekarang
        "#]],
    );
}

#[tokio::test]
async fn a_port_that_is_absent_is_said_to_be() {
    let groups = groups(&config(""), &["/nowhere/tty".into()], &[]);
    let seen = ask_all(groups).await;
    assert_eq!((seen.len(), seen[0].ports[0].answer), (1, "not_opened"));
    assert!(seen[0].ports[0].refused.as_deref().is_some_and(|why| why.contains("no port /nowhere/tty")));
    assert!(seen[0].modem.is_none());
}
