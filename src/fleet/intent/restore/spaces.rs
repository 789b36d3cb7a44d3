//! The spaces of a backup against those of the domain they are restored in.

use std::collections::BTreeMap;

use super::adapt::Adapter;
use super::{RestoreInto, Restored, created, ours, retag};
use crate::fleet::delta::unmet;
use crate::fleet::edit::structure;
use crate::fleet::intent::cascade::unlisted;
use crate::fleet::intent::references::{Findings, References};
use crate::fleet::intent::tags;
use crate::fleet::{
    Backup, BackupObject, Change, Difference, Document, Documents, DomainKey, Fleet, Name, ObjectKey, Query,
    SpaceKey, Standing, Target, UserKey,
};

/// The spaces of the backup that are in the domain, with their keys there.
pub(super) fn existing<'a>(
    backup: &'a Backup,
    domain: &'a DomainKey,
    fleet: &'a Fleet,
) -> impl Iterator<Item = (&'a BackupObject, &'a SpaceKey)> {
    let there = by_name(domain, fleet);
    let found = move |space: &BackupObject| there.get(&space.name.as_str().to_lowercase()).copied();
    backup.spaces.iter().filter_map(move |space| Some((space, found(space)?)))
}

fn by_name<'a>(domain: &DomainKey, fleet: &'a Fleet) -> BTreeMap<String, &'a SpaceKey> {
    let spaces = fleet.spaces.iter().filter(|space| space.key.domain_key() == *domain);
    spaces.map(|space| (space.key.name.as_str().to_lowercase(), &space.key)).collect()
}

/// How each space of the backup stands.
pub(super) fn compared(
    backup: &Backup,
    into: &RestoreInto,
    fleet: &Fleet,
    documents: &Documents,
    adapter: &Adapter<'_>,
    references: &mut References<'_>,
) -> Vec<Restored> {
    let domain = into.domain();
    let there = by_name(&domain, fleet);
    let unlisted = match into {
        RestoreInto::Existing(domain) => unlisted(fleet, &Query::Spaces(domain.clone())),
        RestoreInto::New { .. } => None,
    };
    let in_backup: Vec<&str> = backup.users.iter().map(|user| user.name.as_str()).collect();
    let missing = |space: &BackupObject, references: &mut References<'_>| {
        let document = adapter.space(space);
        let key =
            SpaceKey { scope: domain.scope.clone(), domain: domain.id.clone(), name: space.name.clone() };
        let mut findings = Findings::default();
        findings.errors.extend(unlisted.clone());
        references.check(&structure(&document, "SpaceSettings"), &key.scope, None, &mut findings);
        if let Some(owner) = owner(&key, &document)
            && fleet.users.get(&owner).is_none()
            && !in_backup.contains(&owner.name.as_str())
        {
            findings.errors.push(format!(
                "its owner, the user profile {}, is neither there nor in the backup",
                owner.name
            ));
        }
        created(ObjectKey::Space(key.clone()), Change::CreateSpace(key, document), findings)
    };
    backup
        .spaces
        .iter()
        .map(|space| match there.get(&space.name.as_str().to_lowercase()) {
            Some(key) => known(space, key, fleet, documents, adapter),
            None => missing(space, references),
        })
        .collect()
}

/// How a space stands that is there.
fn known(
    space: &BackupObject,
    key: &SpaceKey,
    fleet: &Fleet,
    documents: &Documents,
    adapter: &Adapter<'_>,
) -> Restored {
    let mut document = adapter.space(space);
    document.shift_remove("Tags");
    let object = ObjectKey::Space(key.clone());
    let (standing, deltas) = match documents.get(&object) {
        Ok(known) => {
            let deltas = unmet(&document, known);
            (if deltas.is_empty() { Standing::Equal } else { Standing::Differs }, deltas)
        }
        Err(why) => (Standing::Invalid(vec![format!("exists already, and {why}")]), Vec::new()),
    };
    let target = Target::Object(object.clone());
    let difference = Difference { target, line: None, standing, deltas, notes: Vec::new() };
    let mut restored = Restored { difference, change: None, assignment: None, retag: None };
    retag::retag(&mut restored, &ours(&space.tags), fleet, || tags::present(fleet, &object));
    restored
}

/// The user profile that is to own a space.
pub(super) fn owner(space: &SpaceKey, document: &Document) -> Option<UserKey> {
    let name = document.get("OwnershipSettings")?.get("OwnerUserProfileName")?.as_str()?;
    Some(UserKey { scope: space.scope.clone(), domain: space.domain.clone(), name: Name::new(name) })
}
