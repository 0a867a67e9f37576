use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How many are named, and what of it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Share {
    /// Recipients named.
    pub recipients: u64,
    /// Of these, who get a text.
    pub messages: u64,
    /// Segments of these texts.
    pub segments: u64,
}

/// Recipients by something that each has one of: an operator, a kecamatan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    shares: BTreeMap<String, Share>,
}

impl Spread {
    /// Counts a recipient; `segments` of its text, `None` where it gets none.
    pub fn add(&mut self, name: &str, segments: Option<usize>) {
        let share = match self.shares.get_mut(name) {
            Some(share) => share,
            None => self.shares.entry(name.to_owned()).or_default(),
        };
        share.recipients += 1;
        share.messages += u64::from(segments.is_some());
        share.segments += segments.unwrap_or(0) as u64;
    }

    /// Every share, by name.
    pub fn by_name(&self) -> impl Iterator<Item = (&str, Share)> {
        self.shares.iter().map(|(name, share)| (name.as_str(), *share))
    }

    /// The largest first; those of a size by name.
    pub fn by_size(&self) -> Vec<(&str, Share)> {
        let mut shares: Vec<_> = self.by_name().collect();
        shares.sort_by_key(|(_, share)| std::cmp::Reverse(share.recipients));
        shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_stands_first_and_those_of_a_size_by_name() {
        let mut spread = Spread::default();
        for (name, segments) in [("Tri", Some(1)), ("XL", Some(2)), ("XL", None), ("AXIS", None)] {
            spread.add(name, segments);
        }
        let names: Vec<_> = spread.by_size().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["XL", "AXIS", "Tri"]);
        assert_eq!(spread.by_name().nth(2), Some(("XL", Share { recipients: 2, messages: 1, segments: 2 })));
    }

    proptest::proptest! {
        #[test]
        fn the_shares_add_up_to_all(rows in proptest::collection::vec((0u8..5, proptest::option::of(1usize..9)), 0..200)) {
            let mut spread = Spread::default();
            for (name, segments) in &rows {
                spread.add(&name.to_string(), *segments);
            }
            let sum = |of: fn(Share) -> u64| spread.by_name().map(|(_, share)| of(share)).sum::<u64>();
            proptest::prop_assert_eq!(sum(|share| share.recipients), rows.len() as u64);
            proptest::prop_assert_eq!(sum(|share| share.messages), rows.iter().filter(|row| row.1.is_some()).count() as u64);
            proptest::prop_assert_eq!(sum(|share| share.segments), rows.iter().filter_map(|row| row.1).sum::<usize>() as u64);
        }
    }
}
