use super::octets::Reader;
use super::{Address, Dcs, PduError, TimeStamp, UserData};

/// SMS-STATUS-REPORT, what became of a message (23.040 §9.2.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// TP-MMS, the other way round than on the wire: more messages wait in the centre.
    pub more_messages: bool,
    /// TP-LP: forwarded or spawned.
    pub loop_prevention: bool,
    /// TP-SRQ: the answer to an SMS-COMMAND, not to an SMS-SUBMIT.
    pub of_command: bool,
    /// TP-MR of the message it is about.
    pub tp_mr: u8,
    /// TP-RA: the number the message was for.
    pub recipient: Address,
    /// TP-SCTS: when the centre took the message.
    pub service_centre_time: TimeStamp,
    /// TP-DT: when it was delivered, or when the last try was.
    pub discharge_time: TimeStamp,
    /// TP-ST.
    pub status: TpStatus,
    /// TP-PI and what it announces; most centres send none.
    pub parameters: Option<ReportParameters>,
}

/// The optional fields at the end of a report (23.040 §9.2.3.27).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportParameters {
    /// TP-PI, the first octet, as sent.
    pub indicator: u8,
    /// TP-PID.
    pub protocol: Option<u8>,
    /// TP-DCS.
    pub dcs: Option<Dcs>,
    /// TP-UD; read by TP-DCS, or by 0 where there is none.
    pub user_data: Option<UserData>,
}

const MTI: u8 = 0b10;
const NO_MORE_MESSAGES: u8 = 0x04;
const LOOP_PREVENTION: u8 = 0x08;
const OF_COMMAND: u8 = 0x20;
const HEADER: u8 = 0x40;
const PI_PROTOCOL: u8 = 0x01;
const PI_DCS: u8 = 0x02;
const PI_USER_DATA: u8 = 0x04;
const PI_EXTENSION: u8 = 0x80;
/// Some centres send this, all bits set, and mean the three fields without a further indicator.
const PI_ALL: u8 = 0xFF;

impl StatusReport {
    /// The TPDU without a service centre address.
    pub fn encode(&self) -> Vec<u8> {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let user_data = self.parameters.as_ref().and_then(|parameters| parameters.user_data.as_ref());
        let has_header = user_data.is_some_and(|data| data.header().is_some());
        let mut octets = Vec::with_capacity(32);
        octets.push(
            MTI | bit(!self.more_messages, NO_MORE_MESSAGES)
                | bit(self.loop_prevention, LOOP_PREVENTION)
                | bit(self.of_command, OF_COMMAND)
                | bit(has_header, HEADER),
        );
        octets.push(self.tp_mr);
        self.recipient.write(&mut octets);
        octets.extend(self.service_centre_time.octets());
        octets.extend(self.discharge_time.octets());
        octets.push(self.status.0);
        if let Some(parameters) = &self.parameters {
            parameters.write(&mut octets);
        }
        octets
    }

    /// Reads a TPDU without a service centre address. What stands behind the last field is ignored.
    pub fn decode(octets: &[u8]) -> Result<Self, PduError> {
        Self::decode_prefix(octets).map(|(report, _)| report)
    }

    /// As [`Self::decode`]; gives back how many octets the TPDU took.
    pub fn decode_prefix(octets: &[u8]) -> Result<(Self, usize), PduError> {
        let mut reader = Reader::new(octets);
        let first = reader.octet("the first octet")?;
        if first & 3 != MTI {
            return Err(PduError::MessageType { expected: "SMS-STATUS-REPORT (10)", found: first & 3 });
        }
        let report = Self {
            more_messages: first & NO_MORE_MESSAGES == 0,
            loop_prevention: first & LOOP_PREVENTION != 0,
            of_command: first & OF_COMMAND != 0,
            tp_mr: reader.octet("TP-MR")?,
            recipient: Address::read(&mut reader, "TP-RA")?,
            service_centre_time: TimeStamp::from_octets(reader.array("TP-SCTS")?),
            discharge_time: TimeStamp::from_octets(reader.array("TP-DT")?),
            status: TpStatus(reader.octet("TP-ST")?),
            parameters: ReportParameters::read(&mut reader, first & HEADER != 0)?,
        };
        Ok((report, reader.position()))
    }
}

impl ReportParameters {
    fn read(reader: &mut Reader<'_>, has_header: bool) -> Result<Option<Self>, PduError> {
        if reader.is_empty() {
            return Ok(None);
        }
        let indicator = reader.octet("TP-PI")?;
        if indicator != PI_ALL {
            let mut extended = indicator;
            while extended & PI_EXTENSION != 0 {
                extended = reader.octet("TP-PI")?;
            }
        }
        let announced = |bit: u8| indicator & bit != 0;
        let protocol = if announced(PI_PROTOCOL) { Some(reader.octet("TP-PID")?) } else { None };
        let dcs = if announced(PI_DCS) { Some(Dcs(reader.octet("TP-DCS")?)) } else { None };
        let user_data = if announced(PI_USER_DATA) {
            Some(UserData::read(reader, dcs.unwrap_or(Dcs(0)), has_header)?)
        } else {
            None
        };
        Ok(Some(Self { indicator, protocol, dcs, user_data }))
    }

    /// The indicator follows from what there is; only its reserved bits are taken from the field.
    fn write(&self, octets: &mut Vec<u8>) {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let all = self.indicator == PI_ALL;
        let reserved = self.indicator & !(PI_PROTOCOL | PI_DCS | PI_USER_DATA | PI_EXTENSION);
        let announced = bit(self.protocol.is_some(), PI_PROTOCOL)
            | bit(self.dcs.is_some(), PI_DCS)
            | bit(self.user_data.is_some(), PI_USER_DATA);
        octets.push(if all && announced == 7 { PI_ALL } else { reserved | announced });
        octets.extend(self.protocol);
        octets.extend(self.dcs.map(|dcs| dcs.0));
        if let Some(user_data) = &self.user_data {
            user_data.write(octets);
        }
    }
}

/// TP-ST (23.040 §9.2.3.15), kept as the octet it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TpStatus(pub u8);

/// What a TP-ST says of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusMeaning {
    /// The phone has it.
    Delivered,
    /// The centre is done with it, but cannot say that the phone has it: forwarded, replaced, or a reserved code.
    Unconfirmed,
    /// The centre tries on; another report will come.
    StillTrying,
    /// The centre has given up.
    Failed(Failure),
}

/// Why the centre gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// It would fail again.
    Permanent,
    /// The phone was not reached in time (TP-VP); another day it may be.
    Expired,
    /// Deleted by the sender or the centre, or the centre does not know it.
    Deleted,
    /// A temporary error, and the centre tries no more; sending it again may help.
    Temporary,
}

impl TpStatus {
    /// Received by the phone.
    pub const DELIVERED: TpStatus = TpStatus(0x00);
    /// The validity period ran out.
    pub const EXPIRED: TpStatus = TpStatus(0x46);

    /// What it means; codes that are reserved or the centre's own mean what their group means, and those of no group
    /// what 0x63 means (§9.2.3.15).
    pub fn meaning(self) -> StatusMeaning {
        match self.0 {
            0x00 => StatusMeaning::Delivered,
            0x01..=0x1F => StatusMeaning::Unconfirmed,
            0x20..=0x3F => StatusMeaning::StillTrying,
            0x46 => StatusMeaning::Failed(Failure::Expired),
            0x47..=0x49 => StatusMeaning::Failed(Failure::Deleted),
            0x40..=0x5F => StatusMeaning::Failed(Failure::Permanent),
            0x60..=0xFF => StatusMeaning::Failed(Failure::Temporary),
        }
    }

    /// Whether another report about the message is to be expected.
    pub fn is_final(self) -> bool {
        self.meaning() != StatusMeaning::StillTrying
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_means_what_its_group_means() {
        use StatusMeaning::{Delivered, Failed, StillTrying, Unconfirmed};
        let check =
            |status: u8, meaning: StatusMeaning| assert_eq!(TpStatus(status).meaning(), meaning, "{status:02X}");
        check(0x00, Delivered);
        check(0x01, Unconfirmed);
        check(0x02, Unconfirmed);
        check(0x1F, Unconfirmed);
        check(0x20, StillTrying);
        check(0x25, StillTrying);
        check(0x30, StillTrying);
        check(0x40, Failed(Failure::Permanent));
        check(0x46, Failed(Failure::Expired));
        check(0x48, Failed(Failure::Deleted));
        check(0x4A, Failed(Failure::Permanent));
        check(0x60, Failed(Failure::Temporary));
        check(0x63, Failed(Failure::Temporary));
        check(0x80, Failed(Failure::Temporary));
        check(0xFF, Failed(Failure::Temporary));
    }
}
