//! Whether the audit trail is still what was written, line by line. Changes no file.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::super::commit::WriteFailed;
use super::{Head, NONE_BEFORE, Seal, looks_torn, unsealed};

/// The longest line that is read: two documents of a domain and much to spare. It bounds the memory.
const LONGEST: u64 = 16 * 1024 * 1024;

/// An audit trail that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many entries it has.
    pub entries: u64,
    /// Where it ends: to be kept elsewhere, and given to the next verification.
    pub head: Option<Head>,
    /// Bytes after the last line that were being written when the program or the power went. They are no entry and
    /// never were one; the next entry takes their place.
    pub torn: u64,
    /// On so many lines.
    pub torn_lines: u64,
}

impl Summary {
    /// What is to be said of a torn end, as a clause; `None` where there is none.
    pub fn torn_end(&self) -> Option<String> {
        let (lines, bytes) = (self.torn_lines, self.torn);
        let what = match lines {
            0 => return None,
            1 => "the last line was".to_owned(),
            lines => format!("the last {lines} lines were"),
        };
        Some(format!(
            "{what} not flushed when the power or the program went (torn end, {bytes} bytes), nothing before is \
             damaged; the next entry takes their place"
        ))
    }
}

/// The first line that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstBad {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub what: Wrong,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// It is not what its hash was made over: it was edited, or is no entry at all.
    Edited,
    /// Entries that belong before it are not there: removed, or moved to further down.
    Missing {
        /// The first of them.
        from: u64,
        /// The last of them.
        to: u64,
    },
    /// An entry that stands further up stands here again, or has been moved here.
    Repeated {
        /// Its number.
        sequence: u64,
    },
    /// It has the right number, but was written after another line than the one before it.
    Unchained,
    /// The chain holds, but this entry is not the one that was kept elsewhere: the chain was made anew.
    Replaced,
    /// The trail ends before the entry that was kept elsewhere: its end was cut off.
    CutOff {
        /// The last entry it has.
        last: u64,
        /// The entry that was kept.
        kept: u64,
    },
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited => f.write_str("is not as it was written"),
            Self::Missing { from, to } if from == to => write!(f, "entry {from} is missing before it"),
            Self::Missing { from, to } => write!(f, "entries {from} to {to} are missing before it"),
            Self::Repeated { sequence } => {
                write!(f, "entry {sequence} stands here a second time or out of order")
            }
            Self::Unchained => f.write_str("does not continue the entry before it"),
            Self::Replaced => f.write_str("is another entry than the one that was kept"),
            Self::CutOff { last, kept } => {
                write!(f, "the trail ends with entry {last}, but had an entry {kept}")
            }
        }
    }
}

impl fmt::Display for FirstBad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Verifies the audit trail from its first line, in the memory of one line, and blocks while it does. With a
/// [`Head`] that was kept elsewhere, also that the trail up to there is still the same one. A trail that is not
/// there has no entries.
///
/// # Errors
///
/// The outer error when the file cannot be read; the inner one is the first bad line.
pub fn verify_audit(path: &Path, kept: Option<&Head>) -> Result<Result<Summary, FirstBad>, WriteFailed> {
    let failed = |error| WriteFailed::when(&Arc::from(path), "read")(error);
    let mut summary = Summary { entries: 0, head: None, torn: 0, torn_lines: 0 };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(reaches(summary, kept)),
        opened => opened.map_err(failed)?,
    };
    // Under the lock nobody is half way through a line; what is added after that is left to the next time.
    file.lock_shared().map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    file.unlock().map_err(failed)?;
    let mut reader = BufReader::with_capacity(256 * 1024, file.take(length));
    let mut line = Vec::new();
    let mut number = 0;
    while reader.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(failed)? > 0 {
        number += 1;
        let whole = line.strip_suffix(b"\n");
        let what = match unsealed(whole.unwrap_or(&line)) {
            Some(seal) if summary.torn_lines > 0 => after_torn(&seal, &summary),
            Some(seal) => match misplaced(&seal, summary.head.as_ref(), kept) {
                None => {
                    summary.entries += 1;
                    summary.head = Some(seal.head);
                    line.clear();
                    continue;
                }
                what => what.map(|what| FirstBad { line: number, what }),
            },
            None if (line.len() as u64) < LONGEST && looks_torn(whole.unwrap_or(&line), whole.is_some()) => {
                None
            }
            None => Some(FirstBad { line: number, what: Wrong::Edited }),
        };
        if let Some(bad) = what {
            return Ok(Err(bad));
        }
        summary.torn_lines += 1;
        summary.torn += line.len() as u64;
        line.clear();
    }
    Ok(reaches(summary, kept))
}

/// What a line that is whole says against the torn ones before it.
fn after_torn(seal: &Seal, summary: &Summary) -> Option<FirstBad> {
    let first = summary.entries + 1;
    if seal.flushed >= first {
        // The first of them was on disk as a whole once: somebody has made it so.
        return Some(FirstBad { line: first, what: Wrong::Edited });
    }
    let sequence = seal.head.sequence;
    let what = Wrong::Repeated { sequence };
    (sequence <= first).then_some(FirstBad { line: first + summary.torn_lines, what })
}

/// Whether a trail that holds goes on as far as it is known to have gone.
fn reaches(summary: Summary, kept: Option<&Head>) -> Result<Summary, FirstBad> {
    match kept {
        Some(kept) if kept.sequence > summary.entries => {
            let what = Wrong::CutOff { last: summary.entries, kept: kept.sequence };
            Err(FirstBad { line: summary.entries + 1, what })
        }
        _ => Ok(summary),
    }
}

/// What is wrong with the place of a line that is itself whole.
fn misplaced(seal: &Seal, before: Option<&Head>, kept: Option<&Head>) -> Option<Wrong> {
    let expected = before.map_or(1, |head| head.sequence + 1);
    let sequence = seal.head.sequence;
    if sequence > expected {
        return Some(Wrong::Missing { from: expected, to: sequence - 1 });
    }
    if sequence < expected {
        return Some(Wrong::Repeated { sequence });
    }
    if seal.prev != before.map_or(NONE_BEFORE, |head| head.hash.as_str()) {
        return Some(Wrong::Unchained);
    }
    let is_replaced = kept.is_some_and(|kept| kept.sequence == sequence && kept.hash != seal.head.hash);
    is_replaced.then_some(Wrong::Replaced)
}
