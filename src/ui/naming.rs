//! Objects as people call them: whose, what, where. Knows no widget.

use crate::console::Console;
use crate::fleet::{ObjectKey, Owner, Target};

/// An object as people call it: whose, what, where.
pub(crate) fn name_of(console: &Console, key: &ObjectKey, separator: &str) -> String {
    let domain = console.fleet.domain_label(&key.domain_key()).to_owned();
    match key {
        ObjectKey::Domain(_) => domain,
        ObjectKey::User(key) => format!("{} {separator} {domain}", key.name),
        ObjectKey::Space(key) => format!("{} {separator} {domain}", key.name),
        ObjectKey::App(key) => {
            let owner = match (&key.owner, console.fleet.user_of(key)) {
                (Owner::User(name), _) => name.to_string(),
                (Owner::Space(space), Some(user)) if user == *space => user.to_string(),
                (Owner::Space(space), Some(user)) => format!("{user}/{space}"),
                (Owner::Space(space), None) => format!("{space} (shared space)"),
            };
            format!("{owner} {separator} {} {} {separator} {domain}", key.app_type, key.name)
        }
    }
}

/// The kind of an object, in AWS's words.
pub(crate) fn kind_of(key: &ObjectKey) -> &'static str {
    match key {
        ObjectKey::Domain(_) => "domain",
        ObjectKey::User(_) => "user",
        ObjectKey::Space(_) => "space",
        ObjectKey::App(_) => "app",
    }
}

/// What a step is about, as people call it.
pub(crate) fn target_name(console: &Console, target: &Target, separator: &str) -> String {
    match target {
        Target::Object(key) => name_of(console, key, separator),
        Target::CostTags(scope) => {
            format!("cost allocation tags {separator} {}", console.fleet.account_label(scope.account()))
        }
        Target::LifecycleConfig(key) => format!("{} {separator} lifecycle configuration", key.name),
        Target::Quota(key) => format!("{} {separator} {}", key.name, key.scope.region()),
    }
}
