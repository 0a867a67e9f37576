/// The PIN of a SIM: a secret, so that it is printed nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    /// 4 to 8 digits (3GPP TS 31.101 §9.5.1). The error names the rule and not the value.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fits = (4..=8).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit());
        fits.then(|| Self(text.to_owned())).ok_or_else(|| "a PIN has 4 to 8 digits, in quotes".to_owned())
    }

    /// The digits, for the command that enters them and for nothing else.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_digits_and_shows_none_of_them() {
        assert_eq!(format!("{:?}", Pin::parse("4711").unwrap()), "Pin(****)");
        for wrong in ["", "123", "123456789", "12a4", "1234\"", " 1234", "１２３４"] {
            let error = Pin::parse(wrong).unwrap_err();
            assert!(wrong.is_empty() || !error.contains(wrong), "{error}");
        }
    }
}
