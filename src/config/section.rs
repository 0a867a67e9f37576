//! Reading one section key by key, so that every mistake is found in one go and each is known by line and key.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::Problem;

/// A setting as it is in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// The key with its sections.
    pub key: String,
    /// The value, as TOML writes it.
    pub value: String,
    /// The line it stands in; `None`: the default.
    pub line: Option<usize>,
}

/// What has been read so far of one file.
pub(super) struct Reading<'t> {
    text: &'t str,
    pub(super) problems: Vec<Problem>,
    pub(super) remarks: Vec<Problem>,
    pub(super) settings: Vec<Setting>,
}

impl<'t> Reading<'t> {
    /// Parses the whole text; mistakes of grammar are noted, and what can be read goes on.
    pub(super) fn parse(text: &'t str) -> (Self, DeTable<'t>) {
        let mut reading = Self { text, problems: Vec::new(), remarks: Vec::new(), settings: Vec::new() };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = error.span().map(|span| reading.line(&span));
            let mut message = error.message().replace('\n', ", ");
            let written = line.and_then(|line| text.lines().nth(line - 1)).unwrap_or_default();
            if written.contains(['“', '”', '„', '‘', '’']) {
                message += "; use straight quotes (\"), not those of a word processor";
            }
            reading.problems.push(Problem { line, key: String::new(), message });
        }
        (reading, table.into_inner())
    }

    /// The mistakes in the order of lines; on a line that is no TOML only that is said.
    pub(super) fn sorted_problems(&mut self) -> Vec<Problem> {
        let broken: Vec<_> = self.problems.iter().filter(|p| p.key.is_empty()).filter_map(|p| p.line).collect();
        let mut problems = std::mem::take(&mut self.problems);
        problems.retain(|problem| problem.key.is_empty() || problem.line.is_none_or(|line| !broken.contains(&line)));
        problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        problems
    }

    fn line(&self, span: &Range<usize>) -> usize {
        let start = span.start.min(self.text.len());
        1 + self.text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count()
    }
}

/// One section of the file, being read.
pub(super) struct Section<'r, 't> {
    reading: &'r mut Reading<'t>,
    path: String,
    /// The section's own line, for what is missing in it.
    line: Option<usize>,
    left: BTreeMap<String, (Range<usize>, Spanned<DeValue<'t>>)>,
    known: Vec<&'static str>,
}

impl<'r, 't> Section<'r, 't> {
    /// The whole file as a section.
    pub(super) fn root(reading: &'r mut Reading<'t>, table: DeTable<'t>) -> Self {
        Self::new(reading, String::new(), None, table)
    }

    fn new(reading: &'r mut Reading<'t>, path: String, line: Option<usize>, table: DeTable<'t>) -> Self {
        let left = table.into_iter().map(|(key, value)| (key.get_ref().to_string(), (key.span(), value))).collect();
        Self { reading, path, line, left, known: Vec::new() }
    }

    fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Notes a mistake about a key of this section.
    pub(super) fn problem(&mut self, line: Option<usize>, key: &str, message: String) {
        let key = self.full(key);
        self.reading.problems.push(Problem { line, key, message });
    }

    /// Notes something that works and yet should be looked at.
    pub(super) fn remark(&mut self, line: Option<usize>, key: &str, message: String) {
        let key = self.full(key);
        self.reading.remarks.push(Problem { line, key, message });
    }

    /// The line of a key that was not read yet; the section's own where it has none.
    pub(super) fn line_of(&self, key: &str) -> Option<usize> {
        self.left.get(key).map(|(span, _)| self.reading.line(span)).or(self.line)
    }

    /// The section's own line.
    pub(super) fn line(&self) -> Option<usize> {
        self.line
    }

    /// The value of `key`, or `default` where the file does not have it or has a mistake there (which is noted).
    pub(super) fn take<T>(&mut self, key: &'static str, default: T) -> T
    where
        T: DeserializeOwned + Serialize + Clone,
    {
        self.checked(key, default, |value: T| Ok::<_, String>(value))
    }

    /// Like [`Self::take`]; `check` turns the value into what the program holds, or says what is wrong with it.
    /// It must accept the default.
    pub(super) fn checked<T, U>(&mut self, key: &'static str, default: T, check: impl Fn(T) -> Result<U, String>) -> U
    where
        T: DeserializeOwned + Serialize + Clone,
    {
        match self.read(key, &default, &check) {
            Some((value, _)) => value,
            None => {
                self.note(key, &default, None);
                check(default).unwrap_or_else(|why| panic!("the default of {key} is refused: {why}"))
            }
        }
    }

    /// A secret under `key`, or `None` where the file has none. Neither its value nor what is wrong with it is shown anywhere:
    /// `rule` says what it should be.
    pub(super) fn secret<U>(&mut self, key: &'static str, rule: &str, check: impl Fn(&str) -> Option<U>) -> Option<U> {
        self.known.push(key);
        let full = self.full(key);
        let Some((_, value)) = self.left.remove(key) else {
            self.reading.settings.push(Setting { key: full, value: "none".to_owned(), line: None });
            return None;
        };
        let line = Some(self.reading.line(&value.span()));
        let found = match value.get_ref() {
            DeValue::String(text) => check(text),
            _ => None,
        };
        match found {
            Some(_) => self.reading.settings.push(Setting { key: full, value: "(secret)".to_owned(), line }),
            None => self.problem(line, key, rule.to_owned()),
        }
        found
    }

    /// The value of `key`, which has no default; `example` shows how one looks. With its line.
    pub(super) fn required<U>(
        &mut self,
        key: &'static str,
        example: &str,
        check: impl Fn(String) -> Result<U, String>,
    ) -> Option<(U, usize)> {
        let missing = !self.left.contains_key(key);
        let found = self.read(key, &example.to_owned(), &check);
        if missing {
            self.problem(self.line, key, format!("this is missing; write for example {key} = \"{example}\""));
        }
        found
    }

    /// The value of `key`, which may be left out; `example` shows how one looks. With its line.
    pub(super) fn optional<U>(
        &mut self,
        key: &'static str,
        example: &str,
        check: impl Fn(String) -> Result<U, String>,
    ) -> Option<(U, usize)> {
        self.read(key, &example.to_owned(), &check)
    }

    /// The list under `key`, which may be left out; `example` shows how one looks.
    pub(super) fn optional_list<U>(
        &mut self,
        key: &'static str,
        example: &[&str],
        check: impl Fn(Vec<String>) -> Result<U, String>,
    ) -> Option<U> {
        let example: Vec<String> = example.iter().map(|word| (*word).to_owned()).collect();
        self.read(key, &example, &check).map(|(value, _)| value)
    }

    fn read<T, U>(
        &mut self,
        key: &'static str,
        example: &T,
        check: &impl Fn(T) -> Result<U, String>,
    ) -> Option<(U, usize)>
    where
        T: DeserializeOwned + Serialize + Clone,
    {
        self.known.push(key);
        let (_, value) = self.left.remove(key)?;
        let line = self.reading.line(&value.span());
        match T::deserialize(ValueDeserializer::from(value)) {
            Err(error) => {
                let line = error.span().map_or(line, |span| self.reading.line(&span));
                let said = in_words(error.message());
                self.problem(Some(line), key, format!("{said}; write for example {key} = {}", toml_text(example)));
                None
            }
            Ok(value) => match check(value.clone()) {
                Err(why) => {
                    self.problem(Some(line), key, why);
                    None
                }
                Ok(checked) => {
                    self.note(key, &value, Some(line));
                    Some((checked, line))
                }
            },
        }
    }

    fn note<T: Serialize>(&mut self, key: &str, value: &T, line: Option<usize>) {
        let key = self.full(key);
        self.reading.settings.push(Setting { key, value: toml_text(value), line });
    }

    /// The section `key` inside this one; an empty one where the file has none.
    pub(super) fn section(&mut self, key: &'static str) -> Section<'_, 't> {
        self.known.push(key);
        let path = self.full(key);
        match self.left.remove(key) {
            None => Section::new(self.reading, path, None, DeTable::new()),
            Some((span, value)) => {
                let line = Some(self.reading.line(&span));
                match value.into_inner() {
                    DeValue::Table(table) => Section::new(self.reading, path, line, table),
                    _ => {
                        self.problem(line, key, format!("this is a section; write [{path}] on a line of its own"));
                        Section::new(self.reading, path, line, DeTable::new())
                    }
                }
            }
        }
    }

    /// Whether the file has this key or section, not yet read.
    pub(super) fn has(&self, key: &str) -> bool {
        self.left.contains_key(key)
    }

    /// Calls `each` for every `[[key]]` of the file, in its order.
    pub(super) fn each(&mut self, key: &'static str, mut each: impl FnMut(Section<'_, 't>)) {
        self.known.push(key);
        let Some((span, value)) = self.left.remove(key) else { return };
        let line = Some(self.reading.line(&span));
        let wrong = format!("write each one as [[{key}]], with double brackets, and its keys below");
        let DeValue::Array(list) = value.into_inner() else { return self.problem(line, key, wrong) };
        for (place, value) in list.into_iter().enumerate() {
            let line = Some(self.reading.line(&value.span()));
            match value.into_inner() {
                DeValue::Table(table) => {
                    let path = format!("{}[{}]", self.full(key), place + 1);
                    each(Section::new(self.reading, path, line, table));
                }
                _ => self.problem(line, key, wrong.clone()),
            }
        }
    }

    /// Ends the section: whatever was not asked for is unknown.
    pub(super) fn finish(mut self) {
        for (key, (span, _)) in std::mem::take(&mut self.left) {
            let line = Some(self.reading.line(&span));
            let advice = match nearest(&key, &self.known) {
                Some(near) => Cow::from(format!("did you mean `{near}`?")),
                None => Cow::from(format!("known here: {}", self.known.join(", "))),
            };
            self.problem(line, &key, format!("unknown key; {advice}"));
        }
    }
}

/// The parser's message without the names of Rust types.
fn in_words(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    first
        .replace("expected u32", "expected a whole number")
        .replace("expected u64", "expected a whole number")
        .replace("expected f64", "expected a number")
        .replace("expected a sequence", "expected a list in [ ]")
        .replace("sequence", "list")
}

fn toml_text<T: Serialize>(value: &T) -> String {
    toml::Value::try_from(value).map_or_else(|error| error.to_string(), |value| value.to_string())
}

/// The known key that differs in few letters, if there is one.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let (distance, near) = known.iter().map(|near| (distance(key, near), *near)).min()?;
    (distance <= near.len().div_ceil(3)).then_some(near)
}

/// Levenshtein's distance in octets.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, l) in left.bytes().enumerate() {
        let mut corner = above;
        row[0] = above + 1;
        for (place, r) in right.bytes().enumerate() {
            let changed = corner + usize::from(l != r);
            corner = row[place + 1];
            row[place + 1] = changed.min(corner + 1).min(row[place] + 1);
        }
    }
    row[right.len()]
}
