use std::collections::BTreeMap;

use super::filtered::{Hit, Kind, Names};

/// Different findings of one kind that are kept; links to one page each would otherwise fill the page.
const KEPT: usize = 50;

/// Something that is known to be filtered, over all texts of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The word, the host, or the first that was found of the kind.
    pub found: String,
    /// The operators that are known to filter it; empty: all of them; `None`: nobody is.
    pub operators: Option<Names>,
    /// How many recipients' texts have it.
    pub texts: u64,
    /// How many of these go to such an operator.
    pub at_risk: u64,
    /// The first row whose text has it.
    pub first_row: u32,
}

/// What is known to be filtered, counted text by text.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    seen: BTreeMap<(Kind, String, Option<Names>), Finding>,
}

impl Findings {
    /// Counts the text of a row that goes to a number of this operator; rows come in their order.
    pub fn add(&mut self, row: u32, operator: &str, hits: &[Hit]) {
        let mut counted: Vec<Kind> = Vec::new();
        for hit in hits {
            let by_itself = matches!(hit.kind, Kind::Words | Kind::Links | Kind::Shorteners);
            // Of dates, amounts and digits each text has its own: the kind is counted, once a text.
            if !by_itself && counted.contains(&hit.kind) {
                continue;
            }
            counted.push(hit.kind);
            let named = if by_itself { hit.found.clone() } else { String::new() };
            let key = (hit.kind, named, hit.operators.clone());
            if !self.seen.contains_key(&key) && self.seen.keys().filter(|(kind, ..)| *kind == hit.kind).count() >= KEPT
            {
                continue;
            }
            let finding = self.seen.entry(key).or_insert_with(|| Finding {
                kind: hit.kind,
                found: hit.found.clone(),
                operators: hit.operators.clone(),
                texts: 0,
                at_risk: 0,
                first_row: row,
            });
            finding.texts += 1;
            let filters = |names: &Names| names.is_empty() || names.iter().any(|name| name == operator);
            finding.at_risk += u64::from(hit.operators.as_ref().is_some_and(filters));
        }
    }

    /// By kind, words first; the most frequent of a kind first.
    pub fn by_kind(&self) -> Vec<&Finding> {
        let mut all: Vec<_> = self.seen.values().collect();
        all.sort_by_key(|finding| (finding.kind, std::cmp::Reverse(finding.texts)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::preview::Filters;

    #[test]
    fn texts_are_counted_and_those_that_go_to_an_operator_that_filters() {
        let (filters, mut findings) = (Filters::indonesia(), Findings::default());
        let rows = [("XL", "Selamat, 17/8/2026"), ("Tri", "selamat selamat 18/8/2026 dan 19/8/2026"), ("Tri", "halo")];
        for (row, (operator, text)) in (1..).zip(rows) {
            findings.add(row, operator, &filters.find(text));
        }
        let told: Vec<_> =
            findings.by_kind().iter().map(|one| (one.found.as_str(), one.texts, one.at_risk, one.first_row)).collect();
        assert_eq!(told, [("selamat", 2, 1, 1), ("17/8/2026", 2, 1, 1)]);
    }

    proptest::proptest! {
        #[test]
        fn at_risk_is_never_more_than_found_and_found_never_more_than_sent(
            rows in proptest::collection::vec((0usize..3, "(selamat|otp|bit.ly/x|Rp 5|17/8/2026|halo| ){0,6}"), 0..40),
        ) {
            let (filters, mut findings) = (Filters::indonesia(), Findings::default());
            for (row, (operator, text)) in (1..).zip(&rows) {
                findings.add(row, ["XL", "Tri", "Telkomsel"][*operator], &filters.find(text));
            }
            for one in findings.by_kind() {
                proptest::prop_assert!(one.at_risk <= one.texts && one.texts <= rows.len() as u64 && one.texts > 0);
            }
        }
    }
}
