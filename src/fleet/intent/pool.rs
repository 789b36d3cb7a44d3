//! Of how many objects a plan changes a part: what is asked about once more if it is large.

use std::collections::HashSet;

use super::Policy;
use crate::fleet::{App, AppStatus, Fleet, ObjectKind, Pool, Step, Target};

/// The kind of which these steps take the largest part, as far as they are enough to matter.
pub(super) fn of(fleet: &Fleet, policy: &Policy, steps: &[Step]) -> Option<Pool> {
    // What the plan itself has made by then is no part of what is there.
    let (mut touched, mut made) = (HashSet::new(), HashSet::new());
    for step in steps {
        match step.change.target() {
            Target::Object(key) if step.change.creates() => drop(made.insert(key)),
            Target::Object(key) if !made.contains(&key) => drop(touched.insert(key)),
            Target::Object(_) | Target::LifecycleConfig(_) | Target::Quota(_) | Target::CostTags(_) => {}
        }
    }
    let share = |pool: &Pool| pool.taken as f64 / pool.of.max(1) as f64;
    let matters = |pool: &Pool| pool.taken >= policy.ceilings.share_from.max(2);
    ObjectKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let taken = touched.iter().filter(|key| key.kind() == kind).count();
            let (of, what) = match kind {
                ObjectKind::Domain => (fleet.domains.len(), "domains"),
                ObjectKind::User => (fleet.users.len(), "user profiles"),
                ObjectKind::Space => (fleet.spaces.len(), "spaces"),
                ObjectKind::App => return (taken > 0).then(|| of_running(fleet, taken)),
            };
            (taken > 0).then(|| Pool { taken, of, what: what.into() })
        })
        .max_by(|a, b| {
            (matters(a), share(a)).partial_cmp(&(matters(b), share(b))).unwrap_or(std::cmp::Ordering::Equal)
        })
}

/// So many of the apps that run.
pub(super) fn of_running(fleet: &Fleet, taken: usize) -> Pool {
    let is_running = |app: &&App| matches!(app.status, AppStatus::InService | AppStatus::Pending);
    Pool { taken, of: fleet.apps.iter().filter(is_running).count(), what: "running apps".into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Assignment, Bound, Change, Document, sample};

    #[test]
    fn the_largest_part_counts_among_those_large_enough_to_matter() {
        let users = (0..40).map(|n| sample::user(&format!("u{n}"))).collect();
        let spaces = (0..2).map(|n| sample::space(&format!("s{n}"), "u0", crate::fleet::Sharing::Private));
        let fleet = sample::fleet(users, spaces.collect(), vec![]);
        let step = |change| Step::new(change, Bound::Created(sample::now()));
        let user = |n: usize| step(Change::DeleteUser(fleet.users.at(n).unwrap().key.clone()));
        let space = |n: usize| step(Change::DeleteSpace(fleet.spaces.at(n).unwrap().key.clone()));
        let part = |steps: &[Step]| of(&fleet, &Policy::default(), steps).map(|pool| (pool.taken, pool.of));
        assert_eq!(part(&[]), None);
        assert_eq!(part(&[user(0), user(1), space(0), space(1)]), Some((2, 2)));
        let mut many: Vec<Step> = (0..12).map(user).collect();
        many.extend([space(0), space(1), user(3)]);
        assert_eq!(
            part(&many),
            Some((12, 40)),
            "two of two spaces are no mass change, and each user counts once"
        );
        let new = sample::user("new").key;
        let create = step(Change::CreateUser(new.clone(), Document::new()));
        let made = Assignment { user: new, application: None, principal: "p".into() };
        assert_eq!(part(&[create, step(Change::AssignApplication(made))]), None, "nobody else is touched");
    }
}
