/// The data coding scheme (TP-DCS, 23.038 §4), kept as the octet it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dcs(pub u8);

/// How the user data is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// Septets of the GSM 7 bit default alphabet, or of the national tables that the header names.
    Gsm7,
    /// Octets that are no text.
    Octets,
    /// UCS-2, in practice UTF-16 with surrogates, big endian.
    Ucs2,
}

/// The message class: where a phone puts the message (23.038 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageClass {
    /// Shown at once and not stored ("flash").
    Zero,
    /// For the phone's memory.
    One,
    /// For the SIM.
    Two,
    /// For the terminal equipment.
    Three,
}

impl MessageClass {
    const ALL: [MessageClass; 4] = [MessageClass::Zero, MessageClass::One, MessageClass::Two, MessageClass::Three];

    /// 0 to 3.
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// A message waiting indication (23.038 §4, groups 1100 to 1110).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MessageWaiting {
    /// What waits.
    pub kind: WaitingKind,
    /// Whether the indication is switched on.
    pub active: bool,
    /// Whether the text is to be kept; otherwise it may be thrown away.
    pub store: bool,
}

/// What waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitingKind {
    /// Voicemail.
    Voicemail,
    /// A fax.
    Fax,
    /// Electronic mail.
    Email,
    /// Something else.
    Other,
}

impl WaitingKind {
    /// From the lower two bits.
    pub(super) fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => WaitingKind::Voicemail,
            1 => WaitingKind::Fax,
            2 => WaitingKind::Email,
            _ => WaitingKind::Other,
        }
    }
}

impl Dcs {
    /// The plain coding for text of this coding and class, group 00xx, not compressed.
    pub fn plain(coding: Coding, class: Option<MessageClass>) -> Self {
        let coding = match coding {
            Coding::Gsm7 => 0x00,
            Coding::Octets => 0x04,
            Coding::Ucs2 => 0x08,
        };
        Self(coding | class.map_or(0, |class| 0x10 | class.number()))
    }

    /// How to read the user data. Reserved codes are GSM 7 bit, as the standard asks of a receiver.
    pub fn coding(self) -> Coding {
        match self.0 >> 4 {
            0b0000..=0b0111 => match self.0 >> 2 & 3 {
                1 => Coding::Octets,
                2 => Coding::Ucs2,
                _ => Coding::Gsm7,
            },
            0b1110 => Coding::Ucs2,
            0b1111 if self.0 & 0x04 != 0 => Coding::Octets,
            _ => Coding::Gsm7,
        }
    }

    /// The class, where the octet names one.
    pub fn class(self) -> Option<MessageClass> {
        let named = match self.0 >> 4 {
            0b0000..=0b0111 => self.0 & 0x10 != 0,
            group => group == 0b1111,
        };
        named.then_some(MessageClass::ALL[usize::from(self.0 & 3)])
    }

    /// Whether the user data is compressed (23.042); it then stays octets here.
    pub fn compressed(self) -> bool {
        self.0 & 0x80 == 0 && self.0 & 0x20 != 0
    }

    /// Whether the phone is to delete it once read (groups 01xx).
    pub fn automatic_deletion(self) -> bool {
        self.0 & 0xC0 == 0x40
    }

    /// The message waiting indication, where the octet is one.
    pub fn message_waiting(self) -> Option<MessageWaiting> {
        let store = match self.0 >> 4 {
            0b1100 => false,
            0b1101 | 0b1110 => true,
            _ => return None,
        };
        Some(MessageWaiting { kind: WaitingKind::from_bits(self.0), active: self.0 & 0x08 != 0, store })
    }

    /// Whether TP-UDL counts septets.
    pub(super) fn counts_septets(self) -> bool {
        self.coding() == Coding::Gsm7 && !self.compressed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_its_coding_and_class() {
        use Coding::{Gsm7, Octets, Ucs2};
        let check = |octet: u8, coding: Coding, class: Option<u8>| {
            let dcs = Dcs(octet);
            assert_eq!((dcs.coding(), dcs.class().map(MessageClass::number)), (coding, class), "{octet:02X}");
        };
        check(0x00, Gsm7, None);
        check(0x03, Gsm7, None);
        check(0x10, Gsm7, Some(0));
        check(0x15, Octets, Some(1));
        check(0x1B, Ucs2, Some(3));
        check(0x0C, Gsm7, None);
        check(0x48, Ucs2, None);
        check(0x80, Gsm7, None);
        check(0xB7, Gsm7, None);
        check(0xC8, Gsm7, None);
        check(0xD9, Gsm7, None);
        check(0xE8, Ucs2, None);
        check(0xF0, Gsm7, Some(0));
        check(0xF6, Octets, Some(2));
    }

    #[test]
    fn indications_deletion_and_compression_belong_to_their_groups() {
        let waiting = |kind, active, store| Some(MessageWaiting { kind, active, store });
        assert_eq!(Dcs(0xC8).message_waiting(), waiting(WaitingKind::Voicemail, true, false));
        assert_eq!(Dcs(0xD1).message_waiting(), waiting(WaitingKind::Fax, false, true));
        assert_eq!(Dcs(0xEB).message_waiting(), waiting(WaitingKind::Other, true, true));
        assert_eq!(Dcs(0xF1).message_waiting(), None);
        let check = |octet: u8, compressed: bool, deleted: bool| {
            assert_eq!(
                (Dcs(octet).compressed(), Dcs(octet).automatic_deletion()),
                (compressed, deleted),
                "{octet:02X}"
            );
        };
        check(0x20, true, false);
        check(0x60, true, true);
        check(0x40, false, true);
        check(0xE0, false, false);
        check(0xA0, false, false);
    }

    #[test]
    fn what_we_write_is_read_the_same() {
        for coding in [Coding::Gsm7, Coding::Octets, Coding::Ucs2] {
            for class in [None, Some(MessageClass::Zero), Some(MessageClass::Three)] {
                let dcs = Dcs::plain(coding, class);
                assert_eq!((dcs.coding(), dcs.class(), dcs.compressed()), (coding, class, false));
            }
        }
    }
}
