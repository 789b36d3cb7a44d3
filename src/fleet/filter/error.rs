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
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FilterError {}

/// The candidate closest to a misspelt word: one it begins, or one at most two typing slips away.
pub(super) fn closest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let allowed = if word.chars().count() <= 3 { 1 } else { 2 };
    candidates
        .map(|candidate| {
            let begins = word.len() > 1 && candidate.starts_with(&word);
            (if begins { 0 } else { slips(&word, candidate) }, candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The number of typing slips between two words: a letter left out, added, changed, or swapped with the next.
fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(32).collect(), b.chars().take(32).collect());
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j - 1] + changed).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_word_and_another_word_does_not() {
        let fields = ["instance", "idle", "status", "age", "image"];
        let meant = |word| closest(word, fields.into_iter());
        assert_eq!(meant("instnce"), Some("instance"));
        assert_eq!(meant("sattus"), Some("status"));
        assert_eq!(meant("inst"), Some("instance"));
        assert_eq!(meant("agr"), Some("age"));
        assert_eq!(meant("colour"), None);
    }
}
