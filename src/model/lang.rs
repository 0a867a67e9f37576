use std::fmt;
use std::str::FromStr;

/// The languages that staff read. Logs, JSON keys and errors for engineers are English always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Bahasa Indonesia.
    #[default]
    Indonesian,
    /// English.
    English,
}

impl Lang {
    /// What is said in this language.
    pub fn pick<T>(self, indonesian: T, english: T) -> T {
        match self {
            Lang::Indonesian => indonesian,
            Lang::English => english,
        }
    }
}

/// Its code, `id` or `en`.
impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pick("id", "en"))
    }
}

impl FromStr for Lang {
    type Err = String;

    /// Reads `id`, `en` or a locale such as `id_ID.UTF-8`. Errors: the word, where it is neither.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.split(['_', '-', '.']).next() {
            Some("id" | "in") => Ok(Lang::Indonesian),
            Some("en" | "C" | "POSIX") => Ok(Lang::English),
            _ => Err(format!("`{word}` is no language known here; use id or en")),
        }
    }
}
