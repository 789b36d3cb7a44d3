//! Who is to be onboarded, from text: rosters and templates; and what is handed to them afterwards. Pure text and
//! values: files are read by others.

mod columns;
mod difference;
mod encoding;
mod handover;
mod newcomer;
mod roster;
mod separated;
mod template;
mod tree;

pub(super) use difference::differs;
pub use difference::{Difference, Standing};
pub use handover::handover;
pub use newcomer::Newcomer;
pub use roster::{Roster, RosterFormat, RosterRow};
pub use template::{Template, Templates, template_document};

use std::fmt;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong, as a clause.
    pub message: String,
}

impl TextError {
    fn new(place: Place, message: impl Into<String>) -> Self {
        Self { line: place.line, column: place.column, message: message.into() }
    }
}

impl fmt::Display for TextError {
    /// `3:14: what is wrong`; whoever knows the file puts its name before.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// A place in a text, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    const START: Self = Self { line: 1, column: 1 };
}
