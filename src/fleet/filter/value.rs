//! Numbers, amounts of money and lengths of time as they are written in filters.

/// The units of time and their seconds, the longest first.
pub(super) const TIME_UNITS: [(char, u64); 5] =
    [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A number such as `100` or `1.5`; nothing else that Rust would take, such as `inf` or `1e9`.
pub(super) fn number(text: &str) -> Option<f64> {
    let shaped =
        text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.bytes().any(|b| b.is_ascii_digit());
    if shaped { text.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

/// An amount such as `1.5` or `$1.5`.
pub(super) fn money(text: &str) -> Option<f64> {
    number(text.strip_prefix('$').unwrap_or(text))
}

/// Seconds of a length of time such as `2h`, `1d12h` or `1.5h`. The unit must be said.
pub(super) fn duration(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (count, tail) = rest.split_at_checked(end)?;
        let letter = tail.chars().next()?;
        let (_, unit) = TIME_UNITS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&letter))?;
        seconds += number(count)? * *unit as f64;
        rest = tail.get(letter.len_utf8()..)?;
    }
    (!text.is_empty()).then_some(seconds).filter(|seconds: &f64| seconds.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_needs_its_unit() {
        for (text, seconds) in [
            ("2h", Some(7_200.0)),
            ("1d12h", Some(129_600.0)),
            ("1.5H", Some(5_400.0)),
            ("90s", Some(90.0)),
            ("2w", Some(1_209_600.0)),
            ("2", None),
            ("", None),
            ("h", None),
            ("2y", None),
            ("2h3", None),
            ("2é", None),
        ] {
            assert_eq!(duration(text), seconds, "{text}");
        }
    }

    #[test]
    fn only_plain_numbers_are_numbers() {
        assert_eq!(number("1.5"), Some(1.5));
        assert_eq!(money("$1.5"), Some(1.5));
        for text in ["inf", "nan", "1e9", "-1", ".", "", "1.2.3", "0x1"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
