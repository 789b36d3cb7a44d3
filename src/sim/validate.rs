//! Checks a JSON request against the service's own model of it, and refuses as AWS words it.
//! Knows shapes only, no operation's meaning.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use regex::Regex;
use serde_json::Value;

use super::shapes::{OPERATIONS, SHAPES};
use super::wire::Refusal;

/// What a member may hold; other shapes are referred to by name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// An object: the names that must be there, and all names with their shapes.
    Structure { required: &'static [&'static str], members: &'static [(&'static str, &'static str)] },
    /// An array with so many elements.
    List { member: &'static str, min: usize, max: usize },
    /// An object with free keys.
    Map { key: &'static str, value: &'static str, max: usize },
    /// A text of so many characters, all of which match a pattern.
    String { min: usize, max: usize, pattern: Option<&'static str> },
    /// One of these texts.
    Enum(&'static [&'static str]),
    /// A whole number.
    Integer { min: i64, max: i64 },
    /// A number, with or without a fraction.
    Number { min: f64, max: f64 },
    /// True or false.
    Boolean,
    /// Seconds since the epoch, with or without a fraction.
    Timestamp,
}

fn lookup<T: Copy>(table: &'static [(&'static str, T)], name: &str) -> Option<T> {
    table.binary_search_by_key(&name, |(key, _)| key).ok().map(|index| table[index].1)
}

/// Whether the model has such an operation among those that are served.
pub(super) fn is_known(operation: &str) -> bool {
    lookup(OPERATIONS, operation).is_some()
}

/// Checks the request of an operation.
///
/// # Errors
/// `SerializationException` for what is no such request at all, else `ValidationException` that lists
/// every violation.
pub(super) fn check(operation: &str, request: &Value) -> Result<(), Refusal> {
    let mut violations = Vec::new();
    if let Some(shape) = lookup(OPERATIONS, operation) {
        visit(shape, request, "", &mut violations)?;
    }
    if violations.is_empty() {
        return Ok(());
    }
    let noun = if violations.len() == 1 { "error" } else { "errors" };
    let list = violations.join("; ");
    Err(Refusal::validation(format!("{} validation {noun} detected: {list}", violations.len())))
}

fn visit(shape_name: &str, value: &Value, path: &str, violations: &mut Vec<String>) -> Result<(), Refusal> {
    let Some(shape) = lookup(SHAPES, shape_name) else { return Ok(()) };
    let mut demand = |shown: String, constraint: String| {
        violations.push(format!("Value {shown} at '{path}' failed to satisfy constraint: {constraint}"));
    };
    match (shape, value) {
        (Shape::Structure { required, members }, Value::Object(object)) => {
            if let Some(unknown) = object.keys().find(|key| !members.iter().any(|(name, _)| name == key)) {
                return Err(serialization(format!("Unknown member {unknown} of {shape_name}")));
            }
            for name in required {
                if object.get(*name).is_none_or(Value::is_null) {
                    let at = join(path, &lower_first(name));
                    violations.push(format!(
                        "Value null at '{at}' failed to satisfy constraint: Member must not be null"
                    ));
                }
            }
            for (name, member) in members {
                if let Some(inner) = object.get(*name).filter(|inner| !inner.is_null()) {
                    visit(member, inner, &join(path, &lower_first(name)), violations)?;
                }
            }
        }
        (Shape::List { member, min, max }, Value::Array(elements)) => {
            if elements.len() < min {
                demand(shown(value), format!("Member must have length greater than or equal to {min}"));
            } else if elements.len() > max {
                demand(shown(value), format!("Member must have length less than or equal to {max}"));
            }
            for (index, element) in elements.iter().enumerate() {
                visit(member, element, &format!("{path}.{}.member", index + 1), violations)?;
            }
        }
        (Shape::Map { key, value: member, max }, Value::Object(object)) => {
            if object.len() > max {
                demand(shown(value), format!("Member must have length less than or equal to {max}"));
            }
            for (name, inner) in object {
                visit(key, &Value::from(name.as_str()), &format!("{path}.key"), violations)?;
                visit(member, inner, &format!("{path}.{name}.member"), violations)?;
            }
        }
        (Shape::String { min, max, pattern }, Value::String(text)) => {
            let length = text.encode_utf16().count();
            if length < min {
                demand(shown(value), format!("Member must have length greater than or equal to {min}"));
            } else if length > max {
                demand(shown(value), format!("Member must have length less than or equal to {max}"));
            }
            if let Some(pattern) = pattern.filter(|pattern| !matches(pattern, text)) {
                demand(shown(value), format!("Member must satisfy regular expression pattern: {pattern}"));
            }
        }
        (Shape::Enum(values), Value::String(text)) => {
            if !values.contains(&text.as_str()) {
                demand(shown(value), format!("Member must satisfy enum value set: [{}]", values.join(", ")));
            }
        }
        (Shape::Integer { min, max }, Value::Number(number)) => match number.as_i64() {
            Some(integer) if integer < min => {
                demand(shown(value), format!("Member must have value greater than or equal to {min}"));
            }
            Some(integer) if integer > max => {
                demand(shown(value), format!("Member must have value less than or equal to {max}"));
            }
            Some(_) => {}
            None => return Err(ill_typed(value, shape)),
        },
        (Shape::Number { min, max }, Value::Number(number)) => match number.as_f64() {
            Some(number) if number < min => {
                demand(shown(value), format!("Member must have value greater than or equal to {min}"));
            }
            Some(number) if number > max => {
                demand(shown(value), format!("Member must have value less than or equal to {max}"));
            }
            _ => {}
        },
        (Shape::Boolean, Value::Bool(_)) | (Shape::Timestamp, Value::Number(_)) => {}
        _ => return Err(ill_typed(value, shape)),
    }
    Ok(())
}

fn serialization(message: String) -> Refusal {
    Refusal::new("SerializationException", message)
}

fn ill_typed(value: &Value, shape: Shape) -> Refusal {
    let token = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    };
    let wanted = match shape {
        Shape::Structure { .. } => "a structure",
        Shape::List { .. } => "a list",
        Shape::Map { .. } => "a map",
        Shape::String { .. } | Shape::Enum(_) => "a String",
        Shape::Integer { .. } => "an Integer",
        Shape::Number { .. } => "a Double",
        Shape::Boolean => "a Boolean",
        Shape::Timestamp => "a Timestamp",
    };
    serialization(format!("{token} can not be converted to {wanted}"))
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{text}'"),
        other => format!("'{other}'"),
    }
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + characters.as_str())
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

static COMPILED: OnceLock<Mutex<HashMap<&'static str, Option<Regex>>>> = OnceLock::new();

/// Whether the whole text matches one of the model's patterns. They are written for another engine:
/// the two forms of look-ahead among them are checked by hand.
fn matches(pattern: &'static str, text: &str) -> bool {
    if let Some(rest) = pattern.strip_prefix(r"(?!\s*$)") {
        return !text.chars().all(char::is_whitespace) && matches(rest, text);
    }
    if let Some(rest) = pattern.strip_prefix("(?!^[.-])^") {
        return !text.starts_with(['.', '-']) && matches(rest, text);
    }
    let mut compiled = COMPILED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let regex = compiled.entry(pattern).or_insert_with(|| Regex::new(&format!("^(?:{pattern})$")).ok());
    // A test compiles every pattern of the model, so that `None` does not occur.
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(operation: &str, request: &Value) -> String {
        check(operation, request).unwrap_err().message
    }

    #[test]
    fn the_tables_are_sorted_and_refer_only_to_each_other() {
        assert!(OPERATIONS.is_sorted_by_key(|(name, _)| name));
        assert!(SHAPES.is_sorted_by_key(|(name, _)| name));
        for (_, shape) in OPERATIONS {
            assert!(lookup(SHAPES, shape).is_some(), "{shape}");
        }
        for (name, shape) in SHAPES {
            let referred: Vec<&str> = match shape {
                Shape::Structure { members, .. } => members.iter().map(|(_, shape)| *shape).collect(),
                Shape::List { member, .. } => vec![member],
                Shape::Map { key, value, .. } => vec![key, value],
                _ => Vec::new(),
            };
            for other in referred {
                assert!(lookup(SHAPES, other).is_some(), "{name} refers to {other}");
            }
        }
    }

    #[test]
    fn every_pattern_of_the_model_compiles() {
        for (name, shape) in SHAPES {
            if let Shape::String { pattern: Some(pattern), .. } = shape {
                let rest = pattern.trim_start_matches(r"(?!\s*$)").trim_start_matches("(?!^[.-])^");
                assert!(Regex::new(&format!("^(?:{rest})$")).is_ok(), "{name}: {pattern}");
            }
        }
    }

    #[test]
    fn a_valid_request_passes() {
        let request = json!({
            "DomainId": "d-abc", "SpaceName": "s1", "AppType": "JupyterLab", "AppName": "default",
            "ResourceSpec": {"InstanceType": "ml.t3.medium"}, "Tags": [{"Key": "team", "Value": ""}],
        });
        assert_eq!(check("CreateApp", &request), Ok(()));
        assert_eq!(check("ListApps", &json!({"MaxResults": 100, "NextToken": null})), Ok(()));
    }

    #[test]
    fn every_violation_is_named_in_the_words_of_the_service() {
        assert_eq!(
            message("DescribeDomain", &json!({})),
            "1 validation error detected: Value null at 'domainId' failed to satisfy constraint: \
             Member must not be null"
        );
        assert_eq!(
            message("ListApps", &json!({"MaxResults": 0, "SortOrder": "Up", "DomainIdEquals": "x"})),
            "3 validation errors detected: \
             Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1; \
             Value 'Up' at 'sortOrder' failed to satisfy constraint: Member must satisfy enum value set: [Ascending, Descending]; \
             Value 'x' at 'domainIdEquals' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: d-(-*[a-z0-9]){1,61}"
        );
    }

    #[test]
    fn violations_inside_structures_and_lists_carry_their_path() {
        let request = json!({"ResourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:domain/d-1",
                             "Tags": [{"Key": "a", "Value": "b"}, {"Value": "c"}]});
        assert!(message("AddTags", &request).contains("Value null at 'tags.2.member.key'"));
        let request = json!({"DomainId": "d-1", "SpaceName": "s",
            "SpaceSettings": {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 4}}}});
        assert!(
            message("UpdateSpace", &request)
                .contains("'spaceSettings.spaceStorageSettings.ebsStorageSettings.ebsVolumeSizeInGb'")
        );
    }

    #[test]
    fn the_wrong_type_and_unknown_members_are_no_such_request() {
        for request in [json!({"DomainId": 5}), json!({"DomainId": "d-1", "Domain": "x"}), json!([])] {
            assert_eq!(&*check("DescribeDomain", &request).unwrap_err().code, "SerializationException");
        }
        assert_eq!(
            message("ListApps", &json!({"MaxResults": "10"})),
            "STRING_VALUE can not be converted to an Integer"
        );
    }

    #[test]
    fn look_aheads_are_checked() {
        let space = |name: &str| json!({"DomainId": "d-1", "SpaceName": "s", "SpaceDisplayName": name});
        assert!(check("UpdateSpace", &space("  ")).is_err());
        assert!(check("UpdateSpace", &space(" a ")).is_ok());
        let version = |alias: &str| json!({"ImageName": "i", "Alias": alias});
        assert!(check("DescribeImageVersion", &version("-latest")).is_err());
        assert!(check("DescribeImageVersion", &version("latest")).is_ok());
    }
}
