//! Who gets what, counted row by row as the engine would.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::engine::event::Refusal;
use crate::model::{AudienceNote, Excluded, JobHeader, RecipientRow};
use crate::pdu::{Encoding, Text, transliterate};
use crate::policy::Operators;
use crate::policy::preview::{Characters, Filters, Findings, Hit, Mark, Spread, marks};
use crate::spool::Remark;

/// Stands for the operator of rows whose number cannot be used or was named before.
pub const NO_NUMBER: &str = "none";

/// Distinct characters and changes kept to be shown.
const EXAMPLES: usize = 20;

/// Who gets what, counted row by row as the engine would.
#[derive(Default)]
pub(super) struct Account {
    /// What stands before the recipients.
    pub header: Option<JobHeader>,
    /// What is not done as the file says.
    pub remarks: Vec<Remark>,
    /// Recipients named.
    pub named: u64,
    /// Of these, who get a text.
    pub messages: u64,
    /// The first of those who get none.
    pub excluded_rows: Vec<ExcludedRow>,
    /// Segments of all messages, as they would be sent.
    pub segments: u64,
    /// How many messages have how many segments.
    pub by_segments: BTreeMap<usize, u64>,
    /// Segments of the longest message.
    pub longest: usize,
    /// Segments of the longest text that is too long to be sent; 0: none is.
    pub too_long: usize,
    /// Messages that would be sent as UCS-2.
    pub ucs2: u64,
    /// The characters that force it.
    pub forcing: BTreeSet<char>,
    /// Segments of all messages if nothing were replaced.
    pub segments_as_written: u64,
    /// Segments of all messages if characters were replaced.
    pub transliterated: u64,
    /// Segments of all messages if also what cannot be replaced were left out.
    pub stripped: u64,
    /// Recipients by operator: `unknown` where no prefix fits, [`NO_NUMBER`] where the row has none of its own.
    pub by_operator: Spread,
    /// What forces UCS-2, also in texts that are too long because of it.
    pub characters: Characters,
    /// What operators are known to filter, in the texts as they would be sent.
    pub findings: Findings,
    /// What would be replaced by what.
    pub changes: BTreeSet<(String, String)>,
    /// Recipients by kecamatan; an empty name for those of whom it is not known.
    pub by_kecamatan: Spread,
    /// How many get none, by the reason's short name.
    pub by_reason: BTreeMap<&'static str, u64>,
    /// The message with the fewest segments, and of those the fewest characters.
    pub shortest_example: Option<Example>,
    /// The message with the most.
    pub longest_example: Option<Example>,
    operators: Operators,
    filters: Filters,
    segments_max: usize,
    excluded_max: usize,
    transliterating: bool,
    /// The last text judged: mostly all recipients share one.
    last: Option<(String, Rc<Judged>)>,
}

/// One message as it would be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Example {
    /// Its row in the file.
    pub row: u32,
    /// Whom it is for, where the file says so.
    pub name: Option<String>,
    /// Its segments.
    pub segments: usize,
    /// Its characters.
    pub characters: usize,
    /// Its text.
    pub text: String,
}

impl Example {
    fn size(&self) -> (usize, usize) {
        (self.segments, self.characters)
    }
}

/// A recipient who gets no message.
#[derive(Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExcludedRow {
    /// Its row in the file.
    pub row: u32,
    /// The number as the file writes it.
    pub number: String,
    /// The reason's short name.
    pub reason: Cow<'static, str>,
    /// More of it, in English; may be empty.
    pub detail: String,
}

struct Judged {
    as_written: usize,
    replaced: usize,
    stripped: usize,
    sent: usize,
    ucs2: bool,
    forcing: Vec<char>,
    marks: Vec<Mark>,
    hits: Vec<Hit>,
}

impl Account {
    pub(super) fn new(segments_max: usize, transliterating: bool, operators: Operators, filters: Filters) -> Self {
        Self { segments_max, excluded_max: usize::MAX, transliterating, operators, filters, ..Self::default() }
    }

    /// The same, which tells of so many who get none and counts the rest.
    pub(super) fn telling(self, excluded_max: usize) -> Self {
        Self { excluded_max, ..self }
    }

    /// Why nobody would get anything; asked where that is so.
    pub(super) fn nobody(&self) -> Refusal {
        Refusal::Nobody {
            recipients: self.named,
            excluded: self.by_reason.clone(),
            longest: (self.too_long > 0).then_some((self.too_long, self.segments_max)),
        }
    }

    /// Counts one row; the header must have come before. `barred`: why the ledger keeps this number from getting anything.
    pub(super) fn add(&mut self, row: RecipientRow, barred: Option<Excluded>) {
        self.named += 1;
        let RecipientRow { row: place, raw, number, text, name, origin } = row;
        let common = self.header.as_ref().and_then(|header| header.text.clone());
        let usable = number.as_ref().ok().copied();
        let judged = match (number, barred, text.or(common)) {
            (Err(why), _, _) | (Ok(_), Some(why), _) => Err(why),
            (Ok(_), None, None) => Err(Excluded::NoText),
            (Ok(_), None, Some(text)) => {
                let judged = self.judge(text);
                self.characters.add(place, &judged.marks);
                match judged.sent {
                    segments if segments > self.segments_max => {
                        self.too_long = self.too_long.max(segments);
                        Err(Excluded::TooLong { segments, limit: self.segments_max })
                    }
                    _ => Ok(judged),
                }
            }
        };
        let segments = judged.as_ref().ok().map(|judged| judged.sent);
        if let Some(segments) = segments {
            self.keep_examples(place, name, segments);
        }
        self.by_kecamatan.add(&origin.kecamatan.unwrap_or_default(), segments);
        let operator = usable.map_or(NO_NUMBER, |number| self.operators.name_of(number));
        self.by_operator.add(operator, segments);
        match judged {
            Ok(judged) => {
                self.findings.add(place, operator, &judged.hits);
                self.messages += 1;
                self.segments += judged.sent as u64;
                self.segments_as_written += judged.as_written as u64;
                self.transliterated += judged.replaced as u64;
                self.stripped += judged.stripped as u64;
                self.ucs2 += u64::from(judged.ucs2);
                self.longest = self.longest.max(judged.sent);
                *self.by_segments.entry(judged.sent).or_default() += 1;
                self.forcing.extend(judged.forcing.iter().take(EXAMPLES.saturating_sub(self.forcing.len())));
            }
            Err(why) => {
                *self.by_reason.entry(why.name()).or_default() += 1;
                if self.excluded_rows.len() < self.excluded_max {
                    self.excluded_rows.push(ExcludedRow {
                        row: place,
                        number: raw,
                        reason: why.name().into(),
                        detail: why.detail(),
                    });
                }
            }
        }
    }

    /// Whom the job is for, where its recipients come from the roster.
    pub(super) fn audience(&self) -> Option<&AudienceNote> {
        self.header.as_ref()?.audience.as_ref()
    }

    /// Keeps the text that was just judged, if it is the shortest or the longest so far.
    fn keep_examples(&mut self, row: u32, name: Option<String>, segments: usize) {
        let Some((text, _)) = &self.last else { return };
        let size = (segments, text.chars().count());
        let example = || Example { row, name: name.clone(), segments, characters: size.1, text: text.clone() };
        if self.shortest_example.as_ref().is_none_or(|known| size < known.size()) {
            self.shortest_example = Some(example());
        }
        if self.longest_example.as_ref().is_none_or(|known| size > known.size()) {
            self.longest_example = Some(example());
        }
    }

    fn judge(&mut self, text: String) -> Rc<Judged> {
        if let Some((known, judged)) = &self.last
            && *known == text
        {
            return judged.clone();
        }
        let segments = |text: &str| Text::plan(text).map_or_else(|long| long.segments, |plan| plan.segments());
        let replaced = transliterate(&text);
        for change in &replaced.changes {
            if self.changes.len() < EXAMPLES {
                self.changes.insert((change.from.clone(), change.to.clone()));
            }
        }
        let sent = if self.transliterating { &replaced.text } else { &text };
        let plan = Text::plan(sent);
        let forcing = plan.as_ref().map(|plan| plan.forcing().to_vec()).unwrap_or_default();
        let rest = Text::plan(&replaced.text).map(|plan| plan.forcing().to_vec()).unwrap_or_default();
        let stripped: String = replaced.text.chars().filter(|character| !rest.contains(character)).collect();
        let judged = Rc::new(Judged {
            as_written: segments(&text),
            replaced: segments(&replaced.text),
            stripped: segments(&stripped),
            sent: plan.as_ref().map_or_else(|long| long.segments, |plan| plan.segments()),
            ucs2: plan.as_ref().is_ok_and(|plan| plan.encoding() == Encoding::Ucs2),
            marks: marks(sent, &forcing),
            hits: self.filters.find(sent),
            forcing,
        });
        self.last = Some((text, judged.clone()));
        judged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Country, Msisdn, Origin};
    use crate::policy::preview::Share;

    fn account() -> Account {
        Account::new(3, false, Operators::indonesia(), Filters::indonesia())
    }

    fn row(row: u32, text: &str) -> RecipientRow {
        let raw = format!("0812345678{row:02}");
        let number = Msisdn::parse(&raw, Country::indonesia()).map_err(Excluded::Invalid);
        RecipientRow { row, raw, number, name: None, text: Some(text.to_owned()), origin: Origin::default() }
    }

    #[test]
    fn texts_are_counted_as_they_would_be_sent() {
        let mut account = account();
        account.add(row(1, &"a".repeat(160)), None);
        account.add(row(2, &"a".repeat(161)), None);
        account.add(row(3, &format!("“{}”", "a".repeat(69))), None);
        account.add(row(4, &"a".repeat(500)), None);
        account.add(row(5, "halo"), Some(Excluded::OptedOut));
        assert_eq!((account.named, account.messages, account.segments), (5, 3, 5));
        assert_eq!(account.ucs2, 1);
        assert_eq!(account.forcing.iter().collect::<String>(), "“”");
        assert_eq!(account.transliterated, 4, "plain quotes would save one segment");
        let excluded: Vec<_> = account.excluded_rows.iter().map(|row| (row.row, row.reason.clone())).collect();
        assert_eq!(excluded, [(4, "too_long".into()), (5, "opted_out".into())]);
        let operators: Vec<_> = account.by_operator.by_name().collect();
        assert_eq!(operators, [("Telkomsel", Share { recipients: 5, messages: 3, segments: 5 })]);
        let forcing: Vec<_> = account.characters.by_weight().iter().map(|one| (one.character, one.first_row)).collect();
        assert_eq!(forcing, [('“', 3), ('”', 3)]);
        assert_eq!(account.by_reason, [("too_long", 1), ("opted_out", 1)].into());
    }

    #[test]
    fn the_longest_and_the_shortest_message_and_the_areas_are_kept() {
        let mut account = account();
        let texts = ["Yth. Asep", "Yth. Ni Luh Putu Ayu", "Yth. Eti"];
        for (text, place) in texts.into_iter().zip(1..) {
            let kecamatan = (place < 3).then(|| "Coblong".to_owned());
            let origin = Origin { kecamatan, ..Origin::default() };
            account.add(RecipientRow { origin, ..row(place, text) }, (place == 2).then_some(Excluded::Suspended));
        }
        account.add(row(4, &format!("{}é", "x".repeat(161))), None);
        let example = |example: &Option<Example>| example.as_ref().map(|one| (one.row, one.segments, one.characters));
        assert_eq!(example(&account.shortest_example), Some((3, 1, 8)));
        assert_eq!(example(&account.longest_example), Some((4, 2, 162)));
        let areas: Vec<_> =
            account.by_kecamatan.by_name().map(|(name, share)| (name, share.recipients, share.messages)).collect();
        assert_eq!(areas, [("", 2, 2), ("Coblong", 2, 1)]);
    }

    #[test]
    fn emoji_are_what_is_left_when_the_rest_is_replaced() {
        let mut account = account();
        account.add(row(1, &format!("“{}” 😀", "a".repeat(150))), None);
        assert_eq!((account.segments, account.transliterated, account.stripped), (3, 3, 1));
    }

    proptest::proptest! {
        #[test]
        fn by_operator_by_area_and_by_length_all_add_up_to_the_whole(
            rows in proptest::collection::vec(("[a-z“😀]{0,300}", 0u8..4, proptest::bool::ANY), 0..30),
        ) {
            let mut account = account();
            for (place, (text, area, barred)) in (1..).zip(&rows) {
                let origin = Origin { kecamatan: (*area > 0).then(|| area.to_string()), ..Origin::default() };
                let number = if *area == 3 { Err(Excluded::Duplicate { first_row: 1, place: None }) } else { row(place, text).number };
                account.add(RecipientRow { origin, number, ..row(place, text) }, barred.then_some(Excluded::OptedOut));
            }
            for spread in [&account.by_operator, &account.by_kecamatan] {
                let sum = spread.by_name().fold((0, 0, 0), |sum, (_, share)| {
                    (sum.0 + share.recipients, sum.1 + share.messages, sum.2 + share.segments)
                });
                proptest::prop_assert_eq!(sum, (account.named, account.messages, account.segments));
            }
            let by_length = account.by_segments.iter().fold((0, 0), |sum, (segments, count)| {
                (sum.0 + count, sum.1 + *segments as u64 * count)
            });
            proptest::prop_assert_eq!(by_length, (account.messages, account.segments));
            proptest::prop_assert_eq!(account.named, account.messages + account.by_reason.values().sum::<u64>());
            proptest::prop_assert!(account.stripped <= account.transliterated);
        }
    }
}
