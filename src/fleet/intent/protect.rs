//! Protected tags: what carries one is left out of every plan, and so is what has tags that cannot be read.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::{Intent, Policy, SHARED_PROFILE, cascade};
use crate::fleet::{Excluded, Fleet, ObjectKey, Plan, PlanId, Query, Tag, Target};

/// The tags that have to be read first: of the objects themselves and of what they are in.
pub(super) fn needs(intent: &Intent, fleet: &Fleet, policy: &Policy) -> Vec<Query> {
    if policy.protected_tags.is_empty() {
        return Vec::new();
    }
    let mut wanted = BTreeSet::new();
    for object in intent.objects(fleet) {
        wanted.extend(with_parents(fleet, &object));
    }
    wanted.into_iter().map(Query::Tags).collect()
}

/// The plan without the steps whose objects are protected, and without those that wait for them.
pub(super) fn without_protected(mut plan: Plan, fleet: &Fleet, policy: &Policy) -> Plan {
    if policy.protected_tags.is_empty() {
        return plan;
    }
    // What the plan itself has created by then has no tags that could protect it.
    let mut created: HashSet<Target> = HashSet::new();
    let mut reasons: Vec<Option<Arc<str>>> = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let target = step.change.target();
        if step.change.creates() {
            created.insert(target.clone());
        }
        let waits = step.after.iter().find_map(|&before| {
            let why: &Arc<str> = reasons.get(before)?.as_ref()?;
            Some(cascade::waits(&plan.steps.get(before)?.change, why))
        });
        let reason = match (waits, target.object()) {
            (Some(reason), _) => Some(reason),
            (None, Some(object)) if !created.contains(&target) => protection(fleet, policy, object),
            _ => None,
        };
        reasons.push(reason);
    }
    if reasons.iter().all(Option::is_none) {
        return plan;
    }
    let mut moved = vec![0; reasons.len()];
    let mut kept = 0;
    for (at, reason) in reasons.iter().enumerate() {
        moved[at] = kept;
        kept += usize::from(reason.is_none());
    }
    let steps = std::mem::take(&mut plan.steps);
    for (mut step, reason) in steps.into_iter().zip(reasons) {
        if let Some(reason) = reason {
            plan.excluded.push(Excluded::new(step.change.target(), reason));
            continue;
        }
        for before in &mut step.after {
            *before = moved[*before];
        }
        plan.steps.push(step);
    }
    plan.id = PlanId::of(&plan.steps, plan.made_at);
    plan
}

/// Why an object is protected, as a clause.
pub(super) fn protection(fleet: &Fleet, policy: &Policy, object: &ObjectKey) -> Option<Arc<str>> {
    if policy.protected_tags.is_empty() {
        return None;
    }
    for holder in with_parents(fleet, object) {
        let whose = if holder == *object { String::new() } else { format!(" of {}", holder.name()) };
        let Ok(tags) = fleet.tags_of(&holder.into()) else {
            return Some(format!("may be protected: the tags{whose} could not be read").into());
        };
        if let Some(tag) = tags.iter().find(|tag| policy.protected_tags.iter().any(|rule| matches(rule, tag)))
        {
            return Some(format!("is protected by the tag {}={}{whose}", tag.key, tag.value).into());
        }
    }
    None
}

fn matches(rule: &Tag, tag: &Tag) -> bool {
    rule.key == tag.key && (rule.value.is_empty() || rule.value == tag.value)
}

/// An object and what it is in: space and owner, then domain.
fn with_parents(fleet: &Fleet, object: &ObjectKey) -> Vec<ObjectKey> {
    let mut all = vec![object.clone()];
    let owner = |key: &crate::fleet::SpaceKey| {
        let name = fleet.spaces.get(key)?.owner.clone()?;
        Some(ObjectKey::User(crate::fleet::UserKey {
            scope: key.scope.clone(),
            domain: key.domain.clone(),
            name,
        }))
    };
    match object {
        ObjectKey::App(key) => {
            // AWS lists that profile nowhere, so nobody can have tagged it.
            let user = key.user_key().filter(|user| user.name.as_str() != SHARED_PROFILE);
            all.extend(user.map(ObjectKey::User));
            if let Some(space) = key.space_key() {
                all.extend(owner(&space));
                all.push(ObjectKey::Space(space));
            }
        }
        ObjectKey::Space(key) => all.extend(owner(key)),
        ObjectKey::Domain(_) | ObjectKey::User(_) => {}
    }
    if !matches!(object, ObjectKey::Domain(_)) {
        all.push(ObjectKey::Domain(object.domain_key()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{AppType, Bound, Change, Documents, HomeFiles, Step, sample};

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.into(), value: value.into() }
    }

    fn fleet() -> Fleet {
        sample::fleet(
            vec![],
            vec![],
            vec![
                sample::app("anna", AppType::JupyterServer, "one"),
                sample::app("ben", AppType::JupyterServer, "two"),
            ],
        )
    }

    fn stop_all(fleet: &Fleet, policy: &Policy) -> Plan {
        let intent = Intent::Stop(fleet.apps.iter().map(|app| app.key.clone()).collect());
        intent.plan(fleet, &Documents::default(), policy, sample::now()).unwrap()
    }

    fn know(fleet: &mut Fleet, object: ObjectKey, tags: Vec<Tag>) {
        fleet.absorb(&Query::Tags(object), crate::fleet::Answer::Tags(tags), sample::now());
    }

    #[test]
    fn f42_what_is_protected_itself_or_by_what_it_is_in_is_left_out_and_so_is_the_unknown() {
        let mut fleet = fleet();
        let policy =
            Policy { protected_tags: vec![tag("keep", ""), tag("env", "prod")], ..Policy::default() };
        assert_eq!(stop_all(&fleet, &Policy::default()).steps.len(), 2);
        let unread = stop_all(&fleet, &policy);
        assert!(unread.steps.is_empty() && unread.is_intact(), "tags that are not known protect");
        let intent = Intent::Stop(fleet.apps.iter().map(|app| app.key.clone()).collect());
        let needs = intent.needs(&fleet, &policy);
        assert!(needs.len() >= 5, "two apps, two users, a domain: {needs:?}");
        for query in needs {
            let Query::Tags(object) = query else { panic!("{query:?}") };
            know(&mut fleet, object, vec![tag("env", "dev")]);
        }
        assert_eq!(stop_all(&fleet, &policy).steps.len(), 2);
        let anna = fleet.apps.at(0).unwrap().key.user_key().unwrap();
        know(&mut fleet, ObjectKey::User(anna), vec![tag("env", "prod")]);
        let plan = stop_all(&fleet, &policy);
        assert_eq!((plan.steps.len(), plan.excluded.len()), (1, 1));
        assert_eq!(&*plan.excluded[0].reason, "is protected by the tag env=prod of anna");
        assert!(plan.is_intact());
    }

    #[test]
    fn a_parent_stays_while_a_child_in_the_plan_is_protected_and_says_why() {
        let mut fleet = fleet();
        let policy = Policy { protected_tags: vec![tag("keep", "")], ..Policy::default() };
        let anna = fleet.apps.at(0).unwrap().key.clone();
        let (user, domain) = (anna.user_key().unwrap(), anna.domain_key());
        know(&mut fleet, ObjectKey::App(anna.clone()), vec![tag("keep", "yes")]);
        know(&mut fleet, ObjectKey::User(user.clone()), vec![]);
        know(&mut fleet, ObjectKey::Domain(domain.clone()), vec![]);
        let bound = Bound::Created(sample::now());
        let after = |change, after| Step { after, ..Step::new(change, bound) };
        let steps = vec![
            after(Change::StopApp(anna), vec![]),
            after(Change::DeleteUser(user), vec![0]),
            after(Change::DeleteDomain(domain, HomeFiles::Retain), vec![1]),
        ];
        let plan = without_protected(Plan::new("", "delete", sample::now(), steps), &fleet, &policy);
        assert!(plan.steps.is_empty() && plan.is_intact());
        assert_eq!(
            &*plan.excluded[1].reason,
            "has to wait for app one, which is protected by the tag keep=yes"
        );
        assert!(plan.excluded[2].reason.starts_with("has to wait for user profile anna"));
    }

    #[test]
    fn the_steps_that_are_left_keep_waiting_for_the_same_ones() {
        let mut fleet = fleet();
        let policy = Policy { protected_tags: vec![tag("keep", "")], ..Policy::default() };
        let keys: Vec<_> = fleet.apps.iter().map(|app| app.key.clone()).collect();
        let user = keys[1].user_key().unwrap();
        know(&mut fleet, ObjectKey::App(keys[0].clone()), vec![tag("keep", "yes")]);
        for object in [
            ObjectKey::App(keys[1].clone()),
            ObjectKey::User(user.clone()),
            ObjectKey::User(keys[0].user_key().unwrap()),
            ObjectKey::Domain(user.domain_key()),
        ] {
            know(&mut fleet, object, vec![]);
        }
        let bound = Bound::Created(sample::now());
        let steps = vec![
            Step::new(Change::StopApp(keys[0].clone()), bound),
            Step::new(Change::StopApp(keys[1].clone()), bound),
            Step { after: vec![1], ..Step::new(Change::DeleteUser(user.clone()), bound) },
        ];
        let plan = without_protected(Plan::new("", "delete", sample::now(), steps), &fleet, &policy);
        assert_eq!(plan.steps.len(), 2);
        assert_eq!(
            (plan.steps[1].change.clone(), plan.steps[1].after.clone()),
            (Change::DeleteUser(user), vec![0])
        );
    }
}
