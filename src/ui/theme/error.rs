//! Why a theme was refused, with the place in its file.

use std::sync::Arc;

/// Why a theme was refused. A refused theme changes nothing: the caller keeps the one it has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// There is no theme of that name, built in or in the user's folder.
    #[error("no theme `{id}`{suggestion}")]
    Absent {
        /// The name that was asked for.
        id: String,
        /// The end of the sentence: the known name nearest to it, if one is near.
        suggestion: String,
    },
    /// The file says something a theme cannot say.
    #[error("{place}: {message}")]
    Invalid {
        /// Where.
        place: Place,
        /// What is wrong, and what would be right.
        message: String,
    },
}

/// A place in a theme file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the caller named it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The key the error is about, dotted; empty for an error of TOML itself.
    pub key: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)?;
        if self.key.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.key) }
    }
}
