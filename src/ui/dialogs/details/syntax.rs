//! The parts of a line of JSON or YAML, one line at a time. Knows no colour, only roles.

use super::super::super::theme::Role;

/// The line in parts, each with what it is.
pub(super) fn parts(line: &str, yaml: bool) -> Vec<(&str, Role)> {
    let indent = line.len() - line.trim_start().len();
    let (blank, rest) = line.split_at(indent);
    let mut parts = Vec::new();
    if !blank.is_empty() {
        parts.push((blank, Role::Fg));
    }
    if yaml {
        yaml_parts(rest, &mut parts);
    } else {
        json_parts(rest, &mut parts);
    }
    parts
}

fn json_parts<'a>(text: &'a str, parts: &mut Vec<(&'a str, Role)>) {
    let Some(end) = quoted(text) else { return value_and_comma(text, parts) };
    let (string, after) = text.split_at(end);
    if let Some(value) = after.strip_prefix(':') {
        parts.push((string, Role::SyntaxKey));
        let blanks = 1 + value.len() - value.trim_start().len();
        let (colon, value) = after.split_at(blanks);
        parts.push((colon, Role::Subtle));
        value_and_comma(value, parts);
    } else {
        value_and_comma(text, parts);
    }
}

fn yaml_parts<'a>(text: &'a str, parts: &mut Vec<(&'a str, Role)>) {
    if text.starts_with('#') {
        return parts.push((text, Role::Muted));
    }
    if let Some(rest) = text.strip_prefix("- ") {
        parts.push((&text[..2], Role::Subtle));
        return yaml_parts(rest, parts);
    }
    // A colon ends a key only before a blank or the end, as in `arn:aws:iam` it does not.
    let key_end = quoted(text).or_else(|| {
        text.match_indices(':')
            .map(|(at, _)| at)
            .find(|at| matches!(text.as_bytes().get(at + 1), None | Some(b' ')))
    });
    match key_end {
        Some(end)
            if text[end..].starts_with(':') && matches!(text.as_bytes().get(end + 1), None | Some(b' ')) =>
        {
            let (key, after) = text.split_at(end);
            parts.push((key, Role::SyntaxKey));
            let value = after[1..].trim_start();
            let (colon, value) = after.split_at(after.len() - value.len());
            parts.push((colon, Role::Subtle));
            if !value.is_empty() {
                parts.push((value, value_role(value)));
            }
        }
        _ => parts.push((text, value_role(text))),
    }
}

/// A value with the comma after it.
fn value_and_comma<'a>(text: &'a str, parts: &mut Vec<(&'a str, Role)>) {
    let value = text.strip_suffix(',').unwrap_or(text);
    if !value.is_empty() {
        parts.push((value, value_role(value)));
    }
    if value.len() < text.len() {
        parts.push((&text[value.len()..], Role::Subtle));
    }
}

fn value_role(value: &str) -> Role {
    match value {
        "true" | "false" | "null" | "~" => Role::SyntaxLiteral,
        _ if value.chars().all(|c| "{}[]".contains(c)) => Role::Subtle,
        _ if value.parse::<f64>().is_ok() => Role::SyntaxNumber,
        _ => Role::SyntaxString,
    }
}

/// Where the string that a text begins with ends.
fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    let mut letters = text.char_indices();
    letters.next().filter(|(_, c)| *c == '"')?;
    for (at, c) in letters {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_apart_into_keys_strings_numbers_and_literals() {
        assert_eq!(
            parts("  \"Na\\\"me\": \"a: b\",", false),
            [
                ("  ", Role::Fg),
                ("\"Na\\\"me\"", Role::SyntaxKey),
                (": ", Role::Subtle),
                ("\"a: b\"", Role::SyntaxString),
                (",", Role::Subtle),
            ]
        );
        assert_eq!(parts("\"x\": -1.5e3", false)[2], ("-1.5e3", Role::SyntaxNumber));
        assert_eq!(parts("null,", false)[0], ("null", Role::SyntaxLiteral));
        assert_eq!(parts("},", false)[0], ("}", Role::Subtle));
    }

    #[test]
    fn yaml_keys_end_at_a_colon_before_a_blank() {
        assert_eq!(
            parts("- Role: arn:aws:iam::1:role/x", true),
            [
                ("- ", Role::Subtle),
                ("Role", Role::SyntaxKey),
                (": ", Role::Subtle),
                ("arn:aws:iam::1:role/x", Role::SyntaxString),
            ]
        );
        assert_eq!(parts("arn:aws:iam::1:role/x", true), [("arn:aws:iam::1:role/x", Role::SyntaxString)]);
        assert_eq!(parts("Settings:", true), [("Settings", Role::SyntaxKey), (":", Role::Subtle)]);
    }

    #[test]
    fn no_letter_of_a_line_is_lost() {
        for line in ["", "   ", "\"open", "a\\", "\"\\", "\"k\":", "- - x", ": ", "{", "\"a\"b"] {
            for yaml in [false, true] {
                let whole: String = parts(line, yaml).into_iter().map(|(part, _)| part).collect();
                assert_eq!(whole, line);
            }
        }
    }
}
