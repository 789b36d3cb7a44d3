//! The spaces of a backup against those of a domain that is there.

use std::collections::BTreeMap;

use super::adapt::Adapter;
use super::{Restored, created, owner};
use crate::fleet::delta::unmet;
use crate::fleet::intent::cascade::unlisted;
use crate::fleet::intent::references::Findings;
use crate::fleet::{
    Backup, Change, Difference, Documents, DomainKey, Fleet, ObjectKey, Query, SpaceKey, Standing, Target,
};

/// The keys of those spaces of the backup that are in the domain.
pub(super) fn existing<'a>(
    backup: &'a Backup,
    domain: &'a DomainKey,
    fleet: &'a Fleet,
) -> impl Iterator<Item = &'a SpaceKey> {
    let there = by_name(domain, fleet);
    backup.spaces.iter().filter_map(move |space| there.get(&space.name.as_str().to_lowercase()).copied())
}

fn by_name<'a>(domain: &DomainKey, fleet: &'a Fleet) -> BTreeMap<String, &'a SpaceKey> {
    let spaces = fleet.spaces.iter().filter(|space| space.key.domain_key() == *domain);
    spaces.map(|space| (space.key.name.as_str().to_lowercase(), &space.key)).collect()
}

/// How each space of the backup stands.
pub(super) fn compared(
    backup: &Backup,
    domain: &DomainKey,
    fleet: &Fleet,
    documents: &Documents,
    adapter: &Adapter<'_>,
) -> Vec<Restored> {
    let there = by_name(domain, fleet);
    let unlisted = unlisted(fleet, &Query::Spaces(domain.clone()));
    let in_backup: Vec<&str> = backup.users.iter().map(|user| user.name.as_str()).collect();
    backup
        .spaces
        .iter()
        .map(|space| {
            let mut document = adapter.space(space);
            let Some(key) = there.get(&space.name.as_str().to_lowercase()).copied() else {
                let key = SpaceKey {
                    scope: domain.scope.clone(),
                    domain: domain.id.clone(),
                    name: space.name.clone(),
                };
                let mut findings = Findings::default();
                findings.errors.extend(unlisted.clone());
                if let Some(owner) = owner(&key, &document)
                    && fleet.users.get(&owner).is_none()
                    && !in_backup.contains(&owner.name.as_str())
                {
                    findings.errors.push(format!(
                        "its owner, the user profile {}, is neither there nor in the backup",
                        owner.name
                    ));
                }
                return created(ObjectKey::Space(key.clone()), Change::CreateSpace(key, document), findings);
            };
            document.shift_remove("Tags");
            let object = ObjectKey::Space(key.clone());
            let (standing, deltas) = match documents.get(&object) {
                Ok(known) => {
                    let deltas = unmet(&document, known);
                    (if deltas.is_empty() { Standing::Equal } else { Standing::Differs }, deltas)
                }
                Err(why) => (Standing::Invalid(vec![format!("exists already, and {why}")]), Vec::new()),
            };
            Restored {
                difference: Difference {
                    target: Target::Object(object),
                    line: None,
                    standing,
                    deltas,
                    notes: Vec::new(),
                },
                change: None,
                assignment: None,
            }
        })
        .collect()
}
