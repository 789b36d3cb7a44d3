//! Looking things up in the audit trail, newest first. Changes no file, and verifies nothing.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::super::commit::WriteFailed;
use super::{Backwards, Logged};

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// Words that all stand somewhere in the entry, in either case; empty for every entry.
    pub text: String,
    /// Only entries with a lower number: how a list is continued.
    pub before: Option<u64>,
    /// How many entries at most; `None` for all.
    pub limit: Option<usize>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The entries, newest first.
    pub entries: Vec<Logged>,
    /// Whether the limit has kept back older ones.
    pub has_more: bool,
    /// Lines that are no entries. [`verify_audit`](super::verify_audit) names the first.
    pub unreadable: u64,
}

/// Reads entries from the newest on, in the memory of what is found, and blocks while it does. A trail that is not
/// there has none.
///
/// # Errors
///
/// When the file cannot be read.
pub fn read_audit(path: &Path, search: &Search) -> Result<Found, WriteFailed> {
    look(path, search).map_err(WriteFailed::when(&Arc::from(path), "read"))
}

fn look(path: &Path, search: &Search) -> io::Result<Found> {
    let mut found = Found::default();
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        opened => opened?,
    };
    // Under the lock nobody is half way through a line.
    file.lock_shared()?;
    let length = file.metadata()?.len();
    file.unlock()?;
    let words: Vec<String> = search.text.split_whitespace().map(str::to_lowercase).collect();
    let mut lines = Backwards::new(&file, length);
    while let Some(line) = lines.next()? {
        let Ok(logged) = serde_json::from_slice::<Logged>(&line.text) else {
            found.unreadable += u64::from(line.is_terminated);
            continue;
        };
        let is_later = search.before.is_some_and(|before| logged.sequence >= before);
        if is_later || !contains(&logged, &words) {
            continue;
        }
        if search.limit.is_some_and(|limit| found.entries.len() >= limit) {
            found.has_more = true;
            break;
        }
        found.entries.push(logged);
    }
    Ok(found)
}

fn contains(logged: &Logged, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    // As it stands in the file, but for the hashes, in which any short word may stand by chance.
    let text = serde_json::to_string(&logged.entry).unwrap_or_default().to_lowercase();
    words.iter().all(|word| text.contains(word))
}
