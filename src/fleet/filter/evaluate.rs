//! What a filter says of a row, where some of what it asks may not be known.

use std::borrow::Cow;

use super::haystack;
use super::term::{Comparison, FieldTerm, NumberTest, Term, Test, TextTest};
use super::{Field, FieldKind};

/// A value that may not be there, or not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<T> {
    /// It is this.
    Value(T),
    /// It is known that there is none.
    Absent,
    /// It is not known: not read, or not told by AWS.
    Unknown,
}

impl<T> Known<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }

    /// The same state with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Value(value) => Known::Value(change(value)),
            Self::Absent => Known::Absent,
            Self::Unknown => Known::Unknown,
        }
    }
}

impl<T> From<Option<T>> for Known<T> {
    /// `None` is known to be absent.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

/// What a filter asks of a row.
pub trait Record {
    /// The shown cells in lower case, each ended as [`lower_into`](super::lower_into) does it.
    fn shown(&self) -> Cow<'_, str>;

    /// The value of a field of kind text, or the word of a verdict.
    fn text(&self, field: Field) -> Known<Cow<'_, str>>;

    /// The value of any other field: dollars, seconds, GB, or a count.
    fn number(&self, field: Field) -> Known<f64>;

    /// Of a sum of which only a part is known, that part.
    fn at_least(&self, _field: Field) -> Option<f64> {
        None
    }

    /// The value of a tag.
    fn tag(&self, key: &str) -> Known<Cow<'_, str>>;
}

/// A statement's truth, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It is false.
    False,
    /// It is not known.
    Unknown,
    /// It is true.
    True,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

/// What a term says of a row.
pub(super) fn truth(term: &Term, record: &impl Record) -> Truth {
    match term {
        Term::Fuzzy(word) => haystack::fuzzy(&record.shown(), word).into(),
        Term::Exact(text) => record.shown().contains(&**text).into(),
        Term::Field(term) => field(term, record),
        Term::Tag(key, test) => text(test, &record.tag(key)),
        Term::Not(term) => !truth(term, record),
        Term::And(terms) => {
            let mut all = Truth::True;
            for term in terms {
                all = all.min(truth(term, record));
                if all == Truth::False {
                    break;
                }
            }
            all
        }
        Term::Or(terms) => {
            let mut any = Truth::False;
            for term in terms {
                any = any.max(truth(term, record));
                if any == Truth::True {
                    break;
                }
            }
            any
        }
    }
}

fn field(term: &FieldTerm, record: &impl Record) -> Truth {
    match &term.test {
        Test::Text(test) => text(test, &record.text(term.field)),
        Test::Compare(order, limit) => match record.number(term.field) {
            Known::Value(value) => order.holds(value, *limit).into(),
            Known::Absent => Truth::False,
            Known::Unknown => Truth::Unknown,
        },
        Test::Number(tests) => number(tests, term.kind, record.number(term.field)),
    }
}

/// Something that is not known matches the word `unknown`, and may or may not match anything else.
fn text(test: &TextTest, value: &Known<Cow<'_, str>>) -> Truth {
    match (test, value) {
        (TextTest::Any(patterns), Known::Value(value)) => {
            patterns.iter().any(|pattern| pattern.fits(value)).into()
        }
        (TextTest::Any(patterns), Known::Absent) => {
            patterns.iter().any(|pattern| pattern.literal() == Some("")).into()
        }
        (TextTest::Any(patterns), Known::Unknown)
            if patterns.iter().any(|pattern| pattern.literal() == Some("unknown")) =>
        {
            Truth::True
        }
        (TextTest::Regex(regex), Known::Value(value)) => regex.0.is_match(value).into(),
        (TextTest::Regex(_), Known::Absent) => Truth::False,
        (TextTest::Any(_) | TextTest::Regex(_), Known::Unknown) => Truth::Unknown,
    }
}

fn number(tests: &[NumberTest], kind: FieldKind, value: Known<f64>) -> Truth {
    let any = |wanted: NumberTest| tests.contains(&wanted);
    match value {
        Known::Value(value) => tests
            .iter()
            .any(|test| matches!(test, NumberTest::Equal(wanted) if (value - wanted).abs() < tolerance(kind)))
            .into(),
        Known::Absent => any(NumberTest::Absent).into(),
        Known::Unknown if any(NumberTest::Unknown) => Truth::True,
        Known::Unknown => Truth::Unknown,
    }
}

/// Within what two values are shown alike: half a cent, half a second.
fn tolerance(kind: FieldKind) -> f64 {
    match kind {
        FieldKind::Money => 0.005,
        FieldKind::Duration | FieldKind::Time | FieldKind::Verdict => 0.5,
        FieldKind::Number | FieldKind::Text => 1e-9,
    }
}

impl Comparison {
    /// Whether the order holds.
    pub(super) fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
        }
    }
}
