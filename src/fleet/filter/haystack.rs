//! The text a plain word is looked for in: the shown cells of many rows, in lower case, in one allocation.

use std::borrow::Cow;

/// What stands between the cells of a row. Remote text cannot contain it: it is made visible where it enters.
pub(super) const CELL_END: char = '\n';

/// The shown cells of rows, in lower case.
#[derive(Debug, Clone, Default)]
pub struct Haystack {
    text: String,
    ends: Vec<usize>,
}

impl Haystack {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets the rows and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a row; `cells` appends its cells with [`lower_into`].
    pub fn push(&mut self, cells: impl FnOnce(&mut String)) {
        cells(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// The cells of a row; empty beyond the last one.
    pub fn row(&self, index: usize) -> &str {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Appends a cell in lower case, and its end.
pub fn lower_into(out: &mut String, cell: &str) {
    let start = out.len();
    if cell.is_ascii() {
        out.push_str(cell);
        if let Some(added) = out.get_mut(start..) {
            added.make_ascii_lowercase();
        }
    } else {
        out.extend(cell.chars().flat_map(char::to_lowercase));
    }
    out.push(CELL_END);
}

/// Text in lower case, letter by letter, as [`lower_into`] does it.
pub(super) fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().flat_map(char::to_lowercase).collect())
}

/// Whether the letters of `needle` come in order within one cell; both are in lower case.
pub(super) fn fuzzy(haystack: &str, needle: &str) -> bool {
    if needle.is_ascii() {
        // Bytes of letters beyond ASCII are all 0x80 and above, so they never meet those of the needle.
        return subsequence(haystack.bytes(), needle.as_bytes(), b'\n');
    }
    let needle: Vec<char> = needle.chars().collect();
    subsequence(haystack.chars(), &needle, CELL_END)
}

/// Whether the letters of `needle` come in order in `text` without `end` between them.
pub(super) fn subsequence<T: Copy + PartialEq>(text: impl Iterator<Item = T>, needle: &[T], end: T) -> bool {
    let Some(&first) = needle.first() else { return true };
    let (mut wanted, mut next) = (first, 0);
    for letter in text {
        if letter == wanted {
            next += 1;
            match needle.get(next) {
                Some(&letter) => wanted = letter,
                None => return true,
            }
        } else if letter == end {
            (wanted, next) = (first, 0);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(cells: &[&str]) -> String {
        let mut out = String::new();
        for cell in cells {
            lower_into(&mut out, cell);
        }
        out
    }

    #[test]
    fn a_word_matches_letters_in_order_within_one_cell_only() {
        let row = cells(&["Anna-K", "Research", "ml.g5.12xlarge"]);
        for word in ["anna", "ak", "rsrch", "g512", "mllarge", ""] {
            assert!(fuzzy(&row, word), "{word}");
        }
        for word in ["kr", "annaresearch", "ka", "g55"] {
            assert!(!fuzzy(&row, word), "{word}");
        }
    }

    #[test]
    fn letters_beyond_ascii_match_as_letters_and_not_as_bytes() {
        let row = cells(&["ZÜRICH 東京"]);
        assert!(fuzzy(&row, "zü京"));
        assert!(!fuzzy(&row, "å"), "shares a byte with ü and no letter");
    }

    #[test]
    fn rows_are_found_by_their_position() {
        let mut haystack = Haystack::default();
        haystack.push(|out| lower_into(out, "A"));
        haystack.push(|_| {});
        haystack.push(|out| lower_into(out, "B"));
        let rows: Vec<_> = (0..4).map(|index| haystack.row(index)).collect();
        assert_eq!(rows, ["a\n", "", "b\n", ""]);
    }
}
