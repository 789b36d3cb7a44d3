//! What went wrong, as a person can act on it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The kinds of problem a person can do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ProblemKind {
    /// No credentials were found, or the profile does not exist or is malformed.
    NoCredentials,
    /// The credentials have expired, or were refused.
    ExpiredCredentials,
    /// The principal may not do this; the action is in the hint.
    AccessDenied,
    /// AWS asks us to slow down.
    Throttled,
    /// The thing is not there.
    NotFound,
    /// The thing is in use, or in a state that does not allow this.
    Conflict,
    /// A quota of the account is used up.
    Limit,
    /// The request was refused as malformed: our fault, or a value AWS does not take.
    Invalid,
    /// AWS could not be reached, or did not answer in time.
    Network,
    /// The request was not sent: writing is locked, or the endpoint is not allowed.
    Refused,
    /// The answer costs by the page and is longer than is worth paying for; what was read of it was paid.
    TooLong,
    /// Anything else.
    Unexpected,
}

/// A failure: a plain sentence, what to do about it, and AWS's own words and ids for a support case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of failure it is.
    pub kind: ProblemKind,
    /// What happened, as a sentence, with AWS's own message where there is one.
    pub message: String,
    /// What the person can do about it; empty when there is nothing to suggest.
    pub hint: String,
    /// The operation that failed, such as `ListApps`.
    pub operation: Option<Arc<str>>,
    /// AWS's error code.
    pub code: Option<String>,
    /// AWS's request id.
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem that did not come from AWS.
    pub fn new(kind: ProblemKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: hint.into(),
            operation: None,
            code: None,
            request_id: None,
        }
    }

    /// Whether asking again by itself makes sense. Never for credentials: that would lock people out.
    pub fn is_passing(&self) -> bool {
        matches!(self.kind, ProblemKind::Throttled | ProblemKind::Network)
    }

    /// Whether all polling must stop until the person has signed in again.
    pub fn is_credentials(&self) -> bool {
        matches!(self.kind, ProblemKind::NoCredentials | ProblemKind::ExpiredCredentials)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.message)?;
        match (&self.code, &self.request_id) {
            (Some(code), Some(id)) => write!(f, " ({code}, request {id})")?,
            (Some(code), None) => write!(f, " ({code})")?,
            (None, Some(id)) => write!(f, " (request {id})")?,
            (None, None) => {}
        }
        if !self.hint.is_empty() {
            write!(f, ". {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
