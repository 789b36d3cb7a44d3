//! Why a filter was not understood, and where.

use std::fmt;
use std::ops::Range;

/// A filter that was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// The bytes of the text it is about; empty at the place where something is missing.
    pub span: Range<usize>,
    /// What is wrong, or what was expected there, as a clause.
    pub message: String,
    /// What was probably meant, in place of the bytes of `span`.
    pub suggestion: Option<String>,
}

impl FilterError {
    /// An error about some bytes of the text.
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), suggestion: None }
    }

    /// The same with what was probably meant.
    pub(super) fn suggest(mut self, suggestion: Option<&str>) -> Self {
        self.suggestion = suggestion.map(str::to_owned);
        self
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.suggestion.as_ref().map_or(Ok(()), |suggestion| write!(f, "; did you mean `{suggestion}`?"))
    }
}

impl std::error::Error for FilterError {}
