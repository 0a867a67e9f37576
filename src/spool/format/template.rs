//! Texts with `{column}` in them.
//!
//! A placeholder is a name of letters, digits, spaces, `_`, `-`, `.` or `/` in curly brackets; other brackets are sent as
//! they stand. `{{name}}` is sent as `{name}`.

/// The longest name between brackets that is taken for one.
const NAME_MAX: usize = 60;

/// A text taken apart, its placeholders tied to columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Column { index: usize, name: String },
}

/// The name in brackets that is no column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnknownName(pub String);

/// The name in brackets for which this row has nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoValue(pub String);

impl Template {
    /// Takes a text apart; `position` finds the column of a name. Errors: the first name that has none.
    pub(super) fn parse(text: &str, position: impl Fn(&str) -> Option<usize>) -> Result<Self, UnknownName> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        for token in Tokens(text) {
            match token {
                Token::Text(text) => literal.push_str(text),
                Token::Escaped(name) => literal.extend(["{", name, "}"]),
                Token::Name(name) => {
                    let index = position(name).ok_or_else(|| UnknownName(name.trim().to_owned()))?;
                    if !literal.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut literal)));
                    }
                    pieces.push(Piece::Column { index, name: name.trim().to_owned() });
                }
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(Self { pieces })
    }

    /// The text with a row's values in it; `cell` gives the cell of a column, trimmed.
    pub(super) fn fill<'a>(&self, cell: impl Fn(usize) -> &'a str) -> Result<String, NoValue> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Column { index, name } => match cell(*index) {
                    "" => return Err(NoValue(name.clone())),
                    value => text.push_str(value),
                },
            }
        }
        Ok(text)
    }
}

/// The first name in brackets, if there is any.
pub(super) fn first_name(text: &str) -> Option<&str> {
    Tokens(text).find_map(|token| match token {
        Token::Name(name) => Some(name.trim()),
        _ => None,
    })
}

/// The text as it is sent where nothing is filled in: `{{name}}` becomes `{name}`.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for token in Tokens(text) {
        match token {
            Token::Text(text) => plain.push_str(text),
            Token::Escaped(name) | Token::Name(name) => plain.extend(["{", name, "}"]),
        }
    }
    plain
}

enum Token<'a> {
    Text(&'a str),
    Name(&'a str),
    Escaped(&'a str),
}

struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let text = self.0;
        if text.is_empty() {
            return None;
        }
        let Some(open) = text.find('{') else {
            self.0 = "";
            return Some(Token::Text(text));
        };
        if open > 0 {
            self.0 = &text[open..];
            return Some(Token::Text(&text[..open]));
        }
        if let Some(rest) = text.strip_prefix("{{")
            && let Some((name, rest)) = name(rest)
            && let Some(rest) = rest.strip_prefix('}')
        {
            self.0 = rest;
            return Some(Token::Escaped(name));
        }
        if let Some((name, rest)) = name(&text[1..]) {
            self.0 = rest;
            return Some(Token::Name(name));
        }
        self.0 = &text[1..];
        Some(Token::Text(&text[..1]))
    }
}

/// A name, and what follows the bracket that closes it.
fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '/')))?;
    let name = &text[..end];
    let rest = text[end..].strip_prefix('}')?;
    (!name.trim().is_empty() && name.len() <= NAME_MAX).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::super::table::Columns;
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let columns = Columns::find(&["Nomor HP", "Nama", "No. RT"]).unwrap();
        let row = ["0812", "Ibu Réni {Nama}", "07"];
        let found = match Template::parse(text, |name| columns.position(name)) {
            Ok(template) => template.fill(|index| row[index]).map_err(|NoValue(name)| name),
            Err(UnknownName(name)) => Err(format!("unknown {name}")),
        };
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text:?}");
    }

    #[test]
    fn names_in_brackets_become_the_rows_values() {
        check("Yth. {nama} (RT {no_rt})", Ok("Yth. Ibu Réni {Nama} (RT 07)"));
        check("{ NAMA }{no. rt}", Ok("Ibu Réni {Nama}07"));
        check("{alamat}", Err("unknown alamat"));
        check("tanpa isian", Ok("tanpa isian"));
        check("", Ok(""));
    }

    #[test]
    fn other_brackets_are_sent_as_they_stand() {
        check("{{nama}} {} { } {\"a\":1} }} {{ {nama", Ok("{nama} {} { } {\"a\":1} }} {{ {nama"));
        check("{{{nama}}}", Ok("{{nama}}"));
        assert_eq!(plain("{{nama}} {x} {"), "{nama} {x} {");
        assert_eq!(first_name("{{nama}} { rt }"), Some("rt"));
    }

    #[test]
    fn an_empty_cell_names_the_missing_value() {
        let columns = Columns::find(&["hp", "nama"]).unwrap();
        let template = Template::parse("Yth. {nama}", |name| columns.position(name)).unwrap();
        assert_eq!(template.fill(|_| ""), Err(NoValue("nama".to_owned())));
    }
}
