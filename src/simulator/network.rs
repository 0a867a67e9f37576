//! The network behind one SIM: air time, phones, status reports, and what waits until the modem takes it.
//!
//! Each SIM has its own part of the network and its own dice; phones behave alike on all of them, since what a phone
//! does hangs on its number and the fleet's seed. Left out on purpose: cells, roaming, tariffs.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::air::{self, InboundError, Letter, Part, RecipientForm, Segment, ServiceCentre};
use super::faults::Faults;
use super::timers::Timers;
use crate::pdu::{Address, MessageClass};

/// How the network and the phones behave. The default is quick, friendly and without replies.
#[derive(Clone, Debug)]
pub struct NetworkSettings {
    /// From 0x1A to `+CMGS`.
    pub air_time: Duration,
    /// Air time varies by this share up and down, 0 to 1.
    pub jitter: f64,
    /// From the segment's acceptance to its status report.
    pub report_after: Duration,
    /// How TP-RA is written.
    pub recipient_form: RecipientForm,
    /// The SIM's service centre, in `+CSCA?` and in every PDU.
    pub service_centre: String,
    /// The country code that national forms leave out.
    pub country_code: String,
    /// The zone of TP-SCTS; Western Indonesian Time by default.
    pub offset: Offset,
    /// The wall clock at the simulation's start.
    pub started_at: Timestamp,
    /// The share of phones that are off: their messages end with TP-ST 0x46 when TP-VP is over.
    pub off: f64,
    /// At the latest after this, so that a test need not wait for days.
    pub off_at_most: Duration,
    /// The share of numbers that do not exist: +CMS ERROR 1.
    pub unknown: f64,
    /// The probability that a phone replies to a message.
    pub reply: f64,
    /// Replies to choose from, each as likely as the others.
    pub reply_texts: Vec<String>,
    /// From delivery to reply.
    pub reply_after: Duration,
    /// Phones with a behaviour of their own, by their number with plus.
    pub phones: BTreeMap<String, Phone>,
    /// What a USSD code is answered by that `ussd` does not name.
    pub credit_text: String,
    /// USSD codes with an answer or a menu of their own.
    pub ussd: BTreeMap<String, UssdMenu>,
    /// From a USSD code to its answer.
    pub ussd_after: Duration,
}

/// What the network says to a USSD code or key. With keys it is a menu and waits for one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UssdMenu {
    /// What it says.
    pub text: String,
    /// What each key leads to.
    pub keys: BTreeMap<String, UssdMenu>,
}

impl UssdMenu {
    /// A text that ends the session.
    pub fn text(text: &str) -> Self {
        Self { text: text.to_owned(), keys: BTreeMap::new() }
    }

    /// The same with this key in it.
    pub fn with(mut self, key: &str, leads_to: UssdMenu) -> Self {
        self.keys.insert(key.to_owned(), leads_to);
        self
    }
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            air_time: Duration::from_secs(3),
            jitter: 0.0,
            report_after: Duration::from_secs(2),
            recipient_form: RecipientForm::International,
            service_centre: "+6281100000".to_owned(),
            country_code: "62".to_owned(),
            offset: Offset::constant(7),
            started_at: Timestamp::constant(1_795_000_000, 0),
            off: 0.0,
            off_at_most: Duration::from_secs(7 * 24 * 3600),
            unknown: 0.0,
            reply: 0.0,
            reply_texts: vec!["STOP".to_owned()],
            reply_after: Duration::from_secs(5),
            phones: BTreeMap::new(),
            credit_text: "Sisa pulsa Rp 25.000 aktif s/d 24-12-2026".to_owned(),
            ussd: BTreeMap::new(),
            ussd_after: Duration::from_secs(2),
        }
    }
}

/// What a phone does with messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phone {
    /// Takes them.
    #[default]
    On,
    /// Takes them and replies this to the first.
    Replies(String),
    /// Off or out of reach: each expires.
    Off,
    /// No such number: +CMS ERROR 1.
    Unknown,
    /// The service centre takes the message and gives up on it at once, with this TP-ST.
    Fails(u8),
}

/// How a text comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboundForm {
    /// Segments come in any order.
    pub shuffled: bool,
    /// Each comes twice, as when the network missed the acknowledgement.
    pub doubled: bool,
    /// The last segment never comes.
    pub truncated: bool,
    /// The message class; [`MessageClass::Two`] goes to the SIM's memory.
    pub class: Option<MessageClass>,
}

/// Something on its way to the modem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Incoming {
    pub(super) id: u32,
    /// How often the network has tried already.
    pub(super) tries: u8,
    pub(super) pdu: Vec<u8>,
    pub(super) kind: IncomingKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IncomingKind {
    Message { from: String, reference: Option<u16>, total: u8, seq: u8, text: String, for_sim: bool },
    Report { tp_mr: u8, to: String, status: u8 },
}

/// What the network is going to do later.
#[derive(Debug)]
enum Plan {
    Arrive(Incoming),
    Reply { from: String, text: String },
}

/// The network's side of one SIM.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) settings: NetworkSettings,
    service_centre: ServiceCentre,
    /// The SIM's own number, with plus.
    own_number: Option<String>,
    seed: u64,
    plans: Timers<Plan>,
    ids: u32,
    references: u16,
}

impl Cell {
    pub(super) fn new(settings: NetworkSettings, own_number: Option<String>, seed: u64) -> Self {
        let address = Address::international(&settings.service_centre).ok();
        let service_centre = ServiceCentre { address, offset: settings.offset };
        Self { settings, service_centre, own_number, seed, plans: Timers::default(), ids: 0, references: 0 }
    }

    pub(super) fn time(&self, now: Duration) -> Timestamp {
        let elapsed = SignedDuration::try_from(now).unwrap_or(SignedDuration::MAX);
        self.settings.started_at.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    /// `yy/MM/dd,hh:mm:ss±zz` of 27.005 §3.1.
    pub(super) fn time_text(&self, now: Duration) -> String {
        let local = self.settings.offset.to_datetime(self.time(now));
        let quarters = self.settings.offset.seconds() / 900;
        format!("{}{quarters:+03}", local.strftime("%y/%m/%d,%H:%M:%S"))
    }

    pub(super) fn air_time(&self, rng: &mut Rng) -> Duration {
        let factor = 1.0 + self.settings.jitter.clamp(0.0, 1.0) * (rng.f64() * 2.0 - 1.0);
        self.settings.air_time.mul_f64(factor)
    }

    /// How the phone of this number behaves. Drawn from number and seed, so it is the same on every SIM.
    pub(super) fn phone(&self, number: &str) -> Phone {
        if let Some(phone) = self.settings.phones.get(number) {
            return phone.clone();
        }
        if (self.settings.off == 0.0 && self.settings.unknown == 0.0) || self.is_own(number) {
            return Phone::On;
        }
        // FNV-1a, which is the same everywhere and always.
        let hash = number
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
        let chance = Rng::with_seed(hash ^ self.seed).f64();
        if chance < self.settings.unknown {
            Phone::Unknown
        } else if chance < self.settings.unknown + self.settings.off {
            Phone::Off
        } else {
            Phone::On
        }
    }

    /// The service centre has taken a segment: what follows from that is planned.
    pub(super) fn accept(
        &mut self,
        now: Duration,
        segment: &Segment,
        tp_mr: u8,
        early: bool,
        faults: &Faults,
        rng: &mut Rng,
    ) {
        if faults.drop_to.iter().any(|beginning| segment.to.starts_with(beginning)) {
            return;
        }
        let phone = self.phone(&segment.to);
        let (status, after) = match &phone {
            Phone::On | Phone::Replies(_) | Phone::Unknown => (0x00, self.settings.report_after),
            Phone::Fails(status) => (*status, self.settings.report_after),
            Phone::Off => (0x46, self.expiry(segment)),
        };
        if segment.wants_report {
            let done = if early { now } else { now + after };
            self.plan_reports(now, done, segment, tp_mr, status, faults, rng);
        }
        let delivered = matches!(phone, Phone::On | Phone::Replies(_));
        if delivered && self.is_own(&segment.to) {
            self.pass_on(now + self.settings.report_after / 2, segment);
        } else if delivered && segment.seq == segment.total {
            self.plan_reply(now + self.settings.report_after, segment, phone, rng);
        }
    }

    /// Whether a number, international or national, is this SIM's.
    fn is_own(&self, number: &str) -> bool {
        let Some(own) = self.own_number.as_deref().and_then(|own| own.strip_prefix('+')) else { return false };
        match (number.strip_prefix('+'), number.strip_prefix('0')) {
            (Some(digits), _) => digits == own,
            (None, Some(national)) => own.strip_prefix(self.settings.country_code.as_str()) == Some(national),
            (None, None) => number == own,
        }
    }

    /// A message to the SIM's own number comes back to it.
    fn pass_on(&mut self, at: Duration, segment: &Segment) {
        let Some(from) = self.own_number.clone() else { return };
        if let Some(part) = self.service_centre.pass_on(segment, &from, self.time(at)) {
            self.arrive(at, &from, part, segment.dcs.class() == Some(MessageClass::Two));
        }
    }

    fn expiry(&self, segment: &Segment) -> Duration {
        let span = segment.validity.and_then(|validity| validity.span());
        span.and_then(|span| Duration::try_from(span).ok()).unwrap_or(Duration::MAX).min(self.settings.off_at_most)
    }

    #[expect(clippy::too_many_arguments, reason = "all of it is about one report")]
    fn plan_reports(
        &mut self,
        now: Duration,
        done: Duration,
        segment: &Segment,
        tp_mr: u8,
        status: u8,
        faults: &Faults,
        rng: &mut Rng,
    ) {
        let mut dice = [0.0; 4];
        dice.fill_with(|| rng.f64());
        let [none, pending, duplicate, orphan] = dice;
        if none >= faults.no_report {
            if pending < faults.pending_report {
                let report = self.report(tp_mr, &segment.to, now, now, 0x20 + rng.u8(0..6), rng);
                self.plans.at(now + (done - now) / 2, Plan::Arrive(report));
            }
            let report = self.report(tp_mr, &segment.to, now, done, status, rng);
            if duplicate < faults.duplicate_report {
                let again = Incoming { id: self.next_id(), ..report.clone() };
                self.plans.at(done + Duration::from_millis(rng.u64(100..5_000)), Plan::Arrive(again));
            }
            self.plans.at(done, Plan::Arrive(report));
        }
        if orphan < faults.orphan_report {
            let stranger = format!("+62899{:08}", rng.u32(0..100_000_000));
            let report = self.report(rng.u8(..), &stranger, now, done, 0, rng);
            self.plans.at(done, Plan::Arrive(report));
        }
    }

    fn report(&mut self, tp_mr: u8, to: &str, sent: Duration, done: Duration, status: u8, rng: &mut Rng) -> Incoming {
        const FORMS: [RecipientForm; 4] = [
            RecipientForm::International,
            RecipientForm::National,
            RecipientForm::NationalUnknown,
            RecipientForm::Digits,
        ];
        let form = match self.settings.recipient_form {
            RecipientForm::Mixed => FORMS[rng.usize(..FORMS.len())],
            form => form,
        };
        // TP-DA was read from a PDU, so it can be written into one.
        let unwritable = || Address::unknown("0").unwrap_or_else(|_| unreachable!("0 is a digit"));
        let recipient = air::recipient(to, form, &self.settings.country_code).unwrap_or_else(unwritable);
        let to = air::written(&recipient);
        let (sent, done) = (self.time(sent), self.time(done));
        let pdu = self.service_centre.report(tp_mr, recipient, sent, done, status);
        Incoming { id: self.next_id(), tries: 0, pdu, kind: IncomingKind::Report { tp_mr, to, status } }
    }

    fn plan_reply(&mut self, delivered: Duration, segment: &Segment, phone: Phone, rng: &mut Rng) {
        let text = match phone {
            Phone::Replies(text) => {
                self.settings.phones.insert(segment.to.clone(), Phone::On);
                text
            }
            _ if rng.f64() < self.settings.reply && !self.settings.reply_texts.is_empty() => {
                self.settings.reply_texts[rng.usize(..self.settings.reply_texts.len())].clone()
            }
            _ => return,
        };
        self.plans.at(delivered + self.settings.reply_after, Plan::Reply { from: segment.to.clone(), text });
    }

    /// A phone sends a text to this SIM; it arrives as soon as the modem can be reached.
    pub(super) fn inbound(
        &mut self,
        now: Duration,
        from: &str,
        text: &str,
        form: InboundForm,
        rng: &mut Rng,
    ) -> Result<Vec<u32>, InboundError> {
        let letter = Letter { from, text, reference: self.references, class: form.class };
        let mut parts = self.service_centre.deliver(&letter, self.time(now))?;
        if parts.len() > 1 {
            self.references = self.references.wrapping_add(1);
        }
        if form.truncated {
            parts.pop();
        }
        if form.doubled {
            parts = parts.iter().flat_map(|part| [part.clone(), part.clone()]).collect();
        }
        if form.shuffled {
            rng.shuffle(&mut parts);
        }
        Ok(parts.into_iter().map(|part| self.arrive(now, from, part, form.class == Some(MessageClass::Two))).collect())
    }

    fn arrive(&mut self, now: Duration, from: &str, part: Part, for_sim: bool) -> u32 {
        let Part { seq, total, reference, text, pdu } = part;
        let id = self.next_id();
        let kind = IncomingKind::Message { from: from.to_owned(), reference, total, seq, text, for_sim };
        self.plans.at(now, Plan::Arrive(Incoming { id, tries: 0, pdu, kind }));
        id
    }

    /// What phones do is drawn from it.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// From now on its messages and reports are numbered above `first`.
    pub(super) fn number_from(&mut self, first: u32) {
        self.ids = first;
    }

    fn next_id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.plans.next()
    }

    /// What reaches the SIM's network by now, with its time; replies are turned into messages on the way.
    pub(super) fn pop_due(&mut self, now: Duration, rng: &mut Rng) -> Option<Incoming> {
        loop {
            match self.plans.pop_due(now)? {
                (_, Plan::Arrive(incoming)) => return Some(incoming),
                // A phone that a message reached has a number that can be replied from.
                (time, Plan::Reply { from, text }) => {
                    let _ = self.inbound(time, &from, &text, InboundForm::default(), rng);
                }
            }
        }
    }

    /// The same again later: the network tries once more.
    pub(super) fn again(&mut self, time: Duration, mut incoming: Incoming) {
        incoming.tries = incoming.tries.saturating_add(1);
        self.plans.at(time, Plan::Arrive(incoming));
    }
}
