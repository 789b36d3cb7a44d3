//! Short messages to the person: what was done, what went wrong, what cannot be done and why.

use std::collections::VecDeque;

use crate::fleet::Timestamp;

/// How a text is meant; the theme turns it into colour, and words or symbols say it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Ordinary.
    Plain,
    /// Of less weight.
    Muted,
    /// Well.
    Ok,
    /// On its way.
    Pending,
    /// Needs a look.
    Warn,
    /// Wrong.
    Error,
    /// Idle, and costing money.
    Idle,
    /// Not known.
    Unknown,
    /// Over and gone.
    Deleted,
    /// Money.
    Money,
    /// A name that matters, such as the first column.
    Accent,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// The latest messages.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    all: VecDeque<Notice>,
    dismissed: bool,
}

impl Notices {
    /// Says something.
    pub fn say(&mut self, at: Timestamp, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        self.dismissed = false;
        if self.all.back().is_some_and(|last| last.text == text) {
            self.all.pop_back();
        }
        self.all.push_back(Notice { at, tone, text });
        if self.all.len() > 200 {
            self.all.pop_front();
        }
    }

    /// Takes the latest message from the screen, as the next key does; it stays in the list.
    pub fn dismiss(&mut self) {
        self.dismissed = true;
    }

    /// The message to show, if there is one.
    pub fn shown(&self) -> Option<&Notice> {
        if self.dismissed { None } else { self.all.back() }
    }

    /// All of them, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Notice> {
        self.all.iter()
    }
}
