use unicode_normalization::UnicodeNormalization;

use crate::model::OptOutScope;

/// The words by which people leave and return. Settings; compared after [`normalise`].
#[derive(Clone, Debug, PartialEq)]
pub struct Keywords {
    /// One-word opt-outs.
    pub stop: Vec<String>,
    /// Whole phrases that mean the same.
    pub stop_phrases: Vec<String>,
    /// Words that may follow a stop word (`STOP SEMUA`, `UNREG INFO`).
    pub scopes: Vec<String>,
    /// Words that make an opt-out one from everything, always; they may follow a stop word too.
    pub everything: Vec<String>,
    /// Words of politeness around a stop word (`TOLONG STOP PAK`).
    pub fillers: Vec<String>,
    /// One-word returns. Never YA or YES: people answer questions with them.
    pub start: Vec<String>,
    /// One-word calls for help.
    pub help: Vec<String>,
}

impl Default for Keywords {
    fn default() -> Self {
        let words = |text: &str| text.split(',').map(|word| word.trim().to_owned()).collect();
        Self {
            stop: words("STOP,STOPALL,BERHENTI,UNREG,UNSUBSCRIBE,UNSUB,OFF,BATAL,KELUAR,CANCEL,END,QUIT,OPTOUT,REVOKE"),
            stop_phrases: words(
                "STOP SMS,OPT OUT,JANGAN KIRIM LAGI,JANGAN SMS LAGI,JANGAN KIRIM SMS LAGI,JANGAN SMS SAYA LAGI,HAPUS NOMOR SAYA,HAPUS NO SAYA,BERHENTI BERLANGGANAN",
            ),
            scopes: words("SEMUA,INFO,SMS,ALL"),
            everything: words("SEMUA,ALL,STOPALL,HAPUS"),
            fillers: words("PAK,BU,BAPAK,IBU,MIN,ADMIN,YA,DONG,TOLONG,MOHON,PLEASE"),
            start: words("START,MULAI,DAFTAR,REG,LANJUT,UNSTOP"),
            help: words("HELP,INFO,BANTUAN"),
        }
    }
}

/// What an inbound text asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be written to no more. Carries the rule that fired, for the record, and how much was asked for.
    Stop(Rule, OptOutScope),
    /// To be written to again.
    Start,
    /// Who is this, and how does one leave.
    Help,
    /// A stop word stands inside a longer sentence: a person must read it.
    Review,
    /// Anything else.
    Other,
}

/// Which rule recognised an opt-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The whole text is a keyword.
    Keyword,
    /// The whole text is a phrase.
    Phrase,
    /// A keyword, and nothing after it but scope words and keywords again.
    KeywordScope,
    /// A keyword and up to two words of politeness.
    KeywordFiller,
}

impl Rule {
    /// The name stored beside the opt-out.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Keyword => "keyword",
            Rule::Phrase => "phrase",
            Rule::KeywordScope => "keyword_scope",
            Rule::KeywordFiller => "keyword_filler",
        }
    }
}

/// The text as keywords are compared: NFKC, upper case, no punctuation or emoji at the ends of words, single spaces.
pub fn normalise(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(char::to_uppercase).collect();
    let words = folded
        .split(|character: char| character.is_whitespace() || character.is_control() || character == '\u{200B}')
        .map(|word| word.trim_matches(|character: char| !character.is_alphanumeric()))
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

impl Keywords {
    /// What this text asks for. Only the whole text counts: "banjir belum berhenti" is a report, not an opt-out.
    pub fn wish(&self, text: &str) -> Wish {
        let normal = normalise(text);
        let words: Vec<&str> = normal.split(' ').filter(|word| !word.is_empty()).collect();
        let is = |list: &[String], word: &str| list.iter().any(|known| known == word);
        let stops = |word: &&str| is(&self.stop, word);
        let follows = |word: &str| is(&self.scopes, word) || is(&self.everything, word);
        let stop = |rule| match words.iter().any(|word| is(&self.everything, word)) {
            true => Wish::Stop(rule, OptOutScope::Everything),
            false => Wish::Stop(rule, OptOutScope::Ordinary),
        };
        if let [word] = words.as_slice() {
            if is(&self.stop, word) {
                return stop(Rule::Keyword);
            }
            if is(&self.start, word) {
                return Wish::Start;
            }
            if is(&self.help, word) {
                return Wish::Help;
            }
        }
        if is(&self.stop_phrases, &normal) {
            return stop(Rule::Phrase);
        }
        let polite: Vec<&str> = words.iter().copied().filter(|word| !is(&self.fillers, word)).collect();
        let fillers = words.len() - polite.len();
        match polite.as_slice() {
            [word] if fillers <= 2 && stops(word) => return stop(Rule::KeywordFiller),
            [word, rest @ ..]
                if fillers <= 2 && stops(word) && rest.iter().all(|next| stops(next) || follows(next)) =>
            {
                return stop(Rule::KeywordScope);
            }
            _ if fillers <= 2 && is(&self.stop_phrases, &polite.join(" ")) => return stop(Rule::Phrase),
            _ => {}
        }
        if words.iter().any(stops) { Wish::Review } else { Wish::Other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_message_decides_and_a_sentence_goes_to_a_person() {
        let keywords = Keywords::default();
        let check = |text: &str, wish: Wish| assert_eq!(keywords.wish(text), wish, "{text:?}");
        let ordinary = |rule| Wish::Stop(rule, OptOutScope::Ordinary);
        let everything = |rule| Wish::Stop(rule, OptOutScope::Everything);
        for text in ["STOP", "stop", " Stop. ", "“STOP!”", "berhenti", "ＳＴＯＰ", "UNREG", "STOP 🙏", "stop\n"]
        {
            check(text, ordinary(Rule::Keyword));
        }
        check("stopall", everything(Rule::Keyword));
        for text in ["stop pak", "Tolong berhenti ya", "mohon STOP dong", "stop, bu!"] {
            check(text, ordinary(Rule::KeywordFiller));
        }
        for text in ["STOP SEMUA", "stop semua ya pak", "Stop semua info", "Stop, hapus!", "unreg all"] {
            check(text, everything(Rule::KeywordScope));
        }
        for text in ["unreg info", "STOP STOP STOP!!"] {
            check(text, ordinary(Rule::KeywordScope));
        }
        for text in ["Jangan kirim lagi", "tolong jangan sms lagi pak", "STOP SMS"] {
            check(text, ordinary(Rule::Phrase));
        }
        check("hapus nomor saya", everything(Rule::Phrase));
        for text in ["banjir belum berhenti", "We have got to STOP this bill", "STOP 12345", "kapan hujan berhenti pak"]
        {
            check(text, Wish::Review);
        }
        for text in ["START", "mulai", "Unstop"] {
            check(text, Wish::Start);
        }
        for text in ["INFO", "help?", "Bantuan"] {
            check(text, Wish::Help);
        }
        for text in ["ya", "YES", "terima kasih", "", "👍", "nonstop", "hujan deras di RW 05"] {
            check(text, Wish::Other);
        }
    }
}
