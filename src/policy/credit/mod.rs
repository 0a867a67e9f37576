//! Credit of SIMs: how it is asked, what an operator's words say of it, and when that is worth a warning.
//!
//! Operators answer in free text that changes often, so what is looked for are patterns from the settings. A text that they
//! do not fit says nothing: the credit is then unknown, never zero.

mod figures;

use jiff::civil::Date;
use regex::{Regex, RegexBuilder};

use crate::model::{SignedDuration, UssdCode};

/// The most a pattern may cost in memory once it is compiled, in octets.
const COMPILED_MAX: usize = 1 << 20;
/// Most characters of a pattern.
const PATTERN_MAX: usize = 200;

/// How many days before its end an active period (masa aktif) is warned of: after it the number only receives, then it is
/// given to somebody else.
pub const ACTIVE_DAYS: i32 = 14;

/// A pattern with one group, which is what is looked for: `pulsa[^0-9]*([0-9.,]+)`.
///
/// A regular expression of the regex crate: its time grows with the text alone, whatever the pattern, so that a pattern of
/// somebody's cannot hold up the daemon. Upper and lower case are the same.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Reads a pattern. Errors: what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().count() > PATTERN_MAX {
            return Err(format!("the pattern is too long; keep it within {PATTERN_MAX} characters"));
        }
        let built = RegexBuilder::new(text).case_insensitive(true).size_limit(COMPILED_MAX).build();
        let regex = built.map_err(|error| {
            let last = error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            format!("this is no pattern: {last}")
        })?;
        match regex.captures_len() {
            2 => Ok(Self(regex)),
            found => Err(format!(
                "the pattern has {} groups in ( ); it needs one, around what is looked for, such as pulsa[^0-9]*([0-9.,]+)",
                found - 1
            )),
        }
    }

    /// What its group holds where it first fits.
    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.captures(text)?.get(1).map(|found| found.as_str())
    }
}

/// What is known of a SIM's operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Card<'a> {
    /// The SIM's IMSI.
    pub imsi: Option<&'a str>,
    /// What the network that serves it calls itself (AT+COPS?).
    pub served_by: Option<&'a str>,
    /// Its operator's name in the table of operators; `None`: the table does not know it.
    pub operator: Option<&'a str>,
}

/// Whose SIMs a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// This stands in the operator's name in the table of operators, whatever the case; where the table does not know the SIM, in
    /// the name of the network that serves it.
    Named(String),
    /// The IMSI begins with these digits: country and network code of the SIM's home, such as 51010.
    Home(String),
}

impl Operator {
    /// Five or six digits are a country and network code; anything else is a part of a name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.bytes().all(|octet| octet.is_ascii_digit()) {
            _ if text.is_empty() => {
                Err("this is empty; write the operator's name, or its code such as 51010".to_owned())
            }
            true if matches!(text.len(), 5 | 6) => Ok(Operator::Home(text.to_owned())),
            true => Err(format!("`{text}` is no country and network code; those have 5 or 6 digits, such as 51010")),
            false => Ok(Operator::Named(text.to_lowercase())),
        }
    }

    /// Whether a SIM is this operator's.
    pub fn is(&self, card: &Card<'_>) -> bool {
        match self {
            // A SIM of Tri that Indosat's network serves has Tri's codes.
            Operator::Named(part) => {
                card.operator.or(card.served_by).is_some_and(|name| name.to_lowercase().contains(part))
            }
            Operator::Home(digits) => card.imsi.is_some_and(|imsi| imsi.starts_with(digits)),
        }
    }
}

/// How the operator is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// By USSD: a code, then keys of its menu.
    Ussd(Vec<UssdCode>),
    /// By a text to a short code; the answer comes from there. For networks without USSD.
    Sms {
        /// The short code.
        to: u32,
        /// The text.
        text: String,
    },
}

/// How the credit of an operator's SIMs is asked and read.
#[derive(Clone, Debug)]
pub struct CreditRule {
    /// Whose SIMs.
    pub operator: Operator,
    /// How they ask.
    pub question: Question,
    /// Finds the amount.
    pub amount: Pattern,
    /// Finds the day on which the active period ends.
    pub active_until: Option<Pattern>,
    /// Less than this is a warning; 0: never.
    pub warn_below: u64,
    /// With less than this the SIM sends nothing until there is more; 0: it is never taken out for its credit.
    pub stop_below: u64,
    /// How often.
    pub every: SignedDuration,
    /// Senders, upper case, whose texts are read by the same patterns when they come by themselves.
    pub senders: Vec<String>,
}

/// What a text says of a SIM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The credit in whole units of the currency; `None`: the text does not say.
    pub amount: Option<u64>,
    /// The last day of the active period; `None`: the text does not say.
    pub active_until: Option<Date>,
}

impl CreditRule {
    /// Reads the texts of one answer; a later one counts before an earlier one: menus come first. Where none says the amount, a
    /// date is no active period either, but the end of some package.
    pub fn read<'t>(&self, texts: impl DoubleEndedIterator<Item = &'t str> + Clone) -> Reading {
        let amount = |text: &str| self.amount.find(text).and_then(figures::amount);
        let until = |text: &str| self.active_until.as_ref()?.find(text).and_then(figures::date);
        let found = texts.clone().rev().find_map(amount);
        Reading { amount: found, active_until: texts.rev().find_map(until).filter(|_| found.is_some()) }
    }
}

/// Whether an active period that ends on `until` is to be warned of on `today`.
pub fn ends_soon(until: Date, today: Date) -> bool {
    (until - today).get_days() <= ACTIVE_DAYS
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn rule(amount: &str, active_until: Option<&str>) -> CreditRule {
        CreditRule {
            operator: Operator::parse("TELKOMSEL").unwrap(),
            question: Question::Ussd(vec![UssdCode::parse("*888#").unwrap()]),
            amount: Pattern::parse(amount).unwrap(),
            active_until: active_until.map(|pattern| Pattern::parse(pattern).unwrap()),
            warn_below: 10_000,
            stop_below: 0,
            every: SignedDuration::from_hours(24),
            senders: Vec::new(),
        }
    }

    #[test]
    fn a_text_says_what_its_patterns_find_and_nothing_else() {
        let rule = rule(r"pulsa[^0-9]*([0-9][0-9.,]*)", Some(r"s\.?d\.? *([0-9]+-[0-9]+-[0-9]+)"));
        let check = |texts: &[&str], amount: Option<u64>, until: Option<Date>| {
            assert_eq!(rule.read(texts.iter().copied()), Reading { amount, active_until: until }, "{texts:?}");
        };
        check(&["Pulsa Rp 25.000 s.d 12-12-2026, Mau Pulsa Darurat?"], Some(25_000), Some(date(2026, 12, 12)));
        check(&["SISA PULSA ANDA Rp. 0 SD 01-02-2027"], Some(0), Some(date(2027, 2, 1)));
        check(&["1. Pulsa 2. Kuota", "Pulsa Rp5.500"], Some(5_500), None);
        check(&["Maaf, sistem sedang sibuk."], None, None);
        check(&["Pulsa Rp banyak sekali"], None, None);
        check(&["Pulsa 12.34.5"], None, None);
        check(&[], None, None);
    }

    #[test]
    fn patterns_say_what_is_wrong_with_them() {
        let check = |pattern: &str, word: &str| {
            let error = Pattern::parse(pattern).unwrap_err();
            assert!(error.contains(word) && !error.contains('\n'), "{error}");
        };
        check("pulsa ([0-9]+", "unclosed group");
        check("pulsa [0-9]+", "0 groups");
        check("(pulsa) ([0-9]+)", "2 groups");
        check(&"x".repeat(300), "too long");
        check(r"((?:a{1000}){1000})", "no pattern");
        assert!(Pattern::parse(r"(?:pulsa|saldo) ([0-9]+)").is_ok());
    }

    #[test]
    fn a_sim_is_its_operators_by_name_or_by_home() {
        let is = |operator: &str, card: Card<'_>| Operator::parse(operator).unwrap().is(&card);
        let (none, imsi) = (Card::default(), Some("510101234567890"));
        assert!(is("telkomsel", Card { served_by: Some("TELKOMSEL 4G"), ..none }));
        assert!(!is("XL", Card { served_by: Some("TELKOMSEL"), imsi, ..none }));
        assert!(is("51010", Card { imsi, ..none }));
        assert!(!is("51010", Card { served_by: Some("51010"), ..none }));
        let tri = Card { served_by: Some("INDOSAT OOREDOO"), operator: Some("Tri"), imsi: Some("510891234567890") };
        assert!(is("TRI", tri) && !is("Indosat", tri), "served by Indosat's network, and yet Tri's");
        for wrong in ["", "510", "5101234"] {
            assert!(Operator::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_active_period_is_warned_of_two_weeks_ahead_and_when_it_is_over() {
        let until = date(2026, 12, 24);
        assert!(!ends_soon(until, date(2026, 12, 9)));
        assert!(ends_soon(until, date(2026, 12, 10)));
        assert!(ends_soon(until, date(2027, 1, 3)));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let rule = rule(r"pulsa[^0-9]*([0-9.,]+)", Some(r"([0-9]+[-/ ][0-9a-z]+[-/ ][0-9]+)"));
            let _ = rule.read([text.as_str()].into_iter());
        }
    }
}
