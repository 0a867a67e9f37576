//! Areas as data: which kelurahan lie in which kecamatan, and by which words the office calls parts of its city.

use std::collections::{BTreeMap, BTreeSet};

use super::near::nearest;

/// A kind of area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A part of the city by the office's own word, or by its Sub Wilayah Kota.
    Wilayah,
    /// A kecamatan.
    Kecamatan,
    /// A kelurahan.
    Kelurahan,
}

impl Level {
    /// Its word, which is the same in both languages.
    pub fn word(self) -> &'static str {
        match self {
            Level::Wilayah => "wilayah",
            Level::Kecamatan => "kecamatan",
            Level::Kelurahan => "kelurahan",
        }
    }
}

/// Why a name is no area, or not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// No area of this level has the name.
    #[error("`{name}` is no {}{}", .level.word(), hint(.near, *.other))]
    Unknown {
        /// What it was taken for.
        level: Level,
        /// As written.
        name: String,
        /// What was probably meant.
        near: Option<String>,
        /// A level on which there is an area of this name.
        other: Option<Level>,
    },
    /// Several kecamatan have a kelurahan of this name.
    #[error("there is a kelurahan `{name}` in several kecamatan: {}", .inside.join(", "))]
    Ambiguous {
        /// As written.
        name: String,
        /// The kecamatan.
        inside: Vec<String>,
    },
}

fn hint(near: &Option<String>, other: Option<Level>) -> String {
    match (other, near) {
        (Some(level), _) => format!("; it is a {}", level.word()),
        (None, Some(near)) => format!("; did you mean `{near}`?"),
        (None, None) => String::new(),
    }
}

/// A line of the file of areas that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct PlacesError {
    /// The line, 1 is the first.
    pub line: u64,
    /// What is wrong and what to do, English.
    pub what: String,
}

/// The areas of a city.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// By the keys of kecamatan and kelurahan; an empty second key is the kecamatan by itself.
    known: BTreeMap<(String, String), Place>,
    /// The words for parts of the city, by their keys.
    words: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    kecamatan: String,
    kelurahan: String,
    /// The keys of the words that cover it.
    words: BTreeSet<String>,
}

/// A name as compared: without `kelurahan`, `kec.` and the like before it, without letter case, spaces and punctuation.
pub fn place_key(name: &str) -> String {
    let name = name.trim();
    let bare = match name.split_once(|c: char| c.is_whitespace() || c == '.') {
        Some((first, rest)) if is_level(first) && rest.chars().any(char::is_alphanumeric) => rest,
        _ => name,
    };
    bare.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_level(word: &str) -> bool {
    ["kelurahan", "kel", "kecamatan", "kec", "desa"].contains(&word.to_lowercase().as_str())
}

impl Places {
    /// Reads a file of areas: a header with `kecamatan`, and `kelurahan`, `swk`, `wilayah` as far as there are any; separated by
    /// commas or semicolons; lines that begin with `#` are remarks. Several words in one cell are separated by `|`.
    pub fn parse(text: &str) -> Result<Self, PlacesError> {
        let text = text.trim_start_matches('\u{FEFF}');
        let mut columns: Option<(char, Columns)> = None;
        let mut places = Self::default();
        for (line, number) in text.lines().zip(1..) {
            if is_remark(line) || line.chars().all(|c| c.is_whitespace() || matches!(c, ',' | ';')) {
                continue;
            }
            match &columns {
                None => {
                    let separator = if line.contains(';') { ';' } else { ',' };
                    columns = Some((separator, Columns::find(&cells(line, separator), number)?));
                }
                Some((separator, columns)) => columns.take(&cells(line, *separator), number, &mut places)?,
            }
        }
        match places.known.is_empty() {
            true => Err(PlacesError { line: 1, what: "there is no area in this file".to_owned() }),
            false => Ok(places),
        }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Adds an area that somebody holds an office in; without a kelurahan the kecamatan by itself.
    pub fn add(&mut self, kecamatan: &str, kelurahan: Option<&str>) {
        let key = (place_key(kecamatan), kelurahan.map(place_key).unwrap_or_default());
        self.known.entry(key).or_insert_with(|| Place {
            kecamatan: kecamatan.to_owned(),
            kelurahan: kelurahan.unwrap_or_default().to_owned(),
            words: BTreeSet::new(),
        });
    }

    /// The kecamatan of this name, as the city writes it.
    pub fn kecamatan(&self, name: &str) -> Result<&str, PlaceError> {
        let key = place_key(name);
        let found = self.known.range((key.clone(), String::new())..).next();
        match found.filter(|((kecamatan, _), _)| *kecamatan == key) {
            Some((_, place)) => Ok(&place.kecamatan),
            None => Err(self.unknown(Level::Kecamatan, name)),
        }
    }

    /// The kelurahan of this name, with its kecamatan, as the city writes them; `inside` where the kecamatan is named too.
    pub fn kelurahan(&self, name: &str, inside: Option<&str>) -> Result<(&str, &str), PlaceError> {
        let key = place_key(name);
        if let Some(inside) = inside {
            let kecamatan = self.kecamatan(inside)?;
            return match self.known.get(&(place_key(inside), key)) {
                Some(place) => Ok((&place.kecamatan, &place.kelurahan)),
                None => {
                    let there = self.known.values().filter(|place| place.kecamatan == *kecamatan);
                    let names = there.map(|place| place.kelurahan.as_str()).filter(|name| !name.is_empty());
                    let near = nearest(name.trim(), names).map(str::to_owned);
                    Err(PlaceError::Unknown { level: Level::Kelurahan, name: shown(name), near, other: None })
                }
            };
        }
        let mut found = self.known.iter().filter(|((_, kelurahan), _)| *kelurahan == key && !key.is_empty());
        match (found.next(), found.next()) {
            (Some((_, place)), None) => Ok((&place.kecamatan, &place.kelurahan)),
            (Some((_, first)), Some((_, second))) => {
                let rest = found.map(|(_, place)| place);
                let inside = [first, second].into_iter().chain(rest).map(|place| place.kecamatan.clone()).collect();
                Err(PlaceError::Ambiguous { name: shown(name), inside })
            }
            (None, _) => Err(self.unknown(Level::Kelurahan, name)),
        }
    }

    /// What a word for a part of the city covers, as keys of kecamatan and kelurahan.
    pub fn wilayah(&self, word: &str) -> Result<BTreeSet<(String, String)>, PlaceError> {
        let key = word_key(word);
        if !self.words.contains_key(&key) {
            return Err(self.unknown(Level::Wilayah, word));
        }
        let covered = self.known.iter().filter(|(_, place)| place.words.contains(&key));
        Ok(covered.map(|(key, _)| key.clone()).collect())
    }

    /// A word for a part of the city as the file writes it, and the kecamatan it covers wholly or in part.
    pub fn wilayah_in_words(&self, word: &str) -> Option<(&str, Vec<&str>)> {
        let key = word_key(word);
        let written = self.words.get(&key)?;
        let mut inside: Vec<&str> = Vec::new();
        for place in self.known.values().filter(|place| place.words.contains(&key)) {
            if inside.last() != Some(&place.kecamatan.as_str()) {
                inside.push(&place.kecamatan);
            }
        }
        Some((written, inside))
    }

    fn unknown(&self, level: Level, name: &str) -> PlaceError {
        let key = place_key(name);
        let is = |level: Level| match level {
            Level::Wilayah => self.words.contains_key(&word_key(name)),
            Level::Kecamatan => self.known.keys().any(|(kecamatan, _)| *kecamatan == key),
            Level::Kelurahan => self.known.keys().any(|(_, kelurahan)| *kelurahan == key),
        };
        let other = [Level::Kecamatan, Level::Kelurahan, Level::Wilayah]
            .into_iter()
            .find(|other| *other != level && !key.is_empty() && is(*other));
        let name = shown(name);
        let near = match level {
            Level::Wilayah => nearest(&name, self.words.values().map(String::as_str)),
            Level::Kecamatan => nearest(&name, self.known.values().map(|place| place.kecamatan.as_str())),
            Level::Kelurahan => {
                let names = self.known.values().map(|place| place.kelurahan.as_str());
                nearest(&name, names.filter(|name| !name.is_empty()))
            }
        };
        PlaceError::Unknown { level, near: near.map(str::to_owned), name, other }
    }
}

fn is_remark(line: &str) -> bool {
    line.trim_start_matches(['"', ' ', '\t']).starts_with('#')
}

/// A word for a part of the city as compared: as [`place_key`], but what stands before a name is part of the word.
fn word_key(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn shown(name: &str) -> String {
    name.trim().chars().take(60).collect()
}

/// Names of areas have neither separators nor quotation marks in them.
fn cells(line: &str, separator: char) -> Vec<&str> {
    line.split(separator).map(|cell| cell.trim().trim_matches('"').trim()).collect()
}

struct Columns {
    kecamatan: usize,
    kelurahan: Option<usize>,
    words: Vec<usize>,
}

impl Columns {
    fn find(cells: &[&str], line: u64) -> Result<Self, PlacesError> {
        let position = |name: &str| cells.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        let Some(kecamatan) = position("kecamatan") else {
            let what = "no column `kecamatan` is there; begin with a line such as kecamatan,kelurahan,swk,wilayah";
            return Err(PlacesError { line, what: what.to_owned() });
        };
        let words = ["swk", "wilayah"].into_iter().filter_map(position).collect();
        Ok(Self { kecamatan, kelurahan: position("kelurahan"), words })
    }

    fn take(&self, cells: &[&str], line: u64, into: &mut Places) -> Result<(), PlacesError> {
        let cell = |index: usize| cells.get(index).copied().unwrap_or_default();
        let (kecamatan, kelurahan) = (cell(self.kecamatan), self.kelurahan.map_or("", cell));
        let key = (place_key(kecamatan), place_key(kelurahan));
        if key.0.is_empty() {
            return Err(PlacesError { line, what: "the kecamatan is empty".to_owned() });
        }
        let mut place = Place { kecamatan: kecamatan.to_owned(), kelurahan: kelurahan.to_owned(), ..Place::default() };
        for word in self.words.iter().flat_map(|index| cell(*index).split('|')).map(str::trim) {
            let key = word_key(word);
            if !key.is_empty() {
                into.words.entry(key.clone()).or_insert_with(|| word.to_owned());
                place.words.insert(key);
            }
        }
        // One spelling of a kecamatan, the first.
        if let Ok(first) = into.kecamatan(kecamatan) {
            place.kecamatan = first.to_owned();
        }
        if into.known.insert(key, place).is_some() {
            let what = format!("{kecamatan} {kelurahan} stands there twice; keep one of the lines");
            return Err(PlacesError { line, what });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bandung() -> Places {
        Places::parse(include_str!("../../config/wilayah-bandung.csv")).unwrap()
    }

    #[test]
    fn the_file_of_bandung_has_its_30_kecamatan_and_151_kelurahan() {
        let places = bandung();
        let kecamatan: BTreeSet<_> = places.known.keys().map(|(kecamatan, _)| kecamatan).collect();
        assert_eq!((kecamatan.len(), places.known.len()), (30, 151));
        let swk = ["Bojonagara", "Cibeunying", "Tegallega", "Karees", "Ujungberung", "Gedebage"];
        let covered: usize = swk.iter().map(|word| places.wilayah(word).unwrap().len()).sum();
        assert_eq!(covered, 151, "every kelurahan lies in one SWK");
        let compass: usize = ["utara", "timur", "selatan", "barat", "tengah"]
            .iter()
            .map(|word| places.wilayah(word).unwrap().len())
            .sum();
        assert_eq!(compass, 151, "and in one part by the compass");
        let (word, inside) = places.wilayah_in_words("Utara").unwrap();
        assert_eq!(word, "utara");
        assert_eq!(inside.join(", "), "Cibeunying Kaler, Cibeunying Kidul, Cidadap, Coblong, Sukajadi, Sukasari");
    }

    #[test]
    fn names_are_found_however_they_are_spaced_and_whatever_stands_before_them() {
        let places = bandung();
        assert_eq!(places.kecamatan("UJUNG BERUNG"), Ok("Ujungberung"));
        assert_eq!(places.kecamatan("Kec. Babakan ciparay"), Ok("Babakan Ciparay"));
        assert_eq!(places.kelurahan("Kel.Pasteur", None), Ok(("Sukajadi", "Pasteur")));
        assert_eq!(places.kelurahan("batununggal", None), Ok(("Bandung Kidul", "Batununggal")));
        assert_eq!(places.kelurahan("kebon jeruk", Some("andir")), Ok(("Andir", "Kebonjeruk")));
    }

    #[test]
    fn what_is_no_area_says_what_was_probably_meant() {
        let places = bandung();
        let check = |error: PlaceError, expected: &str| assert_eq!(error.to_string(), expected);
        check(places.kelurahan("Pastuer", None).unwrap_err(), "`Pastuer` is no kelurahan; did you mean `Pasteur`?");
        check(places.kelurahan("Sukajadi", None).unwrap_err(), "`Sukajadi` is no kelurahan; it is a kecamatan");
        check(places.kelurahan("Dago", Some("Andir")).unwrap_err(), "`Dago` is no kelurahan");
        check(places.kecamatan("Coblng").unwrap_err(), "`Coblng` is no kecamatan; did you mean `Coblong`?");
        check(places.wilayah("utra").unwrap_err(), "`utra` is no wilayah; did you mean `utara`?");
        check(places.wilayah("").unwrap_err(), "`` is no wilayah");
        let mut twice = bandung();
        twice.add("Cimahi Utara", Some("Pasteur"));
        check(
            twice.kelurahan("pasteur", None).unwrap_err(),
            "there is a kelurahan `pasteur` in several kecamatan: Cimahi Utara, Sukajadi",
        );
    }

    #[test]
    fn a_file_that_cannot_be_used_names_its_line() {
        let check = |text: &str, expected: &str| assert_eq!(Places::parse(text).unwrap_err().to_string(), expected);
        check("", "line 1: there is no area in this file");
        check(
            "# x\nkelurahan;swk\n",
            "line 2: no column `kecamatan` is there; begin with a line such as kecamatan,kelurahan,swk,wilayah",
        );
        check("kecamatan;kelurahan\n;Dago\n", "line 2: the kecamatan is empty");
        check("kecamatan\nA\n\nkec a\n", "line 4: kec a  stands there twice; keep one of the lines");
        let places = Places::parse("\u{FEFF}\"# remark; of Excel\"\nWilayah;Kecamatan\nx|rawan banjir;A\n").unwrap();
        assert_eq!(places.wilayah("Rawan-Banjir").unwrap().len(), 1);
    }
}
