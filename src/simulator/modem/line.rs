//! Command lines as V.250 §5.2 and 27.007 §4 have them: `AT`, then commands, those with a sign separated by `;`.

/// One command of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    /// In upper case with its sign: `+CMGS`, `^CURC`, `E`, `&F`, `S3`.
    pub(super) name: String,
    pub(super) op: Op<'a>,
}

/// What is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op<'a> {
    /// `AT+X`, `ATE`
    Execute,
    /// `AT+X?`
    Read,
    /// `AT+X=?`
    Test,
    /// `AT+X=…`, and the number of a basic command: `ATE0`
    Set(&'a str),
}

/// The commands of a line; `None` where it does not hold `AT` and is to be passed over in silence.
///
/// What stands before `AT` is passed over: modems wait for the two letters, whatever noise there was.
pub(super) fn parse(line: &str) -> Option<Vec<Call<'_>>> {
    let start = line.as_bytes().windows(2).position(|two| two.eq_ignore_ascii_case(b"AT"))?;
    let mut rest = line.get(start + 2..)?.trim_matches([' ', '\0']);
    let mut calls = Vec::new();
    while !rest.is_empty() {
        let (call, behind) = take(rest);
        calls.push(call);
        rest = behind.trim_start_matches([' ', ';']);
    }
    Some(calls)
}

fn take(text: &str) -> (Call<'_>, &str) {
    match text.as_bytes()[0] {
        b'+' | b'^' | b'*' | b'#' | b'%' | b'$' | b'!' => take_extended(text),
        b'D' | b'd' => (Call { name: "D".into(), op: Op::Set(&text[1..]) }, ""),
        _ => take_basic(text),
    }
}

fn take_extended(text: &str) -> (Call<'_>, &str) {
    let (command, behind) = text.split_at(end_of_command(text));
    let (name, op) = match command.find(['=', '?']) {
        None => (command, Op::Execute),
        Some(at) => match &command[at..] {
            "?" => (&command[..at], Op::Read),
            "=?" => (&command[..at], Op::Test),
            set => (&command[..at], Op::Set(set[1..].trim())),
        },
    };
    (Call { name: name.trim().to_ascii_uppercase(), op }, behind)
}

/// A `;` between quotes does not end a command.
fn end_of_command(text: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b';' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

/// `E0`, `&F`, `S3=13`, `S3?`.
fn take_basic(text: &str) -> (Call<'_>, &str) {
    let after_letters = match text.as_bytes()[0] {
        b'&' | b'\\' => text.char_indices().nth(2).map_or(text.len(), |(at, _)| at),
        _ => text.char_indices().nth(1).map_or(text.len(), |(at, _)| at),
    };
    let digits = |from: usize| {
        text[from..].bytes().position(|byte| !byte.is_ascii_digit()).map_or(text.len(), |length| from + length)
    };
    let end = digits(after_letters);
    if text.as_bytes()[0].eq_ignore_ascii_case(&b'S') {
        let name = text[..end].to_ascii_uppercase();
        return match text.as_bytes().get(end) {
            Some(b'?') => (Call { name, op: Op::Read }, &text[end + 1..]),
            Some(b'=') => {
                let last = digits(end + 1);
                (Call { name, op: Op::Set(&text[end + 1..last]) }, &text[last..])
            }
            _ => (Call { name, op: Op::Execute }, &text[end..]),
        };
    }
    let name = text[..after_letters].to_ascii_uppercase();
    let op = if end == after_letters { Op::Execute } else { Op::Set(&text[after_letters..end]) };
    (Call { name, op }, &text[end..])
}

/// The parameters of a set command: separated by commas outside quotes, without blanks and quotes.
pub(super) fn parameters(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
    .map(|parameter| parameter.trim().trim_matches('"'))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[(&str, Op<'_>)]) {
        let expected: Vec<_> = expected.iter().map(|(name, op)| Call { name: (*name).to_owned(), op: *op }).collect();
        assert_eq!(parse(line), Some(expected), "{line:?}");
    }

    #[test]
    fn command_lines_are_taken_apart() {
        check("AT", &[]);
        check("at+cmee=1", &[("+CMEE", Op::Set("1"))]);
        check("ATE0V1Q0", &[("E", Op::Set("0")), ("V", Op::Set("1")), ("Q", Op::Set("0"))]);
        check("AT&F", &[("&F", Op::Execute)]);
        check("AT&D0&C1", &[("&D", Op::Set("0")), ("&C", Op::Set("1"))]);
        check("ATS3=13S4?", &[("S3", Op::Set("13")), ("S4", Op::Read)]);
        check("AT+CBC;+CSQ", &[("+CBC", Op::Execute), ("+CSQ", Op::Execute)]);
        check("AT+CPMS=?", &[("+CPMS", Op::Test)]);
        check("AT+CUSD=1,\"*1;2#\",15;+CSQ", &[("+CUSD", Op::Set("1,\"*1;2#\",15")), ("+CSQ", Op::Execute)]);
        check("\u{fffd}x\u{1a}AT^CURC=0", &[("^CURC", Op::Set("0"))]);
        check("ATD0812;", &[("D", Op::Set("0812;"))]);
        check("ATé", &[("é", Op::Execute)]);
        assert_eq!(parse("+CMGS"), None);
        assert_eq!(parse(""), None);
        assert_eq!(parameters("\"SM\", \"a,b\",,4"), ["SM", "a,b", "", "4"]);
    }
}
