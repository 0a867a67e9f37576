//! Which of a device's ports is the one for commands, from what each answered.

use super::probe::{Answer, Findings};

/// What is known of one port when it has been asked, or could not be.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `02`; empty for a port without USB.
    pub interface: String,
    /// `ff/02/02`.
    pub class: String,
    /// Whether the udev rules or the configuration name it.
    pub named: bool,
    /// What it answered; `None`: it was not opened.
    pub answer: Option<Answer>,
}

impl Asked {
    /// The modem that answered, if one did.
    pub fn modem(&self) -> Option<&Findings> {
        match &self.answer {
            Some(Answer::Modem(found)) => Some(found),
            _ => None,
        }
    }
}

/// Why a port was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The only one that answers AT.
    Only,
    /// The rules or the configuration name it, and it answers.
    Named,
    /// It calls itself the port for commands (Huawei PCUI).
    Commands,
    /// Several answer; this one announces messages and is not the one for data.
    Best,
}

/// The port to use, by its place in the list: of those that answer AT, the one that also says by itself that a message came.
pub fn choose(id: &str, ports: &[Asked]) -> Option<(usize, Why)> {
    let answering: Vec<usize> = (0..ports.len()).filter(|place| ports[*place].modem().is_some()).collect();
    let first = |fits: &dyn Fn(&Asked) -> bool| answering.iter().copied().find(|place| fits(&ports[*place]));
    let announces = |port: &Asked| port.modem().is_some_and(|found| found.announces);
    if let [only] = answering[..] {
        return Some((only, if ports[only].named { Why::Named } else { Why::Only }));
    }
    if let Some(place) = first(&|port| port.named) {
        return Some((place, Why::Named));
    }
    if let Some(place) = first(&|port| matches!(port.class.as_str(), "ff/01/02" | "ff/02/02")) {
        return Some((place, Why::Commands));
    }
    first(&|port| announces(port) && !is_for_data(id, port))
        .or_else(|| first(&announces))
        .or_else(|| answering.first().copied())
        .map(|place| (place, Why::Best))
}

/// Huawei's first port is for data: it takes commands and keeps announcements to itself.
fn is_for_data(id: &str, port: &Asked) -> bool {
    matches!(port.class.as_str(), "ff/01/01" | "ff/02/01") || (id.starts_with("12d1:") && port.interface == "00")
}

/// The udev line that gives a device of this id its link, for a file read before `70-kentongan.rules`.
pub fn rule(id: &str, interface: &str) -> Option<String> {
    let (vendor, model) = id.split_once(':').filter(|_| !interface.is_empty())?;
    Some(format!(
        "SUBSYSTEM==\"tty\", ENV{{ID_VENDOR_ID}}==\"{vendor}\", ENV{{ID_MODEL_ID}}==\"{model}\", \
         ENV{{ID_USB_INTERFACE_NUM}}==\"{interface}\", ENV{{KENTONGAN_AT}}=\"1\""
    ))
}

/// Whether this port need not be compared with others: a modem answers, says by itself that a message came, and the port is not the
/// one for data.
pub fn settles(id: &str, port: &Asked) -> bool {
    port.modem().is_some_and(|found| found.announces) && !is_for_data(id, port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modem(announces: bool) -> Option<Answer> {
        Some(Answer::Modem(Box::new(Findings { announces, ..Findings::default() })))
    }

    fn port(interface: &str, class: &str, answer: Option<Answer>) -> Asked {
        Asked { interface: interface.to_owned(), class: class.to_owned(), named: false, answer }
    }

    #[test]
    fn the_port_that_takes_commands_and_announces_messages_is_chosen() {
        let (quiet, talk) = (|| Some(Answer::Silence), || Some(Answer::Babble(9)));
        let check = |id: &str, ports: &[Asked], expected| assert_eq!(choose(id, ports), expected, "{id} {ports:?}");
        check("2c7c:6026", &[], None);
        check("2c7c:6026", &[port("00", "ff/00/00", quiet()), port("01", "ff/00/00", None)], None);
        check("2c7c:6026", &[port("00", "", talk()), port("01", "", modem(false))], Some((1, Why::Only)));
        // Quectel: the AT port lies before the one for data, and both answer.
        check(
            "2c7c:0700",
            &[port("00", "", quiet()), port("02", "", modem(true)), port("03", "", modem(true))],
            Some((1, Why::Best)),
        );
        // Old Huawei sticks: the first port is for data. New ones say so.
        let old =
            [port("00", "ff/ff/ff", modem(true)), port("01", "ff/ff/ff", talk()), port("02", "ff/ff/ff", modem(true))];
        check("12d1:1003", &old, Some((2, Why::Best)));
        let new = [
            port("00", "ff/02/01", modem(true)),
            port("01", "ff/02/12", modem(true)),
            port("02", "ff/02/02", modem(true)),
        ];
        check("12d1:1506", &new, Some((2, Why::Commands)));
        check("1234:5678", &[port("00", "", modem(false)), port("02", "", modem(true))], Some((1, Why::Best)));
        check("1234:5678", &[port("00", "", modem(false)), port("02", "", modem(false))], Some((0, Why::Best)));
        let named = [port("00", "", modem(true)), Asked { named: true, ..port("02", "", modem(true)) }];
        check("1234:5678", &named, Some((1, Why::Named)));
        let mute = [port("00", "", modem(true)), Asked { named: true, ..port("02", "", quiet()) }];
        check("1234:5678", &mute, Some((0, Why::Only)));
    }

    #[test]
    fn a_port_for_data_settles_nothing() {
        assert!(settles("2c7c:6026", &port("02", "ff/00/00", modem(true))));
        for other in [port("00", "ff/02/01", modem(true)), port("02", "ff/02/02", modem(false)), port("02", "", None)] {
            assert!(!settles("12d1:1506", &other), "{other:?}");
        }
    }

    #[test]
    fn the_udev_line_can_be_copied_as_it_is() {
        assert_eq!(
            rule("2c7c:6026", "02").as_deref(),
            Some(
                "SUBSYSTEM==\"tty\", ENV{ID_VENDOR_ID}==\"2c7c\", ENV{ID_MODEL_ID}==\"6026\", \
                 ENV{ID_USB_INTERFACE_NUM}==\"02\", ENV{KENTONGAN_AT}=\"1\""
            )
        );
        assert_eq!(rule("", ""), None);
    }
}
