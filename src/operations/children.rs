//! What keeps an object from being deleted: what is in it, and whether that is on its way out, in the plan, or
//! came meanwhile. Sends nothing that changes anything.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::judge::{Life, Shown, is_same};
use super::look::all;
use super::sweep::rows;
use crate::aws::Gateway;
use crate::fleet::{Answer, Bound, Change, ObjectKey, Owner, Plan, Problem, Query};

/// How many of them are named.
const NAMED: usize = 5;

/// What stands in the way of a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Children {
    /// Nothing that can be seen: AWS may not know yet that the last one is gone.
    None,
    /// Some that are leaving, or that the plan deletes; with their names.
    Leaving(Arc<str>),
    /// Some that are not in the plan: they were made meanwhile, by somebody else.
    Foreign(Arc<str>),
    /// Whether there are any is not known.
    Unseen(Problem),
}

/// What is in the object that a change deletes. Every page is read, since one child is enough.
pub(super) async fn children(gateway: &Gateway, plan: &Plan, change: &Change) -> Children {
    let (domain, lists): (_, &[fn(_) -> Query]) = match change {
        Change::DeleteSpace(key) => (key.domain_key(), &[Query::Apps]),
        Change::DeleteUser(key) => (key.domain_key(), &[Query::Apps, Query::Spaces]),
        Change::DeleteDomain(key, _) => (key.clone(), &[Query::Apps, Query::Spaces, Query::Users]),
        _ => return Children::None,
    };
    let mut found = Vec::new();
    for list in lists {
        match all(gateway, &list(domain.clone())).await {
            Ok(answers) => {
                for answer in answers {
                    found.extend(owned(change, answer));
                }
            }
            Err(problem) => return Children::Unseen(problem),
        }
    }
    judge(plan, found)
}

/// The rows of a page that are in the object and keep it from being deleted.
fn owned(change: &Change, answer: Answer) -> Vec<(ObjectKey, Shown)> {
    // Who owns a space stands in its row only.
    let owners: HashMap<_, _> = match &answer {
        Answer::Spaces(page) => {
            page.rows.iter().map(|space| (space.key.name.clone(), space.owner.clone())).collect()
        }
        _ => HashMap::new(),
    };
    let is_in = |key: &ObjectKey| match (change, key) {
        (Change::DeleteDomain(..), _) => true,
        (Change::DeleteSpace(space), ObjectKey::App(app)) => {
            matches!(&app.owner, Owner::Space(name) if *name == space.name)
        }
        (Change::DeleteUser(user), ObjectKey::App(app)) => {
            matches!(&app.owner, Owner::User(name) if *name == user.name)
        }
        (Change::DeleteUser(user), ObjectKey::Space(space)) => {
            owners.get(&space.name).is_some_and(|owner| owner.as_ref() == Some(&user.name))
        }
        _ => false,
    };
    let is_over = |key: &ObjectKey, shown: &Shown| {
        // Failed apps do not count, and cannot be deleted.
        matches!(key, ObjectKey::App(_)) && matches!(shown.life, Life::Deleted | Life::Failed)
    };
    let mut rows = rows(answer);
    rows.retain(|(key, shown)| is_in(key) && !is_over(key, shown));
    rows
}

fn judge(plan: &Plan, found: Vec<(ObjectKey, Shown)>) -> Children {
    let mut planned: HashMap<ObjectKey, Bound> = HashMap::new();
    if !found.is_empty() {
        for step in plan.steps.iter().filter(|step| step.change.is_destructive()) {
            if let Some(object) = step.change.target().object() {
                planned.insert(object.clone(), step.bound);
            }
        }
    }
    let is_expected = |(key, shown): &(ObjectKey, Shown)| {
        let is_planned = planned.get(key).is_some_and(|bound| is_same(*bound, shown.created) == Some(true));
        is_planned || shown.life == Life::Deleting
    };
    let (expected, foreign): (Vec<_>, Vec<_>) = found.into_iter().partition(is_expected);
    if !foreign.is_empty() {
        Children::Foreign(names(&foreign))
    } else if expected.is_empty() {
        Children::None
    } else {
        Children::Leaving(names(&expected))
    }
}

/// "app default of lab, space other and 3 more".
fn names(found: &[(ObjectKey, Shown)]) -> Arc<str> {
    let name = |(key, _): &(ObjectKey, Shown)| match key {
        ObjectKey::App(app) => format!("app {} {} of {}", app.app_type, app.name, app.owner.name()),
        ObjectKey::Space(space) => format!("space {}", space.name),
        ObjectKey::User(user) => format!("user profile {}", user.name),
        ObjectKey::Domain(domain) => format!("domain {}", domain.id),
    };
    let mut text = found.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ");
    if found.len() > NAMED {
        // Writing to a String cannot fail.
        let _ = write!(text, " and {} more", found.len() - NAMED);
    }
    Arc::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{
        AccountId, AppKey, AppType, DomainId, Name, Region, Scope, SpaceKey, Step, Timestamp,
    };

    fn scope() -> Scope {
        Scope::new(AccountId::new("1"), Region::new("eu-west-1"))
    }

    fn time(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    fn app(space: &str, life: Life, created: i64) -> (ObjectKey, Shown) {
        (
            ObjectKey::App(key(space)),
            Shown { life, created: Some(time(created)), reason: None, document: None },
        )
    }

    fn key(space: &str) -> AppKey {
        AppKey {
            scope: scope(),
            domain: DomainId::new("d-one"),
            owner: Owner::Space(Name::new(space)),
            app_type: AppType::JupyterLab,
            name: Name::new("default"),
        }
    }

    fn plan() -> Plan {
        let space = SpaceKey { scope: scope(), domain: DomainId::new("d-one"), name: Name::new("lab") };
        let steps = vec![
            Step::new(Change::StopApp(key("lab")), Bound::Created(time(5))),
            Step { after: vec![0], ..Step::new(Change::DeleteSpace(space), Bound::Created(time(4))) },
        ];
        Plan::new("Delete a space", "delete", time(9), steps)
    }

    #[test]
    fn only_what_the_plan_has_or_what_is_leaving_is_waited_for() {
        assert_eq!(judge(&plan(), vec![]), Children::None);
        assert!(matches!(judge(&plan(), vec![app("lab", Life::InService, 5)]), Children::Leaving(_)));
        assert!(matches!(judge(&plan(), vec![app("other", Life::Deleting, 7)]), Children::Leaving(_)));
        let anew = judge(&plan(), vec![app("lab", Life::InService, 6), app("lab", Life::Deleting, 5)]);
        assert_eq!(anew, Children::Foreign(Arc::from("app JupyterLab default of lab")));
        assert!(matches!(judge(&plan(), vec![app("other", Life::Pending, 5)]), Children::Foreign(_)));
    }

    #[test]
    fn many_are_named_in_part() {
        let many: Vec<_> = (0..9).map(|n| app(&format!("s{n}"), Life::InService, n)).collect();
        let Children::Foreign(names) = judge(&plan(), many) else { panic!("they are foreign") };
        assert!(names.ends_with("of s4 and 4 more"), "{names}");
    }
}
