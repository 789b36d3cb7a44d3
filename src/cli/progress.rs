//! How far a command is, in one line on stderr, and only where a person looks at it.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// The least time between two lines; more could not be read.
const PACE: Duration = Duration::from_millis(100);

/// A line that is written over and over, and wiped away at the end.
#[derive(Debug)]
pub(super) struct Progress {
    shown: bool,
    written: usize,
    at: Option<Instant>,
}

impl Progress {
    /// Shown where stderr is a terminal.
    pub(super) fn on_stderr() -> Self {
        Self { shown: io::stderr().is_terminal(), written: 0, at: None }
    }

    /// Says how far it is, unless it was said just now.
    pub(super) fn say(&mut self, line: impl FnOnce() -> String) {
        if !self.shown || self.at.is_some_and(|at| at.elapsed() < PACE) {
            return;
        }
        self.at = Some(Instant::now());
        self.write(&line());
    }

    /// Wipes the line away, so that something else can be said.
    pub(super) fn clear(&mut self) {
        if self.written > 0 {
            self.write("");
            self.written = 0;
        }
        self.at = None;
    }

    fn write(&mut self, line: &str) {
        let width = line.chars().count();
        let wipe = " ".repeat(self.written.saturating_sub(width));
        let mut err = io::stderr().lock();
        // Whoever does not hear how far it is still gets the result.
        drop(write!(err, "\r{line}{wipe}\r{line}").and_then(|()| err.flush()));
        self.written = width;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
