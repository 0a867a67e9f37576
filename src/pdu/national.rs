//! Which national language tables (23.038 annex A) save segments for a text that needs several without them.

use std::collections::BTreeMap;

use super::gsm7::{Alphabet, Code, Language};
use super::text::{Encoding, Plan, ReferenceWidth, capacity};

/// How often each character stands in the text; what it costs in septets follows from this alone.
type Counts = BTreeMap<char, usize>;

/// The plan with the fewest segments by national tables, if it has fewer than `segments`.
///
/// Among equals the one with fewer tables, then the one with fewer septets. The locking and the single shift table are
/// chosen separately, as their elements are.
pub(super) fn plan(text: &str, width: ReferenceWidth, segments: usize) -> Option<Plan> {
    let mut counts = Counts::new();
    for character in text.chars() {
        *counts.entry(character).or_default() += 1;
    }
    let mut candidates = Vec::new();
    for alphabet in promising(&counts) {
        let Some(septets) = septets(alphabet, &counts) else { continue };
        let tables = usize::from(alphabet.locking().is_some()) + usize::from(alphabet.single().is_some());
        candidates.push((segments_at_least(alphabet, width, septets), tables, septets, alphabet));
    }
    candidates.sort_by_key(|(at_least, tables, septets, _)| (*at_least, *tables, *septets));

    let mut best: Option<Plan> = None;
    for (at_least, _, _, alphabet) in candidates {
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

/// The combinations of tables that write some character shorter than the default alphabet does; none where the text
/// has a character that no table knows, such as an emoji.
fn promising(counts: &Counts) -> impl Iterator<Item = Alphabet> {
    let dear = |character: &&char| Alphabet::DEFAULT.code(**character).is_none_or(|code| code.septets() > 1);
    let dear: Vec<char> = counts.keys().filter(dear).copied().collect();
    let one_septet = |language: Language, character: char| {
        matches!(Alphabet::national(Some(language), None).code(character), Some(Code::One(_)))
    };
    let any_code = |language: Language, character: char| {
        Alphabet::national(None, Some(language)).code(character).is_some() || one_septet(language, character)
    };
    let possible = dear
        .iter()
        .filter(|character| Alphabet::DEFAULT.code(**character).is_none())
        .all(|character| Language::ALL.iter().any(|language| any_code(*language, *character)));
    let useful = |language: &Language| possible && dear.iter().any(|character| any_code(*language, *character));
    let languages: Vec<Option<Language>> =
        std::iter::once(None).chain(Language::ALL.into_iter().filter(useful).map(Some)).collect();
    let pairs: Vec<Alphabet> = languages
        .iter()
        .flat_map(|locking| languages.iter().map(|single| Alphabet::national(*locking, *single)))
        .filter(|alphabet| *alphabet != Alphabet::DEFAULT)
        .collect();
    pairs.into_iter()
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
