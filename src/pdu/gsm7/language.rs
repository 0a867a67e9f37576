/// A national language identifier (23.038 §6.2.1.2.4); each has a single shift table, all but Spanish a locking one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Language {
    /// Identifier 1.
    Turkish = 1,
    /// Identifier 2; single shift only.
    Spanish = 2,
    /// Identifier 3.
    Portuguese = 3,
    /// Identifier 4, Assamese too.
    Bengali = 4,
    /// Identifier 5.
    Gujarati = 5,
    /// Identifier 6.
    Hindi = 6,
    /// Identifier 7.
    Kannada = 7,
    /// Identifier 8.
    Malayalam = 8,
    /// Identifier 9.
    Oriya = 9,
    /// Identifier 10.
    Punjabi = 10,
    /// Identifier 11.
    Tamil = 11,
    /// Identifier 12.
    Telugu = 12,
    /// Identifier 13.
    Urdu = 13,
}

impl Language {
    /// Every language, by identifier.
    pub const ALL: [Language; 13] = [
        Language::Turkish,
        Language::Spanish,
        Language::Portuguese,
        Language::Bengali,
        Language::Gujarati,
        Language::Hindi,
        Language::Kannada,
        Language::Malayalam,
        Language::Oriya,
        Language::Punjabi,
        Language::Tamil,
        Language::Telugu,
        Language::Urdu,
    ];

    /// The identifier as it stands in the information elements 0x24 and 0x25.
    pub fn id(self) -> u8 {
        self as u8
    }

    /// From an identifier; `None` for 0 (the default) and for reserved ones.
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.get(usize::from(id).checked_sub(1)?).copied()
    }
}
