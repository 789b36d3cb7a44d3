//! What a step changes in an object, member by member, for people: settings are documents of AWS, nested and long,
//! and a person looks at what is different.

use serde_json::Value;

use super::{Change, Document, Step};

/// The longest value shown whole, in characters.
const LONGEST: usize = 120;

/// One member that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it is, by AWS's names: `UserSettings.ExecutionRole`.
    pub path: String,
    /// Its value before; `None` if there was none.
    pub before: Option<String>,
    /// Its value afterwards; `None` if it is removed.
    pub after: Option<String>,
}

impl Step {
    /// What the step changes in its object, or gives a new one.
    pub fn differences(&self) -> Vec<Difference> {
        match &self.change {
            Change::AddTags(_, tags) => tags
                .iter()
                .map(|tag| Difference {
                    path: format!("tag {}", tag.key),
                    before: self.tag_before(&tag.key),
                    after: Some(tag.value.to_string()),
                })
                .collect(),
            Change::RemoveTags(_, keys) => keys
                .iter()
                .map(|key| Difference {
                    path: format!("tag {key}"),
                    before: Some(self.tag_before(key).unwrap_or_default()),
                    after: None,
                })
                .collect(),
            Change::CreateLifecycleConfig(..) => Vec::new(),
            change => match change.document() {
                Some(after) => differences(self.before.as_ref(), after),
                None => Vec::new(),
            },
        }
    }

    fn tag_before(&self, key: &str) -> Option<String> {
        let tags = self.before.as_ref()?.get("Tags")?.as_array()?;
        let tag = tags.iter().find(|tag| tag.get("Key").and_then(Value::as_str) == Some(key))?;
        tag.get("Value").and_then(Value::as_str).map(str::to_owned)
    }
}

/// The members of `after` that `before` has not or has otherwise. Members only `before` has stay as they are: an
/// update leaves alone what it does not name.
fn differences(before: Option<&Document>, after: &Document) -> Vec<Difference> {
    let mut found = Vec::new();
    for (name, value) in after {
        walk(name, before.and_then(|before| before.get(name)), value, &mut found);
    }
    found
}

fn walk(path: &str, before: Option<&Value>, after: &Value, found: &mut Vec<Difference>) {
    if before == Some(after) {
        return;
    }
    if let Value::Object(members) = after {
        let known = before.and_then(Value::as_object);
        for (name, value) in members {
            walk(&format!("{path}.{name}"), known.and_then(|known| known.get(name)), value, found);
        }
        // A structure is sent whole, so that what it had and has not now is taken away.
        for (name, value) in known.into_iter().flatten().filter(|(name, _)| !members.contains_key(*name)) {
            found.push(Difference {
                path: format!("{path}.{name}"),
                before: Some(shown(value)),
                after: None,
            });
        }
        return;
    }
    found.push(Difference { path: path.to_owned(), before: before.map(shown), after: Some(shown(after)) });
}

/// A value as a person reads it.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    let safe = crate::fleet::harmless(&text);
    if safe.chars().count() <= LONGEST {
        return safe.to_string();
    }
    let mut short: String = safe.chars().take(LONGEST).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(value: Value) -> Document {
        match value {
            Value::Object(members) => members,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn only_what_is_different_is_named_however_deep_it_is() {
        let before = document(json!({
            "UserSettings": { "ExecutionRole": "old", "SecurityGroups": ["sg-1"], "JupyterLabAppSettings": { "A": 1, "B": 2 } }
        }));
        let after = document(json!({
            "UserSettings": { "ExecutionRole": "new", "SecurityGroups": ["sg-1"], "JupyterLabAppSettings": { "A": 1 } }
        }));
        let found = differences(Some(&before), &after);
        let lines: Vec<_> = found
            .iter()
            .map(|one| (one.path.as_str(), one.before.as_deref(), one.after.as_deref()))
            .collect();
        assert_eq!(
            lines,
            [
                ("UserSettings.ExecutionRole", Some("old"), Some("new")),
                ("UserSettings.JupyterLabAppSettings.B", Some("2"), None),
            ]
        );
        assert!(differences(Some(&after), &after).is_empty());
        assert_eq!(differences(None, &after).len(), 3);
    }
}
