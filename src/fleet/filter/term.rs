//! The tree a filter is understood as.

use regex::Regex;

use super::pattern::Pattern;
use super::{Field, FieldKind, Needs};

/// A part of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    /// Letters in order within one shown cell; in lower case.
    Fuzzy(Box<str>),
    /// A piece of one shown cell; in lower case.
    Exact(Box<str>),
    /// A test of a field.
    Field(FieldTerm),
    /// A test of the value of a tag.
    Tag(Box<str>, TextTest),
    /// The opposite.
    Not(Box<Term>),
    /// All of them; at least two, none of them an `And`.
    And(Vec<Term>),
    /// Any of them; at least two, none of them an `Or`.
    Or(Vec<Term>),
}

/// A test of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldTerm {
    pub field: Field,
    /// The field's first spelling.
    pub name: &'static str,
    pub kind: FieldKind,
    pub needs: Needs,
    pub test: Test,
}

/// What a field is tested for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Text(TextTest),
    Compare(Comparison, f64),
    /// Any of these.
    Number(Vec<NumberTest>),
}

/// What a text is tested for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TextTest {
    /// Any of these.
    Any(Vec<Pattern>),
    Regex(Expression),
}

/// What a number is tested for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum NumberTest {
    Equal(f64),
    Unknown,
    Absent,
}

/// An order of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A regular expression, equal to another of the same spelling.
#[derive(Debug, Clone)]
pub(super) struct Expression(pub Regex);

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Term {
    /// All of `terms`; `None` when there is none.
    pub(super) fn all(terms: Vec<Self>) -> Option<Self> {
        join(terms, Self::And, |term| match term {
            Self::And(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// Any of `terms`; `None` when there is none.
    pub(super) fn any(terms: Vec<Self>) -> Option<Self> {
        join(terms, Self::Or, |term| match term {
            Self::Or(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// The opposite; twice the opposite is the thing itself, also where it is not known.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Which details it depends on.
    pub(super) fn needs(&self) -> Needs {
        match self {
            Self::Fuzzy(_) | Self::Exact(_) => Needs::NONE,
            Self::Field(term) => term.needs,
            Self::Tag(..) => Needs::TAGS,
            Self::Not(term) => term.needs(),
            Self::And(terms) | Self::Or(terms) => {
                terms.iter().fold(Needs::NONE, |needs, term| needs.and(term.needs()))
            }
        }
    }
}

/// Joins terms, taking in the terms of those that are already of the same kind.
fn join(
    terms: Vec<Term>,
    joined: impl Fn(Vec<Term>) -> Term,
    open: impl Fn(Term) -> Result<Vec<Term>, Term>,
) -> Option<Term> {
    let mut flat = Vec::with_capacity(terms.len());
    for term in terms {
        match open(term) {
            Ok(inner) => flat.extend(inner),
            Err(term) => flat.push(term),
        }
    }
    match flat.len() {
        0 | 1 => flat.pop(),
        _ => Some(joined(flat)),
    }
}
