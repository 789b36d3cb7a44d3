//! Bytes as text: UTF-8 only, and any other encoding is named with what to do about it.

use super::{Place, TextError};

const REMEDY: &str = "save it as UTF-8 (in Excel: \"CSV UTF-8\")";

/// The text of a file, without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, TextError> {
    let refuse = |place, message: String| Err(TextError::new(place, message));
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return refuse(Place::START, format!("this is UTF-16: {REMEDY}, or use iconv -f UTF-16 -t UTF-8"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let place = place_after(&String::from_utf8_lossy(valid));
            if valid.contains(&0) || bytes.iter().take(64).filter(|byte| **byte == 0).count() > 8 {
                return refuse(place, format!("this is UTF-16 or no text at all: {REMEDY}"));
            }
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            return refuse(
                place,
                format!(
                    "the byte 0x{byte:02x} is no UTF-8; the file looks like Latin-1 or Windows-1252: {REMEDY}, \
                     or use iconv -f WINDOWS-1252 -t UTF-8"
                ),
            );
        }
    };
    match text.find('\0') {
        None => Ok(text),
        Some(at) => {
            let place = place_after(text.get(..at).unwrap_or_default());
            refuse(place, format!("has zero bytes: this is UTF-16 or no text at all; {REMEDY}"))
        }
    }
}

/// The place that follows a text.
fn place_after(text: &str) -> Place {
    let start = text.rfind('\n').map_or(0, |at| at + 1);
    Place { line: text.matches('\n').count() + 1, column: text[start..].chars().count() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_goes_and_other_encodings_are_named() {
        assert_eq!(decode("\u{feff}name\n".as_bytes()), Ok("name\n"));
        let utf16: Vec<u8> = "\u{feff}name".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(decode(&utf16).unwrap_err().message.contains("UTF-16"));
        let bare: Vec<u8> = "name\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(decode(&bare).unwrap_err().message.contains("UTF-16"));
        let latin = decode(b"name\nanna\nJ\xf6rg").unwrap_err();
        assert_eq!((latin.line, latin.column), (3, 2));
        assert!(latin.message.contains("0xf6") && latin.message.contains("Latin-1"), "{latin}");
    }
}
