//! Why a command ends early: what is said on stderr, and the exit code.

use std::io::{self, Write as _};

use super::config::ConfigError;
use super::exit::Exit;
use crate::fleet::{FilterError, Problem};

/// Why a command ends early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is said; nothing when there is nobody left to hear it.
    pub message: String,
}

impl Failure {
    /// A failure of some kind.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// Wrong usage.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Refused, and nothing was changed.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// A filter that was not understood, with a caret under what is meant.
    pub fn filter(flag: &str, text: &str, error: &FilterError) -> Self {
        let before = text.get(..error.span.start).map_or(0, |text| text.chars().count());
        let meant = text.get(error.span.clone()).map_or(0, |text| text.chars().count()).max(1);
        let caret = format!("{}{}", " ".repeat(before), "^".repeat(meant));
        Self::usage(format!("{flag}: {error}\n  {text}\n  {caret}"))
    }

    /// Says it on stderr.
    pub fn tell(&self) {
        if !self.message.is_empty() {
            note("error", &self.message);
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::new(exit_of(&problem), told(&problem))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<io::Error> for Failure {
    /// A reader that has had enough, such as `head`, is no failure.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::new(Exit::Done, "")
        } else {
            Self::new(Exit::Failed, error.to_string())
        }
    }
}

/// The exit code a problem leads to.
pub fn exit_of(problem: &Problem) -> Exit {
    if problem.is_credentials() { Exit::Credentials } else { Exit::Failed }
}

/// A problem in words. A command asks once: what the console would ask again by itself, a person has to.
pub fn told(problem: &Problem) -> String {
    let mut problem = problem.clone();
    if let Some(before) = problem.hint.to_lowercase().find("it will be asked again") {
        let kept = problem.hint[..before].trim_end_matches([' ', ';', '.']).to_owned();
        problem.hint =
            if kept.is_empty() { "Try again later".to_owned() } else { format!("{kept}, and try again") };
    }
    problem.to_string()
}

/// Says something on stderr. Where nobody listens there is nothing to be done about it.
pub fn note(kind: &str, message: &str) {
    drop(writeln!(io::stderr().lock(), "sagedeck: {kind}: {message}"));
}

/// Prints on stderr what is not the result. Where nobody listens there is nothing to be done about it.
pub fn print_aside(text: &str) {
    drop(io::stderr().lock().write_all(text.as_bytes()));
}

/// Prints on stdout, at once.
///
/// # Errors
///
/// If it cannot be written. A reader that left ends the command in peace.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Filter, ObjectKind, fields};

    #[test]
    fn a_wrong_filter_is_pointed_at() {
        let text = "état instnce:x";
        let error = Filter::parse(text, fields(ObjectKind::App)).unwrap_err();
        let failure = Failure::filter("--filter", text, &error);
        assert_eq!(failure.exit, Exit::Usage);
        let lines: Vec<&str> = failure.message.lines().collect();
        assert!(lines[0].starts_with("--filter: ") && lines[0].contains("`instance`"), "{}", lines[0]);
        assert_eq!(lines[1..], ["  état instnce:x", "       ^^^^^^^"]);
    }

    #[test]
    fn a_command_promises_no_second_question() {
        for (hint, expected) in [
            ("It will be asked again", "slow. Try again later"),
            ("Check the network; it will be asked again", "slow. Check the network, and try again"),
            ("Ask for the permission", "slow. Ask for the permission"),
            ("", "slow"),
        ] {
            let problem = Problem::new(crate::fleet::ProblemKind::Network, "slow", hint);
            assert_eq!(told(&problem), expected);
        }
    }

    #[test]
    fn a_reader_that_left_is_no_failure() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.exit, failure.message.as_str()), (Exit::Done, ""));
    }
}
