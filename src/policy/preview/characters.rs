use std::collections::BTreeMap;

/// Characters kept on either side of one, to show where it stands.
const AROUND: usize = 8;

/// A character in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The character.
    pub character: char,
    /// How often it stands there.
    pub times: u64,
    /// Where it stands first, in characters, 1 is the first.
    pub at: usize,
    /// The text around that place.
    pub around: String,
}

/// Where these characters stand in a text. Those that it does not have are left out.
pub fn marks(text: &str, characters: &[char]) -> Vec<Mark> {
    if characters.is_empty() {
        return Vec::new();
    }
    let all: Vec<char> = text.chars().collect();
    let mark = |character: &char| {
        let at = all.iter().position(|one| one == character)?;
        let times = all.iter().filter(|one| *one == character).count() as u64;
        let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(all.len()));
        Some(Mark { character: *character, times, at: at + 1, around: all[from..to].iter().collect() })
    };
    characters.iter().filter_map(mark).collect()
}

/// A character that forces UCS-2, over all texts of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forcing {
    /// The character.
    pub character: char,
    /// How often it stands in all texts together.
    pub times: u64,
    /// How many recipients' texts have it.
    pub texts: u64,
    /// The first row whose text has it.
    pub first_row: u32,
    /// Where in that text, in characters, 1 is the first.
    pub first_at: usize,
    /// The text around that place.
    pub around: String,
}

/// The characters that force UCS-2, counted text by text.
#[derive(Clone, Debug, Default)]
pub struct Characters {
    seen: BTreeMap<char, Forcing>,
}

impl Characters {
    /// Counts the text of a row; rows come in their order.
    pub fn add(&mut self, row: u32, marks: &[Mark]) {
        for mark in marks {
            let seen = self.seen.entry(mark.character).or_insert_with(|| Forcing {
                character: mark.character,
                times: 0,
                texts: 0,
                first_row: row,
                first_at: mark.at,
                around: mark.around.clone(),
            });
            seen.times += mark.times;
            seen.texts += 1;
        }
    }

    /// The most frequent first.
    pub fn by_weight(&self) -> Vec<&Forcing> {
        let mut all: Vec<_> = self.seen.values().collect();
        all.sort_by_key(|forcing| std::cmp::Reverse((forcing.texts, forcing.times)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_in_all_texts_and_shown_where_it_stands_first() {
        let mut characters = Characters::default();
        characters.add(2, &marks("Rapat “besar” pukul 19.00 di balai", &['“', '”', '–']));
        characters.add(3, &marks("“Rapat” “lagi”", &['“', '”']));
        let all = characters.by_weight();
        let told: Vec<_> = all.iter().map(|one| (one.character, one.times, one.texts)).collect();
        assert_eq!(told, [('“', 3, 2), ('”', 3, 2)]);
        assert_eq!((all[1].first_row, all[1].first_at, all[1].around.as_str()), (2, 13, "t “besar” pukul 1"));
    }

    proptest::proptest! {
        #[test]
        fn every_occurrence_is_counted_once(texts in proptest::collection::vec("[ab“”😀]{0,30}", 0..20)) {
            let mut characters = Characters::default();
            for (row, text) in (1..).zip(&texts) {
                characters.add(row, &marks(text, &['“', '😀']));
            }
            let sum: u64 = characters.by_weight().iter().map(|one| one.times).sum();
            let naive = texts.iter().flat_map(|text| text.chars()).filter(|c| ['“', '😀'].contains(c)).count();
            proptest::prop_assert_eq!(sum, naive as u64);
            for one in characters.by_weight() {
                proptest::prop_assert!(one.texts <= one.times && one.texts <= texts.len() as u64);
                let first = &texts[one.first_row as usize - 1];
                proptest::prop_assert_eq!(first.chars().nth(one.first_at - 1), Some(one.character));
            }
        }
    }
}
