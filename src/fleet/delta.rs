//! How two documents of AWS differ, member by member: what a screen shows before an edit, and what a comparison finds.

use std::fmt;

use serde_json::Value;

use super::Document;

/// A member that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Delta {
    /// The member by its path in AWS's names: `UserSettings.JupyterLabAppSettings.LifecycleConfigArns`.
    pub member: String,
    /// Its value before; `None` if it was not there.
    pub before: Option<Value>,
    /// Its value after; `None` if it goes.
    pub after: Option<Value>,
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} -> {}", self.member, Shown(self.before.as_ref()), Shown(self.after.as_ref()))
    }
}

/// A value in few words: text as it is, lists with commas, anything deeper as JSON.
pub struct Shown<'a>(pub Option<&'a Value>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None | Some(Value::Null) => f.write_str("(none)"),
            Some(Value::String(text)) => f.write_str(&super::harmless(text)),
            Some(Value::Array(items)) if items.is_empty() => f.write_str("(empty)"),
            Some(Value::Array(items)) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
                for (index, item) in items.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", Shown(Some(item)))?;
                }
                Ok(())
            }
            Some(value) => f.write_str(&super::harmless(&value.to_string())),
        }
    }
}

/// Every member in which two documents differ.
pub fn deltas(before: &Document, after: &Document) -> Vec<Delta> {
    let mut found = Vec::new();
    compare("", before, after, true, &mut found);
    found
}

/// The members of `wanted` that are not so in `there`; what `there` has besides does not matter.
pub fn unmet(wanted: &Document, there: &Document) -> Vec<Delta> {
    let mut found = Vec::new();
    compare("", there, wanted, false, &mut found);
    found
}

/// Lays `over` upon `base`: structures are joined member by member, anything else replaces what was there.
pub fn overlay(base: &mut Document, over: &Document) {
    for (name, value) in over {
        match (base.get_mut(name), value) {
            (Some(Value::Object(inner)), Value::Object(over)) => overlay(inner, over),
            (Some(slot), value) => *slot = value.clone(),
            (None, value) => drop(base.insert(name.clone(), value.clone())),
        }
    }
}

/// The outermost members that differ, as they were and as they are to be. AWS takes such members as wholes.
pub fn touched(before: &Document, after: &Document) -> (Document, Document) {
    let mut old = Document::new();
    let mut new = Document::new();
    for (name, value) in after {
        let was = before.get(name);
        if !is_same(was.unwrap_or(&Value::Null), value) {
            new.insert(name.clone(), value.clone());
            if let Some(was) = was {
                old.insert(name.clone(), was.clone());
            }
        }
    }
    (old, new)
}

fn compare(path: &str, before: &Document, after: &Document, removed: bool, found: &mut Vec<Delta>) {
    let member = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, value) in after {
        match (before.get(name), value) {
            (Some(Value::Object(was)), Value::Object(is)) => compare(&member(name), was, is, removed, found),
            (None, Value::Object(is)) if !is.is_empty() => {
                compare(&member(name), &Document::new(), is, removed, found);
            }
            (Some(was), is) if is_same(was, is) => {}
            (None, is) if is_nothing(is) => {}
            (was, is) => {
                found.push(Delta { member: member(name), before: was.cloned(), after: Some(is.clone()) });
            }
        }
    }
    if removed {
        for (name, was) in before.iter().filter(|(name, was)| !after.contains_key(*name) && !is_nothing(was))
        {
            found.push(Delta { member: member(name), before: Some(was.clone()), after: None });
        }
    }
}

/// Whether a member with this value says no more than one that is left out.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
        _ => false,
    }
}

/// Whether two values mean the same: AWS's lists of ids and ARNs have no order.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(a), Value::Array(b)) => {
            let texts = |items: &[Value]| {
                let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
                texts.sort();
                texts
            };
            a.len() == b.len() && (a == b || texts(a) == texts(b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.iter().all(|(name, value)| b.get(name).map_or(is_nothing(value), |other| is_same(value, other)))
                && b.iter().all(|(name, value)| a.contains_key(name) || is_nothing(value))
        }
        (left, right) => left == right || (is_nothing(left) && is_nothing(right)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(value: Value) -> Document {
        let Value::Object(members) = value else { panic!("{value}") };
        members
    }

    #[test]
    fn differences_are_named_by_their_path_and_an_empty_member_is_none() {
        let before = document(json!({
            "ExecutionRole": "a", "SecurityGroups": ["sg-1", "sg-2"], "Old": 1, "Empty": [],
            "JupyterLabAppSettings": { "DefaultResourceSpec": { "InstanceType": "ml.t3.medium" } }
        }));
        let after = document(json!({
            "ExecutionRole": "b", "SecurityGroups": ["sg-2", "sg-1"], "CustomImages": [],
            "JupyterLabAppSettings": { "DefaultResourceSpec": { "InstanceType": "ml.m5.large" }, "LifecycleConfigArns": ["x"] }
        }));
        let found: Vec<String> = deltas(&before, &after).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "ExecutionRole: a -> b",
                "JupyterLabAppSettings.DefaultResourceSpec.InstanceType: ml.t3.medium -> ml.m5.large",
                "JupyterLabAppSettings.LifecycleConfigArns: (none) -> x",
                "Old: 1 -> (none)",
            ]
        );
        let wanted = document(json!({ "ExecutionRole": "a", "SecurityGroups": ["sg-2", "sg-1"] }));
        assert_eq!(unmet(&wanted, &before), []);
        let (old, new) = touched(&before, &after);
        assert_eq!(new.keys().collect::<Vec<_>>(), ["ExecutionRole", "JupyterLabAppSettings"]);
        assert_eq!(old["ExecutionRole"], "a");
    }

    #[test]
    fn an_overlay_joins_structures_and_replaces_lists() {
        let mut base = document(json!({ "A": { "B": 1, "C": [1, 2] }, "D": "x" }));
        overlay(&mut base, &document(json!({ "A": { "C": [3] }, "E": {} })));
        assert_eq!(Value::Object(base), json!({ "A": { "B": 1, "C": [3] }, "D": "x", "E": {} }));
    }
}
