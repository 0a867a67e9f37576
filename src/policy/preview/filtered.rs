use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::shapes::{Shape, shapes, words};
use crate::policy::TableMistake;

/// What of a text a filter looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Words and phrases.
    Words,
    /// Links, whatever their host.
    Links,
    /// Links whose target is hidden behind a short host.
    Shorteners,
    /// Amounts of money.
    Amounts,
    /// Dates.
    Dates,
    /// Long runs of digits.
    Digits,
}

impl Kind {
    /// The name shown in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Words => "word",
            Kind::Links => "link",
            Kind::Shorteners => "shortener",
            Kind::Amounts => "amount",
            Kind::Dates => "date",
            Kind::Digits => "digits",
        }
    }
}

/// Something in a text that is known to be filtered, or a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// The word of the table, the host of the link; for the other kinds how the text writes it.
    pub found: String,
    /// The operators that are known to filter it; `None`: nobody is.
    pub operators: Option<Names>,
}

/// Names of operators; empty: all of them.
pub type Names = Arc<Vec<String>>;

/// What operators are known to filter: a table that an office may edit. The default knows nothing but links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    version: String,
    /// By their first word, in small letters: the other words, as the table writes it, and who filters it.
    phrases: BTreeMap<String, Vec<(Vec<String>, String, Names)>>,
    shorteners: Vec<String>,
    /// Who filters the other kinds.
    kinds: BTreeMap<Kind, Names>,
    /// Longer runs than this are long.
    digits: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    version: String,
    #[serde(default)]
    shorteners: Vec<Spanned<String>>,
    filter: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: Spanned<Kind>,
    #[serde(default)]
    operators: Vec<String>,
    words: Option<Vec<Spanned<String>>>,
    more_than: Option<usize>,
}

impl Filters {
    /// The table that comes with the program: `config/filtered-words-id.toml`.
    pub fn indonesia() -> Self {
        Self::parse(include_str!("../../../config/filtered-words-id.toml"))
            .expect("a test reads the table that is shipped")
    }

    /// Reads a table. Errors: what is wrong with it; of mistakes in the grammar only the first.
    pub fn parse(text: &str) -> Result<Self, Vec<TableMistake>> {
        let mistake = |at: usize, message: String| TableMistake {
            line: 1 + text.as_bytes().iter().take(at).filter(|octet| **octet == b'\n').count(),
            message,
        };
        let table: Table = toml::from_str(text).map_err(|error| {
            vec![mistake(error.span().map_or(0, |span| span.start), error.message().replace('\n', ", "))]
        })?;
        let mut read = Self { version: table.version, ..Self::default() };
        let mut mistakes = Vec::new();
        for host in table.shorteners {
            if !host.get_ref().contains('.') || host.get_ref().contains('/') {
                let told = format!("`{}` is no host; write it like \"bit.ly\"", host.get_ref().escape_debug());
                mistakes.push(mistake(host.span().start, told));
            }
            read.shorteners.push(host.get_ref().to_lowercase());
        }
        for entry in table.filter {
            let (kind, start) = (*entry.kind.get_ref(), entry.kind.span().start);
            let operators = Arc::new(entry.operators);
            match (kind, entry.words) {
                (Kind::Words, Some(list)) => {
                    for written in list {
                        if !read.add(written.get_ref(), &operators) {
                            let told = format!("`{}` has no letter and no digit", written.get_ref().escape_debug());
                            mistakes.push(mistake(written.span().start, told));
                        }
                    }
                }
                (Kind::Words, None) => {
                    mistakes.push(mistake(start, "words are missing; write words = [\"…\"]".to_owned()))
                }
                (_, Some(_)) => mistakes.push(mistake(start, "only kind = \"words\" has words".to_owned())),
                (kind, None) => {
                    if read.kinds.insert(kind, operators).is_some() {
                        let told = "this kind is there already; write all its operators in one list";
                        mistakes.push(mistake(start, told.to_owned()));
                    }
                }
            }
            match (kind, entry.more_than) {
                (Kind::Digits, Some(most)) => read.digits = most,
                (Kind::Digits, None) => {
                    mistakes.push(mistake(start, "write how many are borne, such as more_than = 3".to_owned()));
                }
                (_, Some(_)) => mistakes.push(mistake(start, "only kind = \"digits\" has more_than".to_owned())),
                (_, None) => {}
            }
        }
        if mistakes.is_empty() { Ok(read) } else { Err(mistakes) }
    }

    fn add(&mut self, written: &str, operators: &Names) -> bool {
        let small = written.to_lowercase();
        let mut all = words(&small).map(str::to_owned);
        let Some(first) = all.next() else { return false };
        self.phrases.entry(first).or_default().push((all.collect(), written.to_owned(), operators.clone()));
        true
    }

    /// Which edition of the table this is.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What of this text is known to be filtered, and its links, each once.
    pub fn find(&self, text: &str) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        let mut hit = |kind, found: &str, operators: Option<&Names>| {
            let hit = Hit { kind, found: found.to_owned(), operators: operators.cloned() };
            if !hits.contains(&hit) {
                hits.push(hit);
            }
        };
        let shapes = shapes(text);
        let mut flow: Vec<Option<String>> = Vec::new();
        for shape in &shapes {
            match shape {
                Shape::Link(host) => {
                    let links = self.kinds.get(&Kind::Links);
                    // A link that nobody is known to filter is shown all the same: people should look at it.
                    match self.shorteners.contains(host) {
                        true => hit(Kind::Shorteners, host, self.kinds.get(&Kind::Shorteners).or(links)),
                        false => hit(Kind::Links, host, links),
                    }
                    flow.push(None);
                }
                Shape::Amount(written) => self.of_kind(Kind::Amounts, written, &mut hit),
                Shape::Date(written) => self.of_kind(Kind::Dates, written, &mut hit),
                Shape::Digits(run) if run.len() > self.digits => self.of_kind(Kind::Digits, run, &mut hit),
                Shape::Digits(_) => {}
                Shape::Word(word) => flow.push(Some(word.to_lowercase())),
            }
        }
        for place in 0..flow.len() {
            let Some(first) = &flow[place] else { continue };
            for (rest, written, operators) in self.phrases.get(first).into_iter().flatten() {
                let follows = flow[place + 1..].iter().map(Option::as_deref).take(rest.len());
                if rest.iter().map(|word| Some(word.as_str())).eq(follows) {
                    hit(Kind::Words, written, Some(operators));
                }
            }
        }
        hits
    }

    fn of_kind(&self, kind: Kind, written: &str, hit: &mut impl FnMut(Kind, &str, Option<&Names>)) {
        if let Some(operators) = self.kinds.get(&kind) {
            hit(kind, written, Some(operators));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let told: Vec<_> =
            Filters::indonesia().find(text).iter().map(|hit| format!("{} {}", hit.kind.name(), hit.found)).collect();
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn the_table_that_is_shipped_finds_what_operators_are_known_to_filter() {
        check("Kode   verifikasi Anda", &["word kode verifikasi"]);
        check("SELAMAT! Nomor anda", &["word selamat", "word nomor"]);
        check("Kode: verifikasi", &["word kode verifikasi"]);
        check("Info di https://bit.ly/x dan bandung.go.id", &["shortener bit.ly", "link bandung.go.id"]);
        check(
            "Iuran Rp 50.000 tanggal 17/8/2026, hubungi 112233",
            &["amount Rp 50.000", "date 17/8/2026", "digits 112233"],
        );
        check("Danau, keselamatan, RW 05 pukul 19.00 di balai", &[]);
        assert!(!Filters::indonesia().version().is_empty());
    }

    #[test]
    fn who_filters_it_is_as_the_table_says_and_a_link_is_shown_though_nobody_does() {
        let table = "version = \"uji\"\nshorteners = [\"S.id\"]\n[[filter]]\nkind = \"words\"\noperators = [\"XL\"]\nwords = [\"undian\"]\n";
        let found = Filters::parse(table).unwrap().find("Undian di s.id/x, Rp 1, 123456");
        let told: Vec<_> =
            found.iter().map(|hit| (hit.kind, hit.operators.as_ref().map(|all| all.join(",")))).collect();
        assert_eq!(told, [(Kind::Shorteners, None), (Kind::Words, Some("XL".to_owned()))]);
    }

    #[test]
    fn mistakes_are_told_with_their_lines() {
        let check = |text: &str, expected: &[&str]| {
            let told: Vec<_> = Filters::parse(text).unwrap_err().iter().map(ToString::to_string).collect();
            assert_eq!(told, expected);
        };
        check(
            "version = \"1\"\nshorteners = [\"bitly\"]\n[[filter]]\nkind = \"words\"\nwords = [\n\"!?\"]\n[[filter]]\nkind = \"dates\"\nmore_than = 3\n[[filter]]\nkind = \"digits\"\n[[filter]]\nkind = \"dates\"\n",
            &[
                "line 2: `bitly` is no host; write it like \"bit.ly\"",
                "line 6: `!?` has no letter and no digit",
                "line 8: only kind = \"digits\" has more_than",
                "line 11: write how many are borne, such as more_than = 3",
                "line 13: this kind is there already; write all its operators in one list",
            ],
        );
        assert!(
            Filters::parse("version = \"1\"\n[[filter]]\nkind = \"smell\"\n").unwrap_err()[0].message.contains("smell")
        );
    }

    proptest::proptest! {
        #[test]
        fn a_phrase_is_found_wherever_its_words_stand_together(
            before in "[a-z]{1,8}", after in "[a-z]{1,8}", gap in "[ .,:!\n]{1,4}",
        ) {
            let text = format!("{before}x KODE{gap}Verifikasi x{after}");
            proptest::prop_assert!(Filters::indonesia().find(&text).iter().any(|hit| hit.found == "kode verifikasi"));
        }
    }
}
