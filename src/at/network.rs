//! Registration, operator, signal and the SIM's lock.

use super::fields::{after, fields, number};

/// `<stat>` of `+CREG`, `+CGREG` or `+CEREG` (27.007 §7.2), `name` saying which; from a query (`2,1,"9110","7E6"`) or a URC (`1`).
///
/// `None` for another line. Whether the location fields stand in quotes, and how many there are, does not matter.
pub fn registration_stat(line: &str, name: &str) -> Option<u8> {
    let rest = after(line, name)?;
    let parts = fields(rest);
    // In a query's answer the second field is <stat>, 0 to 10; in a URC it is the area code, four digits or quoted.
    let is_stat = |part: &&&str| (part.len() == 1 || **part == "10") && !second_is_quoted(rest);
    let second = parts.get(1).filter(is_stat).and_then(|part| number(part));
    let stat = second.or_else(|| number(parts.first()?))?;
    u8::try_from(stat).ok()
}

fn second_is_quoted(rest: &str) -> bool {
    rest.split(',').nth(1).is_some_and(|part| part.trim().starts_with('"'))
}

/// The operator in `+COPS: <mode>[,<format>,<oper>[,<AcT>]]` (27.007 §7.3); quotes may be missing (Huawei). `None` where none is named.
pub fn operator(line: &str) -> Option<String> {
    let parts = fields(after(line, "+COPS")?);
    let name = parts.get(2)?.trim().trim_matches('"').trim();
    (!name.is_empty()).then(|| name.chars().take(64).collect())
}

/// `<rssi>` of `+CSQ: <rssi>,<ber>`, 0 to 31 (27.007 §8.5); `None` for 99 (unknown) and other scales.
pub fn signal(line: &str) -> Option<u8> {
    let rssi = number(fields(after(line, "+CSQ")?).first()?)?;
    u8::try_from(rssi).ok().filter(|rssi| *rssi <= 31)
}

/// What the SIM waits for (27.007 §8.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinState {
    /// Nothing; also where only PIN2 or PUK2 is named, which sending does not need.
    Ready,
    /// Its PIN.
    Pin,
    /// Its PUK: too many wrong PINs.
    Puk,
    /// It is still starting.
    Busy,
    /// There is no SIM.
    Missing,
    /// Something else, as the modem writes it.
    Other(String),
}

impl PinState {
    /// Reads `+CPIN: …`. `None` for another line.
    pub fn parse(line: &str) -> Option<Self> {
        let state = after(line, "+CPIN")?.trim_matches('"').trim();
        Some(match state.to_ascii_uppercase().as_str() {
            "READY" | "SIM PIN2" | "SIM PUK2" => PinState::Ready,
            "SIM PIN" => PinState::Pin,
            "SIM PUK" => PinState::Puk,
            // Not of the standard, which has errors for both: SIMCom and others.
            "NOT READY" => PinState::Busy,
            "NOT INSERTED" => PinState::Missing,
            _ => PinState::Other(state.chars().take(64).collect()),
        })
    }
}

/// `<fun>` of `+CFUN: <fun>[,<power>]` (27.007 §8.2): 0 all off, 1 on, 4 the radio off. `None` for another line and for ranges.
pub fn functionality(line: &str) -> Option<u8> {
    fields(after(line, "+CFUN")?).first()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_in_one_to_five_fields_quoted_or_not() {
        let check = |line: &str, expected: Option<u8>| assert_eq!(registration_stat(line, "+CREG"), expected, "{line}");
        check("+CREG: 2,1,9110,7E6", Some(1)); // chan-dongle
        check("+CREG: 2,1,XXXX,AAAA", Some(1));
        check("+CREG: 0,5", Some(5));
        check("+CREG: 0,10", Some(10));
        check("+CREG: 9,\"9110\",\"7E6\"", Some(9));
        check("+CREG:0,3", Some(3));
        check("+CREG: 2,1,\"9110\",\"7E6\",7", Some(1));
        check("+CREG: 1", Some(1));
        check("+CREG: 5,\"9110\",\"7E6\"", Some(5));
        check("+CREG: 1,9110,7E6", Some(1));
        check("+CREG: ", None);
        check("+CGREG: 0,1", None);
    }

    #[test]
    fn operators_with_missing_quotes() {
        let check = |line: &str, expected: Option<&str>| assert_eq!(operator(line).as_deref(), expected, "{line}");
        check("+COPS: 0,0,\"TELE2\",0", Some("TELE2"));
        check("+COPS: 0,0,\"TELE2,0", Some("TELE2"));
        check("+COPS: 0,0,TELE2,0", Some("TELE2"));
        check("+COPS: 0,0,\"TELKOMSEL\"", Some("TELKOMSEL"));
        check("+COPS: 0", None);
        check("+COPS: 0,0,\"\"", None);
    }

    #[test]
    fn signal_is_unknown_beyond_its_scale() {
        assert_eq!(signal("+CSQ: 20,99"), Some(20));
        assert_eq!(signal("+CSQ:0,0"), Some(0));
        assert_eq!(signal("+CSQ: 99,99"), None);
        assert_eq!(signal("+CSQ: 150,99"), None);
    }

    #[test]
    fn what_is_on_stands_first() {
        assert_eq!(functionality("+CFUN: 0,0"), Some(0));
        assert_eq!(functionality("+CFUN: 1,0"), Some(1));
        assert_eq!(functionality("+CFUN:4"), Some(4));
        assert_eq!(functionality("+CFUN: (0-1,4-7),(0-1)"), None); // ZTE K3565-Z
    }

    #[test]
    fn only_the_first_pin_locks_sending() {
        let check = |line: &str, expected: PinState| assert_eq!(PinState::parse(line), Some(expected), "{line}");
        check("+CPIN: READY", PinState::Ready);
        check("+CPIN:\"READY\"", PinState::Ready);
        check("+CPIN: SIM PIN2", PinState::Ready);
        check("+CPIN: SIM PIN", PinState::Pin);
        check("+CPIN: SIM PUK", PinState::Puk);
        check("+CPIN: NOT READY", PinState::Busy);
        check("+CPIN: NOT INSERTED", PinState::Missing);
        check("+CPIN: PH-NET PIN", PinState::Other("PH-NET PIN".into()));
    }
}
