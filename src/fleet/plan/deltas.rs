//! What a step changes in an object, member by member, for people: settings are documents of AWS, nested and long,
//! and a person looks at what is different.

use serde_json::Value;

use super::{Change, Document, Step};
use crate::fleet::delta::{Delta, deltas};

impl Step {
    /// What the step changes in its object, or gives a new one.
    pub fn deltas(&self) -> Vec<Delta> {
        let tag = |key: &str, after: Option<&str>| Delta {
            member: format!("tag {key}"),
            before: self.tag_before(key),
            after: after.map(Value::from),
        };
        match &self.change {
            Change::AddTags(_, tags) => tags.iter().map(|one| tag(&one.key, Some(&one.value))).collect(),
            Change::RemoveTags(_, keys) => keys.iter().map(|key| tag(key, None)).collect(),
            // A script is no setting; its name says what it is.
            Change::CreateLifecycleConfig(..) => Vec::new(),
            // What is asked for is called otherwise than what is there.
            Change::RequestQuota(_, wanted) => vec![Delta {
                member: "Value".to_owned(),
                before: self.before.as_ref().and_then(|before| before.get("Value").cloned()),
                after: wanted.get("DesiredValue").cloned(),
            }],
            change => {
                let Some(after) = change.document() else { return Vec::new() };
                // An update leaves alone what it does not name.
                let before: Document = self
                    .before
                    .iter()
                    .flatten()
                    .filter(|(name, _)| after.contains_key(*name))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect();
                deltas(&before, after)
            }
        }
    }

    fn tag_before(&self, key: &str) -> Option<Value> {
        let tags = self.before.as_ref()?.get("Tags")?.as_array()?;
        tags.iter().find(|tag| tag.get("Key").and_then(Value::as_str) == Some(key))?.get("Value").cloned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fleet::{AccountId, Bound, DomainId, Name, Region, Scope, Tag, Timestamp, UserKey};

    fn document(value: Value) -> Document {
        match value {
            Value::Object(members) => members,
            other => panic!("{other}"),
        }
    }

    fn user() -> UserKey {
        UserKey {
            scope: Scope::new(AccountId::new("123456789012"), Region::new("eu-west-1")),
            domain: DomainId::new("d-one"),
            name: Name::new("anna"),
        }
    }

    fn lines(step: &Step) -> Vec<String> {
        step.deltas().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_edit_shows_only_what_it_changes_in_what_it_names() {
        let before = document(json!({ "UserSettings": { "ExecutionRole": "old" }, "CreationTime": 1 }));
        let after = document(json!({ "UserSettings": { "ExecutionRole": "new" } }));
        let mut step = Step::new(Change::UpdateUser(user(), after), Bound::Created(Timestamp::UNIX_EPOCH));
        step.before = Some(before);
        assert_eq!(lines(&step), ["UserSettings.ExecutionRole: old -> new"]);
    }

    #[test]
    fn tags_show_their_value_before_and_after() {
        let tags = vec![Tag { key: "team".into(), value: "nlp".into() }];
        let mut step = Step::new(Change::AddTags(user().into(), tags), Bound::Unbound);
        step.before = Some(document(json!({ "Tags": [{ "Key": "team", "Value": "cv" }] })));
        assert_eq!(lines(&step), ["tag team: cv -> nlp"]);
        step.change = Change::RemoveTags(user().into(), vec!["team".into()]);
        assert_eq!(lines(&step), ["tag team: cv -> (none)"]);
    }
}
