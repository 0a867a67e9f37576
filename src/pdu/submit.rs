use super::octets::Reader;
use super::{Address, Dcs, EnhancedValidity, PduError, TimeStamp, UserData, Validity};

/// SMS-SUBMIT, a short message on its way to the service centre (23.040 §9.2.2.2).
///
/// TP-MTI, TP-VPF and TP-UDHI follow from the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submit {
    /// TP-RD: the centre is to refuse a message it holds already, by TP-MR and destination.
    pub reject_duplicates: bool,
    /// TP-SRR: a status report is wanted.
    pub report: bool,
    /// TP-RP: the reply is to go through the same centre.
    pub reply_path: bool,
    /// TP-MR; 0 where the modem chooses it, as most do anyway.
    pub tp_mr: u8,
    /// TP-DA.
    pub destination: Address,
    /// TP-PID; 0 for a plain message.
    pub protocol: u8,
    /// TP-DCS; must say what the user data is.
    pub dcs: Dcs,
    /// TP-VP; `None` leaves it to the centre.
    pub validity: Option<Validity>,
    /// TP-UD.
    pub user_data: UserData,
}

const MTI: u8 = 0b01;
const REJECT_DUPLICATES: u8 = 0x04;
const VPF_ENHANCED: u8 = 0x08;
const VPF_RELATIVE: u8 = 0x10;
const VPF_ABSOLUTE: u8 = 0x18;
const REPORT: u8 = 0x20;
const HEADER: u8 = 0x40;
const REPLY_PATH: u8 = 0x80;

impl Submit {
    /// A plain message with a status report asked for and everything else as it is by default.
    pub fn new(destination: Address, dcs: Dcs, user_data: UserData) -> Self {
        Self {
            reject_duplicates: false,
            report: true,
            reply_path: false,
            tp_mr: 0,
            destination,
            protocol: 0,
            dcs,
            validity: None,
            user_data,
        }
    }

    /// The TPDU without a service centre address; its length is what `AT+CMGS=` takes (27.005 §4.3).
    pub fn encode(&self) -> Vec<u8> {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let format = match self.validity {
            None => 0,
            Some(Validity::Relative(_)) => VPF_RELATIVE,
            Some(Validity::Absolute(_)) => VPF_ABSOLUTE,
            Some(Validity::Enhanced(_)) => VPF_ENHANCED,
        };
        let mut octets = Vec::with_capacity(165);
        octets.push(
            MTI | format
                | bit(self.reject_duplicates, REJECT_DUPLICATES)
                | bit(self.report, REPORT)
                | bit(self.user_data.header().is_some(), HEADER)
                | bit(self.reply_path, REPLY_PATH),
        );
        octets.push(self.tp_mr);
        self.destination.write(&mut octets);
        octets.extend([self.protocol, self.dcs.0]);
        match self.validity {
            None => {}
            Some(Validity::Relative(value)) => octets.push(value),
            Some(Validity::Absolute(time)) => octets.extend(time.octets()),
            Some(Validity::Enhanced(enhanced)) => octets.extend(enhanced.0),
        }
        self.user_data.write(&mut octets);
        octets
    }

    /// Reads a TPDU without a service centre address. What stands behind the user data is ignored.
    pub fn decode(octets: &[u8]) -> Result<Self, PduError> {
        Self::decode_prefix(octets).map(|(submit, _)| submit)
    }

    /// As [`Self::decode`]; gives back how many octets the TPDU took.
    pub fn decode_prefix(octets: &[u8]) -> Result<(Self, usize), PduError> {
        let mut reader = Reader::new(octets);
        let first = reader.octet("the first octet")?;
        if first & 3 != MTI {
            return Err(PduError::MessageType { expected: "SMS-SUBMIT (01)", found: first & 3 });
        }
        let tp_mr = reader.octet("TP-MR")?;
        let destination = Address::read(&mut reader, "TP-DA")?;
        let protocol = reader.octet("TP-PID")?;
        let dcs = Dcs(reader.octet("TP-DCS")?);
        let validity = match first & VPF_ABSOLUTE {
            0 => None,
            VPF_RELATIVE => Some(Validity::Relative(reader.octet("TP-VP")?)),
            VPF_ENHANCED => Some(Validity::Enhanced(EnhancedValidity(reader.array("TP-VP")?))),
            _ => Some(Validity::Absolute(TimeStamp::from_octets(reader.array("TP-VP")?))),
        };
        let user_data = UserData::read(&mut reader, dcs, first & HEADER != 0)?;
        let submit = Self {
            reject_duplicates: first & REJECT_DUPLICATES != 0,
            report: first & REPORT != 0,
            reply_path: first & REPLY_PATH != 0,
            tp_mr,
            destination,
            protocol,
            dcs,
            validity,
            user_data,
        };
        Ok((submit, reader.position()))
    }
}
