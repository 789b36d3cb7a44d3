//! What makes a line of a file trustworthy: a checksum over it, and no character in it that steers a terminal.

use std::fmt::Write as _;

use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

use crate::fleet::is_hostile;

/// The same JSON with every character that could steer a terminal or hide written as an escape, so that the file
/// can be looked at safely. In JSON such characters stand inside strings only, where both forms mean the same.
pub(super) fn visible(json: String) -> String {
    if !json.contains(is_hostile) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 32);
    for c in json.chars() {
        if is_hostile(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// The SHA-256 of bytes, in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Whether the end of a file, after its last line break, is what a crash leaves of a JSON line that was being
/// written: the beginning of one, or one with the zeros of a block that did not reach the disk. Anything else was
/// put there by somebody.
pub(super) fn is_beginning(json: &[u8]) -> bool {
    let lacks_end =
        |json: &[u8]| serde_json::from_slice::<IgnoredAny>(json).is_err_and(|error| error.is_eof());
    // A number cut off after its sign, point or exponent is no number yet.
    let is_in_number = json.last().is_some_and(|last| b"-+.eE".contains(last));
    json.contains(&0) || lacks_end(json) || (is_in_number && lacks_end(&[json, b"0"].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_become_escapes_that_mean_the_same() {
        let text = "a\u{9b}2J\u{202e}b\u{e0041}c \u{1f600} Z\u{fc}rich";
        let json = serde_json::to_string(text).unwrap();
        let safe = visible(json);
        assert!(!safe.contains(is_hostile), "{safe}");
        assert!(safe.contains("Z\u{fc}rich") && safe.contains("\\u202e"), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
    }

    #[test]
    fn the_hash_is_the_one_of_the_standard() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn every_part_of_a_line_from_its_start_is_a_beginning_and_nothing_else_is() {
        let line = r#"{"n":12,"at":"Zü \u202e","is":{"end":{"step":-1.5e3,"state":[true,null,false]}}}"#;
        for cut in 0..line.len() {
            assert!(is_beginning(&line.as_bytes()[..cut]), "{}", &line[..cut]);
        }
        for other in [line.to_owned(), format!("{line}x"), "{\"n\":x".to_owned(), "hello".to_owned()] {
            assert!(!is_beginning(other.as_bytes()), "{other}");
        }
        assert!(is_beginning(b"{\"n\":12,\0\0\0\"}"));
    }
}
