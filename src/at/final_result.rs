use super::error_number::{ErrorFamily, ErrorNumber};

/// The line that ends a command (27.007 §4.2, V.250 §5.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Final {
    /// `OK`.
    Ok,
    /// `ERROR`, without a number.
    Error,
    /// `+CMS ERROR: n` or `+CME ERROR: n`.
    Numbered(ErrorNumber),
    /// `COMMAND NOT SUPPORT` and `TOO MANY PARAMETERS` (Huawei); no `ERROR` follows.
    NotSupported,
    /// `NO CARRIER`, `BUSY`, `NO ANSWER`, `NO DIALTONE`: ends a command about a call, and is a URC in every other one.
    CallEnded,
}

impl Final {
    /// The final result in this line, if it is one whatever command runs. Call results are not among these.
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        match line {
            "OK" => return Some(Final::Ok),
            "ERROR" => return Some(Final::Error),
            _ => {}
        }
        if starts_with(line, "COMMAND NOT SUPPORT") || line.eq_ignore_ascii_case("TOO MANY PARAMETERS") {
            return Some(Final::NotSupported);
        }
        for (name, family) in [("+CMS ERROR", ErrorFamily::Cms), ("+CME ERROR", ErrorFamily::Cme)] {
            if starts_with(line, name) {
                let detail = line[name.len()..].trim_start_matches([':', ' ']);
                return Some(Final::Numbered(ErrorNumber::parse(family, detail)));
            }
        }
        None
    }

    /// The result of a call in this line, if it is one.
    pub fn parse_call(line: &str) -> Option<Self> {
        let ended = ["NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE"];
        ended.contains(&line.trim()).then_some(Final::CallEnded)
    }

    /// Whether the command was done.
    pub fn is_ok(&self) -> bool {
        *self == Final::Ok
    }

    /// The number of a `+CMS ERROR` or `+CME ERROR`, if there is one.
    pub fn number(&self) -> Option<(ErrorFamily, u16)> {
        match self {
            Final::Numbered(error) => error.number.map(|number| (error.family, number)),
            _ => None,
        }
    }
}

fn starts_with(line: &str, start: &str) -> bool {
    line.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_results_of_real_modems() {
        let numbered = |family, number| Some(Final::Numbered(ErrorNumber { family, number }));
        let check = |line: &str, expected: Option<Final>| assert_eq!(Final::parse(line), expected, "{line}");
        check("COMMAND NOT SUPPORT", Some(Final::NotSupported)); // Huawei E1752
        check("TOO MANY PARAMETERS", Some(Final::NotSupported));
        check("+CMS ERROR: 38", numbered(ErrorFamily::Cms, Some(38)));
        check("+CMS ERROR:38", numbered(ErrorFamily::Cms, Some(38)));
        check("+CME ERROR: SIM busy", numbered(ErrorFamily::Cme, Some(14)));
        check("+CMS ERROR: network timeout", numbered(ErrorFamily::Cms, Some(332)));
        check("+CMS ERROR", numbered(ErrorFamily::Cms, None));
        check("OK", Some(Final::Ok));
        check("ERROR", Some(Final::Error));
        check("OK?", None);
        check("OKAY", None);
        check("NO CARRIER", None);
        check("+CMSERROR", None);
    }
}
