//! Of how many objects a plan changes a part: what is asked about once more if it is large.

use std::collections::HashSet;

use super::Policy;
use crate::fleet::{AppStatus, Fleet, ObjectKey, ObjectKind, Pool, Step, Target};

/// The kind of which these steps take the largest part, as far as they are enough to matter.
pub(super) fn of(fleet: &Fleet, policy: &Policy, steps: &[Step]) -> Option<Pool> {
    let touched: HashSet<ObjectKey> = steps
        .iter()
        .filter(|step| !step.change.creates())
        .filter_map(|step| match step.change.target() {
            Target::Object(key) => Some(key),
            Target::LifecycleConfig(_) => None,
        })
        .collect();
    let is_running = |status: &AppStatus| matches!(status, AppStatus::InService | AppStatus::Pending);
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
                ObjectKind::App => {
                    (fleet.apps.iter().filter(|app| is_running(&app.status)).count(), "running apps")
                }
            };
            (taken > 0).then(|| Pool { taken, of, what: what.into() })
        })
        .max_by(|a, b| {
            (matters(a), share(a)).partial_cmp(&(matters(b), share(b))).unwrap_or(std::cmp::Ordering::Equal)
        })
}
