//! Whether a description shows what a request asked for. Knows documents, not what they are about.

use serde_json::{Map, Value};

/// What AWS appends to a member's name in a request to change, and leaves out in the description.
const FOR_UPDATE: &str = "ForUpdate";

/// The first member of a request that the description shows otherwise, as a path: `UserSettings.ExecutionRole`.
///
/// A description tells more than was asked for, and of some requests' members nothing at all: the latter are not
/// compared. An empty member is the same as a missing one, and the order of a list does not count.
pub(super) fn difference(wanted: &Map<String, Value>, shown: &Map<String, Value>) -> Option<String> {
    wanted.iter().find_map(|(name, wanted)| {
        let shown = member(shown, name)?;
        differs(wanted, shown).then(|| name.clone()).map(|name| path(name, wanted, shown))
    })
}

/// The path to what differs within a member that does.
fn path(name: String, wanted: &Value, shown: &Value) -> String {
    let (Value::Object(wanted), Value::Object(shown)) = (wanted, shown) else { return name };
    let inner = wanted.iter().find_map(|(inner, wanted)| {
        let shown = member(shown, inner).unwrap_or(&Value::Null);
        differs(wanted, shown).then(|| path(inner.clone(), wanted, shown))
    });
    inner.map_or(name.clone(), |inner| format!("{name}.{inner}"))
}

fn differs(wanted: &Value, shown: &Value) -> bool {
    if is_empty(wanted) {
        // What is asked to be empty may be shown with AWS's own defaults in it.
        return !(is_empty(shown) || shown.is_object());
    }
    match (wanted, shown) {
        (Value::Object(wanted), Value::Object(shown)) => {
            wanted.iter().any(|(name, wanted)| differs(wanted, member(shown, name).unwrap_or(&Value::Null)))
        }
        (Value::Array(wanted), Value::Array(shown)) => {
            wanted.len() != shown.len()
                || wanted.iter().any(|wanted| !shown.iter().any(|shown| !differs(wanted, shown)))
        }
        (Value::Number(wanted), Value::Number(shown)) => wanted.as_f64() != shown.as_f64(),
        (Value::Object(_), Value::Null) => !all_empty(wanted),
        _ => wanted != shown,
    }
}

fn member<'a>(of: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    of.get(name).or_else(|| of.get(name.strip_suffix(FOR_UPDATE)?))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn all_empty(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().all(all_empty),
        other => is_empty(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn compared(wanted: &Value, shown: &Value) -> Option<String> {
        let (Value::Object(wanted), Value::Object(shown)) = (wanted, shown) else { panic!("not objects") };
        difference(wanted, shown)
    }

    #[test]
    fn a_description_may_tell_more_but_not_other_than_was_asked_for() {
        let shown = json!({
            "UserSettings": { "ExecutionRole": "r", "SecurityGroups": ["sg-2", "sg-1"], "Portal": {"Hidden": ["A"]} },
            "DomainSettings": { "DockerSettings": { "EnableDockerAccess": "ENABLED" } },
            "SpaceDisplayName": "Lab",
            "Size": 5.0
        });
        for (wanted, expected) in [
            (json!({ "UserSettings": { "ExecutionRole": "r" } }), None),
            (json!({ "UserSettings": { "ExecutionRole": "other" } }), Some("UserSettings.ExecutionRole")),
            (json!({ "UserSettings": { "SecurityGroups": ["sg-1", "sg-2"] } }), None),
            (json!({ "UserSettings": { "SecurityGroups": ["sg-1"] } }), Some("UserSettings.SecurityGroups")),
            (json!({ "UserSettings": { "Portal": { "Hidden": [] } } }), Some("UserSettings.Portal.Hidden")),
            (json!({ "UserSettings": { "Missing": { "Empty": [] } } }), None),
            (json!({ "UserSettings": { "Missing": { "Full": 1 } } }), Some("UserSettings.Missing")),
            (json!({ "NotDescribed": "anything" }), None),
            (json!({ "SpaceDisplayName": "Lap" }), Some("SpaceDisplayName")),
            (json!({ "Size": 5 }), None),
            (
                json!({ "DomainSettingsForUpdate": { "DockerSettings": { "EnableDockerAccess": "DISABLED" } } }),
                Some("DomainSettingsForUpdate.DockerSettings.EnableDockerAccess"),
            ),
        ] {
            assert_eq!(compared(&wanted, &shown).as_deref(), expected, "{wanted}");
        }
    }
}
