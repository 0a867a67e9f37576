//! Splitting what follows the colon of an information line.

/// What follows `name:`; the blank after the colon is optional. `None` for another line.
pub(super) fn after<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name)).map(|_| &line[name.len()..])?;
    rest.trim_start().strip_prefix(':').map(str::trim)
}

/// The comma-separated fields, trimmed, quotes removed. Commas in quotes and brackets do not separate.
///
/// Where a quote is missing (Huawei: `+COPS: 0,0,"TELE2,0`), quotes are no brackets at all.
pub(super) fn fields(text: &str) -> Vec<&str> {
    split(text).into_iter().map(unquote).collect()
}

/// The fields of an information line of this name, trimmed, quotes removed; `None` for another line.
///
/// For answers whose form is data of a dialect; those that the standards define have their own readers.
pub fn information_fields<'a>(line: &'a str, name: &str) -> Option<Vec<&'a str>> {
    after(line, name).map(fields)
}

/// The groups of a test answer such as `(0-2),(0,1),(0)`, brackets removed; one extra pair around all of them
/// (Wavecom: `(("SM","BM"),("SM"))`) is taken off.
pub(super) fn groups(text: &str) -> Vec<&str> {
    let text = text.trim();
    let inner = unbracket(text);
    let nested = inner.starts_with('(') && inner.ends_with(')');
    let parts = split(if nested { inner } else { text });
    parts.into_iter().map(unbracket).collect()
}

/// A field as a number; `None` where it is empty or something else.
pub(super) fn number(field: &str) -> Option<u16> {
    field.parse().ok()
}

fn split(text: &str) -> Vec<&str> {
    let quotes_count = text.bytes().filter(|&octet| octet == b'"').count() % 2 == 0;
    let (mut start, mut depth, mut quoted, mut parts) = (0, 0_i32, false, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '"' if quotes_count => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth <= 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn unquote(field: &str) -> &str {
    let field = field.trim();
    let field = field.strip_prefix('"').unwrap_or(field);
    field.strip_suffix('"').unwrap_or(field)
}

/// Takes off one pair of brackets if it encloses the whole.
fn unbracket(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return text };
    let mut depth = 0_i32;
    for c in inner.chars() {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth < 0 {
            return text; // `(1),(2)`: the first bracket closes before the end
        }
    }
    inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_survive_missing_quotes_and_empty_places() {
        let check = |text: &str, expected: &[&str]| assert_eq!(fields(text), expected, "{text}");
        check(r#"0,0,"TELE2",0"#, &["0", "0", "TELE2", "0"]);
        check(r#"0,0,"TELE2,0"#, &["0", "0", "TELE2", "0"]);
        check("0,0,TELE2,0", &["0", "0", "TELE2", "0"]);
        check(r#""A, B",1"#, &["A, B", "1"]);
        check(",,,", &["", "", "", ""]);
        check("", &[""]);
    }

    #[test]
    fn groups_come_nested_bare_and_empty() {
        let check = |text: &str, expected: &[&str]| assert_eq!(groups(text), expected, "{text}");
        check("(0-2),(0,1,3),(0),(0,1),(0,1)", &["0-2", "0,1,3", "0", "0,1", "0,1"]);
        check(r#"(("SM","BM","SR"),("SM"))"#, &[r#""SM","BM","SR""#, r#""SM""#]);
        check("(),(),()", &["", "", ""]);
        check("(0-2),1,(0)", &["0-2", "1", "0"]);
        check(r#"("SM","ME")"#, &[r#""SM","ME""#]);
    }

    #[test]
    fn the_blank_after_the_colon_is_optional() {
        let check = |line: &str, name: &str, expected: Option<&str>| assert_eq!(after(line, name), expected, "{line}");
        check("+CMGS:5", "+CMGS", Some("5"));
        check("+CMGS : 5 ", "+CMGS", Some("5"));
        check("+cmgs: 5", "+CMGS", Some("5"));
        check("+CMGSX: 5", "+CMGS", None);
        check("\u{fffd}\u{fffd}", "+CMGS", None);
    }
}
