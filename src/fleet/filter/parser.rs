//! From tokens to the tree of a filter, with the fields a pane offers.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use regex::RegexBuilder;

use super::haystack::lower;
use super::lexer::{self, FieldToken, Lexeme, Operator, Part, Subject, Token};
use super::pattern::Pattern;
use super::term::{Comparison, Expression, FieldTerm, NumberTest, Term, Test, TextTest};
use super::{FieldKind, FieldSpec, FilterError, value};
use crate::fleet::suggest::nearest;

/// How deep parentheses may stand in each other; no person gets near, and no text can exhaust the stack.
const DEPTH_LIMIT: usize = 64;

/// How large a compiled regular expression may be, in bytes.
const REGEX_LIMIT: usize = 1 << 20;

/// Understands a filter; `None` when it asks for nothing.
pub(super) fn parse(text: &str, fields: &[FieldSpec]) -> Result<Option<Term>, FilterError> {
    let tokens = lexer::tokens(text)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser { tokens: tokens.into_iter().peekable(), fields, end: text.len() };
    let term = parser.any(0)?;
    match parser.tokens.next() {
        None => Ok(term),
        Some(extra) => Err(FilterError::new(extra.span, "expected a term; nothing opens this parenthesis")),
    }
}

struct Parser<'a> {
    tokens: Peekable<IntoIter<Lexeme>>,
    fields: &'a [FieldSpec],
    end: usize,
}

impl Parser<'_> {
    /// Terms with `or` between. A term that asks for nothing, such as `*`, is true of every row.
    fn any(&mut self, depth: usize) -> Result<Option<Term>, FilterError> {
        let mut choices = Vec::new();
        let mut everything = false;
        loop {
            match self.all(depth)? {
                Some(term) => choices.push(term),
                None => everything = true,
            }
            if self.tokens.next_if(|lexeme| lexeme.token == Token::Or).is_none() {
                return Ok(if everything { None } else { Term::any(choices) });
            }
        }
    }

    /// Terms side by side.
    fn all(&mut self, depth: usize) -> Result<Option<Term>, FilterError> {
        let mut terms = Vec::new();
        terms.extend(self.one(depth)?);
        loop {
            let connected = self.tokens.next_if(|lexeme| lexeme.token == Token::And).is_some();
            let ended =
                matches!(self.tokens.peek(), None | Some(Lexeme { token: Token::Or | Token::Close, .. }));
            if ended && !connected {
                return Ok(Term::all(terms));
            }
            terms.extend(self.one(depth)?);
        }
    }

    /// One term with its negations.
    fn one(&mut self, depth: usize) -> Result<Option<Term>, FilterError> {
        let mut negated = false;
        let mut span = self.end..self.end;
        while let Some(not) = self.tokens.next_if(|lexeme| lexeme.token == Token::Not) {
            negated = !negated;
            span = not.span;
        }
        let term = self.primary(depth)?;
        match (term, negated) {
            (Some(term), true) => Ok(Some(term.negated())),
            (None, true) => {
                Err(FilterError::new(span, "expected a term after `!` that not every row fulfils"))
            }
            (term, false) => Ok(term),
        }
    }

    fn primary(&mut self, depth: usize) -> Result<Option<Term>, FilterError> {
        let Some(Lexeme { token, span }) = self.tokens.next() else {
            return Err(FilterError::new(self.end..self.end, "expected a term here"));
        };
        match token {
            Token::Word(word) => {
                let letters: String = lower(&word).chars().filter(|&c| c != '*').collect();
                Ok((!letters.is_empty()).then(|| Term::Fuzzy(letters.into())))
            }
            Token::Quoted(text) => Ok((!text.is_empty()).then(|| Term::Exact(lower(&text).into()))),
            Token::Field(field) => self.field(&field).map(Some),
            Token::Open if depth == DEPTH_LIMIT => {
                Err(FilterError::new(span, "expected fewer parentheses in each other"))
            }
            Token::Open => {
                let term = self.any(depth + 1)?;
                match self.tokens.next() {
                    Some(Lexeme { token: Token::Close, .. }) => Ok(term),
                    _ => Err(FilterError::new(span, "expected a `)` for this parenthesis")),
                }
            }
            Token::Close => Err(FilterError::new(span, "expected a term before `)`")),
            Token::Or => {
                Err(FilterError::new(span, "expected a term before `or`; quote it to look for the word"))
            }
            Token::And => {
                Err(FilterError::new(span, "expected a term before `and`; quote it to look for the word"))
            }
            Token::Not => Err(FilterError::new(span, "expected a term here")),
        }
    }

    fn field(&self, token: &FieldToken) -> Result<Term, FilterError> {
        let differs = token.operator == Operator::Differs;
        let term = match &token.subject {
            Subject::Tag(key) => Term::Tag(key.as_str().into(), text_test(token, "a tag")?),
            Subject::Field(name) => {
                let spec = self.spec(name, &token.subject_span)?;
                Term::Field(FieldTerm {
                    field: spec.field,
                    name: spec.name,
                    kind: spec.kind,
                    needs: spec.needs,
                    test: test(spec, token)?,
                })
            }
        };
        Ok(if differs { term.negated() } else { term })
    }

    fn spec(&self, name: &str, span: &Range<usize>) -> Result<&FieldSpec, FilterError> {
        if let Some(spec) = self.fields.iter().find(|spec| spec.is_called(name)) {
            return Ok(spec);
        }
        let spellings = self.fields.iter().flat_map(|spec| std::iter::once(&spec.name).chain(spec.aliases));
        let suggestion = nearest(&name.to_lowercase(), spellings.copied());
        let message = match suggestion {
            Some(_) => format!("unknown field `{name}`"),
            None => format!("unknown field `{name}`; put text in quotes to look for it as it stands"),
        };
        Err(FilterError::new(span.clone(), message).suggest(suggestion))
    }
}

/// The test a field token asks for, as far as the kind of the field allows it.
fn test(spec: &FieldSpec, token: &FieldToken) -> Result<Test, FilterError> {
    let order = match token.operator {
        Operator::Less => Some(Comparison::Less),
        Operator::LessOrEqual => Some(Comparison::LessOrEqual),
        Operator::Greater => Some(Comparison::Greater),
        Operator::GreaterOrEqual => Some(Comparison::GreaterOrEqual),
        Operator::Matches | Operator::Equals | Operator::Differs | Operator::Regex => None,
    };
    match (spec.kind, order) {
        (FieldKind::Text, _) | (FieldKind::Verdict, None) => text_test(token, spec.name).map(Test::Text),
        (kind, Some(order)) => {
            let limit = quantity(kind, &plain(token.values.first()), &token.value_span)?;
            Ok(Test::Compare(order, limit))
        }
        (_, None) if token.operator == Operator::Regex => {
            let message = format!("expected `:`, `<`, `<=`, `>` or `>=`: `{}` is not text", spec.name);
            Err(FilterError::new(token.operator_span.clone(), message))
        }
        (kind, None) => {
            let tests = token.values.iter().map(|value| match plain(Some(value)).to_lowercase().as_str() {
                "unknown" => Ok(NumberTest::Unknown),
                "none" => Ok(NumberTest::Absent),
                text => quantity(kind, text, &token.value_span).map(NumberTest::Equal),
            });
            tests.collect::<Result<_, _>>().map(Test::Number)
        }
    }
}

fn text_test(token: &FieldToken, what: &str) -> Result<TextTest, FilterError> {
    match token.operator {
        Operator::Matches | Operator::Equals | Operator::Differs => {
            Ok(TextTest::Any(token.values.iter().map(|value| pattern(value)).collect()))
        }
        Operator::Regex => {
            let source = plain(token.values.first());
            let built = RegexBuilder::new(&source).case_insensitive(true).size_limit(REGEX_LIMIT).build();
            built.map(|regex| TextTest::Regex(Expression(regex))).map_err(|error| {
                // The crate draws the expression with a caret over several lines; the last one says what is wrong.
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                FilterError::new(token.value_span.clone(), format!("expected a regular expression: {reason}"))
            })
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            let message = format!("expected `:`, `=` or `~`: {what} is text");
            Err(FilterError::new(token.operator_span.clone(), message))
        }
    }
}

fn pattern(value: &[Part]) -> Pattern {
    let mut pattern = Pattern::default();
    for part in value {
        match part {
            Part::Text(text) => pattern.push(text),
            Part::Star => pattern.push_star(),
        }
    }
    pattern
}

/// A value as it was written.
fn plain(value: Option<&Vec<Part>>) -> String {
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Star => "*".to_owned(),
    };
    value.into_iter().flatten().map(text).collect()
}

fn quantity(kind: FieldKind, text: &str, span: &Range<usize>) -> Result<f64, FilterError> {
    let (number, expected) = match kind {
        FieldKind::Text | FieldKind::Number => (value::number(text), "a number such as `100`"),
        FieldKind::Money => (value::money(text), "an amount of dollars such as `1.5`"),
        FieldKind::Duration | FieldKind::Time | FieldKind::Verdict => {
            (value::duration(text), "a length of time such as `2h` or `1d12h`")
        }
    };
    number.ok_or_else(|| FilterError::new(span.clone(), format!("expected {expected}")))
}
