//! Plans the offboarding of users: their apps, the spaces they own, their assignment at Identity Center, and the
//! profile. Their home directories stay.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::{Cascade, Contents, use_needs, words};
use crate::fleet::intent::each::{LeftOut, each};
use crate::fleet::intent::{Policy, pool};
use crate::fleet::wording::Counted;
use crate::fleet::{
    Assignment, AuthMode, Bound, Change, DomainDetail, DomainId, DomainKey, Fleet, Plan, Query, Scope,
    Status, Timestamp, UserKey, UserProfile,
};

/// The lists that show what belongs to the users, the users in full for the place of their home directories, in
/// domains with Identity Center who is assigned, and whether their apps are in use.
pub(in crate::fleet::intent) fn needs(fleet: &Fleet, users: &[UserKey]) -> Vec<Query> {
    let domains: BTreeSet<DomainKey> = users.iter().map(UserKey::domain_key).collect();
    let mut needs = Vec::new();
    for key in domains {
        if let Some(application) = sso_application(fleet, &key) {
            needs.push(Query::Assigned(key.clone(), application));
        }
        needs.extend([Query::Domain(key.clone()), Query::Spaces(key.clone()), Query::Apps(key)]);
    }
    for key in users {
        if sso_application(fleet, &key.domain_key()).is_some()
            && let Some(person) = sso_user(fleet, key)
        {
            needs.push(Query::Person(key.scope.clone(), person));
        }
        needs.push(Query::User(key.clone()));
    }
    let contents = Contents::of(fleet, &users.iter().map(UserKey::domain_key).collect());
    needs.extend(use_needs(users.iter().flat_map(|user| contents.all_apps_of(user))));
    needs
}

/// Plans to offboard users. The steps come in the order of `users`.
pub(in crate::fleet::intent) fn plan(
    fleet: &Fleet,
    users: &[UserKey],
    policy: &Policy,
    now: Timestamp,
) -> Plan {
    let domains: BTreeSet<DomainKey> = users.iter().map(UserKey::domain_key).collect();
    let mut cascade = Cascade::new(fleet, policy, now, &domains);
    let people = People::of(fleet, &domains, users);
    let (_, mut excluded) = each(users, |key| match fleet.users.get(key) {
        None => Err("is not in the list any more".into()),
        Some(user) if user.status == Status::Deleting => Err(LeftOut::so("is already being deleted")),
        Some(user) => {
            let mut warnings = Vec::new();
            let unassign = unassign(fleet, user, &people, &mut warnings);
            let others = unassign.map(|change| cascade.draft(change, Some(Bound::Unbound), Vec::new()));
            Ok(cascade.user(user, others.into_iter().collect(), warnings))
        }
    });
    let done = cascade.finish();
    excluded.extend(done.excluded);
    let title = match done.users.as_slice() {
        [] => "Offboard nobody".to_owned(),
        [user] => format!("Offboard {}", user.key.name),
        users => format!("Offboard {}", Counted(users.len(), "user")),
    };
    let mut warnings = Vec::new();
    if let Some(shared) = words::shared(&done.spaces) {
        let why = "They go only because AWS does not delete a user profile that owns a space.";
        warnings
            .push(format!("{shared} {why} To keep one, copy its files to a space of another owner first."));
    }
    let mut keeps: Vec<String> = done.users.iter().map(|user| home(fleet, user)).collect();
    if !keeps.is_empty() {
        keeps.push("A user profile created anew under the same name gets another home directory.".to_owned());
    }
    let names: Vec<&str> = done.users.iter().map(|user| user.key.name.as_str()).collect();
    let why = if done.spaces.is_empty() { "" } else { "the files in their spaces are destroyed" };
    let phrases = words::phrase("offboard", "user", &names, why);
    let pool = pool::of(fleet, policy, &done.steps);
    let mut loses = words::loses(fleet, &done.apps, &done.spaces);
    if !done.users.is_empty() {
        loses.push(format!("{} with their settings and tags.", Counted(done.users.len(), "user profile")));
    }
    Plan { excluded, loses, keeps, warnings, phrases, pool, ..Plan::new(title, "offboard", now, done.steps) }
}

fn detail<'a>(fleet: &'a Fleet, key: &DomainKey) -> Option<&'a DomainDetail> {
    fleet.domains.get(key)?.detail.as_deref()
}

/// The application of a domain whose people sign in through Identity Center.
fn sso_application(fleet: &Fleet, key: &DomainKey) -> Option<Arc<str>> {
    let detail = detail(fleet, key)?;
    detail.sso_application.clone().filter(|_| detail.auth_mode == Some(AuthMode::Sso))
}

/// The name a user signs in with at Identity Center.
fn sso_user(fleet: &Fleet, key: &UserKey) -> Option<Arc<str>> {
    fleet.users.get(key)?.detail.as_ref()?.sso_user.clone()
}

/// One of the user profiles that stay, for each person of Identity Center in each domain, as far as it is known
/// whose they are.
struct People<'a>(HashMap<(&'a Scope, &'a DomainId, &'a str), &'a UserKey>);

impl<'a> People<'a> {
    fn of(fleet: &'a Fleet, domains: &BTreeSet<DomainKey>, going: &[UserKey]) -> Self {
        let going: HashSet<&UserKey> = going.iter().collect();
        let stays_in = |key: &UserKey| domains.contains(&key.domain_key()) && !going.contains(key);
        let staying = fleet.users.iter().filter(|user| stays_in(&user.key)).filter_map(|user| {
            let person = user.detail.as_ref()?.sso_user.as_deref()?;
            Some(((&user.key.scope, &user.key.domain, person), &user.key))
        });
        Self(staying.collect())
    }
}

/// What takes away a user's assignment to the domain's application, if it is theirs and nobody else's of the domain.
/// While assigned, a person who signs in might be given a new user profile. What cannot be found out is warned of.
fn unassign(
    fleet: &Fleet,
    user: &UserProfile,
    staying: &People<'_>,
    warnings: &mut Vec<String>,
) -> Option<Change> {
    let domain = user.key.domain_key();
    match detail(fleet, &domain).map(|detail| detail.auth_mode.as_ref()) {
        Some(Some(AuthMode::Sso)) => {}
        Some(Some(_)) => return None,
        Some(None) | None => {
            warnings.push("how people sign in to the domain is not known: look for an assignment".to_owned());
            return None;
        }
    }
    let stays = "their assignment to the domain's application stays";
    let Some(application) = sso_application(fleet, &domain) else {
        warnings
            .push(format!("the domain names no application at Identity Center: if there is one, {stays}"));
        return None;
    };
    let Some(person) = sso_user(fleet, &user.key) else {
        warnings.push(format!("whom it stands for at Identity Center is not known: {stays}"));
        return None;
    };
    let principal = match fleet.library.people.get(&(user.key.scope.clone(), person.clone())) {
        Some(Some(principal)) => principal.clone(),
        Some(None) => {
            warnings.push(format!("there is no {person} at Identity Center, so nothing to unassign"));
            return None;
        }
        None => {
            let query = Query::Person(user.key.scope.clone(), person.clone());
            let why = fleet.failure(&query).map(|problem| format!(" ({problem})")).unwrap_or_default();
            warnings.push(format!("{person} could not be looked up at Identity Center{why}: {stays}"));
            return None;
        }
    };
    let assigned = fleet
        .library
        .assigned
        .get(&domain)
        .filter(|_| fleet.failure(&Query::Assigned(domain.clone(), application.clone())).is_none());
    let Some(assigned) = assigned else {
        warnings.push(format!("who is assigned to the domain's application could not be read: {stays}"));
        return None;
    };
    if !assigned.contains(&principal) {
        warnings
            .push(format!("{person} is not assigned by name: if in a group that is, take them out of it"));
        return None;
    }
    let other = staying.0.get(&(&user.key.scope, &user.key.domain, &*person));
    if let Some(other) = other {
        warnings.push(format!("{person} stays assigned, since {} is theirs too", other.name));
        return None;
    }
    let application = Some(application);
    Some(Change::UnassignApplication(Assignment { user: user.key.clone(), application, principal }))
}

/// Where a user's home directory stays.
fn home(fleet: &Fleet, user: &UserProfile) -> String {
    let name = &user.key.name;
    let Some(detail) = detail(fleet, &user.key.domain_key()) else {
        return format!(
            "{name}: the home directory, if the domain has a file system (EFS): it could not be read."
        );
    };
    let Some(files) = &detail.home_file_system else {
        return format!("{name}: nothing, since the domain has no home file system (EFS).");
    };
    match user.detail.as_ref().and_then(|detail| detail.efs_uid.as_ref()) {
        Some(uid) => format!("{name}: the home directory /{uid} on {files} (EFS), owned by uid {uid}."),
        None => format!("{name}: the home directory on {files} (EFS); under which uid could not be read."),
    }
}
