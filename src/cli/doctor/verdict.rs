//! What to write so that a modem has a name of its own.

use crate::modem::probe::Findings;

/// A section for the configuration; `number` makes names of one operator differ.
pub(super) fn section(found: &Findings, port: &str, number: usize) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let operator: String = found.operator.as_deref().unwrap_or_default().chars().map(plain).take(24).collect();
    let name = match operator.trim_matches('-') {
        "" => "modem",
        operator => operator,
    };
    format!("[[modem]]\nname = \"{name}-{number}\"\nport = {}\n", toml::Value::from(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_write_can_be_copied_as_it_is() {
        let found = |operator: &str| Findings { operator: Some(operator.to_owned()), ..Findings::default() };
        for (operator, name) in [("TELKOMSEL", "telkomsel-1"), ("3 (Tri)", "3--tri-1"), ("", "modem-1")] {
            let text = section(&found(operator), "/dev/gsm/1-1.4", 1);
            let config = crate::config::Config::read(std::path::Path::new("k.toml"), &text).unwrap();
            assert_eq!(config.modems[0].name.as_str(), name);
        }
    }
}
