//! The filter language: one parser and one evaluator for the live filter, `--filter`, saved views and selection.
//!
//! Knows fields and records only by [`FieldSpec`] and [`Record`]; what they stand for is `fields.rs`.

mod error;
mod evaluate;
mod field;
mod haystack;
mod implies;
mod lexer;
mod parser;
mod pattern;
mod print;
mod term;
mod value;

use std::fmt;

pub use error::FilterError;
pub use evaluate::{Known, Record, Truth};
pub use field::{Field, FieldKind, FieldSpec, Needs};
pub use haystack::{Haystack, lower_into};
pub use print::quote;
use term::Term;

/// A filter that was understood.
///
/// Terms side by side must all hold. A row is shown only where the filter is certainly true: a term about
/// something that is not known is neither true nor false, and its negation is not known either.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    root: Option<Term>,
    needs: Needs,
}

impl Filter {
    /// Understands `text` with the fields a pane offers. Blank text shows everything.
    ///
    /// # Errors
    /// Where the text is not of the language, with the place and what was expected there.
    pub fn parse(text: &str, fields: &[FieldSpec]) -> Result<Self, FilterError> {
        let root = parser::parse(text, fields)?;
        let needs = root.as_ref().map_or(Needs::NONE, Term::needs);
        Ok(Self { root, needs })
    }

    /// Whether it shows everything.
    pub fn is_all(&self) -> bool {
        self.root.is_none()
    }

    /// Whether a row is shown.
    pub fn matches(&self, record: &impl Record) -> bool {
        self.truth(record) == Truth::True
    }

    /// What the filter says of a row; [`Truth::Unknown`] where data it depends on is not known.
    pub fn truth(&self, record: &impl Record) -> Truth {
        self.root.as_ref().map_or(Truth::True, |term| evaluate::truth(term, record))
    }

    /// Which details the filter depends on, so that they can be fetched.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// Whether every row this filter shows was shown by `previous` too, over the same data at the same time.
    ///
    /// `true` is certain; `false` may only mean that it was not seen.
    pub fn narrows(&self, previous: &Self) -> bool {
        match (&self.root, &previous.root) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(new), Some(old)) => implies::implies(new, old),
        }
    }
}

impl fmt::Display for Filter {
    /// The filter in its canonical spelling, which parses to an equal filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.as_ref().map_or(Ok(()), |term| print::term(term, f))
    }
}

#[cfg(test)]
mod tests;
