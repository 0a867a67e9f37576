//! Keys about the care for modems and SIMs: self-tests, credit, history.

use super::section::Section;
use crate::model::{SignedDuration, UssdCode};
use crate::policy::credit::{CreditRule, Operator, Pattern, Question};
use crate::policy::history::HistoryRule;

/// Finds the amount in most operators' words. It asks for the `Rp`, or the numbers of a menu would be taken for the credit.
const AMOUNT: &str = r"(?:pulsa|saldo|balance)[^0-9]*rp[. ]*([0-9][0-9.,]*)";
/// Finds the end of the active period in most operators' words: `s.d 12-12-2026`, `aktif sampai 24 Des 2026`.
const ACTIVE_UNTIL: &str =
    r"(?:\bs\.?/?d\b|aktif|sampai|berlaku)[^0-9]*([0-9]{1,4}[-/. ]?[0-9a-z]{1,9}[-/. ]?[0-9]{2,4})";

/// `[[credit]]`: how the credit of an operator's SIMs is asked and read.
pub(super) fn credit(mut section: Section) -> Option<CreditRule> {
    let operator = section.required("operator", "Telkomsel", |text| Operator::parse(&text));
    let code = section.optional("code", "*888#", |code| UssdCode::parse(&code));
    let keys = section.checked("then", Vec::<String>::new(), |keys: Vec<String>| {
        keys.iter().map(|key| UssdCode::parse(key)).collect::<Result<Vec<_>, _>>()
    });
    let to = section.optional("sms_to", "999", |code: String| {
        let short = (2..=6).contains(&code.len()) && code.bytes().all(|octet| octet.is_ascii_digit());
        code.parse().ok().filter(|_| short && !code.starts_with('0')).ok_or_else(|| {
            format!("`{}` is no short code; write its 2 to 6 digits, such as \"999\"", code.escape_debug())
        })
    });
    let text = section.optional("sms_text", "CEK", |text: String| match text.trim() {
        "" => Err("this is empty; write what is to be sent, such as \"CEK\"".to_owned()),
        text if text.chars().count() > 160 => Err("this is too long; operators take a word or two".to_owned()),
        text => Ok(text.to_owned()),
    });
    let amount = section.checked("amount", AMOUNT.to_owned(), |pattern: String| Pattern::parse(&pattern));
    let active_until = section.checked("active_until", ACTIVE_UNTIL.to_owned(), |pattern: String| {
        if pattern.is_empty() { Ok(None) } else { Pattern::parse(&pattern).map(Some) }
    });
    let warn_below = section.take("warn_below", 10_000u64);
    let stop_below = section.take("stop_below", 0u64);
    let every = section.checked("every_hours", 24u32, |hours: u32| match hours {
        1..=744 => Ok(SignedDuration::from_hours(i64::from(hours))),
        _ => Err(format!("{hours} hours is not possible; write 1 to 744 (a month)")),
    });
    let senders = section.checked("senders", Vec::<String>::new(), |senders: Vec<String>| {
        Ok::<_, String>(senders.iter().map(|sender| sender.trim().to_uppercase()).collect::<Vec<_>>())
    });
    let question = match (code, to, text) {
        (Some((code, _)), None, None) => Some(Question::Ussd(std::iter::once(code).chain(keys).collect())),
        (None, Some((to, _)), Some((text, _))) => Some(Question::Sms { to, text }),
        _ => {
            let line = section.line();
            let message = "write either code, for USSD, or sms_to and sms_text, for a text to the operator".to_owned();
            section.problem(line, "code", message);
            None
        }
    };
    section.finish();
    Some(CreditRule {
        operator: operator?.0,
        question: question?,
        amount,
        active_until,
        warn_below,
        stop_below,
        every,
        senders,
    })
}

/// `[self_test]`: how often modems test themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelfTest {
    /// How often; `None`: only when somebody asks for it.
    pub every: Option<SignedDuration>,
}

pub(super) fn self_test(mut section: Section) -> SelfTest {
    let every = section.checked("every_days", 0u32, |days: u32| match days {
        0 => Ok(None),
        1..=366 => Ok(Some(SignedDuration::from_hours(24 * i64::from(days)))),
        _ => Err(format!("{days} days is more than a year; write 0 (never) to 366")),
    });
    section.finish();
    SelfTest { every }
}

/// `[history]`: how much is kept of how modems and SIMs stood.
pub(super) fn history(mut section: Section) -> HistoryRule {
    let default = HistoryRule::default();
    let minutes = u32::try_from(default.signal_pace.as_mins()).unwrap_or(u32::MAX);
    let signal_pace = section.checked("signal_minutes", minutes, |minutes: u32| match minutes {
        1..=1440 => Ok(SignedDuration::from_mins(i64::from(minutes))),
        _ => Err(format!("{minutes} minutes is not possible; write 1 to 1440 (a day)")),
    });
    let days = u32::try_from(default.keep_for.as_hours() / 24).unwrap_or(u32::MAX);
    let keep_for = section.checked("keep_days", days, |days: u32| match days {
        7..=3660 => Ok(SignedDuration::from_hours(24 * i64::from(days))),
        _ => Err(format!("{days} days is not possible; write 7 to 3660 (ten years)")),
    });
    section.finish();
    HistoryRule { signal_pace, keep_for }
}
