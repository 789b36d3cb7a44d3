//! Plans the deletion of spaces: their apps, then the spaces with their volumes.

use std::collections::{BTreeSet, HashSet};

use super::{Cascade, words};
use crate::fleet::intent::{Policy, pool};
use crate::fleet::wording::Counted;
use crate::fleet::{
    DomainKey, Excluded, Fleet, ObjectKey, Plan, Query, Space, SpaceKey, Status, Target, Timestamp,
};

/// The lists that show what is in the spaces.
pub(in crate::fleet::intent) fn needs(keys: &[SpaceKey]) -> Vec<Query> {
    let domains: BTreeSet<DomainKey> = keys.iter().map(SpaceKey::domain_key).collect();
    domains.into_iter().flat_map(|key| [Query::Spaces(key.clone()), Query::Apps(key)]).collect()
}

/// Plans to delete spaces with what runs in them. The steps come in the order of `keys`.
pub(in crate::fleet::intent) fn plan(
    fleet: &Fleet,
    keys: &[SpaceKey],
    policy: &Policy,
    now: Timestamp,
) -> Plan {
    let mut cascade = Cascade::new(fleet, policy, now, &keys.iter().map(SpaceKey::domain_key).collect());
    let mut asked = HashSet::with_capacity(keys.len());
    let mut excluded = Vec::new();
    for key in keys.iter().filter(|key| asked.insert(*key)) {
        let reason = match fleet.spaces.get(key) {
            None => "is not in the list any more",
            Some(space) if space.status == Status::Deleting => "is already being deleted",
            Some(space) => {
                cascade.space(space);
                continue;
            }
        };
        let target = Target::Object(ObjectKey::Space(key.clone()));
        excluded.push(Excluded { target, reason: reason.into() });
    }
    let done = cascade.finish();
    excluded.extend(done.excluded);
    let title = match done.spaces.as_slice() {
        [] => "Delete nothing".to_owned(),
        [space] => format!("Delete space {}", space.key.name),
        spaces => format!("Delete {}", Counted(spaces.len(), "space")),
    };
    let mut keeps = Vec::new();
    if !done.spaces.is_empty() {
        keeps.push("User profiles, and the home directories on the domain's file system (EFS).".to_owned());
    }
    let phrases = words::phrase("delete", "space", &names(&done.spaces), "their files are destroyed");
    let pool = pool::of(fleet, policy, &done.steps);
    Plan {
        excluded,
        loses: words::loses(fleet, &done.apps, &done.spaces),
        keeps,
        warnings: words::shared(&done.spaces).into_iter().collect(),
        phrases,
        pool,
        ..Plan::new(title, "delete", now, done.steps)
    }
}

fn names<'a>(spaces: &[&'a Space]) -> Vec<&'a str> {
    spaces.iter().map(|space| space.key.name.as_str()).collect()
}
