//! Remote text made harmless where it enters: no control, bidi or zero-width character survives as itself.

use std::fmt::Write as _;
use std::sync::Arc;

/// Makes remote text safe to draw, log and copy.
///
/// Control characters (C0, DEL, C1), bidirectional overrides, zero-width and tag characters become a visible
/// `\u{..}` form, so that a hostile name shows itself instead of steering the terminal or hiding.
/// Text without any of them, which is nearly all text, is copied unchanged.
pub fn harmless(text: &str) -> Arc<str> {
    if !text.chars().any(is_hostile) {
        return Arc::from(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Arc::from(out)
}

/// Whether a character can steer a terminal, reorder its neighbours or be invisible.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_of_any_script_is_unchanged() {
        for text in ["anna-k", "Zürich 東京", "a.b_c:d/e=f+g@h", ""] {
            assert_eq!(&*harmless(text), text);
        }
    }

    #[test]
    fn control_bidi_and_zero_width_characters_become_visible() {
        assert_eq!(&*harmless("a\x1b]52;c;x\x07b"), "a\\u{1b}]52;c;x\\u{7}b");
        assert_eq!(&*harmless("x\u{202e}y\u{200b}z\u{9b}"), "x\\u{202e}y\\u{200b}z\\u{9b}");
        assert_eq!(&*harmless("two\nlines\r"), "two\\u{a}lines\\u{d}");
    }
}
