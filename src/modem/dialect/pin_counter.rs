use crate::at::information_fields;

/// A command that says how many tries of the PIN are left, and where in its answer they stand.
///
/// The question costs nothing; a PIN entered blindly may cost the card. 27.007 §8.65 defines AT+CPINR, which older
/// families do not have; each of these has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinCounter {
    /// The whole command.
    pub command: &'static str,
    /// What the first field must be, quotes aside, where the answer has a line for each code; empty: any.
    pub code: &'static str,
    /// Which field, from 0, holds the tries of PIN1.
    pub field: usize,
}

impl PinCounter {
    /// AT+CPINR: `+CPINR: SIM PIN,3,3`, a line for each code.
    pub const STANDARD: PinCounter = PinCounter { command: "AT+CPINR", code: "SIM PIN", field: 1 };

    /// The tries left, from the lines of the answer; `None` where they do not say, which is not the same as none left.
    pub fn read(&self, lines: &[String]) -> Option<u8> {
        let name = self.command.get(2..)?.split(['=', '?']).next()?;
        lines.iter().find_map(|line| {
            let fields = information_fields(line, name)?;
            let code = fields.first()?;
            if !self.code.is_empty() && *code != self.code {
                return None;
            }
            fields.get(self.field)?.parse().ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::modem::dialect::Dialect;

    fn check(manufacturer: &str, line: &str, expected: Option<u8>) {
        let counter = Dialect::of(manufacturer, "").pin_counter;
        assert_eq!(counter.read(&[line.to_owned()]), expected, "{manufacturer}: {line}");
    }

    #[test]
    fn each_family_counts_in_its_own_way() {
        check("", "+CPINR: SIM PIN,3,3", Some(3));
        check("", "+CPINR: \"SIM PIN\",2", Some(2));
        check("", "+CPINR: SIM PUK,10,10", None);
        check("", "+CPINR: SIM PIN2,3,3", None);
        check("huawei", "^CPIN: SIM PIN,3,10,3,10,3", Some(3));
        check("huawei", "^CPIN: READY,,10,3,10,3", Some(3));
        check("huawei", "^CPIN: SIM PIN,2,10,2,10,3", Some(2));
        check("ZTE", "+ZPINPUK: 3,3,10,10", Some(3));
        check("Cinterion", "^SPIC: 3", Some(3));
        check("Sierra", "+CPINC: 2,3,10,10", Some(2));
        check("WAVECOM", "+CPINC: 3,3,10,10", Some(3));
        check("u-blox", "+UPINCNT: 3,3,10,10", Some(3));
        check("u-blox", "+UPINCNT: 0,3,5,5", Some(0));
        check("Telit", "#PCT: 3", Some(3));
        check("Quectel", "+QPINC: \"SC\",3,10", Some(3));
        check("Quectel", "+QPINC: \"P2\",3,10", None);
        check("SIMCOM", "+SPIC: 3,10,0,10", Some(3));
    }

    #[test]
    fn an_answer_that_does_not_say_is_unknown() {
        check("", "OK", None);
        check("", "+CPINR: ", None);
        check("Telit", "#PCT: ?", None);
        check("huawei", "^CPIN: SIM PIN,3", None);
        check("ZTE", "+ZPINPUK: 300,3", None);
    }
}
