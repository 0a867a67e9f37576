//! Which national language tables (23.038 annex A) save segments for a text that needs several in UCS-2.

use std::collections::BTreeMap;

use super::gsm7::{Alphabet, Language};
use super::text::{Encoding, Plan, ReferenceWidth, capacity};

/// How often each character stands in the text; what it costs in septets follows from this alone.
type Counts = BTreeMap<char, usize>;

/// The plan with the fewest segments by national tables, if it has fewer than `segments`.
///
/// Among equals one without a locking table, then the one with fewer septets: a phone that knows no national tables
/// still shows most of a text with a single shift (ş as s), but nothing sensible of one with a locking shift. The two
/// tables are chosen separately, as their elements are.
pub(super) fn plan(text: &str, width: ReferenceWidth, segments: usize) -> Option<Plan> {
    let mut counts = Counts::new();
    for character in text.chars() {
        *counts.entry(character).or_default() += 1;
    }
    let mut candidates = Vec::new();
    for alphabet in promising(&counts) {
        let Some(septets) = septets(alphabet, &counts) else { continue };
        candidates.push((segments_at_least(alphabet, width, septets), septets, alphabet));
    }
    candidates.sort_by_key(|(at_least, septets, alphabet)| {
        (*at_least, alphabet.locking().is_some(), alphabet.single().is_some(), *septets)
    });

    let mut best: Option<Plan> = None;
    for (at_least, _, alphabet) in candidates {
        let to_beat = best.as_ref().map_or(segments, Plan::segments);
        if at_least >= to_beat {
            break;
        }
        let plan = Plan::cut(Encoding::Gsm7(alphabet), width, alphabet.encode(text).ok()?);
        if plan.segments() < to_beat {
            best = Some(plan);
        }
    }
    best
}

/// The combinations of the tables that have some character which the default alphabet lacks; none where the text has
/// one that no table knows, such as an emoji.
fn promising(counts: &Counts) -> Vec<Alphabet> {
    let knows = |language: Language, character: char| {
        Alphabet::national(None, Some(language)).code(character).is_some()
            || Alphabet::national(Some(language), None).code(character).is_some()
    };
    let lacking: Vec<char> =
        counts.keys().filter(|character| Alphabet::DEFAULT.code(**character).is_none()).copied().collect();
    if !lacking.iter().all(|character| Language::ALL.iter().any(|language| knows(*language, *character))) {
        return Vec::new();
    }
    let useful = |language: &Language| lacking.iter().any(|character| knows(*language, *character));
    let languages: Vec<Option<Language>> =
        std::iter::once(None).chain(Language::ALL.into_iter().filter(useful).map(Some)).collect();
    languages
        .iter()
        .flat_map(|locking| languages.iter().map(|single| Alphabet::national(*locking, *single)))
        .filter(|alphabet| *alphabet != Alphabet::DEFAULT)
        .collect()
}

/// What the text costs by this alphabet; `None` where it lacks a character.
fn septets(alphabet: Alphabet, counts: &Counts) -> Option<usize> {
    counts.iter().map(|(character, count)| Some(alphabet.code(*character)?.septets() * count)).sum()
}

/// How many segments it takes if no septet is left empty before an escape.
fn segments_at_least(alphabet: Alphabet, width: ReferenceWidth, septets: usize) -> usize {
    let encoding = Encoding::Gsm7(alphabet);
    if septets <= capacity(encoding, None) { 1 } else { septets.div_ceil(capacity(encoding, Some(width))) }
}
