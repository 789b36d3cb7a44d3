//! Members of AWS Query requests, validated as IAM and STS validate them, and the markers of their lists.
//! Knows no operation.

use std::ops::RangeInclusive;

use aws_smithy_types::base64;
use aws_smithy_types::date_time::{DateTime, Format};

use super::clock::Millis;
use super::wire::{Form, Refusal, Xml};
use super::world::Name;

/// The members of one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a>(&'a Form);

impl<'a> Input<'a> {
    pub(super) fn new(form: &'a Form) -> Self {
        Self(form)
    }

    /// A member that may be absent.
    pub(super) fn optional(self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(String::as_str)
    }

    /// A member that may be absent, of a length.
    pub(super) fn text(self, name: &str, length: RangeInclusive<usize>) -> Result<Option<&'a str>, Refusal> {
        let Some(text) = self.optional(name) else { return Ok(None) };
        let count = text.chars().count();
        if count < *length.start() {
            let rule = format!("have length greater than or equal to {}", length.start());
            return Err(violated(name, Some(text), &rule));
        }
        if count > *length.end() {
            let rule = format!("have length less than or equal to {}", length.end());
            return Err(violated(name, Some(text), &rule));
        }
        Ok(Some(text))
    }

    /// A member that must be there, of a length.
    pub(super) fn required(self, name: &str, length: RangeInclusive<usize>) -> Result<&'a str, Refusal> {
        self.text(name, length)?.ok_or_else(|| violated(name, None, "not be null"))
    }

    /// A name as IAM allows them: letters, digits and `+=,.@_-`.
    pub(super) fn name(self, name: &str, longest: usize) -> Result<&'a str, Refusal> {
        let text = self.required(name, 1..=longest)?;
        if text.chars().all(|character| character.is_ascii_alphanumeric() || "+=,.@_-".contains(character)) {
            return Ok(text);
        }
        Err(validation_error(format!(
            "The specified value for {} is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-",
            lower_first(name)
        )))
    }

    /// A number that may be absent.
    pub(super) fn number(self, name: &str, range: RangeInclusive<u32>) -> Result<Option<u32>, Refusal> {
        let Some(text) = self.optional(name) else { return Ok(None) };
        let Ok(number) = text.parse::<i64>() else {
            return Err(Refusal::new("MalformedInput", format!("Invalid number for {name}: {text}")));
        };
        if number < i64::from(*range.start()) {
            let rule = format!("have value greater than or equal to {}", range.start());
            return Err(violated(name, Some(text), &rule));
        }
        if number > i64::from(*range.end()) {
            let rule = format!("have value less than or equal to {}", range.end());
            return Err(violated(name, Some(text), &rule));
        }
        Ok(u32::try_from(number).ok())
    }
}

/// `ValidationError`, as IAM and STS spell it.
pub(super) fn validation_error(message: impl Into<String>) -> Refusal {
    Refusal::new("ValidationError", message)
}

fn violated(name: &str, value: Option<&str>, rule: &str) -> Refusal {
    let value = value.map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
    validation_error(format!(
        "1 validation error detected: Value {value} at '{}' failed to satisfy constraint: Member must {rule}",
        lower_first(name)
    ))
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + characters.as_str())
}

/// One page of a list that is in order of its keys.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    marker: Option<String>,
}

impl<T> Page<T> {
    /// The page that a request's `Marker` and `MaxItems` (1 to 1,000, 100 when absent) ask for. `list` names
    /// the list and what it is of: a marker is refused in any other.
    pub(super) fn of<'k>(
        input: Input<'_>,
        list: &str,
        rows: impl Iterator<Item = (&'k str, T)>,
    ) -> Result<Self, Refusal> {
        let size = input.number("MaxItems", 1..=1_000)?.unwrap_or(100) as usize;
        let after = match input.text("Marker", 1..=320)? {
            None => None,
            Some(marker) => {
                Some(read_marker(list, marker).ok_or_else(|| validation_error("Invalid Marker."))?)
            }
        };
        let mut rows =
            rows.skip_while(|(key, _)| after.as_deref().is_some_and(|after| *key <= after)).peekable();
        let mut page = Self { rows: Vec::new(), marker: None };
        while let Some((key, row)) = rows.next() {
            page.rows.push(row);
            if page.rows.len() == size {
                page.marker = rows.peek().is_some().then(|| marker(list, key));
                break;
            }
        }
        Ok(page)
    }

    /// Writes the page: the list, each row's elements by `write`, and where it goes on.
    pub(super) fn into_xml(self, name: &str, write: impl FnMut(T) -> Xml) -> Xml {
        let list = Xml::new().members(name, self.rows.into_iter().map(write));
        ending(self.marker.as_deref(), list)
    }
}

impl Page<&Name> {
    /// Writes a page of plain texts.
    pub(super) fn into_texts(self, name: &str) -> Xml {
        let list = self.rows.into_iter().fold(Xml::new(), |list, text| list.text("member", text));
        ending(self.marker.as_deref(), Xml::new().element(name, list))
    }
}

fn ending(marker: Option<&str>, list: Xml) -> Xml {
    let truncated = if marker.is_some() { "true" } else { "false" };
    list.text("IsTruncated", truncated).optional("Marker", marker)
}

/// A marker that resumes a list after a key.
pub(super) fn marker(list: &str, key: &str) -> String {
    base64::encode(format!("{:016x}{key}", fingerprint(&[list, key])))
}

/// The key that a marker of this list resumes after.
pub(super) fn read_marker(list: &str, marker: &str) -> Option<String> {
    let text = String::from_utf8(base64::decode(marker).ok()?).ok()?;
    let (sum, key) = text.split_at_checked(16)?;
    (u64::from_str_radix(sum, 16) == Ok(fingerprint(&[list, key]))).then(|| key.to_owned())
}

/// A 64-bit FNV-1a hash of some strings, the same on every machine.
pub(super) fn fingerprint(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xFF]));
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// A unique id as IAM makes them: a prefix such as `AROA` and 17 letters and digits.
pub(super) fn unique_id(prefix: &str, of: &[&str]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let salted: Vec<&str> = of.iter().copied().chain([prefix]).collect();
    let bits = (u128::from(fingerprint(of)) << 64) | u128::from(fingerprint(&salted));
    let tail = (0..17).map(|index| char::from(ALPHABET[(bits >> (index * 5)) as usize % 32]));
    prefix.chars().chain(tail).collect()
}

/// An instant as the Query services write it, to the second.
pub(super) fn instant(at: Millis) -> String {
    DateTime::from_secs(at.div_euclid(1_000)).fmt(Format::DateTime).unwrap_or_default()
}

/// A text percent-encoded as RFC 3986 asks: all but letters, digits and `-._~`.
pub(super) fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;

    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn page(pairs: &[(&str, &str)], list: &str) -> Result<Page<u32>, Refusal> {
        let form = form(pairs);
        Page::of(Input::new(&form), list, [("a", 1), ("b", 2), ("c", 3)].into_iter())
    }

    #[test]
    fn a_marker_resumes_its_own_list_and_no_other() {
        let first = page(&[("MaxItems", "2")], "roles").unwrap();
        assert_eq!(first.rows, [1, 2]);
        let marker = first.marker.unwrap();
        let last = page(&[("Marker", &marker)], "roles").unwrap();
        assert_eq!((last.rows, last.marker), (vec![3], None));
        assert_eq!(page(&[("Marker", &marker)], "policies").unwrap_err().code.as_ref(), "ValidationError");
        assert_eq!(page(&[("Marker", &marker[2..])], "roles").unwrap_err().message, "Invalid Marker.");
    }

    #[test]
    fn a_last_full_page_says_that_it_is_the_last() {
        assert_eq!(page(&[("MaxItems", "3")], "roles").unwrap().marker, None);
    }

    #[test]
    fn members_out_of_range_are_refused_in_the_words_of_aws() {
        let refusal = page(&[("MaxItems", "1001")], "roles").unwrap_err();
        assert_eq!(
            refusal.message,
            "1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must \
             have value less than or equal to 1000"
        );
        let empty = form(&[]);
        let refusal = Input::new(&empty).name("RoleName", 64).unwrap_err();
        assert!(refusal.message.contains("Value null at 'roleName'"), "{}", refusal.message);
    }

    #[test]
    fn documents_are_encoded_as_rfc_3986_asks() {
        assert_eq!(percent_encoded("{\"a\": \"é*~\"}"), "%7B%22a%22%3A%20%22%C3%A9%2A~%22%7D");
    }

    #[test]
    fn unique_ids_have_the_length_and_alphabet_of_iam() {
        let id = unique_id("AROA", &["123456789012", "MLAdmin"]);
        assert_eq!(id.len(), 21);
        assert!(
            id.starts_with("AROA")
                && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        );
        assert_ne!(id, unique_id("AROA", &["210987654321", "MLAdmin"]));
    }

    #[test]
    fn instants_are_written_to_the_second() {
        assert_eq!(instant(1_700_000_000_999), "2023-11-14T22:13:20Z");
    }
}
