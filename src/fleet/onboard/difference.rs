//! How what is wanted stands to what is there, one line of a comparison: create, equal, differs, invalid.

use crate::fleet::{Delta, Target};

/// One line of a comparison between what is wanted and what is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What it is about.
    pub target: Target,
    /// The line of the roster, where there is one.
    pub line: Option<usize>,
    /// How it stands.
    pub standing: Standing,
    /// The members that differ, where it exists; or that it is created with.
    pub deltas: Vec<Delta>,
    /// What the person should know, as clauses.
    pub notes: Vec<String>,
}

/// How what is wanted stands to what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is not there: it is created.
    Missing,
    /// It is there as wanted, but the person may not sign in: that is mended.
    Unassigned,
    /// It is there, and has not the tags that are wanted: those are set. What else differs stays.
    Untagged,
    /// It is there as wanted.
    Equal,
    /// It is there, and differs: nothing is done, since that would be an edit.
    Differs,
    /// It cannot be, or cannot be told; with the reasons, as clauses.
    Invalid(Vec<String>),
}

impl Standing {
    /// How it stands, in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Missing => "create",
            Self::Unassigned => "assign",
            Self::Untagged => "tag",
            Self::Equal => "equal",
            Self::Differs => "differs",
            Self::Invalid(_) => "invalid",
        }
    }
}

impl Difference {
    /// Why nothing is done about it, as a clause; `None` if something is.
    pub fn exclusion(&self) -> Option<String> {
        let reason = match &self.standing {
            Standing::Missing | Standing::Unassigned | Standing::Untagged => return None,
            Standing::Equal => "exists already, as wanted".to_owned(),
            Standing::Differs => format!("exists and {}", differs(&self.deltas)),
            Standing::Invalid(reasons) => {
                let reasons: Vec<_> = reasons.iter().map(|reason| self.once(reason)).collect();
                reasons.join("; ")
            }
        };
        Some(match self.line {
            Some(line) => format!("line {line}: {reason}"),
            None => reason,
        })
    }

    /// A reason that begins with its place in the list, without the line: that is said once for the row.
    fn once(&self, reason: &str) -> String {
        let Some(line) = self.line else { return reason.to_owned() };
        let placed = reason.strip_prefix(&format!("{line}:")).and_then(|rest| rest.split_once(": "));
        match placed {
            Some((column, says)) if column.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("column {column}: {says}")
            }
            _ => reason.to_owned(),
        }
    }
}

/// In what something differs and what to do about it, as a clause without its subject.
pub(in crate::fleet) fn differs(deltas: &[Delta]) -> String {
    let members: Vec<&str> = deltas.iter().map(|delta| delta.member.as_str()).collect();
    format!("differs in {}: edit it to change that", members.join(", "))
}
