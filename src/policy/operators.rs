//! Whose number this is, and whose SIM: a table of operators, which an office may edit.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::model::Msisdn;

/// Stands for the operator of numbers whose prefix is in no table.
pub const UNKNOWN_OPERATOR: &str = "unknown";

/// An operator as people know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operator {
    /// The brand.
    pub name: String,
    /// Whose networks belong together; a message inside a group is one in the own network.
    pub group: String,
}

/// The table: numbers by their longest known prefix, SIMs by their IMSI or by the network's name. The default knows nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operators {
    version: String,
    operators: Vec<Operator>,
    /// Prefixes in international form, as whole numbers: none begins with 0.
    prefixes: BTreeMap<u64, usize>,
    /// MCC and MNC, 5 or 6 digits.
    networks: BTreeMap<String, usize>,
    /// What modems call it, in capitals, letters and digits only.
    names: BTreeMap<String, usize>,
}

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct TableMistake {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    version: String,
    country: Spanned<String>,
    operator: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    group: Option<String>,
    prefixes: Vec<Spanned<String>>,
    #[serde(default)]
    networks: Vec<Spanned<String>>,
    #[serde(default)]
    names: Vec<Spanned<String>>,
}

impl Operators {
    /// The table that comes with the program: `config/operators-id.toml`.
    pub fn indonesia() -> Self {
        Self::parse(include_str!("../../config/operators-id.toml")).expect("a test reads the table that is shipped")
    }

    /// Reads a table. Errors: what is wrong with it; of mistakes in the grammar only the first.
    pub fn parse(text: &str) -> Result<Self, Vec<TableMistake>> {
        let table: Table = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            vec![TableMistake { line: line(text, at), message: error.message().replace('\n', ", ") }]
        })?;
        let mut reading = Reading { text, mistakes: Vec::new() };
        let country = table.country.get_ref().as_str();
        if !(1..=3).contains(&country.len()) || !country.bytes().all(|octet| octet.is_ascii_digit()) {
            reading.mistake(&table.country, "is no calling code; write digits only, such as \"62\"");
            // Without it every prefix would be called wrong.
            return Err(reading.mistakes);
        }
        let mut read = Self {
            version: table.version,
            operators: Vec::new(),
            prefixes: BTreeMap::new(),
            networks: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        for entry in &table.operator {
            read.add(entry, country, &mut reading);
        }
        if reading.mistakes.is_empty() { Ok(read) } else { Err(reading.mistakes) }
    }

    fn add(&mut self, entry: &Entry, country: &str, reading: &mut Reading<'_>) {
        let place = self.operators.len();
        let name = entry.name.get_ref().trim().to_owned();
        if name.is_empty() {
            reading.mistake(&entry.name, "is no name; write the brand");
        }
        if self.operators.iter().any(|known| known.name == name) {
            reading.mistake(&entry.name, "is there already; write all prefixes of an operator in one list");
        }
        for written in &entry.prefixes {
            match international(written.get_ref(), country) {
                Some(prefix) => {
                    if self.prefixes.insert(prefix, place).is_some() {
                        reading.mistake(written, "is there twice; a prefix belongs to one operator");
                    }
                }
                None => reading.mistake(written, "is no prefix; write it like \"0812\" or \"+62812\""),
            }
        }
        for written in &entry.networks {
            let digits = written.get_ref();
            if !(5..=6).contains(&digits.len()) || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
                reading.mistake(written, "is no network; write MCC and MNC together, such as \"51010\"");
            } else if self.networks.insert(digits.clone(), place).is_some() {
                reading.mistake(written, "is there twice; a network belongs to one operator");
            }
        }
        for written in &entry.names {
            if self.names.insert(plain(written.get_ref()), place).is_some_and(|before| before != place) {
                reading.mistake(written, "is another operator's name too");
            }
        }
        let group = entry.group.clone().unwrap_or_else(|| name.clone());
        self.operators.push(Operator { name, group });
    }

    /// Which edition of the table this is.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Every operator, in the table's order.
    pub fn all(&self) -> &[Operator] {
        &self.operators
    }

    /// The operator whose numbers begin like this one; of several prefixes that fit the longest counts. `None`: none does.
    pub fn of_number(&self, number: Msisdn) -> Option<&Operator> {
        let longest = *self.prefixes.last_key_value()?.0;
        let mut beginning = number.as_u64();
        while beginning > 0 {
            if beginning <= longest
                && let Some(place) = self.prefixes.get(&beginning)
            {
                return self.operators.get(*place);
            }
            beginning /= 10;
        }
        None
    }

    /// What the operator of a number is called; [`UNKNOWN_OPERATOR`] where no prefix fits.
    pub fn name_of(&self, number: Msisdn) -> &str {
        self.of_number(number).map_or(UNKNOWN_OPERATOR, |operator| &operator.name)
    }

    /// The operator of a SIM: by its IMSI, else by what the network that serves it calls itself (`AT+COPS?`), a name or MCC and MNC.
    pub fn of_sim(&self, imsi: Option<&str>, served_by: Option<&str>) -> Option<&Operator> {
        let by_network = |digits: &str| {
            let found = [6, 5].into_iter().find_map(|length| self.networks.get(digits.get(..length)?));
            found.copied()
        };
        let by_name = |name: &str| self.names.get(&plain(name)).copied().or_else(|| by_network(name));
        let place = imsi.and_then(by_network).or_else(|| served_by.and_then(by_name))?;
        self.operators.get(place)
    }
}

/// What is wrong so far.
struct Reading<'t> {
    text: &'t str,
    mistakes: Vec<TableMistake>,
}

impl Reading<'_> {
    fn mistake(&mut self, at: &Spanned<String>, what: &str) {
        let message = format!("`{}` {what}", at.get_ref().escape_debug());
        self.mistakes.push(TableMistake { line: line(self.text, at.span().start), message });
    }
}

fn line(text: &str, at: usize) -> usize {
    1 + text.as_bytes().iter().take(at).filter(|octet| **octet == b'\n').count()
}

/// A prefix with its country, as a whole number; at most 15 digits (E.164).
fn international(written: &str, country: &str) -> Option<u64> {
    let digits = match (written.strip_prefix('+'), written.strip_prefix('0')) {
        (Some(international), _) => international.to_owned(),
        (None, Some(national)) => format!("{country}{national}"),
        (None, None) => return None,
    };
    let usable = (1..=15).contains(&digits.len()) && digits.bytes().all(|octet| octet.is_ascii_digit());
    (usable && !digits.starts_with('0')).then(|| digits.parse().ok()).flatten()
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Country;

    fn named(operator: Option<&Operator>) -> Option<(&str, &str)> {
        operator.map(|operator| (operator.name.as_str(), operator.group.as_str()))
    }

    #[test]
    fn every_brand_has_its_prefixes_and_its_group() {
        let table = Operators::indonesia();
        let check = |written: &str, expected: Option<(&str, &str)>| {
            let number = Msisdn::parse(written, Country::indonesia()).unwrap();
            assert_eq!(named(table.of_number(number)), expected, "{written}");
        };
        check("0811 2233 445", Some(("Telkomsel", "Telkomsel")));
        check("+62 851 5566 7788", Some(("Telkomsel", "Telkomsel")));
        check("0857-1234-5678", Some(("Indosat", "IOH")));
        check("0895 1234 56789", Some(("Tri", "IOH")));
        check("0878 1234 5678", Some(("XL", "XLSMART")));
        check("0831 1234 5678", Some(("AXIS", "XLSMART")));
        check("0888 1234 5678", Some(("Smartfren", "XLSMART")));
        check("+65 8123 4567", None);
        let groups: std::collections::BTreeSet<_> =
            table.all().iter().map(|operator| operator.group.as_str()).collect();
        assert_eq!(groups.into_iter().collect::<Vec<_>>(), ["IOH", "Telkomsel", "XLSMART"]);
        assert!(!table.version().is_empty());
    }

    #[test]
    fn a_sim_is_known_by_its_imsi_first_and_else_by_the_name_of_its_network() {
        let table = Operators::indonesia();
        let check = |imsi: Option<&str>, served_by: Option<&str>, expected: Option<&str>| {
            let found = table.of_sim(imsi, served_by).map(|operator| operator.name.as_str());
            assert_eq!(found, expected, "{imsi:?} {served_by:?}");
        };
        check(Some("510101234567890"), None, Some("Telkomsel"));
        // A Tri SIM that roams on its sister's network is still Tri's.
        check(Some("510891234567890"), Some("INDOSAT OOREDOO"), Some("Tri"));
        check(None, Some("Ind Telkomsel"), Some("Telkomsel"));
        check(None, Some("51011"), Some("XL"));
        check(None, Some("3"), Some("Tri"));
        check(Some("208010123456789"), Some("AXIS"), Some("AXIS"));
        check(Some("51"), Some("TELE2"), None);
        check(None, None, None);
    }

    #[test]
    fn the_longest_prefix_counts_and_the_group_is_the_name_where_none_is_given() {
        let text = r#"
version = "uji"
country = "62"
[[operator]]
name = "Besar"
prefixes = ["085"]
[[operator]]
name = "Kecil"
group = "Induk"
prefixes = ["+6285155", "08"]
"#;
        let table = Operators::parse(text).unwrap();
        let of = |number| named(table.of_number(Msisdn::from_u64(number)));
        assert_eq!(of(6_285_155_000_001), Some(("Kecil", "Induk")));
        assert_eq!(of(6_285_154_000_001), Some(("Besar", "Besar")));
        assert_eq!(of(6_281_200_000_001), Some(("Kecil", "Induk")));
        assert_eq!(of(6_591_234_567), None);
    }

    #[test]
    fn every_mistake_is_named_with_its_line() {
        let text = r#"version = "uji"
country = "62"
[[operator]]
name = "A"
prefixes = ["0812", "812", "0812"]
networks = ["5101"]
names = ["A-TEL"]
[[operator]]
name = "A"
prefixes = ["+0812"]
names = ["a tel"]
"#;
        let told: Vec<_> = Operators::parse(text).unwrap_err().iter().map(ToString::to_string).collect();
        expect_test::expect![[r#"
            [
                "line 5: `812` is no prefix; write it like \"0812\" or \"+62812\"",
                "line 5: `0812` is there twice; a prefix belongs to one operator",
                "line 6: `5101` is no network; write MCC and MNC together, such as \"51010\"",
                "line 9: `A` is there already; write all prefixes of an operator in one list",
                "line 10: `+0812` is no prefix; write it like \"0812\" or \"+62812\"",
                "line 11: `a tel` is another operator's name too",
            ]
        "#]]
        .assert_debug_eq(&told);
        let country = Operators::parse(&text.replace("\"62\"", "\"+62\"")).unwrap_err();
        assert_eq!((country.len(), country[0].line), (1, 2), "{country:?}");
        let unknown = Operators::parse("version = \"1\"\ncountry = \"62\"\noperator = []\nprefix = 3\n").unwrap_err();
        assert_eq!(unknown[0].line, 4, "{unknown:?}");
    }

    proptest::proptest! {
        #[test]
        fn the_answer_is_the_longest_prefix_whatever_the_table(
            prefixes in proptest::collection::btree_set(1u64..100_000, 1..20),
            number in 1_000_000u64..999_999_999_999_999,
        ) {
            let entries: String = prefixes
                .iter()
                .map(|prefix| format!("[[operator]]\nname = \"{prefix}\"\nprefixes = [\"+{prefix}\"]\n"))
                .collect();
            let table = Operators::parse(&format!("version = \"1\"\ncountry = \"62\"\n{entries}")).unwrap();
            let digits = number.to_string();
            let expected = prefixes.iter().map(u64::to_string).filter(|prefix| digits.starts_with(prefix)).max_by_key(String::len);
            let found = table.of_number(Msisdn::from_u64(number)).map(|operator| operator.name.clone());
            proptest::prop_assert_eq!(found, expected);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = Operators::parse(&text);
        }
    }
}
