//! What the air knows of each attempt, from the simulator's ground truth.

use std::collections::BTreeMap;

use kentongan::simulator::{Fact, Record};

use super::ledger::Ledger;
use super::{Verdict, hold};

/// What came from the network to a SIM.
#[derive(Debug)]
enum Inbound {
    Text(String, u8, String),
    Report(u8, String, u8),
}

/// The auditor's book of the air.
#[derive(Default)]
pub struct Air {
    /// The attempt whose PDU a modem was given last, by card.
    handed: BTreeMap<String, i64>,
    inbound: BTreeMap<u32, Inbound>,
}

/// How many attempts of a SIM are looked at for whom a hand-over or a report belongs to.
const LOOK_BACK: usize = 300;

impl Air {
    pub fn witness(&mut self, record: &Record, ledger: &mut Ledger) -> Verdict {
        let Record { iccid, fact, .. } = record;
        match fact {
            Fact::HandedOver { to, total, seq, text, .. } => {
                let attempt = find(ledger, iccid, to, (*total, *seq), text);
                hold!(attempt.is_some(), "{to} {seq}/{total} was handed over and no attempt is on record: {text:?}");
                let id = attempt.unwrap_or_default();
                ledger.attempts.get_mut(&id).expect("it was just found").handed = true;
                self.handed.insert(iccid.clone(), id);
            }
            Fact::Submitted { tp_mr, to, seq, .. } => {
                let id = self.handed.get(iccid).copied().unwrap_or_default();
                let attempt = ledger.attempts.get_mut(&id).ok_or_else(|| format!("{to} {seq} went out by itself"))?;
                attempt.aired = Some(*tp_mr);
                let denied = matches!(attempt.outcome.as_deref(), Some("refused" | "not_sent"))
                    || attempt.settled.as_deref() == Some("never_left");
                hold!(!denied, "attempt {id} went on the air after it was entered as never sent: {attempt:?}");
            }
            Fact::Reported { id, tp_mr, to, status } => {
                self.inbound.insert(*id, Inbound::Report(*tp_mr, to.clone(), *status));
                let Some(number) = digits(to) else { return Ok(()) };
                let Some(sim) = ledger.sims.get(iccid) else { return Ok(()) };
                let attempts = ledger.by_sim.get(sim).cloned().unwrap_or_default();
                for id in attempts.iter().rev().take(LOOK_BACK) {
                    let to_them = ledger.message_of(&ledger.attempts[id]).number == number;
                    let attempt = ledger.attempts.get_mut(id).expect("it was just read");
                    if to_them && attempt.aired == Some(*tp_mr) {
                        attempt.reports.push(*status);
                    }
                }
            }
            Fact::Inbound { id, from, seq, text, .. } => {
                self.inbound.insert(*id, Inbound::Text(from.clone(), *seq, text.clone()));
            }
            Fact::Deleted { id } | Fact::Acknowledged { id } => {
                let kept = match self.inbound.get(id) {
                    Some(Inbound::Text(from, seq, text)) => ledger.parts.contains(&(from.clone(), *seq, text.clone())),
                    Some(Inbound::Report(tp_mr, to, status)) => ledger.reports.contains(&(*tp_mr, to.clone(), *status)),
                    None => false,
                };
                hold!(kept, "{id} was deleted from a modem before it was durable: {:?}", self.inbound.get(id));
            }
            Fact::Dropped { id } => drop(self.inbound.remove(id)),
            _ => {}
        }
        Ok(())
    }

    pub fn unread(&self, ledger: &Ledger) -> Vec<String> {
        let unread = |inbound: &Inbound| match inbound {
            Inbound::Text(from, seq, text) => !ledger.parts.contains(&(from.clone(), *seq, text.clone())),
            Inbound::Report(..) => false,
        };
        self.inbound.values().filter(|inbound| unread(inbound)).map(|inbound| format!("{inbound:?}")).collect()
    }
}

/// The newest attempt of this card that is this segment and was not handed over yet.
fn find(ledger: &Ledger, iccid: &str, to: &str, place: (u8, u8), text: &str) -> Option<i64> {
    let number = digits(to)?;
    let attempts = ledger.by_sim.get(ledger.sims.get(iccid)?)?;
    let is = |id: &&i64| {
        let attempt = &ledger.attempts[id];
        let message = ledger.message_of(attempt);
        !attempt.handed
            && attempt.segment == place.1
            && message.number == number
            && message.segments.len() == usize::from(place.0)
            && ledger.text_of(message).contains(text)
    };
    attempts.iter().rev().take(3).find(is).copied()
}

/// A mobile number in any of the ways in which networks write it.
pub fn digits(written: &str) -> Option<u64> {
    let digits = written.strip_prefix('+').unwrap_or(written);
    match digits.strip_prefix('0') {
        Some(national) => format!("62{national}").parse().ok(),
        None => digits.parse().ok(),
    }
}
