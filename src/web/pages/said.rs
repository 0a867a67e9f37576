//! What became of a wish, told once on the next page. It travels in a cookie, not in the address: nobody can make a link that puts words
//! into the daemon's mouth.

use axum::http::HeaderValue;

use super::page::Page;
use crate::cli::phrases::words;
use crate::model::{Lang, hex};

/// The cookie's name.
pub(super) const COOKIE: &str = "kentongan_said";
/// Octets of a sentence that are carried.
const SENTENCE_MAX: usize = 600;

/// A sentence for the reader.
pub(super) struct Said {
    pub good: bool,
    pub text: String,
}

/// As a cookie; `english`: as the engine said it.
pub(super) fn cookie(good: bool, english: &str, secure: bool) -> HeaderValue {
    let mut end = english.len().min(SENTENCE_MAX);
    while !english.is_char_boundary(end) {
        end -= 1;
    }
    let told = hex(&english[..end]);
    let secure = if secure { "; Secure" } else { "" };
    let line = format!(
        "{COOKIE}={}{told}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict{secure}",
        if good { 'g' } else { 'b' }
    );
    // Letters, digits and what stands above.
    HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
}

/// The cookie that forgets it.
pub(super) fn forget() -> HeaderValue {
    HeaderValue::from_static("kentongan_said=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict")
}

/// Reads the cookie; `None` where it is not one of ours.
pub(super) fn read(value: &str, lang: Lang) -> Option<Said> {
    let good = match value.get(..1)? {
        "g" => true,
        "b" => false,
        _ => return None,
    };
    let digits = value.get(1..)?;
    let octets: Option<Vec<u8>> = (0..digits.len())
        .step_by(2)
        .map(|place| digits.get(place..place + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let english = String::from_utf8(octets?).ok()?;
    Some(Said { good, text: words::sentence(lang, &english) })
}

impl Said {
    /// Something that went wrong on this very page.
    pub(super) fn bad(text: String) -> Self {
        Self { good: false, text }
    }
}

impl Page {
    /// Puts a sentence at the head of this page.
    pub(super) fn saying(mut self, said: Said) -> Self {
        self.said = Some(said);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_comes_back_once_and_anything_else_is_no_sentence() {
        let line = cookie(false, "job 7 is paused \"<b>\"; é", false);
        let line = line.to_str().unwrap();
        let value = line.strip_prefix("kentongan_said=").unwrap().split(';').next().unwrap();
        let said = read(value, Lang::English).unwrap();
        assert_eq!((said.good, said.text.as_str()), (false, "job 7 is paused \"<b>\"; é"));
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"));
        for bad in ["", "x00", "gzz", "g0", "gff", "é"] {
            assert!(read(bad, Lang::English).is_none(), "{bad}");
        }
        let long = cookie(true, &"é".repeat(2000), true);
        assert!(long.len() < 1400 && long.to_str().unwrap().ends_with("; Secure"));
    }
}
