use super::gsm7::Alphabet;
use super::octets::Reader;
use super::user_data::Body;
use super::{Address, Coding, Concat, Dcs, MessageClass, MessageWaiting, PduError, TimeStamp, Udh, UserData, ucs2};

/// SMS-DELIVER, a short message that came in (23.040 §9.2.2.1). TP-MTI and TP-UDHI follow from the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// TP-MMS, the other way round than on the wire: more messages wait in the centre.
    pub more_messages: bool,
    /// TP-LP: forwarded or spawned; must not be answered by a machine.
    pub loop_prevention: bool,
    /// TP-SRI: the sender is to get a status report.
    pub report: bool,
    /// TP-RP: the reply may go through the same centre.
    pub reply_path: bool,
    /// TP-OA.
    pub originator: Address,
    /// TP-PID.
    pub protocol: u8,
    /// TP-DCS.
    pub dcs: Dcs,
    /// TP-SCTS: when it came to the centre.
    pub service_centre_time: TimeStamp,
    /// TP-UD.
    pub user_data: UserData,
}

const MTI: u8 = 0b00;
const NO_MORE_MESSAGES: u8 = 0x04;
const LOOP_PREVENTION: u8 = 0x08;
const REPORT: u8 = 0x20;
const HEADER: u8 = 0x40;
const REPLY_PATH: u8 = 0x80;

impl Deliver {
    /// The text; `None` for data and for compressed text. A part alone may show U+FFFD for half a surrogate pair:
    /// [`join_text`] puts parts together.
    pub fn text(&self) -> Option<String> {
        self.user_data.text(self.dcs)
    }

    /// The octets of data, UCS-2 or compressed text; `None` for septets.
    pub fn data(&self) -> Option<&[u8]> {
        match self.user_data.body() {
            Body::Octets(octets) => Some(octets),
            Body::Septets(_) => None,
        }
    }

    /// Which part of which message it is; `None` for a message of one part.
    pub fn concat(&self) -> Option<Concat> {
        self.user_data.header().and_then(Udh::concat)
    }

    /// The message class, where one is named.
    pub fn class(&self) -> Option<MessageClass> {
        self.dcs.class()
    }

    /// The message waiting indication of TP-DCS; those of the header are [`Udh::special_indications`].
    pub fn message_waiting(&self) -> Option<MessageWaiting> {
        self.dcs.message_waiting()
    }

    /// The TPDU without a service centre address.
    pub fn encode(&self) -> Vec<u8> {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let mut octets = Vec::with_capacity(170);
        octets.push(
            MTI | bit(!self.more_messages, NO_MORE_MESSAGES)
                | bit(self.loop_prevention, LOOP_PREVENTION)
                | bit(self.report, REPORT)
                | bit(self.user_data.header().is_some(), HEADER)
                | bit(self.reply_path, REPLY_PATH),
        );
        self.originator.write(&mut octets);
        octets.extend([self.protocol, self.dcs.0]);
        octets.extend(self.service_centre_time.octets());
        self.user_data.write(&mut octets);
        octets
    }

    /// Reads a TPDU without a service centre address; TP-MTI 11, which is reserved, is read as 00 (§9.2.3.1).
    /// What stands behind the user data is ignored.
    pub fn decode(octets: &[u8]) -> Result<Self, PduError> {
        Self::decode_prefix(octets).map(|(deliver, _)| deliver)
    }

    /// As [`Self::decode`]; gives back how many octets the TPDU took.
    pub fn decode_prefix(octets: &[u8]) -> Result<(Self, usize), PduError> {
        let mut reader = Reader::new(octets);
        let first = reader.octet("the first octet")?;
        if !matches!(first & 3, MTI | 3) {
            return Err(PduError::MessageType { expected: "SMS-DELIVER (00)", found: first & 3 });
        }
        let originator = Address::read(&mut reader, "TP-OA")?;
        let protocol = reader.octet("TP-PID")?;
        let dcs = Dcs(reader.octet("TP-DCS")?);
        let service_centre_time = TimeStamp::from_octets(reader.array("TP-SCTS")?);
        let user_data = UserData::read(&mut reader, dcs, first & HEADER != 0)?;
        let deliver = Self {
            more_messages: first & NO_MORE_MESSAGES == 0,
            loop_prevention: first & LOOP_PREVENTION != 0,
            report: first & REPORT != 0,
            reply_path: first & REPLY_PATH != 0,
            originator,
            protocol,
            dcs,
            service_centre_time,
            user_data,
        };
        Ok((deliver, reader.position()))
    }
}

/// The text of a message's parts, given in their order; data and compressed parts add nothing.
///
/// Some senders split a surrogate pair or an escape sequence between parts. Parts that stand side by side in the same
/// coding are therefore read as one.
pub fn join_text<'a>(parts: impl IntoIterator<Item = &'a Deliver>) -> String {
    let mut text = String::new();
    let mut run: Option<Run> = None;
    for part in parts {
        let kind = match (part.user_data.body(), part.dcs.coding()) {
            (Body::Septets(_), _) => Kind::Septets(part.user_data.alphabet()),
            (Body::Octets(_), Coding::Ucs2) if !part.dcs.compressed() => Kind::Ucs2,
            (Body::Octets(_), _) => continue,
        };
        let (Body::Septets(codes) | Body::Octets(codes)) = part.user_data.body();
        match &mut run {
            Some(run) if run.kind == kind => run.codes.extend(codes),
            _ => {
                text.extend(run.take().map(Run::text));
                run = Some(Run { kind, codes: codes.clone() });
            }
        }
    }
    text.extend(run.map(Run::text));
    text
}

/// Neighbouring parts of one coding.
struct Run {
    kind: Kind,
    codes: Vec<u8>,
}

#[derive(PartialEq, Eq)]
enum Kind {
    Septets(Alphabet),
    Ucs2,
}

impl Run {
    fn text(self) -> String {
        match self.kind {
            Kind::Septets(alphabet) => alphabet.decode(&self.codes),
            Kind::Ucs2 => ucs2::decode(&self.codes),
        }
    }
}
