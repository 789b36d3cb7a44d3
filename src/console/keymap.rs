//! Which key means which action where. Defaults come from the action table; the configuration overrides by id.

use std::collections::{BTreeMap, HashMap};

use super::{Action, Context, Key};

/// The keys in force.
#[derive(Debug, Clone)]
pub struct Keymap {
    actions: HashMap<(Context, Key), Action>,
    keys: BTreeMap<Action, Vec<Key>>,
}

/// Why a set of keys cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// There is no such action.
    #[error("there is no action `{0}`{1}")]
    UnknownAction(String, String),
    /// The text is not a key.
    #[error("action `{0}`: {1}")]
    BadKey(String, super::NotAKey),
    /// One key would mean two things in one place.
    #[error("key `{key}` would mean both `{first}` and `{second}`; give one of them another key")]
    Clash {
        /// The key.
        key: Key,
        /// The action that has it.
        first: &'static str,
        /// The action that wants it too.
        second: &'static str,
    },
}

impl Keymap {
    /// The default keys, with `overrides` (action id to keys) in place of those of the actions named.
    pub fn new(overrides: &BTreeMap<String, Vec<String>>) -> Result<Self, KeymapError> {
        let mut chosen: BTreeMap<Action, Vec<Key>> = BTreeMap::new();
        for action in Action::ALL {
            let keys = action.default_keys().iter().filter_map(|text| text.parse().ok()).collect();
            chosen.insert(*action, keys);
        }
        for (id, texts) in overrides {
            let action = Action::by_id(id).ok_or_else(|| {
                KeymapError::UnknownAction(id.clone(), crate::fleet::suggestion(id, action_ids()))
            })?;
            let keys: Result<Vec<Key>, _> = texts.iter().map(|text| text.parse()).collect();
            chosen.insert(action, keys.map_err(|error| KeymapError::BadKey(id.clone(), error))?);
        }
        let mut actions = HashMap::new();
        for (action, keys) in &chosen {
            for key in keys {
                if let Some(first) = clash(&actions, action.context(), *key) {
                    return Err(KeymapError::Clash { key: *key, first: first.id(), second: action.id() });
                }
                actions.insert((action.context(), *key), *action);
            }
        }
        Ok(Self { actions, keys: chosen })
    }

    /// What a key means in a context: there first, then in all tables where it is one, then everywhere.
    pub fn resolve(&self, context: Context, key: Key) -> Option<Action> {
        let rows =
            matches!(context, Context::Table | Context::Cost | Context::Quotas).then_some(Context::Rows);
        [Some(context), rows, Some(Context::Everywhere)]
            .into_iter()
            .flatten()
            .find_map(|context| self.actions.get(&(context, key)).copied())
    }

    /// The keys of an action, the most usual one first.
    pub fn keys(&self, action: Action) -> &[Key] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The most usual key of an action as text; empty if it has none.
    pub fn label(&self, action: Action) -> String {
        self.keys(action).first().map(ToString::to_string).unwrap_or_default()
    }
}

fn action_ids() -> impl Iterator<Item = &'static str> {
    Action::ALL.iter().map(|action| action.id())
}

/// The action that already has a key where it would be heard in the same place.
fn clash(actions: &HashMap<(Context, Key), Action>, context: Context, key: Key) -> Option<Action> {
    let contexts: &[Context] = match context {
        Context::Everywhere => &[
            Context::Everywhere,
            Context::Rows,
            Context::Table,
            Context::Cost,
            Context::Quotas,
            Context::Details,
            Context::Operations,
        ],
        Context::Rows => {
            &[Context::Everywhere, Context::Rows, Context::Table, Context::Cost, Context::Quotas]
        }
        Context::Table => &[Context::Everywhere, Context::Rows, Context::Table],
        Context::Cost => &[Context::Everywhere, Context::Rows, Context::Cost],
        Context::Quotas => &[Context::Everywhere, Context::Rows, Context::Quotas],
        Context::Details => &[Context::Everywhere, Context::Details],
        Context::Operations => &[Context::Everywhere, Context::Operations],
    };
    contexts.iter().find_map(|context| actions.get(&(*context, key)).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(rows: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        rows.iter()
            .map(|(id, keys)| ((*id).to_owned(), keys.iter().map(|key| (*key).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn the_default_keys_are_all_keys_and_do_not_clash() {
        for action in Action::ALL {
            for key in action.default_keys() {
                assert!(key.parse::<Key>().is_ok(), "{key} of {}", action.id());
            }
        }
        Keymap::new(&BTreeMap::new()).unwrap();
    }

    #[test]
    fn an_override_replaces_the_keys_of_its_action() {
        let keymap = Keymap::new(&overrides(&[("stop", &["ctrl-t"])])).unwrap();
        assert_eq!(keymap.resolve(Context::Table, "ctrl-t".parse().unwrap()), Some(Action::Stop));
        assert_eq!(keymap.resolve(Context::Table, "ctrl-d".parse().unwrap()), None);
    }

    #[test]
    fn wrong_overrides_name_what_is_wrong() {
        let clash = Keymap::new(&overrides(&[("stop", &["q"])])).unwrap_err().to_string();
        assert!(clash.contains("`q`") && clash.contains("stop") && clash.contains("quit"), "{clash}");
        let unknown = Keymap::new(&overrides(&[("stpo", &["x"])])).unwrap_err().to_string();
        assert!(unknown.contains("stpo") && unknown.contains("`stop`"), "{unknown}");
        assert!(Keymap::new(&overrides(&[("stop", &["nokey"])])).is_err());
    }
}
