//! Patterns with `*` over one value, without regard to case.

use std::borrow::Cow;

use super::haystack::lower;

/// A pattern that a whole value must fit; pieces are in lower case, stars stand between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Pattern {
    pieces: Vec<Piece>,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// This text; never empty, never next to another text.
    Text(String),
    /// Anything; never next to another star.
    Star,
}

impl Pattern {
    /// Adds text.
    pub(super) fn push(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = lower(text);
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(&text),
            _ => self.pieces.push(Piece::Text(text.into_owned())),
        }
    }

    /// Adds a star.
    pub(super) fn push_star(&mut self) {
        if self.pieces.last() != Some(&Piece::Star) {
            self.pieces.push(Piece::Star);
        }
    }

    /// Its parts.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Its text, if it has no star.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether a value fits.
    pub(super) fn fits(&self, value: &str) -> bool {
        let value: Cow<'_, str> = if value.is_ascii() { Cow::Borrowed(value) } else { lower(value) };
        self.fits_bytes(value.as_bytes())
    }

    /// `value` is ASCII of any case, or lower case.
    fn fits_bytes(&self, mut value: &[u8]) -> bool {
        let mut starred = false;
        for (index, piece) in self.pieces.iter().enumerate() {
            let Piece::Text(text) = piece else {
                starred = true;
                continue;
            };
            let text = text.as_bytes();
            let last = index + 1 == self.pieces.len();
            let found = match (starred, last) {
                (false, _) => value.get(..text.len()).is_some_and(|head| same(head, text)).then_some(0),
                (true, true) => value
                    .len()
                    .checked_sub(text.len())
                    .filter(|&start| value.get(start..).is_some_and(|tail| same(tail, text))),
                (true, false) => value.windows(text.len()).position(|part| same(part, text)),
            };
            let Some(start) = found else { return false };
            value = value.get(start + text.len()..).unwrap_or_default();
            starred = false;
        }
        starred || value.is_empty()
    }
}

/// Whether bytes equal bytes in lower case, but for the case of ASCII letters.
fn same(value: &[u8], lower: &[u8]) -> bool {
    value.len() == lower.len() && value.iter().zip(lower).all(|(a, b)| a.to_ascii_lowercase() == *b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let mut pattern = Pattern::default();
        for (index, part) in text.split('*').enumerate() {
            if index > 0 {
                pattern.push_star();
            }
            pattern.push(part);
        }
        pattern
    }

    #[test]
    fn a_pattern_fits_whole_values_whatever_their_case() {
        for (text, fitting, others) in [
            ("ml.g*", &["ml.g5.xlarge", "ML.G4DN.12XLARGE", "ml.g"][..], &["xml.g5", "ml."][..]),
            ("*large", &["ml.g5.xlarge", "large"], &["larger", "larg"]),
            ("a*b*c", &["abc", "axxbxxc", "abbc"], &["ab", "acb", "abcd"]),
            ("*", &["", "x"], &[]),
            ("", &[""], &["x"]),
            ("zürich*", &["ZÜRICH-1"], &["zurich"]),
            ("aba*aba", &["abaaba", "abaxaba"], &["aba", "ababa"]),
        ] {
            for value in fitting {
                assert!(pattern(text).fits(value), "{text} should fit {value}");
            }
            for value in others {
                assert!(!pattern(text).fits(value), "{text} should not fit {value}");
            }
        }
    }
}
