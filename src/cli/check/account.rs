use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{AudienceNote, Excluded, JobHeader, RecipientRow};
use crate::pdu::{Encoding, Text, transliterate};
use crate::policy::Operators;

/// Distinct characters and changes kept to be shown.
const EXAMPLES: usize = 20;

/// Who gets what, counted row by row as the engine would.
#[derive(Default)]
pub(super) struct Account {
    /// What stands before the recipients.
    pub header: Option<JobHeader>,
    /// Recipients named.
    pub named: u64,
    /// Of these, who get a text.
    pub messages: u64,
    /// And who get none.
    pub excluded: Vec<ExcludedRow>,
    /// Segments of all messages, as they would be sent.
    pub segments: u64,
    /// How many messages have how many segments.
    pub by_segments: BTreeMap<usize, u64>,
    /// Segments of the longest message.
    pub longest: usize,
    /// Messages that would be sent as UCS-2.
    pub ucs2: u64,
    /// The characters that force it.
    pub forcing: BTreeSet<char>,
    /// Segments of all messages if nothing were replaced.
    pub segments_as_written: u64,
    /// Segments of all messages if characters were replaced.
    pub transliterated: u64,
    /// How many messages go to numbers of which operator; `unknown` where no prefix fits.
    pub by_operator: BTreeMap<String, u64>,
    /// What would be replaced by what.
    pub changes: BTreeSet<(String, String)>,
    /// How many are named and get a text, by kecamatan; an empty name for those of whom it is not known.
    pub by_kecamatan: BTreeMap<String, Area>,
    /// How many get none, by the reason's short name.
    pub by_reason: BTreeMap<&'static str, u64>,
    /// The message with the fewest segments, and of those the fewest characters.
    pub shortest_example: Option<Example>,
    /// The message with the most.
    pub longest_example: Option<Example>,
    operators: Operators,
    segments_max: usize,
    transliterating: bool,
    /// The last text judged: mostly all recipients share one.
    last: Option<(String, Judged)>,
}

/// How many of a kecamatan are named, and how many of them get a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Area {
    pub recipients: u64,
    pub messages: u64,
}

/// One message as it would be sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Example {
    pub row: u32,
    pub name: Option<String>,
    pub segments: usize,
    pub characters: usize,
    pub text: String,
}

impl Example {
    fn size(&self) -> (usize, usize) {
        (self.segments, self.characters)
    }
}

/// A recipient who gets no message.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ExcludedRow {
    pub row: u32,
    pub number: String,
    pub reason: &'static str,
    pub detail: String,
}

#[derive(Clone)]
struct Judged {
    as_written: usize,
    replaced: usize,
    sent: usize,
    ucs2: bool,
    forcing: Vec<char>,
}

impl Account {
    pub(super) fn new(segments_max: usize, transliterating: bool, operators: Operators) -> Self {
        Self { segments_max, transliterating, operators, ..Self::default() }
    }

    /// Counts one row; the header must have come before. `barred`: why the ledger keeps this number from getting anything.
    pub(super) fn add(&mut self, row: RecipientRow, barred: Option<Excluded>) {
        self.named += 1;
        let RecipientRow { row: place, raw, number, text, name, origin } = row;
        let common = self.header.as_ref().and_then(|header| header.text.clone());
        let judged = match (number, barred, text.or(common)) {
            (Err(why), _, _) | (Ok(_), Some(why), _) => Err(why),
            (Ok(_), None, None) => Err(Excluded::NoText),
            (Ok(number), None, Some(text)) => match self.judge(text) {
                judged if judged.sent > self.segments_max => Err(Excluded::TooLong { segments: judged.sent }),
                judged => Ok((number, judged)),
            },
        };
        if let Ok((_, judged)) = &judged {
            self.keep_examples(place, name, judged.sent);
        }
        let area = self.by_kecamatan.entry(origin.kecamatan.unwrap_or_default()).or_default();
        area.recipients += 1;
        area.messages += u64::from(judged.is_ok());
        match judged {
            Ok((number, judged)) => {
                let operator = self.operators.name_of(number);
                match self.by_operator.get_mut(operator) {
                    Some(count) => *count += 1,
                    None => drop(self.by_operator.insert(operator.to_owned(), 1)),
                }
                self.messages += 1;
                self.segments += judged.sent as u64;
                self.segments_as_written += judged.as_written as u64;
                self.transliterated += judged.replaced as u64;
                self.ucs2 += u64::from(judged.ucs2);
                self.longest = self.longest.max(judged.sent);
                *self.by_segments.entry(judged.sent).or_default() += 1;
                self.forcing.extend(judged.forcing.iter().take(EXAMPLES.saturating_sub(self.forcing.len())));
            }
            Err(why) => {
                *self.by_reason.entry(why.name()).or_default() += 1;
                self.excluded.push(ExcludedRow { row: place, number: raw, reason: why.name(), detail: why.detail() });
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

    fn judge(&mut self, text: String) -> Judged {
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
        let judged = Judged {
            as_written: segments(&text),
            replaced: segments(&replaced.text),
            sent: plan.as_ref().map_or_else(|long| long.segments, |plan| plan.segments()),
            ucs2: plan.as_ref().is_ok_and(|plan| plan.encoding() == Encoding::Ucs2),
            forcing: plan.map(|plan| plan.forcing().to_vec()).unwrap_or_default(),
        };
        self.last = Some((text, judged.clone()));
        judged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Country, Msisdn, Origin};

    fn row(row: u32, text: &str) -> RecipientRow {
        let raw = format!("0812345678{row:02}");
        let number = Msisdn::parse(&raw, Country::indonesia()).map_err(Excluded::Invalid);
        RecipientRow { row, raw, number, name: None, text: Some(text.to_owned()), origin: Origin::default() }
    }

    #[test]
    fn texts_are_counted_as_they_would_be_sent() {
        let mut account = Account::new(3, false, Operators::indonesia());
        account.add(row(1, &"a".repeat(160)), None);
        account.add(row(2, &"a".repeat(161)), None);
        account.add(row(3, &format!("“{}”", "a".repeat(69))), None);
        account.add(row(4, &"a".repeat(500)), None);
        account.add(row(5, "halo"), Some(Excluded::OptedOut));
        assert_eq!((account.named, account.messages, account.segments), (5, 3, 5));
        assert_eq!(account.ucs2, 1);
        assert_eq!(account.forcing.iter().collect::<String>(), "“”");
        assert_eq!(account.transliterated, 4, "plain quotes would save one segment");
        let excluded: Vec<_> = account.excluded.iter().map(|row| (row.row, row.reason)).collect();
        assert_eq!(excluded, [(4, "too_long"), (5, "opted_out")]);
        assert_eq!(
            account.by_operator,
            BTreeMap::from([("Telkomsel".to_owned(), 3)]),
            "who gets nothing is not counted"
        );
        assert_eq!(account.by_reason, [("too_long", 1), ("opted_out", 1)].into());
    }

    #[test]
    fn the_longest_and_the_shortest_message_and_the_areas_are_kept() {
        let mut account = Account::new(3, false, Operators::indonesia());
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
            account.by_kecamatan.iter().map(|(name, area)| (name.as_str(), area.recipients, area.messages)).collect();
        assert_eq!(areas, [("", 2, 2), ("Coblong", 2, 1)]);
    }
}
