use super::fields::after;

/// What the network did (27.007 §7.15, `<m>`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UssdStage {
    /// 0: it has said what it had to say.
    Done,
    /// 1: it waits for a key of its menu.
    Wants,
    /// 2: it ended the session.
    Ended,
    /// 3: another client of the SIM has answered.
    Elsewhere,
    /// 4: it does not support this.
    Unsupported,
    /// 5: it did not answer in time.
    TimedOut,
}

/// `+CUSD: <m>[,"<str>",<dcs>]` (27.007 §7.15): the network's answer to a code, or something of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UssdReply {
    /// What the network did.
    pub stage: UssdStage,
    /// The string as the modem writes it, lines apart by `\n`; `None` where there is none.
    pub string: Option<String>,
    /// Its data coding scheme; `None` where the modem does not say.
    pub dcs: Option<u8>,
}

impl UssdReply {
    /// Reads `+CUSD`, its lines put together. `None` for another line, also for what `AT+CUSD?` and `=?` answer.
    ///
    /// Real answers have a blank before `<dcs>`, no `<dcs>`, quotes inside the text, no closing quote, and no quotes at all.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = after(text, "+CUSD")?;
        let (stage, rest) = rest.split_at_checked(1)?;
        let stage = match stage {
            "0" => UssdStage::Done,
            "1" => UssdStage::Wants,
            "2" => UssdStage::Ended,
            "3" => UssdStage::Elsewhere,
            "4" => UssdStage::Unsupported,
            "5" => UssdStage::TimedOut,
            _ => return None,
        };
        let (string, dcs) = match rest.trim_start().strip_prefix(',') {
            Some(rest) => string_and_scheme(rest.trim()),
            None if rest.trim().is_empty() => (None, None),
            None => return None,
        };
        Some(Self { stage, string, dcs })
    }

    /// Whether a first line of `+CUSD` has a text that goes on in the next one. So may the lines so far of one that does.
    pub(super) fn is_open(text: &str) -> bool {
        let Some(rest) = after(text, "+CUSD") else { return false };
        match rest.get(1..).and_then(|rest| rest.trim_start().strip_prefix(',')) {
            Some(rest) if rest.trim_start().starts_with('"') => closing(rest.trim()).is_none(),
            _ => false,
        }
    }
}

/// Where the closing quote stands, and the scheme behind it: at the end, or before a comma and a number.
fn closing(text: &str) -> Option<(usize, Option<u8>)> {
    let at = text.rfind('"').filter(|at| *at > 0)?;
    let behind = text[at + 1..].trim();
    if behind.is_empty() {
        return Some((at, None));
    }
    let number = behind.strip_prefix(',')?.trim();
    // `"…",` without a number, and a number that is no octet, close the text too.
    (number.bytes().all(|octet| octet.is_ascii_digit())).then(|| (at, number.parse().ok()))
}

fn string_and_scheme(text: &str) -> (Option<String>, Option<u8>) {
    let full = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    if let Some(inner) = text.strip_prefix('"') {
        return match closing(text) {
            Some((at, dcs)) => (full(&text[1..at]), dcs),
            // Cut short: what is there is better than nothing.
            None => (full(inner), None),
        };
    }
    match text.rsplit_once(',') {
        Some((string, dcs)) if dcs.trim().parse::<u8>().is_ok() => (full(string.trim()), dcs.trim().parse().ok()),
        _ => (full(text), None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(line: &str, stage: UssdStage, string: Option<&str>, dcs: Option<u8>) {
        let expected = UssdReply { stage, string: string.map(str::to_owned), dcs };
        assert_eq!(UssdReply::parse(line), Some(expected), "{line}");
        assert!(!UssdReply::is_open(line), "{line}");
    }

    #[test]
    fn answers_of_real_modems() {
        use UssdStage::*;
        // python-gsmmodem test/test_modem.py; vumi's log of a Wavecom; chan-dongle test/parse.c; RouterOS; a SIM900 on Digicel.
        check("+CUSD: 0,\"Available Balance: R 96.45 .\",15", Done, Some("Available Balance: R 96.45 ."), Some(15));
        check("+CUSD: 1,\"Hallo daar\",15", Wants, Some("Hallo daar"), Some(15));
        check("+CUSD: 2,\"Totsiens\",15", Ended, Some("Totsiens"), Some(15));
        check("+CUSD: 0,\"CF2135487D2E4130572D0682BB1A\",0", Done, Some("CF2135487D2E4130572D0682BB1A"), Some(0));
        check("+CUSD: 0,\"EBB79B1E0685E9ECF4BADE9E03\", 0", Done, Some("EBB79B1E0685E9ECF4BADE9E03"), Some(0));
        check("+CUSD: 5", TimedOut, None, None);
        check("+CUSD: 4", Unsupported, None, None);
        check("+CUSD:2", Ended, None, None);
        check("+CUSD: 0,\"\",15", Done, None, Some(15));
        check("+CUSD: 0,\"Rp 5.000, s/d 24-12-2026\"", Done, Some("Rp 5.000, s/d 24-12-2026"), None);
        check("+CUSD: 1,\"Ketik \"YA\", lalu kirim\",15", Wants, Some("Ketik \"YA\", lalu kirim"), Some(15));
        check("+CUSD: 0,Sisa pulsa,15", Done, Some("Sisa pulsa"), Some(15));
        check("+CUSD: 2,\"a\",256", Ended, Some("a"), None);
    }

    #[test]
    fn other_lines_are_no_answers() {
        for line in
            ["+CUSD: (0-2)", "+CUSD: ", "+CUSD", "+CUSD: 9", "+CUSD: 10", "+CUSATP: 0", "OK", "+CUSD: 6,\"a\",15"]
        {
            assert_eq!(UssdReply::parse(line), None, "{line}");
        }
    }

    #[test]
    fn a_text_goes_on_until_its_quote_is_closed() {
        let first = "+CUSD: 2,\"You have the following remaining balances:";
        assert!(UssdReply::is_open(first));
        let all = format!("{first}\n0 free minutes\n20 MORE Weekend minutes \",15");
        assert!(!UssdReply::is_open(&all));
        assert_eq!(
            UssdReply::parse(&all).unwrap().string.unwrap(),
            "You have the following remaining balances:\n0 free minutes\n20 MORE Weekend minutes "
        );
        // Cut short by the modem (gammu issue 150).
        let cut = UssdReply::parse("+CUSD: 2,\"Pozostalo Ci 50,04zl do wykorzystania do 2018-09-04 23:59:59. Dodatko5")
            .unwrap();
        assert!(cut.string.unwrap().ends_with("Dodatko5"));
    }

    proptest! {
        #[test]
        fn no_line_panics(line in "(\\+CUSD: ?[0-9]?,?)?\\PC{0,80}") {
            let _ = UssdReply::parse(&line);
            let _ = UssdReply::is_open(&line);
        }
    }
}
