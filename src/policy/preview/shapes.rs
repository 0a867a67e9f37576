//! What in a text is a link, an amount of money, a date, or a run of digits: the things that content filters look for.

/// Something in a text, as it is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape<'t> {
    /// A link; its host in small letters.
    Link(String),
    /// `Rp50.000`, `Rp 2 juta`.
    Amount(&'t str),
    /// `17/8/2026`, `17-08-26`, `17 Agustus 2026`.
    Date(&'t str),
    /// The longest run of digits of a word that is none of these.
    Digits(&'t str),
    /// A word, letters and digits only.
    Word(&'t str),
}

const MONTHS: &[&str] = &[
    "januari",
    "februari",
    "maret",
    "april",
    "mei",
    "juni",
    "juli",
    "agustus",
    "september",
    "oktober",
    "november",
    "desember",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "agu",
    "agt",
    "sep",
    "okt",
    "nov",
    "des",
    "january",
    "february",
    "march",
    "may",
    "june",
    "july",
    "august",
    "october",
    "december",
];

/// Endings by which a bare `bit.ly/x` or `bandung.go.id` is known for a link: those that Indonesian texts have. `19.00` is none.
const ENDINGS: &[&str] = &[
    "id", "com", "net", "org", "info", "io", "me", "ly", "co", "gl", "gd", "cc", "tv", "to", "link", "app", "dev",
    "site", "online", "xyz", "my", "sg", "page", "gle", "at", "us", "biz",
];

/// Takes a text apart, in its order.
pub(super) fn shapes(text: &str) -> Vec<Shape<'_>> {
    let pieces: Vec<(usize, &str)> = pieces(text);
    let mut found = Vec::new();
    let mut place = 0;
    while let Some((start, piece)) = pieces.get(place) {
        let span = |count: usize| {
            let (last, word) = pieces[place + count - 1];
            &text[*start..last + word.len()]
        };
        let word = |ahead: usize| pieces.get(place + ahead).map(|(_, word)| *word);
        let taken = if let Some(host) = host(piece) {
            found.push(Shape::Link(host));
            1
        } else if let Some(count) = amount(piece, word(1)) {
            found.push(Shape::Amount(span(count)));
            count
        } else if let Some(count) = date(piece, word(1), word(2)) {
            found.push(Shape::Date(span(count)));
            count
        } else {
            found.extend(words(piece).map(Shape::Word));
            let runs = piece.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
            // Of several that are longest the first.
            found.extend(runs.rev().max_by_key(|run| run.len()).map(Shape::Digits));
            1
        };
        place += taken;
    }
    found
}

/// Letters and digits that stand together.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// What stands between blanks, without brackets, quotation and punctuation marks around it, each with its place.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    for piece in text.split_whitespace() {
        let trimmed = piece.trim_matches(|c: char| !c.is_alphanumeric());
        if !trimmed.is_empty() {
            pieces.push((trimmed.as_ptr().addr() - text.as_ptr().addr(), trimmed));
        }
    }
    pieces
}

fn host(piece: &str) -> Option<String> {
    let small = piece.to_lowercase();
    let (scheme, rest) = match small.split_once("://") {
        Some(("http" | "https", rest)) => (true, rest),
        Some(_) => return None,
        None => (false, small.as_str()),
    };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    // An address of mail is no link.
    if host.contains('@') || host.is_empty() {
        return None;
    }
    let host = host.strip_prefix("www.").unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let plain = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let named = labels.len() >= 2 && labels.iter().all(plain);
    let known = labels.last().is_some_and(|ending| ENDINGS.contains(ending));
    // "selesai.Mohon hadir" without its blank is no link: `mohon` is no ending.
    (scheme || (named && known)).then(|| host.to_owned())
}

/// How many pieces an amount of money takes.
fn amount(piece: &str, next: Option<&str>) -> Option<usize> {
    let small = piece.to_lowercase();
    let rest = small.strip_prefix("rp")?.trim_start_matches('.');
    let number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    if number(rest) {
        return Some(1);
    }
    (rest.is_empty() && next.is_some_and(number)).then_some(2)
}

/// How many pieces a date takes.
fn date(piece: &str, next: Option<&str>, after: Option<&str>) -> Option<usize> {
    let numbers: Vec<&str> = piece.split(['/', '-', '.']).collect();
    let digits = |word: &str, most: usize| (1..=most).contains(&word.len()) && word.bytes().all(|c| c.is_ascii_digit());
    if let [day, month, year] = numbers[..]
        && digits(day, 4)
        && digits(month, 2)
        && digits(year, 4)
        && (day.len() == 4 || matches!(year.len(), 2 | 4))
    {
        return Some(1);
    }
    let month = next.is_some_and(|word| MONTHS.contains(&word.to_lowercase().as_str()));
    if !(digits(piece, 2) && month) {
        return None;
    }
    let year = after.is_some_and(|word| word.len() == 4 && digits(word, 4));
    Some(if year { 3 } else { 2 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let told: Vec<_> = shapes(text)
            .into_iter()
            .filter_map(|shape| match shape {
                Shape::Link(host) => Some(format!("link {host}")),
                Shape::Amount(written) => Some(format!("amount {written}")),
                Shape::Date(written) => Some(format!("date {written}")),
                Shape::Digits(run) => Some(format!("digits {run}")),
                Shape::Word(_) => None,
            })
            .collect();
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn links_are_known_with_and_without_their_beginning() {
        check("Daftar di https://bit.ly/3xYz.", &["link bit.ly"]);
        check("Info: www.Bandung.go.id, (s.id/rw)", &["link bandung.go.id", "link s.id"]);
        check("http://192.168.1.1/x", &["link 192.168.1.1"]);
        check("Rapat selesai.Mohon hadir, kirim ke rw05@bandung.go.id", &["digits 05"]);
        check("pukul 19.00 s.d. selesai", &["digits 19"]);
    }

    #[test]
    fn amounts_dates_and_digits_are_told_apart() {
        check("Rp50.000,- atau Rp 2 juta, Rp. 75.000", &["amount Rp50.000", "amount Rp 2", "amount Rp. 75.000"]);
        check("17/8/2026 17-08-26 2026-08-17", &["date 17/8/2026", "date 17-08-26", "date 2026-08-17"]);
        check("Senin, 17 Agustus 2026; 3 Mei.", &["date 17 Agustus 2026", "date 3 Mei"]);
        check("kode 123456, hp 0812-3456-7890", &["digits 123456", "digits 0812"]);
        check("RW 05 Rpx 1.2.3", &["digits 05", "digits 1"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_taken_apart(text in proptest::prelude::any::<String>()) {
            shapes(&text);
        }

        #[test]
        fn texts_full_of_signs_can_be_taken_apart(text in "[Rr0-9p ./:@-]{0,40}") {
            shapes(&text);
        }
    }
}
