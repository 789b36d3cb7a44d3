//! A filter in its canonical spelling.

use std::fmt::{self, Write as _};

use super::FieldKind;
use super::lexer;
use super::pattern::{Pattern, Piece};
use super::term::{Comparison, NumberTest, Term, Test, TextTest};
use super::value::TIME_UNITS;

/// A text as the filter language writes it where it has to be matched as it stands.
pub fn quote(text: &str) -> String {
    struct Quoted<'a>(&'a str);
    impl fmt::Display for Quoted<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            quoted(self.0, f)
        }
    }
    Quoted(text).to_string()
}

/// Writes a term such that it parses to an equal one.
pub(super) fn term(term: &Term, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match term {
        Term::Fuzzy(word) => {
            // A star is no letter to a plain word; in front it keeps the word from being read as an operator.
            if word.starts_with('!') || lexer::is_keyword(word) {
                f.write_char('*')?;
            }
            f.write_str(word)
        }
        Term::Exact(text) => quoted(text, f),
        Term::Field(field) => {
            f.write_str(field.name)?;
            match &field.test {
                Test::Text(test) => text_test(test, f),
                Test::Compare(order, limit) => {
                    f.write_str(order.as_str())?;
                    value(field.kind, *limit, f)
                }
                Test::Number(tests) => {
                    f.write_char(':')?;
                    list(tests, f, |test, f| match test {
                        NumberTest::Equal(number) => value(field.kind, *number, f),
                        NumberTest::Unknown => f.write_str("unknown"),
                        NumberTest::Absent => f.write_str("none"),
                    })
                }
            }
        }
        Term::Tag(key, test) => {
            f.write_str("tag.")?;
            word_or_quoted(key, f)?;
            text_test(test, f)
        }
        Term::Not(inner) => {
            f.write_char('!')?;
            grouped(inner, matches!(**inner, Term::And(_) | Term::Or(_)), f)
        }
        Term::And(terms) => joined(terms, " ", |inner| matches!(inner, Term::Or(_)), f),
        Term::Or(terms) => joined(terms, " or ", |_| false, f),
    }
}

fn joined(
    terms: &[Term],
    between: &str,
    group: impl Fn(&Term) -> bool,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (index, inner) in terms.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        grouped(inner, group(inner), f)?;
    }
    Ok(())
}

fn grouped(inner: &Term, group: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if group {
        f.write_char('(')?;
        term(inner, f)?;
        f.write_char(')')
    } else {
        term(inner, f)
    }
}

fn text_test(test: &TextTest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match test {
        TextTest::Any(patterns) => {
            f.write_char(':')?;
            list(patterns, f, pattern)
        }
        TextTest::Regex(regex) => {
            f.write_char('~')?;
            quoted(regex.0.as_str(), f)
        }
    }
}

fn list<T>(
    items: &[T],
    f: &mut fmt::Formatter<'_>,
    write: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_char(',')?;
        }
        write(item, f)?;
    }
    Ok(())
}

fn pattern(pattern: &Pattern, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if pattern.pieces().is_empty() {
        return f.write_str("\"\"");
    }
    for piece in pattern.pieces() {
        match piece {
            Piece::Star => f.write_char('*')?,
            Piece::Text(text) => word_or_quoted(text, f)?,
        }
    }
    Ok(())
}

fn word_or_quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@' | '+');
    if !text.is_empty() && text.chars().all(plain) { f.write_str(text) } else { quoted(text, f) }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

/// Writes a number in the units of its kind; a length of time in the greatest unit that divides it.
fn value(kind: FieldKind, number: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        FieldKind::Text | FieldKind::Number | FieldKind::Money => write!(f, "{number}"),
        FieldKind::Duration | FieldKind::Time | FieldKind::Verdict => {
            // Whole numbers below 2^53 are exact in both types.
            let whole = (number.fract() == 0.0 && number < 9e15).then_some(number as u64);
            let unit = TIME_UNITS
                .iter()
                .find_map(|&(letter, seconds)| Some((whole.filter(|n| n % seconds == 0)? / seconds, letter)));
            match unit {
                Some((count, letter)) => write!(f, "{count}{letter}"),
                None => write!(f, "{number}s"),
            }
        }
    }
}

impl Comparison {
    /// Its spelling.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}
