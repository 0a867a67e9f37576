//! What was probably meant by a word that is not known.

/// Levenshtein's distance in characters.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (above, l) in left.chars().enumerate() {
        let mut corner = above;
        row[0] = above + 1;
        for (place, r) in right.chars().enumerate() {
            let changed = corner + usize::from(l != r);
            corner = row[place + 1];
            row[place + 1] = changed.min(corner + 1).min(row[place] + 1);
        }
    }
    row[right.chars().count()]
}

/// The known word that differs in at most a third of its letters, and in at most three; the first of equally near ones.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let wanted = word.to_lowercase();
    let near = |known: &'k str| (distance(&wanted, &known.to_lowercase()), known);
    let (distance, found) = known.into_iter().map(near).min_by_key(|(distance, _)| *distance)?;
    (distance <= found.chars().count().div_ceil(3).min(3)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_is_guessed_and_another_word_is_not() {
        let known = ["Pasteur", "Cipedes", "Dago"];
        assert_eq!(nearest("pastuer", known), Some("Pasteur"));
        assert_eq!(nearest("Cipeds", known), Some("Cipedes"));
        assert_eq!(nearest("dagoo", known), Some("Dago"));
        assert_eq!(nearest("Braga", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
