//! From text to tokens with their places. Knows no field: what stands before an operator is any word.

use std::ops::Range;

use super::FilterError;

/// A token and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lexeme {
    pub token: Token,
    pub span: Range<usize>,
}

/// What a filter is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Not,
    Or,
    And,
    Word(String),
    Quoted(String),
    Field(FieldToken),
}

/// `name`, an operator and a value, without space between.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldToken {
    pub subject: Subject,
    pub subject_span: Range<usize>,
    pub operator: Operator,
    pub operator_span: Range<usize>,
    /// The alternatives of a value; one for an operator that knows no alternatives.
    pub values: Vec<Vec<Part>>,
    pub value_span: Range<usize>,
}

/// What stands before an operator.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Subject {
    Field(String),
    Tag(String),
}

/// What stands between a field and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Matches,
    Equals,
    Differs,
    Regex,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Text(String),
    Star,
}

/// The spellings of operators; a longer one stands before the one it begins with.
const OPERATORS: [(&str, Operator); 9] = [
    ("!=", Operator::Differs),
    (">=", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("==", Operator::Equals),
    (":", Operator::Matches),
    ("=", Operator::Equals),
    ("~", Operator::Regex),
    (">", Operator::Greater),
    ("<", Operator::Less),
];

/// Whether a word connects terms, and so has to be quoted to be looked for.
pub(super) fn is_keyword(word: &str) -> bool {
    word.eq_ignore_ascii_case("or") || word.eq_ignore_ascii_case("and")
}

/// Splits a filter into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Lexeme>, FilterError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(lexeme) = lexer.next()? {
        tokens.push(lexeme);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Option<Lexeme>, FilterError> {
        while self.take(char::is_whitespace).is_some() {}
        let start = self.at;
        let Some(first) = self.peek() else { return Ok(None) };
        let token = match first {
            '(' => self.single(Token::Open),
            ')' => self.single(Token::Close),
            '!' if !self.rest().starts_with("!=") => self.single(Token::Not),
            '"' => Token::Quoted(self.quoted()?),
            _ => self.word_or_field()?,
        };
        Ok(Some(Lexeme { token, span: start..self.at }))
    }

    fn single(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    fn word_or_field(&mut self) -> Result<Token, FilterError> {
        let start = self.at;
        while self.operator().is_none() && self.take(is_bare).is_some() {}
        let word = self.slice(start);
        let mut tag = None;
        if let Some(key) = word.strip_prefix("tag.") {
            let quoted = if key.is_empty() && self.peek() == Some('"') { Some(self.quoted()?) } else { None };
            tag = Some(quoted.unwrap_or_else(|| key.to_owned()));
        }
        let subject_span = start..self.at;
        let Some((spelling, operator)) = self.operator() else {
            if subject_span.len() > word.len() {
                return Err(FilterError::new(self.at..self.at, "expected `:`, `=` or `~` after the tag key"));
            }
            return Ok(match word {
                word if word.eq_ignore_ascii_case("or") => Token::Or,
                word if word.eq_ignore_ascii_case("and") => Token::And,
                word => Token::Word(word),
            });
        };
        let operator_span = self.at..self.at + spelling.len();
        self.at = operator_span.end;
        if subject_span.is_empty() {
            return Err(FilterError::new(operator_span, format!("expected a field before `{spelling}`")));
        }
        if tag.as_deref() == Some("") {
            return Err(FilterError::new(
                subject_span,
                "expected a tag key after `tag.`, such as `tag.team:nlp`",
            ));
        }
        let value_start = self.at;
        let values = match operator {
            Operator::Regex => vec![self.regex()?],
            Operator::Matches | Operator::Equals | Operator::Differs => self.alternatives(operator)?,
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                while self.take(is_bare).is_some() {}
                vec![vec![Part::Text(self.slice(value_start))]]
            }
        };
        Ok(Token::Field(FieldToken {
            subject: tag.map_or(Subject::Field(word), Subject::Tag),
            subject_span,
            operator,
            operator_span,
            values,
            value_span: value_start..self.at,
        }))
    }

    /// Values with commas between; stars are wild except after `=` and in quotes.
    fn alternatives(&mut self, operator: Operator) -> Result<Vec<Vec<Part>>, FilterError> {
        let mut values = Vec::new();
        let mut value = Vec::new();
        let mut start = self.at;
        loop {
            match self.peek() {
                Some('"') => value.push(Part::Text(self.quoted()?)),
                Some('*') if operator == Operator::Matches => {
                    self.at += 1;
                    value.push(Part::Star);
                }
                Some(c) if is_bare(c) && c != ',' => {
                    self.at += c.len_utf8();
                    match value.last_mut() {
                        Some(Part::Text(text)) => text.push(c),
                        _ => value.push(Part::Text(c.to_string())),
                    }
                }
                end => {
                    if start == self.at {
                        let message = "expected a value here; `\"\"` stands for no value";
                        return Err(FilterError::new(start..start, message));
                    }
                    values.push(std::mem::take(&mut value));
                    if end != Some(',') {
                        return Ok(values);
                    }
                    self.at += 1;
                    start = self.at;
                }
            }
        }
    }

    /// A regular expression up to a space or a parenthesis that it does not open itself, or in quotes.
    fn regex(&mut self) -> Result<Vec<Part>, FilterError> {
        let start = self.at;
        if self.peek() == Some('"') {
            return Ok(vec![Part::Text(self.quoted()?)]);
        }
        let mut depth = 0_usize;
        while let Some(c) = self.peek() {
            match c {
                c if c.is_whitespace() => break,
                '(' => depth += 1,
                ')' if depth == 0 => break,
                ')' => depth -= 1,
                '\\' => self.at += 1,
                _ => {}
            }
            // A backslash has already been stepped over; what it escapes goes with it.
            if let Some(c) = self.peek() {
                self.at += c.len_utf8();
            }
        }
        if start == self.at {
            return Err(FilterError::new(start..start, "expected a regular expression here"));
        }
        Ok(vec![Part::Text(self.slice(start))])
    }

    /// Text in quotes; `\"` is a quote and `\\` a backslash, and a backslash before anything else stays.
    fn quoted(&mut self) -> Result<String, FilterError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(text),
                '\\' => match self.peek() {
                    Some(escaped @ ('"' | '\\')) => {
                        self.at += 1;
                        text.push(escaped);
                    }
                    _ => text.push(c),
                },
                _ => text.push(c),
            }
        }
        Err(FilterError::new(start..self.text.len(), "expected a closing quote"))
    }

    fn operator(&self) -> Option<(&'static str, Operator)> {
        OPERATORS.into_iter().find(|(spelling, _)| self.rest().starts_with(spelling))
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let c = self.peek().filter(|&c| wanted(c))?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn slice(&self, start: usize) -> String {
        self.text.get(start..self.at).unwrap_or_default().to_owned()
    }
}

fn is_bare(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '(' | ')' | '"')
}
