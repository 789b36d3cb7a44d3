//! How a field of a form is filled in: a line, a number, options, tags, text of many lines; and what it shows.

use tui_input::Input;

use super::{Area, Options};
use crate::console::Tone;
use crate::fleet::rules::Rule;

/// How a field is filled in.
#[derive(Debug, Clone)]
pub enum Control {
    /// A line of text.
    Text {
        /// What stands in it.
        input: Input,
    },
    /// A whole number.
    Number {
        /// What stands in it.
        input: Input,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
        /// Of what: "GB".
        unit: &'static str,
    },
    /// One of several options.
    Choice {
        /// The value of the chosen one, or what was typed by hand; empty if none is.
        value: String,
        /// What can be chosen.
        options: Options,
    },
    /// Any number of several options.
    Several {
        /// The values of the chosen ones.
        chosen: Vec<String>,
        /// What can be chosen.
        options: Options,
        /// How many at most.
        most: usize,
    },
    /// Yes or no.
    Switch {
        /// Which of the two.
        on: bool,
    },
    /// Text of many lines.
    Area(Area),
    /// Keys with values.
    Pairs(Pairs),
    /// What was found out about each row of a text; it is only looked at.
    Findings(Findings),
    /// A value that cannot be changed, and why.
    Fixed {
        /// The value.
        value: String,
        /// Why it cannot be changed, as a sentence; empty where that is plain.
        reason: &'static str,
    },
}

/// What was found out about the rows of a text.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// One per row.
    pub rows: Vec<Finding>,
    /// The row under the cursor.
    pub cursor: usize,
}

/// What was found out about a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its line in the text, from 1.
    pub line: usize,
    /// What it is about.
    pub name: String,
    /// What would be done, in a word.
    pub verdict: &'static str,
    /// How that is meant.
    pub tone: Tone,
    /// More of it: what is wrong, with its place, or what it would get.
    pub says: String,
}

/// A key and a value.
#[derive(Debug, Clone, Default)]
pub struct Pair {
    /// The key.
    pub key: Input,
    /// The value.
    pub value: Input,
}

impl Pair {
    fn is_empty(&self) -> bool {
        self.key.value().trim().is_empty() && self.value.value().trim().is_empty()
    }
}

/// Tags: rows of keys and values; the last row is empty, for the next one.
#[derive(Debug, Clone)]
pub struct Pairs {
    /// The rows.
    pub rows: Vec<Pair>,
    /// The row under the cursor, and whether it is on the value.
    pub at: (usize, bool),
}

impl Pairs {
    /// No pair yet.
    pub(super) fn new() -> Self {
        Self { rows: vec![Pair::default()], at: (0, false) }
    }

    /// The pairs that are filled in.
    pub fn filled(&self) -> impl Iterator<Item = (String, String)> {
        self.rows
            .iter()
            .filter(|pair| !pair.is_empty())
            .map(|pair| (pair.key.value().trim().to_owned(), pair.value.value().trim().to_owned()))
    }

    /// The cursor comes from the field before, or from the one after.
    pub(super) fn enter(&mut self, back: bool) {
        self.at = if back { (self.rows.len() - 1, true) } else { (0, false) };
    }

    /// The text field under the cursor.
    pub(super) fn input(&mut self) -> Option<&mut Input> {
        let (row, on_value) = self.at;
        self.rows.get_mut(row).map(|pair| if on_value { &mut pair.value } else { &mut pair.key })
    }

    /// Keeps exactly one empty row, at the end.
    pub(super) fn tidy(&mut self) {
        if self.rows.last().is_none_or(|pair| !pair.is_empty()) {
            self.rows.push(Pair::default());
        }
    }

    /// Takes the row under the cursor away.
    pub(super) fn remove(&mut self) {
        if self.at.0 + 1 < self.rows.len() {
            self.rows.remove(self.at.0);
        } else if let Some(pair) = self.rows.last_mut() {
            *pair = Pair::default();
        }
        self.tidy();
    }

    /// Adds pairs after those that are there.
    pub(super) fn add(&mut self, pairs: impl IntoIterator<Item = (String, String)>) {
        self.rows.retain(|pair| !pair.is_empty());
        for (key, value) in pairs {
            self.rows.push(Pair { key: Input::new(key), value: Input::new(value) });
        }
        self.tidy();
    }

    /// The first row that is wrong, and why.
    pub(super) fn fault(&self) -> Option<String> {
        let mut seen: Vec<String> = Vec::new();
        for (at, (key, value)) in self.filled().enumerate() {
            let row = at + 1;
            if key.is_empty() {
                return Some(format!("row {row}: the value {value} has no key"));
            }
            if let Err(reason) = Rule::TagKey.check(&key) {
                return Some(format!("row {row}, key: {reason}"));
            }
            if let Err(reason) = Rule::TagValue.check(&value) {
                return Some(format!("row {row}, value: {reason}"));
            }
            if seen.contains(&key) {
                return Some(format!("row {row}: the key {key} stands here twice"));
            }
            seen.push(key);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_name_the_row_that_is_wrong() {
        let mut pairs = Pairs::new();
        assert_eq!(pairs.fault(), None, "no pair at all is fine");
        pairs.add([("team".to_owned(), "nlp".to_owned()), (String::new(), "x".to_owned())]);
        assert_eq!(pairs.fault().as_deref(), Some("row 2: the value x has no key"));
        pairs.rows[1].key = Input::new("team".to_owned());
        assert_eq!(pairs.fault().as_deref(), Some("row 2: the key team stands here twice"));
        pairs.at = (1, false);
        pairs.remove();
        assert_eq!(pairs.filled().collect::<Vec<_>>(), [("team".to_owned(), "nlp".to_owned())]);
        assert_eq!(pairs.rows.len(), 2, "one row is there for the next pair");
    }
}
