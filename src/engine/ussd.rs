//! USSD through a modem that is at work: it waits for the end of the message in hand, gives way to emergencies, and is
//! answered when the network has.

use super::event::{Act, ModemOrder, Order, UssdKey};
use super::rank::{Rank, Ranks, Seeker};
use super::{ENGINE, Engine};
use crate::model::{
    ModemName, SignedDuration, Ticket, Timestamp, UssdAnswer, UssdCode, UssdEnd, UssdForm, UssdView, later,
};
use crate::pdu::ussd::{DEFAULT_DCS, Written, decode, packed};
use crate::store::{EventRow, StoreError};

/// How long a modem that sends may keep somebody waiting who wants to dial.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// Most codes of one exchange: each may take a minute of the modem's time.
const CODES_MAX: usize = 9;
/// Most characters kept of one answer.
const ANSWER_MAX: usize = 1_000;

/// A USSD exchange that a modem is to make, or makes.
#[derive(Debug)]
pub(super) struct Ussd {
    ticket: Ticket,
    codes: Vec<UssdCode>,
    asked: Asked,
    phase: Phase,
}

/// Who wants to know.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// A person, who waits for the answer.
    Person { actor: String, reply_to: Option<u64> },
    /// The schedule, for the SIM's credit.
    Credit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// For the message in hand to end, until then.
    Waiting(Timestamp),
    /// The session dials.
    Running,
    /// The session was told to end it.
    Ending,
}

impl Asked {
    fn actor(&self) -> &str {
        match self {
            Asked::Person { actor, .. } => actor,
            Asked::Credit => ENGINE.actor,
        }
    }
}

impl Engine {
    /// A person wants to dial; they are answered by [`Self::conclude_ussd`]. Errors: why that cannot be.
    pub(super) fn ussd_wanted(
        &mut self,
        modem: &ModemName,
        codes: &[UssdCode],
        act: &Act,
        now: Timestamp,
    ) -> Result<(), String> {
        let Some(station) = self.stations.get_mut(modem) else {
            return Err(format!("there is no modem {modem} with a SIM"));
        };
        if !station.ready {
            return Err(format!("modem {modem} is not ready; see kentongan modems"));
        }
        if codes.is_empty() || codes.len() > CODES_MAX {
            return Err(format!("one code and at most {} keys can be dialled at a time", CODES_MAX - 1));
        }
        // A question of the schedule that has not begun waits for a person's.
        let may_wait = |ussd: &mut Ussd| matches!((&ussd.asked, ussd.phase), (Asked::Credit, Phase::Waiting(_)));
        let put_off = station.ussd.take_if(may_wait).is_some();
        if station.ussd.is_some() {
            return Err(format!("modem {modem} is dialling another USSD code; try again in a minute"));
        }
        if put_off {
            self.put_off_credit(modem, now);
        }
        let asked = Asked::Person { actor: act.actor.clone(), reply_to: act.reply_to };
        self.want_ussd(modem, codes.to_vec(), asked, now);
        Ok(())
    }

    /// Lets a modem finish what it has in hand and then dial.
    pub(super) fn want_ussd(&mut self, modem: &ModemName, codes: Vec<UssdCode>, asked: Asked, now: Timestamp) {
        let ticket = self.ticket();
        let until = later(now, PATIENCE);
        let station = self.stations.get_mut(modem).expect("only a connected modem is asked to dial");
        station.ussd = Some(Ussd { ticket, codes, asked, phase: Phase::Waiting(until) });
        // What it only holds ready goes elsewhere; the rest of a message that has begun follows first.
        let loose =
            |held: &super::station::Reserved| held.rank > Rank::Emergency && station.current != Some(held.segment);
        let loose = station.reserved.as_ref().is_some_and(loose);
        if loose {
            self.release_where_modem(modem);
        }
    }

    /// Whether this modem is kept for USSD just now. One that dials although an emergency could go through it is told to end
    /// that: the emergency follows as soon as it has.
    pub(super) fn kept_for_ussd(&mut self, modem: &ModemName, now: Timestamp) -> Result<bool, StoreError> {
        let station = &self.stations[modem];
        let Some(ussd) = &station.ussd else { return Ok(false) };
        let (ticket, phase) = (ussd.ticket, ussd.phase);
        if station.current.is_some() && phase != Phase::Running {
            return Ok(false);
        }
        let book = &self.sims[&station.sim];
        let may_send = book.rests_until <= now && book.earliest(Rank::Emergency, 1, now) <= now;
        // Whatever waited for another SIM after a refusal counts too: USSD is never what keeps it waiting.
        let seeker = Seeker { alone: Ranks::ALL, ..self.seeker(modem, now) };
        let urgent = may_send && self.queue.more_urgent(Rank::Answer, &seeker, &self.held, &self.store, now)?;
        match phase {
            Phase::Waiting(_) => Ok(!urgent),
            Phase::Running if urgent => {
                self.stations
                    .get_mut(modem)
                    .and_then(|station| station.ussd.as_mut())
                    .expect("it was just read")
                    .phase = Phase::Ending;
                self.orders.push(Order::Modem(modem.clone(), ModemOrder::EndUssd(ticket)));
                Ok(true)
            }
            Phase::Running | Phase::Ending => Ok(true),
        }
    }

    /// Lets every modem dial that is to and has nothing in hand.
    pub(super) fn dial(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let free: Vec<ModemName> = self
            .stations
            .iter()
            .filter(|(_, station)| {
                station.ready && station.on_air.is_none() && station.reserved.is_none() && station.current.is_none()
            })
            .filter(|(_, station)| station.ussd.as_ref().is_some_and(|ussd| matches!(ussd.phase, Phase::Waiting(_))))
            .map(|(modem, _)| modem.clone())
            .collect();
        for modem in free {
            let station = self.stations.get_mut(&modem).expect("it was just listed");
            let (sim, ussd) = (station.sim, station.ussd.as_mut().expect("it was just listed"));
            ussd.phase = Phase::Running;
            let (ticket, actor, shown) = (ussd.ticket, ussd.asked.actor().to_owned(), shown(&ussd.codes));
            let key = |code: &UssdCode| UssdKey { packed: packed(code.as_str()), code: code.clone() };
            let keys = ussd.codes.iter().map(key).collect();
            let detail = format!("{modem}: {shown}");
            let event = EventRow { actor: &actor, kind: "ussd_dialled", sim: Some(sim), detail: &detail, ..ENGINE };
            self.record(event, now)?;
            self.orders.push(Order::Modem(modem, ModemOrder::Ussd { ticket, keys }));
        }
        Ok(())
    }

    /// An exchange is over.
    pub(super) fn ussd_ended(
        &mut self,
        modem: &ModemName,
        ticket: Ticket,
        answers: &[UssdAnswer],
        end: &UssdEnd,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(station) = self.stations.get_mut(modem) else { return Ok(()) };
        let Some(ussd) = station.ussd.take_if(|ussd| ussd.ticket == ticket) else { return Ok(()) };
        let view = UssdView {
            answers: answers.iter().map(text).collect(),
            open: *end == UssdEnd::Answered { open: true },
            trouble: end.trouble(),
        };
        let asked = !matches!(end, UssdEnd::Withdrawn | UssdEnd::Stopped);
        self.conclude_ussd(modem, ussd, view, asked, now)
    }

    /// The modem of an exchange went away, or did not get free in time.
    pub(super) fn ussd_failed(&mut self, modem: &ModemName, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let Some(ussd) = self.stations.get_mut(modem).and_then(|station| station.ussd.take()) else { return Ok(()) };
        let view = UssdView { trouble: Some(reason.to_owned()), ..UssdView::default() };
        // A modem that dialled when it went away has asked: one that falls over each time must not be asked again and again.
        let asked = ussd.phase == Phase::Running;
        self.conclude_ussd(modem, ussd, view, asked, now)
    }

    /// Tells whoever asked. `asked`: the network was, to the end.
    fn conclude_ussd(
        &mut self,
        modem: &ModemName,
        ussd: Ussd,
        view: UssdView,
        asked: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sim = self.stations.get(modem).map(|station| station.sim);
        let how = view.trouble.as_deref().unwrap_or("answered");
        let detail = format!("{modem}: {}: {how}", shown(&ussd.codes));
        self.record(EventRow { kind: "ussd_ended", sim, detail: &detail, ..ENGINE }, now)?;
        match ussd.asked {
            Asked::Person { reply_to, .. } => {
                let told = serde_json::to_string(&view).expect("texts and a flag are JSON");
                self.reply(reply_to, Ok(told));
                Ok(())
            }
            Asked::Credit => self.credit_answered(modem, &view, asked, now),
        }
    }

    /// Gives up on modems that do not get free; gives the time of the next one.
    pub(super) fn end_ussd_waits(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let waiting = |(modem, station): (&ModemName, &super::station::Station)| match station.ussd.as_ref()?.phase {
            Phase::Waiting(until) => Some((modem.clone(), until)),
            _ => None,
        };
        let waiting: Vec<_> = self.stations.iter().filter_map(waiting).collect();
        let mut next = None;
        for (modem, until) in waiting {
            if until <= now {
                let minutes = PATIENCE.as_mins();
                let reason =
                    format!("the modem had messages in hand for {minutes} minutes; try again later, or pause first");
                self.ussd_failed(&modem, &reason, now)?;
            } else {
                next = Some(next.map_or(until, |next: Timestamp| next.min(until)));
            }
        }
        Ok(next)
    }
}

/// The text of an answer.
fn text(answer: &UssdAnswer) -> String {
    let written = match answer.form {
        UssdForm::Plain => Written::Text,
        UssdForm::Ucs2Hex => Written::Ucs2,
        UssdForm::PackedHex => Written::Packed,
    };
    decode(&answer.string, answer.dcs.unwrap_or(DEFAULT_DCS), written).chars().take(ANSWER_MAX).collect()
}

/// The codes for the record, secrets hidden: `*888# 1 2`.
fn shown(codes: &[UssdCode]) -> String {
    codes.iter().map(UssdCode::shown).collect::<Vec<_>>().join(" ")
}
