use std::fmt;

use super::gsm7::{self, Alphabet};
use super::octets::Reader;
use super::{Coding, Dcs, PduError, Udh, ucs2};

/// TP-UD with its header (23.040 §9.2.3.24). It always fits into one TPDU: 140 octets, header included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserData {
    header: Option<Udh>,
    body: Body,
}

/// What stands behind the header. Debug output tells lengths only: texts do not go to logs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Body {
    /// Septets, one in an octet; TP-UDL counts septets.
    Septets(Vec<u8>),
    /// Octets: UCS-2, data, or compressed text; TP-UDL counts octets.
    Octets(Vec<u8>),
}

/// What one TPDU holds.
pub(super) const OCTETS_MAX: usize = 140;

impl UserData {
    /// Septets behind an optional header. Errors: [`PduError::NoSeptet`], [`PduError::UserDataTooLong`].
    pub fn septets(header: Option<Udh>, septets: Vec<u8>) -> Result<Self, PduError> {
        if let Some(wrong) = septets.iter().find(|septet| **septet > 0x7F) {
            return Err(PduError::NoSeptet(*wrong));
        }
        Self { header, body: Body::Septets(septets) }.fitting()
    }

    /// Octets behind an optional header. Errors: [`PduError::UserDataTooLong`].
    pub fn octets(header: Option<Udh>, octets: Vec<u8>) -> Result<Self, PduError> {
        Self { header, body: Body::Octets(octets) }.fitting()
    }

    /// A segment of a plan, which is cut so that it fits.
    pub(super) fn of_plan(header: Option<Udh>, body: Body) -> Self {
        let segment = Self { header, body };
        debug_assert!(segment.packed_length() <= OCTETS_MAX, "{segment:?} is too long");
        segment
    }

    fn fitting(self) -> Result<Self, PduError> {
        let found = self.packed_length();
        if found <= OCTETS_MAX { Ok(self) } else { Err(PduError::UserDataTooLong { found }) }
    }

    /// Octets in the TPDU, the header included.
    fn packed_length(&self) -> usize {
        match &self.body {
            Body::Septets(septets) => ((self.header_septets() + septets.len()) * 7).div_ceil(8),
            Body::Octets(octets) => self.header_length() + octets.len(),
        }
    }

    /// The header; `None` where TP-UDHI is not set.
    pub fn header(&self) -> Option<&Udh> {
        self.header.as_ref()
    }

    /// What stands behind the header.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// TP-UDL as sent: septets or octets, the header included.
    pub fn udl(&self) -> u8 {
        let length = match &self.body {
            Body::Septets(septets) => self.header_septets() + septets.len(),
            Body::Octets(octets) => self.header_length() + octets.len(),
        };
        // At most 160, or what one octet said when it was read.
        u8::try_from(length).unwrap_or(u8::MAX)
    }

    /// The text, read by the coding of `dcs` and the tables that the header names; `None` for data.
    pub fn text(&self, dcs: Dcs) -> Option<String> {
        match (&self.body, dcs.coding()) {
            (Body::Septets(septets), _) => Some(self.alphabet().decode(septets)),
            (Body::Octets(octets), Coding::Ucs2) if !dcs.compressed() => Some(ucs2::decode(octets)),
            (Body::Octets(_), _) => None,
        }
    }

    /// The tables to read septets by.
    pub fn alphabet(&self) -> Alphabet {
        self.header.as_ref().map_or(Alphabet::DEFAULT, Udh::alphabet)
    }

    /// Octets of the header in the user data, UDHL included; 0 without one.
    fn header_length(&self) -> usize {
        self.header.as_ref().map_or(0, Udh::length)
    }

    /// Septets that the header and its fill bits take.
    fn header_septets(&self) -> usize {
        (self.header_length() * 8).div_ceil(7)
    }

    /// Reads TP-UDL and TP-UD. What stands behind them is left.
    pub(super) fn read(reader: &mut Reader<'_>, dcs: Dcs, has_header: bool) -> Result<Self, PduError> {
        let udl = reader.octet("TP-UDL")?;
        let length = usize::from(udl);
        let expected = if dcs.counts_septets() { (length * 7).div_ceil(8) } else { length };
        let found = reader.rest().len();
        if found < expected {
            return Err(PduError::ShortUserData { udl, expected, found });
        }
        let octets = reader.take(expected, "TP-UD")?;
        let (header, body) = if has_header { split_header(octets)? } else { (None, octets) };
        let header_length = header.as_ref().map_or(0, Udh::length);
        let body = if dcs.counts_septets() {
            let count = length.saturating_sub((header_length * 8).div_ceil(7));
            Body::Septets(gsm7::unpack(body, gsm7::fill_bits(header_length), count))
        } else {
            Body::Octets(body.to_vec())
        };
        Ok(Self { header, body })
    }

    /// Writes TP-UDL and TP-UD.
    pub(super) fn write(&self, octets: &mut Vec<u8>) {
        octets.push(self.udl());
        if let Some(header) = &self.header {
            // The header fits into 140 octets.
            octets.push(header.octets().len() as u8);
            octets.extend(header.octets());
        }
        match &self.body {
            Body::Septets(septets) => gsm7::pack_into(octets, septets, gsm7::fill_bits(self.header_length())),
            Body::Octets(body) => octets.extend(body),
        }
    }
}

fn split_header(octets: &[u8]) -> Result<(Option<Udh>, &[u8]), PduError> {
    let Some((udhl, rest)) = octets.split_first() else {
        return Err(PduError::HeaderTooLong { expected: 1, found: 0 });
    };
    let too_long = PduError::HeaderTooLong { expected: 1 + usize::from(*udhl), found: octets.len() };
    let (header, body) = rest.split_at_checked(usize::from(*udhl)).ok_or(too_long)?;
    Ok((Some(Udh::decode(header)?), body))
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Body::Septets(septets) => write!(f, "{} septets", septets.len()),
            Body::Octets(octets) => write!(f, "{} octets", octets.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_one_tpdu_is_refused() {
        let check = |header: Option<usize>, septets: usize, octets: usize| {
            let header = header.map(|length| {
                let mut header = Udh::default();
                header.push(0x70, &vec![0; length]);
                header
            });
            let fits = |count: usize| UserData::septets(header.clone(), vec![0; count]).is_ok();
            assert_eq!((fits(septets), fits(septets + 1)), (true, false), "{header:?}");
            let fits = |count: usize| UserData::octets(header.clone(), vec![0; count]).is_ok();
            assert_eq!((fits(octets), fits(octets + 1)), (true, false), "{header:?}");
        };
        check(None, 160, 140);
        check(Some(3), 153, 134);
        check(Some(4), 152, 133);
        assert_eq!(UserData::septets(None, vec![0x80]), Err(PduError::NoSeptet(0x80)));
    }

    #[test]
    fn a_text_does_not_show_in_logs() {
        let data = UserData::septets(None, b"rahasia".to_vec()).expect("seven septets");
        assert_eq!(format!("{data:?}"), "UserData { header: None, body: 7 septets }");
    }
}
