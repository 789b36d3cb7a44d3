//! Text in columns of the terminal: cutting, wrapping, and what a tone looks like. Knows no widget.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::console::Tone;
use crate::fleet::wording::{Count, Counted, Money, Span};

use super::theme::{Role, Symbols};

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text in at most so many columns; where something is cut, the ellipsis says so.
pub(crate) fn cut<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut kept = String::with_capacity(columns + ellipsis.len());
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += width(grapheme);
        if used > columns - 1 {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.push_str(ellipsis);
    Cow::Owned(kept)
}

/// The end of the text in at most so many columns; where something before it is cut, the ellipsis says so.
pub(crate) fn cut_front<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 1;
    let kept = text.grapheme_indices(true).rev().take_while(|(_, grapheme)| {
        used += width(grapheme);
        used <= columns
    });
    match kept.last() {
        Some((at, _)) => Cow::Owned(format!("{ellipsis}{}", &text[at..])),
        None => Cow::Borrowed(""),
    }
}

/// The text in lines of at most so many columns, broken at blanks where there are any.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let wide = width(word);
        if used > 0 && used + 1 + wide > columns {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        if wide <= columns - used {
            line.push_str(word);
            used += wide;
            continue;
        }
        // A word wider than a line, such as an ARN, is broken anywhere.
        for grapheme in word.graphemes(true) {
            let wide = width(grapheme);
            if used + wide > columns && used > 0 {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(grapheme);
            used += wide;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A number with its thousands told apart: `1,204`.
pub(crate) fn count(number: usize) -> String {
    Count(number as u64).to_string()
}

/// A number with its noun in the right form: `1 step`, `14 steps`.
pub(crate) fn counted(number: usize, noun: &'static str) -> String {
    Counted(number, noun).to_string()
}

/// A span of time, as short as one reads an age.
pub(crate) fn span(seconds: i64) -> String {
    Span::seconds(seconds as f64).to_string()
}

/// US dollars: `$7.09`.
pub(crate) fn money(dollars: f64) -> String {
    Money(dollars).to_string()
}

/// A span of time as a clock shows it: `14:32`, `1:04:09`.
pub(crate) fn clock(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours == 0 { format!("{minutes:02}:{rest:02}") } else { format!("{hours}:{minutes:02}:{rest:02}") }
}

/// The role that draws a tone.
pub(crate) fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Fg,
        Tone::Muted => Role::Muted,
        Tone::Ok => Role::Ok,
        Tone::Pending => Role::Pending,
        Tone::Warn => Role::Warn,
        Tone::Error => Role::Error,
        Tone::Idle => Role::Idle,
        Tone::Unknown => Role::Unknown,
        Tone::Deleted => Role::Deleted,
        Tone::Money => Role::Money,
        Tone::Accent => Role::Accent,
    }
}

/// The glyph of a tone that is a state, so that a state is never told by colour alone.
pub(crate) fn glyph(tone: Tone, symbols: &Symbols) -> Option<&'static str> {
    match tone {
        Tone::Plain | Tone::Muted | Tone::Money | Tone::Accent => None,
        Tone::Ok => Some(symbols.ok),
        Tone::Pending => Some(symbols.pending),
        Tone::Warn => Some(symbols.warn),
        Tone::Error => Some(symbols.error),
        Tone::Idle => Some(symbols.idle),
        Tone::Unknown => Some(symbols.unknown),
        Tone::Deleted => Some(symbols.deleted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_fits_and_says_that_it_was_cut() {
        assert_eq!(cut("research", 8, "…"), "research");
        assert_eq!(cut("research", 5, "…"), "rese…");
        assert_eq!(cut("東京都", 4, "…"), "東…");
        assert_eq!(cut("research", 0, "…"), "");
        assert_eq!(cut("research", 1, "…"), "…");
    }

    #[test]
    fn a_wrapped_text_loses_no_word_and_fits() {
        let text =
            "AccessDeniedException: not authorized to perform sagemaker:ListApps on arn:aws:sagemaker:eu";
        let lines = wrap(text, 20);
        assert!(lines.iter().all(|line| width(line) <= 20), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn a_clock_shows_minutes_and_hours_when_there_are_any() {
        assert_eq!([clock(872), clock(3_849), clock(-5)], ["14:32", "1:04:09", "00:00"]);
    }
}
