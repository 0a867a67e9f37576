use super::gsm7::{Alphabet, ESCAPE};
use super::national;
use super::user_data::{Body, OCTETS_MAX};
use super::{Coding, Concat, Dcs, MessageClass, Udh, UserData, ucs2};

/// The way from a text to the user data of its segments.
#[derive(Clone, Copy, Debug)]
pub struct Text;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// GSM 7 bit by these tables.
    Gsm7(Alphabet),
    /// UCS-2.
    Ucs2,
}

/// How many bits the concatenation reference of a message in several segments has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReferenceWidth {
    /// 8 bits (23.040 §9.2.3.24.1): 153 septets or 67 UCS-2 characters a segment; understood everywhere.
    #[default]
    Eight,
    /// 16 bits (§9.2.3.24.8): 152 or 66; for when 256 references to one recipient would run out.
    Sixteen,
}

/// Whether national language tables may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum National {
    /// Where they save segments.
    #[default]
    WhereTheySave,
    /// Never: for phones and networks older than 3GPP release 8.
    Never,
}

/// The text needs more segments than a message can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text needs {segments} segments, but a message has at most 255")]
pub struct TextTooLong {
    /// How many it would need.
    pub segments: usize,
}

/// A message has at most this many segments: their count is one octet (23.040 §9.2.3.24.1).
pub const SEGMENTS_MAX: usize = 255;

/// How a text will be sent: its encoding, and where it is cut.
#[derive(Clone, PartialEq, Eq)]
pub struct Plan {
    encoding: Encoding,
    width: ReferenceWidth,
    /// Septets one in an octet, or UCS-2 octets.
    codes: Vec<u8>,
    /// Where each segment ends in `codes`; never empty.
    ends: Vec<usize>,
    forcing: Vec<char>,
}

impl Text {
    /// Chooses the encoding with the fewest segments: GSM 7 bit by the default alphabet, UCS-2, or GSM 7 bit by
    /// national tables, the later only where it saves segments against the earlier.
    ///
    /// An empty text is one empty segment. Errors: [`TextTooLong`] above 255 segments.
    pub fn plan(text: &str) -> Result<Plan, TextTooLong> {
        Self::plan_with(text, ReferenceWidth::default(), National::default())
    }

    /// As [`Text::plan`], with the width of the reference and the use of national tables chosen.
    pub fn plan_with(text: &str, width: ReferenceWidth, national: National) -> Result<Plan, TextTooLong> {
        let plain = match Alphabet::DEFAULT.encode(text) {
            Ok(septets) => Plan::cut(Encoding::Gsm7(Alphabet::DEFAULT), width, septets),
            Err(_) => Plan::cut(Encoding::Ucs2, width, ucs2::encode(text)),
        };
        let better = match national {
            National::WhereTheySave if plain.segments() > 1 => national::plan(text, width, plain.segments()),
            National::WhereTheySave | National::Never => None,
        };
        let mut plan = better.unwrap_or(plain);
        if plan.segments() > SEGMENTS_MAX {
            return Err(TextTooLong { segments: plan.segments() });
        }
        if plan.encoding == Encoding::Ucs2 {
            plan.forcing = beyond_gsm7(text);
        }
        Ok(plan)
    }
}

/// The distinct characters that neither the default alphabet nor its extension has, in order of appearance.
fn beyond_gsm7(text: &str) -> Vec<char> {
    let mut beyond = Vec::new();
    for character in text.chars() {
        if Alphabet::DEFAULT.code(character).is_none() && !beyond.contains(&character) {
            beyond.push(character);
        }
    }
    beyond
}

impl Plan {
    /// Cuts encoded text into segments: one without a concatenation element if it fits, several with it otherwise.
    pub(super) fn cut(encoding: Encoding, width: ReferenceWidth, codes: Vec<u8>) -> Self {
        let mut ends = Vec::with_capacity(1);
        if codes.len() <= capacity(encoding, None) {
            ends.push(codes.len());
        } else {
            let most = capacity(encoding, Some(width));
            let mut start = 0;
            while start < codes.len() {
                start = end_of_segment(encoding, &codes, start, most);
                ends.push(start);
            }
        }
        Self { encoding, width, codes, ends, forcing: Vec::new() }
    }

    /// How the text is written.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How many segments will be sent, 1 to 255.
    pub fn segments(&self) -> usize {
        self.ends.len()
    }

    /// The length of the text alone, without headers: septets in GSM 7 bit, octets in UCS-2.
    pub fn septets_or_octets(&self) -> usize {
        self.codes.len()
    }

    /// The distinct characters that force UCS-2, in order of appearance; empty for GSM 7 bit.
    pub fn forcing(&self) -> &[char] {
        &self.forcing
    }

    /// TP-DCS for every segment.
    pub fn dcs(&self, class: Option<MessageClass>) -> Dcs {
        let coding = match self.encoding {
            Encoding::Gsm7(_) => Coding::Gsm7,
            Encoding::Ucs2 => Coding::Ucs2,
        };
        Dcs::plain(coding, class)
    }

    /// TP-UD of segment `number`, 1 to [`Self::segments`].
    ///
    /// `reference` is the same for all segments of a message and should differ from that of the last messages to the
    /// same recipient; with 8 bits its lower octet counts, and a single segment carries none. Panics on a `number` that
    /// the plan does not have.
    pub fn user_data(&self, number: u8, reference: u16) -> UserData {
        let index = usize::from(number).checked_sub(1).filter(|index| *index < self.segments());
        let index = index.unwrap_or_else(|| panic!("segment {number} of {} was asked for", self.segments()));
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        let codes = self.codes[start..self.ends[index]].to_vec();
        let mut header = Udh::default();
        if self.segments() > 1 {
            let wide = self.width == ReferenceWidth::Sixteen;
            let reference = if wide { reference } else { reference & 0xFF };
            // A plan that is handed out has at most 255 segments.
            header.push_concat(Concat { reference, total: self.segments() as u8, number, wide });
        }
        let body = match self.encoding {
            Encoding::Gsm7(alphabet) => {
                header.push_alphabet(alphabet);
                Body::Septets(codes)
            }
            Encoding::Ucs2 => Body::Octets(codes),
        };
        UserData::of_plan((!header.octets().is_empty()).then_some(header), body)
    }

    /// The header octets that a segment of such a message has, UDHL included; 0 without a header.
    fn header_length(encoding: Encoding, width: Option<ReferenceWidth>) -> usize {
        let concat = match width {
            None => 0,
            Some(ReferenceWidth::Eight) => 5,
            Some(ReferenceWidth::Sixteen) => 6,
        };
        let shifts = match encoding {
            Encoding::Gsm7(alphabet) => {
                3 * (usize::from(alphabet.single().is_some()) + usize::from(alphabet.locking().is_some()))
            }
            Encoding::Ucs2 => 0,
        };
        if concat + shifts == 0 { 0 } else { 1 + concat + shifts }
    }
}

/// How much text one segment holds, in septets or octets; `width` is `None` for a message of one segment.
pub(super) fn capacity(encoding: Encoding, width: Option<ReferenceWidth>) -> usize {
    let header = Plan::header_length(encoding, width);
    match encoding {
        Encoding::Gsm7(_) => OCTETS_MAX * 8 / 7 - (header * 8).div_ceil(7),
        Encoding::Ucs2 => (OCTETS_MAX - header) & !1,
    }
}

/// Where the segment that starts at `start` ends; an escape or a high surrogate is never left alone at the end.
fn end_of_segment(encoding: Encoding, codes: &[u8], start: usize, most: usize) -> usize {
    let end = start + most;
    if end >= codes.len() {
        return codes.len();
    }
    match encoding {
        Encoding::Gsm7(_) if codes[end - 1] == ESCAPE => end - 1,
        // 0xD800 to 0xDBFF is the first half of a pair.
        Encoding::Ucs2 if codes[end - 2] & 0xFC == 0xD8 => end - 2,
        _ => end,
    }
}

/// Lengths only: texts do not go to logs.
impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan").field("encoding", &self.encoding).field("ends", &self.ends).finish_non_exhaustive()
    }
}
