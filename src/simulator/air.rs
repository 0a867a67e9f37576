//! TPDUs as the network sees them: reads what a modem was given to send, makes what it is to receive.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::pdu::{
    self, Address, Dcs, Deliver, MessageClass, StatusReport, Submit, Text, TextTooLong, TimeStamp, TpStatus,
    TypeOfNumber, UserData, Validity, with_service_centre,
};

/// An SMS-SUBMIT that was handed to a modem.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// The digits of TP-DA, with a plus if it is international.
    pub(super) to: String,
    pub(super) reference: Option<u16>,
    pub(super) total: u8,
    pub(super) seq: u8,
    pub(super) text: String,
    /// As it goes on the air.
    pub(super) user_data: UserData,
    pub(super) dcs: Dcs,
    pub(super) wants_report: bool,
    pub(super) validity: Option<Validity>,
    /// The PDU names a service centre, so that the SIM's is not needed.
    pub(super) names_service_centre: bool,
}

/// Reads what stands between prompt and 0x1A. `length` is what `AT+CMGS=` said: octets without the service centre's.
///
/// Errors: the number that modems give for it, +CMS ERROR 304 (27.005 §3.2.5).
pub(super) fn read_submit(digits: &[u8], length: usize) -> Result<Segment, u16> {
    const INVALID_PDU: u16 = 304;
    let digits = std::str::from_utf8(digits).map_err(|_| INVALID_PDU)?;
    let octets = pdu::hex::decode(digits).map_err(|_| INVALID_PDU)?;
    let (service_centre, skipped) = Address::decode_service_centre(&octets).map_err(|_| INVALID_PDU)?;
    let tpdu = &octets[skipped..];
    if tpdu.len() != length {
        return Err(INVALID_PDU);
    }
    let (submit, read) = Submit::decode_prefix(tpdu).map_err(|_| INVALID_PDU)?;
    if read != tpdu.len() {
        return Err(INVALID_PDU);
    }
    let concat = submit.user_data.header().and_then(|header| header.concat());
    Ok(Segment {
        to: written(&submit.destination),
        reference: concat.map(|concat| concat.reference),
        total: concat.map_or(1, |concat| concat.total),
        seq: concat.map_or(1, |concat| concat.number),
        text: submit.user_data.text(submit.dcs).unwrap_or_else(|| data_of(&submit)),
        user_data: submit.user_data.clone(),
        dcs: submit.dcs,
        wants_report: submit.report,
        validity: submit.validity,
        names_service_centre: service_centre.is_some(),
    })
}

fn data_of(submit: &Submit) -> String {
    match submit.user_data.body() {
        pdu::Body::Septets(octets) | pdu::Body::Octets(octets) => format!("0x{}", pdu::hex::encode(octets)),
    }
}

/// The digits, with a plus in front of international ones; a name as it is.
pub(super) fn written(address: &Address) -> String {
    match address.type_of_number() {
        TypeOfNumber::International => format!("+{}", address.value()),
        _ => address.value().to_owned(),
    }
}

/// The form in which service centres write TP-RA; all of them occur in the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecipientForm {
    /// As TP-DA was: `6281…`, type 0x91.
    #[default]
    International,
    /// `081…`, type 0xA1 (national).
    National,
    /// `081…`, type 0x81 (unknown).
    NationalUnknown,
    /// `6281…`, type 0x81: the digits without the plus.
    Digits,
    /// One of these, by chance.
    Mixed,
}

/// The address of a number in one of these forms, for a country whose code is given. Numbers that cannot be written so
/// stay as they are.
pub(super) fn recipient(number: &str, form: RecipientForm, country_code: &str) -> Option<Address> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let national = || digits.strip_prefix(country_code).map(|rest| format!("0{rest}"));
    let address = match form {
        RecipientForm::National => national().map(|digits| Address::numeric(0xA1, &digits)),
        RecipientForm::NationalUnknown => national().map(|digits| Address::numeric(0x81, &digits)),
        RecipientForm::Digits => Some(Address::numeric(0x81, digits)),
        RecipientForm::International | RecipientForm::Mixed => None,
    };
    address.unwrap_or_else(|| any_address(number)).ok()
}

/// `+62…` is international, other digits are unknown, anything else is a name.
fn any_address(number: &str) -> Result<Address, pdu::AddressError> {
    match number.strip_prefix('+') {
        Some(digits) => Address::international(digits),
        None if number.bytes().all(|digit| digit.is_ascii_digit()) => Address::unknown(number),
        None => Address::alphanumeric(number),
    }
}

/// The marks that a service centre puts on what passes through it.
#[derive(Clone, Debug)]
pub(super) struct ServiceCentre {
    pub(super) address: Option<Address>,
    pub(super) offset: Offset,
}

impl ServiceCentre {
    /// TP-SCTS; 2026-01-01 for times that the format cannot say.
    pub(super) fn time(&self, time: Timestamp) -> TimeStamp {
        TimeStamp::at(time, self.offset)
            .unwrap_or_else(|| TimeStamp::from_octets([0x62, 0x10, 0x10, 0x00, 0x00, 0x00, 0x82]))
    }

    /// An SMS-STATUS-REPORT with the centre's address, as a modem writes it.
    pub(super) fn report(
        &self,
        tp_mr: u8,
        recipient: Address,
        sent: Timestamp,
        done: Timestamp,
        status: u8,
    ) -> Vec<u8> {
        let report = StatusReport {
            more_messages: false,
            loop_prevention: false,
            of_command: false,
            tp_mr,
            recipient,
            service_centre_time: self.time(sent),
            discharge_time: self.time(done),
            status: TpStatus(status),
            parameters: None,
        };
        with_service_centre(self.address.as_ref(), &report.encode())
    }

    /// The SMS-DELIVER that a segment becomes for its recipient: the same user data. `None`: its sender has no number.
    pub(super) fn pass_on(&self, segment: &Segment, from: &str, now: Timestamp) -> Option<Part> {
        let deliver = Deliver {
            more_messages: segment.seq < segment.total,
            loop_prevention: false,
            report: false,
            reply_path: false,
            originator: any_address(from).ok()?,
            protocol: 0,
            dcs: segment.dcs,
            service_centre_time: self.time(now),
            user_data: segment.user_data.clone(),
        };
        Some(Part {
            seq: segment.seq,
            total: segment.total,
            reference: segment.reference,
            text: segment.text.clone(),
            pdu: with_service_centre(self.address.as_ref(), &deliver.encode()),
        })
    }

    /// The SMS-DELIVERs of a text, in order. Errors: [`InboundError`].
    pub(super) fn deliver(&self, letter: &Letter<'_>, now: Timestamp) -> Result<Vec<Part>, InboundError> {
        let originator =
            any_address(letter.from).map_err(|reason| InboundError::From { from: letter.from.to_owned(), reason })?;
        let plan = Text::plan(letter.text)?;
        let total = plan.segments() as u8;
        let part = |seq: u8| {
            let deliver = Deliver {
                more_messages: seq < total,
                loop_prevention: false,
                report: false,
                reply_path: false,
                originator: originator.clone(),
                protocol: 0,
                dcs: plan.dcs(letter.class),
                service_centre_time: self.time(now),
                user_data: plan.user_data(seq, letter.reference),
            };
            Part {
                seq,
                total,
                reference: (total > 1).then_some(letter.reference & 0xFF),
                text: deliver.text().unwrap_or_default(),
                pdu: with_service_centre(self.address.as_ref(), &deliver.encode()),
            }
        };
        Ok((1..=total).map(part).collect())
    }
}

/// A text that a phone sends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter<'a> {
    pub(super) from: &'a str,
    pub(super) text: &'a str,
    pub(super) reference: u16,
    pub(super) class: Option<MessageClass>,
}

/// One SMS-DELIVER of it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) seq: u8,
    pub(super) total: u8,
    pub(super) reference: Option<u16>,
    pub(super) text: String,
    pub(super) pdu: Vec<u8>,
}

/// Why a phone cannot send this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InboundError {
    /// Neither number nor name.
    #[error("{from:?} is no originator: {reason}")]
    From {
        /// As given.
        from: String,
        /// Why.
        reason: pdu::AddressError,
    },
    /// Too long.
    #[error(transparent)]
    Text(#[from] TextTooLong),
}
