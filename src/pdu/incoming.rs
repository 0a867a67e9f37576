use super::{Address, Deliver, PduError, StatusReport};

/// What a modem hands on or keeps for us, in the direction from the service centre to the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A message.
    Deliver(Deliver),
    /// A report about one of ours.
    StatusReport(StatusReport),
}

impl Incoming {
    /// Reads a PDU as `+CMT`, `+CDS`, `+CMGR` and `+CMGL` give it: the service centre address first (27.005 §3.1).
    ///
    /// TP-MTI 11 is reserved and read as SMS-DELIVER. TP-MTI 01 in storage is a message of our own (SMS-SUBMIT) and
    /// refused here; [`super::Submit::decode`] reads it.
    pub fn decode(octets: &[u8]) -> Result<(Option<Address>, Self), PduError> {
        let (service_centre, length) = Address::decode_service_centre(octets)?;
        let tpdu = &octets[length..];
        let incoming = match tpdu.first().map(|first| first & 3) {
            Some(0b10) => Incoming::StatusReport(StatusReport::decode(tpdu)?),
            _ => Incoming::Deliver(Deliver::decode(tpdu)?),
        };
        Ok((service_centre, incoming))
    }
}

/// Puts the service centre address before a TPDU, as `AT+CMGS` takes it; `None` leaves the choice to the SIM.
pub fn with_service_centre(service_centre: Option<&Address>, tpdu: &[u8]) -> Vec<u8> {
    let mut octets = service_centre.map_or_else(|| vec![0], Address::encode_service_centre);
    octets.extend(tpdu);
    octets
}
