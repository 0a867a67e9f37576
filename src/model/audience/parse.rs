//! From text to an expression.

use super::{CONDITIONS_MAX, DEPTH_MAX, Expected, Expression, ExpressionError, FIELDS, Field, LENGTH_MAX, Why};
use crate::model::near::nearest;

/// A piece of an expression, and the character it begins at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    at: usize,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Letters, digits and what may stand between them.
    Word(String),
    /// What stood between quotation marks.
    Quoted(String),
    /// A name after `@`.
    Name(String),
    Equals,
    Differs,
    Comma,
    Open,
    Close,
}

/// The words that tie conditions together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keyword {
    And,
    Or,
    Except,
    Not,
    All,
}

fn keyword(word: &str) -> Option<Keyword> {
    Some(match word.to_lowercase().as_str() {
        "dan" | "and" => Keyword::And,
        "atau" | "or" => Keyword::Or,
        "kecuali" | "except" => Keyword::Except,
        "bukan" | "tidak" | "not" => Keyword::Not,
        "semua" | "all" => Keyword::All,
        _ => return None,
    })
}

fn is_sign(c: char) -> bool {
    matches!(c, '=' | '!' | '≠' | ',' | '(' | ')' | '@') || is_quote(c)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}

/// Whether a value reads back as itself without quotation marks.
pub(super) fn is_plain(value: &str) -> bool {
    let words: Vec<&str> = value.split_whitespace().collect();
    !value.contains(is_sign)
        && !words.is_empty()
        && words.join(" ") == value
        && words.iter().all(|word| keyword(word).is_none())
}

impl Expression {
    /// Takes an expression apart. Errors: where it is wrong, and what was expected there.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.chars().count() > LENGTH_MAX {
            return Err(ExpressionError { at: LENGTH_MAX, why: Why::TooLong });
        }
        let mut parser = Parser { tokens: tokens(text)?, next: 0, end: text.chars().count() + 1, conditions: 0 };
        let expression = parser.expression(0)?;
        match parser.peek() {
            None => Ok(expression),
            Some(_) => Err(parser.expected(Expected::Operator)),
        }
    }
}

impl Expression {
    /// Whether a text cannot be all of an expression: it ends in a word, comma or bracket that asks for more.
    pub fn is_unfinished(text: &str) -> bool {
        let text = text.trim_end();
        let last = text.rsplit(|c: char| c.is_whitespace() || is_sign(c)).next().unwrap_or_default();
        let brackets = |c: char| text.matches(c).count();
        text.ends_with([',', '=', '≠', '('])
            || keyword(last).is_some_and(|word| word != Keyword::All)
            || brackets('(') > brackets(')')
    }

    /// Whether a text can only be more of an expression: it begins with a word that ties conditions together, or closes a bracket.
    pub fn continues(text: &str) -> bool {
        let first = text.split_whitespace().next().unwrap_or_default();
        matches!(keyword(first), Some(Keyword::And | Keyword::Or | Keyword::Except)) || first.starts_with(')')
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().zip(1..).peekable();
    while let Some((c, at)) = characters.next() {
        let kind = match c {
            c if c.is_whitespace() => continue,
            '=' => Kind::Equals,
            '≠' => Kind::Differs,
            '!' => match characters.next_if(|(next, _)| *next == '=') {
                Some(_) => Kind::Differs,
                None => {
                    let why = Why::Expected { expected: Expected::Condition, found: Some("!".to_owned()) };
                    return Err(ExpressionError { at, why });
                }
            },
            ',' => Kind::Comma,
            '(' => Kind::Open,
            ')' => Kind::Close,
            c if is_quote(c) => {
                let mut quoted = String::new();
                loop {
                    match characters.next() {
                        Some((c, _)) if is_quote(c) => break,
                        Some((c, _)) => quoted.push(c),
                        None => {
                            let why = Why::Expected { expected: Expected::Quote, found: None };
                            return Err(ExpressionError { at: text.chars().count() + 1, why });
                        }
                    }
                }
                Kind::Quoted(quoted.trim().to_owned())
            }
            first => {
                let mut word = String::new();
                if first != '@' {
                    word.push(first);
                }
                while let Some((c, _)) = characters.next_if(|(c, _)| !c.is_whitespace() && !is_sign(*c)) {
                    word.push(c);
                }
                if first == '@' { Kind::Name(word) } else { Kind::Word(word) }
            }
        };
        tokens.push(Token { at, kind });
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    /// The character after the last one.
    end: usize,
    conditions: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn keyword(&self) -> Option<Keyword> {
        match self.peek().map(|token| &token.kind) {
            Some(Kind::Word(word)) => keyword(word),
            _ => None,
        }
    }

    /// Steps over the keyword, if it stands there.
    fn takes(&mut self, wanted: Keyword) -> bool {
        let there = self.keyword() == Some(wanted);
        self.next += usize::from(there);
        there
    }

    fn expected(&self, expected: Expected) -> ExpressionError {
        let found = self.peek().map(|token| match &token.kind {
            Kind::Word(text) | Kind::Quoted(text) => text.chars().take(40).collect(),
            Kind::Name(name) => format!("@{}", name.chars().take(40).collect::<String>()),
            Kind::Equals => "=".to_owned(),
            Kind::Differs => "!=".to_owned(),
            Kind::Comma => ",".to_owned(),
            Kind::Open => "(".to_owned(),
            Kind::Close => ")".to_owned(),
        });
        let at = self.peek().map_or(self.end, |token| token.at);
        ExpressionError { at, why: Why::Expected { expected, found } }
    }

    fn expression(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut left = self.union(depth)?;
        while self.takes(Keyword::Except) {
            let without = Expression::Not(Box::new(self.union(depth)?));
            left = Expression::Both(Box::new(left), Box::new(without));
        }
        Ok(left)
    }

    fn union(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut left = self.both(depth)?;
        while self.takes(Keyword::Or) {
            left = Expression::Either(Box::new(left), Box::new(self.both(depth)?));
        }
        Ok(left)
    }

    fn both(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut left = self.one(depth)?;
        while self.takes(Keyword::And) {
            left = Expression::Both(Box::new(left), Box::new(self.one(depth)?));
        }
        Ok(left)
    }

    fn one(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        self.conditions += 1;
        let at = self.peek().map_or(self.end, |token| token.at);
        match (depth > DEPTH_MAX, self.conditions > CONDITIONS_MAX) {
            (true, _) => return Err(ExpressionError { at, why: Why::TooDeep }),
            (_, true) => return Err(ExpressionError { at, why: Why::TooLong }),
            _ => {}
        }
        match self.keyword() {
            Some(Keyword::Not) => {
                self.next += 1;
                return Ok(Expression::Not(Box::new(self.one(depth + 1)?)));
            }
            Some(Keyword::All) => {
                self.next += 1;
                return Ok(Expression::All);
            }
            Some(_) => return Err(self.expected(Expected::Condition)),
            None => {}
        }
        let Some(Token { at, kind }) = self.peek().cloned() else {
            return Err(self.expected(Expected::Condition));
        };
        match kind {
            Kind::Open => {
                self.next += 1;
                let inside = self.expression(depth + 1)?;
                match self.peek().map(|token| &token.kind) {
                    Some(Kind::Close) => self.next += 1,
                    Some(_) => return Err(self.expected(Expected::Operator)),
                    None => return Err(self.expected(Expected::Bracket)),
                }
                Ok(inside)
            }
            Kind::Name(name) if name.is_empty() => {
                self.next += 1;
                Err(self.expected(Expected::Name))
            }
            Kind::Name(name) => {
                self.next += 1;
                Ok(Expression::Saved { name, at })
            }
            Kind::Word(word) => {
                let field = FIELDS.iter().find(|(known, _)| *known == word.to_lowercase()).map(|(_, field)| *field);
                let asks = matches!(
                    self.tokens.get(self.next + 1).map(|token| &token.kind),
                    Some(Kind::Equals | Kind::Differs)
                );
                match field {
                    Some(field) => {
                        self.next += 1;
                        self.condition(field)
                    }
                    None if asks => {
                        let near = nearest(&word, FIELDS.iter().map(|(known, _)| *known)).map(str::to_owned);
                        Err(ExpressionError { at, why: Why::Field { word, near } })
                    }
                    None => Err(self.expected(Expected::Condition)),
                }
            }
            _ => Err(self.expected(Expected::Condition)),
        }
    }

    /// What follows a field: `=` or `!=`, and values.
    fn condition(&mut self, field: Field) -> Result<Expression, ExpressionError> {
        let differs = match self.peek().map(|token| &token.kind) {
            Some(Kind::Equals) => false,
            Some(Kind::Differs) => true,
            _ => return Err(self.expected(Expected::Equals)),
        };
        let mut values = Vec::new();
        loop {
            self.next += 1;
            values.push(self.value()?);
            if self.peek().map(|token| &token.kind) != Some(&Kind::Comma) {
                break;
            }
        }
        let is = Expression::Is { field, values };
        Ok(if differs { Expression::Not(Box::new(is)) } else { is })
    }

    /// One value: a quoted text, or words up to whatever is no word of a name.
    fn value(&mut self) -> Result<(String, usize), ExpressionError> {
        let at = self.peek().map_or(self.end, |token| token.at);
        if let Some(Kind::Quoted(text)) = self.peek().map(|token| token.kind.clone())
            && !text.is_empty()
        {
            self.next += 1;
            return Ok((text, at));
        }
        let mut words: Vec<String> = Vec::new();
        while let Some(Kind::Word(word)) = self.peek().map(|token| &token.kind) {
            let begins_the_next =
                matches!(self.tokens.get(self.next + 1).map(|token| &token.kind), Some(Kind::Equals | Kind::Differs));
            if keyword(word).is_some() || (begins_the_next && !words.is_empty()) {
                break;
            }
            words.push(word.clone());
            self.next += 1;
        }
        match words.is_empty() {
            true => Err(self.expected(Expected::Value)),
            false => Ok((words.join(" "), at)),
        }
    }
}
