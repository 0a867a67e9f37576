//! What was found, as rows for programs and as text for people.

use std::fmt::Write as _;

use serde::Serialize;

use super::phrases::Phrases;
use super::verdict::section;
use crate::cli::phrases::fill;
use crate::cli::phrases::words::sentence;
use crate::cli::screen::one_line;
use crate::model::Registration;
use crate::modem::choice::{Asked, Why, choose, rule};
use crate::modem::probe::{Answer, Card, Findings};
use crate::modem::usb::Trouble;

/// A device, or one slot of a bridge, with what its ports answered.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    /// Where it is plugged in, `1-1.4`; empty for a port without USB.
    pub place: String,
    /// `12d1:1001`; empty for a port without USB.
    pub usb_id: String,
    /// What the device calls itself.
    pub name: String,
    /// Its ports, in the order in which they were asked.
    pub ports: Vec<PortSeen>,
    /// The port to use: its stable name.
    pub chosen: Option<String>,
    /// Why this one.
    pub why: Option<Why>,
    /// The modem behind it.
    pub modem: Option<ModemSeen>,
    /// The udev line to add, where the rules do not know the device.
    pub rule: Option<String>,
    /// A section for the configuration.
    pub section: Option<String>,
    /// Whether the daemon finds its port by asking, even without that line.
    pub asked: bool,
    /// Why it has no serial port.
    pub trouble: Option<Trouble>,
}

/// One port.
#[derive(Debug, Serialize)]
pub(super) struct PortSeen {
    /// `/dev/ttyUSB2`.
    pub port: String,
    /// The link that keeps its meaning when numbers change.
    pub stable: Option<String>,
    /// `02`.
    pub interface: String,
    /// `ff/02/02`.
    pub class: String,
    /// `at`, `silent`, `other`, `failed`, or `not_opened`.
    pub answer: &'static str,
    /// Why it was not opened: who holds it, or what the system said. Or why it failed.
    pub refused: Option<String>,
    #[serde(skip)]
    pub asked: Asked,
}

/// The modem, in words that programs can rely on.
#[derive(Debug, Serialize)]
pub(super) struct ModemSeen {
    manufacturer: String,
    model: String,
    revision: String,
    imei: Option<String>,
    iccid: Option<String>,
    sim: &'static str,
    registration: &'static str,
    operator: Option<String>,
    signal: Option<u8>,
    announces: bool,
    #[serde(skip)]
    card: Card,
    #[serde(skip)]
    served: Registration,
}

impl ModemSeen {
    fn of(found: &Findings) -> Self {
        let sim = match found.card {
            Card::Ready => "ready",
            Card::Pin => "pin",
            Card::Puk => "puk",
            Card::Locked => "locked",
            Card::Missing => "missing",
            Card::Unknown => "unknown",
        };
        Self {
            manufacturer: found.modem.manufacturer.clone(),
            model: found.modem.model.clone(),
            revision: found.modem.revision.clone(),
            imei: found.modem.imei.clone(),
            iccid: found.sim.iccid.clone(),
            sim,
            registration: found.registration.name(),
            operator: found.operator.clone(),
            signal: found.signal,
            announces: found.announces,
            card: found.card,
            served: found.registration,
        }
    }
}

impl PortSeen {
    pub(super) fn new(port: String, stable: Option<String>, asked: Asked, refused: Option<String>) -> Self {
        let (answer, failed) = match &asked.answer {
            Some(Answer::Modem(_)) => ("at", None),
            Some(Answer::Silence) => ("silent", None),
            Some(Answer::Babble(_)) => ("other", None),
            Some(Answer::Failed(why)) => ("failed", Some(why.clone())),
            None => ("not_opened", None),
        };
        let (interface, class) = (asked.interface.clone(), asked.class.clone());
        Self { port, stable, interface, class, answer, refused: refused.or(failed), asked }
    }
}

impl Seen {
    /// Judges what the ports answered. `number` makes the names of proposed sections differ.
    pub(super) fn judged(
        place: String,
        usb_id: String,
        name: String,
        ports: Vec<PortSeen>,
        trouble: Option<Trouble>,
        asked: bool,
        number: usize,
    ) -> Self {
        let answers: Vec<Asked> = ports.iter().map(|port| port.asked.clone()).collect();
        let choice = choose(&usb_id, &answers);
        let port = choice.map(|(place, _)| &ports[place]);
        let found = port.and_then(|port| port.asked.modem());
        let stable = port.map(|port| port.stable.clone().unwrap_or_else(|| port.port.clone()));
        let known = ports.iter().any(|port| port.asked.named);
        Self {
            rule: port.filter(|_| !known).and_then(|port| rule(&usb_id, &port.interface)),
            section: found.zip(stable.as_deref()).map(|(found, stable)| section(found, stable, number)),
            modem: found.map(ModemSeen::of),
            chosen: stable,
            why: choice.map(|(_, why)| why),
            place,
            usb_id,
            name,
            ports,
            asked,
            trouble,
        }
    }

    /// As text, ending with a line end.
    pub(super) fn text(&self, say: &Phrases) -> String {
        let unknown = || say.unknown.to_owned();
        let known = |text: &str| if text.is_empty() { unknown() } else { one_line(text) };
        let maybe = |text: &Option<String>| text.as_deref().map_or_else(unknown, one_line);
        let mut lines = Vec::new();
        let head = [&self.place, &self.usb_id, &self.name].map(|part| one_line(part));
        let head = head.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ");
        lines.extend((!head.is_empty()).then_some(head));
        for port in &self.ports {
            let said = match (&port.asked.answer, &port.refused) {
                (None, Some(refused)) => one_line(&sentence(say.lang, refused)),
                (None, None) => say.not_asked.to_owned(),
                (Some(Answer::Silence), _) => say.silent.to_owned(),
                (Some(Answer::Babble(octets)), _) => fill(say.babble, &[octets]),
                (Some(Answer::Failed(why)), _) => fill(say.failed, &[&one_line(why)]),
                (Some(Answer::Modem(found)), _) => {
                    format!("{}{}", say.modem, if found.announces { say.announces } else { say.keeps_quiet })
                }
            };
            let number = if port.interface.is_empty() { String::new() } else { format!("if {}  ", port.interface) };
            lines.push(format!("  {number}{}  {said}", port.port));
        }
        if let Some(trouble) = self.trouble {
            lines.push(format!("  ! {}", say.trouble(trouble)));
        }
        if let (Some(port), Some(why), Some(modem)) = (&self.chosen, self.why, &self.modem) {
            lines.push(format!("  => {}", fill(say.chosen, &[port, &say.why(why)])));
            let (maker, model) = (known(&modem.manufacturer), known(&modem.model));
            let words = fill(say.modem_line, &[&maker, &model, &known(&modem.revision), &maybe(&modem.imei)]);
            lines.push(format!("     {words}"));
            lines.push(format!("     {}", fill(say.sim_line, &[&say.card(modem.card), &maybe(&modem.iccid)])));
            let signal = modem.signal.map_or_else(unknown, |signal| signal.to_string());
            let words = fill(say.network_line, &[&say.registration(modem.served), &maybe(&modem.operator), &signal]);
            lines.push(format!("     {words}"));
            if let Some(rule) = &self.rule {
                let why = if self.asked { say.rule_spares } else { say.rule };
                lines.push(format!("     {why}\n\n{rule}\n"));
            }
            if let Some(section) = &self.section {
                lines.push(format!("     {}\n\n{section}", say.section));
            }
        } else if self.trouble.is_none() {
            // What was not opened says nothing of the device.
            let held = self.ports.iter().any(|port| port.asked.answer.is_none() && port.refused.is_some());
            lines.push(format!("  => {}", if held { say.held } else { say.none_answers }));
        }
        lines.into_iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        })
    }
}
