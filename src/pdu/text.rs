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
    /// Where they save segments: only where every phone is known to have them, which older than 3GPP release 8 have not.
    WhereTheySave,
    /// Never: a phone that does not know them shows other letters, or none.
    #[default]
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
    /// Chooses the encoding that every phone reads: GSM 7 bit by the default alphabet where it has every character, otherwise UCS-2.
    ///
    /// An empty text is one empty segment. Errors: [`TextTooLong`] above 255 segments.
    pub fn plan(text: &str) -> Result<Plan, TextTooLong> {
        Self::plan_with(text, ReferenceWidth::default(), National::default())
    }

    /// As [`Text::plan`], with the width of the reference and the use of national tables chosen.
    ///
    /// What the default alphabet can write is never written by national tables, though `€` would take one septet
    /// there: a phone that does not know them would show another text.
    pub fn plan_with(text: &str, width: ReferenceWidth, national: National) -> Result<Plan, TextTooLong> {
        let plan = match Alphabet::DEFAULT.encode(text) {
            Ok(septets) => Plan::cut(Encoding::Gsm7(Alphabet::DEFAULT), width, septets),
            Err(_) => Self::plan_beyond_default(text, width, national),
        };
        if plan.segments() > SEGMENTS_MAX {
            return Err(TextTooLong { segments: plan.segments() });
        }
        let forcing = if plan.encoding == Encoding::Ucs2 { beyond_gsm7(text) } else { Vec::new() };
        Ok(Plan { forcing, ..plan })
    }

    fn plan_beyond_default(text: &str, width: ReferenceWidth, national: National) -> Plan {
        let plan = Plan::cut(Encoding::Ucs2, width, ucs2::encode(text));
        let by_tables = match national {
            National::WhereTheySave if plan.segments() > 1 => national::plan(text, width, plan.segments()),
            National::WhereTheySave | National::Never => None,
        };
        by_tables.unwrap_or(plan)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pdu::gsm7::Language;
    use crate::pdu::{Address, Deliver, TimeStamp, join_text};

    const GSM7: Encoding = Encoding::Gsm7(Alphabet::DEFAULT);

    fn plan(text: &str) -> Plan {
        Text::plan(text).expect("at most 255 segments")
    }

    /// What a phone makes of the segments.
    fn received(plan: &Plan, reference: u16) -> Vec<Deliver> {
        let segment = |number: usize| Deliver {
            more_messages: false,
            loop_prevention: false,
            report: false,
            reply_path: false,
            originator: Address::unknown("1500").expect("a short code"),
            protocol: 0,
            dcs: plan.dcs(None),
            service_centre_time: TimeStamp::from_octets([0x62, 0x11, 0x42, 0x80, 0, 0, 0x82]),
            user_data: plan.user_data(number as u8, reference),
        };
        (1..=plan.segments()).map(|number| Deliver::decode(&segment(number).encode()).expect("what we wrote")).collect()
    }

    #[test]
    fn a_text_is_counted_as_it_is_sent() {
        let check = |text: &str, encoding: Encoding, codes: usize, segments: usize| {
            let plan = plan(text);
            let found = (plan.encoding(), plan.septets_or_octets(), plan.segments());
            assert_eq!(found, (encoding, codes, segments), "{text}");
            assert_eq!(join_text(&received(&plan, 7)), text);
        };
        check("", GSM7, 0, 1);
        check(&"a".repeat(160), GSM7, 160, 1);
        check(&"a".repeat(161), GSM7, 161, 2);
        check(&"a".repeat(306), GSM7, 306, 2);
        check(&"a".repeat(307), GSM7, 307, 3);
        check(&"€[]".repeat(26), GSM7, 156, 1);
        check(&"€[]".repeat(27), GSM7, 162, 2);
        // Sundanese É stands in the alphabet.
        check(&"É".repeat(160), GSM7, 160, 1);
        check("“awas”", Encoding::Ucs2, 12, 1);
        check(&"“".repeat(70), Encoding::Ucs2, 140, 1);
        check(&"“".repeat(71), Encoding::Ucs2, 142, 2);
        check(&"“".repeat(135), Encoding::Ucs2, 270, 3);
        check(&"😀".repeat(35), Encoding::Ucs2, 140, 1);
        // 67 units hold 33 pairs; the 34th is not split.
        check(&"😀".repeat(67), Encoding::Ucs2, 268, 3);
    }

    #[test]
    fn an_escape_sequence_is_never_split() {
        // 152 letters and one place left: the euro goes to the second segment.
        let text = format!("{}€{}", "a".repeat(152), "b".repeat(20));
        let parts = received(&plan(&text), 1);
        let texts: Vec<String> = parts.iter().map(|part| part.text().expect("text")).collect();
        assert_eq!(texts, ["a".repeat(152), format!("€{}", "b".repeat(20))]);
    }

    #[test]
    fn segments_say_which_part_they_are_and_a_single_one_says_nothing() {
        let text = "a".repeat(200);
        let concat = |width: ReferenceWidth| {
            let plan = Text::plan_with(&text, width, National::Never).expect("two segments");
            received(&plan, 0x1234).iter().map(|part| part.concat().expect("a part")).collect::<Vec<_>>()
        };
        let part = |reference, number, wide| Concat { reference, total: 2, number, wide };
        assert_eq!(concat(ReferenceWidth::Eight), [part(0x34, 1, false), part(0x34, 2, false)]);
        assert_eq!(concat(ReferenceWidth::Sixteen), [part(0x1234, 1, true), part(0x1234, 2, true)]);
        assert_eq!(plan("a").user_data(1, 9).header(), None);
    }

    #[test]
    fn national_tables_are_used_where_they_save_segments_and_only_where_they_are_wanted() {
        let plan = |text: &str| {
            Text::plan_with(text, ReferenceWidth::Eight, National::WhereTheySave).expect("at most 255 segments")
        };
        let check = |text: &str, locking: Option<Language>, single: Option<Language>, segments: usize| {
            let plan = plan(text);
            assert_eq!(plan.encoding(), Encoding::Gsm7(Alphabet::national(locking, single)), "{text}");
            assert_eq!(plan.segments(), segments, "{text}");
            assert!(plan.forcing().is_empty(), "{text}");
            assert_eq!(join_text(&received(&plan, 1)), text);
        };
        check(&"şehir ve köy ".repeat(6), None, Some(Language::Turkish), 1);
        check(&"ışığı ".repeat(25), Some(Language::Turkish), None, 1);
        check(&"नमस्ते ".repeat(20), Some(Language::Hindi), None, 1);
        check(&"não, então, ações ".repeat(5), None, Some(Language::Portuguese), 1);
        check(&"á€".repeat(60), Some(Language::Portuguese), None, 1);
        // The euro has one septet there, yet the default alphabet has it too.
        assert_eq!(plan(&"€".repeat(81)).encoding(), GSM7);
        // Where nothing is saved, the text goes out as every phone reads it.
        assert_eq!(plan("şehir").encoding(), Encoding::Ucs2);
        assert_eq!(plan(&"ş😀".repeat(50)).encoding(), Encoding::Ucs2);
        for text in ["ışığı ".repeat(25), "Rapat ê ".repeat(10)] {
            let unasked = Text::plan(&text).expect("segments");
            assert_eq!((unasked.encoding(), unasked.forcing().is_empty()), (Encoding::Ucs2, false), "{text}");
            assert!(plan(&text).segments() < unasked.segments(), "{text}");
        }
    }

    #[test]
    fn what_forces_ucs_2_is_named_once_each() {
        assert_eq!(plan("“Awas” — longsor… “Cidadap” 😀").forcing(), ['“', '”', '—', '…', '😀']);
        assert!(plan("[€]").forcing().is_empty());
    }

    #[test]
    fn a_text_of_more_than_255_segments_is_refused() {
        assert_eq!(plan(&"a".repeat(255 * 153)).segments(), 255);
        assert_eq!(Text::plan(&"a".repeat(255 * 153 + 1)), Err(TextTooLong { segments: 256 }));
    }

    /// Mostly of GSM 7 bit, with what needs an escape, a national table or a surrogate pair in between.
    fn texts() -> impl Strategy<Value = String> {
        let mixed = prop_oneof![30 => "[ -~]", 3 => "[€É\n]", 1 => "[şğ“]", 1 => "[😀अ]"];
        let plain = prop_oneof![9 => "[a-z ]", 1 => "[€{}]"];
        let wide = prop_oneof![9 => "[“a]", 2 => "😀"];
        let around = prop_oneof![0usize..5, 60usize..75, 130usize..170, 300usize..320];
        around.prop_flat_map(move |length| {
            prop_oneof![
                prop::collection::vec(mixed.clone(), length),
                prop::collection::vec(plain.clone(), length),
                prop::collection::vec(wide.clone(), length)
            ]
            .prop_map(|parts| parts.concat())
        })
    }

    proptest! {
        #[test]
        fn every_text_arrives_as_it_was_written(text in texts(), reference in any::<u16>(), wide in any::<bool>()) {
            let width = if wide { ReferenceWidth::Sixteen } else { ReferenceWidth::Eight };
            let plan = Text::plan_with(&text, width, National::WhereTheySave).expect("few segments");
            let parts = received(&plan, reference);
            prop_assert_eq!(join_text(&parts), text.clone());
            // No part depends on its neighbour.
            let alone: String = parts.iter().filter_map(Deliver::text).collect();
            prop_assert_eq!(alone, text.clone());
            let plain = Text::plan_with(&text, width, National::Never).expect("few segments");
            prop_assert!(plan.segments() <= plain.segments());
            let (single, multi) = (capacity(plan.encoding(), None), capacity(plan.encoding(), Some(width)));
            let lower = if plan.septets_or_octets() <= single { 1 } else { plan.septets_or_octets().div_ceil(multi) };
            prop_assert!((lower..=lower + 1).contains(&plan.segments()));
        }
    }
}
