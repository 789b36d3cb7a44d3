//! The exit codes, which scripts rely on. The README's table is made from this one.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, all of it.
    Done,
    /// Something failed.
    Failed,
    /// Wrong usage.
    Usage,
    /// No credentials, or expired ones.
    Credentials,
    /// Some steps of a plan succeeded.
    Some,
    /// No step of a plan succeeded.
    None,
    /// Refused before anything was sent.
    Refused,
    /// Ended by ctrl-c.
    Interrupted,
    /// Ended by SIGTERM.
    Terminated,
}

impl Exit {
    /// All of them, by code.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Credentials,
        Self::Some,
        Self::None,
        Self::Refused,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Credentials => 3,
            Self::Some => 4,
            Self::None => 5,
            Self::Refused => 6,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, all of it; for a plan without `--yes`: it was shown",
            Self::Failed => "something failed, or a list is not complete; which is on stderr",
            Self::Usage => {
                "wrong usage: arguments, filter, roster, template or another file, configuration, theme, or a console \
                 without a terminal"
            }
            Self::Credentials => {
                "no credentials, or they have expired or were refused; `operations resume` goes on with what they ended"
            }
            Self::Some => {
                "some steps of the plan succeeded and some did not, or something that was named, a row of a roster or a \
                 part of a backup was left out; which is in the outcome"
            }
            Self::None => "no step of the plan succeeded",
            Self::Refused => {
                "refused, and nothing was changed: read-only, protected account, above the limits, a phrase that was \
                 not given, a name that is not there or not the only one, what is named and cannot be done, or a list \
                 that is not complete"
            }
            Self::Interrupted => "ended by ctrl-c",
            Self::Terminated => "ended by SIGTERM",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
