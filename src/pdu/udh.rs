use super::PduError;
use super::dcs::WaitingKind;
use super::gsm7::{Alphabet, Language};
use super::octets::Reader;

/// The user data header (23.040 §9.2.3.24): information elements in their order, unknown ones included.
///
/// Where an element that may stand once stands twice, the last one counts, as the standard says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Udh(Vec<u8>);

/// One information element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its identifier.
    pub iei: u8,
    /// Its octets, without identifier and length.
    pub data: &'a [u8],
}

/// Which part of which message a segment is (§9.2.3.24.1 and §9.2.3.24.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Concat {
    /// The same in all parts of one message; 8 bits, or 16 where `wide`.
    pub reference: u16,
    /// How many parts there are, 1 to 255.
    pub total: u8,
    /// This part's place, 1 to `total`.
    pub number: u8,
    /// Whether the reference has 16 bits. The two kinds do not mix within a message.
    pub wide: bool,
}

/// Application ports (§9.2.3.24.3 and §9.2.3.24.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ports {
    /// Of the receiver.
    pub destination: u16,
    /// Of the sender.
    pub source: u16,
    /// Whether they have 16 bits each.
    pub wide: bool,
}

/// A special SMS message indication (§9.2.3.24.2): how many messages of a kind wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpecialIndication {
    /// What waits.
    pub kind: WaitingKind,
    /// How many; 255 means 255 or more.
    pub count: u8,
    /// Whether the text is to be kept.
    pub store: bool,
}

const CONCAT_8: u8 = 0x00;
const SPECIAL_INDICATION: u8 = 0x01;
const PORTS_8: u8 = 0x04;
const PORTS_16: u8 = 0x05;
const CONCAT_16: u8 = 0x08;
const SINGLE_SHIFT: u8 = 0x24;
const LOCKING_SHIFT: u8 = 0x25;

impl Udh {
    /// Reads the elements: the octets behind UDHL.
    ///
    /// Errors: [`PduError::ElementTooLong`]. A header that does not add up is refused, for nothing in it can be trusted.
    pub fn decode(octets: &[u8]) -> Result<Self, PduError> {
        let mut reader = Reader::new(octets);
        while !reader.is_empty() {
            let iei = reader.octet("an element")?;
            let rest = reader.rest();
            let expected = rest.first().map_or(1, |length| 1 + usize::from(*length));
            if rest.len() < expected {
                return Err(PduError::ElementTooLong { iei, expected, found: rest.len() });
            }
            reader.take(expected, "an element")?;
        }
        Ok(Self(octets.to_vec()))
    }

    /// The elements without UDHL.
    pub fn octets(&self) -> &[u8] {
        &self.0
    }

    /// How many octets it takes in the user data, UDHL included.
    pub fn length(&self) -> usize {
        self.0.len() + 1
    }

    /// Adds an element at the end. `data` has at most 137 octets; what does not fit into a TPDU is found when the user
    /// data is put together.
    pub fn push(&mut self, iei: u8, data: &[u8]) {
        let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
        self.0.extend([iei, length]);
        self.0.extend(&data[..usize::from(length)]);
    }

    /// Adds a concatenation element of the kind that `concat.wide` says.
    pub fn push_concat(&mut self, concat: Concat) {
        let Concat { reference, total, number, wide } = concat;
        let [high, low] = reference.to_be_bytes();
        if wide {
            self.push(CONCAT_16, &[high, low, total, number]);
        } else {
            self.push(CONCAT_8, &[low, total, number]);
        }
    }

    /// Adds an element for application ports of the width that `ports.wide` says.
    pub fn push_ports(&mut self, ports: Ports) {
        let ([d1, d0], [s1, s0]) = (ports.destination.to_be_bytes(), ports.source.to_be_bytes());
        if ports.wide {
            self.push(PORTS_16, &[d1, d0, s1, s0]);
        } else {
            self.push(PORTS_8, &[d0, s0]);
        }
    }

    /// Adds the elements that name an alphabet's national tables, none for the default alphabet.
    pub fn push_alphabet(&mut self, alphabet: Alphabet) {
        if let Some(language) = alphabet.single() {
            self.push(SINGLE_SHIFT, &[language.id()]);
        }
        if let Some(language) = alphabet.locking() {
            self.push(LOCKING_SHIFT, &[language.id()]);
        }
    }

    /// Every element, in order.
    pub fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let [iei, length, data @ ..] = rest else { return None };
            let (data, after) = data.split_at_checked(usize::from(*length))?;
            rest = after;
            Some(Element { iei: *iei, data })
        })
    }

    /// The last element that `read` understands.
    fn last<T>(&self, read: impl Fn(Element<'_>) -> Option<T>) -> Option<T> {
        self.elements().filter_map(read).last()
    }

    /// Which part of which message this is. `None` where there is no such element, and where the standard says to
    /// ignore it: total 0, number 0 or above the total, another length.
    pub fn concat(&self) -> Option<Concat> {
        self.last(|element| {
            let (reference, total, number, wide) = match (element.iei, element.data) {
                (CONCAT_8, [reference, total, number]) => (u16::from(*reference), *total, *number, false),
                (CONCAT_16, [high, low, total, number]) => (u16::from_be_bytes([*high, *low]), *total, *number, true),
                _ => return None,
            };
            (1..=total).contains(&number).then_some(Concat { reference, total, number, wide })
        })
    }

    /// The application ports, where it names some.
    pub fn ports(&self) -> Option<Ports> {
        self.last(|element| match (element.iei, element.data) {
            (PORTS_8, [destination, source]) => {
                Some(Ports { destination: u16::from(*destination), source: u16::from(*source), wide: false })
            }
            (PORTS_16, [d1, d0, s1, s0]) => Some(Ports {
                destination: u16::from_be_bytes([*d1, *d0]),
                source: u16::from_be_bytes([*s1, *s0]),
                wide: true,
            }),
            _ => None,
        })
    }

    /// The identifier of the single shift table, also one that is reserved (§9.2.3.24.15).
    pub fn single_shift(&self) -> Option<u8> {
        self.last(|element| match (element.iei, element.data) {
            (SINGLE_SHIFT, [id]) => Some(*id),
            _ => None,
        })
    }

    /// The identifier of the locking shift table, also one that is reserved (§9.2.3.24.16).
    pub fn locking_shift(&self) -> Option<u8> {
        self.last(|element| match (element.iei, element.data) {
            (LOCKING_SHIFT, [id]) => Some(*id),
            _ => None,
        })
    }

    /// The tables to read septets by; reserved identifiers leave the default in place, as the standard says.
    pub fn alphabet(&self) -> Alphabet {
        Alphabet::national(
            self.locking_shift().and_then(Language::from_id),
            self.single_shift().and_then(Language::from_id),
        )
    }

    /// The special message indications, one for each kind; this element may stand several times.
    pub fn special_indications(&self) -> impl Iterator<Item = SpecialIndication> {
        self.elements().filter_map(|element| match (element.iei, element.data) {
            (SPECIAL_INDICATION, [kind, count]) => {
                Some(SpecialIndication { kind: WaitingKind::from_bits(*kind), count: *count, store: kind & 0x80 != 0 })
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdu::hex;

    fn udh(digits: &str) -> Udh {
        Udh::decode(&hex::decode(digits).expect("hexadecimal")).expect(digits)
    }

    #[test]
    fn parts_are_understood_and_impossible_ones_ignored() {
        let check = |digits: &str, concat: Option<(u16, u8, u8, bool)>| {
            let expected = concat.map(|(reference, total, number, wide)| Concat { reference, total, number, wide });
            assert_eq!(udh(digits).concat(), expected, "{digits}");
        };
        check("0003170301", Some((23, 3, 1, false)));
        check("080401800402", Some((384, 4, 2, true)));
        check("0003010200", None);
        check("0003010203", None);
        check("0003010000", None);
        check("00020102", None);
        check("9F0201020003070201", Some((7, 2, 1, false)));
        // The last one counts.
        check("00031703010003180302", Some((24, 3, 2, false)));
        check("", None);
    }

    #[test]
    fn ports_shifts_and_indications_are_understood() {
        assert_eq!(udh("04026432").ports(), Some(Ports { destination: 100, source: 50, wide: false }));
        assert_eq!(udh("050404D21466").ports(), Some(Ports { destination: 1234, source: 5222, wide: true }));
        let both = udh("240103250101");
        assert_eq!(both.alphabet(), Alphabet::national(Some(Language::Turkish), Some(Language::Portuguese)));
        assert_eq!(udh("24010F250102").alphabet(), Alphabet::DEFAULT);
        let waiting = udh("01028003");
        let expected = SpecialIndication { kind: WaitingKind::Voicemail, count: 3, store: true };
        assert_eq!(waiting.special_indications().collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn a_header_that_does_not_add_up_is_refused() {
        let check = |digits: &str, iei: u8, expected: usize, found: usize| {
            let error = Udh::decode(&hex::decode(digits).expect("hexadecimal"));
            assert_eq!(error, Err(PduError::ElementTooLong { iei, expected, found }), "{digits}");
        };
        check("00FF010203", 0, 256, 4);
        check("00030102", 0, 4, 3);
        check("000301020170", 0x70, 1, 0);
    }

    #[test]
    fn what_is_pushed_is_read_back() {
        let mut header = Udh::default();
        let concat = Concat { reference: 0x1234, total: 3, number: 2, wide: true };
        header.push_concat(concat);
        header.push_alphabet(Alphabet::national(Some(Language::Urdu), Some(Language::Urdu)));
        assert_eq!(hex::encode(header.octets()), "08041234030224010D25010D");
        assert_eq!((header.concat(), Udh::decode(header.octets())), (Some(concat), Ok(header.clone())));
    }
}
