//! Plans the deletion of spaces: their apps, then the spaces with their volumes.

use std::collections::{BTreeSet, HashSet};

use super::{Cascade, use_needs, words};
use crate::fleet::intent::each::{LeftOut, each};
use crate::fleet::intent::{Policy, pool};
use crate::fleet::wording::Counted;
use crate::fleet::{App, DomainKey, Fleet, Plan, Query, Space, SpaceKey, Status, Timestamp};

/// The lists that show what is in the spaces, and whether the apps in them are in use.
pub(in crate::fleet::intent) fn needs(fleet: &Fleet, keys: &[SpaceKey]) -> Vec<Query> {
    let domains: BTreeSet<DomainKey> = keys.iter().map(SpaceKey::domain_key).collect();
    let lists = domains.into_iter().flat_map(|key| [Query::Spaces(key.clone()), Query::Apps(key)]);
    let spaces: HashSet<&SpaceKey> = keys.iter().collect();
    let within = |app: &&App| app.key.space_key().is_some_and(|space| spaces.contains(&space));
    lists.chain(use_needs(fleet.apps.iter().filter(within))).collect()
}

/// Plans to delete spaces with what runs in them. The steps come in the order of `keys`.
pub(in crate::fleet::intent) fn plan(
    fleet: &Fleet,
    keys: &[SpaceKey],
    policy: &Policy,
    now: Timestamp,
) -> Plan {
    let mut cascade = Cascade::new(fleet, policy, now, &keys.iter().map(SpaceKey::domain_key).collect());
    let (_, mut excluded) = each(keys, |key| match fleet.spaces.get(key) {
        None => Err("is not in the list any more".into()),
        Some(space) if space.status == Status::Deleting => Err(LeftOut::so("is already being deleted")),
        Some(space) => Ok(cascade.space(space)),
    });
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
