//! A file's lines from the last to the first, in bounded memory. Knows nothing of what they say.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// How much is read at once.
const CHUNK: u64 = 64 * 1024;

/// A line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineAt {
    /// Without its line break.
    pub(super) text: Vec<u8>,
    /// Where it begins, in bytes.
    pub(super) from: u64,
    /// Whether it ends in a line break; only the last line of a file may lack it.
    pub(super) is_terminated: bool,
}

/// Reads lines from the end.
#[derive(Debug)]
pub(super) struct Backwards<'a> {
    file: &'a File,
    /// Up to here everything has been given out.
    end: u64,
    /// What has been read before `end`, and not yet given out.
    held: Vec<u8>,
}

impl<'a> Backwards<'a> {
    /// The lines of the first `length` bytes of a file.
    pub(super) fn new(file: &'a File, length: u64) -> Self {
        Self { file, end: length, held: Vec::new() }
    }

    /// The line before the one given out last.
    pub(super) fn next(&mut self) -> io::Result<Option<LineAt>> {
        if self.end == 0 {
            return Ok(None);
        }
        if self.held.is_empty() {
            self.read_more()?;
        }
        let is_terminated = self.held.last() == Some(&b'\n');
        // Each byte is looked at once, however long the line.
        let mut unseen = self.held.len() - usize::from(is_terminated);
        let begin = loop {
            if let Some(at) = self.held[..unseen].iter().rposition(|byte| *byte == b'\n') {
                break at + 1;
            }
            unseen = self.read_more()?;
            if unseen == 0 {
                break 0;
            }
        };
        let mut text = self.held.split_off(begin);
        self.end -= text.len() as u64;
        if is_terminated {
            text.pop();
        }
        Ok(Some(LineAt { text, from: self.end, is_terminated }))
    }

    /// Reads what stands before what is held; says how many bytes.
    fn read_more(&mut self) -> io::Result<usize> {
        let until = self.end - self.held.len() as u64;
        let from = until.saturating_sub(CHUNK);
        let mut more = vec![0; usize::try_from(until - from).unwrap_or_default()];
        self.file.seek(SeekFrom::Start(from))?;
        self.file.read_exact(&mut more)?;
        let read = more.len();
        more.append(&mut self.held);
        self.held = more;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn lines(content: &[u8]) -> Vec<LineAt> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let mut reader = Backwards::new(&file, content.len() as u64);
        std::iter::from_fn(|| reader.next().unwrap()).collect()
    }

    fn line(text: &str, from: u64, is_terminated: bool) -> LineAt {
        LineAt { text: text.into(), from, is_terminated }
    }

    #[test]
    fn lines_come_from_the_last_to_the_first_with_their_places() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"a"), [line("a", 0, false)]);
        assert_eq!(lines(b"a\n"), [line("a", 0, true)]);
        assert_eq!(lines(b"ab\n\nc"), [line("c", 4, false), line("", 3, true), line("ab", 0, true)]);
    }

    #[test]
    fn lines_longer_than_a_chunk_are_whole() {
        let content: String = (0..40).map(|n| "x".repeat(n * 9_973) + "\n").collect();
        let mut seen: Vec<String> =
            lines(content.as_bytes()).into_iter().map(|line| String::from_utf8(line.text).unwrap()).collect();
        seen.reverse();
        assert_eq!(seen, content.lines().collect::<Vec<_>>());
    }
}
